/* sym.h - the front door of sym/: from names to places in files, and what is at those places.
 *
 *	elf.c		ELF files: symbols, sections, the sum that makes a file offset
 *	name.c		which functions a name means: readable ones, overloads, clones
 *	demangle.c	_ZN2ns1fEi -> ns::f(int)
 *	ifunc.c		what an indirect function has chosen, by the memory of a process
 *	cfi.c		.eh_frame: where code starts and ends, who can catch exceptions
 *	debuginfo.c	separate debug files: where they are, and whether they belong to the file
 *	debuginfod.c	the same from a server
 *	dwarf.c		functions and variables: which there are at an address, and where their values lie
 *	dwarf_types.c	their types
 *	loclist.c	lists of locations that libdw must not see
 *	blocks.c	units of compilation, their functions, and what was inlined into those
 *	lines.c		lines of source
 *	inline.c	inlined functions
 *	mention.c	which units can have a function of a name, without reading them
 *	entry.c		where the calls of those begin
 *	ways.c		the jumps of a function
 *	flow.c		whether these lead past some places
 *	passing.c	where a function's arguments are when it is entered, by the calling convention
 *	arch.c		the table of ABIs
 *	insn.c		may a uprobe sit here? (capstone)
 *	returns.c	where a function ends
 *	golang.c	Go programs: functions of stripped ones, arguments, the stack check
 *	insn_rows.c	the same for machines without a decoder
 *	maps.c		/proc/PID/maps: which files a process has mapped, and where
 *	usdt.c		static probes of programs: the notes of .note.stapsdt, and where their values are
 *	path.c		which file a user means: PATH, ld.so cache, another process's view
 *	addr.c		address -> symbol, of the kernel and of a process
 *	jit.c		the same of code that a program has made while it ran
 *	bytes.c		numbers as files have them
 *
 * Knows nothing above base/. Errors are -errno or an enum that the caller turns into a sentence.
 */
#ifndef SYM_SYM_H
#define SYM_SYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/mem.h"
#include "base/str.h"

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258	/* in elf.h since glibc 2.36 */
#endif

/* ------------------------------------------------------------------------------------------------
 * arch.c: one more architecture is one more row
 * ---------------------------------------------------------------------------------------------- */

struct reg_alias {
	const char *name;	/* as people write it: "rdi", "edi", "w0", "a0" */
	const char *kernel;	/* as the kernel writes it: "di", "x0"; NULL: there is no such register in these
				 * programs, though the kernel has the name */
	const char *type;	/* the type it means when none is given ("x32"), or NULL */
};

/* How its assembler writes the operands of USDT probes (usdt.c). */
struct operand_syntax {
	const char *reg;		/* stands before a register; "" */
	const char *constant;		/* stands before a constant; "": numbers are constants */
	char memory;			/* '(': N(BASE,INDEX,SCALE)  '[': [BASE, N]  ',': BASE,N */
	const struct reg_alias *parts;	/* registers that are not the lowest part of another (ah); or NULL */
};

struct arch {
	const char *name;		/* "x86-64", "arm64" */
	int machine;			/* EM_* */
	unsigned word;			/* bytes of a register and of a pointer */
	bool big_endian;
	const char *const *args;	/* registers of integer arguments, in order; NULL ends */
	unsigned stack_first;		/* bytes from the stack pointer to the first stack argument at entry */
	unsigned cfa;			/* bytes from the stack pointer at entry to where .eh_frame begins to count */
	const char *result;		/* the register of the return value */
	const char *sp;			/* the stack pointer's name for the kernel */
	const char *ip;			/* the instruction pointer's, or NULL: it has none */
	const char *const *dwarf;	/* the kernel's names of registers in DWARF's order; NULL ends */
	const char *const *others;	/* the kernel's names of those that DWARF does not count; NULL ends */
	const char *return_address;	/* a FETCH for it at entry: "+0(%sp)", "%lr" */
	const struct reg_alias *aliases;/* .name NULL ends */
	struct operand_syntax operands;
	unsigned va_bits;		/* user addresses have at most so many bits */
	uint64_t kernel_first;		/* the kernel's addresses begin here; 0: where all the bits above va_bits
					 * are one */
	uint64_t tag_mask;		/* bits of a pointer that the hardware ignores */
	int runs_below;			/* the machine whose 64-bit kernels run these 32-bit programs too; 0: none */
	bool go;			/* Go's own convention: not a row of arch.c */
	const char *goroutine;		/* the register that always holds it, or NULL */
	const char *not_below;		/* why such a kernel cannot probe them, a sentence's end; NULL: it can */
};

/* The row for an ELF machine: of its 64-bit, little-endian programs when there are several. Or NULL. */
const struct arch *arch_by_machine(int machine);
/* The row of the running kernel (its 64-bit side), or NULL. */
const struct arch *arch_host(void);
/* True for a 32-bit program below a 64-bit kernel of this machine. */
bool arch_is_below(const struct arch *a, const struct arch *host);
/* The kernel's name of the register that DWARF counts as n, or NULL: it cannot be fetched. */
const char *arch_dwarf_register(const struct arch *a, unsigned n);
/* The kernel's name of a register; *type gets the type that the spelling implies or NULL. The name
 * itself when it is unknown: the kernel will say so. NULL when such programs do not have it. */
