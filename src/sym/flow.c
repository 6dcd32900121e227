/* flow.c - the ways through a function: can a part of it be gone through past certain places?
 *
 * The function is cut into pieces of straight code, at its jumps and where these lead:
 *
 *	piece	code					leads to
 *	0	push %rbx; test %edi,%edi; je L2	1, 2
 *	1	L1: call f; dec %ebx; jne L1		1, 2
 *	2	L2: pop %rbx; ret			the end
 *
 * A stop within a piece cuts off what is behind it; one at its begin takes the piece away. A way around that comes back
 * to where it was is a cycle of pieces, and cycles that have a piece in common are one strongly connected component,
 * found by Tarjan's algorithm (Depth-first search and linear graph algorithms, SIAM J. Comput. 1, 1972) in one walk,
 * where trying each jump back would take as many walks as there are: a large function has thousands.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sym/blocks.h"

#define NOWHERE UINT_MAX

struct piece {
	uint64_t begin, end;
	uint64_t jump;			/* where its last instruction is, when that is a jump into the function */
	unsigned next[2];		/* NOWHERE: none; the second is where the jump leads */
	bool ends;			/* the function may end with it */

	/* for the part and the stops at hand */
	uint64_t cut;			/* what is behind is not gone to */
	bool touches;			/* some of the part is in what is left of it */
};

struct flow {
	struct piece *v;
	size_t n;
};

static int by_address(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

static bool leads_inside(const struct ways *w, const struct way_out *o)
{
	return way_leaves(o) && o->kind != WAY_RETURN && o->to >= w->start && o->to < w->end;
}

/* The piece that an address is in; before and behind the function, the first and the last one. */
static unsigned piece_at(const struct flow *f, uint64_t address)
{
	size_t low = 0, high = f->n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		*(f->v[middle].begin <= address ? &low : &high) = middle;
	}
	return (unsigned)low;
}

static void cut_into_pieces(struct flow *f, const struct ways *w)
{
	uint64_t *cuts = NULL;
	size_t n = 0;

	*MEM_PUSH(cuts, n) = w->start;
	for (size_t i = 0; i < w->n; i++) {
		if (way_leaves(&w->v[i]) && w->v[i].next < w->end)
			*MEM_PUSH(cuts, n) = w->v[i].next;
		if (leads_inside(w, &w->v[i]))
			*MEM_PUSH(cuts, n) = w->v[i].to;
	}
	qsort(cuts, n, sizeof(*cuts), by_address);
	for (size_t i = 0; i < n; i++) {
		if (i && cuts[i] == cuts[i - 1])
			continue;
		if (f->n)
			f->v[f->n - 1].end = cuts[i];
		*MEM_PUSH(f->v, f->n) = (struct piece){ .begin = cuts[i], .end = w->end };
		f->v[f->n - 1].next[0] = (unsigned)f->n;
		f->v[f->n - 1].next[1] = NOWHERE;
	}
	f->v[f->n - 1].next[0] = NOWHERE;
	f->v[f->n - 1].ends = true;
	free(cuts);
}

struct flow *flow_new(const struct ways *w)
{
	struct flow *f = mem_alloc(sizeof(*f));

	cut_into_pieces(f, w);
	for (size_t i = 0; i < w->n; i++) {
		const struct way_out *o = &w->v[i];
		struct piece *p = &f->v[piece_at(f, o->from)];
		bool inside = leads_inside(w, o);

		if (!way_leaves(o))
			continue;
		if (inside) {
			p->next[1] = piece_at(f, o->to);
			p->jump = o->from;
		}
		if (o->kind != WAY_BRANCH) {
			p->next[0] = NOWHERE;
			p->ends = !inside;
		}
	}
	return f;
}

void flow_free(struct flow *f)
{
	if (!f)
		return;
	free(f->v);
	free(f);
}

/* ---- a part, and stops ---- */

static bool is_gone(const struct piece *p)
{
	return p->cut == p->begin;
}

/* Where the piece leads, i = 0 or 1, with the stops; NOWHERE: it does not. */
static unsigned next_of(const struct flow *f, unsigned piece, unsigned i)
{
	const struct piece *p = &f->v[piece];
	unsigned next = p->cut < p->end ? NOWHERE : p->next[i];

	return next != NOWHERE && is_gone(&f->v[next]) ? NOWHERE : next;
}

static void set_part(struct flow *f, const struct address_range *part, size_t n_part, const uint64_t *stops,
		     size_t n_stops)
{
	uint64_t first = f->v[0].begin;

	for (size_t i = 0; i < f->n; i++) {
		f->v[i].cut = f->v[i].end;
		f->v[i].touches = false;
	}
	for (size_t i = 0; i < n_stops; i++) {
		struct piece *p = &f->v[piece_at(f, stops[i])];

		if (stops[i] >= first && stops[i] < p->cut)
			p->cut = stops[i];
	}
	for (size_t i = 0; i < n_part; i++)
		for (size_t k = piece_at(f, part[i].begin); k < f->n && f->v[k].begin < part[i].end; k++)
			f->v[k].touches |= part[i].begin < f->v[k].cut && f->v[k].begin < part[i].end;
}

