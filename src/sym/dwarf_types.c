/* dwarf_types.c - types, as the compiler describes them in DWARF.
 *
 * A type is an entry (DIE) that refers to others: `const char *path` is
 *
 *	pointer_type -> const_type -> base_type "char", encoding signed_char, 1 byte
 *
 * and a struct is an entry whose children are its members, each with a type and a place. All of that is looked at
 * only when it is asked for: the types that can be reached from one argument are often all types of the program.
 *
 * Qualifiers and typedefs say nothing about the bytes, so the entry behind them is what counts (`bare`); but names are
 * printed as the source has them. Entries may refer to each other in cycles, in a file that somebody made to harm
 * us: no way is followed further than DWARF_HOPS.
 */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "sym/internal.h"

struct debug_type {
	struct elf_file *file;
	Dwarf_Die die;		/* as it was referred to */
	Dwarf_Die bare;		/* without typedefs and qualifiers */
	bool is_void;		/* that leads to nothing */
	unsigned dimension;	/* of an array of arrays, which is one entry: how many of its bounds are used up */
};

static bool is_modifier(int tag)
{
	switch (tag) {
	case DW_TAG_typedef: case DW_TAG_const_type: case DW_TAG_volatile_type: case DW_TAG_restrict_type:
	case DW_TAG_atomic_type: case DW_TAG_immutable_type: case DW_TAG_packed_type: case DW_TAG_shared_type:
		return true;
	default:
		return false;
	}
}

/* An entry that stands for one in a type unit. */
static void follow_signature(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Die full;

	if (dwarf_attr(die, DW_AT_signature, &attr) && dwarf_formref_die(&attr, &full))
		*die = full;
}

static const struct debug_type *new_type(struct elf_file *e, const Dwarf_Die *die, unsigned dimension)
{
	struct debug_type *t = arena_alloc(debuginfo_arena(e), sizeof(*t));
	Dwarf_Die next;

	*t = (struct debug_type){ .file = e, .die = *die, .bare = *die, .dimension = dimension };
	for (unsigned hops = 0; is_modifier(dwarf_tag(&t->bare)); hops++) {
		t->is_void = hops > DWARF_HOPS || !dwarf_find_die(&t->bare, DW_AT_type, &next);
		if (t->is_void)
			return t;
		t->bare = next;
	}
	follow_signature(&t->bare);
	t->is_void = dwarf_tag(&t->bare) == DW_TAG_unspecified_type;
	return t;
}

const struct debug_type *dwarf_type_of(struct elf_file *e, Dwarf_Die *die)
{
	Dwarf_Die type;

	return dwarf_find_die(die, DW_AT_type, &type) ? new_type(e, &type, 0) : NULL;
}

/* ---- what it is ---- */

static enum debug_kind kind_of(const struct debug_type *t)
{
	Dwarf_Die die = t->bare;
	uint64_t encoding = 0;

	if (t->is_void)
		return DEBUG_VOID;
	switch (dwarf_tag(&die)) {
	case DW_TAG_base_type:
		dwarf_find_number(&die, DW_AT_encoding, &encoding);
		switch (encoding) {
		case DW_ATE_boolean:
			return DEBUG_BOOL;
		case DW_ATE_signed_char: case DW_ATE_unsigned_char: case DW_ATE_UTF:
			return DEBUG_CHAR;
		case DW_ATE_signed: case DW_ATE_unsigned: case DW_ATE_address:
			return DEBUG_INT;
		case DW_ATE_float: case DW_ATE_complex_float: case DW_ATE_imaginary_float: case DW_ATE_decimal_float:
			return DEBUG_FLOAT;
		default:
			return DEBUG_UNKNOWN;
		}
	case DW_TAG_pointer_type: case DW_TAG_reference_type: case DW_TAG_rvalue_reference_type:
		return DEBUG_POINTER;
	case DW_TAG_enumeration_type:
		return DEBUG_ENUM;
	case DW_TAG_array_type:
		return DEBUG_ARRAY;
	case DW_TAG_structure_type: case DW_TAG_class_type:
		return DEBUG_STRUCT;
	case DW_TAG_union_type:
		return DEBUG_UNION;
	case DW_TAG_subroutine_type:
		return DEBUG_FUNCTION;
	default:
		return DEBUG_UNKNOWN;
	}
}

