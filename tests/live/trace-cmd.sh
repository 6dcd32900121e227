#!/bin/bash
# Beside `trace-cmd record -e all` in an instance of its own, which enables our events as well.
. "$(dirname "$0")/lib.sh"
target loop.c
name=tlcheck_$$
instance=$tracing/instances/$name

cleanup() {
	[ ! -d "$instance" ] || rmdir "$instance"
}

# Everything is recorded until there is a file `enough`.
until_enough='until [ -e enough ]; do sleep 0.05; done'

by_trace_cmd() {
	trace-cmd record -q -B $name -e all -o all.dat sh -c "$until_enough" >recorder.log 2>&1
}

# Where trace-cmd is not allowed to work: what it does, by hand.
by_hand() {
	mkdir "$instance" || return
	echo 1 >"$instance/events/enable"
	cat "$instance/trace_pipe" >/dev/null &
	sh -c "$until_enough"
	kill $! && wait $!
	echo 0 >"$instance/events/enable"
	rmdir "$instance"
}

recorder=by_hand
touch enough
by_trace_cmd && recorder=by_trace_cmd
cleanup
echo "recorded $recorder"

# Are the static events enabled there, and ours, which come last?
is_recording() {
	! cat "$instance/events/sched/enable" "$instance/events/trapline_${pid:-none}_"*/enable 2>/dev/null | grep -qv 1
}

record_all() {
	rm enough
	$recorder &
	recording=$!
	wait_for test -e "$instance/events/sched/enable"
	wait_for is_recording
	sleep 0.2
}

end_recording() {
	touch enough
	wait $recording || fail "$recorder: $(cat recorder.log)"
	cleanup
}

# Ours is there first: the other one enables it too, and is gone before we leave.
start probe -f json 'p:a ./loop:work i=$arg1:s32'
record_all
./loop 10
wait_for sh -c '[ "$(wc -l <out)" -ge 10 ]'
end_recording
stop
expect_status 0
json '[a["i"] for a in args] == list(range(10))'
expect_clean

# We leave while the other one still holds our event: that is left, and finished later.
start probe -f json 'p:a ./loop:work i=$arg1:s32'
record_all
./loop 10
wait_for sh -c '[ "$(wc -l <out)" -ge 10 ]'
stop
json '[a["i"] for a in args] == list(range(10))'
expect err 'clean'
[ -z "$(find "$tracing/instances" -maxdepth 1 -name "trapline_${pid}_*")" ] || fail "our instance is still there"
./loop 10
end_recording
run clean
expect_clean

# The same by process, through perf: the kernel gives the event to one of the two only, and who comes
# second is told so.
record_all
run probe -f json -c './loop 10' 'p:a ./loop:work i=$arg1:s32'
expect_status 0
json '[a["i"] for a in args] == list(range(10))'
run probe -f json -d 0.3 'p:a ./loop:work i=$arg1:s32'
expect_status 0
end_recording
expect_clean
