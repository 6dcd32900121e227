#!/bin/sh
# Kernel functions: arguments, filters, returns, wildcards, stacks, suggestions, listing.
# time: 120
. "$(dirname "$0")/lib.sh"

cat >opens <<'EOT'
for i in 1 2 3; do
	cat /etc/passwd >/dev/null
	sleep 0.1
done
EOT

# do_sys_openat2, with the filter of the issue.
start probe -f json 'p do_sys_openat2 dfd=$arg1:s32 name=+0($arg2):ustring' --filter 'dfd == -100'
sh opens
sleep 0.3
stop
expect_status 0
[ "$(count out '"args":\{"dfd":-100,"name":"/etc/passwd"\}')" -ge 3 ] || fail "not three opens of /etc/passwd"
[ "$(count out '"probe":"kprobe:do_sys_openat2"')" -ge 3 ] || fail "the label"
refute out '"dfd":[^-]'

start probe 'p:open do_sys_openat2 dfd=$arg1:s32 name=+0($arg2):ustring' --filter 'dfd != -100'
cat /etc/passwd >/dev/null
sleep 0.2
stop
refute out 'passwd'

# By process, through perf. The records have a file of their own: busybox's cat writes with sendfile(2), which does not
# lock the position of the file that it shares with us, and would write over a record now and then.
run probe -f json -o records -c 'cat /etc/passwd /etc/group' 'p:o do_sys_openat2 dfd=$arg1:s32 name=+0($arg2):ustring'
expect_status 0
expect records '"comm":"cat".*"name":"/etc/passwd"'
expect records '"comm":"cat".*"name":"/etc/group"'
refute records '"comm":"sh"'

# Return probes: the value, and a maxactive.
start probe -f json 'r:back do_sys_openat2 fd=$retval:s32' 'r32:again do_sys_openat2 fd=$retval'
cat /no/such/file 2>/dev/null
sleep 0.3
stop
expect_status 0
expect out '"probe":"back","args":\{"fd":-2\}'
expect out '"probe":"again"'

# Wildcards, and their limit.
start probe -n 5 --max-probes 400 'p vfs_r*'
cat /etc/passwd >/dev/null
sleep 0.2
cat /etc/passwd >/dev/null
wait $pid || fail "status $?"
expect out 'kprobe:vfs_read'
run probe -d 0.1 'p vfs_*' 'p tcp_*'
if [ "$status" -ne 0 ]; then
	expect err 'max-probes'
fi
run probe -d 0.1 'p *'
expect_status 1
expect err '64'
expect err 'max-probes'

# Mistakes.
run probe -d 0.1 'p vfs_reed'
expect_status 1
expect err "did you mean 'vfs_read'"
expect err '^ *~+'
run probe -d 0.1 'p vfs_read+1'
expect_status 1
run probe -d 0.1 'r vfs_read+4'
expect_status 1
run probe -d 0.1 'p vfs_read x=%nosuch'
expect_status 1
run probe -d 0.1 'p vfs_read count=$arg3' --filter 'nosuch == 1'
expect_status 1
expect err '^nosuch == 1'
run probe -d 0.1 'p nosuchmodule:vfs_read'
expect_status 1

# Stacks.
start probe -n 1 --kstack 'p vfs_read'
cat /etc/passwd >/dev/null
read -r line </etc/passwd
wait $pid || fail "status $?"
expect out '^ {4,}[a-z_0-9]+\+0x[0-9a-f]+'
expect out 'ksys_read|__x64_sys_read|do_syscall_64|invoke_syscall'

# Listing.
run -l 'kprobe:vfs_rea*'
expect_status 0
expect out '^kprobe:vfs_read$'
sort -c out || fail "not sorted"
[ -z "$(uniq -d out)" ] || fail "twice: $(uniq -d out)"
run -l 'tracepoint:sched:sched_sw*'
expect out '^tracepoint:sched:sched_switch$'
run -l -v 'tracepoint:sched:sched_switch'
expect out 'prev_comm'

# What is printed works when pasted, and its undo.
run probe --dry-run 'p:a do_sys_openat2 dfd=$arg1:s32'
expect_status 0
line=$(grep -n -m 1 '^#.*undo' out | cut -d : -f 1)
head -n $((line - 1)) out >do.sh
tail -n +"$line" out >undo.sh
sh -eu do.sh || fail "pasting the lines"
cat /etc/passwd >/dev/null
grep -q 'dfd=-100' /sys/kernel/tracing/instances/*/trace || fail "no record by hand"
sh -eu undo.sh || fail "pasting the undo"
