/* shadow.c - reads through a pointer that comes from another event.
 *
 *	tracepoint:syscalls:sys_enter_openat { @filename[tid] = args.filename; }
 *	tracepoint:syscalls:sys_exit_openat / @filename[tid] / { printf("%s\n", str(@filename[tid])); delete(@filename, tid); }
 *
 * At the exit the kernel has only the exit's own values; the pointer is a number in a map of ours, and the memory of
 * the process cannot be read any more when we see the record. At the entry the kernel can read it. So that is where
 * it is read: a map of its own, the shadow, gets the string where @filename gets the pointer, and the exit takes it
 * from there:
 *
 *	{ @filename[tid] = args.filename; @shadow[tid] = str(args.filename); }
 *	... { printf("%s\n", @shadow[tid]); delete(@filename, tid); delete(@shadow, tid); }
 *
 * This is right for what a function is given: a path, a name, a structure that it reads. It would be wrong for what
 * a function fills: `str(@buf[tid], args.ret)` wants what is there at the exit, and that its length is only known
 * then gives it away; it is refused with the reason. The plan says which reads were moved.
 *
 * There is one case with a better answer. When the map is filled at a kprobe and read at the kretprobe of the same
 * function, and the kernel can give a function's arguments at its return (6.9), the pointer is there, and it is
 * followed there: then also what the function filled is right.
 *
 * For system calls it is the better answer too: what the pointer leads to need not be in memory at the entry, and the
 * kernel can only read what is; at the exit the call has read it. So where the kernel can, the exit's event looks
 * whether the map holds the call's own argument, and reads through that; the shadow is for all other pointers:
 *
 *	@filename[tid] == entry.filename ? str(entry.filename) : @shadow[tid]
 *
 * It can be done when each value that the map ever gets is such a pointer (or 0: then there is nothing to read). A
 * variable that holds the map's value ($p = @m[tid]) gets a shadow too, as the map's entry may be gone when the
 * variable is used.
 */
#include "plan/lower.h"

#include <stdlib.h>
#include <string.h>

/* What is read through the pointers of a map: the expression, with a hole where the pointer stands. */
struct shadow {
	const struct map *of;
	struct map *map;		/* ours */
	struct node *template;
	struct node *hole;		/* a node of the template */
	const struct node *first;	/* the expression as the program has it */
};

/* An assignment to a map that holds pointers. */
struct giver {
	struct tap *tap;
	struct action *action;
	struct node *at;		/* NODE_ASSIGN */
};

struct shadows {
	struct lower *l;
	struct shadow *all;
	size_t n;
	struct giver *givers;		/* of all maps */
	size_t n_givers;
	struct node **ruined;		/* what else changes maps: @m++, @m += 8, for an error */
	size_t n_ruined;
	struct tap *tap;
	struct action *action;
	struct slot_use *slots;		/* what its variables are, as the program has it */
	unsigned n_slots;
};

/* ---- who writes to which map ---- */

static void collect_givers(void *ctx, struct node **child)
{
	struct shadows *s = ctx;
	struct node *n = *child, *target = n->a;

	if (n->kind == NODE_ASSIGN && target && target->kind == NODE_MAP && n->op == OP_NONE)
		*MEM_PUSH(s->givers, s->n_givers) = (struct giver){ s->tap, s->action, n };
	else if ((n->kind == NODE_ASSIGN || n->kind == NODE_INCDEC || n->kind == NODE_ADDRESS) && target) {
		while (target && target->kind != NODE_MAP)
			target = target->a;
		if (target)
			*MEM_PUSH(s->ruined, s->n_ruined) = target;
	}
	node_children(n, collect_givers, s);
}

static bool is_zero(const struct node *n)
{
	int64_t value;

	while (n->kind == NODE_CAST)
		n = n->a;
	return node_constant(n, &value) && value == 0;
}

