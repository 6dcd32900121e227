/* source.c - places that only the debug information knows: lines of source, and inlined functions.
 *
 *	./app@main.c:42		./app@lib/list.c:17:9		the statements of a line
 *	./app:list_add						also where the compiler put its code into others
 *
 * sym/ says where these places are, and what about them is doubtful. Here it becomes sites, and sentences.
 */
#include "probe/uprobe.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

/* ---- FILE@SOURCE ---- */

int source_find_file(char *word, pid_t pid, struct found_file *out, char **source)
{
	char *at = strrchr(word, '@');
	int err;

	if (!at || at == word || !at[1])
		return -ENOENT;
	*at = '\0';
	err = path_find(word, pid, out);
	if (err)
		*at = '@';
	*source = at + 1;
	return err;
}

static bool no_debug_information(struct probe_context *c, struct span at, const char *path, struct elf_file *elf)
{
	diag_error(c->diags, at, "the source lines of %s are not known: it has no debug information", path);
	return diag_hint(c->diags, "compile it with -g, or install the debug information of build ID %s",
			 *elf_build_id(elf) ? elf_build_id(elf) : "(missing)");
}

/* ---- lines ---- */

/* SOURCE:LINE[:COLUMN]; reports and returns false. */
static bool parse_line(struct job *j, struct line_query *q)
{
	char *text = arena_strdup(j->c->arena, j->source), *colon = strchr(text, ':'), *second;
	unsigned long long line = 0, column = 0;

	if (!colon)
		return diag_error(j->c->diags, j->at, "a line is missing after '%s': %s@%s:LINE", text, j->file->path,
				  text);
	*colon++ = '\0';
	second = strchr(colon, ':');
	if (second)
		*second++ = '\0';
	if (!str_to_u64(colon, &line) || !line || line > INT32_MAX)
		return diag_error(j->c->diags, j->at, "'%s' is not the number of a line", colon);
	if (second && (!str_to_u64(second, &column) || !column || column > INT32_MAX))
		return diag_error(j->c->diags, j->at, "'%s' is not the number of a column", second);
	*q = (struct line_query){ .file = text, .line = (unsigned)line, .column = (unsigned)column };
	return true;
}

static bool no_such_source(struct job *j, const char *file)
{
	struct str_closest near = { .word = file };
	struct line_query all = { .file = "*" };
	struct line_answer a;

	diag_error(j->c->diags, j->at, "%s has no source file '%s'", j->file->path, file);
	lines_find(j->elf, &all, &a);
	for (size_t i = 0; i < a.n_files; i++)
		str_closest_try(&near, strrchr(a.files[i], '/') ? strrchr(a.files[i], '/') + 1 : a.files[i]);
	if (near.best)
		diag_hint(j->c->diags, "did you mean '%s'?", near.best);
	else
		diag_hint(j->c->diags, "`trapline -l 'uprobe:%s@*'` lists them", j->file->path);
	free(near.best);
	lines_release(&a);
	return false;
}

/* The line is there, and nothing was made of it. */
static bool no_code(struct job *j, const struct line_query *q, const struct line_answer *a)
{
	struct line_query whole = { .file = q->file, .line = q->line };
	struct str columns = STR_INIT;
	struct line_answer any;

	if (q->column && lines_find(j->elf, &whole, &any) == 0 && any.n) {
		diag_error(j->c->diags, j->at, "no statement of %s:%u begins in column %u", q->file, q->line, q->column);
		for (size_t i = 0; i < any.n; i++)
			if (i == 0 || any.sites[i].column != any.sites[i - 1].column)
				str_addf(&columns, "%s%u", i ? ", " : "", any.sites[i].column);
		diag_hint(j->c->diags, "the line begins in column %s", columns.s);
		str_release(&columns);
		lines_release(&any);
		return false;
	}
	if (q->column)
		lines_release(&any);
	diag_error(j->c->diags, j->at, "nothing was compiled from line %u of %s", q->line, q->file);
	if (a->before && a->after)
		return diag_hint(j->c->diags, "lines %u and %u are the nearest that have code", a->before, a->after);
	if (a->before || a->after)
		return diag_hint(j->c->diags, "line %u is the nearest that has code", a->before + a->after);
	return false;
}

/* Files that end in the same way, and all have such a line. */
static bool is_ambiguous(struct job *j, const struct line_query *q, const struct line_answer *a)
{
	bool several = false;

	for (size_t i = 1; i < a->n; i++)
		several |= strcmp(a->sites[i].file, a->sites[0].file) != 0;
	if (!several || str_is_glob(q->file))
		return false;
	diag_error(j->c->diags, j->at, "'%s' may be several source files of %s", q->file, j->file->path);
	for (size_t i = 0; i < a->n; i++)
		if (i == 0 || strcmp(a->sites[i].file, a->sites[i - 1].file) != 0)
			diag_hint(j->c->diags, "%s@%s:%u is one of them", j->file->path, a->sites[i].file, q->line);
	return true;
}

