/* attach.c - the attach points of a program, uprobe:/usr/bin/bash:readline, and the sites that they mean.
 *
 * They are the targets of DEFINITIONs in other words (probe.c), so a tap becomes a definition with the tap's fetch
 * arguments, and the providers do the rest. What is different: a bare number in a program's file is an address as the
 * linker gave it, not an offset in the file; a path may be a glob; fentry and fexit are kprobes as long as nobody asks
 * for arguments by name; and config.missing_probes says what to do about a probe that cannot be had.
 */
#include "probe/probe.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"

/* ---- providers ---- */

static bool expand_user(struct attach *a, struct probe_context *c, const struct tap *t);
static bool expand_kernel(struct attach *a, struct probe_context *c, const struct tap *t);
static bool expand_static(struct attach *a, struct probe_context *c, const struct tap *t);
static bool expand_usdt(struct attach *a, struct probe_context *c, const struct tap *t);

static const struct row {
	const char *provider;
	bool (*expand)(struct attach *a, struct probe_context *c, const struct tap *t);
	const char *no_args;		/* why `args` is nothing there; NULL: it is */
	const char *lacks;		/* why the whole is not to be had; NULL: it is */
} rows[] = {
#define BTF "functions of the kernel have arguments by name only with its type information (BTF), which is not read: " \
	    "write arg0, arg1, ... in a kprobe"
	{ "uprobe", expand_user, NULL, NULL },
	{ "uretprobe", expand_user, NULL, NULL },
	{ "kprobe", expand_kernel, BTF, NULL },
	{ "kretprobe", expand_kernel, BTF, NULL },
	{ "fentry", expand_kernel, BTF, NULL },
	{ "fexit", expand_kernel, BTF, NULL },
	{ "tracepoint", expand_static, NULL, NULL },
	{ "rawtracepoint", expand_static, "a raw tracepoint has no fields: use tracepoint:CATEGORY:NAME", NULL },
	{ "usdt", expand_usdt, "USDT probes have no named arguments: write arg0, arg1, ...", NULL },
	{ "iter", NULL, "iterators are not supported", "iterators need BPF: read /proc, or probe a function" },
#undef BTF
};

static const struct row *row_of(const char *provider)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].provider, provider) == 0)
			return &rows[i];
	return NULL;
}

/* ---- before the check ---- */

static const char *last_part(const struct attach_point *p)
{
	return p->n_parts ? p->parts[p->n_parts - 1] : "";
}

static bool is_return(const struct attach_point *p)
{
	static const char *const names[] = { "uretprobe", "kretprobe", "fexit" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(p->provider, names[i]) == 0)
			return true;
	return false;
}

static bool check_kernel_point(struct attach *a, const struct attach_point *p)
{
	if (strcmp(p->parts[0], "bpf") == 0 && p->provider[0] == 'f')
		return diag_error(a->diags, p->span, "%s:bpf is about BPF programs, and needs BPF", p->provider);
	if (p->n_parts > 2)
		return diag_error(a->diags, p->span, "%s takes a function, or a module and a function", p->provider);
	if (isdigit((unsigned char)*last_part(p)) && !a->unsafe) {
		diag_error(a->diags, p->span, "a kernel address may be in the middle of an instruction");
		return diag_hint(a->diags, "--unsafe lets it be probed");
	}
	return true;
}

/* FILE@SOURCE:LINE[:COLUMN]; but a file may have such a name. */
static bool is_line(const struct attach_point *p)
{
	return strchr(p->parts[0], '@') && access(p->parts[0], F_OK) != 0;
}

static bool check_user_point(struct attach *a, const struct attach_point *p)
{
	if (is_line(p))
		return true;
	if (p->n_parts == 3 && strcmp(p->parts[1], "cpp") != 0)
		return diag_error(a->diags, p->span, "'%s' is not a language whose names are known: cpp", p->parts[1]);
	return *p->parts[0] && *last_part(p) ? true
					    : diag_error(a->diags, p->span, "%s takes a file and a function: %s:FILE:FUNCTION",
							 p->provider, p->provider);
}

