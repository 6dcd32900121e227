/* lens.c - `explain --live`: a hit as it happens, in the process's memory and in the ring buffer.
 *
 * One process is looked at: a command of ours, which ptrace(2) holds at the moments where there is something
 * to see (trace/watch.c), or one that runs already. The probe is armed through a tracefs instance whose
 * set_event_pid lets only this process's hits in, because each line of that way can be repeated by hand:
 *
 *	the memory before; the lines are written; the memory with the breakpoint; the first records, byte by
 *	byte; the [uprobes] page; everything is taken back; the memory as it was.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

enum {
	SHOWN_RECORDS = 3,		/* when -n does not say */
	SHOWN_BYTES = 16,
	DUMP_BYTES = 16,		/* in a row */
	DUMP_ROWS = 16,
	RING_HEAD = 16,			/* bytes before the first record of a page */
	FIELD_BYTES = 8,		/* shown of a long one */
	LOOK_MS = 10,			/* between two looks for records */
	STEP_MS = 1,			/* between two looks whether the command has stopped */
	DYING_LOOKS = 50,		/* until threads that are being ended are gone */
	DYING_MS = 1000,		/* that a command has to end when it is told to */
};

#define FIRST_PID_NAMESPACE 0xeffffffcu	/* PROC_PID_INIT_INO */

typedef unsigned long long ull;

/* A breakpoint in the process. */
struct spot {
	const struct site *site;
	uint64_t address;		/* in the process; 0: its file is not mapped */
	struct mapping map;		/* path: "" */
	unsigned char file[SHOWN_BYTES];/* the bytes of the file */
};

struct lens {
	struct explain *x;
	struct teacher *t;
	pid_t pid;
	struct target *target;		/* -c */
	bool watched;			/* ptrace holds it now and then */
	bool held;			/* it is stopped where watch_next() said */
	bool leaving;			/* it is stopped in the middle of its end */
	bool leaderless;		/* its first thread has ended, others go on: it is held no more */
	int process;			/* -p: readable when it has ended; -1: the kernel cannot say */
	bool replaced;			/* it has become another program since the places were shown */
	bool gone, interrupted;
	struct session *session;
	struct spot *spots;
	size_t n_spots;
	struct addresses *addresses;
	struct pairs *pairs;
	uint64_t records, wanted;
	int error;
};

static bool fails(struct lens *l, const char *what, int err)
{
	return diag_error(l->x->r.diags, NO_SPAN, "%s: %s", what, os_strerror(-err));
}

/* ---- the process ---- */

