/* strings.c - take(a, b) with short and long strings: lengths (10, 10), (5000, 10), (2500, 2500),
 * (600, 10), (10, 10), in this order. */
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) void take(const char *a, const char *b)
{
	__asm__ volatile("" : : "r"(a), "r"(b) : "memory");
}

static char *text(size_t length)
{
	char *s = malloc(length + 1);

	memset(s, 'x', length);
	s[length] = '\0';
	return s;
}

int main(void)
{
	take(text(10), text(10));
	take(text(5000), text(10));
	take(text(2500), text(2500));
	take(text(600), text(10));
	take(text(10), text(10));
	return 0;
}
