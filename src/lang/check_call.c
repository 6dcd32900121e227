/* check_call.c - names and calls: is there such a builtin, may it stand here, and what does it give?
 *
 * The rows of builtin/ say how many arguments each takes and what comes of it; what they have in common is
 * checked here, so that a row need not think of it. Not every builtin means something at every probe
 * (`retval` when a function begins): that is a table too. And those of bpftrace's builtins that only a
 * program inside of the kernel could do are known by name, with the reason and a way out.
 */
#include "lang/check.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

/* ---- where a builtin means something ---- */

static const struct where {
	enum builtin_fetch fetch;
	const char *name;      /* or NULL: all with this fetch */
	const char *providers; /* with blanks around each; "!": not these */
	const char *message;   /* %1$s: the builtin, %2$s: the provider */
} wheres[] = {
	{ FETCHED_ARGUMENT, NULL, "! rawtracepoint ",
	 "%1$s cannot be had at a %2$s: no record carries what it is called with. Its event has fields: "
	 "tracepoint:CATEGORY:NAME, args.FIELD" },
	{ FETCHED_ARGUMENT, NULL, " kprobe uprobe usdt rawtracepoint ",
	 "The %1$s builtin can only be used with 'kprobes', 'uprobes' and 'usdt' probes" },
	{ FETCHED_STACK_ARGUMENT, NULL, " kprobe uprobe ",
	 "The %1$s builtin can only be used with 'kprobes' and 'uprobes' probes" },
	{ FETCHED_RETVAL, NULL, " kretprobe uretprobe fexit ",
	 "The %1$s builtin can only be used with 'kretprobe' and 'uretprobe' and 'fexit' probes" },
	{ FETCHED_ARGS, NULL, " tracepoint rawtracepoint fentry fexit uprobe uretprobe iter ",
	 "The %1$s builtin can only be used with tracepoint/fentry/uprobe probes (%2$s used here)" },
	{ FETCHED_REGISTER, NULL,
	 " kprobe kretprobe uprobe uretprobe usdt profile software hardware watchpoint ",
	 "%1$s can not be used with \"%2$s\" probes" },
	{ FETCHED_NOT, "func", " kprobe kretprobe uprobe uretprobe usdt fentry fexit ",
	 "The %1$s builtin can not be used with '%2$s' probes" },
	{ FETCHED_NOT, "signal", "! begin end interval self test bench ",
	 "%1$s can not be used with \"%2$s\" probes" },
	{ FETCHED_NOT, "signal_thread", "! begin end interval self test bench ",
	 "%1$s can not be used with \"%2$s\" probes" },
};

static bool provider_listed(const char *list, const char *provider)
{
	size_t len = strlen(provider);

	for (const char *p = strstr(list, provider); p; p = strstr(p + 1, provider))
		if (p > list && p[-1] == ' ' && p[len] == ' ')
			return true;
	return false;
}

/* In a subprogram the probe is not known: plan/lower.c finds out. */
static bool check_where(struct checker *c, struct node *n, const struct builtin *row)
{
	const char *provider = c->point ? c->point->provider : NULL;

	for (size_t i = 0; i < ARRAY_LEN(wheres) && provider; i++) {
		const struct where *w = &wheres[i];

		if (w->name ? strcmp(w->name, row->name) != 0 : w->fetch != row->fetch)
			continue;
		if (provider_listed(w->providers, provider) == (w->providers[0] == '!'))
			return diag_error(c->diags, n->span, w->message, n->text, provider);
	}
	return true;
}

/* ---- what only BPF could do ---- */

static const struct {
	const char *name, *reason, *instead;
} absent[] = {
	{ "ctx", "it is the context of a BPF program, and there is none here",
	 "use the probe's args, argN or reg()" },
	{ "curtask", "no event of this kernel carries the address of its task",
	 "use pid, tid, comm, ppid(), uid, cgroup" },
	{ "debugf", "it is BPF's bpf_trace_printk", "use printf()" },
	{ "override", "only a BPF program can change what a function returns",
	 "use the kernel's fail_function" },
	{ "write_user", "only a BPF program can write into the traced process while it is stopped", NULL },
	{ "skboutput", "only a BPF program can copy a packet", "use tcpdump" },
	{ "kfunc_exist", "kernel functions cannot be called from here", NULL },
	{ "kfunc_allowed", "kernel functions cannot be called from here", NULL },
	{ "dw_ustack", "the kernel walks user stacks by frame pointers only", "use ustack" },
	{ "socket_cookie", "the kernel gives a socket its cookie when such a program asks for it",
	  "the socket's address is as good a key: @[arg0]" },
	{ "percpu_kaddr", "no event fetches from the variables of a CPU", "use kaddr() for a variable that is no CPU's own" },
};