/* Is this mapping of the site's file? Whatever it is called now: by device and inode. */
static bool maps_file(struct lens *l, const struct mapping *m, const struct site *site)
{
	_cleanup_(str_release) struct str link = STR_INIT;
	struct stat a, b;

	if (!m->inode)
		return false;
	maps_link(l->pid, m, &link);
	return stat(link.s, &a) == 0 && stat(site->kernel_path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static void find_spot(struct lens *l, struct spot *spot, const struct mapping *maps, int n)
{
	uint64_t offset = spot->site->offset;

	for (int i = 0; i < n && !spot->address; i++) {
		const struct mapping *m = &maps[i];

		if (!m->executable || offset < m->offset || offset - m->offset >= m->end - m->begin ||
		    !maps_file(l, m, spot->site))
			continue;
		spot->address = m->begin + (offset - m->offset);
		spot->map = *m;
		spot->map.path = (char *)"";
	}
}

/* Where are the breakpoints in the process? True when all are known. */
static bool find_spots(struct lens *l)
{
	struct mapping *maps = NULL;
	int n = maps_read(l->pid, &maps);
	bool all = true;

	for (size_t i = 0; i < l->n_spots; i++) {
		if (n > 0)
			find_spot(l, &l->spots[i], maps, n);
		all = all && l->spots[i].address;
	}
	if (n >= 0)
		maps_free(maps, n);
	return all;
}

static bool make_spots(struct lens *l)
{
	for (size_t i = 0; i < l->x->r.found.n_sites; i++) {
		const struct site *site = l->x->r.found.sites[i];
		struct elf_file *e;
		struct spot *spot;
		uint64_t address;
		bool executable;

		if (site->provider != PROVIDER_UPROBE)
			continue;
		spot = MEM_PUSH(l->spots, l->n_spots);
		spot->site = site;
		if (elf_open(site->kernel_path, &e, NULL) != 0)
			continue;
		if (elf_offset_to_address(e, site->offset, &address, &executable))
			elf_bytes(e, address, spot->file, sizeof(spot->file));
		elf_close(e);
	}
	return true;
}

/* The threads of the process, as set_event_pid wants them. */
static const char *threads(struct lens *l)
{
	_cleanup_(mem_free_ptr) pid_t *tids = NULL;
	struct str s = STR_INIT;
	int n = os_threads(l->pid, &tids);
	const char *text;

	for (int i = 0; i < n; i++)
		str_addf(&s, "%s%d", i ? " " : "", (int)tids[i]);
	text = n > 0 ? arena_strdup(l->x->r.arena, s.s) : arena_fmt(l->x->r.arena, "%d", (int)l->pid);
	str_release(&s);
	return text;
}

/* ---- the reader's pace ---- */

static bool has_ended(struct lens *l);

/* A signal has come; or does within the time. It stays to be seen again. */
static bool interrupted(struct lens *l, int ms)
{
	struct pollfd fd = { l->x->signals, POLLIN, 0 };

	l->interrupted = l->interrupted || poll(&fd, 1, ms) > 0;
	return l->interrupted;
}

/* With --pause: everything stays as it is until the reader has seen enough of it. A command that is not held goes on
 * meanwhile, and its signals are handed on. */
static void show_and_pause(struct lens *l)
{
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };
	char key = 0;

	lesson_show(l->t);
	if (!l->x->pause || interrupted(l, 0))
		return;
	out_flush(l->t->out);
	fputs("-- Enter goes on --\n", stderr);
	while (!interrupted(l, 0) && key != '\n') {
		if (poll(&fd, 1, LOOK_MS) > 0 && read(STDIN_FILENO, &key, 1) != 1)
			return;
		if (!l->held)
			has_ended(l);
	}
}

/* ---- its memory ---- */

static const char *memory(struct lens *l, const struct spot *spot)
{
	unsigned char bytes[SHOWN_BYTES];
	long n = watch_memory(l->pid, spot->address, bytes, sizeof(bytes));

	if (n < 0)
		return arena_fmt(l->t->arena, "cannot be read: %s", os_strerror((int)-n));
	return lesson_hex(l->t, bytes, (size_t)n);
}

static void memory_command(struct lens *l, const struct spot *spot)
{
	lesson_command(l->t, "dd if=/proc/%d/mem bs=1 skip=$((%#llx)) count=%d 2>/dev/null | od -An -tx1", (int)l->pid,
		       (ull)spot->address, SHOWN_BYTES);
}

/* Two probes may sit at one place. */
static bool is_first(const struct lens *l, size_t spot)
{
	for (size_t i = 0; i < spot; i++)
		if (l->spots[i].address == l->spots[spot].address)
			return false;
	return true;
}

/* The memory at each breakpoint, in a table; with commands that show it while the process lives. */
static void tell_memory(struct lens *l, const char *column)
{
	const char **columns = arena_alloc(l->t->arena, 4 * sizeof(*columns));

	columns[0] = "probe";
	columns[1] = "#address";
	columns[2] = column;
	lesson_table(l->t, "memory", columns);
	for (size_t i = 0; i < l->n_spots; i++)
		if (l->spots[i].address)
			lesson_row(l->t, l->spots[i].site->label,
				   arena_fmt(l->t->arena, "%#llx", (ull)l->spots[i].address), memory(l, &l->spots[i]));
	for (size_t i = 0; i < l->n_spots; i++)
		if (l->spots[i].address && is_first(l, i))
			memory_command(l, &l->spots[i]);
}

static void tell_spot(struct lens *l, const struct spot *spot)
{
	lesson_text(l->t, "Process %d has mapped the file's bytes from %#llx on at %#llx-%#llx. So the place is at", (int)l->pid,
		    (ull)spot->map.offset, (ull)spot->map.begin, (ull)spot->map.end);
	lesson_number(l->t, "address", "address", spot->address, "%#llx + (%#llx - %#llx) = %#llx", (ull)spot->map.begin,
		      (ull)spot->site->offset, (ull)spot->map.offset, (ull)spot->address);
	lesson_fact(l->t, "file_bytes", "in the file", "%s", lesson_hex(l->t, spot->file, sizeof(spot->file)));
}

static size_t mapped_spots(const struct lens *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_spots; i++)
		n += l->spots[i].address != 0;
	return n;
}

