/* uprobe.c - functions of programs and libraries.
 *
 * The kernel takes a file and an offset and checks nothing. So everything that it would accept and then
 * break is refused here: sym/insn.c looks at the instruction, sym/elf.c says what the name really is, and
 * this file turns what they found into sentences.
 */
#include "probe/uprobe.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"

/* ---- a site ---- */

/* The name as its programmer wrote it, in the arena; NULL when it is the symbol itself. */
static const char *readable_name(struct job *j, const char *symbol)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	return symbol && demangle(symbol, DEMANGLE_USUAL, &text) ? arena_strdup(j->c->arena, text.s) : NULL;
}

/* The symbol in the user's language: who spells a mangled name reads it. */
static const char *shown_name(struct job *j, const char *symbol)
{
	const char *readable = j->found.readable || j->found.glob ? readable_name(j, symbol) : NULL;

	if (j->alias)
		return j->alias;
	return readable && !j->c->opt.mangled ? readable : symbol;
}

static const char *label(struct job *j, const char *symbol)
{
	const char *kind = j->def->ret ? "uretprobe" : "uprobe";

	if (j->def->name)
		return j->def->name;
	if (j->source)
		return arena_fmt(j->c->arena, "%s:%s@%s", kind, j->file->path, j->source);
	if (!j->name)
		return arena_fmt(j->c->arena, "%s:%s:0x%llx", kind, j->file->path, (unsigned long long)j->offset);
	if (!j->offset)
		return arena_fmt(j->c->arena, "%s:%s:%s", kind, j->file->path, shown_name(j, symbol));
	return arena_fmt(j->c->arena, "%s:%s:%s+%llu", kind, j->file->path, shown_name(j, symbol),
			 (unsigned long long)j->offset);
}

struct kept {
	struct job *j;
	const struct symbol *function;
	uint64_t address;
	bool optional;			/* it is one of several */
};

static bool argument_kept(void *ctx, const char *reg, struct span at)
{
	struct kept *k = ctx;

	if (k->function && insn_register_kept(k->j->elf, k->function, k->address, reg))
		return true;
	diag_error(k->j->c->diags, at, "at this place the argument may no longer be in %%%s", reg);
	return diag_hint(k->j->c->diags, "probe the function's entry, or name a register or memory yourself");
}

const char *uprobe_place(struct job *j, const char *symbol)
{
	if (j->why_here)
		return j->why_here;
	if (!j->name)
		return arena_fmt(j->c->arena, "offset 0x%llx", (unsigned long long)j->offset);
	return arena_fmt(j->c->arena, j->offset ? "%s+%llu" : "%s", shown_name(j, symbol),
			 (unsigned long long)j->offset);
}

static bool refuse(struct job *j, const char *symbol, const struct insn_check *check, bool optional)
{
	const char *fmt = "%s of %s cannot be probed: %s";

	if (optional) {
		diag_warn(j->c->diags, j->at, fmt, uprobe_place(j, symbol), j->file->path, check->reason);
		return true;		/* the others are probed */
	}
	diag_error(j->c->diags, j->at, fmt, uprobe_place(j, symbol), j->file->path, check->reason);
	if (check->forceable)
		diag_hint(j->c->diags, "--force probes it all the same");
	return false;
}

struct label {
	uint64_t address;
	bool found;
};

static bool is_label(void *ctx, const struct symbol *s)
{
	struct label *l = ctx;

	l->found = s->address == l->address && s->kind == SYMBOL_FUNC;
	return !l->found;
}

/* Has the place a name of its own? Then others may come there too. */
static bool has_name(struct job *j, uint64_t address)
{
	struct label l = { .address = address };

	elf_symbols(j->elf, is_label, &l);
	return l.found;
}

/* On ppc64le a function may begin with two instructions that only callers from other files need: they find its
 * data. Those from the same file enter behind them, at the local entry, so that is where every call passes. Who
 * writes an offset means that very place. */
static uint64_t local_entry(struct job *j, const struct symbol *function, uint64_t address)
{
	if (!function || !function->entry || address != function->address)
		return 0;
	if (j->name && !j->offset)
		return function->entry;
	diag_warn(j->c->diags, j->at, "calls from within %s do not pass here, but %u bytes further on: write %s",
		  j->file->path, function->entry, function->name);
	return 0;
}

/* ---- clones ---- */

/* Is the function another one than was named, to which arguments come in another way? */
static bool is_changed_clone(struct job *j, const struct symbol *function)
{
	size_t stem;

	return j->name && symbol_clone(function->name, &stem) >= CLONE_CHANGED &&
	       !strstr(j->name, function->name + stem);
}

