# lib.sh: what the tests in the guest share. They run under busybox's shell, as root, in a directory
# of their own; tests/run looks afterwards whether the kernel is as before.
# shellcheck shell=sh disable=SC2034

status=0

fail() {
	echo "$*"
	for file in out err; do
		[ -s $file ] && { echo "--- $file"; head -c 2000 $file; echo; }
	done
	exit 1
}

run() {
	trapline "$@" >out 2>err </dev/null
	status=$?
}

# Starts trapline and waits until it is armed: $pid.
start() {
	: >err
	trapline "$@" >out 2>err </dev/null &
	pid=$!
	i=0
	while ! grep -q '^Attached' err; do
		i=$((i + 1))
		[ $i -lt 200 ] || fail "not armed after 10 seconds"
		kill -0 $pid 2>/dev/null || fail "trapline ended"
		sleep 0.05
	done
}

stop() {
	kill -TERM $pid
	wait $pid
	status=$?
}

expect_status() {
	[ "$status" -eq "$1" ] || fail "status $status, not $1"
}

expect() {
	grep -qaE -- "$2" "$1" || fail "no line in $1 like: $2"
}

refute() {
	! grep -qaE -- "$2" "$1" || fail "a line in $1 like: $2"
}

# How many lines of a file fit a pattern.
count() {
	grep -caE -- "$2" "$1"
}
