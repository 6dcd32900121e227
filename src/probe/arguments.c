/* arguments.c - arguments of functions in programs by name.
 *
 * The compiler's debug information (sym/dwarf.c) says which arguments a function has, of which types, and where each
 * is at the probed instruction. From that come
 *
 *	args.path	in a program: its type, for the checker, and when the sites are known, a fetch for each of them
 *	$path, $p->len	in a definition: both at once
 *
 * Types of debug information are turned into the language's one by one, as they are asked for: the members of a struct
 * only when somebody looks into it, for the types that can be reached from one pointer are often all of a program.
 * A struct that the user's program defines itself stands for the one of that name.
 *
 * One argument that cannot be had has a reason, and does not hinder the others (missing.c).
 */
#include "probe/probe.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MAX_DEPTH = 32,			/* of structs within structs */
	WORD = 8,
};

/* A file that was opened for its debug information; types refer to it until the program ends. */
struct opened {
	struct opened *next;
	const char *path;
	struct elf_file *elf;
	struct known {			/* structs that were met, so that one stays one */
		const char *name;	/* or NULL: then by identity */
		const void *identity;
		uint64_t size;
		const struct type *type;
	} *known;
	size_t n_known;
};

void arguments_release(struct attach *a)
{
	for (struct opened *o = a->opened, *next; o; o = next) {
		next = o->next;
		elf_close(o->elf);
		free(o->known);
		free(o);
	}
	a->opened = NULL;
}

static struct opened *open_file(struct attach *a, const char *file)
{
	struct found_file found;
	struct elf_file *elf;
	struct opened *o;
	bool ok;

	for (o = a->opened; o; o = o->next)
		if (strcmp(o->path, file) == 0)
			return o;
	if (path_find(file, a->pid, &found) != 0)
		return NULL;
	ok = elf_open(found.kernel_path, &elf, NULL) == 0;
	found_file_release(&found);
	if (!ok)
		return NULL;
	o = mem_alloc(sizeof(*o));
	*o = (struct opened){ .next = a->opened, .path = arena_strdup(a->program->arena, file), .elf = elf };
	return a->opened = o;
}

/* The file of a point; of a glob the first that can be opened. */
static struct opened *file_of(struct attach *a, const struct attach_point *p)
{
	struct opened *o = NULL;
	glob_t g = { 0 };

	if (p->n_parts < 1)
		return NULL;
	if (strchr(p->parts[0], '@') && access(p->parts[0], F_OK) != 0)		/* FILE@SOURCE */
		return open_file(a, arena_strndup(a->program->arena, p->parts[0],
						  (size_t)(strrchr(p->parts[0], '@') - p->parts[0])));
	if (!str_is_glob(p->parts[0]))
		return open_file(a, p->parts[0]);
	if (glob(p->parts[0], 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc && !o; i++)
			o = open_file(a, g.gl_pathv[i]);
	globfree(&g);
	return o;
}

/* ---- types ---- */

struct converter {
	struct arena *arena;
	struct program *program;
	struct opened *file;
};

/* What a layout needs to fill itself. */
struct filling {
	struct converter converter;
	const struct debug_type *from;
	unsigned depth;
};

static const struct type *convert(struct converter *c, const struct debug_type *from, unsigned depth);

static struct type *new_type(struct converter *c, enum type_kind kind, uint64_t size)
{
	struct type *t = arena_alloc(c->arena, sizeof(*t));

