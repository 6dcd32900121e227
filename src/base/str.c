/* str.c - growing strings, globs, quoting, and words.
 *
 * Most text that trapline handles was written by strangers: symbol names from an ELF file, paths, the
 * bytes that a probe fetched. A terminal obeys such text (ESC [ 31 m paints, ESC ] 0 ; renames the
 * window, U+202E writes backwards), so nothing foreign is shown before it went through a scrubber, and
 * every scrubber stands on the same two questions: is this a character at all (str_utf8), and may a
 * terminal see it (str_is_control).
 *
 * Globs are matched without recursion: when the text stops fitting, it is enough to let the *last* star
 * swallow one byte more, because every earlier star can only have done worse. So one backtrack point is
 * remembered, and a hostile pattern cannot make the match exponential.
 */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- growing ---- */

static void reserve(struct str *s, size_t n)
{
	size_t need = s->len + n + 1;

	if (need <= s->cap)
		return;
	s->cap = s->cap ? s->cap : 64;
	while (s->cap < need)
		s->cap *= 2;
	s->s = mem_resize(s->s, s->cap);
}

void str_release(struct str *s)
{
	free(s->s);
	*s = (struct str)STR_INIT;
}

void str_addn(struct str *s, const char *text, size_t n)
{
	reserve(s, n);
	if (n)
		memcpy(s->s + s->len, text, n);
	s->len += n;
	s->s[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	reserve(s, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(s->s + s->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	s->len += (size_t)n;
}

void str_clear(struct str *s)
{
	reserve(s, 0);
	s->len = 0;
	s->s[0] = '\0';
}

/* ---- globs ---- */

/* The end of the bracket expression that starts at glob[0] == '[', or NULL when it is not closed. As in
 * the shell, a `]` that comes first (or first after `!` or `^`) is a member and does not close. */
static const char *bracket_end(const char *glob)
{
	const char *p = glob + 1;

	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p && *p != ']')
		p += *p == '\\' && p[1] ? 2 : 1;
	return *p ? p : NULL;
}

static unsigned char bracket_member(const char **p)
{
	if (**p == '\\')
		(*p)++;
	return (unsigned char)*(*p)++;
}

static bool bracket_match(const char *glob, const char *end, unsigned char c)
{
	const char *p = glob + 1;
	bool negated = *p == '!' || *p == '^';
	bool found = false;

	if (negated)
		p++;
	while (p < end) {
		unsigned char low = bracket_member(&p), high = low;

		if (p[0] == '-' && p + 1 < end) {
			p++;
			high = bracket_member(&p);
		}
		found |= low <= c && c <= high;
	}
	return found != negated;
}

/* Does one element of the glob (anything but a star) match the byte c? *next is the element after it. */
static bool glob_one(const char *glob, unsigned char c, const char **next)
{
	const char *end;

	*next = glob + 1;
	switch (*glob) {
	case '?':
		return true;
	case '[':
		end = bracket_end(glob);
		if (!end)
			return c == '[';
		*next = end + 1;
		return bracket_match(glob, end, c);
	case '\\':
		if (glob[1]) {
			*next = glob + 2;
			return c == (unsigned char)glob[1];
		}
		return c == '\\';
	default:
		return c == (unsigned char)*glob;
	}
}

bool str_glob(const char *glob, const char *text)
{
	const char *star = NULL, *swallowed = NULL, *next;

	while (*text) {
		if (*glob == '*') {
			star = ++glob;
			swallowed = text;
		} else if (*glob && glob_one(glob, (unsigned char)*text, &next)) {
			glob = next;
			text++;
		} else if (star) {
			glob = star;
			text = ++swallowed;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

bool str_is_glob(const char *text)
{
	for (; *text; text++) {
		if (*text == '*' || *text == '?' || (*text == '[' && bracket_end(text)))
			return true;
		if (*text == '\\' && text[1])
			text++;
	}
	return false;
}

/* ---- the closest word ---- */

/* Longer words are never suggested for: nobody types 255 characters and errs in a few. */
#define CLOSEST_MAX 255

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* How many edits (insert, delete, replace, swap of neighbours) lead from a to b; limit + 1 when it is
 * surely more than limit. The classic table, of which three rows are enough: a swap looks two rows up. */
static unsigned edit_distance(const char *a, size_t na, const char *b, size_t nb, unsigned limit)
{
	unsigned rows[3][CLOSEST_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		unsigned least = row[0] = (unsigned)i;

		for (size_t j = 1; j <= nb; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    above2[j - 2] + 1 < row[j])
				row[j] = above2[j - 2] + 1;
			if (row[j] < least)
				least = row[j];
		}
		if (least > limit)
			return limit + 1;
	}
	return rows[na % 3][nb];
}

void str_closest_try(struct str_closest *c, const char *candidate)
{
	size_t nw = strlen(c->word), nc = strlen(candidate);
	unsigned limit = nw / 3 > 1 ? (unsigned)(nw / 3) : 1, distance;

	if (c->best) {			/* from now on only what is strictly closer */
		if (c->distance == 0)
			return;
		limit = c->distance - 1;
	}
	if (nw > CLOSEST_MAX || nc > CLOSEST_MAX || (nw > nc ? nw - nc : nc - nw) > limit)
		return;
	distance = edit_distance(c->word, nw, candidate, nc, limit);
	if (distance > limit)
		return;
	free(c->best);
	c->best = mem_strdup(candidate);
	c->distance = distance;
}

/* ---- characters, and what a terminal may see ---- */

unsigned str_utf8(const char *text, size_t n, uint32_t *code)
{
	/* by the number of bytes: the least code point that needs so many */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	unsigned len;
	uint32_t c;

	if (n == 0)
		return 0;
	if (p[0] < 0x80) {
		*code = p[0];
		return 1;
	}
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n < len)
		return 0;
	c = p[0] & (0x7fu >> len);
	for (unsigned i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return len;
}

bool str_is_control(uint32_t code)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{ 0x00, 0x1f },
		{ 0x7f, 0x9f },
		{ 0x202a, 0x202e },	/* embeddings and overrides of direction */
		{ 0x2066, 0x2069 },	/* isolates */
	};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* How many bytes at the start of text a terminal may see as they are; 0 when the first is dangerous. */
static size_t harmless(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n) {
		uint32_t code;
		unsigned len = str_utf8(text + i, n - i, &code);

		if (len == 0 || str_is_control(code))
			break;
		i += len;
	}
	return i;
}

static void add_escaped(struct str *s, unsigned char c)
{
	switch (c) {
	case '\n':
		str_add(s, "\\n");
		break;
	case '\t':
		str_add(s, "\\t");
		break;
	case '\r':
		str_add(s, "\\r");
		break;
	default:
		str_addf(s, "\\x%02x", c);
	}
}

void str_add_scrubbed(struct str *s, const char *text, size_t n, char quote)
{
	const char *end = text + n;

	while (text < end) {
		size_t good = harmless(text, (size_t)(end - text));

		for (const char *stop = text + good; text < stop; text++) {
			if (*text == '\\' || (quote && *text == quote))
				str_addc(s, '\\');
			str_addc(s, *text);
		}
		if (text < end) {	/* a character of several bytes comes back here for each of them */
			uint32_t code;
			unsigned len = str_utf8(text, (size_t)(end - text), &code);

			for (len = len ? len : 1; len; len--)
				add_escaped(s, (unsigned char)*text++);
		}
	}
	str_addn(s, "", 0);		/* an empty text makes an empty string, not NULL */
}

/* The ranges that people meet, ascending; what is in none takes one column. Terminals differ in the rest. */
static unsigned char_width(uint32_t code)
{
	static const struct { uint32_t first, last; unsigned columns; } widths[] = {
		{ 0x0300, 0x036f, 0 },		/* combining accents */
		{ 0x0483, 0x0489, 0 },		/* Cyrillic */
		{ 0x0591, 0x05bd, 0 },		/* Hebrew points */
		{ 0x0610, 0x061a, 0 },		/* Arabic marks */
		{ 0x064b, 0x065f, 0 },
		{ 0x1100, 0x115f, 2 },		/* Hangul Jamo: the first of a syllable; the others join it */
		{ 0x1160, 0x11ff, 0 },
		{ 0x1ab0, 0x1aff, 0 },
		{ 0x1dc0, 0x1dff, 0 },
		{ 0x200b, 0x200f, 0 },		/* joiners and marks of direction */
		{ 0x2060, 0x2064, 0 },
		{ 0x20d0, 0x20ff, 0 },
		{ 0x231a, 0x231b, 2 },		/* pictures among the symbols */
		{ 0x23e9, 0x23ec, 2 },
		{ 0x2614, 0x2615, 2 },
		{ 0x2648, 0x2653, 2 },
		{ 0x26a1, 0x26a1, 2 },
		{ 0x26aa, 0x26ab, 2 },
		{ 0x26bd, 0x26be, 2 },
		{ 0x26d4, 0x26d4, 2 },
		{ 0x2705, 0x2705, 2 },
		{ 0x270a, 0x270b, 2 },
		{ 0x2728, 0x2728, 2 },
		{ 0x274c, 0x274e, 2 },
		{ 0x2753, 0x2757, 2 },
		{ 0x2795, 0x2797, 2 },
		{ 0x2b1b, 0x2b1c, 2 },
		{ 0x2b50, 0x2b55, 2 },
		{ 0x2e80, 0x3029, 2 },		/* Chinese, Japanese, Yi, and their own marks */
		{ 0x302a, 0x302d, 0 },
		{ 0x302e, 0x3098, 2 },
		{ 0x3099, 0x309a, 0 },
		{ 0x309b, 0xa4cf, 2 },
		{ 0xa960, 0xa97c, 2 },		/* Hangul */
		{ 0xac00, 0xd7a3, 2 },
		{ 0xd7b0, 0xd7fb, 0 },
		{ 0xf900, 0xfaff, 2 },
		{ 0xfe00, 0xfe0f, 0 },		/* variation selectors */
		{ 0xfe10, 0xfe19, 2 },
		{ 0xfe20, 0xfe2f, 0 },
		{ 0xfe30, 0xfe6f, 2 },
		{ 0xfeff, 0xfeff, 0 },
		{ 0xff01, 0xff60, 2 },		/* full-width forms */
		{ 0xffe0, 0xffe6, 2 },
		{ 0x17000, 0x18cff, 2 },	/* Tangut */
		{ 0x1b000, 0x1b2ff, 2 },	/* old Japanese */
		{ 0x1f200, 0x1f64f, 2 },	/* pictures */
		{ 0x1f680, 0x1f6ff, 2 },
		{ 0x1f7e0, 0x1f7eb, 2 },
		{ 0x1f90c, 0x1f9ff, 2 },
		{ 0x1fa70, 0x1faff, 2 },
		{ 0x20000, 0x3fffd, 2 },
		{ 0xe0000, 0xe01ef, 0 },	/* tags, more selectors */
	};

	for (size_t i = 0; i < ARRAY_LEN(widths) && code >= widths[i].first; i++)
		if (code <= widths[i].last)
			return widths[i].columns;
	return 1;
}

unsigned str_width(const char *text, size_t n)
{
	const char *end = text + n;
	unsigned columns = 0, len;

	for (; text < end; text += len) {
		unsigned char c = (unsigned char)*text;
		uint32_t code;

		len = 1;
		if (c >= 0x20 && c < 0x7f) {
			columns += c == '\\' ? 2 : 1;
		} else if (c == '\n' || c == '\t' || c == '\r') {
			columns += 2;
		} else {
			len = str_utf8(text, (size_t)(end - text), &code);
			if (len && !str_is_control(code)) {
				columns += char_width(code);
			} else {			/* \xHH for each byte */
				len = len ? len : 1;
				columns += 4 * len;
			}
		}
	}
	return columns;
}

/* ---- the shell's words ---- */

/* Characters that no shell treats as special anywhere in a word. */
static bool is_shell_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_@%+=:,./-", c));
}

/* Text in '...' is literal but for the quote itself. Dangerous bytes are written as the printf that makes
 * them, so that the line can be looked at, and pasted, without being obeyed by the terminal. A newline
 * is left alone: `$(...)` would eat it when it comes last. */
void str_add_shell_word(struct str *s, const char *text)
{
	const char *p = text, *end;

	while (is_shell_safe(*p))
		p++;
	if (!*p && p != text) {
		str_add(s, text);
		return;
	}
	end = p + strlen(p);
	str_addc(s, '\'');
	for (p = text; p < end;) {
		uint32_t code;
		unsigned len = str_utf8(p, (size_t)(end - p), &code);

		if (*p == '\'') {
			str_add(s, "'\\''");
			p++;
		} else if (*p == '\n' || (len && !str_is_control(code))) {
			str_addn(s, p, len);
			p += len;
		} else {
			str_add(s, "'\"$(printf '");
			for (len = len ? len : 1; len; len--)
				str_addf(s, "\\%03o", (unsigned char)*p++);
			str_add(s, "')\"'");
		}
	}
	str_addc(s, '\'');
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Reads one word at *text into word; NULL, or what is wrong. */
static const char *shell_word(const char **text, struct str *word)
{
	const char *p = *text;
	char quote = 0;

	for (; *p && (quote || !is_blank(*p)); p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"') {
			quote = quote ? 0 : *p;
		} else if (*p == '\\' && quote != '\'') {
			if (!p[1])
				return quote ? "a \" quote is not closed" : "a backslash stands at the end";
			if (*++p == '\n')
				continue;		/* a line that goes on */
			if (quote && !strchr("$`\"\\", *p))
				str_addc(word, '\\');
			str_addc(word, *p);
		} else {
			str_addc(word, *p);
		}
	}
	*text = p;
	if (quote)
		return quote == '"' ? "a \" quote is not closed" : "a ' quote is not closed";
	return NULL;
}

char **str_shell_words(struct arena *a, const char *text, const char **error)
{
	_cleanup_(str_release) struct str word = STR_INIT;
	_cleanup_(mem_free_ptr) char **words = NULL;
	size_t n = 0;
	char **out;

	for (;;) {
		while (is_blank(*text))
			text++;
		if (!*text)
			break;
		str_clear(&word);
		*error = shell_word(&text, &word);
		if (*error)
			return NULL;
		*MEM_PUSH(words, n) = arena_strndup(a, word.s, word.len);
	}
	out = arena_alloc(a, (n + 1) * sizeof(*out));
	if (n)
		memcpy(out, words, n * sizeof(*out));
	return out;
}

/* ---- small questions ---- */

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

bool str_is_ident(const char *s)
{
	if (*s >= '0' && *s <= '9')
		return false;
	for (const char *p = s; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		      *p == '_'))
			return false;
	return *s != '\0';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool str_to_u64(const char *s, unsigned long long *out)
{
	unsigned long long value = 0;
	int base = 10;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	} else if (s[0] == '0' && s[1]) {
		base = 8;
		s++;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		int digit = digit_value(*s);

		if (digit >= base || __builtin_mul_overflow(value, (unsigned long long)base, &value) ||
		    __builtin_add_overflow(value, (unsigned long long)digit, &value))
			return false;
	}
	*out = value;
	return true;
}
