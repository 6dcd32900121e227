/* returns.c - where functions end (sym/returns.c): every form, and a whole program against objdump. */
#include <stdbool.h>

#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"

static struct elf_file *open_file(const char *path)
{
	struct elf_file *e = NULL;

	if (elf_open(path, &e, NULL) != 0) {
		printf("%s cannot be opened\n", path);
		exit(1);
	}
	return e;
}

/* "RRT?": returns, tail calls, and jumps that are taken sometimes; "!" behind them when they may not be all. */
static void check_ends(struct elf_file *e, const char *name, const char *want)
{
	struct str why = STR_INIT, got = STR_INIT;
	struct function_exit *exits;
	struct symbol *v;
	int n;

	if (elf_find(e, name, &v) != 1) {
		printf("no function %s\n", name);
		unit_failures++;
		return;
	}
	n = function_exits(e, &v[0], &exits, &why);
	str_add(&got, name);
	str_addc(&got, ' ');
	for (int i = 0; i < n; i++)
		str_addc(&got, exits[i].kind == EXIT_RET ? 'R' : exits[i].kind == EXIT_TAIL ? 'T' : '?');
	if (why.len)
		str_addc(&got, '!');
	CHECK_STR(got.s, want);
	free(exits);
	free(v);
	str_release(&why);
	str_release(&got);
}

static void test_forms(void)
{
	static const char *const rows[] = {
		"two_returns RR", "returns_popping R", "tail T", "sometimes_tail ?R", "tail_by_pointer T",
		"tail_by_argument T", "loops_to_itself R", "switches RRR", "has_data R!", "never_returns ",
		"jumps_anywhere !", "has_part RR",
	};
	struct elf_file *e;

	fixture_run("gcc -shared -nostdlib -o forms \"$S/tests/unit/fixtures/returns.s\"");
	e = open_file(fixture("forms"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(rows[i], " "), rows[i]);
		check_ends(e, name, rows[i]);
	}
	elf_close(e);
}

static bool listed(const char *list, uint64_t address)
{
	char line[32];

	snprintf(line, sizeof(line), "\n%llx\n", (unsigned long long)address);
	return strstr(list, line) != NULL;
}

static unsigned count_lines(const char *list)
{
	unsigned n = 0;

	for (; *list; list++)
		n += *list == '\n';
	return n - 1;
}

/* A whole program with jump tables, exceptions and parts moved apart: the return instructions that are found in its
 * functions are those that objdump lists in them, all of them and nothing else. */
static void test_program(void)
{
	static char list[1 << 20] = "\n";
	unsigned found = 0, sure = 0;
	struct str why = STR_INIT;
	struct elf_file *e;
	struct symbol *v;
	FILE *f;
	int n;

	fixture_run("g++ -O2 -g -o program \"$S/tests/unit/fixtures/returns.cc\" && "
		    "objdump -d --no-show-raw-insn program | awk '/^[0-9a-f]+ </ { ours = $2 ~ /^<(f_|_Z..?f_)/ } "
		    "ours && $2 ~ /^(ret|retq|repz|bnd)$/ { sub(\":\", \"\", $1); print $1 }' > program.rets");
	f = fopen(fixture("program.rets"), "r");
	CHECK(f && fread(list + 1, 1, sizeof(list) - 2, f) > 0);
	if (f)
		fclose(f);
	e = open_file(fixture("program"));
	n = elf_find(e, "*f_*", &v);
	for (int i = 0; i < n; i++) {
		struct function_exit *exits;
		int k;

		if (strstr(v[i].name, ".cold"))
			continue;
		k = function_exits(e, &v[i], &exits, &why);
		sure += why.len == 0;
		for (int j = 0; j < k; j++)
			if (exits[j].kind == EXIT_RET) {
				found++;
				CHECK(listed(list, exits[j].address));
			}
		free(exits);
		if (why.len)
			printf("%s: %s\n", v[i].name, why.s);
	}
	CHECK(sure >= 6);
	CHECK_INT(found, count_lines(list));
	free(v);
	str_release(&why);
	elf_close(e);
}

int main(void)
{
	test_forms();
	test_program();
	return unit_end();
}
