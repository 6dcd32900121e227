/* trace.h - the front door of trace/: the only room that touches tracefs and perf.
 *
 *	tracefs.c	where tracefs is; reading and writing below it; the kernel's error log
 *	privilege.c	why the kernel says no, when the reason is who we are
 *	catalog.c	what this kernel has (rows of enum feature; lang.h declares the questions)
 *	trial.c		how it is asked: trial definitions, an instance of our own, perf events
 *	lists.c		its functions, events and fields
 *	holders.c	who has files of tracefs open
 *	rival.c		which probe keeps ours from its place
 *	foreign.c	what else is defined in tracefs, whose it may be, and how to remove it safely
 *	session.c	carries out a plan, owns instance, journal, guardian; takes all back
 *	undo.c		undo_run(): the one function that takes a step back, for session, guardian, clean
 *	guard.c		the guardian process
 *	journal.c	/run/trapline: what clean and the next start need to finish a dead session's work
 *	reader.c	queues of records per CPU, merged by time
 *	ftrace.c	source 1: trace_pipe_raw pages of an instance
 *	perf.c		source 2: perf_event_open on the event's id
 *	ring.c		a perf ring buffer, and perf's clock
 *	decode.c	an event's bytes -> a record, by the offsets of its format file
 *	tasks.c		tid -> tgid, names, users, parents: exact, from /proc and reports of forks and names
 *	target.c	the command of -c, held at the gate until everything is armed
 *	text.c		a trace's text -> records, without any kernel
 *	watch.c		a process under the lens: its memory, and its command held still (explain --live)
 *	internal.h	what these say to each other
 *
 * Decides nothing: what is written stands in the plan.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <signal.h>

#include "lang/lang.h"
#include "plan/plan.h"

/* ---- tracefs.c ---- */

struct tracefs;
/* Finds tracefs, mounts it when it is not mounted and we may. tracefs_close() unmounts it then; also what another
 * trapline mounted, when nobody uses it any more.
 * Reports and returns NULL when there is none. */
struct tracefs *tracefs_open(struct diags *d);
/* The same, quietly: why gets the reason, todo what the user can do about it (may stay empty). */
struct tracefs *tracefs_find(struct str *why, struct str *todo);
void tracefs_close(struct tracefs *t);
const char *tracefs_root(const struct tracefs *t);
/* A directory descriptor of the root, for openat(); owned by t. */
int tracefs_dir(const struct tracefs *t);

/* ---- catalog.c ---- */

/* t NULL: there is no tracefs, and why_not says why; then only what needs none can be asked. */
struct catalog *catalog_new(struct tracefs *t);
struct catalog *catalog_new_without(const char *why_not);
/* A file in the place of available_filter_functions, which catalog_functions() reads; it stays the caller's. 0, or
 * -errno when it cannot be read. */
int catalog_use_functions(struct catalog *c, const char *path);
/* Takes back what the trials left, also when somebody held it at first. */
void catalog_free(struct catalog *c);

/* ---- trial.c ---- */

/* Nobody may interrupt what is taken back at once: the signals that end a program wait, until the mask that was
 * there before is set again. */
void trial_hold_signals(sigset_t *before);
void trial_let_signals(const sigset_t *before);

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

/* ---- watch.c ---- */

/* Reads n bytes of a process's memory. How many there are, or -errno. */
long watch_memory(pid_t pid, uint64_t address, void *buf, size_t n);
enum watch_event {
	WATCH_NOTHING,		/* it runs */
	WATCH_EXEC,		/* stopped: the program is loaded, its first instruction not yet executed */
	WATCH_SYSCALL,		/* stopped at a system call's entry or return */
	WATCH_EXIT,		/* stopped: it is about to end, its memory is still there */
	WATCH_GONE,		/* it has ended, or is not watched */
};
/* Begins to hold a child of ours, by ptrace(2), at the moments above. 0 or -errno. */
int watch_begin(pid_t pid);
/* What has happened to it, without waiting. Signals that stop it are passed on. */
enum watch_event watch_next(pid_t pid);
/* Lets it go on, to its next system call if to_syscall. */
void watch_go(pid_t pid, bool to_syscall);
/* Lets it go on by itself for ever. held: it is at a stop that watch_next() has told of. */
void watch_end(pid_t pid, bool held);

