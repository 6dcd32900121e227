/* fetched.c - what the kernel fetches at the hit.
 *
 * plan/lower.c replaces these by captures. Some can be computed from what is at hand already, too: str() of an
 * array that was fetched, join() of strings that were. Those have a function; it is only called for that.
 */
#include "builtin/builtin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "sym/sym.h"

/* ---- str, buf ---- */

enum { MAX_STRLEN = 1024 };

static uint64_t max_strlen(const struct checker *c)
{
	return c->program->config.max_strlen ? c->program->config.max_strlen : MAX_STRLEN;
}

static bool is_bytes(const struct type *t)
{
	return t->kind == TYPE_STRING || t->kind == TYPE_BUFFER || t->kind == TYPE_ARRAY;
}

/* A length that is known now bounds the result. */
static bool bound_by_length(struct checker *c, struct node *n, uint64_t *size)
{
	int64_t len;

	if (n->n_list < 2)
		return true;
	if (!check_integer_arg(c, n, 1))
		return false;
	if (node_constant(n->list[1], &len)) {
		if (len < 0)
			return diag_error(c->diags, n->span, "Builtin %s requires a positive integer literal", n->text);
		if ((uint64_t)len < *size)
			*size = (uint64_t)len;
	}
	return true;
}

static bool check_str(struct checker *c, struct node *n)
{
	const struct type *t = n->list[0]->type;
	uint64_t size = max_strlen(c);

	if (!is_bytes(t) && !type_is_integer(t) && t->kind != TYPE_POINTER)
		return diag_error(c->diags, n->span, "str() expects an integer or a pointer type as first argument");
	if (!bound_by_length(c, n, &size))
		return false;
	n->type = type_string(c->arena, size + 1);
	return true;
}

/* Up to the length that was asked for, when one was. */
static uint32_t asked_length(struct eval *e, const struct node *n, uint32_t have)
{
	int64_t len = n->n_list > 1 ? eval_number(e, n->list[1]) : have;

	return len >= 0 && (uint64_t)len < have ? (uint32_t)len : have;
}

static void eval_str(struct eval *e, const struct node *n, union value *out)
{
	const struct type *t = n->list[0]->type;
	uint32_t len;

	if (!is_bytes(t)) {
		eval_helper_failed(e, n->span, false, "probe_read_str", -14, "Bad address");
		eval_string(e, "", 0, out);
		return;
	}
	if (t->kind == TYPE_STRING)
		eval_node(e, n->list[0], out);
	else
		eval_bytes(e, n->list[0], out);
	out->text.len = (uint32_t)strnlen(out->text.data, out->text.len);
	len = asked_length(e, n, out->text.len);
	if (len < out->text.len)		/* what was cut is further on than what is wanted */
		out->text.cut = false;
	if (len >= n->type->size) {		/* max_strlen */
		len = (uint32_t)n->type->size - 1;
		out->text.cut = true;
	}
	out->text.len = len;
}

static bool check_buf(struct checker *c, struct node *n)
{
	const struct type *t = n->list[0]->type;
	uint64_t size = max_strlen(c);
	struct type *buffer;

	if (!is_bytes(t) && !type_is_integer(t) && t->kind != TYPE_POINTER)
		return diag_error(c->diags, n->span, "buf() expects an integer, pointer, array or string as first argument");
	if (n->n_list < 2 && t->kind != TYPE_ARRAY && t->kind != TYPE_STRING)
		return diag_error(c->diags, n->span, "Length argument is required for non-array buf()");
	if (t->kind == TYPE_ARRAY && n->n_list < 2)
		size = t->count * t->of->size;
	if (!bound_by_length(c, n, &size))
		return false;
	if (size == 0)
		return diag_error(c->diags, n->span, "Builtin buf requires a non-zero positive integer literal");
	buffer = arena_alloc(c->arena, sizeof(*buffer));
	*buffer = (struct type){ .kind = TYPE_BUFFER, .size = size };
	n->type = buffer;
	return true;
}

/* A string's buffer may be longer than the string: its NUL, and more of them. */
static void eval_buf(struct eval *e, const struct node *n, union value *out)
{
	const struct type *t = n->list[0]->type;
	int64_t asked = n->n_list > 1 ? eval_number(e, n->list[1]) : -1;
	union value v;
	char *bytes;

	if (!is_bytes(t)) {
		eval_helper_failed(e, n->span, false, "probe_read", -14, "Bad address");
		eval_string(e, "", 0, out);
		return;
	}
	eval_bytes(e, n->list[0], &v);
	if (asked < 0 || (uint64_t)asked > n->type->size)
		asked = asked < 0 ? (int64_t)v.text.len : (int64_t)n->type->size;
	bytes = memset(eval_scratch(e, (size_t)asked + 1), 0, (size_t)asked + 1);
	memcpy(bytes, v.text.data, v.text.len < (uint64_t)asked ? v.text.len : (size_t)asked);
	memset(out, 0, sizeof(*out));
	out->text.data = bytes;
	out->text.len = (uint32_t)asked;
}

/* ---- args ---- */

