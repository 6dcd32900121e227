/* plan.c - the writes of a plan and their undo, as --dry-run prints them; no root and no kernel. */
#include "plan/plan.h"

#include <stdlib.h>

#include "unit.h"

struct world {
	struct arena *arena;
	struct diags *diags;
	struct plan plan;
	struct site *site;
};

/* A site of a program at offset 0x1149, with the definition's arguments as they are. */
static bool make(struct world *w, const char *text, const char *filter, struct plan_options opt)
{
	struct source *src;
	struct definition *def;
	struct site **sites;

	w->arena = arena_new();
	w->diags = diags_new();
	src = arena_alloc(w->arena, sizeof(*src));
	*src = (struct source){ "definition", text };
	def = definition_parse(w->arena, src, w->diags);
	if (!def)
		return false;
	if (filter) {
		struct source *f = arena_alloc(w->arena, sizeof(*f));

		*f = (struct source){ "--filter", filter };
		def->filter = filter;
		def->filter_span = (struct span){ f, 0, (unsigned)strlen(filter) };
	}
	w->site = arena_alloc(w->arena, sizeof(*w->site));
	*w->site = (struct site){ .provider = strchr(def->target, '/') ? PROVIDER_UPROBE : PROVIDER_KPROBE,
				  .ret = def->ret, .maxactive = def->maxactive, .path = "/x/app",
				  .kernel_path = "/x/app", .fd = -1, .offset = 0x1149, .symbol = "Func_1",
				  .def = def, .args = def->args, .n_args = def->n_args, .caller = "+0(%sp)",
				  .sp = "sp" };
	sites = arena_alloc(w->arena, sizeof(*sites));
	sites[0] = w->site;
	opt.name = "g";
	return plan_make(&w->plan, w->arena, sites, 1, &opt, w->diags);
}

static void release(struct world *w)
{
	free(w->plan.steps);
	diags_free(w->diags);
	arena_free(w->arena);
}

static void check_line(const char *text, const char *filter, struct plan_options opt, const char *line)
{
	struct world w = { 0 };

	if (!make(&w, text, filter, opt))
		diags_print(w.diags, stdout);
	CHECK_STR(w.site ? w.site->line : NULL, line);
	release(&w);
}

static void check_error(const char *text, const char *filter, struct plan_options opt, const char *part)
{
	struct world w = { 0 };
	char *said = NULL;
	size_t len;
	FILE *f = open_memstream(&said, &len);

	CHECK(!make(&w, text, filter, opt));
	diags_print(w.diags, f);
	fclose(f);
	if (!strstr(said, part))
		CHECK_STR(said, part);
	free(said);
	release(&w);
}

static void check_whole_plan(void)
{
	struct world w = { 0 };
	struct str s = STR_INIT;

	CHECK(make(&w, "p /x/app:Func_1 n=%di:s32", "n > 5", (struct plan_options){ .buffer_kb = 64, .sub_buffers = true }));
	plan_print(&w.plan, "/t", &s);
	CHECK_STR(s.s,
		  "# arm\n"
		  "printf '%s\\n' 'p:g/func_1_0 /x/app:0x1149 Comm=$comm:string n=%di:s32' >> /t/uprobe_events\n"
		  "mkdir /t/instances/g\n"
		  "printf '%s\\n' 16 > /t/instances/g/buffer_subbuf_size_kb\n"
		  "printf '%s\\n' 64 > /t/instances/g/buffer_size_kb\n"
		  "printf '%s\\n' boot > /t/instances/g/trace_clock\n"
		  "printf '%s\\n' 0 > /t/instances/g/buffer_percent\n"
		  "printf '%s\\n' 'n > 5' > /t/instances/g/events/g/func_1_0/filter\n"
		  "# read the pages of /t/instances/g/per_cpu/cpu*/trace_pipe_raw; by hand: cat "
		  "/t/instances/g/trace_pipe\n"
		  "printf '%s\\n' 1 > /t/instances/g/events/g/func_1_0/enable\n"
		  "# undo\n"
		  "rmdir /t/instances/g\n"
		  "printf '%s\\n' -:g/func_1_0 >> /t/uprobe_events\n");
	str_release(&s);
	release(&w);
}

static void check_perf_plan(void)
{
	struct world w = { 0 };
	struct str s = STR_INIT;

	CHECK(make(&w, "r /x/app:Func_1", NULL,
		   (struct plan_options){ .source = SOURCE_PERF, .pid = 47, .event_tag = 9 }));
	plan_print(&w.plan, "/t", &s);
	CHECK_STR(s.s,
		  "# arm\n"
		  "# the kernel's return probe\n"
		  "printf '%s\\n' 'r:g/func_1_9_0 /x/app:0x1149 Comm=$comm:string' >> /t/uprobe_events\n"
		  "# perf_event_open(2) on it for process 47; by hand: perf record -e g:func_1_9_0 -p 47\n"
		  "# undo\n"
		  "printf '%s\\n' -:g/func_1_9_0 >> /t/uprobe_events\n");
	str_release(&s);
	release(&w);
}

static void check_origin(void)
{
	struct world w = { 0 };
	struct span at;

	CHECK(make(&w, "p /x/app:Func_1 a=%di b=%foo", NULL, (struct plan_options){ 0 }));
	at = plan_origin(&w.plan, w.site, (unsigned)(strstr(w.site->line, "%foo") - w.site->line));
	CHECK_INT(at.begin, 22);
	CHECK_INT(at.end, 28);
	at = plan_origin(&w.plan, w.site, (unsigned)(strstr(w.site->line, "0x1149") - w.site->line));
	CHECK_INT(at.begin, 2);
	release(&w);
}

