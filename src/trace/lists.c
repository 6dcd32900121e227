/* lists.c - what there is to probe in this kernel: its functions, its events, their fields.
 *
 * The lists are read when somebody wants them, and not kept: /proc/kallsyms alone takes the kernel tens of
 * milliseconds to print. The functions that may be probed stand in available_filter_functions, with their
 * modules; a kernel without the function tracer does not have that list, and then all text symbols of
 * /proc/kallsyms must do. An event is a directory events/GROUP/NAME with an `id` in it.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- functions ---- */

/* A line of words: "vfs_read", "nf_hook [nf_tables]". */
struct function {
	char *name, *module;
};

/* The module's brackets fall away. */
static char *module_name(char *word)
{
	if (!word || *word != '[')
		return NULL;
	word[strcspn(word, "]")] = '\0';
	return word + 1;
}

static bool parse_available(char *line, struct function *f)
{
	char *rest;

	f->name = strtok_r(line, " \t", &rest);
	f->module = module_name(f->name ? strtok_r(NULL, " \t", &rest) : NULL);
	return f->name != NULL;
}

/* "ffffffff81000000 T _stext", "ffffffffc0000000 t f	[module]": text symbols only. */
static bool parse_kallsyms(char *line, struct function *f)
{
	char *rest, *type;

	strtok_r(line, " \t", &rest);
	type = strtok_r(NULL, " \t", &rest);
	f->name = type && strchr("tTwW", *type) ? strtok_r(NULL, " \t", &rest) : NULL;
	f->module = module_name(f->name ? strtok_r(NULL, " \t", &rest) : NULL);
	return f->name != NULL;
}

static int each_line(FILE *file, bool (*parse)(char *line, struct function *f),
		     bool (*fn)(void *ctx, const char *name, const char *module), void *ctx)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, file)) > 0) {
		struct function f;

		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (parse(line, &f) && !fn(ctx, f.name, f.module))
			break;
	}
	free(line);
	fclose(file);
	return 0;
}

static int each_symbol(bool (*fn)(void *ctx, const char *name, const char *module), void *ctx)
{
	FILE *file = fopen("/proc/kallsyms", "re");

	return file ? each_line(file, parse_kallsyms, fn, ctx) : -errno;
}

/* Symbols that are no functions of their own: the padding before one, and its unlikely part. */
struct plain {
	bool (*fn)(void *ctx, const char *name, const char *module);
	void *ctx;
};

static bool plain_only(void *ctx, const char *name, const char *module)
{
	const struct plain *p = ctx;

	return str_starts(name, "__pfx_") || strstr(name, ".cold") || p->fn(p->ctx, name, module);
}

int catalog_functions(struct catalog *c,
		      bool (*fn)(void *ctx, const char *name, const char *module), void *ctx)
{
	const char *given = catalog_functions_file(c);
	int fd = openat(tracefs_dir(catalog_tracefs(c)), given ? given : "available_filter_functions",
			O_RDONLY | O_CLOEXEC);
	struct plain plain = { fn, ctx };
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;

	return file ? each_line(file, parse_available, plain_only, &plain) : each_symbol(plain_only, &plain);
}

struct count {
	const char *name, *module;
	int n;
};

static bool count_one(void *ctx, const char *name, const char *module)
{
	struct count *c = ctx;

	if (strcmp(name, c->name) == 0 && (!c->module || (module && strcmp(module, c->module) == 0)))
		c->n++;
	return true;
}

int catalog_function_count(struct catalog *c, const char *name, const char *module)
{
	struct count count = { name, module, 0 };
	int err = each_symbol(count_one, &count);

	return err ? err : count.n;
}

bool catalog_has_module(struct catalog *c, const char *name)
{
	_cleanup_(str_release) struct str modules = STR_INIT;
	size_t len = strlen(name);

	if (len == 0 || os_read_file(AT_FDCWD, "/proc/modules", &modules))
		return false;
	for (const char *line = modules.s; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, name, len) == 0 && line[len] == ' ')
			return true;
	return false;
}

/* ---- events ---- */

struct walk {
	struct catalog *catalog;
	const char *group;
	bool (*fn)(void *ctx, const char *group, const char *name);
	void *ctx;
	bool stopped;
};

/* What has an id is an event; the other entries are files of the group. */
static bool walk_event(void *ctx, const char *name)
{
	_cleanup_(str_release) struct str id = STR_INIT;
	struct walk *w = ctx;

	str_addf(&id, "events/%s/%s/id", w->group, name);
	if (tracefs_has(catalog_tracefs(w->catalog), id.s))
		w->stopped = !w->fn(w->ctx, w->group, name);
	return !w->stopped;
}

static bool walk_group(void *ctx, const char *group)
{
	_cleanup_(str_release) struct str dir = STR_INIT;
	struct walk *w = ctx;

	str_addf(&dir, "events/%s", group);
	w->group = group;
	tracefs_each(catalog_tracefs(w->catalog), dir.s, walk_event, w);	/* -ENOTDIR: a file of the whole */
	return !w->stopped;
}

int catalog_events(struct catalog *c, bool (*fn)(void *ctx, const char *group, const char *name), void *ctx)
{
	struct walk w = { .catalog = c, .fn = fn, .ctx = ctx };

	return tracefs_each(catalog_tracefs(c), "events", walk_group, &w);
}

int catalog_layout(struct catalog *c, const char *group, const char *name,
		   bool (*fn)(void *ctx, const struct field_layout *f), void *ctx)
{
	_cleanup_(str_release) struct str file = STR_INIT, text = STR_INIT;
	struct arena *a = arena_new();
	struct format format;
	int err;

	str_addf(&file, "events/%s/%s/format", group, name);
	err = tracefs_read(catalog_tracefs(c), file.s, &text);
	if (!err && !format_parse(a, text.s, &format))
		err = -EPROTO;
	for (unsigned i = 0; !err && i < format.n_fields; i++) {
		const struct field *f = &format.fields[i];
		struct field_layout layout = { f->type, f->name, f->offset, f->size, f->is_signed };

		if (!str_starts(f->name, "common_") && !fn(ctx, &layout))
			break;
	}
	arena_free(a);
	return err;
}

struct declared {
	bool (*fn)(void *ctx, const char *declaration);
	void *ctx;
};

static bool declare(void *ctx, const struct field_layout *f)
{
	_cleanup_(str_release) struct str declaration = STR_INIT;
	struct field field = { f->type, f->name, f->offset, f->size, f->is_signed };
	struct declared *d = ctx;

	format_declaration(&field, &declaration);
	return d->fn(d->ctx, declaration.s);
}

int catalog_fields(struct catalog *c, const char *group, const char *name,
		   bool (*fn)(void *ctx, const char *declaration), void *ctx)
{
	return catalog_layout(c, group, name, declare, &(struct declared){ fn, ctx });
}
