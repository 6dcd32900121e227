/* elf.c - ELF files: which symbols there are, and where their code lies in the file.
 *
 * A symbol table gives *addresses*: where the linker thinks the code will be in memory. A uprobe wants a
 * *file offset*: which byte of the file becomes the breakpoint. Between them stand the program headers
 * (`readelf -lW`): each PT_LOAD says "bytes p_offset.. of this file appear at address p_vaddr..". So
 *
 *	offset = address - p_vaddr + p_offset		of the PT_LOAD that holds the address
 *
 * For example, with
 *
 *	LOAD  off 0x0014d0  vaddr 0x4024d0  filesz 0x8000  flags R E
 *	func_1: address 0x402510
 *
 * the breakpoint goes to 0x402510 - 0x4024d0 + 0x14d0 = 0x1510. For many files the sum changes nothing
 * (position-independent ones often have vaddr == offset), and so the step is easily forgotten; the linkers
 * lld and gold, and every program that is not position independent, need it. Where a process has mapped the
 * file does not matter: the kernel does that last step.
 *
 * Symbols are found in two tables: .symtab, complete, which `strip` removes; and .dynsym, only what is
 * shared with other files, which must stay. A dynamic symbol can exist in several versions (`f@GLIBC_2.2.5`
 * for old programs, `f@@GLIBC_2.34`, the default, for new ones); .gnu.version gives each symbol a number
 * and .gnu.version_d gives the number its name. Where the section headers were removed too, .dynsym is
 * found as the dynamic linker finds it: by PT_DYNAMIC.
 *
 * Nothing here believes the file: it may be cut off, or written to harm us. libelf checks most things; what
 * it hands out as numbers (indices, offsets into string tables) is checked at each use.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/os.h"
#include "base/str.h"
#include "sym/internal.h"

enum {
	MAX_VERSIONS = 0x8000,		/* a version's number has 15 bits */
	MAX_NAME = 65536,		/* bytes: nothing that a compiler makes is as long */
	FEW = 16,			/* questions for which an index is not worth while */
};

/* One symbol table with what belongs to it. */
struct symtab {
	struct elf_file *file;	/* in which it stands: a debug file's tables are adopted by the program's */
	Elf_Data *syms;
	size_t n;
	const char *strings;	/* ends with a NUL */
	size_t strings_size;
	bool long_names;	/* some may be longer than MAX_NAME */
	bool wide;		/* Elf64_Sym */
	Elf_Data *versym;	/* one half word for each symbol, or NULL */
	bool dynsym;
	const struct symbol *made;	/* a table that is none of ELF's: the symbols themselves; or NULL */
};

/* What is remembered of a section: symbols refer to it by index. */
struct section {
	const char *name;
	uint64_t type, flags, address, offset, size;
};

struct elf_file {
	struct elf_file *next;		/* of those that elf_open() has opened */
	unsigned users;
	int fd;				/* -1: it is in memory */
	char *path;
	void *image;			/* of a file in memory */
	const void *mapped;		/* of another one */
	struct stat stat;		/* as it was before anything was read */
	Elf *elf;
	GElf_Ehdr eh;
	uint64_t size;			/* of the file */
	GElf_Phdr *ph;
	size_t n_ph;
	struct section *sections;	/* by section index */
	size_t n_sections;
	struct symtab tabs[4];
	unsigned n_tabs;
	const char **versions;		/* by version index */
	size_t n_versions;
	struct arena *arena;		/* names that had to be made */
	char *build_id;
	const char **needed;
	size_t n_needed;
	bool needed_known;
	int has_functions;		/* -1: not yet asked */
	bool hazard_known;
	const char *hazard;
	bool debug_symbols_known;	/* a debug file was looked for, and its symbols are among tabs */
	struct debuginfo *debug;
	struct golang *go;
	struct covering *covering;	/* functions with a size, by address, when many were asked for by theirs; or NULL */
	size_t n_covering;
	unsigned covering_tabs;		/* of so many tables */
	unsigned n_asked;		/* questions for the function at an address */
};

/* ---- opening ---- */

static int not_elf(const char **why, const char *text)
{
	if (why)
		*why = text;
	return -ENOEXEC;
}

/* What a file is that is no ELF file, by its first bytes. */
static const char *other_format(int fd)
{
	unsigned char magic[4] = { 0 };
	ssize_t n = fd < 0 ? 0 : pread(fd, magic, sizeof(magic), 0);

	if (n == 0)
		return "it is empty";
	if (n >= 2 && magic[0] == '#' && magic[1] == '!')
		return "it is a script: the program that runs is its interpreter";
	if (n >= 4 && memcmp(magic, ELFMAG, SELFMAG) == 0)
		return "its ELF header is broken or cut off";
	return "it is not an ELF file";
}

static bool read_program_headers(struct elf_file *e)
{
	size_t n;

	if (elf_getphdrnum(e->elf, &n) != 0 || n > e->size / 32)	/* 32: the smallest header */
		return false;
	for (size_t i = 0; i < n; i++)
		if (!gelf_getphdr(e->elf, (int)i, MEM_PUSH(e->ph, e->n_ph)))
			return false;
	return true;
}

static bool has_code(const struct elf_file *e)
{
	for (size_t i = 0; i < e->n_ph; i++)
		if (e->ph[i].p_type == PT_LOAD && e->ph[i].p_flags & PF_X && e->ph[i].p_filesz > 0)
			return true;
	return false;
}

static const char *check_kind(struct elf_file *e, bool want_code)
{
	if (elf_kind(e->elf) == ELF_K_AR)
		return "it is an archive of object files: no process maps it";
	if (elf_kind(e->elf) != ELF_K_ELF || !gelf_getehdr(e->elf, &e->eh))
		return other_format(e->fd);
	if (e->eh.e_type == ET_REL && !want_code)
		return NULL;		/* dwz makes such */
	if (e->eh.e_type == ET_REL)
		return "it is an object file that is not linked yet: no process maps it";
	if (e->eh.e_type == ET_CORE)
		return "it is a core dump";
	if (e->eh.e_type != ET_EXEC && e->eh.e_type != ET_DYN)
		return "it is neither a program nor a shared library";
	if (!read_program_headers(e))
		return "its program headers are broken or cut off";
	if (want_code && !has_code(e))
		return "it holds no code (perhaps only debug information)";
	return NULL;
}

static bool string_table(struct elf_file *e, size_t index, const char **strings, size_t *size);

static void read_sections(struct elf_file *e)
{
	const char *names = NULL;
	size_t n, names_index, names_size = 0;

	if (elf_getshdrnum(e->elf, &n) != 0 || n > e->size / 40)	/* 40: the smallest header */
		return;
	if (elf_getshdrstrndx(e->elf, &names_index) == 0)
		string_table(e, names_index, &names, &names_size);
	for (size_t i = 0; i < n; i++) {
		struct section *s = MEM_PUSH(e->sections, e->n_sections);
		GElf_Shdr sh;

		s->name = "";
		if (!gelf_getshdr(elf_getscn(e->elf, i), &sh))
			continue;
		*s = (struct section){ "", sh.sh_type, sh.sh_flags, sh.sh_addr, sh.sh_offset, sh.sh_size };
		if (sh.sh_name < names_size)
			s->name = names + sh.sh_name;
	}
}

static void read_symbol_tables(struct elf_file *e);

static struct elf_file *file_new(int fd, const char *path)
{
	struct elf_file *e = mem_alloc(sizeof(*e));

	elf_version(EV_CURRENT);
	e->fd = fd;
	e->path = mem_strdup(path);
	e->has_functions = -1;
	e->arena = arena_new();
	return e;
}

