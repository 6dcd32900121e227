#!/bin/bash
# What perf counts by itself: profile, software events, watchpoints.
. "$(dirname "$0")/lib.sh"

cat >spin.c <<'EOT'
#include <stdlib.h>
#include <time.h>
long watched;
__attribute__((noinline)) void spin(double seconds)
{
	struct timespec t;
	double end;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	end = t.tv_sec + t.tv_nsec / 1e9 + seconds;
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while (t.tv_sec + t.tv_nsec / 1e9 < end);
}
int main(int argc, char **argv)
{
	for (int i = 0; i < atoi(argv[2]); i++)
		__atomic_store_n(&watched, i, __ATOMIC_SEQ_CST);
	spin(atof(argv[1]));
	return 0;
}
EOT
gcc -O1 -fno-omit-frame-pointer -no-pie -o spin spin.c || fail "cannot compile"

# Half a second of CPU is about 50 samples at 99 Hz.
run -q -c './spin 0.5 0' -e '
	profile:hz:99 { @all = count(); @[comm, pid == cpid] = count(); @at[ustack(16)] = count(); }
	END { print(@all); clear(@all); }'
[ "$status" -eq 1 ] && grep -q 'perf' err && skip "$(head -n 1 err)"
expect_status 0
n=$(sed -n 's/^@all: //p' out)
[ "$n" -ge 30 ] || fail "$n samples of half a second"
[ "$slower" -gt 1 ] || [ "$n" -le 70 ] || fail "$n samples of half a second"
expect out "^@\\[spin, (1|true)\\]: $n$"
expect out '^ {8}main\+[0-9]+'

# Page faults: at least those of the program's own pages.
run -q -c './spin 0 0' -e 'software:page-faults:1 { @[comm] = count(); } s:faults:1 { @again = count(); }'
expect_status 0
n=$(sed -n 's/^@\[spin\]: //p' out)
[ "$n" -ge 10 ] || fail "$n page faults"
expect out "^@again: $n$"

# A watchpoint sees each store. (The loader may have cleared the place before.)
address=0x$(nm spin | awk '$3 == "watched" { print $1 }')
run -q -c './spin 0 100' -e "watchpoint:$address:8:w / usermode / { @w = count(); @by[ustack(1)] = count(); }"
if ! grep -q 'registers for watchpoints\|no watchpoint can be had' err; then
	expect_status 0
	expect out '^@w: 100$'
	expect out '^ {8}main\+[0-9]+'
	# Taken away at its third hit: for all who watch there, and there only.
	run -q -c './spin 0 100' -e "watchpoint:$address:8:w / usermode / { @n++; if (@n == 3) { unwatch($address); unwatch(16); } }
		watchpoint:$address:8:w / usermode / { @also = count(); }"
	expect_status 0
	expect out '^@n: 3$'
	expect out '^@also: [23]$'
	expect err 'WARNING: there is no watchpoint at 0x10'
fi

# An interval beside them, and everybody's CPUs.
run -q -e 'profile:ms:10 { @ = count(); } interval:s:1 { exit(); }'
expect_status 0
n=$(sed -n 's/^@: //p' out)
[ "$n" -ge 90 ] || fail "$n samples of a second at 100 Hz"
run -q -e 'software:nosuch:1 { }'
expect_status 1
expect_clean
