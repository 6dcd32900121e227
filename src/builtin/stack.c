/* stack.c - call chains and symbols: kstack, ustack, ksym(), usym().
 *
 * A stack's value is its addresses only; they become names when they are shown, and two stacks are the same key
 * when their addresses are.
 */
#include "builtin/builtin.h"

#include <string.h>

enum { FRAMES_DEFAULT = 127, FRAMES_MAX = 127 };

static const struct {
	const char *name;
	enum stack_mode mode;
} modes[] = {
	{ "bpftrace", STACK_BPFTRACE }, { "perf", STACK_PERF }, { "raw", STACK_RAW }, { "build_id", STACK_BUILD_ID },
};

static bool find_mode(struct checker *c, const struct node *n, const char *word, enum stack_mode *mode)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		if (strcmp(modes[i].name, word) == 0) {
			*mode = modes[i].mode;
			return true;
		}
	}
	return diag_error(c->diags, n->span, "Unknown stack mode: '%s'", word);
}

/* kstack, kstack(3), kstack(perf), kstack(perf, 3) */
static bool check_stack(struct checker *c, struct node *n)
{
	struct type *t = arena_alloc(c->arena, sizeof(*t));
	int64_t frames = FRAMES_DEFAULT;
	unsigned next = 0;

	*t = (struct type){ .kind = n->text[0] == 'k' ? TYPE_KSTACK : TYPE_USTACK, .size = 8,
			    .stack_mode = c->program->config.stack_mode };
	if (next < n->n_list && n->list[next]->kind == NODE_NAME) {
		if (!find_mode(c, n, n->list[next]->text, &t->stack_mode))
			return false;
		next++;
	} else if (n->n_list == 2) {
		return diag_error(c->diags, n->span, "%s() expects the mode first: %s(perf, 3)", n->text, n->text);
	}
	if (next < n->n_list && !check_literal_int(c, n, next, &frames))
		return false;
	if (frames < 0 || frames > FRAMES_MAX)
		return diag_error(c->diags, n->span, "%s([int limit]): limit shouldn't exceed %d, %lld given", n->text,
				  FRAMES_MAX, (long long)frames);
	t->count = (uint64_t)frames;
	n->type = t;
	return true;
}

static void eval_stack(struct eval *e, const struct node *n, union value *out)
{
	const struct record *r = eval_record(e);
	bool kernel = n->type->kind == TYPE_KSTACK;
	const struct frame *frames = kernel ? r->kstack : r->ustack;
	unsigned many = kernel ? r->n_kstack : r->n_ustack;
	struct stack *s;

	if (many > n->type->count)
		many = (unsigned)n->type->count;
	s = eval_scratch(e, sizeof(*s) + many * sizeof(s->addresses[0]));
	s->pid = kernel ? 0 : builtin_pid(e);
	s->n = many;
	for (unsigned i = 0; i < many; i++)
		s->addresses[i] = frames[i].address;
	memset(out, 0, sizeof(*out));
	out->stack = s;
}

/* ---- symbols ---- */

static const struct type type_ksym = { .kind = TYPE_KSYM, .size = 8 };
static const struct type type_usym = { .kind = TYPE_USYM, .size = 16 };

static bool is_address(struct checker *c, const struct node *n)
{
	const struct type *t = n->list[0]->type;

	return t->kind == TYPE_POINTER || t->kind == TYPE_KSYM || t->kind == TYPE_USYM || type_is_integer(t) ||
	       diag_error(c->diags, n->span, "%s() expects an integer or pointer argument", n->text);
}

static bool check_ksym(struct checker *c, struct node *n)
{
	n->type = &type_ksym;
	return is_address(c, n);
}

static bool check_usym(struct checker *c, struct node *n)
{
	n->type = &type_usym;
	return is_address(c, n);
}

static void eval_ksym(struct eval *e, const struct node *n, union value *out)
{
	int64_t address = eval_number(e, n->list[0]);

	memset(out, 0, sizeof(*out));
	out->n = address;
}

static void eval_usym(struct eval *e, const struct node *n, union value *out)
{
	int64_t address = eval_number(e, n->list[0]);

	memset(out, 0, sizeof(*out));
	out->usym.address = address;
	out->usym.pid = builtin_pid(e);
}

const struct builtin builtin_stack[] = {
	{ "kstack", BUILTIN_VARIABLE, 0, 2, FETCHED_KSTACK, .words = true,
	  .usage = "kstack, kstack([bpftrace|perf|raw|build_id][, int frames])", .about = "call chain in the kernel",
	  .check = check_stack, .eval = eval_stack },
	{ "ustack", BUILTIN_VARIABLE, 0, 2, FETCHED_USTACK, .words = true,
	  .usage = "ustack, ustack([bpftrace|perf|raw|build_id][, int frames])",
	  .about = "call chain in the process, by frame pointers", .check = check_stack, .eval = eval_stack },
	{ "ksym", BUILTIN_FUNCTION, 1, 1, .usage = "ksym(uint64 address)", .about = "name of a kernel address",
	  .check = check_ksym, .eval = eval_ksym },
	{ "usym", BUILTIN_FUNCTION, 1, 1, .usage = "usym(uint64 address)", .about = "name of an address of the process",
	  .check = check_usym, .eval = eval_usym },
	{ 0 }
};
