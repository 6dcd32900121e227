/* attach.c - which probes of a program may be missing, and whether what is left of it suffices (probe/attach.c). The
 * sites are made here; that the kernel refuses one is said here too. */
#include "probe/probe.h"

#include "unit.h"

/* kprobe:a, kprobe:b { } kprobe:c { }, and the site of a return's entry, which depends on nobody's wish. */
enum { A, B, C, COMPANION, N };

static struct clause both, alone;
static struct attach_point points[] = { [A] = { .text = "kprobe:a" }, [B] = { .text = "kprobe:b" }, [C] = { .text = "kprobe:c" } };
static struct action actions[] = { [A] = { &both, .point = &points[A] }, [B] = { &both, .point = &points[B] },
				   [C] = { &alone, .point = &points[C] } };
static struct action *lists[] = { [A] = &actions[A], [B] = &actions[B], [C] = &actions[C] };

static struct tap taps[3];
static struct definition definitions[3];
static struct site sites[N];
static struct site *all[] = { &sites[A], &sites[B], &sites[C], &sites[COMPANION] };

static struct program program;
static struct attach attach = { .program = &program };
static struct probe_context context = { .sites = all, .n_sites = N };

static void settle(enum missing_probes how)
{
	for (unsigned i = 0; i < N; i++) {
		unsigned of = i == COMPANION ? C : i;

		taps[of] = (struct tap){ .kind = TAP_EVENT, .point = &points[of], .actions = &lists[of], .n_actions = 1 };
		definitions[of].tap = &taps[of];
		sites[i] = (struct site){ .provider = PROVIDER_KPROBE, .def = &definitions[of], .companion = i == COMPANION };
	}
	program.config.missing_probes = how;
	CHECK(attach_settle(&attach, &context));
}

static bool survives(void)
{
	struct diags *d = context.diags = diags_new();
	bool ok = attach_survives(&attach, &context);

	CHECK(ok == (diags_errors(d) == 0));
	diags_free(d);
	return ok;
}

static void test_unsaid(void)
{
	settle(MISSING_UNSAID);
	CHECK(sites[A].optional && sites[B].optional && !sites[C].optional);
	CHECK(survives());
	sites[A].refused = true;
	CHECK(survives());
	sites[B].refused = true;
	CHECK(!survives());
}

static void test_said(void)
{
	settle(MISSING_ERROR);
	CHECK(!sites[A].optional && !sites[B].optional && !sites[C].optional);
	settle(MISSING_WARN);
	CHECK(sites[A].optional && sites[B].optional && sites[C].optional);
	sites[A].refused = sites[B].refused = true;
	CHECK(survives());
}

/* What others depend on stays necessary, and is no site of the clause by itself. */
static void test_others(void)
{
	settle(MISSING_WARN);
	CHECK(!sites[COMPANION].optional);
	settle(MISSING_UNSAID);
	sites[C].refused = true;
	CHECK(!survives());
}

/* All that a wildcard found may be refused one by one, but not every one. */
static void test_wildcard(void)
{
	settle(MISSING_ERROR);
	sites[A].optional = sites[B].optional = true;
	sites[A].refused = true;
	CHECK(survives());
	sites[B].refused = true;
	CHECK(!survives());
}

int main(void)
{
	test_unsaid();
	test_said();
	test_others();
	test_wildcard();
	return unit_end();
}
