/* text.c - the text of traces, as kernels from 3.2 to 7.2, trace-cmd, perf and perf-tools wrote it, becomes the
 * records of tests/text/NAME.json; then single lines, and what becomes of lines that are no records. */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/os.h"
#include "out/out.h"
#include "trace/trace.h"

/* ---- text in, JSON out ---- */

static struct text *text;
static struct out *out;
static char said[4096];			/* what could not be read */
static struct text_sum sum;

static bool take_record(void *ctx, const struct record *r)
{
	out_record(out, r);
	return true;
}

static bool take_lost(void *ctx, const struct lost *l)
{
	out_lost(out, l);
	return true;
}

static const char *place(void *ctx, bool ret, size_t *n)
{
	return text_place(text, ret, n);
}

static void feed(const char *s, size_t n, size_t piece)
{
	for (size_t at = 0; at < n;) {
		size_t room, part = n - at < piece ? n - at : piece;
		char *where = text_room(text, &room);

		part = part < room ? part : room;
		memcpy(where, s + at, part);
		CHECK(text_added(text, part));
		at += part;
	}
}

/* The records of the text as lines of JSON, read in pieces of so many bytes; with the places where they were hit. */
static const char *parsed(const char *s, size_t n, size_t piece, const char *format, bool address)
{
	static char *result;
	struct sink sink = { NULL, take_record, take_lost, NULL };
	int fd = memfd_create("parsed", 0);
	struct out_options opt = { .format = format, .fd = fd, .address = address, .place = place };
	off_t size;

	text = text_new(&sink);
	out = out_new(&opt);
	feed(s, n, piece);
	CHECK(text_end(text));
	CHECK_INT(out_flush(out), 0);
	sum = *text_sum(text);
	said[0] = '\0';
	for (unsigned i = 0; i < sum.n_first; i++)
		snprintf(said + strlen(said), sizeof(said) - strlen(said), "%llu:%.*s;",
			 (unsigned long long)sum.first[i].line, (int)sum.first[i].len, sum.first[i].text);
	text_free(text);
	out_free(out);
	size = lseek(fd, 0, SEEK_END);
	result = mem_resize(result, (size_t)size + 1);
	CHECK_INT(pread(fd, result, (size_t)size, 0), size);
	result[size] = '\0';
	close(fd);
	return result;
}

/* ---- samples ---- */

static unsigned lines_in(const char *s, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '\n';
	return n;
}

static unsigned lines_of(const char *s)
{
	return lines_in(s, strlen(s));
}

/* Shows the first line that differs. */
static void compare(const char *name, const char *got, const char *want)
{
	unsigned line = 1;
	size_t at = 0, n;

	if (strcmp(got, want) == 0)
		return;
	for (n = 0; got[n] && got[n] == want[n]; n++)
		if (got[n] == '\n') {
			line++;
			at = n + 1;
		}
	unit_failures++;
	printf("tests/text/%s, record %u\ngot  %.*s\nwant %.*s\n", name, line, (int)strcspn(got + at, "\n"), got + at,
	       (int)strcspn(want + at, "\n"), want + at);
}

static void test_sample(const char *name)
{
	static const size_t pieces[] = { 1, 100, 4096 };
	struct str path = STR_INIT, sample = STR_INIT, want = STR_INIT;

	str_addf(&path, "tests/text/%s", name);
	CHECK_INT(os_read_file(AT_FDCWD, path.s, &sample), 0);
	str_clear(&path);
	str_addf(&path, "tests/text/%.*s.json", (int)strlen(name) - 4, name);
	CHECK_INT(os_read_file(AT_FDCWD, path.s, &want), 0);
	compare(name, parsed(sample.s, sample.len, sample.len, "json", true), want.s ? want.s : "");
	CHECK_INT(sum.lines, lines_in(sample.s, sample.len));
	CHECK(sum.unread == 0 || str_starts(name, "graph"));
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		CHECK_INT(lines_of(parsed(sample.s, sample.len, pieces[i], "json", true)), lines_of(want.s));
	str_release(&path);
	str_release(&sample);
	str_release(&want);
}

