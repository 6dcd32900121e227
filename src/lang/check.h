/* check.h - what the files of the checker share; nobody else includes it.
 *
 *	check.c		the walk over clauses and statements, again and again until no type changes
 *	check_expr.c	expressions: operators, members, casts, names
 *	check_call.c	calls and builtin variables: how many arguments, where, and the rows' helpers
 *	check_types.c	how two types become one; types of maps and variables; types as the program writes them
 *	fold.c		expressions that are known before the program runs
 *
 * Types come from use: `@x[comm] = nsecs` says what @x is, perhaps in a clause after the one that reads it. So
 * the whole program is walked, on fresh copies of its trees, until a walk learns nothing new; what it reports
 * until then is thrown away. The last walk knows all types, and what it reports is what the user sees. An
 * expression about which something was reported has no known type, and nobody complains about it again.
 */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

#include "lang/tree.h"

/* What is known of a map while the types are being found. */
struct map_state {
	bool used;			/* as a map with a key, or without one */
	bool keyed;
	bool assigned;
	bool reported;			/* "Undefined map": once is enough */
	const struct type *key, *value;	/* narrow: as the values came; NULL: not known yet */
};

/* The scratch variables of an action (or subprogram), by slot; numbered in the order of the text, and so the
 * same in each walk, unless `if comptime` chose another branch in between: then what is known of a slot is of
 * another variable, and forgotten. */
struct frame_types {
	struct slot_state {
		const char *name;
		unsigned begin;		/* where it is declared */
		const struct type *type;/* NULL: not known yet */
		bool fixed;		/* let $x: type */
	} *slots;
	unsigned n;
	/* Variables that are used outside of the block in which they got their value. bpftrace 0.22 and later do not
	 * know them there; programs that were written before (tcpconnect.bt) live from it. They belong to the
	 * whole action; which they are is found in the first walk, and then the slots are numbered anew. */
	const char **wide;
	size_t n_wide;
	bool renumber;
};

/* A variable in sight. */
struct variable {
	const char *name;
	unsigned slot, depth;
	struct span span;
	bool assigned, let;
	bool loop;			/* of a for */
	bool closed, warned;		/* of a wide one: its block has ended; that was said */
};

/* checker.priv */
struct walk {
	struct map_state **maps;	/* by map.index; in the arena: they stay where they are */
	unsigned n_maps;
	struct frame_types *frames;	/* subprograms, then actions, in the order of the text */
	struct frame_types *frame;	/* at hand */
	struct variable *visible;	/* innermost last */
	size_t n_visible;
	struct variable *wide;		/* see frame_types */
	size_t n_wide;
	const char **closed;		/* names of variables whose blocks have ended */
	size_t n_closed;
	unsigned depth, loops, n_slots;
	const struct subprogram *subprogram;	/* at hand, or NULL */
	struct args_at {		/* asked once for each attach point */
		const struct attach_point *point;
		const struct type *type;/* NULL: why there are none */
		const char *why;
	} *args;
	size_t n_args;
	bool final;			/* all types are known: report */
	bool guess;			/* what is still unknown is an int64 */
	bool changed;			/* something was learned */
	unsigned round;
};

static inline struct walk *walk_of(const struct checker *c)
{
	return c->priv;
}

/* Where an expression stands. */
enum use {
	USE_VALUE,
	USE_STATEMENT,			/* nobody wants its value */
	USE_MAP_VALUE,			/* @m = it: aggregates may stand here */
	USE_FIELD,			/* it.field */
};

/* ---- check_types.c ---- */

extern const struct type type_unknown;
/* False for NULL, for TYPE_UNKNOWN, and for a tuple with such a member. */
bool type_known(const struct type *t);
/* A number as the program writes it: its type is the smallest signed one, but in a variable it is an int64, and
 * when it is not negative it gives way to what it meets (`nsecs > 5` compares two uint64). These types are known
 * by their addresses. */
