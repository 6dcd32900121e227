#!/bin/sh
# A number behind a user's pointer that is not there is 0, with -k a warning, and never an older record's.
# needs: tests/live/absent.c
. "$(dirname "$0")/lib.sh"
bin=$(dirname "$0")/../../build/tests

start -k -e 'tracepoint:syscalls:sys_enter_nanosleep / comm == "absent" / {
	printf("%d.%d\n", args.rqtp->tv_sec, args.rqtp->tv_nsec);
}'
"$bin/absent"
"$bin/absent"
sleep 0.3
stop
expect_status 0
[ "$(count out '^0\.123457$')" -eq 600 ] || fail "what is there"
[ "$(count out '^0\.0$')" -eq 12 ] || fail "what is not there"
[ "$(count out '^[0-9]')" -eq 612 ] || fail "something else"

# What a function filled is read at its return, where the kernel has the arguments there.
trapline info 2>/dev/null | grep -q 'argN at return  *yes' || exit 0
start -e 'kprobe:vfs_read / comm == "head" / { @buf[tid] = arg1; }
	kretprobe:vfs_read / @buf[tid] / { printf("%d %s\n", retval, str(@buf[tid], retval)); delete(@buf, tid); }'
echo "a line" >file
head -n 1 file >/dev/null
sleep 0.3
stop
expect out '^7 a line$'
