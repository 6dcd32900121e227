/* text.c - text: printf(), strings, times, network addresses.
 *
 * A format is a constant: it is compiled while the program is checked, and stays in the call's node.
 */
#include "builtin/builtin.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- formats ---- */

/* What is no number by now (count() ... avg() are: check_value()) is shown by print() alone. */
static bool is_numeric(const struct type *t)
{
	return type_is_integer(t) || t->kind == TYPE_POINTER || t->kind == TYPE_KSYM ||
	       t->kind == TYPE_USYM || t->kind == TYPE_USERNAME || t->kind == TYPE_TIMESTAMP ||
	       t->kind == TYPE_CGROUP_PATH;
}

static bool has_bytes(const struct type *t)
{
	return t->kind == TYPE_BUFFER || t->kind == TYPE_STRING || t->kind == TYPE_ARRAY || t->kind == TYPE_INET ||
	       t->kind == TYPE_MAC || t->kind == TYPE_STRUCT;
}

static const char *kind_of(const struct type *t)
{
	static const char *const names[N_TYPES] = {
		[TYPE_VOID] = "none", [TYPE_STRING] = "string", [TYPE_BUFFER] = "buffer", [TYPE_INET] = "inet",
		[TYPE_MAC] = "mac_address", [TYPE_ARRAY] = "array", [TYPE_STRUCT] = "record", [TYPE_TUPLE] = "tuple",
		[TYPE_KSTACK] = "kstack", [TYPE_USTACK] = "ustack", [TYPE_POINTER] = "pointer", [TYPE_BOOL] = "bool",
		[TYPE_TIMESTAMP] = "timestamp", [TYPE_STATS] = "stats_t", [TYPE_HIST] = "hist_t",
		[TYPE_LHIST] = "lhist_t", [TYPE_TSERIES] = "tseries_t",
	};

	return names[t->kind] ? names[t->kind] : "integer";
}

/* A picture of several lines is for print() alone. */
static bool has_text(const struct type *t)
{
	return t->kind != TYPE_VOID && (!type_is_aggregate(t) || t->kind == TYPE_STATS);
}

static bool check_value_for(struct checker *c, const struct node *n, char letter, const struct node *value)
{
	const struct type *t = value->type;

	if (value->member && value->member->gone)
		return true;			/* it is shown as missing */
	if (letter == 's' ? has_text(t) : letter == 'r' ? has_bytes(t) || is_numeric(t) : is_numeric(t))
		return true;
	diag_error(c->diags, n->span, "%s: %%%c specifier expects a value of type %s (%s supplied)", n->text,
		   letter, letter == 'r' ? "buffer" : letter == 's' ? "string" : "integer", kind_of(t));
	if (type_is_aggregate(t))
		diag_hint(c->diags, "print() shows it: print(%s)", value->kind == NODE_MAP ? value->text : "@map");
	return false;
}

bool builtin_check_format(struct checker *c, struct node *n, unsigned at)
{
	const struct format_spec *f;
	const char *text, *why = NULL;
	unsigned have = n->n_list - at - 1, want;

	if (!check_literal_string(c, n, at, &text))
		return false;
	f = format_compile(c->arena, text, (size_t)n->list[at]->number, &why);
	if (!f)
		return diag_error(c->diags, n->span, "%s: %s", n->text, why);
	want = format_values(f);
	if (have != want)
		return diag_error(c->diags, n->span, "%s: %s arguments for format string (%u supplied, %u expected)",
				  n->text, have < want ? "Not enough" : "Too many", have, want);
	for (unsigned i = 0; i < want; i++)
		if (!check_value_for(c, n, format_letter(f, i), n->list[at + 1 + i]))
			return false;
	n->compiled = f;
	return true;
}

void builtin_format(struct eval *e, const struct node *n, unsigned at, struct str *out)
{
	format_print(e, n->compiled, n->list + at + 1, out);
}

static bool check_printf(struct checker *c, struct node *n)
{
	return builtin_check_format(c, n, 0);
}

/* One buffer for all records: it grows to the longest line. A printf() inside of a printf()'s argument (a block
 * with a value) gets one of its own. */
static void eval_printf(struct eval *e, const struct node *n, union value *out)
{
	static struct str kept;
	struct str line = kept;
	const struct eval_host *host = eval_host(e);

	kept = (struct str)STR_INIT;
	str_clear(&line);
	builtin_format(e, n, 0, &line);
	if (!eval_exiting(e))
		host->message(host->ctx, "printf", line.s, line.len);
	str_release(&kept);
	kept = line;
	memset(out, 0, sizeof(*out));
}

/* ---- strings ---- */

static void number(union value *out, int64_t n)
{
	memset(out, 0, sizeof(*out));
	out->n = n;
}

