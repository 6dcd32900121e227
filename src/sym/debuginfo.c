/* debuginfo.c - where debug information comes from: the file itself, or one that was split from it.
 *
 * A distribution strips its programs: `.symtab` (the names of all functions) and `.debug_*` (DWARF: types, arguments,
 * lines) go to a file of their own, and what stays behind says how to find it. There are two such marks:
 *
 *	.note.gnu.build-id	a hash of the program that both files carry (`file FILE` shows it):
 *				DIR/.build-id/xx/rest-in-hex.debug
 *	.gnu_debuglink		a file name and the CRC of its bytes, looked for beside the program, in .debug/
 *				below that directory, and in DIR/directory-of-the-program/
 *
 * where DIR is /usr/lib/debug, and what --debuginfo names before it. The build ID also finds the file at a server,
 * which is asked only when the user's environment names one (debuginfod.c).
 *
 * Fedora keeps at least the names in the program: `.gnu_debugdata` is a whole ELF file with a .symtab, packed by
 * xz ("minidebuginfo"). And `dwz` moves what several debug files have in common into an alternate file, which
 * `.gnu_debugaltlink` names together with its build ID.
 *
 * A debug file of another build of the program is worse than none: its addresses are those of other code. So each
 * one must prove that it belongs, by build ID or else by CRC; it is refused otherwise. What was looked at is
 * remembered with what came of it, and told by `-v` (elf_debug_sources). Nothing here is looked for until
 * somebody asks for more than the file itself has.
 */
#include <elf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/version.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/os.h"
#include "base/str.h"
#include "sym/blocks.h"
#include "sym/internal.h"

enum {
	MAX_MINI = 64 << 20,		/* bytes of an unpacked .gnu_debugdata: the largest of Fedora has some 10 MB */
	MAX_RATIO = 64,			/* unpacked to packed: no compiler's DWARF is so monotonous */
	ID_BYTES = 64,			/* of a build ID in hex that can be a file's name */
	ZSTD = 2,			/* ELFCOMPRESS_ZSTD, which old headers lack */
};

struct debuginfo {
	struct elf_file *of;		/* whose it is; not owned */
	struct elf_file *separate;	/* the debug file, or NULL */
	struct elf_file *mini;		/* what was in .gnu_debugdata, or NULL */
	struct elf_file *own;		/* the file once more, when the DWARF is in it: mapped instead of read */
	struct elf_file *alternate_file;
	Dwarf *dwarf, *alternate;
	struct code_units *code_units;	/* what blocks.c has read of its units, or NULL */
	bool separate_known, dwarf_known;
	struct debug_source *sources;
	size_t n_sources;
	struct units *units;
	struct definition *definitions;
	Dwarf_CFI *eh_frame;
	bool eh_frame_known;
	struct arena *arena;
};

static const char *more_directories;
static debug_watcher *watcher;

void debuginfo_directories(const char *dirs)
{
	more_directories = dirs;
}

void debuginfo_watch(debug_watcher *fn)
{
	watcher = fn;
}

/* The one of e, made when it is first asked for. */
static struct debuginfo *of_file(struct elf_file *e)
{
	struct debuginfo **slot = elf_debuginfo(e);

	if (!*slot) {
		*slot = mem_alloc(sizeof(**slot));
		(*slot)->of = e;
		(*slot)->arena = arena_new();
	}
	return *slot;
}

void debuginfo_free(struct debuginfo *d)
{
	if (!d)
		return;
	units_free(d->units);
	code_units_free(d->code_units);
	if (d->eh_frame)
		dwarf_cfi_end(d->eh_frame);
	dwarf_end(d->dwarf);
	dwarf_end(d->alternate);
	elf_close(d->separate);
	elf_close(d->mini);
	elf_close(d->own);
	elf_close(d->alternate_file);
	arena_free(d->arena);
	free(d->sources);
	free(d);
}

size_t elf_debug_sources(struct elf_file *e, const struct debug_source **out)
{
	struct debuginfo *d = of_file(e);

	*out = d->sources;
	return d->n_sources;
}

/* ---- what was looked at ---- */

static void note(struct debuginfo *d, struct debug_source source)
{
	*MEM_PUSH(d->sources, d->n_sources) = source;
	if (watcher)
		watcher(elf_path(d->of), &source);
}

