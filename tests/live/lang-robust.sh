#!/bin/bash
# Programs of the language under rough hands: kills, ends, full disks, commands that do not run, crowds of clauses.
. "$(dirname "$0")/lib.sh"

target lang.c
target loop.c
spawn ./loop 0 1000

# What is armed, in every way at once, is taken back after a kill at any moment, and after every signal that ends.
cat >many.bt <<'EOT'
BEGIN { printf("begin\n"); }
uprobe:./loop:work { @c[arg0 % 10] = count(); @t[tid] = nsecs; @u[uid, ppid] = sum(arg0); }
uretprobe:./loop:work_more { @d = hist(nsecs - @t[tid]); @s[ustack] = count(); }
tracepoint:syscalls:sys_enter_clock_nanosleep / comm == "loop" / { @n[cgroup] = count(); }
interval:ms:10 { print(@c); }
END { printf("end\n"); clear(@s); }
EOT
for delay in 0.05 0.1 0.2 0.4; do
	"$trapline" many.bt >out 2>err &
	pid=$!
	sleep $delay
	kill -9 $pid
	wait $pid
	expect_clean
done 2>/dev/null
for signal in TERM HUP; do
	start many.bt
	kill -$signal "$pid"
	wait "$pid" || fail "status $? after SIG$signal"
	expect out '^end$'
	expect_clean
done

# Two at once on one function see the same calls.
for i in 1 2; do
	"$trapline" -e '
		uprobe:./lang:work { @[arg0 % 2] = count(); @first = min(arg0); }
		uprobe:./lang:work / arg0 == 499 / { exit(); }' >out.$i 2>err.$i &
	pids[i]=$!
	spawned+=($!)
done
wait_for grep -q '^Attached' err.1
wait_for grep -q '^Attached' err.2
./lang 500
wait "${pids[@]}"
cmp out.1 out.2 && grep -q '^@\[1\]: 250$' out.1 || fail "two did not see the same"

# Signals, commands, files and the end, from each kind of probe.
echo 'a file' >file
run -q --unsafe -c './lang 2 30' -e '
	BEGIN { system("echo begin"); }
	uprobe:./lang:work { system("echo call %d %d", arg0, pid == cpid); cat("file"); }
	uretprobe:./lang:work { system("echo return %d", retval); }
	tracepoint:syscalls:sys_enter_exit_group / pid == cpid / { system("echo exit"); }
	interval:ms:20 { @ticks = count(); cat("file"); }
	END { system("echo end"); clear(@ticks); }'
expect_status 0
printf '%s\n' begin 'call 0 1' 'return 0' 'call 1 1' 'return 10' exit end '' '' >expected
expect out '^a file$'
grep -v '^a file$' out | diff - expected >&2 || fail "commands out of their order"
for probe in uprobe uretprobe; do
	run -q --unsafe -c './lang 10000 10' -e "$probe:./lang:work { @n = count(); signal(\"KILL\"); }"
	expect_status 0
	expect out '^@n: [1-9]'
done
for probe in BEGIN interval:ms:10 uretprobe:./loop:work; do
	run -q -e "$probe { exit(7); } END { printf(\"end\\n\"); }"
	expect_status 7
	expect out '^end$'
done

# A full disk, a pipe that nobody reads, a command that cannot run, a file without names.
run -q -o /dev/full -e 'uprobe:./loop:work { printf("%d\n", arg0); }'
expect_status 1
expect err '^ERROR: the output cannot be written: No space left on device$'
{ "$trapline" -q -e 'uprobe:./loop:work { printf("%d\n", arg0); }' 2>err; echo $? >code; } | head -n 1 >out
wait_for test -s code
[ "$(cat code)" -eq 1 ] || fail "status $(cat code) for a closed pipe"
expect err '^ERROR: nobody reads the output any more$'
run -c ./many.bt -e 'uprobe:./lang:work { }'
expect_status 1
expect err "^ERROR: -c: cannot run './many.bt': Permission denied$"
run -q -c /bin/true -e 'uprobe:./lang:work { @ = count(); } END { printf("end\n"); }'
expect_status 0
expect out '^end$'
cp lang bare
strip bare
run -c './bare 3' -e 'uprobe:./bare:work { }'
expect_status 1
expect err 'ERROR: .*/bare is stripped: it has no symbols$'
expect_clean

# Two hundred clauses, on one place and with conditions of their own; and a map that has no more room.
for ((i = 0; i < 200; i++)); do
	echo "uprobe:./lang:work { @all[$i] = count(); } uprobe:./lang:work / arg0 == $i / { @one[$i] = count(); }"
done >crowd.bt
run -q -c './lang 200' crowd.bt
expect_status 0
[ "$(grep -c '^@all\[.*: 200$' out)" -eq 200 ] || fail "not every clause has all calls"
[ "$(grep -c '^@one\[.*: 1$' out)" -eq 200 ] || fail "not every clause has its call"
run -q -c './lang 20' -e 'config = { max_map_keys = 4 } uprobe:./lang:work { @[arg0] = count(); @sum = sum(1); }'
[ "$(grep -c '^@\[' out)" -eq 4 ] || fail "not four keys"
expect out '^@sum: 20$'
expect err 'WARNING: Map full; can.t update element'
expect_clean
