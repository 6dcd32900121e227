/* text_body.c - the body of a record in a trace's text: which event, and its values.
 *
 *	readline: (0x55d0 <- 0x55c0) cmd="make check" n=0x40	a probe: NAME: (PLACE) FIELD=VALUE ...
 *	sched_switch: prev_comm=bash prev_state=S ==> next_comm=top	a static event
 *	sys_openat(dfd: ffffff9c, filename: 7ffd05, flags: 0)	a syscall (newer kernels: fd: 0xb, or 11), and
 *	sys_openat -> 0x3					its return
 *	vfs_read <-ksys_read					the function tracer
 *	tracing_mark_write: anything				text
 *
 * The bodies of an event look alike: the same words with other values between them. Such a pattern is a
 * shape. The first body of an event is taken apart slowly, which makes the shape (and the site, for its names
 * and types); each later one is compared with the shapes that the event has, the one that fitted last first,
 * which takes no more than finding the end of each value.
 *
 * The kernel escapes nothing. `a="x" b="y"` may be two fields, or one whose text has quotes in it. What
 * decides is the shape: the fields of a probe are the same in each of its records. So when an event appears
 * that has texts, the lines that follow are looked at too, and of two shapes that both fit, the one that more
 * records fit plainly is right: the other one was made up by a text, or by a line that was cut. Within a shape,
 * all ways to divide the body are tried. When there is more than one, or the other shape has much for it too,
 * or a text holds something like a further field, the value is marked as guessed.
 *
 * A static event's texts have no quotes, so a body that fits no shape at the first sight is divided by the
 * shapes that are known before it is taken apart anew; where both ways differ, the values are marked. A body
 * with only the first of the fields that its event has elsewhere was cut.
 *
 * Numbers without 0x may be hexadecimal: before 3.9 those of probes were. Each trace is of one kernel, so one
 * body can tell for all (struct store, probe_hex); until then such numbers are marked.
 *
 * perf and trace-cmd print by the event's `print fmt`, where a place has no 0x and a return probe has
 * (FUNCTION <- RETURN); the kernel itself prints (RETURN <- FUNCTION).
 */
#include "trace/text.h"

#include <stdlib.h>

enum {
	MAX_SHAPES = 256,		/* of an event; more are not told apart */
	MAX_STEPS = 16384,		/* tries to divide a body; more: it is a guess */
	MAX_EVENTS = 1 << 16,		/* bodies of more are text */
	N_BUCKETS = 1 << 16,
	LOOK_AHEAD_LINES = 64,
	LOOK_AHEAD_ALL = 64 << 20,	/* bytes, for all events */
	HEX_AHEAD_ALL = 1 << 16,	/* lines */
	MUCH_LESS = 16,			/* so many times less evidence is none */
	ENOUGH = 4,			/* bodies that show that a name is an event's last field */
};

struct shape {
	struct site site;
	enum place_kind place;
	struct part *parts;		/* n of them */
	unsigned n;
	struct slice tail;		/* the words behind the last value */
	unsigned n_equals;		/* signs in the words */
	uint64_t plain;			/* bodies that fitted plainly */
	bool has_text;			/* of KIND_TEXT, but for a body that is all text */
	bool free;			/* is all text */
	bool named, probe;		/* as in the dissection */
	bool uncertain;			/* mark_uncertain() looks at its values */
	const struct shape *longer;	/* one with more fields behind these */
	struct shape *next;
};

struct event {
	struct slice label;
	const char *name;		/* the label with a NUL */
	uint32_t hash;
	struct shape *shapes;		/* the one that fitted last is first */
	struct shape *drafts;		/* of bodies whose end is missing or not yet found: nothing is compared
					 * with them */
	const struct fact *facts;
	unsigned n_shapes;
	unsigned generation;		/* of the shapes */
	bool looked_ahead;
	bool mixed;			/* bodies with texts have different fields */
	struct event *next;
};

struct shapes {
	struct store store;
	struct event *buckets[N_BUCKETS];
	unsigned n_events;
	struct event *others;		/* whose bodies are text */
	unsigned generation;		/* how often all shapes of probes were forgotten */
	unsigned steps;			/* tries to divide this body, or these lines */
	size_t looked, hex_lines;	/* ahead, by now */
	struct captured values[MAX_PARTS];	/* of the body at hand */
};

/* ---- the quick way: each text ends at the first place where it could ---- */

static struct slice words_behind(const struct shape *shape, unsigned i)
{
	return i + 1 < shape->n ? shape->parts[i + 1].words : shape->tail;
}

