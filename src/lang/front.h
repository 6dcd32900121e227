/* front.h - what the files of the front end share; tree.h is the front door.
 *
 * The text of a program passes through here as a stream of tokens, made one at a time while the parser asks:
 * what a slash or a colon means depends on where it stands (an attach point is raw text up to a blank), so
 * nothing is read ahead but a few tokens.
 *
 *	scanner		one source: text -> tokens, comments and directives among them
 *	preprocessor	files within files, #define, #if: the scanner's tokens -> those that count
 *	parser		tokens -> tree
 *
 * An error does not stop the parser: front_error() starts a panic, in which every token looks like the end of
 * the text, so that all functions return by themselves and report nothing more; whoever knows a good place to
 * go on ends the panic and skips to it.
 */
#ifndef LANG_FRONT_H
#define LANG_FRONT_H

#include "lang/tree.h"

/* ------------------------------------------------------------------------------------------------
 * tokens
 * ---------------------------------------------------------------------------------------------- */

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,		/* text */
	TOKEN_INT,		/* number, type */
	TOKEN_STRING,		/* text, number: its bytes */
	TOKEN_SCRATCH,		/* text "$x" */
	TOKEN_MAP,		/* text "@x" */
	TOKEN_POSITIONAL,	/* number: N of $N; -1: $# */
	TOKEN_PUNCT,		/* text as written; op; assigns: += and the like */
	TOKEN_COMMENT,		/* only from the scanner */
	TOKEN_DIRECTIVE,	/* only from the scanner: a whole line that begins with # */
};

struct token {
	enum token_kind kind;
	struct span span;
	const char *text;
	int64_t number;
	const struct type *type;
	enum op op;
	bool assigns;
	bool first_on_line;
	bool blank_before;
};

/* ------------------------------------------------------------------------------------------------
 * what is known while a program is read
 * ---------------------------------------------------------------------------------------------- */

struct scanner {
	const struct source *src;
	const char *text, *p;		/* what is read, and how far */
	/* of text in the source: a directive is read from a copy of its line */
	unsigned offset;
	bool in_line;			/* something but blanks stands before p in its line */
	bool quiet;			/* report nothing */
};

/* #define NAME, #define NAME(a, b) */
struct define {
	const char *name;
	bool function;
	const char **parameters;
	unsigned n_parameters;
	struct token *tokens;
	unsigned n_tokens;
	unsigned busy;			/* how many expansions of it are being read */
	struct define *next;
};

/* What the tokens come from at the moment: a file, or the text of a #define. The innermost first. */
struct input {
	struct input *outer;
	struct scanner scanner;		/* of a file */
	struct condition *conditions;	/* of a file: the #ifs that are open */
	bool header;			/* a file of C, not of the language */
	const struct token *tokens;	/* of an expansion; NULL: a file */
	unsigned n_tokens, at;
	struct define *define;
};

/* macro name($v, e, @m) { ... } */
struct macro {
	const char *name;
	struct macro_parameter { const char *name; enum node_kind kind; } *parameters;
	unsigned n_parameters;
	struct node *body;
	struct span span;
	struct macro *next;		/* in the order of the program */
};

#define N_AHEAD 8
#define MAX_NESTING 200			/* of parentheses, blocks, prefix operators in the text */
#define MAX_HEIGHT 1000			/* of a tree: what walks it may recurse so deep */
#define MAX_COMPLAINTS 20		/* about characters of which no token can be made */
#define MAX_MISTAKES 50			/* after which a text is no program */
#define MAX_EXPANSION 300000		/* tokens that come of #defines, nodes that come of macros */

struct front {
	struct arena *arena;
	struct program *program;
	const struct program_options *opt;
	struct diags *diags;

	struct input *input;
	struct define *defines;
	unsigned argument_depth;	/* arguments of #defines that are being expanded */
	unsigned expanded;		/* tokens that came of #defines */
	unsigned complaints;		/* reported by the scanner */
	struct token ahead[N_AHEAD];	/* read, but not taken yet */
	unsigned n_ahead;
	struct token end;		/* what is seen in a panic and behind the text */
	struct span last;		/* of the token taken last */
	bool panic;
	bool condition;			/* an #if is read: unknown names are 0 */
	bool end_reported;		/* the text ends too early: said already */
	bool too_much;			/* said already */
	unsigned nesting;
	unsigned braces;		/* that are open, of the tokens taken */
	bool in_predicate;		/* a `/` before a `{` ends the expression */

	struct macro *macros, **macros_end;
	const char **imported;		/* real paths of the files that were read */
	unsigned n_imported;
	unsigned scratch_names;		/* made for hygiene */
	unsigned n_parameters;		/* of opt->parameters */
};

/* ---- lex.c ---- */

