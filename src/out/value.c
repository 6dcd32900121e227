/* value.c - what a probe fetched, and where it was hit: the walk that all formats share.
 *
 *	text	n=0x40  v={1,2}  s="ab"..   p=(fault)  main+0x1b (/bin/bash)
 *	json	  64      [1,2]   "ab.."      null     main+0x1b (/bin/bash)
 *
 * The walk is the same for each format; brackets, the word for nothing, and how one element is written
 * stand in the format's row.
 */
#include "out/format.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- elements ---- */

/* How many numbers of the capture there are in the data; never more than were asked for. */
static unsigned elements(const struct capture *c, const struct captured *v)
{
	size_t asked = c->count ? c->count : 1, there = c->size ? v->len / c->size : 0;

	return (unsigned)(there < asked ? there : asked);
}

/* ---- floating numbers ---- */

static double double_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static uint64_t bits_of_double(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

void put_double(struct out *o, uint64_t bits)
{
	double d = double_of(bits);
	char text[32];

	for (int digits = 6; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	put_text(o, d != d ? "nan" : text);
}

/* A float's shortest text names a double that is written the same: 0.1, and not 0.10000000149011612. */
static uint64_t widened_float(const unsigned char *bytes)
{
	char text[32];
	float f;

	memcpy(&f, bytes, sizeof(f));
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (strtof(text, NULL) == f)
			break;
	}
	return bits_of_double(strtod(text, NULL));
}

/* ---- numbers ---- */

/* Element i; the sign is extended to all 64 bits when there is one. */
static uint64_t bits_of(const struct capture *c, const struct captured *v, unsigned i)
{
	const unsigned char *p = v->data + (size_t)i * c->size;
	bool is_signed = c->base == BASE_SIGNED;
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (c->size) {
	case 1:
		return is_signed ? (uint64_t)(int8_t)*p : *p;
	case 2:
		memcpy(&two, p, sizeof(two));
		return is_signed ? (uint64_t)(int16_t)two : two;
	case 4:
		if (c->base == BASE_FLOAT)
			return widened_float(p);
		memcpy(&four, p, sizeof(four));
		return is_signed ? (uint64_t)(int32_t)four : four;
	case 8:
		memcpy(&eight, p, sizeof(eight));
		return eight;
	default:		/* the kernel's types have no other size */
		return 0;
	}
}

static const char *name_of(const struct enumeration *e, uint64_t value)
{
	for (unsigned i = 0; e && i < e->n; i++)
		if (e->values[i].value == value)
			return e->values[i].name;
	return e ? e->other : NULL;
}

static void put_element(struct out *o, const struct capture *c, const struct captured *v, unsigned i)
{
	uint64_t bits = bits_of(c, v, i);
	const char *name = name_of(c->enumeration, bits);

	if (name)
		o->format->word(o, name);
	else
		o->format->element[c->base](o, bits);
}

/* ---- arrays ---- */

/* The strings stand one after the other, each with its NUL; only the last may be cut. */
static void put_strings(struct out *o, const struct capture *c, const struct captured *v)
{
	const char *text = (const char *)v->data, *end = text + v->len;

	for (unsigned i = 0; i < c->count && text < end; i++) {
		const char *nul = memchr(text, '\0', (size_t)(end - text));

		if (i > 0)
			put_char(o, ',');
		o->format->string(o, text, (size_t)((nul ? nul : end) - text), v->cut && !nul);
		text = nul ? nul + 1 : end;
	}
}

static void put_numbers(struct out *o, const struct capture *c, const struct captured *v)
{
	unsigned n = elements(c, v);

	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			put_char(o, ',');
		put_element(o, c, v, i);
	}
}

/* (fault), or another reason for having no value, where the format has words for it. */
static void put_fault(struct out *o, const char *why)
{
	if (!why || o->format->fault[0] != '(') {
		put_text(o, o->format->fault);
		return;
	}
	put_char(o, '(');
	put_text(o, why);
	put_char(o, ')');
}

void put_value(struct out *o, const struct capture *c, const struct captured *v)
{
	const struct format *f = o->format;
	bool text = c->base == BASE_STRING;

	if (!v->valid || (!text && !c->count && elements(c, v) == 0)) {
		put_fault(o, v->absent);
	} else if (c->count) {
		put_char(o, f->brackets[0]);
		(text ? put_strings : put_numbers)(o, c, v);
		put_char(o, f->brackets[1]);
	} else if (text) {
		f->string(o, (const char *)v->data, v->len, v->cut);
	} else {
		put_element(o, c, v, 0);
	}
	if (v->guessed)
		put_text(o, f->guess);
}

/* ---- places ---- */

bool has_address(const struct out *o, bool ret)
{
	size_t n = 1;

	if (o->opt.place)
		o->opt.place(o->opt.place_ctx, ret, &n);
	return n > 0;
}

void put_address(struct out *o, const struct record *r, bool ret)
{
	uint64_t address = ret ? r->return_address : r->address;

	if (o->opt.place && !address) {
		size_t n;
		const char *place = o->opt.place(o->opt.place_ctx, ret, &n);

		put_escaped(o, place, n, 0);
	} else {
		put_hex(o, address);
	}
}

/* "symbol+0x12", or "symbol" when the offset is not known, or "0x..." when it has no name. */
static void put_place(struct out *o, const char *symbol, uint64_t offset, uint64_t address)
{
	if (symbol) {
		put_escaped(o, symbol, strlen(symbol), 0);
		if (offset == UINT64_MAX)
			return;
		put_char(o, '+');
		put_hex(o, offset);
	} else {
		put_hex(o, address);
	}
}

void put_symbol(struct out *o, uint64_t address)
{
	const char *name = NULL;
	uint64_t offset = 0;

	if (!o->opt.symbol || !o->opt.symbol(o->opt.symbol_ctx, address, &name, &offset))
		name = NULL;
	put_place(o, name, offset, address);
}

void put_frame(struct out *o, const struct frame *f)
{
	if (f->inlined)
		put_text(o, "[inlined] ");
	put_place(o, f->symbol, f->offset, f->address);
	if (f->source) {
		put_char(o, '@');
		put_escaped(o, f->source, strlen(f->source), 0);
		put_char(o, ':');
		put_unsigned(o, f->line);
	}
	if (f->file) {
		put_text(o, " (");
		put_escaped(o, f->file, strlen(f->file), 0);
		put_char(o, ')');
	}
}
