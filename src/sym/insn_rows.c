/* insn_rows.c - may a uprobe sit here, on machines whose instructions are known by a few rows only?
 *
 * For x86 and arm64 there is a decoder, and rules that were tried (insn.c). For the others there is neither a
 * decoder in every distribution nor a machine to try, but two things can be known all the same:
 *
 *  - How long an instruction is, and so where instructions begin: always four bytes, or told by the first
 *    bits (riscv: two when the lowest two bits are not both one; s390: two, four or six by the highest two).
 *  - What the kernel refuses: its own tables (arch/MACHINE/kernel/ uprobes.c and probes/) are short, and
 *    written here again. It refuses without a word while no process has the file mapped.
 *
 * So a function's first instruction can be allowed: nothing comes before it that a breakpoint could tear
 * apart. Further in there may be, such as the sequence that changes memory atomically, whose store fails for
 * ever when something comes between (load-reserved and store-conditional): only --force goes there.
 *
 * One more machine is one more row.
 */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sym/sym.h"

enum { LONGEST = 8, MAX_WALKED = 8 << 20 };

#define NEVER "is one that the kernel refuses, and without a word while no process has the file mapped: the " \
	"probe would never fire"

struct refused {
	uint64_t mask, value;
	bool forceable;
	const char *why;		/* goes on after "the instruction there " */
};

/* ---- riscv: arch/riscv/kernel/probes/decode-insn.c ---- */

static unsigned riscv_length(const unsigned char *b)
{
	return (b[0] & 3) == 3 ? 4 : 2;
}

static uint64_t riscv_value(const unsigned char *b)
{
	uint64_t low = b[0] | b[1] << 8;

	return riscv_length(b) == 2 ? low : low | b[2] << 16 | (uint64_t)b[3] << 24;
}

static const struct refused riscv_refused[] = {
	{ 0x7f, 0x73, false, NEVER },			/* ecall, ebreak, csr */
	{ 0x7f, 0x0f, false, NEVER },			/* fence */
	{ 0xffff, 0x9002, false, NEVER },		/* c.ebreak */
	{ 0, 0, false, NULL }
};

/* ---- machines whose instructions are words of four bytes ---- */

static unsigned word_length(const unsigned char *b)
{
	return 4;
}

static uint64_t word_value(const unsigned char *b)
{
	return b[0] | b[1] << 8 | b[2] << 16 | (uint64_t)b[3] << 24;
}

/* arch/arm/probes/decode-arm.c. The condition is in the upper four bits; without one (f) it is another
 * instruction, of which only few are refused. */
static const struct refused arm_refused[] = {
	{ 0x0f000000, 0x0f000000, false, NEVER },	/* svc */
	{ 0x0ff000f0, 0x01200070, false, NEVER },	/* bkpt */
	{ 0x0ff000f0, 0x01200020, false, NEVER },	/* bxj */
	{ 0x0f8000f0, 0x01800090, false, NEVER },	/* ldrex, strex */
	{ 0xfe500000, 0xf8100000, false, NEVER },	/* rfe */
	{ 0xfe500000, 0xf8400000, false, NEVER },	/* srs */
	{ 0, 0, false, NULL }
};

/* arch/powerpc: can_single_step(), and prefixed instructions. */
static unsigned power_length(const unsigned char *b)
{
	return b[3] >> 2 == 1 ? 8 : 4;
}

static const struct refused power_refused[] = {
	{ 0xfc0007fe, 0x7c000124, false, NEVER },	/* mtmsr */
	{ 0xfc0007fe, 0x7c000164, false, NEVER },	/* mtmsrd */
	{ 0xfc0007fe, 0x4c000064, false, NEVER },	/* rfi */
	{ 0xfc0007fe, 0x4c000024, false, NEVER },	/* rfid */
	{ 0xfc0007fe, 0x7c000008, false, NEVER },	/* tw */
	{ 0xfc0007fe, 0x7c000088, false, NEVER },	/* td */
	{ 0xf8000000, 0x08000000, false, NEVER },	/* tdi, twi */
	{ 0xfc000002, 0x44000002, false, NEVER },	/* sc */
	{ 0xfc000000, 0x04000000, true,
	  "is a prefixed one of 8 bytes, of which older kernels would run the half" },
	{ 0, 0, false, NULL }
};

/* arch/loongarch/kernel/inst.c: insns_not_supported() */
static const struct refused loongarch_refused[] = {
	{ 0xfc000000, 0x20000000, false, NEVER },	/* ll, sc */
	{ 0xfff00000, 0x38600000, false, NEVER },	/* am*: atomic memory access */
	{ 0xfffe0000, 0x38700000, false, NEVER },
	{ 0xfc000000, 0x48000000, false, NEVER },	/* bceqz, bcnez */
	{ 0xfffe0000, 0x002a0000, false, NEVER },	/* break, syscall */
	{ 0, 0, false, NULL }
};

