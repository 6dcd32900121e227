/* inlined.c - functions that are inlined into others, in loops that compilers turn round and unroll; each counts its
 * own calls, and the program prints the counts. */
#include <stdio.h>
#include <stdlib.h>

static volatile int sink;
static int added, spun, put, walked;

static inline __attribute__((always_inline)) int add(int a, int b)
{
	added++;
	sink = a;
	return a * 3 + b;
}

/* It begins with a loop, so that its first instruction may be a loop's head. */
static inline __attribute__((always_inline)) int spin(int n)
{
	while (n > 0)
		n -= 1 + (sink & 1);
	return n;
}

static inline __attribute__((always_inline)) void set(int i)
{
	sink = i;
}

static inline __attribute__((always_inline)) void show(const char *what, int n)
{
	put++;
	printf("%s %d\n", what, n);
}

static inline __attribute__((always_inline)) int walk(const char *s)
{
	int n = 0;

	walked++;
	for (; *s; s++)
		n += *s;
	return n;
}

/* Inlined here and there, and a function of its own besides. */
static inline int both(int n)
{
	sink = n;
	return n + sink;
}

static int (*volatile pointer)(int) = both;

__attribute__((noinline)) int middle(int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += add(i, n);
	return sum;
}

__attribute__((noinline)) int unrolled(int x)
{
	int sum = 0;

	for (int i = 0; i < 4; i++)
		sum += add(x + i, i);
	for (int i = 0; i < 3; i++)
		set(i);
	for (int i = 0; i < 4; i++)
		show("turn", i);
	return sum;
}

__attribute__((noinline)) int spins(int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++) {
		spun++;
		sum += spin(i);
	}
	return sum;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 5, sum = middle(n) + unrolled(n) + spins(n);

	for (int i = 0; i < argc; i++)
		sum += walk(argv[i]);
	if (n > 100)
		sum += add(n, 1);
	sum += both(1) + both(2) + pointer(3);
	printf("add %d\nspin %d\nset 3\nshow %d\nwalk %d\nboth 3\n(%d)\n", added, spun, put, walked, sum & 1);
	return 0;
}
