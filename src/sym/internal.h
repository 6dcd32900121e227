/* internal.h - what the files of sym/ show each other and nobody else: the handles of libelf and libdw.
 *
 * Their types stay below this line: sym.h, and so every other room, knows only struct elf_file.
 */
#ifndef SYM_INTERNAL_H
#define SYM_INTERNAL_H

#include <elfutils/libdw.h>
#include <libelf.h>

#include "sym/sym.h"

/* ---- bytes.c ---- */

/* A number of n bytes (8 at most). */
uint64_t bytes_number(const unsigned char *p, size_t n, bool big_endian);
/* A number in LEB128 (unsigned), of n bytes at most: how many it has; 0: it does not end. What is beyond 64 bits is
 * dropped. */
size_t bytes_leb128(const unsigned char *p, size_t n, uint64_t *value);

/* ---- elf.c ---- */

/* Like elf_open(), and a file without code will do: a separate debug file has none. The descriptor is taken,
 * whatever comes. path is kept for messages. Sections are mapped, and read when they are looked at. */
int elf_open_debug(int fd, const char *path, struct elf_file **out, const char **why);
/* The same of a file in memory, which is taken (free()d at last, or now when this fails). */
int elf_open_memory(void *image, size_t size, const char *path, struct elf_file **out, const char **why);
/* Adopts the symbol tables of another file about the same addresses, which must live as long as e. */
void elf_adopt_symbols(struct elf_file *e, struct elf_file *from);
Elf *elf_handle(struct elf_file *e);
/* As it was given to elf_open(). */
const char *elf_path(const struct elf_file *e);
/* True when a section of the name has bytes in the file, loaded or not. *data may be NULL for only asking; it is
 * as it stands in the file (compressed sections stay compressed), and lives as long as e. */
bool elf_has_section(struct elf_file *e, const char *name);
bool elf_section_data(struct elf_file *e, const char *name, const void **data, size_t *size);
/* The section behind `after` (NULL: the first) that has a name; NULL: there is none. *name is its name. */
Elf_Scn *elf_next_section(Elf *elf, Elf_Scn *after, const char **name);
/* The bytes of a section as libdw has unpacked them; NULL: there is none. */
const Elf_Data *elf_unpacked_section(Elf *elf, const char *name);
/* What the dynamic linker will fill: the word at offset (an address), with what type and addend say, and the symbol's
 * name ("": none). */
struct elf_relocation {
	uint64_t offset;
	unsigned type;
	const char *symbol;		/* lives as long as e */
	uint64_t addend;
};
/* Every such relocation of e, until fn returns false. */
void elf_each_relocation(struct elf_file *e, bool (*fn)(void *ctx, const struct elf_relocation *r), void *ctx);
/* The place where e keeps what debuginfo.c found for it; elf_close() gives it to debuginfo_free(). */
struct debuginfo **elf_debuginfo(struct elf_file *e);

/* The place where e keeps what golang.c found in it; elf_close() gives it to golang_free(). */
struct golang **elf_golang(struct elf_file *e);

/* ---- golang.c ---- */

struct golang;
void golang_free(struct golang *g);
/* The functions of Go's own table, from number 1 on (0 is empty); they live as long as e. How many, with the empty one;
 * 0: there are none. */
size_t golang_functions(struct elf_file *e, const struct symbol **out);

/* ---- debuginfo.c ---- */

struct debuginfo;
void debuginfo_free(struct debuginfo *d);
/* The DWARF about e's code, wherever it was found, opened when first asked for; NULL: there is none, and
 * elf_debug_sources() tells why. Its addresses are those of e. Lives as long as e. */
Dwarf *elf_dwarf(struct elf_file *e);
/* Adds to e's symbols those of its debug file, or of its minidebuginfo. For elf.c, when e has no .symtab. */
void debuginfo_add_symbols(struct elf_file *e);
/* Notes whether the other part of a unit (FILE.dwo) was found; when it was not, why not: a clause. */
const char *debuginfo_split(struct elf_file *e, Dwarf_Die *skeleton, bool found);
/* Memory that lives as long as what was found for e. */
struct arena *debuginfo_arena(struct elf_file *e);
/* The place where it keeps what dwarf.c has read of all units. */
struct units **debuginfo_units(struct elf_file *e);
/* The same of dwarf_types.c: where structs that a unit only declares are defined, in debuginfo_arena(). */
struct definition **debuginfo_definitions(struct elf_file *e);
/* The same for the rules by which the stack is walked (.eh_frame, else .debug_frame), or NULL. */
Dwarf_CFI *elf_unwind_rules(struct elf_file *e, bool of_debug_frame);

/* ---- debuginfod.c ---- */

/* Asks the servers that DEBUGINFOD_URLS names for the debug file of a build ID (in hex). Its descriptor, and *from is
 * where it was; or -errno: -ENOENT: they do not know it, -ENODATA: there is no server to ask. *problem is a sentence's
 * end for it, NULL with -ENODATA. Texts live in the arena. */
int server_find(struct arena *a, const char *id, const char **from, const char **problem);

/* ---- dwarf.c ---- */

void units_free(struct units *u);

enum {
	DWARF_HOPS = 32,	/* references that are followed from one entry (DIE) to the next: more is a cycle */
	DWARF_DEPTH = 64,	/* scopes within scopes */
};

/* The unit that describes the code at an address; of split DWARF, the part with the types. False: none does. */
bool dwarf_unit_at(struct elf_file *e, uint64_t address, Dwarf_Die *unit);
/* Calls fn for each unit, the one with the address (0: none) first; fn returns false to stop. */
void dwarf_each_unit(struct elf_file *e, uint64_t first, bool (*fn)(void *ctx, Dwarf_Die *unit), void *ctx);
/* The next entry of the same parent, child of the entry: false at the end, and where a file's chain leads back. */
bool dwarf_first(Dwarf_Die *parent, Dwarf_Die *child);
bool dwarf_next(Dwarf_Die *child);
/* An attribute of the entry, or of those that it completes (its abstract origin, its declaration). */
bool dwarf_find_attr(Dwarf_Die *die, unsigned name, Dwarf_Attribute *out);
const char *dwarf_find_name(Dwarf_Die *die);
bool dwarf_find_number(Dwarf_Die *die, unsigned name, uint64_t *out);
/* A constant with its sign: compilers write what is not negative in as few bytes as hold it without a sign, and else
 * as sdata. */
bool dwarf_find_constant(Dwarf_Die *die, unsigned name, int64_t *out);
/* What the compiler of an entry's unit says of itself: "GNU C17 12.2.0 -O2", "clang version 14.0.6"; or "". */
const char *dwarf_producer(Dwarf_Die *die);
/* The source file in which it is declared; NULL: not told. */
const char *dwarf_declared_in(Dwarf_Die *die);
/* The entry that an attribute refers to. */
bool dwarf_find_die(Dwarf_Die *die, unsigned name, Dwarf_Die *out);

/* The variables at an address as dwarf.c finds them, of a function or of a copy of it that was inlined (lines.c
 * knows which): die is its entry, concrete. at_entry: address is where the function (not a copy) begins. */
const struct debug_function *dwarf_function(struct elf_file *e, Dwarf_Die *die, uint64_t address, bool at_entry);

/* ---- dwarf_types.c ---- */

/* The type that an entry has, or NULL: void, or broken. */
const struct debug_type *dwarf_type_of(struct elf_file *e, Dwarf_Die *die);
/* loclist.c: false when the attribute is a list of locations that runs out of its section, which libdw must not see.
 * e tells the order of the bytes. */
bool loclist_ends(struct elf_file *e, Dwarf_Attribute *attr);

#endif
