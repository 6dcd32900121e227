#!/bin/bash
# Arguments of functions by name: of every type, from registers, stack and memory, optimised or not, as each version
# of DWARF describes them; at the entry and at the return; and why one cannot be had.
. "$(dirname "$0")/lib.sh"

cat >all.bt <<'EOT'
uprobe:./named:numbers {
	printf("%d %d %d %d %u %ld %lu %s\n", args.c, args.u, args.s, args.i, args.n, args.l, args.on_stack, args.color);
}
uprobe:./named:pointers {
	printf("%s %s %s\n", str(args.path), str(args->list[1]), str(args.node->next.path));
	printf("%d %d %d %s\n", args.node->len, args.node->at.y, args.node->next->len, args.node->tag);
	$b = args.node->bits;
	printf("%d %d %d %d\n", args.node->bits.a, args.node->bits.b, args.node->bits.c, $b.b);
	printf("%d %x %s\n", args.node->list[3], args.node->number, args.node->letters);
	print(args.node->at);
}
uprobe:./named:structs /args.p.y == -9 && args.pair.first < 0/ {
	printf("%d %d %d %s\n", args.p.x, args.p.y, args.pair.first, str(args.pair.second));
	printf("%d %s %d %d\n", args.big.v[3], args.big.name, args.big.p.y, args.last);
	print(args.p);
	print(args.big);
}
uprobe:./named:floats { print(args.after); print(args.last); }
uprobe:./named:structs /args.p.y != -9 || args.last > 42/ { print("never"); }
uprobe:./named:structs { print(((struct node *)0) == 0); print(sizeof(struct node)); }
uretprobe:./named:numbers { printf("%d %s\n", args.i, args.color); }
uretprobe:./named:down { printf("%d %d\n", args.n, retval); }
EOT
cat >wanted <<'EOT'
-5 250 -300 -70000 4000000000 -5000000000 18000000000000000000 BLUE
-70000 BLUE
/the/path one second
11 -2 22 12345678
2 -7 624485 -7
4 41424344 DCBA
{ .x = 1, .y = -2 }
9 -9 -1 of a pair
400 bigname -88 42
{ .x = 9, .y = -9 }
{ .v = [100,200,300,400,500], .name = bigname, .p = { .x = 77, .y = -88 } }
1
72
6
7
0 0
1 1
2 3
3 6
EOT

