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
	{ NULL, NULL, NULL }
};

#define ARM64_W(n) { "w" #n, "x" #n, "x32" }

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

static const char *const x86_args[] = { "di", "si", "dx", "cx", "r8", "r9", NULL };
static const char *const arm64_args[] = { "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", NULL };

static const struct arch rows[] = {
	{
		.name = "x86-64", .machine = EM_X86_64, .word = 8,
		.args = x86_args, .stack_first = 8,		/* above the return address */
		.sp = "sp", .ip = "ip", .return_address = "+0(%sp)",
		.aliases = x86_aliases, .va_bits = 47, .tag_mask = 0,
	},
	{
		.name = "arm64", .machine = EM_AARCH64, .word = 8,
		.args = arm64_args, .stack_first = 0,		/* the return address is in lr */
		.sp = "sp", .ip = "pc", .return_address = "%lr",
		.aliases = arm64_aliases, .va_bits = 52,
		.tag_mask = 0xffULL << 56,			/* top byte ignore */
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
	};
	struct utsname u;

	if (uname(&u) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(machines); i++)
		if (strcmp(u.machine, machines[i].uname) == 0)
			return arch_by_machine(machines[i].machine);
	return NULL;
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

bool arch_argument(const struct arch *a, unsigned n, struct str *out)
{
	unsigned in_registers = 0;

	if (n == 0 || n > MAX_ARGUMENT)
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
		return (value | a->tag_mask) >= ~0ULL << bits;
	value &= ~a->tag_mask;
	return value >= FIRST_PAGE && value >> bits == 0;
}
