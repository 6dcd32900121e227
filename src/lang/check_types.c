/* check_types.c - which type a thing has when it is used in several ways.
 *
 * Nobody declares a map, and hardly anybody a variable: `@x = 1` makes @x a map of integers. A second use may
 * widen that (a longer string, a larger integer) or contradict it, and then the second use is reported. What
 * holds both is the join of the two types.
 *
 * While types are being found they are kept narrow, as the values came: a uint8 and an int8 fit into an
 * int16, and so into bpftrace's int64; widened at once they would be uint64 and int64, which no type holds.
 */
#include "lang/check.h"

#include <string.h>

const struct type type_unknown = { .kind = TYPE_UNKNOWN };

#define SIGNED(n)                                                                                            \
	{                                                                                                    \
		.kind = TYPE_INT, .size = n, .is_signed = true                                               \
	}
static const struct type literals[] = { SIGNED(1), SIGNED(2), SIGNED(4), SIGNED(8) };
static const struct type negatives[] = { SIGNED(1), SIGNED(2), SIGNED(4), SIGNED(8) };

bool type_known(const struct type *t)
{
	if (!t || t->kind == TYPE_UNKNOWN)
		return false;
	if (t->kind == TYPE_TUPLE)
		for (unsigned i = 0; i < t->layout->n_members; i++)
			if (!type_known(t->layout->members[i].type))
				return false;
	return true;
}

const struct type *type_literal(int64_t n)
{
	int64_t most = n < 0 ? ~n : n;

	return &(n < 0 ? negatives : literals)[most <= INT8_MAX    ? 0
					       : most <= INT16_MAX ? 1
					       : most <= INT32_MAX ? 2
								   : 3];
}

static bool is_negative_literal(const struct type *t)
{
	for (unsigned i = 0; i < ARRAY_LEN(negatives); i++)
		if (t == &negatives[i])
			return true;
	return false;
}

bool type_is_positive(const struct type *t)
{
	for (unsigned i = 0; i < ARRAY_LEN(literals); i++)
		if (t == &literals[i])
			return true;
	return false;
}

bool type_is_literal(const struct type *t)
{
	return type_is_positive(t) || is_negative_literal(t);
}

/* ---- types made of types ---- */

/* The tuple with each member's type replaced by fn's; the same pointer when nothing changes. */
static const struct type *map_tuple(struct arena *a, const struct type *t,
				    const struct type *(*fn)(struct arena *a, const struct type *t))
{
	const struct layout *l = t->layout;
	const struct type **types = arena_alloc(a, (l->n_members + 1) * sizeof(*types));
	const char **names = arena_alloc(a, (l->n_members + 1) * sizeof(*names));
	bool same = true;

	for (unsigned i = 0; i < l->n_members; i++) {
		types[i] = fn(a, l->members[i].type);
		names[i] = l->members[i].name;
		same &= types[i] == l->members[i].type;
	}
	return same ? t : type_tuple(a, types, l->n_members && names[0] ? names : NULL, l->n_members);
}

const struct type *type_plain(struct arena *a, const struct type *t)
{
	if (type_is_literal(t))
		return &type_int64;
	return t->kind == TYPE_TUPLE ? map_tuple(a, t, type_plain) : t;
}

const struct type *type_wide(struct arena *a, const struct type *t)
{
	if (t->kind == TYPE_INT && !t->enumeration)
		return t->is_signed ? &type_int64 : &type_uint64;
	return t->kind == TYPE_TUPLE ? map_tuple(a, t, type_wide) : t;
}

const struct type *type_reduced(const struct type *t)
{
	switch (t->kind) {
	case TYPE_COUNT:
		return &type_int64;
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
		return t->is_signed ? &type_int64 : &type_uint64;
	default:
		return t;
	}
}