# Each way to compile it gives the same values.
same_values() {
	run -q -c ./named all.bt
	expect_status 0
	sed '/^$/d' out | sed 's/^true$/1/' | diff wanted - || fail "$1: not what was expected"
}
for way in -O0 '-O2 -gdwarf-2' '-O2 -gdwarf-4' '-Os -gsplit-dwarf' \
	'-O2 -fdebug-types-section' '-O0 -gdwarf-3 -fomit-frame-pointer'; do
	rm -f ./*.dwo
	# shellcheck disable=SC2086 # several words
	target named.c $way
	same_values "gcc $way"
done
if command -v clang >/dev/null; then
	clang -Dnoipa=noinline -g -O0 -o named "$here/named.c" || fail "clang -O0"
	same_values "clang -O0"
	# Here clang counts from where the stack pointer will be, behind the prologue.
	clang -Dnoipa=noinline -g -O0 -fomit-frame-pointer -o named "$here/named.c" || fail "clang -fomit-frame-pointer"
	same_values "clang -O0 -fomit-frame-pointer"
	# Half of a struct: clang says nothing of the other one before the function has used it.
	clang -Dnoipa=noinline -g -O2 -o named "$here/named.c" || fail "clang -O2"
	run -q -c ./named -e 'uprobe:./named:structs { print((args.p.x, args.pair.first)); }'
	grep -qx '(9, -1)' out || fail "a part of a struct"
	run -q -c ./named -e 'uprobe:./named:structs { print(args.p.y); }'
	expect out "'p' is missing at structs: optimized out .the compiler has removed this part of it"
	expect out '^[(]optimized out[)]$'
fi

# The debug file is another one than the program.
target named.c -O2
objcopy --only-keep-debug named named.debug
objcopy --strip-debug --add-gnu-debuglink=named.debug named
same_values 'debug link'
run -v --dry-run -e 'uprobe:./named:numbers { print(args.i); }'
expect err "^names of $T/named: debug link $T/named.debug: symbols and DWARF$"

# In definitions: names, members, elements, with types of their own.
target named.c -O2
run probe -q -f json -c ./named 'p ./named:numbers c u $s $i n $l color=color' 'p ./named:pointers $path $path:string
	$node->next->path:string $node->at.y $node->bits.a $node->bits.b c=$node->bits.c $node->tag $node->list l1=$node->list[1]
	$list[1]:string $node->number $node->weight' 'p ./named:structs $p.x $p.y $pair.first $pair.second:string v=$big.v[2]
	$big.name' 'r ./named:down $n ret=$retval:s32'
expect_status 0
json 'args[0] == {"c": -5, "u": 250, "s": -300, "i": -70000, "n": 4000000000, "l": -5000000000, "color": "BLUE"}'
json 'args[1]["path"] > 4096'
json 'args[1]["arg2"] == "/the/path" and args[1]["arg3"] == "second" and args[1]["y"] == -2 and args[1]["a"] == 2 and args[1]["b"] == -7 and args[1]["c"] == 624485'
json 'args[1]["tag"] == "12345678" and args[1]["list"] == [1, 2, 3, 4] and args[1]["l1"] == 2'
json 'args[1]["arg11"] == "one" and args[1]["number"] == 0x41424344 and args[1]["weight"] == 1.5'
json 'args[2]["first"] == -1 and args[2]["second"] == "of a pair" and args[2]["v"] == 300 and args[2]["name"] == "bigname"'
json '[[a["n"], a["ret"]] for a in args[3:]] == [[0, 0], [1, 1], [2, 3], [3, 6]]'

# All of them at once; what cannot be had is named.
run -q -c ./named -e 'uprobe:./named:floats { print(args); }'
expect_status 0
expect out 'd = .floating point., .after = 6, .f = .floating point., .both = .floating point., .last = 7 [}]'
expect out "'d', 'f', 'both' are missing at floats: floating point .it is in a floating point or vector register"

refused() {
	run -q -c ./named -e "uprobe:./named:$1"
	[ $status -ne 0 ] || fail "not refused: $1"
	expect err "$2"
}
refused 'floats { print(args.d + 1); }' "'d' cannot be read here: floating point"
refused 'floats / args.d / { print(1); }' "'d' cannot be read here: floating point"
refused 'floats { @[args.d] = count(); }' "'d' cannot be read here: floating point"
refused 'numbers { print(args.colour); }' "did you mean 'color'"
refused 'pointers { print(args.node->weight); }' 'floating point'
refused 'pointers { print(args.node->lenn); }' "did you mean 'len'"
gcc -g -O2 -o optimised "$here/named.c"
gcc -O2 -o plain "$here/named.c"
run -q -c ./plain -e 'uprobe:./plain:numbers { print(args.c); }'
expect err 'no args at uprobe:./plain:numbers: it has no debug information'
run probe -q -c ./named 'p ./named:structs $p'
expect err "'p' is a struct: name a member of it"
run probe -q -c ./named 'p ./named:pointers $node->at.z'
expect err "struct point has no member 'z'"
run probe -q -c ./named 'p ./named:pointers $node->list[4]'
expect_status 1
expect err "'node->list' has 4 elements, and no .4."
run probe -q -c ./optimised 'p ./optimised:numbers $i:string'
expect err "'i' cannot be fetched at numbers: it is a number in a register, and no text"

# A debug file of another build is not used, and that is said.
cp named split
objcopy --only-keep-debug split split.debug
strip -g split
objcopy --add-gnu-debuglink=split.debug split
run probe -q -c ./split 'p ./split:numbers $i'
expect_status 0
objcopy --only-keep-debug plain split.debug
run probe -q -c ./split 'p ./split:numbers $i'
expect_status 1
expect err 'split.debug is not used: it (is|belongs|has)'

# A struct that the program defines stands for the one of that name.
run -q -c ./named -e 'struct point { short low; short high; int second; } uprobe:./named:structs { print(args.p.low); }'
expect_status 0
expect out '^9$'

# A part that was moved away is jumped to, when arguments are no longer where the caller has put them.
if [ "$(uname -m)" = x86_64 ]; then
	cat >parts.c <<-'EOT'
	#include <stdio.h>
	__attribute__((noinline, cold)) void report(long a) { fprintf(stderr, "%ld\n", a); }
	__attribute__((noinline)) long f(long a, long b)
	{
		long sum = a * b;
		__asm__ volatile("" : "+r"(sum) : : "rbx", "rbp", "r12", "r13", "r14", "r15");
		fputs("called\n", stderr);
		__asm__ volatile("" : : : "rbx", "rbp", "r12", "r13", "r14", "r15");
		if (sum == 42)
			report(a);
		return sum + a;
	}
	int main(void) { return f(6, 7) != 48; }
	EOT
	gcc -g -O2 -o parts parts.c || fail "gcc"
	if nm parts | grep -q ' f[.]cold'; then
		run probe -q -f json -c ./parts 'p ./parts:f.cold $a $sum' 'p ./parts:f $a $b'
		expect_status 0
		json 'args == [{"a": 6, "b": 7}, {"a": 6, "sum": 42}]'
	fi
fi

# What -lv tells of a function and of a type.
run -lv 'uprobe:./named:structs'
expect out 'int structs.struct point p, struct pair pair, struct big big, int last., .*named.c:'
expect out '^        struct pair pair in %si, %dx$'
expect out '^        struct big big in [+]8[(]%sp[)]$'
run -lv 'struct node' ./named
expect out '^    struct point at; *[/][*] 20, size 8'
expect out '^}; [/][*] size 72'
