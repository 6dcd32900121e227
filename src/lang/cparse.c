/* cparse.c - definitions of C: struct, union, enum and typedef, and where their members are.
 *
 * A program that follows a pointer must know what it points to; what no BTF and no debug information tells,
 * the user writes down, or includes from a header. The layout follows the ABI of all 64-bit Linux machines: a
 * member stands at the next multiple of its alignment, a struct is as large as a multiple of the largest
 * alignment in it. A bit field stands behind the one before it, unless it would cross a boundary of its own
 * type: then at that boundary. `packed` takes all alignments away, `aligned(n)` raises one.
 *
 * Members are laid out when the closing brace and the attributes behind it were read, not before: `packed`
 * stands there.
 */
#include "lang/front.h"

#include <string.h>

#define MAX_SIZE (1ull << 30)		/* bytes of a struct */

struct attributes {
	bool packed;
	uint64_t aligned;
};

/* A member before its place is known. */
struct declared {
	const char *name;		/* "": unnamed */
	const struct type *type;
	bool is_bits;
	uint64_t bits;
	struct attributes attributes;
	struct span span;
};

/* A layout and its one type: whoever points to the struct before it is complete sees it complete later. */
struct tag {
	struct layout layout;
	struct type type;
};

const struct type *layout_type(const struct layout *l)
{
	return &((const struct tag *)l)->type;
}

const struct type *enumeration_type(struct arena *a, const struct enumeration *e)
{
	struct type *t = arena_alloc(a, sizeof(*t));
	int64_t least = 0, most = 0;

	for (unsigned i = 0; i < e->n; i++) {
		least = (int64_t)e->values[i].value < least ? (int64_t)e->values[i].value : least;
		most = (int64_t)e->values[i].value > most ? (int64_t)e->values[i].value : most;
	}
	*t = least < 0 ? type_int32 : type_uint32;
	if (least < INT32_MIN || most > (least < 0 ? INT32_MAX : (int64_t)UINT32_MAX))
		t->size = 8;
	t->enumeration = e;
	return t;
}

static struct tag *find_tag(struct front *f, const char *name)
{
	struct program *p = f->program;

	for (unsigned i = 0; *name && i < p->n_layouts; i++)
		if (strcmp(p->layouts[i]->name, name) == 0)
			return (struct tag *)p->layouts[i];
	return NULL;
}

static struct tag *add_tag(struct front *f, const char *name)
{
	struct tag *t = arena_alloc(f->arena, sizeof(*t));

	t->layout.name = name;
	t->layout.align = 1;
	t->layout.is_union = str_starts(name, "union");
	t->type.kind = TYPE_STRUCT;
	t->type.layout = &t->layout;
	*ARENA_PUSH(f->arena, f->program->layouts, f->program->n_layouts) = &t->layout;
	return t;
}

/* ------------------------------------------------------------------------------------------------
 * constants
 * ---------------------------------------------------------------------------------------------- */

static bool enumerator(struct front *f, const char *name, int64_t *out)
{
	struct program *p = f->program;

	for (unsigned i = 0; i < p->n_enums; i++) {
		for (unsigned k = 0; k < p->enums[i]->n; k++) {
			if (strcmp(p->enums[i]->values[k].name, name) == 0) {
				*out = (int64_t)p->enums[i]->values[k].value;
				return true;
			}
		}
	}
	return false;
}

