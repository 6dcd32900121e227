/* cfi.c - .eh_frame: what every file still tells about its functions when all symbols are gone.
 *
 * So that exceptions (and debuggers, and profilers) can walk the stack, compilers describe each piece of
 * code in .eh_frame: an FDE says "from this address, so many bytes", and points to a CIE that says how the
 * FDE's numbers are written and what is common to many. The linker adds .eh_frame_hdr, which the program
 * header PT_GNU_EH_FRAME leads to: a table of (start, FDE) pairs, sorted, made for a binary search.
 *
 *	.eh_frame_hdr:	version 1 | encodings | -> .eh_frame | count | start, FDE | start, FDE | ...
 *	FDE:		length | back to its CIE | start | size | augmentation: -> LSDA | rules
 *	CIE:		length | 0 | version | "zPLR" | factors | augmentation: encodings | rules
 *	LSDA:		where, within one function, what is caught: in .gcc_except_table
 *
 * Pointers are written in one of many encodings (DW_EH_PE_*): a size, and what they count from. The table
 * of every linker there is uses 4 bytes, signed, counted from the table: another one is not read at all.
 * All numbers come from the file and are believed only as far as its bytes reach.
 */
#include <string.h>

#include "sym/internal.h"

enum {
	PE_ABSPTR = 0x00, PE_UDATA2 = 0x02, PE_UDATA4 = 0x03, PE_UDATA8 = 0x04,
	PE_SDATA2 = 0x0a, PE_SDATA4 = 0x0b, PE_SDATA8 = 0x0c,
	PE_PCREL = 0x10, PE_DATAREL = 0x30, PE_OMIT = 0xff,
	HEADER_SIZE = 12, ENTRY_SIZE = 8,
};

/* A piece of the file and a place in it. Reading past the end yields zeros and clears ok. */
struct view {
	unsigned char bytes[256];
	size_t n, at;
	uint64_t address;		/* of bytes[0] */
	unsigned word;			/* bytes of the file's pointers */
	bool big_endian;
	bool ok;
};

static void view_open(struct view *v, struct elf_file *e, uint64_t address, size_t most)
{
	v->word = elf_word(e);
	v->big_endian = elf_is_big_endian(e);
	v->n = elf_bytes(e, address, v->bytes, most < sizeof(v->bytes) ? most : sizeof(v->bytes));
	v->at = 0;
	v->address = address;
	v->ok = true;
}

static uint64_t take(struct view *v, size_t n)
{
	if (v->n - v->at < n) {
		v->ok = false;
		return 0;
	}
	v->at += n;
	return bytes_number(v->bytes + v->at - n, n, v->big_endian);
}

static uint64_t take_leb128(struct view *v)
{
	uint64_t value;
	size_t n = bytes_leb128(v->bytes + v->at, v->n - v->at, &value);

	v->at = n ? v->at + n : v->n;
	v->ok &= n > 0;
	return value;
}

/* A number in an encoding; pointers count from somewhere, sizes do not. */
static uint64_t take_encoded(struct view *v, unsigned encoding, bool pointer)
{
	uint64_t here = v->address + v->at, value;

	switch (encoding & 0x0f) {
	case PE_UDATA2:	value = take(v, 2); break;
	case PE_SDATA2:	value = (uint64_t)(int16_t)take(v, 2); break;
	case PE_UDATA4:	value = take(v, 4); break;
	case PE_SDATA4:	value = (uint64_t)(int32_t)take(v, 4); break;
	case PE_ABSPTR:	value = take(v, v->word); break;
	case PE_UDATA8:
	case PE_SDATA8:	value = take(v, 8); break;
	default:
		v->ok = false;
		return 0;
	}
	if (!pointer || value == 0)
		return value;
	switch (encoding & 0x70) {
	case 0:		return value;
	case PE_PCREL:	return value + here;
	default:
		v->ok = false;
		return 0;
	}
}

/* The table, once its header was found to be of the usual kind. */
struct table {
	struct elf_file *e;
	uint64_t address, n;
};

static bool table_open(struct table *t, struct elf_file *e)
{
	struct view v;
	uint64_t size;

	if (!elf_eh_frame_hdr(e, &t->address, &size) || size < HEADER_SIZE)
		return false;
	view_open(&v, e, t->address, HEADER_SIZE);
	if (take(&v, 1) != 1 || take(&v, 1) != (PE_PCREL | PE_SDATA4) || take(&v, 1) != PE_UDATA4 ||
	    take(&v, 1) != (PE_DATAREL | PE_SDATA4))
		return false;
	take(&v, 4);
	t->e = e;
	t->n = take(&v, 4);
	return v.ok && t->n <= (size - HEADER_SIZE) / ENTRY_SIZE;
}