static bool check_usdt_point(struct attach *a, const struct attach_point *p)
{
	bool process = !*p->parts[0] || strcmp(p->parts[0], "*") == 0;

	if (p->n_parts == 1 && !process) {
		diag_error(a->diags, p->span, "usdt probe type requires 2 or 3 arguments, found 1");
		return diag_hint(a->diags, "usdt:%s:* means all probes of the file", p->parts[0]);
	}
	return (process && p->n_parts == 1) || *last_part(p) ? true :
	       diag_error(a->diags, p->span, "usdt takes a file and a probe: usdt:FILE:PROVIDER:NAME");
}

static bool check_point(struct attach *a, const struct attach_point *p)
{
	const struct row *row = row_of(p->provider);
	struct tap scratch = { 0 };

	if (!timer_parse(p, &scratch, a->diags))
		return false;
	if (row && row->lacks)
		return diag_error(a->diags, p->span, "%s", row->lacks);
	if (is_return(p) && strchr(last_part(p), '+'))
		return diag_error(a->diags, p->span, "Offset not allowed: a return probe is about a whole function");
	if (row && row->expand == expand_kernel)
		return check_kernel_point(a, p);
	if (row && row->expand == expand_usdt)
		return check_usdt_point(a, p);
	return !row || row->expand != expand_user || check_user_point(a, p);
}

/* A static event that is not there: its fields cannot be known, so it must be gone before the check. */
static bool is_missing(struct attach *a, const struct attach_point *p)
{
	const struct row *row = row_of(p->provider);

	return row && row->expand == expand_static && !tracepoint_exists(a, p);
}

/* others: the clause has points besides that may be there. */
static bool report_missing(struct attach *a, const struct attach_point *p, bool others)
{
	enum missing_probes how = a->program->config.missing_probes;

	switch (how == MISSING_UNSAID && others ? MISSING_WARN : how) {
	case MISSING_UNSAID:
	case MISSING_ERROR:
		if (!a->catalog)
			return diag_error(a->diags, p->span, "%s cannot be looked up: tracefs cannot be reached", p->text);
		diag_error(a->diags, p->span, "tracepoint not found: %s", strchr(p->text, ':') + 1);
		return diag_hint(a->diags, "If this is expected, set the 'missing_probes' config variable to 'warn'.");
	case MISSING_WARN:
		diag_warn(a->diags, p->span, "tracepoint not found: %s", strchr(p->text, ':') + 1);
		return true;
	case MISSING_IGNORE:
		break;
	}
	return true;
}

/* *:/usr/bin/bash:readline: each provider that the glob means and that could have such a probe. */
static bool guess_providers(struct attach *a, const struct attach_point *p, struct clause *c)
{
	struct diags *theirs = a->diags, *mine = diags_new();
	unsigned before = c->n_points;

	a->diags = mine;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct attach_point guess = *p;

		if (!str_glob(p->provider, rows[i].provider) || !attach_takes(rows[i].provider, p->n_parts))
			continue;
		guess.provider = rows[i].provider;
		guess.text = arena_fmt(a->program->arena, "%s%s", guess.provider, strchr(p->text, ':'));
		guess.guessed = true;
		if (check_point(a, &guess) && !is_missing(a, &guess))
			c->points[c->n_points++] = guess;
	}
	a->diags = theirs;
	diags_free(mine);
	return c->n_points > before || diag_error(a->diags, p->span, "no kind of probe fits '%s'", p->text);
}

static bool name_providers(struct attach *a, struct clause *c)
{
	const struct attach_point *points = c->points;
	unsigned n = c->n_points;
	bool ok = true;

	c->points = arena_alloc(a->program->arena, n * ARRAY_LEN(rows) * sizeof(*c->points));
	c->n_points = 0;
	for (unsigned i = 0; i < n; i++)
		if (str_is_glob(points[i].provider))
			ok = guess_providers(a, &points[i], c) && ok;
		else
			c->points[c->n_points++] = points[i];
	return ok;
}

