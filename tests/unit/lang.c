/* lang.c - tests/lang/NAME.t: programs, and what must come of each: the messages, and the tree or the text
 * that --fmt makes.
 *
 *	=== what is tested			a program follows; `=== fmt: ...` formats it
 *	BEGIN { printf("%d", $1) }
 *	--- 5 --name=x				what comes of it; the words are its parameters
 *	Program
 *	...
 *
 * Of every program that is right it is also tested that formatting keeps its tree, and that formatting twice
 * is formatting once. LANG_WRITE=1 writes what comes into the files: look at the difference then.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/os.h"
#include "lang/tree.h"
#include "unit.h"

struct example {
	const char *file;
	char *head, *program, *want;
	const char *words;
};

/* Cuts off the line at *p. */
static char *cut_line(char **p)
{
	char *line = *p, *end = strchr(line, '\n');

	*p = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

/* Cuts off what stands before the next line that begins with the mark. */
static char *cut_before(char **p, const char *mark)
{
	char *text = *p, *at = text;

	while (*at && strncmp(at, mark, strlen(mark)) != 0) {
		char *end = strchr(at, '\n');

		at = end ? end + 1 : at + strlen(at);
	}
	*p = at;
	return text;
}

/* The next example; head is NULL at the end. */
static struct example next_example(const char *file, char **p)
{
	struct example e = { .file = file, .words = "" };
	char *mark;

	cut_before(p, "=== ");
	if (!**p)
		return e;
	e.head = cut_line(p);
	e.program = cut_before(p, "---");
	mark = *p;
	cut_line(p);
	if (*mark) {
		*mark = '\0';		/* the end of the program */
		e.words = mark + 3;
	}
	e.want = cut_before(p, "=== ");
	return e;
}

/* What comes of a program; *tree gets false when there were errors. */
static char *outcome(struct arena *a, const char *text, const char *words, bool format, bool *right)
{
	_cleanup_(str_release) struct str out = STR_INIT;
	struct source src = { "stdin", text };
	struct diags *d = diags_new();
	const char *error, *dirs[] = { "tests/lang/include", NULL };
	char **list = str_shell_words(a, words, &error), *messages = NULL, *result;
	struct program_options opt = { .parameters = list, .include_dirs = dirs };
	struct program *p = program_parse(a, &src, &opt, d);
	size_t n = 0;
	FILE *stream = open_memstream(&messages, &n);

	diags_print(d, stream);
	fclose(stream);
	str_addn(&out, messages, n);
	if (p && format)
		program_format(p, &out);
	else if (p)
		program_print(p, &out);
	*right = p != NULL;
	result = arena_strndup(a, out.s, out.len);
	free(messages);
	diags_free(d);
	return result;
}

static void check_formatting(struct arena *a, const char *name, const char *program, const char *words)
{
	bool right;
	char *tree = outcome(a, program, words, false, &right), *once, *twice, *tree_again;

	if (!right || strstr(tree, "WARNING"))
		return;
	once = outcome(a, program, words, true, &right);
	twice = outcome(a, once, words, true, &right);
	tree_again = outcome(a, once, words, false, &right);
	if (strcmp(once, twice) != 0 || strcmp(tree, tree_again) != 0) {
		unit_failures++;
		printf("%s: formatting changes %s:\n%s---- again:\n%s", name,
		       strcmp(once, twice) != 0 ? "its own work" : "the tree", once, twice);
	}
}

static void check_example(const struct example *e, struct str *written)
{
	struct arena *a = arena_new();
	bool right, format = strncmp(e->head, "=== fmt:", 8) == 0;
	char *got = outcome(a, e->program, e->words, format, &right);

	str_addf(written, "%s\n%s---%s\n%s%s", e->head, e->program, e->words, got, *got ? "\n" : "");
	if (!getenv("LANG_WRITE")) {
		size_t n = strlen(e->want);

		/* an empty line before the next example belongs to nobody */
		if (n && strncmp(e->want, got, strlen(got)) == 0 && strcmp(e->want + strlen(got), "\n") == 0)
			e->want[strlen(got)] = '\0';
		if (strcmp(got, e->want) != 0) {
			unit_failures++;
			printf("%s: %s\n%s---- comes:\n%s---- should come:\n%s\n", e->file, e->head,
			       e->program, got,
			       e->want);
		}
	}
	if (!format || right)
		check_formatting(a, e->head, e->program, e->words);
	arena_free(a);
}

static unsigned check_file(const char *path)
{
	_cleanup_(str_release) struct str text = STR_INIT, written = STR_INIT;
	unsigned n = 0;
	char *p;

	CHECK_INT(os_read_file(AT_FDCWD, path, &text), 0);
	str_addn(&text, "", 0);
	p = text.s;
	for (struct example e = next_example(path, &p); e.head; e = next_example(path, &p)) {
		char next = *p;

		*p = '\0';		/* where the next one begins, this one ends */
		check_example(&e, &written);
		*p = next;
		n++;
	}
	if (getenv("LANG_WRITE") && written.len) {
		FILE *f = fopen(path, "w");

		fwrite(written.s, 1, written.len, f);
		fclose(f);
	}
	return n;
}

/* The tools that are installed are the programs that people know. */
static void check_tool(const char *path)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct arena *a = arena_new();
	bool right;
	char *got;

	CHECK_INT(os_read_file(AT_FDCWD, path, &text), 0);
	got = outcome(a, text.s, "", false, &right);
	if (!right) {
		unit_failures++;
		printf("%s: %s", path, got);
	}
	check_formatting(a, path, text.s, "");
	arena_free(a);
}

static bool ends_with(const char *s, const char *end)
{
	return strlen(s) > strlen(end) && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

static void each_file(const char *directory, const char *end, unsigned *n)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir))) {
		char path[1024];

		if (!ends_with(entry->d_name, end))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (strcmp(end, ".t") == 0)
			*n += check_file(path);
		else
			check_tool(path);
	}
	if (dir)
		closedir(dir);
}

int main(void)
{
	unsigned n = 0;

	each_file("tests/lang", ".t", &n);
	each_file("/usr/sbin", ".bt", &n);
	CHECK(n >= 200);
	return unit_end();
}
