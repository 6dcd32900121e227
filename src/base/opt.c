/* opt.c - the options of a command: rows of a table.
 *
 * The rules are those of getopt_long, which every user has in his fingers: `-p 1`, `-p1`, `-qp1`,
 * `--pid 1`, `--pid=1`, `--pi=1` (a beginning that fits one option only), `--` ends the options, a lone
 * `-` is an ordinary word. It is written out here because getopt reports a mistake as '?' and leaves it
 * to be guessed which one, while we owe the user a sentence; and because its state is global.
 */
#include "base/opt.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct opt help_row = { 'h', "help", NULL, "show this help", NULL };

/* ---- finding a row ---- */

static size_t rows(const struct opt *opts)
{
	size_t n = 0;

	while (opts && (opts[n].short_name || opts[n].long_name))
		n++;
	return n;
}

/* All rows in turn, the shared ones first, --help last. i counts from 0; NULL ends. */
static const struct opt *row(const struct opt_command *c, size_t i)
{
	size_t own = rows(c->opts), shared = rows(c->shared);

	if (i < shared)
		return &c->shared[i];
	if (i < shared + own)
		return &c->opts[i - shared];
	return i == shared + own ? &help_row : NULL;
}

static const struct opt *find_short(const struct opt_command *c, char name)
{
	const struct opt *o;

	for (size_t i = 0; (o = row(c, i)); i++)
		if (o->short_name == name)
			return o;
	return NULL;
}

static bool report_unknown_long(const struct opt_command *c, const char *name, struct diags *d)
{
	struct str_closest close = { .word = name };
	const struct opt *o;

	for (const struct opt_absent *a = c->absent; a && a->long_name; a++)
		if (strcmp(a->long_name, name) == 0)
			return diag_error(d, NO_SPAN, "option '--%s' is not here: %s", name, a->why);
	for (size_t i = 0; (o = row(c, i)); i++)
		if (o->long_name)
			str_closest_try(&close, o->long_name);
	if (close.best)
		diag_error(d, NO_SPAN, "unknown option '--%s'; did you mean '--%s'?", name, close.best);
	else
		diag_error(d, NO_SPAN, "unknown option '--%s'; '--help' lists them", name);
	free(close.best);
	return false;
}

/* The row of a long name, or the only one that begins so. Reports and returns NULL when there is none. */
static const struct opt *find_long(const struct opt_command *c, const char *name, struct diags *d)
{
	_cleanup_(str_release) struct str fits = STR_INIT;
	const struct opt *found = NULL, *o;
	unsigned n = 0;

	for (size_t i = 0; (o = row(c, i)); i++) {
		if (!o->long_name || !str_starts(o->long_name, name))
			continue;
		if (strcmp(o->long_name, name) == 0)
			return o;
		str_addf(&fits, "%s'--%s'", n ? ", " : "", o->long_name);
		found = o;
		n++;
	}
	if (n == 1)
		return found;
	if (n == 0 || !*name)
		report_unknown_long(c, name, d);
	else
		diag_error(d, NO_SPAN, "option '--%s' could be %s", name, fits.s);
	return NULL;
}

/* ---- parsing ---- */

/* What is left of the command line. */
struct words {
	const struct opt_command *c;
	char **next;
	char **end;
	void *ctx;
	struct diags *d;
};

/* Hands the option over. spelled: as the user wrote its name; value: what was attached to it, or NULL. */
static enum opt_result take(struct words *w, const struct opt *o, const char *spelled, const char *value)
{
	if (o == &help_row && !value)
		return OPT_HELP;
	if (!o->arg && value) {
		diag_error(w->d, NO_SPAN, "option '%s' takes no value", spelled);
		return OPT_ERROR;
	}
	if (o->arg && !value) {
		if (w->next == w->end) {
			diag_error(w->d, NO_SPAN, "option '%s' wants %s", spelled, o->arg);
			return OPT_ERROR;
		}
		value = *w->next++;
	}
	return o->set(w->ctx, value, w->d) ? OPT_OK : OPT_ERROR;
}

static enum opt_result take_long(struct words *w, const char *word)
{
	_cleanup_(str_release) struct str name = STR_INIT, spelled = STR_INIT;
	const char *equals = strchr(word, '=');
	const struct opt *o;

	str_addn(&name, word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2));
	o = find_long(w->c, name.s, w->d);
	if (!o)
		return OPT_ERROR;
	str_addf(&spelled, "--%s", o->long_name);
	return take(w, o, spelled.s, equals ? equals + 1 : NULL);
}

/* -q, -qv, -p1, -p 1: switches may be written together, and the rest of the word is a value. */
static enum opt_result take_short(struct words *w, const char *word)
{
	enum opt_result result = OPT_OK;

	for (const char *p = word + 1; *p && result == OPT_OK; p++) {
		const struct opt *o = find_short(w->c, *p);
		const char spelled[] = { '-', *p, '\0' };

		if (!o) {
			uint32_t code;
			unsigned len = str_utf8(p, strlen(p), &code);

			diag_error(w->d, NO_SPAN, "unknown option '-%.*s'; '--help' lists them",
				   len ? (int)len : 1, p);
			return OPT_ERROR;
		}
		if (o->arg)
			return take(w, o, spelled, p[1] ? p + 1 : NULL);
		result = take(w, o, spelled, NULL);
	}
	return result;
}