/* Checks the points of a clause, and leaves those that are there, as far as that is known before the check. */
static bool check_points(struct attach *a, struct clause *c)
{
	unsigned there = 0, points = 0;
	bool ok = true;

	for (unsigned k = 0; k < c->n_points; k++)
		there += !is_missing(a, &c->points[k]);
	for (unsigned k = 0; k < c->n_points; k++) {
		struct attach_point *p = &c->points[k];

		if (!check_point(a, p))
			ok = false;
		else if (is_missing(a, p))
			ok = report_missing(a, p, there > 0) && ok;
		else
			c->points[points++] = *p;
	}
	c->n_points = points;
	return ok;
}

bool attach_check(struct attach *a)
{
	struct program *p = a->program;
	unsigned kept = 0;
	bool ok = true;

	for (unsigned i = 0; i < p->n_clauses; i++) {
		ok = name_providers(a, p->clauses[i]) && ok;
		ok = check_points(a, p->clauses[i]) && ok;
		if (p->clauses[i]->n_points)
			p->clauses[kept++] = p->clauses[i];
	}
	p->n_clauses = kept;
	return ok;
}

/* ---- for check and lower ---- */

const struct layout *attach_args(void *ctx, const struct attach_point *p, const char **why)
{
	const struct row *row = row_of(p->provider);

	if (!row || row->no_args) {
		*why = row ? row->no_args : "it is no event with arguments";
		return NULL;
	}
	return row->expand == expand_user ? arguments_layout(ctx, p, why) : tracepoint_args(ctx, p, why);
}

const struct type *attach_find_type(void *ctx, const struct attach_point *p, const char *name, const char **why)
{
	const struct row *row = p ? row_of(p->provider) : NULL;

	return row && row->expand == expand_user ? arguments_type(ctx, p, name, why) : NULL;
}

void attach_release(struct attach *a)
{
	arguments_release(a);
}

static bool first_function(void *ctx, const struct symbol *s)
{
	uint64_t *address = ctx;

	if (s->kind == SYMBOL_FUNC && s->address)
		*address = s->address;
	return *address == 0;
}

/* @+N is N bytes from where the file's first byte would be, if all of it were mapped like its code. */
static bool offset_of(struct elf_file *elf, const char *name, uint64_t *offset, const char **why)
{
	struct symbol *found = NULL;
	uint64_t code = 0, at;
	bool executable, ok;
	int n = elf_find(elf, name, &found);

	elf_symbols(elf, first_function, &code);
	ok = n > 0 && found[0].kind != SYMBOL_IMPORT && elf_address_to_offset(elf, code, &at, &executable);
	if (ok)
		*offset = found[0].address - (code - at);
	else
		*why = "the probed file has no such symbol";
	free(found);
	return ok;
}

static bool variable_of(void *ctx, const struct attach_point *p, const char *name, uint64_t *offset, const char **why)
{
	struct found_file file;
	struct elf_file *elf;
	bool ok = false;

	*why = "the probed file cannot be read";
	if (p->n_parts < 2 || path_find(p->parts[0], 0, &file) != 0)
		return false;
	if (elf_open(file.kernel_path, &elf, NULL) == 0) {
		ok = offset_of(elf, name, offset, why);
		elf_close(elf);
	}
	found_file_release(&file);
	return ok;
}

/* A read elsewhere would fault, and the kernel does not say so. */
static bool is_kernel_address(uint64_t address)
{
	return !arch_host() || arch_is_pointer(arch_host(), address, false);
}

struct lower_options attach_lower_options(struct attach *a)
{
	const struct arch *host = arch_host();

