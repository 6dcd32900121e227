/* check.c - makes programs at random and checks them: most are wrong in some way, some are right.
 *
 * time: 20
 *
 * Of a right program it is asked that every expression has a type: eval/ relies on it.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "lang/tree.h"

enum { MAX_DEPTH = 5 };

static unsigned long long n_right;
static struct str text;

/* ---- programs: a grammar, followed at random ----
 *
 * In the templates E is an expression, S a statement, M a map, V a variable, K a literal, O a binary
 * operator, T a type, B a block.
 */

static const char *const expressions[] = {
	"K",
	"K",
	"K",
	"V",
	"V",
	"M",
	"M",
	"M[E]",
	"M[E, E]",
	"pid",
	"comm",
	"nsecs",
	"kstack",
	"args.fd",
	"arg0",
	"retval",
	"E O E",
	"E O E",
	"(E)",
	"-E",
	"!E",
	"~E",
	"*E",
	"&V",
	"(T)E",
	"E ? E : E",
	"E ?: E",
	"(E, E)",
	"(a=E, b=E)",
	"E.0",
	"E.a",
	"E->x",
	"E[E]",
	"V++",
	"--M",
	"M[E]++",
	"sizeof(T)",
	"sizeof(E)",
	"offsetof(struct f, s)",
	"str(E)",
	"strlen(E)",
	"buf(E, K)",
	"ksym(E)",
	"ntop(E)",
	"has_key(M, E)",
	"delete(M, E)",
	"len(M)",
	"B",
	"if (E) B else B",
	"comptime E",
	"one",
	"two(E, V)",
	"f(E, E)",
	"count()",
	"hist(E)",
	"((struct f *)E)->s.c",
	"(struct f *)E",
	"RED",
	"is_str(E)",
	"strftime(\"%H\", E)",
	"find(M, E, V)",
	"typeinfo(E)",
	"(typeof(E))E",
	"printf(\"%d\", E)",
};
static const char *const statements[] = {
	"M = E",
	"M = E",
	"V = E",
	"V = E",
	"M[E] = E",
	"M[E] = count()",
	"M = sum(E)",
	"M[E] = hist(E)",
	"M = lhist(E, 0, 10, 1)",
	"M = max(E)",
	"V += E",
	"M -= E",
	"M[E] |= E",
	"V++",
	"M[E]--",
	"let V = E",
	"let V: T = E",
	"let V",
	"_ = E",
	"E",
	"printf(\"%d %s\", E, E)",
	"print(E)",
	"print(M)",
	"clear(M)",
	"delete(M[E])",
	"delete(M, E)",
	"if (E) B",
	"if (E) B else B",
	"if comptime (E) B else B",
	"while (E) B",
	"unroll(K) B",
	"for (V : M) B",
	"for (V : E..E) B",
	"return",
	"return E",
	"break",
	"continue",
	"V.0 = E",
	"stmt(M)",
	"exit()",
	"zero(M)",
	"join(E)",
	"print(M, K)",
};
static const char *const probes[] = {
	"BEGIN",
	"END",
	"interval:s:1",
	"kprobe:f",
	"kretprobe:f",
	"tracepoint:a:b",
	"uprobe:/bin/sh:f",
	"kprobe:f, kretprobe:g",
	"tracepoint:a:b, tracepoint:a:c",
	"self:signal:SIGUSR1",
};
static const char *const literals[] = {
	"0",
	"1",
	"-1",
	"5",
	"127",
	"128",
	"255",
	"65536",
	"9223372036854775807",
	"18446744073709551615",
	"1e6",
	"\"\"",
	"\"abc\"",
	"\"a long string\"",
	"true",
	"false",
	"3s",
	"0x7f",
};
static const char *const types[] = {
	"int8",      "uint8",  "int32",    "uint64",        "int64",     "bool",
	"string[8]", "string", "struct f", "struct f *",    "int8 *",    "uint8[4]",
	"uint8[8]",  "enum e", "void *",   "struct none *", "typeof(V)", "int32[2][3]",
};
static const char *const operators[] = {
	"+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "&", "|", "^", "<<", ">>",
};
static const char *const maps[] = { "@", "@a", "@b", "@c" };
static const char *const variables[] = { "$a", "$b", "$c" };

static const char prelude[] =
	"struct f { int x; char s; struct f *next; union { int a; short b; }; unsigned bits : 3; char t[8]; "
	"};\n"
	"enum e { RED, GREEN = 7 };\n"
	"let @c = lruhash(5);\n"
	"macro one() { 1 }\n"
	"macro two(e, $v) { let $x = e; $v = $x; $x + $v }\n"
	"macro stmt(@m) { @m[1] = 5; }\n"
	"fn f($a : int64, $b : string[8]) : int64 { if ($a) { return 5; } return $a; }\n";

