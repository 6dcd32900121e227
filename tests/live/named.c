/* Arguments of every shape, with values that the test knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum color { RED = 1, GREEN = 200, BLUE = -3 };
struct point { int x, y; };
struct pair { long first; char *second; };
struct bits { unsigned a : 3; int b : 5; unsigned long c : 40; };
struct floats { float a, b; };
struct big { long v[5]; char name[12]; struct point p; };
struct node {
	struct node *next;
	const char *path;
	int len;
	struct point at;
	struct bits bits;
	char tag[8];
	short list[4];
	union { int number; char letters[4]; };
	double weight;
};

#define KEEP __attribute__((noipa))

KEEP int numbers(signed char c, unsigned char u, short s, int i, unsigned n, long l, unsigned long on_stack, enum color color)
{
	return c + u + s + i + (int)n + (int)l + (int)on_stack + color;
}

KEEP int pointers(const char *path, struct node *node, char **list)
{
	return (int)strlen(path) + node->len + *list[1];
}

KEEP int structs(struct point p, struct pair pair, struct big big, int last)
{
	return p.x + p.y + (int)pair.first + *pair.second + (int)big.v[2] + last;
}

KEEP int floats(double d, int after, float f, struct floats both, int last)
{
	return (int)d + after + (int)f + (int)both.a + last;
}

KEEP int down(int n)
{
	int inner = n ? down(n - 1) : 0;

	__asm__ volatile("" : "+r"(inner) : : "memory");	/* no loop */
	return inner + n;
}

volatile int sink;

int main(void)
{
	char *list[] = { "zero", "one", NULL };
	struct node second = { NULL, "second", 22, { 3, -4 }, { 5, -2, 0x123456789aul }, "tagb", { 10, -20, 30, -40 },
			       { 1 }, 0.5 };
	struct node first = { &second, "first", 11, { 1, -2 }, { 2, -7, 0x98765ul }, "12345678", { 1, 2, 3, 4 },
			      { 0x41424344 }, 1.5 };
	struct big big = { { 100, 200, 300, 400, 500 }, "bigname", { 77, -88 } };

	sink = numbers(-5, 250, -300, -70000, 4000000000u, -5000000000, 18000000000000000000ul, BLUE);
	sink = pointers("/the/path", &first, list);
	sink = structs((struct point){ 9, -9 }, (struct pair){ -1, "of a pair" }, big, 42);
	sink = floats(2.5, 6, 3.5f, (struct floats){ 4.5f, 5.5f }, 7);
	sink = down(3);
	return 0;
}
