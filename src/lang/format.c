/* format.c - --fmt: a program set anew, the way bpftrace's own tools are set.
 *
 * What is set is tokens, not the tree: so comments, #defines, macros and the spelling of numbers stay what
 * they were, and nothing can be lost but blanks. A statement has its line, a block is two blanks deeper, an
 * attach point has its line; one empty line stays where there were some. Where a statement was broken into
 * lines it stays broken.
 *
 * Each rule looks at two neighbours: what stands between them? And every rule must agree with its own result,
 * or formatting twice would change the text again.
 */
#include "lang/front.h"

#include <string.h>

enum gap { GAP_NONE, GAP_BLANK, GAP_LINE, GAP_EMPTY_LINE };

/* What an open brace belongs to. */
enum brace { BRACE_BLOCK, BRACE_STRUCT, BRACE_ENUM, BRACE_CONFIG };
#define MAX_BRACES (4 * MAX_NESTING)

struct formatter {
	struct front f;			/* for the scanner */
	struct scanner s;
	struct str *out;
	struct token before;		/* the token set last */
	bool prefix_before;		/* it was a prefix operator, or clung to what follows */
	enum brace braces[MAX_BRACES];
	unsigned n_braces;
	unsigned parentheses;		/* that are open in this statement */
	bool started;			/* something of this statement, or of this item, is in the line */
	enum brace next_brace;		/* what a brace here would belong to */
	bool predicate;			/* between its slashes */
	unsigned next_skipped;		/* of the program's */
	bool is_typedef;		/* the item at hand: a name follows its brace */
	bool first_of_item;		/* what comes begins a clause, or something as large */
};

static bool mark(const struct token *t, const char *spelled)
{
	return token_is(t, spelled);
}

static bool one_of(const struct token *t, const char *const *words)
{
	for (; *words; words++)
		if (mark(t, *words))
			return true;
	return false;
}

/* How many line ends stand between the last token and this one. */
static unsigned line_ends(const struct formatter *m, const struct token *t)
{
	unsigned n = 0;

	for (unsigned i = m->before.span.end; m->before.span.src && i < t->span.begin; i++)
		n += t->span.src->text[i] == '\n';
	return n;
}

static bool is_operand_end(const struct token *t)
{
	static const char *const keywords[] = { "return", "if", "while", "else", NULL };

	if (t->kind == TOKEN_PUNCT)
		return mark(t, ")") || mark(t, "]") || mark(t, "}") || mark(t, "++") || mark(t, "--");
	return t->kind >= TOKEN_NAME && t->kind <= TOKEN_POSITIONAL && !one_of(t, keywords);
}

/* ---- between two tokens of a line ---- */

/* - ! * & before an operand, and ++ before one. */
static bool is_prefix(const struct formatter *m, const struct token *t)
{
	static const char *const always[] = { "!", "~", NULL };
	static const char *const sometimes[] = { "-", "*", "&", "++", "--", NULL };

	if (one_of(t, always))
		return true;
	if (mark(t, "*") && m->n_braces && m->braces[m->n_braces - 1] == BRACE_STRUCT)
		return true;
	return one_of(t, sometimes) && !is_operand_end(&m->before);
}

static bool is_call_name(const struct token *t)
{
	static const char *const keywords[] = { "if", "while", "for", "return", "else", "comptime", NULL };

	return t->kind == TOKEN_NAME && !one_of(t, keywords);
}

static enum gap gap_within(const struct formatter *m, const struct token *t)
{
	static const char *const no_blank_before[] = { ")", "]", ",", ";", ".", "->", "..", NULL };
	static const char *const no_blank_after[] = { "(", "[", ".", "->", "..", NULL };
	const struct token *b = &m->before;

