/* plan.h - the front door of plan/: a checked program or sites in, a list of writes out. Decides, and does no I/O.
 *
 *	lower.c		a checked program -> taps: what the kernel fetches becomes NODE_CAPTURE
 *	shadow.c	what a pointer from another event points to is read where the pointer is at hand
 *	predicate.c	the part of a tap's predicates that the kernel's event filter can test
 *	plan.c		steps, their order, their undo; prints them as shell lines (--dry-run)
 *	capture.c	fetch arguments: registers by the ABI, guards for chains, bounded strings
 *	filter.c	what can be proved wrong about a filter before the kernel sees it
 *	undo.c		the typed undo: text form for the journal and back
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "lang/lang.h"

enum step_kind {
	STEP_APPEND,	/* open for append, one write of the line */
	STEP_MKDIR,
	STEP_WRITE,	/* open for truncation, write the text */
	STEP_OPEN,	/* open for reading and keep open (the source reads from it); %u in file: every CPU */
	STEP_PERF,	/* perf_event_open on the event `file` ("GROUP/EVENT"), filter `text` or NULL */
	STEP_SAMPLE,	/* perf_event_open on what site->def->tap tells; `file` is how that is written by hand */
};

enum undo_kind {
	UNDO_NOTHING,
	UNDO_DELETE,	/* append "-:GROUP/EVENT" to file, when nobody has it enabled */
	UNDO_RMDIR,	/* remove the instance `file` */
	UNDO_WRITE,	/* write text to file */
	UNDO_CLOSE,	/* the kernel undoes it when the file is closed */
};

struct undo {
	enum undo_kind kind;
	const char *file;	/* below the tracefs root; never starts with a slash or holds ".." */
	const char *text;
};

/* One change to the kernel's tracing state, and how to take it back. */
struct step {
	enum step_kind kind;
	const char *file;	/* below the tracefs root */
	const char *text;	/* what is written, without newline */
	struct undo undo;
	struct span why;	/* the user's words that asked for it */
	struct site *site;	/* the site it belongs to, or NULL */
};

enum record_source { SOURCE_FTRACE, SOURCE_PERF };
enum strings { STRINGS_DYNAMIC, STRINGS_BOUNDED };

struct plan_options {
	const char *name;	/* group and instance */
	bool dry_run;		/* the name is not one that `clean` sweeps */
	enum record_source source;
	enum strings strings;	/* of user probes */
	bool kstack, ustack;
	unsigned buffer_kb;	/* per CPU; 0: the kernel's default */
	bool sub_buffers;	/* the kernel lets us set the size of a sub-buffer */
	unsigned event_tag;	/* makes event names unique beside other sessions: our pid; 0: none */
	pid_t pid;		/* SOURCE_PERF: shown by --dry-run; 0: everybody, or the command to be */
	const char *tids;	/* SOURCE_FTRACE: only hits of these threads ("471 472") and of those that they
				 * make are recorded; NULL: of all */
};

struct plan {
	struct arena *arena;
	struct plan_options opt;
	struct site **sites;
	unsigned n_sites;
	struct step *steps;
	unsigned n_steps;
};

/* Fills *p with the steps for the sites, in the order of DESIGN.md section 1. Sites get their event,
 * line and captures. Reports and returns false when a capture cannot be had. */
bool plan_make(struct plan *p, struct arena *a, struct site **sites, unsigned n,
	       const struct plan_options *opt, struct diags *d);
/* How the site comes to see what it is for, where that is not plain: a sentence; or NULL. */
const char *site_way(const struct site *s);
/* Prints the steps as shell lines that work when pasted, then their undo. root: where tracefs is. */
void plan_print(const struct plan *p, const char *root, struct str *out);
void plan_print_steps(const struct plan *p, const char *root, struct str *out);
void plan_print_undo(const struct plan *p, const char *root, struct str *out);
/* The user's words that made byte `column` of the site's line, or the whole definition. */
struct span plan_origin(const struct plan *p, const struct site *site, unsigned column);

/* capture.c: fills event line, captures, slots of one site. */
bool capture_site(struct plan *p, struct site *site, struct diags *d);

/* filter.c: reports what the kernel would get wrong without a word (constants that do not fit their
 * field) and returns false; *out, in the arena, is the filter to write, byte for byte as long as the
 * user's so that the kernel's caret stays true (`comm` becomes the captured `Comm` where only that
 * works). NULL for a program's filter that cannot be had here: it does without. */
