/* foreign.c - what else is defined in tracefs, whose it may be, and how one piece of it is removed.
 *
 * tracefs has no owners: whoever defines an event, makes an instance or switches a tracer on leaves it there
 * until somebody takes it back, and nothing in the kernel remembers who it was. What remains are signs. Tools
 * have habits of naming (`probe_FILE/...` is perf's, `..._bcc_PID` is bcc's), some put their process number into
 * the name, perf-tools leave a lock file, and who still works has files open.
 *
 * Nothing is removed here but what the user names, one by one, and only by its name: opening the files of
 * definitions for truncation would delete everybody's. An event that is enabled anywhere is refused. One kind
 * needs more: an event with several addresses (the same name defined more than once). While such an event is
 * enabled, the kernel protects only the last of its addresses from deletion and frees the others under the feet
 * of their users: their next hit crashes it. (It is so with uprobe_events; of kprobe_events all addresses are
 * protected.) So such an event goes only when it is provably disabled everywhere: every `enable` file of it says
 * exactly 0, and a trial to enable it in an instance of our own is not answered with EINTR, which would mean that
 * perf has it open.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct foreign {
	struct tracefs *t;
	struct arena *arena;
	struct holders holders;
	const char **instances;
	size_t n_instances;
	struct thing *things;
	size_t n_things;
	void *index;			/* a tree of struct key */
};

/* Which of the things has this name. */
struct key {
	enum thing_kind kind;
	const char *name;
	size_t at;
};

/* ------------------------------------------------------------------------------------------------
 * signs
 * ---------------------------------------------------------------------------------------------- */

/* In a pattern `*` is anything and `#` a number: the first is a process. */
static const struct {
	const char *pattern, *tool;
} habits[] = {
	{ "*/p_*_bcc_#", "bcc" },
	{ "*/r_*_bcc_#", "bcc" },
	{ "kprobes/libbpf_#_*", "libbpf" },
	{ "uprobes/libbpf_#_*", "libbpf" },
	{ "ply#/*", "ply" },
	{ "*/stapprobe_*", "systemtap" },
	{ "probe/*", "perf probe" },
	{ "probe_*/*", "perf probe" },
	{ "sdt_*/*", "perf probe" },
	{ "tl_dry_run/*", "what `trapline probe --dry-run` prints" },
	{ "tl_dry_run", "what `trapline probe --dry-run` prints" },
	{ "kprobes/*", "perf-tools, or written by hand" },
	{ "uprobes/*", "perf-tools, or written by hand" },
	{ "*probes/*", "written by hand: the kernel's own group" },
	{ "osnoise*", "rtla" },
	{ "timerlat*", "rtla" },
	{ "rasdaemon", "rasdaemon" },
};

static bool fits(const char *pattern, const char *text, pid_t *pid)
{
	size_t digits;

	switch (*pattern) {
	case '\0':
		return *text == '\0';
	case '*':
		do
			if (fits(pattern + 1, text, pid))
				return true;
		while (*text++);
		return false;
	case '#':
		digits = strspn(text, "0123456789");
		if (digits == 0 || !fits(pattern + 1, text + digits, pid))
			return false;
		*pid = (pid_t)strtol(text, NULL, 10);
		return true;
	default:
		return *text == *pattern && fits(pattern + 1, text + 1, pid);
	}
}

static const char *with_process(struct arena *a, const char *tool, pid_t pid)
{
	const char *comm = process_name(a, pid);

	return comm ? arena_fmt(a, "%s, process %d (%s), which runs", tool, (int)pid, comm) :
		      arena_fmt(a, "%s, process %d, which is gone", tool, (int)pid);
}

static const char *owner_by_name(struct arena *a, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(habits); i++) {
		pid_t pid = 0;

		if (fits(habits[i].pattern, name, &pid))
			return pid ? with_process(a, habits[i].tool, pid) : habits[i].tool;
	}
	return NULL;
}

