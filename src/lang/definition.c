/* definition.c - one DEFINITION of `trapline probe`, a shell word in the kernel's own syntax with
 * symbols where the kernel wants offsets:
 *
 *	definition = ("p" | "r" [MAXACTIVE]) [":" NAME] TARGET {FETCHARG}
 *	           | ("p" | "r" [MAXACTIVE]) ":" TARGET {FETCHARG}		the short form of perf-tools
 *
 * Blanks separate words. After `p:`, a word with a colon, or one that is not followed by something that
 * looks like a target, is the target itself. A target may be quoted in parts ('a b', "a:b", backslash):
 * its file may hold blanks and colons. Which file it is, and whether `x:y` is a program or a module,
 * cannot be known here: the colons that stand outside quotes are noted for probe/ to try.
 */
#include "lang/lang.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct arena *a;
	const struct source *src;
	const char *p;
	struct diags *d;
};

/* A word after its quotes were taken away. */
struct word {
	char *text;
	unsigned *map;		/* byte of text -> byte of the source; one more for the end */
	unsigned len;
	unsigned *colons;
	unsigned n_colons;
	bool quoted;
	struct span span;
};

static unsigned place(const struct reader *r, const char *p)
{
	return (unsigned)(p - r->src->text);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
	while (blank(*r->p))
		r->p++;
}

static void put(struct word *w, char c, unsigned from)
{
	w->text[w->len] = c;
	w->map[w->len++] = from;
}

/* word = { character | "'" ... "'" | '"' ... '"' | "\" character } */
static bool read_quoted(struct reader *r, struct word *w)
{
	size_t room = strlen(r->p) + 1;
	const char *start = r->p;

	*w = (struct word){ .text = arena_alloc(r->a, room),
			    .map = arena_alloc(r->a, room * sizeof(unsigned)),
			    .colons = arena_alloc(r->a, room * sizeof(unsigned)) };
	for (; *r->p && !blank(*r->p); r->p++) {
		const char *open = r->p;

		if (*r->p == '\\' && r->p[1]) {
			r->p++;
			w->quoted = true;
			put(w, *r->p, place(r, r->p));
		} else if (*r->p == '\'' || *r->p == '"') {
			w->quoted = true;
			for (r->p++; *r->p != *open; r->p++) {
				if (*open == '"' && *r->p == '\\' && (r->p[1] == '"' || r->p[1] == '\\'))
					r->p++;
				if (!*r->p)
					return diag_error(r->d,
							  (struct span){ r->src, place(r, open),
									 place(r, r->p) },
							  "the quote is not closed");
				put(w, *r->p, place(r, r->p));
			}
		} else {
			if (*r->p == ':')
				w->colons[w->n_colons++] = w->len;
			put(w, *r->p, place(r, r->p));
		}
	}
	w->map[w->len] = place(r, r->p);
	w->span = (struct span){ r->src, place(r, start), place(r, r->p) };
	return true;
}

/* SYMBOL[+OFFSET] without a module: what a kernel function looks like. */
static bool looks_like_symbol(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.*?[]");

	return n > 0 && (s[n] == '\0' || s[n] == '+');
}

/* Could the word at s, the one after `p:WORD`, be a target? A FETCHARG has an operator sign in front, a
 * NAME= before its expression, or is a BTF name with a type. */
static bool looks_like_target(const char *s)
{
	char *word;
	const char *colon;
	size_t len = strcspn(s, " \t\n\r");
	bool yes;

	if (!len || strchr("%$@+-\\", *s))
		return false;
	if (strchr("/.'\"", *s))
		return true;
	if (memchr(s, '=', len))
		return false;
	word = strndup(s, len);
	colon = strrchr(word, ':');
	yes = colon ? !fetch_type_parse(colon + 1).known : looks_like_symbol(word);
	free(word);
	return yes;
}

