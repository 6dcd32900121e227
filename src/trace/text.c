/* text.c - the text of a trace becomes records again.
 *
 * The kernel shows its ring buffer as text too, in `trace` and `trace_pipe`, and that is what people have: in
 * files, in mails, from tools that print it, from machines where nothing can be installed any more.
 *
 *	# tracer: nop						a comment
 *	            bash-4711  [001] d..2. 8123.401883: readline: (0x55d0 <- 0x55c0) cmd="ls -l
 *	/tmp"							the text in it had a newline
 *	            bash-4711  [001] d..2. 8123.401890: <user stack trace>
 *	 =>  <0000558a2b1c4149>					a frame of the record before
 *	CPU:0 [LOST 1530 EVENTS]				a loss
 *
 * Each line is one of these: a record's first line (it has a head: text_head.c), more of the text of the record
 * before, a frame of its stack, a loss, a comment, something that a tool is known to print. What is none of
 * them is counted, and the first few are kept to be shown.
 *
 * Where a record ends is known only when the next one begins, so the newest is held back, and its first line
 * is tried alone: when a text in it has no end there, the lines behind it belong to it up to where it is
 * whole. Lines that nobody else claims belong to a text that seemed whole, too; then its end is a guess.
 *
 * A stack is a line with a head of its own, right behind its record in the buffer of that CPU, but records of
 * other CPUs may stand between them. So a record waits until its CPU has the next one, or until there are too
 * many that wait. A pause of the input ends all waiting.
 *
 * A log, or a mail, may have written something before each line (text_head.c). When the last head had that, it is
 * cut off all lines that follow, and out of a body that goes on in them.
 *
 * The text stays in the memory that it was read into; records point into it.
 */
#include "trace/text.h"

#include <ctype.h>
#include <stdlib.h>

enum {
	ROOM = 64 * 1024,		/* that one read should have at least */
	BUFFER = 512 * 1024,		/* at first */
	MAX_LINE = 1024 * 1024,
	MAX_RECORD = 64 * 1024,		/* bytes; the kernel's own limit is one or two pages */
	MAX_TRIES = 64,			/* places where a text could end */
	MAX_WAITING = 64,		/* a power of two */
	MAX_CPUS = 256,			/* more share their place here */
	COMM_WIDTH = 16,
};

/* A piece of the buffer, which may move: places in it are counted from its start. */
struct extent {
	size_t begin, end;
};

/* A record that waits. */
struct waiting {
	struct extent comm, body;
	struct extent kstack, ustack;	/* the lines of their frames */
	const char *bare;		/* a stack without a record: its label; else NULL */
	size_t begin;			/* of its first line */
	size_t limit;			/* end of the lines behind it that may belong to it */
	size_t last_stray;		/* end of the last of them that nobody else claims */
	unsigned n_lines, n_strays;
	uint64_t line;			/* number of its first line */
	uint64_t time_ns;
	pid_t tid, tgid;
	int cpu;
	bool perf, closed, joined;
	bool prefixed;			/* a log has written something before each line */
};

struct text {
	struct sink sink;
	struct shapes *shapes;
	struct text_sum sum;

	char *buffer;
	size_t used, room;
	size_t at;			/* where the next line begins */
	size_t seen;			/* there is no newline from `at` to here */
	bool skipping;			/* the rest of a line that is too long */
	bool stopped;			/* by the sink */

	struct waiting queue[MAX_WAITING];
	bool heads;			/* there was one */
	bool prefixed;			/* the last one had something before it */
	struct str prefix;		/* what; empty: what logs are known to write */
	struct str clean;		/* a body of several lines without it */

	uint64_t first, next;		/* numbers of the oldest one and of the one to come */
	uint64_t last_of[MAX_CPUS];	/* number + 1 of a CPU's newest one; 0: none */
	bool tail;			/* the newest one may go on */
	struct waiting *stack_of;	/* whose frames are being read */
	bool user_stack;

	struct {			/* the line before, when nobody claimed it and it could begin a name */
		uint64_t line;
		size_t begin, n;
		bool in_tail;
		struct waiting tail;
		struct text_sum sum;
	} odd;

	struct body body;		/* of the record at hand */
	char comm[COMM_WIDTH * 4];
	char *frame_text;
	size_t frame_room;
	struct frame *frames;
	size_t n_frames;
};

static struct slice slice_of(const struct text *t, struct extent e)
{
	return (struct slice){ t->buffer + e.begin, e.end - e.begin };
}

static size_t place_of(const struct text *t, const char *p)
{
	return (size_t)(p - t->buffer);
}

static struct extent extent_of(const struct text *t, struct slice s)
{
	return (struct extent){ place_of(t, s.s), place_of(t, s.s) + s.n };
}