/* The name of the session that a thing belongs to, or NULL: an event's group, an instance, a synthetic event. */
static const char *session_of(struct arena *a, const char *name)
{
	const char *slash = strchr(name, '/'), *session = name;
	uint64_t start;
	pid_t pid;

	if (slash && str_starts(name, "synthetic/"))
		session = slash + 1;
	else if (slash)
		session = arena_strndup(a, name, (size_t)(slash - name));
	return session_name_parse(session, &pid, &start) ? session : NULL;
}

static const char *owner_of(struct arena *a, const char *name)
{
	const char *session = session_of(a, name);
	uint64_t start;
	pid_t pid;

	if (!session)
		return owner_by_name(a, name);
	session_name_parse(session, &pid, &start);
	return session_is_alive(session) ? with_process(a, "trapline", pid) :
					   "a trapline that is dead, and somebody uses it";
}

/* ------------------------------------------------------------------------------------------------
 * events
 * ---------------------------------------------------------------------------------------------- */

/* Where definitions can be read, and deleted. What an earlier file has shown is skipped in dynamic_events. */
static const struct {
	const char *file, *skip;
} definitions[] = {
	{ "uprobe_events", "" },
	{ "kprobe_events", "" },
	{ "dynamic_events", "pr" },
	{ "synthetic_events", "" },
};

/* "p:GROUP/EVENT ...", "r8:GROUP/EVENT ...", "s:synthetic/NAME ..."; in synthetic_events "NAME type field; ...". */
static const char *event_name(struct arena *a, const char *file, const char *line)
{
	const char *colon = strchr(line, ':');
	size_t n = strcspn(line, " \t;");

	if (strcmp(file, "synthetic_events") == 0)
		return arena_fmt(a, "synthetic/%.*s", (int)n, line);
	if (!colon || colon > line + n)
		return NULL;
	return arena_strndup(a, colon + 1, (size_t)(line + n - colon - 1));
}

static int by_name(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->name, y->name);
}

static struct thing *thing_by_name(struct foreign *f, enum thing_kind kind, const char *name)
{
	const struct key wanted = { .kind = kind, .name = name };
	struct key *const *found = tfind(&wanted, &f->index, by_name);

	return found ? &f->things[(*found)->at] : NULL;
}

static struct thing *add_thing(struct foreign *f, enum thing_kind kind, const char *name)
{
	struct key *key = arena_alloc(f->arena, sizeof(*key));
	struct thing *thing;

	*key = (struct key){ kind, name, f->n_things };
	tsearch(key, &f->index, by_name);
	thing = MEM_PUSH(f->things, f->n_things);
	thing->kind = kind;
	thing->name = name;
	return thing;
}

static void keep_key(void *key)
{
}

/* A second definition of a name is a second address of the event. */
static void add_definition(struct foreign *f, const char *file, const char *line)
{
	const char *name = event_name(f->arena, file, line);
	struct thing *thing = name ? thing_by_name(f, THING_EVENT, name) : NULL;

	if (!name || (thing && strcmp(file, "synthetic_events") == 0))
		return;
	if (!thing) {
		thing = add_thing(f, THING_EVENT, name);
		thing->file = file;
		thing->text = arena_strdup(f->arena, line);
		thing->owner = owner_of(f->arena, name);
	} else {
		thing->text = arena_fmt(f->arena, "%s\n%s", thing->text, line);
	}
	thing->addresses++;
}

static void add_definitions(struct foreign *f)
{
	for (size_t i = 0; i < ARRAY_LEN(definitions); i++) {
		_cleanup_(str_release) struct str text = STR_INIT;
		char *lines, *line;

		if (tracefs_read(f->t, definitions[i].file, &text))
			continue;
		for (lines = text.s; (line = strsep(&lines, "\n"));)
			if (*line && !strchr(definitions[i].skip, *line))
				add_definition(f, definitions[i].file, line);
	}
}

/* What is going on with an event. */
struct use {
	struct str words;		/* "enabled in instance x, has a filter at the top level"; "" for nothing */
	bool enabled, trigger;		/* somewhere */
};

static void release_use(struct use *u)
{
	str_release(&u->words);
}

