/* arch.c - the table of machines.
 *
 * A function's arguments lie where the machine's calling convention (its ABI) puts them: the first few in
 * registers, the rest on the stack. The kernel lets a probe fetch registers, by names of its own (`di`,
 * not `rdi`), so a row of this table says which register holds argument N, at which distance from the stack
 * pointer the others begin, and which of the kernel's names a person means who writes `%edi` or `%w0`.
 *
 * The row is chosen by the machine in the ELF file, not by the host: every row is tested on every host.
 * One more machine is one more row.
 */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/os.h"
#include "base/str.h"
#include "sym/sym.h"

enum { MAX_ARGUMENT = 64, FIRST_PAGE = 4096 };

/* The part that is named decides the type: 32 bits of rdi are edi. The high byte registers (ah) are part
 * of no fetch type but a bit field, which the user must write himself: they stay unknown here. */
#define X86_LEGACY(r) \
	{ "r" r, r, NULL }, { "e" r, r, "x32" }
#define X86_NUMBERED(r) \
	{ r "d", r, "x32" }, { r "w", r, "x16" }, { r "b", r, "x8" }

static const struct reg_alias x86_aliases[] = {
	X86_LEGACY("ax"), X86_LEGACY("bx"), X86_LEGACY("cx"), X86_LEGACY("dx"),
	X86_LEGACY("si"), X86_LEGACY("di"), X86_LEGACY("bp"), X86_LEGACY("sp"), X86_LEGACY("ip"),
	{ "al", "ax", "x8" }, { "bl", "bx", "x8" }, { "cl", "cx", "x8" }, { "dl", "dx", "x8" },
	{ "sil", "si", "x8" }, { "dil", "di", "x8" }, { "bpl", "bp", "x8" }, { "spl", "sp", "x8" },
	X86_NUMBERED("r8"), X86_NUMBERED("r9"), X86_NUMBERED("r10"), X86_NUMBERED("r11"),
	X86_NUMBERED("r12"), X86_NUMBERED("r13"), X86_NUMBERED("r14"), X86_NUMBERED("r15"),
	{ "pc", "ip", NULL }, { "rflags", "flags", NULL }, { "eflags", "flags", "x32" },
	{ "orig_rax", "orig_ax", NULL },
	{ NULL, NULL, NULL }
};

static const struct reg_alias x86_high[] = {
	{ "ah", "ax", "b8@8/32" }, { "bh", "bx", "b8@8/32" }, { "ch", "cx", "b8@8/32" }, { "dh", "dx", "b8@8/32" },
	{ NULL, NULL, NULL }
};

/* r0 is bpftrace's name of x0. */
#define ARM64_W(n) { "w" #n, "x" #n, "x32" }, { "r" #n, "x" #n, NULL }

static const struct reg_alias arm64_aliases[] = {
	ARM64_W(0), ARM64_W(1), ARM64_W(2), ARM64_W(3), ARM64_W(4), ARM64_W(5), ARM64_W(6), ARM64_W(7),
	ARM64_W(8), ARM64_W(9), ARM64_W(10), ARM64_W(11), ARM64_W(12), ARM64_W(13), ARM64_W(14),
	ARM64_W(15), ARM64_W(16), ARM64_W(17), ARM64_W(18), ARM64_W(19), ARM64_W(20), ARM64_W(21),
	ARM64_W(22), ARM64_W(23), ARM64_W(24), ARM64_W(25), ARM64_W(26), ARM64_W(27), ARM64_W(28),
	ARM64_W(29), ARM64_W(30),
	{ "fp", "x29", NULL }, { "ip0", "x16", NULL }, { "ip1", "x17", NULL }, { "wsp", "sp", "x32" },
	{ "ip", "pc", NULL }, { "cpsr", "pstate", NULL },
	{ NULL, NULL, NULL }
};

/* In 32-bit x86 programs the numbered registers do not exist, and the named ones have 32 bits. */
#define I386_LEGACY(r) { "e" r, r, NULL }
#define I386_NONE(r) \
	{ r, NULL, NULL }, { r "d", NULL, NULL }, { r "w", NULL, NULL }, { r "b", NULL, NULL }

