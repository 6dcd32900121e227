/* Which sites sym/insn.c allows. The forms of tests/live/insn_target.c, each with its verdict, are compiled
 * and asked for; then the rules that need more than one instruction, on small functions of fixtures/insn.s. */
#include <elf.h>

#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"
#include "fixtures/arm64.h"

static struct elf_file *open_fixture(const char *name)
{
	struct elf_file *e;
	const char *why = "";
	int r = elf_open(fixture(name), &e, &why);

	if (r != 0) {
		printf("%s: %d %s\n", name, r, why);
		exit(1);
	}
	return e;
}

static struct symbol find(struct elf_file *e, const char *name)
{
	struct symbol *v, s = { 0 };
	int n = elf_find(e, name, &v);

	if (n != 1)
		printf("%s: found %d times\n", name, n);
	if (n > 0)
		s = v[0];
	CHECK(n == 1);
	free(v);
	return s;
}

static struct insn_check check_at(struct elf_file *e, const char *name, uint64_t offset, bool ret)
{
	struct symbol s = find(e, name);
	struct insn_check c;

	insn_check(e, &s, s.address + offset, ret, &c);
	return c;
}

/* Every form has the verdict that stands beside it. */
static void test_forms(const char *source, const char *flags, unsigned least)
{
	char name[64], verdict[16], symbol[80];
	struct elf_file *e;
	unsigned n = 0;
	FILE *list;

	fixture_run("gcc -O1 %s -o target \"$S/tests/live/%s\" && ./target --list > list", flags, source);
	e = open_fixture("target");
	list = fopen(fixture("list"), "r");
	while (list && fscanf(list, "%63s %15s", name, verdict) == 2) {
		struct insn_check c;

		snprintf(symbol, sizeof(symbol), "form_%s", name);
		c = check_at(e, symbol, 0, false);
		if (c.ok != (strcmp(verdict, "allowed") == 0)) {
			printf("%s must be %s: %s\n", name, verdict, c.reason);
			unit_failures++;
		}
		CHECK(c.ok || c.reason[0]);
		n++;
	}
	CHECK(n >= least);
	if (list)
		fclose(list);
	elf_close(e);
}

static void test_costs(struct elf_file *e)
{
	static const struct { const char *form; enum insn_cost cost; } rows[] = {
		{ "nop1", INSN_EMULATED }, { "nop2", INSN_EMULATED }, { "nop5", INSN_EMULATED },
		{ "nop8", INSN_EMULATED }, { "nop9", INSN_STEPPED }, { "push_rbx", INSN_EMULATED },
		{ "push_r12", INSN_EMULATED }, { "push_rexw", INSN_STEPPED }, { "jmp_near", INSN_EMULATED },
		{ "jcc_near", INSN_EMULATED }, { "call_rel", INSN_EMULATED }, { "ret", INSN_STEPPED },
		{ "call_reg", INSN_STEPPED }, { "mov_reg", INSN_STEPPED }, { "endbr64", INSN_STEPPED },
		{ "vex_vpaddd", INSN_STEPPED }, { "push16", INSN_STEPPED },
	};
	char symbol[80];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(symbol, sizeof(symbol), "form_%s", rows[i].form);
		if (check_at(e, symbol, 0, false).cost != rows[i].cost) {
			printf("cost of %s\n", rows[i].form);
			unit_failures++;
		}
	}
}

static void test_texts(struct elf_file *e)
{
	CHECK_STR(check_at(e, "form_sub_rsp", 0, false).text, "sub $0x18,%rsp");
	CHECK_STR(check_at(e, "form_push_rbx", 0, false).text, "push %rbx");
	CHECK_STR(check_at(e, "form_ret", 0, false).text, "ret");
	CHECK_STR(check_at(e, "form_push_mem", 0, false).text, "pushq 8(%rdi)");
	CHECK_STR(check_at(e, "form_mov_load", 0, false).text, "mov 0x10(%rdi),%rax");
	CHECK(strstr(check_at(e, "form_skip_vpor", 0, false).reason, "`vpor %ymm1,%ymm2,%ymm0` has the opcode"));
}

