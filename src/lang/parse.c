/* parse.c - tokens -> tree: clauses, blocks and statements. What is inside a statement is in expression.c.
 *
 *	program   = { clause | config | import | let | macro | fn | C definition }
 *	clause    = probe { "," probe } [ "/" predicate "/" ] block
 *	block     = "{" { statement [ ";" ] } [ expression ] "}"
 *
 * Recursive descent: one function for each thing that there is, which takes its tokens and makes its node. A
 * block is an expression whose value is its last one when no `;` follows: `$x = { $y = 1; $y + 1 }`. Where a
 * block is a statement that value is nobody's, and node_drop_value() makes the last expression a statement
 * like the others.
 *
 * A mistake must not hide the next one: after an error the statement is given up and the parser goes on
 * behind the next `;` of the same block, or with the next clause.
 */
#include "lang/front.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------------------------------------
 * the stream of tokens
 * ---------------------------------------------------------------------------------------------- */

const struct token *peek(struct front *f, unsigned i)
{
	if (f->panic)
		return &f->end;
	while (f->n_ahead <= i)
		f->ahead[f->n_ahead++] = preprocess(f);
	return &f->ahead[i];
}

struct token take(struct front *f)
{
	struct token t = *peek(f, 0);

	if (f->panic)
		return t;
	f->n_ahead--;
	memmove(f->ahead, f->ahead + 1, f->n_ahead * sizeof(f->ahead[0]));
	if (t.kind != TOKEN_END)
		f->last = t.span;
	f->braces += token_is(&t, "{");
	f->braces -= f->braces && token_is(&t, "}");
	return t;
}

bool token_is(const struct token *t, const char *spelled)
{
	return (t->kind == TOKEN_PUNCT || t->kind == TOKEN_NAME) && strcmp(t->text, spelled) == 0;
}

bool next_is(struct front *f, const char *spelled)
{
	return token_is(peek(f, 0), spelled);
}

bool accept(struct front *f, const char *spelled)
{
	if (!next_is(f, spelled))
		return false;
	take(f);
	return true;
}

bool expect(struct front *f, const char *spelled)
{
	return accept(f, spelled) || syntax_error(f, spelled);
}

bool front_error(struct front *f, struct span at, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	if (f->panic)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_error(f->diags, at, "%s", text);
	f->panic = true;
	return false;
}

