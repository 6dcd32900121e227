/* Each row of sym/arch.c against an ELF file of that machine, on every host: reading the file, where the arguments
 * are, what may be probed, and the lines that a definition becomes. */
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>

#include "plan/plan.h"
#include "probe/probe.h"
#include "unit.h"
#include "fixtures/fixture.h"
#include "fixtures/machines.h"

enum { TEXT_ADDRESS = 0x10000, TEXT_OFFSET = 0x1000 };

/* ---- files ---- */

static void add_section(Elf *elf, unsigned name, GElf_Word type, GElf_Xword flags, uint64_t address, uint64_t offset,
			void *bytes, size_t n, Elf_Type kind, unsigned link, uint64_t entry_size)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = elf_newdata(scn);
	GElf_Shdr sh;

	data->d_buf = bytes;
	data->d_size = n;
	data->d_type = kind;
	data->d_align = 1;
	data->d_version = EV_CURRENT;
	gelf_getshdr(scn, &sh);
	sh.sh_name = name;
	sh.sh_type = type;
	sh.sh_flags = flags;
	sh.sh_addr = address;
	sh.sh_offset = offset;
	sh.sh_size = n;
	sh.sh_link = link;
	sh.sh_info = 1;
	sh.sh_entsize = entry_size;
	sh.sh_addralign = 1;
	gelf_update_shdr(scn, &sh);
}

/* A program with the code as its only function, `f`. libelf writes it in the machine's word size and byte order. */
static void write_file(const char *path, const struct machine_fixture *m, const unsigned char *code, size_t n,
		       uint64_t symbol)
{
	static char names[] = "\0.text\0.symtab\0.strtab\0f";	/* 1, 7, 15, 23 */
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0755);
	size_t one = m->class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	Elf64_Sym wide[2] = { { 0 }, { 23, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), m->other, 1, symbol, n } };
	Elf32_Sym narrow[2] = { { 0 }, { 23, (Elf32_Addr)symbol, (Elf32_Word)n,
					 ELF32_ST_INFO(STB_GLOBAL, STT_FUNC), m->other, 1 } };
	GElf_Ehdr eh;
	GElf_Phdr ph;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT);
	gelf_newehdr(elf, m->class);
	gelf_getehdr(elf, &eh);
	eh.e_ident[EI_DATA] = (unsigned char)m->data;
	eh.e_machine = (GElf_Half)m->machine;
	eh.e_type = ET_EXEC;
	eh.e_version = EV_CURRENT;
	eh.e_flags = m->machine == EM_PPC64 ? 2 : 0;		/* ELFv2 */
	eh.e_phoff = m->class == ELFCLASS64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	eh.e_shoff = 0x3000;
	eh.e_shstrndx = 3;
	gelf_update_ehdr(elf, &eh);
	gelf_newphdr(elf, 1);
	gelf_getphdr(elf, 0, &ph);
	ph.p_type = PT_LOAD;
	ph.p_flags = PF_R | PF_X;
	ph.p_offset = TEXT_OFFSET;
	ph.p_vaddr = TEXT_ADDRESS;
	ph.p_filesz = ph.p_memsz = n;
	ph.p_align = 1;
	gelf_update_phdr(elf, 0, &ph);
	add_section(elf, 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT_ADDRESS, TEXT_OFFSET, (void *)code, n,
		    ELF_T_BYTE, 0, 0);
	add_section(elf, 7, SHT_SYMTAB, 0, 0, 0x2000, m->class == ELFCLASS64 ? (void *)wide : (void *)narrow, 2 * one,
		    ELF_T_SYM, 3, one);
	add_section(elf, 15, SHT_STRTAB, 0, 0, 0x2800, names, sizeof(names), ELF_T_BYTE, 0, 0);
	if (elf_update(elf, ELF_C_WRITE) < 0) {
		printf("%s: %s\n", m->name, elf_errmsg(-1));
		exit(1);
	}
	elf_end(elf);
	close(fd);
}

static struct elf_file *open_file(const char *path)
{
	struct elf_file *e;
	const char *why = "";
	int r = elf_open(path, &e, &why);

	if (r != 0) {
		printf("%s: %d %s\n", path, r, why);
		exit(1);
	}
	return e;
}

