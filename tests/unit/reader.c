/* reader.c - many queues in, one line out: what is kept back, what comes late, and the order. */
#include "unit.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "trace/internal.h"

/* A source that gives out what the test has put into it. */
struct fake {
	uint64_t times[64];
	unsigned n;
};

static long fill(struct queue *q, uint64_t note)
{
	struct fake *f = q->source;
	struct chunk *c;

	if (f->n == 0)
		return 0;
	c = queue_chunk(q, sizeof(f->times));
	c->size = f->n * 8;
	memcpy(c->data, f->times, c->size);
	queue_add(q, c);
	f->n = 0;
	return (long)c->size;
}

static bool next(struct queue *q, const struct chunk *c, struct item *item)
{
	if (c->size - q->at < 8)
		return false;
	item->kind = ITEM_EVENT;
	memcpy(&item->time, c->data + q->at, 8);
	q->at += 8;
	return true;
}

static void put(struct fake *f, uint64_t time)
{
	f->times[f->n++] = time;
}

static struct queue *add(struct reader *r, int cpu, struct fake *f)
{
	struct queue *q = reader_queue(r);

	q->cpu = cpu;
	q->source = f;
	q->fill = fill;
	q->next = next;
	return q;
}

struct seen {
	uint64_t times[256];
	unsigned n, stop;
};

static bool see(void *ctx, struct queue *q, const struct item *i)
{
	struct seen *s = ctx;

	s->times[s->n++] = i->time;
	return s->n != s->stop;
}

static void test_order(void)
{
	struct reader r = { 0 };
	struct fake a = { .n = 0 }, b = { .n = 0 }, c = { .n = 0 };
	struct seen s = { .n = 0 };

	add(&r, 0, &a);
	add(&r, 1, &b);
	add(&r, 2, &c);
	for (uint64_t t = 1; t < 40; t++)
		put(t % 3 == 0 ? &a : t % 7 == 0 ? &b : &c, t);
	CHECK_INT(reader_round(&r, true, see, &s), 1);
	CHECK_INT(s.n, 39);
	for (unsigned i = 0; i < s.n; i++)
		CHECK_INT(s.times[i], i + 1);
	CHECK_INT(reader_round(&r, true, see, &s), 0);
	CHECK(!reader_waits(&r));
	reader_release(&r);
}

static void test_kept_back(void)
{
	struct reader r = { 0 };
	struct fake a = { .n = 0 }, b = { .n = 0 };
	struct seen s = { .n = 0 };
	uint64_t now = os_clock_ns(CLOCK_BOOTTIME);

	add(&r, 0, &a);
	add(&r, 1, &b);
	put(&a, now);
	CHECK_INT(reader_round(&r, false, see, &s), 1);
	CHECK_INT(s.n, 0);			/* something older may still come */
	CHECK(reader_waits(&r));
	put(&b, now - 1000);			/* and it does */
	usleep(2000);
	CHECK_INT(reader_round(&r, false, see, &s), 1);
	CHECK_INT(s.n, 2);
	CHECK_INT(s.times[0], now - 1000);
	CHECK_INT(r.late, 0);
	put(&b, now - 500);			/* this one is late: shown all the same, and counted */
	CHECK_INT(reader_round(&r, true, see, &s), 1);
	CHECK_INT(s.n, 3);
	CHECK_INT(r.late, 1);
	reader_release(&r);
}

static void test_stop(void)
{
	struct reader r = { 0 };
	struct fake a = { .n = 0 };
	struct seen s = { .stop = 2 };

	add(&r, 0, &a);
	for (uint64_t t = 1; t <= 5; t++)
		put(&a, t);
	CHECK_INT(reader_round(&r, true, see, &s), -ECANCELED);
	CHECK_INT(s.n, 2);
	CHECK_INT(reader_round(&r, true, see, &s), 0);
	CHECK_INT(s.n, 5);			/* nothing was handed over twice, or dropped */
	CHECK_INT(s.times[2], 3);
	reader_release(&r);
}

static void test_background(void)
{
	struct reader r = { 0 };
	struct fake a = { .n = 0 };
	struct seen s = { .n = 0 };

	add(&r, 0, &a)->background = true;
	put(&a, os_clock_ns(CLOCK_BOOTTIME));
	CHECK_INT(reader_round(&r, false, see, &s), 1);
	CHECK(!reader_waits(&r));		/* a fork alone is no reason to wake up */
	reader_release(&r);
}

int main(void)
{
	test_order();
	test_kept_back();
	test_stop();
	test_background();
	return unit_end();
}
