/* lines.c - lines of source: which addresses are a line's, which line is an address's.
 *
 * The compiler leaves a table for each unit (.debug_line; DWARF 5, section 6.2): rows of address, file, line and
 * column, sorted by address, each good until the next one. Some rows are marked as the beginning of a statement
 * (is_stmt): there the line begins to be executed, and there a probe belongs. Others only tell to which line an
 * instruction in the middle of something else belongs.
 *
 * A line has often several such addresses, of which not all deserve a probe, because whoever asks for a line wants
 * one record each time when it is executed:
 *
 *   - A line may be in several functions: in copies of an inlined function, in instances of a template. These are
 *     places of their own.
 *   - Within one of them a line may hold several statements, as `for (i = 0; i < n; i++)` does: their columns differ.
 *     The one with which the line begins stands for it; FILE:LINE:COLUMN means another one.
 *   - The beginning of one statement may be there twice. Where the compiler has copied code (loops that were unrolled
 *     or turned round), each copy is a place of its own: the program takes one or the other. Where it only comes
 *     back to the line, after a call or because it has mixed two lines, it is not. GCC marks the beginning only, once
 *     it optimizes, so all its marks count, also two at one address; the others mark what begins to differ from the row before, so there a
 *     second mark counts when the code between the two is not straight.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sym/blocks.h"

/* ---- names of files ---- */

/* /a/./b/../c.c -> /a/c.c, in place: what two units call the same file should look the same. */
static void tidy_path(char *path)
{
	char *root = path + (*path == '/'), *to = root;
	unsigned depth = 0;		/* components that a `..` takes away */
	char *rest = root;

	for (char *from; (from = strsep(&rest, "/"));) {
		size_t n = strlen(from);
		bool up = strcmp(from, "..") == 0;

		if (up && depth) {
			for (to--; to > root && to[-1] != '/'; to--)
				;
			depth--;
		} else if (n > 1 || (n == 1 && *from != '.')) {
			memmove(to, from, n + 1);
			to += n;
			*to++ = '/';		/* over a separator, or over the end, which comes back below */
			depth += !up;
		}
	}
	if (to > root)
		to--;
	*to = '\0';
}

/* A path of a unit's table as it should be shown, owned by the caller. libdw leaves some relative to where the unit
 * was compiled. */
static char *whole_path(struct unit *u, const char *path)
{
	Dwarf_Attribute attr;
	const char *from = dwarf_attr(&u->top, DW_AT_comp_dir, &attr) ? dwarf_formstring(&attr) : NULL;
	struct str whole = STR_INIT;

	if (path[0] != '/' && from && from[0] == '/')
		str_addf(&whole, "%s/", from);
	str_add(&whole, path);
	tidy_path(whole.s);
	return whole.s;
}

/* Does the path end with the name's components? The name may be a glob. */
static bool path_ends(const char *path, const char *name)
{
	size_t n = strlen(path), k = strlen(name);

	if (str_is_glob(name)) {
		for (const char *p = path; p; p = strchr(p + 1, '/'))
			if (str_glob(name, p == path && *p != '/' ? p : p + 1) || str_glob(name, p))
				return true;
		return false;
	}
	return k <= n && strcmp(path + n - k, name) == 0 && (k == n || name[0] == '/' || path[n - k - 1] == '/');
}

/* ---- rows ---- */

/* A row that begins a statement, and whose code it is. */
struct row {
	uint64_t address;
	const char *file;		/* one pointer for each path */
	unsigned line, column;
	struct unit *unit;
	unsigned block;			/* or NO_BLOCK: the unit says nothing of functions */
	bool aside;			/* in a part of the function away from its entry: what is rarely needed */
	bool marks;			/* of a compiler that marks nothing but beginnings */
};

struct search {
	struct elf_file *elf;
	struct code_units *units;
	const struct line_query *q;
	struct line_answer *answer;
	struct row *rows;
	size_t n;
	struct ways ways;		/* of the function that was looked at last */
};

static const char *keep_path(struct line_answer *a, const char *path)
{
	for (size_t i = 0; i < a->n_files; i++)
		if (strcmp(a->files[i], path) == 0)
			return a->files[i];
	return *MEM_PUSH(a->files, a->n_files) = mem_strdup(path);
}

/* The paths of a unit's files that are meant, by number; others NULL. Owned by the caller; NULL: none is meant. */
static const char **meant_files(struct search *s, struct unit *u, Dwarf_Files *files, size_t n)
{
	const char **meant = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *path = dwarf_filesrc(files, i, NULL, NULL);
		_cleanup_(mem_free_ptr) char *whole = path ? whole_path(u, path) : NULL;

		if (!whole || !path_ends(whole, s->q->file))
			continue;
		if (!meant)
			meant = mem_alloc(n * sizeof(*meant));
		meant[i] = keep_path(s->answer, whole);
	}
	return meant;
}

