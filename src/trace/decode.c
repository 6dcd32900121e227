/* decode.c - an event's bytes become a record, by the offsets of its format file.
 *
 * events/GROUP/EVENT/format tells how the kernel lays out the event, and does not change while the event
 * exists. For `p:g/e /bin/bash:0x1139 fd=%di:s32 path=+0(%si):string`:
 *
 *	field:unsigned short common_type;	offset:0; size:2; signed:0;
 *	field:int common_pid;			offset:4; size:4; signed:1;
 *	field:unsigned long __probe_ip;		offset:8; size:8; signed:0;
 *	field:s32 fd;				offset:16; size:4; signed:1;
 *	field:__data_loc char[] path;		offset:20; size:4; signed:1;
 *	print fmt: "(%lx) fd=%d path=\"%s\"", REC->__probe_ip, REC->fd, __get_str(path)
 *
 * Every event has the common_* fields; a return probe has __probe_func and __probe_ret_ip in place of
 * __probe_ip. What follows are our fetch arguments in their order: slot 0, slot 1, ... A `__data_loc` field
 * holds where in the record the data is: length in the upper 16 bits, offset in the lower; length 0 says
 * that the kernel could not read it (an empty string has length 1, its NUL). `char[][2]` is two of them.
 *
 * Numbers have no such mark. When the last read of a chain faults, the kernel stores 0; when a pointer on
 * the way is bad, it stores nothing, and the field keeps what an older record left there. So the plan
 * fetches every pointer on the way too, the guards, and a capture counts only when all of them could be
 * pointers.
 *
 * Two more things about dynamic text were found by experiment (6.18). When a pointer on the way to a string
 * is bad, the kernel leaves the location as it had prepared it, pointing at the text of the *next* dynamic
 * field: so a text that begins where the next one begins was not stored. And when a string is too long for
 * the room that was measured for all of them, it is cut without a mark, and those after it get none: the
 * $comm that the plan puts behind the last one is then missing, and tells.
 *
 * A pointer that is not null but points nowhere passes the guards, and the kernel stores 0 for what it could
 * not read, also for the rest of a value that runs over the end of the memory. So the plan fetches a text at the
 * value's last byte, the witness: where that byte is 0 the text is empty, or a fault.
 *
 * A static event of the kernel is laid out by the same kind of file, and its fields are the values: no argument is
 * ours, there is no $comm, and what is there was always read. Its `char name[16]` is a string as it stands, and a
 * `__rel_loc` counts from its own end.
 *
 * The bytes are foreign: every offset is checked against the record's size before it is followed.
 */
#include "trace/internal.h"

#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

/* Bytes; no record is much larger than a page. */
#define FULL_RECORD 3900

/* ---- the format file ---- */

static unsigned number_after(const char *line, const char *key)
{
	const char *p = strstr(line, key);

	return p ? (unsigned)strtoul(p + strlen(key), NULL, 10) : 0;
}

/* "unsigned long __probe_ip", "u8 arr[4]", "__data_loc char[] s": the name is the last word, and an array's
 * brackets, when they follow the name, belong to the type. */
static void split_declaration(struct arena *a, const char *text, size_t len, struct field *f)
{
	const char *end = text + len, *brackets = end, *name;

	if (len && end[-1] == ']') {
		brackets = memrchr(text, '[', len);
		if (!brackets)
			brackets = end;
	}
	for (name = brackets; name > text && name[-1] != ' ' && name[-1] != '*' && name[-1] != ']';)
		name--;
	f->name = arena_strndup(a, name, (size_t)(brackets - name));
	len = (size_t)(name - text);
	while (len && text[len - 1] == ' ')
		len--;
	f->type = arena_fmt(a, "%.*s%.*s", (int)len, text, (int)(end - brackets), brackets);
}

static bool parse_field(struct arena *a, const char *line, struct format *out)
{
	const char *text = line + strlen("\tfield:"), *end = strchr(text, ';');
	struct field *f;

	if (!end)
		return false;
	f = &out->fields[out->n_fields++];
	split_declaration(a, text, (size_t)(end - text), f);
	f->offset = number_after(end, "offset:");
	f->size = number_after(end, "size:");
	f->is_signed = number_after(end, "signed:");
	return true;
}