/* fixtures/insn.s */
static void test_places(struct elf_file *e)
{
	struct insn_check c = check_at(e, "frame", 2, false);	/* push; mov %rsp,%rbp; sub; ... */

	CHECK(!c.ok && !c.forceable);
	CHECK_STR(c.reason, "the offset is inside `mov %rsp,%rbp` at +0x1: the program would run into something "
		  "else");
	CHECK(check_at(e, "frame", 0, false).ok);
	CHECK_INT(check_at(e, "frame", 0, false).length, 1);
	CHECK(check_at(e, "frame", 1, false).ok);
	CHECK(check_at(e, "frame", 0, true).ok);
	c = check_at(e, "frame", 1, true);			/* return probe after a push */
	CHECK(!c.ok && !c.forceable && strstr(c.reason, "stack pointer"));
	c = check_at(e, "branchy", 3, true);
	CHECK(check_at(e, "branchy", 3, false).ok);
	CHECK(check_at(e, "branchy", 3, true).ok);		/* only a test before it */
	c = check_at(e, "branchy", 5, true);
	CHECK(!c.ok && !c.forceable && strstr(c.reason, "branch"));
	c = check_at(e, "frame", 40, false);
	CHECK(!c.ok && !c.forceable && strstr(c.reason, "outside"));
	c = check_at(e, "table", 0, false);			/* a constant */
	CHECK(!c.ok && !c.forceable && strstr(c.reason, "executable"));
	c = check_at(e, "data_in_code", 0, false);
	CHECK(c.ok);
	c = check_at(e, "data_in_code", 5, false);		/* behind bytes that are no instruction */
	CHECK(!c.ok && c.forceable);
}

static void test_cheaper(struct elf_file *e)
{
	CHECK_INT(check_at(e, "landing_push", 0, false).cheaper, 4);
	CHECK_INT(check_at(e, "landing_push", 0, true).cheaper, 4);
	CHECK(check_at(e, "landing_push", 4, true).ok);
	CHECK_INT(check_at(e, "landing_push", 4, true).cost, INSN_EMULATED);
	CHECK_INT(check_at(e, "landing_mov", 0, false).cheaper, 0);
	CHECK_INT(check_at(e, "landing_loop", 0, false).cheaper, 0);	/* jumps back to the push */
	CHECK_INT(check_at(e, "landing_only", 0, false).cheaper, 0);	/* ends behind endbr64 */
	CHECK_INT(check_at(e, "frame", 0, false).cheaper, 0);
}

static bool kept(struct elf_file *e, const char *name, uint64_t offset, const char *reg)
{
	struct symbol s = find(e, name);

	return insn_register_kept(e, &s, s.address + offset, reg);
}

static void test_registers(struct elf_file *e)
{
	CHECK(kept(e, "frame", 1, "di") && !kept(e, "frame", 1, "sp"));
	CHECK(kept(e, "frame", 1, "bp") && !kept(e, "frame", 4, "bp"));
	CHECK(kept(e, "writes", 2, "si") && !kept(e, "writes", 2, "di"));	/* mov $1,%edi would be 5 */
	CHECK(kept(e, "writes", 2, "ax") && !kept(e, "writes", 4, "ax"));	/* xor %edi,%edi; mov $7,%al */
	CHECK(!kept(e, "writes", 6, "ax") && kept(e, "writes", 4, "cx"));
	CHECK(!kept(e, "writes", 6, "cx"));					/* mov $7,%ch */
	CHECK(kept(e, "writes", 6, "r9") && !kept(e, "writes", 9, "r9"));	/* xchg %r8,%r9 */
	CHECK(!kept(e, "writes", 9, "r8"));
	CHECK(!kept(e, "branchy", 5, "di"));					/* behind a branch */
	CHECK(!kept(e, "landing_loop", 5, "di"));				/* jumped into */
	CHECK(kept(e, "landing_loop", 0, "di"));
}

/* What a compiler moved out of a function is jumped to: no return probe there. */
static void test_cold(void)
{
	struct elf_file *e;
	struct symbol cold;
	struct insn_check c;

	fixture_run("gcc -O2 -o cold \"$S/tests/unit/fixtures/insn_cold.c\"");
	e = open_fixture("cold");
	CHECK(check_at(e, "framed_work", 0, true).ok && check_at(e, "main", 0, true).ok);
	CHECK(!elf_frame_moved(e, find(e, "framed_work").address));
	cold = find(e, "framed_work.cold");
	CHECK(elf_frame_moved(e, cold.address));
	insn_check(e, &cold, cold.address, false, &c);
	CHECK(c.ok);
	insn_check(e, &cold, cold.address, true, &c);
	CHECK(!c.ok && !c.forceable);
	insn_check(e, NULL, cold.address, true, &c);		/* without its name */
	CHECK(!c.ok && !c.forceable);
	elf_close(e);
}

/* Without a symbol the function is known by its FDE; without that it is not known at all. */
static void test_stripped(void)
{
	struct elf_file *full = open_fixture("places"), *e;
	struct symbol c_code = find(full, "c_code"), bare = find(full, "frame");
	struct insn_check c;

	fixture_run("strip -o stripped places");
	e = open_fixture("stripped");
	insn_check(e, NULL, c_code.address, false, &c);
	CHECK(c.ok);
	insn_check(e, NULL, bare.address, false, &c);		/* assembler without .cfi */
	CHECK(!c.ok && c.forceable && c.length == 1);
	elf_close(e);
	elf_close(full);
}

