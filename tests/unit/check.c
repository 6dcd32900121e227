/* check.c - the checker: what it says of wrong programs, and the types that it finds in right ones. Parsed
 *from text; with a tracepoint "t:a:b" that has some fields, and no kernel.
 *
 * The rules are below; tests/check/NAME.t has whole programs, and what comes of each: all that is said, and
 *the types of the maps when the program is right.
 *
 *	=== what is tested			`=== unsafe: ...` is checked with --unsafe
 *	BEGIN { @x = nsecs; }
 *	---
 *	@x: uint64
 *
 * CHECK_WRITE=1 writes what comes into the files: look at the difference then.
 */
#include "lang/tree.h"

#include <dirent.h>
#include <stdlib.h>

#include "unit.h"

/* ---- the world ---- */

static const struct type of_int32 = { .kind = TYPE_INT, .size = 4, .is_signed = true };
static const struct type of_uint64 = { .kind = TYPE_INT, .size = 8 };
static const struct type of_char = { .kind = TYPE_INT, .size = 1, .is_signed = true };
static const struct type of_pointer = { .kind = TYPE_POINTER, .size = 8, .of = &of_char };
static const struct type of_string = { .kind = TYPE_STRING, .size = 16 };
static struct member fields[] = {
	{.name = "fd", .type = &of_int32, .offset = 8},
	{.name = "count", .type = &of_uint64, .offset = 16},
	{.name = "filename", .type = &of_pointer, .offset = 24},
	{.name = "comm", .type = &of_string, .offset = 32},
};
static const struct layout args_layout = {.name = "struct a_b_args",
					  .complete = true,
					  .size = 48,
					  .align = 8,
					  .members = fields,
					  .n_members = 4};

static const struct layout *args(void *ctx, const struct attach_point *p, const char **why)
{
	if (strcmp(p->provider, "tracepoint") == 0 && p->n_parts == 2 && strcmp(p->parts[1], "b") == 0)
		return &args_layout;
	*why = "there is no such event";
	return NULL;
}

struct world {
	struct arena *arena;
	struct diags *diags;
	struct source *source;
	struct program *program;
	bool right;
};

static struct world check(const char *text, bool unsafe)
{
	struct world w = { .arena = arena_new(), .diags = diags_new() };
	struct program_options popt = { .parameters = NULL };
	struct check_options opt = { .unsafe = unsafe, .args = args };

	w.source = arena_alloc(w.arena, sizeof(*w.source));
	*w.source = (struct source){ "stdin", text };
	w.program = program_parse(w.arena, w.source, &popt, w.diags);
	w.right = w.program && program_check(w.program, &opt, w.diags);
	return w;
}

static void release(struct world *w)
{
	diags_free(w->diags);
	arena_free(w->arena);
}

/* The reports without the source lines and marks, "stdin:" cut: "1:9-13: ERROR: ...". */
static char *reports(struct world *w)
{
	char *all = NULL, *line, *save = NULL;
	size_t len;
	FILE *f = open_memstream(&all, &len);
	struct str out = STR_INIT;

	diags_print(w->diags, f);
	fclose(f);
	for (line = strtok_r(all, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "stdin:", 6) == 0 || strncmp(line, "HINT:", 5) == 0)
			str_addf(&out, "%s%s", out.len ? "\n" : "", *line == 's' ? line + 6 : line);
	free(all);
	return out.s ? out.s : mem_strdup("");
}

static void says(const char *text, const char *want)
{
	struct world w = check(text, false);
	char *got = reports(&w);

	if (strcmp(got, want) != 0) {
		printf("program: %s\n", text);
		CHECK_STR(got, want);
	}
	free(got);
	release(&w);
}

/* The maps of a program: "@x[int64]: string[16]", "@y: count_t". */
static void print_maps(const struct program *p, const char *separator, struct str *out)
{
	for (unsigned i = 0; i < p->n_maps; i++) {
		const struct map *m = p->maps[i];

		str_addf(out, "%s%s", i ? separator : "", m->name);
		if (m->key) {
			str_addc(out, '[');
			type_print(m->key, out);
			str_addc(out, ']');
		}
		str_add(out, ": ");
		type_print(m->value, out);
	}
}

