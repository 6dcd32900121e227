/* dwarf.c - which function an address is in, and where its arguments and variables are there.
 *
 * DWARF is a tree of entries (DIEs) for each unit, that is, each source file that was compiled:
 *
 *	compile_unit "fopen.c", code at 0x75f00-0x76010
 *	    subprogram "_IO_new_fopen", low_pc 0x75fe0, frame_base call_frame_cfa
 *	        formal_parameter "filename", type -> const char *, location -> a list
 *
 * The way is always from the address to the entry, never by a name alone: half of the functions that glibc exports
 * have their entry under another name. Which unit covers an address stands in .debug_aranges, which some compilers
 * leave out; then the units' own ranges are read, once, and sorted.
 *
 * Where a variable is can change with every instruction. Its location is an expression for a stack machine, or a list
 * of them with the addresses for which each holds. The kernel has no stack machine: it fetches a register, or memory
 * at a register (or at an address of the file) plus a number, and may take what it found there for the next address.
 * So the expressions that compilers write most are turned into that, and of the others it is said what is missing:
 *
 *	reg5				%di
 *	breg7 16, fbreg -20		+16(%sp); fbreg counts from the frame base, often the CFA, which .eh_frame
 *					gives for the address
 *	breg5 8, deref, plus_uconst 4	+4(+8(%di))
 *	reg0 piece 8, reg1 piece 8	a struct in two registers
 *	lit7, stack_value		a constant
 *	entry_value(reg5), stack_value	what %di was when the function was entered: known there only
 *
 * At the first instruction of a function the variables of unoptimised code are not yet where their location says: the
 * function stores them there a few instructions later. Then the calling convention tells (passing.c). It also goes
 * before what GCC says of a number of 16 bytes (__int128), for that is where its halves will be, or nothing.
 */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "sym/internal.h"

enum {
	MAX_VARIABLES = 1024,	/* of one function that are looked at */
	MAX_RANGES = 1 << 20,	/* pieces of code of one file */
	MAX_ENTRIES = 1 << 22,	/* entries that are looked at for one answer: a hostile file repeats itself */
};

/* ---- entries ---- */

bool dwarf_first(Dwarf_Die *parent, Dwarf_Die *child)
{
	return dwarf_child(parent, child) == 0;
}

/* A sibling lies further on in the file: one that does not leads back, and round for ever. */
bool dwarf_next(Dwarf_Die *die)
{
	Dwarf_Die next;

	if (dwarf_siblingof(die, &next) != 0 || next.addr <= die->addr)
		return false;
	*die = next;
	return true;
}

bool dwarf_find_attr(Dwarf_Die *die, unsigned name, Dwarf_Attribute *out)
{
	return dwarf_attr_integrate(die, name, out) != NULL;
}

const char *dwarf_find_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	return dwarf_find_attr(die, DW_AT_name, &attr) ? dwarf_formstring(&attr) : NULL;
}

bool dwarf_find_number(Dwarf_Die *die, unsigned name, uint64_t *out)
{
	Dwarf_Attribute attr;
	Dwarf_Word word;

	if (!dwarf_find_attr(die, name, &attr) || dwarf_formudata(&attr, &word) != 0)
		return false;
	*out = word;
	return true;
}

bool dwarf_find_constant(Dwarf_Die *die, unsigned name, int64_t *out)
{
	Dwarf_Attribute attr;
	Dwarf_Sword negative;
	Dwarf_Word word;
	bool ok, has_sign;

	if (!dwarf_find_attr(die, name, &attr))
		return false;
	has_sign = dwarf_whatform(&attr) == DW_FORM_sdata || dwarf_whatform(&attr) == DW_FORM_implicit_const;
	ok = has_sign ? dwarf_formsdata(&attr, &negative) == 0 : dwarf_formudata(&attr, &word) == 0;
	if (ok)
		*out = has_sign ? negative : (int64_t)word;
	return ok;
}

bool dwarf_find_die(Dwarf_Die *die, unsigned name, Dwarf_Die *out)
{
	Dwarf_Attribute attr;

	return dwarf_find_attr(die, name, &attr) && dwarf_formref_die(&attr, out);
}

/* ---- units ---- */

struct unit_range {
	uint64_t begin, end;
	Dwarf_Die unit;
};

struct units {
	struct unit_range *ranges;	/* by begin */
	size_t n;
};

void units_free(struct units *u)
{
	if (u)
		free(u->ranges);
	free(u);
}

