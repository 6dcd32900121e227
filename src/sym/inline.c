/* inline.c - inlined functions: where the code of a function was put into others.
 *
 * A compiler that inlines a function describes it once, without code ("abstract": DW_AT_inline), and then each copy
 * of it (DW_TAG_inlined_subroutine) with the ranges of its code, which refers to that description. So a name is
 * looked up among the descriptions, and then the copies are found. The description of a C++ or Rust function may be
 * in two parts: where it was declared, in its class or namespace, which gives the name its first components, and
 * where it was defined, which refers to the declaration. The copies of a function may be in any unit: each unit
 * describes for itself what it inlines from a header, and link-time optimization inlines across units.
 *
 * Where calls begin in a copy is a question of its own: entry.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sym/blocks.h"

enum { MAX_DEPTH = 64 };		/* of namespaces and classes */

/* ---- names ---- */

/* A description of a function, or a declaration of one. */
struct named {
	const void *key;		/* where its DIE is: one for each */
	unsigned unit;
	bool described;			/* with DW_AT_inline: there may be copies */
	bool exact;			/* by its whole name, not only by the last components */
	bool bare;			/* the debug information has only the last component (line tables only) */
};

/* A definition whose name is where it was declared. */
struct reference {
	const void *key, *declaration;
	unsigned unit;
};

struct hunt {
	struct elf_file *elf;
	const char *name;		/* as the user wrote it */
	const char *last;		/* its last component */
	bool glob;
	struct reading *reading;	/* the name, for mangled ones */
	unsigned unit;			/* at hand */
	struct named *found;
	size_t n_found;
	struct reference *references;
	size_t n_references;
	struct inline_answer *answer;
};

/* The last component: behind the last :: that is not within <> or (). */
static const char *last_component(const char *name)
{
	const char *last = name;
	int depth = 0;

	for (const char *p = name; *p; p++) {
		depth += (*p == '<' || *p == '(') - (*p == '>' || *p == ')');
		if (depth == 0 && p[0] == ':' && p[1] == ':')
			last = p + 2;
	}
	return last;
}

/* Is `wanted` what is called `name`, or that without its template arguments? */
static bool is_called(const char *name, const char *wanted)
{
	size_t n = strlen(wanted);

	return strncmp(name, wanted, n) == 0 && (name[n] == '\0' || (name[n] == '<' && !strchr(wanted, '<')));
}

static bool whole_name_fits(const struct hunt *h, const char *scope, const char *name)
{
	_cleanup_(str_release) struct str whole = STR_INIT;

	str_addf(&whole, "%s%s", scope, name);
	return h->glob ? str_glob(h->name, whole.s) : is_called(whole.s, h->name);
}

/* Do the last components of the whole name fit? */
static bool end_fits(const struct hunt *h, const char *scope, const char *name)
{
	size_t n = (size_t)(h->last - h->name), k = strlen(scope);

	return !h->glob && is_called(name, h->last) && n <= k && memcmp(scope + k - n, h->name, n) == 0 &&
	       (n == k || k - n < 2 || scope[k - n - 1] == ':');
}

/* Link-time optimization inlines after the descriptions were written: they are without the mark, and without code. */
static bool is_described(Dwarf_Die *die)
{
	uint64_t how;

	if (die_number(die, DW_AT_inline, &how))
		return how == DW_INL_inlined || how == DW_INL_declared_inlined;
	return !dwarf_hasattr(die, DW_AT_declaration) && !dwarf_hasattr(die, DW_AT_low_pc) &&
	       !dwarf_hasattr(die, DW_AT_ranges);
}

