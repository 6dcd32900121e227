#!/bin/bash
# A pointer in the middle of a chain that cannot be followed gives a fault, never an older value.
. "$(dirname "$0")/lib.sh"
target chain.c

number='number=+0(+0(+0($arg1))):s64'
text='text=+0(+8(+0(+0($arg1)))):string'
values='[4711, None, 4711, None, 4711, None, 4711, None, None, 4711]'
run probe -f json -c ./chain "p ./chain:walk $number $text"
expect_status 0
json "[a['number'] for a in args] == $values"
json '[a["text"] for a in args] == [v and "hello" for v in '"$values"']'
json 'all(set(a) == {"number", "text"} for a in args)'

run probe -c ./chain "p ./chain:walk $number $text"
[ "$(grep -c 'number=4711 text="hello"$' out)" -eq 5 ] || fail "not 5 good records"
[ "$(grep -c 'number=(fault) text=(fault)$' out)" -eq 5 ] || fail "not 5 faults"

start probe -f json "p ./chain:walk $text $number"
./chain
wait_for sh -c '[ "$(wc -l <out)" -ge 10 ]'
stop
json "[a['number'] for a in args] == $values"
expect_clean
