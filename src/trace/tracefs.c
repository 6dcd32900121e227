/* tracefs.c - where tracefs is, and every read and write below it.
 *
 * tracefs is the kernel's tracing as a tree of files, normally at /sys/kernel/tracing. A few of them are
 * dangerous to open carelessly: opening uprobe_events or kprobe_events with O_TRUNC, as a shell's `>`
 * does, deletes *everybody's* probes. So there are two doors here, tracefs_append() for the files that
 * define probes and tracefs_write() for plain settings, and no third.
 *
 * The root is held open for the whole run and every path is below that descriptor: an umount by somebody
 * else cannot take it away.
 *
 * A mount of ours says so itself: where others write the type, the first word of /proc/mounts, it has our name.
 * So nothing else need remember it, and no kill comes between the mounting and the note. Everybody of us who
 * leaves tries to unmount such a mount, also when another one made it: while somebody has a file open below it
 * the kernel says EBUSY, so the last one succeeds, or, after a kill, the next.
 *
 * A kernel that was booted with lockdown=confidentiality mounts tracefs and leaves it empty, and some (6.12) crash
 * when that is unmounted. So there nothing is mounted, and what turned out to be empty is never unmounted.
 *
 * When the kernel refuses a line, write() returns little more than EINVAL; the words are in error_log:
 *
 *	[ 2248.604785] trace_uprobe: error: Invalid register name
 *	  Command: p:group/event /bin/bash:0x1139 a=%rdi:s32
 *	                                            ^
 *
 * The log is shared with everybody who traces, so an entry is ours only if its Command is our line.
 */
#include "trace/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define TRACEFS_MAGIC	0x74726163
#define DEBUGFS_MAGIC	0x64626720

struct tracefs {
	int dir;
	char *root;
	const char *mounted;	/* by one of us: the mount point, else NULL */
};

const char *const tracefs_probe_files[] = { "uprobe_events", "kprobe_events", NULL };

static const char home[] = "/sys/kernel/tracing";

/* What our mounts have for a source. */
static const char our_name[] = "trapline";

/* Where these files can be. Before Linux 4.1 they were a part of debugfs; on later kernels that place is an
 * automount of tracefs. */
static const struct place {
	const char *type, *mount_point, *below;
} places[] = {
	{ "tracefs", home, "" },
	{ "debugfs", "/sys/kernel/debug", "/tracing" },
};

static bool is_empty(int dir)
{
	DIR *stream = fdopendir(fcntl(dir, F_DUPFD_CLOEXEC, 0));
	struct dirent *entry;
	bool empty = stream != NULL;

	while (empty && (entry = readdir(stream)))
		empty = entry->d_name[0] == '.';
	if (stream)
		closedir(stream);
	return empty;
}

/* A descriptor; -ENODATA for a tracefs in which the kernel shows nothing; another -errno. */
static int open_root(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = -ENOENT;
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) == 0 && (fs.f_type == TRACEFS_MAGIC || fs.f_type == DEBUGFS_MAGIC)) {
		if (fstatat(fd, "trace_pipe", &st, 0) == 0)
			return fd;
		if (errno == EACCES)
			err = -EACCES;
		else if (fs.f_type == TRACEFS_MAGIC && is_empty(fd))
			err = -ENODATA;
	}
	close(fd);
	return err;
}

/* What was found on the way: a root that is ours to use, or one that is there and closed to us. */
struct search {
	int dir;		/* -1: none yet */
	char *root;
	char *denied;		/* owned, or NULL */
	int err;
};

static bool try_root(struct search *s, const char *path)
{
	int fd = open_root(path);

	if (fd >= 0) {
		s->dir = fd;
		s->root = mem_strdup(path);
	} else if ((fd == -EACCES || fd == -EPERM || fd == -ENODATA) && !s->denied) {
		s->denied = mem_strdup(path);
		s->err = fd;
	}
	return fd >= 0;
}

/* In /proc/self/mounts blanks and backslashes stand as \040: three octal digits. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* A line of /proc/self/mounts, which can be read by everybody. */
struct mounted {
	const char *source, *path, *type;
};

static bool next_mount(char **lines, struct mounted *m)
{
	char *line, *path;

	do {
		line = strsep(lines, "\n");
		m->source = strsep(&line, " ");
		m->path = path = strsep(&line, " ");
		m->type = strsep(&line, " ");
	} while (*lines && !m->type);
	if (m->type)
		unescape(path);
	return m->type != NULL;
}