static bool argument_changed(void *ctx, const char *reg, struct span at)
{
	struct kept *k = ctx;
	const char *name = k->function->name;

	if (k->optional) {
		diag_warn(k->j->c->diags, at, "%s is left out: the compiler made it for some calls only, and its "
					      "arguments may be in other registers", name);
		return false;
	}
	diag_error(k->j->c->diags, at, "the compiler has made %s of it, whose arguments may be in other registers",
		   name);
	return diag_hint(k->j->c->diags, "a probe without arguments sees these calls; or look at its code, and name %s",
			 name);
}

/* Takes back what probe_add_site() did. */
static bool forget_site(struct job *j)
{
	j->c->n_sites--;
	return true;
}

/* A Go file's own convention is a part of what was read of the file, which is closed before the site is used. */
static const struct arch *arch_of(struct job *j, uint64_t address)
{
	const struct arch *abi = elf_abi(j->elf, address);
	struct arch *own;

	if (!abi || !abi->go)
		return abi;
	own = arena_alloc(j->c->arena, sizeof(*own));
	*own = *abi;
	return own;
}

struct site *uprobe_new_site(struct job *j, const char *symbol, uint64_t address, bool optional)
{
	struct site *s = probe_add_site(j->c, j->def, optional);

	program_site(j->c, s, j->file, j->elf);
	s->arch = arch_of(j, address);
	s->symbol = symbol;
	s->readable = readable_name(j, symbol);
	s->alias = j->alias;
	s->symbol_offset = j->name ? j->offset : 0;
	s->why_here = j->why_here;
	s->label = label(j, symbol);
	return s;
}

/* Refuses a function that the kernel's return probe would break, whatever its code looks like. */
static void check_return(struct job *j, const struct symbol *function, uint64_t address, struct insn_check *check)
{
	bool forceable;
	const char *why = j->def->ret ? returns_hazard(j, function, address, &forceable) : NULL;

	if (!why)
		return;
	check->ok = false;
	check->forceable = forceable;
	snprintf(check->reason, sizeof(check->reason), "%s", why);
}

/* A function of Go's begins again when its stack had to grow: the probe sits where each call passes once. */
static void pass_stack_check(struct job *j, struct site *s, const struct symbol *function)
{
	uint64_t behind = go_stack_check(j->elf, function);
	struct insn_check check;

	if (!behind)
		return;
	insn_check(j->elf, function, function->address + behind, false, &check);
	if (check.ok) {
		s->shift = behind;
		s->note = arena_fmt(j->c->arena, "%s: behind the check of its stack, to whose begin it goes back when the stack "
						 "has grown", s->label);
	} else {
		diag_warn(j->c->diags, j->at, "%s counts calls twice whose stack must grow: behind the check, %s", s->label,
			  check.reason);
	}
}

bool uprobe_add_site(struct job *j, const struct symbol *function, uint64_t address, bool optional, struct site **site)
{
	struct kept kept = { j, function, address, optional };
	const char *symbol = j->copy && j->copy->function ? arena_strdup(j->c->arena, j->copy->function)
			   : function && j->name ? arena_strdup(j->c->arena, function->name) : j->name;
	uint64_t local = local_entry(j, function, address);
	bool at_entry = !j->copy && function && (address == function->address ||
						 address == function->address + function->entry);
	struct abi_code code = { .elf = j->elf, .function = function, .file = j->file->path, .at_entry = at_entry,
				 .address = address, .copy = j->copy, .optional = optional };
	struct insn_check check;
	struct site *s;
	bool executable;

	if (site)
		*site = NULL;
	insn_check(j->elf, function, address + local, j->def->ret, &check);
	if (check.ok)
		check_return(j, function, address, &check);
	if (!check.ok && !(check.forceable && j->c->opt.force))
		return refuse(j, symbol, &check, optional);

	s = uprobe_new_site(j, symbol, address, optional);
	if (!abi_arguments(j->c, s, &code))
		return false;
	if (!at_entry && !j->copy && !abi_each_argument(j->c, s, argument_kept, &kept))
		return false;
	if (at_entry && is_changed_clone(j, function) && !abi_each_argument(j->c, s, argument_changed, &kept))
		return optional && forget_site(j);
	s->shift = local;
	if (check.ok && check.cheaper && !abi_reads_ip(s) && !has_name(j, address + check.cheaper))
		s->shift = check.cheaper;
	if (!s->ret && at_entry && !local)
		pass_stack_check(j, s, function);
	if (!s->ret && at_entry)
		s->caller = s->arch ? s->arch->return_address : NULL;
	if (!elf_address_to_offset(j->elf, address + s->shift, &s->offset, &executable))
		return diag_error(j->c->diags, j->at, "%s has no bytes in the file", uprobe_place(j, symbol));
	s->identity = identity_take(j->c->arena, j->elf, j->file->kernel_path, s->offset);
	if (site)
		*site = s;
	return true;
}