static struct waiting *number(struct text *t, uint64_t n)
{
	return &t->queue[n % MAX_WAITING];
}

static struct waiting *newest(struct text *t)
{
	return number(t, t->next - 1);
}

/* ---- what a log has written before each line ---- */

static struct slice without_prefix(const struct text *t, struct slice line)
{
	size_t n = t->prefix.len ? 0 : text_prefix(line);

	if (t->prefix.len && line.n >= t->prefix.len && memcmp(line.s, t->prefix.s, t->prefix.len) == 0)
		n = t->prefix.len;
	return (struct slice){ line.s + n, line.n - n };
}

/* Before the first head nobody knows whether it is a log. */
static struct slice bare_line(const struct text *t, struct slice line)
{
	return t->prefixed || !t->heads ? without_prefix(t, line) : line;
}

static void remember_prefix(struct text *t, const struct text_head *h, struct slice line)
{
	t->heads = true;
	t->prefixed = h->prefix > 0;
	if (!h->prefix && !t->prefix.len)
		return;
	str_clear(&t->prefix);
	if (h->prefix && text_prefix(line) != h->prefix)
		str_addn(&t->prefix, line.s, h->prefix);
}

/* The record's body when it ends there, without what stands before its further lines. */
static struct slice body_until(struct text *t, const struct waiting *w, size_t end)
{
	struct slice raw = slice_of(t, (struct extent){ w->body.begin, end });
	const char *p = raw.s, *raw_end = slice_end(raw), *newline;

	if (!w->prefixed || !memchr(p, '\n', raw.n))
		return raw;
	str_clear(&t->clean);
	while ((newline = memchr(p, '\n', (size_t)(raw_end - p)))) {
		struct slice rest;

		str_addn(&t->clean, p, (size_t)(newline + 1 - p));
		p = newline + 1;
		newline = memchr(p, '\n', (size_t)(raw_end - p));
		rest = without_prefix(t, slice_between(p, newline ? newline : raw_end));
		p = rest.s;
	}
	str_addn(&t->clean, p, (size_t)(raw_end - p));
	return (struct slice){ t->clean.s, t->clean.len };
}

/* ---- what could not be read ---- */

static const char no_line[] = "it is no line of a trace that we know";
static const char no_record[] = "a frame of a stack without its record";
static const char too_long[] = "it is too long for a line of a trace";
static const char graph[] = "it draws a call, as the function_graph tracer does: events, probes and the function "
			    "tracer make records";
static const char counts[] = "a line of a table of counts";
static const char histogram[] = "it belongs to the histogram of a hist trigger: a table, not records";

static void unread(struct text *t, uint64_t line, struct slice text, const char *why)
{
	struct text_sum *sum = &t->sum;
	unsigned i = 0;

	sum->unread++;
	while (i < sum->n_reasons && sum->reasons[i].why != why)
		i++;
	if (i == sum->n_reasons)
		sum->reasons[sum->n_reasons++] = (struct text_reason){ .why = why, .first_line = line };
	sum->reasons[i].lines++;
	if (sum->n_first < ARRAY_LEN(sum->first)) {
		struct text_unread *u = &sum->first[sum->n_first++];

		u->line = line;
		u->why = why;
		u->len = text.n < sizeof(u->text) ? text.n : sizeof(u->text);
		u->cut = u->len < text.n;
		memcpy(u->text, text.s, u->len);
	}
}

/* ---- kinds of lines that have no head ---- */

enum line_kind { LINE_STRAY, LINE_BLANK, LINE_KNOWN, LINE_LOSS, LINE_GRAPH, LINE_HIST, LINE_FRAME };

/* What tools print besides records, by how it begins. */
static const char *const known[] = {
	"#", "Tracing ", "Ending tracing", "WARNING: ", "Warning: ", "warning: ", "Instrumenting ", "cpus=",
	"version = ", "Dumping ftrace buffer", "(ftrace buffer empty)", "-----", "plugin ", "trace-cmd: ",
	"Hit Ctrl^C", "Buffer: ", "[vmlinux]", "TIMEs ", "FUNC  ", "Removing ", "trace.dat:", "registering plugin:",
	"TRACE:", "capturing trace...",
};

static bool is_known(struct slice line)
{
	static const char size[] = "bytes in size";

	line = slice_trim(line);
	if (line.n < 80 && slice_starts(line, "CPU") && memmem(line.s, line.n, "data recorded at", 16))
		return true;
	if (line.n < 80 && isdigit((unsigned char)*line.s) && memmem(line.s, line.n, size, strlen(size)))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (slice_starts(line, known[i]))
			return true;
	return slice_starts(line, "CPU ") && line.n > 9 && memcmp(slice_end(line) - 9, " is empty", 9) == 0;
}

