/* insn.c - never harm the target: may a uprobe sit on this instruction?
 *
 * A uprobe replaces the first byte of an instruction by a breakpoint. When a program runs into it, the
 * kernel must still let the instruction happen, and it has two ways. A few simple ones (push, nop, jmp, jcc,
 * call) it *emulates*: it changes the registers itself, which costs some 700 ns. All others are copied into
 * a page apart (the "XOL area") and *single-stepped* there, after which the kernel repairs what depends on
 * the place, such as the instruction pointer: some 10 us.
 *
 * Both ways can go wrong, and the kernel does not always say so:
 *
 *  - The breakpoint must be the first byte of an instruction. The kernel does not look: with a breakpoint in
 *    the middle the program runs into something else. Where instructions begin can be known only by
 *    decoding from a place where one surely begins: the start of the function.
 *  - The kernel (arch/x86/kernel/uprobes.c) decides by the *opcode byte*, without noticing that a VEX or
 *    EVEX prefix makes the same byte another instruction. It emulates `vpor` (opcode eb) as a short jump:
 *    the vector operation is silently skipped.
 *  - Some instructions it refuses, with error 524; but only when some process has the file mapped just then.
 *    Otherwise everything succeeds, and the probe never fires.
 *  - Some see that they are not where they were (syscall), or that they are being stepped (pushf).
 *
 * So the rules of the kernel are written here again, as rows with their reason. Each was tried on a kernel
 * (6.18), and each has a form in tests/live/insn_target.c that is tried again by the tests. 32-bit programs of
 * x86 have some instructions more (the bytes 40..4f are inc and dec, no prefixes), and the kernel has a table of
 * its own for them: their forms are in tests/live/insn32_target.c. Other machines: insn_rows.c.
 *
 * Return probes add one more rule: they overwrite the return address, which they look for where the stack
 * pointer points. After the first push it is no longer there.
 */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sym/code.h"

/* ---- x86: the rules, of 64-bit and of 32-bit programs ---- */

enum encoding {
	LEGACY = 1,			/* opcode maps without VEX: the one-byte map */
	TWO_BYTE = 2,			/* 0f xx; nothing is known that breaks behind 0f 38 and 0f 3a */
	THREE_BYTE = 4,
	VEX = 8,			/* VEX and EVEX, all maps: only the opcode byte counts */
	XOP = 16,			/* AMD's own */
	ANY_ENCODING = 31,
	ONLY_64 = 32, ONLY_32 = 64,	/* of a rule: in these programs only */
};

enum prefix {
	P_LOCK = 1, P_REPNE = 2, P_REP = 4, P_ES = 8, P_CS = 16, P_SS = 32, P_DS = 64, P_66 = 128,
	P_REX_B = 256,
	P_ODD_REP = 512,		/* of repne and rep: one that means nothing, on an operand beside rip */
	P_BAD = P_LOCK | P_ES | P_CS | P_SS | P_DS,
};

/* An instruction as far as the kernel's rules look at it. */
struct x86 {
	enum encoding encoding;
	unsigned prefixes;
	unsigned rex;			/* the REX byte, or 0 */
	unsigned n_prefixes;		/* bytes before the opcode, REX included */
	unsigned char opcode;
	unsigned char modrm;		/* the byte after the opcode, whatever it is */
	bool wide;			/* of a 64-bit program */
};

struct rule {
	unsigned encodings;
	unsigned char first, last;	/* opcodes */
	unsigned modrm_regs;		/* bit N: with /N in the ModRM byte; 0: any */
	unsigned prefixes;		/* with any of these; 0: with or without */
	bool forceable;
	const char *why;		/* goes on after "`INSTRUCTION` " */
};

#define NEVER "is refused by the kernel, and without a word while no process has the file mapped: " \
	"the probe would never fire"
#define NEVER_OPCODE "has the opcode byte of an instruction that the kernel refuses, and without a word " \
	"while no process has the file mapped: the probe would never fire"
#define SKIPPED "has the opcode byte of a branch or nop: the kernel takes it for that under a uprobe and " \
	"skips it, and the program would go on with wrong values"
#define MISTAKEN "has the opcode byte of a return, popf or far branch: the kernel takes it for that under a " \
	"uprobe, and the program would go on at a wrong place or be killed"

