/* capture.c - from the arguments that the user asked for to the fetch arguments of one line.
 *
 * The kernel stores each fetch argument in a field ("slot") of the record. A few things must be added for
 * the values to be true:
 *
 *   - Guards. In  n=+0(+8(%di)):s32  the kernel reads the pointer at di+8, then the number that it points
 *     to. When the first read fails it stops and writes nothing, so the field shows what an older record
 *     left in the buffer. So every prefix of the chain is fetched too (%di, +8(%di)): when one of them is
 *     no pointer, the value is a fault.
 *   - Witnesses. When the last read of a chain faults, the kernel stores 0. A string at the value's last byte
 *     tells a real 0 from that: it is empty at the one, and a fault at the other. Where the byte is not 0 the
 *     value is surely read, and the string, whatever it is, is not looked at.
 *     A kernel probe stores nothing at all for user memory that is not there, so that an older record's number
 *     shows through; and for an empty text it stores what it does for a fault. There the text is fetched at the
 *     number's first byte, and must begin as the number does.
 *     A text of more than 4095 bytes is a fault to the kernel. Its first byte tells a program's str() the one from
 *     the other.
 *   - Bounded strings. A `:string` has no upper length that user space could set. Where a long one is
 *     dangerous it is fetched as arrays of 64 words instead: +0(%di):x64[64] is 512 bytes of it. A program's
 *     buf(p, 1000) and its large structures come in the same way.
 *   - $comm, because a record knows only the thread's number; and once more behind the last string, where it
 *     is missing when a string before it was too long and took its room.
 *   - The return address, when user stacks are asked for, because at a function's entry the frame pointer
 *     does not lead to it yet; and no longer at its return instruction.
 *   - The stack pointer, where an entry and a return are paired (eval/pairs.c).
 *
 * A static event (PROVIDER_TRACEPOINT) has its fields already: there is nothing to define, and a capture is the
 * name of one.
 */
#include "plan/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_SLOTS = 128,	/* the kernel's limit; some kernels cut silently there */
	MAX_EXPRESSION = 63,
	MAX_LINE = 4095,
	BOUNDED_BYTES = 1024,	/* of one string */
	BOUNDED_TOTAL = 2560,	/* of all strings of a record: it must fit a page with the rest, and newer kernels take
				 * events of 3072 bytes at most */
	PIECE_BYTES = 512,	/* x64[64], the largest array */
	MAX_BOUNDED = 2944,	/* of all that a program fetches in pieces */
};

struct slot {
	char *name, *fetch, *type;	/* type may be NULL */
	struct span span;
};

struct build {
	struct plan *plan;
	struct site *site;
	struct diags *d;
	struct slot *slots;
	size_t n;
	unsigned n_strings;
	unsigned string_bytes;		/* what one bounded string may have */
	unsigned text_bytes;		/* what one text of a length that only the record tells may have */
	unsigned bounded_bytes;		/* of all that is fetched in pieces */
	unsigned n_at_entry;		/* values that come from the site's entry */
};

static char *fetch_text(struct build *b, const struct fetch *f)
{
	struct str s = STR_INIT;
	char *text;

	fetch_print(f, &s);
	text = arena_strdup(b->plan->arena, s.s);
	str_release(&s);
	return text;
}

static bool name_taken(const struct build *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->slots[i].name, name) == 0)
			return true;
	for (unsigned i = 0; i < b->site->n_args; i++)
		if (b->site->args[i]->name && strcmp(b->site->args[i]->name, name) == 0)
			return true;
	return false;
}

/* A name that no argument has: the wish, or the wish with underscores in front. */
static char *free_name(struct build *b, const char *wish)
{
	char *name = arena_strdup(b->plan->arena, wish);

	while (name_taken(b, name))
		name = arena_fmt(b->plan->arena, "_%s", name);
	return name;
}

static unsigned add_slot(struct build *b, char *name, char *fetch, const char *type, struct span span)
{
	struct slot *s = MEM_PUSH(b->slots, b->n);

	*s = (struct slot){ name, fetch, type ? arena_strdup(b->plan->arena, type) : NULL, span };
	return (unsigned)b->n - 1;
}

/* How a pointer of the program is fetched from memory. */
static const char *pointer_type(const struct build *b)
{
	return b->site->word == 4 ? "x32" : "x64";
}