/* Where else it is mounted; a mount that is closed to us is noticed too. */
static void search_mounts(struct search *s)
{
	_cleanup_(str_release) struct str mounts = STR_INIT;
	struct mounted m;
	char *lines;

	if (os_read_file(AT_FDCWD, "/proc/self/mounts", &mounts))
		return;
	for (lines = mounts.s; s->dir < 0 && next_mount(&lines, &m);)
		for (size_t i = 0; i < ARRAY_LEN(places); i++) {
			_cleanup_(str_release) struct str root = STR_INIT;

			if (strcmp(m.type, places[i].type) != 0)
				continue;
			str_addf(&root, "%s%s", m.path, places[i].below);
			try_root(s, root.s);
		}
}

/* debugfs is closed to all but root, so that it denies us its tracing/ does not mean that this is there: only
 * where tracefs is mounted itself. */
static void forget_denied_debugfs(struct search *s)
{
	const struct place *debugfs = &places[ARRAY_LEN(places) - 1];

	if (s->denied && s->dir < 0 && str_starts(s->denied, debugfs->mount_point)) {
		free(s->denied);
		s->denied = NULL;
	}
}

static struct search search(void)
{
	struct search s = { .dir = -1 };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		_cleanup_(str_release) struct str root = STR_INIT;

		str_addf(&root, "%s%s", places[i].mount_point, places[i].below);
		if (try_root(&s, root.s))
			return s;
		forget_denied_debugfs(&s);
	}
	search_mounts(&s);
	return s;
}

/* Mounts it in one place, and looks there. Where another one was faster the kernel says EBUSY; it may be gone again
 * when we look. */
static int mount_place(struct search *s, const struct place *p)
{
	enum { TRIES = 10 };
	_cleanup_(str_release) struct str root = STR_INIT;
	int err = 0;

	str_addf(&root, "%s%s", p->mount_point, p->below);
	for (unsigned tries = 0; tries < TRIES; tries++) {
		err = mount(our_name, p->mount_point, p->type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ? -errno : 0;
		if (err && err != -EBUSY)
			return err;
		if (try_root(s, root.s) || s->denied)
			return 0;
		if (!err) {
			umount2(p->mount_point, UMOUNT_NOFOLLOW);
			return -ENOENT;
		}
	}
	return err;
}

/* Mounts it where it belongs. The next place is only tried when this kernel does not know the one before. */
static int mount_root(struct search *s)
{
	int err = -ENOENT, first = 0;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		err = mount_place(s, &places[i]);
		if (err != -ENODEV && err != -ENOENT)
			return err;
		first = i ? first : err;
	}
	return first ? first : err;
}

/* The mount point that a root belongs to, when one of us has mounted that: of several mounts in one place the last
 * one lies on top. */
static const char *our_mount(const char *root)
{
	_cleanup_(str_release) struct str mounts = STR_INIT;
	const char *ours = NULL;
	struct mounted m;
	char *lines;

	if (os_read_file(AT_FDCWD, "/proc/self/mounts", &mounts))
		return NULL;
	for (lines = mounts.s; next_mount(&lines, &m);)
		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			if (strcmp(m.path, places[i].mount_point) == 0 && str_starts(root, m.path) &&
			    strcmp(root + strlen(m.path), places[i].below) == 0)
				ours = strcmp(m.source, our_name) == 0 ? places[i].mount_point : NULL;
	return ours;
}

struct tracefs *tracefs_find(struct str *why, struct str *todo)
{
	struct search s = search();
	struct tracefs *t = NULL;
	int err = 0;

	if (s.dir < 0 && !s.denied) {
		if (locked_down("tracefs", why, todo))
			return NULL;
		err = mount_root(&s);
	}
	if (s.dir >= 0) {
		t = mem_alloc(sizeof(*t));
		*t = (struct tracefs){ s.dir, s.root, our_mount(s.root) };
	} else if (s.denied) {
		tracefs_why(s.denied, NULL, s.err, why, todo);
	} else {
		mount_why("tracefs", home, err, why, todo);
	}
	free(s.denied);
	return t;
}

struct tracefs *tracefs_open(struct diags *d)
{
	_cleanup_(str_release) struct str why = STR_INIT, todo = STR_INIT;
	struct tracefs *t = tracefs_find(&why, &todo);

	if (!t) {
		diag_error(d, NO_SPAN, "tracefs cannot be used: %s", why.s);
		if (todo.len)
			diag_hint(d, "%s", todo.s);
	}
	return t;
}

