/* Symbols, offsets, versions and hazards (sym/elf.c, sym/cfi.c) of small files that are compiled here. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>

#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"

static struct elf_file *open_fixture(const char *name)
{
	struct elf_file *e;
	const char *why = "";
	int r = elf_open(fixture(name), &e, &why);

	if (r != 0) {
		printf("%s: %d %s\n", name, r, why);
		exit(1);
	}
	return e;
}

static struct symbol first(struct elf_file *e, const char *pattern, int want)
{
	struct symbol *v, s = { 0 };
	int n = elf_find(e, pattern, &v);

	if (n != want) {
		printf("%s: found %d, want %d\n", pattern, n, want);
		unit_failures++;
	}
	if (n > 0)
		s = v[0];
	else
		s.name = "(none)";
	free(v);
	return s;
}

static void test_names(struct elf_file *e)
{
	struct symbol s = first(e, "plain", 1);

	CHECK_STR(s.name, "plain");
	CHECK(s.kind == SYMBOL_FUNC && !s.local && s.size > 0 && !s.guessed);
	CHECK_STR(first(e, "alias", 1).name, "alias");
	CHECK_STR(first(e, "alias_long_name", 1).name, "alias_long_name");
	CHECK_STR(first(e, "alias*", 1).name, "alias");		/* one address: the shortest name */
	CHECK_INT(first(e, "twice", 2).local, 1);
	CHECK_INT(first(e, "chosen", 1).kind, SYMBOL_IFUNC);
	CHECK_INT(first(e, "table", 1).kind, SYMBOL_DATA);
	CHECK_INT(first(e, "tabl[e]", 0).kind, 0);		/* globs: functions only */
	CHECK_INT(first(e, "puts", 1).kind, SYMBOL_IMPORT);
	CHECK_INT(first(e, "put*", 0).kind, 0);
	first(e, "no_such", 0);
	first(e, "", 0);
	first(e, "plai", 0);
	first(e, "plainly", 0);
	first(e, "pl\\ain", 1);
	first(e, "plain@V1", 0);
}

static void test_sizes(struct elf_file *e)
{
	struct symbol s = first(e, "unsized", 1), covering;

	CHECK(s.guessed && s.size == 4 && s.kind == SYMBOL_FUNC);
	s = first(e, "untyped", 1);
	CHECK(s.guessed && s.size == 2 && s.kind == SYMBOL_FUNC);
	CHECK(elf_function_at(e, s.address + 1, &covering));
	CHECK_STR(covering.name, "untyped");
	CHECK(elf_function_at(e, s.address + 2, &covering));
	CHECK_STR(covering.name, "behind");
	s = first(e, "plain", 1);
	CHECK(elf_function_at(e, s.address + s.size - 1, &covering));
	CHECK_STR(covering.name, "plain");
	CHECK(!elf_function_at(e, first(e, "table", 1).address, &covering));
	CHECK(!elf_function_at(e, 0, &covering));
}

/* The sum that makes an offset, checked against the bytes: the code at the address is that at the offset. */
static void test_offsets(struct elf_file *e)
{
	struct symbol s = first(e, "behind", 1);
	uint64_t offset = 0, back = 0;
	unsigned char byte = 0;
	bool executable = false;

	CHECK(elf_address_to_offset(e, s.address, &offset, &executable) && executable);
	CHECK(pread(elf_fd(e), &byte, 1, (off_t)offset) == 1 && byte == 0xc3);
	CHECK(elf_offset_to_address(e, offset, &back, &executable) && back == s.address && executable);
	CHECK(elf_bytes(e, s.address, &byte, 1) == 1 && byte == 0xc3);
	CHECK(elf_address_to_offset(e, first(e, "table", 1).address, &offset, &executable) && !executable);
	CHECK(!elf_address_to_offset(e, 0xdead000000000000, &offset, &executable));
	CHECK(!elf_offset_to_address(e, 1ull << 40, &back, &executable));
}

static void test_fdes(struct elf_file *e, const struct symbol *s)
{
	uint64_t begin = 0, end = 0;

	CHECK(elf_fde_at(e, s->address, &begin, &end) && begin == s->address && end == s->address + s->size);
	CHECK(elf_fde_at(e, s->address + s->size - 1, &begin, &end) && begin == s->address);
	CHECK(!elf_fde_at(e, 1, &begin, &end));
	CHECK(!elf_fde_at(e, 1ull << 60, &begin, &end));
}

