/* lower.c - from a checked program to taps: what the kernel fetches, and what is left to do in user space.
 *
 *	uprobe:/bin/app:f / arg0 > 5 / { printf("%d %s\n", ((struct s *)arg1)->n, str(arg2)); }
 *
 * becomes a tap with three fetch arguments and an action that reads their values by slot:
 *
 *	0 arg0 = $arg1:u64	1 n = +0($arg2):s32	2 str_arg2 = +0($arg3):string
 *	/ #0 > 5 / { printf("%d %s\n", #1, #2); }
 *
 * Each expression is tried from the outside in: the largest one that place.c finds a way to is fetched as a whole.
 * What can only be had by reading memory, and has no way, is an error; everything else is left to eval/. Reads that
 * stand in a branch are fetched at every hit, whether or not the branch is taken. Equal fetches share a slot.
 */
#include "plan/lower.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_FETCH = 3584,	/* bytes that one fetch may have; a record must fit into a page */
	JOIN_WORDS = 16,	/* as many as bpftrace's join() takes */
	MAX_NAME = 20,		/* characters */
	STACK_FRAMES = 127,	/* when the program does not say */
};

/* ---- walking ---- */

void node_children(struct node *n, void (*fn)(void *ctx, struct node **child), void *ctx)
{
	struct node **target = n->kind == NODE_ASSIGN || n->kind == NODE_INCDEC || n->kind == NODE_ADDRESS ? &n->a : NULL;
	struct node **parts[] = { &n->a, &n->b, &n->c };

	/* What is assigned to is no value, but its key is one. */
	for (; target && *target; target = &(*target)->a)
		if ((*target)->kind == NODE_MAP && (*target)->a)
			fn(ctx, &(*target)->a);
		else if ((*target)->kind == NODE_INDEX)
			fn(ctx, &(*target)->b);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (*parts[i] && !(i == 0 && (n->kind == NODE_ASSIGN || n->kind == NODE_INCDEC ||
					      n->kind == NODE_ADDRESS)))
			fn(ctx, parts[i]);
	for (unsigned i = 0; i < n->n_list && n->kind != NODE_OFFSETOF; i++)
		fn(ctx, &n->list[i]);
}

/* ---- variables ---- */

static struct slot_use *slot_use(struct lower *l, unsigned slot)
{
	struct slot_use *more;

	if (slot >= l->n_slots) {
		more = arena_alloc(l->arena, (slot + 8) * sizeof(*more));
		if (l->n_slots)
			memcpy(more, l->slots, l->n_slots * sizeof(*more));
		l->slots = more;
		l->n_slots = slot + 8;
	}
	return &l->slots[slot];
}

static void write_slot(struct lower *l, unsigned slot, const struct node *at, const struct node *value)
{
	struct slot_use *use = slot_use(l, slot);

	use->writes++;
	use->at = at;
	use->value = value ? node_copy(l->arena, value) : NULL;
}

static void collect_writes(void *ctx, struct node **child)
{
	struct lower *l = ctx;
	struct node *n = *child, *target;

	switch (n->kind) {
	case NODE_ASSIGN:
		for (target = n->a; target && target->kind != NODE_SCRATCH && target->kind != NODE_MAP;)
			target = target->a;
		if (target && target->kind == NODE_SCRATCH)
			write_slot(l, target->slot, n, target == n->a && n->op == OP_NONE ? n->b : NULL);
		break;
	case NODE_LET:
		write_slot(l, n->slot, n, n->a);
		break;
	case NODE_INCDEC:
	case NODE_ADDRESS:
		if (n->a->kind == NODE_SCRATCH)
			write_slot(l, n->a->slot, n, NULL);
		break;
	case NODE_FOR:
		write_slot(l, n->slot, n, NULL);
		slot_use(l, n->slot)->loop = true;
		break;
	default:
		break;
	}
	node_children(n, collect_writes, l);
}

void lower_begin(struct lower *l, struct tap *t, struct action *a)
{
	l->tap = t;
	l->action = a;
	l->slots = NULL;
	l->n_slots = 0;
	if (a->predicate)
		collect_writes(l, &a->predicate);
	collect_writes(l, &a->body);
}

