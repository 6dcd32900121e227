/* check_expr.c - expressions: which type each has, and what may be done with it.
 *
 * The rules are bpftrace's. Arithmetic is done in 64 bits; it is unsigned when both sides are, and a
 * difference is always signed. Comparisons and `!`, `&&`, `||` give a bool. Strings and tuples can be asked
 * whether they are equal, pointers can be moved by their pointees' size, and the rest is refused with
 * bpftrace's words.
 */
#include "lang/check.h"

#include <stdlib.h>
#include <string.h>

static void unknown(struct node *n)
{
	n->type = &type_unknown;
}

void check_value(struct checker *c, struct node *n)
{
	check_expr(c, n, USE_VALUE);
	n->type = type_reduced(n->type);
}

bool type_has_truth(const struct type *t)
{
	return type_is_integer(t) || t->kind == TYPE_POINTER || t->kind == TYPE_STRING;
}

void wrap_cast(struct checker *c, struct node *n, const struct type *t)
{
	struct node *inner = arena_alloc(c->arena, sizeof(*inner));

	*inner = *n;
	*n = (struct node){ .kind = NODE_CAST, .span = inner->span, .a = inner, .type = t };
	fold(c, n);
}

/* ---- operators ---- */

static const struct type *bad_operands(struct checker *c, struct node *at, enum op op, const struct type *a,
				       const struct type *b)
{
	diag_error(c->diags, at->span, "The %s operator can not be used on expressions of types %s, %s",
		   op_rows[op].spelled, type_text(c, a), type_text(c, b));
	return &type_unknown;
}

static bool comparable(const struct type *t)
{
	return type_is_integer(t) || t->kind == TYPE_POINTER || t->kind == TYPE_STRING ||
	       t->kind == TYPE_BUFFER || t->kind == TYPE_TUPLE || t->kind == TYPE_ARRAY ||
	       t->kind == TYPE_INET || t->kind == TYPE_MAC;
}

/* A literal beside an unsigned number is unsigned. */
static void settle_literals(struct node *a, struct node *b)
{
	for (int i = 0; i < 2; i++) {
		struct node *literal = i ? b : a, *other = i ? a : b;

		if (literal->kind == NODE_INT && type_is_positive(literal->type) &&
		    other->type->kind == TYPE_INT && !other->type->is_signed)
			literal->type = type_int((unsigned)(literal->type->size > other->type->size
								    ? literal->type->size
								    : other->type->size),
						 false);
	}
}

static const struct type *relation_of_integers(struct checker *c, struct node *at, struct node *a,
					       struct node *b)
{
	const struct type *ta = a->type, *tb = b->type;
	bool known = node_constant(a, &(int64_t){ 0 }) || node_constant(b, &(int64_t){ 0 });

	if (ta->kind == TYPE_INT && tb->kind == TYPE_INT && ta->is_signed != tb->is_signed && !known &&
	    !ta->enumeration && !tb->enumeration && (ta->is_signed ? tb : ta)->size == 8)
		diag_warn(c->diags, at->span,
			  "comparison of integers of different signs: '%s' and '%s' can lead to "
			  "undefined behavior",
			  type_text(c, ta), type_text(c, tb));
	return &type_bool;
}

static const struct type *relation_of_pointers(struct checker *c, struct node *at, enum op op,
					       const struct type *a, const struct type *b)
{
	if (a->kind == TYPE_POINTER && b->kind == TYPE_POINTER && !type_same(a->of, b->of))
		diag_warn(c->diags, at->span, "comparison of distinct pointer types: %s, %s", type_text(c, a),
			  type_text(c, b));
	return &type_bool;
}

static const struct type *mismatch(struct checker *c, struct node *at, enum op op, const struct type *a,
				   const struct type *b)
{
	diag_error(c->diags, at->span, "Type mismatch for '%s': comparing '%s' with '%s'",
		   op_rows[op].spelled, type_text(c, a), type_text(c, b));
	return &type_unknown;
}

/* An array of bytes is a string when it meets one. */
static bool is_text(const struct type *t)
{
	return t->kind == TYPE_STRING ||
	       (t->kind == TYPE_ARRAY && t->of->kind == TYPE_INT && t->of->size == 1);
}

static const struct type *relation(struct checker *c, struct node *at, enum op op, struct node *a,
				   struct node *b)
{
	const struct type *ta = a->type, *tb = b->type;
	bool equality = op == OP_EQ || op == OP_NE;

