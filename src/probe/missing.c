/* missing.c - arguments that cannot be had at some place: named once, with the reason.
 *
 * The compiler keeps a value as long as it needs it, and where it likes: at a place an argument may be nowhere, in a
 * register that the kernel does not fetch, or the sum of two. That is no reason to do without the probe, nor without
 * the other arguments. So the value is shown as missing (captured.absent), and a warning says why. One definition may
 * mean many places, and the same reason may hold at most of them: it is told for all of them together.
 */
#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>

struct missing {
	struct span at;			/* where the user named it first */
	const char *name, *why;
	const char *place;		/* the first; lives in the context's arena */
	const char *last;		/* the one noted last: the sites of one function's returns share it */
	unsigned n_places;
	bool unknown;			/* there is no such argument */
	bool told;
};

static struct missing *find_or_add(struct probe_context *c, struct span at, const char *name, const char *why)
{
	struct missing *new;

	for (size_t i = 0; i < c->n_missing; i++)
		if (strcmp(c->missing[i].name, name) == 0 && strcmp(c->missing[i].why, why) == 0)
			return &c->missing[i];
	new = MEM_PUSH(c->missing, c->n_missing);
	*new = (struct missing){ .at = at, .name = name, .why = why };
	return new;
}

void missing_note(struct probe_context *c, struct span at, const char *name, const char *why, const char *place,
		  bool unknown)
{
	struct missing *m = find_or_add(c, at, arena_strdup(c->arena, name), arena_strdup(c->arena, why));

	if (m->last && strcmp(m->last, place) == 0)
		return;
	m->last = arena_strdup(c->arena, place);
	m->place = m->place ? m->place : m->last;
	m->unknown = unknown;
	m->n_places++;
}

/* The names that are missing for the same reason at the same places, from m on: "'i', 'len' are"; they are told. */
static void add_names(struct probe_context *c, const struct missing *m, struct str *out)
{
	unsigned n = 0;

	for (struct missing *other = c->missing + (m - c->missing); other < c->missing + c->n_missing; other++)
		if (!other->told && strcmp(other->why, m->why) == 0 && strcmp(other->place, m->place) == 0 &&
		    other->n_places == m->n_places) {
			other->told = true;
			str_addf(out, "%s'%s'", n++ ? ", " : "", other->name);
		}
	str_add(out, n > 1 ? " are" : " is");
}

/* Knows no site, from number `from` on, what was noted as unknown? A function's returns, and what is fetched at its entry
 * for them, are sites of their own. */
static bool is_nowhere(const struct probe_context *c, size_t from, const struct missing *m)
{
	for (size_t i = from; i < c->n_sites; i++) {
		const struct site *s = c->sites[i];

		for (unsigned k = 0; k < s->n_args; k++) {
			const char *absent = s->args[k]->absent;

			if (fetch_leaf(s->wanted[k]->fetch)->span.begin == m->at.begin &&
			    !(absent && strcmp(absent, ABSENT_UNKNOWN) == 0))
				return false;
		}
	}
	return true;
}

/* A name that no place knows is a mistake. */
static bool tell(struct probe_context *c, const struct missing *m, size_t from)
{
	_cleanup_(str_release) struct str names = STR_INIT;

	if (m->unknown && is_nowhere(c, from, m))
		return m->n_places == 1 ? diag_error(c->diags, m->at, "'%s' cannot be had at %s: %s", m->name, m->place, m->why)
					: diag_error(c->diags, m->at, "'%s' cannot be had at any of the %u places: %s", m->name,
						     m->n_places, m->why);
	add_names(c, m, &names);
	if (m->n_places == 1)
		diag_warn(c->diags, m->at, "%s missing at %s: %s", names.s, m->place, m->why);
	else
		diag_warn(c->diags, m->at, "%s missing at %u places, the first is %s: %s", names.s, m->n_places, m->place,
			  m->why);
	return true;
}

bool missing_tell(struct probe_context *c, size_t from)
{
	bool ok = true;

	for (size_t i = 0; i < c->n_missing; i++)
		if (!c->missing[i].told)
			ok = tell(c, &c->missing[i], from) && ok;
	free(c->missing);
	c->missing = NULL;
	c->n_missing = 0;
	return ok;
}
