/* script.c - the command line of a program, and which program is meant.
 *
 *	trapline -e 'BEGIN { ... }' [PARAMETER...] [-- --NAME=VALUE...]
 *	trapline FILE [PARAMETER...]		a file, or - for standard input
 *	trapline opensnoop			a ready-made program, by its name without .bt
 *
 * The options are bpftrace's, so that what people have in their fingers and in #! lines works. Some of them are
 * about things that are not here (LLVM, BTF): they are accepted, and change nothing.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"

struct script script_new(void)
{
	return (struct script){ .arena = arena_new(), .diags = diags_new(), .format = "text" };
}

void script_release(struct script *s)
{
	free(s->parameters);
	free(s->named);
	free(s->include_dirs);
	free(s->include_files);
	diags_free(s->diags);
	arena_free(s->arena);
}

/* ---- the words ---- */

/* Behind `--`, what begins with two dashes is a parameter with a name. */
static bool set_word(void *ctx, const char *word, struct diags *d)
{
	struct script *s = ctx;

	if (str_starts(word, "--") && word[2])
		*MEM_PUSH(s->named, s->n_named) = (char *)word;
	else if (!s->program && !s->file)
		s->file = word;
	else
		*MEM_PUSH(s->parameters, s->n_parameters) = (char *)word;
	return true;
}

static bool set_program(void *ctx, const char *value, struct diags *d)
{
	struct script *s = ctx;

	if (s->program)
		return diag_error(d, NO_SPAN, "-e is given twice");
	s->program = value;
	if (s->file) {			/* the words before it were parameters all the same */
		*MEM_PUSH(s->parameters, s->n_parameters) = (char *)s->file;
		for (size_t i = s->n_parameters; i-- > 1;) {
			char *swap = s->parameters[i];

			s->parameters[i] = s->parameters[i - 1];
			s->parameters[i - 1] = swap;
		}
		s->file = NULL;
	}
	return true;
}

static bool set_pid(void *ctx, const char *value, struct diags *d)
{
	return option_pid(value, &((struct script *)ctx)->opt.pid, d);
}

static bool set_command(void *ctx, const char *value, struct diags *d)
{
	struct script *s = ctx;

	s->command = option_command(s->arena, value, d);
	return s->command != NULL;
}

static bool set_format(void *ctx, const char *value, struct diags *d)
{
	((struct script *)ctx)->format = value;
	return option_format(value, d);
}

static bool set_buffering(void *ctx, const char *value, struct diags *d)
{
	static const char *const modes[] = { [BUFFER_LINE] = "line", [BUFFER_FULL] = "full", [BUFFER_NONE] = "none" };

	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (strcmp(modes[i], value) == 0) {
			((struct script *)ctx)->buffering = (enum out_buffering)i;
			return true;
		}
	return diag_error(d, NO_SPAN, "USAGE: -B must be either 'line', 'full', or 'none', not '%s'", value);
}

static const char *const stages[] = {
	[STAGE_AST] = "ast", [STAGE_TYPES] = "types", [STAGE_PLAN] = "plan", [STAGE_RECORDS] = "records",
};

