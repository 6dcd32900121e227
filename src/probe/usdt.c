/* usdt.c - static probes of programs: usdt:FILE:PROVIDER:NAME.
 *
 * The notes of the file (sym/usdt.c) say where the places are, and where the values are at each of them. One probe
 * may have several places: it is written in the source several times, or the compiler has copied the function. Each
 * place becomes an event of its own, because the values may lie elsewhere and be of another width there; all of them
 * are shown under the probe's one name.
 *
 * Arguments are counted, $arg1 in definitions and arg0 in programs, and have the type that the note tells. Where the
 * places of a probe tell different ones, the value is made 8 bytes wide by its sign at each of them.
 *
 * No probe is on before its counter is: the event's line says where in the file that is, and the kernel counts it up
 * in each process that maps the file, before or after.
 */
#include "probe/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

/* A definition, and its file. */
struct job {
	struct probe_context *c;
	const struct definition *def;
	const struct found_file *file;
	struct elf_file *elf;
	struct usdt *usdt;
	struct span at;			/* of [PROVIDER:]NAME */
	const char *provider, *name;	/* globs */
	bool several;			/* they mean more than one probe: what cannot be had is left out */
	struct symbol *functions;	/* of the file, by address */
	int n_functions;
};

static bool matches(const struct usdt_note *n, const char *provider, const char *name)
{
	return str_glob(provider, n->provider) && str_glob(name, n->name);
}

/* [PROVIDER:]NAME */
static void split_name(struct arena *a, const char *text, const char **provider, const char **name)
{
	const char *colon = strchr(text, ':');

	*provider = colon ? arena_strndup(a, text, (size_t)(colon - text)) : "*";
	*name = colon ? colon + 1 : text;
}

static const char *label(const struct job *j, const struct usdt_note *n)
{
	return j->def->name ? j->def->name
			    : arena_fmt(j->c->arena, "usdt:%s:%s:%s", j->file->path, n->provider, n->name);
}

/* ---- arguments ---- */

static bool is_number(const struct fetch_type *t)
{
	return t->known && !t->count && t->size && t->base != BASE_SYMBOL;
}

/* The type that is shown when none was asked for. What may well be an address is shown in hex. */
static const char *shown_type(struct probe_context *c, const struct usdt_place *p, unsigned i)
{
	const struct usdt_operand *o = &p->operands[i];

	if (p->widen[i])
		return o->is_signed ? "s64" : "u64";
	return !o->is_signed && o->size == sizeof(uint64_t) ? "x64" : usdt_operand_type(c->arena, o);
}

/* The operand as a fetch. NULL, and *why: it cannot be. */
static struct fetch *fetch_operand(struct probe_context *c, const struct usdt_place *p, const struct usdt_operand *o,
				   struct span at, const char **why)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct fetcharg *f;

	if (!usdt_operand_fetch(p->usdt, p->note, o, &text, why))
		return NULL;
	f = fetcharg_parse(c->arena, text.s, at, c->diags);
	return f ? f->fetch : NULL;
}

static const struct usdt_operand *operand_of(const struct usdt_place *p, const struct fetch *argument)
{
	return argument->n >= 1 && argument->n <= p->n ? &p->operands[argument->n - 1] : NULL;
}

struct fetch *usdt_argument(struct probe_context *c, const struct usdt_place *p, const struct fetch *argument)
{
	const char *why;

	return fetch_operand(c, p, operand_of(p, argument), argument->span, &why);
}

