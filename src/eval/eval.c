/* eval.c - walks a checked tree for a record.
 *
 * The tree is small and is walked as it stands: a switch on the kind of node, a slot number for each variable, a
 * table for each map. All that could be looked up by name was looked up by check; keys and formats that are
 * constants were made ready before the first record (n->compiled). Text that arises on the way lives in scratch
 * memory, which is given back all at once when the next record comes.
 *
 * A statement that leaves its place (break, return, exit()) notes how in e->flow, and everybody who walks over
 * statements or loops looks there. There is no BPF verifier to promise that a program ends, so loops are counted:
 * one that goes round too often for one record is stopped, with a message.
 */
#include "eval/eval.h"

#include <stdlib.h>
#include <string.h>

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE, FLOW_RETURN, FLOW_EXIT };

enum {
	SCRATCH_BLOCK = 64 * 1024,
	SCRATCH_MAX = 256 << 20,	/* bytes for one record */
	ROUNDS_MAX = 1 << 23,		/* of all loops for one record, as many as the kernel would allow BPF */
	CALLS_MAX = 200,		/* subprograms inside each other */
};

struct block {
	struct block *next;
	size_t size;
	_Alignas(16) char data[];
};

struct eval {
	const struct program *program;
	const struct eval_host *host;
	struct eval_options opt;
	struct table **tables;
	struct arena *arena;		/* of what is made ready once */

	/* the record at hand */
	const struct record *record;
	const struct action *action;
	union value *slots;		/* of the action, or of the subprogram that runs */
	const struct type *const *slot_types;	/* NULL in a subprogram */
	unsigned n_slots;
	union value result;		/* of return */
	enum flow flow;
	uint64_t rounds;
	unsigned calls;
	int exit_status;
	bool exiting;

	union value *own_slots;		/* for actions */
	struct str key_room;
	struct block *first, *at;	/* scratch: the list, and the block in use */
	size_t used, total;
};

static void exec(struct eval *e, const struct node *n);

/* ---- scratch ---- */

static void next_block(struct eval *e, size_t size)
{
	struct block **next = e->at ? &e->at->next : &e->first;

	while (*next && (*next)->size < size) {		/* too small: it was made for less */
		struct block *small = *next;

		*next = small->next;
		free(small);
	}
	if (!*next) {
		size_t room = size > SCRATCH_BLOCK ? size : SCRATCH_BLOCK;

		*next = mem_alloc(sizeof(**next) + room);
		(*next)->size = room;
	}
	e->at = *next;
	e->used = 0;
}

void *eval_scratch(struct eval *e, size_t size)
{
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (!e->at || e->at->size - e->used < size)
		next_block(e, size);
	p = e->at->data + e->used;
	e->used += size;
	e->total += size;
	return p;
}

/* Blocks stay for the next record; but what one huge record needed is given back. */
static void reset_scratch(struct eval *e)
{
	if (e->total > 1 << 20 && e->first) {
		for (struct block *b = e->first->next, *next; b; b = next) {
			next = b->next;
			free(b);
		}
		e->first->next = NULL;
	}
	e->at = e->first;
	e->used = e->total = 0;
}

void eval_string(struct eval *e, const char *text, size_t n, union value *out)
{
	char *copy = eval_scratch(e, n + 1);

	memcpy(copy, text, n);
	copy[n] = '\0';
	memset(out, 0, sizeof(*out));
	out->text.data = copy;
	out->text.len = (uint32_t)n;
}

static void *take_scratch(void *ctx, size_t size)
{
	return eval_scratch(ctx, size);
}

static struct memory scratch_memory(struct eval *e)
{
	return (struct memory){ take_scratch, e };
}

/* A copy that the program may keep for the rest of the record, whatever happens to the original. */
static void keep(struct eval *e, const struct type *t, const union value *v, union value *out)
{
	size_t room = value_room(t, v);

	value_copy_to(t, v, out, room ? eval_scratch(e, room) : NULL);
}

/* ---- small questions ---- */

const struct record *eval_record(const struct eval *e)
{
	return e->record;
}

const struct program *eval_program(const struct eval *e)
{
	return e->program;
}

const struct eval_host *eval_host(const struct eval *e)
{
	return e->host;
}

const struct eval_options *eval_options(const struct eval *e)
{
	return &e->opt;
}

