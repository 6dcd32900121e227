/* catalog.c - the rows of features, where nothing can be asked of tracefs; and how facts become JSON. */

#include "out/out.h"
#include "trace/trace.h"
#include "unit.h"

/* What cannot be asked is unknown, never no, and says why; every row has its texts, every name its place. */
static void test_without_tracefs(void)
{
	struct catalog *c = catalog_new_without("the reason");
	const char *why = NULL;
	struct feature_info f;
	unsigned n = 0, unknown = 0;

	for (; catalog_info(c, n, &f); n++) {
		CHECK(f.group && *f.group && f.name && *f.name && f.use && *f.use && f.without && *f.without);
		CHECK(f.answer == ANSWER_YES || f.why);
		if (strcmp(f.group, "kernel probes") == 0) {
			CHECK(f.answer == ANSWER_UNKNOWN && !f.asked && strcmp(f.why, "the reason") == 0);
			unknown++;
		}
	}
	CHECK(n > 60 && unknown > 10);
	CHECK(!catalog_has(c, FEATURE_UPROBES, &why) && why && strcmp(why, "the reason") == 0);
	for (enum feature id = FEATURE_TRACEFS; id < N_FEATURES; id++)
		catalog_has(c, id, NULL);	/* each has a row */
	catalog_free(c);
}

static void test_object(void)
{
	_cleanup_(str_release) struct str s = STR_INIT;
	const struct out_field fields[] = {
		{ "a", "x\"y\\z" }, { "left out", NULL }, { "b", "\n\x1b\xff\xc3\xa9" },
	};

	out_object(&s, fields, ARRAY_LEN(fields));
	CHECK(strcmp(s.s, "{\"a\":\"x\\\"y\\\\z\",\"b\":\"\\u000a\\u001b\\u00ff\xc3\xa9\"}\n") == 0);
	str_clear(&s);
	out_object(&s, fields + 1, 2);
	CHECK(strncmp(s.s, "{\"b\":", 5) == 0);
}

int main(void)
{
	test_without_tracefs();
	test_object();
	return unit_end();
}