static bool report_absent(struct checker *c, const struct node *n)
{
	for (size_t i = 0; i < ARRAY_LEN(absent); i++) {
		if (strcmp(absent[i].name, n->text) != 0)
			continue;
		diag_error(c->diags, n->span, "%s is not possible without BPF: %s", n->text,
			   absent[i].reason);
		if (absent[i].instead)
			diag_hint(c->diags, "%s", absent[i].instead);
		return true;
	}
	return false;
}

/* ---- names ---- */

/* Constants of the kernel's user interface that programs take from headers which we do not read. */
static const struct {
	const char *name;
	int64_t value;
} constants[] = {
#define CONSTANT(name) { #name, name },
#define NUMBERED(name, value) { #name, value },
#include "lang/constants.def"
#undef CONSTANT
#undef NUMBERED
};

void hint_name(struct checker *c, const char *name, bool functions)
{
	struct str_closest near = { .word = name };
	const struct builtin *row;

	for (unsigned i = 0; (row = builtin_at(i)); i++)
		if (!functions || row->kind != BUILTIN_VARIABLE)
			str_closest_try(&near, row->name);
	for (unsigned i = 0; functions && i < c->program->n_subprograms; i++)
		str_closest_try(&near, c->program->subprograms[i]->name);
	for (unsigned i = 0; !functions && i < c->program->n_enums; i++)
		for (unsigned j = 0; j < c->program->enums[i]->n; j++)
			str_closest_try(&near, c->program->enums[i]->values[j].name);
	for (size_t i = 0; !functions && i < ARRAY_LEN(constants); i++)
		str_closest_try(&near, constants[i].name);
	if (near.best)
		diag_hint(c->diags, "did you mean '%s'?", near.best);
	mem_free_ptr(&near.best);
}

static const struct type *enum_type(struct checker *c, const struct enumeration *e)
{
	const struct type *t = e->name && *e->name ? type_named(c->program, e->name) : NULL;

	return t && t->kind == TYPE_INT ? t : enumeration_type(c->arena, e);
}

static bool find_enumerator(struct checker *c, struct node *n)
{
	for (unsigned i = 0; i < c->program->n_enums; i++) {
		const struct enumeration *e = c->program->enums[i];

		for (unsigned j = 0; j < e->n; j++)
			if (strcmp(e->values[j].name, n->text) == 0) {
				make_int(n, (int64_t)e->values[j].value, enum_type(c, e));
				return true;
			}
	}
	return false;
}

static bool find_constant(struct node *n)
{
	for (size_t i = 0; i < ARRAY_LEN(constants); i++)
		if (strcmp(constants[i].name, n->text) == 0) {
			make_int(n, constants[i].value, type_literal(constants[i].value));
			return true;
		}
	return false;
}

/* ---- args ---- */

static const struct args_at *args_at(struct checker *c)
{
	struct walk *w = walk_of(c);
	struct args_at *new;
	const struct layout *l = NULL;
	struct type *t;

	for (size_t i = 0; i < w->n_args; i++)
		if (w->args[i].point == c->point)
			return &w->args[i];
	new = MEM_PUSH(w->args, w->n_args);
	*new = (struct args_at){.point = c->point, .why = "its fields are not known"};
	if (c->opt->args)
		l = c->opt->args(c->opt->ctx, c->point, &new->why);
	if (l) {
		t = arena_alloc(c->arena, sizeof(*t));
		*t = (struct type){ .kind = l->by_name ? TYPE_TUPLE : TYPE_STRUCT, .layout = l, .size = l->size };
		new->type = t;
	}
	return new;
}

