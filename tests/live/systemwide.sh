#!/bin/bash
# Without -p and -c everybody is seen, also who starts later; one event wakes the printer at once.
. "$(dirname "$0")/lib.sh"
target loop.c

start probe -f json 'p:w ./loop:work i=$arg1:s32 t=+0($arg2):string'
./loop 1 &
first=$!
wait_for test -s out
./loop 3
wait $first
wait_for sh -c '[ "$(wc -l <out)" -ge 4 ]'
stop
expect_status 0
json 'len(events) == 4 and [a["i"] for a in args] == [0, 0, 1, 2]'
json '[a["t"] for a in args] == ["even", "even", "odd", "even"]'
json "events[0]['pid'] == $first and events[1]['pid'] != $first"
json 'all(e["comm"] == "loop" and e["probe"] == "w" for e in events)'
expect_clean
