/* catalog.c - what this kernel has.
 *
 * A kernel is asked, not guessed at by its age: each feature is a row that says what it gives, how to ask for
 * it (trial.c knows the ways), and what its absence means. One more feature is one more row; `trapline info`
 * shows them all, and what the planner must know it asks by catalog_has(). A row may need another one: then
 * that is asked first, and its no, or its silence, is the answer.
 *
 * The exception is FEATURE_LONG_STRINGS: on a kernel that lacks that fix, the question itself would overwrite
 * kernel memory, so there its version must do.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* ---- what must not be tried ---- */

struct version {
	unsigned major, minor, patch;
};

static bool parse_version(const char *text, struct version *v)
{
	return text && sscanf(text, "%u.%u.%u", &v->major, &v->minor, &v->patch) == 3;
}

/* Distributions name a kernel by its ABI ("6.1.0-56-amd64") and tell elsewhere which release it is: Debian
 * in the version ("#1 SMP Debian 6.1.192-2"), Ubuntu in a file ("Ubuntu 5.15.0-91.101-generic 5.15.131"). */
static bool kernel_version(struct version *v)
{
	static const char debian[] = "Debian ";
	_cleanup_(str_release) struct str ubuntu = STR_INIT;
	struct utsname u;
	const char *p;

	if (uname(&u) < 0)
		return false;
	p = strstr(u.version, debian);
	if (p && parse_version(p + strlen(debian), v))
		return true;
	if (os_read_file(AT_FDCWD, "/proc/version_signature", &ubuntu) == 0) {
		p = strrchr(ubuntu.s, ' ');
		if (p && parse_version(p + 1, v))
			return true;
	}
	return parse_version(u.release, v);
}

/* Since which release of each stable series strings are kept inside their buffer; the last row stands for
 * all that is newer, what is in no row lacks it. */
static bool keeps_long_strings(const struct version *v)
{
	static const struct {
		struct version since;
		bool newer_too;
	} rows[] = {
		{ { 6, 1, 120 }, false },
		{ { 6, 6, 60 }, false },
		{ { 6, 11, 7 }, false },
		{ { 6, 12, 0 }, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct version *s = &rows[i].since;

		if (v->major == s->major && v->minor == s->minor)
			return v->patch >= s->patch;
		if (rows[i].newer_too && (v->major > s->major || (v->major == s->major && v->minor > s->minor)))
			return true;
	}
	return false;
}

static struct reply ask_long_strings(struct trials *q, const char *file, const char *line)
{
	struct version v;

	if (kernel_version(&v) && keeps_long_strings(&v))
		return (struct reply){ .answer = ANSWER_YES, .asked = line };
	return (struct reply){ .answer = ANSWER_NO, .asked = line,
			       .why = "this kernel may overwrite its own memory when a string is long" };
}

/* A record that is too long makes a WARN, once. A kernel without the setting cannot panic of it. */
static struct reply ask_quiet_strings(struct trials *q, const char *file, const char *line)
{
	struct reply reply = trial_value(q, file, line);

	if (reply.answer == ANSWER_UNKNOWN)
		reply.answer = ANSWER_YES;
	else if (reply.answer == ANSWER_NO)
		reply.why = "a string that is too long makes this kernel panic (panic_on_warn is set)";
	return reply;
}

/* ---- the rows ---- */

/* Stands in `needs` of what can be asked without tracefs; a row that says nothing needs tracefs. */
#define NOTHING N_FEATURES

/* Called seldom, in every kernel, and its arguments are known: (dentry, buffer, buflen). */
#define KFUNC "vfs_readlink"

#define USER "user probes"
#define KERNEL "kernel probes"
#define EVENTS "events"
#define RECORDING "recording"
#define PERF "perf: -p, -c and stacks"
#define SYSTEM "the kernel's settings"

#define UP(name, use, without, line) { 0, FEATURE_UPROBES, USER, name, use, without, trial_define, \
				       "uprobe_events", line }
