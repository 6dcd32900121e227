/* text.c - feeds broken traces to the parser of trace text.
 *
 * time: 20
 * seed: gcc -g -O1 -ffile-prefix-map=$PWD=. -o $seed tests/live/named.c
 *
 * A trace is put together of lines as the kernel and its tools write them, and of pieces of the seed file (any file: as
 * garbage). Then bytes are changed, pieces are cut out and doubled, and it is read in pieces of random size, with
 * pauses. Every line must be accounted for.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "trace/trace.h"

static const char *const lines[] = {
	"# tracer: nop\n",
	"\n",
	"            bash-4711    [001] d..2. 8123.401883: readline: (0x55d0 <- 0x55c0) cmd=\"ls\"\n",
	"            bash-4711    [001] d..2. 8123.401883: two: (0x55d0) s=\"a\" n=1 t=\"b\"\n",
	"            bash-4711    [001] d..2. 8123.401883: two: (0x55d0) s=\"a\" n=-5 t=\"b c=\n",
	"            bash-4711    [001] d..2. 8123.401883: two: (0x55d0) s=\"q\" t=\"b\" n=1 t=\"\n",
	"more text\"\n",
	"            bash-4711    [001] d..2. 8123.401883: arr: (0x55d0) a={1,2} b={0x1,0xffffffffffffffff} c='x' "
	"s={\"a\",(fault)} f=(fault) u=18446744073709551615\n",
	"     Web Content-4711    (   4711) [000] .... 8123.4: sched_switch: prev_comm=a b prev_state=S ==> next_comm=x\n",
	"       a-1 [002]-5       (-------) [000] 77: sys_openat(dfd: ffffff9c, filename: 7f, flags: 0)\n",
	"       a-1 [002]-5       [000] .... 7.1: sys_openat -> 0x3\n",
	"            bash-4711    [001] ..... 8123.401883: sys_enter: NR 33 (b, 1, b39, 719e, 7, b)\n",
	"            bash-4711    [001] ..... 8123.401883: sys_exit: NR 33 = -2\n",
	"            bash-4711    [001] ..... 8123.401883: vfs_read+0x0/0x10 <-ksys_read\n",
	"            bash-4711    [001] ..... 8123.401883: tracing_mark_write: hello\n",
	"            bash-4711    [001] ..... 8123.401883: <stack trace>\n",
	"            bash-4711    [001] ..... 8123.401883: <user stack trace>\n",
	" => do_sys_openat2+0x12/0x34 <ffffffff81234560>\n",
	" => /lib/libc.so.6[+0x1234] <00007f12>\n",
	" =>  <000055d0>\n",
	"=> vfs_read (ffffffff81234560)\n",
	"CPU:0 [LOST 1530 EVENTS]\n",
	"CPU:1 [EVENTS DROPPED]\n",
	"      sh-95        0..... 12319us+: op: (do_sys_openat2+0x0/0x170) dfd=-100\n",
	"              sh      95   0 0 00000000 00000000 [001b9492] 12.322ms (+0.050ms): op: (f+0x0/0x1) d=1\n",
	"nasty  5989/5990 [000] 12217.590141: g:one: (556aff917149) s=\"plain\"\n",
	"\t            1149 one+0x0 (/tmp/nasty)\n",
	" 0) ! 333.058 us  |  vfs_open();\n",
	"            nl\n",
	"comm-95      [000] ..... 1.5: op: (f+0x0/0x1 <ffff81>) d=1 [x=2] (y=3), z=4\n",
	"            bash-4711    [001] 8123.401883: e:    [FAILED TO PARSE] a=1 b=ARRAY[01, 02]\n",
	"[   12.345678]     sh-95        0d..1 12us : f <-g\n",
	"[   12.345678] more text\"\n",
	"[   12.345678] => vfs_read\n",
	"Jan  1 12:00:00 host kernel:             bash-4711    [001] d..2 8123.401883: two: (0x55d0) s=\"q\n",
	"any log |             bash-4711    [001] d..2 8123.401883: two: (0x55d0) s=\"q\n",
	"            bash-4711    [001] d..2 8123.401883: old: (0x446420) a=446420 b=79 c=ff $retval=-3\n",
	"            bash-4711    [001] d..2 8123.401883: lat: pid=1 stack=STACK:\n",
	"            bash-4711    [001] d..2 8123.401883: st: __probe_ip=f+0x1/0x2 (-5) a=0x70 (112) c='a'(97) d=(5)\n",
	"            bash-4711    [001] d..2 8123.401883: exec: filename=/bin/a pid=1 b reg=ff pid=18 old_pid=18\n",
	"            bash-4711    [001] d..2 8123.401883: exec: filename=/bin/a\n",
	"b reg=12 pid=18 old_pid=18\n",
	"            bash-4711    [001] 8123.401883: (+615)   sched_switch:   a b:12 [120] S ==> c:9 [120]\n",
	"bash  4711 12345.678903:          1 cycles:u:  ffffffff81 f+0x4 ([kernel.kallsyms])\n",
	"            bash-4711    [001] 8123.401883: f2fs: dev = (8,0), ino = 5, work struct=ff\n",
	"{ pid:  4711 } hitcount:   3\n",
};

/* ---- a trace ---- */