/* Is there code at the address, and whose? Linkers leave rows of functions that they threw away, or have folded with
 * those of another unit. */
static bool place_row(struct search *s, struct row *r)
{
	struct unit *owner = unit_at(s->units, r->address);
	const struct block *b;
	uint64_t offset;
	bool executable;

	if ((owner && owner != r->unit) || !elf_address_to_offset(s->elf, r->address, &offset, &executable) ||
	    !executable)
		return false;
	r->block = block_at(r->unit, r->address);
	if (r->block == NO_BLOCK)
		return r->unit->n_blocks == 0;
	for (b = &r->unit->blocks[r->block]; b->parent != NO_BLOCK; b = &r->unit->blocks[b->parent])
		;
	r->aside = r->address < r->unit->ranges[b->first_range].begin ||
		   r->address >= r->unit->ranges[b->first_range].end;
	return true;
}

static void note_neighbour(struct line_answer *a, unsigned wanted, unsigned line)
{
	if (line < wanted && line > a->before)
		a->before = line;
	if (line > wanted && (line < a->after || !a->after))
		a->after = line;
}

static void take_rows(struct search *s, struct unit *u, Dwarf_Lines *lines, size_t n, Dwarf_Files *files,
		      const char *const *meant, size_t n_files)
{
	size_t first = s->n;
	bool marks = false;

	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *l = dwarf_onesrcline(lines, i);
		struct row r = { .unit = u };
		bool begins = false, ends = false;
		Dwarf_Files *own;
		size_t file;
		Dwarf_Addr address;
		int line = 0, column = 0;

		dwarf_linebeginstatement(l, &begins);
		dwarf_lineendsequence(l, &ends);
		marks |= !begins && !ends;
		if (!begins || ends || dwarf_line_file(l, &own, &file) != 0 || own != files ||
		    file >= n_files || !meant[file] ||
		    dwarf_lineaddr(l, &address) != 0 || dwarf_lineno(l, &line) != 0 || line <= 0)
			continue;
		dwarf_linecol(l, &column);
		r.address = address;
		r.file = meant[file];
		r.line = (unsigned)line;
		r.column = column > 0 ? (unsigned)column : 0;
		if ((s->q->column && s->q->column != r.column) || !place_row(s, &r))
			continue;
		if (s->q->line && s->q->line != r.line)
			note_neighbour(s->answer, s->q->line, r.line);
		else
			*MEM_PUSH(s->rows, s->n) = r;
	}
	for (size_t i = first; i < s->n; i++)
		s->rows[i].marks = marks && unit_is_by_gcc(u);
}

static void search_unit(struct search *s, struct unit *u)
{
	_cleanup_(mem_free_ptr) const char **meant = NULL;
	Dwarf_Files *files;
	Dwarf_Lines *lines;
	size_t n_files, n_lines;

	if (dwarf_getsrcfiles(&u->top, &files, &n_files) != 0)
		return;
	meant = meant_files(s, u, files, n_files);
	if (meant && dwarf_getsrclines(&u->top, &lines, &n_lines) == 0)
		take_rows(s, u, lines, n_lines, files, meant, n_files);
}

/* ---- rows -> places ---- */

#define COMPARE(a, b) do { if ((a) != (b)) return (a) < (b) ? -1 : 1; } while (0)

/* Those of a line in one block stand together, that of the block's beginning first. */
static int by_block(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	int files = a->file == b->file ? 0 : strcmp(a->file, b->file);

	if (files)
		return files;
	COMPARE(a->line, b->line);
	COMPARE(a->unit, b->unit);
	COMPARE(a->block, b->block);
	COMPARE(a->aside, b->aside);
	COMPARE(a->address, b->address);
	COMPARE(a->column, b->column);
	return 0;
}

static int by_address(const void *va, const void *vb)
{
	const struct line_site *a = va, *b = vb;
	int files = strcmp(a->file, b->file);

	if (files)
		return files;
	COMPARE(a->line, b->line);
	COMPARE(a->address, b->address);
	return 0;
}

/* Does everybody who passes the one address pass the other? The ways of the function at hand are kept. */
static bool is_straight(struct search *s, uint64_t a, uint64_t b)
{
	if (a < s->ways.start || a >= s->ways.end) {
		free(s->ways.v);
		insn_ways(s->elf, a, &s->ways);
	}
	return ways_are_straight(&s->ways, a < b ? a : b, a < b ? b : a);
}

