/* pairs.c - entries and returns find each other (eval/pairs.c), from records that are made here. */
#include "eval/eval.h"

#include <stdlib.h>

#include "unit.h"

static struct capture entry_capture = { .name = "n", .size = 8 };
static struct capture return_captures[] = { { .name = "n", .size = 8, .at_entry = true }, { .name = "ret", .size = 8 } };
static struct tap *no_tap;
static struct definition plain;

static struct site f_entry = { .companion = true, .n_captures = 1, .captures = &entry_capture, .def = &plain };
static struct site f_return = { .entry = &f_entry, .n_captures = 2, .captures = return_captures, .def = &plain };
static struct site g_entry = { .companion = true, .n_captures = 1, .captures = &entry_capture, .def = &plain };
static struct site g_return = { .entry = &g_entry, .n_captures = 2, .captures = return_captures, .def = &plain };

/* What came through: n of the last return, -1 when it had none; how many, and how many losses. */
struct seen {
	long long n, ret;
	unsigned records;
	uint64_t lost;
};

static bool see(void *ctx, const struct record *r)
{
	struct seen *s = ctx;
	uint64_t n, ret;

	s->records++;
	s->n = -1;
	if (r->values[0].valid) {
		memcpy(&n, r->values[0].data, sizeof(n));
		s->n = (long long)n;
	}
	memcpy(&ret, r->values[1].data, sizeof(ret));
	s->ret = (long long)ret;
	return true;
}

static bool see_lost(void *ctx, const struct lost *l)
{
	((struct seen *)ctx)->lost += l->count;
	return true;
}

static struct pairs *pairs;
static struct sink sink;
static struct seen seen;

static void begin(const struct site *site, pid_t tid, int64_t frame, uint64_t n)
{
	struct captured v = { (unsigned char *)&n, sizeof(n), true, false, false, NULL, false };
	struct record r = { .site = site, .pid = 1, .tid = tid, .frame = frame, .values = &v };

	CHECK(sink.record(sink.ctx, &r));
}

static long long end(const struct site *site, pid_t tid, int64_t frame)
{
	uint64_t ret = 7;
	struct captured v[] = { { 0 }, { (unsigned char *)&ret, sizeof(ret), true, false, false, NULL, false } };
	struct record r = { .site = site, .pid = 1, .tid = tid, .frame = frame, .values = v };
	unsigned before = seen.records;

	CHECK(sink.record(sink.ctx, &r));
	if (seen.records == before)
		return -2;
	CHECK_INT(seen.ret, 7);
	return seen.n;
}

static void open_pairs(void)
{
	struct sink last = { &seen, see, see_lost, NULL };

	seen = (struct seen){ 0 };
	pairs = pairs_new();
	sink = pairs_sink(pairs, &last);
}

static void test_nesting(void)
{
	open_pairs();
	begin(&f_entry, 1, 1000, 10);
	begin(&f_entry, 1, 900, 11);
	begin(&f_entry, 2, 900, 20);		/* another thread, the same place */
	begin(&g_entry, 1, 800, 12);
	CHECK_INT(end(&g_return, 1, 800), 12);
	CHECK_INT(end(&f_return, 1, 900), 11);
	CHECK_INT(end(&f_return, 1, 1000), 10);
	CHECK_INT(end(&f_return, 2, 900), 20);
	CHECK_INT(end(&f_return, 2, 900), -1);	/* once only */
	CHECK_INT(seen.records, 5);
	pairs_free(pairs);
}

/* longjmp from 800 to 1000 and on, a thread that ended, a tail call. */
static void test_missing(void)
{
	open_pairs();
	begin(&f_entry, 1, 1000, 10);
	begin(&f_entry, 1, 900, 11);
	begin(&g_entry, 1, 800, 12);
	begin(&f_entry, 1, 950, 13);		/* 900 and 800 are over */
	CHECK_INT(end(&g_return, 1, 800), -1);
	CHECK_INT(end(&f_return, 1, 900), -1);
	begin(&f_entry, 1, 950, 14);		/* takes over */
	CHECK_INT(end(&f_return, 1, 950), 14);
	CHECK_INT(end(&f_return, 1, 950), -1);
	begin(&f_entry, 1, 700, 15);
	CHECK_INT(end(&f_return, 1, 1000), 10);	/* 700 is over */
	CHECK_INT(end(&f_return, 1, 700), -1);

	begin(&f_entry, 1, 1000, 20);		/* f ends by a jump to g: both return at once */
	begin(&g_entry, 1, 1000, 21);
	CHECK_INT(end(&g_return, 1, 1000), 21);
	CHECK_INT(end(&f_return, 1, 1000), 20);
	pairs_free(pairs);
}

/* A coroutine's stack, or a signal's, is far away: what is on the other one goes on. */
static void test_stacks(void)
{
	int64_t far = 1ll << 40;

	open_pairs();
	begin(&f_entry, 1, 1000, 10);
	begin(&f_entry, 1, far, 11);
	begin(&g_entry, 1, 900, 12);
	CHECK_INT(end(&f_return, 1, far), 11);
	CHECK_INT(end(&g_return, 1, 900), 12);
	CHECK_INT(end(&f_return, 1, 1000), 10);
	pairs_free(pairs);
}

/* A goroutine that goes on in another thread; the same address in another process. */
static void test_goroutines(void)
{
	uint64_t n = 30, ret = 7;
	struct captured in = { (unsigned char *)&n, sizeof(n), true, false, false, NULL, false };
	struct captured out[] = { { 0 }, { (unsigned char *)&ret, sizeof(ret), true, false, false, NULL, false } };
	struct record r = { .site = &f_entry, .pid = 1, .tid = 1, .owner = 0xc000001a00, .frame = -500, .values = &in };

	open_pairs();
	sink.record(sink.ctx, &r);
	r = (struct record){ .site = &f_return, .pid = 2, .tid = 9, .owner = 0xc000001a00, .frame = -500, .values = out };
	sink.record(sink.ctx, &r);
	CHECK_INT(seen.n, -1);
	r.pid = 1;
	sink.record(sink.ctx, &r);
	CHECK_INT(seen.n, 30);
	pairs_free(pairs);
}

/* Lost records make all doubtful; a program gets no return without its entry. */
static void test_lost(void)
{
	struct lost lost = { .count = 5 };
	struct definition of_program = { .tap = (const struct tap *)&no_tap };

	open_pairs();
	begin(&f_entry, 1, 1000, 10);
	sink.lost(sink.ctx, &lost);
	CHECK_INT(end(&f_return, 1, 1000), -1);
	CHECK_INT(seen.lost, 5);
	f_return.def = &of_program;
	CHECK_INT(end(&f_return, 1, 1000), -2);
	CHECK_INT(seen.lost, 6);
	f_return.def = &plain;
	pairs_free(pairs);
}

/* However many calls never return, memory stays bounded, and the newest are known. */
static void test_bounds(void)
{
	open_pairs();
	for (int64_t i = 0; i < 600000; i++)
		begin(&f_entry, (pid_t)(i % 3000), -i * 64, (uint64_t)i);
	CHECK_INT(end(&f_return, 599999 % 3000, -599999 * 64), 599999);
	pairs_free(pairs);
}

int main(void)
{
	test_nesting();
	test_missing();
	test_stacks();
	test_goroutines();
	test_lost();
	test_bounds();
	return unit_end();
}
