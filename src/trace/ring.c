/* ring.c - a perf ring buffer: memory that we share with the kernel, one ring for each CPU.
 *
 * perf_event_open() makes an event; mmap() of its descriptor makes a ring of 1 + 2^n pages. The first
 * page holds two positions that only grow: the kernel moves data_head after it has written, we move
 * data_tail after we have read. Between them are records, each with a header that tells its size.
 *
 * The owner of each ring here is an event that never fires (a software "dummy"), so that a probe can come
 * and go while the ring stays: other events are told to write into it (PERF_EVENT_IOC_SET_OUTPUT). A live
 * mapping keeps its event alive, and through it the probe, which then could not be deleted.
 *
 * perf stamps with CLOCK_MONOTONIC: it takes CLOCK_BOOTTIME only for some kinds of event, tracepoints not
 * among them. The two differ by the time that the machine has slept.
 */
#include "trace/internal.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Where the time is: after header, id and tid of a sample; after header and the four numbers of a fork. Other
 * records end with it: tid, time, cpu and id, as ring_attr() asks for them. */
#define TIME_OFFSET	24
#define TIME_FROM_END	24

#define TICK_NS		100000
#define TICKS_MS	20

/* ---- the clock ---- */

static uint64_t sandwich(uint64_t *width)
{
	uint64_t before = os_clock_ns(CLOCK_MONOTONIC);
	uint64_t boot = os_clock_ns(CLOCK_BOOTTIME);
	uint64_t after = os_clock_ns(CLOCK_MONOTONIC);

	*width = after - before;
	return boot - before - *width / 2;
}

/* Only a suspend changes the offset; the small differences between two measurements are our own noise. */
void clock_offset_measure(struct clock_offset *c)
{
	uint64_t width, offset = sandwich(&width);
	uint64_t difference = offset > c->boot_minus_mono ? offset - c->boot_minus_mono :
							    c->boot_minus_mono - offset;

	for (int tries = 0; tries < 5 && difference > 1000; tries++) {
		uint64_t w, o = sandwich(&w);

		if (w < width) {
			width = w;
			offset = o;
		}
	}
	if (difference > 1000 + width)
		c->boot_minus_mono = offset;
}

/* ---- events ---- */

int ring_event(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

struct perf_event_attr ring_attr(void)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
}

static struct perf_event_mmap_page *control(const struct ring *r)
{
	return (struct perf_event_mmap_page *)r->base;
}

/* Memory that cannot be swapped is limited: a smaller ring is better than none. */
static int map(struct ring *r, unsigned kb)
{
	size_t pages = 1;

	r->page = (size_t)sysconf(_SC_PAGESIZE);
	while (pages * r->page < (size_t)kb * 1024)
		pages *= 2;
	for (; pages > 0; pages /= 2) {
		void *base = mmap(NULL, (pages + 1) * r->page, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);

		if (base != MAP_FAILED) {
			r->base = base;
			r->size = pages * r->page;
			return 0;
		}
	}
	return -errno;
}

/* ---- reading ---- */

