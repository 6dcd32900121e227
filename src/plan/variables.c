/* variables.c - reads through variables that hold more than one pointer.
 *
 * place.c follows a variable that is given its value once. Two kinds of others become such.
 *
 * A variable that is given one pointer after another is one variable after another:
 *
 *	$p = arg0; print($p->n); $p = $p->next; print($p->n);
 *	$p = arg0; print($p->n); $p.2 = $p->next; print($p.2->n);
 *
 * An unroll is its block so many times. Each branch of an if goes on from what was before it, and what either of
 * them leaves is given to one variable more (in compilers' words: static single assignment, with the joins in place
 * of its phi functions). What is written in a loop stays one variable.
 *
 * A variable that is given one of several pointers is compared with each of them; memory is read through all of
 * them at the hit, and the one that the variable holds is the one that counts:
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

static struct node *made_cast(const struct lower *l, struct node *of, const struct node *like)
{
	struct node *n = lower_new_node(l, NODE_CAST, like, like->type);

	n->a = of;
	return n;
}

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
	const char **names;		/* ... how it is called, when it was split */
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

static const char *version_name(struct versions *v, const char *name, unsigned slot, unsigned now)
{
	return now == slot ? name : arena_fmt(v->l->arena, "%s.%u", name, now);
}

static void read_now(void *ctx, struct node **child)
{
	struct versions *v = ctx;
	struct node *n = *child;

	if (n->kind == NODE_SCRATCH && n->slot < v->n) {
		n->text = version_name(v, n->text, n->slot, v->now[n->slot]);
		n->slot = v->now[n->slot];
	}
	node_children(n, read_now, v);
}

/* What a statement gives the variable that it moves on: e, $p + e, $p + 1. */
static struct node *next_value(const struct versions *v, const struct node *n, const struct node *variable)
{
	struct node *sum = lower_new_node(v->l, NODE_BINARY, n, variable->type);

	if (n->kind == NODE_LET)
		return n->a;
	if (n->kind == NODE_ASSIGN && n->op == OP_NONE)
		return n->b;
	sum->op = n->op;
	sum->a = node_copy(v->l->arena, variable);
	sum->b = n->b;
	if (n->kind == NODE_INCDEC) {
		sum->op = n->number < 0 ? OP_SUB : OP_ADD;
		sum->b = lower_new_node(v->l, NODE_INT, n, &type_int64);
		sum->b->number = 1;
	}
	return sum;
}

/* The statement becomes `$p.2 = value`, of what was $p so far; from here on $p is $p.2. */
static void write_next(struct versions *v, struct node *n, unsigned slot)
{
	struct node *to = lower_new_node(v->l, NODE_SCRATCH, n, v->action->slots[slot]), *value;

	to->slot = slot;
	to->text = v->names[slot] = n->kind == NODE_LET ? n->text : n->a->text;
	value = next_value(v, n, to);
	read_now(v, &value);
	v->now[slot] = lower_add_slot(v->l, v->action, to->type);
	read_now(v, &to);
	*n = *lower_assign(v->l, n, to, value);
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
		i--;			/* what came may be an unroll itself */
	}
}

/* What is written in an expression or a loop stays one variable; in blocks and branches it is one after another. */
static void scan_block(struct versions *v, struct node *block)
{
	unsigned slot;

	for (unsigned i = 0; i < block->n_list; i++) {
		struct node *n = block->list[i];

		if (moves(n, &slot) || n->kind == NODE_LET) {
			node_children(n, find_inside, v);
		} else if (n->kind == NODE_BLOCK) {
			scan_block(v, n);
		} else if (n->kind == NODE_IF) {
			find_inside(v, &n->a);
			scan_block(v, n->b);
			for (n = n->c; n && n->kind == NODE_IF; n = n->c) {
				find_inside(v, &n->a);
				scan_block(v, n->b);
			}
			if (n)
				scan_block(v, n);
		} else {
			find_inside(v, &block->list[i]);
		}
	}
}

static void split_block(struct versions *v, struct node *block);