	if (m->prefix_before && t->kind == TOKEN_PUNCT && b->kind == TOKEN_PUNCT && strchr("-+&", *t->text) &&
	    b->text[strlen(b->text) - 1] == *t->text)
		return GAP_BLANK;		/* - -x is not --x */
	if (m->prefix_before || one_of(t, no_blank_before) || one_of(b, no_blank_after))
		return GAP_NONE;
	if (mark(t, "(") && (is_call_name(b) || mark(b, ")")))
		return GAP_NONE;
	if (mark(t, "[") && is_operand_end(b))
		return GAP_NONE;
	if ((mark(t, "++") || mark(t, "--")) && is_operand_end(b) && !mark(b, ")") && !mark(b, "}"))
		return GAP_NONE;
	if (mark(b, "?") && mark(t, ":"))
		return GAP_NONE;
	/* behind a cast, which looks like any parenthesis: nothing, as there was nothing */
	if (mark(b, ")") && !t->blank_before &&
	    (t->kind != TOKEN_PUNCT || mark(t, "*") || mark(t, "&") || mark(t, "-") || mark(t, "!") ||
	     mark(t, "~")))
		return GAP_NONE;
	return GAP_BLANK;
}

/* ---- between two lines ---- */

static bool brace_begins_line(const struct formatter *m)
{
	return m->n_braces == 0 && m->next_brace == BRACE_BLOCK;
}

/* Is what is being set a struct, a union or an enum? */
static bool is_definition(const struct formatter *m)
{
	return m->next_brace == BRACE_STRUCT || m->next_brace == BRACE_ENUM;
}

/* After the `}` of a block: what still belongs to its statement. */
static bool goes_on_behind_brace(const struct formatter *m, const struct token *t)
{
	static const char *const words[] = {
		"else", ";", ")", ",", "]", ".", "..", "->", "?", ":", "=", "+", "/", "%", "|", "^", "==",
		"!=", "<", ">", "<=", ">=", "&&", "||", "<<", ">>", NULL
	};

	return one_of(t, words) || (is_definition(m) && (t->kind == TOKEN_NAME || mark(t, "*")));
}

static enum gap gap_before(const struct formatter *m, const struct token *t)
{
	const struct token *b = &m->before;
	enum gap line = line_ends(m, t) > 1 ? GAP_EMPTY_LINE : GAP_LINE;

	if (b->kind == TOKEN_END)
		return GAP_NONE;
	if (t->kind == TOKEN_DIRECTIVE || b->kind == TOKEN_DIRECTIVE)
		return line;
	if (t->kind == TOKEN_COMMENT || b->kind == TOKEN_COMMENT) {
		bool to_the_end = b->kind == TOKEN_COMMENT && b->span.src->text[b->span.begin + 1] == '/';

		return to_the_end || line_ends(m, t) ? (mark(b, "{") ? GAP_LINE : line) : GAP_BLANK;
	}
	if (m->first_of_item && (mark(b, "}") || mark(b, ";")))
		return GAP_EMPTY_LINE;
	if (mark(t, "}") || mark(b, "{"))
		return GAP_LINE;
	if (mark(b, "}") && !goes_on_behind_brace(m, t))
		return line;
	if (mark(b, ";") && m->parentheses == 0)
		return line;
	if (mark(t, "{") && brace_begins_line(m))
		return GAP_LINE;
	if (mark(b, ",") && m->n_braces && m->parentheses == 0 && m->braces[m->n_braces - 1] == BRACE_ENUM)
		return GAP_LINE;
	if (t->first_on_line && !mark(t, "{") && !mark(t, "else") && !mark(t, ";"))
		return GAP_LINE;
	return gap_within(m, t);
}

static void write_gap(struct formatter *m, const struct token *t, enum gap gap)
{
	bool whole = !m->started || t->kind == TOKEN_DIRECTIVE;
	unsigned depth = m->n_braces - (mark(t, "}") && m->n_braces);

	if (gap == GAP_BLANK)
		str_addc(m->out, ' ');
	if (gap < GAP_LINE)
		return;
	str_add(m->out, gap == GAP_EMPTY_LINE ? "\n\n" : "\n");
	if (t->kind == TOKEN_DIRECTIVE)
		return;
	for (unsigned i = 0; i < depth; i++)
		str_add(m->out, "  ");
	if (!whole && !mark(t, "}") && !mark(t, "{"))
		str_add(m->out, "    ");		/* a statement that was broken */
}

