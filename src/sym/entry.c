/* entry.c - where the calls of an inlined function begin.
 *
 * One call of an inlined function should be one hit of one probe. The debug information has an entry for each copy
 * (DW_AT_entry_pc, else where its first range begins), but that is only where *one* of the ways into the copy leads:
 * when a loop around the call is unrolled or turned round, its body is there several times, and all of that is still
 * one copy. So more is looked at:
 *
 *   - GCC, when it optimizes, puts a mark into the line table wherever the program enters an inlined function: a
 *     beginning of a statement at the place of the function's declaration. It copies the mark with the code, and does
 *     not move it. Two marks at one address are two calls that both begin there.
 *   - LLVM has no such mark. A copy that lies in several ranges is entered where a way from outside first meets one of
 *     them. And where straight code has the same calls from the same line and column again (or, without calls, the
 *     same stores), it was copied, one time for each repetition: but for macros, nobody writes that.
 *
 * Afterwards the jumps of the code are followed, to see whether it can be true: there must be no way through the copy
 * that passes none of the entries, and none from an entry back to it within the copy, as when the function begins with
 * a loop. Where there is one, hits and calls may differ, and that is said.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/blocks.h"

enum { MAX_ENTRIES = 4096 };

struct scene {
	struct elf_file *elf;
	struct unit *unit;
	Dwarf_Lines *lines;
	size_t n_lines;
	struct ways ways;		/* of the function at hand */
	struct flow *flow;		/* the same, when somebody has asked; or NULL */
	struct entries *out;
};

static void add_entry(struct scene *s, uint64_t address, unsigned block)
{
	if (s->out->n < MAX_ENTRIES)
		*MEM_PUSH(s->out->v, s->out->n) = (struct entry){ .address = address, .block = block };
}

static const struct address_range *ranges_of(const struct scene *s, unsigned block)
{
	return &s->unit->ranges[s->unit->blocks[block].first_range];
}

/* ---- what the debug information says ---- */

static uint64_t said_entry(const struct scene *s, unsigned block)
{
	uint64_t first = ranges_of(s, block)[0].begin, offset;
	Dwarf_Die die = s->unit->blocks[block].die;
	Dwarf_Attribute attr;
	Dwarf_Addr entry;

	if (!dwarf_attr(&die, DW_AT_entry_pc, &attr))
		return first;
	if (dwarf_formaddr(&attr, &entry) == 0)
		return entry;
	return die_number(&die, DW_AT_entry_pc, &offset) ? first + offset : first;
}

/* ---- GCC's marks ---- */

struct position {
	const char *file;
	int line, column;
};

static bool declared_at(struct scene *s, Dwarf_Die *function, struct position *out)
{
	Dwarf_Die at = *function, next;
	uint64_t file, line, column;
	Dwarf_Files *files;
	size_t n;

	while (!die_number(&at, DW_AT_decl_line, &line) && die_reference(&at, DW_AT_specification, &next))
		at = next;
	if (!die_number(&at, DW_AT_decl_line, &line) || !die_number(&at, DW_AT_decl_column, &column) ||
	    !(die_number(&at, DW_AT_decl_file, &file) ||
	      (die_reference(&at, DW_AT_specification, &next) && die_number(&next, DW_AT_decl_file, &file))) ||
	    dwarf_getsrcfiles(&s->unit->top, &files, &n) != 0 || file >= n)
		return false;
	*out = (struct position){ dwarf_filesrc(files, file, NULL, NULL), (int)line, (int)column };
	return out->file != NULL;
}

static bool position_of(Dwarf_Line *l, struct position *out)
{
	out->file = dwarf_linesrc(l, NULL, NULL);
	return out->file && dwarf_lineno(l, &out->line) == 0 && dwarf_linecol(l, &out->column) == 0;
}

static bool same_position(const struct position *a, const struct position *b)
{
	return a->line == b->line && a->column == b->column && strcmp(a->file, b->file) == 0;
}