/* What bpftrace calls a token that it did not expect. */
static const char *token_name(const struct token *t)
{
	static const char *const names[] = {
		[TOKEN_END] = "end of file", [TOKEN_NAME] = "identifier", [TOKEN_INT] = "integer",
		[TOKEN_STRING] = "string", [TOKEN_SCRATCH] = "variable", [TOKEN_MAP] = "map",
		[TOKEN_POSITIONAL] = "positional parameter",
	};
	static const char *const words[] = {
		"if", "else", "for", "while", "unroll", "return", "break", "continue", "struct", "union",
		"enum", "let", "sizeof", "offsetof",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (t->kind == TOKEN_NAME && strcmp(t->text, words[i]) == 0)
			return words[i];
	if (t->kind == TOKEN_PUNCT)
		return strcmp(t->text, ",") == 0 ? "\",\"" : t->text;
	return names[t->kind];
}

bool syntax_error(struct front *f, const char *expecting)
{
	const struct token *t = peek(f, 0);
	/* The end is a place where nothing is to be seen: the word before it is shown. */
	struct span at = t->kind == TOKEN_END ? f->last : t->span;

	if (t->kind == TOKEN_END && !f->panic) {
		if (f->end_reported) {		/* all that is open misses its end; one report is enough */
			f->panic = true;
			return false;
		}
		f->end_reported = true;
	}
	if (!expecting)
		return front_error(f, at, "syntax error, unexpected %s", token_name(t));
	return front_error(f, at, "syntax error, unexpected %s, expecting %s", token_name(t), expecting);
}

void syntax_hint(struct front *f, const char *expecting, const char *hint)
{
	bool hints = !f->panic && hint && peek(f, 0)->kind != TOKEN_END;

	syntax_error(f, expecting);
	if (hints)
		diag_hint(f->diags, "%s", hint);
}

const char *expect_name(struct front *f)
{
	if (peek(f, 0)->kind == TOKEN_NAME)
		return take(f).text;
	syntax_error(f, "identifier");
	return NULL;
}

bool deeper(struct front *f)
{
	if (f->nesting < MAX_NESTING)
		return true;
	front_error(f, peek(f, 0)->span, "this is nested too deeply: more than %u levels", MAX_NESTING);
	f->input = NULL;			/* what follows are its ends: nothing to go on with */
	f->n_ahead = 0;
	f->end_reported = true;
	return false;
}

/* ------------------------------------------------------------------------------------------------
 * nodes
 * ---------------------------------------------------------------------------------------------- */

struct node *node_new(struct front *f, enum node_kind kind, struct span span)
{
	struct node *n = arena_alloc(f->arena, sizeof(*n));

	n->kind = kind;
	n->span = span;
	return n;
}

void node_add(struct front *f, struct node *n, struct node *child)
{
	if (child)
		*ARENA_PUSH(f->arena, n->list, n->n_list) = child;
}

/* Depth first, with a stack of its own on the heap: the tree may be higher than the stack is. */
unsigned node_height(const struct node *n, unsigned *count)
{
	struct visit { const struct node *n; unsigned depth; } *stack = NULL;
	size_t top = 0;
	unsigned height = 0, nodes = 0;

	if (n)
		*MEM_PUSH(stack, top) = (struct visit){ n, 1 };
	while (top > 0) {
		struct visit v = stack[--top];
		const struct node *children[] = {
			v.n->a, v.n->b, v.n->c, v.n->spec ? v.n->spec->typeof_expression : NULL,
			v.n->spec ? v.n->spec->counts[0] : NULL, v.n->spec ? v.n->spec->counts[1] : NULL,
			v.n->spec ? v.n->spec->counts[2] : NULL, v.n->spec ? v.n->spec->counts[3] : NULL,
		};

		nodes++;
		if (v.depth > height)
			height = v.depth;
		for (size_t i = 0; i < ARRAY_LEN(children); i++) {
			if (children[i]) {
				stack = mem_grow(stack, top, sizeof(*stack));
				stack[top++] = (struct visit){ children[i], v.depth + 1 };
			}
		}
		for (unsigned i = 0; i < v.n->n_list; i++) {
			stack = mem_grow(stack, top, sizeof(*stack));
			stack[top++] = (struct visit){ v.n->list[i], v.depth + 1 };
		}
	}
	free(stack);
	if (count)
		*count = nodes;
	return height;
}

static bool not_too_high(struct front *f, struct node *n)
{
	if (node_height(n, NULL) <= MAX_HEIGHT)
		return true;
	diag_error(f->diags, n->span, "this is nested too deeply, or too long a chain of operators");
	return false;
}

void node_drop_value(struct front *f, struct node *n)
{
	if (!n)
		return;
	if (n->kind == NODE_BLOCK && n->a) {
		struct node *last = n->a;

		n->a = NULL;
		node_add(f, n, last);
		if (last->kind == NODE_BLOCK || last->kind == NODE_IF)
			node_drop_value(f, last);
	} else if (n->kind == NODE_IF) {
		node_drop_value(f, n->b);
		node_drop_value(f, n->c);
	}
}

/* ------------------------------------------------------------------------------------------------
 * statements
 * ---------------------------------------------------------------------------------------------- */

/* Does the next token begin a statement of its own? */
static bool next_is_statement(struct front *f)
{
	enum token_kind kind = peek(f, 0)->kind;

	return kind != TOKEN_END && kind != TOKEN_PUNCT;
}

/* A block that is the body of something that has no value. */
static struct node *parse_body(struct front *f)
{
	struct node *n = parse_block(f);

	node_drop_value(f, n);
	return n;
}

struct node *parse_if(struct front *f)
{
	struct node *n = node_new(f, NODE_IF, peek(f, 0)->span);

	f->nesting++;
	if (deeper(f)) {
		expect(f, "if");
		n->a = parse_expression(f);
		n->b = parse_block(f);
		if (accept(f, "else"))
			n->c = next_is(f, "if") ? parse_if(f) : parse_block(f);
		n->span = span_between(n->span, f->last);
	}
	f->nesting--;
	return n;
}

static struct node *parse_while(struct front *f)
{
	struct token word = take(f);
	struct node *n = node_new(f, token_is(&word, "while") ? NODE_WHILE : NODE_UNROLL, word.span);

	n->a = parse_expression(f);
	n->span = span_between(n->span, f->last);
	n->b = parse_body(f);
	return n;
}

/* for $i : 0..10 { }, for ($kv : @map) { } */
static struct node *parse_for(struct front *f)
{
	static const char form[] = "a loop is written: for $i : 0..10 { ... }, or for $kv : @map { ... }";
	struct node *n = node_new(f, NODE_FOR, take(f).span);
	bool parenthesis = accept(f, "(");

	if (peek(f, 0)->kind != TOKEN_SCRATCH)
		syntax_hint(f, "variable", form);
	n->text = take(f).text;
	if (!accept(f, ":"))
		syntax_hint(f, ":", form);
	n->a = parse_expression(f);
	if (accept(f, ".."))
		n->b = parse_expression(f);
	else if (!f->panic && n->a->kind != NODE_MAP)
		syntax_error(f, "..");
	if (parenthesis)
		expect(f, ")");
	n->span = span_between(n->span, f->last);
	n->c = parse_body(f);
	return n;
}

static struct node *parse_let(struct front *f)
{
	struct node *n = node_new(f, NODE_LET, take(f).span);

	if (peek(f, 0)->kind != TOKEN_SCRATCH)
		syntax_error(f, "variable");
	n->text = take(f).text;
	if (accept(f, ":"))
		n->spec = parse_type(f);
	if (accept(f, "="))
		n->a = parse_expression(f);
	n->span = span_between(n->span, f->last);
	return n;
}

static struct node *parse_return(struct front *f)
{
	struct node *n = node_new(f, NODE_RETURN, take(f).span);

	if (!next_is(f, ";") && !next_is(f, "}"))
		n->a = parse_expression(f);
	n->span = span_between(n->span, f->last);
	return n;
}

static struct node *parse_jump(struct front *f)
{
	struct token word = take(f);

	return node_new(f, token_is(&word, "break") ? NODE_BREAK : NODE_CONTINUE, word.span);
}

/* _ = e */
static struct node *parse_discard(struct front *f)
{
	struct node *n = node_new(f, NODE_ASSIGN, take(f).span);

	expect(f, "=");
	n->b = parse_expression(f);
	n->span = span_between(n->span, f->last);
	return n;
}

/* Something with a place in memory, that an assignment can fill. */
static bool is_place(const struct node *n)
{
	while (n->kind == NODE_MEMBER || n->kind == NODE_INDEX)
		n = n->a;
	return n->kind == NODE_SCRATCH || n->kind == NODE_MAP || n->kind == NODE_NAME;
}

/* An expression, or an assignment to it. */
static struct node *parse_expression_statement(struct front *f)
{
	struct node *e = parse_expression(f), *n;
	const struct token *t = peek(f, 0);
	bool assigns = t->kind == TOKEN_PUNCT && (t->assigns || strcmp(t->text, "=") == 0);

	if (!assigns || !is_place(e))
		return e;
	n = node_new(f, NODE_ASSIGN, e->span);
	n->op = take(f).op;
	n->a = e;
	n->b = parse_expression(f);
	n->span = span_between(n->span, f->last);
	return n;
}

static const struct statement_row {
	const char *word;
	struct node *(*parse)(struct front *f);
	bool ends_itself;		/* no `;` need follow */
	const char *only_before;	/* it is this statement only when that follows */
} statements[] = {
	{ "{", parse_block, true, NULL },
	{ "if", parse_if, true, NULL },
	{ "while", parse_while, true, NULL },
	{ "unroll", parse_while, true, NULL },
	{ "for", parse_for, true, NULL },
	{ "let", parse_let, false, NULL },
	{ "return", parse_return, false, NULL },
	{ "break", parse_jump, false, NULL },
	{ "continue", parse_jump, false, NULL },
	{ "_", parse_discard, false, "=" },
};

static struct node *parse_statement(struct front *f, bool *ends_itself)
{
	for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
		const struct statement_row *row = &statements[i];

		if (next_is(f, row->word) && (!row->only_before || token_is(peek(f, 1), row->only_before))) {
			*ends_itself = row->ends_itself;
			return row->parse(f);
		}
	}
	*ends_itself = false;
	return parse_expression_statement(f);
}

