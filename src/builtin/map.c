/* map.c - functions on whole maps: print(), clear(), zero(), delete(), has_key(), len(), find().
 *
 * All take effect at once, between the statements before and behind them. (bpftrace only asks its other half, in
 * another process, to do it some time later.)
 */
#include "builtin/builtin.h"

#include <string.h>

/* The first argument: a map, and which. A hidden map is none that the program names: it stands for one value, a read
 * through a pointer of another event (plan/shadow.c).
 */
static bool is_whole_map(const struct node *n)
{
	return n->list[0]->kind == NODE_MAP && !n->list[0]->a && !n->list[0]->map->hidden;
}

static void nothing(union value *out)
{
	memset(out, 0, sizeof(*out));
}

/* ---- print ---- */

static bool check_print(struct checker *c, struct node *n)
{
	int64_t number;

	if (!is_whole_map(n)) {
		if (n->n_list > 1 && n->list[0]->kind != NODE_MAP)
			return diag_error(c->diags, n->span, "Non-map print() only takes 1 argument, %u found", n->n_list);
		if (n->n_list > 1)
			return diag_error(c->diags, n->span, "Single-value (i.e. indexed) map prints cannot take additional "
					  "arguments.");
		if (n->list[0]->type->kind == TYPE_VOID)
			return diag_error(c->diags, n->span, "print() has nothing to print: the expression has no value");
		return true;
	}
	for (unsigned i = 1; i < n->n_list; i++) {
		if (!check_literal_int(c, n, i, &number))
			return false;
		if (number < 0)
			return diag_error(c->diags, n->span, "print() expects a positive number (%lld provided)",
					  (long long)number);
	}
	if (n->n_list > 1 && n->list[0]->type->kind == TYPE_STATS)
		diag_warn(c->diags, n->span, "print()'s top and div arguments are ignored when used on stats() maps.");
	return true;
}

static void eval_print(struct eval *e, const struct node *n, union value *out)
{
	const struct eval_host *host = eval_host(e);
	bool plain = n->n_list < 2 || n->list[0]->type->kind == TYPE_STATS;
	int64_t div;
	const struct type *shown;
	union value v;

	nothing(out);
	if (!is_whole_map(n)) {
		shown = eval_shown(e, n->list[0], &v);
		if (host->value && !eval_exiting(e))
			host->value(host->ctx, shown, &v);
		return;
	}
	div = !plain && n->n_list > 2 ? eval_number(e, n->list[2]) : 1;
	eval_print_map(e, n->list[0]->map, plain ? 0 : (unsigned)eval_number(e, n->list[1]), div ? div : 1);
}

/* ---- all entries ---- */

static bool check_whole(struct checker *c, struct node *n)
{
	return is_whole_map(n) || diag_error(c->diags, n->span, "%s() expects a map to be provided", n->text);
}

static void eval_clear(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	table_clear(eval_table(e, n->list[0]->map));
}

static void eval_zero(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	table_zero(eval_table(e, n->list[0]->map));
}

/* ---- one entry ---- */

static bool check_delete(struct checker *c, struct node *n)
{
	if (n->list[0]->kind != NODE_MAP)
		return diag_error(c->diags, n->span, "delete() expects a map to be provided");
	if (n->list[0]->a && n->n_list > 1)
		return diag_error(c->diags, n->span, "delete() takes the key in brackets or as the second argument, not both");
	if (!n->list[0]->a && n->n_list < 2 && n->list[0]->map->key)
		return diag_error(c->diags, n->span, "delete() expects a map with a key to delete: delete(%s, key)",
				  n->list[0]->map->name);
	return true;
}

/* The key of f(@m, key) or f(@m[key]); false: a scalar map. */
static bool key_of(struct eval *e, const struct node *n, union value *room, struct table_key *key)
{
	const struct node *map = n->list[0], *given = map->a ? map->a : n->n_list > 1 ? n->list[1] : NULL;

	if (given)
		eval_key(e, map, given, room, key);
	return given != NULL;
}

