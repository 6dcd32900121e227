/* plan.c - a plan is a list of writes.
 *
 * Everything that tracefs can do is done by writing a line to a file, or by making a directory. Walk the
 * list forward and the probes are armed; walk it back and the kernel is as it was; print it and you have
 * --dry-run. The order: dynamic events, instance, its settings, filters, files opened for reading, and
 * only then the enables. Undo is the reverse, so the instance goes (and disarms) before the events.
 */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

static struct step *add(struct plan *p, enum step_kind kind, const char *file, const char *text,
			struct site *site)
{
	struct step *s = MEM_PUSH(p->steps, p->n_steps);

	s->kind = kind;
	s->file = file;
	s->text = text;
	s->undo.kind = UNDO_NOTHING;
	s->why = site ? site->def->span : NO_SPAN;
	s->site = site;
	return s;
}

/* Where it is defined; NULL: it is there already. */
static const char *events_file(const struct site *s)
{
	switch (s->provider) {
	case PROVIDER_UPROBE:
		return "uprobe_events";
	case PROVIDER_KPROBE:
		return "kprobe_events";
	case PROVIDER_EVENT:
		return "dynamic_events";
	case PROVIDER_TRACEPOINT:
	case PROVIDER_SAMPLE:
		break;
	}
	return NULL;
}

static void add_definitions(struct plan *p)
{
	for (unsigned i = 0; i < p->n_sites; i++) {
		struct site *s = p->sites[i];
		struct step *step;

		if (!events_file(s))
			continue;
		step = add(p, STEP_APPEND, events_file(s), s->line, s);
		step->undo = (struct undo){ UNDO_DELETE, events_file(s),
					    arena_fmt(p->arena, "%s/%s", p->opt.name, s->event) };
	}
}

/* KB of a sub-buffer: a read brings one, and costs more than copying it. Records are no larger for it. */
#define SUB_BUFFER_KB "16"

static void add_instance(struct plan *p)
{
	const char *dir = arena_fmt(p->arena, "instances/%s", p->opt.name);
	struct step *s = add(p, STEP_MKDIR, dir, NULL, NULL);

	s->undo = (struct undo){ UNDO_RMDIR, dir, NULL };
	if (p->opt.sub_buffers)
		add(p, STEP_WRITE, arena_fmt(p->arena, "%s/buffer_subbuf_size_kb", dir), SUB_BUFFER_KB, NULL);
	if (p->opt.buffer_kb)
		add(p, STEP_WRITE, arena_fmt(p->arena, "%s/buffer_size_kb", dir),
		    arena_fmt(p->arena, "%u", p->opt.buffer_kb), NULL);
	add(p, STEP_WRITE, arena_fmt(p->arena, "%s/trace_clock", dir), "boot", NULL);
	add(p, STEP_WRITE, arena_fmt(p->arena, "%s/buffer_percent", dir), "0", NULL);
	if (p->opt.tids) {
		add(p, STEP_WRITE, arena_fmt(p->arena, "%s/options/event-fork", dir), "1", NULL);
		add(p, STEP_WRITE, arena_fmt(p->arena, "%s/set_event_pid", dir), p->opt.tids, NULL);
	}
}

static const char *group(const struct plan *p, const struct site *s)
{
	return s->provider == PROVIDER_TRACEPOINT ? s->category : p->opt.name;
}

static const char *event_file(struct plan *p, const struct site *s, const char *name)
{
	return arena_fmt(p->arena, "instances/%s/events/%s/%s/%s", p->opt.name, group(p, s), s->event, name);
}

/* A static event has one filter in the instance: when several sites want its records, none can have its own. */
static bool is_shared(const struct plan *p, const struct site *s)
{
	for (unsigned i = 0; s->provider == PROVIDER_TRACEPOINT && i < p->n_sites; i++) {
		const struct site *other = p->sites[i];

		if (other != s && other->provider == PROVIDER_TRACEPOINT && strcmp(other->event, s->event) == 0 &&
		    strcmp(other->category, s->category) == 0)
			return true;
	}
	return false;
}

static bool add_filters(struct plan *p, struct diags *d)
{
	for (unsigned i = 0; i < p->n_sites; i++) {
		struct site *s = p->sites[i];
		const char *filter;

		if (!s->def->filter || is_shared(p, s))
			continue;
		if (!filter_check(p, s, &filter, d))
			return false;
		if (filter)
			add(p, STEP_WRITE, event_file(p, s, "filter"), filter, s)->why = s->def->filter_span;
	}
	return true;
}

