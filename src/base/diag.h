/* diag.h - what is wrong, at the user's own words.
 *
 * A source is a text that the user gave (a DEFINITION, a filter, a program); a span is a piece of it.
 * diag_error() reports and fails in one act: it always returns false. Printed so (LANGUAGE.md 6.3):
 *
 *	definition:1:26-34: ERROR: no function 'readlien' in /usr/bin/bash
 *	r:readline /usr/bin/bash:readlien
 *	                         ~~~~~~~~
 *	HINT: did you mean 'readline'?
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/mem.h"

struct source {
	const char *name;	/* "definition", "--filter", "stdin" */
	const char *text;
};

/* Bytes begin..end-1 of a source; src NULL: no place. */
struct span {
	const struct source *src;
	unsigned begin, end;
};
#define NO_SPAN ((struct span){ 0 })

struct diags;
struct diags *diags_new(void);
void diags_free(struct diags *d);

/* Adds an error at the span; always returns false. */
bool diag_error(struct diags *d, struct span at, const char *fmt, ...) PRINTF(3, 4);
void diag_warn(struct diags *d, struct span at, const char *fmt, ...) PRINTF(3, 4);
/* Adds a HINT line to the report made last; always returns false, so it may end an error path. */
bool diag_hint(struct diags *d, const char *fmt, ...) PRINTF(2, 3);

/* Moves what `from` has to tell, and has not printed, to the end of `to`. */
void diags_move(struct diags *to, struct diags *from);
/* Forgets the warnings that were not printed yet. */
void diags_forget_warnings(struct diags *d);
unsigned diags_errors(const struct diags *d);
/* Prints what was reported since the last print, errors before warnings, and forgets it (the count of
 * errors stays). Texts are scrubbed of control characters. */
void diags_print(struct diags *d, FILE *out);

#endif