/* ---- joining ---- */

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* bool is an integer of one bit here: a variable that was an integer may get one. */
static const struct type *join_integers(const struct type *a, const struct type *b)
{
	unsigned size = (unsigned)larger(a->size, b->size);
	const struct type *s = a->is_signed ? a : b, *u = a->is_signed ? b : a;

	if (b->kind == TYPE_BOOL)
		return a;
	if (a->kind == TYPE_BOOL)
		return NULL;
	if (a->enumeration && a->enumeration == b->enumeration)
		return a->size >= b->size ? a : b;
	if (type_is_literal(a) && type_is_literal(b))
		return &(is_negative_literal(a) || is_negative_literal(b) ? negatives
									  : literals)[size == 1   ? 0
										      : size == 2 ? 1
										      : size == 4 ? 2
												  : 3];
	if (type_is_positive(a) || type_is_positive(b))
		return type_int(size, type_is_positive(a) ? b->is_signed : a->is_signed);
	if (a->is_signed == b->is_signed)
		return type_int(size, a->is_signed);
	if (u->size < s->size)
		return type_int((unsigned)s->size, true);
	if (u->size < 8)
		return type_int((unsigned)u->size * 2, true);
	return a->is_signed ? &type_int64 : &type_uint64; /* no type holds both: see type_clash() */
}

bool type_clash(const struct type *a, const struct type *b)
{
	if (a->kind != TYPE_INT || b->kind != TYPE_INT || a->is_signed == b->is_signed)
		return false;
	return (a->is_signed ? b : a)->size == 8 && !type_is_positive(a->is_signed ? a : b);
}

static const struct type *join_tuples(struct checker *c, const struct type *a, const struct type *b)
{
	const struct layout *la = a->layout, *lb = b->layout;
	unsigned n = la->n_members;
	const struct type **types = arena_alloc(c->arena, (n + 1) * sizeof(*types));
	const char **names = arena_alloc(c->arena, (n + 1) * sizeof(*names));
	bool same = true;

	if (n != lb->n_members)
		return NULL;
	for (unsigned i = 0; i < n; i++) {
		const struct member *ma = &la->members[i], *mb = &lb->members[i];

		if (!ma->name != !mb->name || (ma->name && strcmp(ma->name, mb->name) != 0))
			return NULL;
		types[i] = type_join(c, ma->type, mb->type);
		names[i] = ma->name;
		if (!types[i])
			return NULL;
		same &= types[i] == ma->type;
	}
	return same ? a : type_tuple(c->arena, types, n && names[0] ? names : NULL, n);
}

/* A string that grows in every walk (`$s = str_concat($s, "a")`) would keep us walking for ever: after some
 * rounds it gets all that a string may have. */
static const struct type *join_strings(struct checker *c, const struct type *a, const struct type *b)
{
	uint64_t most = c->program->config.max_strlen;

	if (b->size <= a->size)
		return a;
	if (walk_of(c)->round > 4 && b->size < most)
		return type_string(c->arena, most);
	return b;
}

static bool same_histogram(const struct type *a, const struct type *b)
{
	return a->count == b->count && a->lhist_min == b->lhist_min && a->lhist_max == b->lhist_max &&
	       a->lhist_step == b->lhist_step && strcmp(a->text ? a->text : "", b->text ? b->text : "") == 0;
}

static const struct type *join_pointers(const struct type *a, const struct type *b)
{
	return type_same(a->of, b->of) ? a : NULL;
}

static const struct type *join_inets(struct checker *c, const struct type *a, const struct type *b)
{
	struct type *t;

	if (a->size == b->size || a->size == 20)
		return a;
	t = arena_alloc(c->arena, sizeof(*t));
	*t = *a;
	t->size = 20;
	return t;
}

