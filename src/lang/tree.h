/* tree.h - a program of bpftrace's language, as lang/ makes it: the second half of lang's front door.
 *
 *	lex.c		text -> tokens; attach points as raw text
 *	preprocess.c	#define, #ifdef, #include: tokens -> tokens
 *	parse.c		tokens -> tree: clauses and statements
 *	expression.c	the same: expressions and types
 *	attach.c	attach points: providers, their short names, parts
 *	cparse.c	C definitions: struct, union, enum, typedef, with their layout
 *	config.c	config = { ... } and BPFTRACE_... of the environment
 *	expand.c	macros, import, positional and named parameters: tree -> tree
 *	print.c		the tree as text: -d ast, -d types
 *	format.c	--fmt: tokens and comments, set anew
 *	type.c		types: sizes, promotion, layout of C structs, their names
 *	check.c		tree -> checked tree: every expression has a type, every name is known
 *
 * A clause is `probe, probe /predicate/ { body }`. The same clause may mean different things at different
 * probes (`args.filename` has another type at each tracepoint), so what is checked is an *action*: a copy of
 * the clause for one attach point. plan/lower.c then replaces what the kernel fetches by NODE_CAPTURE, and
 * eval/ computes the rest for each record.
 *
 * Everything lives in the program's arena.
 */
#ifndef LANG_TREE_H
#define LANG_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/str.h"

/* ------------------------------------------------------------------------------------------------
 * types
 * ---------------------------------------------------------------------------------------------- */

enum type_kind {
	TYPE_UNKNOWN,		/* of a map or variable that was not yet used */
	TYPE_VOID,		/* of a call that has no value */
	TYPE_MISSING,		/* of what cannot be had at a site, while it is shown; text: why, in a word or two */
	TYPE_BOOL,
	TYPE_INT,		/* size 1, 2, 4, 8; is_signed; enumeration, or NULL */
	TYPE_POINTER,		/* of: what it points to (TYPE_VOID: unknown); user */
	TYPE_STRING,		/* size: the most bytes that it can have, its NUL included */
	TYPE_BUFFER,		/* size: the most bytes */
	TYPE_INET,		/* size 4 or 16; 20 when only the value tells (its first byte is the length then) */
	TYPE_MAC,
	TYPE_ARRAY,		/* count times of */
	TYPE_STRUCT,		/* layout; its value is its bytes */
	TYPE_TUPLE,		/* layout: members without offsets; names when it is a record (a=1, b=2) */
	TYPE_KSTACK,		/* stack_mode, count: frames */
	TYPE_USTACK,
	TYPE_KSYM,
	TYPE_USYM,
	TYPE_USERNAME,
	TYPE_TIMESTAMP,		/* strftime(); text: the format */
	TYPE_CGROUP_PATH,
	TYPE_COUNT,		/* from here on: values of maps that are only added to */
	TYPE_SUM,		/* is_signed, as the values that came */
	TYPE_MIN,
	TYPE_MAX,
	TYPE_AVG,
	TYPE_STATS,
	TYPE_HIST,		/* count: bits of the second argument */
	TYPE_LHIST,		/* lhist_min, lhist_max, lhist_step */
	TYPE_TSERIES,		/* lhist_step: ns of an interval; count: how many; text: "avg" ... or NULL: the last */
	N_TYPES
};

enum stack_mode { STACK_BPFTRACE, STACK_PERF, STACK_RAW, STACK_BUILD_ID };

struct enumeration {
	const char *name;
	struct enumerator { const char *name; uint64_t value; } *values;
	unsigned n;
	const char *other;		/* the name of all other values; NULL: they have none */
};

struct type {
	enum type_kind kind;
	uint64_t size;			/* bytes, of what C would say; see above for the others */
	bool is_signed;
	bool user;			/* pointer: into user space */
	const struct type *of;
	uint64_t count;
	const struct layout *layout;
	const struct enumeration *enumeration;
	enum stack_mode stack_mode;
	int64_t lhist_min, lhist_max, lhist_step;
	const char *text;
};

/* What a member is to a sum type, Rust's `enum Shape { Circle(u32), Empty }`: a value is one of the variants, and a
 * number tells which. */
enum variant {
	VARIANT_NOT,			/* it is always there */
	VARIANT_NUMBER,			/* it is that number */
	VARIANT_WHEN,			/* a variant: there when the number is member.when */
	VARIANT_ELSE,			/* a variant: there when the number is no other one's, or there is no number */
};

