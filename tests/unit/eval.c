/* eval.c - runs the programs of tests/eval/NAME.t and compares what they print.
 *
 * A file has cases; a case has sections, and each section ends where the next begins:
 *
 *	--- what is tried
 *	BEGIN { @x[1] = count(); print(@x); }
 *	>>> records	records, a line each (eval_world.h)
 *	>>> text	what is printed as text
 *	>>> json	what is printed as JSON
 *	>>> stderr	what is complained about; text
 *	>>> exit 3	the status of exit()
 *	>>> options -k --unsafe --terminal --name=value
 *	>>> error	what check says (no run): one of its lines has this text
 *
 * What a section does not ask for is not compared. Run with the directory of the files, or a file and a part of a
 * case's name to see one.
 */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/os.h"
#include "eval_world.h"

struct part {
	bool there;
	struct str text;
};

struct test {
	const char *file;
	struct str name, program;
	struct part records, text, json, errors, exit, options, error;
};

static unsigned n_cases;
static struct str all_programs;		/* to see which builtins nobody tried */

/* ---- running ---- */

struct run {
	struct str output, errors;
	int status;
	bool right;			/* check had nothing against it */
};

static void read_back(int fd, struct str *out)
{
	char part[4096];
	ssize_t got;

	lseek(fd, 0, SEEK_SET);
	str_clear(out);
	while ((got = read(fd, part, sizeof(part))) > 0)
		str_addn(out, part, (size_t)got);
}

static struct run run(const struct test *t, const char *format)
{
	struct world w = { 0 };
	struct run result = { 0 };
	const char *words = t->options.text.s ? t->options.text.s : "";
	char *options = mem_strdup(words), *named[9] = { 0 }, *save = NULL;
	struct program_options popt = { .named = named };
	int errors = memfd_create("errors", MFD_CLOEXEC), kept = dup(STDERR_FILENO);
	unsigned n = 0;

	for (char *word = strtok_r(options, " \n", &save); word && n < 8; word = strtok_r(NULL, " \n", &save))
		if (strncmp(word, "--", 2) == 0 && strcmp(word, "--unsafe") != 0 && strcmp(word, "--terminal") != 0)
			named[n++] = word;
	w.opt.warnings = strstr(words, "-k") != NULL;
	w.names.terminal = strstr(words, "--terminal") != NULL;
	fflush(stderr);
	dup2(errors, STDERR_FILENO);
	result.right = world_make(&w, t->program.s, &popt, strstr(words, "--unsafe") != NULL);
	if (result.right) {
		world_open(&w, format);
		world_run(&w, t->records.text.s);
		world_output(&w, &result.output);
	}
	diags_print(w.diags, stderr);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	read_back(errors, &result.errors);
	close(errors);
	result.status = w.status;
	world_release(&w);
	free(options);
	return result;
}

static void complain(const struct test *t, const char *what, const char *got, const char *want)
{
	unit_failures++;
	printf("%s: %s: %s\n--- got\n%s--- want\n%s---\n", t->file, t->name.s, what, got ? got : "", want ? want : "");
}

static void compare(const struct test *t, const char *what, const struct str *got, const struct part *want)
{
	if (want->there && strcmp(got->s ? got->s : "", want->text.s ? want->text.s : "") != 0)
		complain(t, what, got->s, want->text.s);
}

static void release_run(struct run *r)
{
	str_release(&r->output);
	str_release(&r->errors);
}

static void run_case(const struct test *t)
{
	struct run r = run(t, "text");

	n_cases++;
	if (!t->error.there)
		str_add(&all_programs, t->program.s);
	if (t->error.there) {
		char *want = t->error.text.s ? strtok(t->error.text.s, "\n") : NULL;

		if (r.right || !want || !strstr(r.errors.s, want))
			complain(t, "error", r.errors.s, want);
		release_run(&r);
		return;
	}
	if (!r.right) {
		complain(t, "does not pass check", r.errors.s, "");
		release_run(&r);
		return;
	}
	compare(t, "text", &r.output, &t->text);
	compare(t, "stderr", &r.errors, &t->errors);
	if (!t->errors.there && !t->options.there && r.errors.len && !strstr(r.errors.s, "WARNING"))
		complain(t, "unexpected", r.errors.s, "");
	if (r.status != (t->exit.there ? atoi(t->exit.text.s) : 0))
		complain(t, "exit status", "", t->exit.text.s);
	release_run(&r);
	if (t->json.there) {
		r = run(t, "json");
		compare(t, "json", &r.output, &t->json);
		release_run(&r);
	}
}

