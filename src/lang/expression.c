/* expression.c - tokens -> tree: expressions, and the types that are written in them.
 *
 * Binary operators are read by precedence climbing: an operand, then each operator that binds tighter than
 * what stands to the left, with what it has to its right. The table is ops.def. Prefix and postfix bind
 * tighter than all of them: -$x.a is -($x.a), (int32)$x.a is (int32)($x.a), as in C.
 *
 * Two things need a look ahead. `(int32)x` is a cast and `(pid)` is not: inside the parentheses stands a
 * type. An unknown name is taken for a type when it could be nothing else: `(foo *)x`, `(foo)x`. And in a
 * predicate a `/` before a `{` is no division but the end.
 */
#include "lang/front.h"

#include <string.h>

static struct node *parse_unary(struct front *f);

/* ------------------------------------------------------------------------------------------------
 * types
 * ---------------------------------------------------------------------------------------------- */

static bool is_tag_word(const struct token *t)
{
	return token_is(t, "struct") || token_is(t, "union") || token_is(t, "enum");
}

static bool is_qualifier(const struct token *t)
{
	return token_is(t, "const") || token_is(t, "volatile");
}

/* The words of C's own types, of which several make one name: unsigned long. */
static bool is_basic_word(const struct token *t)
{
	static const char *const words[] = { "unsigned", "signed", "long", "short", "int", "char", "double" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (token_is(t, words[i]))
			return true;
	return false;
}

static bool is_type_word(struct front *f, const struct token *t)
{
	return is_tag_word(t) || is_qualifier(t) || is_basic_word(t) || token_is(t, "typeof") ||
	       (t->kind == TOKEN_NAME && type_named(f->program, t->text) != NULL);
}

bool next_is_type(struct front *f)
{
	return is_type_word(f, peek(f, 0));
}

static const char *parse_basic_name(struct front *f)
{
	_cleanup_(str_release) struct str name = STR_INIT;

	while (is_basic_word(peek(f, 0))) {
		if (name.len)
			str_addc(&name, ' ');
		str_add(&name, take(f).text);
	}
	return arena_strdup(f->arena, name.s);
}

const char *parse_type_name(struct front *f)
{
	const char *word, *name;

	if (is_basic_word(peek(f, 0)))
		return parse_basic_name(f);
	if (!is_tag_word(peek(f, 0)))
		return expect_name(f);
	word = take(f).text;
	name = expect_name(f);
	return name ? arena_fmt(f->arena, "%s %s", word, name) : NULL;
}

static void skip_qualifiers(struct front *f)
{
	while (is_qualifier(peek(f, 0)))
		take(f);
}

/* typeof(e), typeof(type) */
static void parse_typeof(struct front *f, struct type_spec *s)
{
	take(f);
	expect(f, "(");
	if (next_is_type(f))
		*s = *parse_type(f);
	else
		s->typeof_expression = parse_expression(f);
	expect(f, ")");
}

static bool has_size(const char *name)
{
	return name &&
	       (strcmp(name, "string") == 0 || strcmp(name, "buffer") == 0 || strcmp(name, "inet") == 0);
}

static unsigned parse_stars(struct front *f)
{
	unsigned n = 0;

	for (; accept(f, "*"); n++)
		skip_qualifiers(f);
	return n;
}

struct type_spec *parse_type(struct front *f)
{
	struct type_spec *s = arena_alloc(f->arena, sizeof(*s));
	struct span begin = peek(f, 0)->span;

	f->nesting++;
	if (deeper(f)) {
		skip_qualifiers(f);
		if (next_is(f, "typeof"))
			parse_typeof(f, s);
		else
			s->name = parse_type_name(f);
		skip_qualifiers(f);
	}
	s->pointers = parse_stars(f);
	while (!f->panic && next_is(f, "[") && !token_is(peek(f, 1), "]")) {
		if (s->n_counts == ARRAY_LEN(s->counts)) {
			front_error(f, peek(f, 0)->span, "an array has at most %zu dimensions",
				    ARRAY_LEN(s->counts));
			break;
		}
		take(f);
		s->has_size = s->has_size || (has_size(s->name) && s->pointers == 0);
		s->counts[s->n_counts++] = parse_expression(f);
		expect(f, "]");
	}
	s->array_pointers = parse_stars(f);
	f->nesting--;
	s->span = span_between(begin, f->last);
	return s;
}

/* ------------------------------------------------------------------------------------------------
 * operands
 * ---------------------------------------------------------------------------------------------- */

/* Could the token be the first of an operand, and not a binary operator as well? */
static bool begins_operand(const struct token *t)
{
	switch (t->kind) {
	case TOKEN_NAME:
		return !token_is(t, "else");
	case TOKEN_INT:
	case TOKEN_STRING:
	case TOKEN_SCRATCH:
	case TOKEN_MAP:
	case TOKEN_POSITIONAL:
		return true;
	default:
		return token_is(t, "(") || token_is(t, "!") || token_is(t, "~");
	}
}

/* After the `(` that is the next token: a type and `)`? */
static bool cast_follows(struct front *f)
{
	const struct token *t = peek(f, 1);

	if (t->kind != TOKEN_NAME)
		return false;
	if (is_tag_word(t) || is_qualifier(t) || is_basic_word(t))
		return true;
	/* typeof(e) makes a type of an expression; nobody calls something by the name of a type */
	if (is_type_word(f, t))
		return !token_is(peek(f, 2), "(") || token_is(t, "typeof");
	if (token_is(peek(f, 2), ")"))
		return peek(f, 3)->first_on_line ? false : begins_operand(peek(f, 3));
	for (unsigned i = 2; i < N_AHEAD - 1 && token_is(peek(f, i), "*"); i++)
		if (token_is(peek(f, i + 1), ")"))
			return true;
	return false;
}

static struct node *parse_cast(struct front *f)
{
	struct node *n = node_new(f, NODE_CAST, take(f).span);

	n->spec = parse_type(f);
	if (accept(f, "[")) {
		n->spec->unsized = true;
		expect(f, "]");
	}
	expect(f, ")");
	n->a = parse_unary(f);
	n->span = span_between(n->span, f->last);
	return n;
}

/* (a), (a, b), (a,), (), (x=1, y=2) */
static struct node *parse_parenthesis(struct front *f)
{
	bool in_predicate = f->in_predicate, tuple = false;
	struct node *n = node_new(f, NODE_TUPLE, take(f).span);

	f->in_predicate = false;
	while (!next_is(f, ")") && !f->panic) {
		if (peek(f, 0)->kind == TOKEN_NAME && token_is(peek(f, 1), "=")) {
			unsigned n_names = n->n_list;

			if (n->n_list && !n->names) {
				syntax_error(f, NULL);
				break;
			}
			*ARENA_PUSH(f->arena, n->names, n_names) = take(f).text;
			take(f);
			tuple = true;
		} else if (n->names) {
			syntax_error(f, "a member, name=value");
		}
		node_add(f, n, parse_expression(f));
		if (!accept(f, ","))
			break;
		tuple = true;
	}
	f->in_predicate = in_predicate;
	if (!accept(f, ")"))
		syntax_hint(f, ")", next_is(f, "=") ? HINT_EQUALS : NULL);
	n->span = span_between(n->span, f->last);
	return n->n_list == 1 && !tuple ? n->list[0] : n;
}

/* The arguments of a call, up to `)`. An argument that is a type becomes the call's. */
static void parse_arguments(struct front *f, struct node *call)
{
	bool in_predicate = f->in_predicate;

	f->in_predicate = false;
	while (!next_is(f, ")") && !f->panic) {
		if (is_tag_word(peek(f, 0)) && !call->spec)
			call->spec = parse_type(f);
		else
			node_add(f, call, parse_expression(f));
		if (!next_is(f, ")") && !accept(f, ","))
			syntax_error(f, ") or \",\"");
	}
	f->in_predicate = in_predicate;
	expect(f, ")");
	call->span = span_between(call->span, f->last);
}

/* A type, or an expression whose type is meant. */
static void parse_type_or_expression(struct front *f, struct node *n)
{
	if (next_is_type(f))
		n->spec = parse_type(f);
	else
		n->a = parse_expression(f);
}

/* sizeof(x), typeinfo(x) */
static struct node *parse_of_type(struct front *f)
{
	struct token word = take(f);
	struct node *n = node_new(f, token_is(&word, "sizeof") ? NODE_SIZEOF : NODE_TYPEINFO, word.span);

	expect(f, "(");
	parse_type_or_expression(f, n);
	expect(f, ")");
	n->span = span_between(n->span, f->last);
	return n;
}

/* offsetof(struct x, a.b) */
static struct node *parse_offsetof(struct front *f)
{
	struct node *n = node_new(f, NODE_OFFSETOF, take(f).span);

	expect(f, "(");
	parse_type_or_expression(f, n);
	expect(f, ",");
	do {
		struct node *name = node_new(f, NODE_NAME, peek(f, 0)->span);

		name->text = expect_name(f);
		node_add(f, n, name);
	} while (accept(f, "."));
	expect(f, ")");
	n->span = span_between(n->span, f->last);
	return n;
}

static struct node *parse_comptime(struct front *f)
{
	struct node *n = node_new(f, NODE_COMPTIME, take(f).span);

	n->a = parse_expression(f);
	n->span = span_between(n->span, f->last);
	return n;
}

static struct node *parse_truth(struct front *f)
{
	struct token t = take(f);
	struct node *n = node_new(f, NODE_BOOL, t.span);

	n->number = token_is(&t, "true");
	return n;
}

/* Words that begin an operand of their own kind; the others are names. */
static const struct word_row {
	const char *word;
	const char *only_before;
	struct node *(*parse)(struct front *f);
} operand_words[] = {
	{ "if", NULL, parse_if },
	{ "true", NULL, parse_truth },
	{ "false", NULL, parse_truth },
	{ "comptime", NULL, parse_comptime },
	{ "sizeof", "(", parse_of_type },
	{ "typeinfo", "(", parse_of_type },
	{ "offsetof", "(", parse_offsetof },
};

static bool is_reserved(const struct token *t)
{
	static const char *const words[] = {
		"else", "for", "while", "unroll", "return", "break", "continue", "let", "struct", "union",
		"enum",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (token_is(t, words[i]))
			return true;
	return false;
}

static struct node *parse_name(struct front *f)
{
	struct token t;
	struct node *n;

	for (size_t i = 0; i < ARRAY_LEN(operand_words); i++) {
		const struct word_row *row = &operand_words[i];

		if (next_is(f, row->word) && (!row->only_before || token_is(peek(f, 1), row->only_before)))
			return row->parse(f);
	}
	n = node_new(f, NODE_NAME, peek(f, 0)->span);
	if (is_reserved(peek(f, 0))) {
		syntax_error(f, NULL);
		return n;
	}
	t = take(f);
	n->text = t.text;
	if (f->condition) {			/* in an #if */
		n->kind = NODE_INT;
		n->type = &type_int64;
	} else if (accept(f, "(")) {
		n->kind = NODE_CALL;
		parse_arguments(f, n);
	}
	return n;
}

/* @m, @m[k], @m[k1, k2] */
static struct node *parse_map(struct front *f)
{
	bool in_predicate = f->in_predicate;
	struct token t = take(f);
	struct node *n = node_new(f, NODE_MAP, t.span), *key;

	n->text = t.text;
	if (!next_is(f, "["))
		return n;
	f->in_predicate = false;
	key = node_new(f, NODE_TUPLE, take(f).span);
	do
		node_add(f, key, parse_expression(f));
	while (accept(f, ",") && !next_is(f, "]"));
	f->in_predicate = in_predicate;
	expect(f, "]");
	key->span = span_between(key->span, f->last);
	n->a = key->n_list == 1 ? key->list[0] : key;
	n->span = span_between(n->span, f->last);
	return n;
}

static struct node *parse_literal(struct front *f)
{
	static const enum node_kind kinds[] = {
		[TOKEN_INT] = NODE_INT, [TOKEN_STRING] = NODE_STRING, [TOKEN_POSITIONAL] = NODE_POSITIONAL,
		[TOKEN_SCRATCH] = NODE_SCRATCH,
	};
	struct token t = take(f);
	struct node *n = node_new(f, kinds[t.kind], t.span);

	n->text = t.text;
	n->number = t.number;
	n->type = t.type;
	return n;
}

static struct node *parse_operand(struct front *f)
{
	switch (peek(f, 0)->kind) {
	case TOKEN_INT:
	case TOKEN_STRING:
	case TOKEN_POSITIONAL:
	case TOKEN_SCRATCH:
		return parse_literal(f);
	case TOKEN_MAP:
		return parse_map(f);
	case TOKEN_NAME:
		return parse_name(f);
	default:
		if (next_is(f, "("))
			return parse_parenthesis(f);
		if (next_is(f, "{"))
			return parse_block(f);
		syntax_error(f, NULL);
		return node_new(f, NODE_INT, f->last);
	}
}

/* ------------------------------------------------------------------------------------------------
 * operators
 * ---------------------------------------------------------------------------------------------- */

static bool can_be_stepped(const struct node *n)
{
	return n->kind == NODE_SCRATCH || n->kind == NODE_MAP || n->kind == NODE_NAME ||
	       n->kind == NODE_MEMBER || n->kind == NODE_INDEX;
}

static struct node *step(struct front *f, struct node *of, bool post, struct token mark)
{
	struct node *n = node_new(f, NODE_INCDEC, post ? span_between(of->span, mark.span)
						       : span_between(mark.span, of->span));

	n->a = of;
	n->number = strcmp(mark.text, "++") == 0 ? 1 : -1;
	n->flag = post;
	return n;
}

static struct node *parse_member(struct front *f, struct node *of)
{
	struct token mark = take(f), name = take(f);
	struct node *n = node_new(f, NODE_MEMBER, of->span);

	if (name.kind == TOKEN_INT && token_is(&mark, "."))
		n->text = arena_fmt(f->arena, "%lld", (long long)name.number);
	else if (name.kind == TOKEN_NAME)
		n->text = name.text;
	else
		front_error(f, name.kind == TOKEN_END ? f->last : name.span,
			    "syntax error, a member's name must follow %s", mark.text);
	n->a = of;
	n->flag = token_is(&mark, "->");
	n->span = span_between(n->span, f->last);
	return n;
}

static struct node *parse_index(struct front *f, struct node *of)
{
	bool in_predicate = f->in_predicate;
	struct node *n = node_new(f, NODE_INDEX, of->span);

	take(f);
	f->in_predicate = false;
	n->a = of;
	n->b = parse_expression(f);
	f->in_predicate = in_predicate;
	expect(f, "]");
	n->span = span_between(n->span, f->last);
	return n;
}

static struct node *parse_postfix(struct front *f)
{
	struct node *n = parse_operand(f);

	for (;;) {
		if (next_is(f, ".") || next_is(f, "->"))
			n = parse_member(f, n);
		else if (next_is(f, "["))
			n = parse_index(f, n);
		else if ((next_is(f, "++") || next_is(f, "--")) && can_be_stepped(n))
			n = step(f, n, true, take(f));
		else
			return n;
	}
}

/* -5 is a number, not an operator and a number. */
static bool negate(struct node *of)
{
	if (of->kind != NODE_INT || !of->type || (!of->type->is_signed && of->number != INT64_MIN))
		return false;
	of->number = (int64_t)(0 - (uint64_t)of->number);
	if (!of->type->is_signed)
		of->type = &type_int64;
	/* one more fits below zero than above: -128 */
	if (of->number == INT8_MIN || of->number == INT16_MIN || of->number == INT32_MIN)
		of->type = type_int(of->number == INT8_MIN ? 1 : of->number == INT16_MIN ? 2 : 4, true);
	return true;
}

static const struct prefix_row {
	const char *spelled;
	enum node_kind kind;
	enum op op;
} prefixes[] = {
	{ "-", NODE_UNARY, OP_SUB },
	{ "!", NODE_UNARY, OP_NOT },
	{ "~", NODE_UNARY, OP_BIT_NOT },
	{ "*", NODE_DEREF, OP_NONE },
	{ "&", NODE_ADDRESS, OP_NONE },
};

static struct node *parse_prefix(struct front *f, const struct prefix_row *row)
{
	struct node *n = node_new(f, row->kind, take(f).span);
	bool literal = row->op == OP_SUB && peek(f, 0)->kind == TOKEN_INT;

	n->op = row->op;
	n->a = parse_unary(f);
	n->span = span_between(n->span, f->last);
	if (literal && negate(n->a)) {
		n->a->span = n->span;
		return n->a;
	}
	return n;
}

static struct node *parse_unary_here(struct front *f)
{
	if (next_is(f, "++") || next_is(f, "--")) {
		struct token mark = take(f);
		struct node *of = parse_unary(f);

		if (!f->panic && !can_be_stepped(of))
			front_error(f, of->span, "syntax error, %s wants a variable or a map", mark.text);
		return step(f, of, false, mark);
	}
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (next_is(f, prefixes[i].spelled))
			return parse_prefix(f, &prefixes[i]);
	if (next_is(f, "(") && cast_follows(f))
		return parse_cast(f);
	return parse_postfix(f);
}

static struct node *parse_unary(struct front *f)
{
	struct node *n = NULL;

	f->nesting++;
	if (deeper(f))
		n = parse_unary_here(f);
	f->nesting--;
	return n ? n : node_new(f, NODE_INT, f->last);
}

/* The precedence of the binary operator that follows; 0: none does. */
static int next_precedence(struct front *f)
{
	const struct token *t = peek(f, 0);

	if (t->kind != TOKEN_PUNCT || t->assigns)
		return 0;
	if (f->in_predicate && t->op == OP_DIV && token_is(peek(f, 1), "{"))
		return 0;
	return op_rows[t->op].precedence;
}

static struct node *parse_binary(struct front *f, int min)
{
	struct node *left = parse_unary(f);
	int precedence;

	while ((precedence = next_precedence(f)) >= min && precedence > 0) {
		struct node *n = node_new(f, NODE_BINARY, left->span);

		n->op = take(f).op;
		n->a = left;
		n->b = parse_binary(f, precedence + 1);
		n->span = span_between(n->span, f->last);
		left = n;
	}
	return left;
}

struct node *parse_expression(struct front *f)
{
	struct node *condition = parse_binary(f, 1), *n;

	if (!next_is(f, "?"))
		return condition;
	f->nesting++;
	n = node_new(f, NODE_TERNARY, condition->span);
	n->a = condition;
	take(f);
	if (deeper(f)) {
		if (!next_is(f, ":"))
			n->b = parse_expression(f);
		expect(f, ":");
		n->c = parse_expression(f);
	}
	f->nesting--;
	n->span = span_between(n->span, f->last);
	return n;
}
