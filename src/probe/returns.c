/* returns.c - the returns of a program's function, and how they are seen.
 *
 * The kernel's return probe sits at the entry. When the function is called it overwrites the return address by that of
 * a page of its own, and when the function returns there, the record is made. That costs one site, and finds every way
 * out. But who walks the stack meanwhile meets an address that belongs to nobody:
 *
 *	C++, Rust, Ada, D	an exception or panic that passes through the frame ends the program
 *	Go			the runtime ends the program when it moves the stack
 *	backtrace(), dlsym()	see a part of the stack, or the wrong caller
 *
 * and of more than 64 nested calls the deeper ones have no record. So where the file can unwind (elf_return_hazard()
 * in sym/), the sites are the function's return instructions (function_exits() in sym/), which change nothing in the
 * program: as many sites as there are, with one label, each seen once by each call that ends there. Where the function
 * ends by a jump into another one, there is a site too, but what that one will return is not known yet.
 *
 * A return that wants values of the entry (`r FILE:f n=$arg1`) gets a companion there, whose records eval/pairs.c
 * puts together with it.
 */
#include "probe/uprobe.h"

#include <stdlib.h>
#include <string.h>

/* ---- may the kernel's return probe be put here? ---- */

/* Functions that do more with their return address than to return to it. A return probe puts another one in
 * its place. */
static const struct {
	const char *name;
	const char *why;
	bool forceable;
} return_addresses[] = {
#define SAVES "it saves its return address, and a later jump to it would go astray"
	{ "setjmp", SAVES, false },	{ "_setjmp", SAVES, false },	 { "__setjmp", SAVES, false },
	{ "sigsetjmp", SAVES, false },	{ "__sigsetjmp", SAVES, false }, { "getcontext", SAVES, false },
	{ "__getcontext", SAVES, false }, { "swapcontext", SAVES, false }, { "__swapcontext", SAVES, false },
	{ "savectx", SAVES, false },	{ "vfork", SAVES, false },	 { "__vfork", SAVES, false },
	{ "__libc_vfork", SAVES, false },
#undef SAVES
#define READS "it reads its return address, to know who calls it, and would act otherwise"
	{ "dlsym", READS, false },	{ "dlvsym", READS, false },	 { "dlopen", READS, true },
	{ "dlmopen", READS, true },	{ "mcount", READS, true },	 { "_mcount", READS, true },
	{ "__fentry__", READS, true },
#undef READS
#define BEGINS "it is not called, it begins: where a return address would be is something else"
	{ "_start", BEGINS, false },	{ "__start_context", BEGINS, false }, { "_dl_start_user", BEGINS, false },
	{ "thread_start", BEGINS, true },
#undef BEGINS
};

const char *returns_hazard(struct job *j, const struct symbol *function, uint64_t address, bool *forceable)
{
	bool entry = address == elf_entry(j->elf);

	for (size_t i = 0; i < ARRAY_LEN(return_addresses); i++) {
		if (!(function && strcmp(function->name, return_addresses[i].name) == 0) &&
		    !(j->name && strcmp(j->name, return_addresses[i].name) == 0) &&
		    !(entry && strcmp("_start", return_addresses[i].name) == 0))
			continue;
		*forceable = return_addresses[i].forceable;
		return return_addresses[i].why;
	}
	return NULL;
}

const char *returns_at_instructions(struct job *j, const struct symbol *function, uint64_t address)
{
	const char *hazard = elf_return_hazard(j->elf);

	switch (j->c->opt.returns) {
	case RETURNS_AUTO:
		return hazard;
	case RETURNS_KERNEL:
		if (hazard)
			diag_warn(j->c->diags, j->at, "the kernel's return probe can kill %s: %s", j->file->path, hazard);
		return NULL;
	case RETURNS_INSTRUCTIONS:
		break;
	}
	return hazard ? hazard : "that was asked for";
}

/* ---- values of the entry ---- */

bool returns_want_entry(const struct job *j)
{
	for (unsigned i = 0; i < j->def->n_args; i++)
		if (abi_is_of_entry(j->def->args[i]))
			return true;
	return false;
}

/* The definition of the companion: what of the values is the entry's. */
static struct definition *entry_definition(struct job *j)
{
	struct definition *def = arena_alloc(j->c->arena, sizeof(*def));
	struct fetcharg **args = arena_alloc(j->c->arena, j->def->n_args * sizeof(*args));