static bool type_args(struct checker *c, struct node *n, enum use use)
{
	const struct args_at *args;

	if (!c->point)
		return diag_error(c->diags, n->span, "args mean nothing in a subprogram: pass what it needs");
	args = args_at(c);
	if (!args->type)
		return diag_error(c->diags, n->span, "no args at %s: %s", c->point->text, args->why);
	n->type = args->type;
	if (use != USE_FIELD && n->type->layout->by_name && !n->type->layout->n_members) {
		diag_warn(c->diags, n->span, "args is empty: the debug information describes no arguments of %s",
			  c->point->text);
		diag_hint(c->diags, "if it has some: a full description takes -g, or debug = 2");
	}
	return true;
}

/* ---- arguments ---- */

/* "printf() requires at least one argument (0 provided)". */
static bool check_count(struct checker *c, const struct node *n, unsigned min, unsigned max)
{
	unsigned given = n->n_list;
	const char *name = n->text;

	if (given >= min && given <= max)
		return true;
	if (max == 0)
		return diag_error(c->diags, n->span, "%s() requires no arguments (%u provided)", name, given);
	if (min == max && min == 1)
		return diag_error(c->diags, n->span, "%s() requires one argument (%u provided)", name, given);
	if (min == max)
		return diag_error(c->diags, n->span, "%s() requires %u arguments (%u provided)", name, min,
				  given);
	if (given < min && min == 1)
		return diag_error(c->diags, n->span, "%s() requires at least one argument (%u provided)",
				  name, given);
	if (given < min)
		return diag_error(c->diags, n->span, "%s() requires at least %u arguments (%u provided)",
				  name, min, given);
	if (max == 1)
		return diag_error(c->diags, n->span, "%s() takes up to one argument (%u provided)", name,
				  given);
	return diag_error(c->diags, n->span, "%s() takes up to %u arguments (%u provided)", name, max, given);
}

/* Does the row take the key of its map as the second argument? print(@m, top) has a number there. */
static bool takes_key(const struct builtin *row)
{
	return row->map && !row->statement;
}

/* The first argument of clear(@m), delete(@m, key), print(@m): the map itself, or one of its values. */
static void check_map_argument(struct checker *c, struct node *n, const struct builtin *row)
{
	struct node *map = n->list[0];
	struct map_state *m;

	if (map->kind != NODE_MAP || map->a) {
		check_expr(c, map, USE_VALUE);
		return;
	}
	m = check_map_named(c, map);
	map->type = check_map_type(c, map, m);
	if (n->n_list < 2 || !takes_key(row))
		return;
	check_value(c, n->list[1]);
	if (m->used && !m->keyed) {
		diag_error(c->diags, n->span, "%s() expects a map with explicit keys (non-scalar map)",
			   n->text);
		map->type = &type_unknown;
	} else if (!check_map_key(c, map, m, n->list[1]->type)) {
		map->type = &type_unknown;
	}
}

/* find(@m, key, $value): the variable gets what the map has, and may be new. */
static void check_found(struct checker *c, struct node *n)
{
	const struct type *t = type_reduced(n->list[0]->type);
	struct node *arg = n->list[2];
	struct variable *v = variable_find(c, arg->text);

	if (!v)
		v = variable_declare(c, arg->text, arg->span);
	v->assigned = true;
	if (!check_variable_value(c, arg, v, t))
		t = &type_unknown;
	check_value(c, arg);
	if (!type_known(t))
		arg->type = t;
}

/* All arguments; false when the type of one is not known (yet). */
static bool check_arguments(struct checker *c, struct node *n, const struct builtin *row)
{
	bool known = true;

	for (unsigned i = 0; i < n->n_list; i++) {
		struct node *arg = n->list[i];

		if (i == 0 && row->map)
			check_map_argument(c, n, row);
		else if (i == 1 && row->map && takes_key(row) && n->list[0]->kind == NODE_MAP &&
			 !n->list[0]->a)
			; /* the key is done */
		else if (i == 2 && row->map && takes_key(row) && arg->kind == NODE_SCRATCH)
			check_found(c, n);
		else if (row->words && arg->kind == NODE_NAME && !builtin_find(arg->text))
			arg->type = &type_void;
		else
			check_value(c, arg);
		known &= type_known(arg->type);
	}
	return known;
}

