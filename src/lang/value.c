/* value.c - values of the language: as text, in memory, compared and copied.
 *
 * A value is 16 bytes and does not know what it is; the checked tree does. So everything here takes a type and
 * a value, and follows the type: a tuple's members, an array's elements, a struct's bytes.
 *
 * What is printed is what bpftrace prints:
 *
 *	integers decimal, enumerators by name, true, 0x33 (a pointer), bare strings, hi\x00 (a buffer)
 *	[1,2,3] (an array), (1, a, (2, 3)) (a tuple), { .m = 2, .n = 3 } (a struct or record)
 */
#include "lang/value.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- numbers ---- */

int64_t value_fit(const struct type *t, int64_t n)
{
	if (t->kind == TYPE_BOOL)
		return n != 0;
	if (t->kind != TYPE_INT)
		return n;
	switch (t->size) {
	case 1:
		return t->is_signed ? (int8_t)n : (uint8_t)n;
	case 2:
		return t->is_signed ? (int16_t)n : (uint16_t)n;
	case 4:
		return t->is_signed ? (int32_t)n : (int64_t)(uint32_t)n;
	default:
		return n;
	}
}

static int64_t divide(int64_t total, uint64_t count, bool is_signed)
{
	if (count == 0)
		return 0;
	return is_signed ? total / (int64_t)count : (int64_t)((uint64_t)total / count);
}

int64_t aggregate_number(const struct type *t, const struct aggregate *a)
{
	switch (t->kind) {
	case TYPE_COUNT:
		return (int64_t)a->count;
	case TYPE_SUM:
		return a->total;
	case TYPE_MIN:
		return a->min;
	case TYPE_MAX:
		return a->max;
	default:		/* avg, and the average of stats */
		return divide(a->total, a->count, t->is_signed);
	}
}

/* ---- buckets ----
 *
 * hist(n, k), N = 2^k: bucket 0 is for negative numbers, then N buckets hold one number each (0..N-1), and every
 * power of two from N on is split into N buckets. lhist(): bucket 0 is what is below min, the last what is at or
 * above max. */

static unsigned lhist_inner(const struct type *t)
{
	return t->lhist_step > 0 ? (unsigned)((t->lhist_max - t->lhist_min) / t->lhist_step) : 0;
}

unsigned aggregate_buckets(const struct type *t)
{
	if (t->kind == TYPE_HIST)
		return (unsigned)((64 - t->count) << t->count) + 1;
	if (t->kind == TYPE_LHIST)
		return lhist_inner(t) + 2;
	return 0;
}

/* The least number of a bucket of hist(); bucket > 0. */
static uint64_t hist_begin(unsigned bucket, uint64_t k)
{
	uint64_t each = 1ull << k, index = bucket - 1;

	if (index < each)
		return index;
	return (each + (index & (each - 1))) << ((index >> k) - 1);
}

void aggregate_bounds(const struct type *t, unsigned bucket, int64_t *min, int64_t *max, bool *open_below,
		      bool *open_above)
{
	unsigned last = aggregate_buckets(t) - 1;

	*open_below = bucket == 0;
	*open_above = t->kind == TYPE_LHIST && bucket == last;
	if (t->kind == TYPE_HIST) {
		*min = bucket ? (int64_t)hist_begin(bucket, t->count) : INT64_MIN;
		*max = bucket == last ? INT64_MAX : (int64_t)(hist_begin(bucket + 1, t->count) - 1);
		return;
	}
	*min = bucket ? t->lhist_min + (int64_t)(bucket - 1) * t->lhist_step : INT64_MIN;
	*max = t->lhist_min + (int64_t)bucket * t->lhist_step - 1;
	if (*open_above) {
		*min = t->lhist_max;
		*max = INT64_MAX;
	}
}

/* ---- values in memory ---- */

