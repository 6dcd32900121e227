/* opt.c - command lines, and what they mean or why they mean nothing; --help. */
#include "unit.h"

#include <stdlib.h>

#include "base/opt.h"
#include "base/str.h"

/* The setters write down what they are told, in order. */
static bool set_pid(void *ctx, const char *value, struct diags *d)
{
	unsigned long long pid;

	if (!opt_number(value, "PID", 1, 4194304, &pid, d))
		return false;
	str_addf(ctx, "pid=%llu ", pid);
	return true;
}

static bool set_filter(void *ctx, const char *value, struct diags *d)
{
	str_addf(ctx, "filter=%s ", value);
	return true;
}

static bool set_quiet(void *ctx, const char *value, struct diags *d)
{
	str_addf(ctx, "quiet%s ", value ? "?" : "");
	return true;
}

static bool set_follow(void *ctx, const char *value, struct diags *d)
{
	str_add(ctx, "follow ");
	return true;
}

static bool positional(void *ctx, const char *word, struct diags *d)
{
	if (strcmp(word, "bad") == 0)
		return diag_error(d, NO_SPAN, "bad word");
	str_addf(ctx, "[%s] ", word);
	return true;
}

static const struct opt opts[] = {
	{ 'p', "pid", "PID", "only the process PID", set_pid },
	{ 'q', "quiet", NULL, "no header and no notes, so that the output can be given to another program "
	  "without a line that must be skipped", set_quiet },
	{ 'v', NULL, NULL, "a switch without a long name\n.second line", set_quiet },
	{ 0, "filter", "EXPR", "only hits for which EXPR is true", set_filter },
	{ 0, "follow", NULL, "children too", set_follow },
	{ 0, "a-very-long-option-name", "AND-VALUE", "beside its help there is no room", set_filter },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline probe [options] DEFINITION...\ntrapline probe --help",
	.about = "Shows each hit of a probe.",
	.opts = opts,
	.positional = positional,
	.more = "EXAMPLES:\n    trapline probe x",
};

/* What came of a command line: the calls, then how it ended. Words are separated by `|`. */
static const char *parsed(const struct opt_command *c, const char *line)
{
	static struct str s;
	static const char *const ends[] = { [OPT_OK] = "ok", [OPT_ERROR] = "", [OPT_HELP] = "help" };
	struct diags *d = diags_new();
	enum opt_result result;
	char *argv[20], *copy = mem_strdup(line), *rest = copy, *report;
	size_t n;
	FILE *f;
	int argc = 0;

	while (rest)
		argv[argc++] = strsep(&rest, "|");
	str_clear(&s);
	result = opt_parse(c, argc, argv, &s, d);
	CHECK((result == OPT_ERROR) == (diags_errors(d) == 1));
	str_add(&s, ends[result]);
	f = open_memstream(&report, &n);
	diags_print(d, f);
	fclose(f);
	str_add(&s, report);
	free(report);
	free(copy);
	diags_free(d);
	return s.s;
}

static void test_right(void)
{
	CHECK_STR(parsed(&command, "probe"), "ok");
	CHECK_STR(parsed(&command, "probe|-p|1|-p2|--pid|3|--pid=4|--pi=5"),
		  "pid=1 pid=2 pid=3 pid=4 pid=5 ok");
	CHECK_STR(parsed(&command, "probe|-qvp7|-qq"), "quiet quiet pid=7 quiet quiet ok");
	/* in order: a filter belongs to the definition before it */
	CHECK_STR(parsed(&command, "probe|p a|--filter|x == 1|p b|--filter=y=2|-q|-"),
		  "[p a] filter=x == 1 [p b] filter=y=2 quiet [-] ok");
	CHECK_STR(parsed(&command, "probe|a|--|-q|--|b"), "[a] [-q] [--] [b] ok");
	CHECK_STR(parsed(&command, "probe|--filter|-1|--filter=|"), "filter=-1 filter= [] ok");
	CHECK_STR(parsed(&command, "probe|a|-h|--nonsense"), "[a] help");
	CHECK_STR(parsed(&command, "probe|-qh"), "quiet help");
	CHECK_STR(parsed(&command, "probe|--help"), "help");
	CHECK_STR(parsed(&command, "probe|--he"), "help");
}

