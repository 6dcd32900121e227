/* os.c - files and processes, on this process and on one with a name chosen to confuse. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

static char dir[] = "/tmp/trapline-unit-os.XXXXXX";

static void test_files(void)
{
	struct str s = STR_INIT;
	char path[100], *target;
	char large[600];

	snprintf(path, sizeof(path), "%s/file", dir);
	CHECK_INT(os_read_file(AT_FDCWD, path, &s), -ENOENT);
	CHECK_INT(os_write_file(AT_FDCWD, path, "one\n", O_CREAT), 0);
	CHECK_INT(os_write_file(AT_FDCWD, path, "two\n", O_APPEND), 0);
	CHECK_INT(os_read_file(AT_FDCWD, path, &s), 0);
	CHECK_STR(s.s, "one\ntwo\n");
	CHECK_INT(os_write_file(AT_FDCWD, path, "", O_TRUNC), 0);
	str_release(&s);
	CHECK_INT(os_read_file(AT_FDCWD, path, &s), 0);
	CHECK_STR(s.s, "");			/* empty, not NULL */
	str_release(&s);
	CHECK_INT(os_write_file(AT_FDCWD, "/dev/full", "x", 0), -ENOSPC);
	CHECK_INT(os_write_file(AT_FDCWD, dir, "x", 0), -EISDIR);
	CHECK_INT(os_read_file(AT_FDCWD, dir, &s), -EISDIR);
	str_release(&s);
	unlink(path);

	memset(large, 'l', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	CHECK_INT(symlink(large, path), 0);
	target = os_readlink(path);
	CHECK_STR(target, large);
	free(target);
	unlink(path);
	CHECK(os_readlink(path) == NULL && errno == ENOENT);
}

static void *sleep_for_ever(void *unused)
{
	pause();
	return NULL;
}

/* A process that calls itself `) R 1 2 (` is not older or younger for it. */
static void test_processes(void)
{
	uint64_t mine = 0, other = 0, boot_ticks;
	pid_t tgid = 0, *tids = NULL, child;
	pthread_t thread;
	int status, n;

	CHECK_INT(os_start_time(getpid(), &mine), 0);
	prctl(PR_SET_NAME, "a) R 1 2 (\n");
	CHECK_INT(os_start_time(getpid(), &other), 0);
	CHECK(mine == other);
	boot_ticks = os_clock_ns(CLOCK_BOOTTIME) / (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
	CHECK(mine <= boot_ticks && boot_ticks - mine < 100 * (uint64_t)sysconf(_SC_CLK_TCK));

	CHECK_INT(pthread_create(&thread, NULL, sleep_for_ever, NULL), 0);
	n = os_threads(getpid(), &tids);
	CHECK_INT(n, 2);
	for (int i = 0; i < n; i++) {
		CHECK_INT(os_tgid(tids[i], &tgid), 0);
		CHECK_INT(tgid, getpid());
	}
	free(tids);
	tids = NULL;

	child = fork();
	if (child == 0)
		_exit(0);
	waitpid(child, &status, 0);
	CHECK_INT(os_tgid(child, &tgid), -ESRCH);
	CHECK_INT(os_start_time(child, &other), -ESRCH);
	CHECK_INT(os_threads(child, &tids), -ESRCH);
	CHECK(tids == NULL);
}

static void test_machine(void)
{
	int *cpus = NULL, n = os_online_cpus(&cpus);

	CHECK_INT(n, sysconf(_SC_NPROCESSORS_ONLN));
	CHECK(n > 0 && cpus[0] >= 0 && cpus[n - 1] >= cpus[0]);
	free(cpus);
	CHECK(os_clock_ns(CLOCK_MONOTONIC) > 0);
	CHECK(os_clock_ns(CLOCK_BOOTTIME) >= os_clock_ns(CLOCK_MONOTONIC) - 1000000000);
}

/* What os_find_program() says, or "". */
static const char *found(const char *name)
{
	static char text[300];
	char *p = os_find_program(name);

	snprintf(text, sizeof(text), "%s", p ? p : "");
	free(p);
	return text;
}

static void test_programs(void)
{
	char bin[100], file[120], folder[120], path[300];

	snprintf(bin, sizeof(bin), "%s/bin", dir);
	snprintf(file, sizeof(file), "%s/prog", bin);
	snprintf(folder, sizeof(folder), "%s/prog", dir);
	mkdir(bin, 0755);
	mkdir(folder, 0755);		/* executable, but no program */
	CHECK_INT(os_write_file(AT_FDCWD, file, "#!/bin/sh\n", O_CREAT), 0);
	snprintf(path, sizeof(path), "/nowhere:%s:%s", dir, bin);
	setenv("PATH", path, 1);
	CHECK_STR(found("prog"), "");
	chmod(file, 0755);
	CHECK_STR(found("prog"), file);
	CHECK_STR(found(file), file);
	CHECK_STR(found("/nowhere/prog"), "");
	CHECK_STR(found(""), "");
	CHECK_STR(found("no-such-program"), "");
	CHECK_INT(chdir(bin), 0);
	setenv("PATH", "/nowhere:", 1);
	CHECK_STR(found("prog"), "./prog");
	unsetenv("PATH");
	CHECK(found("sh")[0] == '/');
	unlink(file);
	rmdir(folder);
	rmdir(bin);
}

/* A file that is cut off while it is mapped. */
static void test_guarded(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("unit", MFD_CLOEXEC);
	volatile const char *p, *other;
	pid_t child;
	int status;

	CHECK_INT(ftruncate(fd, (off_t)(3 * page - 5)), 0);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(pwrite(fd, "x", 1, (off_t)(i * page)), 1);
	p = mmap(NULL, 3 * page - 5, PROT_READ, MAP_PRIVATE, fd, 0);
	other = mmap(NULL, 3 * page - 5, PROT_READ, MAP_PRIVATE, fd, 0);
	os_guard_mapping((const char *)p, 3 * page - 5);
	CHECK_INT(p[2 * page], 'x');
	CHECK_INT(ftruncate(fd, (off_t)page), 0);
	CHECK_INT(p[0], 'x');
	CHECK_INT(p[page], 0);
	CHECK_INT(p[2 * page], 0);
	child = fork();
	if (child == 0)
		_exit(other[page]);		/* is nobody's to mend */
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	os_unguard_mapping((const char *)p);
	child = fork();
	if (child == 0)
		_exit(p[2 * page + 1]);		/* the zeros stay */
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	munmap((void *)p, 3 * page - 5);
	munmap((void *)other, 3 * page - 5);
	close(fd);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	test_files();
	test_machine();
	test_programs();
	test_processes();
	test_guarded();
	CHECK_STR(os_strerror(ENOENT), "No such file or directory");
	CHECK_STR(os_strerror(-ENOENT), "No such file or directory");
	CHECK_STR(os_strerror(524), "Operation not supported (ENOTSUPP)");
	CHECK_INT(chdir("/"), 0);
	rmdir(dir);
	return unit_end();
}
