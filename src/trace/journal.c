/* journal.c - what is left to do if we die: /run/trapline/NAME.
 *
 * Nothing in tracefs goes away by itself when its maker is killed. So before the first write to the kernel
 * the whole way back is written down, one undo a line, in a file that is named as the session's group
 * and instance are. Whoever finds a journal must know whether its session lives. A pid cannot tell (it
 * may belong to somebody else by now); the lock on the journal can: it belongs to the open file that the
 * session and its guardian share, and the kernel drops it when the last of the two is gone.
 *
 * clean_dead() finishes the work of the dead ones. What bears our name and has no journal (somebody
 * emptied /run, or the session sees another /run than we do) is removed with more care: an instance
 * whose files nobody holds open, events that nobody has enabled, of a process that does not exist.
 */
#include "trace/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What others could have put there is not believed. */
static bool is_ours(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && (st->st_uid == geteuid() || st->st_uid == 0) && !(st->st_mode & 022);
}

/* Who may trace without being root (by capabilities, or because tracefs was opened to him) must not own root's
 * directory: his journals are in that of his login, or else below /tmp, where `clean` of the same user finds
 * them. Root's clean does not need them: it knows what is left by its name. */
static const char *journal_dir(void)
{
	static const char of_root[] = "/run/trapline";
	static char of_user[256];
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (geteuid() == 0 || of_user[0])
		return of_user[0] ? of_user : of_root;
	if (runtime && *runtime == '/' && access(runtime, W_OK) == 0)
		snprintf(of_user, sizeof(of_user), "%s/trapline", runtime);
	else
		snprintf(of_user, sizeof(of_user), "/tmp/trapline-%u", (unsigned)geteuid());
	return of_user;
}

static char *journal_path(const char *name)
{
	struct str path = STR_INIT;

	str_addf(&path, "%s/%s", journal_dir(), name);
	return path.s;
}

/* ---- names ---- */

const char *session_name(struct arena *a)
{
	uint64_t start = 0;

	os_start_time(getpid(), &start);
	return arena_fmt(a, "trapline_%d_%" PRIu64, (int)getpid(), start);
}

static bool digits(const char **p, uint64_t *out)
{
	size_t n = strspn(*p, "0123456789");

	if (n == 0 || n > 19)
		return false;
	*out = strtoull(*p, NULL, 10);
	*p += n;
	return true;
}

bool session_name_parse(const char *name, pid_t *pid, uint64_t *start)
{
	uint64_t number;

	if (!str_starts(name, "trapline_"))
		return false;
	name += strlen("trapline_");
	if (!digits(&name, &number) || number == 0 || number > INT32_MAX || *name++ != '_' ||
	    !digits(&name, start) || *name)
		return false;
	*pid = (pid_t)number;
	return true;
}

static bool process_lives(pid_t pid, uint64_t start)
{
	uint64_t now;

	return os_start_time(pid, &now) == 0 && now == start;
}

bool session_is_alive(const char *name)
{
	_cleanup_(mem_free_ptr) char *path = journal_path(name);
	_cleanup_(mem_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint64_t start;
	pid_t pid;

	if (!session_name_parse(name, &pid, &start))
		return false;
	return process_lives(pid, start) || (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0);
}

/* ---- our own journal ---- */

static int write_all(int fd, const struct str *text)
{
	for (size_t done = 0; done < text->len;) {
		ssize_t n = write(fd, text->s + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* A file that has no name yet, so that nobody finds it before it is complete, locked and guarded, and
 * nothing is left of it if we are killed before. Some file systems cannot do that; then it is made under
 * its name at once. Another clean may take that (it is empty) for a dead session's, between the making and
 * the locking, and remove it: then we make another. */
static int create_locked(const char *path, bool *named)
{
	int fd = open(journal_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct stat st;

	*named = false;
	if (fd >= 0) {
		flock(fd, LOCK_EX);
		return fd;
	}
	*named = true;
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0)
			return fd;
		close(fd);
	}
}

static bool cannot_write(struct diags *d, const char *path, int err)
{
	return diag_error(d, NO_SPAN, "cannot write %s, which must remember how to undo all: %s", path,
			  os_strerror(-err));
}

bool journal_open(struct journal *j, const struct plan *p, struct diags *d)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct stat st;
	int err;

	j->path = journal_path(p->opt.name);
	for (unsigned i = 0; i < p->n_steps; i++)
		undo_print(&p->steps[i].undo, &text);
	if (mkdir(journal_dir(), 0700) < 0 && errno != EEXIST)
		return cannot_write(d, journal_dir(), -errno);
	if (lstat(journal_dir(), &st) < 0 || !is_ours(&st))
		return diag_error(d, NO_SPAN, "%s, which must remember how to undo all, belongs to somebody else",
				  journal_dir());
	j->fd = create_locked(j->path, &j->named);
	if (j->fd < 0)
		return cannot_write(d, j->path, j->fd);
	err = write_all(j->fd, &text);
	return !err || cannot_write(d, j->path, err);
}

bool journal_publish(struct journal *j, struct diags *d)
{
	_cleanup_(str_release) struct str file = STR_INIT;

	if (j->named)
		return true;
	str_addf(&file, "/proc/self/fd/%d", j->fd);
	j->named = linkat(AT_FDCWD, file.s, AT_FDCWD, j->path, AT_SYMLINK_FOLLOW) == 0;
	return j->named || cannot_write(d, j->path, -errno);
}

void journal_unlink(struct journal *j)
{
	unlink(j->path);
}

void journal_release(struct journal *j)
{
	mem_close_fd(&j->fd);
	j->fd = -1;
	free(j->path);
	j->path = NULL;
}

/* ---- the journals of the dead ---- */

struct clean {
	struct tracefs *t;
	struct clean_report *report;
	FILE *log;
};

static void say(const struct clean *c, const char *what, const char *thing)
{
	if (c->log)
		fprintf(c->log, "%s %s\n", what, thing);
}

/* Takes back every line, the last one first. A line without an end was cut by a death during the writing
 * of the journal, which comes before the first write to the kernel: there is nothing to undo then. */
static unsigned undo_lines(const struct clean *c, struct str *text)
{
	struct arena *a = arena_new();
	unsigned left = 0;

	while (text->len > 0) {
		struct undo u;
		char *line;

		text->s[--text->len] = '\0';
		line = memrchr(text->s, '\n', text->len);
		line = line ? line + 1 : text->s;
		text->len = (size_t)(line - text->s);
		if (!undo_parse(a, line, &u))
			continue;
		if (undo_run(c->t, &u)) {
			left++;
			say(c, "left, somebody uses it:", u.kind == UNDO_DELETE ? u.text : u.file);
		}
	}
	arena_free(a);
	return left;
}

static bool file_is_complete(const struct str *text)
{
	return text->len == 0 || text->s[text->len - 1] == '\n';
}

static void clean_journal(struct clean *c, int dir, const char *name)
{
	_cleanup_(mem_close_fd) int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_(str_release) struct str text = STR_INIT;
	struct stat st;
	unsigned left = 0;

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		c->report->alive++;
		return;
	}
	if (fstat(fd, &st) < 0 || st.st_nlink == 0 || !S_ISREG(st.st_mode))
		return;			/* another clean was faster */
	if (os_read_file(dir, name, &text) < 0)
		return;
	if (file_is_complete(&text))
		left = undo_lines(c, &text);
	c->report->left += left;
	if (left)
		return;
	unlinkat(dir, name, 0);
	c->report->finished++;
	say(c, "finished the work of", name);
}

static int clean_journals(struct clean *c)
{
	DIR *stream = opendir(journal_dir());
	struct dirent *entry;
	struct stat st;

	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(dirfd(stream), &st) < 0 || !is_ours(&st)) {
		closedir(stream);
		return 0;
	}
	while ((entry = readdir(stream))) {
		pid_t pid;
		uint64_t start;

		if (session_name_parse(entry->d_name, &pid, &start))
			clean_journal(c, dirfd(stream), entry->d_name);
	}
	closedir(stream);
	return 0;
}

