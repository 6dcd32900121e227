/* eval.c - runs random programs that are well-typed, mostly, on random records.
 *
 * time: 20
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "../unit/eval_world.h"

enum { DEPTH_MAX = 4 };

static struct str program, records;
static unsigned long long accepted, made;

/* ---- programs ----
 *
 * Maps have fixed types: @i and @n[...] numbers, @s and @t[...] strings, @p[...] tuples, and one for each kind of
 * aggregate. So do variables: $a, $b numbers, $s a string, $t a tuple (number, string). */

static void add_number(struct str *p, unsigned depth);
static void add_string(struct str *p, unsigned depth);
static void add_block(struct str *p, unsigned depth);

static const char *one_of(const char *const *words, unsigned n)
{
	return words[pick(n)];
}
#define ONE_OF(...) one_of((const char *const[]){ __VA_ARGS__ }, \
			   sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

/* As the maps and variables have them: what is computed with an unsigned number is unsigned. */
static void add_signed(struct str *p, unsigned depth)
{
	str_add(p, "(int64)(");
	add_number(p, depth);
	str_addc(p, ')');
}

static void add_key(struct str *p, unsigned depth)
{
	switch (pick(3)) {
	case 0:
		add_signed(p, depth + 1);
		break;
	case 1:
		str_addf(p, "%u", pick(5));
		break;
	default:
		str_add(p, ONE_OF("(int64)tid", "$a", "(int64)arg0", "-1"));
	}
}

static void add_number(struct str *p, unsigned depth)
{
	if (depth > DEPTH_MAX) {
		str_add(p, ONE_OF("0", "1", "-1", "$a", "$b", "arg0", "arg1", "@i", "9223372036854775807", "tid"));
		return;
	}
	switch (pick(14)) {
	case 0:
		str_addc(p, '(');
		add_number(p, depth + 1);
		str_addf(p, " %s ", ONE_OF("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"));
		add_number(p, depth + 1);
		str_addc(p, ')');
		break;
	case 1:
		str_addf(p, "(int64)(");
		add_number(p, depth + 1);
		str_addf(p, " %s ", ONE_OF("<", ">", "<=", ">=", "==", "!=", "&&", "||"));
		add_number(p, depth + 1);
		str_addc(p, ')');
		break;
	case 2:
		str_addf(p, "@n[");
		add_key(p, depth);
		str_addc(p, ']');
		break;
	case 3:
		str_addf(p, "(%s)(", ONE_OF("int8", "uint8", "int16", "uint32", "int64", "uint64"));
		add_number(p, depth + 1);
		str_addc(p, ')');
		break;
	case 4:
		str_add(p, "strlen(");
		add_string(p, depth + 1);
		str_addc(p, ')');
		break;
	case 5:
		str_addf(p, "(int64)(");
		add_string(p, depth + 1);
		str_addf(p, " %s ", ONE_OF("==", "!="));
		add_string(p, depth + 1);
		str_addc(p, ')');
		break;
	case 6:
		str_addc(p, '(');
		add_number(p, depth + 1);
		str_add(p, " ? ");
		add_number(p, depth + 1);
		str_add(p, " : ");
		add_number(p, depth + 1);
		str_addc(p, ')');
		break;
	case 7:
		str_addf(p, "%s", ONE_OF("$a++", "--$b", "@i++", "-$a", "~$b", "len(@n)", "len(kstack)", "$t.0", "@c", "@sum",
					 "@avg", "(int64)has_key(@n, 1)", "strstr(\"abc\", $s)", "bswap(arg0)"));
		break;
	case 8:
		str_add(p, "twice(");
		add_number(p, depth + 1);
		str_addc(p, ')');
		break;
	case 9:
		str_add(p, "@p[");
		add_key(p, depth);
		str_add(p, "].0");
		break;
	case 10:
		str_add(p, "((uint8[8])");
		str_add(p, ONE_OF("arg0", "arg1", "nsecs"));
		str_add(p, ")[$b & 7]");
		break;
	default:
		str_add(p, ONE_OF("$a", "$b", "arg0", "arg1", "pid", "tid", "cpu", "7", "0x7fffffffffffffff", "-5", "@i", "nsecs"));
	}
}

static void add_string(struct str *p, unsigned depth)
{
	if (depth > DEPTH_MAX) {
		str_add(p, ONE_OF("\"\"", "\"abc\"", "$s", "comm"));
		return;
	}
	switch (pick(7)) {
	case 0:
		str_add(p, "str_concat(");
		add_string(p, depth + 1);
		str_add(p, ", ");
		add_string(p, depth + 1);
		str_addc(p, ')');
		break;
	case 1:
		str_add(p, "@t[");
		add_key(p, depth);
		str_addc(p, ']');
		break;
	case 2:
		str_add(p, "str(arg2)");
		break;
	case 3:
		str_add(p, "$t.1");
		break;
	case 4:
		str_add(p, "@p[");
		add_key(p, depth);
		str_add(p, "].1");
		break;
	default:
		str_add(p, ONE_OF("\"x\"", "\"a longer string, of more than sixteen bytes\"", "$s", "comm", "@s", "probe",
				  "str(arg2)"));
	}
}

