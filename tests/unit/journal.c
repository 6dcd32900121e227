/* journal.c - what the journal says must be read back as it was meant, and nothing else be believed. */
#include "unit.h"

#include <unistd.h>

#include "trace/internal.h"

static void test_round_trip(struct arena *a)
{
	static const struct undo undos[] = {
		{ UNDO_DELETE, "uprobe_events", "trapline_471_8812/readline_471_0" },
		{ UNDO_RMDIR, "instances/trapline_471_8812", NULL },
		{ UNDO_WRITE, "instances/x/tracing_on", "0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(undos); i++) {
		struct str line = STR_INIT;
		struct undo u;

		undo_print(&undos[i], &line);
		CHECK(line.len > 0 && line.s[line.len - 1] == '\n');
		CHECK(undo_parse(a, line.s, &u));
		CHECK_INT(u.kind, undos[i].kind);
		CHECK_STR(u.file, undos[i].file);
		CHECK((u.text == NULL) == (undos[i].text == NULL));
		if (u.text && undos[i].text)
			CHECK_STR(u.text, undos[i].text);
		str_release(&line);
	}
}

/* Whatever is cut off or points out of tracefs is refused. */
static void test_bad_lines(struct arena *a)
{
	static const char *const bad[] = {
		"", "\n", "delete", "delete ", "delete uprobe_events", "delete uprobe_events ", "rmdir",
		"rmdir \n", "rmdir /etc", "rmdir ../x", "rmdir instances/../../x", "format /dev/sda x",
		"rmdirinstances/x",
	};
	struct undo u;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (undo_parse(a, bad[i], &u))
			printf("accepted: \"%s\"\n", bad[i]);
		CHECK(!undo_parse(a, bad[i], &u));
	}
}

static void test_names(void)
{
	static const char *const bad[] = {
		"", "trapline", "trapline_", "trapline_1", "trapline_1_", "trapline__1", "trapline_1_2x",
		"trapline_1_2_3", "trapline_-1_2", "trapline_ 1_2", "trapline_+1_2", "trapline_0_2",
		"trapline_99999999999_2", "trapline_1_99999999999999999999999", "Trapline_1_2",
		"xtrapline_1_2", "trapline_0x1_2",
	};
	uint64_t start;
	pid_t pid;

	CHECK(session_name_parse("trapline_471_8812", &pid, &start));
	CHECK_INT(pid, 471);
	CHECK_INT(start, 8812);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (session_name_parse(bad[i], &pid, &start))
			printf("accepted: \"%s\"\n", bad[i]);
		CHECK(!session_name_parse(bad[i], &pid, &start));
	}
}

static void test_own_name(struct arena *a)
{
	uint64_t start, now;
	pid_t pid;

	CHECK(session_name_parse(session_name(a), &pid, &start));
	CHECK_INT(pid, getpid());
	CHECK(os_start_time(pid, &now) == 0 && now == start);
}

int main(void)
{
	struct arena *a = arena_new();

	test_round_trip(a);
	test_bad_lines(a);
	test_names();
	test_own_name(a);
	arena_free(a);
	return unit_end();
}
