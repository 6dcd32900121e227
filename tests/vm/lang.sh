#!/bin/sh
# Programs on functions of the kernel and on system calls: maps between entry and return, strings behind pointers of
# static events (by event probes or kprobes), pointers that are saved at entry and read at return, stacks.
# time: 120
. "$(dirname "$0")/lib.sh"

work() {
	for _ in 1 2 3 4 5; do
		md5sum /etc/passwd >/dev/null
	done
}

start -e 'kprobe:vfs_read / comm == "md5sum" / { @start[tid] = nsecs; @f[func] = count(); }
	kretprobe:vfs_read / @start[tid] / {
		@ok[comm, retval > 0] = count();
		@slow = max(nsecs - @start[tid]);
		delete(@start, tid);
	}'
work
sleep 0.3
stop
expect_status 0
# once the file, once its end, for each of them
expect out '^@f\[vfs_read\]: [1-9][0-9]*$'
expect out '^@ok\[md5sum, (1|true)\]: [1-9][0-9]*$'
refute out '^@start'

start -e 'tracepoint:syscalls:sys_enter_openat / comm == "md5sum" / { @name[tid] = args.filename; printf("enter %s\n", str(args.filename)); }
	tracepoint:syscalls:sys_exit_openat / @name[tid] / {
		printf("exit %s %d\n", str(@name[tid]), args.ret > 0);
		delete(@name[tid]);
	}'
work
sleep 0.3
stop
expect_status 0
[ "$(grep -c '^enter /etc/passwd$' out)" -eq 5 ] || fail "the names at entry"
[ "$(grep -c '^exit /etc/passwd 1$' out)" -eq 5 ] || fail "the names at return"

start -e 'kprobe:vfs_read / comm == "md5sum" / { @[kstack(2)] = count(); }'
work
sleep 0.3
stop
expect_status 0
expect out '^ {8}vfs_read\+[0-9]+$'
# Before vfs_read has made its frame, only unwinders with tables (x86) find who called it.
expect out '^ {8}(ksys_read|__arm64_sys_read)\+[0-9]+$'

run -q -e 'kprobe:nosuchfunction { }'
expect_status 1
run -q -e 'interval:ms:100 { exit(3); } kprobe:vfs_read { @ = count(); }'
expect_status 3

# get_kprobe is listed, but probes need it themselves. A clause goes on with what is left of it, and not with nothing.
refused='get_kprobe is left out: the kernel says: Failed to register probe event'
start -e 'kprobe:get_kprobe, kprobe:vfs_read / comm == "md5sum" / { @[func] = count(); }'
work
sleep 0.3
stop
expect_status 0
expect err "WARNING: kprobe:$refused"
expect err '^Attached 1 probe$'
expect out '^@\[vfs_read\]: [1-9]'
run -q -e 'kprobe:get_kprobe { } kprobe:vfs_read { }'
expect_status 255
expect err 'ERROR: the kernel says: Failed to register probe event'
expect err "HINT: .*trapline -l 'kprobe:\\*get_kpro\\*'"
run -q -e 'kprobe:get_kprobe, kretprobe:get_kprobe { } kprobe:vfs_read { }'
expect_status 255
expect err 'ERROR: the kernel refused every probe of this clause'
run -q -e 'config = { missing_probes = warn } kprobe:get_kprobe { } kprobe:vfs_read { exit(); } interval:ms:50 { cat("/etc/passwd"); }'
expect_status 0
expect err "WARNING: kprobe:$refused"
run -q -e 'config = { missing_probes = warn } kprobe:get_kprobe { }'
expect_status 255
expect err 'ERROR: the kernel refused every probe$'
