/* ftrace.c - source 1: the pages of trace_pipe_raw.
 *
 * An instance has a ring buffer for each CPU, made of sub-buffers; reading per_cpu/cpuN/trace_pipe_raw takes them out
 * one by one. They are called pages here, as in the kernel, but since 6.8 the plan makes them larger than one. A page
 * looks so:
 *
 *	 0  u64 time of the first record
 *	 8  how many bytes of data follow; bit 31: records were lost before this page
 *	16  records, each with a header of 32 bits:
 *		bits 0-4   type: 1..28: that many words of data follow
 *				 0:  the next word tells the bytes of data (and itself)
 *				 29: padding; without a time difference, the rest of the page is empty
 *				 30: time extend: the next word holds the upper bits of the difference
 *				 31: absolute time, in the same form
 *		bits 5-31  nanoseconds since the record before
 *
 * A page that is not full yet comes too, zero-padded, and its rest with a later read.
 *
 * Reads never block: on kernels since 6.12 any fork while the file is open makes blocking reads return at
 * once, and poll() tells all that we want to know once buffer_percent is 0.
 *
 * How many records were lost is not in every page (the count is stored behind the data only when there is
 * room), but `overrun` in per_cpu/cpuN/stats is exact: a page that says "lost" makes us look there.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define COMMIT_MASK	0xfffff		/* bytes of data */
#define COMMIT_LOST	(1U << 31)

enum { PORTION = 128 * 1024 };		/* bytes of a CPU that are read before they are handed over */

enum { TYPE_LONG = 0, TYPE_PADDING = 29, TYPE_TIME_EXTEND = 30, TYPE_TIME_STAMP = 31 };

struct cpu_buffer {
	struct ftrace *ftrace;
	int cpu, fd;
	bool page_says_lost;
	uint64_t lost;			/* reported so far */
};

struct ftrace {
	struct tracefs *tracefs;
	char *instance;
	size_t page, head;		/* bytes of a sub-buffer, and of what precedes its data */
	struct cpu_buffer **cpus;
	unsigned n_cpus;
};

/* The instance's events/header_page says: field: char data;  offset:16;  size:16368; */
static void learn_page(struct ftrace *f)
{
	_cleanup_(str_release) struct str file = STR_INIT, text = STR_INIT;
	const char *data;
	unsigned offset, size;

	f->page = (size_t)sysconf(_SC_PAGESIZE);
	f->head = 8 + sizeof(long);
	str_addf(&file, "instances/%s/events/header_page", f->instance);
	if (tracefs_read(f->tracefs, file.s, &text))
		return;
	data = strstr(text.s, "char data;");
	if (data && sscanf(data, "char data; offset:%u; size:%u;", &offset, &size) == 2 && offset >= 12) {
		f->head = offset;
		f->page = offset + size;
	}
}

struct ftrace *ftrace_new(struct tracefs *t, const char *instance)
{
	struct ftrace *f = mem_alloc(sizeof(*f));

	f->tracefs = t;
	f->instance = mem_strdup(instance);
	learn_page(f);
	return f;
}

/* ---- pages ---- */

static uint32_t read_u32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t page_time(const struct chunk *c)
{
	uint64_t v;

	memcpy(&v, c->data, sizeof(v));
	return v;
}

/* A local_t: on a 64-bit machine its lower half holds all that we want. */
static uint32_t page_commit(const struct ftrace *f, const struct chunk *c)
{
	uint64_t v;

	if (f->head == 12)
		return read_u32(c->data + 8);
	memcpy(&v, c->data + 8, sizeof(v));
	return (uint32_t)v;
}

/* Reads until the buffer is empty, or what comes is newer than the round: its turn is the next one. Of much, a
 * portion. */
static long fill(struct queue *q, uint64_t note)
{
	struct cpu_buffer *b = q->source;
	const struct ftrace *f = b->ftrace;
	long got = 0;

	for (;;) {
		struct chunk *c = queue_chunk(q, f->page);
		ssize_t n = read(b->fd, c->data, f->page);
		uint32_t commit;

		if (n < (ssize_t)f->head) {
			int err = n < 0 ? errno : 0;

			queue_spare(q, c);
			if (err == EINTR)
				continue;
			return err && err != EAGAIN ? -err : got;
		}
		commit = page_commit(f, c);
		b->page_says_lost |= (commit & COMMIT_LOST) != 0;
		c->size = f->head + (commit & COMMIT_MASK);
		if (c->size > (size_t)n)
			c->size = (size_t)n;
		got += n;
		queue_add(q, c);
		if (page_time(c) >= note)
			return got;
		if (got >= PORTION) {
			q->whole = page_time(c);
			return got;
		}
	}
}