	*def = *j->def;
	def->ret = false;
	def->filter = NULL;
	def->args = args;
	def->n_args = 0;
	for (unsigned i = 0; i < j->def->n_args; i++)
		if (abi_is_of_entry(j->def->args[i])) {
			struct fetcharg *a = args[def->n_args++] = arena_alloc(j->c->arena, sizeof(*a));

			*a = *j->def->args[i];
			a->at_entry = false;
		}
	return def;
}

bool returns_add_entry(struct job *j, const struct symbol *function, uint64_t address, bool optional,
		       struct site **entry)
{
	const struct arch *abi = elf_abi(j->elf, address);
	struct job at_entry = *j;

	*entry = NULL;
	if (!returns_want_entry(j))
		return true;
	if (abi && abi->go && !abi->goroutine)
		return diag_error(j->c->diags, j->def->span, "which call returns cannot be told in this Go program: before "
				  "Go 1.17 no register holds the goroutine, so its entry's values are not at hand");
	at_entry.def = entry_definition(j);
	if (!uprobe_add_site(&at_entry, function, address, optional, entry))
		return false;
	if (!*entry)
		return true;		/* left out, and said so */
	(*entry)->companion = (*entry)->part = true;
	(*entry)->note = arena_fmt(j->c->arena, "%s: its entry, for what the return shows of it", (*entry)->label);
	returns_pair(j, *entry, NULL, 0);
	return true;
}

void returns_pair(struct job *j, struct site *site, struct site *entry, unsigned popped)
{
	site->entry = entry;
	site->frame.sp = arena_fmt(j->c->arena, "%%%s", site->arch->sp);
	if (site->arch->go) {		/* struct g begins with the stack's two ends */
		site->frame.owner = arena_fmt(j->c->arena, "%%%s", site->arch->goroutine);
		site->frame.base = arena_fmt(j->c->arena, "+%u(%%%s)", site->arch->word, site->arch->goroutine);
	}
	site->frame.popped = popped;
}

/* ---- the instructions ---- */

static bool wants_result(const struct definition *def)
{
	for (unsigned i = 0; i < def->n_args; i++)
		if (fetch_leaf(def->args[i]->fetch)->kind == FETCH_RETVAL)
			return true;
	return false;
}

/* Where a jump goes: "g", or its address. */
static const char *jump_name(struct job *j, const struct function_exit *x)
{
	struct symbol s;

	if (!x->target)
		return "where a pointer says";
	if (elf_function_at(j->elf, x->target, &s) && s.address == x->target)
		return arena_strdup(j->c->arena, s.name);
	return arena_fmt(j->c->arena, "%#llx", (unsigned long long)x->target);
}

/* A program, or a filter, would take for the result what is none. */
static bool passes_on(const struct job *j, const struct function_exit *x)
{
	return x->kind == EXIT_TAIL && (j->def->tap || j->def->filter) && wants_result(j->def);
}

/* And a jump that is taken only sometimes would be counted always. */
static bool is_left_out(const struct job *j, const struct function_exit *x)
{
	return x->kind == EXIT_MAYBE || passes_on(j, x);
}

static void tell_left_out(struct job *j, const struct symbol *function, const struct function_exit *x)
{
	bool tail = passes_on(j, x);

	diag_warn(j->c->diags, j->at, "some returns of %s are not seen: at +%#llx it %sjumps to %s, %s",
		  j->name && *function->name ? uprobe_place(j, function->name) : uprobe_place(j, j->name),
		  (unsigned long long)(x->address - function->address), tail ? "" : "sometimes ", jump_name(j, x),
		  tail ? "whose result becomes its own" : "which a probe cannot tell from going on");
}

/* What is wrong with the ends of the function as a whole; NULL: nothing. */
static const char *cannot_be_had(struct job *j, const struct symbol *function, const struct function_exit *x, int n,
				 const char *why)
{
	struct insn_check check;
	int left_out = 0;

	if (*why && !j->c->opt.force)
		return arena_fmt(j->c->arena, "its returns cannot all be found: %s", why);
	if (n == 0)
		return *why ? why : "it has no return: it never comes back";
	for (int i = 0; i < n; i++)
		left_out += is_left_out(j, &x[i]);
	if (left_out == n)
		return "it only ends by jumping to other functions, whose results become its own";
	for (int i = 0; i < n; i++) {
		struct symbol part = { .name = "", .kind = SYMBOL_FUNC, .address = x[i].address, .size = 16 };

		insn_check(j->elf, &part, x[i].address, false, &check);
		if (!check.ok)
			return arena_fmt(j->c->arena, "its return at %#llx: %s", (unsigned long long)x[i].address,
					 check.reason);
	}
	return NULL;
}

