/* os.c - files and processes: what every program that reads /proc lacks.
 *
 * /proc speaks in text, and some of that text is chosen by strangers: a process may call itself
 * `a) R 1 (b`, and /proc/PID/stat shows that name unescaped, in parentheses, before the numbers. So the
 * numbers are counted from the *last* closing parenthesis. A process may also go away between any two
 * calls; then the answer is -ESRCH, which is no accident but an ordinary reply.
 */
#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- files ---- */

int os_read_file(int dirfd, const char *path, struct str *out)
{
	_cleanup_(mem_close_fd) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	char buf[16384];

	if (fd < 0)
		return -errno;
	str_addn(out, "", 0);
	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n > 0)
			str_addn(out, buf, (size_t)n);
		else if (n == 0)
			return 0;
		else if (errno != EINTR)
			return -errno;
	}
}

/* One write, because the files of tracefs take one line a write and do not survive it in two parts. EINTR is not
 * always a signal's: `enable` of an event that perf has open answers so, each time. */
int os_write_file(int dirfd, const char *path, const char *text, int flags)
{
	_cleanup_(mem_close_fd) int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | flags, 0644);
	size_t len = strlen(text);
	unsigned tries = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR && ++tries < 5);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

char *os_readlink(const char *path)
{
	for (size_t size = 256;; size *= 2) {
		char *text = mem_alloc(size);
		ssize_t n = readlink(path, text, size);

		if (n >= 0 && (size_t)n < size) {
			text[n] = '\0';
			return text;
		}
		free(text);
		if (n < 0)
			return NULL;
	}
}

/* ---- mapped files ----
 *
 * A mapping lives on when its file is cut off, but the pages behind the new end are gone, and whoever reads one is sent
 * SIGBUS. Then a page of zeros takes its place, and the instruction is tried again.
 */

struct guarded {
	uintptr_t begin, end;
	struct guarded *next;
};
static struct guarded *guarded;

static bool is_guarded(uintptr_t address)
{
	for (const struct guarded *g = guarded; g; g = g->next)
		if (address >= g->begin && address < g->end)
			return true;
	return false;
}

static void put_zeros(int sig, siginfo_t *info, void *context)
{
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE), page = (uintptr_t)info->si_addr & ~(size - 1);

	if (!is_guarded(page) ||
	    mmap((void *)page, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		signal(sig, SIG_DFL);			/* the same again, and it is the end */
}

void os_guard_mapping(const void *begin, size_t n)
{
	struct sigaction act = { .sa_sigaction = put_zeros, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct guarded *g = mem_alloc(sizeof(*g));

	*g = (struct guarded){ (uintptr_t)begin, (uintptr_t)begin + n, guarded };
	guarded = g;
	sigaction(SIGBUS, &act, NULL);
}

void os_unguard_mapping(const void *begin)
{
	for (struct guarded **at = &guarded, *g; (g = *at); at = &g->next)
		if (g->begin == (uintptr_t)begin) {
			*at = g->next;
			free(g);
			return;
		}
}

/* ---- processes ---- */

/* A file of /proc/PID; a process that is gone is -ESRCH, however the kernel says it. */
static int read_proc(pid_t pid, const char *file, struct str *out)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	err = os_read_file(AT_FDCWD, path, out);
	return err == -ENOENT ? -ESRCH : err;
}

int os_start_time(pid_t pid, uint64_t *ticks)
{
	_cleanup_(str_release) struct str stat = STR_INIT;
	int err = read_proc(pid, "stat", &stat);
	char *p;

	if (err)
		return err;
	p = memrchr(stat.s, ')', stat.len);
	/* after `)` comes field 3; a blank stands before each field */
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (!p)
		return -EPROTO;
	*ticks = strtoull(p, NULL, 10);
	return 0;
}

int os_tgid(pid_t tid, pid_t *tgid)
{
	_cleanup_(str_release) struct str status = STR_INIT;
	int err = read_proc(tid, "status", &status);
	const char *p;

	if (err)
		return err;
	/* safe to search: the kernel escapes newlines in the name, so no stranger can begin a line */
	p = strstr(status.s, "\nTgid:");
	if (!p)
		return -EPROTO;
	*tgid = (pid_t)strtol(p + 6, NULL, 10);
	return 0;
}

int os_threads(pid_t pid, pid_t **tids)
{
	char path[64];
	struct dirent *entry;
	pid_t *list = NULL;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			*MEM_PUSH(list, n) = (pid_t)strtol(entry->d_name, NULL, 10);
	closedir(dir);
	if (n == 0)			/* it went away while we looked */
		return -ESRCH;
	*tids = list;
	return (int)n;
}

/* The kernel writes sets of CPUs as `0-3,6,8-9`. */
int os_online_cpus(int **cpus)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	int err = os_read_file(AT_FDCWD, "/sys/devices/system/cpu/online", &text);
	const char *p = text.s;
	int *list = NULL;
	size_t n = 0;

	if (err)
		return err;
	while (*p >= '0' && *p <= '9') {
		char *end;
		long first = strtol(p, &end, 10), last = first;

		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		for (long cpu = first; cpu <= last; cpu++)
			*MEM_PUSH(list, n) = (int)cpu;
		p = *end == ',' ? end + 1 : end;
	}
	if (n == 0)
		return -EPROTO;
	*cpus = list;
	return (int)n;
}

uint64_t os_clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* ---- programs ---- */

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *os_find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (!*name)
		return NULL;
	if (strchr(name, '/'))
		return access(name, F_OK) == 0 ? mem_strdup(name) : NULL;
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		_cleanup_(str_release) struct str try = STR_INIT;
		size_t n = strcspn(path, ":");

		str_addn(&try, path, n);
		str_add(&try, n ? "/" : "./");		/* an empty element is the working directory */
		str_add(&try, name);
		if (is_program(try.s))
			return mem_strdup(try.s);
		if (!path[n])
			return NULL;
		path += n + 1;
	}
}

/* ---- words for errors ---- */

const char *os_strerror(int err)
{
	/* include/linux/errno.h: meant to stay inside the kernel, but tracefs lets some of them out */
	static const struct { int err; const char *text; } internal[] = {
		{ 512, "Interrupted system call (ERESTARTSYS)" },
		{ 515, "No such command (ENOIOCTLCMD)" },
		{ 517, "Not ready yet, try again (EPROBE_DEFER)" },
		{ 521, "Bad handle (EBADHANDLE)" },
		{ 524, "Operation not supported (ENOTSUPP)" },
	};

	if (err < 0)			/* the -errno that our own functions return */
		err = -err;
	for (size_t i = 0; i < ARRAY_LEN(internal); i++)
		if (internal[i].err == err)
			return internal[i].text;
	return strerror(err);
}
