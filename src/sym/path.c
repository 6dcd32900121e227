/* path.c - which file does the user mean?
 *
 * A user writes `./app`, `/usr/bin/bash`, `bash` or `libc`. With a slash it is a path. Without one it is a
 * program as the shell would find it in PATH, else a library as the dynamic linker would find it: in
 * /etc/ld.so.cache, which ldconfig makes from the library directories; systems without that file (musl)
 * keep their libraries in a few well-known directories.
 *
 * With a process (-p PID) the question is what *that process* means by the name. It may have another root
 * (a container), so names are looked up below /proc/PID/root. And a name may by now lead to another file
 * than the one which the process runs: after an upgrade, its old libc.so.6 has no name any more. A probe
 * must go where the process really is, so what it has mapped comes before what a name now leads to, and is
 * reached by the kernel's own links: /proc/PID/exe, and /proc/PID/map_files/BEGIN-END for a library.
 *
 * /proc/self is nobody's file but a question: whose? With a process it is that process; without one it would
 * be trapline, and the shell when the definition is pasted there, so it is refused.
 *
 * Every answer has two forms: the path to show, and the path by which this process, and so the kernel on
 * our behalf, can open that very file.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/str.h"
#include "sym/sym.h"

enum { MAX_LINKS = 40 };	/* symbolic links on one way, as in the kernel */

/* Whose names are meant. */
struct view {
	pid_t pid;		/* 0: our own */
	bool own_root;		/* names mean the same to us */
	char root[32];		/* "" or "/proc/PID/root" */
	char exe_link[32];	/* "/proc/PID/exe" */
	char *exe;		/* what it says, without " (deleted)"; NULL: no pid */
	struct mapping *maps;
	int n_maps;
};

void found_file_release(struct found_file *f)
{
	free(f->path);
	free(f->kernel_path);
	*f = (struct found_file){ NULL, NULL };
}