static uint64_t read_u64(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Births and ends, long before their turn. */
static void report_early(const struct ring *r, const struct chunk *c)
{
	struct perf_event_header h;

	for (size_t at = 0; c->size - at >= TIME_OFFSET + 8; at += h.size) {
		const unsigned char *data = c->data + at;

		memcpy(&h, data, sizeof(h));
		if (h.size < sizeof(h) || h.size > c->size - at)
			return;
		if ((h.type != PERF_RECORD_FORK && h.type != PERF_RECORD_EXIT) || h.size < TIME_OFFSET + 8)
			continue;
		r->early(r->early_ctx, &(struct item){
			.kind = h.type == PERF_RECORD_FORK ? ITEM_FORK : ITEM_END,
			.time = r->clock->boot_minus_mono + read_u64(data + TIME_OFFSET),
			.data = data, .size = h.size });
	}
}

static long fill(struct queue *q, uint64_t note)
{
	struct ring *r = q->source;
	uint64_t tail = control(r)->data_tail;
	size_t n = (size_t)(__atomic_load_n(&control(r)->data_head, __ATOMIC_ACQUIRE) - tail);
	size_t begin = tail & (r->size - 1), straight = r->size - begin;
	struct chunk *c;

	if (n == 0)
		return 0;
	c = queue_chunk(q, n);
	c->size = n;
	if (straight > n)
		straight = n;
	memcpy(c->data, r->base + r->page + begin, straight);
	memcpy(c->data + straight, r->base + r->page, n - straight);
	__atomic_store_n(&control(r)->data_tail, tail + n, __ATOMIC_RELEASE);
	queue_add(q, c);
	if (r->early)
		report_early(r, c);
	return (long)n;
}

/* A record begins at a multiple of 8 bytes, and the ring ends at one: a word is never in two pieces. */
static uint64_t word_at(const struct ring *r, uint64_t position)
{
	return read_u64(r->base + r->page + (position & (r->size - 1)));
}

/* Takes what is in the ring, and looks at nothing but reports of losses. */
static void take_losses(struct ring *r)
{
	uint64_t head = __atomic_load_n(&control(r)->data_head, __ATOMIC_ACQUIRE), tail = control(r)->data_tail;

	while (tail < head) {
		uint64_t word = word_at(r, tail);
		struct perf_event_header h;

		memcpy(&h, &word, sizeof(h));
		if (h.type == PERF_RECORD_LOST)
			r->lost += word_at(r, tail + sizeof(h) + 8);
		tail += h.size >= sizeof(h) ? h.size : head - tail;
	}
	__atomic_store_n(&control(r)->data_tail, head, __ATOMIC_RELEASE);
}

void ring_last_losses(struct ring *r)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	struct perf_event_attr attr = ring_attr();
	uint64_t tail = control(r)->data_tail;
	int fd;

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_CPU_CLOCK;
	attr.sample_period = TICK_NS;
	attr.disabled = 1;
	fd = ring_event(&attr, -1, r->cpu);
	if (fd < 0)
		return;
	if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, r->fd) == 0 && ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) == 0)
		for (int i = 0; i < TICKS_MS && __atomic_load_n(&control(r)->data_head, __ATOMIC_ACQUIRE) == tail; i++)
			nanosleep(&ms, NULL);
	close(fd);
	take_losses(r);
}

static bool reports_tasks(enum ring_reports reports)
{
	return reports == RING_FORKS || reports == RING_NAMES;
}

/* The kinds of record that are items; PERF_RECORD_LOST only adds to the ring's count. */
static enum item_kind kind_of(struct ring *r, const struct perf_event_header *h, const unsigned char *data)
{
	switch (h->type) {
	case PERF_RECORD_SAMPLE:
		return r->reports == RING_NAMES ? ITEM_PLACE : ITEM_SAMPLE;
	case PERF_RECORD_FORK:		/* comes with mappings too, unasked */
		return reports_tasks(r->reports) ? ITEM_FORK : ITEM_NOTHING;
	case PERF_RECORD_EXIT:
		return r->reports == RING_NAMES ? ITEM_END : ITEM_NOTHING;
	case PERF_RECORD_COMM:
		return r->reports == RING_NAMES ? ITEM_NAMED : ITEM_NOTHING;
	case PERF_RECORD_MMAP2:
		return ITEM_MAPPED;
	case PERF_RECORD_LOST:
		r->lost += read_u64(data + sizeof(*h) + 8);
		return ITEM_NOTHING;
	default:
		return ITEM_NOTHING;
	}
}