/* Of a static event: the record's own bytes, which the layout of the type describes. */
static void eval_args(struct eval *e, const struct node *n, union value *out)
{
	const struct record *r = eval_record(e);

	memset(out, 0, sizeof(*out));
	out->text.data = r->bytes ? (const char *)r->bytes : "";
	out->text.len = r->bytes ? (uint32_t)r->n_bytes : 0;
}

/* ---- join ---- */

static bool check_join(struct checker *c, struct node *n)
{
	const struct type *t = n->list[0]->type;

	if (t->kind != TYPE_POINTER && !type_is_integer(t) && !is_bytes(t) && t->kind != TYPE_TUPLE)
		return diag_error(c->diags, n->span, "join() only supports int and pointer arguments");
	return n->n_list < 2 || check_string_arg(c, n, 1);
}

/* The list ends with a pointer that is none: what stands behind it is something else (of a program's arguments, its
 * environment). */
static uint64_t words_of_list(struct eval *e, const struct node *list, uint64_t many)
{
	const struct record *r = eval_record(e);

	for (uint64_t i = 0; list->kind == NODE_TUPLE && i < many; i++)
		if (list->list[i]->kind == NODE_CAPTURE && !r->values[list->list[i]->slot].valid)
			return i;
	return many;
}

/* The strings, as lower.c fetched them: an array, or a tuple of captures. What is empty at the end was not there. */
static void eval_join(struct eval *e, const struct node *n, union value *out)
{
	const struct eval_host *host = eval_host(e);
	const struct type *t = n->list[0]->type;
	union value v, separator = { .text = { .data = " ", .len = 1 } };
	const union value *items = &v;
	_cleanup_(str_release) struct str s = STR_INIT;
	uint64_t many = 1;

	memset(out, 0, sizeof(*out));
	eval_node(e, n->list[0], &v);
	if (n->n_list > 1)
		eval_node(e, n->list[1], &separator);
	if (t->kind == TYPE_ARRAY || t->kind == TYPE_TUPLE) {
		many = t->kind == TYPE_ARRAY ? t->count : t->layout->n_members;
		t = t->kind == TYPE_ARRAY ? t->of : t->layout->members[0].type;
		items = v.items;
	}
	if (t->kind != TYPE_STRING)
		return;
	many = words_of_list(e, n->list[0], many);
	while (many > 0 && items[many - 1].text.len == 0)
		many--;
	for (uint64_t i = 0; i < many; i++) {
		if (i)
			str_addn(&s, separator.text.data, separator.text.len);
		value_print_text(host->names, items[i].text.data, items[i].text.len, &s);
	}
	str_addc(&s, '\n');
	host->message(host->ctx, "join", s.s, s.len);
}

/* ---- addresses ---- */

/* Has the kernel a symbol of this name? True when it does not tell its symbols. */
static bool kernel_has(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	_cleanup_(mem_free_ptr) char *line = NULL;
	size_t room = 0, len = strlen(name);
	bool any = false, there = false;

	while (f && !there && getline(&line, &room, f) > 0) {	/* "ffffffff81000000 T _stext\n", "... t name\t[module]\n" */
		const char *word = strchr(line, ' ');

		any = true;
		word = word ? strchr(word + 1, ' ') : NULL;
		there = word && strncmp(word + 1, name, len) == 0 && strchr("\t\n", word[1 + len]);
	}
	if (f)
		fclose(f);
	return there || !any;
}

/* The program is walked again and again while its types are found; the kernel is asked once about each name. */
static bool kernel_has_symbol(const char *name)
{
	static struct { char name[128]; bool there; } asked[8];
	static unsigned n;
	unsigned i = 0;

	while (i < n && i < ARRAY_LEN(asked) && strcmp(asked[i].name, name) != 0)
		i++;
	if (i < n && i < ARRAY_LEN(asked))
		return asked[i].there;
	i = n++ % ARRAY_LEN(asked);
	snprintf(asked[i].name, sizeof(asked[i].name), "%s", name);
	asked[i].there = kernel_has(name);
	return asked[i].there;
}

static bool check_kaddr(struct checker *c, struct node *n)
{
	const char *name;

	n->type = &type_uint64;
	if (!check_literal_string(c, n, 0, &name))
		return false;
	return !c->opt->ask_kernel || kernel_has_symbol(name) ||
	       diag_error(c->diags, n->span, "Failed to resolve kernel symbol: %s", name);
}

static bool check_uaddr(struct checker *c, struct node *n)
{
	const char *name;

	n->type = type_pointer(c->arena, &type_uint64);
	return check_literal_string(c, n, 0, &name);
}

static void eval_kaddr(struct eval *e, const struct node *n, union value *out)
{
	const struct names *names = eval_host(e)->names;
	uint64_t address = 0;

	memset(out, 0, sizeof(*out));
	if (!names->kernel_address || !names->kernel_address(names->ctx, n->list[0]->text, &address))
		eval_warn(e, n->span, "Failed to resolve kernel symbol: %s", n->list[0]->text);
	out->n = (int64_t)address;
}