	if (type_is_integer(ta) && type_is_integer(tb))
		return relation_of_integers(c, at, a, b);
	if ((ta->kind == TYPE_POINTER || type_is_integer(ta)) &&
	    (tb->kind == TYPE_POINTER || type_is_integer(tb)))
		return relation_of_pointers(c, at, op, ta, tb);
	if (is_text(ta) && is_text(tb) && (ta->kind == TYPE_STRING) != (tb->kind == TYPE_STRING) &&
	    equality) {
		wrap_cast(c, ta->kind == TYPE_STRING ? b : a,
			  type_string(c->arena, (ta->kind == TYPE_STRING ? tb : ta)->count + 1));
		return &type_bool;
	}
	if (ta->kind != tb->kind || !type_join(c, ta, tb)) {
		if (ta->kind == TYPE_TUPLE && tb->kind == TYPE_TUPLE)
			diag_error(c->diags, at->span, "Tuple type mismatch: %s != %s.", type_text(c, ta),
				   type_text(c, tb));
		else
			mismatch(c, at, op, ta, tb);
		return &type_unknown;
	}
	if (!equality || !comparable(ta))
		return bad_operands(c, at, op, ta, tb);
	return &type_bool;
}

static bool is_unsigned(const struct type *t)
{
	return t->kind == TYPE_INT && !t->is_signed;
}

static const struct type *arithmetic_of_integers(enum op op, const struct type *a, const struct type *b)
{
	bool ua = is_unsigned(a), ub = is_unsigned(b);

	if (op == OP_SUB)
		return &type_int64;
	if (op == OP_SHL || op == OP_SHR)
		return ua ? &type_uint64 : &type_int64;
	if (ua && (ub || type_is_positive(b) || a->size == 8))
		return &type_uint64;
	if (ub && (type_is_positive(a) || b->size == 8))
		return &type_uint64;
	return &type_int64;
}

static const struct type *arithmetic_of_pointers(struct checker *c, struct node *at, enum op op,
						 const struct type *a, const struct type *b)
{
	if (a->kind == TYPE_POINTER && type_is_integer(b) && (op == OP_ADD || op == OP_SUB))
		return a;
	if (b->kind == TYPE_POINTER && type_is_integer(a) && op == OP_ADD)
		return b;
	if (a->kind == TYPE_POINTER && b->kind == TYPE_POINTER && op == OP_SUB && type_same(a->of, b->of))
		return &type_int64;
	if ((op == OP_BIT_AND || op == OP_BIT_OR || op == OP_MOD) &&
	    (type_is_integer(a) || type_is_integer(b)))
		return &type_uint64; /* alignment: $p & ~0xfff */
	return bad_operands(c, at, op, a, b);
}

static const struct type *arithmetic(struct checker *c, struct node *at, enum op op, struct node *a,
				     struct node *b)
{
	const struct type *ta = a->type, *tb = b->type;

	if (type_is_integer(ta) && type_is_integer(tb))
		return arithmetic_of_integers(op, ta, tb);
	if ((ta->kind == TYPE_POINTER || type_is_integer(ta)) &&
	    (tb->kind == TYPE_POINTER || type_is_integer(tb)))
		return arithmetic_of_pointers(c, at, op, ta, tb);
	if (a->kind == NODE_STRING && b->kind == NODE_STRING && op == OP_ADD)
		return type_string(c->arena, ta->size + tb->size - 1);
	if (ta->kind != tb->kind)
		return mismatch(c, at, op, ta, tb);
	return bad_operands(c, at, op, ta, tb);
}

static const struct type *logical(struct checker *c, struct node *at, enum op op, const struct type *a,
				  const struct type *b)
{
	if (type_has_truth(a) && type_has_truth(b))
		return &type_bool;
	return bad_operands(c, at, op, a, b);
}

/* While types are being found, what a comparison gives is known, and what is added to a number is one, too.
 */
static const struct type *operator_unknown(struct checker *c, enum op op)
{
	if (walk_of(c)->final)
		return &type_unknown;
	if (op_rows[op].kind != OP_ARITHMETIC)
		return &type_bool;
	return walk_of(c)->guess ? &type_int64 : &type_unknown;
}

