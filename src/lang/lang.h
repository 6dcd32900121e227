/* lang.h - the front door of lang/: text in, checked tree out; and the words that all floors share.
 *
 *	definition.c	one DEFINITION of `trapline probe`: text -> tree
 *	fetch.c		one FETCHARG of it: the kernel's expression language -> tree -> text
 *
 * The interfaces that several floors share (site, capture, record, catalog) are declared here and
 * implemented above: the rows live high, where they know everything.
 */
#ifndef LANG_LANG_H
#define LANG_LANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/str.h"

/* ------------------------------------------------------------------------------------------------
 * fetch.c: a FETCHARG, [NAME=]FETCH[:TYPE]
 * ---------------------------------------------------------------------------------------------- */

enum fetch_kind {
	FETCH_REG,	/* %REG		text: the register without its percent sign */
	FETCH_RETVAL,	/* $retval */
	FETCH_ARG,	/* $argN	n: 1.. */
	FETCH_ARGS,	/* $arg*	the kernel's BTF: as many arguments as the function has */
	FETCH_STACK,	/* $stack	the stack pointer */
	FETCH_STACK_N,	/* $stackN	n: the Nth word of the stack */
	FETCH_COMM,	/* $comm */
	FETCH_AT,	/* @ADDR @SYM[+-N] @+FILEOFFSET	text: what follows the @ */
	FETCH_IMM,	/* \N \"text"	text: what follows the backslash */
	FETCH_DEREF,	/* +|-[u]N(FETCH)	n, user, inner */
	FETCH_NAME,	/* anything else: a name or path that only the kernel's BTF knows; text */
};

struct fetch {
	enum fetch_kind kind;
	const char *text;
	long long n;
	bool user;			/* +uN: the address is one of user space */
	struct fetch *inner;
	struct span span;
};

struct fetcharg {
	const char *name;		/* NULL: the kernel calls it argN */
	struct fetch *fetch;
	const char *type;		/* NULL: none was given */
	struct span span, name_span, type_span;	/* the whole; its parts, empty when absent */
};

/* Reads one word; nodes live in the arena. Reports and returns NULL when it is not a FETCHARG. */
struct fetcharg *fetcharg_parse(struct arena *a, const char *word, struct span at, struct diags *d);
/* Appends the kernel's spelling of the expression, without name and type. */
void fetch_print(const struct fetch *f, struct str *out);

/* What a TYPE says. */
enum base {
	BASE_HEX,	/* x8..x64, and the default: printed 0x... */
	BASE_UNSIGNED,
	BASE_SIGNED,
	BASE_CHAR,
	BASE_STRING,	/* string, ustring, symstr: dynamic text */
	BASE_SYMBOL,	/* symbol: an address, shown as symbol+offset */
};
struct fetch_type {
	enum base base;
	unsigned size;		/* bytes of an element, 0 for text */
	unsigned count;		/* elements of an array, 0: not an array */
	bool user;		/* ustring */
	bool known;		/* false: passed on to the kernel as it is; its format file tells */
};
struct fetch_type fetch_type_parse(const char *type);

/* ------------------------------------------------------------------------------------------------
 * definition.c: p|r[MAXACTIVE][:NAME] TARGET [FETCHARG...]
 * ---------------------------------------------------------------------------------------------- */

struct definition {
	const struct source *source;
	bool ret;			/* r */
	unsigned maxactive;		/* r16: ... 0: not given */
	const char *name;		/* the label, or NULL */
	const char *target;		/* unquoted */
	const unsigned *colons;		/* where in it the colons outside quotes are, ascending */
	unsigned n_colons;
	bool quoted;			/* some of the target was in quotes: surely a file */
	const unsigned *target_map;	/* byte of target -> byte of the source; one more for its end */
	struct span span, target_span;
	struct fetcharg **args;
	unsigned n_args;
	const char *filter;		/* --filter, or NULL */
	struct span filter_span;
};

