/* tasks.c - which process does a thread belong to, and what are they?
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
 *
 * Programs of the language ask for more: the name of the thread when it hit a static event, whose record has none
 * (TASKS_NAMES); user, parent and cgroup of a process (TASKS_PROCESSES: reading /proc is seen by whoever traces
 * openat, so it is not done unasked). The same dummy event reports every new name, by exec or
 * by prctl(). A child is what its parent was, until it says otherwise; what no report tells is read from /proc,
 * at exec and when somebody asks for it, but at most once in a round of reading. What was known when the process
 * ended stays known: so a process that lived for a millisecond has its answer, too.
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

enum { BLOCK = 256 };

/* What is known of a thread, and of the process whose first thread it is. */
struct known {
	char comm[TASK_COMM_BYTES];
	bool is_named;		/* comm is filled; a name may be empty */
	bool is_process;	/* the rest is filled */
	uint32_t round;		/* when it was read from /proc */
	pid_t ppid;
	uint32_t uid, gid;
	uint64_t cgroup;
};

struct tasks {
	pid_t *tgids;		/* by tid; 0: unknown */
	size_t max;
	enum tasks_about about;
	struct known **blocks;	/* by tid / BLOCK; NULL: nothing is known of them; without TASKS_NAMES: none */
	char *cgroups;		/* where cgroup2 is mounted; NULL: nowhere */
	uint32_t round;
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

static bool watches_names(const struct tasks *t)
{
	return t->about == TASKS_NAMES || t->about == TASKS_PROCESSES;
}

/* ---- what is known ---- */

static struct known *known_of(struct tasks *t, pid_t tid)
{
	size_t block = (size_t)tid / BLOCK;

	if (!t || !t->blocks || tid <= 0 || (size_t)tid >= t->max)
		return NULL;
	if (!t->blocks[block])
		t->blocks[block] = mem_alloc(BLOCK * sizeof(struct known));
	return &t->blocks[block][(size_t)tid % BLOCK];
}

static void set_comm(struct known *k, const char *comm, size_t n)
{
	n = strnlen(comm, n < sizeof(k->comm) - 1 ? n : sizeof(k->comm) - 1);
	memcpy(k->comm, comm, n);
	memset(k->comm + n, 0, sizeof(k->comm) - n);
	k->is_named = true;
}

static void read_comm(struct known *k, pid_t tid)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
	if (os_read_file(AT_FDCWD, path, &text) || !text.len)
		return;
	set_comm(k, text.s, text.s[text.len - 1] == '\n' ? text.len - 1 : text.len);
}

/* The number behind a key at the beginning of a line. */
static uint32_t status_number(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	return at ? (uint32_t)strtoul(at + strlen(key), NULL, 10) : 0;
}

/* A cgroup is known by the inode of its directory. */
static uint64_t read_cgroup(const struct tasks *t, pid_t pid)
{
	_cleanup_(str_release) struct str text = STR_INIT, dir = STR_INIT;
	char path[32], *line;
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	if (!t->cgroups || os_read_file(AT_FDCWD, path, &text) || !text.len)
		return 0;
	line = str_starts(text.s, "0::") ? text.s : strstr(text.s, "\n0::");
	if (!line)
		return 0;
	line = strstr(line, "0::") + 3;
	str_addf(&dir, "%s%.*s", t->cgroups, (int)strcspn(line, "\n"), line);
	return stat(dir.s, &st) == 0 ? st.st_ino : 0;
}

/* Reads what /proc says now; when the process has gone, what was known stays. */
static void read_process(struct tasks *t, struct known *k, pid_t pid)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char path[32];
	uint64_t cgroup;

	k->round = t->round;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (os_read_file(AT_FDCWD, path, &text) || !text.len)
		return;
	k->ppid = (pid_t)status_number(text.s, "\nPPid:");
	k->uid = status_number(text.s, "\nUid:");
	k->gid = status_number(text.s, "\nGid:");
	cgroup = read_cgroup(t, pid);
	if (cgroup)
		k->cgroup = cgroup;
	k->is_process = true;
}

static void find_cgroups(struct tasks *t)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char *lines, *line;

	if (os_read_file(AT_FDCWD, "/proc/self/mounts", &text))
		return;
	for (lines = text.s; !t->cgroups && (line = strsep(&lines, "\n"));) {
		char *rest = line, *place;

		strtok_r(line, " ", &rest);
		place = strtok_r(NULL, " ", &rest);
		line = strtok_r(NULL, " ", &rest);
		if (line && strcmp(line, "cgroup2") == 0)
			t->cgroups = mem_strdup(place);
	}
}

/* ---- the threads that exist already ---- */