static int by_begin(const void *va, const void *vb)
{
	const struct unit_range *a = va, *b = vb;

	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* The ranges of all units. */
static struct units *read_units(Dwarf *dwarf)
{
	struct units *u = mem_alloc(sizeof(*u));
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;

	while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &die, NULL) == 0) {
		Dwarf_Addr base, begin, end;
		ptrdiff_t at = 0;

		while (u->n < MAX_RANGES && (at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0)
			*MEM_PUSH(u->ranges, u->n) = (struct unit_range){ begin, end, die };
	}
	if (u->n)
		qsort(u->ranges, u->n, sizeof(*u->ranges), by_begin);
	return u;
}

static bool unit_by_ranges(struct elf_file *e, uint64_t address, Dwarf_Die *unit)
{
	struct units **u = debuginfo_units(e);
	size_t low = 0, high;

	if (!*u)
		*u = read_units(elf_dwarf(e));
	for (high = (*u)->n; low < high;) {
		size_t mid = low + (high - low) / 2;

		if ((*u)->ranges[mid].begin <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || address >= (*u)->ranges[low - 1].end)
		return false;
	*unit = (*u)->ranges[low - 1].unit;
	return true;
}

static bool unit_by_table(struct elf_file *e, uint64_t address, Dwarf_Die *unit)
{
	Dwarf_Aranges *aranges;
	Dwarf_Off offset;
	size_t n;

	return dwarf_getaranges(elf_dwarf(e), &aranges, &n) == 0 &&
	       dwarf_getarangeinfo(dwarf_getarange_addr(aranges, address), NULL, NULL, &offset) == 0 &&
	       dwarf_offdie(elf_dwarf(e), offset, unit);
}

static bool is_skeleton(Dwarf_Die *unit, Dwarf_Die *whole)
{
	uint8_t type;

	return dwarf_cu_info(unit->cu, NULL, &type, NULL, whole, NULL, NULL, NULL) == 0 && type == DW_UT_skeleton;
}

/* Of split DWARF the program has only the skeleton. False: the rest, FILE.dwo, is not there. */
static bool take_split_part(Dwarf_Die *unit)
{
	Dwarf_Die whole;

	if (!is_skeleton(unit, &whole))
		return true;
	if (!whole.addr)
		return false;
	*unit = whole;
	return true;
}

static bool skeleton_at(struct elf_file *e, uint64_t address, Dwarf_Die *unit)
{
	return elf_dwarf(e) && (unit_by_table(e, address, unit) || unit_by_ranges(e, address, unit));
}

bool dwarf_unit_at(struct elf_file *e, uint64_t address, Dwarf_Die *unit)
{
	return skeleton_at(e, address, unit) && take_split_part(unit);
}

void dwarf_each_unit(struct elf_file *e, uint64_t first, bool (*fn)(void *ctx, Dwarf_Die *unit), void *ctx)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;

	if (first && dwarf_unit_at(e, first, &unit) && !fn(ctx, &unit))
		return;
	while (dwarf_get_units(elf_dwarf(e), cu, &cu, NULL, NULL, &unit, NULL) == 0)
		if (take_split_part(&unit) && !fn(ctx, &unit))
			return;
}

/* ---- functions ---- */

struct walk {
	uint64_t address;
	Dwarf_Die found;
	bool any;
	bool deep;			/* also within functions whose code is elsewhere */
	unsigned budget;		/* of entries */
};

static bool holds_functions(const struct walk *w, int tag)
{
	switch (tag) {
	case DW_TAG_subprogram: case DW_TAG_lexical_block:
		return w->deep;
	case DW_TAG_namespace: case DW_TAG_module: case DW_TAG_structure_type: case DW_TAG_class_type:
	case DW_TAG_union_type: case DW_TAG_enumeration_type: case DW_TAG_interface_type: case DW_TAG_imported_unit:
		return true;
	default:
		return false;
	}
}

/* Of several that cover the address (assemblers describe functions too, and a function may lie within another) the
 * one that tells most: that has parameters, that starts there. */
static bool tells_more(Dwarf_Die *a, Dwarf_Die *b)
{
	Dwarf_Die child;
	bool has = dwarf_haschildren(a) > 0 && dwarf_first(a, &child);
	bool had = dwarf_haschildren(b) > 0 && dwarf_first(b, &child);

	return has >= had;
}

static void find_function(struct walk *w, Dwarf_Die *parent, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DWARF_DEPTH || !dwarf_first(parent, &die))
		return;
	do {
		if (w->budget-- == 0)
			break;
		if (dwarf_tag(&die) == DW_TAG_subprogram && dwarf_haspc(&die, w->address) > 0) {
			if (!w->any || tells_more(&die, &w->found))
				w->found = die;
			w->any = true;
			find_function(w, &die, depth + 1);
		} else if (holds_functions(w, dwarf_tag(&die))) {
			find_function(w, &die, depth + 1);
		}
	} while (w->budget && dwarf_next(&die));
}

/* A lambda, a method of a local class, a closure, a nested function: its entry is below that of the function in which it
 * is written, and its code beside that one's. Only for them the bodies of all functions are gone through. */