static bool table_entry(const struct table *t, uint64_t i, uint64_t *start, uint64_t *fde)
{
	struct view v;

	view_open(&v, t->e, t->address + HEADER_SIZE + i * ENTRY_SIZE, ENTRY_SIZE);
	*start = t->address + (uint64_t)(int32_t)take(&v, 4);
	*fde = t->address + (uint64_t)(int32_t)take(&v, 4);
	return v.ok;
}

/* What a CIE says about the FDEs that point to it. */
struct cie {
	uint64_t address;
	unsigned pointer_encoding, lsda_encoding;
	bool has_augmentation;
};

/* Length and id are in the same place in both: 4 bytes and 4, or after an escape 8 and (here still) 4. */
static void take_length(struct view *v)
{
	uint64_t length = take(v, 4);

	if (length == 0xffffffff)
		length = take(v, 8);
	if (length < v->n - v->at)
		v->n = v->at + length;
}

static bool cie_read(struct elf_file *e, uint64_t address, struct cie *c)
{
	char augmentation[16] = "";
	size_t n = 0;
	struct view v;
	unsigned version;

	*c = (struct cie){ address, PE_ABSPTR, PE_OMIT, false };
	view_open(&v, e, address, sizeof(v.bytes));
	take_length(&v);
	if (take(&v, 4) != 0)
		return false;
	version = (unsigned)take(&v, 1);
	while (n < sizeof(augmentation) && v.ok && (augmentation[n] = (char)take(&v, 1)) != '\0')
		n++;
	if (!v.ok || n == sizeof(augmentation) || (augmentation[0] && augmentation[0] != 'z'))
		return false;
	take_leb128(&v);				/* code factor */
	take_leb128(&v);				/* data factor */
	if (version == 1)
		take(&v, 1);				/* return address register */
	else
		take_leb128(&v);
	if (!augmentation[0])
		return v.ok;
	c->has_augmentation = true;
	take_leb128(&v);
	for (const char *a = augmentation + 1; *a && v.ok; a++)
		switch (*a) {
		case 'R':	c->pointer_encoding = (unsigned)take(&v, 1); break;
		case 'L':	c->lsda_encoding = (unsigned)take(&v, 1); break;
		case 'P':	take_encoded(&v, (unsigned)take(&v, 1), false); break;
		case 'S':	/* a signal frame */
		case 'B':	/* arm64: return addresses are signed with the other key */
		case 'G':	break;
		default:	return false;
		}
	return v.ok;
}

struct fde {
	uint64_t begin, end;
	uint64_t lsda;			/* address, or 0 */
	bool moved;			/* at begin the stack pointer is not as at a function's entry */
};

/* The rules say, from place to place, where the caller's frame (CFA) begins, counted from a register. Those
 * before the first advance hold at begin. At an entry it begins where the stack pointer was before the call:
 * that is what the CIE says; other rules there mean a part of a function (`.cold`) that is jumped to. */
static bool moved_at_begin(struct elf_file *e, struct view *v)
{
	enum {
		OFFSET_EXTENDED = 5, RESTORE_EXTENDED, UNDEFINED, SAME_VALUE, REGISTER, REMEMBER, RESTORE,
		DEF_CFA, DEF_CFA_REGISTER, DEF_CFA_OFFSET, DEF_CFA_EXPRESSION,
	};
	const struct arch *arch = elf_arch(e);
	uint64_t at_entry = arch ? arch->cfa : 0;

	while (v->ok && v->at < v->n) {
		unsigned op = (unsigned)take(v, 1);

		if (op >= 0xc0)				/* restore, register in the low bits */
			continue;
		if (op >= 0x80)				/* offset, the same */
			op = SAME_VALUE;
		switch (op) {
		case 0:
		case REMEMBER:
		case RESTORE:
			break;
		case OFFSET_EXTENDED:
		case REGISTER:
			take_leb128(v);
			take_leb128(v);
			break;
		case RESTORE_EXTENDED:
		case UNDEFINED:
		case SAME_VALUE:
			take_leb128(v);
			break;
		case DEF_CFA_OFFSET:
			return take_leb128(v) != at_entry && v->ok;
		case DEF_CFA:
		case DEF_CFA_REGISTER:
		case DEF_CFA_EXPRESSION:
			return true;
		default:				/* an advance, or unknown */
			return false;
		}
	}
	return false;
}