const char *arch_register(const struct arch *a, const char *name, const char **type);
/* The kernel's name of register i (0..), in no order that means something; NULL: there are no more. */
const char *arch_register_at(const struct arch *a, unsigned i);
/* True when a program has a register of that name, in the kernel's spelling or another one. */
bool arch_knows_register(const struct arch *a, const char *name);
/* Appends a FETCH for integer argument n (1..) at function entry. False when n is 0 or absurd (> 64).
 * Arguments are counted in words: one that is wider than a register counts as several. */
bool arch_argument(const struct arch *a, unsigned n, struct str *out);
/* True when a user (kernel: false) pointer of this value can be followed: above the first page,
 * canonical. Asks the CPU once whether user addresses have 57 bits. */
bool arch_is_pointer(const struct arch *a, uint64_t value, bool user);

/* ------------------------------------------------------------------------------------------------
 * elf.c
 * ---------------------------------------------------------------------------------------------- */

struct elf_file;

/* Opens the file for reading; every later call reads from the same inode. Returns 0, -errno, or
 * -ENOEXEC when it is not an ELF file that can hold code (*why then says what it is or what is broken,
 * a sentence's end that lives for ever or as long as *out; *out may be NULL). Cut-off, cyclic and
 * hostile files give an error, never a crash. A file that is open already, and unchanged, is shared with its other
 * users: each closes it. */
int elf_open(const char *path, struct elf_file **out, const char **why);
void elf_close(struct elf_file *e);
int elf_fd(const struct elf_file *e);
/* What fstat(2) said before anything was read. Lives as long as e. */
const struct stat *elf_stat(const struct elf_file *e);
int elf_machine(const struct elf_file *e);
unsigned elf_word(const struct elf_file *e);		/* bytes of a pointer in the file: 4 or 8 */
bool elf_is_big_endian(const struct elf_file *e);
/* The row of arch.c for the file's machine, class, byte order and calling convention, or NULL. */
const struct arch *elf_arch(const struct elf_file *e);
/* The virtual address at which the program begins; 0 for most libraries. */
uint64_t elf_entry(const struct elf_file *e);
/* The build ID in hex, or "". Lives as long as e. */
const char *elf_build_id(struct elf_file *e);

enum symbol_kind {
	SYMBOL_FUNC,		/* STT_FUNC, or STT_NOTYPE in an executable section */
	SYMBOL_IFUNC,		/* STT_GNU_IFUNC: the address is the resolver's */
	SYMBOL_DATA,		/* anything else with an address */
	SYMBOL_IMPORT,		/* undefined here: the code is in another file */
};

struct symbol {
	const char *name;	/* without version; lives as long as the elf_file; from a stranger */
	const char *version;	/* "GLIBC_2.2.5" or NULL */
	bool default_version;	/* f@@VER (or no version at all) */
	enum symbol_kind kind;
	const char *from;	/* the debug file whose table it is from; NULL: the file's own */
	bool dynsym;		/* found in .dynsym (else .symtab) */
	size_t index;		/* its number in that table */
	bool local;		/* STB_LOCAL */
	uint64_t address;	/* virtual */
	uint64_t size;		/* bytes; when the table says 0: up to the next symbol or the section's end,
				 * and guessed is set */
	bool guessed;
	unsigned entry;		/* bytes from the address to where every call passes: ppc64le functions may begin
				 * with a step that only callers from other files need */
	bool thumb;		/* arm: its code is in the Thumb instruction set */
};

/* Calls fn for every named symbol of .symtab (of the debug file when it is stripped) and .dynsym, unsorted, with
 * duplicates as they stand; fn returns false to stop. 0 or -errno. A size of 0 is not yet replaced here. */
int elf_symbols(struct elf_file *e, bool (*fn)(void *ctx, const struct symbol *s), void *ctx);
/* The same for the symbols whose names begin so, which takes a fraction of the time. */
int elf_symbols_from(struct elf_file *e, const char *begin, bool (*fn)(void *ctx, const struct symbol *s), void *ctx);

/* The symbols that a user means by `pattern`: NAME, NAME@VER, NAME@@VER, or a glob (then functions
 * only). A stripped file's debug file is asked too, for a name only when the file has none such. Sorted
 * by address then name, one for each address (aliases folded: the spelled name, else the
 * shortest global one, wins), zero sizes replaced. A plain name without version means the default
 * version when there are several. *out is owned by the caller. Count or -errno. */
int elf_find(struct elf_file *e, const char *pattern, struct symbol **out);
/* What elf_find() does with what it found: v as elf_symbols() gave it becomes sorted, one for each address, with
 * sizes. Unless it was a glob, functions are preferred to data, and (unless a version was named) default versions
 * to others. Returns how many are left. */
size_t elf_settle(struct elf_file *e, struct symbol *v, size_t n, bool glob, bool versioned);
/* The function that covers a virtual address: true and *out, or false. Sizes replaced. */
bool elf_function_at(struct elf_file *e, uint64_t address, struct symbol *out);
/* Where the section of that name is in memory. False when there is none, or it is not loaded. */
bool elf_section(struct elf_file *e, const char *name, uint64_t *address, uint64_t *size);
/* The same of .eh_frame_hdr, by its program header. */
bool elf_eh_frame_hdr(struct elf_file *e, uint64_t *address, uint64_t *size);
/* cfi.c: where the code that covers an address starts and ends, by .eh_frame: for files without
 * symbols. */