/* Is every value that the map gets a pointer of the event that gives it? */
static bool all_known(struct shadows *s, const struct map *m)
{
	bool any = false;

	for (size_t i = 0; i < s->n_ruined; i++)
		if (s->ruined[i]->map == m)
			return false;
	for (size_t i = 0; i < s->n_givers; i++) {
		const struct giver *from = &s->givers[i];
		struct place p;

		if (from->at->a->map != m || is_zero(from->at->b))
			continue;
		lower_begin(s->l, from->tap, from->action);
		if (!place_of(s->l, from->at->b, &p))
			return false;
		any = true;
	}
	return any;
}

/* ---- the expression and its hole ---- */

/* A copy of the expression in which variables on the way to the map are what they were given, and *hole is the map. */
static struct node *open_up(struct shadows *s, const struct node *n, const struct node *map, struct node **hole)
{
	struct lower *l = s->l;
	struct node *copy;

	if (n->kind == NODE_SCRATCH && n->slot < l->n_slots && l->slots[n->slot].value)
		return open_up(s, l->slots[n->slot].value, map, hole);
	copy = arena_alloc(l->arena, sizeof(*copy));
	*copy = *n;
	if (n->kind == NODE_MAP) {
		*hole = copy;
		return copy;
	}
	if (n->kind == NODE_CALL) {
		copy->list = arena_alloc(l->arena, (n->n_list + 1) * sizeof(*copy->list));
		for (unsigned i = 0; i < n->n_list; i++)
			copy->list[i] = i ? node_copy(l->arena, n->list[i]) : open_up(s, n->list[0], map, hole);
		return copy;
	}
	if (n->kind == NODE_BINARY && n->op == OP_ADD && node_constant(n->a, &(int64_t){ 0 })) {
		copy->a = node_copy(l->arena, n->a);
		copy->b = open_up(s, n->b, map, hole);
		return copy;
	}
	if (n->a)
		copy->a = open_up(s, n->a, map, hole);
	if (n->b)
		copy->b = node_copy(l->arena, n->b);
	return copy;
}

static bool same_tree(const struct node *a, const struct node *b)
{
	struct str ta = STR_INIT, tb = STR_INIT;
	bool same;

	node_print(a, &ta);
	node_print(b, &tb);
	same = strcmp(ta.s ? ta.s : "", tb.s ? tb.s : "") == 0;
	str_release(&ta);
	str_release(&tb);
	return same;
}

/* Does anything in it depend on the event that reads, besides the pointer? */
static bool depends_on_event(const struct node *n)
{
	int64_t length;

	return n->kind == NODE_CALL && n->n_list > 1 && !node_constant(n->list[1], &length);
}

/* ---- shadows ---- */

static const struct type *stored_type(const struct type *t)
{
	return t->kind == TYPE_INT && !t->enumeration ? (t->is_signed ? &type_int64 : &type_uint64) : t;
}

static struct map *new_map(struct shadows *s, const struct map *of, const struct type *value)
{
	struct program *p = s->l->program;
	struct map *m = arena_alloc(s->l->arena, sizeof(*m)), **maps;

	maps = arena_alloc(s->l->arena, (p->n_maps + 1) * sizeof(*maps));
	memcpy(maps, p->maps, p->n_maps * sizeof(*maps));
	*m = *of;
	m->name = arena_fmt(s->l->arena, "%s_read%zu", of->name, s->n);
	m->index = p->n_maps;
	m->value = stored_type(value);
	m->hidden = true;
	maps[p->n_maps++] = m;
	p->maps = maps;
	return m;
}

static struct shadow *shadow_of(struct shadows *s, const struct map *m, struct node *template, struct node *hole,
				const struct node *first)
{
	struct shadow *made;
	struct node key = *hole;

	hole->a = NULL;			/* the key is no part of what is read */
	hole->text = m->name;
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].of == m && same_tree(s->all[i].template, template)) {
			hole->a = key.a;
			return &s->all[i];
		}
	made = MEM_PUSH(s->all, s->n);
	*made = (struct shadow){ .of = m, .template = template, .hole = hole, .first = first };
	made->map = new_map(s, m, template->type);
	return made;
}

