/* lower.c - tests/plan/NAME.t: programs, and what the kernel will fetch, filter and leave to user space for them; or
 * the messages that say what cannot be had. No root and no kernel: the static events are the few of below.
 *
 *	=== what is tested			a program follows
 *	kprobe:f { printf("%d", arg0) }
 *	---					what comes of it: messages, then a tap as -d plan prints it
 *	kprobe:f
 *		#0 arg0 = $arg1:u64
 *	...
 *
 * PLAN_WRITE=1 writes what comes into the files: look at the difference then.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/os.h"
#include "lang/tree.h"
#include "plan/plan.h"
#include "unit.h"

/* ---- static events, as their format files would tell ---- */

static const struct type *user_pointer(struct arena *a, const struct type *of)
{
	struct type *t = (struct type *)type_pointer(a, of);

	t->user = true;
	return t;
}

static void add(struct arena *a, struct layout *l, const char *name, const struct type *t, uint64_t offset)
{
	struct member *m = arena_alloc(a, (l->n_members + 1) * sizeof(*m));

	if (l->n_members)
		memcpy(m, l->members, l->n_members * sizeof(*m));
	m[l->n_members++] = (struct member){ .name = name, .type = t, .offset = offset };
	l->members = m;
	l->size = offset + 8;
}

static const struct layout *args(void *ctx, const struct attach_point *p, const char **why)
{
	struct program *program = *(struct program **)ctx;
	struct arena *a = program->arena;
	struct layout *l = arena_alloc(a, sizeof(*l));

	*why = "it is no event with arguments";
	if (strcmp(p->provider, "tracepoint") != 0)
		return NULL;
	*l = (struct layout){ .name = "struct event", .complete = true, .align = 1 };
	add(a, l, "__syscall_nr", &type_int32, 8);
	add(a, l, "filename", user_pointer(a, type_int(1, true)), 16);
	add(a, l, "argv", user_pointer(a, user_pointer(a, type_int(1, true))), 24);
	add(a, l, "flags", &type_int64, 32);
	add(a, l, "rqtp", user_pointer(a, type_named(program, "struct timespec")), 40);
	add(a, l, "pid", &type_int32, 48);
	add(a, l, "comm", type_string(a, 16), 56);
	add(a, l, "list", type_array(a, &type_uint64, 6), 72);
	add(a, l, "sector", &type_uint64, 120);
	return l;
}

static bool variable(void *ctx, const struct attach_point *p, const char *name, uint64_t *offset, const char **why)
{
	*why = "the probed file has no such symbol";
	*offset = 0x4010;
	return strcmp(name, "counter") == 0;
}

/* ---- examples ---- */

struct example {
	const char *file;
	char *head, *program;
	const char *want;		/* so many bytes, and empty lines */
	size_t n_want;
};

static char *cut_line(char **p)
{
	char *line = *p, *end = strchr(line, '\n');

	*p = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

static char *cut_before(char **p, const char *mark)
{
	char *text = *p, *at = text;

	while (*at && strncmp(at, mark, strlen(mark)) != 0) {
		char *end = strchr(at, '\n');

		at = end ? end + 1 : at + strlen(at);
	}
	*p = at;
	return text;
}

static struct example next_example(const char *file, char **p)
{
	struct example e = { .file = file };
	char *mark;

	cut_before(p, "=== ");
	if (!**p)
		return e;
	e.head = cut_line(p);
	e.program = cut_before(p, "---");
	mark = *p;
	cut_line(p);
	*mark = '\0';
	e.want = cut_before(p, "=== ");
	e.n_want = (size_t)(*p - e.want);
	while (e.n_want && e.want[e.n_want - 1] == '\n')
		e.n_want--;
	return e;
}

static bool is_openat(void *ctx, const char *call)
{
	return strcmp(call, "openat") == 0;
}

static char *outcome(struct arena *a, const char *text)
{
	_cleanup_(str_release) struct str out = STR_INIT;
	struct source src = { "stdin", text };
	struct diags *d = diags_new();
	struct program_options opt = { 0 };
	struct program *p = program_parse(a, &src, &opt, d);
	struct check_options check = { .args = args, .ctx = &p };
	struct lower_options lower = { .return_arguments = true, .call_arguments = is_openat, .stack_word = 1,
				       .variable = variable };
	struct tap **taps = NULL;
	unsigned n_taps = 0;
	char *messages = NULL;
	size_t n = 0;
	FILE *stream = open_memstream(&messages, &n);

	if (p && program_check(p, &check, d) && lower_program(p, &lower, &taps, &n_taps, d))
		for (unsigned i = 0; i < n_taps; i++)
			tap_print(taps[i], &out);
	diags_print(d, stream);
	if (out.len)
		fwrite(out.s, 1, out.len, stream);
	fclose(stream);
	str_clear(&out);
	str_addn(&out, messages, n);
	free(messages);
	diags_free(d);
	return arena_strndup(a, out.s, out.len);
}

static void check_example(const struct example *e, struct str *written)
{
	struct arena *a = arena_new();
	char *got = outcome(a, e->program);
	size_t n = strlen(got);

	str_addf(written, "%s\n%s---\n%s\n", e->head, e->program, got);
	while (n && got[n - 1] == '\n')
		n--;
	if (!getenv("PLAN_WRITE") && (n != e->n_want || strncmp(got, e->want, n) != 0)) {
		unit_failures++;
		printf("%s: %s\n%s---- comes:\n%s---- should come:\n%.*s\n", e->file, e->head, e->program, got,
		       (int)e->n_want, e->want);
	}
	arena_free(a);
}

static unsigned check_file(const char *dir, const char *name)
{
	_cleanup_(str_release) struct str path = STR_INIT, text = STR_INIT, written = STR_INIT;
	unsigned n = 0;
	char *p;

	str_addf(&path, "%s/%s", dir, name);
	CHECK_INT(os_read_file(AT_FDCWD, path.s, &text), 0);
	p = text.s;
	for (struct example e = next_example(name, &p); e.head; e = next_example(name, &p), n++)
		check_example(&e, &written);
	if (getenv("PLAN_WRITE"))
		CHECK_INT(os_write_file(AT_FDCWD, path.s, written.s, O_TRUNC), 0);
	return n;
}

int main(void)
{
	const char *dir = "tests/plan";
	DIR *d = opendir(dir);
	unsigned n = 0;

	CHECK(d != NULL);
	for (struct dirent *e; d && (e = readdir(d));)
		if (strlen(e->d_name) > 2 && strcmp(e->d_name + strlen(e->d_name) - 2, ".t") == 0)
			n += check_file(dir, e->d_name);
	if (d)
		closedir(d);
	CHECK(n > 30);
	return unit_end();
}