#define KP(name, use, without, line) { 0, FEATURE_KPROBES, KERNEL, name, use, without, trial_define, \
				       "kprobe_events", line }
#define DYN(name, use, without, line) { 0, FEATURE_DYNAMIC_EVENTS, KERNEL, name, use, without, trial_define, \
					"dynamic_events", line }
#define SET(group, name, use, without, file, line) { 0, FEATURE_INSTANCES, group, name, use, without, \
						     trial_setting, file, line }

static const struct row {
	enum feature id;		/* FEATURE_OTHER: nobody asks for it by name */
	enum feature needs;		/* 0: tracefs */
	const char *group, *name;
	const char *use;		/* what it gives the user */
	const char *without;		/* what the user goes without, or does instead */
	trial *ask;
	const char *file, *line;	/* what the trial works on */
} rows[] = {
	{ FEATURE_TRACEFS, NOTHING, SYSTEM, "tracefs", "tracing at all", "only `trapline -l uprobe:...`, --dry-run and "
	  "the like work", trial_read, "tracing_on", NULL },
	{ 0, NOTHING, SYSTEM, "lockdown", "confidentiality closes tracefs to everybody",
	  "nothing can be traced", trial_lockdown, "/sys/kernel/security/lockdown", NULL },
	{ 0, NOTHING, SYSTEM, "perf_event_paranoid", "above 0, perf is for root and CAP_PERFMON only", "nobody else "
	  "can use -p, -c and stacks", trial_value, "/proc/sys/kernel/perf_event_paranoid", "0" },
	{ FEATURE_QUIET_STRINGS, NOTHING, SYSTEM, "panic_on_warn", "1 makes a string that is too long a panic",
	  "strings are fetched bounded (--strings=bounded)", ask_quiet_strings, "/proc/sys/kernel/panic_on_warn", "0" },
	{ 0, NOTHING, SYSTEM, "kallsyms", "names in kernel stacks and symbols", "kernel addresses are shown as numbers",
	  trial_kallsyms, "/proc/kallsyms", NULL },
	{ 0, NOTHING, SYSTEM, "BTF", "the kernel knows its own types", "arguments are named by number: $arg1",
	  trial_file, "/sys/kernel/btf/vmlinux", NULL },

	{ FEATURE_UPROBES, 0, USER, "uprobes", "calls of functions in programs", "no program can be probed",
	  trial_comment, "uprobe_events", "# trapline asks" },
	UP("definitions", "a probe at FILE:OFFSET", "no program can be probed", "p:EVENT FILE"),
	UP("uretprobes", "returns of functions, $retval", "no r probes in programs", "r:EVENT FILE v=$retval"),
	{ FEATURE_COUNTERS, FEATURE_UPROBES, USER, "reference counters", "USDT probes that a semaphore switches on",
	  "such USDT probes never fire", trial_define, "uprobe_events", "p:EVENT FILE(0x20)" },
	UP("string", "text in memory, whole", "fetch bytes: x64[8]", "p:EVENT FILE a=+0($stack):string"),
	UP("ustring", "the same, spelled for user memory", "use string", "p:EVENT FILE a=+0($stack):ustring"),
	{ FEATURE_LONG_STRINGS, NOTHING, USER, "long strings", "strings of any length are safe",
	  "strings are fetched bounded (--strings=bounded)", ask_long_strings, NULL,
	  "uname -rv (by the version: a trial could overwrite the kernel's memory)" },
	UP("arrays", "several elements: u32[4]", "fetch each by itself", "p:EVENT FILE a=+0($stack):u32[4]"),
	UP("string arrays", "string[2]", "fetch each by itself", "p:EVENT FILE a=+0($stack):string[2]"),
	UP("char", "a character", "use u8", "p:EVENT FILE a=+0($stack):char"),
	UP("symbol", "an address with its kernel symbol", "user addresses are shown as numbers",
	   "p:EVENT FILE a=$stack:symbol"),
	UP("symstr", "the same as text", "user addresses are shown as numbers", "p:EVENT FILE a=$stack:symstr"),
	UP("bit fields", "b4@8/32", "fetch the whole, and mask it", "p:EVENT FILE a=$stack:b4@8/32"),
	UP("$comm", "the thread's name at the hit", "records have no thread names", "p:EVENT FILE a=$comm"),
	UP("immediates", "a constant in the record: \\5", "needed by trapline itself in chains of pointers",
	   "p:EVENT FILE a=\\5"),
	UP("@ADDRESS", "a fixed address of the program", "go through a register", "p:EVENT FILE a=@0x1000"),
	UP("@+FILEOFFSET", "a global variable (5.10 takes it, and reads garbage)", "go through a register",
	   "p:EVENT FILE a=@+16"),

	{ FEATURE_KPROBES, 0, KERNEL, "kprobes", "calls of kernel functions", "only programs and tracepoints",
	  trial_comment, "kprobe_events", "# trapline asks" },
	KP("definitions", "a probe at a function", "only programs and tracepoints", "p:EVENT " KFUNC),
	KP("kretprobes", "returns of kernel functions, $retval", "no r probes in the kernel",
	   "r:EVENT " KFUNC " v=$retval"),
	KP("maxactive", "r16: how many calls at once", "more calls at once are missed", "r16:EVENT " KFUNC),
	KP("$argN", "arguments by number", "name the registers: %di", "p:EVENT " KFUNC " a=$arg1"),
	{ FEATURE_RETURN_ARGUMENTS, FEATURE_KPROBES, KERNEL, "$argN at return", "arguments beside the return value",
	  "use a p and an r probe", trial_define, "kprobe_events", "r:EVENT " KFUNC " a=$arg1" },
	KP("BTF arguments", "arguments by name: dentry, $arg*", "name them by number: $arg1",
	   "p:EVENT " KFUNC " dentry"),
	KP("string", "text in kernel memory", "fetch bytes: x64[8]", "p:EVENT " KFUNC " a=+0($stack):string"),
	KP("ustring", "text in the user's memory", "use string where that is the same memory",
	   "p:EVENT " KFUNC " a=+0($stack):ustring"),
	KP("arrays", "several elements: u32[4]", "fetch each by itself", "p:EVENT " KFUNC " a=+0($stack):u32[4]"),
	KP("char", "a character", "use u8", "p:EVENT " KFUNC " a=+0($stack):char"),
	KP("symbol", "an address with its symbol", "use x64", "p:EVENT " KFUNC " a=$stack0:symbol"),
	KP("symstr", "the same as text", "use symbol", "p:EVENT " KFUNC " a=$stack0:symstr"),
	KP("%pd", "a dentry's name", "follow the pointers", "p:EVENT " KFUNC " a=$arg1:%pd"),
	KP("immediate strings", "a constant text in the record", "use a number", "p:EVENT " KFUNC " a=\\\"x\""),
	{ FEATURE_DYNAMIC_EVENTS, 0, KERNEL, "dynamic_events", "other kinds of probes", "none of those below",
	  trial_comment, "dynamic_events", "# trapline asks" },
	DYN("fprobes", "functions at the function tracer's cost", "use kprobes", "f:EVENT " KFUNC),
	DYN("tracepoint probes", "tracepoints without an event", "use the events", "t:EVENT task_rename"),
	{ FEATURE_EVENT_PROBES, FEATURE_DYNAMIC_EVENTS, KERNEL, "event probes", "other fetches from an event's fields",
	  "use what the event has", trial_define, "dynamic_events", "e:EVENT sched/sched_process_exec a=$pid" },

	{ 0, 0, EVENTS, "static tracepoints", "the kernel's own events", "use kprobes",
	  trial_read, "events/sched/sched_process_exec/id", NULL },
	{ 0, 0, EVENTS, "syscall tracepoints", "each system call, with its arguments", "use raw_syscalls, or kprobes",
	  trial_read, "events/syscalls/sys_enter_read/id", NULL },
	{ 0, 0, EVENTS, "raw_syscalls", "all system calls in one event", "use kprobes",
	  trial_read, "events/raw_syscalls/sys_enter/id", NULL },
	{ 0, FEATURE_INSTANCES, EVENTS, "filters", "--filter on numbers", "records must be filtered afterwards",
	  trial_filter, NULL, "common_pid == 1 && common_flags & 1" },
	{ 0, FEATURE_INSTANCES, EVENTS, "string filters", "--filter with a glob", "records must be filtered afterwards",
	  trial_filter, NULL, "comm ~ \"x*\"" },
	{ 0, FEATURE_INSTANCES, EVENTS, "CPU lists", "--filter 'CPU & CPUS{0-3}'", "compare: CPU == 0 || CPU == 1",
	  trial_filter, NULL, "CPU & CPUS{0}" },
	{ 0, NOTHING, EVENTS, "changes of user", "uid and gid as they were at the hit (the process connector)",
	  "they are what /proc says a moment later", trial_connector, NULL, NULL },
	{ 0, 0, EVENTS, "changes of cgroup", "cgroup as it was at the hit", "it is what /proc says a moment later",
	  trial_read, "events/cgroup/cgroup_attach_task/id", NULL },
	SET(EVENTS, "set_event_pid", "events of some threads only", "filter by common_pid", "set_event_pid", "1"),
	SET(EVENTS, "event-fork", "and of their children", "children must be added as they come", "options/event-fork",
	    "1"),
	{ 0, FEATURE_INSTANCES, EVENTS, "hist triggers", "counting in the kernel", "records are counted afterwards",
	  trial_trigger, NULL, "hist:keys=common_pid" },
	{ 0, 0, EVENTS, "synthetic events", "events made of others", "records are compared afterwards",
	  trial_synthetic, "synthetic_events", "EVENT u64 value" },

	{ FEATURE_INSTANCES, 0, RECORDING, "instances", "a buffer of our own beside other tracers",
	  "system-wide probes cannot be recorded", trial_instance, NULL, NULL },
	SET(RECORDING, "boot clock", "times that go on while the machine sleeps",
	    "times cannot be compared with others", "trace_clock", "boot"),
	SET(RECORDING, "buffer_percent", "records as they come", "they are looked for by time", "buffer_percent", "0"),
	{ FEATURE_SUB_BUFFERS, 0, RECORDING, "sub-buffer size", "records larger than a page", "records end at 4 KB",
	  trial_read, "buffer_subbuf_size_kb", NULL },
	SET(RECORDING, "stacktrace", "kernel stacks in the buffer", "use --kstack, which takes them by perf",
	    "options/stacktrace", "1"),
	SET(RECORDING, "userstacktrace", "user stacks in the buffer", "use --ustack, which takes them by perf",
	    "options/userstacktrace", "1"),
	{ 0, 0, RECORDING, "function tracer", "every kernel function at once", "use kprobes",
	  trial_word, "available_tracers", "function" },
	{ 0, 0, RECORDING, "function graph", "calls as a tree, with times", "use p and r probes",
	  trial_word, "available_tracers", "function_graph" },

	{ FEATURE_PERF, NOTHING, PERF, "perf events", "-p PID, -c COMMAND; user and kernel stacks",
	  "probes are system-wide; --filter 'common_pid == N'", trial_perf, NULL, NULL },
	{ 0, 0, PERF, "process events", "-p and -c trap no other process",
	  "probes are system-wide; --filter 'common_pid == N'", trial_perf_event, NULL, NULL },
	{ 0, FEATURE_PERF, PERF, "fork records", "the process of every thread, exactly",
	  "looked up in /proc, too late for short-lived threads", trial_perf_forks, NULL, NULL },
	{ 0, FEATURE_PERF, PERF, "user callchains", "--ustack", "no user stacks", trial_perf_user_stack, NULL, NULL },
	{ 0, FEATURE_PERF, PERF, "kernel callchains", "--kstack", "no kernel stacks", trial_perf_kernel_stack, NULL,
	  NULL },
	{ FEATURE_TASK_ENDS, 0, PERF, "ends of tasks", "tracepoint:sched:sched_process_exit with -p and -c",
	  "use it without -p and -c", trial_perf_end, NULL, NULL },
	{ FEATURE_WATCHPOINTS, FEATURE_PERF, PERF, "watchpoints", "watchpoint:ADDRESS:LENGTH:MODE in programs",
	  "use a debugger, or probe the code that writes there", trial_perf_watchpoint, NULL, NULL },
};

