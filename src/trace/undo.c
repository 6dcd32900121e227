/* undo.c - one step back.
 *
 * The session takes its steps back when it ends, the guardian when the session was killed, and `clean`
 * when both were. All of them come here, and what they undo may have been undone already, or was never
 * done: what does not exist is success.
 *
 * A probe event may only be deleted when nobody has it enabled, for deleting it wipes the ring buffer of
 * every instance that ever enabled it. The kernel answers EBUSY while somebody has; we ask once more
 * before, since a second definition that somebody has put under the same name would not be protected by
 * that answer (and would crash the kernel at its next hit).
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 2000

static void sleep_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

/* "0" and nothing else: "0*" says that a trigger holds it. */
static bool is_enabled(const struct tracefs *t, const char *event)
{
	_cleanup_(str_release) struct str file = STR_INIT, state = STR_INIT;

	str_addf(&file, "events/%s/enable", event);
	return tracefs_read(t, file.s, &state) == 0 && strcmp(state.s, "0\n") != 0;
}

/* Where tracefs shows nobody and the kernel says EBUSY all the same, perf has it: mostly a thread that is about to
 * end, or was born while we closed ours, with an event that it inherited. That is over in a moment. */
static int delete_event(const struct tracefs *t, const struct undo *u)
{
	_cleanup_(str_release) struct str line = STR_INIT;

	str_addf(&line, "-:%s", u->text);
	for (unsigned ms = 0;; ms += 20) {
		int err;

		if (is_enabled(t, u->text))
			return -EBUSY;
		err = tracefs_append(t, u->file, line.s);
		if (err != -EBUSY || ms >= PATIENCE_MS)
			return err;
		sleep_ms(20);
	}
}

/* Somebody who reads from the instance, as a dying session still may, is often gone in a moment. */
static int remove_instance(const struct tracefs *t, const struct undo *u)
{
	for (unsigned ms = 0;; ms += 20) {
		if (unlinkat(tracefs_dir(t), u->file, AT_REMOVEDIR) == 0)
			return 0;
		if (errno != EBUSY || ms >= PATIENCE_MS)
			return -errno;
		sleep_ms(20);
	}
}

static int write_back(const struct tracefs *t, const struct undo *u)
{
	return tracefs_write(t, u->file, u->text);
}

static int nothing(const struct tracefs *t, const struct undo *u)
{
	return 0;
}

/* Where nothing can be written, was the step ever taken? */
static bool was_done(const struct tracefs *t, const struct undo *u)
{
	_cleanup_(str_release) struct str thing = STR_INIT;

	if (u->kind == UNDO_DELETE)
		str_addf(&thing, "events/%s", u->text);
	else
		str_add(&thing, u->file);
	return tracefs_has(t, thing.s);
}

int undo_run(const struct tracefs *t, const struct undo *u)
{
	static int (*const how[])(const struct tracefs *t, const struct undo *u) = {
		[UNDO_NOTHING] = nothing,
		[UNDO_DELETE] = delete_event,
		[UNDO_RMDIR] = remove_instance,
		[UNDO_WRITE] = write_back,
		[UNDO_CLOSE] = nothing,
	};
	int err = how[u->kind](t, u);

	bool closed = err == -EROFS || err == -EACCES || err == -EPERM;

	return err == -ENOENT || (closed && !was_done(t, u)) ? 0 : err;
}

unsigned undo_plan(const struct tracefs *t, const struct plan *p, FILE *log)
{
	unsigned left = 0;

	for (unsigned i = p->n_steps; i-- > 0;) {
		const struct undo *u = &p->steps[i].undo;
		int err = undo_run(t, u);

		left += err != 0;
		if (err && log)
			fprintf(log, "trapline: %s is left: %s; `trapline clean` will finish\n",
				u->kind == UNDO_DELETE ? u->text : u->file,
				err == -EBUSY ? "somebody else uses it" : os_strerror(-err));
	}
	return left;
}
