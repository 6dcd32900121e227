/* request.c - what `probe` and `explain` are asked for: DEFINITIONs and options -> sites -> plan.
 *
 * Both commands take the same words, and must come to the same plan: the one carries it out, the other tells
 * how it came about.
 */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"

struct request request_new(void)
{
	return (struct request){ .arena = arena_new(), .diags = diags_new(), .format = "text",
				 .opt.max_probes = 64 };
}

/* ---- the command line ---- */

static const char *join_filters(struct request *r, const char *a, const char *b)
{
	return a && b ? arena_fmt(r->arena, "(%s) && (%s)", a, b) : a ? a : b;
}

bool request_definition(void *ctx, const char *word, struct diags *d)
{
	struct request *r = ctx;

	MEM_PUSH(r->definitions, r->n_definitions)->text = word;
	return true;
}

static bool set_filter(void *ctx, const char *value, struct diags *d)
{
	struct request *r = ctx;
	const char **filter = r->n_definitions ? &r->definitions[r->n_definitions - 1].filter : &r->common_filter;

	if (!value[strspn(value, " \t\n")])
		return diag_error(d, NO_SPAN, "--filter wants an expression");
	*filter = join_filters(r, *filter, value);
	return true;
}

bool option_pid(const char *value, pid_t *pid, struct diags *d)
{
	unsigned long long n;

	if (!opt_number(value, "PID", 1, 0x400000, &n, d))
		return false;
	return os_tgid((pid_t)n, pid) == 0 || diag_error(d, NO_SPAN, "there is no process %llu", n);
}

char **option_command(struct arena *a, const char *value, struct diags *d)
{
	const char *why = NULL;
	char **words = str_shell_words(a, value, &why), *program;

	if (!words || !words[0]) {
		diag_error(d, NO_SPAN, "-c%s %s", words ? "" : ":", words ? "wants a command" : why);
		return NULL;
	}
	program = os_find_program(words[0]);
	if (!program) {
		diag_error(d, NO_SPAN, "-c: there is no program '%s'", words[0]);
		return NULL;
	}
	free(program);
	return words;
}

static bool set_pid(void *ctx, const char *value, struct diags *d)
{
	return option_pid(value, &((struct request *)ctx)->opt.pid, d);
}

static bool set_command(void *ctx, const char *value, struct diags *d)
{
	struct request *r = ctx;

	r->command = option_command(r->arena, value, d);
	return r->command != NULL;
}

static bool set_number(const char *value, const char *what, unsigned long long max, unsigned *out,
		       struct diags *d)
{
	unsigned long long n;

	if (!opt_number(value, what, 1, max, &n, d))
		return false;
	*out = (unsigned)n;
	return true;
}

bool option_count(const char *value, uint64_t *count, struct diags *d)
{
	unsigned long long n;

	if (!opt_number(value, "COUNT", 1, UINT64_MAX, &n, d))
		return false;
	*count = n;
	return true;
}

static bool set_count(void *ctx, const char *value, struct diags *d)
{
	return option_count(value, &((struct request *)ctx)->count, d);
}

bool option_duration(const char *value, uint64_t *ns, struct diags *d)
{
	if (!opt_seconds(value, "SECONDS", ns, d))
		return false;
	return *ns || diag_error(d, NO_SPAN, "-d wants more than no time");
}

static bool set_duration(void *ctx, const char *value, struct diags *d)
{
	return option_duration(value, &((struct request *)ctx)->duration_ns, d);
}

static bool set_buffer(void *ctx, const char *value, struct diags *d)
{
	return set_number(value, "KB", 1 << 20, &((struct request *)ctx)->buffer_kb, d);
}

static bool set_max_probes(void *ctx, const char *value, struct diags *d)
{
	return set_number(value, "N", 100000, &((struct request *)ctx)->opt.max_probes, d);
}

static bool set_strings(void *ctx, const char *value, struct diags *d)
{
	if (strcmp(value, "bounded") != 0 && strcmp(value, "dynamic") != 0)
		return diag_error(d, NO_SPAN, "--strings is bounded or dynamic, not '%s'", value);
	((struct request *)ctx)->strings = value;
	return true;
}

bool option_format(const char *value, struct diags *d)
{
	struct out_options o = { .format = value, .fd = -1 };
	struct out *out = out_new(&o);

	if (!out) {
		diag_error(d, NO_SPAN, "Invalid output format \"%s\"", value);
		return diag_hint(d, "formats are: %s", out_formats());
	}
	out_free(out);
	return true;
}

static bool set_format(void *ctx, const char *value, struct diags *d)
{
	((struct request *)ctx)->format = value;
	return option_format(value, d);
}

#define SWITCH(name, field) \
	static bool name(void *ctx, const char *value, struct diags *d) \
	{ \
		((struct request *)ctx)->field = true; \
		return true; \
	}
