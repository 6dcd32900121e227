/* explain.c - `trapline explain`: the whole way from a name to the lines that are written, with the real
 * numbers of this file and this kernel, for those who teach and learn.
 *
 * It takes what `probe` takes, comes to the same plan by the same code, and then tells how: each step is a
 * lesson with what was found, and with commands that show the same by other tools (readelf, objdump, od).
 * Nothing is written to the kernel; with --live, lens.c goes on where this file ends.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"

enum { SHOWN_INSNS = 8, INSN_BYTES = 15 };

typedef unsigned long long ull;

static bool set_live(void *ctx, const char *value, struct diags *d)
{
	((struct explain *)ctx)->live = true;
	return true;
}

static bool set_pause(void *ctx, const char *value, struct diags *d)
{
	((struct explain *)ctx)->pause = true;
	return true;
}

static bool set_program(void *ctx, const char *value, struct diags *d)
{
	((struct explain *)ctx)->text = value;
	return true;
}

static const struct opt options[] = {
	{ 'e', NULL, "PROGRAM", "explain a program of the language, in place of DEFINITIONs", set_program },
	{ 0, "live", NULL, "with -c or -p: arm it, and show it happen: the breakpoint in the process's memory, the "
			   "first records (three, or as many as -n says) byte by byte, and the memory afterwards", set_live },
	{ 0, "pause", NULL, "with --live: hold everything after each step until Enter, so that the lines can be tried "
			    "in another shell", set_pause },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline explain [options] DEFINITION...\ntrapline explain [options] -e PROGRAM",
	.about = "Shows the whole way from a function's name to the lines that `trapline probe` would write to the "
		 "kernel, step by step, with commands that show the same by other tools. Takes what `trapline "
		 "probe` takes. Without --live it writes nothing, and needs no root.",
	.opts = options,
	.shared = request_options,
	.positional = request_definition,
	.more = "EXAMPLES:\n"
		"  trapline explain 'r:readline /usr/bin/bash:readline cmd=+0($retval):string'\n"
		"  trapline explain --live -c ./app 'p ./app:func_1 n=$arg1:s32'\n",
};

/* A site, and what can be read about it in its file. */
struct subject {
	struct explain *x;
	struct teacher *t;
	const struct site *site;
	bool first;			/* of its definition */
	struct elf_file *elf;		/* NULL: the kernel */
	uint64_t address;		/* of the place that was named, in the file's own counting */
	struct symbol symbol;		/* the one that was named; name NULL: an offset was */
	struct symbol function;		/* the one that covers the place; name NULL: unknown */
	struct str aliases;		/* other names of the same address */
};

static const char *root(const struct explain *x)
{
	return x->r.tracefs ? tracefs_root(x->r.tracefs) : "/sys/kernel/tracing";
}

/* The user's own words. */
static const char *words(struct subject *s, struct span at)
{
	return at.src ? arena_strndup(s->t->arena, at.src->text + at.begin, at.end - at.begin) : "";
}

/* The file as we can reach it: what another process sees under a name is behind /proc for us. */
static const char *our_path(struct subject *s)
{
	bool other = s->site->fd < 0 && str_starts(s->site->kernel_path, "/proc/");

	return other ? s->site->kernel_path : s->site->path;
}

/* The same as a shell wants it. */
static const char *shell_path(struct subject *s)
{
	return lesson_word(s->t, our_path(s));
}

/* ---- what was asked for ---- */

/* A chain is told as it is followed: from the innermost word outwards. */
static const char *fetch_means(struct subject *s, const struct fetch *f)
{
	struct arena *a = s->t->arena;
	const char *inner;

	switch (f->kind) {
	case FETCH_REG:
		return arena_fmt(a, "the register %s", f->text);
	case FETCH_RETVAL:
		return "the value that the function returns";
	case FETCH_ARG:
		return arena_fmt(a, "argument %lld of the %s", f->n, s->site->tracepoint ? "probe" : "function");
	case FETCH_ARGS:
		return s->site->tracepoint ? "all arguments that the probe has"
					   : "all arguments, as the kernel's BTF knows them";
	case FETCH_STACK:
		return "the stack pointer";
	case FETCH_STACK_N:
		return arena_fmt(a, "word %lld of the stack", f->n);
	case FETCH_COMM:
		return "the name of the thread";
	case FETCH_FIELD:
		return arena_fmt(a, "the field %s of the event", f->text);
	case FETCH_ENTRY_FIELD:
		return arena_fmt(a, "the argument %s of the system call", f->text);
	case FETCH_AT:
		return arena_fmt(a, "the memory at %s", f->text);
	case FETCH_IMM:
		return arena_fmt(a, "the constant %s", f->text);
	case FETCH_NAME:
		return arena_fmt(a, "%s, as the kernel's BTF knows it", f->text);
	case FETCH_DEREF:
		inner = fetch_means(s, f->inner);
		if (!f->n)
			return arena_fmt(a, "%s: what that points to", inner);
		return arena_fmt(a, "%s: what is %lld bytes %s the place that that points to", inner,
				 f->n < 0 ? -f->n : f->n, f->n < 0 ? "before" : "behind");
	}
	return "";
}

static const char *type_means(struct subject *s, const struct fetcharg *f)
{
	static const char *const bases[] = {
		[BASE_HEX] = "a number, shown in hex", [BASE_UNSIGNED] = "an unsigned number",
		[BASE_SIGNED] = "a signed number", [BASE_CHAR] = "a character", [BASE_STRING] = "text",
		[BASE_SYMBOL] = "an address, shown as a symbol", [BASE_FLOAT] = "a floating number",
	};
	struct fetch_type t;
	const char *what;

	if (!f->type && s->site->tracepoint && (f->fetch->kind == FETCH_ARG || f->fetch->kind == FETCH_ARGS))
		return "of the size that the note tells";
	if (!f->type)
		return f->fetch->kind == FETCH_COMM ? "as text" : "as a number of a register's size, shown in hex";
	t = fetch_type_parse(f->type);
	if (!t.known)
		return arena_fmt(s->t->arena, "of type %s, which only the kernel knows", f->type);
	what = t.base == BASE_STRING ? bases[t.base]
				     : arena_fmt(s->t->arena, "%s of %u bits", bases[t.base], t.size * 8);
	return t.count ? arena_fmt(s->t->arena, "as %u times %s", t.count, what)
		       : arena_fmt(s->t->arena, "as %s", what);
}