static bool function_at(struct elf_file *e, uint64_t address, Dwarf_Die *out)
{
	struct walk w = { .address = address };
	Dwarf_Die unit;

	if (!dwarf_unit_at(e, address, &unit))
		return false;
	for (int deep = 0; deep < 2 && !w.any; deep++) {
		w.deep = deep;
		w.budget = MAX_ENTRIES;
		find_function(&w, &unit, 0);
	}
	*out = w.found;
	return w.any;
}

/* ---- locations ---- */

/* What is needed to read the location of a variable at one address. */
struct scene {
	struct elf_file *file;
	const struct arch *arch;
	Dwarf_Die *frame;		/* the subprogram whose frame base counts */
	uint64_t address;
	bool at_entry;
};

/* A way through memory as far as it is understood: a struct debug_piece under construction. */
struct value {
	struct debug_piece at;		/* MEMORY: its address; REGISTER, CONSTANT: the value */
	bool is_register;		/* reg itself, not memory at it */
	bool in_frame;			/* it is in the frame of this function: stored there by it */
	uint64_t width;			/* so many bytes of it count; 0: all */
	const char *why;		/* not understood: a clause */
};

static struct value not_understood(const char *why)
{
	return (struct value){ .why = why };
}

#define ARITHMETIC "needs arithmetic (it is computed from several values, and the kernel only fetches)"
#define FLOATING "floating point (it is in a floating point or vector register, which the kernel cannot fetch)"
#define REMOVED "optimized out (the compiler has removed it)"

static struct value register_plus(const struct scene *s, unsigned n, int64_t offset)
{
	const char *name = arch_dwarf_register(s->arch, n);

	if (!name)
		return not_understood(FLOATING);
	return (struct value){ .at = { .where = DEBUG_MEMORY, .reg = name, .steps = { offset }, .n_steps = 1 } };
}

/* The CFA: the stack pointer's value before the call. */
static struct value frame_address(const struct scene *s)
{
	struct value v = not_understood("nothing tells how large the function's frame is there");

	if (s->at_entry)
		return (struct value){ .at = { .where = DEBUG_MEMORY, .reg = s->arch->sp, .n_steps = 1,
					       .steps = { s->arch->cfa } } };
	for (int of_debug_frame = 0; of_debug_frame < 2; of_debug_frame++) {
		Dwarf_CFI *rules = elf_unwind_rules(s->file, of_debug_frame);
		Dwarf_Frame *frame;
		Dwarf_Op *ops;
		size_t n;

		if (!rules || dwarf_cfi_addrframe(rules, s->address, &frame) != 0)
			continue;
		if (dwarf_frame_cfa(frame, &ops, &n) == 0 && n == 1) {
			if (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31)
				v = register_plus(s, ops[0].atom - DW_OP_breg0, (int64_t)ops[0].number);
			else if (ops[0].atom == DW_OP_bregx)
				v = register_plus(s, (unsigned)ops[0].number, (int64_t)ops[0].number2);
		}
		free(frame);
		if (!v.why)
			break;
	}
	return v;
}

static struct value run(const struct scene *s, const Dwarf_Op *ops, size_t n, unsigned hops);

/* Go writes locations in DWARF 4 as DWARF 3 did, in plain blocks of bytes, and libdw wants none of these. A block of less
 * than 128 bytes differs from the new form in nothing but the form's name. */
static void modernize(Dwarf_Attribute *attr)
{
	Dwarf_Block block;

	if (attr->form == DW_FORM_block1 && dwarf_formblock(attr, &block) == 0 && block.length < 128)
		attr->form = DW_FORM_exprloc;
}

/* Where fbreg counts from. */
static struct value frame_base(const struct scene *s, unsigned hops)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	struct value v;
	size_t n;

	v = not_understood("its place counts from the function's frame, and nothing tells where that is there");
	if (hops > 2 || !s->frame || !dwarf_find_attr(s->frame, DW_AT_frame_base, &attr))
		return v;
	modernize(&attr);
	if (!loclist_ends(s->file, &attr) || dwarf_getlocation_addr(&attr, s->address, &ops, &n, 1) != 1)
		return v;
	v = run(s, ops, n, hops + 1);
	/* A register is set up by the function: at its entry a frame pointer is the caller's, and the stack pointer has
	 * yet to go down to where LLVM counts from. Only the CFA is the same at every place. */
	if (!v.why && s->at_entry && (v.is_register || strcmp(v.at.reg ? v.at.reg : "", s->arch->sp) != 0))
		v.in_frame = true;
	if (v.is_register) {			/* the register holds the address */
		v.is_register = false;
		v.at.where = DEBUG_MEMORY;
		v.at.n_steps = 1;
	}
	return v;
}

