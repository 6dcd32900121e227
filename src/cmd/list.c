/* list.c - `trapline -l [PATTERN]`: probe points in bpftrace's form, sorted, each once; and those of a program. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "base/os.h"
#include "probe/probe.h"

struct point {
	char *line, *details;
};

struct list {
	const char *pattern;
	pid_t pid;
	bool verbose;
	struct point *points;
	size_t n;
};

static bool set_pattern(void *ctx, const char *word, struct diags *d)
{
	struct list *l = ctx;

	if (l->pattern)
		return diag_error(d, NO_SPAN, "-l takes one pattern, and '%s' is a second", word);
	l->pattern = word;
	return true;
}

static bool set_verbose(void *ctx, const char *value, struct diags *d)
{
	((struct list *)ctx)->verbose = true;
	return true;
}

static bool set_pid(void *ctx, const char *value, struct diags *d)
{
	return option_pid(value, &((struct list *)ctx)->pid, d);
}

static const struct opt options[] = {
	{ 'v', "verbose", NULL, "with address, file offset and size of functions, fields of tracepoints",
	  set_verbose },
	{ 'p', "pid", "PID", "files as this process sees them", set_pid },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline -l [-v] [-p PID] [PATTERN]",
	.about = "Lists probe points. PATTERN is uprobe:FILE[:GLOB], kprobe:GLOB, tracepoint:GLOB, or a glob over\n"
		 "the last two; several with commas between them. * ? [ ] are understood, in *:FILE:GLOB too.",
	.opts = options,
	.positional = set_pattern,
};

static void add_point(void *ctx, const char *line, const char *details)
{
	struct list *l = ctx;
	struct point *p = MEM_PUSH(l->points, l->n);

	p->line = mem_strdup(line);
	p->details = mem_strdup(details ? details : "");
}

static int compare(const void *a, const void *b)
{
	const struct point *x = a, *y = b;
	int c = strcmp(x->line, y->line);

	return c ? c : strcmp(x->details, y->details);
}

static void print_scrubbed(const char *text)
{
	struct str s = STR_INIT;

	str_add_scrubbed(&s, text, strlen(text), 0);
	puts(s.s ? s.s : "");
	str_release(&s);
}

/* Sorted, each once; two functions of one name are one line, with the details of both. */
static void print_points(struct list *l)
{
	qsort(l->points, l->n, sizeof(*l->points), compare);
	for (size_t i = 0; i < l->n; i++) {
		bool same = i && strcmp(l->points[i - 1].line, l->points[i].line) == 0;

		if (!same)
			print_scrubbed(l->points[i].line);
		if (!same || strcmp(l->points[i - 1].details, l->points[i].details) != 0)
			fputs(l->points[i].details, stdout);
	}
}

static void free_points(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->points[i].line);
		free(l->points[i].details);
	}
	free(l->points);
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

/* PATTERN,PATTERN... */
static bool list_patterns(struct list *l, struct probe_lister *lister, const char *patterns)
{
	char *copy = arena_strdup(lister->context->arena, patterns), *rest = NULL;
	bool ok = true;

	for (char *p = strtok_r(copy, ",", &rest); p; p = strtok_r(NULL, ",", &rest))
		ok = list_pattern(l, lister, p) && ok;
	return ok;
}

static bool any_asks_kernel(const char *patterns)
{
	for (const char *p = patterns; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (probe_list_asks_kernel(p))
			return true;
	return false;
}

/* Programs can be listed without tracefs, and so without root. */
static bool list_points(struct list *l, struct diags *d)
{
	const char *pattern = l->pattern ? l->pattern : "*";
	bool kernel = any_asks_kernel(pattern);
	struct tracefs *t = kernel ? tracefs_open(d) : NULL;
	struct probe_context context = { .arena = arena_new(), .catalog = t ? catalog_new(t) : NULL, .diags = d,
					 .opt.pid = l->pid };
	struct probe_lister lister = { &context, l->verbose, add_point, l, NULL };
	bool ok = (t || !kernel) && list_patterns(l, &lister, pattern);

	catalog_free(context.catalog);
	arena_free(context.arena);
	tracefs_close(t);
	return ok;
}

int cmd_list(int argc, char **argv)
{
	struct list l = { 0 };
	struct diags *d = diags_new();
	enum opt_result parsed = opt_parse(&command, argc, argv, &l, d);
	bool ok = parsed != OPT_ERROR;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	else if (ok)
		ok = list_points(&l, d);
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
					      "tracepoint" };

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
	struct list l = { .verbose = verbose };
	struct probe_context context = { .arena = p->arena, .catalog = catalog, .diags = d, .opt.pid = pid };
	struct probe_lister lister = { &context, verbose, add_point, &l, NULL };

	for (unsigned i = 0; i < p->n_clauses; i++)
		for (unsigned k = 0; k < p->clauses[i]->n_points; k++)
			list_point(&l, &lister, &p->clauses[i]->points[k]);
	print_points(&l);
	free_points(&l);
}
