/* session.c - carries out a plan, reads what comes of it, and takes everything back.
 *
 * The plan has decided all; this file walks it. Before the first step there is somebody who would walk it
 * back without us: first the journal, then the guardian. Then the steps in their order; when the kernel
 * refuses one, its own words are shown under the user's. Closing is the same walk backwards, after all our
 * files in the instance are closed: an open file keeps the instance, and an armed event cannot be deleted.
 *
 * Records that the kernel dropped without a trace (their strings were too long) are found by counting: the
 * kernel's profile tells how often each probe was hit. The profile is read a moment before recording stops:
 * a hit that it has counted is recorded by then, and one that comes later makes the difference smaller, never
 * larger. So no loss is reported that did not happen.
 */
#include "trace/internal.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* From the count of a hit to its record: the thread may be preempted between them, or a page be read. */
#define SETTLE_US	2000

/* A site, as the session sees it. */
struct event {
	struct site *site;
	struct decoder decoder;
	uint64_t records;		/* handed over */
	uint64_t base;			/* hits that were counted before we began */
	uint64_t hits, misses;		/* by the kernel's profile */
	bool uncertain;			/* hits cannot be compared with records */
	bool ended;			/* a watchpoint that the program has taken away */
	struct event *twin;		/* another site of the same static event or counter: it has the same records */
};

struct session {
	struct tracefs *tracefs;
	const struct plan *plan;
	struct session_options opt;
	struct diags *diags;
	struct journal journal;
	struct guard guard;
	struct event *events;		/* one for each of plan->sites */
	struct event **by_id;
	unsigned first_id, n_ids;
	struct clock_offset clock;
	struct reader reader;
	struct tasks *tasks;
	struct ftrace *ftrace;
	struct perf *perf;
	int epoll;
	bool twins;			/* some event has one */
	char idle[TASK_COMM_BYTES];	/* the name of an idle thread */
	bool stopped, balanced;
	uint64_t ring_lost;		/* reported */
	const struct sink *sink;	/* of the drain at hand */
	struct record record;		/* from ftrace, the one at hand; what such records have not stays 0 */
};

