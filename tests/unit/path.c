/* Which file is meant (sym/path.c, sym/maps.c): names, and names as another process sees them. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/os.h"
#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* Looks the name up; both results are checked when given. */
static void expect(const char *file, pid_t pid, const char *path, const char *kernel_path)
{
	struct found_file f;
	int r = path_find(file, pid, &f);

	if (r != 0) {
		printf("%s (pid %d): %d\n", file, pid, r);
		unit_failures++;
		return;
	}
	if (path)
		CHECK_STR(f.path, path);
	if (kernel_path)
		CHECK_STR(f.kernel_path, kernel_path);
	found_file_release(&f);
}

static void expect_error(const char *file, pid_t pid, int error)
{
	struct found_file f;

	CHECK_INT(path_find(file, pid, &f), error);
	found_file_release(&f);
}

static void test_own_names(void)
{
	struct found_file f;

	CHECK(path_find("sh", 0, &f) == 0 && f.path[0] == '/' && strstr(f.path, "/sh"));
	CHECK_STR(f.kernel_path, f.path);
	found_file_release(&f);
	CHECK(path_find("libc", 0, &f) == 0 && strstr(f.path, "/libc.so.6"));
	found_file_release(&f);
	CHECK(path_find("libc.so.6", 0, &f) == 0 && strstr(f.path, "/libc.so.6"));
	found_file_release(&f);
	expect("/bin//./sh", 0, "/bin/sh", "/bin/sh");
	expect_error("c", 0, -ENOENT);
	CHECK(path_find("libc.so", 0, &f) == 0 && strstr(f.path, "/libc.so.6"));
	found_file_release(&f);
	expect_error("no-such-thing", 0, -ENOENT);
	expect_error("", 0, -ENOENT);
	expect_error("/no/such/file", 0, -ENOENT);
	expect_error("/proc/self/exe", 0, -EINVAL);	/* whose? */
	expect_error("//proc/./thread-self/exe", 0, -EINVAL);
	expect_error("/proc/selfish", 0, -ENOENT);
	expect_error("/tmp", 0, -EISDIR);
	expect_error("libc", 4194305, -ESRCH);		/* beyond the highest pid there can be */
}

static void test_relative(void)
{
	_cleanup_(mem_free_ptr) char *before = getcwd(NULL, 0);

	fixture_run("mkdir -p sub && echo > sub/x");
	CHECK(chdir(fixture_dir) == 0);
	expect("./sub/x", 0, fixture("sub/x"), fixture("sub/x"));
	expect("sub//./x", 0, fixture("sub/x"), NULL);
	CHECK(chdir(before) == 0);
}

static bool count(void *ctx, const char *soname, const char *path)
{
	CHECK(soname[0] && path[0] == '/');
	return ++*(int *)ctx < 5;
}

static void test_libraries(void)
{
	int n = 0;

	CHECK_INT(path_each_library(0, count, &n), 0);
	CHECK(n > 0 && n <= 5);
	CHECK_INT(path_each_library(4194305, count, &n), -ESRCH);
}

/* Starts a program of the fixtures that sleeps; in another root when one is given. */
static pid_t start(const char *program, const char *root)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		if (root && (unshare(CLONE_NEWNS) != 0 || chroot(root) != 0 || chdir("/") != 0))
			_exit(98);
		if (dup2(ready[1], 1) < 0)
			_exit(98);
		execl(program, program, (char *)NULL);
		_exit(99);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		printf("%s did not start\n", program);
	close(ready[0]);
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool has_exe(pid_t pid)
{
	char link[64], to[8];

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	return readlink(link, to, sizeof(to)) > 0;
}

static void build(void)
{
	fixture_run("printf 'int lib_f(void) { return 1; }\\n' > l.c && gcc -shared -fPIC -o libtlsym.so.1 l.c && "
		    "ln -sf libtlsym.so.1 libtlsym.so && "
		    "printf '#include <unistd.h>\\nint lib_f(void); int main(void)\\n"
		    "{ return write(1, \"x\", lib_f()) != 1 || sleep(60); }\\n' > m.c && "
		    "gcc -o app m.c -L. -ltlsym -Wl,-rpath,\"$PWD\" && gcc -static -o sapp m.c l.c");
}