/* ` 0)   1.234 us    |  f();`, ` 8123.4 |   1)  cat-17  |  ...`, ` 0)  cat-17  =>  sh-18`,
 * ` 18 us       0)  0.6 us |  f();`, ` ==========> |` */
static bool is_graph(struct slice line)
{
	const char *p = line.s, *end = slice_end(line), *q;
	static const struct slice unit = { "us ", 3 };
	struct slice words = slice_trim(line);

	if (slice_is(words, "==========> |") || slice_is(words, "<========== |"))
		return true;

	q = line.n < 200 ? memchr(p, '|', line.n) : memchr(p, '|', 200);
	if (!q)
		q = memmem(p, line.n < 200 ? line.n : 200, " => ", 4);
	if (!q || !line.n || (*p != ' ' && !isdigit((unsigned char)*p)))
		return false;
	while (p < end && (*p == ' ' || *p == '.' || *p == '|' || isdigit((unsigned char)*p) ||
			   (slice_begins(p, end, unit) && *++p)))
		p++;
	return p < end && *p == ')' && isdigit((unsigned char)p[-1]);
}

/* `{ pid:  4711 } hitcount:   3`, and the sums below */
static bool is_hist(struct slice line)
{
	static const char *const sums[] = { "Totals:", "Hits: ", "Entries: ", "Dropped: " };

	line = slice_trim(line);
	if (slice_starts(line, "{ ") && memmem(line.s, line.n, " } hitcount: ", 13))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(sums); i++)
		if (slice_starts(line, sums[i]))
			return true;
	return false;
}

static bool is_frame(struct slice line)
{
	line = slice_trim(line);
	return slice_starts(line, "=> ") || slice_is(line, "=>");
}

/* `\t    7f1234 main+0x12 (/bin/cat)`, below a record of perf script */
static bool is_perf_frame(struct slice line)
{
	const char *p, *end;

	if (!line.n || (*line.s != '\t' && *line.s != ' '))
		return false;
	line = slice_trim(line);
	end = slice_end(line);
	for (p = line.s; p < end && isxdigit((unsigned char)*p);)
		p++;
	return p > line.s && (p == end || *p == ' ');
}

/* `vfs_read          1234`: funccount */
static bool is_count(struct slice line)
{
	struct slice words = slice_trim(line);
	const char *p = slice_end(words);

	while (p > words.s && isdigit((unsigned char)p[-1]))
		p--;
	if (p == slice_end(words) || p - words.s < 25 || p[-1] != ' ')
		return false;
	while (p > words.s && p[-1] == ' ')
		p--;
	return !memchr(words.s, ' ', (size_t)(p - words.s));
}

static bool take_digits(const char **p, const char *end, uint64_t *out)
{
	const char *begin = *p;

	for (*out = 0; *p < end && isdigit((unsigned char)**p); ++*p)
		*out = *out * 10 + (uint64_t)(**p - '0');
	return *p > begin && *p - begin < 19;
}

/* `CPU:0 [LOST 1530 EVENTS]`, `CPU:0 [LOST EVENTS]`, trace-cmd's `CPU:0 [1530 EVENTS DROPPED]`, `CPU 0: 1530 EVENTS
 * DROPPED`. count 0: it does not say how many. */
static bool parse_loss(struct slice line, int *cpu, uint64_t *count)
{
	static const char *const verbs[] = { "LOST", "DROPPED", "dropped", "lost" };
	const char *p, *end;
	uint64_t n;
	bool verb = false;

	line = slice_trim(line);
	end = slice_end(line);
	p = line.s + 4;
	if (line.n < 10 || line.n > 80 || memcmp(line.s, "CPU", 3) != 0 || (line.s[3] != ':' && line.s[3] != ' ') ||
	    !take_digits(&p, end, &n) || n > INT32_MAX || p == end || (*p != ' ' && *p != ':'))
		return false;
	*cpu = (int)n;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		verb |= memmem(p, (size_t)(end - p), verbs[i], strlen(verbs[i])) != NULL;
	while (p < end && !isdigit((unsigned char)*p))
		p++;
	if (!take_digits(&p, end, count))
		*count = 0;
	return verb;
}

static enum line_kind kind_of(struct slice line)
{
	int cpu;
	uint64_t count;

	if (!slice_trim(line).n)
		return LINE_BLANK;
	if (parse_loss(line, &cpu, &count))
		return LINE_LOSS;
	if (is_known(line))
		return LINE_KNOWN;
	if (is_graph(line))
		return LINE_GRAPH;
	if (is_hist(line))
		return LINE_HIST;
	return is_frame(line) ? LINE_FRAME : LINE_STRAY;
}

static const char *why_unread(struct slice line, enum line_kind kind)
{
	if (kind == LINE_FRAME)
		return no_record;
	return kind == LINE_HIST ? histogram : is_count(line) ? counts : no_line;
}

