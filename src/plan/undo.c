/* undo.c - an undo as a line of text, for the journal: what a later run needs to take a step back.
 *
 *	delete uprobe_events trapline_471_8812/readline_471_0
 *	rmdir instances/trapline_471_8812
 *	write instances/x/tracing_on 0
 *
 * The journal may be read by another run of another version: a line that is not exactly of this form, or
 * that points out of tracefs, is refused.
 */
#include "plan/plan.h"

#include <string.h>

static const struct {
	enum undo_kind kind;
	const char *word;
	bool text;		/* a text follows the file */
} rows[] = {
	{ UNDO_DELETE, "delete", true },
	{ UNDO_RMDIR, "rmdir", false },
	{ UNDO_WRITE, "write", true },
};

void undo_print(const struct undo *u, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == u->kind)
			str_addf(out, rows[i].text ? "%s %s %s\n" : "%s %s\n", rows[i].word, u->file, u->text);
}

static bool file_is_safe(const char *file)
{
	return *file && *file != '/' && strncmp(file, "../", 3) != 0 && !strstr(file, "/..") &&
	       strcmp(file, "..") != 0;
}

bool undo_parse(struct arena *a, const char *line, struct undo *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t word = strlen(rows[i].word), file;
		const char *p = line + word;

		if (strncmp(line, rows[i].word, word) != 0 || *p++ != ' ')
			continue;
		file = strcspn(p, " \n");
		if (rows[i].text != (p[file] == ' '))
			return false;
		*out = (struct undo){ .kind = rows[i].kind, .file = arena_strndup(a, p, file) };
		if (rows[i].text) {
			p += file + 1;
			out->text = arena_strndup(a, p, strcspn(p, "\n"));
		}
		return file_is_safe(out->file) && (!out->text || *out->text);
	}
	return false;
}