static void test_samples(void)
{
	DIR *d = opendir("tests/text");
	struct dirent *e;
	unsigned n = 0;

	CHECK(d != NULL);
	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len > 4 && strcmp(e->d_name + len - 4, ".txt") == 0) {
			test_sample(e->d_name);
			n++;
		}
	}
	CHECK(n >= 32);
	if (d)
		closedir(d);
}

/* ---- single lines ---- */

/* The arguments of a body, as JSON, behind {"...": */
static const char *args_of(const char *body)
{
	static char line[2048];
	const char *p;

	snprintf(line, sizeof(line), "            bash-4711    [001] d..2. 8123.401883: %s\n", body);
	p = strstr(parsed(line, strlen(line), sizeof(line), "json", false), "\"probe\":");
	if (!p)
		return NULL;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(p + 8, "\n") - 1, p + 8);
	return line;
}

static void test_bodies(void)
{
	static const struct {
		const char *body, *want;
	} rows[] = {
		{ "e: (0x55d0) a=1 b=-5 c=0x10", "\"e\",\"args\":{\"a\":1,\"b\":-5,\"c\":16}" },
		{ "e: (0x55d0)", "\"e\",\"args\":{}" },
		{ "e: (0x55d0) a=18446744073709551615 b=0xffffffffffffffff",
		  "\"e\",\"args\":{\"a\":\"18446744073709551615\",\"b\":\"18446744073709551615\"}" },
		{ "e: (0x55d0) a=-9223372036854775808", "\"e\",\"args\":{\"a\":-9223372036854775808}" },
		{ "e: (0x55d0) a={1,-2} b={0x1,0x2} c={\"x y\",\"\"} d='q' f={'a','b'}",
		  "\"e\",\"args\":{\"a\":[1,-2],\"b\":[1,2],\"c\":[\"x y\",\"\"],\"d\":\"q\",\"f\":[\"a\",\"b\"]}" },
		{ "e: (0x55d0) a=(fault) b=\"(fault)\"", "\"e\",\"args\":{\"a\":null,\"b\":\"(fault)\"}" },
		{ "e: (0x55d0) p=vfs_read+0x0/0x120 q=1", "\"e\",\"args\":{\"p\":\"vfs_read+0x0/0x120\",\"q\":1}" },
		{ "e: (0x55d0) a={1,2}x b={1,x}", "\"e\",\"args\":{\"text\":\"a={1,2}x b={1,x}\"}" },
		/* texts that hold something like a field */
		{ "e: (0x55d0) a=\"x b=1\" b=2", "\"e\",\"args\":{\"a\":\"x b=1\",\"b\":2}" },
		{ "e: (0x55d0) a=\"x\" a=1\" b=2", "\"e\",\"args\":{\"a\":\"x\\\" a=1\",\"b\":2}" },
		{ "e: (0x55d0) a=\"say \"x\"\" b=2", "\"e\",\"args\":{\"a\":\"say \\\"x\\\"\",\"b\":2}" },
		/* cut off */
		{ "e: (0x55d0) a=1 b=\"half of", "\"e\",\"args\":{\"a\":1,\"b\":\"half of..\"},\"guessed\":[\"b\"]" },
		/* static events */
		{ "sched_switch: prev_comm=a b=1 prev_pid=7 prev_state=R+ ==> next_comm=007 next_pid=0",
		  "\"sched_switch\",\"args\":{\"prev_comm\":\"a\",\"b\":1,\"prev_pid\":7,\"prev_state\":\"R+\","
		  "\"next_comm\":\"007\",\"next_pid\":0}" },
		{ "softirq_entry: vec=1 [action=TIMER]",
		  "\"softirq_entry\",\"args\":{\"vec\":1,\"action\":\"TIMER\"}" },
		{ "sched_wakeup: comm=x y pid=3 target_cpu=001",
		  "\"sched_wakeup\",\"args\":{\"comm\":\"x y\",\"pid\":3,\"target_cpu\":1}" },
		{ "e: a=1, b=2; c=x", "\"e\",\"args\":{\"a\":1,\"b\":2,\"c\":\"x\"}" },
		{ "kfree: ptr=0000000012345678 n=0", "\"kfree\",\"args\":{\"ptr\":\"0000000012345678\",\"n\":0}" },
		{ "e: some words x=1", "\"e\",\"args\":{\"text\":\"some words\",\"x\":1}" },
		{ "e: hello text=3 a=1", "\"e\",\"args\":{\"text_\":\"hello\",\"text\":3,\"a\":1}" },
		{ "e: mode=0644 cpu=003 n=00", "\"e\",\"args\":{\"mode\":\"0644\",\"cpu\":3,\"n\":\"00\"}" },
		{ "e: filename=123 n=123", "\"e\",\"args\":{\"filename\":\"123\",\"n\":123}" },
		{ "e: irq 5, x = 3, y = 0x4", "\"e\",\"args\":{\"text\":\"irq 5\",\"x\":3,\"y\":4}" },
		{ "e: a=0x70 (112) b=0xfffffffb (-5) c='x'(120) d=(7) e=0x7 (8)",
		  "\"e\",\"args\":{\"a\":112,\"b\":-5,\"c\":120,\"d\":7,\"e\":\"0x7 (8)\"}" },
		{ "e: work struct=ffff8f cpu=0", "\"e\",\"args\":{\"work struct\":\"ffff8f\",\"cpu\":0}" },
		{ "e: some words", "\"e\",\"args\":{\"text\":\"some words\"}" },
		{ "g:e: [FAILED TO PARSE] a=1", "\"g:e\",\"args\":{\"text\":\"[FAILED TO PARSE]\",\"a\":1}" },
		{ "tracing_mark_write: B|1|x y=2", "\"tracing_mark_write\",\"args\":{\"text\":\"B|1|x y=2\"}" },
		/* syscalls */
		{ "sys_openat(dfd: ffffff9c, filename: 7f10, flags: 241, mode: 1b6)",
		  "\"sys_openat\",\"args\":{\"dfd\":4294967196,\"filename\":32528,\"flags\":577,\"mode\":438}" },
		{ "sys_openat(dfd: 4294967196, filename: 42 \"/a, b: \"c\"\", flags: O_RDWR|O_SYNC, mode: 0666)",
		  "\"sys_openat\",\"args\":{\"dfd\":4294967196,\"filename\":42,\"filename_val\":\"/a, b: \\\"c\\\"\","
		  "\"flags\":\"O_RDWR|O_SYNC\",\"mode\":\"0666\"}" },
		{ "sys_getpid()", "\"sys_getpid\",\"args\":{}" },
		{ "sys_openat -> 0xfffffffffffffffe", "\"sys_openat\",\"args\":{\"ret\":\"18446744073709551614\"}" },
		{ "sys_enter: NR 33 (b, 1, 0, 7f, 7, 10)",
		  "\"sys_enter\",\"args\":{\"NR\":33,\"args\":[11,1,0,127,7,16]}" },
		{ "sys_exit: NR 33 = -2", "\"sys_exit\",\"args\":{\"NR\":33,\"ret\":-2}" },
		{ "sys_enter_fcntl:      fd: 0x8, cmd: 0x408",
		  "\"sys_enter_fcntl\",\"args\":{\"fd\":8,\"cmd\":1032}" },
		{ "sys_x(a: 0x1 \"s\", a_val: 3, a: 4)",
		  "\"sys_x\",\"args\":{\"a\":1,\"a_val\":\"s\",\"a_val_2\":3,\"a_2\":4}" },
		{ "syscalls:sys_enter_close: fd: 0x3", "\"syscalls:sys_enter_close\",\"args\":{\"fd\":3}" },
		{ "syscalls:sys_exit_close: 0x3", "\"syscalls:sys_exit_close\",\"args\":{\"ret\":3}" },
		/* trace-cmd's own words */
		{ "sched_wakeup: my:app:12 [120] success=1 CPU:012", "\"sched_wakeup\",\"args\":{\"comm\":\"my:app\","
		  "\"pid\":12,\"prio\":120,\"success\":1,\"target_cpu\":12}" },
		{ "sched_waking: a:12 [120]", "\"sched_waking\",\"args\":{\"comm\":\"a\",\"pid\":12,\"prio\":120}" },
		{ "sched_switch: a b:12 [120] D|K ==> :1:0 [-1]",
		  "\"sched_switch\",\"args\":{\"prev_comm\":\"a b\",\"prev_pid\":12,\"prev_prio\":120,"
		  "\"prev_state\":\"D|K\",\"next_comm\":\":1\",\"next_pid\":0,\"next_prio\":-1}" },
		/* the function tracer */
		{ "f(a=0x1, s=\"x (y)\") <-g", "\"function\",\"args\":{\"func\":\"f(a=0x1, s=\\\"x (y)\\\")\","
		  "\"parent\":\"g\"}" },
		{ "f+0x4 [ext4] <ffffffffc0> <-g", "\"function\",\"args\":{\"func\":\"f+0x4 [ext4] <ffffffffc0>\","
		  "\"parent\":\"g\"}" },
		{ "8,0 A R 1 + 8 <- (8,1) 1", "\"text\",\"args\":{\"text\":\"8,0 A R 1 + 8 <- (8,1) 1\"}" },
		{ "two words <-x", "\"text\",\"args\":{\"text\":\"two words <-x\"}" },
		{ "function: schedule", "\"function\",\"args\":{\"func\":\"schedule\"}" },
		{ "vfs_read <-ksys_read", "\"function\",\"args\":{\"func\":\"vfs_read\",\"parent\":\"ksys_read\"}" },
		{ "function:    vfs_read <-- ksys_read",
		  "\"function\",\"args\":{\"func\":\"vfs_read\",\"parent\":\"ksys_read\"}" },
		{ "1234:120:R ==> [000] 5:98:R bash",
		  "\"text\",\"args\":{\"text\":\"1234:120:R ==> [000] 5:98:R bash\"}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_STR(args_of(rows[i].body), rows[i].want);
		CHECK_INT(sum.unread, 0);
	}
}

/* Comm, pid, tid, cpu and time of a line, as JSON has them. */
static void test_heads(void)
{
	static const struct {
		const char *head;
		long long time;
		const char *comm;
		int tid, cpu;
		const char *pid;
	} rows[] = {
		{ "            bash-4711  [001] 8123.401883: ", 8123401883000, "bash", 4711, 1, "null" },
		{ "            bash-4711    [001] d..2 8123.401883: ", 8123401883000, "bash", 4711, 1, "null" },
		{ "            bash-4711    [001] d..2. 8123.401883: ", 8123401883000, "bash", 4711, 1, "null" },
		{ "            bash-4711    [001] dNh2.. 8123.401883123: ", 8123401883123, "bash", 4711, 1, "null" },
		{ "            bash-4711    ( 4700) [1023] .... 1: ", 1, "bash", 4711, 1023, "4700" },
		{ "            bash-4711    (-------) [000] .... 1: ", 1, "bash", 4711, 0, "null" },
		{ "bash-4711  [001] 8123.401883: ", 8123401883000, "bash", 4711, 1, "null" },
		{ "          <idle>-0     [000] d..2 0.000001: ", 1000, "<idle>", 0, 0, "null" },
		{ "           <...>-77    [000] d..2 0.5: ", 500000000, "<...>", 77, 0, "null" },
		{ "     Web Content-12    [000] d..2 0.5: ", 500000000, "Web Content", 12, 0, "null" },
		{ "       a-1 [002]-55    [003] d..2 0.5: ", 500000000, "a-1 [002]", 55, 3, "null" },
		{ "  a-1 [0] 1: e: -55    [003] d..2 0.5: ", 500000000, "a-1 [0] 1: e: ", 55, 3, "null" },
		{ "     [  1.2] x-77    [003] d..2 0.5: ", 500000000, "[  1.2] x", 77, 3, "null" },
		{ "kworker/u8:1-events_unbound-77 [003] d..2 0.5: ", 500000000, "kworker/u8:1-events_unbound", 77, 3,
		  "null" },
		{ "                -77    [003] d..2 0.5: ", 500000000, "", 77, 3, "null" },
		{ "    bash-4711    1d..2    12us+: ", 12000, "bash", 4711, 1, "null" },
		{ "    bash-4711    1d..2.   12us : ", 12000, "bash", 4711, 1, "null" },
		{ "    bash-4711    1d..2     12: ", 12, "bash", 4711, 1, "null" },
		{ "[   77.000001]     bash-4711    1d..2    12us+: ", 12000, "bash", 4711, 1, "null" },
		{ "bash  4711 [001]  8123.401883: ", 8123401883000, "bash", 4711, 1, "null" },
		{ "Web Content  4700/4711  [001]  8123.401883: ", 8123401883000, "Web Content", 4711, 1, "4700" },
		{ "bash  4711 [001]  8123.401883:     250000 ", 8123401883000, "bash", 4711, 1, "null" },
		/* --ts-diff */
		{ "            bash-4711  [001] 8123.401883: (+-615)  ", 8123401883000, "bash", 4711, 1, "null" },
		/* logs and mails */
		{ "Jan  1 12:00:00 host kernel:             bash-4711  [001] 0.5: ", 500000000, "bash", 4711, 1, "null" },
		{ "<4>[   12.345678][  T123]      Web Content-4711  [001] 0.5: ", 500000000, "Web Content", 4711, 1,
		  "null" },
		{ "[Mon Jan  1 12:00:00 2024]     bash-4711    1d..2    12us+: ", 12000, "bash", 4711, 1, "null" },
		{ "2024-01-01T12:00:00.5+01:00 h kernel: bash-4711  [001] 0.5: ", 500000000, "bash", 4711, 1, "null" },
		{ "01-01 12:00:00.000  12  13 I tag:             bash-4711  [001] 0.5: ", 500000000, "bash", 4711, 1,
		  "null" },
		{ "> >             bash-4711  [001] 0.5: ", 500000000, "bash", 4711, 1, "null" },
		{ "anything else |      Web Content-4711  [001] 0.5: ", 500000000, "Web Content", 4711, 1, "null" },
		{ "anything else |     bash-4711    1d..2    12us+: ", 12000, "bash", 4711, 1, "null" },
	};
	static char line[512], want[512];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(line, sizeof(line), "%se: (0x1) a=1\n", rows[i].head);
		snprintf(want, sizeof(want), "{\"type\":\"event\",\"time_ns\":%lld,\"comm\":\"%s\",\"pid\":%s,\"tid\":%d,"
			 "\"cpu\":%d,\"probe\":\"e\",\"args\":{\"a\":1}}\n",
			 rows[i].time, rows[i].comm, rows[i].pid, rows[i].tid, rows[i].cpu);
		CHECK_STR(parsed(line, strlen(line), sizeof(line), "json", false), want);
		CHECK_INT(sum.unread, 0);
	}
}

