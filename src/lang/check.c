/* check.c - is the program right, and what type has each of its parts?
 *
 * A program is checked as a whole, and before anything is written to the kernel. Each clause is copied for
 * each of its attach points, because the same words can mean different things there, and the copies are
 * walked: names become builtins, variables get slots, maps and variables get types from how they are used. As
 * a map may be read in a clause before the one that fills it, all clauses are walked until a walk learns
 * nothing new (see check.h); then once more, to report.
 *
 * This file has the walk itself, the statements, and the blocks with their variables.
 */
#include "lang/check.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 40, MAX_UNROLL = 100 };

/* ---- blocks and their variables ---- */

static void check_statement(struct checker *c, struct node *n);

static void leave_block(struct checker *c, size_t visible)
{
	struct walk *w = walk_of(c);

	while (w->n_visible > visible) {
		const struct variable *v = &w->visible[--w->n_visible];

		if (v->let && !v->assigned)
			diag_warn(c->diags, v->span, "Variable %s was never assigned to.",
				  variable_text(c, v->name));
		if (!v->let && !v->loop)
			*MEM_PUSH(w->closed, w->n_closed) = v->name;
	}
	for (size_t i = 0; i < w->n_wide; i++)
		w->wide[i].closed |= w->wide[i].depth > w->depth;
}

void check_block(struct checker *c, struct node *n, enum use use)
{
	struct walk *w = walk_of(c);
	size_t visible = w->n_visible;

	n->type = &type_void;
	if (n->kind != NODE_BLOCK) {
		check_statement(c, n);
		return;
	}
	w->depth++;
	for (unsigned i = 0; i < n->n_list; i++)
		check_statement(c, n->list[i]);
	if (n->a && use == USE_STATEMENT) {
		check_statement(c, n->a);
	} else if (n->a) {
		check_expr(c, n->a, USE_VALUE);
		n->a->type = type_reduced(n->a->type);
		n->type = n->a->type;
	}
	w->depth--;
	leave_block(c, visible);
}

bool check_condition(struct checker *c, struct node *n)
{
	check_value(c, n);
	if (!type_known(n->type))
		return false;
	if (type_has_truth(n->type))
		return true;
	return diag_error(c->diags, n->span, "Invalid condition: %s", kind_name(n->type));
}

/* `if comptime e`: the branch that is not taken need not be right. */
static bool choose_branch(struct checker *c, struct node *n, enum use use)
{
	struct span span = n->span;
	int64_t value;

	if (n->a->kind != NODE_COMPTIME)
		return false;
	check_value(c, n->a);
	value = n->a->number; /* of a string its length */
	if (n->a->kind != NODE_STRING && !node_constant(n->a, &value)) {
		n->type = &type_unknown;
		return true;
	}
	if (value)
		*n = *n->b;
	else if (n->c)
		*n = *n->c;
	else
		*n = (struct node){ .kind = NODE_BLOCK, .span = span };
	if (n->kind == NODE_IF)
		check_if(c, n, use);
	else
		check_block(c, n, use);
	return true;
}

static void check_branch(struct checker *c, struct node *n, enum use use)
{
	if (n->kind == NODE_IF)
		check_if(c, n, use);
	else
		check_block(c, n, use);
}

void check_if(struct checker *c, struct node *n, enum use use)
{
	if (choose_branch(c, n, use))
		return;
	check_condition(c, n->a);
	check_branch(c, n->b, use);
	if (n->c)
		check_branch(c, n->c, use);
	n->type = &type_void;
	if (use != USE_STATEMENT && n->c)
		n->type = check_branches(c, n, n->b->type, n->c->type);
}

/* ---- assignments ---- */

/* What to write instead of copying a count: bpftrace's examples. */
static const char *const calls[N_TYPES] = {
	[TYPE_COUNT] = "count()",
	[TYPE_SUM] = "sum(retval)",
	[TYPE_MIN] = "min(retval)",
	[TYPE_MAX] = "max(retval)",
	[TYPE_AVG] = "avg(retval)",
	[TYPE_STATS] = "stats(arg2)",
	[TYPE_HIST] = "hist(retval)",
	[TYPE_LHIST] = "lhist(rand %10, 0, 10, 1)",
	[TYPE_TSERIES] = "tseries(rand %10, 10s, 1)",
};

