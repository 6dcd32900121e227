/* tasks.c - which process does a thread belong to?
 *
 * A record of ftrace names the thread that hit the probe (the kernel's "pid" is our tid), and not its
 * process. Asking /proc when the record is read is too late: a short-lived program is gone by then, and
 * its number may belong to another one. So we watch: a dummy event of perf reports every fork of the
 * system (no probe, no tracepoint, and the kernel removes it with us), those reports are merged by time
 * with the records, and before anything is armed the threads that exist already are read from /proc.
 *
 * The table is an array with one place for each number that a thread can have. The kernel gives out
 * numbers from the bottom, so only a small part of it is ever touched, and so becomes memory. Nothing is
 * ever removed: a number that is used again is first forked again.
 */
#include "trace/internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define RING_KB	64

struct tasks {
	pid_t *tgids;		/* by tid; 0: unknown */
	size_t max;
	struct ring *rings;
	unsigned n_rings;
	uint64_t lost;		/* as far as it has been made good */
};

size_t tasks_max(void)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	size_t max = 0;

	if (os_read_file(AT_FDCWD, "/proc/sys/kernel/pid_max", &text) == 0)
		max = strtoul(text.s, NULL, 10);
	return max ? max : 4 * 1024 * 1024;	/* the most that Linux allows */
}

/* ---- the threads that exist already ---- */

static void learn_process(struct tasks *t, int proc, const char *name)
{
	char path[32];
	struct stat st;
	pid_t pid = (pid_t)strtol(name, NULL, 10), *tids;
	int n;

	if (pid <= 0 || (size_t)pid >= t->max)
		return;
	t->tgids[pid] = pid;
	/* the link count of task/ is two and one for each thread: most processes have but one */
	snprintf(path, sizeof(path), "%d/task", (int)pid);
	if (fstatat(proc, path, &st, 0) == 0 && st.st_nlink == 3)
		return;
	n = os_threads(pid, &tids);
	if (n < 0)
		return;
	for (int i = 0; i < n; i++)
		if ((size_t)tids[i] < t->max)
			t->tgids[tids[i]] = pid;
	free(tids);
}

static void learn_all(struct tasks *t)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return;
	while ((entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			learn_process(t, dirfd(proc), entry->d_name);
	closedir(proc);
}

/* ---- the watch ---- */

static int watch(struct tasks *t, struct reader *r, const struct clock_offset *clock, int epoll)
{
	_cleanup_(mem_free_ptr) int *cpus = NULL;
	int n = os_online_cpus(&cpus);

	if (n < 0)
		return n;
	t->rings = mem_alloc((size_t)n * sizeof(*t->rings));	/* queues point at them: they never move */
	for (int i = 0; i < n; i++) {
		int err = ring_open(&t->rings[i], cpus[i], RING_KB, RING_FORKS, clock, r, epoll);

		if (err)
			return err;
		t->n_rings++;
	}
	return 0;
}

struct tasks *tasks_open(struct reader *r, const struct clock_offset *clock, int epoll, bool learn)
{
	struct tasks *t = mem_alloc(sizeof(*t));
	unsigned before = r->n_queues;

	t->max = tasks_max();
	t->tgids = mmap(NULL, t->max * sizeof(*t->tgids), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (t->tgids == MAP_FAILED) {
		free(t);
		return NULL;
	}
	if (watch(t, r, clock, epoll)) {
		while (r->n_queues > before)
			free(r->queues[--r->n_queues]);
		tasks_close(t);
		return NULL;
	}
	if (learn)
		learn_all(t);
	return t;
}

void tasks_close(struct tasks *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->n_rings; i++)
		ring_close(&t->rings[i]);
	free(t->rings);
	munmap(t->tgids, t->max * sizeof(*t->tgids));
	free(t);
}

struct fork tasks_fork(struct tasks *t, const struct item *i)
{
	struct fork f = { .time = i->time };
	uint32_t numbers[4];		/* pid, ppid, tid, ptid, behind the header of 8 bytes */

	memcpy(numbers, i->data + 8, sizeof(numbers));
	f.pid = (pid_t)numbers[0];
	f.ppid = (pid_t)numbers[1];
	f.tid = (pid_t)numbers[2];
	f.ptid = (pid_t)numbers[3];
	if (f.tid > 0 && (size_t)f.tid < t->max)
		t->tgids[f.tid] = f.pid;
	return f;
}

void tasks_refresh(struct tasks *t)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < t->n_rings; i++)
		lost += t->rings[i].lost;
	if (lost != t->lost)
		learn_all(t);
	t->lost = lost;
}

pid_t tasks_tgid(struct tasks *t, pid_t tid)
{
	pid_t tgid;

	if (tid == 0)
		return 0;		/* the idle task of a CPU */
	if (t && (size_t)tid < t->max && t->tgids[tid])
		return t->tgids[tid];
	if (os_tgid(tid, &tgid))
		return -1;
	if (t && (size_t)tid < t->max)
		t->tgids[tid] = tgid;
	return tgid;
}
