/* language_json.c - what programs print, as bpftrace's JSON: one object a line.
 *
 *	{"type": "printf", "data": "bash\n"}
 *	{"type": "map", "data": {"@bytes": {"bash,3": 4096}}}
 *	{"type": "hist", "data": {"@us": [{"min": 16, "max": 31, "count": 1}]}}
 *
 * Numbers that a double cannot hold are written as strings of their digits, as in json.c.
 */
#include "out/format.h"

#include <stdlib.h>

#include "base/str.h"

static void put_quoted(struct out *o, const char *text, size_t n)
{
	put_char(o, '"');
	put_escaped(o, text, n, 0);
	put_char(o, '"');
}

static void put_string(struct out *o, const char *text)
{
	put_quoted(o, text, strlen(text));
}

static void put_integer(struct out *o, int64_t n, bool is_signed)
{
	o->format->element[is_signed ? BASE_SIGNED : BASE_UNSIGNED](o, (uint64_t)n);
}

static void put_object(struct out *o, const char *type)
{
	put_text(o, "{\"type\": ");
	put_string(o, type);
}

static void put_type(struct out *o, const char *type)
{
	put_object(o, type);
	put_text(o, ", \"data\": ");
}

static void json_message(struct out *o, const char *kind, const char *text, size_t n)
{
	put_type(o, kind);
	put_quoted(o, text, n);
	put_text(o, "}\n");
}

/* ---- values ---- */

static void put_json(struct out *o, const struct type *t, const union value *v);

static void put_shown(struct out *o, const struct type *t, const union value *v)
{
	_cleanup_(str_release) struct str s = STR_INIT;

	value_print(o->opt.names, t, v, &s);
	put_quoted(o, s.s ? s.s : "", s.len);
}

static void put_bytes_as_numbers(struct out *o, const union value *v)
{
	put_char(o, '[');
	for (uint32_t i = 0; i < v->text.len; i++) {
		if (i)
			put_char(o, ',');
		put_unsigned(o, (unsigned char)v->text.data[i]);
	}
	put_char(o, ']');
}

static void *take(void *ctx, size_t size)
{
	return arena_alloc(ctx, size);
}

static void free_arena(struct arena **a)
{
	arena_free(*a);
}

static void put_members(struct out *o, const struct layout *l, uint64_t base, const union value *v, bool *any)
{
	_cleanup_(free_arena) struct arena *a = arena_new();
	struct memory memory = { take, a };

	for (unsigned i = 0; i < l->n_members; i++) {
		const struct member *m = &l->members[i];
		union value item;

		if (m->name && !*m->name && m->type->kind == TYPE_STRUCT) {
			put_members(o, m->type->layout, base + m->offset, v, any);
			continue;
		}
		if (!value_shows_member(l, i, base, v->text.data, v->text.len))
			continue;
		value_load_member(m, base + m->offset, v->text.data, v->text.len, &memory, &item);
		if (*any)
			put_text(o, ", ");
		*any = true;
		put_string(o, m->name);
		put_text(o, ": ");
		put_json(o, m->type, &item);
	}
}

static void put_struct(struct out *o, const struct type *t, const union value *v)
{
	bool any = false;

	put_char(o, '{');
	if (t->layout)
		put_members(o, t->layout, 0, v, &any);
	put_char(o, '}');
}

static void put_tuple(struct out *o, const struct type *t, const union value *v)
{
	const struct layout *l = t->layout;
	bool record = l->n_members && l->members[0].name;

	put_char(o, record ? '{' : '[');
	for (unsigned i = 0; i < l->n_members; i++) {
		if (i)
			put_text(o, record ? ", " : ",");
		if (record) {
			put_string(o, l->members[i].name);
			put_text(o, ": ");
		}
		put_json(o, l->members[i].type, &v->items[i]);
	}
	put_char(o, record ? '}' : ']');
}

static void put_array(struct out *o, const struct type *t, const union value *v)
{
	put_char(o, '[');
	for (uint64_t i = 0; i < t->count; i++) {
		if (i)
			put_char(o, ',');
		put_json(o, t->of, &v->items[i]);
	}
	put_char(o, ']');
}

/* ---- aggregates ---- */

static void put_stats(struct out *o, const struct type *t, const struct aggregate *a)
{
	put_text(o, "{\"count\": ");
	put_integer(o, (int64_t)a->count, false);
	put_text(o, ", \"average\": ");
	put_integer(o, aggregate_number(t, a), t->is_signed);
	put_text(o, ", \"total\": ");
	put_integer(o, a->total, t->is_signed);
	put_char(o, '}');
}