static struct node *shadow_entry(struct shadows *s, const struct shadow *sh, const struct node *entry,
				 const struct node *like)
{
	struct node *n = arena_alloc(s->l->arena, sizeof(*n));

	*n = (struct node){ .kind = NODE_MAP, .span = like->span, .text = sh->map->name, .map = sh->map,
			    .a = entry->a ? node_copy(s->l->arena, entry->a) : NULL, .type = sh->map->value };
	return n;
}

/* ---- statements that follow others ---- */

/* Where a statement stands, and where what follows it may be put. */
struct follower {
	const struct node *after;
	struct node *statement;
};

static bool insert_after(struct arena *a, struct node *block, const struct follower *f)
{
	for (unsigned i = 0; i < block->n_list; i++) {
		struct node **list;

		if (block->list[i] != f->after)
			continue;
		list = arena_alloc(a, (block->n_list + 1) * sizeof(*list));
		memcpy(list, block->list, (i + 1) * sizeof(*list));
		list[i + 1] = f->statement;
		memcpy(list + i + 2, block->list + i + 1, (block->n_list - i - 1) * sizeof(*list));
		block->list = list;
		block->n_list++;
		return true;
	}
	return false;
}

struct insertion {
	struct arena *arena;
	const struct follower *f;
	bool done;
};

static void find_block(void *ctx, struct node **child)
{
	struct insertion *in = ctx;

	if (!in->done && (*child)->kind == NODE_BLOCK)
		in->done = insert_after(in->arena, *child, in->f);
	if (!in->done)
		node_children(*child, find_block, in);
}

static bool put_after(struct shadows *s, struct action *a, const struct node *after, struct node *statement)
{
	struct follower f = { after, statement };
	struct insertion in = { .arena = s->l->arena, .f = &f };

	find_block(&in, &a->body);
	return in.done;
}

/* ---- at the reader ---- */

/* A variable of the action, beside $p, for what is read through it. */
static struct node *beside_variable(struct shadows *s, const struct node *variable, const struct shadow *sh,
				    const struct node *entry)
{
	struct action *a = s->action;
	const struct slot_use *use = &s->l->slots[variable->slot];
	struct node *n = arena_alloc(s->l->arena, sizeof(*n)), *read = shadow_entry(s, sh, entry, variable);

	*n = (struct node){ .kind = NODE_SCRATCH, .span = variable->span,
			    .text = arena_fmt(s->l->arena, "%s_read%u", variable->text, a->n_slots),
			    .slot = a->n_slots, .type = sh->map->value };
	if (!put_after(s, a, use->at, lower_assign(s->l, read, n, read)))
		return NULL;
	lower_add_slot(s->l, a, sh->map->value);
	return n;
}

/* The variable that is nearest to the map on the way of an expression, or NULL. */
static const struct node *variable_on_way(struct shadows *s, const struct node *n)
{
	const struct node *found = NULL;

	while (n && n->kind != NODE_MAP) {
		if (n->kind == NODE_SCRATCH) {
			found = n;
			n = n->slot < s->l->n_slots ? s->l->slots[n->slot].value : NULL;
		} else if (n->kind == NODE_CALL) {
			n = n->n_list ? n->list[0] : NULL;
		} else if (n->kind == NODE_BINARY && node_constant(n->a, &(int64_t){ 0 })) {
			n = n->b;
		} else {
			n = n->a;
		}
	}
	return found;
}

/* ---- at the exit of the same system call ---- */

/* "openat" of tracepoint:syscalls:sys_enter_openat, with the prefix "sys_enter_"; else NULL. */
static const char *call_of(const struct attach_point *p, const char *prefix)
{
	if (strcmp(p->provider, "tracepoint") != 0 || p->n_parts != 2 || strcmp(p->parts[0], "syscalls") != 0 ||
	    !str_starts(p->parts[1], prefix) || str_is_glob(p->parts[1]))
		return NULL;
	return p->parts[1] + strlen(prefix);
}