/* Reads what every caller wants, or closes e. */
static int finish_open(struct elf_file *e, bool want_code, struct elf_file **out, const char **why)
{
	const char *problem = e->elf ? check_kind(e, want_code) : other_format(e->fd);

	if (problem || !out) {
		elf_close(e);
		return problem ? not_elf(why, problem) : 0;
	}
	read_sections(e);
	read_symbol_tables(e);
	*out = e;
	return 0;
}

/* Mapped, for to copy the tables of a large file takes longer than to look through them. Texts of a file that somebody
 * overwrites meanwhile may lose their ends, and then the zeros behind the file's end in its last page are the end; where
 * that page is full, the file is copied. */
static void begin_reading(struct elf_file *e)
{
	bool map = e->size % (uint64_t)sysconf(_SC_PAGESIZE);
	size_t n;

	e->elf = elf_begin(e->fd, map ? ELF_C_READ_MMAP : ELF_C_READ, NULL);
	e->mapped = map && e->elf ? elf_rawfile(e->elf, &n) : NULL;
	if (e->mapped)
		os_guard_mapping(e->mapped, n);
}

static int open_fd(int fd, const char *path, bool want_code, struct elf_file **out, const char **why)
{
	struct elf_file *e;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return not_elf(why, S_ISDIR(st.st_mode) ? "it is a directory" : "it is not a regular file");
	}
	e = file_new(fd, path);
	e->stat = st;
	e->size = (uint64_t)st.st_size;
	begin_reading(e);
	return finish_open(e, want_code, out, why);
}

/* Who asks for the arguments and who puts the probes read the same file, and its debug information takes a tenth of a
 * second to open: a file that is open is shared. */
static struct elf_file *shared;

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static struct elf_file *find_open(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		for (struct elf_file *e = shared; e; e = e->next)
			if (is_unchanged(&e->stat, &st) && strcmp(e->path, path) == 0)
				return e;
	return NULL;
}

int elf_open(const char *path, struct elf_file **out, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;	/* a fifo must not hold us */
	struct elf_file *e;

	if (out)
		*out = NULL;
	if (fd < 0)
		return -errno;
	e = out ? find_open(fd, path) : NULL;
	if (e) {
		close(fd);
		e->users++;
		*out = e;
		return 0;
	}
	err = open_fd(fd, path, true, out, why);
	if (!err && out) {
		(*out)->users = 1;
		(*out)->next = shared;
		shared = *out;
	}
	return err;
}

int elf_open_debug(int fd, const char *path, struct elf_file **out, const char **why)
{
	*out = NULL;
	return open_fd(fd, path, false, out, why);
}

Elf_Scn *elf_next_section(Elf *elf, Elf_Scn *after, const char **name)
{
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	for (Elf_Scn *scn = elf_nextscn(elf, after); scn; scn = elf_nextscn(elf, scn)) {
		GElf_Shdr sh;

		*name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;
		if (*name)
			return scn;
	}
	return NULL;
}

const Elf_Data *elf_unpacked_section(Elf *elf, const char *name)
{
	const char *at;

	for (Elf_Scn *scn = elf_next_section(elf, NULL, &at); scn; scn = elf_next_section(elf, scn, &at))
		if (strcmp(at, name) == 0)
			return elf_getdata(scn, NULL);
	return NULL;
}

int elf_open_memory(void *image, size_t size, const char *path, struct elf_file **out, const char **why)
{
	struct elf_file *e = file_new(-1, path);

	*out = NULL;
	e->image = image;
	e->size = size;
	e->elf = elf_memory(image, size);
	return finish_open(e, false, out, why);
}

void elf_close(struct elf_file *e)
{
	if (!e || (e->users && --e->users))
		return;
	for (struct elf_file **at = &shared; *at; at = &(*at)->next)
		if (*at == e) {
			*at = e->next;
			break;
		}
	golang_free(e->go);
	debuginfo_free(e->debug);
	free(e->covering);
	if (e->mapped)
		os_unguard_mapping(e->mapped);
	elf_end(e->elf);
	if (e->fd >= 0)
		close(e->fd);
	arena_free(e->arena);
	free(e->path);
	free(e->image);
	free(e->ph);
	free(e->sections);
	free(e->versions);
	free(e->needed);
	free(e->build_id);
	free(e);
}

Elf *elf_handle(struct elf_file *e)
{
	return e->elf;
}

const char *elf_path(const struct elf_file *e)
{
	return e->path;
}

struct golang **elf_golang(struct elf_file *e)
{
	return &e->go;
}

struct debuginfo **elf_debuginfo(struct elf_file *e)
{
	return &e->debug;
}

int elf_fd(const struct elf_file *e)
{
	return e->fd;
}

const struct stat *elf_stat(const struct elf_file *e)
{
	return &e->stat;
}

uint64_t elf_entry(const struct elf_file *e)
{
	return e->eh.e_machine == EM_ARM ? e->eh.e_entry & ~1ull : e->eh.e_entry;
}

bool elf_is_fixed(const struct elf_file *e)
{
	return e->eh.e_type == ET_EXEC;
}

int elf_machine(const struct elf_file *e)
{
	return e->eh.e_machine;
}

unsigned elf_word(const struct elf_file *e)
{
	return e->eh.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
}

bool elf_is_big_endian(const struct elf_file *e)
{
	return e->eh.e_ident[EI_DATA] == ELFDATA2MSB;
}

/* One machine can have several sorts of programs: 32-bit ones with its number (x32, riscv32), of the other
 * byte order, and ppc64's old convention, in which a function's symbol is no code. */
const struct arch *elf_arch(const struct elf_file *e)
{
	const struct arch *a = arch_by_machine(e->eh.e_machine);

	return a && a->word == elf_word(e) && a->big_endian == elf_is_big_endian(e) ? a : NULL;
}

/* ---- addresses, offsets, bytes ---- */

/* The segment's bytes that are really in the file: a cut-off file has fewer than it says. */
static uint64_t bytes_in_file(const struct elf_file *e, const GElf_Phdr *ph)
{
	if (ph->p_offset >= e->size)
		return 0;
	return ph->p_filesz < e->size - ph->p_offset ? ph->p_filesz : e->size - ph->p_offset;
}

bool elf_is_cut_off(const struct elf_file *e)
{
	uint64_t headers = (uint64_t)e->eh.e_shnum * e->eh.e_shentsize;

	for (size_t i = 0; i < e->n_ph; i++)
		if (e->ph[i].p_type == PT_LOAD && bytes_in_file(e, &e->ph[i]) < e->ph[i].p_filesz)
			return true;
	return e->eh.e_shoff > e->size || headers > e->size - e->eh.e_shoff;
}

static const GElf_Phdr *segment_at(const struct elf_file *e, uint64_t address)
{
	for (size_t i = 0; i < e->n_ph; i++)
		if (e->ph[i].p_type == PT_LOAD && address >= e->ph[i].p_vaddr &&
		    address - e->ph[i].p_vaddr < bytes_in_file(e, &e->ph[i]))
			return &e->ph[i];
	return NULL;
}

static const struct section *section_at(const struct elf_file *e, uint64_t address)
{
	for (size_t i = 1; i < e->n_sections; i++) {
		const struct section *s = &e->sections[i];

		if (s->flags & SHF_ALLOC && !(s->flags & SHF_TLS) && address >= s->address &&
		    address - s->address < s->size)
			return s;
	}
	return NULL;
}

