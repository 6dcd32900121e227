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
 * (TASKS_NAMES); user, parent and cgroup (TASKS_PROCESSES: reading /proc is seen by whoever traces openat, so it is
 * not done unasked). A record is evaluated some milliseconds after it was made, when /proc speaks of another time or
 * of nobody. So here too the answer is what was known, brought up to the record's time by reports of changes:
 *
 *	what		a child has		until a report of
 *	name		its maker's		a new name, by exec or prctl() (the dummy event)
 *	user, group	its maker's		another one (connector.c)
 *	parent		the maker's process	the parent's end (the dummy event); then /proc tells who else
 *	cgroup		its maker's		a move (two events of the kernel, "places" below)
 *
 * What this kernel does not report is read when somebody asks, at most once in a round of reading. What was known when
 * a process ended stays known: one that lived for a millisecond has its answer, too.
 */
#include "trace/internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING_KB	64

/* Where the bytes of an event are in a sample: after header, id, thread, time and CPU, and their number. */
#define RAW_OFFSET	44

enum { BLOCK = 256 };

/* What is known of a thread; parent and cgroup only of the first one of its process. */
struct known {
	char comm[TASK_COMM_BYTES];
	bool is_named;		/* comm is filled; a name may be empty */
	bool is_known;		/* user, group and parent are filled */
	bool has_cgroup;	/* the cgroup is filled */
	uint32_t status_round, cgroup_round;	/* when they were read from /proc */
	uint32_t uid, gid;
	uint64_t cgroup;
	pid_t ppid;
	uint32_t ends;		/* how many processes of this number have ended */
	uint32_t parent_ends;	/* the same of the parent's number when it became the parent */
	uint64_t born;
	/* What its own end tells is noted as soon as it is read, long before its turn: by then /proc has forgotten. */
	uint64_t end;
	pid_t last_ppid;
};

/* An event of the kernel that tells of a process's place among the others: its parent, or its cgroup. */
struct place {
	unsigned id;
	struct field fields[3];	/* of its row; only where and how large they are */
	int *fds;		/* for each ring */
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
	struct connector *connector;	/* NULL: changes of users are not reported */
	struct place *places;		/* NULL: nor are changes of cgroups */
	uint64_t lost;		/* as far as it has been made good */
	void (*born)(void *ctx, pid_t pid, pid_t ppid);
	void *born_ctx;
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

static void set_parent(struct tasks *t, struct known *k, pid_t ppid)
{
	const struct known *parent = known_of(t, ppid);

	k->ppid = ppid;
	k->parent_ends = parent ? parent->ends : 0;
}

/* Has its parent ended, as far as is known? (When only its first thread has, the parent stays the same.) */
static bool is_orphan(struct tasks *t, const struct known *k)
{
	const struct known *parent = known_of(t, k->ppid);

	return parent && parent->ends != k->parent_ends;
}

/* What /proc says now: all, or that for which there is no better source. */
static void read_status(struct tasks *t, struct known *k, pid_t tid, bool all)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char path[32];
	pid_t ppid;

	k->status_round = t->round;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	if (os_read_file(AT_FDCWD, path, &text) || !text.len) {
		if (is_orphan(t, k) && k->end > k->born)
			set_parent(t, k, k->last_ppid);
		return;
	}
	if (all || !t->connector) {
		k->uid = status_number(text.s, "\nUid:");
		k->gid = status_number(text.s, "\nGid:");
	}
	ppid = (pid_t)status_number(text.s, "\nPPid:");
	if (all || (is_orphan(t, k) && ppid != k->ppid))
		set_parent(t, k, ppid);
	k->is_known = true;
}

/* Without rings there is nothing but /proc, and no rounds. */
static bool is_due(const struct tasks *t, uint32_t round)
{
	return !t->n_rings || round != t->round;
}

static void refresh_thread(struct tasks *t, struct known *k, pid_t tid)
{
	if (is_due(t, k->status_round) && (!k->is_known || !t->connector))
		read_status(t, k, tid, !k->is_known || !t->n_rings);
}

