/* expand.c - what a program says in short is said in full: macros, and the parameters $1, $2.
 *
 *	macro twice(x) { x + x }	twice(f(3)) becomes { f(3) + f(3) }
 *
 * A macro is hygienic: a variable of its own cannot meet one of the program. So each expansion gives its own
 * variables names that nobody can write ($x becomes $x#1), and a macro that touches a variable or a map that
 * is neither its own nor a parameter is wrong. A parameter without sign stands for an expression, $v for a
 * variable, @m for a map, which are handed over themselves. Macros of one name may differ in how many and
 * which parameters they take.
 *
 * Arguments are expanded before they are put in, where the call stands; then the copy of the body is, with
 * the macro marked as being expanded: one that calls itself would never end.
 */
#include "lang/front.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH (2 * MAX_HEIGHT)	/* of a tree in which macros were expanded */

/* A macro that is being expanded. */
struct chain {
	const struct macro *macro;
	const struct chain *outer;
};

struct expansion {
	struct front *f;
	const struct chain *chain;
	unsigned depth;
	bool failed;			/* too deep, or too much: said once */
};

static struct node *expand_node(struct expansion *x, struct node *n);

static bool give_up(struct expansion *x, struct span at, const char *what)
{
	if (!x->failed)
		diag_error(x->f->diags, at, "%s", what);
	x->failed = true;
	return false;
}

/* ---- copies ---- */

static struct type_spec *copy_spec(struct arena *a, const struct type_spec *s)
{
	struct type_spec *copy;

	if (!s)
		return NULL;
	copy = arena_alloc(a, sizeof(*copy));
	*copy = *s;
	copy->typeof_expression = node_copy(a, s->typeof_expression);
	for (unsigned i = 0; i < s->n_counts; i++)
		copy->counts[i] = node_copy(a, s->counts[i]);
	return copy;
}

struct node *node_copy(struct arena *a, const struct node *n)
{
	struct node *copy;

	if (!n)
		return NULL;
	copy = arena_alloc(a, sizeof(*copy));
	*copy = *n;
	copy->a = node_copy(a, n->a);
	copy->b = node_copy(a, n->b);
	copy->c = node_copy(a, n->c);
	copy->spec = copy_spec(a, n->spec);
	copy->list = NULL;
	if (n->n_list)
		copy->list = arena_alloc(a, n->n_list * sizeof(*copy->list));
	for (unsigned i = 0; i < n->n_list; i++)
		copy->list[i] = node_copy(a, n->list[i]);
	return copy;
}

/* ---- the parameters of the program ---- */

const char *positional_text(struct front *f, int64_t n)
{
	if (n < 0)
		return arena_fmt(f->arena, "%u", f->n_parameters);
	return n >= 1 && (uint64_t)n <= f->n_parameters ? f->opt->parameters[n - 1] : NULL;
}

static bool text_number(const char *text, int64_t *out)
{
	bool minus = *text == '-';
	unsigned long long value;

	if (!str_to_u64(text + minus, &value) || (minus && value > (1ull << 63)))
		return false;
	*out = (int64_t)(minus ? 0 - value : value);
	return true;
}

/* $1: a number when it looks like one, else a string; 0 when there is none. */
static void expand_positional(struct front *f, struct node *n, bool as_string)
{
	const char *text = positional_text(f, n->number);
	int64_t value = 0;

	if (as_string || (text && !text_number(text, &value))) {
		n->kind = NODE_STRING;
		n->text = arena_strdup(f->arena, text ? text : "");
		n->number = (int64_t)strlen(n->text);
		return;
	}
	n->kind = NODE_INT;
	n->number = value;
	n->type = value < 0 && text && text[0] != '-' ? &type_uint64 : &type_int64;
}

/* ---- macros: which one ---- */

static bool argument_fits(const struct macro_parameter *p, const struct node *arg)
{
	return p->kind == NODE_NAME || (p->kind == arg->kind && !arg->a);
}

/* How well: a variable for $v is better than a variable for an expression. -1: not at all. */
static int macro_fits(const struct macro *m, struct node *const *args, unsigned n)
{
	int exact = 0;

	if (m->n_parameters != n)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		if (!argument_fits(&m->parameters[i], args[i]))
			return -1;
		exact += m->parameters[i].kind == args[i]->kind;
	}
	return exact;
}

static const char *kind_name(enum node_kind kind)
{
	return kind == NODE_SCRATCH ? "a variable" : kind == NODE_MAP ? "a map" : "an expression";
}

