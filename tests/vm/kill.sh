#!/bin/sh
# SIGKILL at random moments, and of trapline and guardian together, on this kernel.
# needs: tests/live/loop.c
# time: 180
. "$(dirname "$0")/lib.sh"
bin=$(dirname "$0")/../../build/tests

$bin/loop 0 1000 &
traced=$!

state() {
	cat /sys/kernel/tracing/uprobe_events /sys/kernel/tracing/kprobe_events
	ls /sys/kernel/tracing/instances /run/trapline 2>/dev/null
}

empty() {
	[ -z "$(state | grep trapline_)" ]
}

round=0
while [ $round -lt 40 ]; do
	round=$((round + 1))
	case $((round % 3)) in
	0) trapline probe -o /dev/null -p $traced "p $bin/loop:work" 2>err & ;;
	1) trapline probe -o /dev/null "p $bin/loop:work" 'p vfs_read' 2>err & ;;
	2) trapline probe -o /dev/null 'r:x do_sys_openat2' 2>err & ;;
	esac
	pid=$!
	usleep $(((round * 7919) % 200000))
	kill -9 $pid
	wait $pid 2>/dev/null
	i=0
	until empty; do
		i=$((i + 1))
		[ $i -lt 100 ] || fail "round $round left: $(state)"
		sleep 0.05
	done
	kill -0 $traced || fail "round $round: the traced program died"
done 2>/dev/null

for way in clean start; do
	start probe -o /dev/null "p $bin/loop:work" 'p vfs_read'
	guard=$(pidof trapline-guard)
	[ -n "$guard" ] || guard=$(for d in /proc/[0-9]*; do
		[ "$(cat $d/comm 2>/dev/null)" = trapline-guard ] && echo ${d#/proc/}
	done)
	[ -n "$guard" ] || fail "there is no guardian"
	kill -STOP $guard $pid
	kill -9 $guard $pid
	wait $pid 2>/dev/null
	sleep 0.2
	! empty || fail "nothing was left: the test proves nothing"
	if [ $way = clean ]; then
		run clean
	else
		run probe -d 0.1 "p $bin/loop:work_more"
	fi
	expect_status 0
	empty || fail "$way left: $(state)"
done
kill $traced
wait $traced
exit 0