static void refresh_process(struct tasks *t, struct known *k, pid_t pid)
{
	uint64_t cgroup;

	refresh_thread(t, k, pid);
	if (is_orphan(t, k))
		read_status(t, k, pid, false);
	if (!is_due(t, k->cgroup_round) || (k->has_cgroup && t->places))
		return;
	k->cgroup_round = t->round;
	cgroup = read_cgroup(t, pid);
	if (!cgroup)
		return;
	k->cgroup = cgroup;
	k->has_cgroup = true;
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

/* All anew: some reports may be missing. */
static void learn_thread(struct tasks *t, pid_t pid, pid_t tid)
{
	struct known *k = known_of(t, tid);

	if (!k)
		return;
	read_comm(k, tid);
	if (t->about != TASKS_PROCESSES)
		return;
	read_status(t, k, tid, true);
	k->has_cgroup = false;
	k->cgroup_round = 0;
	if (tid == pid)
		refresh_process(t, k, pid);
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
		learn_thread(t, pid, pid);
		return;
	}
	n = os_threads(pid, &tids);
	if (n < 0)
		return;
	for (int i = 0; i < n; i++) {
		if ((size_t)tids[i] < t->max)
			t->tgids[tids[i]] = pid;
		learn_thread(t, pid, tids[i]);
	}
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

static struct fork fork_of(const struct item *i)
{
	uint32_t numbers[4];		/* pid, ppid, tid, ptid, behind the header of 8 bytes */

	memcpy(numbers, i->data + 8, sizeof(numbers));
	return (struct fork){ .time = i->time, .pid = (pid_t)numbers[0], .ppid = (pid_t)numbers[1],
			      .tid = (pid_t)numbers[2], .ptid = (pid_t)numbers[3] };
}

/* Before Linux 5.8 the report of an end says whose process it is where the parent's belongs. */
static void note_early(void *ctx, const struct item *i)
{
	struct tasks *t = ctx;
	struct fork f = fork_of(i);
	struct known *k;

	if (i->kind == ITEM_FORK && t->born)
		t->born(t->born_ctx, f.pid, f.ppid);
	if (i->kind != ITEM_END || f.tid != f.pid || f.ppid == f.pid)
		return;
	k = known_of(t, f.pid);
	if (!k)
		return;
	k->end = i->time;
	k->last_ppid = f.ppid;
}

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
		t->rings[i].early = note_early;
		t->rings[i].early_ctx = t;
		t->n_rings++;
	}
	return 0;
}

/* ---- places ---- */

#define INTO_CGROUP	0x200000000U	/* flags of clone3() that the headers of some systems lack, or hide */
#define AS_SIBLING	0x8000U

/* The hierarchy of cgroup2 has the number 0. */
static void moved(struct tasks *t, struct known *k, const uint64_t *values)
{
	if (values[1] != 0)
		return;
	k->cgroup = values[2];
	k->has_cgroup = true;
}

/* Comes after the report of its birth. */
static void placed(struct tasks *t, struct known *k, const uint64_t *values)
{
	const struct known *maker = known_of(t, k->ppid);

	if (maker && values[1] & AS_SIBLING)
		set_parent(t, k, maker->ppid);
	if (values[1] & INTO_CGROUP)
		k->has_cgroup = false;
}

static const struct place_row {
	const char *event, *filter;
	const char *fields[3];		/* the thread first */
	void (*told)(struct tasks *t, struct known *k, const uint64_t *values);
} place_rows[] = {
	{ "cgroup/cgroup_attach_task", NULL, { "pid", "dst_root", "dst_id" }, moved },
	{ "task/task_newtask", "clone_flags & 0x200008000", { "pid", "clone_flags" }, placed },
};

static bool find_field(const struct format *format, const char *name, struct field *out)
{
	for (unsigned i = 0; i < format->n_fields; i++)
		if (strcmp(format->fields[i].name, name) == 0) {
			*out = (struct field){ .offset = format->fields[i].offset, .size = format->fields[i].size };
			return out->size == sizeof(uint32_t) || out->size == sizeof(uint64_t);
		}
	return false;
}

static bool find_place(struct tracefs *tracefs, const struct place_row *row, struct place *out)
{
	_cleanup_(str_release) struct str file = STR_INIT, text = STR_INIT;
	struct arena *a = arena_new();
	struct format format;
	bool found;

	str_addf(&file, "events/%s/format", row->event);
	found = tracefs_read(tracefs, file.s, &text) == 0 && format_parse(a, text.s, &format);
	for (size_t i = 0; found && i < ARRAY_LEN(row->fields) && row->fields[i]; i++)
		found = find_field(&format, row->fields[i], &out->fields[i]);
	if (found)
		out->id = format.id;
	arena_free(a);
	return found;
}

/* Its samples go into the rings, beside the reports of births. */
static bool watch_place(struct tasks *t, struct tracefs *tracefs, const struct place_row *row, struct place *p)
{
	struct perf_event_attr attr = ring_attr();

	if (!find_place(tracefs, row, p))
		return false;
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = p->id;
	attr.sample_period = 1;
	attr.sample_type |= PERF_SAMPLE_RAW;
	p->fds = mem_alloc(t->n_rings * sizeof(*p->fds));
	memset(p->fds, -1, t->n_rings * sizeof(*p->fds));
	for (unsigned i = 0; i < t->n_rings; i++)
		if (ring_join(&t->rings[i], &attr, row->filter, &p->fds[i]))
			return false;
	return true;
}

static void unwatch_places(struct tasks *t)
{
	for (size_t i = 0; t->places && i < ARRAY_LEN(place_rows); i++) {
		for (unsigned k = 0; t->places[i].fds && k < t->n_rings; k++)
			mem_close_fd(&t->places[i].fds[k]);
		free(t->places[i].fds);
	}
	free(t->places);
	t->places = NULL;
}

/* All of them, or none: half of the truth would be none. */
static void watch_places(struct tasks *t, struct tracefs *tracefs)
{
	t->places = mem_alloc(ARRAY_LEN(place_rows) * sizeof(*t->places));
	for (size_t i = 0; i < ARRAY_LEN(place_rows); i++)
		if (!watch_place(t, tracefs, &place_rows[i], &t->places[i])) {
			unwatch_places(t);
			return;
		}
}