struct member {
	const char *name;		/* NULL: of a tuple; "": an unnamed struct inside, whose members count as ours */
	const struct type *type;
	uint64_t offset;		/* bytes */
	unsigned bit_offset, bits;	/* of a bit field, from the lowest bit at offset; bits 0: none */
	enum variant variant;
	uint64_t when;
	bool is_data_loc;		/* of a tracepoint: the field has offset and length << 16 of the value */
	const char *gone;		/* why it cannot be had, a clause (an argument that the compiler has removed); NULL:
					 * it can */
	bool behind;			/* an argument that is a reference (C++: int &): the value is where it points */
	const char *declared;		/* an argument of a function in a program: its type as the source has it; of several
					 * functions one may have another type of the name */
};

struct layout {
	const char *name;		/* "struct foo"; "" for tuples */
	bool is_union;
	bool complete;			/* false: only the name is known, and perhaps the size */
	bool by_name;			/* the arguments of a function in a program: each is fetched by itself, and `args` as
					 * a whole is a record of them */
	/* Types of debug information reach far: the members of a struct are looked up when somebody asks. NULL: they are
	 * here, or nowhere. */
	void (*fill)(struct layout *l);
	void *fill_ctx;
	uint64_t size, align;
	struct member *members;
	unsigned n_members;
};

struct program;

/* type.c */
extern const struct type type_void, type_bool, type_int64, type_uint64, type_int32, type_uint32;
const struct type *type_int(unsigned size, bool is_signed);			/* bytes */
const struct type *type_pointer(struct arena *a, const struct type *of);
const struct type *type_string(struct arena *a, uint64_t size);
const struct type *type_array(struct arena *a, const struct type *of, uint64_t count);
const struct type *type_tuple(struct arena *a, const struct type *const *types, const char *const *names,
			      unsigned n);
bool type_same(const struct type *a, const struct type *b);
/* char data[]: as long as who reads it says. */
bool type_is_flexible(const struct type *t);
bool type_is_integer(const struct type *t);		/* bool and enums too */
bool type_is_aggregate(const struct type *t);		/* count() ... tseries() */
/* Appends the name as bpftrace writes it in messages: "int64", "string[64]", "(int64,string[16])", "struct foo *". */
void type_print(const struct type *t, struct str *out);
/* A type by the name that a type_spec has: "int32", "unsigned long", "size_t", "struct foo", "enum bar", "string"
 * (size 0: the spec has it, or nobody), typedefs of the program, and the few structs of the kernel's user
 * interface that programs name ("struct timespec"). NULL: unknown here; ask check_options.find_type then. A struct
 * that is only named has a layout that is not complete. */
const struct type *type_named(const struct program *p, const char *name);
/* The type of an enumeration: the smallest of 4 or 8 bytes that holds all its values, signed when one is negative. */
const struct type *enumeration_type(struct arena *a, const struct enumeration *e);
/* Are the members known? Looks them up when they can be. */
bool layout_complete(const struct layout *l);
/* Looks up all of a type that a value of it holds. */
void type_complete(const struct type *t);
/* The member of a struct, union or record by name, looking into unnamed ones too; *offset gets the sum. */
const struct member *layout_member(const struct layout *l, const char *name, uint64_t *offset);

/* ------------------------------------------------------------------------------------------------
 * the tree
 * ---------------------------------------------------------------------------------------------- */

enum op_kind { OP_NOT_BINARY, OP_LOGICAL, OP_RELATIONAL, OP_ARITHMETIC };
enum op {
#define OP(name, spelled, precedence, kind) OP_##name,
#include "lang/ops.def"
#undef OP
	N_OPS
};
struct op_row {
	const char *spelled;
	int precedence;
	enum op_kind kind;
};
extern const struct op_row op_rows[N_OPS];

