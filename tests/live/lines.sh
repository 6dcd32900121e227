#!/bin/bash
# FILE@SOURCE:LINE: one hit each time when the line is executed; and what is said when there is nothing.
. "$(dirname "$0")/lib.sh"

# The number of the line with a mark.
line() {
	grep -n "/\* $1 \*/" "$here/lines.c" | cut -d: -f1
}

# Compares the hits of marked lines with what the program says; words: marks.
compare() {
	local mark count
	./lines 3 >counts
	for mark in "$@"; do
		count=$(awk -v m="$mark" '$1 == m { print $2 }' counts)
		run probe -q -f json -c './lines 3' "p ./lines@lines.c:$(line "$mark")"
		expect_status 0
		[ "$(grep -c '"type":"event"' out)" -eq "$count" ] || fail "$mark: not $count hits"
	done
}

for form in '-O0 -gdwarf-5' '-O0 -gdwarf-2' '-Og -gdwarf-4' '-O2 -gdwarf-5'; do
	# shellcheck disable=SC2086
	target lines.c $form
	compare BODY INNER COLD RETURN
	[ "${form#-O0}" = "$form" ] || compare FOR CALL
done
if command -v clang >/dev/null; then
	clang -g -O0 -o lines "$here/lines.c" || fail "clang cannot compile"
	compare FOR BODY INNER RETURN CALL
fi

# The file by its last components; a column; the label.
target lines.c -O0
at=$(line BODY)
run probe -q -f json -c ./lines "p ./lines@live/lines.c:$at" "p ./lines@$here/lines.c:$at:12"
expect_status 0
sed -i '/^{/!d' out
json 'len(events) == 6'
json "{e['probe'] for e in events} == {'uprobe:$T/lines@live/lines.c:$at', 'uprobe:$T/lines@$here/lines.c:$at:12'}"
run -q -c ./lines -e "uprobe:./lines@lines.c:$at { @[probe] = count(); } uprobe:./lines@lines.c:$at:12 { @c = count(); }"
expect out "^@\[uprobe:.*/lines@lines.c:$at\]: 3$"
expect out '^@c: 3$'

# Local variables there.
run probe -q -f json -c './lines 3' "p ./lines@lines.c:$at i=\$i"
sed -i '/^{/!d' out
json '[a["i"] for a in args] == [0, 1, 2]'
run -q -c './lines 3' -e "uprobe:./lines@lines.c:$at { printf(\"i is %d\\n\", args.i); }"
expect out '^i is 2$'

# A line with several statements: its first, or the one that is named; `while` begins with a jump to its condition.
column=$(awk -v n="$(line WHILE)" 'NR == n { print index($0, "condition") }' "$here/lines.c")
run probe -q -f json -c ./lines "p ./lines@lines.c:$(line WHILE):$column"
[ "$(grep -c '"type":"event"' out)" -eq 4 ] || fail "the condition was not seen four times"

# What there is.
run -l 'uprobe:./lines@*'
expect out "^uprobe:$T/lines@$here/lines.c$"
run -l 'uprobe:./lines@lines.c:*'
sed 's/.*://' out | sort -nc || fail "the lines are not in the order of the source"
[ "$(wc -l <out)" -gt 10 ] || fail "too few lines"
run -l 'uprobe:lines@lines.c:*'
expect_status 1
expect err '^HINT: a file in this directory is written ./lines@lines.c'
run -lv "uprobe:./lines@lines.c:$at"
expect out "^uprobe:$T/lines@lines.c:$at$"
expect out '^    address 0x[0-9a-f]+, offset 0x[0-9a-f]+, column [0-9]+, in loop$'
run -lv "uprobe:./lines@lines.c:$(line INNER)"
[ "$(grep -c 'in inner, inlined in cold$' out)" -eq 2 ] || fail "not two places"
run -lv "uprobe:./lines@lines.c:$(line WHILE)"
expect out "^    address 0x[0-9a-f]+, offset 0x[0-9a-f]+, column $column, another statement, in loop$"

# What there is not.
run probe -c ./lines "p ./lines@lines.c:$((at - 1)):40"
expect_status 1
expect err "no statement of lines.c:$((at - 1)) begins in column 40"
expect err '^HINT: the line begins in column [0-9]+$'
run probe -c ./lines 'p ./lines@lines.c:2'
expect_status 1
expect err 'nothing was compiled from line 2 of lines.c'
expect err '^HINT: line [0-9]+ is the nearest that has code$'
run probe -c ./lines "p ./lines@lnes.c:$at"
expect_status 1
expect err "did you mean 'lines.c'\?"
run probe -c ./lines "r ./lines@lines.c:$at"
expect err 'a line has no return'
run probe -c ./lines 'p ./lines@lines.c:x'
expect err "'x' is not the number of a line"
run -q -c ./lines -e "uprobe:./nothing@lines.c:$at { }"
expect err "there is no file './nothing'"
cp lines stripped
strip stripped
run probe -c ./stripped "p ./stripped@lines.c:$at"
expect_status 1
expect err 'the source lines of .*/stripped are not known: it has no debug information'

# Two sources of one name.
mkdir a b
echo 'int f(int x) { return x + 1; }' >a/same.c
echo 'int g(int x) { return x + 2; } int f(int); int main(void) { return f(0) + g(0) - 3; }' >b/same.c
gcc -g -o same a/same.c b/same.c || fail "cannot compile"
run probe -c ./same 'p ./same@same.c:1'
expect_status 1
expect err "'same.c' may be several source files"
expect err 'same@/.*/a/same.c:1 is one of them'
run probe -q -f json -c ./same 'p ./same@a/same.c:1'
[ "$(grep -c '"type":"event"' out)" -eq 1 ] || fail "not one record"
expect_clean