static struct event *event_of(struct session *s, const struct site *site)
{
	for (unsigned i = 0; site && i < s->plan->n_sites; i++)
		if (s->plan->sites[i] == site)
			return &s->events[i];
	return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * the kernel says no
 * ---------------------------------------------------------------------------------------------- */

/* What a number means at a step; `file` is the end of the step's file. Without words the reason is not what was
 * asked, but who we are and where. */
static const struct {
	enum step_kind kind;
	const char *file;
	int err;
	const char *words;
} refusals[] = {
	{ STEP_APPEND, "", EEXIST, "the kernel has an event of this name already" },
	{ STEP_APPEND, "", EPERM, NULL },
	{ STEP_APPEND, "", EACCES, NULL },
	{ STEP_APPEND, "", EROFS, NULL },
	{ STEP_APPEND, "uprobe_events", EINVAL, "the kernel refuses this line, and does not say why (two "
						"probes at one place must agree on the reference counter)" },
	{ STEP_APPEND, "uprobe_events", ENOENT, "this kernel has no probes in user programs "
						"(CONFIG_UPROBE_EVENTS), or the file has gone" },
	{ STEP_APPEND, "kprobe_events", ENOENT, "the kernel has no such function" },
	{ STEP_APPEND, "kprobe_events", EILSEQ, "no instruction begins at this offset" },
	{ STEP_APPEND, "kprobe_events", EADDRNOTAVAIL, "the kernel has several functions of this name" },
	{ STEP_WRITE, "/enable", 524, "the kernel cannot place a breakpoint on this instruction" },
	{ STEP_WRITE, "/enable", EINTR, "somebody uses this event with perf" },
	{ STEP_WRITE, "/enable", EINVAL, "the kernel cannot arm this probe: the place is not in the file" },
	{ STEP_WRITE, "/buffer_size_kb", ENOMEM, "there is no memory for buffers of this size" },
	{ STEP_WRITE, "/buffer_subbuf_size_kb", ENOMEM, "there is no memory for buffers of this size" },
	{ STEP_PERF, "", 524, "the kernel cannot place a breakpoint on this instruction" },
	{ STEP_PERF, "", EINTR, "this event is in use by another tracer, that has enabled all events" },
	{ STEP_MKDIR, "", EACCES, NULL },
	{ STEP_MKDIR, "", EPERM, NULL },
	{ STEP_WRITE, "", EACCES, NULL },
	{ STEP_OPEN, "", EACCES, NULL },
	{ STEP_OPEN, "", EPERM, NULL },
	{ STEP_PERF, "", EACCES, NULL },
	{ STEP_PERF, "", EPERM, NULL },
	{ STEP_PERF, "", ENOSYS, NULL },
	{ STEP_PERF, "", ESRCH, "the process has ended" },
	{ STEP_PERF, "", EINVAL, "the kernel cannot arm this probe: the place is not in the file" },
	{ STEP_SAMPLE, "", ENOENT, "this machine does not count this (virtual machines seldom do)" },
	{ STEP_SAMPLE, "", EOPNOTSUPP, "this machine does not count this (virtual machines seldom do)" },
	{ STEP_SAMPLE, "", ENOSPC, "the CPU has no more registers for watchpoints" },
	{ STEP_SAMPLE, "", EINVAL, "the kernel does not take this address, length or access: an address must be a "
				   "multiple of its length" },
	{ STEP_SAMPLE, "", ESRCH, "the process has ended" },
	{ STEP_SAMPLE, "", EACCES, NULL },
	{ STEP_SAMPLE, "", EPERM, NULL },
	{ STEP_SAMPLE, "", ENOSYS, NULL },
};

static void add_circumstances(const struct session *s, const struct step *step, int err, struct str *out)
{
	_cleanup_(str_release) struct str todo = STR_INIT;

	if (step->kind == STEP_SAMPLE) {
		perf_why(err, out, &todo);
	} else if (step->kind == STEP_PERF) {
		perf_why(err, out, &todo);
		str_addf(&todo, "%swithout -p, -c and stacks perf is not needed: --filter 'common_pid == TID' picks a thread",
			 todo.len ? "; " : "");
	} else {
		tracefs_why(tracefs_root(s->tracefs), step->file, err, out, &todo);
	}
	if (todo.len)
		str_addf(out, "; %s", todo.s);
}

static void add_words(const struct session *s, const struct step *step, int err, struct str *out)
{
	if (err == -EMFILE || err == -ENFILE) {
		str_add(out, "this needs more open files than the limit allows (ulimit -n; threads x CPUs x probes)");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (refusals[i].kind == step->kind && refusals[i].err == -err &&
		    str_ends(step->file, refusals[i].file)) {
			if (refusals[i].words)
				str_add(out, refusals[i].words);
			else
				add_circumstances(s, step, err, out);
			return;
		}
	str_addf(out, "the kernel refuses %s: %s", step->file, os_strerror(-err));
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The kernel marks where its reading stopped, which is behind the word that it did not like: a field that it does
 * not know stands before the operator. */
static struct span below(struct span whole, unsigned column, bool field)
{
	const char *text = whole.src ? whole.src->text : "";
	unsigned at = whole.begin + column;

	if (!whole.src || whole.end <= whole.begin)
		return whole;
	if (at >= whole.end)
		at = whole.end - 1;
	while (field && at > whole.begin && !strchr("=!<>&~", text[at]))
		at--;
	while (at > whole.begin && (field ? !in_word(text[at]) : isspace((unsigned char)text[at])))
		at--;
	whole.end = at + 1;
	while (at > whole.begin && in_word(text[at]) && in_word(text[at - 1]))
		at--;
	whole.begin = at;
	return whole;
}

/* The kernel's own words about the step, when it left any, and the user's that they are about. */
static struct span complaint(struct session *s, const struct step *step, struct str *words)
{
	_cleanup_(str_release) struct str text = STR_INIT, filter = STR_INIT;
	unsigned column = 0;
	struct span at = step->why;

	if (step->kind == STEP_PERF)
		str_addf(&filter, "events/%s/filter", step->file);
	else if (str_ends(step->file, "/filter"))
		str_add(&filter, step->file);
	if (step->kind == STEP_APPEND) {
		if (tracefs_complaint(s->tracefs, step->text, &text, &column) && step->site)
			at = plan_origin(s->plan, step->site, column);
	} else if (filter.len && tracefs_filter_complaint(s->tracefs, filter.s, &text, &column)) {
		at = step->site ? below(step->site->def->filter_span, column,
					str_starts(text.s, "Field not found")) : at;
	}
	if (text.len)
		str_addf(words, "the kernel says: %s", text.s);
	return at;
}

/* What the kernel says of a function that probes need themselves, or that is marked so: it says no more. */
#define REGISTER_FAILED "Failed to register probe event"

/* Reports why the kernel refused a step: an error, or a warning when the site may be left out. */
static bool refused(struct session *s, const struct step *step, int err)
{
	_cleanup_(str_release) struct str words = STR_INIT;
	struct span at = complaint(s, step, &words);

	if (words.len == 0 && step->kind == STEP_APPEND && err == -EINVAL)
		rival_words(s->tracefs, step->site, &words);
	if (words.len == 0)
		add_words(s, step, err, &words);
	if (step->site && step->site->optional) {
		diag_warn(s->diags, at, "%s is left out: %s", step->site->label, words.s);
		return true;
	}
	diag_error(s->diags, at, "%s", words.s);
	if (str_ends(words.s, REGISTER_FAILED) && step->site && step->site->symbol)
		diag_hint(s->diags, "the kernel knows the function, but does not let it be probed; `trapline -l 'kprobe:*%.8s*'` "
				    "lists others", step->site->symbol);
	return false;
}

/* ------------------------------------------------------------------------------------------------
 * hits
 * ---------------------------------------------------------------------------------------------- */

static const struct profile {
	enum provider provider;
	const char *file;
	bool path;			/* a line begins with the file that is probed */
} profiles[] = {
	{ PROVIDER_UPROBE, "uprobe_profile", true },	/* "  /bin/bash readline_471_0    12" */
	{ PROVIDER_KPROBE, "kprobe_profile", false },	/* "  vfs_read_471_0   12   0": hits, misses */
};

static void read_profile(struct session *s, const struct profile *p)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char *lines, *line;

	if (tracefs_read(s->tracefs, p->file, &text))
		return;
	for (lines = text.s; (line = strsep(&lines, "\n"));) {
		char *rest = line, *name, *hits, *misses;

		if (p->path)
			strtok_r(line, " ", &rest);
		name = strtok_r(p->path ? NULL : line, " ", &rest);
		hits = strtok_r(NULL, " ", &rest);
		misses = strtok_r(NULL, " ", &rest);
		for (unsigned i = 0; name && hits && i < s->plan->n_sites; i++) {
			struct event *e = &s->events[i];

			if (e->site->provider != p->provider || strcmp(e->site->event, name) != 0)
				continue;
			e->hits = strtoull(hits, NULL, 10);
			e->misses = misses ? strtoull(misses, NULL, 10) : 0;
		}
	}
}

static void read_hits(struct session *s)
{
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
		read_profile(s, &profiles[i]);
}

/* ------------------------------------------------------------------------------------------------
 * one step forward
 * ---------------------------------------------------------------------------------------------- */

static int read_format(const struct session *s, const struct site *site, struct str *format)
{
	_cleanup_(str_release) struct str file = STR_INIT;

	str_addf(&file, "events/%s/%s/format",
		 site->provider == PROVIDER_TRACEPOINT ? site->category : s->plan->opt.name, site->event);
	return tracefs_read(s->tracefs, file.s, format);
}

int session_fields(const struct session *s, const struct site *site,
		   void (*fn)(void *ctx, const struct event_field *f), void *ctx)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct arena *a = arena_new();
	struct format format;
	int err = read_format(s, site, &text);

	if (!err && !format_parse(a, text.s, &format))
		err = -EPROTO;
	for (unsigned i = 0; !err && i < format.n_fields; i++) {
		const struct field *f = &format.fields[i];
		struct event_field out = { f->name, f->offset, f->size, f->is_signed,
					   str_starts(f->type, "__data_loc") };

		fn(ctx, &out);
	}
	arena_free(a);
	return err;
}

/* The event exists now: how does the kernel lay it out? */
static int learn_event(struct session *s, struct event *e)
{
	_cleanup_(str_release) struct str format = STR_INIT;
	int err = read_format(s, e->site, &format);

	if (err)
		return err;
	e->decoder.is_pointer = s->opt.is_pointer;
	return decoder_init(&e->decoder, s->plan->arena, e->site, format.s) ? 0 : -EPROTO;
}

static int do_append(struct session *s, const struct step *step, struct event *e)
{
	int err = tracefs_append(s->tracefs, step->file, step->text);

	return !err && e ? learn_event(s, e) : err;
}

static int do_mkdir(struct session *s, const struct step *step, struct event *e)
{
	return mkdirat(tracefs_dir(s->tracefs), step->file, 0700) < 0 ? -errno : 0;
}

/* A mere setting of the instance that this kernel does not have (buffer_percent came with 5.0) is no loss. */
static int do_write(struct session *s, const struct step *step, struct event *e)
{
	int err = tracefs_write(s->tracefs, step->file, step->text);

	return err == -ENOENT && !step->site ? 0 : err;
}

/* %u in the file stands for every CPU. */
static int do_open(struct session *s, const struct step *step, struct event *e)
{
	_cleanup_(mem_free_ptr) int *cpus = NULL;
	const char *mark = strstr(step->file, "%u");
	int n = os_online_cpus(&cpus), err = 0;

	if (!mark || n < 0)
		return mark ? n : -EINVAL;
	if (!s->ftrace)
		s->ftrace = ftrace_new(s->tracefs, s->plan->opt.name);
	for (int i = 0; i < n && !err; i++) {
		_cleanup_(str_release) struct str file = STR_INIT;

		str_addf(&file, "%.*s%d%s", (int)(mark - step->file), step->file, cpus[i], mark + 2);
		err = ftrace_open(s->ftrace, file.s, cpus[i], &s->reader, s->epoll);
	}
	read_hits(s);		/* if somebody else has enabled the events meanwhile: those are not ours */
	return err;
}

/* A perf event takes the same filter, but says nothing about a wrong one: the event's file does. */
static int try_filter(struct session *s, const struct step *step)
{
	_cleanup_(str_release) struct str file = STR_INIT;
	int err;

	if (!step->text)
		return 0;
	str_addf(&file, "events/%s/filter", step->file);
	err = tracefs_write(s->tracefs, file.s, step->text);
	return err ? err : tracefs_write(s->tracefs, file.s, "0");
}

static int start_perf(struct session *s)
{
	struct perf_options opt = {
		.pid = s->opt.pid > 0 ? s->opt.pid : -1,
		.at_exec = s->opt.at_exec,
		.follow = s->opt.follow,
		.ustack = s->plan->opt.ustack,
		.mappings = s->plan->opt.ustack || s->opt.mappings,
		.kstack = s->plan->opt.kstack,
		.buffer_kb = s->plan->opt.buffer_kb,
	};

	int err = s->perf ? 0 : perf_new(&opt, &s->reader, &s->clock, s->epoll, &s->perf);

	if (!err)
		tasks_on_birth(s->tasks, perf_born, s->perf);
	return err;
}

static int do_perf(struct session *s, const struct step *step, struct event *e)
{
	int err = e->site->provider == PROVIDER_TRACEPOINT ? 0 : try_filter(s, step);	/* that one is everybody's */

	if (!err)
		err = start_perf(s);
	return err ? err : perf_attach(s->perf, (unsigned)(e - s->events),
				       &(struct perf_source){ .type = PERF_TYPE_TRACEPOINT, .config = e->decoder.id,
							      .period = 1, .filter = step->text });
}

/* What perf counts by itself, without an event of tracefs. */
static struct perf_source sampled(const struct tap *tap)
{
	struct perf_source source = { .period = tap->count };