/* ---- fetch arguments ---- */

static const char *number_type(struct lower *l, const struct type *t)
{
	bool is_signed = t->kind == TYPE_INT && t->is_signed;

	if (t->kind == TYPE_POINTER)
		return "x64";
	return arena_fmt(l->arena, "%c%u", is_signed ? 's' : 'u', (unsigned)(t->size ? t->size : 1) * 8);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The type of the argument with which a fetch begins. */
static const char *declared_type(const struct fetch *f)
{
	return fetch_leaf(f)->declared;
}

static bool same_fetch(const struct fetcharg *a, const struct fetcharg *b)
{
	struct str ta = STR_INIT, tb = STR_INIT;
	bool same = same_text(a->type, b->type) && a->bytes == b->bytes && a->limit == b->limit && a->word == b->word &&
		    a->exact == b->exact && same_text(declared_type(a->fetch), declared_type(b->fetch));

	fetch_print(a->fetch, &ta);
	fetch_print(b->fetch, &tb);
	same = same && strcmp(ta.s, tb.s) == 0;
	str_release(&ta);
	str_release(&tb);
	return same;
}

/* Words that mean something else to the kernel's filter, or that all events have. */
static bool is_reserved(const char *name)
{
	static const char *const words[] = { "comm", "cpu", "common", "stacktrace", "filter", "enable", "Comm" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(name, words[i]) == 0)
			return true;
	return str_starts(name, "common_") || str_starts(name, "__probe_") || !name[0] || !name[1];
}

static bool name_taken(const struct tap *t, const char *name)
{
	for (unsigned i = 0; i < t->n_args; i++)
		if (strcmp(t->args[i]->name, name) == 0)
			return true;
	return false;
}

/* Fields of static events keep their names: filters know them so. */
static bool keeps_name(const struct lower *l, const char *field)
{
	bool of_program = *l->tap->point->provider == 'u';

	return !name_taken(l->tap, field) && (of_program ? fetcharg_name_fits(field) : strlen(field) < 32);
}

/* A name that shows in --dry-run what is fetched. */
static const char *fetch_name(struct lower *l, const struct fetcharg *f, const char *wish)
{
	char *name;
	size_t n = 0;

	if (f->fetch->kind == FETCH_FIELD && keeps_name(l, f->fetch->text))
		return f->fetch->text;
	name = arena_strndup(l->arena, wish, MAX_NAME);
	for (; name[n]; n++)
		if (!isalnum((unsigned char)name[n]))
			name[n] = '_';
	if (isdigit((unsigned char)*name) || is_reserved(name))
		name = arena_fmt(l->arena, "f_%s", name);
	if (!name_taken(l->tap, name))
		return name;
	for (unsigned i = 2;; i++) {
		const char *numbered = arena_fmt(l->arena, "%s_%u", name, i);

		if (!name_taken(l->tap, numbered))
			return numbered;
	}
}

/* The slot of a fetch, made when there is none like it. */
static unsigned fetch_slot(struct lower *l, const struct fetcharg *wanted, const char *wish)
{
	struct tap *t = l->tap;
	struct fetcharg *f;

	for (unsigned i = 0; i < t->n_args; i++)
		if (same_fetch(t->args[i], wanted))
			return i;
	f = arena_alloc(l->arena, sizeof(*f));
	*f = *wanted;
	f->name = fetch_name(l, wanted, wish);
	f->name_span = f->type_span = (struct span){ wanted->span.src, wanted->span.begin, wanted->span.begin };
	t->args = mem_resize(t->args, (t->n_args + 1) * sizeof(*t->args));
	t->args[t->n_args++] = f;
	t->follows |= f->fetch->kind == FETCH_DEREF || f->fetch->kind == FETCH_AT;
	return t->n_args - 1;
}

static void make_capture(struct node *n, unsigned slot, const struct type *t)
{
	*n = (struct node){ .kind = NODE_CAPTURE, .span = n->span, .slot = slot, .type = t };
}

struct node *lower_new_node(const struct lower *l, enum node_kind kind, const struct node *like, const struct type *t)
{
	struct node *n = arena_alloc(l->arena, sizeof(*n));

	n->kind = kind;
	n->span = like->span;
	n->type = t;
	return n;
}

struct node *lower_assign(const struct lower *l, const struct node *like, struct node *to, struct node *value)
{
	struct node *n = lower_new_node(l, NODE_ASSIGN, like, &type_void);

	n->a = to;
	n->b = value;
	return n;
}

unsigned lower_add_slot(const struct lower *l, struct action *a, const struct type *t)
{
	const struct type **types = arena_alloc(l->arena, (a->n_slots + 1) * sizeof(*types));

	if (a->n_slots)
		memcpy(types, a->slots, a->n_slots * sizeof(*types));
	types[a->n_slots] = t;
	a->slots = types;
	return a->n_slots++;
}

static struct node *new_number(struct lower *l, const struct node *like, int64_t value)
{
	struct node *n = lower_new_node(l, NODE_INT, like, &type_int64);

	n->number = value;
	return n;
}

static struct node *new_binary(struct lower *l, enum op op, struct node *a, struct node *b)
{
	struct node *n = lower_new_node(l, NODE_BINARY, a, &type_int64);

	n->op = op;
	n->a = a;
	n->b = b;
	return n;
}

/* The word that a fetch is best known by: the last member, or where the way begins. */
static const char *wish_for(const struct node *n)
{
	switch (n->kind) {
	case NODE_MEMBER:
	case NODE_BUILTIN:
		return n->text ? n->text : n->builtin->name;
	case NODE_CALL:
		return n->n_list ? wish_for(n->list[0]) : n->text;
	case NODE_SCRATCH:
		return n->text + 1;
	case NODE_STRING:
		return n->text;
	default:
		return n->a ? wish_for(n->a) : "value";
	}
}

bool is_user_probe(const struct lower *l)
{
	return l->tap && *l->tap->point->provider == 'u';
}

static const char *text_type(const struct lower *l, const struct place *p)
{
	return p->user && !is_user_probe(l) ? "ustring" : "string";
}

/* ---- bit fields ---- */

/* The bytes that hold the bits are fetched as a number; it is shifted and masked here, and for a negative one the
 * bits above the sign are set: (x ^ sign) - sign. */
static bool capture_bits(struct lower *l, struct node *n, const struct place *p)
{
	const struct member *m = p->bits;
	struct place whole = *p;
	unsigned size = (m->bit_offset + m->bits + 7) / 8;
	struct fetcharg f = { .span = n->span };
	struct node *value;

	size = size <= 1 ? 1 : size <= 2 ? 2 : size <= 4 ? 4 : 8;
	whole.type = type_int(size, false);
	whole.bits = NULL;
	f.fetch = (struct fetch *)place_fetch(l, &whole);
	f.type = number_type(l, whole.type);
	value = lower_new_node(l, NODE_CAPTURE, n, whole.type);
	value->slot = fetch_slot(l, &f, wish_for(n));
	value = new_binary(l, OP_SHR, value, new_number(l, n, m->bit_offset));
	value = new_binary(l, OP_BIT_AND, value,
			   new_number(l, n, m->bits < 64 ? (int64_t)((1ull << m->bits) - 1) : -1));
	if (m->type->is_signed && m->bits < 64) {
		int64_t sign = (int64_t)(1ull << (m->bits - 1));

		value = new_binary(l, OP_BIT_XOR, value, new_number(l, n, sign));
		value = new_binary(l, OP_SUB, value, new_number(l, n, sign));
	}
	value->type = n->type;
	*n = *value;
	return true;
}

/* ---- an expression as a capture ---- */

/* How a value of the place's type is fetched. False: not at all. */
static bool describe_fetch(struct lower *l, const struct place *p, struct fetcharg *f)
{
	const struct type *t = p->type;
	bool argument = p->kind == PLACE_FIELD && is_user_probe(l);
	bool memory = p->kind == PLACE_MEMORY || argument;

	f->fetch = (struct fetch *)place_fetch(l, p);
	if (!f->fetch)
		return false;
	switch (t->kind) {
	case TYPE_INT:
	case TYPE_BOOL:
	case TYPE_POINTER:
		f->type = number_type(l, t);
		f->word = is_user_probe(l) && ((p->kind == PLACE_VALUE && (t->kind == TYPE_POINTER || t->size == 8)) ||
					       (argument && t->kind == TYPE_POINTER));
		return true;
	case TYPE_STRING:
		f->type = memory ? text_type(l, p) : "string";
		f->limit = memory && t->size ? (unsigned)t->size : 0;	/* char[16] has 16 without a NUL */
		f->exact = f->limit != 0;
		return memory || p->kind == PLACE_FIELD;
	case TYPE_ARRAY:
	case TYPE_STRUCT:
	case TYPE_BUFFER:
		type_complete(t);
		f->bytes = memory ? (unsigned)t->size : 0;
		return (memory && t->size > 0) || p->kind == PLACE_FIELD;
	default:
		return false;
	}
}

static bool too_large(struct lower *l, const struct node *n, uint64_t bytes)
{
	if (bytes <= MAX_FETCH)
		return false;
	diag_error(l->diags, n->span, "this is %llu bytes, and at one hit the kernel can fetch %d",
		   (unsigned long long)bytes, MAX_FETCH);
	diag_hint(l->diags, "fetch a part of it");
	return true;
}

/* What is at a pointer shall not look like the pointer. */
static const char *memory_wish(struct lower *l, const struct node *n)
{
	const char *wish = wish_for(n);

	return n->kind == NODE_DEREF || n->kind == NODE_INDEX ? arena_fmt(l->arena, "at_%s", wish) : wish;
}

/* Makes the node a capture, if the kernel can fetch it as it is. */
static bool capture_whole(struct lower *l, struct node *n)
{
	struct fetcharg f = { .span = n->span };
	struct place p;

	if (!place_of(l, n, &p))
		return false;
	if (p.bits)
		return capture_bits(l, n, &p);
	if (type_is_flexible(p.type)) {
		l->why = (struct why_not){ .text = "nothing tells how many elements it has",
					   .hint = "read one of them ([0]), its text (str()), or so many bytes (buf())" };
		return false;
	}
	if (!describe_fetch(l, &p, &f))
		return false;
	if ((p.kind == PLACE_MEMORY || (p.kind == PLACE_FIELD && is_user_probe(l))) &&
	    p.type->kind != TYPE_POINTER && too_large(l, n, p.type->size))
		return true;
	make_capture(n, fetch_slot(l, &f, memory_wish(l, n)), p.type);
	return true;
}

/* ---- str(), buf(), join() ---- */

/* What the kernel cannot be given: says so at the place. */
static void refuse(struct lower *l, const struct node *n, const char *what)
{
	const struct why_not why = l->why;

	if (why.ours)			/* eval/ follows a pointer to our own variable */
		return;
	diag_error(l->diags, n->span, "%s cannot be read here: %s", what,
		   why.text ? why.text : "the kernel has no way to it");
	if (why.hint)
		diag_hint(l->diags, "%s", why.hint);
}

/* The text or the bytes that the argument points to, or that it is. */
static bool place_of_text(struct lower *l, const struct node *arg, struct place *p)
{
	if (arg->type->kind == TYPE_ARRAY || arg->type->kind == TYPE_STRUCT)
		return place_of(l, arg, p) && p->kind != PLACE_VALUE;
	return place_behind(l, arg, p);
}

/* Is the length known beforehand? Then the type has it, and the call as a whole is the capture. */
static bool length_is_known(const struct node *n)
{
	int64_t length;

	return n->n_list < 2 || node_constant(n->list[1], &length);
}

static void lower_child(void *ctx, struct node **child);

/* str(p) is text up to its NUL. With a length, it may have none: in programs so many bytes are fetched then. */
static void lower_string(struct lower *l, struct node *n)
{
	uint64_t size = n->type->size ? n->type->size : l->program->config.max_strlen + 1;
	struct fetcharg f = { .span = n->span };
	struct place p;
	unsigned slot;

	if (!place_of_text(l, n->list[0], &p)) {
		refuse(l, n, "the string");
		return;
	}
	if (p.kind == PLACE_VALUE)
		p.kind = PLACE_MEMORY;
	f.fetch = (struct fetch *)place_fetch(l, &p);
	f.type = text_type(l, &p);
	f.limit = (unsigned)(size - 1);
	f.exact = n->n_list > 1;
	if (n->n_list > 1 && is_user_probe(l) && size > 1) {
		if (too_large(l, n, size))
			return;
		f.bytes = (unsigned)(size - 1 + 7) & ~7u;
	}
	slot = fetch_slot(l, &f, arena_fmt(l->arena, "str_%s", wish_for(n)));
	if (length_is_known(n)) {
		make_capture(n, slot, n->type);
		return;
	}
	make_capture(n->list[0], slot, type_string(l->arena, size));
	lower_child(l, &n->list[1]);
}

static void lower_buffer(struct lower *l, struct node *n)
{
	struct fetcharg f = { .span = n->span, .bytes = (unsigned)n->type->size };
	struct place p;
	unsigned slot;

	if (!place_of_text(l, n->list[0], &p)) {
		refuse(l, n, "the buffer");
		return;
	}
	if (n->type->size == 0 || too_large(l, n, n->type->size))
		return;
	if (p.kind == PLACE_VALUE)
		p.kind = PLACE_MEMORY;
	f.fetch = (struct fetch *)place_fetch(l, &p);
	slot = fetch_slot(l, &f, arena_fmt(l->arena, "buf_%s", wish_for(n)));
	if (length_is_known(n)) {
		make_capture(n, slot, n->type);
		return;
	}
	make_capture(n->list[0], slot, n->type);
	lower_child(l, &n->list[1]);
}

/* join(argv): the words that argv[0], argv[1], ... point to. The call stays, with a tuple of them for argv. */
static void lower_join(struct lower *l, struct node *n)
{
	const struct type *types[JOIN_WORDS], *word = type_string(l->arena, l->program->config.max_strlen);
	struct node *tuple = lower_new_node(l, NODE_TUPLE, n->list[0], NULL);
	struct place argv;

	if (!place_behind(l, n->list[0], &argv)) {
		refuse(l, n, "the list");
		return;
	}
	tuple->list = arena_alloc(l->arena, JOIN_WORDS * sizeof(*tuple->list));
	tuple->n_list = JOIN_WORDS;
	argv.type = &type_uint64;
	for (unsigned i = 0; i < JOIN_WORDS; i++) {
		struct fetcharg f = { .span = n->span, .limit = (unsigned)word->size - 1 };
		struct place pointer = place_moved(&argv, i * (int64_t)sizeof(uint64_t)), text = pointer;

		text.at = place_fetch(l, &pointer);
		text.symbol = NULL;
		text.add = 0;
		f.fetch = (struct fetch *)place_fetch(l, &text);
		f.type = text_type(l, &text);
		tuple->list[i] = lower_new_node(l, NODE_CAPTURE, n->list[0], word);
		tuple->list[i]->slot = fetch_slot(l, &f, arena_fmt(l->arena, "word%u", i));
		types[i] = word;
	}
	tuple->type = type_tuple(l->arena, types, NULL, JOIN_WORDS);
	n->list[0] = tuple;
	if (n->n_list > 1)
		lower_child(l, &n->list[1]);
}

/* ---- the tree ---- */

static void note_stack(struct lower *l, const struct node *n)
{
	unsigned frames = n->type->count ? (unsigned)n->type->count : STACK_FRAMES;

	if (!l->tap)
		return;
	l->tap->kstack |= n->builtin->fetch == FETCHED_KSTACK;
	l->tap->ustack |= n->builtin->fetch == FETCHED_USTACK;
	if (frames > l->tap->frames)
		l->tap->frames = frames;
}

/* Is it the kernel's to give, where it can? Variables are ours: what was put into them is fetched there. */
static bool is_fetched(const struct node *n)
{
	switch (n->kind) {
	case NODE_BUILTIN:
	case NODE_CALL:
		return n->builtin && (n->builtin->fetch == FETCHED_ARGUMENT || n->builtin->fetch == FETCHED_RETVAL ||
				      n->builtin->fetch == FETCHED_REGISTER ||
				      n->builtin->fetch == FETCHED_STACK_ARGUMENT);
	case NODE_MEMBER:
	case NODE_INDEX:
	case NODE_DEREF:
		return true;
	case NODE_CAST:
		return n->type->kind == TYPE_INT && n->type->size < 8 && is_fetched(n->a);
	default:
		return false;
	}
}

/* A struct that a variable holds is a copy of ours, and its members are read there. */
static bool is_our_copy(const struct node *n)
{
	while (n->kind == NODE_MEMBER || n->kind == NODE_INDEX) {
		if (n->a->type->kind == TYPE_POINTER)
			return false;
		n = n->a;
	}
	return n->kind == NODE_SCRATCH || n->kind == NODE_MAP;
}

static void lower_reader(struct lower *l, struct node *n)
{
	if (n->kind == NODE_CALL && n->builtin->fetch == FETCHED_STRING)
		lower_string(l, n);
	else if (n->kind == NODE_CALL && n->builtin->fetch == FETCHED_BUFFER)
		lower_buffer(l, n);
	else if (n->kind == NODE_CALL)
		lower_join(l, n);
	else if (!capture_whole(l, n))
		refuse(l, n, n->kind == NODE_MEMBER ? arena_fmt(l->arena, "'%s'", n->text) : "what it points to");
}

/* p->list[$i]: an array is fetched whole, and its element taken by eval/. */
static bool is_element_of_array(const struct node *n)
{
	int64_t index;

	return n->kind == NODE_INDEX && n->a->type->kind == TYPE_ARRAY && !node_constant(n->b, &index);
}

/* An argument that the language has no values for: the site says so, in place of its value. */
static bool is_gone(const struct node *n)
{
	return n->kind == NODE_MEMBER && n->member && n->member->gone && n->member->declared && !is_our_copy(n);
}

static void capture_gone(struct lower *l, struct node *n)
{
	struct fetch *field = arena_alloc(l->arena, sizeof(*field));
	struct fetcharg f = { .fetch = field, .type = "x64", .span = n->span };

	*field = (struct fetch){ .kind = FETCH_FIELD, .text = n->text, .declared = n->member->declared,
				 .of_all = n->span.end == n->a->span.end, .span = n->span };
	make_capture(n, fetch_slot(l, &f, n->text), n->type);
}

/* The arguments of a builtin that only shows them. */
static void lower_shown(struct lower *l, struct node **list, unsigned n)
{
	for (unsigned i = 0; l->tap && i < n; i++)
		if (is_gone(list[i]))
			capture_gone(l, list[i]);
		else if (list[i]->kind == NODE_TUPLE)
			lower_shown(l, list[i]->list, list[i]->n_list);
}

/* All arguments of a function: each by itself. */
static void lower_arguments(struct lower *l, struct node *n)
{
	const struct layout *args = n->type->layout;
	struct node *record = lower_new_node(l, NODE_TUPLE, n, n->type), **items;

	items = arena_alloc(l->arena, (args->n_members + 1) * sizeof(*items));
	for (unsigned i = 0; i < args->n_members; i++) {
		const struct member *m = &args->members[i];

		items[i] = lower_new_node(l, NODE_MEMBER, n, m->type);
		items[i]->text = m->name;
		items[i]->number = (int64_t)i;
		items[i]->member = m;
		items[i]->a = node_copy(l->arena, n);
		if (is_gone(items[i]))
			capture_gone(l, items[i]);
		else if (!capture_whole(l, items[i]))
			refuse(l, n, arena_fmt(l->arena, "'%s'", m->name));
	}
	record->list = items;
	record->n_list = args->n_members;
	*n = *record;
}

static void lower_node(struct lower *l, struct node *n)
{
	if (n->kind == NODE_CALL && n->builtin && n->builtin->shows)
		lower_shown(l, n->list, n->n_list);
	if (n->builtin && (n->builtin->fetch == FETCHED_KSTACK || n->builtin->fetch == FETCHED_USTACK))
		note_stack(l, n);
	if (n->kind == NODE_BUILTIN && n->builtin->fetch == FETCHED_ARGS && l->tap) {
		if (n->type->kind == TYPE_TUPLE) {
			lower_arguments(l, n);
			return;
		}
		l->tap->whole = true;
	}
	if (n->builtin && n->builtin->fetch == FETCHED_PATH) {
		diag_error(l->diags, n->span, "the path of a file cannot be had: the kernel makes it by following pointers "
					      "in a loop, which only BPF can do");
		diag_hint(l->diags, "at a system call, str(args.filename) is what the program asked for");
		return;
	}
	if (node_reads_memory(n)) {
		lower_reader(l, n);
		return;
	}
	if (n->kind == NODE_MEMBER && n->member && n->member->gone && !is_our_copy(n)) {
		l->why = (struct why_not){ .text = n->member->gone };
		refuse(l, n, arena_fmt(l->arena, "'%s'", n->text));
		return;
	}
	if (is_fetched(n) && !is_element_of_array(n) && !is_our_copy(n) && capture_whole(l, n))
		return;
	if (n->kind == NODE_BUILTIN && is_fetched(n)) {
		refuse(l, n, arena_fmt(l->arena, "'%s'", n->text ? n->text : n->builtin->name));
		return;
	}
	node_children(n, lower_child, l);
}

static void lower_child(void *ctx, struct node **child)
{
	lower_node(ctx, *child);
}

/* ---- what an action computes with ---- */

struct needs {
	struct arena *arena;
	unsigned *slots, n, room;
};

static void add_need(struct needs *s, unsigned slot)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->slots[i] == slot)
			return;
	if (s->n == s->room) {
		unsigned *more = arena_alloc(s->arena, (s->room = s->room * 2 + 8) * sizeof(*more));

		if (s->n)
			memcpy(more, s->slots, s->n * sizeof(*more));
		s->slots = more;
	}
	s->slots[s->n++] = slot;
}

