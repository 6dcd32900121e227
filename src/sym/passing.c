/* passing.c - where a function's arguments are at the moment of the call, by the machine's calling convention.
 *
 * Optimised code says so itself: the first entry of an argument's location list begins where the function does. Code
 * that is not optimised (-O0) says only where the argument will be, after the function has stored it in its frame,
 * which at its first instruction it has not yet. So for that place the convention is asked, with the types of all
 * arguments in front of the wanted one:
 *
 *	x86-64	numbers and pointers, in di si dx cx r8 r9; a struct of up to 16 bytes in as many of those as it has
 *		words, if so many are left; floating point in xmm registers, a struct of only that too; all else
 *		on the stack, in words of 8 bytes (System V ABI, "Parameter Passing")
 *	arm64	the same with x0..x7, but larger structs by a pointer (AAPCS64, "Parameter passing rules")
 *
 * A number of 16 bytes (__int128) is in two registers, or on the stack at a multiple of 16; on arm64 the number of the
 * first register is even. Before version 18, clang took it on x86-64 for two numbers of 8 bytes, which may be half in
 * the last register and half on the stack.
 *
 * Of the other machines only numbers and pointers are known here. Behind an argument that is not, nothing is: `lost`.
 */
#include <elf.h>
#include <string.h>

#include "sym/internal.h"

enum {
	WORD = 8,
	SMALL = 16,		/* bytes: a larger struct is not passed in registers */
	WIDE = 16,		/* of the widest number, and of the strictest alignment that the stack itself has */
	FLOAT_REGISTERS = 8,
	MAX_DEPTH = 16,		/* of structs within structs */
	MAX_LOOKS = 4096,	/* at members */
};

/* Which of the two words of a small struct hold anything but floating point; and what its bytes begin at a multiple
 * of. */
struct contents {
	bool integer[2], floating[2];
	uint64_t align;
	unsigned looks;
	bool unaligned;		/* then it is passed in memory */
	bool unclear;
	uint64_t base;
	unsigned depth;
};

static void look_into(struct contents *c, const struct debug_type *t, uint64_t offset);

/* Other wide ones (_Float128, complex double) are passed in other ways. */
static bool is_long_double(const struct debug_type_info *info)
{
	return info->kind == DEBUG_FLOAT && info->name && strcmp(info->name, "long double") == 0;
}

static bool look_at_member(void *ctx, const struct debug_member *m)
{
	struct contents *c = ctx;
	uint64_t base = c->base;

	if (m->bits)
		c->integer[(base + m->offset + m->bit_offset / 8) / WORD & 1] = true;
	else
		look_into(c, m->type, base + m->offset);
	c->base = base;
	return true;
}

static void look_into(struct contents *c, const struct debug_type *t, uint64_t offset)
{
	struct debug_type_info info = t ? debug_type_info(t) : (struct debug_type_info){ 0 };

	if (c->looks++ > MAX_LOOKS) {
		c->unclear = true;
		return;
	}
	if (info.align > c->align)
		c->align = info.align;
	if ((info.kind == DEBUG_INT || info.kind == DEBUG_FLOAT) && info.size == WIDE && c->align < WIDE)
		c->align = WIDE;
	switch (info.kind) {
	case DEBUG_STRUCT:
	case DEBUG_UNION:
		c->base = offset;
		if (c->depth++ > MAX_DEPTH || !debug_members(t, look_at_member, c))
			c->unclear = true;
		c->depth--;
		break;
	case DEBUG_ARRAY:
		for (uint64_t i = 0; i < info.count && i < SMALL && info.size; i++)
			look_into(c, debug_type_of(t), offset + i * (info.size / info.count));
		break;
	case DEBUG_FLOAT:
		c->unaligned |= info.size > WORD;	/* long double */
		c->unclear |= info.size > WORD && !is_long_double(&info);
		c->floating[offset / WORD & 1] = true;
		break;
	case DEBUG_UNKNOWN:
	case DEBUG_VOID:
	case DEBUG_FUNCTION:
		c->unclear = true;
		break;
	default:
		c->unaligned |= info.size && offset % info.size && info.size <= WORD;
		c->integer[offset / WORD & 1] = true;
		if (info.size > WORD)
			c->integer[1] = true;
		break;
	}
}

/* The words of a stack argument. */
static void on_stack(struct passing *p, uint64_t size, uint64_t align, struct debug_variable *out)
{
	uint64_t word = p->arch->word;

	p->stack = (p->stack + align - 1) / align * align;
	out->pieces[0] = (struct debug_piece){ .where = DEBUG_MEMORY, .reg = p->arch->sp, .n_steps = 1, .size = size,
					       .steps = { (int64_t)(p->arch->stack_first + p->stack) } };
	out->n_pieces = 1;
	p->stack += (size + word - 1) / word * word;
}

static unsigned registers_of(const struct arch *a)
{
	unsigned n = 0;

	while (a->args[n])
		n++;
	return n;
}

static void in_registers(struct passing *p, uint64_t size, struct debug_variable *out)
{
	uint64_t word = p->arch->word;

	out->n_pieces = 0;
	for (uint64_t done = 0; done < size; done += word)
		out->pieces[out->n_pieces++] = (struct debug_piece){ .where = DEBUG_REGISTER,
			.reg = p->arch->args[p->registers++], .size = size - done < word ? size - done : word };
}

/* A pointer to it is passed. */
static void by_reference(struct passing *p, uint64_t size, struct debug_variable *out)
{
	if (p->registers < registers_of(p->arch)) {
		in_registers(p, p->arch->word, out);
		out->pieces[0] = (struct debug_piece){ .where = DEBUG_MEMORY, .reg = out->pieces[0].reg, .n_steps = 1,
						       .size = size };
		return;
	}
	on_stack(p, p->arch->word, p->arch->word, out);
	out->pieces[0].n_steps = 2;
	out->pieces[0].size = size;
}

