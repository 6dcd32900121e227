/* fetch.c - the kernel's expression language for probe arguments, as a tree.
 *
 *	FETCHARG := [NAME "="] FETCH [":" TYPE]
 *	FETCH    := "%" REG | "$retval" | "$argN" | "$arg*" | "$stack" | "$stackN" | "$comm"
 *	          | "@" PLACE | "\" IMMEDIATE | ("+"|"-") ["u"] N "(" FETCH ")" | BTF-NAME
 *
 * The kernel evaluates the expression at the hit and stores the value in the record. trapline reads it
 * as a tree for two reasons: to put registers in the place of $argN, and to fetch every prefix of a
 * pointer chain, for only the prefixes tell whether the last step could be read at all. What only the
 * running kernel knows (BTF names, new variables) passes through as it was written.
 */
#include "lang/lang.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME 31	/* the kernel's MAX_ARG_NAME_LEN, less the end */

struct reader {
	struct arena *a;
	const char *word;	/* the whole FETCHARG */
	struct span at;		/* where it stands */
	struct diags *d;
};

static struct span part(const struct reader *r, const char *from, const char *to)
{
	return (struct span){ r->at.src, r->at.begin + (unsigned)(from - r->word),
			      r->at.begin + (unsigned)(to - r->word) };
}

static struct fetch *node(struct reader *r, enum fetch_kind kind, const char *from, const char *to)
{
	struct fetch *f = arena_alloc(r->a, sizeof(*f));

	f->kind = kind;
	f->span = part(r, from, to);
	return f;
}

static struct fetch *text_node(struct reader *r, enum fetch_kind kind, const char *from, const char *text,
			       const char *to)
{
	struct fetch *f = node(r, kind, from, to);

	f->text = arena_strndup(r->a, text, (size_t)(to - text));
	return f;
}

/* A whole decimal number between from and to. */
static bool digits(const char *from, const char *to, long long *n)
{
	char *end;

	if (from == to || !isdigit((unsigned char)*from))
		return false;
	errno = 0;
	*n = strtoll(from, &end, 10);
	return end == to && !errno;
}

/* variable = "$" ("retval" | "comm" | "arg" N | "arg*" | "stack" [N]); others are the kernel's to judge */
static struct fetch *variable(struct reader *r, const char *s, const char *end)
{
	static const struct {
		const char *name;
		enum fetch_kind kind;
		bool number;
	} rows[] = {
		{ "retval", FETCH_RETVAL, false }, { "comm", FETCH_COMM, false },
		{ "COMM", FETCH_COMM, false },	   { "arg*", FETCH_ARGS, false },
		{ "stack", FETCH_STACK, false },   { "stack", FETCH_STACK_N, true },
		{ "arg", FETCH_ARG, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].name);
		const char *rest = s + 1 + len;
		long long n = 0;

		if (rest > end || strncmp(s + 1, rows[i].name, len) != 0)
			continue;
		if (rows[i].number ? digits(rest, end, &n) : rest == end) {
			struct fetch *f = node(r, rows[i].kind, s, end);

			f->n = n;
			return f;
		}
	}
	return text_node(r, FETCH_NAME, s, s, end);
}

static struct fetch *expression(struct reader *r, const char *s, const char *end);

/* dereference = ("+"|"-") ["u"] N "(" FETCH ")" */
static struct fetch *dereference(struct reader *r, const char *s, const char *end)
{
	const char *p = s + 1;
	struct fetch *f = node(r, FETCH_DEREF, s, end);
	char *after;