enum node_kind {
	/* expressions */
	NODE_INT,		/* number; type is set by the parser already: by suffix, else the smallest signed one
				 * that holds it, uint64 above */
	NODE_STRING,		/* text, number: its length (it may hold NULs) */
	NODE_BOOL,		/* number */
	NODE_NAME,		/* text: a builtin variable, an enumerator, a parameter of a macro; gone after check */
	NODE_BUILTIN,		/* builtin; text; list: its arguments, when it was called with some: nsecs(boot) */
	NODE_POSITIONAL,	/* number: N of $N; -1: $#; gone after expand */
	NODE_SCRATCH,		/* text "$x"; slot */
	NODE_MAP,		/* text "@m"; map; a: the key or NULL (several keys are a NODE_TUPLE) */
	NODE_CALL,		/* text; list; builtin or subprogram; spec: argument that is a type (sizeof ...);
				 * flag, after check: nobody uses its value */
	NODE_UNARY,		/* op NOT, SUB, BIT_NOT; a */
	NODE_BINARY,		/* op; a, b */
	NODE_TERNARY,		/* a ? b : c; b NULL: a ?: c */
	NODE_INCDEC,		/* a; number +1 or -1; flag: the value is the old one (x++) */
	NODE_DEREF,		/* *a */
	NODE_ADDRESS,		/* &a */
	NODE_MEMBER,		/* a.text or a->text (flag); after check: member, and number its offset in bytes. A tuple's
				 * a.1 has the text "1", and number its index */
	NODE_INDEX,		/* a[b] */
	NODE_CAST,		/* spec, a */
	NODE_SIZEOF,		/* spec or a; an integer after check */
	NODE_OFFSETOF,		/* spec or a; list of NODE_NAME: the way down; an integer after check */
	NODE_TYPEINFO,		/* spec or a */
	NODE_TUPLE,		/* list; names: of a record, else NULL */
	NODE_BLOCK,		/* list of statements; a: the value, or NULL */
	NODE_IF,		/* a; b then (block); c else (block or NODE_IF) or NULL */
	NODE_COMPTIME,		/* a: known at compile time */

	/* statements; every expression is one too */
	NODE_ASSIGN,		/* a: scratch, map, member of one; op (OP_ADD: +=); b. a NULL: `_ = b` */
	NODE_LET,		/* text "$x"; slot; spec or NULL; a: value or NULL */
	NODE_WHILE,		/* a, b */
	NODE_UNROLL,		/* a, b */
	NODE_FOR,		/* text, slot of the variable; a: NODE_MAP, or the range's begin; b: its end or NULL; c */
	NODE_BREAK, NODE_CONTINUE,
	NODE_RETURN,		/* a or NULL */

	/* made by plan/lower.c */
	NODE_CAPTURE,		/* slot: of record->values */
	N_NODES
};

/* A type as the program writes it, before its names are looked up: "struct foo *", "uint8[4]", typeof(e). */
struct type_spec {
	const char *name;		/* "int32", "struct foo", "string"; NULL: typeof(expression) */
	struct node *typeof_expression;
	unsigned pointers;		/* stars behind it */
	struct node *counts[4];		/* [N] behind them, from the left */
	unsigned n_counts;
	unsigned array_pointers;	/* stars behind those: int32[4]* */
	bool unsized;			/* of a cast: uint8[], as many as the value has bytes for */
	bool has_size;			/* string[N], buffer[N]: counts[0] is a size */
	struct span span;
};

/* The calls of macros that became a node, the outermost first. */
struct expanded {
	struct span from;
	const struct expanded *inner;
};

struct node {
	enum node_kind kind;
	enum op op;
	bool flag;
	bool entry;			/* of args.x at sys_exit_NAME: it is sys_enter_NAME's (plan/shadow.c) */
	struct span span;
	const char *text;
	int64_t number;
	struct node *a, *b, *c;
	struct node **list;
	unsigned n_list;
	const char **names;
	struct type_spec *spec;
	const struct type *type;	/* after check; never NULL then in an expression */
	const struct builtin *builtin;
	const struct subprogram *subprogram;
	const struct member *member;
	struct map *map;
	unsigned slot;
	const struct expanded *expanded;/* NULL: it stands where it was written */
	const void *compiled;		/* what check or eval/ made of constant arguments, once: a printf format, a
					 * key; lives in the program's arena, and copies of the node share it */
};

/* After check, a NODE_MAP whose map has count(), sum(), min(), max() or avg() has an integer's type where its value
 * is wanted as a number (@x + 1), and the map's own where the whole is (print(@x)). */
struct map {
	const char *name;		/* "@", "@start" */
	unsigned index;			/* in program.maps */
	struct span first;		/* where it was used first */
	const struct type *key;		/* NULL: a scalar */
	const struct type *value;
	bool lru;			/* let @m = lruhash(N) */
	bool hidden;			/* made by plan/shadow.c: not the program's, so never printed at the end */
	uint64_t max_keys;		/* 0: config.max_map_keys */
	struct span declared;
};

