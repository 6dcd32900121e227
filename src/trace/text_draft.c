/* text_draft.c - takes a body apart of which nothing is known yet.
 *
 *	readline: (0x55d0 <- 0x55c0) cmd="make check" n=0x40
 *	\_label_/ \_____place______/\________text____________/
 *	                             ` cmd=` QUOTED ` n=` HEX		the draft
 *
 * First what every body has: a label and perhaps a place. Then, by what the text looks like, the fields: words
 * that will be the same in each body of this event, and the kind of value behind each. Such a draft becomes a
 * shape (text_body.c), so this is done once for each event, or a few times.
 */
#include "trace/text.h"

enum {
	MAX_LABEL = 128,
	MAX_PLACE = 300,
};

/* ---- taking a body apart that fits no shape yet ---- */

static bool has_field(const struct draft *d, struct slice name)
{
	for (unsigned i = 0; i < d->n; i++)
		if (slice_same(d->fields[i].name, name))
			return true;
	return false;
}

/* ` NAME=`, or ` [NAME=`, ` (NAME=` in static events: where the next field's name begins. A name comes only once
 * in a body, so a second one belongs to a value. */
const char *text_next_field(const struct draft *d, const char *from, const char *begin, const char *end,
			      struct slice *name)
{
	for (const char *eq = from; (eq = memchr(eq, '=', (size_t)(end - eq))); eq++) {
		const char *p = eq;

		while (p > from && is_word(p[-1]))
			p--;
		if (p == eq || is_digit(*p))
			continue;
		if (p > begin && p[-1] != ' ' &&
		    (d->place != PLACE_NONE || (p[-1] != '[' && p[-1] != '(') || (p - 1 > begin && p[-2] != ' ')))
			continue;
		*name = slice_between(p, eq);
		if (d->n < MAX_PARTS - 1 && !has_field(d, *name))
			return p;
	}
	return NULL;
}

/* What separates a value from the next field belongs to neither: `, `, ` ==> `, ` [`, `] `. */
static const char *trim_value(const char *begin, const char *p, bool brackets)
{
	static const char *const ends[] = { " ", "==>", " ", ",", ";", " ", "]", ")" };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);
		bool closing = *ends[i] == ']' || *ends[i] == ')';

		while ((size_t)(p - begin) >= n && memcmp(p - n, ends[i], n) == 0 && (!closing || brackets)) {
			p -= n;
			if (*ends[i] != ' ')
				break;
		}
	}
	return p;
}

static const char *field_begin(const char *begin, const char *name)
{
	return name > begin && (name[-1] == '[' || name[-1] == '(') ? name - 1 : name;
}

/* Units are no part of a number. */
static struct slice without_unit(struct slice v)
{
	static const char *const units[] = { " [ns]", " [us]", " [ms]", " (ns)", " (us)" };

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t n = strlen(units[i]);

		if (v.n > n && memcmp(slice_end(v) - n, units[i], n) == 0)
			return (struct slice){ v.s, v.n - n };
	}
	return v;
}

static bool names_task(struct slice name)
{
	return name.n >= 4 && memcmp(slice_end(name) - 4, "comm", 4) == 0;
}

/* A value that is no text in quotes ends at a blank, and has no quote before it. in_text: behind `end` stands one. */
bool text_could_be_value(const char *p, const char *end, bool in_text)
{
	const char *blank;

	if (p == end || (*p && strchr("\"'{(", *p)))
		return p < end;
	blank = memchr(p, ' ', (size_t)(end - p));
	if (!blank)
		return !in_text && !memchr(p, '"', (size_t)(end - p));
	return !memchr(p, '"', (size_t)(blank - p));
}

/* The end of a text in quotes that begins at p: a quote with a field or nothing behind it. */
static const char *quoted_end(const struct draft *d, const char *p, const char *begin, const char *end)
{
	struct slice name;

	for (const char *q = p; (q = memchr(q, '"', (size_t)(end - q))); q++) {
		if (q + 1 == end)
			return q;
		if (strchr(" ,])", q[1]) && q[1]) {
			const char *next = text_next_field(d, q + 1, begin, end, &name);

			if (next && trim_value(q + 1, field_begin(q + 1, next), true) == q + 1 &&
			    text_could_be_value(slice_end(name) + 1, end, false))
				return q;
			if (trim_value(q + 1, end, true) == q + 1)
				return q;
		}
	}
	return NULL;
}

