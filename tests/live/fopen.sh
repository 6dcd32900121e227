#!/bin/bash
# fopen of one program by -p: another program with the same libc is not trapped.
. "$(dirname "$0")/lib.sh"
target opener.c
echo hello >'a file'

libc=$(ldd ./opener | awk '$1 ~ /^libc[.]so/ { print $3 }')
spawn ./opener "$T/a file"
traced=$!
spawn ./opener /etc/passwd
other=$!
wait_for grep -q libc /proc/$traced/maps
wait_for grep -q libc /proc/$other/maps

start probe -f json -p $traced 'p libc:fopen path=+0($arg1):string mode=+0($arg2):string'
wait_for test -s out
[ "$(byte_at $traced "$libc" fopen)" = "$breakpoint" ] || fail "no breakpoint in the traced program"
byte=$(byte_at $other "$libc" fopen) || fail "$byte"
[ "$byte" != "$breakpoint" ] || fail "a breakpoint in the other program"
stop
expect_status 0
json "events and all(a == {'path': '$T/a file', 'mode': 'r'} for a in args)"
json "all(e['pid'] == $traced for e in events)"
[ "$(byte_at $traced "$libc" fopen)" != "$breakpoint" ] || fail "the breakpoint is still there"
kill -0 $traced || fail "the traced program died"
expect_clean