static struct value plus(struct value v, int64_t n)
{
	unsigned last = v.at.n_steps ? v.at.n_steps - 1 : 0;

	if (v.why)
		return v;
	if (v.is_register || __builtin_add_overflow(v.at.steps[last], n, &v.at.steps[last]))
		return not_understood(ARITHMETIC);
	return v;
}

static struct value follow(struct value v)
{
	if (v.at.where != DEBUG_MEMORY || v.at.n_steps == 4)
		return not_understood(ARITHMETIC);
	v.at.steps[v.at.n_steps++] = 0;
	return v;
}

/* The value that the stack machine has at its end is the variable's (stack_value), not its address. */
static struct value as_value(struct value v)
{
	if (v.at.where != DEBUG_MEMORY)
		return v;
	if (v.at.steps[v.at.n_steps - 1] != 0)
		return not_understood("needs arithmetic (it is a register plus a number, and the kernel only fetches)");
	if (--v.at.n_steps == 0) {
		if (!v.at.reg)
			return not_understood(ARITHMETIC);
		v.at.where = DEBUG_REGISTER;
		v.is_register = true;
	}
	return v;
}

static struct value constant(int64_t n)
{
	return (struct value){ .at = { .where = DEBUG_CONSTANT, .steps = { n }, .n_steps = 1 } };
}

static bool is_constant(const Dwarf_Op *op, uint64_t *n)
{
	switch (op->atom) {
	case DW_OP_const1u: case DW_OP_const2u: case DW_OP_const4u: case DW_OP_const8u: case DW_OP_constu:
		*n = op->number;
		return true;
	default:
		*n = op->atom - DW_OP_lit0;
		return op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31;
	}
}

/* A part of a register: `constu 32, shr`, `constu 0xffff, and`, behind what gave the register. */
static struct value part_of(struct value v, const Dwarf_Op *constant, unsigned operation)
{
	uint64_t n;

	v = as_value(v);
	if (v.why || !v.is_register || !is_constant(constant, &n))
		return not_understood(ARITHMETIC);
	if (operation == DW_OP_shr && n % 8 == 0 && n < 64) {
		v.at.first += n / 8;
		return v;
	}
	for (unsigned bytes = 1; operation == DW_OP_and && bytes < 8; bytes *= 2)
		if (n == (1ull << bytes * 8) - 1) {
			v.width = bytes;
			return v;
		}
	return not_understood(ARITHMETIC);
}

/* convert(type): of an integer, to one of as many bytes as the type has. */
static struct value convert(struct value v, Dwarf_Attribute *attr, const Dwarf_Op *op)
{
	uint64_t size, encoding;
	Dwarf_Die type;

	if (v.why || !attr || op->number == 0)
		return v;
	v = as_value(v);
	if (dwarf_getlocation_die(attr, op, &type) != 0 || !dwarf_find_number(&type, DW_AT_byte_size, &size) ||
	    !dwarf_find_number(&type, DW_AT_encoding, &encoding) || encoding == DW_ATE_float)
		return not_understood(ARITHMETIC);
	if (!v.width || size < v.width)
		v.width = size;
	return v;
}

/* entry_value(reg): the register as it was at the entry, where it is the register. */
static struct value entry_value(const struct scene *s, Dwarf_Attribute *attr, const Dwarf_Op *op)
{
	Dwarf_Attribute inner;
	Dwarf_Op *ops;
	struct value v;
	size_t n;

	if (!s->at_entry)
		return not_understood("only its value at the function's entry is known: probe that");
	if (dwarf_getlocation_attr(attr, op, &inner) != 0 || dwarf_getlocation(&inner, &ops, &n) != 0 || n != 1 ||
	    ops[0].atom < DW_OP_reg0 || ops[0].atom > DW_OP_reg31)
		return not_understood(ARITHMETIC);
	v = register_plus(s, ops[0].atom - DW_OP_reg0, 0);
	return v;
}

/* Runs the operations up to a piece or the end. */
static struct value run_with(const struct scene *s, Dwarf_Attribute *attr, const Dwarf_Op *ops, size_t n, unsigned hops)
{
	struct value v = not_understood(ARITHMETIC);