static void tell_places(struct lens *l)
{
	for (size_t i = 0; i < l->n_spots; i++) {
		if (!l->spots[i].address)
			continue;
		lesson_begin(l->t, l->spots[i].site, "mapping", "Where the place is in process %d", (int)l->pid);
		tell_spot(l, &l->spots[i]);
		lesson_command(l->t, "grep r-x /proc/%d/maps", (int)l->pid);
		lesson_show(l->t);
	}
}

static void tell_before(struct lens *l)
{
	lesson_begin(l->t, NULL, "before", "The memory of process %d, before", (int)l->pid);
	tell_memory(l, "bytes");
	show_and_pause(l);
}

static void tell_armed(struct lens *l)
{
	const struct arch *a = l->n_spots ? l->spots[0].site->arch : NULL;
	bool x86 = a && (strcmp(a->ip, "ip") == 0);

	if (!mapped_spots(l)) {
		lesson_begin(l->t, NULL, "armed", "Armed, but not in process %d", (int)l->pid);
		lesson_text(l->t, "The process has not mapped the file: the breakpoint is in no memory of it.");
		show_and_pause(l);
		return;
	}
	lesson_begin(l->t, NULL, "armed", "Armed: the breakpoint in the memory of process %d", (int)l->pid);
	lesson_text(l->t, "%s%s The page was shared with the file; the process has a copy of its own now, and the file on "
			  "the disk is as it was.", x86 ? "The first byte has become cc: int3, a breakpoint."
							 : "The first instruction has become a breakpoint.",
		    l->target ? " (The command is held right behind its exec, or when the library was mapped.)" : "");
	if (!l->x->pause)
		lesson_text(l->t, "(These lines work while the process is there; --pause holds everything after each step.)");
	tell_memory(l, "bytes");
	show_and_pause(l);
}

/* ---- the [uprobes] page ---- */

static void tell_page(struct lens *l)
{
	struct mapping *maps = NULL;
	int n = maps_read(l->pid, &maps);
	const struct mapping *page = NULL;

	for (int i = 0; i < n; i++)
		if (strcmp(maps[i].path, "[uprobes]") == 0)
			page = &maps[i];
	lesson_begin(l->t, NULL, "uprobes_page", "The [uprobes] page");
	if (page) {
		lesson_number(l->t, "address", "at", page->begin, "%#llx-%#llx, executable", (ull)page->begin, (ull)page->end);
		lesson_text(l->t, "The kernel has added this page to process %d: copies of instructions are single-stepped "
				  "there, and it holds the trampoline to which probed functions return.", (int)l->pid);
	} else {
		lesson_text(l->t, n <= 0 ? "The process has ended: its mappings are gone."
			    : l->replaced ? "There is none in the program that the process has become."
					  : "There is none: nothing had to be single-stepped, and no return was "
					    "probed, so far.");
	}
	lesson_command(l->t, "grep uprobes /proc/%d/maps", (int)l->pid);
	show_and_pause(l);
	if (n >= 0)
		maps_free(maps, n);
}