const struct type *type_literal(int64_t n);
bool type_is_literal(const struct type *t);
bool type_is_positive(const struct type *t);		/* a literal that is not negative */
/* The type of a variable that gets a value of type t: literals become int64. */
const struct type *type_plain(struct arena *a, const struct type *t);
/* The type of a map's key or value: integers become 64 bits wide. */
const struct type *type_wide(struct arena *a, const struct type *t);
/* The type of a value that is a number: of count(), sum(), min(), max() and avg() the integer, else t itself. */
const struct type *type_reduced(const struct type *t);
/* The type that holds values of both (a came first); NULL: there is none. */
const struct type *type_join(struct checker *c, const struct type *a, const struct type *b);
/* True for a uint64 and a signed number that is no literal: no type holds both. The join is the first of them then,
 * which is well for a value that is used once, and not for what is kept. */
bool type_clash(const struct type *a, const struct type *b);
/* As messages have it; lives in the arena. kind_name: the kind only, "string". */
const char *type_text(struct checker *c, const struct type *t);
const char *kind_name(const struct type *t);
/* A type as the program writes it; reports and returns type_unknown. */
const struct type *check_spec(struct checker *c, struct type_spec *s);

/* The map of a NODE_MAP (n->map), made when it is new. */
struct map_state *check_map_named(struct checker *c, struct node *n);
/* The map is used here with a key of this type (NULL: without a key). Reports and returns false. */
bool check_map_key(struct checker *c, const struct node *at, struct map_state *m, const struct type *key);
/* The map gets a value of this type. Reports and returns false. */
bool check_map_value(struct checker *c, const struct node *at, struct map_state *m, const struct type *value);
/* The type of the map's values; reports a map that never gets one. */
const struct type *check_map_type(struct checker *c, const struct node *at, struct map_state *m);

/* False: there is no such variable; it may become a wide one. */
bool variable_widen(struct checker *c, const char *name);
/* As the program has it: a variable of a macro is "$x#3" in the tree. */
const char *variable_text(struct checker *c, const char *name);
struct variable *variable_find(struct checker *c, const char *name);
struct variable *variable_declare(struct checker *c, const char *name, struct span span);
const struct type *variable_type(struct checker *c, const struct variable *v);
/* The variable gets a value of this type. Reports and returns false. */
bool check_variable_value(struct checker *c, const struct node *at, struct variable *v, const struct type *value);

/* ---- check_expr.c ---- */

/* Checks an expression in place and sets n->type; type_unknown when something was reported. */
void check_expr(struct checker *c, struct node *n, enum use use);
/* The same, and counts and sums become the number that they are. */
void check_value(struct checker *c, struct node *n);
/* Can the value be asked whether it is true? */
bool type_has_truth(const struct type *t);
/* The type of `a op b`; reports at the node. May give a literal operand the type of the other. */
const struct type *check_operator(struct checker *c, struct node *at, enum op op, struct node *a, struct node *b);
/* The type of `a ? b : c` and of `if` as a value, reported at the node. */
const struct type *check_branches(struct checker *c, struct node *at, const struct type *a, const struct type *b);
/* Makes a node a cast of what it was. */
void wrap_cast(struct checker *c, struct node *n, const struct type *t);

/* ---- check_call.c ---- */

void check_call(struct checker *c, struct node *n, enum use use);
void check_name(struct checker *c, struct node *n, enum use use);
/* A hint with the closest name of a builtin (functions, or all), enumerator or constant. */
void hint_name(struct checker *c, const char *name, bool functions);

/* ---- check.c ---- */

/* Checks a block; its value, if it has one, is n->a, and n->type its type. */
void check_block(struct checker *c, struct node *n, enum use use);
void check_if(struct checker *c, struct node *n, enum use use);
bool check_condition(struct checker *c, struct node *n);

/* ---- fold.c ---- */

/* Replaces the node by its value when its operands are literals. False: reported. */
bool fold(struct checker *c, struct node *n);
void make_int(struct node *n, int64_t value, const struct type *t);
void make_bool(struct node *n, bool value);

#endif