	for (size_t i = 0; i < n; i++) {
		const Dwarf_Op *op = &ops[i];
		unsigned atom = op->atom;

		if (i && v.why)
			return v;
		if (i && i + 1 < n && (op[1].atom == DW_OP_shr || op[1].atom == DW_OP_and)) {
			v = part_of(v, op, op[1].atom);
			i++;
			continue;
		}
		if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31) {
			v = as_value(register_plus(s, atom - DW_OP_reg0, 0));
		} else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31) {
			if (i)
				return not_understood(ARITHMETIC);
			v = register_plus(s, atom - DW_OP_breg0, (int64_t)op->number);
		} else if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31) {
			if (i)
				return not_understood(ARITHMETIC);
			v = constant(atom - DW_OP_lit0);
		} else {
			switch (atom) {
			case DW_OP_regx:
				v = as_value(register_plus(s, (unsigned)op->number, 0));
				break;
			case DW_OP_bregx:
				v = i ? not_understood(ARITHMETIC)
				      : register_plus(s, (unsigned)op->number, (int64_t)op->number2);
				break;
			case DW_OP_fbreg:
				v = i ? not_understood(ARITHMETIC) : plus(frame_base(s, hops), (int64_t)op->number);
				break;
			case DW_OP_call_frame_cfa:
				v = i ? not_understood(ARITHMETIC) : frame_address(s);
				break;
			case DW_OP_addr:
				v = (struct value){ .at = { .where = DEBUG_MEMORY, .steps = { (int64_t)op->number },
							    .n_steps = 1 } };
				break;
			case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u: case DW_OP_const2s:
			case DW_OP_const4u: case DW_OP_const4s: case DW_OP_const8u: case DW_OP_const8s:
			case DW_OP_constu: case DW_OP_consts:
				if (i)
					return not_understood(ARITHMETIC);
				v = constant((int64_t)op->number);
				break;
			case DW_OP_plus_uconst:
				v = plus(v, (int64_t)op->number);
				break;
			case DW_OP_deref:
				v = follow(v);
				break;
			case DW_OP_nop:
				break;
			case DW_OP_convert: case DW_OP_GNU_convert:
				v = convert(v, attr, op);
				break;
			case DW_OP_stack_value:
				v = as_value(v);
				break;
			case DW_OP_entry_value: case DW_OP_GNU_entry_value:
				v = i ? not_understood(ARITHMETIC) : entry_value(s, attr, op);
				break;
			case DW_OP_implicit_pointer: case DW_OP_GNU_implicit_pointer:
				return not_understood("optimized out (the compiler has removed what it points to)");
			case DW_OP_implicit_value:
				return not_understood("it is a constant that the kernel has no fetch for");
			case DW_OP_GNU_parameter_ref:
				return not_understood("optimized out (callers pass it no more)");
			case DW_OP_form_tls_address: case DW_OP_GNU_push_tls_address:
				return not_understood("it is a thread's own variable (TLS), to which the kernel has no way");
			default:
				return not_understood(ARITHMETIC);
			}
		}
	}
	return v;
}

static struct value run(const struct scene *s, const Dwarf_Op *ops, size_t n, unsigned hops)
{
	return run_with(s, NULL, ops, n, hops);
}

/* Is it stored there by this function, and so not yet at its entry? Above the CFA are the caller's words: stack
 * arguments. */
static bool not_yet_stored(const struct scene *s, const struct value *v)
{
	if (!s->at_entry || v->why || v->at.where != DEBUG_MEMORY || !v->at.reg)
		return false;
	return v->in_frame || (strcmp(v->at.reg, s->arch->sp) == 0 && v->at.steps[0] < (int64_t)s->arch->cfa);
}

static bool is_piece(const Dwarf_Op *op)
{
	return op->atom == DW_OP_piece || op->atom == DW_OP_bit_piece;
}

/* Nothing of it can be had: why is that of its first piece. */
static bool nothing_is_there(const struct debug_variable *v)
{
	for (unsigned i = 0; i < v->n_pieces; i++)
		if (v->pieces[i].where != DEBUG_NOWHERE)
			return false;
	return v->n_pieces > 0;
}

/* Takes the pieces of a location; *unstored is set when one of them is not there yet. */
static void read_pieces(const struct scene *s, Dwarf_Attribute *attr, const Dwarf_Op *ops, size_t n,
			struct debug_variable *out, bool *unstored)
{
	uint64_t size = out->type ? debug_type_info(out->type).size : 0;
	size_t begin = 0;

	for (size_t i = 0; i <= n && !out->gone; i++) {
		struct debug_piece *piece;
		struct value v;

		if (i < n ? !is_piece(&ops[i]) : (begin == n && n))
			continue;
		if (out->n_pieces == 4 || (i < n && ops[i].atom == DW_OP_bit_piece)) {
			out->gone = "it is in more pieces than can be put together";
			break;
		}
		piece = &out->pieces[out->n_pieces++];
		v = begin == i ? (struct value){ .at = { .where = DEBUG_NOWHERE } }
			       : run_with(s, attr, ops + begin, i - begin, 0);
		if (v.why)
			v.at = (struct debug_piece){ .where = DEBUG_NOWHERE, .gone = v.why };
		*unstored |= not_yet_stored(s, &v);
		*piece = v.at;
		piece->size = i < n ? ops[i].number : size;
		if (v.at.where == DEBUG_REGISTER && piece->size > s->arch->word)
			piece->size = s->arch->word;	/* of the rest nothing is said */
		if (v.width && v.width < piece->size)
			out->gone = ARITHMETIC;
		begin = i + 1;
	}
	if (!out->gone && nothing_is_there(out))
		out->gone = out->pieces[0].gone ? out->pieces[0].gone : REMOVED;
	if (out->gone)
		out->n_pieces = 0;
}

