/* text_head.c - the head of a line of a trace: who, where, when.
 *
 * The kernel and its tools have written it in many ways:
 *
 *	            bash-4711  [001] 8123.401883: ...			before 3.2, and without irq-info
 *	            bash-4711  [001] d..2 8123.401883: ...		four flags; five from 5.15 on
 *	            bash-4711  (  4711) [001] d..2 8123.401883: ...	option record-tgid; (-------): not known
 *	            bash-4711  [001] d..2 77123: ...			a clock that only counts
 *	    bash-4711    1d..2    12us+: ...				option latency-format
 *	    bash-4711    1d..2  8123.401883: ...			trace-cmd report -l
 *	web:              bash-4711  [001] 8123.401883: ...		trace-cmd report, of the instance `web`
 *	            bash    4711   1 1 00000001 00000000 [0001e240] 12.345ms (+0.001ms): ...	and verbose
 *	[  812.4] bash-4711    1d..2    12us+: ...			ftrace_dump_on_oops, in the kernel's log
 *	            bash  4711 [001]  8123.401883: ...			perf script; 4711/4712 with the process
 *
 * The name of a task is data from a stranger: it may hold blanks, dashes, brackets and digits, so it can look
 * like the rest of a head. The kernel writes it to the right of 16 columns (8 in the latency format), so the
 * dash before the number has its place, and that place is tried first. Only where somebody has taken the
 * blanks away, the first dash behind which all the rest fits is taken.
 */
#include "trace/text.h"

enum {
	COMM_WIDTH = 16,
	COMM_MAX = 15,
	HEAD_MAX = 160,			/* no head is longer */
	FLAGS_MAX = 8,
};

/* ---- small words ---- */

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* A decimal number below 2^63; NULL when there is none. */
static const char *take_number(const char *p, const char *end, uint64_t *out)
{
	const char *begin = p;
	uint64_t v = 0;

	for (; p < end && is_digit(*p); p++) {
		if (v > (INT64_MAX - 9) / 10)
			return NULL;
		v = v * 10 + (uint64_t)(*p - '0');
	}
	*out = v;
	return p > begin ? p : NULL;
}

static const char *take_int(const char *p, const char *end, int *out)
{
	uint64_t v;

	p = take_number(p, end, &v);
	if (!p || v > INT32_MAX)
		return NULL;
	*out = (int)v;
	return p;
}

/* What stands between the time and the event: `: `, or `:` at the end. */
static const char *take_colon(const char *p, const char *end)
{
	if (p == end || *p != ':' || (p + 1 < end && p[1] != ' ' && p[1] != '\t'))
		return NULL;
	return skip_blanks(p + 1, end);
}

/* ---- the time ---- */

/* Seconds with a fraction become nanoseconds; a number without one is what the clock counts. */
static const char *take_time(const char *p, const char *end, uint64_t *ns)
{
	unsigned digits = 0;
	uint64_t fraction = 0;

	p = take_number(p, end, ns);
	if (!p || p == end || *p != '.')
		return p;
	for (p++; p < end && is_digit(*p); p++, digits++)
		if (digits < 9)
			fraction = fraction * 10 + (uint64_t)(*p - '0');
	for (unsigned i = digits; i < 9; i++)
		fraction *= 10;
	if (!digits || *ns > INT64_MAX / 1000000000 - 1)
		return NULL;
	*ns = *ns * 1000000000 + fraction;
	return p;
}

/* ---- the parts behind the task's number ---- */

/* `(  4711)`, `(-------)` */
static const char *take_tgid(const char *p, const char *end, pid_t *tgid)
{
	const char *q = skip_blanks(p + 1, end), *digits = take_int(q, end, tgid);

	if (!digits) {
		*tgid = -1;
		digits = q;
		while (digits < end && *digits == '-')
			digits++;
		if (digits == q)
			return NULL;
	}
	digits = skip_blanks(digits, end);
	return digits < end && *digits == ')' ? digits + 1 : NULL;
}

