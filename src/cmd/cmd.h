/* cmd.h - the front door of cmd/: one file a command, each returns an exit status.
 *
 *	probe.c		trapline probe: definitions -> records
 *	pump.c		the loop between a session and an output: signals, the target's end, -d, -n
 *	list.c		trapline -l
 *	clean.c		trapline clean
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "out/out.h"
#include "sym/sym.h"
#include "trace/trace.h"

int cmd_probe(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_clean(int argc, char **argv);

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
