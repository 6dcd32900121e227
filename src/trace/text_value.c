/* text_value.c - values as a trace's text has them.
 *
 *	42  -5  0x2a  "text"  (fault)  'c'  {1,2}  {"a","b"}		in probe events
 *	R+  swapper/0  GFP_KERNEL|__GFP_ZERO				in static events, too
 *
 * Some values tell where they end: numbers, characters, arrays. Texts do not, for nothing in them is escaped; so
 * where they end is not decided here, but by the shape of the body (text_body.c).
 */
#include "trace/text.h"

enum { CPU_WIDTH = 3 };

/* ---- small words ---- */

bool slice_is(struct slice s, const char *word)
{
	return s.n == strlen(word) && memcmp(s.s, word, s.n) == 0;
}

bool slice_starts(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.s, prefix, n) == 0;
}

struct slice slice_trim(struct slice s)
{
	while (s.n && (*s.s == ' ' || *s.s == '\t'))
		s.s++, s.n--;
	while (s.n && (s.s[s.n - 1] == ' ' || s.s[s.n - 1] == '\t' || s.s[s.n - 1] == '\r'))
		s.n--;
	return s;
}

const char *slice_find(const char *p, const char *end, struct slice words)
{
	return p <= end ? memmem(p, (size_t)(end - p), words.s, words.n) : NULL;
}

const struct slice text_fault = { "(fault)", 7 };

/* ---- numbers ---- */