static int64_t load_number(const struct type *t, const char *bytes, size_t n)
{
	int64_t number = 0;
	uint64_t size = t->kind == TYPE_BOOL ? 1 : t->size && t->size <= 8 ? t->size : 8;

	if (n < size)
		return 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(&number, bytes, size);
#else
	memcpy((char *)&number + 8 - size, bytes, size);
#endif
	return value_fit(t, number);
}

static void load_array(const struct type *t, const char *bytes, size_t n, const struct memory *m, union value *out)
{
	union value *items = m->take(m->ctx, (size_t)t->count * sizeof(*items));
	size_t size = t->of->size;

	for (uint64_t i = 0; i < t->count; i++) {
		size_t at = (size_t)i * size;

		value_load(t->of, bytes + (at < n ? at : n), at < n ? n - at : 0, m, &items[i]);
	}
	out->items = items;
}

void value_load(const struct type *t, const char *bytes, size_t n, const struct memory *m, union value *out)
{
	size_t size = t->size && t->size < n ? t->size : n;

	memset(out, 0, sizeof(*out));
	switch (t->kind) {
	case TYPE_STRING:
		out->text.data = bytes;
		out->text.len = (uint32_t)strnlen(bytes, size);
		break;
	case TYPE_BUFFER:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		out->text.data = bytes;
		out->text.len = (uint32_t)size;
		break;
	case TYPE_ARRAY:
		load_array(t, bytes, n, m, out);
		break;
	default:
		out->n = load_number(t, bytes, n);
	}
}

/* A tracepoint's field may say only where its bytes are: offset | length << 16. */
static void load_data_loc(const struct type *t, const char *bytes, size_t n, uint64_t at, const struct memory *m,
			  union value *out)
{
	uint32_t where = 0;
	size_t offset, len;

	if (at + sizeof(where) <= n)
		memcpy(&where, bytes + at, sizeof(where));
	offset = where & 0xffff;
	len = where >> 16;
	if (offset > n)
		offset = n;
	if (len > n - offset)
		len = n - offset;
	if (t->kind == TYPE_STRING) {	/* its length is here, not in the type */
		memset(out, 0, sizeof(*out));
		out->text.data = bytes + offset;
		out->text.len = (uint32_t)strnlen(bytes + offset, len);
	} else {
		value_load(t, bytes + offset, len, m, out);
	}
}

/* Bit fields lie in the bytes from the lowest bit on (little endian), or from the highest (big endian). */
static int64_t load_bits(const struct member *member, const char *bytes, size_t n)
{
	uint64_t word = 0;
	unsigned first = member->bit_offset, bits = member->bits;

	for (unsigned i = 0; i < bits && bits <= 64; i++) {
		unsigned bit = first + i;
		size_t byte = bit / 8;

		if (byte >= n)
			break;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		word |= (uint64_t)((unsigned char)bytes[byte] >> bit % 8 & 1) << i;
#else
		word = word << 1 | ((unsigned char)bytes[byte] >> (7 - bit % 8) & 1);
#endif
	}
	if (member->type->is_signed && bits < 64 && word >> (bits - 1) & 1)
		word |= ~0ull << bits;
	return (int64_t)word;
}

void value_load_member(const struct member *member, uint64_t offset, const char *bytes, size_t n,
		       const struct memory *m, union value *out)
{
	size_t at = offset < n ? (size_t)offset : n;

	if (member->is_data_loc) {
		load_data_loc(member->type, bytes, n, offset, m, out);
	} else if (member->bits) {
		memset(out, 0, sizeof(*out));
		out->n = load_bits(member, bytes + at, n - at);
	} else {
		value_load(member->type, bytes + at, n - at, m, out);
	}
}