static void maps(const char *text, const char *want)
{
	struct world w = check(text, true);
	struct str got = STR_INIT;
	char *said = reports(&w);

	if (w.right)
		print_maps(w.program, ", ", &got);
	if (!w.right || strcmp(got.s ? got.s : "", want) != 0) {
		printf("program: %s\n%s\n", text, said);
		CHECK_STR(got.s, want);
	}
	free(said);
	str_release(&got);
	release(&w);
}

static void right(const char *text)
{
	struct world w = check(text, true);
	char *said = reports(&w);

	if (!w.right || strstr(said, "ERROR")) {
		printf("program: %s\n%s\n", text, said);
		CHECK(w.right);
	}
	free(said);
	release(&w);
}

/* ---- the cases ---- */

static void names(void)
{
	says("BEGIN { print(fake) }", "1:15-19: ERROR: Unknown identifier: 'fake'");
	says("BEGIN { print(komm) }",
	     "1:15-19: ERROR: Unknown identifier: 'komm'\nHINT: did you mean 'comm'?");
	says("BEGIN { prinf(\"a\") }",
	     "1:9-19: ERROR: Unknown function: 'prinf'\nHINT: did you mean 'printf'?");
	says("BEGIN { print(@y) }", "1:15-17: ERROR: Undefined map: @y");
	says("BEGIN { @x = @y; print(@y); @x++; }", "1:14-16: ERROR: Undefined map: @y");
	says("BEGIN { print($x) }", "1:15-17: ERROR: Undefined or undeclared variable: $x");
	says("BEGIN { $x++ }", "1:9-11: ERROR: Undefined or undeclared variable: $x");
	says("BEGIN { $x += 1 }", "1:9-11: ERROR: Undefined or undeclared variable: $x");
	says("BEGIN { print(clear) }", "1:15-20: ERROR: Unknown identifier: 'clear'\n"
				       "HINT: it is a function: clear(@map)");
	says("BEGIN { @a = @b; @b = @a; }",
	     "1:9-11: ERROR: Undefined map: @a\n1:14-16: ERROR: Undefined map: @b");
	says("BEGIN { @a = fake; print(@a); $x = fake2; print($x.y + 1); @c = $x; @d = @c; }",
	     "1:14-18: ERROR: Unknown identifier: 'fake'\n1:36-41: ERROR: Unknown identifier: 'fake2'");
	says("BEGIN { print(curtask) }",
	     "1:15-22: ERROR: curtask is not possible without BPF: no event of this kernel "
	     "carries the address of its task\nHINT: use pid, tid, comm, ppid(), uid, cgroup");
	says("BEGIN { fake(); print(fake2); }", "1:9-15: ERROR: Unknown function: 'fake'\n"
						"1:23-28: ERROR: Unknown identifier: 'fake2'");
	maps("BEGIN { @ = AF_INET6; @b = TASK_RUNNING; }", "@: int64, @b: int64");
	maps("enum e { A, B = 5 }; BEGIN { @ = B; }", "@: enum e");
}