/* ---- tasks.c ---- */

/* What a thread and its process are or, when they have ended, were. */
struct task_facts {
	pid_t pid, ppid;
	uint32_t uid, gid;	/* of the thread: the real ones */
	uint64_t cgroup;	/* inode of its directory in cgroup2; 0: not known */
	const char *comm;	/* of its first thread; data from a stranger; stays until the next question */
};
struct tasks;
/* For who has no session: knows what /proc says now. */
struct tasks *tasks_alone(void);
void tasks_close(struct tasks *t);
/* Of a thread and the process that it belongs to. False: nothing is known of it. */
bool tasks_process(struct tasks *t, pid_t tid, struct task_facts *out);

/* ---- session.c ---- */

struct session_options {
	pid_t pid;		/* -p, or the child of -c: perf source; 0: everybody */
	bool at_exec;		/* the target has not called exec yet: count from there on */
	bool follow;		/* its children too */
	bool names;		/* records of static events get the thread's name */
	bool processes;		/* and session_process() will be asked */
	bool mappings;		/* the sink is told what code processes map, also without stacks of them (perf source) */
	int stop_fd;		/* readable when the user wants to end, also while we arm; 0: none */
	/* Could this value, fetched at the site, be a pointer (user: into user space)? */
	bool (*is_pointer)(const struct site *site, uint64_t value, bool user);
	/* Is the site's file still the one that was looked at? If not, *why becomes a sentence. NULL: not asked */
	bool (*is_unchanged)(const struct site *site, struct str *why);
};

struct session;
/* Finishes the work of dead sessions, then carries out the plan: journal and guardian first, then each
 * step. When it returns true, all is armed (with at_exec: armed for the exec). Reports and returns false
 * otherwise; *out is set in both cases and wants session_close(). Optional sites that the kernel
 * refused are reported as warnings, and left out. */
bool session_open(struct session **out, struct tracefs *t, const struct plan *p,
		  const struct session_options *opt, struct diags *d);
/* How many probes are armed, however many sites they have. */
unsigned session_armed(const struct session *s);
/* Is this site armed, and the first of its probe's that is? False also when s is NULL. */
bool session_has(const struct session *s, const struct site *site);
/* A field of an event as its format file has it. Lives for the call. */
struct event_field {
	const char *name;
	unsigned offset, size;		/* bytes */
	bool is_signed;
	bool is_place;			/* the field has the place of the value: offset, and length << 16 */
};
/* All fields of a site's event, common ones first. 0 or -errno. */
int session_fields(const struct session *s, const struct site *site,
		   void (*fn)(void *ctx, const struct event_field *f), void *ctx);
/* A descriptor that is readable when there are records. */
int session_fd(const struct session *s);
/* Everything that happened before this time (CLOCK_BOOTTIME) has been handed over. */
uint64_t session_horizon(const struct session *s);
/* Of a thread and its process (options.processes), at the time of the record at hand. False: nothing is known of
 * it. */
bool session_process(struct session *s, pid_t tid, struct task_facts *out);
/* The name of a thread at that time; "" when it is not known. */
const char *session_comm(struct session *s, pid_t tid);
/* Hands over what is ready, in time order. Records that could still be overtaken are kept back: call
 * again after session_settle_ms() (-1: nothing is kept back). last: nothing will come any more, hand
 * over everything. Returns 1 when something was read, 0 when nothing, -ECANCELED when the sink said
 * stop, or -errno. */
int session_drain(struct session *s, bool last, const struct sink *sink);
int session_settle_ms(const struct session *s);
/* Ends the watchpoints (TAP_WATCHPOINT) of an address: what they saw since, and is not handed over yet, is dropped. False:
 * there is none, or no more. */