/* ---- arm64 ---- */

static struct insn_check arm64_check(const uint32_t *words, size_t n, size_t site, bool ret)
{
	struct symbol s = arm64_function(n);
	struct elf_file *e = arm64_file(words, n);
	struct insn_check c;

	insn_check(e, &s, s.address + site * 4, ret, &c);
	elf_close(e);
	return c;
}

static void test_arm64(void)
{
	enum { NOP = 0xd503201f, BTI_C = 0xd503245f, RET = 0xd65f03c0, PACIASP = 0xd503233f, B_2 = 0x14000002 };
	static const struct { uint32_t word; bool ok; enum insn_cost cost; } single[] = {
		{ NOP, true, INSN_EMULATED }, { BTI_C, true, INSN_STEPPED }, { PACIASP, true, INSN_STEPPED },
		{ RET, true, INSN_EMULATED }, { B_2, true, INSN_EMULATED },
		{ 0x97fffffe, true, INSN_EMULATED },		/* bl */
		{ 0x54000040, true, INSN_EMULATED },		/* b.eq */
		{ 0xb4000040, true, INSN_EMULATED },		/* cbz x0 */
		{ 0x36000040, true, INSN_EMULATED },		/* tbz w0, #0 */
		{ 0x90000000, true, INSN_EMULATED },		/* adrp x0 */
		{ 0xa9bf7bfd, true, INSN_STEPPED },		/* stp x29, x30, [sp, #-16]! */
		{ 0xd10083ff, true, INSN_STEPPED },		/* sub sp, sp, #32 */
		{ 0xd53bd040, true, INSN_STEPPED },		/* mrs x0, tpidr_el0 */
		{ 0x88dffc00, true, INSN_STEPPED },		/* ldar w0, [x0] */
		{ 0xc8a07c41, true, INSN_STEPPED },		/* cas x0, x1, [x2] */
		{ 0xd4000001, false, INSN_STEPPED },		/* svc #0 */
		{ 0xd4200000, false, INSN_STEPPED },		/* brk #0 */
		{ 0xd69f03e0, false, INSN_STEPPED },		/* eret */
		{ 0xd65f0bff, false, INSN_STEPPED },		/* retaa */
		{ 0xd51bd040, false, INSN_STEPPED },		/* msr tpidr_el0, x0 */
		{ 0xd503205f, false, INSN_STEPPED },		/* wfe */
		{ 0xd503203f, false, INSN_STEPPED },		/* yield */
		{ 0xc85f7c20, false, INSN_STEPPED },		/* ldxr x0, [x1] */
		{ 0x58000040, false, INSN_STEPPED },		/* ldr x0, literal */
		{ 0x9c000040, false, INSN_STEPPED },		/* ldr q0, literal */
	};
	static const uint32_t framed[] = { BTI_C, 0xa9bf7bfd, NOP, 0xa8c17bfd, RET };
	static const uint32_t loop[] = { 0xc85f7c20, 0x91000400, 0xc8027c20, 0x35ffffa2, RET };
	static const uint32_t landing[] = { BTI_C, NOP, RET };
	static const uint32_t compares[] = { 0xeb3063ff, 0xf10003ff, 0x6a01001f, 0x7200001f, 0xeb000021, RET };
	struct symbol s = { .name = "f", .address = ARM64_AT + CODE_AT, .size = sizeof(framed) };
	struct elf_file *e;

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		const uint32_t words[] = { single[i].word, RET, RET, RET };
		struct insn_check c = arm64_check(words, 4, 0, false);

		if (c.ok != single[i].ok || (c.ok && c.cost != single[i].cost)) {
			printf("arm64 %08x `%s`: ok %d cost %d %s\n", single[i].word, c.text, c.ok, c.cost, c.reason);
			unit_failures++;
		}
	}
	CHECK(arm64_check(framed, 5, 0, true).ok && arm64_check(framed, 5, 1, true).ok);
	CHECK(!arm64_check(framed, 5, 2, true).ok && arm64_check(framed, 5, 2, false).ok);
	CHECK(!arm64_check(loop, 5, 1, false).ok && strstr(arm64_check(loop, 5, 1, false).reason, "exclusive"));
	CHECK(!arm64_check(loop, 5, 1, false).forceable);
	CHECK(arm64_check(loop, 5, 3, false).ok);		/* behind the store */
	CHECK_INT(arm64_check(landing, 3, 0, true).cheaper, 4);
	CHECK_INT(arm64_check(framed, 5, 0, true).cheaper, 0);
	e = arm64_file(framed, 5);
	CHECK(insn_register_kept(e, &s, s.address + 8, "x0") && !insn_register_kept(e, &s, s.address + 8, "sp"));
	CHECK(insn_register_kept(e, &s, s.address + 12, "x30") && insn_register_kept(e, &s, s.address + 12, "lr"));
	CHECK(!insn_register_kept(e, &s, s.address + 16, "lr") && !insn_register_kept(e, &s, s.address + 16, "x30"));
	elf_close(e);
	/* cmp sp,x16; cmp sp,#0; tst w0,w1; tst w0,#1; subs x1,x1,x0 */
	e = arm64_file(compares, 6);
	s = arm64_function(6);
	CHECK(insn_register_kept(e, &s, s.address + 20, "sp") && insn_register_kept(e, &s, s.address + 16, "x0"));
	CHECK(insn_register_kept(e, &s, s.address + 16, "x1") && !insn_register_kept(e, &s, s.address + 20, "x1"));
	elf_close(e);
}

