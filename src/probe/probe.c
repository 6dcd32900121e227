/* probe.c - which provider a target means.
 *
 *	/usr/bin/bash:readline	./app:0x1139	libc:fopen	a file (it has a slash, or is a program in
 *								PATH, or a library of the ld.so cache)
 *	vfs_read	xfs:xfs_file_open			the kernel, or one of its modules
 *
 * Among several colons the longest prefix that is an existing file wins: paths may hold colons. When
 * `x:y` could be both, nothing is guessed: uprobe:x:y and kprobe:x:y say which.
 */
#include "probe/probe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* One more provider is one more line. */
static const struct provider_row providers[] = {
	{ "kprobe", "k", false, kprobe_list },
	{ "tracepoint", "t", false, tracepoint_list },
	{ "uprobe", "u", true, uprobe_list },
};

struct site *probe_add_site(struct probe_context *c, const struct definition *def, bool optional)
{
	struct site *s = arena_alloc(c->arena, sizeof(*s));

	s->def = def;
	s->ret = def->ret;
	s->maxactive = def->maxactive;
	s->optional = optional;
	s->fd = -1;
	*MEM_PUSH(c->sites, c->n_sites) = s;
	return s;
}

const char *probe_split_offset(struct probe_context *c, const struct definition *def, unsigned rest,
			       uint64_t *offset)
{
	const char *text = def->target + rest;
	const char *plus = strrchr(text, '+');
	unsigned long long n;

	*offset = 0;
	if (!plus || plus == text || !str_to_u64(plus + 1, &n))
		return arena_strdup(c->arena, text);
	*offset = n;
	return arena_strndup(c->arena, text, (size_t)(plus - text));
}

static char *prefix(struct probe_context *c, const struct definition *def, unsigned from, unsigned to)
{
	return arena_strndup(c->arena, def->target + from, to - from);
}

/* The longest prefix that is a file; from: where the file may begin. */
static bool find_file(struct probe_context *c, const struct definition *def, unsigned from,
		      struct target_file *t)
{
	for (unsigned i = def->n_colons; i-- > 0;) {
		unsigned colon = def->colons[i];

		if (colon <= from || path_find(prefix(c, def, from, colon), c->opt.pid, &t->file) != 0)
			continue;
		t->rest = colon + 1;
		return true;
	}
	return false;
}

static bool no_file(struct probe_context *c, const struct definition *def, unsigned from)
{
	unsigned end = (unsigned)strlen(def->target);
	char *file;

	for (unsigned i = 0; i < def->n_colons; i++)
		if (def->colons[i] > from)
			end = def->colons[i];	/* the last one */
	file = prefix(c, def, from, end);
	if (end == strlen(def->target)) {
		diag_error(c->diags, def->target_span, "a user target is FILE:SYMBOL or FILE:0xOFFSET");
		return diag_hint(c->diags, "`trapline -l 'uprobe:%s:*'` lists the symbols", file);
	}
	diag_error(c->diags, definition_target_span(def, from, end), strchr(file, '/')
		   ? "there is no file '%s'" : "there is no program, library or kernel module '%s'", file);
	if (!strchr(file, '/') && access(file, F_OK) == 0)
		diag_hint(c->diags, "a file in this directory is written ./%s", file);
	return false;
}

/* x in `x:y` is both a file and a module: name both spellings. */
static bool ambiguous(struct probe_context *c, const struct definition *def, struct target_file *t,
		      const char *name)
{
	diag_error(c->diags, definition_target_span(def, 0, (unsigned)strlen(name)),
		   "'%s' is a file (%s) and a kernel module", name, t->file.path);
	diag_hint(c->diags, "write %s:%s for the file, kprobe:%s:%s for the module", t->file.path,
		  def->target + t->rest, name, def->target + t->rest);
	found_file_release(&t->file);
	return false;
}

static bool expand_user(struct probe_context *c, const struct definition *def, unsigned from)
{
	struct target_file t = { 0 };
	bool ok;

	if (!find_file(c, def, from, &t))
		return no_file(c, def, from);
	ok = uprobe_expand(c, def, &t);
	found_file_release(&t.file);
	return ok;
}

bool probe_expand(struct probe_context *c, const struct definition *def)
{
	struct target_file t = { 0 };
	char *first;
	bool ok;

	if (str_starts(def->target, "uprobe:") && def->n_colons > 1)
		return expand_user(c, def, 7);
	if (str_starts(def->target, "kprobe:") && def->n_colons)
		return kprobe_expand(c, def, 7);
	if (def->n_colons == 0)
		return def->quoted || strchr(def->target, '/') ? no_file(c, def, 0) : kprobe_expand(c, def, 0);

	first = prefix(c, def, 0, def->colons[0]);
	if (!find_file(c, def, 0, &t)) {
		if (!def->quoted && !strchr(first, '/') && def->n_colons == 1 && c->catalog &&
		    catalog_has_module(c->catalog, first))
			return kprobe_expand(c, def, 0);
		return no_file(c, def, 0);
	}
	if (!def->quoted && !strchr(first, '/') && t.rest == def->colons[0] + 1 && c->catalog &&
	    catalog_has_module(c->catalog, first))
		return ambiguous(c, def, &t, first);
	ok = uprobe_expand(c, def, &t);
	found_file_release(&t.file);
	return ok;
}

bool probe_list(const struct probe_lister *l, const char *pattern)
{
	const char *colon = strchr(pattern, ':');
	bool ok = true;

	for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
		const struct provider_row *p = &providers[i];
		size_t len = colon ? (size_t)(colon - pattern) : 0;

		if (colon && ((strlen(p->name) == len && strncmp(pattern, p->name, len) == 0) ||
			      (strlen(p->shortname) == len && strncmp(pattern, p->shortname, len) == 0)))
			return p->list(l, colon + 1);
	}
	if (colon) {
		diag_error(l->context->diags, NO_SPAN, "there is no provider in '%s'", pattern);
		return diag_hint(l->context->diags, "a pattern is uprobe:FILE:GLOB, kprobe:GLOB, tracepoint:GLOB, "
						    "or a glob over the last two");
	}
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (!providers[i].needs_file)
			ok = providers[i].list(l, pattern) && ok;
	return ok;
}
