/* probe.c - `trapline probe`: what perf-tools' uprobe and kprobe do, without their faults. */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/opt.h"
#include "base/os.h"
#include "probe/probe.h"

enum { MANY_SITES = 16 };

/* A word of the command line that is a DEFINITION, and the filters that stand behind it. */
struct request {
	const char *text, *filter;
};

struct probe {
	struct arena *arena;
	struct diags *diags;

	/* from the command line */
	struct request *requests;
	size_t n_requests;
	const char *common_filter;	/* before any DEFINITION: for all */
	struct probe_options opt;
	char **command;			/* -c, as words */
	const char *format, *output, *strings;
	unsigned buffer_kb;
	uint64_t duration_ns, count;
	bool ustack, kstack, follow, quiet, verbose, dry_run, address;

	/* made on the way */
	struct tracefs *tracefs;
	struct catalog *catalog;
	struct probe_context found;
	struct plan plan;
	struct target *target;
	struct session *session;
	struct addresses *addresses;
	struct out *out;
	struct pump pump;
	int out_fd, signals;
};

/* ---- the command line ---- */

static const char *join_filters(struct probe *p, const char *a, const char *b)
{
	return a && b ? arena_fmt(p->arena, "(%s) && (%s)", a, b) : a ? a : b;
}

static bool set_definition(void *ctx, const char *word, struct diags *d)
{
	struct probe *p = ctx;

	MEM_PUSH(p->requests, p->n_requests)->text = word;
	return true;
}

static bool set_filter(void *ctx, const char *value, struct diags *d)
{
	struct probe *p = ctx;
	const char **filter = p->n_requests ? &p->requests[p->n_requests - 1].filter : &p->common_filter;

	if (!value[strspn(value, " \t\n")])
		return diag_error(d, NO_SPAN, "--filter wants an expression");
	*filter = join_filters(p, *filter, value);
	return true;
}

static bool set_pid(void *ctx, const char *value, struct diags *d)
{
	struct probe *p = ctx;
	unsigned long long n;
	pid_t tgid;

	if (!opt_number(value, "PID", 1, 0x400000, &n, d))
		return false;
	if (os_tgid((pid_t)n, &tgid) != 0)
		return diag_error(d, NO_SPAN, "there is no process %llu", n);
	p->opt.pid = tgid;		/* the process with all its threads, whichever was named */
	return true;
}

