/* pairs.c - a return gets the values that its function's entry had.
 *
 * When a function returns, its arguments are gone from the registers. So they are fetched at the entry, by a site of
 * its own (site->entry), and kept until the return comes. Which return belongs to which entry? Calls nest, so their
 * frames lie on the stack one below the other, and no two calls that are under way have the same place:
 *
 *	high addresses	main		entry f  tid 7, sp 0x7ffe10
 *			  f 0x7ffe10	entry f  tid 7, sp 0x7ffd80	a recursion
 *			    f 0x7ffd80	return   tid 7, sp 0x7ffd80	belongs to the inner one
 *	low addresses
 *
 * The key is the thread, and the stack pointer as it was at the function's first instruction. At a return instruction
 * it is the same again; behind it, where the kernel's own return probe looks, the return address is popped.
 * Goroutines change threads, and their stacks move: for them it is the goroutine, and how far the stack pointer is
 * from the stack's end, which does not change when all of it is copied.
 *
 * Not every call returns: longjmp, exceptions, the end of a thread, records that were lost. Such a call is forgotten
 * when another one returns to, or begins at, a place above it on the same stack; a call that begins at the very place
 * takes over from it. (Threads may have several stacks: for coroutines, for signals. So only what is near is taken to
 * be on the same one.) When records were lost an entry may be among them, and its return would be taken for that of an
 * older call in the same place: so all is forgotten then. In doubt a return has no entry, and never a wrong one.
 */
#include "eval/eval.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUCKETS = 4096,
	NEAR = 16 << 20,		/* bytes: what is further away is on another stack */
	MAX_CALLS = 1 << 18,		/* that are remembered */
};

/* A call that has not returned yet. */
struct call {
	const struct site *entry;
	int64_t frame;
	struct captured *values;	/* with their bytes behind them, in one block */
};

/* The calls of one thread, or of one goroutine of a process; the innermost one is the last. */
struct calls {
	uint64_t owner;
	pid_t process;
	struct call *list;
	size_t n;
	struct calls *next;		/* in the bucket */
};

struct pairs {
	struct calls *buckets[BUCKETS];
	size_t n_calls;
	struct sink next;
	struct captured *values;	/* of the return at hand */
	size_t n_values;
};

/* ---- the calls that are under way ---- */

static struct calls **place_of(struct pairs *p, const struct record *r)
{
	uint64_t owner = r->owner ? r->owner : (uint64_t)r->tid;
	pid_t process = r->owner ? r->pid : 0;
	struct calls **at = &p->buckets[(owner * 0x9e3779b97f4a7c15ull ^ (uint64_t)process) >> 52];

	while (*at && ((*at)->owner != owner || (*at)->process != process))
		at = &(*at)->next;
	return at;
}

static struct calls *calls_of(struct pairs *p, const struct record *r)
{
	struct calls **at = place_of(p, r);

	if (!*at) {
		*at = mem_alloc(sizeof(**at));
		(*at)->owner = r->owner ? r->owner : (uint64_t)r->tid;
		(*at)->process = r->owner ? r->pid : 0;
	}
	return *at;
}

static void forget_last(struct pairs *p, struct calls *s)
{
	free(s->list[--s->n].values);
	p->n_calls--;
}

static void remove_calls(struct pairs *p, struct calls **at)
{
	struct calls *s = *at;

	while (s->n)
		forget_last(p, s);
	*at = s->next;
	free(s->list);
	free(s);
}

static void forget_all(struct pairs *p)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (p->buckets[i])
			remove_calls(p, &p->buckets[i]);
}

/* Is the call on the same stack as the frame, and below it? Then it is over, however it ended. */
static bool is_below(const struct call *c, int64_t frame)
{
	return c->frame < frame && frame - c->frame < NEAR;
}

static void forget_below(struct pairs *p, struct calls *s, int64_t frame)
{
	while (s->n && is_below(&s->list[s->n - 1], frame))
		forget_last(p, s);
}

/* The call that began there, or NULL. Others may have begun in the same place, by tail calls. */
static struct call *find(struct calls *s, const struct site *entry, int64_t frame)
{
	for (size_t i = s->n; i-- > 0;) {
		struct call *c = &s->list[i];

		if (c->frame == frame && c->entry == entry)
			return c;
		if (c->frame > frame && c->frame - frame < NEAR)
			return NULL;
	}
	return NULL;
}