SWITCH(set_follow, follow)
SWITCH(set_ustack, ustack)
SWITCH(set_kstack, kstack)
SWITCH(set_force, opt.force)

bool option_no_inlines(void *ctx, const char *value, struct diags *d)
{
	((struct probe_options *)ctx)->no_inlines = true;
	return true;
}

bool option_returns(void *ctx, const char *value, struct diags *d)
{
	static const char *const words[] = {
		[RETURNS_AUTO] = "auto", [RETURNS_KERNEL] = "kernel", [RETURNS_INSTRUCTIONS] = "ret",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(value, words[i]) == 0) {
			((struct probe_options *)ctx)->returns = (enum returns)i;
			return true;
		}
	return diag_error(d, NO_SPAN, "--returns is auto, kernel or ret, not '%s'", value);
}

static void tell_source(const char *file, const struct debug_source *s)
{
	fprintf(stderr, "names of %s: %s %s: %s\n", file, s->kind, s->path, s->problem ? s->problem : s->gives);
}

void tell_debug_sources(void)
{
	debuginfo_watch(tell_source);
}

static void tell_wait(const char *urls, const char *build_id, int seconds)
{
	char limit[64] = "as long as it takes (DEBUGINFOD_TIMEOUT)";

	if (seconds)
		snprintf(limit, sizeof(limit), "until it has said nothing for %d s (DEBUGINFOD_TIMEOUT)", seconds);
	fprintf(stderr, "waiting for the debuginfod server at %s, asked for build ID %s, %s\n", urls, build_id, limit);
}

void tell_waits(void)
{
	debuginfo_on_wait(tell_wait);
}

bool option_debuginfo(void *ctx, const char *value, struct diags *d)
{
	_cleanup_(mem_free_ptr) char *words = mem_strdup(value);
	char *rest = words, *dir;
	struct stat st;

	while ((dir = strsep(&rest, ":")))
		if (*dir && (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)))
			return diag_error(d, NO_SPAN, "--debuginfo: there is no directory '%s'", dir);
	debuginfo_directories(value);
	return true;
}

const struct opt request_options[] = {
	{ 'p', "pid", "PID", "probe this process only, with all its threads", set_pid },
	{ 'c', "cmd", "COMMAND", "run COMMAND, armed before its first instruction; its exit status becomes ours",
	  set_command },
	{ 0, "follow", NULL, "with -p or -c: child processes too", set_follow },
	{ 'd', "duration", "SECONDS", "end after so long", set_duration },
	{ 'n', "count", "COUNT", "end after so many records", set_count },
	{ 0, "filter", "EXPR", "record only hits for which the kernel finds EXPR true; belongs to the DEFINITION "
			       "before it, before any to all", set_filter },
	{ 0, "ustack", NULL, "show the user stack of each hit", set_ustack },
	{ 0, "kstack", NULL, "show the kernel stack of each hit (kernel probes only)", set_kstack },
	{ 'f', "format", "FORMAT", "text or json", set_format },
	{ 'b', "buffer", "KB", "size of the buffer of each CPU", set_buffer },
	{ 0, "strings", "HOW", "dynamic: as long as the kernel can; bounded: at most 1024 bytes, safe on every "
			       "kernel", set_strings },
	{ 0, "max-probes", "N", "sites that one wildcard may have (64)", set_max_probes },
	{ 0, "returns", "HOW", "kernel: by the kernel's return probe; ret: at the function's return instructions; auto: at "
			       "those where the other could kill the program", option_returns },
	{ 0, "debuginfo", "DIR[:DIR]", "where debug files are looked for before /usr/lib/debug", option_debuginfo },
	{ 0, "no-inlines", NULL, "a function's own code only, not where it was inlined", option_no_inlines },
	{ 0, "force", NULL, "go on where nothing was proved to break", set_force },
	{ 0 }
};

bool request_agrees(struct request *r)
{
	struct diags *d = r->diags;

	if (!r->n_definitions) {
		diag_error(d, NO_SPAN, "a DEFINITION is missing");
		return diag_hint(d, "--help shows some");
	}
	if (r->opt.pid && r->command)
		return diag_error(d, NO_SPAN, "-p and -c exclude each other");
	if (r->follow && !r->opt.pid && !r->command)
		return diag_error(d, NO_SPAN, "--follow goes with -p or -c");
	return true;
}

/* What writes nothing works without tracefs, and so without root. */
bool request_open_tracefs(struct request *r)
{
	struct diags *quiet = r->dry_run ? diags_new() : NULL;

	r->tracefs = tracefs_open(quiet ? quiet : r->diags);
	diags_free(quiet);
	if (r->tracefs)
		r->catalog = catalog_new(r->tracefs);
	return r->tracefs || r->dry_run;
}