/* Where the value ends at the first sight; NULL: not where the shape wants it. */
static const char *first_end(const struct shape *shape, unsigned i, const char *p, const char *end)
{
	struct slice words = words_behind(shape, i);
	bool last = i + 1 == shape->n;

	if (shape->parts[i].kind == KIND_QUOTED) {
		const char *quote = memchr(p, '"', (size_t)(end - p));

		return quote && slice_begins(quote + 1, end, words) ? quote : NULL;
	}
	if (last)
		return (size_t)(end - p) >= words.n && memcmp(end - words.n, words.s, words.n) == 0 ?
			       end - words.n : NULL;
	while ((p = memchr(p, *words.s, (size_t)(end - p))) && !slice_begins(p, end, words))
		p++;
	return p;
}

static unsigned count_equals(struct slice text)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.s[i] == '=';
	return n;
}

/* True when the body fits so that nothing else could be meant. Fills s->values. */
static bool fits_plainly(struct shapes *s, const struct shape *shape, struct slice text)
{
	const char *p = text.s, *end = slice_end(text);

	s->store.n_numbers = s->store.n_chars = 0;
	for (unsigned i = 0; i < shape->n; i++) {
		const struct part *part = &shape->parts[i];
		const char *begin;

		if (!slice_begins(p, end, part->words))
			return false;
		begin = p += part->words.n;
		if (part->kind > KIND_QUOTED || (p < end && *p == '(' && slice_begins(p, end, text_fault) &&
						 !part->always_text)) {
			p = part->kind == KIND_TEXT ? NULL : value_fixed(&s->store, part, p, end, &s->values[i]);
			if (!p)
				return false;
			continue;
		}
		if (part->kind == KIND_QUOTED) {
			if (p == end || *p != '"')
				return false;
			begin = ++p;
		}
		p = first_end(shape, i, p, end);
		if (!p)
			return false;
		s->values[i] = value_text(slice_between(begin, p));
		if (part->kind == KIND_QUOTED)
			p++;
		else if (!value_is_plain(part, slice_between(begin, p)))
			return false;
	}
	return slice_same(slice_between(p, end), shape->tail) &&
	       (!shape->has_text || count_equals(text) == shape->n_equals);
}

/* ---- the thorough way: all ways to divide a body ---- */

struct division {
	struct shapes *s;
	const struct shape *shape;
	const char *end;
	bool open;			/* the last text may have no end */
	unsigned found;
	size_t numbers, chars;		/* that the first division holds */
	struct captured now[MAX_PARTS], first[MAX_PARTS];
};

static void divide(struct division *d, unsigned i, const char *p);

static bool same_value(const struct captured *a, const struct captured *b)
{
	return a->valid == b->valid && a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}

static void take_division(struct division *d)
{
	if (d->found++ == 0) {
		d->numbers = d->s->store.n_numbers;
		d->chars = d->s->store.n_chars;
		memcpy(d->first, d->now, d->shape->n * sizeof(*d->now));
		return;
	}
	for (unsigned i = 0; i < d->shape->n; i++)
		if (!same_value(&d->now[i], &d->first[i]))
			d->first[i].guessed = true;
}

/* Every place where a text that begins at p could end, and what comes of it. */
static void divide_text(struct division *d, unsigned i, const char *p)
{
	const struct part *part = &d->shape->parts[i];
	struct slice words = words_behind(d->shape, i);
	bool last = i + 1 == d->shape->n, quoted = part->kind == KIND_QUOTED;
	const char *begin = p;

	if (last) {
		p = d->end - words.n - quoted;
		if (p >= begin && (quoted ? *p == '"' : value_is_plain(part, slice_between(begin, p))) &&
		    slice_begins(p + quoted, d->end, words)) {
			d->now[i] = value_text(slice_between(begin, p));
			divide(d, i + 1, p + quoted);
		}
		return;
	}
	for (; d->found < 2 && (p = slice_find(p, d->end, words)) != NULL; p++) {
		if (++d->s->steps > MAX_STEPS)
			return;
		if (quoted && (p == begin || p[-1] != '"'))
			continue;
		d->now[i] = value_text(slice_between(begin, p - quoted));
		if (quoted || value_is_plain(part, slice_between(begin, p)))
			divide(d, i + 1, p);
	}
}

static void divide(struct division *d, unsigned i, const char *p)
{
	const struct part *part = &d->shape->parts[i];
	size_t numbers = d->s->store.n_numbers, chars = d->s->store.n_chars;

	if (++d->s->steps > MAX_STEPS)
		return;
	if (i == d->shape->n) {
		if (slice_same(slice_between(p, d->end), d->shape->tail))
			take_division(d);
		return;
	}
	if (!slice_begins(p, d->end, part->words))
		return;
	p += part->words.n;
	if (part->kind > KIND_QUOTED || (slice_begins(p, d->end, text_fault) && !part->always_text)) {
		p = part->kind == KIND_TEXT ? NULL : value_fixed(&d->s->store, part, p, d->end, &d->now[i]);
		if (p)
			divide(d, i + 1, p);
	} else if (part->kind == KIND_TEXT) {
		divide_text(d, i, p);
	} else if (p < d->end && *p == '"') {
		divide_text(d, i, p + 1);
	}
	d->s->store.n_numbers = d->found ? d->numbers : numbers;
	d->s->store.n_chars = d->found ? d->chars : chars;
}

