/* internal.h - what the files of trace/ say to each other, and to nobody else. */
#ifndef TRACE_INTERNAL_H
#define TRACE_INTERNAL_H

#include "base/os.h"
#include "trace/trace.h"

/* ---- tracefs.c: all paths are below the root ---- */

/* The files that define probes: they are only ever opened for append. */
extern const char *const tracefs_probe_files[];		/* NULL ends */

int tracefs_append(const struct tracefs *t, const char *file, const char *line);
int tracefs_write(const struct tracefs *t, const char *file, const char *text);
int tracefs_read(const struct tracefs *t, const char *file, struct str *out);
/* Is there a file or directory? Whoever has the capability to look gets a true answer; access(2) asks for the
 * user that we were, who may have none. */
bool tracefs_has(const struct tracefs *t, const char *file);
/* The kernel's own words about a line that it refused, and the byte of the line that they point at. */
bool tracefs_complaint(const struct tracefs *t, const char *line, struct str *text, unsigned *column);
/* The same for a filter, read back from the event's filter file. */
bool tracefs_filter_complaint(const struct tracefs *t, const char *file, struct str *text,
			      unsigned *column);
/* Calls fn for each entry of a directory but the dotted ones; fn returns false to stop. 0 or -errno. */
int tracefs_each(const struct tracefs *t, const char *dir, bool (*fn)(void *ctx, const char *name),
		 void *ctx);
/* Unmounts what this or another trapline has mounted, when nobody uses it. */
void tracefs_unmount(struct tracefs *t);

/* ---- privilege.c: why the kernel says no, and what to do about it ---- */

/* What a failed access to a file of tracefs (NULL: its root directory; then -ENODATA: it is empty) means. todo may
 * stay empty. */
void tracefs_why(const char *root, const char *file, int err, struct str *why, struct str *todo);
/* What a failed mount means. */
void mount_why(const char *type, const char *place, int err, struct str *why, struct str *todo);
/* What a failed perf_event_open() means, when it was for want of permission or of perf itself: then false. */
bool perf_why(int err, struct str *why, struct str *todo);
/* Appends "none", "integrity" or "confidentiality"; returns the file that says so, NULL when none does. */
const char *lockdown_state(struct str *out);
/* Is the kernel locked down so far that it shows nothing to anybody? Then why says so, of `what`. */
bool locked_down(const char *what, struct str *why, struct str *todo);

/* ---- catalog.c ---- */

/* NULL when there is no tracefs. */
struct tracefs *catalog_tracefs(const struct catalog *c);
/* What catalog_use_functions() said, or NULL. */
const char *catalog_functions_file(const struct catalog *c);

/* ---- trial.c ---- */

struct reply {
	enum answer answer;
	const char *asked, *why, *value;	/* as in struct feature_info */
};
/* What the trials of a catalog share: the name of a group, and of an instance that is made by trial_instance()
 * and stays until trials_free(). t may be NULL for trials that are not in tracefs. */
struct trials;
struct trials *trials_new(struct tracefs *t);
void trials_free(struct trials *q);
/* Each asks one question; file and line are the catalog's row's. */
typedef struct reply trial(struct trials *q, const char *file, const char *line);
trial trial_read;		/* can the file be read? */
trial trial_word;		/* is `line` a word of the file? */
trial trial_comment;		/* does it take a line that changes nothing? */
trial trial_define;		/* ... a definition? EVENT and FILE in it are filled in */
trial trial_synthetic;
trial trial_instance;
trial trial_setting;		/* in the instance, as are the next two */
trial trial_filter, trial_trigger;
trial trial_perf, trial_perf_forks, trial_perf_user_stack, trial_perf_kernel_stack, trial_perf_watchpoint, trial_perf_event;
trial trial_perf_end;
trial trial_file;		/* is there this file, outside tracefs? */
trial trial_value;		/* is the number in it at most `line`? */
trial trial_lockdown, trial_kallsyms, trial_connector;