static int found(struct found_file *out, const char *path, const char *kernel_path)
{
	*out = (struct found_file){ mem_strdup(path), mem_strdup(kernel_path) };
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Appends directory/path without "//" and "/./"; "a/../b" stays, for a may be a symbolic link. */
static void join(struct str *out, const char *directory, const char *path)
{
	const char *parts[] = { path[0] == '/' ? "" : directory, path };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (const char *p = parts[i]; *p;) {
			size_t n = strcspn(p, "/");

			if (n > 0 && !(n == 1 && p[0] == '.')) {
				str_addc(out, '/');
				str_addn(out, p, n);
			}
			p += n + (p[n] == '/');
		}
	if (out->len == 0)
		str_add(out, "/");
}

/* ---- another root ---- */

/* Walks an absolute path below a root that is not ours. The kernel would do it but for symbolic links that
 * begin with a slash: those would leave that root for ours. Returns 0 and the resolved path (with the root
 * in front), or -errno. */
static int resolve_below(const char *root, const char *path, struct str *out)
{
	_cleanup_(mem_free_ptr) char *rest = mem_strdup(path);
	unsigned links = 0;
	size_t at = 0;

	str_add(out, root);
	while (rest[at]) {
		size_t n = strcspn(rest + at, "/"), before = out->len;
		struct stat st;

		if (n == 0 || (n == 1 && rest[at] == '.')) {
			at += n + (rest[at + n] == '/');
			continue;
		}
		if (n == 2 && strncmp(rest + at, "..", 2) == 0) {	/* not above the root */
			char *slash = strrchr(out->s + strlen(root), '/');

			out->len = slash ? (size_t)(slash - out->s) : strlen(root);
			out->s[out->len] = '\0';
			at += n + (rest[at + n] == '/');
			continue;
		}
		str_addc(out, '/');
		str_addn(out, rest + at, n);
		at += n + (rest[at + n] == '/');
		if (lstat(out->s, &st) != 0)
			return -errno;
		if (S_ISLNK(st.st_mode)) {
			_cleanup_(mem_free_ptr) char *target = os_readlink(out->s);
			struct str joined = STR_INIT;

			if (!target)
				return -errno;
			if (++links > MAX_LINKS)
				return -ELOOP;
			str_addf(&joined, "%s/%s", target, rest + at);
			free(rest);
			rest = joined.s;
			at = 0;
			out->len = target[0] == '/' ? strlen(root) : before;
			out->s[out->len] = '\0';
		}
	}
	return 0;
}

/* The name by which we can open what the view calls path. */
static int reach(const struct view *v, const char *path, struct str *out)
{
	if (!v->own_root)
		return resolve_below(v->root, path, out);
	str_add(out, path);
	return 0;
}

static bool same_link(pid_t pid, const char *what)
{
	char theirs[64], ours[64];
	struct stat a, b;

	snprintf(theirs, sizeof(theirs), "/proc/%d/%s", pid, what);
	snprintf(ours, sizeof(ours), "/proc/self/%s", what);
	return stat(theirs, &a) == 0 && stat(ours, &b) == 0 && same_file(&a, &b);
}

/* ---- the view ---- */

static void strip_deleted(char *path)
{
	static const char deleted[] = " (deleted)";
	size_t n = strlen(path), d = sizeof(deleted) - 1;

	if (n > d && strcmp(path + n - d, deleted) == 0)
		path[n - d] = '\0';
}

/* The kernel prints names as seen from our root; below another root (chroot) they begin with that. */
static void strip_root(char *path, const char *root)
{
	size_t n = strlen(root);

	if (n > 1 && strncmp(path, root, n) == 0 && path[n] == '/')
		memmove(path, path + n, strlen(path + n) + 1);
}

/* What ended, and threads of the kernel, have no program. */
static bool runs_program(pid_t pid)
{
	_cleanup_(mem_free_ptr) char *exe = NULL;
	char link[32];

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	exe = os_readlink(link);
	return exe || errno != ENOENT;
}

/* The thread that shows what the process sees: the first one, or another when that has ended. -errno. */
static pid_t living_thread(pid_t pid)
{
	_cleanup_(mem_free_ptr) pid_t *tids = NULL;
	int n;

	if (runs_program(pid))
		return pid;
	n = os_threads(pid, &tids);
	for (int i = 0; i < n; i++)
		if (runs_program(tids[i]))
			return tids[i];
	return n < 0 ? n : -ENXIO;
}

static int view_open(struct view *v, pid_t pid)
{
	_cleanup_(mem_free_ptr) char *root = NULL;

	*v = (struct view){ .own_root = true };
	if (pid <= 0)
		return 0;
	pid = living_thread(pid);
	if (pid < 0)
		return pid;
	v->pid = pid;
	snprintf(v->exe_link, sizeof(v->exe_link), "/proc/%d/exe", pid);
	v->n_maps = maps_read(pid, &v->maps);
	if (v->n_maps < 0)
		return v->n_maps == -ENOENT ? -ESRCH : v->n_maps;
	v->own_root = same_link(pid, "ns/mnt") && same_link(pid, "root");
	v->exe = os_readlink(v->exe_link);
	if (v->exe)
		strip_deleted(v->exe);
	if (v->own_root)
		return 0;
	snprintf(v->root, sizeof(v->root), "/proc/%d/root", pid);
	root = os_readlink(v->root);
	for (int i = 0; root && i < v->n_maps; i++)
		strip_root(v->maps[i].path, root);
	if (root && v->exe)
		strip_root(v->exe, root);
	return 0;
}

static void view_close(struct view *v)
{
	maps_free(v->maps, v->n_maps > 0 ? v->n_maps : 0);
	free(v->exe);
}

/* ---- a path ---- */

/* What the process runs or has mapped under that name, when the name now leads elsewhere (st: to what; NULL:
 * to nothing). */
static bool find_replaced(const struct view *v, const char *path, const struct stat *st, struct str *link)
{
	struct stat real;

	if (v->exe && strcmp(v->exe, path) == 0 && stat(v->exe_link, &real) == 0) {
		if (st && same_file(st, &real))
			return false;
		str_add(link, v->exe_link);
		return true;
	}
	for (int i = 0; i < v->n_maps; i++) {
		if (v->maps[i].inode == 0 || strcmp(v->maps[i].path, path) != 0)
			continue;
		maps_link(v->pid, &v->maps[i], link);
		if (stat(link->s, &real) == 0 && S_ISREG(real.st_mode) && !(st && same_file(st, &real)))
			return true;
		str_clear(link);
		return false;
	}
	return false;
}

/* Does the process run our file of that name, or has it mapped it? Then the name can be ours, though another root
 * hides it from the process. */
static bool is_ours_and_used(const struct view *v, const char *path)
{
	struct stat ours, used;

	if (!v->pid || stat(path, &ours) != 0 || !S_ISREG(ours.st_mode))
		return false;
	if (stat(v->exe_link, &used) == 0 && same_file(&ours, &used))
		return true;
	for (int i = 0; i < v->n_maps; i++) {
		_cleanup_(str_release) struct str link = STR_INIT;

		if (v->maps[i].inode == 0 || !v->maps[i].executable)
			continue;
		maps_link(v->pid, &v->maps[i], &link);
		if (stat(link.s, &used) == 0 && same_file(&ours, &used))
			return true;
	}
	return false;
}

/* An absolute path in the view. */
static int find_path(const struct view *v, const char *path, struct found_file *out)
{
	_cleanup_(str_release) struct str name = STR_INIT, link = STR_INIT;
	_cleanup_(mem_free_ptr) char *real = NULL;
	bool exists;
	struct stat st;
	int r = reach(v, path, &name);

	if (r == 0 && stat(name.s, &st) != 0)
		r = -errno;
	exists = r == 0;
	if (exists && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (v->pid) {
		real = exists ? realpath(name.s, NULL) : NULL;
		if (real && !v->own_root)
			strip_root(real, v->root);
		if (find_replaced(v, path, exists ? &st : NULL, &link) ||
		    (real && find_replaced(v, real, &st, &link)))
			return found(out, path, link.s);
	}
	if (!exists && is_ours_and_used(v, path))
		return found(out, path, path);
	return exists ? found(out, path, name.s) : r;
}

/* What stands behind /proc/self in an absolute path, or behind the number of the process that is meant, which its
 * own /proc may not know. Or NULL. */
static const char *behind_self(const struct view *v, const char *path)
{
	char number[32] = "/proc/self";
	const char *names[] = { "/proc/self", "/proc/thread-self", number };

	if (v->pid)
		snprintf(number, sizeof(number), "/proc/%d", v->pid);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(path, names[i], n) == 0 && (path[n] == '/' || !path[n]))
			return path + n;
	}
	return NULL;
}