/* ---- lines that are no records ---- */

#define HEAD "            bash-4711    [001] d..2. 8123.401883: "

static void test_no_records(void)
{
	static const char lines[] =
		"# tracer: nop\n\nTracing uprobe f (p:f /bin/f:0x1). Ctrl-C to end.\ncpus=2\nCPU 1 is empty\n"
		"garbage \x01\x02\xff\n"
		HEAD "e: (0x1) a=1\n"
		"what is this\n"
		" 1)   1.234 us    |  vfs_read();\n"
		"vfs_read                            123\n"
		" => a_frame\n"
		"CPU:0 [LOST 5 EVENTS]\nCPU:1 [LOST EVENTS]\nCPU 2: 7 EVENTS DROPPED\n\nEnding tracing...\n";

	static const char pasted[] = HEAD "e: (0x1) s=\"ls\"\n^C\nroot@host:~# \n";
	static const char tables[] = "TRACE:\n 18 us       0)   0.668 us    |  f();\n ==========> |\n <========== |\n"
				     "{ pid:  1 } hitcount:   2\nTotals:\n    Hits: 2\ncapturing trace... done\n";

	CHECK(strstr(parsed(pasted, strlen(pasted), 4096, "json", false), "\"args\":{\"s\":\"ls\"}}") != NULL);
	CHECK_STR(said, "2:^C;3:root@host:~# ;");
	parsed(tables, strlen(tables), 4096, "json", false);
	CHECK_INT(sum.unread, 6);
	CHECK_INT(sum.n_reasons, 2);
	CHECK_INT(sum.reasons[0].lines, 3);
	CHECK_INT(sum.reasons[1].lines, 3);
	CHECK_INT(lines_of(parsed(lines, sizeof(lines) - 1, sizeof(lines), "json", false)), 4);
	CHECK_INT(sum.records, 1);
	CHECK_INT(sum.losses, 3);
	CHECK_INT(sum.lost, 12);
	CHECK_INT(sum.unread, 5);
	CHECK_STR(said, "6:garbage \x01\x02\xff;8:what is this;9: 1)   1.234 us    |  vfs_read();;"
			"10:vfs_read                            123;11: => a_frame;");
}