/* ---- undo.c ---- */

/* Takes one step back. 0 when it is undone now (or was never done), -EBUSY when somebody holds it. */
int undo_run(const struct tracefs *t, const struct undo *u);
/* Takes all steps of a plan back, last one first. Returns how many could not be taken back; log, when
 * not NULL, gets a line for each. */
unsigned undo_plan(const struct tracefs *t, const struct plan *p, FILE *log);

/* ---- journal.c ---- */

struct journal {
	int fd;			/* its lock says that we live; -1: none */
	char *path;
	bool named;		/* it can be found under its path */
};
/* Writes down the whole way back, and locks it. */
bool journal_open(struct journal *j, const struct plan *p, struct diags *d);
/* Lets others find it; the guardian, who would remove it, must be there by now. */
bool journal_publish(struct journal *j, struct diags *d);
/* Removes the file: the work is done. */
void journal_unlink(struct journal *j);
void journal_release(struct journal *j);
/* trapline_PID_START, strictly. */
bool session_name_parse(const char *name, pid_t *pid, uint64_t *start);
/* True when it is the name of a session that lives, or whose guardian does. */
bool session_is_alive(const char *name);

/* ---- holders.c ---- */

/* A process that has a file of tracefs open, or a perf event (file NULL). */
struct holder {
	pid_t pid;
	const char *comm;		/* scrubbed */
	const char *file;		/* below the root */
};
struct holders {
	struct holder *all;
	size_t n;
};
/* Looks through /proc; texts live in the arena. */
void holders_find(struct tracefs *t, struct arena *a, struct holders *out);
void holders_release(struct holders *h);
/* Appends who has files open below dir ("instances/x/"; "": outside of all instances): "cat (471): trace_pipe". */
void holders_of(const struct holders *h, const char *dir, struct str *out);
void holders_with_perf(const struct holders *h, struct str *out);
/* The name of a process, scrubbed, in the arena; NULL when it is gone. */
const char *process_name(struct arena *a, pid_t pid);

/* ---- rival.c ---- */

/* Appends which probe at the site's place has another reference counter, a sentence. False: none is known. */
bool rival_words(struct tracefs *t, const struct site *site, struct str *out);

/* ---- guard.c ---- */

struct guard {
	pid_t pid;		/* 0: none */
	int pipe;
};
int guard_start(struct guard *g, struct tracefs *t, const struct plan *p, struct journal *j);
/* Tells the guardian that all is undone, and waits until it has gone. */
void guard_dismiss(struct guard *g);

/* ---- decode.c ---- */

/* A field of an event, as its format file tells. */
struct field {
	const char *type, *name;	/* "__data_loc char[]", "cmd" */
	unsigned offset, size;
	bool is_signed;
};
struct format {
	unsigned id;
	struct field *fields;
	unsigned n_fields;
	const char *print;		/* "(%lx) a=%d", REC->... */
};
/* Reads the text of a format file; everything lives in the arena. */
bool format_parse(struct arena *a, const char *text, struct format *out);
/* The declaration of a field as C writes it: "u64 arr[]". */
void format_declaration(const struct field *f, struct str *out);

/* What decoding needs to know about an event, decided once. */
struct decoder {
	struct site *site;
	bool (*is_pointer)(const struct site *site, uint64_t value, bool user);
	unsigned id;
	unsigned ip, ret_ip;		/* offsets; ret_ip 0: not a return probe */
	unsigned ip_size;		/* bytes of either */
	const struct field *slots;
	unsigned n_slots;
	struct captured *values;	/* one for each capture, used again for every record */
	struct str scratch;		/* of values that must be put together */
	uint64_t caller;		/* of the record at hand, when the site fetches it */
	struct frame *frames;
	unsigned n_frames, room_frames;
	unsigned char *located;		/* per slot, an enum located: where its data is */
	unsigned comm;			/* offset of the field that locates the thread's name; 0: there is none */
	unsigned *texts, n_texts;	/* offsets of the fields that locate texts, in order */
	unsigned *texts_before;		/* per slot, and behind the last: how many of them come before it */
};
/* Learns the event's format; completes the site's captures where only the kernel knew. */
bool decoder_init(struct decoder *dec, struct arena *a, struct site *site, const char *format);
void decoder_release(struct decoder *dec);
/* Fills site, comm, address and values of *r from the event's bytes. */
void decode(struct decoder *dec, const unsigned char *data, size_t size, struct record *r);
/* Fills the stacks of *r from a perf callchain; after decode(). */
void decode_callchain(struct decoder *dec, const unsigned char *ips, size_t n, struct record *r);

