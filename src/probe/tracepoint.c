/* tracepoint.c - the kernel's static events.
 *
 * Such an event is there already: it has an id, a filter, and a format file that tells its fields,
 *
 *	field:const char * filename;	offset:24;	size:8;	signed:0;
 *
 * from which `args` gets its type here. Nothing is defined to trace it, it is only enabled, and the values of its
 * fields are read from its records by name; wildcards mean events whose fields lie in different places.
 *
 * What a field points to is not in the record. For that the kernel has event probes, which fetch more when the event
 * happens: e:GROUP/NAME syscalls/sys_enter_openat path=+0($filename):ustring. A kernel without them may still let
 * itself be probed where a system call begins, in a function with all arguments in a structure of registers.
 */
#include "probe/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

/* ---- -l ---- */

struct list {
	const struct probe_lister *l;
	const char *glob;
};

static bool add_field(void *ctx, const char *declaration)
{
	str_addf(ctx, "    %s\n", declaration);
	return true;
}

static bool list_one(void *ctx, const char *group, const char *name)
{
	struct list *list = ctx;
	struct str line = STR_INIT, details = STR_INIT;

	str_addf(&line, "tracepoint:%s:%s", group, name);
	if (str_glob(list->glob, line.s + 11) || str_glob(list->glob, line.s)) {
		if (list->l->verbose)
			catalog_fields(list->l->context->catalog, group, name, add_field, &details);
		list->l->fn(list->l->ctx, line.s, details.s);
	}
	str_release(&line);
	str_release(&details);
	return true;
}

bool tracepoint_list(struct probe_lister *l, const char *glob)
{
	struct list list = { l, glob };
	int err = catalog_events(l->context->catalog, list_one, &list);

	return !err || diag_error(l->context->diags, NO_SPAN, "the kernel's tracepoints cannot be listed: %s",
				  os_strerror(-err));
}

/* ---- which events ---- */

struct event {
	const char *category, *name;
};

struct events {
	struct arena *arena;
	const char *category, *name;	/* globs */
	bool only_first;
	struct event *found;
	size_t n;
};

static bool match_event(void *ctx, const char *category, const char *name)
{
	struct events *e = ctx;
	struct event *found;

	if (!str_glob(e->category, category) || !str_glob(e->name, name))
		return true;
	found = MEM_PUSH(e->found, e->n);
	found->category = arena_strdup(e->arena, category);
	found->name = arena_strdup(e->arena, name);
	return !e->only_first;
}

static bool no_field(void *ctx, const struct field_layout *f)
{
	return false;
}

/* The events that a point means; free() found. A name without wildcards is looked up, not searched for. */
static struct events find_events(struct catalog *c, struct arena *a, const struct attach_point *p, bool only_first)
{
	bool has_category = p->n_parts == 2;
	struct events e = { .arena = a, .category = has_category ? p->parts[0] : "*",
			    .name = p->parts[has_category], .only_first = only_first };

	if (!c || p->n_parts == 0)
		return e;
	if (str_is_glob(e.category) || str_is_glob(e.name))
		catalog_events(c, match_event, &e);
	else if (!strchr(e.category, '/') && !strchr(e.name, '/') && *e.category && *e.name &&
		 catalog_layout(c, e.category, e.name, no_field, NULL) == 0)
		match_event(&e, e.category, e.name);
	return e;
}

bool tracepoint_exists(struct attach *a, const struct attach_point *p)
{
	struct events e = find_events(a->catalog, a->program->arena, p, true);

	free(e.found);
	return e.n > 0;
}

/* ---- args: what the fields are ---- */

struct fields {
	struct attach *attach;
	bool user;			/* pointers are the user's */
	struct layout *layout;
};

