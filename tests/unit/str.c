/* str.c - strings, globs, the closest word, quoting, shell words. */
#include "unit.h"

#include <stdlib.h>

#include "base/str.h"

static void test_growing(void)
{
	struct str s = STR_INIT;

	str_add(&s, "");
	CHECK_STR(s.s, "");
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i % 10);
	CHECK_INT(s.len, 2000);
	CHECK(memcmp(s.s + 1990, "5,6,7,8,9,", 11) == 0);
	str_clear(&s);
	CHECK_STR(s.s, "");
	str_addn(&s, "a\0b", 3);
	CHECK_INT(s.len, 3);
	str_addc(&s, 'c');
	CHECK(memcmp(s.s, "a\0bc", 5) == 0);
	str_release(&s);
	CHECK(s.s == NULL && s.len == 0);
	str_clear(&s);
	CHECK_STR(s.s, "");
	str_release(&s);
}

static void test_glob(void)
{
	static const struct { const char *glob, *text; bool match; } rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "abc", "abc", true },
		{ "abc", "abcd", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "a*", "a", true },
		{ "a*c", "abbbc", true },
		{ "a*c", "abbbd", false },
		{ "*ab", "aab", true },
		{ "*a*b*c", "xxaxxbxbxc", true },
		{ "func_?", "func_1", true },
		{ "func_?", "func_", false },
		{ "func_?", "func_12", false },
		{ "[a-c]x", "bx", true },
		{ "[a-c]x", "dx", false },
		{ "[!a-c]x", "dx", true },
		{ "[!a-c]x", "ax", false },
		{ "[^a-c]x", "dx", true },
		{ "[^a-c]x", "ax", false },
		{ "[^]]", "]", false },
		{ "[^]]", "a", true },
		{ "[\\^a]", "^", true },
		{ "[a^]", "^", true },
		{ "[^", "[^", true },
		{ "[]]", "]", true },
		{ "[!]]", "]", false },
		{ "[!]]", "a", true },
		{ "[a-]", "-", true },
		{ "[a-]", "b", false },
		{ "[\\]]", "]", true },
		{ "[abc", "[abc", true },
		{ "[abc", "a", false },
		{ "operator[]", "operator[]", true },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "a\\", "a\\", true },
		{ "vfs_*[rw]*", "vfs_iter_write", true },
		{ "caf?", "caf\xe9", true },
		{ "[\x80-\xff]", "\xe9", true },
	};
	char text[4001], hard[] = "a*a*a*a*a*a*a*a*a*a*a*a*b";

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (str_glob(rows[i].glob, rows[i].text) != rows[i].match)
			printf("glob \"%s\", text \"%s\"\n", rows[i].glob, rows[i].text);
		CHECK(str_glob(rows[i].glob, rows[i].text) == rows[i].match);
	}
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK(!str_glob(hard, text));		/* at once, not in a century */

	CHECK(str_is_glob("a*"));
	CHECK(str_is_glob("?"));
	CHECK(str_is_glob("[a]"));
	CHECK(str_is_glob("\\\\*"));
	CHECK(!str_is_glob("a"));
	CHECK(!str_is_glob("\\*"));
	CHECK(!str_is_glob("[a"));
	CHECK(!str_is_glob("operator[]"));
}

/* The suggestion for word among blank-separated candidates; "" when there is none. */
static const char *closest(const char *word, const char *candidates)
{
	static char found[300];
	struct str_closest c = { .word = word };
	char copy[2000];

	snprintf(copy, sizeof(copy), "%s", candidates);
	for (char *p = strtok(copy, " "); p; p = strtok(NULL, " "))
		str_closest_try(&c, p);
	snprintf(found, sizeof(found), "%s", c.best ? c.best : "");
	free(c.best);
	return found;
}

static void test_closest(void)
{
	char longest[400];

	CHECK_STR(closest("readlien", "read readline readlink"), "readline");	/* a swap is one edit */
	CHECK_STR(closest("readlien", "malloc free"), "");
	CHECK_STR(closest("foo", "--follow"), "");
	CHECK_STR(closest("folow", "filter follow"), "follow");
	CHECK_STR(closest("pdi", "pid"), "pid");
	CHECK_STR(closest("x", "y z"), "y");		/* at least one edit; the first of equals stays */
	CHECK_STR(closest("main", "main"), "main");
	CHECK_STR(closest("abc", "bca"), "");
	CHECK_STR(closest("printf", "sprintf vprintf fprintf printk"), "sprintf");
	CHECK_STR(closest("kitten1", "sitting1 kiten1"), "kiten1");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	CHECK_STR(closest(longest, longest), "");
	longest[255] = '\0';
	CHECK_STR(closest(longest, longest), longest);
}

