/* expression.c - expressions: what a node of the tree is, for the record at hand.
 *
 * Numbers are computed in 64 bits and then cut to the size that check found. Comparisons and divisions are signed
 * unless an operand is an unsigned number of 64 bits: all others fit into an int64. Division by zero gives 1 and a
 * warning, as in bpftrace.
 */
#include "eval/walk.h"

#include <string.h>

/* ---- numbers and truth ---- */

static bool is_text(const struct type *t)
{
	return t->kind == TYPE_STRING;
}

/* A value as it can be stored and computed with: of an aggregate only its number. */
void eval_plain(struct eval *e, const struct node *n, union value *out)
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

bool is_true(struct eval *e, const struct node *n)
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

bool is_scalar(const struct type *t)
{
	return type_is_integer(t) || t->kind == TYPE_POINTER || type_is_aggregate(t) || t->kind == TYPE_KSYM ||
	       t->kind == TYPE_USYM || t->kind == TYPE_USERNAME || t->kind == TYPE_TIMESTAMP ||
	       t->kind == TYPE_CGROUP_PATH;
}

/* The step of pointer arithmetic: what it points to. */
int64_t step_of(const struct type *t)
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

void eval_binary(struct eval *e, const struct node *n, union value *out)
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
		nothing_of(e, n->type, out);
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
		nothing_of(e, n->type, out);
	} else {
		if (!is_text(t) || (uint64_t)i >= t->size)
			eval_warn(e, n->span, "Array index out of bounds: %lld. 0 is being used as the result.",
				  (long long)i);
		nothing_of(e, n->type, out);
	}
}

/* An address that &@m[k] gave, when the entry is still there. */
static const union value *map_value_at(struct eval *e, uintptr_t at)
{
	const union value *v = (const union value *)at;

	for (unsigned i = 0; i < e->program->n_maps; i++)
		if (table_has_value(eval_table(e, e->program->maps[i]), v))
			return v;
	return NULL;
}

/* Only what points into our own variables and maps can be followed here; the kernel followed the rest. */
static void eval_deref(struct eval *e, const struct node *n, union value *out)
{
	uintptr_t at, first = (uintptr_t)e->slots;
	const union value *stored;

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
	stored = map_value_at(e, at);
	if (stored && is_scalar(n->type)) {
		*out = *stored;
		return;
	}
	read_failed(e, n, n->a->type);
	nothing_of(e, n->type, out);
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
	if (n->kind == NODE_STRING)			/* what is behind a NUL, too */
		v.text.len = (uint32_t)n->number;
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

	if (!c->valid && c->too_long)
		eval_warn(e, n->span, "The string is too long: the kernel reads no text of more than 4095 bytes, and no more than "
				      "a record has room for. \"\" is being used as the result. str(p, 1024) has its beginning.");
	else if (!c->valid)
		eval_helper_failed(e, n->span, false, n->type->kind == TYPE_STRING ? "probe_read_user_str" : "probe_read_user",
				   -14, "Bad address");
	if (!c->valid) {
		nothing_of(e, n->type, out);
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

/* ---- what is only shown ---- */

static const char *absence(const struct eval *e, const struct node *n)
{
	const struct captured *c = n->kind == NODE_CAPTURE ? &e->record->values[n->slot] : NULL;

	return c && !c->valid ? c->absent : NULL;
}

bool eval_is_missing(const struct eval *e, const struct node *n)
{
	return absence(e, n) != NULL;
}

static const struct type *missing_type(struct eval *e, const char *why)
{
	struct type *t = eval_scratch(e, sizeof(*t));

	*t = (struct type){ .kind = TYPE_MISSING, .text = why };
	return t;
}

/* Is something in it missing? */
static bool has_gaps(const struct eval *e, const struct node *n)
{
	bool any = eval_is_missing(e, n);

	for (unsigned i = 0; n->kind == NODE_TUPLE && i < n->n_list && !any; i++)
		any = has_gaps(e, n->list[i]);
	return any;
}

/* A tuple with what is there, and the type that it has then. What the function at the site does not know is left out of
 * a record: that is `args` of several functions. */
static const struct type *tuple_with_gaps(struct eval *e, const struct node *n, union value *out)
{
	const struct layout *all = n->type->layout;
	struct layout *l = eval_scratch(e, sizeof(*l));
	struct type *t = eval_scratch(e, sizeof(*t));
	union value *items;

	*t = *n->type;
	*l = *all;
	t->layout = l;
	l->members = eval_scratch(e, (n->n_list + 1) * sizeof(*l->members));
	out->items = items = eval_scratch(e, (n->n_list + 1) * sizeof(*items));
	l->n_members = 0;
	for (unsigned i = 0; i < n->n_list; i++) {
		const char *why = absence(e, n->list[i]);
		struct member *m = &l->members[l->n_members];

		if (why && all->members[i].name && strcmp(why, ABSENT_UNKNOWN) == 0)
			continue;
		*m = all->members[i];
		m->type = eval_shown(e, n->list[i], &items[l->n_members++]);
	}
	return t;
}

const struct type *eval_shown(struct eval *e, const struct node *n, union value *out)
{
	const char *why = absence(e, n);

	memset(out, 0, sizeof(*out));
	if (why)
		return missing_type(e, why);
	if (has_gaps(e, n))
		return tuple_with_gaps(e, n, out);
	eval_node(e, n, out);
	return n->type;
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
		nothing_of(e, n->type, out);
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
	nothing_of(e, s->result, &e->result);
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
		nothing_of(e, n->type, out);
}

static void eval_tuple(struct eval *e, const struct node *n, union value *out)
{
	union value *items = eval_scratch(e, n->n_list * sizeof(*items));

	for (unsigned i = 0; i < n->n_list; i++)
		eval_plain(e, n->list[i], &items[i]);
	memset(out, 0, sizeof(*out));
	out->items = items;
}

static void eval_block(struct eval *e, const struct node *n, union value *out)
{
	exec_list(e, n);
	if (n->a && e->flow == FLOW_ON)
		eval_plain(e, n->a, out);
	else if (n->type)
		nothing_of(e, n->type, out);
}

static void eval_if(struct eval *e, const struct node *n, union value *out)
{
	const struct node *branch = is_true(e, n->a) ? n->b : n->c;

	if (branch && e->flow == FLOW_ON)
		eval_plain(e, branch, out);
	else if (n->type)
		nothing_of(e, n->type, out);
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
		out->text.len = (uint32_t)strnlen(n->text, (size_t)n->number);
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
