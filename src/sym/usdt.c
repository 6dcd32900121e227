/* usdt.c - static probes of programs (USDT, STAP_PROBE, DTRACE_PROBE): the notes of .note.stapsdt.
 *
 * Who puts a probe into a program writes STAP_PROBE2(postgresql, query__start, text, len), and the compiler makes
 * two things of it: a `nop` at that place, which costs nothing until a breakpoint takes its place; and a note in a
 * section that is never loaded (`readelf -n`), which says where the nop is and where the values are just then:
 *
 *	words		the nop's address, the base's, the semaphore's (0: none)
 *	strings		provider, name, operands:	"postgresql" "query__start" "8@%rax -4@-20(%rbp)"
 *
 * The base is the address that the section .stapsdt.base had when the note was written. prelink moves whole files
 * and leaves notes alone: where the section has moved by, the other two addresses have moved, too.
 *
 * The semaphore is a counter of two bytes in the program's data. Where computing the values is expensive the program
 * asks it first, and runs past the probe while it is 0. The kernel counts it up, in each process that maps the file,
 * when it is told where in the file it is.
 *
 * An operand is SIZE@PLACE: so many bytes, negative for a signed number, with an f behind for a floating one. The
 * place is what the compiler would write into an assembler's instruction, and so each machine has its own spelling
 * (struct operand_syntax, a column of arch.c). What there can be, on x86:
 *
 *	%rax  %r13d  %dil		a register; the size says how much of it
 *	$5  $-1  $table+8		a constant; the address of a symbol is one in files that are not moved
 *	-20(%rbp)  (%rbx)		memory at a distance from a register
 *	40+stats(%rip)  stats+40(%rip)	a variable, in two compilers' spellings
 *	stats+8(%rsi)  stats		the same in files that are not moved
 *	x@GOTPCREL(%rip)		the word in which the dynamic linker keeps the address of x
 *	8(%rax,%rcx,4)			base and index: the kernel cannot add registers
 *	%fs:x@tpoff			a variable of the thread: the kernel cannot tell where its memory is
 *
 * The form of notes and operands is the wiki of SystemTap's (UserSpaceProbeImplementation) and its sys/sdt.h.
 */
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "sym/internal.h"

#define SECTION ".note.stapsdt"

enum { NOTE_TYPE = 3, MAX_BYTES = 8 };

/* A symbol that operands may name. */
struct variable {
	const char *name;
	uint64_t address;
};

struct usdt {
	struct elf_file *elf;
	struct arena *arena;
	struct usdt_note *notes;	/* by provider, name, address */
	size_t n;
	bool broken;
	bool has_base;
	uint64_t base;			/* where .stapsdt.base is */
	struct variable *variables;	/* by name; read when the first operand names one */
	size_t n_variables;
	bool variables_known;
};

/* ---- notes ---- */

/* A note's description, word by word. */
struct words {
	const unsigned char *p, *end;
	unsigned width;			/* bytes of an address */
	bool big_endian;
	bool broken;
};

static uint64_t next_address(struct words *w)
{
	if ((size_t)(w->end - w->p) < w->width) {
		w->broken = true;
		return 0;
	}
	w->p += w->width;
	return bytes_number(w->p - w->width, w->width, w->big_endian);
}

static const char *next_string(struct words *w)
{
	const char *s = (const char *)w->p;
	const unsigned char *nul = w->p < w->end ? memchr(w->p, '\0', (size_t)(w->end - w->p)) : NULL;

	if (!nul) {
		w->broken = true;
		return "";
	}
	w->p = nul + 1;
	return s;
}

