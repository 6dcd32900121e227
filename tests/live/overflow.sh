#!/bin/bash
# A buffer that is too small: records and losses together are the calls, exactly.
. "$(dirname "$0")/lib.sh"
target loop.c
calls=60000

definition='p ./loop:work i=$arg1:s32'
# A reader that is stopped while the loop runs is sure to lose.
start probe -f json -b 8 "$definition"
kill -STOP "$pid"
./loop $calls
kill -CONT "$pid"
stop
expect_status 0
json "len(events) + lost == $calls"
json 'lost > 0 and all(o["data"]["events"] == o["count"] for o in losses)'
json '[a["i"] for a in args] == sorted(a["i"] for a in args)'
expect err '[Ll]ost'

run probe -f json -b 8 -c "./loop $calls" "$definition"
expect_status 0
json "len(events) + lost == $calls"

mkfifo gate
exec 3<>gate
spawn ./loop $calls 0 wait <gate
traced=$!
start probe -f json -b 8 -p $traced "$definition"
kill -STOP "$pid"
echo >&3
wait $traced
kill -CONT "$pid"
wait "$pid"
json "len(events) + lost == $calls"
json 'lost > 0'
expect_clean