static const struct rule rules[] = {
	/* segment override and lock prefixes, by the kernel's is_prefix_bad() */
	{ ANY_ENCODING, 0x00, 0xff, 0, P_BAD, false, NEVER },
	/* the kernel's decoder meets no such pair of prefix and opcode, misses the operand that is relative to rip,
	 * and runs the instruction elsewhere as it is */
	{ TWO_BYTE | THREE_BYTE | ONLY_64, 0x00, 0xff, 0, P_ODD_REP, false,
	  "has a prefix that means nothing there: the kernel misreads it, and the program would use wrong memory" },
	/* a 16-bit operand size on near branches */
	{ LEGACY, 0x70, 0x7f, 0, P_66, false, NEVER },
	{ LEGACY, 0xe8, 0xe9, 0, P_66, false, NEVER },
	{ LEGACY, 0xeb, 0xeb, 0, P_66, false, NEVER },
	{ TWO_BYTE, 0x80, 0x8f, 0, P_66, false, NEVER },
	/* the one-byte opcodes that are missing in the kernel's good_insns_64 and good_insns_32: invalid in
	 * that mode, privileged, input and output, or `int` (which 32-bit programs enter the kernel by) */
	{ LEGACY | ONLY_64, 0x06, 0x06, 0, 0, false, NEVER },
	{ LEGACY, 0x07, 0x07, 0, 0, false, NEVER },		/* pop %es */
	{ LEGACY | ONLY_64, 0x0e, 0x0e, 0, 0, false, NEVER },
	{ LEGACY | ONLY_64, 0x16, 0x16, 0, 0, false, NEVER },
	{ LEGACY, 0x17, 0x17, 0, 0, false, NEVER },		/* pop %ss */
	{ LEGACY | ONLY_64, 0x1e, 0x1e, 0, 0, false, NEVER },
	{ LEGACY, 0x1f, 0x1f, 0, 0, false, NEVER },		/* pop %ds */
	{ LEGACY | ONLY_64, 0x27, 0x27, 0, 0, false, NEVER },
	{ LEGACY | ONLY_64, 0x2f, 0x2f, 0, 0, false, NEVER },
	{ LEGACY | ONLY_64, 0x37, 0x37, 0, 0, false, NEVER },
	{ LEGACY | ONLY_64, 0x3f, 0x3f, 0, 0, false, NEVER },
	{ LEGACY | ONLY_64, 0x60, 0x62, 0, 0, false, NEVER },
	{ LEGACY, 0x6c, 0x6f, 0, 0, false, NEVER },		/* ins, outs */
	{ LEGACY | ONLY_64, 0x82, 0x82, 0, 0, false, NEVER },
	{ LEGACY, 0x8e, 0x8e, 1 << 2, 0, false, NEVER },	/* mov to ss: holds back traps */
	{ LEGACY | ONLY_64, 0x9a, 0x9a, 0, 0, false, NEVER },
	{ LEGACY, 0xcc, 0xcf, 0, 0, false, NEVER },		/* int3, int, into, iret */
	{ LEGACY | ONLY_64, 0xd4, 0xd6, 0, 0, false, NEVER },
	{ LEGACY, 0xe4, 0xe7, 0, 0, false, NEVER },		/* in, out */
	{ LEGACY | ONLY_64, 0xea, 0xea, 0, 0, false, NEVER },
	{ LEGACY, 0xec, 0xef, 0, 0, false, NEVER },		/* in, out */
	{ LEGACY, 0xf1, 0xf1, 0, 0, false, NEVER },
	{ LEGACY, 0xf4, 0xf4, 0, 0, false, NEVER },		/* hlt */
	{ LEGACY, 0xfa, 0xfb, 0, 0, false, NEVER },		/* cli, sti */
	/* the same bytes in VEX and EVEX instructions */
	{ VEX | ONLY_64, 0x06, 0x06, 0, 0, false, NEVER_OPCODE },	/* vperm2f128 */
	{ VEX, 0x07, 0x07, 0, 0, false, NEVER_OPCODE },		/* vphsubsw */
	{ VEX | ONLY_64, 0x0e, 0x0e, 0, 0, false, NEVER_OPCODE },	/* vpblendw, vtestps */
	{ VEX | ONLY_64, 0x16, 0x16, 0, 0, false, NEVER_OPCODE },	/* vmovhps, vpermps */
	{ VEX, 0x17, 0x17, 0, 0, false, NEVER_OPCODE },		/* vptest */
	{ VEX | ONLY_64, 0x1e, 0x1e, 0, 0, false, NEVER_OPCODE },	/* vpabsd */
	{ VEX, 0x1f, 0x1f, 0, 0, false, NEVER_OPCODE },		/* vpabsq */
	{ VEX | ONLY_64, 0x27, 0x27, 0, 0, false, NEVER_OPCODE },	/* vptestmd */
	{ VEX | ONLY_64, 0x2f, 0x2f, 0, 0, false, NEVER_OPCODE },	/* vcomiss */
	{ VEX | ONLY_64, 0x37, 0x37, 0, 0, false, NEVER_OPCODE },	/* vpcmpgtq */
	{ VEX | ONLY_64, 0x3f, 0x3f, 0, 0, false, NEVER_OPCODE },	/* vpmaxud, vpcmpb */
	{ VEX | ONLY_64, 0x60, 0x62, 0, 0, false, NEVER_OPCODE },	/* vpunpckl.. */
	{ VEX, 0x6c, 0x6f, 0, 0, false, NEVER_OPCODE },		/* vmovdqu load, vmovd to xmm */
	{ VEX | ONLY_64, 0x82, 0x82, 0, 0, false, NEVER_OPCODE },
	{ VEX | ONLY_64, 0x9a, 0x9a, 0, 0, false, NEVER_OPCODE },	/* vfmsub132ps */
	{ VEX, 0xcc, 0xcf, 0, 0, false, NEVER_OPCODE },		/* vgf2p8.. */
	{ VEX | ONLY_64, 0xd4, 0xd6, 0, 0, false, NEVER_OPCODE },	/* vpaddq, vpmullw, vmovq */
	{ VEX, 0xe4, 0xe7, 0, 0, false, NEVER_OPCODE },		/* vpmulhw, vmovntdq */
	{ VEX | ONLY_64, 0xea, 0xea, 0, 0, false, NEVER_OPCODE },	/* vpminsw */
	{ VEX, 0xec, 0xef, 0, 0, false, NEVER_OPCODE },		/* vpxor */
	{ VEX, 0xf1, 0xf1, 0, 0, false, NEVER_OPCODE },		/* vpsllw */
	{ VEX, 0xf4, 0xf4, 0, 0, false, NEVER_OPCODE },		/* vpmuludq */
	{ VEX, 0xfa, 0xfb, 0, 0, false, NEVER_OPCODE },		/* vpsubd, vpsubq */
	/* taken for a branch or nop and emulated: 0f 80.. has a branch in the second byte only */
	{ VEX, 0x70, 0x7f, 0, 0, false, SKIPPED },		/* vpshufd, vpcmpeqb, vmovdqu store, ... */
	{ VEX, 0x90, 0x90, 0, 0, false, SKIPPED },		/* kmov load, vpgatherdd */
	{ VEX, 0xe8, 0xe9, 0, 0, false, SKIPPED },		/* vpsubsb, vpsubsw */
	{ VEX, 0xeb, 0xeb, 0, 0, false, SKIPPED },		/* vpor */
	{ LEGACY, 0x90, 0x90, 0, P_REX_B, false,
	  "is an exchange, which the kernel takes for a nop under a uprobe and skips: the program would go on "
	  "with wrong values" },
	/* taken for ret (c2, c3, ca, cb): the instruction pointer is left in the XOL area; taken for popf
	 * (9d): the trap flag stays set */
	{ VEX, 0xc2, 0xc3, 0, 0, false, MISTAKEN },		/* vcmpps, vcmpsd, vcmpph */
	{ VEX, 0xca, 0xcb, 0, 0, false, MISTAKEN },		/* vrcp28ps, vsha512rnds2 */
	{ VEX, 0x9d, 0x9d, 0, 0, false, MISTAKEN },		/* vfnmadd132ss */
	/* taken for a far call and a far jump, which only 32-bit programs have */
	{ VEX | ONLY_32, 0x9a, 0x9a, 0, 0, false, MISTAKEN },	/* vfmsub132ps */
	{ VEX | ONLY_32, 0xea, 0xea, 0, 0, false, MISTAKEN },	/* vpminsw */
	/* what notices that it is elsewhere, or that it is stepped */
	{ TWO_BYTE, 0x05, 0x05, 0, 0, false,
	  "enters the kernel: it would come back at a wrong place, which kills the program" },
	{ TWO_BYTE, 0x34, 0x34, 0, 0, false,
	  "enters the kernel: it would come back at a wrong place, which kills the program" },
	{ LEGACY, 0x9c, 0x9c, 0, 0, false,
	  "would push the trap flag of the kernel's single step: the program would be killed by SIGTRAP when "
	  "it restores its flags" },
	{ XOP, 0x00, 0xff, 0, 0, false,
	  "is an AMD XOP instruction, whose length the kernel does not know" },
	/* no harm that was seen here, but not what is wanted */
	{ LEGACY, 0x90, 0x90, 0, P_REP, true,
	  "has killed programs under a uprobe on one kernel (7.2 in a virtual machine)" },
	{ LEGACY, 0xa4, 0xa7, 0, P_REP | P_REPNE, true,
	  "would make the probe fire once for every repetition instead of once" },
	{ LEGACY, 0xaa, 0xaf, 0, P_REP | P_REPNE, true,
	  "would make the probe fire once for every repetition instead of once" },
};

