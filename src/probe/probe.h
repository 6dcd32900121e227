/* probe.h - the front door of probe/: from a definition's target to sites, one file a provider.
 *
 *	probe.c		the table of providers; which provider a target means
 *	uprobe.c	functions of programs and libraries
 *	kprobe.c	functions of the kernel
 *	tracepoint.c	static events (listed only, until there is a language)
 *	abi.c		$argN and the usual register names -> what the kernel can fetch
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "lang/lang.h"
#include "sym/sym.h"

struct probe_options {
	pid_t pid;		/* files are looked up as this process sees them; 0: as we see them */
	bool force;		/* go on where nothing was proved to break */
	unsigned max_probes;	/* of one definition */
};

struct probe_context {
	struct arena *arena;	/* everything that is made lives here */
	struct catalog *catalog;/* NULL: there is no tracefs; kernel targets are refused */
	struct diags *diags;
	struct probe_options opt;
	struct site **sites;	/* what was found; free() the array */
	size_t n_sites;
};

/* Adds the sites that the definition means. Reports and returns false when there is none. */
bool probe_expand(struct probe_context *c, const struct definition *def);

/* What `-l` shows: calls fn with one line for each probe point that matches PROVIDER:PATTERN (or a glob
 * over all providers of the kernel), unsorted. details, with -v, is lines of text or NULL.
 * Reports and returns false on a pattern that cannot be. */
struct probe_lister {
	struct probe_context *context;
	bool verbose;
	void (*fn)(void *ctx, const char *line, const char *details);
	void *ctx;
	const char *why_none;	/* result: when there was nothing to look among, why (a clause), else NULL */
};
bool probe_list(struct probe_lister *l, const char *pattern);
/* True when the pattern asks for points of the kernel: the lister then needs a catalog. */
bool probe_list_asks_kernel(const char *pattern);

/* ---- what the files of this room give each other ---- */

struct provider_row {
	const char *name, *shortname;
	bool of_kernel;		/* listing needs a catalog, and no FILE */
	/* glob is what stands after `NAME:` */
	bool (*list)(struct probe_lister *l, const char *glob);
};

/* A target that was taken apart. */
struct target_file {
	struct found_file file;
	unsigned rest;		/* where in the target the symbol begins */
};

bool uprobe_expand(struct probe_context *c, const struct definition *def, const struct target_file *t);
bool uprobe_list(struct probe_lister *l, const char *glob);
bool kprobe_expand(struct probe_context *c, const struct definition *def, unsigned rest);
bool kprobe_list(struct probe_lister *l, const char *glob);
bool tracepoint_list(struct probe_lister *l, const char *glob);

/* Says why path_find() failed with err (-errno) for file; kinds: what a name without slash could have been,
 * "program or library". Always false. */
bool probe_no_file(struct probe_context *c, struct span at, const char *file, const char *kinds, int err);

/* A new site of the definition in the context, optional when it is one of several. */
struct site *probe_add_site(struct probe_context *c, const struct definition *def, bool optional);
/* SYMBOL[+OFFSET] of the target from byte `rest`: the symbol in the arena, the offset (0 when absent). */
const char *probe_split_offset(struct probe_context *c, const struct definition *def, unsigned rest,
			       uint64_t *offset);

/* abi.c: fills site->args from the definition. */
bool abi_arguments(struct probe_context *c, struct site *site);
/* The kernel's names of the registers that the definition's $argN live in, one call each ("sp" for those
 * on the stack). fn returns false to stop; then the result is false. */
bool abi_each_argument(struct probe_context *c, const struct site *site,
		       bool (*fn)(void *ctx, const char *reg, struct span at), void *ctx);
/* True when some argument reads the instruction pointer. */
bool abi_reads_ip(const struct site *site);

#endif
