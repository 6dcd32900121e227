/* returns.c - where a function ends: its return instructions, and its jumps into other functions.
 *
 * A probe on each of them sees every return and changes nothing in the program, which the kernel's own return
 * probe cannot say: that one overwrites the return address on the stack, and whoever walks the stack meets it.
 * The price is that all of them must be found, and that nothing else may be taken for one: a breakpoint in a
 * table of numbers changes the numbers.
 *
 * So the code is followed as the processor would: from the entry, along each branch (recursive descent, as
 * disassemblers do: Schwarz, Debray, Andrews, "Disassembly of executable code revisited", 2002). What is reached
 * so is code. Four things lead further than the eye:
 *
 *	ret			the function ends, the value is in its register
 *	jmp other_function	a tail call: the function ends, and the other one's value is its value
 *	jmp f.cold		no end: compilers move what is rarely needed to a place apart (a part)
 *	jmp *%rax		either a `switch` by a table of addresses, or a tail call by a pointer: what the
 *				register was computed from tells
 *
 * Some code is reached by no branch: the cases of a switch, and where exceptions land. Where a function has such,
 * what lies between the code that was reached is decoded too, and must be code from its first byte to its last.
 * Where it has none, such bytes are not touched: when there is a return among them, nobody can tell, and that is
 * the answer.
 */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sym/code.h"

enum { MAX_PARTS = 16, LOOK_BACK = 12 };

/* A piece of the function: its body first, then what was moved apart. */
struct part {
	struct code code;
	unsigned char *reached;		/* of each byte: an instruction that is reached begins there */
};

/* The last instructions on the way to a place. */
struct way {
	uint64_t before[LOOK_BACK];	/* addresses, the last one at n - 1 */
	unsigned n;
	bool whole;			/* they are all since the function's entry */
	uint64_t at;			/* where to go on */
};

struct walk {
	struct elf_file *e;
	const struct symbol *function;
	struct part parts[MAX_PARTS];
	unsigned n_parts;
	struct way *todo;
	size_t n_todo;
	struct function_exit *exits;
	size_t n_exits;
	cs_insn *insn, *other;
	bool table;			/* it jumps by a table */
	struct str *why;		/* not empty: why nobody can tell */
};

/* Notes the first reason; always false. */
PRINTF(3, 4) static bool unsure(struct walk *w, uint64_t at, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	if (w->why->len)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	str_addf(w->why, "at %#llx %s", (unsigned long long)at, text);
	return false;
}

/* ---- parts ---- */

static struct part *part_at(struct walk *w, uint64_t address)
{
	for (unsigned i = 0; i < w->n_parts; i++)
		if (address >= w->parts[i].code.start && address - w->parts[i].code.start < w->parts[i].code.n)
			return &w->parts[i];
	return NULL;
}

static bool add_part(struct walk *w, uint64_t start, uint64_t end)
{
	struct part *p = &w->parts[w->n_parts];

	if (w->n_parts == MAX_PARTS)
		return unsure(w, start, "begins one part too many");
	w->n_parts++;
	if (!code_open(&p->code, w->e, start, end))
		return unsure(w, start, "is no code that can be decoded");
	p->reached = mem_alloc(p->code.n + 1);
	return true;
}

/* `f.cold`, `f.cold.3` of f. */
static bool is_cold_part_of(const char *name, const char *function)
{
	size_t n = strlen(function);

	return n && strncmp(name, function, n) == 0 && str_starts(name + n, ".cold");
}

/* The linker's stubs, by which functions of other files are called. */
static bool is_stub(struct walk *w, uint64_t address)
{
	struct elf_place p;

	return elf_place(w->e, address, &p) && str_starts(p.section, ".plt");
}

enum place { OF_FUNCTION, OF_OTHER, OF_NOBODY_KNOWS };

/* Whose code is outside of the parts? When it is ours, it becomes a part. */
static enum place place_of(struct walk *w, uint64_t from, uint64_t target)
{
	struct symbol s;
	uint64_t begin, end;
	bool fde = elf_fde_at(w->e, target, &begin, &end);

	if (is_stub(w, target))
		return OF_OTHER;
	if (elf_function_at(w->e, target, &s) && is_cold_part_of(s.name, w->function->name))
		return add_part(w, s.address, s.address + s.size) ? OF_FUNCTION : OF_NOBODY_KNOWS;
	if (fde && begin != w->function->address && elf_frame_moved(w->e, begin))
		return add_part(w, begin, end) ? OF_FUNCTION : OF_NOBODY_KNOWS;
	if (elf_function_at(w->e, target, &s) && s.address + s.entry != target && s.address != target &&
	    !(fde && begin == target)) {
		unsure(w, from, "it jumps into the middle of %s", s.name);
		return OF_NOBODY_KNOWS;
	}
	return OF_OTHER;
}

