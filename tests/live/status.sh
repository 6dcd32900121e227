#!/bin/bash
# The exit status of -c becomes ours, unless we failed; its words are split as a shell splits them.
. "$(dirname "$0")/lib.sh"
target loop.c

run probe -c "sh -c 'exit 5'" 'p ./loop:work'
expect_status 5
run probe -c "sh -c 'kill -9 \$\$'" 'p ./loop:work'
expect_status 137
run probe -c "printf '%s|' 'a b' \"c d\" e\\ f *" 'p ./loop:work'
expect_status 0
expect out 'a b\|c d\|e f\|\*\|'
run probe -c ./nothing-here 'p ./loop:work'
expect_status 1
expect err 'nothing-here'
run probe -c "./loop 'unclosed" 'p ./loop:work'
expect_status 1
run probe
[ "$status" -ne 0 ] || fail "no definition, and status 0"
run probe --no-such-option 'p ./loop:work'
[ "$status" -ne 0 ] || fail "unknown option, and status 0"
expect err 'no-such-option'
run probe -c './loop 1' 'p ./loop:nothing_there'
expect_status 1
run probe -c './loop 1' 'p ./loop:'
expect_status 1
run probe -p 999999999 'p ./loop:work'
expect_status 1
expect_clean
