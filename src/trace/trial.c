/* trial.c - how the kernel is asked: by trying.
 *
 * The README in tracefs shows things that some of its files refuse, and a version number is a rumour: the
 * answer is what the kernel does with the very line. So a feature is asked for by a definition that nobody
 * ever enables, by a setting of an instance of our own, or by opening a perf event that never fires; and all
 * of it is taken back at once.
 *
 * What a trial must not do: place a breakpoint, stop anybody's tracing, or outlive us. User probes are defined
 * on our own program, in its ELF header, where nothing is executed; kernel probes on a function that is seldom
 * called; none is enabled. No event name is used twice: a second definition under the name of one that could
 * not be deleted would be a second address of it, and such events can crash the kernel. The group and the
 * instance bear the name of a session of this process, so that `trapline clean`, and every next start, sweep
 * what a kill in the middle leaves.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* An event that every kernel with tracepoints has, and that is rare. */
#define ANY_EVENT "events/sched/sched_process_exec"
#define END_EVENT "events/sched/sched_process_exit"

struct trials {
	struct tracefs *t;
	struct arena *arena;
	const char *name;		/* of group and instance */
	unsigned n_events;
	bool instance;			/* it is there */
	struct undo *left;		/* that somebody held */
	size_t n_left;
};

struct trials *trials_new(struct tracefs *t)
{
	struct trials *q = mem_alloc(sizeof(*q));

	q->t = t;
	q->arena = arena_new();
	q->name = session_name(q->arena);
	return q;
}

void trial_hold_signals(sigset_t *before)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < ARRAY_LEN(ending); i++)
		sigaddset(&signals, ending[i]);
	sigprocmask(SIG_BLOCK, &signals, before);
}

void trial_let_signals(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

/* ---- taking back ---- */

static const char *instance_dir(const struct trials *q)
{
	return arena_fmt(q->arena, "instances/%s", q->name);
}

static void take_back(struct trials *q, const struct undo *u)
{
	if (undo_run(q->t, u) != 0)
		*MEM_PUSH(q->left, q->n_left) = *u;
}

/* Somebody who enables all events that there are, as `trace-cmd record -e all` does, also has ours for a while. */
void trials_free(struct trials *q)
{
	if (!q)
		return;
	if (q->instance)
		take_back(q, &(struct undo){ UNDO_RMDIR, instance_dir(q), NULL });
	for (size_t i = 0; i < q->n_left; i++)
		if (undo_run(q->t, &q->left[i]) != 0)
			fprintf(stderr, "trapline: %s is left, somebody uses it; `trapline clean` will finish\n",
				q->left[i].kind == UNDO_DELETE ? q->left[i].text : q->left[i].file);
	free(q->left);
	arena_free(q->arena);
	free(q);
}

/* ---- replies ---- */

static struct reply yes(const char *asked)
{
	return (struct reply){ .answer = ANSWER_YES, .asked = asked };
}

static struct reply no(const char *asked, const char *why)
{
	return (struct reply){ ANSWER_NO, asked, why, NULL };
}

static const char *join(struct arena *a, const struct str *why, const struct str *todo)
{
	return arena_fmt(a, todo->len ? "%s; %s" : "%s", why->s ? why->s : "", todo->s);
}

/* Errors that are about us, or about the moment, and tell nothing about the kernel. */
static bool is_about_us(int err)
{
	static const int errors[] = { EACCES, EPERM, EROFS, ENOMEM, EMFILE, ENFILE, ENOSPC, EINTR };

	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i] == -err)
			return true;
	return false;
}

static struct reply unknown(struct trials *q, const char *asked, const char *file, int err)
{
	_cleanup_(str_release) struct str why = STR_INIT, todo = STR_INIT;

	tracefs_why(tracefs_root(q->t), file, err, &why, &todo);
	return (struct reply){ ANSWER_UNKNOWN, asked, join(q->arena, &why, &todo), NULL };
}