/* ---- events and their shapes ---- */

/* Shapes with numbers whose base was not known yet are of no use any more. */
static struct event *up_to_date(struct shapes *s, struct event *e)
{
	if (e->generation == s->generation)
		return e;
	e->generation = s->generation;
	e->shapes = e->drafts = NULL;
	e->n_shapes = 0;
	e->mixed = e->looked_ahead = false;
	return e;
}

/* NULL: there are too many. */
static struct event *event_of(struct shapes *s, struct slice label)
{
	uint32_t hash = 2166136261u;
	struct event *e;

	for (size_t i = 0; i < label.n; i++)
		hash = (hash ^ (unsigned char)label.s[i]) * 16777619u;
	for (e = s->buckets[hash % N_BUCKETS]; e; e = e->next)
		if (e->hash == hash && slice_same(e->label, label))
			return up_to_date(s, e);
	if (s->n_events == MAX_EVENTS)
		return NULL;
	s->n_events++;
	e = arena_alloc(s->store.arena, sizeof(*e));
	e->name = arena_strndup(s->store.arena, label.s, label.n);
	e->label = (struct slice){ e->name, label.n };
	e->hash = hash;
	e->generation = s->generation;
	e->next = s->buckets[hash % N_BUCKETS];
	s->buckets[hash % N_BUCKETS] = e;
	return e;
}

static struct slice keep(struct shapes *s, struct slice text)
{
	return (struct slice){ arena_strndup(s->store.arena, text.s, text.n), text.n };
}

static struct capture capture_of(struct shapes *s, const struct field *f)
{
	struct capture c = { .name = arena_strndup(s->store.arena, f->name.s, f->name.n),
			     .base = value_bases[f->part.kind], .count = f->part.count, .n_slots = 1,
			     .witness = UINT32_MAX };

	if (f->part.kind == KIND_ARRAY)
		c.base = f->part.base;
	if (c.base != BASE_STRING)
		c.size = c.base == BASE_CHAR ? 1 : 8;
	return c;
}

static bool shape_is(const struct shape *shape, const struct draft *d)
{
	if (shape->n != d->n || shape->place != d->place || shape->free != d->free ||
	    !slice_same(shape->tail, d->tail))
		return false;
	for (unsigned i = 0; i < d->n; i++) {
		const struct part *a = &shape->parts[i], *b = &d->fields[i].part;

		if (a->kind != b->kind || a->base != b->base || a->count != b->count ||
		    !slice_same(a->words, b->words))
			return false;
	}
	return true;
}

static bool has_texts(const struct shape *shape)
{
	for (unsigned i = 0; i < shape->n; i++)
		if (shape->parts[i].kind == KIND_QUOTED)
			return true;
	return false;
}

static bool other_fields(const struct shape *a, const struct shape *b)
{
	if (a->place != b->place)
		return false;
	if (a->n != b->n)
		return true;
	for (unsigned i = 0; i < a->n; i++)
		if (strcmp(a->site.captures[i].name, b->site.captures[i].name) != 0)
			return true;
	return false;
}