/* What the definition means at one place: the place, or where the function returns. */
static bool add_sites(struct job *j, const struct symbol *function, uint64_t address, bool optional)
{
	struct site *entry = NULL, *site;
	const char *why;

	if (!j->def->ret)
		return uprobe_add_site(j, function, address, optional, NULL);
	why = returns_at_instructions(j, function, address);
	if (why)
		return returns_add_sites(j, function, address, optional, why);
	if (!returns_add_entry(j, function, address, optional, &entry))
		return false;
	if (!entry && returns_want_entry(j))
		return true;
	if (!uprobe_add_site(j, function, address, optional, &site))
		return false;
	if (entry && site)
		returns_pair(j, site, entry, *site->arch->return_address == '+' ? site->arch->word : 0);
	return true;
}

/* ---- names ---- */

/* cpp:NAME is NAME. */
static const char *without_language(const char *name)
{
	return str_starts(name, "cpp:") ? name + strlen("cpp:") : name;
}

/* Appends "a, b, c and 7 more": readable names; those that read the same (constructors) as the linker has them. */
static void add_names(struct job *j, struct str *out, const struct symbol *v, size_t n)
{
	enum { SHOWN = 6 };
	const char *names[SHOWN + 1];

	for (size_t i = 0; i < n && i <= SHOWN; i++)
		names[i] = readable_name(j, v[i].name);
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		bool again = false;

		for (size_t k = 0; k < n && k <= SHOWN; k++)
			again |= k != i && names[i] && names[k] && strcmp(names[i], names[k]) == 0;
		str_addf(out, "%s%s", i ? ", " : "", names[i] && !again ? names[i] : v[i].name);
	}
	if (n > SHOWN)
		str_addf(out, " and %zu more", n - SHOWN);
}

struct suggestion {
	struct str_closest closest;
	unsigned flags;			/* of demangle(): with parameters or without */
	struct str text;
	struct str_closest last;	/* by the last part of the name only: it may be in another scope */
	char *elsewhere;		/* the whole name to it, or NULL */
	bool complete;			/* there is a .symtab: functions that are not exported have names too */
};

/* What stands behind the last `::`, of the name and not of its parameters. */
static const char *last_scope(const char *name)
{
	const char *last = name;

	for (const char *p = name; *p && (*p != '(' || p == last); p++)
		if (p[0] == ':' && p[1] == ':')
			last = p + 2;
	return last;
}

static bool suggest(void *ctx, const struct symbol *s)
{
	struct suggestion *g = ctx;
	unsigned before;

	g->complete |= !s->dynsym;
	if (s->kind != SYMBOL_FUNC && s->kind != SYMBOL_IFUNC)
		return true;
	str_closest_try(&g->closest, s->name);
	str_clear(&g->text);
	if (!is_mangled(s->name) || !demangle(s->name, g->flags, &g->text))
		return true;
	str_closest_try(&g->closest, g->text.s);
	before = g->last.best ? g->last.distance : UINT_MAX;
	str_closest_try(&g->last, last_scope(g->text.s));
	if (g->last.best && g->last.distance < before) {
		free(g->elsewhere);
		g->elsewhere = mem_strdup(g->text.s);
	}
	return true;
}

/* Only parts of the function are left. */
static bool only_parts(struct job *j)
{
	_cleanup_(str_release) struct str names = STR_INIT;

	add_names(j, &names, j->found.parts, j->found.n_parts);
	diag_error(j->c->diags, j->at, "the compiler has left only parts of '%s' in %s: %s", j->name, j->file->path,
		   names.s);
	return diag_hint(j->c->diags, "the function itself was inlined where it is called; a part can be probed by its "
				      "name, which is no call of the function");
}

static const char *why_no_symbols(struct elf_file *elf)
{
	return elf_is_cut_off(elf) ? "is cut off: its symbols stood behind its end" : "is stripped: it has no symbols";
}

/* Where the names of a file without symbols would come from. False. */
static bool hint_names(struct probe_context *c, struct elf_file *elf)
{
	_cleanup_(str_release) struct str tried = STR_INIT;
	const struct debug_source *sources;
	size_t n = elf_debug_sources(elf, &sources);

	for (size_t i = 0; i < n; i++)
		str_addf(&tried, "%s%s (%s)", i ? ", " : "; looked for: ", sources[i].path,
			 sources[i].problem ? sources[i].problem : "it has none");
	return diag_hint(c->diags, "names would come with its debug symbols (a package NAME-dbgsym or NAME-debuginfo) of "
				   "build ID %s%s", *elf_build_id(elf) ? elf_build_id(elf) : "(it has none)",
			 tried.len ? tried.s : "");
}

