/* out.c - records as each format writes them, whole lines compared; then what happens when writing fails.
 * Last come records of random bytes, judged by what a terminal may see and by another JSON parser.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "out/out.h"

/* ---- what was written to a file in memory ---- */

static int sink_fd = -1;

static struct out *open_out(struct out_options opt)
{
	sink_fd = memfd_create("out", 0);
	opt.fd = sink_fd;
	return out_new(&opt);
}

/* Flushes, closes, and yields everything that was written. */
static const char *written(struct out *o)
{
	static char *text;
	off_t n;

	CHECK_INT(out_flush(o), 0);
	out_free(o);
	n = lseek(sink_fd, 0, SEEK_END);
	text = mem_resize(text, (size_t)n + 1);
	CHECK_INT(pread(sink_fd, text, (size_t)n, 0), n);
	text[n] = '\0';
	close(sink_fd);
	return text;
}

static bool symbol(void *ctx, uint64_t address, const char **name, uint64_t *offset)
{
	if (address < 0x1000)
		return false;
	*name = ctx;
	*offset = address - 0x1000;
	return true;
}

/* ---- one capture, one value ---- */

static const char *value_line(const char *format, struct capture c, struct captured v)
{
	static char line[4096];
	struct site site = { .label = "p", .captures = &c, .n_captures = 1 };
	struct record r = { .site = &site, .comm = "", .values = &v };
	char name[] = "vfs_read";
	struct out_options opt = { .format = format, .symbol = symbol, .symbol_ctx = name };
	struct out *o = open_out(opt);
	const char *p;
	size_t n;

	c.name = "v";
	out_record(o, &r);
	p = written(o);
	if (strcmp(format, "text") == 0)
		p = strstr(p, " v=") + 3;
	else
		p = strstr(p, "{\"v\":") + 5;
	n = strlen(p);
	n -= strcmp(format, "text") == 0 ? 1 : 3;		/* newline; }}newline */
	snprintf(line, sizeof(line), "%.*s", (int)n, p);
	return line;
}

#define VALUE(bytes, cut) { (const unsigned char *)(bytes), sizeof(bytes) - 1, true, (cut), false, NULL, false }
#define CAPTURE(b, s, n) { .base = (b), .size = (s), .count = (n) }

