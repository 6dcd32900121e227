/* Notes of USDT probes, and their operands on every machine. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sym/sym.h"
#include "unit.h"
#include "fixtures/notes.h"

static char path[64];

static struct elf_file *open_bytes(const struct bytes *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct elf_file *e;
	const char *why = "";

	if (fd < 0 || write(fd, b->p, b->n) != (ssize_t)b->n || elf_open(path, &e, &why) != 0) {
		printf("the fixture cannot be opened: %s\n", why);
		exit(1);
	}
	close(fd);
	return e;
}

/* ---- notes ---- */

/* The base is where it was noted, or has been moved by prelink. */
static void test_base(uint64_t noted, uint64_t moved)
{
	struct bytes b;
	const struct usdt_note *v;
	struct elf_file *e;
	struct usdt *u;
	size_t n;

	notes_begin(&b, 1, 0);
	notes_add(&b, NOTES_TEXT + 9 - moved, noted, NOTES_PROBES + 2 - moved, "demo", "step", "8@%rax -4@$5");
	notes_add(&b, NOTES_TEXT + 4 - moved, noted, 0, "demo", "done", "");
	notes_add(&b, NOTES_TEXT + 2 - moved, noted, NOTES_PROBES + 2 - moved, "demo", "step", "8@%rax -4@$6");
	notes_add(&b, NOTES_TEXT + 2 - moved, noted, NOTES_PROBES + 2 - moved, "demo", "step", "8@%rax -4@$6");
	notes_add(&b, NOTES_TEXT + 2 - moved, noted, 0, "alpha", "step", "");
	notes_end(&b, EM_X86_64, 0);
	e = open_bytes(&b);
	u = usdt_read(e);
	v = usdt_notes(u, &n);
	CHECK(!usdt_is_broken(u));
	CHECK_INT(usdt_base(u), NOTES_BASE);
	CHECK_INT(n, 4);
	if (n == 4) {
		CHECK_STR(v[0].provider, "alpha");
		CHECK_STR(v[1].name, "done");
		CHECK_STR(v[1].operands, "");
		CHECK_INT(v[1].semaphore, 0);
		CHECK_STR(v[2].operands, "8@%rax -4@$6");
		CHECK_INT(v[2].address, NOTES_TEXT + 2);
		CHECK_INT(v[3].address, NOTES_TEXT + 9);
		CHECK_INT(v[3].noted, NOTES_TEXT + 9 - moved);
		CHECK_INT(v[3].semaphore, NOTES_PROBES + 2);
		CHECK(usdt_same_probe(&v[2], &v[3]) && !usdt_same_probe(&v[0], &v[2]));
	}
	usdt_free(u);
	elf_close(e);
	free(b.p);
}

/* What is cut off is said to be so; what is before it is there. */
static void test_broken(void)
{
	static const struct {
		size_t cut;		/* bytes of the last note that are missing */
		size_t notes;
		bool broken;
	} rows[] = { { 0, 2, false }, { 4, 1, true }, { 20, 1, true }, { 40, 1, true } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct elf_file *e;
		struct bytes b;
		struct usdt *u;
		size_t n;

		notes_begin(&b, 1, 0);
		notes_add(&b, NOTES_TEXT, 0, 0, "demo", "a", "");
		notes_add(&b, NOTES_TEXT + 1, 0, 0, "demo", "b", "");
		b.n -= rows[i].cut;
		notes_end(&b, EM_X86_64, 0);
		e = open_bytes(&b);
		u = usdt_read(e);
		usdt_notes(u, &n);
		CHECK_INT(n, rows[i].notes);
		CHECK(usdt_is_broken(u) == rows[i].broken);
		usdt_free(u);
		elf_close(e);
		free(b.p);
	}
}

/* Strings without an end, no words at all, and somebody else's notes. */
static void test_hostile(void)
{
	struct elf_file *e;
	struct bytes b;
	struct usdt *u;
	size_t n;

	notes_begin(&b, 1, 0);
	bytes_number(&b, 8, 4);
	bytes_number(&b, 28, 4);
	bytes_number(&b, 3, 4);
	bytes_text(&b, "stapsdt");
	for (int i = 0; i < 28; i++)
		bytes_number(&b, 'x', 1);
	bytes_number(&b, 8, 4);
	bytes_number(&b, 0, 4);
	bytes_number(&b, 3, 4);
	bytes_text(&b, "stapsdt");
	bytes_number(&b, 4, 4);
	bytes_number(&b, 4, 4);
	bytes_number(&b, 3, 4);
	bytes_text(&b, "GNU");
	bytes_number(&b, 0, 4);
	notes_add(&b, NOTES_TEXT, 0, 0, "demo", "b", "");
	notes_end(&b, EM_X86_64, 0);
	e = open_bytes(&b);
	u = usdt_read(e);
	usdt_notes(u, &n);
	CHECK_INT(n, 1);
	CHECK(usdt_is_broken(u));
	usdt_free(u);
	elf_close(e);
	free(b.p);
}

