/* ifunc.c - which code an indirect function has chosen.
 *
 * memcpy of glibc is a dozen functions, one for each kind of CPU. Its symbol (STT_GNU_IFUNC) leads to none of them but
 * to a resolver, which the dynamic linker calls once, when a process starts, and whose answer it writes wherever
 * memcpy's address is wanted. To call the resolver ourselves would be to run foreign code. But the answers lie open in
 * every process that has the file mapped: the file's relocations say in which words of its memory.
 *
 *	R_X86_64_IRELATIVE  offset 0x1d2098  addend 0xa0930	of the file itself: "here comes what the resolver
 *								at 0xa0930 answers"
 *	R_X86_64_GLOB_DAT   offset 0x3fd8    memcpy		of another file: "here comes memcpy's address"
 *
 * So a process is looked for that has the very file mapped (its first bytes are compared, which hold the build ID
 * mostly), the word is read out of its memory, and the answer is believed when it is code of the file. We have libc
 * mapped ourselves, unless we are linked statically. All processes choose alike, unless somebody tunes them
 * (GLIBC_TUNABLES).
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sym/internal.h"

enum { HEAD = 1024, MAX_WORD = 8 };

/* One machine is one row. Without one, nothing is known of its indirect functions. */
static const struct row {
	int machine;
	unsigned irelative, address, slot;	/* types: by a resolver; of a symbol, for data and for calls */
} rows[] = {
	{ EM_X86_64, R_X86_64_IRELATIVE, R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT },
	{ EM_AARCH64, R_AARCH64_IRELATIVE, R_AARCH64_GLOB_DAT, R_AARCH64_JUMP_SLOT },
	{ EM_S390, R_390_IRELATIVE, R_390_GLOB_DAT, R_390_JMP_SLOT },
	{ EM_PPC64, R_PPC64_IRELATIVE, R_PPC64_GLOB_DAT, R_PPC64_JMP_SLOT },
	{ EM_RISCV, R_RISCV_IRELATIVE, R_RISCV_64, R_RISCV_JUMP_SLOT },
};

struct ifuncs {
	struct elf_file *elf;
	const struct row *row;
	pid_t pid;			/* the process that is asked */
	int memory;			/* its /proc/PID/mem */
	struct mapping *maps;
	int n_maps;
	uint64_t bias;			/* where elf is there: what its addresses must be added to */
};

/* Where a file is in the process, by the mapping of its beginning. */
static bool file_bias(struct elf_file *e, const struct mapping *m, uint64_t *bias)
{
	uint64_t address;
	bool executable;

	if (m->offset != 0 || !elf_offset_to_address(e, 0, &address, &executable))
		return false;
	*bias = m->begin - address;
	return true;
}

/* Where code should be there is code: it is no copy that somebody (we, perhaps) has mapped to read it. */
static bool has_code_at(const struct ifuncs *x, uint64_t inode, uint64_t address)
{
	for (int i = 0; i < x->n_maps; i++)
		if (x->maps[i].executable && x->maps[i].inode == inode && address >= x->maps[i].begin &&
		    address < x->maps[i].end)
			return true;
	return false;
}

/* The file has that inode, its code is where the mapping of its beginning has it, and what is mapped begins like it.
 * (Devices cannot be compared: see addr.c.) */
static bool is_mapped_file(struct ifuncs *x, const struct mapping *m, const struct symbol *function)
{
	char theirs[HEAD], ours[HEAD];
	ssize_t n;

	if (m->inode != elf_stat(x->elf)->st_ino || !file_bias(x->elf, m, &x->bias) ||
	    !has_code_at(x, m->inode, x->bias + function->address))
		return false;
	n = pread(elf_fd(x->elf), ours, HEAD, 0);
	return n > 0 && pread(x->memory, theirs, (size_t)n, (off_t)m->begin) == n && memcmp(ours, theirs, (size_t)n) == 0;
}

static void close_process(struct ifuncs *x)
{
	if (x->n_maps > 0)
		maps_free(x->maps, x->n_maps);
	if (x->memory >= 0)
		close(x->memory);
	x->n_maps = 0;
	x->memory = -1;
}