#define PICK(list) (list)[pick(ARRAY_LEN(list))]

static void fill(const char *template, int depth);

static void block(int depth)
{
	unsigned n = pick(3);

	str_add(&text, "{ ");
	for (unsigned i = 0; i < n; i++) {
		fill(PICK(statements), depth + 1);
		str_add(&text, "; ");
	}
	if (pick(2))
		fill(PICK(expressions), depth + 1);
	str_add(&text, " }");
}

static void letter(char c, int depth)
{
	switch (c) {
	case 'E':
		fill(depth < MAX_DEPTH ? PICK(expressions) : "K", depth + 1);
		break;
	case 'S':
		fill(PICK(statements), depth + 1);
		break;
	case 'B':
		if (depth < MAX_DEPTH)
			block(depth);
		else
			str_add(&text, "{ }");
		break;
	case 'M':
		str_add(&text, PICK(maps));
		break;
	case 'V':
		str_add(&text, PICK(variables));
		break;
	case 'K':
		str_add(&text, PICK(literals));
		break;
	case 'O':
		str_add(&text, PICK(operators));
		break;
	case 'T':
		fill(PICK(types), depth + 1);
		break;
	default:
		str_addc(&text, c);
	}
}

/* A capital that stands alone is a part to fill in. */
static void fill(const char *template, int depth)
{
	bool in_word = false;

	for (const char *p = template; *p; p++) {
		bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '%';

		if (word && !in_word && !(p[1] >= 'A' && p[1] <= 'Z'))
			letter(*p, depth);
		else
			str_addc(&text, *p);
		in_word = word;
	}
}

static void make_program(void)
{
	unsigned n = 1 + pick(3);

	str_clear(&text);
	str_add(&text, prelude);
	while (n-- > 0) {
		unsigned many = 1 + pick(4);

		str_add(&text, PICK(probes));
		if (pick(4) == 0) {
			str_add(&text, " /");
			fill("E", 2);
			str_add(&text, "/");
		}
		str_add(&text, " { ");
		while (many-- > 0) {
			fill("S", 0);
			str_add(&text, "; ");
		}
		str_add(&text, "}\n");
	}
}

/* ---- asking ---- */

static const struct type of_int = { .kind = TYPE_INT, .size = 4, .is_signed = true };
static struct member fields[] = {{.name = "fd", .type = &of_int, .offset = 8}};
static const struct layout args_layout = {
	.name = "struct args", .complete = true, .size = 16, .align = 8, .members = fields, .n_members = 1};

static const struct layout *args(void *ctx, const struct attach_point *p, const char **why)
{
	*why = "there is no such event";
	return p->n_parts == 2 && strcmp(p->parts[1], "b") == 0 ? &args_layout : NULL;
}

static void must_have_type(const struct node *n)
{
	if (!n)
		return;
	if (n->kind < NODE_ASSIGN && (!n->type || n->type->kind == TYPE_UNKNOWN)) {
		fprintf(stderr, "fuzz check: a node of kind %d at %u-%u has no type\n", n->kind,
			n->span.begin, n->span.end);
		abort();
	}
	must_have_type(n->a);
	must_have_type(n->b);
	must_have_type(n->c);
	for (unsigned i = 0; n->kind != NODE_OFFSETOF && i < n->n_list; i++)
		must_have_type(n->list[i]);
}

static void try_program(void)
{
	struct arena *a = arena_new();
	struct diags *d = diags_new();
	struct source src = { "stdin", text.s };
	struct program_options popt = { .parameters = NULL };
	struct check_options opt = { .unsafe = true, .args = args };
	struct program *p = program_parse(a, &src, &popt, d);
	bool right = p && program_check(p, &opt, d);

	for (unsigned i = 0; right && i < p->n_actions; i++) {
		must_have_type(p->actions[i]->predicate);
		must_have_type(p->actions[i]->body);
	}
	for (unsigned i = 0; right && i < p->n_maps; i++)
		if (!p->maps[i]->value)
			abort();
	n_right += right;
	if (fuzz_aloud)
		diags_print(d, stdout);
	diags_free(d);
	arena_free(a);
}

static void one_program(void)
{
	make_program();
	try_program();
}

static void show(FILE *to)
{
	fprintf(to, "%s", text.s);
}

static int end(void)
{
	printf("%llu of them right\n", n_right);
	str_release(&text);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct fuzzer check = { "check", "programs", NULL, one_program, show, end };

	return fuzz_main(&check, argc, argv);
}