/* ---- jumps by a register or by memory ---- */

static bool is_x86(const struct code *c)
{
	return c->machine != EM_AARCH64;
}

/* The jumps that check a signature (braa) are not in capstone's tables: bits 5 to 9 have the register. */
static unsigned arm64_jump_register(const cs_insn *insn)
{
	unsigned n = (insn->bytes[0] >> 5 | insn->bytes[1] << 3) & 31;

	return n < 29 ? ARM64_REG_X0 + n : n == 29 ? ARM64_REG_X29 : n == 30 ? ARM64_REG_X30 : 0;
}

/* The register that an indirect jump goes by; 0: by memory. */
static unsigned jump_register(const struct code *c, const cs_insn *insn)
{
	const cs_x86_op *x = &insn->detail->x86.operands[0];

	if (!is_x86(c))
		return arm64_jump_register(insn);
	return x->type == X86_OP_REG ? (unsigned)x->reg : 0;
}

/* The instruction on the way that writes the register last: into w->other. */
static bool last_writer(struct walk *w, const struct way *way, unsigned reg)
{
	const struct arch *arch = elf_arch(w->e);
	const char *name = cs_reg_name(w->parts[0].code.cs, reg), *type;

	name = name && arch ? arch_register(arch, name, &type) : NULL;
	for (unsigned n = way->n; name && n-- > 0;) {
		struct part *p = part_at(w, way->before[n]);

		if (p && code_decode(&p->code, way->before[n], w->other) && code_writes_register(&p->code, w->other, name))
			return true;
	}
	return false;
}

/* Has the instruction before it given the stack back? Then the function is at its end. */
static bool frame_is_gone(struct walk *w, const struct way *way)
{
	const struct arch *arch = elf_arch(w->e);
	struct part *p = way->n ? part_at(w, way->before[way->n - 1]) : NULL;

	return p && arch && code_decode(&p->code, way->before[way->n - 1], w->other) &&
	       !code_in_group(&p->code, w->other, CS_GRP_CALL) && code_writes_register(&p->code, w->other, arch->sp);
}

static bool has_index(const cs_insn *insn)
{
	for (unsigned i = 0; i < insn->detail->x86.op_count; i++)
		if (insn->detail->x86.operands[i].type == X86_OP_MEM &&
		    insn->detail->x86.operands[i].mem.index != X86_REG_INVALID)
			return true;
	return false;
}

/* jmp *0x402010(,%rax,8): does the first word of the table lead into the function? */
static bool table_leads_back(struct walk *w, const cs_insn *insn)
{
	const x86_op_mem *m = &insn->detail->x86.operands[0].mem;
	unsigned char word[8] = { 0 };
	unsigned size = elf_word(w->e);
	uint64_t address = 0;

	if (elf_bytes(w->e, (uint64_t)m->disp & (size == 4 ? UINT32_MAX : UINT64_MAX), word, size) != size)
		return false;
	for (unsigned i = 0; i < size; i++)
		address |= (uint64_t)word[i] << 8 * i;
	return part_at(w, address) != NULL;
}

enum jump_kind { BY_TABLE, TAIL_CALL, EITHER };

/* A switch adds what it read from its table of distances to the table's address, or reads an address from a table by
 * an index; a pointer comes from a register or a structure as it is. Go's compiler makes no tail calls by pointer. */
static enum jump_kind x86_jump_kind(struct walk *w, const struct code *c, const struct way *way)
{
	const cs_insn *insn = w->insn;
	bool notrack = insn->bytes[0] == 0x3e, indexed = has_index(insn);
	unsigned reg = jump_register(c, insn);

	if (notrack || (elf_is_go(w->e) && indexed))
		return BY_TABLE;
	if (!reg && indexed && insn->detail->x86.operands[0].mem.base == X86_REG_INVALID)
		return table_leads_back(w, insn) ? BY_TABLE : TAIL_CALL;
	if (!reg || frame_is_gone(w, way))
		return TAIL_CALL;
	if (!last_writer(w, way, reg))
		return way->whole ? TAIL_CALL : EITHER;		/* it is an argument */
	if (w->other->id == X86_INS_ADD || (w->other->id == X86_INS_MOV && has_index(w->other)))
		return BY_TABLE;
	return w->other->id == X86_INS_MOV ? TAIL_CALL : EITHER;
}

