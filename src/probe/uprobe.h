/* uprobe.h - what the files about programs share; nobody else includes it.
 *
 *	uprobe.c	a definition -> functions of a file -> sites
 *	returns.c	the returns of a function
 *	source.c	lines of source, and inlined functions
 */
#ifndef PROBE_UPROBE_H
#define PROBE_UPROBE_H

#include "probe/probe.h"

/* A definition, its file opened, and what its symbol part says. */
struct job {
	struct probe_context *c;
	const struct definition *def;
	const struct found_file *file;
	struct elf_file *elf;
	unsigned rest;			/* where in the definition's target the symbol part begins */
	struct span at;			/* of it */
	const char *name;		/* the symbol, or NULL when an offset or a line was given */
	struct functions found;		/* what the name means */
	struct ifuncs *ifuncs;		/* of the file, once one was met */
	size_t first_site;		/* of this definition, among the context's */
	const char *alias;		/* the indirect function that led to the one that is probed, or NULL */
	const char *source;		/* SOURCE:LINE[:COLUMN], or NULL */
	uint64_t offset;		/* from the symbol, or in the file */

	/* of the site that is about to be added, when it is no symbol's */
	const struct inlined_site *copy;
	const char *why_here;		/* "f, inlined in main at app.c:12" */
};

/* ---- uprobe.c ---- */

/* What stands at the place, in words: "readline+4", or "offset 0x1139". */
const char *uprobe_place(struct job *j, const char *symbol);
/* One site at address, in function (NULL: unknown). The result is true also when an optional one was left out: then
 * *site (may be NULL) is NULL. Reports and returns false otherwise. */
bool uprobe_add_site(struct job *j, const struct symbol *function, uint64_t address, bool optional, struct site **site);
/* A site of the definition with all but its place and arguments, for the code at the address; symbol as it is to be
 * shown, or NULL. */
struct site *uprobe_new_site(struct job *j, const char *symbol, uint64_t address, bool optional);

/* ---- returns.c ---- */

/* Why the kernel's return probe would break the function itself, whatever its code looks like: a sentence's end, and
 * *forceable; or NULL. */
const char *returns_hazard(struct job *j, const struct symbol *function, uint64_t address, bool *forceable);
/* NULL when the kernel's return probe is the way to see the function's returns; else why the instructions are, a
 * sentence's end. Warns when it was chosen in spite of that. */
const char *returns_at_instructions(struct job *j, const struct symbol *function, uint64_t address);
/* Sites at all places where the function ends. True also when an optional one was left out. */
bool returns_add_sites(struct job *j, const struct symbol *function, uint64_t address, bool optional, const char *why);
/* Does the definition of a return want values of the function's entry? */
bool returns_want_entry(const struct job *j);
/* Before the sites of a return: the site at the entry, *entry; NULL when none is wanted, or an optional one was left
 * out. Reports and returns false when it cannot be had. */
bool returns_add_entry(struct job *j, const struct symbol *function, uint64_t address, bool optional,
		       struct site **entry);
/* Ties a return to that entry; popped: see struct frame_key. */
void returns_pair(struct job *j, struct site *site, struct site *entry, unsigned popped);

/* ---- source.c ---- */

/* Adds the sites of the job's source line. */
bool source_expand_line(struct job *j);
/* Adds the inlined copies of the job's function. False when there are none to be had; else *ok is the result, and
 * symbols: the function has code of its own, which is still to be added. */
bool source_expand_copies(struct job *j, bool symbols, bool *ok);

#endif
