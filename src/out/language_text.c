/* language_text.c - what programs print, for people.
 *
 *	@bytes[bash, 3]: 4096
 *
 *	@us[bash]:
 *	[16, 32)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |
 *	[32, 64)               2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
 */
#include "out/format.h"

#include <stdlib.h>

#include "base/str.h"

static void put_str(struct out *o, const struct str *s)
{
	if (s->len)
		put_bytes(o, s->s, s->len);
}

static void text_message(struct out *o, const char *kind, const char *text, size_t n)
{
	put_bytes(o, text, n);
}

/* ---- histograms ---- */

enum { INTERVAL_COLUMNS = 16, COUNT_COLUMNS = 8, BAR_COLUMNS = 52 };

/* Where bucket index + 1 begins: a power of two in 2^k parts. Of a part's size the factor 1024 becomes K, M ... */
static void add_power(struct str *s, unsigned index, unsigned k)
{
	unsigned parts = 1u << k, power = (index >> k) - 1, decade = power / 10;

	str_addf(s, "%llu", (unsigned long long)(parts + (index & (parts - 1))) << (power - 10 * decade));
	if (decade)
		str_addc(s, "KMGTPE"[decade - 1]);
}

static void add_hist_interval(struct str *s, const struct type *t, unsigned bucket)
{
	unsigned k = (unsigned)t->count;

	if (bucket == 0) {
		str_add(s, "(..., 0)");
	} else if (bucket <= 2u << k) {		/* one number each */
		str_addf(s, "[%u]", bucket - 1);
	} else {
		str_addc(s, '[');
		add_power(s, bucket - 1, k);
		str_add(s, ", ");
		add_power(s, bucket, k);
		str_addc(s, ')');
	}
}

/* In K or M only when all labels can be. */
static void add_linear(struct str *s, const struct type *t, int64_t n)
{
	const int64_t kilo = 1024, mega = 1024 * kilo;

	if (n == 0 || t->lhist_step % kilo != 0)
		str_addf(s, "%lld", (long long)n);
	else if (n % mega == 0)
		str_addf(s, "%lldM", (long long)(n / mega));
	else if (n % kilo == 0)
		str_addf(s, "%lldK", (long long)(n / kilo));
	else
		str_addf(s, "%lld", (long long)n);
}

static void add_lhist_interval(struct str *s, const struct type *t, unsigned bucket)
{
	int64_t begin = t->lhist_min + ((int64_t)bucket - 1) * t->lhist_step;

	if (bucket == 0) {
		str_add(s, "(..., ");
		add_linear(s, t, t->lhist_min);
		str_addc(s, ')');
	} else if (bucket == aggregate_buckets(t) - 1) {
		str_addc(s, '[');
		add_linear(s, t, t->lhist_max);
		str_add(s, ", ...)");
	} else if (t->lhist_step == 1) {
		str_addc(s, '[');
		add_linear(s, t, begin);
		str_addc(s, ']');
	} else {
		str_addc(s, '[');
		add_linear(s, t, begin);
		str_add(s, ", ");
		add_linear(s, t, begin + t->lhist_step);
		str_addc(s, ')');
	}
}

/* A bar's length is computed in single precision, as bpftrace does it. */
static unsigned bar_columns(uint64_t n, uint64_t most)
{
	return (unsigned)((float)n / (float)most * BAR_COLUMNS);
}

static void put_histogram(struct out *o, const struct type *t, const struct aggregate *a, int64_t div)
{
	_cleanup_(str_release) struct str s = STR_INIT;
	unsigned first, end;
	uint64_t most = 0;

	if (!buckets_used(t, a, &first, &end))
		return;
	for (unsigned i = first; i < end; i++)
		most = a->buckets[i] > most ? a->buckets[i] : most;
	for (unsigned i = first; i < end; i++) {
		unsigned bar = bar_columns(a->buckets[i], most);

		str_clear(&s);
		if (t->kind == TYPE_HIST)
			add_hist_interval(&s, t, i);
		else
			add_lhist_interval(&s, t, i);
		while (s.len < INTERVAL_COLUMNS)
			str_addc(&s, ' ');
		put_str(o, &s);
		put_right(o, (int64_t)(a->buckets[i] / (uint64_t)(t->kind == TYPE_HIST && div > 0 ? div : 1)),
			  COUNT_COLUMNS);
		put_text(o, " |");
		for (unsigned j = 0; j < BAR_COLUMNS; j++)
			put_char(o, j < bar ? '@' : ' ');
		put_text(o, "|\n");
	}
}

