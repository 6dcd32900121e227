/* Separate debug files (sym/debuginfo.c): each way to one, and what must be refused, on files compiled here. */
#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"

#define ONES "1111111111111111111111111111111111111111"
#define TWOS "2222222222222222222222222222222222222222"
#define THREES "3333333333333333333333333333333333333333"

/* The line "KIND NAME: problem or what it gives" of the source at index i, the path without directories. */
static const char *source(struct elf_file *e, size_t i)
{
	static char line[512];
	const struct debug_source *v;
	size_t n = elf_debug_sources(e, &v);
	const char *name;

	if (i >= n)
		return "(none)";
	name = strrchr(v[i].path, '/') ? strrchr(v[i].path, '/') + 1 : v[i].path;
	snprintf(line, sizeof(line), "%s %s: %s", v[i].kind, name, v[i].problem ? v[i].problem : v[i].gives);
	return line;
}

static const char *last_source(struct elf_file *e)
{
	const struct debug_source *v;
	size_t n = elf_debug_sources(e, &v);

	return source(e, n - 1);
}

/* Is there one that ends so? */
static bool has_source(struct elf_file *e, const char *end)
{
	for (size_t i = 0; strcmp(source(e, i), "(none)") != 0; i++)
		if (str_ends(source(e, i), end))
			return true;
	return false;
}

static struct elf_file *open_it(const char *name)
{
	struct elf_file *e;
	const char *why;

	if (elf_open(fixture(name), &e, &why) != 0) {
		printf("%s: %s\n", name, why);
		exit(1);
	}
	return e;
}

/* Finds the static function of the fixture through e's debug information, and checks where it was from. */
static void finds_hidden(struct elf_file *e, bool expected, const char *from)
{
	struct symbol *v;
	int n = elf_find(e, "hidden", &v);

	CHECK_INT(n, expected);
	if (n == 1) {
		CHECK(v->kind == SYMBOL_FUNC && v->size > 0);
		if (from)
			CHECK(v->from && strstr(v->from, from));
		else
			CHECK(!v->from);
	}
	free(v);
}

static void test_itself(void)
{
	struct elf_file *e = open_it("whole");
	const struct debug_source *v;

	finds_hidden(e, true, NULL);
	CHECK_INT(elf_debug_sources(e, &v), 0);		/* nobody asked */
	CHECK(elf_has_dwarf(e));
	CHECK_STR(last_source(e), "the file whole: DWARF");
	elf_close(e);
}

static void test_build_id(void)
{
	struct elf_file *e = open_it("stripped");
	struct symbol *hidden, at;

	finds_hidden(e, true, ".debug");
	CHECK(elf_has_dwarf(e));
	CHECK(has_source(e, ".debug: symbols and DWARF"));
	elf_close(e);

	e = open_it("whole");
	CHECK_INT(elf_find(e, "hidden", &hidden), 1);
	elf_close(e);
	e = open_it("stripped");
	CHECK(elf_function_at(e, hidden->address, &at) && at.from && strcmp(at.name, "hidden") == 0);
	free(hidden);
	elf_close(e);

}

/* The other build's debug file lies where the first one's should. */
static void test_other_build(void)
{
	struct elf_file *e = open_it("moved");
	finds_hidden(e, false, NULL);
	CHECK(!elf_has_dwarf(e));
	CHECK(has_source(e, "it belongs to another build: its build ID is " TWOS ", the program's is " THREES));
	elf_close(e);
}

static void test_debug_link(void)
{
	static const char *const linked[] = { "beside", "below/linked" };
	struct elf_file *e;

	for (size_t i = 0; i < ARRAY_LEN(linked); i++) {
		e = open_it(linked[i]);
		finds_hidden(e, true, "linked.debug");
		CHECK_STR(last_source(e), "debug link linked.debug: symbols and DWARF");
		CHECK(elf_has_dwarf(e));
		elf_close(e);
	}
	e = open_it("badcrc/linked");
	finds_hidden(e, false, NULL);
	CHECK(has_source(e, "debug link linked.debug: it belongs to another build: its CRC is not the one that "
			 "the program's .gnu_debuglink has"));
	elf_close(e);
}