/* An argument of the call whose exit this is, that is put into the map at its entry. A call that runs another program
 * has other memory afterwards. */
static struct node *argument_of_call(struct shadows *s, const struct node *entry)
{
	const struct lower_options *opt = s->l->opt;
	const char *call = call_of(s->tap->point, "sys_exit_");

	if (!call || str_starts(call, "exec") || !opt->call_arguments || !opt->call_arguments(opt->ctx, call))
		return NULL;
	for (size_t i = 0; i < s->n_givers; i++) {
		const char *given = call_of(s->givers[i].tap->point, "sys_enter_");
		const struct node *value = s->givers[i].at->b;
		struct node *argument;

		while (value->kind == NODE_CAST)
			value = value->a;
		if (s->givers[i].at->a->map != entry->map || !given || strcmp(given, call) != 0 ||
		    value->kind != NODE_MEMBER || value->a->kind != NODE_BUILTIN)
			continue;
		argument = node_copy(s->l->arena, value);
		argument->entry = true;
		return argument;
	}
	return NULL;
}

/* What is read through the call's own argument, when it is that which the map holds; else the shadow. */
static struct node *own_or_shadow(struct shadows *s, const struct node *n, const struct node *entry,
				  struct node *argument, struct node *shadow)
{
	struct arena *a = s->l->arena;
	struct node *test = arena_alloc(a, sizeof(*test)), *choice = arena_alloc(a, sizeof(*choice)), *hole = NULL;
	struct node *own = open_up(s, n, entry, &hole);

	*hole = (struct node){ .kind = NODE_CAST, .span = hole->span, .a = argument, .type = hole->type };
	*test = (struct node){ .kind = NODE_BINARY, .op = OP_EQ, .span = n->span, .type = &type_bool,
			       .a = node_copy(a, entry), .b = node_copy(a, argument) };
	*choice = (struct node){ .kind = NODE_TERNARY, .span = n->span, .a = test, .b = own, .c = shadow };
	lower_note(s->l, s->tap, "when %s holds an argument of this call, what it points to is read here",
		   entry->map->name);
	return choice;
}

static void replace_read(struct shadows *s, struct node *n, const struct node *entry)
{
	const struct node *variable = variable_on_way(s, n), *read = n;
	struct node *argument = argument_of_call(s, entry);
	struct node *hole = NULL, *template = open_up(s, n, entry, &hole), *with;
	struct shadow *sh;

	if (!hole)
		return;
	sh = shadow_of(s, entry->map, template, hole, n);
	with = variable ? beside_variable(s, variable, sh, entry) : shadow_entry(s, sh, entry, n);
	if (!with)
		return;
	lower_note(s->l, s->tap, "what %s holds is read where it comes from, and kept in %s", entry->map->name,
		   sh->map->name);
	with->type = read->type;
	if (!variable && argument)
		with = own_or_shadow(s, read, entry, argument, with);
	with->span = read->span;
	with->type = read->type;
	*n = *with;
}

/* The NODE_MAP through whose pointer an expression reads, when that is why the kernel cannot; else NULL. */
static const struct node *read_through(struct shadows *s, const struct node *n)
{
	struct place p;

	if (!node_reads_memory(n) || n->type->kind == TYPE_VOID || depends_on_event(n))
		return NULL;
	if (n->kind == NODE_CALL ? place_behind(s->l, node_pointer(n), &p) : place_of(s->l, n, &p))
		return NULL;
	return s->l->why.map;
}

/* ---- at the return of the same function ---- */