/* A name, and the versions in which the file has it. */
struct versions {
	const char *name;
	bool found;
	const char **list;		/* "GLIBC_2.2.5" */
	size_t n;
	struct str spelled;		/* "memcpy@GLIBC_2.2.5, memcpy@@GLIBC_2.14" */
};

static bool collect_version(void *ctx, const struct symbol *s)
{
	struct versions *v = ctx;

	if (s->kind == SYMBOL_IMPORT || strcmp(s->name, v->name) != 0)
		return true;
	v->found = true;
	if (!s->version)
		return true;
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->list[i], s->version) == 0)
			return true;		/* .symtab repeats .dynsym */
	*MEM_PUSH(v->list, v->n) = s->version;
	str_addf(&v->spelled, "%s%s%s%s", v->n > 1 ? ", " : "", v->name, s->default_version ? "@@" : "@",
		 s->version);
	return true;
}

static bool no_version(struct job *j, struct versions *v)
{
	diag_error(j->c->diags, j->at, "'%s' of %s has no version '%s'", v->name, j->file->path,
		   j->name + strlen(v->name));
	if (v->n)
		diag_hint(j->c->diags, "there is %s", v->spelled.s);
	else
		diag_hint(j->c->diags, "it has none at all: write %s", v->name);
	free(v->list);
	str_release(&v->spelled);
	return false;
}

/* sub_ADDRESS that is the start of no function, but inside of one: says so. */
static bool is_inside(struct job *j)
{
	uint64_t begin, end, address = strtoull(j->name + strlen("sub_"), NULL, 16);
	struct symbol f;

	if (elf_function_at(j->elf, address, &f))
		return !diag_error(j->c->diags, j->at, "0x%llx of %s has a name: write %s+%llu", (unsigned long long)address,
				   j->file->path, f.name, (unsigned long long)(address - f.address));
	if (!elf_fde_at(j->elf, address, &begin, &end))
		return false;
	return !diag_error(j->c->diags, j->at, "no function of %s begins at 0x%llx: sub_%llx goes from there to 0x%llx",
			   j->file->path, (unsigned long long)address, (unsigned long long)begin, (unsigned long long)end);
}

/* f(char: the rest was cut off at a blank. */
static bool opens_bracket(const char *name)
{
	int depth = 0;

	for (; *name; name++)
		depth += *name == '(' ? 1 : *name == ')' ? -1 : 0;
	return depth > 0;
}

static bool no_symbol(struct job *j)
{
	const char *at = strchr(j->name, '@'), *written = without_language(j->name);
	char *name = arena_strndup(j->c->arena, written, at && at != j->name ? (size_t)(at - written)
									     : strlen(written));
	struct suggestion g = { .closest = { .word = name }, .last = { .word = last_scope(name) },
				.flags = strchr(name, '(') ? DEMANGLE_PARAMETERS : 0 };
	struct versions v = { .name = name };

	if (str_starts(j->name, "sub_") && is_inside(j))
		return false;
	j->c->absent = true;
	if (!elf_has_functions(j->elf)) {
		diag_error(j->c->diags, j->at, "%s %s", j->file->path, why_no_symbols(j->elf));
		diag_hint(j->c->diags, "its functions have addresses: `trapline -l 'uprobe:%s:sub_*'` lists them; "
				       "%s:0xOFFSET works too", j->file->path, j->file->path);
		return hint_names(j->c, j->elf);
	}
	if (j->found.n_parts)
		return only_parts(j);
	if (j->found.glob)
		return diag_error(j->c->diags, j->at, "no function of %s matches '%s'", j->file->path, written);
	if (at)
		elf_symbols(j->elf, collect_version, &v);
	if (v.found)
		return no_version(j, &v);
	diag_error(j->c->diags, j->at, "no function '%s' in %s", written, j->file->path);
	elf_symbols(j->elf, suggest, &g);
	if (opens_bracket(name))
		diag_hint(j->c->diags, "a name with blanks is written in quotes: %s:\"%s ...\"", j->file->path, written);
	else if (g.closest.best && written != j->name && strcmp(g.closest.best, name) == 0)
		diag_hint(j->c->diags, "'%s' is no name of a language that mangles them: without cpp: it is found", name);
	else if (g.closest.best || g.elsewhere)
		diag_hint(j->c->diags, "did you mean '%s'?", g.closest.best ? g.closest.best : g.elsewhere);
	if (!g.complete)
		diag_hint(j->c->diags, "the file is stripped: only the functions that it exports have names; "
				       "`trapline -l 'uprobe:%s:sub_*'` lists the others by address", j->file->path);
	free(g.closest.best);
	free(g.last.best);
	free(g.elsewhere);
	str_release(&g.text);
	return false;
}

