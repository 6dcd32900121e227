/* preprocess.c - #define, #if and #include: the tokens that count.
 *
 * The C preprocessor's idea is that a program may be written for more than one world. bpftrace's tools use it
 * for one thing: `#ifndef BPFTRACE_HAVE_BTF`, include the kernel's headers to learn its structs, `#else` the
 * kernel describes itself. Here that name is always defined, and the kernel's headers are ignored: what is
 * known of the kernel's types comes from elsewhere. Headers of the user's own are read.
 *
 * What tokens come from is a stack: a file, within it an included file, within it the text of a #define. A
 * define is not expanded within itself, as C has it. Tokens that come of a define have the span of the name
 * that stood in the program: that is where a mistake is shown.
 */
#include "lang/front.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"

#define MAX_INPUTS 64			/* files within files, defines within defines */

/* An #if that is open. */
struct condition {
	struct condition *outer;
	struct span span;
	bool taken;			/* one of its branches was read */
	bool reading;			/* this branch is */
	bool had_else;
};

/* ---- sources ---- */

const struct source *source_read(struct front *f, const char *path)
{
	_cleanup_(str_release) struct str text = STR_INIT;
	struct source *src;
	int err = os_read_file(AT_FDCWD, path, &text);

	if (err) {
		errno = -err;
		return NULL;
	}
	src = arena_alloc(f->arena, sizeof(*src));
	src->name = arena_strdup(f->arena, path);
	src->text = arena_strndup(f->arena, text.s ? text.s : "", text.len);
	return src;
}

const char *source_directory(struct front *f, const struct source *src)
{
	const char *slash = strrchr(src->name, '/');

	return slash ? arena_strndup(f->arena, src->name, (size_t)(slash + 1 - src->name)) : "";
}

void input_file(struct front *f, const struct source *src, bool header)
{
	struct input *in = arena_alloc(f->arena, sizeof(*in));

	in->scanner = scanner_of(src);
	in->header = header;
	in->outer = f->input;
	f->input = in;
}

static unsigned input_depth(const struct front *f)
{
	unsigned n = 0;

	for (const struct input *in = f->input; in; in = in->outer)
		n++;
	return n;
}

struct input *input_of(struct front *f, const struct token *t)
{
	struct input *in = f->input;

	while (in && (in->tokens || in->scanner.src != t->span.src))
		in = in->outer;
	return in;
}

static void leave_input(struct front *f)
{
	struct input *in = f->input;

	if (in->define)
		in->define->busy--;
	if (in->conditions)
		diag_error(f->diags, in->conditions->span, "this #if has no #endif");
	f->input = in->outer;
}

/* ---- defines ---- */

static struct define *find_define(struct front *f, const char *name)
{
	for (struct define *d = f->defines; d; d = d->next)
		if (strcmp(d->name, name) == 0)
			return d;
	return NULL;
}

static void undefine(struct front *f, const char *name)
{
	for (struct define **d = &f->defines; *d; d = &(*d)->next) {
		if (strcmp((*d)->name, name) == 0) {
			*d = (*d)->next;
			return;
		}
	}
}

/* The next token of a directive's line, or TOKEN_END. */
static struct token scan_in_line(struct front *f, struct scanner *line)
{
	struct token t;

	do {
		line->in_line = true;
		t = scan(f, line);
	} while (t.kind == TOKEN_COMMENT);
	return t;
}

static bool mark(const struct token *t, const char *spelled)
{
	return t->kind == TOKEN_PUNCT && strcmp(t->text, spelled) == 0;
}

/* #define NAME text, #define NAME(a, b) text. What the text means is nobody's business before it is used, so
 * nothing in it is complained about here: headers are full of what we do not know. */
static void read_define(struct front *f, struct scanner *line)
{
	struct token name = scan_in_line(f, line), t;
	struct define *d;

	if (name.kind != TOKEN_NAME) {
		diag_error(f->diags, name.span, "#define wants a name");
		return;
	}
	d = arena_alloc(f->arena, sizeof(*d));
	d->name = name.text;
	line->quiet = true;
	if (*line->p == '(') {
		d->function = true;
		scan_in_line(f, line);
		while ((t = scan_in_line(f, line)).kind != TOKEN_END && !mark(&t, ")"))
			if (t.kind == TOKEN_NAME)
				*ARENA_PUSH(f->arena, d->parameters, d->n_parameters) = t.text;
	}
	while ((t = scan_in_line(f, line)).kind != TOKEN_END)
		*ARENA_PUSH(f->arena, d->tokens, d->n_tokens) = t;
	undefine(f, d->name);
	d->next = f->defines;
	f->defines = d;
}

