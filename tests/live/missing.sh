#!/bin/bash
# An argument that cannot be had does not hinder the others: it is named, with the reason, and shown as missing; never
# as a number.
. "$(dirname "$0")/lib.sh"
target missing.c -O2

# In definitions, at the entry and at the return.
run probe -q -f json -c ./missing 'p ./missing:mixed n d last' 'r ./missing:mixed n d ret=$retval:s32'
expect_status 0
expect err "'d' is missing at mixed: floating point [(]it is in a floating point or vector register"
json '[a for a in args if "last" in a] == [{"n": 10 + i, "d": None, "last": 20} for i in (0, 1)]'
json '[a for a in args if "ret" in a] == [{"n": 10 + i, "d": None, "ret": 31 + i} for i in (0, 1)]'
run probe -q -c ./missing 'p ./missing:partial used unused'
expect_status 0
expect err "'unused' is missing at partial.*: optimized out"
expect out ' used=5 unused=[(]optimized out[)]$'
run probe -q --filter 'd > 3' -c ./missing 'p ./missing:mixed n d'
expect_status 1
expect err "'d' is not there at .*:mixed [(]floating point[)]: nothing could pass"

# In programs: shown, and not computed with.
run -c ./missing -e 'uprobe:./missing:mixed { print(args); printf("%d %5d %s\n", args.n, args.d, args.d); }'
expect_status 0
[ "$(grep -c "'d' is missing" out)" -eq 1 ] || fail "not one warning"
expect out '^[{] .n = 10, .d = [(]floating point[)], .last = 20 [}]$'
expect out '^11 [(]floating point[)] [(]floating point[)]$'
run -q -f json -c ./missing -e 'uprobe:./missing:partial { print(args); print((1, args.unused)); }'
expect out '"data": [{]"used": 5, "unused": null[}]'
expect out '"data": \[1,null\]'
for clause in '{ @[args.d] = count(); }' '/ args.d / { @ = count(); }' '{ print(args.d + 1); }'; do
	run -q -c ./missing -e "uprobe:./missing:mixed $clause"
	expect_status 1
	expect err "'d' cannot be read here: floating point"
done
run -q -c ./missing -e 'uprobe:./missing:partial { @ = sum(args.unused); }'
expect_status 1
expect err 'the clause computes with this, and cannot be run at any place of uprobe:./missing:partial$'
expect err "'unused' is missing at partial.*: optimized out"

# Of several functions each shows its own; what only some have is missing at the others.
run -q -c ./missing -e 'uprobe:./missing:same_* { print(args); }'
expect_status 0
[ "$(grep -cE '^[{] .p = 0x[0-9a-f]+, .n = 3 [}]$' out)" -eq 2 ] || fail "not the arguments of same_one"
[ "$(grep -cE '^[{] .p = 0x[0-9a-f]+, .n = -4 [}]$' out)" -eq 2 ] || fail "not the arguments of same_two"
run -q -c ./missing -e 'uprobe:./missing:same_* { @[func] = sum(args.p->n + args.n); }'
expect out "'p', 'n' are missing at same_two: it has another type there"
expect out 'it is not run at 1 of the 2 places'
expect out '^@\[same_one\]: 8$'
refute out '^@\[same_two'
run -q -c ./missing -e 'uprobe:./missing:same_* { $a = args; print($a.n); }'
expect_status 1
expect err 'the clause computes with this, and cannot be run at any place of uprobe:./missing:same_[*]$'
run -q -c ./missing -e 'uprobe:./missing:same_* / args.n == 3 / { print((func, args.n)); }'
expect_status 0
expect out '^[(]same_one, 3[)]$'
refute out '^[(]same_two'
run probe -q -f json -c ./missing 'p ./missing:[ms]* last'
expect_status 0
expect err "'last' is missing at 3 places, the first is .*: there is no argument of that name"
json 'sorted(set(a["last"] for a in args if a["last"] is not None)) == [20]'
for how in 'p ./missing' 'r ./missing'; do
	run probe -q --returns=ret -c ./missing "$how:same_* lost"
	expect_status 1
	expect err "'lost' cannot be had at any of the 2 places: there is no argument of that name"
done
expect_clean