static void check_undo_round_trip(void)
{
	static const char *const good[] = { "delete uprobe_events g/e\n", "rmdir instances/g\n",
					    "write instances/g/x 0 1\n" };
	static const char *const bad[] = { "delete uprobe_events\n", "rmdir\n", "rmdir /etc\n",
					   "rmdir ../x\n", "rmdir instances/../../x\n", "write x\n", "foo x\n",
					   "", "delete uprobe_events \n" };
	struct arena *a = arena_new();
	struct undo u;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct str s = STR_INIT;

		CHECK(undo_parse(a, good[i], &u));
		undo_print(&u, &s);
		CHECK_STR(s.s, good[i]);
		str_release(&s);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(!undo_parse(a, bad[i], &u));
	arena_free(a);
}

int main(void)
{
	const struct plan_options plain = { 0 }, bounded = { .strings = STRINGS_BOUNDED };

	check_whole_plan();
	check_perf_plan();
	check_origin();
	check_undo_round_trip();

	/* every prefix of a chain; one prefix serves twice; strings need none */
	check_line("p /x/app:f a=+0(+8(%di)):s32 b=+4(+8(%di)):u8 c=+0(+0(%si)):string", NULL, plain,
		   "p:g/func_1_0 /x/app:0x1149 Comm=$comm:string a=+0(+8(%di)):s32 b=+4(+8(%di)):u8 "
		   "c=+0(+0(%si)):string _g4=+8(%di):x64 _g5=%di:x64 _w6=+3(+8(%di)):string "
		   "_w7=+4(+8(%di)):string _end=$comm:string");
	/* the stack needs none; unnamed arguments are numbered as the kernel does */
	check_line("p /x/app:f +8(%sp):u32 $stack2 %di", NULL, plain,
		   "p:g/func_1_0 /x/app:0x1149 Comm=$comm:string arg1=+8(%sp):u32 arg2=$stack2 arg3=%di");
	/* names that are taken */
	check_line("p /x/app:f Comm=$comm _g3=+0(%di):u8", NULL, plain,
		   "p:g/func_1_0 /x/app:0x1149 _Comm=$comm:string Comm=$comm:string _g3=+0(%di):u8 "
		   "__g3=%di:x64 _w4=+0(%di):string _end=$comm:string");
	check_line("p /x/app:f s=+0(%di):string", NULL, bounded,
		   "p:g/func_1_0 /x/app:0x1149 Comm=$comm:string s=+0(%di):x64[64] _s2=+512(%di):x64[64] "
		   "_g3=%di:x64");
	/* a filter hides the kernel's losses: bounded then, except what the filter compares */
	check_line("p /x/app:f s=+0(%di):string t=+0(%si):string", "s == \"t\"", plain,
		   "p:g/func_1_0 /x/app:0x1149 Comm=$comm:string s=+0(%di):string t=+0(%si):x64[64] "
		   "_s3=+512(%si):x64[64] _g4=%si:x64 _end=$comm:string");
	/* nor can the losses of returns be counted; one string alone may be long */
	check_line("r /x/app:f s=+0($retval):string", NULL, plain,
		   "r:g/func_1_0 /x/app:0x1149 Comm=$comm:string s=+0($retval):string _end=$comm:string");
	check_line("r /x/app:f s=+0($retval):string t=+0(%bx):string", NULL, plain,
		   "r:g/func_1_0 /x/app:0x1149 Comm=$comm:string s=+0($retval):x64[64] _s2=+512($retval):x64[64] "
		   "t=+0(%bx):x64[64] _s4=+512(%bx):x64[64] _g5=$retval:x64 _g6=%bx:x64");
	check_line("r8 vfs_read n=$retval $arg*", NULL, plain,
		   "r8:g/func_1_0 Func_1 Comm=$comm:string n=$retval $arg*");
	check_line("p vfs_open p=file->f_path.dentry:x64", NULL, plain,
		   "p:g/func_1_0 Func_1 Comm=$comm:string p=file->f_path.dentry:x64 _g2=file:x64");
	check_line("p /x/app:f", NULL, (struct plan_options){ .ustack = true },
		   "p:g/func_1_0 /x/app:0x1149 Comm=$comm:string _caller=+0(%sp):x64");

	check_error("p /x/app:f n=%di:u32", "n == 4294967296", plain, "does not fit 'n'");
	check_error("p /x/app:f n=%di:s8", "n == -129", plain, "does not fit 'n'");
	check_error("p /x/app:f s=+0(%di):string", "s == \"x\"", bounded, "bounded");
	check_error("p f $arg* $arg*", NULL, plain, "$arg* stands once");
	check_error("p /x/app:f a=+1(+1(+1(+1(+1(+1(+1(+1(+1(+1(+1(+1(+1(+1(+1(+1(%di)))))))))))))))):u8", NULL,
		    plain, "too long");
	{
		struct world w = { 0 };

		CHECK(make(&w, "p /x/app:f n=%di:s8", "n == -128 && comm ~ \"*x\"", plain));
		CHECK_STR(w.plan.steps[4].text, "n == -128 && Comm ~ \"*x\"");
		release(&w);
	}
	return unit_end();
}
