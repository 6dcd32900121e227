/* text.c - aligned columns for people.
 *
 *	       TIME(s) COMM                 PID     TID CPU PROBE
 *	   8123.004512 bash                4711    4711   0 readline                 cmd="make check"
 *	   8124.118003 bash                4711    4711   1 uprobe:/bin/bash:xmalloc n=0x40
 *	        main+0x1b (/bin/bash)
 *
 * A record is a line, and the frames of its stacks are lines of their own below it, from the kernel
 * outwards. Everything that a stranger chose (COMM, labels, strings, symbols) is scrubbed here: a
 * terminal gets no control character, and no text can pretend to be two lines.
 */
#include "out/format.h"

#include "base/str.h"

/* Longer labels push their own line to the right and leave the others alone. */
enum { LABEL_MAX = 48 };

/* ---- foreign text ---- */

static void put_text_byte(struct out *o, unsigned char c)
{
	put_char(o, '\\');
	switch (c) {
	case '\n':
		put_char(o, 'n');
		break;
	case '\t':
		put_char(o, 't');
		break;
	case '\r':
		put_char(o, 'r');
		break;
	default:
		put_char(o, 'x');
		put_char(o, "0123456789abcdef"[c >> 4]);
		put_char(o, "0123456789abcdef"[c & 15]);
	}
}

static size_t text_escape(struct out *o, const char *text, size_t n, char quote)
{
	uint32_t code = 0;
	unsigned len = str_utf8(text, n, &code);

	if (len == 0 || str_is_control(code)) {
		len = len ? len : 1;
		for (unsigned i = 0; i < len; i++)
			put_text_byte(o, (unsigned char)text[i]);
		return len;
	}
	if (*text == '\\' || (quote && *text == quote))
		put_char(o, '\\');
	put_bytes(o, text, len);
	return len;
}

static void put_quoted(struct out *o, const char *text, size_t n, char quote)
{
	put_char(o, quote);
	put_escaped(o, text, n, quote);
	put_char(o, quote);
}

/* ---- columns ---- */

/* Left-aligned foreign text; returns how many blanks are missing to the width. */
static size_t put_left(struct out *o, const char *text, size_t width)
{
	size_t n = strlen(text), columns = str_width(text, n);

	put_escaped(o, text, n, 0);
	return columns < width ? width - columns : 0;
}

/* Seconds with six decimals, cut and not rounded: times stay in the order of the records. */
static void put_time(struct out *o, uint64_t ns)
{
	uint64_t seconds = ns / 1000000000;
	unsigned micro = (unsigned)(ns % 1000000000) / 1000;
	char decimals[7] = ".";

	for (int i = 6; i > 0; i--) {
		decimals[i] = (char)('0' + micro % 10);
		micro /= 10;
	}
	put_right(o, (int64_t)seconds, 14 - sizeof(decimals));
	put_bytes(o, decimals, sizeof(decimals));
}

static void put_address(struct out *o, const struct record *r)
{
	put_text(o, " (");
	if (r->site->ret) {
		put_hex(o, r->return_address);
		put_text(o, " <- ");
	}
	put_hex(o, r->address);
	put_char(o, ')');
}

/* ---- values ---- */

static void put_string(struct out *o, const char *text, size_t n, bool cut)
{
	put_quoted(o, text, n, '"');
	if (cut)
		put_text(o, "..");
}

static void put_signed_bits(struct out *o, uint64_t bits)
{
	put_signed(o, (int64_t)bits);
}

static void put_character(struct out *o, uint64_t bits)
{
	char c = (char)bits;

	put_quoted(o, &c, 1, '\'');
}

static void put_stack(struct out *o, const struct frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		put_blanks(o, 8);
		put_frame(o, &frames[i]);
		put_char(o, '\n');
	}
}

/* ---- the format ---- */

static void text_header(struct out *o)
{
	put_text(o, "       TIME(s) COMM                 PID     TID CPU PROBE\n");
}

static void text_record(struct out *o, const struct record *r)
{
	const struct site *site = r->site;
	unsigned width = o->opt.label_width < LABEL_MAX ? o->opt.label_width : LABEL_MAX;
	size_t pad;

	put_time(o, r->time_ns);
	put_char(o, ' ');
	put_blanks(o, put_left(o, r->comm ? r->comm : "", 16));
	put_char(o, ' ');
	if (r->pid == -1)
		put_text(o, "      ?");
	else
		put_right(o, r->pid, 7);
	put_char(o, ' ');
	put_right(o, r->tid, 7);
	put_char(o, ' ');
	put_right(o, r->cpu, 3);
	put_char(o, ' ');
	pad = put_left(o, site->label, width);
	if (o->opt.address || site->n_captures)		/* no trailing blanks */
		put_blanks(o, pad);
	if (o->opt.address)
		put_address(o, r);
	for (unsigned i = 0; i < site->n_captures; i++) {
		put_char(o, ' ');
		put_escaped(o, site->captures[i].name, strlen(site->captures[i].name), 0);
		put_char(o, '=');
		put_value(o, &site->captures[i], &r->values[i]);
	}
	put_char(o, '\n');
	put_stack(o, r->kstack, r->n_kstack);
	put_stack(o, r->ustack, r->n_ustack);
}

/* The command says it on stderr: standard output holds records only. */
static void text_lost(struct out *o, const struct lost *l)
{
}

const struct format format_text = {
	.name = "text", .header = text_header, .record = text_record, .lost = text_lost,
	.escape = text_escape,
	.fault = "(fault)", .brackets = "{}", .string = put_string,
	.element = {
		[BASE_HEX] = put_hex,
		[BASE_UNSIGNED] = put_unsigned,
		[BASE_SIGNED] = put_signed_bits,
		[BASE_CHAR] = put_character,
		[BASE_SYMBOL] = put_symbol,
	},
};