static uint64_t number_at(const unsigned char *raw, const struct field *f)
{
	uint64_t wide;
	uint32_t narrow;

	if (f->size == sizeof(wide)) {
		memcpy(&wide, raw + f->offset, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, raw + f->offset, sizeof(narrow));
	return narrow;
}

static void tell_place(struct tasks *t, const struct place_row *row, const struct place *p, const struct item *i)
{
	const unsigned char *raw = i->data + RAW_OFFSET;
	uint64_t values[ARRAY_LEN(row->fields)] = { 0 };
	struct known *k;

	for (size_t n = 0; n < ARRAY_LEN(values) && row->fields[n]; n++) {
		if (RAW_OFFSET + p->fields[n].offset + p->fields[n].size > i->size)
			return;
		values[n] = number_at(raw, &p->fields[n]);
	}
	k = known_of(t, (pid_t)values[0]);
	if (k)
		row->told(t, k, values);
}

/* Every event begins with its number. */
static void take_place(struct tasks *t, const struct item *i)
{
	uint16_t id;

	if (i->size < RAW_OFFSET + sizeof(id))
		return;
	memcpy(&id, i->data + RAW_OFFSET, sizeof(id));
	for (size_t n = 0; t->places && n < ARRAY_LEN(place_rows); n++)
		if (t->places[n].id == id)
			tell_place(t, &place_rows[n], &t->places[n], i);
}

/* ---- opening and closing ---- */

static struct tasks *new_tasks(enum tasks_about about)
{
	struct tasks *t = mem_alloc(sizeof(*t));

	t->max = tasks_max();
	t->about = about;
	t->round = 1;
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

struct tasks *tasks_open(struct tracefs *tracefs, struct reader *r, const struct clock_offset *clock, int epoll,
			 enum tasks_about about)
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
	if (about == TASKS_PROCESSES && t->n_rings) {
		t->connector = connector_open(clock, r, epoll);
		watch_places(t, tracefs);
	}
	if (about != TASKS_FORKS)
		learn_all(t);
	return t;
}

void tasks_close(struct tasks *t)
{
	if (!t)
		return;
	connector_close(t->connector);
	unwatch_places(t);
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

/* ---- what is reported, in its turn ---- */

/* What a number's earlier bearers leave to this one: how many they were, and what was noted early about itself. */
static void inherit(struct tasks *t, const struct fork *f)
{
	struct known *k = known_of(t, f->tid), *maker = known_of(t, f->ptid), *parent = known_of(t, f->ppid);
	bool is_process = f->pid == f->tid && f->pid != f->ppid;
	struct known old;

	if (!k || !maker || !parent)
		return;
	old = *k;
	*k = *maker;
	k->ends = old.ends;
	k->end = old.end;
	k->last_ppid = old.last_ppid;
	k->born = f->time;
	k->status_round = k->cgroup_round = 0;
	if (!is_process)
		return;
	k->cgroup = parent->cgroup;
	k->has_cgroup = parent->has_cgroup;
	set_parent(t, k, f->ppid);
}

struct fork tasks_fork(struct tasks *t, const struct item *i)
{
	struct fork f = fork_of(i);

	if (f.tid > 0 && (size_t)f.tid < t->max)
		t->tgids[f.tid] = f.pid;
	inherit(t, &f);
	return f;
}

/* header, u32 pid, tid; the name; and what every record ends with. */
static void named(struct tasks *t, const struct item *i)
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
		refresh_process(t, k, (pid_t)numbers[0]);
}

static void ended(struct tasks *t, const struct item *i)
{
	struct fork f = fork_of(i);
	struct known *k = f.tid == f.pid ? known_of(t, f.pid) : NULL;

	if (k)
		k->ends++;
}

static void became(struct tasks *t, const struct item *i)
{
	struct identity who = connector_identity(i);
	struct known *k = known_of(t, who.tid);

	if (k && who.is_group)
		k->gid = who.id;
	else if (k)
		k->uid = who.id;
}

void tasks_told(struct tasks *t, const struct item *i)
{
	if (i->kind == ITEM_NAMED)
		named(t, i);
	else if (i->kind == ITEM_END)
		ended(t, i);
	else if (i->kind == ITEM_IDENTITY)
		became(t, i);
	else if (i->kind == ITEM_PLACE)
		take_place(t, i);
}

void tasks_on_birth(struct tasks *t, void (*born)(void *ctx, pid_t pid, pid_t ppid), void *ctx)
{
	if (!t)
		return;
	t->born_ctx = ctx;
	t->born = born;
}

void tasks_refresh(struct tasks *t)
{
	uint64_t lost = connector_lost(t->connector);

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
	struct known *k = known_of(t, tid), *process = known_of(t, pid);

	if (!k || !process)
		return false;
	refresh_thread(t, k, tid);
	refresh_process(t, process, pid);
	*out = (struct task_facts){ .pid = pid, .ppid = process->ppid, .uid = k->uid, .gid = k->gid,
				    .cgroup = process->cgroup, .comm = tasks_comm(t, pid) };
	return k->is_known && process->is_known;
}