/* A slot that holds the expression as a pointer; one that is there already serves again. A register is taken as
 * wide as the kernel has it: so wide it follows it. */
static unsigned guard_slot(struct build *b, const struct fetch *prefix, char *fetch, struct span span)
{
	const char *type = prefix && prefix->kind == FETCH_DEREF ? pointer_type(b) : "x64";

	for (size_t i = 0; i < b->n; i++)
		if (b->slots[i].type && strcmp(b->slots[i].type, type) == 0 &&
		    strcmp(b->slots[i].fetch, fetch) == 0)
			return (unsigned)i;
	return add_slot(b, free_name(b, arena_fmt(b->plan->arena, "_g%zu", b->n)), fetch, type, span);
}

/* The stack pointer always points; an immediate and a plain register are not followed. */
static bool needs_guard(const struct site *s, const struct fetch *prefix)
{
	return prefix->kind != FETCH_STACK &&
	       !(prefix->kind == FETCH_REG && s->sp && strcmp(prefix->text, s->sp) == 0);
}

/* Every prefix of a chain, the innermost last: of +0(+8(%di)) these are +8(%di) and %di; of the BTF path
 * a->b->c they are a->b and a. */
static void add_guards(struct build *b, struct capture *c, const struct fetch *f)
{
	unsigned *guards = NULL;
	size_t n = 0;

	for (; f->kind == FETCH_DEREF; f = f->inner)
		if (needs_guard(b->site, f->inner))
			*MEM_PUSH(guards, n) = guard_slot(b, f->inner, fetch_text(b, f->inner), f->span);
	if (f->kind == FETCH_NAME)
		for (const char *arrow = f->text; (arrow = strstr(arrow, "->")) != NULL; arrow += 2)
			*MEM_PUSH(guards, n) = guard_slot(
				b, NULL, arena_strndup(b->plan->arena, f->text, (size_t)(arrow - f->text)),
				f->span);
	c->guards = arena_alloc(b->plan->arena, (n ? n : 1) * sizeof(*guards));
	if (n)
		memcpy((unsigned *)c->guards, guards, n * sizeof(*guards));
	c->n_guards = (unsigned)n;
	free(guards);
}

/* Does the filter speak of this field? Its words are looked at, strings left out. */
static bool filter_mentions(const char *filter, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = filter; p && *p;) {
		if (*p == '"' || *p == '\'') {
			p = strchr(p + 1, *p);
			p = p ? p + 1 : NULL;
		} else if (isalpha((unsigned char)*p) || *p == '_') {
			size_t word = 1;

			while (isalnum((unsigned char)p[word]) || p[word] == '_')
				word++;
			if (word == len && strncmp(p, name, len) == 0)
				return true;
			p += word;
		} else {
			p++;
		}
	}
	return false;
}

/* Records that the kernel dropped for their length are found by comparing hits with records. That cannot be
 * done when a filter hides records, nor for returns, which the kernel counts when the function is entered:
 * there, what could be too long is bounded. */
static bool loss_is_hidden(const struct build *b, const char *name)
{
	const char *filter = b->site->def->filter;

	return filter ? !filter_mentions(filter, name) : b->site->ret && b->n_strings > 1;
}

/* Is this string of a user probe fetched in bounded pieces? */
static bool is_bounded(const struct build *b, const struct fetcharg *f, const struct fetch_type *t,
		       const char *name)
{
	if (f->bytes)
		return true;
	if (b->site->provider != PROVIDER_UPROBE || t->base != BASE_STRING || f->fetch->kind == FETCH_COMM ||
	    f->fetch->kind == FETCH_IMM)
		return false;
	return b->plan->opt.strings == STRINGS_BOUNDED ||
	       (!t->count && f->fetch->kind == FETCH_DEREF && loss_is_hidden(b, name));
}

/* The largest array that is not more than what is left: words, and for the rest of them bytes. */
static unsigned add_piece(struct build *b, struct capture *c, const struct fetcharg *f, const struct fetch *piece,
			  unsigned left)
{
	unsigned words = (left < PIECE_BYTES ? left : PIECE_BYTES) / 8;
	char *name = c->n_slots ? free_name(b, arena_fmt(b->plan->arena, "_s%zu", b->n)) : (char *)c->name;

	add_slot(b, name, fetch_text(b, piece),
		 words ? arena_fmt(b->plan->arena, "x64[%u]", words) : arena_fmt(b->plan->arena, "x8[%u]", left),
		 f->span);
	c->n_slots++;
	return words ? 8 * words : left;
}