/* Are a's fields the first ones of b's? */
static bool is_cut(const struct shape *a, const struct shape *b)
{
	if (!a->named || !b->named || a->free || b->free || a->n == 0 || a->n >= b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (strcmp(a->site.captures[i].name, b->site.captures[i].name) != 0)
			return false;
	return true;
}

static void link_cut(struct shape *a, const struct shape *b)
{
	if (is_cut(a, b) && (!a->longer || a->longer->plain < b->plain)) {
		a->longer = b;
		a->uncertain = true;
	}
}

static struct shape *new_shape(struct shapes *s, struct event *e, const struct draft *d)
{
	struct shape *shape = arena_alloc(s->store.arena, sizeof(*shape));

	*shape = (struct shape){ .place = d->place, .n = d->n, .tail = keep(s, d->tail), .free = d->free,
				  .named = d->named, .probe = d->probe };
	shape->parts = arena_alloc(s->store.arena, (d->n + 1) * sizeof(*shape->parts));
	shape->site = (struct site){ .label = e->name, .ret = d->place == PLACE_RETURN, .fd = -1, .n_captures = d->n,
				     .comm_slot = UINT32_MAX, .caller_slot = UINT32_MAX };
	shape->site.captures = arena_alloc(s->store.arena, (d->n + 1) * sizeof(*shape->site.captures));
	for (unsigned i = 0; i < d->n; i++) {
		shape->parts[i] = d->fields[i].part;
		shape->parts[i].words = keep(s, d->fields[i].part.words);
		shape->site.captures[i] = capture_of(s, &d->fields[i]);
		shape->n_equals += count_equals(shape->parts[i].words);
		shape->has_text |= shape->parts[i].kind == KIND_TEXT && !d->free;
		shape->uncertain |= shape->parts[i].hex_text || (d->probe && shape->parts[i].kind == KIND_SIGNED);
	}
	shape->n_equals += count_equals(shape->tail);
	return shape;
}

/* The shape of the draft, made when it is new; it becomes the event's first. */
static struct shape *shape_of(struct shapes *s, struct event *e, const struct draft *d)
{
	struct shape **link, *shape;

	for (link = d->open ? &e->drafts : &e->shapes; *link && !shape_is(*link, d); link = &(*link)->next)
		;
	shape = *link;
	if (d->open) {
		if (!shape)
			shape = *link = new_shape(s, e, d);
		return shape;
	}
	if (shape) {
		*link = shape->next;
	} else {
		shape = new_shape(s, e, d);
		e->n_shapes++;
		for (struct shape *other = e->shapes; other; other = other->next) {
			if ((has_texts(other) || has_texts(shape)) && other_fields(other, shape))
				e->mixed = true;
			link_cut(shape, other);
			link_cut(other, shape);
		}
	}
	shape->next = e->shapes;
	e->shapes = shape;
	return shape;
}

/* Only of a line behind which another record begins, all is there. */
static bool is_alone(const char *next, const char *end)
{
	const char *newline = next < end ? memchr(next, '\n', (size_t)(end - next)) : NULL;
	struct text_head h;

	return newline && text_head_parse(slice_between(next, newline), &h);
}

/* ---- what one body teaches about others ---- */

static void remove_shapes(struct event *e, struct slice name, enum kind a, enum kind b)
{
	for (struct shape **link = &e->shapes; *link;) {
		struct shape *shape = *link;
		bool wrong = false;

		for (unsigned i = 0; i < shape->n; i++) {
			struct part *part = &shape->parts[i];

			if (!slice_is(name, shape->site.captures[i].name))
				continue;
			wrong |= part->kind == a || part->kind == b;
			if (part->kind == KIND_TEXT && a == KIND_SIGNED)
				part->hex_text = shape->uncertain = true;
		}
		if (wrong) {
			*link = shape->next;
			e->n_shapes--;
		} else {
			link = &shape->next;
		}
	}
}

static void add_fact(struct shapes *s, struct event *e, struct slice name, int what)
{
	struct fact *f = arena_alloc(s->store.arena, sizeof(*f));

	f->name = keep(s, name);
	f->what = what;
	f->next = e->facts;
	e->facts = s->store.facts = f;
	if (what == FACT_HEX_TEXT)
		remove_shapes(e, name, KIND_SIGNED, KIND_UNSIGNED);
	else
		remove_shapes(e, name, KIND_BARE_HEX, KIND_BARE_HEX);
}

/* Fields that are not what their values looked like. */
static void learn_facts(struct shapes *s, struct event *e, const struct draft *d)
{
	for (unsigned i = 0; i < d->n && !d->free && !d->open; i++) {
		const struct field *f = &d->fields[i];

		if (f->part.kind == KIND_TEXT && f->part.hex_text && !text_fact(&s->store, f->name, FACT_HEX_TEXT))
			add_fact(s, e, f->name, FACT_HEX_TEXT);
		if (d->probe && s->store.probe_hex == HEX_BARE && f->value.n && *f->value.s == '-' &&
		    !text_fact(&s->store, f->name, FACT_NEGATIVE))
			add_fact(s, e, f->name, FACT_NEGATIVE);
	}
}

static void set_probe_hex(struct shapes *s, int shown)
{
	if (shown <= (int)s->store.probe_hex)
		return;
	s->generation += shown == HEX_BARE || s->store.probe_hex == HEX_BARE;
	s->store.probe_hex = shown;
}

void shapes_new_kernel(struct shapes *s)
{
	set_probe_hex(s, HEX_MARKED);
}

/* Does this kernel write 0x? This body tells, or one of those that follow. */
static void learn_probe_hex(struct shapes *s, const struct dissection *x, struct slice ahead)
{
	struct text_head h;
	struct dissection other;
	const char *p = ahead.s, *end = slice_end(ahead), *newline;

	set_probe_hex(s, text_probe_hex(x));
	for (unsigned i = 0; i < LOOK_AHEAD_LINES && s->store.probe_hex == HEX_UNKNOWN && p < end; i++) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (!newline || ++s->hex_lines > HEX_AHEAD_ALL)
			return;
		if (text_head_parse(slice_between(p, newline), &h) && is_alone(newline + 1, end)) {
			text_dissect(&other, h.body);
			set_probe_hex(s, text_probe_hex(&other));
		}
		p = newline + 1;
	}
}