static void add_use(struct use *u, const char *what, const char *dir)
{
	str_addf(&u->words, "%s%s%s%s", u->words.len ? ", " : "", what, *dir ? " in instance " : " at the top level",
		 *dir ? dir + strlen("instances/") : "");
	if (*dir)
		u->words.s[--u->words.len] = '\0';		/* the slash at its end */
}

/* Something other than comments stands in a trigger file. */
static bool has_trigger(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (*text != '#' && *text != '\n')
			return true;
	return false;
}

/* What is going on with an event in one place: "" for the top level, else "instances/NAME/". False when it is not
 * plainly off there. */
static bool look_at_event(struct tracefs *t, const char *dir, const char *name, struct use *use)
{
	_cleanup_(str_release) struct str path = STR_INIT, enable = STR_INIT, filter = STR_INIT, trigger = STR_INIT;

	str_addf(&path, "%sevents/%s/enable", dir, name);
	if (tracefs_read(t, path.s, &enable))
		return false;
	if (enable.s[0] == '1') {
		add_use(use, "enabled", dir);
		use->enabled = true;
	}
	str_clear(&path);
	str_addf(&path, "%sevents/%s/trigger", dir, name);
	if ((tracefs_read(t, path.s, &trigger) == 0 && has_trigger(trigger.s)) || strchr(enable.s, '*')) {
		add_use(use, "has a trigger", dir);
		use->trigger = true;
	}
	str_clear(&path);
	str_addf(&path, "%sevents/%s/filter", dir, name);
	if (tracefs_read(t, path.s, &filter) == 0 && !str_starts(filter.s, "none"))
		add_use(use, "has a filter", dir);
	return strcmp(enable.s, "0\n") == 0;
}

static bool add_instance(void *ctx, const char *name)
{
	struct foreign *f = ctx;

	*MEM_PUSH(f->instances, f->n_instances) = arena_strdup(f->arena, name);
	return true;
}

/* Those that there are now. */
static void list_instances(struct foreign *f)
{
	free(f->instances);
	f->instances = NULL;
	f->n_instances = 0;
	tracefs_each(f->t, "instances", add_instance, f);
}

static const char *instance_dir(struct foreign *f, size_t i)
{
	return arena_fmt(f->arena, "instances/%s/", f->instances[i]);
}

/* True when every `enable` file of the event says exactly 0. An instance may have gone since it was listed. */
static bool look_everywhere(struct foreign *f, const char *name, struct use *use)
{
	bool off = look_at_event(f->t, "", name, use);

	for (size_t i = 0; i < f->n_instances; i++) {
		const char *dir = instance_dir(f, i);

		if (!look_at_event(f->t, dir, name, use) && tracefs_has(f->t, dir))
			off = false;
	}
	return off;
}

static void look_at_events(struct foreign *f)
{
	for (size_t i = 0; i < f->n_things; i++) {
		_cleanup_(release_use) struct use use = { .words = STR_INIT };

		if (f->things[i].kind != THING_EVENT)
			continue;
		look_everywhere(f, f->things[i].name, &use);
		f->things[i].state = use.words.len ? arena_strdup(f->arena, use.words.s) : NULL;
	}
}

/* ------------------------------------------------------------------------------------------------
 * static events that somebody has enabled, filtered, or given a trigger
 * ---------------------------------------------------------------------------------------------- */

struct walk {
	struct foreign *f;
	const char *dir, *group;
};

static bool walk_event(void *ctx, const char *event)
{
	struct walk *w = ctx;
	struct foreign *f = w->f;
	_cleanup_(str_release) struct str name = STR_INIT;
	_cleanup_(release_use) struct use use = { .words = STR_INIT };
	struct thing *thing;

	str_addf(&name, "%s/%s", w->group, event);
	look_at_event(f->t, w->dir, name.s, &use);
	if (!use.words.len || thing_by_name(f, THING_EVENT, name.s))
		return true;
	thing = thing_by_name(f, THING_STATIC, name.s);
	if (!thing)
		thing = add_thing(f, THING_STATIC, arena_strdup(f->arena, name.s));
	thing->state = thing->state ? arena_fmt(f->arena, "%s, %s", thing->state, use.words.s) :
				      arena_strdup(f->arena, use.words.s);
	return true;
}

