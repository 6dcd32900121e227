/* agg.c - the functions of maps that are only added to: @x = count(), @ns[comm] = hist(nsecs - @start[tid]).
 *
 * The rows say what type the map gets; the adding is eval/aggregate.c's, and so these rows have no function of
 * their own to compute them.
 */
#include "builtin/builtin.h"

#include <string.h>

static struct type *new_type(struct checker *c, struct node *n, enum type_kind kind)
{
	struct type *t = arena_alloc(c->arena, sizeof(*t));

	*t = (struct type){ .kind = kind, .size = 8 };
	t->is_signed = n->n_list && n->list[0]->type->is_signed;
	n->type = t;
	return t;
}

static bool check_count(struct checker *c, struct node *n)
{
	new_type(c, n, TYPE_COUNT);
	return true;
}

static bool check_number(struct checker *c, struct node *n, enum type_kind kind)
{
	if (!check_integer_arg(c, n, 0))
		return false;
	new_type(c, n, kind);
	return true;
}

static bool check_sum(struct checker *c, struct node *n)
{
	return check_number(c, n, TYPE_SUM);
}

static bool check_min(struct checker *c, struct node *n)
{
	return check_number(c, n, TYPE_MIN);
}

static bool check_max(struct checker *c, struct node *n)
{
	return check_number(c, n, TYPE_MAX);
}

static bool check_avg(struct checker *c, struct node *n)
{
	return check_number(c, n, TYPE_AVG);
}

static bool check_stats(struct checker *c, struct node *n)
{
	return check_number(c, n, TYPE_STATS);
}

static bool check_hist(struct checker *c, struct node *n)
{
	int64_t bits = 0;

	if (!check_integer_arg(c, n, 0) || (n->n_list > 1 && !check_literal_int(c, n, 1, &bits)))
		return false;
	if (bits < 0 || bits > 5)
		return diag_error(c->diags, n->span, "hist: bits %lld must be 0..5", (long long)bits);
	new_type(c, n, TYPE_HIST)->count = (uint64_t)bits;
	return true;
}

enum { LHIST_BUCKETS_MAX = 1000 };

static bool check_lhist(struct checker *c, struct node *n)
{
	int64_t min, max, step;
	struct type *t;

	if (!check_integer_arg(c, n, 0) || !check_literal_int(c, n, 1, &min) || !check_literal_int(c, n, 2, &max) ||
	    !check_literal_int(c, n, 3, &step))
		return false;
	if (step <= 0)
		return diag_error(c->diags, n->span, "lhist() step must be >= 1 (%lld provided)", (long long)step);
	if (min < 0)
		return diag_error(c->diags, n->span, "lhist() min must be non-negative (provided min %lld)",
				  (long long)min);
	if (min > max)
		return diag_error(c->diags, n->span, "lhist() min must be less than max (provided min %lld and max %lld)",
				  (long long)min, (long long)max);
	if ((max - min) / step > LHIST_BUCKETS_MAX)
		return diag_error(c->diags, n->span, "lhist() too many buckets, must be <= %d (would need %lld)",
				  LHIST_BUCKETS_MAX, (long long)((max - min) / step));
	t = new_type(c, n, TYPE_LHIST);
	t->lhist_min = min;
	t->lhist_max = max;
	t->lhist_step = step;
	return true;
}

enum { TSERIES_MAX = 1000000 };

static bool check_tseries(struct checker *c, struct node *n)
{
	int64_t interval, count;
	const char *how = NULL;
	struct type *t;

	if (!check_integer_arg(c, n, 0) || !check_literal_int(c, n, 1, &interval) ||
	    !check_literal_int(c, n, 2, &count) || (n->n_list > 3 && !check_literal_string(c, n, 3, &how)))
		return false;
	if (interval <= 0)
		return diag_error(c->diags, n->span, "tseries() interval_ns must be >= 1 (%lld provided)",
				  (long long)interval);
	if (count <= 0 || count > TSERIES_MAX)
		return diag_error(c->diags, n->span, "tseries() num_intervals must be >= 1 and <= %d (%lld provided)",
				  TSERIES_MAX, (long long)count);
	if (how && strcmp(how, "avg") != 0 && strcmp(how, "max") != 0 && strcmp(how, "min") != 0 &&
	    strcmp(how, "sum") != 0)
		return diag_error(c->diags, n->span,
				  "tseries() expects one of the following aggregation functions: avg, max, min, sum (\"%s\" "
				  "provided)", how);
	t = new_type(c, n, TYPE_TSERIES);
	t->lhist_step = interval;
	t->count = (uint64_t)count;
	t->text = how;
	return true;
}

const struct builtin builtin_agg[] = {
	{ "count", BUILTIN_AGGREGATE, 0, 0, .usage = "count()", .about = "how often", .check = check_count },
	{ "sum", BUILTIN_AGGREGATE, 1, 1, .usage = "sum(int64 n)", .about = "total of n", .check = check_sum },
	{ "min", BUILTIN_AGGREGATE, 1, 1, .usage = "min(int64 n)", .about = "smallest n", .check = check_min },
	{ "max", BUILTIN_AGGREGATE, 1, 1, .usage = "max(int64 n)", .about = "largest n", .check = check_max },
	{ "avg", BUILTIN_AGGREGATE, 1, 1, .usage = "avg(int64 n)", .about = "average of n", .check = check_avg },
	{ "stats", BUILTIN_AGGREGATE, 1, 1, .usage = "stats(int64 n)", .about = "count, average and total of n",
	  .check = check_stats },
	{ "hist", BUILTIN_AGGREGATE, 1, 2, .usage = "hist(int64 n[, int k])",
	  .about = "histogram by powers of two, each in 2^k parts", .check = check_hist },
	{ "lhist", BUILTIN_AGGREGATE, 4, 4, .usage = "lhist(int64 n, int64 min, int64 max, int64 step)",
	  .about = "histogram in equal steps", .check = check_lhist },
	{ "tseries", BUILTIN_AGGREGATE, 3, 4,
	  .usage = "tseries(int64 n, int64 interval_ns, int64 num_intervals[, string how])",
	  .about = "n over time; how: avg, max, min, sum", .check = check_tseries },
	{ 0 }
};
