/* diag.c - what is wrong, at the user's own words.
 *
 * A report is a sentence, a place, and perhaps hints. Reports are collected and printed together, errors
 * before warnings, because a user who reads only the first line should read what stopped the run.
 *
 * The place is printed twice: as numbers for editors (`definition:1:26-34`, bytes counted from 1, the
 * second one exclusive, as bpftrace has it) and as marks under the words. The marks count what a terminal
 * shows, not bytes: a tab is shown as 4 blanks, a control character as its escape, a Chinese character is
 * two columns wide and an accent none. So the source line is turned into what will be shown first, and
 * the marks are put below that.
 */
#include "base/diag.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, N_SEVERITIES };

static const struct {
	const char *word;
	const char *colour;	/* of the word and the marks, on a terminal */
} severities[N_SEVERITIES] = {
	[SEVERITY_ERROR]   = { "ERROR",   "\033[31m" },
	[SEVERITY_WARNING] = { "WARNING", "\033[33m" },
};

struct report {
	enum severity severity;
	struct span at;
	const char *text;
	const char **hints;
	size_t n_hints;
};

struct diags {
	struct arena *arena;		/* the texts of the reports */
	struct report *reports;		/* since the last print */
	size_t n;
	unsigned errors;		/* ever */
};

/* ---- collecting ---- */

struct diags *diags_new(void)
{
	struct diags *d = mem_alloc(sizeof(*d));

	d->arena = arena_new();
	return d;
}

static void forget(struct diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->reports[i].hints);
	free(d->reports);
	d->reports = NULL;
	d->n = 0;
}

void diags_forget_warnings(struct diags *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (d->reports[i].severity == SEVERITY_WARNING)
			free(d->reports[i].hints);
		else
			d->reports[kept++] = d->reports[i];
	}
	d->n = kept;
}

void diags_move(struct diags *to, struct diags *from)
{
	for (size_t i = 0; i < from->n; i++) {
		struct report *old = &from->reports[i], *r = MEM_PUSH(to->reports, to->n);

		*r = (struct report){ old->severity, old->at, arena_strdup(to->arena, old->text), NULL, 0 };
		for (size_t k = 0; k < old->n_hints; k++)
			*MEM_PUSH(r->hints, r->n_hints) = arena_strdup(to->arena, old->hints[k]);
		to->errors += old->severity == SEVERITY_ERROR;
	}
	forget(from);
}

void diags_free(struct diags *d)
{
	if (!d)
		return;
	forget(d);
	arena_free(d->arena);
	free(d);
}

static void add(struct diags *d, enum severity severity, struct span at, const char *fmt, va_list ap)
{
	struct report *r = MEM_PUSH(d->reports, d->n);

	r->severity = severity;
	r->at = at;
	r->text = arena_vfmt(d->arena, fmt, ap);
}

bool diag_error(struct diags *d, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, SEVERITY_ERROR, at, fmt, ap);
	va_end(ap);
	d->errors++;
	return false;
}

void diag_warn(struct diags *d, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, SEVERITY_WARNING, at, fmt, ap);
	va_end(ap);
}

bool diag_hint(struct diags *d, const char *fmt, ...)
{
	va_list ap;

	if (d->n > 0) {
		struct report *r = &d->reports[d->n - 1];

		va_start(ap, fmt);
		*MEM_PUSH(r->hints, r->n_hints) = arena_vfmt(d->arena, fmt, ap);
		va_end(ap);
	}
	return false;
}

unsigned diags_errors(const struct diags *d)
{
	return d->errors;
}

/* ---- showing text ---- */

/* Appends one character of foreign text as it may be shown; *columns gets how wide that is. Returns how
 * many bytes of the text it was. Unlike str_add_scrubbed() it leaves backslashes alone: these are the
 * user's own words, and should look like what he typed. */
static size_t show_char(struct str *out, const char *text, size_t n, unsigned *columns)
{
	uint32_t code;
	unsigned len = str_utf8(text, n, &code);

	len = len ? len : 1;
	if (*text == '\t') {
		str_add(out, "    ");
		*columns = 4;
	} else if (*text == '\\') {
		str_addc(out, '\\');
		*columns = 1;
	} else {
		str_add_scrubbed(out, text, len, 0);
		*columns = str_width(text, len);
	}
	return len;
}