/* A file of tracefs refused a line. */
static struct reply refused(struct trials *q, const char *asked, const char *file, const char *line, int err)
{
	_cleanup_(str_release) struct str words = STR_INIT, todo = STR_INIT;
	unsigned column;

	if (is_about_us(err))
		return unknown(q, asked, file, err);
	if (err == -ENOENT && !tracefs_has(q->t, file))
		tracefs_why(tracefs_root(q->t), file, err, &words, &todo);
	else if (tracefs_complaint(q->t, line, &words, &column))
		;
	else
		str_add(&words, os_strerror(err));
	return no(asked, arena_strdup(q->arena, words.s));
}

static const char *as_typed(struct trials *q, const char *line, const char *redirect, const char *file)
{
	_cleanup_(str_release) struct str command = STR_INIT;

	str_add(&command, "echo ");
	str_add_shell_word(&command, line);
	str_addf(&command, " %s ", redirect);
	str_add_shell_word(&command, arena_fmt(q->arena, "%s/%s", tracefs_root(q->t), file));
	return arena_strdup(q->arena, command.s);
}

/* ---- trials in tracefs ---- */

struct reply trial_read(struct trials *q, const char *file, const char *word)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	const char *asked = arena_fmt(q->arena, "cat %s/%s", tracefs_root(q->t), file);
	int err = tracefs_read(q->t, file, &text);

	if (err && is_about_us(err))
		return unknown(q, asked, file, err);
	return err ? no(asked, arena_fmt(q->arena, "there is no %s", file)) : yes(asked);
}

struct reply trial_word(struct trials *q, const char *file, const char *word)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	const char *asked = arena_fmt(q->arena, "grep -w %s %s/%s", word, tracefs_root(q->t), file);
	int err = tracefs_read(q->t, file, &text);
	char *rest = text.s, *one;

	if (err && is_about_us(err))
		return unknown(q, asked, file, err);
	while (!err && (one = strsep(&rest, " \n")))
		if (strcmp(one, word) == 0)
			return yes(asked);
	return no(asked, arena_fmt(q->arena, "%s is not among %s", word, file));
}

/* A comment is a line that changes nothing; a locked-down kernel refuses even that. */
struct reply trial_comment(struct trials *q, const char *file, const char *line)
{
	const char *asked = as_typed(q, line, ">>", file);
	int err = tracefs_append(q->t, file, line);

	return err ? refused(q, asked, file, line, err) : yes(asked);
}

/* The words EVENT and FILE of a row's line become a name and a place. */
static const char *fill_in(struct trials *q, const char *line, const char *event)
{
	static const char place[] = "/proc/self/exe:0x10";
	_cleanup_(str_release) struct str out = STR_INIT;

	while (*line) {
		if (str_starts(line, "EVENT")) {
			str_add(&out, event);
			line += strlen("EVENT");
		} else if (str_starts(line, "FILE")) {
			str_add(&out, place);
			line += strlen("FILE");
		} else {
			str_addc(&out, *line++);
		}
	}
	return arena_strdup(q->arena, out.s);
}

struct reply trial_define(struct trials *q, const char *file, const char *line)
{
	const char *event = arena_fmt(q->arena, "%s/ask_%u", q->name, q->n_events++);
	const char *filled = fill_in(q, line, event);
	const char *asked = as_typed(q, filled, ">>", file);
	int err = tracefs_append(q->t, file, filled);

	if (err)
		return refused(q, asked, file, filled, err);
	take_back(q, &(struct undo){ UNDO_DELETE, file, event });
	return yes(asked);
}

/* A synthetic event has no group but `synthetic`: its name is the session's. */
struct reply trial_synthetic(struct trials *q, const char *file, const char *line)
{
	const char *filled = fill_in(q, line, q->name);
	const char *asked = as_typed(q, filled, ">>", file);
	int err = tracefs_append(q->t, file, filled);