bool elf_fde_at(struct elf_file *e, uint64_t address, uint64_t *begin, uint64_t *end);
/* cfi.c: every piece of code that .eh_frame describes, in the file's order; moved as in elf_frame_moved(). fn returns
 * false to stop. */
void elf_each_piece(struct elf_file *e, bool (*fn)(void *ctx, uint64_t begin, uint64_t end, bool moved), void *ctx);
/* A copy of the name that lives as long as e. */
const char *elf_keep_name(struct elf_file *e, const char *name);
/* cfi.c: true when the code that starts there is known not to be entered by a call: a part of a function
 * (`f.cold`) that is jumped to when the stack pointer has moved. */
bool elf_frame_moved(struct elf_file *e, uint64_t start);
/* cfi.c: true when exceptions can land in the code that covers an address, to run cleanups or to be caught. */
bool elf_has_landings(struct elf_file *e, uint64_t address);
/* cfi.c: true when some function of the file has a table of exception types that it catches. */
bool elf_can_catch(struct elf_file *e);
/* True when the file has any function symbol at all. */
bool elf_has_functions(struct elf_file *e);

/* The sum that makes a file offset: address - p_vaddr + p_offset of the PT_LOAD that holds it.
 * executable gets whether that segment has PF_X. False when no segment holds file bytes for it. */
bool elf_address_to_offset(struct elf_file *e, uint64_t address, uint64_t *offset, bool *executable);
bool elf_offset_to_address(struct elf_file *e, uint64_t offset, uint64_t *address, bool *executable);
/* Where an address is: what a reader of `readelf -SW` and `readelf -lW` sees. */
struct elf_place {
	const char *section;		/* name, "" when there are no section headers; lives as long as e */
	size_t section_index;
	uint64_t section_address, section_offset, section_size;
	size_t segment_index;		/* among all program headers, from 0 */
	uint64_t segment_address, segment_offset, segment_size;	/* p_vaddr, p_offset, p_filesz */
	char segment_flags[4];		/* "R E" as readelf writes them */
};
/* False when no segment holds file bytes for the address. */
bool elf_place(struct elf_file *e, uint64_t address, struct elf_place *out);
/* How many entries a symbol table has. */
size_t elf_table_size(const struct elf_file *e, bool dynsym);
/* True when the file is shorter than its own headers say. */
bool elf_is_cut_off(const struct elf_file *e);
/* True when the file is mapped where its own addresses say (ET_EXEC); else the kernel chooses (ET_DYN). */
bool elf_is_fixed(const struct elf_file *e);
/* Up to n bytes of the file at a virtual address; returns how many there are. */
size_t elf_bytes(struct elf_file *e, uint64_t address, void *buf, size_t n);

/* NULL when a return probe is safe in this file; else why not, a sentence's end: "it is a Go program:
 * the runtime moves stacks ...", "it can unwind (it imports _Unwind_Resume) ...". */
const char *elf_return_hazard(struct elf_file *e);
/* True when Go's compiler made it: by its sections, or its note. */
bool elf_is_go(struct elf_file *e);
/* The DT_NEEDED library (file name as in the table) n = 0.., or NULL. */
const char *elf_needed(struct elf_file *e, unsigned n);

/* A note of a section: who wrote it, and what it says. All live as long as the elf_file. */
struct elf_note {
	const char *owner;		/* owner_size bytes, with its NUL, when it has one */
	size_t owner_size;
	unsigned type;
	const unsigned char *bytes;
	size_t size;
};
/* Calls fn for each note of the sections of that name; fn returns false to stop. The number of such sections;
 * -EBADMSG when one is cut off or broken (what is before that was told). */
int elf_notes(struct elf_file *e, const char *section, bool (*fn)(void *ctx, const struct elf_note *n), void *ctx);
/* x86-64: the address of the word in which the dynamic linker keeps the address of a symbol (its GOT entry); value
 * is the symbol's own address, 0 when it is in another file. False when there is none. */
bool elf_got_slot(struct elf_file *e, const char *symbol, uint64_t value, uint64_t *slot);

/* ------------------------------------------------------------------------------------------------
 * usdt.c: static probes
 * ---------------------------------------------------------------------------------------------- */

struct usdt_note {
	const char *provider, *name;	/* "postgresql", "query__start"; from a stranger */
	const char *operands;		/* "8@%rax -4@-20(%rbp)"; may be empty */
	uint64_t address;		/* of the nop: virtual, where the file is now */
	uint64_t semaphore;		/* of the counter: the same; 0: none */
	uint64_t noted, base;		/* the nop's address and the base's as they stand in the note */
};

enum operand_kind {
	OPERAND_UNREADABLE,		/* and why */
	OPERAND_CONSTANT,		/* number, plus the address of the symbol */
	OPERAND_REGISTER,		/* base */
	OPERAND_MEMORY,			/* at number + symbol + base + index * scale, each of which may be missing */
};

struct usdt_operand {
	enum operand_kind kind;
	const char *text;		/* as the note has it */
	unsigned size;			/* bytes */
	bool is_signed, is_float;
	int64_t number;
	const char *symbol;		/* or NULL */
	const char *base, *index;	/* the kernel's names of registers, or NULL */
	unsigned scale;
	const char *bits;		/* of a register: the type for its second byte (%ah), or NULL */
	const char *why;		/* OPERAND_UNREADABLE: a sentence's end */
};