/* The process's directory in our /proc: its own /proc, if it has one, may count differently. */
static int find_self(const struct view *v, const char *rest, struct found_file *out)
{
	static const struct view own = { .own_root = true };
	_cleanup_(str_release) struct str path = STR_INIT;

	if (!v->pid)
		return -EINVAL;
	str_addf(&path, "/proc/%d%s", v->pid, rest);
	return find_path(v->own_root ? v : &own, path.s, out);
}

/* A path as written: relative ones are ours (the user typed them in our shell), else the process's. */
static int find_written(const struct view *v, const char *file, struct found_file *out)
{
	_cleanup_(str_release) struct str path = STR_INIT;
	_cleanup_(mem_free_ptr) char *cwd = NULL;
	const char *rest;
	char link[32];

	if (file[0] != '/') {
		cwd = getcwd(NULL, 0);
		join(&path, cwd ? cwd : "/", file);
		if (!v->pid)
			return find_path(v, path.s, out);
		if (access(path.s, F_OK) == 0)
			return v->own_root ? find_path(v, path.s, out) : found(out, path.s, path.s);
		str_clear(&path);
		free(cwd);
		snprintf(link, sizeof(link), "/proc/%d/cwd", v->pid);
		cwd = os_readlink(link);
	}
	join(&path, cwd ? cwd : "/", file);
	rest = behind_self(v, path.s);
	return rest ? find_self(v, rest, out) : find_path(v, path.s, out);
}