static bool add_note(void *ctx, const struct elf_note *note)
{
	struct usdt *u = ctx;
	struct words w = { note->bytes, note->bytes + note->size, elf_word(u->elf), elf_is_big_endian(u->elf), false };
	struct usdt_note n = { 0 };
	uint64_t moved;

	if (note->type != NOTE_TYPE || note->owner_size < sizeof("stapsdt") ||
	    memcmp(note->owner, "stapsdt", sizeof("stapsdt")) != 0)
		return true;
	n.noted = next_address(&w);
	n.base = next_address(&w);
	n.semaphore = next_address(&w);
	n.provider = next_string(&w);
	n.name = next_string(&w);
	n.operands = next_string(&w);
	u->broken |= w.broken;
	if (w.broken || !*n.name)
		return true;
	moved = u->has_base && n.base ? u->base - n.base : 0;
	n.address = n.noted + moved;
	n.semaphore += n.semaphore ? moved : 0;
	*MEM_PUSH(u->notes, u->n) = n;
	return true;
}

static int compare_notes(const void *va, const void *vb)
{
	const struct usdt_note *a = va, *b = vb;
	int order = strcmp(a->provider, b->provider);

	if (!order)
		order = strcmp(a->name, b->name);
	if (!order)
		order = (a->address > b->address) - (a->address < b->address);
	return order ? order : strcmp(a->operands, b->operands);
}

bool usdt_same_probe(const struct usdt_note *a, const struct usdt_note *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->name, b->name) == 0;
}

/* A place that is noted twice under one name is one place. */
static size_t drop_repeated(struct usdt_note *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!kept || v[i].address != v[kept - 1].address || !usdt_same_probe(&v[i], &v[kept - 1]))
			v[kept++] = v[i];
	return kept;
}

struct usdt *usdt_read(struct elf_file *e)
{
	struct usdt *u = mem_alloc(sizeof(*u));
	uint64_t size;

	u->elf = e;
	u->arena = arena_new();
	u->has_base = elf_section(e, ".stapsdt.base", &u->base, &size);
	if (elf_notes(e, SECTION, add_note, u) < 0)
		u->broken = true;
	if (u->n)
		qsort(u->notes, u->n, sizeof(*u->notes), compare_notes);
	u->n = drop_repeated(u->notes, u->n);
	return u;
}

void usdt_free(struct usdt *u)
{
	if (!u)
		return;
	arena_free(u->arena);
	free(u->notes);
	free(u->variables);
	free(u);
}

const struct usdt_note *usdt_notes(const struct usdt *u, size_t *n)
{
	*n = u->n;
	return u->notes;
}

bool usdt_is_broken(const struct usdt *u)
{
	return u->broken;
}

uint64_t usdt_base(const struct usdt *u)
{
	return u->has_base ? u->base : 0;
}

/* ---- an operand as text ---- */

/* One operand while it is read. */
struct reader {
	struct arena *a;
	const struct arch *arch;
	const struct operand_syntax *syntax;
	struct usdt_operand *o;
};

static bool unreadable(struct reader *r, const char *fmt, const char *word)
{
	r->o->kind = OPERAND_UNREADABLE;
	r->o->why = arena_fmt(r->a, fmt, word);
	return false;
}

/* A number, or a symbol, or both: 40+stats, stats-8, -20. */
struct sum {
	int64_t number;
	const char *symbol;
	bool any;
};

static bool in_symbol(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.$@", c));
}

static bool read_term(struct reader *r, const char **p, bool minus, struct sum *out)
{
	const char *s = *p;
	char *end;

	if (isdigit((unsigned char)*s)) {
		uint64_t n;

		errno = 0;
		n = strtoull(s, &end, 0);
		*p = end;
		out->number = (int64_t)((uint64_t)out->number + (minus ? 0 - n : n));
		return !errno && !in_symbol(**p);
	}
	while (**p && in_symbol(**p))
		(*p)++;
	if (*p == s || out->symbol || minus)
		return false;
	out->symbol = arena_strndup(r->a, s, (size_t)(*p - s));
	return true;
}