static bool check_use(struct checker *c, struct node *n, const struct builtin *row, enum use use)
{
	if (row->kind == BUILTIN_AGGREGATE && use != USE_MAP_VALUE)
		return diag_error(c->diags, n->span, "%s() must be assigned directly to a map", n->text);
	if (row->statement && use != USE_STATEMENT)
		return diag_error(c->diags, n->span,
				  "%s() should not be used in an assignment or as a map key", n->text);
	if (row->unsafe && !c->opt->unsafe) {
		diag_error(c->diags, n->span, "%s() is an unsafe function being used in safe mode", n->text);
		return diag_hint(c->diags, "run it with --unsafe");
	}
	return true;
}

static const struct type *type_unless_wrong(struct checker *c, const struct builtin *row, enum use use)
{
	if (row->statement && use == USE_STATEMENT)
		return &type_void;
	if (walk_of(c)->final || !row->type)
		return &type_unknown;
	return row->type;
}

/* A builtin: n has its name, its arguments, and its row. */
static void check_row(struct checker *c, struct node *n, enum use use)
{
	const struct builtin *row = n->builtin;
	bool fine = check_use(c, n, row, use) && check_where(c, n, row) &&
		    check_count(c, n, row->min_args, row->max_args);
	bool known;

	n->type = NULL;
	n->flag = use == USE_STATEMENT;
	known = check_arguments(c, n, row);
	if (!known && walk_of(c)->final && diags_errors(c->diags) == 0)	/* each waits for another: @b[f(has_key(@b, 1))] */
		fine = diag_error(c->diags, n->span, "The types of what %s() is given cannot be known", n->text);
	if (!known || !fine)
		n->type = type_unless_wrong(c, row, use);
	else if (row->fetch == FETCHED_ARGS && !row->check)
		fine = type_args(c, n, use);
	else if (row->check)
		fine = row->check(c, n);
	if (!fine)
		n->type = type_unless_wrong(c, row, use);
	else if (!n->type)
		n->type = row->type ? row->type : row->statement ? &type_void : &type_unknown;
}

static void check_subprogram_call(struct checker *c, struct node *n, unsigned index)
{
	struct walk *w = walk_of(c);
	const struct subprogram *s = c->program->subprograms[index];
	bool fine = check_count(c, n, s->n_parameters, s->n_parameters);

	n->subprogram = s;
	n->type = s->result ? s->result : &type_unknown;
	for (unsigned i = 0; w->subprogram && i < c->program->n_subprograms; i++)
		if (c->program->subprograms[i] == w->subprogram && index >= i) {
			diag_error(c->diags, n->span,
				   "%s() is called before it ends or begins: a subprogram can only "
				   "call those that are defined before it",
				   s->name);
			n->type = &type_unknown;
		}
	for (unsigned i = 0; i < n->n_list; i++) {
		const struct type *want = fine ? s->parameters[i].type : NULL, *got;

		check_value(c, n->list[i]);
		got = n->list[i]->type;
		if (!want || !type_known(want) || !type_known(got))
			continue;
		if (!type_join(c, want, got))
			diag_error(c->diags, n->list[i]->span, "Expected %s for argument `%s` got %s",
				   type_text(c, want), s->parameters[i].name, type_text(c, got));
		else if (type_is_integer(want) && got->size > want->size)
			wrap_cast(c, n->list[i], want);
	}
}

static void check_unknown_call(struct checker *c, struct node *n)
{
	if (!report_absent(c, n)) {
		diag_error(c->diags, n->span, "Unknown function: '%s'", n->text);
		hint_name(c, n->text, true);
	}
	for (unsigned i = 0; i < n->n_list; i++)
		if (n->list[i]->kind != NODE_NAME)
			check_expr(c, n->list[i], USE_VALUE);
	n->type = &type_unknown;
}

/* container_of(p, struct T, member): the T that p points into. It becomes (struct T *)((uint64)p - offsetof(struct T,
 * member)). */
