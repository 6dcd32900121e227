/* lex.c - the text of a program as tokens: names, numbers, strings, $x, @m, and marks.
 *
 * Numbers are those of C and more: 0x10, 010 (octal), 1_000, 1e6, a suffix (10UL), or a unit of time (10ms is
 * 10000000: all times are nanoseconds). Which marks there are follows from the rows of ops.def: each
 * operator, and for those of arithmetic the one that assigns, `+=`.
 *
 * An attach point is no sequence of tokens: `uprobe:/usr/lib/`*`/libc.so` would begin a comment in the
 * middle. It is taken as raw text, and attach.c takes that apart.
 */
#include "lang/front.h"

#include <ctype.h>
#include <string.h>

const struct op_row op_rows[N_OPS] = {
#define OP(name, spelled, precedence, kind) [OP_##name] = { spelled, precedence, kind },
#include "lang/ops.def"
#undef OP
};

/* Marks that are no operators, the long ones first. */
static const char *const marks[] = {
	"...", "..", "->", "++", "--", "##", "(", ")", "[", "]", "{", "}", ";", ":", ",", ".", "?", "=", "#",
};

struct span span_between(struct span from, struct span to)
{
	if (from.src != to.src || to.end < from.begin)
		return from;
	return (struct span){ from.src, from.begin, to.end };
}

static struct span span_from(const struct scanner *s, const char *begin)
{
	return (struct span){ s->src, s->offset + (unsigned)(begin - s->text),
			      s->offset + (unsigned)(s->p - s->text) };
}

struct scanner scanner_of(const struct source *src)
{
	struct scanner s = { .src = src, .text = src->text, .p = src->text };

	if (strncmp(s.p, "#!", 2) == 0)
		s.p += strcspn(s.p, "\n");
	return s;
}

/* False: nothing was said, so a hint would be somebody else's. */
static bool complain(struct front *f, const struct scanner *s, const char *begin, const char *fmt, ...)
	PRINTF(4, 5);
static bool complain(struct front *f, const struct scanner *s, const char *begin, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	if (s->quiet || ++f->complaints > MAX_COMPLAINTS)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_error(f->diags, span_from(s, begin), "%s", text);
	return true;
}

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* ---- blanks and comments ---- */

static bool at_blank(const struct scanner *s)
{
	return *s->p == ' ' || (*s->p >= '\t' && *s->p <= '\r') ||
	       (*s->p == '\\' && (s->p[1] == '\n' || (s->p[1] == '\r' && s->p[2] == '\n')));
}

static void skip_white(struct scanner *s)
{
	while (at_blank(s)) {
		if (*s->p == '\\')
			s->p += s->p[1] == '\r' ? 2 : 1;	/* a line that goes on: still the same line */
		else if (*s->p == '\n')
			s->in_line = false;
		s->p++;
	}
}

static bool skip_comment(struct front *f, struct scanner *s)
{
	const char *begin = s->p, *end;

	if (begin[0] != '/' || (begin[1] != '/' && begin[1] != '*'))
		return false;
	if (begin[1] == '/') {
		s->p += strcspn(s->p, "\n");
		return true;
	}
	end = strstr(begin + 2, "*/");
	s->p = end ? end + 2 : begin + strlen(begin);
	if (!end)
		complain(f, s, begin, "end of file during comment");
	return true;
}

/* ---- numbers ---- */

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
	{ "m", 60000000000ull }, { "h", 3600000000000ull }, { "d", 86400000000000ull },
};

static const struct type *smallest_type(uint64_t n)
{
	if (n > INT64_MAX)
		return type_int(8, false);
	return type_int(n <= INT8_MAX ? 1 : n <= INT16_MAX ? 2 : n <= INT32_MAX ? 4 : 8, true);
}

/* u, l, ul, ll, ull in any case and order: a type of C's, made wider when the number needs it. */
static bool suffix_type(const char *suffix, size_t n, uint64_t value, const struct type **type)
{
	unsigned us = 0, ls = 0;

	for (size_t i = 0; i < n; i++) {
		char c = (char)tolower((unsigned char)suffix[i]);

		us += c == 'u';
		ls += c == 'l';
	}
	if (us + ls != n || us > 1 || ls > 2)
		return false;
	*type = type_int(ls || value > (us ? UINT32_MAX : INT32_MAX) ? 8 : 4, !us && value <= INT64_MAX);
	return true;
}