static bool copied_aggregate(struct checker *c, const struct node *n)
{
	const struct type *t = n->b->type;

	diag_error(c->diags, n->span,
		   "Map value '%s' cannot be assigned from one map to another. The function that "
		   "returns this type must be called directly e.g. `%s = %s;`.",
		   type_text(c, t), n->a->text, calls[t->kind]);
	if (type_reduced(t) != t && n->b->kind == NODE_MAP && !n->b->a)
		diag_hint(c->diags,
			  "Add a cast to integer if you want the value of the aggregate, e.g. "
			  "`%s = (int64)%s;`.",
			  n->a->text, n->b->text);
	return false;
}

/* The type of what is assigned, after the operator of `a += b`; false when it is not known or not right. */
static bool assigned_type(struct checker *c, struct node *n, const struct type **out)
{
	if (n->op != OP_NONE) {
		n->b->type = type_reduced(n->b->type);
		n->a->type = type_reduced(n->a->type);
		*out = check_operator(c, n, n->op, n->a, n->b);
		return type_known(*out);
	}
	*out = n->b->type;
	if (!type_known(*out))
		return false;
	if ((*out)->kind == TYPE_VOID)
		return diag_error(c->diags, n->span, "Invalid expression for assignment: none");
	return true;
}

static void assign_map(struct checker *c, struct node *n)
{
	struct map_state *m = check_map_named(c, n->a);
	const struct type *t, *old;
	bool fine;

	if (n->a->a)
		check_value(c, n->a->a);
	fine = check_map_key(c, n->a, m, n->a->a ? n->a->a->type : NULL);
	check_expr(c, n->b, n->op == OP_NONE ? USE_MAP_VALUE : USE_VALUE);
	old = type_known(m->value) ? type_wide(c->arena, m->value)
	      : walk_of(c)->guess  ? &type_int64
				   : &type_unknown;
	n->a->type = n->type = old;
	m->assigned = true;
	if (!fine || !assigned_type(c, n, &t))
		return;
	if (n->op != OP_NONE && type_known(m->value) && type_clash(m->value, t))
		t = m->value;		/* @x -= 1 does not make a signed number of it */
	if (n->op == OP_NONE && type_is_aggregate(t) && n->b->kind != NODE_CALL)
		copied_aggregate(c, n);
	else
		check_map_value(c, n->a, m, t);
	if (type_known(m->value))
		n->a->type = n->type = type_wide(c->arena, m->value);
}

/* The name comes into sight after its value: `$x = $x` is an error when there is no $x yet. */
static void assign_scratch(struct checker *c, struct node *n)
{
	struct variable *v;
	const struct type *t;

	check_expr(c, n->b, USE_VALUE);
	n->type = n->a->type = &type_unknown;
	if (n->op != OP_NONE)
		check_expr(c, n->a, USE_VALUE);
	v = variable_find(c, n->a->text);
	if (!v && n->op != OP_NONE)
		return;
	if (!v)
		v = variable_declare(c, n->a->text, n->a->span);
	v->assigned = true;
	n->a->slot = v->slot;
	if (!assigned_type(c, n, &t))
		return;
	if (type_reduced(t) != t)
		t = n->b->type = type_reduced(t);
	if (type_is_aggregate(t)) {
		diag_error(c->diags, n->span, "Value '%s' cannot be assigned to a scratch variable.",
			   type_text(c, t));
		return;
	}
	if (n->op != OP_NONE && type_is_integer(n->a->type) &&
	    (walk_of(c)->frame->slots[v->slot].fixed || type_clash(n->a->type, t)))
		t = n->a->type; /* cut to what the variable holds */
	if (!check_variable_value(c, n, v, t))
		return;
	n->type = n->a->type = variable_type(c, v);
	if (n->op == OP_NONE && type_is_integer(n->type) && type_is_integer(t) && n->type->size < t->size)
		wrap_cast(c, n->b, n->type);
}

static bool is_place(const struct node *n)
{
	while (n->kind == NODE_MEMBER || n->kind == NODE_INDEX)
		n = n->a;
	return n->kind == NODE_SCRATCH || n->kind == NODE_MAP;
}