/* Reads one DEFINITION; everything lives in the arena. Reports and returns NULL on an error. */
struct definition *definition_parse(struct arena *a, const struct source *src, struct diags *d);
/* The span of target bytes begin..end-1 in the user's own text (quotes are accounted for). */
struct span definition_target_span(const struct definition *def, unsigned begin, unsigned end);
/* Prints the tree, a line for each part, for the tests. */
void definition_print(const struct definition *def, struct str *out);

/* ------------------------------------------------------------------------------------------------
 * capture, site: what will be probed and fetched
 * ---------------------------------------------------------------------------------------------- */

/* An expression that the kernel evaluates at the hit. It occupies one field ("slot") of the event, or
 * several when a string is fetched in bounded pieces. Guards are other slots, the prefixes of a pointer
 * chain: when one of them is no pointer, the kernel did not write this field in this record. */
struct capture {
	const char *name;		/* as shown: NAME, else arg1, arg2, ... */
	enum base base;
	unsigned size;			/* bytes of an element */
	unsigned count;			/* elements of an array; 0: a scalar */
	bool bounded;			/* text fetched as x64 arrays: all bytes of the slots in order */
	bool by_format;			/* the type is the kernel's secret: learn it from the format file */
	unsigned slot, n_slots;		/* the slots that hold the value; slot 0 is the first FETCHARG */
	const unsigned *guards;		/* slots that must hold pointers, the last one that was followed first */
	unsigned n_guards;
	unsigned witness;		/* slot of a text at the value's last byte: when that byte is 0 and the
					 * text could not be read, nothing was there; UINT32_MAX: none */
};

enum provider { PROVIDER_UPROBE, PROVIDER_KPROBE };

/* Where in a line a piece came from: to carry the kernel's caret back to the user's words. */
struct line_part {
	unsigned begin, end;		/* bytes of site->line */
	struct span span;
};

/* One place where a probe will sit, and what it fetches there. Lives in the program's arena. */
struct site {
	enum provider provider;
	bool ret;
	unsigned maxactive;
	const char *label;		/* as shown in records: NAME, else "uprobe:FILE:SYM+OFF" */
	const char *path;		/* user: the file as the user should see it */
	const char *kernel_path;	/* user: how the kernel is told (the same, or /proc/PID/root/...) */
	int fd;				/* user: open on the file when kernel_path is /proc/self/fd/N, else -1 */
	uint64_t offset;		/* user: file offset in bytes of the breakpoint */
	uint64_t shift;			/* bytes from the named place to the breakpoint (after an endbr64) */
	const char *module;		/* kernel: or NULL */
	const char *symbol;		/* NULL: the user gave an offset */
	uint64_t symbol_offset;		/* bytes from the symbol's address, without shift */
	bool optional;			/* one of a wildcard: if the kernel refuses it, warn and go on */
	const struct definition *def;
	const struct arch *arch;	/* user: by the ELF file's machine; kernel: the host's */
	struct fetcharg **args;		/* the definition's, in the kernel's terms for this file: $argN and
					 * the usual register names are gone */
	unsigned n_args;
	const char *caller;		/* a FETCH for the return address at entry, or NULL */

	/* filled by plan/ */
	const char *event;		/* event name in the kernel, in the plan's group */
	const char *line;		/* the definition as written, without newline */
	struct capture *captures;	/* what the user asked for, in his order */
	unsigned n_captures;
	const struct line_part *parts;	/* of the line, ascending */
	unsigned n_parts;
	unsigned n_slots;		/* FETCHARGs of the line, without $arg* */
	bool open_ended;		/* $arg*: fields of the format from slot n_slots on are captures too */
	unsigned comm_slot;		/* the slot of $comm */
	unsigned caller_slot;		/* the slot of the return address for --ustack; UINT_MAX: none */
};