/* Bound number n of an array entry (0..); false: there are fewer. *count is 0 when it is not written. */
static bool bound(const Dwarf_Die *array, unsigned n, uint64_t *count)
{
	Dwarf_Die die = *array, child;
	uint64_t lower = 0;

	if (!dwarf_first(&die, &child))
		return false;
	do {
		if (dwarf_tag(&child) != DW_TAG_subrange_type || n-- > 0)
			continue;
		*count = 0;
		if (dwarf_find_number(&child, DW_AT_count, count))
			return true;
		dwarf_find_number(&child, DW_AT_lower_bound, &lower);
		/* int a[0] has the upper bound -1 */
		if (dwarf_find_number(&child, DW_AT_upper_bound, count))
			*count = *count + 1 - lower;
		return true;
	} while (dwarf_next(&child));
	return false;
}

static const char *keyword(enum debug_kind kind)
{
	return kind == DEBUG_STRUCT ? "struct " : kind == DEBUG_UNION ? "union " : kind == DEBUG_ENUM ? "enum " : "";
}

static bool is_c(Dwarf_Die *die)
{
	Dwarf_Die unit;

	switch (dwarf_diecu(die, &unit, NULL, NULL) ? dwarf_srclang(&unit) : DW_LANG_C) {
	case DW_LANG_C: case DW_LANG_C89: case DW_LANG_C99: case DW_LANG_C11: case DW_LANG_Mips_Assembler:
		return true;
	default:
		return false;
	}
}

static uint64_t size_of(const struct debug_type *t, unsigned hops);

static uint64_t array_size(const struct debug_type *t, uint64_t count, unsigned hops)
{
	const struct debug_type *of = debug_type_of(t);
	uint64_t size = of ? size_of(of, hops + 1) : 0;

	return count && size && count <= UINT64_MAX / 2 / size ? count * size : 0;
}

static uint64_t size_of(const struct debug_type *t, unsigned hops)
{
	Dwarf_Die die = t->bare;
	uint64_t size = 0, count = 0;
	const struct debug_type *of;

	if (hops > DWARF_HOPS || t->is_void)
		return 0;
	switch (kind_of(t)) {
	case DEBUG_ARRAY:
		bound(&die, t->dimension, &count);
		return array_size(t, count, hops);
	case DEBUG_POINTER:
		return dwarf_find_number(&die, DW_AT_byte_size, &size) ? size : elf_word(t->file);
	case DEBUG_ENUM:
		if (dwarf_find_number(&die, DW_AT_byte_size, &size))
			return size;
		of = debug_type_of(t);
		return of ? size_of(of, hops + 1) : 0;
	default:
		dwarf_find_number(&die, DW_AT_byte_size, &size);
		return size;
	}
}

