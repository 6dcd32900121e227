/* addr.c - from an address back to a name.
 *
 * The kernel lists its own symbols in /proc/kallsyms, sorted or nearly so; for readers it does not trust all
 * addresses are zero (kptr_restrict), and then nothing is known. A process's address is looked up in two
 * steps: its maps say which file lies there and at which offset, and the file's symbol table says which
 * function covers that offset (the sum in elf.c, backwards).
 *
 * Both are read when they are first asked for, and kept: a process may have ended by the time that its last
 * records are printed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/os.h"
#include "base/str.h"
#include "sym/sym.h"

enum {
	MAX_FUNCTION = 16 << 20,	/* bytes: further behind a symbol is nowhere */
	MAX_OVERLAP = 16,		/* functions that may start inside of another one */
	MAX_PROCESSES = 1024,		/* a power of two, as MEM_PUSH() wants it of a size that was lowered */
};

struct function {
	uint64_t address, size;
	const char *name;
	const char *readable;		/* the name demangled, once somebody has asked for it */
	bool local;
};

/* A mapped file, known by device and inode. */
struct file {
	uint64_t device, inode;
	struct elf_file *elf;		/* NULL: it could not be opened, or is no ELF file */
	struct function *functions;	/* by address; names belong to elf */
	size_t n_functions;
};

struct process {
	pid_t pid;
	struct mapping *maps;
	int n_maps;
	struct jit *jit;		/* of code that it made; NULL: not asked for yet */
};

/* A name of the kernel's that was looked up before: programs ask for the same few again and again. */
struct asked {
	const char *name;
	bool found;
	uint64_t address, size;
};

struct addresses {
	struct arena *source;		/* of the frames of the address that was asked for last; or NULL */
	struct source_frame *frames;
	size_t n_frames;
	uint64_t source_address;
	pid_t source_pid;
	struct arena *arena;		/* of the paths and readable names */
	bool mangled;			/* names are given as they are in the file */
	char **paths;
	size_t n_paths;
	bool kernel_known;
	struct str kallsyms;		/* the text: names point into it */
	struct function *kernel;
	size_t n_kernel;
	struct function *variables;	/* of the kernel, in the order of kallsyms */
	size_t n_variables;
	struct asked *asked;
	size_t n_asked;
	struct process *processes;
	size_t n_processes;
	struct file **files;
	size_t n_files;
};

static void forget(struct process *p)
{
	maps_free(p->maps, p->n_maps);
	jit_free(p->jit);
}

struct addresses *addresses_new(void)
{
	struct addresses *a = mem_alloc(sizeof(*a));

	a->arena = arena_new();
	return a;
}

void addresses_free(struct addresses *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n_processes; i++)
		forget(&a->processes[i]);
	for (size_t i = 0; i < a->n_files; i++) {
		elf_close(a->files[i]->elf);
		free(a->files[i]->functions);
		free(a->files[i]);
	}
	free(a->paths);
	free(a->processes);
	free(a->files);
	free(a->kernel);
	free(a->variables);
	free(a->asked);
	str_release(&a->kallsyms);
	arena_free(a->source);
	arena_free(a->arena);
	free(a);
}

/* By address; at the same one the best name last, where the search from above meets it first. */
static int by_address(const void *va, const void *vb)
{
	const struct function *a = va, *b = vb;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->local != b->local)
		return a->local ? -1 : 1;
	return strcmp(b->name, a->name);
}

/* How many functions start at the address or before. */
static size_t starting_before(const struct function *v, size_t n, uint64_t address)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* ---- the kernel ---- */

/* A line of kallsyms: "ffffffff81000000 T _stext", and "\t[module]" for those of modules. */
static bool parse_kernel_line(char *line, struct function *f, bool *is_variable)
{
	char *type, *name;

	f->address = strtoull(line, &type, 16);
	if (f->address == 0 || type[0] != ' ' || !type[1] || !strchr("tTwWdDbBrRvV", type[1]) || type[2] != ' ')
		return false;
	*is_variable = !strchr("tTwW", type[1]);
	name = type + 3;
	name[strcspn(name, "\t ")] = '\0';
	f->name = name;
	f->local = type[1] == 't';
	return name[0] != '\0';
}

static void read_kernel(struct addresses *a)
{
	char *rest;

	a->kernel_known = true;
	if (os_read_file(AT_FDCWD, "/proc/kallsyms", &a->kallsyms) != 0)
		return;
	rest = a->kallsyms.s;
	for (char *line; (line = strsep(&rest, "\n"));) {
		struct function f = { 0 };
		bool is_variable;

		if (!parse_kernel_line(line, &f, &is_variable))
			continue;
		if (is_variable)
			*MEM_PUSH(a->variables, a->n_variables) = f;
		else
			*MEM_PUSH(a->kernel, a->n_kernel) = f;
	}
	if (a->n_kernel)
		qsort(a->kernel, a->n_kernel, sizeof(*a->kernel), by_address);
}

static const struct function *find_name(const struct function *all, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}