static void add_statement(struct arena *a, struct node *block, struct node *statement)
{
	struct node **list = arena_alloc(a, (block->n_list + 1) * sizeof(*list));

	if (block->n_list)
		memcpy(list, block->list, block->n_list * sizeof(*list));
	list[block->n_list++] = statement;
	block->list = list;
}

static struct node *version(struct versions *v, const struct node *like, unsigned slot, unsigned now)
{
	struct node *n = lower_new_node(v->l, NODE_SCRATCH, like, v->action->slots[now]);

	n->slot = now;
	n->text = version_name(v, v->names[slot], slot, now);
	return n;
}

/* At the end of a branch, $p.7 = $p.5. */
static void add_join(struct versions *v, struct node *branch, unsigned slot, unsigned to, unsigned from)
{
	add_statement(v->l->arena, branch, lower_assign(v->l, branch, version(v, branch, slot, to),
						       version(v, branch, slot, from)));
}

/* Each branch goes on from what was before it. Where they end with different ones, a new one is given either. */
static void split_branches(struct versions *v, struct node *n)
{
	struct arena *a = v->l->arena;
	size_t size = (v->n + 1) * sizeof(*v->now);
	unsigned *before = arena_alloc(a, size), *then = arena_alloc(a, size);

	read_now(v, &n->a);
	memcpy(before, v->now, size);
	split_block(v, n->b);
	memcpy(then, v->now, size);
	memcpy(v->now, before, size);
	if (!n->c || n->c->kind == NODE_IF) {
		struct node *otherwise = lower_new_node(v->l, NODE_BLOCK, n, &type_void);

		if (n->c)
			add_statement(a, otherwise, n->c);
		n->c = otherwise;
	}
	split_block(v, n->c);
	for (unsigned i = 0; i < v->n; i++) {
		unsigned both;

		if (then[i] == v->now[i])
			continue;
		both = lower_add_slot(v->l, v->action, v->action->slots[i]);
		add_join(v, n->b, i, both, then[i]);
		add_join(v, n->c, i, both, v->now[i]);
		v->now[i] = both;
	}
	if (n->c->n_list == 0)
		n->c = NULL;
}

static void split_block(struct versions *v, struct node *block)
{
	struct lower *l = v->l;
	unsigned slot;

	for (unsigned i = 0; i < block->n_list; i++) {
		struct node *n = block->list[i];

		if (moves(n, &slot) && v->followed[slot] && !v->inside[slot] && l->slots[slot].writes > 1)
			write_next(v, n, slot);
		else if (n->kind == NODE_LET && !n->a)
			v->now[n->slot] = n->slot;	/* 0 again */
		else if (n->kind == NODE_BLOCK)
			split_block(v, n);
		else if (n->kind == NODE_IF)
			split_branches(v, n);
		else
			read_now(v, &block->list[i]);
	}
}

static void split_variables(struct lower *l, struct action *a)
{
	struct versions v = { .l = l, .action = a, .n = a->n_slots };

	v.now = arena_alloc(l->arena, (v.n + 1) * sizeof(*v.now));
	v.followed = arena_alloc(l->arena, (v.n + 1) * sizeof(*v.followed));
	v.inside = arena_alloc(l->arena, (v.n + 1) * sizeof(*v.inside));
	v.names = arena_alloc(l->arena, (v.n + 1) * sizeof(*v.names));
	for (unsigned i = 0; i < v.n; i++) {
		v.now[i] = i;
		find_followed(&v, &a->body);	/* $a = $b, $b = $c: a step further each time */
	}
	unroll(&v, a->body);
	lower_begin(l, l->tap, a);
	scan_block(&v, a->body);
	split_block(&v, a->body);
}

/* ---- one of several ---- */

struct choice {
	struct lower *l;
	const struct node *variable;		/* NODE_SCRATCH */
	const struct node *pointers[16];	/* that it may hold; 0 is none of them */
	unsigned n;
	bool all;				/* are these all? */
	unsigned slot, depth;			/* whose values are looked for: its own, or of a variable that it was
						 * given */
};

static const struct node *uncast(const struct node *n)
{
	while (n->kind == NODE_CAST || n->kind == NODE_COMPTIME)
		n = n->a;
	return n;
}

