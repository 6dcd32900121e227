/* attach.c - attach points: the words between the colons of uprobe:/usr/bin/bash:readline.
 *
 * The first word is a provider; the rows here know its names, how many words follow, and whether one of them
 * is a path, in which a slash is no predicate. What the words mean is the provider's own business (probe/).
 *
 * Quotes make a colon or a blank an ordinary character, a backslash does it for one. Two colons in the name of a
 * function are its scopes, and a blank between two of its words (in its parameters) is one. $1 is the first parameter
 * of the program, as text.
 */
#include "lang/front.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { AND_SCOPES = 2 };

static const struct provider_row {
	const char *name, *brief, *old;		/* as everybody should write it; in short; as it was called */
	unsigned min, max;			/* words behind it; max 0: as many as there are */
	int path;				/* the first is a file; AND_SCOPES: the last a name that may have :: */
} providers[] = {
	{ "begin", NULL, NULL, 0, 0, false },
	{ "end", NULL, NULL, 0, 0, false },
	{ "self", NULL, NULL, 2, 2, false },
	{ "test", NULL, NULL, 1, 1, false },
	{ "bench", NULL, NULL, 1, 1, false },
	{ "kprobe", "k", NULL, 1, 2, false },
	{ "kretprobe", "kr", NULL, 1, 2, false },
	{ "uprobe", "u", NULL, 2, 3, AND_SCOPES },
	{ "uretprobe", "ur", NULL, 2, 3, AND_SCOPES },
	{ "usdt", "U", NULL, 1, 3, true },
	{ "tracepoint", "t", NULL, 2, 2, false },
	{ "rawtracepoint", "rt", NULL, 1, 2, false },
	{ "profile", "p", NULL, 1, 2, false },
	{ "interval", "i", NULL, 1, 2, false },
	{ "software", "s", NULL, 1, 2, false },
	{ "hardware", "h", NULL, 1, 2, false },
	{ "watchpoint", "w", NULL, 3, 3, false },
	{ "asyncwatchpoint", "aw", NULL, 3, 3, false },
	{ "fentry", "f", "kfunc", 1, 3, false },
	{ "fexit", "fr", "kretfunc", 1, 3, false },
	{ "iter", "it", NULL, 1, 2, false },
};

static bool same_word(const char *text, size_t n, const char *word)
{
	return word && strlen(word) == n && memcmp(text, word, n) == 0;
}

/* begin and end in any case. */
static bool same_word_any_case(const char *text, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(text, word, n) == 0;
}

static const struct provider_row *find_provider(const char *text, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
		const struct provider_row *row = &providers[i];

		if (same_word(text, n, row->name) || same_word(text, n, row->brief) ||
		    same_word(text, n, row->old) ||
		    (row->max == 0 && same_word_any_case(text, n, row->name)))
			return row;
	}
	return NULL;
}

bool attach_has_path(const char *text, size_t n)
{
	const char *equals = memchr(text, '=', n), *colon = memchr(text, ':', n);
	const struct provider_row *row;

	if (!colon)
		return false;
	if (equals && equals < colon) {
		n -= (size_t)(equals + 1 - text);
		text = equals + 1;
	}
	row = find_provider(text, (size_t)(colon - text));
	/* Several providers at once: the first word may be a path when it looks like one. */
	return row ? row->path : memchr(text, '*', (size_t)(colon - text)) != NULL;
}

bool attach_takes(const char *provider, unsigned n_parts)
{
	const struct provider_row *row = find_provider(provider, strlen(provider));

	return row && n_parts >= row->min && n_parts <= row->max;
}

/* ---- words ---- */