/* ---- a record ---- */

struct record_view {
	struct lens *l;
	const struct record *r;
};

static uint64_t number_at(const struct record *r, unsigned offset, unsigned size)
{
	uint64_t v = 0;

	if (offset > r->n_bytes || size > r->n_bytes - offset || size > sizeof(v))
		return 0;
	for (unsigned i = 0; i < size; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		v |= (uint64_t)r->bytes[offset + i] << 8 * i;
#else
		v = v << 8 | r->bytes[offset + i];
#endif
	}
	return v;
}

static const char *number_text(struct arena *a, const struct event_field *f, uint64_t n)
{
	if (f->is_signed && f->size < sizeof(n))
		return arena_fmt(a, "%lld", (long long)(n << (64 - 8 * f->size)) >> (64 - 8 * f->size));
	if (f->is_signed)
		return arena_fmt(a, "%lld", (long long)n);
	return arena_fmt(a, n > UINT16_MAX ? "%#llx" : "%llu", (ull)n);
}

/* The text that the field says the place of. */
static const char *text_at(struct arena *a, const struct record *r, size_t at, size_t n)
{
	struct str text = STR_INIT;
	const char *out;

	if (n == 0 || at > r->n_bytes || n > r->n_bytes - at)
		return arena_fmt(a, "at byte %zu, %zu bytes", at, n);
	str_addc(&text, '"');
	str_add_scrubbed(&text, (const char *)r->bytes + at, strnlen((const char *)r->bytes + at, n), '"');
	str_addf(&text, "\" at byte %zu, %zu bytes", at, n);
	out = arena_strdup(a, text.s);
	str_release(&text);
	return out;
}

static void tell_field(void *ctx, const struct event_field *f)
{
	struct record_view *v = ctx;
	struct arena *a = v->l->t->arena;
	unsigned there = f->offset < v->r->n_bytes ? (unsigned)v->r->n_bytes - f->offset : 0;
	unsigned size = f->size < there ? f->size : there;
	uint64_t n = number_at(v->r, f->offset, f->size);
	const char *value = f->is_place ? text_at(a, v->r, n & 0xffff, n >> 16)
			  : f->size <= sizeof(n) ? number_text(a, f, n)
						 : "";

	lesson_row(v->l->t, arena_fmt(a, "%u", f->offset), arena_fmt(a, "%u", f->size), f->name,
		   lesson_hex(v->l->t, v->r->bytes + f->offset, size < FIELD_BYTES ? size : FIELD_BYTES), value);
}

static void tell_dump(struct lens *l, const unsigned char *bytes, size_t n)
{
	static const char *const columns[] = { "#byte", "hex", "text", NULL };

	lesson_table(l->t, "page", columns);
	for (size_t at = 0; at < n && at < DUMP_ROWS * DUMP_BYTES; at += DUMP_BYTES) {
		size_t part = n - at < DUMP_BYTES ? n - at : DUMP_BYTES;
		char text[DUMP_BYTES + 1] = "";

		for (size_t i = 0; i < part; i++)
			text[i] = bytes[at + i] > ' ' && bytes[at + i] < 0x7f ? (char)bytes[at + i] : '.';
		lesson_row(l->t, arena_fmt(l->t->arena, "%zu", at), lesson_hex(l->t, bytes + at, part), text);
	}
}

/* The head of a record: a word, or two when it is too long for the five bits. */
static bool has_long_head(const struct record *r, size_t at)
{
	uint32_t words[2];

	if (at < RING_HEAD + sizeof(words))
		return false;
	memcpy(words, r->page + at - sizeof(words), sizeof(words));
	return (words[0] & 31) == 0 && words[1] >= r->n_bytes;
}