static void show(struct str *out, const char *text)
{
	size_t n = strlen(text), i = 0;
	unsigned columns;

	while (i < n) {
		if (text[i] == '\t') {		/* only a source line has columns to keep */
			str_add(out, "\\t");
			i++;
		} else {
			i += show_char(out, text + i, n - i, &columns);
		}
	}
}

/* ---- printing ---- */

/* The line that holds byte `at` of the text. */
struct line {
	const char *text;
	size_t begin, len;	/* bytes of the source */
	unsigned number;	/* 1.. */
};

static struct line line_at(const char *text, size_t at)
{
	struct line l = { .text = text, .number = 1 };

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			l.number++;
			l.begin = i + 1;
		}
	}
	l.text = text + l.begin;
	l.len = strcspn(l.text, "\n");
	return l;
}

/* The line, and below it marks under its bytes begin..end-1. An empty span gets one mark, at the place
 * where something is missing. */
static void print_marked_line(struct str *out, const struct line *l, size_t begin, size_t end,
			      const char *colour)
{
	unsigned columns, blanks = 0, marks = 0;

	for (size_t i = 0; i < l->len; ) {
		size_t at = i;

		i += show_char(out, l->text + i, l->len - i, &columns);
		if (i <= begin)
			blanks += columns;
		else if (at < end)
			marks += columns;
	}
	str_addf(out, "\n%*s%s", (int)blanks, "", colour);
	for (marks = marks ? marks : 1; marks; marks--)
		str_addc(out, '~');
	str_addf(out, "%s\n", *colour ? "\033[0m" : "");
}

static void print_lines(struct str *out, const char *text, const struct line *first, unsigned last)
{
	struct line l = *first;

	for (;;) {
		unsigned columns;

		for (size_t i = 0; i < l.len; )
			i += show_char(out, l.text + i, l.len - i, &columns);
		str_addc(out, '\n');
		if (l.number >= last || !l.text[l.len])
			return;
		l = line_at(text, l.begin + l.len + 1);
	}
}

static void print_sentence(struct str *out, const struct report *r, const char *colour)
{
	str_addf(out, "%s%s%s: ", colour, severities[r->severity].word, *colour ? "\033[0m" : "");
	show(out, r->text);
	str_addc(out, '\n');
}

static void print_report(struct str *out, const struct report *r, bool coloured)
{
	const char *colour = coloured ? severities[r->severity].colour : "";
	const struct source *src = r->at.src;

	if (!src) {
		print_sentence(out, r, colour);
	} else {
		size_t len = strlen(src->text);
		size_t begin = r->at.begin < len ? r->at.begin : len;
		size_t end = r->at.end > len ? len : r->at.end <= begin ? begin : r->at.end;
		struct line first = line_at(src->text, begin);
		struct line last = line_at(src->text, end > begin ? end - 1 : end);

		show(out, src->name);
		if (first.number != last.number) {
			str_addf(out, ":%u-%u: ", first.number, last.number);
			print_sentence(out, r, colour);
			print_lines(out, src->text, &first, last.number);
		} else {
			begin -= first.begin;
			end -= first.begin;
			str_addf(out, ":%u:%zu-%zu: ", first.number, begin + 1,
				 (end > begin ? end : begin + 1) + 1);
			print_sentence(out, r, colour);
			print_marked_line(out, &first, begin, end, colour);
		}
	}
	for (size_t i = 0; i < r->n_hints; i++) {
		str_add(out, "HINT: ");
		show(out, r->hints[i]);
		str_addc(out, '\n');
	}
}

static bool want_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *wish = getenv("BPFTRACE_COLOR");

	if (wish && strcmp(wish, "always") == 0)
		return true;
	return isatty(fileno(out)) && !(no_color && *no_color) && !(wish && strcmp(wish, "never") == 0);
}

void diags_print(struct diags *d, FILE *out)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	bool coloured = want_colour(out);

	for (enum severity s = 0; s < N_SEVERITIES; s++)
		for (size_t i = 0; i < d->n; i++)
			if (d->reports[i].severity == s)
				print_report(&text, &d->reports[i], coloured);
	if (text.len)
		fwrite(text.s, 1, text.len, out);
	fflush(out);
	forget(d);
}
