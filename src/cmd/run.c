/* run.c - `trapline PROGRAM`: the order of a run.
 *
 *	text -> tree -> checked tree -> taps -> sites -> plan -> session -> records -> evaluator -> output
 *
 * Each arrow is a room of its own; this file opens the doors one after the other, and shows what came out of one
 * when it is asked to (-d). A program without probes of the kernel (`BEGIN`, `interval`) needs neither tracefs nor
 * root: then there is no plan and no session, only the evaluator.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

enum { NOT_ATTACHED = 255 };		/* the exit status when all was right, but the kernel said no */

struct run {
	struct script s;
	struct tracefs *tracefs;
	struct catalog *catalog;
	struct attach attach;
	struct program *program;
	struct tap **taps;
	unsigned n_taps;
	struct probe_context found;
	struct plan plan;

	struct target *target;
	struct session *session;
	struct addresses *addresses;
	struct name_book *book;
	struct names names;
	struct out *out, *records;
	struct play play;
	int out_fd, signals;
	bool armed;			/* what goes wrong from here on is no mistake of the program */
};

/* ---- text -> checked tree ---- */

static bool wants(const struct run *r, enum stage_kind stage)
{
	return r->s.stages & 1u << stage;
}

/* Only the stages that were asked for: what sites there are on this machine is not among them. */
static bool only_shows(const struct script *s)
{
	return s->stages & ~(1u << STAGE_RECORDS);
}

static void show(const struct program *p, void (*print)(const struct program *p, struct str *out))
{
	_cleanup_(str_release) struct str text = STR_INIT;

	print(p, &text);
	fputs(text.s ? text.s : "", stdout);
}

static bool parse(struct run *r)
{
	struct program_options opt = {
		.parameters = r->s.parameters,
		.named = r->s.named,
		.include_dirs = (const char *const *)r->s.include_dirs,
		.include_files = (const char *const *)r->s.include_files,
	};

	r->program = program_parse(r->s.arena, &r->s.source, &opt, r->s.diags);
	if (r->program && wants(r, STAGE_AST))
		show(r->program, program_print);
	return r->program != NULL;
}

/* Has the program probes that are not only our own doing? */
static bool asks_kernel(const struct run *r)
{
	static const char *const own[] = { "begin", "end", "interval", "self", "test", "bench" };

	for (unsigned i = 0; i < r->program->n_clauses; i++)
		for (unsigned k = 0; k < r->program->clauses[i]->n_points; k++) {
			const char *provider = r->program->clauses[i]->points[k].provider;
			size_t n = 0;

			while (n < ARRAY_LEN(own) && strcmp(own[n], provider) != 0)
				n++;
			if (n == ARRAY_LEN(own))
				return true;
		}
	return false;
}

/* --traceable-functions */
static bool use_functions(struct run *r)
{
	const char *file = r->s.functions;
	int err;

	if (!r->catalog || !file)
		return true;
	if (*file != '/')		/* tracefs would be its place otherwise */
		file = arena_fmt(r->s.arena, "/proc/self/cwd/%s", file);
	err = catalog_use_functions(r->catalog, file);
	return !err || diag_error(r->s.diags, NO_SPAN, "--traceable-functions: '%s' cannot be read: %s", file,
				  os_strerror(-err));
}

/* What writes nothing works without tracefs, and so without root. */
static bool open_kernel(struct run *r, bool asked)
{
	bool must = !r->s.dry_run && !only_shows(&r->s);
	struct diags *quiet = must ? NULL : diags_new();

	if (asked)
		r->tracefs = tracefs_open(must ? r->s.diags : quiet);
	else
		must = false;
	diags_free(quiet);
	if (r->tracefs)
		r->catalog = catalog_new(r->tracefs);
	return (r->tracefs || !must) && use_functions(r);
}

/* --probe-filter: begin and end stay. */
static void filter_points(struct run *r)
{
	struct program *p = r->program;
	regex_t re;

	if (!r->s.probe_filter || regcomp(&re, r->s.probe_filter, REG_EXTENDED | REG_NOSUB))
		return;
	for (unsigned i = 0; i < p->n_clauses; i++) {
		struct clause *c = p->clauses[i];
		unsigned kept = 0;

		for (unsigned k = 0; k < c->n_points; k++)
			if (c->points[k].n_parts == 0 || regexec(&re, c->points[k].text, 0, NULL, 0) == 0)
				c->points[kept++] = c->points[k];
		c->n_points = kept;
	}
	regfree(&re);
}

