/* format.c - printf's formats, made ready once and used for each record.
 *
 *	"%-16s %5d\n"	->	{ "", %-16s } { " ", %5d } { "\n" }
 *
 * As in bpftrace: a conversion without a length modifier is 32 bits wide, so %x of 0x12345678abcdef prints
 * 78abcdef; %s takes a value of any type; %r writes a buffer as text with \x escapes, %rx all in \x, %rh as hex
 * with blanks between; the precision of %s is read and ignored, and so is a star.
 */
#include "eval/eval.h"

#include <stdlib.h>
#include <string.h>

/* Literal text, and the conversion behind it. */
struct part {
	const char *text;
	size_t len;
	char letter;			/* 'd', 'u', 'x', 'c', 'p', 's', 'r', ...; 0: none */
	char variant;			/* of 'r': 0, 'x', 'h' */
	unsigned char size;		/* bytes of an integer: 1, 2, 4, 8 */
	bool left;			/* "-" */
	unsigned width;
	const char *c_format;		/* for snprintf() of a long long, when it is not plain; else NULL */
};

struct format_spec {
	struct part *parts;
	unsigned n_parts, n_values;
	const struct part **values;	/* those that have a conversion */
};

/* ---- compiling ---- */

struct reader {
	struct arena *a;
	const char *p, *end;
	const char **why;
};

/* Literal bytes up to a conversion, with %% made one. */
static void read_literal(struct reader *r, struct part *part)
{
	char *text = arena_alloc(r->a, (size_t)(r->end - r->p) + 1);

	part->text = text;
	while (r->p < r->end) {
		if (*r->p == '%') {
			if (r->p + 1 >= r->end || r->p[1] != '%')
				return;
			r->p++;
		}
		text[part->len++] = *r->p++;
	}
}

static bool next_is(const struct reader *r, const char *set)
{
	return r->p < r->end && *r->p && strchr(set, *r->p);
}

static unsigned read_digits(struct reader *r)
{
	unsigned n = 0;

	while (next_is(r, "0123456789")) {
		if (n < 100000)
			n = n * 10 + (unsigned)(*r->p - '0');
		r->p++;
	}
	return n;
}

static unsigned char read_length(struct reader *r)
{
	static const struct { const char *word; unsigned char size; } rows[] = {
		{ "hh", 1 }, { "h", 2 }, { "ll", 8 }, { "l", 8 }, { "j", 8 }, { "z", 8 }, { "t", 8 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].word);

		if ((size_t)(r->end - r->p) >= n && memcmp(r->p, rows[i].word, n) == 0) {
			r->p += n;
			return rows[i].size;
		}
	}
	return 4;
}

/* What snprintf() needs for anything but a bare %d: the user's flags, width and precision, and "ll". */
static const char *c_format(struct reader *r, const struct part *part, const char *flags, int precision)
{
	struct str s = STR_INIT;
	const char *format;

	if (!*flags && precision < 0 && strchr("diu", part->letter))
		return NULL;
	str_addf(&s, "%%%s", flags);
	if (part->width)
		str_addf(&s, "%u", part->width);
	if (precision >= 0)
		str_addf(&s, ".%d", precision);
	str_addf(&s, "ll%c", part->letter);
	format = arena_strdup(r->a, s.s);
	str_release(&s);
	return format;
}

/* conversion = "%" {flag} [width | "*"] ["." (precision | "*")] [length] letter */
static bool read_conversion(struct reader *r, struct part *part)
{
	const char *begin = r->p++;
	char flags[8] = "";
	int precision = -1;

	while (next_is(r, "-+ #0")) {
		part->left |= *r->p == '-';
		if (strlen(flags) < sizeof(flags) - 1 && !strchr(flags, *r->p))
			flags[strlen(flags)] = *r->p;
		r->p++;
	}
	part->width = read_digits(r);
	if (next_is(r, "*"))
		r->p++;
	if (next_is(r, ".")) {
		r->p++;
		precision = (int)read_digits(r);
		if (next_is(r, "*"))
			r->p++;
	}
	part->size = read_length(r);
	if (next_is(r, "g") && r->p + 1 < r->end && r->p[1] == 'r')	/* %gr is %r */
		r->p++;
	if (!next_is(r, "diouxXcpsr")) {
		*r->why = arena_fmt(r->a, "'%.*s' is no conversion that printf knows",
				    (int)(r->p - begin + (r->p < r->end)), begin);
		return false;
	}
	part->letter = *r->p++;
	if (part->letter == 'r' && next_is(r, "xh"))
		part->variant = *r->p++;
	if (strchr("diouxX", part->letter))
		part->c_format = c_format(r, part, flags, precision);
	return true;
}