static unsigned count_fields(const char *text)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, "\tfield:")); p++)
		n++;
	return n;
}

bool format_parse(struct arena *a, const char *text, struct format *out)
{
	*out = (struct format){ .fields = arena_alloc(a, (count_fields(text) + 1) * sizeof(*out->fields)),
				.print = "" };
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		const char *copy = arena_strndup(a, line, len);

		if (str_starts(copy, "ID: "))
			out->id = number_after(copy, "ID: ");
		else if (str_starts(copy, "\tfield:") && !parse_field(a, copy, out))
			return false;
		else if (str_starts(copy, "print fmt: "))
			out->print = copy + strlen("print fmt: ");
		line += len + (line[len] == '\n');
	}
	return out->id != 0 && out->n_fields > 0;
}

/* The length of an array stands behind the name in C; a __data_loc is no C, and stays as it is. */
void format_declaration(const struct field *f, struct str *out)
{
	const char *bracket = str_starts(f->type, "__") ? NULL : strchr(f->type, '[');
	size_t type = bracket ? (size_t)(bracket - f->type) : strlen(f->type);

	str_addn(out, f->type, type);
	str_addc(out, ' ');
	str_add(out, f->name);
	if (bracket)
		str_add(out, bracket);
}

/* ---- where the data of a field is ---- */

enum located { IN_PLACE, FROM_RECORD, FROM_FIELD };

static enum located located_by(const struct field *f)
{
	if (str_starts(f->type, "__data_loc"))
		return FROM_RECORD;
	return str_starts(f->type, "__rel_loc") ? FROM_FIELD : IN_PLACE;
}

/* Once per event: comparing the types' names in every record would take longer than all the rest. */
static void locate_slots(struct decoder *dec, struct arena *a)
{
	dec->n_texts = 0;
	dec->located = arena_alloc(a, dec->n_slots + 1);
	dec->texts = arena_alloc(a, (dec->n_slots + 1) * sizeof(*dec->texts));
	dec->texts_before = arena_alloc(a, (dec->n_slots + 1) * sizeof(*dec->texts_before));
	for (unsigned i = 0; i < dec->n_slots; i++) {
		dec->located[i] = located_by(&dec->slots[i]);
		if (dec->located[i] == FROM_RECORD)
			dec->texts[dec->n_texts++] = dec->slots[i].offset;
		dec->texts_before[i + 1] = dec->n_texts;
	}
}

static enum located located(const struct decoder *dec, const struct field *f)
{
	return dec->located[f - dec->slots];
}

/* ---- captures whose type only the kernel knows ---- */

/* How the kernel prints a field: what stands behind ` NAME=` in its print format. */
static const char *conversion(const struct format *f, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = f->print; (p = strstr(p, name)); p += len)
		if (p > f->print && p[-1] == ' ' && p[len] == '=')
			return p + len + 1 + strspn(p + len + 1, "{\\\"'");
	return "";
}

/* "%d", "%lld", "%Lu", "0x%x", "%c", "%pS" */
static enum base base_of(const char *conversion_text)
{
	const char *p = conversion_text + strcspn(conversion_text, "%");

	if (*p)
		p++;
	p += strspn(p, "lLhz0123456789");
	switch (*p) {
	case 'd':
	case 'i':
		return BASE_SIGNED;
	case 'u':
		return BASE_UNSIGNED;
	case 'c':
		return BASE_CHAR;
	case 's':
		return BASE_STRING;
	case 'p':
		return BASE_SYMBOL;
	default:
		return BASE_HEX;
	}
}

