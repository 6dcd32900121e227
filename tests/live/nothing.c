/* nothing.c - take(number, text) with pointers to a value, to zeroes, to where nothing is mapped, and null. */
#include <stddef.h>

__attribute__((noinline)) void take(const int *number, const char *text)
{
	__asm__ volatile("" : : "r"(number), "r"(text) : "memory");
}

int main(void)
{
	int seven = 7, zero = 0;

	take(&seven, "seven");
	take(&zero, "");
	take((int *)0x12345678, (char *)0x12345678);
	take(NULL, NULL);
	return 0;
}