static void map_types(void)
{
	maps("BEGIN { @x = 1; @y[comm] = nsecs; @z = count(); }",
	     "@x: int64, @y[string[16]]: uint64, @z: count_t");
	maps("BEGIN { print(@x); } END { @x = \"abc\"; }", "@x: string[4]");
	maps("BEGIN { @y = @x; } END { @x = \"abc\"; }", "@y: string[4], @x: string[4]");
	maps("BEGIN { @x = 0; @x = nsecs; }", "@x: uint64");
	maps("BEGIN { @x = nsecs; @x = 0; }", "@x: uint64");
	maps("BEGIN { @x = -1; @x = (uint8)3; }", "@x: int64");
	maps("BEGIN { @x[1] = 1; @x[nsecs] = 2; }", "@x[uint64]: int64");
	maps("BEGIN { @x[\"a\"] = 1; @x[\"abcd\"] = 2; }", "@x[string[5]]: int64");
	maps("BEGIN { @x[1, \"a\"] = 1; @x[nsecs, comm] = 2; }", "@x[(uint64,string[16])]: int64");
	maps("BEGIN { @x = (1, \"a\"); @x = (2, \"abc\"); }", "@x: (int64,string[4])");
	maps("BEGIN { @x++; @y[1]--; @z += 5; }", "@x: int64, @y[int64]: int64, @z: int64");
	maps("BEGIN { @u[@v++] = 1; }", "@u[int64]: int64, @v: int64");
	maps("BEGIN { @x = @x + 1; }", "@x: int64");
	maps("BEGIN { @x = 1 == 2; }", "@x: bool");
	maps("struct f { int a; char n[8]; }; BEGIN { @p = (struct f *)0; @q = @p->a; }",
	     "@p: struct f *, @q: int64");
	maps("BEGIN { @x = count(); if (@x > 5) { @y = @x + 1; } }", "@x: count_t, @y: int64");
	maps("BEGIN { @x = sum(1); @y = (int64)@x; }", "@x: sum_t, @y: int64");
	maps("t:a:b { @[args.fd] = args->count; @c[args.comm] = count(); }",
	     "@[int64]: uint64, @c[string[16]]: count_t");
	maps("BEGIN { @x[1] = 1; for ($kv : @x) { @y[$kv.0] = $kv.1; } }",
	     "@x[int64]: int64, @y[int64]: int64");
	maps("BEGIN { @x[1] = count(); for ($kv : @x) { @y = $kv.1; } }", "@x[int64]: count_t, @y: int64");
	maps("BEGIN { for ($kv : @x) { @y[$kv.0] = $kv.1; } } END { @x[comm] = 1; }",
	     "@x[string[16]]: int64, @y[string[16]]: int64");
	maps("BEGIN { @x = 5 - nsecs; @y = nsecs - 5; @z = nsecs / 1000; @w = nsecs + nsecs; }",
	     "@x: int64, @y: int64, @z: uint64, @w: uint64");
	maps("BEGIN { delete(@x, 1); @x[2] = 1; delete(@x[3]); @y = 1; delete(@y); }",
	     "@x[int64]: int64, @y: int64");
	says("BEGIN { @x = 1; @x = \"abc\"; }",
	     "1:17-19: ERROR: Type mismatch for @x: trying to assign value of type "
	     "'string[4]' when map already has a type 'int64'");
	says("BEGIN { @x = 1; @x = count(); }",
	     "1:17-19: ERROR: Type mismatch for @x: trying to assign value of type "
	     "'count_t' when map already has a type 'int64'");
	says("BEGIN { @x = count(); @x = 1; }",
	     "1:23-25: ERROR: Type mismatch for @x: trying to assign value of type "
	     "'int64' when map already has a type 'count_t'");
	says("BEGIN { @x = count(); @x++; }",
	     "1:23-27: ERROR: The ++ operator can not be used on expressions of type "
	     "'count_t'");
	says("BEGIN { @x = \"a\"; @x++; }",
	     "1:19-23: ERROR: The ++ operator can not be used on expressions of type "
	     "'string[2]'");
	says("BEGIN { @x[1] = 1; @x[\"a\"] = 1; }",
	     "1:20-27: ERROR: Argument mismatch for @x: trying to access with "
	     "arguments: 'string[2]' when map expects arguments: 'int64'");
	says("BEGIN { @x[1] = 1; @x = 1; }",
	     "1:20-22: ERROR: @x used as a map without an explicit key (scalar map), "
	     "previously used with an explicit key (non-scalar map)");
	says("BEGIN { @x = 1; @x[1] = 1; }",
	     "1:17-22: ERROR: @x used as a map with an explicit key (non-scalar map), "
	     "previously used without an explicit key (scalar map)");
	says("BEGIN { @x[1, 2] = 0; @x[3] = 1; }",
	     "1:23-28: ERROR: Argument mismatch for @x: trying to access with "
	     "arguments: 'int64' when map expects arguments: '(int64,int64)'");
	says("BEGIN { @x = count(); @y = @x; }",
	     "1:23-30: ERROR: Map value 'count_t' cannot be assigned from one map to "
	     "another. The function that returns this type must be called directly e.g. `@y = count();`.\n"
	     "HINT: Add a cast to integer if you want the value of the aggregate, e.g. `@y = (int64)@x;`.");
	says("BEGIN { @x = hist(1); $y = @x; }",
	     "1:23-30: ERROR: Value 'hist_t' cannot be assigned to a scratch variable.");
	says("BEGIN { @x = lhist(1, 0, 10, 1); @x = lhist(1, 0, 20, 1); }",
	     "1:34-36: ERROR: Different lhist bounds in a single map unsupported");
	says("BEGIN { @x = hist(1); @x[1] = 5; }",
	     "1:23-28: ERROR: @x used as a map with an explicit key (non-scalar map), "
	     "previously used without an explicit key (scalar map)");
	says("BEGIN { @x = 1; for ($kv : @x) { } }",
	     "1:28-30: ERROR: @x has no explicit keys (scalar map), and cannot be used for iteration");
	says("BEGIN { @x[1] = hist(1); for ($kv : @x) { } }",
	     "1:37-39: ERROR: Loop expression does not support type: hist_t");
}