static bool walk_group(void *ctx, const char *group)
{
	struct walk *w = ctx;

	w->group = group;
	tracefs_each(w->f->t, arena_fmt(w->f->arena, "%sevents/%s", w->dir, group), walk_event, w);
	return true;
}

/* ftrace/ holds what is no event of its own. */
static void look_at_static_events(struct foreign *f, const char *dir)
{
	struct walk w = { .f = f, .dir = dir };

	tracefs_each(f->t, arena_fmt(f->arena, "%sevents", dir), walk_group, &w);
}

/* ------------------------------------------------------------------------------------------------
 * instances and settings
 * ---------------------------------------------------------------------------------------------- */

/* All CPUs that there can be, as the kernel writes them: "f", "3,ffffffff". NULL when that cannot be known. */
static const char *all_cpus(struct foreign *f)
{
	_cleanup_(str_release) struct str possible = STR_INIT, mask = STR_INIT;
	const char *last;
	unsigned n;

	if (os_read_file(AT_FDCWD, "/sys/devices/system/cpu/possible", &possible) || !possible.len)
		return NULL;
	last = possible.s + possible.len;
	while (last > possible.s && last[-1] != '-' && last[-1] != ',')
		last--;
	n = (unsigned)atoi(last) + 1;
	if (n % 32)
		str_addf(&mask, "%x", (1u << n % 32) - 1);
	for (unsigned words = n / 32; words > 0; words--)
		str_addf(&mask, "%sffffffff", mask.len ? "," : "");
	return arena_strdup(f->arena, mask.s);
}

#define NO_FUNCTIONS { "#### all functions enabled ####\n", "#### no functions disabled ####\n" }

/* A setting that is at rest has one of these contents; `*` is anything. One more setting is one more row. */
static const struct setting {
	const char *file;
	const char *rest[3];
	const char *what;		/* what it means when it is not */
	const char *undo;		/* what to write; NULL: what rest_here() says */
	bool functions;			/* a line may also be a command at a function: f:traceoff:count=1 */
	const char *(*rest_here)(struct foreign *f);	/* where it depends on the machine; NULL: rest */
} settings[] = {
	{ "tracing_on", { "1*" }, "recording is switched off", .undo = "1" },
	{ "current_tracer", { "nop*" }, "a tracer runs", .undo = "nop" },
	{ "trace_clock", { "[[]local]*" }, "another clock", .undo = "local" },
	{ "set_event_pid", { "" }, "events of these threads only", .undo = "" },
	{ "set_event_notrace_pid", { "" }, "no events of these threads", .undo = "" },
	{ "tracing_cpumask", { NULL }, "these CPUs are recorded, and no others", .rest_here = all_cpus },
	{ "set_ftrace_filter", NO_FUNCTIONS, "functions that are traced, and commands at functions", .undo = "",
	  .functions = true },
	{ "set_ftrace_notrace", NO_FUNCTIONS, "functions that are not traced", .undo = "", .functions = true },
	{ "set_ftrace_pid", { "no pid*" }, "functions of these threads only", .undo = "" },
	{ "set_graph_function", NO_FUNCTIONS, "functions whose calls are traced", .undo = "" },
	{ "set_graph_notrace", NO_FUNCTIONS, "functions whose calls are not traced", .undo = "" },
	{ "max_graph_depth", { "0*" }, "calls are traced so deep only", .undo = "0" },
	{ "tracing_thresh", { "0*" }, "what takes less microseconds is not traced", .undo = "0" },
	{ "options/stacktrace", { "0*" }, "a kernel stack with each record", .undo = "0" },
	{ "options/userstacktrace", { "0*" }, "a user stack with each record", .undo = "0" },
	{ "buffer_size_kb", { "7 (expanded*", "14[01][0-9]*", "*(expanded: 14[01]*" }, "a buffer of another size",
	  .undo = "1410" },
	{ "buffer_percent", { "50*" }, "readers are woken at another fill", .undo = "50" },
};

