/* place.c - where the kernel finds the value of an expression.
 *
 * At a hit the kernel can give a register, a word of the stack, a field of a static event; and from any of these it
 * can go on through memory, as long as every step is a constant number of bytes: +8(+16(%di)) is the number that
 * lies 8 bytes behind what the pointer, 16 bytes behind the first argument, points to. The expressions of the
 * language that are such ways are found here:
 *
 *	arg0, retval, reg("di"), args.fd	where a way begins
 *	(struct foo *)arg0			changes the type, and not the way
 *	$p (given a value once)			is what was assigned to it
 *	$t.1, $t given a tuple once		is what stands there
 *	p->x, p.x, a[3], *(p + 8)		go on
 *
 * What is not a way has a reason, which the user is told: the pointer comes from a map, and so from another event;
 * it is chosen while the program runs; there is no event whose memory could be read.
 */
#include "plan/lower.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_DEPTH = 64,		/* of variables that are assigned from variables */
	FIRST_PAGE = 4096,	/* no process has memory below */
};

static bool fail(struct lower *l, const char *text, const char *hint)
{
	l->why = (struct why_not){ .text = text, .hint = hint };
	return false;
}

static struct fetch *fetch_new(struct lower *l, enum fetch_kind kind, const struct node *n)
{
	struct fetch *f = arena_alloc(l->arena, sizeof(*f));

	f->kind = kind;
	f->span = n->span;
	return f;
}

/* ---- places ---- */

struct place place_moved(const struct place *p, int64_t bytes)
{
	struct place moved = *p;

	moved.add += bytes;
	return moved;
}

static const struct fetch *symbol_fetch(struct lower *l, const struct place *p)
{
	struct fetch *f = arena_alloc(l->arena, sizeof(*f));

	f->kind = FETCH_AT;
	f->text = p->symbol;
	fetch_move(l->arena, f, p->add);
	return f;
}

const struct fetch *place_fetch(struct lower *l, const struct place *p)
{
	struct fetch *f;

	switch (p->kind) {
	case PLACE_VALUE:
		return p->add || !p->at ? NULL : p->at;
	case PLACE_FIELD:
		f = arena_alloc(l->arena, sizeof(*f));
		f->kind = p->entry ? FETCH_ENTRY_FIELD : FETCH_FIELD;
		f->text = p->field;
		f->n = p->add;
		f->span = p->span;
		f->declared = p->argument ? p->argument->declared : NULL;
		f->as = p->argument && !p->argument->gone ? p->argument->type : NULL;
		f->of_all = p->of_all;
		return f;
	case PLACE_MEMORY:
		break;
	}
	if (!p->at)
		return symbol_fetch(l, p);
	f = arena_alloc(l->arena, sizeof(*f));
	f->kind = FETCH_DEREF;
	f->n = p->add;
	f->user = p->user;
	f->inner = (struct fetch *)p->at;
	f->span = p->at->span;
	return f;
}

static bool is_address(const struct type *t)
{
	return t->kind == TYPE_POINTER || (t->kind == TYPE_INT && t->size == 8);
}

/* What the value at a place points to. */
static bool follow(struct lower *l, const struct place *value, struct place *out)
{
	*out = *value;
	out->kind = PLACE_MEMORY;
	out->user = value->marked ? value->to_user
				  : value->user || (value->type->kind == TYPE_POINTER && value->type->user);
	out->marked = false;
	if (value->kind == PLACE_VALUE)
		return true;
	if (!is_address(value->type) || value->bits)
		return fail(l, "the kernel can only follow what is as wide as a pointer", NULL);
	out->at = place_fetch(l, value);
	out->symbol = NULL;
	out->add = 0;
	return true;
}

bool place_behind(struct lower *l, const struct node *pointer, struct place *out)
{
	struct place value;

	return place_of(l, pointer, &value) && follow(l, &value, out);
}

/* ---- where ways begin ---- */

static bool is_one_of(const struct lower *l, const char *const *names, size_t n)
{
	for (size_t i = 0; l->tap && i < n; i++)
		if (strcmp(l->tap->point->provider, names[i]) == 0)
			return true;
	return false;
}

static bool has_memory(struct lower *l)
{
	static const char *const events[] = {
		"kprobe", "kretprobe", "uprobe", "uretprobe", "tracepoint", "fentry", "fexit", "usdt",
	};

	if (is_one_of(l, events, ARRAY_LEN(events)))
		return true;
	if (!l->tap)
		return fail(l, "in a function the kernel's memory is out of reach: it does not know which event calls it",
			    "read in the probe, and hand the value to the function");
	return fail(l, arena_fmt(l->arena, "at %s there is no event of the kernel's that could read memory",
				 l->tap->point->provider), NULL);
}

