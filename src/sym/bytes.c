/* bytes.c - numbers as files have them. */
#include "sym/internal.h"

uint64_t bytes_number(const unsigned char *p, size_t n, bool big_endian)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[big_endian ? i : n - 1 - i];
	return value;
}

size_t bytes_leb128(const unsigned char *p, size_t n, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < n; i++) {
		if (i < 10)
			*value |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if (!(p[i] & 0x80))
			return i + 1;
	}
	return 0;
}