/* Seconds of this process on a CPU. */
static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* 400,000 notes, the names of which begin alike, are no more work each than four. */
static void test_many(void)
{
	enum { MANY = 400000 };
	struct elf_file *e;
	struct usdt *u;
	struct bytes b;
	char name[32];
	double begin;
	size_t n;

	notes_begin(&b, 1, 0);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "function__%u", i * 7919 % MANY);
		notes_add(&b, NOTES_TEXT + i % 0x800, 0, 0, "demo", name, "8@%rax -4@stats(%rip)");
	}
	notes_end(&b, EM_X86_64, 0);
	e = open_bytes(&b);
	begin = cpu();
	u = usdt_read(e);
	usdt_notes(u, &n);
	CHECK_INT(n, MANY);
	CHECK(cpu() - begin < 10);
	usdt_free(u);
	elf_close(e);
	free(b.p);
}

/* ---- operands ---- */

static const struct operand_row {
	const char *machine;
	const char *text;
	const char *type;		/* NULL: it cannot be fetched */
	const char *fetch;		/* or a part of the reason */
	bool fixed;			/* the file is one that is not moved */
} operands[] = {
	/* registers of all sizes and signs */
	{ "x86-64", "8@%rax", "u64", "%ax", false },
	{ "x86-64", "-8@%r15", "s64", "%r15", false },
	{ "x86-64", "4@%eax", "u32", "%ax", false },
	{ "x86-64", "-4@%r8d", "s32", "%r8", false },
	{ "x86-64", "2@%si", "u16", "%si", false },
	{ "x86-64", "-2@%r9w", "s16", "%r9", false },
	{ "x86-64", "1@%dil", "u8", "%di", false },
	{ "x86-64", "-1@%al", "s8", "%ax", false },
	{ "x86-64", "1@%r13b", "u8", "%r13", false },
	{ "x86-64", "1@%ah", "b8@8/32", "%ax", false },
	{ "x86-64", "-1@%ah", NULL, "part of a register", false },
	{ "x86-64", "%rbx", "u64", "%bx", false },
	{ "x86-64", "8@%rip", "u64", "%ip", false },
	{ "x86-64", "8f@%rcx", "x64", "%cx", false },
	{ "x86-64", "4f@%edi", "x32", "%di", false },
	{ "x86-64", "8f@%xmm0", NULL, "cannot fetch the register `%xmm0`", false },
	{ "x86-64", "16@%rax", NULL, "a size that the kernel cannot fetch", false },
	{ "x86-64", "3@%rax", NULL, "a size that the kernel cannot fetch", false },
	{ "x86-64", "0@%rax", NULL, "no operand", false },
	{ "x86-64", "99999999999999999999@%rax", NULL, "a size that the kernel cannot fetch", false },
	/* constants */
	{ "x86-64", "-4@$5", "s32", "\\5", false },
	{ "x86-64", "-4@$-1", "s32", "\\-1", false },
	{ "x86-64", "8@$0x10", "u64", "\\16", false },
	{ "x86-64", "8@$18446744073709551615", "u64", "\\-1", false },
	{ "x86-64", "-8@$-9223372036854775808", "s64", "\\-9223372036854775808", false },
	{ "x86-64", "8@$99999999999999999999", NULL, "no operand", false },
	{ "x86-64", "8@$stats", NULL, "known only when the file is mapped", false },
	{ "x86-64", "8@$stats", "u64", "\\81984", true },
	{ "x86-64", "8@$stats+8", "u64", "\\81992", true },
	{ "x86-64", "8@$8+stats", "u64", "\\81992", true },
	/* memory */
	{ "x86-64", "-4@-20(%rbp)", "s32", "-20(%bp)", false },
	{ "x86-64", "8@0(%r13)", "u64", "+0(%r13)", false },
	{ "x86-64", "8@(%rsp)", "u64", "+0(%sp)", false },
	{ "x86-64", "1@37(%r14)", "u8", "+37(%r14)", false },
	{ "x86-64", "8f@40(%rax)", "x64", "+40(%ax)", false },
	{ "x86-64", "-4@stats(%rip)", "s32", "@+0x5040", false },
	{ "x86-64", "-4@40+stats(%rip)", "s32", "@+0x5068", false },
	{ "x86-64", "-4@stats+40(%rip)", "s32", "@+0x5068", false },
	{ "x86-64", "-4@stats-8(%rip)", "s32", "@+0x5038", false },
	{ "x86-64", "-4@stats+40(%rip)", "s32", "@+0x5068", true },
	{ "x86-64", "-4@16(%rip)", NULL, "without the name of a variable", false },
	{ "x86-64", "-4@gone(%rip)", NULL, "no symbol of that name", false },
	{ "x86-64", "8f@.LC1(%rip)", NULL, "no symbol of that name", false },
	{ "x86-64", "-4@twin(%rip)", NULL, "several variables of the name twin", false },
	{ "x86-64", "8@gone@GOTPCREL(%rip)", NULL, "no word that holds it", false },
	{ "x86-64", "8@stats@GOTPCREL(%rip)", "u64", "\\0x14040", true },
	{ "x86-64", "-4@stats+8(%rsi)", "s32", "+81992(%si)", true },
	{ "x86-64", "-4@stats+8(%rsi)", NULL, "known only when the file is mapped", false },
	{ "x86-64", "-4@stats+8", "s32", "@0x14048", true },
	/* what the kernel cannot compute */
	{ "x86-64", "8@(%rax,%rcx)", NULL, "sum of two registers", false },
	{ "x86-64", "-4@-120(%rsp,%rax,4)", NULL, "sum of two registers", false },
	{ "x86-64", "-4@stats(,%rcx,4)", NULL, "multiple of a register", true },
	{ "x86-64", "-1@stats(,%rcx,1)", "s8", "+81984(%cx)", true },
	{ "x86-64", "-4@%fs:stats@tpoff", NULL, "variable of the thread", false },
	{ "x86-64", "-8@%fs:stats@tpoff(,%r9,8)", NULL, "variable of the thread", false },
	/* noise */
	{ "x86-64", "8@", NULL, "no operand", false },
	{ "x86-64", "8@(", NULL, "no operand", false },
	{ "x86-64", "8@8(%rax", NULL, "no operand", false },
	{ "x86-64", "8@8(%rax)x", NULL, "no operand", false },
	{ "x86-64", "8@(%nope)", NULL, "no operand", false },
	{ "x86-64", "8@stats+twin(%rip)", NULL, "no operand", false },
	{ "x86-64", "8@--5(%rax)", NULL, "no operand", false },
	/* other machines */
	{ "32-bit x86", "-4@%eax", "s32", "%ax", false },
	{ "32-bit x86", "4@8(%esp)", "u32", "+8(%sp)", false },
	{ "32-bit x86", "-4@stats+4", "s32", "@0x14044", true },
	{ "32-bit x86", "8@%eax", NULL, "two registers", false },
	{ "32-bit x86", "8@%r8", NULL, "cannot fetch the register", false },
	{ "arm64", "8@x19", "u64", "%x19", false },
	{ "arm64", "-4@w0", "s32", "%x0", false },
	{ "arm64", "-4@[sp, 60]", "s32", "+60(%sp)", false },
	{ "arm64", "8@[x29, #-16]", "u64", "-16(%x29)", false },
	{ "arm64", "1@[x0]", "u8", "+0(%x0)", false },
	{ "arm64", "-4@5", "s32", "\\5", false },
	{ "arm64", "-4@-1", "s32", "\\-1", false },
	{ "arm64", "8@[x0, x1]", NULL, "sum of two registers", false },
	{ "arm64", "8@[x0, x1, lsl 3]", NULL, "sum of two registers", false },
	{ "arm64", "8f@d0", NULL, "cannot fetch the register `d0`", false },
	{ "arm64", "8@[x0, #:lo12:stats]", NULL, "no operand", false },
	{ "32-bit arm", "4@r7", "u32", "%r7", false },
	{ "32-bit arm", "-4@[r7, #-4]", "s32", "-4(%r7)", false },
	{ "32-bit arm", "-4@#5", "s32", "\\5", false },
	{ "32-bit arm", "4@[r3, r2, lsl #2]", NULL, "sum of two registers", false },
	{ "riscv64", "8@a0", "u64", "%a0", false },
	{ "riscv64", "-4@-20(s0)", "s32", "-20(%s0)", false },
	{ "riscv64", "-4@7", "s32", "\\7", false },
	{ "ppc64le", "8@30", "u64", "%gpr30", false },
	{ "ppc64le", "-4@%r9", "s32", "%gpr9", false },
	{ "ppc64le", "-4@i5", "s32", "\\5", false },
	{ "ppc64le", "4@8(1)", "u32", "+8(%gpr1)", false },
	{ "ppc64le", "4@-8(31)", "u32", "-8(%gpr31)", false },
	{ "s390x", "8@%r2", "u64", "%r2", false },
	{ "s390x", "-4@164(%r15)", "s32", "+164(%r15)", false },
	{ "s390x", "-4@-7", "s32", "\\-7", false },
	{ "s390x", "8@8(%r1,%r2)", NULL, "sum of two registers", false },
	{ "loongarch64", "8@$r4", "u64", "%r4", false },
	{ "loongarch64", "-4@$r22,-20", "s32", "-20(%r22)", false },
	{ "loongarch64", "-4@12", "s32", "\\12", false },
};