static bool has_constant(Dwarf_Die *die, struct debug_variable *out)
{
	int64_t value;

	if (!dwarf_hasattr(die, DW_AT_const_value))
		return false;
	if (!dwarf_find_constant(die, DW_AT_const_value, &value)) {
		out->gone = "it is a constant that is no number";
		return true;
	}
	out->pieces[0] = constant(value).at;
	out->pieces[0].size = out->type ? debug_type_info(out->type).size : 0;
	out->n_pieces = 1;
	out->remark = "the compiler has made a copy of the function for this value";
	return true;
}

/* Fills where the variable is; true when it is not stored there yet. */
static bool locate(const struct scene *s, Dwarf_Die *die, struct debug_variable *out)
{
	Dwarf_Attribute attr;
	bool unstored = false;
	Dwarf_Op *ops;
	size_t n;

	if (has_constant(die, out))
		return false;
	if (!dwarf_attr(die, DW_AT_location, &attr)) {
		out->gone = REMOVED;
		return false;
	}
	modernize(&attr);
	switch (loclist_ends(s->file, &attr) ? dwarf_getlocation_addr(&attr, s->address, &ops, &n, 1) : -1) {
	case 1:
		if (n)
			read_pieces(s, &attr, ops, n, out, &unstored);
		else
			out->gone = REMOVED;
		return unstored;
	case 0:
		out->gone = "optimized out (its value is gone, or not there yet, at this place)";
		return false;
	default:
		out->gone = "its location cannot be read";
		return false;
	}
}

/* ---- the variables of a function ---- */

struct gathering {
	struct scene scene;
	struct debug_function *function;
	Dwarf_Die *dies;		/* of function->variables, for those with an entry of their own */
	size_t n_dies;
	bool *unstored;
	bool any_unstored;
	bool gnu;			/* GCC has written it */
};

/* Of a Go function the results are parameters too, which have no value yet where it begins. */
static bool is_result(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	bool is = false;

	return dwarf_find_attr(die, DW_AT_variable_parameter, &attr) && dwarf_formflag(&attr, &is) == 0 && is;
}

static struct debug_variable *add_variable(struct gathering *g, Dwarf_Die *die, bool parameter)
{
	struct debug_function *f = g->function;
	struct debug_variable *v = MEM_PUSH(f->variables, f->n_variables);

	v->name = dwarf_find_name(die);
	v->type = dwarf_type_of(g->scene.file, die);
	v->result = parameter && g->scene.at_entry && is_result(die);
	v->parameter = parameter && !v->result;
	return v;
}

/* Is the location of a parameter not to be believed at the entry? */
static bool is_misplaced(const struct gathering *g, Dwarf_Die *die, const struct debug_variable *v)
{
	struct debug_type_info info = v->type ? debug_type_info(v->type) : (struct debug_type_info){ 0 };

	return g->gnu && g->scene.at_entry && v->parameter && info.kind == DEBUG_INT && info.size == 16 &&
	       !dwarf_hasattr(die, DW_AT_const_value);
}

static void gather(struct gathering *g, Dwarf_Die *die, bool parameter)
{
	size_t n = g->n_dies;
	struct debug_variable *v;

	if (g->function->n_variables >= MAX_VARIABLES)
		return;
	v = add_variable(g, die, parameter);
	*MEM_PUSH(g->dies, g->n_dies) = *die;
	g->unstored = mem_grow(g->unstored, n, sizeof(*g->unstored));
	g->unstored[n] = !v->result && (locate(&g->scene, die, v) || is_misplaced(g, die, v));
	g->any_unstored |= g->unstored[n];
}

/* Parameters that only the description of all copies has: this copy is without them. */
static void gather_removed(struct gathering *g, Dwarf_Die *function)
{
	Dwarf_Die origin, child, own;

	if (!dwarf_find_die(function, DW_AT_abstract_origin, &origin) || !dwarf_first(&origin, &child))
		return;
	do {
		bool found = false;

		if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
			g->function->variadic = true;
		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		for (size_t i = 0; i < g->n_dies && !found; i++)
			found = dwarf_find_die(&g->dies[i], DW_AT_abstract_origin, &own) && own.addr == child.addr;
		if (!found && g->function->n_variables < MAX_VARIABLES) {
			struct debug_variable *v = add_variable(g, &child, true);

			v->gone = REMOVED;
		}
	} while (dwarf_next(&child));
}