static const struct reg_alias i386_aliases[] = {
	I386_LEGACY("ax"), I386_LEGACY("bx"), I386_LEGACY("cx"), I386_LEGACY("dx"),
	I386_LEGACY("si"), I386_LEGACY("di"), I386_LEGACY("bp"), I386_LEGACY("sp"), I386_LEGACY("ip"),
	{ "al", "ax", "x8" }, { "bl", "bx", "x8" }, { "cl", "cx", "x8" }, { "dl", "dx", "x8" },
	{ "pc", "ip", NULL }, { "eflags", "flags", NULL },
	I386_NONE("r8"), I386_NONE("r9"), I386_NONE("r10"), I386_NONE("r11"),
	I386_NONE("r12"), I386_NONE("r13"), I386_NONE("r14"), I386_NONE("r15"),
	{ "rax", NULL, NULL }, { "rbx", NULL, NULL }, { "rcx", NULL, NULL }, { "rdx", NULL, NULL },
	{ "rsi", NULL, NULL }, { "rdi", NULL, NULL }, { "rbp", NULL, NULL }, { "rsp", NULL, NULL },
	{ "rip", NULL, NULL }, { "rflags", NULL, NULL },
	{ NULL, NULL, NULL }
};

#define SAME(name, kernel) { name, kernel, NULL }

/* r0..r10 are the kernel's own names; above them it has only the others. */
static const struct reg_alias arm_aliases[] = {
	SAME("a1", "r0"), SAME("a2", "r1"), SAME("a3", "r2"), SAME("a4", "r3"),
	SAME("v1", "r4"), SAME("v2", "r5"), SAME("v3", "r6"), SAME("v4", "r7"), SAME("v5", "r8"),
	SAME("v6", "r9"), SAME("sb", "r9"), SAME("v7", "r10"), SAME("sl", "r10"),
	SAME("r11", "fp"), SAME("r12", "ip"), SAME("r13", "sp"), SAME("r14", "lr"), SAME("r15", "pc"),
	{ NULL, NULL, NULL }
};

static const struct reg_alias riscv_aliases[] = {
	SAME("x1", "ra"), SAME("x2", "sp"), SAME("x3", "gp"), SAME("x4", "tp"),
	SAME("x5", "t0"), SAME("x6", "t1"), SAME("x7", "t2"), SAME("x8", "s0"), SAME("x9", "s1"),
	SAME("x10", "a0"), SAME("x11", "a1"), SAME("x12", "a2"), SAME("x13", "a3"),
	SAME("x14", "a4"), SAME("x15", "a5"), SAME("x16", "a6"), SAME("x17", "a7"),
	SAME("x18", "s2"), SAME("x19", "s3"), SAME("x20", "s4"), SAME("x21", "s5"), SAME("x22", "s6"),
	SAME("x23", "s7"), SAME("x24", "s8"), SAME("x25", "s9"), SAME("x26", "s10"), SAME("x27", "s11"),
	SAME("x28", "t3"), SAME("x29", "t4"), SAME("x30", "t5"), SAME("x31", "t6"),
	SAME("fp", "s0"), SAME("lr", "ra"), SAME("pc", "epc"), SAME("ip", "epc"),
	{ NULL, NULL, NULL }
};

/* Newer kernels know r3 too; all know gpr3. Assemblers take the number alone. */
#define POWER(n) SAME("r" n, "gpr" n), SAME(n, "gpr" n)

static const struct reg_alias power_aliases[] = {
	POWER("0"), POWER("1"), POWER("2"), POWER("3"), POWER("4"), POWER("5"), POWER("6"), POWER("7"),
	POWER("8"), POWER("9"), POWER("10"), POWER("11"), POWER("12"), POWER("13"), POWER("14"), POWER("15"),
	POWER("16"), POWER("17"), POWER("18"), POWER("19"), POWER("20"), POWER("21"), POWER("22"), POWER("23"),
	POWER("24"), POWER("25"), POWER("26"), POWER("27"), POWER("28"), POWER("29"), POWER("30"), POWER("31"),
	SAME("sp", "gpr1"), SAME("lr", "link"), SAME("cr", "ccr"), SAME("pc", "nip"), SAME("ip", "nip"),
	{ NULL, NULL, NULL }
};