/* Is it as where nobody has touched it? undo: what makes it so. */
static bool is_at_rest(struct foreign *f, const struct setting *s, const char *text, const char **undo)
{
	const char *rest = s->rest_here ? s->rest_here(f) : NULL;

	*undo = s->undo ? s->undo : rest;
	if (s->rest_here)
		return !rest || (str_starts(text, rest) && strcmp(text + strlen(rest), "\n") == 0);
	for (size_t i = 0; i < ARRAY_LEN(s->rest) && s->rest[i]; i++)
		if (str_glob(s->rest[i], text))
			return true;
	return false;
}

/* One line of what may be thousands. */
static const char *summary(struct arena *a, const char *text)
{
	enum { WIDTH = 60 };
	size_t n = strcspn(text, "\n");
	bool more = n > WIDTH || (text[n] && text[n + 1]);

	return arena_fmt(a, "%.*s%s", (int)(n > WIDTH ? WIDTH : n), text, more ? " ..." : "");
}

/* A file of tracefs as one types it. */
static const char *typed_path(struct foreign *f, const char *file)
{
	_cleanup_(str_release) struct str word = STR_INIT;

	str_add_shell_word(&word, arena_fmt(f->arena, "%s/%s", tracefs_root(f->t), file));
	return arena_strdup(f->arena, word.s);
}

/* The kernel heads an empty list with a line of its own, and then there may be commands. */
static const char *behind_heading(const char *text)
{
	const char *next = str_starts(text, "####") ? strchr(text, '\n') : NULL;

	return next && next[1] ? next + 1 : text;
}

/* A command at a function does not go with the functions: f:traceoff:unlimited wants !f:traceoff, and
 * f:traceoff:count=1 wants !f:traceoff:0. */
static void undo_command(const char *line, const char *path, struct str *out)
{
	_cleanup_(str_release) struct str word = STR_INIT;
	const char *last = strrchr(line, ':');

	str_addf(&word, "!%.*s%s", (int)(last - line), line, strcmp(last, ":unlimited") == 0 ? "" : ":0");
	str_addf(out, "%secho ", out->len ? "; " : "");
	str_add_shell_word(out, word.s);
	str_addf(out, " >> %s", path);
}

/* The shell line that takes back what stands in a list of functions. */
static const char *undo_functions(struct foreign *f, const char *text, const char *path)
{
	_cleanup_(str_release) struct str out = STR_INIT, lines = STR_INIT;
	char *rest, *line;
	bool functions = false;

	str_add(&lines, behind_heading(text));
	for (rest = lines.s; (line = strsep(&rest, "\n"));) {
		if (strchr(line, ':'))
			undo_command(line, path, &out);
		else
			functions = functions || *line;
	}
	return arena_fmt(f->arena, "%s%s%s%s", functions ? "echo > " : "", functions ? path : "",
			 functions && out.len ? "; " : "", out.len ? out.s : "");
}

/* What differs from a tracefs that nobody uses; dir as above. */
static void look_at_settings(struct foreign *f, const char *dir, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];
		const char *path = arena_fmt(f->arena, "%s%s", dir, s->file);
		_cleanup_(str_release) struct str text = STR_INIT;
		const char *value, *undo;
		struct thing *thing;

		if (tracefs_read(f->t, path, &text) || is_at_rest(f, s, text.s, &undo))
			continue;
		value = summary(f->arena, behind_heading(text.s));
		if (*dir) {
			str_addf(out, "%s%s (%s)", out->len ? ", " : "", s->what, value);
			continue;
		}
		thing = add_thing(f, THING_SETTING, s->file);
		thing->text = value;
		thing->state = s->what;
		path = typed_path(f, s->file);
		thing->undo = s->functions ? undo_functions(f, text.s, path) :
					     arena_fmt(f->arena, "echo %s > %s", undo, path);
	}
}

