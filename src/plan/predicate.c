/* predicate.c - what the kernel's event filter can test of a tap's predicates.
 *
 * The evaluator tests every predicate of every record again. So the filter need not say the same; it must only never
 * reject what a predicate accepts. Each function here makes, of an expression, a filter that lets through at least
 * the records for which the expression is true (or, when it is wanted so, false); NULL stands for one that lets
 * everything through. Of a && b one side is enough; a || b needs both; ! is carried down to the comparisons.
 *
 * The kernel compares a field with a constant, as wide and with the sign that the field has. What it would get wrong
 * stays with us (reference: KERNEL.md, section 4):
 *
 *   - a constant that does not fit the field, which it would cut;
 *   - a value that may not have been read. We take it for 0 or "", but the kernel's field may hold what an older
 *     record left there. So a comparison that a 0 would pass is left away, unless nothing could fail;
 *   - text that we cut: only a constant that is shorter than where we cut is compared (of more than 4095 bytes nothing
 *     is read, neither for us nor for the kernel: what it begins with or has in it is not found, and the filter cannot
 *     tell);
 *   - quotes and backslashes, which its strings cannot have, and characters that its globs take for something else;
 *   - pointers in static events: a `char *` field is text to it;
 *   - the order of signed 8 byte fields of static events: the arguments of system calls have no sign to it;
 *   - pid: a record knows the thread, and the kernel's filter too.
 *
 * Where it tests the thread's name, the word is COMM: an event may have a field that is called comm.
 */
#include "lang/tree.h"
#include "plan/plan.h"

#include <ctype.h>
#include <string.h>

enum { MAX_FILTER = 3000, MAX_CONSTANT = 255, COMM_LENGTH = 15, WIDE = 8 };

struct push {
	struct arena *a;
	const struct tap *tap;
};

static const char *filter_of(struct push *p, const struct node *n, bool wanted);

/* ---- numbers ---- */

/* What the kernel can compare: a field with a number. */
struct number {
	const char *field;
	unsigned size;			/* bytes */
	bool is_signed;
	bool sure;			/* it was read, or is 0 there too */
	bool unsigned_there;		/* ... and perhaps of no sign to the kernel */
};

static unsigned depth(const struct fetch *f)
{
	unsigned n = 0;

	for (; f->kind == FETCH_DEREF; f = f->inner)
		n++;
	return n;
}

/* A USDT probe's argument: where it is, in memory or a register, and in how many bytes of which sign, may be another
 * thing at each place of the probe. */
static bool is_varying(const struct push *p, const struct fetch *f)
{
	return fetch_leaf(f)->kind == FETCH_ARG && strcmp(p->tap->point->provider, "usdt") == 0;
}

/* In a program, the kernel stores 0 when the last read of a chain fails; all else may leave the field as it was. */
static bool is_sure(const struct push *p, const struct fetch *f)
{
	unsigned n = depth(f) + is_varying(p, f);

	return n == 0 ? f->kind != FETCH_AT : n == 1 && *p->tap->point->provider == 'u';
}