static const struct shape *thorough(struct shapes *s, struct event *e, const struct dissection *x, bool *guessed);

static void learn_from(struct shapes *s, struct event *e, const struct dissection *x)
{
	static _Thread_local struct draft d;
	const struct shape *known;
	bool guessed;

	s->steps = 0;
	known = x->named ? thorough(s, e, x, &guessed) : NULL;
	for (struct shape *shape = e->shapes; known && shape; shape = shape->next)
		if (shape == known) {
			shape->plain++;
			return;
		}
	text_draft(&s->store, &d, x);
	learn_facts(s, e, &d);
	if (!d.open && !d.free && e->n_shapes < MAX_SHAPES)
		shape_of(s, e, &d)->plain++;
}

/* The lines that follow know more about an event's fields than its first record does. */
static void look_ahead(struct shapes *s, struct event *e, bool named, struct slice ahead)
{
	struct str needle = STR_INIT;
	const char *p = ahead.s, *end = slice_end(ahead);
	struct shape *first = e->shapes;

	e->looked_ahead = true;
	if (s->looked > LOOK_AHEAD_ALL)
		return;
	str_addf(&needle, ": %s:", e->name);
	for (unsigned i = 0; i < LOOK_AHEAD_LINES && p < end; i++) {
		struct dissection x;
		const char *line_end;

		p = memmem(p, (size_t)(end - p), needle.s, needle.len);
		if (!p)
			break;
		p += 2;
		line_end = memchr(p, '\n', (size_t)(end - p));
		if (!line_end)
			break;
		text_dissect(&x, slice_between(p, line_end));
		if ((named ? x.named : x.place != PLACE_NONE) && slice_is(x.label, e->name) &&
		    x.text.n + 2 <= s->store.room && is_alone(line_end + 1, end)) {
			learn_from(s, e, &x);
		}
		p = line_end;
	}
	s->looked += (size_t)((p ? p : end) - ahead.s);
	str_release(&needle);
	if (first && e->shapes != first) {		/* back to the front with it */
		struct shape **link = &e->shapes;

		while (*link && *link != first)
			link = &(*link)->next;
		if (!*link)				/* a fact has removed it */
			return;
		*link = first->next;
		first->next = e->shapes;
		e->shapes = first;
	}
}

/* ---- reading a body ---- */

/* Something like `" NAME=VALUE` in a text, with a name that the shape does not have: it could have ended there. */
static bool looks_divided(const struct shape *shape, const struct captured *v)
{
	static _Thread_local struct draft none;
	const char *begin = (const char *)v->data, *end = begin + v->len;

	none.place = PLACE_ENTRY;
	for (const char *p = begin; (p = memchr(p, '"', (size_t)(end - p))); p++) {
		struct slice name;
		bool ours = false;

		if (end - p < 4 || p[1] != ' ' || text_next_field(&none, p + 1, p + 1, end, &name) != p + 2)
			continue;
		for (unsigned i = 0; i < shape->n; i++)
			ours |= slice_is(name, shape->site.captures[i].name);
		if (!ours && text_could_be_value(slice_end(name) + 1, end, true))
			return true;
	}
	return false;
}

static bool marks_guesses(struct shapes *s, const struct shape *shape)
{
	bool any = false;

	for (unsigned i = 0; i < shape->n; i++) {
		struct captured *v = &s->values[i];

		if (shape->parts[i].kind == KIND_QUOTED && v->valid && looks_divided(shape, v))
			v->guessed = true;
		any |= v->guessed;
	}
	return any;
}

/* Numbers that could be of another base or none, and the end of a body that was cut. */
static bool mark_uncertain(struct shapes *s, const struct shape *shape)
{
	bool any = false;

	for (unsigned i = 0; i < shape->n; i++) {
		const struct part *part = &shape->parts[i];
		struct captured *v = &s->values[i];
		enum kind kind = KIND_TEXT;

		if (part->kind == KIND_TEXT && part->hex_text && v->valid)
			kind = value_number_kind((struct slice){ (const char *)v->data, v->len });
		if (kind == KIND_SIGNED || kind == KIND_UNSIGNED)
			v->guessed = any = true;
		if (part->kind == KIND_SIGNED && shape->probe && s->store.probe_hex == HEX_UNKNOWN && v->valid &&
		    *(const int64_t *)v->data >= 10)
			v->guessed = any = true;
	}
	if (shape->longer && shape->plain <= shape->longer->plain)
		s->values[shape->n - 1].cut = s->values[shape->n - 1].guessed = any = true;
	return any;
}

