/* os.h - files and processes: what every program that reads /proc lacks.
 *
 * Errors are -errno; nobody prints.
 */
#ifndef BASE_OS_H
#define BASE_OS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

/* Appends the whole file (below dirfd, or AT_FDCWD) to out. 0 or -errno. */
int os_read_file(int dirfd, const char *path, struct str *out);
/* One write() of the whole text; flags are added to O_WRONLY | O_CLOEXEC. 0 or -errno. */
int os_write_file(int dirfd, const char *path, const char *text, int flags);
/* The link's text, owned by the caller, or NULL with errno set. */
char *os_readlink(const char *path);

/* Memory to which a file is mapped. Where the file becomes shorter, its bytes are zeros from now on; otherwise the
 * process would be ended (SIGBUS). Until os_unguard_mapping(), which comes before munmap(2). */
void os_guard_mapping(const void *begin, size_t n);
void os_unguard_mapping(const void *begin);

/* Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat). 0 or -errno. */
int os_start_time(pid_t pid, uint64_t *ticks);
/* Thread-group id (root of "pid" as users mean it) of a thread, from /proc. -ESRCH when it is gone. */
int os_tgid(pid_t tid, pid_t *tgid);
/* The threads of a process. *tids is owned by the caller. Count or -errno. */
int os_threads(pid_t pid, pid_t **tids);
/* CPUs that are online, as numbers; *cpus is owned by the caller. Count or -errno. */
int os_online_cpus(int **cpus);

/* A clock in nanoseconds. */
uint64_t os_clock_ns(clockid_t clock);

/* The path of a program as a shell finds it in PATH (a name with a slash is itself when it exists).
 * Owned by the caller; NULL when there is none. */
char *os_find_program(const char *name);

/* strerror(), and words for the kernel-internal numbers that it does not know (524 ENOTSUPP). */
const char *os_strerror(int err);

#endif