static void find_needs(void *ctx, struct node **child);

static void find_needs_of_shown(void *ctx, struct node **child)
{
	struct node *n = *child;

	if (n->kind == NODE_TUPLE)
		node_children(n, find_needs_of_shown, ctx);
	else if (n->kind != NODE_CAPTURE)
		find_needs(ctx, child);
}

static void find_needs(void *ctx, struct node **child)
{
	struct node *n = *child;
	bool shows = n->kind == NODE_CALL && n->builtin && n->builtin->shows;

	if (n->kind == NODE_CAPTURE)
		add_need(ctx, n->slot);
	node_children(n, shows ? find_needs_of_shown : find_needs, ctx);
}

static void note_needs(struct lower *l, struct action *a)
{
	struct needs s = { .arena = l->arena };

	if (a->predicate)
		find_needs(&s, &a->predicate);
	find_needs(&s, &a->body);
	a->needs = s.slots;
	a->n_needs = s.n;
}

/* ---- taps ---- */

static bool same_point(const struct attach_point *a, const struct attach_point *b)
{
	if (strcmp(a->provider, b->provider) != 0 || a->n_parts != b->n_parts)
		return false;
	for (unsigned i = 0; i < a->n_parts; i++)
		if (strcmp(a->parts[i], b->parts[i]) != 0)
			return false;
	return true;
}