	switch (tap->kind) {
	case TAP_COUNTER:
		source.type = tap->counter->type;
		source.config = tap->counter->config;
		break;
	case TAP_WATCHPOINT:
		source.type = PERF_TYPE_BREAKPOINT;
		source.address = tap->address;
		source.length = tap->length;
		source.period = 1;
		source.access = (tap->access & ACCESS_READ ? HW_BREAKPOINT_R : 0) |
				(tap->access & ACCESS_WRITE ? HW_BREAKPOINT_W : 0) |
				(tap->access & ACCESS_EXECUTE ? HW_BREAKPOINT_X : 0);
		if (source.access == HW_BREAKPOINT_X)		/* the kernel wants this length, and no other */
			source.length = sizeof(long);
		break;
	default:		/* TAP_PROFILE */
		source.type = PERF_TYPE_SOFTWARE;
		source.config = PERF_COUNT_SW_CPU_CLOCK;
		source.period = tap->period_ns;
		break;
	}
	return source;
}

static bool same_source(const struct perf_source *a, const struct perf_source *b)
{
	return a->type == b->type && a->config == b->config && a->period == b->period && a->address == b->address &&
	       a->length == b->length && a->access == b->access;
}

/* An earlier site that counts the same, and has no twin yet. */
static struct event *same_counter(struct session *s, const struct event *e)
{
	struct perf_source source = sampled(e->site->def->tap);