/* The page from its head to the end of the first record: what stands before the record is the ring buffer's. */
static void tell_ring_page(struct lens *l, const struct record *r)
{
	size_t at = (size_t)(r->bytes - r->page), end = at + r->n_bytes;

	lesson_text(l->t, "The ring buffer hands out pages. This one begins with 8 bytes of time and 8 bytes that say how "
			  "many are used. Before each record stands a word of 4 bytes: its lower 5 bits are the length, in words, "
			  "the others how much later it came.%s The record begins at byte %zu%s:",
		    has_long_head(r, at) ? " This record is too long for 5 bits: they are 0, and a second word has its length in "
					   "bytes." : "",
		    at, end > DUMP_ROWS * DUMP_BYTES ? " (only the beginning is shown)" : "");
	tell_dump(l, r->page, end);
}

static bool take_record(void *ctx, const struct record *record)
{
	static const char *const columns[] = { "#byte", "#size", "field", "bytes", "value", NULL };
	struct lens *l = ctx;
	struct record_view v = { l, record };
	struct record r = *record;

	if (r.pid > 0 && r.pid != l->pid && !l->x->r.follow)
		return true;		/* a child: set_event_pid follows forks, for new threads are forks too */
	lesson_begin(l->t, r.site, "record", "Record %llu, as the kernel wrote it", (ull)++l->records);
	if (r.page && l->records == 1)
		tell_ring_page(l, record);
	lesson_text(l->t, "The event's `format` file says which field is where:");
	lesson_table(l->t, "fields", columns);
	session_fields(l->session, r.site, tell_field, &v);
	lesson_command(l->t, "cat %s/events/%s/%s/format", tracefs_root(l->x->r.tracefs), l->x->r.plan.opt.name,
		       r.site->event);
	lesson_text(l->t, "And as `trapline probe` shows it:");
	lesson_show(l->t);
	r.n_ustack = r.n_kstack = 0;
	out_header(l->t->out);
	out_record(l->t->out, &r);
	return l->records < l->wanted;
}

static bool take_lost(void *ctx, const struct lost *lost)
{
	struct lens *l = ctx;

	out_lost(l->t->out, lost);
	if (!lost->at_most)
		fprintf(stderr, "trapline: lost %llu event%s: %s\n", (ull)lost->count, lost->count == 1 ? "" : "s",
			lost->why ? lost->why : "they were not recorded");
	return true;
}

static bool drain(struct lens *l, bool last)
{
	struct sink end = { l, take_record, take_lost, NULL }, sink = pairs_sink(l->pairs, &end);
	int n = session_drain(l->session, last, &sink);
	int err = out_flush(l->t->out);

	if (n < 0 && n != -ECANCELED)
		l->error = n;
	if (err)
		l->error = err;
	return !l->error && n != -ECANCELED;
}

/* ---- the way ---- */

static enum watch_event next_stop(struct lens *l)
{
	enum watch_event e;

	while ((e = watch_next(l->pid)) == WATCH_NOTHING && !interrupted(l, STEP_MS))
		;
	return e;
}

/* Lets the command go on from system call to system call until the probed files are mapped. */
static void until_mapped(struct lens *l)
{
	enum watch_event e = next_stop(l);

	while ((e == WATCH_EXEC || e == WATCH_SYSCALL) && !find_spots(l)) {
		watch_go(l->pid, true);
		e = next_stop(l);
	}
	l->gone = e == WATCH_GONE;
	l->leaving = e == WATCH_EXIT;
	l->held = e != WATCH_GONE && e != WATCH_NOTHING;
}

/* A zombie has ended, too, though it has a number still. */
static bool process_has_ended(struct lens *l)
{
	struct pollfd fd = { l->process, POLLIN, 0 };

	return l->process >= 0 ? poll(&fd, 1, 0) > 0 : os_start_time(l->pid, &(uint64_t){ 0 }) != 0;
}

