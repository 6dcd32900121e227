/* text.h - what the files that read the text of a trace share; nobody else includes it.
 *
 *	            bash-4711  (  4711) [001] d..2. 8123.401883: readline: (0x55d0 <- 0x55c0) cmd="make"
 *	\------------------------ head ------------------------/\---------------- body ---------------/
 *
 *	text_head.c	the head: who, where, when
 *	text_body.c	the body: which event, and its values
 *	text_draft.c	... when nothing is known of its event yet
 *	text_value.c	values
 *	text.c		lines: which of them are records, and what belongs to the record before
 */
#ifndef TRACE_TEXT_H
#define TRACE_TEXT_H

#include <string.h>

#include "trace/trace.h"

/* A piece of the text, in the memory that it was read into. */
struct slice {
	const char *s;
	size_t n;
};
static inline const char *slice_end(struct slice s)
{
	return s.s + s.n;
}
bool slice_is(struct slice s, const char *word);
bool slice_starts(struct slice s, const char *prefix);
struct slice slice_trim(struct slice s);

/* Where the words are first in p..end-1, or NULL. */
const char *slice_find(const char *p, const char *end, struct slice words);

static inline struct slice slice_between(const char *begin, const char *end)
{
	return (struct slice){ begin, (size_t)(end - begin) };
}
static inline bool slice_same(struct slice a, struct slice b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}
/* True when the words are right at p. */
static inline bool slice_begins(const char *p, const char *end, struct slice words)
{
	return (size_t)(end - p) >= words.n && memcmp(p, words.s, words.n) == 0;
}

static inline bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}
static inline bool is_word(char c)
{
	return is_digit(c) || (unsigned char)((c | 32) - 'a') < 26 || c == '_';
}

/* ---- text_head.c ---- */

struct text_head {
	struct slice comm;
	pid_t tid, tgid;		/* tgid -1: the text does not tell */
	int cpu;			/* -1: perf script did not write it */
	uint64_t time_ns;		/* or what the trace's clock counts */
	bool perf;			/* as `perf script` writes it: a stack follows without a head */
	bool five_flags;		/* as kernels since 5.15 write it */
	size_t prefix;			/* bytes that a log, or a mail, wrote before it */
	struct slice body;
};
/* Reads the head of a line (without its newline). False when it has none: it is no record's first line. */
bool text_head_parse(struct slice line, struct text_head *h);
/* So many bytes were written before the line by a log that tells the time, or by a mail that quotes; 0: none. */
size_t text_prefix(struct slice line);

/* ---- text_value.c ---- */

enum kind {
	KIND_TEXT,		/* up to the next words of the shape */
	KIND_QUOTED,		/* "...", (fault) */
	KIND_CHAR,		/* 'c' */
	KIND_SIGNED,
	KIND_UNSIGNED,		/* above INT64_MAX */
	KIND_HEX,		/* 0x... */
	KIND_BARE_HEX,		/* without 0x: of a syscall, or of a probe before 3.9 */
	KIND_BOTH,		/* 0x70 (112) */
	KIND_BYTE,		/* 'a'(97), (5) */
	KIND_ARRAY,		/* {1,2} */
	KIND_HEX_LIST,		/* 0, 7ffd, 1 */
};

/* Fixed words, then a value. */
struct part {
	struct slice words;
	enum kind kind;
	enum base base;			/* of an array's elements */
	unsigned count;
	bool always_text;		/* even if it looks like a number */
	bool hex_text;			/* was hexadecimal without 0x elsewhere: digits alone are no number */
	bool argument;			/* of a syscall: `, NAME: ` begins the next one */
};

/* What the values of the body at hand need, where they are not in the text as they are. There must be room for
 * twice as many elements as the body has bytes. */
struct store {
	struct arena *arena;
	bool marked_hex;		/* this kernel writes hexadecimal arguments of syscalls with 0x */
	enum { HEX_UNKNOWN, HEX_BARE, HEX_MARKED } probe_hex;	/* ... values of probes, since 3.9 */
	const struct fact *facts;	/* about the event at hand */
	uint64_t *numbers;
	char *chars;			/* of arrays */
	size_t room, n_numbers, n_chars;
};

/* What one body has taught about a field, for all of its event's. */
struct fact {
	struct slice name;
	enum { FACT_HEX_TEXT, FACT_NEGATIVE } what;
	const struct fact *next;
};

