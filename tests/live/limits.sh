#!/bin/bash
# -n COUNT and -d SECONDS, exactly and in time.
. "$(dirname "$0")/lib.sh"
target loop.c

spawn ./loop 0 2000
traced=$!
run probe -f json -n 5 -p $traced 'p ./loop:work i=$arg1:s32'
expect_status 0
json 'len(events) == 5 and [a["i"] - args[0]["i"] for a in args] == [0, 1, 2, 3, 4]'
run probe -f json -n 1 'p ./loop:work'
expect_status 0
json 'len(events) == 1'

begin=${EPOCHREALTIME/[.,]/}
run probe -f json -d 0.5 'p ./loop:work i=$arg1:s32'
took=$((${EPOCHREALTIME/[.,]/} - begin))
expect_status 0
[ $took -gt 500000 ] && [ $took -lt 3000000 ] || fail "-d 0.5 took $took microseconds"
json 'len(events) > 20 and times[-1] - times[0] < 0.8e9'
json '[a["i"] for a in args] == list(range(args[0]["i"], args[0]["i"] + len(args)))'

run probe -q -n 2 -p $traced 'p ./loop:work'
refute out 'TIME'
[ "$(wc -l <out)" -eq 2 ] || fail "not two lines"
run probe -n 2 -o file -p $traced 'p ./loop:work'
[ "$(grep -c loop file)" -eq 2 ] || fail "-o"
[ ! -s out ] || fail "-o, and output besides"
kill -0 $traced || fail "the traced program died"
expect_clean
