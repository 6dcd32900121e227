/* probe.h - the front door of probe/: from a definition's target to sites, one file a provider.
 *
 *	probe.c		the table of providers; which provider a target means
 *	program.c	what all probes in programs share: the file
 *	uprobe.c	functions of programs and libraries
 *	returns.c	their returns
 *	usdt.c		static probes of programs and libraries
 *	source.c	lines of their source, and inlined functions
 *	kprobe.c	functions of the kernel
 *	tracepoint.c	static events of the kernel: their fields as a type, event probes on them
 *	attach.c	the attach points of a program: what they mean, and their sites
 *	own.c		what clauses that are no events read of the kernel's memory
 *	timer.c		attach points of time and of perf's counters: intervals, profiles, watchpoints
 *	arguments.c	arguments of functions in programs by name: debug information -> types and fetches
 *	missing.c	those that cannot be had at some place: named, with the reason
 *	abi.c		$argN and the usual register names -> what the kernel can fetch
 *	identity.c	is it still the file that was looked at?
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "lang/tree.h"
#include "lang/lang.h"
#include "plan/plan.h"
#include "sym/sym.h"

/* How the returns of functions of programs are seen. */
enum returns {
	RETURNS_AUTO,		/* by the kernel, but at the instructions where that would harm the program */
	RETURNS_KERNEL,		/* by the kernel's return probe */
	RETURNS_INSTRUCTIONS,	/* at the function's return instructions */
};

struct probe_options {
	pid_t pid;		/* files are looked up as this process sees them; 0: as we see them */
	bool force;		/* go on where nothing was proved to break */
	enum returns returns;
	unsigned max_probes;	/* of one definition */
	bool mangled;		/* labels have names as the linker sees them */
	bool no_inlines;	/* a function's own code only, not its inlined copies */
};

struct probe_context {
	struct arena *arena;	/* everything that is made lives here */
	struct catalog *catalog;/* NULL: there is no tracefs; kernel targets are refused */
	struct diags *diags;
	struct probe_options opt;
	bool absent;		/* result of a failure: what was asked for is not there at all */
	struct site **sites;	/* what was found; free() the array */
	size_t n_sites;
	struct missing *missing;/* missing.c: of the definition at hand */
	size_t n_missing;
};

/* Adds the sites that the definition means. Reports and returns false when there is none. */
bool probe_expand(struct probe_context *c, const struct definition *def);

/* identity.c: false when the site's file is no longer the one that was looked at; *why then becomes a sentence.
 * True for kernel sites. */
bool identity_holds(const struct site *site, struct str *why);

/* What `-l` shows: calls fn with one line for each probe point that matches PROVIDER:PATTERN (PROVIDER may be a
 * glob; or a glob over all providers of the kernel), unsorted. details, with -v, is lines of text or NULL.
 * Reports and returns false on a pattern that cannot be. */
struct probe_lister {
	struct probe_context *context;
	bool verbose;
	void (*fn)(void *ctx, const char *line, const char *details);
	void *ctx;
	const char *why_none;	/* result: when there was nothing to look among, why (a clause), else NULL */
};
bool probe_list(struct probe_lister *l, const char *pattern);
/* arguments.c: appends the layout of a type ("struct foo") as C writes it, with sizes and offsets in bytes. False: the
 * file does not know it; or, with *why, a clause, it is not clear which. */
bool arguments_print_type(struct elf_file *elf, const char *name, struct str *out, const char **why);
/* True when the pattern asks for points of the kernel: the lister then needs a catalog. */
bool probe_list_asks_kernel(const char *pattern);
/* True when the text begins as a pattern does: with a provider (or a glob of them) and a colon. */
bool probe_list_is_pattern(const char *text);

/* ---- attach.c: the attach points of a program ---- */

struct attach {
	struct program *program;
	struct catalog *catalog;	/* NULL: there is no tracefs */
	struct diags *diags;
	bool unsafe;			/* --unsafe: addresses of the kernel may be probed */
	pid_t pid;			/* files are looked up as this process sees them; 0: as we see them */
	bool one_process;		/* records are those of one process and its children (-p, -c) */
	struct opened *opened;		/* files whose debug information was asked for */
	bool by_perf;			/* the records will come by perf (SOURCE_PERF), to which event probes are mute */
	struct absent *absent;		/* between attach_expand() and attach_settle() */
	size_t n_absent;
	unsigned n_own;			/* taps that own_expand() took */
};
void attach_release(struct attach *a);
/* Before the program is checked: are its attach points such as can be? Takes away the static events that do not
 * exist, where config.missing_probes allows it. Reports all mistakes; false when there were any. */
bool attach_check(struct attach *a);
/* check_options.args, with a struct attach for ctx. */
const struct layout *attach_args(void *ctx, const struct attach_point *p, const char **why);
/* check_options.find_type, the same: types of the probed program. */
const struct type *attach_find_type(void *ctx, const struct attach_point *p, const char *name, const char **why);
/* What lower_program() must know; ctx is a struct attach. */
struct lower_options attach_lower_options(struct attach *a);
/* Fills kind and period, counter or address of taps. */
void attach_kinds(struct tap **taps, unsigned n);
/* Adds the sites of a TAP_EVENT to the context; site->def->tap is the tap then. Where config.missing_probes allows
 * it a probe that cannot be had is left out, with a warning or silently, and there may be no site. Reports and
 * returns false otherwise. */