	if (err)
		return refused(q, asked, file, filled, err);
	if (tracefs_append(q->t, file, arena_fmt(q->arena, "!%s", q->name)) != 0)
		*MEM_PUSH(q->left, q->n_left) = (struct undo){ UNDO_DELETE, "dynamic_events",
							       arena_fmt(q->arena, "synthetic/%s", q->name) };
	return yes(asked);
}

/* ---- trials in an instance of our own ---- */

struct reply trial_instance(struct trials *q, const char *file, const char *line)
{
	const char *dir = instance_dir(q);
	const char *asked = arena_fmt(q->arena, "mkdir %s/%s", tracefs_root(q->t), dir);

	if (!q->instance && mkdirat(tracefs_dir(q->t), dir, 0700) < 0)
		return refused(q, asked, "instances", "", -errno);
	q->instance = true;
	return yes(asked);
}

/* Errors of a filter come as any number, EPERM among them: where the instance could be made, that is no matter
 * of permission. */
struct reply trial_setting(struct trials *q, const char *file, const char *line)
{
	_cleanup_(str_release) struct str words = STR_INIT;
	const char *path = arena_fmt(q->arena, "%s/%s", instance_dir(q), file);
	const char *asked = as_typed(q, line, ">", path);
	int err = tracefs_write(q->t, path, line);
	unsigned column;

	if (!err)
		return yes(asked);
	if (err == -EACCES && geteuid() != 0)
		return (struct reply){ .asked = asked, .why = "the files of an instance are written by root only, "
							      "whoever made it; run trapline as root (sudo)" };
	if (err == -EACCES || err == -EROFS || err == -ENOMEM)
		return unknown(q, asked, path, err);
	if (err == -ENOENT && !tracefs_has(q->t, path))
		return no(asked, arena_fmt(q->arena, "there is no %s in an instance", file));
	if (!tracefs_filter_complaint(q->t, path, &words, &column))
		str_add(&words, os_strerror(err));
	return no(asked, arena_strdup(q->arena, words.s));
}

struct reply trial_filter(struct trials *q, const char *file, const char *line)
{
	return trial_setting(q, ANY_EVENT "/filter", line);
}

/* A trigger with variables would keep the instance from being removed, also by `clean` after a kill: such are not
 * tried. */
struct reply trial_trigger(struct trials *q, const char *file, const char *line)
{
	return trial_setting(q, ANY_EVENT "/trigger", line);
}

/* ---- perf ---- */

/* Opens the event, and closes it. what: for people who read how it was asked. */
static struct reply try_perf(struct trials *q, struct perf_event_attr *attr, pid_t pid, int cpu, const char *what)
{
	_cleanup_(str_release) struct str why = STR_INIT, todo = STR_INIT;
	const char *asked = arena_fmt(q->arena, "perf_event_open(%s, pid %d, cpu %d)", what, (int)pid, cpu);
	bool about_us;
	int fd;

	attr->disabled = 1;
	fd = ring_event(attr, pid, cpu);
	if (fd >= 0) {
		close(fd);
		return yes(asked);
	}
	if (!is_about_us(fd) && fd != -ENOSYS)
		return no(asked, os_strerror(fd));
	about_us = perf_why(fd, &why, &todo);
	return (struct reply){ about_us ? ANSWER_UNKNOWN : ANSWER_NO, asked, join(q->arena, &why, &todo), NULL };
}

static struct perf_event_attr dummy(void)
{
	struct perf_event_attr attr = ring_attr();

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_DUMMY;
	attr.exclude_kernel = attr.exclude_hv = 1;
	return attr;
}

struct reply trial_perf(struct trials *q, const char *file, const char *line)
{
	struct perf_event_attr attr = dummy();

	return try_perf(q, &attr, 0, -1, "dummy");
}

struct reply trial_perf_forks(struct trials *q, const char *file, const char *line)
{
	struct perf_event_attr attr = dummy();

	attr.task = 1;
	return try_perf(q, &attr, -1, 0, "dummy, with task records");
}