const struct type *type_join(struct checker *c, const struct type *a, const struct type *b)
{
	if (a == b || !type_known(b))
		return a;
	if (!type_known(a))
		return b;
	if (type_is_integer(a) && type_is_integer(b))
		return join_integers(a, b);
	if (a->kind != b->kind)
		return NULL;
	switch (a->kind) {
	case TYPE_STRING:
		return join_strings(c, a, b);
	case TYPE_BUFFER:
		return a->size >= b->size ? a : b;
	case TYPE_INET:
		return join_inets(c, a, b);
	case TYPE_TUPLE:
		return join_tuples(c, a, b);
	case TYPE_POINTER:
		return join_pointers(a, b);
	case TYPE_ARRAY:
	case TYPE_STRUCT:
		return type_same(a, b) ? a : NULL;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		return a->stack_mode != b->stack_mode ? NULL : a->count >= b->count ? a : b;
	case TYPE_HIST:
	case TYPE_LHIST:
	case TYPE_TSERIES:
		return same_histogram(a, b) ? a : NULL;
	default:
		return a;
	}
}

/* ---- types as words ---- */

const char *type_text(struct checker *c, const struct type *t)
{
	struct str s = STR_INIT;
	const char *text;

	if (t->kind == TYPE_TUPLE || type_is_literal(t))
		t = type_plain(c->arena, t);
	if (t->kind == TYPE_VOID)
		return "none";
	type_print(t, &s);
	text = arena_strdup(c->arena, s.s ? s.s : "");
	str_release(&s);
	return text;
}

static const char *const kinds[N_TYPES] = {
	[TYPE_UNKNOWN] = "none",
	[TYPE_VOID] = "none",
	[TYPE_BOOL] = "bool",
	[TYPE_INT] = "integer",
	[TYPE_POINTER] = "pointer",
	[TYPE_STRING] = "string",
	[TYPE_BUFFER] = "buffer",
	[TYPE_INET] = "inet",
	[TYPE_MAC] = "mac_address",
	[TYPE_ARRAY] = "array",
	[TYPE_STRUCT] = "record",
	[TYPE_TUPLE] = "tuple",
	[TYPE_KSTACK] = "kstack",
	[TYPE_USTACK] = "ustack",
	[TYPE_KSYM] = "ksym_t",
	[TYPE_USYM] = "usym_t",
	[TYPE_USERNAME] = "username",
	[TYPE_TIMESTAMP] = "timestamp",
	[TYPE_CGROUP_PATH] = "cgroup_path_t",
	[TYPE_COUNT] = "count_t",
	[TYPE_SUM] = "sum_t",
	[TYPE_MIN] = "min_t",
	[TYPE_MAX] = "max_t",
	[TYPE_AVG] = "avg_t",
	[TYPE_STATS] = "stats_t",
	[TYPE_HIST] = "hist_t",
	[TYPE_LHIST] = "lhist_t",
	[TYPE_TSERIES] = "tseries_t",
};

const char *kind_name(const struct type *t)
{
	return kinds[t->kind];
}

/* ---- types as the program writes them ---- */

static const struct type *spec_error(struct checker *c, const struct type_spec *s, const char *why)
{
	bool aggregate = str_starts(s->name, "struct ") || str_starts(s->name, "union ");

	if (why) {
		diag_error(c->diags, s->span, "'%s' is not clear: %s", s->name, why);
		diag_hint(c->diags, "in a clause of one function it is the one that stands in that function's source");
		return &type_unknown;
	}
	if (aggregate)
		diag_error(c->diags, s->span, "Unknown struct/union: '%s'", s->name);
	else
		diag_error(c->diags, s->span, "Cannot resolve unknown type \"%s\"", s->name);
	diag_hint(c->diags,
		  aggregate ? "define it in the program (the types of the kernel are not read): %s { ... };"
			    : "integers are int8 ... int64 and uint8 ... uint64; of '%s' nothing is known",
		  s->name);
	return &type_unknown;
}