/* ---- reading ---- */

static struct part *find_part(struct test *t, const char *word)
{
	const struct { const char *name; struct part *part; } rows[] = {
		{ "records", &t->records }, { "text", &t->text }, { "json", &t->json }, { "stderr", &t->errors },
		{ "exit", &t->exit }, { "options", &t->options }, { "error", &t->error },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strncmp(rows[i].name, word, strlen(rows[i].name)) == 0)
			return rows[i].part;
	printf("no section is called %s\n", word);
	unit_failures++;
	return &t->error;
}

static void release_case(struct test *t)
{
	struct part *parts[] = { &t->records, &t->text, &t->json, &t->errors, &t->exit, &t->options, &t->error };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		str_release(&parts[i]->text);
	str_release(&t->name);
	str_release(&t->program);
}

static void end_case(struct test *t, const char *only)
{
	if (t->name.len && (!only || strstr(t->name.s, only)))
		run_case(t);
	release_case(t);
	*t = (struct test){ .file = t->file };
}

static void run_file(const char *path, const char *only)
{
	struct str text = STR_INIT;
	struct test t = { .file = path };
	struct str *into = &t.program;

	if (os_read_file(AT_FDCWD, path, &text) < 0) {
		printf("%s: cannot be read\n", path);
		unit_failures++;
		return;
	}
	for (const char *line = text.s; *line; ) {
		size_t n = strcspn(line, "\n");

		if (strncmp(line, "--- ", 4) == 0) {
			end_case(&t, only);
			str_addn(&t.name, line + 4, n - 4);
			into = &t.program;
		} else if (strncmp(line, ">>> ", 4) == 0) {
			struct part *part = find_part(&t, line + 4);
			size_t word = strcspn(line + 4, " \n");

			part->there = true;
			into = &part->text;
			str_addn(into, line + 4 + word, n - 4 - word);
		} else if (t.name.len) {
			str_addn(into, line, n);
			str_addc(into, '\n');
		}
		line += line[n] ? n + 1 : n;
	}
	end_case(&t, only);
	str_release(&text);
}

/* These cannot run here: they are refused before, or need a kernel. */
static const char *const elsewhere[] = {
	"static_assert", "cgroupid", "signal", "reg", "uaddr", "path", "sargN", NULL,
};

static void check_all_tried(void)
{
	const struct builtin *row;

	for (unsigned i = 0; (row = builtin_at(i)); i++) {
		bool known = false;

		for (const char *const *name = elsewhere; *name; name++)
			known |= strcmp(*name, row->name) == 0;
		if (!known && !strstr(all_programs.s, strcmp(row->name, "argN") == 0 ? "arg0" : row->name)) {
			printf("no program in tests/eval runs the builtin %s\n", row->name);
			unit_failures++;
		}
	}
}

static int is_test(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 2 && strcmp(d->d_name + n - 2, ".t") == 0;
}

int main(int argc, char **argv)
{
	const char *where = argc > 1 ? argv[1] : "tests/eval";
	struct dirent **files;
	struct stat st;
	int n;

	setenv("TZ", "UTC", 1);
	if (stat(where, &st) == 0 && S_ISREG(st.st_mode)) {
		run_file(where, argc > 2 ? argv[2] : NULL);
		return unit_end();
	}
	n = scandir(where, &files, is_test, alphasort);
	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", where, files[i]->d_name);
		run_file(path, NULL);
		free(files[i]);
	}
	if (n >= 0)
		free(files);
	CHECK(n_cases > 0);
	check_all_tried();
	str_release(&all_programs);
	printf("%u programs\n", n_cases);
	return unit_end();
}
