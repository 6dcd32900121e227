/* What captures.sh reads: numbers, text, structures behind pointers, bit fields, a variable. */
#include <stdlib.h>
#include <string.h>

struct point {
	int x;
	short y;
	struct point *next;
	char name[16];
};

struct flags {
	unsigned a : 3;
	unsigned b : 5;
	int c : 4;
};

int counter = 77;

__attribute__((noinline)) int work(int n, const char *s, struct point *p, struct flags *f)
{
	counter++;
	return n * 2 - (int)strlen(s) + p->x + (int)f->a;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 3;
	struct point second = { 5, -6, NULL, "second" }, first = { 1, -2, &second, "first" };
	struct flags flags = { 5, 21, -3 };

	for (int i = 0; i < rounds; i++)
		work(i, i % 2 ? "odd" : "even number", &first, &flags);
	return 0;
}