static bool unit_factor(const char *suffix, size_t n, uint64_t *ns)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strlen(units[i].name) == n && memcmp(units[i].name, suffix, n) == 0) {
			*ns = units[i].ns;
			return true;
		}
	}
	return false;
}

static int hex_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* The digits at *p, with underscores between them. False: too large. */
static bool read_digits(const char **p, unsigned base, uint64_t *value)
{
	bool fits = true;

	for (;; (*p)++) {
		char c = **p;
		unsigned digit = hex_value(c) >= 0 ? (unsigned)hex_value(c) : 99;

		if (c == '_' && isxdigit((unsigned char)(*p)[1]))
			continue;
		if (digit >= base)
			return fits;
		fits = fits && !__builtin_mul_overflow(*value, (uint64_t)base, value) &&
		       !__builtin_add_overflow(*value, (uint64_t)digit, value);
	}
}

/* 1e6: the exponent behind a decimal number. */
static bool read_exponent(const char **p, uint64_t *value)
{
	uint64_t exponent = 0;
	bool fits;

	(*p)++;
	fits = read_digits(p, 10, &exponent);
	for (; fits && exponent; exponent--)
		fits = *value == 0 ? (exponent = 1, true) : !__builtin_mul_overflow(*value, 10, value);
	return fits;
}

static void scan_number(struct front *f, struct scanner *s, struct token *t)
{
	const char *begin = s->p, *suffix;
	bool fits, octal = false;
	uint64_t value = 0, ns = 1;
	size_t n;

	if (begin[0] == '0' && (begin[1] == 'x' || begin[1] == 'X') && isxdigit((unsigned char)begin[2])) {
		s->p += 2;
		fits = read_digits(&s->p, 16, &value);
	} else {
		octal = begin[0] == '0' && isdigit((unsigned char)begin[1]);
		fits = read_digits(&s->p, octal ? 8 : 10, &value);
		if (octal && isdigit((unsigned char)*s->p)) {
			char digit = *s->p;

			fits = read_digits(&s->p, 10, &value);
			complain(f, s, begin, "invalid digit '%c' in an octal number", digit);
		}
		if (fits && !octal && (*s->p == 'e' || *s->p == 'E') && isdigit((unsigned char)s->p[1]))
			fits = read_exponent(&s->p, &value);
	}
	suffix = s->p;
	while (name_char(*s->p))
		s->p++;
	n = (size_t)(s->p - suffix);
	t->kind = TOKEN_INT;
	t->type = smallest_type(value);
	if (n > 0 && unit_factor(suffix, n, &ns)) {
		fits = fits && !__builtin_mul_overflow(value, ns, &value);
		t->type = smallest_type(value);
	} else if (n > 0 && !suffix_type(suffix, n, value, &t->type)) {
		int shown = n > 20 ? 20 : (int)n;

		if (complain(f, s, begin, "invalid suffix '%.*s' on an integer", shown, suffix))
			diag_hint(f->diags,
				  "suffixes: u, l, ul, ll, ull; units of time: ns, us, ms, s, m, h, d");
	}
	t->number = (int64_t)value;
	if (!fits)
		complain(f, s, begin, "integer is too large: the largest is 18446744073709551615");
}

/* ---- strings ---- */

/* What stands behind a backslash; s->p is on it, and gets behind it. */
static void scan_escape(struct front *f, struct scanner *s, const char *begin, struct str *out)
{
	static const char letters[] = "nrtabfv\"\\";
	static const char bytes[] = "\n\r\t\a\b\f\v\"\\";
	const char *found = *s->p ? strchr(letters, *s->p) : NULL;
	unsigned value = 0, digits = 0;

	if (found) {
		str_addc(out, bytes[found - letters]);
		s->p++;
	} else if (*s->p >= '0' && *s->p <= '7') {
		while (digits < 3 && *s->p >= '0' && *s->p <= '7') {
			value = value * 8 + (unsigned)(*s->p++ - '0');
			digits++;
		}
		str_addc(out, (char)value);
	} else if (*s->p == 'x' && hex_value(s->p[1]) >= 0) {
		s->p++;
		while (digits < 2 && hex_value(*s->p) >= 0) {
			value = value * 16 + (unsigned)hex_value(*s->p++);
			digits++;
		}
		str_addc(out, (char)value);
	} else if (*s->p == '\n') {
		s->p++;				/* a string that goes on in the next line */
	} else if (*s->p) {
		unsigned char c = (unsigned char)*s->p++;

		complain(f, s, begin, isprint(c) ? "invalid escape character '\\%c'" :
			 "invalid escape character \\x%02x", c);
	}
}

