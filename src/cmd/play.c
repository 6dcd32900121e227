/* play.c - the run of a program: records from the session and ticks of its timers go to the evaluator, in the order
 * of their times; what the evaluator says goes to the output.
 *
 * An interval's tick is an event like any other, at a time that is known beforehand. So before a record is evaluated
 * all ticks that are older come first; and when a tick's time has come, the buffers are drained up to it before it
 * is taken (session_horizon), so that what happened before it is counted, and nothing else.
 *
 * `begin` is played when all is armed, with the time at which arming began: no record is older than it, and what it
 * prints stands behind the notice that the probes are attached. `end` is last, before the maps are printed.
 *
 * Signals only wake the poll loop: nothing is done in a handler, so every way out is the ordinary way.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

enum {
	BUSY_NS = 10000000,		/* between two drains of a stream */
	LOOK_NS = 100000000,		/* between two looks at a process without a pidfd */
	DYING_MS = 1000,		/* a command that was told to end may still make records */
	SAY_NS = 1000000000,		/* between two reports of lost events */
	WARNINGS_MAX = 10,		/* of one place in the program, in SAY_NS */
	BENCHMARK_NS = 100000000,	/* that a benchmark shall take */
	BEGIN_NS = 2000000000,		/* until the record of `begin` must be there */
	TICKS_MAX = 100000,		/* of a timer that may be behind; older ones are left out */
};

struct timer {
	struct tap *tap;
	uint64_t next;			/* CLOCK_BOOTTIME */
};

/* A place that warns: at every event, perhaps, and of those there are thousands a second. */
struct place {
	unsigned begin;			/* in the program */
	uint64_t since;			/* CLOCK_MONOTONIC */
	unsigned said;			/* since then */
	uint64_t unsaid;
};

/* A record that is kept for later. */
struct kept {
	const struct tap *tap;
	struct record record;
	struct captured *values;
};

/* One run. */
struct stage {
	struct play *p;
	struct eval *eval;
	struct eval_host host;
	struct tasks *alone;		/* without a session */
	struct timer *timers;
	size_t n_timers;
	const struct tap *awaited;	/* the `begin` whose record is to come: nothing is older than the beginning */
	struct kept *kept;		/* of `end` */
	size_t n_kept;
	struct record own;		/* of what happens outside of the kernel's records */
	char comm[16];
	int usr1;			/* signalfd of self:signal, -1: none */
	int process;			/* pidfd, or -1 */
	bool is_over;
	struct out *aside;		/* what a test prints, in place of the output; NULL: no test runs */
	struct place *places;
	size_t n_places;
	uint64_t lost, lost_total;	/* not yet said; all */
	uint64_t said;			/* when, CLOCK_MONOTONIC */
	struct pairs *pairs;
};

/* ---- the evaluator's world ---- */

static struct out *output_of(struct stage *s)
{
	return s->aside ? s->aside : s->p->out;
}

static void say(void *ctx, const char *kind, const char *text, size_t n)
{
	out_message(output_of(ctx), kind, text, n);
}

static void show_value(void *ctx, const struct type *t, const union value *v)
{
	out_value(output_of(ctx), t, v);
}

static void show_map(void *ctx, const struct map_view *m)
{
	out_map(output_of(ctx), m);
}

static struct place *place_of(struct stage *s, unsigned begin)
{
	struct place *new;

	for (size_t i = 0; i < s->n_places; i++)
		if (s->places[i].begin == begin)
			return &s->places[i];
	new = MEM_PUSH(s->places, s->n_places);
	new->begin = begin;
	return new;
}

static void say_unsaid(struct place *p)
{
	if (p->unsaid)
		fprintf(stderr, "(%llu more warning%s of this place)\n", (unsigned long long)p->unsaid,
			p->unsaid == 1 ? "" : "s");
	p->unsaid = 0;
}

/* What the program says itself is said always; what goes wrong at one place, some times a second. */
static void complain(void *ctx, const struct complaint *c)
{
	struct stage *s = ctx;
	bool own = c->kind == COMPLAINT_ERRORF || c->kind == COMPLAINT_WARNF;
	struct place *p = own ? NULL : place_of(s, c->at.begin);
	uint64_t now = own ? 0 : os_clock_ns(CLOCK_MONOTONIC);

	if (p && now >= p->since + SAY_NS) {
		p->since = now;
		p->said = 0;
	}
	if (p && ++p->said > WARNINGS_MAX) {
		p->unsaid++;
		return;
	}
	out_complaint(s->p->out, c);
	if (p)
		say_unsaid(p);
}

static void flush(void *ctx)
{
	out_flush(((struct stage *)ctx)->p->out);
}