bool elf_place(struct elf_file *e, uint64_t address, struct elf_place *out)
{
	const GElf_Phdr *ph = segment_at(e, address);
	const struct section *s = section_at(e, address);

	if (!ph)
		return false;
	*out = (struct elf_place){
		.section = "", .segment_index = (size_t)(ph - e->ph),
		.segment_address = ph->p_vaddr, .segment_offset = ph->p_offset, .segment_size = ph->p_filesz,
		.segment_flags = { ph->p_flags & PF_R ? 'R' : ' ', ph->p_flags & PF_W ? 'W' : ' ',
				   ph->p_flags & PF_X ? 'E' : ' ' },
	};
	if (s) {
		out->section = s->name;
		out->section_index = (size_t)(s - e->sections);
		out->section_address = s->address;
		out->section_offset = s->offset;
		out->section_size = s->size;
	}
	return true;
}

bool elf_address_to_offset(struct elf_file *e, uint64_t address, uint64_t *offset, bool *executable)
{
	const GElf_Phdr *ph = segment_at(e, address);

	if (!ph)
		return false;
	*offset = address - ph->p_vaddr + ph->p_offset;
	*executable = ph->p_flags & PF_X;
	return true;
}

/* Segments may share bytes of the file (the page in which one ends and the next begins): prefer code. */
bool elf_offset_to_address(struct elf_file *e, uint64_t offset, uint64_t *address, bool *executable)
{
	const GElf_Phdr *best = NULL;

	for (size_t i = 0; i < e->n_ph; i++) {
		const GElf_Phdr *ph = &e->ph[i];

		if (ph->p_type == PT_LOAD && offset >= ph->p_offset &&
		    offset - ph->p_offset < bytes_in_file(e, ph) && (!best || ph->p_flags & PF_X))
			best = ph;
	}
	if (!best)
		return false;
	*address = offset - best->p_offset + best->p_vaddr;
	*executable = best->p_flags & PF_X;
	return true;
}

size_t elf_bytes(struct elf_file *e, uint64_t address, void *buf, size_t n)
{
	const GElf_Phdr *ph = segment_at(e, address);
	uint64_t within;
	ssize_t got;

	if (!ph)
		return 0;
	within = address - ph->p_vaddr;
	if (n > bytes_in_file(e, ph) - within)
		n = bytes_in_file(e, ph) - within;
	got = pread(e->fd, buf, n, (off_t)(ph->p_offset + within));
	return got < 0 ? 0 : (size_t)got;
}

bool elf_section(struct elf_file *e, const char *name, uint64_t *address, uint64_t *size)
{
	for (size_t i = 1; i < e->n_sections; i++)
		if (e->sections[i].flags & SHF_ALLOC && strcmp(e->sections[i].name, name) == 0) {
			*address = e->sections[i].address;
			*size = e->sections[i].size;
			return true;
		}
	return false;
}

static size_t section_index(const struct elf_file *e, const char *name)
{
	for (size_t i = 1; i < e->n_sections; i++)
		if (e->sections[i].type != SHT_NOBITS && strcmp(e->sections[i].name, name) == 0)
			return i;
	return 0;
}

bool elf_has_section(struct elf_file *e, const char *name)
{
	return section_index(e, name) != 0;
}

bool elf_section_data(struct elf_file *e, const char *name, const void **data, size_t *size)
{
	size_t i = section_index(e, name);
	Elf_Data *raw = i ? elf_rawdata(elf_getscn(e->elf, i), NULL) : NULL;

	if (!raw || !raw->d_buf)
		return false;
	*data = raw->d_buf;
	*size = raw->d_size;
	return true;
}

bool elf_eh_frame_hdr(struct elf_file *e, uint64_t *address, uint64_t *size)
{
	for (size_t i = 0; i < e->n_ph; i++)
		if (e->ph[i].p_type == PT_GNU_EH_FRAME) {
			*address = e->ph[i].p_vaddr;
			*size = e->ph[i].p_memsz;
			return true;
		}
	return false;
}

/* ---- symbol tables ---- */

/* Strings up to the last NUL: then every offset below the size is a terminated string. */
static bool set_strings(const Elf_Data *data, const char **strings, size_t *size)
{
	const char *last = data && data->d_buf ? memrchr(data->d_buf, '\0', data->d_size) : NULL;

	if (!last)
		return false;
	*strings = data->d_buf;
	*size = (size_t)(last - *strings) + 1;
	return true;
}

/* Where no half of MAX_NAME goes by without a NUL, no string is as long. Few bytes are looked at. */
static bool may_have_long_name(const char *strings, size_t size)
{
	enum { HALF = MAX_NAME / 2 };

	for (size_t at = 0; size - at >= HALF; at += HALF)
		if (!memchr(strings + at, '\0', HALF))
			return true;
	return false;
}

static bool string_table(struct elf_file *e, size_t index, const char **strings, size_t *size)
{
	Elf_Scn *scn = elf_getscn(e->elf, index);
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh) || sh.sh_type != SHT_STRTAB)
		return false;
	return set_strings(elf_getdata(scn, NULL), strings, size);
}

static const char *tab_string(const struct symtab *t, size_t offset)
{
	return offset < t->strings_size ? t->strings + offset : "";
}

static struct symtab *dynsym(struct elf_file *e)
{
	for (unsigned i = 0; i < e->n_tabs; i++)
		if (e->tabs[i].dynsym)
			return &e->tabs[i];
	return NULL;
}

static void add_symbol_table(struct elf_file *e, Elf_Scn *scn, const GElf_Shdr *sh)
{
	struct symtab t = { .file = e, .dynsym = sh->sh_type == SHT_DYNSYM, .wide = elf_word(e) == 8 };

	if (e->n_tabs == ARRAY_LEN(e->tabs))
		return;
	t.syms = elf_getdata(scn, NULL);
	if (!t.syms || !t.syms->d_buf || t.syms->d_type != ELF_T_SYM)
		return;
	if (!string_table(e, sh->sh_link, &t.strings, &t.strings_size))
		return;
	t.n = t.syms->d_size / gelf_fsize(e->elf, ELF_T_SYM, 1, EV_CURRENT);
	t.long_names = may_have_long_name(t.strings, t.strings_size);
	e->tabs[e->n_tabs++] = t;
}

static void set_version(struct elf_file *e, unsigned index, const char *name)
{
	index %= MAX_VERSIONS;
	while (e->n_versions <= index)
		*MEM_PUSH(e->versions, e->n_versions) = NULL;
	e->versions[index] = name;
}

/* .gnu.version_d: versions that this file defines. The links between entries only lead forward, so that
 * a cycle cannot hold us. */
static void read_verdef(struct elf_file *e, Elf_Data *data, const struct symtab *t)
{
	GElf_Verdaux aux;
	GElf_Verdef def;

	for (size_t at = 0; gelf_getverdef(data, (int)at, &def); at += def.vd_next) {
		/* index 1 is the file's own name, not a version */
		if (def.vd_ndx > 1 && gelf_getverdaux(data, (int)(at + def.vd_aux), &aux))
			set_version(e, def.vd_ndx, tab_string(t, aux.vda_name));
		if (def.vd_next == 0 || def.vd_next > data->d_size - at)
			return;
	}
}

/* .gnu.version_r: versions of imports. Chains may overlap in a hostile file: there are no more entries in
 * all than a version number can count. */