static struct symbol find(struct elf_file *e)
{
	struct symbol *v, s = { 0 };

	CHECK_INT(elf_find(e, "f", &v), 1);
	if (v)
		s = v[0];
	free(v);
	return s;
}

/* ---- what is read ---- */

static void test_file(struct elf_file *e, const struct machine_fixture *m)
{
	unsigned char bytes[512];
	struct symbol s = find(e), covering;
	uint64_t offset = 0;
	bool executable = false;

	CHECK(elf_arch(e) == arch_by_machine(m->machine));
	CHECK_STR(elf_arch(e)->name, m->name);
	CHECK_INT(elf_word(e), m->class == ELFCLASS64 ? 8 : 4);
	CHECK(elf_is_big_endian(e) == (m->data == ELFDATA2MSB));
	CHECK(s.address == TEXT_ADDRESS && s.size == m->n && s.kind == SYMBOL_FUNC && !s.thumb);
	CHECK_INT(s.entry, m->entry);
	CHECK(elf_address_to_offset(e, s.address + 4, &offset, &executable) && executable);
	CHECK_INT(offset, TEXT_OFFSET + 4);
	CHECK(elf_bytes(e, s.address, bytes, sizeof(bytes)) == m->n && memcmp(bytes, m->code, m->n) == 0);
	CHECK(elf_function_at(e, s.address + m->n - 1, &covering) && strcmp(covering.name, "f") == 0);
}

static void test_arguments(const struct machine_fixture *m)
{
	const struct arch *a = arch_by_machine(m->machine);
	struct str s = STR_INIT;

	for (unsigned i = 0; i < ARRAY_LEN(m->args); i++) {
		str_clear(&s);
		CHECK(arch_argument(a, i + 1, &s));
		CHECK_STR(s.s, m->args[i]);
	}
	CHECK_STR(a->result, m->result);
	CHECK_STR(a->return_address, m->return_address);
	str_release(&s);
}

/* The first instruction is allowed, for calls and returns; the second is a place of its own; between them is none. */
static void test_places(struct elf_file *e, const struct machine_fixture *m)
{
	bool rules = m->machine == EM_X86_64 || m->machine == EM_AARCH64 || m->machine == EM_386;
	struct symbol s = find(e);
	struct insn_check c;

	insn_check(e, &s, s.address + m->entry, false, &c);
	if (!c.ok)
		printf("%s: %s\n", m->name, c.reason);
	CHECK(c.ok);
	insn_check(e, &s, s.address + m->entry, true, &c);
	CHECK(c.ok);
	insn_check(e, &s, s.address + m->second, false, &c);
	CHECK(c.ok == rules && (c.ok || c.forceable));
	for (uint64_t at = s.address + m->entry + 1; at < s.address + m->second; at++) {
		insn_check(e, &s, at, false, &c);
		CHECK(!c.ok && !c.forceable && strstr(c.reason, "inside"));
	}
	insn_check(e, &s, s.address + m->n, false, &c);
	CHECK(!c.ok && !c.forceable);
}

/* ---- what a definition becomes ---- */

struct world {
	struct probe_context c;
	struct plan plan;
};

static bool expand(struct world *w, const char *text, bool force)
{
	struct source *src;
	struct definition *def;

	*w = (struct world){ .c = { .arena = arena_new(), .diags = diags_new(),
				    .opt = { .force = force, .max_probes = 4 } } };
	src = arena_alloc(w->c.arena, sizeof(*src));
	*src = (struct source){ "definition", text };
	def = definition_parse(w->c.arena, src, w->c.diags);
	return def && probe_expand(&w->c, def);
}

static void release(struct world *w)
{
	free(w->plan.steps);
	free(w->c.sites);
	diags_free(w->c.diags);
	arena_free(w->c.arena);
}

static void expect_line(const char *text, const char *line)
{
	struct plan_options opt = { .name = "g", .ustack = true, .source = SOURCE_PERF };
	struct world w;

	if (!expand(&w, text, true) ||
	    !plan_make(&w.plan, w.c.arena, w.c.sites, (unsigned)w.c.n_sites, &opt, w.c.diags))
		diags_print(w.c.diags, stdout);
	CHECK_STR(w.c.n_sites == 1 ? w.c.sites[0]->line : NULL, line);
	release(&w);
}