bool session_unwatch(struct session *s, uint64_t address);
/* How many records were handed over out of their order, because they came too late. */
uint64_t session_late(const struct session *s);
/* Stops recording (buffers can still be drained), so that the last drain comes to an end; the exact
 * counts of loss go to the sink in that last drain. */
void session_stop(struct session *s);
/* Undoes every step, in the order of DESIGN.md section 8; says on stderr what had to be left and why.
 * Safe on NULL and on a session that failed to open. Returns false when something was left. */
bool session_close(struct session *s);

/* ---- text.c: the text of trace, trace_pipe, trace-cmd report, perf script ---- */

/* A line of which no record could be made. */
struct text_unread {
	uint64_t line;		/* its number, from 1 */
	const char *why;	/* a sentence that begins with "it" or "a" */
	char text[80];		/* how it begins, without NUL; data from a stranger */
	size_t len;
	bool cut;		/* it goes on */
};
struct text_reason {
	const char *why;
	uint64_t lines, first_line;
};
struct text_sum {
	uint64_t lines, records;
	uint64_t guessed;	/* records with a value whose end is a guess */
	uint64_t losses, lost;	/* reports of loss, and the sum of what they say */
	uint64_t unread;	/* lines */
	struct text_unread first[5];
	unsigned n_first;
	struct text_reason reasons[8];
	unsigned n_reasons;
};

struct text;
/* The records' time is that of the text, in nanoseconds of whatever clock it was; pid is -1 where the text
 * has no thread group; lost.count is 0 where it does not say how many. */
struct text *text_new(const struct sink *sink);
void text_free(struct text *t);
/* Where more of the text may be written, and how many bytes of it (at least 60 KB). */
char *text_room(struct text *t, size_t *n);
/* So many bytes were written there: hands over the records that are whole. False: the sink said stop. */
bool text_added(struct text *t, size_t n);
/* Records wait for what may belong to them. */
bool text_waits(const struct text *t);
/* Nothing more comes for the moment: hands over what waits, but for a record in the middle of a text. */
bool text_pause(struct text *t);
/* Nothing more will come: hands over everything. */
bool text_end(struct text *t);
const struct text_sum *text_sum(const struct text *t);
/* Where the record at hand was hit, in the text's own words; *n is 0 when it does not say. Lives until the next
 * record. */
const char *text_place(const struct text *t, bool ret, size_t *n);

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

/* ---- foreign.c ---- */

enum thing_kind {
	THING_EVENT,		/* somebody has defined it: name is GROUP/EVENT */
	THING_STATIC,		/* an event of the kernel's own, that somebody uses */
	THING_INSTANCE,
	THING_SETTING,		/* of the top level: name is the file */
};

/* Something in tracefs that is not as in one that nobody uses. Texts live as long as the list; names, texts and
 * owners hold what strangers wrote. */
struct thing {
	enum thing_kind kind;
	const char *name;
	const char *file;	/* events: where it is defined */
	const char *text;	/* events: the definition, a line for each address; settings: what is written there */
	unsigned addresses;
	const char *state;	/* where it is enabled, what it means; or NULL */
	const char *owner;	/* whose it may be; NULL: nothing tells */
	const char *holders;	/* instances: who has its files open; or NULL */
	const char *undo;	/* settings: the shell line that takes it back; or NULL */
};

struct foreign;
/* Looks at all that there is. */
struct foreign *foreign_find(struct tracefs *t);
void foreign_free(struct foreign *f);
/* Thing n (0..), NULL behind the last. */
const struct thing *foreign_thing(const struct foreign *f, size_t n);
/* Appends which processes have files of tracefs open outside of instances. */
void foreign_holders(const struct foreign *f, struct str *out);
/* Removes what the user names, an event GROUP/EVENT or an instance, when nobody uses it and it is not a live
 * session's. Reports and returns false when it stays. */
bool foreign_remove(struct foreign *f, const char *name, struct diags *d);

#endif
