#!/bin/bash
# A closed pipe and a full disk end the run with a message and status 1, and nothing is left.
. "$(dirname "$0")/lib.sh"
target loop.c
spawn ./loop 0 500
traced=$!

for source in "-p $traced" ''; do
	# shellcheck disable=SC2086
	{ "$trapline" probe $source 'p ./loop:work' 2>err; echo $? >code; } | head -n 1 >out
	wait_for test -s code
	[ "$(cat code)" -eq 1 ] || fail "status $(cat code)"
	expect err '[Pp]ipe|nobody reads'
	rm code
	expect_clean

	# shellcheck disable=SC2086
	run probe $source -o /dev/full 'p ./loop:work'
	expect_status 1
	expect err '[Ss]pace'
	expect_clean
done
run probe -o "$T/no/such/directory" 'p ./loop:work'
expect_status 1
kill -0 $traced || fail "the traced program died"