static void tell_definition(struct subject *s)
{
	static const char *const columns[] = { "word", "means", NULL };
	const struct definition *def = s->site->def;

	lesson_begin(s->t, s->site, "definition", "What was asked for: %s", def->source->text);
	lesson_table(s->t, "words", columns);
	lesson_row(s->t, def->ret ? "r" : "p",
		   def->ret ? "record each return of the function" : "record each time this place is reached");
	if (def->name)
		lesson_row(s->t, def->name, "the name that the records will show");
	lesson_row(s->t, words(s, def->target_span), "the place");
	for (unsigned i = 0; i < def->n_args; i++) {
		const struct fetcharg *f = def->args[i];

		lesson_row(s->t, words(s, f->span),
			   arena_fmt(s->t->arena, "%s, %s%s%s", fetch_means(s, f->fetch), type_means(s, f),
				     f->name ? "; called " : "", f->name ? f->name : ""));
	}
	if (def->filter)
		lesson_row(s->t, def->filter, "only hits for which the kernel finds this true");
	lesson_show(s->t);
}

/* ---- the file ---- */

/* The file as the user wrote it: the target up to the colon before the symbol. */
static const char *file_word(struct subject *s)
{
	const struct definition *def = s->site->def;
	const char *word = def->target;
	size_t n = def->n_colons ? def->colons[def->n_colons - 1] : strlen(word);

	if (s->site->category && def->n_colons > 1)
		return arena_strndup(s->t->arena, word + strlen("usdt:"), def->colons[1] - strlen("usdt:"));
	if (str_starts(word, "uprobe:") && n > strlen("uprobe"))
		return arena_strndup(s->t->arena, word + strlen("uprobe:"), n - strlen("uprobe:"));
	return arena_strndup(s->t->arena, word, n);
}

static const char *how_found(struct subject *s)
{
	const char *word = file_word(s);
	char *program = os_find_program(word);
	bool in_path = program != NULL;

	free(program);
	if (s->x->r.opt.pid)
		return "as that process sees it";
	if (strchr(word, '/'))
		return "a name with a slash is a path";
	return in_path ? "a name without slash: found in PATH"
		       : "a name without slash, and no program in PATH: found in the dynamic linker's cache";
}

static void tell_file(struct subject *s)
{
	const struct arch *arch = s->site->arch;
	const char *path;

	lesson_begin(s->t, s->site, "file", "Which file is meant");
	path = shell_path(s);
	lesson_fact(s->t, "path", "file", "%s", s->site->path);
	lesson_fact(s->t, "found", "because", "%s", how_found(s));
	lesson_fact(s->t, "machine", "machine", "%s, %u-bit", arch ? arch->name : "unknown",
		    arch ? (unsigned)arch->word * 8 : 0);
	lesson_fact(s->t, "kind", "kind", elf_is_fixed(s->elf)
						  ? "EXEC: mapped where its own addresses say"
						  : "DYN: position independent, the kernel chooses where it is mapped");
	lesson_fact(s->t, "build_id", "build ID", "%s",
		    *elf_build_id(s->elf) ? elf_build_id(s->elf) : "none");
	if (strcmp(s->site->kernel_path, s->site->path) != 0)
		lesson_fact(s->t, "kernel_path", "for the kernel", "%s, because %s",
			    s->site->fd >= 0 ? "/proc/self/fd/N, N being a descriptor that is open on it"
					     : s->site->kernel_path,
			    s->site->fd >= 0 ? "its parser cannot read the real name in any quoting"
					     : "that is how we, and so the kernel, can open it");
	lesson_text(s->t, "A uprobe belongs to the file (its inode), not to a process: every process that has mapped "
			  "the file, now or later, runs into it.");
	lesson_command(s->t, "readelf -hn %s", path);
	if (!strchr(file_word(s), '/') && !s->x->r.opt.pid)
		lesson_command(s->t, "command -v %s || ldconfig -p | grep -F %s", lesson_word(s->t, file_word(s)),
			       lesson_word(s->t, file_word(s)));
	lesson_show(s->t);
}

/* ---- name -> address ---- */

static void tell_version(struct subject *s)
{
	if (s->symbol.version)
		lesson_fact(s->t, "version", "version", "%s%s", s->symbol.version,
			    s->symbol.default_version ? ", the default for programs that are linked today"
						      : ", for programs that were linked long ago");
}

/* An indirect function was named. */
static void tell_choice(struct subject *s)
{
	if (!s->site->alias)
		return;
	lesson_begin(s->t, s->site, "choice", "What the indirect function `%s` is here", s->site->alias);
	lesson_text(s->t, "Its symbol (IFUNC) leads to a resolver, which the dynamic linker calls once in each process, and "
			  "which chooses one of several functions by the CPU. A probe on the symbol would sit on the "
			  "resolver. trapline does not run it: it reads the answer out of the memory of a process that has "
			  "the file mapped, at a place that the relocations name (IRELATIVE: by which resolver).");
	lesson_fact(s->t, "resolver", "named", "%s", s->site->alias);
	lesson_fact(s->t, "chosen", "chosen", "%s", s->site->symbol);
	lesson_command(s->t, "readelf -rW %s | grep IRELATIV; readelf -W --dyn-syms %s | grep IFUNC", shell_path(s),
		       shell_path(s));
	lesson_show(s->t);
}