/* --force goes on with a file of another machine: then the lines can be seen, and compared. */
static void test_lines(const char *path, const struct machine_fixture *m)
{
	const char *type = m->class == ELFCLASS64 ? "" : ":x32";
	const char *pointer = m->class == ELFCLASS64 ? "x64" : "x32";
	char text[512], line[1024];

	snprintf(text, sizeof(text), "p %s:f a=$arg1 b=$arg12:s32", path);
	snprintf(line, sizeof(line), "p:g/f_0 %s:0x%x Comm=$comm:string a=%s%s b=%s:s32 _caller=%s:%s", path,
		 TEXT_OFFSET + m->entry, m->args[0], type, m->args[11], m->return_address, pointer);
	expect_line(text, line);
	snprintf(text, sizeof(text), "r %s:f v=$retval", path);
	snprintf(line, sizeof(line), "r:g/f_0 %s:0x%x Comm=$comm:string v=$retval%s", path, TEXT_OFFSET + m->entry,
		 type);
	expect_line(text, line);
}

static void test_not_ours(const char *path, const struct machine_fixture *m)
{
	const struct arch *a = arch_by_machine(m->machine), *host = arch_host();
	char text[512];
	struct world w;
	bool ours = a == host || (arch_is_below(a, host) && !a->not_below);

	snprintf(text, sizeof(text), "p %s:f", path);
	CHECK(expand(&w, text, false) == ours);
	release(&w);
}

static void listed(void *ctx, const char *line, const char *details)
{
	char want[512];

	snprintf(want, sizeof(want), "uprobe:%s:f", (const char *)ctx);
	CHECK_STR(line, want);
	CHECK(details && strstr(details, "address 0x10000, offset 0x1000, size "));
}

static void test_list(const char *path)
{
	struct world w = { .c = { .arena = arena_new(), .diags = diags_new() } };
	struct probe_lister l = { .context = &w.c, .verbose = true, .fn = listed, .ctx = (void *)path };
	char pattern[512];

	snprintf(pattern, sizeof(pattern), "uprobe:%s:*", path);
	CHECK(probe_list(&l, pattern));
	release(&w);
}

/* ---- one machine's own ---- */

static const struct machine_fixture *fixture_of(int machine)
{
	for (size_t i = 0; i < ARRAY_LEN(machine_fixtures); i++)
		if (machine_fixtures[i].machine == machine)
			return &machine_fixtures[i];
	return NULL;
}

/* A symbol's lowest bit says that its code is Thumb. */
static void test_thumb(void)
{
	static const unsigned char bx_lr[] = { 0x70, 0x47, 0x70, 0x47 };
	struct insn_check c;
	struct elf_file *e;
	struct symbol s;

	write_file(fixture("thumb"), fixture_of(EM_ARM), bx_lr, sizeof(bx_lr), TEXT_ADDRESS | 1);
	e = open_file(fixture("thumb"));
	s = find(e);
	CHECK(s.thumb && s.address == TEXT_ADDRESS);
	insn_check(e, &s, s.address, false, &c);
	CHECK(!c.ok && !c.forceable && strstr(c.reason, "Thumb"));
	elf_close(e);
}

/* Where the global entry of a ppc64le function is asked for by its offset, that is the place, with a warning. */
static void test_global_entry(void)
{
	char text[512];
	struct world w;

	write_file(fixture("ppc"), fixture_of(EM_PPC64), ppc64le_code, sizeof(ppc64le_code), TEXT_ADDRESS);
	snprintf(text, sizeof(text), "p %s:0x1000 a=$arg1", fixture("ppc"));
	CHECK(expand(&w, text, true));
	CHECK(w.c.n_sites == 1 && w.c.sites[0]->offset == TEXT_OFFSET && w.c.sites[0]->shift == 0);
	release(&w);
	snprintf(text, sizeof(text), "p %s:f a=$arg1", fixture("ppc"));
	CHECK(expand(&w, text, true));
	CHECK(w.c.n_sites == 1 && w.c.sites[0]->offset == TEXT_OFFSET + 8 && w.c.sites[0]->shift == 8);
	release(&w);
}