/* The variables of the blocks that cover the address; those of inner blocks are found later, and put first. */
static void gather_locals(struct gathering *g, Dwarf_Die *scope, unsigned depth)
{
	Dwarf_Die child;

	if (depth > DWARF_DEPTH || !dwarf_first(scope, &child))
		return;
	do {
		switch (dwarf_tag(&child)) {
		case DW_TAG_lexical_block:
			if (dwarf_haspc(&child, g->scene.address) > 0)
				gather_locals(g, &child, depth + 1);
			break;
		default:
			break;
		}
	} while (dwarf_next(&child));
	if (!dwarf_first(scope, &child))
		return;
	do {
		if (dwarf_tag(&child) == DW_TAG_variable && !dwarf_hasattr(&child, DW_AT_declaration))
			gather(g, &child, false);
	} while (dwarf_next(&child));
}

const char *dwarf_producer(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Die unit;
	const char *producer;

	producer = dwarf_diecu(die, &unit, NULL, NULL) && dwarf_attr(&unit, DW_AT_producer, &attr) ? dwarf_formstring(&attr)
												  : NULL;
	return producer ? producer : "";
}

/* "Debian clang version 14.0.6" */
static bool splits_wide_numbers(const char *producer)
{
	const char *version = strstr(producer, "clang version ");

	return version && atoi(version + strlen("clang version ")) < 18;
}

/* The compiler's own copies of a function (f.constprop.0, f.isra.0) take their arguments as it likes. */
static bool is_changed_copy(const struct scene *s)
{
	struct symbol at;
	size_t stem;

	return elf_function_at(s->file, s->address, &at) && symbol_clone(at.name, &stem) == CLONE_CHANGED;
}

/* Why the calling convention does not hold for a function, a clause; NULL: it does. */
static const char *no_convention(const struct gathering *g, Dwarf_Die *function)
{
	Dwarf_Die unit;
	int language = dwarf_diecu(function, &unit, NULL, NULL) ? dwarf_srclang(&unit) : -1;
	bool is_c = language == DW_LANG_C || language == DW_LANG_C89 || language == DW_LANG_C99 ||
		    language == DW_LANG_C11 || language == DW_LANG_C_plus_plus || language == DW_LANG_C_plus_plus_03 ||
		    language == DW_LANG_C_plus_plus_11 || language == DW_LANG_C_plus_plus_14 || language == 0x21 ||
		    language == 0x2a || language == 0x2b || language == 0x2c;	/* C17, C++17, C++20 */

	if (!is_c)
		return "the function has not stored it yet at its entry, and its language has no fixed calling convention: "
		       "probe a line of its body (FILE@SOURCE:LINE)";
	if (is_changed_copy(&g->scene))
		return "nothing tells how this copy of the function, which the compiler has made for some callers, gets it";
	return NULL;
}

/* What is not yet stored where it will be is where the convention has put it: that counts from the first parameter
 * on, so all are asked for. */
static void use_convention(struct gathering *g, Dwarf_Die *function)
{
	struct debug_function *f = g->function;
	const char *why_not = no_convention(g, function);
	struct passing p = passing_begin(g->scene.arch, f->result, splits_wide_numbers(dwarf_producer(function)));

	for (size_t i = 0; i < f->n_variables && f->variables[i].parameter; i++) {
		struct debug_variable *v = &f->variables[i], passed = { 0 };

		passing_next(&p, v->type, &passed);
		if (i >= g->n_dies || !g->unstored[i])
			continue;
		v->n_pieces = 0;
		v->gone = why_not ? why_not : passed.gone;
		if (v->gone)
			continue;
		v->n_pieces = passed.n_pieces;
		memcpy(v->pieces, passed.pieces, sizeof(v->pieces));
		v->remark = is_misplaced(g, &g->dies[i], v) ? "by the calling convention"
				: "by the calling convention: the function has not stored it yet";
	}
}

/* Before its first line, a function has not stored all of its arguments: which, is not told. */
static void mind_prologue(struct gathering *g)
{
	struct debug_function *f = g->function;
	struct symbol s;

	if (g->scene.at_entry || !f->after_prologue || g->scene.address >= f->after_prologue)
		return;
	if (elf_function_at(g->scene.file, g->scene.address, &s) && s.address + s.size <= f->after_prologue)
		return;			/* another part of the function, which is not where it begins */
	for (size_t i = 0; i < f->n_variables; i++)
		if (f->variables[i].n_pieces && f->variables[i].pieces[0].where == DEBUG_MEMORY) {
			f->variables[i].n_pieces = 0;
			f->variables[i].gone = "the function is about to store it: probe its entry, or a place behind "
					       "its prologue";
		}
}