/* c is the CIE of the FDE read before: mostly it is the same again. */
static bool fde_read(struct elf_file *e, uint64_t address, struct cie *c, struct fde *f)
{
	uint64_t cie_address, cie_pointer, size, rules;
	struct view v;

	view_open(&v, e, address, sizeof(v.bytes));
	take_length(&v);
	cie_address = v.address + v.at;
	cie_pointer = take(&v, 4);
	if (!v.ok || cie_pointer == 0 || cie_pointer > cie_address)
		return false;
	cie_address -= cie_pointer;
	if (cie_address != c->address && !cie_read(e, cie_address, c)) {
		c->address = 0;
		return false;
	}
	f->begin = take_encoded(&v, c->pointer_encoding, true);
	f->end = f->begin + take_encoded(&v, c->pointer_encoding, false);
	f->lsda = 0;
	if (c->has_augmentation) {
		size = take_leb128(&v);
		rules = v.at + size;
		if (size > 0 && c->lsda_encoding != PE_OMIT)
			f->lsda = take_encoded(&v, c->lsda_encoding, true);
		v.at = size < v.n && rules < v.n ? rules : v.n;
	}
	if (!v.ok || f->end <= f->begin)
		return false;
	f->moved = moved_at_begin(e, &v);
	return true;
}

/* ---- without a table: static programs have .eh_frame alone ---- */

/* Calls fn for each FDE of the section .eh_frame, or of the table, until it returns true; returns that. */
static bool any_fde(struct elf_file *e, bool (*fn)(struct elf_file *e, const struct fde *f, void *ctx),
		    void *ctx)
{
	uint64_t at, size, start, fde;
	struct cie c = { 0 };
	struct table t;
	struct fde f;

	if (elf_section(e, ".eh_frame", &at, &size)) {
		for (uint64_t end = at + size, next; at < end && at + 8 > at; at = next) {
			struct view v;
			uint64_t length;

			view_open(&v, e, at, 12);
			length = take(&v, 4);
			if (length == 0xffffffff)
				length = take(&v, 8);
			next = v.address + v.at + length;
			if (!v.ok || length == 0 || next <= at)
				return false;
			if (fde_read(e, at, &c, &f) && fn(e, &f, ctx))
				return true;
		}
		return false;
	}
	if (!table_open(&t, e))
		return false;
	for (uint64_t i = 0; i < t.n && table_entry(&t, i, &start, &fde); i++)
		if (fde_read(e, fde, &c, &f) && fn(e, &f, ctx))
			return true;
	return false;
}

struct covering {
	uint64_t address;
	struct fde found;
};

static bool fde_covers(struct elf_file *e, const struct fde *f, void *ctx)
{
	struct covering *c = ctx;

	c->found = *f;
	return c->address >= f->begin && c->address < f->end;
}

/* ---- the questions ---- */

static bool find_in_table(const struct table *t, uint64_t address, struct fde *f)
{
	uint64_t low = 0, high = t->n, start, fde;
	struct cie c = { 0 };

	while (low < high) {			/* low: the first that starts after the address */
		uint64_t mid = low + (high - low) / 2;

		if (!table_entry(t, mid, &start, &fde))
			return false;
		if (start <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && table_entry(t, low - 1, &start, &fde) && fde_read(t->e, fde, &c, f) &&
	       address >= f->begin && address < f->end;
}

static bool find_fde(struct elf_file *e, uint64_t address, struct fde *f)
{
	struct covering c = { .address = address };
	struct table t;

	if (table_open(&t, e))
		return find_in_table(&t, address, f);
	if (!any_fde(e, fde_covers, &c))
		return false;
	*f = c.found;
	return true;
}

bool elf_fde_at(struct elf_file *e, uint64_t address, uint64_t *begin, uint64_t *end)
{
	struct fde f;

	if (!find_fde(e, address, &f))
		return false;
	*begin = f.begin;
	*end = f.end;
	return true;
}

struct pieces {
	bool (*fn)(void *ctx, uint64_t begin, uint64_t end, bool moved);
	void *ctx;
};

static bool hand_on(struct elf_file *e, const struct fde *f, void *ctx)
{
	struct pieces *p = ctx;

	return !p->fn(p->ctx, f->begin, f->end, f->moved);
}

void elf_each_piece(struct elf_file *e, bool (*fn)(void *ctx, uint64_t begin, uint64_t end, bool moved), void *ctx)
{
	any_fde(e, hand_on, &(struct pieces){ fn, ctx });
}

bool elf_frame_moved(struct elf_file *e, uint64_t start)
{
	struct fde f;

	return find_fde(e, start, &f) && f.begin == start && f.moved;
}

bool elf_has_landings(struct elf_file *e, uint64_t address)
{
	struct fde f;

	return find_fde(e, address, &f) && f.lsda;
}

/* An LSDA begins with two encodings; the second is "omitted" when nothing is caught in the function, that
 * is, when it only has cleanups to run. */
static bool fde_catches(struct elf_file *e, const struct fde *f, void *ctx)
{
	struct view v;
	unsigned encoding;

	if (!f->lsda)
		return false;
	view_open(&v, e, f->lsda, 16);
	encoding = (unsigned)take(&v, 1);
	if (encoding != PE_OMIT)
		take_encoded(&v, encoding, false);
	return take(&v, 1) != PE_OMIT && v.ok;
}

bool elf_can_catch(struct elf_file *e)
{
	return any_fde(e, fde_catches, NULL);
}