static void read_verneed(struct elf_file *e, Elf_Data *data, const struct symtab *t)
{
	unsigned left = MAX_VERSIONS;
	GElf_Verneed need;
	GElf_Vernaux aux;

	for (size_t at = 0; gelf_getverneed(data, (int)at, &need); at += need.vn_next) {
		size_t aux_at = at + need.vn_aux;

		while (aux_at < data->d_size && left-- > 0 && gelf_getvernaux(data, (int)aux_at, &aux)) {
			set_version(e, aux.vna_other, tab_string(t, aux.vna_name));
			if (aux.vna_next == 0)
				break;
			aux_at += aux.vna_next;
		}
		if (left > MAX_VERSIONS || need.vn_next == 0 || need.vn_next > data->d_size - at)
			return;
	}
}

static void read_version_section(struct elf_file *e, Elf_Scn *scn, uint64_t type)
{
	struct symtab *t = dynsym(e);
	Elf_Data *data = elf_getdata(scn, NULL);

	if (!t || !data || !data->d_buf || data->d_size > INT32_MAX)
		return;
	if (type == SHT_GNU_versym && data->d_type == ELF_T_HALF)
		t->versym = data;
	else if (type == SHT_GNU_verdef && data->d_type == ELF_T_VDEF)
		read_verdef(e, data, t);
	else if (type == SHT_GNU_verneed && data->d_type == ELF_T_VNEED)
		read_verneed(e, data, t);
}

/* ---- PT_DYNAMIC: what the dynamic linker reads ---- */

static Elf_Data *chunk_at(struct elf_file *e, uint64_t address, uint64_t size, Elf_Type type)
{
	uint64_t offset;
	bool executable;

	if (!elf_address_to_offset(e, address, &offset, &executable) || size > e->size - offset)
		return NULL;
	return elf_getdata_rawchunk(e->elf, (int64_t)offset, size, type);
}

static Elf_Data *dynamic_entries(struct elf_file *e)
{
	for (size_t i = 0; i < e->n_ph; i++)
		if (e->ph[i].p_type == PT_DYNAMIC && bytes_in_file(e, &e->ph[i]) == e->ph[i].p_filesz)
			return elf_getdata_rawchunk(e->elf, (int64_t)e->ph[i].p_offset, e->ph[i].p_filesz,
						    ELF_T_DYN);
	return NULL;
}

static bool dynamic_value(struct elf_file *e, int64_t tag, uint64_t *value)
{
	Elf_Data *data = dynamic_entries(e);
	GElf_Dyn dyn;

	for (int i = 0; data && gelf_getdyn(data, i, &dyn) && dyn.d_tag != DT_NULL; i++)
		if (dyn.d_tag == tag) {
			*value = dyn.d_un.d_val;
			return true;
		}
	return false;
}

static bool dynamic_strings(struct elf_file *e, const char **strings, size_t *size)
{
	uint64_t address, bytes;

	return dynamic_value(e, DT_STRTAB, &address) && dynamic_value(e, DT_STRSZ, &bytes) &&
	       set_strings(chunk_at(e, address, bytes, ELF_T_BYTE), strings, size);
}

static bool word_at(struct elf_file *e, uint64_t address, uint32_t *word)
{
	Elf_Data in = { .d_type = ELF_T_WORD, .d_size = 4, .d_version = EV_CURRENT }, out = in;
	unsigned char raw[4];

	in.d_buf = raw;
	out.d_buf = word;
	return elf_bytes(e, address, raw, 4) == 4 && gelf_xlatetom(e->elf, &out, &in, e->eh.e_ident[EI_DATA]);
}

/* How many dynamic symbols there are is written nowhere: DT_HASH has a chain entry for each; with
 * DT_GNU_HASH the last one is the end of the chain that begins last. */
static uint32_t dynamic_symbol_count(struct elf_file *e)
{
	bool wide_hash = e->eh.e_machine == EM_S390 && elf_word(e) == 8;	/* words of 8 bytes, big-endian */
	uint32_t n_buckets, first, bloom, count = 0, word;
	uint64_t hash, chains;

	if (dynamic_value(e, DT_HASH, &hash) && word_at(e, hash + (wide_hash ? 12 : 4), &count))
		return count;
	if (!dynamic_value(e, DT_GNU_HASH, &hash) || !word_at(e, hash, &n_buckets) ||
	    !word_at(e, hash + 4, &first) || !word_at(e, hash + 8, &bloom))
		return 0;
	hash += 16 + (uint64_t)bloom * (e->eh.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4);
	chains = hash + 4ull * n_buckets;
	for (uint32_t i = 0; i < n_buckets && word_at(e, hash + 4ull * i, &word); i++)
		if (word > count)
			count = word;
	if (count < first)
		return first;
	while (word_at(e, chains + 4ull * (count - first), &word) && !(word & 1))
		count++;
	return count + 1;
}

static void add_dynamic_symbols(struct elf_file *e)
{
	size_t one = gelf_fsize(e->elf, ELF_T_SYM, 1, EV_CURRENT);
	struct symtab t = { .file = e, .dynsym = true, .wide = elf_word(e) == 8 };
	uint64_t address;

	if (e->n_tabs == ARRAY_LEN(e->tabs) || !dynamic_value(e, DT_SYMTAB, &address))
		return;
	t.n = dynamic_symbol_count(e);
	if (t.n == 0 || t.n > e->size / one || !dynamic_strings(e, &t.strings, &t.strings_size))
		return;
	t.long_names = may_have_long_name(t.strings, t.strings_size);
	t.syms = chunk_at(e, address, t.n * one, ELF_T_SYM);
	if (!t.syms || !t.syms->d_buf)
		return;
	if (dynamic_value(e, DT_VERSYM, &address))
		t.versym = chunk_at(e, address, t.n * 2, ELF_T_HALF);
	e->tabs[e->n_tabs++] = t;
	/* how long the definitions are is not said: at most as long as the segment goes on */
	if (dynamic_value(e, DT_VERDEF, &address) && segment_at(e, address)) {
		const GElf_Phdr *ph = segment_at(e, address);
		Elf_Data *data =
			chunk_at(e, address, ph->p_vaddr + bytes_in_file(e, ph) - address, ELF_T_VDEF);

		if (data && data->d_size <= INT32_MAX)
			read_verdef(e, data, &t);
	}
}

static void read_symbol_tables(struct elf_file *e)
{
	static const uint64_t tables[] = { SHT_SYMTAB, SHT_DYNSYM };
	static const uint64_t versions[] = { SHT_GNU_versym, SHT_GNU_verdef, SHT_GNU_verneed };
	GElf_Shdr sh;

	for (size_t k = 0; k < ARRAY_LEN(tables); k++)
		for (size_t i = 1; i < e->n_sections; i++)
			if (e->sections[i].type == tables[k] &&
			    gelf_getshdr(elf_getscn(e->elf, i), &sh))
				add_symbol_table(e, elf_getscn(e->elf, i), &sh);
	for (size_t k = 0; k < ARRAY_LEN(versions); k++)
		for (size_t i = 1; i < e->n_sections; i++)
			if (e->sections[i].type == versions[k])
				read_version_section(e, elf_getscn(e->elf, i), versions[k]);
	if (!dynsym(e))
		add_dynamic_symbols(e);
}

/* ---- one symbol ---- */

static bool in_code(struct elf_file *e, const GElf_Sym *sym)
{
	uint64_t offset;
	bool executable;

	if (sym->st_shndx < e->n_sections && sym->st_shndx < SHN_LORESERVE)
		return e->sections[sym->st_shndx].flags & SHF_EXECINSTR;
	return sym->st_shndx != SHN_ABS && elf_address_to_offset(e, sym->st_value, &offset, &executable) &&
	       executable;
}