/* The static probes of a file, sorted by provider, name and address; a place that is noted twice is there once. */
struct usdt;
/* Reads them all; the time is n log n, whatever they are. The file must stay open. */
struct usdt *usdt_read(struct elf_file *e);
void usdt_free(struct usdt *u);
const struct usdt_note *usdt_notes(const struct usdt *u, size_t *n);
/* True when some note could not be read: the file is cut off, or was not written by a linker. */
bool usdt_is_broken(const struct usdt *u);
/* Where .stapsdt.base is, for the correction; 0: there is none. */
uint64_t usdt_base(const struct usdt *u);
/* Are they two places of one probe? */
bool usdt_same_probe(const struct usdt_note *a, const struct usdt_note *b);
/* The note's operands, in order; they live as long as u. Returns how many there are. */
unsigned usdt_operands(struct usdt *u, const struct usdt_note *note, struct usdt_operand **out);
/* Reads one operand. False when the kernel cannot fetch it whatever the file: then out->why. */
bool usdt_operand_parse(struct arena *a, const struct arch *arch, const char *text, struct usdt_operand *out);
/* The fetch type that it has by itself: "s32", "u8", "x64" of a double. */
const char *usdt_operand_type(struct arena *a, const struct usdt_operand *o);
/* Appends the FETCH for it: "%ax", "-20(%bp)", "@+0x4010". False, and *why, a sentence's end that lives as long as
 * u: it cannot be fetched. */
bool usdt_operand_fetch(struct usdt *u, const struct usdt_note *note, const struct usdt_operand *o, struct str *out,
			const char **why);

/* ------------------------------------------------------------------------------------------------
 * debuginfo.c: where debug information comes from
 * ---------------------------------------------------------------------------------------------- */

/* Directories, with colons between them, that are asked before /usr/lib/debug: for every file that is opened
 * later. The text must live for ever. */
void debuginfo_directories(const char *dirs);

/* One place that was looked at. */
struct debug_source {
	const char *kind;	/* "build ID", "debug link", "debuginfod", "minidebuginfo", "alternate file" */
	const char *path;
	const char *problem;	/* why it is of no use, a sentence's end; NULL: it is used */
	bool missing;		/* nothing was there */
	const char *gives;	/* "symbols", "DWARF", "symbols and DWARF"; NULL: it is not used */
};
/* What was looked at until now, in that order: when nobody asked for more than the file has itself, nothing.
 * *out lives as long as e, and until the next question to it. */
size_t elf_debug_sources(struct elf_file *e, const struct debug_source **out);
/* Calls fn, for every file, with each place as soon as it has been looked at; NULL: nobody. */
typedef void debug_watcher(const char *file, const struct debug_source *source);
void debuginfo_watch(debug_watcher *fn);
/* Calls fn, once for each question, when a server (debuginfod.c) lets us wait; NULL: nobody. urls: those that were
 * asked, for the build ID; seconds: after so many without an answer that ends, 0: never. */
typedef void debug_waiter(const char *urls, const char *build_id, int seconds);
void debuginfo_on_wait(debug_waiter *fn);
/* True when there is DWARF about the file's code. Looks for it. */
bool elf_has_dwarf(struct elf_file *e);

/* ------------------------------------------------------------------------------------------------
 * demangle.c, name.c: names as programmers write them
 * ---------------------------------------------------------------------------------------------- */

enum {
	DEMANGLE_PARAMETERS = 1,	/* with the types of the parameters, and what stands behind them */
	DEMANGLE_RETURN = 2,		/* with the result's type, where the name tells it */
	DEMANGLE_VERBOSE = 4,		/* all of std::string's template, Rust's hashes: as c++filt does */
	DEMANGLE_USUAL = DEMANGLE_PARAMETERS | DEMANGLE_RETURN,
};
/* Appends what the mangled name (C++, Rust, D) means. False when it is none; then out is as it was. Hostile names
 * cost milliseconds and kilobytes at the most: what would be longer than 64 KiB is none. */
bool demangle(const char *name, unsigned flags, struct str *out);
/* Cheap: could it be a mangled name? */
bool is_mangled(const char *name);

/* What a compiler has made of a function, from harmless to strange. */
enum clone {
	CLONE_NOT,
	CLONE_RENAMED,		/* f.lto_priv.0, f.llvm.123: it is f */
	CLONE_CHANGED,		/* f.constprop.0, f.isra.0: it is f for some callers, but for its arguments */
	CLONE_PART,		/* f.part.0: f calls it, sometimes */
	CLONE_COLD,		/* f.cold: it is jumped to */
};
/* By the symbol's name; *stem gets the length of the name without what the compiler added. */
enum clone symbol_clone(const char *name, size_t *stem);

/* The functions that a name means. */
struct functions {
	struct symbol *v;	/* as from elf_find() */
	size_t n;
	struct symbol *parts;	/* what would fit, but is only a part of a function (CLONE_PART, CLONE_COLD) */
	size_t n_parts;
	bool glob;		/* the name was understood as a glob */
	bool readable;		/* it was found among the demangled names */
};
/* The symbols that the user means by `name`: NAME[@VERSION] as elf_find() does it, or a demangled name, or a glob
 * over either; with a function come its clones; `cpp:` in front excludes names that are not mangled; sub_ADDRESS (or
 * a glob for that) is a function that has no name. The file's comment tells how names are compared. 0 or -errno; n
 * may be 0. Give it back with functions_release() in any case. */
