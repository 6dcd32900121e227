/* list.c - `trapline -l [PATTERN]`: probe points in bpftrace's form, sorted, each once; and those of a program. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "base/os.h"
#include "probe/probe.h"

struct point {
	const char *line, *details;
};

struct list {
	const char *pattern;
	pid_t pid;
	bool verbose;
	struct arena *arena;		/* of the lines */
	const char *file;		/* of a type, whose layout is shown */
	struct point *points;
	size_t n;
};

bool list_is_type(const char *pattern)
{
	static const char *const words[] = { "struct ", "class ", "union ", "enum " };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_starts(pattern, words[i]))
			return true;
	return false;
}

static bool set_pattern(void *ctx, const char *word, struct diags *d)
{
	struct list *l = ctx;

	if (l->pattern && list_is_type(l->pattern) && !l->file) {
		l->file = word;
		return true;
	}
	if (l->pattern)
		return diag_error(d, NO_SPAN, "-l takes one pattern, and '%s' is a second", word);
	l->pattern = word;
	return true;
}

static bool set_verbose(void *ctx, const char *value, struct diags *d)
{
	((struct list *)ctx)->verbose = true;
	tell_debug_sources();
	return true;
}

static bool set_pid(void *ctx, const char *value, struct diags *d)
{
	return option_pid(value, &((struct list *)ctx)->pid, d);
}

static const struct opt options[] = {
	{ 'v', "verbose", NULL, "with address, file offset, size and the other name of functions, their arguments and where "
				"these are, fields of tracepoints, places and arguments of USDT probes", set_verbose },
	{ 'p', "pid", "PID", "files as this process sees them; usdt:* means those that it has mapped", set_pid },
	{ 0, "debuginfo", "DIR[:DIR]", "where debug files are looked for before /usr/lib/debug", option_debuginfo },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline -l [-v] [-p PID] [PATTERN]\n"
		 "trapline -l 'struct NAME' FILE",
	.about = "Lists probe points. PATTERN is uprobe:FILE[:GLOB], usdt:FILE[:GLOB], kprobe:GLOB, tracepoint:GLOB, "
		 "or a glob over the last two; usdt:* with -p; several with commas between them. * ? [ ] are understood, "
		 "in *:FILE:GLOB too.\n"
		 "A GLOB with readable names (ns::*) lists those; -v shows the mangled ones, and the other way round.",
	.opts = options,
	.positional = set_pattern,
};

static void add_point(void *ctx, const char *line, const char *details)
{
	struct list *l = ctx;
	struct point *p = MEM_PUSH(l->points, l->n);

	p->line = arena_strdup(l->arena, line);
	p->details = details ? arena_strdup(l->arena, details) : "";
}

/* With how many bytes all lines begin alike: `uprobe:FILE:`, mostly. */
static size_t common_prefix(const struct list *l)
{
	size_t common = l->n ? strlen(l->points[0].line) : 0;

	for (size_t i = 1; i < l->n; i++)
		while (strncmp(l->points[0].line, l->points[i].line, common) != 0)
			common--;
	return common;
}

static int compare(const void *a, const void *b, void *prefix)
{
	const struct point *x = a, *y = b;
	size_t n = *(size_t *)prefix;
	int c = strcmp(x->line + n, y->line + n);

	return c ? c : strcmp(x->details, y->details);
}

/* FILE@SOURCE:LINE, the lines in the order of the source. */
static int compare_lines(const void *a, const void *b, void *prefix)
{
	const struct point *x = a, *y = b;
	const char *u = strrchr(x->line, ':'), *v = strrchr(y->line, ':');
	unsigned long m, n;

	if (u - x->line != v - y->line || strncmp(x->line, y->line, (size_t)(u - x->line)) != 0)
		return compare(a, b, prefix);
	m = strtoul(u + 1, NULL, 10);
	n = strtoul(v + 1, NULL, 10);
	return m != n ? (m > n) - (m < n) : compare(a, b, prefix);
}

static bool has_lines(const struct list *l)
{
	return str_starts(l->points[0].line, "uprobe:") && strchr(l->points[0].line, '@');
}

/* Sorted, each once; two functions of one name are one line, with the details of both. What begins with all that was said
 * before is the same function, which another file names too. */
static void print_points(struct list *l)
{
	_cleanup_(str_release) struct str s = STR_INIT;
	size_t prefix = common_prefix(l);

	if (l->n)
		qsort_r(l->points, l->n, sizeof(*l->points), has_lines(l) ? compare_lines : compare, &prefix);
	for (size_t i = 0; i < l->n; i++) {
		bool same = i && strcmp(l->points[i - 1].line + prefix, l->points[i].line + prefix) == 0;

		if (!same) {
			str_clear(&s);
			str_add_scrubbed(&s, l->points[i].line, strlen(l->points[i].line), 0);
			puts(s.s);
		}
		if (!same || !str_starts(l->points[i].details, l->points[i - 1].details))
			fputs(l->points[i].details, stdout);
	}
}

static void free_points(struct list *l)
{
	free(l->points);
	arena_free(l->arena);
}

static bool list_pattern(struct list *l, struct probe_lister *lister, const char *pattern)
{
	size_t before = l->n;

	if (!probe_list(lister, pattern))
		return false;
	if (l->n == before) {
		diag_warn(lister->context->diags, NO_SPAN, "nothing matches '%s'", pattern);
		if (lister->why_none)
			diag_hint(lister->context->diags, "%s", lister->why_none);
	}
	return true;
}