const struct type *check_operator(struct checker *c, struct node *at, enum op op, struct node *a,
				  struct node *b)
{
	if (!type_known(a->type) || !type_known(b->type))
		return operator_unknown(c, op);
	if (a->type->kind == TYPE_VOID || b->type->kind == TYPE_VOID)
		return bad_operands(c, at, op, a->type, b->type);
	if (op_rows[op].kind != OP_LOGICAL && op != OP_SHL && op != OP_SHR)
		settle_literals(a, b);
	switch (op_rows[op].kind) {
	case OP_LOGICAL:
		return logical(c, at, op, a->type, b->type);
	case OP_RELATIONAL:
		return relation(c, at, op, a, b);
	default:
		return arithmetic(c, at, op, a, b);
	}
}

/* The operand of an operator: what can only be shown as missing is none. */
static void check_operand(struct checker *c, struct node *n)
{
	check_value(c, n);
	if (n->kind != NODE_MEMBER || !n->member || !n->member->gone || !type_known(n->type))
		return;
	diag_error(c->diags, n->span, "'%s' cannot be read here: %s", n->text, n->member->gone);
	unknown(n);
}

static void check_binary(struct checker *c, struct node *n)
{
	check_operand(c, n->a);
	check_operand(c, n->b);
	n->type = check_operator(c, n, n->op, n->a, n->b);
	if (type_known(n->type) && !fold(c, n))
		unknown(n);
}

static void check_unary(struct checker *c, struct node *n)
{
	const struct type *t;

	check_operand(c, n->a);
	t = n->a->type;
	if (!type_known(t)) {
		n->type = n->op == OP_NOT && !walk_of(c)->final ? &type_bool : &type_unknown;
		return;
	}
	if (n->op == OP_NOT && type_has_truth(t))
		n->type = &type_bool;
	else if (n->op == OP_SUB && type_is_integer(t))
		n->type = &type_int64;
	else if (n->op == OP_BIT_NOT && type_is_integer(t))
		n->type = is_unsigned(t) ? t : &type_int64;
	else {
		diag_error(c->diags, n->span, "The %s operator can not be used on expressions of type '%s'",
			   op_rows[n->op].spelled, type_text(c, t));
		unknown(n);
		return;
	}
	if (!fold(c, n))
		unknown(n);
}

const struct type *check_branches(struct checker *c, struct node *at, const struct type *a,
				  const struct type *b)
{
	const struct type *both;

	if (!type_known(a) || !type_known(b))
		return walk_of(c)->final ? &type_unknown : type_known(a) ? a : b;
	if (a->kind == TYPE_VOID && b->kind == TYPE_VOID)
		return &type_void;
	both = type_join(c, a, b);
	if (both && !type_is_aggregate(both))
		return both;
	diag_error(c->diags, at->span, "Ternary operator must return the same type: have '%s' and '%s'",
		   kind_name(a), kind_name(b));
	return &type_unknown;
}

static void check_ternary(struct checker *c, struct node *n, enum use use)
{
	bool known = check_condition(c, n->a);
	const struct type *first = n->a->type;

	if (use != USE_STATEMENT)
		use = USE_VALUE;

	if (n->b) {
		check_expr(c, n->b, use);
		n->b->type = type_reduced(n->b->type);
		first = n->b->type;
	}
	check_expr(c, n->c, use);
	n->c->type = type_reduced(n->c->type);
	n->type = check_branches(c, n, first, n->c->type);
	if (!known && walk_of(c)->final)
		unknown(n);
	else if (type_known(n->type))
		fold(c, n);
}

/* ---- ++ and -- ---- */

static void check_incdec(struct checker *c, struct node *n)
{
	const char *op = n->number > 0 ? "++" : "--";
	struct map_state *m;
	struct variable *v;
	const struct type *t;

	unknown(n);
	if (n->a->kind == NODE_MAP) {
		m = check_map_named(c, n->a);
		if (n->a->a)
			check_value(c, n->a->a);
		if (!check_map_key(c, n->a, m, n->a->a ? n->a->a->type : NULL)) {
			unknown(n->a);
			return;
		}
		/* When nobody says otherwise it is a counter; a pointer says otherwise. */
		if (!type_known(m->value) && walk_of(c)->guess)
			check_map_value(c, n->a, m, &type_int64);
		t = type_known(m->value) ? type_wide(c->arena, m->value) : &type_unknown;
	} else if (n->a->kind == NODE_SCRATCH) {
		check_expr(c, n->a, USE_VALUE);
		v = variable_find(c, n->a->text);
		t = n->a->type;
		if (v)
			v->assigned = true;
	} else {
		check_expr(c, n->a, USE_VALUE);
		diag_error(c->diags, n->span, "The %s operator must be applied to a map or variable", op);
		return;
	}
	n->a->type = t;
	if (!type_known(t))
		return;
	if (t->kind == TYPE_BOOL || (!type_is_integer(t) && t->kind != TYPE_POINTER)) {
		diag_error(c->diags, n->span, "The %s operator can not be used on expressions of type '%s'",
			   op, type_text(c, t));
		return;
	}
	n->type = t;
}

