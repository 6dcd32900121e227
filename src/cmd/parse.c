/* parse.c - `trapline parse`: the text of a trace, from anywhere, as the records that probe would have made.
 *
 *	trapline parse trace.txt
 *	trace-cmd report | trapline parse -f json
 *	trapline parse /sys/kernel/tracing/trace_pipe
 *
 * What it reads may be a file, a pipe, or the live trace_pipe, and all are read alike: when nothing can be read
 * for a moment, what was read is shown.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/opt.h"
#include "base/os.h"

enum {
	STATUS_UNREAD = 2,		/* some lines could not be read */
	LABEL_WIDTH = 20,		/* labels are not known before the first record is shown */
	PAUSE_MS = 10,
	FLUSH_NS = 100000000,
};

/* Losses of a CPU, for the end. */
struct cpu_loss {
	int cpu;
	uint64_t count, unknown;	/* records; reports that do not say how many */
};

struct parse {
	struct diags *diags;

	/* from the command line */
	const char *input, *format, *output;
	uint64_t duration_ns, count;
	bool quiet, address;

	/* made on the way */
	struct text *text;
	struct out *out;
	int in_fd, out_fd, signals;
	bool header_done, done;
	uint64_t deadline, flushed;	/* CLOCK_MONOTONIC */
	uint64_t records;
	struct cpu_loss *losses;
	size_t n_losses;
};

/* ---- the command line ---- */

static bool set_input(void *ctx, const char *word, struct diags *d)
{
	struct parse *p = ctx;

	if (p->input)
		return diag_error(d, NO_SPAN, "parse takes one FILE, and '%s' is a second", word);
	p->input = word;
	return true;
}

static bool set_format(void *ctx, const char *value, struct diags *d)
{
	((struct parse *)ctx)->format = value;
	return option_format(value, d);
}

static bool set_output(void *ctx, const char *value, struct diags *d)
{
	((struct parse *)ctx)->output = value;
	return true;
}

static bool set_count(void *ctx, const char *value, struct diags *d)
{
	return option_count(value, &((struct parse *)ctx)->count, d);
}

static bool set_duration(void *ctx, const char *value, struct diags *d)
{
	return option_duration(value, &((struct parse *)ctx)->duration_ns, d);
}

static bool set_quiet(void *ctx, const char *value, struct diags *d)
{
	((struct parse *)ctx)->quiet = true;
	return true;
}

static bool set_address(void *ctx, const char *value, struct diags *d)
{
	((struct parse *)ctx)->address = true;
	return true;
}

static const struct opt options[] = {
	{ 'f', "format", "FORMAT", "text or json", set_format },
	{ 'o', "output", "FILE", "write the records to FILE", set_output },
	{ 'n', "count", "COUNT", "end after so many records", set_count },
	{ 'd', "duration", "SECONDS", "end after so long", set_duration },
	{ 'a', "address", NULL, "show where each record was hit, as far as the text says it", set_address },
	{ 'q', "quiet", NULL, "no header, no notes about guesses", set_quiet },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline parse [options] [FILE]",
	.about = "Turns the text of a trace into the records that `trapline probe` would have made.\n\n"
		 "FILE holds what the kernel's trace or trace_pipe, perf-tools, `trace-cmd report` or `perf script` "
		 "printed, on any machine; it may be the live trace_pipe. Without FILE, or with -, standard input is "
		 "read. Neither root nor tracefs is needed.",
	.opts = options,
	.positional = set_input,
	.more = "A value that cannot be told for sure, or its end, is shown as \"text\"?, in JSON it is named in \"guessed\".\n"
		"Lines of which no record can be made are counted and reported at the end.\n\n"
		"EXIT STATUS:\n"
		"  0  every line was read\n"
		"  1  the input or the output failed, or the command line is wrong\n"
		"  2  some lines could not be read; all others became records\n\n"
		"EXAMPLES:\n"
		"  trapline parse trace.txt\n"
		"  trace-cmd report | trapline parse -f json\n"
		"  trapline parse /sys/kernel/tracing/trace_pipe\n",
};

/* ---- the sink ---- */

/* The header comes with the first record: a file that cannot be read prints nothing. */
static void begin_output(struct parse *p)
{
	if (!p->header_done)
		out_header(p->out);
	p->header_done = true;
}