static enum jump_kind arm64_jump_kind(struct walk *w, const struct code *c, const struct way *way)
{
	if (frame_is_gone(w, way))
		return TAIL_CALL;
	if (!last_writer(w, way, jump_register(c, w->insn)))
		return way->whole ? TAIL_CALL : EITHER;		/* it is an argument */
	if (w->other->id == ARM64_INS_ADD)
		return w->other->detail->arm64.op_count == 3 &&
		       w->other->detail->arm64.operands[2].type == ARM64_OP_REG ? BY_TABLE : TAIL_CALL;
	return w->other->id == ARM64_INS_LDR || w->other->id == ARM64_INS_MOV ? TAIL_CALL : EITHER;
}

/* ---- one instruction ---- */

static void add_exit(struct walk *w, uint64_t at, enum exit_kind kind, uint64_t target)
{
	*MEM_PUSH(w->exits, w->n_exits) = (struct function_exit){ at, kind, target };
}

/* Does the way end here: is there no next instruction? */
static bool is_last(const struct code *c, const cs_insn *insn)
{
	if (code_in_group(c, insn, CS_GRP_RET) || code_is_indirect_jump(c, insn))
		return true;
	if (is_x86(c))
		return insn->id == X86_INS_JMP || insn->id == X86_INS_UD2 || insn->id == X86_INS_HLT ||
		       insn->id == X86_INS_INT3;
	return (code_in_group(c, insn, CS_GRP_JUMP) && !code_is_conditional(c, insn)) || insn->id == ARM64_INS_BRK;
}

static bool is_jump(const struct code *c, const cs_insn *insn, uint64_t *target)
{
	return !code_in_group(c, insn, CS_GRP_CALL) && code_jump_target(c, insn, target);
}

static void go_on(struct walk *w, const struct way *way, uint64_t at)
{
	struct way *new = MEM_PUSH(w->todo, w->n_todo);

	*new = way ? *way : (struct way){ 0 };
	new->at = at;
}

static bool take_jump(struct walk *w, const struct code *c, const struct way *way, uint64_t target)
{
	bool last = is_last(c, w->insn);
	uint64_t at = way->at;

	if (!part_at(w, target))
		switch (place_of(w, at, target)) {
		case OF_FUNCTION:
			break;
		case OF_OTHER:
			add_exit(w, at, last ? EXIT_TAIL : EXIT_MAYBE, target);
			return true;
		case OF_NOBODY_KNOWS:
			return false;
		}
	go_on(w, way, target);
	return true;
}

static bool take_indirect(struct walk *w, const struct code *c, const struct way *way)
{
	switch ((is_x86(c) ? x86_jump_kind : arm64_jump_kind)(w, c, way)) {
	case BY_TABLE:
		w->table = true;
		return true;
	case TAIL_CALL:
		add_exit(w, way->at, EXIT_TAIL, 0);
		return true;
	case EITHER:
		break;
	}
	return unsure(w, way->at, "it jumps where a register says: to a case of its own, or into another function");
}

/* What the instruction at hand means for the function's end. */
static bool take_insn(struct walk *w, const struct code *c, const struct way *way)
{
	uint64_t target;

	if (code_in_group(c, w->insn, CS_GRP_IRET))
		return unsure(w, way->at, "it returns from an interrupt");
	if (code_in_group(c, w->insn, CS_GRP_RET))
		add_exit(w, way->at, EXIT_RET, 0);
	else if (code_is_indirect_jump(c, w->insn))
		return take_indirect(w, c, way);
	else if (is_jump(c, w->insn, &target))
		return take_jump(w, c, way, target);
	return true;
}

static void step(struct way *way, unsigned length)
{
	if (way->n == LOOK_BACK) {
		memmove(way->before, way->before + 1, --way->n * sizeof(*way->before));
		way->whole = false;
	}
	way->before[way->n++] = way->at;
	way->at += length;
}

/* Follows the code straight on until it ends or is known. */
static bool follow(struct walk *w, struct way way)
{
	struct part *p = part_at(w, way.at);

	while (p && way.at - p->code.start < p->code.n && !p->reached[way.at - p->code.start]) {
		if (!code_decode(&p->code, way.at, w->insn))
			return unsure(w, way.at, "there is no instruction that trapline knows");
		p->reached[way.at - p->code.start] = 1;
		if (!take_insn(w, &p->code, &way))
			return false;
		if (is_last(&p->code, w->insn))
			return true;
		step(&way, w->insn->size);
	}
	return true;
}