void recover_statement(struct front *f)
{
	unsigned depth = 0;

	f->panic = false;
	for (;;) {
		const struct token *t = peek(f, 0);

		if (t->kind == TOKEN_END || (depth == 0 && token_is(t, "}")))
			return;
		if (token_is(t, "{"))
			depth++;
		if (token_is(t, "}"))
			depth--;
		if (depth == 0 && (token_is(t, ";") || token_is(t, "}"))) {
			take(f);
			return;
		}
		take(f);
	}
}

static bool is_expression(const struct node *n)
{
	return n->kind < NODE_ASSIGN;
}

/* A statement is over, and neither `;` nor `}` follows. */
static void no_end(struct front *f, const struct node *statement)
{
	const char *hint = next_is_statement(f) ? "statements are separated by ;" : NULL;

	if (statement->kind == NODE_NAME && type_named(f->program, statement->text))
		hint = "a variable is declared so: let $x : int32 = 1;";
	syntax_hint(f, "}", hint);
}

/* Reads statements up to the `}`, or the end. */
static void parse_statements(struct front *f, struct node *block)
{
	while (!next_is(f, "}") && peek(f, 0)->kind != TOKEN_END) {
		bool ends_itself;
		struct node *n;

		if (accept(f, ";"))
			continue;
		n = parse_statement(f, &ends_itself);
		if (!f->panic && next_is(f, "}") && is_expression(n)) {
			block->a = n;
			return;
		}
		if (!f->panic && !accept(f, ";") && !ends_itself && !next_is(f, "}"))
			no_end(f, n);
		if (f->panic) {
			recover_statement(f);
			continue;
		}
		node_drop_value(f, n);
		node_add(f, block, n);
	}
}