static bool unwatch(void *ctx, uint64_t address)
{
	struct stage *s = ctx;

	return s->p->session && session_unwatch(s->p->session, address);
}

static bool ask_process(void *ctx, pid_t pid, struct process *out)
{
	struct stage *s = ctx;
	struct task_facts f;

	if (!s->p->session && !s->alone)
		s->alone = tasks_alone();
	if (s->p->session ? !session_process(s->p->session, pid, &f) : !tasks_process(s->alone, pid, &f))
		return false;
	*out = (struct process){ .pid = f.pid, .ppid = f.ppid, .uid = f.uid, .gid = f.gid, .comm = f.comm,
				 .cgroup = f.cgroup, .known = true };
	return true;
}

/* ---- actions ---- */

/* Everything on a tap, in the order of the program. False: the program has called exit(). */
static bool act(struct stage *s, const struct tap *t, const struct record *r)
{
	for (unsigned i = 0; i < t->n_actions; i++)
		if (!eval_action(s->eval, t->actions[i], r, &s->p->exit_status)) {
			s->p->exited = s->is_over = true;
			return false;
		}
	return true;
}

/* What happens outside of records is done by us, at a time; or, when it reads the kernel's memory, when the record
 * comes that we make now. */
static bool act_ourselves(struct stage *s, const struct tap *t, uint64_t time)
{
	int cpu = sched_getcpu();

	if (t->call) {
		syscall(SYS_getpgid, t->call);
		return true;
	}
	s->own.time_ns = time;
	s->own.cpu = cpu < 0 ? 0 : cpu;
	return act(s, t, &s->own);
}

static bool act_all(struct stage *s, enum tap_kind kind, uint64_t time)
{
	for (unsigned i = 0; i < s->p->n_taps; i++)
		if (s->p->taps[i]->kind == kind && !act_ourselves(s, s->p->taps[i], time))
			return false;
	return true;
}

/* Makes the records of those that need one. */
static void act_readers(struct stage *s, enum tap_kind kind)
{
	for (unsigned i = 0; i < s->p->n_taps; i++)
		if (s->p->taps[i]->kind == kind && s->p->taps[i]->call)
			act_ourselves(s, s->p->taps[i], 0);
}

/* ---- begin and end that read the kernel's memory ---- */

static void keep(struct stage *s, const struct record *r)
{
	struct kept *k = MEM_PUSH(s->kept, s->n_kept);
	size_t n = r->site->n_captures;

	*k = (struct kept){ r->site->def->tap, *r, mem_alloc((n + 1) * sizeof(*k->values)) };
	for (size_t i = 0; i < n; i++) {
		k->values[i] = r->values[i];
		k->values[i].data = memcpy(mem_alloc(r->values[i].len + 1), r->values[i].data, r->values[i].len);
	}
	k->record.values = k->values;
	k->record.comm = s->comm;
}

static void free_kept(struct stage *s)
{
	for (size_t i = 0; i < s->n_kept; i++) {
		for (size_t k = 0; k < s->kept[i].record.site->n_captures; k++)
			free((void *)s->kept[i].values[k].data);
		free(s->kept[i].values);
	}
	free(s->kept);
}

/* `end` comes after the last record, and with what was read just before. */
static void act_end(struct stage *s, uint64_t now)
{
	for (unsigned i = 0; i < s->p->n_taps; i++) {
		const struct tap *t = s->p->taps[i];

		if (t->kind == TAP_END && !t->call && !act_ourselves(s, t, now))
			return;
		for (size_t k = 0; k < s->n_kept; k++)
			if (s->kept[k].tap == t && !act(s, t, &s->kept[k].record))
				return;
	}
}

/* ---- timers ---- */

static void start_timers(struct stage *s, uint64_t now)
{
	for (unsigned i = 0; i < s->p->n_taps; i++) {
		struct tap *t = s->p->taps[i];

		if (t->kind == TAP_INTERVAL)
			*MEM_PUSH(s->timers, s->n_timers) = (struct timer){ t, now + t->period_ns };
	}
}

static struct timer *next_timer(const struct stage *s)
{
	struct timer *next = NULL;

	for (size_t i = 0; i < s->n_timers; i++)
		if (!next || s->timers[i].next < next->next)
			next = &s->timers[i];
	return next;
}

/* Every tick up to a time. False: the program has called exit(). */
static bool tick(struct stage *s, uint64_t until)
{
	struct timer *t;

	while ((t = next_timer(s)) && t->next <= until) {
		uint64_t time = t->next, behind = (until - time) / t->tap->period_ns;

		if (behind > TICKS_MAX)
			time += (behind - TICKS_MAX) * t->tap->period_ns;
		t->next = time + t->tap->period_ns;
		if (!act_ourselves(s, t->tap, time))
			return false;
	}
	return true;
}

