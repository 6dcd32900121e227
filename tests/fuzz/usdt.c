/* usdt.c - feeds broken notes of USDT probes, and operands of any spelling, to sym/usdt.c.
 *
 *	usdt IGNORED SECONDS SEED	for so long, files number SEED, SEED+1, ...
 *	usdt IGNORED 0 SEED		only file number SEED: to look at one that failed
 *
 * A file has a few notes with operands that are put together from pieces of the grammar and from noise; then some of
 * its bytes are broken, and it may be cut off. Any answer is fine; a crash, a sanitizer report or a hang (10 seconds)
 * is not, and is reported with the file's number. Compile with -fsanitize=address,undefined.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sym/sym.h"
#include "../unit/fixtures/notes.h"

enum { HANG_SECONDS = 10 };

static unsigned long long file_number;
static uint64_t state;
static char path[64];

static uint64_t noise(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void say_number(void)
{
	fprintf(stderr, "fuzz usdt: file number %llu\n", file_number);
}

static void hang(int sig)
{
	static const char text[] = "fuzz usdt: hangs\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		abort();
}

void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

/* ---- operands ---- */

static const char *const pieces[] = {
	"8@", "-4@", "1@", "2@", "8f@", "4f@", "-", "16@", "@", "%rax", "%r8d", "%ah", "%xmm0", "%rip", "%rbp", "%fs:",
	"$", "#", "i", "0x10", "5", "-20", "18446744073709551615", "99999999999999999999", "(", ")", ",", "[", "]", " ",
	"+", "-", "stats", "twin", "gone", ".LC0", "@GOTPCREL", "@tpoff", "x0", "w1", "sp", "r7", "a0", "$r4", "30", "8",
	"(%rip)", "40+stats(%rip)", "(%rax,%rcx,8)", "[sp, 12]", "lsl #2", "\t", "\xff", "=",
};

static void random_operands(char *text, size_t size)
{
	struct str s = STR_INIT;

	str_clear(&s);
	for (uint64_t n = noise() % 24; n > 0; n--) {
		if (noise() % 16 == 0)
			str_addc(&s, (char)(1 + noise() % 255));
		else
			str_add(&s, pieces[noise() % ARRAY_LEN(pieces)]);
	}
	snprintf(text, size, "%s", s.s);
	str_release(&s);
}

/* ---- files ---- */

static struct bytes random_file(void)
{
	static const struct { unsigned number; int wide, big_endian; } machines[] = {
		{ EM_X86_64, 1, 0 }, { EM_386, 0, 0 }, { EM_AARCH64, 1, 0 }, { EM_ARM, 0, 0 }, { EM_RISCV, 1, 0 },
		{ EM_PPC64, 1, 0 }, { EM_S390, 1, 1 }, { EM_LOONGARCH, 1, 0 }, { EM_MIPS, 1, 1 },
	};
	unsigned m = (unsigned)(noise() % (2 * ARRAY_LEN(machines)));
	char operands[512], name[16];
	struct bytes b;

	m = m < ARRAY_LEN(machines) ? m : 0;
	notes_begin(&b, machines[m].wide, machines[m].big_endian);
	for (uint64_t n = noise() % 6; n > 0; n--) {
		random_operands(operands, sizeof(operands));
		snprintf(name, sizeof(name), "n%u", (unsigned)(noise() % 3));
		notes_add(&b, NOTES_TEXT + noise() % 0x900, noise() % 2 ? NOTES_BASE : noise(),
			  noise() % 2 ? 0 : NOTES_PROBES + noise() % 32, noise() % 2 ? "p" : "q", name, operands);
	}
	notes_end(&b, machines[m].number, noise() % 2);
	return b;
}

static void break_file(struct bytes *b)
{
	static const uint64_t extremes[] = {
		0, 1, 3, 7, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0, 0xffffffffffffffff,
	};

	for (uint64_t n = noise() % 6; n > 0; n--) {
		bool notes = noise() % 2 && b->n > NOTES_OFFSET;
		size_t at = notes ? NOTES_OFFSET + noise() % (b->n - NOTES_OFFSET) : noise() % b->n;
		size_t width = 1u << noise() % 4;
		uint64_t value = extremes[noise() % ARRAY_LEN(extremes)];

		memcpy(b->p + at, &value, width < b->n - at ? width : b->n - at);
	}
	if (noise() % 8 == 0)
		b->n = noise() % b->n;
}

/* ---- asking ---- */

static size_t ask_about(struct usdt *u, const struct usdt_note *n)
{
	struct arena *a = arena_new();
	size_t sum = strlen(n->provider) + strlen(n->name) + n->semaphore % 7;
	struct usdt_operand *v;
	unsigned many = usdt_operands(u, n, &v);

	for (unsigned i = 0; i < many; i++) {
		_cleanup_(str_release) struct str fetch = STR_INIT;
		const char *why = "";

		sum += strlen(usdt_operand_type(a, &v[i]));
		if (!usdt_operand_fetch(u, n, &v[i], &fetch, &why))
			sum += strlen(why);
		else if (!fetch.len)
			abort();
	}
	arena_free(a);
	return sum;
}

static void ask_everything(void)
{
	const struct usdt_note *v;
	struct elf_file *e;
	struct usdt *u;
	size_t n, sum = 0;

	if (elf_open(path, &e, NULL) != 0)
		return;
	u = usdt_read(e);
	v = usdt_notes(u, &n);
	for (size_t i = 0; i < n; i++)
		sum += ask_about(u, &v[i]) + (i && usdt_same_probe(&v[i - 1], &v[i]));
	usdt_free(u);
	elf_close(e);
	if (sum == SIZE_MAX)
		abort();
}

static void one_file(int fd)
{
	struct bytes b;

	state = file_number * 0x9e3779b97f4a7c15ull + 1;
	for (unsigned i = 0; i < 8; i++)
		noise();
	b = random_file();
	break_file(&b);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, b.p, b.n, 0) != (ssize_t)b.n)
		exit(2);
	free(b.p);
	alarm(HANG_SECONDS);
	ask_everything();
	alarm(0);
}

int main(int argc, char **argv)
{
	time_t until;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "usage: usdt IGNORED SECONDS SEED\n");
		return 2;
	}
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		return 2;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	signal(SIGALRM, hang);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(say_number);
	until = time(NULL) + atoi(argv[2]);
	file_number = strtoull(argv[3], NULL, 0);
	do {
		one_file(fd);
		file_number++;
	} while (time(NULL) < until);
	printf("fuzz usdt: %llu files\n", file_number - strtoull(argv[3], NULL, 0));
	return 0;
}