static bool check_two_strings(struct checker *c, struct node *n)
{
	return check_string_arg(c, n, 0) && check_string_arg(c, n, 1);
}

static bool check_strncmp(struct checker *c, struct node *n)
{
	int64_t len;

	if (!check_two_strings(c, n) || !check_literal_int(c, n, 2, &len))
		return false;
	return len >= 0 || diag_error(c->diags, n->span, "Builtin strncmp requires a non-negative literal");
}

/* As C's, but what is not equal is 1. */
static void eval_strncmp(struct eval *e, const struct node *n, union value *out)
{
	union value a, b;
	uint64_t len = (uint64_t)eval_number(e, n->list[2]), na, nb;

	eval_node(e, n->list[0], &a);
	eval_node(e, n->list[1], &b);
	na = a.text.len < len ? a.text.len : len;
	nb = b.text.len < len ? b.text.len : len;
	number(out, na != nb || memcmp(a.text.data, b.text.data, na) != 0);
}

static bool check_memcmp(struct checker *c, struct node *n)
{
	for (unsigned i = 0; i < 2; i++)
		if (!has_bytes(n->list[i]->type) && !type_is_integer(n->list[i]->type))
			return diag_error(c->diags, n->span, "memcmp() compares strings, buffers and arrays (%s provided)",
					  kind_of(n->list[i]->type));
	return check_integer_arg(c, n, 2);
}

/* What lies beyond the end of a value is taken for zeros. */
static void eval_memcmp(struct eval *e, const struct node *n, union value *out)
{
	union value a, b;
	uint64_t len = (uint64_t)eval_number(e, n->list[2]);
	int order = 0;

	eval_bytes(e, n->list[0], &a);
	eval_bytes(e, n->list[1], &b);
	for (uint64_t i = 0; i < len && !order && (i < a.text.len || i < b.text.len); i++) {
		unsigned char x = i < a.text.len ? (unsigned char)a.text.data[i] : 0;
		unsigned char y = i < b.text.len ? (unsigned char)b.text.data[i] : 0;

		order = (x > y) - (x < y);
	}
	number(out, order);
}

static bool check_one_string(struct checker *c, struct node *n)
{
	return check_string_arg(c, n, 0);
}

static void eval_strlen(struct eval *e, const struct node *n, union value *out)
{
	union value s;

	eval_node(e, n->list[0], &s);
	number(out, (int64_t)strnlen(s.text.data, s.text.len));
}

static void eval_strcap(struct eval *e, const struct node *n, union value *out)
{
	number(out, (int64_t)n->list[0]->type->size);
}

static int64_t find(struct eval *e, const struct node *n)
{
	union value text, word;
	const char *at;

	eval_node(e, n->list[0], &text);
	eval_node(e, n->list[1], &word);
	if (!word.text.len)
		return 0;
	at = memmem(text.text.data, text.text.len, word.text.data, word.text.len);
	return at ? at - text.text.data : -1;
}

static void eval_strstr(struct eval *e, const struct node *n, union value *out)
{
	number(out, find(e, n));
}

static void eval_strcontains(struct eval *e, const struct node *n, union value *out)
{
	number(out, find(e, n) >= 0);
}

static uint64_t longest_string(const struct checker *c)
{
	return (c->program->config.max_strlen ? c->program->config.max_strlen : 1024) + 1;
}

static bool check_concat(struct checker *c, struct node *n)
{
	uint64_t size = n->list[0]->type->size + n->list[1]->type->size, most = longest_string(c);

	if (!check_two_strings(c, n))
		return false;
	n->type = type_string(c->arena, size < most ? size : most);
	return true;
}

static void eval_concat(struct eval *e, const struct node *n, union value *out)
{
	union value a, b;
	uint64_t len, most = n->type->size ? n->type->size - 1 : 0;
	char *text;

	eval_node(e, n->list[0], &a);
	eval_node(e, n->list[1], &b);
	len = (uint64_t)a.text.len + b.text.len;
	text = eval_scratch(e, (size_t)len + 1);
	memcpy(text, a.text.data, a.text.len);
	memcpy(text + a.text.len, b.text.data, b.text.len);
	memset(out, 0, sizeof(*out));
	out->text.data = text;
	out->text.len = (uint32_t)(len < most ? len : most);
	out->text.cut = len > most;
}

/* ---- time ---- */

static bool check_strftime(struct checker *c, struct node *n)
{
	struct type *t = arena_alloc(c->arena, sizeof(*t));
	const char *format;

	if (!check_literal_string(c, n, 0, &format) || !check_integer_arg(c, n, 1))
		return false;
	*t = (struct type){ .kind = TYPE_TIMESTAMP, .size = 8, .text = format };
	n->type = t;
	return true;
}