const struct action *eval_action_of(const struct eval *e)
{
	return e->action;
}

struct table *eval_table(struct eval *e, const struct map *m)
{
	return e->tables[m->index];
}

void eval_exit(struct eval *e, int status)
{
	e->exit_status = status;
	e->exiting = true;
	e->flow = FLOW_EXIT;
}

bool eval_exiting(const struct eval *e)
{
	return e->exiting;
}

/* ---- complaints ---- */

void eval_warn(struct eval *e, struct span at, const char *fmt, ...)
{
	struct complaint c = { .kind = COMPLAINT_RUNTIME, .at = at };
	char text[512];
	va_list ap;

	if (e->opt.no_warnings || !e->host->complain)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c.text = text;
	e->host->complain(e->host->ctx, &c);
}

void eval_helper_failed(struct eval *e, struct span at, bool always, const char *helper, int code, const char *text)
{
	struct complaint c = { .kind = COMPLAINT_HELPER, .at = at, .text = text, .helper = helper, .code = code };

	if ((always || e->opt.warnings) && !e->opt.no_warnings && e->host->complain)
		e->host->complain(e->host->ctx, &c);
}

static void map_is_full(struct eval *e, struct span at)
{
	eval_helper_failed(e, at, true, "map_update_elem", -7,
			   "Map full; can't update element. Try increasing max_map_keys config or manually setting the max "
			   "entries in a map declaration e.g. `let @a = hash(5000)`");
}

/* The program would not end: what is left of its work for this record is given up. */
static void give_up(struct eval *e, struct span at, const char *why)
{
	eval_warn(e, at, "%s: the rest of this probe's body is left out for this event", why);
	e->flow = FLOW_RETURN;
}

static bool one_more_round(struct eval *e, const struct node *n)
{
	if (e->total > SCRATCH_MAX)
		give_up(e, n->span, "This loop has used up the memory for one event");
	else if (++e->rounds > ROUNDS_MAX)
		give_up(e, n->span, "This loop does not end");
	else
		return true;
	return false;
}

/* ---- numbers and truth ---- */

static bool is_text(const struct type *t)
{
	return t->kind == TYPE_STRING;
}

/* A value as it can be stored and computed with: of an aggregate only its number. */
static void eval_plain(struct eval *e, const struct node *n, union value *out)
{
	eval_node(e, n, out);
	if (n->type && type_is_aggregate(n->type)) {
		const struct aggregate *a = out->aggregate;

		memset(out, 0, sizeof(*out));
		out->n = aggregate_number(n->type, a);
	}
}

int64_t eval_number(struct eval *e, const struct node *n)
{
	union value v;

	eval_plain(e, n, &v);
	return v.n;
}

static bool is_true(struct eval *e, const struct node *n)
{
	union value v;

	eval_plain(e, n, &v);
	switch (n->type->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
		return v.text.len > 0;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		return v.stack && v.stack->n > 0;
	case TYPE_TUPLE:
	case TYPE_ARRAY:
	case TYPE_STRUCT:
	case TYPE_INET:
	case TYPE_MAC:
		return true;
	default:
		return v.n != 0;
	}
}

void eval_text(struct eval *e, const struct node *n, union value *out)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	eval_node(e, n, out);
	if (is_text(n->type))
		return;
	value_print(e->host->names, n->type, out, &text);
	eval_string(e, text.s ? text.s : "", text.len, out);
}

/* ---- operators ---- */

static bool is_wide_unsigned(const struct type *t)
{
	return t->kind != TYPE_BOOL && !t->is_signed && (t->kind != TYPE_INT || t->size == 8);
}

/* Narrow unsigned numbers fit into an int64, so only a uint64 makes a comparison or division unsigned. */
static bool is_unsigned_operation(const struct node *n)
{
	return is_wide_unsigned(n->a->type) || is_wide_unsigned(n->b->type);
}

static int64_t divide(struct eval *e, const struct node *n, enum op op, bool is_unsigned, int64_t a, int64_t b)
{
	if (b == 0) {
		eval_warn(e, n->span, "Divide or modulo by 0 detected. This can lead to unexpected results. "
				      "1 is being used as the result.");
		return 1;
	}
	if (is_unsigned)
		return (int64_t)(op == OP_DIV ? (uint64_t)a / (uint64_t)b : (uint64_t)a % (uint64_t)b);
	if (b == -1)				/* the one quotient that has no room */
		return op == OP_DIV ? (int64_t)(0 - (uint64_t)a) : 0;
	return op == OP_DIV ? a / b : a % b;
}