static bool check(struct run *r)
{
	struct check_options opt = { .unsafe = r->s.unsafe, .ask_kernel = true, .args = attach_args,
				     .find_type = attach_find_type, .ctx = &r->attach };

	r->attach = (struct attach){ .program = r->program, .catalog = r->catalog, .diags = r->s.diags,
				     .unsafe = r->s.unsafe, .pid = r->s.opt.pid };
	filter_points(r);
	if (!attach_check(&r->attach) || !program_check(r->program, &opt, r->s.diags))
		return false;
	if (wants(r, STAGE_TYPES))
		show(r->program, program_print);
	return true;
}

/* ---- checked tree -> taps -> sites ---- */

static bool is_sampled(const struct tap *t)
{
	return t->kind == TAP_PROFILE || t->kind == TAP_COUNTER || t->kind == TAP_WATCHPOINT;
}

/* Is it one of what shall be run? Tests and benchmarks are when they are asked for, and then nothing else is. */
static bool is_wanted(const struct script *s, enum tap_kind kind)
{
	switch (kind) {
	case TAP_TEST:
		return s->test;
	case TAP_BENCH:
		return s->bench;
	default:
		return !s->test && !s->bench;
	}
}

static void choose_taps(struct run *r)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < r->n_taps; i++)
		if (is_wanted(&r->s, r->taps[i]->kind))
			r->taps[kept++] = r->taps[i];
	r->n_taps = kept;
}

static void show_tap(const struct run *r, const struct tap *t, struct str *out)
{
	tap_print(t, out);
	for (size_t i = 0; i < r->found.n_sites; i++)
		if (r->found.sites[i]->def->tap == t && site_way(r->found.sites[i]))
			str_addf(out, "\t(%s)\n", site_way(r->found.sites[i]));
}

static void show_taps(const struct run *r, FILE *to)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	for (unsigned i = 0; i < r->n_taps; i++)
		show_tap(r, r->taps[i], &text);
	fputs(text.s ? text.s : "", to);
}

static bool lower(struct run *r)
{
	struct lower_options opt = attach_lower_options(&r->attach);

	if (!lower_program(r->program, &opt, &r->taps, &r->n_taps, r->s.diags))
		return false;
	attach_kinds(r->taps, r->n_taps);
	choose_taps(r);
	if (r->s.verbose && !wants(r, STAGE_PLAN))
		show_taps(r, stderr);
	return true;
}

/* What perf counts is everywhere: one site, which is no place. */
static bool add_sample(struct run *r, struct tap *t)
{
	struct site *site;
	struct str label = STR_INIT;
	const char *why;

	if (t->kind == TAP_WATCHPOINT && r->catalog && !r->s.dry_run &&
	    catalog_ask(r->catalog, FEATURE_WATCHPOINTS, &why) == ANSWER_NO)
		return diag_error(r->s.diags, t->point->span, "no watchpoint can be had: %s", why);
	site = probe_add_site(&r->found, attach_definition(&r->found, t, t->point->text), false);
	site->provider = PROVIDER_SAMPLE;
	site->comm_slot = site->caller_slot = UINT32_MAX;
	str_add(&label, t->point->provider);
	for (unsigned i = 0; i < t->point->n_parts; i++)
		str_addf(&label, ":%s", t->point->parts[i]);
	site->label = arena_strdup(r->s.arena, label.s);
	str_release(&label);
	return true;
}

/* No event of the kernel's, but it reads the kernel's memory. */
static bool is_reader(const struct tap *t)
{
	return t->kind != TAP_EVENT && !is_sampled(t) && t->n_args > 0;
}

static bool is_event_with_stack(const struct tap *t)
{
	return t->kind == TAP_EVENT && (t->kstack || t->ustack);
}

static bool is_about_one(const struct run *r)
{
	return r->s.opt.pid || r->s.command;
}

/* Perf knows one process and its children, and its samples have stacks. */
static enum record_source source(const struct run *r)
{
	if (is_about_one(r))
		return SOURCE_PERF;
	for (unsigned i = 0; i < r->n_taps; i++)
		if (is_event_with_stack(r->taps[i]))
			return SOURCE_PERF;
	return SOURCE_FTRACE;
}

/* An event that trapline makes itself. Who looks at one process only does not see it. */
static bool expand_reader(struct run *r, struct tap *t)
{
	if (is_about_one(r))
		return diag_error(r->s.diags, t->args[0]->span, "memory of the kernel cannot be read at %s together with -p "
				  "or -c", t->point->provider);
	if (!r->catalog && !open_kernel(r, true))
		return false;
	r->attach.catalog = r->found.catalog = r->catalog;
	return own_expand(&r->attach, &r->found, t);
}

