/* Addresses back to names (sym/addr.c): of this process and the kernel. */
#include <search.h>
#include <signal.h>
#include <sys/wait.h>

#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"

int a_function_of_this_test(int n);
int a_function_of_this_test(int n)
{
	return n + 1;
}

static void test_own(struct addresses *a)
{
	const char *name = NULL, *file = NULL;
	uint64_t offset = 0, at = (uintptr_t)&a_function_of_this_test;

	CHECK(addresses_user(a, getpid(), at + 2, &name, &offset, &file));
	CHECK_STR(name, "a_function_of_this_test");
	CHECK_INT(offset, 2);
	CHECK(file && strstr(file, "addr"));
	CHECK(addresses_user(a, getpid(), (uintptr_t)&hcreate_r, &name, &offset, &file));
	CHECK(name && strcmp(name, "hcreate_r") == 0 && strstr(file, "libc"));
	CHECK(!addresses_user(a, getpid(), 16, &name, &offset, &file));
	CHECK(!addresses_user(a, getpid(), ~0ull, &name, &offset, &file));
}

/* Code in no file, with a name in /tmp/perf-PID.map; the later line about a place is the newer. */
static void test_made(struct addresses *a)
{
	const char *name = NULL, *file = NULL;
	uint64_t offset = 0, at = 0x7a0000001000;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	CHECK(!addresses_user(a, getpid(), at, &name, &offset, &file));
	f = fopen(path, "w");
	fprintf(f, "%llx 100 JS:*old app.js:1\n%llx 80 JS:*fib app.js:2\nno line\n", (unsigned long long)at,
		(unsigned long long)at);
	fclose(f);
	CHECK(addresses_user(a, getpid(), at + 0x10, &name, &offset, &file));
	CHECK_STR(name, "JS:*fib app.js:2");
	CHECK_INT(offset, 0x10);
	CHECK(addresses_user(a, getpid(), at + 0x90, &name, &offset, &file));
	CHECK_STR(name, "JS:*old app.js:1");
	CHECK(addresses_is_code(a, getpid(), at) && !addresses_is_code(a, getpid(), at + 0x100));
	unlink(path);
}

/* A stripped file: only the file is known, and the offset is one in the file. What was read of a process
 * stays known when it has ended; a deleted file is found all the same. */
static void test_other(struct addresses *a)
{
	const char *name = "?", *file = NULL;
	uint64_t offset = 0, main_at;
	int pipe_fds[2];
	char line[32] = "";
	pid_t pid;

	fixture_run("printf '#include <stdio.h>\\n#include <unistd.h>\\nint named(int n) { return n; }\\n"
		    "int main(int c, char **v) { printf(\"%%%%p\\\\n\", (void *)named); fflush(stdout); "
		    "sleep(60); return named(c); }\\n' > p.c && gcc -O0 -o named p.c && "
		    "cp named bare && strip bare");
	for (int i = 0; i < 2; i++) {
		bool bare = i == 1;

		if (pipe(pipe_fds) != 0)
			exit(1);
		pid = fork();
		if (pid == 0) {
			if (dup2(pipe_fds[1], 1) >= 0)
				execl(fixture(bare ? "bare" : "named"), "p", (char *)NULL);
			_exit(99);
		}
		close(pipe_fds[1]);
		CHECK(read(pipe_fds[0], line, sizeof(line) - 1) > 0);
		close(pipe_fds[0]);
		main_at = strtoull(line, NULL, 16);
		fixture_run("rm %s", bare ? "bare" : "named");
		CHECK(addresses_user(a, pid, main_at + 1, &name, &offset, &file));
		CHECK_STR(file, fixture(bare ? "bare" : "named"));
		if (bare)
			CHECK(name == NULL && offset > 0 && offset % 4096 == (main_at + 1) % 4096);
		else
			CHECK(name && strcmp(name, "named") == 0 && offset == 1);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		CHECK(addresses_user(a, pid, main_at + 1, &name, &offset, &file));
		CHECK(!addresses_user(a, pid, 16, &name, &offset, &file));
	}
}

/* Some symbol of kallsyms that is shown with its address. */
static void test_kernel(struct addresses *a)
{
	unsigned long long address = 0;
	char line[512], type, symbol[256];
	const char *name = NULL;
	uint64_t offset = 1;
	FILE *f = fopen("/proc/kallsyms", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %c %255s", &address, &type, symbol) == 3 && address &&
		    strcmp(symbol, "vfs_read") == 0)
			break;
		else
			address = 0;
	if (f)
		fclose(f);
	CHECK(!addresses_kernel(a, 1, &name, &offset));
	if (!address) {
		printf("skip: the kernel does not show its addresses\n");
		return;
	}
	CHECK(addresses_kernel(a, address + 3, &name, &offset));
	CHECK_STR(name, "vfs_read");
	CHECK_INT(offset, 3);
}

int main(void)
{
	struct addresses *a = addresses_new();

	test_own(a);
	test_made(a);
	test_other(a);
	test_kernel(a);
	addresses_free(a);
	addresses_free(NULL);
	return unit_end();
}