static void check_container_of(struct checker *c, struct node *n)
{
	bool fine = n->spec && n->n_list == 2 && n->list[1]->kind == NODE_NAME;
	struct node *address = fine ? n->list[0] : NULL, *offset = arena_alloc(c->arena, sizeof(*offset)),
		    *difference = arena_alloc(c->arena, sizeof(*difference));
	struct type_spec *of = arena_alloc(c->arena, sizeof(*of)), *to = arena_alloc(c->arena, sizeof(*to));

	if (!fine) {
		diag_error(c->diags, n->span, "container_of() takes a pointer, a struct and one of its members: "
			   "container_of($p, struct foo, a)");
		n->type = &type_unknown;
		return;
	}
	check_value(c, address);
	if (type_known(address->type) && address->type->kind != TYPE_POINTER && !type_is_integer(address->type)) {
		diag_error(c->diags, n->span, "container_of() expects a pointer (%s provided)", kind_name(address->type));
		n->type = &type_unknown;
		return;
	}
	if (type_known(address->type))
		wrap_cast(c, address, &type_uint64);
	*of = *to = *n->spec;
	of->pointers = 0;
	to->pointers = 1;
	*offset = (struct node){ .kind = NODE_OFFSETOF, .span = n->span, .spec = of, .list = n->list + 1, .n_list = 1 };
	*difference = (struct node){ .kind = NODE_BINARY, .op = OP_SUB, .span = n->span, .a = address, .b = offset };
	*n = (struct node){ .kind = NODE_CAST, .span = n->span, .spec = to, .a = difference };
	check_expr(c, n, USE_VALUE);
}

void check_call(struct checker *c, struct node *n, enum use use)
{
	if (strcmp(n->text, "container_of") == 0) {
		check_container_of(c, n);
		return;
	}
	for (unsigned i = 0; i < c->program->n_subprograms; i++)
		if (strcmp(c->program->subprograms[i]->name, n->text) == 0) {
			check_subprogram_call(c, n, i);
			return;
		}
	n->builtin = builtin_find(n->text);
	if (!n->builtin) {
		check_unknown_call(c, n);
		return;
	}
	if (n->builtin->kind == BUILTIN_VARIABLE)
		n->kind = NODE_BUILTIN;
	check_row(c, n, use);
}

/* A bare word. Functions that need no argument may be written without their parentheses: ppid. */
void check_name(struct checker *c, struct node *n, enum use use)
{
	const struct builtin *row;

	n->type = &type_unknown;
	if (n->kind == NODE_NAME && (find_enumerator(c, n)))
		return;
	row = builtin_find(n->text);
	if (row && (row->kind == BUILTIN_VARIABLE ||
		    (row->kind == BUILTIN_FUNCTION && row->min_args == 0 && !row->statement && !row->map))) {
		n->kind = row->kind == BUILTIN_VARIABLE ? NODE_BUILTIN : NODE_CALL;
		n->builtin = row;
		check_row(c, n, use);
		return;
	}
	if (row) {
		diag_error(c->diags, n->span, "Unknown identifier: '%s'", n->text);
		diag_hint(c->diags, "it is a function: %s", row->usage ? row->usage : row->name);
		return;
	}
	if (find_constant(n) || report_absent(c, n))
		return;
	diag_error(c->diags, n->span, "Unknown identifier: '%s'", n->text);
	hint_name(c, n->text, false);
}

/* ---- for the rows ---- */

bool check_literal_int(struct checker *c, const struct node *call, unsigned arg, int64_t *out)
{
	const struct node *n = call->list[arg];

	if (type_is_integer(n->type) && node_constant(n, out))
		return true;
	return diag_error(c->diags, call->span, "%s() expects a integer literal (%s provided)", call->text,
			  kind_name(n->type));
}

bool check_literal_string(struct checker *c, const struct node *call, unsigned arg, const char **out)
{
	const struct node *n = call->list[arg];

	if (n->kind != NODE_STRING)
		return diag_error(c->diags, call->span, "%s() expects a string literal (%s provided)",
				  call->text, kind_name(n->type));
	*out = n->text;
	return true;
}

bool check_integer_arg(struct checker *c, const struct node *call, unsigned arg)
{
	const struct type *t = type_reduced(call->list[arg]->type);

	return type_is_integer(t) ||
	       diag_error(c->diags, call->span, "%s() only supports integer arguments (%s provided)",
			  call->text, kind_name(t));
}

bool check_string_arg(struct checker *c, const struct node *call, unsigned arg)
{
	const struct type *t = call->list[arg]->type;

	return t->kind == TYPE_STRING ||
	       diag_error(c->diags, call->span, "%s() only supports string arguments (%s provided)",
			  call->text, kind_name(t));
}
