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
	FETCH_FIELD,	/* $FIELD	of a static event, or an argument of a function of a program, by its name: text; of an
			 *		argument what is n bytes from its begin. Only in what plan/lower.c makes */
	FETCH_ENTRY_FIELD,	/* $entry.FIELD	the same at sys_exit_NAME, of the call's sys_enter_NAME; text */
	FETCH_NAME,	/* anything else: a name or path that only the kernel's BTF knows; text */
};

struct fetch {
	enum fetch_kind kind;
	const char *text;
	long long n;
	bool user;			/* +uN: the address is one of user space */
	struct fetch *inner;
	struct span span;
	const char *declared;		/* FETCH_FIELD of an argument: its type, member.declared */
	const struct type *as;		/* ... and as what the program reads it */
	bool of_all;			/* ... and it is wanted with all the others, as `args` */
};

/* Of so many words a value can be put together: Go passes nine in registers. */
#define FETCH_WORDS 9

struct fetcharg {
	const char *name;		/* NULL: the kernel calls it argN */
	struct fetch *fetch;
	const char *type;		/* NULL: none was given */
	struct span span, name_span, type_span;	/* the whole; its parts, empty when absent */
	bool at_entry;			/* of a return: the value at the function's entry is meant. $argN always is; see
					 * eval/pairs.c */

	/* What only a program asks for (plan/lower.c); 0 in a definition. */
	unsigned bytes;			/* so many bytes of memory, in as many arrays as it takes: of text, when type is
					 * "string", else as they are */
	unsigned limit;			/* text: so many bytes are wanted, and what is longer is cut */
	bool exact;			/* ... because the program said so: then it does not count as cut */
	bool word;			/* a word of the program: its type is that of 8 bytes, but in programs whose
					 * words have 4 only those are fetched */

	/* What only probe/ says, which knows the program. */
	const char *narrow;		/* the type that is fetched, when there are fewer bytes than type has: the value
					 * is made as wide, by its sign; else NULL */
	struct fetch *further[FETCH_WORDS - 1];	/* of `bytes` that are in several registers or places: the words behind
						 * the first; NULL behind the last */
	unsigned char word_bytes[FETCH_WORDS];	/* ... so many bytes of each are the value's: 1, 2, 4 or 8 */
	unsigned sign_bits;		/* the value has so many bits, the highest is its sign; 0: as many as type says */
	bool is_float;			/* the bits are those of a float, or of a double */
	const struct enumeration *enumeration;	/* the number is one of these, and shown by its name; or NULL */
	const char *absent;		/* it cannot be had at the site: capture.absent; fetch means nothing then. Or NULL */
};

/* Reads one word; nodes live in the arena. Reports and returns NULL when it is not a FETCHARG. */
struct fetcharg *fetcharg_parse(struct arena *a, const char *word, struct span at, struct diags *d);
/* Would the kernel take the name: an identifier of at most 31 characters that is not one of its own fields'? */
bool fetcharg_name_fits(const char *name);
/* Makes a FETCH_DEREF or FETCH_AT one of memory so many bytes further on. */
void fetch_move(struct arena *a, struct fetch *f, long long bytes);
/* What a chain of dereferences begins with: f itself, when it is none. */
const struct fetch *fetch_leaf(const struct fetch *f);
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
	BASE_FLOAT,	/* no TYPE of the kernel's: the bits that were fetched are a float's or a double's */
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

