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
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *type, *kernel = arch_register(arch_by_machine(rows[i].machine), rows[i].name, &type);

		CHECK_STR(kernel, rows[i].kernel);
		CHECK_STR(type ? type : "-", rows[i].type ? rows[i].type : "-");
	}
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

	CHECK(x86 && arm64 && !arch_by_machine(EM_386));
	CHECK(arch_host() == x86 || arch_host() == arm64);
	CHECK_STR(x86->return_address, "+0(%sp)");
	CHECK_STR(arm64->return_address, "%lr");
	test_registers();
	test_arguments(x86, arm64);
	test_pointers(x86, arm64);
	return unit_end();
}