/* Builds that lay out the file in different ways; the answers are the same. */
static void test_builds(void)
{
	static const struct { const char *name, *flags; } builds[] = {
		{ "pie", "" }, { "fixed", "-no-pie -fno-pie" }, { "static", "-static -no-pie -fno-pie" },
		{ "together", "-Wl,-z,noseparate-code" }, { "moved", "-no-pie -fno-pie -Wl,-Ttext-segment=0x7000000" },
		{ "bfdgap", "-no-pie -fno-pie -Wl,--section-start=.text=0x991000" },
	};

	for (size_t i = 0; i < ARRAY_LEN(builds); i++) {
		struct elf_file *e;
		struct symbol s;

		fixture_run("gcc -O1 %s -o %s \"$S/tests/unit/fixtures/elf.c\" "
			    "\"$S/tests/unit/fixtures/elf_twice.c\"", builds[i].flags, builds[i].name);
		e = open_fixture(builds[i].name);
		if (strcmp(builds[i].name, "static") != 0)
			test_names(e);
		test_sizes(e);
		test_offsets(e);
		s = first(e, "plain", 1);
		test_fdes(e, &s);
		CHECK(elf_has_functions(e));
		CHECK(elf_return_hazard(e) == NULL);
		elf_close(e);
	}
}

static void test_stripped(void)
{
	struct elf_file *full = open_fixture("pie"), *e;
	struct symbol s = first(full, "plain", 1);
	uint64_t begin, end;

	fixture_run("strip -o stripped pie");
	e = open_fixture("stripped");
	CHECK(!elf_has_functions(e));
	first(e, "plain", 0);
	CHECK_INT(first(e, "puts", 1).kind, SYMBOL_IMPORT);
	CHECK(elf_fde_at(e, s.address, &begin, &end) && begin == s.address && end == s.address + s.size);
	CHECK_STR(elf_needed(e, 0), "libc.so.6");
	CHECK(elf_needed(e, 1) == NULL);
	CHECK_INT(strlen(elf_build_id(e)), 40);
	CHECK_STR(elf_build_id(e), elf_build_id(full));
	CHECK_INT(elf_machine(e), EM_X86_64);
	elf_close(e);
	elf_close(full);
}

/* The library of fixtures/elf_lib.c; also when its section headers are gone (sstrip). */
static void test_versions(void)
{
	static const char *const names[] = { "lib.so", "lib_nosections.so" };

	fixture_run("printf 'V1 { global: f; helper; };\\nV2 { global: f; } V1;\\n' > map && "
		    "gcc -O1 -shared -fPIC -Wl,--version-script=map -o lib.so \"$S/tests/unit/fixtures/elf_lib.c\" && "
		    "cp lib.so lib_nosections.so && "
		    "printf '\\0\\0\\0\\0\\0\\0\\0\\0' | dd of=lib_nosections.so bs=1 seek=40 conv=notrunc status=none && "
		    "printf '\\0\\0\\0\\0\\0\\0' | dd of=lib_nosections.so bs=1 seek=58 conv=notrunc status=none");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct elf_file *e = open_fixture(names[i]);
		struct symbol s = first(e, "f", 1);

		CHECK_STR(s.version, "V2");
		CHECK(s.default_version);
		CHECK_STR(first(e, "f@V1", 1).version, "V1");
		CHECK(!first(e, "f@V1", 1).default_version);
		CHECK_STR(first(e, "f@@V2", 1).version, "V2");
		first(e, "f@@V1", 0);
		first(e, "f@V3", 0);
		CHECK(first(e, "f@V1", 1).address != first(e, "f@V2", 1).address);
		CHECK_STR(first(e, "help*@V1", 1).version, "V1");
		CHECK_STR(first(e, "helper", 1).name, "helper");
		CHECK(elf_has_functions(e));
		elf_close(e);
	}
}