/* ---- s390: arch/s390/kernel/kprobes_insn_page and probe_is_prohibited_opcode() ---- */

static unsigned s390_length(const unsigned char *b)
{
	return b[0] < 0x40 ? 2 : b[0] < 0xc0 ? 4 : 6;
}

/* The first six bytes, most significant first. */
static uint64_t s390_value(const unsigned char *b)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 6; i++)
		value = value << 8 | b[i];
	return value;
}

#define S390_8(op) { 0xffULL << 40, (uint64_t)(op) << 40, false, NEVER }
#define S390_16(op) { 0xffffULL << 32, (uint64_t)(op) << 32, false, NEVER }

static const struct refused s390_refused[] = {
	S390_8(0x0c), S390_8(0x0b), S390_8(0x83), S390_8(0x44),	/* bassm, bsm, diag, ex */
	S390_8(0xac), S390_8(0xad), S390_8(0x0a),		/* stnsm, stosm, svc */
	S390_16(0x0101), S390_16(0xb25a), S390_16(0xb240),	/* pr, bsa, bakr */
	S390_16(0xb258), S390_16(0xb218), S390_16(0xb228),	/* bsg, pc, pt */
	S390_16(0xb98d), S390_16(0xe560), S390_16(0xe561),	/* epsw, tbegin, tbeginc */
	S390_16(0xb2f8),					/* tend */
	{ 0xff0fULL << 32, 0xc600ULL << 32, false, NEVER },	/* exrl */
	{ 0, 0, false, NULL }
};

/* ---- the machines ---- */

static const struct machine {
	int machine;
	unsigned align;				/* instructions begin at multiples of so many bytes */
	unsigned (*length)(const unsigned char *b);
	uint64_t (*value)(const unsigned char *b);
	const struct refused *refused;		/* .mask 0 ends */
} machines[] = {
	{ EM_ARM, 4, word_length, word_value, arm_refused },
	{ EM_RISCV, 2, riscv_length, riscv_value, riscv_refused },
	{ EM_PPC64, 4, power_length, word_value, power_refused },
	{ EM_S390, 2, s390_length, s390_value, s390_refused },
	{ EM_LOONGARCH, 4, word_length, word_value, loongarch_refused },
};

static const struct machine *machine_of(const struct elf_file *e)
{
	for (size_t i = 0; elf_arch(e) && i < ARRAY_LEN(machines); i++)
		if (machines[i].machine == elf_machine(e))
			return &machines[i];
	return NULL;
}

bool insn_rows_known(const struct elf_file *e)
{
	return machine_of(e) != NULL;
}

/* ---- the check ---- */

static void check_instruction(const struct machine *m, struct elf_file *e, uint64_t address,
			      struct insn_check *out)
{
	unsigned char b[LONGEST] = { 0 };
	size_t n = elf_bytes(e, address, b, sizeof(b));
	uint64_t value = m->value(b);

	if (n < m->length(b)) {
		insn_refuse(out, false, "the file ends within the instruction there");
		return;
	}
	out->length = m->length(b);
	for (const struct refused *r = m->refused; r->mask; r++)
		if ((value & r->mask) == r->value) {
			insn_refuse(out, r->forceable, "the instruction there %s", r->why);
			return;
		}
}

/* Does an instruction begin at the address, counted from the function's start? */
static bool begins_at(const struct machine *m, struct elf_file *e, uint64_t start, uint64_t address,
		      struct insn_check *out)
{
	unsigned char b[LONGEST];

	if (address - start > MAX_WALKED) {
		insn_refuse(out, true, "it is too far behind the function's start to count instructions up to it");
		return false;
	}
	for (uint64_t at = start; at < address; at += m->length(b)) {
		memset(b, 0, sizeof(b));
		elf_bytes(e, at, b, sizeof(b));
		if (m->length(b) > address - at) {
			insn_refuse(out, false, "the offset is inside the instruction at +%#llx: the program would run "
			       "into something else", (unsigned long long)(at - start));
			return false;
		}
	}
	return true;
}

void insn_check_rows(struct elf_file *e, const uint64_t *start, unsigned entry, uint64_t address, bool ret,
		     struct insn_check *out)
{
	const struct machine *m = machine_of(e);
	bool at_entry = start && (address == *start || address == *start + entry);

	if (address % m->align)
		insn_refuse(out, false, "the offset is inside an instruction: all begin at multiples of %u", m->align);
	if (out->ok && start)
		begins_at(m, e, *start, address, out);
	if (out->ok)
		check_instruction(m, e, address, out);
	if (!out->ok || at_entry)
		return;
	if (ret && start)
		insn_refuse(out, false, "a return probe must sit at the function's first instruction: later the return "
		       "address may be elsewhere");
	else
		insn_refuse(out, true, "trapline knows %s's instructions only by their length: it is sure of a "
		       "function's first one, and cannot tell what a breakpoint at this place would do",
		       elf_arch(e)->name);
}