/* The code is in another file: which of the libraries that this one needs has it? */
static bool only_imported(struct job *j)
{
	const char *soname;

	diag_error(j->c->diags, j->at, "'%s' is only imported by %s: its code is in another file", j->name,
		   j->file->path);
	for (unsigned i = 0; (soname = elf_needed(j->elf, i)); i++) {
		struct found_file f;
		struct elf_file *lib;
		struct functions found;

		if (path_find(soname, j->c->opt.pid, &f) != 0)
			continue;
		if (elf_open(f.kernel_path, &lib, NULL) == 0) {
			if (functions_find(lib, j->name, &found) == 0 && found.n && found.v->kind != SYMBOL_IMPORT)
				diag_hint(j->c->diags, "it is in %s: write %s:%s", f.path, f.path, j->name);
			functions_release(&found);
			elf_close(lib);
		}
		found_file_release(&f);
	}
	return false;
}

/* Why a symbol that was found is none that can be probed, or NULL. */
static const char *unsuitable(const struct symbol *s)
{
	switch (s->kind) {
	case SYMBOL_FUNC:
		return s->thumb ? "its code is in the Thumb instruction set, into which the kernel cannot put "
				  "breakpoints" : NULL;
	case SYMBOL_IFUNC:
		return "it is an indirect function: the symbol is only the resolver, which runs once at load and "
		       "chooses the code that is called";
	case SYMBOL_DATA:
		return "it is data, not a function";
	case SYMBOL_IMPORT:
		return "it is only imported here";
	}
	return NULL;
}

/* ---- indirect functions ---- */

/* Other names that lead to the same code. */
struct same_choice {
	struct job *j;
	const struct symbol *function;
	uint64_t address;
	struct str names;
};

static bool chooses_same(void *ctx, const struct symbol *s)
{
	struct same_choice *c = ctx;
	uint64_t address;

	if (s->kind == SYMBOL_IFUNC && s->dynsym && s->default_version && s->address != c->function->address &&
	    ifuncs_find(c->j->ifuncs, s, &address) && address == c->address)
		str_addf(&c->names, "%s%s", c->names.len ? ", " : "", s->name);
	return true;
}

/* The function at the address: it may have no name. */
static void function_at(struct elf_file *elf, uint64_t address, struct arena *a, struct symbol *out)
{
	uint64_t begin = address, end = address;

	if (elf_function_at(elf, address, out))
		return;
	elf_fde_at(elf, address, &begin, &end);
	*out = (struct symbol){ .kind = SYMBOL_FUNC, .address = begin, .size = end - begin,
				.name = arena_fmt(a, "sub_%llx", (unsigned long long)begin) };
}

static void tell_choice(struct job *j, const struct symbol *s, const struct symbol *chosen)
{
	struct same_choice same = { .j = j, .function = s, .address = chosen->address };

	elf_symbols(j->elf, chooses_same, &same);
	diag_warn(j->c->diags, j->at, "'%s' is an indirect function: on this machine it is %s (as process %d has it)%s%s%s",
		  s->name, chosen->name, (int)ifuncs_pid(j->ifuncs), same.names.len ? "; calls of " : "",
		  same.names.len ? same.names.s : "", same.names.len ? " come there too" : "");
	str_release(&same.names);
}

/* Is the place probed already for this definition? memcpy and memmove may be one. */
static bool has_site(struct job *j, size_t from, uint64_t address)
{
	uint64_t offset;
	bool executable;

	if (!elf_address_to_offset(j->elf, address, &offset, &executable))
		return false;
	for (size_t i = from; i < j->c->n_sites; i++)
		if (j->c->sites[i]->offset - j->c->sites[i]->shift == offset)
			return true;
	return false;
}

/* What the indirect function s is here. *ifuncs, NULL at first, is kept by the caller. False when no process tells;
 * nothing is reported. */
static bool choose(struct probe_context *c, struct elf_file *elf, struct ifuncs **ifuncs, const struct symbol *s,
		   struct symbol *chosen)
{
	uint64_t address;

	if (!*ifuncs)
		*ifuncs = ifuncs_open(elf, s, c->opt.pid);
	if (!*ifuncs || !ifuncs_find(*ifuncs, s, &address))
		return false;
	function_at(elf, address, c->arena, chosen);
	return chosen->address == address;
}