static const char *word_type(struct build *b, const struct fetcharg *f, unsigned word)
{
	return f->word_bytes[word] ? arena_fmt(b->plan->arena, "x%u", f->word_bytes[word] * 8u) : "x64";
}

/* A small struct that is passed in registers, or in parts: its words. */
static bool add_words(struct build *b, struct capture *c, const struct fetcharg *f)
{
	c->bounded = true;
	c->slot = add_slot(b, (char *)c->name, fetch_text(b, f->fetch), word_type(b, f, 0), f->span);
	c->n_slots = 1;
	for (; c->n_slots < FETCH_WORDS && f->further[c->n_slots - 1]; c->n_slots++)
		add_slot(b, free_name(b, arena_fmt(b->plan->arena, "_s%zu", b->n)),
			 fetch_text(b, f->further[c->n_slots - 1]), word_type(b, f, c->n_slots), f->span);
	return true;
}

/* str(p, n), where n is known when the record is there. */
static bool is_text_of_bytes(const struct fetcharg *f)
{
	return f->bytes && f->type && fetch_type_parse(f->type).base == BASE_STRING;
}

static bool add_bounded(struct build *b, struct capture *c, const struct fetcharg *f, struct fetch_type t)
{
	struct fetch piece = *f->fetch;
	unsigned total = f->bytes ? f->bytes : b->string_bytes;

	if (is_text_of_bytes(f) && total > b->text_bytes) {
		total = b->text_bytes;
		c->exact = false;
	}
	if (!f->bytes && f->limit && f->limit < total)
		total = (f->limit + 7) & ~7u;		/* char[16] */
	if (f->bytes && (f->fetch->kind == FETCH_REG || f->further[0]))
		return add_words(b, c, f);
	if ((f->fetch->kind != FETCH_DEREF && f->fetch->kind != FETCH_AT) || t.count)
		return diag_error(b->d, f->span, "with bounded strings, a string must be one that a pointer "
						 "leads to: +0(...):string");
	piece.user = false;	/* the kernel takes no array behind +u, and knows a user's address where it sees one */
	c->bounded = true;
	c->slot = (unsigned)b->n;
	b->bounded_bytes += total;
	for (unsigned done = 0, n; done < total; done += n, fetch_move(b->plan->arena, &piece, n))
		n = add_piece(b, c, f, &piece, total - done);
	return true;
}

/* What has no type but a length is no text: so many bytes. */
static void describe_bytes(struct capture *c, const struct fetcharg *f)
{
	if (!f->bytes || f->type)
		return;
	c->base = BASE_HEX;
	c->size = 1;
	c->count = c->bytes = f->bytes;
}

/* What probe/ found out about it: a number that is narrower than it is shown, or no integer. */
static void describe_number(struct capture *c, const struct fetcharg *f)
{
	struct fetch_type narrow;

	if (f->is_float)
		c->base = BASE_FLOAT;
	c->sign_bits = f->sign_bits;
	c->enumeration = f->enumeration;
	if (!f->narrow)
		return;
	narrow = fetch_type_parse(f->narrow);
	c->narrow = narrow.size;
	c->narrow_signed = narrow.base == BASE_SIGNED;
}

static bool reads_result(const struct fetch *f)
{
	return fetch_leaf(f)->kind == FETCH_RETVAL;
}

/* What this site does not fetch itself: a value of the function's entry, which the record of that site has; the
 * result, where the function ends by a jump into another one; an argument that is not there. */
static bool find_elsewhere(struct build *b, struct capture *c, const struct fetcharg *f)
{
	if (f->at_entry) {
		c->at_entry = true;
		c->entry_capture = b->n_at_entry++;
	} else if (f->absent) {
		c->absent = f->absent;
	} else if (b->site->end == END_TAIL_CALL && reads_result(f->fetch)) {
		c->absent = "tail call";
	}
	return c->at_entry || c->absent;
}