	for (struct event *o = s->events; o < e; o++) {
		struct perf_source other;

		if (o->site->provider != PROVIDER_SAMPLE || o->site->refused || o->twin)
			continue;
		other = sampled(o->site->def->tap);
		if (same_source(&source, &other))
			return o;
	}
	return NULL;
}

/* Two software events of one kind would both be told as the first: the kernel makes their samples' ids only once
 * (perf_prepare_sample() of Linux 6.2 and later). So there is one, for all sites that want it. */
static int do_sample(struct session *s, const struct step *step, struct event *e)
{
	struct perf_source source = sampled(e->site->def->tap);
	struct event *same = same_counter(s, e);
	int err = start_perf(s);

	if (!err && same) {
		same->twin = e;
		return 0;
	}
	return err ? err : perf_attach(s->perf, (unsigned)(e - s->events), &source);
}

static int do_step(struct session *s, const struct step *step)
{
	static int (*const how[])(struct session *s, const struct step *step, struct event *e) = {
		[STEP_APPEND] = do_append,
		[STEP_MKDIR] = do_mkdir,
		[STEP_WRITE] = do_write,
		[STEP_OPEN] = do_open,
		[STEP_PERF] = do_perf,
		[STEP_SAMPLE] = do_sample,
	};
	struct event *e = event_of(s, step->site);
	int err = e && e->site->provider == PROVIDER_TRACEPOINT && !e->decoder.id ? learn_event(s, e) : 0;

	return err ? err : how[step->kind](s, step, e);
}

/* A site that the kernel refused takes back what was done for it; its other steps will be skipped. */
static void drop_site(struct session *s, struct event *e, unsigned n_done)
{
	e->site->refused = true;
	if (s->perf)
		perf_detach(s->perf, (unsigned)(e - s->events));
	while (n_done-- > 0)
		if (s->plan->steps[n_done].site == e->site)
			undo_run(s->tracefs, &s->plan->steps[n_done].undo);
}

/* ------------------------------------------------------------------------------------------------
 * opening
 * ---------------------------------------------------------------------------------------------- */

unsigned session_armed(const struct session *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->plan->n_sites; i++)
		n += session_has(s, s->plan->sites[i]);
	return n;
}

