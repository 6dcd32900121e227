/* loclist.c - does a list of locations end inside its section?
 *
 * DWARF 5 keeps the places of a variable in .debug_loclists (section 7.7.3 of the standard): entries of a kind, some
 * numbers and addresses, and a block that says where; a 0 ends them. libdw (0.188) believes the length of a block
 * when it is so large that it is negative, and the offset that a table gives, and then reads anywhere. So each list
 * is walked once before libdw sees it.
 */
#include "sym/internal.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

struct cursor {
	const unsigned char *at, *end;
	bool beyond;			/* something was to be read behind the end */
};

static void skip(struct cursor *c, uint64_t n)
{
	if (n > (uint64_t)(c->end - c->at))
		c->beyond = true;
	else
		c->at += n;
}

static uint64_t leb128(struct cursor *c)
{
	uint64_t value;
	size_t n = bytes_leb128(c->at, (size_t)(c->end - c->at), &value);

	c->beyond |= n == 0;
	c->at += n;
	return value;
}

/* What stands behind the kind of an entry, in this order. */
static const struct {
	bool known;
	unsigned char addresses, numbers;
	bool block;
} kinds[] = {
	[DW_LLE_base_addressx] = { true, 0, 1, false },
	[DW_LLE_startx_endx] = { true, 0, 2, true },
	[DW_LLE_startx_length] = { true, 0, 2, true },
	[DW_LLE_offset_pair] = { true, 0, 2, true },
	[DW_LLE_default_location] = { true, 0, 0, true },
	[DW_LLE_base_address] = { true, 1, 0, false },
	[DW_LLE_start_end] = { true, 2, 0, true },
	[DW_LLE_start_length] = { true, 1, 1, true },
};

static bool entries_end(struct cursor c, unsigned address_bytes)
{
	while (!c.beyond && c.at < c.end) {
		unsigned char kind = *c.at++;

		if (kind == DW_LLE_end_of_list)
			return true;
		if (kind >= ARRAY_LEN(kinds) || !kinds[kind].known)
			return false;
		skip(&c, (uint64_t)kinds[kind].addresses * address_bytes);
		for (unsigned i = 0; i < kinds[kind].numbers; i++)
			leb128(&c);
		if (kinds[kind].block)
			skip(&c, leb128(&c));
	}
	return false;
}

/* .debug_loclists of the file that the unit is in, as libdw has unpacked it. */
static const Elf_Data *section_of(Dwarf_CU *unit)
{
	static const char *const names[] = { ".debug_loclists", ".debug_loclists.dwo", ".zdebug_loclists" };
	const Elf_Data *data = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names) && !data; i++)
		data = elf_unpacked_section(dwarf_getelf(dwarf_cu_getdwarf(unit)), names[i]);
	return data;
}

struct unit {
	Dwarf_Half version;
	Dwarf_Die die;
	uint8_t address_bytes, offset_bytes;
};

/* Where the list begins that the unit's table has at an index; false: the table has no such entry. */
static bool offset_by_index(struct elf_file *e, struct unit *u, const Elf_Data *section, uint64_t index, uint64_t *offset)
{
	uint64_t base = u->offset_bytes == 8 ? 20 : 12, entry;	/* behind the first header */
	Dwarf_Attribute attr;
	Dwarf_Word given;

	if (dwarf_attr(&u->die, DW_AT_loclists_base, &attr) && dwarf_formudata(&attr, &given) == 0)
		base = given;
	if (base > section->d_size || index >= (section->d_size - base) / u->offset_bytes)
		return false;
	entry = bytes_number((const unsigned char *)section->d_buf + base + index * u->offset_bytes, u->offset_bytes,
			     elf_is_big_endian(e));
	*offset = base + entry;
	return entry <= section->d_size && *offset <= section->d_size;
}

bool loclist_ends(struct elf_file *e, Dwarf_Attribute *attr)
{
	const Elf_Data *section;
	const unsigned char *start;
	struct unit u = { 0 };
	Dwarf_Word offset;

	if (attr->form != DW_FORM_sec_offset && attr->form != DW_FORM_loclistx)
		return true;
	if (dwarf_cu_info(attr->cu, &u.version, NULL, &u.die, NULL, NULL, &u.address_bytes, &u.offset_bytes) != 0)
		return false;
	if (u.version < 5)			/* .debug_loc: its lengths have two bytes */
		return true;
	section = section_of(attr->cu);
	if (!section || !section->d_buf || dwarf_formudata(attr, &offset) != 0)
		return false;
	if (attr->form == DW_FORM_loclistx && !offset_by_index(e, &u, section, offset, &offset))
		return false;
	if (offset > section->d_size)
		return false;
	start = section->d_buf;
	return entries_end((struct cursor){ start + offset, start + section->d_size, false }, u.address_bytes);
}