static void eval_uaddr(struct eval *e, const struct node *n, union value *out)
{
	const struct names *names = eval_host(e)->names;
	uint64_t address = 0;

	memset(out, 0, sizeof(*out));
	if (!names->user_address ||
	    !names->user_address(names->ctx, eval_action_of(e)->point, n->list[0]->text, &address))
		eval_warn(e, n->span, "Could not resolve symbol: %s", n->list[0]->text);
	out->n = (int64_t)address;
}

/* Says to lower.c whether an address is one of the kernel or of the process: +N() or +uN(). */
static bool check_space(struct checker *c, struct node *n)
{
	struct type *t = arena_alloc(c->arena, sizeof(*t));
	const struct type *from = n->list[0]->type;

	if (from->kind != TYPE_POINTER && !type_is_integer(from))
		return diag_error(c->diags, n->span, "%s() expects a pointer or an integer", n->text);
	*t = from->kind == TYPE_POINTER ? *from : *type_pointer(c->arena, type_int(1, false));
	t->user = n->text[0] == 'u';
	n->type = t;
	return true;
}

static void eval_same(struct eval *e, const struct node *n, union value *out)
{
	eval_node(e, n->list[0], out);
}

/* A whole one: what eax names is a part of it, and reg() has 64 bits. */
static bool is_register(const struct arch *host, const char *name)
{
	const char *part;

	arch_register(host, name, &part);
	return !part && arch_knows_register(host, name);
}

static bool check_reg(struct checker *c, struct node *n)
{
	const struct arch *host = arch_host();
	_cleanup_(str_release) struct str all = STR_INIT;
	struct utsname machine;
	const char *name, *reg;

	n->type = &type_uint64;
	if (!check_literal_string(c, n, 0, &name))
		return false;
	if (!host || is_register(host, name + (*name == '%')))
		return true;
	uname(&machine);
	diag_error(c->diags, n->span, "'%s' is not a valid register on this architecture (%s)", name, machine.machine);
	for (unsigned i = 0; (reg = arch_register_at(host, i)); i++)
		str_addf(&all, "%s%s", i ? ", " : "", reg);
	return diag_hint(c->diags, "there are %s", all.s);
}

static bool check_path(struct checker *c, struct node *n)
{
	n->type = type_string(c->arena, max_strlen(c) + 1);
	return true;
}

const struct builtin builtin_fetched[] = {
	{ "argN", BUILTIN_VARIABLE, 0, 0, FETCHED_ARGUMENT, .usage = "arg0, arg1, ...",
	  .about = "arguments of the function", .type = &type_uint64 },
	{ "sargN", BUILTIN_VARIABLE, 0, 0, FETCHED_STACK_ARGUMENT, .usage = "sarg0, sarg1, ...",
	  .about = "arguments that were passed on the stack", .type = &type_uint64 },
	{ "retval", BUILTIN_VARIABLE, 0, 0, FETCHED_RETVAL, .usage = "retval", .about = "what the function returns",
	  .type = &type_uint64 },
	{ "args", BUILTIN_VARIABLE, 0, 0, FETCHED_ARGS, .usage = "args, args.NAME",
	  .about = "fields of the event, or arguments by name", .eval = eval_args },
	{ "reg", BUILTIN_FUNCTION, 1, 1, FETCHED_REGISTER, .usage = "uint64 reg(string name)",
	  .about = "a register", .check = check_reg },
	{ "str", BUILTIN_FUNCTION, 1, 2, FETCHED_STRING, .usage = "string str(pointer p[, int64 length])",
	  .about = "the string at an address", .check = check_str, .eval = eval_str },
	{ "buf", BUILTIN_FUNCTION, 1, 2, FETCHED_BUFFER, .usage = "buffer buf(pointer p[, int64 length])",
	  .about = "the bytes at an address", .check = check_buf, .eval = eval_buf },
	{ "join", BUILTIN_FUNCTION, 1, 2, FETCHED_JOIN, .statement = true,
	  .usage = "join(char **argv[, string separator])", .about = "prints strings in a row, as of argv",
	  .check = check_join, .eval = eval_join },
	{ "kaddr", BUILTIN_FUNCTION, 1, 1, FETCHED_KADDR, .usage = "uint64 kaddr(string name)",
	  .about = "address of a kernel symbol", .check = check_kaddr, .eval = eval_kaddr },
	{ "uaddr", BUILTIN_FUNCTION, 1, 1, FETCHED_UADDR, .usage = "uint64 *uaddr(string name)",
	  .about = "address of a symbol of the probed program", .check = check_uaddr, .eval = eval_uaddr },
	{ "path", BUILTIN_FUNCTION, 1, 2, FETCHED_PATH, .usage = "string path(struct path *p[, int64 length])",
	  .about = "the last part of a kernel path", .check = check_path },
	{ "kptr", BUILTIN_FUNCTION, 1, 1, .usage = "kptr(p)", .about = "p as an address of the kernel",
	  .check = check_space, .eval = eval_same },
	{ "uptr", BUILTIN_FUNCTION, 1, 1, .usage = "uptr(p)", .about = "p as an address of the process",
	  .check = check_space, .eval = eval_same },
	{ 0 }
};