/* "const struct foo * const *p" -> "struct foo", and how many stars. Words that say nothing of the size go. */
static char *plain_type(struct arena *a, const char *type, unsigned *stars)
{
	static const char *const noise[] = { "const", "volatile", "__user", "__rcu", "__percpu", "__data_loc", "__rel_loc" };
	char *plain = arena_alloc(a, strlen(type) + 1), *out = plain;

	*stars = 0;
	for (const char *p = type; *p && *p != '[';) {
		size_t n = strcspn(p, " *[");
		bool skip = n == 0;

		for (size_t i = 0; i < ARRAY_LEN(noise); i++)
			skip |= strlen(noise[i]) == n && strncmp(p, noise[i], n) == 0;
		if (!skip) {
			if (out > plain)
				*out++ = ' ';
			memcpy(out, p, n);
			out += n;
		}
		p += n;
		for (; *p == ' ' || *p == '*'; p++)
			*stars += *p == '*';
	}
	return plain;
}

static const struct type *pointer_to(struct fields *f, const char *name, unsigned stars)
{
	struct arena *a = f->attach->program->arena;
	const struct type *t = type_named(f->attach->program, name);
	struct type *pointer;

	if (!t)
		t = &type_void;
	for (; stars; stars--) {
		pointer = (struct type *)type_pointer(a, t);
		pointer->user = f->user;
		t = pointer;
	}
	return t;
}

/* A number has the size and the sign that the format file says; the name only tells an enum, or a bool. But the
 * arguments of system calls have all 8 bytes and no sign there, whatever they are: the sign is then the name's. */
static const struct type *number_type(struct fields *f, const char *name, unsigned size, bool is_signed)
{
	const struct type *t = type_named(f->attach->program, name);

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return type_array(f->attach->program->arena, type_int(1, false), size);
	if (t && t->size == size && (t->kind == TYPE_BOOL || (t->kind == TYPE_INT && t->enumeration)))
		return t;
	if (t && t->kind == TYPE_INT && size == sizeof(uint64_t))
		is_signed = t->is_signed;
	return type_int(size, is_signed);
}

static const struct type *buffer_type(struct arena *a, uint64_t size)
{
	struct type *t = arena_alloc(a, sizeof(*t));

	t->kind = TYPE_BUFFER;
	t->size = size;
	return t;
}

static const struct type *array_type(struct fields *f, const struct field_layout *field, const char *name,
				     unsigned stars)
{
	struct arena *a = f->attach->program->arena;
	unsigned long count = strtoul(strchr(field->type, '[') + 1, NULL, 10);
	const struct type *of;

	if (strcmp(name, "char") == 0 && !stars)
		return type_string(a, field->size);
	if (count == 0 || field->size % count)
		return type_array(a, type_int(1, false), field->size);
	of = stars ? pointer_to(f, name, stars)
		   : number_type(f, name, field->size / (unsigned)count, field->is_signed);
	return type_array(a, of, count);
}

static const struct type *field_type(struct fields *f, const struct field_layout *field)
{
	struct arena *a = f->attach->program->arena;
	bool located = str_starts(field->type, "__data_loc") || str_starts(field->type, "__rel_loc");
	uint64_t most = f->attach->program->config.max_strlen;
	unsigned stars;
	const char *name = plain_type(a, field->type, &stars);

	if (located)
		return strcmp(name, "char") == 0 ? type_string(a, most + 1) : buffer_type(a, most);
	if (strchr(field->type, '['))
		return array_type(f, field, name, stars);
	if (stars && field->size == sizeof(uint64_t))
		return pointer_to(f, name, stars);
	return number_type(f, name, field->size, field->is_signed);
}

static bool add_member(void *ctx, const struct field_layout *field)
{
	struct fields *f = ctx;
	struct layout *l = f->layout;
	struct arena *a = f->attach->program->arena;
	struct member *more = arena_alloc(a, (l->n_members + 1) * sizeof(*more));

	if (l->n_members)
		memcpy(more, l->members, l->n_members * sizeof(*more));
	more[l->n_members++] = (struct member){
		.name = arena_strdup(a, field->name),
		.type = field_type(f, field),
		.offset = field->offset,
		.is_data_loc = str_starts(field->type, "__data_loc"),
	};
	l->members = more;
	if (field->offset + field->size > l->size)
		l->size = field->offset + field->size;
	return true;
}