void define_text(struct front *f, const char *name, const char *text)
{
	struct source *src = arena_alloc(f->arena, sizeof(*src));
	struct scanner line;

	src->name = "built in";
	src->text = arena_fmt(f->arena, "%s %s", name, text);
	line = scanner_of(src);
	read_define(f, &line);
}

static void push_tokens(struct front *f, struct define *d, const struct token *tokens, unsigned n)
{
	struct input *in = arena_alloc(f->arena, sizeof(*in));

	in->tokens = tokens ? tokens : arena_alloc(f->arena, sizeof(*tokens));
	in->n_tokens = n;
	in->define = d;
	if (d)
		d->busy++;
	in->outer = f->input;
	f->input = in;
}

/* The next token of the innermost input, no define expanded. */
static struct token raw_token(struct front *f);

struct argument {
	struct token *tokens;
	unsigned n;
};

/* The arguments behind the name of a function-like define; its `(` was seen. */
static bool read_arguments(struct front *f, const struct define *d, struct span at, struct argument *args)
{
	unsigned depth = 0, n = 0;

	raw_token(f);
	for (;;) {
		struct token t = raw_token(f);

		if (t.kind == TOKEN_END) {
			f->end_reported = true;
			return diag_error(f->diags, at, "the arguments of %s have no end", d->name);
		}
		if (mark(&t, "(") || mark(&t, "[") || mark(&t, "{"))
			depth++;
		if (depth == 0 && mark(&t, ")"))
			break;
		if (mark(&t, ")") || mark(&t, "]") || mark(&t, "}"))
			depth -= depth > 0;
		if (depth == 0 && mark(&t, ",")) {
			n++;
			continue;
		}
		if (n < d->n_parameters)
			*ARENA_PUSH(f->arena, args[n].tokens, args[n].n) = t;
		else if (d->n_parameters == 0)
			n = 1;
	}
	n += d->n_parameters > 0;
	if (n != d->n_parameters)
		return diag_error(f->diags, at, "%s wants %u arguments, and got %u", d->name,
				  d->n_parameters, n);
	return true;
}

/* What is in an argument is expanded before the argument is put in: ADD(1, ADD(2, 3)). */
static void expand_argument(struct front *f, struct argument *arg)
{
	struct input *input = f->input;
	struct token *tokens = NULL, t;
	unsigned n = 0;

	if (f->argument_depth > MAX_INPUTS)
		return;
	f->argument_depth++;
	f->input = NULL;
	push_tokens(f, NULL, arg->tokens, arg->n);
	while ((t = preprocess(f)).kind != TOKEN_END)
		*ARENA_PUSH(f->arena, tokens, n) = t;
	f->input = input;
	f->argument_depth--;
	*arg = (struct argument){ tokens, n };
}

/* What a use of a define becomes. */
struct expansion {
	struct define *d;
	struct span at;
	const struct argument *args;	/* expanded; NULL: none */
	const struct argument *raw;	/* as they were written: for # and ## */
	struct token *tokens;
	unsigned n;
};

static const struct argument *argument_for(const struct expansion *x, const struct argument *args, unsigned i)
{
	for (unsigned k = 0; args && i < x->d->n_tokens && k < x->d->n_parameters; k++)
		if (token_is(&x->d->tokens[i], x->d->parameters[k]))
			return &args[k];
	return NULL;
}

static bool mark_at(const struct expansion *x, unsigned i, const char *spelled)
{
	return i < x->d->n_tokens && mark(&x->d->tokens[i], spelled);
}

/* All get the span of the use. */
static void add_tokens(struct front *f, struct expansion *x, const struct token *tokens, unsigned n)
{
	for (unsigned i = 0; i < n && ++f->expanded <= MAX_EXPANSION; i++) {
		struct token *t = ARENA_PUSH(f->arena, x->tokens, x->n);

		*t = tokens[i];
		t->span = x->at;
	}
}