bool usdt_fit(struct probe_context *c, const struct usdt_place *p, const struct fetch *argument, struct fetcharg *f)
{
	const struct usdt_operand *o = operand_of(p, argument);
	const char *own = usdt_operand_type(c->arena, o), *why;
	struct usdt_operand part = *o;
	struct fetch_type t;

	f->is_float = o->is_float && !f->type;
	if (!f->type)
		f->type = f->is_float ? own : shown_type(c, p, (unsigned)argument->n - 1);
	t = fetch_type_parse(f->type);
	if (!is_number(&t)) {
		diag_error(c->diags, f->type_span, "argument %lld of %s:%s is a number, no %s", argument->n,
			   p->note->provider, p->note->name, f->type);
		return diag_hint(c->diags, "what it points to is +0($arg%lld):%s", argument->n, f->type);
	}
	if (o->bits)
		f->narrow = t.size > fetch_type_parse(o->bits).size ? o->bits : NULL;
	else if (t.size > o->size)
		f->narrow = own;
	if (o->bits && !f->narrow)
		f->type = o->bits;
	if (o->kind != OPERAND_MEMORY || t.size >= o->size || !elf_is_big_endian(p->elf))
		return true;
	part.number += o->size - t.size;		/* the low bytes come last */
	f->fetch = fetch_operand(c, p, &part, f->span, &why);
	return f->fetch != NULL;
}

/* ---- arguments that cannot be had ---- */

/* What an argument is called where the user stands: they are counted from 0 in programs. */
static const char *argument_name(const struct job *j, const struct fetch *argument)
{
	return arena_fmt(j->c->arena, j->def->tap ? "arg%lld" : "$arg%lld", argument->n - (j->def->tap != NULL));
}

/* Why this place has not the argument in the way in which it is wanted, a sentence; NULL: it has. A program cannot do
 * without one that it names. */
static const char *unsuitable_argument(struct job *j, const struct usdt_place *p, const struct fetcharg *wanted)
{
	const struct fetch *argument = fetch_leaf(wanted->fetch);
	const struct arch *arch = elf_arch(j->elf);
	const struct usdt_operand *o;
	const char *why = NULL, *name;

	if (argument->kind != FETCH_ARG)
		return NULL;
	o = operand_of(p, argument);
	name = argument_name(j, argument);
	if (!o && !p->n)
		return arena_fmt(j->c->arena, "it has no arguments, and so no %s", name);
	if (!o)
		return arena_fmt(j->c->arena, "it has %u argument%s, and so no %s", p->n, p->n == 1 ? "" : "s", name);
	if (!fetch_operand(j->c, p, o, wanted->span, &why))
		return j->def->tap ? arena_fmt(j->c->arena, "%s, `%s`, cannot be fetched: %s", name, o->text, why) : NULL;
	if (wanted->fetch != argument && o->kind != OPERAND_CONSTANT && arch && o->size != arch->word)
		return arena_fmt(j->c->arena, "%s, `%s`, has %u bytes, and is no pointer", name, o->text, o->size);
	return NULL;
}

static const char *unsuitable(struct job *j, const struct usdt_place *p, struct span *at)
{
	const char *why = NULL;

	for (unsigned i = 0; i < j->def->n_args && !why; i++) {
		*at = j->def->args[i]->span;
		why = unsuitable_argument(j, p, j->def->args[i]);
	}
	return why;
}

static void add_part(struct job *j, const struct fetcharg *whole, const char *what, const char *reg,
		     struct fetcharg ***args, unsigned *n)
{
	struct fetcharg *part = arena_alloc(j->c->arena, sizeof(*part));
	long long number = whole->fetch->n;

	*part = *whole;
	part->name = whole->name ? arena_fmt(j->c->arena, "%s_%s", whole->name, what)
				 : arena_fmt(j->c->arena, "arg%lld_%s", number, what);
	part->type = "x64";
	part->fetch = arena_alloc(j->c->arena, sizeof(*part->fetch));
	*part->fetch = (struct fetch){ .kind = FETCH_REG, .text = arena_strdup(j->c->arena, reg), .span = whole->span };
	*ARENA_PUSH(j->c->arena, *args, *n) = part;
}

/* An argument of a definition that the kernel cannot fetch does not keep the others from being shown. Of an address
 * that it cannot compute the parts are. */
static void leave_out(struct job *j, const struct usdt_place *p, const struct fetcharg *wanted, const char *why,
		      struct fetcharg ***args, unsigned *n)
{
	const struct fetch *argument = fetch_leaf(wanted->fetch);
	const struct usdt_operand *o = operand_of(p, argument);
	bool parts = o->kind == OPERAND_MEMORY && o->index && wanted->fetch == argument;

