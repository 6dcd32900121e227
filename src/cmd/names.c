/* names.c - names for what programs of the language show: symbols, users, cgroups, build ids, other clocks.
 *
 * A stack's value is its addresses, a user's is its number: they become words when they are printed, which may be
 * long after the event. So what can be forgotten meanwhile (which file a process had mapped at an address) is
 * learned when the record comes, by play.c; here it is only asked for.
 */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

struct user {
	uint32_t uid;
	char *name;
};

/* A program or library whose build id was asked for. */
struct known_file {
	char *path;
	struct elf_file *elf;		/* NULL: it cannot be read */
};

struct name_book {
	struct addresses *addresses;
	struct user *users;
	size_t n_users;
	bool users_read;
	struct known_file *files;
	size_t n_files;
	char *cgroups;			/* where cgroup2 is mounted, or NULL */
	int cgroup_fd;
	pid_t pid;			/* as whom files are looked up; 0: as ourselves */
};

/* ---- symbols ---- */

static bool kernel_symbol(void *ctx, uint64_t address, const char **name, uint64_t *offset)
{
	struct name_book *b = ctx;

	return addresses_kernel(b->addresses, address, name, offset);
}

static bool user_symbol(void *ctx, pid_t pid, uint64_t address, const char **name, uint64_t *offset,
			const char **file)
{
	struct name_book *b = ctx;

	return addresses_user(b->addresses, pid, address, name, offset, file);
}

static bool source_line(void *ctx, pid_t pid, uint64_t address, unsigned level, const char **function, const char **file,
			unsigned *line)
{
	struct name_book *b = ctx;
	const struct source_frame *frames;

	if (level >= addresses_source(b->addresses, pid, address, &frames))
		return false;
	*function = frames[level].function;
	*file = frames[level].file;
	*line = frames[level].line;
	return true;
}

static bool kernel_address(void *ctx, const char *name, uint64_t *address)
{
	struct name_book *b = ctx;
	uint64_t size;

	return addresses_kernel_symbol(b->addresses, name, address, &size);
}

static bool first_symbol(struct elf_file *e, const char *name, uint64_t *address)
{
	struct symbol *found = NULL;
	int n = elf_find(e, name, &found);

	if (n > 0)
		*address = found->address;
	free(found);
	return n > 0;
}

/* uaddr("x") at a probe of a program: where its file puts x. */
static bool user_address(void *ctx, const struct attach_point *p, const char *name, uint64_t *address)
{
	struct name_book *b = ctx;
	struct found_file file = { 0 };
	struct elf_file *e = NULL;
	bool found = false;

	if (!p->n_parts || path_find(p->parts[0], b->pid, &file) != 0)
		return false;
	if (elf_open(file.kernel_path, &e, NULL) == 0) {
		found = first_symbol(e, name, address);
		elf_close(e);
	}
	found_file_release(&file);
	return found;
}

/* ---- build ids ---- */

static struct elf_file *file_of(struct name_book *b, const char *path)
{
	struct known_file *f;

	for (size_t i = 0; i < b->n_files; i++)
		if (strcmp(b->files[i].path, path) == 0)
			return b->files[i].elf;
	f = MEM_PUSH(b->files, b->n_files);
	f->path = mem_strdup(path);
	if (elf_open(path, &f->elf, NULL) != 0)
		f->elf = NULL;
	return f->elf;
}

static bool build_id(void *ctx, pid_t pid, uint64_t address, const char **id, uint64_t *offset)
{
	struct name_book *b = ctx;
	struct mapping *maps = NULL;
	int n = maps_read(pid, &maps);
	bool found = false;

	for (int i = 0; i < n && !found; i++) {
		struct elf_file *e;

		if (address < maps[i].begin || address >= maps[i].end || maps[i].path[0] != '/')
			continue;
		e = file_of(b, maps[i].path);
		*offset = address - maps[i].begin + maps[i].offset;
		*id = e ? elf_build_id(e) : "";
		found = **id != '\0';
	}
	if (n >= 0)
		maps_free(maps, n);
	return found;
}

/* ---- users ---- */