/* ---- the sink ---- */

/* The kernel walks along frame pointers, also where there are none any more: what leads out of the code is no
 * frame. Asking makes the process's mappings known, as long as it lives. */
static unsigned frames_of_code(struct stage *s, const struct record *r)
{
	for (unsigned i = 0; i < r->n_ustack; i++)
		if (!addresses_is_code(s->p->addresses, r->pid, r->ustack[i].address))
			return i;
	return r->n_ustack;
}

static bool take_record(void *ctx, const struct record *record)
{
	struct stage *s = ctx;
	struct record shorter;

	if (record->site->def->tap->kind == TAP_END) {
		keep(s, record);
		return true;
	}
	if (s->is_over && s->p->exited)
		return true;		/* exit() means at once; only what was lost is still to be told */
	if (s->awaited && record->site->def->tap != s->awaited)
		return true;
	if (s->awaited) {
		s->awaited = NULL;
		return act(s, record->site->def->tap, record);
	}
	if (!tick(s, record->time_ns))
		return false;
	if (record->n_ustack) {
		shorter = *record;
		shorter.n_ustack = frames_of_code(s, record);
		record = &shorter;
	}
	if (s->p->user_symbols && record->pid > 0)
		addresses_is_code(s->p->addresses, record->pid, 0);
	if (s->p->records) {
		out_record(s->p->records, record);
		out_flush(s->p->records);
	}
	return act(s, record->site->def->tap, record);
}

static bool take_lost(void *ctx, const struct lost *lost)
{
	struct stage *s = ctx;

	if (!lost->at_most) {
		s->lost += lost->count;
		s->lost_total += lost->count;
	}
	return true;
}

static void take_mapped(void *ctx, const struct mapped *m)
{
	struct stage *s = ctx;
	struct mapping mapping = { .begin = m->begin, .end = m->begin + m->length, .offset = m->offset,
				   .device = m->device, .inode = m->inode, .executable = true,
				   .path = (char *)m->path };

	addresses_mapped(s->p->addresses, m->pid, &mapping);
}

static void say_lost(struct stage *s, bool now)
{
	uint64_t t = os_clock_ns(CLOCK_MONOTONIC);

	if (!s->lost || (!now && t < s->said + SAY_NS))
		return;
	s->said = t;
	out_lost_events(s->p->out, s->lost, false);
	s->lost = 0;
}

/* ---- the loop ---- */

static void fail(struct stage *s, int err, bool reading)
{
	s->p->error = err;
	s->p->reading_failed = reading;
	s->is_over = true;
}

/* Reads what there is. True: there was something. */
static bool drain(struct stage *s, bool last)
{
	struct sink end = { s, take_record, take_lost, take_mapped }, sink = pairs_sink(s->pairs, &end);
	int n = s->p->session ? session_drain(s->p->session, last, &sink) : 0, err;

	say_lost(s, last);
	err = out_round(s->p->out);
	if (err)
		fail(s, err, false);
	else if (n < 0 && n != -ECANCELED)
		fail(s, n, true);
	return n > 0;
}

static bool read_signal(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info);
}

/* Where the kernel has no pidfd, the process is looked at from time to time. */
static bool process_gone(const struct stage *s, const struct pollfd *fd)
{
	const struct play *p = s->p;

	if (s->process >= 0)
		return fd->revents != 0;
	if (p->target)
		return target_status(p->target) >= 0;
	return p->pid && kill(p->pid, 0) < 0 && errno == ESRCH;
}