	diag_warn(j->c->diags, wanted->span, "argument %lld of %s:%s at 0x%llx, `%s`, cannot be fetched: %s; %s",
		  argument->n, p->note->provider, p->note->name, (unsigned long long)p->note->address, o->text, why,
		  parts ? "its registers are shown" : "it is left out");
	if (parts && o->base)
		add_part(j, wanted, "base", o->base, args, n);
	if (parts)
		add_part(j, wanted, "index", o->index, args, n);
}

/* $arg* as many arguments as the place has. */
static void add_all(struct job *j, const struct usdt_place *p, const struct fetcharg *wanted, struct fetcharg ***args,
		    unsigned *n)
{
	for (unsigned i = 0; i < p->n; i++) {
		struct fetcharg *f = arena_alloc(j->c->arena, sizeof(*f));

		*f = *wanted;
		f->name = arena_fmt(j->c->arena, "arg%u", i + 1);
		f->fetch = arena_alloc(j->c->arena, sizeof(*f->fetch));
		*f->fetch = (struct fetch){ .kind = FETCH_ARG, .n = i + 1, .span = wanted->span };
		*ARENA_PUSH(j->c->arena, *args, *n) = f;
	}
}

/* The definition's arguments as far as the kernel can fetch them at this place. */
static bool choose_arguments(struct job *j, struct usdt_place *p)
{
	struct fetcharg **all = NULL;
	unsigned n = 0;

	for (unsigned i = 0; i < j->def->n_args; i++) {
		struct fetcharg *wanted = j->def->args[i];
		bool whole = wanted->fetch->kind == FETCH_ARGS;

		if (whole && (wanted->name || wanted->type))
			return diag_error(j->c->diags, wanted->span, "$arg* stands without name or type");
		if (whole)
			add_all(j, p, wanted, &all, &n);
		else
			*ARENA_PUSH(j->c->arena, all, n) = wanted;
	}
	for (unsigned i = 0; i < n; i++) {
		const struct fetch *argument = fetch_leaf(all[i]->fetch);
		const char *why = NULL;

		if (j->def->tap || argument->kind != FETCH_ARG ||
		    fetch_operand(j->c, p, operand_of(p, argument), all[i]->span, &why))
			*ARENA_PUSH(j->c->arena, p->args, p->n_args) = all[i];
		else
			leave_out(j, p, all[i], why, &p->args, &p->n_args);
	}
	return true;
}

/* ---- a place ---- */

