/* unit.h - assertions for unit tests: each failure is printed with its place, main() returns unit_end(). */
#ifndef UNIT_H
#define UNIT_H

#include <stdio.h>
#include <string.h>

static int unit_failures;

#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			unit_failures++; \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #cond); \
		} \
	} while (0)

#define CHECK_STR(got, want) \
	do { \
		const char *g_ = (got), *w_ = (want); \
		if (!g_ || strcmp(g_, w_) != 0) { \
			unit_failures++; \
			printf("%s:%d: got  \"%s\"\n\twant \"%s\"\n", __FILE__, __LINE__, g_ ? g_ : "(null)", w_); \
		} \
	} while (0)

#define CHECK_INT(got, want) \
	do { \
		long long g_ = (long long)(got), w_ = (long long)(want); \
		if (g_ != w_) { \
			unit_failures++; \
			printf("%s:%d: %s is %lld, want %lld\n", __FILE__, __LINE__, #got, g_, w_); \
		} \
	} while (0)

static inline int unit_end(void)
{
	return unit_failures ? 1 : 0;
}

#endif