static void no_macro_fits(struct front *f, const struct macro *m, const struct node *call)
{
	if (m->n_parameters != call->n_list) {
		diag_error(f->diags, call->span,
			   "Call to macro '%s' has the wrong number of arguments. Expected: %u, got: %u",
			   m->name, m->n_parameters, call->n_list);
		return;
	}
	for (unsigned i = 0; i < m->n_parameters; i++) {
		const struct node *arg = call->list[i];

		if (argument_fits(&m->parameters[i], arg))
			continue;
		diag_error(f->diags, arg->span,
			   "Mismatched arg to macro call. Macro expects %s for arg %s but got %s.",
			   kind_name(m->parameters[i].kind), m->parameters[i].name,
			   arg->kind == NODE_MAP && arg->a ? "an element of a map" : kind_name(arg->kind));
		return;
	}
}

/* The macro that a call or a name means; NULL: none of that name. *wrong: there is one, but not for these
 * arguments, which was reported. */
static const struct macro *find_macro(struct front *f, const struct node *n, bool *wrong)
{
	const struct macro *best = NULL, *last = NULL;
	int best_fit = -1;

	for (const struct macro *m = f->macros; m; m = m->next) {
		int fit;

		if (strcmp(m->name, n->text) != 0)
			continue;
		last = m;
		fit = macro_fits(m, n->list, n->n_list);
		if (fit > best_fit) {
			best = m;
			best_fit = fit;
		}
	}
	*wrong = last && !best && n->kind == NODE_CALL;
	if (*wrong)
		no_macro_fits(f, last, n);
	return best;
}

static bool is_recursive(struct expansion *x, const struct macro *m, struct span at)
{
	_cleanup_(str_release) struct str chain = STR_INIT;
	const struct chain *c = x->chain;

	while (c && c->macro != m)
		c = c->outer;
	if (!c)
		return false;
	str_add(&chain, m->name);
	for (c = x->chain; c; c = c->macro == m ? NULL : c->outer) {
		_cleanup_(str_release) struct str longer = STR_INIT;

		str_addf(&longer, "%s > %s", c->macro->name, chain.s);
		str_clear(&chain);
		str_add(&chain, longer.s);
	}
	diag_error(x->f->diags, at, "Recursive macro call detected. Call chain: %s", chain.s);
	return true;
}

/* ---- macros: the copy of the body ---- */

struct binding {
	struct expansion *x;
	const struct macro *macro;
	struct node *const *args;
	unsigned number;		/* of this expansion */
	const char **own;		/* variables that the body makes */
	unsigned n_own;
};

static int parameter_of(const struct binding *b, const char *name)
{
	for (unsigned i = 0; i < b->macro->n_parameters; i++)
		if (strcmp(b->macro->parameters[i].name, name) == 0)
			return (int)i;
	return -1;
}

static bool is_own(const struct binding *b, const char *name)
{
	for (unsigned i = 0; i < b->n_own; i++)
		if (strcmp(b->own[i], name) == 0)
			return true;
	return false;
}

static void collect_own(struct binding *b, const struct node *n)
{
	const char *name = NULL;

	if (!n)
		return;
	if (n->kind == NODE_LET || n->kind == NODE_FOR)
		name = n->text;
	else if (n->kind == NODE_ASSIGN && n->a && n->a->kind == NODE_SCRATCH && n->op == OP_NONE)
		name = n->a->text;
	if (name && !is_own(b, name))
		*ARENA_PUSH(b->x->f->arena, b->own, b->n_own) = name;
	collect_own(b, n->a);
	collect_own(b, n->b);
	collect_own(b, n->c);
	for (unsigned i = 0; i < n->n_list; i++)
		collect_own(b, n->list[i]);
}

/* The name that a variable of the body gets. */
static const char *bound_name(struct binding *b, const char *name, struct span at)
{
	int i = parameter_of(b, name);

	if (i >= 0)
		return b->args[i]->text;
	if (!is_own(b, name))
		diag_error(b->x->f->diags, at,
			   "Unhygienic access to variable: %s. Variables must be passed into the macro as arguments.",
			   name);
	return arena_fmt(b->x->f->arena, "%s#%u", name, b->number);
}

static struct node *bind(struct binding *b, struct node *n);

static void bind_spec(struct binding *b, struct type_spec *s)
{
	if (!s)
		return;
	s->typeof_expression = bind(b, s->typeof_expression);
	for (unsigned i = 0; i < s->n_counts; i++)
		s->counts[i] = bind(b, s->counts[i]);
}

/* Puts arguments in the place of parameters, and gives the other variables their names. */
static struct node *bind(struct binding *b, struct node *n)
{
	struct front *f = b->x->f;
	int i;