/* Is the row, which begins the same statement as an earlier one, a copy of it? */
static bool is_copy(struct search *s, const struct row *earlier, const struct row *r)
{
	if (!r->column || r->column != earlier->column)
		return false;
	return r->marks || !is_straight(s, earlier->address, r->address);
}

static void name_place(struct line_site *site, const struct row *r, struct arena *a)
{
	const struct block *b = &r->unit->blocks[r->block];

	site->function = block_name(b, a);
	if (b->inlined && b->parent != NO_BLOCK)
		site->into = block_name(&r->unit->blocks[b->parent], a);
}

static void add_place(struct search *s, const struct row *r, bool first)
{
	struct line_site *site = MEM_PUSH(s->answer->sites, s->answer->n);

	*site = (struct line_site){ .address = r->address, .file = r->file, .line = r->line, .column = r->column,
				    .first = first };
	if (r->block != NO_BLOCK)
		name_place(site, r, s->answer->arena);
}

static void choose_places(struct search *s)
{
	const struct row *first = NULL, *last = NULL;

	if (s->n)
		qsort(s->rows, s->n, sizeof(*s->rows), by_block);
	for (size_t i = 0; i < s->n; i++) {
		const struct row *r = &s->rows[i];
		bool same = first && r->file == first->file && r->line == first->line && r->unit == first->unit &&
			    r->block == first->block && r->block != NO_BLOCK;

		if (same && !is_copy(s, last, r) && !(s->q->statements && r->column != last->column))
			continue;
		if (!same)
			first = r;
		last = r;
		add_place(s, r, r->column == first->column);
	}
	if (s->answer->n)
		qsort(s->answer->sites, s->answer->n, sizeof(*s->answer->sites), by_address);
}

int lines_find(struct elf_file *e, const struct line_query *q, struct line_answer *out)
{
	struct search s = { .elf = e, .units = elf_code_units(e), .q = q, .answer = out };

	*out = (struct line_answer){ .arena = arena_new() };
	if (!s.units)
		return -ENODATA;
	for (size_t i = 0; i < s.units->n; i++)
		search_unit(&s, &s.units->v[i]);
	choose_places(&s);
	free(s.ways.v);
	free(s.rows);
	return 0;
}

/* ---- address -> lines ---- */

static const char *path_in(struct arena *a, struct unit *u, const char *path)
{
	_cleanup_(mem_free_ptr) char *whole = path ? whole_path(u, path) : NULL;

	return whole ? arena_strdup(a, whole) : NULL;
}

static struct source_frame position(struct unit *u, uint64_t address, struct arena *a)
{
	Dwarf_Line *l = dwarf_getsrc_die(&u->top, address);
	struct source_frame f = { 0 };
	int line = 0;

	if (l && dwarf_lineno(l, &line) == 0 && line > 0) {
		f.file = path_in(a, u, dwarf_linesrc(l, NULL, NULL));
		f.line = (unsigned)line;
	}
	return f;
}

struct source_frame block_caller(struct unit *u, const struct block *b, struct arena *a)
{
	struct source_frame f = { 0 };
	Dwarf_Die die = b->die;
	Dwarf_Files *files;
	uint64_t file, line;
	size_t n;

	if (die_number(&die, DW_AT_call_line, &line) && die_number(&die, DW_AT_call_file, &file) &&
	    dwarf_getsrcfiles(&u->top, &files, &n) == 0 && file < n) {
		f.file = path_in(a, u, dwarf_filesrc(files, file, NULL, NULL));
		f.line = (unsigned)line;
	}
	return f;
}

size_t lines_at(struct elf_file *e, uint64_t address, struct arena *a, struct source_frame **out)
{
	struct code_units *units = elf_code_units(e);
	struct unit *u = units ? unit_at(units, address) : NULL;
	struct source_frame f, *frames = NULL;
	size_t n = 0;

	if (!u)
		return 0;
	f = position(u, address, a);
	for (unsigned b = block_at(u, address); b != NO_BLOCK && u->blocks[b].inlined; b = u->blocks[b].parent) {
		f.function = block_name(&u->blocks[b], a);
		*MEM_PUSH(frames, n) = f;
		f = block_caller(u, &u->blocks[b], a);
	}
	*MEM_PUSH(frames, n) = f;
	*out = arena_alloc(a, n * sizeof(**out));
	memcpy(*out, frames, n * sizeof(**out));
	free(frames);
	return n == 1 && !f.file ? 0 : n;
}

void lines_release(struct line_answer *a)
{
	for (size_t i = 0; i < a->n_files; i++)
		free(a->files[i]);
	free(a->files);
	free(a->sites);
	arena_free(a->arena);
	*a = (struct line_answer){ 0 };
}
