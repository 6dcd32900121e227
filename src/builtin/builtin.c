/* builtin.c - finds rows by name. There are about a hundred of them, and they are looked for while a program is
 * checked, never while it runs: a linear search will do. */
#include "builtin/builtin.h"

#include <string.h>

static const struct builtin *const tables[] = {
	builtin_scalar, builtin_fetched, builtin_stack, builtin_text, builtin_names, builtin_agg, builtin_map,
	builtin_system, builtin_types,
};

const struct builtin *builtin_at(unsigned i)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct builtin *row = tables[t]; row->name; row++)
			if (i-- == 0)
				return row;
	return NULL;
}

/* A row's name may end in N, which stands for a number: argN. */
static bool is_called(const struct builtin *row, const char *name)
{
	size_t n = strlen(row->name);

	if (strcmp(row->name, name) == 0)
		return row->name[n - 1] != 'N';
	if (row->name[n - 1] != 'N' || strncmp(row->name, name, n - 1) != 0 || !name[n - 1])
		return false;
	return strspn(name + n - 1, "0123456789") == strlen(name + n - 1);
}

const struct builtin *builtin_find(const char *name)
{
	const struct builtin *row;

	for (unsigned i = 0; (row = builtin_at(i)); i++)
		if (is_called(row, name))
			return row;
	return NULL;
}
