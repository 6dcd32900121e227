/* eval_world.h - runs a program of the language without a kernel: its BEGIN actions, canned records, its END
 * actions, and the maps at the end. For the unit test, the fuzzer and the bench of the evaluator.
 *
 * A record is a line:
 *
 *	kprobe:f tid=7 time=1500 comm=bash kstack=1003,2001 10 -3 "abc" "long".. fault
 *
 * Its values are what was fetched: argN is value N, and so are retval (0), str(argN) and buf(argN, n).
 */
#ifndef EVAL_WORLD_H
#define EVAL_WORLD_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "eval/eval.h"
#include "out/out.h"

enum { WORLD_VALUES = 16, WORLD_FRAMES = 16 };

struct world {
	struct arena *arena;
	struct diags *diags;
	struct source source;
	struct program *program;
	struct names names;
	struct eval_host host;
	struct eval_options opt;
	struct eval *eval;
	struct out *out;
	int fd;				/* what was printed */
	int status;			/* of exit() */
	bool quiet;			/* nobody looks at the output */
};

/* ---- the world around the program ---- */

static bool world_kernel(void *ctx, uint64_t address, const char **name, uint64_t *offset)
{
	static char names[8][16];
	static unsigned next;

	if (address < 0x1000)
		return false;
	*name = names[next++ % 8];
	snprintf((char *)(uintptr_t)*name, 16, "func_%llx", (unsigned long long)(address >> 12) & 0xfff);
	*offset = address & 0xfff;
	return true;
}

static bool world_user(void *ctx, pid_t pid, uint64_t address, const char **name, uint64_t *offset, const char **file)
{
	*file = "/bin/app";
	return world_kernel(ctx, address, name, offset);
}

static const char *world_username(void *ctx, uint32_t uid)
{
	return uid == 1000 ? "alice" : NULL;
}

static void world_cgroup(void *ctx, uint64_t id, struct str *out)
{
	str_addf(out, "unified:/group%llu", (unsigned long long)id);
}

static bool world_kernel_address(void *ctx, const char *name, uint64_t *address)
{
	*address = 0xffffffff81000000;
	return strcmp(name, "jiffies") == 0;
}

static bool world_process(void *ctx, pid_t pid, struct process *out)
{
	static char comm[16];

	snprintf(comm, sizeof(comm), "proc%d", pid);
	*out = (struct process){ .pid = pid, .ppid = pid - 1, .uid = 1000, .gid = 100, .comm = comm, .cgroup = 77,
				 .known = true };
	return true;
}

static void world_message(void *ctx, const char *kind, const char *text, size_t n)
{
	struct world *w = ctx;

	if (w->out)
		out_message(w->out, kind, text, n);
}

static void world_value(void *ctx, const struct type *t, const union value *v)
{
	struct world *w = ctx;

	if (w->out)
		out_value(w->out, t, v);
}

static void world_map(void *ctx, const struct map_view *m)
{
	struct world *w = ctx;

	if (w->out)
		out_map(w->out, m);
}

static void world_complain(void *ctx, const struct complaint *c)
{
	struct world *w = ctx;

	if (w->out && !w->quiet)
		out_complaint(w->out, c);
}

/* struct a_b: what `args` are at tracepoint:a:b. */
static const struct layout *world_args(void *ctx, const struct attach_point *p, const char **why)
{
	static const struct type of_int32 = { .kind = TYPE_INT, .size = 4, .is_signed = true };
	static const struct type of_uint8 = { .kind = TYPE_INT, .size = 1 };
	static const struct type of_uint64 = { .kind = TYPE_INT, .size = 8 };
	static const struct type of_string = { .kind = TYPE_STRING, .size = 16 };
	static const struct type of_array = { .kind = TYPE_ARRAY, .size = 4, .of = &of_uint8, .count = 4 };
	static struct member fields[] = {
		{ .name = "fd", .type = &of_int32, .offset = 8 },
		{ .name = "name", .type = &of_string, .offset = 12, .is_data_loc = true },
		{ .name = "count", .type = &of_uint64, .offset = 16 },
		{ .name = "addr", .type = &of_array, .offset = 24 },
	};
	static const struct layout layout = { .name = "struct a_b", .complete = true, .size = 28, .align = 8,
					      .members = fields, .n_members = 4 };

	if (strcmp(p->provider, "tracepoint") == 0)
		return &layout;
	*why = "there is no such event";
	return NULL;
}