static bool binary_constant(struct front *f, const struct node *n, int64_t a, int64_t b, int64_t *out)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (n->op) {
	case OP_LOGICAL_OR:	*out = a || b; break;
	case OP_LOGICAL_AND:	*out = a && b; break;
	case OP_BIT_OR:		*out = a | b; break;
	case OP_BIT_XOR:	*out = a ^ b; break;
	case OP_BIT_AND:	*out = a & b; break;
	case OP_EQ:		*out = a == b; break;
	case OP_NE:		*out = a != b; break;
	case OP_LE:		*out = a <= b; break;
	case OP_GE:		*out = a >= b; break;
	case OP_LT:		*out = a < b; break;
	case OP_GT:		*out = a > b; break;
	case OP_SHL:		*out = (int64_t)(ua << (ub & 63)); break;
	case OP_SHR:		*out = a >> (ub & 63); break;
	case OP_ADD:		*out = (int64_t)(ua + ub); break;
	case OP_SUB:		*out = (int64_t)(ua - ub); break;
	case OP_MUL:		*out = (int64_t)(ua * ub); break;
	default:
		if (b == 0)
			return diag_error(f->diags, n->span, "division by zero in a constant");
		if (b == -1)			/* the least integer has no counterpart above zero */
			*out = n->op == OP_DIV ? (int64_t)(0 - ua) : 0;
		else
			*out = n->op == OP_DIV ? a / b : a % b;
	}
	return true;
}

static bool unary_constant(enum op op, int64_t a, int64_t *out)
{
	*out = op == OP_SUB ? (int64_t)(0 - (uint64_t)a) : op == OP_NOT ? !a : ~a;
	return true;
}

static bool constant(struct front *f, const struct node *n, int64_t *out)
{
	const struct type *t;
	int64_t a, b;

	switch (n->kind) {
	case NODE_INT:
	case NODE_BOOL:
		*out = n->number;
		return true;
	case NODE_NAME:
		if (enumerator(f, n->text, out))
			return true;
		return diag_error(f->diags, n->span, "'%s' is not a constant", n->text);
	case NODE_UNARY:
		return constant(f, n->a, &a) && unary_constant(n->op, a, out);
	case NODE_BINARY:
		return constant(f, n->a, &a) && constant(f, n->b, &b) && binary_constant(f, n, a, b, out);
	case NODE_TERNARY:
		if (!constant(f, n->a, &a))
			return false;
		*out = a;
		return a && !n->b ? true : constant(f, a ? n->b : n->c, out);
	case NODE_CAST:
	case NODE_COMPTIME:
		return constant(f, n->a, out);
	case NODE_SIZEOF:
		t = n->spec ? spec_type(f, n->spec) : NULL;
		if (t) {
			*out = (int64_t)t->size;
			return true;
		}
		return diag_error(f->diags, n->span, "the size of this is not known here");
	default:
		return diag_error(f->diags, n->span, "this is not a constant");
	}
}

bool constant_value(struct front *f, const struct node *n, int64_t *out)
{
	if (f->panic)
		return false;
	if (node_height(n, NULL) > MAX_HEIGHT)
		return diag_error(f->diags, n->span, "this constant is too long");
	return constant(f, n, out);
}

/* A count of elements or bits. */
static bool constant_count(struct front *f, const struct node *n, uint64_t *out)
{
	int64_t value;

	if (!constant_value(f, n, &value))
		return false;
	if (value < 0 || (uint64_t)value > MAX_SIZE)
		return diag_error(f->diags, n->span, "%lld is no size that this can have", (long long)value);
	*out = (uint64_t)value;
	return true;
}

/* ------------------------------------------------------------------------------------------------
 * types
 * ---------------------------------------------------------------------------------------------- */

static const struct type *array_of(struct front *f, const struct type *of, uint64_t count, struct span at)
{
	uint64_t size;

	if (__builtin_mul_overflow(of->size, count, &size) || size > MAX_SIZE) {
		diag_error(f->diags, at, "this array is too large");
		return of;
	}
	return type_array(f->arena, of, count);
}

const struct type *spec_type(struct front *f, const struct type_spec *s)
{
	const struct type *t = s->name ? type_named(f->program, s->name) : NULL;
	uint64_t count = 0;

	for (unsigned i = 0; t && i < s->pointers; i++)
		t = type_pointer(f->arena, t);
	for (unsigned i = s->n_counts; t && i-- > 0;) {
		if (!constant_count(f, s->counts[i], &count))
			return NULL;
		t = s->has_size && i == 0 ? type_string(f->arena, count) : array_of(f, t, count, s->span);
	}
	for (unsigned i = 0; t && i < s->array_pointers; i++)
		t = type_pointer(f->arena, t);
	return t;
}