/* $N in the text; *p is behind the sign. */
static bool add_parameter(struct front *f, struct span at, const char **p, struct str *word)
{
	const char *text;
	char *end;
	long n = strtol(*p, &end, 10);

	*p = end;
	text = positional_text(f, n);
	if (!text) {
		diag_error(f->diags, at, "$%ld stands in this probe, and there is no such parameter", n);
		return diag_hint(f->diags, "parameters come behind the program: trapline FILE PARAMETER...");
	}
	str_add(word, text);
	return true;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The colons at p are no separators: they are in a name of words[] whose file has been read. */
static bool are_scopes(const char *p, const char *end, const char **words, unsigned n, const struct str *word)
{
	const struct provider_row *row = n > 1 && word->len && end - p > 1 && p[1] == ':'
						 ? find_provider(words[0], strlen(words[0])) : NULL;

	return row && row->path == AND_SCOPES;
}

/* Takes the raw text apart: words[0] is the provider. `whole` gets the text as it reads with its
 * parameters. */
static bool split(struct front *f, struct span raw, const char *p, const char *end, struct attach_point *out,
		  struct str *whole)
{
	_cleanup_(str_release) struct str word = STR_INIT;
	bool quoted = false, ok = true;
	const char **words = NULL;
	unsigned n = 0;

	str_clear(&word);
	while (p < end) {
		size_t before = word.len;
		const char *from = p;

		if (*p == '"') {
			quoted = !quoted;
			p++;
		} else if (*p == '\\' && p + 1 < end) {
			str_addc(&word, p[1]);
			p += 2;
		} else if (*p == '$' && p + 1 < end && isdigit((unsigned char)p[1])) {
			p++;
			ok = add_parameter(f, raw, &p, &word) && ok;
			str_addn(whole, word.s + before, word.len - before);
			continue;
		} else if (!quoted && *p == ':' && are_scopes(p, end, words, n, &word)) {
			str_add(&word, "::");
			p += 2;
		} else if (!quoted && *p == ':') {
			*ARENA_PUSH(f->arena, words, n) = arena_strndup(f->arena, word.s, word.len);
			str_clear(&word);
			p++;
		} else if (!quoted && isspace((unsigned char)*p)) {
			if (p++ + 1 == end || !word.len || !in_word(word.s[word.len - 1]) || !in_word(*p))
				continue;
			str_addc(&word, ' ');
		} else {
			str_addc(&word, *p++);
		}
		str_addn(whole, from, (size_t)(p - from));
	}
	*ARENA_PUSH(f->arena, words, n) = arena_strndup(f->arena, word.s, word.len);
	if (quoted)
		return diag_error(f->diags, raw, "unterminated string");
	out->provider = words[0];
	out->parts = words + 1;
	out->n_parts = n - 1;
	return ok;
}

/* ---- what is wrong with it ---- */

static bool unknown_provider(struct front *f, struct span at, const char *name)
{
	_cleanup_(mem_free_ptr) char *best = NULL;
	struct str_closest c = { .word = name };

	for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
		str_closest_try(&c, providers[i].name);
		if (providers[i].old)
			str_closest_try(&c, providers[i].old);
	}
	best = c.best;
	diag_error(f->diags, at, "Invalid probe type: %s", name);
	return best ? diag_hint(f->diags, "did you mean '%s'?", best) : false;
}

static bool check_count(struct front *f, const struct provider_row *row, const struct attach_point *p)
{
	if (p->n_parts >= row->min && p->n_parts <= row->max)
		return true;
	if (row->min == row->max)
		diag_error(f->diags, p->span, "%s probe type requires %u argument%s, found %u", row->name,
			   row->min, row->min == 1 ? "" : "s", p->n_parts);
	else
		diag_error(f->diags, p->span, "%s probe type requires %u or %u arguments, found %u",
			   row->name, row->min, row->max, p->n_parts);
	return false;
}

/* name=probe */
static const char *take_label(struct front *f, const char **p, const char *end)
{
	const char *equals = memchr(*p, '=', (size_t)(end - *p)), *label;

	if (!equals)
		return NULL;
	label = arena_strndup(f->arena, *p, (size_t)(equals - *p));
	if (!str_is_ident(label))
		return NULL;
	*p = equals + 1;
	return label;
}

bool attach_point_parse(struct front *f, struct span raw, struct attach_point *out)
{
	_cleanup_(str_release) struct str whole = STR_INIT;
	const char *p = raw.src->text + raw.begin, *end = raw.src->text + raw.end;
	const struct provider_row *row;

	str_clear(&whole);
	out->span = raw;
	out->label = take_label(f, &p, end);
	if (!split(f, raw, p, end, out, &whole))
		return false;
	out->text = arena_strndup(f->arena, whole.s, whole.len);
	row = find_provider(out->provider, strlen(out->provider));
	if (!row && str_is_glob(out->provider))
		return true;
	if (!row)		/* a name that stands alone may be a label: its `=` comes */
		return unknown_provider(f, raw, out->provider);
	out->provider = row->name;
	return check_count(f, row, out);
}