int functions_find(struct elf_file *e, const char *name, struct functions *out);
/* The same for lists: unsorted, and aliases are not folded. */
int functions_named(struct elf_file *e, const char *name, struct functions *out);
void functions_release(struct functions *f);
/* The name alone, to ask whether it means a mangled name that is in no symbol table. */
struct reading;
struct reading *reading_new(const char *name);
void reading_free(struct reading *r);
bool reading_means(const struct reading *r, const char *mangled);

/* ------------------------------------------------------------------------------------------------
 * dwarf_types.c: types
 * ---------------------------------------------------------------------------------------------- */

/* A type of the debug information; lives as long as the elf_file. Qualifiers and typedefs are looked through, but
 * the name keeps them. */
struct debug_type;

enum debug_kind {
	DEBUG_VOID, DEBUG_INT, DEBUG_BOOL, DEBUG_CHAR, DEBUG_FLOAT, DEBUG_ENUM, DEBUG_POINTER, DEBUG_ARRAY, DEBUG_STRUCT,
	DEBUG_UNION, DEBUG_FUNCTION,
	DEBUG_UNKNOWN,		/* something that C has not, or a broken description */
};

struct debug_type_info {
	enum debug_kind kind;
	const char *name;	/* "int", "struct foo", "enum bar", "Vec<int>"; NULL: it has none */
	uint64_t size;		/* bytes; 0: not known (an array without bounds, a struct that is only declared) */
	uint64_t align;		/* bytes: at a multiple of which the source wants it; 0: it does not say */
	bool is_signed;
	bool by_reference;	/* C++: a function gets a pointer to it */
	bool is_reference;	/* DEBUG_POINTER: the source uses it as what it points to (C++: int &) */
	uint64_t count;		/* of an array: elements */
};
struct debug_type_info debug_type_info(const struct debug_type *t);
/* The same for all that describe the same type in one unit, and no other. */
const void *debug_type_identity(const struct debug_type *t);
/* What a pointer points to (NULL: void), an array is made of, an enum is stored as. */
const struct debug_type *debug_type_of(const struct debug_type *t);
/* Has it a name, its own or a typedef's? */
bool debug_type_is_named(const struct debug_type *t);
/* Appends a C declaration of `name` with that type ("char *path[4]"; name may be ""): NULL is void. */
void debug_type_print(const struct debug_type *t, const char *name, struct str *out);

/* What a member is to a type that is one of several variants (Rust's enum), of which a number tells which. */
enum debug_variant {
	DEBUG_VARIANT_NOT,		/* it is always there */
	DEBUG_VARIANT_NUMBER,		/* it is that number, and called `variant` */
	DEBUG_VARIANT_WHEN,		/* it is there when the number is `when` */
	DEBUG_VARIANT_ELSE,		/* it is there when the number is no other one's, or there is none */
};

struct debug_member {
	const char *name;	/* NULL: an unnamed struct or union inside, or a base class */
	const struct debug_type *type;
	uint64_t offset;	/* bytes */
	unsigned bit_offset, bits;	/* of a bit field, from the lowest bit of the number at offset; bits 0: none */
	bool is_base;		/* it is a base class */
	enum debug_variant variant;
	uint64_t when;
};
/* The members of a struct or union; of one that is only declared, those of its definition elsewhere in the file.
 * fn returns false to stop. False when there is no definition. */
bool debug_members(const struct debug_type *t, bool (*fn)(void *ctx, const struct debug_member *m), void *ctx);
/* The values of an enum. */
bool debug_enumerators(const struct debug_type *t, bool (*fn)(void *ctx, const char *name, uint64_t value), void *ctx);
/* A type by its C name ("struct foo", "union u", "enum e", "foo_t"), or one in a namespace, module or class ("struct ns::foo";
 * when no other has that whole name, its last components suffice). Looks first where the function at the address (0:
 * nowhere) is described, then in the whole file. NULL: there is none; or there are several with different members, and
 * *why, a clause that lives as long as e, names them. */
const struct debug_type *elf_debug_type(struct elf_file *e, const char *name, uint64_t address, const char **why);

/* ------------------------------------------------------------------------------------------------
 * dwarf.c: functions and variables
 * ---------------------------------------------------------------------------------------------- */

/* Where a part of a variable is. The kernel's names of registers, as arch.c has them. */
enum debug_where {
	DEBUG_REGISTER,		/* the value is in reg, from its byte `first` on, the lowest being 0 */
	DEBUG_MEMORY,		/* it is at reg + steps[0]; when there are more steps, that is where a pointer is,
				 * and it is at the pointer + steps[1], and so on; reg NULL: at an address of the file */
	DEBUG_CONSTANT,		/* it is `steps[0]` */
	DEBUG_NOWHERE,
};
struct debug_piece {
	enum debug_where where;
	const char *reg;
	unsigned first;
	int64_t steps[4];
	unsigned n_steps;
	uint64_t size;		/* bytes of the variable in this piece */
	const char *gone;	/* DEBUG_NOWHERE: why, as debug_variable's, or NULL: the compiler has removed it */
};

