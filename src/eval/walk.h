/* walk.h - what the files of the evaluator share; nobody else includes it.
 *
 *	eval.c		before the run, and a record: scratch memory, complaints
 *	expression.c	expressions: operators, members, casts, captures, calls
 *	store.c		maps and variables: reading, storing, keys
 *	statement.c	statements: assignments, branches, loops
 */
#ifndef EVAL_WALK_H
#define EVAL_WALK_H

#include "eval/eval.h"

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE, FLOW_RETURN, FLOW_EXIT };

enum {
	SCRATCH_BLOCK = 64 * 1024,
	SCRATCH_MAX = 256 << 20,	/* bytes for one record */
	ROUNDS_MAX = 1 << 23,		/* of all loops for one record, as many as the kernel would allow BPF */
	CALLS_MAX = 200,		/* subprograms inside each other */
};

struct block {
	struct block *next;
	size_t size;
	_Alignas(16) char data[];
};

struct eval {
	const struct program *program;
	const struct eval_host *host;
	struct eval_options opt;
	struct table **tables;
	struct arena *arena;		/* of what is made ready once */

	/* the record at hand */
	const struct record *record;
	const struct action *action;
	union value *slots;		/* of the action, or of the subprogram that runs */
	const struct type *const *slot_types;	/* NULL in a subprogram */
	unsigned n_slots;
	union value result;		/* of return */
	enum flow flow;
	uint64_t rounds;
	unsigned calls;
	int exit_status;
	bool exiting;

	union value *own_slots;		/* for actions */
	struct str key_room;
	struct block *first, *at;	/* scratch: the list, and the block in use */
	size_t used, total;
};

/* ---- eval.c ---- */

struct memory scratch_memory(struct eval *e);
/* A copy that the program may keep for the rest of the record, whatever happens to the original. */
void keep_value(struct eval *e, const struct type *t, const union value *v, union value *out);
/* The program would not end: what is left of its work for this record is given up. */
void give_up(struct eval *e, struct span at, const char *why);
/* Counts a round of a loop; false: it was one too many. */
bool one_more_round(struct eval *e, const struct node *n);

/* ---- expression.c ---- */

/* A value as it can be stored and computed with: of an aggregate only its number. */
void eval_plain(struct eval *e, const struct node *n, union value *out);
bool is_true(struct eval *e, const struct node *n);
void eval_binary(struct eval *e, const struct node *n, union value *out);
/* Is it one number (in union value: n)? */
bool is_scalar(const struct type *t);
/* The step of pointer arithmetic: what it points to. */
int64_t step_of(const struct type *t);

/* ---- store.c ---- */

/* What a value is before anything was stored. */
void nothing_of(struct eval *e, const struct type *t, union value *out);
void eval_map(struct eval *e, const struct node *n, union value *out);
void increase(struct eval *e, const struct node *n, union value *out);
void assign(struct eval *e, const struct node *n);

/* ---- statement.c ---- */

void exec(struct eval *e, const struct node *n);
void exec_list(struct eval *e, const struct node *n);

#endif