/* No process has told. */
static void hint_choice(struct job *j, const struct symbol *s)
{
	if (!j->ifuncs)
		diag_hint(j->c->diags, "the memory of a process that has the file mapped tells the choice: %s",
			  j->c->opt.pid ? "this one has not" : "none is running");
	else
		diag_hint(j->c->diags, "the memory of process %d does not tell the choice", (int)ifuncs_pid(j->ifuncs));
	diag_hint(j->c->diags, "name an implementation (`trapline -l 'uprobe:%s:*%s*'`), or --force probes the resolver",
		  j->file->path, s->name);
}

static bool expand_choice(struct job *j, const struct symbol *s, const struct symbol *chosen, bool several)
{
	bool ok;

	if (!several)
		tell_choice(j, s, chosen);
	if (several && has_site(j, j->first_site, chosen->address + j->offset))
		return true;
	j->alias = arena_strdup(j->c->arena, s->name);
	ok = add_sites(j, chosen, chosen->address + j->offset, several);
	j->alias = NULL;
	return ok;
}

static bool expand_symbol(struct job *j, const struct symbol *s, bool several)
{
	const char *why = unsuitable(s), *name = shown_name(j, s->name);
	bool resolver = s->kind == SYMBOL_IFUNC;
	struct symbol chosen;

	if (resolver && choose(j->c, j->elf, &j->ifuncs, s, &chosen))
		return expand_choice(j, s, &chosen, several);
	if (why && !(resolver && j->c->opt.force)) {
		if (several) {
			diag_warn(j->c->diags, j->at, "'%s' of %s is left out: %s", name, j->file->path, why);
			return true;
		}
		diag_error(j->c->diags, j->at, "'%s' of %s cannot be probed: %s", name, j->file->path, why);
		if (resolver)
			hint_choice(j, s);
		return false;
	}
	if (j->offset && j->offset >= s->size && !s->guessed)
		return diag_error(j->c->diags, j->at, "'%s' of %s has %llu bytes: +%llu is outside", name,
				  j->file->path, (unsigned long long)s->size, (unsigned long long)j->offset);
	return add_sites(j, s, s->address + j->offset, several);
}

/* Are there both a destructor that frees the memory, and the one that it calls? */
static bool has_deleting(const struct functions *f)
{
	bool deleting = false;

	for (size_t i = 0; i < f->n; i++)
		deleting |= is_mangled(f->v[i].name) && strstr(f->v[i].name, "D0Ev");
	return deleting && f->n > 1;
}

/* Says which functions are probed when the name alone does not. */
static void tell_several(struct job *j, unsigned functions)
{
	_cleanup_(str_release) struct str names = STR_INIT;
	const struct functions *f = &j->found;
	size_t stem;

	if (f->glob && f->n_parts)
		diag_warn(j->c->diags, j->at, "%zu part%s of functions that match '%s' %s left out (.cold, .part): they "
					      "are no calls", f->n_parts, f->n_parts == 1 ? "" : "s", j->name,
			  f->n_parts == 1 ? "is" : "are");
	add_names(j, &names, f->v, f->n);
	if (f->glob || (functions == 1 && symbol_clone(f->v->name, &stem) == CLONE_NOT))
		return;
	if (functions == 1)
		diag_warn(j->c->diags, j->at, "the compiler has changed '%s' of %s: %s is probed", j->name, j->file->path,
			  names.s);
	else
		diag_warn(j->c->diags, j->at, "%u functions of %s are named '%s': all of them are probed: %s", functions,
			  j->file->path, without_language(j->name), names.s);
	if (has_deleting(f))
		diag_hint(j->c->diags, "a deleting destructor (D0) calls another one, so that one end may be two hits: "
				       "name one of them");
}

static bool expand_symbols(struct job *j)
{
	const struct functions *f = &j->found;
	size_t before = j->first_site = j->c->n_sites;
	unsigned functions = 0;

	for (size_t i = 0; i < f->n; i++)
		functions += f->v[i].kind != SYMBOL_IMPORT;
	if (!functions)
		return only_imported(j);
	if (functions > j->c->opt.max_probes) {
		diag_error(j->c->diags, j->at, "'%s' means %u functions of %s, more than %u", j->name, functions,
			   j->file->path, j->c->opt.max_probes);
		return diag_hint(j->c->diags, "--max-probes %u allows them", functions);
	}
	tell_several(j, functions);
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].kind != SYMBOL_IMPORT && !expand_symbol(j, &f->v[i], functions > 1))
			return false;
	if (j->c->n_sites == before)
		return diag_error(j->c->diags, j->at, "none of the %u functions can be probed", functions);
	return true;
}