/* $x, $d and the like tell code from data to disassemblers for ARM and RISC-V; they name nothing. Nor do the
 * labels of compilers (.L12, L0^A), which stay in the files of machines whose linker moves code. */
static bool is_mapping_symbol(const struct elf_file *e, const char *name)
{
	if (e->eh.e_machine == EM_RISCV || e->eh.e_machine == EM_LOONGARCH)
		if (str_starts(name, ".L") || str_starts(name, "L0\001"))
			return true;
	return (e->eh.e_machine == EM_AARCH64 || e->eh.e_machine == EM_ARM || e->eh.e_machine == EM_RISCV) &&
	       name[0] == '$' && name[1] && strchr("xdat", name[1]) && (!name[2] || name[2] == '.' ||
									 name[1] == 'x');
}

/* What some machines hide in a function's entry. */
static void read_machine_bits(const struct elf_file *e, const GElf_Sym *sym, struct symbol *out)
{
	if (e->eh.e_machine == EM_ARM) {
		out->thumb = out->address & 1;
		out->address &= ~1ull;
	} else if (e->eh.e_machine == EM_PPC64) {
		out->entry = PPC64_LOCAL_ENTRY_OFFSET(sym->st_other);
	}
}

/* 64-bit files have libelf's own form: of 100,000 symbols only the copy is left to do. */
static bool table_entry(const struct symtab *t, size_t i, GElf_Sym *out)
{
	if (!t->wide)
		return gelf_getsym(t->syms, (int)i, out);
	memcpy(out, (const Elf64_Sym *)t->syms->d_buf + i, sizeof(*out));
	return true;
}

/* What a caller looks for. Most symbols are passed over by a glance at what stands in the table. */
struct sought {
	const char *begin;		/* a name that begins so; NULL: any */
	size_t begin_length;
	uint64_t covering;		/* a symbol that may cover this address; 0: any */
};

/* No more than a glance: arm has a bit in the address that is not part of it. */
static bool is_sought(const struct sought *w, const char *name, uint64_t address, uint64_t size)
{
	address &= ~1ull;
	if (w->covering && (address > w->covering || (size && w->covering - address > size)))
		return false;
	return !w->begin || strncmp(name, w->begin, w->begin_length) == 0;
}

/* Fills *out; false for what is not sought, or no symbol in the sense of this room. The name still has its version. */
static bool read_symbol(struct elf_file *e, const struct symtab *t, size_t i, const struct sought *sought,
			struct symbol *out)
{
	unsigned type;
	GElf_Sym sym;

	if (t->made) {
		*out = t->made[i];
		return is_sought(sought, out->name, out->address, out->size);
	}
	if (!table_entry(t, i, &sym) || !is_sought(sought, tab_string(t, sym.st_name), sym.st_value, sym.st_size))
		return false;
	type = GELF_ST_TYPE(sym.st_info);
	*out = (struct symbol){
		.name = tab_string(t, sym.st_name), .dynsym = t->dynsym, .index = i, .default_version = true,
		.from = t->file == e ? NULL : t->file->path,
		.local = GELF_ST_BIND(sym.st_info) == STB_LOCAL,
		.address = sym.st_value, .size = sym.st_size,
	};
	if (!out->name[0] || type == STT_SECTION || type == STT_FILE || type == STT_TLS ||
	    sym.st_shndx == SHN_COMMON || is_mapping_symbol(e, out->name) ||
	    (t->long_names && strnlen(out->name, MAX_NAME) == MAX_NAME))
		return false;
	if (sym.st_shndx == SHN_UNDEF)
		out->kind = SYMBOL_IMPORT;
	else if (type == STT_GNU_IFUNC)
		out->kind = SYMBOL_IFUNC;
	else if (type == STT_FUNC || (type == STT_NOTYPE && in_code(t->file, &sym)))
		out->kind = SYMBOL_FUNC;
	else
		out->kind = SYMBOL_DATA;
	if (out->kind == SYMBOL_FUNC)
		read_machine_bits(e, &sym, out);
	return true;
}

/* Takes the version from .gnu.version, or from the name ("f@@VER": .symtab, by the linker). */
static void add_version(struct elf_file *e, const struct symtab *t, size_t i, struct symbol *s)
{
	const char *at = t->dynsym || t->made ? NULL : strchr(s->name, '@');
	GElf_Versym v;

	if (at && at != s->name) {
		s->name = arena_strndup(e->arena, s->name, (size_t)(at - s->name));
		s->default_version = at[1] == '@';
		s->version = at + (s->default_version ? 2 : 1);
	} else if (t->versym && gelf_getversym(t->versym, (int)i, &v)) {
		s->version = (v & 0x7fff) < e->n_versions ? e->versions[v & 0x7fff] : NULL;
		s->default_version = !(v & 0x8000);
	}
}

/* Is it that name, with or without a version behind it? */
static bool is_named(const char *name, const char *plain)
{
	size_t n = strlen(plain);

	return strncmp(name, plain, n) == 0 && (name[n] == '\0' || name[n] == '@');
}

static bool is_code(const struct symbol *s)
{
	return s->kind == SYMBOL_FUNC || s->kind == SYMBOL_IFUNC;
}

/* for (every symbol s of e that is sought): the body must not `break`. */
#define EACH_SOUGHT(e, sought, t, i, s) \
	for (const struct symtab *t = (e)->tabs; t < (e)->tabs + (e)->n_tabs; t++) \
		for (size_t i = 1; i < t->n; i++) \
			if (read_symbol((e), t, i, (sought), &(s)))
#define EACH_SYMBOL(e, t, i, s) EACH_SOUGHT(e, &(struct sought){ 0 }, t, i, s)

/* ---- symbols of a debug file ---- */

static bool has_symtab(const struct elf_file *e)
{
	for (unsigned i = 0; i < e->n_tabs; i++)
		if (!e->tabs[i].dynsym)
			return true;
	return false;
}

void elf_adopt_symbols(struct elf_file *e, struct elf_file *from)
{
	for (unsigned i = 0; i < from->n_tabs && e->n_tabs < ARRAY_LEN(e->tabs); i++)
		if (!from->tabs[i].dynsym)
			e->tabs[e->n_tabs++] = from->tabs[i];
}

static void add_go_functions(struct elf_file *e)
{
	struct symtab t = { .file = e };

	if (!elf_is_go(e) || e->n_tabs == ARRAY_LEN(e->tabs))
		return;
	t.n = golang_functions(e, &t.made);
	if (t.n)
		e->tabs[e->n_tabs++] = t;
}

/* A stripped file: whoever wants more names than it has itself gets those of its debug file too. True when
 * there are more now. */
static bool add_debug_symbols(struct elf_file *e)
{
	unsigned before = e->n_tabs;

	if (!e->debug_symbols_known && !has_symtab(e))
		debuginfo_add_symbols(e);
	if (!e->debug_symbols_known && !has_symtab(e))
		add_go_functions(e);
	e->debug_symbols_known = true;
	return e->n_tabs > before;
}

int elf_symbols_from(struct elf_file *e, const char *begin, bool (*fn)(void *ctx, const struct symbol *s), void *ctx)
{
	const struct sought sought = { .begin = begin, .begin_length = begin ? strlen(begin) : 0 };
	struct symbol s;

	add_debug_symbols(e);
	EACH_SOUGHT(e, &sought, t, i, s) {
		add_version(e, t, i, &s);
		if (!fn(ctx, &s))
			return 0;
	}
	return 0;
}

int elf_symbols(struct elf_file *e, bool (*fn)(void *ctx, const struct symbol *s), void *ctx)
{
	return elf_symbols_from(e, NULL, fn, ctx);
}