/* What the kernels refuse, at a function's first place. */
static void test_refused(void)
{
	static const struct {
		int machine;
		unsigned char code[8];
		bool forceable;
	} rows[] = {
		{ EM_RISCV, { 0x73, 0x00, 0x00, 0x00 }, false },		/* ecall */
		{ EM_RISCV, { 0x02, 0x90 }, false },				/* c.ebreak */
		{ EM_RISCV, { 0x0f, 0x00, 0xf0, 0x0f }, false },		/* fence */
		{ EM_ARM, { 0x00, 0x00, 0x00, 0xef }, false },			/* svc 0 */
		{ EM_ARM, { 0x9f, 0x1f, 0x90, 0xe1 }, false },			/* ldrex r1, [r0] */
		{ EM_PPC64, { 0x02, 0x00, 0x00, 0x44 }, false },		/* sc */
		{ EM_PPC64, { 0x08, 0x00, 0xe0, 0x7f }, false },		/* trap */
		{ EM_PPC64, { 0x00, 0x00, 0x10, 0x04, 0x00, 0x00, 0x60, 0xe4 }, true },	/* pld */
		{ EM_S390, { 0x0a, 0x01 }, false },				/* svc 1 */
		{ EM_S390, { 0x44, 0x00, 0x10, 0x00 }, false },			/* ex */
		{ EM_LOONGARCH, { 0x00, 0x00, 0x2b, 0x00 }, false },		/* syscall 0 */
		{ EM_LOONGARCH, { 0x85, 0x00, 0x00, 0x20 }, false },		/* ll.w */
		{ EM_LOONGARCH, { 0x85, 0x18, 0x61, 0x38 }, false },		/* amadd.w */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct machine_fixture m = *fixture_of(rows[i].machine);
		struct insn_check c;
		struct elf_file *e;
		struct symbol s;

		m.other = 0;
		write_file(fixture("refused"), &m, rows[i].code, sizeof(rows[i].code), TEXT_ADDRESS);
		e = open_file(fixture("refused"));
		s = find(e);
		insn_check(e, &s, s.address, false, &c);
		if (c.ok || c.forceable != rows[i].forceable) {
			printf("row %zu of %s: ok %d, %s\n", i, m.name, c.ok, c.reason);
			unit_failures++;
		}
		elf_close(e);
	}
}

/* The same machine's number with another word size or byte order is not that row. */
static void test_other_sorts(void)
{
	static const struct { int machine, class, data; } rows[] = {
		{ EM_X86_64, ELFCLASS32, ELFDATA2LSB },		/* x32 */
		{ EM_RISCV, ELFCLASS32, ELFDATA2LSB },
		{ EM_S390, ELFCLASS32, ELFDATA2MSB },
		{ EM_PPC64, ELFCLASS64, ELFDATA2MSB },
		{ EM_AARCH64, ELFCLASS64, ELFDATA2MSB },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct machine_fixture m = { .name = "other", .machine = rows[i].machine, .class = rows[i].class,
					     .data = rows[i].data };
		struct insn_check c;
		struct elf_file *e;
		struct symbol s;

		write_file(fixture("other"), &m, s390x_code, sizeof(s390x_code), TEXT_ADDRESS);
		e = open_file(fixture("other"));
		s = find(e);
		CHECK(!elf_arch(e) && s.address == TEXT_ADDRESS);
		insn_check(e, &s, s.address, false, &c);
		CHECK(!c.ok && c.forceable);
		elf_close(e);
	}
}

int main(void)
{
	fixture_run("true");
	for (size_t i = 0; i < ARRAY_LEN(machine_fixtures); i++) {
		const struct machine_fixture *m = &machine_fixtures[i];
		char path[256];
		struct elf_file *e;

		snprintf(path, sizeof(path), "%s", fixture("machine"));
		write_file(path, m, m->code, m->n, TEXT_ADDRESS);
		e = open_file(path);
		test_file(e, m);
		test_arguments(m);
		test_places(e, m);
		elf_close(e);
		test_lines(path, m);
		test_not_ours(path, m);
		test_list(path);
	}
	test_thumb();
	test_global_entry();
	test_refused();
	test_other_sorts();
	return unit_end();
}
