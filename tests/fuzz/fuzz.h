/* fuzz.h - what all fuzzers have: noise that a number decides, the loop over the numbers, and a word about the one
 * that went wrong.
 *
 *	NAME SECONDS NUMBER [SEED-FILE]		for so long, inputs number NUMBER, NUMBER+1, ...
 *	NAME 0 NUMBER [SEED-FILE]		only that input, shown: to look at one that failed
 *
 * Any answer to an input is fine. A crash, a sanitizer's report, a hang (of processor time: the machine may be busy) or
 * a gigabyte of memory is not: the run ends with the input's number. The same number makes the same input on every
 * machine, from the same seed file. Compile with -fsanitize=address,undefined.
 *
 * tests/run builds and starts them, and finds in the comment that begins a fuzzer
 *
 *	time: SECONDS		for how long
 *	seed: COMMAND		makes the file that is broken, $seed
 */
#ifndef FUZZ_H
#define FUZZ_H

#ifndef FUZZ_ASAN_OPTIONS		/* ":NAME=VALUE", for who needs more */
#define FUZZ_ASAN_OPTIONS ""
#endif

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { FUZZ_HANG_SECONDS = 20, FUZZ_MAX_SEED = 1 << 20 };

struct fuzzer {
	const char *name;
	const char *inputs;		/* what it makes: "copies" */
	bool (*begin)(void);		/* before the first input; false: it cannot work here, and has said why */
	void (*one)(void);		/* makes an input of noise() and looks what comes of it */
	void (*show)(FILE *to);		/* prints the input; NULL: its number must do */
	int (*end)(void);		/* after the last: the exit status */
};
static const struct fuzzer *fuzz;
static unsigned long long fuzz_number;
static bool fuzz_aloud;			/* one input, to be looked at */
static uint64_t fuzz_state;
static const char *fuzz_seed_path;	/* of the seed file, when one is given */
static unsigned char fuzz_seed[FUZZ_MAX_SEED];
static size_t fuzz_seed_size;

/* ---- noise ---- */

static inline uint64_t noise(void)
{
	fuzz_state ^= fuzz_state << 13;
	fuzz_state ^= fuzz_state >> 7;
	fuzz_state ^= fuzz_state << 17;
	return fuzz_state;
}

static inline unsigned pick(unsigned below)
{
	return (unsigned)(noise() >> 20) % below;
}

/* A number at an edge of some width, on which sums and comparisons break; or any number. */
static inline uint64_t extreme_number(void)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 7, 0x7f, 0x80, 0xff, 0x300, 0x800, 0x1000, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff8, 0xffffffffffffffff,
	};

	return pick(3) ? edges[pick(sizeof(edges) / sizeof(edges[0]))] : noise();
}

/* ---- files ---- */

/* The file that is asked about; it is in memory only. */
static inline int fuzz_file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	return fd;
}

static inline const char *fuzz_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fuzz_file());
	return path;
}

/* Every second file fills its last page: such a file is not mapped but copied (sym/elf.c), and the sanitizer sees when
 * somebody reads beyond a piece of it. */
static inline void fuzz_write(const void *bytes, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = fuzz_number % 2 ? n : (n + page - 1) / page * page;

	if (ftruncate(fuzz_file(), 0) == 0 && pwrite(fuzz_file(), bytes, n, 0) == (ssize_t)n &&
	    ftruncate(fuzz_file(), (off_t)size) == 0)
		return;
	perror("fuzz: cannot write the file");
	exit(2);
}

/* Puts an extreme number, or a little more or less than there was, at a place. */
static inline void fuzz_break_at(unsigned char *copy, size_t n, size_t at)
{
	size_t width = 1u << pick(4);
	uint64_t value = pick(4) ? extreme_number() : copy[at] + noise() % 5 - 2;

	at -= at % width;
	memcpy(copy + at, &value, width < n - at ? width : n - at);
}

/* Writes a copy of the seed file that is broken in a few places, which place() chooses, and perhaps cut off. */
static inline void fuzz_broken_copy(size_t (*place)(const unsigned char *seed, size_t n))
{
	unsigned char *copy = malloc(fuzz_seed_size);

	if (!fuzz_seed_size) {
		fprintf(stderr, "fuzz %s: needs a seed file, see the comment that begins it\n", fuzz->name);
		exit(2);
	}
	memcpy(copy, fuzz_seed, fuzz_seed_size);
	for (unsigned times = 1 + pick(8); times > 0; times--)
		fuzz_break_at(copy, fuzz_seed_size, place(fuzz_seed, fuzz_seed_size));
	fuzz_write(copy, pick(5) ? fuzz_seed_size : noise() % fuzz_seed_size);
	free(copy);
}

/* ---- the loop ---- */

static void fuzz_say_number(void)
{
	fprintf(stderr, "fuzz %s: number %llu of the %s\n", fuzz->name, fuzz_number, fuzz->inputs);
	if (fuzz->show)
		fuzz->show(stderr);
}

/* The number is said for whoever aborts; abort() goes on to kill when this returns. */
static void fuzz_on_abort(int sig)
{
	(void)sig;
	fuzz_say_number();
}

static void fuzz_on_hang(int sig)
{
	static const char text[] = "fuzz: hangs\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		abort();
}

static void fuzz_watch(unsigned seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &timer, NULL);
}

void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "halt_on_error=1:print_stacktrace=1";
}
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "hard_rss_limit_mb=1024" FUZZ_ASAN_OPTIONS;
}

static bool fuzz_read_seed(void)
{
	FILE *f = fopen(fuzz_seed_path, "r");

	if (!f) {
		perror(fuzz_seed_path);
		return false;
	}
	fuzz_seed_size = fread(fuzz_seed, 1, sizeof(fuzz_seed), f);
	fclose(f);
	return fuzz_seed_size > 0;
}

static void fuzz_one(void)
{
	fuzz_state = fuzz_number * 0x9e3779b97f4a7c15ull + 1;
	for (unsigned i = 0; i < 8; i++)	/* the first numbers of near seeds are near each other */
		noise();
	fuzz_watch(FUZZ_HANG_SECONDS);
	fuzz->one();
	fuzz_watch(0);
}

static int fuzz_main(const struct fuzzer *f, int argc, char **argv)
{
	unsigned long long first;
	time_t until;

	fuzz = f;
	fuzz_seed_path = argc == 4 ? argv[3] : NULL;
	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: %s SECONDS NUMBER [SEED-FILE]\n", f->name);
		return 2;
	}
	if ((fuzz_seed_path && !fuzz_read_seed()) || (f->begin && !f->begin()))
		return 2;
	signal(SIGPROF, fuzz_on_hang);
	signal(SIGABRT, fuzz_on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(fuzz_say_number);
	fuzz_aloud = atoi(argv[1]) == 0;
	fuzz_number = first = strtoull(argv[2], NULL, 0);
	until = time(NULL) + atoi(argv[1]);
	do {
		fuzz_one();
		if (fuzz_aloud && f->show)
			f->show(stdout);
		fuzz_number++;
	} while (time(NULL) < until);
	printf("fuzz %s: %llu %s, from number %llu\n", f->name, fuzz_number - first, f->inputs, first);
	return f->end ? f->end() : 0;
}

#endif
