#!/bin/bash
# A file that is replaced or overwritten between the moment when trapline has read it and the moment when it is armed:
# noticed, said, and nothing is left behind; a file that was only touched is probed.
#
# strace holds trapline at a system call, as long as it takes to change the file: at the start of the guardian
# (before anything is written to the kernel), or at the first perf_event_open (the definition is there).
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || skip "needs strace"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
target loop.c
gcc -g -O2 -o other "$here/loop.c" || fail "cannot compile the other program"
cmp -s loop other && fail "the two programs are equal"

# Is the child of $pid stopped by its tracer? (Only the shell's own words: programs are slow on a busy machine.)
is_stopped() {
	local held='' key value
	read -r held _ 2>/dev/null <"/proc/$pid/task/$pid/children"
	[ -n "$held" ] || return 1
	while read -r key value; do
		[ "$key" != State: ] || break
	done 2>/dev/null <"/proc/$held/status"
	[ "$value" = 't (tracing stop)' ]
}

# Starts trapline and holds it at the first of some system calls: $pid is strace's. strace stops a program at every
# call, but never for as long.
hold() {
	local call=$1 seen=0 i
	shift
	: >err
	: >out
	strace -q -o log -e trace="$call" -e inject="$call":delay_enter=2500000:when=1 \
		"$trapline" "$@" >out 2>err </dev/null &
	pid=$!
	spawned+=("$pid")
	for ((i = 0; i < 1000; i++)); do
		if is_stopped 2>/dev/null; then
			seen=$((seen + 1))
		else
			seen=0
		fi
		[ $seen -lt 10 ] || return 0
		sleep 0.02
	done
	fail "trapline was not held at $call"
}

ended() {
	wait "$pid"
	# shellcheck disable=SC2034 # expect_status looks at it
	status=$?
}

starts=clone,clone3,fork,vfork
definition='p ./app:work i=$arg1:s32'

for call in $starts perf_event_open; do
	# another file takes the name
	cp loop app
	hold "$call" probe -c './app 2' "$definition"
	cp other new
	mv new app
	ended
	expect_status 1
	expect err "definition:1:[0-9-]+: ERROR: $T/app was replaced while trapline looked at it: run it again"
	refute out 'work'
	expect_clean

	# other bytes in the same file
	cp loop app
	hold "$call" probe -c './app 2' "$definition"
	cat other >app
	ended
	expect_status 1
	expect err "ERROR: $T/app was changed while trapline looked at it: run it again"
	expect_clean

	# no file any more
	cp loop app
	hold "$call" probe "$definition" -c './app 2'
	rm app
	ended
	expect_status 1
	expect err "ERROR: $T/app has gone while trapline looked at it"
	expect_clean

	# touched, and written again with what it was: still the same
	cp loop app
	hold "$call" probe -f json -c './app 2' "$definition"
	touch app
	cat loop >app
	ended
	expect_status 0
	json 'len(events) == 2'
	expect_clean
done

# without a build ID the bytes at the place decide
gcc -g -Wl,--build-id=none -o plain "$here/loop.c" || fail "cannot compile without a build ID"
cp plain app
hold perf_event_open probe -f json -c './app 2' "$definition"
cat plain >app
ended
expect_status 0
json 'len(events) == 2'
cp plain app
hold perf_event_open probe -c './app 2' "$definition"
cat other >app
ended
expect_status 1
expect err "ERROR: $T/app was changed while"

# a path that the kernel is given by descriptor is watched by its name all the same
cp loop 'a b'
hold perf_event_open probe -c "'./a b' 2" "p './a b':work"
cp other new
mv new 'a b'
ended
expect_status 1
expect err "ERROR: $T/a b was replaced while"
expect_clean
