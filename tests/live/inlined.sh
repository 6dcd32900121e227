#!/bin/bash
# Functions that the compiler inlined: one hit for each call, whatever it did to the loops around; or it is said that
# hits may not be calls.
. "$(dirname "$0")/lib.sh"

# The hits of a function, and whether they were doubted.
hits() {
	run probe -q -f json --max-probes 100 -c "./$1 5" "p ./$1:$2"
	expect_status 0
	grep -c '"type":"event"' out
}

# Compares the hits of each function with what the program counted. Words behind the program: functions of which
# nothing may be doubted.
compare() {
	local program=$1 function calls found
	shift
	./"$program" 5 | grep -v '^turn\|^(' >calls
	while read -r function calls; do
		found=$(hits "$program" "$function")
		grep -q 'may not be calls' err && [[ " $* " != *" $function "* ]] && continue
		[ "$found" -eq "$calls" ] || fail "$program: $function was called $calls times, and hit $found times"
		refute err 'may not be calls'
	done <calls
}

for level in 0 2 3; do
	target inlined.c -O$level
	compare inlined add set show walk both
done
# Described in another file; described before it was known that they are inlined.
for way in '-O2 -gsplit-dwarf' '-O2 -flto'; do
	# shellcheck disable=SC2086 # two words
	target inlined.c $way
	compare inlined
	run -lv 'uprobe:./inlined:both'
	[ "$(grep -c inlined.in out)" -eq 2 ] || fail "$way: not two copies"
	run -q -c ./inlined -e 'uprobe:./inlined:show { print(args); }'
	expect_status 0
done
if command -v clang >/dev/null; then
	clang -g -O2 -o inlined "$here/inlined.c" || fail "clang cannot compile"
	compare inlined show
fi

# Each copy, and where it was called; one label for all.
target inlined.c -O2
run -lv 'uprobe:./inlined:both'
expect_status 0
expect out '^uprobe:\./inlined:both$'
expect out '^    address 0x[0-9a-f]+, offset 0x[0-9a-f]+, size [0-9]+$'
expect out '^    inlined in main at /.*/inlined.c:[0-9]+, address 0x[0-9a-f]+, offset 0x[0-9a-f]+$'
[ "$(grep -c inlined.in out)" -eq 2 ] || fail "not two copies"
run -l 'uprobe:./inlined:wal*'
[ "$(cat out)" = uprobe:./inlined:walk ] || fail "a function without symbol is not listed"
run probe -f json -c './inlined' 'p ./inlined:both'
grep '^{' out >events; mv events out
json 'len(events) == 3 and {e["probe"] for e in events} == {"uprobe:" + "'"$T"'/inlined:both"}'

# Its own code only; no returns.
run probe -f json --no-inlines -c './inlined' 'p ./inlined:both'
grep '^{' out >events; mv events out
json 'len(events) == 1'
run probe --no-inlines -c './inlined' 'p ./inlined:walk'
expect_status 1
expect err "no function 'walk'"
run probe -f json -c './inlined' 'r ./inlined:both ret=$retval:s32'
expect_status 0
expect err "2 inlined copies of 'both' have no return: those calls are not seen"
grep '^{' out >events; mv events out
json '[a["ret"] for a in args] == [6]'
run probe -c './inlined' 'r ./inlined:walk'
expect_status 1
expect err "'walk' has no return in .*: it is only inlined \(walk, inlined in main at .*/inlined.c:[0-9]+\)"

# In the language.
run -q -c ./inlined -e 'uprobe:./inlined:both, uprobe:./inlined:walk { @[func] = count(); }'
expect out '^@\[both\]: 3$'
expect out '^@\[walk\]: 1$'
run -q --no-inlines -c ./inlined -e 'uprobe:./inlined:both { @[func] = count(); }'
expect out '^@\[both\]: 1$'
expect_clean

# The arguments of a copy, in the order of the function's declaration.
target inlined.c -O0
run probe -q -f json -c './inlined 5' 'p ./inlined:add a=$arg1:s32 b=$arg2:s32'
expect_status 0
sed -i '/^{/!d' out
json '[(a["a"], a["b"]) for a in args] == [(i, 5) for i in range(5)] + [(5 + i, i) for i in range(4)]'
expect_clean

# A function of a namespace, which gcc describes in two parts: found each time.
if command -v g++ >/dev/null; then
	cat >space.cc <<'EOT'
namespace space {
int calls;
static inline __attribute__((always_inline)) void put(int n) { calls += n; asm volatile("nop"); }
}
int main() { space::put(3); return space::calls - 3; }
EOT
	g++ -g -O2 -o space space.cc || fail "g++ cannot compile"
	for _ in {1..12}; do
		run -lv 'uprobe:./space:space::put'
		expect out '^    inlined in main at .*/space.cc:5, '
	done
fi