/* ---- making it ---- */

/* As plan/lower.c does it, but a value's slot is its number in the record. */
static void world_lower(struct node *n)
{
	enum builtin_fetch fetch;

	if (!n)
		return;
	world_lower(n->a);
	world_lower(n->b);
	world_lower(n->c);
	for (unsigned i = 0; i < n->n_list; i++)
		world_lower(n->list[i]);
	if ((n->kind != NODE_BUILTIN && n->kind != NODE_CALL) || !n->builtin)
		return;
	fetch = n->builtin->fetch;
	if (fetch == FETCHED_ARGUMENT || fetch == FETCHED_RETVAL) {
		n->kind = NODE_CAPTURE;
		n->slot = fetch == FETCHED_RETVAL ? 0 : (unsigned)atoi(n->text + strlen("arg")) % WORLD_VALUES;
	} else if ((fetch == FETCHED_STRING || fetch == FETCHED_BUFFER) &&
		   n->list[0]->kind == NODE_CAPTURE) {
		n->slot = n->list[0]->slot;
		n->kind = NODE_CAPTURE;
	}
}

static bool world_make(struct world *w, const char *text, const struct program_options *popt, bool unsafe)
{
	struct program_options none = { 0 };
	struct check_options copt = { .unsafe = unsafe, .args = world_args };

	w->arena = arena_new();
	w->diags = diags_new();
	w->source = (struct source){ "stdin", text };
	w->names = (struct names){ .kernel = world_kernel, .user = world_user, .username = world_username,
				   .cgroup_path = world_cgroup, .kernel_address = world_kernel_address,
				   .boot_to_real_ns = 1000000000000000000, .boot_to_mono_ns = (uint64_t)-1000,
				   .boot_to_tai_ns = 1000000037000000000, .terminal = w->names.terminal };
	w->host = (struct eval_host){ .ctx = w, .names = &w->names, .message = world_message, .value = world_value,
				      .map = world_map, .complain = world_complain, .process = world_process };
	w->program = program_parse(w->arena, &w->source, popt ? popt : &none, w->diags);
	if (!w->program || !program_check(w->program, &copt, w->diags))
		return false;
	for (unsigned i = 0; i < w->program->n_actions; i++) {
		world_lower(w->program->actions[i]->predicate);
		world_lower(w->program->actions[i]->body);
	}
	w->names.config = &w->program->config;
	w->eval = eval_new(w->program, &w->host, &w->opt);
	return true;
}

static void world_release(struct world *w)
{
	eval_free(w->eval);
	out_free(w->out);
	diags_free(w->diags);
	arena_free(w->arena);
	if (w->fd > 0)
		close(w->fd);
}

/* Output into memory. */
static void world_open(struct world *w, const char *format)
{
	struct out_options opt = { .format = format, .names = &w->names };

	w->fd = memfd_create("output", MFD_CLOEXEC);
	opt.fd = w->fd;
	w->out = out_new(&opt);
}

/* ---- records ---- */

struct world_record {
	struct record r;
	char point[128], comm[16];
	struct captured values[WORLD_VALUES];
	struct frame kstack[WORLD_FRAMES], ustack[WORLD_FRAMES];
	unsigned n_values;
	unsigned char bytes[256];
	uint64_t numbers[WORLD_VALUES];
	char texts[WORLD_VALUES][256];
};

static void world_init_record(struct world_record *r)
{
	memset(r, 0, sizeof(*r));
	snprintf(r->comm, sizeof(r->comm), "trapline");
	r->r = (struct record){ .time_ns = 5000000000, .cpu = 1, .pid = 42, .tid = 42, .comm = r->comm,
				.values = r->values, .kstack = r->kstack, .ustack = r->ustack };
}

static unsigned world_frames(const char *text, struct frame *frames)
{
	unsigned n = 0;

	while (*text && *text != ' ' && n < WORLD_FRAMES) {
		char *end;

		frames[n++].address = strtoull(text, &end, 16);
		text = *end == ',' ? end + 1 : end;
		if (text == end && *text && *text != ' ')
			break;
	}
	return n;
}

