/* out.c - the stream: buffering, a closed pipe, a full disk; the table of formats.
 *
 * What is written is collected in one buffer and given to write(2) when it is full or when the caller
 * says so (after each round of reading, so that a single event is seen at once). A full buffer is
 * written up to the end of the last whole record: whoever reads a pipe then seldom meets half a line.
 *
 * A stream ends once. The first error is kept, everything later goes nowhere, and out_flush() tells the
 * caller, who ends the run. SIGPIPE must be ignored or blocked by then, or the kernel ends it for us.
 */
#include "out/format.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/str.h"

static const struct format *const formats[] = {
	&format_text,
	&format_json,
};

/* ---- the front door ---- */

static bool is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode));
}

struct out *out_new(const struct out_options *opt)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (opt->format && strcmp(formats[i]->name, opt->format) == 0) {
			struct out *o = mem_alloc(sizeof(*o));

			o->opt = *opt;
			o->format = formats[i];
			o->may_stall = !is_file(opt->fd);
			return o;
		}
	}
	return NULL;
}

void out_free(struct out *o)
{
	free(o);
}

const char *out_formats(void)
{
	static char names[16 * ARRAY_LEN(formats)];

	if (!names[0]) {
		for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
			if (i > 0)
				strncat(names, " ", sizeof(names) - strlen(names) - 1);
			strncat(names, formats[i]->name, sizeof(names) - strlen(names) - 1);
		}
	}
	return names;
}

unsigned out_label_width(const char *label)
{
	return str_width(label, strlen(label));
}

void out_header(struct out *o)
{
	if (o->opt.quiet || o->error)
		return;
	o->format->header(o);
	o->whole = o->used;
}

void out_record(struct out *o, const struct record *r)
{
	if (o->error)
		return;
	o->format->record(o, r);
	o->whole = o->used;
}

void out_lost(struct out *o, const struct lost *l)
{
	if (o->error)
		return;
	o->format->lost(o, l);
	o->whole = o->used;
}

void out_lesson(struct out *o, const struct lesson *l)
{
	if (o->error)
		return;
	o->format->lesson(o, l);
	o->whole = o->used;
}

/* ---- writing ---- */

enum { STALL_MS = 100 };

/* A pipe whose reader stalls takes no more than what poll() promises; so that a signal can still end the
 * run then, nothing is written before there is room for it. -EINTR: the run shall end. */
static int wait_for_room(const struct out *o)
{
	struct pollfd fds[] = { { o->opt.fd, POLLOUT, 0 }, { o->opt.stop_fd ? o->opt.stop_fd : -1, POLLIN, 0 } };

	for (;;) {
		int n = poll(fds, ARRAY_LEN(fds), o->opt.stalled ? STALL_MS : -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			return fds[0].revents ? 0 : -EINTR;
		if (n == 0)
			o->opt.stalled(o->opt.stalled_ctx);
	}
}

/* Writes what there is room for, waiting for the first of it. Linux since 6.4 can be asked to write to a pipe as much
 * as goes in at once; elsewhere, and to terminals, PIPE_BUF bytes go in when poll() says that something does. */
static ssize_t write_some(struct out *o, const char *text, size_t n)
{
	struct iovec all = { (char *)text, n };
	ssize_t wrote;

	if (!o->may_stall)
		return write(o->opt.fd, text, n);
	if (!o->by_parts) {
		wrote = pwritev2(o->opt.fd, &all, 1, -1, RWF_NOWAIT);
		if (wrote >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EAGAIN))
			return wrote;
		o->by_parts = errno != EAGAIN;
	}
	o->error = wait_for_room(o);
	return o->error ? 0 : write(o->opt.fd, text, n < PIPE_BUF ? n : PIPE_BUF);
}

/* Writes the first n bytes of the buffer, and moves the rest to its start. After an error they are
 * dropped: the formats go on writing until their record is done, and must always find room. */
