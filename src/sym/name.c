/* name.c - which functions a user means.
 *
 * What stands in a symbol table is tried first, and then the text that demangle.c makes of it; what is no name in
 * either way may be a glob for the one or the other. So a star in `f(char*)` or `operator*` is a star as long as
 * there is such a function, and old habits stay: `read` is the symbol read, and no other language's.
 *
 *	ns::Class<int>::method(int)	one function
 *	ns::Class<int>::method		all overloads
 *	ns::max				all instances of a template, or of a generic function of Rust
 *	ns::Arr<*>::at			a glob
 *	cpp:f				f of a language with scopes only, though C may have an f too
 *
 * Blanks are what people make of them: only one that parts two words says anything. What c++filt writes and
 * programmers leave out may be left out: namespaces without a name, inline ones of the standard library, tags of
 * the ABI, the hash of a Rust crate. Where both readings have a function, the one that was spelled wins.
 *
 * To demangle all 100,000 names of a library takes longer than to read it. But the words of a path stand in the
 * mangled name as they are (the grammars abbreviate only what they have named before, and a few words of the standard
 * library), and so do all words in capitals or with an underscore, which no keyword or simple type has. Only names
 * that have all of these words are demangled.
 *
 * Compilers change functions: `f.constprop.0` is f for calls with some constant, `f.isra.0` one whose arguments were
 * taken apart, `f.part.0` a rarely needed part that f calls, `f.cold` one that it jumps to. Who names f means the
 * first two as well; the last two are no calls of f.
 *
 * Where all names were stripped, functions are called sub_ADDRESS.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sym/sym.h"

enum { MAX_WORDS = 16, NO_MATCH = 9 };

/* ---- what compilers made of a function ---- */

static const struct {
	const char *suffix;
	enum clone clone;
} clones[] = {
	{ ".constprop", CLONE_CHANGED }, { ".isra", CLONE_CHANGED },
	{ ".part", CLONE_PART },	 { ".cold", CLONE_COLD },
	{ ".lto_priv", CLONE_RENAMED },	 { ".llvm", CLONE_RENAMED },
};

enum clone symbol_clone(const char *name, size_t *stem)
{
	enum clone worst = CLONE_NOT;

	*stem = strlen(name);
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
		for (size_t i = 0; i < ARRAY_LEN(clones) && dot > name; i++) {
			size_t n = strlen(clones[i].suffix);

			if (strncmp(dot, clones[i].suffix, n) != 0 || (dot[n] != '.' && dot[n] != '\0'))
				continue;
			if (worst == CLONE_NOT)
				*stem = (size_t)(dot - name);
			if (clones[i].clone > worst)
				worst = clones[i].clone;
		}
	return worst;
}

/* ---- text that can be compared ---- */

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Appends the text without the blanks that part no words. */
static void add_squeezed(struct str *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p != ' ')
			str_addc(out, *p);
		else if (out->len && in_word(out->s[out->len - 1]) && in_word(p[strspn(p, " ")]) && p[1] != ' ')
			str_addc(out, ' ');
	}
}

/* What may be left out: where it begins (squeezed), and how it ends. */
static const struct {
	const char *begin, *end;
} optional[] = {
	{ "(anonymous namespace)::", "" },
	{ "__cxx11::", "" },	{ "__1::", "" },	{ "__ndk1::", "" },	{ "_V2::", "" },
	{ "[abi:", "]" },
};

/* How many bytes at p are an optional part of kind i; 0: none. */
static size_t optional_part(size_t i, const char *p)
{
	const char *end;

	if (!str_starts(p, optional[i].begin))
		return 0;
	end = strstr(p + strlen(optional[i].begin), optional[i].end);
	return end ? (size_t)(end - p) + strlen(optional[i].end) : 0;
}

/* What the user wrote. */
struct reading {
	struct str text;			/* squeezed */
	bool glob;				/* is it to be read as one? */
	bool parameters;			/* it has a list of them, perhaps */
	bool clone;				/* it says which clone */
	bool spelled[ARRAY_LEN(optional)];	/* it has such parts, so they are compared */
	const char *words[MAX_WORDS];		/* each stands in the mangled name, too; in the arena */
	unsigned n_words;
	struct arena *arena;
};

static void drop_optional(const struct reading *r, struct str *text)
{
	char *to = text->s;

	for (const char *p = text->s; *p;) {
		size_t n = 0;

		for (size_t i = 0; i < ARRAY_LEN(optional) && !n; i++)
			n = r->spelled[i] ? 0 : optional_part(i, p);
		p += n;
		if (!n)
			*to++ = *p++;
	}
	*to = '\0';
	text->len = (size_t)(to - text->s);
}