	return (struct lower_options){
		.return_arguments = a->catalog && catalog_has(a->catalog, FEATURE_RETURN_ARGUMENTS, NULL),
		.call_arguments = tracepoint_call_arguments,
		.stack_word = host ? host->stack_first / host->word : 0,
		.is_kernel_address = is_kernel_address,
		.variable = variable_of,
		.ctx = a,
	};
}

void attach_kinds(struct tap **taps, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		timer_parse(taps[i]->point, taps[i], NULL);
}

/* ---- a tap as a definition ---- */

/* Byte i of the target is shown as the byte of the program where the same words end in the same place. */
static void map_target(struct probe_context *c, struct definition *def)
{
	struct span at = def->span;
	unsigned len = (unsigned)strlen(def->target), width = at.end - at.begin;
	unsigned *map = arena_alloc(c->arena, (len + 1) * sizeof(*map));

	for (unsigned i = 0; i <= len; i++)
		map[i] = len - i < width ? at.end - (len - i) : at.begin;
	def->target_map = map;
}

struct definition *attach_definition(struct probe_context *c, const struct tap *t, const char *target)
{
	struct definition *def = arena_alloc(c->arena, sizeof(*def));

	*def = (struct definition){
		.tap = t,
		.source = t->point->span.src,
		.ret = is_return(t->point),
		.target = target,
		.quoted = true,
		.span = t->point->span,
		.target_span = t->point->span,
		.args = t->args,
		.n_args = t->n_args,
		.filter = t->filter,
		.filter_span = t->point->span,
	};
	map_target(c, def);
	return def;
}

/* ---- user ---- */

/* A number is an address of the program: the kernel wants its offset in the file. */
static const char *place_in_file(struct probe_context *c, const struct tap *t, const struct found_file *f)
{
	const char *word = last_part(t->point);
	unsigned long long address;
	struct elf_file *elf;
	uint64_t offset;
	bool executable, ok;

	if (!isdigit((unsigned char)*word) || !str_to_u64(word, &address) || elf_open(f->kernel_path, &elf, NULL) != 0)
		return word;
	ok = elf_address_to_offset(elf, address, &offset, &executable);
	elf_close(elf);
	if (ok)
		return arena_fmt(c->arena, "0x%llx", (unsigned long long)offset);
	diag_error(c->diags, t->point->span, "%s has nothing at address 0x%llx", f->path, address);
	return NULL;
}

/* Records say which probe it was in the program's own words: a path as it was written. */
static void label_with_path(struct probe_context *c, size_t from, const char *path, const char *written)
{
	for (size_t i = from; i < c->n_sites; i++) {
		const char *label = c->sites[i]->label, *at = strstr(label, path);

		if (at)
			c->sites[i]->label = arena_fmt(c->arena, "%.*s%s%s", (int)(at - label), label, written,
						       at + strlen(path));
	}
}

static bool expand_file(struct probe_context *c, const struct tap *t, const char *path)
{
	struct target_file file = { 0 };
	const char *word, *target;
	int err = path_find(path, c->opt.pid, &file.file);
	size_t before = c->n_sites;
	bool ok = false;

	if (err)
		return probe_no_file(c, t->point->span, path, "program or library", err);
	word = place_in_file(c, t, &file.file);
	if (word) {
		target = arena_fmt(c->arena, "%s:%s%s", path, t->point->n_parts == 3 ? "cpp:" : "", word);
		file.rest = (unsigned)strlen(path) + 1;
		ok = uprobe_expand(c, attach_definition(c, t, target), &file);
	}
	if (strchr(path, '/'))
		label_with_path(c, before, file.file.path, path);
	found_file_release(&file.file);
	return ok;
}