/* What is at a fixed address can be read at any time: where there is no event, we make one (probe/own.c). */
static bool has_fixed_memory(struct lower *l)
{
	static const char *const ours[] = { "begin", "end", "interval", "self" };

	return is_one_of(l, ours, ARRAY_LEN(ours)) || has_memory(l);
}

static bool begin_value(struct lower *l, const struct node *n, enum fetch_kind kind, long long number,
			const char *text, struct place *out)
{
	struct fetch *f;

	if (!has_memory(l))
		return false;
	f = fetch_new(l, kind, n);
	f->n = number;
	f->text = text;
	*out = (struct place){ .kind = PLACE_VALUE, .at = f, .type = n->type };
	return true;
}

/* "arg12": 12 */
static long long number_in(const char *name)
{
	return atoll(name + strcspn(name, "0123456789"));
}

static const char *string_argument(const struct node *n)
{
	return n->n_list > 0 && n->list[0]->kind == NODE_STRING ? n->list[0]->text : NULL;
}

/* kaddr("avenrun"), uaddr("counter"): the address itself is eval/'s, but what is there is the kernel's. */
static bool begin_symbol(struct lower *l, const struct node *n, struct place *out)
{
	const char *name = string_argument(n), *why = "it is not known where it is";
	bool user = n->builtin->fetch == FETCHED_UADDR;
	uint64_t offset;

	if (!has_fixed_memory(l))
		return false;
	if (!name)
		return fail(l, "the kernel must know the name beforehand", NULL);
	if (user != str_starts(l->tap->point->provider, "u"))
		return fail(l, user ? "variables of programs can be read in uprobes only"
				    : "variables of the kernel can be read in kprobes only", NULL);
	*out = (struct place){ .kind = PLACE_VALUE, .symbol = name, .type = n->type };
	if (!user)
		return true;
	if (!l->opt->variable || !l->opt->variable(l->opt->ctx, l->tap->point, name, &offset, &why))
		return fail(l, why, NULL);
	out->symbol = arena_fmt(l->arena, "+%llu", (unsigned long long)offset);
	return true;
}

static bool begin_builtin(struct lower *l, const struct node *n, struct place *out)
{
	const char *name = n->text ? n->text : n->builtin->name;

	switch (n->builtin->fetch) {
	case FETCHED_ARGUMENT:
		return begin_value(l, n, FETCH_ARG, number_in(name) + 1, NULL, out);
	case FETCHED_STACK_ARGUMENT:
		return begin_value(l, n, FETCH_STACK_N, number_in(name) + l->opt->stack_word, NULL, out);
	case FETCHED_RETVAL:
		return begin_value(l, n, FETCH_RETVAL, 0, NULL, out);
	case FETCHED_REGISTER:
		name = string_argument(n);
		if (!name)
			return fail(l, "the kernel must know the register beforehand", NULL);
		return begin_value(l, n, FETCH_REG, 0, name + (*name == '%'), out);
	case FETCHED_KADDR:
	case FETCHED_UADDR:
		return begin_symbol(l, n, out);
	default:
		return fail(l, "the kernel can follow a pointer only from an argument, a register, or a field of the "
			       "event", NULL);
	}
}

/* kptr(p), uptr(p): whose memory it is. */
static bool marked_pointer(struct lower *l, const struct node *n, bool user, struct place *out)
{
	if (!place_of(l, n->list[0], out))
		return false;
	out->marked = true;
	out->to_user = user;
	return true;
}

static bool place_of_call(struct lower *l, const struct node *n, struct place *out)
{
	if (!n->builtin)
		return fail(l, "the kernel cannot follow a pointer that a function computes", NULL);
	if (n->n_list == 1 && strcmp(n->builtin->name, "uptr") == 0)
		return marked_pointer(l, n, true, out);
	if (n->n_list == 1 && strcmp(n->builtin->name, "kptr") == 0)
		return marked_pointer(l, n, false, out);
	return begin_builtin(l, n, out);
}

/* ---- variables ---- */

static bool is_ours(const struct node *n)
{
	while (n->kind == NODE_CAST || n->kind == NODE_COMPTIME)
		n = n->a;
	return n->kind == NODE_ADDRESS;
}