/* The variant of a sum type that is there: its number among the members; -1: none, or nobody can tell. */
static long variant_of(const struct layout *l, uint64_t offset, const char *bytes, size_t n)
{
	const struct member *number = NULL;
	union value v = { .n = 0 };
	long other = -1;

	for (unsigned i = 0; i < l->n_members; i++)
		if (l->members[i].variant == VARIANT_NUMBER)
			number = &l->members[i];
	if (number && number->type->kind != TYPE_INT)
		return -1;
	if (number)
		value_load_member(number, offset + number->offset, bytes, n, NULL, &v);
	for (unsigned i = 0; i < l->n_members; i++) {
		const struct member *m = &l->members[i];

		if (m->variant == VARIANT_WHEN && number && value_fit(number->type, (int64_t)m->when) == v.n)
			return i;
		if (m->variant == VARIANT_ELSE)
			other = i;
	}
	return other;
}

bool value_shows_member(const struct layout *l, unsigned i, uint64_t offset, const char *bytes, size_t n)
{
	return l->members[i].variant == VARIANT_NOT || variant_of(l, offset, bytes, n) == (long)i;
}

/* ---- printing: numbers and text ---- */

void value_print_number(int64_t n, bool is_signed, struct str *out)
{
	char digits[24], *end = digits + sizeof(digits), *p = end;
	uint64_t rest = is_signed && n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (is_signed && n < 0)
		*--p = '-';
	str_addn(out, p, (size_t)(end - p));
}

static void print_hex(uint64_t n, struct str *out)
{
	str_addf(out, "0x%llx", (unsigned long long)n);
}

void value_print_text(const struct names *names, const char *text, size_t n, struct str *out)
{
	if (!names || !names->terminal) {
		str_addn(out, text, n);
		return;
	}
	/* As str_add_scrubbed(), but a backslash stays one: nobody reads this back. */
	while (n > 0) {
		const char *backslash = memchr(text, '\\', n);
		size_t run = backslash ? (size_t)(backslash - text) : n;

		str_add_scrubbed(out, text, run, 0);
		if (backslash) {
			str_addc(out, '\\');
			run++;
		}
		text += run;
		n -= run;
	}
}

static void print_string(const struct names *names, const union value *v, struct str *out)
{
	value_print_text(names, v->text.data, v->text.len, out);
	if (v->text.cut)
		str_add(out, names && names->config && names->config->str_trunc_trailer ?
				     names->config->str_trunc_trailer : "..");
}

static void print_buffer(const union value *v, struct str *out)
{
	for (uint32_t i = 0; i < v->text.len; i++) {
		unsigned char c = (unsigned char)v->text.data[i];

		if (c >= 32 && c <= 126)
			str_addc(out, (char)c);
		else
			str_addf(out, "\\x%02x", c);
	}
}

static void print_inet(const union value *v, struct str *out)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (v->text.len >= 16)
		inet_ntop(AF_INET6, v->text.data, text, sizeof(text));
	else if (v->text.len >= 4)
		inet_ntop(AF_INET, v->text.data, text, sizeof(text));
	str_add(out, text);
}

static void print_mac(const union value *v, struct str *out)
{
	for (uint32_t i = 0; i < v->text.len; i++)
		str_addf(out, "%s%02X", i ? ":" : "", (unsigned char)v->text.data[i]);
}

/* %f, %l and %k are ours; strftime() shall not see them. */
static void add_fractions(const char *format, unsigned ns, struct str *out)
{
	for (; *format; format++) {
		if (format[0] != '%' || !format[1]) {
			str_addc(out, *format);
			continue;
		}
		format++;
		if (*format == 'f')
			str_addf(out, "%06u", ns / 1000);
		else if (*format == 'l')
			str_addf(out, "%03u", ns / 1000000);
		else if (*format == 'k')
			str_addf(out, "%09u", ns);
		else
			str_addf(out, "%%%c", *format);
	}
}

void value_print_time(const char *format, uint64_t ns, struct str *out)
{
	_cleanup_(str_release) struct str whole = STR_INIT;
	time_t seconds = (time_t)(ns / 1000000000);
	char text[1024];
	struct tm tm;

	add_fractions(format, (unsigned)(ns % 1000000000), &whole);
	if (!whole.s || !localtime_r(&seconds, &tm))
		return;
	str_addn(out, text, strftime(text, sizeof(text), whole.s, &tm));
}

