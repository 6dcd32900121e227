/* out.h - the front door of out/: the only room that knows a format.
 *
 *	out.c	the stream: buffering, a closed pipe, a full disk; the table of formats
 *	value.c	values and places, which all formats write alike
 *	text.c	aligned columns for people
 *	json.c	one object a line for programs
 *	object.c	what is no record, as such an object
 *	language.c	what programs of bpftrace's language print; language_text.c, language_json.c
 *
 * The caller says what (a record, a loss); a format decides how. Foreign strings are scrubbed here.
 */
#ifndef OUT_OUT_H
#define OUT_OUT_H

#include "lang/lang.h"
#include "lang/value.h"

struct out;

/* When the language's output is to be seen (-B): by the line, when the buffer is full, at once. */
enum out_buffering { BUFFER_LINE, BUFFER_FULL, BUFFER_NONE };

struct out_options {
	const char *format;	/* "text", "json" */
	int fd;			/* written to, not closed */
	struct str *text;	/* instead of fd: what would be written is appended here; NULL: fd it is */
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
	/* where a record that was read from text was hit (ret: where it returned to), in the text's own words;
	 * *n is 0 when there is no such place. NULL: the record's addresses say it */
	const char *(*place)(void *ctx, bool ret, size_t *n);
	void *place_ctx;
	enum out_buffering buffering;
	const struct names *names;	/* for the language's values */
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

/* ---- explanations ---- */

enum note_kind {
	NOTE_TEXT,		/* a paragraph: text */
	NOTE_FACT,		/* label: text; programs get it under key */
	NOTE_NUMBER,		/* the same, and programs get the number; label NULL: for programs only */
	NOTE_COMMAND,		/* text: a line for a shell, that shows the same or does it */
	NOTE_TABLE,		/* under key */
};
struct note {
	enum note_kind kind;
	const char *key, *label, *text;
	uint64_t number;
	const char *const *columns;	/* of a table: heads, which programs get as keys; NULL ends. Those that begin
					 * with # have numbers; at most 8 */
	const char **cells;		/* row by row; NULL: nothing there */
	unsigned n_rows;
};
/* One step of an explanation, in order. */
struct lesson {
	unsigned number;		/* of the step, from 1 */
	const char *probe;		/* the label of the site that it is about, or NULL: of all */
	const char *key, *title;
	struct note *notes;
	unsigned n_notes;
};
void out_lesson(struct out *o, const struct lesson *l);

/* ---- the language's output ---- */

/* What printf(), time(), cat(), join() and system() say; kind: "printf", "time", "cat", "join", "syscall". */
void out_message(struct out *o, const char *kind, const char *text, size_t n);
/* print(value) */
void out_value(struct out *o, const struct type *t, const union value *v);
/* print(@map), and the maps at the end */
void out_map(struct out *o, const struct map_view *m);
/* Before the maps at the end. */
void out_end(struct out *o);
/* "Attached N probes"; a text goes to standard error. */
void out_attached(struct out *o, unsigned n);
/* Events that were lost since the last time; at the end (total) all. A text goes to standard error. */
void out_lost_events(struct out *o, uint64_t count, bool total);
/* How a test of --test went; text: what it printed. */
void out_test_result(struct out *o, const char *name, uint64_t ns, bool passed, const char *text, size_t n);
/* How long a probe of --bench took, the average of so many rounds. */
void out_benchmark_result(struct out *o, const char *name, uint64_t average_ns, uint64_t rounds);
/* errorf(), warnf() and what went wrong at run time; a text goes to standard error, behind what was printed so
 * far. */
void out_complaint(struct out *o, const struct complaint *c);
/* A round of records is done: what is buffered shall be seen now, unless -B full. 0 or -errno, as out_flush(). */
int out_round(struct out *o);

/* Writes what is buffered. 0, or the -errno that ended the stream (EPIPE, ENOSPC): it stays. SIGPIPE must be
 * ignored or blocked. */
int out_flush(struct out *o);

/* ---- object.c ---- */

struct out_field {
	const char *name, *text;	/* text NULL: left out */
};
/* Appends one JSON object, all values texts, and a newline. */
void out_object(struct str *s, const struct out_field *fields, size_t n);

#endif