static bool add_capture(struct build *b, struct capture *c, const struct fetcharg *f, unsigned index)
{
	bool comm = f->fetch->kind == FETCH_COMM;
	struct fetch_type t = fetch_type_parse(f->type ? f->type : comm ? "string" : "x64");

	c->witness = UINT32_MAX;
	c->slot = UINT32_MAX;
	c->name = f->name ? f->name : free_name(b, arena_fmt(b->plan->arena, "arg%u", index + 1));
	c->base = t.base;
	c->size = t.size;
	c->count = t.count;
	c->by_format = !t.known || (f->fetch->kind == FETCH_IMM && !f->narrow) ||
		       (!f->type && !f->bytes && !comm && b->site->provider == PROVIDER_KPROBE);
	c->limit = f->limit;
	c->exact = f->exact;
	describe_number(c, f);
	describe_bytes(c, f);
	if (find_elsewhere(b, c, f))
		return true;
	if (is_bounded(b, f, &t, c->name))
		return add_bounded(b, c, f, t);
	c->slot = add_slot(b, (char *)c->name, fetch_text(b, f->fetch),
			   comm && !f->type ? "string" : f->narrow ? f->narrow : f->type, f->span);
	c->n_slots = 1;
	return true;
}

static unsigned witness_slot(struct build *b, const struct fetch *at, const char *type, struct span span)
{
	return add_slot(b, free_name(b, arena_fmt(b->plan->arena, "_w%zu", b->n)), fetch_text(b, at), type, span);
}

/* Could there be nothing at the address? */
static bool may_fault(const struct build *b, const struct fetch *f)
{
	if (f->kind == FETCH_AT)
		return b->site->provider == PROVIDER_UPROBE && isdigit((unsigned char)*f->text);
	return f->kind == FETCH_DEREF && needs_guard(b->site, f->inner);
}

/* Is it what str() asks for: text that may be longer than the kernel reads? */
static bool may_be_too_long(const struct build *b, const struct capture *c, const struct fetcharg *f)
{
	return b->site->def->tap && b->site->provider == PROVIDER_UPROBE && c->base == BASE_STRING && !c->bounded &&
	       !c->count && c->limit && !c->exact && f->fetch->kind == FETCH_DEREF;
}

/* See the head of the file. A witness of a number is a dynamic string, so there is none where those are dangerous; nor
 * of a buffer in the kernel's probes, where it would be as long as the text in it. */
static void add_witness(struct build *b, struct capture *c, const struct fetcharg *f)
{
	struct fetch last = *f->fetch;
	unsigned bytes;
	const char *type = f->narrow ? f->narrow : f->type;
	bool bits = type && *type == 'b';		/* their bytes are not those of the memory */

	if (may_be_too_long(b, c, f))
		c->witness = witness_slot(b, f->fetch, "x8", f->span);
	if (c->base == BASE_STRING || c->by_format || bits || !may_fault(b, f->fetch))
		return;
	if (b->site->provider != PROVIDER_UPROBE) {
		if (f->fetch->user && !c->count)
			c->witness = witness_slot(b, f->fetch, "ustring", f->span);
		return;
	}
	if (b->plan->opt.strings == STRINGS_BOUNDED)
		return;
	bytes = (c->narrow ? c->narrow : c->size) * (c->count ? c->count : 1);
	fetch_move(b->plan->arena, &last, bytes - 1);
	c->witness = witness_slot(b, &last, "string", f->span);
}

/* A string's fault can be told from the record's layout (trace/decode.c), but what its witness saw cannot. */
static bool wants_guards(const struct build *b, const struct capture *c, const struct fetcharg *f)
{
	return c->bounded || c->base != BASE_STRING || c->count || may_be_too_long(b, c, f);
}

static unsigned count_strings(const struct build *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->site->n_args; i++) {
		const struct fetcharg *f = b->site->args[i];

		n += f->type && !f->bytes && !f->at_entry && fetch_type_parse(f->type).base == BASE_STRING;
	}
	return n;
}

/* The texts of bytes share the room that a record has; each may be shorter than its program thinks, and what is longer
 * is marked as cut. */
static unsigned share_of_text(const struct build *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->site->n_args; i++)
		n += !b->site->args[i]->at_entry && is_text_of_bytes(b->site->args[i]);
	return n ? BOUNDED_TOTAL / n & ~7u : 0;
}

