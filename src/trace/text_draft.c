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

bool text_fact(const struct store *s, struct slice name, int what)
{
	for (const struct fact *f = s->facts; f; f = f->next)
		if ((int)f->what == what && slice_same(f->name, name))
			return true;
	return false;
}

/* A name of our own that no field of the body has yet. */
static struct slice free_name(struct store *s, const struct draft *d, struct slice name)
{
	struct slice other = name;

	for (unsigned i = 2; has_field(d, other); i++) {
		other.s = arena_fmt(s->arena, "%.*s_%u", (int)name.n, name.s, i);
		other.n = strlen(other.s);
	}
	return other;
}

/* Names with a blank in them. */
static const char *spaced_name(const char *begin, const char *p)
{
	static const char *const rows[] = { "work struct=" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *blank = strchr(rows[i], ' ') + 1;
		size_t n = (size_t)(blank - rows[i]);

		if ((size_t)(p - begin) >= n && memcmp(p - n, rows[i], n) == 0 &&
		    memcmp(p, blank, strlen(blank)) == 0)
			return p - n;
	}
	return p;
}

/* `dev = `, in some static events: the end of the name whose sign is at eq. */
static const char *name_end(const struct draft *d, const char *from, const char *eq, const char *end)
{
	if (d->place == PLACE_NONE && eq > from && eq[-1] == ' ' && end - eq > 2 && eq[1] == ' ')
		return eq - 1;
	return eq;
}

const char *text_value_begin(struct slice name, const char *end)
{
	const char *p = slice_end(name);

	p += *p == ' ' ? 3 : 1;
	return p < end ? p : end;
}

/* ` NAME=`, or ` [NAME=`, ` (NAME=`, ` NAME = ` in static events: where the next field's name begins. A name comes
 * only once in a body, so a second one belongs to a value. `$` is no part of a name: old kernels call the return
 * value so. */