const char *elf_keep_name(struct elf_file *e, const char *name)
{
	return arena_strdup(e->arena, name);
}

size_t elf_table_size(const struct elf_file *e, bool is_dynsym)
{
	for (unsigned i = 0; i < e->n_tabs; i++)
		if (e->tabs[i].dynsym == is_dynsym && e->tabs[i].file == e)
			return e->tabs[i].n;
	return 0;
}

bool elf_has_functions(struct elf_file *e)
{
	struct symbol s;

	if (e->has_functions >= 0)
		return e->has_functions;
	e->has_functions = 0;
	do {
		EACH_SYMBOL(e, t, i, s)
			if (is_code(&s)) {
				e->has_functions = 1;
				return true;
			}
	} while (add_debug_symbols(e));
	return false;
}

/* ---- sizes that the table does not tell ---- */

/* Where the section (or at least the segment) of an address ends. */
static uint64_t region_end(struct elf_file *e, uint64_t address)
{
	const GElf_Phdr *ph = segment_at(e, address);
	const struct section *s = section_at(e, address);

	if (s)
		return s->address + s->size;
	return ph ? ph->p_vaddr + bytes_in_file(e, ph) : address;
}

/* The last of the n symbols, sorted by address, that lies before the address; NULL when none does. */
static struct symbol *last_before(struct symbol *v, size_t n, uint64_t address)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &v[low - 1] : NULL;
}

/* Replaces sizes of 0: a function goes on to the next symbol or to the end of its section. One pass over
 * all symbols, however many of v want a size. v is sorted by address. */
static void guess_sizes(struct elf_file *e, struct symbol *v, size_t n)
{
	bool any = false;
	struct symbol s;

	for (size_t i = 0; i < n; i++)
		if (v[i].size == 0 && v[i].kind != SYMBOL_IMPORT) {
			v[i].guessed = any = true;
			v[i].size = region_end(e, v[i].address) - v[i].address;
		}
	if (!any)
		return;
	EACH_SYMBOL(e, t, i, s) {
		struct symbol *before = s.kind == SYMBOL_IMPORT ? NULL : last_before(v, n, s.address);

		if (before && before->guessed && s.address - before->address < before->size)
			before->size = s.address - before->address;
	}
}

/* ---- finding by name ---- */

/* A pattern taken apart: NAME, NAME@VERSION, NAME@@VERSION. */
struct wanted {
	char *name;
	const char *version;		/* NULL: not given */
	bool default_only;		/* @@ */
	bool glob;
	bool escaped;			/* no glob, but has backslashes to remove */
};

static void wanted_parse(struct wanted *w, const char *pattern)
{
	char *at;

	*w = (struct wanted){ .name = mem_strdup(pattern) };
	at = strchr(w->name, '@');
	if (at && at != w->name) {
		w->default_only = at[1] == '@';
		w->version = at + 1 + w->default_only;
		*at = '\0';
	}
	w->glob = str_is_glob(w->name);
	w->escaped = !w->glob && strchr(w->name, '\\');
}

/* The name is as it stands in the table: in .symtab with its version. */
static bool name_matches(const struct wanted *w, const char *name)
{
	size_t n;

	if (!w->glob && !w->escaped)
		return w->name[0] && is_named(name, w->name);
	n = strcspn(name, "@");
	if (name[n] == '\0')
		return str_glob(w->name, name);
	_cleanup_(mem_free_ptr) char *plain = strndup(name, n);
	return plain && str_glob(w->name, plain);
}

static bool version_matches(const struct wanted *w, const struct symbol *s)
{
	if (!w->version)
		return true;
	return s->version && strcmp(s->version, w->version) == 0 && (!w->default_only || s->default_version);
}

static int by_address(const void *va, const void *vb)
{
	const struct symbol *a = va, *b = vb;

	return a->address < b->address ? -1 : a->address > b->address;
}

/* By address (imports have none: by name); among those at one address the best name for it first. */
static int by_address_then_merit(const void *va, const void *vb)
{
	const struct symbol *a = va, *b = vb;
	size_t la = strlen(a->name), lb = strlen(b->name);
	int order = by_address(a, b);

	if (order == 0 && a->kind == SYMBOL_IMPORT && b->kind == SYMBOL_IMPORT)
		order = strcmp(a->name, b->name);
	if (order == 0)
		order = a->local - b->local;
	if (order == 0)
		order = (la > lb) - (la < lb);
	if (order == 0)
		order = strcmp(a->name, b->name);
	if (order == 0)
		order = !a->version - !b->version;
	if (order == 0)
		order = b->default_version - a->default_version;
	if (order == 0)
		order = (a->size == 0) - (b->size == 0);
	return order ? order : a->dynsym - b->dynsym;
}

static bool same_place(const struct symbol *a, const struct symbol *b)
{
	return a->address == b->address &&
	       (a->kind != SYMBOL_IMPORT || b->kind != SYMBOL_IMPORT || strcmp(a->name, b->name) == 0);
}

static bool is_defined(const struct symbol *s)
{
	return s->kind != SYMBOL_IMPORT;
}

static bool is_default(const struct symbol *s)
{
	return s->default_version;
}

/* When some satisfy the test, drops those that do not. */
static size_t prefer(struct symbol *v, size_t n, bool (*test)(const struct symbol *s))
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (test(&v[i]))
			v[kept++] = v[i];
	return kept ? kept : n;
}

static size_t fold_aliases(struct symbol *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !same_place(&v[kept - 1], &v[i]))
			v[kept++] = v[i];
		else if (v[kept - 1].size == 0)
			v[kept - 1].size = v[i].size;
	return kept;
}

static struct symbol *matches(struct elf_file *e, const struct wanted *w, size_t *n)
{
	const struct sought sought = { .begin = w->glob || w->escaped ? NULL : w->name, .begin_length = strlen(w->name) };
	struct symbol *v = NULL, s;

	*n = 0;
	EACH_SOUGHT(e, &sought, t, i, s) {
		if ((w->glob && !is_code(&s)) || !name_matches(w, s.name))
			continue;
		add_version(e, t, i, &s);
		if (version_matches(w, &s))
			*MEM_PUSH(v, *n) = s;
	}
	return v;
}

static bool any_defined(const struct symbol *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_defined(&v[i]))
			return true;
	return false;
}

size_t elf_settle(struct elf_file *e, struct symbol *v, size_t n, bool glob, bool versioned)
{
	if (!glob) {
		n = prefer(v, n, is_defined);
		n = prefer(v, n, is_code);
		if (!versioned)
			n = prefer(v, n, is_default);
	}
	if (n)
		qsort(v, n, sizeof(*v), by_address_then_merit);
	n = fold_aliases(v, n);
	guess_sizes(e, v, n);
	return n;
}

int elf_find(struct elf_file *e, const char *pattern, struct symbol **out)
{
	struct symbol *v;
	struct wanted w;
	size_t n;

	wanted_parse(&w, pattern);
	if (w.glob)
		add_debug_symbols(e);
	v = matches(e, &w, &n);
	if (!any_defined(v, n) && add_debug_symbols(e)) {
		free(v);
		v = matches(e, &w, &n);
	}
	n = elf_settle(e, v, n, w.glob, w.version);
	free(w.name);
	*out = v;
	return (int)n;
}

/* ---- finding by address ---- */

/* Of two functions that cover an address: the one that starts nearest, then a global one. */
static bool better_cover(const struct symbol *a, const struct symbol *b)
{
	if (!b->name)
		return true;
	if (a->address != b->address)
		return a->address > b->address;
	return b->local && !a->local;
}