static const char *spelling(struct front *f, const struct token *t)
{
	if (!t->span.src || t->span.end < t->span.begin)
		return "";
	return arena_strndup(f->arena, t->span.src->text + t->span.begin, t->span.end - t->span.begin);
}

/* #x: the argument's text as a string. As in C, blanks and comments between two tokens are one blank. */
static void add_string(struct front *f, struct expansion *x, const struct argument *arg)
{
	struct token t = { .kind = TOKEN_STRING };
	struct str text = STR_INIT;

	for (unsigned i = 0; i < arg->n; i++) {
		const struct token *word = &arg->tokens[i];
		bool apart = i && (word->span.src != word[-1].span.src || word->span.begin != word[-1].span.end);

		if (i && word->span.src == word[-1].span.src && word->span.begin == word[-1].span.begin)
			continue;		/* both came of one use of a macro, and have its span */
		str_addf(&text, "%s%s", apart ? " " : "", spelling(f, word));
	}
	if (arg->n && arg->tokens[0].span.src == f->program->source &&
	    arg->tokens[arg->n - 1].span.src == f->program->source) {
		struct span *quoted = ARENA_PUSH(f->arena, f->program->quoted, f->program->n_quoted);

		*quoted = arg->tokens[0].span;
		quoted->end = arg->tokens[arg->n - 1].span.end;
	}
	t.text = arena_strdup(f->arena, text.s ? text.s : "");
	t.number = (int64_t)text.len;
	str_release(&text);
	add_tokens(f, x, &t, 1);
}

/* a ## b: one token of two. */
static struct token paste(struct front *f, const struct expansion *x, const struct token *a, const struct token *b)
{
	struct source *src = arena_alloc(f->arena, sizeof(*src));
	struct scanner s;
	struct token t;

	src->name = "##";
	src->text = arena_fmt(f->arena, "%s%s", spelling(f, a), spelling(f, b));
	s = scanner_of(src);
	s.quiet = true;
	t = scan(f, &s);
	if (t.kind == TOKEN_END || s.p != src->text + strlen(src->text))
		diag_error(f->diags, x->at, "%s: '%s' is no token that ## could make", x->d->name, src->text);
	return t;
}

/* One side of ##: an argument as it was written, or the define's token. */
static struct argument side_of(const struct expansion *x, unsigned i)
{
	const struct argument *arg = argument_for(x, x->raw, i);

	return arg ? *arg : (struct argument){ &x->d->tokens[i], 1 };
}

/* a ## b ## c, from token i on; returns the last one's index. */
static unsigned add_pasted(struct front *f, struct expansion *x, unsigned i)
{
	struct argument left = side_of(x, i);
	struct token joined = left.n ? left.tokens[left.n - 1] : (struct token){ .kind = TOKEN_END };

	add_tokens(f, x, left.tokens, left.n ? left.n - 1 : 0);
	for (; mark_at(x, i + 1, "##") && i + 2 < x->d->n_tokens; i += 2) {
		struct argument right = side_of(x, i + 2);

		if (!right.n)
			continue;
		joined = joined.kind == TOKEN_END ? right.tokens[0] : paste(f, x, &joined, &right.tokens[0]);
		if (right.n == 1)
			continue;
		add_tokens(f, x, &joined, 1);
		add_tokens(f, x, right.tokens + 1, right.n - 2);
		joined = right.tokens[right.n - 1];
	}
	add_tokens(f, x, &joined, joined.kind != TOKEN_END);
	return i;
}

/* The define's tokens, arguments in the place of parameters. */
static void expand_define(struct front *f, struct define *d, const struct token *use,
			  const struct argument *args, const struct argument *raw)
{
	struct expansion x = { .d = d, .at = use->span, .args = args, .raw = raw };

	for (unsigned i = 0; i < d->n_tokens; i++) {
		const struct argument *arg = argument_for(&x, args, i), *next = argument_for(&x, raw, i + 1);

		if (mark_at(&x, i + 1, "##") && i + 2 < d->n_tokens)
			i = add_pasted(f, &x, i);
		else if (mark_at(&x, i, "#") && next)
			add_string(f, &x, next), i++;
		else if (arg)
			add_tokens(f, &x, arg->tokens, arg->n);
		else
			add_tokens(f, &x, &d->tokens[i], 1);
	}
	if (f->expanded <= MAX_EXPANSION)
		push_tokens(f, d, x.tokens, x.n);
}