static const struct reg_alias s390_aliases[] = {
	SAME("sp", "r15"), SAME("lr", "r14"), SAME("ra", "r14"),
	SAME("r0", "r0"), SAME("r1", "r1"), SAME("r7", "r7"), SAME("r8", "r8"), SAME("r9", "r9"),
	SAME("r10", "r10"), SAME("r11", "r11"), SAME("r12", "r12"), SAME("r13", "r13"),
	{ NULL, NULL, NULL }
};

static const struct reg_alias loongarch_aliases[] = {
	SAME("zero", "r0"), SAME("ra", "r1"), SAME("lr", "r1"), SAME("tp", "r2"), SAME("sp", "r3"),
	SAME("a0", "r4"), SAME("a1", "r5"), SAME("a2", "r6"), SAME("a3", "r7"),
	SAME("a4", "r8"), SAME("a5", "r9"), SAME("a6", "r10"), SAME("a7", "r11"),
	SAME("v0", "r4"), SAME("v1", "r5"),
	SAME("t0", "r12"), SAME("t1", "r13"), SAME("t2", "r14"), SAME("t3", "r15"), SAME("t4", "r16"),
	SAME("t5", "r17"), SAME("t6", "r18"), SAME("t7", "r19"), SAME("t8", "r20"), SAME("u0", "r21"),
	SAME("fp", "r22"), SAME("s9", "r22"), SAME("s0", "r23"), SAME("s1", "r24"), SAME("s2", "r25"),
	SAME("s3", "r26"), SAME("s4", "r27"), SAME("s5", "r28"), SAME("s6", "r29"), SAME("s7", "r30"),
	SAME("s8", "r31"), SAME("pc", "csr_era"), SAME("era", "csr_era"),
	{ NULL, NULL, NULL }
};

static const char *const x86_args[] = { "di", "si", "dx", "cx", "r8", "r9", NULL };
static const char *const arm64_args[] = { "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", NULL };
static const char *const i386_args[] = { NULL };
static const char *const arm_args[] = { "r0", "r1", "r2", "r3", NULL };
static const char *const riscv_args[] = { "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", NULL };
static const char *const power_args[] = { "gpr3", "gpr4", "gpr5", "gpr6", "gpr7", "gpr8", "gpr9", "gpr10",
					  NULL };
static const char *const s390_args[] = { "r2", "r3", "r4", "r5", "r6", NULL };
static const char *const loongarch_args[] = { "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", NULL };

/* DWARF numbers registers in an order of its own for each machine; those behind the general ones cannot be fetched. */
static const char *const x86_dwarf[] = {
	"ax", "dx", "cx", "bx", "si", "di", "bp", "sp", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
	"r15", NULL
};
static const char *const i386_dwarf[] = {
	"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", NULL
};
static const char *const arm64_dwarf[] = {
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
	"x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28",
	"x29", "x30", "sp", NULL
};
static const char *const arm_dwarf[] = {
	"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "fp", "ip", "sp", "lr", "pc", NULL
};
static const char *const riscv_dwarf[] = {		/* x0, which is always 0, is none of the kernel's */
	"", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
	"a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", NULL
};
static const char *const power_dwarf[] = {
	"gpr0", "gpr1", "gpr2", "gpr3", "gpr4", "gpr5", "gpr6", "gpr7", "gpr8", "gpr9", "gpr10", "gpr11",
	"gpr12", "gpr13", "gpr14", "gpr15", "gpr16", "gpr17", "gpr18", "gpr19", "gpr20", "gpr21", "gpr22",
	"gpr23", "gpr24", "gpr25", "gpr26", "gpr27", "gpr28", "gpr29", "gpr30", "gpr31", NULL
};
static const char *const s390_dwarf[] = {
	"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
	"r15", NULL
};
static const char *const loongarch_dwarf[] = {
	"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
	"r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28",
	"r29", "r30", "r31", NULL
};

/* What the kernel fetches beside them. */
static const char *const x86_others[] = { "ip", "flags", "cs", "ss", "orig_ax", NULL };
static const char *const arm64_others[] = { "lr", "pc", "pstate", NULL };
static const char *const arm_others[] = { "cpsr", NULL };
static const char *const riscv_others[] = { "epc", "status", "badaddr", "cause", "orig_a0", NULL };
static const char *const power_others[] = { "nip", "msr", "orig_gpr3", "ctr", "link", "xer", "ccr", "trap", "dar",
					    "dsisr", NULL };