/* ---- stacks ---- */

/* Words of a frame's line become words with a NUL, in a copy. */
static void end_word(char *p)
{
	*p = '\0';
}

/* `main+0x12/0x34`, `/lib/libc.so.6[+0x1234]`, `main` */
static void set_symbol(struct frame *f, char *text)
{
	char *plus = strstr(text, "[+0x");

	f->symbol = *text ? text : NULL;
	f->offset = UINT64_MAX;
	if (!plus)
		plus = strstr(text, "+0x");
	if (plus && plus > text) {
		f->offset = strtoull(plus + (*plus == '['), NULL, 16);
		end_word(plus);
	}
}

/* `=> main+0x12/0x34 <000055d0>`, `=> main (55d0)`, `=>  <000055d0>`, `=> 0x55d0` */
static void parse_frame(struct frame *f, char *line)
{
	char *open = strrchr(line, '<'), *text = line + strspn(line, " \t=>"), *rest;

	*f = (struct frame){ 0 };
	if (!open || open < text) {
		open = strrchr(text, '(');
		if (open && strspn(open + 1, "0123456789abcdef") == 0)
			open = NULL;
	}
	if (line == text || (open && open < text))
		text = open ? open : text;
	if (open) {
		f->address = strtoull(open + 1, NULL, 16);
		end_word(open);
	}
	text[strcspn(text, "\r")] = '\0';
	for (rest = text + strlen(text); rest > text && rest[-1] == ' ';)
		end_word(--rest);
	if (str_starts(text, "0x") && strspn(text + 2, "0123456789abcdef") == strlen(text + 2))
		f->address = strtoull(text, NULL, 16);
	else
		set_symbol(f, text);
}

/* `  7f1234 main+0x12 (/bin/cat)` */
static void parse_perf_frame(struct frame *f, char *line)
{
	char *text, *open;

	*f = (struct frame){ .address = strtoull(line, &text, 16) };
	text += strspn(text, " ");
	text[strcspn(text, "\r")] = '\0';
	open = strrchr(text, '(');
	if (open) {
		size_t n = strlen(open);

		if (n > 1 && open[n - 1] == ')')
			open[n - 1] = '\0';
		f->file = strcmp(open + 1, "[unknown]") == 0 ? NULL : open + 1;
		end_word(open);
		while (open > text && open[-1] == ' ')
			end_word(--open);
	}
	if (strcmp(text, "[unknown]") != 0)
		set_symbol(f, text);
}

static struct frame *add_frame(struct text *t)
{
	if ((t->n_frames & (t->n_frames - 1)) == 0)
		t->frames = mem_resize(t->frames, (t->n_frames ? 2 * t->n_frames : 1) * sizeof(*t->frames));
	return &t->frames[t->n_frames++];
}

/* Room in the kernel's record that no frame has taken. */
static bool is_padding(const char *line)
{
	return strcmp(line + strspn(line, " \t=>"), "0x0") == 0;
}

/* Adds the frames of these lines, whose text is copied to `copy`. Returns the first byte behind the copy. */
static char *add_frames(struct text *t, const struct waiting *w, struct extent lines, char *copy)
{
	struct slice text = slice_of(t, lines);
	char *p = copy, *end = copy + text.n;

	memcpy(copy, text.s, text.n);
	*end = '\0';
	while (p < end) {
		char *newline = memchr(p, '\n', (size_t)(end - p));

		newline = newline ? newline : end;
		*newline = '\0';
		if (w->prefixed)
			p = (char *)without_prefix(t, slice_between(p, newline)).s;
		if (p[strspn(p, " \t")] && !is_padding(p))
			(w->perf ? parse_perf_frame : parse_frame)(add_frame(t), p);
		p = newline + 1;
	}
	return end + 1;
}

static unsigned kernel_frames(const struct text *t)
{
	unsigned n = 0;

	while (n < t->n_frames && t->frames[n].address >> 63)
		n++;
	return n;
}

static void take_stacks(struct text *t, const struct waiting *w, struct record *r)
{
	size_t need = w->kstack.end - w->kstack.begin + w->ustack.end - w->ustack.begin + 2;
	char *p;

	t->n_frames = 0;
	if (need == 2)
		return;
	if (need > t->frame_room) {
		t->frame_text = mem_resize(t->frame_text, 2 * need);
		t->frame_room = 2 * need;
	}
	p = add_frames(t, w, w->kstack, t->frame_text);
	r->n_kstack = (unsigned)t->n_frames;
	add_frames(t, w, w->ustack, p);
	if (w->perf)
		r->n_kstack = kernel_frames(t);
	r->n_ustack = (unsigned)t->n_frames - r->n_kstack;
	r->kstack = t->frames;
	r->ustack = t->frames + r->n_kstack;
}