static bool refuse(struct job *j, const char *symbol, bool optional, const char *reason, const char *why)
{
	const char *fmt = "returns of %s of %s cannot be seen: %s";

	if (optional) {
		diag_warn(j->c->diags, j->at, fmt, uprobe_place(j, symbol), j->file->path, reason);
		return true;
	}
	diag_error(j->c->diags, j->at, fmt, uprobe_place(j, symbol), j->file->path, reason);
	if (elf_return_hazard(j->elf))
		diag_hint(j->c->diags, "its entry (p) can be probed. --returns=kernel would use the kernel's return probe, "
				       "but can kill the program: %s", why);
	return false;
}

static bool add_exit(struct job *j, const struct symbol *function, uint64_t address, const struct function_exit *x,
		     const char *symbol, bool optional)
{
	struct abi_code code = { .elf = j->elf, .function = function, .file = j->file->path, .address = address,
				 .optional = optional };
	struct site *s = uprobe_new_site(j, symbol, address, optional);
	bool executable;

	s->ret = false;
	s->end = x->kind == EXIT_RET ? END_RETURN : END_TAIL_CALL;
	s->shift = x->address - address;
	s->caller = s->arch->return_address;
	if (s->end == END_TAIL_CALL)
		s->note = arena_fmt(j->c->arena, "%s: it ends by a jump to %s", s->label, jump_name(j, x));
	if (!elf_address_to_offset(j->elf, x->address, &s->offset, &executable))
		return diag_error(j->c->diags, j->at, "%s has no bytes in the file", uprobe_place(j, symbol));
	s->identity = identity_take(j->c->arena, j->elf, j->file->kernel_path, s->offset);
	return abi_arguments(j->c, s, &code);
}

static bool add_exits(struct job *j, const struct symbol *function, uint64_t address, const struct function_exit *x,
		      int n, bool optional, const char *why)
{
	const char *symbol = j->name ? arena_strdup(j->c->arena, function->name) : NULL;
	struct site *entry, *first = NULL;

	if (!returns_add_entry(j, function, address, optional, &entry))
		return false;
	if (!entry && returns_want_entry(j))
		return true;
	for (int i = 0; i < n; i++) {
		struct site *s;

		if (is_left_out(j, &x[i])) {
			tell_left_out(j, function, &x[i]);
			continue;
		}
		if (!add_exit(j, function, address, &x[i], symbol, optional))
			return false;
		s = j->c->sites[j->c->n_sites - 1];
		if (entry)
			returns_pair(j, s, entry, 0);
		s->part = first != NULL;
		first = first ? first : s;
	}
	first->note = arena_fmt(j->c->arena, "%s: its return instructions, and no return probe of the kernel's: %s",
				first->label, why);
	return true;
}

bool returns_add_sites(struct job *j, const struct symbol *function, uint64_t address, bool optional, const char *why)
{
	const char *symbol = function && j->name ? arena_strdup(j->c->arena, function->name) : j->name, *reason;
	_cleanup_(str_release) struct str unsure = STR_INIT;
	struct function_exit *exits = NULL;
	bool ok;
	int n;

	if (!function)
		return refuse(j, symbol, optional, "nothing tells which function is there, and where it ends", why);
	if (address != function->address)
		return refuse(j, symbol, optional, "a return probe is about a whole function, from its start", why);
	n = function_exits(j->elf, function, &exits, &unsure);
	reason = cannot_be_had(j, function, exits, n, unsure.s ? unsure.s : "");
	if (!reason && unsure.len)
		diag_warn(j->c->diags, j->at, "some returns of %s may not be seen: %s", uprobe_place(j, symbol), unsure.s);
	ok = reason ? refuse(j, symbol, optional, reason, why)
		    : add_exits(j, function, address, exits, n, optional, why);
	free(exits);
	return ok;
}