static const struct type *named(struct checker *c, const struct type_spec *s)
{
	const struct type *t = type_named(c->program, s->name), *other;
	const char *why = NULL;

	if (t && (t->kind != TYPE_STRUCT || layout_complete(t->layout)))
		return t;
	other = c->opt->find_type ? c->opt->find_type(c->opt->ctx, c->point, s->name, &why) : NULL;
	return other ? other : t ? t : spec_error(c, s, why);
}

static bool spec_count(struct checker *c, struct node *n, uint64_t *out)
{
	int64_t count;

	check_value(c, n);
	if (!type_known(n->type))
		return false;
	if (!node_constant(n, &count) || count < 0 || count > (1 << 20))
		return diag_error(c->diags, n->span,
				  "the size of a type must be a number known before the program "
				  "runs, 0 to 1048576");
	*out = (uint64_t)count;
	return true;
}

/* string[64]: the size is the string's own, its NUL included. */
static const struct type *sized(struct checker *c, const struct type *t, uint64_t size)
{
	struct type *copy;

	if (t->kind != TYPE_STRING && t->kind != TYPE_BUFFER && t->kind != TYPE_INET)
		return t;
	copy = arena_alloc(c->arena, sizeof(*copy));
	*copy = *t;
	copy->size = size;
	return copy;
}

const struct type *check_spec(struct checker *c, struct type_spec *s)
{
	const struct type *t;
	unsigned i = 0;
	uint64_t n = 0;

	if (s->name) {
		t = named(c, s);
	} else {
		check_expr(c, s->typeof_expression, USE_VALUE);
		t = s->typeof_expression->type;
		if (type_known(t))
			t = type_is_literal(t) ? type_int((unsigned)t->size, true) : type_plain(c->arena, type_reduced(t));
	}
	if (!type_known(t))
		return &type_unknown;
	if (s->has_size) {
		if (!spec_count(c, s->counts[i++], &n))
			return &type_unknown;
		t = sized(c, t, n);
	} else if (t->kind == TYPE_STRING && t->size == 0) {
		t = sized(c, t, c->program->config.max_strlen);
	}
	for (unsigned p = 0; p < s->pointers; p++)
		t = type_pointer(c->arena, t);
	/* int[2][3] is two arrays of three: the last count is the innermost. */
	for (unsigned k = s->n_counts; k > i; k--) {
		if (!spec_count(c, s->counts[k - 1], &n))
			return &type_unknown;
		t = type_array(c->arena, t, n);
	}
	for (unsigned p = 0; p < s->array_pointers; p++)
		t = type_pointer(c->arena, t);
	return t;
}

/* ---- maps ---- */

struct map_state *check_map_named(struct checker *c, struct node *n)
{
	struct program *p = c->program;
	struct walk *w = walk_of(c);
	struct map **maps, *m;

	for (unsigned i = 0; i < p->n_maps && !n->map; i++)
		if (strcmp(p->maps[i]->name, n->text) == 0)
			n->map = p->maps[i];
	if (!n->map) {
		m = arena_alloc(c->arena, sizeof(*m));
		*m = (struct map){ .name = n->text, .index = p->n_maps, .first = n->span };
		maps = arena_alloc(c->arena, (p->n_maps + 1) * sizeof(*maps));
		if (p->n_maps)
			memcpy(maps, p->maps, p->n_maps * sizeof(*maps));
		maps[p->n_maps++] = m;
		p->maps = maps;
		n->map = m;
	}
	if (!n->map->first.src)
		n->map->first = n->span;
	while (w->n_maps < p->n_maps)
		*MEM_PUSH(w->maps, w->n_maps) = arena_alloc(c->arena, sizeof(**w->maps));
	return w->maps[n->map->index];
}

/* Takes over what was learned, and remembers whether it is news. */
static void learn(struct checker *c, const struct type **known, const struct type *now)
{
	if (*known == now)
		return;
	if (!*known || !type_same(*known, now) || type_is_literal(*known) != type_is_literal(now))
		walk_of(c)->changed = true;
	*known = now;
}