static void tell_symbol(struct subject *s)
{
	const struct symbol *y = &s->symbol;
	const char *path;

	lesson_begin(s->t, s->site, "symbol", "From the name `%s` to an address", y->name);
	path = shell_path(s);
	if (s->site->readable)
		lesson_fact(s->t, "readable", "means", "%s", s->site->readable);
	lesson_text(s->t, "A symbol table gives addresses: where the linker thought the code would be in memory. "
			  ".symtab has all functions, and `strip` removes it; .dynsym has what other files may call, "
			  "and must stay.");
	lesson_fact(s->t, "table", "symbol table", "%s", y->dynsym ? ".dynsym" : ".symtab");
	lesson_number(s->t, "entries", "its entries", elf_table_size(s->elf, y->dynsym), "%zu (%s: %zu)",
		      elf_table_size(s->elf, y->dynsym), y->dynsym ? ".symtab" : ".dynsym",
		      elf_table_size(s->elf, !y->dynsym));
	lesson_number(s->t, "entry", "entry", y->index, "%zu", y->index);
	lesson_number(s->t, "value", "value", y->address, "%#llx", (ull)y->address);
	if (y->entry)
		lesson_number(s->t, "local_entry", "local entry", y->address + y->entry,
			      "%u bytes further on (st_other): every call passes there", y->entry);
	lesson_number(s->t, "size", "size", y->size, y->guessed ? "%llu bytes (the table says 0: up to the next symbol)"
								 : "%llu bytes", (ull)y->size);
	lesson_fact(s->t, "binding", "binding", y->local ? "LOCAL: `static` in C, known to this file alone"
							 : "GLOBAL or WEAK: other files may use it");
	tell_version(s);
	if (s->aliases.len)
		lesson_fact(s->t, "aliases", "same address", "%s", s->aliases.s);
	lesson_command(s->t, "readelf -W %s %s | grep -w -e %s", y->dynsym ? "--dyn-syms" : "-s", path,
		       lesson_word(s->t, y->name));
	lesson_show(s->t);
}

/* An offset was given: what is there? */
static void tell_given_offset(struct subject *s)
{
	const struct symbol *f = &s->function;

	lesson_begin(s->t, s->site, "symbol", "From the offset to a function");
	if (s->site->why_here)
		lesson_fact(s->t, "place", "the place", "%s, by the debug information", s->site->why_here);
	lesson_number(s->t, "offset", "given", s->site->offset - s->site->shift, "%#llx, a file offset",
		      (ull)(s->site->offset - s->site->shift));
	lesson_number(s->t, "address", "address", s->address, "%#llx", (ull)s->address);
	if (f->name)
		lesson_fact(s->t, "function", "function", "%s, %#llx bytes from its start",
			    *f->name ? f->name : "one without a name (.eh_frame knows it)",
			    (ull)(s->address - f->address));
	else
		lesson_fact(s->t, "function", "function", "none is known there");
	if (f->name)
		lesson_number(s->t, "function_address", "it is at", f->address, "%#llx-%#llx", (ull)f->address,
			      (ull)(f->address + f->size));
	lesson_command(s->t, f->name && !*f->name ? "readelf --debug-dump=frames-interp %s | grep -F pc="
						  : "nm -nD %s 2>/dev/null; nm -n %s 2>/dev/null", shell_path(s), shell_path(s));
	lesson_show(s->t);
}

/* ---- address -> offset ---- */

static void tell_offset(struct subject *s)
{
	struct elf_place p;
	const char *path;

	if (!elf_place(s->elf, s->address, &p))
		return;
	lesson_begin(s->t, s->site, "offset", "From the address to a file offset");
	path = shell_path(s);
	lesson_text(s->t, "The kernel wants to know which byte of the file becomes the breakpoint. The program "
			  "header that maps the address says which bytes of the file appear where.");
	if (s->site->symbol && s->site->symbol_offset)
		lesson_number(s->t, "address", "address", s->address, "%#llx + %llu = %#llx", (ull)s->symbol.address,
			      (ull)s->site->symbol_offset, (ull)s->address);
	else
		lesson_number(s->t, "address", "address", s->address, "%#llx", (ull)s->address);
	if (*p.section)
		lesson_fact(s->t, "section", "section", "[%zu] %s: address %#llx, offset %#llx, size %#llx",
			    p.section_index, p.section, (ull)p.section_address, (ull)p.section_offset,
			    (ull)p.section_size);
	else
		lesson_fact(s->t, "section", "section", "none: the section headers are gone, and nobody needs them");
	lesson_fact(s->t, "segment", "segment", "program header %zu: LOAD, offset %#llx, address %#llx, %#llx bytes, "
						"flags %s", p.segment_index, (ull)p.segment_offset,
		    (ull)p.segment_address, (ull)p.segment_size, p.segment_flags);
	lesson_number(s->t, "section_index", NULL, p.section_index, "%zu", p.section_index);
	lesson_number(s->t, "section_address", NULL, p.section_address, "%#llx", (ull)p.section_address);
	lesson_number(s->t, "section_offset", NULL, p.section_offset, "%#llx", (ull)p.section_offset);
	lesson_number(s->t, "section_size", NULL, p.section_size, "%#llx", (ull)p.section_size);
	lesson_number(s->t, "segment_index", NULL, p.segment_index, "%zu", p.segment_index);
	lesson_number(s->t, "segment_size", NULL, p.segment_size, "%#llx", (ull)p.segment_size);
	lesson_number(s->t, "segment_address", "p_vaddr", p.segment_address, "%#llx", (ull)p.segment_address);
	lesson_number(s->t, "segment_offset", "p_offset", p.segment_offset, "%#llx", (ull)p.segment_offset);
	lesson_number(s->t, "file_offset", "file offset", s->address - p.segment_address + p.segment_offset,
		      "%#llx - %#llx + %#llx = %#llx", (ull)s->address, (ull)p.segment_address,
		      (ull)p.segment_offset, (ull)(s->address - p.segment_address + p.segment_offset));
	if (p.segment_address == p.segment_offset)
		lesson_text(s->t, "Here the sum changes nothing, as in many files; it is easily forgotten, and wrong in "
				  "the next one.");
	lesson_command(s->t, "readelf -SW %s | grep -wF -e %s", path, lesson_word(s->t, *p.section ? p.section : ".text"));
	lesson_command(s->t, "readelf -lW %s | grep -w LOAD", path);
	lesson_command(s->t, "printf '0x%%x\\n' $((%#llx - %#llx + %#llx))", (ull)s->address, (ull)p.segment_address,
		       (ull)p.segment_offset);
	lesson_show(s->t);
}