static void scan_string(struct front *f, struct scanner *s, struct token *t)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	const char *begin = s->p++;

	while (*s->p && *s->p != '"') {
		if (*s->p == '\\') {
			s->p++;
			scan_escape(f, s, begin, &text);
		} else {
			str_addc(&text, *s->p++);
		}
	}
	if (*s->p)
		s->p++;
	else
		complain(f, s, begin, "unterminated string");
	t->kind = TOKEN_STRING;
	t->number = (int64_t)text.len;
	t->text = arena_strndup(f->arena, text.s ? text.s : "", text.len);
}

static const char *skip_quoted(const char *p)
{
	for (p++; *p && *p != '"' && *p != '\n'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p == '"' ? p + 1 : p;
}

/* ---- the rest ---- */

/* A directive goes to the end of its line; a backslash before that, or a comment, takes the next line too. */
static void scan_directive(struct scanner *s, struct token *t)
{
	while (*s->p && *s->p != '\n') {
		if (s->p[0] == '/' && s->p[1] == '*') {
			const char *end = strstr(s->p + 2, "*/");

			s->p = end ? end + 2 : s->p + strlen(s->p);
		} else if (s->p[0] == '/' && s->p[1] == '/') {
			s->p += strcspn(s->p, "\n");
		} else if (*s->p == '"') {
			s->p = skip_quoted(s->p);
		} else if (s->p[0] == '\\' && s->p[1]) {
			s->p += s->p[1] == '\r' && s->p[2] == '\n' ? 3 : 2;
		} else {
			s->p++;
		}
	}
	t->kind = TOKEN_DIRECTIVE;
}

static size_t operator_at(const char *p, enum op *op, bool *assigns)
{
	size_t longest = 0;

	for (unsigned i = OP_NONE + 1; i < N_OPS; i++) {
		size_t n = strlen(op_rows[i].spelled);
		bool with;

		if (strncmp(p, op_rows[i].spelled, n) != 0)
			continue;
		with = op_rows[i].kind == OP_ARITHMETIC && p[n] == '=';
		if (n + with <= longest)
			continue;
		longest = n + with;
		*op = i;
		*assigns = with;
	}
	return longest;
}

/* False, and an error: no token begins with this character. */
static bool scan_mark(struct front *f, struct scanner *s, struct token *t)
{
	bool assigns = false;
	enum op op = OP_NONE;
	size_t n = operator_at(s->p, &op, &assigns);
	const char *begin = s->p;

	t->kind = TOKEN_PUNCT;
	t->op = op;
	t->assigns = assigns;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		if (strlen(marks[i]) > n && strncmp(s->p, marks[i], strlen(marks[i])) == 0) {
			t->op = OP_NONE;
			t->assigns = false;
			t->text = marks[i];
			s->p += strlen(marks[i]);
			return true;
		}
	}
	if (n == 0) {
		unsigned char c = (unsigned char)*s->p;
		uint32_t code;
		unsigned len = str_utf8(s->p, strlen(s->p), &code);

		s->p += len ? len : 1;
		const char *format = isprint(c) ? "invalid character '%c'" : "invalid character \\x%02x";

		if (complain(f, s, begin, format, c) && c == '\'')
			diag_hint(f->diags,
				  "strings are written in double quotes: \"...\"; there are no character literals");
		return false;
	}
	t->text = arena_strndup(f->arena, s->p, n);
	s->p += n;
	return true;
}

