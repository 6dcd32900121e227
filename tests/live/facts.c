/* facts.c - processes that live for a moment, and tell what they are.
 *
 *	facts N HERE [THERE]		HERE, THERE: directories of cgroup2, the one that it is in and another one
 *	facts clone HERE [THERE]
 *
 * Each of N children calls fact() as it was born; in the cgroup THERE; in a thread that alone becomes another user;
 * in an orphan, whose parent is the first process then; with another name; as another group, then as another user;
 * and as a program that it executes. fact() gets what a tracer should say of its caller.
 *
 * With `clone`: a child that is a sibling, and one that is born in THERE; both end with the end of stdin.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *directory;		/* of the cgroup */

__attribute__((noinline)) void fact(unsigned uid, unsigned gid, pid_t ppid, unsigned long cgroup, const char *comm,
				    int step)
{
	__asm__ volatile("" : : "r"(comm) : "memory");
}

static void tell(int step)
{
	char comm[16] = "";
	struct stat st = { 0 };

	prctl(PR_GET_NAME, comm);
	stat(directory, &st);
	fact(getuid(), getgid(), getppid(), st.st_ino, comm, step);
}

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static void move_to(const char *there)
{
	char path[512];
	FILE *procs;

	snprintf(path, sizeof(path), "%s/cgroup.procs", there);
	procs = fopen(path, "w");
	must(procs && fprintf(procs, "%d\n", getpid()) > 0 && fclose(procs) == 0 ? 0 : -1, path);
	directory = there;
}

/* The C library would change all threads. */
static void *other_user(void *unused)
{
	must((int)syscall(SYS_setresuid, 77, 77, 77), "setresuid");
	tell(2);
	return unused;
}

static void orphan(pid_t maker)
{
	while (getppid() == maker)
		usleep(50);
	tell(3);
	_exit(0);
}

static void make_orphan(void)
{
	pid_t maker = fork();

	if (maker == 0) {
		maker = getpid();
		if (fork() == 0)
			orphan(maker);
		_exit(0);
	}
	waitpid(maker, NULL, 0);
}

static void child(unsigned i, const char *there)
{
	pthread_t thread;

	tell(0);
	if (there)
		move_to(there);
	tell(1);
	must(-pthread_create(&thread, NULL, other_user, NULL), "pthread_create");
	pthread_join(thread, NULL);
	make_orphan();
	prctl(PR_SET_NAME, "renamed");
	tell(4);
	must(setresgid(3000 + i, 3000 + i, 3000 + i), "setresgid");
	tell(5);
	must(setresuid(2000 + i, 2000 + i, 2000 + i), "setresuid");
	tell(6);
	must(execl("/proc/self/exe", "facts", "0", directory, (char *)NULL), "execl");
}

static int clones(const char *there)
{
	struct clone_args args = { .flags = CLONE_PARENT };
	int made = 0;

	if (syscall(SYS_clone3, &args, sizeof(args)) == 0) {
		tell(8);
		return getchar() != EOF;
	}
	args = (struct clone_args){ .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	args.cgroup = (uint64_t)(there ? open(there, O_RDONLY | O_DIRECTORY) : -1);
	if (there)
		made = (int)syscall(SYS_clone3, &args, sizeof(args));
	must(made, "clone3");
	if (there && made == 0) {
		directory = there;
		tell(9);
	}
	return getchar() != EOF;
}

int main(int argc, char **argv)
{
	int n = atoi(argv[1]), status, failed = 0;

	directory = argv[2];
	if (strcmp(argv[1], "clone") == 0)
		return clones(argv[3]);
	if (n == 0) {
		tell(7);
		return 0;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < n; i++)
		if (fork() == 0)
			child((unsigned)i, argv[3]);
	while (wait(&status) > 0)
		failed |= status;
	return failed != 0;
}