/* ---- tseries ---- */

enum { GRAPH_COLUMNS = 53, TIME_COLUMNS = 13 };

struct scale {
	int64_t min, max;
};

static unsigned column_of(const struct scale *s, int64_t n)
{
	double range = (double)s->max - (double)s->min;

	return range > 0 ? (unsigned)(((double)n - (double)s->min) / range * (GRAPH_COLUMNS - 1)) : 0;
}

/* The bounds above and below the graph. */
static void put_scale(struct out *o, const struct type *t, const struct scale *s)
{
	_cleanup_(str_release) struct str min = STR_INIT, max = STR_INIT;

	value_print_number(s->min, t->is_signed, &min);
	value_print_number(s->max, t->is_signed, &max);
	put_blanks(o, TIME_COLUMNS);
	put_str(o, &min);
	put_blanks(o, min.len + max.len < GRAPH_COLUMNS ? GRAPH_COLUMNS - min.len - max.len : 1);
	put_str(o, &max);
	put_char(o, '\n');
}

static void put_border(struct out *o, const char *begin, char corner)
{
	put_text(o, begin);
	put_char(o, corner);
	for (unsigned i = 2; i < GRAPH_COLUMNS; i++)
		put_char(o, '_');
	put_char(o, corner);
	put_char(o, '\n');
}

/* One interval; i NULL: nothing came in it. */
static void put_interval(struct out *o, const struct type *t, const struct scale *s, uint64_t number,
			 const struct interval *i)
{
	_cleanup_(str_release) struct str time = STR_INIT;
	char graph[GRAPH_COLUMNS + 1];

	memset(graph, ' ', GRAPH_COLUMNS);
	graph[GRAPH_COLUMNS] = '\0';
	graph[0] = graph[GRAPH_COLUMNS - 1] = '|';
	if (s->min < 0 && s->max > 0)
		graph[column_of(s, 0)] = '.';
	if (i)
		graph[column_of(s, i->value)] = '*';
	value_print_time("%H:%M:%S.%l ", number * (uint64_t)t->lhist_step, &time);
	put_str(o, &time);
	put_text(o, graph);
	put_char(o, ' ');
	if (!i)
		put_char(o, '-');
	else if (t->is_signed)
		put_signed(o, i->value);
	else
		put_unsigned(o, (uint64_t)i->value);
	put_char(o, '\n');
}

static void put_series(struct out *o, const struct type *t, const struct aggregate *a)
{
	unsigned n, next = 0;
	_cleanup_(mem_free_ptr) struct interval *rows = intervals_sorted(t, a, &n);
	struct scale s;

	if (!n)
		return;
	s = (struct scale){ rows[0].value, rows[0].value };
	for (unsigned i = 1; i < n; i++) {
		s.min = rows[i].value < s.min ? rows[i].value : s.min;
		s.max = rows[i].value > s.max ? rows[i].value : s.max;
	}
	put_scale(o, t, &s);
	put_border(o, "hh:mm:ss.ms  ", '|');
	for (uint64_t number = rows[0].number; number <= rows[n - 1].number; number++) {
		bool there = rows[next].number == number;

		put_interval(o, t, &s, number, there ? &rows[next] : NULL);
		next += there;
	}
	put_border(o, "             ", 'v');
	put_scale(o, t, &s);
}

/* ---- values and maps ---- */

static void text_value(struct out *o, const struct type *t, const union value *v)
{
	_cleanup_(str_release) struct str s = STR_INIT;

	if (t->kind == TYPE_HIST || t->kind == TYPE_LHIST) {
		put_histogram(o, t, v->aggregate, 1);
	} else if (t->kind == TYPE_TSERIES) {
		put_series(o, t, v->aggregate);
	} else {
		value_print(o->opt.names, t, v, &s);
		put_str(o, &s);
	}
	put_char(o, '\n');
}