/* ---- x86: looking at the bytes ---- */

static bool is_x86(int machine)
{
	return machine == EM_X86_64 || machine == EM_386;
}

static unsigned legacy_prefix(unsigned char byte)
{
	switch (byte) {
	case 0xf0: return P_LOCK;
	case 0xf2: return P_REPNE;
	case 0xf3: return P_REP;
	case 0x26: return P_ES;
	case 0x2e: return P_CS;
	case 0x36: return P_SS;
	case 0x3e: return P_DS;
	case 0x66: return P_66;
	}
	return 0;
}

static bool is_prefix(unsigned char byte)
{
	return legacy_prefix(byte) || byte == 0x64 || byte == 0x65 || byte == 0x67;	/* fs, gs, addr32 */
}

/* The opcodes behind 0f for which f2 or f3 is a part of the instruction's name. */
static bool rep_has_meaning(const struct x86 *x)
{
	static const struct {
		unsigned char first, last;
	} ranges[] = {
		{ 0x10, 0x17 }, { 0x1e, 0x1e }, { 0x2a, 0x2d }, { 0x51, 0x5f }, { 0x6f, 0x70 }, { 0x7c, 0x7f },
		{ 0xb8, 0xb8 }, { 0xbc, 0xbd }, { 0xc2, 0xc2 }, { 0xd0, 0xd0 }, { 0xd6, 0xd6 }, { 0xe6, 0xe6 },
		{ 0xf0, 0xf0 },
	};

	if (x->encoding == THREE_BYTE)
		return x->opcode >= 0xf0;
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (x->opcode >= ranges[i].first && x->opcode <= ranges[i].last)
			return true;
	return false;
}

/* c5, c4 and 62 begin vector instructions. In 32-bit programs they are lds, les and bound when what follows
 * reads as an operand in memory, which those must have. */
static bool is_vector_prefix(const struct x86 *x, const unsigned char *b)
{
	return (b[0] == 0xc5 || b[0] == 0xc4 || b[0] == 0x62) && (x->wide || b[1] >= 0xc0);
}

/* b holds the instruction and is filled up with zeros to at least MAX_LENGTH + 3 bytes. */
static void x86_scan(int machine, const unsigned char *b, struct x86 *x)
{
	unsigned i = 0;

	*x = (struct x86){ .encoding = LEGACY, .wide = machine == EM_X86_64 };
	for (; i < MAX_LENGTH && is_prefix(b[i]); i++)
		x->prefixes |= legacy_prefix(b[i]);
	if (x->wide && (b[i] & 0xf0) == 0x40) {			/* else inc and dec */
		x->rex = b[i++];
		x->prefixes |= x->rex & 1 ? P_REX_B : 0;
	}
	x->n_prefixes = i;
	if (is_vector_prefix(x, b + i)) {				/* VEX of 2 or 3 bytes, EVEX of 4 */
		x->encoding = VEX;
		i += b[i] == 0xc5 ? 2 : b[i] == 0xc4 ? 3 : 4;
	} else if (b[i] == 0x8f && (b[i + 1] & 0x38) != 0) {		/* pop has /0 */
		x->encoding = XOP;
		i += 3;
	} else if (b[i] == 0x0f) {
		i++;
		x->encoding = TWO_BYTE;
		if (b[i] == 0x38 || b[i] == 0x3a) {
			x->encoding = THREE_BYTE;
			i++;
		}
	}
	x->opcode = b[i];
	x->modrm = b[i + 1];
	if (x->wide && x->prefixes & (P_REPNE | P_REP) && x->encoding & (TWO_BYTE | THREE_BYTE) &&
	    (x->modrm & 0xc7) == 0x05 && !rep_has_meaning(x))
		x->prefixes |= P_ODD_REP;
}

static const struct rule *x86_rule(const struct x86 *x)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const struct rule *r = &rules[i];

		if (r->encodings & x->encoding && !(r->encodings & (x->wide ? ONLY_32 : ONLY_64)) &&
		    x->opcode >= r->first && x->opcode <= r->last &&
		    (!r->modrm_regs || r->modrm_regs & 1u << (x->modrm >> 3 & 7)) &&
		    (!r->prefixes || r->prefixes & x->prefixes))
			return r;
	}
	return NULL;
}

/* The nops of 3 to 8 bytes that the kernel itself uses; it emulates them, and no other spelling. */
static bool is_kernel_nop(const unsigned char *b, unsigned length)
{
	static const unsigned char nops[][8] = {
		{ 0x0f, 0x1f, 0x00 }, { 0x0f, 0x1f, 0x40 }, { 0x0f, 0x1f, 0x44 },
		{ 0x66, 0x0f, 0x1f, 0x44 }, { 0x0f, 0x1f, 0x80 }, { 0x0f, 0x1f, 0x84 },
	};

	return length >= 3 && length <= 8 && memcmp(b, nops[length - 3], length) == 0;
}

static enum insn_cost x86_cost(int machine, const unsigned char *b, unsigned length)
{
	struct x86 x;
	bool emulated;

	x86_scan(machine, b, &x);
	if (x.encoding == LEGACY)
		emulated = x.opcode == 0x90 || x.opcode == 0xe8 || x.opcode == 0xe9 || x.opcode == 0xeb ||
			   (x.opcode & 0xf0) == 0x70 ||
			   ((x.opcode & 0xf8) == 0x50 && (length == 1 || (length == 2 && x.rex == 0x41)));
	else
		emulated = (x.encoding == TWO_BYTE && (x.opcode & 0xf0) == 0x80) || is_kernel_nop(b, length);
	return emulated ? INSN_EMULATED : INSN_STEPPED;
}