static void add_tuple(struct str *p, unsigned depth)
{
	str_addc(p, '(');
	add_signed(p, depth + 1);
	str_add(p, ", ");
	add_string(p, depth + 1);
	str_addc(p, ')');
}

static void add_aggregate(struct str *p, unsigned depth)
{
	static const char *const rows[][2] = {
		{ "@c", "count(" }, { "@sum", "sum(" }, { "@avg", "avg(" }, { "@min", "min(" }, { "@max", "max(" },
		{ "@st", "stats(" }, { "@h", "hist(" }, { "@l", "lhist(" }, { "@ts", "tseries(" }, { "@hk[tid]", "hist(" },
		{ "@ck[comm, tid]", "count(" }, { "@ks[kstack]", "count(" }, { "@sk[comm]", "stats(" },
	};
	const char *const *row = rows[pick(ARRAY_LEN(rows))];

	str_addf(p, "%s = %s", row[0], row[1]);
	if (strcmp(row[1], "count(") != 0)
		add_number(p, depth + 1);
	if (strcmp(row[1], "lhist(") == 0)
		str_add(p, ", 0, 100, 7");
	if (strcmp(row[1], "tseries(") == 0)
		str_add(p, ", 1000, 5, \"avg\"");
	str_add(p, "); ");
}

static void add_statement(struct str *p, unsigned depth)
{
	switch (pick(depth > DEPTH_MAX ? 12 : 19)) {
	case 0:
		str_addf(p, "%s = ", ONE_OF("$a", "$b", "@i", "@n[tid]", "@n[$a]"));
		add_signed(p, depth);
		str_add(p, "; ");
		break;
	case 1:
		str_addf(p, "%s = ", ONE_OF("$s", "@s", "@t[tid]", "@t[$b]"));
		add_string(p, depth);
		str_add(p, "; ");
		break;
	case 2:
		str_addf(p, "%s = ", ONE_OF("$t", "@p[tid]", "@p[$a]"));
		add_tuple(p, depth);
		str_add(p, "; ");
		break;
	case 3:
	case 4:
		add_aggregate(p, depth);
		break;
	case 5:
		str_addf(p, "printf(\"%s %%s|%%s %%r\\n\", ", ONE_OF("%d", "%5lld", "%-8x", "%c", "%+d", "%p", "%hhd"));
		add_number(p, depth + 1);
		str_add(p, ", ");
		add_string(p, depth + 1);
		str_add(p, ", ");
		add_tuple(p, depth + 1);
		str_add(p, ", buf(arg2, 7)); ");
		break;
	case 6:
		str_addf(p, "print(%s); ", ONE_OF("@n", "@t", "@p", "@h", "@l", "@st", "@ts", "@c", "@ck", "@ks", "@i", "$a", "$s",
						   "$t", "kstack", "@n, 2", "@n, 1, 3", "@hk, 1, 2", "args.name", "@sk[comm]", "@h"));
		break;
	case 7:
		str_addf(p, "%s; ", ONE_OF("delete(@n, tid)", "delete(@t, 1)", "clear(@n)", "zero(@n)", "zero(@t)", "zero(@p)",
					   "clear(@h)", "zero(@h)", "zero(@ks)", "clear(@ks)", "delete(@p[1])", "zero(@st)", "clear(@c)", "zero(@ts)"));
		break;
	case 8:
		str_addf(p, "%s; ", ONE_OF("@i += 3", "@n[1] -= $a", "$a *= $b", "$b %= 7", "@i <<= 3", "$a /= $b", "@n[$b]++"));
		break;
	case 9:
		str_addf(p, "%s; ", ONE_OF("time()", "join((\"a\", $s))", "warnf(\"%s\", $s)", "print(strftime(\"%T\", nsecs))",
					   "print(ntop(arg0))", "print(usym(arg1))", "print(macaddr(buf(arg2, 6)))", "print(buf(arg2, 9))"));
		break;
	case 10:
		str_add(p, "print(");
		add_tuple(p, depth);
		str_add(p, "); ");
		break;
	case 11:
		if (pick(8) == 0)
			str_add(p, ONE_OF("return; ", "exit(3); "));
		break;
	case 12:
	case 13:
		str_add(p, "if (");
		add_number(p, depth + 1);
		str_add(p, ") ");
		add_block(p, depth + 1);
		if (pick(2)) {
			str_add(p, " else ");
			add_block(p, depth + 1);
		}
		break;
	case 14:
		str_addf(p, "for $i%u : 0..%u ", depth, pick(6));
		add_block(p, depth + 1);
		break;
	case 15:
		str_addf(p, "for ($k%u : %s) { print($k%u); ", depth, ONE_OF("@n", "@t", "@p"), depth);
		add_block(p, depth + 1);
		str_add(p, " } ");
		break;
	case 16:
		str_addf(p, "let $w%u = 0; while ($w%u++ < %u) ", depth, depth, pick(5));
		add_block(p, depth + 1);
		break;
	case 17:
		str_addf(p, "unroll (%u) ", 1 + pick(4));
		add_block(p, depth + 1);
		break;
	default:
		str_addf(p, "$b = { let $z%u = $a; ", depth);
		add_statement(p, depth + 1);
		str_addf(p, " $z%u + 1 }; ", depth);
	}
}

