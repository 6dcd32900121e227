/* types.c - questions about types, which macros ask of their arguments. They are answered while the program is
 * checked: the call becomes true or false.
 */
#include "builtin/builtin.h"

#include <string.h>

static bool answer(struct node *n, bool yes)
{
	n->kind = NODE_BOOL;
	n->number = yes;
	n->type = &type_bool;
	return true;
}

static bool check_is_ptr(struct checker *c, struct node *n)
{
	return answer(n, n->list[0]->type->kind == TYPE_POINTER);
}

static bool check_is_str(struct checker *c, struct node *n)
{
	return answer(n, n->list[0]->type->kind == TYPE_STRING);
}

static bool check_is_array(struct checker *c, struct node *n)
{
	return answer(n, n->list[0]->type->kind == TYPE_ARRAY);
}

static bool check_is_integer(struct checker *c, struct node *n)
{
	return answer(n, n->list[0]->type->kind == TYPE_INT);
}

static bool check_is_literal(struct checker *c, struct node *n)
{
	enum node_kind kind = n->list[0]->kind;

	return answer(n, kind == NODE_INT || kind == NODE_STRING || kind == NODE_BOOL);
}

/* The kernel returns errors as small negative numbers, in pointers too. */
static bool check_is_err(struct checker *c, struct node *n)
{
	n->type = &type_bool;
	return n->list[0]->type->kind == TYPE_POINTER || check_integer_arg(c, n, 0);
}

static void eval_is_err(struct eval *e, const struct node *n, union value *out)
{
	uint64_t v = (uint64_t)eval_number(e, n->list[0]);

	memset(out, 0, sizeof(*out));
	out->n = v >= (uint64_t)-4095;
}

const struct builtin builtin_types[] = {
	{ "is_ptr", BUILTIN_FUNCTION, 1, 1, .usage = "bool is_ptr(v)", .about = "is it a pointer?",
	  .check = check_is_ptr },
	{ "is_str", BUILTIN_FUNCTION, 1, 1, .usage = "bool is_str(v)", .about = "is it a string?",
	  .check = check_is_str },
	{ "is_array", BUILTIN_FUNCTION, 1, 1, .usage = "bool is_array(v)", .about = "is it an array?",
	  .check = check_is_array },
	{ "is_integer", BUILTIN_FUNCTION, 1, 1, .usage = "bool is_integer(v)", .about = "is it a number?",
	  .check = check_is_integer },
	{ "is_literal", BUILTIN_FUNCTION, 1, 1, .usage = "bool is_literal(v)", .about = "does it stand in the program?",
	  .check = check_is_literal },
	{ "is_err", BUILTIN_FUNCTION, 1, 1, .usage = "bool is_err(v)", .about = "is it one of the kernel's errors, -4095..-1?",
	  .check = check_is_err, .eval = eval_is_err },
	{ 0 }
};