bool attach_expand(struct attach *a, struct probe_context *c, const struct tap *t);
/* After the last of them: where the config does not say, probes that are not there at all are warnings when others of
 * the same clauses are (kprobe:blk_account_io_start, kprobe:__blk_account_io_start), and else errors: then false.
 * What the kernel lists, and refuses when it is asked for, is missing too: such sites become optional. */
bool attach_settle(struct attach *a, struct probe_context *c);
/* After the session has asked the kernel: false, reported, when it has refused all sites of a clause, unless the config
 * allows that. */
bool attach_survives(const struct attach *a, const struct probe_context *c);

/* own.c: the same for a tap that is no event of the kernel's, and has fetches. Its records come when trapline calls
 * getpgid(t->call). */
bool own_expand(struct attach *a, struct probe_context *c, struct tap *t);

/* ---- what the files of this room give each other ---- */

/* tracepoint.c */
bool tracepoint_exists(struct attach *a, const struct attach_point *p);
const struct layout *tracepoint_args(struct attach *a, const struct attach_point *p, const char **why);
bool tracepoint_expand(struct attach *a, struct probe_context *c, struct definition *def,
		       const struct attach_point *p);
/* lower_options.call_arguments, with a struct attach for ctx. */
bool tracepoint_call_arguments(void *ctx, const char *call);
/* timer.c: takes the words of a point of time or perf apart; d may be NULL: nothing is reported. True also for
 * points that are none of those: out is left alone then. */
bool timer_parse(const struct attach_point *p, struct tap *out, struct diags *d);
/* attach.c: a definition whose target is the text, made of a tap. */
struct definition *attach_definition(struct probe_context *c, const struct tap *t, const char *target);

struct provider_row {
	const char *name, *shortname;
	enum { OF_FILE, OF_KERNEL } of;	/* OF_KERNEL: listing needs a catalog, and no FILE */
	/* glob is what stands after `NAME:` */
	bool (*list)(struct probe_lister *l, const char *glob);
	bool when_named;	/* listed only when it is asked for by name: it is where another one is */
};

/* A target that was taken apart. */
struct target_file {
	struct found_file file;
	unsigned rest;		/* where in the target the symbol begins, or the source file */
	bool source;		/* FILE@SOURCE:LINE */
};

/* ---- source.c ---- */

/* -l of FILE@GLOB and FILE@SOURCE:GLOB. False when the pattern is none; else *ok is the result. */
bool source_list(struct probe_lister *l, const char *pattern, bool *ok);
/* Lists the inlined functions of a file that fit. */
void source_list_copies(struct probe_lister *l, struct elf_file *elf, const char *path, const char *glob);
/* Splits FILE@SOURCE in place when there is such a FILE: *source is what stands behind the @. 0 or -errno. */
int source_find_file(char *word, pid_t pid, struct found_file *out, char **source);

bool uprobe_expand(struct probe_context *c, const struct definition *def, const struct target_file *t);
bool uprobe_list(struct probe_lister *l, const char *glob);
bool usdt_expand(struct probe_context *c, const struct definition *def, const struct target_file *t);
/* usdt:*: the files that the process of -p has mapped; [PROVIDER:]NAME is at `rest` of the target. */
bool usdt_expand_process(struct probe_context *c, const struct definition *def, unsigned rest);
bool usdt_list(struct probe_lister *l, const char *glob);
bool kprobe_expand(struct probe_context *c, const struct definition *def, unsigned rest);
bool kprobe_list(struct probe_lister *l, const char *glob);
bool tracepoint_list(struct probe_lister *l, const char *glob);
bool software_list(struct probe_lister *l, const char *glob);
bool hardware_list(struct probe_lister *l, const char *glob);
bool interval_list(struct probe_lister *l, const char *glob);
bool profile_list(struct probe_lister *l, const char *glob);

/* Says why path_find() failed with err (-errno) for file; kinds: what a name without slash could have been,
 * "program or library". Always false. */
bool probe_no_file(struct probe_context *c, struct span at, const char *file, const char *kinds, int err);

/* program.c: opens the file for the rooms of programs; reports, under `at`, why it cannot be probed. */
bool program_open(struct probe_context *c, const struct found_file *f, struct span at, struct elf_file **out);
/* False, reported under `at`: its code is another machine's. */
bool program_runs_here(struct probe_context *c, const char *path, struct elf_file *elf, struct span at);
/* Fills what a site has by its file: which one it is, and how the kernel is told. */
void program_site(struct probe_context *c, struct site *s, const struct found_file *f, struct elf_file *elf);
/* The file of FILE:GLOB, the pattern of a list; how lists write it, a path as the user does; and what stands behind
 * it, "*" when there is nothing. Reports and returns false when there is no file; else give it back with
 * found_file_release(). */
bool program_listed(struct probe_context *c, const char *provider, const char *pattern, struct found_file *f,
		    const char **path, const char **glob);