static void test_wrong(void)
{
	struct opt_command lone = { .usage = "x" };

	CHECK_STR(parsed(&command, "probe|--folow"),
		  "ERROR: unknown option '--folow'; did you mean '--follow'?\n");
	CHECK_STR(parsed(&command, "probe|--frobnicate=3"),
		  "ERROR: unknown option '--frobnicate'; '--help' lists them\n");
	CHECK_STR(parsed(&command, "probe|-x"), "ERROR: unknown option '-x'; '--help' lists them\n");
	CHECK_STR(parsed(&command, "probe|-q\xc3\xa9"),
		  "quiet ERROR: unknown option '-\xc3\xa9'; '--help' lists them\n");
	CHECK_STR(parsed(&command, "probe|--f"), "ERROR: option '--f' could be '--filter', '--follow'\n");
	CHECK_STR(parsed(&command, "probe|--="), "ERROR: unknown option '--'; '--help' lists them\n");
	CHECK_STR(parsed(&command, "probe|-p"), "ERROR: option '-p' wants PID\n");
	CHECK_STR(parsed(&command, "probe|-qp"), "quiet ERROR: option '-p' wants PID\n");
	CHECK_STR(parsed(&command, "probe|--pid"), "ERROR: option '--pid' wants PID\n");
	CHECK_STR(parsed(&command, "probe|--quiet=1"), "ERROR: option '--quiet' takes no value\n");
	CHECK_STR(parsed(&command, "probe|--help=1"), "ERROR: option '--help' takes no value\n");
	CHECK_STR(parsed(&command, "probe|-p|0|a"),
		  "ERROR: PID must be a whole number from 1 to 4194304, not '0'\n");
	CHECK_STR(parsed(&command, "probe|-p|x"),
		  "ERROR: PID must be a whole number from 1 to 4194304, not 'x'\n");
	CHECK_STR(parsed(&command, "probe|bad|a"), "ERROR: bad word\n");
	CHECK_STR(parsed(&command, "probe|--\033[m"),
		  "ERROR: unknown option '--\\x1b[m'; '--help' lists them\n");
	CHECK_STR(parsed(&lone, "x|y"), "ERROR: what is 'y' for? Only options are expected here\n");
	CHECK_STR(parsed(&lone, "x|--help"), "help");
}

static void test_seconds(void)
{
	static const struct { const char *text; bool ok; uint64_t ns; } rows[] = {
		{ "2", true, 2000000000 },
		{ "0.5", true, 500000000 },
		{ "1.5", true, 1500000000 },
		{ ".25", true, 250000000 },
		{ "3.", true, 3000000000 },
		{ "0", true, 0 },
		{ "0.0000000019", true, 1 },
		{ "18446744073.709551615", true, UINT64_MAX },
		{ "18446744073.709551616", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ ".", false, 0 },
		{ "1s", false, 0 },
		{ "-1", false, 0 },
		{ "1e3", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct diags *d = diags_new();
		uint64_t ns = 0;

		CHECK(opt_seconds(rows[i].text, "SECONDS", &ns, d) == rows[i].ok);
		CHECK(ns == rows[i].ns);
		CHECK_INT(diags_errors(d), !rows[i].ok);
		diags_free(d);
	}
}

static void test_help(void)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	opt_help(&command, f);
	fclose(f);
	CHECK_STR(text, "USAGE:\n"
			"    trapline probe [options] DEFINITION...\n"
			"    trapline probe --help\n"
			"\n"
			"Shows each hit of a probe.\n"
			"\n"
			"OPTIONS:\n"
			"    -p, --pid PID      only the process PID\n"
			"    -q, --quiet        no header and no notes, so that the output can be given\n"
			"                       to another program without a line that must be skipped\n"
			"    -v                 a switch without a long name\n"
			"                       .second line\n"
			"        --filter EXPR  only hits for which EXPR is true\n"
			"        --follow       children too\n"
			"        --a-very-long-option-name AND-VALUE\n"
			"                       beside its help there is no room\n"
			"    -h, --help         show this help\n"
			"\n"
			"EXAMPLES:\n"
			"    trapline probe x\n");
	free(text);
}

int main(void)
{
	test_right();
	test_wrong();
	test_seconds();
	test_help();
	return unit_end();
}
