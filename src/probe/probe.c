/* probe.c - which provider a target means.
 *
 *	/usr/bin/bash:readline	./app:0x1139	libc:fopen	a file (it has a slash, or is a program in
 *								PATH, or a library of the ld.so cache)
 *	vfs_read	xfs:xfs_file_open			the kernel, or one of its modules
 *	usdt:./app:PROVIDER:NAME	usdt:*:NAME		a static probe of a file, of a process's files
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
	{ "fentry", "f", .of = OF_KERNEL, .list = kprobe_list, .when_named = true },
	{ "fexit", "fr", .of = OF_KERNEL, .list = kprobe_list, .when_named = true },
	{ "hardware", "h", .of = OF_KERNEL, .list = hardware_list },
	{ "interval", "i", .of = OF_KERNEL, .list = interval_list },
	{ "kprobe", "k", .of = OF_KERNEL, .list = kprobe_list },
	{ "kretprobe", "kr", .of = OF_KERNEL, .list = kprobe_list, .when_named = true },
	{ "profile", "p", .of = OF_KERNEL, .list = profile_list },
	{ "software", "s", .of = OF_KERNEL, .list = software_list },
	{ "tracepoint", "t", .of = OF_KERNEL, .list = tracepoint_list },
	{ "uprobe", "u", .of = OF_FILE, .list = uprobe_list },
	{ "uretprobe", "ur", .of = OF_FILE, .list = uprobe_list, .when_named = true },
	{ "usdt", "U", .of = OF_FILE, .list = usdt_list },
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

/* Is it one of the two colons in a name, ns::f? */
static bool is_scope(const struct definition *def, unsigned colon)
{
	return def->target[colon + 1] == ':' || (colon && def->target[colon - 1] == ':');
}

/* The longest prefix that is a file; from: where the file may begin. 0; or -errno, and t->rest is behind the
 * prefix that should have been one (0: there is no colon). */
static int find_file(struct probe_context *c, const struct definition *def, unsigned from,
		     struct target_file *t)
{
	int err = -ENOENT;

