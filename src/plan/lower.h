/* lower.h - what the files that lower a program share; nobody else includes it.
 *
 *	place.c		an expression -> where the kernel finds its value
 *	lower.c		taps; expressions become captures
 *	variables.c	reads through variables that hold more than one pointer
 *	shadow.c	reads through pointers that maps hold
 */
#ifndef PLAN_LOWER_H
#define PLAN_LOWER_H

#include "lang/tree.h"
#include "plan/plan.h"

/* What is known of a scratch variable of the action at hand, by slot. */
struct slot_use {
	unsigned writes;		/* how often the program gives it a value, `let` included */
	const struct node *value;	/* of a plain assignment, as it was before it was lowered */
	const struct node *at;		/* the assignment: NODE_ASSIGN or NODE_LET */
	bool loop;			/* of a `for`, or a parameter */
};

/* Why the kernel cannot have something. */
struct why_not {
	const char *text;		/* a sentence */
	const char *hint;		/* or NULL */
	const struct node *map;		/* the NODE_MAP that holds the pointer, when that is the reason */
	bool ours;			/* it is a variable of ours that is pointed to, or nothing: eval/ reads it */
};

struct lower {
	struct arena *arena;
	struct program *program;
	const struct lower_options *opt;
	struct diags *diags;
	struct tap **taps;
	unsigned n_taps;

	struct tap *tap;		/* at hand; NULL in a subprogram */
	struct action *action;		/* ... */
	struct slot_use *slots;
	unsigned n_slots;
	struct why_not why;
	unsigned depth;			/* of variables within variables */
};

/* ---- place.c ---- */

enum place_kind {
	PLACE_VALUE,			/* what `at` gives, plus add */
	PLACE_MEMORY,			/* the memory at that address */
	PLACE_FIELD,			/* a field of a static event, or an argument, by name; of the latter what is `add` bytes
					 * from its begin */
};

/* Where the kernel finds the value of an expression. */
struct place {
	enum place_kind kind;
	const struct fetch *at;		/* NULL: symbol */
	const char *symbol;		/* the address of a variable of the kernel or program, as it is written behind
					 * an @ */
	int64_t add;
	const char *field;
	struct span span;		/* of a field: the words that ask for it */
	bool entry;			/* ... of the event at the call's entry */
	const struct member *argument;	/* ... of a function: the argument; else NULL */
	bool of_all;			/* ... which is wanted as one of all */
	const struct type *type;
	const struct member *bits;	/* a bit field, or NULL */
	bool user;			/* the memory is the user's, also where the kernel is probed */
	bool marked, to_user;		/* uptr(), kptr(): whose memory the value points to */
};

/* Finds the place of an expression. False, and l->why: there is none. */
bool place_of(struct lower *l, const struct node *n, struct place *out);
/* The place of what a pointer (or an integer that is one) points to; its type is the caller's to know. */
bool place_behind(struct lower *l, const struct node *pointer, struct place *out);
/* The fetch expression of a place; NULL when it is a value with something added. Nodes live in the arena. */
const struct fetch *place_fetch(struct lower *l, const struct place *p);
/* The same for memory so many bytes further on. */
struct place place_moved(const struct place *p, int64_t bytes);

/* Has the expression a value only by reading memory, so that it must be the kernel's? */
bool node_reads_memory(const struct node *n);
/* The pointer that such an expression follows. */
struct node *node_pointer(const struct node *n);

/* ---- lower.c ---- */

/* Is the tap at hand one of programs? */
bool is_user_probe(const struct lower *l);

/* Turns to an action: l->tap, l->action, and what its variables are. */
void lower_begin(struct lower *l, struct tap *t, struct action *a);
/* A node of a kind and type, which stands where `like` does. */
struct node *lower_new_node(const struct lower *l, enum node_kind kind, const struct node *like, const struct type *t);
/* The statement `to = value`; to may be NULL: `_`. */
struct node *lower_assign(const struct lower *l, const struct node *like, struct node *to, struct node *value);
/* Adds a variable to an action: its slot. */
unsigned lower_add_slot(const struct lower *l, struct action *a, const struct type *t);
/* Adds a sentence to the tap's notes. */
void lower_note(struct lower *l, struct tap *t, const char *fmt, ...) PRINTF(3, 4);
/* Calls fn for each place where a child of the node hangs, in order, but not for what is assigned to. */
void node_children(struct node *n, void (*fn)(void *ctx, struct node **child), void *ctx);

#endif