/* What an index by address knows of a function. */
struct covering {
	uint64_t begin, end;
	uint64_t reach;			/* the largest end until here: before it nothing covers what is beyond */
	unsigned table;
	size_t index;
};

/* Of several that begin at one address, those that come first in the tables last. */
static int by_begin(const void *va, const void *vb)
{
	const struct covering *a = va, *b = vb;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	if (a->table != b->table)
		return a->table > b->table ? -1 : 1;
	return a->index > b->index ? -1 : a->index < b->index;
}

static void index_functions(struct elf_file *e)
{
	struct symbol s;

	free(e->covering);
	e->covering = NULL;
	e->n_covering = 0;
	e->covering_tabs = e->n_tabs;
	EACH_SYMBOL(e, t, i, s) {
		if (is_code(&s) && s.size && s.address + s.size > s.address)
			*MEM_PUSH(e->covering, e->n_covering) = (struct covering){
				s.address, s.address + s.size, 0, (unsigned)(t - e->tabs), i };
	}
	if (e->n_covering)
		qsort(e->covering, e->n_covering, sizeof(*e->covering), by_begin);
	for (size_t i = 0; i < e->n_covering; i++) {
		struct covering *c = &e->covering[i];

		c->reach = i && c[-1].reach > c->end ? c[-1].reach : c->end;
	}
}

