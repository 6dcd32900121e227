/* Ways through a function (sym/flow.c): can a part of it be gone through past some stops? */
#include "sym/blocks.h"

#include <stdlib.h>

#include "unit.h"

/*	0	...; jcc 40
 *	12	...; jmp 12	a loop, at 30
 *	32	...		(nothing leads here)
 *	40	...; ret	at 60
 *	62	...
 */
static struct way_out ways_out[] = {
	{ .kind = WAY_BRANCH, .from = 10, .next = 12, .to = 40 },
	{ .kind = WAY_CALL, .from = 22, .next = 24, .to = 500 },
	{ .kind = WAY_BRANCH, .from = 30, .next = 32, .to = 12 },
	{ .kind = WAY_RETURN, .from = 60, .next = 62, .to = UINT64_MAX },
};
static const struct ways function = { .start = 0, .end = 70, .v = ways_out, .n = ARRAY_LEN(ways_out) };

static void test_ways(void)
{
	static const struct {
		struct address_range part;
		uint64_t stops[2];
		size_t n_stops;
		bool past;
	} rows[] = {
		{ { 20, 25 }, { 0 }, 0, true },
		{ { 20, 25 }, { 20 }, 1, false },
		{ { 20, 25 }, { 12 }, 1, false },
		{ { 20, 25 }, { 22 }, 1, false },	/* into it, but no further */
		{ { 20, 25 }, { 26 }, 1, false },
		{ { 20, 25 }, { 35 }, 1, true },	/* round the loop */
		{ { 20, 25 }, { 35, 0 }, 2, true },
		{ { 20, 32 }, { 35, 0 }, 2, false },	/* the loop is its own */
		{ { 20, 32 }, { 35, 40 }, 2, false },
		{ { 33, 36 }, { 0 }, 0, true },
		{ { 33, 36 }, { 40 }, 1, false },
		{ { 45, 50 }, { 32 }, 1, true },	/* by the first jump */
		{ { 45, 50 }, { 0 }, 1, false },	/* the function's begin is always passed */
		{ { 63, 66 }, { 0 }, 0, false },	/* nothing leads there */
		{ { 100, 110 }, { 0 }, 0, false },
		{ { 20, 25 }, { 300 }, 1, true },
	};
	struct flow *f = flow_new(&function);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool past = flow_goes_past(f, &rows[i].part, 1, rows[i].stops, rows[i].n_stops);

		if (past != rows[i].past)
			printf("row %zu\n", i);
		CHECK_INT(past, rows[i].past);
	}
	flow_free(f);
}

/* A ladder of jumps to and fro: each way is walked once, not as often as there are jumps back. */
static void test_large(void)
{
	enum { N = 20000 };
	struct way_out *v = mem_alloc(N * sizeof(*v));
	struct ways w = { .start = 0x1000, .end = 0x1000 + 16 * N, .v = v, .n = N };
	struct address_range part = { w.end - 16, w.end };
	uint64_t stop = w.start;
	struct flow *f;

	for (uint64_t i = 0; i < N; i++)
		v[i] = (struct way_out){ .kind = i < N - 1 ? WAY_BRANCH : WAY_RETURN, .from = w.start + 16 * i + 8,
					 .next = w.start + 16 * i + 16, .to = w.start + 16 * (i / 2) };
	f = flow_new(&w);
	CHECK(flow_goes_past(f, &part, 1, NULL, 0));
	CHECK(!flow_goes_past(f, &part, 1, &stop, 1));
	flow_free(f);
	free(v);
}

int main(void)
{
	test_ways();
	test_large();
	return unit_end();
}
