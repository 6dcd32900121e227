/* cmd.h - the front door of cmd/: one file a command, each returns an exit status.
 *
 *	request.c	what probe and explain are asked for: definitions and options -> sites -> plan
 *	run.c		trapline PROGRAM: the order of a run, from a text to maps
 *	script.c	its command line; which file is meant
 *	play.c		the loop between a session, the evaluator and an output: records, ticks, signals
 *	names.c		names for what programs show: symbols, users, cgroups, other clocks
 *	probe.c		trapline probe: definitions -> records
 *	explain.c	trapline explain: the way from a name to the lines that are written
 *	lens.c		explain --live: a hit as it happens, in the process and in the ring buffer
 *	lesson.c	puts the steps of an explanation together
 *	pump.c		the loop between a session and an output: signals, the target's end, -d, -n
 *	list.c		trapline -l
 *	info.c		trapline info
 *	clean.c		trapline clean
 *	parse.c		trapline parse: a trace's text -> records
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/opt.h"
#include "eval/eval.h"
#include "out/out.h"
#include "probe/probe.h"
#include "sym/sym.h"
#include "trace/trace.h"

/* argv[0] is no word of the user's; `trapline -e PROG` and `trapline FILE` come here with all their words. */
int cmd_run(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_clean(int argc, char **argv);
int cmd_parse(int argc, char **argv);

/* ---- request.c ---- */

struct request {
	struct probe_options opt;		/* first, for the options that several commands have */
	struct arena *arena;
	struct diags *diags;

	/* from the command line */
	struct {
		const char *text, *filter;	/* a DEFINITION, and the filters that stand behind it */
	} *definitions;
	size_t n_definitions;
	const char *common_filter;		/* before any DEFINITION: for all */
	char **command;				/* -c, as words; or NULL */
	const char *format, *strings;
	unsigned buffer_kb;
	uint64_t duration_ns, count;		/* 0: no limit */
	bool ustack, kstack, follow;
	bool dry_run;				/* nothing will be written: tracefs need not be there */

	/* made on the way */
	struct tracefs *tracefs;
	struct catalog *catalog;
	struct probe_context found;
	struct plan plan;
};
struct request request_new(void);
/* Everything that was made; safe at every stage. */
void request_release(struct request *r);
/* For struct opt_command, whose context must begin with a struct request: the options, and DEFINITIONs. */
extern const struct opt request_options[];
bool request_definition(void *ctx, const char *word, struct diags *d);
/* The next four report and return false. Do the options go together? */
bool request_agrees(struct request *r);
bool request_open_tracefs(struct request *r);
bool request_expand(struct request *r);
/* How a probe of this kind is planned, and the plan. */
struct plan_options request_plan_options(const struct request *r);
bool request_plan(struct request *r, const struct plan_options *opt);
/* Values of options that several commands have; each reports and returns false, or NULL. A thread stands for its
 * process. The words of a command live in the arena. */
bool option_pid(const char *value, pid_t *pid, struct diags *d);
char **option_command(struct arena *a, const char *value, struct diags *d);
bool option_format(const char *value, struct diags *d);
bool option_count(const char *value, uint64_t *count, struct diags *d);
bool option_duration(const char *value, uint64_t *ns, struct diags *d);
/* The same as an option's function; ctx begins with a struct probe_options. */
bool option_returns(void *ctx, const char *value, struct diags *d);
bool option_no_inlines(void *ctx, const char *value, struct diags *d);
/* -v, of several commands: from now on each place where debug information is looked for is told on stderr. */
void tell_debug_sources(void);
/* For every command: who waits for a server of debug information is told so, on stderr. */
void tell_waits(void);
/* --debuginfo, of several commands; for the whole run, whatever ctx is. */
bool option_debuginfo(void *ctx, const char *value, struct diags *d);
/* How the strings of user probes can be fetched without danger; bounded: *why is a sentence. */
enum strings option_strings(struct catalog *c, const char **why);
/* Could this value be a pointer? For session_options. */
bool request_is_pointer(const struct site *site, uint64_t value, bool user);

/* ---- lesson.c ---- */

/* Who tells the lessons, one after the other. */
struct teacher {
	struct out *out;
	struct arena *arena;		/* of the lesson at hand */
	struct lesson lesson;
};
void teacher_release(struct teacher *t);
/* Begins a step about a site (NULL: about all). Keys are static; the title is a format. */
void lesson_begin(struct teacher *t, const struct site *site, const char *key, const char *title, ...) PRINTF(4, 5);
void lesson_show(struct teacher *t);
/* The kinds of notes, as struct note has them; key and label are static. */
void lesson_text(struct teacher *t, const char *fmt, ...) PRINTF(2, 3);
void lesson_fact(struct teacher *t, const char *key, const char *label, const char *fmt, ...) PRINTF(4, 5);
void lesson_number(struct teacher *t, const char *key, const char *label, uint64_t number, const char *fmt, ...)
	PRINTF(5, 6);
void lesson_command(struct teacher *t, const char *fmt, ...) PRINTF(2, 3);
/* A command for each line of the text; a comment becomes a paragraph. */
void lesson_lines(struct teacher *t, const char *lines);
/* A table, whose rows follow; a row has a string or NULL for each column. Where a column's head begins with # programs
 * get numbers. */
void lesson_table(struct teacher *t, const char *key, const char *const *columns);
void lesson_row(struct teacher *t, ...);
/* Texts that live as long as the lesson at hand: bytes as hex; a word as a shell wants it. */
const char *lesson_hex(struct teacher *t, const unsigned char *bytes, size_t n);
const char *lesson_word(struct teacher *t, const char *word);

/* ---- explain.c, lens.c ---- */

struct explain {
	struct request r;		/* first: the setters of its options get it as their context */
	bool live, pause;
	const char *text;		/* -e: a program in place of definitions; or NULL */
	struct attach attach;
	struct tap **taps;		/* of the program */
	unsigned n_taps;
	struct teacher teacher;
	int signals;			/* of pump_signals() */
};
int cmd_explain(int argc, char **argv);
/* explain_usdt.c: the lessons that a USDT probe has in place of a function's. address: the file's own counting; path:
 * how we can reach it. */
enum usdt_lesson { USDT_NOTE, USDT_VALUES };
void explain_usdt(struct teacher *t, const struct site *site, struct elf_file *elf, uint64_t address, const char *path,
		  enum usdt_lesson which);
/* Plans for one process, has the way told, then arms it and shows it happen. Reports and returns false; *status is the
 * command's. */
bool lens_run(struct explain *x, bool (*tell)(struct explain *x), int *status);
/* ---- pump.c ---- */

struct pump {
	struct session *session;
	struct out *out;
	struct target *target;		/* -c, or NULL */
	pid_t pid;			/* -p: the run ends with this process; 0: none */
	struct addresses *addresses;	/* for stacks */
	int signals;			/* of pump_signals() */
	int out_fd;			/* watched for a reader that went away */
	uint64_t duration_ns;		/* -d; 0: no limit */
	uint64_t count;			/* -n; 0: no limit */

	/* made by pump_run() */
	uint64_t deadline;		/* CLOCK_MONOTONIC, 0: none */

	/* results */
	uint64_t records;
	int error;			/* -errno that ended the output or the reading, or 0 */
	bool reading_failed;		/* it was the reading */
	bool interrupted;		/* by a signal */
};

/* Blocks the signals that end a run, and returns the descriptor from which they can be read; SIGPIPE is
 * ignored. Call it before anything is armed. -1 with errno set. */
int pump_signals(void);
/* For out_options: ends a recording whose time is over while the output's reader stalls. ctx: the pump. */
void pump_stalled(void *ctx);
/* Runs until the target ends, a signal comes, the limits are reached or the output fails; then stops the
 * session and hands over what is left. */
void pump_run(struct pump *p);
/* A descriptor that becomes readable when the target (or else the process pid) ends; -1: there is none, or the
 * kernel has no such. The target's is its own. */
int pump_open_process(const struct target *t, pid_t pid);

/* ---- script.c ---- */

/* What the command line of a program asks for. */
struct script {
	struct probe_options opt;		/* first, for the options that several commands have */
	struct arena *arena;
	struct diags *diags;
	struct source source;			/* the program; text NULL: not read yet */
	const char *program, *file;		/* -e, or the file's name */
	char **parameters, **named;		/* $1 ..., "--name=value"; without their NULL */
	char **include_dirs, **include_files;
	size_t n_parameters, n_named, n_include_dirs, n_include_files;
	char **command;				/* -c, as words; or NULL */
	const char *output, *format, *probe_filter, *functions;
	enum out_buffering buffering;
	unsigned stages;			/* -d: bits of 1 << enum stage_kind */
	bool list, format_program, test, bench, dry_run, unsafe, quiet, verbose, warnings, no_warnings;
	bool info, version;
};
enum stage_kind { STAGE_AST, STAGE_TYPES, STAGE_PLAN, STAGE_RECORDS };
struct script script_new(void);
void script_release(struct script *s);
extern const struct opt_command script_command;	/* its context is the script */
/* Do the options go together? Then finds the program's file and reads it. Reports and returns false. */
bool script_read(struct script *s);
/* Are the named parameters (`-- --name=value`) such as the checked program asks for? Reports and returns false. */
bool script_knows_parameters(struct script *s, const struct program *p);
/* `-- --help`: was it asked for? Then prints what named parameters there are. */
bool script_help_parameters(const struct script *s, const struct program *p);
/* Is there such a file, or a ready-made program of this name? */
bool script_is_file(const char *name);

/* ---- tools.c ---- */

/* A ready-made program by its name, with or without .bt; NULL: there is none. */
const char *tool_text(const char *name);
/* A line for each. */
void tools_list(FILE *to);

/* ---- list.c ---- */

/* "struct foo": no probe, but a type whose layout is shown. */
bool list_is_type(const char *pattern);
/* Prints the points that a program probes, as far as there are any. Reports what cannot be listed. */
void list_program(const struct program *p, struct catalog *catalog, pid_t pid, bool verbose, struct diags *d);

/* ---- info.c ---- */

/* Appends what may hold a stranger's words to a line that has backslashes of our own, which stay as they are. */
void info_add_clean(struct str *s, const char *text);

/* ---- names.c ---- */

struct name_book;
/* pid: as whom files are looked up; 0: as ourselves. addresses stays the caller's. */
struct name_book *name_book_new(struct addresses *addresses, pid_t pid);
void name_book_free(struct name_book *b);
struct names name_book_names(struct name_book *b, const struct config *config, bool terminal);

/* ---- play.c ---- */

struct play {
	struct program *program;
	struct tap **taps;		/* with their kinds */
	unsigned n_taps;
	struct session *session;	/* NULL: nothing of the kernel is asked for */
	struct out *out;
	struct out *records;		/* -d records: where each one is shown first; or NULL */
	const struct names *names;
	struct addresses *addresses;
	bool user_symbols;		/* some value is an address of a process */
	struct target *target;		/* -c, or NULL */
	pid_t pid;			/* -p: the run ends with this process; 0: none */
	int signals;			/* of pump_signals() */
	int out_fd;			/* watched for a reader that went away */
	unsigned attached;		/* how many probes there are, for the notice */
	const char *notice;		/* said behind it; or NULL */
	struct eval_options eval;	/* start_ns: when arming began */
	bool tests, benchmarks;		/* only the taps that are such, each for itself */
	/* Lets the command go; called when `begin` was played. False: reported. */
	bool (*release)(void *ctx);
	void *release_ctx;

	/* results */
	int exit_status;		/* of exit(), or 0 */
	bool exited, interrupted, failed;	/* by exit(); by a signal; release() has failed */
	int error;			/* -errno that ended the output or the reading, or 0 */
	bool reading_failed;		/* it was the reading */
	unsigned failed_tests;
};
/* Plays the program to its end. */
void play_run(struct play *p);

#endif