static bool add_captures(struct build *b)
{
	struct site *s = b->site;
	const struct fetcharg **plain = arena_alloc(b->plan->arena, (s->n_args + 1) * sizeof(*plain));
	unsigned n = 0;

	b->n_strings = count_strings(b);
	b->text_bytes = share_of_text(b);
	b->string_bytes = b->n_strings ? BOUNDED_TOTAL / b->n_strings & ~7u : 0;
	if (b->string_bytes > BOUNDED_BYTES)
		b->string_bytes = BOUNDED_BYTES;
	for (unsigned i = 0; i < s->n_args; i++) {
		if (s->args[i]->fetch->kind != FETCH_ARGS) {
			plain[n++] = s->args[i];
		} else if (s->open_ended || s->args[i]->name || s->args[i]->type) {
			return diag_error(b->d, s->args[i]->span, "$arg* stands once, without name or type");
		} else {
			s->open_ended = true;
		}
	}
	s->captures = arena_alloc(b->plan->arena, (n + 1) * sizeof(*s->captures));
	s->n_captures = n;
	for (unsigned i = 0; i < n; i++)
		if (!add_capture(b, &s->captures[i], plain[i], i))
			return false;
	for (unsigned i = 0; i < n; i++)
		if (s->captures[i].slot != UINT32_MAX && wants_guards(b, &s->captures[i], plain[i])) {
			add_guards(b, &s->captures[i], plain[i]->fetch);
			add_witness(b, &s->captures[i], plain[i]);
		}
	return true;
}

/* An event's name: the tracepoint's or symbol's letters and what makes it unique, at most 31 characters of [a-z0-9_]. */
static const char *event_name(struct build *b, unsigned index)
{
	struct site *s = b->site;
	char *name = s->symbol || s->tracepoint
		     ? arena_strdup(b->plan->arena, s->tracepoint ? s->tracepoint : s->symbol)
		     : arena_fmt(b->plan->arena, "at_%llx", (unsigned long long)s->offset);
	size_t n;

	for (n = 0; name[n] && n < 14; n++)
		name[n] = isalnum((unsigned char)name[n]) ? (char)tolower((unsigned char)name[n]) : '_';
	name[n] = '\0';
	if (isdigit((unsigned char)*name))
		*name = '_';
	return b->plan->opt.event_tag
		       ? arena_fmt(b->plan->arena, "%s_%u_%u", name, b->plan->opt.event_tag, index)
		       : arena_fmt(b->plan->arena, "%s_%u", name, index);
}

static void print_target(const struct site *s, struct str *line)
{
	if (s->provider == PROVIDER_EVENT) {
		str_addf(line, "%s/%s", s->category, s->tracepoint);
		return;
	}
	if (s->provider == PROVIDER_UPROBE) {
		str_addf(line, "%s:0x%llx", s->kernel_path, (unsigned long long)s->offset);
		if (s->counter)
			str_addf(line, "(0x%llx)", (unsigned long long)s->counter);
		return;
	}
	if (s->module)
		str_addf(line, "%s:", s->module);
	str_add(line, s->symbol);
	if (s->symbol_offset)
		str_addf(line, "+%llu", (unsigned long long)s->symbol_offset);
}

/* The line, and for each piece of it the words that it came from. */
static bool print_line(struct build *b)
{
	struct site *s = b->site;
	struct line_part *parts = arena_alloc(b->plan->arena, (b->n + 3) * sizeof(*parts));
	struct str line = STR_INIT;
	bool ok = true;

	str_add(&line, s->provider == PROVIDER_EVENT ? "e" : s->ret ? "r" : "p");
	if (s->maxactive)
		str_addf(&line, "%u", s->maxactive);
	str_addf(&line, ":%s/%s ", b->plan->opt.name, s->event);
	parts[s->n_parts] = (struct line_part){ (unsigned)line.len, 0, s->def->target_span };
	print_target(s, &line);
	parts[s->n_parts++].end = (unsigned)line.len;
	for (size_t i = 0; i < b->n; i++) {
		const struct slot *slot = &b->slots[i];

		str_addc(&line, ' ');
		parts[s->n_parts] = (struct line_part){ (unsigned)line.len, 0, slot->span };
		str_addf(&line, "%s=%s%s%s", slot->name, slot->fetch, slot->type ? ":" : "",
			 slot->type ? slot->type : "");
		parts[s->n_parts++].end = (unsigned)line.len;
		if (strlen(slot->fetch) > MAX_EXPRESSION)
			ok = diag_error(b->d, slot->span, "the expression is too long: the kernel takes %d "
							  "characters, this is %s", MAX_EXPRESSION, slot->fetch);
	}
	if (s->open_ended)
		str_add(&line, " $arg*");
	if (line.len >= MAX_LINE)
		ok = diag_error(b->d, s->def->span, "this makes a line of %zu characters, the kernel takes %d: "
						    "fetch less", line.len, MAX_LINE - 1);
	s->line = arena_strdup(b->plan->arena, line.s);
	s->parts = parts;
	str_release(&line);
	return ok;
}

