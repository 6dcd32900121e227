/* The rows of sym/arch.c: register names, argument places, pointers. */
#include <elf.h>

#include "sym/sym.h"
#include "unit.h"

static const char *argument(const struct arch *a, unsigned n)
{
	static struct str s;

	str_clear(&s);
	return arch_argument(a, n, &s) ? s.s : "(none)";
}

static void test_registers(void)
{
	static const struct { int machine; const char *name, *kernel, *type; } rows[] = {
		{ EM_X86_64, "rdi", "di", NULL }, { EM_X86_64, "edi", "di", "x32" },
		{ EM_X86_64, "di", "di", NULL }, { EM_X86_64, "dil", "di", "x8" },
		{ EM_X86_64, "ax", "ax", NULL }, { EM_X86_64, "rax", "ax", NULL },
		{ EM_X86_64, "al", "ax", "x8" }, { EM_X86_64, "ah", "ah", NULL },
		{ EM_X86_64, "r8", "r8", NULL }, { EM_X86_64, "r8d", "r8", "x32" },
		{ EM_X86_64, "r15w", "r15", "x16" }, { EM_X86_64, "r10b", "r10", "x8" },
		{ EM_X86_64, "rip", "ip", NULL }, { EM_X86_64, "rsp", "sp", NULL },
		{ EM_X86_64, "orig_ax", "orig_ax", NULL }, { EM_X86_64, "nonsense", "nonsense", NULL },
		{ EM_AARCH64, "x0", "x0", NULL }, { EM_AARCH64, "w0", "x0", "x32" },
		{ EM_AARCH64, "w30", "x30", "x32" }, { EM_AARCH64, "fp", "x29", NULL },
		{ EM_AARCH64, "lr", "lr", NULL }, { EM_AARCH64, "xzr", "xzr", NULL },
		{ EM_AARCH64, "wsp", "sp", "x32" },
		{ EM_386, "eax", "ax", NULL }, { EM_386, "ax", "ax", NULL }, { EM_386, "cl", "cx", "x8" },
		{ EM_386, "esp", "sp", NULL }, { EM_386, "eip", "ip", NULL }, { EM_386, "rdi", "-", NULL },
		{ EM_386, "r8", "-", NULL }, { EM_386, "r15d", "-", NULL }, { EM_386, "orig_ax", "orig_ax", NULL },
		{ EM_ARM, "r0", "r0", NULL }, { EM_ARM, "a1", "r0", NULL }, { EM_ARM, "r11", "fp", NULL },
		{ EM_ARM, "r12", "ip", NULL }, { EM_ARM, "r13", "sp", NULL }, { EM_ARM, "r15", "pc", NULL },
		{ EM_RISCV, "x10", "a0", NULL }, { EM_RISCV, "a0", "a0", NULL }, { EM_RISCV, "x1", "ra", NULL },
		{ EM_RISCV, "fp", "s0", NULL }, { EM_RISCV, "x31", "t6", NULL }, { EM_RISCV, "pc", "epc", NULL },
		{ EM_PPC64, "r3", "gpr3", NULL }, { EM_PPC64, "gpr31", "gpr31", NULL },
		{ EM_PPC64, "lr", "link", NULL }, { EM_PPC64, "pc", "nip", NULL }, { EM_PPC64, "ctr", "ctr", NULL },
		{ EM_S390, "r2", "r2", NULL }, { EM_S390, "sp", "r15", NULL }, { EM_S390, "r14", "r14", NULL },
		{ EM_LOONGARCH, "a0", "r4", NULL }, { EM_LOONGARCH, "ra", "r1", NULL },
		{ EM_LOONGARCH, "t8", "r20", NULL }, { EM_LOONGARCH, "s0", "r23", NULL },
		{ EM_LOONGARCH, "pc", "csr_era", NULL }, { EM_LOONGARCH, "r12", "r12", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *type, *kernel = arch_register(arch_by_machine(rows[i].machine), rows[i].name, &type);

		CHECK_STR(kernel ? kernel : "-", rows[i].kernel);
		CHECK_STR(type ? type : "-", rows[i].type ? rows[i].type : "-");
	}
}

static void test_known_names(void)
{
	const struct arch *x86 = arch_by_machine(EM_X86_64), *i386 = arch_by_machine(EM_386);
	const struct arch *loongarch = arch_by_machine(EM_LOONGARCH), *arm64 = arch_by_machine(EM_AARCH64);

	CHECK(arch_knows_register(x86, "rdi") && arch_knows_register(x86, "di") && arch_knows_register(x86, "r9"));
	CHECK(!arch_knows_register(x86, "prompt") && !arch_knows_register(x86, ""));
	CHECK(arch_knows_register(i386, "eax") && arch_knows_register(i386, "ax"));
	CHECK(!arch_knows_register(i386, "r8"));
	CHECK(arch_knows_register(loongarch, "a0") && arch_knows_register(loongarch, "r4"));
	CHECK(arch_knows_register(x86, "flags") && arch_knows_register(x86, "cs") && arch_knows_register(x86, "ss"));
	CHECK(arch_knows_register(x86, "orig_rax") && arch_knows_register(x86, "sp") && arch_knows_register(x86, "ip"));
	CHECK(arch_knows_register(arm64, "r0") && arch_knows_register(arm64, "r30") && !arch_knows_register(arm64, "r31"));
	CHECK(arch_knows_register(arm64, "pstate") && arch_knows_register(arm64, "lr") && arch_knows_register(arm64, "pc"));
}

/* All have names, and each is known by it. */
static void test_all_registers(void)
{
	static const int machines[] = { EM_X86_64, EM_AARCH64, EM_386, EM_ARM, EM_RISCV, EM_PPC64, EM_S390, EM_LOONGARCH };

	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		const struct arch *a = arch_by_machine(machines[i]);
		const char *name;
		unsigned n = 0;

		for (; (name = arch_register_at(a, n)); n++)
			CHECK(arch_knows_register(a, name));
		CHECK(n >= 8 && !arch_register_at(a, n + 1));
		for (unsigned k = 0; a->args[k]; k++)
			CHECK(arch_knows_register(a, a->args[k]));
	}
	/* RISC-V's x0 is number 0 to DWARF, and nothing to the kernel. */
	CHECK(!arch_knows_register(arch_by_machine(EM_RISCV), "zero") && !arch_dwarf_register(arch_by_machine(EM_RISCV), 0));
	CHECK_STR(arch_dwarf_register(arch_by_machine(EM_RISCV), 1), "ra");
	CHECK_STR(arch_register_at(arch_by_machine(EM_RISCV), 0), "ra");
}

