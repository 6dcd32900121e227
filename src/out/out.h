/* out.h - the front door of out/: the only room that knows a format.
 *
 *	out.c	the stream: buffering, a closed pipe, a full disk; the table of formats
 *	value.c	values and places, which all formats write alike
 *	text.c	aligned columns for people
 *	json.c	one object a line for programs
 *
 * The caller says what (a record, a loss); a format decides how. Foreign strings are scrubbed here.
 */
#ifndef OUT_OUT_H
#define OUT_OUT_H

#include "lang/lang.h"

struct out;

struct out_options {
	const char *format;	/* "text", "json" */
	int fd;			/* written to, not closed */
	int stop_fd;		/* readable when the run shall end: then a write that a stalled reader holds
				 * up is given up with -EINTR; 0: none */
	/* called about ten times a second while a reader stalls; may be NULL */
	void (*stalled)(void *ctx);
	void *stalled_ctx;
	bool quiet;		/* no header */
	bool address;		/* show run-time addresses */
	unsigned label_width;	/* of the longest label, by out_label_width() */
	/* the kernel symbol of an address, for BASE_SYMBOL; may be NULL */
	bool (*symbol)(void *ctx, uint64_t address, const char **name, uint64_t *offset);
	void *symbol_ctx;
};

/* NULL when there is no such format. */
struct out *out_new(const struct out_options *opt);
void out_free(struct out *o);
/* The names of all formats, blank between, for messages and help. */
const char *out_formats(void);
/* How many columns a label takes on a terminal. */
unsigned out_label_width(const char *label);

void out_header(struct out *o);
void out_record(struct out *o, const struct record *r);
void out_lost(struct out *o, const struct lost *l);
/* Writes what is buffered. 0, or the -errno that ended the stream (EPIPE, ENOSPC): it stays. SIGPIPE must be
 * ignored or blocked. */
int out_flush(struct out *o);

#endif
