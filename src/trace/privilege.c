/* privilege.c - why the kernel says no, when the reason is not what we ask but who we are, and where.
 *
 * "Operation not permitted" has many fathers. The user may not be root; root may have lost some of its
 * capabilities, or be root of a container only (a user namespace); a seccomp filter may stand between us and
 * the kernel and answer in its place; the kernel may be locked down against everybody; or the file system is
 * mounted read-only. The errno alone does not tell which. But we can look: /proc/self/status has our
 * capabilities and says whether there is a filter, /proc/self/uid_map whether we are in a user namespace, and
 * /sys/kernel/security/lockdown what is locked.
 *
 * Measured on Debian's 6.1: lockdown=integrity refuses nothing that we use; lockdown=confidentiality, set while the
 * kernel runs, refuses every open() below tracefs with EPERM and a mkdir in instances/ with EINVAL; on the command
 * line of the kernel it leaves tracefs empty. perf and kallsyms it closes to nobody.
 * tracefs mounted with gid= lets that group read: its files are 0640, so nobody but root ever writes.
 */
#include "trace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not in the headers of every system. */
#define CAP_PERFMON_BIT	38

struct self {
	uid_t uid;
	uint64_t capabilities;		/* effective */
	bool seccomp, user_namespace;
};

static uint64_t status_number(const char *status, const char *key, int base)
{
	const char *line = strstr(status, key);

	return line ? strtoull(line + strlen(key), NULL, base) : 0;
}

static struct self look_at_self(void)
{
	_cleanup_(str_release) struct str status = STR_INIT, map = STR_INIT;
	struct self self = { .uid = geteuid() };
	unsigned long long inside, outside, count;

	if (os_read_file(AT_FDCWD, "/proc/self/status", &status) == 0) {
		self.capabilities = status_number(status.s, "\nCapEff:", 16);
		self.seccomp = status_number(status.s, "\nSeccomp:", 10) == 2;
	}
	if (os_read_file(AT_FDCWD, "/proc/self/uid_map", &map) == 0 &&
	    sscanf(map.s, "%llu %llu %llu", &inside, &outside, &count) == 3)
		self.user_namespace = inside || outside || count != UINT32_MAX;
	return self;
}

static bool can(const struct self *self, unsigned capability)
{
	return self->capabilities >> capability & 1;
}

/* ---- lockdown ---- */

/* The word in brackets: "none integrity [confidentiality]". */
static bool bracketed(const char *text, struct str *out)
{
	const char *begin = strchr(text, '['), *end = begin ? strchr(begin, ']') : NULL;

	if (!end)
		return false;
	str_addn(out, begin + 1, (size_t)(end - begin - 1));
	return true;
}

const char *lockdown_state(struct str *out)
{
	static const char file[] = "/sys/kernel/security/lockdown", words[] = "/proc/cmdline";
	_cleanup_(str_release) struct str text = STR_INIT, cmdline = STR_INIT;
	const char *p;

	if (os_read_file(AT_FDCWD, file, &text) == 0 && bracketed(text.s, out))
		return file;
	if (os_read_file(AT_FDCWD, words, &cmdline) != 0)
		return NULL;
	p = strstr(cmdline.s, "lockdown=");
	if (!p)
		return NULL;
	p += strlen("lockdown=");
	str_addn(out, p, strcspn(p, " \n"));
	return words;
}

bool locked_down(const char *what, struct str *why, struct str *todo)
{
	_cleanup_(str_release) struct str state = STR_INIT;
	const char *source = lockdown_state(&state);

	if (!source || strcmp(state.s, "confidentiality") != 0)
		return false;
	str_addf(why, "the kernel is locked down (%s says confidentiality): %s is closed to everybody, also to root",
		 source, what);
	str_add(todo, "boot with lockdown=integrity, or without lockdown; it cannot be lifted while the kernel runs");
	return true;
}

/* ---- whose fault it is ---- */

/* For what wants a capability: has it been refused for want of it? */
static bool lacks_capability(const struct self *self, unsigned capability, const char *name, const char *what,
			     struct str *why, struct str *todo)
{
	if (can(self, capability) && !self->user_namespace)
		return false;
	if (self->user_namespace) {
		str_addf(why, "%s needs %s of the machine, and we are in a user namespace (a container)", what, name);
		str_add(todo, "run trapline outside of the container, with -p for a process in it");
	} else if (self->uid != 0) {
		str_addf(why, "%s needs root (%s), and we are user %u", what, name, (unsigned)self->uid);
		str_add(todo, "run trapline as root (sudo)");
	} else {
		str_addf(why, "%s needs %s, which this root does not have (a container?)", what, name);
		str_addf(todo, "run trapline outside, or give the container %s", name);
	}
	return true;
}

