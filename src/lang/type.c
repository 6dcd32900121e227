/* type.c - types: the integers, what C calls them, their names in messages, and the members of structs.
 *
 * A type is never changed after it was made, and those of the whole world that have no parameters (int32,
 * bool) are made once, here. Types of structs are as many as their layouts: two structs are the same when
 * they are the same definition, everything else is the same when it looks the same.
 */
#include "lang/front.h"

#include <string.h>

#define INT(bytes, sign) { .kind = TYPE_INT, .size = bytes, .is_signed = sign }
const struct type type_void = { .kind = TYPE_VOID };
const struct type type_bool = { .kind = TYPE_BOOL, .size = 1 };
const struct type type_int64 = INT(8, true);
const struct type type_uint64 = INT(8, false);
const struct type type_int32 = INT(4, true);
const struct type type_uint32 = INT(4, false);
static const struct type type_int16 = INT(2, true);
static const struct type type_uint16 = INT(2, false);
static const struct type type_int8 = INT(1, true);
static const struct type type_uint8 = INT(1, false);
#undef INT

/* Types of which a value cannot be computed with: only their place in a struct counts. */
static const struct type type_float = { .kind = TYPE_VOID, .size = 4, .text = "float" };
static const struct type type_double = { .kind = TYPE_VOID, .size = 8, .text = "double" };
static const struct type type_long_double = { .kind = TYPE_VOID, .size = sizeof(long double), .text = "long double" };
static const struct type type_int128 = { .kind = TYPE_VOID, .size = 16, .text = "__int128" };

static const struct type type_any_string = { .kind = TYPE_STRING };
static const struct type type_any_buffer = { .kind = TYPE_BUFFER };
static const struct type type_any_inet = { .kind = TYPE_INET, .size = 20 };

/* ---- making ---- */

const struct type *type_int(unsigned size, bool is_signed)
{
	switch (size) {
	case 1:
		return is_signed ? &type_int8 : &type_uint8;
	case 2:
		return is_signed ? &type_int16 : &type_uint16;
	case 4:
		return is_signed ? &type_int32 : &type_uint32;
	default:
		return is_signed ? &type_int64 : &type_uint64;
	}
}

static struct type *type_new(struct arena *a, enum type_kind kind, uint64_t size)
{
	struct type *t = arena_alloc(a, sizeof(*t));

	t->kind = kind;
	t->size = size;
	return t;
}

const struct type *type_pointer(struct arena *a, const struct type *of)
{
	struct type *t = type_new(a, TYPE_POINTER, sizeof(uint64_t));

	t->of = of;
	return t;
}

const struct type *type_string(struct arena *a, uint64_t size)
{
	return type_new(a, TYPE_STRING, size);
}

const struct type *type_array(struct arena *a, const struct type *of, uint64_t count)
{
	struct type *t = type_new(a, TYPE_ARRAY, of->size * count);

	t->of = of;
	t->count = count;
	return t;
}

const struct type *type_tuple(struct arena *a, const struct type *const *types, const char *const *names,
			      unsigned n)
{
	struct layout *l = arena_alloc(a, sizeof(*l));
	struct type *t = type_new(a, TYPE_TUPLE, 0);

	l->name = "";
	l->complete = true;
	l->n_members = n;
	l->members = arena_alloc(a, (n + 1) * sizeof(*l->members));
	for (unsigned i = 0; i < n; i++) {
		l->members[i].type = types[i];
		l->members[i].name = names ? names[i] : NULL;
		t->size += types[i]->size;
	}
	l->size = t->size;
	t->layout = l;
	return t;
}

/* ---- questions ---- */

bool type_is_flexible(const struct type *t)
{
	return t->kind == TYPE_ARRAY && t->count == 0;
}

bool type_is_integer(const struct type *t)
{
	return t->kind == TYPE_INT || t->kind == TYPE_BOOL;
}

