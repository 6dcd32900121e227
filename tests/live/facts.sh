#!/bin/bash
# User, group, parent, cgroup and name are those of the hit's time, also of processes that live for a moment.
. "$(dirname "$0")/lib.sh"

target facts.c -pthread
chmod 755 facts
mkfifo gate

# Where the kernel lacks cgroup2, or lets nobody make one, the cgroup is the same for all: 0, or that of this shell.
here=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)$(sed -n 's/^0:://p' /proc/self/cgroup)
here=${here%/}
there=
[ ! -e "$here/cgroup.procs" ] || ! mkdir "$here/trapline_test_$$" 2>/dev/null || there=$here/trapline_test_$$
cleanup() {
	[ -z "$there" ] || rmdir "$there"
}

report='
	$wrong = (uid == arg0 ? "" : "uid ", gid == arg1 ? "" : "gid ", ppid == arg2 ? "" : "ppid ",
		  cgroup == arg3 ? "" : "cgroup ", comm == str(arg4) ? "" : "comm ");
	@[arg5, $wrong] = count();'
right='\(, , , , \)'

# Everybody's, in a crowd; and at the entry of setresuid() and its exit.
n=$(scaled 60)
start -e "uprobe:./facts:fact { $report }"'
	tracepoint:syscalls:sys_enter_setresuid / comm == "renamed" / { @to[tid] = args.ruid; @before[uid] = count(); }
	tracepoint:syscalls:sys_exit_setresuid / @to[tid] / { @after[uid == @to[tid]] = count(); delete(@to, tid); }'
./facts "$n" "$here" $there || fail "facts"
stop
expect_status 0
for step in 0 1 2 3 4 5 6 7; do
	expect out "^@\\[$step, $right\\]: $n\$"
done
expect out "^@before\\[0\\]: $n\$"
expect out "^@after\\[(1|true)\\]: $n\$"
[ "$(grep -c '^@' out)" -eq 10 ] || fail "something is wrong"

# A sibling, and a child that is born elsewhere: that one must live until it was asked for.
start -e "uprobe:./facts:fact { $report printf(\"asked %d\\n\", arg5); }"
spawn sh -c 'exec ./facts clone "$@" <gate' sh "$here" $there
exec 7>gate
wait_for grep -q 'asked 8' out
[ -z "$there" ] || wait_for grep -q 'asked 9' out
exec 7>&-
stop
expect out "^@\\[8, $right\\]: 1\$"
[ -z "$there" ] || expect out "^@\\[9, $right\\]: 1\$"
expect_clean
