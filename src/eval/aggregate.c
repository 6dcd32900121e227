/* aggregate.c - what count(), sum(), avg(), min(), max(), stats(), hist(), lhist() and tseries() do with a value.
 *
 * An aggregate is the state behind one key of a map: numbers that are only added to. All are 64 bits wide and
 * wrap around; a histogram's buckets are made when its first value comes.
 */
#include "eval/eval.h"

static bool less(const struct type *t, int64_t a, int64_t b)
{
	return t->is_signed ? a < b : (uint64_t)a < (uint64_t)b;
}

/* Bucket 0: negative. Then 2^k buckets of one number each; from 2^k on each power of two has 2^k buckets. */
static unsigned hist_bucket(uint64_t k, int64_t n)
{
	unsigned power;

	if (n < 0)
		return 0;
	if (n < 1ll << k)
		return (unsigned)n + 1;
	power = 63 - (unsigned)__builtin_clzll((unsigned long long)n);
	return (unsigned)(((power - k + 1) << k) + ((uint64_t)n >> (power - k) & ((1u << k) - 1)) + 1);
}

static unsigned lhist_bucket(const struct type *t, int64_t n)
{
	if (n < t->lhist_min || t->lhist_step <= 0)
		return 0;
	if (n > t->lhist_max)
		n = t->lhist_max;
	return (unsigned)((n - t->lhist_min) / t->lhist_step) + 1;
}

static void add_to_bucket(const struct type *t, struct aggregate *a, unsigned bucket)
{
	unsigned n = aggregate_buckets(t);

	if (!a->buckets)
		a->buckets = mem_alloc(n * sizeof(*a->buckets));
	a->buckets[bucket < n ? bucket : n - 1]++;
}

void aggregate_add(const struct type *t, struct aggregate *a, int64_t n)
{
	bool first = a->count++ == 0;

	switch (t->kind) {
	case TYPE_MIN:
		a->min = first || less(t, n, a->min) ? n : a->min;
		break;
	case TYPE_MAX:
		a->max = first || less(t, a->max, n) ? n : a->max;
		break;
	case TYPE_HIST:
		add_to_bucket(t, a, hist_bucket(t->count, n));
		break;
	case TYPE_LHIST:
		add_to_bucket(t, a, lhist_bucket(t, n));
		break;
	default:
		a->total = (int64_t)((uint64_t)a->total + (uint64_t)n);
	}
}

/* ---- tseries: a ring of intervals ---- */

static void fold(const struct type *t, struct interval *i, int64_t n)
{
	const char *how = t->text ? t->text : "";
	bool first = i->count++ == 0;

	i->total = (int64_t)((uint64_t)i->total + (uint64_t)n);
	if (how[0] == 's')			/* sum */
		i->value = i->total;
	else if (how[0] == 'a')			/* avg */
		i->value = t->is_signed ? i->total / (int64_t)i->count :
					  (int64_t)((uint64_t)i->total / i->count);
	else if (how[0] == 'm')			/* min, max */
		i->value = first || less(t, n, i->value) == (how[1] == 'i') ? n : i->value;
	else
		i->value = n;
}

void aggregate_add_at(const struct type *t, struct aggregate *a, int64_t n, uint64_t ns)
{
	uint64_t number = ns / (uint64_t)(t->lhist_step > 0 ? t->lhist_step : 1);
	struct interval *i;

	if (!t->count)
		return;
	if (!a->intervals)
		a->intervals = mem_alloc((size_t)t->count * sizeof(*a->intervals));
	i = &a->intervals[number % t->count];
	if (!i->used || i->number != number) {
		if (i->used && i->number > number)
			return;			/* older than what the ring still holds */
		*i = (struct interval){ .number = number, .used = true };
	}
	fold(t, i, n);
	a->count++;
}
