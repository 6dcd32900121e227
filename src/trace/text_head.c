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
 *	            bash  4711  8123.401883:     1 ...			... without the CPU; with a period
 *
 * The name of a task is data from a stranger: it may hold blanks, dashes, brackets and digits, so it can look
 * like the rest of a head. The kernel writes it to the right of 16 columns (8 in the latency format), so the
 * dash before the number has its place, and that place is tried first. Only where somebody has taken the
 * blanks away, the first dash behind which all the rest fits is taken.
 *
 * A log or a mail may have put something before the whole line: a time, `host kernel: `, `> `. What logs and mails
 * are known to write is cut off; of anything else, the 16 columns say where the name begins.
 */
#include "trace/text.h"

enum {
	COMM_WIDTH = 16,
	COMM_MAX = 15,
	LATENCY_WIDTH = 8,
	HEAD_MAX = 240,			/* no head is longer, even behind a log's words */
	DATE_MAX = 40,
	TAG_MAX = 100,			/* from a log's time to the end of its words */
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
static const char *skip_flags(const char *p, const char *end, bool *five)
{
	const char *q = p;

	*five = false;

	if (p < end && is_digit(*p))
		return p;
	while (q < end && *q != ' ' && *q != '\t' && q - p <= FLAGS_MAX)
		q++;
	*five = q - p == 5;
	return q > p && q < end && (*q == ' ' || *q == '\t') ? skip_blanks(q, end) : NULL;
}

/* `(+615)   `: trace-cmd report --ts-diff, behind the time; blanks in the first record. */
static const char *skip_ts_diff(const char *p, const char *end)
{
	uint64_t diff;
	const char *q;

	if (end - p < 4 || p[0] != '(' || p[1] != '+')
		return p;
	q = take_number(p + 2 + (p[2] == '-'), end, &diff);
	return q && end - q > 1 && q[0] == ')' && q[1] == ' ' ? skip_blanks(q + 1, end) : p;
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
	p = p ? skip_flags(p, end, &h->five_flags) : NULL;
	p = p ? take_time(p, end, &h->time_ns) : NULL;
	p = p ? take_colon(p, end) : NULL;
	return p && set_body(h, skip_ts_diff(p, end), end);
}

/* `  1d..2   12us+: `, or without `us` where the clock only counts */
static bool take_latency(const char *p, const char *end, struct text_head *h)
{
	uint64_t time;

	p = take_int(skip_blanks(p, end), end, &h->cpu);
	if (!p || p == end || is_digit(*p) || *p == ' ')
		return false;
	p = skip_flags(p, end, &h->five_flags);
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
	return p && set_body(h, skip_ts_diff(p, end), end);
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

/* Where the name begins that ends at the dash. When there is more than a name, the kernel's columns tell: the
 * first of them is always blank. */
static const char *comm_begin(struct slice line, const char *dash, size_t width, struct text_head *h)
{
	const char *begin = skip_instance(skip_blanks(line.s, dash), dash), *p;

	if (dash - begin <= (width == COMM_WIDTH ? COMM_MAX : LATENCY_WIDTH))
		return begin;
	p = dash - (width < (size_t)(dash - line.s) ? width : (size_t)(dash - line.s));
	h->prefix = (size_t)(p - line.s);
	if (*p == ' ' || width == LATENCY_WIDTH)
		return skip_blanks(p, dash);
	h->prefix = 0;
	for (p = dash; p > begin && p[-1] != ' ';)
		p--;
	return p < dash ? p : begin;
}

/* COMM-PID ..., with the dash at p. */
static bool take_behind_dash(struct slice line, const char *dash, struct text_head *h)
{
	const char *end = slice_end(line), *p = take_int(dash + 1, end, &h->tid);

	if (!p || p == end || (*p != ' ' && *p != '\t'))
		return false;
	if (take_usual(p, end, h))
		p = comm_begin(line, dash, COMM_WIDTH, h);
	else if (take_latency(p, end, h))
		p = comm_begin(line, dash, LATENCY_WIDTH, h);
	else
		return false;
	h->comm = slice_between(p, dash);
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

/* `     250000 cycles:u: `: how many of the event one record stands for. */
static const char *skip_period(const char *p, const char *end)
{
	uint64_t period;
	const char *q = take_number(p, end, &period), *label = q ? skip_blanks(q, end) : NULL, *colon;

	if (!q || label == q || label == end || is_digit(*label) || !is_word(*label))
		return p;
	for (colon = label; colon < end && *colon != ' ' && *colon != ':';)
		colon++;
	return colon < end && *colon == ':' ? label : p;
}

/* COMM PID [CPU] TIME: or COMM PID/TID [CPU] TIME:, with the bracket, or the time, at `rest`. */
static bool take_perf(struct slice line, const char *rest, struct text_head *h)
{
	const char *end = slice_end(line), *p = rest, *number, *comm_end;

	while (p > line.s && p[-1] == ' ')
		p--;
	for (number = p; number > line.s && (is_digit(number[-1]) || number[-1] == '/');)
		number--;
	if (number == p || number == line.s || number[-1] != ' ' || p == rest)
		return false;
	h->tgid = -1;
	h->cpu = -1;
	p = take_int(number, end, &h->tid);
	if (p && *p == '/') {
		h->tgid = h->tid;
		p = take_int(p + 1, end, &h->tid);
	}
	if (p && *rest == '[')
		rest = take_cpu(rest, end, &h->cpu);
	if (!p || !rest || (p = take_time(rest, end, &h->time_ns)) == NULL || (p = take_colon(p, end)) == NULL)
		return false;
	for (comm_end = number; comm_end > line.s && comm_end[-1] == ' ';)
		comm_end--;
	number = skip_blanks(line.s, comm_end);
	h->comm = (struct slice){ number, (size_t)(comm_end - number) };
	h->perf = true;
	h->five_flags = false;
	return set_body(h, skip_period(p, end), end);
}

/* `8123.401883: ` */
static bool is_fine_time(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && is_digit(*q))
		q++;
	if (q == p || q == end || *q != '.')
		return false;
	for (p = ++q; q < end && is_digit(*q);)
		q++;
	return q - p >= 6 && end - q > 1 && q[0] == ':' && q[1] == ' ';
}

static bool any_perf(struct slice line, struct text_head *h)
{
	size_t n = line.n < HEAD_MAX ? line.n : HEAD_MAX;

	for (size_t i = 1; i < n; i++)
		if (line.s[i] == '[' && line.s[i - 1] == ' ' && take_perf(line, line.s + i, h))
			return true;
	for (size_t i = 1; i < n; i++)
		if (line.s[i - 1] == ' ' && is_fine_time(line.s + i, slice_end(line)) &&
		    take_perf(line, line.s + i, h))
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
	h->perf = h->five_flags = false;
	return set_body(h, p + 3, end);
}

/* ---- what stands before the line ---- */

/* `12:34:56` */
static bool is_clock(const char *p, const char *end)
{
	return end - p >= 8 && is_digit(p[0]) && is_digit(p[1]) && p[2] == ':' && is_digit(p[3]) && is_digit(p[4]) &&
	       p[5] == ':' && is_digit(p[6]) && is_digit(p[7]);
}

static const char *find_clock(const char *p, const char *end)
{
	while (p < end && !is_clock(p, end))
		p++;
	return p < end ? p : NULL;
}

/* `> ` */
static const char *take_quote(const char *p, const char *end)
{
	return end - p > 1 && p[0] == '>' && (p[1] == ' ' || p[1] == '>') ? p + 1 + (p[1] == ' ') : NULL;
}

/* `<4>` */
static const char *take_level(const char *p, const char *end)
{
	uint64_t level;

	p = p < end && *p == '<' ? take_number(p + 1, end, &level) : NULL;
	return p && p < end && *p == '>' ? p + 1 : NULL;
}

/* `[   12.345678] `, `[  T123] `, `[    C0] `, `[Mon Jan  1 12:00:00 2024] `: the kernel's log, and dmesg. */
static const char *take_bracket(const char *p, const char *end)
{
	const char *close = p < end && *p == '[' ? memchr(p, ']', (size_t)(end - p)) : NULL, *word, *q;
	uint64_t number;

	if (!close || close - p > DATE_MAX)
		return NULL;
	word = skip_blanks(p + 1, close);
	q = take_number(word, close, &number);
	if (q && *q == '.')
		q = take_number(q + 1, close, &number);
	else if (!q && (*word == 'T' || *word == 'C'))
		q = take_number(word + 1, close, &number);
	else
		q = NULL;
	if (q != close && !find_clock(word, close))
		return NULL;
	return close + 1 + (close + 1 < end && close[1] == ' ');
}

/* `Jan  1 12:00:00 host kernel: `, `2024-01-01T12:00:00+00:00 host kernel: `, `01-01 12:00:00.000  12  13 I tag: ` */
static const char *take_dated(const char *p, const char *end)
{
	const char *clock = p, *tag;

	if (p == end || !is_word(*p))
		return NULL;
	while (clock < end && clock - p < DATE_MAX && !is_clock(clock, end) &&
	       (is_word(*clock) || *clock == ' ' || *clock == '-'))
		clock++;
	if (clock - p < 5 || !is_clock(clock, end))
		return NULL;
	if (end - clock > TAG_MAX)
		end = clock + TAG_MAX;
	tag = memmem(clock, (size_t)(end - clock), ": ", 2);
	return tag ? tag + 2 : NULL;
}

static const char *(*const prefixes[])(const char *p, const char *end) = {
	take_quote, take_dated, take_level, take_bracket,
};

size_t text_prefix(struct slice line)
{
	const char *p = line.s, *end = slice_end(line);

	for (size_t i = 0; p < end && i < ARRAY_LEN(prefixes);) {
		const char *q = prefixes[i](p, end);

		if (q)
			p = q;
		i = q ? 0 : i + 1;
	}
	return (size_t)(p - line.s);
}

static bool parse_whole(struct slice line, struct text_head *h)
{
	return dash_at(line, COMM_WIDTH, h) || dash_at(line, LATENCY_WIDTH, h) || any_dash(line, h) ||
	       any_perf(line, h) || take_verbose(line, h);
}

bool text_head_parse(struct slice line, struct text_head *h)
{
	size_t n;

	h->prefix = 0;
	if (dash_at(line, COMM_WIDTH, h))
		return true;
	n = text_prefix(line);
	if (n && parse_whole((struct slice){ line.s + n, line.n - n }, h)) {
		h->prefix = n;
		return true;
	}
	return parse_whole(line, h);
}