struct reply trial_perf_user_stack(struct trials *q, const char *file, const char *line)
{
	struct perf_event_attr attr = dummy();

	attr.sample_type |= PERF_SAMPLE_CALLCHAIN;
	attr.exclude_callchain_kernel = 1;
	return try_perf(q, &attr, 0, -1, "dummy, user callchain");
}

struct reply trial_perf_kernel_stack(struct trials *q, const char *file, const char *line)
{
	struct perf_event_attr attr = dummy();

	attr.exclude_kernel = 0;
	attr.sample_type |= PERF_SAMPLE_CALLCHAIN;
	attr.exclude_callchain_user = 1;
	return try_perf(q, &attr, 0, -1, "dummy, kernel callchain");
}

/* A machine may take a watchpoint and never stop at it, as some virtual ones do: so a byte of ours is watched
 * while it is written. */
struct reply trial_perf_watchpoint(struct trials *q, const char *file, const char *line)
{
	static volatile uint64_t watched;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr), .bp_type = HW_BREAKPOINT_W,
		.bp_addr = (uintptr_t)&watched, .bp_len = sizeof(watched), .exclude_kernel = 1, .exclude_hv = 1,
	};
	struct reply reply = try_perf(q, &attr, 0, -1, "breakpoint on a word of ours, which is then written");
	uint64_t stores = 0;
	ssize_t n;
	int fd;

	if (reply.answer != ANSWER_YES)
		return reply;
	attr.disabled = 0;
	fd = ring_event(&attr, 0, -1);
	if (fd < 0)
		return no(reply.asked, os_strerror(fd));
	watched++;
	n = read(fd, &stores, sizeof(stores));
	close(fd);
	if (n == sizeof(stores) && stores)
		return reply;
	return no(reply.asked, "this machine takes watchpoints and never stops at them (some virtual machines do not)");
}

/* The event whose number is in the file. 0 or -errno. */
static int tracepoint(struct trials *q, const char *file, struct perf_event_attr *attr)
{
	_cleanup_(str_release) struct str id = STR_INIT;
	int err = tracefs_read(q->t, file, &id);

	*attr = ring_attr();
	attr->type = PERF_TYPE_TRACEPOINT;
	attr->config = err ? 0 : strtoull(id.s, NULL, 10);
	return err;
}

/* How often an event is counted of a child that ends at once; -1, and *err, when it cannot be counted. */
static int64_t count_of_child(struct perf_event_attr *attr, int *err)
{
	int gate[2], fd;
	uint64_t n = 0;
	ssize_t got;
	pid_t child;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return *err = -errno, -1;
	child = fork();
	if (child == 0) {
		close(gate[1]);
		_exit(read(gate[0], &n, 1) < 0);
	}
	fd = child < 0 ? -errno : ring_event(attr, child, -1);
	close(gate[0]);
	close(gate[1]);
	if (child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	if (fd < 0)
		return *err = fd, -1;
	got = read(fd, &n, sizeof(n));
	close(fd);
	return got == sizeof(n) ? (int64_t)n : (*err = -EIO, -1);
}

/* Since "perf: Fix sample vs do_exit()" (6.15, and in 6.12.y) a task's own events are taken from it early in its
 * end. Where the event of that end comes later, they miss it. */
struct reply trial_perf_end(struct trials *q, const char *file, const char *line)
{
	const char *asked = "perf_event_open(tracepoint sched:sched_process_exit), of a child that ends";
	struct perf_event_attr attr;
	int err = tracepoint(q, END_EVENT "/id", &attr);
	int64_t n;

	if (err)
		return unknown(q, NULL, END_EVENT "/id", err);
	n = count_of_child(&attr, &err);
	if (n < 0)
		return no(asked, os_strerror(err));
	return n ? yes(asked) : no(asked, "this kernel takes its perf events from a task before it comes to this event");
}

struct reply trial_perf_event(struct trials *q, const char *file, const char *line)
{
	struct perf_event_attr attr;
	int err = tracepoint(q, ANY_EVENT "/id", &attr);

	if (err)
		return unknown(q, NULL, ANY_EVENT "/id", err);
	attr.sample_period = 1;
	attr.sample_type |= PERF_SAMPLE_RAW;
	return try_perf(q, &attr, 0, -1, "tracepoint sched:sched_process_exec, raw data");
}

/* ---- files outside tracefs ---- */

struct reply trial_file(struct trials *q, const char *file, const char *line)
{
	const char *asked = arena_fmt(q->arena, "ls %s", file);

	return access(file, F_OK) == 0 ? yes(asked) : no(asked, arena_fmt(q->arena, "there is no %s", file));
}

/* A setting: its value is told, and whether it is one of those that keep nobody out (`line`: the words, or for
 * numbers the largest one). */
struct reply trial_value(struct trials *q, const char *file, const char *line)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct reply reply = { .asked = arena_fmt(q->arena, "cat %s", file) };
	int err = os_read_file(AT_FDCWD, file, &text);

	if (err) {
		reply.why = arena_fmt(q->arena, "%s: %s", file, os_strerror(err));
		return reply;
	}
	reply.value = arena_strndup(q->arena, text.s, strcspn(text.s, "\n"));
	reply.answer = atoi(reply.value) <= atoi(line) ? ANSWER_YES : ANSWER_NO;
	if (reply.answer == ANSWER_NO)
		reply.why = arena_fmt(q->arena, "%s is %s", file, reply.value);
	return reply;
}