static struct asked look_up(struct addresses *a, const char *name)
{
	const struct function *f = find_name(a->kernel, a->n_kernel, name), *next = f;
	const struct function *variable = f ? NULL : find_name(a->variables, a->n_variables, name);

	if (!f)
		return (struct asked){ name, variable != NULL, variable ? variable->address : 0, 0 };
	while (next < a->kernel + a->n_kernel && next->address == f->address)
		next++;
	return (struct asked){ name, true, f->address,
			       next < a->kernel + a->n_kernel ? next->address - f->address : 0 };
}

bool addresses_kernel_symbol(struct addresses *a, const char *name, uint64_t *address, uint64_t *size)
{
	size_t i = 0;

	if (!a->kernel_known)
		read_kernel(a);
	while (i < a->n_asked && strcmp(a->asked[i].name, name) != 0)
		i++;
	if (i == a->n_asked)
		*MEM_PUSH(a->asked, a->n_asked) = look_up(a, arena_strdup(a->arena, name));
	*address = a->asked[i].address;
	*size = a->asked[i].size;
	return a->asked[i].found;
}

bool addresses_kernel(struct addresses *a, uint64_t address, const char **name, uint64_t *offset)
{
	size_t n;

	if (!a->kernel_known)
		read_kernel(a);
	n = starting_before(a->kernel, a->n_kernel, address);
	if (n == 0 || address - a->kernel[n - 1].address >= MAX_FUNCTION)
		return false;
	*name = a->kernel[n - 1].name;
	*offset = address - a->kernel[n - 1].address;
	return true;
}

/* ---- files ---- */

static bool add_function(void *ctx, const struct symbol *s)
{
	struct file *f = ctx;

	if (s->kind == SYMBOL_FUNC || s->kind == SYMBOL_IFUNC)
		*MEM_PUSH(f->functions, f->n_functions) =
			(struct function){ s->address, s->size, s->name, NULL, s->local };
	return true;
}

/* Opens the file by a name if it still is the mapped one. Devices cannot be compared: overlay file systems
 * show another one in maps than in stat. */
static struct elf_file *open_mapped(const char *path, uint64_t inode)
{
	struct elf_file *e;
	struct stat st;

	if (elf_open(path, &e, NULL) != 0)
		return NULL;
	if (fstat(elf_fd(e), &st) == 0 && st.st_ino == inode)
		return e;
	elf_close(e);
	return NULL;
}

/* By its name, by its name as the process sees it, by the kernel's link to what is mapped. */
static struct elf_file *open_by_any_name(pid_t pid, const struct mapping *m)
{
	_cleanup_(str_release) struct str root = STR_INIT, link = STR_INIT;
	struct elf_file *e = NULL;

	str_addf(&root, "/proc/%d/root%s", pid, m->path);
	maps_link(pid, m, &link);
	if (!m->deleted) {
		e = open_mapped(m->path, m->inode);
		if (!e)
			e = open_mapped(root.s, m->inode);
	}
	return e ? e : open_mapped(link.s, m->inode);
}

static struct file *file_of(struct addresses *a, pid_t pid, const struct mapping *m)
{
	struct file *f;

	for (size_t i = 0; i < a->n_files; i++)
		if (a->files[i]->inode == m->inode && a->files[i]->device == m->device)
			return a->files[i];
	f = mem_alloc(sizeof(*f));
	f->device = m->device;
	f->inode = m->inode;
	f->elf = open_by_any_name(pid, m);
	if (f->elf)
		elf_symbols(f->elf, add_function, f);
	if (f->n_functions)
		qsort(f->functions, f->n_functions, sizeof(*f->functions), by_address);
	*MEM_PUSH(a->files, a->n_files) = f;
	return f;
}

/* The function that covers an address; one without a size goes on to the next. */
static struct function *function_at(const struct file *f, uint64_t address)
{
	size_t n = starting_before(f->functions, f->n_functions, address);

	for (size_t i = n; i-- > 0 && n - i <= MAX_OVERLAP;) {
		struct function *g = &f->functions[i];

		if (address - g->address < g->size || (g->size == 0 && i == n - 1 &&
						       address - g->address < MAX_FUNCTION))
			return g;
	}
	return NULL;
}

/* ---- processes ---- */

/* With everybody's mappings coming in, what is known of old processes is forgotten: those that still live can
 * be asked again. */
static void forget_half(struct addresses *a)
{
	size_t n = a->n_processes / 2;

	for (size_t i = 0; i < n; i++)
		forget(&a->processes[i]);
	a->n_processes -= n;
	memmove(a->processes, a->processes + n, a->n_processes * sizeof(*a->processes));
}

static struct process *process_of(struct addresses *a, pid_t pid)
{
	struct process *p;

	for (size_t i = 0; i < a->n_processes; i++)
		if (a->processes[i].pid == pid)
			return &a->processes[i];
	if (a->n_processes == MAX_PROCESSES)
		forget_half(a);
	p = MEM_PUSH(a->processes, a->n_processes);
	p->pid = pid;
	return p;
}