static void variables(void)
{
	right("BEGIN { $x = 1; $x = nsecs; $y = \"a\"; $y = \"abc\"; $z = (1, \"a\"); $z = (nsecs, \"abc\"); "
	      "}");
	right("BEGIN { $x = 127; $x++; let $y: uint8 = 200; $y = 255; $y += 1; let $z; $z = comm; print(($x, "
	      "$y, $z)); }");
	right("BEGIN { if (1) { $x = 1; } else { $x = \"a\"; } for ($i : 0..5) { $x = $i; } $x = (1, 2); }");
	says("BEGIN { $x = 1; $x = \"a\"; }",
	     "1:17-25: ERROR: Type mismatch for $x: trying to assign value of type "
	     "'string[2]' when variable already contains a value of type 'int64'");
	says("BEGIN { let $x: uint8 = 256; print($x) }",
	     "1:9-28: ERROR: Type mismatch for $x: trying to assign value of "
	     "type 'int64' when variable already contains a value of type 'uint8'");
	says("BEGIN { let $x = 1; let $x = 2; print($x); }",
	     "1:21-31: ERROR: Variable $x was already declared. Variable shadowing is not allowed.");
	says("BEGIN { $x = 1; for ($x : 0..3) { } }",
	     "1:17-32: ERROR: Loop declaration shadows existing variable: $x");
	says("BEGIN { if (1) { let $x = 1; print($x) } print($x); }",
	     "1:48-50: ERROR: Undefined or undeclared variable: $x");
	says("BEGIN { if (pid > 1) { $x = \"a\"; } else { $x = \"abc\"; } print($x); print($x); }",
	     "1:63-65: WARNING: Variable $x is used outside of the block in which it was assigned\n"
	     "HINT: bpftrace 0.22 and later refuse that; declare it before the block: let $x;");
	says("BEGIN { let $x; }", "1:9-15: WARNING: Variable $x was never assigned to.");
	says("BEGIN { $x = $x + 1; }", "1:14-16: ERROR: Undefined or undeclared variable: $x");
	says("BEGIN { $count = 1; print($cuont); }",
	     "1:27-33: ERROR: Undefined or undeclared variable: $cuont\n"
	     "HINT: did you mean '$count'?");
}