/* ---- handing records over ---- */

static struct slice ahead_of(const struct text *t, size_t end)
{
	return (struct slice){ t->buffer + end, t->used - end };
}

/* How its body looks when it ends there. */
static enum fit fit_of(struct text *t, const struct waiting *w, size_t end)
{
	return shapes_try(t->shapes, body_until(t, w, end), ahead_of(t, w->limit));
}

/* Its last value's text was longer than it seemed. */
static void mark_last(struct body *b)
{
	if (b->site->n_captures) {
		((struct captured *)b->values)[b->site->n_captures - 1].guessed = true;
		b->guessed = true;
	}
}

static void hand_over(struct text *t, const struct waiting *w)
{
	struct record r = { .time_ns = w->time_ns, .cpu = w->cpu, .pid = w->tgid, .tid = w->tid, .comm = t->comm };
	struct slice comm = slice_of(t, w->comm);

	if (comm.n >= sizeof(t->comm))
		comm.n = sizeof(t->comm) - 1;
	memcpy(t->comm, comm.s, comm.n);
	t->comm[comm.n] = '\0';
	if (w->bare) {
		t->body = (struct body){ .site = shapes_bare(t->shapes, w->bare), .values = NULL };
	} else {
		shapes_read(t->shapes, body_until(t, w, w->body.end), ahead_of(t, w->limit), &t->body);
		if (w->joined)
			mark_last(&t->body);
	}
	r.site = t->body.site;
	r.values = t->body.values;
	r.address = t->body.address;
	r.return_address = t->body.return_address;
	take_stacks(t, w, &r);
	t->sum.records++;
	t->sum.guessed += t->body.guessed;
	if (!t->sink.record(t->sink.ctx, &r))
		t->stopped = true;
}

static void hand_over_first(struct text *t)
{
	hand_over(t, number(t, t->first++));
}

static void hand_over_closed(struct text *t)
{
	while (t->first < t->next && !t->stopped && number(t, t->first)->closed)
		hand_over_first(t);
}

static void hand_over_all(struct text *t)
{
	while (t->first < t->next && !t->stopped)
		hand_over_first(t);
	t->tail = false;
	t->stack_of = NULL;
}

/* ---- where a record ends ---- */

/* The lines behind the record that are left over. */
static void give_up_strays(struct text *t, const struct waiting *w, size_t from, uint64_t line)
{
	while (from < w->limit) {
		const char *p = t->buffer + from, *newline = memchr(p, '\n', w->limit - from);
		struct slice text = { p, newline ? (size_t)(newline - p) : w->limit - from };
		struct slice bare = bare_line(t, text);
		enum line_kind kind = kind_of(bare);

		if (kind == LINE_STRAY || kind == LINE_FRAME || kind == LINE_HIST)
			unread(t, line, text, why_unread(bare, kind));
		line++;
		from += text.n + 1;
	}
}

/* Can the body end behind this line? One that was open ends in a quote; one that was cut has all its fields. */
static bool ends_there(struct text *t, const struct waiting *w, enum fit before, struct slice line,
		       unsigned *tries)
{
	enum fit fit;

	if (before == FIT_OPEN && !memchr(line.s, '"', line.n) && !memchr(line.s, '\'', line.n))
		return false;
	++*tries;
	fit = fit_of(t, w, place_of(t, slice_end(line)));
	return before == FIT_OPEN ? fit != FIT_OPEN : fit == FIT_WHOLE;
}

/* The shortest run of lines behind the record with which its texts have an end; 0: none. *line: how many. */
static size_t whole_end(struct text *t, const struct waiting *w, enum fit before, uint64_t *line)
{
	size_t end = w->body.end + 1;
	unsigned tries = 0;

	for (*line = 1; end < w->limit && tries < MAX_TRIES; ++*line) {
		const char *p = t->buffer + end, *newline = memchr(p, '\n', w->limit - end);
		size_t n = newline ? (size_t)(newline - p) : w->limit - end;

		if (ends_there(t, w, before, (struct slice){ p, n }, &tries))
			return end + n;
		end += n + 1;
	}
	*line = 0;
	return 0;
}

/* A text in quotes ends in one; free text ends anywhere. */
static bool could_go_on(const struct text *t, const struct waiting *w, enum fit fit)
{
	if (t->buffer[w->body.end - 1] == '"')
		return (fit == FIT_KNOWN || fit == FIT_TEXT) && t->buffer[w->last_stray - 1] == '"';
	return fit == FIT_TEXT;
}