/* ---- pointers, members, elements ---- */

static void check_deref(struct checker *c, struct node *n)
{
	const struct type *t;

	check_value(c, n->a);
	t = n->a->type;
	unknown(n);
	if (!type_known(t))
		return;
	if (t->kind == TYPE_INT) {
		n->type = &type_uint64; /* *kaddr("avenrun"): a word of memory */
	} else if (t->kind != TYPE_POINTER) {
		diag_error(c->diags, n->span, "Can not dereference type '%s'. It is not a pointer.",
			   type_text(c, t));
	} else if (t->of->kind == TYPE_VOID) {
		diag_error(c->diags, n->span,
			   "Can not dereference a pointer of type '%s': what is there has no size",
			   type_text(c, t));
		diag_hint(c->diags, "cast it to a pointer to what is there: *(uint64 *)...");
	} else if (t->of->kind == TYPE_STRUCT && !layout_complete(t->of->layout)) {
		diag_error(c->diags, n->span, "Unknown struct/union: '%s'", t->of->layout->name);
	} else {
		n->type = t->of;
	}
}

static void check_address(struct checker *c, struct node *n)
{
	check_expr(c, n->a, USE_VALUE);
	unknown(n);
	if (n->a->kind != NODE_SCRATCH && n->a->kind != NODE_MAP) {
		if (type_known(n->a->type))
			diag_error(c->diags, n->span, "The & operator must be applied to a map or variable");
		return;
	}
	if (type_known(n->a->type))
		n->type = type_pointer(c->arena, n->a->type);
}

static void member_unknown(struct checker *c, struct node *n, const struct layout *l)
{
	struct str_closest near = { .word = n->text };

	for (unsigned i = 0; i < l->n_members; i++)
		if (l->members[i].name && *l->members[i].name)
			str_closest_try(&near, l->members[i].name);
	diag_error(c->diags, n->span, "Struct/union of type '%s' does not contain a field named '%s'",
		   l->name && *l->name ? l->name : "record", n->text);
	if (near.best)
		diag_hint(c->diags, "did you mean '%s'?", near.best);
	mem_free_ptr(&near.best);
}

static void check_tuple_member(struct checker *c, struct node *n)
{
	const struct layout *l = n->a->type->layout;
	char *end;
	unsigned long index = strtoul(n->text, &end, 10);

	if (*end || end == n->text) {
		for (index = 0; index < l->n_members; index++)
			if (l->members[index].name && strcmp(l->members[index].name, n->text) == 0)
				break;
		if (index == l->n_members && !l->n_members && l->by_name) {
			diag_error(c->diags, n->span, "%s has no arguments that the debug information describes", c->point->text);
			diag_hint(c->diags, "a full description takes -g, or debug = 2");
			return;
		}
		if (index == l->n_members && l->n_members && l->members[0].name) {
			member_unknown(c, n, l);
			return;
		}
		if (index == l->n_members) {
			diag_error(c->diags, n->span,
				   "Tuples must be indexed with a constant and non-negative integer");
			return;
		}
	}
	if (index >= l->n_members) {
		diag_error(c->diags, n->span, "Invalid tuple index: %lu. Found %u elements in tuple.", index,
			   l->n_members);
		return;
	}
	n->number = (int64_t)index;
	n->member = &l->members[index];
	n->type = n->member->type;
}

