/* diag.c - each test is a mistake and the whole message that must come of it. */
#include "unit.h"

#include <stdlib.h>

#include "base/diag.h"

/* What is printed now; owned by the caller of the test until the next call. */
static const char *printed(struct diags *d)
{
	static char *text;
	size_t n;
	FILE *f;

	free(text);
	f = open_memstream(&text, &n);
	diags_print(d, f);
	fclose(f);
	return text;
}

/* An error at bytes begin..end-1 of text. */
static const char *error_at(const char *text, unsigned begin, unsigned end, const char *message)
{
	struct source src = { "stdin", text };
	struct diags *d = diags_new();
	const char *p;

	diag_error(d, (struct span){ &src, begin, end }, "%s", message);
	p = printed(d);
	diags_free(d);
	return p;
}

static void test_places(void)
{
	struct source src = { "definition", "r:readline /usr/bin/bash:readlien" };
	struct diags *d = diags_new();

	CHECK(!diag_error(d, (struct span){ &src, 25, 33 }, "no function '%s' in %s", "readlien",
			  "/usr/bin/bash"));
	CHECK(!diag_hint(d, "did you mean '%s'?", "readline"));
	CHECK(!diag_hint(d, "or not?"));
	CHECK_STR(printed(d), "definition:1:26-34: ERROR: no function 'readlien' in /usr/bin/bash\n"
			      "r:readline /usr/bin/bash:readlien\n"
			      "                         ~~~~~~~~\n"
			      "HINT: did you mean 'readline'?\n"
			      "HINT: or not?\n");
	CHECK_STR(printed(d), "");		/* forgotten */
	CHECK_INT(diags_errors(d), 1);		/* but counted */
	diags_free(d);
	diags_free(NULL);

	/* the second line of two; an empty span; the end of the text; beyond it */
	CHECK_STR(error_at("one\ntwo x\n", 8, 9, "m"), "stdin:2:5-6: ERROR: m\ntwo x\n    ~\n");
	CHECK_STR(error_at("abc", 1, 1, "m"), "stdin:1:2-3: ERROR: m\nabc\n ~\n");
	CHECK_STR(error_at("abc", 3, 3, "m"), "stdin:1:4-5: ERROR: m\nabc\n   ~\n");
	CHECK_STR(error_at("abc", 70, 90, "m"), "stdin:1:4-5: ERROR: m\nabc\n   ~\n");
	CHECK_STR(error_at("abc", 2, 1, "m"), "stdin:1:3-4: ERROR: m\nabc\n  ~\n");
	CHECK_STR(error_at("", 0, 0, "m"), "stdin:1:1-2: ERROR: m\n\n~\n");
	/* several lines: no marks */
	CHECK_STR(error_at("a\nb {\nc\n}\nd", 2, 9, "m"), "stdin:2-4: ERROR: m\nb {\nc\n}\n");
	CHECK_STR(error_at("a\nb\n", 0, 2, "m"), "stdin:1:1-3: ERROR: m\na\n~\n");
}

static void test_columns(void)
{
	/* the marks follow what is shown: tabs, accents, wide characters, escapes */
	CHECK_STR(error_at("\ta\tb", 3, 4, "m"), "stdin:1:4-5: ERROR: m\n    a    b\n         ~\n");
	CHECK_STR(error_at("a\tb", 1, 2, "m"), "stdin:1:2-3: ERROR: m\na    b\n ~~~~\n");
	CHECK_STR(error_at("caf\xc3\xa9 x", 6, 7, "m"), "stdin:1:7-8: ERROR: m\ncaf\xc3\xa9 x\n     ~\n");
	CHECK_STR(error_at("\xe4\xb8\xad x", 4, 5, "m"), "stdin:1:5-6: ERROR: m\n\xe4\xb8\xad x\n   ~\n");
	CHECK_STR(error_at("e\xcc\x81 x", 4, 5, "m"), "stdin:1:5-6: ERROR: m\ne\xcc\x81 x\n  ~\n");
	CHECK_STR(error_at("\033[1m x", 5, 6, "m"), "stdin:1:6-7: ERROR: m\n\\x1b[1m x\n        ~\n");
	CHECK_STR(error_at("\xff\xc2\x9b x", 4, 5, "m"),
		  "stdin:1:5-6: ERROR: m\n\\xff\\xc2\\x9b x\n             ~\n");
	CHECK_STR(error_at("a\\b x", 4, 5, "m"), "stdin:1:5-6: ERROR: m\na\\b x\n    ~\n");
	CHECK_STR(error_at("a\r\nb", 3, 4, "m"), "stdin:2:1-2: ERROR: m\nb\n~\n");
}

static void test_strangers(void)
{
	CHECK_STR(error_at("x", 0, 1, "no '\033]0;x\a\n\tERROR'"),
		  "stdin:1:1-2: ERROR: no '\\x1b]0;x\\x07\\n\\tERROR'\nx\n~\n");
	CHECK_STR(error_at("x", 0, 1, "a \\n stays"), "stdin:1:1-2: ERROR: a \\n stays\nx\n~\n");
}

static void test_colour(void)
{
	setenv("BPFTRACE_COLOR", "always", 1);
	CHECK_STR(error_at("abc", 1, 2, "m"), "stdin:1:2-3: \033[31mERROR\033[0m: m\nabc\n \033[31m~\033[0m\n");
	setenv("BPFTRACE_COLOR", "auto", 1);	/* this is no terminal */
	CHECK_STR(error_at("abc", 1, 2, "m"), "stdin:1:2-3: ERROR: m\nabc\n ~\n");
	unsetenv("BPFTRACE_COLOR");
}

static void test_order(void)
{
	struct diags *d = diags_new();

	CHECK(!diag_hint(d, "a hint about nothing"));
	diag_warn(d, NO_SPAN, "first");
	diag_hint(d, "of the first");
	CHECK_INT(diags_errors(d), 0);
	diag_error(d, NO_SPAN, "second");
	diag_warn(d, NO_SPAN, "third");
	diag_error(d, NO_SPAN, "fourth");
	diag_hint(d, "of the fourth");
	CHECK_INT(diags_errors(d), 2);
	CHECK_STR(printed(d), "ERROR: second\nERROR: fourth\nHINT: of the fourth\n"
			      "WARNING: first\nHINT: of the first\nWARNING: third\n");
	diag_error(d, NO_SPAN, "never printed");
	diag_hint(d, "nor this");
	CHECK_INT(diags_errors(d), 3);
	diags_free(d);
}

int main(void)
{
	test_places();
	test_columns();
	test_strangers();
	test_colour();
	test_order();
	return unit_end();
}
