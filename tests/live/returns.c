/* returns.c - calls that end in many ways: deep recursion, several returns, a tail call, longjmp, the end of a thread.
 * What came back is printed, for the test to compare. */
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, noclone))

static jmp_buf back;

/* Several returns, and a recursion through the middle. */
NOINLINE int many(int n, const char *word)
{
	int value;

	if (n == 0)
		return (int)strlen(word);
	if (n < 0)
		longjmp(back, 1);
	value = many(n - 1, n % 3 ? word : word + 1);
	__asm__ volatile("" : "+r"(value));		/* or gcc makes a loop of it */
	if (n % 3 == 0)
		return value + 3;
	return value * 2 % 1001;
}

NOINLINE int target(int n)
{
	__asm__ volatile("" : "+r"(n));
	return 5 * n;
}

/* A tail call at -O2. */
NOINLINE int tail(int n)
{
	__asm__ volatile("" : "+r"(n));
	return n < 0 ? -1 : target(n + 1);
}

NOINLINE int ends_thread(int n)
{
	if (n)
		pthread_exit(NULL);
	return 0;
}

static void *thread(void *arg)
{
	int sum = 0;

	for (int i = 0; i < 20; i++)
		sum += many(i % 7, "in a thread");
	printf("thread %d\n", sum);
	ends_thread(1);
	return arg;
}

int main(int argc, char **argv)
{
	int depth = argc > 1 ? atoi(argv[1]) : 100;
	pthread_t t[3];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("many %d\n", many(depth, "a word that is long enough for all of the recursion, which takes away a letter now"));
	for (int i = 0; i < 50; i++)
		if (!setjmp(back))
			many(-1, "never comes back");
		else
			printf("after %d\n", many(i % 3, "after a jump"));
	printf("tail %d %d\n", tail(7), tail(-7));
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, thread, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	printf("last %d\n", many(2, "the last"));
	return 0;
}