/* How long a VEX or EVEX instruction is, 0 for others: capstone 4 does not know many of AVX-512, but their
 * form is regular. Behind prefix and opcode come ModRM (but for vzeroupper), what that asks for, and in map
 * 3 and for a few opcodes of map 1 a byte of constant. */
static unsigned x86_vector_length(int machine, const unsigned char *b)
{
	unsigned i, map, mod, rm;
	struct x86 x;
	bool constant;

	x86_scan(machine, b, &x);
	if (x.encoding != VEX)
		return 0;
	i = x.n_prefixes;
	map = b[i] == 0xc5 ? 1 : b[i] == 0xc4 ? b[i + 1] & 0x1f : b[i + 1] & 7;
	i += b[i] == 0xc5 ? 3 : b[i] == 0xc4 ? 4 : 5;			/* behind the opcode */
	if (map == 0 || map > 6 || map == 4)
		return 0;
	if (map == 1 && x.opcode == 0x77)
		return i;
	mod = b[i] >> 6;
	rm = b[i++] & 7;
	if (mod != 3 && rm == 4) {					/* a SIB byte */
		if (mod == 0 && (b[i] & 7) == 5)
			i += 4;
		i++;
	}
	if (mod == 1)
		i += 1;
	else if (mod == 2 || (mod == 0 && rm == 5))
		i += 4;
	constant = map == 3 || (map == 1 && ((x.opcode >= 0x70 && x.opcode <= 0x73) || x.opcode == 0xc2 ||
					     (x.opcode >= 0xc4 && x.opcode <= 0xc6)));
	i += constant;
	return i <= MAX_LENGTH ? i : 0;
}

static bool x86_is_landing(const unsigned char *b)
{
	return memcmp(b, "\xf3\x0f\x1e", 3) == 0 && (b[3] == 0xfa || b[3] == 0xfb);	/* endbr64, endbr32 */
}

/* ---- arm64: the rules, by the instruction word (arch/arm64/kernel/probes/decode-insn.c) ---- */

#define NEVER_ARM64 "is refused by the kernel, and without a word while no process has the file mapped: " \
	"the probe would never fire"

static const struct {
	uint32_t mask, value;
	const char *why;
} arm64_rules[] = {
	{ 0xff000000, 0xd4000000, NEVER_ARM64 },	/* svc, hvc, smc, brk, hlt */
	{ 0xfffff000, 0xd69f0000, NEVER_ARM64 },	/* eret */
	{ 0xfff8f01f, 0xd500401f, NEVER_ARM64 },	/* msr, immediate */
	{ 0xfff00000, 0xd5100000, NEVER_ARM64 },	/* msr, register */
	{ 0xffffffe0, 0xd53b4220, NEVER_ARM64 },	/* mrs from DAIF */
	{ 0xfefff800, 0xd61f0800, NEVER_ARM64 },	/* braa */
	{ 0xfefff800, 0xd63f0800, NEVER_ARM64 },	/* blraa */
	{ 0xfffffbff, 0xd65f0bff, NEVER_ARM64 },	/* retaa */
	{ 0x3f800000, 0x08000000, NEVER_ARM64 },	/* ldxr, stxr, casp */
	{ 0xbf000000, 0x18000000, "reads beside its own address, which older kernels do wrong under a uprobe "
				  "and newer ones refuse" },	/* ldr, literal */
	{ 0xff000000, 0x98000000, "reads beside its own address, which older kernels do wrong under a uprobe "
				  "and newer ones refuse" },	/* ldrsw, literal */
	{ 0xff000000, 0xd8000000, NEVER_ARM64 },	/* prfm, literal */
	{ 0x3f000000, 0x1c000000, "reads beside its own address, but the kernel would run it elsewhere: the "
				  "program would go on with wrong values" },	/* ldr of a vector, literal */
	{ 0x3b200c00, 0x19000400, "is one of three instructions that must run together, which the kernel "
				  "would run elsewhere" },	/* memory copy and set */
};

static const struct {
	uint32_t mask, value;
} arm64_emulated[] = {
	{ 0x7c000000, 0x14000000 },	/* b, bl */
	{ 0xfe000000, 0x54000000 },	/* b.cond */
	{ 0x7e000000, 0x34000000 },	/* cbz, cbnz */
	{ 0x7e000000, 0x36000000 },	/* tbz, tbnz */
	{ 0x1f000000, 0x10000000 },	/* adr, adrp */
	{ 0xfffffc1f, 0xd61f0000 },	/* br */
	{ 0xfffffc1f, 0xd63f0000 },	/* blr */
	{ 0xfffffc1f, 0xd65f0000 },	/* ret */
	{ 0xffffffff, 0xd503201f },	/* nop */
};