static struct tap *tap_of(struct lower *l, const struct attach_point *p)
{
	struct tap **more, *t;

	for (unsigned i = 0; i < l->n_taps; i++)
		if (same_point(l->taps[i]->point, p))
			return l->taps[i];
	t = arena_alloc(l->arena, sizeof(*t));
	t->point = p;
	more = arena_alloc(l->arena, (l->n_taps + 1) * sizeof(*more));
	if (l->n_taps)
		memcpy(more, l->taps, l->n_taps * sizeof(*more));
	more[l->n_taps++] = t;
	l->taps = more;
	return t;
}

static void add_action(struct lower *l, struct tap *t, struct action *a)
{
	struct action **more = arena_alloc(l->arena, (t->n_actions + 1) * sizeof(*more));

	if (t->n_actions)
		memcpy(more, t->actions, t->n_actions * sizeof(*more));
	more[t->n_actions++] = a;
	t->actions = more;
}

void lower_note(struct lower *l, struct tap *t, const char *fmt, ...)
{
	const char **more = arena_alloc(l->arena, (t->n_notes + 1) * sizeof(*more)), *note;
	va_list ap;

	va_start(ap, fmt);
	note = arena_vfmt(l->arena, fmt, ap);
	va_end(ap);
	for (unsigned i = 0; i < t->n_notes; i++)
		if (strcmp(t->notes[i], note) == 0)
			return;
	if (t->n_notes)
		memcpy(more, t->notes, t->n_notes * sizeof(*more));
	more[t->n_notes++] = note;
	t->notes = more;
}