/* ---- what bears our name and has no journal ---- */

/* A dead session's name, whose journal is gone. */
static bool is_orphan(const char *name)
{
	_cleanup_(mem_free_ptr) char *path = journal_path(name);
	uint64_t start;
	pid_t pid;

	return session_name_parse(name, &pid, &start) && access(path, F_OK) < 0 && !process_lives(pid, start);
}

static bool clean_instance(void *ctx, const char *name)
{
	struct clean *c = ctx;
	_cleanup_(str_release) struct str dir = STR_INIT;

	if (!is_orphan(name))
		return true;
	str_addf(&dir, "instances/%s", name);
	/* no patience here: a file held open in it is the sign of a living session */
	if (unlinkat(tracefs_dir(c->t), dir.s, AT_REMOVEDIR) == 0) {
		c->report->finished++;
		say(c, "removed instance", name);
	} else if (errno == EBUSY) {
		c->report->alive++;
	}
	return true;
}

static bool has_instance(const struct clean *c, const char *name)
{
	_cleanup_(str_release) struct str dir = STR_INIT;

	str_addf(&dir, "instances/%s", name);
	return tracefs_has(c->t, dir.s);
}

/* Whose event it is: that of the session which its group is named after. Synthetic events have one group for
 * all; they bear the name themselves. */
static const char *dead_owner(const char *group, const char *event)
{
	const char *owner = strcmp(group, "synthetic") == 0 ? event : group;

	return is_orphan(owner) ? owner : NULL;
}

/* line: p:GROUP/EVENT ... or r8:GROUP/EVENT ... */
static void clean_event(struct clean *c, const char *file, char *line)
{
	_cleanup_(str_release) struct str group = STR_INIT;
	char *event = strchr(line, ':'), *slash;
	const char *owner;

	if (!event)
		return;
	event++;
	event[strcspn(event, " \t")] = '\0';
	slash = strchr(event, '/');
	if (!slash)
		return;
	str_addn(&group, event, (size_t)(slash - event));
	owner = dead_owner(group.s, slash + 1);
	if (!owner || has_instance(c, owner))
		return;
	if (undo_run(c->t, &(struct undo){ UNDO_DELETE, file, event }) == 0) {
		c->report->finished++;
		say(c, "deleted event", event);
	} else {
		c->report->left++;
		say(c, "left, somebody uses it:", event);
	}
}

/* skip: kinds of events that another file has had already. */
static void clean_events(struct clean *c, const char *file, const char *skip)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char *lines, *line;

	if (tracefs_read(c->t, file, &text))
		return;
	for (lines = text.s; (line = strsep(&lines, "\n"));)
		if (*line && !strchr(skip, *line))
			clean_event(c, file, line);
}

int clean_dead(struct tracefs *t, struct clean_report *r, FILE *log)
{
	struct clean c = { .t = t, .report = r, .log = log };
	int err;

	*r = (struct clean_report){ 0 };
	err = clean_journals(&c);
	tracefs_each(t, "instances", clean_instance, &c);
	for (unsigned i = 0; tracefs_probe_files[i]; i++)
		clean_events(&c, tracefs_probe_files[i], "");
	clean_events(&c, "dynamic_events", "pr");
	return err;
}