struct debug_variable {
	const char *name;
	const struct debug_type *type;	/* NULL: unknown */
	bool parameter;
	bool result;		/* at the entry: Go's kind of parameter that the function sets; nothing tells where it is */
	struct debug_piece pieces[4];	/* in the order of the variable's bytes */
	unsigned n_pieces;
	const char *gone;	/* why there is no telling where it is, a clause, perhaps behind a word or two: "optimized out
				 * (the compiler has removed it)"; or NULL */
	const char *remark;	/* how it is known where it is, when that is no plain location; or NULL */
};

struct debug_function {
	const char *name;	/* as the source has it; NULL: it has none */
	const char *file;	/* where it is declared; NULL: not told */
	unsigned line;
	const struct debug_type *result;	/* NULL: void, or not told */
	bool variadic, prototyped;
	bool at_entry;
	struct debug_variable *variables;	/* parameters in their order; elsewhere than at the entry, then local
						 * variables whose block covers the address, the innermost first */
	size_t n_variables;
	uint64_t after_prologue;	/* where its first line begins, or 0 */
};
/* The function whose code the virtual address is, and where its variables are there. NULL: no DWARF describes it,
 * and *why, a clause, tells why not. Lives as long as e. */
const struct debug_function *elf_debug_function(struct elf_file *e, uint64_t address, const char **why);

/* ------------------------------------------------------------------------------------------------
 * passing.c: the calling convention
 * ---------------------------------------------------------------------------------------------- */

/* Walks along a function's parameters. */
struct passing {
	const struct arch *arch;
	unsigned registers, floats;	/* that are taken */
	uint64_t stack;			/* bytes from the first stack argument */
	bool halves;			/* a number of 16 bytes is passed as two of 8 */
	bool lost;			/* after one of which it is not known how it is passed */
};
/* For a function with such a result (NULL: void). */
struct passing passing_begin(const struct arch *a, const struct debug_type *result, bool halves);
/* Where the next parameter is at the entry: fills pieces or gone. */
void passing_next(struct passing *p, const struct debug_type *t, struct debug_variable *out);

/* ------------------------------------------------------------------------------------------------
 * ifunc.c: indirect functions
 * ---------------------------------------------------------------------------------------------- */

/* A running process that has e mapped, with the code of that function: pid, or when that is 0 any, ourselves first. NULL
 * when there is none, or the machine's relocations are not known. e must live longer. */
struct ifuncs *ifuncs_open(struct elf_file *e, const struct symbol *function, pid_t pid);
void ifuncs_close(struct ifuncs *x);
pid_t ifuncs_pid(const struct ifuncs *x);
/* Where, in e, calls of the SYMBOL_IFUNC go in that process. False when the process does not tell. */
bool ifuncs_find(struct ifuncs *x, const struct symbol *function, uint64_t *address);

/* ------------------------------------------------------------------------------------------------
 * insn.c: never harm the target
 * ---------------------------------------------------------------------------------------------- */

enum insn_cost { INSN_EMULATED, INSN_STEPPED };

/* May a uprobe sit at `site`, and what is there? */
struct insn_check {
	bool ok;
	bool forceable;		/* when not ok: --force may override, nothing was proved to break */
	char reason[256];	/* when not ok: a sentence's end, "the offset is inside `sub $8,%rsp` at +4" */
	char text[96];		/* the instruction in AT&T syntax as objdump would write it, or "" */
	unsigned length;	/* bytes, 0 when unknown */
	enum insn_cost cost;	/* by the kernel's rules for uprobes */
	uint64_t cheaper;	/* bytes to the next instruction when it is emulated, and a probe there sees
				 * the same call with the same registers (this one is an endbr64 or `bti`);
				 * else 0 */
};

/* Checks a user site against the rules that were measured (REAL-PROGRAMS.md section 0, KERNEL.md
 * section 0). function is the one that covers the site; NULL when none is known: then `--force` is
 * needed, for its instructions cannot be counted from the start. address is virtual. ret: for a return
 * probe, which must sit before the stack pointer moves. */
void insn_check(struct elf_file *e, const struct symbol *function, uint64_t address, bool ret,
		struct insn_check *out);
/* For insn.c and insn_rows.c: not ok, and why. */
void insn_refuse(struct insn_check *out, bool forceable, const char *fmt, ...) PRINTF(3, 4);
/* insn_rows.c: is it a machine that is known by rows only? Then insn_check_rows() does insn_check()'s work for
 * an address with file bytes: start is where its function begins, NULL when unknown, and entry that function's
 * symbol.entry. *out is ok before. */
bool insn_rows_known(const struct elf_file *e);
void insn_check_rows(struct elf_file *e, const uint64_t *start, unsigned entry, uint64_t address, bool ret,
		     struct insn_check *out);
/* x86: where, on the straight way from function entry, the stack's word at `slot` bytes above the stack pointer at
 * entry has just been loaded into a register (kernel name, lives for ever), and a probe may sit. False when that
 * is nowhere, or jumps may come between. */
bool insn_find_load(struct elf_file *e, const struct symbol *function, long long slot, uint64_t *address,
		    const char **kernel_reg);
/* True when, on the straight way from function entry to address, nothing writes the register (kernel
 * name) and nothing branches in or out that decoding can see: its value at entry is still there. */
bool insn_register_kept(struct elf_file *e, const struct symbol *function, uint64_t address,
			const char *kernel_reg);


/* ------------------------------------------------------------------------------------------------
 * ways.c: the jumps of a function
 * ---------------------------------------------------------------------------------------------- */

