/* internal.h - what the files of sym/ show each other and nobody else: the handles of libelf and libdw.
 *
 * Their types stay below this line: sym.h, and so every other room, knows only struct elf_file.
 */
#ifndef SYM_INTERNAL_H
#define SYM_INTERNAL_H

#include <elfutils/libdw.h>
#include <libelf.h>

#include "sym/sym.h"

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
/* The place where e keeps what debuginfo.c found for it; elf_close() gives it to debuginfo_free(). */
struct debuginfo **elf_debuginfo(struct elf_file *e);

/* ---- debuginfo.c ---- */

struct debuginfo;
void debuginfo_free(struct debuginfo *d);
/* The DWARF about e's code, wherever it was found, opened when first asked for; NULL: there is none, and
 * elf_debug_sources() tells why. Its addresses are those of e. Lives as long as e. */
Dwarf *elf_dwarf(struct elf_file *e);
/* Adds to e's symbols those of its debug file, or of its minidebuginfo. For elf.c, when e has no .symtab. */
void debuginfo_add_symbols(struct elf_file *e);

#endif