static const struct machine {
	const char *name;
	unsigned number;
	int wide, big_endian;
} machines[] = {
	{ "x86-64", EM_X86_64, 1, 0 },	 { "arm64", EM_AARCH64, 1, 0 },	 { "32-bit x86", EM_386, 0, 0 },
	{ "32-bit arm", EM_ARM, 0, 0 },	 { "riscv64", EM_RISCV, 1, 0 },	 { "ppc64le", EM_PPC64, 1, 0 },
	{ "s390x", EM_S390, 1, 1 },	 { "loongarch64", EM_LOONGARCH, 1, 0 },
};

static void check_operand(struct usdt *u, const struct usdt_note *note, const struct operand_row *row)
{
	_cleanup_(str_release) struct str fetch = STR_INIT;
	struct arena *a = arena_new();
	struct usdt_operand *v;
	const char *why = "";
	bool ok;

	if (usdt_operands(u, note, &v) != 1) {
		printf("%s is not one operand\n", row->text);
		unit_failures++;
		return;
	}
	ok = usdt_operand_fetch(u, note, v, &fetch, &why);
	if (ok != (row->type != NULL) || (ok ? strcmp(fetch.s, row->fetch) != 0 : !strstr(why, row->fetch))) {
		printf("%s, %s: %s, want %s\n", row->machine, row->text, ok ? fetch.s : why, row->fetch);
		unit_failures++;
	}
	if (ok && row->type)
		CHECK_STR(usdt_operand_type(a, v), row->type);
	arena_free(a);
}