/* All mistakes in one run. *own, if there are taps that need no site. */
static bool find_sites(struct run *r, bool *own)
{
	bool ok = true;

	r->attach.by_perf = source(r) == SOURCE_PERF;
	r->attach.one_process = is_about_one(r);
	r->found = (struct probe_context){ .arena = r->s.arena, .catalog = r->catalog, .diags = r->s.diags,
					   .opt = r->s.opt };
	r->found.opt.mangled = !r->program->config.cpp_demangle;
	r->found.opt.max_probes = (unsigned)r->program->config.max_probes;
	for (unsigned i = 0; i < r->n_taps; i++) {
		if (r->taps[i]->kind == TAP_EVENT)
			ok = attach_expand(&r->attach, &r->found, r->taps[i]) && ok;
		else if (is_sampled(r->taps[i]))
			ok = add_sample(r, r->taps[i]) && ok;
		else if (is_reader(r->taps[i]))
			ok = expand_reader(r, r->taps[i]) && ok;
		else
			*own = true;
	}
	return attach_settle(&r->attach, &r->found) && ok;
}

static bool expand(struct run *r)
{
	bool own = false, ok = find_sites(r, &own);

	if (!ok || own || r->found.n_sites)
		return ok;
	diags_print(r->s.diags, stderr);
	puts("No probes to attach");
	return false;
}

/* -d plan: with what there is to say of the places, as far as they can be found. That one cannot is no mistake here. */
static void show_plan(struct run *r)
{
	struct diags *real = r->s.diags;
	bool own = false;

	r->s.diags = r->attach.diags = diags_new();
	find_sites(r, &own);
	diags_free(r->s.diags);
	r->s.diags = r->attach.diags = r->found.diags = real;
	show_taps(r, stdout);
}

/* ---- sites -> plan ---- */

static struct plan_options plan_options(const struct run *r)
{
	struct plan_options o = {
		.name = r->s.dry_run ? "tl_dry_run" : session_name(r->s.arena),
		.dry_run = r->s.dry_run,
		.source = source(r),
		.buffer_kb = (unsigned)(r->program->config.perf_rb_pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024),
		.event_tag = r->s.dry_run ? 0 : (unsigned)getpid(),
		.pid = r->s.opt.pid,
	};

	for (unsigned i = 0; i < r->n_taps; i++) {
		o.kstack = o.kstack || r->taps[i]->kstack;
		o.ustack = o.ustack || r->taps[i]->ustack;
	}
	return o;
}

static void print_plan(const struct run *r, FILE *to)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	plan_print(&r->plan, r->tracefs ? tracefs_root(r->tracefs) : "/sys/kernel/tracing", &text);
	fputs(text.s ? text.s : "", to);
}

static bool plan(struct run *r)
{
	struct plan_options o = plan_options(r);
	const char *why = NULL;

	if (!r->found.n_sites)
		return true;
	o.strings = option_strings(r->catalog, &why);
	o.sub_buffers = r->catalog && catalog_has(r->catalog, FEATURE_SUB_BUFFERS, NULL);
	if (!plan_make(&r->plan, r->s.arena, r->found.sites, (unsigned)r->found.n_sites, &o, r->s.diags))
		return false;
	if (r->s.verbose && !r->s.dry_run)
		print_plan(r, stderr);
	return true;
}

/* ---- what the program asks for ---- */

static bool in_tree(const struct node *n, bool (*is)(const struct node *n))
{
	if (!n)
		return false;
	for (unsigned i = 0; i < n->n_list; i++)
		if (in_tree(n->list[i], is))
			return true;
	return is(n) || in_tree(n->a, is) || in_tree(n->b, is) || in_tree(n->c, is);
}

static bool any_node(const struct program *p, bool (*is)(const struct node *n))
{
	for (unsigned i = 0; i < p->n_actions; i++)
		if (in_tree(p->actions[i]->predicate, is) || in_tree(p->actions[i]->body, is))
			return true;
	for (unsigned i = 0; i < p->n_subprograms; i++)
		if (in_tree(p->subprograms[i]->body, is))
			return true;
	return false;
}

/* Is its value an address of a process? Then what the process has mapped must be known when it has ended. */
static bool is_user_address(const struct node *n)
{
	return n->type && (n->type->kind == TYPE_USYM || n->type->kind == TYPE_USTACK);
}

/* comm is in the record, comm(pid) is not. */
static bool asks_process(const struct node *n)
{
	return n->builtin && n->builtin->process && (n->n_list || strcmp(n->builtin->name, "comm") != 0);
}