/* The value that begins at p: its kind, and its end (NULL: it is no longer than the next field lets it be). */
static const char *bounded_value(struct store *s, struct draft *d, struct part *part, const char *p,
				 const char *begin, const char *end)
{
	const char *q;

	if (slice_begins(p, end, text_fault)) {
		part->kind = KIND_QUOTED;
		return p + text_fault.n;
	}
	if (p == end)
		return NULL;
	switch (*p) {
	case '"':
		part->kind = KIND_QUOTED;
		q = quoted_end(d, p + 1, begin, end);
		d->open = !q;
		return q ? q + 1 : end;
	case '\'':
		d->open = end - p < 3 && d->place != PLACE_NONE;
		if (end - p < 3 || p[2] != '\'')
			return NULL;
		part->kind = KIND_CHAR;
		return p + 3;
	case '{':
		s->n_numbers = s->n_chars = 0;
		q = value_array(s, p, end, &part->base, &part->count);
		part->kind = q ? KIND_ARRAY : KIND_TEXT;
		d->open = !q && end - p > 1 && p[1] == '"';
		return q;
	}
	return NULL;
}

/* Words before the first field are one, too. Returns where they end. */
static const char *leading_text(struct draft *d, const char *begin, const char *end)
{
	struct slice text = slice_trim(slice_between(begin, end));

	if (!text.n)
		return begin;
	d->fields[d->n++] = (struct field){ .name = { "text", 4 },
					    .part = { .words = slice_between(begin, text.s), .kind = KIND_TEXT } };
	return slice_end(text);
}

/* NAME=VALUE NAME=VALUE */
static bool draft_fields(struct store *s, struct draft *d, struct slice text)
{
	const char *begin = text.s, *end = slice_end(text), *at = begin, *value_end;
	struct slice name;
	const char *p = text_next_field(d, begin, begin, end, &name);

	if (!p)
		return false;
	value_end = leading_text(d, begin, trim_value(begin, field_begin(begin, p), false));
	while (p && !d->open) {
		struct field *f = &d->fields[d->n];
		bool brackets = p > begin && (p[-1] == '[' || p[-1] == '(');
		const char *value = slice_end(name) + 1, *q;
		struct slice next_name;

		*f = (struct field){ .name = name, .part = { .words = slice_between(value_end, value),
							     .name_of_task = names_task(name) } };
		d->n++;
		q = f->part.name_of_task && (value == end || *value != '"') ? NULL :
			bounded_value(s, d, &f->part, value, begin, end);
		at = q ? q : value;
		p = text_next_field(d, at, begin, end, &next_name);
		value_end = trim_value(value, p ? field_begin(begin, p) : end, brackets);
		if (q && value_end != q && !d->open) {		/* more behind it than it may have */
			f->part.kind = KIND_TEXT;
			q = NULL;
		}
		if (!q && !d->open && !f->part.name_of_task) {
			struct slice v = without_unit(slice_between(value, value_end));

			f->part.kind = value_number_kind(v);
			if (f->part.kind != KIND_TEXT)
				value_end = slice_end(v);
		}
		if (f->part.kind != KIND_ARRAY) {
			f->part.base = BASE_HEX;
			f->part.count = 0;
		}
		name = next_name;
	}
	d->tail = d->open ? slice_between(end, end) : slice_between(value_end, end);
	return true;
}

static void add_field(struct draft *d, struct slice name, const char *words, const char *value, enum kind kind)
{
	d->fields[d->n++] = (struct field){ .name = name,
					    .part = { .words = slice_between(words, value), .kind = kind } };
}

/* New kernels write 0xb and 11, older ones b: one that shows 0x, or a text, or names of flags, is new. */
static void learn_hex(struct store *s, struct slice text)
{
	static const struct slice mark = { "0x", 2 };

	s->marked_hex |= slice_find(text.s, slice_end(text), mark) || memchr(text.s, '"', text.n) ||
			 memchr(text.s, '|', text.n);
}

/* VALUE, or a pointer and what it points at: 7ffd05 "/etc/passwd". */
static void add_argument(struct store *s, struct draft *d, const char *words, struct slice name, struct slice v)
{
	const char *end = slice_end(v), *quote = memchr(v.s, '"', v.n);
	struct slice number = quote && quote > v.s && end[-1] == '"' && end - 1 > quote ?
				      slice_between(v.s, quote - 1) : v;
	uint64_t bits;
	enum kind kind = value_number_kind(number);

	if (number.n > 1 && *number.s == '0' && kind == KIND_SIGNED)		/* octal */
		kind = KIND_TEXT;
	if (!s->marked_hex && value_hex_digits(number.s, slice_end(number), &bits) == slice_end(number))
		kind = KIND_BARE_HEX;
	if (kind == KIND_TEXT)
		number = v;
	add_field(d, name, words, v.s, kind);
	d->fields[d->n - 1].part.argument = true;
	if (number.n < v.n)
		add_field(d, (struct slice){ arena_fmt(s->arena, "%.*s_val", (int)name.n, name.s), name.n + 4 },
			  slice_end(number), quote, KIND_QUOTED);
}

