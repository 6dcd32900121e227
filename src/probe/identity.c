/* identity.c - is it still the file that was looked at?
 *
 * Between the moment when a file's symbols and instructions are read and the moment when the kernel finds it by
 * its path, an upgrade can come: another file has taken the name (rename), or other bytes were written into the
 * same one. The offset that was worked out is then a place anywhere, perhaps in the middle of an instruction, and
 * a breakpoint there would kill whoever runs into it.
 *
 * So each site remembers whose bytes it is about: device and inode say which file, size and times whether it was
 * written to. Both are asked again when the kernel has been told the path, before the breakpoint is there, and
 * once more when it is. A file that was only touched, or written again with what it held before, shows other times
 * but the same build ID and the same bytes at the place: that is no other file.
 */
#include "probe/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"

enum { BYTES = 16 };			/* as many as the longest instruction has, and one */

struct identity {
	const char *path;		/* by which we can open it, and the kernel */
	struct stat stat;		/* when it was opened */
	const char *build_id;
	unsigned char bytes[BYTES];	/* at the site's offset */
	size_t n;
};

const struct identity *identity_take(struct arena *a, struct elf_file *elf, const char *path, uint64_t offset)
{
	struct identity *id = arena_alloc(a, sizeof(*id));
	ssize_t n;

	id->path = arena_strdup(a, path);
	id->stat = *elf_stat(elf);
	id->build_id = arena_strdup(a, elf_build_id(elf));
	n = pread(elf_fd(elf), id->bytes, BYTES, (off_t)offset);
	id->n = n > 0 ? (size_t)n : 0;
	return id;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool untouched(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

static bool same_contents(const struct identity *id, uint64_t offset)
{
	unsigned char bytes[BYTES];
	struct elf_file *elf;
	bool same;
	ssize_t n;

	if (elf_open(id->path, &elf, NULL) != 0)
		return false;
	n = pread(elf_fd(elf), bytes, BYTES, (off_t)offset);
	same = same_file(elf_stat(elf), &id->stat) && strcmp(elf_build_id(elf), id->build_id) == 0 && n >= 0 &&
	       (size_t)n == id->n && memcmp(bytes, id->bytes, id->n) == 0;
	elf_close(elf);
	return same;
}

bool identity_holds(const struct site *site, struct str *why)
{
	const struct identity *id = site->identity;
	struct stat now;

	if (!id)
		return true;
	if (stat(id->path, &now) != 0) {
		str_addf(why, "%s has gone while trapline looked at it (%s)", site->path, os_strerror(errno));
		return false;
	}
	if (!same_file(&now, &id->stat))
		str_addf(why, "%s was replaced while trapline looked at it: run it again", site->path);
	else if (!untouched(&now, &id->stat) && !same_contents(id, site->offset))
		str_addf(why, "%s was changed while trapline looked at it: run it again", site->path);
	return why->len == 0;
}