static void lower_tap(struct lower *l, struct tap *t)
{
	struct fetcharg **args;

	for (unsigned i = 0; i < t->n_actions; i++) {
		lower_begin(l, t, t->actions[i]);
		if (t->actions[i]->predicate)
			lower_node(l, t->actions[i]->predicate);
		lower_node(l, t->actions[i]->body);
		note_needs(l, t->actions[i]);
	}
	args = arena_alloc(l->arena, (t->n_args + 1) * sizeof(*args));	/* they grew outside the arena */
	if (t->n_args)
		memcpy(args, t->args, t->n_args * sizeof(*args));
	free(t->args);
	t->args = args;
	predicate_push(l->arena, t);
}

bool lower_program(struct program *p, const struct lower_options *opt, struct tap ***taps, unsigned *n,
		   struct diags *d)
{
	struct lower l = { .arena = p->arena, .program = p, .opt = opt, .diags = d };
	unsigned errors = diags_errors(d);

	for (unsigned i = 0; i < p->n_actions; i++)
		add_action(&l, tap_of(&l, p->actions[i]->point), p->actions[i]);
	variables_program(&l);
	shadow_program(&l);
	for (unsigned i = 0; i < l.n_taps; i++)
		lower_tap(&l, l.taps[i]);
	l.tap = NULL;
	l.n_slots = 0;
	for (unsigned i = 0; i < p->n_subprograms; i++)
		lower_node(&l, p->subprograms[i]->body);
	*taps = l.taps;
	*n = l.n_taps;
	return diags_errors(d) == errors;
}

