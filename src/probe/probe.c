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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"

/* One more provider is one more line. */
static const struct provider_row providers[] = {
	{ "hardware", "h", true, hardware_list },
	{ "interval", "i", true, interval_list },
	{ "kprobe", "k", true, kprobe_list },
	{ "profile", "p", true, profile_list },
	{ "software", "s", true, software_list },
	{ "tracepoint", "t", true, tracepoint_list },
	{ "uprobe", "u", false, uprobe_list },
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

/* The longest prefix that is a file; from: where the file may begin. 0; or -errno, and t->rest is behind the
 * prefix that should have been one (0: there is no colon). */
static int find_file(struct probe_context *c, const struct definition *def, unsigned from,
		     struct target_file *t)
{
	int err = -ENOENT;

	for (unsigned i = def->n_colons; i-- > 0;) {
		unsigned colon = def->colons[i];
		int r;

		if (colon <= from)
			continue;
		r = path_find(prefix(c, def, from, colon), c->opt.pid, &t->file);
		if (r == 0 || !t->rest || (err == -ENOENT && r != -ENOENT)) {
			t->rest = colon + 1;
			err = r;
		}
		if (r == 0)
			break;
	}
	return err;
}

/* ---- no file ---- */

struct guess {
	struct str_closest closest;
	struct str stem;
	bool whole;			/* the word has ".so", so the names are compared as they are */
};

static bool guess_library(void *ctx, const char *soname, const char *path)
{
	struct guess *g = ctx;
	const char *end = g->whole ? NULL : strstr(soname, ".so");

	str_clear(&g->stem);
	str_addn(&g->stem, soname, end ? (size_t)(end - soname) : strlen(soname));
	if (strcmp(g->stem.s, g->closest.word) != 0)	/* in the cache, and gone */
		str_closest_try(&g->closest, g->stem.s);
	return true;
}

static void suggest_library(struct probe_context *c, const char *name)
{
	struct guess g = { .closest = { .word = name }, .whole = strstr(name, ".so") != NULL };

	path_each_library(c->opt.pid, guess_library, &g);
	if (g.closest.best)
		diag_hint(c->diags, "did you mean '%s'?", g.closest.best);
	free(g.closest.best);
	str_release(&g.stem);
}

bool probe_no_file(struct probe_context *c, struct span at, const char *file, const char *kinds, int err)
{
	pid_t pid = c->opt.pid;

	switch (err) {
	case -ENOENT:
		if (strchr(file, '/'))
			return diag_error(c->diags, at, "there is no file '%s'", file);
		diag_error(c->diags, at, "there is no %s '%s'", kinds, file);
		if (access(file, F_OK) == 0)
			return diag_hint(c->diags, "a file in this directory is written ./%s", file);
		suggest_library(c, file);
		return false;
	case -EISDIR:
		return diag_error(c->diags, at, "'%s' is a directory", file);
	case -ESRCH:
		return diag_error(c->diags, NO_SPAN, "there is no process %d", (int)pid);
	case -ENXIO:
		return diag_error(c->diags, NO_SPAN, "process %d runs no program: it has ended, or is a thread of "
						     "the kernel", (int)pid);
	case -EINVAL:
		diag_error(c->diags, at, "'%s' would be trapline itself", file);
		return diag_hint(c->diags, "name the file, or the process that is meant with -p PID");
	default:
		if (pid)
			return diag_error(c->diags, at, "'%s' cannot be reached as process %d sees it: %s", file,
					  (int)pid, os_strerror(-err));
		return diag_error(c->diags, at, "'%s' cannot be reached: %s", file, os_strerror(-err));
	}
}

/* The target, from byte `from`, names no file: find_file() said err and t. */
static bool no_file(struct probe_context *c, const struct definition *def, unsigned from,
		    const struct target_file *t, int err)
{
	unsigned end = t->rest ? t->rest - 1 : (unsigned)strlen(def->target);
	char *file = prefix(c, def, from, end);
	struct target_file whole = { 0 };

	if (!*file || *file == ':') {
		diag_error(c->diags, definition_target_span(def, from, from + 1), "a file is missing");
		return diag_hint(c->diags, "a user target is FILE:SYMBOL or FILE:0xOFFSET");
	}
	if (!t->rest) {			/* perhaps only the symbol is missing */
		err = path_find(file, c->opt.pid, &whole.file);
		found_file_release(&whole.file);
	}
	if (err)
		return probe_no_file(c, definition_target_span(def, from, end), file,
				     from ? "program or library" : "program, library or kernel module", err);
	diag_error(c->diags, def->target_span, "a user target is FILE:SYMBOL or FILE:0xOFFSET");
	return diag_hint(c->diags, "`trapline -l 'uprobe:%s:*'` lists the symbols", file);
}

/* ---- which provider ---- */

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
	int err = find_file(c, def, from, &t);
	bool ok;

	if (err)
		return no_file(c, def, from, &t, err);
	ok = uprobe_expand(c, def, &t);
	found_file_release(&t.file);
	return ok;
}