static void operators(void)
{
	right("BEGIN { print(1 + 2 * nsecs); print(-pid); print(!comm); print(~0); print(comm == \"a\" && "
	      "pid > 1); }");
	right("BEGIN { print((1, \"a\") == (2, \"abc\")); $p = (int32 *)8; print($p + 1); print($p - $p); "
	      "print(*$p); }");
	right("BEGIN /comm/ { } BEGIN /pid/ { } BEGIN /@x/ { @x = count(); }");
	right("t:a:b /args.comm == \"x\" && str(args.filename) != \"y\"/ { print(args.fd ? 1 : nsecs); "
	      "print(comm[0]); }");
	says("BEGIN { print(1 + \"a\"); }",
	     "1:15-22: ERROR: Type mismatch for '+': comparing 'int64' with 'string[2]'");
	says("BEGIN { print(comm < \"a\"); }",
	     "1:15-25: ERROR: The < operator can not be used on expressions of types string[16], string[2]");
	says("BEGIN { print(comm == 1); }",
	     "1:15-24: ERROR: Type mismatch for '==': comparing 'string[16]' with 'int64'");
	says("BEGIN { print((1, comm) == (1, 2)); }",
	     "1:15-34: ERROR: Tuple type mismatch: (int64,string[16]) != (int64,int64).");
	says("BEGIN { print(-\"a\"); print(~comm); }",
	     "1:15-19: ERROR: The - operator can not be used on expressions of type 'string[2]'\n"
	     "1:28-33: ERROR: The ~ operator can not be used on expressions of type 'string[16]'");
	says("BEGIN { $a = -1; if ($a < nsecs) { } }",
	     "1:22-32: WARNING: comparison of integers of different signs: "
	     "'int64' and 'uint64' can lead to undefined behavior");
	says("BEGIN { if (nsecs > 5) { } }", "");
	says("BEGIN { if (kstack) { } }", "1:13-19: ERROR: Invalid condition: kstack");
	says("BEGIN /kstack/ { }", "1:8-14: ERROR: Invalid type for predicate: kstack");
	says("BEGIN { $a = pid == 1 ? 1 : \"a\"; }",
	     "1:14-32: ERROR: Ternary operator must return the same type: have 'integer' and 'string'");
	says("BEGIN { print(pid++); }",
	     "1:15-20: ERROR: The ++ operator must be applied to a map or variable");
	says("BEGIN { print(*comm); }",
	     "1:15-20: ERROR: Can not dereference type 'string[16]'. It is not a pointer.");
	says("BEGIN { print(pid[0]); }", "1:15-21: ERROR: The array index operator [] can only be used on "
					 "arrays and pointers, found integer.");
	says("BEGIN { print((1, 2).2); }",
	     "1:15-23: ERROR: Invalid tuple index: 2. Found 2 elements in tuple.");
	says("BEGIN { print((1, 2).x); }",
	     "1:15-23: ERROR: Tuples must be indexed with a constant and non-negative integer");
	says("BEGIN { print(pid.x); }",
	     "1:15-20: ERROR: Can not access field 'x' on expression of type 'uint32'");
	says("struct F { int x; int a[4]; }; BEGIN { print(((struct F *)0)->y); print(((struct F "
	     "*)0)->a[4]); }",
	     "1:47-64: ERROR: Struct/union of type 'struct F' does not contain a field named 'y'\nHINT: did "
	     "you mean 'x'?\n"
	     "1:74-94: ERROR: the index 4 is out of bounds for array of size 4");
	says("BEGIN { print((int32)comm); print((int32)(1, 2)); }",
	     "1:15-26: ERROR: Cannot cast from \"string[16]\" to \"int32\"\n"
	     "1:35-48: ERROR: Cannot cast from \"(int64,int64)\" to \"int32\"");
	says("BEGIN { print(((struct G *)0)->x); }", "1:17-27: ERROR: Unknown struct/union: 'struct G'\n"
						     "HINT: define it in the program (the types of the kernel are not read): struct G { ... };");
	says("t:a:b { print(args.fliename); }",
	     "1:15-28: ERROR: Struct/union of type 'struct a_b_args' does not contain "
	     "a field named 'fliename'\nHINT: did you mean 'filename'?");
}

static void calls(void)
{
	says("BEGIN { printf(); }", "1:9-17: ERROR: printf() requires at least one argument (0 provided)");
	says("BEGIN { @x = lhist(1, 2, 3); }", "1:14-28: ERROR: lhist() requires 4 arguments (3 provided)");
	says("BEGIN { @x = count(1); }", "1:14-22: ERROR: count() requires no arguments (1 provided)");
	says("BEGIN { strftime(\"a\"); }", "1:9-22: ERROR: strftime() requires 2 arguments (1 provided)");
	says("BEGIN { count(); $x = hist(1); }", "1:9-16: ERROR: count() must be assigned directly to a map\n"
						 "1:23-30: ERROR: hist() must be assigned directly to a map");
	says("BEGIN { @x = printf(\"a\"); }",
	     "1:14-25: ERROR: printf() should not be used in an assignment or as a map key");
	says("BEGIN { system(\"ls\"); }",
	     "1:9-21: ERROR: system() is an unsafe function being used in safe mode\n"
	     "HINT: run it with --unsafe");
	says("BEGIN { strlen(comm); }",
	     "1:9-21: WARNING: Return value discarded.\nHINT: if that is meant: _ = ...");
	says("BEGIN { _ = strlen(comm); @x[1] = 1; delete(@x, 1); @x[2]++; }", "");
	says("BEGIN { print(retval); print(arg0); print(sarg0); print(func); print(reg(\"ip\")); "
	     "print(args); }",
	     "1:15-21: ERROR: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and "
	     "'fexit' probes\n"
	     "1:30-34: ERROR: The arg0 builtin can only be used with 'kprobes', 'uprobes' and 'usdt' probes\n"
	     "1:43-48: ERROR: The sarg0 builtin can only be used with 'kprobes' and 'uprobes' probes\n"
	     "1:57-61: ERROR: The func builtin can not be used with 'begin' probes\n"
	     "1:70-79: ERROR: reg can not be used with \"begin\" probes\n"
	     "1:88-92: ERROR: The args builtin can only be used with tracepoint/fentry/uprobe probes (begin "
	     "used here)");
	says("kprobe:f { print(args.x); print(retval); }",
	     "1:18-22: ERROR: The args builtin can only be used with tracepoint/fentry/uprobe probes (kprobe "
	     "used here)\n"
	     "1:33-39: ERROR: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and "
	     "'fexit' probes");
	says("kprobe:f, kprobe:g { print(retval); }", "1:28-34: ERROR: The retval builtin can only be used "
						      "with 'kretprobe' and 'uretprobe' and 'fexit' probes");
	says("kretprobe:f, kprobe:g { print(retval); }",
	     "1:31-37: ERROR: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and "
	     "'fexit' probes");
	says("t:a:none { print(args.x); }", "1:18-22: ERROR: no args at t:a:none: there is no such event");
	says("BEGIN { clear(1); }", "1:9-17: ERROR: clear() expects a map to be provided");
	right("BEGIN { print(nsecs(boot)); print(kstack(perf, 3)); @x[1] = 1; print(@x, 5); clear(@x); "
	      "print(len(@x)); }");
	right("BEGIN { if (has_key(@x, (1, \"a\"))) { @x[1, \"abc\"] = 1; } print(@x[1, \"a\"]); }");
	says("BEGIN { @x = 1; if (has_key(@x, 1)) { } }",
	     "1:21-35: ERROR: has_key() expects a map with explicit keys (non-scalar map)");
}