static void assign_member(struct checker *c, struct node *n)
{
	_cleanup_(str_release) struct str place = STR_INIT;
	const struct type *t;

	check_value(c, n->a);
	check_value(c, n->b);
	n->type = n->a->type;
	if (n->a->kind == NODE_NAME) {		/* unknown, and that was said */
		diag_hint(c->diags, "a variable is written $%s, a map @%s", n->a->text, n->a->text);
		return;
	}
	if (!is_place(n->a) || n->a->kind == NODE_INDEX) {
		diag_error(c->diags, n->a->span,
			   "only maps, variables and members of their values can be assigned to");
		return;
	}
	if (!type_known(n->a->type) || !assigned_type(c, n, &t))
		return;
	if (type_join(c, n->a->type, t))
		return;
	node_print(n->a, &place);
	diag_error(c->diags, n->span,
		   "Type mismatch for %s: trying to assign value of type '%s' when it already has a "
		   "type '%s'",
		   place.s, type_text(c, t), type_text(c, n->a->type));
}

static void check_assign(struct checker *c, struct node *n)
{
	n->type = &type_void;
	if (!n->a)
		check_value(c, n->b);
	else if (n->a->kind == NODE_MAP)
		assign_map(c, n);
	else if (n->a->kind == NODE_SCRATCH)
		assign_scratch(c, n);
	else
		assign_member(c, n);
}

static void check_let(struct checker *c, struct node *n)
{
	const struct variable *before = variable_find(c, n->text);
	const struct type *spec = n->spec ? check_spec(c, n->spec) : NULL, *value;
	struct slot_state *s;
	struct variable *v;

	if (before) {
		diag_error(c->diags, n->span,
			   "Variable %s was already declared. Variable shadowing is not allowed.",
			   variable_text(c, n->text));
		if (n->a)
			check_value(c, n->a);
		n->type = &type_unknown;
		return;
	}
	if (n->a)
		check_value(c, n->a);
	v = variable_declare(c, n->text, n->span);
	v->let = true;
	n->slot = v->slot;
	s = &walk_of(c)->frame->slots[v->slot];
	if (spec && type_known(spec)) {
		s->fixed = true;
		s->type = spec;
	}
	value = n->a ? n->a->type : NULL;
	if (n->a && type_known(value) && type_is_aggregate(value))
		diag_error(c->diags, n->span, "Value '%s' cannot be assigned to a scratch variable.",
			   type_text(c, value));
	else if (n->a && check_variable_value(c, n, v, value) && s->fixed && type_is_integer(s->type) &&
		 type_known(value) && s->type->size < value->size)
		wrap_cast(c, n->a, s->type);
	n->type = variable_type(c, v);
}

/* ---- loops ---- */

static void check_while(struct checker *c, struct node *n)
{
	check_condition(c, n->a);
	walk_of(c)->loops++;
	check_block(c, n->b, USE_STATEMENT);
	walk_of(c)->loops--;
}

static void check_unroll(struct checker *c, struct node *n)
{
	int64_t times;

	check_value(c, n->a);
	if (!type_known(n->a->type))
		; /* reported */
	else if (!type_is_integer(n->a->type) || !node_constant(n->a, &times))
		diag_error(c->diags, n->a->span, "invalid unroll value");
	else if (times > MAX_UNROLL)
		diag_error(c->diags, n->a->span, "unroll maximum value is %d", MAX_UNROLL);
	else if (times < 1)
		diag_error(c->diags, n->a->span, "unroll minimum value is 1");
	walk_of(c)->loops++;
	check_block(c, n->b, USE_STATEMENT);
	walk_of(c)->loops--;
}

/* for ($kv : @map): the variable is (key, value). */
static const struct type *pair_of(struct checker *c, struct node *n)
{
	struct map_state *m = check_map_named(c, n->a);
	const struct type *types[2];

	n->a->type = check_map_type(c, n->a, m);
	if (m->used && !m->keyed) {
		diag_error(c->diags, n->a->span,
			   "%s has no explicit keys (scalar map), and cannot be used for iteration",
			   n->a->text);
		return &type_unknown;
	}
	if (!type_known(n->a->type) || !type_known(m->key))
		return &type_unknown;
	types[0] = type_wide(c->arena, m->key);
	types[1] = type_reduced(n->a->type);
	if (type_is_aggregate(types[1])) {
		diag_error(c->diags, n->a->span, "Loop expression does not support type: %s",
			   type_text(c, types[1]));
		return &type_unknown;
	}
	return type_tuple(c->arena, types, NULL, 2);
}