	if (*p == 'u') {
		f->user = true;
		p++;
	}
	errno = 0;
	f->n = strtoll(p, &after, 0);
	if (after == p || after > end || errno || !isdigit((unsigned char)*p)) {
		diag_error(r->d, part(r, s, end), "a dereference wants a number after the sign: +8(...)");
		return NULL;
	}
	if (*s == '-')
		f->n = -f->n;
	if (after == end || *after != '(') {
		diag_error(r->d, part(r, s, end), "a dereference wants the address in parentheses: %.*s(...)",
			   (int)(after - s), s);
		return NULL;
	}
	if (end[-1] != ')') {
		const char *close = memrchr(after, ')', (size_t)(end - after));

		if (close)
			diag_error(r->d, part(r, close + 1, end), "nothing may follow the parenthesis");
		else
			diag_error(r->d, part(r, after, end), "the parenthesis is not closed");
		return NULL;
	}
	f->inner = expression(r, after + 1, end - 1);
	return f->inner ? f : NULL;
}

static struct fetch *expression(struct reader *r, const char *s, const char *end)
{
	if (s >= end) {
		diag_error(r->d, r->at, "an expression is missing");
		return NULL;
	}
	switch (*s) {
	case '%':
		return text_node(r, FETCH_REG, s, s + 1, end);
	case '$':
		return variable(r, s, end);
	case '@':
		return text_node(r, FETCH_AT, s, s + 1, end);
	case '\\':
		return text_node(r, FETCH_IMM, s, s + 1, end);
	case '+':
	case '-':
		return dereference(r, s, end);
	default:
		return text_node(r, FETCH_NAME, s, s, end);
	}
}

bool fetcharg_name_fits(const char *name)
{
	return str_is_ident(name) && strlen(name) <= MAX_NAME && !str_starts(name, "common_") &&
	       !str_starts(name, "__probe_");
}

struct fetcharg *fetcharg_parse(struct arena *a, const char *word, struct span at, struct diags *d)
{
	struct reader r = { a, word, at, d };
	struct fetcharg *f = arena_alloc(a, sizeof(*f));
	const char *s = word, *end = word + strlen(word);
	size_t name = strcspn(word, "=%$@+\\(:");
	const char *colon;

	f->span = at;
	f->name_span = f->type_span = part(&r, s, s);
	if (word[name] == '=') {
		f->name = arena_strndup(a, word, name);
		f->name_span = part(&r, s, s + name);
		if (!str_is_ident(f->name)) {
			diag_error(d, f->name_span, "'%s' cannot be a name: letters, digits and _ only",
				   f->name);
			return NULL;
		}
		if (name > MAX_NAME) {
			diag_error(d, f->name_span, "the name is too long: the kernel takes %d characters", MAX_NAME);
			return NULL;
		}
		s += name + 1;
	}
	colon = strchr(s, ':');
	if (colon) {
		f->type = arena_strdup(a, colon + 1);
		f->type_span = part(&r, colon + 1, end);
		end = colon;
		if (!*f->type) {
			diag_error(d, at, "a type is missing after the colon");
			return NULL;
		}
	}
	f->fetch = expression(&r, s, end);
	return f->fetch ? f : NULL;
}

void fetch_move(struct arena *a, struct fetch *f, long long bytes)
{
	const char *text = f->text, *sign, *file_offset;
	long long moved;

	if (f->kind != FETCH_AT) {
		f->n += bytes;
		return;
	}
	file_offset = *text == '+' ? "+" : "";
	text += *text == '+';
	if (!bytes)
		return;
	sign = text + strcspn(text, "+-");
	moved = bytes + (*sign ? strtoll(sign, NULL, 0) : 0);
	if (isdigit((unsigned char)*text))
		f->text = arena_fmt(a, "%s0x%llx", file_offset, strtoull(text, NULL, 0) + (unsigned long long)moved);
	else if (moved)
		f->text = arena_fmt(a, "%.*s%+lld", (int)(sign - text), text, moved);
}

const struct fetch *fetch_leaf(const struct fetch *f)
{
	while (f->kind == FETCH_DEREF)
		f = f->inner;
	return f;
}