struct node *parse_block(struct front *f)
{
	struct node *block = node_new(f, NODE_BLOCK, peek(f, 0)->span);
	bool in_predicate = f->in_predicate;

	f->nesting++;
	f->in_predicate = false;
	if (deeper(f) && !accept(f, "{")) {
		syntax_hint(f, "{", next_is_statement(f) ? "what is to be done stands in braces: { ... }" :
				    next_is(f, "=")	 ? HINT_EQUALS : NULL);
	} else if (!f->panic) {
		parse_statements(f, block);
		expect(f, "}");
		block->span = span_between(block->span, f->last);
	}
	f->in_predicate = in_predicate;
	f->nesting--;
	return block;
}

/* ------------------------------------------------------------------------------------------------
 * what stands outside of clauses
 * ---------------------------------------------------------------------------------------------- */

/* import "x.bt", "x.h", "directory" */

static bool imported_already(struct front *f, const char *path)
{
	char real[PATH_MAX];

	if (!realpath(path, real))
		return false;
	for (unsigned i = 0; i < f->n_imported; i++)
		if (strcmp(f->imported[i], real) == 0)
			return true;
	*ARENA_PUSH(f->arena, f->imported, f->n_imported) = arena_strdup(f->arena, real);
	return false;
}

static void import_of_bpf(struct front *f, const char *path, struct span at)
{
	diag_error(f->diags, at, "cannot import '%s': that is BPF code, and trapline does without BPF", path);
	diag_hint(f->diags, "write its functions as `fn` or `macro` in a .bt file");
}