static void make_lines(struct str *s)
{
	for (uint64_t n = noise() % 60; n > 0; n--) {
		size_t at = noise() % fuzz_seed_size, len = noise() % 300;

		if (noise() % 12)
			str_add(s, lines[noise() % ARRAY_LEN(lines)]);
		else
			str_addn(s, (const char *)fuzz_seed + at, len < fuzz_seed_size - at ? len : fuzz_seed_size - at);
	}
	if (noise() % 100 == 0)			/* a line that is too long */
		for (size_t n = noise() % 600; n > 0; n--)
			str_addn(s, (const char *)fuzz_seed, fuzz_seed_size < 4096 ? fuzz_seed_size : 4096);
	str_addc(s, '\n');
}

static void break_text(struct str *s)
{
	static const char marks[] = "\n\"'={}()[]<> :,-0x/#";

	for (uint64_t n = noise() % 12; n > 0 && s->len > 8; n--) {
		size_t at = noise() % s->len, len = noise() % 80;

		if (len > s->len - at)
			len = s->len - at;
		switch (noise() % 4) {
		case 0:
			s->s[at] = (char)noise();
			break;
		case 1:
			s->s[at] = marks[noise() % (sizeof(marks) - 1)];
			break;
		case 2:			/* cut out */
			memmove(s->s + at, s->s + at + len, s->len - at - len);
			s->len -= len;
			break;
		case 3: {		/* double */
			char *piece = malloc(len + 1);

			memcpy(piece, s->s + at, len);
			str_addn(s, piece, len);
			free(piece);
		}
		}
	}
}

/* ---- what comes of it ---- */

struct sum {
	struct text *text;
	uint64_t bytes;			/* so that everything is read */
};

static void touch(struct sum *sum, const void *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum->bytes += ((const unsigned char *)data)[i];
}

static void touch_frames(struct sum *sum, const struct frame *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		sum->bytes += f[i].address + f[i].offset;
		sum->bytes += f[i].symbol ? strlen(f[i].symbol) : 0;
		sum->bytes += f[i].file ? strlen(f[i].file) : 0;
	}
}

static bool take_record(void *ctx, const struct record *r)
{
	struct sum *sum = ctx;
	size_t n;

	sum->bytes += strlen(r->comm) + strlen(r->site->label);
	for (unsigned i = 0; i < r->site->n_captures; i++) {
		const struct capture *c = &r->site->captures[i];

		sum->bytes += strlen(c->name);
		if (!r->values[i].valid)
			continue;
		touch(sum, r->values[i].data, r->values[i].len);
		if (c->base != BASE_STRING && r->values[i].len != (size_t)c->size * (c->count ? c->count : 1)) {
			fprintf(stderr, "fuzz text: %zu bytes for %s\n", r->values[i].len, c->name);
			abort();
		}
	}
	touch_frames(sum, r->kstack, r->n_kstack);
	touch_frames(sum, r->ustack, r->n_ustack);
	for (int ret = 0; ret < 2; ret++) {
		const char *place = text_place(sum->text, ret, &n);

		touch(sum, place, n);
	}
	return true;
}

static bool take_lost(void *ctx, const struct lost *l)
{
	((struct sum *)ctx)->bytes += l->count;
	return true;
}

static void read_in_pieces(struct text *t, const struct str *s)
{
	uint64_t piece = noise() % 3 ? s->len : 1 + noise() % 200;

	for (size_t at = 0; at < s->len;) {
		size_t room, n = 1 + noise() % piece;
		char *where = text_room(t, &room);

		n = n < room ? n : room;
		n = n < s->len - at ? n : s->len - at;
		memcpy(where, s->s + at, n);
		text_added(t, n);
		at += n;
		if (noise() % 8 == 0)
			text_pause(t);
	}
	text_end(t);
}

static void check_sum(const struct text *t, const struct str *s)
{
	const struct text_sum *sum = text_sum(t);
	uint64_t newlines = s->len && s->s[s->len - 1] != '\n', reasons = 0;

	for (size_t i = 0; i < s->len; i++)
		newlines += s->s[i] == '\n';
	for (unsigned i = 0; i < sum->n_reasons; i++)
		reasons += sum->reasons[i].lines;
	if (sum->lines == newlines && reasons == sum->unread && sum->records + sum->unread + sum->losses <= newlines)
		return;
	fprintf(stderr, "fuzz text: %llu lines of %llu, %llu records, %llu unread, reasons for %llu\n",
		(unsigned long long)sum->lines, (unsigned long long)newlines, (unsigned long long)sum->records,
		(unsigned long long)sum->unread, (unsigned long long)reasons);
	abort();
}

static void one_trace(void)
{
	struct str s = STR_INIT;
	struct sum sum = { 0 };
	struct sink sink = { &sum, take_record, take_lost, NULL };

	make_lines(&s);
	break_text(&s);
	sum.text = text_new(&sink);
	read_in_pieces(sum.text, &s);
	check_sum(sum.text, &s);
	text_free(sum.text);
	str_release(&s);
}

int main(int argc, char **argv)
{
	static const struct fuzzer text = { .name = "text", .inputs = "traces", .one = one_trace };

	return fuzz_main(&text, argc, argv);
}
