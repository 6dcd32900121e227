#!/bin/bash
# Intervals: in their time, and between the records that are older and those that are newer.
. "$(dirname "$0")/lib.sh"

target lang.c

# Without a probe of the kernel: no root is needed, and nothing is written.
before=$(date +%s%N)
run -q -e 'interval:ms:100 { @n++; if (@n == 5) { printf("%d\n", elapsed / 1000000); exit(3); } }'
after=$(date +%s%N)
expect_status 3
took=$(((after - before) / 1000000))
[ "$took" -ge 500 ] || fail "five intervals of 100 ms took $took ms"
[ "$slower" -gt 1 ] || [ "$took" -lt 3000 ] || fail "five intervals of 100 ms took $took ms"
read -r elapsed <out
{ [ "$elapsed" -ge 500 ] && [ "$elapsed" -lt 600 ]; } || fail "the fifth tick is at $elapsed ms"

# Each record is on its side of the ticks: what a tick sees is what was before it.
run -q -c './lang 60 10' -e '
	uprobe:./lang:work { @n++; @last = nsecs; if (nsecs < @tick) { printf("a record after a younger tick\n"); } }
	interval:ms:50 { @tick = nsecs; if (@last > nsecs) { printf("a tick after a younger record\n"); } @ticks++; }
	END { printf("%d %d\n", @n, @ticks >= 10); clear(@n); clear(@last); clear(@tick); clear(@ticks); }'
expect_status 0
printf '60 1\n\n\n' | diff out - >&2 || fail "ticks and records are out of their order"

# Several at once; hz; a program of begin alone ends by itself.
run -q -e 'i:hz:100 { @a++; } interval:ms:20 { @b++; } i:s:1 { exit(); } END { printf("%d %d\n", @a, @b); clear(@a); clear(@b); }'
expect_status 0
read -r a b <out
{ [ "$a" -ge 99 ] && [ "$a" -le 100 ] && [ "$b" -ge 49 ] && [ "$b" -le 50 ]; } || fail "$a and $b ticks in a second"
run -q -e 'BEGIN { printf("alone\n"); }'
expect_status 0
printf 'alone\n\n\n' | diff out - >&2 || fail "begin alone"
clean_now || fail "something was written to the kernel: $(ours)"
