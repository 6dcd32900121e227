/* eval.h - the front door of eval/: what the kernel could not do.
 *
 *	eval.c		walks a checked tree for a record; expression.c, store.c, statement.c
 *	table.c		the maps: a hash table each, with bpftrace's semantics in the order of the records
 *	aggregate.c	what count(), hist() ... tseries() do with a value
 *	pairs.c		returns get the values that their function's entry had
 *	format.c	printf's and strftime's formats, compiled once
 *
 * No name is looked up, nothing is allocated that outlives the record but in maps, and no string constant is
 * hashed for a record.
 */
#ifndef EVAL_EVAL_H
#define EVAL_EVAL_H

#include "lang/value.h"

/* What a process was when the record was made. */
struct process {
	pid_t pid, ppid;
	uint32_t uid, gid;
	const char *comm;
	uint64_t cgroup;
	bool known;
};

/* The world, as the evaluator needs it; the command provides it. */
struct eval_host {
	void *ctx;
	const struct names *names;
	/* Output, in the order of the program. kind: "printf", "time", "cat", "join", "syscall". */
	void (*message)(void *ctx, const char *kind, const char *text, size_t n);
	void (*value)(void *ctx, const struct type *t, const union value *v);		/* print(v) */
	void (*map)(void *ctx, const struct map_view *m);				/* print(@m) */
	/* errorf, warnf, and run-time warnings (division by zero, a full map, ...). */
	void (*complain)(void *ctx, const struct complaint *c);
	/* The process that a thread belongs to, at the time of the record. False: nothing is known. */
	bool (*process)(void *ctx, pid_t pid, struct process *out);
	/* What was said shall be seen before a command of system() runs; may be NULL. */
	void (*flush)(void *ctx);
	/* Ends the watchpoints of an address: none of their hits comes any more. False: there is none. */
	bool (*unwatch)(void *ctx, uint64_t address);
};

struct eval_options {
	bool warnings;			/* -k: failed reads and map look-ups too */
	bool no_warnings;
	pid_t child;			/* cpid, has_cpid; 0: none */
	uint64_t start_ns;		/* elapsed counts from here: CLOCK_BOOTTIME */
};

struct eval *eval_new(const struct program *p, const struct eval_host *host, const struct eval_options *opt);
void eval_free(struct eval *e);
/* Evaluates an action for a record; what happens outside of records (begin, end, interval, signals) comes with
 * a record that has time, cpu, pid, tid and comm of trapline itself, and no site. False: the program has called
 * exit(), and *exit_status is set. */
bool eval_action(struct eval *e, const struct action *a, const struct record *r, int *exit_status);
/* The number that the action before returned: what a test says; 0 when it returned none. */
int64_t eval_returned(const struct eval *e);
/* At the end: every map that is not empty, by name, unless config.print_maps_on_exit is off. */
void eval_print_maps(struct eval *e);

/* ---- for the rows of builtin/ ---- */

/* Evaluates an expression of the action at hand. */
void eval_node(struct eval *e, const struct node *n, union value *out);
/* Is it a value that is missing at the record's site? The same as eval_node() for what is only shown: the result is its
 * type, which is another one (on the record's scratch) where something is missing. */