static void test_hazards(void)
{
	static const struct { const char *code, *command, *want; } rows[] = {
		{ "int main(void) { return 0; }", "gcc -o h h.c", NULL },
		{ "int main(void) { return 0; }", "gcc -static -s -o h h.c", NULL },
		{ "#include <pthread.h>\nstatic void c(void *p) { (void)p; }\nint main(void)\n"
		  "{ pthread_cleanup_push(c, 0); pthread_testcancel(); pthread_cleanup_pop(1); return 0; }",
		  "gcc -fexceptions -o h h.c", NULL },
		{ "int main(int c, char **v) { try { if (c > 1) throw 1; } catch (int) { return 1; } return 0; }",
		  "g++ -x c++ -o h h.c", "C++" },
		{ "int main(int c, char **v) { try { if (c > 1) throw 1; } catch (int) { return 1; } return 0; }",
		  "g++ -x c++ -static -s -o h h.c", "catch" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct elf_file *e;
		const char *hazard;

		fixture_run("cat > h.c <<'END'\n%s\nEND\n%s", rows[i].code, rows[i].command);
		e = open_fixture("h");
		hazard = elf_return_hazard(e);
		if (rows[i].want ? !hazard || !strstr(hazard, rows[i].want) : hazard != NULL) {
			printf("%s: hazard %s\n", rows[i].command, hazard ? hazard : "none");
			unit_failures++;
		}
		elf_close(e);
	}
	fixture_run("printf x > note && objcopy --add-section .gopclntab=note pie go");
	struct elf_file *e = open_fixture("go");
	CHECK(elf_return_hazard(e) && strstr(elf_return_hazard(e), "Go"));
	elf_close(e);
}

static void test_refused(void)
{
	static const struct { const char *make, *why; } rows[] = {
		{ "printf '' > x", "it is empty" },
		{ "printf 'hello world' > x", "it is not an ELF file" },
		{ "printf '#!/bin/sh\\n' > x", "it is a script" },
		{ "printf '\\177ELF' > x", "its ELF header is broken" },
		{ "head -c 200 pie > x", "its program headers are broken" },
		{ "echo 'int f;' | gcc -xc -c -o x -", "it is an object file" },
		{ "objcopy --only-keep-debug pie x", "it holds no code" },
		{ "rm -f x; mkdir x", "it is a directory" },
		{ "rmdir x; mkfifo x", "it is not a regular file" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct elf_file *e = NULL;
		const char *why = "";

		fixture_run("%s", rows[i].make);
		CHECK_INT(elf_open(fixture("x"), &e, &why), -ENOEXEC);
		if (!str_starts(why, rows[i].why)) {
			printf("%s: %s\n", rows[i].make, why);
			unit_failures++;
		}
	}
	CHECK_INT(elf_open(fixture("does/not/exist"), NULL, NULL), -ENOENT);
}

/* A 32-bit file and one for another machine, made by hand: the reader must not care about the host. */
static void test_other_machines(void)
{
	struct elf_file *e;
	struct symbol s;

	if (system("gcc -m32 -c -x c /dev/null -o /dev/null 2>/dev/null") != 0)
		return;
	fixture_run("printf '.globl g\\n.type g,@function\\ng: nop\\n ret\\n.size g,2\\n' > g.s && "
		    "as --32 -o g.o g.s && ld -m elf_i386 -Ttext=0x8049000 -e g -o g32 g.o");
	e = open_fixture("g32");
	CHECK_INT(elf_machine(e), EM_386);
	s = first(e, "g", 1);
	CHECK(s.address == 0x8049000 && s.size == 2 && s.kind == SYMBOL_FUNC);
	elf_close(e);
}

/* Cut off at every 512 bytes: an error or an answer, and never a crash. */
static void test_cut_off(void)
{
	uint64_t a, b;

	for (int size = 0; ; size += 512) {
		struct elf_file *e;
		struct symbol *v, s;

		fixture_run("head -c %d pie > cut; test -s cut -o %d = 0", size, size);
		if (elf_open(fixture("cut"), &e, NULL) == 0) {
			free(elf_find(e, "*", &v) > 0 ? v : NULL);
			elf_function_at(e, 0x1139, &s);
			elf_fde_at(e, 0x1139, &a, &b);
			elf_return_hazard(e);
			elf_build_id(e);
			elf_needed(e, 0);
			elf_close(e);
		}
		if (access(fixture("cut"), R_OK) == 0 && size > 20000)
			break;
	}
}

/* Cut off after it was opened: it has fewer symbols then, and that is all. */
static void test_cut_while_read(void)
{
	static const long kept[] = { 0, 100, 4096, 8192 };

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		struct elf_file *e;
		struct symbol *v, s;
		uint64_t a, b;

		fixture_run("cp pie shrinks");
		e = open_fixture("shrinks");
		CHECK_INT(truncate(fixture("shrinks"), kept[i]), 0);
		free(elf_find(e, "*", &v) > 0 ? v : NULL);
		elf_function_at(e, 0x1139, &s);
		elf_fde_at(e, 0x1139, &a, &b);
		elf_return_hazard(e);
		elf_needed(e, 0);
		elf_debug_function(e, 0x1139, &(const char *){ NULL });
		elf_close(e);
	}
}

/* Each function of a large program is found by its first and its last byte: the first few by looking at all symbols,
 * the others by an index. */
static void test_many_addresses(void)
{
	struct elf_file *e = NULL;
	unsigned asked = 0, wrong = 0;
	struct symbol *v, at;
	const char *why;
	int n;

	if (elf_open("/proc/self/exe", &e, &why) != 0) {
		CHECK_STR(why, "");
		return;
	}
	n = elf_find(e, "*", &v);
	for (int i = 0; i < n; i++) {
		if (v[i].guessed || !v[i].size)
			continue;
		asked++;
		wrong += !elf_function_at(e, v[i].address, &at) || at.address != v[i].address;
		wrong += !elf_function_at(e, v[i].address + v[i].size - 1, &at) || at.address < v[i].address ||
			 v[i].address + v[i].size - 1 - at.address >= at.size;
	}
	CHECK(asked > 500);
	CHECK_INT(wrong, 0);
	free(v);
	elf_close(e);
}

int main(void)
{
	test_builds();
	test_stripped();
	test_versions();
	test_hazards();
	test_refused();
	test_other_machines();
	test_cut_off();
	test_cut_while_read();
	test_many_addresses();
	return unit_end();
}
