/* loop.c - calls work(i, text) in a loop, so that a test can count.
 *
 *	loop COUNT [MICROSECONDS [SIGNAL]]	COUNT 0: for ever; SIGNAL: wait for a line on stdin first
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((noinline)) long work(int i, const char *text)
{
	__asm__ volatile("" ::: "memory");
	return i + text[0];
}

__attribute__((noinline)) void work_more(int i)
{
	__asm__ volatile("" : : "r"(i) : "memory");
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 10;
	unsigned pause_us = argc > 2 ? atoi(argv[2]) : 0;

	if (argc > 3)
		(void)getchar();
	for (long i = 0; count == 0 || i < count; i++) {
		work(i, i % 2 ? "odd" : "even");
		work_more(i);
		if (pause_us)
			usleep(pause_us);
	}
	return 0;
}