static bool has_sign(const struct debug_type *t, enum debug_kind kind)
{
	const struct debug_type *of = kind == DEBUG_ENUM ? debug_type_of(t) : NULL;
	Dwarf_Die die = of ? of->bare : t->bare;
	uint64_t encoding = 0;

	/* An enum of old DWARF tells no type: C takes unsigned int, unless a value is negative, which shows in how
	 * it is written. */
	if (kind == DEBUG_ENUM && !of)
		return false;
	dwarf_find_number(&die, DW_AT_encoding, &encoding);
	return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

struct debug_type_info debug_type_info(const struct debug_type *t)
{
	struct debug_type_info info = { .kind = kind_of(t) };
	Dwarf_Die die = t->bare;
	const char *name = t->is_void ? "void" : dwarf_find_name(&die);
	uint64_t convention = 0;

	info.size = size_of(t, 0);
	if (name)
		info.name = *keyword(info.kind) ? arena_fmt(debuginfo_arena(t->file), "%s%s", keyword(info.kind), name)
						: name;
	info.is_signed = has_sign(t, info.kind);
	info.is_reference = dwarf_tag(&die) == DW_TAG_reference_type || dwarf_tag(&die) == DW_TAG_rvalue_reference_type;
	if (info.kind == DEBUG_ARRAY)
		bound(&die, t->dimension, &info.count);
	if (dwarf_hasattr(&die, DW_AT_GNU_vector))
		info.align = info.size;
	dwarf_find_number(&die, DW_AT_alignment, &info.align);
	if (info.kind == DEBUG_STRUCT || info.kind == DEBUG_UNION)
		dwarf_find_number(&die, DW_AT_calling_convention, &convention);
	info.by_reference = convention == DW_CC_pass_by_reference;
	return info;
}

bool debug_type_is_named(const struct debug_type *t)
{
	Dwarf_Die die = t->die;

	return dwarf_find_name(&die) != NULL;
}

const void *debug_type_identity(const struct debug_type *t)
{
	return t->bare.addr;
}

const struct debug_type *debug_type_of(const struct debug_type *t)
{
	Dwarf_Die die = t->bare;
	uint64_t count;

	if (t->is_void)
		return NULL;
	if (dwarf_tag(&die) == DW_TAG_array_type && bound(&die, t->dimension + 1, &count))
		return new_type(t->file, &die, t->dimension + 1);
	return dwarf_type_of(t->file, &die);
}

/* ---- as C writes it ---- */

/* Puts what stands behind the name into `after`, in front of it into `before`. */
static void declare(const struct debug_type *t, struct str *before, struct str *after, unsigned hops);

static void insert(struct str *s, const char *text)
{
	_cleanup_(str_release) struct str new = STR_INIT;

	str_add(&new, text);
	str_add(&new, s->s ? s->s : "");
	str_clear(s);
	str_add(s, new.s);
}

static void declare_pointer(const struct debug_type *t, struct str *before, struct str *after, unsigned hops,
			    const char *sign)
{
	const struct debug_type *of = debug_type_of(t);
	enum debug_kind kind = of ? kind_of(of) : DEBUG_VOID;
	Dwarf_Die die = of ? of->die : t->die;
	bool parentheses = of && !is_modifier(dwarf_tag(&die)) && (kind == DEBUG_ARRAY || kind == DEBUG_FUNCTION);

	if (parentheses) {
		insert(after, ")");
		insert(before, sign);
		insert(before, "(");
	} else {
		insert(before, sign);
	}
	declare(of, before, after, hops + 1);
}

static void declare_function(const struct debug_type *t, struct str *before, struct str *after, unsigned hops)
{
	Dwarf_Die die = t->bare, child;
	unsigned n = 0;

	str_addc(after, '(');
	if (dwarf_first(&die, &child))
		do {
			if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
				str_add(after, n++ ? ", ..." : "...");
			if (dwarf_tag(&child) != DW_TAG_formal_parameter)
				continue;
			if (n++)
				str_add(after, ", ");
			if (hops < 4)
				debug_type_print(dwarf_type_of(t->file, &child), "", after);
			else
				str_add(after, "...");
		} while (dwarf_next(&child));
	str_addc(after, ')');
	declare(dwarf_type_of(t->file, &die), before, after, hops + 1);
}

/* `const char`, `char *const`: the word stands before a name, and behind a star. */
static void declare_qualified(const struct debug_type *t, const char *word, struct str *before, struct str *after,
			      unsigned hops)
{
	const struct debug_type *of = dwarf_type_of(t->file, &(Dwarf_Die){ .addr = t->die.addr, .cu = t->die.cu,
									    .abbrev = t->die.abbrev });
	bool behind = of && kind_of(of) == DEBUG_POINTER && !dwarf_find_name(&(Dwarf_Die){ .addr = of->die.addr,
									.cu = of->die.cu, .abbrev = of->die.abbrev });

	if (behind) {
		if (before->len)
			insert(before, " ");
		insert(before, word);
		declare(of, before, after, hops + 1);
		return;
	}
	declare(of, before, after, hops + 1);
	insert(before, " ");
	insert(before, word);
}

static void declare_name(const struct debug_type *t, struct str *before)
{
	Dwarf_Die die = t->die;
	const char *name = dwarf_find_name(&die);
	_cleanup_(str_release) struct str text = STR_INIT;

	if (dwarf_tag(&die) != DW_TAG_typedef && is_c(&die))
		str_add(&text, keyword(kind_of(t)));
	str_add(&text, name ? name : kind_of(t) == DEBUG_UNKNOWN ? "?" : "{...}");
	if (before->len && before->s[0] != '*' && before->s[0] != '&')
		str_addc(&text, ' ');
	else if (before->len)
		str_addc(&text, ' ');
	insert(before, text.s);
}

static void declare(const struct debug_type *t, struct str *before, struct str *after, unsigned hops)
{
	Dwarf_Die die = t ? t->die : (Dwarf_Die){ 0 };
	uint64_t count = 0;

	if (!t || hops > DWARF_HOPS) {
		insert(before, before->len ? "void " : "void");
		return;
	}
	switch (dwarf_tag(&die)) {
	case DW_TAG_const_type:
		declare_qualified(t, "const", before, after, hops);
		return;
	case DW_TAG_volatile_type:
		declare_qualified(t, "volatile", before, after, hops);
		return;
	case DW_TAG_restrict_type:
		declare_qualified(t, "restrict", before, after, hops);
		return;
	case DW_TAG_pointer_type:
		if (dwarf_find_name(&die))
			break;
		declare_pointer(t, before, after, hops, "*");
		return;
	case DW_TAG_reference_type:
		declare_pointer(t, before, after, hops, "&");
		return;
	case DW_TAG_rvalue_reference_type:
		declare_pointer(t, before, after, hops, "&&");
		return;
	case DW_TAG_array_type:
		if (bound(&die, t->dimension, &count) && count)
			str_addf(after, "[%llu]", (unsigned long long)count);
		else
			str_add(after, "[]");
		declare(debug_type_of(t), before, after, hops + 1);
		return;
	case DW_TAG_subroutine_type:
		declare_function(t, before, after, hops);
		return;
	default:
		break;
	}
	declare_name(t, before);
}

void debug_type_print(const struct debug_type *t, const char *name, struct str *out)
{
	_cleanup_(str_release) struct str before = STR_INIT, after = STR_INIT;

	str_add(&before, name);
	str_add(&after, "");
	declare(t, &before, &after, 0);
	str_add(out, before.s);
	str_add(out, after.s);
}

/* ---- members ---- */

/* A place as DWARF 2 writes it, by an expression: plus_uconst N. */
static bool expression_offset(Dwarf_Attribute *attr, uint64_t *offset)
{
	Dwarf_Op *ops;
	size_t n;

	if (dwarf_getlocation(attr, &ops, &n) != 0 || n != 1 || ops[0].atom != DW_OP_plus_uconst)
		return false;
	*offset = ops[0].number;
	return true;
}

static bool member_offset(Dwarf_Die *die, uint64_t *offset)
{
	Dwarf_Attribute attr;
	Dwarf_Word word;

	*offset = 0;
	if (!dwarf_find_attr(die, DW_AT_data_member_location, &attr))
		return true;			/* of a union, or a bit field of DWARF 5 */
	if (dwarf_formudata(&attr, &word) == 0) {
		*offset = word;
		return true;
	}
	return expression_offset(&attr, offset);
}

/* Bit fields: DWARF 4 and later count bits from the struct's begin (data_bit_offset); before, from the most
 * significant bit of a storage unit. first becomes the bit counted from the struct's begin, in the order in which
 * the machine fills bytes. */
static bool first_bit(const struct debug_type *of, Dwarf_Die *die, uint64_t offset, unsigned bits, uint64_t *first)
{
	const struct debug_type *type;
	uint64_t from_top, storage = 0;

	if (dwarf_find_number(die, DW_AT_data_bit_offset, first))
		return true;
	if (!dwarf_find_number(die, DW_AT_bit_offset, &from_top)) {
		*first = offset * 8;
		return true;
	}
	if (!dwarf_find_number(die, DW_AT_byte_size, &storage)) {
		type = dwarf_type_of(of->file, die);
		storage = type ? size_of(type, 0) : 0;
	}
	/* the offset may be negative in packed structs, and then so written */
	if (elf_is_big_endian(of->file))
		*first = offset * 8 + from_top;
	else
		*first = offset * 8 + storage * 8 - from_top - bits;
	return storage > 0 && storage <= 16;
}

/* The bits as a part of the number that begins at a byte: its lowest bit counts from 0. */
static bool place_bits(const struct debug_type *of, struct debug_member *m, uint64_t first, uint64_t bits)
{
	unsigned bytes;

	m->offset = first / 8;
	m->bits = (unsigned)bits;
	m->bit_offset = first % 8;
	bytes = (m->bit_offset + m->bits + 7) / 8;
	if (bits == 0 || bits > 64 || bytes > 8)
		return false;
	if (elf_is_big_endian(of->file)) {
		while (bytes & (bytes - 1))	/* as wide as a number is that can be loaded */
			bytes++;
		m->bit_offset = bytes * 8 - m->bit_offset - m->bits;
	}
	return true;
}

static bool read_member(const struct debug_type *of, Dwarf_Die *die, struct debug_member *m)
{
	uint64_t first, bits;
	bool is_base = dwarf_tag(die) == DW_TAG_inheritance;

	if (!is_base && dwarf_tag(die) != DW_TAG_member)
		return false;
	if (dwarf_hasattr(die, DW_AT_external) || dwarf_hasattr(die, DW_AT_declaration))
		return false;			/* C++: a static member */
	*m = (struct debug_member){ .name = is_base ? NULL : dwarf_find_name(die), .type = dwarf_type_of(of->file, die),
				    .is_base = is_base };
	if (!m->type || !member_offset(die, &m->offset))
		return false;
	if (!dwarf_find_number(die, DW_AT_bit_size, &bits))
		return true;
	return bits <= 64 && first_bit(of, die, m->offset, (unsigned)bits, &first) && place_bits(of, m, first, bits);
}

/* ---- finding by name ---- */

enum {
	MAX_FOUND = 8,		/* types of one name that are told apart */
	MAX_WORDS = 16384,	/* bytes: so much of two layouts is compared */
};

struct search {
	struct elf_file *file;
	const char *name;
	int tags[3];		/* DW_TAG_*; 0 ends */
	bool whole;		/* the name has all of its components */
	const struct debug_type *found[MAX_FOUND];	/* each with a layout of its own */
	unsigned n;
};

static bool is_wanted(const struct search *s, Dwarf_Die *die)
{
	const char *name;
	int tag = dwarf_tag(die);

	if (tag != s->tags[0] && tag != s->tags[1] && tag != s->tags[2])
		return false;
	name = dwarf_diename(die);
	return name && strcmp(name, s->name) == 0 && !dwarf_hasattr(die, DW_AT_declaration);
}

/* `name` behind its first component, when that is the scope's, or the scope has none; NULL: the type is not in it. The
 * first components may be left out, unless the whole name is given. */
static const char *within(Dwarf_Die *scope, const char *name, bool whole)
{
	const char *own = dwarf_diename(scope);
	size_t n = own ? strlen(own) : 0;

	if (n && strncmp(name, own, n) == 0 && str_starts(name + n, "::"))
		return name + n + 2;
	return own && whole ? NULL : name;
}

static bool is_scope(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
	       tag == DW_TAG_union_type;
}

/* A layout in words, as far as it matters to who reads it. */
static bool add_to_layout(void *ctx, const struct debug_member *m)
{
	struct str *out = ctx;
	bool is_open = !m->name && !m->is_base && !debug_type_is_named(m->type);

	str_addf(out, " %llu:%u:%u:%u:%llu ", (unsigned long long)m->offset, m->bit_offset, m->bits, (unsigned)m->variant,
		 (unsigned long long)m->when);
	debug_type_print(m->type, m->name ? m->name : "", out);
	if (out->len < MAX_WORDS && is_open)	/* a cycle only makes it longer */
		debug_members(m->type, add_to_layout, out);
	return out->len < MAX_WORDS;
}

static bool add_value(void *ctx, const char *name, uint64_t value)
{
	str_addf(ctx, " %s=%lld", name, (long long)value);
	return ((const struct str *)ctx)->len < MAX_WORDS;
}

static void print_layout(const struct debug_type *t, struct str *out)
{
	enum debug_kind kind = kind_of(t);

	str_addf(out, "%d %llu", (int)kind, (unsigned long long)size_of(t, 0));
	if (kind == DEBUG_ENUM)
		debug_enumerators(t, add_value, out);
	else if (kind == DEBUG_STRUCT || kind == DEBUG_UNION)
		debug_members(t, add_to_layout, out);
	else
		debug_type_print(t, "", out);
}

static bool is_same_layout(const struct debug_type *a, const struct debug_type *b)
{
	_cleanup_(str_release) struct str of_a = STR_INIT, of_b = STR_INIT;

	print_layout(a, &of_a);
	print_layout(b, &of_b);
	return strcmp(of_a.s, of_b.s) == 0;
}

/* Every unit describes a type that it uses. True: look on for others. */
static bool add_found(struct search *s, const struct debug_type *t)
{
	for (unsigned i = 0; i < s->n; i++)
		if (is_same_layout(s->found[i], t))
			return true;
	s->found[s->n++] = t;
	return s->n < MAX_FOUND;
}

/* True: go on. */
static bool search_scope(struct search *s, Dwarf_Die *scope, unsigned depth)
{
	const char *name = s->name;
	bool more = true;
	Dwarf_Die die;

	if (depth > DWARF_DEPTH || !dwarf_first(scope, &die))
		return true;
	do {
		if (is_wanted(s, &die) && !add_found(s, new_type(s->file, &die, 0)))
			return false;
		s->name = is_scope(dwarf_tag(&die)) && dwarf_haschildren(&die) > 0 ? within(&die, name, s->whole) : NULL;
		if (s->name)
			more = search_scope(s, &die, depth + 1);
		s->name = name;
	} while (more && dwarf_next(&die));
	return more;
}

static bool search_unit(void *ctx, Dwarf_Die *unit)
{
	return search_scope(ctx, unit, 0);
}

/* unit: only there; NULL: in the whole file. */
static struct search search(struct elf_file *e, const char *name, Dwarf_Die *unit, bool whole)
{
	struct search s = { .file = e, .name = name, .tags = { DW_TAG_typedef, DW_TAG_base_type, DW_TAG_class_type },
			    .whole = whole };
	static const struct {
		const char *keyword;
		int tags[2];
	} rows[] = {
		{ "struct ", { DW_TAG_structure_type, DW_TAG_class_type } },
		{ "class ", { DW_TAG_structure_type, DW_TAG_class_type } },
		{ "union ", { DW_TAG_union_type } },
		{ "enum ", { DW_TAG_enumeration_type } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_starts(name, rows[i].keyword)) {
			s.name = name + strlen(rows[i].keyword);
			memcpy(s.tags, rows[i].tags, sizeof(rows[i].tags));
			s.tags[2] = 0;
		}
	if (unit)
		search_unit(&s, unit);
	else
		dwarf_each_unit(e, 0, search_unit, &s);
	return s;
}

/* "struct ns::foo" of an entry for foo in ns. */
static const char *whole_name(struct elf_file *e, Dwarf_Die *die, enum debug_kind kind)
{
	struct arena *a = debuginfo_arena(e);
	const char *name = dwarf_diename(die);
	Dwarf_Die *scopes = NULL;
	int n;

	if (!name)
		return NULL;
	n = dwarf_getscopes_die(die, &scopes);
	for (int i = 1; i < n; i++)
		if (is_scope(dwarf_tag(&scopes[i])) && dwarf_diename(&scopes[i]))
			name = arena_fmt(a, "%s::%s", dwarf_diename(&scopes[i]), name);
	free(scopes);
	return arena_fmt(a, "%s%s", keyword(kind), name);
}

/* "2 are: struct a::P (a.cc:1), struct b::P (a.cc:9)" */
static const char *tell_apart(const struct search *s)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	str_addf(&text, s->n < MAX_FOUND ? "%u are: " : "%u and more are: ", s->n);
	for (unsigned i = 0; i < s->n; i++) {
		Dwarf_Die die = s->found[i]->die;
		const char *file = dwarf_declared_in(&die);
		uint64_t line = 0;

		str_addf(&text, "%s%s", i ? ", " : "", whole_name(s->file, &die, kind_of(s->found[i])));
		if (file && dwarf_find_number(&die, DW_AT_decl_line, &line))
			str_addf(&text, " (%s:%llu)", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, (unsigned long long)line);
	}
	return arena_strdup(debuginfo_arena(s->file), text.s);
}

const struct debug_type *elf_debug_type(struct elf_file *e, const char *name, uint64_t address, const char **why)
{
	struct search s = { 0 };
	Dwarf_Die unit;

	if (!elf_dwarf(e))
		return NULL;
	if (address && dwarf_unit_at(e, address, &unit))
		s = search(e, name, &unit, true);
	for (int whole = 1; whole >= 0 && !s.n; whole--)
		s = search(e, name, NULL, whole);
	if (s.n > 1)
		*why = tell_apart(&s);
	return s.n == 1 ? s.found[0] : NULL;
}

/* What a declaration stands for. */
struct definition {
	struct definition *next;
	const void *declaration;
	const struct debug_type *full;		/* NULL: nothing, or nobody can tell */
};

static const struct debug_type *definition_of(const struct debug_type *t)
{
	struct definition **all = debuginfo_definitions(t->file), *d;
	struct search s = { 0 };
	Dwarf_Die die = t->bare;
	const char *name;

	for (d = *all; d; d = d->next)
		if (d->declaration == die.addr)
			return d->full;
	name = whole_name(t->file, &die, kind_of(t));
	if (name)
		s = search(t->file, name, NULL, true);
	d = arena_alloc(debuginfo_arena(t->file), sizeof(*d));
	*d = (struct definition){ *all, die.addr, s.n == 1 ? s.found[0] : NULL };
	*all = d;
	return d->full;
}

/* A struct that is only declared here is defined in another unit. */
static bool define(struct debug_type *t)
{
	Dwarf_Die die = t->bare;
	const struct debug_type *full;

	if (!dwarf_hasattr(&die, DW_AT_declaration))
		return true;
	full = definition_of(t);
	if (full)
		t->bare = full->bare;
	return full != NULL;
}

typedef bool member_fn(void *ctx, const struct debug_member *m);

/* The member that the number of a variant part is. */
static bool read_number(const struct debug_type *of, Dwarf_Die *part, struct debug_member *m)
{
	Dwarf_Die die;

	if (!dwarf_find_die(part, DW_AT_discr, &die) || !read_member(of, &die, m))
		return false;
	m->name = "variant";
	m->variant = DEBUG_VARIANT_NUMBER;
	return true;
}

/* One variant's members: rustc gives each one, a struct with its fields. */
static bool each_of_variant(const struct debug_type *of, Dwarf_Die *variant, member_fn *fn, void *ctx)
{
	struct debug_member m;
	int64_t when = 0;
	Dwarf_Die child;
	bool has_number = dwarf_find_constant(variant, DW_AT_discr_value, &when);

	if (!dwarf_first(variant, &child))
		return true;
	do {
		if (!read_member(of, &child, &m))
			continue;
		m.variant = has_number ? DEBUG_VARIANT_WHEN : DEBUG_VARIANT_ELSE;
		m.when = (uint64_t)when;
		if (!fn(ctx, &m))
			return false;
	} while (dwarf_next(&child));
	return true;
}

/* Has each variant one value, but for one that is the else? (Ada's have lists of them.) */
static bool is_told_by_value(Dwarf_Die *part)
{
	unsigned others = 0;
	Dwarf_Die child;

	if (dwarf_first(part, &child))
		do {
			if (dwarf_tag(&child) != DW_TAG_variant)
				continue;
			if (dwarf_hasattr(&child, DW_AT_discr_list))
				return false;
			others += !dwarf_hasattr(&child, DW_AT_discr_value);
		} while (dwarf_next(&child));
	return others < 2;
}

/* A variant part: "variant_part, discr -> a member; variant, discr_value 1 { member Circle }; variant { ... }". */
static bool each_variant(const struct debug_type *of, Dwarf_Die *part, member_fn *fn, void *ctx)
{
	struct debug_member number;
	Dwarf_Die child;

	if (!is_told_by_value(part))
		return true;
	if (read_number(of, part, &number) && !fn(ctx, &number))
		return false;
	if (dwarf_first(part, &child))
		do {
			if (dwarf_tag(&child) == DW_TAG_variant && !each_of_variant(of, &child, fn, ctx))
				return false;
		} while (dwarf_next(&child));
	return true;
}

bool debug_members(const struct debug_type *of, member_fn *fn, void *ctx)
{
	struct debug_type t = *of;
	struct debug_member m;
	Dwarf_Die child;

	if (!define(&t))
		return false;
	if (dwarf_first(&t.bare, &child))
		do {
			bool more = true;

			if (dwarf_tag(&child) == DW_TAG_variant_part)
				more = each_variant(&t, &child, fn, ctx);
			else if (read_member(&t, &child, &m))
				more = fn(ctx, &m);
			if (!more)
				return true;
		} while (dwarf_next(&child));
	return true;
}

bool debug_enumerators(const struct debug_type *of, bool (*fn)(void *ctx, const char *name, uint64_t value), void *ctx)
{
	struct debug_type t = *of;
	Dwarf_Die child;
	int64_t value;

	if (!define(&t))
		return false;
	if (dwarf_first(&t.bare, &child))
		do {
			const char *name = dwarf_diename(&child);

			if (dwarf_tag(&child) == DW_TAG_enumerator && name && dwarf_find_constant(&child, DW_AT_const_value, &value) &&
			    !fn(ctx, name, (uint64_t)value))
				return true;
		} while (dwarf_next(&child));
	return true;
}
