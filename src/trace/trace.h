/* trace.h - the front door of trace/: the only room that touches tracefs and perf.
 *
 *	tracefs.c	where tracefs is; reading and writing below it; the kernel's error log
 *	catalog.c	what this kernel has (rows of enum feature; lang.h declares the questions)
 *	session.c	carries out a plan, owns instance, journal, guardian; takes all back
 *	undo.c		undo_run(): the one function that takes a step back, for session, guardian, clean
 *	guard.c		the guardian process
 *	journal.c	/run/trapline: what clean and the next start need to finish a dead session's work
 *	reader.c	queues of records per CPU, merged by time
 *	ftrace.c	source 1: trace_pipe_raw pages of an instance
 *	perf.c		source 2: perf_event_open on the event's id
 *	ring.c		a perf ring buffer, and perf's clock
 *	decode.c	an event's bytes -> a record, by the offsets of its format file
 *	tasks.c		tid -> tgid, exact, from /proc and fork records
 *	target.c	the command of -c, held at the gate until everything is armed
 *	internal.h	what these say to each other
 *
 * Decides nothing: what is written stands in the plan.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "lang/lang.h"
#include "plan/plan.h"

/* ---- tracefs.c ---- */

struct tracefs;
/* Finds tracefs, mounts it when it is not mounted and we may (then tracefs_close() unmounts it).
 * Reports and returns NULL when there is none. */
struct tracefs *tracefs_open(struct diags *d);
void tracefs_close(struct tracefs *t);
const char *tracefs_root(const struct tracefs *t);
/* A directory descriptor of the root, for openat(); owned by t. */
int tracefs_dir(const struct tracefs *t);

/* ---- catalog.c ---- */

struct catalog *catalog_new(struct tracefs *t);
void catalog_free(struct catalog *c);

/* ---- target.c: the traced command ---- */

struct target;
/* Forks a child that waits before its exec. argv is NULL-terminated. 0 or -errno. */
int target_prepare(char **argv, struct target **out);
pid_t target_pid(const struct target *t);
/* Opens the gate; -errno of the exec when it failed (the child is then gone). */
int target_release(struct target *t);
/* A descriptor that becomes readable when the child has ended. */
int target_fd(const struct target *t);
/* The exit status as a shell would give it (128 + signal), or -1 while it runs. */
int target_status(struct target *t);
/* SIGTERM, if it still runs. */
void target_terminate(struct target *t);
/* Forgets the child: it goes on by itself. A child that was never released is ended. NULL is fine. */
void target_free(struct target *t);

/* ---- session.c ---- */

struct session_options {
	pid_t pid;		/* -p, or the child of -c: perf source; 0: everybody */
	bool at_exec;		/* the target has not called exec yet: count from there on */
	bool follow;		/* its children too */
	int stop_fd;		/* readable when the user wants to end, also while we arm; 0: none */
	/* Could this value, fetched at the site, be a pointer (user: into user space)? */
	bool (*is_pointer)(const struct site *site, uint64_t value, bool user);
};

struct session;
/* Finishes the work of dead sessions, then carries out the plan: journal and guardian first, then each
 * step. When it returns true, all is armed (with at_exec: armed for the exec). Reports and returns false
 * otherwise; *out is set in both cases and wants session_close(). Optional sites that the kernel
 * refused are reported as warnings, and left out. */
bool session_open(struct session **out, struct tracefs *t, const struct plan *p,
		  const struct session_options *opt, struct diags *d);
/* How many sites are armed. */
unsigned session_armed(const struct session *s);
/* A descriptor that is readable when there are records. */
int session_fd(const struct session *s);
/* Hands over what is ready, in time order. Records that could still be overtaken are kept back: call
 * again after session_settle_ms() (-1: nothing is kept back). last: nothing will come any more, hand
 * over everything. Returns 1 when something was read, 0 when nothing, -ECANCELED when the sink said
 * stop, or -errno. */
int session_drain(struct session *s, bool last, const struct sink *sink);
int session_settle_ms(const struct session *s);
/* How many records were handed over out of their order, because they came too late. */
uint64_t session_late(const struct session *s);
/* Stops recording (buffers can still be drained), so that the last drain comes to an end; the exact
 * counts of loss go to the sink in that last drain. */
void session_stop(struct session *s);
/* Undoes every step, in the order of DESIGN.md section 8; says on stderr what had to be left and why.
 * Safe on NULL and on a session that failed to open. Returns false when something was left. */
bool session_close(struct session *s);

/* ---- journal.c, undo.c ---- */

struct clean_report {
	unsigned finished;	/* dead sessions whose work was finished */
	unsigned left;		/* things that somebody else holds */
	unsigned alive;		/* sessions that live */
};
/* Finishes the work of dead sessions, and only of those; log (or NULL) gets a line for each thing. */
int clean_dead(struct tracefs *t, struct clean_report *r, FILE *log);
/* The name of a session of this process: trapline_PID_START. Lives in the arena. */
const char *session_name(struct arena *a);

#endif