/* The file becomes the innermost input: it is read before what follows the import. */
static void import_file(struct front *f, const char *path, struct span at)
{
	const struct source *src;

	if (imported_already(f, path))
		return;
	src = source_read(f, path);
	if (src)
		input_file(f, src, str_ends(path, ".h"));
	else
		diag_error(f->diags, at, "failed to import '%s': %s", path, strerror(errno));
}

static bool is_importable_name(const char *name)
{
	return str_ends(name, ".bt") || str_ends(name, ".h");
}

static int is_importable(const struct dirent *e)
{
	return is_importable_name(e->d_name);
}

static void import_directory(struct front *f, const char *path, const struct stat *st, struct span at)
{
	struct dirent **entries = NULL;
	int n;

	if (st->st_mode & S_IWOTH) {
		diag_error(f->diags, at, "cannot import '%s': everybody may write to that directory", path);
		diag_hint(f->diags, "chmod o-w, or import the files one by one");
		return;
	}
	n = scandir(path, &entries, is_importable, alphasort);
	if (n < 0)
		diag_error(f->diags, at, "failed to import '%s': %s", path, strerror(errno));
	for (int i = n - 1; i >= 0; i--)	/* the last one to come is the first to be read */
		import_file(f, arena_fmt(f->arena, "%s/%s", path, entries[i]->d_name), at);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
}

