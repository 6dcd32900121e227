#!/bin/bash
# Long strings: a fault, a lost record that is counted, or cut, but never a wrong value.
# dmesg: prepare_uprobe_buffer
. "$(dirname "$0")/lib.sh"
target strings.c
[ "$(cat /proc/sys/kernel/panic_on_warn 2>/dev/null)" != 1 ] || skip "panic_on_warn is set"

definition='p ./strings:take a=+0($arg1):string b=+0($arg2):string'
# In the second call a is too long, in the third both are together. Depending on the kernel and the
# source that record is lost, or its strings are faults, or cut: but then they say so.
check() {
	json 'len(events) + lost == 5'
	json 'all(a["b"] in (None, 10 * "x") or a["b"].endswith("x..") for a in args)'
	json 'all(a["a"] in (None, 10 * "x", 600 * "x", 2500 * "x") or a["a"].endswith("x..") for a in args)'
	json 'args[0] == args[-1] == {"a": 10 * "x", "b": 10 * "x"} and args[-2] == {"a": 600 * "x", "b": 10 * "x"}'
	json 'args[1]["a"] != 10 * "x" and all(e["comm"] == "strings" for e in events)'
	lacks 'strings are fetched bounded' || json 'len(events) == 4 or args[2]["a"] == 2500 * "x" and args[2]["b"] != 10 * "x"'
	[ "$(wc -l <out)" -eq 5 ] || fail "not five lines"
	! grep -q lost_events out || expect err '[Ll]ost'
}

run probe -f json -c ./strings "$definition"
expect_status 0
check
start probe -f json "$definition"
./strings
wait_for sh -c '[ "$(wc -l <out)" -ge 4 ]'
stop
check

run probe -f json --strings=bounded -c ./strings "$definition"
expect_status 0
json 'len(events) == 5 and lost == 0'
json 'all(a["a"] == 10 * "x" for a in (args[0], args[4]))'
json 'all(a["a"].endswith("x..") and 64 <= len(a["a"]) - 2 <= 1024 for a in args[1:3])'
json 'args[3]["a"].rstrip(".") == "x" * min(600, len(args[3]["a"].rstrip(".")))'
run probe --strings=bounded -c ./strings "$definition"
[ "$(grep -c 'a="x*"\.\.' out)" -ge 2 ] || fail "not two that are cut"

# A program is told, unless strings are fetched in pieces; str() of a length has the beginning of any text.
run -c ./strings -e 'uprobe:./strings:take { printf("%d %d\n", strlen(str(arg0)), strlen(str(arg0, 1024))); }'
expect_status 0
case $(paste -s -d , <out) in
"10 10,0 1024,"*",600 600,10 10,,") [ "$(grep -c 'WARNING: The string is too long' err)" -ge 1 ] || fail "nothing is said" ;;
"10 10,1024 1024,1024 1024,600 600,10 10,,") ! grep -q WARNING err || fail "said for nothing" ;;
*) fail "the lengths" ;;
esac
expect_clean