static bool builtin_number(const struct node *n, struct number *out)
{
	static const struct {
		const char *name, *field;
	} rows[] = { { "tid", "common_pid" }, { "cpu", "CPU" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(n->builtin->name, rows[i].name) == 0 && n->n_list == 0) {
			*out = (struct number){ rows[i].field, 4, true, true, false };
			return true;
		}
	return false;
}

static bool captured_number(const struct push *p, const struct node *n, struct number *out)
{
	const struct fetcharg *f = p->tap->args[n->slot];
	const struct type *t = n->type;

	if (f->bytes || !f->type || (t->kind != TYPE_INT && t->kind != TYPE_BOOL && t->kind != TYPE_POINTER))
		return false;
	if (f->fetch->kind == FETCH_FIELD && (t->kind == TYPE_POINTER || f->fetch->n))
		return false;		/* of a part of an argument it is not known yet how it will be fetched */
	*out = (struct number){ f->name, t->kind == TYPE_POINTER ? WIDE : (unsigned)t->size,
				t->kind == TYPE_INT && t->is_signed, is_sure(p, f->fetch), false };
	out->unsigned_there = out->is_signed && out->size == WIDE && f->fetch->kind == FETCH_FIELD;
	return true;
}

static bool number_of(const struct push *p, const struct node *n, struct number *out)
{
	if (n->kind == NODE_CAPTURE)
		return captured_number(p, n, out);
	return n->kind == NODE_BUILTIN && builtin_number(n, out);
}

/* Is the field perhaps of fewer bytes, and of another sign, than the value is shown with? */
static bool is_narrowed(const struct push *p, const struct node *n)
{
	const struct fetch *f = p->tap->args[n->slot]->fetch;

	return f->kind == FETCH_ARG && is_varying(p, f);
}

/* Is the field, as the kernel has it, compared right with this constant? */
static bool constant_fits(const struct push *p, const struct node *n, const struct number *field, int64_t value)
{
	unsigned bits = field->size * 8;

	if (n->kind == NODE_CAPTURE && is_narrowed(p, n))
		return value >= 0 && value <= INT8_MAX;
	/* A word may be 4 bytes wide in the program: what fits into 31 bits is the same in both. */
	if (n->kind == NODE_CAPTURE && p->tap->args[n->slot]->word)
		return value >= 0 && value <= INT32_MAX;
	if (field->is_signed)
		return bits == 64 || (value >= -(1ll << (bits - 1)) && value < 1ll << (bits - 1));
	return bits == 64 || (value >= 0 && value < 1ll << bits);
}

/* eval/ compares as unsigned numbers when one of them is a uint64 or a pointer. */
static bool is_wide_unsigned(const struct type *t)
{
	return t->kind != TYPE_BOOL && !t->is_signed && (t->kind != TYPE_INT || t->size == WIDE);
}

static bool holds(enum op op, bool is_unsigned, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (op) {
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LT:
		return is_unsigned ? ua < ub : a < b;
	case OP_LE:
		return is_unsigned ? ua <= ub : a <= b;
	case OP_GT:
		return is_unsigned ? ua > ub : a > b;
	default:
		return is_unsigned ? ua >= ub : a >= b;
	}
}

static enum op negated(enum op op)
{
	static const enum op pairs[][2] = { { OP_EQ, OP_NE }, { OP_LT, OP_GE }, { OP_LE, OP_GT } };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		for (unsigned k = 0; k < 2; k++)
			if (pairs[i][k] == op)
				return pairs[i][!k];
	return op;
}

/* The same comparison with its sides exchanged. */
static enum op mirrored(enum op op)
{
	switch (op) {
	case OP_LT:
		return OP_GT;
	case OP_LE:
		return OP_GE;
	case OP_GT:
		return OP_LT;
	case OP_GE:
		return OP_LE;
	default:
		return op;
	}
}

/* Does the kernel, which compares by the field's sign, come to what eval/ comes to? A narrow unsigned number is the
 * same to both of eval/'s ways. Any number that is not 0 is true for a bool, so only 0 means the same. */
static bool same_order(const struct push *p, const struct node *n, const struct number *field, enum op op,
		       bool is_unsigned, int64_t value)
{
	bool equality = op == OP_EQ || op == OP_NE;

	if (n->type->kind == TYPE_BOOL)
		return equality && value == 0;
	if (n->kind == NODE_CAPTURE && is_narrowed(p, n))	/* what is negative may be very large, and is let through */
		return equality || op == OP_LT || op == OP_LE;
	/* What is more than a positive number is so with and without a sign. */
	if (field->unsigned_there)
		return value >= 0 && (equality || (!is_unsigned && (op == OP_GT || op == OP_GE)));
	if (field->size == WIDE)
		return equality || is_unsigned == !field->is_signed;
	return !is_unsigned || !field->is_signed;
}

static const char *compare(struct push *p, const struct node *n, enum op op, const struct node *constant, bool wanted)
{
	bool is_unsigned = is_wide_unsigned(n->type) || is_wide_unsigned(constant->type);
	struct number field;
	int64_t value;

	if (!number_of(p, n, &field) || !node_constant(constant, &value))
		return NULL;
	if (!wanted)
		op = negated(op);
	if (!constant_fits(p, n, &field, value) || !same_order(p, n, &field, op, is_unsigned, value))
		return NULL;
	if (!field.sure && holds(op, is_unsigned, 0, value))
		return NULL;
	if (field.is_signed)
		return arena_fmt(p->a, "%s %s %lld", field.field, op_rows[op].spelled, (long long)value);
	return arena_fmt(p->a, "%s %s %llu", field.field, op_rows[op].spelled, (unsigned long long)value);
}

/* arg0 & 4, as a truth or beside == 0, != 0. A bool is 1 to us, whatever its bits are. */
static const char *bits(struct push *p, const struct node *n, bool wanted)
{
	const struct node *value = n->a, *mask = n->b;
	struct number field;
	int64_t m;

	if (n->kind != NODE_BINARY || n->op != OP_BIT_AND)
		return NULL;
	if (value->kind == NODE_INT) {
		value = n->b;
		mask = n->a;
	}
	if (!number_of(p, value, &field) || value->kind != NODE_CAPTURE || value->type->kind == TYPE_BOOL)
		return NULL;
	if (!node_constant(mask, &m) || m <= 0 || !constant_fits(p, value, &field, m) || (!field.sure && !wanted))
		return NULL;
	return arena_fmt(p->a, wanted ? "%s & %lld" : "!(%s & %lld)", field.field, (long long)m);
}

/* ---- text ---- */

struct text {
	const char *field;
	uint64_t size;			/* what is longer than size - 1 we cut */
};

static bool text_of(const struct push *p, const struct node *n, struct text *out)
{
	const struct fetcharg *f;

	if (n->kind == NODE_BUILTIN && strcmp(n->builtin->name, "comm") == 0 && n->n_list == 0) {
		*out = (struct text){ "COMM", COMM_LENGTH + 1 };
		return true;
	}
	if (n->kind != NODE_CAPTURE || n->type->kind != TYPE_STRING)
		return false;
	f = p->tap->args[n->slot];
	out->field = f->name;
	out->size = n->type->size ? n->type->size : MAX_CONSTANT + 1;
	if (f->limit && f->limit + 1 < out->size)
		out->size = f->limit + 1;
	return !f->bytes && f->type;		/* bounded text is an array to the kernel */
}

/* Can the kernel be given this text, in quotes? */
static bool is_plain(const struct node *n, bool glob, uint64_t length)
{
	if (n->kind != NODE_STRING || length == 0 || length > MAX_CONSTANT || (uint64_t)n->number < length)
		return false;
	for (uint64_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)n->text[i];

		if (c < ' ' || c > '~' || strchr("\"'\\", c) || (glob && strchr("*?[]!", c)))
			return false;
	}
	return true;
}