/* A copy in which variables are what they were given: they may be in a branch that was not taken. */
static struct node *resolved(struct lower *l, const struct node *n)
{
	const struct slot_use *use = n->kind == NODE_SCRATCH && n->slot < l->n_slots ? &l->slots[n->slot] : NULL;
	struct node *copy;

	if (use && use->writes == 1 && use->value)
		return made_cast(l, resolved(l, use->value), n);
	copy = node_copy(l->arena, n);
	copy->a = n->a ? resolved(l, n->a) : NULL;
	copy->b = n->b ? resolved(l, n->b) : NULL;
	copy->c = n->c ? resolved(l, n->c) : NULL;
	for (unsigned i = 0; i < n->n_list; i++)
		copy->list[i] = resolved(l, n->list[i]);
	return copy;
}

/* let $p; and no more */
static bool is_unset(const struct lower *l, const struct node *n)
{
	const struct slot_use *use = n->kind == NODE_SCRATCH && n->slot < l->n_slots ? &l->slots[n->slot] : NULL;

	return use && use->writes == 1 && use->at->kind == NODE_LET && !use->value;
}

static void add_pointers_of(struct choice *c, unsigned slot);

static void add_pointer(struct choice *c, const struct node *value)
{
	const struct node *n = uncast(value);
	struct place p;

	if (!c->all)
		return;
	if (n->kind == NODE_TERNARY && n->b) {
		add_pointer(c, n->b);
		add_pointer(c, n->c);
	} else if ((n->kind == NODE_INT && n->number == 0) || is_unset(c->l, n)) {
		return;
	} else if (n->kind == NODE_SCRATCH && n->slot < c->l->n_slots) {
		add_pointers_of(c, n->slot);
	} else if (c->n == ARRAY_LEN(c->pointers) || !place_of(c->l, value, &p)) {
		c->all = false;
	} else {
		c->pointers[c->n++] = resolved(c->l, value);
	}
}

static void find_pointers(void *ctx, struct node **child)
{
	struct choice *c = ctx;
	const struct node *n = *child, *target = target_of(n);
	unsigned slot = c->slot;

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

static void add_pointers_of(struct choice *c, unsigned slot)
{
	enum { MAX_DEPTH = 16 };
	unsigned asker = c->slot;

	if (c->depth == MAX_DEPTH) {		/* in a loop they may be given to each other */
		c->all = false;
		return;
	}
	c->depth++;
	c->slot = slot;
	find_pointers(c, &c->l->action->body);
	c->slot = asker;
	c->depth--;
}

/* What a read through no pointer gives; NULL: there is no word for it. */
static struct node *nothing(struct lower *l, const struct node *like)
{
	struct node *n = lower_new_node(l, NODE_INT, like, like->type);

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
	struct node *copy = node_copy(c->l->arena, read), *hole = source_of(copy);

	*hole = *made_cast(c->l, node_copy(c->l->arena, pointer), hole);
	return copy;
}

/* Whether it is that one, this read through it; and so on. */
static struct node *choose(struct choice *c, const struct node *read, struct node *otherwise)
{
	for (unsigned i = c->n; i-- > 0;) {
		struct node *choice = lower_new_node(c->l, NODE_TERNARY, read, read->type);

		choice->a = lower_new_node(c->l, NODE_BINARY, read, &type_bool);
		choice->a->op = OP_EQ;
		choice->a->a = node_copy(c->l->arena, c->variable);
		choice->a->b = node_copy(c->l->arena, c->pointers[i]);
		choice->b = read_through(c, read, c->pointers[i]);
		choice->c = otherwise;
		otherwise = choice;
	}
	return otherwise;
}

static void find_choices(void *ctx, struct node **child)
{
	struct lower *l = ctx;
	struct node *n = *child, *otherwise;
	struct choice c = { .l = l, .all = true };
	struct place p;

	if (node_reads_memory(n) && n->type->kind != TYPE_VOID &&
	    !(n->kind == NODE_CALL ? place_behind(l, node_pointer(n), &p) : place_of(l, n, &p)) &&
	    !l->why.map)
		c.variable = source_of(n);
	if (c.variable)
		add_pointers_of(&c, c.variable->slot);
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