static bool same_function(const struct attach_point *entry, const struct attach_point *at_return)
{
	if (strcmp(entry->provider, "kprobe") != 0 || strcmp(at_return->provider, "kretprobe") != 0 ||
	    entry->n_parts != at_return->n_parts)
		return false;
	for (unsigned i = 0; i < entry->n_parts; i++)
		if (strcmp(entry->parts[i], at_return->parts[i]) != 0 || str_is_glob(entry->parts[i]))
			return false;
	return true;
}

static bool is_argument(const struct node *n)
{
	while (n->kind == NODE_CAST)
		n = n->a;
	return n->kind == NODE_BUILTIN && n->builtin->fetch == FETCHED_ARGUMENT;
}

static bool is_thread(const struct node *key)
{
	return key && key->kind == NODE_BUILTIN && strcmp(key->builtin->name, "tid") == 0;
}

/* The argument that the map's entry of this thread holds, when only the entry of this function gives it one. */
static const struct node *argument_in(struct shadows *s, const struct node *entry)
{
	const struct node *found = NULL;

	if (!s->l->opt->return_arguments || !is_thread(entry->a))
		return NULL;
	for (size_t i = 0; i < s->n_ruined; i++)
		if (s->ruined[i]->map == entry->map)
			return NULL;
	for (size_t i = 0; i < s->n_givers; i++) {
		const struct giver *g = &s->givers[i];

		if (g->at->a->map != entry->map || is_zero(g->at->b))
			continue;
		if (!same_function(g->tap->point, s->tap->point) || !is_argument(g->at->b) || !is_thread(g->at->a->a) ||
		    (found && !same_tree(found, g->at->b)))
			return NULL;
		found = g->at->b;
	}
	return found;
}

static bool reads_through_map(struct shadows *s, const struct node *n, struct place *p)
{
	if (!node_reads_memory(n) || n->type->kind == TYPE_VOID)
		return false;
	if (n->kind == NODE_CALL ? place_behind(s->l, node_pointer(n), p) : place_of(s->l, n, p))
		return false;
	return s->l->why.map && s->l->why.map->map;
}

/* The pointer is an argument of the function that returns here: it takes the map's place. */
static bool read_at_return(struct shadows *s, struct node *n)
{
	const struct node *entry, *argument;
	struct node *hole = NULL, *open;
	const struct type *type;
	struct place p;

	if (!reads_through_map(s, n, &p))
		return false;
	entry = s->l->why.map;
	argument = argument_in(s, entry);
	if (!argument)
		return false;
	open = open_up(s, n, entry, &hole);
	if (!hole)
		return false;
	type = hole->type;
	*hole = (struct node){ .kind = NODE_CAST, .span = hole->span, .a = node_copy(s->l->arena, argument), .type = type };
	*n = *open;
	lower_note(s->l, s->tap, "what %s points to is read here, through the function's argument at its return",
		   entry->map->name);
	return true;
}

/* Back to the action at hand, and to what its variables were before anything was replaced: of $n = $p->next, $n->x the
 * second read leads through the map too.
 */
static void turn_back(struct shadows *s)
{
	s->l->tap = s->tap;
	s->l->action = s->action;
	s->l->slots = s->slots;
	s->l->n_slots = s->n_slots;
}

/* What can only be read through a map's pointer is read from its shadow. */
static void find_reads(void *ctx, struct node **child)
{
	struct shadows *s = ctx;
	const struct node *entry;
	bool known;

	if (read_at_return(s, *child)) {
		node_children(*child, find_reads, s);
		return;
	}
	entry = read_through(s, *child);
	known = entry && entry->map && all_known(s, entry->map);
	turn_back(s);
	if (known) {
		replace_read(s, *child, entry);
		return;
	}
	node_children(*child, find_reads, s);
}

/* ---- at the source, and where entries are removed ---- */

/* What is read, with the pointer that is assigned in its hole. */
static struct node *filled(struct shadows *s, const struct shadow *sh, const struct node *pointer)
{
	const struct type *type = sh->hole->type;
	struct node *copy, *value = node_copy(s->l->arena, pointer);
	struct node was = *sh->hole;