/* ---- plan -> session ---- */

static bool open_output(struct run *r)
{
	struct out_options o = { .format = r->s.format, .quiet = r->s.quiet, .buffering = r->s.buffering,
				 .names = &r->names };
	bool text = strcmp(r->s.format, "text") == 0;

	r->out_fd = STDOUT_FILENO;
	if (r->s.output)
		r->out_fd = open(r->s.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (r->out_fd < 0)
		return diag_error(r->s.diags, NO_SPAN, "Failed to open output file: \"%s\": %s", r->s.output,
				  os_strerror(errno));
	r->signals = o.stop_fd = pump_signals();
	r->addresses = addresses_new();
	if (!r->program->config.cpp_demangle)
		addresses_keep_mangled(r->addresses);
	r->book = name_book_new(r->addresses, r->s.opt.pid);
	r->names = name_book_names(r->book, &r->program->config, text && isatty(r->out_fd));
	o.fd = r->out_fd;
	r->out = out_new(&o);
	if (wants(r, STAGE_RECORDS)) {
		o.fd = STDERR_FILENO;
		o.format = "json";
		r->records = out_new(&o);
	}
	return true;
}

static bool prepare_target(struct run *r)
{
	int err = r->s.command ? target_prepare(r->s.command, &r->target) : 0;

	return !err || diag_error(r->s.diags, NO_SPAN, "-c: cannot start a process: %s", os_strerror(-err));
}

static bool open_session(struct run *r)
{
	struct session_options o = {
		.pid = r->target ? target_pid(r->target) : r->s.opt.pid,
		.at_exec = r->target != NULL,
		.names = true,
		.processes = any_node(r->program, asks_process),
		.mappings = any_node(r->program, is_user_address),
		.stop_fd = r->signals,
		.is_pointer = request_is_pointer,
		.is_unchanged = identity_holds,
	};

	r->armed = true;
	return !r->found.n_sites || (session_open(&r->session, r->tracefs, &r->plan, &o, r->s.diags) &&
				     attach_survives(&r->attach, &r->found));
}

/* Every probe of every action, as bpftrace counts them. */
static unsigned count_probes(const struct run *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n_taps; i++)
		if (r->taps[i]->kind != TAP_EVENT && !is_sampled(r->taps[i]) && !is_reader(r->taps[i]))
			n += r->taps[i]->n_actions;
	for (size_t i = 0; i < r->found.n_sites; i++)
		if (session_has(r->session, r->found.sites[i]))
			n += r->found.sites[i]->def->tap->n_actions;
	return n;
}

/* ---- the play ---- */

static bool release(void *ctx)
{
	struct run *r = ctx;
	int err = r->target ? target_release(r->target) : 0;

	return !err || diag_error(r->s.diags, NO_SPAN, "-c: cannot run '%s': %s", r->s.command[0], os_strerror(-err));
}

/* Tests wait for a word of their own, which stands on a line. */
static const char *notice(const struct run *r)
{
	const char *word = getenv("__BPFTRACE_NOTIFY_PROBES_ATTACHED");

	return word ? arena_fmt(r->s.arena, "__BPFTRACE_NOTIFY_PROBES_ATTACHED\n") : NULL;
}

static bool play(struct run *r, uint64_t start)
{
	struct play *p = &r->play;

	*p = (struct play){
		.program = r->program,
		.taps = r->taps,
		.n_taps = r->n_taps,
		.session = r->session,
		.out = r->out,
		.records = r->records,
		.names = &r->names,
		.addresses = r->addresses,
		.user_symbols = any_node(r->program, is_user_address),
		.target = r->target,
		.pid = r->s.opt.pid,
		.signals = r->signals,
		.out_fd = r->out_fd,
		.attached = count_probes(r),
		.notice = notice(r),
		.eval = { .warnings = r->s.warnings, .no_warnings = r->s.no_warnings,
			  .child = r->target ? target_pid(r->target) : 0, .start_ns = start },
		.tests = r->s.test,
		.benchmarks = r->s.bench,
		.release = release,
		.release_ctx = r,
	};
	play_run(p);
	if (p->error == -EPIPE)
		return diag_error(r->s.diags, NO_SPAN, "nobody reads the output any more");
	if (p->error == -EINTR)
		return diag_error(r->s.diags, NO_SPAN, "ended while the output's reader stalled: the last of it is not "
						       "written");
	if (p->error)
		return diag_error(r->s.diags, NO_SPAN, "the %s: %s", p->reading_failed ? "records cannot be read" :
				  "output cannot be written", os_strerror(-p->error));
	if (p->failed_tests)
		p->exit_status = 1;
	return !p->failed;
}