const struct layout *tracepoint_args(struct attach *a, const struct attach_point *p, const char **why)
{
	struct events e = find_events(a->catalog, a->program->arena, p, true);
	struct fields f = { .attach = a };
	int err = e.n ? 0 : -ENOENT;

	f.layout = arena_alloc(a->program->arena, sizeof(*f.layout));
	*f.layout = (struct layout){ .name = "", .complete = true, .align = 1 };
	if (!err) {
		f.layout->name = arena_fmt(a->program->arena, "struct _tracepoint_%s_%s", e.found->category, e.found->name);
		f.user = strcmp(e.found->category, "syscalls") == 0;
		err = catalog_layout(a->catalog, e.found->category, e.found->name, add_member, &f);
	}
	free(e.found);
	if (!err)
		return f.layout;
	*why = err == -ENOENT ? "there is no such event" : "its format file cannot be read";
	return NULL;
}

/* ---- sites ---- */

struct job {
	struct attach *attach;
	struct probe_context *c;
	struct definition *def;
	const struct event *event;
	bool several;
};

struct wanted {
	const char *name;
	bool found;
	struct field_layout layout;
};

static bool look_for(void *ctx, const struct field_layout *f)
{
	struct wanted *w = ctx;

	if (strcmp(f->name, w->name) != 0)
		return true;
	w->found = true;
	w->layout = *f;
	return false;
}

/* How wide and of which sign the field is taken for. */
static bool as_wide(const struct fetcharg *f, const struct field_layout *l)
{
	struct fetch_type t = fetch_type_parse(f->type ? f->type : "string");

	if (f->fetch->kind != FETCH_FIELD || t.base == BASE_STRING)
		return true;
	return t.size == l->size && (t.base == BASE_HEX || l->size == sizeof(uint64_t) ||
				     (t.base == BASE_SIGNED) == l->is_signed);
}

/* The types came from one event; those that a wildcard means besides must be alike. */
static bool check_fields(struct job *j)
{
	for (unsigned i = 0; i < j->def->n_args; i++) {
		const struct fetcharg *f = j->def->args[i];
		struct wanted w = { .name = fetch_leaf(f->fetch)->text };

		if (fetch_leaf(f->fetch)->kind != FETCH_FIELD)
			continue;
		catalog_layout(j->attach->catalog, j->event->category, j->event->name, look_for, &w);
		if (!w.found)
			return diag_error(j->c->diags, f->span, "tracepoint:%s:%s has no field '%s'", j->event->category,
					  j->event->name, w.name);
		if (!as_wide(f, &w.layout))
			return diag_error(j->c->diags, f->span, "the field '%s' of tracepoint:%s:%s has another type than "
					  "in the other events: name them each by itself", w.name, j->event->category,
					  j->event->name);
	}
	return true;
}

static struct site *add_site(struct job *j, enum provider provider)
{
	struct site *s = probe_add_site(j->c, j->def, j->several);

	s->provider = provider;
	s->category = j->event->category;
	s->tracepoint = j->event->name;
	s->label = arena_fmt(j->c->arena, "%s:%s:%s", j->def->tap->point->provider, s->category, s->tracepoint);
	s->args = (struct fetcharg **)j->def->args;
	s->n_args = j->def->n_args;
	return s;
}

/* ---- what pointers lead to ---- */

/* Where the registers of a system call's caller are, in what the wrapper's first argument points to. */
static const struct wrapper {
	const char *arch, *prefix, *reg;
	unsigned number;		/* bytes to the call's number */
	unsigned args[6];
} wrappers[] = {
	{ "x86-64", "__x64_sys_", "di", 120, { 112, 104, 96, 56, 72, 64 } },
	{ "arm64", "__arm64_sys_", "x0", 64, { 0, 8, 16, 24, 32, 40 } },
};

static const struct wrapper *host_wrapper(void)
{
	const struct arch *host = arch_host();

	for (size_t i = 0; host && i < ARRAY_LEN(wrappers); i++)
		if (strcmp(wrappers[i].arch, host->name) == 0)
			return &wrappers[i];
	return NULL;
}