static int64_t compute(struct eval *e, const struct node *n, enum op op, bool is_unsigned, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (op) {
	case OP_BIT_OR:
		return a | b;
	case OP_BIT_XOR:
		return a ^ b;
	case OP_BIT_AND:
		return a & b;
	case OP_SHL:
		return (int64_t)(ua << (ub & 63));
	case OP_SHR:				/* of signed numbers too, as bpftrace does it */
		return (int64_t)(ua >> (ub & 63));
	case OP_ADD:
		return (int64_t)(ua + ub);
	case OP_SUB:
		return (int64_t)(ua - ub);
	case OP_MUL:
		return (int64_t)(ua * ub);
	case OP_DIV:
	case OP_MOD:
		return divide(e, n, op, is_unsigned, a, b);
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LE:
		return is_unsigned ? ua <= ub : a <= b;
	case OP_GE:
		return is_unsigned ? ua >= ub : a >= b;
	case OP_LT:
		return is_unsigned ? ua < ub : a < b;
	case OP_GT:
		return is_unsigned ? ua > ub : a > b;
	default:
		return 0;
	}
}

static bool holds(enum op op, int order)
{
	switch (op) {
	case OP_EQ:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_LE:
		return order <= 0;
	case OP_GE:
		return order >= 0;
	case OP_LT:
		return order < 0;
	default:
		return order > 0;
	}
}

static bool is_scalar(const struct type *t)
{
	return type_is_integer(t) || t->kind == TYPE_POINTER || type_is_aggregate(t) || t->kind == TYPE_KSYM ||
	       t->kind == TYPE_USYM || t->kind == TYPE_USERNAME || t->kind == TYPE_TIMESTAMP ||
	       t->kind == TYPE_CGROUP_PATH;
}

/* The step of pointer arithmetic: what it points to. */
static int64_t step_of(const struct type *t)
{
	return t->kind == TYPE_POINTER && t->of && t->of->size ? (int64_t)t->of->size : 1;
}

static void concatenate(struct eval *e, const union value *a, const union value *b, union value *out)
{
	size_t n = (size_t)a->text.len + b->text.len;
	char *text = eval_scratch(e, n + 1);

	memcpy(text, a->text.data, a->text.len);
	memcpy(text + a->text.len, b->text.data, b->text.len);
	out->text.data = text;
	out->text.len = (uint32_t)n;
	out->text.cut = false;
}

static void eval_other_binary(struct eval *e, const struct node *n, union value *out)
{
	union value a, b;

	eval_plain(e, n->a, &a);
	eval_plain(e, n->b, &b);
	memset(out, 0, sizeof(*out));
	if (op_rows[n->op].kind == OP_RELATIONAL)
		out->n = holds(n->op, value_compare(n->a->type, &a, &b));
	else if (n->op == OP_ADD && is_text(n->a->type))
		concatenate(e, &a, &b, out);
}

static void eval_binary(struct eval *e, const struct node *n, union value *out)
{
	int64_t a, b;

	memset(out, 0, sizeof(*out));
	if (n->op == OP_LOGICAL_AND) {
		out->n = is_true(e, n->a) && is_true(e, n->b);
		return;
	}
	if (n->op == OP_LOGICAL_OR) {
		out->n = is_true(e, n->a) || is_true(e, n->b);
		return;
	}
	if (!is_scalar(n->a->type) || !is_scalar(n->b->type)) {
		eval_other_binary(e, n, out);
		return;
	}
	a = eval_number(e, n->a);
	b = eval_number(e, n->b);
	if (n->type->kind == TYPE_POINTER && (n->op == OP_ADD || n->op == OP_SUB)) {
		if (n->a->type->kind == TYPE_POINTER)
			b = (int64_t)((uint64_t)b * (uint64_t)step_of(n->a->type));
		else
			a = (int64_t)((uint64_t)a * (uint64_t)step_of(n->b->type));
	}
	out->n = value_fit(n->type, compute(e, n, n->op, is_unsigned_operation(n), a, b));
}

