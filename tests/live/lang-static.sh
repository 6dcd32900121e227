#!/bin/bash
# Static events of the kernel: their fields, predicates in the kernel and beside it, several clauses on one event.
. "$(dirname "$0")/lib.sh"

target lang.c
[ -d "$tracing/events/syscalls" ] || mount | grep -q tracefs || "$trapline" -l 'tracepoint:syscalls:sys_enter_exit_group' | grep -q . ||
	skip "this kernel has no events of system calls"

# usleep() is clock_nanosleep(); the number of times is known.
for source in "-c './lang 25 1'" ""; do
	if [ -n "$source" ]; then
		run -q -c './lang 25 1' -e '
			tracepoint:syscalls:sys_enter_clock_nanosleep { @all[comm] = count(); @flags[args.flags] = count(); }
			tracepoint:syscalls:sys_enter_clock_nanosleep / args.flags == 77 / { @none = count(); }
			t:syscalls:sys_exit_clock_nanosleep / args->ret == 0 / { @ok = count(); }'
	else
		start -e '
			tracepoint:syscalls:sys_enter_clock_nanosleep / comm == "lang" / { @all[comm] = count(); @flags[args.flags] = count(); }
			tracepoint:syscalls:sys_enter_clock_nanosleep / args.flags == 77 / { @none = count(); }
			t:syscalls:sys_exit_clock_nanosleep / args->ret == 0 && comm == "lang" / { @ok = count(); }'
		./lang 25 1
		sleep 0.2
		stop
	fi
	expect_status 0
	expect out '^@all\[lang\]: 25$'
	expect out '^@flags\[0\]: 25$'
	expect out '^@ok: 25$'
	refute out '@none'
done

# A wildcard that finds the same event once more: each clause has its own count, from either source.
program='tracepoint:syscalls:sys_enter_clock_nanosleep / comm == "lang" / { @a = count(); }
	tracepoint:syscalls:sys_enter_clock_n* / comm == "lang" / { @b = count(); }'
run -q -c './lang 25 1' -e "$program"
expect_status 0
expect out '^@a: 25$'
expect out '^@b: 25$'
start -e "$program"
expect err '^Attached 2 probes$'
./lang 25 1
sleep 0.2
stop
expect out '^@a: 25$'
expect out '^@b: 25$'

# What is not there is said before anything is written.
run -e 'tracepoint:syscalls:sys_enter_nosuch { }'
expect_status 1
expect err 'tracepoint not found: syscalls:sys_enter_nosuch'
run -e 'tracepoint:syscalls:sys_enter_clock_nanosleep { print(args.nosuch); }'
expect_status 1
expect err 'nosuch'
expect_clean