static void note_found(struct debuginfo *d, const char *kind, const char *path, const char *gives)
{
	note(d, (struct debug_source){ .kind = kind, .path = arena_strdup(d->arena, path), .gives = gives });
}

/* Remembers why a place was of no use; false. */
static bool PRINTF(4, 5) note_useless(struct debuginfo *d, const char *kind, const char *path, const char *fmt, ...)
{
	const char *problem;
	va_list ap;

	va_start(ap, fmt);
	problem = arena_vfmt(d->arena, fmt, ap);
	va_end(ap);
	note(d, (struct debug_source){ .kind = kind, .path = arena_strdup(d->arena, path), .problem = problem });
	return false;
}

static bool note_unopened(struct debuginfo *d, const char *kind, const char *path, int err)
{
	bool missing = err == -ENOENT || err == -ENOTDIR;

	note(d, (struct debug_source){ .kind = kind, .path = arena_strdup(d->arena, path), .missing = missing,
				       .problem = missing ? "there is no such file" : os_strerror(-err) });
	return false;
}

/* ---- may it be used? ---- */

static bool has_dwarf_sections(struct elf_file *e)
{
	return elf_has_section(e, ".debug_info") || elf_has_section(e, ".zdebug_info");
}

static bool has_symbols(struct elf_file *e)
{
	return elf_has_section(e, ".symtab");
}

static const char *what_it_gives(struct elf_file *e)
{
	return !has_dwarf_sections(e) ? "symbols" : has_symbols(e) ? "symbols and DWARF" : "DWARF";
}

static bool has_crc(struct elf_file *file, uint32_t want)
{
	size_t size = (size_t)elf_stat(file)->st_size;
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, elf_fd(file), 0);
	uint32_t crc;

	if (bytes == MAP_FAILED)
		return false;
	os_guard_mapping(bytes, size);
	crc = lzma_crc32(bytes, size, 0);	/* the same polynomial */
	os_unguard_mapping(bytes);
	munmap(bytes, size);
	return crc == want;
}

static bool same_file(struct elf_file *a, struct elf_file *b)
{
	return elf_stat(a)->st_dev == elf_stat(b)->st_dev && elf_stat(a)->st_ino == elf_stat(b)->st_ino;
}

/* Does the debug file belong to the program? crc: of .gnu_debuglink, NULL when there is none. False: why not is
 * noted. */
static bool belongs(struct debuginfo *d, struct elf_file *file, const char *kind, const uint32_t *crc)
{
	const char *id = elf_build_id(d->of), *its_id = elf_build_id(file), *path = elf_path(file);

	if (same_file(d->of, file))
		return note_useless(d, kind, path, "it is the file itself");
	if (elf_machine(file) != elf_machine(d->of) || elf_word(file) != elf_word(d->of))
		return note_useless(d, kind, path, "it is for another machine");
	if (id[0] && its_id[0]) {
		if (strcmp(id, its_id) != 0)
			return note_useless(d, kind, path, "it belongs to another build: its build ID is %s, the "
					    "program's is %s", its_id, id);
	} else if (!crc) {
		return note_useless(d, kind, path, "it has no build ID, so nothing tells that it belongs to the program");
	} else if (!has_crc(file, *crc)) {
		return note_useless(d, kind, path, "it belongs to another build: its CRC is not the one that the "
				    "program's .gnu_debuglink has");
	}
	if (!has_dwarf_sections(file) && !has_symbols(file))
		return note_useless(d, kind, path, "it has neither symbols nor DWARF");
	return true;
}