	if (!n)
		return NULL;
	if (++f->expanded > MAX_EXPANSION) {
		give_up(b->x, n->span, "the macros of this program expand to too much");
		return n;
	}
	switch (n->kind) {
	case NODE_NAME:
		i = parameter_of(b, n->text);
		if (i >= 0) {
			unsigned count;

			node_height(b->args[i], &count);
			f->expanded += count;
			return node_copy(f->arena, b->args[i]);
		}
		return n;
	case NODE_SCRATCH:
	case NODE_LET:
	case NODE_FOR:
		n->text = bound_name(b, n->text, n->span);
		break;
	case NODE_MAP:
		i = parameter_of(b, n->text);
		if (i >= 0)
			n->text = b->args[i]->text;
		else
			diag_error(f->diags, n->span,
				   "Unhygienic access to map: %s. Maps must be passed into the macro as arguments.",
				   n->text);
		break;
	default:
		break;
	}
	n->a = bind(b, n->a);
	n->b = bind(b, n->b);
	n->c = bind(b, n->c);
	bind_spec(b, n->spec);
	if (n->kind == NODE_OFFSETOF)
		return n;		/* its names are members */
	for (unsigned k = 0; k < n->n_list; k++)
		n->list[k] = bind(b, n->list[k]);
	return n;
}

/* { e } is e, which remembers the call: what is wrong in it is wrong there, too. */
static struct node *only_value(struct expansion *x, struct node *body, struct span call)
{
	struct expanded *new = arena_alloc(x->f->arena, sizeof(*new));

	new->from = call;
	new->inner = body->a->expanded;
	body->a->expanded = new;
	return body->a;
}

static struct node *expand_macro(struct expansion *x, const struct macro *m, struct node *call)
{
	struct binding b = { .x = x, .macro = m, .args = call->list };
	struct chain chain = { m, x->chain };
	struct node *body;

	if (x->failed || is_recursive(x, m, call->span))
		return call;
	b.number = ++x->f->scratch_names;
	body = node_copy(x->f->arena, m->body);
	body->span = call->span;
	collect_own(&b, body);
	body = bind(&b, body);
	x->chain = &chain;
	body = expand_node(x, body);
	x->chain = chain.outer;
	return body->kind == NODE_BLOCK && body->n_list == 0 && body->a ? only_value(x, body, call->span) : body;
}

/* ---- the walk ---- */

static bool is_call_of(const struct node *n, const char *name)
{
	return n->kind == NODE_CALL && strcmp(n->text, name) == 0;
}

static void expand_spec(struct expansion *x, struct type_spec *s)
{
	if (!s)
		return;
	s->typeof_expression = expand_node(x, s->typeof_expression);
	for (unsigned i = 0; i < s->n_counts; i++)
		s->counts[i] = expand_node(x, s->counts[i]);
}

static struct node *expand_node(struct expansion *x, struct node *n)
{
	const struct macro *m;
	bool wrong;

	if (!n || x->failed)
		return n;
	if (x->depth > MAX_DEPTH) {
		give_up(x, n->span, "the macros of this program are nested too deeply");
		return n;
	}
	if (n->kind == NODE_POSITIONAL) {
		expand_positional(x->f, n, false);
		return n;
	}
	if (is_call_of(n, "str") && n->n_list > 0 && n->list[0]->kind == NODE_POSITIONAL) {
		expand_positional(x->f, n->list[0], true);
		if (n->n_list == 1)
			return n->list[0];
	}
	x->depth++;
	n->a = expand_node(x, n->a);
	n->b = expand_node(x, n->b);
	n->c = expand_node(x, n->c);
	expand_spec(x, n->spec);
	for (unsigned i = 0; n->kind != NODE_OFFSETOF && i < n->n_list; i++) {
		n->list[i] = expand_node(x, n->list[i]);
		if (n->kind == NODE_BLOCK)
			node_drop_value(x->f, n->list[i]);
	}
	m = n->kind == NODE_CALL || n->kind == NODE_NAME ? find_macro(x->f, n, &wrong) : NULL;
	if (m)
		n = expand_macro(x, m, n);
	x->depth--;
	return n;
}

void expand(struct front *f)
{
	struct program *p = f->program;
	struct expansion x = { .f = f };

	f->expanded = 0;
	for (unsigned i = 0; i < p->n_clauses; i++) {
		p->clauses[i]->predicate = expand_node(&x, p->clauses[i]->predicate);
		p->clauses[i]->body = expand_node(&x, p->clauses[i]->body);
	}
	for (unsigned i = 0; i < p->n_subprograms; i++)
		p->subprograms[i]->body = expand_node(&x, p->subprograms[i]->body);
}