static void add_readers_and_enables(struct plan *p)
{
	add(p, STEP_OPEN, arena_fmt(p->arena, "instances/%s/per_cpu/cpu%%u/trace_pipe_raw", p->opt.name), NULL,
	    NULL)->undo.kind = UNDO_CLOSE;
	for (unsigned i = 0; i < p->n_sites; i++)
		if (p->sites[i]->provider != PROVIDER_SAMPLE)
			add(p, STEP_WRITE, event_file(p, p->sites[i], "enable"), "1", p->sites[i]);
}

/* How perf record is told of it. */
static const char *sample_event(struct plan *p, const struct tap *t)
{
	switch (t->kind) {
	case TAP_COUNTER:
		return arena_fmt(p->arena, "%s -c %llu", t->counter->name, (unsigned long long)t->count);
	case TAP_WATCHPOINT:
		return arena_fmt(p->arena, "mem:0x%llx/%u:%s%s%s -c 1", (unsigned long long)t->address, t->length,
				 t->access & ACCESS_READ ? "r" : "", t->access & ACCESS_WRITE ? "w" : "",
				 t->access & ACCESS_EXECUTE ? "x" : "");
	default:
		return arena_fmt(p->arena, "cpu-clock -c %llu", (unsigned long long)t->period_ns);
	}
}

static void add_samples(struct plan *p)
{
	for (unsigned i = 0; i < p->n_sites; i++) {
		struct site *s = p->sites[i];

		if (s->provider == PROVIDER_SAMPLE)
			add(p, STEP_SAMPLE, sample_event(p, s->def->tap), NULL, s)->undo.kind = UNDO_CLOSE;
	}
}

static bool any_event(const struct plan *p)
{
	for (unsigned i = 0; i < p->n_sites; i++)
		if (p->sites[i]->provider != PROVIDER_SAMPLE)
			return true;
	return false;
}

static bool add_perf(struct plan *p, struct diags *d)
{
	for (unsigned i = 0; i < p->n_sites; i++) {
		struct site *s = p->sites[i];
		const char *filter = NULL;

		if (s->provider == PROVIDER_SAMPLE)
			continue;
		if (s->def->filter && !filter_check(p, s, &filter, d))
			return false;
		add(p, STEP_PERF, arena_fmt(p->arena, "%s/%s", group(p, s), s->event), filter, s)->undo.kind =
			UNDO_CLOSE;
	}
	return true;
}

bool plan_make(struct plan *p, struct arena *a, struct site **sites, unsigned n,
	       const struct plan_options *opt, struct diags *d)
{
	*p = (struct plan){ .arena = a, .opt = *opt, .sites = sites, .n_sites = n };
	for (unsigned i = 0; i < n; i++)
		if (sites[i]->provider != PROVIDER_SAMPLE && !capture_site(p, sites[i], d))
			return false;
	add_definitions(p);
	add_samples(p);
	if (!any_event(p))
		return true;
	if (opt->source == SOURCE_PERF)
		return add_perf(p, d);
	add_instance(p);
	if (!add_filters(p, d))
		return false;
	add_readers_and_enables(p);
	return true;
}

struct span plan_origin(const struct plan *p, const struct site *site, unsigned column)
{
	for (unsigned i = 0; i < site->n_parts; i++)
		if (column >= site->parts[i].begin && column < site->parts[i].end)
			return site->parts[i].span;
	return site->def->span;
}

/* ---- the plan as shell lines ---- */

static void print_comment(struct str *out, const char *text)
{
	str_addf(out, "# %s\n", text);
}

static void print_file(struct str *out, const char *root, const char *file)
{
	struct str path = STR_INIT;

	str_addf(&path, "%s/%s", root, file);
	str_add_shell_word(out, path.s);
	str_release(&path);
}

/* printf, not echo: some shells' echo eats the backslash of an immediate. */
static void print_write(struct str *out, const char *root, const char *text, const char *redirect,
			const char *file)
{
	str_add(out, "printf '%s\\n' ");
	str_add_shell_word(out, text);
	str_addf(out, " %s ", redirect);
	print_file(out, root, file);
	str_addc(out, '\n');
}

