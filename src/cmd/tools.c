/* tools.c - the ready-made programs: the .bt files of scripts/tools, which are in the binary, so that it needs nothing beside it.
 *
 *	trapline opensnoop
 *
 * The second line of such a file says what it shows: "// opensnoop: the files that are opened". One more program is
 * one more file there.
 */
#include "cmd/cmd.h"

#include <string.h>

#include "base/str.h"

static const struct tool {
	const char *name, *text;
} tools[] = {
#include "cmd/tools.inc"			/* made by the Makefile */
};

const char *tool_text(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		size_t n = strlen(tools[i].name);

		if (strncmp(name, tools[i].name, n) == 0 && (!name[n] || strcmp(name + n, ".bt") == 0))
			return tools[i].text;
	}
	return NULL;
}

void tools_list(FILE *to)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		const char *what = strchr(strchr(tools[i].text, '\n'), ':') + 2;

		fprintf(to, "    %-15s  %.*s\n", tools[i].name, (int)strcspn(what, "\n"), what);
	}
}