/* Takes the debug file that the descriptor (or -errno) leads to, if it is one and the right one. */
static bool try_fd(struct debuginfo *d, const char *kind, const char *path, int fd, const uint32_t *crc)
{
	struct elf_file *file;
	const char *why;

	if (fd < 0)
		return note_unopened(d, kind, path, fd);
	if (elf_open_debug(fd, path, &file, &why) != 0)
		return note_useless(d, kind, path, "%s", why);
	if (!belongs(d, file, kind, crc)) {
		elf_close(file);
		return false;
	}
	d->separate = file;
	note_found(d, kind, path, what_it_gives(file));
	return true;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static bool try_path(struct debuginfo *d, const char *kind, const uint32_t *crc, const char *fmt, ...) PRINTF(4, 5);
static bool try_path(struct debuginfo *d, const char *kind, const uint32_t *crc, const char *fmt, ...)
{
	const char *path;
	va_list ap;

	va_start(ap, fmt);
	path = arena_vfmt(d->arena, fmt, ap);
	va_end(ap);
	return try_fd(d, kind, path, open_file(path), crc);
}

/* ---- the directories ---- */

/* Of a file seen through /proc/PID/root, that part: its debug files may lie in the same container. */
static const char *root_of(struct debuginfo *d, const char *path)
{
	const char *root = str_starts(path, "/proc/") ? strstr(path, "/root/") : NULL;

	return root ? arena_strndup(d->arena, path, (size_t)(root - path) + 5) : "";
}

/* The directories in their order, NULL at the end. */
static const char **directories(struct debuginfo *d)
{
	const char *root = root_of(d, elf_path(d->of)), *from = more_directories ? more_directories : "";
	const char **dirs = arena_alloc(d->arena, (strlen(from) + 4) * sizeof(*dirs));
	size_t n = 0;

	for (size_t length; *from; from += length + (from[length] == ':')) {
		length = strcspn(from, ":");
		if (length)
			dirs[n++] = arena_strndup(d->arena, from, length);
	}
	if (root[0])
		dirs[n++] = arena_fmt(d->arena, "%s/usr/lib/debug", root);
	dirs[n++] = "/usr/lib/debug";
	return dirs;
}

/* The directory of the file as links resolve, without the slash at its end. */
static const char *directory_of(struct debuginfo *d, struct elf_file *e)
{
	_cleanup_(mem_free_ptr) char *real = realpath(elf_path(e), NULL);
	const char *path = real ? real : elf_path(e), *slash = strrchr(path, '/');

	return slash ? arena_strndup(d->arena, path, (size_t)(slash - path)) : ".";
}

/* ---- the ways to a debug file ---- */

static bool by_build_id(struct debuginfo *d)
{
	const char *id = elf_build_id(d->of);

	if (strlen(id) < 3)
		return false;
	for (const char **dir = directories(d); *dir; dir++)
		if (try_path(d, "build ID", NULL, "%s/.build-id/%.2s/%s.debug", *dir, id, id + 2))
			return true;
	return false;
}

/* .gnu_debuglink: a name, padding to a multiple of four, and the CRC in the file's byte order. */
static bool by_debug_link(struct debuginfo *d)
{
	GElf_Word crc;
	const char *name = dwelf_elf_gnu_debuglink(elf_handle(d->of), &crc), *here;

	if (!name || !name[0] || strchr(name, '/'))
		return false;
	here = directory_of(d, d->of);
	if (try_path(d, "debug link", &crc, "%s/%s", here, name) ||
	    try_path(d, "debug link", &crc, "%s/.debug/%s", here, name))
		return true;
	for (const char **dir = directories(d); *dir; dir++)
		if ((dir[1] && try_path(d, "debug link", &crc, "%s/%s", *dir, name)) ||
		    try_path(d, "debug link", &crc, "%s%s/%s", *dir, here, name))
			return true;
	return false;
}

static const char server_kind[] = "debuginfod";

/* Asks the server for the file of a build ID: its descriptor, or -errno; -ENODATA: there is no server to ask. */
static int ask_server(struct debuginfo *d, const char *id, const char **from)
{
	const char *problem;
	int fd = server_find(d->arena, id, from, &problem);

	if (fd < 0 && problem)
		note(d, (struct debug_source){ .kind = server_kind, .path = arena_strdup(d->arena, *from),
					       .problem = problem, .missing = fd == -ENOENT });
	return fd;
}

static bool from_server(struct debuginfo *d)
{
	const char *id = elf_build_id(d->of), *from;
	int fd = id[0] ? ask_server(d, id, &from) : -ENODATA;

	return fd >= 0 && try_fd(d, server_kind, from, fd, NULL);
}

static struct elf_file *find_separate(struct debuginfo *d)
{
	if (!d->separate_known && !by_build_id(d) && !by_debug_link(d))
		from_server(d);
	d->separate_known = true;
	return d->separate;
}

/* ---- minidebuginfo ---- */

/* Unpacks an xz stream; the result is owned by the caller. NULL when it is broken or absurdly large. */
static void *unpack(const void *packed, size_t n, size_t *size)
{
	lzma_stream xz = LZMA_STREAM_INIT;
	size_t capacity = 1 << 20;
	unsigned char *out = NULL;
	lzma_ret ret = lzma_stream_decoder(&xz, MAX_MINI * 2ull, 0);

	xz.next_in = packed;
	xz.avail_in = n;
	while (ret == LZMA_OK && capacity <= MAX_MINI) {
		out = mem_resize(out, capacity);
		xz.next_out = out + xz.total_out;
		xz.avail_out = capacity - xz.total_out;
		ret = lzma_code(&xz, LZMA_FINISH);
		capacity *= 2;
	}
	*size = xz.total_out;
	lzma_end(&xz);
	if (ret == LZMA_STREAM_END)
		return out;
	free(out);
	return NULL;
}

static struct elf_file *find_mini(struct debuginfo *d)
{
	static const char kind[] = "minidebuginfo";
	const char *path = arena_fmt(d->arena, "%s(.gnu_debugdata)", elf_path(d->of)), *why;
	const void *packed;
	size_t n, size;
	void *image;

	if (!elf_section_data(d->of, ".gnu_debugdata", &packed, &n))
		return NULL;
	image = unpack(packed, n, &size);
	if (!image)
		note_useless(d, kind, path, "it is no xz stream, or one of more than %d MB", MAX_MINI >> 20);
	else if (elf_open_memory(image, size, path, &d->mini, &why) != 0)
		note_useless(d, kind, path, "%s", why);
	else
		note_found(d, kind, path, "symbols");
	return d->mini;
}

void debuginfo_add_symbols(struct elf_file *e)
{
	struct debuginfo *d = of_file(e);
	struct elf_file *from = find_separate(d);

	if (!from || !has_symbols(from))
		from = find_mini(d);
	if (from)
		elf_adopt_symbols(e, from);
}

/* ---- DWARF ---- */

/* The header that a compressed section has. False: it is none. */
static bool is_packed(Elf_Scn *scn, GElf_Chdr *how)
{
	GElf_Shdr sh;

	return gelf_getshdr(scn, &sh) && sh.sh_flags & SHF_COMPRESSED && gelf_getchdr(scn, how);
}

/* Unpacked sections are memory of ours, and their size is the file's word. False when it cannot be true, or when a
 * section is packed in a way that this libelf does not know: *why is a sentence's end. */
static bool can_unpack(struct elf_file *file, const char **why)
{
	uint64_t total = 0, size = (uint64_t)elf_stat(file)->st_size;
	Elf *elf = elf_handle(file);
	const unsigned char *head;
	size_t n;

	for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
		GElf_Chdr ch;

		if (is_packed(scn, &ch))
			total += ch.ch_size < SIZE_MAX / 2 ? ch.ch_size : SIZE_MAX / 2;
	}
	if (elf_section_data(file, ".zdebug_info", (const void **)&head, &n) && n >= 12)
		for (int i = 4, shift = 56; i < 12; i++, shift -= 8)	/* "ZLIB" and the size, big-endian */
			total += (uint64_t)head[i] << shift;
	*why = "its compressed sections say that they are larger than they can be";
	return total / MAX_RATIO <= size;
}

