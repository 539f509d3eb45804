#pragma once
#include <sqlite3.h>

/// sqlite3_db_config takes variable arguments, which Swift cannot pass.
static inline int relay_sqlite_keep_log_at_closing(sqlite3 *database, int keeps) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps, (int *)0);
}