/* Which of the copies does the mark belong to? Its ranges may be empty there: then it is one around which they are. */
static unsigned marked_block(const struct scene *s, uint64_t address, const unsigned *blocks, size_t n)
{
	unsigned around = block_at(s->unit, address), best = NO_BLOCK;

	for (size_t i = 0; i < n; i++) {
		const struct block *b = &s->unit->blocks[blocks[i]];

		if (said_entry(s, blocks[i]) == address)
			return blocks[i];
		if (block_covers(s->unit, b, address))
			best = blocks[i];
	}
	/* The copy whose caller's code this is, by the function that both are in. */
	for (size_t i = 0; i < n && best == NO_BLOCK && around != NO_BLOCK; i++)
		if (block_function(s->unit, blocks[i]) == block_function(s->unit, around))
			best = blocks[i];
	return best;
}

/* True when there are marks: then they are all entries that there are. */
static bool add_marks(struct scene *s, Dwarf_Die *function, const unsigned *blocks, size_t n)
{
	size_t before = s->out->n;
	struct position mark, at;
	bool others = false;

	if (!unit_is_by_gcc(s->unit) || !declared_at(s, function, &mark))
		return false;
	for (size_t i = 0; i < s->n_lines; i++) {
		Dwarf_Line *l = dwarf_onesrcline(s->lines, i);
		bool begins = false, ends = false;
		Dwarf_Addr address;
		unsigned block;

		dwarf_linebeginstatement(l, &begins);
		dwarf_lineendsequence(l, &ends);
		others |= !begins && !ends;
		if (!begins || ends || !position_of(l, &at) || !same_position(&at, &mark) ||
		    dwarf_lineaddr(l, &address) != 0)
			continue;
		block = marked_block(s, address, blocks, n);
		if (block != NO_BLOCK)
			add_entry(s, address, block);
	}
	if (!others)			/* not optimized: everything is marked */
		s->out->n = before;
	return s->out->n > before;
}

/* ---- ways through the code ---- */

/* A set of addresses: a small one, or one within a function. */
struct places {
	uint64_t *v;
	size_t n;
	const struct ways *within;	/* or NULL */
	unsigned char *seen;		/* a bit for each address of that function */
};

static bool is_within(const struct places *p, uint64_t address)
{
	return p->within && address >= p->within->start && address < p->within->end;
}

static bool has_place(const struct places *p, uint64_t address)
{
	if (is_within(p, address)) {
		uint64_t bit = address - p->within->start;

		return p->seen && p->seen[bit / 8] >> bit % 8 & 1;
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i] == address)
			return true;
	return false;
}

static void add_place(struct places *p, uint64_t address)
{
	if (has_place(p, address))
		return;
	*MEM_PUSH(p->v, p->n) = address;
	if (is_within(p, address)) {
		uint64_t bit = address - p->within->start;

		if (!p->seen)
			p->seen = mem_alloc((p->within->end - p->within->start) / 8 + 1);
		p->seen[bit / 8] |= (unsigned char)(1 << bit % 8);
	}
}

static void places_release(struct places *p)
{
	free(p->v);
	free(p->seen);
}

/* A walk over the code of a function along all its jumps, until it meets stops or the function's end. */
struct walk {
	const struct scene *s;
	unsigned block;			/* the copy that it is about */
	const struct places *stops;
	bool inside;			/* only along jumps of the copy itself */

	/* results */
	struct places stopped;		/* the stops that were met */
	struct places touched;		/* where the ways went into the copy elsewhere, or began in it */
};

static void walk_release(struct walk *w)
{
	places_release(&w->stopped);
	places_release(&w->touched);
}

/* The first stop in from..to-1, or to. */
static uint64_t first_stop(const struct walk *w, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < w->stops->n; i++)
		if (w->stops->v[i] >= from && w->stops->v[i] < to)
			to = w->stops->v[i];
	return to;
}