/* ---- tokens ---- */

static void add_text(struct formatter *m, const struct token *t)
{
	const char *text = t->span.src->text + t->span.begin;
	size_t n = t->span.end - t->span.begin;

	while (n && t->kind >= TOKEN_COMMENT && strchr(" \t\r", text[n - 1]))
		n--;
	str_addn(m->out, text, n);
}

static void count_braces(struct formatter *m, const struct token *t)
{
	if (mark(t, "{")) {
		if (m->n_braces < MAX_BRACES)
			m->braces[m->n_braces] = m->next_brace;
		m->n_braces++;
		m->parentheses = 0;
		m->next_brace = BRACE_BLOCK;
	} else if (mark(t, "}") && m->n_braces) {
		m->n_braces--;
		m->next_brace = m->n_braces < MAX_BRACES ? m->braces[m->n_braces] : BRACE_BLOCK;
	}
	if (mark(t, "(") || mark(t, "["))
		m->parentheses++;
	if ((mark(t, ")") || mark(t, "]")) && m->parentheses)
		m->parentheses--;
}

/* Words that say what the next brace is. */
static void note_word(struct formatter *m, const struct token *t)
{
	if (mark(t, "struct") || mark(t, "union"))
		m->next_brace = BRACE_STRUCT;
	else if (mark(t, "enum"))
		m->next_brace = BRACE_ENUM;
	else if (t->kind == TOKEN_PUNCT && !mark(t, "{") && !mark(t, "}") && !mark(t, "*"))
		m->next_brace = m->next_brace == BRACE_CONFIG ? BRACE_CONFIG : BRACE_BLOCK;
}

/* Do both tokens stand in a piece that a #define makes a string of? Then what is between them matters. */
static bool in_quoted(const struct formatter *m, const struct token *before, const struct token *t)
{
	const struct program *p = m->f.program;

	for (unsigned i = 0; before->span.src && i < p->n_quoted; i++)
		if (p->quoted[i].begin <= before->span.begin && t->span.end <= p->quoted[i].end)
			return true;
	return false;
}

static void set_token(struct formatter *m, struct token t)
{
	bool prefix = t.kind == TOKEN_PUNCT && is_prefix(m, &t);
	bool cast = mark(&m->before, ")") && !t.blank_before && t.kind == TOKEN_PUNCT &&
		    (mark(&t, "*") || mark(&t, "&") || mark(&t, "-"));
	bool ends;

	if (in_quoted(m, &m->before, &t))
		str_addn(m->out, m->s.text + m->before.span.end, t.span.begin - m->before.span.end);
	else
		write_gap(m, &t, gap_before(m, &t));
	add_text(m, &t);
	count_braces(m, &t);
	note_word(m, &t);
	ends = t.kind == TOKEN_DIRECTIVE || (mark(&t, ";") && m->parentheses == 0) || mark(&t, "{") ||
	       mark(&t, "}") ||
	       (mark(&t, ",") && m->parentheses == 0 && m->n_braces && m->n_braces <= MAX_BRACES &&
		m->braces[m->n_braces - 1] == BRACE_ENUM);
	if (t.kind != TOKEN_COMMENT)
		m->started = !ends;
	m->prefix_before = prefix || cast;
	m->first_of_item = false;
	m->before = t;
}

/* ---- items ---- */

/* What an #if leaves out may be anything, and stays what it is: lines as they are, up to the next
 * directive. */
