#!/bin/bash
# -p sees all threads, those born later too, and with --follow the children; each call once.
. "$(dirname "$0")/lib.sh"
target tasks.c -lpthread
mkfifo gate
exec 3<>gate

numbers() {
	json "sorted(a['n'] for a in args) == $1"
}

# With -p, alone and with --follow.
for follow in '' --follow; do
	spawn ./tasks <gate >pid.out
	wait_for test -s pid.out
	traced=$(cat pid.out)
	# shellcheck disable=SC2086
	start probe -f json $follow -p "$traced" 'p ./tasks:work n=$arg1:s32'
	echo >&3
	wait "$pid" || fail "status $? at the target's end"
	if [ -n "$follow" ]; then
		numbers '[1, 10, 11, 12, 20, 21, 22, 30, 40, 50]'
		json 'len({e["pid"] for e in events}) == 3'
	else
		numbers '[1, 10, 11, 12, 20, 21, 22]'
		json "all(e['pid'] == $traced for e in events)"
	fi
	json 'all(e["tid"] == e["pid"] for e in events if e["args"]["n"] in (1, 30, 40))'
	json 'all(e["tid"] != e["pid"] for e in events if e["args"]["n"] not in (1, 30, 40))'
	: >pid.out
done

# With -c.
for follow in '' --follow; do
	# shellcheck disable=SC2086
	run probe -f json $follow -c ./tasks 'p ./tasks:work n=$arg1:s32'
	expect_status 0
	sed -i '/^[0-9]*$/d' out
	if [ -n "$follow" ]; then
		numbers '[1, 10, 11, 12, 20, 21, 22, 30, 40, 50]'
	else
		numbers '[1, 10, 11, 12, 20, 21, 22]'
	fi
done

# Everybody: pids are exact without -p as well.
start probe -f json 'p ./tasks:work n=$arg1:s32'
./tasks </dev/null >pid.out
wait_for sh -c '[ "$(wc -l <out)" -ge 10 ]'
stop
numbers '[1, 10, 11, 12, 20, 21, 22, 30, 40, 50]'
json "sum(e['pid'] == $(cat pid.out) for e in events) == 7"
json 'len({e["pid"] for e in events}) == 3 and len({e["tid"] for e in events}) == 10'
expect_clean