struct attach_point {
	const char *text;		/* as written, parameters put in: "uprobe:/bin/bash:readline" */
	const char *provider;		/* the long name, "uprobe"; "begin", "end" in small letters */
	const char **parts;		/* what stands between the colons behind the provider; quotes are gone */
	unsigned n_parts;
	struct span span;
	const char *label;		/* name=probe, or NULL */
	bool guessed;			/* the provider was a glob, and may have no such probe */
};

struct clause {
	struct attach_point *points;
	unsigned n_points;
	struct node *predicate;		/* or NULL */
	struct node *body;		/* NODE_BLOCK */
	struct span span;
};

struct subprogram {
	const char *name;
	struct parameter { const char *name; struct type_spec *spec; const struct type *type; unsigned slot; } *parameters;
	unsigned n_parameters;
	struct type_spec *result_spec;
	const struct type *result;
	struct node *body;
	unsigned n_slots;
	struct span span;
};

/* A clause at one attach point, checked. */
struct action {
	const struct clause *clause;
	const struct attach_point *point;
	struct node *predicate, *body;	/* copies of its own */
	const struct type **slots;	/* types of the scratch variables, by slot */
	unsigned n_slots;
	const unsigned *needs;		/* by plan/lower.c: the slots of the values that it computes with; the others it only
					 * shows, and can show as missing */
	unsigned n_needs;
};

enum missing_probes {
	MISSING_ERROR, MISSING_WARN, MISSING_IGNORE,
	MISSING_UNSAID,			/* an error; but of the probes of one clause, those that are there suffice */
};
struct config {
	enum missing_probes missing_probes;
	uint64_t max_strlen, max_map_keys, max_probes, max_cat_bytes, perf_rb_pages;
	const char *str_trunc_trailer;
	bool print_maps_on_exit, cpp_demangle, show_debug_info;
	enum stack_mode stack_mode;
};

struct program {
	struct arena *arena;
	const struct source *source;
	struct config config;
	struct clause **clauses;
	unsigned n_clauses;
	struct subprogram **subprograms;
	unsigned n_subprograms;
	struct map **maps;
	unsigned n_maps;
	struct layout **layouts;	/* C structs and unions of the program */
	unsigned n_layouts;
	struct enumeration **enums;
	unsigned n_enums;
	struct typedefinition {
		const char *name;
		const struct type *type;
	} *typedefs;			/* found by type_named() */
	unsigned n_typedefs;
	char *const *named;		/* "--name=value", for getopt(); NULL ends, or NULL */
	struct named_parameter {
		const char *name;
		const char *standard;	/* its value when it is not given, as text */
		const char *about;	/* or NULL */
	} *parameters;			/* after check: what getopt() asks for, each once */
	unsigned n_parameters;
	struct span *skipped;		/* pieces of the source that an #if left out, ascending: for --fmt */
	unsigned n_skipped;
	struct span *quoted;		/* pieces of it that some #x made a string of: --fmt leaves their blanks alone */
	unsigned n_quoted;
	struct action **actions;	/* after check, in the order of the program */
	unsigned n_actions;
};

/* ---- lex.c, parse.c, expand.c ---- */

struct program_options {
	char *const *parameters;	/* $1 ...; NULL ends */
	char *const *named;		/* "--name=value" behind `--`; NULL ends */
	const char *const *include_dirs;/* -I; NULL ends, or NULL */
	const char *const *include_files;
};
/* Reads a program: everything lives in the arena. Reports all mistakes, and returns NULL when there are any. */
struct program *program_parse(struct arena *a, const struct source *src, const struct program_options *opt,
			      struct diags *d);
/* A copy of a tree, in the arena. */
struct node *node_copy(struct arena *a, const struct node *n);

/* config.c: makes the node a record of all that config says, (max_strlen=1024, ...), with its type. */
void config_record(const struct config *c, struct arena *a, struct node *n);
/* attach.c: may so many words stand behind this provider? */
bool attach_takes(const char *provider, unsigned n_parts);

/* ---- print.c ---- */

void program_print(const struct program *p, struct str *out);		/* -d ast; after check with types: -d types */
void program_format(const struct program *p, struct str *out);		/* --fmt: as a program again */
void node_print(const struct node *n, struct str *out);			/* an expression as source text */

/* ------------------------------------------------------------------------------------------------
 * builtins: the rows live in builtin/
 * ---------------------------------------------------------------------------------------------- */

