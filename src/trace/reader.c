/* reader.c - many queues in, one line of records out, in the order of time.
 *
 * Every CPU has a buffer of its own, and each is in order; but two of them must be merged, and while we
 * read the one, the other grows. When may a record be shown? When nothing older can still come. So each
 * round notes the clock, reads every queue, and hands over only what is older than the note of the round
 * before (and than a moment, in case rounds follow one another at once): whatever happened before that
 * note had long been written when this round read. The rest is kept back. What comes late all the same
 * (a virtual CPU may sleep in the middle of a write) is counted, and handed over.
 *
 *	round 1   note  |----- read cpu0 ---- read cpu1 -----|
 *	round 2                   note  |----- read ...    -----|	hands over all that is before note 1
 *
 * Records stay in the memory they were read into until they are handed over: nothing is copied or
 * allocated for a record. When much has piled up it is taken in portions, so that this memory stays small, and what
 * is handed over is still in the processor's cache. A queue that was not read to its end says up to where it was
 * (queue->whole), and nothing newer than that is handed over before its next portion.
 */
#include "trace/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define SETTLE_NS	1000000
#define MANY_ITEMS	256

/* ---- chunks ---- */

struct chunk *queue_chunk(struct queue *q, size_t room)
{
	struct chunk *c = q->spare;

	if (c)
		q->spare = c->next;
	if (!c || c->room < room) {
		c = mem_resize(c, sizeof(*c) + room);
		c->room = room;
	}
	c->next = NULL;
	c->size = 0;
	return c;
}

void queue_spare(struct queue *q, struct chunk *c)
{
	c->next = q->spare;
	q->spare = c;
}

void queue_add(struct queue *q, struct chunk *c)
{
	if (q->last)
		q->last->next = c;
	else
		q->first = c;
	q->last = c;
}

static void drop_first(struct queue *q)
{
	struct chunk *c = q->first;

	q->first = c->next;
	if (!q->first)
		q->last = NULL;
	q->at = 0;
	queue_spare(q, c);
}

/* Moves on to the next item, and gives back the chunks that have no more. */
static void advance(struct queue *q)
{
	while (q->first) {
		if (q->next(q, q->first, &q->item))
			return;
		drop_first(q);
	}
	q->item.kind = ITEM_NOTHING;
}

/* ---- rounds ---- */

struct queue *reader_queue(struct reader *r)
{
	struct queue *q = mem_alloc(sizeof(*q));

	*MEM_PUSH(r->queues, r->n_queues) = q;
	return q;
}

/* *whole becomes the time up to which all that there is was read. */
static long fill_all(struct reader *r, uint64_t note, uint64_t *whole)
{
	long got = 0;

	*whole = UINT64_MAX;
	for (unsigned i = 0; i < r->n_queues; i++) {
		struct queue *q = r->queues[i];
		long n;

		q->whole = UINT64_MAX;
		n = q->fill(q, note);
		if (n < 0)
			return n;
		got |= n;
		if (q->whole < *whole)
			*whole = q->whole;
		if (q->item.kind == ITEM_NOTHING)
			advance(q);
	}
	return got;
}

/* Handing over takes long when there is much: births are looked for in between. What it reads has its turn later. */
static int fill_background(struct reader *r, uint64_t note)
{
	for (unsigned i = 0; i < r->n_queues; i++) {
		long n = r->queues[i]->background ? r->queues[i]->fill(r->queues[i], note) : 0;

		if (n < 0)
			return (int)n;
	}
	return 0;
}

/* The queue with the oldest item; *until becomes the time at which another one has its turn. */
static struct queue *oldest(const struct reader *r, uint64_t *until)
{
	struct queue *best = NULL;

	for (unsigned i = 0; i < r->n_queues; i++) {
		struct queue *q = r->queues[i];

		if (q->item.kind == ITEM_NOTHING)
			continue;
		if (!best || q->item.time < best->item.time) {
			if (best && best->item.time < *until)
				*until = best->item.time;
			best = q;
		} else if (q->item.time < *until) {
			*until = q->item.time;
		}
	}
	return best;
}

/* Hands over everything up to a time. 0, -ECANCELED when handle said stop, or -errno. */
static int hand_over(struct reader *r, uint64_t limit, uint64_t note,
		     bool (*handle)(void *ctx, struct queue *q, const struct item *i), void *ctx)
{
	unsigned handed = 0;

	for (;;) {
		uint64_t until = limit;
		struct queue *q = oldest(r, &until);

		if (!q || q->item.time > limit)
			return 0;
		do {
			bool go_on;

			r->late += q->item.time < r->handed;
			if (q->item.time > r->handed)
				r->handed = q->item.time;
			go_on = handle(ctx, q, &q->item);
			advance(q);
			if (!go_on)
				return -ECANCELED;
			if (++handed % MANY_ITEMS == 0 && fill_background(r, note) < 0)
				return -EIO;
		} while (q->item.kind != ITEM_NOTHING && q->item.time < until);
	}
}

int reader_round(struct reader *r, bool last,
		 bool (*handle)(void *ctx, struct queue *q, const struct item *i), void *ctx)
{
	uint64_t now = os_clock_ns(CLOCK_BOOTTIME), note = last ? UINT64_MAX : now, limit = now - SETTLE_NS, whole;
	long any = 0;

	if (r->note < limit)
		limit = r->note;
	if (last)
		limit = UINT64_MAX;
	r->note = now;
	do {
		long got = fill_all(r, note, &whole);
		int err = got < 0 ? (int)got : hand_over(r, whole < limit ? whole : limit, note, handle, ctx);

		if (err)
			return err;
		any |= got;
	} while (whole != UINT64_MAX);
	r->horizon = limit;
	return any != 0;
}

bool reader_waits(const struct reader *r)
{
	for (unsigned i = 0; i < r->n_queues; i++)
		if (!r->queues[i]->background && r->queues[i]->item.kind != ITEM_NOTHING)
			return true;
	return false;
}

static void free_chunks(struct chunk *c)
{
	for (struct chunk *next; c; c = next) {
		next = c->next;
		free(c);
	}
}

void reader_release(struct reader *r)
{
	for (unsigned i = 0; i < r->n_queues; i++) {
		free_chunks(r->queues[i]->first);
		free_chunks(r->queues[i]->spare);
		free(r->queues[i]);
	}
	free(r->queues);
	*r = (struct reader){ 0 };
}