/* NAME: VALUE, NAME: VALUE; a syscall's arguments. begin: behind the opening parenthesis. */
static bool draft_arguments(struct store *s, struct draft *d, const char *words, const char *begin, const char *end)
{
	learn_hex(s, slice_between(begin, end));
	for (const char *p = begin; p < end && d->n < MAX_PARTS - 2;) {
		const char *colon = p, *value, *stop;

		while (colon < end && is_word(*colon))
			colon++;
		if (colon == p || end - colon < 3 || colon[0] != ':' || colon[1] != ' ')
			return false;
		value = colon + 2;
		for (stop = value; (stop = memchr(stop, ',', (size_t)(end - stop))); stop++) {
			const char *q = stop + 2;

			while (q < end && is_word(*q))
				q++;
			if (q < end && q > stop + 2 && stop[1] == ' ' && *q == ':' &&
			    (!memchr(value, '"', (size_t)(stop - value)) || stop[-1] == '"'))
				break;
		}
		stop = stop ? stop : end;
		add_argument(s, d, words, slice_between(p, colon), slice_between(value, stop));
		words = stop;
		p = stop + 2;
	}
	d->tail.s = words;
	return true;
}

/* NR 257 (ffffff9c, 7ffd, 0, 0, 0, 0) and NR 257 = 3 */
static bool draft_raw_syscall(struct store *s, struct draft *d, struct slice text)
{
	const char *end = slice_end(text), *p = text.s + 3, *q;
	uint64_t number;
	unsigned count;

	if (!slice_starts(text, "NR ") || !(q = value_signed(p, end, &number)) || end - q < 4)
		return false;
	add_field(d, (struct slice){ "NR", 2 }, text.s, p, KIND_SIGNED);
	if (memcmp(q, " = ", 3) == 0) {
		add_field(d, (struct slice){ "ret", 3 }, q, q + 3, value_number_kind(slice_between(q + 3, end)));
		d->tail = slice_between(end, end);
		return true;
	}
	p = q + 2;
	s->n_numbers = 0;
	if (memcmp(q, " (", 2) == 0 && (q = value_hex_list(s, p, end, &count)) && end - q == 1 && *q == ')') {
		add_field(d, (struct slice){ "args", 4 }, p - 2, p, KIND_HEX_LIST);
		d->fields[1].part.count = count;
		d->tail = slice_between(q, end);
		return true;
	}
	d->n = 0;
	return false;
}

static const struct slice arrows[] = { { " <-- ", 5 }, { " <-", 3 } };

/* FUNCTION <-PARENT */
static bool draft_function(struct draft *d, struct slice text)
{
	const char *end = slice_end(text);

	for (size_t i = 0; i < ARRAY_LEN(arrows); i++) {
		const char *p = slice_find(text.s, end, arrows[i]);

		if (!p)
			continue;
		add_field(d, (struct slice){ "func", 4 }, text.s, text.s, KIND_TEXT);
		add_field(d, (struct slice){ "parent", 6 }, p, p + arrows[i].n, KIND_TEXT);
		d->tail = slice_between(end, end);
		return true;
	}
	return false;
}

void text_draft_free(struct draft *d, struct slice text)
{
	d->n = 0;
	d->free = true;
	if (text.n)
		add_field(d, (struct slice){ "text", 4 }, text.s, text.s, KIND_TEXT);
	d->tail = slice_between(slice_end(text), slice_end(text));
}

/* ---- the parts of a body ---- */

/* The characters of an event's or a function's name. */
static bool is_name(char c)
{
	return is_word(c) || (c && strchr(".$+-/@~", c));
}

/* `0x55d0`, `vfs_read+0x0/0x120`, and with option sym-addr ` <ffffffff81234560>` behind it */
static bool is_place(struct slice s)
{
	const char *blank = memchr(s.s, ' ', s.n);

	return s.n && *s.s != ' ' && (!blank || (slice_end(s) - blank > 2 && blank[1] == '<')) &&
	       !memchr(s.s, '=', s.n) && !memchr(s.s, ',', s.n);
}