/* ---- #if ---- */

/* What an #if asks: the line's tokens, with `defined` answered, read as an expression. */
static bool evaluate(struct front *f, struct scanner *line, struct span at)
{
	struct input *input = f->input;
	struct token ahead[N_AHEAD], *tokens = NULL, t;
	unsigned n_ahead = f->n_ahead, braces = f->braces, n = 0;
	bool in_predicate = f->in_predicate;
	struct span last = f->last;
	struct node *e;
	int64_t value = 0;

	while ((t = scan_in_line(f, line)).kind != TOKEN_END) {
		if (t.kind == TOKEN_NAME && strcmp(t.text, "defined") == 0) {
			bool parenthesis;

			t = scan_in_line(f, line);
			parenthesis = mark(&t, "(");
			if (parenthesis)
				t = scan_in_line(f, line);
			t.number = t.kind == TOKEN_NAME && find_define(f, t.text);
			t.kind = TOKEN_INT;
			t.type = &type_int64;
			if (parenthesis)
				scan_in_line(f, line);
		}
		*ARENA_PUSH(f->arena, tokens, n) = t;
	}
	/* A parser of its own, which sees nothing but the line. */
	memcpy(ahead, f->ahead, sizeof(ahead));
	f->n_ahead = 0;
	f->input = NULL;
	f->condition = true;
	f->in_predicate = false;
	push_tokens(f, NULL, tokens, n);
	e = parse_expression(f);
	if (!f->panic && peek(f, 0)->kind != TOKEN_END)
		syntax_error(f, NULL);
	f->condition = false;
	if (f->panic)
		f->panic = false;
	else if (e && !constant_value(f, e, &value))
		value = 0;
	while (f->input)
		leave_input(f);
	f->input = input;
	memcpy(f->ahead, ahead, sizeof(ahead));
	f->n_ahead = n_ahead;
	f->last = last;
	f->in_predicate = in_predicate;
	f->braces = braces;
	return value != 0;
}

static bool reading(const struct input *file)
{
	for (const struct condition *c = file->conditions; c; c = c->outer)
		if (!c->reading)
			return false;
	return true;
}

static void open_condition(struct front *f, struct input *file, struct span at, bool holds)
{
	struct condition *c = arena_alloc(f->arena, sizeof(*c));

	c->span = at;
	c->taken = c->reading = holds;
	c->outer = file->conditions;
	file->conditions = c;
}

/* ---- #include ---- */

/* Where the headers of a system come from: a program may name them, and is not harmed when they are
 * ignored. */
static const char *const system_headers[] = {
	"linux/", "net/", "asm/", "asm-generic/", "uapi/", "trace/", "crypto/", "drm/", "sound/", "media/",
	"rdma/", "scsi/", "video/", "xen/", "kvm/", "sys/", "netinet/", "arpa/", "bits/", "generated/", "acpi/",
	"kernel/", "fs/", "block/", "mm/", "soc/", "ras/", "target/", "vdso/", "bpf/",
};

/* What people need of headers that they name: constants that bpftrace would find there. */
static const struct {
	const char *header, *text;
} known_headers[] = {
	{ "sys/socket.h", "#define AF_UNSPEC 0\n#define AF_UNIX 1\n#define AF_INET 2\n#define AF_INET6 10\n"
	  "#define AF_NETLINK 16\n#define AF_PACKET 17\n#define SOCK_STREAM 1\n#define SOCK_DGRAM 2\n#define SOCK_RAW 3\n" },
	{ "linux/socket.h", "#include <sys/socket.h>\n" },
	{ "net/sock.h", "#include <sys/socket.h>\n" },
	{ "bits/socket.h", "#include <sys/socket.h>\n" },
	{ "linux/sched.h",
	  "#define TASK_RUNNING 0\n#define TASK_INTERRUPTIBLE 1\n#define TASK_UNINTERRUPTIBLE 2\n" },
};