/* Where a function's code does not just go on computing. */
struct way_out {
	enum {
		WAY_JUMP, WAY_BRANCH,	/* away; or perhaps */
		WAY_RETURN,
		WAY_CALL,
		WAY_STORE,		/* to a place in memory that the instruction names; known for x86 */
	} kind;
	uint64_t from, next;	/* addresses of the instruction, and of the one behind it */
	uint64_t to;		/* UINT64_MAX: nowhere, or where a register or memory says; of calls: something that is
				 * the same when the callee is */
};
/* Does it lead away from straight code? */
static inline bool way_leaves(const struct way_out *w)
{
	return w->kind < WAY_CALL;
}
struct ways {
	uint64_t start, end;	/* the function's addresses */
	struct way_out *v;	/* by from; free() it */
	size_t n;
};
/* Of the function that covers the address. 0, -ENOENT (no function is known there) or -ENOTSUP (of this machine
 * nothing can be decoded). */
int insn_ways(struct elf_file *e, uint64_t address, struct ways *out);
/* How many bytes of instructions that do nothing stand at the address, before `end`. */
unsigned insn_padding(struct elf_file *e, uint64_t address, uint64_t end);
/* Who passes `from` passes `to` next, and nobody else does: no jump leads in or out between them.
 * from <= to. */
bool ways_are_straight(const struct ways *w, uint64_t from, uint64_t to);

/* ------------------------------------------------------------------------------------------------
 * lines.c: source lines
 * ---------------------------------------------------------------------------------------------- */

struct line_query {
	const char *file;	/* its last path components, or a glob for them */
	unsigned line, column;	/* 0: any */
	bool statements;	/* all statements of a line, not only the one with which it begins */
};

/* A place where a line begins to be executed. Texts live as long as the answer. */
struct line_site {
	uint64_t address;	/* virtual */
	const char *file;	/* absolute, as far as the compiler said */
	unsigned line, column;	/* column 0: not known */
	bool first;		/* the line begins with it */
	const char *function;	/* whose code it is; NULL: not known */
	const char *into;	/* where that was inlined, the function around; NULL: it was not */
};
struct line_answer {
	struct line_site *sites;/* by file, line, address */
	size_t n;
	char **files;		/* the source files that the query means */
	size_t n_files;
	unsigned before, after;	/* the lines next to the one that was asked for that have code; 0: none */
	struct arena *arena;
};
/* Looks for the places of a line. 0, or -ENODATA: the file has no debug information. Give the answer back with
 * lines_release(), whatever came. */
int lines_find(struct elf_file *e, const struct line_query *q, struct line_answer *out);
void lines_release(struct line_answer *a);

/* A position in the source, of which an address may have several: in inlined functions, and in those around. */
struct source_frame {
	const char *function;	/* an inlined function; NULL: the function whose symbol it is */
	const char *file;	/* NULL: not known */
	unsigned line;
};
/* The positions of an address, the innermost first; *out and its texts live in the arena. How many; 0: not known. */
size_t lines_at(struct elf_file *e, uint64_t address, struct arena *a, struct source_frame **out);

/* ------------------------------------------------------------------------------------------------
 * inline.c: inlined functions
 * ---------------------------------------------------------------------------------------------- */

/* A place where the compiler put the code of a function into another one. Texts live as long as the answer. */
struct inlined_site {
	uint64_t address;	/* virtual: of its first instruction */
	const char *function;	/* its name, with those of what it is in: "ns::f" */
	const char *into;	/* the function around; NULL: not known */
	const char *file;	/* of the call; NULL: not known */
	unsigned line;
	uint64_t die;		/* for dwarf.c: which instance */
	const char *doubt;	/* why hits may not be calls, a sentence's end; NULL: they are */
};
struct inline_answer {
	struct inlined_site *sites;	/* by address */
	size_t n;
	struct arena *arena;
};
/* The inlined copies of the functions that a name or glob means: by name with what they are in, by mangled name.
 * 0, or -ENODATA: no debug information. Give the answer back with inline_release(), whatever came. */
int inline_find(struct elf_file *e, const char *name, struct inline_answer *out);
void inline_release(struct inline_answer *a);
/* The function of a copy, and where its variables are at the copy's entry. NULL: not known. Lives as long as e. */
const struct debug_function *inline_function(struct elf_file *e, const struct inlined_site *s);
/* The name of parameter n (1..) of a copy's function, as it was declared: copies may list them in any order, and not
 * all. NULL: not known. Lives as long as e. */
const char *inline_parameter(struct elf_file *e, const struct inlined_site *s, unsigned n);

/* ------------------------------------------------------------------------------------------------
 * returns.c: where a function ends
 * ---------------------------------------------------------------------------------------------- */

enum exit_kind {
	EXIT_NONE,
	EXIT_RET,		/* a return instruction: the result is in its register */
	EXIT_TAIL,		/* a jump into another function, whose result will be this one's */
	EXIT_MAYBE,		/* the same, if a condition holds: a probe there also sees when it does not */
};
struct function_exit {
	uint64_t address;
	enum exit_kind kind;
	uint64_t target;	/* of a jump; 0: decided while the program runs */
};
/* All the places where the function ends, by address, in parts that were moved apart (`f.cold`) too. *out is the
 * caller's to free. How many; when *why is not empty then, a clause that says so, nobody can tell whether they are
 * all, but each of them is code. x86 and arm64. */
