/* format.h - what out.c, text.c and json.c share; nobody else includes it.
 *
 * A format is a row of functions that write to the stream. Writing is a copy into the stream's buffer:
 * no printf and no allocation for a record, because a busy probe makes hundreds of thousands of them.
 */
#ifndef OUT_FORMAT_H
#define OUT_FORMAT_H

#include <string.h>

#include "out/out.h"

struct format {
	const char *name;
	void (*header)(struct out *o);
	void (*record)(struct out *o, const struct record *r);
	void (*lost)(struct out *o, const struct lost *l);
};
extern const struct format format_text, format_json;

enum { OUT_BUFFER = 64 * 1024 };

struct out {
	struct out_options opt;
	const struct format *format;
	int error;			/* the -errno that ended the stream, or 0 */
	bool may_stall;			/* a pipe, a terminal: the reader decides when it goes on */
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
struct escapes {
	/* 1: a byte that may need an escape; 0: an ordinary one, copied in runs */
	const unsigned char *special;
	/* Writes the character at text, whose first byte is special; returns its bytes. */
	size_t (*write)(struct out *o, const char *text, size_t n, char quote);
};
void put_escaped(struct out *o, const struct escapes *e, const char *text, size_t n, char quote);

/* ---- out.c: what a value is made of ---- */

/* How many elements of the capture there are in the data; never more than were asked for. */
unsigned value_elements(const struct capture *c, const struct captured *v);
/* Element i, zero-extended; as a signed number. */
uint64_t value_bits(const struct capture *c, const struct captured *v, unsigned i);
int64_t value_signed(const struct capture *c, const struct captured *v, unsigned i);

/* The strings of an array of strings stand one after the other, each with its NUL. Yields the string at
 * *at and moves on; false after the last. */
bool value_next_string(const struct captured *v, size_t *at, const char **text, size_t *len);

/* "symbol+0x12" with the symbol escaped, or "0x..." when it is NULL. */
void put_place(struct out *o, const struct escapes *e, const char *symbol, uint64_t offset,
	       uint64_t address);
/* The place of a kernel address, by opt.symbol. */
void put_symbol(struct out *o, const struct escapes *e, uint64_t address);

#endif
