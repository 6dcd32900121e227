/* abi.c - the arguments of a definition in the kernel's terms.
 *
 * In a user program the kernel knows registers and memory, not arguments: $arg3 is %dx on x86-64, %x2 on
 * arm64, and a word above the stack pointer when there are more arguments than registers. And people
 * write registers as assemblers do (%rdi, %edi, %w0), the kernel in its own way (%di, %x0).
 */
#include "probe/probe.h"

#include <string.h>

struct rewrite {
	struct probe_context *c;
	struct site *site;
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

	if (r->site->ret)
		diag_error(r->c->diags, f->span, "at the return of a function the registers no longer hold its "
						 "arguments: fetch them with a p probe at its entry");
	else if (!r->site->arch)
		diag_error(r->c->diags, f->span, "where arguments live on this machine is not known: name a "
						 "register");
	else if (f->n < 1 || !arch_argument(r->site->arch, (unsigned)f->n, &s))
		diag_error(r->c->diags, f->span, "arguments are counted $arg1, $arg2, ...");
	else
		where = fetcharg_parse(r->c->arena, s.s, f->span, r->c->diags);
	str_release(&s);
	return where ? where->fetch : NULL;
}

static struct fetch *rewrite(struct rewrite *r, const struct fetch *f)
{
	bool user = r->site->provider == PROVIDER_UPROBE;
	struct fetch *n;

	switch (f->kind) {
	case FETCH_ARG:
		return user ? argument(r, f) : copy(r, f);
	case FETCH_ARGS:
		if (user) {
			diag_error(r->c->diags, f->span, "$arg* is for kernel functions: the kernel does not know "
							 "how many arguments this one has");
			return NULL;
		}
		return copy(r, f);
	case FETCH_RETVAL:
		if (!r->site->ret) {
			diag_error(r->c->diags, f->span, "there is no return value at a function's entry: use r "
							 "in place of p");
			return NULL;
		}
		return copy(r, f);
	case FETCH_REG:
		n = copy(r, f);
		if (r->site->arch)
			n->text = arch_register(r->site->arch, f->text, &r->type);
		return n;
	case FETCH_DEREF:
		n = copy(r, f);
		n->inner = rewrite(r, f->inner);
		r->type = NULL;		/* of the pointer, not of what it points to */
		return n->inner ? n : NULL;
	default:
		return copy(r, f);
	}
}

bool abi_arguments(struct probe_context *c, struct site *site)
{
	const struct definition *def = site->def;

	site->args = arena_alloc(c->arena, (def->n_args + 1) * sizeof(*site->args));
	site->n_args = def->n_args;
	for (unsigned i = 0; i < def->n_args; i++) {
		struct rewrite r = { .c = c, .site = site };
		struct fetcharg *n = arena_alloc(c->arena, sizeof(*n));

		*n = *def->args[i];
		n->fetch = rewrite(&r, def->args[i]->fetch);
		if (!n->fetch)
			return false;
		if (!n->type)
			n->type = r.type;
		site->args[i] = n;
	}
	return true;
}

static const struct fetch *leaf(const struct fetch *f)
{
	while (f->kind == FETCH_DEREF)
		f = f->inner;
	return f;
}

bool abi_each_argument(struct probe_context *c, const struct site *site,
		       bool (*fn)(void *ctx, const char *reg, struct span at), void *ctx)
{
	for (unsigned i = 0; i < site->def->n_args; i++) {
		const struct fetch *wanted = leaf(site->def->args[i]->fetch);

		if (wanted->kind == FETCH_ARG && !fn(ctx, leaf(site->args[i]->fetch)->text, wanted->span))
			return false;
	}
	return true;
}

bool abi_reads_ip(const struct site *site)
{
	for (unsigned i = 0; i < site->n_args; i++) {
		const struct fetch *f = leaf(site->args[i]->fetch);

		if (f->kind == FETCH_REG && site->arch && strcmp(f->text, site->arch->ip) == 0)
			return true;
	}
	return false;
}
