/* maps.c - /proc/PID/maps: which files a process has mapped, and where.
 *
 *	7f1c2a628000-7f1c2a77c000 r-xp 00028000 fe:00 131265      /usr/lib/libc.so.6
 *	begin        end          prot offset   device inode      path
 *
 * A line says that the file's bytes from the offset on appear at begin. The path is only the name that the
 * file once had: it may be deleted since (the kernel adds " (deleted)"), or another file may have taken its
 * place. The file itself can always be opened: /proc/PID/map_files has a link for each mapping.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "sym/sym.h"

/* A newline in a name is written \012, everything else as it is. */
static char *unescape(const char *s)
{
	char *out = mem_strdup(s), *to = out;

	for (const char *p = s; *p; p++)
		if (strncmp(p, "\\012", 4) == 0) {
			*to++ = '\n';
			p += 3;
		} else {
			*to++ = *p;
		}
	*to = '\0';
	return out;
}

static bool parse_line(const char *line, struct mapping *m)
{
	static const char deleted[] = " (deleted)";
	unsigned major, minor;
	int path_at = 0;
	char prot[5];
	size_t n;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &m->begin, &m->end,
		   prot, &m->offset, &major, &minor, &m->inode, &path_at) != 7 || path_at == 0)
		return false;
	m->device = (uint64_t)major << 32 | minor;
	m->executable = prot[2] == 'x';
	m->path = unescape(line + path_at);
	n = strlen(m->path);
	if (n >= sizeof(deleted) && strcmp(m->path + n - (sizeof(deleted) - 1), deleted) == 0) {
		m->deleted = true;
		m->path[n - (sizeof(deleted) - 1)] = '\0';
	}
	return true;
}

int maps_read(pid_t pid, struct mapping **out)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	char file[64], *rest;
	size_t n = 0;
	int r;

	*out = NULL;
	snprintf(file, sizeof(file), "/proc/%d/maps", pid);
	r = os_read_file(AT_FDCWD, file, &text);
	if (r < 0)
		return r;
	rest = text.s;
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		struct mapping m = { 0 };

		if (parse_line(line, &m))
			*MEM_PUSH(*out, n) = m;
	}
	return (int)n;
}

void maps_free(struct mapping *maps, int n)
{
	for (int i = 0; i < n; i++)
		free(maps[i].path);
	free(maps);
}

void maps_link(pid_t pid, const struct mapping *m, struct str *out)
{
	str_addf(out, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, m->begin, m->end);
}