/* The first thread is about to end. Do others go on without it? When the whole process ends they are gone in a
 * moment. */
static bool others_live(struct lens *l)
{
	int n = 2;

	for (int i = 0; n > 1 && i < DYING_LOOKS; i++) {
		_cleanup_(mem_free_ptr) pid_t *tids = NULL;

		n = os_threads(l->pid, &tids);
		if (n > 1)
			usleep(STEP_MS * 1000);
	}
	return n > 1;
}

/* What the command has come to. One that has become another program is looked at again. */
static void serve(struct lens *l)
{
	enum watch_event e = watch_next(l->pid);

	if (e == WATCH_EXIT && others_live(l)) {
		l->leaderless = true;
		watch_go(l->pid, false);
		return;
	}
	if (e == WATCH_EXEC) {
		for (size_t i = 0; i < l->n_spots; i++)
			l->spots[i].address = 0;
		l->replaced = true;
	}
	l->leaving = e == WATCH_EXIT;
	l->gone = e == WATCH_GONE;
	l->held = l->leaving;
	if (e == WATCH_EXEC || e == WATCH_SYSCALL)
		watch_go(l->pid, l->replaced && !find_spots(l));
}

static bool has_ended(struct lens *l)
{
	if (!l->target)
		return process_has_ended(l);
	if (l->leaderless)
		l->gone = target_status(l->target) >= 0;
	else if (!l->leaving && !l->gone)
		serve(l);
	return l->leaving || l->gone;
}

static void watch_records(struct lens *l)
{
	uint64_t deadline = l->x->r.duration_ns ? os_clock_ns(CLOCK_MONOTONIC) + l->x->r.duration_ns : 0;

	while (drain(l, false) && !has_ended(l) && !interrupted(l, LOOK_MS) &&
	       !(deadline && os_clock_ns(CLOCK_MONOTONIC) >= deadline))
		;
	l->gone = l->gone || (!l->target && has_ended(l));
	session_stop(l->session);
	if (!l->error && l->records < l->wanted)
		drain(l, true);
}

/* Is the memory at each place what the file has? */
static bool is_restored(struct lens *l)
{
	for (size_t i = 0; i < l->n_spots; i++) {
		unsigned char bytes[SHOWN_BYTES];
		const struct spot *spot = &l->spots[i];

		if (spot->address && (watch_memory(l->pid, spot->address, bytes, sizeof(bytes)) != sizeof(bytes) ||
				      memcmp(bytes, spot->file, sizeof(bytes)) != 0))
			return false;
	}
	return true;
}

static void tell_restored(struct lens *l)
{
	bool there = !l->gone && mapped_spots(l);

	lesson_begin(l->t, NULL, "restored", "Taken back");
	lesson_text(l->t, "The instance is removed, the definitions are deleted.%s",
		    l->gone	   ? " The process has ended."
		    : !there	   ? " The process has not mapped the file."
		    : is_restored(l) ? " The memory is as the file has it again:"
				     : " The memory is not as the file has it (the program may change its own code, or "
				       "somebody else has a breakpoint there):");
	if (there)
		tell_memory(l, "bytes");
	show_and_pause(l);
}

/* set_event_pid takes the numbers that the kernel itself uses. Its first namespace has a fixed inode. */
static bool is_first_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) < 0 || st.st_ino == FIRST_PID_NAMESPACE;
}

static bool prepare(struct lens *l)
{
	struct request *r = &l->x->r;
	int err;

	if (!is_first_pid_namespace())
		return diag_error(r->diags, NO_SPAN, "in a pid namespace of its own (a container) trapline does not know the "
						     "kernel's numbers of threads, which --live needs: run it outside");
	l->pid = r->opt.pid;
	if (l->pid)
		l->process = (int)syscall(SYS_pidfd_open, l->pid, 0);
	if (r->command) {
		err = target_prepare(r->command, &l->target);
		if (err)
			return fails(l, "-c: cannot start a process", err);
		l->pid = target_pid(l->target);
		err = watch_begin(l->pid);
		if (err)
			return fails(l, "-c: the command cannot be held (ptrace)", err);
		l->watched = true;
	}
	l->wanted = r->count ? r->count : SHOWN_RECORDS;
	return make_spots(l);
}

