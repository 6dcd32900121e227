/* Numbers of 16 bytes by value, in registers and on the stack. The program tells what it passes; the functions use it
 * in ways that make compilers forget it early. */
#include <stdio.h>

typedef __int128 wide;
typedef unsigned __int128 unsigned_wide;

#define KEEP __attribute__((noinline))

struct holder { long first; wide v; };

volatile long sink;

KEEP wide negate(wide v) { return -v; }
KEEP wide add(wide v, wide other) { sink = (long)(v ^ other); return v + other; }
KEEP int pick(int c, unsigned_wide v, unsigned_wide other) { return (c ? v : other) > 1000; }
KEEP void store(wide *p, wide v) { *p = v; }
KEEP long high(int a, int b, int c, int d, wide v) { return a + b + c + d + (long)(v >> 64); }
KEEP long aligned(int a, int b, int c, int d, int e, int f, int g, wide v, int last)
{
	return a + b + c + d + e + f + g + (long)(v >> 64) + last;
}
KEEP long held(struct holder h, int last) { return h.first + (long)h.v + last; }

static wide tell(unsigned long low, unsigned long high_half)
{
	printf("[%lu,%lu]\n", low, high_half);
	return (wide)((unsigned_wide)high_half << 64 | low);
}

int main(void)
{
	wide stored;

	sink = (long)negate(tell(8, 5));
	sink = (long)(add(tell(-1ul, -3ul), tell(12, 13)) >> 64);
	sink = pick(1, (unsigned_wide)tell(1ul << 63, 1), (unsigned_wide)tell(2, -1ul));
	store(&stored, tell(77, 78));
	sink = high(1, 2, 3, 4, tell(9, -9ul)) + (long)stored;
	sink = aligned(1, 2, 3, 4, 5, 6, 7, tell(40, 41), 99);
	puts("99");
	sink = held((struct holder){ 1, tell(50, 51) }, 98);
	puts("98");
	return 0;
}