/* Decides to whom the lines behind the newest record belong. */
static void settle(struct text *t)
{
	struct waiting *w = newest(t);
	uint64_t line = 0;
	enum fit fit;

	if (!t->tail || !w->n_lines)
		return;
	if (w->n_strays && fit_of(t, w, w->last_stray) == FIT_KNOWN) {
		w->body.end = w->last_stray;
		return;
	}
	fit = fit_of(t, w, w->body.end);
	if (fit == FIT_OPEN || fit == FIT_CUT) {
		size_t end = whole_end(t, w, fit, &line);

		if (!end && fit == FIT_CUT) {
			give_up_strays(t, w, w->body.end + 1, w->line + 1);
			return;
		}
		if (!end) {		/* as far as anything could belong to it */
			if (w->n_strays)
				w->body.end = w->last_stray;
			return;
		}
		w->body.end = end;
		fit = fit_of(t, w, end);
	}
	if (!w->n_strays || w->last_stray <= w->body.end)
		return;
	if (could_go_on(t, w, fit)) {
		w->body.end = w->last_stray;
		w->joined = true;
		return;
	}
	give_up_strays(t, w, w->body.end + 1, w->line + line + 1);
}

/* ---- lines with a head ---- */

/* The line that begins a stack, of which the first frame may be a part already: `kernel_stack:  => vfs_read`. */
static enum stack_kind { NO_STACK, KERNEL_STACK, USER_STACK } stack_kind(struct slice body)
{
	enum stack_kind kind = slice_starts(body, "kernel_stack:") ? KERNEL_STACK :
			       slice_starts(body, "user_stack:") ? USER_STACK : NO_STACK;

	if (kind != NO_STACK) {
		const char *p = memchr(body.s, ':', body.n);

		p++;
		body = slice_trim((struct slice){ p, (size_t)(slice_end(body) - p) });
		return body.n == 0 || *body.s == '<' || is_frame(body) ? kind : NO_STACK;
	}
	if (body.n == 0 || *body.s != '<')
		return NO_STACK;
	return slice_starts(body, "<stack trace") ? KERNEL_STACK :
	       slice_starts(body, "<user stack trace") ? USER_STACK : NO_STACK;
}

static struct waiting *last_of_cpu(struct text *t, int cpu)
{
	uint64_t n = t->last_of[(unsigned)cpu % MAX_CPUS];

	return n > t->first && number(t, n - 1)->cpu == cpu ? number(t, n - 1) : NULL;
}

static struct waiting *push(struct text *t, const struct text_head *h, struct slice line)
{
	struct waiting *before = last_of_cpu(t, h->cpu), *w;

	if (before)
		before->closed = true;
	hand_over_closed(t);
	if (t->next - t->first == MAX_WAITING)
		hand_over_first(t);
	w = number(t, t->next++);
	t->last_of[(unsigned)h->cpu % MAX_CPUS] = t->next;
	if (h->five_flags)
		shapes_new_kernel(t->shapes);
	*w = (struct waiting){
		.comm = extent_of(t, h->comm), .body = extent_of(t, h->body), .begin = place_of(t, line.s),
		.limit = place_of(t, slice_end(line)), .line = t->sum.lines, .time_ns = h->time_ns, .tid = h->tid,
		.tgid = h->tgid, .cpu = h->cpu, .perf = h->perf, .prefixed = h->prefix > 0,
	};
	return w;
}

/* Its frames are on the lines to come. */
static void begin_stack(struct text *t, const struct text_head *h, struct slice line, bool user)
{
	size_t end = place_of(t, slice_end(line)) + 1;
	struct waiting *w = last_of_cpu(t, h->cpu);
	struct extent *stack = w ? (user ? &w->ustack : &w->kstack) : NULL;

	if (!w || w->tid != h->tid || stack->end) {
		w = push(t, h, line);
		w->bare = user ? "user_stack" : "kernel_stack";
		stack = user ? &w->ustack : &w->kstack;
	}
	*stack = (struct extent){ end, end };
	if (memmem(h->body.s, h->body.n, "=> ", 3))
		stack->begin = place_of(t, memmem(h->body.s, h->body.n, "=> ", 3));
	t->tail = false;
	t->stack_of = w;
	t->user_stack = user;
}

/* `latency: pid=7 lat=5 stack=STACK:`: a synthetic event with a stack, whose frames are on the next lines. */
static bool has_stack_field(struct slice body)
{
	static const char words[] = "=STACK:";
	size_t n = strlen(words);

	return body.n > n && memcmp(slice_end(body) - n, words, n) == 0;
}

static void begin_stack_field(struct text *t, const struct text_head *h, struct slice line)
{
	struct waiting *w = push(t, h, line);
	const char *p = slice_end(h->body);
	size_t end = place_of(t, slice_end(line)) + 1;

	while (p > h->body.s && p[-1] != ' ')
		p--;
	w->body.end = place_of(t, p);
	while (w->body.end > w->body.begin && t->buffer[w->body.end - 1] == ' ')
		w->body.end--;
	w->kstack = (struct extent){ end, end };
	t->tail = t->user_stack = false;
	t->stack_of = w;
}