/* set_event also names the events that only a trigger holds: their `enable` begins with 0. */
static void look_at_enabled(struct foreign *f, const char *dir, struct str *state)
{
	_cleanup_(str_release) struct str text = STR_INIT, enabled = STR_INIT, held = STR_INIT;
	char *rest, *line;

	if (tracefs_read(f->t, arena_fmt(f->arena, "%sset_event", dir), &text))
		return;
	for (rest = text.s; (line = strsep(&rest, "\n"));) {
		_cleanup_(str_release) struct str path = STR_INIT, enable = STR_INIT;
		const char *colon = strchr(line, ':');

		if (!colon || colon == line)
			continue;
		str_addf(&path, "%sevents/%.*s/%s/enable", dir, (int)(colon - line), line, colon + 1);
		tracefs_read(f->t, path.s, &enable);
		str_addf(enable.len && enable.s[0] == '0' ? &held : &enabled, "%s\n", line);
	}
	if (enabled.len)
		str_addf(state, "enabled: %s", summary(f->arena, enabled.s));
	if (held.len)
		str_addf(state, "%strigger: %s", state->len ? ", " : "", summary(f->arena, held.s));
}

static void look_at_instance(struct foreign *f, const char *name)
{
	const char *dir = arena_fmt(f->arena, "instances/%s/", name);
	_cleanup_(str_release) struct str state = STR_INIT, holders = STR_INIT;
	struct thing *thing = add_thing(f, THING_INSTANCE, name);

	thing->owner = owner_of(f->arena, name);
	look_at_enabled(f, dir, &state);
	if (!thing->owner || !session_of(f->arena, name))
		look_at_settings(f, dir, &state);
	holders_of(&f->holders, dir, &holders);
	thing->state = state.len ? arena_strdup(f->arena, state.s) : NULL;
	thing->holders = holders.len ? arena_strdup(f->arena, holders.s) : NULL;
}

/* perf-tools say who they are in a file; when they were killed, it keeps the next ones from starting. */
static void look_at_lock(struct foreign *f)
{
	static const char lock[] = "/var/tmp/.ftrace-lock";
	_cleanup_(str_release) struct str text = STR_INIT;
	struct thing *thing;
	pid_t pid;

	if (os_read_file(AT_FDCWD, lock, &text))
		return;
	pid = (pid_t)atoi(text.s);
	thing = add_thing(f, THING_SETTING, lock);
	thing->text = summary(f->arena, text.s);
	thing->state = "the lock of perf-tools";
	thing->owner = with_process(f->arena, "perf-tools", pid);
	if (pid > 0 && kill(pid, 0) < 0 && errno == ESRCH)
		thing->undo = arena_fmt(f->arena, "rm %s", lock);
}

/* ------------------------------------------------------------------------------------------------
 * the list
 * ---------------------------------------------------------------------------------------------- */

struct foreign *foreign_find(struct tracefs *t)
{
	struct foreign *f = mem_alloc(sizeof(*f));

	f->t = t;
	f->arena = arena_new();
	holders_find(t, f->arena, &f->holders);
	list_instances(f);
	add_definitions(f);
	look_at_events(f);
	look_at_static_events(f, "");
	for (size_t i = 0; i < f->n_instances; i++) {
		look_at_static_events(f, instance_dir(f, i));
		look_at_instance(f, f->instances[i]);
	}
	look_at_settings(f, "", NULL);
	look_at_lock(f);
	return f;
}

void foreign_free(struct foreign *f)
{
	if (!f)
		return;
	holders_release(&f->holders);
	tdestroy(f->index, keep_key);
	free(f->instances);
	free(f->things);
	arena_free(f->arena);
	free(f);
}

const struct thing *foreign_thing(const struct foreign *f, size_t n)
{
	return n < f->n_things ? &f->things[n] : NULL;
}

void foreign_holders(const struct foreign *f, struct str *out)
{
	holders_of(&f->holders, "", out);
}

/* ------------------------------------------------------------------------------------------------
 * removing
 * ---------------------------------------------------------------------------------------------- */

static bool refuse_live(struct foreign *f, const char *name, struct diags *d)
{
	const char *session = session_of(f->arena, name);

	if (!session || !session_is_alive(session))
		return false;
	diag_error(d, NO_SPAN, "%s belongs to %s", name, owner_of(f->arena, name));
	diag_hint(d, "end that process; it takes all back itself");
	return true;
}