static const char *scrubbed(const char *text, size_t n, char quote)
{
	static struct str s;

	str_clear(&s);
	str_add_scrubbed(&s, text, n, quote);
	return s.s;
}
#define SCRUBBED(literal, quote) scrubbed(literal, sizeof(literal) - 1, quote)

static void test_scrubbed(void)
{
	CHECK_STR(SCRUBBED("", 0), "");
	CHECK_STR(SCRUBBED("plain", 0), "plain");
	CHECK_STR(SCRUBBED("\033[31mred", 0), "\\x1b[31mred");
	CHECK_STR(SCRUBBED("a\nb\tc\rd\0e", 0), "a\\nb\\tc\\rd\\x00e");
	CHECK_STR(SCRUBBED("a\\b", 0), "a\\\\b");
	CHECK_STR(SCRUBBED("say \"hi\" 'x'", '"'), "say \\\"hi\\\" 'x'");
	CHECK_STR(SCRUBBED("\x7f", 0), "\\x7f");
	CHECK_STR(SCRUBBED("caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80", 0),
		  "caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80");
	CHECK_STR(SCRUBBED("\xc2\x9b" "31m", 0), "\\xc2\\x9b31m");		/* C1: CSI */
	CHECK_STR(SCRUBBED("\xc2\xa0", 0), "\xc2\xa0");
	CHECK_STR(SCRUBBED("\xe9", 0), "\\xe9");				/* Latin-1 */
	CHECK_STR(SCRUBBED("\xc3", 0), "\\xc3");				/* cut off */
	CHECK_STR(SCRUBBED("\xe4\xb8", 0), "\\xe4\\xb8");
	CHECK_STR(SCRUBBED("\xe4\xb8x", 0), "\\xe4\\xb8x");
	CHECK_STR(SCRUBBED("\xc0\x9b", 0), "\\xc0\\x9b");			/* overlong ESC */
	CHECK_STR(SCRUBBED("\xe0\x80\x9b", 0), "\\xe0\\x80\\x9b");
	CHECK_STR(SCRUBBED("\xf0\x80\x80\x9b", 0), "\\xf0\\x80\\x80\\x9b");
	CHECK_STR(SCRUBBED("\xed\xa0\x80", 0), "\\xed\\xa0\\x80");		/* surrogate */
	CHECK_STR(SCRUBBED("\xf4\x90\x80\x80", 0), "\\xf4\\x90\\x80\\x80");	/* beyond U+10FFFF */
	CHECK_STR(SCRUBBED("\xff\xfe", 0), "\\xff\\xfe");
	CHECK_STR(SCRUBBED("a\xe2\x80\xae" "b", 0), "a\\xe2\\x80\\xaeb");	/* U+202E */
	CHECK_STR(SCRUBBED("\xe2\x81\xa6", 0), "\\xe2\\x81\\xa6");		/* U+2066 */
	CHECK_STR(SCRUBBED("\xe2\x80\xa6", 0), "\xe2\x80\xa6");
}

static void test_width(void)
{
	static const struct { const char *text; unsigned columns; } rows[] = {
		{ "", 0 },
		{ "plain", 5 },
		{ "caf\xc3\xa9", 4 },
		{ "cafe\xcc\x81", 4 },				/* an accent of its own */
		{ "\xe4\xb8\xad\xe6\x96\x87", 4 },		/* two Chinese characters */
		{ "\xe3\x81\x8b\xe3\x82\x99", 2 },		/* ka and the mark that makes it ga */
		{ "\xed\x95\x9c", 2 },				/* a Hangul syllable, */
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2 },	/* and in its parts */
		{ "\xef\xbc\xa1", 2 },				/* a full-width A */
		{ "\xf0\x9f\x9a\x80 \xe2\x9c\x85", 5 },		/* a rocket, a check mark */
		{ "\xe2\x86\x92\xe2\x9c\x93", 2 },		/* narrow symbols */
		{ "a\xe2\x80\x8d" "b\xef\xb8\x8f", 2 },	/* a joiner, a variation selector */
		{ "\xf3\xa0\x81\xa1", 0 },
		{ "\xf4\x80\x80\x80", 1 },			/* beyond the last range */
	};
	static const char *const escaped[] = {
		"\033[31m", "a\nb\tc\rd", "a\\b", "say \"hi\" 'x'", "\x7f", "\xc2\x9b", "\xe9", "\xe4\xb8",
		"\xe4\xb8x", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80\xae",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(str_width(rows[i].text, strlen(rows[i].text)), rows[i].columns);
	CHECK_INT(str_width("a\0b", 3), 6);
	/* escapes are plain ASCII: as wide as they are long */
	for (size_t i = 0; i < ARRAY_LEN(escaped); i++)
		CHECK_INT(str_width(escaped[i], strlen(escaped[i])),
			  strlen(scrubbed(escaped[i], strlen(escaped[i]), 0)));
}

