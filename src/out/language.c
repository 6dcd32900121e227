/* language.c - what programs of bpftrace's language print: the front door of it, and what both formats need to
 * know of a map.
 *
 * The formats are bpftrace's, byte for byte: people have scripts that read them. What a stranger wrote was made
 * harmless already, where it was put into the text (struct names, terminal): here it cannot be told from what the
 * program's author wrote.
 */
#include "out/format.h"

#include <stdlib.h>

static void said(struct out *o)
{
	o->whole = o->used;
	if (o->opt.buffering == BUFFER_NONE)
		out_flush(o);
}

void out_message(struct out *o, const char *kind, const char *text, size_t n)
{
	if (o->error)
		return;
	o->format->language->message(o, kind, text, n);
	said(o);
}

void out_value(struct out *o, const struct type *t, const union value *v)
{
	if (o->error)
		return;
	o->format->language->value(o, t, v);
	said(o);
}

void out_map(struct out *o, const struct map_view *m)
{
	if (o->error)
		return;
	o->format->language->map(o, m);
	said(o);
}

void out_end(struct out *o)
{
	if (o->error)
		return;
	o->format->language->end(o);
	said(o);
}

void out_attached(struct out *o, unsigned n)
{
	if (o->error || o->opt.quiet)
		return;
	o->format->language->attached(o, n);
	said(o);
}

void out_lost_events(struct out *o, uint64_t count, bool total)
{
	if (o->error)
		return;
	o->format->language->lost_events(o, count, total);
	said(o);
}

void out_test_result(struct out *o, const char *name, uint64_t ns, bool passed, const char *text, size_t n)
{
	if (o->error)
		return;
	o->format->language->test_result(o, name, ns, passed, text, n);
	said(o);
}

void out_benchmark_result(struct out *o, const char *name, uint64_t average_ns, uint64_t rounds)
{
	if (o->error)
		return;
	o->format->language->benchmark_result(o, name, average_ns, rounds);
	said(o);
}

void out_complaint(struct out *o, const struct complaint *c)
{
	if (o->error)
		return;
	o->format->language->complaint(o, c);
	said(o);
}

int out_round(struct out *o)
{
	return o->opt.buffering == BUFFER_FULL ? o->error : out_flush(o);
}

/* ---- maps ---- */

bool buckets_used(const struct type *t, const struct aggregate *a, unsigned *first, unsigned *end)
{
	unsigned n = a->buckets ? aggregate_buckets(t) : 0;

	*first = 0;
	*end = n;
	while (*first < n && !a->buckets[*first])
		++*first;
	while (*end > *first && !a->buckets[*end - 1])
		--*end;
	return *first < *end;
}

static int by_number(const void *x, const void *y)
{
	const struct interval *a = x, *b = y;

	return (a->number > b->number) - (a->number < b->number);
}

/* Whatever is older than the newest by the number of intervals has left the window. */
struct interval *intervals_sorted(const struct type *t, const struct aggregate *a, unsigned *n)
{
	struct interval *sorted = mem_alloc((size_t)(t->count + 1) * sizeof(*sorted));
	uint64_t newest = 0;

	*n = 0;
	for (uint64_t i = 0; a->intervals && i < t->count; i++)
		if (a->intervals[i].used && a->intervals[i].number > newest)
			newest = a->intervals[i].number;
	for (uint64_t i = 0; a->intervals && i < t->count; i++)
		if (a->intervals[i].used && newest - a->intervals[i].number < t->count)
			sorted[(*n)++] = a->intervals[i];
	qsort(sorted, *n, sizeof(*sorted), by_number);
	return sorted;
}

bool has_number(const struct type *t)
{
	return (t->kind == TYPE_INT && !t->enumeration) ||
	       (t->kind >= TYPE_COUNT && t->kind <= TYPE_AVG);
}

int64_t divided(const struct type *t, const union value *v, int64_t div)
{
	int64_t n = t->kind == TYPE_INT ? v->n : aggregate_number(t, v->aggregate);

	if (div == 1 || div == 0)
		return n;
	return t->is_signed ? n / div : (int64_t)((uint64_t)n / (uint64_t)div);
}