static void touch(struct walk *w, uint64_t from, uint64_t to)
{
	const struct block *b = &w->s->unit->blocks[w->block];
	const struct address_range *r = ranges_of(w->s, w->block);

	for (unsigned i = 0; i < b->n_ranges; i++)
		if (r[i].begin < to && from < r[i].end)
			add_place(&w->touched, from > r[i].begin ? from : r[i].begin);
}

static bool in_copy(const struct walk *w, uint64_t address)
{
	return block_covers(w->s->unit, &w->s->unit->blocks[w->block], address);
}

/* The first way out at the address or behind it. */
static size_t way_from(const struct ways *w, uint64_t address)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (w->v[middle].from < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Straight on from `at` until the way ends; where it parts, the other way is noted in todo. `fresh`: the walk begins
 * here, and a stop at this very place is none. */
static void walk_straight(struct walk *w, uint64_t at, bool fresh, struct places *todo)
{
	const struct ways *ways = &w->s->ways;
	size_t i = way_from(ways, at);

	for (;; i++, fresh = false) {
		const struct way_out *o = i < ways->n ? &ways->v[i] : NULL;
		uint64_t end = o ? o->next : ways->end, stop = first_stop(w, at + fresh, end);

		touch(w, at, stop);
		if (stop < end) {
			add_place(&w->stopped, stop);
			return;
		}
		if (o && w->inside && way_leaves(o) && !in_copy(w, o->from))
			return;
		if (o && way_leaves(o) && o->to >= ways->start && o->to < ways->end)
			add_place(has_place(w->stops, o->to) ? &w->stopped : todo, o->to);
		if (!o || o->kind == WAY_RETURN || o->kind == WAY_JUMP)
			return;
		at = o->next;
	}
}

static void walk(struct walk *w, uint64_t from)
{
	struct places todo = { .within = &w->s->ways };

	w->stopped.within = w->touched.within = &w->s->ways;
	add_place(&todo, from);
	for (size_t i = 0; i < todo.n; i++)
		walk_straight(w, todo.v[i], i == 0, &todo);
	places_release(&todo);
}

/* ---- LLVM's copies ---- */

static bool position_at(const struct scene *s, uint64_t address, struct position *out)
{
	Dwarf_Line *l = dwarf_getsrc_die(&s->unit->top, address);

	return l && position_of(l, out);
}

/* Where ways from outside meet the copy. */
static void add_meetings(struct scene *s, unsigned block)
{
	struct places begins = { 0 };
	struct walk w = { .s = s, .block = block, .stops = &begins };

	for (unsigned i = 0; i < s->unit->blocks[block].n_ranges; i++)
		add_place(&begins, ranges_of(s, block)[i].begin);
	walk(&w, s->ways.start);
	for (size_t i = 0; i < w.stopped.n; i++)
		add_entry(s, w.stopped.v[i], block);
	for (size_t i = 0; i < w.touched.n; i++)
		add_entry(s, w.touched.v[i], block);
	places_release(&begins);
	walk_release(&w);
}

/* A call or a store in the copy, as far as it can be compared with others. */
struct deed {
	uint64_t next, to;
	struct position at;
};

static bool same_deed(const struct deed *a, const struct deed *b)
{
	return a->to == b->to && same_position(&a->at, &b->at);
}

/* The calls (or the stores) of the copy to which straight code leads from an entry. Owned by the caller. */
static struct deed *straight_deeds(struct scene *s, unsigned block, uint64_t from, int kind, size_t *n)
{
	struct deed *v = NULL;

	*n = 0;
	for (size_t i = 0; i < s->ways.n; i++) {
		const struct way_out *o = &s->ways.v[i];
		struct deed d = { .next = o->next, .to = o->to };

		if ((int)o->kind == kind && o->from >= from && block_covers(s->unit, &s->unit->blocks[block], o->from) &&
		    ways_are_straight(&s->ways, from, o->from) && position_at(s, o->from, &d.at))
			*MEM_PUSH(v, *n) = d;
	}
	return v;
}

/* In how many equal parts does the sequence fall? */
static size_t repetitions(const struct deed *v, size_t n)
{
	for (size_t period = 1; period < n; period++) {
		size_t i = period;

		while (i < n && n % period == 0 && same_deed(&v[i], &v[i - period]))
			i++;
		if (i == n)
			return n / period;
	}
	return 1;
}

/* Where the code of the copy goes on at the function's own lines, behind what belongs to no line: that is what the
 * compiler prepares for the call. Without such it goes on at once. */
static uint64_t next_beginning(struct scene *s, unsigned block, uint64_t from)
{
	for (size_t i = 0; i < s->n_lines; i++) {
		Dwarf_Line *l = dwarf_onesrcline(s->lines, i);
		Dwarf_Addr address;
		int line;

		if (dwarf_lineaddr(l, &address) == 0 && address >= from && dwarf_lineno(l, &line) == 0 && line > 0)
			return block_covers(s->unit, &s->unit->blocks[block], address) ? address : from;
	}
	return from;
}

/* Straight code from the entry on has the copy several times. */
static void add_repetitions(struct scene *s, unsigned block, uint64_t entry)
{
	size_t n, times;
	struct deed *deeds = straight_deeds(s, block, entry, WAY_CALL, &n);

	if (!n) {
		free(deeds);
		deeds = straight_deeds(s, block, entry, WAY_STORE, &n);
	}
	times = repetitions(deeds, n);
	for (size_t i = 1; i < times; i++)
		add_entry(s, next_beginning(s, block, deeds[n / times * i - 1].next), block);
	free(deeds);
	if (times > 1)
		return;
	for (unsigned i = 0; i < s->unit->blocks[block].n_ranges; i++) {
		uint64_t begin = ranges_of(s, block)[i].begin;
		struct position first, here;

		if (begin > entry && ways_are_straight(&s->ways, entry, begin) && position_at(s, entry, &first) &&
		    position_at(s, begin, &here) && same_position(&first, &here))
			add_entry(s, begin, block);
	}
}

static bool has_entry(const struct scene *s, size_t from, uint64_t address)
{
	for (size_t i = from; i < s->out->n; i++)
		if (s->out->v[i].address == address)
			return true;
	return false;
}

/* The function's first position comes again, at a place that is no entry, after others. */
static bool comes_again(struct scene *s, unsigned block, size_t first)
{
	struct position entry, at;
	bool left = false;

	if (first == s->out->n || !position_at(s, s->out->v[first].address, &entry) || !entry.line)
		return false;
	for (size_t i = 0; i < s->n_lines; i++) {
		Dwarf_Line *l = dwarf_onesrcline(s->lines, i);
		Dwarf_Addr address;

		if (dwarf_lineaddr(l, &address) != 0 || address < s->out->v[first].address ||
		    !block_covers(s->unit, &s->unit->blocks[block], address) || !position_of(l, &at))
			continue;
		if (has_entry(s, first, address))
			left = false;
		else if (!same_position(&entry, &at))
			left = true;
		else if (left)
			return true;
	}
	return false;
}

/* ---- can it be true? ---- */

/* Does the copy itself lead back to the entry? */
static bool comes_back(struct scene *s, unsigned block, uint64_t entry)
{
	struct places itself = { .v = &entry, .n = 1 };
	struct walk within = { .s = s, .block = block, .stops = &itself, .inside = true };
	bool back;

	walk(&within, entry);
	back = within.stopped.n > 0;
	walk_release(&within);
	return back;
}

static const char *doubt_about(struct scene *s, unsigned block, size_t first)
{
	struct places entries = { 0 };
	const char *doubt = NULL;

	if (!s->flow)
		s->flow = flow_new(&s->ways);
	for (size_t i = first; i < s->out->n; i++)
		add_place(&entries, s->out->v[i].address);
	for (size_t i = 0; i < entries.n && !doubt; i++)
		if (comes_back(s, block, entries.v[i]))
			doubt = "a loop of its own leads back there";
	if (!doubt && flow_goes_past(s->flow, ranges_of(s, block), s->unit->blocks[block].n_ranges, entries.v,
				     entries.n))
		doubt = "there are ways through its code that do not begin there";
	places_release(&entries);
	return doubt;
}

/* ---- all ---- */

/* The ways of the function that a copy is in; false: they are not known. */
static bool learn_ways(struct scene *s, unsigned block)
{
	uint64_t at = ranges_of(s, block)[0].begin;

	if (at >= s->ways.start && at < s->ways.end)
		return true;
	free(s->ways.v);
	flow_free(s->flow);
	s->flow = NULL;
	return insn_ways(s->elf, at, &s->ways) == 0;
}

static uint64_t range_end(const struct scene *s, unsigned block, uint64_t address)
{
	const struct address_range *r = ranges_of(s, block);

	for (unsigned i = 0; i < s->unit->blocks[block].n_ranges; i++)
		if (address >= r[i].begin && address < r[i].end)
			return r[i].end;
	return address;
}

static void add_entries(struct scene *s, unsigned block)
{
	bool said = dwarf_hasattr(&s->unit->blocks[block].die, DW_AT_entry_pc);
	size_t first = s->out->n, met;

	if (!said && learn_ways(s, block))
		add_meetings(s, block);
	if (s->out->n == first)
		add_entry(s, said_entry(s, block), block);
	met = s->out->n;
	/* What fills up to the head of a loop is counted to the loop, but comes before it. */
	for (size_t i = first; i < met && !said; i++) {
		struct entry *entry = &s->out->v[i];

		entry->address += insn_padding(s->elf, entry->address, range_end(s, block, entry->address));
		add_repetitions(s, block, entry->address);
	}
}

static void judge(struct scene *s, unsigned block, size_t first, bool marked)
{
	const char *doubt = NULL;

	if (learn_ways(s, block))
		doubt = doubt_about(s, block, first);
	if (!doubt && !marked && comes_again(s, block, first))
		doubt = "the compiler seems to have copied or mixed its code";
	for (size_t i = first; i < s->out->n; i++)
		s->out->v[i].doubt = doubt;
}

static int by_block(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

/* Judges each copy with all its entries. */
static void judge_marked(struct scene *s)
{
	struct entries all = *s->out, one = { 0 };

	qsort(all.v, all.n, sizeof(*all.v), by_block);
	for (size_t i = 0; i < all.n; i += one.n) {
		one = (struct entries){ &all.v[i], 1 };
		while (i + one.n < all.n && all.v[i + one.n].block == all.v[i].block)
			one.n++;
		s->out = &one;
		judge(s, all.v[i].block, 0, true);
	}
}

void entries_find(struct elf_file *e, struct unit *u, Dwarf_Die *function, const unsigned *blocks, size_t n,
		  struct entries *out)
{
	struct scene s = { .elf = e, .unit = u, .out = out };

	*out = (struct entries){ 0 };
	if (dwarf_getsrclines(&u->top, &s.lines, &s.n_lines) != 0)
		s.n_lines = 0;
	if (add_marks(&s, function, blocks, n))
		judge_marked(&s);
	for (size_t i = 0; i < n; i++) {
		size_t first = out->n;
		bool known = false;

		for (size_t k = 0; k < out->n && !known; k++)
			known = out->v[k].block == blocks[i];
		if (known)
			continue;
		s.out = out;
		add_entries(&s, blocks[i]);
		judge(&s, blocks[i], first, false);
	}
	free(s.ways.v);
	flow_free(s.flow);
}
