/* timer.c - attach points that are no place in a program: time, perf's counters, watched memory.
 *
 *	interval:s:1	profile:hz:99		every so often; profile on each CPU
 *	software:page-faults:100		every so many of what the kernel counts
 *	hardware:cache-misses:1000000		... or the processor
 *	watchpoint:0x10000000:8:rw		when these bytes are read or written
 */
#include "probe/probe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ull

/* ---- reports, which nobody may want to hear ---- */

static bool wrong(struct diags *d, const struct attach_point *p, const char *text, const char *hint)
{
	if (!d)
		return false;
	diag_error(d, p->span, "%s", text);
	return hint ? diag_hint(d, "%s", hint) : false;
}

/* ---- time ---- */

static const struct unit {
	const char *name;
	uint64_t ns;
	bool duration;			/* may stand behind a number: 10ms */
} units[] = {
	{ "ns", 1, true }, { "us", 1000, true }, { "ms", 1000000, true }, { "s", SECOND, true },
	{ "m", 60 * SECOND, true }, { "h", 3600 * SECOND, true }, { "d", 86400 * SECOND, true },
	{ "hz", 0, false },
};

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	return NULL;
}

/* Digits, perhaps with underscores, and what follows them. */
static bool number(const char *text, uint64_t *n, const char **rest)
{
	*n = 0;
	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text) || *text == '_'; text++)
		if (*text != '_' && (__builtin_mul_overflow(*n, 10u, n) ||
				     __builtin_add_overflow(*n, (unsigned)(*text - '0'), n)))
			return false;
	*rest = text;
	return true;
}

static bool parse_period(const struct attach_point *p, struct tap *out, struct diags *d)
{
	const char *text = p->parts[p->n_parts - 1], *rest = "";
	const struct unit *u;
	uint64_t n;

	if (!number(text, &n, &rest) || n == 0)
		return wrong(d, p, "the rate must be a positive number", "interval:s:1, interval:1s, profile:hz:99");
	if (p->n_parts == 2) {
		u = find_unit(p->parts[0]);
		if (!u || *rest || strcmp(u->name, "ns") == 0 || (u->duration && u->ns > SECOND)) {
			if (d && !*rest)
				diag_error(d, p->span, "%s is not an accepted unit of time", p->parts[0]);
			else
				wrong(d, p, "the rate must be a positive number", NULL);
			return d ? diag_hint(d, "units are hz, s, ms, us") : false;
		}
	} else {
		u = find_unit(*rest ? rest : "ns");
		if (!u || !u->duration)
			return wrong(d, p, "this is not an accepted duration", "durations are 10ms, 1s, 5m");
	}
	if (!u->duration) {
		if (n > SECOND)
			return wrong(d, p, "this is more often than every nanosecond", NULL);
		out->period_ns = SECOND / n;
		return true;
	}
	if (__builtin_mul_overflow(n, u->ns, &out->period_ns))
		return wrong(d, p, "this is longer than 584 years", NULL);
	return true;
}

/* ---- counters: the numbers are those of linux/perf_event.h, an interface that does not change ---- */

enum { HARDWARE, SOFTWARE };
#define MILLION 1000000

static const struct counter counters[] = {
	{ "alignment-faults", NULL, SOFTWARE, 7, 1 },
	{ "bpf-output", NULL, SOFTWARE, 10, 1 },
	{ "context-switches", "cs", SOFTWARE, 3, 1000 },
	{ "cpu-clock", "cpu", SOFTWARE, 0, MILLION },
	{ "cpu-migrations", NULL, SOFTWARE, 4, 1 },
	{ "dummy", NULL, SOFTWARE, 9, 1 },
	{ "emulation-faults", NULL, SOFTWARE, 8, 1 },
	{ "major-faults", NULL, SOFTWARE, 6, 1 },
	{ "minor-faults", NULL, SOFTWARE, 5, 100 },
	{ "page-faults", "faults", SOFTWARE, 2, 100 },
	{ "task-clock", NULL, SOFTWARE, 1, 1 },
	{ "backend-stalls", NULL, HARDWARE, 8, MILLION },
	{ "branch-instructions", "branches", HARDWARE, 4, MILLION / 10 },
	{ "branch-misses", NULL, HARDWARE, 5, MILLION / 10 },
	{ "bus-cycles", NULL, HARDWARE, 6, MILLION / 10 },
	{ "cache-misses", NULL, HARDWARE, 3, MILLION },
	{ "cache-references", NULL, HARDWARE, 2, MILLION },
	{ "cpu-cycles", "cycles", HARDWARE, 0, MILLION },
	{ "frontend-stalls", NULL, HARDWARE, 7, MILLION },
	{ "instructions", NULL, HARDWARE, 1, MILLION },
	{ "ref-cycles", NULL, HARDWARE, 9, MILLION },
};

static const struct counter *find_counter(const char *name, unsigned type)
{
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		if (counters[i].type == type && (strcmp(counters[i].name, name) == 0 ||
						 (counters[i].alias && strcmp(counters[i].alias, name) == 0)))
			return &counters[i];
	return NULL;
}

static bool no_counter(const struct attach_point *p, unsigned type, struct diags *d)
{
	struct str_closest c = { .word = p->parts[0] };

	if (!d)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		if (counters[i].type == type)
			str_closest_try(&c, counters[i].name);
	diag_error(d, p->span, "%s is not a %s probe", p->parts[0], p->provider);
	if (c.best)
		diag_hint(d, "did you mean '%s'?", c.best);
	else
		diag_hint(d, "`trapline -l '%s:*'` lists them", p->provider);
	free(c.best);
	return false;
}