/* A path that the kernel's parser cannot read is given to it as /proc/self/fd/N: so the shell opens it. */
static void print_append(struct str *out, const char *root, const struct step *s)
{
	const char *fd = s->site->fd >= 0 ? s->site->kernel_path : NULL;
	const char *at = fd ? strstr(s->text, fd) : NULL;
	struct str line = STR_INIT;

	if (!at) {
		print_write(out, root, s->text, ">>", s->file);
		return;
	}
	str_addn(&line, s->text, (size_t)(at - s->text));
	str_addf(&line, "/proc/self/fd/9%s", at + strlen(fd));
	str_add(out, "exec 9<");
	str_add_shell_word(out, s->site->open_path);
	str_addc(out, '\n');
	print_write(out, root, line.s, ">>", s->file);
	str_add(out, "exec 9<&-\n");
	str_release(&line);
}

static void print_perf(struct str *out, const struct plan *p, const struct step *s)
{
	struct str event = STR_INIT;
	size_t begin = out->len;
	char *slash;

	str_add(&event, s->file);
	slash = strchr(event.s, '/');
	*slash = ':';
	str_add(out, "# perf_event_open(2) on it");
	if (p->opt.pid)
		str_addf(out, " for process %d", (int)p->opt.pid);
	str_add(out, "; by hand: perf record -e ");
	str_add_shell_word(out, event.s);
	if (s->text) {
		str_add(out, " --filter ");
		str_add_shell_word(out, s->text);
	}
	if (p->opt.pid)
		str_addf(out, " -p %d", (int)p->opt.pid);
	for (char *c = out->s + begin; *c; c++)		/* a filter may have lines; a comment is one */
		if (*c == '\n')
			*c = ' ';
	str_addc(out, '\n');
	str_release(&event);
}

static void print_sample(struct str *out, const struct plan *p, const struct step *s)
{
	str_addf(out, "# perf_event_open(2); by hand: perf record -e %s", s->file);
	if (p->opt.pid)
		str_addf(out, " -p %d\n", (int)p->opt.pid);
	else
		str_add(out, " -a\n");
}

static void print_open(struct str *out, const struct plan *p, const char *root, const char *file)
{
	const char *mark = strstr(file, "%u");
	size_t n = mark ? (size_t)(mark - file) : strlen(file);

	str_addf(out, "# read the pages of %s/%.*s%s%s; by hand: cat %s/instances/%s/trace_pipe\n", root, (int)n, file,
		 mark ? "*" : "", mark ? mark + 2 : "", root, p->opt.name);
}

const char *site_way(const struct site *s)
{
	if (s->ret && !s->note)
		return "the kernel's return probe";
	return s->note;
}

static void print_step(struct str *out, const struct plan *p, const char *root, const struct step *s)
{
	switch (s->kind) {
	case STEP_APPEND:
		if (site_way(s->site))
			print_comment(out, site_way(s->site));
		print_append(out, root, s);
		break;
	case STEP_MKDIR:
		str_add(out, "mkdir ");
		print_file(out, root, s->file);
		str_addc(out, '\n');
		break;
	case STEP_WRITE:
		print_write(out, root, s->text, ">", s->file);
		break;
	case STEP_OPEN:
		print_open(out, p, root, s->file);
		break;
	case STEP_PERF:
		print_perf(out, p, s);
		break;
	case STEP_SAMPLE:
		print_sample(out, p, s);
		break;
	}
}

static void print_undo(struct str *out, const char *root, const struct undo *u)
{
	struct str line = STR_INIT;

	switch (u->kind) {
	case UNDO_NOTHING:
	case UNDO_CLOSE:
		break;
	case UNDO_DELETE:
		str_addf(&line, "-:%s", u->text);
		print_write(out, root, line.s, ">>", u->file);
		break;
	case UNDO_RMDIR:
		str_add(out, "rmdir ");
		print_file(out, root, u->file);
		str_addc(out, '\n');
		break;
	case UNDO_WRITE:
		print_write(out, root, u->text, ">", u->file);
		break;
	}
	str_release(&line);
}

void plan_print_steps(const struct plan *p, const char *root, struct str *out)
{
	for (unsigned i = 0; i < p->n_steps; i++)
		print_step(out, p, root, &p->steps[i]);
}

void plan_print_undo(const struct plan *p, const char *root, struct str *out)
{
	for (unsigned i = p->n_steps; i-- > 0;)
		print_undo(out, root, &p->steps[i].undo);
}

void plan_print(const struct plan *p, const char *root, struct str *out)
{
	print_comment(out, "arm");
	plan_print_steps(p, root, out);
	print_comment(out, "undo");
	plan_print_undo(p, root, out);
}