static const char *const s390_others[] = { NULL };
static const char *const loongarch_others[] = { "orig_a0", "csr_era", "csr_badvaddr", "csr_crmd", "csr_prmd", "csr_euen",
						"csr_ecfg", "csr_estat", NULL };

static const struct arch rows[] = {
	{
		.name = "x86-64", .machine = EM_X86_64, .word = 8,
		.args = x86_args, .stack_first = 8, .cfa = 8,	/* above the return address */
		.result = "ax", .sp = "sp", .ip = "ip", .return_address = "+0(%sp)",
		.aliases = x86_aliases, .dwarf = x86_dwarf, .others = x86_others,
		.operands = { "%", "$", '(', x86_high }, .va_bits = 47,
	},
	{
		.name = "arm64", .machine = EM_AARCH64, .word = 8,
		.args = arm64_args, .stack_first = 0,		/* the return address is in lr */
		.result = "x0", .sp = "sp", .ip = "pc", .return_address = "%lr",
		.aliases = arm64_aliases, .dwarf = arm64_dwarf, .others = arm64_others,
		.operands = { "", "", '[', NULL }, .va_bits = 52,
		.tag_mask = 0xffULL << 56,			/* top byte ignore */
	},
	{
		.name = "32-bit x86", .machine = EM_386, .word = 4,
		.args = i386_args, .stack_first = 4, .cfa = 4,
		.result = "ax", .sp = "sp", .ip = "ip", .return_address = "+0(%sp)",
		.aliases = i386_aliases, .dwarf = i386_dwarf, .others = x86_others,
		.operands = { "%", "$", '(', x86_high }, .va_bits = 32, .kernel_first = FIRST_PAGE,
		.runs_below = EM_X86_64,
	},
	{
		.name = "32-bit arm", .machine = EM_ARM, .word = 4,
		.args = arm_args, .stack_first = 0,
		.result = "r0", .sp = "sp", .ip = "pc", .return_address = "%lr",
		.aliases = arm_aliases, .dwarf = arm_dwarf, .others = arm_others,
		.operands = { "", "#", '[', NULL }, .va_bits = 32, .kernel_first = FIRST_PAGE,
		.runs_below = EM_AARCH64,
		.not_below = "64-bit kernels of arm64 refuse to put breakpoints into 32-bit programs",
	},
	{
		.name = "riscv64", .machine = EM_RISCV, .word = 8,
		.args = riscv_args, .stack_first = 0,
		.result = "a0", .sp = "sp", .ip = "epc", .return_address = "%ra",
		.aliases = riscv_aliases, .dwarf = riscv_dwarf, .others = riscv_others,
		.operands = { "", "", '(', NULL }, .va_bits = 56,
	},
	{
		/* ELFv2: 32 bytes of the caller's frame, then room for the eight that are in registers */
		.name = "ppc64le", .machine = EM_PPC64, .word = 8,
		.args = power_args, .stack_first = 96,
		.result = "gpr3", .sp = "gpr1", .ip = "nip", .return_address = "%link",
		.aliases = power_aliases, .dwarf = power_dwarf, .others = power_others,
		.operands = { "", "i", '(', NULL }, .va_bits = 52, .kernel_first = 0xcULL << 60,
	},
	{
		/* 160 bytes of the caller's frame are for the registers that the callee saves; user and kernel
		 * addresses are spaces of their own, so a kernel's may be any */
		.name = "s390x", .machine = EM_S390, .word = 8, .big_endian = true,
		.args = s390_args, .stack_first = 160, .cfa = 160,
		.result = "r2", .sp = "r15", .return_address = "%r14",
		.aliases = s390_aliases, .dwarf = s390_dwarf, .others = s390_others,
		.operands = { "%", "", '(', NULL }, .va_bits = 63, .kernel_first = FIRST_PAGE,
	},
	{
		.name = "loongarch64", .machine = EM_LOONGARCH, .word = 8,
		.args = loongarch_args, .stack_first = 0,
		.result = "r4", .sp = "r3", .ip = "csr_era", .return_address = "%r1",
		.aliases = loongarch_aliases, .dwarf = loongarch_dwarf, .others = loongarch_others,
		.operands = { "$", "", ',', NULL }, .va_bits = 56, .kernel_first = 1ULL << 63,
	},
};