/* The bytes of an element, by the type's name. */
static unsigned element_size(const struct field *f)
{
	static const struct {
		const char *type;
		unsigned size;
	} rows[] = {
		{ "u8", 1 }, { "s8", 1 }, { "char", 1 }, { "u16", 2 }, { "s16", 2 },
		{ "u32", 4 }, { "s32", 4 }, { "u64", 8 }, { "s64", 8 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_starts(f->type, rows[i].type) && f->type[strlen(rows[i].type)] == '[')
			return rows[i].size;
	return f->size;
}

static void learn_capture(struct capture *c, const struct format *format, const struct field *f)
{
	c->base = base_of(conversion(format, f->name));
	c->size = element_size(f);
	c->count = strchr(f->type, '[') ? f->size / c->size : 0;
	if (located_by(f) == FROM_RECORD) {
		c->base = BASE_STRING;
		c->size = 0;
		c->count = strstr(f->type, "[][") ? f->size / 4 : 0;
	}
}

static void learn_captures(struct decoder *dec, struct arena *a, const struct format *format)
{
	struct site *s = dec->site;
	unsigned old = s->n_captures;

	if (s->open_ended && dec->n_slots > s->n_slots) {
		unsigned more = dec->n_slots - s->n_slots;
		struct capture *all = arena_alloc(a, (old + more) * sizeof(*all));

		if (old)
			memcpy(all, s->captures, old * sizeof(*all));
		for (unsigned i = 0; i < more; i++)
			all[old + i] = (struct capture){ .name = dec->slots[s->n_slots + i].name,
							 .by_format = true,
							 .witness = UINT32_MAX,
							 .slot = s->n_slots + i, .n_slots = 1 };
		s->captures = all;
		s->n_captures = old + more;
	}
	for (unsigned i = 0; i < s->n_captures; i++)
		if (s->captures[i].by_format && s->captures[i].slot < dec->n_slots)
			learn_capture(&s->captures[i], format, &dec->slots[s->captures[i].slot]);
}

/* ---- the decoder ---- */

/* True while the field is one that the kernel adds to every probe event. */
static bool take_leading_field(struct decoder *dec, const struct field *f)
{
	if (strcmp(f->name, "__probe_ip") == 0 || strcmp(f->name, "__probe_func") == 0)
		dec->ip = f->offset;
	else if (strcmp(f->name, "__probe_ret_ip") == 0)
		dec->ret_ip = f->offset;
	else
		return str_starts(f->name, "common_");
	dec->ip_size = f->size;
	return true;
}

/* A capture of a static event names its field: that is its slot. */
static bool find_fields(struct decoder *dec)
{
	for (unsigned i = 0; i < dec->site->n_captures; i++) {
		struct capture *c = &dec->site->captures[i];

		for (c->slot = 0; c->slot < dec->n_slots; c->slot++)
			if (strcmp(dec->slots[c->slot].name, c->field) == 0)
				break;
		if (c->slot == dec->n_slots)
			return false;
	}
	return true;
}

static bool is_static(const struct decoder *dec)
{
	return dec->site->provider == PROVIDER_TRACEPOINT;
}

bool decoder_init(struct decoder *dec, struct arena *a, struct site *site, const char *text)
{
	struct format format;
	unsigned first = 0;

	if (!format_parse(a, text, &format))
		return false;
	dec->site = site;
	dec->id = format.id;
	while (first < format.n_fields && take_leading_field(dec, &format.fields[first]))
		first++;
	dec->slots = format.fields + first;
	dec->n_slots = format.n_fields - first;
	if (is_static(dec) ? !find_fields(dec) : dec->n_slots < site->n_slots)
		return false;
	if (dec->ip == 0 && site->provider != PROVIDER_TRACEPOINT && site->provider != PROVIDER_EVENT)
		return false;
	locate_slots(dec, a);
	if (site->comm_slot < dec->n_slots && dec->located[site->comm_slot] == FROM_RECORD)
		dec->comm = dec->slots[site->comm_slot].offset;
	learn_captures(dec, a, &format);
	dec->values = arena_alloc(a, (site->n_captures + 1) * sizeof(*dec->values));
	return true;
}

void decoder_release(struct decoder *dec)
{
	str_release(&dec->scratch);
	free(dec->frames);
	dec->frames = NULL;
}

/* ---- values ---- */

struct bytes {
	const unsigned char *data;
	size_t size;
};

static bool read_at(const struct bytes *e, size_t offset, void *out, size_t size)
{
	if (offset > e->size || size > e->size - offset)
		return false;
	memcpy(out, e->data + offset, size);
	return true;
}

/* An address, as wide as its field is: 4 bytes in 32-bit programs and kernels. */
static uint64_t address_at(const struct bytes *e, size_t offset, size_t size)
{
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (size == sizeof(narrow))
		read_at(e, offset, &narrow, sizeof(narrow));
	else
		read_at(e, offset, &wide, sizeof(wide));
	return wide | narrow;
}

static uint64_t field_address(const struct bytes *e, const struct field *f)
{
	return address_at(e, f->offset, f->size);
}

/* A __data_loc: where in the record the data is, and how many bytes; 0 when the kernel stored none. */
static size_t location(const struct bytes *e, size_t offset, size_t *at)
{
	uint32_t loc = 0;

	read_at(e, offset, &loc, sizeof(loc));
	*at = loc & 0xffff;
	return loc >> 16;
}

/* The text that a __data_loc points at; false: the kernel could not read it. */
static bool dynamic_text(const struct decoder *dec, const struct bytes *e, size_t offset, struct bytes *out)
{
	static const char fault[] = "(fault)";
	size_t at, room = location(e, offset, &at);

	if (room == 0 || at > e->size || room > e->size - at)
		return false;
	*out = (struct bytes){ e->data + at, strnlen((const char *)e->data + at, room) };
	/* Linux 6.2 to 6.4 store these words when a kernel probe's string faults */
	return dec->site->provider == PROVIDER_UPROBE || out->size != sizeof(fault) - 1 ||
	       memcmp(out->data, fault, sizeof(fault) - 1) != 0;
}

static bool is_pointer(const struct decoder *dec, uint64_t value)
{
	if (!dec->is_pointer)
		return value != 0;
	return dec->is_pointer(dec->site, value, true) ||
	       (dec->site->provider == PROVIDER_KPROBE && dec->is_pointer(dec->site, value, false));
}

static bool guards_hold(const struct decoder *dec, const struct capture *c, const struct bytes *e)
{
	for (unsigned i = 0; i < c->n_guards; i++)
		if (c->guards[i] >= dec->n_slots ||
		    !is_pointer(dec, field_address(e, &dec->slots[c->guards[i]])))
			return false;
	return true;
}

/* Values that lie in the record are used where they are; those that must be put together are collected in
 * the scratch, which may move until all are: so read_values() says at last where each one begins. */
static struct captured in_scratch(const struct decoder *dec, size_t begin)
{
	return (struct captured){ .data = NULL, .len = dec->scratch.len - begin, .valid = true };
}

/* The text that comes next behind a field and is there at all: where it begins. False when there is none. */
static bool next_text(const struct decoder *dec, const struct field *f, const struct bytes *e, size_t *at)
{
	for (unsigned i = dec->texts_before[f - dec->slots + 1]; i < dec->n_texts; i++)
		if (location(e, dec->texts[i], at) != 0)
			return true;
	return false;
}

/* The last text that the plan asks for is a $comm, which can always be read: it is missing only when a text
 * before it has taken all the room. */
static bool is_last_text(const struct decoder *dec, const struct field *f)
{
	return dec->texts_before[f - dec->slots + 1] == dec->n_texts;
}

static bool room_was_enough(const struct decoder *dec, const struct field *f, const struct bytes *e)
{
	size_t at;

	return is_last_text(dec, f) || next_text(dec, f, e, &at);
}

/* See the head of the file: a text that the kernel did not store points at the next one. When the room was not enough,
 * the last text that is there was cut: in a record that is full it is what there was room for; in another one it was
 * longer than the kernel takes, 4095 bytes, and has only what it took from others. */
static struct captured text_value(const struct decoder *dec, const struct field *f, const struct bytes *e)
{
	size_t at, next_at;
	bool more = next_text(dec, f, e, &next_at), whole = more || is_last_text(dec, f);
	struct bytes text;

	location(e, f->offset, &at);
	if ((more && at == next_at) || (!whole && e->size < FULL_RECORD) || !dynamic_text(dec, e, f->offset, &text))
		return (struct captured){ 0 };
	return (struct captured){ .data = text.data, .len = text.size, .valid = true, .cut = !whole };
}

static struct captured text_array(struct decoder *dec, const struct capture *c, const struct field *f,
				  const struct bytes *e)
{
	size_t begin = dec->scratch.len;

	for (unsigned i = 0; i < c->count && i < f->size / 4; i++) {
		struct bytes text;

		if (dynamic_text(dec, e, f->offset + 4 * i, &text))
			str_addn(&dec->scratch, (const char *)text.data, text.size);
		else
			str_add(&dec->scratch, "(fault)");
		str_addc(&dec->scratch, '\0');
	}
	return in_scratch(dec, begin);
}

static struct captured bounded_value(struct decoder *dec, const struct capture *c, const struct bytes *e)
{
	size_t begin = dec->scratch.len, len;
	struct captured v;

	for (unsigned i = 0; i < c->n_slots && c->slot + i < dec->n_slots; i++) {
		const struct field *f = &dec->slots[c->slot + i];

		if (f->offset <= e->size && f->size <= e->size - f->offset)
			str_addn(&dec->scratch, (const char *)e->data + f->offset, f->size);
	}
	v = in_scratch(dec, begin);
	if (c->bytes)
		return v;
	len = v.len ? strnlen(dec->scratch.s + begin, v.len) : 0;
	v.cut = len == v.len;
	v.len = len;
	dec->scratch.len = begin + len;
	return v;
}

/* A number of fewer bytes than its capture has, made as wide. */
static struct captured widened(struct decoder *dec, const struct capture *c, const struct captured *narrow)
{
	bool big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	size_t begin = dec->scratch.len, last = big_endian ? 0 : narrow->len - 1;
	bool minus = c->narrow_signed && narrow->data[last] & 0x80;
	char more[8];

	memset(more, minus ? 0xff : 0, sizeof(more));
	if (big_endian)
		str_addn(&dec->scratch, more, c->size - narrow->len);
	str_addn(&dec->scratch, (const char *)narrow->data, narrow->len);
	if (!big_endian)
		str_addn(&dec->scratch, more, c->size - narrow->len);
	return in_scratch(dec, begin);
}

/* A part of a register comes as wide as the register: its lowest bytes are the value. */
static struct captured lowest(const struct capture *c, const struct captured *wide)
{
	bool big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	struct captured v = *wide;

	v.data += big_endian ? v.len - c->size : 0;
	v.len = c->size;
	return v;
}

/* A bit field as the kernel cuts it out has zeros above it: (x ^ sign) - sign. */
static struct captured with_sign(struct decoder *dec, const struct capture *c, const struct captured *bits)
{
	bool big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	uint64_t n = 0, sign = 1ull << (c->sign_bits - 1);
	size_t begin = dec->scratch.len;

	if (bits->len > sizeof(n))
		return *bits;
	memcpy((char *)&n + (big_endian ? sizeof(n) - bits->len : 0), bits->data, bits->len);
	n = (n ^ sign) - sign;
	str_addn(&dec->scratch, (char *)&n + (big_endian ? sizeof(n) - bits->len : 0), bits->len);
	return in_scratch(dec, begin);
}

static struct captured number_value(struct decoder *dec, const struct capture *c, const struct field *f,
				    const struct bytes *e)
{
	size_t len = c->narrow ? c->narrow : (size_t)c->size * (c->count ? c->count : 1);
	struct captured v;

	if (len > f->size || is_static(dec))
		len = f->size;
	if (f->offset > e->size || len > e->size - f->offset)
		return (struct captured){ 0 };
	v = (struct captured){ .data = e->data + f->offset, .len = len, .valid = true };
	if (c->narrow && len > c->size && !c->count)
		v = lowest(c, &v);
	if (c->sign_bits)
		return with_sign(dec, c, &v);
	return c->narrow && len && len < c->size && c->size <= 8 ? widened(dec, c, &v) : v;
}

/* ---- static events ---- */

/* What a field of a changing length holds; its place is counted from the record's begin, or from the field's end. */
static struct captured located_value(const struct decoder *dec, const struct field *f, const struct bytes *e)
{
	size_t at, len = location(e, f->offset, &at);

	if (located(dec, f) == FROM_FIELD)
		at += f->offset + sizeof(uint32_t);
	if (at > e->size || len > e->size - at)
		return (struct captured){ 0 };
	return (struct captured){ .data = e->data + at, .len = len, .valid = true };
}

static struct captured field_value(struct decoder *dec, const struct capture *c, const struct field *f,
				   const struct bytes *e)
{
	struct captured v = located(dec, f) != IN_PLACE ? located_value(dec, f, e) : number_value(dec, c, f, e);

	if (c->base == BASE_STRING && v.valid)
		v.len = strnlen((const char *)v.data, v.len);
	return v;
}

/* A number of user memory in a kernel probe: the text that begins at its first byte must begin as it does, up to its
 * first zero. A number whose first byte is 0 has no such text, and is believed. */
static bool is_of_another_record(const struct decoder *dec, const struct field *witness, const struct captured *v,
				 const struct bytes *e)
{
	size_t n = v->data ? strnlen((const char *)v->data, v->len) : 0;
	struct bytes text;

	if (n == 0)
		return false;
	return !dynamic_text(dec, e, witness->offset, &text) || text.size < n || memcmp(text.data, v->data, n) != 0;
}

/* By its place in the record it is known whether it could be read: its guards are those of its witness. */
static bool is_dynamic_text(const struct capture *c)
{
	return c->base == BASE_STRING && !c->bounded && !c->count;
}

/* See the head of the file: is the zero that we have the kernel's word for "nothing there"? When some text was too
 * long for the record, the witness may be missing for that reason: then the zero stands. */
static bool reads_nothing(const struct decoder *dec, const struct capture *c, const struct captured *v,
			  const struct bytes *e)
{
	const struct field *witness = dec->slots + c->witness;
	size_t at;

	if (c->witness >= dec->n_slots || !v->valid || is_dynamic_text(c))
		return false;
	if (dec->site->provider != PROVIDER_UPROBE)
		return is_of_another_record(dec, witness, v, e);
	if (!v->data || !v->len || v->data[v->len - 1] != 0)
		return false;
	return location(e, witness->offset, &at) == 0 && room_was_enough(dec, witness, e);
}

/* A text that could not be read, though its first byte could. */
static bool is_too_long(const struct decoder *dec, const struct capture *c, const struct bytes *e)
{
	unsigned char first = 0;

	return is_dynamic_text(c) && c->witness < dec->n_slots && guards_hold(dec, c, e) &&
	       read_at(e, dec->slots[c->witness].offset, &first, sizeof(first)) && first != 0;
}

static struct captured stored_value(struct decoder *dec, const struct capture *c, const struct bytes *e)
{
	const struct field *f = &dec->slots[c->slot];

	if (c->field)
		return field_value(dec, c, f, e);
	if (c->bounded)
		return bounded_value(dec, c, e);
	if (c->base != BASE_STRING)
		return number_value(dec, c, f, e);
	return c->count ? text_array(dec, c, f, e) : text_value(dec, f, e);
}

/* Text that was put together is the last in the scratch. */
static struct captured cut_text(struct decoder *dec, const struct captured *text, size_t limit)
{
	struct captured v = *text;

	if (v.valid && !v.data)
		dec->scratch.len -= v.len - limit;
	v.len = limit;
	v.cut = true;
	return v;
}

static struct captured capture_value(struct decoder *dec, const struct capture *c, const struct bytes *e)
{
	struct captured v = { .absent = c->absent };

	if (c->slot >= dec->n_slots || (!is_dynamic_text(c) && !guards_hold(dec, c, e)))
		return v;
	v = stored_value(dec, c, e);
	if (reads_nothing(dec, c, &v, e))
		v.valid = false;
	v.too_long = !v.valid && is_too_long(dec, c, e);
	if (c->limit && v.len > c->limit)
		v = cut_text(dec, &v, c->limit);
	v.cut = v.cut && !c->exact;
	return v;
}

static void read_values(struct decoder *dec, const struct bytes *e)
{
	const struct site *s = dec->site;
	const char *at;

	str_clear(&dec->scratch);
	for (unsigned i = 0; i < s->n_captures; i++)
		dec->values[i] = capture_value(dec, &s->captures[i], e);
	at = dec->scratch.s;
	for (unsigned i = 0; i < s->n_captures; i++) {
		struct captured *v = &dec->values[i];

		if (!v->valid || v->data)
			continue;
		v->data = (const unsigned char *)at;
		at += v->len;
	}
}

/* ---- the record ---- */

/* The thread's name ends with a NUL, which the kernel has written. */
static const char *comm_of(const struct decoder *dec, const struct bytes *e)
{
	size_t at, room;

	if (!dec->comm)
		return "";
	room = location(e, dec->comm, &at);
	if (room == 0 || at > e->size || room > e->size - at || e->data[at + room - 1] != '\0')
		return "";
	return (const char *)e->data + at;
}

/* What is in a slot of ours; 0 when the site has none. */
static uint64_t slot_address(const struct decoder *dec, unsigned slot, const struct bytes *e)
{
	return slot < dec->n_slots ? field_address(e, &dec->slots[slot]) : 0;
}

void decode(struct decoder *dec, const unsigned char *data, size_t size, struct record *r)
{
	struct bytes e = { data, size };

	r->site = dec->site;
	r->comm = comm_of(dec, &e);
	r->address = dec->ip ? address_at(&e, dec->ip, dec->ip_size) - dec->site->shift : 0;
	r->return_address = dec->ret_ip ? address_at(&e, dec->ret_ip, dec->ip_size) : 0;
	read_values(dec, &e);
	r->values = dec->values;
	dec->caller = slot_address(dec, dec->site->caller_slot, &e);
	if (dec->site->end)
		r->return_address = dec->caller;
	if (!dec->site->frame.sp)
		return;
	r->frame = (int64_t)(slot_address(dec, dec->site->frame_slots[0], &e) - dec->site->frame.popped -
			     slot_address(dec, dec->site->frame_slots[1], &e));
	r->owner = slot_address(dec, dec->site->frame_slots[2], &e);
}

/* ---- stacks ---- */

static void add_frame(struct decoder *dec, uint64_t address)
{
	if (dec->n_frames == dec->room_frames) {
		dec->room_frames = dec->room_frames ? 2 * dec->room_frames : 64;
		dec->frames = mem_resize(dec->frames, dec->room_frames * sizeof(*dec->frames));
	}
	dec->frames[dec->n_frames++] = (struct frame){ .address = address };
}

static uint64_t ip_at(const unsigned char *ips, size_t i)
{
	uint64_t v;

	memcpy(&v, ips + 8 * i, sizeof(v));
	return v;
}

/* A callchain is addresses, with markers between them that say whose the next ones are. Adds those of
 * `whose`, down to the next marker. At a function's first instruction its frame is not built yet, so a walk
 * along frame pointers goes from the function to its caller's caller: the `caller` between is fetched as an
 * argument; 0: none was. */
static void add_frames(struct decoder *dec, const unsigned char *ips, size_t n, uint64_t whose,
		       uint64_t caller)
{
	bool ours = false;
	unsigned depth = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t ip = ip_at(ips, i);

		if (ip >= (uint64_t)PERF_CONTEXT_MAX) {
			ours = ip == whose;
		} else if (ours) {
			if (++depth == 2 && caller && ip != caller)
				add_frame(dec, caller);
			add_frame(dec, ip);
		}
	}
	if (depth == 1 && caller)
		add_frame(dec, caller);
}

void decode_callchain(struct decoder *dec, const unsigned char *ips, size_t n, struct record *r)
{
	dec->n_frames = 0;
	add_frames(dec, ips, n, (uint64_t)PERF_CONTEXT_KERNEL, 0);
	r->n_kstack = dec->n_frames;
	add_frames(dec, ips, n, (uint64_t)PERF_CONTEXT_USER, dec->caller);
	r->n_ustack = dec->n_frames - r->n_kstack;
	r->kstack = dec->frames;
	r->ustack = dec->frames + r->n_kstack;
}
