// deeds: does one thing that tools look for, as often as it is told, and says nothing.
//
//	deeds DEED [TIMES]
//
// What a deed does is known to the last system call, so that a test can say what a tool must have seen.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *program;

static void do_open(void)
{
	close(open("/etc/passwd", O_RDONLY));
	close(open("/nonexistent", O_RDONLY));
}

// The path lies in a page of a file that nobody has touched yet: at the entry it is not in memory.
static void do_open_absent(void)
{
	int fd = open("deeds.page", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *page;

	if (write(fd, "/etc/group", 11) != 11 || ftruncate(fd, 4096))
		exit(1);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	close(open(page, O_RDONLY));
	munmap(page, 4096);
	unlink("deeds.page");
}

static void do_exec(void)
{
	char first[] = "nothing", second[] = "3", third[] = "words with blanks";	/* not in a file, and so in memory */
	char *argv[] = { (char *)program, first, second, third, NULL };
	pid_t child = fork();

	if (!child) {
		execve(program, argv, environ);
		_exit(1);
	}
	waitpid(child, NULL, 0);
}

static void do_nothing(void)
{
}

static void do_kill(void)
{
	kill(getpid(), 0);
	kill(getppid(), SIGURG);
	kill(0x3ffff0, SIGUSR1);
}

static void do_sleep(void)
{
	syscall(SYS_nanosleep, &(struct timespec){ 0, 20 * 1000 * 1000 }, NULL);
}

static void do_setuid(void)
{
	pid_t child = fork();

	if (!child) {
		syscall(SYS_setresuid, 0, 1001, 0);
		syscall(SYS_setresuid, 0, 0, 0);
		setfsuid(1002);
		syscall(SYS_setuid, 1003);
		_exit(syscall(SYS_setuid, 0) == 0);
	}
	waitpid(child, NULL, 0);
}

static void do_stat(void)
{
	struct statfs fs;
	struct statx x;
	struct stat st;

	statfs("/tmp", &fs);
	statx(AT_FDCWD, "/etc/group", 0, STATX_BASIC_STATS, &x);
#ifdef SYS_stat
	syscall(SYS_stat, "/etc/passwd", &st);
	syscall(SYS_lstat, "/nonexistent", &st);
#endif
}

static void do_sync(void)
{
	int fd = open("deeds.sync", O_RDWR | O_CREAT, 0600);

	fsync(fd);
	fdatasync(fd);
	syncfs(fd);
	close(fd);
	unlink("deeds.sync");
}

// 64 KB in blocks of 4096 bytes, past the page cache, to the file or device that $DEEDS_DISK names; and back.
static void do_disk(void)
{
	const char *disk = getenv("DEEDS_DISK");
	void *block = aligned_alloc(4096, 4096);
	int fd = open(disk ? disk : "deeds.disk", O_RDWR | O_CREAT | O_DIRECT, 0600);

	if (fd < 0)
		exit(1);
	memset(block, 'x', 4096);
	for (int i = 0; i < 16; i++)
		if (pwrite(fd, block, 4096, i * 4096) != 4096)
			exit(1);
	for (int i = 0; i < 16; i++)
		if (pread(fd, block, 4096, i * 4096) != 4096)
			exit(1);
	close(fd);
	free(block);
}

// Through the page cache, and then the writeback of all there is.
static void do_write(void)
{
	const char *disk = getenv("DEEDS_DISK");
	int fd = open(disk ? disk : "deeds.disk", O_RDWR | O_CREAT, 0600);
	static char block[65536];

	if (write(fd, block, sizeof(block)) != sizeof(block))
		exit(1);
	close(fd);
	sync();
}

static void *thread(void *arg)
{
	return arg;
}

static void do_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, thread, NULL);
	pthread_join(t, NULL);
}

static void do_host(void)
{
	struct addrinfo *found = NULL;

	gethostbyname("localhost");
	if (getaddrinfo("localhost", "80", NULL, &found) == 0)
		freeaddrinfo(found);
}

// A server and a client, over the loopback.
static void do_connect(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), other;

	if (bind(server, (struct sockaddr *)&at, sizeof(at)) || listen(server, 5) ||
	    getsockname(server, (struct sockaddr *)&at, &n) || connect(client, (struct sockaddr *)&at, sizeof(at)))
		exit(1);
	other = accept(server, NULL, NULL);
	if (write(client, "hello", 5) != 5)
		exit(1);
	close(client);
	close(other);
	close(server);
}

// A line typed at an interactive bash.
static void do_readline(void)
{
	static const char *const typed[] = { "echo readline-works\n", "exit\n" };
	char buf[4096];
	int fd;
	pid_t child = forkpty(&fd, NULL, NULL, NULL);

	if (!child) {
		setenv("TERM", "dumb", 1);
		execl("/bin/bash", "bash", "--norc", "-i", (char *)NULL);
		_exit(127);
	}
	for (unsigned i = 0; i < 2; i++) {
		usleep(300000);
		if (write(fd, typed[i], strlen(typed[i])) < 0)
			exit(1);
	}
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	waitpid(child, NULL, 0);
}

// Out to the swap, and in again.
static void do_swap(void)
{
	size_t size = 4 << 20;
	char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char sum = 0;

	for (size_t i = 0; i < size; i += 4096)
		memset(m + i, (int)(i >> 12) | 1, 4096);
	madvise(m, size, 21 /* MADV_PAGEOUT */);	/* writes them */
	usleep(300000);
	madvise(m, size, 21);				/* and lets them go */
	for (size_t i = 0; i < size; i += 4096)
		sum += m[i];
	munmap(m, size);
}

static void do_work(void)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += 200 * 1000 * 1000;
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec * 1000000000ll + now.tv_nsec < end.tv_sec * 1000000000ll + end.tv_nsec);
}

static const struct {
	const char *name;
	void (*fn)(void);
} deeds[] = {
	{ "nothing", do_nothing }, { "open", do_open },	    { "open-absent", do_open_absent },
	{ "exec", do_exec },	   { "kill", do_kill },	    { "sleep", do_sleep },
	{ "setuid", do_setuid },   { "stat", do_stat },	    { "sync", do_sync },
	{ "disk", do_disk },	   { "write", do_write },   { "thread", do_thread },
	{ "host", do_host },	   { "connect", do_connect }, { "readline", do_readline },
	{ "swap", do_swap },	   { "work", do_work },
};

int main(int argc, char **argv)
{
	int times = argc > 2 ? atoi(argv[2]) : 1;

	program = argv[0];
	signal(SIGURG, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < sizeof(deeds) / sizeof(*deeds); i++)
		if (strcmp(deeds[i].name, argv[1]) == 0) {
			while (times-- > 0)
				deeds[i].fn();
			return 0;
		}
	fprintf(stderr, "usage: deeds DEED [TIMES]\n");
	return 2;
}