/* Reads as much as is a sum: *p is behind it. True when there is none: nothing is 0. */
static bool read_sum(struct reader *r, const char **p, struct sum *out)
{
	*out = (struct sum){ 0 };
	while (**p == '+' || **p == '-' || (!out->any && **p && in_symbol(**p))) {
		bool minus = **p == '-';

		*p += **p == '+' || **p == '-';
		out->any = true;
		if (!read_term(r, p, minus, out))
			return false;
	}
	return true;
}

static bool whole_sum(struct reader *r, const char *text, struct sum *out)
{
	return read_sum(r, &text, out) && !*text && out->any;
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* %ah: the second byte of ax. */
static const char *part_of_register(const struct reader *r, const char *name, const char **bits)
{
	for (const struct reg_alias *part = r->syntax->parts; part && part->name; part++)
		if (strcmp(part->name, name) == 0) {
			*bits = part->type;
			return part->kernel;
		}
	return NULL;
}

/* A register's name with what stands before it: *p is behind it, and the kernel's name is returned. NULL, and *p as
 * it was: there is none. bits gets the type of a part, and may be NULL: then parts are none. */
static const char *read_register(struct reader *r, const char **p, const char **bits)
{
	const char *s = *p, *kernel, *type;
	size_t prefix = strlen(r->syntax->reg), n = 0;
	char *name;

	s += prefix && str_starts(s, r->syntax->reg) ? prefix : !prefix && *s == '%';
	while (isalnum((unsigned char)s[n]))
		n++;
	name = arena_strndup(r->a, s, n);
	if (!n || (prefix && s == *p))
		return NULL;
	kernel = arch_knows_register(r->arch, name) ? arch_register(r->arch, name, &type)
	       : bits				    ? part_of_register(r, name, bits)
						    : NULL;
	if (kernel)
		*p = s + n;
	return kernel;
}

static bool malformed(struct reader *r)
{
	return unreadable(r, "`%s` is no operand that trapline understands", r->o->text);
}

/* BASE, or BASE and INDEX; *p is behind the last. */
static bool read_registers(struct reader *r, const char **p)
{
	struct usdt_operand *o = r->o;

	*p = skip_blanks(*p);
	if (**p != ',') {
		o->base = read_register(r, p, NULL);
		if (!o->base)
			return malformed(r);
	}
	*p = skip_blanks(*p);
	if (**p != ',')
		return true;
	*p = skip_blanks(*p + 1);
	if (r->syntax->memory == '[' && (**p == '#' || **p == '-' || isdigit((unsigned char)**p)))
		return true;
	o->index = read_register(r, p, NULL);
	o->scale = 1;
	return o->index || malformed(r);
}

static void set_sum(struct usdt_operand *o, const struct sum *sum)
{
	o->kind = OPERAND_MEMORY;
	o->number = sum->number;
	o->symbol = sum->symbol;
}

/* SUM(BASE)  SUM(BASE,INDEX)  SUM(BASE,INDEX,SCALE) */
static bool read_parentheses(struct reader *r, const char *text)
{
	const char *p = text;
	struct sum sum;

	if (!read_sum(r, &p, &sum) || *p++ != '(')
		return malformed(r);
	set_sum(r->o, &sum);
	if (!read_registers(r, &p))
		return false;
	if (*p == ',') {
		struct sum scale;

		p++;
		if (!read_sum(r, &p, &scale) || scale.symbol)
			return malformed(r);
		r->o->scale = (unsigned)scale.number;
	}
	return strcmp(p, ")") == 0 || malformed(r);
}

/* [BASE]  [BASE, #N]  [BASE, INDEX]  [BASE, INDEX, lsl #N] */
static bool read_brackets(struct reader *r, const char *text)
{
	const char *p = text + 1;
	struct sum sum = { 0 };
	unsigned shift = 0;

	set_sum(r->o, &sum);
	if (!read_registers(r, &p))
		return false;
	if (!r->o->index && *p != ']') {
		p += *p == '#';
		if (!read_sum(r, &p, &sum) || sum.symbol)
			return malformed(r);
		r->o->number = sum.number;
	} else if (r->o->index && *p == ',') {
		p = skip_blanks(p + 1);
		while (isalpha((unsigned char)*p))	/* lsl, sxtw, ... */
			p++;
		p = skip_blanks(p);
		p += *p == '#';
		if (!read_sum(r, &p, &sum) || sum.symbol)
			return malformed(r);
		shift = (unsigned)sum.number;
		r->o->scale = shift < 8 ? 1u << shift : 0;
	}
	return strcmp(skip_blanks(p), "]") == 0 || malformed(r);
}

/* BASE,N */
static bool read_comma(struct reader *r, const char *text)
{
	const char *p = text;
	struct sum sum;

	r->o->base = read_register(r, &p, NULL);
	if (!r->o->base || *p++ != ',' || !whole_sum(r, skip_blanks(p), &sum) || sum.symbol)
		return malformed(r);
	set_sum(r->o, &sum);
	return true;
}

/* Is the whole text a word that stands where a register would? */
static bool looks_like_register(const struct reader *r, const char *text)
{
	size_t n = strlen(r->syntax->reg);

	if (!str_starts(text, r->syntax->reg) || !isalpha((unsigned char)text[n]))
		return false;
	while (isalnum((unsigned char)text[n]))
		n++;
	return !text[n];
}

static bool read_place(struct reader *r, const char *text)
{
	const char *constant = r->syntax->constant, *end = text, *kernel;
	struct usdt_operand *o = r->o;
	struct sum sum;

	if (strncmp(text, "%fs:", 4) == 0 || strncmp(text, "%gs:", 4) == 0)
		return unreadable(r, "`%s` is a variable of the thread, and the kernel cannot tell where its memory is",
				  o->text);
	if (*constant && str_starts(text, constant)) {
		if (!whole_sum(r, text + strlen(constant), &sum))
			return malformed(r);
		set_sum(o, &sum);
		o->kind = OPERAND_CONSTANT;
		return true;
	}
	kernel = read_register(r, &end, &o->bits);
	if (kernel && !*end) {
		o->kind = OPERAND_REGISTER;
		o->base = kernel;
		return true;
	}
	o->bits = NULL;
	if (looks_like_register(r, text))
		return unreadable(r, "the kernel cannot fetch the register `%s`", text);
	if (r->syntax->memory == ',' && strchr(text, ','))
		return read_comma(r, text);
	if (*text == '[')
		return read_brackets(r, text);
	if (strchr(text, '('))
		return read_parentheses(r, text);
	if (!whole_sum(r, text, &sum))
		return malformed(r);
	set_sum(o, &sum);
	if (!*constant && !sum.symbol)
		o->kind = OPERAND_CONSTANT;
	return true;
}

/* SIZE@: true when there is none, too: it is a word then. *text is behind it. */
static bool read_size(struct reader *r, const char **text)
{
	struct usdt_operand *o = r->o;
	const char *p = *text;
	unsigned long n;
	char *end;

	o->size = r->arch->word;
	o->is_signed = *p == '-';
	p += o->is_signed;
	n = isdigit((unsigned char)*p) ? strtoul(p, &end, 10) : 0;
	if (!n) {
		o->is_signed = false;
		return true;
	}
	o->is_float = *end == 'f';
	end += o->is_float;
	if (*end != '@') {			/* a constant, or a distance */
		o->is_signed = o->is_float = false;
		return true;
	}
	*text = end + 1;
	o->size = n < 256 ? (unsigned)n : 256;
	return true;
}

/* What the size rules out, wherever the value is. */
static bool size_is_possible(struct reader *r)
{
	struct usdt_operand *o = r->o;

	if (o->size > MAX_BYTES || (o->size & (o->size - 1)) || !o->size || (o->is_float && o->size < 4))
		return unreadable(r, "`%s` has a size that the kernel cannot fetch", o->text);
	if (o->kind == OPERAND_REGISTER && o->size > r->arch->word)
		return unreadable(r, "`%s` is in two registers, and the note names only one", o->text);
	if (o->bits && (o->size != 1 || o->is_signed))
		return unreadable(r, "`%s` is a part of a register that the kernel cannot fetch so", o->text);
	return true;
}

bool usdt_operand_parse(struct arena *a, const struct arch *arch, const char *text, struct usdt_operand *out)
{
	struct reader r = { a, arch, &arch->operands, out };
	const char *place;

	*out = (struct usdt_operand){ .kind = OPERAND_UNREADABLE, .text = text };
	place = text;
	return read_size(&r, &place) && read_place(&r, place) && size_is_possible(&r);
}

/* The next operand of the list: it ends at a blank that is in no bracket. NULL: there is none. */
static char *next_operand(struct arena *a, const char **p)
{
	const char *s = *p = skip_blanks(*p);
	int depth = 0;

	for (; **p && (depth > 0 || (**p != ' ' && **p != '\t')); (*p)++)
		depth += (**p == '[' || **p == '(') - (**p == ']' || **p == ')');
	return *p > s ? arena_strndup(a, s, (size_t)(*p - s)) : NULL;
}

unsigned usdt_operands(struct usdt *u, const struct usdt_note *note, struct usdt_operand **out)
{
	const struct arch *arch = elf_arch(u->elf);
	struct usdt_operand *v = NULL;
	const char *p = note->operands;
	size_t n = 0;
	char *text;

	while ((text = next_operand(u->arena, &p))) {
		struct usdt_operand *o = MEM_PUSH(v, n);

		if (arch)
			usdt_operand_parse(u->arena, arch, text, o);
		else
			*o = (struct usdt_operand){ .kind = OPERAND_UNREADABLE, .text = text,
						    .why = "the operands of this machine are not known" };
	}
	*out = arena_alloc(u->arena, (n + 1) * sizeof(**out));
	if (n)
		memcpy(*out, v, n * sizeof(*v));
	free(v);
	return (unsigned)n;
}

const char *usdt_operand_type(struct arena *a, const struct usdt_operand *o)
{
	if (o->bits)
		return o->bits;
	return arena_fmt(a, "%c%u", o->is_float ? 'x' : o->is_signed ? 's' : 'u', o->size * 8);
}

/* ---- an operand for the kernel ---- */

static bool add_variable(void *ctx, const struct symbol *s)
{
	struct usdt *u = ctx;

	if (s->kind != SYMBOL_IMPORT)
		*MEM_PUSH(u->variables, u->n_variables) = (struct variable){ s->name, s->address };
	return true;
}

static int compare_variables(const void *va, const void *vb)
{
	const struct variable *a = va, *b = vb;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->address > b->address) - (a->address < b->address);
}