static bool set_command(void *ctx, const char *value, struct diags *d)
{
	struct probe *p = ctx;
	const char *why = NULL;
	char *program;

	p->command = str_shell_words(p->arena, value, &why);
	if (!p->command)
		return diag_error(d, NO_SPAN, "-c: %s", why);
	if (!p->command[0])
		return diag_error(d, NO_SPAN, "-c wants a command");
	program = os_find_program(p->command[0]);
	if (!program)
		return diag_error(d, NO_SPAN, "-c: there is no program '%s'", p->command[0]);
	free(program);
	return true;
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

static bool set_count(void *ctx, const char *value, struct diags *d)
{
	unsigned long long n;

	if (!opt_number(value, "COUNT", 1, UINT64_MAX, &n, d))
		return false;
	((struct probe *)ctx)->count = n;
	return true;
}

static bool set_duration(void *ctx, const char *value, struct diags *d)
{
	struct probe *p = ctx;

	if (!opt_seconds(value, "SECONDS", &p->duration_ns, d))
		return false;
	return p->duration_ns || diag_error(d, NO_SPAN, "-d wants more than no time");
}

static bool set_buffer(void *ctx, const char *value, struct diags *d)
{
	return set_number(value, "KB", 1 << 20, &((struct probe *)ctx)->buffer_kb, d);
}

static bool set_max_probes(void *ctx, const char *value, struct diags *d)
{
	return set_number(value, "N", 100000, &((struct probe *)ctx)->opt.max_probes, d);
}

static bool set_strings(void *ctx, const char *value, struct diags *d)
{
	if (strcmp(value, "bounded") != 0 && strcmp(value, "dynamic") != 0)
		return diag_error(d, NO_SPAN, "--strings is bounded or dynamic, not '%s'", value);
	((struct probe *)ctx)->strings = value;
	return true;
}

static bool set_format(void *ctx, const char *value, struct diags *d)
{
	struct out_options o = { .format = value, .fd = -1 };
	struct out *out = out_new(&o);

	if (!out) {
		diag_error(d, NO_SPAN, "Invalid output format \"%s\"", value);
		return diag_hint(d, "formats are: %s", out_formats());
	}
	out_free(out);
	((struct probe *)ctx)->format = value;
	return true;
}

static bool set_output(void *ctx, const char *value, struct diags *d)
{
	((struct probe *)ctx)->output = value;
	return true;
}

#define SWITCH(name, field) \
	static bool name(void *ctx, const char *value, struct diags *d) \
	{ \
		((struct probe *)ctx)->field = true; \
		return true; \
	}
SWITCH(set_follow, follow)
SWITCH(set_ustack, ustack)
SWITCH(set_kstack, kstack)
SWITCH(set_quiet, quiet)
SWITCH(set_verbose, verbose)
SWITCH(set_dry_run, dry_run)
SWITCH(set_address, address)
SWITCH(set_force, opt.force)

static const struct opt options[] = {
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
	{ 'a', "address", NULL, "show run-time addresses", set_address },
	{ 'f', "format", "FORMAT", "text or json", set_format },
	{ 'o', "output", "FILE", "write the records to FILE", set_output },
	{ 'q', "quiet", NULL, "no header, no notice that the probes are attached", set_quiet },
	{ 'v', "verbose", NULL, "say what is written to the kernel", set_verbose },
	{ 'b', "buffer", "KB", "size of the buffer of each CPU", set_buffer },
	{ 0, "strings", "HOW", "dynamic: as long as the kernel can; bounded: at most 1024 bytes, safe on every "
			       "kernel", set_strings },
	{ 0, "max-probes", "N", "sites that one wildcard may have (64)", set_max_probes },
	{ 0, "force", NULL, "go on where nothing was proved to break", set_force },
	{ 0, "dry-run", NULL, "show the writes as shell lines, and their undo; write nothing", set_dry_run },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline probe [options] DEFINITION...",
	.about = "Records each time a function is called or returns.\n\n"
		 "DEFINITION is one shell word: p|r[MAXACTIVE][:NAME] TARGET [FETCHARG...]\n"
		 "  p at the entry, r at the return; NAME is shown in the records\n"
		 "  TARGET    FILE:SYMBOL[+OFFSET], FILE:0xOFFSET, or [MODULE:]KERNELFUNCTION[+OFFSET];\n"
		 "            wildcards * ? [ ] in the symbol\n"
		 "  FETCHARG  [NAME=]EXPRESSION[:TYPE], the kernel's syntax, and $arg1, $arg2, ...",
	.opts = options,
	.positional = set_definition,
	.more = "EXAMPLES:\n"
		"  trapline probe 'r:readline /usr/bin/bash:readline cmd=+0($retval):string'\n"
		"  trapline probe -p 4711 'p libc:fopen path=+0($arg1):string mode=+0($arg2):string'\n"
		"  trapline probe -c './app 1 2' 'p ./app:func_1' 'r ./app:func_1 ret=$retval:s32'\n"
		"  trapline probe 'p do_sys_openat2 dfd=$arg1:s32 name=+0($arg2):ustring' --filter 'dfd == -100'\n",
};

static bool options_agree(struct probe *p)
{
	struct diags *d = p->diags;

	if (!p->n_requests) {
		diag_error(d, NO_SPAN, "a DEFINITION is missing");
		return diag_hint(d, "`trapline probe --help` shows some");
	}
	if (p->opt.pid && p->command)
		return diag_error(d, NO_SPAN, "-p and -c exclude each other");
	if (p->follow && !p->opt.pid && !p->command)
		return diag_error(d, NO_SPAN, "--follow goes with -p or -c");
	return true;
}

/* ---- definitions -> sites ---- */

static const struct source *new_source(struct probe *p, const char *name, const char *text)
{
	struct source *s = arena_alloc(p->arena, sizeof(*s));

	s->name = name;
	s->text = text;
	return s;
}

static bool expand_request(struct probe *p, size_t i)
{
	const char *name = p->n_requests == 1 ? "definition" : arena_fmt(p->arena, "definition %zu", i + 1);
	struct definition *def = definition_parse(p->arena, new_source(p, name, p->requests[i].text), p->diags);

	if (!def)
		return false;
	def->filter = join_filters(p, p->common_filter, p->requests[i].filter);
	if (def->filter)
		def->filter_span = (struct span){ new_source(p, "--filter", def->filter), 0,
						  (unsigned)strlen(def->filter) };
	return probe_expand(&p->found, def);
}

/* All mistakes in one run. */
static bool expand_all(struct probe *p)
{
	bool ok = true;

	p->found = (struct probe_context){ .arena = p->arena, .catalog = p->catalog, .diags = p->diags,
					   .opt = p->opt };
	for (size_t i = 0; i < p->n_requests; i++)
		ok = expand_request(p, i) && ok;
	return ok;
}

static bool any_site(const struct probe *p, enum provider provider)
{
	for (size_t i = 0; i < p->found.n_sites; i++)
		if (p->found.sites[i]->provider == provider)
			return true;
	return false;
}

static bool fetches_strings(const struct probe *p)
{
	for (size_t i = 0; i < p->found.n_sites; i++)
		for (unsigned k = 0; k < p->found.sites[i]->n_args; k++) {
			const struct fetcharg *f = p->found.sites[i]->args[k];

			if (p->found.sites[i]->provider == PROVIDER_UPROBE && f->type &&
			    fetch_type_parse(f->type).base == BASE_STRING)
				return true;
		}
	return false;
}

/* ---- sites -> plan ---- */

/* Where a long string would corrupt the kernel's memory or panic it, strings are bounded. */
static bool choose_strings(struct probe *p, enum strings *out)
{
	const char *why = NULL;
	bool safe = !p->catalog || (catalog_has(p->catalog, FEATURE_LONG_STRINGS, &why) &&
				    catalog_has(p->catalog, FEATURE_QUIET_STRINGS, &why));

	*out = safe ? STRINGS_DYNAMIC : STRINGS_BOUNDED;
	if (p->strings && strcmp(p->strings, "bounded") == 0)
		*out = STRINGS_BOUNDED;
	if (safe || !fetches_strings(p))
		return true;
	if (p->strings && strcmp(p->strings, "dynamic") == 0)
		return diag_error(p->diags, NO_SPAN, "--strings=dynamic would endanger this kernel: %s", why);
	if (!p->strings)
		diag_warn(p->diags, NO_SPAN, "strings are fetched bounded, a longer one is cut and shown with "
					     "`..`: %s", why);
	return true;
}

static bool make_plan(struct probe *p)
{
	bool process = p->opt.pid || p->command;
	struct plan_options o = {
		.name = p->dry_run ? "tl_dry_run" : session_name(p->arena),
		.dry_run = p->dry_run,
		.source = process || p->ustack || p->kstack ? SOURCE_PERF : SOURCE_FTRACE,
		.ustack = p->ustack,
		.kstack = p->kstack,
		.buffer_kb = p->buffer_kb,
		.event_tag = p->dry_run ? 0 : (unsigned)getpid(),
		.pid = p->opt.pid,
	};

	if (p->kstack && !any_site(p, PROVIDER_KPROBE))
		return diag_error(p->diags, NO_SPAN, "--kstack is for kernel probes; --ustack shows the stack of a "
						     "program");
	return choose_strings(p, &o.strings) &&
	       plan_make(&p->plan, p->arena, p->found.sites, (unsigned)p->found.n_sites, &o, p->diags);
}

static void print_plan(struct probe *p, FILE *to)
{
	struct str s = STR_INIT;

	plan_print(&p->plan, p->tracefs ? tracefs_root(p->tracefs) : "/sys/kernel/tracing", &s);
	fputs(s.s, to);
	str_release(&s);
}

/* ---- plan -> session -> records ---- */

static bool is_pointer(const struct site *site, uint64_t value, bool user)
{
	return !site->arch || arch_is_pointer(site->arch, value, user);
}

static bool kernel_symbol(void *ctx, uint64_t address, const char **name, uint64_t *offset)
{
	return addresses_kernel(ctx, address, name, offset);
}

/* Not emptied yet: a session that cannot start takes nothing away. */
static bool open_output(struct probe *p)
{
	struct out_options o = { .format = p->format, .quiet = p->quiet, .address = p->address,
				 .symbol = kernel_symbol, .stalled = pump_stalled,
				 .stalled_ctx = &p->pump };

	p->signals = o.stop_fd = pump_signals();
	p->addresses = o.symbol_ctx = addresses_new();

	p->out_fd = STDOUT_FILENO;
	if (p->output)
		p->out_fd = open(p->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (p->out_fd < 0)
		return diag_error(p->diags, NO_SPAN, "'%s' cannot be written: %s", p->output,
				  os_strerror(errno));
	for (size_t i = 0; i < p->found.n_sites; i++) {
		unsigned width = out_label_width(p->found.sites[i]->label);

		if (width > o.label_width)
			o.label_width = width;
	}
	o.fd = p->out_fd;
	p->out = out_new(&o);
	return true;
}

static bool arm(struct probe *p)
{
	struct session_options o = { .pid = p->opt.pid, .follow = p->follow, .is_pointer = is_pointer,
				     .stop_fd = p->signals };
	int err;

	if (p->command) {
		err = target_prepare(p->command, &p->target);
		if (err)
			return diag_error(p->diags, NO_SPAN, "-c: cannot start a process: %s", os_strerror(-err));
		o.pid = target_pid(p->target);
		o.at_exec = true;
	}
	if (!session_open(&p->session, p->tracefs, &p->plan, &o, p->diags))
		return false;
	if (p->output && ftruncate(p->out_fd, 0) < 0 && errno != EINVAL)	/* EINVAL: a device, a pipe */
		return diag_error(p->diags, NO_SPAN, "'%s' cannot be emptied: %s", p->output,
				  os_strerror(errno));
	diags_print(p->diags, stderr);
	if (!p->quiet)
		fprintf(stderr, "Attached %u probe%s\n", session_armed(p->session),
			session_armed(p->session) == 1 ? "" : "s");
	err = p->target ? target_release(p->target) : 0;
	if (err)
		return diag_error(p->diags, NO_SPAN, "-c: cannot run '%s': %s", p->command[0], os_strerror(-err));
	return true;
}

static bool record(struct probe *p, int *status)
{
	struct pump *pump = &p->pump;

	*pump = (struct pump){
		.session = p->session,
		.out = p->out,
		.target = p->target,
		.pid = p->opt.pid,
		.addresses = p->addresses,
		.signals = p->signals,
		.out_fd = p->out_fd,
		.duration_ns = p->duration_ns,
		.count = p->count,
	};
	pump_run(pump);
	if (p->target && target_status(p->target) >= 0)
		*status = target_status(p->target);
	if (pump->error == -EPIPE)
		return diag_error(p->diags, NO_SPAN, "nobody reads the output any more");
	if (pump->error == -EINTR)
		return diag_error(p->diags, NO_SPAN, "ended while the output's reader stalled: the last records are "
						     "not written");
	if (pump->error)
		return diag_error(p->diags, NO_SPAN, "the records cannot be %s: %s",
				  pump->reading_failed ? "read" : "written", os_strerror(-pump->error));
	return true;
}

/* The kernel waits for every CPU before it takes a breakpoint away: with many, that takes a while. */
static bool leave(struct probe *p)
{
	if (p->session && p->found.n_sites > MANY_SITES && !p->quiet)
		fprintf(stderr, "Taking back %zu probes\n", p->found.n_sites);
	return session_close(p->session);
}

/* --dry-run works without tracefs, and so without root. */
static bool open_tracefs(struct probe *p)
{
	struct diags *quiet = p->dry_run ? diags_new() : NULL;

	p->tracefs = tracefs_open(quiet ? quiet : p->diags);
	diags_free(quiet);
	if (p->tracefs)
		p->catalog = catalog_new(p->tracefs);
	return p->tracefs || p->dry_run;
}

static void probe_release(struct probe *p)
{
	out_free(p->out);
	addresses_free(p->addresses);
	target_free(p->target);
	catalog_free(p->catalog);
	tracefs_close(p->tracefs);
	diags_free(p->diags);
	arena_free(p->arena);
	free(p->requests);
	free(p->found.sites);
	free(p->plan.steps);
}

int cmd_probe(int argc, char **argv)
{
	struct probe p = { .arena = arena_new(), .diags = diags_new(), .format = "text",
			   .opt.max_probes = 64 };
	enum opt_result parsed = opt_parse(&command, argc, argv, &p, p.diags);
	int status = 0;
	bool ok;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	ok = parsed == OPT_HELP ||
	     (parsed == OPT_OK && options_agree(&p) && open_tracefs(&p) && expand_all(&p) && make_plan(&p));
	if (ok && p.verbose && !p.dry_run)
		print_plan(&p, stderr);
	if (ok && p.dry_run)
		print_plan(&p, stdout);
	else if (ok && parsed == OPT_OK) {
		ok = open_output(&p) && arm(&p) && record(&p, &status);
		ok = leave(&p) && ok;
	}
	diags_print(p.diags, stderr);
	probe_release(&p);
	return ok ? status : 1;
}