int function_exits(struct elf_file *e, const struct symbol *function, struct function_exit **out, struct str *why);

/* ------------------------------------------------------------------------------------------------
 * golang.c: Go programs
 * ---------------------------------------------------------------------------------------------- */

/* N of the version 1.N of the compiler; 0: not known, or no Go program. */
unsigned go_version(struct elf_file *e);
/* The row of the file's machine, as elf_arch(), with the arguments of the function at an address: Go's own functions have
 * others than C's. args and result are NULL where they are not known, or results are on the stack. Lives as long as e. */
const struct arch *elf_abi(struct elf_file *e, uint64_t address);
/* How many bytes from its begin a function of Go's has checked its stack; there every call passes once, with arguments
 * and stack pointer as at the entry. 0: it does not check, or it is no such function. */
uint64_t go_stack_check(struct elf_file *e, const struct symbol *function);

/* ------------------------------------------------------------------------------------------------
 * maps.c: what a process has mapped
 * ---------------------------------------------------------------------------------------------- */

struct mapping {
	uint64_t begin, end;	/* addresses */
	uint64_t offset;	/* in the file */
	uint64_t device, inode;	/* as the kernel prints them, for comparing mappings; 0: no file */
	bool executable;
	bool deleted;		/* the file has no name any more: what follows is its last one */
	char *path;		/* "" for anonymous memory, "[vdso]" and the like for the kernel's own */
};
/* The mappings of a process by address; give them back with maps_free(). Count or -errno. */
int maps_read(pid_t pid, struct mapping **out);
void maps_free(struct mapping *maps, int n);
/* Appends the link below /proc that opens the mapped file, whatever its name now means. */
void maps_link(pid_t pid, const struct mapping *m, struct str *out);

/* ------------------------------------------------------------------------------------------------
 * path.c: which file is meant
 * ---------------------------------------------------------------------------------------------- */

struct found_file {
	char *path;		/* as the user should see it: absolute, resolved names kept */
	char *kernel_path;	/* how this process, and so the kernel, can open it */
};
void found_file_release(struct found_file *f);

/* FILE as the user wrote it: with a slash a path; else a program in PATH; else a library name ("libc",
 * "libc.so.6", "c" is not one) through the ld.so cache, newest version when there are several of this
 * machine's ABI. pid > 0: as that process sees it: its root and working directory, its mapped libraries
 * first for a library name, /proc/PID/exe or map_files for what was deleted; /proc/self is the process.
 * 0, or -errno: -ENOENT, -EISDIR, -ESRCH (no such process), -ENXIO (the process runs no program: it has
 * ended, or is a thread of the kernel), -EINVAL (/proc/self, and no process: that would be trapline). */
int path_find(const char *file, pid_t pid, struct found_file *out);
/* The libraries of the ld.so cache (pid > 0: of that process's root), for suggestions. fn returns false to
 * stop. 0 or -errno. */
int path_each_library(pid_t pid, bool (*fn)(void *ctx, const char *soname, const char *path), void *ctx);

/* ------------------------------------------------------------------------------------------------
 * addr.c: address -> symbol
 * ---------------------------------------------------------------------------------------------- */

struct addresses;
struct addresses *addresses_new(void);
/* From now on names of processes' functions are given as the linker sees them, not demangled. */
void addresses_keep_mangled(struct addresses *a);
void addresses_free(struct addresses *a);
/* The kernel symbol that covers an address. The name lives as long as a. False when unknown. */
bool addresses_kernel(struct addresses *a, uint64_t address, const char **name, uint64_t *offset);
/* Where the first kernel symbol of this name is, and how far the next one is from there (0: none follows, or it is a
 * variable). False when there is none, or the kernel hides its addresses from us. */
bool addresses_kernel_symbol(struct addresses *a, const char *name, uint64_t *address, uint64_t *size);
/* Tells what process pid has mapped: in place of what was there. path "" or with brackets: no file. */
void addresses_mapped(struct addresses *a, pid_t pid, const struct mapping *m);
/* Reads the maps of a process now, so that they are known when it has ended. */
void addresses_learn(struct addresses *a, pid_t pid);
/* False when it is known that the process has no code at the address. */
bool addresses_is_code(struct addresses *a, pid_t pid, uint64_t address);
/* jit.c: the function at an address of code that process pid made while it ran, by /tmp/perf-PID.map. *of is NULL at
 * first, and kept by the caller until jit_free(); the name lives until the next call. False: it is in none. */
struct jit;
bool jit_find(struct jit **of, pid_t pid, uint64_t address, const char **name, uint64_t *offset);
void jit_free(struct jit *j);
/* Which file and symbol of process pid an address is in. The maps are read when the process is first
 * seen and again when an address is in none of them; what was read stays known after it has exited.
 * file and name live as long as a; *name may become NULL when only the file is known (then *offset is
 * the file offset). False when nothing is known. */
bool addresses_user(struct addresses *a, pid_t pid, uint64_t address,
		    const char **name, uint64_t *offset, const char **file);
/* Where in the source an address of process pid is, as lines_at() says it: 0 when that is not known. *out lives until
 * the next question for another address; its texts as long as a. */
size_t addresses_source(struct addresses *a, pid_t pid, uint64_t address, const struct source_frame **out);

#endif
