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
# What holds an event may be a trigger; a hint takes it away, also from under an odd name. Of kprobe_events all
# addresses are protected.
odd=$P/instances/$(printf 'od\033[31md')
mkdir "$odd"
echo 'p:tl_t/held vfs_readlink' >>$P/kprobe_events
echo 'p:tl_t/held vfs_read' >>$P/kprobe_events
echo traceoff >$P/events/tl_t/held/trigger
echo 'stacktrace if common_pid == 1' >"$odd/events/tl_t/held/trigger"
[ -e $P/events/tl_t/held/hist ] && echo 'hist:keys=common_pid' >$P/events/tl_t/held/trigger
run clean --all
expect out '^      2 addresses$'
expect out '^      has a trigger at the top level, has a trigger in instance od.x1b\[31md$'
expect out '^      .*trigger: tl_t:held'
refute out "$(printf '\033')"
run clean tl_t/held
expect_status 1
refute err 'echo 0 into'
refute err "$(printf '\033')\[31md"
sed -n 's/^.*HINT.*: a trigger is taken away by: //p' err >undo
[ "$(wc -l <undo)" -ge 2 ] || fail "no hint how to take the triggers away"
sh ./undo || fail "a hint cannot be typed"
run clean tl_t/held
expect_status 0
rmdir "$odd"

# What is changed in an instance and at the top level, and lines that take it back.
mkdir $P/instances/tl_i
echo 'common_pid == 1' >$P/instances/tl_i/events/sched/sched_switch/filter
echo 'traceoff if common_pid == 1' >$P/instances/tl_i/events/sched/sched_wakeup/trigger
echo 'do_reboot:traceoff:1' >$P/set_ftrace_filter
echo 'vfs_readlink' >>$P/set_ftrace_filter
echo 'vfs_readlink' >$P/set_ftrace_notrace
echo 'vfs_readlink' >$P/set_graph_function
echo 0 >$P/tracing_cpumask
echo 1 >$P/options/stacktrace
echo 1 >$P/options/userstacktrace
echo 5 >$P/tracing_thresh
echo 3 >$P/max_graph_depth
run clean --all
for state in 'has a filter in instance tl_i' 'has a trigger in instance tl_i' '.*trigger: sched:sched_wakeup'; do
	expect out "^      $state"
done
refute out 'enabled: sched:sched_wakeup'
settings='tracing_cpumask set_ftrace_filter set_ftrace_notrace set_graph_function options/stacktrace
	options/userstacktrace tracing_thresh max_graph_depth'
for setting in $settings; do
	expect out "^  $setting\$"
done
sed -n 's/^ *take it back: //p' out >undo
sh ./undo || fail "a line cannot be typed"
rmdir $P/instances/tl_i
run clean --all
for setting in $settings; do
	refute out "^  $setting\$"
done
refute out 'tl_i'
echo 'do_reboot:traceoff' >>$P/set_ftrace_filter
run clean --all
expect out '^      do_reboot:traceoff:unlimited  '
sed -n 's/^ *take it back: //p' out >undo
sh ./undo
run clean --all
refute out set_ftrace_filter

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