bool filter_check(struct plan *p, const struct site *site, const char **out, struct diags *d);

/* ---- lower.c, shadow.c, predicate.c: programs (lang/tree.h) ---- */

struct program;
struct action;
struct attach_point;

enum tap_kind {
	TAP_EVENT,		/* of the kernel, by sites: kprobes, uprobes, tracepoints */
	TAP_BEGIN, TAP_END,
	TAP_SIGNAL,		/* self:signal:SIGUSR1 */
	TAP_TEST, TAP_BENCH,	/* run by --test, --bench */
	TAP_INTERVAL,		/* period_ns */
	TAP_PROFILE,		/* on each CPU, every period_ns */
	TAP_COUNTER,		/* perf's software and hardware events: counter, every count of them */
	TAP_WATCHPOINT,		/* address, length, access */
};

/* A counter of perf's, by the numbers of linux/perf_event.h, which are an interface that does not change. */
struct counter {
	const char *name, *alias;	/* as in attach points; alias NULL: none */
	unsigned type;			/* 0 hardware, 1 software */
	unsigned config;
	uint64_t count;			/* a record every so many, when the program does not say */
};

enum { ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_EXECUTE = 4 };

/* One attach point as the program writes it, with all the actions on it. Lives in the program's arena. */
struct tap {
	const struct attach_point *point;
	struct action **actions;	/* in the order of the program: run them so for each record */
	unsigned n_actions;

	/* filled by lower_program() */
	struct fetcharg **args;		/* args[slot] is record->values[slot] */
	unsigned n_args;
	bool follows;			/* an argument follows a pointer (a static event needs an event probe then) */
	bool whole;			/* `args` is used as a whole: eval/ reads record->bytes by its layout */
	const char *filter;		/* of the kernel: lets through all that a predicate lets through, and more;
					 * NULL: none. It may be left away. */
	bool kstack, ustack;
	unsigned frames;		/* the deepest stack that is asked for; 0: none is */
	const char **notes;		/* what the user should know of how it is done: sentences, for -d plan */
	unsigned n_notes;

	/* filled by attach_prepare() (probe/) */
	enum tap_kind kind;
	uint64_t period_ns;
	const struct counter *counter;
	uint64_t count;
	uint64_t address;
	unsigned length, access;	/* bytes; ACCESS_... */
	unsigned call;			/* no event of the kernel's, but it reads its memory: trapline makes the event,
					 * by getpgid(call) (probe/own.c); 0: it does not */
};

struct program;
struct lower_options {
	bool return_arguments;		/* functions of the kernel: $argN at their return */
	/* Can the arguments of a system call be had at its return? NULL: of none. */
	bool (*call_arguments)(void *ctx, const char *call);
	bool (*is_kernel_address)(uint64_t address);	/* NULL: every number is */
	unsigned stack_word;		/* which word of the stack is sarg0 at a function's entry: 1 on x86-64 */
	/* Where a variable of the probed program is, for the kernel's @+OFFSET. False, and *why, a sentence. */
	bool (*variable)(void *ctx, const struct attach_point *p, const char *name, uint64_t *offset,
			 const char **why);
	void *ctx;
};

/* Makes the taps of a checked program, in the order of their first actions, and rewrites the actions: what the
 * kernel fetches is a NODE_CAPTURE then. Reports all that cannot be had, and returns false. */
bool lower_program(struct program *p, const struct lower_options *opt, struct tap ***taps, unsigned *n,
		   struct diags *d);
/* -d plan: each tap, its fetches by slot, its filter, and what is left for user space. */
void tap_print(const struct tap *t, struct str *out);

/* ---- what these files give each other ---- */

struct lower;
/* variables.c, first of all: variables that hold several pointers become such that hold one, or are compared with
 * each. */
void variables_program(struct lower *l);
/* shadow.c, before anything is lowered: adds the maps and statements by which a read through a pointer that a map
 * holds is done where the pointer came from. */
void shadow_program(struct lower *l);
/* predicate.c: fills tap->filter. */
void predicate_push(struct arena *a, struct tap *t);

/* undo.c: one line of text for an undo, and back. Text lives in the arena; false on a bad line. */
void undo_print(const struct undo *u, struct str *out);
bool undo_parse(struct arena *a, const char *line, struct undo *out);

#endif
