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
	bool mounted;		/* by us */
};

const char *const tracefs_probe_files[] = { "uprobe_events", "kprobe_events", NULL };

static const char home[] = "/sys/kernel/tracing";

/* Before Linux 4.1 these files were a part of debugfs. */
static int open_root(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) == 0 && (fs.f_type == TRACEFS_MAGIC || fs.f_type == DEBUGFS_MAGIC) &&
	    faccessat(fd, "trace_pipe", F_OK, 0) == 0)
		return fd;
	close(fd);
	return -ENOENT;
}

/* Where else tracefs is mounted: the second word of a line of /proc/self/mounts whose third is its type. */
static int open_elsewhere(char **root)
{
	_cleanup_(str_release) struct str mounts = STR_INIT;
	char *lines, *line;
	int fd = -ENOENT;

	if (os_read_file(AT_FDCWD, "/proc/self/mounts", &mounts))
		return -ENOENT;
	for (lines = mounts.s; fd < 0 && (line = strsep(&lines, "\n"));) {
		char *path, *type;

		strsep(&line, " ");
		path = strsep(&line, " ");
		type = strsep(&line, " ");
		if (!type || strcmp(type, "tracefs") != 0)
			continue;
		fd = open_root(path);
		if (fd >= 0)
			*root = mem_strdup(path);
	}
	return fd;
}

static int find_root(char **root)
{
	static const char *const places[] = { home, "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		int fd = open_root(places[i]);

		if (fd >= 0) {
			*root = mem_strdup(places[i]);
			return fd;
		}
		if (fd == -EACCES || fd == -EPERM)
			return fd;
	}
	return open_elsewhere(root);
}

static int mount_root(char **root)
{
	int fd;

	if (mount("tracefs", home, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return -errno;
	fd = open_root(home);
	if (fd < 0)
		umount2(home, 0);
	else
		*root = mem_strdup(home);
	return fd;
}

struct tracefs *tracefs_open(struct diags *d)
{
	struct tracefs t = { .dir = -1 }, *out;

	t.dir = find_root(&t.root);
	if (t.dir == -ENOENT) {
		t.dir = mount_root(&t.root);
		t.mounted = t.dir >= 0;
	}
	if (t.dir == -EACCES || t.dir == -EPERM) {
		diag_error(d, NO_SPAN, "tracing needs root: tracefs cannot be opened: %s",
			   os_strerror(-t.dir));
		return NULL;
	}
	if (t.dir < 0) {
		diag_error(d, NO_SPAN, "there is no tracefs, and it cannot be mounted at %s: %s", home,
			   os_strerror(-t.dir));
		return NULL;
	}
	out = mem_alloc(sizeof(*out));
	*out = t;
	return out;
}

void tracefs_unmount(struct tracefs *t)
{
	close(t->dir);
	t->dir = -1;
	if (t->mounted)
		umount2(t->root, UMOUNT_NOFOLLOW);	/* EBUSY: somebody has come to use it */
	t->mounted = false;
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
	static const char end[] = "_events";
	size_t n = strlen(file);

	return n >= strlen(end) && strcmp(file + n - strlen(end), end) == 0;
}

int tracefs_write(const struct tracefs *t, const char *file, const char *text)
{
	return defines_events(file) ? -EINVAL : write_line(t, file, text, O_TRUNC);
}

int tracefs_read(const struct tracefs *t, const char *file, struct str *out)
{
	return os_read_file(t->dir, file, out);
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