/* Which kernel runs which programs. */
static void test_below(void)
{
	const struct arch *x86 = arch_by_machine(EM_X86_64), *i386 = arch_by_machine(EM_386);
	const struct arch *arm64 = arch_by_machine(EM_AARCH64), *arm = arch_by_machine(EM_ARM);

	CHECK(arch_is_below(i386, x86) && !i386->not_below);
	CHECK(arch_is_below(arm, arm64) && arm->not_below);
	CHECK(!arch_is_below(x86, i386) && !arch_is_below(i386, i386) && !arch_is_below(i386, arm64));
	CHECK(!arch_is_below(NULL, x86) && !arch_is_below(i386, NULL));
}

static void test_other_pointers(void)
{
	const struct arch *i386 = arch_by_machine(EM_386), *ppc = arch_by_machine(EM_PPC64);
	const struct arch *s390 = arch_by_machine(EM_S390), *loongarch = arch_by_machine(EM_LOONGARCH);

	CHECK(arch_is_pointer(i386, 0xffffd000, true) && arch_is_pointer(i386, 0x8048000, true));
	CHECK(!arch_is_pointer(i386, 0x100000000, true) && !arch_is_pointer(i386, 0x5566778812345678, true));
	CHECK(arch_is_pointer(i386, 0xc0100000, false) && !arch_is_pointer(i386, 0xffffffffc0100000, false));
	CHECK(arch_is_pointer(ppc, 0xc000000000001000, false) && !arch_is_pointer(ppc, 0x10001000, false));
	CHECK(arch_is_pointer(ppc, 0x7fffffffe000, true) && !arch_is_pointer(ppc, 0xc000000000001000, true));
	CHECK(arch_is_pointer(s390, 0x100000, false) && arch_is_pointer(s390, 0x3ff80001000, true));
	CHECK(arch_is_pointer(loongarch, 0x9000000000200000, false));
	CHECK(!arch_is_pointer(loongarch, 0x120000000, false));
}

static void test_arguments(const struct arch *x86, const struct arch *arm64)
{
	CHECK_STR(argument(x86, 0), "(none)");
	CHECK_STR(argument(x86, 1), "%di");
	CHECK_STR(argument(x86, 6), "%r9");
	CHECK_STR(argument(x86, 7), "+8(%sp)");
	CHECK_STR(argument(x86, 8), "+16(%sp)");
	CHECK_STR(argument(x86, 64), "+464(%sp)");
	CHECK_STR(argument(x86, 65), "(none)");
	CHECK_STR(argument(arm64, 1), "%x0");
	CHECK_STR(argument(arm64, 8), "%x7");
	CHECK_STR(argument(arm64, 9), "+0(%sp)");
	CHECK_STR(argument(arm64, 10), "+8(%sp)");
}

static void test_pointers(const struct arch *x86, const struct arch *arm64)
{
	CHECK(!arch_is_pointer(x86, 0, true) && !arch_is_pointer(x86, 4095, true));
	CHECK(arch_is_pointer(x86, 4096, true) && arch_is_pointer(x86, 0x7fffffffe000, true));
	CHECK(!arch_is_pointer(x86, 0xffff888000000000, true));
	CHECK(!arch_is_pointer(x86, 0x4141414141414141, true));
	CHECK(arch_is_pointer(x86, 0xffffffff81000000, false) && arch_is_pointer(x86, 0xffff888000000000, false));
	CHECK(!arch_is_pointer(x86, 0x7fffffffe000, false) && !arch_is_pointer(x86, 0, false));
	CHECK(arch_is_pointer(arm64, 0xaaaaaaaa0000, true));
	CHECK(arch_is_pointer(arm64, 0xb400ffffaaaa0000, true));		/* tagged */
	CHECK(!arch_is_pointer(arm64, 0x00f0000000000000, true));
	CHECK(arch_is_pointer(arm64, 0xffff800008000000, false));
	CHECK(!arch_is_pointer(arm64, 0x0000ffff00000000, false));
}

int main(void)
{
	const struct arch *x86 = arch_by_machine(EM_X86_64), *arm64 = arch_by_machine(EM_AARCH64);

	CHECK(x86 && arm64 && !arch_by_machine(EM_SPARC));
	CHECK(arch_host() != NULL);
	CHECK_STR(x86->return_address, "+0(%sp)");
	CHECK_STR(arm64->return_address, "%lr");
	test_registers();
	test_known_names();
	test_all_registers();
	test_below();
	test_other_pointers();
	test_arguments(x86, arm64);
	test_pointers(x86, arm64);
	return unit_end();
}