	t->kind = kind;
	t->size = size;
	return t;
}

static bool add_member(void *ctx, const struct debug_member *m)
{
	struct layout *l = ctx;
	struct filling *f = l->fill_ctx;
	struct arena *a = f->converter.arena;
	struct debug_type_info info = debug_type_info(m->type);
	struct member *more = arena_alloc(a, (l->n_members + 1) * sizeof(*more));

	if (l->n_members)
		memcpy(more, l->members, l->n_members * sizeof(*more));
	more[l->n_members++] = (struct member){
		.name = m->name ? arena_strdup(a, m->name) : "",
		.type = convert(&f->converter, m->type, f->depth + 1),
		.offset = m->offset,
		.bit_offset = m->bit_offset,
		.bits = m->bits,
		.variant = (enum variant)m->variant,		/* the same words */
		.when = m->when,
		.gone = info.kind == DEBUG_FLOAT ? "floating point (which the language does not have)" : NULL,
	};
	l->members = more;
	return true;
}

/* The number that tells the variant of a sum type has their names. */
static void name_variants(struct arena *a, struct layout *l, struct member *number)
{
	struct enumeration *e = arena_alloc(a, sizeof(*e));
	struct type *t = arena_alloc(a, sizeof(*t));

	*e = (struct enumeration){ .name = "", .values = arena_alloc(a, l->n_members * sizeof(*e->values)) };
	for (unsigned i = 0; i < l->n_members; i++) {
		const struct member *m = &l->members[i];

		if (m->variant == VARIANT_WHEN)
			e->values[e->n++] = (struct enumerator){ m->name, m->when };
		else if (m->variant == VARIANT_ELSE)
			e->other = m->name;
	}
	*t = *number->type;
	t->enumeration = e;
	number->type = t;
}

static void fill_layout(struct layout *l)
{
	struct filling *f = l->fill_ctx;

	l->fill = NULL;
	l->complete = f->depth < MAX_DEPTH && debug_members(f->from, add_member, l);
	for (unsigned i = 0; i < l->n_members; i++)
		if (l->members[i].variant == VARIANT_NUMBER && l->members[i].type->kind == TYPE_INT)
			name_variants(f->converter.arena, l, &l->members[i]);
	if (!l->size && l->complete)
		for (unsigned i = 0; i < l->n_members; i++)
			if (l->members[i].offset + l->members[i].type->size > l->size)
				l->size = l->members[i].offset + l->members[i].type->size;
}

/* ---- is what a type was made of the same as what another function has? ----
 *
 * Two units of compilation may have a `struct foo` each, and nothing in common but the name. All is compared that the
 * program can have looked into: a layout behind a pointer only when it was filled.
 */

enum { MAX_COMPARED = 512 };

struct comparison {
	struct {
		const struct layout *layout;
		const void *identity;
	} met[MAX_COMPARED];		/* they are the same, unless a difference is found */
	unsigned n_met;
};

/* The members of one layout, in turn. */
struct members_compared {
	struct comparison *all;
	const struct layout *layout;
	unsigned next;
	bool same;
};

static bool is_same(struct comparison *c, const struct type *t, const struct debug_type *d, bool behind_pointer);

static bool is_same_member(void *ctx, const struct debug_member *m)
{
	struct members_compared *c = ctx;
	const struct member *own = c->next < c->layout->n_members ? &c->layout->members[c->next++] : NULL;

	c->same = own && strcmp(own->name, m->name ? m->name : "") == 0 && own->offset == m->offset &&
		  own->bit_offset == m->bit_offset && own->bits == m->bits &&
		  own->variant == (enum variant)m->variant && own->when == m->when &&
		  (own->variant == VARIANT_NUMBER ? own->type->size == debug_type_info(m->type).size
						  : is_same(c->all, own->type, m->type, false));
	return c->same;
}

static bool is_same_layout(struct comparison *c, const struct layout *l, const struct debug_type *d,
			   bool behind_pointer)
{
	const void *identity = debug_type_identity(d);
	struct members_compared members = { .all = c, .layout = l, .same = true };

	if (!l->fill_ctx || (behind_pointer && l->fill) || !layout_complete(l))	/* the program's own; nobody looked */
		return true;
	for (unsigned i = 0; i < c->n_met; i++)
		if (c->met[i].layout == l && c->met[i].identity == identity)
			return true;
	if (c->n_met == MAX_COMPARED)
		return false;
	c->met[c->n_met].layout = l;
	c->met[c->n_met++].identity = identity;
	return debug_members(d, is_same_member, &members) && members.same && members.next == l->n_members;
}

/* The names of an enum's values, in turn. */
struct values_compared {
	const struct enumeration *enumeration;
	unsigned next;
	bool same;
};

static bool is_same_value(void *ctx, const char *name, uint64_t value)
{
	struct values_compared *c = ctx;
	const struct enumerator *own = c->next < c->enumeration->n ? &c->enumeration->values[c->next++] : NULL;

	c->same = own && own->value == value && strcmp(own->name, name) == 0;
	return c->same;
}

static bool is_same_enumeration(const struct enumeration *e, const struct debug_type *d)
{
	struct values_compared values = { .enumeration = e, .same = true };

	debug_enumerators(d, is_same_value, &values);
	return values.same && values.next == e->n;
}

static bool is_same(struct comparison *c, const struct type *t, const struct debug_type *d, bool behind_pointer)
{
	struct debug_type_info info = d ? debug_type_info(d) : (struct debug_type_info){ 0 };
	const struct debug_type *of = d ? debug_type_of(d) : NULL;

	switch (t->kind) {
	case TYPE_POINTER:
		if (info.kind == DEBUG_FUNCTION)		/* convert() */
			return true;
		if (info.kind != DEBUG_POINTER)
			return false;
		if (of && debug_type_info(of).kind == DEBUG_ARRAY && info.is_reference)
			of = debug_type_of(of);
		return is_same(c, t->of, of, true);
	case TYPE_STRUCT:
		return (info.kind == DEBUG_STRUCT || info.kind == DEBUG_UNION) &&
		       is_same_layout(c, t->layout, d, behind_pointer);
	case TYPE_ARRAY:
		return t->size == info.size && (info.kind != DEBUG_ARRAY || is_same(c, t->of, of, behind_pointer));
	case TYPE_INT:
		return t->size == info.size && (info.kind == DEBUG_ENUM) == (t->enumeration != NULL) &&
		       (t->enumeration ? is_same_enumeration(t->enumeration, d)
				       : info.kind == DEBUG_BOOL || t->is_signed == info.is_signed);
	case TYPE_VOID:
		return true;
	default:
		return t->size == info.size;
	}
}

static bool describes(const struct type *t, const struct debug_type *d)
{
	struct comparison *c = mem_alloc(sizeof(*c));
	bool same;

	c->n_met = 0;
	same = is_same(c, t, d, false);
	free(c);
	return same;
}

static const struct type *convert_struct(struct converter *c, const struct debug_type *from,
					 const struct debug_type_info *info, unsigned depth)
{
	const struct type *own = info->name ? type_named(c->program, info->name) : NULL;
	struct opened *o = c->file;
	struct filling *f;
	struct layout *l;
	struct type *t;

	if (own && own->kind == TYPE_STRUCT && own->layout->complete)
		return own;
	for (size_t i = 0; i < o->n_known; i++)
		if (o->known[i].identity == debug_type_identity(from))
			return o->known[i].type;
	for (size_t i = 0; i < o->n_known; i++)		/* every unit describes what it uses */
		if (info->name && o->known[i].name && strcmp(o->known[i].name, info->name) == 0 &&
		    o->known[i].size == info->size && describes(o->known[i].type, from))
			return o->known[i].type;
	l = arena_alloc(c->arena, sizeof(*l));
	f = arena_alloc(c->arena, sizeof(*f));
	*f = (struct filling){ *c, from, depth };
	*l = (struct layout){ .name = info->name ? arena_strdup(c->arena, info->name) : "",
			      .is_union = info->kind == DEBUG_UNION, .size = info->size, .align = 1,
			      .fill = fill_layout, .fill_ctx = f };
	t = new_type(c, TYPE_STRUCT, info->size);
	t->layout = l;
	*MEM_PUSH(o->known, o->n_known) = (struct known){ info->name ? l->name : NULL, debug_type_identity(from),
							  info->size, t };
	return t;
}

static bool add_enumerator(void *ctx, const char *name, uint64_t value)
{
	struct enumeration *e = ctx;

	e->values = mem_grow(e->values, e->n, sizeof(*e->values));
	e->values[e->n++] = (struct enumerator){ name, value };
	return true;
}

/* *is_signed: some value is negative. */
static const struct enumeration *enumeration_of(struct arena *a, const struct debug_type *from, bool *is_signed)
{
	struct debug_type_info info = debug_type_info(from);
	struct enumeration *e = arena_alloc(a, sizeof(*e));
	struct enumerator *values;

	e->name = info.name ? arena_strdup(a, str_starts(info.name, "enum ") ? info.name + 5 : info.name) : "";
	debug_enumerators(from, add_enumerator, e);
	values = arena_alloc(a, (e->n + 1) * sizeof(*values));
	*is_signed = info.is_signed;
	for (unsigned i = 0; i < e->n; i++) {
		*is_signed |= (int64_t)e->values[i].value < 0;
		values[i] = (struct enumerator){ arena_strdup(a, e->values[i].name), e->values[i].value };
	}
	free(e->values);
	e->values = values;
	return e;
}

static const struct type *convert_enum(struct converter *c, const struct debug_type *from,
				       const struct debug_type_info *info)
{
	struct type *t = new_type(c, TYPE_INT, info->size);

	t->enumeration = enumeration_of(c->arena, from, &t->is_signed);
	return t;
}

static bool is_number_size(uint64_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* A number of two words (__int128): the language has it as an array of them. */
static bool is_wide(const struct debug_type_info *info)
{
	return info->kind == DEBUG_INT && info->size == 2 * WORD;
}

static const struct type *bytes_type(struct converter *c, uint64_t size)
{
	return type_array(c->arena, type_int(1, false), size);
}

static const struct type *convert_array(struct converter *c, const struct debug_type *from,
					const struct debug_type_info *info, unsigned depth)
{
	const struct debug_type *of = debug_type_of(from);
	struct debug_type_info element = of ? debug_type_info(of) : (struct debug_type_info){ 0 };

	if (element.kind == DEBUG_CHAR && element.size == 1)
		return type_string(c->arena, info->count);
	return type_array(c->arena, of ? convert(c, of, depth + 1) : type_int(1, false), info->count);
}

static const struct type *convert_pointer(struct converter *c, const struct debug_type *from, unsigned depth)
{
	const struct debug_type *of = debug_type_of(from);
	struct debug_type_info info = of ? debug_type_info(of) : (struct debug_type_info){ 0 };
	struct type *t;

	/* int (&a)[4] is indexed as the array, and so as a pointer to what that is made of */
	if (info.kind == DEBUG_ARRAY && debug_type_info(from).is_reference) {
		of = debug_type_of(of);
		info = of ? debug_type_info(of) : (struct debug_type_info){ 0 };
	}
	/* int8 is what a char is, when it stands alone */
	t = (struct type *)type_pointer(c->arena, info.kind == DEBUG_VOID || info.kind == DEBUG_FUNCTION ? &type_void
								: convert(c, of, depth + 1));
	t->user = true;
	return t;
}

static const struct type *convert(struct converter *c, const struct debug_type *from, unsigned depth)
{
	struct debug_type_info info = from ? debug_type_info(from) : (struct debug_type_info){ 0 };

	if (depth > MAX_DEPTH)
		return &type_void;
	switch (info.kind) {
	case DEBUG_BOOL:
		return info.size == 1 ? &type_bool : is_number_size(info.size) ? type_int((unsigned)info.size, false)
									       : bytes_type(c, info.size);
	case DEBUG_INT: case DEBUG_CHAR:
		if (is_wide(&info))
			return type_array(c->arena, type_int(WORD, false), 2);
		return is_number_size(info.size) ? type_int((unsigned)info.size, info.is_signed) : bytes_type(c, info.size);
	case DEBUG_ENUM:
		return is_number_size(info.size) ? convert_enum(c, from, &info) : bytes_type(c, info.size);
	case DEBUG_POINTER:
		return convert_pointer(c, from, depth);
	case DEBUG_ARRAY:
		return convert_array(c, from, &info, depth);
	case DEBUG_STRUCT: case DEBUG_UNION:
		return convert_struct(c, from, &info, depth);
	case DEBUG_FLOAT: case DEBUG_UNKNOWN:
		return bytes_type(c, info.size);
	case DEBUG_FUNCTION:		/* as a value there is one in Go, where it is a pointer */
		return type_pointer(c->arena, &type_void);
	case DEBUG_VOID:
		break;
	}
	return &type_void;
}

/* ---- args ---- */

/* The arguments of the functions that a point means. */
struct merging {
	struct converter converter;
	struct layout *layout;
	const char *why;		/* there are none, so far */
};

static const char *float_gone(const struct debug_variable *v)
{
	struct debug_type_info info = v->type ? debug_type_info(v->type) : (struct debug_type_info){ 0 };

	return info.kind == DEBUG_FLOAT ? "floating point (which the language does not have)"
					: v->type ? NULL : "its type is not known";
}

/* Is the name of an outer block, or of another function that declares it in the same way? */
static bool is_known(const struct layout *l, unsigned own, const char *name, const char *declared)
{
	for (unsigned i = 0; i < l->n_members; i++)
		if (strcmp(l->members[i].name, name) == 0 && (i >= own || strcmp(l->members[i].declared, declared) == 0))
			return true;
	return false;
}

/* int &n is used as a number. A reference to a struct is one to its members anyhow. */
static const struct debug_type *referred_number(const struct debug_type *t)
{
	const struct debug_type *of = t && debug_type_info(t).is_reference ? debug_type_of(t) : NULL;

	if (!of)
		return NULL;
	switch (debug_type_info(of).kind) {
	case DEBUG_INT: case DEBUG_CHAR: case DEBUG_BOOL: case DEBUG_ENUM: case DEBUG_POINTER:
		return of;
	default:
		return NULL;
	}
}

/* Does an argument's type, as add_argument() made it, describe a variable? */
static bool is_same_argument(const struct type *t, const struct debug_type *d)
{
	const struct debug_type *behind = referred_number(d);

	return describes(t, behind ? behind : d);
}

static void add_argument(struct merging *m, unsigned own, const struct debug_variable *v)
{
	struct arena *arena = m->converter.arena;
	_cleanup_(str_release) struct str declared = STR_INIT;
	const char *gone = float_gone(v);
	const struct debug_type *behind = referred_number(v->type);
	struct layout *l = m->layout;

	debug_type_print(v->type, "", &declared);
	if (!v->name || is_known(l, own, v->name, declared.s))
		return;
	l->members = mem_grow(l->members, l->n_members, sizeof(*l->members));
	l->members[l->n_members++] = (struct member){
		.name = arena_strdup(arena, v->name),
		.type = gone ? type_string(arena, strlen(gone) + 3) : convert(&m->converter, behind ? behind : v->type, 0),
		.gone = gone,
		.behind = behind != NULL,
		.declared = arena_strdup(arena, declared.s),
	};
}

static void merge(struct merging *m, const struct debug_function *f)
{
	unsigned own = m->layout->n_members;

	if (!f)
		return;
	m->why = NULL;
	for (size_t i = 0; i < f->n_variables; i++)
		if (!f->variables[i].result)
			add_argument(m, own, &f->variables[i]);
}

/* A function that is only there where it was inlined. */
static void merge_copies(struct merging *m, const char *word)
{
	struct elf_file *e = m->converter.file->elf;
	struct inline_answer a;

	inline_find(e, word, &a);
	for (size_t i = 0; i < a.n; i++)
		merge(m, inline_function(e, &a.sites[i]));
	inline_release(&a);
}

/* FUNCTION[+OFFSET], a glob of them, or an address. */
static void merge_functions(struct merging *m, const char *word)
{
	const char *plus = strrchr(word, '+');
	struct elf_file *e = m->converter.file->elf;
	unsigned long long offset = 0, address;
	struct functions found;

	if (isdigit((unsigned char)*word)) {
		if (str_to_u64(word, &address))
			merge(m, elf_debug_function(e, address, &m->why));
		return;
	}
	if (plus && plus > word && str_to_u64(plus + 1, &offset))
		word = arena_strndup(m->converter.arena, word, (size_t)(plus - word));
	if (functions_find(e, word, &found) == 0) {
		const char *why = found.n ? "" : elf_has_functions(e) ? "it has no such function" :
				  "it is stripped, and no debug file of it was found (-v tells where it was looked for)";

		for (size_t i = 0; i < found.n; i++)
			if (found.v[i].kind != SYMBOL_IMPORT)
				merge(m, elf_debug_function(e, found.v[i].address + offset, &why));
		m->why = m->why ? why : NULL;
	}
	functions_release(&found);
	if (m->why && !offset)
		merge_copies(m, word);
}

/* LINE[:COLUMN]: the functions of its places. */
static void merge_line(struct merging *m, const struct attach_point *p)
{
	unsigned long long line = 0, column = 0;
	struct elf_file *e = m->converter.file->elf;
	struct line_query q = { .file = strrchr(p->parts[0], '@') + 1 };
	const char *why = "the line has no code, or no debug information";
	struct line_answer a;

	if (!str_to_u64(p->parts[1], &line) || (p->n_parts > 2 && !str_to_u64(p->parts[2], &column)))
		return;
	q.line = (unsigned)line;
	q.column = (unsigned)column;
	lines_find(e, &q, &a);
	for (size_t i = 0; i < a.n; i++)
		merge(m, elf_debug_function(e, a.sites[i].address, &why));
	m->why = m->why ? why : NULL;
	lines_release(&a);
}

const struct layout *arguments_layout(struct attach *a, const struct attach_point *p, const char **why)
{
	struct arena *arena = a->program->arena;
	struct layout *l = arena_alloc(arena, sizeof(*l));
	struct merging m = { { arena, a->program, file_of(a, p) }, l, "the file cannot be read" };
	struct member *members;

	*l = (struct layout){ .name = "args", .complete = true, .by_name = true, .align = 1 };
	if (m.converter.file && p->n_parts > 1) {
		if (strchr(p->parts[0], '@'))
			merge_line(&m, p);
		else
			merge_functions(&m, p->parts[p->n_parts - 1]);
	}
	*why = m.why ? arena_strdup(arena, m.why) : NULL;		/* the file may be closed */
	members = arena_alloc(arena, (l->n_members + 1) * sizeof(*members));	/* they grew outside the arena */
	if (l->n_members)
		memcpy(members, l->members, l->n_members * sizeof(*members));
	free(l->members);
	l->members = members;
	return m.why ? NULL : l;
}

/* Where the one function that a point means is; 0: it means none, or several. */
static uint64_t function_address(const struct opened *o, const struct attach_point *p)
{
	struct functions found = { 0 };
	uint64_t address = 0;

	if (p->n_parts > 1 && !strchr(p->parts[0], '@') &&
	    functions_find(o->elf, p->parts[p->n_parts - 1], &found) == 0 && found.n == 1)
		address = found.v[0].address;
	functions_release(&found);
	return address;
}

const struct type *arguments_type(struct attach *a, const struct attach_point *p, const char *name, const char **why)
{
	struct opened *o = file_of(a, p);
	struct converter c = { a->program->arena, a->program, o };
	const struct debug_type *t = o ? elf_debug_type(o->elf, name, function_address(o, p), why) : NULL;

	return t ? convert(&c, t, 0) : NULL;
}

/* ---- fetches ---- */

struct finding {
	struct probe_context *c;
	const struct abi_code *code;
	const struct fetch *wanted;
	struct fetcharg *arg;
	bool followed;			/* what is fetched is not the value that is wanted, but a pointer on the way to it */
	struct fetch *instead;		/* where no variable was found: what stands for it, or NULL, reported */
};

static struct fetch *new_fetch(struct finding *f, enum fetch_kind kind, const char *text, long long n,
			       struct fetch *inner)
{
	struct fetch *new = arena_alloc(f->c->arena, sizeof(*new));

	*new = (struct fetch){ .kind = kind, .text = text, .n = n, .inner = inner, .span = f->wanted->span };
	return new;
}

/* The place at hand, in words. */
static const char *place_of(const struct finding *f)
{
	const struct inlined_site *copy = f->code->copy;
	const struct symbol *function = f->code->function;
	unsigned long long address = f->code->address;
	_cleanup_(str_release) struct str readable = STR_INIT;

	if (copy)
		return arena_fmt(f->c->arena, "%s, inlined in %s (address 0x%llx)", copy->function,
				 copy->into ? copy->into : f->code->file, address);
	if (!function || !*function->name)
		return arena_fmt(f->c->arena, "address 0x%llx of %s", address, f->code->file);
	if (!demangle(function->name, DEMANGLE_USUAL, &readable))
		str_add(&readable, function->name);
	return arena_fmt(f->c->arena, address == function->address ? "%s" : "%s+%llu", readable.s,
			 address - function->address);
}

/* The words before the parenthesis: "optimized out (the compiler has removed it)". */
static const char *in_short(const struct finding *f, const char *why)
{
	const char *end = strstr(why, " (");

	return end && end - why < 20 ? arena_strndup(f->c->arena, why, (size_t)(end - why)) : "not available";
}

/* Why a variable cannot be had is no reason to do without the others. */
static struct fetch *cannot(struct finding *f, const char *name, const char *why)
{
	missing_note(f->c, f->wanted->span, name, why, place_of(f), false);
	f->arg->absent = in_short(f, why);
	return new_fetch(f, FETCH_IMM, "0", 0, NULL);
}

/* The function at the site has no such argument, but others of the definition may. Who asks for all of them gets
 * those that there are. */
static struct fetch *not_here(struct finding *f, const char *name, const char *why)
{
	if (!f->wanted->of_all)
		missing_note(f->c, f->wanted->span, name, why, place_of(f), true);
	f->arg->absent = ABSENT_UNKNOWN;
	return new_fetch(f, FETCH_IMM, "0", 0, NULL);
}

static struct fetch *mistake(struct finding *f, const char *name, const char *why)
{
	diag_error(f->c->diags, f->wanted->span, "'%s' cannot be fetched at %s: %s", name, place_of(f), why);
	return NULL;
}

/* What is wanted is not what the variable is, at this place: another one of the definition may have it in memory. */
static struct fetch *unfit(struct finding *f, const char *name, const char *why)
{
	return f->code->optional || f->wanted->of_all ? cannot(f, name, why) : mistake(f, name, why);
}

/* Is it memory that is wanted, and not a number? */
static bool wants_memory(const struct finding *f)
{
	return !f->followed && (f->arg->bytes || (f->arg->type && fetch_type_parse(f->arg->type).base == BASE_STRING));
}

static bool wants_text(const struct finding *f)
{
	return !f->arg->bytes && wants_memory(f);
}

static bool has_members(const struct debug_type *t)
{
	enum debug_kind kind = t ? debug_type_info(t).kind : DEBUG_UNKNOWN;

	return kind == DEBUG_STRUCT || kind == DEBUG_UNION;
}

/* How many bytes the whole wants of the variable. */
static uint64_t wanted_bytes(const struct finding *f)
{
	struct fetch_type t = fetch_type_parse(f->arg->type ? f->arg->type : "x64");

	return f->arg->bytes ? f->arg->bytes : (uint64_t)t.size * (t.count ? t.count : 1);
}

/* A part of a register that does not begin where it does. */
static struct fetch *part_of_register(struct finding *f, const char *name, const struct debug_piece *p, uint64_t at)
{
	struct fetch_type t = fetch_type_parse(f->arg->type ? f->arg->type : "x64");
	unsigned width, first, size;

	if (f->arg->narrow && sscanf(f->arg->narrow, "b%u@%u/%u", &width, &first, &size) == 3)
		f->arg->narrow = arena_fmt(f->c->arena, "b%u@%u/64", width, (unsigned)at * 8 + first);
	else if (f->followed || t.count || at + t.size > WORD)
		return unfit(f, name, "this part of it is in two registers");
	else
		f->arg->narrow = arena_fmt(f->c->arena, "b%u@%u/64", t.size * 8, (unsigned)at * 8);
	return new_fetch(f, FETCH_REG, p->reg, 0, NULL);
}

static struct fetch *in_memory(struct finding *f, const struct debug_piece *p, uint64_t at)
{
	struct fetch *from = p->reg ? new_fetch(f, FETCH_REG, p->reg, 0, NULL) : NULL;
	unsigned i = 0;

	if (!from)
		from = new_fetch(f, FETCH_AT, arena_fmt(f->c->arena, "+%lld", (long long)p->steps[i++]), 0, NULL);
	for (; i < p->n_steps; i++)
		from = new_fetch(f, FETCH_DEREF, NULL, p->steps[i], from);
	from->n += (long long)at;
	return from;
}

/* The word of the variable that begins at `at`: 8 bytes, or what is left of a piece. NULL: there is none for itself, or
 * the last piece ends before it. */
static struct fetch *fetch_word(struct finding *f, const struct debug_variable *v, uint64_t at, unsigned *bytes)
{
	const struct debug_piece *p = v->pieces, *end = p + v->n_pieces;
	uint64_t size = v->type ? debug_type_info(v->type).size : 0, left = at < size ? size - at : 0;

	for (; p < end && at >= p->size; p++)
		at -= p->size;
	*bytes = p + 1 < end && p->size - at < WORD ? (unsigned)(p->size - at) : WORD;
	if (p == end || p->first || !is_number_size(*bytes) ||
	    (p + 1 == end && p->size - at < (left < WORD ? left : WORD)))
		return NULL;
	switch (p->where) {
	case DEBUG_REGISTER:
		return at ? NULL : new_fetch(f, FETCH_REG, p->reg, 0, NULL);
	case DEBUG_MEMORY:
		return p->reg ? in_memory(f, p, at) : NULL;
	case DEBUG_CONSTANT:
		return at ? NULL : new_fetch(f, FETCH_IMM, arena_fmt(f->c->arena, "%lld", (long long)p->steps[0]), 0,
					     NULL);
	case DEBUG_NOWHERE:
		break;
	}
	return NULL;
}

/* The first word of the bytes that are wanted, where these are in registers or in several pieces; the others become
 * arg->further. NULL: they are not. */
static struct fetch *fetch_words(struct finding *f, const struct debug_variable *v, uint64_t at)
{
	unsigned char sizes[FETCH_WORDS] = { 0 };
	struct fetch *words[FETCH_WORDS] = { NULL };
	unsigned n = 0, bytes;

	if (v->n_pieces == 1 && v->pieces[0].where != DEBUG_REGISTER)
		return NULL;
	for (unsigned done = 0; done < f->arg->bytes; done += bytes) {
		if (n == FETCH_WORDS || !(words[n] = fetch_word(f, v, at + done, &bytes)))
			return NULL;
		sizes[n++] = (unsigned char)bytes;
	}
	memcpy(f->arg->further, words + 1, sizeof(words) - sizeof(*words));
	memcpy(f->arg->word_bytes, sizes, sizeof(sizes));
	return words[0];
}

/* Is it a bitfield at the end of a small struct, whose unit would reach behind it? */
static bool is_end_of_register(const struct finding *f, const struct debug_variable *v, uint64_t at)
{
	const struct debug_piece *p = v->pieces;

	return v->n_pieces == 1 && p->where == DEBUG_REGISTER && has_members(v->type) && at && !f->followed &&
	       !f->arg->narrow && !wants_memory(f) && debug_type_info(v->type).size == p->size &&
	       at + wanted_bytes(f) > p->size;
}

static const char *why_nowhere(const struct debug_piece *p)
{
	return p->gone ? p->gone : "optimized out (the compiler has removed this part of it)";
}

/* More is wanted than one piece has. */
static struct fetch *in_several_places(struct finding *f, const struct debug_variable *v)
{
	for (unsigned i = 0; i < v->n_pieces; i++)
		if (v->pieces[i].where == DEBUG_NOWHERE)
			return cannot(f, v->name, why_nowhere(&v->pieces[i]));
	return unfit(f, v->name, v->n_pieces > 1 ? "it is in several places: fetch its members"
						 : "fewer bytes of it are there than are wanted");
}

/* The variable's bytes from `at` on. */
static struct fetch *fetch_variable(struct finding *f, const struct debug_variable *v, uint64_t at)
{
	const struct debug_piece *p = v->pieces;
	const char *name = v->name;
	struct fetch *words;

	if (v->gone)
		return cannot(f, name, v->gone);
	words = !f->followed && f->arg->bytes ? fetch_words(f, v, at) : NULL;
	if (words)
		return words;
	for (unsigned i = 0; i + 1 < v->n_pieces && at >= p->size; i++, p++)
		at -= p->size;
	if (at >= p->size)
		return cannot(f, name, "optimized out (the compiler has removed this part of it)");
	if (is_end_of_register(f, v, at))
		f->arg->narrow = arena_fmt(f->c->arena, "b%u@0/64", (unsigned)(p->size - at) * 8);
	if (!f->followed && at + wanted_bytes(f) > p->size && !f->arg->narrow && !wants_text(f))
		return in_several_places(f, v);
	switch (p->where) {
	case DEBUG_REGISTER:
		if (wants_memory(f))
			return unfit(f, name, has_members(v->type) ? "it is in a register: fetch its members"
								   : "it is a number in a register, and no text");
		at += p->first;
		return at || (f->arg->narrow && f->arg->narrow[0] == 'b') ? part_of_register(f, name, p, at)
									  : new_fetch(f, FETCH_REG, p->reg, 0, NULL);
	case DEBUG_MEMORY:
		if (!p->reg && p->n_steps == 1)
			return unfit(f, name, "it is a variable at a fixed address: write uaddr()");
		return in_memory(f, p, at);
	case DEBUG_CONSTANT:
		if (f->followed || wants_memory(f))
			return cannot(f, name, "it is a constant there, and the kernel cannot follow one");
		return new_fetch(f, FETCH_IMM, arena_fmt(f->c->arena, "%lld", (long long)(p->steps[0] >> at * 8)), 0, NULL);
	case DEBUG_NOWHERE:
		break;
	}
	return cannot(f, name, why_nowhere(p));
}

static const struct debug_variable *find_variable(const struct debug_function *f, const char *name)
{
	for (size_t i = 0; i < f->n_variables; i++)
		if (f->variables[i].name && strcmp(f->variables[i].name, name) == 0)
			return &f->variables[i];
	return NULL;
}

static void no_variable(struct finding *f, const struct debug_function *in, const char *name)
{
	struct str_closest near = { .word = name };

	for (size_t i = 0; i < in->n_variables; i++)
		if (in->variables[i].name)
			str_closest_try(&near, in->variables[i].name);
	diag_error(f->c->diags, f->wanted->span, "%s has no argument '%s'", in->name ? in->name : "the function", name);
	if (near.best)
		diag_hint(f->c->diags, "did you mean '%s'?", near.best);
	else
		diag_hint(f->c->diags, "`trapline -lv` shows its arguments");
	free(near.best);
}

/* NULL, and *why, a clause. */
static const struct debug_function *function_of(const struct abi_code *code, const char **why)
{
	*why = "it is not described there (that needs debug information: debug = 2, or -g)";
	return code->copy ? inline_function(code->elf, code->copy) : elf_debug_function(code->elf, code->address, why);
}

/* Debug files that were found, and were of no use. */
static void hint_refused(const struct finding *f)
{
	const struct debug_source *sources;
	size_t n = elf_debug_sources(f->code->elf, &sources);

	for (size_t i = 0; i < n; i++)
		if (sources[i].problem && !sources[i].missing)
			diag_hint(f->c->diags, "%s is not used: %s", sources[i].path, sources[i].problem);
}

/* Why the variable is not what a program takes the name for, by another function that has it; NULL: it is. */
static const char *is_another(const struct finding *f, const struct debug_variable *v)
{
	_cleanup_(str_release) struct str declared = STR_INIT;

	debug_type_print(v->type, "", &declared);
	if (f->wanted->declared && strcmp(f->wanted->declared, declared.s) != 0)
		return "it has another type there";
	if (f->wanted->as && !is_same_argument(f->wanted->as, v->type))
		return "its type has the same name there, but other members: give that function a probe of its own";
	return NULL;
}

static const char *no_such(const struct debug_function *in)
{
	return in->n_variables ? "there is no argument of that name"
			       : "no arguments are described there (that needs debug = 2, or -g)";
}

static const struct debug_variable *variable_named(struct finding *f, const char *name)
{
	const char *why;
	const struct debug_function *in = function_of(f->code, &why);
	const struct debug_variable *v = in ? find_variable(in, name) : NULL;
	const char *another = v ? is_another(f, v) : NULL;

	if (v && !another)
		return v;
	if (v || f->code->optional) {
		f->instead = not_here(f, name, v ? another : in ? no_such(in) : why);
		return NULL;
	}
	if (in) {
		no_variable(f, in, name);
		return NULL;
	}
	diag_error(f->c->diags, f->wanted->span, "%s has no arguments by name: %s", f->code->file, why);
	diag_hint(f->c->diags, "name them by their numbers");
	hint_refused(f);
	return NULL;
}

bool arguments_know(const struct abi_code *code, const char *name)
{
	const char *why;
	const struct debug_function *f = function_of(code, &why);

	return f && find_variable(f, name);
}

struct fetch *arguments_fetch(struct probe_context *c, const struct abi_code *code, const struct fetch *wanted,
			      struct fetcharg *arg)
{
	struct finding f = { c, code, wanted, arg, arg->fetch != wanted, NULL };
	const struct debug_variable *v = variable_named(&f, wanted->text);

	if (v && !v->gone && float_gone(v))
		return cannot(&f, v->name, float_gone(v));
	return v ? fetch_variable(&f, v, (uint64_t)wanted->n) : f.instead;
}

/* An argument by number is as wide as a word, but the variable may not be: what stands beside it is not its. */
static void narrow_to(struct finding *f, const struct debug_variable *v)
{
	struct debug_type_info info = v->type ? debug_type_info(v->type) : (struct debug_type_info){ 0 };

	if (!f->followed && !wants_memory(f) && !f->arg->narrow && (info.size == 1 || info.size == 2 || info.size == 4) &&
	    info.size < wanted_bytes(f))
		f->arg->narrow = arena_fmt(f->c->arena, "%c%u", info.is_signed ? 's' : 'u', (unsigned)info.size * 8);
}

struct fetch *arguments_of_copy(struct probe_context *c, const struct abi_code *code, const struct fetch *wanted,
				struct fetcharg *arg)
{
	struct finding f = { c, code, wanted, arg, arg->fetch != wanted, NULL };
	const struct debug_function *in = inline_function(code->elf, code->copy);
	const char *name = in && wanted->n > 0 ? inline_parameter(code->elf, code->copy, (unsigned)wanted->n) : NULL;
	const struct debug_variable *v = name ? find_variable(in, name) : NULL;

	if (v) {
		narrow_to(&f, v);
		return fetch_variable(&f, v, 0);
	}
	return cannot(&f, arena_fmt(c->arena, "$arg%lld", wanted->n),
		      "the debug information has no such argument there (it needs debug = 2, or -g)");
}

/* ---- what a definition writes: $path, $p->list[2].n ---- */

/* A way through variables and memory that was gone so far. */
struct way {
	struct finding f;
	const char *p;			/* the rest of the text */
	const char *done;		/* what was read of it, for messages */
	const struct debug_variable *variable;
	struct fetch *pointer;		/* NULL: at bytes of the variable; else at bytes from where it points */
	long long at;
	const struct debug_type *type;
	unsigned bit_offset, bits;
	bool is_half;			/* at a word of a number of two */
};

static struct fetch *value_of(struct way *w)
{
	return w->pointer ? new_fetch(&w->f, FETCH_DEREF, NULL, w->at, w->pointer)
			  : fetch_variable(&w->f, w->variable, (uint64_t)w->at);
}

static bool complain(struct way *w, const char *what)
{
	return diag_error(w->f.c->diags, w->f.wanted->span, "'%.*s' %s", (int)(w->p - w->done), w->done, what);
}

/* Goes to what the value points to. */
static bool follow_pointer(struct way *w)
{
	bool last = w->f.followed;

	w->f.followed = true;
	w->pointer = value_of(w);
	w->at = 0;
	w->type = debug_type_of(w->type);
	w->f.followed = last;
	return w->pointer && (w->type || complain(w, "points to nothing that is known"));
}

/* What stands behind a reference's name goes on from what it refers to: s[1] of a char *&s is a char. */
static bool follow_reference(struct way *w)
{
	return !debug_type_info(w->type).is_reference || follow_pointer(w);
}

/* A star binds less than what stands behind the name. That of a reference to a number may be left away. */
static bool follow_star(struct way *w)
{
	const struct debug_type *number = referred_number(w->type);

	if (number && debug_type_info(number).kind == DEBUG_POINTER && !follow_reference(w))
		return false;
	return debug_type_info(w->type).kind == DEBUG_POINTER ? follow_pointer(w) : complain(w, "is no pointer");
}

struct wanted_member {
	const char *name;
	struct str_closest near;
	bool found;
	struct debug_member member;
	unsigned depth;
	int64_t base;
};

/* Members of unnamed structs count as the outer one's. */
static bool is_member(void *ctx, const struct debug_member *m)
{
	struct wanted_member *w = ctx;
	int64_t base = w->base;

	if (m->name && strcmp(m->name, w->name) == 0) {
		w->found = true;
		w->member = *m;
		w->member.offset += (uint64_t)base;
		return false;
	}
	if (m->name) {
		str_closest_try(&w->near, m->name);
	} else if (w->depth++ < MAX_DEPTH) {
		w->base += (int64_t)m->offset;
		debug_members(m->type, is_member, w);
		w->base = base;
		w->depth--;
	}
	return !w->found;
}

/* member = ("->" | ".") NAME */
static bool go_to_member(struct way *w)
{
	const char *name = w->p + (*w->p == '-' ? 2 : 1);
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	struct wanted_member m = { .name = arena_strndup(w->f.c->arena, name, n) };
	enum debug_kind kind = debug_type_info(w->type).kind;

	m.near.word = m.name;
	if (kind == DEBUG_POINTER && !follow_pointer(w))
		return false;
	kind = debug_type_info(w->type).kind;
	if (kind != DEBUG_STRUCT && kind != DEBUG_UNION)
		return complain(w, "is no struct");
	if (!debug_members(w->type, is_member, &m))
		return complain(w, "is a struct whose members are not known");
	if (!m.found) {
		diag_error(w->f.c->diags, w->f.wanted->span, "%s has no member '%s'", debug_type_info(w->type).name ?
			   debug_type_info(w->type).name : "the struct", m.name);
		if (m.near.best)
			diag_hint(w->f.c->diags, "did you mean '%s'?", m.near.best);
		free(m.near.best);
		return false;
	}
	free(m.near.best);
	w->p = name + n;
	w->at += (long long)m.member.offset;
	w->type = m.member.type;
	w->bit_offset = m.member.bit_offset;
	w->bits = m.member.bits;
	return true;
}

/* element = "[" N "]" */
static bool go_to_element(struct way *w)
{
	struct debug_type_info info = debug_type_info(w->type);
	enum debug_kind kind = info.kind;
	char *end;
	long long n = strtoll(w->p + 1, &end, 0);

	if (end == w->p + 1 || *end != ']')
		return complain(w, "is followed by an index that is no number");
	if (is_wide(&info) && !w->is_half) {
		w->is_half = true;
		w->at += n * WORD;
		w->p = end + 1;
		return n == 0 || n == 1 || complain(w, "has two halves, [0] and [1]");
	}
	if (kind == DEBUG_POINTER ? !follow_pointer(w) : kind != DEBUG_ARRAY)
		return kind == DEBUG_POINTER ? false : complain(w, "is neither an array nor a pointer");
	/* Arrays of none or one are an old way to write those without bounds. */
	if (kind == DEBUG_ARRAY && info.count > 1 && (n < 0 || (uint64_t)n >= info.count))
		return complain(w, arena_fmt(w->f.c->arena, "has %llu elements, and no [%lld]",
					     (unsigned long long)info.count, n));
	if (kind == DEBUG_ARRAY)
		w->type = debug_type_of(w->type);
	if (!w->type || !debug_type_info(w->type).size)
		return complain(w, "has elements whose size is not known");
	w->at += n * (long long)debug_type_info(w->type).size;
	w->p = end + 1;
	return true;
}

/* One step: member | element. */
static bool go_on(struct way *w)
{
	if (!follow_reference(w))
		return false;
	if (*w->p == '[')
		return go_to_element(w);
	return *w->p == '.' || str_starts(w->p, "->") ? go_to_member(w)
						      : complain(w, "is followed by what no C expression has there");
}

static const char *number_type(struct way *w, const struct debug_type_info *info)
{
	return arena_fmt(w->f.c->arena, "%c%u", info->kind == DEBUG_FLOAT ? 'x' : info->is_signed ? 's' : 'u',
			 (unsigned)info->size * 8);
}

/* The bits are cut out by the kernel, of a number that is wide enough for them. */
static struct fetch *bit_field(struct way *w, const struct debug_type_info *info)
{
	unsigned size = (w->bit_offset + w->bits + 7) / 8;

	size = size <= 1 ? 1 : size <= 2 ? 2 : size <= 4 ? 4 : 8;
	if (!w->f.arg->type)
		w->f.arg->type = arena_fmt(w->f.c->arena, "%c%u", info->is_signed ? 's' : 'u', size * 8);
	w->f.arg->narrow = arena_fmt(w->f.c->arena, "b%u@%u/%u", w->bits, w->bit_offset, size * 8);
	w->f.arg->sign_bits = info->is_signed && w->bits < 64 ? w->bits : 0;
	return value_of(w);
}

static struct fetch *char_array(struct way *w, const struct debug_type_info *info)
{
	w->f.arg->type = w->f.arg->type ? w->f.arg->type : "string";
	w->f.arg->limit = (unsigned)info->count;
	w->f.arg->exact = true;
	return value_of(w);
}

/* At its end the way is fetched as the type says, when the user has not said it. */
static struct fetch *arrive(struct way *w)
{
	struct debug_type_info info = debug_type_info(w->type), element = { 0 };
	struct fetcharg *arg = w->f.arg;
	bool text = arg->type && fetch_type_parse(arg->type).base == BASE_STRING, is_signed;

	if (info.is_reference && (!arg->type || referred_number(w->type))) {
		if (!follow_pointer(w))
			return NULL;
		info = debug_type_info(w->type);
	}
	if (info.kind == DEBUG_ARRAY && debug_type_of(w->type))
		element = debug_type_info(debug_type_of(w->type));
	if (text && info.kind == DEBUG_POINTER)
		return follow_pointer(w) ? value_of(w) : NULL;
	if (element.kind == DEBUG_CHAR && element.size == 1 && (text || !arg->type))
		return char_array(w, &info);
	if (arg->type)
		return value_of(w);
	if (info.kind == DEBUG_ENUM) {
		arg->enumeration = enumeration_of(w->f.c->arena, w->type, &is_signed);
		info.is_signed |= is_signed;
	}
	if (w->bits)
		return bit_field(w, &info);
	if (w->is_half) {
		arg->type = "u64";
		return value_of(w);
	}
	if (is_wide(&info)) {
		if (w->f.wanted->of_all)
			return cannot(&w->f, w->variable->name, "16 bytes (name its halves, [0] and [1])");
		complain(w, "is a number of 16 bytes: name its halves, [0] and [1]");
		return NULL;
	}
	switch (info.kind) {
	case DEBUG_INT: case DEBUG_CHAR: case DEBUG_BOOL: case DEBUG_ENUM: case DEBUG_FLOAT:
		if (!is_number_size(info.size))
			break;
		arg->type = number_type(w, &info);
		arg->is_float = info.kind == DEBUG_FLOAT;
		return value_of(w);
	case DEBUG_POINTER:
		arg->type = info.size == 4 ? "x32" : "x64";
		return value_of(w);
	case DEBUG_ARRAY:
		if ((element.kind != DEBUG_INT && element.kind != DEBUG_CHAR && element.kind != DEBUG_ENUM) ||
		    element.size > WORD || !info.count || info.count > 64)
			break;
		arg->type = arena_fmt(w->f.c->arena, "%s[%u]", number_type(w, &element), (unsigned)info.count);
		if (element.kind == DEBUG_ENUM)
			arg->enumeration = enumeration_of(w->f.c->arena, debug_type_of(w->type), &is_signed);
		return value_of(w);
	case DEBUG_STRUCT: case DEBUG_UNION:
		if (w->f.wanted->of_all)
			return cannot(&w->f, w->variable->name, "struct (name its members)");
		complain(w, "is a struct: name a member of it");
		return NULL;
	default:
		break;
	}
	if (w->f.wanted->of_all)
		return cannot(&w->f, w->variable->name, "its type has no fetch of the kernel's: name it with a type, as in :x64[4]");
	complain(w, "has a type that the kernel has no fetch for: say one, as in :x64[4]");
	return NULL;
}

/* $p as the pointer of +8($p). */
static struct fetch *pointer_at(struct way *w)
{
	struct debug_type_info info = debug_type_info(w->type);

	if (!w->bits && (info.kind == DEBUG_POINTER || (info.kind == DEBUG_INT && info.size == WORD)))
		return value_of(w);
	complain(w, "is no pointer that could be followed");
	return NULL;
}

struct fetch *arguments_expression(struct probe_context *c, const struct abi_code *code, const struct fetch *wanted,
				   struct fetcharg *arg)
{
	struct way w = { .f = { c, code, wanted, arg, arg->fetch != wanted, NULL }, .p = wanted->text + (*wanted->text == '$') };
	size_t stars = strspn(w.p, "*"), n;

	w.p += stars;
	n = strcspn(w.p, "-.[");
	w.done = w.p;
	w.variable = variable_named(&w.f, arena_strndup(c->arena, w.p, n));
	if (!w.variable)
		return w.f.instead;
	w.type = w.variable->type;
	w.p += n;
	if (!w.type)
		return cannot(&w.f, w.variable->name, "its type is not known");
	while (*w.p)
		if (!go_on(&w))
			return NULL;
	while (stars-- > 0)
		if (!follow_star(&w))
			return NULL;
	return w.f.followed ? pointer_at(&w) : arrive(&w);
}

/* ---- $args ---- */

/* Parameter n, as a fetch of its own. A name that the kernel does not take is cut, and told apart by its number. */
static struct fetcharg *parameter(struct probe_context *c, const struct fetcharg *all, const char *name, size_t n)
{
	struct fetcharg *one = arena_alloc(c->arena, sizeof(*one));

	*one = *all;
	one->name = fetcharg_name_fits(name) ? arena_strdup(c->arena, name)
					     : arena_fmt(c->arena, "%.24s_%zu", name, n + 1);
	one->fetch = arena_alloc(c->arena, sizeof(*one->fetch));
	*one->fetch = (struct fetch){ .kind = FETCH_NAME, .text = arena_strdup(c->arena, name), .of_all = true,
				      .span = all->span };
	return one;
}

bool arguments_all(struct probe_context *c, const struct abi_code *code, const struct fetcharg *all,
		   void (*fn)(void *ctx, struct fetcharg *one), void *ctx)
{
	const char *why;
	const struct debug_function *f = function_of(code, &why);

	if (all->name || all->type)
		return diag_error(c->diags, all->span, "$args is several values: it has no name, and no type");
	if (!f)
		return diag_error(c->diags, all->span, "%s has no arguments by name: %s", code->file, why);
	for (size_t i = 0; i < f->n_variables; i++)
		if (f->variables[i].parameter && f->variables[i].name && str_is_ident(f->variables[i].name))
			fn(ctx, parameter(c, all, f->variables[i].name, i));
	return true;
}

/* ---- for people ---- */

/* A line of what a file's strangers wrote. */
static void add_line(struct str *out, const char *before, const struct str *line)
{
	str_add(out, before);
	str_add_scrubbed(out, line->s, line->len, 0);
	str_addc(out, '\n');
}

static void describe_piece(const struct debug_piece *p, struct str *out)
{
	unsigned i = 0;

	switch (p->where) {
	case DEBUG_REGISTER:
		str_addf(out, "%%%s", p->reg);
		if (p->first)
			str_addf(out, " from byte %u on", p->first);
		return;
	case DEBUG_CONSTANT:
		str_addf(out, "the constant %lld", (long long)p->steps[0]);
		return;
	case DEBUG_NOWHERE:
		str_add(out, p->gone ? p->gone : "nowhere");
		return;
	case DEBUG_MEMORY:
		break;
	}
	for (i = p->n_steps; i-- > !p->reg;)
		str_addf(out, "%+lld(", (long long)p->steps[i]);
	if (p->reg)
		str_addf(out, "%%%s", p->reg);
	else
		str_addf(out, "0x%llx", (unsigned long long)p->steps[0]);
	for (i = !p->reg; i < p->n_steps; i++)
		str_addc(out, ')');
}

static void describe_variable(const struct debug_variable *v, struct str *out)
{
	_cleanup_(str_release) struct str line = STR_INIT;

	debug_type_print(v->type, v->name ? v->name : "", &line);
	if (v->gone)
		str_addf(&line, ": %s", v->gone);
	for (unsigned i = 0; i < v->n_pieces && !v->gone; i++) {
		str_add(&line, i ? ", " : " in ");
		describe_piece(&v->pieces[i], &line);
	}
	if (v->remark)
		str_addf(&line, " (%s)", v->remark);
	add_line(out, "        ", &line);
}

static void add_variable(const struct debug_variable *v, unsigned n, struct str *out)
{
	str_add(out, n ? ", " : "");
	debug_type_print(v->type, v->name ? v->name : "", out);
}

/* Go's results: (string ~r0, int ~r1). */
static void add_results(const struct debug_function *f, struct str *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n_variables; i++)
		if (f->variables[i].result) {
			str_add(out, n ? "" : " (");
			add_variable(&f->variables[i], n++, out);
		}
	str_add(out, n ? ")" : "");
}

static void add_prototype(const struct debug_function *f, struct str *out)
{
	_cleanup_(str_release) struct str head = STR_INIT, line = STR_INIT, results = STR_INIT;
	unsigned n = 0;

	add_results(f, &results);
	str_addf(&head, "%s(", f->name ? f->name : "");
	for (size_t i = 0; i < f->n_variables; i++)
		if (f->variables[i].parameter)
			add_variable(&f->variables[i], n++, &head);
	str_addf(&head, "%s)", f->variadic ? n ? ", ..." : "..." : n ? "" : "void");
	if (results.len)
		str_addf(&line, "%s%s", head.s, results.s);
	else if (f->result && !f->prototyped && debug_type_info(f->result).kind == DEBUG_VOID)
		str_addf(&line, "%s: written in assembly, of its arguments nothing is told", f->name ? f->name : "");
	else
		debug_type_print(f->result, head.s, &line);
	if (f->file)
		str_addf(&line, f->line ? ", %s:%u" : ", %s", f->file, f->line);	/* Go's old compilers tell no line */
	add_line(out, "    ", &line);
}

void arguments_describe(struct elf_file *elf, uint64_t address, const struct inlined_site *copy, struct str *out)
{
	const char *why = NULL;
	const struct debug_function *f = copy ? inline_function(elf, copy) : elf_debug_function(elf, address, &why);

	if (!f) {
		str_addf(out, "    arguments by name: none, %s\n", why ? why : "they are not described there");
		return;
	}
	if (!copy)
		add_prototype(f, out);
	for (size_t i = 0; i < f->n_variables; i++)
		if (f->variables[i].parameter)
			describe_variable(&f->variables[i], out);
}

/* A layout that is being written: offsets of unnamed structs' members count from the outermost's begin, as names do. */
struct layout_text {
	struct str *out;
	unsigned depth;
	uint64_t base;
};

static void add_place(struct str *line, const struct layout_text *t, const struct debug_member *m)
{
	unsigned column = 44 - 4 * t->depth;

	str_addf(line, ";%*s/* %llu", line->len < column ? (int)(column - line->len) : 1, "",
		 (unsigned long long)(t->base + m->offset));
	if (m->bits)
		str_addf(line, ", bit %u", m->bit_offset);
	str_addf(line, ", size %llu", (unsigned long long)debug_type_info(m->type).size);
	if (m->is_base)
		str_add(line, ", what it inherits");
	if (m->variant == DEBUG_VARIANT_WHEN)
		str_addf(line, ", when variant is %lld", (long long)m->when);
	else if (m->variant == DEBUG_VARIANT_ELSE)
		str_add(line, ", else");
	str_add(line, " */");
}

static const char *indent(unsigned depth)
{
	static const char blanks[] = "                                ";

	return depth * 4 < sizeof(blanks) ? blanks + sizeof(blanks) - 1 - depth * 4 : blanks;
}

static bool print_member(void *ctx, const struct debug_member *m);

/* struct { ... } name; the members of a type without a name stand where it is used. */
static void print_unnamed(const struct layout_text *t, const struct debug_member *m, bool is_union)
{
	struct layout_text inner = { t->out, t->depth + 1, t->base + m->offset };
	_cleanup_(str_release) struct str line = STR_INIT;

	str_addf(t->out, "%s%s {\n", indent(t->depth), is_union ? "union" : "struct");
	debug_members(m->type, print_member, &inner);
	str_addf(&line, "}%s%s", m->name ? " " : "", m->name ? m->name : "");
	add_place(&line, t, m);
	add_line(t->out, indent(t->depth), &line);
}

static bool print_member(void *ctx, const struct debug_member *m)
{
	const struct layout_text *t = ctx;
	struct debug_type_info info = debug_type_info(m->type);
	bool is_struct = info.kind == DEBUG_STRUCT || info.kind == DEBUG_UNION;
	_cleanup_(str_release) struct str line = STR_INIT;

	if (is_struct && t->depth < 8 &&
	    (m->variant >= DEBUG_VARIANT_WHEN || (!info.name && !debug_type_is_named(m->type)))) {
		print_unnamed(t, m, info.kind == DEBUG_UNION);
		return true;
	}
	str_clear(&line);
	debug_type_print(m->type, m->name ? m->name : "", &line);
	if (m->bits)
		str_addf(&line, " : %u", m->bits);
	add_place(&line, t, m);
	add_line(t->out, indent(t->depth), &line);
	return true;
}

static bool print_enumerator(void *ctx, const char *name, uint64_t value)
{
	_cleanup_(str_release) struct str line = STR_INIT;

	str_addf(&line, "%s = %lld,", name, (long long)value);
	add_line(ctx, "    ", &line);
	return true;
}

bool arguments_print_type(struct elf_file *elf, const char *name, struct str *out, const char **why)
{
	const struct debug_type *t = elf_debug_type(elf, name, 0, why);
	struct debug_type_info info = t ? debug_type_info(t) : (struct debug_type_info){ 0 };

	if (!t)
		return false;
	str_addf(out, "%s", name);
	if (info.kind == DEBUG_STRUCT || info.kind == DEBUG_UNION || info.kind == DEBUG_ENUM) {
		str_add(out, " {\n");
		if (info.kind == DEBUG_ENUM)
			debug_enumerators(t, print_enumerator, out);
		else
			debug_members(t, print_member, &(struct layout_text){ out, 1, 0 });
		str_add(out, "}");
	}
	str_addf(out, "; /* size %llu */\n", (unsigned long long)info.size);
	return true;
}