static void check_member(struct checker *c, struct node *n)
{
	const struct type *t;
	uint64_t offset = 0;

	check_expr(c, n->a, USE_FIELD);
	t = n->a->type = type_reduced(n->a->type);
	unknown(n);
	if (!type_known(t))
		return;
	if (t->kind == TYPE_TUPLE) {
		check_tuple_member(c, n);
		return;
	}
	if (n->a->member && n->a->member->gone) {
		diag_error(c->diags, n->a->span, "'%s' cannot be read here: %s", n->a->text, n->a->member->gone);
		return;
	}
	if (t->kind == TYPE_POINTER) /* `.` and `->` mean the same */
		t = t->of;
	if (t->kind != TYPE_STRUCT) {
		diag_error(c->diags, n->span, "Can not access field '%s' on expression of type '%s'", n->text,
			   type_text(c, n->a->type));
		if (n->a->kind == NODE_INT && strspn(n->text, "0123456789"))
			diag_hint(c->diags, "numbers are whole: 1500000 for 1.5 seconds, in microseconds");
		return;
	}
	if (!layout_complete(t->layout)) {
		diag_error(c->diags, n->span, "Unknown struct/union: '%s'", t->layout->name);
		return;
	}
	n->member = layout_member(t->layout, n->text, &offset);
	if (!n->member) {
		member_unknown(c, n, t->layout);
		return;
	}
	n->number = (int64_t)offset;
	n->type = n->member->type;
}

static void index_tuple(struct checker *c, struct node *n)
{
	int64_t index;

	if (!node_constant(n->b, &index) || index < 0) {
		diag_error(c->diags, n->span,
			   "Tuples must be indexed with a constant and non-negative integer");
		return;
	}
	n->kind = NODE_MEMBER;
	n->text = arena_fmt(c->arena, "%lld", (long long)index);
	n->b = NULL;
	check_tuple_member(c, n);
}

static void check_index(struct checker *c, struct node *n)
{
	const struct type *t;
	int64_t index;

	check_value(c, n->a);
	check_value(c, n->b);
	t = n->a->type;
	unknown(n);
	if (!type_known(t) || !type_known(n->b->type))
		return;
	if (!type_is_integer(n->b->type)) {
		diag_error(c->diags, n->span,
			   "The array index operator [] only accepts integer indices, found %s.",
			   kind_name(n->b->type));
		return;
	}
	switch (t->kind) {
	case TYPE_TUPLE:
		index_tuple(c, n);
		return;
	case TYPE_ARRAY:
		if (node_constant(n->b, &index) && (index < 0 || (t->count && (uint64_t)index >= t->count)))
			diag_error(c->diags, n->span,
				   "the index %lld is out of bounds for array of size %llu", (long long)index,
				   (unsigned long long)t->count);
		else
			n->type = t->of;
		return;
	case TYPE_POINTER:
		if (t->of->kind == TYPE_VOID)
			diag_error(c->diags, n->span,
				   "The array index operator [] cannot be used on a pointer to an "
				   "unsized type (void *).");
		else
			n->type = t->of;
		return;
	case TYPE_STRING:
	case TYPE_BUFFER:
		n->type = type_int(1, t->kind == TYPE_STRING);
		return;
	default:
		diag_error(c->diags, n->span,
			   "The array index operator [] can only be used on arrays and pointers, "
			   "found %s.",
			   kind_name(t));
	}
}

/* ---- casts, sizes ---- */

static bool castable(const struct type *from, const struct type *to)
{
	bool number = type_is_integer(from) || from->kind == TYPE_POINTER;

	switch (to->kind) {
	case TYPE_BOOL:
		return type_has_truth(from);
	case TYPE_INT:
		return number || from->kind == TYPE_KSYM || from->kind == TYPE_USYM ||
		       from->kind == TYPE_USERNAME || from->kind == TYPE_CGROUP_PATH ||
		       (from->kind == TYPE_ARRAY && from->of->size * from->count == to->size) ||
		       (from->kind == TYPE_BUFFER && from->size >= to->size);
	case TYPE_POINTER:
		return number;
	case TYPE_STRING:
		return number || is_text(from);
	case TYPE_BUFFER:
		return from->kind == TYPE_BUFFER || is_text(from);
	case TYPE_ARRAY:
		return type_is_integer(from)
			       ? to->of->size * to->count == from->size ||
					 (type_is_literal(from) && to->of->size * to->count == 8)
			       : type_same(from, to);
	default:
		return type_same(from, to);
	}
}

/* (uint8[])e: an array of as many elements as the number has room for. */
static const struct type *array_over(struct checker *c, const struct node *n, const struct type *of,
				     const struct type *from)
{
	if (type_is_integer(from) && of->size && from->size % of->size == 0)
		return type_array(c->arena, of, from->size / of->size);
	diag_error(c->diags, n->span, "Cannot determine the size of the array: \"%s\" is no number of \"%s\"",
		   type_text(c, from), type_text(c, of));
	return &type_unknown;
}