static bool next(struct queue *q, const struct chunk *c, struct item *item)
{
	struct ring *r = q->source;
	struct perf_event_header h;

	while (c->size - q->at >= TIME_OFFSET + 8) {
		const unsigned char *data = c->data + q->at;

		memcpy(&h, data, sizeof(h));
		if (h.size < sizeof(h) || h.size > c->size - q->at)
			return false;
		q->at += h.size;
		item->kind = h.size < TIME_OFFSET + 8 ? ITEM_NOTHING : kind_of(r, &h, data);
		if (item->kind == ITEM_NOTHING)
			continue;
		item->time = r->clock->boot_minus_mono +
			     read_u64(item->kind == ITEM_MAPPED || item->kind == ITEM_NAMED ?
					      data + h.size - TIME_FROM_END : data + TIME_OFFSET);
		item->data = data;
		item->size = h.size;
		return true;
	}
	return false;
}

/* header, u32 pid, tid; u64 address, length, offset; u32 major, minor; u64 inode, generation; u32 protection,
 * flags; the path; and what TIME_FROM_END is a part of */
bool ring_mapped(const struct item *i, struct mapped *m)
{
	static const size_t path = 72, tail = 32;
	uint32_t numbers[2];

	if (i->size < path + tail + 1 || !memchr(i->data + path, '\0', i->size - path - tail))
		return false;
	memcpy(numbers, i->data + 8, sizeof(numbers));
	m->pid = (pid_t)numbers[0];
	m->begin = read_u64(i->data + 16);
	m->length = read_u64(i->data + 24);
	m->offset = read_u64(i->data + 32);
	memcpy(numbers, i->data + 40, sizeof(numbers));
	m->device = (uint64_t)numbers[0] << 32 | numbers[1];
	m->inode = read_u64(i->data + 48);
	m->path = (const char *)i->data + path;
	if (str_starts(m->path, "//"))		/* "//anon" and the like: no file */
		m->path = "";
	return true;
}

bool ring_is_exec(const struct item *i)
{
	struct perf_event_header h;

	memcpy(&h, i->data, sizeof(h));
	return h.misc & PERF_RECORD_MISC_COMM_EXEC;
}

int ring_open(struct ring *r, int cpu, unsigned kb, enum ring_reports reports,
	      const struct clock_offset *clock, struct reader *reader, int epoll)
{
	struct perf_event_attr attr = ring_attr();
	struct epoll_event wake = { .events = EPOLLIN };
	struct queue *q;
	int err;

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_DUMMY;
	attr.task = reports_tasks(reports);
	attr.comm = attr.comm_exec = reports == RING_NAMES;
	attr.mmap = attr.mmap2 = reports == RING_MAPPINGS;
	if (reports_tasks(reports)) {
		attr.watermark = 1;
		attr.wakeup_watermark = kb * 1024 / 2;
	}
	*r = (struct ring){ .cpu = cpu, .reports = reports, .clock = clock };
	r->fd = ring_event(&attr, -1, cpu);
	if (r->fd < 0)
		return r->fd;
	err = map(r, kb);
	if (!err && epoll_ctl(epoll, EPOLL_CTL_ADD, r->fd, &wake) < 0)
		err = -errno;
	if (err) {
		ring_close(r);
		return err;
	}
	q = reader_queue(reader);
	q->cpu = cpu;
	q->source = r;
	q->fill = fill;
	q->next = next;
	q->background = reports_tasks(reports);
	return 0;
}

int ring_join(const struct ring *r, struct perf_event_attr *attr, const char *filter, int *fd)
{
	int err = 0;

	attr->disabled = 1;
	*fd = ring_event(attr, -1, r->cpu);
	if (*fd < 0)
		return *fd;
	if (ioctl(*fd, PERF_EVENT_IOC_SET_OUTPUT, r->fd) < 0 ||
	    (filter && ioctl(*fd, PERF_EVENT_IOC_SET_FILTER, filter) < 0) || ioctl(*fd, PERF_EVENT_IOC_ENABLE, 0) < 0) {
		err = -errno;
		mem_close_fd(fd);
	}
	return err;
}

void ring_close(struct ring *r)
{
	if (r->base)
		munmap(r->base, r->size + r->page);
	mem_close_fd(&r->fd);
	r->base = NULL;
	r->fd = -1;
}