	*sh->hole = *value;
	sh->hole->type = type;		/* as the map has it: that is what the expression was checked with */
	if (value->type->kind != TYPE_POINTER && type->kind == TYPE_POINTER)
		*sh->hole = (struct node){ .kind = NODE_CAST, .span = value->span, .a = value, .type = type };
	copy = node_copy(s->l->arena, sh->template);
	*sh->hole = was;
	return copy;
}

static struct node *removal(struct shadows *s, const struct shadow *sh, const struct node *entry,
			    const struct node *like)
{
	struct node *call = arena_alloc(s->l->arena, sizeof(*call)), *to = shadow_entry(s, sh, entry, like);

	*call = (struct node){ .kind = NODE_CALL, .span = like->span, .text = "delete",
			       .builtin = builtin_find("delete"), .type = &type_bool };
	call->list = arena_alloc(s->l->arena, 2 * sizeof(*call->list));
	call->list[0] = to;
	call->n_list = 1;
	return lower_assign(s->l, call, NULL, call);		/* `_ =`: nobody minds when it is missing */
}

static void feed(struct shadows *s, const struct giver *from, const struct shadow *sh)
{
	struct node *statement;

	if (is_zero(from->at->b)) {
		statement = removal(s, sh, from->at->a, from->at);
	} else {
		struct node *value = filled(s, sh, from->at->b);

		statement = lower_assign(s->l, value, shadow_entry(s, sh, from->at->a, from->at), value);
		statement->span = sh->first->span;
		lower_note(s->l, from->tap, "what %s points to is read here, for where it is used", sh->of->name);
	}
	put_after(s, from->action, from->at, statement);
}

/* A call that empties a map, or removes an entry, and is a statement: the shadow does the same. */
static void mirror_call(void *ctx, struct node **child)
{
	struct shadows *s = ctx;
	struct node *n = *child;
	static const char *const words[] = { "delete", "clear", "zero" };

	for (size_t w = 0; w < ARRAY_LEN(words); w++) {
		const struct map *m = NULL;

		if (n->kind != NODE_CALL || !n->builtin || strcmp(n->builtin->name, words[w]) != 0 || n->n_list == 0 ||
		    n->list[0]->kind != NODE_MAP)
			continue;
		m = n->list[0]->map;
		for (size_t i = 0; i < s->n; i++) {
			struct node *call, *to;

			if (s->all[i].of != m)
				continue;
			call = node_copy(s->l->arena, n);
			to = call->list[0];
			to->compiled = call->compiled = NULL;
			to->map = s->all[i].map;
			to->text = s->all[i].map->name;
			put_after(s, s->action, n, lower_assign(s->l, call, NULL, call));
		}
	}
	node_children(n, mirror_call, s);
}

/* ---- the program ---- */

static void for_each_body(struct shadows *s, void (*fn)(void *ctx, struct node **child))
{
	for (unsigned i = 0; i < s->l->n_taps; i++)
		for (unsigned k = 0; k < s->l->taps[i]->n_actions; k++) {
			s->tap = s->l->taps[i];
			s->action = s->tap->actions[k];
			lower_begin(s->l, s->tap, s->action);
			s->slots = s->l->slots;
			s->n_slots = s->l->n_slots;
			if (s->action->predicate)
				fn(s, &s->action->predicate);
			fn(s, &s->action->body);
		}
}

void shadow_program(struct lower *l)
{
	struct shadows s = { .l = l };

	for_each_body(&s, collect_givers);
	for_each_body(&s, find_reads);
	if (s.n) {
		for_each_body(&s, mirror_call);
		for (size_t i = 0; i < s.n_givers; i++)
			for (size_t k = 0; k < s.n; k++)
				if (s.givers[i].at->a->map == s.all[k].of)
					feed(&s, &s.givers[i], &s.all[k]);
	}
	free(s.all);
	free(s.givers);
	free(s.ruined);
}