/* `[001]` and at least one blank */
static const char *take_cpu(const char *p, const char *end, int *cpu)
{
	if (p == end || *p != '[')
		return NULL;
	p = take_int(p + 1, end, cpu);
	return p && end - p > 2 && *p == ']' && (p[1] == ' ' || p[1] == '\t') ? skip_blanks(p + 1, end) : NULL;
}

/* `d..2. `; they say in what state the CPU was, which we do not show, and a time never begins as they do. */
static const char *skip_flags(const char *p, const char *end)
{
	const char *q = p;

	if (p < end && is_digit(*p))
		return p;
	while (q < end && *q != ' ' && *q != '\t' && q - p <= FLAGS_MAX)
		q++;
	return q > p && q < end && (*q == ' ' || *q == '\t') ? skip_blanks(q, end) : NULL;
}

static bool set_body(struct text_head *h, const char *p, const char *end)
{
	h->body = (struct slice){ p, (size_t)(end - p) };
	return p < end;
}

/* `(TGID) [CPU] FLAGS TIME: `, behind the number */
static bool take_usual(const char *p, const char *end, struct text_head *h)
{
	p = skip_blanks(p, end);
	h->tgid = -1;
	if (p < end && *p == '(') {
		p = take_tgid(p, end, &h->tgid);
		p = p ? skip_blanks(p, end) : NULL;
	}
	p = p ? take_cpu(p, end, &h->cpu) : NULL;
	p = p ? skip_flags(p, end) : NULL;
	p = p ? take_time(p, end, &h->time_ns) : NULL;
	p = p ? take_colon(p, end) : NULL;
	return p && set_body(h, p, end);
}

/* `  1d..2   12us+: `, or without `us` where the clock only counts */
static bool take_latency(const char *p, const char *end, struct text_head *h)
{
	uint64_t time;

	p = take_int(skip_blanks(p, end), end, &h->cpu);
	if (!p || p == end || is_digit(*p) || *p == ' ')
		return false;
	p = skip_flags(p, end);
	p = p ? take_time(p, end, &time) : NULL;
	if (!p)
		return false;
	h->tgid = -1;
	h->time_ns = time;
	if (end - p > 2 && p[0] == 'u' && p[1] == 's') {
		if (time > INT64_MAX / 1000)
			return false;
		h->time_ns = time * 1000;
		p += 2;
		p += *p != ':' && *p != '\0';	/* how long until the next one: a blank or a mark */
	}
	p = take_colon(p, end);
	return p && set_body(h, p, end);
}

/* trace-cmd writes the name of an instance, or of a file, before the task's. */
static const char *skip_instance(const char *begin, const char *end)
{
	const char *colon = memchr(begin, ':', (size_t)(end - begin)), *p;

	if (end - begin <= COMM_MAX || !colon)
		return begin;
	p = skip_blanks(colon + 1, end);
	return p > colon + 1 && end - p <= COMM_MAX ? p : begin;
}

/* COMM-PID ..., with the dash at p. */
static bool take_behind_dash(struct slice line, const char *dash, struct text_head *h)
{
	const char *end = slice_end(line), *begin, *p = take_int(dash + 1, end, &h->tid);

	if (!p || p == end || (*p != ' ' && *p != '\t'))
		return false;
	if (!take_usual(p, end, h) && !take_latency(p, end, h))
		return false;
	begin = skip_instance(skip_blanks(line.s, dash), dash);
	h->comm = (struct slice){ begin, (size_t)(dash - begin) };
	h->perf = false;
	return true;
}

/* ---- the whole head ---- */

static bool dash_at(struct slice line, size_t column, struct text_head *h)
{
	return line.n > column + 1 && line.s[column] == '-' && take_behind_dash(line, line.s + column, h);
}

static bool any_dash(struct slice line, struct text_head *h)
{
	size_t n = line.n < HEAD_MAX ? line.n : HEAD_MAX;

	for (size_t i = 0; i + 1 < n; i++)
		if (line.s[i] == '-' && is_digit(line.s[i + 1]) && take_behind_dash(line, line.s + i, h))
			return true;
	return false;
}