static void eval_delete(struct eval *e, const struct node *n, union value *out)
{
	struct table_key key;
	union value room;
	bool keyed = key_of(e, n, &room, &key);

	nothing(out);
	out->n = table_delete(eval_table(e, n->list[0]->map), keyed ? &key : NULL);
	if (!out->n && n->flag)
		eval_helper_failed(e, n->span, true, "map_delete_elem", -2,
				   "Can't delete map element because it does not exist.");
}

static bool check_key(struct checker *c, struct node *n)
{
	if (!is_whole_map(n))
		return diag_error(c->diags, n->span, "%s() expects a map to be provided", n->text);
	return true;
}

static void eval_has_key(struct eval *e, const struct node *n, union value *out)
{
	struct table_key key;
	union value room;
	bool keyed = key_of(e, n, &room, &key);

	nothing(out);
	out->n = table_get(eval_table(e, n->list[0]->map), keyed ? &key : NULL) != NULL;
}

/* find(@m, key, $value): has_key(), and the value with it. */
static bool check_find(struct checker *c, struct node *n)
{
	if (!check_key(c, n))
		return false;
	if (n->list[2]->kind != NODE_SCRATCH)
		return diag_error(c->diags, n->span, "find() puts what it found into a variable: find(@m, key, $value)");
	return true;
}

static void eval_find(struct eval *e, const struct node *n, union value *out)
{
	struct node at = *n->list[0];
	union value found;

	eval_has_key(e, n, out);
	if (!out->n)
		return;
	at.a = n->list[1];
	at.type = at.map->value;
	if (type_is_aggregate(at.type))
		at.type = &type_int64;
	eval_node(e, &at, &found);
	eval_store(e, n->list[2], &found);
}

/* ---- how many ---- */

static bool check_len(struct checker *c, struct node *n)
{
	enum type_kind kind = n->list[0]->type->kind;

	if (is_whole_map(n) || kind == TYPE_KSTACK || kind == TYPE_USTACK || kind == TYPE_ARRAY)
		return true;
	return diag_error(c->diags, n->span, "len() expects a map or stack to be provided");
}

static void eval_len(struct eval *e, const struct node *n, union value *out)
{
	const struct type *t = n->list[0]->type;
	union value v;

	nothing(out);
	if (is_whole_map(n)) {
		out->n = (int64_t)table_len(eval_table(e, n->list[0]->map));
		return;
	}
	eval_node(e, n->list[0], &v);
	out->n = t->kind == TYPE_ARRAY ? (int64_t)t->count : v.stack ? v.stack->n : 0;
}

const struct builtin builtin_map[] = {
	{ "print", BUILTIN_FUNCTION, 1, 3, .statement = true, .shows = true, .map = true,
	  .usage = "print(value), print(@map[, int top[, int div]])",
	  .about = "prints a value, or a map: its largest entries, divided by div", .check = check_print,
	  .eval = eval_print },
	{ "clear", BUILTIN_FUNCTION, 1, 1, .statement = true, .map = true, .usage = "clear(@map)",
	  .about = "removes all entries", .check = check_whole, .eval = eval_clear },
	{ "zero", BUILTIN_FUNCTION, 1, 1, .statement = true, .map = true, .usage = "zero(@map)",
	  .about = "sets all values to zero; keys stay", .check = check_whole, .eval = eval_zero },
	{ "delete", BUILTIN_FUNCTION, 1, 2, .map = true, .type = &type_bool,
	  .usage = "bool delete(@map, key), delete(@map)", .about = "removes an entry: was it there?",
	  .check = check_delete, .eval = eval_delete },
	{ "has_key", BUILTIN_FUNCTION, 2, 2, .map = true, .type = &type_bool, .usage = "bool has_key(@map, key)",
	  .about = "is there an entry?", .check = check_key, .eval = eval_has_key },
	{ "find", BUILTIN_FUNCTION, 3, 3, .map = true, .type = &type_bool, .usage = "bool find(@map, key, $value)",
	  .about = "is there an entry? Then $value gets its value", .check = check_find, .eval = eval_find },
	{ "len", BUILTIN_FUNCTION, 1, 1, .map = true, .type = &type_int64, .usage = "int64 len(@map), len(ustack)",
	  .about = "number of entries, frames or elements", .check = check_len, .eval = eval_len },
	{ 0 }
};