/* ---- printing: names ---- */

static void print_ksym(const struct names *names, uint64_t address, bool offset, struct str *out)
{
	const char *name;
	uint64_t from;

	if (!names || !names->kernel || !names->kernel(names->ctx, address, &name, &from) || !name) {
		print_hex(address, out);
		return;
	}
	value_print_text(names, name, strlen(name), out);
	if (offset)
		str_addf(out, "+%llu", (unsigned long long)from);
}

static void print_usym(const struct names *names, pid_t pid, uint64_t address, bool offset, bool with_file,
		       struct str *out)
{
	const char *name = NULL, *file = NULL;
	uint64_t from = 0;
	bool known = names && names->user && names->user(names->ctx, pid, address, &name, &from, &file);

	if (known && name) {
		value_print_text(names, name, strlen(name), out);
		if (offset)
			str_addf(out, "+%llu", (unsigned long long)from);
	} else {
		print_hex(address, out);
	}
	if (with_file && known && file) {
		str_add(out, " (");
		value_print_text(names, file, strlen(file), out);
		str_addc(out, ')');
	}
}

static void print_build_id(const struct names *names, const struct stack *s, uint64_t address, struct str *out)
{
	const char *id;
	uint64_t offset;

	if (names && names->build_id && names->build_id(names->ctx, s->pid, address, &id, &offset))
		str_addf(out, "%s 0x%llx", id, (unsigned long long)offset);
	else
		print_hex(address, out);
}

/* @file:line */
static void print_position(const struct names *names, const char *file, unsigned line, struct str *out)
{
	if (!file)
		return;
	str_addc(out, '@');
	value_print_text(names, file, strlen(file), out);
	str_addf(out, ":%u", line);
}

/* A frame of a process, with the functions that were inlined there on lines before it. But for the first, a frame is
 * where a call returns to: its line is that of the call, one byte before. */
static void print_user_frame(const struct names *names, const struct stack *s, unsigned i, struct str *out)
{
	uint64_t address = s->addresses[i];
	const char *function, *file = NULL;
	unsigned line = 0;
	bool ask = names && names->source && names->config && names->config->show_debug_info;

	for (unsigned level = 0; ask && names->source(names->ctx, s->pid, address - (i > 0), level, &function, &file,
						      &line) && function; level++) {
		str_add(out, "[inlined] ");
		value_print_text(names, function, strlen(function), out);
		print_position(names, file, line, out);
		str_add(out, "\n        ");
		file = NULL;
	}
	print_usym(names, s->pid, address, true, false, out);
	print_position(names, file, line, out);
}

/* A newline, then each frame on a line of its own. */
static void print_stack(const struct names *names, const struct type *t, const struct stack *s, struct str *out)
{
	str_addc(out, '\n');
	for (unsigned i = 0; s && i < s->n; i++) {
		uint64_t address = s->addresses[i];
		bool perf = t->stack_mode == STACK_PERF;

		if (t->stack_mode == STACK_RAW) {
			str_addf(out, "%llx\n", (unsigned long long)address);
			continue;
		}
		if (perf)
			str_addf(out, "\t%llx ", (unsigned long long)address);
		else
			str_add(out, "        ");
		if (t->stack_mode == STACK_BUILD_ID && t->kind == TYPE_USTACK)
			print_build_id(names, s, address, out);
		else if (t->kind == TYPE_KSTACK)
			print_ksym(names, address, true, out);
		else if (perf)
			print_usym(names, s->pid, address, true, true, out);
		else
			print_user_frame(names, s, i, out);
		str_addc(out, '\n');
	}
}

static void print_username(const struct names *names, uint32_t uid, struct str *out)
{
	const char *name = names && names->username ? names->username(names->ctx, uid) : NULL;

	if (name)
		value_print_text(names, name, strlen(name), out);
	else
		value_print_number(uid, false, out);
}

