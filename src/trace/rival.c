/* rival.c - who sits where a probe cannot be put.
 *
 * The kernel counts up a counter in the program's data while a probe is at a place, and wants all probes of one place
 * to name the same counter, or none. When one does not it refuses the definition with EINVAL, and its log stays empty;
 * so the list of definitions is searched for the other:
 *
 *	p:group/event /usr/bin/python3.11:0x000f20a1(0x683260) file=+0(%bp):string
 *	              path                offset     counter
 */
#include "trace/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One line of the list, its words. */
struct definition_line {
	char *name;			/* group/event */
	char *path;
	unsigned long long offset, counter;
};

static bool take_apart(char *line, struct definition_line *d)
{
	char *rest = line, *kind = strsep(&rest, ":"), *target, *colon, *end;

	if (!rest || (*kind != 'p' && *kind != 'r'))
		return false;
	d->name = strsep(&rest, " ");
	target = strsep(&rest, " ");
	colon = target ? strrchr(target, ':') : NULL;
	if (!colon)
		return false;
	*colon = '\0';
	d->path = target;
	d->offset = strtoull(colon + 1, &end, 16);
	d->counter = *end == '(' ? strtoull(end + 1, NULL, 16) : 0;
	return true;
}

static bool is_rival(const struct definition_line *d, const struct site *site, const struct stat *mine)
{
	struct stat theirs;

	return d->offset == site->offset && d->counter != site->counter && stat(d->path, &theirs) == 0 &&
	       theirs.st_dev == mine->st_dev && theirs.st_ino == mine->st_ino;
}

bool rival_words(struct tracefs *t, const struct site *site, struct str *out)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct definition_line d;
	struct stat mine;
	char *rest, *line;

	if (!site || !site->open_path || stat(site->open_path, &mine) != 0 || tracefs_read(t, "uprobe_events", &text))
		return false;
	for (rest = text.s; (line = strsep(&rest, "\n"));) {
		if (!take_apart(line, &d) || !is_rival(&d, site, &mine))
			continue;
		str_addf(out, "%s is at this place already, %s, and the kernel wants all probes of a place to agree on the "
			      "counter (semaphore) that switches it on", d.name,
			 d.counter ? "with another counter" : "and without a counter");
		return true;
	}
	return false;
}