static bool next(struct queue *q, const struct chunk *c, struct item *item)
{
	const struct cpu_buffer *b = q->source;

	if (q->at == 0) {
		q->at = b->ftrace->head;
		q->time = page_time(c);
	}
	while (c->size - q->at >= 4 && q->at < c->size) {
		uint32_t word = read_u32(c->data + q->at), type = word & 31;
		uint64_t delta = word >> 5;
		size_t begin = q->at + 4, length;

		if (type == TYPE_PADDING && delta == 0)
			return false;
		if (type == TYPE_LONG || type >= TYPE_PADDING) {
			uint32_t second = c->size - begin >= 4 ? read_u32(c->data + begin) : 0;

			if (type >= TYPE_TIME_EXTEND) {
				delta |= (uint64_t)second << 27;
				q->time = type == TYPE_TIME_STAMP ? delta : q->time + delta;
				q->at = begin + 4;
				continue;
			}
			/* the length counts its own word, for padding too */
			length = second < 4 ? 0 : (second - 4 + 3) & ~(size_t)3;
			begin += 4;
		} else {
			length = type * 4;
		}
		if (begin > c->size || length > c->size - begin)
			return false;
		q->time += delta;
		q->at = begin + length;
		if (type == TYPE_PADDING)
			continue;
		*item = (struct item){ ITEM_EVENT, q->time, c->data + begin, length };
		return true;
	}
	return false;
}

int ftrace_open(struct ftrace *f, const char *file, int cpu, struct reader *r, int epoll)
{
	struct epoll_event wake = { .events = EPOLLIN };
	int fd = openat(tracefs_dir(f->tracefs), file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct cpu_buffer *b;
	struct queue *q;

	if (fd < 0)
		return -errno;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wake) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	b = mem_alloc(sizeof(*b));
	*b = (struct cpu_buffer){ .ftrace = f, .cpu = cpu, .fd = fd };
	*MEM_PUSH(f->cpus, f->n_cpus) = b;
	q = reader_queue(r);
	q->cpu = cpu;
	q->source = b;
	q->fill = fill;
	q->next = next;
	return 0;
}

/* ---- losses ---- */

static uint64_t stat_value(const char *stats, const char *key)
{
	const char *line = strstr(stats, key);

	return line ? strtoull(line + strlen(key), NULL, 10) : 0;
}

/* Overwritten before we came; written over in the middle of a write; refused because all was full. */
static int read_lost(const struct cpu_buffer *b, uint64_t *lost)
{
	_cleanup_(str_release) struct str file = STR_INIT, stats = STR_INIT;
	int err;

	str_addf(&file, "instances/%s/per_cpu/cpu%d/stats", b->ftrace->instance, b->cpu);
	err = tracefs_read(b->ftrace->tracefs, file.s, &stats);
	if (err)
		return err;
	*lost = stat_value(stats.s, "\noverrun: ") + stat_value(stats.s, "\ncommit overrun: ") +
		stat_value(stats.s, "\ndropped events: ");
	return 0;
}

bool ftrace_lost(struct ftrace *f, bool all, bool (*fn)(void *ctx, int cpu, uint64_t count), void *ctx)
{
	for (unsigned i = 0; i < f->n_cpus; i++) {
		struct cpu_buffer *b = f->cpus[i];
		uint64_t lost, before = b->lost;

		if ((!all && !b->page_says_lost) || read_lost(b, &lost))
			continue;
		b->page_says_lost = false;
		if (lost <= before)
			continue;
		b->lost = lost;
		if (!fn(ctx, b->cpu, lost - before))
			return false;
	}
	return true;
}

void ftrace_close(struct ftrace *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->n_cpus; i++) {
		close(f->cpus[i]->fd);
		free(f->cpus[i]);
	}
	free(f->cpus);
	free(f->instance);
	free(f);
}
