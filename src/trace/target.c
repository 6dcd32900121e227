/* target.c - the command of -c, held at a gate until everything is armed.
 *
 * The child is forked early and waits before its exec, reading from a pipe (the gate). A byte opens the
 * gate; the pipe's end without a byte means that trapline has died, and the child goes with it. A second
 * pipe carries the errno of an exec that failed; a successful exec closes it (O_CLOEXEC), which says as
 * much as a message would.
 *
 * The child must not inherit what trapline did to itself: blocked signals, ignored SIGPIPE and SIGXFSZ. What
 * our user ignores (nohup) stays ignored. (The limit of open files is raised later than the fork.)
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct target {
	pid_t pid;
	int gate, failure;	/* our ends of the two pipes; -1: closed */
	int pidfd;		/* -1: the kernel has none */
	int status;		/* as a shell would give it; -1: not known yet */
	bool reaped;
};

static void restore_signals(void)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Signals stay as they are until the gate opens: a Ctrl-C before that is trapline's to handle. */
static _Noreturn void child(char **argv, int gate, int failure)
{
	char byte;
	ssize_t n;
	int err;

	do
		n = read(gate, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(127);
	restore_signals();
	execvp(argv[0], argv);
	err = errno;
	if (write(failure, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int target_prepare(char **argv, struct target **out)
{
	int gate[2] = { -1, -1 }, failure[2] = { -1, -1 }, err;
	struct target *t;
	pid_t pid = -1;

	if (pipe2(gate, O_CLOEXEC) == 0 && pipe2(failure, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0) {
		close(gate[1]);
		close(failure[0]);
		child(argv, gate[0], failure[1]);
	}
	err = -errno;
	mem_close_fd(&gate[0]);
	mem_close_fd(&failure[1]);
	if (pid < 0) {
		mem_close_fd(&gate[1]);
		mem_close_fd(&failure[0]);
		return err;
	}
	t = mem_alloc(sizeof(*t));
	*t = (struct target){ .pid = pid, .gate = gate[1], .failure = failure[0], .status = -1 };
	t->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	*out = t;
	return 0;
}

pid_t target_pid(const struct target *t)
{
	return t->pid;
}

static void close_pipes(struct target *t)
{
	mem_close_fd(&t->gate);
	mem_close_fd(&t->failure);
	t->gate = t->failure = -1;
}

int target_release(struct target *t)
{
	int err = 0;
	ssize_t n;

	if (write(t->gate, "", 1) != 1)
		return -errno;
	do
		n = read(t->failure, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close_pipes(t);
	if (n != sizeof(err))
		return 0;
	waitpid(t->pid, NULL, 0);
	t->reaped = true;
	t->status = 127;
	return -err;
}

int target_fd(const struct target *t)
{
	return t->pidfd;
}

/* Only its end: when it is watched (watch.c), its stops are no news here. */
int target_status(struct target *t)
{
	siginfo_t info = { 0 };

	if (t->reaped || waitid(P_PID, (id_t)t->pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return t->status;
	t->reaped = true;
	t->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return t->status;
}

/* One that is stopped must be woken up to end. */
void target_terminate(struct target *t)
{
	if (target_status(t) < 0 && !t->reaped) {
		kill(t->pid, SIGTERM);
		kill(t->pid, SIGCONT);
	}
}

void target_free(struct target *t)
{
	if (!t)
		return;
	if (t->gate >= 0) {
		close_pipes(t);		/* the end of the pipe ends the child */
		waitpid(t->pid, NULL, 0);
	}
	mem_close_fd(&t->pidfd);
	free(t);
}