static void look_at_function(struct hunt *h, Dwarf_Die *die, const char *scope)
{
	Dwarf_Attribute attr;
	const char *name = dwarf_attr(die, DW_AT_name, &attr) ? dwarf_formstring(&attr) : NULL;
	const char *mangled = dwarf_attr(die, DW_AT_linkage_name, &attr) ? dwarf_formstring(&attr) : NULL;
	struct named found = { .key = die->addr, .unit = h->unit };
	Dwarf_Die declaration;

	if (name)
		found.exact = whole_name_fits(h, scope, name);
	if (mangled)
		found.exact |= (h->glob ? str_glob(h->name, mangled) : strcmp(h->name, mangled) == 0) ||
			       reading_means(h->reading, mangled);
	found.bare = name && !*scope && h->last != h->name && !dwarf_hasattr(die, DW_AT_decl_line) &&
		     is_called(name, h->last);
	if (found.exact || found.bare || (name && end_fits(h, scope, name))) {
		found.described = is_described(die);
		*MEM_PUSH(h->found, h->n_found) = found;
	} else if (!name && is_described(die) && die_reference(die, DW_AT_specification, &declaration)) {
		*MEM_PUSH(h->references, h->n_references) =
			(struct reference){ die->addr, declaration.addr, h->unit };
	}
}

static void look_into(struct hunt *h, Dwarf_Die *die, const char *scope, unsigned depth)
{
	bool scopes = die_has_scopes(die);
	Dwarf_Die child;
	int more = dwarf_child(die, &child);

	for (; more == 0; more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_subprogram) {
			look_at_function(h, &child, scope);
		} else if (scopes && die_is_scope(&child) && depth < MAX_DEPTH && dwarf_haschildren(&child) > 0) {
			_cleanup_(str_release) struct str inner = STR_INIT;

			str_addf(&inner, "%s%s::", scope, scope_name(&child));
			look_into(h, &child, inner.s, depth + 1);
		}
	}
}

static int by_key(const void *va, const void *vb)
{
	const struct named *a = va, *b = vb;

	return a->key < b->key ? -1 : a->key > b->key;
}

static struct named *find_key(const struct hunt *h, size_t n, const void *key)
{
	struct named wanted = { .key = key };

	return n ? bsearch(&wanted, h->found, n, sizeof(*h->found), by_key) : NULL;
}

/* Definitions get the names of their declarations. */
static void resolve_references(struct hunt *h)
{
	size_t named = h->n_found;

	if (named)
		qsort(h->found, named, sizeof(*h->found), by_key);
	for (size_t i = 0; i < h->n_references && named; i++) {
		const struct reference *r = &h->references[i];
		const struct named *declared = find_key(h, named, r->declaration);
		struct named defined = { .key = r->key, .unit = r->unit, .described = true };

		if (!declared)
			continue;
		defined.exact = declared->exact;	/* before the array moves */
		*MEM_PUSH(h->found, h->n_found) = defined;
	}
}

/* What is found by its whole name keeps out what only ends so. Then only descriptions are of use. */
static void keep_descriptions(struct hunt *h)
{
	bool exact = false;
	size_t kept = 0;

	for (size_t i = 0; i < h->n_found; i++)
		exact |= h->found[i].exact;
	for (size_t i = 0; i < h->n_found; i++)
		if (h->found[i].described && h->found[i].exact == exact)
			h->found[kept++] = h->found[i];
	h->n_found = kept;
	if (kept)
		qsort(h->found, kept, sizeof(*h->found), by_key);
}

/* ---- copies ---- */

static void add_site(struct hunt *h, struct unit *u, const struct entry *entry, bool bare)
{
	const struct block *b = &u->blocks[entry->block];
	struct inlined_site *s = MEM_PUSH(h->answer->sites, h->answer->n);
	struct source_frame call = block_caller(u, b, h->answer->arena);
	Dwarf_Die die = b->die;

	s->address = entry->address;
	s->doubt = entry->doubt;
	s->function = block_name(b, h->answer->arena);
	s->into = b->parent == NO_BLOCK ? NULL : block_name(&u->blocks[b->parent], h->answer->arena);
	s->file = call.file;
	s->line = call.line;
	s->die = dwarf_dieoffset(&die);
	if (!s->doubt && bare)
		s->doubt = "the debug information has only the last part of its name, which others may have too";
}

/* A copy, and the function of which it is one. */
struct copy {
	Dwarf_Die origin;
	unsigned block;
};

static int by_origin(const void *va, const void *vb)
{
	const struct copy *a = va, *b = vb;

	if (a->origin.addr != b->origin.addr)
		return a->origin.addr < b->origin.addr ? -1 : 1;
	return a->block < b->block ? -1 : a->block > b->block;
}