/* The files of a glob that have such a function or probe: those that do not are no mistake. */
static bool expand_files(struct probe_context *c, const struct tap *t,
			 bool (*expand)(struct probe_context *c, const struct tap *t, const char *path))
{
	struct diags *mine = diags_new(), *theirs = c->diags;
	size_t before = c->n_sites;
	glob_t g = { 0 };

	if (glob(t->point->parts[0], 0, NULL, &g) != 0)
		g.gl_pathc = 0;
	c->diags = mine;
	for (size_t i = 0; i < g.gl_pathc; i++)
		expand(c, t, g.gl_pathv[i]);
	c->diags = theirs;
	globfree(&g);
	diags_free(mine);
	if (c->n_sites > before)
		return true;
	c->absent = true;
	return diag_error(c->diags, t->point->span, "no file that matches '%s' has %s '%s'", t->point->parts[0],
			  expand == expand_file ? "a function" : "a USDT probe", last_part(t->point));
}

static bool expand_line(struct probe_context *c, const struct tap *t)
{
	const struct attach_point *p = t->point;
	struct target_file file = { .source = true };
	const char *column = p->n_parts > 2 ? arena_fmt(c->arena, ":%s", p->parts[2]) : "";
	char *target = arena_fmt(c->arena, "%s:%s%s", p->parts[0], p->parts[1], column), *source;
	char *word = arena_strdup(c->arena, target);
	int err = source_find_file(word, c->opt.pid, &file.file, &source);
	bool ok;

	if (err) {
		*strrchr(word, '@') = '\0';
		return probe_no_file(c, p->span, word, "program or library", err);
	}
	file.rest = (unsigned)(source - word);
	ok = uprobe_expand(c, attach_definition(c, t, target), &file);
	found_file_release(&file.file);
	return ok;
}

static bool expand_user(struct attach *a, struct probe_context *c, const struct tap *t)
{
	const char *path = t->point->parts[0];

	if (is_line(t->point))
		return expand_line(c, t);
	return str_is_glob(path) ? expand_files(c, t, expand_file) : expand_file(c, t, path);
}

/* ---- USDT ---- */

/* [PROVIDER:]NAME; without any, all. */
static const char *probe_of(struct probe_context *c, const struct attach_point *p)
{
	switch (p->n_parts) {
	case 1:
		return "*";
	case 2:
		return p->parts[1];
	default:
		return arena_fmt(c->arena, "%s:%s", *p->parts[1] ? p->parts[1] : "*", p->parts[2]);
	}
}

static bool expand_usdt_file(struct probe_context *c, const struct tap *t, const char *path)
{
	struct target_file file = { .rest = (unsigned)strlen(path) + 1 };
	int err = path_find(path, c->opt.pid, &file.file);
	bool ok;

	if (err)
		return probe_no_file(c, t->point->span, path, "program or library", err);
	ok = usdt_expand(c, attach_definition(c, t, arena_fmt(c->arena, "%s:%s", path, probe_of(c, t->point))), &file);
	found_file_release(&file.file);
	return ok;
}

/* No file, or *, is the files of the process. */
static bool expand_usdt(struct attach *a, struct probe_context *c, const struct tap *t)
{
	const char *path = t->point->parts[0];

	if (!*path || strcmp(path, "*") == 0)
		return usdt_expand_process(c, attach_definition(c, t, probe_of(c, t->point)), 0);
	return str_is_glob(path) ? expand_files(c, t, expand_usdt_file) : expand_usdt_file(c, t, path);
}

/* ---- kernel ---- */

/* Records say which probe it was in the program's own word: fentry, not kprobe. */
static void relabel(struct probe_context *c, size_t from, const char *provider)
{
	for (size_t i = from; i < c->n_sites; i++) {
		const char *rest = strchr(c->sites[i]->label, ':');

		if (rest)
			c->sites[i]->label = arena_fmt(c->arena, "%s%s", provider, rest);
	}
}

