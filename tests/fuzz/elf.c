/* elf.c - feeds broken copies of an ELF file to everything in sym/ that reads one.
 *
 *	elf SEED-FILE SECONDS SEED	for so long, copies number SEED, SEED+1, ...
 *	elf SEED-FILE 0 SEED		only copy number SEED: to look at one that failed
 *
 * A copy is broken in a few places: numbers in headers and tables become extreme ones, bytes become noise,
 * the end is cut off. Any answer is fine; a crash, a sanitizer report or a hang (10 seconds) is not, and is
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
	fprintf(stderr, "fuzz elf: copy number %llu\n", copy_number);
}

static void hang(int sig)
{
	static const char text[] = "fuzz elf: hangs\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		abort();
}

void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

/* Somewhere that matters: the headers, the program and section headers, a section, or anywhere. */
static size_t pick_place(const unsigned char *seed, size_t n)
{
	Elf64_Ehdr eh;
	Elf64_Shdr sh;
	size_t at = noise() % n, k;

	if (n < sizeof(eh))
		return at;
	memcpy(&eh, seed, sizeof(eh));
	switch (noise() % 6) {
	case 0:
		at = noise() % sizeof(eh);
		break;
	case 1:
		at = eh.e_phoff + noise() % (eh.e_phnum * sizeof(Elf64_Phdr) + 1);
		break;
	case 2:
		at = eh.e_shoff + noise() % (eh.e_shnum * sizeof(Elf64_Shdr) + 1);
		break;
	case 3:
	case 4:
		k = eh.e_shoff + noise() % (eh.e_shnum + 1u) * sizeof(sh);
		if (k > n || n - k < sizeof(sh))
			break;
		memcpy(&sh, seed + k, sizeof(sh));
		if (sh.sh_type != SHT_NOBITS && sh.sh_size)
			at = sh.sh_offset + noise() % (sh.sh_size < 4096 ? sh.sh_size : 4096);
		break;
	}
	return at < n ? at : n - 1;
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

static bool touch(void *ctx, const struct symbol *s)
{
	*(size_t *)ctx += strlen(s->name) + (s->version ? strlen(s->version) : 0);
	return true;
}

static void look_for_exits(struct elf_file *e, const struct symbol *s)
{
	struct str why = STR_INIT;
	struct function_exit *exits;

	function_exits(e, s, &exits, &why);
	free(exits);
	str_release(&why);
}

static void look_at_places(struct elf_file *e, const struct symbol *s)
{
	uint64_t addresses[] = {s->address, s->address + s->size / 2, s->address + s->size, noise(),
				noise() % 65536};
	struct insn_check check;
	uint64_t a, b;
	bool executable;
	const char *reg;
	char buf[64];

	look_for_exits(e, s);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct symbol covering;

		elf_address_to_offset(e, addresses[i], &a, &executable);
		elf_offset_to_address(e, addresses[i], &a, &executable);
		elf_bytes(e, addresses[i], buf, sizeof(buf));
		elf_fde_at(e, addresses[i], &a, &b);
		insn_check(e, noise() % 2 ? s : NULL, addresses[i], noise() % 2, &check);
		insn_register_kept(e, s, addresses[i], "di");
		insn_find_load(e, s, 4, &a, &reg);
		if (elf_function_at(e, addresses[i], &covering))
			insn_check(e, &covering, addresses[i], true, &check);
	}
}

static void ask_everything(void)
{
	static const char *const patterns[] = { "main", "*", "puts", "f@V1", "f@@V2", "[a-m]*", "" };
	struct elf_file *e;
	const char *why;
	size_t sum = 0;

	if (elf_open(copy_path, &e, &why) != 0)
		return;
	elf_symbols(e, touch, &sum);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct symbol *v;
		int n = elf_find(e, patterns[i], &v);

		if (n > 0)
			look_at_places(e, &v[noise() % (unsigned)n]);
		free(v);
	}
	sum += elf_has_functions(e) + strlen(elf_build_id(e)) + (size_t)elf_machine(e);
	why = elf_return_hazard(e);
	sum += why ? strlen(why) : 0;
	for (unsigned i = 0; i < 1000 && (why = elf_needed(e, i)); i++)
		sum += strlen(why);
	elf_can_catch(e);
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
		fprintf(stderr, "usage: elf SEED-FILE SECONDS SEED\n");
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
	printf("fuzz elf: %llu copies\n", copy_number - strtoull(argv[3], NULL, 0));
	return 0;
}