static bool follow_all(struct walk *w)
{
	while (w->n_todo)
		if (!follow(w, w->todo[--w->n_todo]))
			return false;
	return true;
}

/* ---- what no branch leads to ---- */

static bool is_padding(const struct code *c, const cs_insn *insn)
{
	if (!is_x86(c))
		return insn->id == ARM64_INS_NOP || insn->id == ARM64_INS_BRK;
	return insn->id == X86_INS_NOP || insn->id == X86_INS_INT3 || insn->id == X86_INS_UD2 ||
	       (insn->id == X86_INS_XCHG && insn->size <= 2);
}

/* Where the instruction that is reached at `at` ends. */
static uint64_t behind(struct walk *w, const struct part *p, uint64_t at)
{
	return code_decode(&p->code, at, w->other) ? at + w->other->size : at + 1;
}

/* The next stretch that is not reached and no padding, from *at on: *at is its begin then. */
static bool next_gap(struct walk *w, const struct part *p, uint64_t *at)
{
	while (*at - p->code.start < p->code.n) {
		if (p->reached[*at - p->code.start])
			*at = behind(w, p, *at);
		else if (code_decode(&p->code, *at, w->other) && is_padding(&p->code, w->other))
			*at += w->other->size;
		else
			return true;
	}
	return false;
}

/* Is there an end among the bytes, if they are code? */
static bool gap_has_exit(struct walk *w, const struct part *p, uint64_t at)
{
	for (uint64_t target; at - p->code.start < p->code.n && !p->reached[at - p->code.start];
	     at += w->other->size) {
		if (!code_decode(&p->code, at, w->other))
			return true;
		if (code_in_group(&p->code, w->other, CS_GRP_RET) || code_is_indirect_jump(&p->code, w->other) ||
		    (is_jump(&p->code, w->other, &target) && !part_at(w, target)))
			return true;
	}
	return false;
}

/* Code that is reached in ways that cannot be followed: cases of a switch, landings of exceptions, and in Go what runs
 * after a panic. */
static bool has_hidden_ways(struct walk *w, const struct part *p)
{
	return w->table || elf_is_go(w->e) || elf_has_landings(w->e, p->code.start);
}

/* Leads *at behind the bytes that are not reached. */
static void skip_gap(const struct part *p, uint64_t *at)
{
	while (*at - p->code.start < p->code.n && !p->reached[*at - p->code.start])
		++*at;
}

static bool follow_gap(struct walk *w, const struct part *p, uint64_t *at)
{
	if (has_hidden_ways(w, p)) {
		go_on(w, NULL, *at);
		return follow_all(w);
	}
	if (gap_has_exit(w, p, *at))
		return unsure(w, *at, "there are bytes to which no branch leads: they may be code or data");
	skip_gap(p, at);
	return true;
}

static bool follow_gaps(struct walk *w)
{
	for (unsigned i = 0; i < w->n_parts; i++)
		for (uint64_t at = w->parts[i].code.start; next_gap(w, &w->parts[i], &at);)
			if (!follow_gap(w, &w->parts[i], &at))
				return false;
	return true;
}

/* ---- the front door ---- */

static int by_address(const void *va, const void *vb)
{
	const struct function_exit *a = va, *b = vb;

	return (a->address > b->address) - (a->address < b->address);
}

int function_exits(struct elf_file *e, const struct symbol *function, struct function_exit **out, struct str *why)
{
	struct walk w = { .e = e, .function = function, .why = why };
	uint64_t start, end;
	csh cs;

	str_clear(why);
	*out = NULL;
	if (!elf_arch(e) || !code_range(e, function, function->address, &start, &end) || !add_part(&w, start, end)) {
		str_clear(why);
		str_add(why, "its instructions cannot be decoded on this machine");
		goto end;
	}
	cs = w.parts[0].code.cs;
	w.insn = cs_malloc(cs);
	w.other = cs_malloc(cs);
	go_on(&w, &(struct way){ .whole = true }, start);
	if (end - start > MAX_DECODED)
		unsure(&w, start, "begins more code than trapline looks at");
	else if (follow_all(&w))
		follow_gaps(&w);
	if (w.n_exits)
		qsort(w.exits, w.n_exits, sizeof(*w.exits), by_address);
	cs_free(w.insn, 1);
	cs_free(w.other, 1);
end:
	for (unsigned i = 0; i < w.n_parts; i++) {
		code_release(&w.parts[i].code);
		free(w.parts[i].reached);
	}
	free(w.todo);
	*out = w.exits;
	return (int)w.n_exits;
}