/* The function that covers an address, or NULL. */
static const struct symbol *function_at(struct job *j, uint64_t address)
{
	int low = 0, high;

	if (!j->functions)
		j->n_functions = elf_find(j->elf, "*", &j->functions);
	for (high = j->n_functions > 0 ? j->n_functions : 0; low < high;) {
		int mid = low + (high - low) / 2;

		if (j->functions[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low && address - j->functions[low - 1].address < j->functions[low - 1].size ? &j->functions[low - 1]
											    : NULL;
}

/* That an instruction begins there, the note vouches for, when the instruction is the nop that it is about. Else it is
 * counted from the function's start, as everywhere. */
static bool check_place(struct job *j, uint64_t address, struct insn_check *check)
{
	struct symbol alone = { .name = "", .kind = SYMBOL_FUNC, .address = address, .size = 1, .guessed = true };

	insn_check(j->elf, &alone, address, false, check);
	if (check->ok && (!check->text[0] || str_starts(check->text, "nop") || str_starts(check->text, "xchg %ax,%ax")))
		return true;
	insn_check(j->elf, function_at(j, address), address, false, check);
	return check->ok || (check->forceable && j->c->opt.force);
}

/* The counter's place in the file; 0: there is none. */
static bool find_counter(struct job *j, const struct usdt_note *n, uint64_t *offset, const char **why)
{
	bool executable;

	if (!n->semaphore)
		return true;
	if (!elf_address_to_offset(j->elf, n->semaphore, offset, &executable) || !*offset)
		*why = "its semaphore is not in the file, and so nobody can switch it on";
	else if (j->c->catalog && !catalog_has(j->c->catalog, FEATURE_COUNTERS, NULL))
		*why = "a semaphore switches it on, for which this kernel has no reference counters (Linux 4.20 has)";
	return !*why;
}

/* What cannot be had is an error, or one less of several. */
static bool refuse(struct job *j, const struct usdt_note *n, struct span at, const char *why)
{
	if (j->several) {
		diag_warn(j->c->diags, at, "%s:%s at 0x%llx of %s is left out: %s", n->provider, n->name,
			  (unsigned long long)n->address, j->file->path, why);
		return true;
	}
	return diag_error(j->c->diags, at, "%s:%s at 0x%llx of %s cannot be probed: %s", n->provider, n->name,
			  (unsigned long long)n->address, j->file->path, why);
}

static bool fill_site(struct job *j, struct site *s, struct usdt_place *p)
{
	const struct symbol *function = function_at(j, p->note->address);
	struct abi_code code = { .elf = j->elf, .function = function, .file = j->file->path,
				 .address = p->note->address, .usdt = p };
	bool executable;

	program_site(j->c, s, j->file, j->elf);
	s->label = label(j, p->note);
	s->category = arena_strdup(j->c->arena, p->note->provider);
	s->tracepoint = arena_strdup(j->c->arena, p->note->name);
	if (function) {
		s->symbol = arena_strdup(j->c->arena, function->name);
		s->symbol_offset = p->note->address - function->address;
	}
	elf_address_to_offset(j->elf, p->note->address, &s->offset, &executable);
	s->identity = identity_take(j->c->arena, j->elf, j->file->kernel_path, s->offset);
	return choose_arguments(j, p) && abi_arguments(j->c, s, &code);
}

static bool add_place(struct job *j, struct usdt_place *p, bool part)
{
	struct span at = j->at, argument;
	const char *why = NULL;
	struct insn_check check;
	uint64_t counter = 0;
	struct site *s;

	if (!check_place(j, p->note->address, &check))
		why = check.reason;
	else if (find_counter(j, p->note, &counter, &why) && (why = unsuitable(j, p, &argument)))
		at = argument;
	if (why)
		return refuse(j, p->note, at, why);
	s = probe_add_site(j->c, j->def, j->several);
	s->part = part;
	s->counter = counter;
	return fill_site(j, s, p);
}

/* ---- a probe ---- */

/* Which arguments have not the same type at all places? */
static void find_different(struct probe_context *c, struct usdt_place *places, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		places[i].widen = arena_alloc(c->arena, (places[i].n + 1) * sizeof(bool));
		for (unsigned k = 0; k < places[i].n && k < places[0].n; k++)
			places[0].widen[k] |= places[i].operands[k].size != places[0].operands[k].size ||
					      places[i].operands[k].is_signed != places[0].operands[k].is_signed;
	}
	for (size_t i = 1; i < n; i++)
		for (unsigned k = 0; k < places[i].n && k < places[0].n; k++)
			places[i].widen[k] = places[0].widen[k] && !places[i].operands[k].is_float;
}

/* All places of one probe: n notes from `notes` on. */
static bool add_probe(struct job *j, const struct usdt_note *notes, size_t n)
{
	struct usdt_place *places = arena_alloc(j->c->arena, n * sizeof(*places));
	size_t before = j->c->n_sites;

	for (size_t i = 0; i < n; i++) {
		places[i] = (struct usdt_place){ .elf = j->elf, .usdt = j->usdt, .note = &notes[i] };
		places[i].n = usdt_operands(j->usdt, &notes[i], &places[i].operands);
	}
	find_different(j->c, places, n);
	for (size_t i = 0; i < n; i++)
		if (!add_place(j, &places[i], j->c->n_sites > before))
			return false;
	return true;
}

/* ---- all that are meant ---- */

struct count {
	size_t places, probes;
};

static struct count count_meant(const struct job *j)
{
	const struct usdt_note *v;
	struct count c = { 0 };
	size_t n, last = 0;

	v = usdt_notes(j->usdt, &n);
	for (size_t i = 0; i < n; i++) {
		if (!matches(&v[i], j->provider, j->name))
			continue;
		c.probes += !c.places || !usdt_same_probe(&v[last], &v[i]);
		c.places++;
		last = i;
	}
	return c;
}

static void suggest(struct job *j)
{
	struct str_closest by_name = { .word = j->name };
	const struct usdt_note *v;
	const char *soname;
	size_t n;

	v = usdt_notes(j->usdt, &n);
	for (size_t i = 0; i < n; i++)
		str_closest_try(&by_name, v[i].name);
	if (by_name.best)
		diag_hint(j->c->diags, "did you mean '%s'?", by_name.best);
	free(by_name.best);
	if (n)
		diag_hint(j->c->diags, "`trapline -l 'usdt:%s:*'` lists those that it has", j->file->path);
	for (unsigned i = 0; (soname = elf_needed(j->elf, i)); i++) {
		struct job lib = *j;
		struct found_file f;

		if (path_find(soname, j->c->opt.pid, &f) != 0)
			continue;
		if (elf_open(f.kernel_path, &lib.elf, NULL) == 0) {
			lib.usdt = usdt_read(lib.elf);
			if (count_meant(&lib).places)
				diag_hint(j->c->diags, "%s has one: write usdt:%s:%s:%s", f.path, f.path, j->provider,
					  j->name);
			usdt_free(lib.usdt);
			elf_close(lib.elf);
		}
		found_file_release(&f);
	}
}

static bool none_is_meant(struct job *j)
{
	size_t n;

	usdt_notes(j->usdt, &n);
	if (!n)
		diag_error(j->c->diags, j->at, "%s has no USDT probes%s", j->file->path,
			   usdt_is_broken(j->usdt) ? " that can be read: its notes are broken or cut off" : "");
	else
		diag_error(j->c->diags, j->at, "no USDT probe of %s is '%s:%s'", j->file->path, j->provider, j->name);
	suggest(j);
	return false;
}

/* Each run of notes that are one probe. */
static bool add_meant(struct job *j)
{
	const struct usdt_note *v;
	size_t n;

	v = usdt_notes(j->usdt, &n);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && usdt_same_probe(&v[i], &v[next]);)
			next++;
		if (matches(&v[i], j->provider, j->name) && !add_probe(j, &v[i], next - i))
			return false;
	}
	return true;
}

