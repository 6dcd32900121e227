/* dwarf.c - feeds programs whose debug information was broken to everything in sym/ that reads it.
 *
 *	dwarf SEED-FILE SECONDS SEED	for so long, copies number SEED, SEED+1, ...
 *	dwarf SEED-FILE 0 SEED		only copy number SEED: to look at one that failed
 *
 * A copy is broken in a few places, most of them in .debug_* sections. Any answer is fine; a crash, a sanitizer report or a hang (10 seconds) is not, and is
 * reported with the copy's number. Compile with -fsanitize=address,undefined.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sym/sym.h"

enum { HANG_SECONDS = 10, MAX_SEED_FILE = 1 << 20 };

static unsigned long long copy_number;
static uint64_t state;
static char copy_path[64];

static uint64_t noise(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void say_number(void)
{
	fprintf(stderr, "fuzz dwarf: copy number %llu\n", copy_number);
}

static void hang(int sig)
{
	static const char text[] = "fuzz dwarf: hangs\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		abort();
}

/* libelf does not give back all that it read of some broken files. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

/* Somewhere in a section whose name begins with .debug, or .eh_frame; else anywhere. */
static size_t pick_place(const unsigned char *seed, size_t n)
{
	Elf64_Ehdr eh;
	Elf64_Shdr names, sh;

	if (n < sizeof(eh))
		return noise() % n;
	memcpy(&eh, seed, sizeof(eh));
	if (eh.e_shoff > n || (n - eh.e_shoff) / sizeof(sh) < eh.e_shnum || eh.e_shstrndx >= eh.e_shnum)
		return noise() % n;
	memcpy(&names, seed + eh.e_shoff + eh.e_shstrndx * sizeof(sh), sizeof(sh));
	for (unsigned tries = 0; tries < 64 && noise() % 16; tries++) {
		memcpy(&sh, seed + eh.e_shoff + noise() % eh.e_shnum * sizeof(sh), sizeof(sh));
		if (sh.sh_type != SHT_NOBITS && sh.sh_size && names.sh_offset + sh.sh_name + 7 < n &&
		    (memcmp(seed + names.sh_offset + sh.sh_name, ".debug_", 7) == 0 ||
		     memcmp(seed + names.sh_offset + sh.sh_name, ".eh_fra", 7) == 0) && sh.sh_offset + sh.sh_size <= n)
			return sh.sh_offset + noise() % sh.sh_size;
	}
	return noise() % n;
}

static void break_once(const unsigned char *seed, unsigned char *copy, size_t n)
{
	static const uint64_t extremes[] = {
		0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffff8, 0x1000,
	};
	size_t at = pick_place(seed, n), width = 1u << noise() % 4;
	uint64_t value = noise() % 3 ? extremes[noise() % (sizeof(extremes) / sizeof(extremes[0]))] : noise();

	if (noise() % 4 == 0)			/* a little more or less than it was */
		value = seed[at] + noise() % 5 - 2;
	if (width > n - at)
		width = 1;
	if (width > 1)
		at -= at % width;
	memcpy(copy + at, &value, width);
}

static void look_at_type(const struct debug_type *t, unsigned depth);

static bool look_at_member(void *ctx, const struct debug_member *m)
{
	look_at_type(m->type, *(unsigned *)ctx + 1);
	return true;
}

static bool look_at_enumerator(void *ctx, const char *name, uint64_t value)
{
	*(uint64_t *)ctx += strlen(name) + value;
	return true;
}

static void look_at_type(const struct debug_type *t, unsigned depth)
{
	struct str s = STR_INIT;
	struct debug_type_info info;
	uint64_t sum = 0;

	if (!t || depth > 4)
		return;
	info = debug_type_info(t);
	debug_type_print(t, "x", &s);
	sum += s.len + (info.name ? strlen(info.name) : 0);
	str_release(&s);
	debug_members(t, look_at_member, &depth);
	debug_enumerators(t, look_at_enumerator, &sum);
	look_at_type(debug_type_of(t), depth + 1);
}

