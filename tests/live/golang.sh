#!/bin/bash
# Go, stripped: functions by Go's own table, arguments where Go has them, entries behind the stack check, and returns at
# the return instructions, while the runtime moves stacks and goroutines change threads. What the records say is what the
# program counted and computed.
. "$(dirname "$0")/lib.sh"
command -v go >/dev/null || skip "there is no Go compiler"
cp "$here/golang.go" .
export HOME=$T GOCACHE=/tmp/trapline-go-cache GO111MODULE=off GOFLAGS=
go build -o whole golang.go || skip "go build does not work"
strip -o hello whole

# Each call of deep() is seen once at its entry, however often its stack grew, and once at its return, with the right
# value for its n: deep(n, word) is len(word), up to 3, and 1 for each odd number up to n.
run probe -q -o records -b 16384 -f json -c './hello 1' 'p:in ./hello:main.deep n=$arg1:s64 len=$arg3:u64' \
	'r:out ./hello:main.deep n=$arg1:s64 len=$arg3:u64 value=$retval:s64'
expect_status 0
calls=$(sed -n 's/calls \([0-9]*\) .*/\1/p' out)
cp records out
json "sum(e['probe'] == 'in' for e in events) == $calls or lost"
json "sum(e['probe'] == 'out' for e in events) == $calls or lost"
json 'all(e["args"]["n"] is not None or lost for e in events)'
json 'all(a["value"] == a["len"] + (a["n"] + 1) // 2 for a in args if "value" in a and a["n"] is not None)'

# Names as Go writes them; strings are two arguments; results are in registers as the arguments are.
cat >program.bt <<'EOT'
uprobe:./hello:main.two { printf("two %d %d [%s] %r\n", arg0, arg1, str(arg2, arg3), buf(arg2, arg3)); }
uretprobe:./hello:main.two { printf("%s %d [%s]\n", func, retval, str(reg("bx"), reg("cx"))); }
uprobe:./hello:main.many { printf("many %d %d %d %d\n", arg0, arg8, arg9, arg10); }
uprobe:./hello:"main.(*pair).Sum" { printf("sum %d\n", arg1); }
uretprobe:./hello:main.pair.Product { printf("product %d\n", retval); }
uretprobe:./hello:"main.generic[...]" { printf("generic %d\n", retval); }
uretprobe:./hello:main.recovers { printf("recovers %d\n", retval); }
EOT
run -c './hello 0' program.bt
expect_status 0
expect out '^two 20 22 \[wordwordword\] wordwordword\\x00end$'
expect out '^main.two 42 \[wordwordword\]$'
expect out '^many 1 9 10 11$'
expect out '^sum 5$'
expect out '^product 12$'
expect out '^generic 3$'
expect out '^recovers -3$'
expect out '^recovers 4$'
expect out '^others 12 12 42 17 66$'

# By name, from registers and stack; a result is none before the return.
run -q -c './whole 0' -e 'uprobe:./whole:main.many { print((args.a, args.i, args.j, args.k)); print(args); }'
expect_status 0
expect out '^[(]1, 9, 10, 11[)]$'
refute out '~r0'

# Several words, a function, and places that count from the frame (not optimized); of a struct with a part that cannot be
# had, the others can.
go build -gcflags='-N -l' -o plain golang.go || fail "go build -N -l"
run -q -c './plain 0' -e 'uprobe:./plain:main.mixed { print((args.items, args.a.n, str(args.a.name.str, args.a.name.len)));
	print(args.how != 0); }
	uprobe:./plain:main.stacked { print(args.two); print(args.m); print(args); }'
expect_status 0
expect out '^[(]\{ .array = 0x[0-9a-f]+, .len = 2, .cap = 2 \}, 1, two[)]$'
expect out '^true$'
expect out '^\[13,14\]$'
expect out '^\{ .n = 10, .name = \{ .str = 0x[0-9a-f]+, .len = 6 \}, .f = '
expect out '^\{ .a = 1, .*, .i = 9, .m = \{ .n = 10, .*, .how = 0x[0-9a-f]+, .two = \[13,14\] \}$'
run -q -c './plain 0' -e 'uprobe:./plain:main.mixed { print(args); }'
expect out "WARNING: 'a' is missing at main.mixed"
expect out '^\{ .a = \(floating point\), .items = \{ .array = 0x[0-9a-f]+, .len = 2, .cap = 2 \}, .how = 0x[0-9a-f]+ \}$'
run -lv 'uprobe:./plain:main.two'
expect out '^    main[.]two\(int a, int b, string word\) \(int ~r0, string ~r1\), '

run -l 'uprobe:./hello:main.(\*pair).*'
expect_status 0
expect out '^uprobe:./hello:main\.\(\*pair\)\.Sum$'
[ "$(wc -l <out)" -eq 1 ] || fail "more than one"

# A name of the whole table has the address that the linker gave it.
nm whole >names
run -lv 'uprobe:./hello:*'
cp out list && : >out
python3 - <<'EOT' || fail "not the addresses of nm"
import re
nm = {}
for line in open("names"):
    address, kind, name = line.rstrip("\n").split(" ", 2)
    if kind in "tT":
        nm.setdefault(name, int(address, 16))
found = {}
for line in open("list"):
    if line.startswith("uprobe:"):
        name = line.rstrip("\n").split(":", 2)[2]
    elif address := re.search("address (0x[0-9a-f]+)", line):
        found[name] = int(address.group(1), 16)
# nm says which ones are of assembly, and has instances of generic functions apart.
wrong = [n for n in found if "[...]" not in n and found[n] not in (nm.get(n), nm.get(n + ".abi0"), nm.get(n + ".abiinternal"))]
if len(found) < 1000 or wrong:
    raise SystemExit(f"{len(found)} functions, wrong: {wrong[:10]}")
EOT

# Forced, the kernel's return probe does what it does.
run probe -q --returns=kernel -c './hello 0' 'r ./hello:main.deep'
[ "$status" -ne 0 ] || fail "the kernel's return probe did no harm"
expect err "WARNING: the kernel's return probe can kill .*hello: it is a Go program"
expect_clean
