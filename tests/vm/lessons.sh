#!/bin/sh
# The lessons of bpftrace's one-liner tutorial and the examples of its --help, as a user would paste them; one by one
# they must show what was done meanwhile. The last lesson reads types of the kernel: it is refused with its place.
# needs: tests/vm/deeds.c
# wants: /etc/hosts /etc/nsswitch.conf
. "$(dirname "$0")/lib.sh"
take_deeds

# A process whose number is known before it does anything: ten reads of 512 bytes, when it is told to.
mkfifo go
sh -c 'read _ <go; exec dd if=/dev/zero of=/dev/null bs=512 count=10 2>/dev/null' &
reader=$!
# And one that calls malloc.
mkfifo go-too
sh -c 'read _ <go-too; exec ./deeds host' &
caller=$!
libc=$(ldd ./deeds 2>/dev/null | grep -o '/[^ ]*libc\.so\.6' | head -n 1)

run -l 'tracepoint:syscalls:sys_enter_*'
expect_status 0
expect out '^tracepoint:syscalls:sys_enter_openat$'
[ "$(count out '^tracepoint:syscalls:sys_enter_')" -gt 250 ] || fail "too few system calls"
run -l '*sleep*'
expect_status 0
expect out '^tracepoint:syscalls:sys_enter_clock_nanosleep$'
expect out '^kprobe:do_nanosleep$'
run -e 'BEGIN { printf("hello world\n"); }'
expect_status 0
expect out '^hello world$'
run -e '#include <linux/path.h>
#include <linux/dcache.h>
kprobe:vfs_open { printf("open path: %s\n", str(((struct path *)arg0)->dentry->d_name.name)); }'
expect_status 1
expect err "ERROR: .*'?(struct path|linux/path\.h)'?"

begin lesson3 -e 'tracepoint:syscalls:sys_enter_openat { printf("%s %s\n", comm, str(args.filename)); }'
begin lesson4 -e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'
begin lesson5 -e "tracepoint:syscalls:sys_exit_read /pid == $reader/ { @bytes = hist(args.ret); }"
begin lesson6 -e 'kretprobe:vfs_read { @bytes = lhist(retval, 0, 2000, 200); }'
begin lesson7 -e 'kprobe:vfs_read { @start[tid] = nsecs; }
	kretprobe:vfs_read /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]); delete(@start, tid); }'
begin lesson8 -e 'tracepoint:sched:sched* { @[probe] = count(); } interval:s:5 { exit(); }'
begin lesson9 -e 'profile:hz:99 { @[kstack] = count(); }'
begin lesson10 -e 'tracepoint:sched:sched_switch { @[kstack] = count(); }'
[ ! -b $DEEDS_DISK ] || begin lesson11 -e 'tracepoint:block:block_rq_issue { @ = hist(args.bytes); }'
begin sleeping -e 'kprobe:do_nanosleep { printf("PID %d sleeping...\n", pid); }'
[ -z "$libc" ] || begin mallocs -p "$caller" -e "uprobe:$libc:malloc { @[ustack] = count(); }"
echo go >go
wait "$reader"
echo go >go-too
wait "$caller"
end_round open disk sleep work
expect_lines <<'EOT'
lesson3         ^deeds /etc/passwd$
lesson4         ^@\[deeds\]: [1-9]
lesson5         ^\[512, 1K\) +10 \|@{52}\|$
lesson6         ^\[400, 600\) +[1-9][0-9]* \|@*
lesson7         ^@ns\[dd\]:
lesson8         ^@\[tracepoint:sched:sched_switch\]: [1-9]
lesson9         ^]: [1-9]
lesson9         ^ {8}[a-z_A-Z0-9.]+\+[0-9]+$
lesson10        ^ {8}(__)?schedule\+[0-9]+$
lesson11        ^\[[0-9]+[KM]?, [0-9]+[KM]?\) +[1-9]
sleeping        ^PID [1-9][0-9]* sleeping\.\.\.$
mallocs         ^ {8}(malloc|__libc_malloc)\+[0-9]+$
EOT