static bool is_system_header(const char *name)
{
	char path[4096];

	for (size_t i = 0; i < ARRAY_LEN(system_headers); i++)
		if (str_starts(name, system_headers[i]))
			return true;
	snprintf(path, sizeof(path), "/usr/include/%s", name);
	return access(path, F_OK) == 0;
}

static const struct source *known_header(struct front *f, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(known_headers); i++) {
		struct source *src;

		if (strcmp(known_headers[i].header, name) != 0)
			continue;
		src = arena_alloc(f->arena, sizeof(*src));
		src->name = known_headers[i].header;
		src->text = known_headers[i].text;
		return src;
	}
	return NULL;
}

/* A header that is a file: beside the file that names it, then in the directories of -I. */
static const struct source *find_header(struct front *f, const char *name, bool angled,
					const struct source *from)
{
	const char *const *dir = f->opt->include_dirs;
	const struct source *src = NULL;

	if (name[0] == '/')
		return source_read(f, name);
	if (!angled && from)
		src = source_read(f, arena_fmt(f->arena, "%s%s", source_directory(f, from), name));
	for (; !src && dir && *dir; dir++)
		src = source_read(f, arena_fmt(f->arena, "%s/%s", *dir, name));
	return src;
}

void include_header(struct front *f, const char *name, bool angled, struct span at)
{
	const struct source *src = find_header(f, name, angled, at.src);

	if (!src)
		src = known_header(f, name);
	if (input_depth(f) > MAX_INPUTS) {
		diag_error(f->diags, at, "files are included in each other too deeply");
	} else if (src) {
		input_file(f, src, true);
	} else if (!is_system_header(name)) {
		diag_error(f->diags, at, "'%s' file not found", name);
		diag_hint(f->diags, "-I DIR adds a directory in which headers are looked for");
	}
}

static void read_include(struct front *f, struct scanner *line, struct span at)
{
	const char *begin, *end;
	char close;

	while (*line->p == ' ' || *line->p == '\t')
		line->p++;
	close = *line->p == '<' ? '>' : '"';
	begin = line->p + 1;
	end = *line->p == '<' || *line->p == '"' ? strchr(begin, close) : NULL;
	if (!end)
		diag_error(f->diags, at, "#include wants \"FILE\" or <FILE>");
	else
		include_header(f, arena_strndup(f->arena, begin, (size_t)(end - begin)), close == '>', at);
}

/* ---- directives ---- */

/* Those that are obeyed even where nothing is read. */
static bool read_condition(struct front *f, struct input *file, const char *word, struct scanner *line,
			   struct span at)
{
	struct condition *c = file->conditions;
	bool outside = reading(file);

	if (strcmp(word, "if") == 0) {
		open_condition(f, file, at, outside && evaluate(f, line, at));
	} else if (strcmp(word, "ifdef") == 0 || strcmp(word, "ifndef") == 0) {
		struct token name = scan_in_line(f, line);

		if (name.kind != TOKEN_NAME)
			diag_error(f->diags, at, "#%s wants a name", word);
		open_condition(f, file, at, name.kind == TOKEN_NAME &&
			       !find_define(f, name.text) == (word[2] == 'n'));
	} else if (strcmp(word, "elif") == 0 || strcmp(word, "else") == 0 || strcmp(word, "endif") == 0) {
		if (!c) {
			diag_error(f->diags, at, "#%s without #if", word);
		} else if (word[1] == 'n') {
			file->conditions = c->outer;
		} else if (c->had_else) {
			diag_error(f->diags, at, "#%s after #else", word);
		} else {
			c->reading = true;		/* whether to ask at all is the outer ones' to say */
			c->had_else = word[2] == 's';
			c->reading = !c->taken && (c->had_else || (reading(file) && evaluate(f, line, at)));
			c->taken |= c->reading;
		}
	} else {
		return false;
	}
	return true;
}

