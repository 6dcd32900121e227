/* json.c - one object a line for programs.
 *
 *	{"type":"event","time_ns":8123004512345,"comm":"bash","pid":4711,"tid":4711,"cpu":0,
 *	 "probe":"readline","args":{"cmd":"make check"}}	(one line, no blanks)
 *	{"type": "lost_events", "count": 17, "cpu": 1, "data": {"events": 17}}	(as bpftrace writes it)
 *
 * Two promises. Every line is valid JSON and valid UTF-8, whatever bytes a stranger put into a string:
 * what is no UTF-8 is written as \u00XX of the byte. And no number lies: most readers keep numbers as
 * doubles, so an integer that a double cannot hold exactly is written as a string of its digits.
 */
#include "out/format.h"

#include <stdlib.h>

#include "base/str.h"

/* ---- strings ---- */

static void put_code(struct out *o, unsigned char c)
{
	put_text(o, "\\u00");
	put_char(o, "0123456789abcdef"[c >> 4]);
	put_char(o, "0123456789abcdef"[c & 15]);
}

static size_t json_escape(struct out *o, const char *text, size_t n, char quote)
{
	static const char shorts[256] = {
		['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
	};
	char letter = shorts[(unsigned char)*text];
	uint32_t code = (unsigned char)*text;
	unsigned len = str_utf8(text, n, &code);

	if (letter) {
		put_char(o, '\\');
		put_char(o, letter);
		return 1;
	}
	if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
		put_code(o, (unsigned char)code);
		return len ? len : 1;
	}
	put_bytes(o, text, len);
	return len;
}

static void put_stringn(struct out *o, const char *text, size_t n, bool cut)
{
	put_char(o, '"');
	put_escaped(o, text, n, 0);
	if (cut)
		put_text(o, "..");
	put_char(o, '"');
}

static void put_string(struct out *o, const char *text)
{
	put_stringn(o, text, strlen(text), false);
}

/* ---- numbers ---- */

/* A double has 53 bits: an integer fits when what is left without its trailing zeros does. */
static bool fits_double(uint64_t magnitude)
{
	return magnitude < 1ull << 53 || magnitude >> __builtin_ctzll(magnitude) < 1ull << 53;
}

static void put_number(struct out *o, uint64_t value)
{
	bool exact = fits_double(value);

	if (!exact)
		put_char(o, '"');
	put_unsigned(o, value);
	if (!exact)
		put_char(o, '"');
}

static void put_signed_number(struct out *o, uint64_t bits)
{
	int64_t value = (int64_t)bits;
	bool exact = fits_double(value < 0 ? 0 - bits : bits);

	if (!exact)
		put_char(o, '"');
	put_signed(o, value);
	if (!exact)
		put_char(o, '"');
}

/* ---- values ---- */

static void put_character(struct out *o, uint64_t bits)
{
	char c = (char)bits;

	put_stringn(o, &c, 1, false);
}

/* JSON has no word for infinity, and none for what is no number. */
static void put_finite(struct out *o, uint64_t bits)
{
	bool finite = (bits >> 52 & 0x7ff) != 0x7ff;

	put_text(o, finite ? "" : "\"");
	put_double(o, bits);
	put_text(o, finite ? "" : "\"");
}

static void put_quoted_symbol(struct out *o, uint64_t address)
{
	put_char(o, '"');
	put_symbol(o, address);
	put_char(o, '"');
}

static void put_stack(struct out *o, const char *key, const struct frame *frames, unsigned n)
{
	if (n == 0)
		return;
	put_text(o, key);
	for (unsigned i = 0; i < n; i++) {
		put_char(o, i ? ',' : '[');
		put_char(o, '"');
		put_frame(o, &frames[i]);
		put_char(o, '"');
	}
	put_char(o, ']');
}

/* ---- the format ---- */

static void json_header(struct out *o)
{
}

static void put_addresses(struct out *o, const struct record *r)
{
	if (!has_address(o, false))
		return;
	put_text(o, ",\"address\":\"");
	put_address(o, r, false);
	if (r->site->ret || r->site->end) {
		put_text(o, "\",\"return_address\":\"");
		put_address(o, r, true);
	}
	put_char(o, '"');
}

/* The names of the values whose end is a guess. */
static void put_guessed(struct out *o, const struct record *r)
{
	bool any = false;

	for (unsigned i = 0; i < r->site->n_captures; i++) {
		if (!r->values[i].guessed)
			continue;
		put_text(o, any ? "," : ",\"guessed\":[");
		put_string(o, r->site->captures[i].name);
		any = true;
	}
	if (any)
		put_char(o, ']');
}

