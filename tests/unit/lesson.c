/* The layout of explanations: 80 columns, lines that still work when pasted, valid JSON. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out/out.h"
#include "unit.h"

static const char *const columns[] = { "field", "why", NULL };
static const char *cells[] = {
	"a=+0(%di):string", "the value",
	"_g=%di:x64", "a guard: a pointer on the way, and so many words about it that the line has to be broken somewhere",
	NULL, "nothing in the first",
};
static struct note notes[] = {
	{ .kind = NOTE_TEXT, .text = "A paragraph that is longer than a line of a terminal has room, and so goes on in "
				     "the next one, where it began." },
	{ .kind = NOTE_FACT, .key = "file", .label = "file", .text = "/tmp/a\033[2Jb\"c\\d" },
	{ .kind = NOTE_NUMBER, .key = "value", .label = "value", .text = "0x1139", .number = 0x1139 },
	{ .kind = NOTE_NUMBER, .key = "large", .label = "large", .text = "?", .number = UINT64_MAX },
	{ .kind = NOTE_TABLE, .key = "fields", .columns = columns, .cells = cells, .n_rows = 3 },
	{ .kind = NOTE_COMMAND, .text = "printf '%s\\n' 'p:group/event /usr/bin/some/long/path/to/a/program:0x1139 "
					"a=%di:s32 b=%si:s32' >> /sys/kernel/tracing/uprobe_events" },
};

/* What a format makes of the lesson, owned by the caller. */
static char *shown(const char *format, unsigned number)
{
	struct lesson lesson = { .number = number, .probe = "one", .key = "captures", .title = "What is fetched",
				 .notes = notes, .n_notes = ARRAY_LEN(notes) };
	int fds[2];
	char *text = mem_alloc(65536);
	struct out_options o = { .format = format };
	struct out *out;

	CHECK(pipe(fds) == 0);
	o.fd = fds[1];
	out = out_new(&o);
	out_lesson(out, &lesson);
	CHECK(out_flush(out) == 0);
	out_free(out);
	close(fds[1]);
	CHECK(read(fds[0], text, 65535) > 0);
	close(fds[0]);
	return text;
}

static void test_text(void)
{
	char *text = shown("text", 7), *rest, *line;

	CHECK(strncmp(text, "\n7. What is fetched\n\n  A paragraph that", 38) == 0);
	CHECK(strstr(text, "/tmp/a\\x1b[2Jb\"c\\d\n"));
	CHECK(strstr(text, "    value           0x1139\n"));
	CHECK(strstr(text, "    field             why\n    a=+0(%di):string  the value\n"));
	CHECK(strstr(text, "                      nothing in the first\n"));
	CHECK(strstr(text, "    $ printf '%s\\n' \\\n        'p:group/event "));
	CHECK(strstr(text, " b=%si:s32' \\\n        >> /sys/kernel/tracing/uprobe_events\n"));
	for (rest = text; (line = strsep(&rest, "\n"));)
		CHECK(strlen(line) <= 80 || strstr(line, "'p:group/event"));
	free(text);
	text = shown("text", 1);
	CHECK(strncmp(text, "1. What", 7) == 0);
	free(text);
}

static void test_json(void)
{
	char *text = shown("json", 7);

	CHECK(strncmp(text, "{\"type\":\"explain\",\"number\":7,\"step\":\"captures\",\"probe\":\"one\",", 60) == 0);
	CHECK(strstr(text, "\"facts\":{\"file\":\"/tmp/a\\u001b[2Jb\\\"c\\\\d\",\"value\":4409,\"large\":\"18446744073709551615\","));
	CHECK(strstr(text, "\"fields\":[{\"field\":\"a=+0(%di):string\",\"why\":\"the value\"},"));
	CHECK(strstr(text, ",{\"why\":\"nothing in the first\"}]"));
	CHECK(strstr(text, "\"text\":[\"A paragraph"));
	CHECK(strstr(text, "\"commands\":[\"printf '%s\\\\n' 'p:group"));
	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
	free(text);
}

int main(void)
{
	test_text();
	test_json();
	return unit_end();
}
