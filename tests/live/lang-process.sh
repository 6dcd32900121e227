#!/bin/bash
# Who it was: names, users, parents of processes that are gone when their records are read; -p and -c.
. "$(dirname "$0")/lib.sh"

target lang.c

# The records of static events have no name: it comes from the reports of forks and execs, in their order.
run -q -c './lang 0 0 20' -e '
	tracepoint:syscalls:sys_enter_exit_group { @[comm, pid == cpid] = count(); }'
expect_status 0
expect out '^@\[lang, (1|true)\]: 1$'

# Everybody's: the children live for a millisecond, and are known all the same.
start -e '
	tracepoint:syscalls:sys_enter_exit_group / comm == "exe" / { @[comm, uid, gid, pcomm, ppid == '"$$"'] = count(); @pid[pid == tid] = count(); }
	tracepoint:syscalls:sys_enter_execve / comm == "lang" / { @execs[pcomm] = count(); }'
./lang 0 0 20
sleep 0.2
stop
expect_status 0
expect out '^@\[exe, 0, 0, lang, (0|false)\]: 20$'
expect out '^@pid\[(1|true)\]: 20$'

# -p: this process only, with all that it does; the run ends with it.
spawn ./lang 1000 5
one=$!
spawn ./lang 300 5
other=$!
start -p $other -e 'uprobe:./lang:work { @[pid] = count(); } END { printf("the end\n"); }'
wait $other
for ((i = 0; i < 250; i++)); do
	kill -0 "$pid" 2>/dev/null || break
	sleep 0.02
done
wait "$pid" || fail "status $?"
expect out '^the end$'
expect out "^@\\[$other\\]: [0-9]+$"
refute out "^@\\[$one\\]"
kill $one

# Without a probe there is no need of root, and the own process is known too.
if command -v setpriv >/dev/null; then
	chmod 755 .
	setpriv --reuid 65534 --regid 65534 --clear-groups "$trapline" -q -e '
		BEGIN { printf("%d %d %s %d\n", uid, gid, comm, pid == tid); }' >out 2>err || fail "without root"
	expect out '^65534 65534 trapline 1$'
fi

# A process that is not there, both at once, a program that is not there.
run -p 4194000 -e 'BEGIN { }'
expect_status 1
expect err '^ERROR: there is no process 4194000$'
run -p $$ -c true -e 'BEGIN { }'
expect_status 1
run -c ./not-there -e 'BEGIN { }'
expect_status 1
expect_clean