/* ---- what is there ---- */

static const char *cost_means(const struct insn_check *c)
{
	if (!c->text[0])
		return "not known here: trapline does not decode this machine's instructions";
	return c->cost == INSN_EMULATED
		       ? "emulated: the kernel does it by itself and goes on (about 1 us a hit)"
		       : "single-stepped: the kernel copies it into the process's [uprobes] page, lets the CPU do that "
			 "one step, and comes back (about 10 us a hit)";
}

/* The instructions from the function's start to the place: where one begins can only be known by counting. */
static void tell_instructions(struct subject *s)
{
	static const char *const columns[] = { "here", "#address", "bytes", "instruction", "the kernel", NULL };
	uint64_t from = s->function.name && s->address - s->function.address < 64 ? s->function.address : s->address;
	uint64_t until = s->address + s->site->shift, at = from;

	lesson_table(s->t, "instructions", columns);
	for (unsigned i = 0; i < SHOWN_INSNS && (at <= until || i < 2); i++) {
		unsigned char bytes[INSN_BYTES];
		struct insn_check c;
		const char *does;

		insn_check(s->elf, s->function.name ? &s->function : NULL, at, false, &c);
		if (!c.length || elf_bytes(s->elf, at, bytes, c.length) != c.length)
			break;
		does = !c.text[0]		 ? "(not decoded here)"
		       : !c.ok && !c.forceable	 ? "breaks it: refused"
		       : c.cost == INSN_EMULATED ? "emulates it"
						 : "single-steps it";
		lesson_row(s->t, at == until ? "*" : NULL, arena_fmt(s->t->arena, "%#llx", (ull)at),
			   lesson_hex(s->t, bytes, c.length), c.text, does);
		at += c.length;
	}
}

/* Why the breakpoint is not at the very place that was named; NULL: it is. */
static const char *why_there(const struct subject *s)
{
	const struct site *site = s->site;

	if (site->end == END_RETURN)
		return "It is one of the places where the function returns: the result is in its register, the caller's "
		       "address still on the stack (or in the link register), and nothing is changed in the program. "
		       "trapline has followed the function's code to find them all.";
	if (site->end == END_TAIL_CALL)
		return "Here the function ends by a jump into another one: what that returns will be its result, which is "
		       "not known yet.";
	if (!site->shift)
		return NULL;
	if (site->arch && site->arch->go)
		return "A function of Go's begins by looking whether its stack has room, and when it had to grow the function "
		       "begins again: a call would be seen twice. Behind that check every call passes once, with the "
		       "same registers.";
	if (s->symbol.entry)
		return "The function begins with a step that only callers from other files need; all calls pass the local "
		       "entry behind it: the breakpoint goes there.";
	return "The function begins with a landing pad for indirect jumps, which the kernel would have to single-step. The "
	       "instruction behind it is emulated, sees the same call with the same registers, and costs a tenth: the "
	       "breakpoint goes there.";
}

static void tell_insn(struct subject *s)
{
	const struct site *site = s->site;
	uint64_t at = s->address + site->shift;
	unsigned char bytes[INSN_BYTES];
	struct insn_check c;
	const char *path;
	unsigned n;

	insn_check(s->elf, s->function.name ? &s->function : NULL, at, false, &c);
	n = c.length ? c.length : 4;
	n = (unsigned)elf_bytes(s->elf, at, bytes, n);
	lesson_begin(s->t, site, "instruction", "What is at that place, and may a breakpoint sit there");
	path = shell_path(s);
	lesson_text(s->t, "The breakpoint replaces the beginning of an instruction, and the kernel does not look "
			  "whether one begins there. So trapline counts instructions from the start of the function%s.",
		    s->function.name ? "" : ", where one is known (here none is)");
	tell_instructions(s);
	lesson_number(s->t, "breakpoint", "breakpoint at", site->offset, "%#llx, file offset", (ull)site->offset);
	lesson_fact(s->t, "bytes", "bytes there", "%s", lesson_hex(s->t, bytes, n));
	lesson_fact(s->t, "instruction", "instruction", "%s", c.text[0] ? c.text : "unknown");
	lesson_fact(s->t, "execution", "on a hit", "%s", cost_means(&c));
	if (site->shift && !site->end)
		lesson_number(s->t, "shift", "moved by", site->shift, "%llu bytes", (ull)site->shift);
	if (why_there(s))
		lesson_text(s->t, "%s", why_there(s));
	if (site_way(site))
		lesson_fact(s->t, "note", "because", "%s", site_way(site));
	if (site->ret)
		lesson_text(s->t, "It is a return probe: when the breakpoint at the entry is hit, the kernel replaces the "
				  "return address on the stack (or in the link register) by that of a trampoline in the "
				  "[uprobes] page. The function returns there, the kernel makes the record, and goes on "
				  "where the caller waits.");
	lesson_command(s->t, "od -An -tx1 -j %#llx -N %u %s", (ull)site->offset, n, path);
	lesson_command(s->t, "objdump -d --start-address=%#llx --stop-address=%#llx %s",
		       (ull)(s->function.name ? s->function.address : s->address), (ull)(at + n), path);
	lesson_show(s->t);
}

/* ---- arguments ---- */

/* What people call a register that the kernel calls so: rdi for di, r3 for gpr3. Other aliases are other systems of
 * naming (x10 for a0), in which the kernel's own is as usual. */
