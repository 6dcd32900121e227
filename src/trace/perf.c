/* perf.c - source 2: perf_event_open() on the very event that was defined in tracefs.
 *
 * An event that tracefs `enable`s puts its breakpoint into every process that maps the file. An event that
 * perf opens for a process puts it there only: bystanders run untrapped, and the kernel removes it by
 * itself when we are killed. The sample carries the event's bytes in the layout of its format file, and the
 * process and thread exactly; filters are the same.
 *
 * The same call counts what is no tracepoint: the CPU's clock, page faults, cache misses, accesses to an address.
 * Their samples have no bytes of an event, and which one it was tells the sample's id.
 *
 * perf's unit is the thread. An event can be inherited by what a thread makes later (its threads, and with
 * --follow its processes), but then it must be bound to a CPU to have a ring. So there is a descriptor for
 * each event, thread and CPU, all disabled until all are there, and a ring for each CPU.
 *
 * A thread that was made while we attached may have its event twice: inherited from its maker, and attached
 * by us when we saw it in /proc. Each of its hits then makes two samples. A sample's id tells which thread
 * the event was attached to (an inherited one has its ancestor's id), so each thread is given one
 * ancestor, itself when it was attached, and only that one's samples count.
 */
#include "trace/internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_KB	1024
#define BIRTH_NS	30000000
#define MANY_HOLDS	1024

/* Not in the headers of every system. */
#define FORMAT_LOST	(1U << 4)

struct attached {
	bool on;
	struct perf_source source;
};

struct perf_fd {
	int fd;
	unsigned event, ring;
	pid_t tid;		/* that it was attached to */
	uint64_t id;
};

struct hold {
	pid_t pid;
	int fd;
};

/* What a sample's id says. */
struct ancestor {
	uint64_t id;
	pid_t tid;
	unsigned event;
};

/* What the running kernel does not know. */
struct lacks {
	bool format_lost;	/* since 6.0 */
	bool inherit_thread;	/* since 5.13; without it, samples of children are dropped by us */
};

struct perf {
	struct perf_options opt;
	struct ring *rings;
	unsigned n_rings;
	uint64_t *reported;		/* losses, for each ring */
	struct attached *events;	/* by the caller's number */
	unsigned n_events;
	struct perf_fd *fds;
	unsigned n_fds;
	pid_t *tids;			/* that are attached; -1: everybody */
	unsigned n_tids;
	struct lacks lacks;
	uint64_t armed_at;
	pid_t *children;		/* that are followed */
	unsigned n_children;
	struct hold *holds;		/* what keeps the breakpoints in them */
	unsigned n_holds;
	struct ancestor *ancestors;	/* sorted by id */
	unsigned n_ancestors;
	bool doubles;			/* there can be some */
	pid_t *ancestor_of;		/* by tid; 0: not decided */
	size_t max_tid;
};

/* ---- opening ---- */

int perf_new(const struct perf_options *opt, struct reader *r, const struct clock_offset *clock, int epoll,
	     struct perf **out)
{
	_cleanup_(mem_free_ptr) int *cpus = NULL;
	struct perf *p = mem_alloc(sizeof(*p));
	unsigned kb = opt->buffer_kb ? opt->buffer_kb : DEFAULT_KB;
	int n = os_online_cpus(&cpus);

	*out = p;
	p->opt = *opt;
	if (n < 0)
		return n;
	p->rings = mem_alloc((size_t)n * sizeof(*p->rings));	/* queues point at them: they never move */
	p->reported = mem_alloc((size_t)n * sizeof(*p->reported));
	for (int i = 0; i < n; i++) {
		int err = ring_open(&p->rings[i], cpus[i], kb, opt->mappings ? RING_MAPPINGS : RING_NOTHING,
				    clock, r, epoll);

		if (err)
			return err;
		p->n_rings++;
	}
	return 0;
}

static struct perf_event_attr attributes(const struct perf *p, const struct perf_source *source, struct lacks lacks)
{
	struct perf_event_attr attr = ring_attr();

	attr.type = source->type;
	attr.config = source->config;
	attr.sample_period = source->period;
	if (source->type == PERF_TYPE_BREAKPOINT) {
		attr.bp_type = source->access;
		attr.bp_addr = source->address;
		attr.bp_len = source->length;
	}
	attr.sample_type |= PERF_SAMPLE_RAW;
	attr.wakeup_events = 1;
	attr.disabled = 1;
	attr.read_format = lacks.format_lost ? 0 : FORMAT_LOST;
	if (p->opt.pid > 0) {
		attr.enable_on_exec = p->opt.at_exec;
		attr.inherit = 1;
		attr.inherit_thread = !p->opt.follow && !lacks.inherit_thread;
	}
	if (p->opt.ustack || p->opt.kstack) {
		attr.sample_type |= PERF_SAMPLE_CALLCHAIN;
		attr.exclude_callchain_user = !p->opt.ustack;
		attr.exclude_callchain_kernel = !p->opt.kstack;
	}
	return attr;
}