bool eval_is_missing(const struct eval *e, const struct node *n);
const struct type *eval_shown(struct eval *e, const struct node *n, union value *out);
/* The record at hand; its program; the host. */
const struct record *eval_record(const struct eval *e);
const struct program *eval_program(const struct eval *e);
const struct eval_host *eval_host(const struct eval *e);
const struct eval_options *eval_options(const struct eval *e);
/* Memory that lives as long as the record is evaluated. */
void *eval_scratch(struct eval *e, size_t size);
/* A string on it: *out gets text and length (copied). */
void eval_string(struct eval *e, const char *text, size_t n, union value *out);
/* exit(status). */
void eval_exit(struct eval *e, int status);
/* Is the program about to end? */
bool eval_exiting(const struct eval *e);
/* The action at hand. */
const struct action *eval_action_of(const struct eval *e);
/* The expression as a number, whatever integer-like type it has. */
int64_t eval_number(struct eval *e, const struct node *n);
/* The expression as text: strings are the bytes, other values as they are shown. */
void eval_text(struct eval *e, const struct node *n, union value *out);
/* The expression's bytes as they would stand in memory: out->text. */
void eval_bytes(struct eval *e, const struct node *n, union value *out);
/* The key of a NODE_MAP, given as an expression (map->a, or the argument behind it): *out may point into *room. */
struct table_key;
void eval_key(struct eval *e, const struct node *map, const struct node *key, union value *room, struct table_key *out);
/* Stores a value: scratch variable, map, member of one. */
void eval_store(struct eval *e, const struct node *to, const union value *v);
/* A run-time warning; a helper's failure is told with -k only, unless `always`. */
void eval_warn(struct eval *e, struct span at, const char *fmt, ...) PRINTF(3, 4);
void eval_helper_failed(struct eval *e, struct span at, bool always, const char *helper, int code, const char *text);
/* The table of a NODE_MAP. */
struct table;
struct table *eval_table(struct eval *e, const struct map *m);
/* Prints it: print(@m, top, div). */
void eval_print_map(struct eval *e, const struct map *m, unsigned top, int64_t div);

/* ---- format.c ---- */

/* printf's format, made ready once. Lives in the arena; NULL and *why, a sentence, when it is none. */
struct format_spec;
const struct format_spec *format_compile(struct arena *a, const char *text, size_t n, const char **why);
/* How many values it wants, and the letter of the i-th conversion ('d', 's', 'r', ...). */
unsigned format_values(const struct format_spec *f);
char format_letter(const struct format_spec *f, unsigned i);
/* Appends the text; the values are list[0], list[1], ... */
void format_print(struct eval *e, const struct format_spec *f, struct node *const *list, struct str *out);

/* ---- table.c ---- */

/* A key, found out once for all that is done with it: the bytes by which it is known, and their hash. */
struct table_key {
	const union value *value;
	const char *bytes;
	uint32_t len;
	uint64_t hash;
};
/* Makes the key of a value, which must stay as long as the key is used; the bytes may be in room, or are the
 * value's own. */
void table_key(const struct type *t, const union value *v, struct str *room, struct table_key *out);

struct table *table_new(const struct map *m, const struct program *p);
void table_free(struct table *t);
/* The value of a key (NULL: a scalar map); NULL when there is none. It lives until the table changes. */
const union value *table_get(struct table *t, const struct table_key *key);
/* Is this the address of a value that is in the table now? Then the program may follow it (&@m[k]). */
bool table_has_value(const struct table *t, const union value *v);
/* Stores a copy; v does not point into this table. False when the map is full. */
bool table_set(struct table *t, const struct table_key *key, const union value *v);
/* The state of an aggregate, made when there is none; NULL when the map is full. */
struct aggregate *table_aggregate(struct table *t, const struct table_key *key);
bool table_delete(struct table *t, const struct table_key *key);
void table_clear(struct table *t);
/* Values become nothing, keys stay. */
void table_zero(struct table *t);
uint64_t table_len(const struct table *t);
/* All entries in the order in which they are printed (top > 0: the last `top` of them). The array lives until
 * the table changes. */
const struct map_entry *table_entries(struct table *t, unsigned top, unsigned *n);
/* The same in the order of their making, for loops. */
const struct map_entry *table_walk(struct table *t, unsigned *n);

/* ---- aggregate.c: what count(), hist() ... do with a value ---- */

void aggregate_add(const struct type *t, struct aggregate *a, int64_t n);
/* tseries: at a time since 1970. */
void aggregate_add_at(const struct type *t, struct aggregate *a, int64_t n, uint64_t ns);

/* ---- pairs.c ---- */

/* Stands between a session and who takes its records: the records of companion sites end here, and those of returns
 * get their values (capture.at_entry). A return whose entry was not seen has none of them (captured.absent); of a
 * program it is not handed on, but counted as lost. Records must come in the order of their times. */
struct pairs;
struct pairs *pairs_new(void);
void pairs_free(struct pairs *p);
/* The sink to give to the session; next is copied. */
struct sink pairs_sink(struct pairs *p, const struct sink *next);

#endif