static const char *usual_name(const struct arch *a, const char *kernel)
{
	for (const struct reg_alias *r = a->aliases; r && r->name; r++)
		if (r->kernel && !r->type && strcmp(r->kernel, kernel) == 0 &&
		    (str_ends(r->name, kernel) || str_ends(kernel, r->name)))
			return r->name;
	return kernel;
}

/* Bytes from the stack pointer that a stack argument is read at: the dereference next to the register. */
static long long stack_offset(const struct fetch *f)
{
	while (f->kind == FETCH_DEREF && f->inner->kind == FETCH_DEREF)
		f = f->inner;
	return f->kind == FETCH_DEREF ? f->n : 0;
}

static const char *where_it_lives(struct subject *s, const struct fetch *wanted, const struct fetch *got)
{
	const struct fetch *w = fetch_leaf(wanted), *g = fetch_leaf(got);
	const struct arch *a = s->site->arch;

	switch (w->kind) {
	case FETCH_ARG:
		if (s->site->provider == PROVIDER_KPROBE)
			return "the kernel itself knows where its arguments are";
		if (!a || g->kind != FETCH_REG)
			return "";
		if (strcmp(g->text, a->sp) == 0)
			return arena_fmt(s->t->arena, "argument %lld: on the stack, %lld bytes above %s", w->n,
					 stack_offset(got), usual_name(a, a->sp));
		return arena_fmt(s->t->arena, "argument %lld: register %s, for the kernel %%%s", w->n,
				 usual_name(a, g->text), g->text);
	case FETCH_RETVAL:
		return a ? arena_fmt(s->t->arena, "the register for results: %s", usual_name(a, a->result)) : "";
	case FETCH_REG:
		return strcmp(w->text, g->text) != 0 ? arena_fmt(s->t->arena, "the kernel calls %s %%%s", w->text, g->text)
						     : "a register, by the kernel's own name";
	case FETCH_STACK:
	case FETCH_STACK_N:
		return "on the stack";
	case FETCH_COMM:
		return "in the kernel's own description of the thread";
	case FETCH_AT:
		return "in memory, at a fixed place";
	case FETCH_IMM:
		return "nowhere: it is a constant";
	default:
		return "where the kernel's BTF says";
	}
}

static void tell_arguments(struct subject *s)
{
	static const char *const columns[] = { "wanted", "fetch argument", "lives", NULL };
	const struct definition *def = s->site->def;
	const struct arch *a = s->site->arch;
	struct str regs = STR_INIT;

	if (!def->n_args)
		return;
	lesson_begin(s->t, s->site, "arguments", "Where the values are, and how the kernel is told");
	lesson_text(s->t, s->site->provider == PROVIDER_UPROBE
				  ? "In a program the kernel knows registers and memory, not arguments. Where a function "
				    "finds its arguments is agreed upon for each machine (its ABI)."
				  : "Of its own functions the kernel knows where the arguments are: what is agreed upon for the "
				    "machine (its ABI).");
	for (unsigned i = 0; a && a->args && a->args[i]; i++)
		str_addf(&regs, "%s%s", i ? ", " : "", usual_name(a, a->args[i]));
	if (a) {
		lesson_fact(s->t, "abi", "ABI", "%s%s", a->name, a->go ? ", as Go's compiler uses it" : "");
		lesson_fact(s->t, "registers", "arguments in", "%s%s from %u bytes above %s on",
			    regs.len ? regs.s : "", regs.len ? "; the rest" : "the stack,", (unsigned)a->stack_first,
			    usual_name(a, a->sp));
		lesson_fact(s->t, "result", "result in", "%s", a->result ? usual_name(a, a->result)
									 : "memory, behind the arguments");
	}
	lesson_table(s->t, "arguments", columns);
	for (unsigned i = 0; i < s->site->n_args; i++) {
		struct str text = STR_INIT;

		fetch_print(s->site->args[i]->fetch, &text);
		lesson_row(s->t, words(s, def->args[i]->span),
			   arena_fmt(s->t->arena, "%s%s%s", text.s, s->site->args[i]->type ? ":" : "",
				     s->site->args[i]->type ? s->site->args[i]->type : ""),
			   where_it_lives(s, def->args[i]->fetch, s->site->args[i]->fetch));
		str_release(&text);
	}
	lesson_text(s->t, "+N(X) is the memory N bytes behind the place that X points to. The type says how many bytes "
			  "are read, and how they are shown: a register is wide, and what an `int` leaves in its upper "
			  "half is anybody's guess.");
	str_release(&regs);
	lesson_show(s->t);
}

/* ---- fetch arguments ---- */

static bool is_guard(const struct site *site, unsigned slot)
{
	for (unsigned i = 0; i < site->n_captures; i++)
		for (unsigned k = 0; k < site->captures[i].n_guards; k++)
			if (site->captures[i].guards[k] == slot)
				return true;
	return false;
}

static const char *slot_means(struct subject *s, unsigned slot)
{
	const struct site *site = s->site;

	if (slot == site->comm_slot)
		return "the thread's name: the record itself has only its number";
	if (slot == site->caller_slot)
		return "the address to which the function returns";
	for (size_t i = 0; i < ARRAY_LEN(site->frame_slots) && site->frame.sp; i++)
		if (slot == site->frame_slots[i])
			return "where on its stack the call began: by that its entry and its return find each other";
	for (unsigned i = 0; i < site->n_captures; i++) {
		const struct capture *c = &site->captures[i];

		if (slot == c->witness && c->base == BASE_STRING)
			return arena_fmt(s->t->arena, "a witness: is there text, when the kernel could not read all of %s?", c->name);
		if (slot == c->witness)
			return arena_fmt(s->t->arena, "a witness: is there memory where %s was read? The kernel stores 0 "
						      "when there is none", c->name);
		if (slot >= c->slot && slot < c->slot + c->n_slots)
			return c->bounded ? arena_fmt(s->t->arena, "a piece of the text %s", c->name)
			       : is_guard(site, slot) ? "the value, and a pointer on the way to another"
						      : "the value";
	}
	if (is_guard(site, slot))
		return "a guard: a pointer on the way. If it leads nowhere the kernel writes nothing, and an older record's "
		       "bytes would be shown";
	return "a canary behind the last string: gone when the strings before it took its room";
}

