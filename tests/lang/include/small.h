/* A header as people write them: what the language needs of it is read, the rest is passed over. */
#ifndef SMALL_H
#define SMALL_H

#include <stdint.h>

#define SMALL 42
#define TWICE(x) ((x) * 2)
#define UNUSED(x) do { (void)(x); } while (0)
#define STRING(x) #x

enum small_kind { SMALL_A, SMALL_B };

struct small {
	uint32_t a;
	enum small_kind kind;
	char name[8];
};

typedef struct small small_t;

extern int small_count;
int small_open(const char *name, struct small *out);
struct small *small_new(void);

static inline int small_add(int a, int b)
{
	if (a) {
		return a + b;
	}
	return b;
}

#endif