static void remove_call(struct pairs *p, struct calls *s, struct call *c)
{
	free(c->values);
	memmove(c, c + 1, (size_t)(s->list + s->n - (c + 1)) * sizeof(*c));
	s->n--;
	p->n_calls--;
}

/* A copy of the values, in one block. */
static struct captured *keep(const struct captured *values, unsigned n)
{
	size_t size = n * sizeof(*values);
	struct captured *kept;
	unsigned char *data;

	for (unsigned i = 0; i < n; i++)
		size += values[i].valid ? values[i].len : 0;
	kept = mem_alloc(size ? size : 1);
	data = (unsigned char *)(kept + n);
	for (unsigned i = 0; i < n; i++) {
		kept[i] = values[i];
		if (!values[i].valid || !values[i].len)
			continue;
		memcpy(data, values[i].data, values[i].len);
		kept[i].data = data;
		data += values[i].len;
	}
	return kept;
}

/* ---- the sink ---- */

static void begin(struct pairs *p, const struct record *r)
{
	struct calls *s;
	struct call *again;

	if (p->n_calls == MAX_CALLS)
		forget_all(p);
	s = calls_of(p, r);
	forget_below(p, s, r->frame);
	again = find(s, r->site, r->frame);
	if (again)
		remove_call(p, s, again);
	*MEM_PUSH(s->list, s->n) = (struct call){ r->site, r->frame, keep(r->values, r->site->n_captures) };
	p->n_calls++;
}

/* The values of the return, with those of the entry among them. c may be NULL. */
static const struct captured *join(struct pairs *p, const struct record *r, const struct call *c)
{
	static const struct captured unknown = { .absent = "entry not seen" };
	unsigned n = r->site->n_captures;

	if (n > p->n_values) {
		p->values = mem_resize(p->values, n * sizeof(*p->values));
		p->n_values = n;
	}
	for (unsigned i = 0; i < n; i++) {
		const struct capture *capture = &r->site->captures[i];

		p->values[i] = !capture->at_entry ? r->values[i] : c ? c->values[capture->entry_capture] : unknown;
	}
	return p->values;
}

/* A program would compute with what is not there. */
static bool say_unpaired(struct pairs *p, const struct record *r)
{
	struct lost l = { .count = 1, .cpu = r->cpu, .site = r->site,
			  .why = "the function's entry was not seen, and the program asks for its values" };

	return p->next.lost(p->next.ctx, &l);
}

static bool end(struct pairs *p, const struct record *record)
{
	struct calls **at = place_of(p, record), *s = *at;
	struct record r = *record;
	struct call *c = NULL;
	bool ok;

	if (s) {
		forget_below(p, s, r.frame);
		c = find(s, r.site->entry, r.frame);
	}
	if (!c && r.site->def->tap)
		return say_unpaired(p, record);
	r.values = join(p, record, c);
	ok = p->next.record(p->next.ctx, &r);
	if (c)
		remove_call(p, s, c);
	if (s && !s->n)
		remove_calls(p, at);
	return ok;
}

static bool take_record(void *ctx, const struct record *r)
{
	struct pairs *p = ctx;

	if (r->site->companion) {
		begin(p, r);
		return true;
	}
	return r->site->entry ? end(p, r) : p->next.record(p->next.ctx, r);
}

static bool take_lost(void *ctx, const struct lost *l)
{
	struct pairs *p = ctx;

	if (!l->at_most && (!l->site || l->site->companion || l->site->entry))
		forget_all(p);
	return p->next.lost(p->next.ctx, l);
}

static void take_mapped(void *ctx, const struct mapped *m)
{
	struct pairs *p = ctx;

	p->next.mapped(p->next.ctx, m);
}

/* ---- the front door ---- */

struct pairs *pairs_new(void)
{
	return mem_alloc(sizeof(struct pairs));
}

void pairs_free(struct pairs *p)
{
	if (!p)
		return;
	forget_all(p);
	free(p->values);
	free(p);
}

struct sink pairs_sink(struct pairs *p, const struct sink *next)
{
	p->next = *next;
	return (struct sink){ p, take_record, take_lost, next->mapped ? take_mapped : NULL };
}