bool probe_expand(struct probe_context *c, const struct definition *def)
{
	struct target_file t = { 0 };
	char *first;
	bool ok;
	int err;

	if (str_starts(def->target, "uprobe:") && def->n_colons > 1)
		return expand_user(c, def, 7);
	if (str_starts(def->target, "kprobe:") && def->n_colons)
		return kprobe_expand(c, def, 7);
	if (def->n_colons == 0)
		return def->quoted || strchr(def->target, '/') ? no_file(c, def, 0, &t, -ENOENT)
							       : kprobe_expand(c, def, 0);

	first = prefix(c, def, 0, def->colons[0]);
	err = find_file(c, def, 0, &t);
	if (err) {
		if (!def->quoted && !strchr(first, '/') && def->n_colons == 1 && c->catalog &&
		    catalog_has_module(c->catalog, first))
			return kprobe_expand(c, def, 0);
		if (str_starts(def->target, "uprobe:"))
			return no_file(c, def, 7, &(struct target_file){ 0 }, -ENOENT);
		return no_file(c, def, 0, &t, err);
	}
	if (!def->quoted && !strchr(first, '/') && t.rest == def->colons[0] + 1 && c->catalog &&
	    catalog_has_module(c->catalog, first))
		return ambiguous(c, def, &t, first);
	ok = uprobe_expand(c, def, &t);
	found_file_release(&t.file);
	return ok;
}

/* ---- -l ---- */

/* The provider that the pattern begins with, and *glob what stands behind it; or NULL. */
static const struct provider_row *named_provider(const char *pattern, const char **glob)
{
	const char *colon = strchr(pattern, ':');
	size_t n = colon ? (size_t)(colon - pattern) : 0;

	for (size_t i = 0; colon && i < ARRAY_LEN(providers); i++) {
		const char *names[] = { providers[i].name, providers[i].shortname };

		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (strlen(names[k]) == n && strncmp(pattern, names[k], n) == 0) {
				*glob = colon + 1;
				return &providers[i];
			}
	}
	return NULL;
}

bool probe_list_asks_kernel(const char *pattern)
{
	const char *glob;
	const struct provider_row *p = named_provider(pattern, &glob);

	return p ? p->of_kernel : !strchr(pattern, ':');
}

bool probe_list(struct probe_lister *l, const char *pattern)
{
	const char *glob;
	const struct provider_row *p = named_provider(pattern, &glob);
	bool ok = true;

	if (p)
		return p->list(l, glob);
	if (strchr(pattern, ':')) {
		diag_error(l->context->diags, NO_SPAN, "there is no provider in '%s'", pattern);
		return diag_hint(l->context->diags, "a pattern is uprobe:FILE:GLOB, kprobe:GLOB, tracepoint:GLOB, "
						    "or a glob over the last two");
	}
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (providers[i].of_kernel)
			ok = providers[i].list(l, pattern) && ok;
	if (strchr(pattern, '/'))
		l->why_none = "the functions of a file are uprobe:FILE:GLOB";
	return ok;
}