/* ---- asking ---- */

struct catalog {
	struct tracefs *tracefs;
	const char *without;		/* why there is none */
	const char *functions;		/* a file in place of available_filter_functions, or NULL */
	struct arena *arena;
	struct trials *trials;
	struct {
		bool asked;
		struct reply reply;
	} known[ARRAY_LEN(rows)];
};

int catalog_use_functions(struct catalog *c, const char *path)
{
	if (access(path, R_OK) < 0)
		return -errno;
	c->functions = path;
	return 0;
}

const char *catalog_functions_file(const struct catalog *c)
{
	return c->functions;
}

struct catalog *catalog_new(struct tracefs *t)
{
	struct catalog *c = mem_alloc(sizeof(*c));

	c->tracefs = t;
	c->arena = arena_new();
	return c;
}

struct catalog *catalog_new_without(const char *why_not)
{
	struct catalog *c = catalog_new(NULL);

	c->without = arena_strdup(c->arena, why_not);
	return c;
}

void catalog_free(struct catalog *c)
{
	if (!c)
		return;
	trials_free(c->trials);
	arena_free(c->arena);
	free(c);
}

struct tracefs *catalog_tracefs(const struct catalog *c)
{
	return c->tracefs;
}

static size_t row_of(enum feature f)
{
	size_t i = 0;

	while (rows[i].id != f)		/* each feature that has a name has a row */
		i++;
	return i;
}