/* The type of what holds values of one type already and is given another; NULL: there is none. */
static const struct type *join_kept(struct checker *c, const struct type *kept, const struct type *given)
{
	if (!kept)
		return given;
	return type_clash(kept, given) ? NULL : type_join(c, kept, given);
}

bool check_map_key(struct checker *c, const struct node *at, struct map_state *m, const struct type *key)
{
	const struct type *both;

	if (!m->used) {
		m->used = true;
		m->keyed = key != NULL;
		walk_of(c)->changed = true;
	}
	if (m->keyed && !key)
		return diag_error(c->diags, at->span,
				  "%s used as a map without an explicit key (scalar map), previously "
				  "used with an explicit key (non-scalar map)",
				  at->text);
	if (!m->keyed && key)
		return diag_error(c->diags, at->span,
				  "%s used as a map with an explicit key (non-scalar map), previously "
				  "used without an explicit key (scalar map)",
				  at->text);
	if (!key || !type_known(key))
		return true;
	if (key->kind == TYPE_VOID || type_is_aggregate(key))
		return diag_error(c->diags, at->span, "'%s' cannot be used as a map key", type_text(c, key));
	both = join_kept(c, m->key, key);
	if (!both)
		return diag_error(c->diags, at->span,
				  "Argument mismatch for %s: trying to access with arguments: '%s' "
				  "when map expects arguments: '%s'",
				  at->text, type_text(c, type_wide(c->arena, key)),
				  type_text(c, type_wide(c->arena, m->key)));
	learn(c, &m->key, both);
	return true;
}

bool check_map_value(struct checker *c, const struct node *at, struct map_state *m, const struct type *value)
{
	const struct type *both;

	m->assigned = true;
	if (!type_known(value))
		return true;
	both = join_kept(c, m->value, value);
	if (both) {
		learn(c, &m->value, both);
		return true;
	}
	if (value->kind == TYPE_LHIST && m->value->kind == TYPE_LHIST)
		return diag_error(c->diags, at->span, "Different lhist bounds in a single map unsupported");
	if (value->kind == TYPE_HIST && m->value->kind == TYPE_HIST)
		return diag_error(c->diags, at->span, "Different bits in a single hist unsupported");
	if (value->kind == TYPE_TSERIES && m->value->kind == TYPE_TSERIES)
		return diag_error(c->diags, at->span,
				  "Different tseries parameters in a single map unsupported");
	return diag_error(c->diags, at->span,
			  "Type mismatch for %s: trying to assign value of type '%s' when map already "
			  "has a type '%s'",
			  at->text, type_text(c, type_wide(c->arena, value)),
			  type_text(c, type_wide(c->arena, m->value)));
}

const struct type *check_map_type(struct checker *c, const struct node *at, struct map_state *m)
{
	struct str_closest near = { .word = at->text };

	if (type_known(m->value))
		return type_wide(c->arena, m->value);
	/* What is assigned and has no type was wrong, and that was said: see report_unknown_maps(). */
	if (walk_of(c)->final && !m->reported && !m->assigned) {
		m->reported = true;
		diag_error(c->diags, at->span, "Undefined map: %s", at->text);
		for (unsigned i = 0; i < walk_of(c)->n_maps; i++)
			if (type_known(walk_of(c)->maps[i]->value))
				str_closest_try(&near, c->program->maps[i]->name);
		if (near.best && strlen(at->text) > 2)
			diag_hint(c->diags, "did you mean '%s'?", near.best);
		mem_free_ptr(&near.best);
	}
	return &type_unknown;
}

/* ---- variables ---- */

const char *variable_text(struct checker *c, const char *name)
{
	return arena_strndup(c->arena, name, strcspn(name, "#"));
}

struct variable *variable_find(struct checker *c, const char *name)
{
	struct walk *w = walk_of(c);