/* Why a number is not cast to an array of a size. */
static void hint_array_size(struct checker *c, const struct type *to)
{
	uint64_t size = to->of->size * to->count;

	if (size == 1 || size == 2 || size == 4 || size == 8)
		diag_hint(c->diags, "the number must be as large as the array: cast it to int%u first", (unsigned)size * 8);
	else
		diag_hint(c->diags, "the array must be as large as the number: one without a size, [], is");
}

static void check_cast(struct checker *c, struct node *n)
{
	const struct type *to = n->spec ? check_spec(c, n->spec) : n->type, *from;

	check_value(c, n->a);
	from = n->a->type;
	if (n->spec && n->spec->unsized && type_known(to) && type_known(from))
		to = array_over(c, n, to, from);
	n->type = to;
	if (!type_known(to) || (!type_known(from) && !walk_of(c)->final))
		return;
	if (!type_known(from)) {
		if (diags_errors(c->diags) == 0)	/* @[(int64)@["x"]]: nobody has said what is wrong yet */
			diag_error(c->diags, n->a->span, "The type of this value depends on itself");
		unknown(n);
		return;
	}
	if (to->kind == TYPE_STRUCT && !type_same(from, to))
		diag_error(c->diags, n->span, "Cannot cast to struct type \"%s\"", type_text(c, to));
	else if (from->kind == TYPE_STRUCT && !type_same(from, to))
		diag_error(c->diags, n->span, "Cannot cast from struct type \"%s\"", type_text(c, from));
	else if (!castable(from, to)) {
		diag_error(c->diags, n->span, "Cannot cast from \"%s\" to \"%s\"", type_text(c, from),
			   type_text(c, to));
		if (to->kind == TYPE_ARRAY && type_is_integer(from))
			hint_array_size(c, to);
	} else {
		fold(c, n);
		return;
	}
	unknown(n);
}

/* The type that sizeof, offsetof and typeinfo speak of. */
static const struct type *subject(struct checker *c, struct node *n)
{
	if (n->spec)
		return check_spec(c, n->spec);
	check_expr(c, n->a, USE_VALUE);
	return type_reduced(n->a->type);
}

static uint64_t size_of(const struct type *t);

/* The members of a tuple lie in memory as a struct's do. */
static uint64_t align_of(const struct type *t)
{
	uint64_t most = 1;

	switch (t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
		return 1;
	case TYPE_ARRAY:
		return align_of(t->of);
	case TYPE_STRUCT:
		return t->layout->align ? t->layout->align : 1;
	case TYPE_TUPLE:
		for (unsigned i = 0; i < t->layout->n_members; i++)
			if (align_of(t->layout->members[i].type) > most)
				most = align_of(t->layout->members[i].type);
		return most;
	case TYPE_INT:
	case TYPE_BOOL:
		return size_of(t);
	default:
		return 8;
	}
}

static uint64_t round_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) / align * align;
}

static uint64_t size_of(const struct type *t)
{
	uint64_t size = 0;

	switch (t->kind) {
	case TYPE_BOOL:
		return 1;
	case TYPE_POINTER:
		return 8;
	case TYPE_ARRAY:
		return t->count * size_of(t->of);
	case TYPE_STRUCT:
		return t->layout->size;
	case TYPE_TUPLE:
		for (unsigned i = 0; i < t->layout->n_members; i++) {
			const struct type *member = t->layout->members[i].type;

			size = round_up(size, align_of(member)) + size_of(member);
		}
		return round_up(size, align_of(t));
	default:
		return t->size;
	}
}

static void check_sizeof(struct checker *c, struct node *n)
{
	const struct type *t = subject(c, n);

	n->type = &type_uint64;
	if (!type_known(t)) {
		if (walk_of(c)->final)
			unknown(n);
	} else if (t->kind == TYPE_STRUCT && !layout_complete(t->layout)) {
		diag_error(c->diags, n->span, "Unknown struct/union: '%s'", t->layout->name);
		unknown(n);
	} else {
		make_int(n, (int64_t)size_of(t), &type_uint64);
	}
}

