/* lesson.c - puts the steps of an explanation together, note by note; out/ knows how they look.
 *
 * A step is begun, filled and shown; its texts live in the lesson's own arena until the next one begins.
 */
#include "cmd/cmd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void lesson_begin(struct teacher *t, const struct site *site, const char *key, const char *title, ...)
{
	va_list ap;

	arena_free(t->arena);
	t->arena = arena_new();
	free(t->lesson.notes);
	t->lesson = (struct lesson){ .number = t->lesson.number + 1, .probe = site ? site->label : NULL,
				     .key = key };
	va_start(ap, title);
	t->lesson.title = arena_vfmt(t->arena, title, ap);
	va_end(ap);
}

void lesson_show(struct teacher *t)
{
	out_lesson(t->out, &t->lesson);
}

static struct note *add(struct teacher *t, enum note_kind kind, const char *key, const char *label)
{
	struct note *n = MEM_PUSH(t->lesson.notes, t->lesson.n_notes);

	n->kind = kind;
	n->key = key;
	n->label = label;
	return n;
}

void lesson_text(struct teacher *t, const char *fmt, ...)
{
	struct note *n = add(t, NOTE_TEXT, NULL, NULL);
	va_list ap;

	va_start(ap, fmt);
	n->text = arena_vfmt(t->arena, fmt, ap);
	va_end(ap);
}

void lesson_fact(struct teacher *t, const char *key, const char *label, const char *fmt, ...)
{
	struct note *n = add(t, NOTE_FACT, key, label);
	va_list ap;

	va_start(ap, fmt);
	n->text = arena_vfmt(t->arena, fmt, ap);
	va_end(ap);
}

void lesson_number(struct teacher *t, const char *key, const char *label, uint64_t number, const char *fmt, ...)
{
	struct note *n = add(t, NOTE_NUMBER, key, label);
	va_list ap;

	n->number = number;
	va_start(ap, fmt);
	n->text = arena_vfmt(t->arena, fmt, ap);
	va_end(ap);
}

void lesson_command(struct teacher *t, const char *fmt, ...)
{
	struct note *n = add(t, NOTE_COMMAND, NULL, NULL);
	va_list ap;

	va_start(ap, fmt);
	n->text = arena_vfmt(t->arena, fmt, ap);
	va_end(ap);
}

/* The bytes of the first line; a newline between quotes does not end it. */
static size_t line_length(const char *text)
{
	bool quoted = false;
	size_t n = 0;

	for (; text[n] && (quoted || text[n] != '\n'); n++)
		quoted ^= text[n] == '\'';
	return n;
}

void lesson_lines(struct teacher *t, const char *lines)
{
	for (size_t n; *lines; lines += n + (lines[n] == '\n')) {
		bool comment = str_starts(lines, "# ");

		n = comment ? strcspn(lines, "\n") : line_length(lines);
		add(t, comment ? NOTE_TEXT : NOTE_COMMAND, NULL, NULL)->text =
			comment ? arena_fmt(t->arena, "(%.*s)", (int)n - 2, lines + 2)
				: arena_strndup(t->arena, lines, n);
	}
}

void lesson_table(struct teacher *t, const char *key, const char *const *columns)
{
	add(t, NOTE_TABLE, key, NULL)->columns = columns;
}

void lesson_row(struct teacher *t, ...)
{
	struct note *n = &t->lesson.notes[t->lesson.n_notes - 1];
	unsigned n_columns = 0, used;
	const char **cells;
	va_list ap;

	while (n->columns[n_columns])
		n_columns++;
	used = n->n_rows * n_columns;
	cells = arena_alloc(t->arena, (used + n_columns) * sizeof(*cells));
	if (used)
		memcpy(cells, n->cells, used * sizeof(*cells));
	va_start(ap, t);
	for (unsigned i = 0; i < n_columns; i++) {
		const char *cell = va_arg(ap, const char *);

		cells[used + i] = cell ? arena_strdup(t->arena, cell) : NULL;
	}
	va_end(ap);
	n->cells = cells;
	n->n_rows++;
}

const char *lesson_hex(struct teacher *t, const unsigned char *bytes, size_t n)
{
	struct str s = STR_INIT;
	const char *text;

	for (size_t i = 0; i < n; i++)
		str_addf(&s, "%s%02x", i ? " " : "", bytes[i]);
	text = arena_strdup(t->arena, n ? s.s : "");
	str_release(&s);
	return text;
}

const char *lesson_word(struct teacher *t, const char *word)
{
	struct str s = STR_INIT;
	const char *text;

	str_add_shell_word(&s, word);
	text = arena_strdup(t->arena, s.s);
	str_release(&s);
	return text;
}

void teacher_release(struct teacher *t)
{
	arena_free(t->arena);
	free(t->lesson.notes);
	out_free(t->out);
}