void fetch_print(const struct fetch *f, struct str *out)
{
	switch (f->kind) {
	case FETCH_REG:
		str_addf(out, "%%%s", f->text);
		break;
	case FETCH_RETVAL:
		str_add(out, "$retval");
		break;
	case FETCH_ARG:
		str_addf(out, "$arg%lld", f->n);
		break;
	case FETCH_ARGS:
		str_add(out, "$arg*");
		break;
	case FETCH_STACK:
		str_add(out, "$stack");
		break;
	case FETCH_STACK_N:
		str_addf(out, "$stack%lld", f->n);
		break;
	case FETCH_COMM:
		str_add(out, "$comm");
		break;
	case FETCH_AT:
		str_addf(out, "@%s", f->text);
		break;
	case FETCH_IMM:
		str_addf(out, "\\%s", f->text);
		break;
	case FETCH_ENTRY_FIELD:
		str_addf(out, "$entry.%s", f->text);
		break;
	case FETCH_FIELD:
		str_addf(out, "$%s", f->text);
		if (f->n)
			str_addf(out, "+%lld", f->n);
		break;
	case FETCH_NAME:
		str_add(out, f->text);
		break;
	case FETCH_DEREF:
		str_addf(out, "%c%s%llu(", f->n < 0 ? '-' : '+', f->user ? "u" : "",
			 f->n < 0 ? 0 - (unsigned long long)f->n : (unsigned long long)f->n);
		fetch_print(f->inner, out);
		str_addc(out, ')');
		break;
	}
}

/* b<width>@<offset>/<size of the container>: shown as a plain number of the container's size */
static bool bitfield(const char *type, size_t len, struct fetch_type *t)
{
	unsigned width, offset, size;
	int used = 0;

	if (sscanf(type, "b%u@%u/%u%n", &width, &offset, &size, &used) != 3 || (size_t)used != len)
		return false;
	t->base = BASE_UNSIGNED;
	t->size = size / 8;
	return true;
}

struct fetch_type fetch_type_parse(const char *type)
{
	static const struct {
		const char *name;
		enum base base;
		unsigned size;
		bool user;
	} rows[] = {
		{ "u8", BASE_UNSIGNED, 1, false },  { "u16", BASE_UNSIGNED, 2, false },
		{ "u32", BASE_UNSIGNED, 4, false }, { "u64", BASE_UNSIGNED, 8, false },
		{ "s8", BASE_SIGNED, 1, false },    { "s16", BASE_SIGNED, 2, false },
		{ "s32", BASE_SIGNED, 4, false },   { "s64", BASE_SIGNED, 8, false },
		{ "x8", BASE_HEX, 1, false },	    { "x16", BASE_HEX, 2, false },
		{ "x32", BASE_HEX, 4, false },	    { "x64", BASE_HEX, 8, false },
		{ "char", BASE_CHAR, 1, false },    { "symbol", BASE_SYMBOL, 8, false },
		{ "string", BASE_STRING, 0, false },{ "ustring", BASE_STRING, 0, true },
		{ "symstr", BASE_STRING, 0, false },{ "%pd", BASE_STRING, 0, false },
		{ "%pD", BASE_STRING, 0, false },
	};
	struct fetch_type t = { .base = BASE_HEX, .size = 8 };
	const char *bracket = strchr(type, '[');
	size_t len = bracket ? (size_t)(bracket - type) : strlen(type);

	if (bracket) {
		char *end;
		unsigned long n = strtoul(bracket + 1, &end, 10);

		if (end == bracket + 1 || strcmp(end, "]") != 0 || n == 0 || n > 64)
			return t;
		t.count = (unsigned)n;
	}
	if (bitfield(type, len, &t)) {
		t.known = true;
		return t;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strlen(rows[i].name) == len && strncmp(type, rows[i].name, len) == 0) {
			t.base = rows[i].base;
			t.size = rows[i].size;
			t.user = rows[i].user;
			t.known = true;
		}
	return t;
}