static bool parse_counter(const struct attach_point *p, struct tap *out, struct diags *d)
{
	unsigned type = strcmp(p->provider, "software") == 0 ? SOFTWARE : HARDWARE;
	const char *rest;

	out->counter = find_counter(p->parts[0], type);
	if (!out->counter)
		return no_counter(p, type, d);
	out->count = out->counter->count;
	if (p->n_parts < 2 || !*p->parts[1])
		return true;
	if (!number(p->parts[1], &out->count, &rest) || *rest || out->count == 0)
		return wrong(d, p, "the count must be a positive number", NULL);
	return true;
}

/* ---- watchpoints ---- */

static bool parse_access(const char *mode, unsigned *access)
{
	static const char letters[] = "rwx";

	*access = 0;
	for (; *mode; mode++) {
		const char *at = strchr(letters, *mode);

		if (!at || *access & 1u << (at - letters))
			return false;
		*access |= 1u << (at - letters);
	}
	return *access != 0;
}

static bool parse_watchpoint(const struct attach_point *p, struct tap *out, struct diags *d)
{
	unsigned long long address, length;

	if (!str_to_u64(p->parts[0], &address))
		return wrong(d, p, "a watchpoint wants an address", "watchpoint:0x10000000:8:rw");
	if (!str_to_u64(p->parts[1], &length) || length == 0 || length > 8 || (length & (length - 1)))
		return wrong(d, p, "watchpoint length must be one of (1,2,4,8)", NULL);
	if (!parse_access(p->parts[2], &out->access))
		return wrong(d, p, "watchpoint mode must be combination of (r,w,x)", NULL);
	if ((out->access & ACCESS_EXECUTE) && out->access != ACCESS_EXECUTE)
		return wrong(d, p, "a watchpoint is for reads and writes, or for execution", "use two of them");
	if (out->access == ACCESS_READ)
		return wrong(d, p, "invalid watchpoint mode: r", "processors watch writes (w), or both (rw)");
	if (address % length)
		return wrong(d, p, "the address of a watchpoint must be a multiple of its length", NULL);
	out->address = address;
	out->length = (unsigned)length;
	return true;
}

/* ---- signals and the rest ---- */

static bool parse_signal(const struct attach_point *p, struct tap *out, struct diags *d)
{
	if (strcmp(p->parts[0], "signal") != 0)
		return wrong(d, p, "self probes are of signals", "self:signal:SIGUSR1");
	if (strcmp(p->parts[1], "SIGUSR1") != 0)
		return wrong(d, p, "only SIGUSR1 can be waited for", "self:signal:SIGUSR1");
	return true;
}

static bool parse_nothing(const struct attach_point *p, struct tap *out, struct diags *d)
{
	return true;
}

static const struct {
	const char *provider;
	enum tap_kind kind;
	bool (*parse)(const struct attach_point *p, struct tap *out, struct diags *d);
} rows[] = {
	{ "begin", TAP_BEGIN, parse_nothing },
	{ "end", TAP_END, parse_nothing },
	{ "test", TAP_TEST, parse_nothing },
	{ "bench", TAP_BENCH, parse_nothing },
	{ "self", TAP_SIGNAL, parse_signal },
	{ "interval", TAP_INTERVAL, parse_period },
	{ "profile", TAP_PROFILE, parse_period },
	{ "software", TAP_COUNTER, parse_counter },
	{ "hardware", TAP_COUNTER, parse_counter },
	{ "watchpoint", TAP_WATCHPOINT, parse_watchpoint },
	{ "asyncwatchpoint", TAP_WATCHPOINT, parse_watchpoint },
};

bool timer_parse(const struct attach_point *p, struct tap *out, struct diags *d)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].provider, p->provider) == 0) {
			out->kind = rows[i].kind;
			return rows[i].parse(p, out, d);
		}
	return true;
}

/* ---- -l ---- */

/* A point PROVIDER:NAME: is listed with its last colon: a number is wanted behind it. */
static void list_one(struct probe_lister *l, const char *glob, const char *provider, const char *name)
{
	struct str line = STR_INIT;

	str_addf(&line, "%s:%s:", provider, name);
	if (str_glob(glob, line.s) || str_glob(glob, line.s + strlen(provider) + 1) || str_glob(glob, name))
		l->fn(l->ctx, line.s, NULL);
	str_release(&line);
}

static bool list_counters(struct probe_lister *l, const char *glob, const char *provider, unsigned type)
{
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		if (counters[i].type == type)
			list_one(l, glob, provider, counters[i].name);
	return true;
}

static bool list_units(struct probe_lister *l, const char *glob, const char *provider)
{
	static const char *const names[] = { "hz", "ms", "s", "us" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		list_one(l, glob, provider, names[i]);
	return true;
}

bool software_list(struct probe_lister *l, const char *glob)
{
	return list_counters(l, glob, "software", SOFTWARE);
}

bool hardware_list(struct probe_lister *l, const char *glob)
{
	return list_counters(l, glob, "hardware", HARDWARE);
}

bool interval_list(struct probe_lister *l, const char *glob)
{
	return list_units(l, glob, "interval");
}

bool profile_list(struct probe_lister *l, const char *glob)
{
	return list_units(l, glob, "profile");
}