/* ---- reader.c ---- */

enum item_kind {
	ITEM_NOTHING,
	ITEM_EVENT,			/* of ftrace */
	ITEM_SAMPLE,			/* of perf */
	ITEM_MAPPED,
	ITEM_FORK,
	ITEM_NAMED, ITEM_END, ITEM_IDENTITY, ITEM_PLACE,	/* for tasks_told() */
};

/* One thing that happened, still in the memory that it was read into. */
struct item {
	enum item_kind kind;
	uint64_t time;			/* CLOCK_BOOTTIME */
	const unsigned char *data;
	size_t size;
};

/* A piece of memory that was read from the kernel: a sub-buffer, or a stretch of a perf ring. */
struct chunk {
	struct chunk *next;
	size_t size, room;
	unsigned char data[];
};

/* The records of one CPU from one source, oldest first. A source adds chunks in fill(); next() finds
 * the item at the cursor of the first chunk. */
struct queue {
	int cpu;
	void *source;
	/* Reads what there is, or what is older than `note`, or a portion of it: then `whole` becomes the time up to
	 * which all was read. Bytes read, or -errno. */
	long (*fill)(struct queue *q, uint64_t note);
	uint64_t whole;			/* UINT64_MAX: there is no more */
	/* The item at c->data[q->at], after which q->at moves; false: this chunk has no more. */
	bool (*next)(struct queue *q, const struct chunk *c, struct item *item);
	bool background;		/* it alone is no reason to wake up */
	struct chunk *first, *last, *spare;
	size_t at;
	uint64_t time;			/* a time that next() may keep between items */
	struct item item;		/* the oldest one, or ITEM_NOTHING */
};
struct chunk *queue_chunk(struct queue *q, size_t room);	/* an empty one, not yet part of q */
void queue_add(struct queue *q, struct chunk *c);
void queue_spare(struct queue *q, struct chunk *c);		/* it was not needed */

struct reader {
	struct queue **queues;
	unsigned n_queues;
	uint64_t note;			/* when the round before began */
	uint64_t horizon;		/* all that is older was handed over */
	uint64_t handed;		/* time of the newest item that was handed over */
	uint64_t late;			/* items that came later than their time */
};
/* A new queue, which the reader owns; it is read from as soon as fill is set. */
struct queue *reader_queue(struct reader *r);
/* One round: fills every queue and hands over, in time order, what can no longer be overtaken; with
 * last all that there is. Returns 1, 0 (nothing read), -ECANCELED when handle said stop, or -errno. */
int reader_round(struct reader *r, bool last,
		 bool (*handle)(void *ctx, struct queue *q, const struct item *i), void *ctx);
/* True when something waits to be handed over. */
bool reader_waits(const struct reader *r);
void reader_release(struct reader *r);

/* ---- ring.c: a perf ring buffer of one CPU ---- */