static uint32_t arm64_word(const unsigned char *b)
{
	return b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Hints: nop, those for pointer authentication, and bti; not yield, wfe, wfi and what is not known. */
static bool arm64_is_bad_hint(uint32_t w)
{
	static const uint64_t good = 1ull << 0 | 1ull << 7 | 1ull << 8 | 1ull << 10 | 1ull << 12 | 1ull << 14 |
				     0xffull << 24 | 1ull << 32 | 1ull << 34 | 1ull << 36 | 1ull << 38;
	unsigned hint = w >> 5 & 0x7f;

	return (w & 0xfffff01f) == 0xd503201f && (hint > 63 || !(good >> hint & 1));
}

static const char *arm64_rule(uint32_t w)
{
	for (size_t i = 0; i < ARRAY_LEN(arm64_rules); i++)
		if ((w & arm64_rules[i].mask) == arm64_rules[i].value)
			return arm64_rules[i].why;
	return arm64_is_bad_hint(w) ? NEVER_ARM64 : NULL;
}

static enum insn_cost arm64_cost(uint32_t w)
{
	for (size_t i = 0; i < ARRAY_LEN(arm64_emulated); i++)
		if ((w & arm64_emulated[i].mask) == arm64_emulated[i].value)
			return INSN_EMULATED;
	return INSN_STEPPED;
}

static bool arm64_is_landing(uint32_t w)
{
	return (w & 0xffffff3f) == 0xd503241f;				/* bti, bti c, bti j, bti jc */
}

/* Exclusive loads and stores, but not casp, which is one instruction. Bit 22: load. */
static bool arm64_is_exclusive(uint32_t w)
{
	return (w & 0x3f800000) == 0x08000000 && (w & 0x80200000) != 0x00200000;
}

/* ---- the code of a function, decoded from its start ---- */

/* One decoder for each machine, kept for the life of the program. */
static bool decoder(int machine, csh *out)
{
	static struct {
		int machine;
		cs_arch arch;
		cs_mode mode;
		csh handle;
	} rows[] = {
		{ EM_X86_64, CS_ARCH_X86, CS_MODE_64, 0 },
		{ EM_386, CS_ARCH_X86, CS_MODE_32, 0 },
		{ EM_AARCH64, CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].machine != machine)
			continue;
		if (!rows[i].handle) {
			if (cs_open(rows[i].arch, rows[i].mode, &rows[i].handle) != CS_ERR_OK)
				return false;
			cs_option(rows[i].handle, CS_OPT_DETAIL, CS_OPT_ON);
			cs_option(rows[i].handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
		}
		*out = rows[i].handle;
		return true;
	}
	return false;
}

void code_release(struct code *c)
{
	free(c->bytes);
}

/* Reads start..end, as far as the file has bytes. */
bool code_open(struct code *c, struct elf_file *e, uint64_t start, uint64_t end)
{
	uint64_t size = end - start < MAX_DECODED ? end - start : MAX_DECODED;

	*c = (struct code){ .machine = elf_machine(e), .start = start, .end = start + size };
	if (!decoder(c->machine, &c->cs))
		return false;
	c->bytes = mem_alloc(size + MAX_LENGTH + 3);
	c->n = elf_bytes(e, start, c->bytes, size);
	return true;
}

/* Where the function that holds the address starts and ends: by its symbol, else by .eh_frame. A guessed
 * size may be too small: then it goes on at least to the address. */
bool code_range(struct elf_file *e, const struct symbol *function, uint64_t address, uint64_t *start,
		       uint64_t *end)
{
	if (!function)
		return elf_fde_at(e, address, start, end);
	*start = function->address;
	*end = function->address + function->size;
	if (*end < *start)
		*end = UINT64_MAX;
	if (function->guessed && *end <= address)
		*end = address <= UINT64_MAX - MAX_LENGTH ? address + MAX_LENGTH : UINT64_MAX;
	return address >= *start && address < *end;
}

/* Decodes the instruction at the address into insn. False when its bytes mean nothing. An instruction that
 * capstone does not know, but whose length is sure (of vectors; all of arm64), has no name (id 0). */
bool code_decode(const struct code *c, uint64_t address, cs_insn *insn)
{
	size_t at = address - c->start, left = at < c->n ? c->n - at : 0;
	const uint8_t *p = c->bytes + at;
	unsigned length;

	if (left == 0)
		return false;
	if (cs_disasm_iter(c->cs, &p, &left, &address, insn))
		return true;
	length = is_x86(c->machine) ? x86_vector_length(c->machine, c->bytes + at) : 4;
	if (length == 0 || length > c->n - at)
		return false;
	memset(insn->detail, 0, sizeof(*insn->detail));
	memcpy(insn->bytes, c->bytes + at, length);
	insn->id = 0;
	insn->size = (uint16_t)length;
	insn->mnemonic[0] = insn->op_str[0] = '\0';
	return true;
}

/* Branches of arm64 by their bits: capstone 4 takes calls for jumps, and does not know those that check the signature
 * of a pointer (retaa, braa, blraa). */
enum { ALWAYS_ARM64 = 1, SOMETIMES_ARM64, BY_REGISTER_ARM64 };
static const struct arm64_branch {
	uint32_t mask, value;
	unsigned group;
	int taken;
} arm64_branches[] = {
	{ 0xfc000000, 0x14000000, CS_GRP_JUMP, ALWAYS_ARM64 },		/* b */
	{ 0xff00000e, 0x5400000e, CS_GRP_JUMP, ALWAYS_ARM64 },		/* b.al */
	{ 0xff000000, 0x54000000, CS_GRP_JUMP, SOMETIMES_ARM64 },	/* b.eq, ... */
	{ 0x7c000000, 0x34000000, CS_GRP_JUMP, SOMETIMES_ARM64 },	/* cbz, cbnz, tbz, tbnz */
	{ 0xfefff000, 0xd61f0000, CS_GRP_JUMP, BY_REGISTER_ARM64 },	/* br, braa */
	{ 0xfc000000, 0x94000000, CS_GRP_CALL, ALWAYS_ARM64 },		/* bl */
	{ 0xfefff000, 0xd63f0000, CS_GRP_CALL, ALWAYS_ARM64 },		/* blr, blraa */
	{ 0xfefff000, 0xd65f0000, CS_GRP_RET, ALWAYS_ARM64 },		/* ret, retaa */
	{ 0xfefff000, 0xd69f0000, CS_GRP_IRET, ALWAYS_ARM64 },		/* eret */
};

static const struct arm64_branch *arm64_branch(const cs_insn *insn)
{
	uint32_t w = arm64_word(insn->bytes);

	for (size_t i = 0; i < ARRAY_LEN(arm64_branches); i++)
		if ((w & arm64_branches[i].mask) == arm64_branches[i].value)
			return &arm64_branches[i];
	return NULL;
}

bool code_in_group(const struct code *c, const cs_insn *insn, unsigned group)
{
	const struct arm64_branch *b = c->machine == EM_AARCH64 ? arm64_branch(insn) : NULL;

	if (c->machine == EM_AARCH64 && group != CS_GRP_INT)
		return b && b->group == group;
	return insn->id && cs_insn_group(c->cs, insn, group);
}

bool code_is_conditional(const struct code *c, const cs_insn *insn)
{
	const struct arm64_branch *b = c->machine == EM_AARCH64 ? arm64_branch(insn) : NULL;

	if (c->machine == EM_AARCH64)
		return b && b->taken == SOMETIMES_ARM64;
	return insn->id != X86_INS_JMP && insn->id != X86_INS_LJMP;
}

/* Leaves the straight way: jumps, calls, returns, interrupts. */
bool code_is_branch(const struct code *c, const cs_insn *insn)
{
	return code_in_group(c, insn, CS_GRP_JUMP) || code_in_group(c, insn, CS_GRP_CALL) ||
	       code_in_group(c, insn, CS_GRP_RET) || code_in_group(c, insn, CS_GRP_INT) ||
	       code_in_group(c, insn, CS_GRP_IRET);
}

/* The address that a direct jump goes to (x86 and arm64 write it as the last operand). */
bool code_jump_target(const struct code *c, const cs_insn *insn, uint64_t *target)
{
	bool loop = is_x86(c->machine) && insn->size >= 2 &&
		    insn->bytes[insn->size - 2] >= 0xe0 && insn->bytes[insn->size - 2] <= 0xe3 &&
		    insn->detail->x86.op_count == 1;	/* capstone counts loop and jrcxz as no jumps */

	if (!loop && !code_in_group(c, insn, CS_GRP_JUMP))
		return false;
	if (is_x86(c->machine)) {
		const cs_x86 *x = &insn->detail->x86;

		if (x->op_count != 1 || x->operands[0].type != X86_OP_IMM)
			return false;
		*target = (uint64_t)x->operands[0].imm;
	} else {
		const cs_arm64 *a = &insn->detail->arm64;

		if (a->op_count == 0 || a->operands[a->op_count - 1].type != ARM64_OP_IMM)
			return false;
		*target = (uint64_t)a->operands[a->op_count - 1].imm;
	}
	return true;
}

/* A jump to where a register or memory says. */
bool code_is_indirect_jump(const struct code *c, const cs_insn *insn)
{
	const struct arm64_branch *b = c->machine == EM_AARCH64 ? arm64_branch(insn) : NULL;

	if (c->machine == EM_AARCH64)
		return b && b->taken == BY_REGISTER_ARM64;
	return is_x86(c->machine) && code_in_group(c, insn, CS_GRP_JUMP) &&
	       (insn->detail->x86.op_count != 1 || insn->detail->x86.operands[0].type != X86_OP_IMM);
}

/* Can a jump of the function lead to an address in first..last? Bytes that cannot be decoded are stepped over
 * one at a time. */
bool code_jumped_into(const struct code *c, uint64_t first, uint64_t last)
{
	cs_insn *insn = cs_malloc(c->cs);
	uint64_t at = c->start, target;
	bool found = false;

	while (!found && at < c->end && at - c->start < c->n) {
		if (!code_decode(c, at, insn)) {
			at++;
			continue;
		}
		found = code_is_indirect_jump(c, insn) ||
			(code_jump_target(c, insn, &target) && target >= first && target <= last);
		at += insn->size;
	}
	cs_free(insn, 1);
	return found;
}

/* Capstone's name of a register as the kernel calls the whole register. */
static const char *whole_register(const struct code *c, unsigned reg)
{
	static const struct { const char *part, *whole; } more[] = {
		{ "ah", "ax" }, { "bh", "bx" }, { "ch", "cx" }, { "dh", "dx" }, { "lr", "x30" },
	};
	const char *name = cs_reg_name(c->cs, reg), *type;

	if (!name)
		return "";
	name = arch_register(arch_by_machine(c->machine), name, &type);
	if (!name)
		return "";
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		if (strcmp(name, more[i].part) == 0)
			return more[i].whole;
	return name;
}

/* arm64 stores and loads can move their base register ([sp,#-16]!). */
static bool moves_base(const struct code *c, const cs_insn *insn, const char *kernel_reg)
{
	const cs_arm64 *a = &insn->detail->arm64;

	if (c->machine != EM_AARCH64 || !a->writeback)
		return false;
	for (unsigned i = 0; i < a->op_count; i++)
		if (a->operands[i].type == ARM64_OP_MEM &&
		    strcmp(whole_register(c, a->operands[i].mem.base), kernel_reg) == 0)
			return true;
	return false;
}

/* arm64's comparisons are subtractions (additions, ands) into the register that is always zero. capstone leaves that
 * one out, and takes the next operand for it: `cmp sp, x16` would write sp. */
static bool only_compares(const struct code *c, const cs_insn *insn)
{
	static const struct {
		uint32_t mask, value;
	} rows[] = {
		{ 0x3f80001f, 0x3100001f },	/* cmp, cmn with a number */
		{ 0x3f00001f, 0x2b00001f },	/* with a register */
		{ 0x7f80001f, 0x7200001f },	/* tst with a number */
		{ 0x7f00001f, 0x6a00001f },	/* with a register */
	};
	uint32_t w = arm64_word(insn->bytes);

	for (size_t i = 0; c->machine == EM_AARCH64 && i < ARRAY_LEN(rows); i++)
		if ((w & rows[i].mask) == rows[i].value)
			return true;
	return false;
}

bool code_writes_register(const struct code *c, const cs_insn *insn, const char *kernel_reg)
{
	cs_regs read, written;
	uint8_t n_read, n_written;

	if (only_compares(c, insn))
		return false;
	if (insn->id == 0)			/* it may write a register, but not that one */
		return strcmp(kernel_reg, "sp") != 0;
	if (moves_base(c, insn, kernel_reg))
		return true;
	if (cs_regs_access(c->cs, insn, read, &n_read, written, &n_written) != CS_ERR_OK)
		return true;
	for (unsigned i = 0; i < n_written; i++)
		if (strcmp(whole_register(c, written[i]), kernel_reg) == 0)
			return true;
	return false;
}

/* ---- the instruction's text ---- */

/* objdump leaves out the size suffix where a register, or the instruction itself, tells the size. */
static bool suffix_is_idle(const cs_insn *insn)
{
	const char *op = insn->op_str;

	if (!op[0] || op[0] == '*' || strncmp(op, "0x", 2) == 0)
		return true;
	for (int depth = 0; *op; op++) {
		depth += (*op == '(') - (*op == ')');
		if (*op == '%' && depth == 0 && op[1] != 'f' && op[1] != 'g' /* segments */)
			return true;
	}
	return false;
}

static void print_insn(const struct code *c, const cs_insn *insn, char *out, size_t size)
{
	const char *plain = insn->id ? cs_insn_name(c->cs, insn->id) : NULL;
	char name[sizeof(insn->mnemonic)];
	size_t n, k = 0;

	snprintf(name, sizeof(name), "%s", insn->mnemonic);
	n = strlen(name);
	if (is_x86(c->machine) && plain && n == strlen(plain) + 1 && strchr("bwlq", name[n - 1]) &&
	    strncmp(name, plain, n - 1) == 0 && suffix_is_idle(insn))
		name[n - 1] = '\0';
	n = (size_t)snprintf(out, size, "%s%s", name, insn->op_str[0] ? " " : "");
	for (const char *s = insn->op_str; *s && n + k + 1 < size; s++)
		if (!(*s == ' ' && s > insn->op_str && s[-1] == ','))
			out[n + k++] = *s;
	out[n + k] = '\0';
}

/* ---- the check ---- */

void insn_refuse(struct insn_check *out, bool forceable, const char *fmt, ...)
{
	va_list ap;

	out->ok = false;
	out->forceable = forceable;
	va_start(ap, fmt);
	vsnprintf(out->reason, sizeof(out->reason), fmt, ap);
	va_end(ap);
}

/* What lies between a function's start and the site. */
struct way {
	bool sp_moved, branched;	/* on the way */
	bool other_than_landing;	/* some instruction that is no endbr64 or bti */
	bool exclusive;			/* an exclusive load waits for its store */
};

static void way_add(const struct code *c, const cs_insn *insn, struct way *w)
{
	bool landing, arm64 = c->machine == EM_AARCH64;
	uint32_t word = arm64 ? arm64_word(insn->bytes) : 0;

	landing = arm64 ? arm64_is_landing(word) : x86_is_landing(insn->bytes);
	w->sp_moved |= code_writes_register(c, insn, "sp");
	w->branched |= code_is_branch(c, insn);
	w->other_than_landing |= !landing;
	if (arm64 && arm64_is_exclusive(word))
		w->exclusive = word & 1 << 22;
	else if (code_in_group(c, insn, CS_GRP_RET))
		w->exclusive = false;
}

/* Decodes from the function's start to the address. Refuses and returns false when no instruction begins
 * there, or nobody can tell. */
static bool walk_to(const struct code *c, uint64_t address, cs_insn *insn, struct way *w,
		    struct insn_check *out)
{
	char text[96];

	*w = (struct way){ 0 };
	for (uint64_t at = c->start; at < address; at += insn->size) {
		if (!code_decode(c, at, insn)) {
			insn_refuse(out, true,
			       "the bytes at +%#llx are no instruction that trapline knows, so nobody can tell "
			       "where the next one begins", (unsigned long long)(at - c->start));
			return false;
		}
		if (insn->size > address - at) {
			print_insn(c, insn, text, sizeof(text));
			insn_refuse(out, false, "the offset is inside `%s` at +%#llx: the program would run into "
			       "something else", text[0] ? text : "(unknown)",
			       (unsigned long long)(at - c->start));
			return false;
		}
		way_add(c, insn, w);
	}
	return true;
}

/* The rules for the instruction itself; `bytes` has at least MAX_LENGTH + 3. */
static bool check_rules(int machine, const unsigned char *bytes, struct insn_check *out)
{
	const char *shown = out->text[0] ? out->text : "the instruction there";
	const char *quote = out->text[0] ? "`" : "";
	const struct rule *rule;
	const char *why;
	struct x86 x;

	if (machine == EM_AARCH64) {
		why = arm64_rule(arm64_word(bytes));
		if (why)
			insn_refuse(out, false, "%s%s%s %s", quote, shown, quote, why);
		return !why;
	}
	x86_scan(machine, bytes, &x);
	rule = x86_rule(&x);
	if (rule)
		insn_refuse(out, rule->forceable, "%s%s%s %s", quote, shown, quote, rule->why);
	return !rule;
}

static enum insn_cost cost_at(int machine, const unsigned char *bytes, unsigned length)
{
	return machine == EM_AARCH64 ? arm64_cost(arm64_word(bytes)) :
					x86_cost(machine, bytes, length);
}

/* When the function starts with a landing pad and goes on with something that is emulated: how far on. */
static uint64_t cheaper_place(const struct code *c, uint64_t address, const cs_insn *first, cs_insn *insn)
{
	bool landing = c->machine == EM_AARCH64 ? arm64_is_landing(arm64_word(first->bytes)) :
						  x86_is_landing(first->bytes);
	uint64_t next = address + first->size;
	struct insn_check other = { .ok = true };

	if (!landing || address != c->start || next >= c->end || !code_decode(c, next, insn) ||
	    insn->size > c->end - next)
		return 0;
	if (cost_at(c->machine, c->bytes + (next - c->start), insn->size) != INSN_EMULATED ||
	    !check_rules(c->machine, c->bytes + (next - c->start), &other) || code_jumped_into(c, next, next))
		return 0;
	return next - address;
}

/* What is asked of a return probe beside everything else: the return address is where it was at entry. */
static bool check_return(const struct code *c, const struct way *w, struct insn_check *out)
{
	if (c->machine == EM_AARCH64 && w->other_than_landing)
		insn_refuse(out, false,
		       "a return probe must sit at the function's first instruction, or right behind its `bti`: "
		       "later the return address may be elsewhere");
	else if (w->sp_moved)
		insn_refuse(out, false,
		       "a return probe must sit before the stack pointer moves: it would overwrite something "
		       "else than the return address");
	else if (w->branched)
		insn_refuse(out, false,
		       "a return probe must sit at the function's start, before the first branch");
	return out->ok;
}

/* Where the way to the address can be decoded. */
static void check_in_function(const struct code *c, uint64_t address, bool ret, struct insn_check *out)
{
	const unsigned char *bytes = c->bytes + (address - c->start);
	cs_insn *insn = cs_malloc(c->cs), *next = cs_malloc(c->cs);
	bool known;
	struct way w;

	if (!walk_to(c, address, insn, &w, out))
		goto end;
	known = code_decode(c, address, insn);
	if (known) {
		out->length = insn->size;
		out->cost = cost_at(c->machine, bytes, insn->size);
		print_insn(c, insn, out->text, sizeof(out->text));
	}
	if (!check_rules(c->machine, bytes, out))
		goto end;
	if (!known) {
		insn_refuse(out, true, "the bytes there are no instruction that trapline knows");
		goto end;
	}
	if (w.exclusive) {
		insn_refuse(out, false,
		       "it is between an exclusive load and its store: the store would fail for ever, and the "
		       "program hang");
		goto end;
	}
	if (ret && !check_return(c, &w, out))
		goto end;
	out->cheaper = cheaper_place(c, address, insn, next);
end:
	cs_free(next, 1);
	cs_free(insn, 1);
}

/* Where nothing is known about the function: the instruction itself can be looked at all the same. What it
 * seems to be may be wrong, but what would surely harm, if it is that, is not forced either. */
static void check_alone(struct elf_file *e, uint64_t address, struct insn_check *out)
{
	struct code c;

	if (code_open(&c, e, address, address + MAX_LENGTH))
		check_in_function(&c, address, false, out);
	out->cheaper = 0;
	if (out->ok)
		insn_refuse(out, true, "nothing tells which function is there, so nobody can tell whether an "
		       "instruction begins at this address");
	code_release(&c);
}

/* Compilers move what is rarely needed out of a function, under a name of its own. */
static bool is_cold_part(const struct symbol *function)
{
	return function && strstr(function->name, ".cold");
}

void insn_check(struct elf_file *e, const struct symbol *function, uint64_t address, bool ret,
		struct insn_check *out)
{
	uint64_t offset, start, end;
	bool executable, known;
	struct code c;

	*out = (struct insn_check){ .ok = true, .cost = INSN_STEPPED };
	if (!elf_address_to_offset(e, address, &offset, &executable))
		insn_refuse(out, false, "the file has no bytes for that address");
	else if (!executable)
		insn_refuse(out, false,
		       "it is not in an executable segment: a breakpoint would change the program's data");
	else if (elf_machine(e) == EM_AARCH64 && address % 4)
		insn_refuse(out, false, "the offset is inside an instruction: all begin at multiples of 4");
	else if (function && !function->guessed &&
		 (address < function->address || address - function->address >= function->size))
		insn_refuse(out, false, "it is outside of the function, which has %llu bytes",
		       (unsigned long long)function->size);
	else if (function && function->thumb)
		insn_refuse(out, false, "its code is in the Thumb instruction set, into which the kernel cannot put "
		       "breakpoints");
	else if (!elf_arch(e))
		insn_refuse(out, true, "trapline has no rules for the instructions of this machine");
	if (!out->ok)
		return;
	known = code_range(e, function, address, &start, &end);
	if (insn_rows_known(e)) {
		insn_check_rows(e, known ? &start : NULL, function ? function->entry : 0, address, ret, out);
		return;
	}
	if (!known) {
		check_alone(e, address, out);
		return;
	}
	if (address - start >= MAX_DECODED) {
		insn_refuse(out, true, "it is too far behind the function's start to count instructions up to it");
		return;
	}
	if (!code_open(&c, e, start, end))
		insn_refuse(out, true, "its instructions cannot be decoded");
	else
		check_in_function(&c, address, ret, out);
	if (out->ok && ret && (elf_frame_moved(e, start) || is_cold_part(function)))
		insn_refuse(out, false,
		       "it is a part of a function that is jumped to, not called: a return probe would overwrite "
		       "something else than the return address");
	code_release(&c);
}

/* ---- where the program has loaded something ---- */

/* What esp and ebp are, counted from esp at the function's entry. */
struct frame_at {
	long long sp, bp;
	bool bp_known;
};

/* Follows push, sub, add, and mov %esp,%ebp. False when the stack pointer changes in another way. */
static bool follow_frame(const struct code *c, const cs_insn *insn, struct frame_at *f)
{
	const cs_x86 *x = &insn->detail->x86;
	bool constant = x->op_count == 2 && x->operands[0].type == X86_OP_IMM;
	bool registers = x->op_count == 2 && x->operands[0].type == X86_OP_REG &&
			 x->operands[1].type == X86_OP_REG;

	if (insn->id == X86_INS_PUSH)
		f->sp -= x->operands[0].size;
	else if (insn->id == X86_INS_SUB && constant && x->operands[1].reg == X86_REG_ESP)
		f->sp -= x->operands[0].imm;
	else if (insn->id == X86_INS_ADD && constant && x->operands[1].reg == X86_REG_ESP)
		f->sp += x->operands[0].imm;
	else if (insn->id == X86_INS_MOV && registers && x->operands[0].reg == X86_REG_ESP &&
		 x->operands[1].reg == X86_REG_EBP) {
		f->bp = f->sp;
		f->bp_known = true;
	} else if (!code_in_group(c, insn, CS_GRP_CALL)) {	/* a call comes back with the stack as it was */
		f->bp_known &= !code_writes_register(c, insn, "bp");
		return !code_writes_register(c, insn, "sp");
	}
	return true;
}

/* Does it load the word at `slot` into a register? (AT&T order: from, to.) */
static bool loads_slot(const cs_insn *insn, const struct frame_at *f, long long slot, unsigned *reg)
{
	const cs_x86 *x = &insn->detail->x86;
	const x86_op_mem *m = &x->operands[0].mem;

	if (insn->id != X86_INS_MOV || x->op_count != 2 || x->operands[0].type != X86_OP_MEM ||
	    x->operands[1].type != X86_OP_REG || x->operands[1].size != 4 || m->index != X86_REG_INVALID ||
	    m->segment != X86_REG_INVALID)
		return false;
	*reg = x->operands[1].reg;
	return (m->base == X86_REG_ESP && f->sp + m->disp == slot) ||
	       (m->base == X86_REG_EBP && f->bp_known && f->bp + m->disp == slot);
}

bool insn_find_load(struct elf_file *e, const struct symbol *function, long long slot, uint64_t *address,
		    const char **kernel_reg)
{
	struct frame_at frame = { 0 };
	struct insn_check check;
	bool found = false;
	unsigned reg = 0;
	uint64_t start, end, at;
	cs_insn *insn;
	struct code c;

	if (elf_machine(e) != EM_386 || !elf_arch(e) ||
	    !code_range(e, function, function->address, &start, &end) || !code_open(&c, e, start, end))
		return false;
	insn = cs_malloc(c.cs);
	for (at = start; !found && at - start < c.n && code_decode(&c, at, insn); at += insn->size) {
		found = loads_slot(insn, &frame, slot, &reg);
		if (!found && (code_in_group(&c, insn, CS_GRP_JUMP) || code_in_group(&c, insn, CS_GRP_RET) ||
			       !follow_frame(&c, insn, &frame)))
			break;
	}
	if (found) {
		insn_check(e, function, at, false, &check);
		found = check.ok && !code_jumped_into(&c, start + 1, at);
		*address = at;
		*kernel_reg = whole_register(&c, reg);
	}
	cs_free(insn, 1);
	code_release(&c);
	return found;
}

bool insn_register_kept(struct elf_file *e, const struct symbol *function, uint64_t address,
			const char *kernel_reg)
{
	const char *type, *reg = kernel_reg;
	const struct arch *arch = elf_arch(e);
	uint64_t start, end;
	cs_insn *insn;
	struct code c;
	bool kept;

	if (!arch || !code_range(e, function, address, &start, &end) || !code_open(&c, e, start, end))
		return false;
	reg = arch_register(arch, kernel_reg, &type);
	if (!reg)
		return false;
	if (strcmp(reg, "lr") == 0)
		reg = "x30";
	insn = cs_malloc(c.cs);
	kept = address - start < c.n;
	for (uint64_t at = start; kept && at < address; at += insn->size)
		kept = code_decode(&c, at, insn) && insn->size <= address - at && !code_is_branch(&c, insn) &&
		       !code_writes_register(&c, insn, reg);
	if (kept && address > start)
		kept = !code_jumped_into(&c, start + 1, address);
	cs_free(insn, 1);
	code_release(&c);
	return kept;
}