/* From the clock of nsecs(...) to the time since 1970. check left which clock it is in the node's number. */
static uint64_t to_real(const struct names *names, const struct node *n, uint64_t ns)
{
	const char *word = n->kind == NODE_BUILTIN && n->n_list && n->list[0]->kind == NODE_NAME ? n->list[0]->text : "";

	if (strcmp(word, "monotonic") == 0)
		ns -= names->boot_to_mono_ns;
	else if (strstr(word, "tai"))
		ns -= names->boot_to_tai_ns;
	return ns + names->boot_to_real_ns;
}

static void eval_strftime(struct eval *e, const struct node *n, union value *out)
{
	number(out, (int64_t)to_real(eval_host(e)->names, n->list[1], (uint64_t)eval_number(e, n->list[1])));
}

static bool check_time(struct checker *c, struct node *n)
{
	const char *format;

	return !n->n_list || check_literal_string(c, n, 0, &format);
}

static void eval_time(struct eval *e, const struct node *n, union value *out)
{
	const struct eval_host *host = eval_host(e);
	_cleanup_(str_release) struct str s = STR_INIT;

	memset(out, 0, sizeof(*out));
	value_print_time(n->n_list ? n->list[0]->text : "%H:%M:%S\n",
			 eval_record(e)->time_ns + host->names->boot_to_real_ns, &s);
	host->message(host->ctx, "time", s.s ? s.s : "", s.len);
}

/* ---- network ---- */

static uint64_t bytes_in(const struct type *t)
{
	return t->kind == TYPE_ARRAY ? t->count * t->of->size : type_is_integer(t) ? 4 : t->size;
}

/* ntop(address), ntop(family, address): four bytes of a number, or an array. */
static bool check_ntop(struct checker *c, struct node *n)
{
	const struct node *address = n->list[n->n_list - 1];
	const struct type *t = address->type;
	struct type *inet = arena_alloc(c->arena, sizeof(*inet));

	if (n->n_list > 1 && !check_integer_arg(c, n, 0))
		return false;
	if (!type_is_integer(t) && t->kind != TYPE_POINTER && t->kind != TYPE_BUFFER && t->kind != TYPE_STRING &&
	    t->kind != TYPE_ARRAY && t->kind != TYPE_STRUCT)
		return diag_error(c->diags, n->span, "ntop() expects an integer or array argument, got %s", kind_of(t));
	if (has_bytes(t) && bytes_in(t) != 4 && bytes_in(t) != 16)
		return diag_error(c->diags, n->span, "ntop() argument must be 4 or 16 bytes in size");
	*inet = (struct type){ .kind = TYPE_INET, .size = bytes_in(t) == 16 ? 16 : bytes_in(t) == 4 ? 4 : 20 };
	n->type = inet;
	return true;
}

static void eval_ntop(struct eval *e, const struct node *n, union value *out)
{
	const struct node *address = n->list[n->n_list - 1];
	uint32_t want = bytes_in(address->type) >= 16 ? 16 : 4;
	union value v;
	char *bytes;

	if (n->n_list > 1)
		want = eval_number(e, n->list[0]) == AF_INET6 ? 16 : 4;
	eval_bytes(e, address, &v);
	bytes = memset(eval_scratch(e, 16), 0, 16);
	memcpy(bytes, v.text.data, v.text.len < want ? v.text.len : want);
	memset(out, 0, sizeof(*out));
	out->text.data = bytes;
	out->text.len = want;
}

static bool check_pton(struct checker *c, struct node *n)
{
	unsigned char bytes[16];
	const char *text;
	unsigned size;
	union value *items;

	if (!check_literal_string(c, n, 0, &text))
		return false;
	size = strchr(text, ':') ? 16 : 4;
	if (inet_pton(size == 16 ? AF_INET6 : AF_INET, text, bytes) != 1)
		return diag_error(c->diags, n->span, "pton() expects an valid IPv%c address, got %s",
				  size == 16 ? '6' : '4', text);
	items = arena_alloc(c->arena, size * sizeof(*items));
	for (unsigned i = 0; i < size; i++)
		items[i].n = bytes[i];
	n->compiled = items;
	n->type = type_array(c->arena, type_int(1, false), size);
	return true;
}

static void eval_pton(struct eval *e, const struct node *n, union value *out)
{
	memset(out, 0, sizeof(*out));
	out->items = n->compiled;
}

static bool check_macaddr(struct checker *c, struct node *n)
{
	static const struct type mac = { .kind = TYPE_MAC, .size = 6 };
	const struct type *t = n->list[0]->type;

	if (!has_bytes(t) && !type_is_integer(t) && t->kind != TYPE_POINTER)
		return diag_error(c->diags, n->span, "macaddr() only supports array or pointer arguments (%s provided)",
				  kind_of(t));
	if (n->list[0]->kind == NODE_STRING)
		return diag_error(c->diags, n->span, "macaddr() does not support literal string arguments");
	if (has_bytes(t) && bytes_in(t) != 6)
		return diag_error(c->diags, n->span, "macaddr() argument must be 6 bytes in size");
	n->type = &mac;
	return true;
}