static const char *shell_word(const char *text)
{
	static struct str s;

	str_clear(&s);
	str_add_shell_word(&s, text);
	return s.s;
}

static void test_shell_word(void)
{
	static const char *const hard[] = {
		"", "plain", "a b", "it's", "'", "$HOME `id` \\ \"x\"", "a\nb", "\n", "-n", "~", "#x", "*",
		"caf\xc3\xa9", "\xe9\x80", "\033[31m", "a\033'\033\n", "\x7f\x01", "{a,b}", "a=b", "!x",
	};

	CHECK_STR(shell_word("a-b_c/d.e:f"), "a-b_c/d.e:f");
	CHECK_STR(shell_word(""), "''");
	CHECK_STR(shell_word("a b"), "'a b'");
	CHECK_STR(shell_word("it's"), "'it'\\''s'");
	CHECK_STR(shell_word("a\033[m"), "'a'\"$(printf '\\033')\"'[m'");
	/* a shell must read back what was meant */
	for (size_t i = 0; i < ARRAY_LEN(hard); i++) {
		struct str command = STR_INIT;
		char got[200];
		FILE *shell;
		size_t n;

		str_addf(&command, "printf %%s. %s", shell_word(hard[i]));
		shell = popen(command.s, "r");
		n = shell ? fread(got, 1, sizeof(got) - 1, shell) : 0;
		got[n ? n - 1 : 0] = '\0';
		CHECK_STR(got, hard[i]);
		if (shell)
			pclose(shell);
		str_release(&command);
	}
}

/* Words joined with `|`, or the error. */
static const char *words(const char *text)
{
	static struct str s;
	struct arena *a = arena_new();
	const char *error = NULL;
	char **w = str_shell_words(a, text, &error);

	str_clear(&s);
	for (size_t i = 0; w && w[i]; i++)
		str_addf(&s, "%s%s", i ? "|" : "", w[i]);
	if (!w)
		str_add(&s, error);
	arena_free(a);
	return s.s;
}

static void test_shell_words(void)
{
	CHECK_STR(words(""), "");
	CHECK_STR(words("  \t "), "");
	CHECK_STR(words("./app 1 2"), "./app|1|2");
	CHECK_STR(words("  a\tb\nc  "), "a|b|c");
	CHECK_STR(words("'a b' \"c d\" e\\ f"), "a b|c d|e f");
	CHECK_STR(words("a'b'\"c\"d"), "abcd");
	CHECK_STR(words("'' x \"\""), "|x|");
	CHECK_STR(words("'a\\b' \"a\\b\" \"\\\"\\\\\\$\" a\\b"), "a\\b|a\\b|\"\\$|ab");
	CHECK_STR(words("a\\\nb"), "ab");
	CHECK_STR(words("$HOME *.c ~"), "$HOME|*.c|~");
	CHECK_STR(words("'a"), "a ' quote is not closed");
	CHECK_STR(words("x \"a"), "a \" quote is not closed");
	CHECK_STR(words("\"a\\"), "a \" quote is not closed");
	CHECK_STR(words("a\\"), "a backslash stands at the end");
}

static void test_numbers(void)
{
	unsigned long long n = 7;

	CHECK(str_to_u64("0", &n) && n == 0);
	CHECK(str_to_u64("42", &n) && n == 42);
	CHECK(str_to_u64("0x1F", &n) && n == 31);
	CHECK(str_to_u64("017", &n) && n == 15);
	CHECK(str_to_u64("18446744073709551615", &n) && n == ~0ull);
	CHECK(str_to_u64("0xffffffffffffffff", &n) && n == ~0ull);
	CHECK(!str_to_u64("18446744073709551616", &n));
	CHECK(!str_to_u64("0x10000000000000000", &n));
	CHECK(!str_to_u64("", &n));
	CHECK(!str_to_u64("0x", &n));
	CHECK(!str_to_u64("08", &n));
	CHECK(!str_to_u64("12a", &n));
	CHECK(!str_to_u64("-1", &n));
	CHECK(!str_to_u64(" 1", &n));
	CHECK(!str_to_u64("1 ", &n));
	CHECK(n == ~0ull);		/* untouched by failures */

	CHECK(str_is_ident("_a1"));
	CHECK(!str_is_ident("1a"));
	CHECK(!str_is_ident(""));
	CHECK(!str_is_ident("a-b"));
	CHECK(str_starts("uprobe:x", "uprobe:"));
	CHECK(!str_starts("up", "uprobe"));
}

int main(void)
{
	test_growing();
	test_glob();
	test_closest();
	test_scrubbed();
	test_width();
	test_shell_word();
	test_shell_words();
	test_numbers();
	return unit_end();
}
