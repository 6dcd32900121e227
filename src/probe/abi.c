/* abi.c - the arguments of a definition in the kernel's terms.
 *
 * In a user program the kernel knows registers and memory, not arguments: $arg3 is %dx on x86-64, %x2 on
 * arm64, and a word above the stack pointer when there are more arguments than registers. And people
 * write registers as assemblers do (%rdi, %edi, %w0), the kernel in its own way (%di, %x0).
 *
 * A 32-bit program below a 64-bit kernel has words of 4 bytes, but the kernel counts in its own of 8:
 * `$stack1` would be the second and third word of such a program, and a value without a type two of them.
 * Both can be written otherwise. What cannot be written is a pointer that lies in memory: for each step of
 * +0(+12(%sp)) the kernel reads 8 bytes, and takes two of the program's words for one address. So such a chain
 * is refused, and the place is looked for where the program itself has the pointer in a register.
 */
#include "probe/probe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NARROW_WORD = 4 };

struct rewrite {
	struct probe_context *c;
	struct site *site;
	const struct abi_code *code;
	struct fetcharg *arg;		/* the whole */
	const char *type;		/* what a register's spelling says of the type */
};

static struct fetch *rewrite(struct rewrite *r, const struct fetch *f);

static struct fetch *copy(struct rewrite *r, const struct fetch *f)
{
	struct fetch *n = arena_alloc(r->c->arena, sizeof(*n));

	*n = *f;
	return n;
}

static struct fetch *argument(struct rewrite *r, const struct fetch *f)
{
	struct str s = STR_INIT;
	struct fetcharg *where = NULL;

	if (r->code && r->code->usdt)
		return usdt_argument(r->c, r->code->usdt, f);
	if (r->code && r->code->copy)
		return arguments_of_copy(r->c, r->code, f, r->arg);
	if (!r->site->arch || !r->site->arch->args)
		diag_error(r->c->diags, f->span, "where arguments live on this machine is not known: name a "
						 "register");
	else if (f->n < 1 || !arch_argument(r->site->arch, (unsigned)f->n, &s))
		diag_error(r->c->diags, f->span, "arguments are counted $arg1, $arg2, ...");
	else
		where = fetcharg_parse(r->c->arena, s.s, f->span, r->c->diags);
	str_release(&s);
	return where ? where->fetch : NULL;
}

static struct fetch *register_named(struct rewrite *r, const struct fetch *f)
{
	struct fetch *n = copy(r, f);

	if (!r->site->arch)
		return n;
	n->text = arch_register(r->site->arch, f->text, &r->type);
	if (n->text)
		return n;
	diag_error(r->c->diags, f->span, "a program for %s has no register '%s'", r->site->arch->name, f->text);
	return NULL;
}

/* The kernel's words are 8 bytes also on the stack of a 32-bit program. */
static struct fetch *stack_word(struct rewrite *r, const struct fetch *f)
{
	struct fetch *n = copy(r, f);

	if (!r->site->arch || r->site->arch->word != NARROW_WORD)
		return n;
	n->kind = FETCH_DEREF;
	n->n = f->n * NARROW_WORD;
	n->inner = copy(r, f);
	n->inner->kind = FETCH_REG;
	n->inner->text = r->site->arch->sp;
	return n;
}

/* A bare word is a variable of the program, if its debug information knows it; else likely a register without its
 * sign. */
static struct fetch *bare_word(struct rewrite *r, const struct fetch *f)
{
	const char *word = f->text + (*f->text == '$');

	if (!arguments_know(r->code, word) && r->site->arch && arch_knows_register(r->site->arch, word)) {
		diag_error(r->c->diags, f->span, "a register is written %%%s", word);
		return NULL;
	}
	return arguments_expression(r->c, r->code, f, r->arg);
}

static struct fetch *dereferenced(struct rewrite *r, const struct fetch *f)
{
	struct fetch *n = copy(r, f);

	n->inner = rewrite(r, f->inner);
	r->type = NULL;			/* of the pointer, not of what it points to */
	return n->inner ? n : NULL;
}

/* At a return instruction the kernel does not know that it is one. */
static struct fetch *result(struct rewrite *r, const struct fetch *f)
{
	struct fetch *n = copy(r, f);

	n->kind = FETCH_REG;
	n->text = r->site->arch->result;
	if (n->text)
		return n;
	diag_error(r->c->diags, f->span, "the results of this Go program are on its stack, behind the arguments");
	diag_hint(r->c->diags, "+%u(%%%s) is the first word of both", r->site->arch->stack_first, r->site->arch->sp);
	return NULL;
}

static struct fetch *rewrite(struct rewrite *r, const struct fetch *f)
{
	bool user = r->site->provider == PROVIDER_UPROBE;

