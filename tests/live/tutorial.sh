#!/bin/bash
# The program of the uprobe tutorials, by name: times, order, addresses, values.
. "$(dirname "$0")/lib.sh"
target tutorial.c -O0
first='%edi'
[ "$(uname -m)" = x86_64 ] || first='%x0'

before=$(cut -d ' ' -f 1 /proc/uptime)
run probe -f json -c './tutorial 1' "p $T/tutorial:func_1 n=\$arg1:s32" "p ./tutorial:func_2+4 n=$first" \
	'r ./tutorial:func_1 ret=$retval:s32' 'r ./tutorial:func_2 ret=$retval:s32'
after=$(cut -d ' ' -f 1 /proc/uptime)
expect_status 3
expect err '^Attached'
sed -i '/^func_1 at /d' out
json 'len(events) == 4 and not losses'
json '[a.get("n", a.get("ret")) for a in args] == [41, 42, 0xfffffff9, -7]'
json 'times[2] - times[1] > 0.99e9'		# the program sleeps for a second between them
json 'times == sorted(times)'
json 'all(e["comm"] == "tutorial" and e["pid"] == e["tid"] for e in events)'
file=$T/tutorial
json "[e['probe'] for e in events] == ['uprobe:$file:func_1', 'uretprobe:$file:func_1', 'uprobe:$file:func_2+4',
	'uretprobe:$file:func_2']"
json "all($before - 0.01 <= t / 1e9 <= $after + 0.01 for t in times)"

run probe -c './tutorial' 'p:one ./tutorial:func_1 n=$arg1:s32' 'r:back ./tutorial:func_2 ret=$retval:s32'
expect_status 0
sed -i '/^func_1 at /d' out
expect out '^ *TIME\(s\) +COMM +PID +TID +CPU +PROBE'
expect out '^ *[0-9]+\.[0-9]{6} tutorial +[0-9]+ +[0-9]+ +[0-9]+ one +n=41$'
expect out 'tutorial .* back +ret=-7$'
[ "$(grep -c tutorial out)" -eq 2 ] || fail "not two records"
expect_clean
