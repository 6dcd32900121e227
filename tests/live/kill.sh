#!/bin/bash
# SIGKILL at 200 random moments: the guardian takes everything back.
# time: 400
# guest: vm/kill does it there
. "$(dirname "$0")/lib.sh"
target loop.c
spawn ./loop 0 300
traced=$!

state() {
	ours
	sed 's/^/enabled /' "$tracing/set_event"
}
state >before

rounds=$(scaled 200)
for ((i = 1; i <= rounds; i++)); do
	source=()
	[ $((i % 2)) -eq 0 ] && source=(-p "$traced")
	"$trapline" probe -o /dev/null "${source[@]}" 'p ./loop:work i=$arg1:s32' 'r ./loop:work_more' 2>err &
	pid=$!
	delay=$((RANDOM % 121))
	sleep "0.$(printf '%03d' $delay)"
	kill -9 $pid
	wait $pid 2>/dev/null
	for ((j = 0; j < 200; j++)); do
		state >after
		cmp -s before after && break
		sleep 0.02
	done
	cmp -s before after || fail "round $i, killed after $delay ms: $(diff before after)"
	kill -0 $traced 2>/dev/null || fail "round $i: the traced program died"
done 2>/dev/null

# Nothing waits for the next start either.
run probe -d 0.1 -p $traced 'p ./loop:work'
expect_status 0
[ -z "$(journals)" ] || fail "journals are left: $(journals)"
