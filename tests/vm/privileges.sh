#!/bin/sh
# tracefs mounted with gid=: its group may read everything and write nothing, and is told so.
# needs: tests/live/loop.c
# shellcheck disable=SC2034 # lib.sh reads status
. "$(dirname "$0")/lib.sh"
bin=$(dirname "$0")/../../build/tests
P=/sys/kernel/tracing

umount $P || fail "cannot unmount tracefs"
mount -t tracefs -o gid=65534,mode=0750 tracefs $P || fail "cannot mount tracefs with gid="

as_nobody() {
	su nobody -c "$*" >out 2>err
	status=$?
}

as_nobody trapline -l "'tracepoint:sched:sched_sw*'"
expect_status 0
expect out 'tracepoint:sched:sched_switch'
as_nobody trapline probe -d 0.1 "'p $bin/loop:work'"
expect_status 1
expect err "$P/uprobe_events is written by root only: group 65534 may read it, and we are user 65534"
expect err 'run trapline as root'
as_nobody trapline probe -d 0.1 "'p vfs_read'"
expect_status 1
expect err "kernel functions cannot be probed here: $P/kprobe_events is written by root only"
as_nobody trapline info
expect_status 0
expect out 'tracefs +yes'
expect out 'uprobes +unknown'
expect out 'raw_syscalls +yes'
as_nobody trapline -l "'kprobe:vfs_readlin*'"
expect_status 0
expect out '^kprobe:vfs_readlink$'
as_nobody trapline clean --all
expect_status 0
expect out 'set_event|nothing else is defined|dead session'
as_nobody trapline clean nothing/there
expect_status 1
expect err 'nobody has defined an event nothing/there'

# The same without the group: nothing at all can be seen. (What was mounted so once, is so again unless told.)
umount $P
mount -t tracefs -o gid=0,mode=0700 tracefs $P
as_nobody trapline clean
expect_status 1
expect err "$P needs root \(CAP_DAC_OVERRIDE\)"

# Where root has opened the files to the group, only the arming is closed to it; what was written is taken back.
umount $P
mount -t tracefs -o gid=65534,mode=0770 tracefs $P
chmod g+w $P/instances $P/uprobe_events
as_nobody trapline probe -d 0.1 "'p $bin/loop:work'"
expect_status 1
expect err 'written by root only: group 65534 may read it'
[ -z "$(cat $P/uprobe_events)$(ls $P/instances)" ] || fail "left: $(cat $P/uprobe_events; ls $P/instances)"
[ -z "$(ls /tmp/trapline-65534)" ] || fail "a journal is left"
as_nobody trapline info
tr -s ' \n' ' ' <out >flat
[ "$(grep -o 'filters unknown .* set_event_pid' flat | grep -o 'not known: the files of an instance are written by root only' | wc -l)" -eq 1 ] ||
	fail "why filters cannot be tried is not said, or not once"

# Who may use perf is decided at 1 (a process of one's own, and its probes).
paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
for level in 1 0; do
	echo $level >/proc/sys/kernel/perf_event_paranoid
	as_nobody trapline probe -c "'$bin/loop 3'" "'p $bin/loop:work'"
	expect_status $level
	run info -f json
	word=yes
	[ $level -eq 0 ] || word=no
	expect out "\"name\":\"perf_event_paranoid\",\"answer\":\"$word\""
done
echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
chmod g-w $P/instances $P/uprobe_events
umount $P
mount -t tracefs -o gid=0,mode=0700 tracefs $P
rmdir /tmp/trapline-65534
exit 0
