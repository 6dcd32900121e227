/* rows.c - the builtins of the language as entries of the manual page: made from the rows of src/builtin/, so that the
 * page cannot forget one. `make` puts them into man/trapline-lang.7.in where it says @NAME@.
 */
#include <stdio.h>
#include <string.h>

#include "lang/tree.h"

static const struct {
	const char *name;
	enum builtin_kind kind;
} sections[] = {
	{ "@VARIABLES@", BUILTIN_VARIABLE },
	{ "@FUNCTIONS@", BUILTIN_FUNCTION },
	{ "@AGGREGATES@", BUILTIN_AGGREGATE },
};

/* Text for troff: a dash is a minus, a backslash is spelled, and a line does not begin with its own marks. */
static void put(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++)
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
}

static void print_rows(enum builtin_kind kind)
{
	const struct builtin *row;

	for (unsigned i = 0; (row = builtin_at(i)); i++) {
		if (row->kind != kind)
			continue;
		fputs(".TP\n.B ", stdout);
		put(row->usage ? row->usage : row->name);
		putchar('\n');
		put(row->about ? row->about : row->name);
		puts(row->unsafe ? ".\nOnly with\n.BR \\-\\-unsafe ." : ".");
	}
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		size_t i = 0;

		while (i < sizeof(sections) / sizeof(sections[0]) &&
		       strncmp(line, sections[i].name, strlen(sections[i].name)) != 0)
			i++;
		if (i < sizeof(sections) / sizeof(sections[0]))
			print_rows(sections[i].kind);
		else
			fputs(line, stdout);
	}
	return 0;
}