/* EBUSY: somebody uses it; or two of us try it in the same moment, and stand in each other's way. */
void tracefs_unmount(struct tracefs *t)
{
	enum { TRIES = 5 };

	if (t->dir >= 0)
		close(t->dir);
	t->dir = -1;
	for (unsigned tries = 0; t->mounted && tries < TRIES; tries++) {
		if (umount2(t->mounted, UMOUNT_NOFOLLOW) == 0 || errno != EBUSY)
			break;
		usleep(1000 + (unsigned)getpid() % 7 * 300);
	}
	t->mounted = NULL;
}

void tracefs_close(struct tracefs *t)
{
	if (!t)
		return;
	tracefs_unmount(t);
	free(t->root);
	free(t);
}

const char *tracefs_root(const struct tracefs *t)
{
	return t->root;
}

int tracefs_dir(const struct tracefs *t)
{
	return t->dir;
}

/* ---- reading and writing ---- */

static int write_line(const struct tracefs *t, const char *file, const char *line, int flags)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	str_addf(&text, "%s\n", line);
	return os_write_file(t->dir, file, text.s, flags);
}

int tracefs_append(const struct tracefs *t, const char *file, const char *line)
{
	return write_line(t, file, line, O_APPEND);
}

/* uprobe_events, kprobe_events, dynamic_events, synthetic_events: this would delete what everybody has
 * defined there. */
static bool defines_events(const char *file)
{
	return str_ends(file, "_events");
}

int tracefs_write(const struct tracefs *t, const char *file, const char *text)
{
	return defines_events(file) ? -EINVAL : write_line(t, file, text, O_TRUNC);
}

int tracefs_read(const struct tracefs *t, const char *file, struct str *out)
{
	return os_read_file(t->dir, file, out);
}

bool tracefs_has(const struct tracefs *t, const char *file)
{
	struct stat st;

	return fstatat(t->dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int tracefs_each(const struct tracefs *t, const char *dir, bool (*fn)(void *ctx, const char *name), void *ctx)
{
	int fd = openat(t->dir, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *stream;

	if (fd < 0)
		return -errno;
	stream = fdopendir(fd);
	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(stream)))
		if (entry->d_name[0] != '.' && !fn(ctx, entry->d_name))
			break;
	closedir(stream);
	return 0;
}

/* ---- complaints ---- */

static const char command_word[] = "  Command: ";

/* Old kernels keep only the first 255 bytes of a command. */
static bool same_command(const char *logged, const char *line)
{
	size_t n = strlen(logged);

	return strcmp(logged, line) == 0 || (n >= 255 && strncmp(logged, line, n) == 0);
}

bool tracefs_complaint(const struct tracefs *t, const char *line, struct str *text, unsigned *column)
{
	_cleanup_(str_release) struct str log = STR_INIT;
	const char *error = NULL;
	char *lines, *l;
	bool found = false, ours = false;

	if (tracefs_read(t, "error_log", &log))
		return false;
	for (lines = log.s; (l = strsep(&lines, "\n"));) {
		const char *words = strstr(l, "error: "), *caret = strchr(l, '^');

		if (l[0] == '[') {
			error = words ? words + strlen("error: ") : NULL;
			ours = false;
		} else if (str_starts(l, command_word)) {
			ours = error && same_command(l + strlen(command_word), line);
			if (ours) {
				str_clear(text);
				str_add(text, error);
				*column = 0;
				found = true;
			}
		} else if (ours && caret && caret - l >= (long)strlen(command_word)) {
			*column = (unsigned)(caret - l - (long)strlen(command_word));
		}
	}
	return found;
}

bool tracefs_filter_complaint(const struct tracefs *t, const char *file, struct str *text, unsigned *column)
{
	static const char word[] = "parse_error: ";
	_cleanup_(str_release) struct str filter = STR_INIT;
	const char *caret, *error;

	if (tracefs_read(t, file, &filter))
		return false;
	error = strstr(filter.s, word);
	if (!error)
		return false;
	error += strlen(word);
	str_addn(text, error, strcspn(error, "\n"));
	caret = memrchr(filter.s, '^', (size_t)(error - filter.s));
	*column = 0;
	if (caret) {
		const char *begin = memrchr(filter.s, '\n', (size_t)(caret - filter.s));

		*column = (unsigned)(caret - (begin ? begin + 1 : filter.s));
	}
	return true;
}