/* f<int> and f::<u32> become f. What ends in `>` for another reason (operator>>) has no `<` for it. */
static bool drop_template(struct str *text)
{
	size_t i = text->len;
	unsigned depth = 0;

	if (!i || text->s[i - 1] != '>')
		return false;
	while (i-- > 0) {
		depth += text->s[i] == '>';
		if (text->s[i] == '<' && --depth == 0)
			break;
	}
	if (i == (size_t)-1 || i == 0)
		return false;
	if (i > 2 && memcmp(text->s + i - 2, "::", 2) == 0)
		i -= 2;
	text->s[text->len = i] = '\0';
	return true;
}

/* ---- words ---- */

/* Words that mangled names abbreviate. */
static bool is_abbreviated(const char *word)
{
	static const char *const words[] = {
		"std", "allocator", "basic_string", "string", "char_traits", "basic_istream", "istream",
		"basic_ostream", "ostream", "basic_iostream", "iostream", "void", "bool", "char", "short", "int",
		"long", "float", "double", "signed", "unsigned", "auto", "decltype", "wchar_t", "const",
		"char8_t", "char16_t", "char32_t", "nullptr_t", "_Complex", "_Imaginary",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* One part of a path, perhaps with what stands before it (`void f`) and its template arguments. */
static void note_word(struct reading *r, const char *part, size_t n)
{
	char *word = arena_strndup(r->arena, part, n), *blank;

	word[strcspn(word, "<")] = '\0';
	blank = strrchr(word, ' ');
	word = blank ? blank + 1 : word;
	word += *word == '~';
	if (str_is_ident(word) && !is_abbreviated(word) && r->n_words < MAX_WORDS)
		r->words[r->n_words++] = word;
}

/* Looks at each part up to the parameters. */
static void note_words(struct reading *r)
{
	const char *part = r->text.s;
	int depth = 0;

	for (const char *p = part;; p++) {
		bool ends = *p == '\0' || (depth == 0 && (str_starts(p, "::") || (*p == '(' && p > part)));

		if (p == part && str_starts(p, "operator") && !in_word(p[8]))
			return;
		if (!ends) {
			depth += *p && strchr("<([{", *p) ? 1 : *p && strchr(">)]}", *p) ? -1 : 0;
			continue;
		}
		note_word(r, part, (size_t)(p - part));
		if (*p != ':')
			return;
		part = p + 2;
		p++;
	}
}

/* Words of any part that can be no keyword. Those between two underscores are the compiler's (__int128). */
static void note_capitals(struct reading *r)
{
	const char *p = r->text.s;

	while (*p && r->n_words < MAX_WORDS) {
		size_t n = 0;
		char *word;

		while (in_word(p[n]))
			n++;
		word = arena_strndup(r->arena, p, n);
		if (n > 3 && str_is_ident(word) && !is_abbreviated(word) && !str_starts(word, "__") &&
		    !str_starts(word, "_Float") && (strpbrk(word + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") || isupper((unsigned char)*word)))
			r->words[r->n_words++] = word;
		p += n;
		if (r->glob && *p == '[')		/* any of these letters */
			p += strcspn(p, "]");
		p += *p != '\0';
	}
}

static void reading_init(struct reading *r, const char *text, bool glob)
{
	*r = (struct reading){ .glob = glob, .arena = arena_new() };
	str_clear(&r->text);
	add_squeezed(&r->text, text);
	r->parameters = strchr(r->text.s, '(') || glob;
	r->clone = strstr(r->text.s, "[clone");
	for (size_t i = 0; i < ARRAY_LEN(optional); i++)
		r->spelled[i] = strstr(r->text.s, optional[i].begin) != NULL;
	note_words(r);
	note_capitals(r);
}

static void reading_release(struct reading *r)
{
	str_release(&r->text);
	arena_free(r->arena);
}

/* ---- one name ---- */

/* Could it be? */
static bool has_words(const struct reading *r, const char *mangled)
{
	if (mangled[1] == 'D')			/* D refers to words that it has named before */
		return true;
	for (unsigned i = 0; i < r->n_words; i++)
		if (!strstr(mangled, r->words[i]))
			return false;
	return true;
}

static bool fits(const struct reading *r, const struct str *text)
{
	return r->glob ? str_glob(r->text.s, text->s)
		       : text->len == r->text.len && memcmp(text->s, r->text.s, text->len) == 0;
}

static void drop_clone(struct str *text)
{
	char *clone = strstr(text->s, "[clone");

	if (clone) {
		*clone = '\0';
		text->len = (size_t)(clone - text->s);
	}
}

/* How far the text is from what was spelled: 0 it is that; 1 something was left out; 2 the template's arguments. */
static unsigned distance(const struct reading *r, struct str *text)
{
	if (!r->clone)
		drop_clone(text);
	if (fits(r, text))
		return 0;
	drop_optional(r, text);
	if (fits(r, text))
		return 1;
	return !r->glob && drop_template(text) && fits(r, text) ? 2 : NO_MATCH;
}

/* Has it a hash (Rust), or one of C++'s abbreviations for strings and streams: Ss, So? */
static bool has_long_form(const char *mangled)
{
	if (mangled[1] != 'Z' || strstr(mangled, "17h"))
		return true;
	for (const char *s = mangled; (s = strchr(s, 'S')); s++)
		if (s[1] && strchr("absiod", s[1]))
			return true;
	return false;
}

/* The least distance of all the ways to write a mangled name. */
static unsigned nearest(const struct reading *r, const char *mangled)
{
	static const unsigned ways[] = {
		0, DEMANGLE_PARAMETERS, DEMANGLE_PARAMETERS | DEMANGLE_RETURN,
		DEMANGLE_VERBOSE, DEMANGLE_VERBOSE | DEMANGLE_PARAMETERS,
		DEMANGLE_VERBOSE | DEMANGLE_PARAMETERS | DEMANGLE_RETURN,
	};
	_cleanup_(str_release) struct str text = STR_INIT, squeezed = STR_INIT;
	unsigned best = NO_MATCH;

	for (size_t i = 0; i < ARRAY_LEN(ways) && best > 0; i++) {
		unsigned here;

		if ((ways[i] & DEMANGLE_PARAMETERS && !r->parameters) ||
		    (ways[i] & DEMANGLE_VERBOSE && !has_long_form(mangled)))
			continue;
		str_clear(&text);
		if (!demangle(mangled, ways[i], &text))
			break;
		str_clear(&squeezed);
		add_squeezed(&squeezed, text.s);
		here = distance(r, &squeezed);
		best = here < best ? here : best;
	}
	return best;
}

struct reading *reading_new(const char *name)
{
	struct reading *r = mem_alloc(sizeof(*r));

	name += str_starts(name, "cpp:") ? strlen("cpp:") : 0;
	reading_init(r, name, str_is_glob(name));
	return r;
}

void reading_free(struct reading *r)
{
	if (r)
		reading_release(r);
	free(r);
}

bool reading_means(const struct reading *r, const char *mangled)
{
	return is_mangled(mangled) && has_words(r, mangled) && nearest(r, mangled) != NO_MATCH;
}

/* ---- all of a file ---- */

struct search {
	const struct reading *reading;
	const char *version;		/* NULL: not given */
	bool parts;			/* parts of functions were asked for by name */
	struct functions *out;
	unsigned best;			/* distance of those that were found */
};

static void take(struct search *s, const struct symbol *symbol)
{
	size_t stem;
	enum clone clone = symbol_clone(symbol->name, &stem);

	if (!s->parts && (clone == CLONE_PART || clone == CLONE_COLD))
		*MEM_PUSH(s->out->parts, s->out->n_parts) = *symbol;
	else
		*MEM_PUSH(s->out->v, s->out->n) = *symbol;
}

static bool try_readable(void *ctx, const struct symbol *symbol)
{
	struct search *s = ctx;
	unsigned d;

	if (!is_mangled(symbol->name) || !has_words(s->reading, symbol->name))
		return true;
	if (s->reading->glob && symbol->kind != SYMBOL_FUNC && symbol->kind != SYMBOL_IFUNC)
		return true;
	if (s->version && !(symbol->version && strcmp(symbol->version, s->version) == 0))
		return true;
	d = nearest(s->reading, symbol->name);
	if (d == NO_MATCH || d > s->best)
		return true;
	if (d < s->best)
		s->out->n = s->out->n_parts = 0;
	s->best = d;
	take(s, symbol);
	return true;
}

static int find_readable(struct elf_file *e, const char *name, bool glob, struct functions *out)
{
	const char *at = strchr(name, '@');
	_cleanup_(mem_free_ptr) char *plain = mem_strdup(name);
	struct search s = { .version = at && at != name ? at + 1 + (at[1] == '@') : NULL, .out = out,
			    .best = NO_MATCH };
	struct reading r;
	int err;

	if (s.version)
		plain[at - name] = '\0';
	reading_init(&r, plain, glob);
	s.reading = &r;
	s.parts = strstr(r.text.s, ".part") || strstr(r.text.s, ".cold");
	err = elf_symbols(e, try_readable, &s);
	reading_release(&r);
	out->readable = true;
	out->glob = glob;
	return err;
}

/* The clones of a symbol that was named. */
struct clone_search {
	struct search search;
	const char *name;
};

static bool try_clone(void *ctx, const struct symbol *symbol)
{
	struct clone_search *c = ctx;
	size_t n = strlen(c->name), stem;

	if (strncmp(symbol->name, c->name, n) == 0 && symbol->name[n] == '.' &&
	    symbol_clone(symbol->name, &stem) != CLONE_NOT && stem == n)
		take(&c->search, symbol);
	return true;
}

/* As it stands in the symbol table, with the clones: a star is a star. */
static int find_symbol(struct elf_file *e, const char *name, struct functions *out)
{
	_cleanup_(str_release) struct str literal = STR_INIT;
	struct clone_search c = { { .out = out }, name };
	int n;

	for (const char *p = name; *p; p++) {
		if (strchr("*?[", *p))
			str_addc(&literal, '\\');
		str_addc(&literal, *p);
	}
	n = elf_find(e, literal.s ? literal.s : "", &out->v);
	if (n < 0)
		return n;
	out->n = (size_t)n;
	return elf_symbols_from(e, name, try_clone, &c);
}

static void drop_parts(struct functions *out)
{
	struct search again = { .out = out };
	struct symbol *v = out->v;
	size_t n = out->n;

	out->v = NULL;
	out->n = 0;
	for (size_t i = 0; i < n; i++)
		take(&again, &v[i]);
	free(v);
}

static int find_glob(struct elf_file *e, const char *name, struct functions *out)
{
	int n = elf_find(e, name, &out->v);

	if (n < 0)
		return n;
	out->n = (size_t)n;
	out->glob = true;
	if (!strstr(name, ".part") && !strstr(name, ".cold"))
		drop_parts(out);
	return 0;
}

/* ---- functions without a name ---- */

struct unnamed {
	struct elf_file *elf;
	const char *pattern;
	uint64_t *known;		/* addresses of functions that have names, ascending */
	size_t n_known;
	struct functions *out;
};

static bool note_address(void *ctx, const struct symbol *s)
{
	struct unnamed *u = ctx;

	if (s->kind == SYMBOL_FUNC || s->kind == SYMBOL_IFUNC)
		*MEM_PUSH(u->known, u->n_known) = s->address;
	return true;
}

static int by_number(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

static bool try_unnamed(void *ctx, uint64_t begin, uint64_t end, bool moved)
{
	struct unnamed *u = ctx;
	struct symbol s = { .kind = SYMBOL_FUNC, .local = true, .default_version = true, .address = begin,
			    .size = end - begin };
	struct elf_place place;
	char name[32];

	snprintf(name, sizeof(name), "sub_%llx", (unsigned long long)begin);
	if (moved || !str_glob(u->pattern, name) || !elf_place(u->elf, begin, &place) ||
	    str_starts(place.section, ".plt") || !strchr(place.segment_flags, 'E') ||
	    (u->n_known && bsearch(&begin, u->known, u->n_known, sizeof(begin), by_number)))
		return true;
	s.name = elf_keep_name(u->elf, name);
	*MEM_PUSH(u->out->v, u->out->n) = s;
	return true;
}

/* By .eh_frame, which stays in stripped files: sub_ADDRESS, as disassemblers call them. */
static int find_unnamed(struct elf_file *e, const char *pattern, struct functions *out)
{
	struct unnamed u = { .elf = e, .pattern = pattern, .out = out };
	int err = elf_symbols(e, note_address, &u);

	if (u.n_known)
		qsort(u.known, u.n_known, sizeof(*u.known), by_number);
	elf_each_piece(e, try_unnamed, &u);
	free(u.known);
	out->glob = str_is_glob(pattern);
	out->readable = false;
	return err;
}

int functions_named(struct elf_file *e, const char *name, struct functions *out)
{
	bool cxx = str_starts(name, "cpp:"), scoped, glob;
	int err = 0;

	*out = (struct functions){ 0 };
	name += cxx ? strlen("cpp:") : 0;
	scoped = strstr(name, "::");		/* no linker's name, most likely: it comes last */
	glob = str_is_glob(name);
	if (!cxx && !scoped)
		err = find_symbol(e, name, out);
	if (!err && !out->n)
		err = find_readable(e, name, false, out);
	if (!err && !out->n && !cxx && scoped)
		err = find_symbol(e, name, out);
	if (!err && !out->n && glob && !cxx)
		err = find_glob(e, name, out);
	if (!err && !out->n && glob)
		err = find_readable(e, name, true, out);
	if (!err && !out->n && !cxx && (str_starts(name, "sub_") || !elf_has_functions(e)))
		err = find_unnamed(e, name, out);
	return err;
}

int functions_find(struct elf_file *e, const char *name, struct functions *out)
{
	int err = functions_named(e, name, out);

	if (!err)
		out->n = elf_settle(e, out->v, out->n, out->glob, strchr(name, '@'));
	return err;
}

void functions_release(struct functions *f)
{
	free(f->v);
	free(f->parts);
	*f = (struct functions){ 0 };
}