static bool expand_kernel(struct attach *a, struct probe_context *c, const struct tap *t)
{
	const struct attach_point *p = t->point;
	bool module = p->n_parts == 2;
	struct definition *def = attach_definition(c, t, module ? arena_fmt(c->arena, "%s:%s", p->parts[0], p->parts[1])
								: p->parts[0]);
	unsigned *colon = arena_alloc(c->arena, sizeof(*colon));
	size_t before = c->n_sites;

	*colon = (unsigned)strlen(p->parts[0]);
	def->colons = colon;
	def->n_colons = module;
	/* A module's name stands in front of the first byte that is looked at. */
	if (!kprobe_expand(c, def, 0))
		return false;
	relabel(c, before, p->provider);
	return true;
}

/* Does the point mean sched:sched_process_exit, and will it be mute? */
static bool misses_ends(const struct attach *a, const struct attach_point *p, const char **why)
{
	return a->one_process && a->catalog && p->n_parts == 2 && str_glob(p->parts[0], "sched") &&
	       str_glob(p->parts[1], "sched_process_exit") &&
	       catalog_ask(a->catalog, FEATURE_TASK_ENDS, why) == ANSWER_NO;
}

static bool expand_static(struct attach *a, struct probe_context *c, const struct tap *t)
{
	const char *why;

	if (a->by_perf && t->kstack && strcmp(t->point->parts[0], "syscalls") == 0) {
		diag_warn(c->diags, t->point->span, "kstack is empty here: of system calls perf keeps the program's stack only");
		diag_hint(c->diags, "tracepoint:raw_syscalls:sys_enter and sys_exit have the kernel's");
	}
	if (misses_ends(a, t->point, &why)) {
		diag_warn(c->diags, t->point->span, "sched_process_exit is never seen with -p and -c here: %s", why);
		diag_hint(c->diags, "leave them out, and say whose in a predicate: / pid == NUMBER /");
	}
	return tracepoint_expand(a, c, attach_definition(c, t, strchr(t->point->text, ':') + 1), t->point);
}

/* ---- missing probes ---- */

/* What was reported first, as one line. */
static char *first_error(struct diags *d)
{
	char *text = NULL, *at, *line;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	diags_print(d, f);
	fclose(f);
	at = strstr(text, "ERROR: ");
	line = mem_strdup(at ? at + strlen("ERROR: ") : text);
	line[strcspn(line, "\n")] = '\0';
	free(text);
	return line;
}

/* A probe that is not there, until it is known whether others of its clause are. */
struct absent {
	const struct tap *tap;
	struct diags *why;
};

static void leave_out(struct diags *d, const struct tap *t, struct diags *why)
{
	_cleanup_(mem_free_ptr) char *reason = first_error(why);

	diag_warn(d, t->point->span, "Unable to attach probe: %s: %s", t->point->text, reason);
}

/* The first value that the action computes with and the site lacks, or NULL. */
static const struct fetcharg *lacking(const struct tap *t, const struct action *a, const struct site *s)
{
	for (unsigned i = 0; i < a->n_needs; i++)
		if (a->needs[i] < s->n_args && s->args[a->needs[i]]->absent)
			return t->args[a->needs[i]];
	return NULL;
}

/* What is missing can be shown as that, but not computed with: a clause that does is not run at such a site. */
static bool check_action(struct probe_context *c, const struct tap *t, const struct action *a, size_t from)
{
	const struct fetcharg *first = NULL;
	unsigned all = 0, without = 0;

	for (size_t i = from; i < c->n_sites; i++) {
		const struct fetcharg *one = c->sites[i]->companion ? NULL : lacking(t, a, c->sites[i]);

		all += !c->sites[i]->companion;
		without += one != NULL;
		first = first ? first : one;
	}
	if (first && without == all)
		return diag_error(c->diags, first->span, "the clause computes with this, and cannot be run at any place of %s",
				  t->point->text);
	if (first)
		diag_warn(c->diags, first->span, "the clause computes with this, so it is not run at %u of the %u places",
			  without, all);
	return true;
}

static bool check_needs(struct probe_context *c, const struct tap *t, size_t from)
{
	bool ok = true;

	for (unsigned i = 0; i < t->n_actions; i++)
		ok = check_action(c, t, t->actions[i], from) && ok;
	return ok;
}

