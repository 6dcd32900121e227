/* info.c - `trapline info`: what this kernel offers.
 *
 * A line for each row of the catalog, by groups. The catalog asks the kernel by trying (trace/trial.c); what
 * could not be asked, because we are not root or there is no tracefs, is "unknown", never "no".
 */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/opt.h"

/* Columns of the text: name, answer, and what follows. */
#define NAME_WIDTH 20
#define ANSWER_WIDTH 11
#define INDENT (2 + NAME_WIDTH + ANSWER_WIDTH)
#define SCREEN 80

struct info {
	bool verbose, json;
	const char *group;		/* of the row that was printed last */
	const char **said;		/* reasons why something is not known */
	size_t n_said;
};

static bool set_verbose(void *ctx, const char *value, struct diags *d)
{
	((struct info *)ctx)->verbose = true;
	return true;
}

static bool set_format(void *ctx, const char *value, struct diags *d)
{
	bool json = strcmp(value, "json") == 0;

	if (!json && strcmp(value, "text") != 0) {
		diag_error(d, NO_SPAN, "Invalid output format \"%s\"", value);
		return diag_hint(d, "formats are: %s", out_formats());
	}
	((struct info *)ctx)->json = json;
	return true;
}

static const struct opt options[] = {
	{ 'v', "verbose", NULL, "show how each was asked: the very line that was written", set_verbose },
	{ 'f', "format", "FORMAT", "text or json", set_format },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline info [-v] [-f FORMAT]",
	.about = "Says what this kernel offers, and what is missing for what. The kernel is asked by trying: by "
		 "definitions that are never enabled, and by settings of an instance of its own; all of it is taken\n"
		 "back at once. Without root it says what can be known, and why the rest cannot.",
	.opts = options,
};

static const char *const words[] = {
	[ANSWER_UNKNOWN] = "unknown", [ANSWER_YES] = "yes", [ANSWER_NO] = "no",
};

/* ---- text ---- */

void info_add_clean(struct str *s, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\\");

		str_add_scrubbed(s, text, n, 0);
		text += n;
		if (*text)
			str_addc(s, *text++);
	}
}

/* Breaks between words so that the screen's width is kept; a word that is wider stands by itself. */
static void add_wrapped(struct str *s, const char *label, const char *text)
{
	_cleanup_(str_release) struct str clean = STR_INIT;
	unsigned column = INDENT;
	char *rest, *word;

	str_add(&clean, label);
	info_add_clean(&clean, text);
	rest = clean.s;
	while ((word = strsep(&rest, " "))) {
		unsigned width = str_width(word, strlen(word));

		if (column > INDENT && column + 1 + width > SCREEN) {
			str_addf(s, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			str_addc(s, ' ');
			column++;
		}
		str_add(s, word);
		column += width;
	}
	str_addc(s, '\n');
}

static void add_below(struct str *s, const char *label, const char *text)
{
	str_addf(s, "%*s", INDENT, "");
	add_wrapped(s, label, text);
}

/* What keeps many rows from being asked is said at the first of them. The kernel's own no is always said. */
static bool is_news(struct info *info, const struct feature_info *f)
{
	if (f->answer == ANSWER_NO && f->asked)
		return true;
	for (size_t i = 0; i < info->n_said; i++)
		if (strcmp(info->said[i], f->why) == 0)
			return false;
	*MEM_PUSH(info->said, info->n_said) = f->why;
	return true;
}

static void add_text(struct info *info, const struct feature_info *f, struct str *s)
{
	const char *answer = f->value ? f->value : words[f->answer];

	if (!info->group || strcmp(info->group, f->group) != 0)
		str_addf(s, "%s%s\n", info->group ? "\n" : "", f->group);
	info->group = f->group;
	str_addf(s, "  %-*s%-*s", NAME_WIDTH, f->name, ANSWER_WIDTH, answer);
	if (strlen(answer) >= ANSWER_WIDTH)
		str_addf(s, "\n%*s", INDENT, "");
	add_wrapped(s, "", f->use);
	if (f->answer != ANSWER_YES && f->why && is_news(info, f)) {
		add_below(s, f->answer == ANSWER_NO ? "because: " : "not known: ", f->why);
		if (f->answer == ANSWER_NO)
			add_below(s, "so: ", f->without);
	}
	if (info->verbose && f->asked) {
		str_add(s, "    $ ");
		info_add_clean(s, f->asked);
		str_addc(s, '\n');
	}
}

/* ---- json ---- */

static void add_json(const struct feature_info *f, struct str *s)
{
	const struct out_field fields[] = {
		{ "type", "feature" },
		{ "group", f->group },
		{ "name", f->name },
		{ "answer", words[f->answer] },
		{ "value", f->value },
		{ "use", f->use },
		{ "asked", f->asked },
		{ "why", f->why },
		{ "without", f->answer == ANSWER_NO ? f->without : NULL },
	};

	out_object(s, fields, ARRAY_LEN(fields));
}

static void add_kernel(bool json, struct str *s)
{
	struct utsname u = { 0 };
	const struct out_field fields[] = {
		{ "type", "kernel" }, { "release", u.release }, { "version", u.version }, { "machine", u.machine },
	};

	uname(&u);
	if (json)
		out_object(s, fields, ARRAY_LEN(fields));
	else
		str_addf(s, "Linux %s, %s\n\n", u.release, u.machine);
}

/* ---- asking ---- */

static void ask_all(struct info *info, struct catalog *c, struct str *s)
{
	struct feature_info f;

	for (unsigned n = 0; catalog_info(c, n, &f); n++) {
		if (info->json)
			add_json(&f, s);
		else
			add_text(info, &f, s);
	}
}

static void print_info(struct info *info)
{
	_cleanup_(str_release) struct str why = STR_INIT, todo = STR_INIT, text = STR_INIT;
	struct clean_report ignored;
	struct tracefs *t;
	struct catalog *c;
	sigset_t before;

	trial_hold_signals(&before);
	add_kernel(info->json, &text);
	t = tracefs_find(&why, &todo);
	if (t)
		clean_dead(t, &ignored, NULL);
	if (todo.len)
		str_addf(&why, "; %s", todo.s);
	c = t ? catalog_new(t) : catalog_new_without(why.s);
	ask_all(info, c, &text);
	free(info->said);
	catalog_free(c);
	tracefs_close(t);
	trial_let_signals(&before);
	fputs(text.s, stdout);
}

int cmd_info(int argc, char **argv)
{
	struct info info = { 0 };
	struct diags *d = diags_new();
	enum opt_result parsed = opt_parse(&command, argc, argv, &info, d);

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	else if (parsed == OPT_OK)
		print_info(&info);
	diags_print(d, stderr);
	diags_free(d);
	return parsed == OPT_ERROR ? 1 : 0;
}