/* EINVAL may mean that the kernel does not know a bit: then we try without, the newest bit first, and
 * remember what worked. */
static int open_event(struct perf *p, const struct perf_source *source, pid_t tid, int cpu)
{
	static const struct lacks without[] = { { false, false }, { true, false }, { true, true } };
	int fd = -EINVAL;

	for (size_t i = 0; i < ARRAY_LEN(without) && fd == -EINVAL; i++) {
		struct lacks lacks = { p->lacks.format_lost || without[i].format_lost,
				       p->lacks.inherit_thread || without[i].inherit_thread };
		struct perf_event_attr attr = attributes(p, source, lacks);

		fd = ring_event(&attr, tid, cpu);
		if (fd >= 0)
			p->lacks = lacks;
	}
	return fd;
}

static int add_fd(struct perf *p, unsigned event, pid_t tid, unsigned ring)
{
	const struct attached *e = &p->events[event];
	struct perf_fd f = { .event = event, .ring = ring, .tid = tid };

	f.fd = open_event(p, &e->source, tid, p->rings[ring].cpu);
	if (f.fd < 0)
		return f.fd;
	if (ioctl(f.fd, PERF_EVENT_IOC_SET_OUTPUT, p->rings[ring].fd) < 0 ||
	    ioctl(f.fd, PERF_EVENT_IOC_ID, &f.id) < 0 ||
	    (e->source.filter && ioctl(f.fd, PERF_EVENT_IOC_SET_FILTER, e->source.filter) < 0)) {
		int err = -errno;

		close(f.fd);
		return err;
	}
	*MEM_PUSH(p->fds, p->n_fds) = f;
	return 0;
}

/* A thread that has ended is no error: there is nothing more to see of it. */
static int attach_thread(struct perf *p, unsigned event, pid_t tid)
{
	for (unsigned ring = 0; ring < p->n_rings; ring++) {
		int err = add_fd(p, event, tid, ring);

		if (err)
			return err == -ESRCH && p->n_tids > 1 ? 0 : err;
	}
	return 0;
}

/* Adds the threads that are not known yet, and attaches what there is to them. Count or -errno. */
static int attach_new_threads(struct perf *p)
{
	_cleanup_(mem_free_ptr) pid_t *tids = NULL;
	int n = os_threads(p->opt.pid, &tids), found = 0;

	for (int i = 0; i < n; i++) {
		unsigned k = 0;

		while (k < p->n_tids && p->tids[k] != tids[i])
			k++;
		if (k < p->n_tids)
			continue;
		*MEM_PUSH(p->tids, p->n_tids) = tids[i];
		found++;
		for (unsigned e = 0; e < p->n_events; e++) {
			int err = p->events[e].on ? attach_thread(p, e, tids[i]) : 0;

			if (err && err != -ESRCH)
				return err;
		}
	}
	return n < 0 ? n : found;
}

int perf_attach(struct perf *p, unsigned event, const struct perf_source *source)
{
	int err = 0;

	if (p->n_tids == 0 && p->opt.pid > 0)
		err = attach_new_threads(p);
	else if (p->n_tids == 0)
		*MEM_PUSH(p->tids, p->n_tids) = -1;
	if (err < 0)
		return err;
	while (p->n_events <= event)
		MEM_PUSH(p->events, p->n_events)->on = false;
	p->events[event] = (struct attached){ true, *source };
	err = 0;
	for (unsigned i = 0; i < p->n_tids && !err; i++)
		err = attach_thread(p, event, p->tids[i]);
	if (err)
		perf_detach(p, event);
	return err;
}

void perf_detach(struct perf *p, unsigned event)
{
	unsigned kept = 0;

	if (event < p->n_events)
		p->events[event].on = false;
	for (unsigned i = 0; i < p->n_fds; i++) {
		if (p->fds[i].event == event)
			close(p->fds[i].fd);
		else
			p->fds[kept++] = p->fds[i];
	}
	p->n_fds = kept;
}

/* ---- doubles ---- */

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct ancestor *)a)->id, y = ((const struct ancestor *)b)->id;

	return (x > y) - (x < y);
}