/* Marks all that can be reached from a piece. */
static void mark(const struct flow *f, unsigned from, bool *seen)
{
	unsigned *todo = mem_alloc((f->n + 1) * sizeof(*todo));
	size_t n = 0;

	if (!is_gone(&f->v[from]) && !seen[from]) {
		seen[from] = true;
		todo[n++] = from;
	}
	while (n) {
		unsigned at = todo[--n];

		for (unsigned i = 0; i < 2; i++) {
			unsigned next = next_of(f, at, i);

			if (next == NOWHERE || seen[next])
				continue;
			seen[next] = true;
			todo[n++] = next;
		}
	}
	free(todo);
}

/* From the function's begin, through the part, to its end. */
static bool leads_through(const struct flow *f)
{
	bool *reached = mem_alloc(f->n), *behind = mem_alloc(f->n), through = false;

	mark(f, 0, reached);
	for (unsigned i = 0; i < f->n; i++)
		if (reached[i] && f->v[i].touches)
			mark(f, i, behind);
	for (size_t i = 0; i < f->n; i++)
		through |= behind[i] && f->v[i].ends && f->v[i].cut == f->v[i].end;
	free(reached);
	free(behind);
	return through;
}

/* ---- cycles ---- */

struct search {
	const struct flow *f;
	unsigned *number;		/* of each piece, as it was met; 0: not yet */
	unsigned *low;			/* the first one to which a way leads back from what is behind it */
	unsigned *component;		/* of each piece; 0: not known yet */
	unsigned *open;			/* met, and of no component yet */
	unsigned *path;			/* from where the search began to where it is */
	unsigned char *taken;		/* how many ways on from each piece were followed */
	size_t n_open, n_path;
	unsigned met, n_components;
};

static void enter(struct search *s, unsigned piece)
{
	s->number[piece] = s->low[piece] = ++s->met;
	s->open[s->n_open++] = piece;
	s->path[s->n_path++] = piece;
}

static void follow(struct search *s, unsigned from, unsigned to)
{
	if (to == NOWHERE)
		return;
	if (!s->number[to])
		enter(s, to);
	else if (!s->component[to] && s->number[to] < s->low[from])
		s->low[from] = s->number[to];
}

/* All behind the piece is known: those that were met since, and lead back to it, are its component. */
static void leave(struct search *s, unsigned piece)
{
	s->n_path--;
	if (s->n_path && s->low[piece] < s->low[s->path[s->n_path - 1]])
		s->low[s->path[s->n_path - 1]] = s->low[piece];
	if (s->low[piece] != s->number[piece])
		return;
	s->n_components++;
	do {
		s->component[s->open[--s->n_open]] = s->n_components;
	} while (s->open[s->n_open] != piece);
}

static void search_from(struct search *s, unsigned piece)
{
	enter(s, piece);
	while (s->n_path) {
		unsigned at = s->path[s->n_path - 1];

		if (s->taken[at] < 2)
			follow(s, at, next_of(s->f, at, s->taken[at]++));
		else
			leave(s, at);
	}
}

static bool is_in(const struct address_range *part, size_t n, uint64_t address)
{
	for (size_t i = 0; i < n; i++)
		if (address >= part[i].begin && address < part[i].end)
			return true;
	return false;
}

/* A jump back, which is not the part's own, in a cycle with some of the part. */
static bool leads_around(const struct flow *f, const struct address_range *part, size_t n_part)
{
	unsigned *room = mem_alloc(5 * f->n * sizeof(*room));
	struct search s = { .f = f, .number = room, .low = room + f->n, .component = room + 2 * f->n,
			    .open = room + 3 * f->n, .path = room + 4 * f->n, .taken = mem_alloc(f->n) };
	bool *touches = mem_alloc(f->n + 1), around = false;

	for (unsigned i = 0; i < f->n; i++)
		if (!s.number[i] && !is_gone(&f->v[i]))
			search_from(&s, i);
	for (size_t i = 0; i < f->n; i++)
		touches[s.component[i]] |= s.component[i] && f->v[i].touches;
	for (unsigned i = 0; i < f->n && !around; i++) {
		unsigned to = next_of(f, i, 1);

		around = to != NOWHERE && f->v[to].begin <= f->v[i].jump && s.component[to] == s.component[i] &&
			 touches[s.component[i]] && !is_in(part, n_part, f->v[i].jump);
	}
	free(room);
	free(s.taken);
	free(touches);
	return around;
}

bool flow_goes_past(struct flow *f, const struct address_range *part, size_t n_part, const uint64_t *stops,
		    size_t n_stops)
{
	set_part(f, part, n_part, stops, n_stops);
	return leads_through(f) || leads_around(f, part, n_part);
}
