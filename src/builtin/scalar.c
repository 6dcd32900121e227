/* scalar.c - builtin variables: who hit the probe, when, and where.
 *
 * A record knows its thread, its time and its CPU; what its process was (uid, parent, cgroup) is asked from the
 * command, which keeps book of processes (struct process) and may know those that have ended meanwhile.
 */
#include "builtin/builtin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>

const struct type builtin_type_comm = { .kind = TYPE_STRING, .size = 16 };

static const struct type type_username = { .kind = TYPE_USERNAME, .size = 8 };

/* ---- the process ---- */

void builtin_process(struct eval *e, pid_t pid, struct process *out)
{
	const struct eval_host *host = eval_host(e);

	memset(out, 0, sizeof(*out));
	if (!host->process || !host->process(host->ctx, pid, out))
		*out = (struct process){ .pid = pid };
}

pid_t builtin_pid(struct eval *e)
{
	const struct record *r = eval_record(e);
	struct process p;

	if (r->pid != -1)
		return r->pid;
	builtin_process(e, r->tid, &p);
	return p.pid;
}

static void process_of(struct eval *e, const struct node *n, struct process *out)
{
	builtin_process(e, n->n_list ? (pid_t)eval_number(e, n->list[0]) : builtin_pid(e), out);
}

static void number(union value *out, int64_t n)
{
	memset(out, 0, sizeof(*out));
	out->n = n;
}

static void text(union value *out, const char *s)
{
	memset(out, 0, sizeof(*out));
	out->text.data = s ? s : "";
	out->text.len = (uint32_t)strlen(out->text.data);
}

static void eval_pid(struct eval *e, const struct node *n, union value *out)
{
	number(out, (uint32_t)builtin_pid(e));
}

static void eval_tid(struct eval *e, const struct node *n, union value *out)
{
	number(out, (uint32_t)eval_record(e)->tid);
}

static void eval_comm(struct eval *e, const struct node *n, union value *out)
{
	struct process p;

	if (!n->n_list) {
		text(out, eval_record(e)->comm);
		return;
	}
	process_of(e, n, &p);
	text(out, p.comm);
}

/* User and group are the thread's own. */
static void eval_uid(struct eval *e, const struct node *n, union value *out)
{
	struct process p;

	builtin_process(e, eval_record(e)->tid, &p);
	number(out, p.uid);
}

static void eval_gid(struct eval *e, const struct node *n, union value *out)
{
	struct process p;

	builtin_process(e, eval_record(e)->tid, &p);
	number(out, p.gid);
}

static void eval_ppid(struct eval *e, const struct node *n, union value *out)
{
	struct process p;

	process_of(e, n, &p);
	number(out, (uint32_t)p.ppid);
}

static void eval_pcomm(struct eval *e, const struct node *n, union value *out)
{
	struct process p, parent;

	process_of(e, n, &p);
	builtin_process(e, p.ppid, &parent);
	text(out, p.ppid ? parent.comm : "");
}

static void eval_leader_comm(struct eval *e, const struct node *n, union value *out)
{
	struct process p;

	builtin_process(e, builtin_pid(e), &p);
	text(out, p.comm);
}

static void eval_cgroup(struct eval *e, const struct node *n, union value *out)
{
	struct process p;

	process_of(e, n, &p);
	number(out, (int64_t)p.cgroup);
}

/* init: as the host sees it, curr_ns: as the process's own namespace does. */
static bool check_namespace(struct checker *c, struct node *n)
{
	n->type = &type_uint32;
	if (!n->n_list)
		return true;
	if (n->list[0]->kind == NODE_NAME && strcmp(n->list[0]->text, "init") == 0)
		return true;
	diag_error(c->diags, n->span, "Invalid PID namespace mode: %s (expects: init)",
		   n->list[0]->kind == NODE_NAME ? n->list[0]->text : "an expression");
	return diag_hint(c->diags, "the numbers are those of the initial namespace, where trapline runs");
}

/* ---- time ---- */

enum clock { CLOCK_BOOT, CLOCK_MONO, CLOCK_TAI_, CLOCK_SW_TAI };

static const struct {
	const char *name;
	enum clock clock;
} clocks[] = {
	{ "boot", CLOCK_BOOT }, { "monotonic", CLOCK_MONO }, { "tai", CLOCK_TAI_ }, { "sw_tai", CLOCK_SW_TAI },
};

