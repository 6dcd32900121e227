/* blocks.c - whose code an address is.
 *
 * The tree of a unit is walked once, when somebody asks about its code, and only as deep as there is code: types,
 * variables and declarations are stepped over. What is kept of each block are its ranges, and where its subtree
 * ends, so that the search for an address goes down from a function to the innermost block without looking at what
 * lies beside the way.
 *
 * Debug information is a stranger's: the walk has a limit of depth, sibling links only lead forward (libdw sees to
 * that), references are followed for a few steps, and code at address 0 (where linkers leave what they threw away)
 * is no code.
 */
#include "sym/blocks.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_DEPTH = 256,		/* of the tree */
	MAX_STEPS = 16,			/* from a DIE to the one that has its name */
	MAX_RANGES = 1 << 16,		/* of one block */
};

/* ---- attributes ---- */

bool die_reference(Dwarf_Die *die, unsigned attribute, Dwarf_Die *out)
{
	Dwarf_Attribute a;

	return dwarf_attr(die, attribute, &a) && dwarf_formref_die(&a, out);
}

bool die_number(Dwarf_Die *die, unsigned attribute, uint64_t *out)
{
	Dwarf_Attribute a;
	Dwarf_Word w;

	if (!dwarf_attr(die, attribute, &a) || dwarf_formudata(&a, &w) != 0)
		return false;
	*out = w;
	return true;
}

/* The first of several attributes that the DIE, or one that it is a copy or the body of, has as a string. */
static const char *text_of(Dwarf_Die *die, const unsigned *attributes)
{
	Dwarf_Die at = *die, next;

	for (unsigned step = 0; step < MAX_STEPS; step++) {
		for (const unsigned *a = attributes; *a; a++) {
			Dwarf_Attribute attr;
			const char *text = dwarf_attr(&at, *a, &attr) ? dwarf_formstring(&attr) : NULL;

			if (text)
				return text;
		}
		if (!die_reference(&at, DW_AT_abstract_origin, &next) && !die_reference(&at, DW_AT_specification, &next))
			return NULL;
		at = next;
	}
	return NULL;
}

const char *die_name(Dwarf_Die *die)
{
	return text_of(die, (const unsigned[]){ DW_AT_name, 0 });
}

const char *die_linkage_name(Dwarf_Die *die)
{
	return text_of(die, (const unsigned[]){ DW_AT_linkage_name, DW_AT_MIPS_linkage_name, 0 });
}

Dwarf_Die block_origin(const struct block *b)
{
	Dwarf_Die at = b->die, next;

	for (unsigned step = 0; step < MAX_STEPS && die_reference(&at, DW_AT_abstract_origin, &next); step++)
		at = next;
	return at;
}

bool die_is_scope(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_interface_type:
		return true;
	default:
		return false;
	}
}

const char *scope_name(Dwarf_Die *die)
{
	const char *name = die_name(die);

	return name ? name : dwarf_tag(die) == DW_TAG_namespace ? "(anonymous namespace)" : "{unnamed}";
}

bool die_has_scopes(Dwarf_Die *die)
{
	Dwarf_Die unit;

	if (!dwarf_diecu(die, &unit, NULL, NULL))
		return false;
	switch (dwarf_srclang(&unit)) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case DW_LANG_Mips_Assembler:
		return false;
	default:
		return true;
	}
}

const char *block_name(const struct block *b, struct arena *a)
{
	Dwarf_Die die = block_origin(b), next, *scopes = NULL;
	const char *name = die_name(&die), *mangled = die_linkage_name(&die);
	_cleanup_(str_release) struct str readable = STR_INIT;
	int n;

	if (mangled && demangle(mangled, DEMANGLE_USUAL, &readable))
		return arena_strdup(a, readable.s);

	for (unsigned step = 0; step < MAX_STEPS && die_reference(&die, DW_AT_specification, &next); step++)
		die = next;
	if (!name || !die_has_scopes(&die))
		return name ? arena_strdup(a, name) : NULL;
	n = dwarf_getscopes_die(&die, &scopes);
	for (int i = 1; i < n; i++)
		if (die_is_scope(&scopes[i]))
			name = arena_fmt(a, "%s::%s", scope_name(&scopes[i]), name);
	free(scopes);
	return arena_strdup(a, name);
}

bool unit_is_by_gcc(struct unit *u)
{
	return str_starts(dwarf_producer(&u->tree), "GNU ");
}

/* ---- the blocks of a unit ---- */

static void add_ranges(struct unit *u, struct block *b)
{
	ptrdiff_t at = 0;
	Dwarf_Addr base, begin, end;

	b->first_range = u->n_ranges;
	while (b->n_ranges < MAX_RANGES && (at = dwarf_ranges(&b->die, at, &base, &begin, &end)) > 0) {
		if (begin == 0 || begin >= end)
			continue;
		*MEM_PUSH(u->ranges, u->n_ranges) = (struct address_range){ begin, end };
		b->n_ranges++;
	}
}

/* Adds the block when the DIE has code. Its number, or NO_BLOCK. */
static unsigned add_block(struct unit *u, const Dwarf_Die *die, unsigned parent, bool inlined)
{
	struct block b = { .die = *die, .parent = parent, .inlined = inlined };

	add_ranges(u, &b);
	if (!b.n_ranges)
		return NO_BLOCK;
	*MEM_PUSH(u->blocks, u->n_blocks) = b;
	return u->n_blocks - 1;
}

