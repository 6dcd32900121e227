/* blocks.h - private to sym/: whose code an address is, and the units of the debug information.
 *
 * A compiler arranges a unit's code as a tree: functions, and within them the places where other functions were
 * inlined, and within those again. Each node of the tree is a block here. A block's own code is what lies in its
 * ranges and in none of the blocks within it.
 *
 *	main			0x1139..0x11f0
 *	    hello (inlined)	0x1144..0x117b
 *	        print (inlined)	0x1150..0x1160, 0x1164..0x1170
 */
#ifndef SYM_BLOCKS_H
#define SYM_BLOCKS_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <limits.h>

#include "sym/internal.h"

#define NO_BLOCK UINT_MAX

struct address_range {
	uint64_t begin, end;
};

/* A range, and whose it is. */
struct owned_range {
	uint64_t begin, end;
	unsigned owner;			/* the number of a unit, or of a block */
};

struct block {
	Dwarf_Die die;			/* DW_TAG_subprogram, or DW_TAG_inlined_subroutine */
	unsigned parent;		/* the block around it, or NO_BLOCK */
	unsigned end;			/* the blocks within it are those from its own number + 1 to before this one */
	unsigned first_range, n_ranges;	/* in the order of the debug information: the entry is in the first */
	bool inlined;
};

/* A unit of compilation. With split debug information its lines and ranges are in the file, and its tree is not. */
struct unit {
	Dwarf_Die top;			/* DW_TAG_compile_unit, DW_TAG_partial_unit */
	Dwarf_Die tree;			/* the same, or that of the .dwo */
	uint8_t type;			/* DW_UT_* of the top: DW_UT_compile, _partial, _skeleton */
	bool blocks_known;
	struct block *blocks;		/* in the order of the tree */
	unsigned n_blocks;
	struct address_range *ranges;	/* of all blocks */
	unsigned n_ranges;
	struct owned_range *functions;	/* of the blocks that are no copies, by address */
	size_t n_functions;
};

struct code_units {
	struct unit *v;
	size_t n;
	bool ranges_known;
	struct owned_range *ranges;	/* by address */
	size_t n_ranges;
};

/* The units of a file's debug information. Lives as long as e; NULL: there is none. */
struct code_units *elf_code_units(struct elf_file *e);
/* For debuginfo.c, which keeps them. */
struct code_units *code_units_read(Dwarf *dwarf);
void code_units_free(struct code_units *u);
/* The unit whose code the address is, or NULL. */
struct unit *unit_at(struct code_units *u, uint64_t address);
/* Reads the blocks of a unit when they are not known yet. */
void unit_read_blocks(struct unit *u);
/* The innermost block with code at the address, or NO_BLOCK. Reads the blocks. */
unsigned block_at(struct unit *u, uint64_t address);
bool block_covers(const struct unit *u, const struct block *b, uint64_t address);
/* The block around it that is no copy. */
unsigned block_function(const struct unit *u, unsigned block);
/* The function of which the block is a copy: its abstract DIE, with names and parameters; or the block's own. */
Dwarf_Die block_origin(const struct block *b);
/* The name of the block's function, with the names of what it is in, in the arena; NULL: it has none. */
const char *block_name(const struct block *b, struct arena *a);
/* lines.c: where the block was called, as the source has it. */
struct source_frame block_caller(struct unit *u, const struct block *b, struct arena *a);
/* True when GCC made the unit's code. */
bool unit_is_by_gcc(struct unit *u);
/* Has the DIE names in it that are written behind its own and "::"? The name then, of nameless ones too. */
bool die_is_scope(Dwarf_Die *die);
const char *scope_name(Dwarf_Die *die);
/* False when functions of the DIE's unit are in nothing that has a name: it is in C. */
bool die_has_scopes(Dwarf_Die *die);
/* DW_AT_name of a DIE, or of the one it refers to. NULL: it has none. */
const char *die_name(Dwarf_Die *die);
/* DW_AT_linkage_name likewise. */
const char *die_linkage_name(Dwarf_Die *die);
/* A DIE that an attribute refers to (DW_AT_abstract_origin, DW_AT_specification). False: it does not. */
bool die_reference(Dwarf_Die *die, unsigned attribute, Dwarf_Die *out);
/* A constant attribute of the DIE itself, not of what it refers to. */
bool die_number(Dwarf_Die *die, unsigned attribute, uint64_t *out);

/* ---- flow.c ---- */

/* The ways through a function; it does not need w any more. */
struct flow;
struct flow *flow_new(const struct ways *w);
void flow_free(struct flow *f);
/* Can a part of the function be gone through that passes none of the stops: from the function's begin to its end, or
 * round and round by a jump that is not in the part? */
bool flow_goes_past(struct flow *f, const struct address_range *part, size_t n_part, const uint64_t *stops,
		    size_t n_stops);

/* ---- mention.c ---- */

/* Which units can have functions of that name, also with template arguments behind it, and whatever they are in; a
 * unit that is marked need not have any. free() it; NULL: all of them can, for all that is known. */
bool *units_mentioning(struct elf_file *e, const struct code_units *units, const char *name);

/* ---- entry.c ---- */

/* A place where calls of an inlined function begin. Two at one address are two calls. */
struct entry {
	uint64_t address;
	unsigned block;			/* the copy */
	const char *doubt;		/* why hits there may not be calls, a sentence's end; NULL: they are */
};
struct entries {
	struct entry *v;		/* free() it */
	size_t n;
};
/* The entries of a function's copies in a unit: blocks are their numbers. */
void entries_find(struct elf_file *e, struct unit *u, Dwarf_Die *function, const unsigned *blocks, size_t n,
		  struct entries *out);

#endif