/* A string that could not be read is "" to us and may be anything to the kernel: so only what is not empty is
 * compared, and only for being equal. The thread's name is always there. */
static const char *compare_text(struct push *p, const struct node *n, const struct node *constant, bool equal)
{
	struct text t;

	if (!text_of(p, n, &t) || !is_plain(constant, false, (uint64_t)constant->number) ||
	    (uint64_t)constant->number + 1 >= t.size + (strcmp(t.field, "COMM") == 0))
		return NULL;
	if (!equal && strcmp(t.field, "COMM") != 0)
		return NULL;
	return arena_fmt(p->a, "%s %s \"%s\"", t.field, equal ? "==" : "!=", constant->text);
}

/* strncmp(s, "abc", 3) == 0: the text begins so; *length: how much of the constant counts. */
static const char *begins_with(struct push *p, const struct node *call)
{
	const struct node *s = call->list[0], *constant = call->list[1];
	struct text t;
	int64_t n;

	if (call->n_list != 3 || !node_constant(call->list[2], &n) || n <= 0)
		return NULL;
	if (s->kind == NODE_STRING) {
		s = call->list[1];
		constant = call->list[0];
	}
	if (constant->kind != NODE_STRING)
		return NULL;
	if (n > constant->number)	/* the NUL counts too: it is that text, and no other */
		return compare_text(p, s, constant, true);
	if (!text_of(p, s, &t) || !is_plain(constant, true, (uint64_t)n) || (uint64_t)n + 1 >= t.size)
		return NULL;
	return arena_fmt(p->a, "%s ~ \"%.*s*\"", t.field, (int)n, constant->text);
}

