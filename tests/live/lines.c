/* lines.c - a line of each sort. Each says in a comment which it is, and the program prints how often it came by. */
#include <stdio.h>
#include <stdlib.h>

static volatile int sink;
static int bodies, conditions;

static inline __attribute__((always_inline)) void inner(int i)
{
	sink = i;		/* INNER */
}

static int condition(int i, int n)
{
	conditions++;
	return i < n;
}

__attribute__((noinline)) int loop(int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++) {	/* FOR */
		bodies++;
		sum += i * sink;	/* BODY */
	}
	while (condition(sum, n))	/* WHILE */
		sum++;
	return sum;
}

__attribute__((noinline)) int cold(int n)
{
	if (n > 100)
		exit(1);	/* COLD */
	inner(n);
	inner(n + 1);
	return n;		/* RETURN */
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 3, sum = 0;

	sum += loop(n);	/* CALL */
	sum += cold(n);
	sink = sum;
	printf("FOR 1\nBODY %d\nWHILE %d\nCOLD 0\nINNER 2\nRETURN 1\nCALL 1\n", bodies, conditions);
	return 0;
}