static void check_bound(struct checker *c, struct node *n)
{
	check_value(c, n);
	if (type_known(n->type) && !type_is_integer(n->type))
		diag_error(c->diags, n->span, "Loop range requires an integer for its bounds (%s provided)",
			   kind_name(n->type));
}

static void check_for(struct checker *c, struct node *n)
{
	struct walk *w = walk_of(c);
	size_t visible = w->n_visible;
	const struct type *t = &type_int64;
	struct variable *v;

	if (variable_find(c, n->text))
		diag_error(c->diags, n->span, "Loop declaration shadows existing variable: %s",
			   variable_text(c, n->text));
	if (n->b) {
		check_bound(c, n->a);
		check_bound(c, n->b);
	} else if (n->a->kind == NODE_MAP && !n->a->a) {
		t = pair_of(c, n);
	} else {
		check_value(c, n->a);
		if (type_known(n->a->type))
			diag_error(c->diags, n->a->span, "Loop expression requires a map");
		t = &type_unknown;
	}
	v = variable_declare(c, n->text, n->span);
	v->assigned = v->loop = true;
	n->slot = v->slot;
	if (type_known(t)) {
		struct slot_state *s = &w->frame->slots[v->slot];

		if (!s->type || !type_same(s->type, t))
			w->changed = true;
		s->type = t;
		s->fixed = true;
	}
	w->loops++;
	check_block(c, n->c, USE_STATEMENT);
	w->loops--;
	leave_block(c, visible);
	n->type = t;
}

/* ---- the other statements ---- */

static void check_jump(struct checker *c, struct node *n)
{
	if (walk_of(c)->loops == 0)
		diag_error(c->diags, n->span, "%s used outside of a loop",
			   n->kind == NODE_BREAK ? "break" : "continue");
}

static void check_return(struct checker *c, struct node *n)
{
	const struct subprogram *s = walk_of(c)->subprogram;
	const struct type *t = &type_void;

	if (n->a) {
		check_value(c, n->a);
		t = n->a->type;
	}
	if (!s || !type_known(t) || !type_known(s->result))
		return;
	if (t->kind != s->result->kind ? !type_join(c, s->result, t)
				       : t->kind != TYPE_VOID && !type_join(c, s->result, t))
		diag_error(c->diags, n->span, "Function %s is of type %s, cannot return %s", s->name,
			   type_text(c, s->result), type_text(c, t));
	else if (n->a && type_is_integer(t) && t->size > s->result->size)
		wrap_cast(c, n->a, s->result);
}

/* Is it a pity that nobody uses the value? Not when the expression does something, too. */
static bool is_wasted(const struct node *n)
{
	switch (n->kind) {
	case NODE_INCDEC:
	case NODE_BLOCK: /* its last part was looked at already */
	case NODE_IF:
		return false;
	case NODE_CALL:
		return n->builtin && !n->builtin->map;
	default:
		return true;
	}
}

static void check_statement(struct checker *c, struct node *n)
{
	switch (n->kind) {
	case NODE_ASSIGN:
		check_assign(c, n);
		return;
	case NODE_LET:
		check_let(c, n);
		return;
	case NODE_WHILE:
		check_while(c, n);
		break;
	case NODE_UNROLL:
		check_unroll(c, n);
		break;
	case NODE_FOR:
		check_for(c, n);
		return;
	case NODE_BREAK:
	case NODE_CONTINUE:
		check_jump(c, n);
		break;
	case NODE_RETURN:
		check_return(c, n);
		break;
	default:
		check_expr(c, n, USE_STATEMENT);
		if (type_known(n->type) && n->type->kind != TYPE_VOID && is_wasted(n)) {
			diag_warn(c->diags, n->span, "Return value discarded.");
			diag_hint(c->diags, "if that is meant: _ = ...");
		}
		return;
	}
	n->type = &type_void;
}