static void not_known(struct passing *p, struct debug_variable *out)
{
	p->lost = true;
	out->n_pieces = 0;
	out->gone = "how arguments of such types are passed on this machine is not known";
}

static void number(struct passing *p, uint64_t size, struct debug_variable *out)
{
	if (p->registers < registers_of(p->arch))
		in_registers(p, size, out);
	else
		on_stack(p, size, p->arch->word, out);
}

/* Two words that stay together: in two registers, or on the stack. */
static void pair(struct passing *p, uint64_t size, uint64_t align, struct debug_variable *out)
{
	bool even = p->arch->machine == EM_AARCH64;

	if (even && align == WIDE)
		p->registers += p->registers & 1;
	if (p->registers + (size + WORD - 1) / WORD <= registers_of(p->arch)) {
		in_registers(p, size, out);
		return;
	}
	if (even)
		p->registers = registers_of(p->arch);	/* what follows goes to the stack too */
	on_stack(p, size, align, out);
}

static void wide_number(struct passing *p, struct debug_variable *out)
{
	struct debug_variable high = { 0 };

	if (!p->halves || p->arch->machine != EM_X86_64) {
		pair(p, WIDE, WIDE, out);
		return;
	}
	number(p, WORD, out);
	number(p, WORD, &high);
	out->pieces[out->n_pieces++] = high.pieces[0];
}

static void floating(struct passing *p, const struct debug_type_info *info, struct debug_variable *out)
{
	uint64_t size = info->size;

	if (size > WORD && !is_long_double(info)) {
		not_known(p, out);
		return;
	}
	if (size > WORD && p->arch->machine == EM_X86_64) {
		on_stack(p, size, size, out);
		return;
	}
	if (p->floats >= FLOAT_REGISTERS) {
		on_stack(p, size, WORD, out);
		return;
	}
	p->floats++;
	out->n_pieces = 0;
	out->gone = "floating point (it is in a register that the kernel cannot fetch)";
}

static void large_struct(struct passing *p, const struct debug_type *t, uint64_t size, struct debug_variable *out)
{
	struct contents c = { .align = WORD };

	look_into(&c, t, 0);
	if (c.align > WIDE || c.looks > MAX_LOOKS)
		not_known(p, out);
	else
		on_stack(p, size, c.align, out);
}

static void small_struct(struct passing *p, const struct debug_type *t, uint64_t size, struct debug_variable *out)
{
	struct contents c = { .align = WORD };
	unsigned words = (unsigned)((size + WORD - 1) / WORD), integers = 0, floats = 0;

	look_into(&c, t, 0);
	for (unsigned i = 0; i < words; i++)
		if (c.integer[i])
			integers++;
		else
			floats++;
	if (c.unclear || c.align > WIDE) {
		not_known(p, out);
	} else if (c.unaligned && p->arch->machine == EM_X86_64) {
		on_stack(p, size, c.align, out);
	} else if (!floats) {
		pair(p, size, c.align, out);
	} else if (p->arch->machine != EM_X86_64) {
		not_known(p, out);
	} else if (p->registers + integers > registers_of(p->arch) || p->floats + floats > FLOAT_REGISTERS) {
		on_stack(p, size, c.align, out);
	} else {
		p->registers += integers;
		p->floats += floats;
		out->n_pieces = 0;
		out->gone = "floating point (a part of it is in a register that the kernel cannot fetch)";
	}
}

struct passing passing_begin(const struct arch *a, const struct debug_type *result, bool halves)
{
	struct debug_type_info info = result ? debug_type_info(result) : (struct debug_type_info){ 0 };
	bool is_struct = info.kind == DEBUG_STRUCT || info.kind == DEBUG_UNION;
	struct passing p = { .arch = a, .halves = halves };
	struct contents c = { 0 };

	if (is_struct && info.size <= SMALL)
		look_into(&c, result, 0);
	/* A result that does not fit into registers is written to where a hidden first argument points. */
	if (is_struct && a->machine == EM_X86_64)
		p.registers = info.size > SMALL || c.unaligned || info.by_reference;
	else if (is_struct)
		p.lost = a->machine != EM_AARCH64;
	return p;
}

void passing_next(struct passing *p, const struct debug_type *t, struct debug_variable *out)
{
	struct debug_type_info info = t ? debug_type_info(t) : (struct debug_type_info){ 0 };
	bool known = p->arch->machine == EM_X86_64 || p->arch->machine == EM_AARCH64;

	out->n_pieces = 0;
	out->gone = NULL;
	if (p->lost || !t) {
		not_known(p, out);
		return;
	}
	switch (info.kind) {
	case DEBUG_INT: case DEBUG_BOOL: case DEBUG_CHAR: case DEBUG_ENUM: case DEBUG_POINTER:
		if (known && info.size == WIDE)
			wide_number(p, out);
		else if (info.size == 0 || info.size > p->arch->word)
			not_known(p, out);
		else
			number(p, info.size, out);
		return;
	case DEBUG_FLOAT:
		if (known)
			floating(p, &info, out);
		else
			not_known(p, out);
		return;
	case DEBUG_STRUCT: case DEBUG_UNION:
		if (!known || !info.size)
			not_known(p, out);
		else if (info.by_reference)
			by_reference(p, info.size, out);
		else if (info.size <= SMALL)
			small_struct(p, t, info.size, out);
		else if (p->arch->machine == EM_AARCH64)
			by_reference(p, info.size, out);
		else
			large_struct(p, t, info.size, out);
		return;
	default:
		not_known(p, out);
	}
}