static void eval_unary(struct eval *e, const struct node *n, union value *out)
{
	int64_t a;

	memset(out, 0, sizeof(*out));
	if (n->op == OP_NOT) {
		out->n = !is_true(e, n->a);
		return;
	}
	a = eval_number(e, n->a);
	out->n = value_fit(n->type, n->op == OP_SUB ? (int64_t)(0 - (uint64_t)a) : n->op == OP_BIT_NOT ? ~a : a);
}

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

static void lookup_failed(struct eval *e, const struct node *n)
{
	eval_helper_failed(e, n->span, false, "map_lookup_elem", 0, "Can't lookup map element because it does not exist.");
}

/* What a value is before anything was stored. */
static void nothing(struct eval *e, const struct type *t, union value *out)
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
			nothing(e, t->kind == TYPE_ARRAY ? t->of : t->layout->members[i].type, &items[i]);
		break;
	default:
		if (type_is_aggregate(t))
			out->aggregate = &empty;
	}
}

static void eval_map(struct eval *e, const struct node *n, union value *out)
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
		nothing(e, t, out);
	} else if (is_scalar(t)) {
		*out = *stored;
	} else {
		keep(e, t, stored, out);
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
		nothing(e, m->value, &zero);
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

static void assign(struct eval *e, const struct node *n)
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

static void increase(struct eval *e, const struct node *n, union value *out)
{
	int64_t before = eval_number(e, n->a);
	union value after = { 0 };

	after.n = value_fit(n->a->type,
			    (int64_t)((uint64_t)before + (uint64_t)n->number * (uint64_t)step_of(n->a->type)));
	eval_store(e, n->a, &after);
	memset(out, 0, sizeof(*out));
	out->n = n->flag ? before : after.n;
}

/* ---- parts of values ---- */

static void read_failed(struct eval *e, const struct node *n, const struct type *pointer)
{
	eval_helper_failed(e, n->span, false, pointer && pointer->user ? "probe_read_user" : "probe_read_kernel", -14,
			   "Bad address");
}

static void eval_member(struct eval *e, const struct node *n, union value *out)
{
	const struct type *t = n->a->type;
	struct memory memory = scratch_memory(e);
	union value whole;

	eval_node(e, n->a, &whole);
	if (t->kind == TYPE_TUPLE && (uint64_t)n->number < t->layout->n_members) {
		*out = whole.items[n->number];
	} else if (t->kind == TYPE_STRUCT && n->member) {
		value_load_member(n->member, (uint64_t)n->number, whole.text.data, whole.text.len, &memory, out);
	} else {
		read_failed(e, n, t);
		nothing(e, n->type, out);
	}
}

static void eval_index(struct eval *e, const struct node *n, union value *out)
{
	const struct type *t = n->a->type;
	int64_t i = eval_number(e, n->b);
	union value whole;

	eval_node(e, n->a, &whole);
	if (t->kind == TYPE_ARRAY && (uint64_t)i < t->count) {
		*out = whole.items[i];
	} else if (t->kind == TYPE_TUPLE && (uint64_t)i < t->layout->n_members) {
		*out = whole.items[i];
	} else if ((is_text(t) || t->kind == TYPE_BUFFER) && (uint64_t)i < whole.text.len) {
		memset(out, 0, sizeof(*out));
		out->n = value_fit(n->type, whole.text.data[i]);
	} else if (t->kind == TYPE_POINTER) {
		read_failed(e, n, t);
		nothing(e, n->type, out);
	} else {
		if (!is_text(t) || (uint64_t)i >= t->size)
			eval_warn(e, n->span, "Array index out of bounds: %lld. 0 is being used as the result.",
				  (long long)i);
		nothing(e, n->type, out);
	}
}

/* Only what points into our own variables can be followed here; the kernel followed the rest. */
static void eval_deref(struct eval *e, const struct node *n, union value *out)
{
	uintptr_t at, first = (uintptr_t)e->slots;

	if (n->a->kind == NODE_ADDRESS) {
		eval_node(e, n->a->a, out);
		return;
	}
	at = (uintptr_t)eval_number(e, n->a);
	if (at >= first && at < first + e->n_slots * sizeof(*e->slots) && (at - first) % sizeof(*e->slots) == 0 &&
	    is_scalar(n->type)) {
		*out = e->slots[(at - first) / sizeof(*e->slots)];
		return;
	}
	read_failed(e, n, n->a->type);
	nothing(e, n->type, out);
}

static void eval_address(struct eval *e, const struct node *n, union value *out)
{
	struct table_key key;
	union value room;

	memset(out, 0, sizeof(*out));
	if (n->a->kind == NODE_SCRATCH && n->a->slot < e->n_slots) {
		out->n = (int64_t)(uintptr_t)&e->slots[n->a->slot];
	} else if (n->a->kind == NODE_MAP) {
		if (n->a->a)
			eval_key(e, n->a, n->a->a, &room, &key);
		out->n = (int64_t)(uintptr_t)table_get(eval_table(e, n->a->map), n->a->a ? &key : NULL);
	}
}

/* ---- casts ---- */

/* The value's bytes as they would stand in memory. */
static void bytes_of(struct eval *e, const struct type *t, const union value *v, const char **bytes, size_t *n)
{
	switch (t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		*bytes = v->text.data;
		*n = v->text.len;
		break;
	case TYPE_ARRAY: {
		size_t size = (size_t)t->of->size;
		char *room = eval_scratch(e, (size_t)t->count * size + 8);

		*bytes = room;
		*n = (size_t)t->count * size;
		memset(room, 0, *n);
		for (uint64_t i = 0; i < t->count; i++) {
			const char *item;
			size_t len;

			bytes_of(e, t->of, &v->items[i], &item, &len);
			memcpy(room + i * size, item, len < size ? len : size);
		}
		break;
	}
	default: {
		char *room = eval_scratch(e, sizeof(v->n));

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		memcpy(room, &v->n, sizeof(v->n));
		*n = type_is_integer(t) && t->size ? (size_t)t->size : sizeof(v->n);
		*bytes = room;
#else
		memcpy(room, &v->n, sizeof(v->n));
		*n = type_is_integer(t) && t->size ? (size_t)t->size : sizeof(v->n);
		*bytes = room + sizeof(v->n) - *n;
#endif
	}
	}
}

void eval_bytes(struct eval *e, const struct node *n, union value *out)
{
	const char *bytes;
	union value v;
	size_t size;

	eval_plain(e, n, &v);
	bytes_of(e, type_is_aggregate(n->type) ? &type_int64 : n->type, &v, &bytes, &size);
	memset(out, 0, sizeof(*out));
	out->text.data = bytes;
	out->text.len = (uint32_t)size;
}

static bool same_shape(const struct type *a, const struct type *b)
{
	if (is_scalar(a) && is_scalar(b))
		return true;
	return a->kind == b->kind && (a->kind != TYPE_ARRAY || (a->count == b->count && same_shape(a->of, b->of)));
}

static void cut_to(const struct type *t, union value *v)
{
	if (t->kind == TYPE_STRING && t->size && v->text.len >= t->size) {
		v->text.len = (uint32_t)t->size - 1;
		v->text.cut = true;
	} else if (t->kind == TYPE_BUFFER && t->size && v->text.len > t->size) {
		v->text.len = (uint32_t)t->size;
	}
}

static void eval_cast(struct eval *e, const struct node *n, union value *out)
{
	const struct type *to = n->type, *from = n->a->type;
	struct memory memory = scratch_memory(e);
	const char *bytes;
	union value v;
	size_t size;

	eval_plain(e, n->a, &v);
	if (same_shape(from, to) || type_is_aggregate(from)) {
		*out = v;
		if (is_scalar(to))
			out->n = value_fit(to, v.n);
		cut_to(to, out);
		return;
	}
	bytes_of(e, from, &v, &bytes, &size);
	if (is_scalar(to) && size < 8) {		/* fewer bytes than the number has: the others are 0 */
		char *room = memset(eval_scratch(e, 8), 0, 8);

		bytes = memcpy(room, bytes, size);
		size = 8;
	}
	value_load(to, bytes, size, &memory, out);
	cut_to(to, out);
}

/* ---- what the kernel fetched ---- */

/* Strings stand one after the other, each with its NUL. */
static void load_strings(struct eval *e, const struct type *t, const struct captured *c, union value *out)
{
	union value *items = eval_scratch(e, (size_t)t->count * sizeof(*items));
	const char *text = (const char *)c->data, *end = text + c->len;

	for (uint64_t i = 0; i < t->count; i++) {
		size_t n = text < end ? strnlen(text, (size_t)(end - text)) : 0;

		items[i] = (union value){ .text = { .data = text < end ? text : "", .len = (uint32_t)n } };
		text += text < end ? n + 1 : 0;
	}
	memset(out, 0, sizeof(*out));
	out->items = items;
}

static void eval_capture(struct eval *e, const struct node *n, union value *out)
{
	const struct captured *c = &e->record->values[n->slot];
	struct memory memory = scratch_memory(e);

	if (!c->valid) {
		eval_helper_failed(e, n->span, false, n->type->kind == TYPE_STRING ? "probe_read_user_str" : "probe_read_user",
				   -14, "Bad address");
		nothing(e, n->type, out);
		return;
	}
	if (n->type->kind == TYPE_STRING) {
		out->text.data = (const char *)c->data;
		out->text.len = (uint32_t)c->len;
		out->text.cut = c->cut;
		return;
	}
	if (n->type->kind == TYPE_ARRAY && n->type->of->kind == TYPE_STRING) {
		load_strings(e, n->type, c, out);
		return;
	}
	value_load(n->type, (const char *)c->data, c->len, &memory, out);
	if (n->type->kind == TYPE_BUFFER)
		out->text.cut = c->cut;
}

/* ---- calls ---- */

static void call_subprogram(struct eval *e, const struct node *n, union value *out)
{
	const struct subprogram *s = n->subprogram;
	union value *mine = eval_scratch(e, (s->n_slots + 1) * sizeof(*mine)), *callers = e->slots;
	const struct type *const *types = e->slot_types;
	unsigned n_callers = e->n_slots;

	memset(out, 0, sizeof(*out));
	if (e->calls >= CALLS_MAX || !one_more_round(e, n)) {
		if (e->flow == FLOW_ON)
			give_up(e, n->span, "Too many calls inside each other");
		nothing(e, n->type, out);
		return;
	}
	memset(mine, 0, (s->n_slots + 1) * sizeof(*mine));
	for (unsigned i = 0; i < n->n_list && i < s->n_parameters; i++) {
		union value v;

		eval_plain(e, n->list[i], &v);
		if (s->parameters[i].type->kind == TYPE_INT)
			v.n = value_fit(s->parameters[i].type, v.n);
		mine[s->parameters[i].slot] = v;
	}
	e->calls++;
	e->slots = mine;
	e->slot_types = NULL;
	e->n_slots = s->n_slots;
	nothing(e, s->result, &e->result);
	exec(e, s->body);
	*out = e->result;
	if (s->result->kind == TYPE_INT)
		out->n = value_fit(s->result, out->n);
	if (e->flow == FLOW_RETURN && e->rounds <= ROUNDS_MAX && e->total <= SCRATCH_MAX)
		e->flow = FLOW_ON;
	e->slots = callers;
	e->slot_types = types;
	e->n_slots = n_callers;
	e->calls--;
}

static void call(struct eval *e, const struct node *n, union value *out)
{
	if (n->builtin && n->builtin->eval)
		n->builtin->eval(e, n, out);
	else if (n->subprogram)
		call_subprogram(e, n, out);
	else
		nothing(e, n->type, out);
}

static void eval_tuple(struct eval *e, const struct node *n, union value *out)
{
	union value *items = eval_scratch(e, n->n_list * sizeof(*items));

	for (unsigned i = 0; i < n->n_list; i++)
		eval_plain(e, n->list[i], &items[i]);
	memset(out, 0, sizeof(*out));
	out->items = items;
}

static void exec_list(struct eval *e, const struct node *n)
{
	for (unsigned i = 0; i < n->n_list && e->flow == FLOW_ON; i++)
		exec(e, n->list[i]);
}

static void eval_block(struct eval *e, const struct node *n, union value *out)
{
	exec_list(e, n);
	if (n->a && e->flow == FLOW_ON)
		eval_plain(e, n->a, out);
	else if (n->type)
		nothing(e, n->type, out);
}

static void eval_if(struct eval *e, const struct node *n, union value *out)
{
	const struct node *branch = is_true(e, n->a) ? n->b : n->c;

	if (branch && e->flow == FLOW_ON)
		eval_plain(e, branch, out);
	else if (n->type)
		nothing(e, n->type, out);
}

static void eval_ternary(struct eval *e, const struct node *n, union value *out)
{
	if (n->b) {
		eval_plain(e, is_true(e, n->a) ? n->b : n->c, out);
	} else {			/* a ?: c evaluates a once */
		eval_plain(e, n->a, out);
		if (is_text(n->a->type) ? !out->text.len : !out->n)
			eval_plain(e, n->c, out);
	}
	if (n->type && n->type->kind == TYPE_INT)
		out->n = value_fit(n->type, out->n);
}

void eval_node(struct eval *e, const struct node *n, union value *out)
{
	switch (n->kind) {
	case NODE_INT:
	case NODE_BOOL:
		memset(out, 0, sizeof(*out));
		out->n = n->number;
		break;
	case NODE_STRING:
		memset(out, 0, sizeof(*out));
		out->text.data = n->text;
		out->text.len = (uint32_t)n->number;
		break;
	case NODE_CAPTURE:
		eval_capture(e, n, out);
		break;
	case NODE_BUILTIN:
	case NODE_CALL:
		call(e, n, out);
		break;
	case NODE_SCRATCH:
		*out = e->slots[n->slot];
		break;
	case NODE_MAP:
		eval_map(e, n, out);
		break;
	case NODE_UNARY:
		eval_unary(e, n, out);
		break;
	case NODE_BINARY:
		eval_binary(e, n, out);
		break;
	case NODE_TERNARY:
		eval_ternary(e, n, out);
		break;
	case NODE_INCDEC:
		increase(e, n, out);
		break;
	case NODE_DEREF:
		eval_deref(e, n, out);
		break;
	case NODE_ADDRESS:
		eval_address(e, n, out);
		break;
	case NODE_MEMBER:
		eval_member(e, n, out);
		break;
	case NODE_INDEX:
		eval_index(e, n, out);
		break;
	case NODE_CAST:
		eval_cast(e, n, out);
		break;
	case NODE_TUPLE:
		eval_tuple(e, n, out);
		break;
	case NODE_BLOCK:
		eval_block(e, n, out);
		break;
	case NODE_IF:
		eval_if(e, n, out);
		break;
	case NODE_COMPTIME:
		eval_node(e, n->a, out);
		break;
	case NODE_SIZEOF:
	case NODE_OFFSETOF:
		memset(out, 0, sizeof(*out));
		out->n = n->number;
		break;
	default:			/* statements have no value; names are gone after check */
		memset(out, 0, sizeof(*out));
	}
}

/* ---- statements ---- */

static void let(struct eval *e, const struct node *n)
{
	const struct type *t = e->slot_types ? e->slot_types[n->slot] : n->type;
	union value v;

	if (n->a)
		eval_plain(e, n->a, &v);
	else if (t && t->kind != TYPE_UNKNOWN && t->kind != TYPE_VOID)
		nothing(e, t, &v);
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
			keep(e, m->key, entries[i].key, &items[2 * i]);
		if (as_number)
			items[2 * i + 1].n = aggregate_number(m->value, entries[i].value->aggregate);
		else
			keep(e, m->value, entries[i].value, &items[2 * i + 1]);
	}
	for (unsigned i = 0; i < n_entries && e->flow == FLOW_ON; i++) {
		e->slots[n->slot] = (union value){ .items = &items[2 * i] };
		exec(e, n->c);
		if (!goes_on(e, n))
			break;
	}
}