struct tap;
struct definition {
	const struct tap *tap;		/* of which attach point of a program (plan/lower.c); NULL: of `trapline probe` */
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
	unsigned bytes;			/* the same, but no text: so many bytes of them are the value; 0: no */
	unsigned limit;			/* text: what is longer than so many bytes is cut; 0: nothing is */
	bool exact;			/* ... and not marked as cut */
	unsigned narrow;		/* so many bytes are fetched, and made size bytes wide; 0: as many as size */
	bool narrow_signed;		/* ... by their sign */
	unsigned sign_bits;		/* of a bit field: its highest bit, the one before this, is its sign; 0: it has none */
	const struct enumeration *enumeration;	/* the number is shown by its name, where it has one; or NULL */
	const char *field;		/* of a static event: the field of its format file that holds the value,
					 * instead of a slot; else NULL */
	bool by_format;			/* the type is the kernel's secret: learn it from the format file */
	unsigned slot, n_slots;		/* the slots that hold the value; slot 0 is the first FETCHARG */
	const unsigned *guards;		/* slots that must hold pointers, the last one that was followed first */
	unsigned n_guards;
	bool at_entry;			/* no slot: it is capture number entry_capture of site->entry's record */
	unsigned entry_capture;
	const char *absent;		/* no slot: why there is no such value at this site, in a word or two; or NULL */
	unsigned witness;		/* slot of a text at the value's last byte: when that byte is 0 and the
					 * text could not be read, nothing was there; of a text, slot of its first
					 * byte: when that is not 0 and the text could not be read, it is too long;
					 * UINT32_MAX: none */
};

enum provider {
	PROVIDER_UPROBE,
	PROVIDER_KPROBE,
	PROVIDER_TRACEPOINT,	/* a static event of the kernel: nothing is defined, its own fields are the values */
	PROVIDER_EVENT,		/* an event probe on one, with fetch arguments that follow its pointers */
	PROVIDER_SAMPLE,	/* what perf counts by itself (def->tap says what): no event, no captures */
};

/* Where in a line a piece came from: to carry the kernel's caret back to the user's words. */
struct line_part {
	unsigned begin, end;		/* bytes of site->line */
	struct span span;
};

/* At which instruction of a function's end a site sits. */
enum site_end {
	END_NONE,
	END_RETURN,		/* a return instruction */
	END_TAIL_CALL,		/* a jump into another function, whose result is not known here */
};

/* What tells a call from all others that are under way: each is a FETCH, or NULL (eval/pairs.c). */
struct frame_key {
	const char *sp;		/* the stack pointer; NULL: the site is not paired */
	const char *base;	/* it is counted from here, where a stack can move */
	const char *owner;	/* whose stack it is, where that is not the thread */
	unsigned popped;	/* bytes that the stack pointer has above its value at the entry */
};

/* One place where a probe will sit, and what it fetches there. Lives in the program's arena.
 *
 * A return that is seen at the function's own instructions has a site for each of them, and so has a USDT probe for
 * each of its places; they stand one behind the other, with one label, and all but the first are `part`s of it. A
 * return that shows values of the function's entry has a site there too, before it: its `entry`, whose records go to
 * nobody but eval/pairs.c. */