extern const struct slice text_fault;	/* "(fault)" */
extern const enum base value_bases[];	/* of each kind */
/* Each takes as much as is a number of its kind, and returns where it ends; NULL: that is none. */
extern const char *(*const value_takers[])(const char *p, const char *end, uint64_t *out);
const char *value_hex_digits(const char *p, const char *end, uint64_t *out);
const char *value_hex(const char *p, const char *end, uint64_t *out);
const char *value_signed(const char *p, const char *end, uint64_t *out);
const char *value_byte(const char *p, const char *end, uint64_t *out);
/* Which kind of number fills the whole of v? KIND_TEXT: none. */
enum kind value_number_kind(struct slice v);
/* Is it hexadecimal without 0x, or octal, to all appearances? */
bool value_is_hex_text(struct slice v);
/* {...}, and `b, 0, 7ffd`: the end of the array, or NULL. Its elements are added to the store. */
const char *value_array(struct store *s, const char *p, const char *end, enum base *base, unsigned *count);
const char *value_hex_list(struct store *s, const char *p, const char *end, unsigned *count);
struct captured value_text(struct slice v);
/* The end of a value that does not depend on what follows; NULL: it is not of the part's kind. */
const char *value_fixed(struct store *s, const struct part *part, const char *p, const char *end,
			struct captured *v);
/* False for what would be a number, a text in quotes or an array elsewhere: it is that here, too. */
bool value_is_plain(const struct part *part, struct slice v);

/* ---- text_draft.c ---- */

enum { MAX_PARTS = 160 };		/* fields of a body; the kernel takes 128 */

enum place_kind { PLACE_NONE, PLACE_ENTRY, PLACE_RETURN };

struct dissection {
	struct slice label, text;	/* text: what the shape describes */
	bool function, syscall, syscall_return;
	bool named;			/* its fields are NAME=VALUE, without a place: a static event */
	bool probe;			/* ... behind a place, and not a tool's own words for a static event */
	enum place_kind place;
	bool swapped;			/* (FUNCTION <- RETURN) */
	struct slice at, from;
};

struct field {
	struct slice name, value;	/* value: of NAME=VALUE; else empty */
	struct part part;
};

struct draft {
	enum place_kind place;
	struct field fields[MAX_PARTS + 1];
	unsigned n;
	struct slice tail;
	bool open;			/* the last text has no end */
	bool free;
	bool named, probe;		/* as in the dissection */
};

/* The label, the place, and what is left. */
void text_dissect(struct dissection *x, struct slice body);
/* Takes apart what is left. */
void text_draft(struct store *s, struct draft *d, const struct dissection *x);
/* Makes it one field of text. */
void text_draft_free(struct draft *d, struct slice text);
/* True when the event's facts say so of the field. */
bool text_fact(const struct store *s, struct slice name, int what);
/* What a probe's body shows: whether this kernel writes hexadecimal numbers with 0x. */
int text_probe_hex(const struct dissection *x);
/* Where the value behind a field's name begins. */
const char *text_value_begin(struct slice name, const char *end);
/* ` NAME=`: where, from `from` on, the name of another field begins; NULL: nowhere. */
const char *text_next_field(const struct draft *d, const char *from, const char *begin, const char *end,
			    struct slice *name);
/* Could a value begin at p? in_text: behind `end` stands a quote. */
bool text_could_be_value(const char *p, const char *end, bool in_text);

/* ---- text_body.c ---- */

struct body {
	const struct site *site;
	const struct captured *values;
	uint64_t address, return_address;
	struct slice place, return_place;	/* the same as the text has them; empty: it does not say */
	bool guessed;				/* some value's end is a guess */
	bool open;				/* a text in it has no end */
};

/* What the bodies that were read so far have taught about the events. */
struct shapes *shapes_new(void);
void shapes_free(struct shapes *s);
/* Reads a body, which may hold newlines. ahead: the text behind it, from which the shape of an event that was
 * never met before can be learned. What *out holds lives until the next call, the site as long as s. */
void shapes_read(struct shapes *s, struct slice body, struct slice ahead, struct body *out);
/* The trace is of a kernel since 5.15. */
void shapes_new_kernel(struct shapes *s);
/* How a body that could go on in the next line looks, without learning anything from it; only the text behind it
 * may teach what other bodies of its event look like. */
enum fit {
	FIT_KNOWN,		/* as bodies of its event do */
	FIT_WHOLE,		/* ... of an event that has no texts in quotes */
	FIT_CUT,		/* ... and it has only the first fields of those */
	FIT_TEXT,		/* whole, and ends in a text that could go on */
	FIT_OTHER,		/* whole */
	FIT_OPEN,		/* a text in it has no end */
};
enum fit shapes_try(struct shapes *s, struct slice body, struct slice ahead);
/* The site of a stack that has no record: no captures. */
const struct site *shapes_bare(struct shapes *s, const char *label);

#endif