/* The entries of those copies of a unit that are of one function. */
static void add_copies(struct hunt *h, struct unit *u, struct copy *copies, size_t n)
{
	unsigned *blocks = mem_alloc(n * sizeof(*blocks));
	struct entries entries;

	for (size_t i = 0; i < n; i++)
		blocks[i] = copies[i].block;
	entries_find(h->elf, u, &copies->origin, blocks, n, &entries);
	for (size_t i = 0; i < entries.n; i++)
		add_site(h, u, &entries.v[i], find_key(h, h->n_found, copies->origin.addr)->bare);
	free(entries.v);
	free(blocks);
}

static void search_unit(struct hunt *h, struct unit *u)
{
	struct copy *copies = NULL;
	size_t n = 0, same;

	unit_read_blocks(u);
	for (unsigned i = 0; i < u->n_blocks; i++) {
		struct copy c = { .block = i };

		if (!u->blocks[i].inlined)
			continue;
		c.origin = block_origin(&u->blocks[i]);
		if (find_key(h, h->n_found, c.origin.addr))
			*MEM_PUSH(copies, n) = c;
	}
	if (n)
		qsort(copies, n, sizeof(*copies), by_origin);
	for (size_t i = 0; i < n; i += same) {
		for (same = 1; i + same < n && copies[i + same].origin.addr == copies[i].origin.addr; same++)
			;
		add_copies(h, u, &copies[i], same);
	}
	free(copies);
}

static int by_address(const void *va, const void *vb)
{
	const struct inlined_site *a = va, *b = vb;

	return a->address < b->address ? -1 : a->address > b->address;
}

int inline_find(struct elf_file *e, const char *name, struct inline_answer *out)
{
	const char *plain = str_starts(name, "cpp:") ? name + strlen("cpp:") : name;
	struct hunt h = { .elf = e, .name = plain, .last = last_component(plain), .glob = str_is_glob(plain),
			  .answer = out };
	struct code_units *units = elf_code_units(e);
	bool *wanted;

	*out = (struct inline_answer){ .arena = arena_new() };
	if (!units)
		return -ENODATA;
	h.reading = reading_new(name);
	wanted = units_mentioning(e, units, h.last);
	for (h.unit = 0; h.unit < units->n; h.unit++)
		if (!wanted || wanted[h.unit])
			look_into(&h, &units->v[h.unit].tree, "", 0);
	free(wanted);
	reading_free(h.reading);
	resolve_references(&h);
	keep_descriptions(&h);
	for (size_t i = 0; h.n_found && i < units->n; i++)
		search_unit(&h, &units->v[i]);
	if (out->n)
		qsort(out->sites, out->n, sizeof(*out->sites), by_address);
	free(h.found);
	free(h.references);
	return 0;
}

void inline_release(struct inline_answer *a)
{
	free(a->sites);
	arena_free(a->arena);
	*a = (struct inline_answer){ 0 };
}

/* In split DWARF the copy is described in the .dwo file of the unit that has its code. */
static bool copy_die(struct elf_file *e, const struct inlined_site *s, Dwarf_Die *out)
{
	Dwarf_Die unit;

	return elf_dwarf(e) && dwarf_unit_at(e, s->address, &unit) &&
	       dwarf_offdie(dwarf_cu_getdwarf(unit.cu), s->die, out) && dwarf_tag(out) == DW_TAG_inlined_subroutine;
}

const struct debug_function *inline_function(struct elf_file *e, const struct inlined_site *s)
{
	Dwarf_Die die;

	return copy_die(e, s, &die) ? dwarf_function(e, &die, s->address, false) : NULL;
}

const char *inline_parameter(struct elf_file *e, const struct inlined_site *s, unsigned n)
{
	struct block b = { 0 };
	Dwarf_Die function, child;

	if (!copy_die(e, s, &b.die))
		return NULL;
	function = block_origin(&b);
	for (int more = dwarf_child(&function, &child); more == 0; more = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == DW_TAG_formal_parameter && --n == 0)
			return die_name(&child);
	return NULL;
}