static void read_directive(struct front *f, struct input *file, const struct token *directive)
{
	struct span at = directive->span;
	const char *text = arena_strndup(f->arena, at.src->text + at.begin, at.end - at.begin);
	struct scanner line = { .src = at.src, .text = text, .p = text + 1, .offset = at.begin };
	struct token word = scan_in_line(f, &line);

	if (word.kind != TOKEN_NAME) {
		if (word.kind != TOKEN_END && word.kind != TOKEN_INT && reading(file))
			diag_error(f->diags, at, "invalid preprocessing directive");
	} else if (!read_condition(f, file, word.text, &line, at) && reading(file)) {
		if (strcmp(word.text, "define") == 0) {
			read_define(f, &line);
		} else if (strcmp(word.text, "undef") == 0) {
			word = scan_in_line(f, &line);
			if (word.kind == TOKEN_NAME)
				undefine(f, word.text);
		} else if (strcmp(word.text, "include") == 0) {
			read_include(f, &line, at);
		} else if (strcmp(word.text, "error") == 0) {
			diag_error(f->diags, at, "%s", text);
		} else if (strcmp(word.text, "warning") == 0) {
			diag_warn(f->diags, at, "%s", text);
		} else if (strcmp(word.text, "pragma") != 0 && strcmp(word.text, "line") != 0) {
			diag_error(f->diags, at, "invalid preprocessing directive '#%s'", word.text);
		}
	}
}

/* ---- the stream ---- */

/* A branch that is not read may hold anything: line by line to the next directive. */
static void skip_lines(struct scanner *s)
{
	for (;;) {
		const char *p = s->p + strspn(s->p, " \t");

		if (!s->in_line && (*p == '#' || !*p)) {
			s->p = p;
			return;
		}
		s->p = p + strcspn(p, "\n");
		s->p += *s->p == '\n';
		s->in_line = !*s->p && s->in_line;
		if (!*s->p)
			return;
	}
}

static void skip_to_directive(struct front *f, struct input *file)
{
	struct program *program = f->program;
	struct scanner *s = &file->scanner;
	unsigned begin = (unsigned)(s->p - s->text);

	skip_lines(s);
	if (s->src == program->source)
		*ARENA_PUSH(f->arena, program->skipped, program->n_skipped) =
			(struct span){ s->src, begin, (unsigned)(s->p - s->text) };
}

static struct token raw_token(struct front *f)
{
	struct token t = { .kind = TOKEN_END };

	while (f->input) {
		struct input *in = f->input;

		if (in->tokens && in->at < in->n_tokens)
			return in->tokens[in->at++];
		if (in->tokens) {
			leave_input(f);
			continue;
		}
		if (!reading(in))
			skip_to_directive(f, in);
		t = scan(f, &in->scanner);
		if (t.kind == TOKEN_DIRECTIVE)
			read_directive(f, in, &t);
		else if (t.kind == TOKEN_END)
			leave_input(f);
		else if (t.kind != TOKEN_COMMENT && reading(in))
			return t;
	}
	t.span = f->end.span;
	return t;
}

/* Does a `(` follow? Nothing is taken. */
static bool parenthesis_follows(struct front *f)
{
	struct input *in = f->input;

	while (in && in->tokens && in->at == in->n_tokens)
		in = in->outer;
	if (!in)
		return false;
	if (in->tokens)
		return mark(&in->tokens[in->at], "(");
	for (struct scanner s = in->scanner;;) {
		struct token t;

		s.quiet = true;
		t = scan(f, &s);
		if (t.kind != TOKEN_COMMENT)
			return mark(&t, "(");
	}
}

struct token preprocess(struct front *f)
{
	for (;;) {
		struct token t = raw_token(f);
		struct define *d = t.kind == TOKEN_NAME ? find_define(f, t.text) : NULL;
		struct argument *args = NULL, *raw = NULL;

		if (!d || d->busy || (d->function && !parenthesis_follows(f)))
			return t;
		if (d->function) {
			args = arena_alloc(f->arena, (d->n_parameters + 1) * sizeof(*args));
			if (!read_arguments(f, d, t.span, args))
				continue;
			raw = arena_alloc(f->arena, (d->n_parameters + 1) * sizeof(*raw));
			memcpy(raw, args, d->n_parameters * sizeof(*raw));
			for (unsigned i = 0; i < d->n_parameters; i++)
				expand_argument(f, &args[i]);
		}
		if (f->expanded > MAX_EXPANSION || input_depth(f) > MAX_INPUTS) {
			if (!f->too_much)
				diag_error(f->diags, t.span,
					   "the #defines of this program expand to too much");
			f->too_much = true;
			return t;
		}
		expand_define(f, d, &t, args, raw);
	}
}