/* The head: p, r or r16, and what follows its colon. Leaves name or target set. */
static bool read_head(struct reader *r, struct definition *def, struct word *target, bool *have_target)
{
	unsigned begin = place(r, r->p);
	struct word w;

	if (*r->p != 'p' && *r->p != 'r')
		return diag_error(r->d, (struct span){ r->src, begin, begin + (unsigned)strcspn(r->p, " \t:") },
				  "a definition begins with p (at the function's entry) or r (at its return)");
	def->ret = *r->p++ == 'r';
	if (isdigit((unsigned char)*r->p)) {
		char *end;
		unsigned long n = strtoul(r->p, &end, 10);
		struct span at = { r->src, place(r, r->p), place(r, end) };

		if (!def->ret)
			return diag_error(r->d, at, "MAXACTIVE belongs to r: it is how many calls may be "
						    "under way at once");
		if (n == 0 || n > 4096)
			return diag_error(r->d, at, "MAXACTIVE is a number from 1 to 4096");
		def->maxactive = (unsigned)n;
		r->p = end;
	}
	if (*r->p != ':') {
		if (*r->p && !blank(*r->p))
			return diag_error(r->d, (struct span){ r->src, begin, place(r, r->p) + 1 },
					  "a definition begins with p or r, then a blank or :NAME");
		return true;
	}
	r->p++;
	if (!read_quoted(r, &w))
		return false;
	if (!w.len)
		return diag_error(r->d, (struct span){ r->src, begin, place(r, r->p) },
				  "a name or a target is missing after the colon");
	skip_blanks(r);
	if (w.n_colons || !looks_like_target(r->p)) {
		*target = w;
		*have_target = true;
	} else {
		def->name = w.text;
	}
	return true;
}

/* TARGET%return is the kernel's other way to write r. */
static void strip_return_suffix(struct definition *def, struct word *w)
{
	static const char suffix[] = "%return";
	size_t n = sizeof(suffix) - 1;

	if (w->len > n && strcmp(w->text + w->len - n, suffix) == 0) {
		w->len -= (unsigned)n;
		w->text[w->len] = '\0';
		def->ret = true;
	}
}

static bool read_fetchargs(struct reader *r, struct definition *def)
{
	struct fetcharg **args = NULL;
	size_t n = 0;
	bool ok = true;

	for (skip_blanks(r); *r->p; skip_blanks(r)) {
		const char *start = r->p;
		struct fetcharg *f;

		while (*r->p && !blank(*r->p))
			r->p++;
		f = fetcharg_parse(r->a, arena_strndup(r->a, start, (size_t)(r->p - start)),
				   (struct span){ r->src, place(r, start), place(r, r->p) }, r->d);
		for (size_t i = 0; f && f->name && i < n; i++)
			if (args[i]->name && strcmp(args[i]->name, f->name) == 0) {
				diag_error(r->d, f->name_span, "the name '%s' is used twice", f->name);
				f = NULL;
			}
		if (f)
			*MEM_PUSH(args, n) = f;
		else
			ok = false;
	}
	def->args = arena_alloc(r->a, (n ? n : 1) * sizeof(*args));
	if (n)
		memcpy(def->args, args, n * sizeof(*args));
	def->n_args = (unsigned)n;
	free(args);
	return ok;
}

struct definition *definition_parse(struct arena *a, const struct source *src, struct diags *d)
{
	struct definition *def = arena_alloc(a, sizeof(*def));
	struct reader r = { a, src, src->text, d };
	struct word target = { 0 };
	bool have_target = false;

	def->source = src;
	skip_blanks(&r);
	def->span = (struct span){ src, place(&r, r.p), (unsigned)strlen(src->text) };
	if (!read_head(&r, def, &target, &have_target))
		return NULL;
	skip_blanks(&r);
	if (!have_target && !read_quoted(&r, &target))
		return NULL;
	strip_return_suffix(def, &target);
	if (!target.len) {
		diag_error(d, def->span, "a target is missing: FILE:SYMBOL, FILE:0xOFFSET or a kernel function");
		return NULL;
	}
	def->target = target.text;
	def->target_map = target.map;
	def->colons = target.colons;
	def->n_colons = target.n_colons;
	def->quoted = target.quoted;
	def->target_span = target.span;
	return read_fetchargs(&r, def) ? def : NULL;
}

struct span definition_target_span(const struct definition *def, unsigned begin, unsigned end)
{
	unsigned from = def->target_map[begin], to = def->target_map[end];

	return (struct span){ def->source, from, to > from ? to : from + 1 };
}

void definition_print(const struct definition *def, struct str *out)
{
	str_addf(out, "%s", def->ret ? "return" : "entry");
	if (def->maxactive)
		str_addf(out, " maxactive %u", def->maxactive);
	if (def->name)
		str_addf(out, " name %s", def->name);
	str_addf(out, "\ntarget %s", def->target);
	for (unsigned i = 0; i < def->n_colons; i++)
		str_addf(out, "%s%u", i ? "," : " colons ", def->colons[i]);
	str_addc(out, '\n');
	for (unsigned i = 0; i < def->n_args; i++) {
		const struct fetcharg *f = def->args[i];

		str_addf(out, "arg %s = ", f->name ? f->name : "-");
		fetch_print(f->fetch, out);
		str_addf(out, " : %s\n", f->type ? f->type : "-");
	}
}
