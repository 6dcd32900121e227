/* variables.c - reads through variables that hold more than one pointer.
 *
 * place.c follows a variable that is given its value once. Two kinds of others become such.
 *
 * A variable that is given one pointer after another is one variable after another:
 *
 *	$p = arg0; print($p->n); $p = $p->next; print($p->n);
 *	$p = arg0; print($p->n); $p.2 = $p->next; print($p.2->n);
 *
 * That is known of what always happens, in the order in which it stands: of assignments in the body itself.
 * An unroll is its block so many times; a branch and a loop are neither.
 *
 * A variable that is given one of several pointers, in branches, is compared with each of them; memory is
 * read through all of them at the hit, and the one that the variable holds is the one that counts:
 *
 *	$q = arg1 ? arg0 : arg2; print(str($q));
 *	$q = arg1 ? arg0 : arg2; print($q == arg0 ? str(arg0) : $q == arg2 ? str(arg2) : "");
 *
 * A loop that goes along a list has pointers without end. That stays what only BPF can do.
 */
#include "plan/lower.h"

#include <stdlib.h>
#include <string.h>

/* A record has 128 fetches, most of them behind others: what needs more is not worth unrolling. */
enum { MAX_TIMES = 48, MAX_STATEMENTS = 512 };

/* ---- what is written, and what is followed ---- */

/* The variable that an assignment, ++ or & is about, or a part of it; NULL: a map, or none. */
static const struct node *target_of(const struct node *n)
{
	const struct node *target =
		n->kind == NODE_ASSIGN || n->kind == NODE_INCDEC || n->kind == NODE_ADDRESS ? n->a : NULL;

	while (target && target->kind != NODE_SCRATCH && target->kind != NODE_MAP)
		target = target->a;
	return target && target->kind == NODE_SCRATCH ? target : NULL;
}

/* The variable at the source of the pointer that an expression follows or is; NULL: there is none. */
static struct node *source_of(struct node *n)
{
	while (n && n->kind != NODE_SCRATCH) {
		if (n->kind == NODE_CALL)
			n = n->builtin && n->n_list ? n->list[0] : NULL;
		else if (n->kind == NODE_MEMBER || n->kind == NODE_INDEX || n->kind == NODE_DEREF ||
			 n->kind == NODE_CAST || n->kind == NODE_BINARY)
			n = n->a;
		else
			return NULL;
	}
	return n;
}

/* ---- one variable after another ---- */

struct versions {
	struct lower *l;
	struct action *action;
	unsigned n;			/* variables that the program has; by slot: */
	unsigned *now;			/* ... which one stands for it */
	bool *followed;			/* ... does it lead to memory? */
	bool *inside;			/* ... is it written inside of a statement? */
};

static void find_followed(void *ctx, struct node **child)
{
	struct versions *v = ctx;
	struct node *n = *child, *source = node_reads_memory(n) ? source_of(n) : NULL;

	if (n->kind == NODE_ASSIGN && n->a && n->a->kind == NODE_SCRATCH && v->followed[n->a->slot])
		source = source_of(n->b);
	if (n->kind == NODE_LET && n->a && v->followed[n->slot])
		source = source_of(n->a);
	if (source)
		v->followed[source->slot] = true;
	node_children(n, find_followed, v);
}

static void find_inside(void *ctx, struct node **child)
{
	struct versions *v = ctx;
	const struct node *n = *child, *target = target_of(n);

	if (target)
		v->inside[target->slot] = true;
	if (n->kind == NODE_FOR || n->kind == NODE_LET)
		v->inside[n->slot] = true;
	node_children(*child, find_inside, v);
}

/* The slot of the variable that a statement moves on: $p = e, let $p = e, $p += e, $p++. */
static bool moves(const struct node *n, unsigned *slot)
{
	*slot = n->kind == NODE_LET ? n->slot : n->a && n->a->kind == NODE_SCRATCH ? n->a->slot : 0;
	return n->kind == NODE_LET ? n->a != NULL
				   : (n->kind == NODE_ASSIGN || n->kind == NODE_INCDEC) && n->a &&
					     n->a->kind == NODE_SCRATCH;
}

static void read_now(void *ctx, struct node **child)
{
	struct versions *v = ctx;
	struct node *n = *child;

	if (n->kind == NODE_SCRATCH && n->slot < v->n && v->now[n->slot] != n->slot) {
		n->text = arena_fmt(v->l->arena, "%s.%u", n->text, v->now[n->slot]);
		n->slot = v->now[n->slot];
	}
	node_children(n, read_now, v);
}