static bool place_of_variable(struct lower *l, const struct node *n, struct place *out)
{
	const struct slot_use *use = n->slot < l->n_slots ? &l->slots[n->slot] : NULL;
	bool ok;

	if (use && use->value && is_ours(use->value)) {
		fail(l, "it is a variable of the program", NULL);
		l->why.ours = true;
		return false;
	}
	if (!use || use->writes != 1 || !use->value || use->loop)
		return fail(l, "the kernel cannot follow a pointer that is chosen while the program runs",
			    "give the variable its value once, or read through each of the pointers where it is known");
	if (l->depth > MAX_DEPTH)
		return fail(l, "too many variables are made of each other", NULL);
	l->depth++;
	ok = place_of(l, use->value, out);
	l->depth--;
	if (ok)
		out->type = n->type->kind == TYPE_POINTER ? n->type : out->type;
	return ok;
}

/* ---- going on ---- */

/* A struct that is an argument of a function: its parts are found with it. A static event's fields are whole. */
static bool has_parts(struct lower *l, const struct place *p)
{
	return p->kind == PLACE_MEMORY || (p->kind == PLACE_FIELD && *l->tap->point->provider == 'u');
}

/* A C++ reference: what counts is behind it. */
static bool follow_reference(struct lower *l, const struct type *t, struct place *p)
{
	struct type pointer = { .kind = TYPE_POINTER, .size = 8, .of = t, .user = true };
	struct place reference = *p;

	reference.type = &pointer;
	if (!follow(l, &reference, p))
		return false;
	p->type = t;
	return true;
}

/* ($p, 5).0, $t.0: what was put there. */
static bool place_of_item(struct lower *l, const struct node *n, struct place *out)
{
	const struct node *tuple = n->a;

	for (int depth = 0; tuple && tuple->kind == NODE_SCRATCH && depth < MAX_DEPTH; depth++) {
		const struct slot_use *use = tuple->slot < l->n_slots ? &l->slots[tuple->slot] : NULL;

		tuple = use && use->writes == 1 && !use->loop ? use->value : NULL;
	}
	if (tuple && tuple->kind == NODE_TUPLE && n->number < tuple->n_list)
		return place_of(l, tuple->list[n->number], out);
	return fail(l, "the kernel cannot follow a pointer that is kept in a tuple",
		    "keep the pointer alone, in a variable or a map of its own");
}

static bool place_of_member(struct lower *l, const struct node *n, struct place *out)
{
	const struct type *t = n->a->type;

	if (t->kind == TYPE_TUPLE && n->a->kind != NODE_BUILTIN)
		return place_of_item(l, n, out);
	if (n->a->kind == NODE_BUILTIN && n->a->builtin->fetch == FETCHED_ARGS) {
		*out = (struct place){ .kind = PLACE_FIELD, .field = n->text, .entry = n->entry, .type = n->type,
				       .argument = n->member, .of_all = n->span.end == n->a->span.end, .span = n->span };
		if (n->member && n->member->gone)
			return fail(l, n->member->gone, NULL);
		return has_memory(l) && (!n->member || !n->member->behind || follow_reference(l, n->type, out));
	}
	if (t->kind == TYPE_POINTER) {
		if (!place_behind(l, n->a, out))
			return false;
	} else if (t->kind != TYPE_STRUCT || !place_of(l, n->a, out)) {
		return t->kind == TYPE_STRUCT ? false : fail(l, "it is no struct", NULL);
	}
	if (!has_parts(l, out))
		return fail(l, "a part of a field cannot be fetched alone", NULL);
	if (n->member && n->member->gone)
		return fail(l, n->member->gone, NULL);
	out->add += n->number;
	out->type = n->type;
	out->bits = n->member && n->member->bits ? n->member : NULL;
	return true;
}

static bool place_of_element(struct lower *l, const struct node *n, struct place *out)
{
	bool pointer = n->a->type->kind == TYPE_POINTER;
	int64_t index;

	if (pointer ? !place_behind(l, n->a, out) : !place_of(l, n->a, out))
		return false;
	if (!node_constant(n->b, &index))
		return fail(l, "the kernel needs an index that is known before the program runs",
			    pointer ? "an array in a struct is fetched whole: struct list { int32 of[8]; }, and "
				      "((struct list *)...)->of[$i]" : NULL);
	if (!has_parts(l, out))
		return fail(l, "a part of a field cannot be fetched alone", NULL);
	out->add += index * (int64_t)n->type->size;
	out->type = n->type;
	return true;
}