enum {
	FIRST_ARGUMENT = 16, WORD = 8,	/* bytes: where a syscall event has its arguments, a word each */
	WAITING_CALLS = 1024,		/* returns that can be waited for at once */
};

bool tracepoint_call_arguments(void *ctx, const char *call)
{
	const struct attach *a = ctx;
	const struct wrapper *w = host_wrapper();

	return w && a->catalog && catalog_has(a->catalog, FEATURE_RETURN_ARGUMENTS, NULL) &&
	       catalog_function_count(a->catalog, arena_fmt(a->program->arena, "%s%s", w->prefix, call), NULL) == 1;
}

static bool at_exit(const struct job *j)
{
	return str_starts(j->event->name, "sys_exit_");
}

/* "openat" of sys_enter_openat and sys_exit_openat */
static const char *call_name(const struct job *j)
{
	return j->event->name + strlen(at_exit(j) ? "sys_exit_" : "sys_enter_");
}

/* Where a field of the event, or of the call's entry, is in the wrapper's registers: bytes; -1: nowhere. */
static int place_in_registers(struct job *j, const struct wrapper *w, const struct fetch *f)
{
	const char *event = f->kind == FETCH_ENTRY_FIELD ? arena_fmt(j->c->arena, "sys_enter_%s", call_name(j))
							 : j->event->name;
	struct wanted field = { .name = f->text };
	unsigned index;

	catalog_layout(j->attach->catalog, j->event->category, event, look_for, &field);
	if (!field.found)
		return -1;
	if (field.layout.offset < FIRST_ARGUMENT)
		return (int)w->number;
	index = (field.layout.offset - FIRST_ARGUMENT) / WORD;
	return index < ARRAY_LEN(w->args) ? (int)w->args[index] : -1;
}

/* The fetch with the register in place of the field. NULL: it is no argument. A variable stays where it is. At the
 * exit `ret` is what the wrapper returns, and the registers are where its first argument pointed at its entry. */
static struct fetch *from_registers(struct job *j, const struct wrapper *w, const struct fetch *f)
{
	struct fetch *n = arena_alloc(j->c->arena, sizeof(*n)), *reg;
	int place;

	*n = *f;
	if (f->kind == FETCH_DEREF) {
		n->inner = from_registers(j, w, f->inner);
		return n->inner ? n : NULL;
	}
	if (f->kind == FETCH_AT)
		return n;
	if (f->kind == FETCH_FIELD && at_exit(j) && strcmp(f->text, "ret") == 0) {
		*n = (struct fetch){ .kind = FETCH_RETVAL, .span = f->span };
		return n;
	}
	place = f->kind == FETCH_FIELD || f->kind == FETCH_ENTRY_FIELD ? place_in_registers(j, w, f) : -1;
	if (place < 0)
		return NULL;
	reg = arena_alloc(j->c->arena, sizeof(*reg));
	*reg = at_exit(j) ? (struct fetch){ .kind = FETCH_ARG, .n = 1, .span = f->span }
			  : (struct fetch){ .kind = FETCH_REG, .text = w->reg, .span = f->span };
	*n = (struct fetch){ .kind = FETCH_DEREF, .inner = reg, .span = f->span, .n = place };
	return n;
}

/* The event as a probe where the system call begins, or returns. Calls that wait, wait all at once. */
static bool add_wrapper(struct job *j, const struct wrapper *w)
{
	struct definition *def = arena_alloc(j->c->arena, sizeof(*def));
	struct fetcharg **args = arena_alloc(j->c->arena, (j->def->n_args + 1) * sizeof(*args));

	for (unsigned i = 0; i < j->def->n_args; i++) {
		args[i] = arena_alloc(j->c->arena, sizeof(**args));
		*args[i] = *j->def->args[i];
		args[i]->fetch = from_registers(j, w, args[i]->fetch);
		if (!args[i]->fetch)
			return false;
	}
	*def = *attach_definition(j->c, j->def->tap, arena_fmt(j->c->arena, "%s%s", w->prefix, call_name(j)));
	def->args = args;
	def->n_args = j->def->n_args;
	def->filter = j->def->filter;
	def->ret = at_exit(j);
	def->maxactive = def->ret ? WAITING_CALLS : 0;
	def->name = arena_fmt(j->c->arena, "tracepoint:%s:%s", j->event->category, j->event->name);
	if (!kprobe_expand(j->c, def, 0))
		return false;
	j->c->sites[j->c->n_sites - 1]->optional = j->several;
	return true;
}