/* COMM PID [CPU] TIME: or COMM PID/TID [CPU] TIME:, with the bracket at p. */
static bool take_perf(struct slice line, const char *bracket, struct text_head *h)
{
	const char *end = slice_end(line), *p = bracket, *number, *comm_end;

	while (p > line.s && p[-1] == ' ')
		p--;
	for (number = p; number > line.s && (is_digit(number[-1]) || number[-1] == '/');)
		number--;
	if (number == p || number == line.s || number[-1] != ' ' || p == bracket)
		return false;
	h->tgid = -1;
	p = take_int(number, end, &h->tid);
	if (p && *p == '/') {
		h->tgid = h->tid;
		p = take_int(p + 1, end, &h->tid);
	}
	if (!p || (p = take_cpu(bracket, end, &h->cpu)) == NULL || (p = take_time(p, end, &h->time_ns)) == NULL ||
	    (p = take_colon(p, end)) == NULL)
		return false;
	for (comm_end = number; comm_end > line.s && comm_end[-1] == ' ';)
		comm_end--;
	number = skip_blanks(line.s, comm_end);
	h->comm = (struct slice){ number, (size_t)(comm_end - number) };
	h->perf = true;
	return set_body(h, p, end);
}

static bool any_perf(struct slice line, struct text_head *h)
{
	size_t n = line.n < HEAD_MAX ? line.n : HEAD_MAX;

	for (size_t i = 1; i < n; i++)
		if (line.s[i] == '[' && line.s[i - 1] == ' ' && take_perf(line, line.s + i, h))
			return true;
	return false;
}

/* Words of a line, separated by blanks; NULL when there are no more. */
static const char *skip_word(const char *p, const char *end)
{
	p = skip_blanks(p, end);
	if (p == end)
		return NULL;
	while (p < end && *p != ' ')
		p++;
	return p;
}

static const char *take_hex(const char *p, const char *end, uint64_t *out)
{
	const char *begin = p;

	for (*out = 0; p < end && p - begin < 16; p++) {
		unsigned char c = (unsigned char)*p;

		if (is_digit(*p))
			*out = *out << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			*out = *out << 4 | (c - 'a' + 10u);
		else
			break;
	}
	return p > begin ? p : NULL;
}

/* COMM PID CPU POLICY FLAGS COUNT [MICROSECONDS] 12.345ms (+0.001ms): */
static bool take_verbose(struct slice line, struct text_head *h)
{
	const char *end = slice_end(line), *p, *begin;
	uint64_t time;

	if (line.n < COMM_WIDTH + 32 || line.s[COMM_WIDTH] != ' ')
		return false;
	p = take_int(skip_blanks(line.s + COMM_WIDTH, end), end, &h->tid);
	p = p ? take_int(skip_blanks(p, end), end, &h->cpu) : NULL;
	for (unsigned i = 0; p && i < 3; i++)
		p = skip_word(p, end);
	p = p ? skip_blanks(p, end) : NULL;
	p = p && p < end && *p == '[' ? take_hex(p + 1, end, &time) : NULL;
	if (!p || p == end || *p != ']' || time > INT64_MAX / 1000)
		return false;
	p = memmem(p, (size_t)(end - p), "): ", 3);
	if (!p)
		return false;
	begin = skip_blanks(line.s, line.s + COMM_WIDTH);
	h->comm = (struct slice){ begin, (size_t)(line.s + COMM_WIDTH - begin) };
	h->tgid = -1;
	h->time_ns = time * 1000;
	h->perf = false;
	return set_body(h, p + 3, end);
}

/* `[  812.401883] `: the kernel's log writes it before each line. */
static struct slice without_log_time(struct slice line)
{
	const char *end = slice_end(line), *p;
	uint64_t ns;

	if (!line.n || line.s[0] != '[')
		return line;
	p = take_time(skip_blanks(line.s + 1, end), end, &ns);
	if (!p || end - p < 2 || p[0] != ']' || p[1] != ' ')
		return line;
	p += 2;
	return (struct slice){ p, (size_t)(end - p) };
}

bool text_head_parse(struct slice line, struct text_head *h)
{
	if (dash_at(line, COMM_WIDTH, h))
		return true;
	line = without_log_time(line);
	return dash_at(line, COMM_WIDTH / 2, h) || any_dash(line, h) || any_perf(line, h) || take_verbose(line, h);
}
