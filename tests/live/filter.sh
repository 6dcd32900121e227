#!/bin/bash
# --filter: for the DEFINITION before it, before any for all; a wrong one is shown with a mark below.
. "$(dirname "$0")/lib.sh"
target loop.c

run probe -f json -c './loop 20' 'p:a ./loop:work i=$arg1:s32 t=+0($arg2):string' --filter 'i >= 17 && t == "odd"' \
	'p:b ./loop:work_more i=$arg1:s32'
if ! lacks 'which the kernel cannot compare'; then
	expect_status 0
	json '[a["i"] for e, a in zip(events, args) if e["probe"] == "a"] == [17, 19]'
	json '[a["i"] for e, a in zip(events, args) if e["probe"] == "b"] == list(range(20))'
fi
run probe -f json --filter 'i < 2' -c './loop 20' 'p:a ./loop:work i=$arg1:s32' 'p:b ./loop:work_more i=$arg1:s32'
json 'len(events) == 4'

# System-wide: the filter of the instance.
start probe -f json 'p:a ./loop:work i=$arg1:s32' --filter 'i == 5'
./loop 20
wait_for test -s out
stop
json '[a["i"] for a in args] == [5]'

for mode in -c -d; do
	value='./loop 1'
	[ $mode = -d ] && value=1
	run probe $mode "$value" 'p ./loop:work i=$arg1:s32' --filter 'i == 1 && nosuch > 2'
	expect_status 1
	expect err '^--filter:1:.*ERROR:'
	expect err '^i == 1 && nosuch > 2'
	expect err '^ *~+'
	run probe $mode "$value" 'p ./loop:work i=$arg1:s32' --filter 'i == ('
	expect_status 1
	expect err 'ERROR:'
	expect_clean
done

# What the kernel would take for "no filter", or cut.
for filter in 0 ' 0 ' "$(printf 'i == 1 || %.0s' $(seq 600))i == 2"; do
	run probe -c './loop 3' 'p ./loop:work i=$arg1:s32' --filter "$filter"
	expect_status 1
	expect err 'filter:1:'
done