	switch (f->kind) {
	case FETCH_ARG:
		return user ? argument(r, f) : copy(r, f);
	case FETCH_ARGS:
		if (user) {
			diag_error(r->c->diags, f->span, "$arg* is for kernel functions: the kernel does not know "
							 "how many arguments this one has");
			diag_hint(r->c->diags, "$args is what the debug information knows");
			return NULL;
		}
		return copy(r, f);
	case FETCH_RETVAL:
		if (r->site->end == END_RETURN)
			return result(r, f);
		if (!r->site->ret && !r->site->end) {
			diag_error(r->c->diags, f->span, "there is no return value at a function's entry: use r "
							 "in place of p");
			return NULL;
		}
		return copy(r, f);
	case FETCH_FIELD:
		return user ? arguments_fetch(r->c, r->code, f, r->arg) : copy(r, f);
	case FETCH_STACK_N:
		return user ? stack_word(r, f) : copy(r, f);
	case FETCH_REG:
		return register_named(r, f);
	case FETCH_NAME:
		return user ? bare_word(r, f) : copy(r, f);
	case FETCH_DEREF:
		return dereferenced(r, f);
	default:
		return copy(r, f);
	}
}

/* ---- 32-bit programs ---- */

static bool in_memory(const struct fetch *f)
{
	return f->kind == FETCH_DEREF || f->kind == FETCH_AT || f->kind == FETCH_STACK_N;
}

/* Where the program itself has loaded the word of its stack into a register: the place, as a definition
 * for it would begin. */
static void suggest_place(struct rewrite *r, const struct fetch *pointer)
{
	const struct abi_code *code = r->code;
	const char *reg;
	uint64_t at;

	if (code && code->function && pointer->kind == FETCH_DEREF && pointer->inner->kind == FETCH_REG &&
	    strcmp(pointer->inner->text, r->site->arch->sp) == 0 && !r->site->ret && code->at_entry &&
	    insn_find_load(code->elf, code->function, pointer->n, &at, &reg))
		diag_hint(r->c->diags, "at %s+%llu it is in a register: write `p %s:%s+%llu` and +0(%%%s) there",
			  code->function->name, (unsigned long long)(at - code->function->address),
			  code->file, code->function->name,
			  (unsigned long long)(at - code->function->address), reg);
	else
		diag_hint(r->c->diags, "probe a place where the pointer is in a register, and write +0(%%REG)");
}

/* Refuses a chain with a pointer in memory, where the kernel would read two words for one. */
static bool chain_can_be_had(struct rewrite *r, const struct fetch *wanted, const struct fetch *f)
{
	for (; f->kind == FETCH_DEREF; f = f->inner) {
		wanted = wanted->kind == FETCH_DEREF ? wanted->inner : wanted;
		if (!in_memory(f->inner))
			continue;
		diag_error(r->c->diags, wanted->span, "this pointer is in memory, and cannot be followed: a 64-bit "
						      "kernel reads 8 bytes there, but in a 32-bit program a "
						      "pointer has 4");
		suggest_place(r, f->inner);
		return false;
	}
	return true;
}

static bool is_below(const struct site *site)
{
	return site->provider == PROVIDER_UPROBE && arch_is_below(site->arch, arch_host());
}

/* A word of a program's is only half as wide where words have 4 bytes. */
static void narrow_word(struct rewrite *r, struct fetcharg *f)
{
	if (f->word && r->site->arch && r->site->arch->word == NARROW_WORD && f->type)
		f->narrow = arena_fmt(r->c->arena, "%c32", *f->type);
}

/* Without a type the kernel takes a word of its own. */
static const char *default_type(const struct rewrite *r, const struct fetch *f)
{
	bool typeless = f->kind == FETCH_COMM || f->kind == FETCH_IMM || f->kind == FETCH_NAME;

	if (r->type)
		return r->type;
	return r->site->provider == PROVIDER_UPROBE && r->site->arch && r->site->arch->word == NARROW_WORD &&
	       !typeless ? "x32" : NULL;
}

/* ---- all of a definition ---- */

/* At the return of a function of a program the registers no longer hold its arguments: what is asked of them is asked
 * of the entry (returns.c). */
bool abi_is_of_entry(const struct fetcharg *a)
{
	enum fetch_kind kind = fetch_leaf(a->fetch)->kind;

	return a->at_entry || kind == FETCH_ARG || kind == FETCH_FIELD || kind == FETCH_NAME;
}

static bool is_return(const struct site *site)
{
	return site->provider == PROVIDER_UPROBE && (site->ret || site->end);
}

