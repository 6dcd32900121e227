/* plan.h - the front door of plan/: sites in, a list of writes out. Decides, and does no I/O.
 *
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
	unsigned event_tag;	/* makes event names unique beside other sessions: our pid; 0: none */
	pid_t pid;		/* SOURCE_PERF: shown by --dry-run; 0: everybody, or the command to be */
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
/* Prints the steps as shell lines that work when pasted, then their undo. root: where tracefs is. */
void plan_print(const struct plan *p, const char *root, struct str *out);
/* The user's words that made byte `column` of the site's line, or the whole definition. */
struct span plan_origin(const struct plan *p, const struct site *site, unsigned column);

/* capture.c: fills event line, captures, slots of one site. */
bool capture_site(struct plan *p, struct site *site, struct diags *d);

/* filter.c: reports what the kernel would get wrong without a word (constants that do not fit their
 * field) and returns false; *out, in the arena, is the filter to write, byte for byte as long as the
 * user's so that the kernel's caret stays true (`comm` becomes the captured `Comm` where only that
 * works). */
bool filter_check(struct plan *p, const struct site *site, const char **out, struct diags *d);

/* undo.c: one line of text for an undo, and back. Text lives in the arena; false on a bad line. */
void undo_print(const struct undo *u, struct str *out);
bool undo_parse(struct arena *a, const char *line, struct undo *out);

#endif