/* ---- a clause, a subprogram ---- */

static void begin(struct checker *c, unsigned frame)
{
	struct walk *w = walk_of(c);

	w->frame = &w->frames[frame];
	if (w->frame->renumber) {
		w->frame->n = 0;
		w->frame->renumber = false;
	}
	w->n_visible = w->n_wide = w->n_closed = 0;
	w->depth = w->loops = w->n_slots = 0;
	w->subprogram = NULL;
	c->action = NULL;
	c->point = NULL;
}

static void check_subprogram(struct checker *c, struct subprogram *s, const struct node *body, unsigned frame)
{
	struct walk *w = walk_of(c);

	begin(c, frame);
	w->subprogram = s;
	for (unsigned i = 0; i < s->n_parameters; i++) {
		struct variable *v = variable_declare(c, s->parameters[i].name, s->span);

		v->assigned = true;
		s->parameters[i].slot = v->slot;
		w->frame->slots[v->slot].type = s->parameters[i].type;
		w->frame->slots[v->slot].fixed = true;
	}
	s->body = node_copy(c->arena, body);
	check_block(c, s->body, USE_STATEMENT);
	s->n_slots = w->n_slots;
	leave_block(c, 0);
}

static void check_predicate(struct checker *c, struct node *n)
{
	check_value(c, n);
	if (type_known(n->type) && !type_has_truth(n->type))
		diag_error(c->diags, n->span, "Invalid type for predicate: %s", kind_name(n->type));
}

static void check_action(struct checker *c, struct action *a, unsigned frame)
{
	begin(c, frame);
	c->action = a;
	c->point = a->point;
	a->predicate = a->clause->predicate ? node_copy(c->arena, a->clause->predicate) : NULL;
	a->body = node_copy(c->arena, a->clause->body);
	if (a->predicate)
		check_predicate(c, a->predicate);
	check_block(c, a->body, USE_STATEMENT);
	leave_block(c, 0);
	a->n_slots = walk_of(c)->n_slots;
}

/* The clause was right (or not) at its first attach point; at the others only what is wrong for the first
 * time is news. */
static void check_again(struct checker *c, struct action *a, unsigned frame, bool was_right)
{
	struct walk *w = walk_of(c);
	struct diags *real = c->diags;
	bool *reported = mem_alloc(w->n_maps + 1), wrong;

	for (unsigned i = 0; i < w->n_maps; i++)
		reported[i] = w->maps[i]->reported;
	c->diags = diags_new();
	check_action(c, a, frame);
	wrong = diags_errors(c->diags) > 0;
	diags_free(c->diags);
	c->diags = real;
	for (unsigned i = 0; i < w->n_maps; i++)
		w->maps[i]->reported = reported[i];
	free(reported);
	if (wrong && was_right)
		check_action(c, a, frame);
}

/* ---- the walk ---- */

static void walk_program(struct checker *c, const struct node *const *bodies)
{
	struct program *p = c->program;
	unsigned frame = 0, i = 0;

	for (; frame < p->n_subprograms; frame++)
		check_subprogram(c, p->subprograms[frame], bodies[frame], frame);
	while (i < p->n_actions) {
		const struct clause *clause = p->actions[i]->clause;
		unsigned before = diags_errors(c->diags);
		bool right;

		check_action(c, p->actions[i], frame + i);
		right = diags_errors(c->diags) == before;
		for (i++; i < p->n_actions && p->actions[i]->clause == clause; i++) {
			if (walk_of(c)->final)
				check_again(c, p->actions[i], frame + i, right);
			else
				check_action(c, p->actions[i], frame + i);
		}
	}
}

/* What is said before all types are known may be wrong: nobody hears it. */
static void find_types(struct checker *c, const struct node *const *bodies)
{
	struct walk *w = walk_of(c);
	struct diags *real = c->diags;

	for (w->round = 0; w->round < MAX_ROUNDS; w->round++) {
		w->changed = false;
		c->diags = diags_new();
		walk_program(c, bodies);
		diags_free(c->diags);
		if (w->changed)
			continue;
		if (w->guess)
			break;
		w->guess = true;
	}
	c->diags = real;
	w->final = true;
}

