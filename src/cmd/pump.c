/* pump.c - the loop between a session and an output.
 *
 * Signals only wake the poll loop: nothing is done in a handler, so every way out is the ordinary way.
 *
 * A single event is shown at once; a stream of them is read about a hundred times a second, because a
 * round costs the same for one record as for a thousand.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

enum { BUSY_MS = 10, DYING_MS = 1000, SAY_NS = 1000000000 };

struct loop {
	struct pump *p;
	struct frame *frames;		/* of one record, with symbols */
	size_t n_frames;
	struct lost *losses;		/* one for each place; count: not yet said */
	size_t n_losses;
	struct pairs *pairs;
	uint64_t said;			/* when, CLOCK_MONOTONIC */
	int process;
	bool done;
};

/* Without those that we were told to ignore (nohup, a shell's background). */
static sigset_t ending_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct sigaction now;

		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	}
	return set;
}

int pump_signals(void)
{
	sigset_t set = ending_signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* a file-size limit is an error of write() then */
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- the sink ---- */

static void name_kernel_frames(struct loop *l, const struct frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct frame *f = MEM_PUSH(l->frames, l->n_frames);

		*f = frames[i];
		addresses_kernel(l->p->addresses, f->address, &f->symbol, &f->offset);
	}
}

/* One frame for each function that was inlined where the address is, and one for the function around. */
static void name_user_frame(struct loop *l, pid_t pid, uint64_t address, bool returns)
{
	struct frame around = { .address = address }, *f;
	const struct source_frame *source;
	size_t n = addresses_source(l->p->addresses, pid, address - returns, &source);

	addresses_user(l->p->addresses, pid, address, &around.symbol, &around.offset, &around.file);
	for (size_t i = 0; i < (n ? n : 1); i++) {
		f = MEM_PUSH(l->frames, l->n_frames);
		*f = around;
		if (i + 1 < n) {
			f->inlined = true;
			f->symbol = source[i].function;
			f->offset = UINT64_MAX;
		}
		f->source = n ? source[i].file : NULL;
		f->line = n ? source[i].line : 0;
	}
}

/* The kernel walks along frame pointers, also where there are none any more: what leads out of the code is no
 * frame. Behind the first, a frame is where a call returns to. */
static void name_user_frames(struct loop *l, pid_t pid, const struct frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n && addresses_is_code(l->p->addresses, pid, frames[i].address); i++)
		name_user_frame(l, pid, frames[i].address, i > 0);
}

static bool take_record(void *ctx, const struct record *record)
{
	struct loop *l = ctx;
	struct record r = *record;

	l->n_frames = 0;
	free(l->frames);
	l->frames = NULL;
	name_user_frames(l, r.pid, record->ustack, record->n_ustack);
	r.n_ustack = (unsigned)l->n_frames;
	if (r.site->provider == PROVIDER_KPROBE)	/* else it is the way of the breakpoint itself */
		name_kernel_frames(l, record->kstack, record->n_kstack);
	r.n_kstack = (unsigned)l->n_frames - r.n_ustack;
	r.ustack = l->frames;
	r.kstack = l->frames + r.n_ustack;
	out_record(l->p->out, &r);
	l->p->records++;
	return !l->p->count || l->p->records < l->p->count;
}

static bool same_place(const struct lost *a, const struct lost *b)
{
	return a->cpu == b->cpu && a->site == b->site && a->why == b->why;
}

static bool take_lost(void *ctx, const struct lost *lost)
{
	struct loop *l = ctx;
	size_t i = 0;

	if (!lost->at_most)
		out_lost(l->p->out, lost);
	while (i < l->n_losses && !same_place(&l->losses[i], lost))
		i++;
	if (i == l->n_losses) {
		*MEM_PUSH(l->losses, l->n_losses) = *lost;
		l->losses[i].count = 0;
	}
	l->losses[i].count += lost->count;
	return true;
}

static void take_mapped(void *ctx, const struct mapped *m)
{
	struct loop *l = ctx;
	struct mapping mapping = { .begin = m->begin, .end = m->begin + m->length, .offset = m->offset,
				   .device = m->device, .inode = m->inode, .executable = true,
				   .path = (char *)m->path };

	addresses_mapped(l->p->addresses, m->pid, &mapping);
}

static void say_lost(struct lost *lost)
{
	fprintf(stderr, lost->at_most ? "trapline: up to %llu call%s without a record" : "trapline: lost %llu event%s",
		(unsigned long long)lost->count, lost->count == 1 ? "" : "s");
	if (lost->cpu >= 0)
		fprintf(stderr, " on CPU %d", lost->cpu);
	if (lost->site) {
		struct str s = STR_INIT;

		str_add_scrubbed(&s, lost->site->label, strlen(lost->site->label), 0);
		fprintf(stderr, " of %s", s.s);
		str_release(&s);
	}
	fprintf(stderr, ": %s\n", lost->why ? lost->why : "they were not recorded");
	lost->count = 0;
}