static enum opt_result take_positional(struct words *w, const char *word)
{
	if (!w->c->positional) {
		diag_error(w->d, NO_SPAN, "what is '%s' for? Only options are expected here", word);
		return OPT_ERROR;
	}
	return w->c->positional(w->ctx, word, w->d) ? OPT_OK : OPT_ERROR;
}

enum opt_result opt_parse(const struct opt_command *c, int argc, char **argv, void *ctx, struct diags *d)
{
	struct words w = { c, argv + (argc > 0), argv + argc, ctx, d };
	enum opt_result result = OPT_OK;
	bool options = true;

	while (w.next < w.end && result == OPT_OK) {
		const char *word = *w.next++;

		if (!options || word[0] != '-' || !word[1])
			result = take_positional(&w, word);
		else if (strcmp(word, "--") == 0)
			options = false;
		else if (word[1] == '-')
			result = take_long(&w, word);
		else
			result = take_short(&w, word);
	}
	return result;
}

/* ---- help ---- */

enum { HELP_WIDTH = 80, HELP_INDENT = 4, HELP_COLUMN_MAX = 30 };

/* "-p, --pid PID", or "    --filter EXPR" so that long names stand below each other. */
static void option_names(const struct opt *o, struct str *out)
{
	if (o->short_name)
		str_addf(out, "-%c%s", o->short_name, o->long_name ? ", " : "");
	else
		str_add(out, "    ");
	if (o->long_name)
		str_addf(out, "--%s", o->long_name);
	if (o->arg)
		str_addf(out, " %s", o->arg);
}

static void blanks(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* Writes the text between column `left` and the 80th; the pen stands at `left` already. */
static void wrap(FILE *out, const char *text, size_t left)
{
	size_t column = left;

	while (*text) {
		size_t n = strcspn(text, " \n");

		if (n && column > left && column + 1 + n > HELP_WIDTH) {
			fputc('\n', out);
			blanks(out, left);
			column = left;
		}
		if (n) {
			column += (size_t)fprintf(out, "%s%.*s", column > left ? " " : "", (int)n, text);
			text += n;
		}
		if (*text == '\n' && text[1]) {
			fputc('\n', out);
			blanks(out, left);
			column = left;
		}
		text += *text != '\0';
	}
	fputc('\n', out);
}

static void help_lines(const char *text, FILE *out)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		blanks(out, HELP_INDENT);
		fprintf(out, "%.*s\n", (int)n, text);
		text += n + (text[n] != '\0');
	}
}

void opt_help(const struct opt_command *c, FILE *out)
{
	size_t column = 0;
	const struct opt *o;

	fputs("USAGE:\n", out);
	help_lines(c->usage, out);
	if (c->about) {
		fputc('\n', out);
		wrap(out, c->about, 0);
	}
	fputs("\nOPTIONS:\n", out);
	for (size_t i = 0; (o = row(c, i)); i++) {
		_cleanup_(str_release) struct str names = STR_INIT;

		option_names(o, &names);
		if (names.len > column && HELP_INDENT + names.len + 2 <= HELP_COLUMN_MAX)
			column = names.len;
	}
	column += HELP_INDENT + 2;
	for (size_t i = 0; (o = row(c, i)); i++) {
		_cleanup_(str_release) struct str names = STR_INIT;

		option_names(o, &names);
		blanks(out, HELP_INDENT);
		fputs(names.s, out);
		if (HELP_INDENT + names.len + 2 <= column) {
			blanks(out, column - HELP_INDENT - names.len);
		} else {		/* too long to stand beside its help */
			fputc('\n', out);
			blanks(out, column);
		}
		wrap(out, o->help, column);
	}
	if (c->more) {
		size_t n = strlen(c->more);

		fprintf(out, "\n%s%s", c->more, n && c->more[n - 1] == '\n' ? "" : "\n");
	}
}

/* ---- values ---- */

bool opt_number(const char *value, const char *what, unsigned long long min, unsigned long long max,
		unsigned long long *out, struct diags *d)
{
	unsigned long long n;

	if (str_to_u64(value, &n) && n >= min && n <= max) {
		*out = n;
		return true;
	}
	if (max == ~0ull)
		return diag_error(d, NO_SPAN, "%s must be a whole number from %llu on, not '%s'", what, min,
				  value);
	return diag_error(d, NO_SPAN, "%s must be a whole number from %llu to %llu, not '%s'", what, min, max,
			  value);
}

bool opt_seconds(const char *value, const char *what, uint64_t *ns, struct diags *d)
{
	uint64_t total = 0, unit = 1000000000;
	const char *p = value;
	bool digits = false, fits = true;

	for (; *p >= '0' && *p <= '9'; p++) {
		digits = true;
		fits = fits && !__builtin_mul_overflow(total, (uint64_t)10, &total) &&
		       !__builtin_add_overflow(total, (uint64_t)(*p - '0'), &total);
	}
	fits = fits && !__builtin_mul_overflow(total, unit, &total);
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9'; p++) {
			digits = true;
			unit /= 10;	/* 0 from the tenth digit on: finer than a nanosecond */
			fits = fits && !__builtin_add_overflow(total, unit * (uint64_t)(*p - '0'), &total);
		}
	}
	if (!digits || *p)
		return diag_error(d, NO_SPAN, "%s must be a number of seconds like 2 or 0.5, not '%s'", what,
				  value);
	if (!fits)
		return diag_error(d, NO_SPAN, "%s is more seconds than can be counted: '%s'", what, value);
	*ns = total;
	return true;
}