static const struct variable *first_variable(const struct usdt *u, const char *name)
{
	size_t low = 0, high = u->n_variables;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(u->variables[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < u->n_variables && strcmp(u->variables[low].name, name) == 0 ? &u->variables[low] : NULL;
}

/* Each translation unit may have a static variable of the name. */
static bool find_variable(struct usdt *u, const char *name, uint64_t *address, const char **why)
{
	const struct variable *v;

	if (!u->variables_known) {
		elf_symbols(u->elf, add_variable, u);
		if (u->n_variables)
			qsort(u->variables, u->n_variables, sizeof(*u->variables), compare_variables);
		u->variables_known = true;
	}
	v = first_variable(u, name);
	if (!v) {
		*why = arena_fmt(u->arena, "it is the variable %s, and the file has no symbol of that name%s", name,
				 elf_table_size(u->elf, false) ? "" : " (it is stripped)");
		return false;
	}
	for (const struct variable *w = v + 1; w < u->variables + u->n_variables && strcmp(w->name, name) == 0; w++)
		if (w->address != v->address) {
			*why = arena_fmt(u->arena, "the file has several variables of the name %s", name);
			return false;
		}
	*address = v->address;
	return true;
}

/* @+X is X bytes from where the file's first byte would be, if all of it were mapped like the code of the probe. */
static bool add_relative(struct usdt *u, const struct usdt_note *note, uint64_t address, struct str *out,
			 const char **why)
{
	uint64_t offset;
	bool executable;

	*why = "the probe itself is not in the file";
	if (!elf_address_to_offset(u->elf, note->address, &offset, &executable))
		return false;
	str_addf(out, "@+%#llx", (unsigned long long)(address - (note->address - offset)));
	return true;
}

/* The address of the symbol is a value of its own, in a word that the dynamic linker has filled. */
static bool add_got(struct usdt *u, const struct usdt_note *note, const char *symbol, struct str *out, const char **why)
{
	char *name = arena_strndup(u->arena, symbol, strcspn(symbol, "@"));
	uint64_t address = 0, slot;
	bool known = find_variable(u, name, &address, why);

	if (known && elf_is_fixed(u->elf)) {
		str_addf(out, "\\%#llx", (unsigned long long)address);
		return true;
	}
	if (elf_got_slot(u->elf, name, known ? address : 0, &slot))
		return add_relative(u, note, slot, out, why);
	*why = arena_fmt(u->arena, "it is the address of %s, and the file has no word that holds it", name);
	return false;
}

static bool add_variable_place(struct usdt *u, const struct usdt_note *note, const struct usdt_operand *o,
			       struct str *out, const char **why)
{
	uint64_t address;

	if (!o->symbol) {
		*why = "it is counted from the instruction pointer without the name of a variable";
		return false;
	}
	if (str_ends(o->symbol, "@GOTPCREL") && !o->number)
		return add_got(u, note, o->symbol, out, why);
	return find_variable(u, o->symbol, &address, why) &&
	       add_relative(u, note, address + (uint64_t)o->number, out, why);
}

/* The address of the symbol plus the number: known beforehand only where files are not moved. */
static bool fixed_number(struct usdt *u, const struct usdt_operand *o, uint64_t *n, const char **why)
{
	uint64_t address = 0;

	if (o->symbol && !elf_is_fixed(u->elf)) {
		*why = arena_fmt(u->arena, "the address of %s is known only when the file is mapped", o->symbol);
		return false;
	}
	if (o->symbol && !find_variable(u, o->symbol, &address, why))
		return false;
	*n = address + (uint64_t)o->number;
	return true;
}

static bool add_memory(struct usdt *u, const struct usdt_note *note, const struct usdt_operand *o, struct str *out,
		       const char **why)
{
	const struct arch *arch = elf_arch(u->elf);
	const char *base = o->base ? o->base : o->index;
	uint64_t n;

	if (o->index && (o->base || o->scale != 1)) {
		*why = o->base ? "its address is the sum of two registers, and the kernel cannot add them"
			       : "its address is a multiple of a register, and the kernel cannot multiply";
		return false;
	}
	if (base && arch->ip && strcmp(base, arch->ip) == 0)
		return add_variable_place(u, note, o, out, why);
	if (!fixed_number(u, o, &n, why))
		return false;
	if (base)
		str_addf(out, "%c%llu(%%%s)", (int64_t)n < 0 ? '-' : '+',
			 (unsigned long long)((int64_t)n < 0 ? 0 - n : n), base);
	else
		str_addf(out, "@%#llx", (unsigned long long)n);
	return true;
}

bool usdt_operand_fetch(struct usdt *u, const struct usdt_note *note, const struct usdt_operand *o, struct str *out,
			const char **why)
{
	uint64_t n;

	switch (o->kind) {
	case OPERAND_REGISTER:
		str_addf(out, "%%%s", o->base);
		return true;
	case OPERAND_CONSTANT:
		if (!fixed_number(u, o, &n, why))
			return false;
		str_addf(out, "\\%lld", (long long)n);
		return true;
	case OPERAND_MEMORY:
		return add_memory(u, note, o, out, why);
	case OPERAND_UNREADABLE:
		break;
	}
	*why = o->why;
	return false;
}