static void write_out(struct out *o, size_t n)
{
	size_t done = 0;

	if (o->opt.text)
		str_addn(o->opt.text, o->buffer, n);
	while (done < n && !o->error && !o->opt.text) {
		ssize_t wrote = write_some(o, o->buffer + done, n - done);

		if (wrote > 0) {
			done += (size_t)wrote;
		} else if (wrote == 0) {
			o->error = o->error ? o->error : -EIO;
		} else if (errno == EAGAIN) {		/* somebody made it non-blocking */
			o->error = wait_for_room(o);
		} else if (errno != EINTR) {
			o->error = -errno;
		}
	}
	o->used -= n;
	memmove(o->buffer, o->buffer + n, o->used);
	o->whole = 0;
}

int out_flush(struct out *o)
{
	write_out(o, o->used);
	return o->error;
}

void put_room(struct out *o, size_t n)
{
	if (o->used + n <= OUT_BUFFER)
		return;
	if (o->whole > 0)
		write_out(o, o->whole);
	if (o->used + n > OUT_BUFFER)		/* one record that is larger than the buffer */
		write_out(o, o->used);
}

void put_long(struct out *o, const char *text, size_t n)
{
	while (n > 0) {
		size_t part = n < OUT_BUFFER ? n : OUT_BUFFER;

		put_room(o, part);
		memcpy(o->buffer + o->used, text, part);
		o->used += part;
		text += part;
		n -= part;
	}
}

void put_blanks(struct out *o, size_t n)
{
	put_room(o, n);
	memset(o->buffer + o->used, ' ', n);
	o->used += n;
}

/* ---- numbers ---- */

static const char digit_pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	"40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

/* Longest: a sign and 19 digits, or 20 digits. */
enum { DECIMAL_MAX = 20 };

/* Writes the digits so that they end before `end`; returns where they begin. Two for each division. */
static char *decimal(char *end, uint64_t value)
{
	char *p = end;

	while (value >= 100) {
		p -= 2;
		memcpy(p, digit_pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		p -= 2;
		memcpy(p, digit_pairs + value * 2, 2);
	} else {
		*--p = (char)('0' + value);
	}
	return p;
}

void put_unsigned(struct out *o, uint64_t value)
{
	char digits[DECIMAL_MAX], *end = digits + DECIMAL_MAX, *p = decimal(end, value);

	put_bytes(o, p, (size_t)(end - p));
}

void put_right(struct out *o, int64_t value, unsigned width)
{
	char digits[DECIMAL_MAX], *end = digits + DECIMAL_MAX;
	char *p = decimal(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);

	if (value < 0)
		*--p = '-';
	if (end - p < (ptrdiff_t)width)
		put_blanks(o, width - (size_t)(end - p));
	put_bytes(o, p, (size_t)(end - p));
}

void put_signed(struct out *o, int64_t value)
{
	put_right(o, value, 0);
}

void put_hex(struct out *o, uint64_t value)
{
	char digits[18], *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	*--p = 'x';
	*--p = '0';
	put_bytes(o, p, (size_t)(digits + sizeof(digits) - p));
}

/* ---- foreign text ---- */

#define ROW16(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x

void put_escaped(struct out *o, const char *text, size_t n, char quote)
{
	/* bytes that need an escape in one of the formats; the others are copied in runs */
	static const unsigned char special[256] = {
		ROW16(1), ROW16(1),				/* 00-1f control characters */
		['"'] = 1, ['\''] = 1, ['\\'] = 1, [0x7f] = 1,
		/* 80-ff: is it well-formed UTF-8, is it a control character in two or three bytes? */
		[0x80] = ROW16(1), ROW16(1), ROW16(1), ROW16(1), ROW16(1), ROW16(1), ROW16(1), ROW16(1),
	};
	const char *end = text + n;

	while (text < end) {
		const char *run = text;

		while (text < end && !special[(unsigned char)*text])
			text++;
		put_bytes(o, run, (size_t)(text - run));
		if (text < end)
			text += o->format->escape(o, text, (size_t)(end - text), quote);
	}
}
