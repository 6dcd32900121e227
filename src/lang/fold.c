/* fold.c - what can be computed before the program runs.
 *
 * `2 * 3600 * 1e9` is one number, and builtins that want a literal (`lhist(n, 0, 60 * 1000, 10)`) get one.
 * Numbers are computed in 128 bits here: a result that needs more than an int64 becomes a uint64, and one
 * that fits neither is the user's mistake. What has a meaning of its own at run time (a division by zero,
 * shifts by 64 and more) stays as it is.
 */
#include "lang/check.h"

#include <string.h>

typedef __int128 wide;

void make_int(struct node *n, int64_t value, const struct type *t)
{
	*n = (struct node){.kind = NODE_INT, .span = n->span, .number = value, .type = t};
}

void make_bool(struct node *n, bool value)
{
	*n = (struct node){.kind = NODE_BOOL, .span = n->span, .number = value, .type = &type_bool};
}

bool node_constant(const struct node *n, int64_t *out)
{
	if (n->kind == NODE_COMPTIME)
		return node_constant(n->a, out);
	if (n->kind != NODE_INT && n->kind != NODE_BOOL)
		return false;
	*out = n->number;
	return true;
}

static bool is_number(const struct node *n)
{
	return n->kind == NODE_INT || n->kind == NODE_BOOL;
}

static wide number_of(const struct node *n)
{
	return n->type->is_signed || n->kind == NODE_BOOL ? (wide)n->number : (wide)(uint64_t)n->number;
}

/* A number as if it had been written so. */
static bool result(struct checker *c, struct node *n, wide value)
{
	if (value < INT64_MIN || value > UINT64_MAX)
		return diag_error(c->diags, n->span, "unable to fold literals due to overflow or underflow");
	if (value > INT64_MAX)
		make_int(n, (int64_t)(uint64_t)value, &type_uint64);
	else
		make_int(n, (int64_t)value, type_literal((int64_t)value));
	return true;
}

static bool compare(enum op op, wide a, wide b)
{
	switch (op) {
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LE:
		return a <= b;
	case OP_GE:
		return a >= b;
	case OP_LT:
		return a < b;
	default:
		return a > b;
	}
}

/* False: leave it to the run. */
static bool arithmetic(enum op op, wide a, wide b, wide *out)
{
	switch (op) {
	case OP_ADD:
		*out = a + b;
		return true;
	case OP_SUB:
		*out = a - b;
		return true;
	case OP_MUL:
		if (__builtin_mul_overflow(a, b, out))	/* of two uint64: they wrap */
			*out = (wide)((uint64_t)a * (uint64_t)b);
		return true;
	case OP_DIV:
		*out = b ? a / b : 0;
		return b != 0;
	case OP_MOD:
		*out = b ? a % b : 0;
		return b != 0;
	case OP_BIT_AND:
		*out = a & b;
		return true;
	case OP_BIT_OR:
		*out = a | b;
		return true;
	case OP_BIT_XOR:
		*out = a ^ b;
		return true;
	case OP_SHL:
		*out = b >= 0 && b < 64 ? (wide)(int64_t)((uint64_t)a << (unsigned)b) : 0;
		if (a > INT64_MAX)
			*out = (wide)(uint64_t)*out;
		return b >= 0 && b < 64;
	case OP_SHR:
		*out = a >= 0 && b >= 0 && b < 64 ? a >> (unsigned)b : 0;
		return a >= 0 && b >= 0 && b < 64;
	default:
		return false;
	}
}

static bool fold_numbers(struct checker *c, struct node *n)
{
	bool plain = type_is_literal(n->a->type) && type_is_literal(n->b->type);
	wide a = number_of(n->a), b = number_of(n->b), value;

	if (op_rows[n->op].kind == OP_RELATIONAL)
		make_bool(n, compare(n->op, a, b));
	else if (op_rows[n->op].kind == OP_LOGICAL)
		make_bool(n, n->op == OP_LOGICAL_AND ? a && b : a || b);
	else if (!arithmetic(n->op, a, b, &value))
		return true;
	else if (plain)
		return result(c, n, value);
	else
		make_int(n, (int64_t)(uint64_t)value, n->type); /* of cast numbers: wraps, as when it runs */
	return true;
}

static int compare_strings(const struct node *a, const struct node *b)
{
	size_t la = strnlen(a->text, (size_t)a->number), lb = strnlen(b->text, (size_t)b->number);

	return la == lb ? memcmp(a->text, b->text, la) : 1;
}

static void fold_strings(struct checker *c, struct node *n)
{
	struct node *a = n->a, *b = n->b;
	size_t la = (size_t)a->number, lb = (size_t)b->number;
	char *text;

	if (n->op == OP_EQ || n->op == OP_NE) {
		make_bool(n, (compare_strings(a, b) == 0) == (n->op == OP_EQ));
	} else if (n->op == OP_ADD) {
		text = arena_alloc(c->arena, la + lb + 1);
		memcpy(text, a->text, la);
		memcpy(text + la, b->text, lb);
		*n = (struct node){.kind = NODE_STRING,
				   .span = n->span,
				   .text = text,
				   .number = (int64_t)(la + lb),
				   .type = type_string(c->arena, la + lb + 1)};
	}
}

static bool fold_unary(struct checker *c, struct node *n)
{
	wide a = number_of(n->a);
	bool plain = type_is_literal(n->a->type) || (n->a->type->size == 8 && !n->a->type->is_signed);

	if (n->op == OP_NOT)
		make_bool(n, a == 0);
	else if (n->op == OP_BIT_NOT)
		make_int(n, ~n->a->number,
			 plain && n->a->type->is_signed ? type_literal(~n->a->number) : n->type);
	else if (plain && -a >= INT64_MIN)
		return result(c, n, -a);
	else if (plain)
		return diag_error(c->diags, n->span, "unable to fold literals due to overflow or underflow");
	else
		make_int(n, (int64_t) - (uint64_t)n->a->number, n->type);
	return true;
}

static void fold_cast(struct node *n)
{
	const struct type *t = n->type;
	unsigned bits = (unsigned)t->size * 8;
	uint64_t v = (uint64_t)n->a->number;

	if (t->kind == TYPE_BOOL) {
		make_bool(n, v != 0);
		return;
	}
	if (bits < 64) {
		v &= (1ull << bits) - 1;
		if (t->is_signed && v >> (bits - 1))
			v |= ~0ull << bits;
	}
	make_int(n, (int64_t)v, t);
}

/* `1 == 1 ? a : b`: what is left is one of them, with the type of both. */
static void fold_ternary(struct node *n)
{
	struct node *chosen = n->a->number ? n->b ? n->b : n->a : n->c;
	const struct type *t = n->type;
	struct span span = n->span;

	*n = *chosen;
	n->span = span;
	if (t->kind == TYPE_STRING)
		n->type = t;
}

bool fold(struct checker *c, struct node *n)
{
	switch (n->kind) {
	case NODE_UNARY:
		return is_number(n->a) ? fold_unary(c, n) : true;
	case NODE_BINARY:
		if (is_number(n->a) && is_number(n->b))
			return fold_numbers(c, n);
		if (n->a->kind == NODE_STRING && n->b->kind == NODE_STRING)
			fold_strings(c, n);
		return true;
	case NODE_CAST:
		if (is_number(n->a) && (n->type->kind == TYPE_INT || n->type->kind == TYPE_BOOL))
			fold_cast(n);
		return true;
	case NODE_TERNARY:
		if (is_number(n->a))
			fold_ternary(n);
		return true;
	default:
		return true;
	}
}