/* $x, $1, $#; @, @x */
static void scan_sigil(struct front *f, struct scanner *s, struct token *t)
{
	const char *begin = s->p++;

	if (*begin == '$' && *s->p == '#') {
		s->p++;
		t->kind = TOKEN_POSITIONAL;
		t->number = -1;
		return;
	}
	if (*begin == '$' && isdigit((unsigned char)*s->p)) {
		uint64_t n = 0;

		t->kind = TOKEN_POSITIONAL;
		if (!read_digits(&s->p, 10, &n) || n == 0 || n > INT32_MAX) {
			complain(f, s, begin, n == 0 ? "param $0 is invalid, parameters are counted from 1" :
				 "the number of this parameter is too large");
			n = 1;
		}
		t->number = (int64_t)n;
		return;
	}
	if (!isdigit((unsigned char)*s->p))
		while (name_char(*s->p))
			s->p++;
	t->kind = *begin == '$' ? TOKEN_SCRATCH : TOKEN_MAP;
	t->text = arena_strndup(f->arena, begin, (size_t)(s->p - begin));
	if (*begin == '$' && s->p == begin + 1)
		complain(f, s, begin,
			 "invalid character '$': a variable has a name, $x, a parameter a number, $1");
}


static void scan_name(struct front *f, struct scanner *s, struct token *t)
{
	const char *begin = s->p;

	while (name_char(*s->p))
		s->p++;
	t->kind = TOKEN_NAME;
	t->text = arena_strndup(f->arena, begin, (size_t)(s->p - begin));
}

/* The token that begins with this character. */
static bool scan_at(struct front *f, struct scanner *s, struct token *t)
{
	char c = *s->p;

	if (isdigit((unsigned char)c))
		scan_number(f, s, t);
	else if (c == '"')
		scan_string(f, s, t);
	else if (c == '$' || c == '@')
		scan_sigil(f, s, t);
	else if (name_char(c))
		scan_name(f, s, t);
	else
		return scan_mark(f, s, t);
	return true;
}

struct token scan(struct front *f, struct scanner *s)
{
	const char *before = s->p, *begin;
	struct token t;
	bool found;

	do {
		t = (struct token){ .kind = TOKEN_END };
		skip_white(s);
		begin = s->p;
		t.blank_before = begin != before;
		t.first_on_line = !s->in_line;
		found = true;
		if (*s->p == '#' && !s->in_line) {
			scan_directive(s, &t);
		} else if (skip_comment(f, s)) {
			t.kind = TOKEN_COMMENT;
		} else if (*s->p) {
			s->in_line = true;
			found = scan_at(f, s, &t);
		}
	} while (!found);
	t.span = span_from(s, begin);
	return t;
}

/* ---- attach points ---- */

/* Where a blank does not end the attach point: beside a colon or a plus. */
static bool goes_on(const char *begin, const char *blank, const char *next)
{
	return *next == ':' || *next == '+' || (blank > begin && blank[-1] == '+') ||
	       (blank > begin && blank[-1] == ':' && !strchr("{,/", *next));
}

/* Behind the parameters `(char *, int)`, or the template's arguments `<char, int>`, that begin at p, of a name; behind
 * the sign where nothing closes them in this line. */
static const char *skip_bracketed(const char *p)
{
	unsigned depth = 0;

	for (const char *at = p; *at && !strchr("{\n\"", *at); at++) {
		depth += *at == '(' || *at == '<';
		if ((*at == ')' || *at == '>') && --depth == 0)
			return at + 1;
	}
	return p + 1;
}

struct span scan_attach_point(struct scanner *s, bool (*has_path)(const char *text, size_t n))
{
	const char *begin = s->p, *end = s->p;

	while (*s->p && !strchr("{,", *s->p)) {
		if (at_blank(s)) {
			const char *blank = s->p;

			skip_white(s);
			if (!*s->p || !goes_on(begin, blank, s->p))
				break;
			continue;
		}
		if (*s->p == '/' && !has_path(begin, (size_t)(s->p - begin)))
			break;
		if (*s->p == '"')
			s->p = skip_quoted(s->p);
		else if (*s->p == '(' || *s->p == '<')
			s->p = skip_bracketed(s->p);
		else if (*s->p == '\\' && s->p[1])
			s->p += 2;
		else
			s->p++;
		end = s->p;
	}
	s->in_line = true;
	s->p = end;
	return span_from(s, begin);
}