static void remember_ids(struct perf *p)
{
	p->ancestors = mem_alloc((p->n_fds + 1) * sizeof(*p->ancestors));
	for (unsigned i = 0; i < p->n_fds; i++)
		p->ancestors[p->n_ancestors++] = (struct ancestor){ p->fds[i].id, p->fds[i].tid, p->fds[i].event };
	qsort(p->ancestors, p->n_ancestors, sizeof(*p->ancestors), by_id);
}

static void remember_ancestors(struct perf *p)
{
	if (p->opt.pid <= 0 || p->n_tids < 2)
		return;
	p->max_tid = tasks_max();
	p->ancestor_of = mmap(NULL, p->max_tid * sizeof(*p->ancestor_of), PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p->ancestor_of == MAP_FAILED) {
		p->ancestor_of = NULL;
		return;
	}
	p->doubles = true;
	for (unsigned i = 0; i < p->n_fds; i++)
		if ((size_t)p->fds[i].tid < p->max_tid)
			p->ancestor_of[p->fds[i].tid] = p->fds[i].tid;
}

static const struct ancestor *ancestor_by_id(const struct perf *p, uint64_t id)
{
	return bsearch(&(struct ancestor){ .id = id }, p->ancestors, p->n_ancestors, sizeof(*p->ancestors), by_id);
}

static bool is_double(struct perf *p, pid_t tid, uint64_t id)
{
	const struct ancestor *a;

	if (!p->doubles || tid < 0 || (size_t)tid >= p->max_tid)
		return false;
	a = ancestor_by_id(p, id);
	if (!a)
		return false;
	if (p->ancestor_of[tid] == 0)
		p->ancestor_of[tid] = a->tid;
	return p->ancestor_of[tid] != a->tid;
}

/* ---- children ---- */

static bool is_followed(const struct perf *p, pid_t pid)
{
	for (unsigned i = 0; i < p->n_children; i++)
		if (p->children[i] == pid)
			return true;
	return pid == p->opt.pid;
}