/* Which clock it is stays in n->number. */
static bool check_nsecs(struct checker *c, struct node *n)
{
	const char *word = n->n_list && n->list[0]->kind == NODE_NAME ? n->list[0]->text : "an expression";

	n->type = &type_uint64;
	n->number = CLOCK_BOOT;
	if (!n->n_list)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
		if (strcmp(clocks[i].name, word) == 0) {
			n->number = clocks[i].clock;
			return true;
		}
	}
	return diag_error(c->diags, n->span, "Invalid timestamp mode: %s (expects: boot, monotonic, tai, sw_tai)",
			  word);
}

static void eval_nsecs(struct eval *e, const struct node *n, union value *out)
{
	const struct names *names = eval_host(e)->names;
	uint64_t ns = eval_record(e)->time_ns;

	if (n->number == CLOCK_MONO)
		ns += names->boot_to_mono_ns;
	else if (n->number != CLOCK_BOOT)
		ns += names->boot_to_tai_ns;
	number(out, (int64_t)ns);
}

static void eval_elapsed(struct eval *e, const struct node *n, union value *out)
{
	number(out, (int64_t)(eval_record(e)->time_ns - eval_options(e)->start_ns));
}

/* ---- jiffies ----
 *
 * The kernel's count of ticks. A tick is as long as the coarse clock is coarse; from one count that the kernel tells,
 * with its time, follow all others. Who may not read that computes from the boot: the count begins five minutes before
 * its low 32 bits overflow. */

struct ticks {
	uint64_t ns;			/* of a tick */
	uint64_t count, at_ns;		/* the count at a time of CLOCK_MONOTONIC */
};

static void find_ticks(struct ticks *t)
{
	FILE *f = fopen("/proc/timer_list", "re");
	struct timespec tick = { .tv_nsec = 4000000 };
	unsigned long long now = 0, count = 0;
	char line[256];

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	t->ns = (uint64_t)tick.tv_nsec;
	t->count = (uint32_t)(0 - 300 * (1000000000 / t->ns));
	t->at_ns = 0;
	while (f && !count && fgets(line, sizeof(line), f))
		if (sscanf(line, "now at %llu nsecs", &now) != 1)
			sscanf(line, "jiffies: %llu", &count);
	if (f)
		fclose(f);
	if (!now || !count)
		return;
	t->count = count;
	t->at_ns = now;
}

static void eval_jiffies(struct eval *e, const struct node *n, union value *out)
{
	static struct ticks ticks;
	int64_t ns = (int64_t)(eval_record(e)->time_ns + eval_host(e)->names->boot_to_mono_ns);

	if (!ticks.ns)
		find_ticks(&ticks);
	number(out, (int64_t)ticks.count + (ns - (int64_t)ticks.at_ns) / (int64_t)ticks.ns);
}

/* ---- place ---- */

static void eval_cpu(struct eval *e, const struct node *n, union value *out)
{
	number(out, eval_record(e)->cpu);
}

static void eval_ncpus(struct eval *e, const struct node *n, union value *out)
{
	number(out, get_nprocs_conf());
}

/* The memory node of each CPU, as sysfs links it; asked for once. */
enum { CPUS_MAX = 4096, NODES_MAX = 64 };

static int find_numa_node(int cpu)
{
	char path[96];
	struct stat st;

	for (int node = 0; node < NODES_MAX; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", cpu, node);
		if (stat(path, &st) == 0)
			return node;
	}
	return 0;
}

static void eval_numaid(struct eval *e, const struct node *n, union value *out)
{
	static signed char nodes[CPUS_MAX];		/* node + 1 */
	int cpu = eval_record(e)->cpu;

	number(out, 0);
	if (cpu < 0 || cpu >= CPUS_MAX)
		return;
	if (!nodes[cpu])
		nodes[cpu] = (signed char)(find_numa_node(cpu) + 1);
	out->n = nodes[cpu] - 1;
}

/* ---- the probe ---- */