/* What to do with a DIE on the way. */
static enum { LOOK_AWAY, LOOK_INTO, IS_FUNCTION, IS_INLINED } kind_of(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
		return IS_FUNCTION;
	case DW_TAG_inlined_subroutine:
		return IS_INLINED;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return LOOK_INTO;
	default:
		return die_is_scope(die) ? LOOK_INTO : LOOK_AWAY;
	}
}

static void read_children(struct unit *u, Dwarf_Die *die, unsigned parent, unsigned depth)
{
	Dwarf_Die child;
	int more = depth < MAX_DEPTH ? dwarf_child(die, &child) : 1;

	for (; more == 0; more = dwarf_siblingof(&child, &child)) {
		int kind = kind_of(&child);
		unsigned block = parent;

		if (kind == LOOK_AWAY)
			continue;
		if (kind != LOOK_INTO)
			block = add_block(u, &child, parent, kind == IS_INLINED);
		if (kind != LOOK_INTO && block == NO_BLOCK) {
			if (!dwarf_hasattr(&child, DW_AT_inline))
				continue;	/* a declaration, or code that was thrown away */
			block = parent;		/* a description, below which its nested functions may be */
		}
		if (dwarf_haschildren(&child) > 0)
			read_children(u, &child, block, depth + 1);
		if (block != parent)
			u->blocks[block].end = u->n_blocks;
	}
}

static int by_address(const void *va, const void *vb)
{
	const struct owned_range *a = va, *b = vb;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return a->owner < b->owner ? -1 : a->owner > b->owner;
}

static void sort_ranges(struct owned_range *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_address);
}

/* The range that holds the address. Where some overlap, which they should not, one of them. */
static const struct owned_range *range_at(const struct owned_range *v, size_t n, uint64_t address)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v[mid].begin <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low && address < v[low - 1].end ? &v[low - 1] : NULL;
}

void unit_read_blocks(struct unit *u)
{
	if (u->blocks_known)
		return;
	u->blocks_known = true;
	read_children(u, &u->tree, NO_BLOCK, 0);
	for (unsigned i = 0; i < u->n_blocks; i++) {
		const struct block *b = &u->blocks[i];

		for (unsigned k = 0; k < b->n_ranges && (!b->inlined || b->parent == NO_BLOCK); k++) {
			const struct address_range *r = &u->ranges[b->first_range + k];

			*MEM_PUSH(u->functions, u->n_functions) = (struct owned_range){ r->begin, r->end, i };
		}
	}
	sort_ranges(u->functions, u->n_functions);
}

bool block_covers(const struct unit *u, const struct block *b, uint64_t address)
{
	for (unsigned i = 0; i < b->n_ranges; i++) {
		const struct address_range *r = &u->ranges[b->first_range + i];

		if (address >= r->begin && address < r->end)
			return true;
	}
	return false;
}

unsigned block_function(const struct unit *u, unsigned block)
{
	while (u->blocks[block].inlined && u->blocks[block].parent != NO_BLOCK)
		block = u->blocks[block].parent;
	return block;
}

unsigned block_at(struct unit *u, uint64_t address)
{
	const struct owned_range *function;
	unsigned found, next;

	unit_read_blocks(u);
	function = range_at(u->functions, u->n_functions, address);
	if (!function)
		return NO_BLOCK;
	found = function->owner;
	for (next = found + 1; next < u->blocks[found].end;) {
		if (block_covers(u, &u->blocks[next], address))
			found = next++;
		else
			next = u->blocks[next].end;
	}
	return found;
}

/* ---- units ---- */

static void add_unit_ranges(struct code_units *us, unsigned unit)
{
	Dwarf_Addr base, begin, end;
	ptrdiff_t at = 0;

	for (unsigned i = 0; i < MAX_RANGES && (at = dwarf_ranges(&us->v[unit].top, at, &base, &begin, &end)) > 0; i++)
		if (begin != 0 && begin < end)
			*MEM_PUSH(us->ranges, us->n_ranges) = (struct owned_range){ begin, end, unit };
}

static void read_ranges(struct code_units *us)
{
	us->ranges_known = true;
	for (size_t i = 0; i < us->n; i++)
		add_unit_ranges(us, (unsigned)i);
	sort_ranges(us->ranges, us->n_ranges);
}

struct code_units *code_units_read(Dwarf *dwarf)
{
	struct code_units *us = mem_alloc(sizeof(*us));
	Dwarf_CU *cu = NULL;
	Dwarf_Die top, tree;
	uint8_t type;

	while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &top, &tree) == 0) {
		bool split = type == DW_UT_skeleton && tree.addr;

		/* A hostile unit may have no DIE at all. */
		if (type != DW_UT_type && type != DW_UT_split_type && top.cu)
			*MEM_PUSH(us->v, us->n) = (struct unit){ .top = top, .tree = split ? tree : top, .type = type };
	}
	return us;
}

void code_units_free(struct code_units *us)
{
	if (!us)
		return;
	for (size_t i = 0; i < us->n; i++) {
		free(us->v[i].blocks);
		free(us->v[i].ranges);
		free(us->v[i].functions);
	}
	free(us->v);
	free(us->ranges);
	free(us);
}

struct unit *unit_at(struct code_units *us, uint64_t address)
{
	const struct owned_range *r;

	if (!us->ranges_known)
		read_ranges(us);
	r = range_at(us->ranges, us->n_ranges, address);
	return r ? &us->v[r->owner] : NULL;
}
