/* perfhold: has a tracepoint open with perf, as `perf record` does, until it is ended.
 *
 *	perfhold ID
 */
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1 };

	attr.config = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0) {
		perror("perf_event_open");
		return 1;
	}
	puts("open");
	fflush(stdout);
	for (;;)
		pause();
}