bool type_is_aggregate(const struct type *t)
{
	return t->kind >= TYPE_COUNT && t->kind < N_TYPES;
}

static bool same_names(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_members(const struct layout *a, const struct layout *b)
{
	if (a->n_members != b->n_members)
		return false;
	for (unsigned i = 0; i < a->n_members; i++)
		if (!same_names(a->members[i].name, b->members[i].name) ||
		    !type_same(a->members[i].type, b->members[i].type))
			return false;
	return true;
}

bool type_same(const struct type *a, const struct type *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TYPE_STRUCT:
		return a->layout == b->layout;
	case TYPE_TUPLE:
		return same_members(a->layout, b->layout);
	case TYPE_POINTER:
		return type_same(a->of, b->of);
	case TYPE_ARRAY:
		return a->count == b->count && type_same(a->of, b->of);
	case TYPE_LHIST:
		return a->lhist_min == b->lhist_min && a->lhist_max == b->lhist_max &&
		       a->lhist_step == b->lhist_step;
	case TYPE_HIST:
		return a->count == b->count;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		return a->stack_mode == b->stack_mode && a->count == b->count;
	default:
		return a->size == b->size && a->is_signed == b->is_signed;
	}
}

bool layout_complete(const struct layout *l)
{
	if (!l->complete && l->fill)
		l->fill((struct layout *)l);
	return l->complete;
}

void type_complete(const struct type *t)
{
	if (t->kind == TYPE_ARRAY)
		type_complete(t->of);
	if (t->kind != TYPE_STRUCT || !layout_complete(t->layout))
		return;
	for (unsigned i = 0; i < t->layout->n_members; i++)
		type_complete(t->layout->members[i].type);
}

const struct member *layout_member(const struct layout *l, const char *name, uint64_t *offset)
{
	layout_complete(l);
	for (unsigned i = 0; i < l->n_members; i++) {
		const struct member *m = &l->members[i], *inner;

		if (!m->name)
			continue;
		if (strcmp(m->name, name) == 0 && *name) {
			*offset = m->offset;
			return m;
		}
		if (*m->name || m->type->kind != TYPE_STRUCT)
			continue;
		inner = layout_member(m->type->layout, name, offset);
		if (inner) {
			*offset += m->offset;
			return inner;
		}
	}
	return NULL;
}

/* ---- names ---- */

/* Kinds whose name says it all. */
static const char *const kind_names[N_TYPES] = {
	[TYPE_UNKNOWN] = "none", [TYPE_VOID] = "void", [TYPE_BOOL] = "bool", [TYPE_INET] = "inet",
	[TYPE_MAC] = "mac_address", [TYPE_KSTACK] = "kstack", [TYPE_USTACK] = "ustack",
	[TYPE_KSYM] = "ksym_t",
	[TYPE_USYM] = "usym_t", [TYPE_USERNAME] = "username", [TYPE_TIMESTAMP] = "timestamp",
	[TYPE_CGROUP_PATH] = "cgroup_path_t", [TYPE_COUNT] = "count_t", [TYPE_SUM] = "sum_t",
	[TYPE_MIN] = "min_t",
	[TYPE_MAX] = "max_t", [TYPE_AVG] = "avg_t", [TYPE_STATS] = "stats_t", [TYPE_HIST] = "hist_t",
	[TYPE_LHIST] = "lhist_t", [TYPE_TSERIES] = "tseries_t",
};

static void print_tuple(const struct layout *l, struct str *out)
{
	bool record = l->n_members > 0 && l->members[0].name;

	str_add(out, record ? "record{" : "(");
	for (unsigned i = 0; i < l->n_members; i++) {
		str_add(out, i ? "," : "");
		if (record)
			str_addf(out, ".%s=", l->members[i].name);
		type_print(l->members[i].type, out);
	}
	str_add(out, record ? "}" : ")");
}