static bool divides(struct shapes *s, const struct shape *shape, struct slice text, struct division *d)
{
	d->s = s;
	d->shape = shape;
	d->end = slice_end(text);
	d->found = 0;
	s->store.n_numbers = s->store.n_chars = 0;
	divide(d, 0, text.s);
	return d->found > 0;
}

/* Whose fields are they? So many bodies have spoken for each shape. */
static void count_plain(struct shapes *s, struct event *e, const struct dissection *x)
{
	for (struct shape *shape = e->shapes; shape; shape = shape->next)
		if (shape->place == x->place && !shape->free && fits_plainly(s, shape, x->text))
			shape->plain++;
}

static bool is_better(const struct shape *a, const struct shape *b)
{
	return a->plain != b->plain ? a->plain > b->plain : a->n < b->n;
}

/* Marks each value that the other shape does not have, or has otherwise. */
static bool mark_differences(struct shapes *s, const struct shape *shape, const struct shape *other,
			     const struct captured *values)
{
	bool any = false;

	for (unsigned i = 0; i < shape->n; i++) {
		unsigned k = 0;

		while (k < other->n && strcmp(shape->site.captures[i].name, other->site.captures[k].name) != 0)
			k++;
		if (k == other->n || !same_value(&s->values[i], &values[k]))
			s->values[i].guessed = any = true;
	}
	return any;
}

/* Is the last value, which nothing ends, a text with something like more fields in it? Then they are fields; but
 * the name of a task may be anything. */
static bool swallows_fields(const struct shape *shape, const struct captured *values)
{
	static _Thread_local struct draft none;
	const struct part *last = &shape->parts[shape->n - 1];
	struct slice v, name;

	if (!shape->named || shape->n == 0 || last->kind != KIND_TEXT || !values[shape->n - 1].valid ||
	    (last->always_text && shape->plain >= ENOUGH))
		return false;
	v = (struct slice){ (const char *)values[shape->n - 1].data, values[shape->n - 1].len };
	return text_next_field(&none, v.s, v.s, slice_end(v), &name) != NULL;
}

/* Of all shapes that fit, the one with the most evidence. */
static const struct shape *thorough(struct shapes *s, struct event *e, const struct dissection *x, bool *guessed)
{
	static _Thread_local struct division d, other;
	const struct shape *best = NULL, *second = NULL;
	bool rival;

	for (const struct shape *shape = e->shapes; shape && s->steps <= MAX_STEPS; shape = shape->next) {
		if (shape->place != x->place || shape->free || !divides(s, shape, x->text, &d) ||
		    swallows_fields(shape, d.first))
			continue;
		if (!best || is_better(shape, best)) {
			second = best;
			best = shape;
		} else if (!second || is_better(shape, second)) {
			second = shape;
		}
	}
	if (!best)
		return NULL;
	rival = second && other_fields(best, second) && second->plain * MUCH_LESS > best->plain &&
		divides(s, second, x->text, &other);
	s->steps = s->steps > MAX_STEPS ? MAX_STEPS / 2 : s->steps;	/* it did once, so it does again */
	if (!divides(s, best, x->text, &d))
		return NULL;
	memcpy(s->values, d.first, best->n * sizeof(*d.first));
	*guessed = marks_guesses(s, best);
	if (rival && mark_differences(s, best, second, other.first))
		*guessed = true;
	if (s->steps > MAX_STEPS && best->n)
		*guessed = s->values[best->n - 1].guessed = true;
	return best;
}

/* Marks the values that would be others if the body were taken apart without knowing its event. */
static bool mark_drafted(struct shapes *s, const struct shape *shape, const struct draft *d)
{
	bool any = false;

	for (unsigned i = 0; i < shape->n && !d->free && !d->open; i++) {
		const struct captured *v = &s->values[i];
		bool same = false;
		unsigned k = 0;

		while (k < d->n && !slice_is(d->fields[k].name, shape->site.captures[i].name))
			k++;
		if (k < d->n && d->fields[k].part.kind == shape->parts[i].kind) {
			struct slice value = d->fields[k].value;

			same = shape->parts[i].kind != KIND_TEXT || !value.s ||
			       (v->len == value.n && memcmp(v->data, value.s, value.n) == 0);
		}
		if (!same)
			s->values[i].guessed = any = true;
	}
	return any;
}