static void statements(void)
{
	says("BEGIN { break; }", "1:9-14: ERROR: break used outside of a loop");
	says("BEGIN { unroll(101) { } unroll(0) { } }", "1:16-19: ERROR: unroll maximum value is 100\n"
							"1:32-33: ERROR: unroll minimum value is 1");
	right("BEGIN { unroll(5) { @x++; } while (@x < 3) { @x++; continue; } $y = { let $z = 1; $z + 1 }; "
	      "print($y); }");
	right("BEGIN { $x = if (pid > 1) { 5 } else { 6 }; if comptime (1 == 1) { print($x); } else { "
	      "fake(); } }");
	says("BEGIN { print(comptime pid); }", "1:15-27: ERROR: Unable to evaluate at compile time.");
	right("fn add($a : int64, $b : int64) : int64 { return $a + $b; } BEGIN { print(add(1, 2)); }");
	says("fn f($a : int64) : int64 { return \"a\"; } BEGIN { print(f(comm)); print(f()); }",
	     "1:28-38: ERROR: Function f is of type int64, cannot return string[2]\n"
	     "1:58-62: ERROR: Expected int64 for argument `$a` got string[16]\n"
	     "1:72-75: ERROR: f() requires one argument (0 provided)");
}

/* What the first argument of the first call in the first clause has become. */
static void folds(const char *expression, const char *want)
{
	char *text = NULL;
	struct world w;
	struct str got = STR_INIT;
	const struct node *n;

	if (asprintf(&text, "BEGIN { _ = (%s, 0); }", expression) < 0)
		abort();
	w = check(text, true);
	if (!w.right) {
		char *said = reports(&w);

		str_add(&got, said);
		free(said);
	} else {
		n = w.program->actions[0]->body->list[0]->b->list[0];
		if (n->kind == NODE_INT && n->type->is_signed)
			str_addf(&got, "%lld", (long long)n->number);
		else if (n->kind == NODE_INT)
			str_addf(&got, "%lluu", (unsigned long long)n->number);
		else if (n->kind == NODE_BOOL)
			str_add(&got, n->number ? "true" : "false");
		else if (n->kind == NODE_STRING)
			str_addf(&got, "\"%s\"", n->text);
		else
			str_add(&got, "not folded");
	}
	if (strcmp(got.s, want) != 0)
		printf("expression: %s\n", expression);
	CHECK_STR(got.s, want);
	str_release(&got);
	release(&w);
	free(text);
}