/* int32[2][3]: what is in the array comes first, then the counts from the outermost. */
static void print_array(const struct type *t, struct str *out)
{
	const struct type *of = t;

	while (of->kind == TYPE_ARRAY)
		of = of->of;
	type_print(of, out);
	for (; t->kind == TYPE_ARRAY; t = t->of)
		str_addf(out, "[%llu]", (unsigned long long)t->count);
}

void type_print(const struct type *t, struct str *out)
{
	switch (t->kind) {
	case TYPE_INT:
		if (t->enumeration && *t->enumeration->name)
			str_add(out, t->enumeration->name);
		else
			str_addf(out, "%sint%u", t->is_signed ? "" : "u", (unsigned)(8 * t->size));
		break;
	case TYPE_POINTER:
		type_print(t->of, out);
		str_add(out, " *");
		break;
	case TYPE_STRING:
		str_addf(out, "string[%llu]", (unsigned long long)t->size);
		break;
	case TYPE_BUFFER:
		str_addf(out, "buffer[%llu]", (unsigned long long)t->size);
		break;
	case TYPE_ARRAY:
		print_array(t, out);
		break;
	case TYPE_STRUCT:
		str_add(out, t->layout->name);
		break;
	case TYPE_TUPLE:
		print_tuple(t->layout, out);
		break;
	default:
		str_add(out, t->text && t->kind == TYPE_VOID ? t->text : kind_names[t->kind]);
	}
}

/* ---- by name ---- */

/* Names of integers that programs use without a header. */
static const struct {
	const char *name;
	unsigned char size;
	bool is_signed;
} integers[] = {
	{ "int8", 1, true }, { "int16", 2, true }, { "int32", 4, true }, { "int64", 8, true },
	{ "uint8", 1, false }, { "uint16", 2, false }, { "uint32", 4, false }, { "uint64", 8, false },
	{ "int8_t", 1, true }, { "int16_t", 2, true }, { "int32_t", 4, true }, { "int64_t", 8, true },
	{ "uint8_t", 1, false }, { "uint16_t", 2, false }, { "uint32_t", 4, false }, { "uint64_t", 8, false },
	{ "u_int8_t", 1, false }, { "u_int16_t", 2, false }, { "u_int32_t", 4, false },
	{ "u_int64_t", 8, false },
	{ "u8", 1, false }, { "u16", 2, false }, { "u32", 4, false }, { "u64", 8, false },
	{ "s8", 1, true }, { "s16", 2, true }, { "s32", 4, true }, { "s64", 8, true },
	{ "__u8", 1, false }, { "__u16", 2, false }, { "__u32", 4, false }, { "__u64", 8, false },
	{ "__s8", 1, true }, { "__s16", 2, true }, { "__s32", 4, true }, { "__s64", 8, true },
	{ "__be16", 2, false }, { "__be32", 4, false }, { "__be64", 8, false },
	{ "__le16", 2, false }, { "__le32", 4, false }, { "__le64", 8, false },
	{ "__sum16", 2, false }, { "__wsum", 4, false }, { "__poll_t", 4, false },
	{ "uchar", 1, false }, { "ushort", 2, false }, { "uint", 4, false }, { "ulong", sizeof(long), false },
	{ "u_char", 1, false }, { "u_short", 2, false }, { "u_int", 4, false },
	{ "u_long", sizeof(long), false },
	{ "size_t", sizeof(size_t), false }, { "ssize_t", sizeof(size_t), true },
	{ "__kernel_size_t", sizeof(size_t), false }, { "__kernel_ssize_t", sizeof(size_t), true },
	{ "intptr_t", sizeof(void *), true }, { "uintptr_t", sizeof(void *), false },
	{ "ptrdiff_t", sizeof(void *), true }, { "off_t", sizeof(long), true }, { "loff_t", 8, true },
	{ "off64_t", 8, true }, { "time_t", sizeof(long), true }, { "time64_t", 8, true },
	{ "ktime_t", 8, true },
	{ "clock_t", sizeof(long), true }, { "clockid_t", 4, true }, { "suseconds_t", sizeof(long), true },
	{ "pid_t", 4, true }, { "tid_t", 4, true }, { "uid_t", 4, false }, { "gid_t", 4, false },
	{ "id_t", 4, false }, { "key_t", 4, true }, { "dev_t", 4, false }, { "ino_t", sizeof(long), false },
	{ "mode_t", 4, false }, { "umode_t", 2, false }, { "nlink_t", sizeof(long), false },
	{ "sector_t", 8, false }, { "blkcnt_t", 8, false }, { "gfp_t", 4, false }, { "fmode_t", 4, false },
	{ "socklen_t", 4, false }, { "sa_family_t", 2, false }, { "in_addr_t", 4, false },
	{ "in_port_t", 2, false }, { "pthread_t", sizeof(long), false }, { "wchar_t", 4, true },
	{ "sigset_t", 8, false }, { "timer_t", sizeof(void *), false }, { "dma_addr_t", 8, false },
	{ "phys_addr_t", 8, false }, { "pgoff_t", sizeof(long), false }, { "cpumask_t", 8, false },
	{ "__kernel_long_t", sizeof(long), true }, { "__kernel_ulong_t", sizeof(long), false },
	{ "__kernel_time64_t", 8, true }, { "__kernel_pid_t", 4, true }, { "__kernel_loff_t", 8, true },
	{ "__kernel_sa_family_t", 2, false },
};