	for (size_t i = w->n_visible; i > 0; i--)
		if (strcmp(w->visible[i - 1].name, name) == 0)
			return &w->visible[i - 1];
	for (size_t i = 0; i < w->n_wide; i++)
		if (strcmp(w->wide[i].name, name) == 0)
			return &w->wide[i];
	return NULL;
}

static bool is_wide(const struct frame_types *f, const char *name)
{
	for (size_t i = 0; i < f->n_wide; i++)
		if (strcmp(f->wide[i], name) == 0)
			return true;
	return false;
}

bool variable_widen(struct checker *c, const char *name)
{
	struct walk *w = walk_of(c);

	for (size_t i = 0; i < w->n_closed; i++) {
		if (strcmp(w->closed[i], name) != 0)
			continue;
		if (!is_wide(w->frame, name)) {
			*MEM_PUSH(w->frame->wide, w->frame->n_wide) = name;
			w->frame->renumber = w->changed = true;
		}
		return true;
	}
	return false;
}

struct variable *variable_declare(struct checker *c, const char *name, struct span span)
{
	struct walk *w = walk_of(c);
	struct slot_state *s;
	struct variable *v;

	v = is_wide(w->frame, name) ? MEM_PUSH(w->wide, w->n_wide) : MEM_PUSH(w->visible, w->n_visible);
	*v = (struct variable){ .name = name, .slot = w->n_slots++, .depth = w->depth, .span = span };
	while (w->frame->n < w->n_slots)
		*MEM_PUSH(w->frame->slots, w->frame->n) =
			(struct slot_state){ .name = name, .begin = span.begin };
	s = &w->frame->slots[v->slot];
	if (s->begin != span.begin || strcmp(s->name, name) != 0) {
		*s = (struct slot_state){ .name = name, .begin = span.begin };
		w->changed = true;
	}
	return v;
}

const struct type *variable_type(struct checker *c, const struct variable *v)
{
	const struct type *t = walk_of(c)->frame->slots[v->slot].type;

	if (type_known(t))
		return type_plain(c->arena, t);
	return walk_of(c)->guess && !v->assigned ? &type_int64 : &type_unknown;
}

static bool number_fits(const struct type *t, int64_t n)
{
	unsigned bits = (unsigned)t->size * 8;

	if (bits >= 64)
		return true;
	if (t->is_signed)
		return n >= -(1ll << (bits - 1)) && n < 1ll << (bits - 1);
	return n >= 0 && n < 1ll << bits;
}

/* A variable whose type was declared takes what fits into it. */
static bool fits_declared(struct checker *c, const struct node *at, const struct type *declared,
			  const struct type *value)
{
	const struct node *from = at->kind == NODE_ASSIGN ? at->b : at->a;
	const struct type *both = type_join(c, declared, value);
	int64_t n;

	if (!both)
		return false;
	if (declared->kind == TYPE_STRING || declared->kind == TYPE_BUFFER)
		return value->size <= declared->size;
	if (type_is_integer(declared) && type_is_literal(value))
		return !from || !node_constant(from, &n) || number_fits(declared, n);
	if (type_is_integer(declared) && type_is_integer(value))
		return value->size <= declared->size;
	return type_same(both, declared) || declared->kind == TYPE_TUPLE;
}

bool check_variable_value(struct checker *c, const struct node *at, struct variable *v,
			  const struct type *value)
{
	struct slot_state *s = &walk_of(c)->frame->slots[v->slot];
	const struct type *both;

	v->assigned = true;
	if (!type_known(value))
		return true;
	both = join_kept(c, s->type, value);
	if (s->fixed)
		both = both && fits_declared(c, at, s->type, value) ? s->type : NULL;
	if (both) {
		learn(c, &s->type, both);
		return true;
	}
	return diag_error(c->diags, at->span,
			  "Type mismatch for %s: trying to assign value of type '%s' when variable "
			  "already contains a value of type '%s'",
			  variable_text(c, v->name), type_text(c, value), type_text(c, s->type));
}