/* ------------------------------------------------------------------------------------------------
 * record: what came of a hit
 * ---------------------------------------------------------------------------------------------- */

/* A value, its validity and whether it was cut: from the first day. */
struct captured {
	const unsigned char *data;	/* host byte order; text without its NUL */
	size_t len;			/* bytes */
	bool valid;			/* false: the kernel could not read it: (fault) */
	bool cut;			/* text that goes on beyond what was fetched */
};

struct frame {
	uint64_t address;
	const char *symbol;		/* NULL: unknown */
	uint64_t offset;		/* from the symbol */
	const char *file;		/* of user frames; NULL: kernel or unknown */
};

/* Lives until the next record is asked for. */
struct record {
	const struct site *site;
	uint64_t time_ns;		/* CLOCK_BOOTTIME */
	int cpu;
	pid_t pid, tid;			/* thread group and thread; pid is -1 when it cannot be known */
	const char *comm;		/* of the thread at the hit; data from a stranger */
	uint64_t address;		/* run-time address of the probe; return probe: of the function */
	uint64_t return_address;	/* return probe only */
	const struct captured *values;	/* one for each of site->captures */
	const struct frame *ustack, *kstack;
	unsigned n_ustack, n_kstack;
};

/* Records that are known to be missing. */
struct lost {
	uint64_t count;			/* exact, since the report before */
	bool at_most;			/* not exact: so many may be missing, or none */
	int cpu;			/* -1: not known by CPU */
	const struct site *site;	/* NULL: not known by site */
	const char *why;		/* a sentence's end: "the ring buffer was full" */
};

/* A process has mapped code, in time order with the records: what its stacks mean when it has ended. */
struct mapped {
	pid_t pid;
	uint64_t begin, length;		/* addresses */
	uint64_t offset;		/* in the file */
	uint64_t device, inode;		/* as /proc/PID/maps has them: major << 32 | minor */
	const char *path;
};

/* Where records go. Returns false to end the run (a closed pipe, -n reached). */
struct sink {
	void *ctx;
	bool (*record)(void *ctx, const struct record *r);
	bool (*lost)(void *ctx, const struct lost *l);
	void (*mapped)(void *ctx, const struct mapped *m);
};

/* ------------------------------------------------------------------------------------------------
 * catalog: what this kernel has; implemented in trace/catalog.c
 * ---------------------------------------------------------------------------------------------- */

struct catalog;

enum feature {
	FEATURE_UPROBES,	/* uprobe_events exists and takes a line */
	FEATURE_KPROBES,
	FEATURE_LONG_STRINGS,	/* uprobe strings cannot overflow the kernel's buffer */
	FEATURE_QUIET_STRINGS,	/* ... and a long one does not panic (panic_on_warn) */
	N_FEATURES
};
/* Asks the kernel once and remembers. why_not, if not NULL, becomes a sentence about what is missing. */
bool catalog_has(struct catalog *c, enum feature f, const char **why_not);

/* Each kernel function that may be probed, in the order of the kernel's list, with its module or NULL.
 * fn returns false to stop. 0 or -errno. */
int catalog_functions(struct catalog *c,
		      bool (*fn)(void *ctx, const char *name, const char *module), void *ctx);
/* How many text symbols of the kernel have exactly this name (module NULL: any); -errno. */
int catalog_function_count(struct catalog *c, const char *name, const char *module);
/* True when the running kernel has a module of this name loaded. */
bool catalog_has_module(struct catalog *c, const char *name);
/* Each static event, "group", "name"; trapline's own and other people's probes too. */
int catalog_events(struct catalog *c,
		   bool (*fn)(void *ctx, const char *group, const char *name), void *ctx);
/* The fields of an event as C declarations, one call a field, without common_ fields. 0 or -errno. */
int catalog_fields(struct catalog *c, const char *group, const char *name,
		   bool (*fn)(void *ctx, const char *declaration), void *ctx);

#endif