/* Lines behind a record that can only belong to its text. */
static void test_continued(void)
{
	static const struct {
		const char *lines, *want;
	} rows[] = {
		{ HEAD "e: (0x1) s=\"a\nb\" n=1\n", "\"s\":\"a\\nb\",\"n\":1}}\n" },
		{ HEAD "e: (0x1) s=\"a\n\n# x\n\" n=1\n", "\"s\":\"a\\n\\n# x\\n\",\"n\":1}}\n" },
		{ HEAD "e: (0x1) s=\"a\nCPU:0 [LOST 5 EVENTS]\n\"\n", "\"s\":\"a\\nCPU:0 [LOST 5 EVENTS]\\n\"}}\n" },
		{ HEAD "e: (0x1) s=\"a\nCPU:0 [LOST 5 EVENTS]\n" HEAD "e: (0x1) s=\"b\"\n",
		  "\"s\":\"a..\"},\"guessed\":[\"s\"]}\n" },
		{ HEAD "e: (0x1) s=\"a\"\nb\"\n", "\"s\":\"a\\\"\\nb\"},\"guessed\":[\"s\"]}\n" },
		{ HEAD "e: (0x1) c='\n'\n", "\"c\":\"\\n\"}}\n" },
		/* what was pasted behind a whole record */
		{ HEAD "e: (0x1) s=\"a\"\n# tracer: nop\n\n", "\"s\":\"a\"}}\n" },
		/* a log has written something before each line */
		{ "[ 1.5] " HEAD "e: (0x1) s=\"a\n[ 1.6] b\n[ 1.7] \"\n", "\"s\":\"a\\nb\\n\"}}\n" },
		{ "> " HEAD "e: (0x1) s=\"a\n> > b\n> \" n=1\n", "\"s\":\"a\\nb\\n\",\"n\":1}}\n" },
		{ "my log | " HEAD "e: (0x1) s=\"a\nmy log | b\"\n", "\"s\":\"a\\nb\"}}\n" },
		{ HEAD "e: (0x1) s=\"a\n> b\"\n", "\"s\":\"a\\n> b\"}}\n" },
		/* a name with a newline, of an event of which there is another record */
		{ HEAD "e: comm=a\nb pid=1 n=2\n" HEAD "e: comm=c pid=1 n=2\n" HEAD "f: n=2\n",
		  "\"comm\":\"a\\nb\",\"pid\":1,\"n\":2}}\n" },
		{ HEAD "print: one\ntwo\n\n", "\"text\":\"one\\ntwo\"},\"guessed\":[\"text\"]}\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = parsed(rows[i].lines, strlen(rows[i].lines), 4096, "json", false);
		char first[512];

		snprintf(first, sizeof(first), "%.*s", (int)strcspn(got, "\n") + 1, got);
		got = strstr(first, "\"args\":{");
		CHECK_STR(got ? got + 8 : NULL, rows[i].want);
		CHECK_INT(sum.unread, 0);
	}
}

/* A thousand plain records say more about an event's fields than one that was made to look otherwise. */
static void test_evidence(void)
{
	struct str s = STR_INIT;
	const char *got;

	str_add(&s, HEAD "e: (0x1) s=\"a\" t=\"b\"\n");
	for (int i = 0; i < 20; i++)
		str_add(&s, HEAD "e: (0x1) s=\"plain\"\n");
	got = parsed(s.s, s.len, s.len, "json", false);
	CHECK(strstr(got, "\"args\":{\"s\":\"a\\\" t=\\\"b\"},\"guessed\":[\"s\"]}") != NULL);
	CHECK_INT(sum.guessed, 1);

	str_clear(&s);
	str_add(&s, HEAD "e: (0x1) s=\"cut\"\n");
	for (int i = 0; i < 20; i++)
		str_add(&s, HEAD "e: (0x1) s=\"a\" t=\"b\"\n");
	got = parsed(s.s, s.len, s.len, "json", false);
	CHECK(strstr(got, "\"args\":{\"s\":\"a\",\"t\":\"b\"}}") != NULL);
	CHECK_INT(sum.guessed, 0);
	str_release(&s);
}

/* The records of the text hold this, and that is all of them that are marked. */
static void check_marks(const char *lines, const char *want, unsigned guessed)
{
	const char *got = parsed(lines, strlen(lines), strlen(lines), "json", false);

	if (!strstr(got, want))
		CHECK_STR(got, want);
	CHECK_INT(sum.guessed, guessed);
	CHECK_INT(sum.unread, 0);
}

#define OLD "            bash-4711    [001] d..2 8123.401883: "

/* Before 3.9, probes wrote hexadecimal numbers without 0x. */
static void test_bare_hex(void)
{
	check_marks(OLD "e: (f+0x1) a=10 b=1\n", "\"args\":{\"a\":10,\"b\":1},\"guessed\":[\"a\"]", 1);
	check_marks(OLD "e: (f+0x1) a=10\n" OLD "g: (f+0x1) a=0x10\n" OLD "h: x=1\n", "\"args\":{\"a\":10}}", 0);
	check_marks(HEAD "e: (f+0x1) a=10\n", "\"args\":{\"a\":10}}", 0);		/* five flags: a new kernel */
	check_marks(OLD "e: (f+0x1) a=10\n" OLD "g: (f+0x1) s=\"x\" a=1f\n" OLD "h: x=1\n", "\"args\":{\"a\":16}}", 0);
	check_marks(OLD "e: (0x446420) a=446420 b=79\n", "\"args\":{\"a\":4482080,\"b\":121}}", 0);
	check_marks(OLD "e: (f+0x1) a=10 b=ff\n" OLD "e: (f+0x1) a=-1 b=10\n" OLD "e: (f+0x1) a=10 b=10\n",
		    "\"args\":{\"a\":10,\"b\":16}}", 0);
	/* a text is no witness */
	check_marks(OLD "e: (f+0x1) s=\"x a=ff\" a=10\n", "\"a\":10},\"guessed\":[\"a\"]", 1);
	check_marks(OLD "r: (f <- g) $retval=3\n", "\"args\":{\"retval\":3}}", 0);
}

/* What is known of a static event's fields. */
static void test_static(void)
{
	static const char plain[] = HEAD "e: name=x pid=1 n=2\n" HEAD "e: name=y pid=1 n=2\n";
	struct str s = STR_INIT;

	str_addf(&s, "%s%s", plain, HEAD "e: name=x pid=7 y pid=1 n=2\n");
	check_marks(s.s, "{\"name\":\"x pid=7 y\",\"pid\":1,\"n\":2},\"guessed\":[\"name\",\"pid\"]", 1);
	str_clear(&s);
	str_addf(&s, "%s%s", HEAD "e: name=x k=7 y pid=1 n=2\n", plain);
	check_marks(s.s, "{\"name\":\"x k=7 y\",\"pid\":1,\"n\":2},\"guessed\":[\"name\"]", 1);
	str_clear(&s);
	str_addf(&s, "%s%s", plain, HEAD "e: name=x pid=1\n");
	check_marks(s.s, "{\"name\":\"x\",\"pid\":1},\"guessed\":[\"pid\"]", 1);
	check_marks(HEAD "e: reg=12\n" HEAD "e: reg=f1\n" HEAD "e: reg=12\n", "{\"reg\":\"12\"},\"guessed\":[\"reg\"]", 2);
	check_marks(HEAD "sys_o(f: O_RDONLY|O_X)\n" HEAD "sys_o(f: O_RDONLY|O_X, mode: 0666)\n"
		    HEAD "sys_o(f: 1 \"a\", g: A|B)\n" HEAD "sys_o(f: 1 \"a\", g: A|B, mode: 0666)\n",
		    "{\"f\":1,\"f_val\":\"a\",\"g\":\"A|B\",\"mode\":\"0666\"}}", 0);
	str_release(&s);
}

/* More shapes of one event, and more events, than are told apart: nothing is lost, and the memory does not grow. */
static void test_many(void)
{
	struct str s = STR_INIT;
	const char *got;

	for (int i = 0; i < 300; i++)
		str_addf(&s, HEAD "e: (0x1) a%d=1\n", i);
	got = parsed(s.s, s.len, s.len, "json", false);
	CHECK(strstr(got, "{\"a255\":1}}") != NULL);
	CHECK(strstr(got, "{\"text\":\"a256=1\"},\"guessed\":[\"text\"]}") != NULL);
	CHECK_INT(sum.guessed, 44);

	str_clear(&s);
	for (int i = 0; i < 66000; i++)
		str_addf(&s, HEAD "e%d: (0x1) a=1\n", i);
	got = parsed(s.s, s.len, 100000, "json", false);
	CHECK_INT(sum.records, 66000);
	CHECK(strstr(got, "\"probe\":\"e65000\",\"args\":{\"a\":1}}") != NULL);
	CHECK(strstr(got, "\"probe\":\"text\",\"args\":{\"text\":\"e65999: (0x1) a=1\"}}") != NULL);
	str_release(&s);
}

/* Stacks find their record, though another CPU's stands between. */
static void test_stacks(void)
{
	static const char lines[] =
		"            bash-1    [000] d..2. 1.000001: e: (0x1) a=1\n"
		"             cat-2    [001] d..2. 1.000002: e: (0x1) a=2\n"
		"            bash-1    [000] d..2. 1.000003: <stack trace>\n => f+0x1/0x2\n => g\n"
		"             cat-2    [001] d..2. 1.000004: <user stack trace>\n => /lib/c[+0x12]\n =>  <00007f12>\n"
		"             dog-3    [000] d..2. 1.000005: <stack trace>\n => h\n";
	const char *got = parsed(lines, sizeof(lines) - 1, sizeof(lines), "text", false);

	CHECK_STR(got,
		  "      1.000001 bash                   ?       1   0 e a=1\n        f+0x1\n        g\n"
		  "      1.000002 cat                    ?       2   1 e a=2\n        /lib/c+0x12\n        0x7f12\n"
		  "      1.000005 dog                    ?       3   0 kernel_stack\n        h\n");
	CHECK_INT(sum.unread, 0);
}

/* A line of two megabytes, and one without a newline at the end. */
static void test_long_lines(void)
{
	struct str s = STR_INIT;

	str_add(&s, HEAD "e: (0x1) a=1\n");
	for (int i = 0; i < 2 << 20; i++)
		str_addc(&s, (char)(i % 9 ? 'x' : 0));
	str_add(&s, "\n" HEAD "e: (0x1) a=2");
	CHECK_INT(lines_of(parsed(s.s, s.len, 10000, "json", false)), 2);
	CHECK_INT(sum.lines, 3);
	CHECK_INT(sum.unread, 1);
	CHECK_INT(sum.first[0].line, 2);
	str_release(&s);
}

int main(void)
{
	test_samples();
	test_bodies();
	test_heads();
	test_no_records();
	test_continued();
	test_evidence();
	test_bare_hex();
	test_static();
	test_many();
	test_stacks();
	test_long_lines();
	return unit_end();
}