static void exec(struct eval *e, const struct node *n)
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

/* ---- before the run ---- */

static bool is_constant(const struct node *n)
{
	if (n->kind == NODE_TUPLE) {
		for (unsigned i = 0; i < n->n_list; i++)
			if (!is_constant(n->list[i]))
				return false;
		return true;
	}
	return n->kind == NODE_STRING || n->kind == NODE_INT || n->kind == NODE_BOOL;
}

/* A key that is known now is made now. */
static void prepare_key(struct eval *e, struct node *map, const struct node *key)
{
	const struct map *m = map->map;
	struct table_key *ready;
	struct str bytes = STR_INIT;
	union value v, *kept;

	map->compiled = NULL;
	if (!m->key || !is_constant(key))
		return;
	eval_node(e, key, &v);
	kept = arena_alloc(e->arena, sizeof(*kept));
	value_copy_to(m->key, &v, kept, arena_alloc(e->arena, value_room(m->key, &v)));
	ready = arena_alloc(e->arena, sizeof(*ready));
	table_key(m->key, kept, &bytes, ready);
	if (bytes.s && ready->bytes == bytes.s)
		ready->bytes = memcpy(arena_alloc(e->arena, ready->len + 1), bytes.s, ready->len);
	str_release(&bytes);
	map->compiled = ready;
}

