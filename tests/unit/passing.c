/* Where the calling convention puts arguments (sym/passing.c): rows of parameter types, by machine. The x86-64 rows were
 * read off what gcc 12 and clang 14 compile, those of arm64 off AAPCS64. */
#include <elf.h>

#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"

static const char types[] =
	"typedef __int128 wide; struct one { wide v; }; struct big { wide v; int n; }; struct pair { long a, b; };"
	"struct plain { long v[3]; }; struct ld { long double d; }; struct mixed { double d; long n; };"
	"struct __attribute__((aligned(64))) cache { long v[8]; }; typedef _Float128 quad;"
	"int all(int i, long l, double d, long double x, wide w, struct one o, struct big b, struct pair p, struct plain s,"
	"struct ld ld, struct mixed m, struct cache c, quad q) { return i; } int main(void) { return 0; }";

static void place(const struct debug_variable *v, char *out, size_t size)
{
	size_t len = 0;

	snprintf(out, size, "%s", v->gone ? "gone" : "");
	for (unsigned i = 0; i < v->n_pieces; i++) {
		const struct debug_piece *p = &v->pieces[i];

		len = strlen(out);
		if (p->where == DEBUG_REGISTER)
			snprintf(out + len, size - len, "%s%s:%d", i ? "+" : "", p->reg, (int)p->size);
		else if (p->n_steps == 1)
			snprintf(out + len, size - len, "%s%d(%s):%d", i ? "+" : "", (int)p->steps[0], p->reg, (int)p->size);
		else
			snprintf(out + len, size - len, "%s?", i ? "+" : "");
	}
}

/* Both lists have blanks between their parts; a type's blanks are written as '_'. */
static void passed(struct elf_file *e, int machine, bool halves, const char *parameters, const char *want)
{
	struct passing p = passing_begin(arch_by_machine(machine), NULL, halves);
	char list[256], got[512] = "", one[128];
	char *save;

	snprintf(list, sizeof(list), "%s", parameters);
	for (char *name = strtok_r(list, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		struct debug_variable v = { 0 };
		const struct debug_type *t;

		for (char *c = strchr(name, '_'); c; c = strchr(c, '_'))
			*c = ' ';
		t = elf_debug_type(e, name, 0, &(const char *){ NULL });
		if (!t)
			printf("no type %s\n", name);
		passing_next(&p, t, &v);
		place(&v, one, sizeof(one));
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", *got ? " " : "", one);
	}
	CHECK_STR(got, want);
}

static const struct {
	int machine;
	bool halves;
	const char *parameters, *want;
} rows[] = {
	{ EM_X86_64, false, "int wide int", "di:4 si:8+dx:8 cx:4" },
	{ EM_X86_64, false, "int int int int int wide long_int", "di:4 si:4 dx:4 cx:4 r8:4 8(sp):16 r9:8" },
	{ EM_X86_64, false, "wide wide wide int wide", "di:8+si:8 dx:8+cx:8 r8:8+r9:8 8(sp):4 24(sp):16" },
	{ EM_X86_64, true, "int int int int int wide long_int", "di:4 si:4 dx:4 cx:4 r8:4 r9:8+8(sp):8 16(sp):8" },
	{ EM_X86_64, true, "wide wide wide int wide", "di:8+si:8 dx:8+cx:8 r8:8+r9:8 8(sp):4 16(sp):8+24(sp):8" },
	{ EM_X86_64, false, "int struct_one struct_big int struct_big", "di:4 si:8+dx:8 8(sp):32 cx:4 40(sp):32" },
	{ EM_X86_64, false, "wide wide wide int struct_big int", "di:8+si:8 dx:8+cx:8 r8:8+r9:8 8(sp):4 24(sp):32 56(sp):4" },
	{ EM_X86_64, false, "wide wide wide int struct_plain int", "di:8+si:8 dx:8+cx:8 r8:8+r9:8 8(sp):4 16(sp):24 40(sp):4" },
	{ EM_X86_64, false, "wide wide wide int struct_ld int", "di:8+si:8 dx:8+cx:8 r8:8+r9:8 8(sp):4 24(sp):16 40(sp):4" },
	{ EM_X86_64, false, "long_double struct_pair double struct_mixed int", "8(sp):16 di:8+si:8 gone gone cx:4" },
	{ EM_X86_64, false, "int struct_cache int", "di:4 gone gone" },
	{ EM_X86_64, false, "int quad int", "di:4 gone gone" },
	{ EM_AARCH64, false, "int wide int", "x0:4 x2:8+x3:8 x4:4" },
	{ EM_AARCH64, false, "int struct_one int struct_pair", "x0:4 x2:8+x3:8 x4:4 x5:8+x6:8" },
	{ EM_AARCH64, false, "wide wide wide int wide int", "x0:8+x1:8 x2:8+x3:8 x4:8+x5:8 x6:4 0(sp):16 16(sp):4" },
	{ EM_AARCH64, true, "int wide", "x0:4 x2:8+x3:8" },
	{ EM_RISCV, false, "int wide int", "a0:4 gone gone" },
};

int main(void)
{
	struct elf_file *e;

	fixture_run("printf '%%s' '%s' | gcc -w -Wno-psabi -g -x c -o types -", types);
	if (elf_open(fixture("types"), &e, NULL) != 0) {
		printf("cannot open the fixture\n");
		return 1;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		passed(e, rows[i].machine, rows[i].halves, rows[i].parameters, rows[i].want);
	elf_close(e);
	return unit_end();
}