static bool is_call(const struct node *n, const char *name)
{
	return n->kind == NODE_CALL && n->builtin && strcmp(n->builtin->name, name) == 0;
}

/* strcontains(s, "abc"), s being the text that is looked into */
static const char *contains(struct push *p, const struct node *call)
{
	const struct node *constant = call->list[1];
	struct text t;

	if (call->n_list != 2 || constant->kind != NODE_STRING || !text_of(p, call->list[0], &t) ||
	    !is_plain(constant, true, (uint64_t)constant->number))
		return NULL;
	return arena_fmt(p->a, "%s ~ \"*%s*\"", t.field, constant->text);
}

/* ---- expressions ---- */

static const char *relation(struct push *p, const struct node *n, bool wanted)
{
	const struct node *a = n->a, *b = n->b;
	enum op op = n->op;
	int64_t value;

	if (a->kind == NODE_STRING || (node_constant(a, &value) && a->kind != NODE_CAPTURE)) {
		a = n->b;
		b = n->a;
		op = mirrored(op);
	}
	if (b->kind == NODE_STRING && (op == OP_EQ || op == OP_NE))
		return compare_text(p, a, b, (op == OP_EQ) == wanted);
	if (!node_constant(b, &value))
		return NULL;
	if (is_call(a, "strncmp") && value == 0 && (op == OP_EQ || op == OP_NE))
		return (op == OP_EQ) == wanted ? begins_with(p, a) : NULL;
	if (a->kind == NODE_BINARY && value == 0 && (op == OP_EQ || op == OP_NE))
		return bits(p, a, (op == OP_NE) == wanted);
	return compare(p, a, op, b, wanted);
}

static const char *both(struct push *p, const char *a, const char *b)
{
	if (!a || !b)
		return a ? a : b;
	return strcmp(a, b) == 0 ? a : arena_fmt(p->a, "(%s) && (%s)", a, b);
}

static const char *either(struct push *p, const char *a, const char *b)
{
	if (!a || !b)
		return NULL;
	return strcmp(a, b) == 0 ? a : arena_fmt(p->a, "(%s) || (%s)", a, b);
}

static const char *truth(struct push *p, const struct node *n, bool wanted)
{
	struct node zero = { .kind = NODE_INT, .type = is_wide_unsigned(n->type) ? &type_uint64 : &type_int64 };

	if (n->type->kind != TYPE_INT && n->type->kind != TYPE_BOOL && n->type->kind != TYPE_POINTER)
		return NULL;
	return compare(p, n, OP_NE, &zero, wanted);
}

static const char *filter_of(struct push *p, const struct node *n, bool wanted)
{
	const char *a, *b;

	if (n->kind == NODE_UNARY && n->op == OP_NOT)
		return filter_of(p, n->a, !wanted);
	if (is_call(n, "strcontains"))
		return wanted ? contains(p, n) : NULL;
	if (n->kind != NODE_BINARY)
		return truth(p, n, wanted);
	switch (op_rows[n->op].kind) {
	case OP_LOGICAL:
		a = filter_of(p, n->a, wanted);
		b = filter_of(p, n->b, wanted);
		return (n->op == OP_LOGICAL_AND) == wanted ? both(p, a, b) : either(p, a, b);
	case OP_RELATIONAL:
		return relation(p, n, wanted);
	default:
		return bits(p, n, wanted);
	}
}

/* The record must come when any of the predicates lets it through. */
void predicate_push(struct arena *a, struct tap *t)
{
	struct push p = { a, t };
	const char *filter = NULL;

	for (unsigned i = 0; i < t->n_actions; i++) {
		const struct node *predicate = t->actions[i]->predicate;
		const char *one = predicate ? filter_of(&p, predicate, true) : NULL;

		if (!one || strlen(one) > MAX_FILTER)
			return;
		filter = i ? either(&p, filter, one) : one;
	}
	if (filter && strlen(filter) <= MAX_FILTER)
		t->filter = filter;
}