bool session_has(const struct session *s, const struct site *site)
{
	unsigned i = 0;

	while (s && i < s->plan->n_sites && s->plan->sites[i] != site)
		i++;
	if (!s || i == s->plan->n_sites || site->refused || site->companion)
		return false;
	for (; i && s->plan->sites[i]->part; i--)
		if (!s->plan->sites[i - 1]->refused && !s->plan->sites[i - 1]->companion)
			return false;
	return true;
}

static bool shall_stop(const struct session *s)
{
	struct pollfd fd = { s->opt.stop_fd ? s->opt.stop_fd : -1, POLLIN, 0 };

	return poll(&fd, 1, 0) > 0;
}

/* A probe on a file that is no longer the one that was looked at could be anywhere in it. */
static bool is_unchanged(struct session *s, const struct site *site)
{
	_cleanup_(str_release) struct str why = STR_INIT;

	if (!site || !s->opt.is_unchanged || s->opt.is_unchanged(site, &why))
		return true;
	return diag_error(s->diags, site->def->target_span, "%s", why.s);
}

static bool all_unchanged(struct session *s)
{
	for (unsigned i = 0; i < s->plan->n_sites; i++)
		if (!s->plan->sites[i]->refused && !is_unchanged(s, s->plan->sites[i]))
			return false;
	return true;
}

static bool carry_out(struct session *s)
{
	for (unsigned i = 0; i < s->plan->n_steps; i++) {
		const struct step *step = &s->plan->steps[i];
		struct event *e = event_of(s, step->site);
		int err;

		if (e && e->site->refused)
			continue;
		if (shall_stop(s))
			return diag_error(s->diags, NO_SPAN, "ended by a signal before everything was armed");
		err = do_step(s, step);
		if (step->kind == STEP_APPEND && !is_unchanged(s, step->site))
			return false;
		if (!err)
			continue;
		if (!refused(s, step, err))
			return false;
		drop_site(s, e, i);
		if (session_armed(s) == 0)
			return diag_error(s->diags, NO_SPAN, "the kernel refused every probe");
	}
	return true;
}

/* The watch over forks begins before anything is armed: a process must not be born unseen. */
static void watch_tasks(struct session *s)
{
	bool by_ftrace = s->plan->opt.source == SOURCE_FTRACE;

	if (by_ftrace || s->opt.pid > 0 || s->opt.names)
		s->tasks = tasks_open(s->tracefs, &s->reader, &s->clock, s->epoll,
				      s->opt.processes ? TASKS_PROCESSES : s->opt.names ? TASKS_NAMES :
				      by_ftrace ? TASKS_GROUPS : TASKS_FORKS);
}

static void index_ids(struct session *s)
{
	unsigned last = 0;

	s->first_id = UINT32_MAX;
	for (unsigned i = 0; i < s->plan->n_sites; i++) {
		unsigned id = s->events[i].decoder.id;

		if (s->events[i].site->refused || !id)
			continue;
		s->first_id = id < s->first_id ? id : s->first_id;
		last = id > last ? id : last;
	}
	s->n_ids = last - s->first_id + 1;
	s->by_id = mem_alloc(s->n_ids * sizeof(struct event *));
	for (unsigned i = s->plan->n_sites; i-- > 0;) {
		struct event *e = &s->events[i], **place;

		if (e->site->refused || !e->decoder.id)
			continue;
		place = &s->by_id[e->decoder.id - s->first_id];
		e->twin = *place;
		s->twins = s->twins || e->twin;
		*place = e;
	}
}

/* Are the hits of such sites counted? */
static bool has_profile(const struct site *site)
{
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
		if (profiles[i].provider == site->provider)
			return true;
	return false;
}

/* When may the kernel's count of a site be held against our records? Not when a filter hides records; not for
 * user return probes, whose hits are counted when the function is entered; not when we look at one process, for
 * another tracer's breakpoints at the same place make other processes hit, and the kernel counts those too.
 * (Nothing is missed by that: perf cuts what is too long, it does not drop the record.) */