/* ---- a program ---- */

static int find_program(const struct view *v, const char *name, struct found_file *out)
{
	const char *dirs = getenv("PATH");
	_cleanup_(mem_free_ptr) char *ours = NULL;

	if (v->exe && strcmp(base_name(v->exe), name) == 0)
		return find_path(v, v->exe, out);
	if (v->own_root) {
		ours = os_find_program(name);
		return ours ? find_written(v, ours, out) : -ENOENT;
	}
	for (const char *p = dirs ? dirs : ""; *p; p += strcspn(p, ":"), p += *p == ':') {
		_cleanup_(str_release) struct str path = STR_INIT, dir = STR_INIT, reached = STR_INIT;

		str_addn(&dir, p, strcspn(p, ":"));
		join(&path, dir.s, name);
		if (reach(v, path.s, &reached) == 0 && access(reached.s, X_OK) == 0)
			return find_path(v, path.s, out);
	}
	return -ENOENT;
}

/* ---- a library ---- */

/* Is a file of this name the library that is meant? "libc" and "libc.so" are libc.so.6, and "libc" was
 * libc-2.31.so; "libc.so.6" is itself only. */
static bool is_library(const char *file, const char *wanted)
{
	size_t n = strlen(wanted);

	if (strncmp(file, wanted, n) != 0)
		return false;
	file += n;
	if (*file == '\0')
		return strstr(wanted, ".so") != NULL;
	if (n > 3 && strcmp(wanted + n - 3, ".so") == 0)
		return *file == '.';
	if (strcmp(file, ".so") == 0 || strncmp(file, ".so.", 4) == 0)
		return true;
	return file[0] == '-' && file[1] >= '0' && file[1] <= '9' && strstr(file, ".so") != NULL;
}

static int find_mapped_library(const struct view *v, const char *name, struct found_file *out)
{
	for (int i = 0; i < v->n_maps; i++)
		if (v->maps[i].inode && is_library(base_name(v->maps[i].path), name))
			return find_path(v, v->maps[i].path, out);
	return -ENOENT;
}

/* The best candidate so far: the newest version. */
struct best_library {
	const char *wanted;
	char *soname, *path;
};

static bool consider(void *ctx, const char *soname, const char *path)
{
	struct best_library *b = ctx;

	if (!is_library(soname, b->wanted) || (b->soname && strverscmp(soname, b->soname) <= 0))
		return true;
	free(b->soname);
	free(b->path);
	b->soname = mem_strdup(soname);
	b->path = mem_strdup(path);
	return true;
}

/* /etc/ld.so.cache: a header, entries of fixed size, strings. Offsets count from the header. Systems of
 * long ago put an older format in front, which says how long it is. */
struct cache_header {
	char magic[20];			/* "glibc-ld.so.cache" "1.1" */
	uint32_t n, strings_size;
	uint32_t unused[5];
};
struct cache_entry {
	uint32_t flags;			/* which kind of library: ABI */
	uint32_t name, path;		/* offsets of strings */
	uint32_t os_version;
	uint64_t hwcap;			/* 0: for every CPU */
};
struct old_header {
	char magic[12];			/* "ld.so-1.7.0" */
	uint32_t n;
};
enum { OLD_ENTRY_SIZE = 12 };

static const struct { int machine; uint32_t flags; } cache_abis[] = {
	{ EM_X86_64, 0x0303 }, { EM_AARCH64, 0x0a03 },
};

static bool is_our_abi(uint32_t flags)
{
	const struct arch *host = arch_host();

	for (size_t i = 0; host && i < ARRAY_LEN(cache_abis); i++)
		if (cache_abis[i].machine == host->machine)
			return flags == cache_abis[i].flags;
	return true;
}

static const char *cache_string(const char *cache, size_t size, uint32_t offset)
{
	return offset < size && memchr(cache + offset, '\0', size - offset) ? cache + offset : NULL;
}