/* In the first of its ranges: that is where it is entered. */
static uint64_t end_of_prologue(Dwarf_Die *function)
{
	Dwarf_Addr *places = NULL, first = 0, base, begin, end;
	int n = dwarf_ranges(function, 0, &base, &begin, &end) > 0 ? dwarf_entry_breakpoints(function, &places) : 0;

	for (int i = 0; i < n; i++)
		if (places[i] >= begin && places[i] < end && (!first || places[i] < first))
			first = places[i];
	free(places);
	return first;
}

/* dwarf_decl_file() stops the program when the unit's list of files cannot be read. */
const char *dwarf_declared_in(Dwarf_Die *die)
{
	Dwarf_Files *files;
	Dwarf_Die unit;
	uint64_t index;
	size_t n;

	if (!dwarf_find_number(die, DW_AT_decl_file, &index) || !dwarf_diecu(die, &unit, NULL, NULL) ||
	    dwarf_getsrcfiles(&unit, &files, &n) != 0 || index >= n)
		return NULL;
	return dwarf_filesrc(files, index, NULL, NULL);
}

static void read_declaration(struct elf_file *e, Dwarf_Die *die, struct debug_function *f)
{
	uint64_t line = 0;
	bool flag = false;
	Dwarf_Attribute attr;

	f->name = dwarf_find_name(die);
	f->result = dwarf_type_of(e, die);
	f->file = dwarf_declared_in(die);
	dwarf_find_number(die, DW_AT_decl_line, &line);
	f->line = (unsigned)line;
	f->prototyped = dwarf_find_attr(die, DW_AT_prototyped, &attr) && dwarf_formflag(&attr, &flag) == 0 && flag;
}

const struct debug_function *dwarf_function(struct elf_file *e, Dwarf_Die *die, uint64_t address, bool at_entry)
{
	struct debug_function *f = arena_alloc(debuginfo_arena(e), sizeof(*f));
	struct gathering g = { .function = f, .scene = { .file = e, .arch = elf_arch(e), .address = address,
							 .at_entry = at_entry },
				.gnu = str_starts(dwarf_producer(die), "GNU ") };
	struct debug_variable *variables;
	Dwarf_Die frame, child;

	f->at_entry = at_entry;
	read_declaration(e, die, f);
	if (!g.scene.arch)
		return f;
	if (dwarf_tag(die) == DW_TAG_subprogram)
		frame = *die;
	if (dwarf_tag(die) == DW_TAG_subprogram || function_at(e, address, &frame))
		g.scene.frame = &frame;
	if (dwarf_tag(die) == DW_TAG_subprogram)
		f->after_prologue = end_of_prologue(die);
	if (dwarf_first(die, &child))
		do {
			if (dwarf_tag(&child) == DW_TAG_formal_parameter)
				gather(&g, &child, true);
			else if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
				f->variadic = true;
		} while (dwarf_next(&child));
	gather_removed(&g, die);
	if (g.any_unstored)
		use_convention(&g, die);
	if (!at_entry)
		gather_locals(&g, die, 0);
	mind_prologue(&g);
	variables = arena_alloc(debuginfo_arena(e), (f->n_variables + 1) * sizeof(*variables));
	if (f->n_variables)
		memcpy(variables, f->variables, f->n_variables * sizeof(*variables));
	free(f->variables);
	f->variables = variables;
	free(g.dies);
	free(g.unstored);
	return f;
}

/* Is the address where calls of the function arrive? Behind an endbr64 the arguments are still what they were. A part
 * that was moved away (`f.cold`) is jumped to, when everything is elsewhere already. */
static bool is_entry(struct elf_file *e, Dwarf_Die *function, uint64_t address)
{
	Dwarf_Addr entry;
	struct symbol s;
	size_t stem;

	if (dwarf_entrypc(function, &entry) == 0 && entry == address)
		return true;
	return elf_function_at(e, address, &s) && (s.address == address || s.address + s.entry == address) &&
	       symbol_clone(s.name, &stem) != CLONE_COLD && !elf_frame_moved(e, s.address);
}

const struct debug_function *elf_debug_function(struct elf_file *e, uint64_t address, const char **why)
{
	Dwarf_Die function, unit, whole;
	const char *missing = NULL;

	if (!elf_dwarf(e)) {
		*why = "it has no debug information";
		return NULL;
	}
	if (!skeleton_at(e, address, &unit)) {
		*why = "its debug information does not describe the code there";
		return NULL;
	}
	if (is_skeleton(&unit, &whole))
		missing = debuginfo_split(e, &unit, whole.addr);
	if (!take_split_part(&unit))
		*why = missing;
	else if (!function_at(e, address, &function))
		*why = "its debug information does not describe the function there";
	else
		return dwarf_function(e, &function, address, is_entry(e, &function, address));
	return NULL;
}
