/* own.c - what begin, end, interval and self:signal read of the kernel's memory.
 *
 *	interval:s:1 { $avenrun = kaddr("avenrun"); printf("%d\n", *$avenrun >> 11); }
 *
 * These clauses are nobody's event: there is no hit at which the kernel could read something for us. So we make one.
 * The fetches sit on a system call that does nothing and that we can make whenever we like, getpgid(), and when the
 * clause's time has come trapline calls it: the record of that call has what was read. The argument is a number that
 * no process has, another one for each clause and each trapline, and the event's filter lets nothing else through.
 */
#include "probe/probe.h"

#include <unistd.h>

#define NUMBER "own_call"		/* the name of that argument in the record */

enum {
	NO_PROCESS = 0x20000000,	/* above all process numbers, which have 22 bits at most */
	CLAUSES = 64,			/* of one trapline */
};

static struct fetcharg *number(struct probe_context *c, const struct tap *t)
{
	struct fetcharg *f = arena_alloc(c->arena, sizeof(*f));
	struct fetch *field = arena_alloc(c->arena, sizeof(*field));

	*field = (struct fetch){ .kind = FETCH_FIELD, .text = "pid", .span = t->point->span };
	*f = (struct fetcharg){ .name = NUMBER, .fetch = field, .type = "u64", .span = t->point->span,
				.name_span = t->point->span, .type_span = t->point->span };
	return f;
}

/* The tap's fetches keep their slots; the number stands behind them. */
static struct definition *definition(struct probe_context *c, const struct tap *t)
{
	struct definition *def = attach_definition(c, t, "syscalls:sys_enter_getpgid");
	struct fetcharg **args = arena_alloc(c->arena, (t->n_args + 1) * sizeof(*args));

	for (unsigned i = 0; i < t->n_args; i++)
		args[i] = t->args[i];
	args[t->n_args] = number(c, t);
	def->args = args;
	def->n_args = t->n_args + 1;
	def->filter = arena_fmt(c->arena, NUMBER " == %u", t->call);
	return def;
}

bool own_expand(struct attach *a, struct probe_context *c, struct tap *t)
{
	static const char *parts[] = { "syscalls", "sys_enter_getpgid" };
	struct attach_point call = *t->point;
	size_t before = c->n_sites;

	if (!catalog_has(a->catalog, FEATURE_EVENT_PROBES, NULL) && !catalog_has(a->catalog, FEATURE_KPROBES, NULL))
		return diag_error(c->diags, t->args[0]->span, "memory of the kernel can be read at %s only by an event probe "
				  "or a kprobe, and this kernel has neither", t->point->provider);
	if (a->n_own >= CLAUSES)
		return diag_error(c->diags, t->point->span, "more than %d clauses that are no events read memory of the "
				  "kernel", CLAUSES);
	t->call = NO_PROCESS + (unsigned)getpid() * CLAUSES + a->n_own++;
	call.provider = "tracepoint";
	call.parts = parts;
	call.n_parts = ARRAY_LEN(parts);
	if (!tracepoint_expand(a, c, definition(c, t), &call))
		return false;
	for (size_t i = before; i < c->n_sites; i++)
		c->sites[i]->label = t->point->text;
	return true;
}