/* A call that stands for itself: nobody looks at its value (delete() warns then). */
static void mark_statement(struct node *n)
{
	if (n && n->kind == NODE_CALL)
		n->flag = true;
}

static void prepare(struct eval *e, struct node *n)
{
	if (!n)
		return;
	if (n->kind == NODE_BLOCK)
		for (unsigned i = 0; i < n->n_list; i++)
			mark_statement(n->list[i]);
	prepare(e, n->a);
	prepare(e, n->b);
	prepare(e, n->c);
	for (unsigned i = 0; i < n->n_list; i++)
		prepare(e, n->list[i]);
	if (n->kind == NODE_MAP && n->a)
		prepare_key(e, n, n->a);
	if (n->kind == NODE_CALL && n->builtin && n->builtin->map && n->n_list >= 2 && n->list[0]->kind == NODE_MAP &&
	    !n->list[0]->a)
		prepare_key(e, n->list[0], n->list[1]);
}

struct eval *eval_new(const struct program *p, const struct eval_host *host, const struct eval_options *opt)
{
	struct eval *e = mem_alloc(sizeof(*e));
	unsigned most = 0;

	e->program = p;
	e->host = host;
	e->opt = *opt;
	e->arena = arena_new();
	e->tables = mem_alloc((p->n_maps + 1) * sizeof(struct table *));
	for (unsigned i = 0; i < p->n_maps; i++)
		e->tables[i] = table_new(p->maps[i], p);
	for (unsigned i = 0; i < p->n_actions; i++) {
		prepare(e, p->actions[i]->predicate);
		prepare(e, p->actions[i]->body);
		mark_statement(p->actions[i]->body->a);
		if (p->actions[i]->n_slots > most)
			most = p->actions[i]->n_slots;
	}
	for (unsigned i = 0; i < p->n_subprograms; i++)
		prepare(e, p->subprograms[i]->body);
	e->own_slots = mem_alloc((most + 1) * sizeof(*e->own_slots));
	reset_scratch(e);
	return e;
}