/* root:x:0:0:root:/root:/bin/sh */
static void read_users(struct name_book *b)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char *lines, *line;

	b->users_read = true;
	if (os_read_file(AT_FDCWD, "/etc/passwd", &text))
		return;
	for (lines = text.s; (line = strsep(&lines, "\n"));) {
		char *name = strsep(&line, ":"), *uid;
		struct user *u;

		strsep(&line, ":");
		uid = strsep(&line, ":");
		if (!uid || !*uid)
			continue;
		u = MEM_PUSH(b->users, b->n_users);
		u->uid = (uint32_t)strtoul(uid, NULL, 10);
		u->name = mem_strdup(name);
	}
}

static const char *user_name(void *ctx, uint32_t uid)
{
	struct name_book *b = ctx;

	if (!b->users_read)
		read_users(b);
	for (size_t i = 0; i < b->n_users; i++)
		if (b->users[i].uid == uid)
			return b->users[i].name;
	return NULL;
}

/* ---- cgroups ---- */

static void find_cgroups(struct name_book *b)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char *lines, *line;

	b->cgroup_fd = -1;
	if (os_read_file(AT_FDCWD, "/proc/self/mounts", &text))
		return;
	for (lines = text.s; !b->cgroups && (line = strsep(&lines, "\n"));) {
		char *place, *type;

		strsep(&line, " ");
		place = strsep(&line, " ");
		type = strsep(&line, " ");
		if (type && strcmp(type, "cgroup2") == 0)
			b->cgroups = mem_strdup(place);
	}
	if (b->cgroups)
		b->cgroup_fd = open(b->cgroups, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The id of a cgroup is a file handle of kernfs: the kernel opens its directory by it, without a search. */
static char *cgroup_directory(const struct name_book *b, uint64_t id)
{
	enum { FILEID_KERNFS = 0xfe };
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} h = { .handle = { .handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS } };
	_cleanup_(mem_close_fd) int fd = -1;
	char link[32];

	memcpy(h.handle.f_handle, &id, sizeof(id));
	fd = b->cgroup_fd < 0 ? -1 : open_by_handle_at(b->cgroup_fd, &h.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return os_readlink(link);
}

/* "unified:/system.slice/cron.service" */
static void cgroup_path(void *ctx, uint64_t id, struct str *out)
{
	struct name_book *b = ctx;
	_cleanup_(mem_free_ptr) char *dir = NULL;
	const char *below;

	if (!b->cgroups)
		find_cgroups(b);
	dir = cgroup_directory(b, id);
	if (!dir || !b->cgroups || !str_starts(dir, b->cgroups))
		return;
	below = dir + strlen(b->cgroups);
	str_addf(out, "unified:%s", *below ? below : "/");
}

/* ---- clocks ---- */

/* What must be added to CLOCK_BOOTTIME: the other clock is read between two looks at it. Where nobody ever suspended
 * the machine, CLOCK_MONOTONIC is the same to the nanosecond. */
static uint64_t from_boot(clockid_t other)
{
	uint64_t before = os_clock_ns(CLOCK_BOOTTIME), now = os_clock_ns(other), after = os_clock_ns(CLOCK_BOOTTIME);

	if (before <= now && now <= after)
		return 0;
	return now - (before + (after - before) / 2);
}

/* ---- the front door ---- */

struct name_book *name_book_new(struct addresses *addresses, pid_t pid)
{
	struct name_book *b = mem_alloc(sizeof(*b));

	b->addresses = addresses;
	b->pid = pid;
	b->cgroup_fd = -1;
	return b;
}

struct names name_book_names(struct name_book *b, const struct config *config, bool terminal)
{
	return (struct names){
		.ctx = b, .kernel = kernel_symbol, .user = user_symbol, .source = source_line, .username = user_name,
		.cgroup_path = cgroup_path, .build_id = build_id, .kernel_address = kernel_address,
		.user_address = user_address, .boot_to_real_ns = from_boot(CLOCK_REALTIME),
		.boot_to_mono_ns = from_boot(CLOCK_MONOTONIC), .boot_to_tai_ns = from_boot(CLOCK_TAI),
		.config = config, .terminal = terminal,
	};
}

void name_book_free(struct name_book *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n_users; i++)
		free(b->users[i].name);
	for (size_t i = 0; i < b->n_files; i++) {
		elf_close(b->files[i].elf);
		free(b->files[i].path);
	}
	free(b->users);
	free(b->files);
	free(b->cgroups);
	mem_close_fd(&b->cgroup_fd);
	free(b);
}