/* A new site of the definition in the context, optional when it is one of several. */
struct site *probe_add_site(struct probe_context *c, const struct definition *def, bool optional);
/* SYMBOL[+OFFSET] of the target from byte `rest`: the symbol in the arena, the offset (0 when absent). */
const char *probe_split_offset(struct probe_context *c, const struct definition *def, unsigned rest,
			       uint64_t *offset);

/* What a site of a program is about, to say where something else is. */
struct abi_code {
	struct elf_file *elf;
	const struct symbol *function;	/* or NULL */
	const char *file;		/* as the user should see it */
	bool at_entry;			/* the site is the function's entry */
	uint64_t address;		/* virtual: where the arguments are looked for by name (of a return: its entry) */
	const struct usdt_place *usdt;	/* the arguments are those of a USDT probe; NULL: the function's */
	const struct inlined_site *copy;/* ... of an inlined copy; or NULL */
	bool optional;			/* the site is one of several of its definition */
};
/* arguments.c: the arguments of the function that a point in a program means (of several, of the first that has debug
 * information), for `args`. NULL, and *why, a clause. */
const struct layout *arguments_layout(struct attach *a, const struct attach_point *p, const char **why);
/* A type of the program that the point is in. NULL: unknown; or, with *why, a clause, not clear which. */
const struct type *arguments_type(struct attach *a, const struct attach_point *p, const char *name, const char **why);
void arguments_release(struct attach *a);
/* $argN of an inlined copy. */
struct fetch *arguments_of_copy(struct probe_context *c, const struct abi_code *code, const struct fetch *wanted,
				struct fetcharg *arg);
/* An argument (or a local variable) at a site, as the kernel can fetch it: f is a FETCH_FIELD, its bytes from f->n on.
 * arg is the whole of which f is a part: how it is fetched may become another way. What cannot be had is noted
 * (missing.c), and arg->absent then. Reports and returns NULL only for what is a mistake. */
struct fetch *arguments_fetch(struct probe_context *c, const struct abi_code *code, const struct fetch *f,
			      struct fetcharg *arg);
/* Appends the prototype of the function at an address and where its arguments are, lines for people; or why not. Of a
 * copy (NULL: none) where they are there. */
void arguments_describe(struct elf_file *elf, uint64_t address, const struct inlined_site *copy, struct str *out);
/* Has the function at the site a variable of that name? */
bool arguments_know(const struct abi_code *code, const char *name);
/* The same of what a definition writes, `$path`, `$p->list[2].n` (FETCH_NAME): arg gets a type when it has none. */
struct fetch *arguments_expression(struct probe_context *c, const struct abi_code *code, const struct fetch *f,
				   struct fetcharg *arg);
/* missing.c: an argument cannot be had at a place ("f, inlined in main"); why is a clause. unknown: no argument has this
 * name. */
void missing_note(struct probe_context *c, struct span at, const char *name, const char *why, const char *place,
		  bool unknown);
/* Warns of what was noted since, each reason once. False, reported: no site of the definition, those from number `from`
 * on, knows a name. */
bool missing_tell(struct probe_context *c, size_t from);
/* All parameters of the function at the site, for `$args`: calls fn for each, as a definition would name it. Reports and
 * returns false. */
bool arguments_all(struct probe_context *c, const struct abi_code *code, const struct fetcharg *all,
		   void (*fn)(void *ctx, struct fetcharg *one), void *ctx);
/* usdt.c: one place of a USDT probe, and what a definition wants there. */
struct usdt_place {
	struct elf_file *elf;
	struct usdt *usdt;
	const struct usdt_note *note;
	struct usdt_operand *operands;
	unsigned n;
	bool *widen;			/* of each operand: other places of the probe have it in another width or sign */
	struct fetcharg **args;		/* the definition's that can be fetched here */
	unsigned n_args;
};
/* The argument's fetch at this place; args has only such as have one. */
struct fetch *usdt_argument(struct probe_context *c, const struct usdt_place *p, const struct fetch *argument);
/* Fits the type that was asked for, or none, to the argument's own: f has its fetch. Reports and returns false when
 * it is no number's. */
bool usdt_fit(struct probe_context *c, const struct usdt_place *p, const struct fetch *argument, struct fetcharg *f);
/* identity.c: remembers the file and its bytes at the offset; path is one by which we can open it. */
const struct identity *identity_take(struct arena *a, struct elf_file *elf, const char *path, uint64_t offset);
/* abi.c: fills site->args from the definition. code is NULL for the kernel. */
bool abi_arguments(struct probe_context *c, struct site *site, const struct abi_code *code);
/* Is it, at a return, a value of the function's entry? */
bool abi_is_of_entry(const struct fetcharg *a);
/* The kernel's names of the registers that the definition's $argN live in, one call each ("sp" for those
 * on the stack). fn returns false to stop; then the result is false. */
bool abi_each_argument(struct probe_context *c, const struct site *site,
		       bool (*fn)(void *ctx, const char *reg, struct span at), void *ctx);
/* True when some argument reads the instruction pointer. */
bool abi_reads_ip(const struct site *site);

#endif