/* Somebody between us and the kernel: what is left when nothing else explains it. */
static void somebody_between(const struct self *self, const char *what, struct str *why, struct str *todo)
{
	if (self->seccomp) {
		str_addf(why, "a seccomp filter (a container's, or systemd's) forbids %s", what);
		str_add(todo, "run trapline outside of the container, or with --security-opt seccomp=unconfined");
	} else {
		str_addf(why, "a security module forbids %s", what);
		str_add(todo, "the kernel's log may tell which: dmesg | grep -iE 'lockdown|audit|denied'");
	}
}

/* ---- tracefs ---- */

/* Which part of the kernel makes a file. */
static const struct {
	const char *file, *part, *option;
} parts[] = {
	{ "uprobe_events", "probes in user programs", "CONFIG_UPROBE_EVENTS" },
	{ "kprobe_events", "probes in the kernel", "CONFIG_KPROBE_EVENTS" },
	{ "dynamic_events", "dynamic_events", "CONFIG_DYNAMIC_EVENTS, since 5.0" },
	{ "synthetic_events", "synthetic events", "CONFIG_SYNTH_EVENTS" },
};

static void missing_file(const char *file, struct str *why)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcmp(parts[i].file, file) == 0) {
			str_addf(why, "this kernel has no %s (%s)", parts[i].part, parts[i].option);
			return;
		}
	str_addf(why, "this kernel has no %s", file);
}

/* Who may, by the file's own mode. */
static void not_by_mode(const struct self *self, const char *path, struct str *why, struct str *todo)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & S_IRGRP) && !(st.st_mode & S_IWGRP)) {
		str_addf(why, "%s is written by root only: group %u may read it, and we are user %u", path,
			 (unsigned)st.st_gid, (unsigned)self->uid);
		str_add(todo, "listing and reading work so; to define probes run trapline as root (sudo)");
		return;
	}
	if (!lacks_capability(self, CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", path, why, todo))
		somebody_between(self, path, why, todo);
}

void tracefs_why(const char *root, const char *file, int err, struct str *why, struct str *todo)
{
	_cleanup_(str_release) struct str path = STR_INIT;
	struct self self = look_at_self();

	str_addf(&path, file ? "%s/%s" : "%s", root, file);
	switch (-err) {
	case ENOENT:
		missing_file(file ? file : root, why);
		break;
	case EROFS:
		str_addf(why, "tracefs is mounted read-only at %s", root);
		str_addf(todo, "mount -o remount,rw %s", root);
		break;
	case EACCES:
		not_by_mode(&self, path.s, why, todo);
		break;
	case EPERM:
		if (!locked_down("tracefs", why, todo))
			somebody_between(&self, path.s, why, todo);
		break;
	case ENODATA:
		if (!locked_down("tracefs", why, todo)) {
			str_addf(why, "tracefs at %s is empty: this kernel has switched its tracing off", root);
			str_add(todo, "the kernel's log may tell why: dmesg | grep -iE 'trac|lockdown'");
		}
		break;
	default:
		str_addf(why, "%s: %s", path.s, os_strerror(err));
	}
}

void mount_why(const char *type, const char *place, int err, struct str *why, struct str *todo)
{
	struct self self = look_at_self();

	str_addf(why, "%s is not mounted, and ", type);
	switch (-err) {
	case EPERM:
	case EACCES:
		if (!lacks_capability(&self, CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "mounting it", why, todo))
			somebody_between(&self, "mounting it", why, todo);
		break;
	case ENODEV:
		str_add(why, "this kernel does not have it (CONFIG_TRACING)");
		break;
	case ENOENT:
		if (access("/sys/kernel", F_OK) < 0) {
			str_add(why, "neither is sysfs, where its place is");
			str_add(todo, "mount -t sysfs sysfs /sys");
			break;
		}
		str_addf(why, "this kernel has no place for it (%s): it was built without tracing (CONFIG_FTRACE)",
			 place);
		break;
	default:
		str_addf(why, "it cannot be mounted at %s: %s", place, os_strerror(err));
		str_addf(todo, "mount -t %s %s %s", type, type, place);
	}
}

/* ---- perf ---- */

bool perf_why(int err, struct str *why, struct str *todo)
{
	_cleanup_(str_release) struct str paranoid = STR_INIT;
	struct self self = look_at_self();

	if (err == -ENOSYS && !self.seccomp) {
		str_add(why, "this kernel has no perf events (CONFIG_PERF_EVENTS)");
		return false;
	}
	if (err == -ENOSYS) {
		somebody_between(&self, "perf_event_open", why, todo);
	} else if ((can(&self, CAP_PERFMON_BIT) || can(&self, CAP_SYS_ADMIN)) && !self.user_namespace) {
		somebody_between(&self, "perf_event_open", why, todo);
	} else {
		lacks_capability(&self, CAP_PERFMON_BIT, "CAP_PERFMON", "perf_event_open", why, todo);
		if (os_read_file(AT_FDCWD, "/proc/sys/kernel/perf_event_paranoid", &paranoid) == 0)
			str_addf(why, " (kernel.perf_event_paranoid is %d)", atoi(paranoid.s));
	}
	return true;
}