/* Ticks that are due, once everything before them was handed over. True: a drain must come soon for that. */
static bool take_ticks(struct stage *s, uint64_t now)
{
	struct timer *t = next_timer(s);
	uint64_t until = now;

	if (!t || t->next > now)
		return false;
	if (s->p->session && session_horizon(s->p->session) < until)
		until = session_horizon(s->p->session);
	tick(s, until);
	if (!s->is_over && out_round(s->p->out))
		fail(s, out_round(s->p->out), false);
	t = next_timer(s);
	return t->next <= now;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static struct timespec time_until(uint64_t now, uint64_t until)
{
	uint64_t ns = until > now ? until - now : 0;

	return (struct timespec){ (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
}

/* When to wake up without being woken; 0: never. A tick that is due already waits for the next drain, if there is one
 * to come: what happened before it must be handed over first. */
static uint64_t wake_time(const struct stage *s, uint64_t now, uint64_t next_drain)
{
	const struct timer *t = next_timer(s);
	bool watched = s->process < 0 && (s->p->pid || s->p->target);
	uint64_t tick = t && (t->next > now || !next_drain) ? t->next : 0;

	return earlier(earlier(next_drain, watched ? now + LOOK_NS : 0), tick);
}

static void run(struct stage *s)
{
	struct play *p = s->p;
	uint64_t next = 0;		/* the next drain, CLOCK_BOOTTIME; 0: when there is something */
	bool busy = false;

	while (!s->is_over) {
		struct pollfd fds[] = {
			{ p->signals, POLLIN, 0 },
			{ s->process, POLLIN, 0 },
			{ p->out_fd, 0, 0 },		/* POLLERR: nobody reads any more */
			{ s->usr1, POLLIN, 0 },
			{ p->session && !next ? session_fd(p->session) : -1, POLLIN, 0 },
		};
		uint64_t now = os_clock_ns(CLOCK_BOOTTIME), wake = wake_time(s, now, next);
		struct timespec wait = time_until(now, wake);

		if (ppoll(fds, ARRAY_LEN(fds), wake ? &wait : NULL, NULL) < 0) {
			if (errno != EINTR)
				fail(s, -errno, true);
			continue;
		}
		if (fds[0].revents && read_signal(p->signals)) {
			p->interrupted = true;
			return;
		}
		if (process_gone(s, &fds[1]))
			return;
		if (fds[2].revents & (POLLERR | POLLHUP)) {
			fail(s, -EPIPE, false);
			return;
		}
		now = os_clock_ns(CLOCK_BOOTTIME);
		if (fds[4].revents || (next && now >= next)) {
			bool again = next != 0;
			int settle;

			busy = drain(s, false) && again;
			settle = session_settle_ms(p->session);
			next = busy ? now + BUSY_NS : settle >= 0 ? now + (uint64_t)settle * 1000000 : 0;
		}
		if (!s->is_over && fds[3].revents && read_signal(s->usr1)) {
			act_all(s, TAP_SIGNAL, now);
			if (!s->is_over && out_round(p->out))
				fail(s, out_round(p->out), false);
		}
		if (!s->is_over && take_ticks(s, now)) {
			uint64_t soon = now + 1000000;

			next = next && next < soon ? next : soon;
		}
	}
}

/* ---- the front door ---- */

static void prepare_own_record(struct stage *s)
{
	prctl(PR_GET_NAME, s->comm, 0, 0, 0);
	s->own.pid = s->own.tid = getpid();
	s->own.comm = s->comm;
}

/* SIGUSR1 has no default action for us, whether or not the program waits for it. */
static int open_usr1(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Ctrl-C: the command gets SIGTERM, and a moment to end in which its records are still seen. */
static void end_target(struct stage *s)
{
	struct pollfd fd = { target_fd(s->p->target), POLLIN, 0 };

	target_terminate(s->p->target);
	if (fd.fd >= 0)
		poll(&fd, 1, DYING_MS);
}

/* Is there anything to wait for? */
static bool has_more(const struct play *p)
{
	for (unsigned i = 0; i < p->n_taps; i++)
		if (p->taps[i]->kind != TAP_BEGIN && p->taps[i]->kind != TAP_END)
			return true;
	return p->target || p->pid;
}

/* ---- tests ---- */

/* Until it is ended, what the program prints goes into a text, as people read it. */
static void begin_aside(struct stage *s, struct str *text)
{
	struct out_options opt = { .format = "text", .fd = -1, .text = text, .names = s->host.names };

	s->aside = out_new(&opt);
}

static void end_aside(struct stage *s)
{
	out_flush(s->aside);
	out_free(s->aside);
	s->aside = NULL;
}

/* A test has failed when it returned something else than 0, or ended the program with a status. */
static void run_test(struct stage *s, const struct tap *t)
{
	_cleanup_(str_release) struct str said = STR_INIT;
	uint64_t begin = os_clock_ns(CLOCK_MONOTONIC);
	bool passed;

	begin_aside(s, &said);
	passed = act_ourselves(s, t, os_clock_ns(CLOCK_BOOTTIME)) ? eval_returned(s->eval) == 0
								   : s->p->exit_status == 0;
	end_aside(s);
	s->is_over = s->p->exited = false;
	s->p->exit_status = 0;
	out_test_result(s->p->out, t->point->parts[0], os_clock_ns(CLOCK_MONOTONIC) - begin, passed,
			said.s ? said.s : "", said.len);
	s->p->failed_tests += !passed;
}

static void run_tests(struct stage *s)
{
	for (unsigned i = 0; i < s->p->n_taps; i++)
		if (s->p->taps[i]->kind == TAP_TEST)
			run_test(s, s->p->taps[i]);
	s->p->error = out_flush(s->p->out);
}

/* ---- benchmarks ---- */

/* Twice as many rounds, until they take long enough to be measured. What is printed in the meantime is dropped. */
static void run_benchmark(struct stage *s, const struct tap *t)
{
	_cleanup_(str_release) struct str said = STR_INIT;
	uint64_t rounds = 0, wanted = 1, took = 0;

	begin_aside(s, &said);
	while (!s->is_over && took < BENCHMARK_NS) {
		uint64_t begin = os_clock_ns(CLOCK_MONOTONIC);

		for (rounds = 0; !s->is_over && rounds < wanted; rounds++) {
			act_ourselves(s, t, begin);
			out_flush(s->aside);
			str_clear(&said);
		}
		took = os_clock_ns(CLOCK_MONOTONIC) - begin;
		wanted *= 2;
	}
	end_aside(s);
	out_benchmark_result(s->p->out, t->point->parts[0], took / rounds, rounds);
}

static void run_benchmarks(struct stage *s)
{
	for (unsigned i = 0; i < s->p->n_taps && !s->is_over; i++)
		if (s->p->taps[i]->kind == TAP_BENCH)
			run_benchmark(s, s->p->taps[i]);
	s->p->error = out_flush(s->p->out);
}

/* ---- the whole ---- */

static void finish(struct stage *s)
{
	struct play *p = s->p;
	int status;

	if (p->interrupted && p->target)
		end_target(s);
	if (p->session) {
		act_readers(s, TAP_END);
		session_stop(p->session);
		if (!p->error)
			drain(s, true);
	}
	if (p->error)
		return;
	for (size_t i = 0; i < s->n_places; i++)
		say_unsaid(&s->places[i]);
	status = p->exit_status;
	act_end(s, os_clock_ns(CLOCK_BOOTTIME));
	if (!p->exit_status)
		p->exit_status = status;
	out_end(p->out);
	eval_print_maps(s->eval);
	if (s->lost_total)
		out_lost_events(p->out, s->lost_total, true);
	p->error = out_flush(p->out);
}

static int attached(const struct play *p)
{
	int err;

	out_attached(p->out, p->attached);
	if (p->notice)
		out_message(p->out, "printf", p->notice, strlen(p->notice));
	err = out_flush(p->out);
	return err;
}

/* `begin`, one after the other. False: that was the end, or nothing can be read. */
static bool act_begin(struct stage *s)
{
	for (unsigned i = 0; i < s->p->n_taps; i++) {
		struct tap *t = s->p->taps[i];
		uint64_t until = os_clock_ns(CLOCK_MONOTONIC) + BEGIN_NS;

		if (t->kind != TAP_BEGIN)
			continue;
		s->awaited = t->call ? t : NULL;
		if (!act_ourselves(s, t, s->p->eval.start_ns))
			return false;
		while (s->awaited && !s->is_over) {
			if (os_clock_ns(CLOCK_MONOTONIC) > until)
				fail(s, -ETIMEDOUT, true);
			else if (!drain(s, false))
				poll(NULL, 0, 1);
		}
		if (s->is_over)
			return false;
	}
	return true;
}

static void perform(struct stage *s)
{
	struct play *p = s->p;

	p->error = attached(p);
	start_timers(s, os_clock_ns(CLOCK_BOOTTIME));
	if (!p->error && act_begin(s)) {
		p->error = out_round(p->out);
		p->failed = !p->error && p->release && !p->release(p->release_ctx);
		if (!p->error && !p->failed && has_more(p))
			run(s);
	}
	finish(s);
}

void play_run(struct play *p)
{
	struct stage s = { .p = p, .usr1 = open_usr1(), .pairs = pairs_new() };

	s.host = (struct eval_host){ .ctx = &s, .names = p->names, .message = say, .value = show_value,
				     .map = show_map, .complain = complain, .process = ask_process,
				     .flush = flush, .unwatch = unwatch };
	s.eval = eval_new(p->program, &s.host, &p->eval);
	s.process = pump_open_process(p->target, p->pid);
	prepare_own_record(&s);
	if (p->pid)
		addresses_learn(p->addresses, p->pid);
	if (p->tests)
		run_tests(&s);
	else if (p->benchmarks)
		run_benchmarks(&s);
	else
		perform(&s);
	eval_free(s.eval);
	pairs_free(s.pairs);
	tasks_close(s.alone);
	mem_close_fd(&s.usr1);
	if (!p->target && s.process >= 0)
		close(s.process);
	free_kept(&s);
	free(s.timers);
	free(s.places);
}