static bool plan(struct lens *l)
{
	struct plan_options o = request_plan_options(&l->x->r);

	o.source = SOURCE_FTRACE;
	o.ustack = o.kstack = false;
	o.tids = threads(l);
	return request_plan(&l->x->r, &o);
}

static bool arm(struct lens *l)
{
	struct session_options o = { .pid = l->pid, .is_pointer = request_is_pointer,
				     .is_unchanged = identity_holds, .stop_fd = l->x->signals };

	return session_open(&l->session, l->x->r.tracefs, &l->x->r.plan, &o, l->x->r.diags);
}

static bool release(struct lens *l)
{
	int err = l->target ? target_release(l->target) : 0;

	if (err)
		return diag_error(l->x->r.diags, NO_SPAN, "-c: cannot run '%s': %s", l->x->r.command[0],
				  os_strerror(-err));
	if (l->target)
		until_mapped(l);
	return true;
}

static bool is_mapped(struct lens *l)
{
	for (size_t i = 0; i < l->n_spots; i++)
		if (!l->spots[i].address && !l->target)
			return diag_error(l->x->r.diags, NO_SPAN, "process %d has not mapped %s: it cannot get there", (int)l->pid,
					  l->spots[i].site->path);
	return true;
}

static bool show(struct lens *l)
{
	if (!l->target) {
		find_spots(l);
		if (!is_mapped(l))
			return false;
		tell_places(l);
		tell_before(l);
	}
	out_flush(l->t->out);
	if (!arm(l) || !release(l))
		return false;
	if (l->target)
		tell_places(l);
	if (l->n_spots && !l->gone)
		tell_armed(l);
	if (l->held && !l->leaving) {
		watch_go(l->pid, false);
		l->held = false;
	}
	watch_records(l);
	if (!l->records && !l->error)
		diag_warn(l->x->r.diags, NO_SPAN, "there was no hit");
	if (l->n_spots)
		tell_page(l);
	if (l->error == -EPIPE)
		return diag_error(l->x->r.diags, NO_SPAN, "nobody reads the output any more");
	return !l->error || fails(l, "the records cannot be shown", l->error);
}

/* Without a limit of the user's the command's own end is ours, and its exit status. */
static void await_end(struct lens *l)
{
	while (l->held && target_status(l->target) < 0)		/* it has only to leave */
		usleep(1000);
	if (l->x->r.count || l->x->r.duration_ns)
		return;
	while (target_status(l->target) < 0 && !interrupted(l, LOOK_MS))
		;
}

static void end_target(struct lens *l)
{
	if (!l->leaderless)
		watch_end(l->pid, l->held);
	if (!l->interrupted && !l->error)
		await_end(l);
	if (l->interrupted) {
		target_terminate(l->target);
		for (int ms = 0; ms < DYING_MS && target_status(l->target) < 0; ms++)
			usleep(1000);
	}
}

bool lens_run(struct explain *x, bool (*tell)(struct explain *x), int *status)
{
	struct lens l = { .x = x, .t = &x->teacher, .process = -1, .pairs = pairs_new() };
	bool ok = prepare(&l) && plan(&l) && tell(x) && show(&l);

	ok = session_close(l.session) && ok;
	if (ok && l.n_spots)
		tell_restored(&l);
	if (l.watched)
		end_target(&l);
	if (l.target && target_status(l.target) >= 0)
		*status = target_status(l.target);
	target_free(l.target);
	mem_close_fd(&l.process);
	pairs_free(l.pairs);
	free(l.spots);
	return ok;
}
