#!/bin/bash
# Two traplines at once on the same function: both see everything, and one's end does not hurt the other.
. "$(dirname "$0")/lib.sh"
target loop.c

start probe -f json -o first 'p:a ./loop:work i=$arg1:s32'
one=$pid
start probe -f json -o second 'p:b ./loop:work i=$arg1:s32'
two=$pid
./loop 100
wait_for sh -c '[ "$(wc -l <first)" -ge 100 ] && [ "$(wc -l <second)" -ge 100 ]'
kill -INT $one
wait $one || fail "the first ended with status $?"
./loop 50
wait_for sh -c '[ "$(wc -l <second)" -ge 150 ]'
spawn ./loop 0 1000
traced=$!
start probe -f json -n 10 -o third -p $traced 'p:c ./loop:work i=$arg1:s32'
wait "$pid" || fail "the third ended with status $?"
kill -INT $two
wait $two || fail "the second ended with status $?"
cp first out; json 'len(events) == 100 and not losses'
cp second out; json '[a["i"] for a in args[:150]] == list(range(100)) + list(range(50)) and not losses'
cp third out; json 'len(events) == 10'
expect_clean