/* "kprobe:vfs_read"; where a wildcard stood, what it found. */
static void eval_probe(struct eval *e, const struct node *n, union value *out)
{
	const struct attach_point *p = eval_action_of(e)->point;
	const struct site *site = eval_record(e)->site;
	_cleanup_(str_release) struct str s = STR_INIT;

	if (site && site->label) {
		text(out, site->label);
		return;
	}
	str_add(&s, p->provider);
	for (unsigned i = 0; i < p->n_parts; i++)
		str_addf(&s, ":%s", p->parts[i]);
	eval_string(e, s.s, s.len, out);
}

static void eval_probetype(struct eval *e, const struct node *n, union value *out)
{
	text(out, eval_action_of(e)->point->provider);
}

static bool check_config(struct checker *c, struct node *n)
{
	config_record(&c->program->config, c->arena, n);
	return true;
}

static bool check_text(struct checker *c, struct node *n)
{
	n->type = type_string(c->arena, c->program->config.max_strlen ? c->program->config.max_strlen : 1024);
	return true;
}

/* A kernel function is a ksym, as in bpftrace, and can stand in one map with ksym(). A function of a program is its
 * name: its process may have ended when the map is shown. */
static bool check_func(struct checker *c, struct node *n)
{
	static const struct type type_ksym = { .kind = TYPE_KSYM, .size = 8 };

	if (!c->point || c->point->provider[0] == 'u')
		return check_text(c, n);
	n->type = &type_ksym;
	return true;
}

/* The function that was hit. One without a known name is its address. */
static void eval_func(struct eval *e, const struct node *n, union value *out)
{
	const struct record *r = eval_record(e);
	const struct names *names = eval_host(e)->names;
	const struct site *site = r->site;
	const char *name = NULL, *file;
	uint64_t offset;
	char address[24];

	if (n->type->kind == TYPE_KSYM) {
		number(out, (int64_t)r->address);
		return;
	}
	if (site && site->symbol) {
		bool readable = site->readable && !(names->config && !names->config->cpp_demangle);

		text(out, readable ? site->readable : site->symbol);
		return;
	}
	if (site && site->provider == PROVIDER_UPROBE && names->user)
		names->user(names->ctx, builtin_pid(e), r->address, &name, &offset, &file);
	else if (names->kernel)
		names->kernel(names->ctx, r->address, &name, &offset);
	if (!name)
		snprintf(address, sizeof(address), "0x%llx", (unsigned long long)r->address);
	eval_string(e, name ? name : address, strlen(name ? name : address), out);
}

static void eval_usermode(struct eval *e, const struct node *n, union value *out)
{
	const struct record *r = eval_record(e);
	const char *provider = eval_action_of(e)->point->provider;
	bool user = str_starts(provider, "u");			/* uprobe, uretprobe, usdt */

	if (r->site && r->site->provider == PROVIDER_SAMPLE)
		user = r->user_mode;
	number(out, user);
}

/* ---- others ---- */

static void eval_cpid(struct eval *e, const struct node *n, union value *out)
{
	number(out, eval_options(e)->child);
}

static void eval_has_cpid(struct eval *e, const struct node *n, union value *out)
{
	number(out, eval_options(e)->child != 0);
}

/* xorshift: nobody's secrets depend on it. */
static void eval_rand(struct eval *e, const struct node *n, union value *out)
{
	static uint64_t state;

	while (!state)
		if (getrandom(&state, sizeof(state), GRND_NONBLOCK) < 0)
			state = eval_record(e)->time_ns | 1;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	number(out, (uint32_t)(state >> 16));
}

