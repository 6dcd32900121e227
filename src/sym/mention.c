/* mention.c - which units of compilation can have a function of a name.
 *
 * To find a name among the entries (DIEs) of all units means to read all of them, and a library may have millions. But
 * what an entry is called stands in the file as text: either once in .debug_str, and then the entry holds the text's
 * offset there (DW_FORM_strp); or within the entry itself (DW_FORM_string). Both can be looked for in the bytes of
 * .debug_info, without knowing where entries begin: what is found may be something else that only looks so, but a
 * unit in which nothing is found does not have the name.
 *
 *	.debug_str	... "_IO_new_fopen\0" at 0x1a20: "fopen" is its end, at 0x1a28, and so may be used
 *	.debug_info	... 28 1a 00 00 ...	in unit 17
 *
 * Texts that are numbered (DW_FORM_strx), or in another file (dwz, split DWARF), cannot be found so.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sym/blocks.h"

struct bytes {
	const char *p;
	size_t n;
};

/* The bytes of a section as libdw reads them: not compressed. n is 0 when there is none. */
static struct bytes section(Elf *elf, const char *name)
{
	const Elf_Data *data = elf_unpacked_section(elf, name);

	return data ? (struct bytes){ data->d_buf, data->d_size } : (struct bytes){ NULL, 0 };
}

/* Does each unit have its entries and their texts in this file, itself, and are they there in plain? libdw unpacks
 * .zdebug_str for itself. */
static bool is_plain(const struct code_units *units, Elf *elf)
{
	static const char *const others[] = { ".debug_str_offsets", ".gnu_debugaltlink", ".zdebug_str" };

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (section(elf, others[i]).n)
			return false;
	for (size_t i = 0; i < units->n; i++)
		if (units->v[i].type != DW_UT_compile)
			return false;
	return true;
}

/* Offsets in .debug_str, a bit for each. */
struct offsets {
	uint64_t *bits;
	uint32_t first, last;		/* of those that are set; none is: last is less, and first just behind all */
	bool swapped;			/* the file's bytes are in the other order than this machine's */
};

static void add_offset(struct offsets *o, size_t offset)
{
	o->bits[offset / 64] |= 1ull << offset % 64;
	o->first = offset < o->first ? (uint32_t)offset : o->first;
	o->last = offset > o->last ? (uint32_t)offset : o->last;
}

/* Texts that are the name, or begin with it and '<', or may mean it when they are demangled. */
static struct offsets find_texts(struct bytes texts, const char *name, bool big_endian)
{
	struct offsets o = { mem_alloc((texts.n / 64 + 1) * sizeof(uint64_t)), (uint32_t)texts.n, 0,
			     big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) };
	size_t len = strlen(name);
	const char *p = texts.p, *end = texts.p + texts.n, *start = p, *looked = p;

	for (; texts.n && (p = memmem(p, (size_t)(end - p), name, len)) != NULL; p++) {
		const char *zero = memrchr(looked, '\0', (size_t)(p - looked));

		start = zero ? zero + 1 : start;	/* of the text that the name is in */
		looked = p;
		if (p + len == end || p[len] == '\0' || p[len] == '<')
			add_offset(&o, (size_t)(p - texts.p));
		if (is_mangled(start))
			add_offset(&o, (size_t)(start - texts.p));
	}
	return o;
}

/* Is the name, or one of the offsets, anywhere in the bytes? The name has at least as many as an offset. */
static bool mentions(struct bytes unit, const char *name, const struct offsets *texts)
{
	const char *end = unit.p + unit.n;
	uint32_t head, word, span = texts->last < texts->first ? 0 : texts->last - texts->first;
	size_t len = strlen(name);

	memcpy(&head, name, sizeof(head));
	for (const char *p = unit.p; p + sizeof(word) <= end; p++) {
		memcpy(&word, p, sizeof(word));
		if (word == head && len <= (size_t)(end - p) && memcmp(p, name, len) == 0)
			return true;
		if (texts->swapped)
			word = __builtin_bswap32(word);
		if (word - texts->first <= span && texts->bits[word / 64] >> word % 64 & 1)
			return true;
	}
	return false;
}

bool *units_mentioning(struct elf_file *e, const struct code_units *units, const char *name)
{
	Elf *elf = dwarf_getelf(elf_dwarf(e));
	struct bytes info = section(elf, ".debug_info"), names = section(elf, ".debug_str");
	struct offsets texts;
	bool *wanted;

	if (!info.n || names.n > UINT32_MAX || strlen(name) < sizeof(uint32_t) || !str_is_ident(name) ||
	    !is_plain(units, elf))
		return NULL;
	wanted = mem_alloc((units->n + 1) * sizeof(*wanted));
	texts = find_texts(names, name, elf_is_big_endian(e));
	for (size_t i = 0; i < units->n; i++) {
		Dwarf_Die die = units->v[i].top, next = i + 1 < units->n ? units->v[i + 1].top : die;
		size_t begin = dwarf_dieoffset(&die), end = i + 1 < units->n ? dwarf_dieoffset(&next) : info.n;

		wanted[i] = begin > end || end > info.n ||
			    mentions((struct bytes){ info.p + begin, end - begin }, name, &texts);
	}
	free(texts.bits);
	return wanted;
}