static void add_block(struct str *p, unsigned depth)
{
	str_add(p, "{ ");
	for (unsigned i = pick(4); i; i--)
		add_statement(p, depth);
	str_add(p, "}");
}

/* All maps and variables get their types first. */
static void make_program(struct str *p)
{
	str_clear(p);
	if (pick(2))
		str_addf(p, "config = { max_map_keys = %u; max_strlen = %u }\n", 1 + pick(4), 16 + pick(64));
	if (pick(3) == 0)
		str_add(p, "let @n = lruhash(3);\n");
	str_add(p, "fn twice($x : int64): int64 { if ($x > 5) { return $x; } return $x * 2; }\n"
		   "BEGIN { @i = (int64)1; @n[0] = (int64)1; @s = \"s\"; @t[0] = \"t\"; @p[0] = ((int64)1, \"p\"); @c = count(); "
		   "@sum = sum(-1); @avg = avg(-1); @min = min(-1); @max = max(-1); @st = stats(-1); @h = hist(-1); "
		   "@l = lhist(1, 0, 100, 7); @ts = tseries(-1, 1000, 5, \"avg\"); @hk[0] = hist(-1); @ck[\"a\", 1] = count(); "
		   "@sk[\"a\"] = stats(-1); }\n");
	for (unsigned i = 1 + pick(3); i; i--) {
		str_add(p, "kprobe:f ");
		if (pick(3) == 0) {
			str_add(p, "/");
			add_number(p, DEPTH_MAX);
			str_add(p, "/ ");
		}
		str_add(p, "{ $a = (int64)3; $b = (int64)-2; $s = \"abc\"; $t = ((int64)1, \"x\"); @ks[kstack] = count(); ");
		for (unsigned k = 1 + pick(6); k; k--)
			add_statement(p, 0);
		str_add(p, "}\n");
	}
}

static void make_record(struct str *p)
{
	str_addf(p, "kprobe:f tid=%u time=%u comm=c%u kstack=%x,%x ", pick(4), pick(100000), pick(3), pick(9000),
		 pick(9000));
	str_addf(p, "%s ", ONE_OF("0", "1", "-1", "0x7fffffffffffffff", "0x8000000000000000", "fault", "42"));
	str_addf(p, "%d ", (int)noise());
	str_addf(p, "%s\n", ONE_OF("\"abc\"", "\"\"", "fault", "\"\001\377\"",
				   "\"a long string that was cut somewhere in the middle of\".."));
}

static void show(FILE *to)
{
	fprintf(to, "%s--- records\n%s", program.s, records.s);
}

static bool run(const char *format)
{
	struct world w = { .quiet = !fuzz_aloud };
	bool right;

	w.opt.warnings = pick(2);
	w.names.terminal = pick(2);
	right = world_make(&w, program.s, NULL, false);
	if (right) {
		struct str text = STR_INIT;

		world_open(&w, format);
		world_run(&w, records.s);
		world_output(&w, &text);
		if (fuzz_aloud)
			fwrite(text.s, 1, text.len, stdout);
		str_release(&text);
	} else if (fuzz_aloud) {
		diags_print(w.diags, stdout);
	}
	world_release(&w);
	return right;
}

static void one_program(void)
{
	make_program(&program);
	str_clear(&records);
	for (unsigned i = 1 + pick(6); i; i--)
		make_record(&records);
	accepted += run(pick(2) ? "json" : "text");
	made++;
}

static int end(void)
{
	printf("%llu of them right\n", accepted);
	str_release(&program);
	str_release(&records);
	if (fuzz_aloud || accepted * 2 >= made)
		return 0;
	printf("most programs were refused: the generator has lost touch with the language\n");
	return 1;
}

int main(int argc, char **argv)
{
	static const struct fuzzer eval = { "eval", "programs", NULL, one_program, show, end };

	return fuzz_main(&eval, argc, argv);
}