static unsigned add_slot(struct arena *arena, struct action *a, const struct type *t)
{
	const struct type **types = arena_alloc(arena, (a->n_slots + 1) * sizeof(*types));

	memcpy(types, a->slots, a->n_slots * sizeof(*types));
	types[a->n_slots] = t;
	a->slots = types;
	return a->n_slots++;
}

/* What a statement gives the variable that it moves on: e, $p + e, $p + 1. */
static struct node *next_value(struct arena *a, const struct node *n, const struct node *variable)
{
	struct node *by = n->b, *sum = arena_alloc(a, sizeof(*sum));

	if (n->kind == NODE_LET)
		return n->a;
	if (n->kind == NODE_ASSIGN && n->op == OP_NONE)
		return n->b;
	if (n->kind == NODE_INCDEC) {
		by = arena_alloc(a, sizeof(*by));
		*by = (struct node){.kind = NODE_INT, .span = n->span, .number = 1, .type = &type_int64};
	}
	*sum = (struct node){.kind = NODE_BINARY,
			     .span = n->span,
			     .type = variable->type,
			     .b = by,
			     .op = n->kind == NODE_ASSIGN ? n->op
				   : n->number < 0        ? OP_SUB
							  : OP_ADD,
			     .a = node_copy(a, variable)};
	return sum;
}

/* The statement becomes `$p.2 = value`, of what was $p so far; from here on $p is $p.2. */
static void write_next(struct versions *v, struct node *n, unsigned slot)
{
	struct arena *a = v->l->arena;
	struct node *to = arena_alloc(a, sizeof(*to)), *value;

	*to = (struct node){.kind = NODE_SCRATCH,
			    .span = n->span,
			    .slot = slot,
			    .type = v->action->slots[slot],
			    .text = n->kind == NODE_LET ? n->text : n->a->text};
	value = next_value(a, n, to);
	read_now(v, &value);
	v->now[slot] = add_slot(a, v->action, to->type);
	read_now(v, &to);
	*n = (struct node){.kind = NODE_ASSIGN, .span = n->span, .type = &type_void, .a = to, .b = value};
}

static void find_jump(void *ctx, struct node **child)
{
	if ((*child)->kind == NODE_BREAK || (*child)->kind == NODE_CONTINUE)
		*(bool *)ctx = true;
	node_children(*child, find_jump, ctx);
}

/* Is it an unroll whose block moves on a variable that leads to memory? */
static bool unrolls(const struct versions *v, struct node *n, int64_t *times)
{
	bool found = false, jumps = false;
	unsigned slot;

	if (n->kind != NODE_UNROLL || !node_constant(n->a, times) || *times > MAX_TIMES)
		return false;
	for (unsigned i = 0; i < n->b->n_list; i++)
		found |= moves(n->b->list[i], &slot) && v->followed[slot];
	find_jump(&jumps, &n->b);
	return found && !jumps;
}

/* Such an unroll becomes its statements, so many times. */
static void unroll(const struct versions *v, struct node *body)
{
	for (unsigned i = 0; i < body->n_list; i++) {
		const struct node *block = body->list[i]->b;
		struct node **list;
		int64_t times;
		unsigned n;

		if (!unrolls(v, body->list[i], &times))
			continue;
		n = (unsigned)times * block->n_list;
		if (body->n_list + n > MAX_STATEMENTS)
			return;
		list = arena_alloc(v->l->arena, (body->n_list + n) * sizeof(*list));
		memcpy(list, body->list, i * sizeof(*list));
		for (unsigned k = 0; k < n; k++)
			list[i + k] = node_copy(v->l->arena, block->list[k % block->n_list]);
		memcpy(list + i + n, body->list + i + 1, (body->n_list - i - 1) * sizeof(*list));
		body->list = list;
		body->n_list += n - 1;
		i--; /* what came may be an unroll itself */
	}
}

static void split_variables(struct lower *l, struct action *a)
{
	struct versions v = {.l = l, .action = a, .n = a->n_slots};
	struct node *body = a->body;
	unsigned slot;

	v.now = arena_alloc(l->arena, (v.n + 1) * sizeof(*v.now));
	v.followed = arena_alloc(l->arena, (v.n + 1) * sizeof(*v.followed));
	v.inside = arena_alloc(l->arena, (v.n + 1) * sizeof(*v.inside));
	for (unsigned i = 0; i < v.n; i++) {
		v.now[i] = i;
		find_followed(&v, &body); /* $a = $b, $b = $c: a step further each time */
	}
	unroll(&v, body);
	lower_begin(l, l->tap, a);
	for (unsigned i = 0; i < body->n_list; i++)
		if (moves(body->list[i], &slot))
			node_children(body->list[i], find_inside, &v);
		else
			find_inside(&v, &body->list[i]);
	for (unsigned i = 0; i < body->n_list; i++)
		if (moves(body->list[i], &slot) && v.followed[slot] && !v.inside[slot] &&
		    l->slots[slot].writes > 1)
			write_next(&v, body->list[i], slot);
		else
			read_now(&v, &body->list[i]);
}

