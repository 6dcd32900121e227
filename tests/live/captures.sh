#!/bin/bash
# What a program reads becomes fetch arguments: types, chains, bit fields, text with and without a length, buffers,
# structures whole, variables; pointers from the entry; and predicates that the kernel tests first.
. "$(dirname "$0")/lib.sh"

target captures.c -O0

# What is printed on stdout, without empty lines.
out_is() {
	sed '/^$/d' out | diff - <(printf '%s\n' "$@") || fail "not what was expected"
}

cat >reads.bt <<'EOT'
struct point { int x; short y; struct point *next; char name[16]; }
struct flags { unsigned a : 3; unsigned b : 5; int c : 4; }
uprobe:./captures:work {
	$p = (struct point *)arg2;
	$f = (struct flags *)arg3;
	$next = $p->next;
	printf("%d %s %d %d\n", arg0, str(arg1), $p->x, $p->y);
	printf("%d %d %s\n", $next->x, $p->next->y, $next->name);
	printf("%d %d %d\n", $f->a, $f->b, $f->c);
	printf("%s %r %s\n", str(arg1, 3), buf(arg1, 4), str(arg1, arg0 + 2));
	printf("%d\n", *(int32 *)uaddr("counter"));
	printf("%d %d\n", ((struct point *)arg2)[0].x, (*$p).y);
	printf("%d\n", $next->next->x);
}
uretprobe:./captures:work { printf("-> %d %d\n", retval, (int8)retval); }
EOT
run reads.bt -c './captures 2'
expect_status 0
out_is '0 even number 1 -2' '5 -6 second' '5 21 -3' 'eve even ev' 77 '1 -2' 0 '-> -5 -5' \
	'1 odd 1 -2' '5 -6 second' '5 21 -3' 'odd odd\x00 odd' 78 '1 -2' 0 '-> 5 5'

# A pointer that was kept at the entry is followed there.
run -e 'uprobe:./captures:work { @s[tid] = arg1; @n[tid] = arg0; }
	uretprobe:./captures:work /@s[tid]/ { printf("%d %s\n", @n[tid], str(@s[tid])); delete(@s, tid); delete(@n, tid); }' \
	-c './captures 3'
expect_status 0
out_is '0 even number' '1 odd' '2 even number'

# print() of what such a pointer leads to is a value, also where the pointer is the map's only one.
run -e 'uprobe:./captures:work { @s = arg1; } uretprobe:./captures:work { print(str(@s)); clear(@s); }' -c './captures 1'
expect_status 0
out_is 'even number'

# A variable that is given one pointer after another, and one that is given one of two.
run -e 'struct point { int x; short y; struct point *next; char name[16]; }
	uprobe:./captures:work {
		$first = (struct point *)arg2;
		$p = $first;
		unroll(2) { print($p->x); $p = $p->next; }
		$q = arg0 == 0 ? $first : $first->next;
		printf("%d %s\n", $q->y, $q->name);
		let $text = arg1;
		if (arg0 == 1) { $text += 2; $text--; }
		print(str($text));
	}' -c './captures 2'
expect_status 0
out_is 1 5 '-2 first' 'even number' 1 5 '-6 second' dd

# The filter lets through what any clause wants, and each clause gets its own.
run -e 'uprobe:./captures:work /arg0 == 3 || str(arg1) == "odd"/ { printf("a %d\n", arg0); }
	uprobe:./captures:work /!(arg0 < 4)/ { printf("b %d\n", arg0); }' -c './captures 6'
expect_status 0
out_is 'a 1' 'a 3' 'b 4' 'a 5' 'b 5'
run --dry-run -e 'uprobe:./captures:work /arg0 == 3 || str(arg1) == "odd"/ { print(arg0); }'
if grep -q 'str_arg1=[^ ]*:x64' out; then	# no filter can test a string that is fetched in pieces
	refute out 'filter'
else
	expect out 'arg0 == 3.*str_arg1 == "odd"'
fi
run -e 'uprobe:./captures:work /comm == "captures" && (arg0 & 1) && (int32)arg0 > -1/ { @ = count(); }' -c './captures 5'
out_is '@: 2'

# What cannot be had says so at its place, and nothing is written to the kernel.
run -e 'uprobe:./captures:work { @p[tid] = arg1; } uretprobe:./captures:work { print(str(@p[tid], retval)); }'
expect_status 1
expect err 'the kernel cannot follow a pointer from another event'
run -e 'uprobe:./captures:work { $i = arg0; print(((int32 *)arg2)[$i]); }'
expect_status 1
expect err 'an index that is known before the program runs'

# An address of the program, a glob of files, what is missing and may be.
run -e "uprobe:./captures:0x$(nm captures | awk '$3 == "work" { print $1 }') { @ = count(); }" -c './captures 4'
out_is '@: 4'
run -e 'uprobe:./capt*s:work { @ = count(); }' -c './captures 4'
out_is '@: 4'
run -e 'config = { missing_probes = "ignore" } uprobe:./captures:wrok { @a = count(); } uprobe:./captures:work { @b = count(); }' \
	-c './captures 4'
out_is '@b: 4'
run -e 'uprobe:./captures:wrok, uprobe:libnosuch:f, uprobe:./captures:work { @ = count(); }' -c './captures 4'
expect out '^@: 4$'
expect out 'WARNING: Unable to attach probe: uprobe:./captures:wrok: no function .wrok. in '
run -e 'uprobe:./captures:wrok, uprobe:./captures:wrko { @ = count(); }' -c './captures 4'
expect_status 1
expect err 'ERROR: no function .wrok. in '
expect err 'ERROR: no function .wrko. in '
run -e 'config = { missing_probes = "error" } uprobe:./captures:wrok, uprobe:./captures:work { @ = count(); }' \
	-c './captures 4'
expect_status 1
run -e 'uprobe:./captures:wrok { @a = count(); }' -c './captures 4'
expect_status 1
expect err "did you mean 'work'"

# Static events: by name, whatever event; those that a field's pointer leads to need event probes or kprobes.
run -e 'tracepoint:sched:sched_process_exi? /args.comm == "captures"/ { printf("%s %s %d\n", probe, args.comm, args.prio); }' \
	-c './captures 1'
if ! grep -q 'WARNING: sched_process_exit is never seen' out; then
	out_is "tracepoint:sched:sched_process_exit captures $((120 + $(nice)))"
fi
expect_clean