static void test_process(void)
{
	char exe[64];
	struct found_file f;
	pid_t pid;

	build();
	pid = start(fixture("app"), NULL);
	snprintf(exe, sizeof(exe), "/proc/%d/exe", pid);
	expect(fixture("app"), pid, fixture("app"), fixture("app"));
	expect("/proc/self/exe", pid, exe, exe);
	expect("/proc/thread-self/exe", pid, exe, exe);
	expect_error("/proc/self", pid, -EISDIR);
	expect("app", pid, fixture("app"), fixture("app"));
	expect("libtlsym", pid, fixture("libtlsym.so.1"), fixture("libtlsym.so.1"));
	expect("libtlsym.so", pid, NULL, fixture("libtlsym.so.1"));
	CHECK(path_find("libc", pid, &f) == 0 && strcmp(f.path, f.kernel_path) == 0);
	found_file_release(&f);

	/* replaced: the process still runs the old files */
	fixture_run("cp app new && mv new app && cp libtlsym.so.1 new && mv new libtlsym.so.1");
	expect(fixture("app"), pid, fixture("app"), exe);
	expect("app", pid, fixture("app"), exe);
	CHECK(path_find("libtlsym", pid, &f) == 0);
	CHECK_STR(f.path, fixture("libtlsym.so.1"));
	CHECK(strstr(f.kernel_path, "/map_files/") && !same_file(f.kernel_path, f.path));
	found_file_release(&f);
	CHECK(path_find(fixture("libtlsym.so"), pid, &f) == 0);		/* a symbolic link to it */
	CHECK(strstr(f.kernel_path, "/map_files/") != NULL);
	found_file_release(&f);

	/* deleted */
	fixture_run("rm app libtlsym.so.1");
	expect(fixture("app"), pid, fixture("app"), exe);
	CHECK(path_find(fixture("libtlsym.so.1"), pid, &f) == 0 && strstr(f.kernel_path, "/map_files/"));
	found_file_release(&f);
	expect_error(fixture("other"), pid, -ENOENT);
	expect("/proc/self/exe", pid, exe, exe);
	stop(pid);
	expect_error("libc", pid, -ESRCH);
}

/* A program whose first thread has ended is still there, a zombie is not. */
static void test_ended(void)
{
	struct found_file f;
	siginfo_t info;
	pid_t pid;

	fixture_run("printf '#include <pthread.h>\n#include <unistd.h>\n"
		    "static void *rest(void *p) { pause(); return p; }\n"
		    "int main(void) { pthread_t t; return pthread_create(&t, 0, rest, 0) ||"
		    " write(1, \"x\", 1) != 1 || (pthread_exit(0), 0); }\n' > h.c && gcc -o headless h.c -pthread");
	pid = start(fixture("headless"), NULL);
	for (int i = 0; i < 200 && has_exe(pid); i++)
		usleep(10000);
	CHECK(!has_exe(pid));
	CHECK(path_find("headless", pid, &f) == 0 && same_file(f.kernel_path, fixture("headless")));
	found_file_release(&f);
	CHECK(path_find("libc", pid, &f) == 0);
	found_file_release(&f);
	kill(pid, SIGKILL);
	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	expect_error("libc", pid, -ENXIO);
	expect_error("/bin/sh", pid, -ENXIO);
	waitpid(pid, NULL, 0);
	expect_error("/bin/sh", pid, -ESRCH);
}

/* A process with another root: names are its names, also through absolute symbolic links. */
static void test_other_root(void)
{
	char below[300];
	pid_t pid;

	if (geteuid() != 0) {
		printf("skip: another root needs root\n");
		return;
	}
	fixture_run("mkdir -p root/bin root/lib root/opt && cp sapp root/bin/sapp && "
		    "echo x > root/opt/libinner.so.3 && ln -sf /opt/libinner.so.3 root/lib/libinner.so.3 && "
		    "ln -sf ../../../../opt/libinner.so.3 root/lib/up");
	pid = start("/bin/sapp", fixture("root"));
	snprintf(below, sizeof(below), "/proc/%d/root/bin/sapp", pid);
	expect("/bin/sapp", pid, "/bin/sapp", below);
	CHECK(same_file(below, fixture("root/bin/sapp")));
	snprintf(below, sizeof(below), "/proc/%d/root/opt/libinner.so.3", pid);
	expect("/lib/libinner.so.3", pid, "/lib/libinner.so.3", below);
	expect("/lib/up", pid, "/lib/up", below);
	expect("libinner", pid, "/lib/libinner.so.3", below);		/* no cache there: the directories */
	expect("sapp", pid, "/bin/sapp", NULL);
	snprintf(below, sizeof(below), "/proc/%d/exe", pid);
	expect("/proc/self/exe", pid, below, below);			/* it has no /proc */
	expect(below, pid, below, below);				/* its number is ours */
	expect(fixture("root/bin/sapp"), pid, fixture("root/bin/sapp"), fixture("root/bin/sapp"));
	expect_error(fixture("root/lib/up"), pid, -ENOENT);		/* our name, but it does not use that file */
	expect_error("/bin/sh", pid, -ENOENT);
	expect_error("libc", pid, -ENOENT);
	stop(pid);
}

static void test_maps(void)
{
	struct mapping *maps;
	struct str link = STR_INIT;
	int n = maps_read(getpid(), &maps), code = 0;
	bool text = false;

	CHECK(n > 3);
	for (int i = 0; i < n; i++) {
		CHECK(maps[i].begin < maps[i].end && maps[i].path);
		code += maps[i].executable;
		if ((uintptr_t)&test_maps >= maps[i].begin && (uintptr_t)&test_maps < maps[i].end) {
			text = true;
			maps_link(getpid(), &maps[i], &link);
			CHECK(same_file(link.s, "/proc/self/exe") || geteuid() != 0);
		}
	}
	CHECK(text && code > 1);
	maps_free(maps, n);
	str_release(&link);
	CHECK(maps_read(4194305, &maps) < 0);
}

int main(void)
{
	test_own_names();
	test_relative();
	test_libraries();
	test_maps();
	test_process();
	test_ended();
	test_other_root();
	return unit_end();
}