/* Does another pattern follow the comma, or is it one of a path's? `vfs_read,vfs_write` has neither colons nor slashes. */
static bool is_separator(const char *begin, const char *comma)
{
	bool path = memchr(begin, '/', (size_t)(comma - begin)) != NULL;

	return probe_list_is_pattern(comma + 1) || (!path && comma[1 + strcspn(comma + 1, ",:")] != ':');
}

/* The end of the first of several patterns: a comma that is in no name, as f(int, char) or Map<int, char> has it. */
static char *pattern_end(char *p)
{
	const char *begin = p;
	bool quoted = false;
	int depth = 0;

	for (; *p && (*p != ',' || quoted || depth > 0 || !is_separator(begin, p)); p++) {
		quoted ^= *p == '"';
		depth += *p == '(' || *p == '<' ? 1 : *p == ')' || *p == '>' ? -1 : 0;
	}
	return p;
}

/* PATTERN,PATTERN... as an array that ends with NULL; free() it. */
static const char **split_patterns(struct arena *a, const char *patterns)
{
	char *p = arena_strdup(a, patterns);
	const char **v = NULL;
	size_t n = 0;

	while (*p) {
		char *end = pattern_end(p);
		bool last = !*end;

		*end = '\0';
		if (*p)
			*MEM_PUSH(v, n) = p;
		p = last ? end : end + 1;
	}
	*MEM_PUSH(v, n) = NULL;
	return v;
}

static bool list_patterns(struct list *l, struct probe_lister *lister, const char **patterns)
{
	bool ok = true;

	for (; *patterns; patterns++)
		ok = list_pattern(l, lister, *patterns) && ok;
	return ok;
}

/* The layout of a type, from the debug information of a program. */
static bool list_type(struct list *l, struct diags *d)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct found_file f;
	struct elf_file *elf;
	const char *why = NULL;
	bool ok = false;

	if (!l->file)
		return diag_error(d, NO_SPAN, "which program's %s? Write trapline -l '%s' FILE", l->pattern, l->pattern);
	if (path_find(l->file, l->pid, &f) != 0)
		return diag_error(d, NO_SPAN, "there is no program or library '%s'", l->file);
	if (elf_open(f.kernel_path, &elf, NULL) == 0) {
		ok = arguments_print_type(elf, l->pattern, &text, &why);
		if (!ok && why)
			diag_error(d, NO_SPAN, "'%s' is not clear in %s: %s", l->pattern, l->file, why);
		elf_close(elf);
	}
	found_file_release(&f);
	if (!ok && why)
		return false;
	if (!ok)
		return diag_error(d, NO_SPAN, "%s has no debug information about a '%s'", l->file, l->pattern);
	fputs(text.s, stdout);
	return true;
}

static bool any_asks_kernel(const char **patterns)
{
	for (; *patterns; patterns++)
		if (probe_list_asks_kernel(*patterns))
			return true;
	return false;
}

/* Programs can be listed without tracefs, and so without root. */
static bool list_points(struct list *l, struct diags *d)
{
	const char **patterns = split_patterns(l->arena, l->pattern ? l->pattern : "*");
	bool kernel = any_asks_kernel(patterns);
	struct tracefs *t = kernel ? tracefs_open(d) : NULL;
	struct probe_context context = { .arena = arena_new(), .catalog = t ? catalog_new(t) : NULL, .diags = d,
					 .opt.pid = l->pid };
	struct probe_lister lister = { &context, l->verbose, add_point, l, NULL };
	bool ok = (t || !kernel) && list_patterns(l, &lister, patterns);

	free(patterns);
	catalog_free(context.catalog);
	arena_free(context.arena);
	tracefs_close(t);
	return ok;
}

int cmd_list(int argc, char **argv)
{
	struct list l = { .arena = arena_new() };
	struct diags *d = diags_new();
	enum opt_result parsed = opt_parse(&command, argc, argv, &l, d);
	bool ok = parsed != OPT_ERROR;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	else if (ok)
		ok = l.pattern && list_is_type(l.pattern) ? list_type(&l, d) : list_points(&l, d);
	print_points(&l);
	diags_print(d, stderr);
	diags_free(d);
	free_points(&l);
	return ok ? 0 : 1;
}

/* ---- the probes of a program ---- */

/* Is it somewhere, or one of several? Then the catalog knows whether it is there. */
static bool is_place(const char *provider)
{
	static const char *const places[] = { "kprobe", "kretprobe", "fentry", "fexit", "uprobe", "uretprobe",
					      "usdt", "tracepoint" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (strcmp(places[i], provider) == 0)
			return true;
	return false;
}

static void list_point(struct list *l, struct probe_lister *lister, const struct attach_point *p)
{
	struct str pattern = STR_INIT;

	str_add(&pattern, p->provider);
	for (unsigned i = 0; i < p->n_parts; i++)
		str_addf(&pattern, ":%s", p->parts[i]);
	if (is_place(p->provider))
		probe_list(lister, pattern.s);
	else
		add_point(l, pattern.s, NULL);
	str_release(&pattern);
}

void list_program(const struct program *p, struct catalog *catalog, pid_t pid, bool verbose, struct diags *d)
{
	struct list l = { .verbose = verbose, .arena = arena_new() };
	struct probe_context context = { .arena = p->arena, .catalog = catalog, .diags = d, .opt.pid = pid };
	struct probe_lister lister = { &context, verbose, add_point, &l, NULL };

	for (unsigned i = 0; i < p->n_clauses; i++)
		for (unsigned k = 0; k < p->clauses[i]->n_points; k++)
			list_point(&l, &lister, &p->clauses[i]->points[k]);
	print_points(&l);
	free_points(&l);
}