static void test_minidebuginfo(void)
{
	struct elf_file *e = open_it("mini");

	finds_hidden(e, true, "mini(.gnu_debugdata)");
	CHECK_STR(last_source(e), "minidebuginfo mini(.gnu_debugdata): symbols");
	CHECK(!elf_has_dwarf(e));
	elf_close(e);

	e = open_it("minibad");
	finds_hidden(e, false, NULL);
	CHECK_STR(last_source(e), "minidebuginfo minibad(.gnu_debugdata): it is no xz stream, or one of more than 64 MB");
	elf_close(e);

	e = open_it("minibomb");
	finds_hidden(e, false, NULL);
	CHECK_STR(last_source(e), "minidebuginfo minibomb(.gnu_debugdata): it is no xz stream, or one of more than 64 MB");
	elf_close(e);
}

/* Its argument moves, so that its place is in a list of them, in a section of their own. */
static void finds_argument(struct elf_file *e, const char *function)
{
	const struct debug_function *f;
	const char *why;
	struct symbol *v;

	CHECK_INT(elf_find(e, function, &v), 1);
	f = elf_debug_function(e, v->address, &why);
	CHECK(f && f->n_variables && f->variables[0].n_pieces == 1);
	free(v);
}

static void test_packed(void)
{
	static const char *const packed[] = { "packed-zlib", "packed-zlib-gnu" };
	struct elf_file *e;

	for (size_t i = 0; i < ARRAY_LEN(packed); i++) {
		e = open_it(packed[i]);
		CHECK(elf_has_dwarf(e));
		finds_argument(e, "exported");
		elf_close(e);
	}
	e = open_it("packed-zstd");
	if (!elf_has_dwarf(e))
		CHECK_STR(last_source(e), "DWARF packed-zstd: its DWARF is compressed by zstd, which this libelf "
			  "cannot read");
	elf_close(e);
	e = open_it("packed-bomb");
	CHECK(!elf_has_dwarf(e));
	CHECK_STR(last_source(e), "DWARF packed-bomb: its compressed sections say that they are larger than they can be");
	elf_close(e);
}

/* Found by the fuzzer: libdw reads the name of a source file on behind the end of its section. */
static void test_endless_names(void)
{
	struct elf_file *e;

	fixture_run("gcc -g -gdwarf-5 -O1 \"$S/tests/live/named.c\" -o endless && objcopy --dump-section .debug_line_str=names endless && "
		    "truncate -s -1 names && objcopy --update-section .debug_line_str=names endless");
	e = open_it("endless");
	CHECK(!elf_has_dwarf(e));
	CHECK_STR(last_source(e), "DWARF endless: the names in its DWARF have no end");
	elf_close(e);
}

static void test_alternate(void)
{
	struct elf_file *e = open_it("dwz1");

	CHECK(elf_has_dwarf(e));
	CHECK(has_source(e, "alternate file common: DWARF"));
	elf_close(e);
	fixture_run("mv common away");
	e = open_it("dwz1");
	CHECK(!elf_has_dwarf(e));
	CHECK(has_source(e, "alternate file common: there is no such file"));
	CHECK_STR(last_source(e), "DWARF dwz1: its alternate file, in which half of it is, is missing");
	elf_close(e);
}

/* The arguments of main() in a program whose DWARF is in split.dwo; "": they are there. */
static const char *split_main(const char *source, const char *or_source)
{
	static char why_not[512];
	struct elf_file *e = open_it("split");
	const char *why = "";
	struct symbol *v;

	CHECK_INT(elf_find(e, "main", &v), 1);
	if (elf_debug_function(e, v->address, &why))
		why = "";
	snprintf(why_not, sizeof(why_not), "%s", why);
	CHECK(has_source(e, source) || has_source(e, or_source));
	free(v);
	elf_close(e);
	return why_not;
}