static bool skipped_token(struct formatter *m, struct token *t)
{
	const struct program *p = m->f.program;
	const char *begin, *end;

	while (m->next_skipped < p->n_skipped &&
	       p->skipped[m->next_skipped].end <= (unsigned)(m->s.p - m->s.text))
		m->next_skipped++;
	if (m->before.kind != TOKEN_DIRECTIVE || m->next_skipped == p->n_skipped ||
	    p->skipped[m->next_skipped].begin > (unsigned)(m->s.p - m->s.text))
		return false;
	begin = m->s.p;
	end = m->s.text + p->skipped[m->next_skipped].end;
	m->s.p = end;
	m->s.in_line = false;
	for (const char *q = begin; q < end && strchr(" \t\r\n", *q); q++)
		begin = *q == '\n' ? q + 1 : begin;
	while (end > begin && strchr(" \t\r\n", end[-1]))
		end--;
	*t = (struct token){ .kind = TOKEN_DIRECTIVE, .first_on_line = true,
			     .span = { m->s.src, (unsigned)(begin - m->s.text), (unsigned)(end - m->s.text) } };
	return end > begin;
}

static struct token next_token(struct formatter *m)
{
	struct token t;

	return skipped_token(m, &t) ? t : scan(&m->f, &m->s);
}

/* The next token, which is left where it is. */
static struct token look(struct formatter *m)
{
	struct scanner s = m->s;
	struct token t;

	do
		t = scan(&m->f, &s);
	while (t.kind == TOKEN_COMMENT);
	return t;
}

/* Does a definition's `}` have more behind it: the name of a typedef, or __attribute__? */
static bool ends_definition(const struct formatter *m, const struct token *t)
{
	return t->kind == TOKEN_NAME && is_definition(m) && (m->is_typedef || str_starts(t->text, "__"));
}

/* Up to the end of the item: the `}` that closes its block, or its `;`. */
static void set_rest(struct formatter *m)
{
	for (;;) {
		struct token t = next_token(m);

		if (t.kind == TOKEN_END)
			return;
		if (mark(&t, ";") && m->parentheses == 0 && (mark(&m->before, ";") || mark(&m->before, "{")))
			continue;		/* a statement of nothing */
		set_token(m, t);
		if (m->n_braces)
			continue;
		if (mark(&t, ";"))
			return;
		t = look(m);
		if (mark(&m->before, "}") && !mark(&t, ";") && !ends_definition(m, &t))
			return;
	}
}

/* The token of an attach point, whose first was seen. */
static struct token attach_token(struct formatter *m, struct token first)
{
	m->s.p = m->s.text + first.span.begin;
	first.span = scan_attach_point(&m->s, attach_has_path);
	first.kind = TOKEN_NAME;
	first.text = "probe";
	return first;
}

static void set_line_token(struct formatter *m, struct token t)
{
	m->started = false;
	t.first_on_line = true;
	set_token(m, t);
}

/* The predicate, its slashes close to it; the first one was seen. */
static void set_predicate(struct formatter *m, struct token slash)
{
	unsigned depth = 0;

	set_line_token(m, slash);
	m->prefix_before = true;
	for (;;) {
		struct token t = next_token(m), after;

		if (t.kind == TOKEN_END)
			return;
		after = look(m);
		if (depth == 0 && mark(&t, "/") && mark(&after, "{")) {
			m->prefix_before = true;
			t.first_on_line = false;
			set_token(m, t);
			m->prefix_before = false;
			m->started = false;
			return;
		}
		depth += mark(&t, "(") || mark(&t, "{") || mark(&t, "[");
		depth -= depth && (mark(&t, ")") || mark(&t, "}") || mark(&t, "]"));
		set_token(m, t);
	}
}

/* Sets comments and directives; the token behind them. */
static struct token set_comments(struct formatter *m)
{
	struct token t = next_token(m);

	for (; t.kind >= TOKEN_COMMENT; t = next_token(m))
		set_token(m, t);
	return t;
}