static const struct mapping *mapping_at(const struct process *p, uint64_t address)
{
	for (int i = 0; i < p->n_maps; i++)
		if (address >= p->maps[i].begin && address < p->maps[i].end)
			return &p->maps[i];
	return NULL;
}

/* A process that has ended has no maps: what was read before stays. */
static void read_maps(struct process *p)
{
	struct mapping *maps;
	int n = maps_read(p->pid, &maps);

	if (n <= 0)
		return;
	maps_free(p->maps, p->n_maps);
	p->maps = maps;
	p->n_maps = n;
}

void addresses_learn(struct addresses *a, pid_t pid)
{
	read_maps(process_of(a, pid));
}

void addresses_mapped(struct addresses *a, pid_t pid, const struct mapping *m)
{
	struct process *p = process_of(a, pid);
	int kept = 0;

	for (int i = 0; i < p->n_maps; i++) {
		if (p->maps[i].begin < m->end && p->maps[i].end > m->begin)
			free(p->maps[i].path);
		else
			p->maps[kept++] = p->maps[i];
	}
	p->maps = mem_resize(p->maps, (size_t)(kept + 1) * sizeof(*p->maps));
	p->maps[kept] = *m;
	p->maps[kept].path = mem_strdup(m->path);
	p->n_maps = kept + 1;
}

/* The path, once for all addresses in it, for the life of a. */
static const char *keep(struct addresses *a, const char *path)
{
	for (size_t i = 0; i < a->n_paths; i++)
		if (strcmp(a->paths[i], path) == 0)
			return a->paths[i];
	return *MEM_PUSH(a->paths, a->n_paths) = arena_strdup(a->arena, path);
}

/* The mapping of the address; the maps are read again when it is in none that is known. */
static const struct mapping *find_mapping(struct process *p, uint64_t address)
{
	const struct mapping *m = mapping_at(p, address);

	if (m)
		return m;
	read_maps(p);
	return mapping_at(p, address);
}

void addresses_keep_mangled(struct addresses *a)
{
	a->mangled = true;
}

static const char *shown_name(struct addresses *a, struct function *f)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	if (a->mangled)
		return f->name;
	if (!f->readable)
		f->readable = demangle(f->name, DEMANGLE_USUAL, &text) ? arena_strdup(a->arena, text.s) : f->name;
	return f->readable;
}

bool addresses_is_code(struct addresses *a, pid_t pid, uint64_t address)
{
	struct process *p = process_of(a, pid);
	const struct mapping *m = find_mapping(p, address);
	const char *name;
	uint64_t offset;

	if (m ? m->executable : p->n_maps == 0)
		return true;
	return jit_find(&p->jit, pid, address, &name, &offset);	/* made executable since the maps were read */
}

static size_t read_source(struct addresses *a, pid_t pid, uint64_t address)
{
	const struct mapping *m = find_mapping(process_of(a, pid), address);
	uint64_t virtual;
	bool executable;
	struct file *f;
	size_t n;

	if (!m || !m->path[0] || m->inode == 0)
		return 0;
	f = file_of(a, pid, m);
	if (!f->elf || !elf_offset_to_address(f->elf, address - m->begin + m->offset, &virtual, &executable))
		return 0;
	n = lines_at(f->elf, virtual, a->source, &a->frames);
	for (size_t i = 0; i < n; i++) {
		a->frames[i].function = a->frames[i].function ? keep(a, a->frames[i].function) : NULL;
		a->frames[i].file = a->frames[i].file ? keep(a, a->frames[i].file) : NULL;
	}
	return n;
}

size_t addresses_source(struct addresses *a, pid_t pid, uint64_t address, const struct source_frame **out)
{
	if (!a->source || a->source_address != address || a->source_pid != pid) {
		arena_free(a->source);
		a->source = arena_new();
		a->source_address = address;
		a->source_pid = pid;
		a->n_frames = read_source(a, pid, address);
	}
	*out = a->frames;
	return a->n_frames;
}

bool addresses_user(struct addresses *a, pid_t pid, uint64_t address, const char **name, uint64_t *offset,
		    const char **file)
{
	struct process *p = process_of(a, pid);
	const struct mapping *m = find_mapping(p, address);
	struct function *g = NULL;
	uint64_t virtual;
	bool executable;
	struct file *f;

	if ((!m || m->inode == 0) && jit_find(&p->jit, pid, address, name, offset)) {
		*name = keep(a, *name);
		*file = keep(a, "[made while it ran]");
		return true;
	}
	if (!m || !m->path[0])
		return false;
	*file = keep(a, m->path);
	*name = NULL;
	*offset = address - m->begin + m->offset;
	if (m->inode == 0)
		return true;
	f = file_of(a, pid, m);
	if (f->elf && elf_offset_to_address(f->elf, *offset, &virtual, &executable))
		g = function_at(f, virtual);
	if (g) {
		*name = shown_name(a, g);
		*offset = virtual - g->address;
	}
	return true;
}