/* ---- the whole ---- */

/* Warnings are a part of what bpftrace prints; those who read JSON, or a plan, want nothing but that. */
static void print_diags(struct run *r)
{
	bool running = !r->s.dry_run && !only_shows(&r->s) && strcmp(r->s.format, "text") == 0;

	if (r->s.no_warnings)
		diags_forget_warnings(r->s.diags);
	diags_print(r->s.diags, running && !r->armed && !diags_errors(r->s.diags) ? stdout : stderr);
}

static void run_release(struct run *r)
{
	out_free(r->out);
	out_free(r->records);
	name_book_free(r->book);
	addresses_free(r->addresses);
	target_free(r->target);
	attach_release(&r->attach);
	catalog_free(r->catalog);
	tracefs_close(r->tracefs);
	free(r->found.sites);
	free(r->plan.steps);
	script_release(&r->s);
}

static bool format_program(struct run *r)
{
	struct program_options opt = { .parameters = r->s.parameters, .named = r->s.named };
	struct program *p = program_parse(r->s.arena, &r->s.source, &opt, r->s.diags);

	if (p)
		show(p, program_format);
	return p != NULL;
}

static bool list(struct run *r)
{
	if (!parse(r) || !open_kernel(r, asks_kernel(r)))
		return false;
	list_program(r->program, r->catalog, r->s.opt.pid, r->s.verbose, r->s.diags);
	return true;
}

static bool compile(struct run *r)
{
	if (!script_knows_parameters(&r->s, r->program) || !lower(r))
		return false;
	if (wants(r, STAGE_PLAN))
		show_plan(r);
	return only_shows(&r->s) || (expand(r) && plan(r));
}

static bool perform(struct run *r)
{
	uint64_t start = os_clock_ns(CLOCK_BOOTTIME);
	bool ok = open_output(r) && prepare_target(r) && open_session(r);

	print_diags(r);
	ok = ok && play(r, start);
	return session_close(r->session) && ok;
}

static bool run_script(struct run *r)
{
	if (r->s.verbose)
		tell_debug_sources();
	if (!script_read(&r->s))
		return false;
	if (r->s.format_program)
		return format_program(r);
	if (r->s.list)
		return list(r);
	if (!parse(r) || !open_kernel(r, asks_kernel(r)) || !check(r))
		return false;
	if (script_help_parameters(&r->s, r->program))
		return true;
	if (!compile(r))
		return false;
	if (only_shows(&r->s))
		return true;
	if (r->s.dry_run) {
		print_plan(r, stdout);
		return true;
	}
	print_diags(r);
	return perform(r);
}

static int exit_status(const struct run *r, bool ok)
{
	if (ok)
		return r->play.exit_status;
	return r->armed && !r->play.program ? NOT_ATTACHED : 1;
}

/* `trapline -p 4711 -l PATTERN`: no program, so the other list is meant. */
static int list_pattern(const struct run *r)
{
	static char list_word[] = "-l", verbose_word[] = "-v", pid_word[] = "-p";
	char *argv[6] = { list_word }, pid[16];
	int argc = 1;

	if (r->s.verbose)
		argv[argc++] = verbose_word;
	if (r->s.opt.pid) {
		snprintf(pid, sizeof(pid), "%d", (int)r->s.opt.pid);
		argv[argc++] = pid_word;
		argv[argc++] = pid;
	}
	if (r->s.file)
		argv[argc++] = (char *)r->s.file;
	return cmd_list(argc, argv);
}

static bool lists_pattern(const struct run *r)
{
	return r->s.list && !r->s.program && (!r->s.file || !script_is_file(r->s.file));
}

int cmd_run(int argc, char **argv)
{
	struct run r = { .s = script_new() };
	enum opt_result parsed = opt_parse(&script_command, argc, argv, &r.s, r.s.diags);
	bool ok = parsed != OPT_ERROR;
	int status;

	if (parsed == OPT_HELP)
		opt_help(&script_command, stdout);
	else if (ok && r.s.version)
		puts("trapline v" TRAPLINE_VERSION);
	else if (ok && r.s.info)
		ok = cmd_info(1, argv) == 0;
	else if (ok && lists_pattern(&r))
		ok = list_pattern(&r) == 0;
	else if (ok)
		ok = run_script(&r);
	status = exit_status(&r, ok);
	print_diags(&r);
	run_release(&r);
	return status;
}