static int parse_cache(const char *cache, size_t size, bool (*fn)(void *, const char *, const char *),
		       void *ctx)
{
	struct cache_header head;
	struct old_header old;

	if (size >= sizeof(old) && memcmp(cache, "ld.so-1.7.0", 11) == 0) {
		size_t skip;

		memcpy(&old, cache, sizeof(old));
		skip = (sizeof(old) + (size_t)old.n * OLD_ENTRY_SIZE + 7) & ~(size_t)7;
		if (skip > size)
			return -EINVAL;
		cache += skip;
		size -= skip;
	}
	if (size < sizeof(head) || memcmp(cache, "glibc-ld.so.cache1.1", 20) != 0)
		return -EINVAL;
	memcpy(&head, cache, sizeof(head));
	for (uint32_t i = 0; i < head.n && sizeof(head) + (i + 1) * sizeof(struct cache_entry) <= size; i++) {
		struct cache_entry entry;
		const char *name, *path;

		memcpy(&entry, cache + sizeof(head) + i * sizeof(entry), sizeof(entry));
		name = cache_string(cache, size, entry.name);
		path = cache_string(cache, size, entry.path);
		if (name && path && entry.hwcap == 0 && is_our_abi(entry.flags) && !fn(ctx, name, path))
			break;
	}
	return 0;
}

/* Where libraries are without a cache: musl, busybox. */
static const char *const library_dirs[] = {
	"/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64",
	"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
	"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
};

static void scan_directories(const struct view *v, bool (*fn)(void *, const char *, const char *), void *ctx)
{
	for (size_t i = 0; i < ARRAY_LEN(library_dirs); i++) {
		_cleanup_(str_release) struct str name = STR_INIT;
		bool more = true;
		DIR *d = reach(v, library_dirs[i], &name) == 0 ? opendir(name.s) : NULL;

		for (struct dirent *entry; d && more && (entry = readdir(d));) {
			_cleanup_(str_release) struct str path = STR_INIT;

			if (!strstr(entry->d_name, ".so"))
				continue;
			str_addf(&path, "%s/%s", library_dirs[i], entry->d_name);
			more = fn(ctx, entry->d_name, path.s);
		}
		if (d)
			closedir(d);
		if (!more)
			return;
	}
}

static int each_library(const struct view *v, bool (*fn)(void *, const char *, const char *), void *ctx)
{
	_cleanup_(str_release) struct str name = STR_INIT, cache = STR_INIT;

	if (reach(v, "/etc/ld.so.cache", &name) != 0 || os_read_file(AT_FDCWD, name.s, &cache) != 0 ||
	    parse_cache(cache.s ? cache.s : "", cache.len, fn, ctx) != 0)
		scan_directories(v, fn, ctx);
	return 0;
}

int path_each_library(pid_t pid, bool (*fn)(void *ctx, const char *soname, const char *path), void *ctx)
{
	struct view v;
	int r = view_open(&v, pid);

	if (r == 0)
		r = each_library(&v, fn, ctx);
	view_close(&v);
	return r;
}

static int find_library(const struct view *v, const char *name, struct found_file *out)
{
	struct best_library best = { .wanted = name };
	int r = find_mapped_library(v, name, out);

	if (r == 0)
		return 0;
	each_library(v, consider, &best);
	r = best.path ? find_path(v, best.path, out) : -ENOENT;
	free(best.soname);
	free(best.path);
	return r;
}

int path_find(const char *file, pid_t pid, struct found_file *out)
{
	struct view v;
	int r = view_open(&v, pid);

	*out = (struct found_file){ NULL, NULL };
	if (r == 0 && !file[0])
		r = -ENOENT;
	if (r == 0 && strchr(file, '/')) {
		r = find_written(&v, file, out);
	} else if (r == 0) {
		r = find_program(&v, file, out);
		if (r != 0)
			r = find_library(&v, file, out);
	}
	view_close(&v);
	return r;
}