static const struct fetcharg *first_followed(const struct job *j)
{
	for (unsigned i = 0; i < j->def->n_args; i++)
		if (j->def->args[i]->fetch->kind == FETCH_DEREF)
			return j->def->args[i];
	return j->def->args[0];
}

/* Fields that an event probe cannot hand on: arrays of numbers, and the event as a whole. */
static bool can_be_probed(struct job *j)
{
	if (j->def->tap->whole)
		return diag_error(j->c->diags, j->def->span, "args as a whole and what its pointers lead to cannot be had "
							     "at one event: name the fields");
	for (unsigned i = 0; i < j->def->n_args; i++)
		if (j->def->args[i]->fetch->kind == FETCH_FIELD && !j->def->args[i]->type)
			return diag_error(j->c->diags, j->def->args[i]->span, "this array and what a pointer leads to cannot "
					  "be had at one event: use two clauses in two runs");
	return true;
}

static bool add_event_probe(struct job *j)
{
	const char *why = "tracefs cannot be reached";
	const struct wrapper *w = host_wrapper();
	const struct fetcharg *followed = first_followed(j);

	if (!can_be_probed(j))
		return false;
	if (j->attach->by_perf)		/* the kernel lets perf open them, and then gives it nothing */
		why = "or none that can be had for one process";
	else if (catalog_has(j->attach->catalog, FEATURE_EVENT_PROBES, &why))
		return add_site(j, PROVIDER_EVENT) != NULL;
	if (w && strcmp(j->event->category, "syscalls") == 0 && str_starts(j->event->name, "sys_enter_") &&
	    catalog_has(j->attach->catalog, FEATURE_KPROBES, NULL))
		return add_wrapper(j, w);
	diag_error(j->c->diags, followed->span, "what a field of tracepoint:%s:%s points to cannot be read by this kernel: "
						"it has no event probes (%s), and no kprobes in their place",
		   j->event->category, j->event->name, why);
	return diag_hint(j->c->diags, "the field itself can be had, or uprobe a function that gets the same: "
				      "uprobe:libc:open { str(arg0) }");
}

static bool has_entry_field(const struct job *j)
{
	for (unsigned i = 0; i < j->def->n_args; i++)
		if (fetch_leaf(j->def->args[i]->fetch)->kind == FETCH_ENTRY_FIELD)
			return true;
	return false;
}

static bool expand_event(struct job *j)
{
	if (!check_fields(j))
		return false;
	if (has_entry_field(j))
		return can_be_probed(j) && add_wrapper(j, host_wrapper());
	if (j->def->tap->follows)
		return add_event_probe(j);
	if (j->def->tap->whole && j->several)
		return diag_error(j->c->diags, j->def->span, "args as a whole has another layout in each event: name one "
							     "event, or the fields");
	return add_site(j, PROVIDER_TRACEPOINT) != NULL;
}

bool tracepoint_expand(struct attach *a, struct probe_context *c, struct definition *def,
		       const struct attach_point *p)
{
	struct events e = find_events(a->catalog, c->arena, p, false);
	bool ok = true;

	if (e.n == 0)
		ok = diag_error(c->diags, def->span, "tracepoint not found: %s", def->target);
	else if (e.n > c->opt.max_probes)
		ok = diag_error(c->diags, def->span, "'%s' matches %zu tracepoints, more than %u", def->target, e.n,
				c->opt.max_probes);
	for (size_t i = 0; ok && i < e.n; i++) {
		struct job j = { a, c, def, &e.found[i], e.n > 1 };

		ok = expand_event(&j);
	}
	free(e.found);
	return ok;
}
