/* holders.c - who has a file of tracefs open.
 *
 * An instance cannot be removed while somebody has one of its files open, and the kernel only says EBUSY. The
 * links in /proc/PID/fd tell who it is: their targets are on the file system that tracefs is, wherever the
 * process sees it mounted, so the device number is compared, not the path. Of the path, what is behind the
 * mount point counts: instances/foo/trace_pipe.
 *
 * perf's events are no files: a descriptor says `anon_inode:[perf_event]`, and not of which event. That a
 * process has one is noted.
 */
#include "trace/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct scan {
	struct arena *arena;
	dev_t device;
	struct holders *out;
	pid_t pid;
	const char *comm;
	bool perf;			/* of this process, noted already */
};

const char *process_name(struct arena *a, pid_t pid)
{
	_cleanup_(str_release) struct str comm = STR_INIT, clean = STR_INIT;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (os_read_file(AT_FDCWD, path, &comm) != 0 || comm.len == 0)
		return NULL;
	str_add_scrubbed(&clean, comm.s, strcspn(comm.s, "\n"), 0);
	return arena_strdup(a, clean.s);
}

/* The part of a path that is below the mount point. */
static const char *below_mount(const char *path)
{
	static const char *const tops[] = { "/instances/", "/events/", "/per_cpu/", "/options/" };
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_LEN(tops); i++) {
		const char *at = strstr(path, tops[i]);

		if (at && (!first || at < first))
			first = at;
	}
	return first ? first + 1 : strrchr(path, '/') + 1;
}

static void note(struct scan *s, const char *file)
{
	struct holder *h = MEM_PUSH(s->out->all, s->out->n);

	*h = (struct holder){ s->pid, s->comm, file ? arena_strdup(s->arena, file) : NULL };
}

/* The file as it is open, not what its path means now; and no network is asked. */
static bool is_on_device(int dir, const char *fd, dev_t device)
{
	struct statx st;

	return statx(dir, fd, AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0 && !S_ISDIR(st.stx_mode) &&
	       makedev(st.stx_dev_major, st.stx_dev_minor) == device;
}

static void scan_descriptor(struct scan *s, int dir, const char *fd)
{
	char path[4096];
	ssize_t n = readlinkat(dir, fd, path, sizeof(path) - 1);

	if (n <= 0)
		return;
	path[n] = '\0';
	if (strcmp(path, "anon_inode:[perf_event]") == 0 && !s->perf) {
		s->perf = true;
		note(s, NULL);
	} else if (path[0] == '/' && is_on_device(dir, fd, s->device)) {
		note(s, below_mount(path));
	}
}

static void scan_process(struct scan *s, pid_t pid)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return;
	s->pid = pid;
	s->perf = false;
	s->comm = process_name(s->arena, pid);
	if (!s->comm)
		s->comm = "?";
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			scan_descriptor(s, dirfd(dir), entry->d_name);
	closedir(dir);
}

void holders_find(struct tracefs *t, struct arena *a, struct holders *out)
{
	struct scan s = { .arena = a, .out = out };
	struct dirent *entry;
	struct stat st;
	DIR *proc;

	*out = (struct holders){ 0 };
	if (fstat(tracefs_dir(t), &st) < 0)
		return;
	s.device = st.st_dev;
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != getpid())
			scan_process(&s, pid);
	}
	if (proc)
		closedir(proc);
}

void holders_release(struct holders *h)
{
	free(h->all);
	*h = (struct holders){ 0 };
}

static bool is_held(const struct holder *h, const char *dir)
{
	size_t n = strlen(dir);

	if (!h->file)
		return false;
	return n ? strncmp(h->file, dir, n) == 0 : !str_starts(h->file, "instances/");
}

static void add_holder(struct str *out, const struct holder *h, const char *file)
{
	str_addf(out, "%s%s (%d)%s", out->len ? ", " : "", h->comm, (int)h->pid, file ? ": " : "");
	if (file)
		str_add_scrubbed(out, file, strlen(file), 0);
}

void holders_of(const struct holders *h, const char *dir, struct str *out)
{
	enum { MANY = 6 };
	unsigned n = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (!is_held(&h->all[i], dir))
			continue;
		if (n++ < MANY)
			add_holder(out, &h->all[i], h->all[i].file + strlen(dir));
	}
	if (n > MANY)
		str_addf(out, " and %u more", n - MANY);
}

void holders_with_perf(const struct holders *h, struct str *out)
{
	for (size_t i = 0; i < h->n; i++)
		if (!h->all[i].file)
			add_holder(out, &h->all[i], NULL);
}
