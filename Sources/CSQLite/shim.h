#pragma once
#include <sqlite3.h>

/// sqlite3_db_config takes variable arguments, which Swift cannot pass.
static inline int relay_sqlite_keep_log_at_closing(sqlite3 *database, int keeps) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps, (int *)0);
}

/// sqlite3_config takes variable arguments too. Counting memory costs a lock for every allocation, and nobody asks for the count.
/// Of no effect once SQLite is in use.
static inline int relay_sqlite_count_no_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
