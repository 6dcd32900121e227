/* statement.c - statements.
 *
 * A statement that leaves its place (break, return, exit()) notes how in e->flow, and everybody who walks over
 * statements or loops looks there.
 */
#include "eval/walk.h"

#include <string.h>

void exec_list(struct eval *e, const struct node *n)
{
	for (unsigned i = 0; i < n->n_list && e->flow == FLOW_ON; i++)
		exec(e, n->list[i]);
}

static void let(struct eval *e, const struct node *n)
{
	const struct type *t = e->slot_types ? e->slot_types[n->slot] : n->type;
	union value v;

	if (n->a)
		eval_plain(e, n->a, &v);
	else if (t && t->kind != TYPE_UNKNOWN && t->kind != TYPE_VOID)
		nothing_of(e, t, &v);
	else
		memset(&v, 0, sizeof(v));
	if (t && t->kind == TYPE_INT)
		v.n = value_fit(t, v.n);
	if (n->slot < e->n_slots)
		e->slots[n->slot] = v;
}

/* After a round: shall there be another one? break and continue end here. */
static bool goes_on(struct eval *e, const struct node *n)
{
	if (e->flow == FLOW_CONTINUE)
		e->flow = FLOW_ON;
	if (e->flow == FLOW_BREAK) {
		e->flow = FLOW_ON;
		return false;
	}
	return e->flow == FLOW_ON && one_more_round(e, n);
}

static void exec_while(struct eval *e, const struct node *n)
{
	while (e->flow == FLOW_ON && is_true(e, n->a)) {
		exec(e, n->b);
		if (!goes_on(e, n))
			break;
	}
}

static void exec_unroll(struct eval *e, const struct node *n)
{
	for (int64_t i = eval_number(e, n->a); i > 0; i--) {
		exec(e, n->b);
		if (!goes_on(e, n))
			break;
	}
}

static void exec_range(struct eval *e, const struct node *n)
{
	int64_t i = eval_number(e, n->a), end = eval_number(e, n->b);

	for (; i < end && e->flow == FLOW_ON; i++) {
		e->slots[n->slot] = (union value){ .n = i };
		exec(e, n->c);
		if (!goes_on(e, n))
			break;
	}
}

/* The loop sees the map as it was when the loop began, so its body may change the map. Histograms and the like
 * come as they are; of an aggregate that check made a number of, its number. */
static void exec_for_map(struct eval *e, const struct node *n)
{
	const struct map *m = n->a->map;
	const struct type *pair = e->slot_types && n->slot < e->n_slots ? e->slot_types[n->slot] : n->type;
	bool as_number = type_is_aggregate(m->value) && pair && pair->kind == TYPE_TUPLE &&
			 pair->layout->n_members == 2 && !type_is_aggregate(pair->layout->members[1].type);
	unsigned n_entries;
	const struct map_entry *entries = table_walk(eval_table(e, m), &n_entries);
	union value *items = eval_scratch(e, 2 * (size_t)n_entries * sizeof(*items));

	memset(items, 0, 2 * (size_t)n_entries * sizeof(*items));
	for (unsigned i = 0; i < n_entries; i++) {
		if (m->key)
			keep_value(e, m->key, entries[i].key, &items[2 * i]);
		if (as_number)
			items[2 * i + 1].n = aggregate_number(m->value, entries[i].value->aggregate);
		else
			keep_value(e, m->value, entries[i].value, &items[2 * i + 1]);
	}
	for (unsigned i = 0; i < n_entries && e->flow == FLOW_ON; i++) {
		e->slots[n->slot] = (union value){ .items = &items[2 * i] };
		exec(e, n->c);
		if (!goes_on(e, n))
			break;
	}
}

void exec(struct eval *e, const struct node *n)
{
	union value ignored;

	switch (n->kind) {
	case NODE_BLOCK:
		exec_list(e, n);
		if (n->a && e->flow == FLOW_ON)
			eval_node(e, n->a, &ignored);
		break;
	case NODE_ASSIGN:
		assign(e, n);
		break;
	case NODE_LET:
		let(e, n);
		break;
	case NODE_IF: {
		const struct node *branch = is_true(e, n->a) ? n->b : n->c;

		if (branch && e->flow == FLOW_ON)
			exec(e, branch);
		break;
	}
	case NODE_WHILE:
		exec_while(e, n);
		break;
	case NODE_UNROLL:
		exec_unroll(e, n);
		break;
	case NODE_FOR:
		if (n->slot >= e->n_slots)
			break;
		if (n->b)
			exec_range(e, n);
		else if (n->a->kind == NODE_MAP)
			exec_for_map(e, n);
		break;
	case NODE_BREAK:
		e->flow = FLOW_BREAK;
		break;
	case NODE_CONTINUE:
		e->flow = FLOW_CONTINUE;
		break;
	case NODE_RETURN:
		if (n->a)
			eval_plain(e, n->a, &e->result);
		if (e->flow == FLOW_ON)
			e->flow = FLOW_RETURN;
		break;
	default:
		eval_node(e, n, &ignored);
	}
}