static void parse_import(struct front *f)
{
	struct span at = take(f).span;
	const char *path;
	struct token t;
	struct stat st;

	if (peek(f, 0)->kind != TOKEN_STRING)
		syntax_error(f, "string");
	t = take(f);
	if (f->panic)
		return;
	at = span_between(at, t.span);
	/* The `;` must be taken before the file becomes the input, and nothing of what follows. */
	if (peek(f, 0)->kind == TOKEN_END || !accept(f, ";")) {
		syntax_error(f, ";");
		return;
	}
	path = t.text;
	if (*path != '/')
		path = arena_fmt(f->arena, "%s%s", source_directory(f, t.span.src), path);
	if (stat(path, &st) != 0)
		diag_error(f->diags, at, "failed to import '%s': %s", t.text, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		import_directory(f, path, &st, at);
	else if (str_ends(path, ".c") || str_ends(path, ".o"))
		import_of_bpf(f, path, at);
	else if (!is_importable_name(path))
		diag_error(f->diags, at,
			   "cannot import '%s': an import is a .bt file, a .h file, or a directory of those",
			   t.text);
	else
		import_file(f, path, at);
}

/* let @m = lruhash(100); */

static const struct {
	const char *name;
	bool lru;
} map_kinds[] = {
	{ "hash", false }, { "lruhash", true }, { "percpuhash", false }, { "percpulruhash", true },
};

static bool map_kind(struct front *f, const char *name, struct span at, bool *lru)
{
	for (size_t i = 0; i < ARRAY_LEN(map_kinds); i++) {
		if (strcmp(map_kinds[i].name, name) == 0) {
			*lru = map_kinds[i].lru;
			return true;
		}
	}
	diag_error(f->diags, at, "Invalid bpf map type: %s", name);
	return diag_hint(f->diags, "Valid map types: percpulruhash, percpuhash, lruhash, hash");
}

static void declare_map(struct front *f, const char *name, bool lru, int64_t max, struct span at)
{
	struct program *p = f->program;
	struct map *m;

	for (unsigned i = 0; i < p->n_maps; i++) {
		if (strcmp(p->maps[i]->name, name) == 0) {
			diag_error(f->diags, at, "Redeclaration of existing map '%s'", name);
			return;
		}
	}
	m = arena_alloc(f->arena, sizeof(*m));
	m->name = name;
	m->index = p->n_maps;
	m->lru = lru;
	m->max_keys = (uint64_t)max;
	m->declared = at;
	*ARENA_PUSH(f->arena, p->maps, p->n_maps) = m;
}

static void parse_map_declaration(struct front *f)
{
	struct span at = take(f).span, kind_at;
	const char *name, *kind;
	struct token size;
	bool lru = false;

	if (peek(f, 0)->kind != TOKEN_MAP)
		syntax_error(f, "map");
	name = take(f).text;
	expect(f, "=");
	kind_at = peek(f, 0)->span;
	kind = expect_name(f);
	expect(f, "(");
	if (peek(f, 0)->kind != TOKEN_INT)
		syntax_error(f, "integer");
	size = take(f);
	expect(f, ")");
	at = span_between(at, f->last);
	expect(f, ";");
	if (f->panic || !map_kind(f, kind, kind_at, &lru))
		return;
	if (size.number <= 0 || size.number > UINT32_MAX)
		diag_error(f->diags, size.span, "the size of a map is from 1 to %u", UINT32_MAX);
	else
		declare_map(f, name, lru, size.number, at);
}

/* macro name($v, e, @m) { ... } */

static void parse_macro_parameter(struct front *f, struct macro *m)
{
	struct token t = take(f);
	enum node_kind kind = NODE_NAME;

	if (t.kind != TOKEN_NAME)
		kind = t.kind == TOKEN_MAP ? NODE_MAP : NODE_SCRATCH;

	if (t.kind != TOKEN_SCRATCH && t.kind != TOKEN_MAP && t.kind != TOKEN_NAME) {
		front_error(f, t.span, "syntax error, unexpected %s, expecting a parameter: $x, @x or a name",
			    token_name(&t));
		return;
	}
	for (unsigned i = 0; i < m->n_parameters; i++)
		if (strcmp(m->parameters[i].name, t.text) == 0)
			diag_error(f->diags, t.span, "Macro '%s' has two parameters with the name '%s'",
				   m->name, t.text);
	*ARENA_PUSH(f->arena, m->parameters, m->n_parameters) = (struct macro_parameter){ t.text, kind };
}

/* Macros of one name differ in the number or the kinds of their parameters. */
static bool same_parameters(const struct macro *a, const struct macro *b)
{
	if (strcmp(a->name, b->name) != 0 || a->n_parameters != b->n_parameters)
		return false;
	for (unsigned i = 0; i < a->n_parameters; i++)
		if (a->parameters[i].kind != b->parameters[i].kind)
			return false;
	return true;
}

static void add_macro(struct front *f, struct macro *new)
{
	for (const struct macro *m = f->macros; m; m = m->next)
		if (same_parameters(m, new)) {
			diag_error(f->diags, new->span, "Redefinition of macro: %s", new->name);
			return;
		}
	*f->macros_end = new;
	f->macros_end = &new->next;
}

static void parse_macro(struct front *f)
{
	struct macro *m = arena_alloc(f->arena, sizeof(*m));

	m->span = take(f).span;
	m->name = expect_name(f);
	expect(f, "(");
	while (!next_is(f, ")") && peek(f, 0)->kind != TOKEN_END) {
		parse_macro_parameter(f, m);
		if (!accept(f, ","))
			break;
	}
	expect(f, ")");
	m->span = span_between(m->span, f->last);
	m->body = parse_block(f);
	if (!f->panic && not_too_high(f, m->body))
		add_macro(f, m);
}

/* fn name($a: int64): int64 { ... } */

static void parse_subprogram(struct front *f)
{
	struct program *p = f->program;
	struct subprogram *s = arena_alloc(f->arena, sizeof(*s));

	s->span = take(f).span;
	s->name = expect_name(f);
	expect(f, "(");
	while (!next_is(f, ")") && peek(f, 0)->kind != TOKEN_END) {
		struct parameter *arg = ARENA_PUSH(f->arena, s->parameters, s->n_parameters);

		if (peek(f, 0)->kind != TOKEN_SCRATCH)
			syntax_error(f, "variable");
		arg->name = take(f).text;
		expect(f, ":");
		arg->spec = parse_type(f);
		if (!accept(f, ","))
			break;
	}
	expect(f, ")");
	expect(f, ":");
	s->result_spec = parse_type(f);
	s->span = span_between(s->span, f->last);
	s->body = parse_block(f);
	if (f->panic || !not_too_high(f, s->body))
		return;
	if (s->body->a) {			/* the value of the block is the function's */
		struct node *n = node_new(f, NODE_RETURN, s->body->a->span);

		n->a = s->body->a;
		s->body->a = NULL;
		node_add(f, s->body, n);
	}
	for (unsigned i = 0; i < p->n_subprograms; i++)
		if (strcmp(p->subprograms[i]->name, s->name) == 0)
			diag_error(f->diags, s->span, "Redeclaration of function '%s'", s->name);
	*ARENA_PUSH(f->arena, p->subprograms, p->n_subprograms) = s;
}

/* ------------------------------------------------------------------------------------------------
 * clauses
 * ---------------------------------------------------------------------------------------------- */

/* The raw text of an attach point; the next token is its first. */
static bool take_raw(struct front *f, bool first_of_clause, struct span *raw)
{
	struct token first = *peek(f, 0);
	struct input *in = input_of(f, &first);

	if (!in || in != f->input || f->n_ahead != 1 ||
	    (first.kind != TOKEN_NAME && !token_is(&first, "*") && !token_is(&first, "?")))
		return syntax_error(f, first_of_clause && !token_is(&first, "{") ? "{" : "a probe");
	in->scanner.p = in->scanner.text + first.span.begin;
	f->n_ahead = 0;
	*raw = scan_attach_point(&in->scanner, attach_has_path);
	f->last = *raw;
	return true;
}

static bool parse_attach_point(struct front *f, struct clause *c)
{
	struct attach_point p = { 0 };
	const char *label = NULL;
	struct span raw, begin;
	bool sign;

	if (!take_raw(f, c->n_points == 0, &raw))
		return false;
	begin = raw;
	sign = raw.src->text[raw.end - 1] == '=' &&
	       !memchr(raw.src->text + raw.begin, ':', raw.end - raw.begin);
	if (sign || accept(f, "=")) {		/* name= probe, name = probe: there are blanks in it */
		label = arena_strndup(f->arena, raw.src->text + raw.begin, raw.end - raw.begin - sign);
		if (!str_is_ident(label))
			return front_error(f, raw, "what stands before the = of a probe is its name, a word");
		if (!take_raw(f, false, &raw))
			return false;
	}
	if (!attach_point_parse(f, raw, &p))
		return true;
	p.span = span_between(begin, raw);
	p.label = label ? label : p.label;
	*ARENA_PUSH(f->arena, c->points, c->n_points) = p;
	return true;
}

static void parse_attach_points(struct front *f, struct clause *c)
{
	do {
		if (c->n_points && (next_is(f, "{") || next_is(f, "/")))	/* a comma too many */
			return;
		if (!parse_attach_point(f, c))
			return;
	} while (accept(f, ","));
}

static void parse_predicate(struct front *f, struct clause *c)
{
	if (!accept(f, "/"))
		return;
	f->in_predicate = true;
	c->predicate = parse_expression(f);
	f->in_predicate = false;
	expect(f, "/");
}

static void parse_clause(struct front *f)
{
	struct program *p = f->program;
	struct clause *c = arena_alloc(f->arena, sizeof(*c));

	c->span = peek(f, 0)->span;
	parse_attach_points(f, c);
	c->span = span_between(c->span, f->last);
	if (peek(f, 0)->kind == TOKEN_END && !f->panic) {
		front_error(f, c->span, "unexpected end of file, expected {");
		return;
	}
	parse_predicate(f, c);
	c->body = parse_body(f);
	if (f->panic)
		return;
	if (not_too_high(f, c->body) && (!c->predicate || not_too_high(f, c->predicate)))
		*ARENA_PUSH(f->arena, p->clauses, p->n_clauses) = c;
}

/* ------------------------------------------------------------------------------------------------
 * the program
 * ---------------------------------------------------------------------------------------------- */

/* Goes on behind the block of the clause that was given up, or at the end. */
static void recover_clause(struct front *f)
{
	f->panic = false;
	for (;;) {
		struct token t = take(f);

		if (t.kind == TOKEN_END)
			return;
		if (f->braces == 0 && (token_is(&t, "}") || token_is(&t, ";")))
			return;
	}
}

/* No provider has one of these names. */
static const struct {
	const char *word;
	void (*parse)(struct front *f);
} tops[] = {
	{ "config", parse_config },
	{ "import", parse_import },
	{ "let", parse_map_declaration },
	{ "macro", parse_macro },
	{ "fn", parse_subprogram },
	{ "subprog", parse_subprogram },
};

static bool parse_top(struct front *f)
{
	for (size_t i = 0; i < ARRAY_LEN(tops); i++) {
		if (next_is(f, tops[i].word)) {
			tops[i].parse(f);
			return true;
		}
	}
	return false;
}

static void parse_program(struct front *f)
{
	unsigned errors = diags_errors(f->diags);

	while (peek(f, 0)->kind != TOKEN_END) {
		if (diags_errors(f->diags) - errors > MAX_MISTAKES) {
			diag_error(f->diags, NO_SPAN,
				   "too many mistakes: the rest of the program was not read");
			return;
		}
		const struct token *t = peek(f, 0);
		struct input *in = input_of(f, t);

		if (accept(f, ";"))
			continue;
		f->braces = 0;
		if (next_is_definition(f))
			parse_definition(f);
		else if (in && in->header)
			skip_declaration(f);
		else if (!parse_top(f))
			parse_clause(f);
		if (f->panic)
			recover_clause(f);
	}
}

/* The headers of --include: read before the program. */
static void include_files(struct front *f)
{
	const char *const *file = f->opt->include_files;
	unsigned n = 0;

	while (file && file[n])
		n++;
	while (n > 0)				/* the last one to come is the first to be read */
		include_header(f, file[--n], false, NO_SPAN);
}

static struct front front_new(struct arena *a, const struct source *src, const struct program_options *opt,
			      struct diags *d)
{
	static const struct program_options none;
	struct front f = { .arena = a, .opt = opt ? opt : &none, .diags = d };

	f.program = arena_alloc(a, sizeof(*f.program));
	f.program->arena = a;
	f.program->source = src;
	f.program->named = f.opt->named;
	while (f.opt->parameters && f.opt->parameters[f.n_parameters])
		f.n_parameters++;
	f.end = (struct token){ .kind = TOKEN_END,
				.span = { src, (unsigned)strlen(src->text), (unsigned)strlen(src->text) } };
	f.last = f.end.span;
	return f;
}

struct program *program_parse(struct arena *a, const struct source *src, const struct program_options *opt,
			      struct diags *d)
{
	struct front f = front_new(a, src, opt, d);
	unsigned errors = diags_errors(d);

	f.macros_end = &f.macros;
	config_defaults(&f.program->config);
	define_text(&f, "BPFTRACE_HAVE_BTF", "1");
	input_file(&f, src, false);
	include_files(&f);
	parse_program(&f);
	config_environment(&f);
	if (diags_errors(d) == errors)
		expand(&f);
	return diags_errors(d) == errors ? f.program : NULL;
}
