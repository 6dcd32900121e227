/* chain.c - chains of pointers, some of which are broken in the middle.
 *
 * walk() gets an outer whose middle is: right, NULL, right, wild, right. Where a pointer in the middle
 * cannot be followed the kernel writes nothing, and the field holds what an older record left: a good
 * value before each bad one makes that visible.
 */
#include <stddef.h>

struct inner {
	long number;
	const char *text;
};

struct middle {
	struct inner *inner;
};

struct outer {
	struct middle *middle;
};

__attribute__((noinline)) void walk(struct outer *o)
{
	__asm__ volatile("" : : "r"(o) : "memory");
}

int main(void)
{
	struct inner inner = { 4711, "hello" };
	struct middle middle = { &inner }, hollow = { NULL };
	struct outer good = { &middle }, empty = { NULL }, half = { &hollow };
	struct outer wild = { (struct middle *)0xdead000000000000ul };
	struct outer unmapped = { (struct middle *)0x123456789000ul };

	walk(&good);
	walk(&empty);
	walk(&good);
	walk(&half);
	walk(&good);
	walk(&wild);
	walk(&good);
	walk(&unmapped);
	walk(NULL);
	walk(&good);
	return 0;
}
