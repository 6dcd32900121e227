#!/bin/bash
# Many records: all of them, in order.
. "$(dirname "$0")/lib.sh"
target loop.c
calls=$(scaled 100000)

for source in everybody command; do
	if [ $source = command ]; then
		run probe -f json -b 16384 -c "./loop $calls" 'p ./loop:work i=$arg1:s32 t=+0($arg2):string'
	else
		start probe -f json -b 16384 'p ./loop:work i=$arg1:s32 t=+0($arg2):string'
		./loop $calls & ./loop $calls
		wait $!
		stop
	fi
	expect_status 0
	json "len(events) + lost == $([ $source = command ] && echo $calls || echo $((2 * calls)))"
	json 'lost == 0'
	json 'all(a < b for a, b in zip(times, times[1:])) or times == sorted(times)'
	json 'all(a["t"] == ("odd" if a["i"] % 2 else "even") for a in args)'
	json 'all(x == sorted(x) for x in [[e["args"]["i"] for e in events if e["pid"] == p] for p in {e["pid"] for e in events}])'
done
expect_clean
