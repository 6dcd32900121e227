/* predicates.c - what predicates.sh tests predicates on: predicates SEED ROUNDS calls f0() ... f11() alike, ROUNDS
 * times, with numbers and texts at which comparisons go wrong, under names that change; and makes system calls with
 * them.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const long numbers[] = {
	0, 1, 2, 3, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648, 4294967295, 4294967296,
	INT64_MAX, INT64_MIN, INT64_MIN + 1, -1, -2, -128, -129, -32768, -2147483648, -2147483649,
};
static const char *const texts[] = {
	"", "a", "b", "ba", "bash", "bashful", "abc", "abcdefg", "abcdefgh", "abcdefghijklmno", "as", "it's", "x*", "[a]",
	"abcdefghijklmnopqrstuvwxyz", "\xff\x80",
};

/* Texts and numbers where a pointer may point; and what is no pointer. */
static long memory[4];
static const void *const nowhere[] = { NULL, (void *)8, (void *)-8 };

static uint64_t state;

static unsigned below(unsigned n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(state >> 33) % n;
}

#define PICK(rows) ((rows)[below(sizeof(rows) / sizeof((rows)[0]))])

#define FUNCTION(n) \
	__attribute__((noinline)) void f##n(long a, long b, long c, const char *text, const long *p, int index) \
	{ \
		__asm__ volatile("" : : "r"(a), "r"(b), "r"(c), "r"(text), "r"(p), "r"(index), "i"(n) : "memory"); \
	}
FUNCTION(0) FUNCTION(1) FUNCTION(2) FUNCTION(3) FUNCTION(4) FUNCTION(5)
FUNCTION(6) FUNCTION(7) FUNCTION(8) FUNCTION(9) FUNCTION(10) FUNCTION(11)

static void (*const functions[])(long, long, long, const char *, const long *, int) = {
	f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11,
};

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 0, fd = memfd_create("predicates", 0);

	state = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	for (int i = 0; i < rounds; i++) {
		long a = PICK(numbers), b = PICK(numbers), c = PICK(numbers);
		const char *text = below(8) ? PICK(texts) : PICK(nowhere);
		const long *p = below(8) ? memory : PICK(nowhere);

		memory[0] = below(4) ? PICK(numbers) : (long)&memory[1 + below(3)];
		for (int k = 1; k < 4; k++)
			memory[k] = PICK(numbers);
		prctl(PR_SET_NAME, PICK(texts));
		lseek(fd, PICK(numbers), (int)below(4));
		for (size_t k = 0; k < sizeof(functions) / sizeof(functions[0]); k++)
			functions[k](a, b, c, text, p, i);
	}
	return 0;
}