/* @name[a, 2]: of a tuple that is the key the parentheses are left out. */
static void put_name(struct out *o, const struct map *m, const union value *key)
{
	_cleanup_(str_release) struct str s = STR_INIT;
	const struct type *t = m->key;

	put_text(o, m->name);
	if (key) {
		str_addc(&s, '[');
		if (t->kind == TYPE_TUPLE && !(t->layout->n_members && t->layout->members[0].name)) {
			for (unsigned i = 0; i < t->layout->n_members; i++) {
				str_add(&s, i ? ", " : "");
				value_print(o->opt.names, t->layout->members[i].type, &key->items[i], &s);
			}
		} else {
			value_print(o->opt.names, t, key, &s);
		}
		str_addc(&s, ']');
		put_str(o, &s);
	}
	put_char(o, ':');
}

static void put_map_value(struct out *o, const struct map_view *m, const union value *v)
{
	_cleanup_(str_release) struct str s = STR_INIT;
	const struct type *t = m->map->value;

	if (has_number(t))
		value_print_number(divided(t, v, m->div), t->is_signed, &s);
	else
		value_print(o->opt.names, t, v, &s);
	put_char(o, ' ');
	put_str(o, &s);
}

static void text_map(struct out *o, const struct map_view *m)
{
	enum type_kind kind = m->map->value->kind;

	for (unsigned i = 0; i < m->n; i++) {
		const struct map_entry *e = &m->entries[i];

		put_name(o, m->map, e->key);
		if (kind == TYPE_HIST || kind == TYPE_LHIST) {
			put_char(o, '\n');
			put_histogram(o, m->map->value, e->value->aggregate, m->div);
		} else if (kind == TYPE_TSERIES) {
			put_char(o, '\n');
			put_series(o, m->map->value, e->value->aggregate);
		} else {
			put_map_value(o, m, e->value);
		}
		put_char(o, '\n');
	}
}

static void text_end(struct out *o)
{
	put_text(o, "\n\n");
}

/* ---- beside the output ---- */

static void text_attached(struct out *o, unsigned n)
{
	fprintf(stderr, "Attached %u probe%s\n", n, n == 1 ? "" : "s");
}

static void text_lost_events(struct out *o, uint64_t count, bool total)
{
	fprintf(stderr, total ? "WARNING: Total lost event count: %llu\n" : "Lost %llu events\n",
		(unsigned long long)count);
}

/* As diagnostics are printed; what the kernel's helper said stands on a line of its own below the first. */
static void text_complaint(struct out *o, const struct complaint *c)
{
	struct diags *d = diags_new();
	char *text = NULL, *rest;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f) {
		diags_free(d);
		return;
	}
	if (c->kind == COMPLAINT_ERRORF)
		diag_error(d, c->at, "%s", c->text);
	else
		diag_warn(d, c->at, "%s", c->text);
	diags_print(d, f);
	fclose(f);
	diags_free(d);
	out_flush(o);				/* what was printed before stands before it */
	rest = c->kind == COMPLAINT_HELPER ? strchr(text, '\n') : NULL;
	if (rest)
		fprintf(stderr, "%.*s\nAdditional Info - helper: %s, retcode: %d%s", (int)(rest - text), text, c->helper,
			c->code, rest);
	else
		fputs(text, stderr);
	free(text);
}

/* What it printed, and a line about it. */
static void text_test_result(struct out *o, const char *name, uint64_t ns, bool passed, const char *text, size_t n)
{
	put_bytes(o, text, n);
	if (n && text[n - 1] != '\n')
		put_char(o, '\n');
	put_text(o, passed ? "[  OK  ] " : "[FAILED] ");
	put_text(o, name);
	put_text(o, " (");
	put_unsigned(o, ns / 1000);
	put_text(o, " us)\n");
}

static void text_benchmark_result(struct out *o, const char *name, uint64_t average_ns, uint64_t rounds)
{
	put_text(o, name);
	put_text(o, ": ");
	put_unsigned(o, average_ns);
	put_text(o, " ns (average of ");
	put_unsigned(o, rounds);
	put_text(o, " rounds)\n");
}

const struct language language_text = {
	.message = text_message, .value = text_value, .map = text_map, .end = text_end, .attached = text_attached,
	.lost_events = text_lost_events, .complaint = text_complaint, .test_result = text_test_result,
	.benchmark_result = text_benchmark_result,
};