static uint64_t type_align(const struct type *t)
{
	switch (t->kind) {
	case TYPE_ARRAY:
		return type_align(t->of);
	case TYPE_STRUCT:
		return t->layout->align;
	case TYPE_STRING:
		return 1;
	default:
		return t->size ? t->size : 1;
	}
}

/* ---- attributes ---- */

static void skip_group(struct front *f)
{
	unsigned depth = 0;

	do {
		if (next_is(f, "("))
			depth++;
		if (next_is(f, ")"))
			depth--;
		if (next_is(f, ";") || next_is(f, "{") || next_is(f, "}"))
			syntax_error(f, ")");
		take(f);
	} while (depth > 0 && peek(f, 0)->kind != TOKEN_END);
}

/* aligned(8); its name was taken */
static void parse_aligned(struct front *f, struct attributes *out)
{
	uint64_t align = 0;
	struct node *n;

	if (!accept(f, "(")) {
		out->aligned = 16;
		return;
	}
	n = parse_expression(f);
	if (constant_count(f, n, &align) && (align == 0 || (align & (align - 1))))
		diag_error(f->diags, n->span, "an alignment is a power of two");
	else if (align > out->aligned)
		out->aligned = align;
	expect(f, ")");
}

static void parse_one_attribute(struct front *f, struct attributes *out)
{
	if (accept(f, "packed") || accept(f, "__packed__") || accept(f, "__packed"))
		out->packed = true;
	else if (accept(f, "aligned") || accept(f, "__aligned__") || accept(f, "__aligned"))
		parse_aligned(f, out);
	else if (token_is(peek(f, 1), "("))
		take(f), skip_group(f);
	else
		take(f);
}

/* Any number of them; what they mean for a layout goes to *out. */
static void parse_attributes(struct front *f, struct attributes *out)
{
	for (;;) {
		if (next_is(f, "__packed") || next_is(f, "__aligned")) {
			parse_one_attribute(f, out);
			continue;
		}
		if (!accept(f, "__attribute__") && !accept(f, "__attribute"))
			return;
		expect(f, "(");
		expect(f, "(");
		while (!f->panic && !next_is(f, ")")) {
			parse_one_attribute(f, out);
			if (!accept(f, ","))
				break;
		}
		expect(f, ")");
		expect(f, ")");
	}
}

/* ---- specifiers and declarators ---- */

static const struct type *parse_tag(struct front *f);
static const struct type *parse_enum(struct front *f);

