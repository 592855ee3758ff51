#pragma once
/* Calls of the Linux kernel that Swift cannot make itself, because prctl and syscall take any number of arguments. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int linux_prctl(int option, unsigned long first, unsigned long second) {
    return prctl(option, first, second, 0UL, 0UL);
}

/* Of the calling thread, one bit for each capability. */
static inline int linux_get_capabilities(uint64_t *permitted, uint64_t *effective) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capget, &header, data) != 0) return -1;
    *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    *effective = data[0].effective | (uint64_t)data[1].effective << 32;
    return 0;
}

/* Permitted and effective; nothing is inheritable. */
static inline int linux_set_capabilities(uint64_t kept) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)kept, (uint32_t)kept, 0}, {(uint32_t)(kept >> 32), (uint32_t)(kept >> 32), 0}};
    return (int)syscall(SYS_capset, &header, data);
}

static inline int linux_install_filter(const struct sock_filter *instructions, unsigned short count) {
    struct sock_fprog program = {count, (struct sock_filter *)instructions};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0UL, 0UL);
}

/* Both ends are closed in a program that is started. */
static inline int linux_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

/* What is closed of standard input, output and error becomes /dev/null: no pipe or socket may get their numbers. */
static inline void linux_open_standard(void) {
    for (int file = 0; file <= 2; file++)
        if (fcntl(file, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) return;
}

static inline int linux_set_nonblocking(int file) { return fcntl(file, F_SETFL, O_NONBLOCK); }

static inline int linux_pipe_size(int end, int bytes) { return fcntl(end, 1031 /* F_SETPIPE_SZ */, bytes); }

static inline char **linux_environment(void) {
    extern char **environ;
    return environ;
}

/* Kernels before 5.9 do not know it. */
static inline int linux_close_from(unsigned first) {
#ifdef SYS_close_range
    return (int)syscall(SYS_close_range, first, ~0U, 0U);
#else
    (void)first;
    errno = ENOSYS;
    return -1;
#endif
}
