/* eval.c - the evaluator: a program before its run, and one record.
 *
 * The tree is small and is walked as it stands: a switch on the kind of node, a slot number for each variable, a
 * table for each map. All that could be looked up by name was looked up by check; keys and formats that are
 * constants were made ready before the first record (n->compiled). Text that arises on the way lives in scratch
 * memory, which is given back all at once when the next record comes.
 *
 * There is no BPF verifier to promise that a program ends, so loops are counted: one that goes round too often for
 * one record is stopped, with a message.
 */
#include "eval/walk.h"

#include <stdlib.h>
#include <string.h>

/* ---- scratch ---- */

static void next_block(struct eval *e, size_t size)
{
	struct block **next = e->at ? &e->at->next : &e->first;

	while (*next && (*next)->size < size) {		/* too small: it was made for less */
		struct block *small = *next;

		*next = small->next;
		free(small);
	}
	if (!*next) {
		size_t room = size > SCRATCH_BLOCK ? size : SCRATCH_BLOCK;

		*next = mem_alloc(sizeof(**next) + room);
		(*next)->size = room;
	}
	e->at = *next;
	e->used = 0;
}

void *eval_scratch(struct eval *e, size_t size)
{
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (!e->at || e->at->size - e->used < size)
		next_block(e, size);
	p = e->at->data + e->used;
	e->used += size;
	e->total += size;
	return p;
}

/* Blocks stay for the next record; but what one huge record needed is given back. */
static void reset_scratch(struct eval *e)
{
	if (e->total > 1 << 20 && e->first) {
		for (struct block *b = e->first->next, *next; b; b = next) {
			next = b->next;
			free(b);
		}
		e->first->next = NULL;
	}
	e->at = e->first;
	e->used = e->total = 0;
}

void eval_string(struct eval *e, const char *text, size_t n, union value *out)
{
	char *copy = eval_scratch(e, n + 1);

	memcpy(copy, text, n);
	copy[n] = '\0';
	memset(out, 0, sizeof(*out));
	out->text.data = copy;
	out->text.len = (uint32_t)n;
}

static void *take_scratch(void *ctx, size_t size)
{
	return eval_scratch(ctx, size);
}

struct memory scratch_memory(struct eval *e)
{
	return (struct memory){ take_scratch, e };
}

/* A copy that the program may keep for the rest of the record, whatever happens to the original. */
void keep_value(struct eval *e, const struct type *t, const union value *v, union value *out)
{
	size_t room = value_room(t, v);

	value_copy_to(t, v, out, room ? eval_scratch(e, room) : NULL);
}

/* ---- small questions ---- */

const struct record *eval_record(const struct eval *e)
{
	return e->record;
}

const struct program *eval_program(const struct eval *e)
{
	return e->program;
}

const struct eval_host *eval_host(const struct eval *e)
{
	return e->host;
}

const struct eval_options *eval_options(const struct eval *e)
{
	return &e->opt;
}

const struct action *eval_action_of(const struct eval *e)
{
	return e->action;
}

struct table *eval_table(struct eval *e, const struct map *m)
{
	return e->tables[m->index];
}

void eval_exit(struct eval *e, int status)
{
	e->exit_status = status;
	e->exiting = true;
	e->flow = FLOW_EXIT;
}

bool eval_exiting(const struct eval *e)
{
	return e->exiting;
}

/* ---- complaints ---- */

void eval_warn(struct eval *e, struct span at, const char *fmt, ...)
{
	struct complaint c = { .kind = COMPLAINT_RUNTIME, .at = at };
	char text[512];
	va_list ap;

	if (e->opt.no_warnings || !e->host->complain)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c.text = text;
	e->host->complain(e->host->ctx, &c);
}

void eval_helper_failed(struct eval *e, struct span at, bool always, const char *helper, int code, const char *text)
{
	struct complaint c = { .kind = COMPLAINT_HELPER, .at = at, .text = text, .helper = helper, .code = code };

	if ((always || e->opt.warnings) && !e->opt.no_warnings && e->host->complain)
		e->host->complain(e->host->ctx, &c);
}

/* The program would not end: what is left of its work for this record is given up. */
void give_up(struct eval *e, struct span at, const char *why)
{
	eval_warn(e, at, "%s: the rest of this probe's body is left out for this event", why);
	e->flow = FLOW_RETURN;
}

bool one_more_round(struct eval *e, const struct node *n)
{
	if (e->total > SCRATCH_MAX)
		give_up(e, n->span, "This loop has used up the memory for one event");
	else if (++e->rounds > ROUNDS_MAX)
		give_up(e, n->span, "This loop does not end");
	else
		return true;
	return false;
}

/* ---- before the run ---- */

static bool is_constant(const struct node *n)
{
	if (n->kind == NODE_TUPLE) {
		for (unsigned i = 0; i < n->n_list; i++)
			if (!is_constant(n->list[i]))
				return false;
		return true;
	}
	return n->kind == NODE_STRING || n->kind == NODE_INT || n->kind == NODE_BOOL;
}