static void json_record(struct out *o, const struct record *r)
{
	const struct site *site = r->site;

	put_text(o, "{\"type\":\"event\",\"time_ns\":");
	put_unsigned(o, r->time_ns);
	put_text(o, ",\"comm\":");
	put_string(o, r->comm ? r->comm : "");
	put_text(o, ",\"pid\":");
	if (r->pid == -1)
		put_text(o, "null");
	else
		put_signed(o, r->pid);
	put_text(o, ",\"tid\":");
	put_signed(o, r->tid);
	put_text(o, ",\"cpu\":");
	if (r->cpu == -1)
		put_text(o, "null");
	else
		put_signed(o, r->cpu);
	put_text(o, ",\"probe\":");
	put_string(o, site->label);
	if (o->opt.address)
		put_addresses(o, r);
	put_text(o, ",\"args\":{");
	for (unsigned i = 0; i < site->n_captures; i++) {
		if (i > 0)
			put_char(o, ',');
		put_string(o, site->captures[i].name);
		put_char(o, ':');
		put_value(o, &site->captures[i], &r->values[i]);
	}
	put_char(o, '}');
	put_guessed(o, r);
	put_stack(o, ",\"ustack\":", r->ustack, r->n_ustack);
	put_stack(o, ",\"kstack\":", r->kstack, r->n_kstack);
	put_text(o, "}\n");
}

/* The text of a trace does not always say how many. */
static void put_count(struct out *o, uint64_t count)
{
	if (count)
		put_unsigned(o, count);
	else
		put_text(o, "null");
}

static void json_lost(struct out *o, const struct lost *l)
{
	put_text(o, "{\"type\": \"lost_events\", \"count\": ");
	put_count(o, l->count);
	if (l->cpu >= 0) {
		put_text(o, ", \"cpu\": ");
		put_signed(o, l->cpu);
	}
	if (l->site) {
		put_text(o, ", \"probe\": ");
		put_string(o, l->site->label);
	}
	if (l->why) {
		put_text(o, ", \"reason\": ");
		put_string(o, l->why);
	}
	put_text(o, ", \"data\": {\"events\": ");
	put_count(o, l->count);
	put_text(o, "}}\n");
}

/* ---- explanations ---- */

/* What of a lesson's notes is a member of its own: {"type":"explain","step":"symbol",...,"facts":{...},
 * "text":["..."],"commands":["..."]}, a line for each step. */
static void put_key(struct out *o, const char *key)
{
	put_string(o, key);
	put_char(o, ':');
}

static void put_table(struct out *o, const struct note *n)
{
	const char **cell = n->cells;

	put_char(o, '[');
	for (unsigned i = 0; i < n->n_rows; i++) {
		bool first = true;

		put_text(o, i ? ",{" : "{");
		for (const char *const *column = n->columns; *column; column++, cell++) {
			if (!*cell)
				continue;
			if (!first)
				put_char(o, ',');
			first = false;
			put_key(o, *column + (**column == '#'));
			if (**column == '#')
				put_number(o, strtoull(*cell, NULL, 0));
			else
				put_string(o, *cell);
		}
		put_char(o, '}');
	}
	put_char(o, ']');
}

static bool is_member(const struct note *n)
{
	return n->kind == NOTE_FACT || n->kind == NOTE_NUMBER || n->kind == NOTE_TABLE;
}

static void put_members(struct out *o, const struct lesson *l)
{
	bool first = true;

	for (unsigned i = 0; i < l->n_notes; i++) {
		const struct note *n = &l->notes[i];

		if (!is_member(n))
			continue;
		if (!first)
			put_char(o, ',');
		first = false;
		put_key(o, n->key);
		if (n->kind == NOTE_TABLE)
			put_table(o, n);
		else if (n->kind == NOTE_NUMBER)
			put_number(o, n->number);
		else
			put_string(o, n->text);
	}
}

/* The notes of one kind, as an array of strings. */
static void put_notes(struct out *o, const char *key, const struct lesson *l, enum note_kind kind)
{
	bool first = true;

	put_text(o, key);
	for (unsigned i = 0; i < l->n_notes; i++) {
		if (l->notes[i].kind != kind)
			continue;
		if (!first)
			put_char(o, ',');
		first = false;
		put_string(o, l->notes[i].text);
	}
	put_char(o, ']');
}

static void json_lesson(struct out *o, const struct lesson *l)
{
	put_text(o, "{\"type\":\"explain\",\"number\":");
	put_unsigned(o, l->number);
	put_text(o, ",\"step\":");
	put_string(o, l->key);
	if (l->probe) {
		put_text(o, ",\"probe\":");
		put_string(o, l->probe);
	}
	put_text(o, ",\"title\":");
	put_string(o, l->title);
	put_text(o, ",\"facts\":{");
	put_members(o, l);
	put_char(o, '}');
	put_notes(o, ",\"text\":[", l, NOTE_TEXT);
	put_notes(o, ",\"commands\":[", l, NOTE_COMMAND);
	put_text(o, "}\n");
}

static void put_word(struct out *o, const char *text)
{
	put_stringn(o, text, strlen(text), false);
}

const struct format format_json = {
	.language = &language_json,
	.name = "json", .header = json_header, .record = json_record, .lost = json_lost,
	.lesson = json_lesson,
	.escape = json_escape,
	.fault = "null", .brackets = "[]", .guess = "", .string = put_stringn, .word = put_word,
	.element = {
		[BASE_HEX] = put_number,
		[BASE_UNSIGNED] = put_number,
		[BASE_SIGNED] = put_signed_number,
		[BASE_CHAR] = put_character,
		[BASE_SYMBOL] = put_quoted_symbol,
		[BASE_FLOAT] = put_finite,
	},
};