static void folding(void)
{
	folds("2 * 3600 * 1e9", "7200000000000");
	folds("0 - 1", "-1");
	folds("-5", "-5");
	folds("~0", "-1");
	folds("!5", "false");
	folds("1 << 4 | 3", "19");
	folds("7 / 2 + 7 % 4", "6");
	folds("-7 / 2", "-3");
	folds("1 / 0", "not folded");
	folds("1 % 0", "not folded");
	folds("1 << 64", "not folded");
	folds("9223372036854775807 + 1", "9223372036854775808u");
	folds("-9223372036854775808", "-9223372036854775808");
	folds("18446744073709551615 * 2 == 0", "false");
	folds("9223372036854775807 * 9223372036854775807",
	      "1:14-55: ERROR: unable to fold literals due to overflow or underflow");
	folds("-9223372036854775807 - 2",
	      "1:14-38: ERROR: unable to fold literals due to overflow or underflow");
	folds("18446744073709551615 * 18446744073709551615", "1u");
	folds("1 < 2 && 3 != 4", "true");
	folds("\"a\" == \"a\"", "true");
	folds("\"a\" != \"ab\"", "true");
	folds("\"foo\" + \"bar\"", "\"foobar\"");
	folds("1 == 1 ? 5 : 6", "5");
	folds("(uint8)257", "1u");
	folds("(int8)200", "-56");
	folds("(bool)7", "true");
	folds("sizeof(int32)", "4u");
	folds("sizeof(uint8[6])", "6u");
	folds("1 + pid", "not folded");
}

/* ---- tests/check/NAME.t ---- */

static void outcome(const char *text, bool unsafe, struct str *out)
{
	struct world w = check(text, unsafe);
	char *all = NULL;
	size_t len;
	FILE *f = open_memstream(&all, &len);

	diags_print(w.diags, f);
	fclose(f);
	str_addn(out, all, len);
	if (w.right) {
		print_maps(w.program, "\n", out);
		str_add(out, w.program->n_maps ? "\n" : "");
	}
	free(all);
	release(&w);
}

struct example {
	struct str title, program, want;
};

static void trim(struct str *s)
{
	str_addn(s, "", 0);
	while (s->len && s->s[s->len - 1] == '\n')
		s->s[--s->len] = '\0';
}

static void check_example(const char *path, struct example *e, struct str *written)
{
	_cleanup_(str_release) struct str got = STR_INIT;

	outcome(e->program.s, strncmp(e->title.s, "=== unsafe: ", 12) == 0, &got);
	trim(&got);
	trim(&e->want);
	str_addf(written, "%s%s---\n%s\n\n", e->title.s, e->program.s, got.s);
	if (!getenv("CHECK_WRITE") && strcmp(got.s, e->want.s) != 0) {
		printf("%s: %s%s", path, e->title.s, e->program.s);
		CHECK_STR(got.s, e->want.s);
	}
	str_clear(&e->title);
	str_clear(&e->program);
	str_clear(&e->want);
}

static unsigned check_file(const char *path)
{
	_cleanup_(str_release) struct str written = STR_INIT;
	struct example e = { STR_INIT, STR_INIT, STR_INIT };
	struct str *part = NULL;
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	unsigned n = 0;

	while (f && getline(&line, &cap, f) > 0) {
		if (strncmp(line, "=== ", 4) == 0) {
			if (part)
				check_example(path, &e, &written);
			str_add(&e.title, line);
			part = &e.program;
			n++;
		} else if (strcmp(line, "---\n") == 0 && part == &e.program) {
			part = &e.want;
		} else if (part) {
			str_add(part, line);
		}
	}
	if (part)
		check_example(path, &e, &written);
	if (f)
		fclose(f);
	f = getenv("CHECK_WRITE") ? fopen(path, "w") : NULL;
	if (f) {
		fwrite(written.s, 1, written.len - 1, f);
		fclose(f);
	}
	free(line);
	str_release(&e.title);
	str_release(&e.program);
	str_release(&e.want);
	return n;
}

static void files(void)
{
	struct dirent *entry;
	DIR *dir = opendir("tests/check");
	unsigned n = 0;

	while (dir && (entry = readdir(dir))) {
		char path[1024];

		snprintf(path, sizeof(path), "tests/check/%s", entry->d_name);
		if (strstr(entry->d_name, ".t"))
			n += check_file(path);
	}
	if (dir)
		closedir(dir);
	CHECK(n >= 100);
}

int main(void)
{
	names();
	map_types();
	variables();
	operators();
	calls();
	statements();
	folding();
	files();
	return unit_end();
}