static void prepare_counts(struct session *s)
{
	if (s->perf)
		read_hits(s);
	for (unsigned i = 0; i < s->plan->n_sites; i++) {
		struct event *e = &s->events[i];
		const struct site *site = e->site;

		e->base = e->hits;
		e->uncertain = !has_profile(site) || site->def->filter || s->opt.pid > 0 ||
			       (site->ret && site->provider == PROVIDER_UPROBE);
	}
}

static struct session *new_session(struct tracefs *t, const struct plan *p,
				   const struct session_options *opt, struct diags *d)
{
	struct session *s = mem_alloc(sizeof(*s));

	s->tracefs = t;
	s->plan = p;
	s->opt = *opt;
	s->diags = d;
	s->journal.fd = s->epoll = -1;
	s->events = mem_alloc(p->n_sites * sizeof(*s->events));
	for (unsigned i = 0; i < p->n_sites; i++)
		s->events[i] = (struct event){ .site = p->sites[i] };
	return s;
}

/* What must be there before the first write to the kernel. */
/* One descriptor for each event, thread and CPU, or for each CPU, may be more than the usual limit. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool prepare(struct session *s)
{
	struct clean_report ignored;
	int err;

	raise_file_limit();
	clean_dead(s->tracefs, &ignored, NULL);
	if (!journal_open(&s->journal, s->plan, s->diags))
		return false;
	err = guard_start(&s->guard, s->tracefs, s->plan, &s->journal);
	if (err)
		return diag_error(s->diags, NO_SPAN, "cannot start the guardian process: %s",
				  os_strerror(-err));
	if (!journal_publish(&s->journal, s->diags))
		return false;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return diag_error(s->diags, NO_SPAN, "cannot wait for records: %s", os_strerror(errno));
	clock_offset_measure(&s->clock);
	watch_tasks(s);
	return true;
}

/* Events of ftrace are enabled by the plan's own steps; those of perf all at once, when all are there. */
static bool arm(struct session *s)
{
	int err = s->perf ? perf_arm(s->perf) : 0;

	if (err)
		return diag_error(s->diags, NO_SPAN, "the probes cannot be enabled: %s",
				  err == -ESRCH ? "the process has ended" : os_strerror(-err));
	prepare_counts(s);
	return true;
}

bool session_open(struct session **out, struct tracefs *t, const struct plan *p,
		  const struct session_options *opt, struct diags *d)
{
	struct session *s = *out = new_session(t, p, opt, d);

	if (!prepare(s) || !carry_out(s))
		return false;
	index_ids(s);
	return arm(s) && all_unchanged(s);
}

/* ------------------------------------------------------------------------------------------------
 * records
 * ---------------------------------------------------------------------------------------------- */

int session_fd(const struct session *s)
{
	return s->epoll;
}

uint64_t session_horizon(const struct session *s)
{
	return s->reader.horizon;
}

bool session_process(struct session *s, pid_t tid, struct task_facts *out)
{
	return tasks_process(s->tasks, tid, out);
}

const char *session_comm(struct session *s, pid_t tid)
{
	return tasks_comm(s->tasks, tid);
}

uint64_t session_late(const struct session *s)
{
	return s->reader.late;
}

int session_settle_ms(const struct session *s)
{
	return reader_waits(&s->reader) ? 2 : -1;
}

/* Every event begins with common_type (16 bits), flags and preemption depth (8 each), common_pid (32). */
#define COMMON_BYTES 8

static struct event *event_by_bytes(const struct session *s, const unsigned char *data, size_t size)
{
	uint16_t id;

	if (size < COMMON_BYTES)
		return NULL;
	memcpy(&id, data, sizeof(id));
	return id >= s->first_id && id - s->first_id < s->n_ids ? s->by_id[id - s->first_id] : NULL;
}

/* The record of a static event does not say the thread's name; the idle thread of each CPU has one of its own. */
static void name_thread(struct session *s, const struct event *e, struct record *r)
{
	if (!s->opt.names || e->site->comm_slot < e->decoder.n_slots)
		return;
	snprintf(s->idle, sizeof(s->idle), "swapper/%d", r->cpu);
	r->comm = r->tid ? tasks_comm(s->tasks, r->tid) : s->idle;
}

static bool hand_over(struct session *s, struct event *e, struct record *r)
{
	name_thread(s, e, r);
	e->records++;
	return s->sink->record(s->sink->ctx, r);
}

static bool handle_event(struct session *s, const struct queue *q, const struct item *i)
{
	struct event *e = event_by_bytes(s, i->data, i->size);
	struct record *r = &s->record;
	int32_t tid;

	if (!e)
		return true;
	memcpy(&tid, i->data + 4, sizeof(tid));
	r->time_ns = i->time;
	r->cpu = q->cpu;
	r->tid = tid;
	r->pid = tasks_tgid(s->tasks, tid);
	r->bytes = i->data;
	r->n_bytes = i->size;
	r->page = q->first->data;
	r->n_page = q->first->size;
	for (; e; e = e->twin) {
		decode(&e->decoder, i->data, i->size, r);
		if (!hand_over(s, e, r))
			return false;
	}
	return true;
}