static void tell_captures(struct subject *s)
{
	static const char *const columns[] = { "field", "why", NULL };
	const struct site *site = s->site;

	lesson_begin(s->t, site, "captures", "What the kernel will fetch at each hit");
	lesson_text(s->t, "Each fetch argument becomes a field of the record. A few more than were asked for are needed, "
			  "so that no value is wrong.");
	lesson_table(s->t, "fields", columns);
	for (unsigned i = 0; i < site->n_slots; i++) {
		const struct line_part *part = &site->parts[i + 1];

		lesson_row(s->t, arena_strndup(s->t->arena, site->line + part->begin, part->end - part->begin),
			   slot_means(s, i));
	}
	lesson_show(s->t);
}

/* ---- a kernel function ---- */

/* The kernel hides its addresses from those who are not root (kernel.kptr_restrict). */
static void tell_kernel_address(struct subject *s)
{
	const char *name = s->site->symbol;
	struct addresses *a = addresses_new();
	uint64_t address, size;
	int n = s->x->r.catalog ? catalog_function_count(s->x->r.catalog, name, s->site->module) : -1;

	if (n >= 0)
		lesson_number(s->t, "count", "so named", (uint64_t)n, "%d", n);
	if (addresses_kernel_symbol(a, name, &address, &size)) {
		lesson_number(s->t, "value", "address", address, "%#llx", (ull)address);
		if (size)
			lesson_number(s->t, "size", "next symbol", size, "%llu bytes behind it", (ull)size);
		if (s->site->symbol_offset)
			lesson_number(s->t, "place", "the place", address + s->site->symbol_offset,
				      "%#llx + %llu = %#llx", (ull)address, (ull)s->site->symbol_offset,
				      (ull)(address + s->site->symbol_offset));
	} else {
		lesson_fact(s->t, "hidden", "address", "hidden from us: the kernel shows its addresses to root only");
	}
	addresses_free(a);
}

static void tell_kernel_symbol(struct subject *s)
{
	const struct site *site = s->site;
	const char *name = site->symbol;

	lesson_begin(s->t, site, "symbol", "From the name `%s` to an address", name);
	lesson_text(s->t, "The kernel keeps a symbol table of itself. It is given the name, and finds the address; it "
			  "checks the instruction by itself, too. What it has inlined has no name, and cannot be probed.");
	lesson_fact(s->t, "function", "function", "%s%s%s", name, site->module ? " of the module " : "",
		    site->module ? site->module : "");
	tell_kernel_address(s);
	lesson_command(s->t, "grep -w -e %s /proc/kallsyms", lesson_word(s->t, name));
	lesson_show(s->t);
}

/* ---- a static event ---- */

/* The kernel's own: nothing is defined, its fields are there. */
static void tell_event(struct subject *s)
{
	static const char *const columns[] = { "field", "read as", NULL };
	const struct site *site = s->site;

	lesson_begin(s->t, site, "event", "A static event of the kernel: %s:%s", site->category, site->tracepoint);
	lesson_text(s->t, site->provider == PROVIDER_TRACEPOINT
				  ? "It is in the kernel's source, and has its fields: nothing has to be defined, only enabled."
				  : "It is in the kernel's source. Its fields hold pointers that the program follows: an event probe on "
				    "it fetches what they point to.");
	lesson_table(s->t, "fields", columns);
	for (unsigned i = 0; i < site->n_captures; i++)
		lesson_row(s->t, site->captures[i].field ? site->captures[i].field : site->captures[i].name,
			   site->captures[i].base == BASE_STRING ? "text"
								 : arena_fmt(s->t->arena, "%u bytes", site->captures[i].size));
	lesson_command(s->t, "cat %s/events/%s/%s/format", root(s->x), site->category, site->tracepoint);
	lesson_show(s->t);
}

static void tell_sample(struct subject *s)
{
	lesson_begin(s->t, s->site, "sample", "What perf counts: %s", s->site->label);
	lesson_text(s->t, "There is no place and no event: perf_event_open(2) makes a sample every so often, with time, CPU, "
			  "process and stacks.");
	lesson_show(s->t);
}

/* ---- all sites: the writes, the rest, the way back ---- */

static bool is_ftrace(const struct explain *x)
{
	return x->r.plan.opt.source == SOURCE_FTRACE;
}

static void tell_writes(struct explain *x)
{
	struct teacher *t = &x->teacher;
	struct str lines = STR_INIT;

	lesson_begin(t, NULL, "writes", "What is written to the kernel, and where");
	lesson_text(t, "All of tracing is writing lines to files below %s: the definition of each event, then %s", root(x),
		    is_ftrace(x) ? "an instance (buffers of our own, so that nobody else is disturbed), its settings, and "
				   "at the very end 1 to the event's `enable`."
				 : "perf_event_open(2) on it, which places the breakpoint in the one process only.");
	lesson_text(t, "The definition's words: p or r; group and event; the file and the offset; the fields. "
		       "uprobe_events must be opened for append (>>): a plain > would delete everybody's probes.");
	if (!x->live)
		lesson_text(t, "`trapline probe` puts its process number and start time in place of tl_dry_run, so that "
			       "two of them cannot meet.");
	plan_print_steps(&x->r.plan, root(x), &lines);
	lesson_lines(t, lines.s);
	str_release(&lines);
	lesson_show(t);
}

