// Faults as close to the kernel as a test can bring them: preloaded into the program under test (LD_PRELOAD), it stands between the
// program and the C library. What is to go wrong is written into a file that both processes map, so that it takes effect at once and a
// call costs no more than a look at memory. FaultShim.swift writes that file; the two agree on `struct faults`.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

struct faults {
    int64_t accept_errno;     // 0: none
    int64_t accept_times;     // calls that fail; counts down
    int64_t accept_failed;    // calls that have failed
    int64_t sync_held;        // not 0: fsync and fdatasync wait until it is 0
    int64_t sync_waiting;     // calls that wait now
    int64_t sync_errno;       // 0: none
    int64_t wall_offset_ms;   // added to the wall clock
    int64_t bind_errno;       // 0: none
    int64_t bind_failed;      // calls that have failed
};

static volatile struct faults *faults;

__attribute__((constructor)) static void map_faults(void) {
    const char *path = getenv("ARGYLE_RELAY_FAULTS");
    if (!path) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) _exit(125);
    void *memory = mmap(NULL, sizeof(struct faults), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory == MAP_FAILED) _exit(125);
    faults = memory;
}

// Looked up at each first use: the constructors of other libraries may call these before ours has run.
#define REAL(result, name, ...)                                                     \
    static result (*real)(__VA_ARGS__);                                             \
    if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static int accept_fails(void) {
    if (!faults || !faults->accept_errno || faults->accept_times <= 0) return 0;
    __atomic_sub_fetch(&faults->accept_times, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&faults->accept_failed, 1, __ATOMIC_SEQ_CST);
    errno = (int)faults->accept_errno;
    return 1;
}

int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags) {
    REAL(int, accept4, int, struct sockaddr *, socklen_t *, int);
    return accept_fails() ? -1 : real(socket, address, length, flags);
}

int accept(int socket, struct sockaddr *address, socklen_t *length) {
    REAL(int, accept, int, struct sockaddr *, socklen_t *);
    return accept_fails() ? -1 : real(socket, address, length);
}

int bind(int socket, const struct sockaddr *address, socklen_t length) {
    REAL(int, bind, int, const struct sockaddr *, socklen_t);
    if (faults && faults->bind_errno && (address->sa_family == AF_INET || address->sa_family == AF_INET6)) {
        __atomic_add_fetch(&faults->bind_failed, 1, __ATOMIC_SEQ_CST);
        errno = (int)faults->bind_errno;
        return -1;
    }
    return real(socket, address, length);
}

static int sync_fails(void) {
    if (!faults) return 0;
    if (faults->sync_held) {
        __atomic_add_fetch(&faults->sync_waiting, 1, __ATOMIC_SEQ_CST);
        while (faults->sync_held) {
            struct timespec pause = {0, 2000000};
            nanosleep(&pause, NULL);
        }
        __atomic_sub_fetch(&faults->sync_waiting, 1, __ATOMIC_SEQ_CST);
    }
    if (!faults->sync_errno) return 0;
    errno = (int)faults->sync_errno;
    return 1;
}

int fsync(int file) {
    REAL(int, fsync, int);
    return sync_fails() ? -1 : real(file);
}

int fdatasync(int file) {
    REAL(int, fdatasync, int);
    return sync_fails() ? -1 : real(file);
}

static void shift(int64_t *seconds, long *fraction, long per_second, long per_ms) {
    int64_t offset = faults->wall_offset_ms;
    int64_t total = *fraction + (offset % 1000) * per_ms;
    *seconds += offset / 1000 + total / per_second;
    total %= per_second;
    if (total < 0) {
        total += per_second;
        *seconds -= 1;
    }
    *fraction = (long)total;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(int, clock_gettime, clockid_t, struct timespec *);
    int result = real(clock, now);
    if (result == 0 && faults && faults->wall_offset_ms && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t seconds = now->tv_sec;
        shift(&seconds, &now->tv_nsec, 1000000000, 1000000);
        now->tv_sec = seconds;
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    REAL(int, gettimeofday, struct timeval *, void *);
    int result = real(now, zone);
    if (result == 0 && faults && faults->wall_offset_ms) {
        int64_t seconds = now->tv_sec;
        long fraction = now->tv_usec;
        shift(&seconds, &fraction, 1000000, 1000);
        now->tv_sec = seconds;
        now->tv_usec = fraction;
    }
    return result;
}

time_t time(time_t *now) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME_COARSE, &moment);
    if (now) *now = moment.tv_sec;
    return moment.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

// A deadline that was reckoned by the shifted clock is waited for by the kernel's own. librdkafka waits with nothing else.
int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
    REAL(int, cnd_timedwait, cnd_t *restrict, mtx_t *restrict, const struct timespec *restrict);
    struct timespec moment = *until;
    if (faults) moment.tv_sec -= faults->wall_offset_ms / 1000;
    return real(condition, mutex, &moment);
}