static void look_at_code(struct elf_file *e, uint64_t address)
{
	const char *why = NULL;
	const struct debug_function *f = elf_debug_function(e, address, &why);

	if (!f && !why)
		abort();
	look_at_type(f ? f->result : NULL, 0);
	for (size_t i = 0; f && i < f->n_variables; i++)
		look_at_type(f->variables[i].type, 0);
}

static void look_at_lines(struct elf_file *e, unsigned line)
{
	struct line_query q = { .file = "*", .line = line, .statements = noise() % 2 };
	struct line_answer answer;

	lines_find(e, &q, &answer);
	for (size_t i = 0; i < answer.n && i < 64; i++) {
		struct arena *arena = arena_new();
		struct source_frame *frames;

		lines_at(e, answer.sites[i].address + noise() % 3, arena, &frames);
		arena_free(arena);
	}
	lines_release(&answer);
}

static void look_at_copies(struct elf_file *e)
{
	struct inline_answer answer;

	inline_find(e, "*", &answer);
	for (size_t i = 0; i < answer.n && i < 16; i++) {
		inline_function(e, &answer.sites[i]);
		inline_parameter(e, &answer.sites[i], 1 + (unsigned)(noise() % 3));
	}
	inline_release(&answer);
}

static void ask_everything(void)
{
	const struct debug_source *sources;
	struct symbol *v = NULL;
	struct elf_file *e;
	const char *why;
	int n;

	if (elf_open(copy_path, &e, &why) != 0)
		return;
	n = elf_find(e, "*", &v);
	for (unsigned i = 0; n > 0 && i < 6; i++) {
		const struct symbol *s = &v[noise() % (unsigned)n];

		look_at_code(e, s->address);
		look_at_code(e, s->address + (s->size ? noise() % s->size : 0));
	}
	look_at_code(e, noise() % 65536);
	free(v);
	look_at_type(elf_debug_type(e, "struct node", 0), 0);
	look_at_type(elf_debug_type(e, "no_such_t", 0), 0);
	look_at_lines(e, noise() % 4 ? 0 : (unsigned)(noise() % 200));
	look_at_copies(e);
	elf_debug_sources(e, &sources);
	elf_close(e);
}

static void one_copy(int fd, const unsigned char *seed, size_t n)
{
	unsigned char *copy = malloc(n);
	size_t size = n;

	state = copy_number * 0x9e3779b97f4a7c15ull + 1;
	for (unsigned i = 0; i < 8; i++)
		noise();
	if (!copy)
		exit(2);
	memcpy(copy, seed, n);
	for (uint64_t times = 1 + noise() % 8; times > 0; times--)
		break_once(seed, copy, n);
	if (noise() % 5 == 0)
		size = noise() % n;
	if (ftruncate(fd, 0) != 0 || pwrite(fd, copy, size, 0) != (ssize_t)size)
		exit(2);
	free(copy);
	alarm(HANG_SECONDS);
	ask_everything();
	alarm(0);
}

int main(int argc, char **argv)
{
	static unsigned char seed[MAX_SEED_FILE];
	time_t until;
	size_t n;
	FILE *f;
	int fd;

	if (argc != 4 || !(f = fopen(argv[1], "r"))) {
		fprintf(stderr, "usage: dwarf SEED-FILE SECONDS SEED\n");
		return 2;
	}
	n = fread(seed, 1, sizeof(seed), f);
	fclose(f);
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || n == 0)
		return 2;
	snprintf(copy_path, sizeof(copy_path), "/proc/self/fd/%d", fd);
	signal(SIGALRM, hang);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(say_number);
	until = time(NULL) + atoi(argv[2]);
	copy_number = strtoull(argv[3], NULL, 0);
	do {
		one_copy(fd, seed, n);
		copy_number++;
	} while (time(NULL) < until);
	printf("fuzz dwarf: %llu copies\n", copy_number - strtoull(argv[3], NULL, 0));
	return 0;
}