bool attach_expand(struct attach *a, struct probe_context *c, const struct tap *t)
{
	enum missing_probes how = t->point->guessed ? MISSING_IGNORE : a->program->config.missing_probes;
	const struct row *row = row_of(t->point->provider);
	struct diags *mine = diags_new(), *theirs = c->diags;
	size_t before = c->n_sites;
	bool ok = row && row->expand;

	c->diags = mine;
	c->absent = false;
	ok = ok ? row->expand(a, c, t) : diag_error(mine, t->point->span, "%s has no sites", t->point->provider);
	ok = missing_tell(c, before) && ok && diags_errors(mine) == 0 && check_needs(c, t, before);
	c->diags = theirs;
	if (!ok && how == MISSING_IGNORE && !c->absent && !t->point->guessed)
		how = MISSING_ERROR;		/* it is there, and cannot be had */
	if (!ok && how != MISSING_ERROR)
		c->n_sites = before;
	if (!ok && how == MISSING_UNSAID && c->absent) {
		*MEM_PUSH(a->absent, a->n_absent) = (struct absent){ t, mine };
		return true;
	}
	if (!ok && how == MISSING_WARN)
		leave_out(theirs, t, mine);
	else if (ok || how != MISSING_IGNORE)
		diags_move(theirs, mine);
	diags_free(mine);
	return ok || how == MISSING_WARN || how == MISSING_IGNORE;
}

/* How many sites the clause has, without those that the kernel refused. */
static unsigned sites_of(const struct probe_context *c, const struct clause *clause)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->n_sites; i++) {
		const struct tap *t = c->sites[i]->def->tap;

		for (unsigned k = 0; k < t->n_actions; k++)
			n += t->actions[k]->clause == clause && !c->sites[i]->refused && !c->sites[i]->companion;
	}
	return n;
}

/* Has every clause at the tap at least so many sites? */
static bool clauses_have(const struct probe_context *c, const struct tap *t, unsigned sites)
{
	for (unsigned k = 0; k < t->n_actions; k++)
		if (sites_of(c, t->actions[k]->clause) < sites)
			return false;
	return true;
}

/* Only functions of the kernel are listed and then refused. Not those that a site, or trapline itself, depends on. */
static void settle_kernel(const struct attach *a, struct probe_context *c)
{
	enum missing_probes how = a->program->config.missing_probes;

	for (size_t i = 0; i < c->n_sites && how != MISSING_ERROR; i++) {
		struct site *s = c->sites[i];

		if (s->provider == PROVIDER_KPROBE && s->def->tap->kind == TAP_EVENT && !s->companion && !s->optional)
			s->optional = how != MISSING_UNSAID || clauses_have(c, s->def->tap, 2);
	}
}

bool attach_survives(const struct attach *a, const struct probe_context *c)
{
	enum missing_probes how = a->program->config.missing_probes;

	for (size_t i = 0; i < c->n_sites && (how == MISSING_ERROR || how == MISSING_UNSAID); i++) {
		const struct tap *t = c->sites[i]->def->tap;

		if (!c->sites[i]->refused || clauses_have(c, t, 1))
			continue;
		diag_error(c->diags, t->point->span, "the kernel refused every probe of this clause");
		return diag_hint(c->diags, "If this is expected, set the 'missing_probes' config variable to 'warn'.");
	}
	return true;
}

bool attach_settle(struct attach *a, struct probe_context *c)
{
	bool ok = true;

	for (size_t i = 0; i < a->n_absent; i++) {
		struct absent *missing = &a->absent[i];
		bool others = clauses_have(c, missing->tap, 1);

		if (others)
			leave_out(c->diags, missing->tap, missing->why);
		else
			diags_move(c->diags, missing->why);
		ok = ok && others;
		diags_free(missing->why);
	}
	free(a->absent);
	a->absent = NULL;
	a->n_absent = 0;
	settle_kernel(a, c);
	return ok;
}
