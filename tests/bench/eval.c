/* eval.c - what the evaluator costs for a record, in nanoseconds of CPU: from the record to the output's buffer.
 *
 *	make && gcc -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -O2 -no-pie -o /tmp/bench-eval \
 *		tests/bench/eval.c build/libtrapline.a -lelf -lcapstone && /tmp/bench-eval [ROUNDS]
 *
 * Not a test: a machine under load is slow. Limits that were promised stand beside the figures.
 */
#include <stdio.h>
#include <time.h>
#include <fcntl.h>

#include "../unit/eval_world.h"

static const struct {
	const char *program, *record;
	int limit;
} cases[] = {
	{ "kprobe:f { printf(\"%d %s\\n\", arg0, str(arg1)); }", "kprobe:f comm=bash 12345 \"/etc/passwd\"", 250 },
	{ "kprobe:f { @[comm] = count(); }", "kprobe:f comm=bash", 150 },
	{ "kprobe:f { @[comm, pid] = count(); }", "kprobe:f comm=bash", 0 },
	{ "kprobe:f { @[\"constant\"] = count(); }", "kprobe:f", 0 },
	{ "kprobe:f { @ = hist(arg0); }", "kprobe:f 4096", 0 },
	{ "kprobe:f /arg0 > 5 && comm == \"bash\"/ { @x = @x + arg0 * 2; }", "kprobe:f comm=bash 7", 0 },
	{ "kprobe:f { @start[tid] = nsecs; $d = nsecs - @start[tid]; @us[comm] = hist($d / 1000); delete(@start, tid); }",
	  "kprobe:f comm=bash", 0 },
	{ "kprobe:f { printf(\"%-16s %5d %10llu\\n\", comm, pid, nsecs); }", "kprobe:f comm=bash", 0 },
	{ "kprobe:f { @[str(arg0)] = arg1; }", "kprobe:f \"/usr/lib/x86_64-linux-gnu/libc.so.6\" 5", 0 },
	{ "kprobe:f { @[kstack] = count(); }", "kprobe:f kstack=1000,2000,3000,4000,5000,6000,7000", 0 },
};

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000000;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct world w = { 0 };
		struct out_options opt = { .format = "text", .fd = open("/dev/null", O_WRONLY), .names = &w.names };
		struct world_record r;
		double begin;

		if (!world_make(&w, cases[i].program, NULL, false)) {
			diags_print(w.diags, stderr);
			return 1;
		}
		w.out = out_new(&opt);
		world_parse_record(&r, cases[i].record);
		begin = cpu_ns();
		for (unsigned long k = 0; k < rounds; k++)
			eval_action(w.eval, w.program->actions[0], &r.r, &w.status);
		printf("%6.1f ns", (cpu_ns() - begin) / (double)rounds);
		if (cases[i].limit)
			printf(" (limit %d)", cases[i].limit);
		printf("\t%s\n", cases[i].program);
		world_release(&w);
	}
	return 0;
}
