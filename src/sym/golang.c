/* golang.c - what Go's own tables tell of a program: its functions, its version, and where arguments are.
 *
 * Go's runtime must be able to walk every stack, to find pointers on it and to print traces. So a table of all functions
 * stays in the program also when it is stripped: .gopclntab ("program counter to line number"; cmd/link/internal/ld/
 * pcln.go writes it, debug/gosym/pclntab.go reads it). It has had four layouts, told apart by its first word:
 *
 *	fffffffb	1.2	functions: address, offset of a record: address, offset of the name
 *	fffffffa	1.16	the same, and names in a part of their own
 *	fffffff0	1.18	offsets from the beginning of the code, in place of addresses
 *	fffffff1	1.20	the same
 *
 *	1.18:	magic 0 0 quantum word | functions, files, code, names, units, files, pcs, pclns (words) | ...
 *	at pclns:	code offset, record | code offset, record | ... | the end of the code
 *	record:		code offset, name offset, ...
 *
 * Arguments: Go never followed the C compilers. Until 1.16 all arguments and results were on the stack; since 1.17 (on
 * x86-64, later on others) they are in registers, in an order of its own (src/cmd/compile/abi-internal.md). A string is
 * two of them, its address and its length; a slice is three, an interface two. Another register always holds the
 * goroutine.
 *
 * A function begins by a look whether its stack has room. If not, the runtime moves the stack to a larger place, and
 * the function begins again from its first instruction: a probe there would see one call twice. Behind the check, all
 * is as it was at the entry.
 *
 * The table is foreign bytes: each number is checked before it is followed.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "sym/code.h"
#include "sym/internal.h"

enum { MAX_PROLOGUE = 16, MAX_GROWING = 64, UNKNOWN_VERSION = 0 };

struct golang {
	unsigned version;		/* 1.N; 0: unknown */
	const unsigned char *data;	/* of .gopclntab */
	size_t size;
	bool big_endian;
	unsigned word;			/* bytes */
	struct symbol *functions;	/* from 1; by address */
	size_t n;			/* with the empty one at 0 */
	uint64_t first, end;		/* addresses of Go's code; 0, 0: unknown */
	struct arch abi;
};

/* ---- reading ---- */

/* Bytes beyond the end are 0, and clear *ok. */
static uint64_t number(const struct golang *g, uint64_t at, unsigned bytes, bool *ok)
{
	if (at > g->size || bytes > g->size - at) {
		*ok = false;
		return 0;
	}
	return bytes_number(g->data + at, bytes, g->big_endian);
}

static const char *name_at(const struct golang *g, uint64_t at)
{
	if (at >= g->size || !memchr(g->data + at, '\0', g->size - at))
		return NULL;
	return (const char *)g->data + at;
}

/* ---- the version ---- */

/* "go1.19.8", "devel go1.23-0123456789" */
static unsigned version_in(const char *text, size_t n)
{
	const char *go = memmem(text, n, "go1.", 4);
	unsigned version = 0;

	for (const char *p = go ? go + 4 : NULL; p && p < text + n && *p >= '0' && *p <= '9' && version < 1000; p++)
		version = version * 10 + (unsigned)(*p - '0');
	return version;
}

/* Since 1.18 the version stands in .go.buildinfo itself, behind its length; before, two pointers lead to it. */
static unsigned read_version(struct elf_file *e)
{
	enum { HEAD = 32, FLAGS = 15, INLINE = 2 };
	struct golang view = { .big_endian = elf_is_big_endian(e), .word = elf_word(e) };
	unsigned char string[16];
	char text[64];
	const void *data;
	bool ok = true;
	uint64_t at;

	if (!elf_section_data(e, ".go.buildinfo", &data, &view.size) || view.size < HEAD)
		return UNKNOWN_VERSION;
	view.data = data;
	if (view.data[FLAGS] & INLINE)
		return version_in((const char *)data + HEAD, view.size - HEAD < sizeof(text) ? view.size - HEAD : sizeof(text));
	at = number(&view, 16, view.word, &ok);
	if (elf_bytes(e, at, string, 2 * view.word) != 2 * view.word)
		return UNKNOWN_VERSION;
	view.data = string;
	view.size = sizeof(string);
	at = number(&view, 0, view.word, &ok);
	return version_in(text, elf_bytes(e, at, text, sizeof(text)));
}

/* ---- the table of functions ---- */

/* Where the pieces of a table are, in bytes from its begin. */
struct layout {
	uint64_t count;			/* of functions */
	uint64_t names;
	uint64_t functions;		/* the list, from which the records are counted too ... */
	uint64_t records;		/* ... or from here */
	unsigned width;			/* bytes of a number in the list */
	uint64_t code;			/* what addresses count from */
};