static bool expand_notes(struct job *j)
{
	struct count meant = count_meant(j);
	size_t before = j->c->n_sites;

	if (!meant.places)
		return none_is_meant(j);
	if (usdt_is_broken(j->usdt))
		diag_warn(j->c->diags, j->at, "some notes of %s are broken or cut off: there may be more probes",
			  j->file->path);
	if (meant.places > j->c->opt.max_probes) {
		diag_error(j->c->diags, j->at, "'%s:%s' means %zu places in %s, more than %u", j->provider, j->name,
			   meant.places, j->file->path, j->c->opt.max_probes);
		return diag_hint(j->c->diags, j->def->tap ? "config = { max_probes = %zu; } allows them"
							  : "--max-probes %zu allows them", meant.places);
	}
	j->several |= meant.probes > 1;
	if (!add_meant(j))
		return false;
	return j->c->n_sites > before ||
	       diag_error(j->c->diags, j->at, "none of the %zu places can be probed", meant.places);
}

static bool expand_file(struct job *j)
{
	bool ok;

	j->usdt = usdt_read(j->elf);
	ok = expand_notes(j);
	usdt_free(j->usdt);
	free(j->functions);
	return ok;
}

static bool is_entry(const struct definition *def, struct probe_context *c)
{
	if (!def->ret)
		return true;
	diag_error(c->diags, def->target_span, "a USDT probe is a place that is passed, and does not return");
	return diag_hint(c->diags, "use p in place of r");
}