/* A body whose last text has no end: all that there is, cut. */
static void take_open(struct shapes *s, const struct draft *d, const struct shape *shape, struct slice text)
{
	const char *p = text.s;
	unsigned last = shape->n - 1;
	struct slice rest;

	s->store.n_numbers = s->store.n_chars = 0;
	for (unsigned i = 0; i < last; i++) {
		const struct part *part = &d->fields[i].part;
		const char *begin = p + part->words.n, *next = d->fields[i + 1].part.words.s;

		s->values[i] = (struct captured){ 0 };
		if (part->kind > KIND_QUOTED || slice_begins(begin, slice_end(text), text_fault))
			value_fixed(&s->store, part, begin, slice_end(text), &s->values[i]);
		else if (part->kind == KIND_QUOTED)
			s->values[i] = value_text(slice_between(begin + 1, next - 1));
		else
			s->values[i] = value_text(slice_between(begin, next));
		p = next;
	}
	p += d->fields[last].part.words.n;
	rest = slice_between(p, slice_end(text));
	if (d->fields[last].part.kind == KIND_QUOTED && rest.n)
		rest.s++, rest.n--;
	s->values[last] = value_text(rest);
	s->values[last].cut = s->values[last].guessed = true;
}

/* Room for as many elements as a body could have, of a first division and of another one: after that nothing
 * moves. */
static void make_room(struct store *s, size_t n)
{
	if (n + 2 <= s->room)
		return;
	s->room = 2 * n + 4096;
	s->numbers = mem_resize(s->numbers, 2 * s->room * sizeof(*s->numbers));
	s->chars = mem_resize(s->chars, 2 * s->room);
}

static const struct shape *plain_shape(struct shapes *s, struct event *e, const struct dissection *x)
{
	struct shape **link = &e->shapes;

	for (unsigned i = 0; i < 8 && *link; i++, link = &(*link)->next) {
		struct shape *shape = *link;

		if (shape->place != x->place || shape->free || !fits_plainly(s, shape, x->text))
			continue;
		*link = shape->next;
		shape->next = e->shapes;
		e->shapes = shape;
		shape->plain++;
		return shape;
	}
	return NULL;
}

static const struct shape *take_free(struct shapes *s, struct event *e, struct draft *d, struct slice text)
{
	if (!d->free)
		text_draft_free(d, text);
	if (text.n && *text.s == ' ')		/* behind a place */
		text = slice_between(text.s + 1, slice_end(text));
	s->values[0] = value_text(text);
	return shape_of(s, e, d);
}

/* Of an event with so many shapes that no more are told apart. */
static const struct shape *take_unshaped(struct shapes *s, struct event *e, struct draft *d, struct slice text,
					 struct body *out)
{
	const struct shape *shape = take_free(s, e, d, text);

	if (shape->n)
		out->guessed = s->values[0].guessed = true;
	return shape;
}

/* A body of a static event that no shape of it fits at the first sight: with the shapes that it has, or NULL. */
static const struct shape *by_known_shape(struct shapes *s, struct event *e, const struct dissection *x,
					  const struct draft *d, struct body *out)
{
	const struct shape *shape = thorough(s, e, x, &out->guessed);

	if (shape && mark_drafted(s, shape, d))
		out->guessed = true;
	return shape;
}

/* A shape that only the body at hand speaks for, and that another one explains too, is no shape of its event. */
static void forget_own(struct event *e, const struct shape *own)
{
	for (struct shape **link = &e->shapes; *link; link = &(*link)->next)
		if (*link == own) {
			*link = own->next;
			e->n_shapes--;
			return;
		}
}

/* Numbers of static events may turn out to be none. */
static bool is_ambiguous(const struct shape *shape, const struct dissection *x)
{
	return x->named ? shape->n > 0 : has_texts(shape);
}

/* A body that no shape of its event fits at the first sight. */
static const struct shape *learn(struct shapes *s, struct event *e, const struct dissection *x, struct slice ahead,
				 struct body *out)
{
	static _Thread_local struct draft d;
	const struct shape *shape = NULL;
	struct shape *own;

	if (e->mixed)
		count_plain(s, e, x);
	if (x->place != PLACE_NONE)
		shape = thorough(s, e, x, &out->guessed);
	if (shape)
		return shape;
	text_draft(&s->store, &d, x);
	learn_facts(s, e, &d);
	if (x->named && (shape = by_known_shape(s, e, x, &d, out)) != NULL)
		return shape;
	if (d.open) {
		shape = shape_of(s, e, &d);
		take_open(s, &d, shape, x->text);
		out->open = out->guessed = true;
		return shape;
	}
	if (d.free)
		return take_free(s, e, &d, x->text);
	if (e->n_shapes >= MAX_SHAPES)
		return take_unshaped(s, e, &d, x->text, out);
	own = shape_of(s, e, &d);
	own->plain++;
	if (!e->looked_ahead && is_ambiguous(e->shapes, x)) {
		look_ahead(s, e, x->named, ahead);
		text_draft(&s->store, &d, x);		/* by what was learned there */
		own = shape_of(s, e, &d);
		own->plain += own->plain == 0;
	}
	s->steps = 0;
	shape = x->named ? by_known_shape(s, e, x, &d, out) : thorough(s, e, x, &out->guessed);
	if (x->named && shape && shape != own && own->plain == 1)
		forget_own(e, own);
	return shape ? shape : take_free(s, e, &d, x->text);
}

