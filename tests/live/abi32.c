/* abi32.c - a 32-bit program for abi32.sh: functions with all sorts of arguments.
 *
 *	abi32 ROUNDS [MILLISECONDS between them]
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct box {
	int tag;
	char *name;
};

static char name[] = "hello32";

__attribute__((noinline)) int many(int a, int b, char *s, short d, unsigned char e, struct box *box, long long wide,
				   int h)
{
	__asm__ volatile("" ::: "memory");
	return a + b + s[0] + d + e + box->tag + (int)wide + h;
}

/* Puts its pointers into registers before it does anything with them. */
__attribute__((noinline)) int first_letter(int n, const char *s)
{
	__asm__ volatile("" : "+r"(s));
	__asm__ volatile("nop" ::: "memory");
	return s[n];
}

__attribute__((noinline)) char *tail(int n, char *s)
{
	__asm__ volatile("" ::: "memory");
	return s + n;
}

__attribute__((noinline)) struct box *boxed(void)
{
	static struct box box = { -7, name };

	__asm__ volatile("" ::: "memory");
	return &box;
}

__attribute__((regparm(3), noinline)) int fast(int a, const char *s, int c)
{
	__asm__ volatile("" ::: "memory");
	return a + s[0] + c;
}

__attribute__((noinline)) int depth(int n)
{
	__asm__ volatile("" ::: "memory");
	return n ? depth(n - 1) + 1 : 0;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1, pause = argc > 2 ? atoi(argv[2]) : 0;
	struct box box = { 77, name };

	for (int i = 0; i < rounds; i++) {
		printf("%d %d %s %d %d %d\n", many(i, -5, "third", -3, 250, &box, 0x1122334455667788ll, 99),
		       first_letter(i % 3, "abc"), tail(i % 3, name), boxed()->tag, fast(i, "fast", 3), depth(3));
		fflush(stdout);
		usleep((useconds_t)pause * 1000);
	}
	return 0;
}
