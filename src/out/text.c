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

/* Text of our own with a stranger's words in it: a backslash is only that. */
static void put_clean(struct out *o, const char *text, size_t n)
{
	while (n > 0) {
		size_t run = strcspn(text, "\\"), part;

		part = run < n ? run : n;
		put_escaped(o, text, part, 0);
		text += part;
		n -= part;
		if (n > 0) {
			put_char(o, '\\');
			text++;
			n--;
		}
	}
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

static void put_addresses(struct out *o, const struct record *r)
{
	if (!has_address(o, false))
		return;
	put_text(o, " (");
	if (r->site->ret || r->site->end) {
		put_address(o, r, true);
		put_text(o, " <- ");
	}
	put_address(o, r, false);
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
	if (r->cpu == -1)
		put_text(o, "  ?");
	else
		put_right(o, r->cpu, 3);
	put_char(o, ' ');
	pad = put_left(o, site->label, width);
	if (o->opt.address || site->n_captures)		/* no trailing blanks */
		put_blanks(o, pad);
	if (o->opt.address)
		put_addresses(o, r);
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

/* ---- explanations ----
 *
 *	3. From the name to an address
 *
 *	  The linker wrote down where it put each function.
 *
 *	    symbol table   .symtab, entry 37 of 66
 *	    value          0x1139
 *
 *	    $ readelf -Ws ./app | grep -w func_1
 */

enum { WIDTH = 79, LABEL_WIDTH = 15, TEXT_INDENT = 2, NOTE_INDENT = 4, GAP = 2, CELL_MIN = 16,
       MAX_COLUMNS = 8 };

/* Writes words from column `at` on, on as many lines as they need. */
static void put_wrapped(struct out *o, const char *text, unsigned at, unsigned indent)
{
	bool first = true;

	while (*text) {
		size_t n = strcspn(text, " ");
		unsigned width = str_width(text, n);

		if (!first && at + 1 + width > WIDTH) {
			put_char(o, '\n');
			put_blanks(o, indent);
			at = indent;
		} else if (!first) {
			put_char(o, ' ');
			at++;
		}
		put_clean(o, text, n);
		at += width;
		text += n;
		text += *text == ' ';
		first = false;
	}
	put_char(o, '\n');
}

static void put_fact(struct out *o, const struct note *n)
{
	unsigned pad;

	put_blanks(o, NOTE_INDENT);
	pad = put_left(o, n->label, LABEL_WIDTH);
	put_blanks(o, pad + 1);
	put_wrapped(o, n->text, NOTE_INDENT + LABEL_WIDTH + 1, NOTE_INDENT + LABEL_WIDTH + 1);
}

/* A newline in a quoted word must stay one. */
static void put_command_word(struct out *o, const char *text, size_t n)
{
	for (size_t part; n > 0; text += part, n -= part) {
		const char *newline = memchr(text, '\n', n);

		part = newline ? (size_t)(newline - text) : n;
		put_clean(o, text, part);
		if (newline) {
			put_char(o, '\n');
			part++;
		}
	}
}

/* A line that shall work when pasted is broken only between words that stand outside quotes. */
static void put_command(struct out *o, const char *text)
{
	unsigned at = NOTE_INDENT + 2;

	put_blanks(o, NOTE_INDENT);
	put_text(o, "$ ");
	while (*text) {
		size_t n = 0;
		char quote = 0;
		unsigned width;

		for (; text[n] && (quote || text[n] != ' '); n++) {
			if (text[n] == '\\' && quote != '\'' && text[n + 1])
				n++;
			else if (quote ? text[n] == quote : text[n] == '\'' || text[n] == '"')
				quote = quote ? 0 : text[n];
		}
		width = str_width(text, n);
		if (at > NOTE_INDENT + 2 && at + 1 + width > WIDTH - 2) {
			put_text(o, " \\\n");
			put_blanks(o, NOTE_INDENT + 4);
			at = NOTE_INDENT + 4;
		} else if (at > NOTE_INDENT + 2) {
			put_char(o, ' ');
			at++;
		}
		put_command_word(o, text, n);
		at += width;
		text += n;
		text += strspn(text, " ");
	}
	put_char(o, '\n');
}

static const char *column_head(const struct note *n, unsigned column)
{
	return n->columns[column] + (n->columns[column][0] == '#');
}

/* How wide a column is: as its widest cell; the last one gets what is left of the line. */
static unsigned column_width(const struct note *n, unsigned n_columns, unsigned column)
{
	unsigned width = str_width(column_head(n, column), strlen(column_head(n, column)));

	for (unsigned i = 0; i < n->n_rows; i++) {
		const char *cell = n->cells[i * n_columns + column];
		unsigned w = cell ? str_width(cell, strlen(cell)) : 0;

		if (w > width)
			width = w;
	}
	return width;
}

static void put_row(struct out *o, const unsigned *widths, unsigned n_columns, const char *const *cells)
{
	unsigned at = NOTE_INDENT;

	put_blanks(o, at);
	for (unsigned c = 0; c < n_columns; c++) {
		const char *cell = cells[c] ? cells[c] : "";

		if (c + 1 == n_columns) {
			if (at > NOTE_INDENT && at + str_width(cell, strlen(cell)) > WIDTH &&
			    at + CELL_MIN > WIDTH) {		/* no room beside the others */
				put_char(o, '\n');
				at = NOTE_INDENT + 4;
				put_blanks(o, at);
			}
			put_wrapped(o, cell, at, at);
			return;
		}
		put_clean(o, cell, strlen(cell));
		put_blanks(o, widths[c] + GAP - str_width(cell, strlen(cell)));
		at += widths[c] + GAP;
	}
}

static void put_text_table(struct out *o, const struct note *n)
{
	const char *heads[MAX_COLUMNS];
	unsigned widths[MAX_COLUMNS], n_columns = 0;

	while (n->columns[n_columns])
		n_columns++;
	for (unsigned c = 0; c < n_columns; c++) {
		heads[c] = column_head(n, c);
		widths[c] = column_width(n, n_columns, c);
	}
	put_row(o, widths, n_columns, heads);
	for (unsigned i = 0; i < n->n_rows; i++)
		put_row(o, widths, n_columns, (const char *const *)n->cells + i * n_columns);
}

static void text_lesson(struct out *o, const struct lesson *l)
{
	enum note_kind before = NOTE_TEXT;

	if (l->number > 1)
		put_char(o, '\n');
	put_unsigned(o, l->number);
	put_text(o, ". ");
	put_wrapped(o, l->title, 3, 3);
	put_char(o, '\n');
	for (unsigned i = 0; i < l->n_notes; i++) {
		const struct note *n = &l->notes[i];
		bool facts = n->kind == NOTE_FACT || n->kind == NOTE_NUMBER;
		bool same = n->kind == before || (facts && (before == NOTE_FACT || before == NOTE_NUMBER));

		if (i && (!same || n->kind == NOTE_TEXT || n->kind == NOTE_TABLE))
			put_char(o, '\n');
		before = n->kind;
		switch (n->kind) {
		case NOTE_TEXT:
			put_blanks(o, TEXT_INDENT);
			put_wrapped(o, n->text, TEXT_INDENT, TEXT_INDENT);
			break;
		case NOTE_FACT:
		case NOTE_NUMBER:
			if (n->label)
				put_fact(o, n);
			break;
		case NOTE_COMMAND:
			put_command(o, n->text);
			break;
		case NOTE_TABLE:
			put_text_table(o, n);
			break;
		}
	}
}

static void put_word(struct out *o, const char *text)
{
	put_escaped(o, text, strlen(text), 0);
}

const struct format format_text = {
	.language = &language_text,
	.name = "text", .header = text_header, .record = text_record, .lost = text_lost,
	.lesson = text_lesson,
	.escape = text_escape,
	.fault = "(fault)", .brackets = "{}", .guess = "?", .string = put_string, .word = put_word,
	.element = {
		[BASE_HEX] = put_hex,
		[BASE_UNSIGNED] = put_unsigned,
		[BASE_SIGNED] = put_signed_bits,
		[BASE_CHAR] = put_character,
		[BASE_SYMBOL] = put_symbol,
		[BASE_FLOAT] = put_double,
	},
};
