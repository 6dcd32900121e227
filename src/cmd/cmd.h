/* cmd.h - the front door of cmd/: one file a command, each returns an exit status.
 *
 *	request.c	what probe and explain are asked for: definitions and options -> sites -> plan
 *	probe.c		trapline probe: definitions -> records
 *	pump.c		the loop between a session and an output: signals, the target's end, -d, -n
 *	list.c		trapline -l
 *	clean.c		trapline clean
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/opt.h"
#include "out/out.h"
#include "probe/probe.h"
#include "sym/sym.h"
#include "trace/trace.h"

int cmd_probe(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_clean(int argc, char **argv);

/* ---- request.c ---- */

struct request {
	struct arena *arena;
	struct diags *diags;

	/* from the command line */
	struct {
		const char *text, *filter;	/* a DEFINITION, and the filters that stand behind it */
	} *definitions;
	size_t n_definitions;
	const char *common_filter;		/* before any DEFINITION: for all */
	struct probe_options opt;
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

#endif
