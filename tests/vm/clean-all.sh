#!/bin/sh
# clean NAME of an event with several addresses: only when nobody has it, for otherwise the kernel would crash.
# needs: tests/live/loop.c tests/live/perfhold.c
. "$(dirname "$0")/lib.sh"
bin=$(dirname "$0")/../../build/tests
P=/sys/kernel/tracing

# Two functions of one file, by their offsets; the program runs all the time.
run -l -v "uprobe:$bin/loop:work*"
offsets=$(grep -o 'offset 0x[0-9a-f]*' out | cut -d ' ' -f 2)
[ "$(echo "$offsets" | wc -l)" -eq 2 ] || fail "not two offsets"
$bin/loop 0 500 &
loop=$!
for offset in $offsets; do
	echo "p:several/event $bin/loop:$offset" >>$P/uprobe_events || fail "cannot define"
done

run clean --all
expect_status 0
expect out '2 addresses: while it is enabled'
expect out '= work$'
expect out '= work_more$'

# Enabled in tracefs, here or in an instance.
for enable in $P/events/several/event/enable $P/instances/other/events/several/event/enable; do
	mkdir $P/instances/other
	echo 1 >$enable
	run clean several/event
	expect_status 1
	expect err 'several/event is in use: enabled'
	echo 0 >$enable
	rmdir $P/instances/other
done

# Open in perf, which only a trial can tell.
$bin/perfhold "$(cat $P/events/several/event/id)" >held &
holder=$!
i=0
while [ ! -s held ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || fail "perfhold does not open"
	sleep 0.05
done
run clean several/event
expect_status 1
expect err 'has 2 addresses, and it cannot be proved that nobody uses it'
expect err "perfhold \($holder\)"
[ "$(grep -c several/event $P/uprobe_events)" -eq 2 ] || fail "it is gone"
kill $holder
wait $holder 2>/dev/null

run clean several/event
expect_status 0
expect out '^removed several/event$'
[ -z "$(cat $P/uprobe_events)$(ls $P/instances)" ] || fail "something is left"
kill -0 $loop || fail "the program died"
kill $loop

# Other kinds of events, by the file that knows them.
if [ -e $P/synthetic_events ]; then
	echo 'tl_other u64 value' >>$P/synthetic_events
	run clean --all
	expect out '^  synthetic/tl_other  '
	run clean synthetic/tl_other
	expect_status 0
fi
echo 'p:kprobes/tl_k vfs_readlink' >>$P/kprobe_events
echo nop >$P/current_tracer
echo 0 >$P/tracing_on
echo 1 >$P/events/sched/sched_switch/enable
run clean --all
expect out '^  kprobes/tl_k  \[perf-tools, or written by hand\]$'
expect out 'recording is switched off'
expect out '^  sched/sched_switch$'
run clean kprobes/tl_k
expect_status 0
echo 1 >$P/tracing_on
echo 0 >$P/events/sched/sched_switch/enable
[ -z "$(cat $P/dynamic_events)" ] || fail "left: $(cat $P/dynamic_events)"

# All kinds of trials of `info`, killed: clean sweeps them by their names.
run info
expect_status 0
expect out 'kprobes +yes'
[ -z "$(cat $P/dynamic_events)$(ls $P/instances)" ] || fail "info left: $(cat $P/dynamic_events; ls $P/instances)"
name=trapline_99999_1
echo "p:$name/ask_1 vfs_readlink" >>$P/kprobe_events
[ -e $P/synthetic_events ] && echo "$name u64 value" >>$P/synthetic_events
echo "e:$name/ask_2 sched/sched_process_exec a=\$pid" >>$P/dynamic_events
mkdir $P/instances/$name
run clean
expect_status 0
[ -z "$(cat $P/dynamic_events)$(ls $P/instances)" ] || fail "clean left: $(cat $P/dynamic_events; ls $P/instances)"
exit 0