/* The header's word i. */
static uint64_t head(const struct golang *g, unsigned i, bool *ok)
{
	return number(g, 8 + (uint64_t)i * g->word, g->word, ok);
}

/* In position independent programs the loader fills it in; the linker lays Go's code at the begin of .text. */
static uint64_t code_begin(struct elf_file *e, uint64_t told)
{
	uint64_t address, size;

	if (!told && elf_section(e, ".text", &address, &size))
		return address;
	return told;
}

/* The part of the linker that writes the table knows no other order than the file's. */
static bool read_layout(struct elf_file *e, struct golang *g, struct layout *l)
{
	bool ok = true;

	if (g->size < 16 || g->data[4] || g->data[5] || (g->data[7] != 4 && g->data[7] != 8))
		return false;
	g->word = g->data[7];
	switch (number(g, 0, 4, &ok)) {
	case 0xfffffffb:
		*l = (struct layout){ head(g, 0, &ok), 0, 8 + g->word, 0, g->word, 0 };
		break;
	case 0xfffffffa:
		*l = (struct layout){ head(g, 0, &ok), head(g, 2, &ok), head(g, 6, &ok), head(g, 6, &ok), g->word, 0 };
		if (!g->version)
			g->version = 16;
		break;
	case 0xfffffff0:
	case 0xfffffff1:
		*l = (struct layout){ head(g, 0, &ok), head(g, 3, &ok), head(g, 7, &ok), head(g, 7, &ok), 4,
				      code_begin(e, head(g, 2, &ok)) };
		if (!g->version)
			g->version = 18;
		break;
	default:
		return false;
	}
	return ok && l->functions < g->size && l->count <= (g->size - l->functions) / (2 * l->width);
}

static void read_functions(struct golang *g, const struct layout *l)
{
	unsigned address_bytes = l->width == 4 && l->code ? 4 : g->word;
	uint64_t next;

	*MEM_PUSH(g->functions, g->n) = (struct symbol){ .name = "" };
	for (uint64_t i = 0; i < l->count; i++) {
		uint64_t at = l->functions + i * 2 * l->width, address, record, offset;
		bool ok = true;
		const char *name;

		address = number(g, at, l->width, &ok) + l->code;
		record = l->records + number(g, at + l->width, l->width, &ok);
		next = number(g, at + 2 * l->width, l->width, &ok) + l->code;
		offset = number(g, record + address_bytes, 4, &ok);
		name = ok ? name_at(g, l->names + offset) : NULL;
		if (!name || next <= address)
			continue;
		if (*name)
			*MEM_PUSH(g->functions, g->n) = (struct symbol){
				.name = name, .kind = SYMBOL_FUNC, .default_version = true, .address = address,
				.size = next - address, .index = g->n - 1,
			};
		g->first = g->first && g->first < address ? g->first : address;
		g->end = g->end > next ? g->end : next;
	}
}

/* ---- arguments ---- */

static const char *const on_stack[] = { NULL };
static const char *const x86_64_registers[] = { "ax", "bx", "cx", "di", "si", "r8", "r9", "r10", "r11", NULL };
static const char *const arm64_registers[] = {
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", NULL,
};
static const char *const power_registers[] = {
	"gpr3", "gpr4", "gpr5", "gpr6", "gpr7", "gpr8", "gpr9", "gpr10", "gpr14", "gpr15", "gpr16", "gpr17", NULL,
};
static const char *const riscv_registers[] = {
	"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", NULL,
};
static const char *const loongarch_registers[] = {
	"r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17", "r18", "r19", NULL,
};

/* One more machine, or a later convention, is one more row: the last one that fits is taken. */
static const struct {
	int machine;
	unsigned since;			/* 1.N */
	unsigned stack_first;		/* as in struct arch */
	const char *const *registers;
	const char *goroutine;
} conventions[] = {
	{ EM_X86_64, 0, 8, on_stack, NULL },	{ EM_X86_64, 17, 8, x86_64_registers, "r14" },
	{ EM_AARCH64, 0, 8, on_stack, "x28" },	{ EM_AARCH64, 18, 8, arm64_registers, "x28" },
	{ EM_PPC64, 0, 32, on_stack, "gpr30" }, { EM_PPC64, 18, 32, power_registers, "gpr30" },
	{ EM_RISCV, 0, 8, on_stack, "s11" },	{ EM_RISCV, 19, 8, riscv_registers, "s11" },
	{ EM_LOONGARCH, 0, 8, on_stack, "r22" }, { EM_LOONGARCH, 22, 8, loongarch_registers, "r22" },
	{ EM_S390, 0, 8, on_stack, "r13" },	{ EM_386, 0, 4, on_stack, NULL },
	{ EM_ARM, 0, 4, on_stack, "r10" },
};

