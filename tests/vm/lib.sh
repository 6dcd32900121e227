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

# ---- several tools at once, while tests/vm/deeds.c does what they look for ----

pids=

# Brings the program of deeds into the directory of the test.
take_deeds() {
	deeds=$(dirname "$0")/../../build/tests/deeds
	[ -x "$deeds" ] || fail "there is no $deeds"
	cp "$deeds" deeds
	export DEEDS_DISK=/dev/nvme0n1
}

# Starts a tool, if this machine has what it looks at, and waits until it is armed.
begin() {
	name=$1
	shift
	case $name in
	bashreadline) [ -x /bin/bash ] || return 0 ;;
	bitesize | biolatency | writeback) [ -b $DEEDS_DISK ] || return 0 ;;
	esac
	: >"$name.err"
	trapline "$@" >"$name.out" 2>"$name.err" </dev/null &
	pids="$pids $!"
	i=0
	while ! grep -q '^Attached' "$name.err"; do
		i=$((i + 1))
		[ $i -lt 300 ] || break
		kill -0 $! 2>/dev/null || break
		sleep 0.1
	done
	grep -q '^Attached' "$name.err" || { cat "$name.err"; fail "$name: not armed"; }
}

# Does deeds, and a moment later ends the tools.
end_round() {
	for deed in "$@"; do
		case $deed in
		disk | write) [ -b $DEEDS_DISK ] || continue ;;
		readline) [ -x /bin/bash ] || continue ;;
		esac
		./deeds "$deed" || fail "deeds $deed"
	done
	sleep 1.2
	for tool in $pids; do
		kill -TERM "$tool"
	done
	for tool in $pids; do
		wait "$tool" || fail "a tool ended with status $?"
	done
	pids=
}

# `NAME PATTERN`: such a line must be there, if the tool was begun.
expect_lines() {
	while read -r name pattern; do
		[ -e "$name.out" ] || continue
		grep -qaE -- "$pattern" "$name.out" || {
			cat "$name.out" "$name.err"
			fail "$name: no line like: $pattern"
		}
	done
}