static void print_integer(const struct type *t, int64_t n, struct str *out)
{
	const struct enumeration *e = t->enumeration;

	for (unsigned i = 0; e && i < e->n; i++) {
		if (value_fit(t, (int64_t)e->values[i].value) == n) {
			str_add(out, e->values[i].name);
			return;
		}
	}
	if (e && e->other) {
		str_add(out, e->other);
		return;
	}
	value_print_number(n, t->is_signed, out);
}

/* ---- printing: values made of values ---- */

static void *take_from_arena(void *ctx, size_t size)
{
	return arena_alloc(ctx, size);
}

static void free_arena(struct arena **a)
{
	arena_free(*a);
}

/* Members of unnamed structs count as the outer one's. */
static void print_members(const struct names *names, const struct layout *l, uint64_t base, const union value *v,
			  bool *any, struct str *out)
{
	_cleanup_(free_arena) struct arena *a = arena_new();
	struct memory memory = { take_from_arena, a };

	for (unsigned i = 0; i < l->n_members; i++) {
		const struct member *m = &l->members[i];
		union value item;

		if (m->name && !*m->name && m->type->kind == TYPE_STRUCT) {
			print_members(names, m->type->layout, base + m->offset, v, any, out);
			continue;
		}
		if (!value_shows_member(l, i, base, v->text.data, v->text.len))
			continue;
		value_load_member(m, base + m->offset, v->text.data, v->text.len, &memory, &item);
		str_addf(out, "%s .%s = ", *any ? "," : "{", m->name);
		*any = true;
		value_print(names, m->type, &item, out);
	}
}

static void print_struct(const struct names *names, const struct type *t, const union value *v, struct str *out)
{
	bool any = false;

	if (t->layout)
		print_members(names, t->layout, 0, v, &any, out);
	str_add(out, any ? " }" : "{}");
}

static void print_tuple(const struct names *names, const struct type *t, const union value *v, struct str *out)
{
	const struct layout *l = t->layout;
	bool record = l->n_members && l->members[0].name;

	if (!record)
		str_addc(out, '(');
	for (unsigned i = 0; i < l->n_members; i++) {
		if (record)
			str_addf(out, "%s .%s = ", i ? "," : "{", l->members[i].name);
		else if (i)
			str_add(out, ", ");
		value_print(names, l->members[i].type, &v->items[i], out);
	}
	str_add(out, record ? " }" : ")");
}

static void print_array(const struct names *names, const struct type *t, const union value *v, struct str *out)
{
	str_addc(out, '[');
	for (uint64_t i = 0; i < t->count; i++) {
		if (i)
			str_addc(out, ',');
		value_print(names, t->of, &v->items[i], out);
	}
	str_addc(out, ']');
}

static void print_stats(const struct type *t, const struct aggregate *a, struct str *out)
{
	str_add(out, "{ .count = ");
	value_print_number((int64_t)a->count, false, out);
	str_add(out, ", .average = ");
	value_print_number(aggregate_number(t, a), t->is_signed, out);
	str_add(out, ", .total = ");
	value_print_number(a->total, t->is_signed, out);
	str_add(out, " }");
}