static void set_abi(struct elf_file *e, struct golang *g)
{
	const struct arch *arch = elf_arch(e);

	if (!arch)
		return;
	g->abi = *arch;
	g->abi.go = true;
	g->abi.args = NULL;
	g->abi.result = NULL;
	for (size_t i = 0; i < ARRAY_LEN(conventions); i++) {
		if (conventions[i].machine != elf_machine(e) || !g->version || g->version < conventions[i].since)
			continue;
		g->abi.args = conventions[i].registers;
		g->abi.stack_first = conventions[i].stack_first;
		g->abi.result = conventions[i].registers[0];
		g->abi.goroutine = conventions[i].goroutine;
	}
}

/* ---- the front door ---- */

static struct golang *golang(struct elf_file *e)
{
	static const char *const sections[] = { ".gopclntab", ".data.rel.ro.gopclntab" };
	struct golang **at = elf_golang(e), *g = *at;
	struct layout l;
	const void *data;

	if (g)
		return g;
	g = *at = mem_alloc(sizeof(*g));
	g->big_endian = elf_is_big_endian(e);
	if (!elf_is_go(e))
		return g;
	g->version = read_version(e);
	for (size_t i = 0; i < ARRAY_LEN(sections) && !g->data; i++)
		if (elf_section_data(e, sections[i], &data, &g->size))
			g->data = data;
	if (g->data && read_layout(e, g, &l))
		read_functions(g, &l);
	set_abi(e, g);
	return g;
}

void golang_free(struct golang *g)
{
	if (!g)
		return;
	free(g->functions);
	free(g);
}

size_t golang_functions(struct elf_file *e, const struct symbol **out)
{
	struct golang *g = golang(e);

	*out = g->functions;
	return g->n;
}

unsigned go_version(struct elf_file *e)
{
	return golang(e)->version;
}

const struct arch *elf_abi(struct elf_file *e, uint64_t address)
{
	struct golang *g = elf_is_go(e) ? golang(e) : NULL;

	if (!g || !g->abi.go || (g->end && (address < g->first || address >= g->end)))
		return elf_arch(e);
	return &g->abi;
}

/* ---- the stack check ---- */

/* Does the code there call the runtime, to go back to the function's begin? */
static bool grows_stack(const struct code *c, uint64_t at, cs_insn *insn)
{
	bool called = false;
	uint64_t target;

	for (unsigned i = 0; i < MAX_GROWING && at >= c->start && at < c->end && code_decode(c, at, insn); i++) {
		if (code_in_group(c, insn, CS_GRP_CALL))
			called = true;
		else if (code_jump_target(c, insn, &target))
			return called && target == c->start;
		else if (code_is_branch(c, insn))
			return false;
		at += insn->size;
	}
	return false;
}

static bool writes_argument(const struct code *c, const cs_insn *insn, const struct arch *abi)
{
	for (unsigned i = 0; abi->args && abi->args[i]; i++)
		if (code_writes_register(c, insn, abi->args[i]))
			return true;
	return false;
}

uint64_t go_stack_check(struct elf_file *e, const struct symbol *function)
{
	const struct arch *abi = elf_abi(e, function->address);
	uint64_t start, end, target, behind = 0;
	bool alone = false;		/* nobody else can come to the place behind it: there the frame begins */
	cs_insn *insn, *other;
	struct code c;

	if (!abi || !abi->go || !code_range(e, function, function->address, &start, &end) ||
	    !code_open(&c, e, start, end))
		return 0;
	insn = cs_malloc(c.cs);
	other = cs_malloc(c.cs);
	for (uint64_t at = start, n = 0; n < MAX_PROLOGUE && at < c.end && code_decode(&c, at, insn); n++) {
		if (code_jump_target(&c, insn, &target)) {
			if (!grows_stack(&c, target, other))
				break;
			behind = at + insn->size - start;
		} else if (code_writes_register(&c, insn, abi->sp)) {
			alone = at == start + behind;
			break;
		} else if (code_is_branch(&c, insn) || writes_argument(&c, insn, abi)) {
			break;
		}
		at += insn->size;
	}
	if (behind && !alone && code_jumped_into(&c, start + 1, start + behind))
		behind = 0;
	cs_free(insn, 1);
	cs_free(other, 1);
	code_release(&c);
	return behind;
}
