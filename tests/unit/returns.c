/* returns.c - where functions end (sym/returns.c): every form, and a whole program against objdump. */
#include <stdbool.h>

#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"
#include "fixtures/arm64.h"

static struct elf_file *open_file(const char *path)
{
	struct elf_file *e = NULL;

	if (elf_open(path, &e, NULL) != 0) {
		printf("%s cannot be opened\n", path);
		exit(1);
	}
	return e;
}

/* Appends R, T or ? for each end; "!" when they may not be all. */
static void add_ends(struct elf_file *e, const struct symbol *s, struct str *out)
{
	struct str why = STR_INIT;
	struct function_exit *exits;
	int n = function_exits(e, s, &exits, &why);

	for (int i = 0; i < n; i++)
		str_addc(out, exits[i].kind == EXIT_RET ? 'R' : exits[i].kind == EXIT_TAIL ? 'T' : '?');
	if (why.len)
		str_addc(out, '!');
	free(exits);
	str_release(&why);
}

/* "RRT?": returns, tail calls, and jumps that are taken sometimes; "!" behind them when they may not be all. */
static void check_ends(struct elf_file *e, const char *name, const char *want)
{
	struct str got = STR_INIT;
	struct symbol *v;

	if (elf_find(e, name, &v) != 1) {
		printf("no function %s\n", name);
		unit_failures++;
		return;
	}
	str_add(&got, name);
	str_addc(&got, ' ');
	add_ends(e, &v[0], &got);
	CHECK_STR(got.s, want);
	free(v);
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

/* Calls are no ends, and the returns that check the address's signature are. */
static void test_arm64_forms(void)
{
	enum {
		PACIASP = 0xd503233f, NOP = 0xd503201f, RET = 0xd65f03c0, RET_X3 = 0xd65f0060, RETAA = 0xd65f0bff,
		RETAB = 0xd65f0fff, BL_FAR = 0x94100000, BLR = 0xd63f0020, BLRAA = 0xd73f0822, BLRAAZ = 0xd63f083f,
		BR_X1 = 0xd61f0020, BRAA_X1 = 0xd71f0822, B_3 = 0x14000003, B_AL_2 = 0x5400004e, B_EQ_2 = 0x54000040,
		CBZ_2 = 0xb4000040, TBNZ_2 = 0x37180040, BRK = 0xd4200020, LOOP = 0x17ffffff,
	};
	static const struct {
		uint32_t words[6];
		size_t n;
		const char *want;
	} rows[] = {
		{ { PACIASP, BL_FAR, RETAA }, 3, "R" },
		{ { BLR, BLRAA, BLRAAZ, RETAB }, 4, "R" },
		{ { CBZ_2, RET, BL_FAR, RET_X3 }, 4, "RR" },
		{ { TBNZ_2, RETAA, B_EQ_2, RET, RETAB }, 5, "RRR" },
		{ { BR_X1 }, 1, "T" },
		{ { NOP, BRAA_X1 }, 2, "T" },
		{ { B_3, RET, NOP, RET }, 4, "R!" },		/* the first one may be data */
		{ { B_AL_2, RET, RET }, 3, "R!" },
		{ { BL_FAR, BRK }, 2, "" },
		{ { NOP, LOOP }, 2, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct elf_file *e = arm64_file(rows[i].words, rows[i].n);
		struct symbol s = arm64_function(rows[i].n);
		struct str got = STR_INIT;

		str_clear(&got);
		add_ends(e, &s, &got);
		CHECK_STR(got.s, rows[i].want);
		str_release(&got);
		elf_close(e);
	}
}

static size_t read_addresses(const char *path, uint64_t **out)
{
	FILE *f = fopen(path, "r");
	unsigned long long address;
	size_t n = 0;

	for (*out = NULL; f && fscanf(f, "%llx", &address) == 1;)
		*MEM_PUSH(*out, n) = address;
	if (f)
		fclose(f);
	return n;
}

static bool is_among(const uint64_t *v, size_t n, uint64_t address)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == address)
			return true;
	return false;
}

/* A whole program of arm64, with the C library in it, where there is a compiler: of every function that is sure, the
 * return instructions are those that objdump has there. */
static void test_arm64_program(void)
{
	struct str why = STR_INIT;
	unsigned sure = 0, bad = 0;
	struct symbol *v = NULL;
	struct elf_file *e;
	uint64_t *rets;
	size_t n_rets;
	int n;

	if (system("command -v aarch64-linux-gnu-gcc >/dev/null") != 0)
		return;
	fixture_run("echo 'int main(void) { return 0; }' | aarch64-linux-gnu-gcc -static -x c -o arm64 - && "
		    "aarch64-linux-gnu-objdump -d --no-show-raw-insn arm64 | "
		    "awk '$2 ~ /^(ret|retaa|retab)$/ { sub(\":\", \"\", $1); print $1 }' > arm64.rets");
	n_rets = read_addresses(fixture("arm64.rets"), &rets);
	CHECK(n_rets > 500);
	e = open_file(fixture("arm64"));
	n = elf_find(e, "*", &v);
	for (int i = 0; i < n; i++) {
		struct function_exit *exits;
		unsigned found = 0, inside = 0;
		int k;

		str_clear(&why);
		k = function_exits(e, &v[i], &exits, &why);
		for (int j = 0; j < k; j++) {
			bad += exits[j].kind == EXIT_RET && !is_among(rets, n_rets, exits[j].address);
			found += exits[j].kind == EXIT_RET && exits[j].address - v[i].address < v[i].size;
		}
		for (size_t j = 0; j < n_rets; j++)
			inside += rets[j] - v[i].address < v[i].size;
		if (!why.len && v[i].kind == SYMBOL_FUNC) {
			sure++;
			if (found != inside)
				printf("%s: %u of %u returns\n", v[i].name, found, inside);
			bad += found != inside;
		}
		free(exits);
	}
	CHECK(sure > 500);
	CHECK_INT(bad, 0);
	free(v);
	free(rets);
	str_release(&why);
	elf_close(e);
}

int main(void)
{
	test_forms();
	test_program();
	test_arm64_forms();
	test_arm64_program();
	return unit_end();
}