static bool accept_qualifier(struct front *f)
{
	static const char *const words[] = {
		"const", "volatile", "static", "extern", "inline", "register", "restrict", "__restrict",
		"__extension__",
		"__inline", "__user", "__rcu", "__percpu", "__iomem", "__force", "__bitwise",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (accept(f, words[i]))
			return true;
	return false;
}

static void skip_qualifiers(struct front *f, struct attributes *attributes)
{
	do
		parse_attributes(f, attributes);
	while (accept_qualifier(f));
}

/* The type before the declarators. */
static const struct type *parse_specifiers(struct front *f, struct attributes *attributes, bool *is_char)
{
	const struct type *t = NULL;
	const char *name;

	*is_char = false;
	skip_qualifiers(f, attributes);
	if (next_is(f, "struct") || next_is(f, "union")) {
		t = parse_tag(f);
	} else if (next_is(f, "enum")) {
		t = parse_enum(f);
	} else if (peek(f, 0)->kind != TOKEN_NAME) {
		syntax_error(f, "a type");
	} else {
		struct token word = *peek(f, 0);

		name = parse_type_name(f);
		t = name ? type_named(f->program, name) : NULL;
		*is_char = name && strcmp(name, "char") == 0;
		if (!t)
			front_error(f, word.span, "unknown type name '%s'", word.text);
	}
	skip_qualifiers(f, attributes);
	return t ? t : &type_void;
}

/* [2][3]: the last count is the innermost. An array of char is a string. */
static const struct type *parse_counts(struct front *f, const struct type *t, bool is_char)
{
	struct span at = peek(f, 0)->span;
	uint64_t counts[8] = { 0 };
	unsigned n = 0;

	while (!f->panic && accept(f, "[")) {
		if (n == ARRAY_LEN(counts)) {
			front_error(f, at, "an array has at most %zu dimensions", ARRAY_LEN(counts));
			break;
		}
		if (!next_is(f, "]"))
			constant_count(f, parse_expression(f), &counts[n]);
		n++;
		expect(f, "]");
	}
	for (unsigned i = n; i-- > 0;)
		t = is_char && i == n - 1 ? type_string(f->arena, counts[i]) : array_of(f, t, counts[i], at);
	return t;
}

/* *name[3], (*name)(int), name : 4, or no name at all */
static void parse_declarator(struct front *f, const struct type *base, bool is_char, struct declared *out)
{
	out->type = base;
	out->name = "";
	out->span = peek(f, 0)->span;
	f->nesting++;
	if (!deeper(f)) {
		f->nesting--;
		return;
	}
	while (accept(f, "*")) {
		out->type = type_pointer(f->arena, out->type);
		is_char = false;
		skip_qualifiers(f, &out->attributes);
	}
	/* to a function, or to an array: what it points to is nobody's need */
	if (accept(f, "(")) {
		const struct type *inner = next_is(f, "*") ? &type_void : out->type;

		parse_declarator(f, inner, false, out);
		expect(f, ")");
		if (next_is(f, "("))
			skip_group(f);
		else
			parse_counts(f, &type_void, false);
	} else {
		if (peek(f, 0)->kind == TOKEN_NAME && !token_is(peek(f, 0), "__attribute__")) {
			out->span = peek(f, 0)->span;
			out->name = take(f).text;
		}
		out->type = parse_counts(f, out->type, is_char);
	}
	if (accept(f, ":")) {
		out->is_bits = true;
		constant_count(f, parse_expression(f), &out->bits);
	}
	skip_qualifiers(f, &out->attributes);
	f->nesting--;
}

/* ------------------------------------------------------------------------------------------------
 * layout
 * ---------------------------------------------------------------------------------------------- */

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return to ? (n + to - 1) / to * to : n;
}

/* Where in bits a bit field of `bits` bits begins, when what is before it ends at `at`. */
static uint64_t place_bits(const struct declared *m, uint64_t at, bool packed)
{
	uint64_t unit = 8 * m->type->size;

	if (m->bits == 0)
		return round_up(at, unit);
	if (!packed && at / unit != (at + m->bits - 1) / unit)
		return round_up(at, unit);
	return at;
}

static void add_member(struct front *f, struct layout *l, const struct declared *m, uint64_t at)
{
	struct member *member = ARENA_PUSH(f->arena, l->members, l->n_members);
	uint64_t unit = m->is_bits ? 8 * m->type->size : 8;

	member->name = m->name;
	member->type = m->type;
	member->offset = at / unit * (unit / 8);
	member->bit_offset = (unsigned)(at % unit);
	member->bits = m->is_bits ? (unsigned)m->bits : 0;
	if (m->is_bits && member->bit_offset + m->bits > unit) {	/* packed, and over a boundary */
		member->offset = at / 8;
		member->bit_offset = (unsigned)(at % 8);
		if (member->bit_offset + m->bits > unit)	/* it can be read in one piece nevertheless */
			member->type = type_int(8, m->type->is_signed);
	}
}

static void lay_out(struct front *f, struct layout *l, const struct declared *members, unsigned n,
		    const struct attributes *attributes)
{
	uint64_t at = 0, end = 0;		/* bits */

	for (unsigned i = 0; i < n; i++) {
		const struct declared *m = &members[i];
		bool packed = attributes->packed || m->attributes.packed;
		uint64_t align = packed ? 1 : type_align(m->type);

		if (m->attributes.aligned > align)
			align = m->attributes.aligned;
		if (l->is_union)
			at = 0;
		at = m->is_bits ? place_bits(m, at, packed) : round_up(at, 8 * align);
		if (*m->name || !m->is_bits)
			l->align = align > l->align ? align : l->align;
		if (*m->name || (!m->is_bits && m->type->kind == TYPE_STRUCT))
			add_member(f, l, m, at);
		at += m->is_bits ? m->bits : 8 * m->type->size;
		end = at > end ? at : end;
	}
	if (attributes->aligned > l->align)
		l->align = attributes->aligned;
	l->size = round_up(round_up(end, 8) / 8, l->align);
	l->complete = true;
}