const struct arch *arch_by_machine(int machine)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].machine == machine)
			return &rows[i];
	return NULL;
}

/* uname tells the kernel's machine, also to a 32-bit program below it. */
const struct arch *arch_host(void)
{
	static const struct { const char *uname; int machine; } machines[] = {
		{ "x86_64", EM_X86_64 }, { "aarch64", EM_AARCH64 }, { "armv8l", EM_AARCH64 },
		{ "i386", EM_386 }, { "i486", EM_386 }, { "i586", EM_386 }, { "i686", EM_386 },
		{ "armv5tejl", EM_ARM }, { "armv6l", EM_ARM }, { "armv7l", EM_ARM },
		{ "riscv64", EM_RISCV }, { "ppc64le", EM_PPC64 }, { "s390x", EM_S390 },
		{ "loongarch64", EM_LOONGARCH },
	};
	struct utsname u;

	if (uname(&u) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(machines); i++)
		if (strcmp(u.machine, machines[i].uname) == 0)
			return arch_by_machine(machines[i].machine);
	return NULL;
}

bool arch_is_below(const struct arch *a, const struct arch *host)
{
	return a && host && a->runs_below == host->machine;
}

const char *arch_register(const struct arch *a, const char *name, const char **type)
{
	*type = NULL;
	for (const struct reg_alias *r = a->aliases; r->name; r++)
		if (strcmp(r->name, name) == 0) {
			*type = r->type;
			return r->kernel;
		}
	return name;
}

const char *arch_dwarf_register(const struct arch *a, unsigned n)
{
	for (unsigned i = 0; a->dwarf[i]; i++)
		if (i == n)
			return *a->dwarf[i] ? a->dwarf[i] : NULL;
	return NULL;
}

const char *arch_register_at(const struct arch *a, unsigned i)
{
	unsigned counted = 0;

	i += !*a->dwarf[0];
	while (a->dwarf[counted])
		counted++;
	if (i < counted)
		return a->dwarf[i];
	for (unsigned k = 0; a->others[k]; k++)
		if (k == i - counted)
			return a->others[k];
	return NULL;
}

bool arch_knows_register(const struct arch *a, const char *name)
{
	const char *type, *kernel = arch_register(a, name, &type), *own;

	for (unsigned i = 0; kernel && (own = arch_register_at(a, i)); i++)
		if (strcmp(own, kernel) == 0)
			return true;
	return false;
}

bool arch_argument(const struct arch *a, unsigned n, struct str *out)
{
	unsigned in_registers = 0;

	if (n == 0 || n > MAX_ARGUMENT || !a->args)
		return false;
	while (a->args[in_registers])
		in_registers++;
	if (n <= in_registers)
		str_addf(out, "%%%s", a->args[n - 1]);
	else
		str_addf(out, "+%u(%%%s)", a->stack_first + (n - in_registers - 1) * a->word, a->sp);
	return true;
}

/* Five-level page tables (la57) give x86 programs 56 bits of their own instead of 47. */
static bool host_has_la57(void)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	static int known = -1;

	if (known < 0)
		known = os_read_file(AT_FDCWD, "/proc/cpuinfo", &text) == 0 &&
			strstr(text.s ? text.s : "", " la57") != NULL;
	return known;
}

static unsigned user_bits(const struct arch *a)
{
	return a->machine == EM_X86_64 && host_has_la57() ? 56 : a->va_bits;
}

bool arch_is_pointer(const struct arch *a, uint64_t value, bool user)
{
	unsigned bits = user_bits(a);

	if (!user)			/* the upper half: every bit above the address bits is one */
		return (value | a->tag_mask) >= (a->kernel_first ? a->kernel_first : ~0ULL << bits) &&
		       (a->word == 8 || value >> 32 == 0);
	value &= ~a->tag_mask;
	return value >= FIRST_PAGE && value >> bits == 0;
}