static void check_offsetof(struct checker *c, struct node *n)
{
	const struct type *t = subject(c, n);
	uint64_t offset, sum = 0;
	struct node step = *n;

	n->type = &type_uint64;
	if (!type_known(t)) {
		unknown(n);
		return;
	}
	for (unsigned i = 0; i < n->n_list; i++) {
		const struct member *m = NULL;

		step.text = n->list[i]->text;
		step.span = n->list[i]->span;
		if (t->kind == TYPE_POINTER && i == 0 && !n->spec)
			t = t->of;
		if (t->kind == TYPE_STRUCT && layout_complete(t->layout))
			m = layout_member(t->layout, step.text, &offset);
		if (!m) {
			if (t->kind != TYPE_STRUCT)
				diag_error(c->diags, step.span, "'%s' is not a c_struct type.",
					   type_text(c, t));
			else
				member_unknown(c, &step, t->layout);
			unknown(n);
			return;
		}
		sum += offset;
		t = m->type;
	}
	make_int(n, (int64_t)sum, &type_uint64);
}

/* typeinfo(x) is (number in BTF, kind, name); without BTF the number is 0. */
static void check_typeinfo(struct checker *c, struct node *n)
{
	const struct type *t = subject(c, n), *types[3];
	const char *texts[2];

	unknown(n);
	if (!type_known(t))
		return;
	texts[0] = t->kind == TYPE_INT ? "int" : kind_name(t);
	texts[1] = type_text(c, t);
	n->list = arena_alloc(c->arena, 3 * sizeof(*n->list));
	for (unsigned i = 0; i < 3; i++) {
		n->list[i] = arena_alloc(c->arena, sizeof(**n->list));
		n->list[i]->span = n->span;
		if (i == 0)
			make_int(n->list[0], 0, type_literal(0));
		else
			*n->list[i] = (struct node){.kind = NODE_STRING,
						    .span = n->span,
						    .text = texts[i - 1],
						    .number = (int64_t)strlen(texts[i - 1]),
						    .type = type_string(c->arena, strlen(texts[i - 1]) + 1)};
		types[i] = n->list[i]->type;
	}
	*n = (struct node){.kind = NODE_TUPLE,
			   .span = n->span,
			   .list = n->list,
			   .n_list = 3,
			   .type = type_tuple(c->arena, types, NULL, 3)};
}

/* ---- tuples ---- */

static void check_tuple(struct checker *c, struct node *n)
{
	const struct type **types = arena_alloc(c->arena, (n->n_list + 1) * sizeof(*types));
	bool known = true;

	for (unsigned i = 0; i < n->n_list; i++) {
		struct node *item = n->list[i];

		check_value(c, item);
		types[i] = item->type;
		if (type_known(item->type) &&
		    (item->type->kind == TYPE_VOID || type_is_aggregate(item->type))) {
			diag_error(c->diags, item->span, "Tuples cannot contain values of type '%s'",
				   type_text(c, item->type));
			types[i] = &type_unknown;
		}
		for (unsigned j = 0; n->names && j < i; j++)
			if (strcmp(n->names[i], n->names[j]) == 0) {
				diag_error(c->diags, item->span, "the record has two members named '%s'",
					   n->names[i]);
				break;
			}
		known &= type_known(types[i]);
	}
	n->type = known ? type_tuple(c->arena, types, n->names, n->n_list) : &type_unknown;
}

/* ---- maps and variables ---- */

static void check_map(struct checker *c, struct node *n)
{
	struct map_state *m = check_map_named(c, n);

	if (n->a)
		check_value(c, n->a);
	n->type = &type_unknown;
	if (check_map_key(c, n, m, n->a ? n->a->type : NULL))
		n->type = check_map_type(c, n, m);
}

static void check_scratch(struct checker *c, struct node *n)
{
	struct variable *v = variable_find(c, n->text);
	struct str_closest near = { .word = n->text };

	if (v) {
		n->slot = v->slot;
		n->type = variable_type(c, v);
		if (!v->assigned && v->let && walk_of(c)->loops == 0)
			diag_warn(c->diags, n->span, "Variable used before it was assigned: %s",
				  variable_text(c, n->text));
		if (v->closed && !v->warned) {
			diag_warn(c->diags, n->span,
				  "Variable %s is used outside of the block in which it was assigned",
				  variable_text(c, n->text));
			diag_hint(c->diags,
				  "bpftrace 0.22 and later refuse that; declare it before the block: let %s;",
				  variable_text(c, n->text));
			v->warned = true;
		}
		return;
	}
	unknown(n);
	if (variable_widen(c, n->text))
		return;
	diag_error(c->diags, n->span, "Undefined or undeclared variable: %s", variable_text(c, n->text));
	for (size_t i = 0; i < walk_of(c)->n_visible; i++)
		str_closest_try(&near, walk_of(c)->visible[i].name);
	if (near.best && strlen(n->text) > 2)
		diag_hint(c->diags, "did you mean '%s'?", near.best);
	mem_free_ptr(&near.best);
}