static void eval_macaddr(struct eval *e, const struct node *n, union value *out)
{
	char *bytes = memset(eval_scratch(e, 6), 0, 6);
	union value v;

	eval_bytes(e, n->list[0], &v);
	memcpy(bytes, v.text.data, v.text.len < 6 ? v.text.len : 6);
	memset(out, 0, sizeof(*out));
	out->text.data = bytes;
	out->text.len = 6;
}

static bool check_bswap(struct checker *c, struct node *n)
{
	uint64_t size = n->list[0]->type->size;

	if (!check_integer_arg(c, n, 0))
		return false;
	n->type = type_int(size == 1 || size == 2 || size == 4 ? (unsigned)size : 8, false);
	return true;
}

static void eval_bswap(struct eval *e, const struct node *n, union value *out)
{
	uint64_t v = (uint64_t)eval_number(e, n->list[0]);

	number(out, n->type->size == 1 ? (uint8_t)v :
		    n->type->size == 2 ? __builtin_bswap16((uint16_t)v) :
		    n->type->size == 4 ? (int64_t)__builtin_bswap32((uint32_t)v) : (int64_t)__builtin_bswap64(v));
}

const struct builtin builtin_text[] = {
	{ "printf", BUILTIN_FUNCTION, 1, 1024, .statement = true, .shows = true, .usage = "printf(string format, ...)",
	  .about = "prints text", .check = check_printf, .eval = eval_printf },
	{ "strncmp", BUILTIN_FUNCTION, 3, 3, .usage = "uint64 strncmp(string a, string b, int64 n)",
	  .about = "0 when the first n characters are equal, else 1", .check = check_strncmp, .type = &type_uint64,
	  .eval = eval_strncmp },
	{ "memcmp", BUILTIN_FUNCTION, 3, 3, .usage = "int32 memcmp(a, b, uint64 n)",
	  .about = "compares bytes: negative, 0, positive", .check = check_memcmp, .type = &type_int32,
	  .eval = eval_memcmp },
	{ "strlen", BUILTIN_FUNCTION, 1, 1, .usage = "uint64 strlen(string s)", .about = "length of a string",
	  .check = check_one_string, .type = &type_uint64, .eval = eval_strlen },
	{ "strcap", BUILTIN_FUNCTION, 1, 1, .usage = "uint64 strcap(string s)",
	  .about = "the most bytes that a string could have", .check = check_one_string, .type = &type_uint64,
	  .eval = eval_strcap },
	{ "strstr", BUILTIN_FUNCTION, 2, 2, .usage = "int64 strstr(string text, string word)",
	  .about = "where the word begins, or -1", .check = check_two_strings, .type = &type_int64,
	  .eval = eval_strstr },
	{ "strcontains", BUILTIN_FUNCTION, 2, 2, .usage = "bool strcontains(string text, string word)",
	  .about = "is the word in the text?", .check = check_two_strings, .type = &type_bool,
	  .eval = eval_strcontains },
	{ "str_concat", BUILTIN_FUNCTION, 2, 2, .usage = "string str_concat(string a, string b)",
	  .about = "one string behind the other", .check = check_concat, .eval = eval_concat },
	{ "strftime", BUILTIN_FUNCTION, 2, 2, .usage = "timestamp strftime(string format, uint64 ns)",
	  .about = "a time of nsecs as text; %f microseconds, %l milliseconds, %k nanoseconds",
	  .check = check_strftime, .eval = eval_strftime },
	{ "time", BUILTIN_FUNCTION, 0, 1, .statement = true, .usage = "time([string format])",
	  .about = "prints the time of the event", .check = check_time, .eval = eval_time },
	{ "ntop", BUILTIN_FUNCTION, 1, 2, .usage = "inet ntop([int64 family, ] address)",
	  .about = "an Internet address", .check = check_ntop, .eval = eval_ntop },
	{ "pton", BUILTIN_FUNCTION, 1, 1, .usage = "uint8[] pton(string address)", .about = "the bytes of an Internet address",
	  .check = check_pton, .eval = eval_pton },
	{ "macaddr", BUILTIN_FUNCTION, 1, 1, .usage = "mac_address macaddr(char[6] bytes)", .about = "a hardware address",
	  .check = check_macaddr, .eval = eval_macaddr },
	{ "bswap", BUILTIN_FUNCTION, 1, 1, .usage = "bswap(uint n)", .about = "n with its bytes in the other order",
	  .check = check_bswap, .eval = eval_bswap },
	{ 0 }
};
