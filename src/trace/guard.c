/* guard.c - the guardian: somebody who cleans up when we cannot.
 *
 * A process that gets SIGKILL, or that the kernel ends for lack of memory, runs no code any more. So
 * before the first write to the kernel we fork a small process, in a session of its own (a Ctrl-C or a
 * closed terminal does not reach it), that blocks every signal and does one thing: it waits on a pipe.
 * "done" means that the session has undone its work itself. The pipe's end without that word means that
 * the session is gone; then the guardian takes the whole plan back (steps that never happened are no
 * error), removes the journal and leaves.
 *
 * It keeps nothing open but the pipe, the journal (whose lock says that somebody still cares) and the
 * root of tracefs: an open file in the instance would keep the instance.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char done[] = "done";

/* Closes descriptors first..last. */
static void close_between(unsigned first, unsigned last)
{
	if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
		return;
	if (last > (unsigned)sysconf(_SC_OPEN_MAX))
		last = (unsigned)sysconf(_SC_OPEN_MAX);
	for (unsigned fd = first; fd <= last; fd++)
		close((int)fd);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void close_all_but(int *keep, unsigned n)
{
	unsigned first = 0;

	qsort(keep, n, sizeof(*keep), by_number);
	for (unsigned i = 0; i < n; i++) {
		if (keep[i] > (int)first)
			close_between(first, (unsigned)keep[i] - 1);
		first = (unsigned)keep[i] + 1;
	}
	close_between(first, ~0U);
}

static void become_quiet(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (chdir("/") < 0)
		null = -1;
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	prctl(PR_SET_NAME, "trapline-guard");
	os_write_file(AT_FDCWD, "/proc/self/oom_score_adj", "-1000", 0);	/* best effort */
}

/* True when the session said that it has undone everything. */
static bool wait_for_end(int pipe)
{
	char word[sizeof(done)];
	ssize_t n;

	do
		n = read(pipe, word, sizeof(word));
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* A dying session closes its files one after the other, and perf's take the kernel some 70 ms each: as long
 * as it is there, EBUSY says nothing. Afterwards a few seconds must do. */
static bool undo_patiently(struct tracefs *t, const struct plan *p, pid_t parent)
{
	for (unsigned tries = 0; undo_plan(t, p, NULL) > 0;) {
		if (getppid() != parent && ++tries > 50)
			return undo_plan(t, p, stderr) == 0;
		nanosleep(&(struct timespec){ .tv_nsec = 100 * 1000000L }, NULL);
	}
	return true;
}

static _Noreturn void guardian(struct tracefs *t, const struct plan *p, struct journal *j, int pipe,
			       pid_t parent)
{
	int keep[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, pipe, j->fd, tracefs_dir(t) };

	become_quiet();
	close_all_but(keep, ARRAY_LEN(keep));
	if (!wait_for_end(pipe)) {
		if (undo_patiently(t, p, parent))
			journal_unlink(j);
		tracefs_unmount(t);
	}
	_exit(0);
}

int guard_start(struct guard *g, struct tracefs *t, const struct plan *p, struct journal *j)
{
	pid_t parent = getpid(), pid;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		guardian(t, p, j, ends[0], parent);
	close(ends[0]);
	if (pid < 0) {
		int err = -errno;

		close(ends[1]);
		return err;
	}
	g->pid = pid;
	g->pipe = ends[1];
	return 0;
}

void guard_dismiss(struct guard *g)
{
	sigset_t pipe_signal, before;

	if (g->pid == 0)
		return;
	/* it may have been killed: then this write makes a SIGPIPE, which must not end us */
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe_signal, &before);
	if (write(g->pipe, done, sizeof(done)) < 0)
		sigtimedwait(&pipe_signal, NULL, &(struct timespec){ 0 });
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(g->pipe);
	while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
		;
	g->pid = 0;
}