static bool too_many(struct job *j, size_t n, const char *what)
{
	if (n <= j->c->opt.max_probes)
		return false;
	diag_error(j->c->diags, j->at, "'%s' means %zu %s in %s, more than %u", j->source ? j->source : j->name, n, what,
		   j->file->path, j->c->opt.max_probes);
	diag_hint(j->c->diags, "--max-probes %zu allows them", n);
	return true;
}

/* A site at each address. describe(i) says what it is. True when there is one at least. */
static bool add_place(struct job *j, uint64_t address, const char *why_here, bool optional)
{
	struct symbol function;
	bool known = elf_function_at(j->elf, address, &function), ok;

	j->why_here = why_here;
	ok = uprobe_add_site(j, known ? &function : NULL, address, optional, NULL);
	j->why_here = NULL;
	return ok;
}

static const char *describe_line(struct job *j, const struct line_site *s)
{
	struct arena *a = j->c->arena;
	const char *name = arena_fmt(a, "%s:%u", s->file, s->line);

	if (s->into)
		return arena_fmt(a, "%s, in %s, inlined in %s", name, s->function, s->into);
	return s->function ? arena_fmt(a, "%s, in %s", name, s->function) : name;
}

static bool add_lines(struct job *j, const struct line_query *q, const struct line_answer *a)
{
	size_t before = j->c->n_sites;

	if (!a->n_files)
		return no_such_source(j, q->file);
	if (!a->n)
		return no_code(j, q, a);
	if (is_ambiguous(j, q, a) || too_many(j, a->n, "places"))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!add_place(j, a->sites[i].address, describe_line(j, &a->sites[i]), a->n > 1))
			return false;
	return j->c->n_sites > before ||
	       diag_error(j->c->diags, j->at, "none of the %zu places of the line can be probed", a->n);
}

bool source_expand_line(struct job *j)
{
	struct line_answer a;
	struct line_query q;
	bool ok;

	if (j->def->ret)
		return diag_error(j->c->diags, j->at, "a line has no return: a return probe is about a whole function");
	if (!parse_line(j, &q))
		return false;
	ok = lines_find(j->elf, &q, &a) == 0 ? add_lines(j, &q, &a)
					     : no_debug_information(j->c, j->at, j->file->path, j->elf);
	lines_release(&a);
	return ok;
}

/* ---- inlined functions ---- */

static const char *describe_copy(struct job *j, const struct inlined_site *s)
{
	struct arena *a = j->c->arena;
	const char *name = s->function ? s->function : j->name;

	if (!s->into)
		return arena_fmt(a, "%s, inlined", name);
	return s->file ? arena_fmt(a, "%s, inlined in %s at %s:%u", name, s->into, s->file, s->line)
		       : arena_fmt(a, "%s, inlined in %s", name, s->into);
}

/* Returns are to be probed: there are none in inlined code. */
static bool no_return(struct job *j, const struct inline_answer *a, bool symbols, bool *ok)
{
	const char *first = describe_copy(j, &a->sites[0]);

	if (symbols) {
		diag_warn(j->c->diags, j->at, "%zu inlined cop%s of '%s' %s no return: those calls are not seen (%s)", a->n,
			  a->n == 1 ? "y" : "ies", j->name, a->n == 1 ? "has" : "have", first);
		return false;
	}
	diag_error(j->c->diags, j->at, "'%s' has no return in %s: it is only inlined (%s), and inlined code does not "
				       "return, it ends", j->name, j->file->path, first);
	diag_hint(j->c->diags, "its entries can be probed: %s",
		  j->def->tap ? "uprobe in place of uretprobe" : "p in place of r");
	*ok = false;
	return true;
}

static bool add_copies(struct job *j, const struct inline_answer *a, bool symbols)
{
	if (too_many(j, a->n, "inlined copies"))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const char *what = describe_copy(j, &a->sites[i]);
		size_t before = j->c->n_sites;
		bool ok;

		j->copy = &a->sites[i];
		ok = add_place(j, a->sites[i].address, what, symbols || a->n > 1);
		j->copy = NULL;
		if (!ok)
			return false;
		if (a->sites[i].doubt && j->c->n_sites > before)
			diag_warn(j->c->diags, j->at, "hits of %s may not be calls: %s", what, a->sites[i].doubt);
	}
	return true;
}

