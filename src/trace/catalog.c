/* catalog.c - what this kernel has.
 *
 * A kernel is asked, not guessed at by its age: each feature is a row that knows how to ask, and the words
 * for when the answer is no. The exception is FEATURE_LONG_STRINGS: on a kernel that lacks that fix, the
 * question itself would overwrite kernel memory, so there its version must do.
 *
 * The lists (functions, events, fields) are read when somebody wants them; /proc/kallsyms alone takes the
 * kernel tens of milliseconds to print.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum answer { NOT_ASKED, YES, NO };

struct catalog {
	struct tracefs *tracefs;
	enum answer answers[N_FEATURES];
};

struct catalog *catalog_new(struct tracefs *t)
{
	struct catalog *c = mem_alloc(sizeof(*c));

	c->tracefs = t;
	return c;
}

void catalog_free(struct catalog *c)
{
	free(c);
}

/* ---- features ---- */

/* A comment is a line that changes nothing; a locked-down kernel refuses even that. */
static bool takes_lines(struct catalog *c, const char *file)
{
	return tracefs_append(c->tracefs, file, "# trapline asks") == 0;
}

static bool has_uprobes(struct catalog *c)
{
	return takes_lines(c, "uprobe_events");
}

static bool has_kprobes(struct catalog *c)
{
	return takes_lines(c, "kprobe_events");
}

struct version {
	unsigned major, minor, patch;
};

static bool parse_version(const char *text, struct version *v)
{
	return text && sscanf(text, "%u.%u.%u", &v->major, &v->minor, &v->patch) == 3;
}

/* Distributions name a kernel by its ABI ("6.1.0-56-amd64") and tell elsewhere which release it is: Debian
 * in the version ("#1 SMP Debian 6.1.192-2"), Ubuntu in a file ("Ubuntu 5.15.0-91.101-generic 5.15.131"). */
static bool kernel_version(struct version *v)
{
	static const char debian[] = "Debian ";
	_cleanup_(str_release) struct str ubuntu = STR_INIT;
	struct utsname u;
	const char *p;

	if (uname(&u) < 0)
		return false;
	p = strstr(u.version, debian);
	if (p && parse_version(p + strlen(debian), v))
		return true;
	if (os_read_file(AT_FDCWD, "/proc/version_signature", &ubuntu) == 0) {
		p = strrchr(ubuntu.s, ' ');
		if (p && parse_version(p + 1, v))
			return true;
	}
	return parse_version(u.release, v);
}

/* Since which release of each stable series strings are kept inside their buffer; the last row stands for
 * all that is newer, what is in no row lacks it. */
static bool has_long_strings(struct catalog *c)
{
	static const struct {
		struct version since;
		bool newer_too;
	} rows[] = {
		{ { 6, 1, 120 }, false },
		{ { 6, 6, 60 }, false },
		{ { 6, 11, 7 }, false },
		{ { 6, 12, 0 }, true },
	};
	struct version v;

	if (!kernel_version(&v))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct version *s = &rows[i].since;

		if (v.major == s->major && v.minor == s->minor)
			return v.patch >= s->patch;
		if (rows[i].newer_too && (v.major > s->major || (v.major == s->major && v.minor > s->minor)))
			return true;
	}
	return false;
}

/* A record that is too long makes a WARN, once. */
static bool has_quiet_strings(struct catalog *c)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	return os_read_file(AT_FDCWD, "/proc/sys/kernel/panic_on_warn", &text) || atoi(text.s) == 0;
}

static const struct {
	bool (*ask)(struct catalog *c);
	const char *why_not;
} features[N_FEATURES] = {
	[FEATURE_UPROBES] = { has_uprobes, "this kernel has no probes in user programs "
					   "(CONFIG_UPROBE_EVENTS), or does not let us define any" },
	[FEATURE_KPROBES] = { has_kprobes, "this kernel has no probes in the kernel "
					   "(CONFIG_KPROBE_EVENTS), or does not let us define any" },
	[FEATURE_LONG_STRINGS] = { has_long_strings, "this kernel may overwrite its own memory when a string "
						     "is long" },
	[FEATURE_QUIET_STRINGS] = { has_quiet_strings, "a string that is too long makes this kernel panic "
						       "(panic_on_warn is set)" },
};

bool catalog_has(struct catalog *c, enum feature f, const char **why_not)
{
	if (c->answers[f] == NOT_ASKED)
		c->answers[f] = features[f].ask(c) ? YES : NO;
	if (why_not && c->answers[f] == NO)
		*why_not = features[f].why_not;
	return c->answers[f] == YES;
}

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
	int fd = openat(tracefs_dir(c->tracefs), "available_filter_functions", O_RDONLY | O_CLOEXEC);
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
	if (faccessat(tracefs_dir(w->catalog->tracefs), id.s, F_OK, 0) == 0)
		w->stopped = !w->fn(w->ctx, w->group, name);
	return !w->stopped;
}

static bool walk_group(void *ctx, const char *group)
{
	_cleanup_(str_release) struct str dir = STR_INIT;
	struct walk *w = ctx;

	str_addf(&dir, "events/%s", group);
	w->group = group;
	tracefs_each(w->catalog->tracefs, dir.s, walk_event, w);	/* -ENOTDIR: a file of the whole */
	return !w->stopped;
}

int catalog_events(struct catalog *c, bool (*fn)(void *ctx, const char *group, const char *name), void *ctx)
{
	struct walk w = { .catalog = c, .fn = fn, .ctx = ctx };

	return tracefs_each(c->tracefs, "events", walk_group, &w);
}

int catalog_fields(struct catalog *c, const char *group, const char *name,
		   bool (*fn)(void *ctx, const char *declaration), void *ctx)
{
	_cleanup_(str_release) struct str file = STR_INIT, text = STR_INIT, declaration = STR_INIT;
	struct arena *a = arena_new();
	struct format format;
	int err;

	str_addf(&file, "events/%s/%s/format", group, name);
	err = tracefs_read(c->tracefs, file.s, &text);
	if (!err && !format_parse(a, text.s, &format))
		err = -EPROTO;
	for (unsigned i = 0; !err && i < format.n_fields; i++) {
		if (str_starts(format.fields[i].name, "common_"))
			continue;
		str_clear(&declaration);
		format_declaration(&format.fields[i], &declaration);
		if (!fn(ctx, declaration.s))
			break;
	}
	arena_free(a);
	return err;
}