const char *text_next_field(const struct draft *d, const char *from, const char *begin, const char *end,
			      struct slice *name)
{
	for (const char *eq = from; (eq = memchr(eq, '=', (size_t)(end - eq))); eq++) {
		const char *behind = name_end(d, from, eq, end), *p = behind, *words;

		while (p > from && is_word(p[-1]))
			p--;
		if (p == behind || is_digit(*p))
			continue;
		words = p - (p > from && p[-1] == '$');
		words = behind == eq ? spaced_name(begin > from ? begin : from, words) : words;
		if (words > begin && words[-1] != ' ' &&
		    (d->place != PLACE_NONE || (words[-1] != '[' && words[-1] != '(') ||
		     (words - 1 > begin && words[-2] != ' ')))
			continue;
		*name = slice_between(words + (*words == '$'), behind);
		if (d->n < MAX_PARTS - 1 && !has_field(d, *name))
			return words;
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

/* Names, of tasks and of other things, are texts even where they look like numbers. A probe's value is in quotes
 * when it is a text. */
static bool is_always_text(const struct draft *d, struct slice name)
{
	static const char *const rows[] = { "comm", "name", "path" };

	for (size_t i = 0; i < (d->place == PLACE_NONE ? ARRAY_LEN(rows) : 1); i++) {
		size_t n = strlen(rows[i]);

		if (name.n >= n && memcmp(slice_end(name) - n, rows[i], n) == 0)
			return true;
	}
	return false;
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
			    text_could_be_value(text_value_begin(name, end), end, false))
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
	uint64_t number;

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
	case '(':
		part->kind = KIND_BYTE;
		return value_byte(p, end, &number);
	case '\'':
		if ((q = value_byte(p, end, &number))) {
			part->kind = KIND_BYTE;
			return q;
		}
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
static const char *leading_text(struct draft *d, const char *begin, const char *end, const char *body_end)
{
	static const struct slice taken = { "text=", 5 };
	struct slice text = slice_trim(slice_between(begin, end));

	if (!text.n)
		return begin;
	d->fields[d->n++] = (struct field){ .name = { "text_", slice_find(end, body_end, taken) ? 5 : 4 },
					    .part = { .words = slice_between(begin, text.s), .kind = KIND_TEXT } };
	return slice_end(text);
}

/* Numbers without 0x: of old probes they are hexadecimal, unless the field was negative once; and of a field that
 * showed letters once, digits alone are no number. */
static enum kind number_kind(const struct store *s, const struct draft *d, struct field *f, struct slice v)
{
	enum kind kind = value_number_kind(v);
	uint64_t number;

	f->part.hex_text = !d->probe && (text_fact(s, f->name, FACT_HEX_TEXT) || value_is_hex_text(v));
	if (f->part.hex_text && (kind == KIND_SIGNED || kind == KIND_UNSIGNED))
		return KIND_TEXT;
	if (!d->probe || s->probe_hex != HEX_BARE || text_fact(s, f->name, FACT_NEGATIVE))
		return kind;
	return value_hex_digits(v.s, slice_end(v), &number) == slice_end(v) ? KIND_BARE_HEX : kind;
}

/* NAME=VALUE NAME=VALUE */
static bool draft_fields(struct store *s, struct draft *d, struct slice text)
{
	const char *begin = text.s, *end = slice_end(text), *at = begin, *value_end;
	struct slice name;
	const char *p = text_next_field(d, begin, begin, end, &name);

	if (!p)
		return false;
	value_end = leading_text(d, begin, trim_value(begin, field_begin(begin, p), false), end);
	while (p && !d->open) {
		struct field *f = &d->fields[d->n];
		bool brackets = p > begin && (p[-1] == '[' || p[-1] == '(');
		const char *value = text_value_begin(name, end), *q;
		struct slice next_name = name;

		*f = (struct field){ .name = name, .part = { .words = slice_between(value_end, value),
							     .always_text = is_always_text(d, name) } };
		d->n++;
		q = f->part.always_text && (value == end || *value != '"') ? NULL :
			bounded_value(s, d, &f->part, value, begin, end);
		at = q ? q : value;
		p = text_next_field(d, at, begin, end, &next_name);
		value_end = trim_value(value, p ? field_begin(begin, p) : end, brackets);
		if (q && value_end != q && !d->open) {		/* more behind it than it may have */
			f->part.kind = KIND_TEXT;
			q = NULL;
		}
		if (!q && !d->open && !f->part.always_text) {
			struct slice v = without_unit(slice_between(value, value_end));

			f->part.kind = number_kind(s, d, f, v);
			if (f->part.kind != KIND_TEXT)
				value_end = slice_end(v);
		}
		f->value = slice_between(value, value_end);
		if (f->part.kind != KIND_ARRAY) {
			f->part.base = BASE_HEX;
			f->part.count = 0;
		}
		name = next_name;
	}
	d->tail = d->open ? slice_between(end, end) : slice_between(value_end, end);
	return true;
}

static void add_field(struct store *s, struct draft *d, struct slice name, const char *words, const char *value,
		      enum kind kind)
{
	struct slice free = free_name(s, d, name);

	d->fields[d->n++] = (struct field){ .name = free,
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
	add_field(s, d, name, words, v.s, kind);
	d->fields[d->n - 1].part.argument = true;
	if (number.n < v.n)
		add_field(s, d, (struct slice){ arena_fmt(s->arena, "%.*s_val", (int)name.n, name.s), name.n + 4 },
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
	add_field(s, d, (struct slice){ "NR", 2 }, text.s, p, KIND_SIGNED);
	if (memcmp(q, " = ", 3) == 0) {
		add_field(s, d, (struct slice){ "ret", 3 }, q, q + 3, value_number_kind(slice_between(q + 3, end)));
		d->tail = slice_between(end, end);
		return true;
	}
	p = q + 2;
	s->n_numbers = 0;
	if (memcmp(q, " (", 2) == 0 && (q = value_hex_list(s, p, end, &count)) && end - q == 1 && *q == ')') {
		add_field(s, d, (struct slice){ "args", 4 }, p - 2, p, KIND_HEX_LIST);
		d->fields[1].part.count = count;
		d->tail = slice_between(q, end);
		return true;
	}
	d->n = 0;
	return false;
}

static const struct slice arrows[] = { { " <-- ", 5 }, { " <-", 3 } };

/* FUNCTION <-PARENT; of trace-cmd, FUNCTION alone when the parent was not recorded. */
static bool draft_function(struct store *s, struct draft *d, struct slice text)
{
	const char *end = slice_end(text), *p = NULL;
	size_t i = 0;

	while (i < ARRAY_LEN(arrows) && (p = slice_find(text.s, end, arrows[i])) == NULL)
		i++;
	if (!p && memchr(text.s, ' ', text.n))
		return false;
	add_field(s, d, (struct slice){ "func", 4 }, text.s, text.s, KIND_TEXT);
	if (p)
		add_field(s, d, (struct slice){ "parent", 6 }, p, p + arrows[i].n, KIND_TEXT);
	d->tail = slice_between(end, end);
	return true;
}

/* ---- what trace-cmd's own words for some events say ---- */

struct word {
	const char *words, *name;	/* name NULL: no more */
	enum kind kind;
};
static const struct template {
	const char *label;
	struct word words[8];
	const char *tail;
} templates[] = {
	{ "sched_switch", { { "", "prev_comm", KIND_TEXT }, { ":", "prev_pid", KIND_SIGNED },
			    { " [", "prev_prio", KIND_SIGNED }, { "] ", "prev_state", KIND_TEXT },
			    { " ==> ", "next_comm", KIND_TEXT }, { ":", "next_pid", KIND_SIGNED },
			    { " [", "next_prio", KIND_SIGNED } }, "]" },
	{ "sched_wak", { { "", "comm", KIND_TEXT }, { ":", "pid", KIND_SIGNED }, { " [", "prio", KIND_SIGNED },
			 { "] success=", "success", KIND_SIGNED }, { " CPU:", "target_cpu", KIND_SIGNED } }, "" },
	{ "sched_wak", { { "", "comm", KIND_TEXT }, { ":", "pid", KIND_SIGNED }, { " [", "prio", KIND_SIGNED },
			 { "] CPU:", "target_cpu", KIND_SIGNED } }, "" },
	{ "sched_wak", { { "", "comm", KIND_TEXT }, { ":", "pid", KIND_SIGNED }, { " [", "prio", KIND_SIGNED } },
	  "]" },
};

static bool matches(const struct word *w, const char *tail, const char *p, const char *end)
{
	struct slice words = { w->name ? w->words : tail, strlen(w->name ? w->words : tail) };
	const struct word *next = w + 1;
	uint64_t number;

	if (!slice_begins(p, end, words))
		return false;
	p += words.n;
	if (!w->name)
		return p == end;
	if (w->kind != KIND_TEXT) {
		p = value_takers[w->kind](p, end, &number);
		return p && matches(next, tail, p, end);
	}
	words = (struct slice){ next->words, strlen(next->words) };
	for (; (p = slice_find(p, end, words)) != NULL; p++)
		if (matches(next, tail, p, end))
			return true;
	return false;
}

static bool draft_template(struct store *s, struct draft *d, const struct dissection *x)
{
	for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
		const struct template *t = &templates[i];

		if (!slice_starts(x->label, t->label) || !matches(t->words, t->tail, x->text.s, slice_end(x->text)))
			continue;
		for (const struct word *w = t->words; w->name; w++) {
			add_field(s, d, (struct slice){ w->name, strlen(w->name) }, w->words,
				  w->words + strlen(w->words), w->kind);
			d->fields[d->n - 1].part.always_text = w->kind == KIND_TEXT;
		}
		d->tail = (struct slice){ t->tail, strlen(t->tail) };
		return true;
	}
	return false;
}

void text_draft_free(struct draft *d, struct slice text)
{
	d->n = text.n > 0;
	d->free = true;
	d->fields[0] = (struct field){ .name = { "text", 4 },
				       .part = { .words = { text.s, 0 }, .kind = KIND_TEXT } };
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

/* `NAME=0x55d0 (21968)`, `NAME=vfs_read+0x4/0x490 (-1168069484)`, at the front of the text. */
static bool take_place_field(struct dissection *x, const char *name, struct slice *place)
{
	static const struct slice open = { " (", 2 };
	const char *begin = x->text.s + strlen(name), *end = slice_end(x->text), *p, *close;
	uint64_t number;

	if (!slice_starts(x->text, name) || !(p = slice_find(begin, end, open)))
		return false;
	close = value_signed(p + 2, end, &number);
	if (!close || close == end || *close != ')')
		return false;
	*place = slice_between(begin, p);
	x->text = slice_between(close + 1, end);
	return true;
}

/* With option `fields` (6.4) the place is the first fields. */
static void take_place_fields(struct dissection *x)
{
	if (take_place_field(x, "__probe_ip=", &x->at))
		x->place = PLACE_ENTRY;
	else if (take_place_field(x, "__probe_func=", &x->at)) {
		take_place_field(x, " __probe_ret_ip=", &x->from);
		x->place = PLACE_RETURN;
	}
}

/* Static events that trace-cmd shows with a place. */
static bool is_plugins(struct slice label)
{
	static const char *const rows[] = { "kmalloc", "kmem_cache_", "kfree" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (slice_starts(label, rows[i]))
			return true;
	return false;
}

/* perf and some versions of trace-cmd write GROUP:NAME. */
static struct slice without_group(struct slice label)
{
	const char *colon = memrchr(label.s, ':', label.n);

	return colon ? slice_between(colon + 1, slice_end(label)) : label;
}

/* FUNCTION, perhaps with ` [MODULE]`, ` <ADDRESS>` and `(ARGUMENTS)`, and ` <-PARENT`: all else with such an arrow is
 * free text. */
static bool is_function(struct slice text)
{
	const char *end = slice_end(text), *arrow = slice_find(text.s, end, arrows[1]), *p = text.s;

	if (!arrow || arrow == p || end - arrow < 4 || arrow[3] == ' ')
		return false;
	while (p < arrow && *p != ' ' && *p != '(')
		p++;
	while (p > text.s && p < arrow) {
		char close = *p == '(' ? ')' : p[1] == '[' ? ']' : p[1] == '<' ? '>' : '\0';
		const char *q = close == ')' ? memrchr(p, ')', (size_t)(arrow - p)) :
			close ? memchr(p, close, (size_t)(arrow - p)) : NULL;

		if (!q)
			return false;
		p = q + 1;
	}
	return p == arrow;
}

void text_dissect(struct dissection *x, struct slice body)
{
	while (body.n && (slice_end(body)[-1] == '\n' || slice_end(body)[-1] == '\r'))
		body.n--;
	*x = (struct dissection){ .at = { body.s, 0 }, .from = { body.s, 0 } };
	if (take_label(x, body)) {
		struct slice name = without_group(x->label);

		x->function = slice_is(x->label, "function");
		take_place(x);
		x->probe = x->place != PLACE_NONE && !is_plugins(name);
		if (x->place == PLACE_NONE)
			take_place_fields(x);
		x->named = x->place == PLACE_NONE && !x->function && !is_free(name) &&
			   !slice_starts(name, "sys_enter") && !slice_starts(name, "sys_exit");
		return;
	}
	x->function = is_function(body);
	if (!x->function && take_syscall(x, body))
		return;
	x->label = x->function ? (struct slice){ "function", 8 } : (struct slice){ "text", 4 };
	x->text = body;
}

/* What the unquoted words behind the signs of this piece show. */
static void probe_hex_of(struct slice piece, const struct dissection *x, int *shown)
{
	const char *end = slice_end(piece);

	for (const char *p = piece.s; *shown != HEX_MARKED && (p = memchr(p, '=', (size_t)(end - p))); ) {
		const char *begin = ++p, *blank = memchr(p, ' ', (size_t)(end - p));
		struct slice v = slice_between(begin, blank ? blank : end);
		uint64_t number;
		bool letter = false;

		if (value_hex(v.s, slice_end(v), &number) == slice_end(v) ||
		    (v.n && (*v.s == '{' || *v.s == '\'')) || value_number_kind(v) == KIND_UNSIGNED) {
			*shown = HEX_MARKED;		/* arrays and characters are younger than 0x */
			continue;
		}
		if (value_hex_digits(v.s, slice_end(v), &number) != slice_end(v))
			continue;
		for (size_t i = 0; i < v.n; i++)
			letter |= !is_digit(v.s[i]);
		if (letter || (v.n > 2 && x->at.n == v.n + 2 && memcmp(x->at.s + 2, v.s, v.n) == 0))
			*shown = HEX_BARE;
	}
}

int text_probe_hex(const struct dissection *x)
{
	const char *end = slice_end(x->text), *quote = memchr(x->text.s, '"', x->text.n);
	int shown = HEX_UNKNOWN;

	if (!x->probe || slice_starts(x->text, " ["))		/* [FAILED TO PARSE] */
		return HEX_UNKNOWN;
	probe_hex_of(slice_between(x->text.s, quote ? quote : end), x, &shown);
	if (quote) {		/* behind the last text, if the body is whole */
		quote = (const char *)memrchr(x->text.s, '"', x->text.n) + 1;
		probe_hex_of(slice_between(quote, end), x, &shown);
	}
	return shown;
}

void text_draft(struct store *s, struct draft *d, const struct dissection *x)
{
	const char *end = slice_end(x->text);
	struct slice name = without_group(x->label);
	uint64_t number;
	bool done = false;

	d->place = x->place;
	d->named = x->named;
	d->probe = x->probe;
	d->n = 0;
	d->open = d->free = false;
	d->tail = slice_between(end, end);
	if (!x->text.n)
		return;
	if (x->function) {
		done = draft_function(s, d, x->text);
	} else if (x->syscall) {
		done = draft_arguments(s, d, x->text.s, x->text.s + 1, end - 1);
		d->tail.n = done ? (size_t)(end - d->tail.s) : 0;
	} else if (x->syscall_return) {
		add_field(s, d, (struct slice){ "ret", 3 }, x->text.s, x->text.s + 4,
			  value_hex(x->text.s + 4, end, &number) == end ? KIND_HEX :
						value_number_kind(slice_between(x->text.s + 4, end)));
		done = true;
	} else if (slice_starts(name, "sys_enter_")) {
		done = draft_arguments(s, d, x->text.s, x->text.s, end);
		d->tail.n = done ? (size_t)(end - d->tail.s) : 0;
	} else if (slice_starts(name, "sys_exit_") && value_hex(x->text.s, end, &number) == end) {
		add_field(s, d, (struct slice){ "ret", 3 }, x->text.s, x->text.s, KIND_HEX);
		done = true;
	} else {
		done = draft_raw_syscall(s, d, x->text) || (x->named && draft_template(s, d, x)) ||
		       (!is_free(name) && draft_fields(s, d, x->text));
	}
	if (!done)
		text_draft_free(d, x->text);
}
