/* filter.c - what the kernel's event filter would get wrong without a word.
 *
 * The filter language compares one field with one constant. Two of its ways give wrong answers silently:
 * a constant that does not fit the field is cut (u32 == 4294967296 matches 0), and comm ~ "*x" never
 * matches, because `comm` is compared with all of its sixteen bytes; our own copy of it, the captured
 * string `Comm`, is compared right, and its name has the same length, so that the kernel's caret stays
 * where the user's word is. All other mistakes the kernel reports itself.
 */
#include "plan/plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILTER = 4000 };

struct reader {
	struct plan *plan;
	const struct site *site;
	char *text, *p;
	struct diags *d;
	bool dropped;			/* it cannot be had, and need not be */
};

static struct span part(const struct reader *r, const char *from, const char *to)
{
	struct span at = r->site->def->filter_span;

	return (struct span){ at.src, at.begin + (unsigned)(from - r->text), at.begin + (unsigned)(to - r->text) };
}

static const struct capture *find(const struct reader *r, const char *name, size_t len)
{
	for (unsigned i = 0; i < r->site->n_captures; i++)
		if (strncmp(r->site->captures[i].name, name, len) == 0 && !r->site->captures[i].name[len])
			return &r->site->captures[i];
	return NULL;
}

static char *skip_blanks(char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

static bool fits(const struct capture *c, bool negative, unsigned long long n)
{
	unsigned bits = (c->narrow ? c->narrow : c->size) * 8;
	unsigned long long limit = bits >= 64 ? ~0ull : (1ull << bits) - 1;

	if (c->narrow ? c->narrow_signed : c->base == BASE_SIGNED || c->base == BASE_CHAR)
		return n <= limit / 2 + negative;
	return n <= limit;	/* a minus sign is the kernel's to refuse */
}

static bool number(struct reader *r, const struct capture *c)
{
	char *start = r->p;
	bool negative = *r->p == '-';
	unsigned long long n;

	errno = 0;
	n = strtoull(r->p + negative, &r->p, 0);
	if (!c || c->count || c->by_format || c->base == BASE_STRING || !c->size)
		return true;
	if (errno || !fits(c, negative, n))
		return diag_error(r->d, part(r, start, r->p),
				  "the number does not fit '%s', which has %u bits: the kernel would cut it "
				  "silently", c->name, (c->narrow ? c->narrow : c->size) * 8);
	return true;
}

/* A quoted string; returns its end, or NULL when it is not closed (the kernel says so). */
static char *quoted(char *p)
{
	char *end = strchr(p + 1, *p);

	return end ? end + 1 : NULL;
}

/* Fields that every probe's event has, and what the kernel's filter understands besides. Names of our own begin with
 * an underscore. */
static bool is_common(const char *name, size_t len)
{
	static const char *const names[] = { "comm", "COMM", "Comm", "CPU", "cpu" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0)
			return true;
	return *name == '_' || (len > 7 && strncmp(name, "common_", 7) == 0);
}

static bool no_field(struct reader *r, const char *name, size_t len)
{
	struct str names = STR_INIT;

	for (unsigned i = 0; i < r->site->n_captures; i++)
		str_addf(&names, "%s, ", r->site->captures[i].name);
	diag_error(r->d, part(r, name, name + len), "the record has no field '%.*s'", (int)len, name);
	diag_hint(r->d, "there is %scomm, common_pid, CPU: what the definition fetches, by its name", names.len ? names.s : "");
	str_release(&names);
	return false;
}

/* FIELD OP CONSTANT: the field has just been read, from name to r->p. */
static bool comparison(struct reader *r, char *name)
{
	size_t len = (size_t)(r->p - name);
	const struct capture *c = find(r, name, len);
	bool comm = !c && (len == 4) && (strncmp(name, "comm", 4) == 0 || strncmp(name, "COMM", 4) == 0);
	char *op = skip_blanks(r->p);
	size_t n = strspn(op, "=!<>&~");
	char *end;

	if (!n || (op[0] == '&' && op[1] == '&'))
		return true;
	if (!c && r->site->line && !r->site->open_ended && !r->site->def->tap && !is_common(name, len))
		return no_field(r, name, len);
	r->p = skip_blanks(op + n);
	if (c && (c->bounded || c->at_entry || c->absent) && r->site->def->tap) {
		r->dropped = true;		/* a program's filter may be left away */
		return true;
	}
	if (c && c->absent)
		return diag_error(r->d, part(r, name, name + len), "'%s' is not there at %s (%s): nothing could pass the filter",
				  c->name, r->site->label, c->absent);
	if (c && c->at_entry)
		return diag_error(r->d, part(r, name, name + len),
				  "'%s' is a value of the function's entry, which the kernel no longer has at the return",
				  c->name);
	if (c && c->sign_bits)
		return diag_error(r->d, part(r, name, name + len), "'%s' is a bit field with a sign, which the kernel compares "
				  "without", c->name);
	if (c && c->bounded)
		return diag_error(r->d, part(r, name, name + len),
				  "'%s' is fetched as a bounded string here, which the kernel cannot compare",
				  c->name);
	if (isdigit((unsigned char)*r->p) || (*r->p == '-' && isdigit((unsigned char)r->p[1])))
		return number(r, c);
	if (*r->p != '"' && *r->p != '\'')
		return true;
	end = quoted(r->p);
	if (!end) {
		r->p += strlen(r->p);
		return true;
	}
	if (comm && *op == '~' && r->p[1] == '*' && end[-2] != '*')
		memcpy(name, "Comm", 4);
	r->p = end;
	return true;
}

/* The kernel takes a page, and `0` as "no filter any more". */
static bool whole_is_right(const struct site *site, struct diags *d)
{
	const char *text = site->def->filter + strspn(site->def->filter, " \t\n");

	if (strlen(text) > MAX_FILTER)
		return diag_error(d, site->def->filter_span, "the filter has %zu characters, the kernel takes %d",
				  strlen(text), MAX_FILTER);
	if (*text == '0' && !text[1 + strspn(text + 1, " \t\n")])
		return diag_error(d, site->def->filter_span, "a filter compares a field with a value; 0 is the "
							     "kernel's word for no filter at all");
	return true;
}

bool filter_check(struct plan *p, const struct site *site, const char **out, struct diags *d)
{
	char *text = arena_strdup(p->arena, site->def->filter);
	struct reader r = { p, site, text, text, d, false };

	*out = text;
	if (!whole_is_right(site, d))
		return false;
	while (*r.p) {
		if (*r.p == '"' || *r.p == '\'') {
			char *end = quoted(r.p);

			r.p = end ? end : r.p + strlen(r.p);
		} else if (isalpha((unsigned char)*r.p) || *r.p == '_') {
			char *name = r.p;

			while (isalnum((unsigned char)*r.p) || *r.p == '_')
				r.p++;
			if (!comparison(&r, name))
				return false;
		} else {
			r.p++;
		}
	}
	if (r.dropped)
		*out = NULL;
	return true;
}