static void hint_perf(struct foreign *f, struct diags *d)
{
	_cleanup_(str_release) struct str perf = STR_INIT;

	holders_with_perf(&f->holders, &perf);
	if (perf.len)
		diag_hint(d, "these have perf events open: %s", perf.s);
	else
		diag_hint(d, "no process that can be seen here has perf events open: it may be in another container");
}

/* How the triggers of an event in one place are taken away. The kernel lists them with what it does not take back:
 * "traceoff:unlimited", "hist:keys=... [active]". How many there are. */
static unsigned hint_triggers(struct foreign *f, const char *dir, const char *name, struct diags *d)
{
	const char *path = arena_fmt(f->arena, "%sevents/%s/trigger", dir, name);
	_cleanup_(str_release) struct str text = STR_INIT;
	char *rest, *line;
	unsigned n = 0;

	if (tracefs_read(f->t, path, &text))
		return 0;
	for (rest = text.s; (line = strsep(&rest, "\n"));) {
		_cleanup_(str_release) struct str word = STR_INIT;
		char *state = strstr(line, " [");

		if (*line == '#' || !*line)
			continue;
		if (state && str_starts(line, "hist:"))
			*state = '\0';
		str_add_shell_word(&word, arena_fmt(f->arena, "!%s", line));
		diag_hint(d, "a trigger is taken away by: echo %s >> %s", word.s, typed_path(f, path));
		n++;
	}
	return n;
}

/* Where an event has none itself, one of another event switches it: enable_event:GROUP:EVENT. */
static void hint_all_triggers(struct foreign *f, const char *name, struct diags *d)
{
	unsigned n = hint_triggers(f, "", name, d);

	for (size_t i = 0; i < f->n_instances; i++)
		n += hint_triggers(f, instance_dir(f, i), name, d);
	if (!n)
		diag_hint(d, "a trigger of another event switches it: grep -r %s %s --include=trigger",
			  strchr(name, '/') + 1, typed_path(f, "events"));
}

static bool refuse_enabled(struct foreign *f, const char *name, const struct use *use, struct diags *d)
{
	_cleanup_(str_release) struct str holders = STR_INIT;

	diag_error(d, NO_SPAN, "%s is in use: %s", name, use->words.len ? use->words.s : "its state cannot be read");
	foreign_holders(f, &holders);
	if (holders.len)
		diag_hint(d, "files of tracefs are open in: %s", holders.s);
	if (use->trigger)
		hint_all_triggers(f, name, d);
	if (use->enabled || !use->trigger)
		diag_hint(d, "when nobody needs it: echo 0 into its events/%s/enable there, or remove the instance", name);
	return false;
}

/* perf answers nobody, but keeps ftrace out: EINTR. Recording is off, so nothing is seen of the trial but the
 * breakpoints, which are the event's own. */
static int try_enabling(struct foreign *f, const char *name)
{
	const char *dir = arena_fmt(f->arena, "instances/%s", session_name(f->arena));
	const char *enable = arena_fmt(f->arena, "%s/events/%s/enable", dir, name);
	sigset_t before;
	int err;

	trial_hold_signals(&before);
	err = mkdirat(tracefs_dir(f->t), dir, 0700) < 0 ? -errno : 0;
	if (!err) {
		err = tracefs_write(f->t, arena_fmt(f->arena, "%s/tracing_on", dir), "0");
		if (!err)
			err = tracefs_write(f->t, enable, "1");
		if (!err)
			err = tracefs_write(f->t, enable, "0");
		if (unlinkat(tracefs_dir(f->t), dir, AT_REMOVEDIR) < 0)
			err = -errno;
	}
	trial_let_signals(&before);
	return err;
}

/* How many addresses it has now: somebody may have added one since we looked. */
static unsigned count_addresses(struct foreign *f, const struct thing *thing)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char *rest, *line;
	unsigned n = 0;

	if (tracefs_read(f->t, thing->file, &text))
		return thing->addresses;
	for (rest = text.s; (line = strsep(&rest, "\n"));) {
		const char *name = *line ? event_name(f->arena, thing->file, line) : NULL;

		n += name && strcmp(name, thing->name) == 0;
	}
	return n;
}