/* arg0 + 8, $p - 1 */
static bool place_of_sum(struct lower *l, const struct node *n, struct place *out)
{
	const struct node *moved = n->a, *by = n->b;
	int64_t distance;

	if (n->op == OP_ADD && node_constant(moved, &distance)) {
		moved = n->b;
		by = n->a;
	}
	if ((n->op != OP_ADD && n->op != OP_SUB) || !node_constant(by, &distance) || !is_address(moved->type))
		return fail(l, "the kernel can follow a pointer that is moved by a constant, and no other", NULL);
	if (!place_of(l, moved, out))
		return false;
	if (out->kind != PLACE_VALUE) {		/* the pointer lies in memory: what it points to, moved */
		if (!follow(l, out, out))
			return false;
		out->kind = PLACE_VALUE;
	}
	if (moved->type->kind == TYPE_POINTER)
		distance *= (int64_t)(moved->type->of->kind == TYPE_VOID ? 1 : moved->type->of->size);
	out->add += n->op == OP_SUB ? -distance : distance;
	out->type = n->type;
	return true;
}

/* (int8)retval is the low byte of the register; a number from memory keeps its width, and is cut by eval/. */
static bool place_of_cast(struct lower *l, const struct node *n, struct place *out)
{
	if (!place_of(l, n->a, out))
		return false;
	if (out->bits || (out->kind != PLACE_VALUE && !is_address(n->type)))
		return fail(l, "the kernel can only follow what is as wide as a pointer", NULL);
	if (is_address(n->type) && !is_address(out->type))
		return fail(l, "the kernel can only follow what is as wide as a pointer", NULL);
	if (!is_address(n->type) && n->type->kind != TYPE_INT)
		return fail(l, "the kernel fetches numbers, and no such type", NULL);
	out->type = n->type;
	return true;
}

/* A null pointer is followed as everywhere: to 0, with -k a warning. Other numbers may be mistakes. */
static bool place_of_number(struct lower *l, uint64_t number, struct place *out)
{
	*out = (struct place){ .kind = PLACE_VALUE, .type = &type_uint64,
			       .symbol = arena_fmt(l->arena, "0x%llx", (unsigned long long)number) };
	if (is_user_probe(l) || !l->opt->is_kernel_address || l->opt->is_kernel_address(number))
		return has_fixed_memory(l);
	fail(l, "this is no address of the kernel", NULL);
	l->why.ours = number < FIRST_PAGE;
	return false;
}

bool place_of(struct lower *l, const struct node *n, struct place *out)
{
	l->why = (struct why_not){ 0 };
	switch (n->kind) {
	case NODE_BUILTIN:
		return begin_builtin(l, n, out);
	case NODE_CALL:
		return place_of_call(l, n, out);
	case NODE_SCRATCH:
		return place_of_variable(l, n, out);
	case NODE_MEMBER:
		return place_of_member(l, n, out);
	case NODE_INDEX:
		return place_of_element(l, n, out);
	case NODE_DEREF:
		if (!place_behind(l, n->a, out))
			return false;
		out->type = n->type;
		return true;
	case NODE_BINARY:
		return place_of_sum(l, n, out);
	case NODE_CAST:
		return place_of_cast(l, n, out);
	case NODE_COMPTIME:
		return place_of(l, n->a, out);
	case NODE_INT:
		return place_of_number(l, (uint64_t)n->number, out);
	case NODE_MAP:
		fail(l, "the kernel cannot follow a pointer from another event",
		     "read what it points to where the pointer comes from, and keep that in the map");
		l->why.map = n;
		return false;
	case NODE_ADDRESS:
		fail(l, "it is a variable of the program", NULL);
		l->why.ours = true;
		return false;
	default:
		return fail(l, "the kernel cannot follow a pointer that is computed while the program runs", NULL);
	}
}

/* ---- questions ---- */

bool node_reads_memory(const struct node *n)
{
	const struct type *t;

	switch (n->kind) {
	case NODE_DEREF:
		return true;
	case NODE_MEMBER:
	case NODE_INDEX:
		return n->a->type->kind == TYPE_POINTER;
	case NODE_CALL:
		if (!n->builtin || n->n_list == 0)
			return false;
		t = n->list[0]->type;
		switch (n->builtin->fetch) {
		case FETCHED_STRING:
		case FETCHED_BUFFER:
		case FETCHED_JOIN:		/* 0 is what a parameter is that was not given: no address */
			return t->kind == TYPE_POINTER || type_is_flexible(t) ||
			       (t->kind == TYPE_INT && (n->list[0]->kind != NODE_INT || n->list[0]->number));
		default:
			return false;
		}
	default:
		return false;
	}
}

struct node *node_pointer(const struct node *n)
{
	return n->kind == NODE_CALL ? n->list[0] : n->a;
}
