/* lang.c - feeds broken programs to the front end: lexer, preprocessor, parser, macros, printers.
 *
 * time: 20
 *
 * The programs of tests/lang and the tools of /usr/sbin are broken: bytes become noise, words are lost, doubled, or
 * taken from another program. Of a program that is still right, formatting must keep the tree, and formatting twice
 * must be formatting once.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>

#include "base/os.h"
#include "fuzz.h"
#include "lang/tree.h"

enum { MAX_PROGRAM = 20000, MAX_SEEDS = 1000 };

static char *seeds[MAX_SEEDS];
static unsigned n_seeds;
static char program[MAX_PROGRAM + 1];

/* ---- where programs come from ---- */

static void add_seed(const char *text, size_t n)
{
	if (n_seeds < MAX_SEEDS && n > 0 && n < MAX_PROGRAM / 2)
		seeds[n_seeds++] = strndup(text, n);
}

/* The programs of a .t file; another file is one program. */
static void add_file(const char *path)
{
	struct str text = STR_INIT;
	const char *p, *end;

	if (os_read_file(AT_FDCWD, path, &text) != 0 || !text.s)
		return;
	if (!strstr(path, ".t") || strstr(path, ".bt"))
		add_seed(text.s, text.len);
	else
		for (p = strstr(text.s, "=== "); p; p = strstr(p, "\n=== ")) {
			p += 1 + strcspn(p + 1, "\n");
			end = strstr(p, "\n---");
			if (end)
				add_seed(p, (size_t)(end - p));
		}
	str_release(&text);
}

static void add_directory(const char *directory, const char *end)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);
	char path[1024];

	while (dir && (entry = readdir(dir))) {
		if (strlen(entry->d_name) < strlen(end) ||
		    strcmp(entry->d_name + strlen(entry->d_name) - strlen(end), end) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		add_file(path);
	}
	if (dir)
		closedir(dir);
}

/* ---- how they are broken ---- */

static bool in_word(char c)
{
	return c == '_' || (c | 32) >= 'a';
}

/* The word, number, string or mark at a random place: begin and length. */
static size_t pick_word(const char *text, size_t *length)
{
	size_t n = strlen(text), at = n ? noise() % n : 0;

	*length = at < n;
	while (at > 0 && in_word(text[at]) && in_word(text[at - 1]))
		at--;
	while (in_word(text[at]) && in_word(text[at + *length]))
		(*length)++;
	return at;
}

/* Puts n bytes of `with` in the place of `length` bytes at `at`. */
static void replace(size_t at, size_t length, const char *with, size_t n)
{
	size_t size = strlen(program);

	if (at + length > size || size - length + n > MAX_PROGRAM)
		return;
	memmove(program + at + n, program + at + length, size - at - length + 1);
	memcpy(program + at, with, n);
}

static void break_once(void)
{
	static const char *const words[] = {
		"(", ")", "{", "}", "[", "]", ";", ",", "/", "*", "&", "-", "--", "=", "==", "?", ":", ".",
		"..", "->", "@",
		"$x", "@m", "\"", "\\", "//", "/*", "*/", "\n#if 1\n", "\n#endif\n", "\n#define X X Y\n",
		"if ", "else ",
		"for $i : 0..3 ", "while ", "macro f(x) { x } ", "f(", "struct a ", "0x", "1e99",
		"18446744073709551616",
		"\n", " ", "(int32)", "sizeof(", "offsetof(", "config = { ", "let ", "fn ", "uprobe:/a/",
		"$1", "str($1)",
		"BEGIN ", "\xff", "\xe2\x80\xae", "\t", "typeof(", "comptime ", "(a=1, ", "import \"tests\";",
	};
	char copied[400];
	size_t length, other, at = pick_word(program, &length);
	const char *from;

	switch (noise() % 7) {
	case 0:					/* noise */
		copied[0] = (char)(1 + noise() % 255);
		replace(at, length > 0, copied, 1);
		break;
	case 1:					/* lost */
		replace(at, noise() % 3 ? length : noise() % 40, "", 0);
		break;
	case 2:					/* doubled, many times */
		if (length && length < sizeof(copied)) {
			memcpy(copied, program + at, length);
			for (uint64_t times = noise() % 20 ? 1 : noise() % 400; times > 0; times--)
				replace(at, 0, copied, length);
		}
		break;
	case 3:					/* a word of another program */
		from = seeds[noise() % n_seeds];
		other = pick_word(from, &length);
		if (length < sizeof(copied)) {
			memcpy(copied, from + other, length);
			replace(at, noise() % 2, copied, length);
		}
		break;
	case 4:					/* a piece of another program */
		from = seeds[noise() % n_seeds];
		other = noise() % strlen(from);
		length = strnlen(from + other, noise() % sizeof(copied));
		replace(at, 0, from + other, length);
		break;
	default:
		from = words[noise() % (sizeof(words) / sizeof(words[0]))];
		replace(at, noise() % 2 ? length : 0, from, strlen(from));
	}
}

/* ---- what is done with them ---- */

/* The tree of a program, or its text formatted; NULL: it is wrong. */
static char *result_of(const char *text, bool format)
{
	static char *const parameters[] = { (char *)"1", (char *)"abc", NULL };
	static const struct program_options opt = { .parameters = parameters };
	struct source src = { "stdin", text };
	struct arena *a = arena_new();
	struct diags *d = diags_new();
	struct str out = STR_INIT;
	struct program *p = program_parse(a, &src, &opt, d);
	char *result = NULL;

	if (p && format)
		program_format(p, &out);
	else if (p)
		program_print(p, &out);
	if (p) {
		struct str words = STR_INIT;

		for (unsigned i = 0; i < p->n_clauses; i++)
			node_print(p->clauses[i]->body, &words);
		str_release(&words);
		result = strdup(out.s ? out.s : "");
	}
	str_release(&out);
	diags_free(d);
	arena_free(a);
	return result;
}

static void fail(const char *why, const char *once, const char *twice)
{
	fprintf(stderr, "fuzz lang: %s\n%s\n---- and then\n%s\n", why, once ? once : "(wrong)",
		twice ? twice : "(wrong)");
	abort();
}

static void one_program(void)
{
	char *tree, *once, *twice, *again;

	snprintf(program, sizeof(program), "%s", seeds[noise() % n_seeds]);
	for (uint64_t times = 1 + noise() % 6; times > 0; times--)
		break_once();
	tree = result_of(program, false);
	if (tree) {
		once = result_of(program, true);
		twice = result_of(once, true);
		again = result_of(once, false);
		if (!again || strcmp(tree, again) != 0)
			fail("formatting changes the tree", tree, again);
		if (!twice || strcmp(once, twice) != 0)
			fail("formatting changes its own work", once, twice);
		free(once);
		free(twice);
		free(again);
	}
	free(tree);
}

static bool begin(void)
{
	add_directory("tests/lang", ".t");
	add_directory("/usr/sbin", ".bt");
	if (n_seeds == 0)
		fprintf(stderr, "fuzz lang: there is no tests/lang here\n");
	return n_seeds > 0;
}

static void show(FILE *to)
{
	fprintf(to, "%s\n", program);
}

int main(int argc, char **argv)
{
	static const struct fuzzer lang = { "lang", "programs", begin, one_program, show, NULL };

	return fuzz_main(&lang, argc, argv);
}