void value_print(const struct names *names, const struct type *t, const union value *v, struct str *out)
{
	switch (t->kind) {
	case TYPE_BOOL:
		str_add(out, v->n ? "true" : "false");
		break;
	case TYPE_INT:
		print_integer(t, v->n, out);
		break;
	case TYPE_POINTER:
		print_hex((uint64_t)v->n, out);
		break;
	case TYPE_STRING:
		print_string(names, v, out);
		break;
	case TYPE_BUFFER:
		print_buffer(v, out);
		break;
	case TYPE_INET:
		print_inet(v, out);
		break;
	case TYPE_MAC:
		print_mac(v, out);
		break;
	case TYPE_ARRAY:
		print_array(names, t, v, out);
		break;
	case TYPE_STRUCT:
		print_struct(names, t, v, out);
		break;
	case TYPE_TUPLE:
		print_tuple(names, t, v, out);
		break;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		print_stack(names, t, v->stack, out);
		break;
	case TYPE_KSYM:
		print_ksym(names, (uint64_t)v->n, false, out);
		break;
	case TYPE_USYM:
		print_usym(names, v->usym.pid, (uint64_t)v->usym.address, false, false, out);
		break;
	case TYPE_USERNAME:
		print_username(names, (uint32_t)v->n, out);
		break;
	case TYPE_TIMESTAMP:
		value_print_time(t->text ? t->text : "%H:%M:%S", (uint64_t)v->n, out);
		break;
	case TYPE_MISSING:
		str_addf(out, "(%s)", t->text);
		break;
	case TYPE_CGROUP_PATH:		/* the one hierarchy there is; t->text: the filter */
		if (names && names->cgroup_path && (!t->text || fnmatch(t->text, "unified", 0) == 0))
			names->cgroup_path(names->ctx, (uint64_t)v->n, out);
		break;
	case TYPE_COUNT:
		value_print_number(aggregate_number(t, v->aggregate), false, out);
		break;
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
		value_print_number(aggregate_number(t, v->aggregate), t->is_signed, out);
		break;
	case TYPE_STATS:
		print_stats(t, v->aggregate, out);
		break;
	default:	/* histograms are out/'s; the rest has no value */
		break;
	}
}

/* ---- comparing ---- */

static int compare_numbers(bool is_signed, int64_t a, int64_t b)
{
	if (is_signed)
		return (a > b) - (a < b);
	return ((uint64_t)a > (uint64_t)b) - ((uint64_t)a < (uint64_t)b);
}