/* ---- one of several ---- */

struct choice {
	struct lower *l;
	const struct node *variable;    /* NODE_SCRATCH */
	const struct node *pointers[8]; /* that it may hold; 0 is none of them */
	unsigned n;
	bool all; /* are these all? */
};

static const struct node *uncast(const struct node *n)
{
	while (n->kind == NODE_CAST || n->kind == NODE_COMPTIME)
		n = n->a;
	return n;
}

static void add_pointer(struct choice *c, const struct node *value)
{
	const struct node *n = uncast(value);
	struct place p;

	if (n->kind == NODE_TERNARY && n->b) {
		add_pointer(c, n->b);
		add_pointer(c, n->c);
	} else if (n->kind == NODE_INT && n->number == 0) {
		return;
	} else if (c->n == ARRAY_LEN(c->pointers) || !place_of(c->l, value, &p)) {
		c->all = false;
	} else {
		c->pointers[c->n++] = value;
	}
}

static void find_pointers(void *ctx, struct node **child)
{
	struct choice *c = ctx;
	const struct node *n = *child, *target = target_of(n);
	unsigned slot = c->variable->slot;

	if (target && target->slot == slot) {
		if (n->kind == NODE_ASSIGN && target == n->a && n->op == OP_NONE)
			add_pointer(c, n->b);
		else
			c->all = false;
	} else if (n->kind == NODE_LET && n->slot == slot && n->a) {
		add_pointer(c, n->a);
	} else if (n->kind == NODE_FOR && n->slot == slot) {
		c->all = false;
	}
	node_children(*child, find_pointers, c);
}

/* What a read through no pointer gives; NULL: there is no word for it. */
static struct node *nothing(struct lower *l, const struct node *like)
{
	struct node *n = arena_alloc(l->arena, sizeof(*n));

	*n = (struct node){.kind = NODE_INT, .span = like->span, .type = like->type};
	switch (like->type->kind) {
	case TYPE_INT:
	case TYPE_BOOL:
	case TYPE_POINTER:
		return n;
	case TYPE_STRING:
		n->kind = NODE_STRING;
		n->text = "";
		return n;
	default:
		return NULL;
	}
}

/* The read through one of the pointers. */
static struct node *read_through(struct choice *c, const struct node *read, const struct node *pointer)
{
	struct arena *a = c->l->arena;
	struct node *copy = node_copy(a, read), *hole = source_of(copy);

	*hole = (struct node){
		.kind = NODE_CAST, .span = hole->span, .a = node_copy(a, pointer), .type = hole->type};
	return copy;
}

static struct node *choose(struct choice *c, const struct node *read, struct node *otherwise)
{
	struct arena *a = c->l->arena;

	for (unsigned i = c->n; i-- > 0;) {
		struct node *test = arena_alloc(a, sizeof(*test)), *choice = arena_alloc(a, sizeof(*choice));

		*test = (struct node){.kind = NODE_BINARY,
				      .op = OP_EQ,
				      .span = read->span,
				      .type = &type_bool,
				      .a = node_copy(a, c->variable),
				      .b = node_copy(a, c->pointers[i])};
		*choice = (struct node){.kind = NODE_TERNARY,
					.span = read->span,
					.type = read->type,
					.a = test,
					.b = read_through(c, read, c->pointers[i]),
					.c = otherwise};
		otherwise = choice;
	}
	return otherwise;
}

static void find_choices(void *ctx, struct node **child)
{
	struct lower *l = ctx;
	struct node *n = *child, *otherwise;
	struct choice c = {.l = l, .all = true};
	struct place p;

	if (node_reads_memory(n) && n->type->kind != TYPE_VOID &&
	    !(n->kind == NODE_CALL ? place_behind(l, node_pointer(n), &p) : place_of(l, n, &p)) &&
	    !l->why.map)
		c.variable = source_of(n);
	if (c.variable)
		find_pointers(&c, &l->action->body);
	otherwise = c.n && c.all ? nothing(l, n) : NULL;
	if (otherwise)
		*n = *choose(&c, n, otherwise);
	else
		node_children(n, find_choices, l);
}

void variables_program(struct lower *l)
{
	for (unsigned i = 0; i < l->n_taps; i++)
		for (unsigned k = 0; k < l->taps[i]->n_actions; k++) {
			struct action *a = l->taps[i]->actions[k];

			l->tap = l->taps[i];
			split_variables(l, a);
			lower_begin(l, l->taps[i], a);
			find_choices(l, &a->body);
		}
}