static bool take_record(void *ctx, const struct record *r)
{
	struct parse *p = ctx;

	begin_output(p);
	out_record(p->out, r);
	return !p->count || ++p->records < p->count;
}

static bool take_lost(void *ctx, const struct lost *l)
{
	struct parse *p = ctx;
	size_t i = 0;

	begin_output(p);
	out_lost(p->out, l);
	while (i < p->n_losses && p->losses[i].cpu != l->cpu)
		i++;
	if (i == p->n_losses)
		MEM_PUSH(p->losses, p->n_losses)->cpu = l->cpu;
	p->losses[i].count += l->count;
	p->losses[i].unknown += l->count == 0;
	return true;
}

static const char *place_of(void *ctx, bool ret, size_t *n)
{
	return text_place(((struct parse *)ctx)->text, ret, n);
}

/* ---- what is open ---- */

/* Without blocking: a pipe in the file system has no writer yet, perhaps, and a signal must still end us. */
static bool open_input(struct parse *p)
{
	struct stat st;

	if (!p->input || strcmp(p->input, "-") == 0) {
		p->in_fd = STDIN_FILENO;
		return true;
	}
	p->in_fd = open(p->input, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (p->in_fd < 0 && errno == EBUSY) {
		diag_error(p->diags, NO_SPAN, "'%s' is being read by somebody else", p->input);
		return diag_hint(p->diags, "the kernel lets one reader have a trace_pipe; `trace` beside it can be "
					   "read by many");
	}
	if (p->in_fd < 0)
		return diag_error(p->diags, NO_SPAN, "'%s' cannot be read: %s", p->input, os_strerror(errno));
	if (fstat(p->in_fd, &st) == 0 && S_ISDIR(st.st_mode))
		return diag_error(p->diags, NO_SPAN, "'%s' is a directory: FILE is the text of a trace", p->input);
	return true;
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static bool open_output(struct parse *p)
{
	struct out_options o = { .format = p->format, .quiet = p->quiet, .address = p->address,
				 .label_width = LABEL_WIDTH, .place = place_of, .place_ctx = p };

	p->signals = o.stop_fd = pump_signals();
	p->out_fd = STDOUT_FILENO;
	if (p->output)
		p->out_fd = open(p->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (p->out_fd < 0)
		return diag_error(p->diags, NO_SPAN, "'%s' cannot be written: %s", p->output, os_strerror(errno));
	if (same_file(p->in_fd, p->out_fd))
		return diag_error(p->diags, NO_SPAN, "the output is the file that is read: write to another one");
	if (p->output && ftruncate(p->out_fd, 0) < 0 && errno != EINVAL)	/* EINVAL: a device, a pipe */
		return diag_error(p->diags, NO_SPAN, "'%s' cannot be emptied: %s", p->output, os_strerror(errno));
	o.fd = p->out_fd;
	p->out = out_new(&o);
	return true;
}

/* ---- the loop ---- */

static bool write_failed(struct parse *p, int err)
{
	p->done = true;
	if (err == -EPIPE)
		return diag_error(p->diags, NO_SPAN, "nobody reads the output any more");
	if (err == -EINTR)
		return diag_error(p->diags, NO_SPAN, "ended while the output's reader stalled: the last records are "
						     "not written");
	return diag_error(p->diags, NO_SPAN, "the records cannot be written: %s", os_strerror(-err));
}

static bool flush(struct parse *p)
{
	int err = out_flush(p->out);

	p->flushed = os_clock_ns(CLOCK_MONOTONIC);
	return !err || write_failed(p, err);
}

/* Reads once. Something may come so steadily that there is never a pause: then it is shown from time to time. */
static bool take_input(struct parse *p)
{
	size_t room;
	char *where = text_room(p->text, &room);
	ssize_t n = read(p->in_fd, where, room);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n < 0) {
		p->done = true;
		return diag_error(p->diags, NO_SPAN, "'%s' cannot be read: %s", p->input ? p->input : "-",
				  os_strerror(errno));
	}
	if (n == 0 || !text_added(p->text, (size_t)n))
		p->done = true;
	return os_clock_ns(CLOCK_MONOTONIC) < p->flushed + FLUSH_NS || flush(p);
}

/* Until the deadline, in milliseconds; -1: there is none. */
static int rest_ms(const struct parse *p)
{
	uint64_t now = os_clock_ns(CLOCK_MONOTONIC);

	if (!p->deadline)
		return -1;
	return now >= p->deadline ? 0 : (int)((p->deadline - now + 999999) / 1000000);
}

static bool read_all(struct parse *p)
{
	bool ok = true, shown = true;		/* shown: everything that was read */

	while (ok && !p->done) {
		struct pollfd fds[] = {
			{ p->signals, POLLIN, 0 },
			{ p->in_fd, POLLIN, 0 },
			{ p->out_fd, 0, 0 },		/* POLLERR: nobody reads any more */
		};
		int n = poll(fds, ARRAY_LEN(fds), shown ? rest_ms(p) : PAUSE_MS);

		if (n < 0 && errno != EINTR)
			return diag_error(p->diags, NO_SPAN, "cannot wait for the input: %s", os_strerror(errno));
		if (n < 0)
			continue;
		if (fds[0].revents || (p->deadline && rest_ms(p) == 0)) {
			p->done = true;
		} else if (fds[2].revents & (POLLERR | POLLHUP)) {
			ok = write_failed(p, -EPIPE);
		} else if (fds[1].revents) {
			ok = take_input(p);
			shown = false;
		} else if (!shown) {
			p->done = !text_pause(p->text);
			ok = flush(p);
			shown = true;
		}
	}
	if (ok)
		text_end(p->text);
	begin_output(p);
	return ok && flush(p);
}

/* ---- the report at the end ---- */

static void say_losses(const struct parse *p)
{
	for (size_t i = 0; i < p->n_losses; i++) {
		const struct cpu_loss *l = &p->losses[i];

		if (l->count)
			fprintf(stderr, "trapline: lost %llu event%s on CPU %d: the trace says so\n",
				(unsigned long long)l->count, l->count == 1 ? "" : "s", l->cpu);
		if (l->unknown)
			fprintf(stderr, "trapline: lost events on CPU %d, and the trace does not say how many, %llu "
				"time%s\n", l->cpu, (unsigned long long)l->unknown, l->unknown == 1 ? "" : "s");
	}
}

static void say_line(const struct text_unread *u)
{
	struct str s = STR_INIT;

	str_add_scrubbed(&s, u->text, u->len, '"');
	fprintf(stderr, "trapline: line %llu: no record, %s: \"%s\"%s\n", (unsigned long long)u->line, u->why, s.s,
		u->cut ? ".." : "");
	str_release(&s);
}

static void say_unread(const struct text_sum *sum)
{
	for (unsigned i = 0; i < sum->n_first; i++)
		say_line(&sum->first[i]);
	fprintf(stderr, "trapline: %llu of %llu lines could not be read\n", (unsigned long long)sum->unread,
		(unsigned long long)sum->lines);
	for (unsigned i = 0; sum->n_reasons > 1 && i < sum->n_reasons; i++)
		fprintf(stderr, "trapline:   %llu, the first in line %llu: %s\n",
			(unsigned long long)sum->reasons[i].lines,
			(unsigned long long)sum->reasons[i].first_line, sum->reasons[i].why);
}

static void say_sum(const struct parse *p)
{
	const struct text_sum *sum = text_sum(p->text);

	say_losses(p);
	if (sum->guessed && !p->quiet)
		fprintf(stderr, "trapline: in %llu record%s a value, or its end, is a guess, and marked\n",
			(unsigned long long)sum->guessed, sum->guessed == 1 ? "" : "s");
	if (sum->unread)
		say_unread(sum);
}

static void parse_release(struct parse *p)
{
	text_free(p->text);
	out_free(p->out);
	diags_free(p->diags);
	free(p->losses);
}

int cmd_parse(int argc, char **argv)
{
	struct parse p = { .diags = diags_new(), .format = "text" };
	struct sink sink = { &p, take_record, take_lost, NULL };
	enum opt_result parsed = opt_parse(&command, argc, argv, &p, p.diags);
	bool ok = parsed != OPT_ERROR;
	int status = 0;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	else if (ok) {
		p.text = text_new(&sink);
		if (p.duration_ns)
			p.deadline = os_clock_ns(CLOCK_MONOTONIC) + p.duration_ns;
		ok = open_input(&p) && open_output(&p) && read_all(&p);
		say_sum(&p);
		status = text_sum(p.text)->unread ? STATUS_UNREAD : 0;
	}
	diags_print(p.diags, stderr);
	parse_release(&p);
	return ok ? status : 1;
}