static void test_values(void)
{
	static const struct {
		struct capture c;
		const char *bytes;
		size_t len;
		const char *text, *json;
	} rows[] = {
#define ROW(b, s, n, bytes, text, json) { CAPTURE(b, s, n), bytes, sizeof(bytes) - 1, text, json }
		/* numbers; little-endian here, as all hosts that run these tests */
		ROW(BASE_HEX, 1, 0, "\x1f", "0x1f", "31"),
		ROW(BASE_HEX, 4, 0, "\0\0\0\0", "0x0", "0"),
		ROW(BASE_HEX, 8, 0, "\xff\xff\xff\xff\xff\xff\xff\xff",
		    "0xffffffffffffffff", "\"18446744073709551615\""),
		ROW(BASE_UNSIGNED, 1, 0, "\xff", "255", "255"),
		ROW(BASE_UNSIGNED, 2, 0, "\xff\xff", "65535", "65535"),
		ROW(BASE_UNSIGNED, 4, 0, "\xff\xff\xff\xff", "4294967295", "4294967295"),
		ROW(BASE_SIGNED, 1, 0, "\x80", "-128", "-128"),
		ROW(BASE_SIGNED, 2, 0, "\xff\xff", "-1", "-1"),
		ROW(BASE_SIGNED, 4, 0, "\x9c\xff\xff\xff", "-100", "-100"),
		ROW(BASE_SIGNED, 8, 0, "\0\0\0\0\0\0\0\x80", "-9223372036854775808", "-9223372036854775808"),
		/* a double holds 2^53 and 2^53+2, not what is between them */
		ROW(BASE_UNSIGNED, 8, 0, "\0\0\0\0\0\0\x20\0", "9007199254740992", "9007199254740992"),
		ROW(BASE_UNSIGNED, 8, 0, "\1\0\0\0\0\0\x20\0", "9007199254740993", "\"9007199254740993\""),
		ROW(BASE_UNSIGNED, 8, 0, "\2\0\0\0\0\0\x20\0", "9007199254740994", "9007199254740994"),
		ROW(BASE_SIGNED, 8, 0, "\xff\xff\xff\xff\xff\xff\xdf\xff",
		    "-9007199254740993", "\"-9007199254740993\""),
		ROW(BASE_SIGNED, 8, 0, "\xff\xff\xff\xff\xff\xff\xff\x7f",
		    "9223372036854775807", "\"9223372036854775807\""),
		/* characters */
		ROW(BASE_CHAR, 1, 0, "a", "'a'", "\"a\""),
		ROW(BASE_CHAR, 1, 0, "'", "'\\''", "\"'\""),
		ROW(BASE_CHAR, 1, 0, "\"", "'\"'", "\"\\\"\""),
		ROW(BASE_CHAR, 1, 0, "\n", "'\\n'", "\"\\n\""),
		ROW(BASE_CHAR, 1, 0, "\xe9", "'\\xe9'", "\"\\u00e9\""),
		/* strings */
		ROW(BASE_STRING, 0, 0, "", "\"\"", "\"\""),
		ROW(BASE_STRING, 0, 0, "a \"b\" 'c' \\",
		    "\"a \\\"b\\\" 'c' \\\\\"", "\"a \\\"b\\\" 'c' \\\\\""),
		ROW(BASE_STRING, 0, 0, "\033[31m\n\r\t\0\x7f", "\"\\x1b[31m\\n\\r\\t\\x00\\x7f\"",
		    "\"\\u001b[31m\\n\\r\\t\\u0000\\u007f\""),
		ROW(BASE_STRING, 0, 0, "caf\xc3\xa9 \xe9",
		    "\"caf\xc3\xa9 \\xe9\"", "\"caf\xc3\xa9 \\u00e9\""),
		ROW(BASE_STRING, 0, 0, "\xc2\x9b\xe2\x80\xae",
		    "\"\\xc2\\x9b\\xe2\\x80\\xae\"", "\"\\u009b\xe2\x80\xae\""),
		ROW(BASE_STRING, 0, 0, "\xed\xa0\x80\xf0\x9f", "\"\\xed\\xa0\\x80\\xf0\\x9f\"",
		    "\"\\u00ed\\u00a0\\u0080\\u00f0\\u009f\""),
		/* symbols */
		ROW(BASE_SYMBOL, 8, 0, "\x12\x10\0\0\0\0\0\0", "vfs_read+0x12", "\"vfs_read+0x12\""),
		ROW(BASE_SYMBOL, 8, 0, "\x10\0\0\0\0\0\0\0", "0x10", "\"0x10\""),
		/* floats and doubles, in the fewest digits */
		ROW(BASE_FLOAT, 4, 0, "\xcd\xcc\xcc\x3d", "0.1", "0.1"),
		ROW(BASE_FLOAT, 8, 0, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", "0.1", "0.1"),
		ROW(BASE_FLOAT, 8, 0, "\0\0\0\xa0\x99\x99\xb9\x3f", "0.10000000149011612", "0.10000000149011612"),
		ROW(BASE_FLOAT, 8, 0, "\0\0\0\0\0\0\x45\xc0", "-42", "-42"),
		ROW(BASE_FLOAT, 8, 0, "\0\0\0\0\0\0\xf0\x7f", "inf", "\"inf\""),
		ROW(BASE_FLOAT, 4, 0, "\0\0\xc0\x7f", "nan", "\"nan\""),
		/* arrays, also shorter than asked for */
		ROW(BASE_UNSIGNED, 2, 3, "\1\0\2\0\3\0", "{1,2,3}", "[1,2,3]"),
		ROW(BASE_UNSIGNED, 2, 3, "\1\0\2\0\3", "{1,2}", "[1,2]"),
		ROW(BASE_UNSIGNED, 2, 2, "\1\0\2\0\3\0", "{1,2}", "[1,2]"),
		ROW(BASE_SIGNED, 4, 2, "", "{}", "[]"),
		ROW(BASE_HEX, 1, 2, "\xab\xcd", "{0xab,0xcd}", "[171,205]"),
		ROW(BASE_CHAR, 1, 2, "a\0", "{'a','\\x00'}", "[\"a\",\"\\u0000\"]"),
		ROW(BASE_SYMBOL, 8, 1, "\0\x10\0\0\0\0\0\0", "{vfs_read+0x0}", "[\"vfs_read+0x0\"]"),
		ROW(BASE_STRING, 0, 2, "a\0b\"\0", "{\"a\",\"b\\\"\"}", "[\"a\",\"b\\\"\"]"),
		ROW(BASE_STRING, 0, 3, "a\0\0c", "{\"a\",\"\",\"c\"}", "[\"a\",\"\",\"c\"]"),
		ROW(BASE_STRING, 0, 1, "a\0b\0", "{\"a\"}", "[\"a\"]"),
		ROW(BASE_STRING, 0, 2, "", "{}", "[]"),
		/* less than one element is nothing */
		ROW(BASE_UNSIGNED, 4, 0, "\1\0", "(fault)", "null"),
		ROW(BASE_UNSIGNED, 0, 0, "\1\0", "(fault)", "null"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* on the heap, unaligned and without a byte to spare, so that a sanitizer sees the rest */
		unsigned char *block = mem_alloc(rows[i].len + 1);
		struct captured v = { block + 1, rows[i].len, true, false, false, NULL, false };

		memcpy(block + 1, rows[i].bytes, rows[i].len);
		CHECK_STR(value_line("text", rows[i].c, v), rows[i].text);
		CHECK_STR(value_line("json", rows[i].c, v), rows[i].json);
		free(block);
	}
}

static void test_cut_and_faults(void)
{
	struct capture string = CAPTURE(BASE_STRING, 0, 0), strings = CAPTURE(BASE_STRING, 0, 2);
	struct capture words = CAPTURE(BASE_HEX, 8, 4);
	struct captured cut = VALUE("ab\"", true), cut_last = VALUE("a\0b", true), fault = { 0 };

	CHECK_STR(value_line("text", string, cut), "\"ab\\\"\"..");
	CHECK_STR(value_line("json", string, cut), "\"ab\\\"..\"");
	CHECK_STR(value_line("text", strings, cut_last), "{\"a\",\"b\"..}");
	CHECK_STR(value_line("json", strings, cut_last), "[\"a\",\"b..\"]");
	CHECK_STR(value_line("text", string, fault), "(fault)");
	CHECK_STR(value_line("json", string, fault), "null");
	CHECK_STR(value_line("text", words, fault), "(fault)");
}

/* ---- whole records ---- */

static struct capture two[] = {
	{ .name = "fd", .base = BASE_SIGNED, .size = 4 },
	{ .name = "path", .base = BASE_STRING },
};
static struct site site_p = { .label = "uprobe:/bin/app:open", .captures = two, .n_captures = 2 };
static struct site site_r = { .label = "r", .ret = true };
static const struct captured two_values[] = {
	{ (const unsigned char *)"\x9c\xff\xff\xff", 4, true, false, false, NULL, false },
	{ (const unsigned char *)"/etc/passwd", 11, true, false, false, NULL, false },
};
static const struct frame user_frames[] = {
	{ .address = 0x40112b, .symbol = "main", .offset = 0x1b, .file = "/path/app" },
	{ .address = 0x7f0000000010 },
	{ .address = 0x7f0000000020, .offset = 0x20, .file = "/lib/\033lib.so" },
};
static const struct frame kernel_frames[] = {
	{ .address = 0xffffffff81000010, .symbol = "do_sys_openat2", .offset = 0x10 },
};

static const struct record records[] = {
	{ .site = &site_p, .time_ns = 8123004512999, .cpu = 0, .pid = 4711, .tid = 4712, .comm = "bash",
	  .address = 0x401136, .values = two_values },
	{ .site = &site_r, .time_ns = 999, .cpu = 127, .pid = -1, .tid = 4194304,
	  .comm = "caf\xc3\xa9 \033[m", .address = 0x401136, .return_address = 0x4011b0 },
	{ .site = &site_r, .time_ns = 12345678901234567, .cpu = 1, .pid = 1, .tid = 1,
	  .comm = "fifteen--chars-", .address = 0x1, .return_address = 0x2,
	  .ustack = user_frames, .n_ustack = 3, .kstack = kernel_frames, .n_kstack = 1 },
};

static const char *all(struct out_options opt)
{
	struct out *o = open_out(opt);

	out_header(o);
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		out_record(o, &records[i]);
	return written(o);
}

static void test_text(void)
{
	CHECK_STR(all((struct out_options){ .format = "text", .label_width = 20 }),
"       TIME(s) COMM                 PID     TID CPU PROBE\n"
"   8123.004512 bash                4711    4712   0 uprobe:/bin/app:open fd=-100 path=\"/etc/passwd\"\n"
"      0.000000 caf\xc3\xa9 \\x1b[m            ? 4194304 127 r\n"
"12345678.901234 fifteen--chars-        1       1   1 r\n"
"        do_sys_openat2+0x10\n"
"        main+0x1b (/path/app)\n"
"        0x7f0000000010\n"
"        0x7f0000000020 (/lib/\\x1blib.so)\n");
	CHECK_STR(all((struct out_options){ .format = "text", .label_width = 22, .quiet = true,
					    .address = true }),
"   8123.004512 bash                4711    4712   0 uprobe:/bin/app:open   (0x401136) fd=-100 "
"path=\"/etc/passwd\"\n"
"      0.000000 caf\xc3\xa9 \\x1b[m            ? 4194304 127 r                      (0x4011b0 <- 0x401136)\n"
"12345678.901234 fifteen--chars-        1       1   1 r                      (0x2 <- 0x1)\n"
"        do_sys_openat2+0x10\n"
"        main+0x1b (/path/app)\n"
"        0x7f0000000010\n"
"        0x7f0000000020 (/lib/\\x1blib.so)\n");
}

static void test_json(void)
{
	CHECK_STR(all((struct out_options){ .format = "json" }),
"{\"type\":\"event\",\"time_ns\":8123004512999,\"comm\":\"bash\",\"pid\":4711,\"tid\":4712,\"cpu\":0,"
"\"probe\":\"uprobe:/bin/app:open\",\"args\":{\"fd\":-100,\"path\":\"/etc/passwd\"}}\n"
"{\"type\":\"event\",\"time_ns\":999,\"comm\":\"caf\xc3\xa9 \\u001b[m\",\"pid\":null,\"tid\":4194304,"
"\"cpu\":127,\"probe\":\"r\",\"args\":{}}\n"
"{\"type\":\"event\",\"time_ns\":12345678901234567,\"comm\":\"fifteen--chars-\",\"pid\":1,\"tid\":1,"
"\"cpu\":1,\"probe\":\"r\",\"args\":{},\"ustack\":[\"main+0x1b (/path/app)\",\"0x7f0000000010\","
"\"0x7f0000000020 (/lib/\\u001blib.so)\"],\"kstack\":[\"do_sys_openat2+0x10\"]}\n");
	CHECK(strstr(all((struct out_options){ .format = "json", .address = true }),
		     "\"probe\":\"uprobe:/bin/app:open\",\"address\":\"0x401136\",\"args\":{\"fd\""));
	CHECK(strstr(all((struct out_options){ .format = "json", .address = true }),
		     "\"probe\":\"r\",\"address\":\"0x401136\",\"return_address\":\"0x4011b0\",\"args\""));
}

/* A label of 60 columns pushes its own line; the others stay at 48. */
static void test_long_label(void)
{
	char label[61];
	struct capture c = { .name = "n", .base = BASE_UNSIGNED, .size = 1 };
	struct captured v = VALUE("\5", false);
	struct site longer = { .label = label, .captures = &c, .n_captures = 1 };
	struct site shorter = { .label = "s", .captures = &c, .n_captures = 1 };
	struct record r = { .site = &longer, .comm = "", .values = &v };
	struct out *o = open_out((struct out_options){ .format = "text", .label_width = 60 });
	const char *text, *second;

	memset(label, 'l', 60);
	label[60] = '\0';
	out_record(o, &r);
	r.site = &shorter;
	out_record(o, &r);
	text = written(o);
	second = strchr(text, '\n') + 1;
	CHECK_INT(strstr(text, " n=5\n") - strchr(text, 'l'), 60);
	CHECK_INT(strstr(second, " n=5\n") - strchr(second, 's'), 48);
}

/* Columns stay where they are whatever a name is made of. */
static void test_wide(void)
{
	static const struct { const char *comm, *label; unsigned columns; const char *line; } rows[] = {
		{ "plain", "p", 1,
		  "      0.000000 plain                  0       0   0 p        n=5\n" },
		{ "\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad", 2,
		  "      0.000000 \xe4\xb8\xad\xe6\x96\x87                   0       0   0 \xe4\xb8\xad       n=5\n" },
		{ "cafe\xcc\x81", "e\xcc\x81", 1,
		  "      0.000000 cafe\xcc\x81                   0       0   0 e\xcc\x81        n=5\n" },
		{ "\xe9\t\\", "a\033b", 6,
		  "      0.000000 \\xe9\\t\\\\               0       0   0 a\\x1bb   n=5\n" },
		{ "\xf0\x9f\x9a\x80\xf0\x9f\x9a\x80\xf0\x9f\x9a\x80\xc3\xa9", "123456789", 9,
		  "      0.000000 \xf0\x9f\x9a\x80\xf0\x9f\x9a\x80\xf0\x9f\x9a\x80\xc3\xa9                0"
		  "       0   0 123456789 n=5\n" },
	};
	struct capture c = { .name = "n", .base = BASE_UNSIGNED, .size = 1 };
	struct captured v = VALUE("\5", false);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct site s = { .label = rows[i].label, .captures = &c, .n_captures = 1 };
		struct record r = { .site = &s, .comm = rows[i].comm, .values = &v };
		struct out *o = open_out((struct out_options){ .format = "text", .label_width = 8 });

		out_record(o, &r);
		CHECK_STR(written(o), rows[i].line);
		CHECK_INT(out_label_width(rows[i].label), rows[i].columns);
	}
}

static void test_lost(void)
{
	struct lost known = { .count = 17, .cpu = 1, .site = &site_r, .why = "the ring \"buffer\" was full" };
	struct lost unknown = { .count = 3, .cpu = -1 };
	struct out *o = open_out((struct out_options){ .format = "json" });

	out_lost(o, &known);
	out_lost(o, &unknown);
	CHECK_STR(written(o), "{\"type\": \"lost_events\", \"count\": 17, \"cpu\": 1, \"probe\": \"r\", "
			      "\"reason\": \"the ring \\\"buffer\\\" was full\", "
			      "\"data\": {\"events\": 17}}\n"
			      "{\"type\": \"lost_events\", \"count\": 3, \"data\": {\"events\": 3}}\n");
	o = open_out((struct out_options){ .format = "text" });
	out_lost(o, &known);
	CHECK_STR(written(o), "");
}

/* ---- the stream ---- */

static void test_formats(void)
{
	CHECK_STR(out_formats(), "text json");
	CHECK_STR(out_formats(), "text json");
	CHECK(out_new(&(struct out_options){ .format = "xml" }) == NULL);
	CHECK(out_new(&(struct out_options){ .format = NULL }) == NULL);
	out_free(NULL);
}

/* One value of this many bytes, which may be many times the buffer, and lines around it. */
static void test_large(size_t n)
{
	char *big = mem_alloc(n + 1);
	struct capture c = { .name = "s", .base = BASE_STRING };
	struct captured v = { (const unsigned char *)big, n, true, false, false, NULL, false };
	struct captured small = { (const unsigned char *)big, 1, true, false, false, NULL, false };
	struct site s = { .label = "p", .captures = &c, .n_captures = 1 };
	struct record r = { .site = &s, .comm = "c" };
	struct out *o = open_out((struct out_options){ .format = "text" });
	const char *text;
	size_t lines = 0, bytes = 0;

	for (size_t i = 0; i < n; i++)
		big[i] = (char)('a' + i % 26);
	for (int i = 0; i < 5; i++) {
		r.values = i == 2 ? &v : &small;
		out_record(o, &r);
	}
	text = written(o);
	for (const char *p = text; *p; p++) {
		lines += *p == '\n';
		bytes++;
	}
	CHECK_INT(lines, 5);
	CHECK_INT(bytes, n + 4 + 5 * 59);	/* a line is 59 bytes and its value */
	CHECK(strstr(text, big));
	free(big);
}

/* A reader that is slow, on a pipe that does not block: every write to it is short or EAGAIN. */
static void test_slow_pipe(void)
{
	int fds[2];
	struct out *o;
	size_t lines = 0;
	char buf[1000];
	pid_t child;
	ssize_t n;
	int status;

	CHECK_INT(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		fcntl(fds[1], F_SETFL, O_NONBLOCK);
		o = out_new(&(struct out_options){ .format = "json", .fd = fds[1] });
		for (int i = 0; i < 20000; i++)
			out_record(o, &records[0]);
		_exit(out_flush(o) ? 1 : 0);
	}
	close(fds[1]);
	while ((n = read(fds[0], buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	waitpid(child, &status, 0);
	CHECK_INT(status, 0);
	CHECK_INT(lines, 20000);
	close(fds[0]);
}

static void test_broken(void)
{
	int fds[2], full = open("/dev/full", O_WRONLY);
	struct out *o = out_new(&(struct out_options){ .format = "text", .fd = full });

	out_record(o, &records[0]);
	CHECK_INT(out_flush(o), -ENOSPC);
	for (int i = 0; i < 5000; i++)		/* goes nowhere, and does no harm */
		out_record(o, &records[2]);
	CHECK_INT(out_flush(o), -ENOSPC);
	out_free(o);
	close(full);

	signal(SIGPIPE, SIG_IGN);
	CHECK_INT(pipe(fds), 0);
	close(fds[0]);
	o = out_new(&(struct out_options){ .format = "json", .fd = fds[1] });
	for (int i = 0; i < 5000; i++)		/* ends in the middle of a record */
		out_record(o, &records[0]);
	CHECK_INT(out_flush(o), -EPIPE);
	CHECK_INT(out_flush(o), -EPIPE);
	out_free(o);
	close(fds[1]);
}

/* ---- random bytes ---- */

static unsigned random_below(unsigned n)
{
	return (unsigned)rand() % n;
}

/* Any byte, but those that make or break UTF-8 and JSON more often. */
static void random_text(char *text, size_t n)
{
	static const unsigned char hard[] =
		"\"\\\n\r\t\x1b\x7f\x80\x9b\xbf\xc0\xc2\xc3\xe0\xe2\xed\xef\xf0\xf4\xf5\xff\xa0";

	for (size_t i = 0; i < n; i++)
		text[i] = (char)(random_below(2) ? hard[random_below(sizeof(hard))] : random_below(256));
}

static void random_name(char *text, size_t n)
{
	random_text(text, n - 1);
	for (size_t i = 0; i < n - 1; i++)
		text[i] = text[i] ? text[i] : 'x';
	text[random_below((unsigned)n)] = '\0';
	text[n - 1] = '\0';
}

/* Writes records full of random bytes; returns how many lines that must be. */
static unsigned fuzz(const char *format, int fd, int rounds)
{
	static const enum base bases[] = {
		BASE_HEX, BASE_UNSIGNED, BASE_SIGNED, BASE_CHAR, BASE_STRING, BASE_SYMBOL, BASE_FLOAT,
	};
	struct out_options opt = { .format = format, .fd = fd, .address = true, .label_width = 20 };
	struct out *o = out_new(&opt);
	bool json = strcmp(format, "json") == 0;
	unsigned lines = 0;

	for (int i = 0; i < rounds; i++) {
		char comm[16], label[40], name[20], why[30], file[30], *data;
		size_t len = random_below(i % 1000 ? 200 : 200000);
		struct capture c = { .name = name, .base = bases[random_below(ARRAY_LEN(bases))],
				     .size = 1u << random_below(4),
				     .count = random_below(2) * random_below(70) };
		struct site s = { .label = label, .captures = &c, .n_captures = 1, .ret = random_below(2) };
		struct frame f = { .address = (uint64_t)rand(), .symbol = random_below(2) ? why : NULL,
				   .file = file };
		struct lost l = { .count = (uint64_t)rand(), .cpu = (int)random_below(3) - 1, .site = &s,
				  .why = why };
		struct captured v;
		struct record r = { .site = &s, .time_ns = (uint64_t)rand(), .comm = comm,
				    .pid = (pid_t)random_below(3) - 1, .values = &v,
				    .ustack = &f, .n_ustack = random_below(2) };

		random_name(comm, sizeof(comm));
		random_name(label, sizeof(label));
		random_name(name, sizeof(name));
		random_name(why, sizeof(why));
		random_name(file, sizeof(file));
		data = mem_alloc(len);
		random_text(data, len);
		v = (struct captured){ (unsigned char *)data, len, random_below(9), random_below(2), random_below(2), NULL, false };
		out_record(o, &r);
		out_lost(o, &l);
		lines += json ? 2 : 1 + r.n_ustack;
		free(data);
	}
	CHECK_INT(out_flush(o), 0);
	out_free(o);
	return lines;
}

/* Nothing that a terminal obeys, and no line that a record did not write. */
static void test_fuzz_text(void)
{
	int fd = memfd_create("fuzz", 0);
	unsigned lines = fuzz("text", fd, 3000), seen = 0;
	size_t n = (size_t)lseek(fd, 0, SEEK_END);
	char *text = mem_alloc(n);

	CHECK_INT(pread(fd, text, n, 0), n);
	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
		unsigned len = str_utf8(text + i, n - i, &code);

		CHECK(len && (text[i] == '\n' || !str_is_control(code)));
		seen += text[i] == '\n';
		i += len ? len : 1;
	}
	CHECK_INT(seen, lines);
	free(text);
	close(fd);
}

/* Somebody else's parser is the judge: every line is one object, and no name of ours was lost. */
static void test_fuzz_json(void)
{
	static const char judge[] =
		"python3 -c 'import json, sys\n"
		"n = 0\n"
		"for line in open(sys.argv[1], \"rb\").read().split(b\"\\n\")[:-1]:\n"
		"    o = json.loads(line.decode(\"utf-8\"))\n"
		"    assert o[\"type\"] in (\"event\", \"lost_events\")\n"
		"    n += 1\n"
		"assert n == int(sys.argv[2]), n' /proc/%d/fd/%d %u";
	int fd = memfd_create("fuzz", 0);
	unsigned lines = fuzz("json", fd, 3000);
	char command[600];

	if (system("python3 -c pass 2>/dev/null") != 0) {
		printf("skipped: a JSON parser on random bytes (there is no python3)\n");
	} else {
		snprintf(command, sizeof(command), judge, (int)getpid(), fd, lines);
		CHECK_INT(system(command), 0);
	}
	close(fd);
}

int main(void)
{
	test_formats();
	test_values();
	test_cut_and_faults();
	test_text();
	test_json();
	test_long_label();
	test_wide();
	test_lost();
	test_large(10);
	test_large(65536);
	test_large(65535 - 200);
	test_large(1000000);
	test_slow_pipe();
	test_broken();
	test_fuzz_text();
	test_fuzz_json();
	return unit_end();
}