/* ------------------------------------------------------------------------------------------------
 * struct, union
 * ---------------------------------------------------------------------------------------------- */

static bool check_member(struct front *f, const struct declared *members, unsigned n,
			 const struct declared *m)
{
	if (m->type->kind == TYPE_STRUCT && !m->type->layout->complete)
		return diag_error(f->diags, m->span, "field has incomplete type '%s'", m->type->layout->name);
	if (m->type->kind == TYPE_VOID && m->type->size == 0)
		return diag_error(f->diags, m->span, "field has incomplete type 'void'");
	if (m->is_bits && !type_is_integer(m->type))
		return diag_error(f->diags, m->span, "bit-field '%s' has non-integral type", m->name);
	if (m->is_bits && m->bits > 8 * m->type->size)
		return diag_error(f->diags, m->span,
				  "width of bit-field '%s' (%llu bits) exceeds the width of its type (%llu bits)",
				  m->name, (unsigned long long)m->bits, 8ull * m->type->size);
	if (m->is_bits && m->bits == 0 && *m->name)
		return diag_error(f->diags, m->span, "named bit-field '%s' has zero width", m->name);
	for (unsigned i = 0; *m->name && i < n; i++)
		if (strcmp(members[i].name, m->name) == 0)
			return diag_error(f->diags, m->span, "duplicate member '%s'", m->name);
	return true;
}

/* The declarations between the braces. */
static struct declared *parse_members(struct front *f, unsigned *n)
{
	struct declared *members = NULL;
	uint64_t size = 0;

	while (!f->panic && !next_is(f, "}") && peek(f, 0)->kind != TOKEN_END) {
		struct attributes attributes = { 0 };
		const struct type *base;
		bool is_char;

		if (accept(f, ";"))
			continue;
		base = parse_specifiers(f, &attributes, &is_char);
		do {
			struct declared m = { .attributes = attributes };

			parse_declarator(f, base, is_char, &m);
			if (f->panic || !check_member(f, members, *n, &m))
				continue;
			size += m.type->size;
			if (size > MAX_SIZE) {
				front_error(f, m.span, "this struct is too large");
				continue;
			}
			*ARENA_PUSH(f->arena, members, *n) = m;
		} while (accept(f, ","));
		if (!next_is(f, "}"))		/* clang wants the `;`; nobody is helped by that */
			expect(f, ";");
		if (f->panic)
			recover_statement(f);
	}
	return members;
}

/* struct NAME, struct NAME { ... }, struct { ... } */
static const struct type *parse_tag(struct front *f)
{
	const char *word = take(f).text, *name = "";
	struct attributes attributes = { 0 };
	struct declared *members;
	struct span at = f->last;
	unsigned n = 0;
	struct tag *t;

	parse_attributes(f, &attributes);
	if (peek(f, 0)->kind == TOKEN_NAME) {
		at = span_between(at, peek(f, 0)->span);
		name = arena_fmt(f->arena, "%s %s", word, take(f).text);
	}
	t = find_tag(f, name);
	if (!next_is(f, "{")) {
		if (!*name) {
			syntax_error(f, "{");
			return &type_void;
		}
		if (!t && uapi_type(f->program, name))
			t = find_tag(f, name);
		return t ? &t->type : &add_tag(f, name)->type;
	}
	if (!t)
		t = add_tag(f, *name ? name : word);
	else if (t->layout.complete) {
		front_error(f, at, "redefinition of '%s'", name);
		return &type_void;
	}
	if (!*name)
		t->layout.is_union = strcmp(word, "union") == 0;
	take(f);
	f->nesting++;
	members = deeper(f) ? parse_members(f, &n) : NULL;
	f->nesting--;
	expect(f, "}");
	parse_attributes(f, &attributes);
	lay_out(f, &t->layout, members, n, &attributes);
	t->type.size = t->layout.size;
	return &t->type;
}

