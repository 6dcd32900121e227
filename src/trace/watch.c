/* watch.c - a process under the lens: its memory as it is, and the moments at which it can be looked at.
 *
 * A breakpoint can be seen: the kernel writes it into the pages of each process that maps the file, and
 * /proc/PID/mem shows them. But a short program is over before anybody has looked. So the command of
 * `explain --live` is held by ptrace(2) where there is something to see: after its exec, when its program is
 * mapped and nothing has run yet; after system calls, until a library is mapped too; and when it is about to
 * end (PTRACE_EVENT_EXIT), while its memory is still there. In between it runs freely: a uprobe is the
 * kernel's own business, and ptrace hears nothing of it.
 *
 * Signals stop a traced process as well. They are handed on as they came.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

long watch_memory(pid_t pid, uint64_t address, void *buf, size_t n)
{
	_cleanup_(str_release) struct str file = STR_INIT;
	_cleanup_(mem_close_fd) int fd = -1;
	ssize_t got;

	str_addf(&file, "/proc/%d/mem", (int)pid);
	fd = open(file.s, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = pread(fd, buf, n, (off_t)address);
	return got < 0 ? -errno : got;
}

int watch_begin(pid_t pid)
{
	const long options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESYSGOOD;

	return ptrace(PTRACE_SEIZE, pid, 0, options) < 0 ? -errno : 0;
}

/* A stop's status is a signal and, above it, an event of ptrace. */
static int event_of(int status)
{
	return status >> 8;
}

static enum watch_event stop_kind(int status)
{
	if (event_of(status) == PTRACE_EVENT_EXEC)
		return WATCH_EXEC;
	if (event_of(status) == PTRACE_EVENT_EXIT)
		return WATCH_EXIT;
	return status == (SIGTRAP | 0x80) ? WATCH_SYSCALL : WATCH_NOTHING;
}

/* A signal is handed on; a stop of the whole group (Ctrl-Z) is listened to: it shall stay stopped. */
static void pass_on(pid_t pid, int status)
{
	int sig = status & 0xff;

	if (event_of(status) == PTRACE_EVENT_STOP && sig != SIGTRAP)
		ptrace(PTRACE_LISTEN, pid, 0, 0);
	else
		ptrace(PTRACE_CONT, pid, 0, event_of(status) ? 0 : sig);
}

/* Its end is not asked for: whoever started it wants its exit status. */
enum watch_event watch_next(pid_t pid)
{
	for (;;) {
		siginfo_t info = { 0 };
		enum watch_event e;

		if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | __WALL | WNOHANG) < 0) {
			if (errno == EINTR)
				continue;
			return WATCH_GONE;
		}
		if (info.si_pid == 0)
			return WATCH_NOTHING;
		e = stop_kind(info.si_status);
		if (e != WATCH_NOTHING)
			return e;
		pass_on(pid, info.si_status);
	}
}

void watch_go(pid_t pid, bool to_syscall)
{
	ptrace(to_syscall ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, 0);
}

/* A signal that it is just about to get must not get lost. */
static int pending_signal(int status)
{
	return event_of(status) || status == (SIGTRAP | 0x80) ? 0 : status & 0xff;
}

void watch_end(pid_t pid, bool held)
{
	siginfo_t info = { 0 };
	int sig = 0;

	if (!held) {
		if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 ||
		    waitid(P_PID, (id_t)pid, &info, WSTOPPED | __WALL) < 0)
			return;
		sig = pending_signal(info.si_status);
	}
	ptrace(PTRACE_DETACH, pid, 0, sig);
}
