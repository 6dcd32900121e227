#!/bin/bash
# FILE:glob makes one event for each site; at most 64 unless told otherwise.
. "$(dirname "$0")/lib.sh"
target loop.c

run probe -f json -c './loop 3' 'p ./loop:work*'
expect_status 0
json 'len(events) == 6 and len({e["probe"] for e in events}) == 2'
run probe --dry-run 'p ./loop:work*'
[ "$(grep -c '^[^#-]*p:[^-]' out)" -ge 2 ] || fail "not two definitions"

for i in {1..70}; do
	echo "void many_$i(void) { __asm__ volatile(\"\"); }"
done >many.c
echo 'int main(void) { return 0; }' >>many.c
gcc -o many many.c
run probe --dry-run 'p ./many:many_*'
expect_status 1
expect err '64'
expect err 'max-probes'
run probe --max-probes 70 --dry-run 'p ./many:many_*'
expect_status 0
run probe -c ./many 'p ./many:many_[12]'
expect_status 0
run probe -c ./many 'p ./many:nothing_*'
expect_status 1
expect_clean