static bool is_dead(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static void forget_dead_children(struct perf *p)
{
	unsigned children = 0, holds = 0;

	for (unsigned i = 0; i < p->n_children; i++)
		if (!is_dead(p->children[i]))
			p->children[children++] = p->children[i];
	for (unsigned i = 0; i < p->n_holds; i++) {
		if (is_dead(p->holds[i].pid))
			close(p->holds[i].fd);
		else
			p->holds[holds++] = p->holds[i];
	}
	p->n_children = children;
	p->n_holds = holds;
}

/* When two tasks with equal (inherited) events are switched, perf swaps their event contexts instead of the events.
 * So the event that was made for one thread may be closed when another one ends; and when the last thread that
 * still runs has none of its own, the kernel finds nobody interested in its memory and takes the breakpoint away.
 * An event of ours on the child's first thread, never enabled, not inherited, keeps it there. */
static void hold_child(struct perf *p, pid_t pid)
{
	if (p->n_holds >= MANY_HOLDS)
		forget_dead_children(p);
	*MEM_PUSH(p->children, p->n_children) = pid;
	for (unsigned e = 0; e < p->n_events; e++) {
		struct perf_event_attr attr;
		int fd;

		if (!p->events[e].on)
			continue;
		attr = attributes(p, &p->events[e].source, p->lacks);
		attr.inherit = attr.inherit_thread = attr.enable_on_exec = 0;
		fd = ring_event(&attr, pid, -1);
		if (fd >= 0)		/* else it has ended already */
			*MEM_PUSH(p->holds, p->n_holds) = (struct hold){ pid, fd };
	}
}

void perf_born(void *ctx, pid_t pid, pid_t ppid)
{
	struct perf *p = ctx;

	if (p->opt.follow && pid != ppid && is_followed(p, ppid) && !is_followed(p, pid))
		hold_child(p, pid);
}

/* Across CPUs a birth may be read before that of its parent; in their turn they are in order. */
void perf_forked(struct perf *p, const struct fork *f)
{
	perf_born(p, f->pid, f->ppid);
	if (f->time > p->armed_at && p->ancestor_of && f->tid > 0 && (size_t)f->tid < p->max_tid)
		p->ancestor_of[f->tid] = 0;
}

/* ---- running ---- */

/* A thread that is being born while its maker's event is enabled may copy the event when it is still disabled, and
 * join its list when the enabling has passed by: it would stay disabled, and all threads that it makes. So, when
 * births can happen, all is enabled once more after a moment that is long for a birth. */
static int enable_all(struct perf *p)
{
	unsigned passes = p->opt.pid > 0 ? 2 : 1;

	for (unsigned pass = 0; pass < passes; pass++) {
		if (pass)
			nanosleep(&(struct timespec){ .tv_nsec = BIRTH_NS }, NULL);
		for (unsigned i = 0; i < p->n_fds; i++)
			if (ioctl(p->fds[i].fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
				return -errno;
	}
	return 0;
}

int perf_arm(struct perf *p)
{
	int found;

	do
		found = p->opt.pid > 0 && !p->opt.at_exec ? attach_new_threads(p) : 0;
	while (found > 0);
	if (found < 0)
		return found;
	remember_ids(p);
	remember_ancestors(p);
	p->armed_at = os_clock_ns(CLOCK_BOOTTIME);
	return p->opt.at_exec ? 0 : enable_all(p);
}

void perf_disable(struct perf *p)
{
	for (unsigned i = 0; i < p->n_fds; i++)
		ioctl(p->fds[i].fd, PERF_EVENT_IOC_DISABLE, 0);
}

/* In the header of a sample: where the CPU was. */
static bool in_user_mode(const struct item *i)
{
	struct perf_event_header h;

	memcpy(&h, i->data, sizeof(h));
	return (h.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
}

unsigned perf_event_by_id(const struct perf *p, uint64_t id)
{
	const struct ancestor *a = ancestor_by_id(p, id);

	return a ? a->event : UINT_MAX;
}

/* What ring_attr() and attributes() ask for, in the kernel's order: header, id, pid, tid, time, cpu, then
 * the callchain if any (a count and so many addresses), then the event's bytes behind their size. */
bool perf_sample(struct perf *p, const struct item *i, struct sample *s)
{
	const unsigned char *at = i->data + 8, *end = i->data + i->size;
	uint64_t id, n_ips = 0;
	uint32_t pid, tid, cpu, size;

	if (end - at < 36)
		return false;
	memcpy(&id, at, 8);
	memcpy(&pid, at + 8, 4);
	memcpy(&tid, at + 12, 4);
	memcpy(&cpu, at + 24, 4);
	at += 32;
	if (p->opt.ustack || p->opt.kstack) {
		memcpy(&n_ips, at, end - at >= 8 ? 8 : 0);
		at += 8;
		if (at > end || n_ips > (size_t)(end - at) / 8)
			return false;
	}
	*s = (struct sample){ .pid = (pid_t)pid, .tid = (pid_t)tid, .cpu = (int)cpu, .ips = at, .n_ips = n_ips,
			      .user = in_user_mode(i) };
	at += n_ips * 8;
	if (end - at < 4)
		return false;
	memcpy(&size, at, 4);
	at += 4;
	if (size > (size_t)(end - at))
		return false;
	s->raw = at;
	s->raw_size = size;
	s->id = id;
	s->event = size > sizeof(uint32_t) ? UINT_MAX : perf_event_by_id(p, id);
	if (p->opt.pid > 0 && !p->opt.follow && s->pid != p->opt.pid)
		return false;
	return !is_double(p, s->tid, id);
}

/* ---- losses ---- */

/* What the events of a ring could not write, also after its last record of loss. */
static uint64_t lost_of_ring(const struct perf *p, unsigned ring)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < p->n_fds; i++) {
		uint64_t values[2];	/* count, lost */

		if (p->fds[i].ring == ring && read(p->fds[i].fd, values, sizeof(values)) == sizeof(values))
			lost += values[1];
	}
	return lost;
}

bool perf_lost(struct perf *p, bool all, bool (*fn)(void *ctx, int cpu, uint64_t count), void *ctx)
{
	for (unsigned i = 0; i < p->n_rings; i++) {
		uint64_t lost, before = p->reported[i];

		if (all && p->lacks.format_lost)
			ring_last_losses(&p->rings[i]);
		lost = p->rings[i].lost;
		if (all && !p->lacks.format_lost) {
			uint64_t exact = lost_of_ring(p, i);

			lost = exact > lost ? exact : lost;
		}
		if (lost <= before)
			continue;
		p->reported[i] = lost;
		if (!fn(ctx, p->rings[i].cpu, lost - before))
			return false;
	}
	return true;
}

void perf_close(struct perf *p)
{
	if (!p)
		return;
	perf_disable(p);
	for (unsigned i = 0; i < p->n_fds; i++)
		close(p->fds[i].fd);
	for (unsigned i = 0; i < p->n_holds; i++)
		close(p->holds[i].fd);
	for (unsigned i = 0; i < p->n_rings; i++)
		ring_close(&p->rings[i]);
	if (p->ancestor_of)
		munmap(p->ancestor_of, p->max_tid * sizeof(*p->ancestor_of));
	free(p->rings);
	free(p->reported);
	free(p->events);
	free(p->fds);
	free(p->tids);
	free(p->ancestors);
	free(p->children);
	free(p->holds);
	free(p);
}
