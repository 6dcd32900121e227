/* jit.c - names of code that a program makes while it runs.
 *
 * Such code is in no file. Runtimes that are asked to (node --perf-basic-prof, java with an agent) write what they
 * make into /tmp/perf-PID.map, a line for each function, START and SIZE in hexadecimal:
 *
 *	3f8a2c40 1e0 LazyCompile:*fib /srv/app.js:1
 *
 * A later line about the same place is the newer one: code is thrown away, and its place used again. The file grows
 * as long as the program runs, and stays when it has ended; it is read again when it has grown. A process in a
 * container writes into its own /tmp.
 */
#include "sym/sym.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/os.h"
#include "base/str.h"

struct made {
	uint64_t begin, end;
	char *name;			/* in the text */
};

struct jit {
	struct str text;
	struct made *made;
	size_t n;
	off_t size;			/* of the file, when it was read */
};

void jit_free(struct jit *j)
{
	if (!j)
		return;
	str_release(&j->text);
	free(j->made);
	free(j);
}

static bool parse(char *line, struct made *m)
{
	char *end;

	m->begin = strtoull(line, &end, 16);
	if (end == line || *end != ' ')
		return false;
	m->end = m->begin + strtoull(end, &m->name, 16);
	m->name += *m->name == ' ';
	return m->end > m->begin && *m->name;
}

/* The map of a process, as it is now. False: it has none. */
static bool read_map(struct jit *j, pid_t pid)
{
	static const char *const places[] = { "/tmp/perf-%d.map", "/proc/%d/root/tmp/perf-%d.map" };
	char path[64], *rest;
	struct stat st;
	size_t i = 0;

	for (; i < ARRAY_LEN(places); i++) {
		snprintf(path, sizeof(path), places[i], (int)pid, (int)pid);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			break;
	}
	if (i == ARRAY_LEN(places) || st.st_size == j->size)
		return j->n > 0;
	j->n = 0;
	j->size = st.st_size;
	str_release(&j->text);
	j->text = (struct str)STR_INIT;
	if (os_read_file(AT_FDCWD, path, &j->text) != 0)
		return false;
	rest = j->text.s;
	for (char *line; (line = strsep(&rest, "\n"));) {
		struct made m;

		if (parse(line, &m))
			*MEM_PUSH(j->made, j->n) = m;
	}
	return j->n > 0;
}

bool jit_find(struct jit **of, pid_t pid, uint64_t address, const char **name, uint64_t *offset)
{
	struct jit *j = *of;

	if (!j)
		j = *of = mem_alloc(sizeof(*j));
	if (!read_map(j, pid))
		return false;
	for (size_t i = j->n; i-- > 0;)
		if (address >= j->made[i].begin && address < j->made[i].end) {
			*name = j->made[i].name;
			*offset = address - j->made[i].begin;
			return true;
		}
	return false;
}