struct reply trial_lockdown(struct trials *q, const char *file, const char *line)
{
	_cleanup_(str_release) struct str state = STR_INIT, why = STR_INIT, todo = STR_INIT;
	const char *source = lockdown_state(&state);
	struct reply reply = { .answer = ANSWER_YES };

	if (!source)
		return (struct reply){ .answer = ANSWER_UNKNOWN, .asked = arena_fmt(q->arena, "cat %s", file),
				       .why = "securityfs is not mounted, or this kernel has no lockdown; "
					      "mount -t securityfs securityfs /sys/kernel/security" };
	if (locked_down("tracefs", &why, &todo))
		reply = no(NULL, arena_fmt(q->arena, "%s says so; %s", source, todo.s));
	reply.value = arena_strdup(q->arena, state.s);
	reply.asked = arena_fmt(q->arena, "cat %s", source);
	return reply;
}

/* Zeros in place of addresses are what those see who may not. */
struct reply trial_kallsyms(struct trials *q, const char *file, const char *line)
{
	const char *asked = arena_fmt(q->arena, "grep -v ^0000 %s", file);
	FILE *stream = fopen(file, "re");
	char *text = NULL;
	size_t room = 0;
	bool any = false, addresses = false;

	if (!stream)
		return no(asked, arena_fmt(q->arena, "%s: %s", file, os_strerror(errno)));
	for (unsigned n = 0; n < 1000 && !addresses && getline(&text, &room, stream) > 0; n++) {
		any = true;
		addresses = strtoull(text, NULL, 16) != 0;
	}
	free(text);
	fclose(stream);
	if (addresses)
		return yes(asked);
	return no(asked, any ? "all addresses are shown as 0 (kernel.kptr_restrict, or no CAP_SYSLOG)" :
			       "it is empty");
}

/* ---- the process connector ---- */

struct reply trial_connector(struct trials *q, const char *file, const char *line)
{
	const char *asked = "socket(AF_NETLINK, SOCK_DGRAM, NETLINK_CONNECTOR), and PROC_CN_MCAST_LISTEN into it";
	int fd = connector_listen();

	if (fd >= 0) {
		connector_ignore(fd);
		return yes(asked);
	}
	if (is_about_us(fd))
		return (struct reply){ .asked = asked, .why = "to listen needs root (CAP_NET_ADMIN)" };
	return no(asked, "nobody answers: this kernel has no process connector (CONFIG_PROC_EVENTS), or we are in "
			 "namespaces of our own");
}