/* Is a section packed in a way that libelf did not know when dwarf_begin_elf() wanted to unpack it? */
static bool stays_packed(struct elf_file *file)
{
	Elf *elf = elf_handle(file);

	for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
		GElf_Chdr ch;

		if (is_packed(scn, &ch) && ch.ch_type == ZSTD)
			return true;
	}
	return false;
}

/* Does the last name of each table of names end? Names of source files are read by libdw (0.188) without asking. For
 * sections as dwarf_begin_elf() has unpacked them. */
static bool names_end(struct elf_file *file)
{
	Elf *elf = elf_handle(file);
	const char *name;

	for (Elf_Scn *scn = elf_next_section(elf, NULL, &name); scn; scn = elf_next_section(elf, scn, &name)) {
		const Elf_Data *data;

		if (!str_ends(name, "debug_str") && !str_ends(name, "debug_line_str"))
			continue;
		data = elf_getdata(scn, NULL);
		if (data && data->d_size && ((const char *)data->d_buf)[data->d_size - 1])
			return false;
	}
	return true;
}

/* Why DWARF that libdw has opened is of no use, a sentence's end; NULL: it is. */
static const char *unreadable(struct elf_file *file, const Dwarf *dwarf)
{
	const char *libdw = dwarf ? NULL : dwarf_errmsg(-1);

	if (stays_packed(file))
		return "its DWARF is compressed by zstd, which this libelf cannot read";
	if (libdw)
		return libdw;
	return names_end(file) ? NULL : "the names in its DWARF have no end";
}

