#pragma once
#include <sys/prctl.h>

/// Names the calling thread (15 bytes) for those who look at the process; prctl takes variable arguments, which Swift cannot pass.
static inline void relay_thread_name(const char *name) { prctl(PR_SET_NAME, name); }