/* From the start of a source, behind its shebang. */
struct scanner scanner_of(const struct source *src);
/* The next token; comments and directives too. Reports what no token can be made of. */
struct token scan(struct front *f, struct scanner *s);
/* Reads an attach point as raw text: up to a blank, `,` or `{`, and up to a `/` unless it is of a kind
 * that has a path. begin..end are its bytes. */
struct span scan_attach_point(struct scanner *s, bool (*has_path)(const char *text, size_t n));
struct span span_between(struct span from, struct span to);

/* ---- preprocess.c ---- */

/* Begins to read a source; a header is C. */
void input_file(struct front *f, const struct source *src, bool header);
/* The input of the file that a token came from; NULL: none that is still open. */
struct input *input_of(struct front *f, const struct token *t);
/* The next token that counts. At the end of the outermost file TOKEN_END, for ever. */
struct token preprocess(struct front *f);
/* Defines NAME as the text; for what is always defined. */
void define_text(struct front *f, const char *name, const char *text);
/* Reads a file into a source in the arena; NULL with errno set. */
const struct source *source_read(struct front *f, const char *path);
/* The directory of the file that is being read, with its slash; "" for the current one. */
const char *source_directory(struct front *f, const struct source *src);
/* A named header: reads it, or knows that it may be ignored. Reports when it is not there. */
void include_header(struct front *f, const char *name, bool angled, struct span at);

/* ---- parse.c: the stream of tokens as the parser sees it ---- */

const struct token *peek(struct front *f, unsigned i);		/* 0: the next one; less than N_AHEAD */
struct token take(struct front *f);
/* a punctuation mark, or a name that is a word */
bool token_is(const struct token *t, const char *spelled);
bool next_is(struct front *f, const char *spelled);
bool accept(struct front *f, const char *spelled);		/* takes it when it is the next one */
bool expect(struct front *f, const char *spelled);		/* ... and is an error when not */
bool front_error(struct front *f, struct span at, const char *fmt, ...) PRINTF(3, 4);
/* "syntax error, unexpected X, expecting Y"; expecting NULL: too many things could be there. */
bool syntax_error(struct front *f, const char *expecting);
/* The same, and what to do about the token that is there in place of the expected; hint may be NULL. */
void syntax_hint(struct front *f, const char *expecting, const char *hint);
#define HINT_EQUALS "== compares, = assigns"
/* Takes a name; NULL and an error when the next token is none. */
const char *expect_name(struct front *f);
bool deeper(struct front *f);					/* false, and an error: nested too deeply */

struct node *node_new(struct front *f, enum node_kind kind, struct span span);
/* Adds to n->list. */
void node_add(struct front *f, struct node *n, struct node *child);
/* How high the tree is, found without recursion; *count, if not NULL, gets how many nodes it has. */
unsigned node_height(const struct node *n, unsigned *count);

struct node *parse_block(struct front *f);
/* After an error: goes on behind the statement that was given up: behind its `;`, or at the `}` of its
 * block. */
void recover_statement(struct front *f);
struct node *parse_if(struct front *f);
/* What is a statement has no value: the last expressions of blocks become statements of theirs. */
void node_drop_value(struct front *f, struct node *n);

/* ---- expression.c ---- */

struct node *parse_expression(struct front *f);
struct type_spec *parse_type(struct front *f);
bool next_is_type(struct front *f);
/* The name alone, as type_named() wants it; NULL and an error when there is none. */
const char *parse_type_name(struct front *f);

/* ---- cparse.c ---- */

/* Is here a definition of C (struct, union, enum, typedef)? Tells without reading behind the fourth token. */
bool next_is_definition(struct front *f);
void parse_definition(struct front *f);
/* A declaration of a header that is none of those: skipped. */
void skip_declaration(struct front *f);
/* A constant expression: enumerators, sizeof and operators are fine. Reports and returns false otherwise. */
bool constant_value(struct front *f, const struct node *n, int64_t *out);
/* The type of a spec, where no expression must be known for it; NULL: not to be told yet. */
const struct type *spec_type(struct front *f, const struct type_spec *s);
/* The one type of a layout that was defined in C. */
const struct type *layout_type(const struct layout *l);

/* ---- uapi.c ---- */

/* A struct of the system call interface; NULL when there is none of that name. */
const struct type *uapi_type(const struct program *p, const char *name);

/* ---- attach.c ---- */

bool attach_has_path(const char *text, size_t n);
bool attach_point_parse(struct front *f, struct span raw, struct attach_point *out);

/* ---- config.c ---- */

void config_defaults(struct config *c);
/* What is not as by default, a line each. */
void config_print(const struct config *c, struct str *out);
void parse_config(struct front *f);
/* BPFTRACE_MAX_STRLEN and so on: they win. */
void config_environment(struct front *f);

/* ---- expand.c ---- */

void expand(struct front *f);
/* $N as text; NULL when it was not given. */
const char *positional_text(struct front *f, int64_t n);

#endif