void eval_free(struct eval *e)
{
	if (!e)
		return;
	for (unsigned i = 0; i < e->program->n_maps; i++)
		table_free(e->tables[i]);
	for (struct block *b = e->first, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	arena_free(e->arena);
	str_release(&e->key_room);
	free(e->tables);
	free(e->own_slots);
	free(e);
}

/* ---- a record ---- */

bool eval_action(struct eval *e, const struct action *a, const struct record *r, int *exit_status)
{
	reset_scratch(e);
	e->record = r;
	e->action = a;
	e->slots = e->own_slots;
	e->slot_types = a->slots;
	e->n_slots = a->n_slots;
	e->flow = FLOW_ON;
	e->rounds = 0;
	e->calls = 0;
	e->exiting = false;
	for (unsigned i = 0; i < a->n_slots; i++)
		if (a->slots[i] && a->slots[i]->kind != TYPE_UNKNOWN && a->slots[i]->kind != TYPE_VOID)
			nothing(e, a->slots[i], &e->slots[i]);
		else
			memset(&e->slots[i], 0, sizeof(e->slots[i]));
	if (!a->predicate || is_true(e, a->predicate))
		exec(e, a->body);
	if (e->exiting)
		*exit_status = e->exit_status;
	return !e->exiting;
}

static int by_name(const void *x, const void *y)
{
	const struct map *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

void eval_print_maps(struct eval *e)
{
	const struct program *p = e->program;
	const struct map **maps;

	if (!p->config.print_maps_on_exit)
		return;
	maps = mem_alloc((p->n_maps + 1) * sizeof(struct map *));
	for (unsigned i = 0; i < p->n_maps; i++)
		maps[i] = p->maps[i];
	qsort(maps, p->n_maps, sizeof(struct map *), by_name);
	for (unsigned i = 0; i < p->n_maps; i++)
		if (table_len(eval_table(e, maps[i])))
			eval_print_map(e, maps[i], 0, 1);
	free(maps);
}
