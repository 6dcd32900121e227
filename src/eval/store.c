/* store.c - maps and variables: what was stored, and storing.
 *
 * Reading a key that is not there gives nothing: 0, "". What is read from a map is copied when it is more than a
 * number, because the next statement may change the map.
 */
#include "eval/walk.h"

#include <string.h>

/* ---- maps ---- */

void eval_key(struct eval *e, const struct node *map, const struct node *key, union value *room, struct table_key *out)
{
	if (map->compiled) {
		*out = *(const struct table_key *)map->compiled;
		return;
	}
	eval_plain(e, key, room);
	table_key(map->map->key, room, &e->key_room, out);
}

static void map_is_full(struct eval *e, struct span at)
{
	eval_helper_failed(e, at, true, "map_update_elem", -7,
			   "Map full; can't update element. Try increasing max_map_keys config or manually setting the max "
			   "entries in a map declaration e.g. `let @a = hash(5000)`");
}

static void lookup_failed(struct eval *e, const struct node *n)
{
	eval_helper_failed(e, n->span, false, "map_lookup_elem", 0, "Can't lookup map element because it does not exist.");
}

/* What a value is before anything was stored. */
void nothing_of(struct eval *e, const struct type *t, union value *out)
{
	static const struct aggregate empty;
	uint64_t n;
	union value *items;

	memset(out, 0, sizeof(*out));
	switch (t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
		out->text.data = "";
		break;
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		out->text.data = memset(eval_scratch(e, (size_t)t->size + 1), 0, (size_t)t->size + 1);
		out->text.len = (uint32_t)t->size;
		break;
	case TYPE_ARRAY:
	case TYPE_TUPLE:
		n = t->kind == TYPE_ARRAY ? t->count : t->layout->n_members;
		out->items = items = eval_scratch(e, (size_t)n * sizeof(*items));
		for (uint64_t i = 0; i < n; i++)
			nothing_of(e, t->kind == TYPE_ARRAY ? t->of : t->layout->members[i].type, &items[i]);
		break;
	default:
		if (type_is_aggregate(t))
			out->aggregate = &empty;
	}
}

void eval_map(struct eval *e, const struct node *n, union value *out)
{
	struct table *table = eval_table(e, n->map);
	const struct type *t = n->map->value;
	const union value *stored;
	struct table_key key;
	union value room;

	if (n->a)
		eval_key(e, n, n->a, &room, &key);
	stored = table_get(table, n->a ? &key : NULL);
	if (!stored) {
		lookup_failed(e, n);
		nothing_of(e, t, out);
	} else if (is_scalar(t)) {
		*out = *stored;
	} else {
		keep_value(e, t, stored, out);
	}
	if (type_is_aggregate(t) && !type_is_aggregate(n->type)) {
		int64_t number = aggregate_number(t, out->aggregate);

		memset(out, 0, sizeof(*out));
		out->n = number;
	}
}

static void store_map(struct eval *e, const struct node *to, const union value *v)
{
	struct table_key key;
	union value room;

	if (to->a)
		eval_key(e, to, to->a, &room, &key);
	if (!table_set(eval_table(e, to->map), to->a ? &key : NULL, v))
		map_is_full(e, to->span);
}

/* @m[key] = sum(n): the number first, because its expression may change the map. */
static void add_to_map(struct eval *e, const struct node *to, const struct node *call)
{
	const struct type *t = to->map->value;
	int64_t n = call->n_list ? value_fit(call->list[0]->type, eval_number(e, call->list[0])) : 0;
	struct aggregate *a;
	struct table_key key;
	union value room;

	if (to->a)
		eval_key(e, to, to->a, &room, &key);
	a = table_aggregate(eval_table(e, to->map), to->a ? &key : NULL);
	if (!a)
		map_is_full(e, to->span);
	else if (t->kind == TYPE_TSERIES)
		aggregate_add_at(t, a, n, e->record->time_ns + e->host->names->boot_to_real_ns);
	else
		aggregate_add(t, a, n);
}

void eval_print_map(struct eval *e, const struct map *m, unsigned top, int64_t div)
{
	struct map_view view = { .map = m, .div = div };
	struct map_entry only;
	union value zero;

	view.entries = table_entries(eval_table(e, m), top, &view.n);
	if (!view.n && !m->key) {		/* nothing was stored yet: that is 0 */
		nothing_of(e, m->value, &zero);
		only = (struct map_entry){ NULL, &zero };
		view.entries = &only;
		view.n = 1;
	}
	if (e->host->map)
		e->host->map(e->host->ctx, &view);
}

/* ---- storing ---- */

static void store_item(struct eval *e, const struct node *to, uint64_t i, const union value *v)
{
	const struct type *t = to->a->type;
	uint64_t n = t->kind == TYPE_ARRAY ? t->count : t->kind == TYPE_TUPLE ? t->layout->n_members : 0;
	union value whole, *items;

	if (i >= n)
		return;
	eval_node(e, to->a, &whole);
	items = eval_scratch(e, (size_t)n * sizeof(*items));
	memcpy(items, whole.items, (size_t)n * sizeof(*items));
	items[i] = *v;
	memset(&whole, 0, sizeof(whole));
	whole.items = items;
	eval_store(e, to->a, &whole);
}

void eval_store(struct eval *e, const struct node *to, const union value *v)
{
	union value fitting = *v;

	if (to->type && to->type->kind == TYPE_INT)
		fitting.n = value_fit(to->type, v->n);
	switch (to->kind) {
	case NODE_SCRATCH:
		if (to->slot < e->n_slots)
			e->slots[to->slot] = fitting;
		break;
	case NODE_MAP:
		store_map(e, to, &fitting);
		break;
	case NODE_MEMBER:
		store_item(e, to, (uint64_t)to->number, &fitting);
		break;
	case NODE_INDEX:
		store_item(e, to, (uint64_t)eval_number(e, to->b), &fitting);
		break;
	default:
		break;
	}
}

static bool is_aggregate_call(const struct node *n)
{
	return n->kind == NODE_CALL && n->builtin && n->builtin->kind == BUILTIN_AGGREGATE;
}

/* @x += v: the place's old value, the operator, the new one. */
static void assign_with_operator(struct eval *e, const struct node *n)
{
	struct node operation = { .kind = NODE_BINARY, .op = n->op, .span = n->span, .a = n->a, .b = n->b,
				  .type = n->a->type };
	union value v;

	if (type_is_aggregate(operation.type))
		return;
	eval_binary(e, &operation, &v);
	eval_store(e, n->a, &v);
}

void assign(struct eval *e, const struct node *n)
{
	union value v;

	if (!n->a) {
		eval_node(e, n->b, &v);
	} else if (n->a->kind == NODE_MAP && is_aggregate_call(n->b)) {
		add_to_map(e, n->a, n->b);
	} else if (n->op != OP_NONE) {
		assign_with_operator(e, n);
	} else {
		eval_plain(e, n->b, &v);
		if (e->flow == FLOW_ON)
			eval_store(e, n->a, &v);
	}
}

void increase(struct eval *e, const struct node *n, union value *out)
{
	int64_t before = eval_number(e, n->a);
	union value after = { 0 };

	after.n = value_fit(n->a->type,
			    (int64_t)((uint64_t)before + (uint64_t)n->number * (uint64_t)step_of(n->a->type)));
	eval_store(e, n->a, &after);
	memset(out, 0, sizeof(*out));
	out->n = n->flag ? before : after.n;
}