/* The same as function_at(), for functions that have a size. */
static bool indexed_function_at(struct elf_file *e, uint64_t address, struct symbol *out)
{
	size_t low = 0, high;
	struct symbol s;

	if (!e->covering || e->covering_tabs != e->n_tabs)
		index_functions(e);
	for (high = e->n_covering; low < high;) {
		size_t middle = (low + high) / 2;

		if (e->covering[middle].begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	out->name = NULL;
	for (; low-- > 0 && e->covering[low].reach > address && (!out->name || e->covering[low].begin == out->address);) {
		const struct covering *c = &e->covering[low];
		const struct symtab *t = &e->tabs[c->table];

		if (c->end <= address || !read_symbol(e, t, c->index, &(struct sought){ 0 }, &s) || !better_cover(&s, out))
			continue;
		add_version(e, t, c->index, &s);
		*out = s;
	}
	return out->name != NULL;
}

static bool function_at(struct elf_file *e, uint64_t address, struct symbol *out)
{
	struct symbol sized = { 0 }, unsized = { 0 }, s;
	const struct sought sought = { .covering = address };

	if (e->n_asked++ >= FEW && indexed_function_at(e, address, out))
		return true;
	EACH_SOUGHT(e, &sought, t, i, s) {
		if (!is_code(&s) || s.address > address || (s.size && address - s.address >= s.size) ||
		    !better_cover(&s, s.size ? &sized : &unsized))
			continue;
		add_version(e, t, i, &s);
		*(s.size ? &sized : &unsized) = s;
	}
	if (!sized.name && unsized.name) {
		guess_sizes(e, &unsized, 1);
		if (address - unsized.address < unsized.size)
			sized = unsized;
	}
	if (!sized.name)
		return false;
	*out = sized;
	return true;
}

bool elf_function_at(struct elf_file *e, uint64_t address, struct symbol *out)
{
	return function_at(e, address, out) || (add_debug_symbols(e) && function_at(e, address, out));
}

/* ---- notes ---- */

/* The description of the note (owner, type) anywhere in the data; NULL when there is none. (Go pads its
 * owner's name, others do not.) */
static const unsigned char *note_in(Elf_Data *data, const char *owner, unsigned type, size_t *size)
{
	size_t at = 0, next, name, desc, owner_size = strlen(owner) + 1;
	GElf_Nhdr nh;

	while (data && data->d_buf && (next = gelf_getnote(data, at, &nh, &name, &desc)) > 0) {
		if (nh.n_type == type && nh.n_namesz >= owner_size && name + owner_size <= data->d_size &&
		    memcmp((char *)data->d_buf + name, owner, owner_size) == 0 &&
		    nh.n_descsz <= data->d_size - desc) {
			*size = nh.n_descsz;
			return (unsigned char *)data->d_buf + desc;
		}
		at = next;
	}
	return NULL;
}

static const unsigned char *find_note(struct elf_file *e, const char *owner, unsigned type, size_t *size)
{
	const unsigned char *desc = NULL;

	for (size_t i = 0; i < e->n_ph && !desc; i++) {
		const GElf_Phdr *ph = &e->ph[i];

		if (ph->p_type == PT_NOTE && ph->p_filesz && bytes_in_file(e, ph) == ph->p_filesz)
			desc = note_in(elf_getdata_rawchunk(e->elf, (int64_t)ph->p_offset, ph->p_filesz,
							    ph->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR),
				       owner, type, size);
	}
	for (size_t i = 1; i < e->n_sections && !desc; i++)
		if (e->sections[i].type == SHT_NOTE)
			desc = note_in(elf_getdata(elf_getscn(e->elf, i), NULL), owner, type, size);
	return desc;
}

/* Every note of the data, while fn wants more. False when it is broken before its end. */
static bool each_note(Elf_Data *data, bool (*fn)(void *ctx, const struct elf_note *n), void *ctx)
{
	size_t at = 0, next, name, desc;
	GElf_Nhdr nh;

	while (at < data->d_size && (next = gelf_getnote(data, at, &nh, &name, &desc)) > 0) {
		const char *bytes = data->d_buf;
		struct elf_note n = { bytes + name, nh.n_namesz, nh.n_type, (const unsigned char *)bytes + desc,
				      nh.n_descsz };

		if (name > data->d_size || n.owner_size > data->d_size - name || desc > data->d_size ||
		    n.size > data->d_size - desc)
			return false;
		if (!fn(ctx, &n))
			return true;
		at = next;
	}
	return at >= data->d_size;
}

int elf_notes(struct elf_file *e, const char *section, bool (*fn)(void *ctx, const struct elf_note *n), void *ctx)
{
	bool whole = true;
	int n = 0;

	for (size_t i = 1; i < e->n_sections; i++) {
		Elf_Data *data;

		if (e->sections[i].type != SHT_NOTE || strcmp(e->sections[i].name, section) != 0)
			continue;
		data = elf_getdata(elf_getscn(e->elf, i), NULL);
		whole &= data && (data->d_size == 0 || (data->d_buf && each_note(data, fn, ctx)));
		n++;
	}
	return whole ? n : -EBADMSG;
}

const char *elf_build_id(struct elf_file *e)
{
	_cleanup_(str_release) struct str hex = STR_INIT;
	const unsigned char *id;
	size_t n = 0;

	if (e->build_id)
		return e->build_id;
	id = find_note(e, "GNU", NT_GNU_BUILD_ID, &n);
	for (size_t i = 0; id && i < n && i < 64; i++)
		str_addf(&hex, "%02x", id[i]);
	return e->build_id = mem_strdup(hex.s ? hex.s : "");
}

/* ---- what the dynamic linker fills ---- */

void elf_each_relocation(struct elf_file *e, bool (*fn)(void *ctx, const struct elf_relocation *r), void *ctx)
{
	const struct symtab *t = dynsym(e);

	for (size_t i = 1; i < e->n_sections; i++) {
		bool loaded = e->sections[i].type == SHT_RELA && e->sections[i].flags & SHF_ALLOC;
		Elf_Data *data = loaded ? elf_getdata(elf_getscn(e->elf, i), NULL) : NULL;
		GElf_Rela rela;
		GElf_Sym sym;

		for (int k = 0; data && data->d_type == ELF_T_RELA && gelf_getrela(data, k, &rela); k++) {
			size_t index = GELF_R_SYM(rela.r_info);
			struct elf_relocation r = { rela.r_offset, (unsigned)GELF_R_TYPE(rela.r_info), "",
						    (uint64_t)rela.r_addend };

			if (index && t && index < t->n && gelf_getsym(t->syms, (int)index, &sym))
				r.symbol = tab_string(t, sym.st_name);
			if (!fn(ctx, &r))
				return;
		}
	}
}

struct got_search {
	uint64_t got, size;		/* of the section */
	const char *symbol;
	uint64_t value, slot;
	bool found;
};

/* Will the relocation put that symbol's address into the section? */
static bool is_slot(void *ctx, const struct elf_relocation *r)
{
	struct got_search *s = ctx;

	s->found = r->offset - s->got < s->size &&
		   (r->type == R_X86_64_RELATIVE ? s->value && r->addend == s->value
						 : r->type == R_X86_64_GLOB_DAT && is_named(r->symbol, s->symbol));
	s->slot = r->offset;
	return !s->found;
}

/* Only what is in .got: the program may change its own variables. */
bool elf_got_slot(struct elf_file *e, const char *symbol, uint64_t value, uint64_t *slot)
{
	struct got_search s = { .symbol = symbol, .value = value };

	if (e->eh.e_machine != EM_X86_64 || !elf_section(e, ".got", &s.got, &s.size))
		return false;
	elf_each_relocation(e, is_slot, &s);
	*slot = s.slot;
	return s.found;
}

/* ---- libraries ---- */

const char *elf_needed(struct elf_file *e, unsigned n)
{
	Elf_Data *data = e->needed_known ? NULL : dynamic_entries(e);
	const char *strings;
	size_t size;
	GElf_Dyn dyn;

	if (data && dynamic_strings(e, &strings, &size))
		for (int i = 0; gelf_getdyn(data, i, &dyn) && dyn.d_tag != DT_NULL; i++)
			if (dyn.d_tag == DT_NEEDED && dyn.d_un.d_val < size)
				*MEM_PUSH(e->needed, e->n_needed) = strings + dyn.d_un.d_val;
	e->needed_known = true;
	return n < e->n_needed ? e->needed[n] : NULL;
}

/* ---- may a return probe be put here? ----
 *
 * The kernel's return probe overwrites the return address on the stack by one of its own. Whoever walks the
 * stack meets that address and does not know it: Go's runtime, when it moves a stack, and every unwinder,
 * when an exception passes through the frame. Both then end the program. So the question is whether code of
 * this file can throw, catch, or be moved. C code does not, though it may carry cleanups for pthread_cancel
 * (.gcc_except_table, __gcc_personality_v0, and then _Unwind_Resume to go on): those survive.
 */

#define GO_HAZARD "it is a Go program: its runtime moves stacks, and ends the program when it meets the " \
	"return address that a return probe leaves there"
#define THROW_HAZARD "ends the program at the return address that a return probe leaves on the stack"

static const char *const go_sections[] = {
	".go.buildinfo", ".gopclntab", ".data.rel.ro.gopclntab", ".note.go.buildid",
};

/* Names, defined or imported, that tell of throwing or catching. */
enum when {
	ALWAYS,
	SHARED,			/* in .dynsym; a static C program carries the function unused */
	NOT_IN_C,		/* unless __gcc_personality_v0 says that it is for C's cleanups */
};
static const struct {
	const char *symbol;
	enum when when;
	const char *hazard;
} throwers[] = {
	{ "__gxx_personality_v0", ALWAYS, "it is C++ (it has __gxx_personality_v0): an exception " THROW_HAZARD },
	{ "__cxa_throw", ALWAYS, "it is C++ (it has __cxa_throw): an exception " THROW_HAZARD },
	{ "__cxa_begin_catch", ALWAYS, "it is C++ (it has __cxa_begin_catch): an exception " THROW_HAZARD },
	{ "rust_eh_personality", ALWAYS, "it is Rust (it has rust_eh_personality): a panic " THROW_HAZARD },
	{ "rust_begin_unwind", ALWAYS, "it is Rust (it has rust_begin_unwind): a panic " THROW_HAZARD },
	{ "rust_panic", ALWAYS, "it is Rust (it has rust_panic): a panic " THROW_HAZARD },
	{ "__gnat_personality_v0", ALWAYS, "it is Ada (it has __gnat_personality_v0): an exception " THROW_HAZARD },
	{ "__gnat_eh_personality", ALWAYS, "it is Ada (it has __gnat_eh_personality): an exception " THROW_HAZARD },
	{ "__gnu_objc_personality_v0", ALWAYS, "it is Objective-C: an exception " THROW_HAZARD },
	{ "__gdc_personality_v0", ALWAYS, "it is D (it has __gdc_personality_v0): an exception " THROW_HAZARD },
	{ "_d_eh_personality", ALWAYS, "it is D (it has _d_eh_personality): an exception " THROW_HAZARD },
	{ "_Unwind_RaiseException", SHARED, "it throws (it has _Unwind_RaiseException): that " THROW_HAZARD },
	{ "_Unwind_Resume", NOT_IN_C, "it can unwind (it has _Unwind_Resume): an exception " THROW_HAZARD },
};

static const char *const throwing_libraries[] = { "libstdc++.so", "libc++.so", "libc++abi.so" };

bool elf_is_go(struct elf_file *e)
{
	enum { NT_GO_BUILD_ID = 4 };
	size_t size;

	for (size_t i = 0; i < ARRAY_LEN(go_sections); i++)
		if (elf_has_section(e, go_sections[i]))
			return true;
	return find_note(e, "Go", NT_GO_BUILD_ID, &size) != NULL;
}

static const char *thrower_hazard(struct elf_file *e)
{
	bool found[ARRAY_LEN(throwers)] = { false }, c_cleanups = false;
	struct symbol s;

	EACH_SYMBOL(e, t, i, s) {
		if (s.name[0] != '_' && s.name[0] != 'r')	/* most names end here */
			continue;
		c_cleanups |= is_named(s.name, "__gcc_personality_v0");
		for (size_t k = 0; k < ARRAY_LEN(throwers); k++)
			found[k] |= is_named(s.name, throwers[k].symbol) &&
				    (throwers[k].when != SHARED || s.dynsym);
	}
	for (size_t k = 0; k < ARRAY_LEN(throwers); k++)
		if (found[k] && !(throwers[k].when == NOT_IN_C && c_cleanups))
			return throwers[k].hazard;
	return NULL;
}

static bool links_thrower(struct elf_file *e)
{
	const char *library;

	for (unsigned n = 0; (library = elf_needed(e, n)); n++)
		for (size_t i = 0; i < ARRAY_LEN(throwing_libraries); i++)
			if (str_starts(library, throwing_libraries[i]))
				return true;
	return false;
}

const char *elf_return_hazard(struct elf_file *e)
{
	if (e->hazard_known)
		return e->hazard;
	e->hazard_known = true;
	if (elf_is_go(e))
		return e->hazard = GO_HAZARD;
	e->hazard = thrower_hazard(e);
	if (!e->hazard && links_thrower(e))
		e->hazard = "it links the C++ library: an exception " THROW_HAZARD;
	if (!e->hazard && (e->n_sections == 0 || elf_has_section(e, ".gcc_except_table")) && elf_can_catch(e))
		e->hazard = "it can catch exceptions (its .gcc_except_table has types): an "
			    "exception " THROW_HAZARD;
	return e->hazard;
}