static bool open_process(struct ifuncs *x, pid_t pid, const struct symbol *function)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	x->pid = pid;
	x->n_maps = maps_read(pid, &x->maps);
	x->memory = open(path, O_RDONLY | O_CLOEXEC);
	for (int i = 0; x->memory >= 0 && i < x->n_maps; i++)
		if (is_mapped_file(x, &x->maps[i], function))
			return true;
	close_process(x);
	return false;
}

static bool open_any_process(struct ifuncs *x, const struct symbol *function)
{
	DIR *proc = open_process(x, getpid(), function) ? NULL : opendir("/proc");
	bool found = x->memory >= 0;

	for (struct dirent *d; proc && !found && (d = readdir(proc));) {
		pid_t pid = (pid_t)strtol(d->d_name, NULL, 10);

		found = pid > 0 && open_process(x, pid, function);
	}
	if (proc)
		closedir(proc);
	return found;
}

struct ifuncs *ifuncs_open(struct elf_file *e, const struct symbol *function, pid_t pid)
{
	struct ifuncs *x = mem_alloc(sizeof(*x));

	x->elf = e;
	x->memory = -1;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (elf_machine(e) == rows[i].machine)
			x->row = &rows[i];
	if (x->row && (pid > 0 ? open_process(x, pid, function) : open_any_process(x, function)))
		return x;
	free(x);
	return NULL;
}

void ifuncs_close(struct ifuncs *x)
{
	if (!x)
		return;
	close_process(x);
	free(x);
}

pid_t ifuncs_pid(const struct ifuncs *x)
{
	return x->pid;
}

/* ---- one function ---- */

struct answer {
	const struct ifuncs *x;
	const struct symbol *function;
	uint64_t bias;			/* of the file whose relocations are looked at */
	bool own;			/* it is the function's own */
	uint64_t address;
	bool found;
};

static bool read_word(const struct answer *a, uint64_t at, uint64_t *value)
{
	unsigned size = elf_word(a->x->elf);
	unsigned char bytes[MAX_WORD];

	if (pread(a->x->memory, bytes, size, (off_t)at) != (ssize_t)size)
		return false;
	*value = bytes_number(bytes, size, elf_is_big_endian(a->x->elf));
	return true;
}

/* What an unresolved word holds is no code of the file: a stub of the caller's. */
static bool try_relocation(void *ctx, const struct elf_relocation *r)
{
	struct answer *a = ctx;
	const struct row *row = a->x->row;
	uint64_t value, offset;
	bool executable;

	if (a->own ? r->type != row->irelative || r->addend != a->function->address
		   : (r->type != row->address && r->type != row->slot) || strcmp(r->symbol, a->function->name) != 0)
		return true;
	if (!read_word(a, a->bias + r->offset, &value))
		return true;
	value -= a->x->bias;
	if (value == a->function->address || !elf_address_to_offset(a->x->elf, value, &offset, &executable) || !executable)
		return true;
	a->address = value;
	a->found = true;
	return false;
}

static void ask_other_file(struct answer *a, const struct mapping *m)
{
	_cleanup_(str_release) struct str link = STR_INIT;
	struct elf_file *e;

	maps_link(a->x->pid, m, &link);
	if (m->offset != 0 || m->inode == 0 || elf_open(link.s, &e, NULL) != 0)
		return;
	if (elf_machine(e) == a->x->row->machine && file_bias(e, m, &a->bias))
		elf_each_relocation(e, try_relocation, a);
	elf_close(e);
}

bool ifuncs_find(struct ifuncs *x, const struct symbol *function, uint64_t *address)
{
	struct answer a = { .x = x, .function = function, .bias = x->bias, .own = true };

	elf_each_relocation(x->elf, try_relocation, &a);
	a.own = false;
	for (int i = 0; i < x->n_maps && !a.found; i++)
		ask_other_file(&a, &x->maps[i]);
	*address = a.address;
	return a.found;
}