/* 0 where the text has a symbol: its words say more. */
static uint64_t address_of(struct slice place)
{
	uint64_t v;

	if (value_hex(place.s, slice_end(place), &v) == slice_end(place) && place.n)
		return v;
	return place.n && value_hex_digits(place.s, slice_end(place), &v) == slice_end(place) ? v : 0;
}

/* Does its last text, which nothing ends, hold a newline? Then it could have swallowed anything. */
static bool swallows(const struct shapes *s, const struct shape *shape)
{
	const struct captured *last = &s->values[shape->n ? shape->n - 1 : 0];

	return shape->n && shape->parts[shape->n - 1].kind == KIND_TEXT && memchr(last->data, '\n', last->len);
}

/* Has the draft only the first fields that the event has elsewhere? */
static bool is_first_part(const struct event *e, const struct draft *d)
{
	for (const struct shape *shape = e->shapes; shape; shape = shape->next) {
		unsigned i = 0;

		while (i < d->n && i < shape->n && slice_is(d->fields[i].name, shape->site.captures[i].name))
			i++;
		if (shape->named && i == d->n && i < shape->n && i > 0)
			return true;
	}
	return false;
}

static enum fit fit_named(struct shapes *s, struct event *e, const struct dissection *x, const struct draft *d,
			  struct slice ahead)
{
	const struct shape *shape;
	bool guessed;

	if (!e->looked_ahead)
		look_ahead(s, e, true, ahead);
	shape = thorough(s, e, x, &guessed);
	if (shape && shape->longer && shape->plain <= shape->longer->plain)
		return FIT_CUT;
	if (shape && !swallows(s, shape))
		return FIT_WHOLE;
	return d->open ? FIT_OPEN : !shape && is_first_part(e, d) ? FIT_CUT : FIT_OTHER;
}

enum fit shapes_try(struct shapes *s, struct slice body, struct slice ahead)
{
	static _Thread_local struct draft d;
	struct dissection x;
	struct event *e;
	bool guessed;

	text_dissect(&x, body);
	e = event_of(s, x.label);
	if (!e)
		return FIT_OTHER;
	make_room(&s->store, x.text.n);
	s->store.facts = e->facts;
	if (x.place != PLACE_NONE && thorough(s, e, &x, &guessed))
		return FIT_KNOWN;
	text_draft(&s->store, &d, &x);
	if (x.named && !d.free)
		return fit_named(s, e, &x, &d, ahead);
	if (d.open)
		return FIT_OPEN;
	return d.n && !d.tail.n && (d.free || d.fields[d.n - 1].part.kind == KIND_QUOTED) ? FIT_TEXT : FIT_OTHER;
}

void shapes_read(struct shapes *s, struct slice body, struct slice ahead, struct body *out)
{
	struct dissection x;
	struct event *e;
	const struct shape *shape = NULL;

	text_dissect(&x, body);
	e = event_of(s, x.label);
	if (!e) {		/* of too many */
		x = (struct dissection){ .label = { "text", 4 }, .text = body, .at = { body.s, 0 },
					 .from = { body.s, 0 } };
		e = s->others;
	}
	make_room(&s->store, x.text.n);
	s->steps = 0;
	s->store.facts = e->facts;
	out->open = out->guessed = false;
	if (!e->mixed)
		shape = plain_shape(s, e, &x);
	if (!shape && x.probe && s->store.probe_hex == HEX_UNKNOWN) {
		learn_probe_hex(s, &x, ahead);
		up_to_date(s, e);
	}
	if (!shape)
		shape = learn(s, e, &x, ahead, out);
	if (shape->uncertain && !out->open && mark_uncertain(s, shape))
		out->guessed = true;
	s->steps = 0;
	out->site = &shape->site;
	out->values = s->values;
	out->place = x.at;
	out->return_place = x.from;
	out->address = address_of(x.at);
	out->return_address = address_of(x.from);
}

const struct site *shapes_bare(struct shapes *s, const char *label)
{
	static _Thread_local struct draft d;
	struct event *e = event_of(s, (struct slice){ label, strlen(label) });

	d = (struct draft){ .tail = { "", 0 } };
	return &shape_of(s, e ? e : s->others, &d)->site;
}

struct shapes *shapes_new(void)
{
	struct shapes *s = mem_alloc(sizeof(*s));

	s->store.arena = arena_new();
	s->others = event_of(s, (struct slice){ "text", 4 });
	return s;
}

void shapes_free(struct shapes *s)
{
	if (!s)
		return;
	arena_free(s->store.arena);
	free(s->store.numbers);
	free(s->store.chars);
	free(s);
}