/* What the dummy event that owns a ring reports of its own. */
enum ring_reports {
	RING_NOTHING,
	RING_FORKS,			/* and wakes us only when the ring fills up */
	RING_NAMES,			/* the same, new names of threads, and ends; samples are ITEM_PLACE */
	RING_MAPPINGS,
};
struct ring {
	int cpu, fd;			/* fd: the software event that owns the ring */
	enum ring_reports reports;
	unsigned char *base;		/* NULL: not mapped */
	size_t page, size;
	uint64_t lost;			/* as the ring's own records of loss say */
	/* Told of every fork and end as soon as it is read, long before its turn; may be NULL. */
	void (*early)(void *ctx, const struct item *i);
	void *early_ctx;
	const struct clock_offset *clock;
};
/* The sum that turns perf's clock (CLOCK_MONOTONIC) into ours (CLOCK_BOOTTIME). */
struct clock_offset {
	uint64_t boot_minus_mono;
};
/* Measures it again: a suspended machine makes it grow. */
void clock_offset_measure(struct clock_offset *c);

struct perf_event_attr;
/* perf_event_open(2). A descriptor or -errno. */
int ring_event(struct perf_event_attr *attr, pid_t pid, int cpu);
/* What is the same for every event that writes into a ring. */
struct perf_event_attr ring_attr(void);
/* Opens a dummy event on the CPU that owns a ring of about kb, and gives it a queue. 0 or -errno. */
int ring_open(struct ring *r, int cpu, unsigned kb, enum ring_reports reports,
	      const struct clock_offset *clock, struct reader *reader, int epoll);
/* Opens an event of everybody on the ring's CPU, with a filter or NULL; its samples go into the ring. 0 or -errno. */
int ring_join(const struct ring *r, struct perf_event_attr *attr, const char *filter, int *fd);
/* Takes a report of a mapping apart. False when it is cut off. */
bool ring_mapped(const struct item *i, struct mapped *m);
/* Was the new name (ITEM_NAMED) given by an exec? */
bool ring_is_exec(const struct item *i);
/* Before Linux 6.0 the kernel tells how much a ring has lost only in front of the next record that has room:
 * at the end there is none. So this makes one (the CPU's clock ticks), adds the losses that it brings to
 * r->lost, and leaves the ring empty: all that is to be read must have been read. */
void ring_last_losses(struct ring *r);
void ring_close(struct ring *r);

/* ---- connector.c: changes of user and group ---- */

/* A thread acts as somebody else: the real user or group, by number. */
struct identity {
	pid_t tid;
	bool is_group;
	uint32_t id;
};
struct connector;
/* A socket to which the kernel sends them, or -errno; -ENOTCONN: it has not answered. */
int connector_listen(void);
/* Tells the kernel that it need not, and closes the socket. */
void connector_ignore(int fd);
/* Listens, and gives that a queue of ITEM_IDENTITY. NULL: this kernel does not report them, or not to us. */
struct connector *connector_open(const struct clock_offset *clock, struct reader *r, int epoll);
struct identity connector_identity(const struct item *i);
/* Grows when messages got lost; not by how many. */
uint64_t connector_lost(const struct connector *n);
void connector_close(struct connector *n);

/* ---- tasks.c ---- */

enum { TASK_COMM_BYTES = 16 };		/* of a thread's name, with its NUL */
enum tasks_about {
	TASKS_FORKS,			/* of new threads only */
	TASKS_GROUPS,			/* which process every thread belongs to */
	TASKS_NAMES,			/* that, and the names of all threads */
	TASKS_PROCESSES,		/* and their users, parents and cgroups */
};
/* Watches forks of the whole system. NULL when the kernel does not let us watch: then tasks_tgid() falls back
 * on /proc. */
struct tasks *tasks_open(struct tracefs *tracefs, struct reader *r, const struct clock_offset *clock, int epoll,
			 enum tasks_about about);
/* A new thread: pid is its thread group; ppid and ptid are those of its maker. */
struct fork {
	uint64_t time;
	pid_t pid, ppid, tid, ptid;
};
struct fork tasks_fork(struct tasks *t, const struct item *i);
/* Something else that has changed. */
void tasks_told(struct tasks *t, const struct item *i);
/* Who wants to know of births early, and out of their order: while many records wait for their turn a child may
 * live and end. */