static const struct {
	const char *name;
	const struct type *type;
} others[] = {
	{ "void", &type_void }, { "bool", &type_bool }, { "_Bool", &type_bool }, { "float", &type_float },
	{ "double", &type_double }, { "__int128", &type_int128 }, { "string", &type_any_string },
	{ "buffer", &type_any_buffer }, { "inet", &type_any_inet },
};

static bool same_word(const char *text, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(text, word, n) == 0;
}

/* C's own names: "unsigned long int". NULL when a word is none of them. */
static const struct type *basic_type(const char *name)
{
	unsigned longs = 0, shorts = 0, chars = 0, is_unsigned = 0;

	if (strcmp(name, "long double") == 0)
		return &type_long_double;
	while (*name) {
		size_t n = strcspn(name, " ");

		if (same_word(name, n, "long"))
			longs++;
		else if (same_word(name, n, "short"))
			shorts++;
		else if (same_word(name, n, "char"))
			chars++;
		else if (same_word(name, n, "unsigned"))
			is_unsigned++;
		else if (!same_word(name, n, "int") && !same_word(name, n, "signed"))
			return NULL;
		name += n + (name[n] == ' ');
	}
	return type_int(chars ? 1 : shorts ? 2 : longs > 1 ? 8 : longs ? sizeof(long) : 4, !is_unsigned);
}

static const struct type *tagged_type(const struct program *p, const char *name)
{
	for (unsigned i = 0; i < p->n_layouts; i++)
		if (strcmp(p->layouts[i]->name, name) == 0 && p->layouts[i]->complete)
			return layout_type(p->layouts[i]);
	for (unsigned i = 0; i < p->n_enums; i++)
		if (strcmp(p->enums[i]->name, name) == 0)
			return enumeration_type(p->arena, p->enums[i]);
	return uapi_type(p, name);
}

const struct type *type_named(const struct program *p, const char *name)
{
	if (strchr(name, ' ')) {
		const struct type *basic = basic_type(name);

		return basic ? basic : tagged_type(p, name);
	}
	for (unsigned i = 0; i < p->n_typedefs; i++)
		if (strcmp(p->typedefs[i].name, name) == 0)
			return p->typedefs[i].type;
	for (size_t i = 0; i < ARRAY_LEN(integers); i++)
		if (strcmp(integers[i].name, name) == 0)
			return type_int(integers[i].size, integers[i].is_signed);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i].name, name) == 0)
			return others[i].type;
	return *name ? basic_type(name) : NULL;
}