static void world_bytes(const char *text, struct world_record *r)
{
	unsigned byte;

	while (r->r.n_bytes < sizeof(r->bytes) && sscanf(text, "%2x", &byte) == 1 && *text != ' ') {
		r->bytes[r->r.n_bytes++] = (unsigned char)byte;
		text += 2;
	}
	r->r.bytes = r->bytes;
}

/* One word of a record's line; returns what is behind it. */
static const char *world_word(struct world_record *r, const char *p)
{
	unsigned i = r->n_values < WORLD_VALUES - 1 ? r->n_values : WORLD_VALUES - 1;
	struct captured *v = &r->values[i];
	size_t n = strcspn(p, " ");

	if (strncmp(p, "tid=", 4) == 0) {
		r->r.tid = r->r.pid = atoi(p + 4);
	} else if (strncmp(p, "pid=", 4) == 0) {
		r->r.pid = atoi(p + 4);
	} else if (strncmp(p, "cpu=", 4) == 0) {
		r->r.cpu = atoi(p + 4);
	} else if (strncmp(p, "time=", 5) == 0) {
		r->r.time_ns = strtoull(p + 5, NULL, 10);
	} else if (strncmp(p, "comm=", 5) == 0) {
		snprintf(r->comm, sizeof(r->comm), "%.*s", (int)(n - 5), p + 5);
	} else if (strncmp(p, "kstack=", 7) == 0) {
		r->r.n_kstack = world_frames(p + 7, r->kstack);
	} else if (strncmp(p, "ustack=", 7) == 0) {
		r->r.n_ustack = world_frames(p + 7, r->ustack);
	} else if (strncmp(p, "bytes=", 6) == 0) {
		world_bytes(p + 6, r);
	} else if (*p == '"') {
		n = strcspn(p + 1, "\"");
		v->len = n < sizeof(r->texts[i]) ? n : sizeof(r->texts[i]);
		memcpy(r->texts[i], p + 1, v->len);
		v->data = (unsigned char *)r->texts[i];
		v->valid = true;
		p += 2;
		v->cut = strncmp(p + n, "..", 2) == 0;
		n += v->cut ? 2 : 0;
		r->n_values++;
	} else if (strncmp(p, "fault", 5) == 0) {
		v->valid = false;
		r->n_values++;
	} else {
		r->numbers[i] = *p == '-' ? (uint64_t)strtoll(p, NULL, 0) : strtoull(p, NULL, 0);
		v->data = (unsigned char *)&r->numbers[i];
		v->len = sizeof(r->numbers[i]);
		v->valid = true;
		r->n_values++;
	}
	return p + n;
}

static void world_parse_record(struct world_record *r, const char *line)
{
	size_t n = strcspn(line, " \n");

	world_init_record(r);
	snprintf(r->point, sizeof(r->point), "%.*s", (int)n, line);
	for (line += n; *line; ) {
		line += strspn(line, " ");
		if (*line)
			line = world_word(r, line);
	}
}

/* Runs the actions at a point (all of a provider when the point has no colon); false: exit() was called. */
static bool world_hit(struct world *w, const char *point, const struct record *r)
{
	for (unsigned i = 0; i < w->program->n_actions; i++) {
		const struct action *a = w->program->actions[i];

		if (strcmp(strchr(point, ':') ? a->point->text : a->point->provider, point) == 0 &&
		    !eval_action(w->eval, a, r, &w->status))
			return false;
	}
	return true;
}

/* BEGIN, the records (lines), END, the maps. */
static void world_run(struct world *w, const char *records)
{
	struct world_record r;
	bool go;

	world_init_record(&r);
	go = world_hit(w, "begin", &r.r);
	while (go && records && *records) {
		size_t n = strcspn(records, "\n");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)n, records);
		if (n) {
			world_parse_record(&r, line);
			go = world_hit(w, r.point, &r.r);
		}
		records += records[n] ? n + 1 : n;
	}
	world_init_record(&r);
	world_hit(w, "end", &r.r);
	eval_print_maps(w->eval);
}

/* What was printed; the caller releases it. */
static void world_output(struct world *w, struct str *text)
{
	char part[4096];
	ssize_t got;

	out_flush(w->out);
	lseek(w->fd, 0, SEEK_SET);
	str_clear(text);
	while ((got = read(w->fd, part, sizeof(part))) > 0)
		str_addn(text, part, (size_t)got);
}

#endif