void tasks_on_birth(struct tasks *t, void (*born)(void *ctx, pid_t pid, pid_t ppid), void *ctx);
/* A round of reading begins. Learns anew what reports that were lost would have said. */
void tasks_refresh(struct tasks *t);
/* The thread group of a thread, at the time of the items that were handed over last; -1: unknown. */
pid_t tasks_tgid(struct tasks *t, pid_t tid);
/* At the same time, with TASKS_NAMES: the name of a thread, "" when it is not known; it stays until the next item. */
const char *tasks_comm(struct tasks *t, pid_t tid);
/* How many thread numbers the kernel has. */
size_t tasks_max(void);

/* ---- ftrace.c ---- */

struct ftrace;
struct ftrace *ftrace_new(struct tracefs *t, const char *instance);
/* Adds the raw file of a CPU. 0 or -errno. */
int ftrace_open(struct ftrace *f, const char *file, int cpu, struct reader *r, int epoll);
/* Records that the ring buffers have lost since the call before: those of CPUs whose pages say so, or
 * with `all` of every CPU. fn returns false to stop. */
bool ftrace_lost(struct ftrace *f, bool all, bool (*fn)(void *ctx, int cpu, uint64_t count), void *ctx);
void ftrace_close(struct ftrace *f);

/* ---- perf.c ---- */

struct perf_options {
	pid_t pid;			/* -1: everybody */
	bool at_exec, follow, ustack, kstack;
	bool mappings;			/* tell the sink what code processes map */
	unsigned buffer_kb;
};
struct perf;
/* Opens a ring for every CPU. 0 or -errno. */
int perf_new(const struct perf_options *opt, struct reader *r, const struct clock_offset *clock, int epoll,
	     struct perf **out);
/* What an event of perf's is. */
struct perf_source {
	unsigned type;			/* PERF_TYPE_... */
	uint64_t config;		/* of PERF_TYPE_TRACEPOINT: the event's id */
	uint64_t period;		/* a sample every so many */
	uint64_t address, length;	/* PERF_TYPE_BREAKPOINT */
	unsigned access;		/* HW_BREAKPOINT_... */
	const char *filter;		/* or NULL */
};
/* Attaches event number `event` (of the caller's counting), still disabled, to all threads that are
 * known. 0, or -errno: then nothing of it is left open. */
int perf_attach(struct perf *p, unsigned event, const struct perf_source *source);
void perf_detach(struct perf *p, unsigned event);
/* Attaches all to the threads that came meanwhile, then enables all. 0 or -errno. */
int perf_arm(struct perf *p);
void perf_disable(struct perf *p);
/* What a sample says besides the event's bytes. */
struct sample {
	pid_t pid, tid;
	int cpu;
	const unsigned char *ips;	/* the callchain */
	size_t n_ips;
	const unsigned char *raw;	/* without meaning when the event is no tracepoint */
	size_t raw_size;
	uint64_t id;
	unsigned event;			/* no tracepoint: its number; UINT_MAX: it is one */
	bool user;			/* it was hit in user mode */
};
/* Takes a sample apart. False when it is not to be counted: another process's, or a thread's double. */
bool perf_sample(struct perf *p, const struct item *i, struct sample *s);
/* The number of the event whose samples have this id; UINT_MAX: none. */
unsigned perf_event_by_id(const struct perf *p, uint64_t id);
/* A new thread: its number may have belonged to another one before. */
void perf_forked(struct perf *p, const struct fork *f);
/* The same, not in its turn (tasks_on_birth): a child that is followed is held at once. ctx is the struct perf. */
void perf_born(void *ctx, pid_t pid, pid_t ppid);
bool perf_lost(struct perf *p, bool all, bool (*fn)(void *ctx, int cpu, uint64_t count), void *ctx);
void perf_close(struct perf *p);

#endif