/* One argument in the kernel's terms; NULL, reported: it cannot be had. */
static struct fetcharg *translate(struct rewrite *r, const struct fetcharg *wanted)
{
	const struct usdt_place *usdt = r->code ? r->code->usdt : NULL;
	struct fetcharg *n = arena_alloc(r->c->arena, sizeof(*n));

	*n = *wanted;
	r->arg = n;
	n->at_entry = is_return(r->site) && abi_is_of_entry(n);
	if (n->at_entry && fetch_leaf(n->fetch)->kind == FETCH_ARG)
		return n;
	n->fetch = rewrite(r, wanted->fetch);
	if (!n->fetch || (is_below(r->site) && !chain_can_be_had(r, wanted->fetch, n->fetch)))
		return NULL;
	if (usdt && wanted->fetch->kind == FETCH_ARG)
		return usdt_fit(r->c, usdt, wanted->fetch, n) ? n : NULL;
	narrow_word(r, n);
	if (!n->type && !n->bytes)
		n->type = default_type(r, n->fetch);
	return n;
}

/* `$node->next->len` is shown as len, unless another one is. */
static const char *name_in(struct arena *a, const struct site *site, struct fetcharg *const *wanted, unsigned index)
{
	const char *text = wanted[index]->fetch->text, *end = text + strcspn(text, "["), *name = end;

	while (name > text && (isalnum((unsigned char)name[-1]) || name[-1] == '_'))
		name--;
	name = arena_strndup(a, name, (size_t)(end - name));
	for (unsigned i = 0; i < site->n_args; i++) {
		const char *other = i < index ? site->args[i]->name : wanted[i]->name;

		if (other && strcmp(other, name) == 0)
			return NULL;
	}
	return str_is_ident(name) && strlen(name) < 32 ? name : NULL;
}

/* What a definition asks for at one site: `$args` is as many values as the function there has parameters. */
struct wishes {
	struct fetcharg **v;
	unsigned n;
};

static void add_wish(void *ctx, struct fetcharg *one)
{
	struct wishes *w = ctx;

	w->v = mem_grow(w->v, w->n, sizeof(*w->v));
	w->v[w->n++] = one;
}

static bool is_all(const struct site *site, const struct fetcharg *a)
{
	return site->provider == PROVIDER_UPROBE && a->fetch->kind == FETCH_NAME && strcmp(a->fetch->text, "$args") == 0;
}

static bool collect_wishes(struct probe_context *c, const struct site *site, const struct abi_code *code, struct wishes *w)
{
	const struct usdt_place *usdt = code ? code->usdt : NULL;
	struct fetcharg *const *from = usdt ? usdt->args : site->def->args;
	unsigned n = usdt ? usdt->n_args : site->def->n_args;

	for (unsigned i = 0; i < n; i++)
		if (usdt || !code || !is_all(site, from[i]))
			add_wish(w, from[i]);
		else if (!arguments_all(c, code, from[i], add_wish, w))
			return false;
	return true;
}

bool abi_arguments(struct probe_context *c, struct site *site, const struct abi_code *code)
{
	struct wishes w = { 0 };
	struct fetcharg **wanted;

	if (!collect_wishes(c, site, code, &w)) {
		free(w.v);
		return false;
	}
	site->wanted = wanted = arena_alloc(c->arena, (w.n + 1) * sizeof(*wanted));
	if (w.n)
		memcpy(wanted, w.v, w.n * sizeof(*wanted));
	free(w.v);
	site->n_args = w.n;
	site->args = arena_alloc(c->arena, (site->n_args + 1) * sizeof(*site->args));
	for (unsigned i = 0; i < site->n_args; i++) {
		struct rewrite r = { .c = c, .site = site, .code = code };

		site->args[i] = translate(&r, wanted[i]);
		if (!site->args[i])
			return false;
		if (!wanted[i]->name && wanted[i]->fetch->kind == FETCH_NAME && site->provider == PROVIDER_UPROBE)
			site->args[i]->name = name_in(c->arena, site, wanted, i);
	}
	return true;
}

bool abi_each_argument(struct probe_context *c, const struct site *site,
		       bool (*fn)(void *ctx, const char *reg, struct span at), void *ctx)
{
	for (unsigned i = 0; i < site->n_args; i++) {
		const struct fetch *wanted = fetch_leaf(site->wanted[i]->fetch);

		if (wanted->kind == FETCH_ARG && !fn(ctx, fetch_leaf(site->args[i]->fetch)->text, wanted->span))
			return false;
	}
	return true;
}

bool abi_reads_ip(const struct site *site)
{
	for (unsigned i = 0; i < site->n_args; i++) {
		const struct fetch *f = fetch_leaf(site->args[i]->fetch);

		if (f->kind == FETCH_REG && site->arch && site->arch->ip && strcmp(f->text, site->arch->ip) == 0)
			return true;
	}
	return false;
}