/* A task's name may have a newline: then the line before is its beginning, and the dash is at its place. */
static void join_comm(struct text *t, struct text_head *h, struct slice line)
{
	const char *dash = slice_end(h->comm), *begin = t->buffer + t->odd.begin;

	if (t->odd.line + 1 != t->sum.lines || t->odd.n + 1 + (size_t)(dash - line.s) != COMM_WIDTH)
		return;
	while (*begin == ' ')
		begin++;
	h->comm = (struct slice){ begin, (size_t)(dash - begin) };
	t->odd.sum.lines = t->sum.lines;
	t->sum = t->odd.sum;
	if (t->odd.in_tail && t->tail)
		*newest(t) = t->odd.tail;
}

static void take_head(struct text *t, struct text_head *h, struct slice line)
{
	enum stack_kind stack = stack_kind(h->body);

	if (t->odd.line)
		join_comm(t, h, line);
	t->odd.line = 0;
	settle(t);
	remember_prefix(t, h, line);
	if (has_stack_field(h->body)) {
		begin_stack_field(t, h, line);
		return;
	}
	if (stack != NO_STACK) {
		begin_stack(t, h, line, stack == USER_STACK);
		return;
	}
	push(t, h, line);
	t->tail = true;
	t->stack_of = NULL;
}

/* ---- lines without a head ---- */

/* The line behind this one, if it is there. */
static bool next_has_head(const struct text *t, struct slice line)
{
	struct text_head h;
	struct slice next;
	const char *p = slice_end(line) + 1, *end = t->buffer + t->used, *newline;

	if (p >= end)
		return true;
	newline = memchr(p, '\n', (size_t)(end - p));
	next = (struct slice){ p, (size_t)((newline ? newline : end) - p) };
	return text_head_parse(next, &h);
}

/* What a text says is no loss: it has no end yet, and goes on behind this line. */
static bool is_inside_text(struct text *t, struct slice line)
{
	struct waiting *w = newest(t);

	if (!t->tail || next_has_head(t, line))
		return false;
	return fit_of(t, w, w->n_strays ? w->last_stray : w->body.end) == FIT_OPEN;
}

static void take_loss(struct text *t, struct slice line)
{
	struct lost l = { .why = "the trace says so" };

	parse_loss(line, &l.cpu, &l.count);
	settle(t);
	hand_over_all(t);
	t->sum.losses++;
	t->sum.lost += l.count;
	if (!t->stopped && !t->sink.lost(t->sink.ctx, &l))
		t->stopped = true;
}

/* The newest record may go on in this line. */
static void extend(struct text *t, struct slice line, bool stray)
{
	struct waiting *w = newest(t);

	w->limit = place_of(t, slice_end(line));
	w->n_lines++;
	if (stray) {
		w->n_strays++;
		w->last_stray = w->limit;
	}
	if (w->limit - w->begin > MAX_RECORD) {
		settle(t);
		t->tail = false;
	}
}

/* Could the line be the first part of a name that has a newline? Then the next line takes back what comes of it. */
static void remember_odd(struct text *t, struct slice line)
{
	if (line.n >= COMM_WIDTH)
		return;
	t->odd.line = t->sum.lines;
	t->odd.begin = place_of(t, line.s);
	t->odd.n = line.n;
	t->odd.sum = t->sum;
	t->odd.in_tail = t->tail;
	if (t->tail)
		t->odd.tail = *newest(t);
}

static bool take_frame(struct text *t, struct slice line, enum line_kind kind)
{
	size_t end = place_of(t, slice_end(line)) + 1;
	struct waiting *w = newest(t);

	if (kind == LINE_FRAME && t->stack_of) {
		*(t->user_stack ? &t->stack_of->ustack.end : &t->stack_of->kstack.end) = end;
		return true;
	}
	if (!t->tail || !w->perf || w->n_lines || !is_perf_frame(line))
		return false;
	if (!w->ustack.end)
		w->ustack.begin = place_of(t, line.s);
	w->ustack.end = end;
	return true;
}

static void take_other(struct text *t, struct slice line)
{
	struct slice bare = bare_line(t, line);
	enum line_kind kind = kind_of(bare);

	t->odd.line = 0;
	if (take_frame(t, bare, kind))
		return;
	t->stack_of = NULL;
	if (kind == LINE_LOSS && !is_inside_text(t, line)) {
		take_loss(t, bare);
	} else if (kind == LINE_GRAPH) {
		settle(t);
		t->tail = false;
		unread(t, t->sum.lines, line, graph);
	} else if (kind == LINE_BLANK || kind == LINE_KNOWN) {
		if (t->tail)
			extend(t, line, false);
	} else {
		remember_odd(t, line);
		if (t->tail)
			extend(t, line, true);
		else
			unread(t, t->sum.lines, line, why_unread(bare, kind));
	}
}

