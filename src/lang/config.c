/* config.c - config = { max_strlen = 200; }, and the same by environment variables.
 *
 * Each variable is a row: its name, what it takes, and where that goes. A variable that only makes sense with
 * BPF is accepted, checked and forgotten, so that programs that set it run. BPFTRACE_MAX_STRLEN=200 in the
 * environment says the same as the program, and wins.
 */
#include "lang/front.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum config_kind { CONFIG_INT, CONFIG_BOOL, CONFIG_STRING, CONFIG_WORD };

struct config_row {
	const char *name;
	enum config_kind kind;
	size_t offset;			/* in struct config; NOWHERE: forgotten */
	uint64_t min, max;		/* of CONFIG_INT */
	const char *words;		/* of CONFIG_WORD: blanks between; their number is stored as an int */
};
#define NOWHERE SIZE_MAX
#define AT(member) offsetof(struct config, member)

static const struct config_row rows[] = {
	{ "missing_probes", CONFIG_WORD, AT(missing_probes), 0, 0, "error warn ignore" },
	{ "max_strlen", CONFIG_INT, AT(max_strlen), 1, 1 << 20, NULL },
	{ "str_trunc_trailer", CONFIG_STRING, AT(str_trunc_trailer), 0, 0, NULL },
	{ "max_map_keys", CONFIG_INT, AT(max_map_keys), 1, UINT32_MAX, NULL },
	{ "max_probes", CONFIG_INT, AT(max_probes), 1, UINT32_MAX, NULL },
	{ "max_cat_bytes", CONFIG_INT, AT(max_cat_bytes), 1, 1 << 30, NULL },
	{ "print_maps_on_exit", CONFIG_BOOL, AT(print_maps_on_exit), 0, 0, NULL },
	{ "cpp_demangle", CONFIG_BOOL, AT(cpp_demangle), 0, 0, NULL },
	{ "stack_mode", CONFIG_WORD, AT(stack_mode), 0, 0, "bpftrace perf raw build_id" },
	{ "perf_rb_pages", CONFIG_INT, AT(perf_rb_pages), 1, UINT32_MAX, NULL },
	{ "cache_user_symbols", CONFIG_WORD, NOWHERE, 0, 0, "PER_PID PER_PROGRAM NONE" },
	{ "lazy_symbolication", CONFIG_BOOL, NOWHERE, 0, 0, NULL },
	{ "show_debug_info", CONFIG_BOOL, AT(show_debug_info), 0, 0, NULL },
	{ "use_blazesym", CONFIG_BOOL, NOWHERE, 0, 0, NULL },
	{ "license", CONFIG_WORD, NOWHERE, 0, 0,
	  "GPL GPL|v2 GPL|and|additional|rights Dual|BSD/GPL Dual|MIT/GPL "
	  "Dual|MPL/GPL" },
	{ "log_size", CONFIG_INT, NOWHERE, 0, UINT64_MAX, NULL },
	{ "max_bpf_progs", CONFIG_INT, NOWHERE, 0, UINT64_MAX, NULL },
	{ "on_stack_limit", CONFIG_INT, NOWHERE, 0, UINT64_MAX, NULL },
	{ "max_ast_nodes", CONFIG_INT, NOWHERE, 0, UINT64_MAX, NULL },
	{ "max_type_res_iterations", CONFIG_INT, NOWHERE, 0, UINT64_MAX, NULL },
	{ "symbol_source", CONFIG_WORD, NOWHERE, 0, 0, "dwarf symbol_table" },
	{ "unstable_tseries", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
	{ "unstable_dw_ustack", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
	{ "unstable_typeinfo", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
	{ "unstable_import_statement", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
	{ "unstable_import", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
	{ "unstable_addr", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
	{ "unstable_macro", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
	{ "unstable_map_decl", CONFIG_WORD, NOWHERE, 0, 0, "error warn enable disable true false" },
};

/* Old names. `negated`: what was true is false now. */
static const struct {
	const char *old, *now;
	bool negated;
} renamed[] = {
	{ "strlen", "max_strlen", false },
	{ "no_cpp_demangle", "cpp_demangle", true },
	{ "cat_bytes_max", "max_cat_bytes", false },
	{ "map_keys_max", "max_map_keys", false },
};

void config_defaults(struct config *c)
{
	*c = (struct config){
		.missing_probes = MISSING_UNSAID, .max_strlen = 1024, .max_map_keys = 4096, .max_probes = 1024,
		.max_cat_bytes = 10240, .str_trunc_trailer = "..", .print_maps_on_exit = true,
		.cpp_demangle = true, .show_debug_info = true, .stack_mode = STACK_BPFTRACE,
	};
}

static const struct config_row *find_row(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* The row by the name of today or of before; *negated, *now as above. */
static const struct config_row *find_any(const char *name, bool *negated, const char **now)
{
	*negated = false;
	*now = NULL;
	for (size_t i = 0; i < ARRAY_LEN(renamed); i++) {
		if (strcmp(renamed[i].old, name) == 0) {
			*negated = renamed[i].negated;
			*now = renamed[i].now;
			return find_row(renamed[i].now);
		}
	}
	return find_row(name);
}

/* ---- values ---- */

/* The number of the word in the list; -1: not in it. In the list a blank within a word is written `|`. */
static int word_number(const char *list, const char *word)
{
	for (int i = 0; *list; i++) {
		size_t n = strcspn(list, " "), k = 0;

		while (k < n && (list[k] == word[k] || (list[k] == '|' && word[k] == ' ')))
			k++;
		if (k == n && !word[n])
			return i;
		list += n + (list[n] == ' ');
	}
	return -1;
}

static void store(struct config *c, const struct config_row *row, uint64_t number, const char *text)
{
	char *place = (char *)c + row->offset;
	int word = (int)number;
	bool truth = number != 0;

	if (row->offset == NOWHERE)
		return;
	switch (row->kind) {
	case CONFIG_INT:
		memcpy(place, &number, sizeof(number));
		break;
	case CONFIG_BOOL:
		memcpy(place, &truth, sizeof(truth));
		break;
	case CONFIG_WORD:
		memcpy(place, &word, sizeof(word));
		break;
	case CONFIG_STRING:
		memcpy(place, &text, sizeof(text));
	}
}

static bool bad_word(struct front *f, struct span at, const struct config_row *row, const char *word)
{
	_cleanup_(str_release) struct str valid = STR_INIT;

	for (const char *list = row->words; *list;) {
		size_t n = strcspn(list, " ");

		str_add(&valid, valid.len ? ", '" : "'");
		for (size_t i = 0; i < n; i++)
			str_addc(&valid, list[i] == '|' ? ' ' : list[i]);
		str_addc(&valid, '\'');
		list += n + (list[n] == ' ');
	}
	diag_error(f->diags, at, "Invalid value for %s: '%s'", row->name, word);
	return diag_hint(f->diags, "valid values: %s", valid.s);
}

static bool bad_number(struct front *f, struct span at, const struct config_row *row)
{
	return diag_error(f->diags, at, "%s is a number from %llu to %llu", row->name,
			  (unsigned long long)row->min,
			  (unsigned long long)row->max);
}

/* ---- config = { ... } ---- */

static const char *const kind_names[] = {
	[CONFIG_INT] = "int", [CONFIG_BOOL] = "bool", [CONFIG_STRING] = "string", [CONFIG_WORD] = "string",
};

static bool truth_of(const struct token *t, bool *out)
{
	*out = t->kind == TOKEN_INT ? t->number == 1 : token_is(t, "true");
	return *out || token_is(t, "false") || (t->kind == TOKEN_INT && t->number == 0);
}

static bool wrong_kind(struct front *f, const struct config_row *row, const struct token *t)
{
	return diag_error(f->diags, t->span, "Invalid type for %s. Type: %s. Expected Type: %s", row->name,
			  t->kind == TOKEN_INT ? "int" : "string", kind_names[row->kind]);
}

static bool set(struct front *f, const struct config_row *row, bool negated, const struct token *t)
{
	struct config *c = &f->program->config;
	bool truth;
	int word;

	switch (row->kind) {
	case CONFIG_INT:
		if (t->kind != TOKEN_INT)
			return wrong_kind(f, row, t);
		if ((uint64_t)t->number < row->min || (uint64_t)t->number > row->max)
			return bad_number(f, t->span, row);
		break;
	case CONFIG_BOOL:
		if (!truth_of(t, &truth))
			return wrong_kind(f, row, t);
		store(c, row, truth != negated, NULL);
		return true;
	case CONFIG_STRING:
		if (t->kind != TOKEN_STRING)
			return wrong_kind(f, row, t);
		break;
	case CONFIG_WORD:
		if (t->kind == TOKEN_INT && strcmp(row->words, "error warn enable disable true false") != 0)
			return wrong_kind(f, row, t);
		word = t->kind == TOKEN_INT ? 0 : word_number(row->words, t->text);
		if (word < 0)
			return bad_word(f, t->span, row, t->text);
		store(c, row, (uint64_t)word, NULL);
		return true;
	}
	store(c, row, (uint64_t)t->number, t->text);
	return true;
}

static void unknown_name(struct front *f, struct span at, const char *name)
{
	struct str_closest closest = { .word = name };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		str_closest_try(&closest, rows[i].name);
	diag_error(f->diags, at, "Unrecognized config variable: %s", name);
	if (closest.best)
		diag_hint(f->diags, "did you mean '%s'?", closest.best);
	free(closest.best);
}

static void parse_assignment(struct front *f)
{
	struct token name = *peek(f, 0), value;
	const struct config_row *row;
	const char *now;
	bool negated;

	if (!expect_name(f) || !expect(f, "="))
		return;
	value = *peek(f, 0);
	if (value.kind != TOKEN_INT && value.kind != TOKEN_STRING && value.kind != TOKEN_NAME) {
		syntax_error(f, "a number, a string or a word");
		return;
	}
	take(f);
	row = find_any(name.text, &negated, &now);
	if (!row) {
		unknown_name(f, name.span, name.text);
		return;
	}
	if (now)
		diag_warn(f->diags, name.span, "%s has been renamed, please use %s", name.text, now);
	set(f, row, negated, &value);
}

void parse_config(struct front *f)
{
	struct token word = take(f);

	if (f->program->n_clauses) {
		diag_error(f->diags, word.span, "syntax error, unexpected config");
		diag_hint(f->diags, "the config block stands before the first probe");
	}
	expect(f, "=");
	if (!expect(f, "{"))
		return;
	while (!f->panic && !next_is(f, "}")) {
		if (accept(f, ";"))
			continue;
		parse_assignment(f);
		if (!f->panic && !next_is(f, "}"))
			expect(f, ";");
	}
	expect(f, "}");
}

/* ---- as text ---- */

static void print_row(const struct config *c, const struct config_row *row, struct str *out)
{
	const char *place = (const char *)c + row->offset, *words = row->words, *text;
	uint64_t number;
	int word;

	str_addf(out, " %s = ", row->name);
	switch (row->kind) {
	case CONFIG_INT:
		memcpy(&number, place, sizeof(number));
		str_addf(out, "%llu", (unsigned long long)number);
		break;
	case CONFIG_BOOL:
		str_add(out, *(const bool *)place ? "true" : "false");
		break;
	case CONFIG_STRING:
		memcpy(&text, place, sizeof(text));
		str_addc(out, '"');
		str_add_scrubbed(out, text, strlen(text), '"');
		str_addc(out, '"');
		break;
	case CONFIG_WORD:
		memcpy(&word, place, sizeof(word));
		for (; word > 0; word--)
			words += strcspn(words, " ") + 1;
		str_addn(out, words, strcspn(words, " "));
	}
	str_addc(out, '\n');
}

static bool same_value(const struct config *a, const struct config *b, const struct config_row *row)
{
	static const size_t sizes[] = {
		[CONFIG_INT] = sizeof(uint64_t), [CONFIG_BOOL] = sizeof(bool), [CONFIG_WORD] = sizeof(int),
	};
	const char *x = (const char *)a + row->offset, *y = (const char *)b + row->offset;

	if (row->kind == CONFIG_STRING)
		return strcmp(*(const char *const *)x, *(const char *const *)y) == 0;
	return memcmp(x, y, sizes[row->kind]) == 0;
}

void config_print(const struct config *c, struct str *out)
{
	struct config defaults;
	bool any = false;

	config_defaults(&defaults);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].offset == NOWHERE || same_value(c, &defaults, &rows[i]))
			continue;
		str_add(out, any ? "" : "config\n");
		any = true;
		print_row(c, &rows[i], out);
	}
}

/* ---- the builtin variable ---- */

static const char *word_at(struct arena *a, const char *list, int number)
{
	char *word;

	for (; number > 0; number--)
		list += strcspn(list, " ") + 1;
	word = arena_strndup(a, list, strcspn(list, " "));
	for (char *p = word; (p = strchr(p, '|'));)
		*p = ' ';
	return word;
}

static void make_text(struct arena *a, struct node *n, const char *text)
{
	n->kind = NODE_STRING;
	n->text = text;
	n->number = (int64_t)strlen(text);
	n->type = type_string(a, strlen(text) + 1);
}

static struct node *row_value(const struct config *c, const struct config_row *row, struct arena *a, struct span at)
{
	const char *place = (const char *)c + row->offset;
	struct node *n = arena_alloc(a, sizeof(*n));

	n->span = at;
	switch (row->kind) {
	case CONFIG_INT:
		n->kind = NODE_INT;
		n->type = &type_uint64;
		memcpy(&n->number, place, sizeof(uint64_t));
		break;
	case CONFIG_BOOL:
		n->kind = NODE_BOOL;
		n->type = &type_bool;
		n->number = *(const bool *)place;
		break;
	case CONFIG_WORD:
		make_text(a, n, word_at(a, row->words, *(const int *)place));
		break;
	case CONFIG_STRING:
		make_text(a, n, *(const char *const *)place);
	}
	return n;
}

void config_record(const struct config *c, struct arena *a, struct node *n)
{
	const struct type *types[ARRAY_LEN(rows)];

	*n = (struct node){ .kind = NODE_TUPLE, .span = n->span, .expanded = n->expanded };
	n->list = arena_alloc(a, ARRAY_LEN(rows) * sizeof(*n->list));
	n->names = arena_alloc(a, ARRAY_LEN(rows) * sizeof(*n->names));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].offset == NOWHERE)
			continue;
		n->list[n->n_list] = row_value(c, &rows[i], a, n->span);
		n->names[n->n_list] = rows[i].name;
		types[n->n_list] = n->list[n->n_list]->type;
		n->n_list++;
	}
	n->type = type_tuple(a, types, n->names, n->n_list);
}

/* ---- the environment ---- */

static void set_from_environment(struct front *f, const char *name, const char *text)
{
	const struct config_row *row;
	unsigned long long number;
	struct token t = { .kind = TOKEN_NAME, .text = text };
	bool negated;
	const char *now;

	row = find_any(name, &negated, &now);
	if (str_to_u64(text, &number) && row->kind != CONFIG_STRING) {
		t.kind = TOKEN_INT;
		t.number = (int64_t)number;
	} else if (row->kind == CONFIG_STRING) {
		t.kind = TOKEN_STRING;
		t.text = arena_strdup(f->arena, text);
	}
	set(f, row, negated, &t);
}

static const char *from_environment(const char *name)
{
	char variable[64];
	size_t n = 0;

	n = (size_t)snprintf(variable, sizeof(variable), "BPFTRACE_%s", name);
	for (size_t i = 0; i < n; i++)
		variable[i] = (char)toupper((unsigned char)variable[i]);
	return getenv(variable);
}

void config_environment(struct front *f)
{
	for (size_t i = 0; i < ARRAY_LEN(renamed); i++)
		if (from_environment(renamed[i].old))
			set_from_environment(f, renamed[i].old, from_environment(renamed[i].old));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (from_environment(rows[i].name))
			set_from_environment(f, rows[i].name, from_environment(rows[i].name));
}
