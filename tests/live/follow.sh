#!/bin/bash
# --follow: every call of every thread of every child, to the last one of the last thread.
. "$(dirname "$0")/lib.sh"
target follow.c -pthread

rounds=4
[ "$slower" -eq 1 ] || rounds=1
for ((i = 0; i < rounds; i++)); do
	run probe -q -f json -b 4096 --follow -c ./follow 'p ./follow:work thread=$arg1:s64 i=$arg2:s64'
	expect_status 0
	json 'lost == 0 and len(events) == 48000 and len({(a["thread"], a["i"]) for a in args}) == 48000'
done
expect_clean