static bool look_for_placeholder(void *ctx, const struct symbol *s)
{
	bool *found = ctx;

	*found = strstr(s->name, "_version_placeholder") != NULL;
	return !*found;
}

/* Since glibc 2.34 libpthread, librt, libdl, libutil and libanl are empty files: what they had is in libc. */
static bool is_in_libc(struct job *j, bool *ok)
{
	struct target_file libc = { .rest = j->rest };
	bool found = false;

	elf_symbols_from(j->elf, "__lib", look_for_placeholder, &found);
	if (!found || path_find("libc.so.6", j->c->opt.pid, &libc.file) != 0)
		return false;
	*ok = uprobe_expand(j->c, j->def, &libc);
	found_file_release(&libc.file);
	return true;
}

static bool expand_name(struct job *j)
{
	int err = functions_find(j->elf, j->name, &j->found);
	bool ok;

	if (err)
		ok = diag_error(j->c->diags, j->at, "the symbols of %s cannot be read: %s", j->file->path,
				os_strerror(-err));
	else if (source_expand_copies(j, j->found.n > 0, &ok))
		ok = ok && (!j->found.n || expand_symbols(j));
	else if (j->found.n)
		ok = expand_symbols(j);
	else if (!is_in_libc(j, &ok))
		ok = no_symbol(j);
	functions_release(&j->found);
	ifuncs_close(j->ifuncs);
	return ok;
}

/* FILE:0xOFFSET: a file offset, as the kernel counts. */
static bool expand_offset(struct job *j)
{
	struct symbol function = { 0 };
	uint64_t address, begin, end;
	bool executable, known;

	if (!elf_offset_to_address(j->elf, j->offset, &address, &executable))
		return diag_error(j->c->diags, j->at, "offset 0x%llx is in no segment of %s",
				  (unsigned long long)j->offset, j->file->path);
	known = elf_function_at(j->elf, address, &function);
	if (!known && elf_fde_at(j->elf, address, &begin, &end)) {
		function = (struct symbol){ .name = "", .kind = SYMBOL_FUNC, .address = begin,
					    .size = end - begin };
		known = true;
	}
	return add_sites(j, known ? &function : NULL, address, false);
}

/* ---- the definition ---- */

bool uprobe_expand(struct probe_context *c, const struct definition *def, const struct target_file *t)
{
	struct job j = { .c = c, .def = def, .file = &t->file, .rest = t->rest };
	unsigned end = (unsigned)strlen(def->target);
	const char *rest = def->target + t->rest;
	unsigned long long n;
	bool ok;

	if (!*rest)
		return diag_error(c->diags, def->target_span, "a symbol is missing after %s:", t->file.path);
	if (def->maxactive)
		return diag_error(c->diags, def->span, "MAXACTIVE is for kernel functions: the return probes of "
						       "programs have no such limit");
	j.at = definition_target_span(def, t->rest, end);
	if (!program_open(c, &t->file, definition_target_span(def, 0, t->rest - 1), &j.elf))
		return false;
	if (t->source) {
		j.source = rest;
	} else if (isdigit((unsigned char)*rest) && str_to_u64(rest, &n)) {
		j.offset = n;
	} else {
		j.name = probe_split_offset(c, def, t->rest, &j.offset);
	}
	ok = program_runs_here(c, t->file.path, j.elf, j.at) &&
	     (j.source ? source_expand_line(&j) : j.name ? expand_name(&j) : expand_offset(&j));
	elf_close(j.elf);
	return ok;
}

/* ---- -l ---- */

struct listing {
	struct probe_lister *l;
	struct elf_file *elf;
	struct ifuncs *ifuncs;		/* what indirect functions are here, when that was asked */
	const char *glob, *path;
	bool readable;			/* lines have demangled names */
	struct str line, details, text;
	size_t prefix;			/* bytes of line that all have */
	bool any;
};

static void describe_place(struct listing *list, const struct symbol *s, const char *what)
{
	uint64_t offset;
	bool executable;

	if (elf_address_to_offset(list->elf, s->address, &offset, &executable))
		str_addf(&list->details, "    address 0x%llx, offset 0x%llx, size %llu%s\n",
			 (unsigned long long)s->address, (unsigned long long)offset, (unsigned long long)s->size, what);
}