const struct format_spec *format_compile(struct arena *a, const char *text, size_t n, const char **why)
{
	struct reader r = { a, text, text + n, why };
	struct format_spec *f = arena_alloc(a, sizeof(*f));
	struct part *parts = NULL;

	do {
		struct part *part = MEM_PUSH(parts, f->n_parts);

		read_literal(&r, part);
		if (r.p < r.end && !read_conversion(&r, part)) {
			free(parts);
			return NULL;
		}
		f->n_values += part->letter != 0;
	} while (r.p < r.end);
	f->parts = arena_alloc(a, f->n_parts * sizeof(*parts));
	memcpy(f->parts, parts, f->n_parts * sizeof(*parts));
	f->values = arena_alloc(a, (f->n_values + 1) * sizeof(*f->values));
	for (unsigned i = 0, k = 0; i < f->n_parts; i++)
		if (f->parts[i].letter)
			f->values[k++] = &f->parts[i];
	free(parts);
	return f;
}

unsigned format_values(const struct format_spec *f)
{
	return f->n_values;
}

char format_letter(const struct format_spec *f, unsigned i)
{
	return i < f->n_values ? f->values[i]->letter : 0;
}

/* ---- printing ---- */

/* What was appended since `begin` becomes `width` columns wide. */
static void pad(struct str *out, size_t begin, unsigned width, bool left)
{
	size_t have = out->len - begin, missing;

	if (have >= width)
		return;
	missing = width - have;
	for (size_t i = 0; i < missing; i++)
		str_addc(out, ' ');
	if (!left) {
		memmove(out->s + begin + missing, out->s + begin, have);
		memset(out->s + begin, ' ', missing);
	}
}

static int64_t narrow(const struct part *part, int64_t n)
{
	bool is_signed = part->letter == 'd' || part->letter == 'i';

	switch (part->size) {
	case 1:
		return is_signed ? (int8_t)n : (uint8_t)n;
	case 2:
		return is_signed ? (int16_t)n : (uint16_t)n;
	case 4:
		return is_signed ? (int32_t)n : (int64_t)(uint32_t)n;
	default:
		return n;
	}
}

static void print_number(const struct part *part, int64_t n, struct str *out)
{
	char text[64];
	int len;

	n = narrow(part, n);
	if (!part->c_format) {
		value_print_number(n, part->letter != 'u', out);
		return;
	}
	if (part->width < sizeof(text) / 2) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		len = snprintf(text, sizeof(text), part->c_format, (long long)n);
#pragma GCC diagnostic pop
		if (len >= 0 && (size_t)len < sizeof(text)) {
			str_addn(out, text, (size_t)len);
			return;
		}
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	str_addf(out, part->c_format, (long long)n);
#pragma GCC diagnostic pop
}

static void print_character(struct eval *e, const struct node *n, struct str *out)
{
	char c = (char)eval_number(e, n);

	if (n->kind == NODE_INT || c == '\n' || c == '\t')
		str_addc(out, c);
	else
		value_print_text(eval_host(e)->names, &c, 1, out);
}

static void print_any(struct eval *e, const struct node *n, struct str *out)
{
	union value v;

	if (n->kind == NODE_STRING) {		/* the author's own words */
		str_addn(out, n->text, strnlen(n->text, (size_t)n->number));
		return;
	}
	value_print(eval_host(e)->names, eval_shown(e, n, &v), &v, out);
}

static void print_buffer(struct eval *e, const struct part *part, const struct node *n, struct str *out)
{
	static const char hex[] = "0123456789abcdef";
	union value v;

	eval_bytes(e, n, &v);
	for (uint32_t i = 0; i < v.text.len; i++) {
		unsigned char c = (unsigned char)v.text.data[i];

		if (!part->variant && c >= 32 && c <= 126) {
			str_addc(out, (char)c);
			continue;
		}
		if (part->variant != 'h')
			str_addn(out, "\\x", 2);
		else if (i)
			str_addc(out, ' ');
		str_addc(out, hex[c >> 4]);
		str_addc(out, hex[c & 15]);
	}
}

static void print_part(struct eval *e, const struct part *part, const struct node *n, struct str *out)
{
	size_t begin = out->len;

	switch (eval_is_missing(e, n) ? 's' : part->letter) {
	case 's':
		print_any(e, n, out);
		break;
	case 'c':
		print_character(e, n, out);
		break;
	case 'p':
		str_addf(out, "0x%llx", (unsigned long long)eval_number(e, n));
		break;
	case 'r':
		print_buffer(e, part, n, out);
		break;
	default:
		print_number(part, eval_number(e, n), out);
	}
	pad(out, begin, part->width, part->left);
}

void format_print(struct eval *e, const struct format_spec *f, struct node *const *list, struct str *out)
{
	for (unsigned i = 0, value = 0; i < f->n_parts; i++) {
		const struct part *part = &f->parts[i];

		str_addn(out, part->text, part->len);
		if (part->letter)
			print_part(e, part, list[value++], out);
	}
}