	for (unsigned i = def->n_colons; i-- > 0;) {
		unsigned colon = def->colons[i];
		char *word, *source;
		int r;

		if (colon <= from)
			continue;
		word = prefix(c, def, from, colon);
		r = path_find(word, c->opt.pid, &t->file);
		if (r == 0 || (!t->rest && !is_scope(def, colon)) || (err == -ENOENT && r != -ENOENT && !is_scope(def, colon))) {
			t->rest = colon + 1;
			err = r;
		}
		if (r != 0 && source_find_file(word, c->opt.pid, &t->file, &source) == 0) {
			t->rest = from + (unsigned)(source - word);
			t->source = true;
			return 0;
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

	c->absent = err == -ENOENT;
	switch (err) {
	case -ENOENT:
		if (strchr(file, '/'))
			return diag_error(c->diags, at, "there is no file '%s'", file);
		diag_error(c->diags, at, "there is no %s '%s'", kinds, file);
		if (access(arena_strndup(c->arena, file, strcspn(file, "@")), F_OK) == 0)	/* FILE, FILE@SOURCE */
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

static bool expand_user(struct probe_context *c, const struct definition *def, unsigned from,
			bool (*expand)(struct probe_context *c, const struct definition *def,
				       const struct target_file *t))
{
	struct target_file t = { 0 };
	int err = find_file(c, def, from, &t);
	bool ok;

	if (err)
		return no_file(c, def, from, &t, err);
	ok = expand(c, def, &t);
	found_file_release(&t.file);
	return ok;
}

/* usdt:FILE:[PROVIDER:]NAME, and usdt:*:[PROVIDER:]NAME for the files of a process. */
static bool expand_static(struct probe_context *c, const struct definition *def)
{
	unsigned from = (unsigned)strlen("usdt:"), file_end = def->n_colons > 1 ? def->colons[1] : 0;

	if (strcmp(def->target + from, "*") == 0)
		return usdt_expand_process(c, def, from);
	if (file_end == from + 1 && def->target[from] == '*')
		return usdt_expand_process(c, def, file_end + 1);
	return expand_user(c, def, from, usdt_expand);
}

static bool expand(struct probe_context *c, const struct definition *def)
{
	struct target_file t = { 0 };
	char *first;
	bool ok;
	int err;

	if (str_starts(def->target, "uprobe:") && def->n_colons > 1)
		return expand_user(c, def, 7, uprobe_expand);
	if (str_starts(def->target, "usdt:"))
		return expand_static(c, def);
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

bool probe_expand(struct probe_context *c, const struct definition *def)
{
	size_t before = c->n_sites;
	bool ok = expand(c, def);

	return missing_tell(c, before) && ok;
}

/* ---- -l ---- */

/* The word before the first colon; "" when there is none. */
struct provider_word {
	char text[16];
};

static struct provider_word provider_word(const char *pattern)
{
	const char *colon = strchr(pattern, ':');
	struct provider_word w = { "" };

	if (colon && (size_t)(colon - pattern) < sizeof(w.text))
		memcpy(w.text, pattern, (size_t)(colon - pattern));
	return w;
}

/* Does the word mean the provider? As a glob it means all but those that are where another one is. */
static bool is_meant(const struct provider_row *p, const struct provider_word *w)
{
	return strcmp(w->text, p->name) == 0 || strcmp(w->text, p->shortname) == 0 ||
	       (str_is_glob(w->text) && !p->when_named && str_glob(w->text, p->name));
}

static bool means_any(const struct provider_word *w, bool of_kernel)
{
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (is_meant(&providers[i], w) && (!of_kernel || providers[i].of == OF_KERNEL))
			return true;
	return false;
}

bool probe_list_asks_kernel(const char *pattern)
{
	struct provider_word w = provider_word(pattern);

	return strchr(pattern, ':') ? means_any(&w, true) : true;
}

bool probe_list_is_pattern(const char *text)
{
	struct provider_word w = provider_word(text);

	return means_any(&w, false);
}

/* A point is listed under the name that was asked for: kretprobe, not kprobe. */
struct renaming {
	struct probe_lister *l;
	const char *provider;
};

static void list_renamed(void *ctx, const char *line, const char *details)
{
	struct renaming *r = ctx;
	struct str renamed = STR_INIT;

	str_addf(&renamed, "%s%s", r->provider, strchr(line, ':'));
	r->l->fn(r->l->ctx, renamed.s, details);
	str_release(&renamed);
}

static bool list_provider(struct probe_lister *l, const struct provider_row *p, const char *glob)
{
	struct renaming r = { l, p->name };
	struct probe_lister renaming = { l->context, l->verbose, list_renamed, &r, l->why_none };
	bool ok;

	if (!p->when_named)		/* its lines have its name */
		return p->list(l, glob);
	ok = p->list(&renaming, glob);
	l->why_none = renaming.why_none;
	return ok;
}

/* The providers whose names fit. Where there are several, what is no file is none of those that want one. */
static bool list_meant(struct probe_lister *l, const char *pattern, const struct provider_word *w)
{
	struct diags *mine = str_is_glob(w->text) ? diags_new() : NULL, *theirs = l->context->diags;
	bool ok = true;

	if (mine)
		l->context->diags = mine;
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (is_meant(&providers[i], w))
			ok = list_provider(l, &providers[i], strchr(pattern, ':') + 1) && ok;
	l->context->diags = theirs;
	diags_free(mine);
	return ok || mine;
}

bool probe_list(struct probe_lister *l, const char *pattern)
{
	struct provider_word w = provider_word(pattern);
	bool ok = true;

	if (means_any(&w, false))
		return list_meant(l, pattern, &w);
	if (strchr(pattern, ':')) {
		diag_error(l->context->diags, NO_SPAN, "there is no provider in '%s'", pattern);
		return diag_hint(l->context->diags, "a pattern is uprobe:FILE:GLOB, kprobe:GLOB, tracepoint:GLOB, "
						    "or a glob over the last two");
	}
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (providers[i].of == OF_KERNEL && !providers[i].when_named)
			ok = providers[i].list(l, pattern) && ok;
	if (strchr(pattern, '/'))
		l->why_none = "the functions of a file are uprobe:FILE:GLOB";
	return ok;
}
