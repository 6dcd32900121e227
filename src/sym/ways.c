/* ways.c - where a function's code does not just go on computing: jumps, calls, returns, stores.
 *
 * Who follows lines or inlined functions must know which places are passed whenever another one is: between two
 * places to which straight code leads, and into which nobody jumps, there is no difference for a probe. The
 * instructions are taken one after the other from the function's start, as insn.c does it; where a register or memory
 * says where a jump leads, that is left open.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sym/code.h"

static bool is_x86(const struct code *c)
{
	return c->machine == EM_X86_64 || c->machine == EM_386;
}

/* What a call calls, as far as two calls can be told apart: the address, that of the pointer, or a sum over the
 * operand's text. */
static uint64_t callee(const struct code *c, const cs_insn *insn)
{
	const cs_x86_op *x = &insn->detail->x86.operands[0];
	uint64_t sum = 14695981039346656037ull;		/* FNV-1a */

	if (is_x86(c) && insn->detail->x86.op_count == 1 && x->type == X86_OP_IMM)
		return (uint64_t)x->imm;
	if (is_x86(c) && insn->detail->x86.op_count == 1 && x->type == X86_OP_MEM &&
	    x->mem.base == X86_REG_RIP)
		return insn->address + insn->size + (uint64_t)x->mem.disp;
	for (const char *p = insn->op_str; *p; p++)
		sum = (sum ^ (unsigned char)*p) * 1099511628211ull;
	return sum;
}

/* Does it write to a variable of the program? */
static bool stores_to(const struct code *c, const cs_insn *insn, uint64_t *to)
{
	const cs_x86 *x = &insn->detail->x86;

	for (unsigned i = 0; is_x86(c) && insn->id && i < x->op_count; i++)
		if (x->operands[i].type == X86_OP_MEM && x->operands[i].access & CS_AC_WRITE &&
		    x->operands[i].mem.base == X86_REG_RIP) {
			*to = insn->address + insn->size + (uint64_t)x->operands[i].mem.disp;
			return true;
		}
	return false;
}

static bool way_of(const struct code *c, const cs_insn *insn, struct way_out *w)
{
	*w = (struct way_out){ .from = insn->address, .next = insn->address + insn->size };
	if (code_jump_target(c, insn, &w->to) || code_in_group(c, insn, CS_GRP_JUMP))
		w->kind = code_is_conditional(c, insn) ? WAY_BRANCH : WAY_JUMP;
	else if (code_in_group(c, insn, CS_GRP_CALL))
		w->kind = WAY_CALL;
	else if (code_in_group(c, insn, CS_GRP_RET))
		w->kind = WAY_RETURN;
	else if (stores_to(c, insn, &w->to))
		w->kind = WAY_STORE;
	else
		return false;
	if (w->kind == WAY_CALL)
		w->to = callee(c, insn);
	else if (way_leaves(w) && (w->kind == WAY_RETURN || !code_jump_target(c, insn, &w->to)))
		w->to = UINT64_MAX;
	return true;
}

int insn_ways(struct elf_file *e, uint64_t address, struct ways *out)
{
	struct symbol function;
	bool known = elf_function_at(e, address, &function);
	struct way_out w;
	struct code c;
	cs_insn *insn;

	*out = (struct ways){ 0 };
	if (!code_range(e, known ? &function : NULL, address, &out->start, &out->end))
		return -ENOENT;
	if (!code_open(&c, e, out->start, out->end))
		return -ENOTSUP;
	insn = cs_malloc(c.cs);
	for (uint64_t at = c.start; at - c.start < c.n;) {
		if (!code_decode(&c, at, insn)) {
			at++;
			continue;
		}
		if (way_of(&c, insn, &w))
			*MEM_PUSH(out->v, out->n) = w;
		at += insn->size;
	}
	cs_free(insn, 1);
	code_release(&c);
	return 0;
}

static bool is_nop(const struct code *c, const cs_insn *insn)
{
	static const unsigned char arm64_nop[] = { 0x1f, 0x20, 0x03, 0xd5 };

	if (!is_x86(c))
		return memcmp(insn->bytes, arm64_nop, sizeof(arm64_nop)) == 0;
	return insn->id == X86_INS_NOP || (insn->size == 2 && insn->bytes[0] == 0x66 && insn->bytes[1] == 0x90);
}

unsigned insn_padding(struct elf_file *e, uint64_t address, uint64_t end)
{
	uint64_t at = address;
	struct code c;
	cs_insn *insn;

	if (end <= address || !code_open(&c, e, address, end))
		return 0;
	insn = cs_malloc(c.cs);
	while (at - address < c.n && code_decode(&c, at, insn) && is_nop(&c, insn))
		at += insn->size;
	cs_free(insn, 1);
	code_release(&c);
	return (unsigned)(at - address);
}

bool ways_are_straight(const struct ways *w, uint64_t from, uint64_t to)
{
	if (from < w->start || to >= w->end)
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (way_leaves(&w->v[i]) && ((w->v[i].from >= from && w->v[i].from < to) ||
						 (w->v[i].to > from && w->v[i].to <= to)))
			return false;
	return true;
}