static void test_split(void)
{
	fixture_run("cp a.c split.c && gcc -gdwarf-4 -gsplit-dwarf -O1 -c split.c && gcc -o split split.o");
	CHECK_STR(split_main("split DWARF split.dwo: DWARF", "none"), "");
	fixture_run("mv split.dwo away.dwo && echo >split.dwp");
	CHECK(str_ends(split_main("split DWARF split.dwo: there is no such file", "none"), "split.dwo, which is not there"));
	split_main("split.dwp: packages of .dwo files are read by libdw 0.191 and later, and this trapline has an older one",
		   "split.dwp: it has no part of that unit");
	fixture_run("mkdir else && sed s/argc/more/g a.c >else/split.c && cd else && "
		    "gcc -gdwarf-4 -gsplit-dwarf -O1 -c split.c && mv split.dwo ..");
	CHECK(str_ends(split_main("split.dwo: it is not the one that was made with the program: its ID is another",
				  "none"),
		       "split.dwo, which is of another build"));
}

int main(void)
{
	char debug[256];

	fixture_run("printf '%%s\\n' '#include <stdio.h>' 'FILE *file; static __attribute__((noinline)) int hidden(int x) { return x * 3; }'"
		    " 'int exported(int x) { return hidden(x) + hidden(x + 1); }'"
		    " 'int main(int argc, char **argv) { return exported(argc); }' >a.c");
	fixture_run("gcc -g -O1 -rdynamic -Wl,--build-id=0x" ONES " a.c -o whole");
	fixture_run("gcc -g -O1 -Wl,--build-id=0x" TWOS " a.c -o other");
	fixture_run("gcc -g -O1 -Wl,--build-id=0x" THREES " a.c -o moved");
	fixture_run("mkdir -p d/.build-id/11 d/.build-id/33");
	fixture_run("objcopy --only-keep-debug whole d/.build-id/11/%s.debug", ONES + 2);
	fixture_run("objcopy --only-keep-debug other d/.build-id/33/%s.debug", THREES + 2);
	fixture_run("strip -o stripped whole && strip moved");
	fixture_run("gcc -g -O1 -Wl,--build-id=none a.c -o nolink && mkdir -p below/.debug badcrc");
	fixture_run("objcopy --only-keep-debug nolink linked.debug && cp linked.debug below/.debug");
	fixture_run("objcopy --strip-all --add-gnu-debuglink=linked.debug nolink beside");
	fixture_run("cp beside below/linked && cp beside badcrc/linked");
	fixture_run("gcc -g0 -O1 -Wl,--build-id=none a.c -o b && objcopy --only-keep-debug b badcrc/linked.debug");
	fixture_run("objcopy --only-keep-debug b m && xz -k m && objcopy --strip-all --add-section .gnu_debugdata=m.xz "
		    "b mini");
	fixture_run("echo no xz >x && objcopy --strip-all --add-section .gnu_debugdata=x b minibad");
	fixture_run("head -c 100000000 /dev/zero | xz >z.xz && objcopy --strip-all --add-section .gnu_debugdata=z.xz "
		    "b minibomb");
	for (const char *const *way = (const char *const[]){ "zlib", "zlib-gnu", "zstd", NULL }; *way; way++)
		fixture_run("objcopy --compress-debug-sections=%s whole packed-%s", *way, *way);
	/* the size of .debug_info in its compression header (at +8) becomes 16 EB */
	fixture_run("cp packed-zlib packed-bomb && o=$(readelf -SW packed-bomb | awk '$2 == \".debug_info\" || "
		    "$3 == \".debug_info\" { sub(/.*PROGBITS/, \"\"); print $2 }') && printf '\\377\\377\\377\\377\\377"
		    "\\377\\377\\177' | dd of=packed-bomb bs=1 seek=$((0x$o + 8)) conv=notrunc 2>/dev/null");
	fixture_run("cp whole dwz1 && cp whole dwz2 && dwz -m common -M \"$PWD/common\" dwz1 dwz2");

	snprintf(debug, sizeof(debug), "/nowhere:%s", fixture("d"));
	debuginfo_directories(debug);
	test_itself();
	test_build_id();
	test_other_build();
	test_debug_link();
	test_minidebuginfo();
	test_packed();
	test_endless_names();
	test_alternate();
	test_split();
	return unit_end();
}