/* ---- all of them ---- */

static void check_int(struct node *n)
{
	if (n->type && !n->type->is_signed && (n->number < 0 || n->type->enumeration))
		return;
	if (!n->type || (!n->type->enumeration && n->type->is_signed))
		n->type = type_literal(n->number);
}

static void check_comptime(struct checker *c, struct node *n)
{
	struct span span = n->span;

	check_value(c, n->a);
	unknown(n);
	if (!type_known(n->a->type))
		return;
	if (n->a->kind != NODE_INT && n->a->kind != NODE_BOOL && n->a->kind != NODE_STRING) {
		diag_error(c->diags, n->span, "Unable to evaluate at compile time.");
		return;
	}
	*n = *n->a;
	n->span = span;
}

/* A macro's body stands where its call was, and has the call's span; what is in it has the spans of the
 * macro. */
static bool is_expansion(const struct node *n)
{
	const struct node *first = n->n_list ? n->list[0] : n->a;

	return first && (first->span.src != n->span.src || first->span.begin < n->span.begin ||
			 first->span.end > n->span.end);
}

static void check_block_or_macro(struct checker *c, struct node *n, enum use use)
{
	unsigned errors = diags_errors(c->diags);

	check_block(c, n, use);
	if (diags_errors(c->diags) > errors && is_expansion(n))
		diag_error(c->diags, n->span, "expanded from");
}

static void report_expansions(struct checker *c, const struct expanded *e)
{
	if (!e)
		return;
	report_expansions(c, e->inner);
	diag_error(c->diags, e->from, "expanded from");
}

static void check_kind(struct checker *c, struct node *n, enum use use)
{
	switch (n->kind) {
	case NODE_INT:
		check_int(n);
		break;
	case NODE_BOOL:
		n->type = &type_bool;
		break;
	case NODE_STRING:
		n->type = type_string(c->arena, (uint64_t)n->number + 1);
		break;
	case NODE_NAME:
	case NODE_BUILTIN:
		check_name(c, n, use);
		break;
	case NODE_CALL:
		check_call(c, n, use);
		break;
	case NODE_SCRATCH:
		check_scratch(c, n);
		break;
	case NODE_MAP:
		check_map(c, n);
		break;
	case NODE_UNARY:
		check_unary(c, n);
		break;
	case NODE_BINARY:
		check_binary(c, n);
		break;
	case NODE_TERNARY:
		check_ternary(c, n, use);
		break;
	case NODE_INCDEC:
		check_incdec(c, n);
		break;
	case NODE_DEREF:
		check_deref(c, n);
		break;
	case NODE_ADDRESS:
		check_address(c, n);
		break;
	case NODE_MEMBER:
		check_member(c, n);
		break;
	case NODE_INDEX:
		check_index(c, n);
		break;
	case NODE_CAST:
		check_cast(c, n);
		break;
	case NODE_SIZEOF:
		check_sizeof(c, n);
		break;
	case NODE_OFFSETOF:
		check_offsetof(c, n);
		break;
	case NODE_TYPEINFO:
		check_typeinfo(c, n);
		break;
	case NODE_TUPLE:
		check_tuple(c, n);
		break;
	case NODE_BLOCK:
		check_block_or_macro(c, n, use);
		break;
	case NODE_IF:
		check_if(c, n, use);
		break;
	case NODE_COMPTIME:
		check_comptime(c, n);
		break;
	case NODE_POSITIONAL:
		diag_error(c->diags, n->span, "the parameter $%lld has no value here", (long long)n->number);
		unknown(n);
		break;
	default:
		diag_error(c->diags, n->span, "a statement cannot be used as a value");
		unknown(n);
	}
}

void check_expr(struct checker *c, struct node *n, enum use use)
{
	const struct expanded *expanded = n->expanded;
	unsigned errors = diags_errors(c->diags);

	check_kind(c, n, use);
	if ((use == USE_VALUE || use == USE_FIELD) && n->type->kind == TYPE_VOID) {
		if (n->type->text)
			diag_error(c->diags, n->span, "values of type '%s' are not supported", n->type->text);
		else
			diag_error(c->diags, n->span, "this has no value: it can only be a statement");
		unknown(n);
	}
	if (expanded && diags_errors(c->diags) > errors)
		report_expansions(c, expanded);
}