/* Sites of one static event have samples of their own, which only their ids tell apart. */
static struct event *event_of_sample(const struct session *s, const struct sample *sample)
{
	unsigned n = sample->event;

	if (n == UINT_MAX && !s->twins)
		return event_by_bytes(s, sample->raw, sample->raw_size);
	if (n == UINT_MAX)
		n = perf_event_by_id(s->perf, sample->id);
	return n < s->plan->n_sites ? &s->events[n] : NULL;
}

/* Of what perf counts by itself there is nothing to decode but the stacks. */
static bool hand_over_counted(struct session *s, struct event *e, const struct sample *sample, struct record *r)
{
	for (; e && !e->ended; e = e->twin) {
		r->site = e->site;
		r->comm = "";
		decode_callchain(&e->decoder, sample->ips, sample->n_ips, r);
		if (!hand_over(s, e, r))
			return false;
	}
	return true;
}

static bool handle_sample(struct session *s, const struct item *i)
{
	struct sample sample;
	struct event *e;
	struct record r = { .time_ns = i->time };

	if (!perf_sample(s->perf, i, &sample))
		return true;
	e = event_of_sample(s, &sample);
	if (!e)
		return true;
	r.user_mode = sample.user;
	r.cpu = sample.cpu;
	r.pid = sample.pid;
	r.tid = sample.tid;
	if (sample.event != UINT_MAX)
		return hand_over_counted(s, e, &sample, &r);
	r.bytes = sample.raw;
	r.n_bytes = sample.raw_size;
	decode(&e->decoder, sample.raw, sample.raw_size, &r);
	if (sample.n_ips)
		decode_callchain(&e->decoder, sample.ips, sample.n_ips, &r);
	return hand_over(s, e, &r);
}

static void handle_fork(struct session *s, const struct item *i)
{
	struct fork f = tasks_fork(s->tasks, i);

	if (s->perf)
		perf_forked(s->perf, &f);
}

static void handle_mapped(struct session *s, const struct item *i)
{
	struct mapped m;

	if (s->sink->mapped && ring_mapped(i, &m) &&
	    (s->opt.pid <= 0 || s->opt.follow || m.pid == s->opt.pid))
		s->sink->mapped(s->sink->ctx, &m);
}

static bool handle(void *ctx, struct queue *q, const struct item *i)
{
	struct session *s = ctx;

	switch (i->kind) {
	case ITEM_EVENT:
		return handle_event(s, q, i);
	case ITEM_SAMPLE:
		return handle_sample(s, i);
	case ITEM_FORK:
		handle_fork(s, i);
		return true;
	case ITEM_MAPPED:
		handle_mapped(s, i);
		return true;
	case ITEM_NAMED:
	case ITEM_END:
	case ITEM_IDENTITY:
	case ITEM_PLACE:
		tasks_told(s->tasks, i);
		return true;
	case ITEM_NOTHING:
		break;
	}
	return true;
}

bool session_unwatch(struct session *s, uint64_t address)
{
	bool found = false;

	for (unsigned i = 0; i < s->plan->n_sites; i++) {
		struct event *e = &s->events[i];
		const struct tap *tap = e->site->def->tap;

		if (e->site->provider != PROVIDER_SAMPLE || tap->kind != TAP_WATCHPOINT || tap->address != address ||
		    e->site->refused || e->ended)
			continue;
		e->ended = found = true;
		perf_detach(s->perf, i);
	}
	return found;
}

/* ---- losses ---- */

static bool lost(struct session *s, const struct lost *l)
{
	return s->sink->lost(s->sink->ctx, l);
}

static bool lost_in_ring(void *ctx, int cpu, uint64_t count)
{
	struct session *s = ctx;
	struct lost l = { .count = count, .cpu = cpu, .why = "the ring buffer was full" };

	s->ring_lost += count;
	return lost(s, &l);
}

static uint64_t missing(const struct event *e)
{
	uint64_t counted = e->base + e->records;

	return e->hits > counted ? e->hits - counted : 0;
}

static bool fetches_text(const struct site *site)
{
	for (unsigned i = 0; i < site->n_captures; i++)
		if (site->captures[i].base == BASE_STRING && !site->captures[i].bounded)
			return true;
	return false;
}

static bool dropped(struct session *s, const struct site *site, uint64_t count)
{
	struct lost l = { .count = count, .cpu = -1, .site = site };

	l.why = !site || fetches_text(site) ? "their strings were too long for a record" :
					      "the kernel made no record of them";
	return lost(s, &l);
}

/* Hits that made no record. When the rings lost records too, it is not known of which sites: then only the
 * sum is, and only when every site can be counted. */