static void take_line(struct text *t, struct slice line)
{
	struct text_head h;

	t->sum.lines++;
	if (text_head_parse(line, &h))
		take_head(t, &h, line);
	else
		take_other(t, line);
}

/* ---- the buffer ---- */

static void skip_long_line(struct text *t)
{
	unread(t, ++t->sum.lines, (struct slice){ t->buffer + t->at, 200 }, too_long);
	settle(t);
	t->tail = false;
	t->at = t->seen = t->used;
	t->skipping = true;
}

static void take_lines(struct text *t)
{
	while (!t->stopped) {
		char *newline = memchr(t->buffer + t->seen, '\n', t->used - t->seen);
		struct slice line = { t->buffer + t->at, 0 };

		if (!newline) {
			t->seen = t->used;
			break;
		}
		line.n = (size_t)(newline - line.s);
		t->at = t->seen = place_of(t, newline) + 1;
		if (!t->skipping)
			take_line(t, line);
		t->skipping = false;
	}
	if (t->skipping)
		t->at = t->seen = t->used;
	else if (t->used - t->at > MAX_LINE)
		skip_long_line(t);
}

static void shift(struct extent *e, size_t by)
{
	if (e->end) {
		e->begin -= by;
		e->end -= by;
	}
}

static void shift_waiting(struct waiting *w, size_t by)
{
	shift(&w->comm, by);
	shift(&w->body, by);
	shift(&w->kstack, by);
	shift(&w->ustack, by);
	w->begin -= by;
	w->limit -= by;
	w->last_stray -= w->n_strays ? by : 0;
}

/* Moves what is still needed to the front. */
static void compact(struct text *t)
{
	size_t by = t->first < t->next ? number(t, t->first)->begin : t->at;

	if (t->odd.line && t->odd.begin < by)
		by = t->odd.begin;
	if (t->first < t->next && number(t, t->first)->comm.begin < by)
		by = number(t, t->first)->comm.begin;		/* a name with a newline */
	memmove(t->buffer, t->buffer + by, t->used - by);
	t->used -= by;
	t->at -= by;
	t->seen -= by;
	t->odd.begin -= t->odd.line ? by : 0;
	if (t->odd.line && t->odd.in_tail)
		shift_waiting(&t->odd.tail, by);
	for (uint64_t n = t->first; n < t->next; n++)
		shift_waiting(number(t, n), by);
}

char *text_room(struct text *t, size_t *n)
{
	if (t->used && t->room - t->used < ROOM)
		compact(t);
	if (t->room - t->used < ROOM || t->used > t->room / 2) {
		t->room = t->room ? 2 * t->room : BUFFER;
		t->buffer = mem_resize(t->buffer, t->room);
	}
	*n = t->room - t->used - 1;		/* one for a newline at the very end */
	return t->buffer + t->used;
}

/* ---- the front door ---- */

bool text_added(struct text *t, size_t n)
{
	t->used += n;
	take_lines(t);
	return !t->stopped;
}

bool text_waits(const struct text *t)
{
	return t->first < t->next;
}

/* A text without an end waits for it; all else has come, as far as anybody knows. */
bool text_pause(struct text *t)
{
	struct waiting open;
	bool waits = false;

	settle(t);
	if (t->tail)
		waits = fit_of(t, newest(t), newest(t)->body.end) == FIT_OPEN;
	if (waits) {
		open = *newest(t);
		t->next--;
	}
	hand_over_all(t);
	if (waits && !t->stopped) {
		*number(t, t->next++) = open;
		t->tail = true;
	}
	t->odd.line = 0;
	return !t->stopped;
}

bool text_end(struct text *t)
{
	if (t->used > t->at && !t->skipping && !t->stopped) {
		t->buffer[t->used++] = '\n';
		take_lines(t);
	}
	if (!t->stopped) {
		settle(t);
		hand_over_all(t);
	}
	return !t->stopped;
}

const struct text_sum *text_sum(const struct text *t)
{
	return &t->sum;
}

const char *text_place(const struct text *t, bool ret, size_t *n)
{
	struct slice place = ret ? t->body.return_place : t->body.place;

	*n = place.n;
	return place.s;
}

struct text *text_new(const struct sink *sink)
{
	struct text *t = mem_alloc(sizeof(*t));

	t->sink = *sink;
	t->shapes = shapes_new();
	return t;
}

void text_free(struct text *t)
{
	if (!t)
		return;
	shapes_free(t->shapes);
	str_release(&t->prefix);
	str_release(&t->clean);
	free(t->buffer);
	free(t->frame_text);
	free(t->frames);
	free(t);
}
