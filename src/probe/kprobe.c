/* kprobe.c - functions of the kernel. The kernel itself checks that a place is safe; what is checked here
 * is only what can be said better: whether the name exists, and whether it is the only one.
 */
#include "probe/probe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

static bool have_kprobes(struct probe_context *c, struct span at)
{
	const char *why = "tracefs cannot be reached";

	if (c->catalog && catalog_has(c->catalog, FEATURE_KPROBES, &why))
		return true;
	return diag_error(c->diags, at, "kernel functions cannot be probed here: %s", why);
}

static struct site *add_site(struct probe_context *c, const struct definition *def, const char *module,
			     const char *symbol, uint64_t offset, bool optional)
{
	struct site *s = probe_add_site(c, def, optional);

	s->provider = PROVIDER_KPROBE;
	s->arch = arch_host();
	s->sp = s->arch ? s->arch->sp : NULL;
	s->module = module ? arena_strdup(c->arena, module) : NULL;
	s->symbol = arena_strdup(c->arena, symbol);
	s->symbol_offset = offset;
	s->label = def->name ? def->name
			     : arena_fmt(c->arena, offset ? "%s:%s%s%s+%llu" : "%s:%s%s%s",
					 s->ret ? "kretprobe" : "kprobe", module ? module : "",
					 module ? ":" : "", symbol, (unsigned long long)offset);
	return abi_arguments(c, s, NULL) ? s : NULL;
}

struct matches {
	struct probe_context *c;
	const char *glob, *module;
	struct match {
		char *name, *module;
	} *found;
	size_t n;
	struct str_closest closest;
};

static bool collect(void *ctx, const char *name, const char *module)
{
	struct matches *m = ctx;
	struct match *f;

	if (m->module && (!module || !str_glob(m->module, module)))
		return true;
	if (m->closest.word)
		str_closest_try(&m->closest, name);
	else if (str_glob(m->glob, name)) {
		f = MEM_PUSH(m->found, m->n);
		f->name = arena_strdup(m->c->arena, name);
		f->module = module ? arena_strdup(m->c->arena, module) : NULL;
	}
	return true;
}

static bool expand_glob(struct probe_context *c, const struct definition *def, const char *module,
			const char *glob, struct span at)
{
	struct matches m = { .c = c, .glob = glob, .module = module };
	bool ok = true;

	catalog_functions(c->catalog, collect, &m);
	c->absent = m.n == 0;
	if (m.n == 0)
		ok = diag_error(c->diags, at, "no kernel function matches '%s'", glob);
	else if (m.n > c->opt.max_probes) {
		diag_error(c->diags, at, "'%s' matches %zu kernel functions, more than %u", glob, m.n,
			   c->opt.max_probes);
		ok = diag_hint(c->diags, "--max-probes %zu allows them", m.n);
	}
	for (size_t i = 0; ok && i < m.n; i++)
		ok = add_site(c, def, m.found[i].module, m.found[i].name, 0, true) != NULL;
	free(m.found);
	return ok;
}

static bool no_function(struct probe_context *c, const char *module, const char *symbol, struct span at)
{
	struct matches m = { .c = c, .module = module, .closest = { .word = symbol } };

	c->absent = true;
	diag_error(c->diags, at, "no kernel function '%s'%s%s", symbol, module ? " in module " : "",
		   module ? module : "");
	catalog_functions(c->catalog, collect, &m);
	if (m.closest.best)
		diag_hint(c->diags, "did you mean '%s'?", m.closest.best);
	else
		diag_hint(c->diags, "the compiler may have inlined it; `trapline -l 'kprobe:*%.8s*'` lists others",
			  symbol);
	free(m.closest.best);
	return false;
}

bool kprobe_expand(struct probe_context *c, const struct definition *def, unsigned rest)
{
	unsigned end = (unsigned)strlen(def->target), symbol_at = rest;
	const char *module = NULL, *symbol;
	uint64_t offset;
	struct span at;
	int count;

	if (!have_kprobes(c, def->target_span))
		return false;
	for (unsigned i = 0; i < def->n_colons && !module; i++)
		if (def->colons[i] > rest) {
			module = arena_strndup(c->arena, def->target + rest, def->colons[i] - rest);
			symbol_at = def->colons[i] + 1;
		}
	at = definition_target_span(def, symbol_at, end);
	symbol = probe_split_offset(c, def, symbol_at, &offset);
	if (!*symbol)
		return diag_error(c->diags, def->target_span, "a kernel target is [MODULE:]SYMBOL[+OFFSET]");
	if (offset && def->ret)
		return diag_error(c->diags, at, "a return probe sits on the function's entry: leave the offset "
						"away");
	if (str_is_glob(symbol)) {
		if (offset)
			return diag_error(c->diags, at, "an offset goes with one function, not with a wildcard");
		return expand_glob(c, def, module, symbol, at);
	}
	if (isdigit((unsigned char)*symbol))
		return add_site(c, def, module, symbol, offset, false) != NULL;
	count = catalog_function_count(c->catalog, symbol, module);
	if (count == 0)
		return no_function(c, module, symbol, at);
	if (count > 1) {
		diag_error(c->diags, at, "%d kernel functions are named '%s'", count, symbol);
		return diag_hint(c->diags, "name one by its address in /proc/kallsyms: 0x...");
	}
	return add_site(c, def, module, symbol, offset, false) != NULL;
}

struct list {
	const struct probe_lister *l;
	const char *glob;
};

static bool list_one(void *ctx, const char *name, const char *module)
{
	struct list *list = ctx;
	struct str line = STR_INIT;

	str_addf(&line, "kprobe:%s", name);
	if (str_glob(list->glob, name) || str_glob(list->glob, line.s))
		list->l->fn(list->l->ctx, line.s, NULL);
	str_release(&line);
	return true;
}

bool kprobe_list(struct probe_lister *l, const char *glob)
{
	struct list list = { l, glob };
	int err;

	if (catalog_ask(l->context->catalog, FEATURE_KPROBES, &l->why_none) == ANSWER_NO)
		return true;		/* nothing to list is no error; who may not probe may still look */
	err = catalog_functions(l->context->catalog, list_one, &list);
	return !err || diag_error(l->context->diags, NO_SPAN, "the kernel's functions cannot be listed: %s",
				  os_strerror(-err));
}
