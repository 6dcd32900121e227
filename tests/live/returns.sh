#!/bin/bash
# Returns, by the kernel's return probe and at the return instructions: each is seen once, with its value and with what
# the arguments were at the entry of the same call, also when other calls have ended without a return.
. "$(dirname "$0")/lib.sh"
target returns.c -O2 -pthread

# What many() does, again: the records of each thread must be these calls, the innermost first.
cat >model.py <<'EOT'
import json, sys
objects = [json.loads(line) for line in open("out") if line.startswith("{")]
events = [o for o in objects if o["type"] == "event"]
def many(n, word, calls):
    if n == 0:
        value = len(word)
    elif n % 3 == 0:
        value = many(n - 1, word[1:], calls) + 3
    else:
        value = many(n - 1, word, calls) * 2 % 1001
    calls.append((n, word, value))
    return value
def calls(n, word):
    list = []
    many(n, word, list)
    return list
depth, how = int(sys.argv[1]), sys.argv[2]
main = calls(depth, "a word that is long enough for all of the recursion, which takes away a letter now")
if how == "kernel":      # it sees the outer 64
    main = main[-64:]
for i in range(50):
    main += calls(i % 3, "after a jump")
main += calls(2, "the last")
thread = sum((calls(i % 7, "in a thread") for i in range(20)), [])
want = sorted([main] + [thread] * 3)
got = {}
for e in events:
    a = e["args"]
    got.setdefault(e["tid"], []).append((a["n"], a["word"], a["value"]))
if sorted(got.values(), key=str) != sorted(want, key=str):
    print(sorted(got.values(), key=str), "and not", sorted(want, key=str))
    sys.exit(1)
EOT

for how in kernel ret; do
	run probe --returns=$how -f json -c './returns 100' \
		'r ./returns:many n=$arg1:s32 word=+0($arg2):string value=$retval:s32'
	expect_status 0
	python3 model.py 100 $how || fail "not the calls that there were (--returns=$how)"
done

# A tail call has no value of its own, and says so; the kernel's return probe waits for it.
run probe -q --returns=ret -c ./returns 'r:tail ./returns:tail n=$arg1:s32 value=$retval:s32' \
	'r:target ./returns:target v=$retval:s32'
expect_status 0
expect out 'tail +n=7 value=\(tail call\)$'
expect out 'target v=40$'
expect out 'tail +n=-7 value=-1$'
run probe -q --returns=kernel -c ./returns 'r:tail ./returns:tail n=$arg1:s32 value=$retval:s32'
expect out 'tail n=7 value=40$'
# A program would compute with what is no value: that return is left out, and told.
run --returns=ret -c ./returns -e 'uretprobe:./returns:tail { printf("tail %d\n", retval); @++; }'
expect out '^@: 1$'
expect out 'some returns of tail are not seen'
run --returns=ret -c ./returns -e 'uretprobe:./returns:tail { @[probe] = count(); }'
expect out '^@\[uretprobe:.*:tail\]: 2$'

# Calls that were under way when trapline came have no entry.
cat >slow.c <<'EOT'
#include <unistd.h>
__attribute__((noinline)) int slow(int n) { usleep(n); return n + 1; }
int main(void) { slow(500000); for (int i = 0; i < 25; i++) slow(100000); return 0; }
EOT
gcc -O1 -o slow slow.c || fail "cannot compile slow.c"
spawn ./slow
start probe --returns=ret -f json -n 3 -p $! 'r ./slow:slow n=$arg1:s32 value=$retval:s32'
wait "$pid"
json 'args[-1] == {"n": 100000, "value": 100001}'
json 'all(a["n"] in (None, a["value"] - 1) for a in args)'

# What cannot be: a filter on a value of the entry.
run probe --dry-run 'r ./returns:many n=$arg1:s32' --filter 'n == 5'
expect_status 1
expect err "'n' is a value of the function's entry"
run probe --dry-run --returns=sometimes 'r ./returns:many'
expect_status 1
expect err 'auto, kernel or ret'
run probe --dry-run --returns=ret 'r ./returns:many v=$retval'
expect out '^# uretprobe:.*/returns:many: its return instructions, .*asked for'
run probe --dry-run 'r ./returns:many v=$retval'
refute out '^# uretprobe'
expect out "^# the kernel's return probe$"

# The same words wherever a plan is shown.
for how in '-d plan' --dry-run; do
	# shellcheck disable=SC2086 # the words are words
	run $how --returns=ret -e 'uretprobe:./returns:many { print(retval); }'
	expect_status 0
	expect out 'uretprobe:.*/returns:many: its return instructions, .*asked for'
	# shellcheck disable=SC2086
	run $how -e 'uretprobe:./returns:many { print(retval); }'
	expect out "the kernel's return probe"
done
expect_clean
