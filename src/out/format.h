/* format.h - what the files of out/ share; nobody else includes it.
 *
 * A format is a row: functions that write to the stream, and the few words in which its values differ.
 * Writing is a copy into the stream's buffer: no printf and no allocation for a record, because a busy
 * probe makes hundreds of thousands of them.
 */
#ifndef OUT_FORMAT_H
#define OUT_FORMAT_H

#include <string.h>

#include "out/out.h"

/* How a format writes what programs of the language print. */
struct language {
	void (*message)(struct out *o, const char *kind, const char *text, size_t n);
	void (*value)(struct out *o, const struct type *t, const union value *v);
	void (*map)(struct out *o, const struct map_view *m);
	void (*end)(struct out *o);
	void (*attached)(struct out *o, unsigned n);
	void (*lost_events)(struct out *o, uint64_t count, bool total);
	void (*complaint)(struct out *o, const struct complaint *c);
	void (*test_result)(struct out *o, const char *name, uint64_t ns, bool passed, const char *text, size_t n);
	void (*benchmark_result)(struct out *o, const char *name, uint64_t average_ns, uint64_t rounds);
};
extern const struct language language_text, language_json;

struct format {
	const char *name;
	void (*header)(struct out *o);
	void (*record)(struct out *o, const struct record *r);
	void (*lost)(struct out *o, const struct lost *l);
	void (*lesson)(struct out *o, const struct lesson *l);
	const struct language *language;
	/* Writes the character at text, which may need an escape or none; returns its bytes. */
	size_t (*escape)(struct out *o, const char *text, size_t n, char quote);

	/* ---- values ---- */
	const char *fault;		/* instead of a value */
	const char *brackets;		/* around an array: "[]" */
	const char *guess;		/* behind a value whose end is a guess */
	void (*string)(struct out *o, const char *text, size_t n, bool cut);
	void (*word)(struct out *o, const char *text);	/* the name of a number */
	/* by the base of the capture, but for text; a signed number comes in two's complement, a floating one as a
	 * double's bits */
	void (*element[BASE_FLOAT + 1])(struct out *o, uint64_t bits);
};
extern const struct format format_text, format_json;

enum { OUT_BUFFER = 64 * 1024 };

struct out {
	struct out_options opt;
	const struct format *format;
	int error;			/* the -errno that ended the stream, or 0 */
	bool may_stall;			/* a pipe, a terminal: the reader decides when it goes on */
	bool by_parts;			/* ... and it cannot be asked to take what there is room for */
	size_t used;
	size_t whole;			/* bytes of the buffer that are whole records */
	char buffer[OUT_BUFFER];
};

/* ---- out.c: writing ---- */

/* Makes room for n more bytes (n <= OUT_BUFFER). */
void put_room(struct out *o, size_t n);
/* The same as put_bytes(), for any n. */
void put_long(struct out *o, const char *text, size_t n);

static inline void put_bytes(struct out *o, const char *text, size_t n)
{
	if (n > OUT_BUFFER - o->used) {
		put_long(o, text, n);
		return;
	}
	memcpy(o->buffer + o->used, text, n);
	o->used += n;
}

static inline void put_char(struct out *o, char c)
{
	if (o->used == OUT_BUFFER)
		put_room(o, 1);
	o->buffer[o->used++] = c;
}

static inline void put_text(struct out *o, const char *text)
{
	put_bytes(o, text, strlen(text));
}

void put_blanks(struct out *o, size_t n);
void put_unsigned(struct out *o, uint64_t value);
void put_signed(struct out *o, int64_t value);
/* 0x... */
void put_hex(struct out *o, uint64_t value);

/* A signed number that stands on the right of `width` columns. */
void put_right(struct out *o, int64_t value, unsigned width);

/* Foreign text, made harmless: what passes as it is, and how the rest is written, is the format's. */
void put_escaped(struct out *o, const char *text, size_t n, char quote);

/* ---- value.c: what records are made of ---- */

void put_value(struct out *o, const struct capture *c, const struct captured *v);
/* A double by its bits, in as few digits as tell it from all others: "0.1", "1e+300", "inf", "nan". */
void put_double(struct out *o, uint64_t bits);
/* The place of a kernel address, by opt.symbol: "symbol+0x12", or "0x..." when it has no name. */
void put_symbol(struct out *o, uint64_t address);
/* True when it is known where the record was hit (ret: where it returned to). */
bool has_address(const struct out *o, bool ret);
/* Where that is: the address, or else the words of opt.place. */
void put_address(struct out *o, const struct record *r, bool ret);
/* "symbol+0x12 (file)" */
void put_frame(struct out *o, const struct frame *f);

/* ---- language.c ---- */

/* The buckets from the first to the last that holds something: [*first, *end); false when none does. */
bool buckets_used(const struct type *t, const struct aggregate *a, unsigned *first, unsigned *end);
/* The intervals of a tseries() by time; entries that were not used stay out. The caller frees it. */
struct interval *intervals_sorted(const struct type *t, const struct aggregate *a, unsigned *n);
/* A value's number in a map, divided by print()'s div. Only of types that have one (has_number). */
bool has_number(const struct type *t);
int64_t divided(const struct type *t, const union value *v, int64_t div);

#endif