static const char *user_part(struct teacher *t, const struct capture *c)
{
	struct str s = STR_INIT;
	const char *text;

	if (c->by_format)
		str_add(&s, "as the event's format file says, when the kernel knows the type");
	else if (c->bounded)
		str_addf(&s, "its %u pieces are put together up to the first NUL; without one it was cut: \"text\"..",
			 c->n_slots);
	else if (c->base == BASE_STRING)
		str_add(&s, "its place in the record is checked: none, or one that overlaps another, is a (fault)");
	else if (c->narrow)
		str_addf(&s, "%u bytes, made %u wide%s", c->narrow, c->size, c->narrow_signed ? " by their sign" : "");
	else
		str_addf(&s, "%u bytes%s%s", c->size * (c->count ? c->count : 1),
			 c->base == BASE_SIGNED ? ", the sign extended" : "",
			 c->n_guards ? "; a (fault) when a guard is no pointer" : "");
	if (c->witness != UINT32_MAX && c->base == BASE_STRING)
		str_add(&s, "; when its witness is not 0 it is too long");
	else if (c->witness != UINT32_MAX)
		str_add(&s, ", or when it is 0 and the witness saw no memory");
	text = arena_strdup(t->arena, s.s);
	str_release(&s);
	return text;
}

/* What is left of each clause when the kernel has done its part, as -d plan prints it. */
static void tell_program(struct explain *x)
{
	static const char *const columns[] = { "what is left", NULL };
	struct teacher *t = &x->teacher;
	_cleanup_(str_release) struct str text = STR_INIT;
	char *rest, *line;

	lesson_begin(t, NULL, "program", "The program, as user space runs it for each record");
	lesson_text(t, "The kernel fetches what the program reads, and filters where that is surely the same; a fetch is a slot "
		       "of the record. All else is computed here.");
	for (unsigned i = 0; i < x->n_taps; i++)
		tap_print(x->taps[i], &text);
	lesson_table(t, "lines", columns);
	for (rest = text.s; (line = strsep(&rest, "\n"));)
		if (*line)
			lesson_row(t, *line == '\t' ? arena_fmt(t->arena, "  %s", line + 1) : line);
	lesson_show(t);
}

static void tell_user_space(struct explain *x)
{
	static const char *const columns[] = { "what", "how", NULL };
	struct teacher *t = &x->teacher;

	lesson_begin(t, NULL, "user_space", "What stays for user space");
	lesson_table(t, "parts", columns);
	lesson_row(t, "order", "each CPU has a buffer of its own: they are read together and merged by time");
	lesson_row(t, "pid", is_ftrace(x) ? "a record has the thread's number only: its process is known from /proc, "
					    "and for new threads from the kernel's reports of forks"
					  : "perf's records have process and thread");
	lesson_row(t, "loss", is_ftrace(x) ? "the buffers' statistics, and the count of hits against the records"
					   : "the buffers' own reports");
	for (unsigned i = 0; i < x->r.plan.n_sites; i++)
		for (unsigned k = 0; k < x->r.plan.sites[i]->n_captures; k++)
			lesson_row(t, x->r.plan.sites[i]->captures[k].name,
				   user_part(t, &x->r.plan.sites[i]->captures[k]));
	if (x->r.ustack || x->r.kstack)
		lesson_row(t, "stacks", "addresses become symbols");
	lesson_show(t);
	if (x->n_taps)
		tell_program(x);
}

static void tell_undo(struct explain *x)
{
	struct teacher *t = &x->teacher;
	struct str lines = STR_INIT;

	lesson_begin(t, NULL, "undo", "How it is taken back");
	lesson_text(t, "%s Then the definitions are deleted, by name. Four nets see to it, however trapline ends: the "
		       "normal way out; signals, which only wake the loop; a guardian process that outlives a kill -9; "
		       "and a journal in /run/trapline for `trapline clean` and the next start.",
		    is_ftrace(x) ? "Removing the instance disarms its events: the kernel puts the old byte back into "
				   "every process."
				 : "Closing the perf descriptors puts the old byte back.");
	plan_print_undo(&x->r.plan, root(x), &lines);
	lesson_lines(t, lines.s);
	str_release(&lines);
	lesson_show(t);
}

/* ---- one site ---- */

/* Is the word one of the list "a, b, c"? */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; p && *p; p += strcspn(p, ","), p += strspn(p, ", "))
		if (strncmp(p, word, n) == 0 && (p[n] == ',' || p[n] == '\0'))
			return true;
	return false;
}

static bool take_symbol(void *ctx, const struct symbol *y)
{
	struct subject *s = ctx;
	uint64_t address = s->address - s->site->symbol_offset;

	if (y->kind != SYMBOL_FUNC && y->kind != SYMBOL_IFUNC)
		return true;
	if (y->address != address && y->address + y->entry != address)
		return true;
	if (strcmp(y->name, s->site->symbol) != 0) {
		if (!has_word(s->aliases.s, y->name))
			str_addf(&s->aliases, "%s%s", s->aliases.len ? ", " : "", y->name);
	} else if (!s->symbol.name) {
		s->symbol = *y;
	}
	return true;
}

/* Reads again what the way to the site was; the file was good a moment ago. */
static bool open_subject(struct subject *s)
{
	const char *why = NULL;
	uint64_t begin, end;
	bool executable;
	int err = elf_open(s->site->kernel_path, &s->elf, &why);

	if (err)
		return diag_error(s->x->r.diags, s->site->def->target_span, "%s cannot be read: %s", s->site->path,
				  err == -ENOEXEC && why ? why : os_strerror(-err));
	if (!elf_offset_to_address(s->elf, s->site->offset, &s->address, &executable))
		return diag_error(s->x->r.diags, s->site->def->target_span, "%s has changed meanwhile", s->site->path);
	s->address -= s->site->shift;
	if (s->site->symbol)
		elf_symbols(s->elf, take_symbol, s);
	if (!elf_function_at(s->elf, s->address, &s->function) && elf_fde_at(s->elf, s->address, &begin, &end))
		s->function = (struct symbol){ .name = "", .kind = SYMBOL_FUNC, .address = begin,
					       .size = end - begin };
	if (s->symbol.name && !s->symbol.size && s->function.address == s->symbol.address) {
		s->symbol.size = s->function.size;
		s->symbol.guessed = true;
	}
	return true;
}