/* Several addresses: see the top of this file. */
static bool proved_disabled(struct foreign *f, const struct thing *thing, struct diags *d)
{
	_cleanup_(release_use) struct use use = { .words = STR_INIT };
	unsigned addresses = count_addresses(f, thing);
	int err;

	if (addresses <= 1)
		return true;
	err = try_enabling(f, thing->name);
	list_instances(f);
	if (!err && look_everywhere(f, thing->name, &use))
		return true;
	diag_error(d, NO_SPAN, "%s has %u addresses, and it cannot be proved that nobody uses it: deleting it "
		   "could crash the kernel", thing->name, addresses);
	if (err == -EINTR)
		hint_perf(f, d);
	else if (err)
		diag_hint(d, "the kernel does not enable it: %s", os_strerror(err));
	else
		diag_hint(d, "meanwhile it is %s", use.words.len ? use.words.s : "in a state that cannot be read");
	return false;
}

static bool no_such_event(struct foreign *f, const char *name, struct diags *d)
{
	const char *dir = arena_fmt(f->arena, "events/%s", name);

	if (!strstr(name, "..") && tracefs_has(f->t, dir))
		return diag_error(d, NO_SPAN, "%s is an event of the kernel itself, which cannot be removed", name);
	diag_error(d, NO_SPAN, "nobody has defined an event %s", name);
	return diag_hint(d, "`trapline clean --all` shows what there is");
}

/* May deleting it while somebody has it enabled crash the kernel, if it has several addresses? */
static bool is_dangerous(const struct thing *thing)
{
	return strcmp(thing->file, "uprobe_events") == 0;
}

static bool remove_event(struct foreign *f, const char *name, struct diags *d)
{
	const struct thing *thing = thing_by_name(f, THING_EVENT, name);
	_cleanup_(release_use) struct use use = { .words = STR_INIT };
	int err;

	if (!thing)
		return no_such_event(f, name, d);
	if (refuse_live(f, name, d))
		return false;
	list_instances(f);
	if (!look_everywhere(f, name, &use))
		return refuse_enabled(f, name, &use, d);
	if (is_dangerous(thing) && !proved_disabled(f, thing, d))
		return false;
	err = strcmp(thing->file, "synthetic_events") == 0 ?
		tracefs_append(f->t, thing->file, arena_fmt(f->arena, "!%s", strchr(name, '/') + 1)) :
		undo_run(f->t, &(struct undo){ UNDO_DELETE, thing->file, name });
	if (err == -EBUSY) {
		diag_error(d, NO_SPAN, "%s is in use, though nobody has enabled it in tracefs: by perf, or by a "
			   "trigger", name);
		hint_perf(f, d);
		return false;
	}
	return !err || diag_error(d, NO_SPAN, "%s cannot be deleted: %s", name, os_strerror(err));
}

static bool remove_instance(struct foreign *f, const char *name, struct diags *d)
{
	const struct thing *thing = thing_by_name(f, THING_INSTANCE, name);
	int err;

	if (!thing) {
		diag_error(d, NO_SPAN, "there is no instance '%s'", name);
		return diag_hint(d, "events are named GROUP/EVENT; `trapline clean --all` shows what there is");
	}
	if (refuse_live(f, name, d))
		return false;
	err = undo_run(f->t, &(struct undo){ UNDO_RMDIR, arena_fmt(f->arena, "instances/%s", name), NULL });
	if (err == -EBUSY) {
		diag_error(d, NO_SPAN, "instance %s is in use", name);
		return diag_hint(d, thing->holders ? "files of it are open in: %s" :
						     "no process that can be seen here has its files open: it may "
						     "be in another container%s",
				 thing->holders ? thing->holders : "");
	}
	return !err || diag_error(d, NO_SPAN, "instance %s cannot be removed: %s", name, os_strerror(err));
}

bool foreign_remove(struct foreign *f, const char *name, struct diags *d)
{
	return strchr(name, '/') ? remove_event(f, name, d) : remove_instance(f, name, d);
}