bool source_expand_copies(struct job *j, bool symbols, bool *ok)
{
	struct inline_answer a;
	bool any = false;

	if (j->offset || j->c->opt.no_inlines)
		return false;
	if (inline_find(j->elf, j->name, &a) == 0 && a.n) {
		any = true;
		if (j->def->ret)
			any = no_return(j, &a, symbols, ok);
		else
			*ok = add_copies(j, &a, symbols);
	}
	inline_release(&a);
	return any;
}

/* ---- -l ---- */

static void list_files(struct probe_lister *l, const char *path, const struct line_answer *a)
{
	for (size_t i = 0; i < a->n_files; i++)
		l->fn(l->ctx, arena_fmt(l->context->arena, "uprobe:%s@%s", path, a->files[i]), NULL);
}

static void list_line(struct probe_lister *l, struct elf_file *elf, const char *path, const struct line_site *s,
		      const char *file)
{
	struct arena *a = l->context->arena;
	uint64_t offset = 0;
	bool executable;

	elf_address_to_offset(elf, s->address, &offset, &executable);
	l->fn(l->ctx, arena_fmt(a, "uprobe:%s@%s:%u", path, file, s->line),
	      l->verbose ? arena_fmt(a, "    address 0x%llx, offset 0x%llx, column %u%s%s%s%s%s\n",
				     (unsigned long long)s->address, (unsigned long long)offset, s->column,
				     s->first ? "" : ", another statement",
				     s->function ? ", in " : "", s->function ? s->function : "",
				     s->into ? ", inlined in " : "", s->into ? s->into : "") : NULL);
}

/* SOURCE, or SOURCE:GLOB with a glob for the numbers of lines. */
static bool list_lines(struct probe_lister *l, struct elf_file *elf, const char *path, char *source)
{
	char *glob = strrchr(source, ':');
	struct line_query q = { .file = source, .statements = l->verbose };
	struct line_answer a;
	char number[16];
	bool ok = true;

	if (glob)
		*glob++ = '\0';
	if (lines_find(elf, &q, &a) != 0)
		ok = no_debug_information(l->context, NO_SPAN, path, elf);
	else if (!glob)
		list_files(l, path, &a);
	for (size_t i = 0; ok && glob && i < a.n; i++) {
		snprintf(number, sizeof(number), "%u", a.sites[i].line);
		if (str_glob(glob, number))
			list_line(l, elf, path, &a.sites[i], a.n_files > 1 ? a.sites[i].file : source);
	}
	lines_release(&a);
	return ok;
}

bool source_list(struct probe_lister *l, const char *pattern, bool *ok)
{
	struct probe_context *c = l->context;
	char *word = arena_strdup(c->arena, pattern), *source;
	const char *why = NULL;
	struct elf_file *elf;
	struct found_file f;
	int err;

	if (source_find_file(word, c->opt.pid, &f, &source) != 0)
		return false;
	err = elf_open(f.kernel_path, &elf, &why);
	if (err) {
		*ok = diag_error(c->diags, NO_SPAN, "%s cannot be read: %s", f.path,
				 err == -ENOEXEC && why ? why : os_strerror(-err));
	} else {
		*ok = list_lines(l, elf, f.path, source);
		elf_close(elf);
	}
	found_file_release(&f);
	return true;
}

static void describe_listed(struct elf_file *elf, const struct inlined_site *s, struct str *out)
{
	uint64_t offset = 0;
	bool executable;

	elf_address_to_offset(elf, s->address, &offset, &executable);
	str_addf(out, "    inlined in %s at %s:%u, address 0x%llx, offset 0x%llx%s%s\n", s->into ? s->into : "?",
		 s->file ? s->file : "?", s->line, (unsigned long long)s->address, (unsigned long long)offset,
		 s->doubt ? "; hits may not be calls: " : "", s->doubt ? s->doubt : "");
	arguments_describe(elf, s->address, s, out);
}

void source_list_copies(struct probe_lister *l, struct elf_file *elf, const char *path, const char *glob)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct inline_answer a;

	inline_find(elf, glob, &a);
	for (size_t i = 0; i < a.n; i++) {
		const char *name = a.sites[i].function ? a.sites[i].function : glob;
		const char *quote = strchr(name, ':') ? "\"" : "";

		str_clear(&text);
		if (l->verbose)
			describe_listed(elf, &a.sites[i], &text);
		l->fn(l->ctx, arena_fmt(l->context->arena, "uprobe:%s:%s%s%s", path, quote, name, quote),
		      l->verbose ? text.s : NULL);
	}
	inline_release(&a);
}