static void learn_names(struct tasks *t, pid_t pid, const pid_t *tids, int n)
{
	struct known *k = known_of(t, pid);

	if (!k)
		return;
	if (t->about == TASKS_PROCESSES)
		read_process(t, k, pid);
	for (int i = 0; i < n; i++)
		if ((k = known_of(t, tids[i])))
			read_comm(k, tids[i]);
}

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
	if (fstatat(proc, path, &st, 0) == 0 && st.st_nlink == 3) {
		learn_names(t, pid, &pid, 1);
		return;
	}
	n = os_threads(pid, &tids);
	if (n < 0)
		return;
	learn_names(t, pid, tids, n);
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
		int err = ring_open(&t->rings[i], cpus[i], RING_KB, watches_names(t) ? RING_NAMES : RING_FORKS,
				    clock, r, epoll);

		if (err)
			return err;
		t->n_rings++;
	}
	return 0;
}

static struct tasks *new_tasks(enum tasks_about about)
{
	struct tasks *t = mem_alloc(sizeof(*t));

	t->max = tasks_max();
	t->about = about;
	t->tgids = mmap(NULL, t->max * sizeof(*t->tgids), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (t->tgids == MAP_FAILED) {
		free(t);
		return NULL;
	}
	if (watches_names(t)) {
		t->blocks = mem_alloc((t->max / BLOCK + 1) * sizeof(struct known *));
		find_cgroups(t);
	}
	return t;
}

struct tasks *tasks_alone(void)
{
	return new_tasks(TASKS_PROCESSES);
}

struct tasks *tasks_open(struct reader *r, const struct clock_offset *clock, int epoll, enum tasks_about about)
{
	struct tasks *t = new_tasks(about);
	unsigned before = r->n_queues;

	if (!t)
		return NULL;
	if (watch(t, r, clock, epoll) && !watches_names(t)) {
		while (r->n_queues > before)
			free(r->queues[--r->n_queues]);
		tasks_close(t);
		return NULL;
	}
	if (about != TASKS_FORKS)
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
	for (size_t i = 0; t->blocks && i <= t->max / BLOCK; i++)
		free(t->blocks[i]);
	free(t->blocks);
	free(t->cgroups);
	munmap(t->tgids, t->max * sizeof(*t->tgids));
	free(t);
}

/* A child has its parent's user and cgroup, a new thread its maker's name. */
static void inherit(struct tasks *t, const struct fork *f)
{
	struct known *k = known_of(t, f->tid), *maker = known_of(t, f->ptid), *parent = known_of(t, f->ppid);

	if (!k || !maker || !parent)
		return;
	if (f->pid == f->tid && f->pid != f->ppid) {
		*k = *parent;
		k->ppid = f->ppid;
		k->round = 0;
	}
	memcpy(k->comm, maker->comm, sizeof(k->comm));
	k->is_named = maker->is_named;
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
	inherit(t, &f);
	return f;
}

/* header, u32 pid, tid; the name; and what every record ends with. */
void tasks_named(struct tasks *t, const struct item *i)
{
	static const size_t name = 16, tail = 32;
	struct known *k;
	uint32_t numbers[2];

	if (i->size < name + tail)
		return;
	memcpy(numbers, i->data + 8, sizeof(numbers));
	k = known_of(t, (pid_t)numbers[1]);
	if (!k)
		return;
	set_comm(k, (const char *)i->data + name, i->size - name - tail);
	if (t->about == TASKS_PROCESSES && ring_is_exec(i))
		read_process(t, k, (pid_t)numbers[0]);
}

void tasks_on_birth(struct tasks *t, void (*born)(void *ctx, pid_t pid, pid_t ppid), void *ctx)
{
	for (unsigned i = 0; t && i < t->n_rings; i++) {
		t->rings[i].born_ctx = ctx;
		t->rings[i].born = born;
	}
}

void tasks_refresh(struct tasks *t)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < t->n_rings; i++)
		lost += t->rings[i].lost;
	if (lost != t->lost)
		learn_all(t);
	t->lost = lost;
	t->round++;
}

pid_t tasks_tgid(struct tasks *t, pid_t tid)
{
	pid_t tgid;

	if (tid == 0)
		return 0;		/* the idle task of a CPU */
	if (t && t->n_rings && (size_t)tid < t->max && t->tgids[tid])
		return t->tgids[tid];
	if (os_tgid(tid, &tgid))
		return -1;
	if (t && (size_t)tid < t->max)
		t->tgids[tid] = tgid;
	return tgid;
}

const char *tasks_comm(struct tasks *t, pid_t tid)
{
	struct known *k = known_of(t, tid);

	if (k && (!k->is_named || !t->n_rings))
		read_comm(k, tid);
	return k ? k->comm : "";
}

bool tasks_process(struct tasks *t, pid_t tid, struct task_facts *out)
{
	pid_t pid = tasks_tgid(t, tid);
	struct known *k = known_of(t, pid);

	if (!k)
		return false;
	if (!k->is_process || k->round != t->round)
		read_process(t, k, pid);
	*out = (struct task_facts){ .pid = pid, .ppid = k->ppid, .uid = k->uid, .gid = k->gid,
				    .cgroup = k->cgroup, .comm = tasks_comm(t, pid) };
	return k->is_process;
}