/* What -v adds: the other name, and where it is. Of an indirect function, the one that it is here. */
static void describe(struct listing *list, const struct symbol *s, bool demangled)
{
	bool all = strcmp(list->glob, "*") == 0;	/* that would take long */
	struct symbol chosen;

	if (demangled) {
		str_add(&list->details, "    ");
		str_add_scrubbed(&list->details, list->readable ? s->name : list->text.s,
				 strlen(list->readable ? s->name : list->text.s), 0);
		str_addc(&list->details, '\n');
	}
	describe_place(list, s, s->kind == SYMBOL_IFUNC ? ", the resolver of an indirect function" : "");
	if (s->kind == SYMBOL_IFUNC && !all && choose(list->l->context, list->elf, &list->ifuncs, s, &chosen)) {
		str_addf(&list->details, "    on this machine it is %s (as process %d has it)\n", chosen.name,
			 (int)ifuncs_pid(list->ifuncs));
		describe_place(list, &chosen, "");
		s = &chosen;
	}
	if (!all)
		arguments_describe(list->elf, s->address, NULL, &list->details);
	if (s->from)
		str_addf(&list->details, "    named by %s\n", s->from);
}

/* uprobe:FILE:f, uprobe:FILE:"ns::f(int)": what can be pasted as a probe. A readable name that has quotes itself
 * (operator"" _x) stays mangled. */
static bool list_one(struct listing *list, const struct symbol *s)
{
	bool verbose = list->l->verbose, demangled;

	if (s->kind != SYMBOL_FUNC && s->kind != SYMBOL_IFUNC)
		return true;
	list->any = true;
	list->line.s[list->line.len = list->prefix] = '\0';
	str_clear(&list->details);
	str_clear(&list->text);
	demangled = (list->readable || verbose) && demangle(s->name, DEMANGLE_USUAL, &list->text);
	if (list->readable && demangled && !strpbrk(list->text.s, "\"\\"))
		str_addf(&list->line, "%s\"%s\"", str_starts(list->glob, "cpp:") ? "cpp:" : "", list->text.s);
	else
		str_add(&list->line, s->name);
	if (verbose)
		describe(list, s, demangled);
	list->l->fn(list->l->ctx, list->line.s, verbose ? list->details.s : NULL);
	return true;
}

static bool list_if_fits(void *ctx, const struct symbol *s)
{
	struct listing *list = ctx;

	return !str_glob(list->glob, s->name) || list_one(list, s);
}

/* As a probe of that name would find them; a glob for names as they are in the table shows aliases too. */
static int list_functions(struct listing *list)
{
	bool plain = str_is_glob(list->glob) && !str_starts(list->glob, "cpp:");
	int err = plain ? elf_symbols(list->elf, list_if_fits, list) : 0;
	struct functions found = { 0 };

	if (!err && !list->any)
		err = functions_named(list->elf, list->glob, &found);
	list->readable = found.readable;
	for (size_t i = 0; i < found.n; i++)
		list_one(list, &found.v[i]);
	functions_release(&found);
	return err;
}

/* A name may come in quotes, with `cpp:` before them. */
static const char *without_quotes(struct arena *a, const char *glob)
{
	_cleanup_(str_release) struct str s = STR_INIT;

	for (str_clear(&s); *glob; glob++)
		if (*glob != '"')
			str_addc(&s, *glob);
	return arena_strdup(a, s.s);
}

static void tell_stripped(struct probe_context *c, const char *path, struct elf_file *elf)
{
	diag_warn(c->diags, NO_SPAN, "%s %s; sub_ADDRESS is where .eh_frame says that a function begins", path,
		  why_no_symbols(elf));
	hint_names(c, elf);
}

bool uprobe_list(struct probe_lister *l, const char *pattern)
{
	struct probe_context *c = l->context;
	struct listing list = { .l = l };
	const char *why = NULL;
	struct found_file f;
	bool ok;
	int err;

	if (source_list(l, pattern, &ok))
		return ok;
	if (!program_listed(c, "uprobe", pattern, &f, &list.path, &list.glob))
		return false;
	list.glob = without_quotes(c->arena, list.glob);
	str_addf(&list.line, "uprobe:%s:", list.path);
	list.prefix = list.line.len;
	err = elf_open(f.kernel_path, &list.elf, &why);
	if (err == 0)
		err = list_functions(&list);
	if (err)
		diag_error(c->diags, NO_SPAN, "the symbols of %s cannot be read: %s", f.path,
			   err == -ENOEXEC && why ? why : os_strerror(-err));
	else if (!elf_has_functions(list.elf))
		tell_stripped(c, f.path, list.elf);
	if (!err && strcmp(list.glob, "*") != 0)	/* all of them would take long */
		source_list_copies(l, list.elf, list.path, list.glob);
	ifuncs_close(list.ifuncs);
	elf_close(list.elf);
	found_file_release(&f);
	str_release(&list.line);
	str_release(&list.details);
	str_release(&list.text);
	return !err;
}