static void put_histogram(struct out *o, const struct type *t, const struct aggregate *a, int64_t div)
{
	unsigned first, end;

	put_char(o, '[');
	buckets_used(t, a, &first, &end);
	for (unsigned i = first; i < end; i++) {
		int64_t min, max;
		bool below, above;

		aggregate_bounds(t, i, &min, &max, &below, &above);
		put_text(o, i > first ? ", {" : "{");
		if (!below) {
			put_text(o, "\"min\": ");
			put_integer(o, min, true);
			put_text(o, ", ");
		}
		if (!above) {
			put_text(o, "\"max\": ");
			put_integer(o, max, true);
			put_text(o, ", ");
		}
		put_text(o, "\"count\": ");
		put_integer(o, (int64_t)(a->buckets[i] / (uint64_t)(t->kind == TYPE_HIST && div > 0 ? div : 1)), false);
		put_char(o, '}');
	}
	put_char(o, ']');
}

static void put_series(struct out *o, const struct type *t, const struct aggregate *a)
{
	unsigned n;
	_cleanup_(mem_free_ptr) struct interval *rows = intervals_sorted(t, a, &n);

	put_char(o, '[');
	for (unsigned i = 0; i < n; i++) {
		_cleanup_(str_release) struct str time = STR_INIT;

		value_print_time("%Y-%m-%d %H:%M:%S.%k", rows[i].number * (uint64_t)t->lhist_step, &time);
		put_text(o, i ? ", {\"interval_start\":" : "{\"interval_start\":");
		put_quoted(o, time.s ? time.s : "", time.len);
		put_text(o, ",\"value\":");
		put_integer(o, rows[i].value, t->is_signed);
		put_char(o, '}');
	}
	put_char(o, ']');
}

static void put_json(struct out *o, const struct type *t, const union value *v)
{
	switch (t->kind) {
	case TYPE_BOOL:
		put_text(o, v->n ? "true" : "false");
		break;
	case TYPE_INT:
		put_integer(o, v->n, t->is_signed);
		break;
	case TYPE_POINTER:
		put_integer(o, v->n, false);
		break;
	case TYPE_BUFFER:
		put_bytes_as_numbers(o, v);
		break;
	case TYPE_ARRAY:
		put_array(o, t, v);
		break;
	case TYPE_STRUCT:
		put_struct(o, t, v);
		break;
	case TYPE_TUPLE:
		put_tuple(o, t, v);
		break;
	case TYPE_COUNT:
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
		put_integer(o, aggregate_number(t, v->aggregate), t->is_signed);
		break;
	case TYPE_STATS:
		put_stats(o, t, v->aggregate);
		break;
	case TYPE_HIST:
	case TYPE_LHIST:
		put_histogram(o, t, v->aggregate, 1);
		break;
	case TYPE_TSERIES:
		put_series(o, t, v->aggregate);
		break;
	case TYPE_UNKNOWN:
	case TYPE_VOID:
	case TYPE_MISSING:
		put_text(o, "null");
		break;
	default:
		put_shown(o, t, v);
	}
}

static void json_value(struct out *o, const struct type *t, const union value *v)
{
	put_type(o, "value");
	put_json(o, t, v);
	put_text(o, "}\n");
}

/* ---- maps ---- */

static const char *type_of_map(const struct type *t)
{
	switch (t->kind) {
	case TYPE_HIST:
	case TYPE_LHIST:
		return "hist";
	case TYPE_STATS:
	case TYPE_AVG:
		return "stats";
	case TYPE_TSERIES:
		return "tseries";
	default:
		return "map";
	}
}

static bool has_parts(const struct type *t)
{
	return t->kind == TYPE_TUPLE && !(t->layout->n_members && t->layout->members[0].name);
}

static void print_key(const struct out *o, const struct type *t, const union value *key, struct str *out)
{
	if (!has_parts(t)) {
		value_print(o->opt.names, t, key, out);
		return;
	}
	for (unsigned i = 0; i < t->layout->n_members; i++) {
		const struct type *part = t->layout->members[i].type;

		str_add(out, i ? "," : "");
		str_add(out, has_parts(part) ? "(" : "");
		print_key(o, part, &key->items[i], out);
		str_add(out, has_parts(part) ? ")" : "");
	}
}

