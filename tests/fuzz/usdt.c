/* usdt.c - feeds broken notes of USDT probes, and operands of any spelling, to sym/usdt.c.
 *
 * time: 60
 *
 * A file has a few notes with operands that are put together from pieces of the grammar and from noise; then some of
 * its bytes are broken, and it may be cut off.
 */
#define _GNU_SOURCE
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"
#include "sym/sym.h"
#include "../unit/fixtures/notes.h"

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
	for (unsigned n = pick(6); n > 0; n--) {
		bool notes = pick(2) && b->n > NOTES_OFFSET;

		fuzz_break_at(b->p, b->n, notes ? NOTES_OFFSET + noise() % (b->n - NOTES_OFFSET) : noise() % b->n);
	}
	if (pick(8) == 0)
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

	if (elf_open(fuzz_path(), &e, NULL) != 0)
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

static void one_file(void)
{
	struct bytes b = random_file();

	break_file(&b);
	fuzz_write(b.p, b.n);
	free(b.p);
	ask_everything();
}

int main(int argc, char **argv)
{
	static const struct fuzzer usdt = { .name = "usdt", .inputs = "files", .one = one_file };

	return fuzz_main(&usdt, argc, argv);
}