enum builtin_kind {
	BUILTIN_VARIABLE,		/* pid, comm; some may be called with an argument: nsecs(boot) */
	BUILTIN_FUNCTION,		/* printf(...) */
	BUILTIN_AGGREGATE,		/* @m = count() */
};

/* How the kernel can fetch it: plan/lower.c knows what to do for each; what it cannot do at a probe is
 * reported there, unless the row can be computed too. */
enum builtin_fetch {
	FETCHED_NOT,			/* computed in user space from the record, or from constants */
	FETCHED_ARGUMENT,		/* arg0, arg1, ...: number in the name */
	FETCHED_RETVAL,
	FETCHED_ARGS,			/* args */
	FETCHED_REGISTER,		/* reg("di") */
	FETCHED_STRING,			/* str(pointer[, length]) */
	FETCHED_BUFFER,			/* buf(pointer, length) */
	FETCHED_JOIN,			/* join(argv[, separator]) */
	FETCHED_STACK_ARGUMENT,		/* sarg0 ... */
	FETCHED_KADDR,			/* kaddr("x"), when dereferenced */
	FETCHED_UADDR,
	FETCHED_PATH,			/* path() */
	FETCHED_USTACK, FETCHED_KSTACK,	/* the record must have its stacks */
};

struct checker;
struct eval;
union value;
struct builtin {
	const char *name;
	enum builtin_kind kind;
	unsigned min_args, max_args;
	enum builtin_fetch fetch;
	bool unsafe;			/* only with --unsafe */
	bool statement;			/* has no value: only as a statement */
	bool words;			/* arguments may be bare words, which stay a NODE_NAME that check leaves alone:
					 * nsecs(boot), kstack(perf, 3) */
	bool map;			/* the first argument is (print, len: may be) a whole map, without its key:
					 * clear(@m), delete(@m, key); delete(@m[key]) comes as a NODE_MAP with a */
	bool shows;			/* only shows its arguments: one that is missing at a site can be shown as that */
	bool process;			/* asks what the process is or was (its user, parent, cgroup, name) */
	const char *usage, *about;	/* for list and the manual: "str(int64 p[, int64 length])" */
	/* The arguments are checked already: are they right, and what is the result's type (n->type)? Reports
	 * and returns false. NULL: the result is `type`. */
	bool (*check)(struct checker *c, struct node *n);
	const struct type *type;
	/* Computes it. NULL: only the kernel can, and lower.c replaced it. */
	void (*eval)(struct eval *e, const struct node *n, union value *out);
};
/* Finds a row; NULL when there is none ("arg12" finds the row "argN"). Implemented in builtin/. */
const struct builtin *builtin_find(const char *name);
/* All rows, in the order of the manual; NULL ends. */
const struct builtin *builtin_at(unsigned i);

/* ---- check.c ---- */

/* What check must know of the probes, told by cmd/ with the help of probe/. */
struct check_options {
	bool unsafe;
	bool ask_kernel;		/* kaddr("x"): has this kernel an x? False: take the program's word */
	/* The fields of `args` at an attach point (with wildcards: of the first match); NULL and *why, a sentence, when
	 * there are none. Offsets are those of the event's record. */
	const struct layout *(*args)(void *ctx, const struct attach_point *p, const char **why);
	/* A struct or enum that the program does not define itself, as it is known at an attach point (NULL: in a
	 * subprogram); NULL: unknown, or, with *why, a clause, not clear which. */
	const struct type *(*find_type)(void *ctx, const struct attach_point *p, const char *name, const char **why);
	void *ctx;
};
/* Fills p->actions and p->maps. Reports all mistakes; false when there were errors. */
bool program_check(struct program *p, const struct check_options *opt, struct diags *d);

/* For the rows' check functions. */
struct checker {
	struct program *program;
	struct arena *arena;
	const struct check_options *opt;
	struct diags *diags;
	struct action *action;		/* at hand; NULL in a subprogram */
	const struct attach_point *point;
	void *priv;
};
/* Is the argument a literal (after folding)? Reports with the builtin's name and returns false. */
bool check_literal_int(struct checker *c, const struct node *call, unsigned arg, int64_t *out);
bool check_literal_string(struct checker *c, const struct node *call, unsigned arg, const char **out);
/* "%s() only supports %s arguments (%s provided)", in bpftrace's words. */
bool check_integer_arg(struct checker *c, const struct node *call, unsigned arg);
bool check_string_arg(struct checker *c, const struct node *call, unsigned arg);
/* The value of a constant expression. */
bool node_constant(const struct node *n, int64_t *out);

#endif