static unsigned add_comm(struct build *b, const char *name)
{
	return add_slot(b, free_name(b, name), arena_strdup(b->plan->arena, "$comm"), "string",
			b->site->def->span);
}

static bool fetches_dynamic_text(const struct site *s)
{
	for (unsigned i = 0; i < s->n_captures; i++) {
		const struct capture *c = &s->captures[i];

		if (c->slot != UINT32_MAX && ((c->base == BASE_STRING && !c->bounded) || c->witness != UINT32_MAX))
			return true;
	}
	return false;
}

/* Which call it is, for sites that are paired. */
static void add_frame_key(struct build *b)
{
	struct site *s = b->site;
	const char *keys[] = { s->frame.sp, s->frame.base, s->frame.owner };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		s->frame_slots[i] = keys[i] ? add_slot(b, free_name(b, "_frame"), arena_strdup(b->plan->arena, keys[i]),
						       pointer_type(b), s->def->span)
					    : UINT32_MAX;
}

/* Nothing is defined and no slots are counted: the format file tells where the fields are. */
static bool capture_fields(struct plan *p, struct site *site)
{
	site->event = site->tracepoint;
	site->comm_slot = site->caller_slot = UINT32_MAX;
	site->n_captures = site->n_args;
	site->captures = arena_alloc(p->arena, (site->n_args + 1) * sizeof(*site->captures));
	for (unsigned i = 0; i < site->n_args; i++) {
		const struct fetcharg *f = site->args[i];
		struct fetch_type t = fetch_type_parse(f->type ? f->type : "x8");

		site->captures[i] = (struct capture){ .name = f->name, .base = t.base, .size = t.size,
						      .limit = f->limit, .field = f->fetch->text,
						      .witness = UINT32_MAX };
	}
	return true;
}

static bool fits_a_record(struct build *b)
{
	if (b->n > MAX_SLOTS)
		return diag_error(b->d, b->site->def->span, "this needs %zu fetch arguments with those that check "
				  "pointers, the kernel takes %d", b->n, MAX_SLOTS);
	if (b->bounded_bytes > MAX_BOUNDED)
		return diag_error(b->d, b->site->def->span, "this fetches %u bytes at a hit, and a record has room for "
				  "%d: fetch less", b->bounded_bytes, MAX_BOUNDED);
	return true;
}

bool capture_site(struct plan *p, struct site *site, struct diags *d)
{
	struct build b = { .plan = p, .site = site, .d = d };
	unsigned index = 0;
	bool ok;

	if (site->provider == PROVIDER_TRACEPOINT)
		return capture_fields(p, site);
	while (index < p->n_sites && p->sites[index] != site)
		index++;
	site->event = event_name(&b, index);
	site->caller_slot = UINT32_MAX;
	site->comm_slot = add_comm(&b, "Comm");
	ok = add_captures(&b);
	if (ok) {
		if (fetches_dynamic_text(site))
			add_comm(&b, "_end");
		if (site->caller && (p->opt.ustack || site->end))
			site->caller_slot = add_slot(&b, free_name(&b, "_caller"),
						     arena_strdup(p->arena, site->caller), pointer_type(&b),
						     site->def->span);
		add_frame_key(&b);
		site->n_slots = (unsigned)b.n;
		ok = fits_a_record(&b) && print_line(&b);
	}
	free(b.slots);
	return ok;
}