bool usdt_expand(struct probe_context *c, const struct definition *def, const struct target_file *t)
{
	struct job j = { .c = c, .def = def, .file = &t->file };
	const char *rest = def->target + t->rest;
	bool ok;

	if (!is_entry(def, c))
		return false;
	if (!*rest)
		return diag_error(c->diags, def->target_span, "a probe is missing after usdt:%s:", t->file.path);
	j.at = definition_target_span(def, t->rest, (unsigned)strlen(def->target));
	split_name(c->arena, rest, &j.provider, &j.name);
	if (!program_open(c, &t->file, j.at, &j.elf))
		return false;
	ok = program_runs_here(c, t->file.path, j.elf, j.at) && expand_file(&j);
	elf_close(j.elf);
	return ok;
}

/* ---- the files of a process ---- */

/* Calls fn for each file with code that the process has mapped, once, until it returns false. False, reported: there
 * is no such process. */
static bool each_mapped(struct probe_context *c, struct span at, bool (*fn)(void *ctx, const struct found_file *f),
			void *ctx)
{
	struct mapping *maps;
	int n = maps_read(c->opt.pid, &maps);
	bool more = true;

	if (n < 0)
		return diag_error(c->diags, at, "what process %d has mapped cannot be read: %s", (int)c->opt.pid,
				  os_strerror(-n));
	for (int i = 0; i < n && more; i++) {
		struct found_file f;
		bool known = !maps[i].executable || maps[i].path[0] != '/';

		for (int k = 0; k < i && !known; k++)
			known = maps[k].executable && maps[k].inode == maps[i].inode && maps[k].device == maps[i].device;
		if (known || path_find(maps[i].path, c->opt.pid, &f) != 0)
			continue;
		more = fn(ctx, &f);
		found_file_release(&f);
	}
	maps_free(maps, n);
	return true;
}

static bool expand_mapped(void *ctx, const struct found_file *f)
{
	struct job *j = ctx, file = *j;

	file.file = f;
	if (elf_open(f->kernel_path, &file.elf, NULL) != 0)
		return true;
	file.usdt = usdt_read(file.elf);
	if (count_meant(&file).places && program_runs_here(j->c, f->path, file.elf, j->at))
		expand_notes(&file);
	usdt_free(file.usdt);
	free(file.functions);
	elf_close(file.elf);
	return true;
}

bool usdt_expand_process(struct probe_context *c, const struct definition *def, unsigned rest)
{
	struct job j = { .c = c, .def = def, .several = true };
	unsigned errors = diags_errors(c->diags);
	size_t before = c->n_sites;

	if (!is_entry(def, c))
		return false;
	j.at = definition_target_span(def, rest, (unsigned)strlen(def->target));
	split_name(c->arena, def->target + rest, &j.provider, &j.name);
	if (!c->opt.pid) {
		diag_error(c->diags, def->target_span, "usdt:* means the files that a process has mapped: which one?");
		return diag_hint(c->diags, "-p PID says it; or name the file: usdt:FILE:%s:%s", j.provider, j.name);
	}
	if (!each_mapped(c, j.at, expand_mapped, &j))
		return false;
	if (c->n_sites == before && diags_errors(c->diags) == errors)
		diag_error(c->diags, j.at, "no file that process %d has mapped has a USDT probe '%s:%s'", (int)c->opt.pid,
			   j.provider, j.name);
	return diags_errors(c->diags) == errors;
}

/* ---- -l ---- */

struct listing {
	struct probe_lister *l;
	const char *provider, *name;
	const char *path;		/* as it is shown; NULL: the file's own */
	bool any;			/* there was some probe */
};

static void describe_arguments(struct usdt *u, const struct usdt_note *note, struct str *out)
{
	struct usdt_operand *v;
	unsigned n = usdt_operands(u, note, &v);

	for (unsigned i = 0; i < n; i++) {
		_cleanup_(str_release) struct str fetch = STR_INIT;
		const char *why = "";

		str_addf(out, "      argument %u: %u %s byte%s, %s", i + 1, v[i].size,
			 v[i].is_float ? "floating" : v[i].is_signed ? "signed" : "unsigned", v[i].size == 1 ? "" : "s",
			 v[i].text);
		if (!usdt_operand_fetch(u, note, &v[i], &fetch, &why))
			str_addf(out, " (cannot be fetched: %s)", why);
		str_addc(out, '\n');
	}
}