/* ---- -d plan ---- */

static void print_fetch(const struct fetcharg *f, struct str *out)
{
	str_addf(out, "%s = ", f->name);
	fetch_print(f->fetch, out);
	if (f->bytes)
		str_addf(out, ", %u bytes", f->bytes);
	if (f->type)
		str_addf(out, ":%s", f->type);
	if (f->limit)
		str_addf(out, ", cut at %u", f->limit);
	str_addc(out, '\n');
}

void tap_print(const struct tap *t, struct str *out)
{
	str_addf(out, "%s\n", t->point->text);
	for (unsigned i = 0; i < t->n_args; i++) {
		str_addf(out, "\t#%u ", i);
		print_fetch(t->args[i], out);
	}
	if (t->filter)
		str_addf(out, "\tfilter %s\n", t->filter);
	if (t->kstack || t->ustack)
		str_addf(out, "\tstack%s%s, %u frames\n", t->kstack ? " kernel" : "", t->ustack ? " user" : "",
			 t->frames);
	for (unsigned i = 0; i < t->n_notes; i++)
		str_addf(out, "\t(%s)\n", t->notes[i]);
	for (unsigned i = 0; i < t->n_actions; i++) {
		if (t->actions[i]->predicate) {
			str_add(out, "\t/");
			node_print(t->actions[i]->predicate, out);
			str_add(out, "/\n");
		}
		str_add(out, "\t");
		node_print(t->actions[i]->body, out);
		str_addc(out, '\n');
	}
}
