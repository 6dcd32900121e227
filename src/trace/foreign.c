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
 * of their users: their next hit crashes it. So such an event goes only when it is provably disabled
 * everywhere: every `enable` file of it says exactly 0, and a trial to enable it in an instance of our own is
 * not answered with EINTR, which would mean that perf has it open.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
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

static struct thing *thing_by_name(struct foreign *f, enum thing_kind kind, const char *name)
{
	for (size_t i = 0; i < f->n_things; i++)
		if (f->things[i].kind == kind && strcmp(f->things[i].name, name) == 0)
			return &f->things[i];
	return NULL;
}

static struct thing *add_thing(struct foreign *f, enum thing_kind kind, const char *name)
{
	struct thing *thing = MEM_PUSH(f->things, f->n_things);

	thing->kind = kind;
	thing->name = name;
	return thing;
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

static void add_state(struct str *out, const char *what, const char *dir)
{
	str_addf(out, "%s%s%s%s", out->len ? ", " : "", what, *dir ? " in instance " : " at the top level",
		 *dir ? dir + strlen("instances/") : "");
	if (*dir)
		out->s[--out->len] = '\0';		/* the slash at its end */
}

/* Something other than comments stands in a trigger file. */
static bool has_trigger(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (*text != '#' && *text != '\n')
			return true;
	return false;
}

/* What is going on with an event in one place: "" for the top level, else "instances/NAME/". False when that cannot
 * be known. */
static bool look_at_event(struct tracefs *t, const char *dir, const char *name, struct str *state)
{
	_cleanup_(str_release) struct str path = STR_INIT, enable = STR_INIT, filter = STR_INIT, trigger = STR_INIT;

	str_addf(&path, "%sevents/%s/enable", dir, name);
	if (tracefs_read(t, path.s, &enable))
		return false;
	if (enable.s[0] == '1')
		add_state(state, "enabled", dir);
	str_clear(&path);
	str_addf(&path, "%sevents/%s/trigger", dir, name);
	if ((tracefs_read(t, path.s, &trigger) == 0 && has_trigger(trigger.s)) || strchr(enable.s, '*'))
		add_state(state, "has a trigger", dir);
	str_clear(&path);
	str_addf(&path, "%sevents/%s/filter", dir, name);
	if (tracefs_read(t, path.s, &filter) == 0 && !str_starts(filter.s, "none"))
		add_state(state, "has a filter", dir);
	return strcmp(enable.s, "0\n") == 0;
}

/* True when every `enable` file of the event says exactly 0. An instance may have gone since it was listed. */
static bool look_everywhere(struct foreign *f, const char *name, struct str *state)
{
	bool off = look_at_event(f->t, "", name, state);

	for (size_t i = 0; i < f->n_instances; i++) {
		const char *dir = arena_fmt(f->arena, "instances/%s/", f->instances[i]);

		if (!look_at_event(f->t, dir, name, state) && tracefs_has(f->t, dir))
			off = false;
	}
	return off;
}

static void look_at_events(struct foreign *f)
{
	for (size_t i = 0; i < f->n_things; i++) {
		_cleanup_(str_release) struct str state = STR_INIT;

		if (f->things[i].kind != THING_EVENT)
			continue;
		look_everywhere(f, f->things[i].name, &state);
		f->things[i].state = state.len ? arena_strdup(f->arena, state.s) : NULL;
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
	_cleanup_(str_release) struct str name = STR_INIT, state = STR_INIT;
	struct thing *thing;

	str_addf(&name, "%s/%s", w->group, event);
	look_at_event(f->t, w->dir, name.s, &state);
	if (!state.len || thing_by_name(f, THING_EVENT, name.s))
		return true;
	thing = thing_by_name(f, THING_STATIC, name.s);
	if (!thing)
		thing = add_thing(f, THING_STATIC, arena_strdup(f->arena, name.s));
	thing->state = thing->state ? arena_fmt(f->arena, "%s, %s", thing->state, state.s) :
				      arena_strdup(f->arena, state.s);
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

static bool add_instance(void *ctx, const char *name)
{
	struct foreign *f = ctx;

	*MEM_PUSH(f->instances, f->n_instances) = arena_strdup(f->arena, name);
	return true;
}

/* A setting that is at rest has one of these contents; `*` is anything. One more setting is one more row. */
static const struct setting {
	const char *file;
	const char *rest[3];
	const char *what;		/* what it means when it is not */
	const char *undo;		/* what to write; NULL: nothing to do */
} settings[] = {
	{ "tracing_on", { "1*" }, "recording is switched off", "1" },
	{ "current_tracer", { "nop*" }, "a tracer runs", "nop" },
	{ "trace_clock", { "[[]local]*" }, "another clock", "local" },
	{ "set_event_pid", { "" }, "events of these threads only", "" },
	{ "set_event_notrace_pid", { "" }, "no events of these threads", "" },
	{ "set_ftrace_filter", { "#### all functions enabled ####*" }, "functions that are traced", "" },
	{ "set_ftrace_notrace", { "#### no functions disabled ####*" }, "functions that are not traced", "" },
	{ "set_ftrace_pid", { "no pid*" }, "functions of these threads only", "" },
	{ "set_graph_function", { "#### all functions enabled ####*" }, "functions whose calls are traced", "" },
	{ "buffer_size_kb", { "7 (expanded*", "14[01][0-9]*", "*(expanded: 14[01]*" }, "a buffer of another size",
	  "1410" },
	{ "buffer_percent", { "50*" }, "readers are woken at another fill", "50" },
};

static bool is_at_rest(const struct setting *s, const char *text)
{
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

/* What differs from a tracefs that nobody uses; dir as above. */
static void look_at_settings(struct foreign *f, const char *dir, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];
		const char *path = arena_fmt(f->arena, "%s%s", dir, s->file);
		_cleanup_(str_release) struct str text = STR_INIT;
		struct thing *thing;

		if (tracefs_read(f->t, path, &text) || is_at_rest(s, text.s))
			continue;
		if (*dir) {
			str_addf(out, "%s%s (%s)", out->len ? ", " : "", s->what, summary(f->arena, text.s));
			continue;
		}
		thing = add_thing(f, THING_SETTING, s->file);
		thing->text = summary(f->arena, text.s);
		thing->state = s->what;
		thing->undo = arena_fmt(f->arena, "echo %s > %s/%s", s->undo, tracefs_root(f->t), s->file);
	}
}

static void look_at_instance(struct foreign *f, const char *name)
{
	const char *dir = arena_fmt(f->arena, "instances/%s/", name);
	_cleanup_(str_release) struct str state = STR_INIT, holders = STR_INIT, enabled = STR_INIT;
	struct thing *thing = add_thing(f, THING_INSTANCE, name);

	thing->owner = owner_of(f->arena, name);
	if (tracefs_read(f->t, arena_fmt(f->arena, "%sset_event", dir), &enabled) == 0 && enabled.len)
		str_addf(&state, "enabled: %s", summary(f->arena, enabled.s));
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
	tracefs_each(t, "instances", add_instance, f);
	add_definitions(f);
	look_at_events(f);
	look_at_static_events(f, "");
	for (size_t i = 0; i < f->n_instances; i++)
		look_at_instance(f, f->instances[i]);
	look_at_settings(f, "", NULL);
	look_at_lock(f);
	return f;
}

void foreign_free(struct foreign *f)
{
	if (!f)
		return;
	holders_release(&f->holders);
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

static bool refuse_enabled(struct foreign *f, const char *name, const char *state, struct diags *d)
{
	_cleanup_(str_release) struct str holders = STR_INIT;

	diag_error(d, NO_SPAN, "%s is in use: %s", name, state);
	foreign_holders(f, &holders);
	if (holders.len)
		diag_hint(d, "files of tracefs are open in: %s", holders.s);
	return diag_hint(d, "when nobody needs it: echo 0 into its events/%s/enable there, or remove the instance",
			 name);
}

/* perf answers nobody, but keeps ftrace out: EINTR. Recording is off, so nothing is seen of the trial but the
 * breakpoints, which are the event's own. */
static int try_enabling(struct foreign *f, const char *name)
{
	const char *dir = arena_fmt(f->arena, "instances/%s", session_name(f->arena));
	const char *enable = arena_fmt(f->arena, "%s/events/%s/enable", dir, name);
	int err;

	if (mkdirat(tracefs_dir(f->t), dir, 0700) < 0)
		return -errno;
	err = tracefs_write(f->t, arena_fmt(f->arena, "%s/tracing_on", dir), "0");
	if (!err)
		err = tracefs_write(f->t, enable, "1");
	if (!err)
		err = tracefs_write(f->t, enable, "0");
	if (unlinkat(tracefs_dir(f->t), dir, AT_REMOVEDIR) < 0)
		return -errno;
	return err;
}

/* Several addresses: see the top of this file. */
static bool proved_disabled(struct foreign *f, const struct thing *thing, struct diags *d)
{
	_cleanup_(str_release) struct str state = STR_INIT;
	int err = try_enabling(f, thing->name);

	if (!err && look_everywhere(f, thing->name, &state))
		return true;
	diag_error(d, NO_SPAN, "%s has %u addresses, and it cannot be proved that nobody uses it: deleting it "
		   "could crash the kernel", thing->name, thing->addresses);
	if (err == -EINTR)
		hint_perf(f, d);
	else if (err)
		diag_hint(d, "the kernel does not enable it: %s", os_strerror(err));
	else
		diag_hint(d, "meanwhile it is %s", state.s);
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

static bool remove_event(struct foreign *f, const char *name, struct diags *d)
{
	const struct thing *thing = thing_by_name(f, THING_EVENT, name);
	_cleanup_(str_release) struct str state = STR_INIT;
	bool off;
	int err;

	if (!thing)
		return no_such_event(f, name, d);
	if (refuse_live(f, name, d))
		return false;
	off = look_everywhere(f, name, &state);
	if (!off)
		return refuse_enabled(f, name, state.len ? state.s : "its state cannot be read", d);
	if (thing->addresses > 1 && !proved_disabled(f, thing, d))
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