static bool balance(struct session *s)
{
	uint64_t hits = 0, records = s->ring_lost;
	bool all = true;

	for (unsigned i = 0; i < s->plan->n_sites; i++) {
		struct event *e = &s->events[i];

		if (e->site->refused)
			continue;
		if (e->uncertain)
			all = false;
		else if (s->ring_lost == 0 && missing(e) && !dropped(s, e->site, missing(e)))
			return false;
		hits += e->hits - e->base;
		records += e->records;
	}
	return s->ring_lost == 0 || !all || hits <= records || dropped(s, NULL, hits - records);
}

/* The kernel counts user return probes when the function is entered: calls without a record may be under way, may
 * have ended otherwise, or their strings were too long. Said only where the last is possible. */
static bool report_returns(struct session *s)
{
	for (unsigned i = 0; i < s->plan->n_sites; i++) {
		const struct event *e = &s->events[i];
		const struct site *site = e->site;
		struct lost l = { .count = missing(e), .at_most = true, .cpu = -1, .site = site,
				  .why = "they had not returned, or their strings were too long for a record" };

		if (!e->site->refused && s->ftrace && s->ring_lost == 0 && site->ret &&
		    site->provider == PROVIDER_UPROBE && !site->def->filter && fetches_text(site) && l.count &&
		    !lost(s, &l))
			return false;
	}
	return true;
}

/* Before Linux 5.14 the kernel adds to a kprobe's misses every page fault of its own fetches, which has cost no
 * record (kprobe_fault_handler): the two cannot be told apart, and the kernel cannot be asked which it does. */
static bool misses_are_losses(const struct event *e)
{
	struct utsname u;
	unsigned major, minor;

	if (e->site->provider != PROVIDER_KPROBE)
		return true;
	return uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 14));
}

static bool report_misses(struct session *s)
{
	for (unsigned i = 0; i < s->plan->n_sites; i++) {
		const struct event *e = &s->events[i];
		struct lost l = { .count = e->misses, .cpu = -1, .site = e->site };

		l.why = e->site->ret ? "the kernel had no free return slot (maxactive)" :
				       "the kernel was in a probe already";
		if (!misses_are_losses(e)) {
			l.at_most = true;
			l.why = "the kernel was in a probe already, or a fetch met memory that was not there, which costs "
				"no record";
		}
		if (!e->site->refused && e->misses && s->opt.pid <= 0 && !lost(s, &l))
			return false;
	}
	return true;
}

static bool report_losses(struct session *s, bool last)
{
	bool all = last && s->stopped;

	if ((s->ftrace && !ftrace_lost(s->ftrace, all, lost_in_ring, s)) ||
	    (s->perf && !perf_lost(s->perf, all, lost_in_ring, s)))
		return false;
	if (!all || s->balanced)
		return true;
	s->balanced = true;
	return balance(s) && report_returns(s) && report_misses(s);
}

int session_drain(struct session *s, bool last, const struct sink *sink)
{
	int got;

	s->sink = sink;
	clock_offset_measure(&s->clock);
	if (s->tasks)
		tasks_refresh(s->tasks);
	got = reader_round(&s->reader, last, handle, s);
	if (got >= 0 && !report_losses(s, last))
		got = -ECANCELED;
	return got;
}

/* ------------------------------------------------------------------------------------------------
 * leaving
 * ---------------------------------------------------------------------------------------------- */

void session_stop(struct session *s)
{
	_cleanup_(str_release) struct str file = STR_INIT;

	if (s->stopped)
		return;
	s->stopped = true;
	read_hits(s);
	usleep(SETTLE_US);
	if (s->ftrace) {
		str_addf(&file, "instances/%s/tracing_on", s->plan->opt.name);
		tracefs_write(s->tracefs, file.s, "0");
	}
	if (s->perf)
		perf_disable(s->perf);
}

static void close_sources(struct session *s)
{
	ftrace_close(s->ftrace);
	perf_close(s->perf);
	tasks_close(s->tasks);
	reader_release(&s->reader);
	mem_close_fd(&s->epoll);
}

/* Nothing was written to the kernel before the guardian was there. */
static bool take_back(struct session *s)
{
	unsigned left = s->guard.pid ? undo_plan(s->tracefs, s->plan, stderr) : 0;

	if (s->journal.fd >= 0 && left == 0)
		journal_unlink(&s->journal);
	guard_dismiss(&s->guard);
	journal_release(&s->journal);
	return left == 0;
}

bool session_close(struct session *s)
{
	bool clean;

	if (!s)
		return true;
	close_sources(s);
	clean = take_back(s);
	for (unsigned i = 0; i < s->plan->n_sites; i++)
		decoder_release(&s->events[i].decoder);
	free(s->by_id);
	free(s->events);
	free(s);
	return clean;
}