static unsigned hex_digit(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	c |= 32;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Each takes as much as is a number of its kind, and returns where it ends; NULL: that is none. */

const char *value_hex_digits(const char *p, const char *end, uint64_t *out)
{
	const char *begin = p;
	uint64_t v = 0;

	for (; p < end && hex_digit(*p) < 16; p++) {
		if (p - begin == 16)
			return NULL;
		v = v << 4 | hex_digit(*p);
	}
	*out = v;
	return p > begin ? p : NULL;
}

const char *value_hex(const char *p, const char *end, uint64_t *out)
{
	return end - p > 2 && p[0] == '0' && p[1] == 'x' ? value_hex_digits(p + 2, end, out) : NULL;
}

/* Only a CPU's number is padded with zeros (target_cpu=003): else it is octal, or a pointer. */
static const char *take_digits(const char *p, const char *end, uint64_t *out)
{
	const char *begin = p;
	uint64_t v = 0;

	for (; p < end && is_digit(*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return NULL;
		v = v * 10 + digit;
	}
	*out = v;
	return p == begin || (*begin == '0' && p - begin > 1 && p - begin != CPU_WIDTH) ? NULL : p;
}

const char *value_signed(const char *p, const char *end, uint64_t *out)
{
	bool minus = p < end && *p == '-';

	p = take_digits(p + minus, end, out);
	if (!p || *out > (uint64_t)INT64_MAX + minus)
		return NULL;
	if (minus)
		*out = 0 - *out;
	return p;
}

static const char *take_unsigned(const char *p, const char *end, uint64_t *out)
{
	p = take_digits(p, end, out);
	return p && *out > INT64_MAX ? p : NULL;
}

/* `0x70 (112)`: with option `fields` the kernel says it twice. The second one has the sign. */
static const char *take_both(const char *p, const char *end, uint64_t *out)
{
	uint64_t hex;

	p = value_hex(p, end, &hex);
	if (!p || end - p < 4 || p[0] != ' ' || p[1] != '(')
		return NULL;
	p = value_signed(p + 2, end, out);
	return p && p < end && *p == ')' && (uint32_t)hex == (uint32_t)*out ? p + 1 : NULL;
}

/* `'a'(97)`, and `(5)` where the character cannot be printed: a byte, with the same option. */
const char *value_byte(const char *p, const char *end, uint64_t *out)
{
	if (end - p > 3 && p[0] == '\'' && p[2] == '\'')
		p += 3;
	if (end - p < 3 || *p != '(')
		return NULL;
	p = value_signed(p + 1, end, out);
	return p && p < end && *p == ')' ? p + 1 : NULL;
}

const char *(*const value_takers[])(const char *p, const char *end, uint64_t *out) = {
	[KIND_SIGNED] = value_signed,
	[KIND_UNSIGNED] = take_unsigned,
	[KIND_HEX] = value_hex,
	[KIND_BARE_HEX] = value_hex_digits,
	[KIND_BOTH] = take_both,
	[KIND_BYTE] = value_byte,
};
const enum base value_bases[] = {
	[KIND_TEXT] = BASE_STRING,
	[KIND_QUOTED] = BASE_STRING,
	[KIND_CHAR] = BASE_CHAR,
	[KIND_SIGNED] = BASE_SIGNED,
	[KIND_UNSIGNED] = BASE_UNSIGNED,
	[KIND_HEX] = BASE_HEX,
	[KIND_BARE_HEX] = BASE_HEX,
	[KIND_BOTH] = BASE_SIGNED,
	[KIND_BYTE] = BASE_SIGNED,
	[KIND_HEX_LIST] = BASE_HEX,
};

/* Which kind of number fills the whole of v? KIND_TEXT: none. */
enum kind value_number_kind(struct slice v)
{
	static const enum kind kinds[] = { KIND_SIGNED, KIND_HEX, KIND_UNSIGNED, KIND_BOTH };
	uint64_t number;

	if (!v.n || (!is_digit(*v.s) && *v.s != '-'))
		return KIND_TEXT;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (value_takers[kinds[i]](v.s, slice_end(v), &number) == slice_end(v))
			return kinds[i];
	return KIND_TEXT;
}

/* Is it hexadecimal without 0x, or octal, to all appearances? */
bool value_is_hex_text(struct slice v)
{
	bool letter = false;

	for (size_t i = 0; i < v.n; i++) {
		if (hex_digit(v.s[i]) == 16 || (v.s[i] >= 'A' && v.s[i] <= 'F'))
			return false;
		letter |= !is_digit(v.s[i]);
	}
	return v.n > 1 && (letter || (*v.s == '0' && v.n != CPU_WIDTH));
}

/* ---- arrays ---- */

/* One element: its base, and its end. */
static const char *element(const char *p, const char *end, enum base *base, uint64_t *number, struct slice *text)
{
	const char *q;

	if (slice_begins(p, end, text_fault)) {
		*text = text_fault;
		*base = BASE_STRING;
		return p + text_fault.n;
	}
	if (end - p > 2 && *p == '\'' && p[2] == '\'') {
		*number = (unsigned char)p[1];
		*base = BASE_CHAR;
		return p + 3;
	}
	if (p < end && *p == '"') {
		for (q = p + 1; (q = memchr(q, '"', (size_t)(end - q))); q++)
			if ((end - q > 1 && q[1] == '}') ||
			    (end - q > 2 && q[1] == ',' && (q[2] == '"' || q[2] == '(')))
				break;
		if (!q)
			return NULL;
		*text = slice_between(p + 1, q);
		*base = BASE_STRING;
		return q + 1;
	}
	*base = BASE_HEX;
	q = value_hex(p, end, number);
	if (q)
		return q;
	*base = BASE_SIGNED;
	q = value_signed(p, end, number);
	if (q)
		return q;
	*base = BASE_UNSIGNED;
	return take_unsigned(p, end, number);
}

/* A value above INT64_MAX makes the others of its array unsigned, too. */
static bool join_bases(enum base *all, enum base one)
{
	if (*all == one)
		return true;
	if ((*all == BASE_SIGNED && one == BASE_UNSIGNED) || (*all == BASE_UNSIGNED && one == BASE_SIGNED)) {
		*all = BASE_UNSIGNED;
		return true;
	}
	return false;
}

static void add_text(struct store *s, struct slice text)
{
	memcpy(s->chars + s->n_chars, text.s, text.n);
	s->n_chars += text.n;
	s->chars[s->n_chars++] = '\0';
}

/* {...}: returns its end, or NULL. The elements are in s->numbers or s->chars from where those stand now. */
const char *value_array(struct store *s, const char *p, const char *end, enum base *base, unsigned *count)
{
	enum base one;
	uint64_t number = 0;
	struct slice text = { "", 0 };

	*count = 0;
	*base = BASE_HEX;
	if (p == end || *p++ != '{')
		return NULL;
	for (;;) {
		p = element(p, end, &one, &number, &text);
		if (!p || p == end || (*count && !join_bases(base, one)))
			return NULL;
		if (!(*count)++)
			*base = one;
		if (one == BASE_STRING)
			add_text(s, text);
		else if (one == BASE_CHAR)
			s->chars[s->n_chars++] = (char)number;
		else
			s->numbers[s->n_numbers++] = number;
		if (*p == '}')
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

const char *value_hex_list(struct store *s, const char *p, const char *end, unsigned *count)
{
	for (*count = 0; (p = value_hex_digits(p, end, &s->numbers[s->n_numbers])) != NULL; p += 2) {
		s->n_numbers++;
		++*count;
		if (end - p < 2 || p[0] != ',' || p[1] != ' ')
			return p;
	}
	return NULL;
}

/* ---- one value ---- */

struct captured value_text(struct slice v)
{
	return (struct captured){ .data = (const unsigned char *)v.s, .len = v.n, .valid = true };
}

static struct captured numbers_from(const struct store *s, size_t first)
{
	return (struct captured){ .data = (const unsigned char *)(s->numbers + first),
				  .len = (s->n_numbers - first) * sizeof(*s->numbers), .valid = true };
}

static const char *array_value(struct store *s, const struct part *part, const char *p, const char *end,
			       struct captured *v)
{
	size_t chars = s->n_chars, numbers = s->n_numbers;
	enum base base;
	unsigned count;

	p = value_array(s, p, end, &base, &count);
	if (!p || count != part->count ||
	    (base != part->base && !(base == BASE_SIGNED && part->base == BASE_UNSIGNED)))
		return NULL;
	if (base == BASE_STRING || base == BASE_CHAR)
		*v = value_text(slice_between(s->chars + chars, s->chars + s->n_chars));
	else
		*v = numbers_from(s, numbers);
	return p;
}

/* The end of a value whose end does not depend on what follows; NULL: it is not of this kind. */
const char *value_fixed(struct store *s, const struct part *part, const char *p, const char *end,
			       struct captured *v)
{
	size_t first = s->n_numbers;
	unsigned count;

	if (p < end && *p == '(' && slice_begins(p, end, text_fault)) {
		*v = (struct captured){ 0 };
		return p + text_fault.n;
	}
	switch (part->kind) {
	case KIND_CHAR:
		if (end - p < 3 || p[0] != '\'' || p[2] != '\'')
			return NULL;
		*v = value_text(slice_between(p + 1, p + 2));
		return p + 3;
	case KIND_ARRAY:
		return array_value(s, part, p, end, v);
	case KIND_BARE_HEX:
		if (part->argument && s->marked_hex)
			return NULL;
		/* fall through */
	default:
		p = value_takers[part->kind](p, end, &s->numbers[first]);
		s->n_numbers++;
		*v = numbers_from(s, first);
		return p;
	case KIND_HEX_LIST:
		p = value_hex_list(s, p, end, &count);
		*v = numbers_from(s, first);
		return p && count == part->count ? p : NULL;
	}
}

/* A word that would be a number, a text in quotes or an array elsewhere is that here, too. */
bool value_is_plain(const struct part *part, struct slice v)
{
	if (part->always_text || part->hex_text || !v.n)
		return true;
	if (part->argument && slice_find(v.s, slice_end(v), (struct slice){ ": ", 2 }))
		return false;
	if (part->argument && *v.s == '0' && v.n > 1 && is_digit(v.s[1]))		/* octal */
		return true;
	if (*v.s == '"' || *v.s == '\'' || *v.s == '{' || (*v.s == '(' && slice_same(v, text_fault)))
		return false;
	return value_number_kind(v) == KIND_TEXT;
}