/* The attach points, whose first token was seen; the token behind them. */
static struct token set_attach_points(struct formatter *m, struct token t)
{
	bool in_line = false;			/* name=probe: this is the probe */

	for (;;) {
		bool label;

		t = attach_token(m, t);
		label = t.span.end > t.span.begin && m->s.p[-1] == '=' &&
			!memchr(m->s.text + t.span.begin, ':', t.span.end - t.span.begin);
		if (t.span.end == t.span.begin)
			return t;
		m->prefix_before = in_line;
		if (in_line) {
			t.first_on_line = false;
			set_token(m, t);
		} else {
			set_line_token(m, t);
		}
		t = set_comments(m);
		if (mark(&t, "=")) {
			m->prefix_before = true;
			set_token(m, t);
			t = set_comments(m);
			label = true;
		} else if (!label && mark(&t, ",")) {
			set_token(m, t);
			t = set_comments(m);
			if (mark(&t, "{") || mark(&t, "/"))
				return t;
		} else if (!label) {
			return t;
		}
		if (t.kind == TOKEN_END)
			return t;
		in_line = label;
	}
}

static void set_clause(struct formatter *m, struct token t)
{
	const char *begin = m->s.text + t.span.begin;

	m->next_brace = BRACE_BLOCK;
	m->first_of_item = true;
	t = set_attach_points(m, t);
	if (t.kind != TOKEN_END && m->s.p <= begin) {	/* in a branch that nobody reads, anything may stand */
		m->s.p = begin;
		set_token(m, next_token(m));
		return;
	}
	if (mark(&t, "/")) {
		set_predicate(m, t);
		t = set_comments(m);
	}
	if (t.kind == TOKEN_END)
		return;
	m->started = false;
	set_token(m, t);
	set_rest(m);
}

/* config = {, struct x {, import, let, macro, fn */
static bool is_item_word(struct formatter *m, const struct token *t)
{
	static const char *const definitions[] = { "struct", "union", "enum", "typedef", NULL };
	static const char *const words[] = { "import", "let", "macro", "fn", "subprog", NULL };
	struct token after;

	if (one_of(t, definitions))
		return true;
	after = look(m);
	if (mark(t, "config"))
		return mark(&after, "=");
	return one_of(t, words) && after.kind != TOKEN_PUNCT;
}

static void set_item(struct formatter *m, struct token first)
{
	/* macros and functions have their brace in the line of their name */
	bool named = mark(&first, "macro") || mark(&first, "fn") || mark(&first, "subprog");

	m->started = false;
	m->first_of_item = !mark(&first, "let") && !mark(&first, "import") && !mark(&first, "typedef");
	m->is_typedef = mark(&first, "typedef");
	set_token(m, first);
	if (named || mark(&first, "config"))
		m->next_brace = BRACE_CONFIG;
	set_rest(m);
}

void program_format(const struct program *p, struct str *out)
{
	static const struct program_options none;
	struct formatter m = { .out = out };
	struct diags *d = diags_new();

	m.f = (struct front){ .arena = p->arena, .program = (struct program *)p, .opt = &none, .diags = d };
	m.s = scanner_of(p->source);
	m.s.quiet = true;
	str_addn(out, p->source->text, (size_t)(m.s.p - p->source->text));
	if (m.s.p > p->source->text)
		str_addc(out, '\n');
	for (;;) {
		struct token t = next_token(&m);

		if (t.kind == TOKEN_END)
			break;
		if (t.kind == TOKEN_COMMENT || t.kind == TOKEN_DIRECTIVE || mark(&t, ";")) {
			m.started = false;
			m.prefix_before = false;
			set_token(&m, t);
		} else if (is_item_word(&m, &t)) {
			set_item(&m, t);
		} else {
			set_clause(&m, t);
		}
	}
	if (out->len && out->s[out->len - 1] != '\n')
		str_addc(out, '\n');
	diags_free(d);
}