/* ------------------------------------------------------------------------------------------------
 * enum, typedef
 * ---------------------------------------------------------------------------------------------- */

static void parse_enumerators(struct front *f, struct enumeration *e)
{
	uint64_t next = 0;

	while (!f->panic && !next_is(f, "}")) {
		struct span at = peek(f, 0)->span;
		const char *name = expect_name(f);
		int64_t value, known;

		if (f->panic)
			return;
		if (enumerator(f, name, &known)) {
			front_error(f, at, "redefinition of enumerator '%s'", name);
			return;
		}
		if (accept(f, "=") && constant_value(f, parse_expression(f), &value))
			next = (uint64_t)value;
		*ARENA_PUSH(f->arena, e->values, e->n) = (struct enumerator){ name, next++ };
		if (!accept(f, ","))
			break;
	}
	expect(f, "}");
}

/* enum NAME { A, B = 3 }, enum { A }, enum NAME */
static const struct type *parse_enum(struct front *f)
{
	struct attributes attributes = { 0 };
	struct program *p = f->program;
	struct enumeration *e;
	const char *name = "";

	take(f);
	parse_attributes(f, &attributes);
	if (peek(f, 0)->kind == TOKEN_NAME)
		name = arena_fmt(f->arena, "enum %s", take(f).text);
	if (!next_is(f, "{")) {
		const struct type *t = *name ? type_named(p, name) : NULL;

		if (!*name)
			syntax_error(f, "{");
		return t ? t : &type_uint32;
	}
	for (unsigned i = 0; *name && i < p->n_enums; i++)
		if (strcmp(p->enums[i]->name, name) == 0)
			front_error(f, f->last, "redefinition of '%s'", name);
	take(f);
	e = arena_alloc(f->arena, sizeof(*e));
	e->name = name;
	/* It counts at once: an enumerator may be made of the one before it. */
	*ARENA_PUSH(f->arena, p->enums, p->n_enums) = e;
	parse_enumerators(f, e);
	return enumeration_type(f->arena, e);
}

static void parse_typedef(struct front *f)
{
	struct attributes attributes = { 0 };
	struct program *p = f->program;
	const struct type *base;
	bool is_char;

	take(f);
	base = parse_specifiers(f, &attributes, &is_char);
	do {
		struct declared m = { 0 };

		parse_declarator(f, base, is_char, &m);
		if (!f->panic && !*m.name)
			syntax_error(f, "identifier");
		if (f->panic)
			return;
		*ARENA_PUSH(f->arena, p->typedefs, p->n_typedefs) = (struct typedefinition){ m.name, m.type };
	} while (accept(f, ","));
	expect(f, ";");
}

bool next_is_definition(struct front *f)
{
	return next_is(f, "struct") || next_is(f, "union") || next_is(f, "enum") || next_is(f, "typedef");
}

static bool in_header(struct front *f)
{
	struct input *in = input_of(f, peek(f, 0));

	return in && in->header;
}

void parse_definition(struct front *f)
{
	struct attributes attributes = { 0 };
	bool is_char;

	if (next_is(f, "typedef")) {
		parse_typedef(f);
		return;
	}
	parse_specifiers(f, &attributes, &is_char);
	if (f->panic)
		return;
	if (peek(f, 0)->kind != TOKEN_END && !next_is(f, ";") && in_header(f))
		skip_declaration(f);			/* a variable, or a function, of this type */
	else if (f->last.src && f->last.end && f->last.src->text[f->last.end - 1] == '}')
		accept(f, ";");
	else
		expect(f, ";");
}

void skip_declaration(struct front *f)
{
	unsigned depth = 0;

	for (;;) {
		struct token t = take(f);

		if (t.kind == TOKEN_END)
			return;
		if (token_is(&t, "{"))
			depth++;
		if (token_is(&t, "}") && (depth == 0 || --depth == 0) && !next_is(f, ";"))
			return;
		if (token_is(&t, ";") && depth == 0)
			return;
	}
}
