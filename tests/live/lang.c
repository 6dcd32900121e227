/* lang.c - what the tests of programs probe: lang N MS [CHILDREN] calls work() N times, MS milliseconds apart; each call
 * is the same every time. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct point {
	int x, y;
	const char *name;
};

__attribute__((noinline)) int work(int n, const char *text, struct point *p)
{
	__asm__ volatile("" : : "r"(text), "r"(p) : "memory");
	return n * 10;
}

/* A process that is gone at once; its name is the last word of what is executed: exe. */
static void brief(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/proc/self/exe", "brief", "0", "0", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1, ms = argc > 2 ? atoi(argv[2]) : 0;
	int children = argc > 3 ? atoi(argv[3]) : 0;

	for (int i = 0; i < n; i++) {
		struct point p = { i, -i, i % 2 ? "odd" : "even" };

		work(i, p.name, &p);
		if (ms)
			usleep((unsigned)ms * 1000);
	}
	for (int i = 0; i < children; i++)
		brief();
	return 0;
}