/* A key of several parts has no blanks: "bash,3", "1,(2,3)". */
static void put_key(struct out *o, const struct type *t, const union value *key)
{
	_cleanup_(str_release) struct str s = STR_INIT;

	print_key(o, t, key, &s);
	put_quoted(o, s.s ? s.s : "", s.len);
	put_text(o, ": ");
}

static void put_map_value(struct out *o, const struct map_view *m, const union value *v)
{
	const struct type *t = m->map->value;

	if (has_number(t))
		put_integer(o, divided(t, v, m->div), t->is_signed);
	else if (t->kind == TYPE_HIST)
		put_histogram(o, t, v->aggregate, m->div);
	else
		put_json(o, t, v);
}

static void json_map(struct out *o, const struct map_view *m)
{
	if (!m->n)
		return;
	put_type(o, type_of_map(m->map->value));
	put_char(o, '{');
	put_string(o, m->map->name);
	put_text(o, m->map->key ? ": {" : ": ");
	for (unsigned i = 0; i < m->n; i++) {
		if (i)
			put_text(o, ", ");
		if (m->map->key)
			put_key(o, m->map->key, m->entries[i].key);
		put_map_value(o, m, m->entries[i].value);
	}
	put_text(o, m->map->key ? "}}}\n" : "}}\n");
}

static void json_end(struct out *o)
{
}

/* ---- beside the output ---- */

static void put_counted(struct out *o, const char *type, const char *what, uint64_t n)
{
	put_object(o, type);
	put_text(o, ", \"count\": ");
	put_unsigned(o, n);
	put_text(o, ", \"data\": {");
	put_string(o, what);
	put_text(o, ": ");
	put_unsigned(o, n);
	put_text(o, "}}\n");
}

static void json_attached(struct out *o, unsigned n)
{
	put_counted(o, "attached_probes", "probes", n);
}

static void json_lost_events(struct out *o, uint64_t count, bool total)
{
	if (!total)			/* the total says nothing that was not said */
		put_counted(o, "lost_events", "events", count);
}

static void put_place(struct out *o, struct span at)
{
	unsigned line = 1, column = 1;

	for (unsigned i = 0; at.src && i < at.begin && at.src->text[i]; i++) {
		column++;
		if (at.src->text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	put_text(o, ", \"filename\": ");
	put_string(o, at.src ? at.src->name : "");
	put_text(o, ", \"line\": ");
	put_unsigned(o, line);
	put_text(o, ", \"col\": ");
	put_unsigned(o, column);
}

static void json_complaint(struct out *o, const struct complaint *c)
{
	static const char *const types[] = {
		[COMPLAINT_ERRORF] = "errorf", [COMPLAINT_WARNF] = "warnf",
		[COMPLAINT_RUNTIME] = "runtime_error", [COMPLAINT_HELPER] = "helper_error",
	};

	put_object(o, types[c->kind]);
	put_text(o, ", \"msg\": ");
	put_string(o, c->text);
	if (c->kind == COMPLAINT_HELPER) {
		put_text(o, ", \"helper\": ");
		put_string(o, c->helper);
		put_text(o, ", \"retcode\": ");
		put_signed(o, c->code);
	}
	put_place(o, c->at);
	put_text(o, "}\n");
}

static void json_test_result(struct out *o, const char *name, uint64_t ns, bool passed, const char *text, size_t n)
{
	put_type(o, "test_result");
	put_char(o, '{');
	put_string(o, name);
	put_text(o, ": {\"duration\": ");
	put_unsigned(o, ns);
	put_text(o, passed ? ", \"passed\": true, \"output\": " : ", \"passed\": false, \"output\": ");
	put_quoted(o, text, n);
	put_text(o, "}}}\n");
}

static void json_benchmark_result(struct out *o, const char *name, uint64_t average_ns, uint64_t rounds)
{
	put_type(o, "benchmark_result");
	put_char(o, '{');
	put_string(o, name);
	put_text(o, ": {\"average\": ");
	put_unsigned(o, average_ns);
	put_text(o, ", \"iters\": ");
	put_unsigned(o, rounds);
	put_text(o, "}}}\n");
}

const struct language language_json = {
	.message = json_message, .value = json_value, .map = json_map, .end = json_end, .attached = json_attached,
	.lost_events = json_lost_events, .complaint = json_complaint,
	.test_result = json_test_result, .benchmark_result = json_benchmark_result,
};