struct site {
	enum provider provider;
	bool ret;			/* the kernel's return probe */
	enum site_end end;
	bool part;			/* of the same probe as the site before it */
	bool companion;			/* it is the entry of others */
	struct site *entry;		/* or NULL */
	struct frame_key frame;
	const char *note;		/* why it is here and not elsewhere, a sentence; or NULL */
	unsigned maxactive;
	const char *label;		/* as shown in records: NAME, else "uprobe:FILE:SYM+OFF" */
	const char *path;		/* user: the file as the user should see it */
	const char *kernel_path;	/* user: how the kernel is told (the same, or /proc/PID/root/...) */
	int fd;				/* user: open on the file when kernel_path is /proc/self/fd/N, else -1 */
	const char *open_path;		/* user: how we, and a shell, can open it: kernel_path, when fd is -1 */
	const struct identity *identity;/* user: which file it was that was looked at (probe/identity.c), or NULL */
	uint64_t offset;		/* user: file offset in bytes of the breakpoint */
	uint64_t shift;			/* bytes from the named place to the breakpoint (behind an endbr64, at a local
					 * entry) */
	uint64_t counter;		/* user: file offset in bytes of the counter that switches the probe on (a USDT
					 * probe's semaphore); 0: none */
	const char *category, *tracepoint;	/* of PROVIDER_TRACEPOINT and PROVIDER_EVENT: CAT, NAME; of a USDT
					 * probe: its provider and name; else NULL */
	const char *module;		/* kernel: or NULL */
	const char *symbol;		/* NULL: the user gave an offset */
	const char *readable;		/* the symbol as its programmer wrote it, or NULL: it is the same */
	const char *alias;		/* the indirect function that was named, and has chosen the symbol; or NULL */
	uint64_t symbol_offset;		/* bytes from the symbol's address, without shift */
	const char *why_here;		/* user: what the place is when it is no symbol's: "f, inlined in main at
					 * app.c:12"; or NULL */
	bool optional;			/* others do without it: if the kernel refuses it, warn and go on */
	bool refused;			/* by trace/: the kernel did, and so it is not there */
	const struct definition *def;
	const struct arch *arch;	/* user: by the ELF file's machine; kernel: the host's */
	unsigned word;			/* user: bytes of a pointer in the program; kernel: 0 */
	const char *sp;			/* the stack pointer's register for the kernel, or NULL */
	struct fetcharg **args;		/* the definition's, in the kernel's terms for this file: $argN and
					 * the usual register names are gone */
	unsigned n_args;
	struct fetcharg **wanted;	/* what of the definition each of them is */
	const char *caller;		/* a FETCH for the return address at entry, or NULL */

	/* filled by plan/ */
	const char *event;		/* event name in the kernel, in the plan's group; of PROVIDER_TRACEPOINT: in
					 * the group `category` */
	const char *line;		/* the definition as written, without newline; PROVIDER_TRACEPOINT: NULL */
	struct capture *captures;	/* what the user asked for, in his order */
	unsigned n_captures;
	const struct line_part *parts;	/* of the line, ascending */
	unsigned n_parts;
	unsigned n_slots;		/* FETCHARGs of the line, without $arg* */
	bool open_ended;		/* $arg*: fields of the format from slot n_slots on are captures too */
	unsigned comm_slot;		/* the slot of $comm; UINT32_MAX: none (PROVIDER_TRACEPOINT) */
	unsigned caller_slot;		/* the slot of the return address for --ustack; UINT_MAX: none */
	unsigned frame_slots[3];	/* those of frame.sp, base and owner; UINT32_MAX: none */
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
	bool guessed;			/* read from a trace's text, where its end could not be told for sure */
	const char *absent;		/* not valid: why, in a word or two; NULL: it could not be read */
	bool too_long;			/* not valid: text is there, but more than the kernel reads, or a record has
					 * room for */
};
/* captured.absent of a name that the function at the site does not have. */
#define ABSENT_UNKNOWN "no such argument"

struct frame {
	uint64_t address;
	const char *symbol;		/* NULL: unknown */
	uint64_t offset;		/* from the symbol; UINT64_MAX: not known */
	const char *file;		/* of user frames; NULL: kernel or unknown */
	bool inlined;			/* symbol is a function that was inlined in the one of the next frame */
	const char *source;		/* of user frames: the source file; NULL: unknown */
	unsigned line;
};