/* Stages of bpftrace's compiler, which -d and --mode name. */
static bool is_about_bpf(const char *word)
{
	static const char *const words[] = { "codegen", "codegen-opt", "libbpf", "verifier", "dis", "compiler-bench" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool set_stage(void *ctx, const char *value, struct diags *d)
{
	struct script *s = ctx;

	if (strcmp(value, "all") == 0) {
		s->stages |= 1u << STAGE_AST | 1u << STAGE_TYPES | 1u << STAGE_PLAN;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		if (strcmp(stages[i], value) == 0) {
			s->stages |= 1u << i;
			return true;
		}
	diag_error(d, NO_SPAN, "-d takes a stage: ast, types, plan, records or all, not '%s'", value);
	return is_about_bpf(value) && diag_hint(d, "no BPF code is made of a program: what it becomes is in -d plan");
}

static bool set_warnings(void *ctx, const char *value, struct diags *d)
{
	struct script *s = ctx;

	if (s->warnings) {
		diag_error(d, NO_SPAN, "-kk is no longer there");
		return diag_hint(d, "-k says all that there is to say");
	}
	s->warnings = true;
	return true;
}

static bool set_probe_filter(void *ctx, const char *value, struct diags *d)
{
	regex_t re;
	char why[128];
	int err = regcomp(&re, value, REG_EXTENDED | REG_NOSUB);

	if (err) {
		regerror(err, &re, why, sizeof(why));
		return diag_error(d, NO_SPAN, "--probe-filter: '%s' is no regular expression: %s", value, why);
	}
	regfree(&re);
	((struct script *)ctx)->probe_filter = value;
	return true;
}

static bool set_include_dir(void *ctx, const char *value, struct diags *d)
{
	struct script *s = ctx;

	*MEM_PUSH(s->include_dirs, s->n_include_dirs) = (char *)value;
	return true;
}

static bool set_include_file(void *ctx, const char *value, struct diags *d)
{
	struct script *s = ctx;

	*MEM_PUSH(s->include_files, s->n_include_files) = (char *)value;
	return true;
}

static bool set_mode(void *ctx, const char *value, struct diags *d)
{
	struct script *s = ctx;

	s->test = strcmp(value, "test") == 0;
	s->bench = strcmp(value, "bench") == 0;
	s->format_program = strcmp(value, "format") == 0;
	if (s->test || s->bench || s->format_program)
		return true;
	diag_error(d, NO_SPAN, "--mode is test, bench or format, not '%s'", value);
	return is_about_bpf(value) && diag_hint(d, "no BPF code is made of a program: what it becomes is in -d plan");
}

/* bpftrace's, about what is not here. */
static bool accept_value(void *ctx, const char *value, struct diags *d)
{
	return true;
}

static bool accept_switch(void *ctx, const char *value, struct diags *d)
{
	return true;
}

#define TEXT(name, field) \
	static bool name(void *ctx, const char *value, struct diags *d) \
	{ \
		((struct script *)ctx)->field = value; \
		return true; \
	}
#define SWITCH(name, field) \
	static bool name(void *ctx, const char *value, struct diags *d) \
	{ \
		((struct script *)ctx)->field = true; \
		return true; \
	}
TEXT(set_output, output)
TEXT(set_functions, functions)
SWITCH(set_list, list)
SWITCH(set_format_program, format_program)
SWITCH(set_test, test)
SWITCH(set_bench, bench)
SWITCH(set_dry_run, dry_run)
SWITCH(set_unsafe, unsafe)
SWITCH(set_quiet, quiet)
SWITCH(set_verbose, verbose)
SWITCH(set_no_warnings, no_warnings)
SWITCH(set_info, info)
SWITCH(set_version, version)

static const struct opt options[] = {
	{ 'e', NULL, "PROGRAM", "the program itself", set_program },
	{ 'p', "pid", "PID", "this process only; ends with it", set_pid },
	{ 'c', "cmd", "COMMAND", "run COMMAND, armed before its first instruction; its process only; ends with it",
	  set_command },
	{ 'o', "output", "FILE", "write what the program prints to FILE", set_output },
	{ 'f', "format", "FORMAT", "text or json", set_format },
	{ 'B', NULL, "MODE", "buffering of the output: line, full or none", set_buffering },
	{ 'q', "quiet", NULL, "no notice that the probes are attached", set_quiet },
	{ 'k', "warnings", NULL, "say when a read or a look-up in a map fails", set_warnings },
	{ 0, "no-warnings", NULL, "no warnings at all", set_no_warnings },
	{ 'v', "verbose", NULL, "say what is done in the kernel", set_verbose },
	{ 'd', "debug", "STAGE", "print what is made of the program, and end: ast, types, plan or all; records: each "
				 "record, and go on", set_stage },
	{ 0, "dry-run", NULL, "show the writes as shell lines, and their undo; write nothing", set_dry_run },
	{ 0, "fmt", NULL, "print the program, set anew", set_format_program },
	{ 0, "test", NULL, "run the program's test: probes", set_test },
	{ 0, "bench", NULL, "run the program's bench: probes, and say how long one takes", set_bench },
	{ 0, "mode", "MODE", "test, bench or format: the same as --test, --bench, --fmt", set_mode },
	{ 'l', "list", NULL, "list the probes of the program", set_list },
	{ 0, "returns", "HOW", "how uretprobes see returns: kernel, ret (at the return instructions), or auto",
	  option_returns },
	{ 0, "unsafe", NULL, "allow system() and signal(), and addresses of the kernel", set_unsafe },
	{ 0, "no-inlines", NULL, "probe a function's own code only, not where it was inlined", option_no_inlines },
	{ 0, "probe-filter", "REGEX", "only the probes that match; begin and end stay", set_probe_filter },
	{ 0, "traceable-functions", "FILE", "the kernel functions that may be probed, in place of "
					    "available_filter_functions", set_functions },
	{ 'I', NULL, "DIR", "where #include <FILE> looks first", set_include_dir },
	{ 0, "include", "FILE", "as if the program began with #include FILE", set_include_file },
	{ 0, "info", NULL, "what this kernel offers: the same as trapline info", set_info },
	{ 'V', "version", NULL, "say which version this is", set_version },
	{ 'b', "btf", NULL, "nothing", accept_switch },
	{ 0, "usdt-file-activation", NULL, "nothing: the kernel does it", accept_switch },
	{ 0, "no-feature", "LIST", "nothing", accept_value },
	{ 0, "debuginfo", "DIR[:DIR]", "where debug files are looked for before /usr/lib/debug", option_debuginfo },
	{ 0 }
};

static const struct opt_absent absent[] = {
	{ "emit-elf", "no BPF code is made of a program; --dry-run prints what is written to the kernel" },
	{ "emit-llvm", "no LLVM is needed; -d plan prints what becomes of a program" },
	{ "verify-llvm-ir", "no LLVM is needed; -d plan prints what becomes of a program" },
	{ "aot", "nothing takes so long that it would be done ahead; --dry-run prints shell lines that can be kept" },
	{ "dwarf-pid", "user stacks are walked by frame pointers, not by unwind tables" },
	{ NULL, NULL }
};

const struct opt_command script_command = {
	.absent = absent,
	.usage = "trapline [options] FILE [PARAMETER...] [-- --NAME=VALUE...]\n"
		 "trapline [options] -e PROGRAM [PARAMETER...]",
	.about = "Runs a program of bpftrace's language. FILE is a file, the name of a ready-made program, or - for "
		 "standard input.",
	.opts = options,
	.positional = set_word,
	.more = "EXAMPLES:\n"
		"  trapline -e 'uretprobe:/usr/bin/bash:readline { printf(\"%d %s\\n\", pid, str(retval)); }'\n"
		"  trapline -e 'tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }'\n"
		"  trapline -e 'profile:hz:99 { @[kstack] = count(); }'\n"
		"  trapline -c 'ls -l' -e 'uprobe:libc:malloc { @bytes = hist(arg0); }'\n",
};

/* ---- which file ---- */

bool script_is_file(const char *name)
{
	struct stat st;

	return tool_text(name) || (stat(name, &st) == 0 && S_ISREG(st.st_mode));
}

static int read_stdin(struct str *text)
{
	char part[4096];
	ssize_t n;

	while ((n = read(STDIN_FILENO, part, sizeof(part))) > 0)
		str_addn(text, part, (size_t)n);
	return n < 0 ? -errno : 0;
}

static bool no_file(struct script *s, int err)
{
	diag_error(s->diags, NO_SPAN, "failed to open file '%s': %s", s->file, os_strerror(-err));
	if (err == -ENOENT && !strpbrk(s->file, "/."))
		diag_hint(s->diags, "there is no command '%s' and no ready-made program either; trapline --help lists the "
				    "commands", s->file);
	return false;
}

static bool read_program(struct script *s)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	const char *known = tool_text(s->file);
	bool from_stdin = strcmp(s->file, "-") == 0;
	int err = 0;

	if (known)
		str_add(&text, known);
	else
		err = from_stdin ? read_stdin(&text) : os_read_file(AT_FDCWD, s->file, &text);
	if (err)
		return no_file(s, err);
	if (text.len && memchr(text.s, '\0', text.len))
		return diag_error(s->diags, NO_SPAN, "'%s' is no text", s->file);
	s->source.name = from_stdin ? "stdin" : s->file;
	s->source.text = arena_strndup(s->arena, text.s ? text.s : "", text.len);
	return true;
}

static bool agrees(struct script *s)
{
	if (s->opt.pid && s->command)
		return diag_error(s->diags, NO_SPAN, "Cannot specify both -p and -c");
	if (s->warnings && s->no_warnings)
		return diag_error(s->diags, NO_SPAN, "-k and --no-warnings exclude each other");
	if (!s->program && !s->file) {
		diag_error(s->diags, NO_SPAN, "a program is missing");
		return diag_hint(s->diags, "it is a file, or a text behind -e; trapline --help shows more");
	}
	return true;
}

bool script_read(struct script *s)
{
	if (!agrees(s))
		return false;
	*MEM_PUSH(s->parameters, s->n_parameters) = NULL;	/* their ends */
	*MEM_PUSH(s->named, s->n_named) = NULL;
	*MEM_PUSH(s->include_dirs, s->n_include_dirs) = NULL;
	*MEM_PUSH(s->include_files, s->n_include_files) = NULL;
	if (!s->program)
		return read_program(s);
	s->source = (struct source){ "stdin", s->program };
	return true;
}

/* ---- named parameters ---- */

static const struct named_parameter *find_parameter(const struct program *p, const char *word)
{
	size_t n = strcspn(word, "=");

	for (unsigned i = 0; i < p->n_parameters; i++)
		if (strlen(p->parameters[i].name) == n && strncmp(p->parameters[i].name, word, n) == 0)
			return &p->parameters[i];
	return NULL;
}

bool script_knows_parameters(struct script *s, const struct program *p)
{
	bool ok = true;

	for (char **word = s->named; *word; word++) {
		struct str_closest c = { .word = arena_strndup(s->arena, *word + 2, strcspn(*word + 2, "=")) };

		if (find_parameter(p, *word + 2))
			continue;
		for (unsigned i = 0; i < p->n_parameters; i++)
			str_closest_try(&c, p->parameters[i].name);
		ok = diag_error(s->diags, NO_SPAN, "unexpected program command line option: --%s", c.word);
		if (c.best)
			diag_hint(s->diags, "did you mean --%s?", c.best);
		else
			diag_hint(s->diags, p->n_parameters ? "-- --help lists those that the program has" :
							      "the program asks for none: there is no getopt() in it");
		free(c.best);
	}
	return ok;
}

static void print_parameter(const struct named_parameter *p)
{
	bool flag = strcmp(p->standard, "false") == 0 || strcmp(p->standard, "true") == 0;

	printf("    --%s%-*s%s%s(default: %s)\n", p->name, strlen(p->name) < 18 ? 20 - (int)strlen(p->name) : 2,
	       flag ? "" : "=VALUE", p->about ? p->about : "", p->about ? " " : "", p->standard);
}

bool script_help_parameters(const struct script *s, const struct program *p)
{
	char **word = s->named;

	while (*word && strcmp(*word, "--help") != 0)
		word++;
	if (!*word || find_parameter(p, "help"))
		return false;
	printf("USAGE:\n    trapline %s -- [--NAME=VALUE...]\n", s->program ? "-e PROGRAM" : s->file);
	puts(p->n_parameters ? "\nNAMED PARAMETERS:" : "\nThe program has no named parameters.");
	for (unsigned i = 0; i < p->n_parameters; i++)
		print_parameter(&p->parameters[i]);
	return true;
}
