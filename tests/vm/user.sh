#!/bin/sh
# User programs on this kernel: the tutorial, chains, strings, system-wide and by process.
# needs: tests/live/tutorial.c tests/live/chain.c tests/live/strings.c tests/live/loop.c
. "$(dirname "$0")/lib.sh"
bin=$(dirname "$0")/../../build/tests

run probe -f json -c "$bin/tutorial" "p:one $bin/tutorial:func_1 n=\$arg1:s32" "r:two $bin/tutorial:func_2 ret=\$retval:s32"
expect_status 0
expect out '"comm":"tutorial",.*"probe":"one","args":\{"n":41\}'
expect out '"probe":"two","args":\{"ret":-7\}'
first=$(sed -n 's/.*"time_ns":\([0-9]*\).*"one".*/\1/p' out)
second=$(sed -n 's/.*"time_ns":\([0-9]*\).*"two".*/\1/p' out)
gap=$(((second - first) / 1000000))
[ $gap -ge 990 ] && [ $gap -lt 2000 ] || fail "$gap ms between the two"

start probe "p:one $bin/tutorial:func_1 n=\$arg1:s32"
$bin/tutorial >/dev/null
stop
expect_status 0
expect out 'tutorial .* one +n=41$'

chain="p $bin/chain:walk number=+0(+0(+0(\$arg1))):s64 text=+0(+8(+0(+0(\$arg1)))):string"
run probe -c $bin/chain "$chain"
[ "$(count out 'number=4711 text="hello"$')" -eq 5 ] || fail "not 5 good records"
[ "$(count out 'number=\(fault\) text=\(fault\)$')" -eq 5 ] || fail "not 5 faults"
start probe "$chain"
$bin/chain
sleep 0.3
stop
[ "$(count out 'number=4711 text="hello"$')" -eq 5 ] || fail "not 5 good records, system-wide"
[ "$(count out 'number=\(fault\) text=\(fault\)$')" -eq 5 ] || fail "not 5 faults, system-wide"

run probe -f json --strings=bounded -c $bin/strings "p $bin/strings:take a=+0(\$arg1):string"
[ "$(count out '"a":"xxxxxxxxxx"')" -eq 2 ] || fail "not two short strings"
[ "$(count out '"a":"x+\.\."')" -ge 2 ] || fail "not two that are cut"

run probe -n 3 -f json -c "$bin/loop 0 1000" "p $bin/loop:work i=\$arg1:s32" --filter 'i > 10'
expect_status 0
expect out '"i":11'
expect out '"i":13'
killall loop 2>/dev/null

run -l "uprobe:$bin/loop:work*"
[ "$(count out .)" -eq 2 ] || fail "-l"
exit 0