static const struct reply *ask(struct catalog *c, size_t i);

/* What keeps a row from being asked: a row that it needs did not say yes. */
static bool held_up(struct catalog *c, const struct row *row, struct reply *out)
{
	enum feature needs = row->needs ? row->needs : FEATURE_TRACEFS;
	const struct reply *first;
	const struct row *need;

	if (row->needs == NOTHING)
		return false;
	need = &rows[row_of(needs)];
	first = ask(c, row_of(needs));
	if (first->answer == ANSWER_YES)
		return false;
	*out = (struct reply){ .answer = first->answer, .why = first->why };
	if (first->answer == ANSWER_NO)
		out->why = arena_fmt(c->arena, "needs %s", need->name);
	return true;
}

static const struct reply *ask(struct catalog *c, size_t i)
{
	const struct row *row = &rows[i];
	struct reply *reply = &c->known[i].reply;

	if (c->known[i].asked)
		return reply;
	c->known[i].asked = true;
	if (!c->tracefs && row->id == FEATURE_TRACEFS) {
		*reply = (struct reply){ .why = c->without ? c->without : "there is no tracefs" };
		return reply;
	}
	if (held_up(c, row, reply))
		return reply;
	if (!c->trials)
		c->trials = trials_new(c->tracefs);
	*reply = row->ask(c->trials, row->file, row->line);
	return reply;
}

enum answer catalog_ask(struct catalog *c, enum feature f, const char **why_not)
{
	const struct reply *reply = ask(c, row_of(f));

	if (why_not && reply->answer != ANSWER_YES)
		*why_not = reply->why;
	return reply->answer;
}

bool catalog_has(struct catalog *c, enum feature f, const char **why_not)
{
	return catalog_ask(c, f, why_not) == ANSWER_YES;
}

bool catalog_info(struct catalog *c, unsigned n, struct feature_info *out)
{
	const struct reply *reply;

	if (n >= ARRAY_LEN(rows))
		return false;
	reply = ask(c, n);
	*out = (struct feature_info){ rows[n].group, rows[n].name, rows[n].use, rows[n].without,
				      reply->answer, reply->value, reply->asked, reply->why };
	return true;
}