static Dwarf *open_dwarf(struct elf_file *file, const char **why)
{
	const char *problem;
	Dwarf *dwarf;

	if (!can_unpack(file, why))
		return NULL;
	dwarf = dwarf_begin_elf(elf_handle(file), DWARF_C_READ, NULL);
	problem = unreadable(file, dwarf);
	if (!problem)
		return dwarf;
	*why = problem;
	dwarf_end(dwarf);
	return NULL;
}

/* dwz's alternate file, when the descriptor (or -errno) leads to the one of that build ID; else NULL, and why is
 * noted. */
static struct elf_file *alternate_at(struct debuginfo *d, struct elf_file *file, const char *id, const char *path,
				     int fd)
{
	static const char kind[] = "alternate file";
	struct elf_file *found;
	const char *why;

	if (fd < 0)
		note_unopened(d, kind, path, fd);
	else if (elf_open_debug(fd, path, &found, &why) != 0)
		note_useless(d, kind, path, "%s", why);
	else if (strcmp(elf_build_id(found), id) == 0)
		return found;
	else {
		note_useless(d, kind, path, "it belongs to another build: its build ID is %s, %s wants %s",
			     elf_build_id(found), elf_path(file), id);
		elf_close(found);
	}
	return NULL;
}

/* By build ID, by the name that the debug file has for it, from the server. */
static struct elf_file *find_alternate(struct debuginfo *d, struct elf_file *file, const char *name, const char *id)
{
	struct elf_file *found = NULL;
	const char *path;
	int fd;

	for (const char **dir = directories(d); *dir && !found; dir++) {
		path = arena_fmt(d->arena, "%s/.build-id/%.2s/%s.debug", *dir, id, id + 2);
		found = alternate_at(d, file, id, path, open_file(path));
	}
	if (!found) {
		path = name[0] == '/' ? name : arena_fmt(d->arena, "%s/%s", directory_of(d, file), name);
		found = alternate_at(d, file, id, path, open_file(path));
	}
	if (!found && (fd = ask_server(d, id, &path)) >= 0)
		found = alternate_at(d, file, id, path, fd);
	return found;
}

/* dwz: finds the alternate file and joins it. False when the DWARF needs one and it is not there: half of the names
 * and types would be missing, and wrong ones are worse. */
static bool join_alternate(struct debuginfo *d, struct elf_file *file)
{
	static const char kind[] = "alternate file";
	_cleanup_(str_release) struct str hex = STR_INIT;
	const char *name, *why;
	const void *id;
	ssize_t n = dwelf_dwarf_gnu_debugaltlink(d->dwarf, &name, &id);

	if (n <= 0)
		return true;
	for (ssize_t i = 0; i < n && i < ID_BYTES; i++)
		str_addf(&hex, "%02x", ((const unsigned char *)id)[i]);
	d->alternate_file = n > 1 ? find_alternate(d, file, name, hex.s) : NULL;
	if (!d->alternate_file)
		return false;
	d->alternate = open_dwarf(d->alternate_file, &why);
	if (!d->alternate)
		return note_useless(d, kind, elf_path(d->alternate_file), "%s", why);
	dwarf_setalt(d->dwarf, d->alternate);
	note_found(d, kind, elf_path(d->alternate_file), "DWARF");
	return true;
}

/* ---- split DWARF ---- */

static const char *attribute_text(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, name, &attr) ? dwarf_formstring(&attr) : NULL;
}

/* Where a unit's other part should be. */
static const char *split_path(struct debuginfo *d, Dwarf_Die *skeleton)
{
	const char *name = attribute_text(skeleton, DW_AT_dwo_name), *dir = attribute_text(skeleton, DW_AT_comp_dir);

	name = name ? name : attribute_text(skeleton, DW_AT_GNU_dwo_name);
	name = name ? name : "(without a name)";
	return name[0] == '/' || !dir ? arena_strdup(d->arena, name) : arena_fmt(d->arena, "%s/%s", dir, name);
}