/* A full buffer loses records a hundred times a second: people are told once a second. */
static void say_losses(struct loop *l, bool now)
{
	uint64_t t = os_clock_ns(CLOCK_MONOTONIC);

	if (!now && t < l->said + SAY_NS)
		return;
	l->said = t;
	for (size_t i = 0; i < l->n_losses; i++)
		if (l->losses[i].count)
			say_lost(&l->losses[i]);
}

/* Nobody reads our output at the moment: what should end meanwhile ends, though its records must wait. */
void pump_stalled(void *ctx)
{
	struct pump *p = ctx;

	if (p->session && p->deadline && os_clock_ns(CLOCK_MONOTONIC) >= p->deadline)
		session_stop(p->session);
}

/* ---- the loop ---- */

static int drain(struct loop *l, bool last)
{
	struct sink end = { l, take_record, take_lost, take_mapped }, sink = pairs_sink(l->pairs, &end);
	int n = session_drain(l->p->session, last, &sink);
	int err = out_flush(l->p->out);

	say_losses(l, last);
	if (err || (n < 0 && n != -ECANCELED)) {
		l->p->error = err ? err : n;
		l->p->reading_failed = !err;
	}
	if (err || n < 0)
		l->done = true;
	return n;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static int poll_ms(uint64_t now, uint64_t until)
{
	if (!until)
		return -1;
	return until <= now ? 0 : (int)((until - now + 999999) / 1000000);
}

static void take_signal(struct loop *l)
{
	struct signalfd_siginfo info;

	if (read(l->p->signals, &info, sizeof(info)) == sizeof(info)) {
		l->p->interrupted = true;
		l->done = true;
	}
}

/* Where the kernel has no pidfd, the process is looked at from time to time. */
static bool process_gone(const struct loop *l, const struct pollfd *fd)
{
	if (l->process >= 0)
		return fd->revents != 0;
	if (l->p->target)
		return target_status(l->p->target) >= 0;
	return l->p->pid && kill(l->p->pid, 0) < 0 && errno == ESRCH;
}

static void run(struct loop *l)
{
	uint64_t next = 0;		/* the next drain, 0: when there is something */
	bool busy = false;

	while (!l->done) {
		struct pollfd fds[] = {
			{ l->p->signals, POLLIN, 0 },
			{ l->process, POLLIN, 0 },
			{ l->p->out_fd, 0, 0 },		/* POLLERR: nobody reads any more */
			{ next ? -1 : session_fd(l->p->session), POLLIN, 0 },
		};
		uint64_t now = os_clock_ns(CLOCK_MONOTONIC), until = earlier(l->p->deadline, next);
		bool watched = l->process < 0 && (l->p->pid || l->p->target);
		int n;

		if (watched)
			until = earlier(until, now + 100000000);
		n = poll(fds, ARRAY_LEN(fds), poll_ms(now, until));
		if (n < 0 && errno != EINTR) {
			l->p->error = -errno;
			return;
		}
		if (n < 0)
			continue;
		if (fds[0].revents)
			take_signal(l);
		if (process_gone(l, &fds[1]))
			l->done = true;
		if (fds[2].revents & (POLLERR | POLLHUP)) {
			l->p->error = -EPIPE;
			l->done = true;
		}
		now = os_clock_ns(CLOCK_MONOTONIC);
		if (l->p->deadline && now >= l->p->deadline)
			l->done = true;
		if (!l->done && (fds[3].revents || (next && now >= next))) {
			bool again = next != 0;
			int read = drain(l, false), settle = session_settle_ms(l->p->session);

			busy = read > 0 && again;
			next = busy || settle >= 0 ? now + (uint64_t)(busy ? BUSY_MS : settle) * 1000000 : 0;
		}
	}
}

int pump_open_process(const struct target *t, pid_t pid)
{
	if (t)
		return target_fd(t);
	return pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

/* Ctrl-C: the command gets SIGTERM, and a moment to end in which its records are still seen. */
static void end_target(struct loop *l)
{
	struct pollfd fd = { target_fd(l->p->target), POLLIN, 0 };

	target_terminate(l->p->target);
	if (fd.fd >= 0)
		poll(&fd, 1, DYING_MS);
}

void pump_run(struct pump *p)
{
	struct loop l = { .p = p, .pairs = pairs_new() };

	l.process = pump_open_process(p->target, p->pid);
	if (p->duration_ns)
		p->deadline = os_clock_ns(CLOCK_MONOTONIC) + p->duration_ns;
	if (p->pid)
		addresses_learn(p->addresses, p->pid);
	out_header(p->out);
	p->error = out_flush(p->out);
	if (!p->error)
		run(&l);
	if (p->interrupted && p->target)
		end_target(&l);
	session_stop(p->session);
	if (!p->error && !(p->count && p->records >= p->count))
		drain(&l, true);
	say_losses(&l, true);
	if (session_late(p->session))
		fprintf(stderr, "trapline: %llu records came late and stand out of their order\n",
			(unsigned long long)session_late(p->session));
	pairs_free(l.pairs);
	free(l.losses);
	free(l.frames);
	if (!p->target && l.process >= 0)
		close(l.process);
}