/* ---- definitions -> sites ---- */

static const struct source *new_source(struct request *r, const char *name, const char *text)
{
	struct source *s = arena_alloc(r->arena, sizeof(*s));

	s->name = name;
	s->text = text;
	return s;
}

static bool expand_one(struct request *r, size_t i)
{
	const char *name = r->n_definitions == 1 ? "definition" : arena_fmt(r->arena, "definition %zu", i + 1);
	struct definition *def = definition_parse(r->arena, new_source(r, name, r->definitions[i].text), r->diags);

	if (!def)
		return false;
	def->filter = join_filters(r, r->common_filter, r->definitions[i].filter);
	if (def->filter)
		def->filter_span = (struct span){ new_source(r, "--filter", def->filter), 0,
						  (unsigned)strlen(def->filter) };
	return probe_expand(&r->found, def);
}

/* All mistakes in one run. */
bool request_expand(struct request *r)
{
	bool ok = true;

	r->found = (struct probe_context){ .arena = r->arena, .catalog = r->catalog, .diags = r->diags,
					   .opt = r->opt };
	for (size_t i = 0; i < r->n_definitions; i++)
		ok = expand_one(r, i) && ok;
	return ok;
}

static bool any_site(const struct request *r, enum provider provider)
{
	for (size_t i = 0; i < r->found.n_sites; i++)
		if (r->found.sites[i]->provider == provider)
			return true;
	return false;
}

static bool fetches_strings(const struct request *r)
{
	for (size_t i = 0; i < r->found.n_sites; i++)
		for (unsigned k = 0; k < r->found.sites[i]->n_args; k++) {
			const struct fetcharg *f = r->found.sites[i]->args[k];

			if (r->found.sites[i]->provider == PROVIDER_UPROBE && f->type &&
			    fetch_type_parse(f->type).base == BASE_STRING)
				return true;
		}
	return false;
}

/* ---- sites -> plan ---- */

/* Where a long string would corrupt the kernel's memory or panic it, strings are bounded. */
enum strings option_strings(struct catalog *c, const char **why)
{
	return !c || (catalog_has(c, FEATURE_LONG_STRINGS, why) && catalog_has(c, FEATURE_QUIET_STRINGS, why)) ?
		       STRINGS_DYNAMIC : STRINGS_BOUNDED;
}

static bool choose_strings(struct request *r, enum strings *out)
{
	const char *why = NULL;
	bool safe = option_strings(r->catalog, &why) == STRINGS_DYNAMIC;

	*out = safe ? STRINGS_DYNAMIC : STRINGS_BOUNDED;
	if (r->strings && strcmp(r->strings, "bounded") == 0)
		*out = STRINGS_BOUNDED;
	if (safe || !fetches_strings(r))
		return true;
	if (r->strings && strcmp(r->strings, "dynamic") == 0)
		return diag_error(r->diags, NO_SPAN, "--strings=dynamic would endanger this kernel: %s", why);
	if (!r->strings)
		diag_warn(r->diags, NO_SPAN, "strings are fetched bounded, a longer one is cut and shown with "
					     "`..`: %s", why);
	return true;
}

struct plan_options request_plan_options(const struct request *r)
{
	bool process = r->opt.pid || r->command;

	return (struct plan_options){
		.name = r->dry_run ? "tl_dry_run" : session_name(r->arena),
		.dry_run = r->dry_run,
		.source = process || r->ustack || r->kstack ? SOURCE_PERF : SOURCE_FTRACE,
		.ustack = r->ustack,
		.kstack = r->kstack,
		.buffer_kb = r->buffer_kb,
		.event_tag = r->dry_run ? 0 : (unsigned)getpid(),
		.pid = r->opt.pid,
	};
}

bool request_plan(struct request *r, const struct plan_options *opt)
{
	struct plan_options o = *opt;

	o.sub_buffers = r->catalog && catalog_has(r->catalog, FEATURE_SUB_BUFFERS, NULL);
	if (r->kstack && !any_site(r, PROVIDER_KPROBE))
		return diag_error(r->diags, NO_SPAN, "--kstack is for kernel probes; --ustack shows the stack of a "
						     "program");
	return choose_strings(r, &o.strings) &&
	       plan_make(&r->plan, r->arena, r->found.sites, (unsigned)r->found.n_sites, &o, r->diags);
}

bool request_is_pointer(const struct site *site, uint64_t value, bool user)
{
	return !site->arch || arch_is_pointer(site->arch, value, user);
}

void request_release(struct request *r)
{
	catalog_free(r->catalog);
	tracefs_close(r->tracefs);
	diags_free(r->diags);
	arena_free(r->arena);
	free(r->definitions);
	free(r->found.sites);
	free(r->plan.steps);
}