static int compare_bytes(const union value *a, const union value *b)
{
	uint32_t n = a->text.len < b->text.len ? a->text.len : b->text.len;
	int order = n ? memcmp(a->text.data, b->text.data, n) : 0;

	return order ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

static int compare_stacks(const struct stack *a, const struct stack *b)
{
	unsigned na = a ? a->n : 0, nb = b ? b->n : 0;

	for (unsigned i = 0; i < na && i < nb; i++)
		if (a->addresses[i] != b->addresses[i])
			return a->addresses[i] < b->addresses[i] ? -1 : 1;
	return (na > nb) - (na < nb);
}

int value_compare(const struct type *t, const union value *a, const union value *b)
{
	int order = 0;

	switch (t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		return compare_bytes(a, b);
	case TYPE_ARRAY:
		for (uint64_t i = 0; i < t->count && !order; i++)
			order = value_compare(t->of, &a->items[i], &b->items[i]);
		return order;
	case TYPE_TUPLE:
		for (unsigned i = 0; i < t->layout->n_members && !order; i++)
			order = value_compare(t->layout->members[i].type, &a->items[i], &b->items[i]);
		return order;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		return compare_stacks(a->stack, b->stack);
	case TYPE_INT:
		return compare_numbers(t->is_signed, a->n, b->n);
	default:
		return t->kind >= TYPE_COUNT ?
			       compare_numbers(t->is_signed, aggregate_number(t, a->aggregate),
					       aggregate_number(t, b->aggregate)) :
			       compare_numbers(false, a->n, b->n);
	}
}

/* ---- as a key ---- */

static void add_number(struct str *out, int64_t n)
{
	str_addn(out, (const char *)&n, sizeof(n));
}

void value_key(const struct type *t, const union value *v, struct str *out)
{
	switch (t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		add_number(out, v->text.len);	/* so that ("a", "bc") is not ("ab", "c") */
		str_addn(out, v->text.data, v->text.len);
		break;
	case TYPE_ARRAY:
		for (uint64_t i = 0; i < t->count; i++)
			value_key(t->of, &v->items[i], out);
		break;
	case TYPE_TUPLE:
		for (unsigned i = 0; i < t->layout->n_members; i++)
			value_key(t->layout->members[i].type, &v->items[i], out);
		break;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		add_number(out, v->stack ? v->stack->n : 0);
		add_number(out, v->stack ? v->stack->pid : 0);
		if (v->stack)
			str_addn(out, (const char *)v->stack->addresses, v->stack->n * sizeof(uint64_t));
		break;
	case TYPE_USYM:
		add_number(out, v->usym.address);
		add_number(out, v->usym.pid);
		break;
	default:
		add_number(out, v->n);
	}
}

/* ---- copying ---- */

static size_t aligned(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

static size_t stack_size(const struct stack *s)
{
	return sizeof(*s) + s->n * sizeof(s->addresses[0]);
}

/* How many values, and their types, a value is made of. */
static uint64_t n_items(const struct type *t)
{
	return t->kind == TYPE_ARRAY ? t->count : t->kind == TYPE_TUPLE ? t->layout->n_members : 0;
}

static const struct type *item_type(const struct type *t, uint64_t i)
{
	return t->kind == TYPE_ARRAY ? t->of : t->layout->members[i].type;
}

static size_t buckets_size(const struct type *t, const struct aggregate *a)
{
	return a->buckets ? aligned(aggregate_buckets(t) * sizeof(*a->buckets)) : 0;
}

static size_t intervals_size(const struct type *t, const struct aggregate *a)
{
	return a->intervals ? aligned((size_t)t->count * sizeof(*a->intervals)) : 0;
}

size_t value_room(const struct type *t, const union value *v)
{
	size_t room = 0;

	switch (t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		return aligned(v->text.len);
	case TYPE_ARRAY:
	case TYPE_TUPLE:
		room = aligned((size_t)n_items(t) * sizeof(union value));
		for (uint64_t i = 0; i < n_items(t); i++)
			room += value_room(item_type(t, i), &v->items[i]);
		return room;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		return v->stack ? aligned(stack_size(v->stack)) : 0;
	default:
		if (t->kind < TYPE_COUNT || !v->aggregate)
			return 0;
		return aligned(sizeof(*v->aggregate)) + buckets_size(t, v->aggregate) +
		       intervals_size(t, v->aggregate);
	}
}

static void *put(char **at, const void *bytes, size_t n)
{
	void *p = *at;

	if (n)
		memcpy(p, bytes, n);
	*at += aligned(n);
	return p;
}

static void copy_aggregate(const struct type *t, const struct aggregate *from, union value *copy, char **at)
{
	struct aggregate *a = put(at, from, sizeof(*from));

	if (from->buckets)
		a->buckets = put(at, from->buckets, aggregate_buckets(t) * sizeof(*from->buckets));
	if (from->intervals)
		a->intervals = put(at, from->intervals, (size_t)t->count * sizeof(*from->intervals));
	copy->aggregate = a;
}

static void copy_to(const struct type *t, const union value *v, union value *copy, char **at)
{
	union value *items;

	*copy = *v;
	switch (t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		copy->text.data = v->text.len ? put(at, v->text.data, v->text.len) : "";
		break;
	case TYPE_ARRAY:
	case TYPE_TUPLE:
		items = put(at, v->items, (size_t)n_items(t) * sizeof(*items));
		copy->items = items;
		for (uint64_t i = 0; i < n_items(t); i++) {
			union value item = items[i];

			copy_to(item_type(t, i), &item, &items[i], at);
		}
		break;
	case TYPE_KSTACK:
	case TYPE_USTACK:
		if (v->stack)
			copy->stack = put(at, v->stack, stack_size(v->stack));
		break;
	default:
		if (t->kind >= TYPE_COUNT && v->aggregate)
			copy_aggregate(t, v->aggregate, copy, at);
	}
}

void value_copy_to(const struct type *t, const union value *v, union value *copy, void *memory)
{
	char *at = memory;

	copy_to(t, v, copy, &at);
}

void *value_copy(const struct type *t, const union value *v, union value *copy)
{
	size_t room = value_room(t, v);
	void *memory = room ? mem_alloc(room) : NULL;

	value_copy_to(t, v, copy, memory);
	return memory;
}