/* A key that is known now is made now. */
static void prepare_key(struct eval *e, struct node *map, const struct node *key)
{
	const struct map *m = map->map;
	struct table_key *ready;
	struct str bytes = STR_INIT;
	union value v, *kept;

	map->compiled = NULL;
	if (!m->key || !is_constant(key))
		return;
	eval_node(e, key, &v);
	kept = arena_alloc(e->arena, sizeof(*kept));
	value_copy_to(m->key, &v, kept, arena_alloc(e->arena, value_room(m->key, &v)));
	ready = arena_alloc(e->arena, sizeof(*ready));
	table_key(m->key, kept, &bytes, ready);
	if (bytes.s && ready->bytes == bytes.s)
		ready->bytes = memcpy(arena_alloc(e->arena, ready->len + 1), bytes.s, ready->len);
	str_release(&bytes);
	map->compiled = ready;
}

/* A call that stands for itself: nobody looks at its value (delete() warns then). */
static void mark_statement(struct node *n)
{
	if (n && n->kind == NODE_CALL)
		n->flag = true;
}

static void prepare(struct eval *e, struct node *n)
{
	if (!n)
		return;
	if (n->kind == NODE_BLOCK)
		for (unsigned i = 0; i < n->n_list; i++)
			mark_statement(n->list[i]);
	prepare(e, n->a);
	prepare(e, n->b);
	prepare(e, n->c);
	for (unsigned i = 0; i < n->n_list; i++)
		prepare(e, n->list[i]);
	if (n->kind == NODE_MAP && n->a)
		prepare_key(e, n, n->a);
	if (n->kind == NODE_CALL && n->builtin && n->builtin->map && n->n_list >= 2 && n->list[0]->kind == NODE_MAP &&
	    !n->list[0]->a)
		prepare_key(e, n->list[0], n->list[1]);
}

struct eval *eval_new(const struct program *p, const struct eval_host *host, const struct eval_options *opt)
{
	struct eval *e = mem_alloc(sizeof(*e));
	unsigned most = 0;

	e->program = p;
	e->host = host;
	e->opt = *opt;
	e->arena = arena_new();
	e->tables = mem_alloc((p->n_maps + 1) * sizeof(struct table *));
	for (unsigned i = 0; i < p->n_maps; i++)
		e->tables[i] = table_new(p->maps[i], p);
	for (unsigned i = 0; i < p->n_actions; i++) {
		prepare(e, p->actions[i]->predicate);
		prepare(e, p->actions[i]->body);
		mark_statement(p->actions[i]->body->a);
		if (p->actions[i]->n_slots > most)
			most = p->actions[i]->n_slots;
	}
	for (unsigned i = 0; i < p->n_subprograms; i++)
		prepare(e, p->subprograms[i]->body);
	e->own_slots = mem_alloc((most + 1) * sizeof(*e->own_slots));
	reset_scratch(e);
	return e;
}

void eval_free(struct eval *e)
{
	if (!e)
		return;
	for (unsigned i = 0; i < e->program->n_maps; i++)
		table_free(e->tables[i]);
	for (struct block *b = e->first, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	arena_free(e->arena);
	str_release(&e->key_room);
	free(e->tables);
	free(e->own_slots);
	free(e);
}

/* ---- a record ---- */

/* Is something that the action computes with missing at the record's site? */
static bool lacks(const struct action *a, const struct record *r)
{
	for (unsigned i = 0; i < a->n_needs; i++)
		if (!r->values[a->needs[i]].valid && r->values[a->needs[i]].absent)
			return true;
	return false;
}

bool eval_action(struct eval *e, const struct action *a, const struct record *r, int *exit_status)
{
	if (lacks(a, r))
		return true;
	reset_scratch(e);
	e->record = r;
	e->action = a;
	e->slots = e->own_slots;
	e->slot_types = a->slots;
	e->n_slots = a->n_slots;
	e->flow = FLOW_ON;
	e->rounds = 0;
	e->calls = 0;
	e->exiting = false;
	memset(&e->result, 0, sizeof(e->result));
	for (unsigned i = 0; i < a->n_slots; i++)
		if (a->slots[i] && a->slots[i]->kind != TYPE_UNKNOWN && a->slots[i]->kind != TYPE_VOID)
			nothing_of(e, a->slots[i], &e->slots[i]);
		else
			memset(&e->slots[i], 0, sizeof(e->slots[i]));
	if (!a->predicate || is_true(e, a->predicate))
		exec(e, a->body);
	if (e->exiting)
		*exit_status = e->exit_status;
	return !e->exiting;
}

int64_t eval_returned(const struct eval *e)
{
	return e->result.n;
}

static int by_name(const void *x, const void *y)
{
	const struct map *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

void eval_print_maps(struct eval *e)
{
	const struct program *p = e->program;
	const struct map **maps;

	if (!p->config.print_maps_on_exit)
		return;
	maps = mem_alloc((p->n_maps + 1) * sizeof(struct map *));
	for (unsigned i = 0; i < p->n_maps; i++)
		maps[i] = p->maps[i];
	qsort(maps, p->n_maps, sizeof(struct map *), by_name);
	for (unsigned i = 0; i < p->n_maps; i++)
		if (!maps[i]->hidden && table_len(eval_table(e, maps[i])))
			eval_print_map(e, maps[i], 0, 1);
	free(maps);
}