/* Lives until the next record is asked for. */
struct record {
	const struct site *site;
	uint64_t time_ns;		/* CLOCK_BOOTTIME */
	int cpu;			/* -1: not known (text of perf script) */
	pid_t pid, tid;			/* thread group and thread; pid is -1 when it cannot be known */
	const char *comm;		/* of the thread at the hit; data from a stranger */
	uint64_t address;		/* run-time address of the probe; return probe: of the function */
	uint64_t return_address;	/* return probe only */
	int64_t frame;			/* of paired sites: where on its stack the call began ... */
	uint64_t owner;			/* ... and whose stack it is; 0: the thread's */
	bool user_mode;			/* PROVIDER_SAMPLE: the CPU was in user mode */
	const struct captured *values;	/* one for each of site->captures */
	const struct frame *ustack, *kstack;
	unsigned n_ustack, n_kstack;
	const unsigned char *bytes;	/* the event as the kernel wrote it, common fields first; NULL: from text */
	size_t n_bytes;
	const unsigned char *page;	/* the page of the ring buffer that it was in; NULL: from perf or text */
	size_t n_page;			/* bytes of it that are used */
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
 * catalog: what this kernel has; implemented in trace/catalog.c and trace/lists.c
 * ---------------------------------------------------------------------------------------------- */

struct catalog;

/* The features that somebody asks for by name, or that others build on. The catalog has more rows. */
enum feature {
	FEATURE_OTHER,		/* nobody asks for it by name */
	FEATURE_TRACEFS,	/* tracefs can be read and written: nearly all else needs it */
	FEATURE_UPROBES,	/* uprobe_events exists and takes a line */
	FEATURE_KPROBES,
	FEATURE_DYNAMIC_EVENTS,	/* dynamic_events exists and takes a line */
	FEATURE_INSTANCES,	/* an instance of our own can be made */
	FEATURE_PERF,		/* perf_event_open is there, and lets us in */
	FEATURE_LONG_STRINGS,	/* uprobe strings cannot overflow the kernel's buffer */
	FEATURE_QUIET_STRINGS,	/* ... and a long one does not panic (panic_on_warn) */
	FEATURE_COUNTERS,	/* user probes that count up a semaphore while they are there */
	FEATURE_EVENT_PROBES,	/* e: other fetches from a static event's fields */
	FEATURE_RETURN_ARGUMENTS,/* kernel functions: $argN at their return */
	FEATURE_WATCHPOINTS,	/* the machine stops where memory is read or written */
	FEATURE_TASK_ENDS,	/* perf events of one task see its sched_process_exit */
	FEATURE_SUB_BUFFERS,	/* the size of the ring buffer's pages can be set */
	N_FEATURES
};
/* Asks the kernel once and remembers. True only for a plain yes. why_not, if not NULL, becomes a sentence about
 * what is missing, or about what keeps us from asking; it lives as long as the catalog. */
bool catalog_has(struct catalog *c, enum feature f, const char **why_not);

enum answer { ANSWER_UNKNOWN, ANSWER_YES, ANSWER_NO };
/* The same, where a no and a question that could not be asked make a difference. */
enum answer catalog_ask(struct catalog *c, enum feature f, const char **why_not);

/* What there is to say about a feature. All texts live as long as the catalog. */
struct feature_info {
	const char *group;	/* what it is a part of: "user probes" */
	const char *name;	/* "uretprobes" */
	const char *use;	/* what it gives the user */
	const char *without;	/* what the user goes without, or does instead */
	enum answer answer;
	const char *value;	/* of a setting: "2"; else NULL */
	const char *asked;	/* how: the very line that was written, as it could be typed; NULL: not asked */
	const char *why;	/* no, unknown: the kernel's own words, or why it could not be asked */
};
/* Asks for row n (0..) of the catalog, also for what only `info` tells. False when there is no such row. */
bool catalog_info(struct catalog *c, unsigned n, struct feature_info *out);

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
/* A field of a static event, as its format file has it. Texts live for the call. */
struct field_layout {
	const char *type;	/* "const char *", "char[16]", "__data_loc char[]" */
	const char *name;
	unsigned offset, size;	/* bytes of the record */
	bool is_signed;
};
/* The fields of an event, without common_ fields. fn returns false to stop. 0 or -errno. */
int catalog_layout(struct catalog *c, const char *group, const char *name,
		   bool (*fn)(void *ctx, const struct field_layout *f), void *ctx);
/* The fields of an event as C declarations, one call a field, without common_ fields. 0 or -errno. */
int catalog_fields(struct catalog *c, const char *group, const char *name,
		   bool (*fn)(void *ctx, const char *declaration), void *ctx);

#endif