/* ---- 32-bit programs; fixtures/insn32.s ---- */

/* Can they be compiled, and run? */
static bool have_m32(void)
{
	char command[512];

	snprintf(command, sizeof(command), "cd '%s' && echo 'int main(void) { return 0; }' | "
		 "gcc -m32 -x c -o m32 - 2>/dev/null && ./m32", fixture_dir);
	return system(command) == 0;
}

static void expect_load(struct elf_file *e, const char *name, long long slot, long long at, const char *reg)
{
	struct symbol s = find(e, name);
	const char *found = "none";
	uint64_t address = 0;

	if (insn_find_load(e, &s, slot, &address, &found) != (at >= 0)) {
		printf("%s: slot %lld: %s\n", name, slot, found);
		unit_failures++;
	}
	if (at >= 0) {
		CHECK_INT(address - s.address, at);
		CHECK_STR(found, reg);
	}
}

static void test_i386(void)
{
	struct elf_file *e;
	struct insn_check c;

	fixture_run("as --32 -o i386.o \"$S/tests/unit/fixtures/insn32.s\" && "
		    "ld -m elf_i386 -e pushed -o i386 i386.o");
	e = open_fixture("i386");
	CHECK(check_at(e, "pushed", 0, true).ok && check_at(e, "pushed", 1, false).ok);
	CHECK(!check_at(e, "pushed", 1, true).ok);			/* the stack pointer has moved */
	CHECK(!check_at(e, "pushed", 3, false).ok && !check_at(e, "pushed", 3, false).forceable);
	CHECK_STR(check_at(e, "pushed", 2, false).text, "mov 0x18(%esp),%ebx");
	CHECK_INT(check_at(e, "pushed", 0, false).cost, INSN_EMULATED);
	CHECK_INT(check_at(e, "framed", 0, true).cheaper, 4);		/* endbr32, then a push */
	c = check_at(e, "looped", 4, false);
	CHECK(c.ok && c.cost == INSN_STEPPED && c.length == 1);		/* dec, which is REX elsewhere */
	CHECK(kept(e, "pushed", 10, "ax") && !kept(e, "pushed", 10, "bx") && !kept(e, "pushed", 10, "sp"));
	expect_load(e, "pushed", 16, 6, "bx");
	expect_load(e, "pushed", 4, 10, "cx");
	expect_load(e, "pushed", 8, 17, "dx");
	expect_load(e, "pushed", 12, -1, NULL);
	expect_load(e, "framed", 4, 21, "ax");
	expect_load(e, "framed", 8, 28, "dx");
	expect_load(e, "framed", 12, -1, NULL);
	expect_load(e, "looped", 4, -1, NULL);
	expect_load(e, "refused_next", 4, -1, NULL);
	elf_close(e);
}

int main(void)
{
	static const char m32[] = "-m32 -no-pie -fno-pie";
	struct elf_file *e;

	test_i386();
	if (have_m32())
		test_forms("insn32_target.c", m32, 130);
	else
		printf("no 32-bit compiler: the forms of 32-bit programs are not tried\n");
	test_forms("insn_target.c", "", 150);
	e = open_fixture("target");
	test_costs(e);
	test_texts(e);
	elf_close(e);
	fixture_run("gcc -O1 -o places \"$S/tests/unit/fixtures/insn.s\" \"$S/tests/unit/fixtures/insn_main.c\"");
	e = open_fixture("places");
	test_places(e);
	test_cheaper(e);
	test_registers(e);
	elf_close(e);
	test_cold();
	test_stripped();
	test_arm64();
	return unit_end();
}