const struct builtin builtin_scalar[] = {
	{ "pid", BUILTIN_VARIABLE, 0, 1, .words = true, .usage = "pid, pid(init)", .about = "process id",
	  .check = check_namespace, .eval = eval_pid },
	{ "tid", BUILTIN_VARIABLE, 0, 1, .words = true, .usage = "tid, tid(init)", .about = "thread id",
	  .check = check_namespace, .eval = eval_tid },
	{ "comm", BUILTIN_VARIABLE, 0, 1, .process = true, .usage = "comm, comm(uint32 pid)",
	  .about = "name of the thread at hand, or of a process", .type = &builtin_type_comm, .eval = eval_comm },
	{ "uid", BUILTIN_VARIABLE, 0, 0, .process = true, .usage = "uid", .about = "user id of the process", .type = &type_uint32,
	  .eval = eval_uid },
	{ "gid", BUILTIN_VARIABLE, 0, 0, .process = true, .usage = "gid", .about = "group id of the process", .type = &type_uint32,
	  .eval = eval_gid },
	{ "username", BUILTIN_VARIABLE, 0, 0, .process = true, .usage = "username", .about = "name of the user",
	  .type = &type_username, .eval = eval_uid },
	{ "ppid", BUILTIN_VARIABLE, 0, 1, .process = true, .usage = "ppid, ppid(uint32 pid)", .about = "process id of the parent",
	  .type = &type_uint32, .eval = eval_ppid },
	{ "pcomm", BUILTIN_VARIABLE, 0, 1, .process = true, .usage = "pcomm, pcomm(uint32 pid)", .about = "name of the parent",
	  .type = &builtin_type_comm, .eval = eval_pcomm },
	{ "leader_tid", BUILTIN_VARIABLE, 0, 0, .usage = "leader_tid()", .about = "thread id of the process's first thread",
	  .type = &type_uint32, .eval = eval_pid },
	{ "leader_comm", BUILTIN_VARIABLE, 0, 0, .process = true, .usage = "leader_comm()", .about = "name of the process's first thread",
	  .type = &builtin_type_comm, .eval = eval_leader_comm },
	{ "cgroup", BUILTIN_VARIABLE, 0, 0, .process = true, .usage = "cgroup", .about = "id of the process's cgroup (version 2)",
	  .type = &type_uint64, .eval = eval_cgroup },
	{ "nsecs", BUILTIN_VARIABLE, 0, 1, .words = true, .usage = "nsecs, nsecs(boot|monotonic|tai|sw_tai)",
	  .about = "time of the event in nanoseconds", .check = check_nsecs, .eval = eval_nsecs },
	{ "elapsed", BUILTIN_VARIABLE, 0, 0, .usage = "elapsed", .about = "nanoseconds since the program began",
	  .type = &type_uint64, .eval = eval_elapsed },
	{ "jiffies", BUILTIN_VARIABLE, 0, 0, .usage = "jiffies", .about = "the kernel's count of ticks at the event",
	  .type = &type_uint64, .eval = eval_jiffies },
	{ "cpu", BUILTIN_VARIABLE, 0, 0, .usage = "cpu", .about = "number of the CPU", .type = &type_uint32,
	  .eval = eval_cpu },
	{ "ncpus", BUILTIN_VARIABLE, 0, 0, .usage = "ncpus", .about = "how many CPUs there are", .type = &type_uint64,
	  .eval = eval_ncpus },
	{ "numaid", BUILTIN_VARIABLE, 0, 0, .usage = "numaid", .about = "memory node of the CPU", .type = &type_uint32,
	  .eval = eval_numaid },
	{ "probe", BUILTIN_VARIABLE, 0, 0, .usage = "probe", .about = "full name of the probe", .check = check_text,
	  .eval = eval_probe },
	{ "config", BUILTIN_VARIABLE, 0, 0, .usage = "config, config.NAME",
	  .about = "what the config block and the environment say: config.max_strlen", .check = check_config },
	{ "probetype", BUILTIN_VARIABLE, 0, 0, .usage = "probetype", .about = "kind of the probe: kprobe ...",
	  .check = check_text, .eval = eval_probetype },
	{ "func", BUILTIN_VARIABLE, 0, 0, .usage = "func", .about = "name of the function that was hit",
	  .check = check_func, .eval = eval_func },
	{ "usermode", BUILTIN_VARIABLE, 0, 0, .usage = "usermode", .about = "1 in user code, 0 in the kernel",
	  .type = &type_uint32, .eval = eval_usermode },
	{ "cpid", BUILTIN_VARIABLE, 0, 0, .usage = "cpid", .about = "process id of the command of -c",
	  .type = &type_uint32, .eval = eval_cpid },
	{ "has_cpid", BUILTIN_VARIABLE, 0, 0, .usage = "has_cpid", .about = "is there a command of -c?",
	  .type = &type_bool, .eval = eval_has_cpid },
	{ "rand", BUILTIN_VARIABLE, 0, 0, .usage = "rand", .about = "a random number", .type = &type_uint32,
	  .eval = eval_rand },
	{ 0 }
};