/* (0x55d0), (0x55d0 <- 0x55c0), (vfs_read+0x0/0x120), (syscalls.sys_enter_openat), (55d0): where it was hit. */
static void take_place(struct dissection *x)
{
	static const struct slice arrow = { " <- ", 4 };
	const char *begin = x->text.s, *end = slice_end(x->text), *close, *p;
	uint64_t number;

	if (!x->text.n || *begin != '(' || slice_begins(begin, end, text_fault))
		return;
	close = memchr(begin, ')', x->text.n < MAX_PLACE ? x->text.n : MAX_PLACE);
	if (!close || close == begin + 1 || (close + 1 < end && close[1] != ' '))
		return;
	p = slice_find(begin, close, arrow);
	x->at = slice_between(p ? p + arrow.n : begin + 1, close);
	x->from = p ? slice_between(begin + 1, p) : slice_between(begin, begin);
	if (!is_place(x->at) || (p && !is_place(x->from)))
		return;
	x->place = p ? PLACE_RETURN : PLACE_ENTRY;
	if (p && value_hex_digits(x->at.s, close, &number) == close) {	/* no 0x: not the kernel's order */
		struct slice first = x->from;

		x->from = x->at;
		x->at = first;
	}
	x->text = slice_between(close + 1, end);
}

/* Events whose body is free text, whatever it looks like. */
static bool is_free(struct slice label)
{
	static const char *const rows[] = { "tracing_mark_write", "print", "bprint", "bputs", "raw_data", "text" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (slice_is(label, rows[i]))
			return true;
	return false;
}

/* NAME: or GROUP:NAME: and a blank or nothing. */
static bool take_label(struct dissection *x, struct slice body)
{
	const char *p = body.s, *end = slice_end(body);

	if (body.n > MAX_LABEL)
		end = p + MAX_LABEL;
	while (p < end && (is_name(*p) || (*p == ':' && p > body.s && end - p > 1 && is_name(p[1]))))
		p++;
	if (p == body.s || p == end || *p != ':' || (p + 1 < slice_end(body) && p[1] != ' ' && p[1] != '\t'))
		return false;
	x->label = slice_between(body.s, p);
	end = slice_end(body);
	for (p++; p < end && (*p == ' ' || *p == '\t');)
		p++;
	x->text = slice_between(p, end);
	return true;
}

/* sys_openat(...), sys_openat -> 0x3 */
static bool take_syscall(struct dissection *x, struct slice body)
{
	const char *p = body.s, *end = slice_end(body);

	while (p < end && is_word(*p))
		p++;
	if (p == body.s || p == end)
		return false;
	x->label = slice_between(body.s, p);
	x->text = slice_between(p, end);
	x->syscall = *p == '(' && end[-1] == ')';
	x->syscall_return = slice_starts(x->text, " -> ");
	return x->syscall || x->syscall_return;
}

void text_dissect(struct dissection *x, struct slice body)
{
	while (body.n && (slice_end(body)[-1] == '\n' || slice_end(body)[-1] == '\r'))
		body.n--;
	*x = (struct dissection){ .at = { body.s, 0 }, .from = { body.s, 0 } };
	if (take_label(x, body)) {
		x->function = slice_is(x->label, "function");
		take_place(x);
		return;
	}
	x->function = slice_find(body.s, slice_end(body), arrows[1]) != NULL;
	if (!x->function && take_syscall(x, body))
		return;
	x->label = x->function ? (struct slice){ "function", 8 } : (struct slice){ "text", 4 };
	x->text = body;
}

void text_draft(struct store *s, struct draft *d, const struct dissection *x)
{
	const char *end = slice_end(x->text);
	uint64_t number;
	bool done = false;

	d->place = x->place;
	d->n = 0;
	d->open = d->free = false;
	d->tail = slice_between(end, end);
	if (!x->text.n)
		return;
	if (x->function) {
		done = draft_function(d, x->text);
	} else if (x->syscall) {
		done = draft_arguments(s, d, x->text.s, x->text.s + 1, end - 1);
		d->tail.n = done ? (size_t)(end - d->tail.s) : 0;
	} else if (x->syscall_return) {
		add_field(d, (struct slice){ "ret", 3 }, x->text.s, x->text.s + 4,
			  value_hex(x->text.s + 4, end, &number) == end ? KIND_HEX :
						value_number_kind(slice_between(x->text.s + 4, end)));
		done = true;
	} else if (slice_starts(x->label, "sys_enter_")) {
		done = draft_arguments(s, d, x->text.s, x->text.s, end);
		d->tail.n = done ? (size_t)(end - d->tail.s) : 0;
	} else if (slice_starts(x->label, "sys_exit_") && value_hex(x->text.s, end, &number) == end) {
		add_field(d, (struct slice){ "ret", 3 }, x->text.s, x->text.s, KIND_HEX);
		done = true;
	} else {
		done = draft_raw_syscall(s, d, x->text) || (!is_free(x->label) && draft_fields(s, d, x->text));
	}
	if (!done)
		text_draft_free(d, x->text);
}