static void describe_place(struct job *j, const struct usdt_note *n, size_t number, struct str *out)
{
	const struct symbol *f = function_at(j, n->address);
	uint64_t offset;
	bool executable;

	str_addf(out, "    location %zu: address 0x%llx", number, (unsigned long long)n->address);
	if (elf_address_to_offset(j->elf, n->address, &offset, &executable))
		str_addf(out, ", offset 0x%llx", (unsigned long long)offset);
	if (f)
		str_addf(out, ", %s+0x%llx", f->name, (unsigned long long)(n->address - f->address));
	if (n->semaphore)
		str_addf(out, ", semaphore 0x%llx", (unsigned long long)n->semaphore);
	if (n->semaphore && elf_address_to_offset(j->elf, n->semaphore, &offset, &executable))
		str_addf(out, " (offset 0x%llx)", (unsigned long long)offset);
	str_addc(out, '\n');
	describe_arguments(j->usdt, n, out);
}

static void list_probe(struct listing *list, struct job *j, const struct usdt_note *notes, size_t n)
{
	_cleanup_(str_release) struct str line = STR_INIT, details = STR_INIT, scrubbed = STR_INIT;

	str_addf(&line, "usdt:%s:%s:%s", list->path ? list->path : j->file->path, notes->provider, notes->name);
	for (size_t i = 0; i < n && list->l->verbose; i++)
		describe_place(j, &notes[i], i + 1, &details);
	for (char *part = details.s, *text; (text = strsep(&part, "\n")) && part;) {	/* strangers wrote the names */
		str_add_scrubbed(&scrubbed, text, strlen(text), 0);
		str_addc(&scrubbed, '\n');
	}
	list->l->fn(list->l->ctx, line.s, scrubbed.s);
}

static bool list_file(void *ctx, const struct found_file *f)
{
	struct listing *list = ctx;
	struct job j = { .c = list->l->context, .file = f };
	const struct usdt_note *v;
	const char *why = NULL;
	size_t n;
	int err = elf_open(f->kernel_path, &j.elf, &why);

	if (err)
		return diag_error(j.c->diags, NO_SPAN, "the probes of %s cannot be read: %s", f->path,
				  err == -ENOEXEC && why ? why : os_strerror(-err));
	j.usdt = usdt_read(j.elf);
	v = usdt_notes(j.usdt, &n);
	list->any |= n > 0;
	if (usdt_is_broken(j.usdt))
		diag_warn(j.c->diags, NO_SPAN, "some notes of %s are broken or cut off: there may be more probes", f->path);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && usdt_same_probe(&v[i], &v[next]);)
			next++;
		if (matches(&v[i], list->provider, list->name))
			list_probe(list, &j, &v[i], next - i);
	}
	usdt_free(j.usdt);
	free(j.functions);
	elf_close(j.elf);
	return true;
}

static bool list_mapped(void *ctx, const struct found_file *f)
{
	list_file(ctx, f);
	return true;
}

bool usdt_list(struct probe_lister *l, const char *pattern)
{
	struct probe_context *c = l->context;
	struct listing list = { .l = l };
	struct found_file f;
	const char *glob;
	bool ok;

	if (*pattern == '*' && (!pattern[1] || pattern[1] == ':') && c->opt.pid) {
		split_name(c->arena, pattern[1] && pattern[2] ? pattern + 2 : "*", &list.provider, &list.name);
		ok = each_mapped(c, NO_SPAN, list_mapped, &list);
		l->why_none = list.any ? NULL : "no file that the process has mapped has USDT probes";
		return ok;
	}
	if (!program_listed(c, "usdt", pattern, &f, &list.path, &glob))
		return *pattern == '*' ? diag_hint(c->diags, "usdt:* wants -p PID: the files that the process has mapped")
				       : false;
	split_name(c->arena, glob, &list.provider, &list.name);
	ok = list_file(&list, &f);
	if (ok && !list.any)
		l->why_none = arena_fmt(c->arena, "%s has no USDT probes", f.path);
	found_file_release(&f);
	return ok;
}