static bool is_noted(const struct debuginfo *d, const char *kind, const char *path)
{
	for (size_t i = 0; i < d->n_sources; i++)
		if (strcmp(d->sources[i].kind, kind) == 0 && strcmp(d->sources[i].path, path) == 0)
			return true;
	return false;
}

const char *debuginfo_split(struct elf_file *e, Dwarf_Die *skeleton, bool found)
{
	static const char kind[] = "split DWARF";
	struct debuginfo *d = of_file(e);
	const char *path = split_path(d, skeleton), *package = arena_fmt(d->arena, "%s.dwp", elf_path(e));
	bool is_there = access(path, F_OK) == 0, is_packed = access(package, F_OK) == 0;
	const char *from = found && !is_there && is_packed ? package : path;

	if (is_noted(d, kind, from))
		;
	else if (found)
		note_found(d, kind, from, "DWARF");
	else if (is_there)
		note_useless(d, kind, path, "it is not the one that was made with the program: its ID is another");
	else
		note_unopened(d, kind, path, -ENOENT);
	if (!found && is_packed && !is_noted(d, kind, package))
		note_useless(d, kind, package, _ELFUTILS_PREREQ(0, 191) ? "it has no part of that unit"
			     : "packages of .dwo files are read by libdw 0.191 and later, and this trapline has an older one");
	return arena_fmt(d->arena, "the debug information of this code is in %s, which is %s", path,
			 is_there ? "of another build" : "not there");
}

/* The file once more, its sections mapped: only the pages that are looked at are read. */
static struct elf_file *reopen(struct debuginfo *d)
{
	int fd = fcntl(elf_fd(d->of), F_DUPFD_CLOEXEC, 0);
	const char *why;

	if (fd >= 0)
		elf_open_debug(fd, elf_path(d->of), &d->own, &why);
	return d->own;
}

Dwarf *elf_dwarf(struct elf_file *e)
{
	struct debuginfo *d = of_file(e);
	struct elf_file *file;
	const char *why;

	if (d->dwarf_known)
		return d->dwarf;
	d->dwarf_known = true;
	file = has_dwarf_sections(e) ? reopen(d) : find_separate(d);
	if (!file || !has_dwarf_sections(file))
		return NULL;
	d->dwarf = open_dwarf(file, &why);
	if (!d->dwarf) {
		note_useless(d, "DWARF", elf_path(file), "%s", why);
	} else if (!join_alternate(d, file)) {
		note_useless(d, "DWARF", elf_path(file), "its alternate file, in which half of it is, is missing");
		dwarf_end(d->dwarf);
		d->dwarf = NULL;
	} else if (file == d->own) {
		note_found(d, "the file", elf_path(file), "DWARF");
	}
	return d->dwarf;
}

struct arena *debuginfo_arena(struct elf_file *e)
{
	return of_file(e)->arena;
}

struct units **debuginfo_units(struct elf_file *e)
{
	return &of_file(e)->units;
}

/* .eh_frame is read from the program itself: a debug file has only its header. */
Dwarf_CFI *elf_unwind_rules(struct elf_file *e, bool of_debug_frame)
{
	struct debuginfo *d = of_file(e);
	Dwarf *dwarf = elf_dwarf(e);

	if (of_debug_frame)
		return dwarf ? dwarf_getcfi(dwarf) : NULL;	/* closed with it */
	if (!d->eh_frame_known)
		d->eh_frame = dwarf_getcfi_elf(elf_handle(e));
	d->eh_frame_known = true;
	return d->eh_frame;
}

struct definition **debuginfo_definitions(struct elf_file *e)
{
	return &of_file(e)->definitions;
}

struct code_units *elf_code_units(struct elf_file *e)
{
	struct debuginfo *d = of_file(e);

	if (!d->code_units && elf_dwarf(e))
		d->code_units = code_units_read(d->dwarf);
	return d->code_units;
}

bool elf_has_dwarf(struct elf_file *e)
{
	return elf_dwarf(e) != NULL;
}