static bool explain_user_site(struct subject *s)
{
	if (!open_subject(s))
		return false;
	if (s->first) {
		tell_definition(s);
		tell_file(s);
	}
	tell_choice(s);
	if (s->site->category)
		explain_usdt(s->t, s->site, s->elf, s->address, our_path(s), USDT_NOTE);
	else if (s->symbol.name)
		tell_symbol(s);
	else
		tell_given_offset(s);
	tell_offset(s);
	tell_insn(s);
	if (s->site->category)
		explain_usdt(s->t, s->site, s->elf, s->address, our_path(s), USDT_VALUES);
	else
		tell_arguments(s);
	tell_captures(s);
	return true;
}

static bool explain_kernel_site(struct subject *s)
{
	if (s->site->provider == PROVIDER_SAMPLE) {
		tell_sample(s);
		return true;
	}
	if (s->first)
		tell_definition(s);
	if (s->site->category) {
		tell_event(s);
		if (s->site->line)
			tell_captures(s);
		return true;
	}
	tell_kernel_symbol(s);
	tell_arguments(s);
	tell_captures(s);
	return true;
}

static bool explain_site(struct explain *x, const struct site *site, bool first)
{
	struct subject s = { .x = x, .t = &x->teacher, .site = site, .first = first };
	bool ok = site->provider == PROVIDER_UPROBE ? explain_user_site(&s) : explain_kernel_site(&s);

	elf_close(s.elf);
	str_release(&s.aliases);
	return ok;
}

static bool explain_all(struct explain *x)
{
	struct site **sites = x->r.plan.sites;

	for (unsigned i = 0; i < x->r.plan.n_sites; i++)
		if (!explain_site(x, sites[i], !i || sites[i]->def != sites[i - 1]->def))
			return false;
	tell_writes(x);
	tell_user_space(x);
	tell_undo(x);
	return true;
}

/* ---- a program ---- */

/* As run.c does it: text -> tree -> checked tree -> taps -> sites. */
static bool expand_program(struct explain *x)
{
	char *const none[] = { NULL };
	struct program_options text = { .parameters = none, .named = none };
	struct check_options checks = { .args = attach_args, .find_type = attach_find_type, .ctx = &x->attach };
	struct source *src = arena_alloc(x->r.arena, sizeof(*src));
	struct lower_options lower;
	bool ok = true;

	*src = (struct source){ "stdin", x->text };
	x->attach = (struct attach){ .program = program_parse(x->r.arena, src, &text, x->r.diags),
				     .catalog = x->r.catalog, .diags = x->r.diags };
	if (!x->attach.program || !attach_check(&x->attach) ||
	    !program_check(x->attach.program, &checks, x->r.diags))
		return false;
	lower = attach_lower_options(&x->attach);
	if (!lower_program(x->attach.program, &lower, &x->taps, &x->n_taps, x->r.diags))
		return false;
	attach_kinds(x->taps, x->n_taps);
	x->r.found = (struct probe_context){ .arena = x->r.arena, .catalog = x->r.catalog, .diags = x->r.diags,
					     .opt = x->r.opt };
	for (unsigned i = 0; i < x->n_taps; i++)
		if (x->taps[i]->kind == TAP_EVENT)
			ok = attach_expand(&x->attach, &x->r.found, x->taps[i]) && ok;
	return attach_settle(&x->attach, &x->r.found) && ok;
}

static bool words_agree(struct explain *x)
{
	if (!x->text)
		return request_agrees(&x->r);
	if (x->r.n_definitions)
		return diag_error(x->r.diags, NO_SPAN, "-e and DEFINITIONs exclude each other");
	if (x->live)
		return diag_error(x->r.diags, NO_SPAN, "--live shows hits of DEFINITIONs, not of a program");
	return true;
}

/* ---- the command ---- */

static bool start(struct explain *x)
{
	struct out_options o = { .format = x->r.format, .fd = STDOUT_FILENO };

	if (x->live && !x->r.command && !x->r.opt.pid) {
		diag_error(x->r.diags, NO_SPAN, "--live shows a hit inside a process: which one?");
		return diag_hint(x->r.diags, "-c COMMAND runs one, -p PID takes one that runs");
	}
	if (x->pause && !x->live)
		return diag_error(x->r.diags, NO_SPAN, "--pause goes with --live");
	x->r.dry_run = !x->live;
	x->signals = o.stop_fd = pump_signals();
	x->teacher.out = out_new(&o);
	return true;
}

static bool explain(struct explain *x, int *status)
{
	struct plan_options o;

	if (!words_agree(x) || !start(x) || !request_open_tracefs(&x->r) ||
	    !(x->text ? expand_program(x) : request_expand(&x->r)))
		return false;
	if (x->live)
		return lens_run(x, explain_all, status);
	o = request_plan_options(&x->r);
	return request_plan(&x->r, &o) && explain_all(x);
}

int cmd_explain(int argc, char **argv)
{
	struct explain x = { .r = request_new() };
	struct diags *d = x.r.diags;
	enum opt_result parsed = opt_parse(&command, argc, argv, &x, d);
	int status = 0, err = 0;
	bool ok = parsed != OPT_ERROR;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	else if (ok)
		ok = explain(&x, &status);
	if (x.teacher.out)
		err = out_flush(x.teacher.out);
	if (ok && err == -EPIPE)
		ok = diag_error(d, NO_SPAN, "nobody reads the output any more");
	else if (ok && err && err != -EINTR)
		ok = diag_error(d, NO_SPAN, "the explanation cannot be written: %s", os_strerror(-err));
	diags_print(d, stderr);
	teacher_release(&x.teacher);
	request_release(&x.r);
	return ok ? status : 1;
}