/* All operands of one machine and kind of file are probes of one file: the name is the row's number. */
static void test_operands(const struct machine *m, bool fixed)
{
	const struct usdt_note *v;
	struct elf_file *e;
	struct usdt *u;
	struct bytes b;
	char name[16];
	size_t n;

	notes_begin(&b, m->wide, m->big_endian);
	for (size_t i = 0; i < ARRAY_LEN(operands); i++) {
		snprintf(name, sizeof(name), "%zu", i);
		if (strcmp(operands[i].machine, m->name) == 0 && operands[i].fixed == fixed)
			notes_add(&b, NOTES_TEXT + 8, NOTES_BASE, 0, "demo", name, operands[i].text);
	}
	notes_end(&b, m->number, fixed);
	e = open_bytes(&b);
	CHECK_STR(elf_arch(e) ? elf_arch(e)->name : "none", m->name);
	u = usdt_read(e);
	v = usdt_notes(u, &n);
	for (size_t i = 0; i < n; i++)
		check_operand(u, &v[i], &operands[atoi(v[i].name)]);
	usdt_free(u);
	elf_close(e);
	free(b.p);
}

/* Blanks in brackets part nothing. */
static void test_lists(void)
{
	static const char *const wanted[] = { "8@x0", "-4@[sp, 12]", "1@[x29, #-1]", "8@7" };
	const struct usdt_note *v;
	struct usdt_operand *list;
	struct elf_file *e;
	struct usdt *u;
	struct bytes b;
	size_t n;

	notes_begin(&b, 1, 0);
	notes_add(&b, NOTES_TEXT, 0, 0, "demo", "list", "  8@x0 -4@[sp, 12]\t1@[x29, #-1]  8@7 ");
	notes_end(&b, EM_AARCH64, 0);
	e = open_bytes(&b);
	u = usdt_read(e);
	v = usdt_notes(u, &n);
	CHECK_INT(n, 1);
	n = usdt_operands(u, v, &list);
	CHECK_INT(n, ARRAY_LEN(wanted));
	for (size_t i = 0; i < n && i < ARRAY_LEN(wanted); i++)
		CHECK_STR(list[i].text, wanted[i]);
	usdt_free(u);
	elf_close(e);
	free(b.p);
}

int main(void)
{
	snprintf(path, sizeof(path), "/tmp/unit_usdt_%d", (int)getpid());
	test_base(NOTES_BASE, 0);
	test_base(NOTES_BASE - 0x4000, 0x4000);
	test_base(NOTES_BASE + 0x100, (uint64_t)-0x100);
	test_broken();
	test_hostile();
	test_many();
	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		test_operands(&machines[i], false);
		test_operands(&machines[i], true);
	}
	test_lists();
	unlink(path);
	return unit_end();
}