static void make_actions(struct program *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n_clauses; i++)
		n += p->clauses[i]->n_points;
	p->actions = arena_alloc(p->arena, (n + 1) * sizeof(*p->actions));
	p->n_actions = 0;
	for (unsigned i = 0; i < p->n_clauses; i++)
		for (unsigned j = 0; j < p->clauses[i]->n_points; j++) {
			struct action *a = arena_alloc(p->arena, sizeof(*a));

			*a = (struct action){ .clause = p->clauses[i], .point = &p->clauses[i]->points[j] };
			p->actions[p->n_actions++] = a;
		}
}

static void check_signatures(struct checker *c)
{
	for (unsigned i = 0; i < c->program->n_subprograms; i++) {
		struct subprogram *s = c->program->subprograms[i];

		for (unsigned j = 0; j < s->n_parameters; j++)
			s->parameters[j].type =
				s->parameters[j].spec ? check_spec(c, s->parameters[j].spec) : &type_int64;
		s->result = s->result_spec ? check_spec(c, s->result_spec) : &type_void;
	}
}

/* `@a = @b; @b = @a;`: each gets what the other has, and nobody says what that is. A key may be as unknown. */
static void report_unknown_maps(struct checker *c)
{
	for (unsigned i = 0; i < walk_of(c)->n_maps; i++) {
		const struct map_state *m = walk_of(c)->maps[i];

		if ((m->assigned && !type_known(m->value)) || (m->key && !type_known(m->key)))
			diag_error(c->diags, c->program->maps[i]->first, "Undefined map: %s",
				   c->program->maps[i]->name);
	}
}

static void keep_map_types(struct checker *c)
{
	struct program *p = c->program;
	struct walk *w = walk_of(c);

	for (unsigned i = 0; i < p->n_maps; i++) {
		const struct map_state *m = i < w->n_maps ? w->maps[i] : NULL;

		p->maps[i]->key = m && type_known(m->key) ? type_wide(c->arena, m->key) : NULL;
		p->maps[i]->value = m && type_known(m->value) ? type_wide(c->arena, m->value) : &type_int64;
	}
}

static void keep_slot_types(struct checker *c)
{
	for (unsigned i = 0; i < c->program->n_actions; i++) {
		const struct frame_types *f = &walk_of(c)->frames[c->program->n_subprograms + i];
		struct action *a = c->program->actions[i];

		a->slots = arena_alloc(c->arena, (a->n_slots + 1) * sizeof(*a->slots));
		for (unsigned k = 0; k < a->n_slots; k++)
			a->slots[k] = type_known(f->slots[k].type) ? type_plain(c->arena, f->slots[k].type)
								   : &type_int64;
	}
}

static void release(struct walk *w, unsigned n_frames)
{
	for (unsigned i = 0; i < n_frames; i++) {
		free(w->frames[i].slots);
		free(w->frames[i].wide);
	}
	free(w->frames);
	free(w->maps);
	free(w->visible);
	free(w->wide);
	free(w->closed);
	free(w->args);
}

bool program_check(struct program *p, const struct check_options *opt, struct diags *d)
{
	struct walk w = { 0 };
	struct checker c = { .program = p, .arena = p->arena, .opt = opt, .diags = d, .priv = &w };
	unsigned errors = diags_errors(d), n_frames;
	const struct node **bodies = arena_alloc(p->arena, (p->n_subprograms + 1) * sizeof(*bodies));

	make_actions(p);
	for (unsigned i = 0; i < p->n_subprograms; i++)
		bodies[i] = p->subprograms[i]->body;
	n_frames = p->n_subprograms + p->n_actions;
	w.frames = mem_alloc((n_frames + 1) * sizeof(*w.frames));
	w.frame = &w.frames[n_frames];
	check_signatures(&c);
	find_types(&c, (const struct node *const *)bodies);
	keep_map_types(&c);
	walk_program(&c, (const struct node *const *)bodies);
	if (diags_errors(d) == errors)
		report_unknown_maps(&c);
	keep_map_types(&c);
	keep_slot_types(&c);
	release(&w, n_frames);
	return diags_errors(d) == errors;
}
