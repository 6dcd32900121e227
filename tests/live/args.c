/* args.c - one function with many arguments of many types, and one that returns a structure's address. */
#include <stdint.h>

struct point {
	int16_t x, y;
	uint8_t bytes[4];
	uint32_t flags;
	const char *name;
};

__attribute__((noinline)) long take(int8_t a, uint16_t b, int32_t c, int64_t d, const struct point *e, unsigned f,
				    long g, long h)
{
	__asm__ volatile("" ::: "memory");
	return a + b + c + d + e->x + f + g + h;
}

__attribute__((noinline)) const struct point *give(const struct point *p)
{
	__asm__ volatile("" ::: "memory");
	return p;
}

int main(void)
{
	struct point p = { -3, 4, { 1, 2, 3, 255 }, 0xa5, "caf\303\251 \"x\"\n" };

	take(-1, 65535, -2, INT64_MIN, give(&p), 4000000000u, 7, -8);
	return 0;
}
