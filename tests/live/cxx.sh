#!/bin/bash
# The kernel's return probe aborts a C++ program at the next exception: its return instructions are probed instead.
. "$(dirname "$0")/lib.sh"
command -v g++ >/dev/null || skip "needs g++"
target throw.cc -O1

run probe -o records -f json -c ./throw 'r ./throw:middle n=$arg1:s32 ret=$retval:s32'
expect_status 0
expect out '^703$'
cp records out
json 'args == [{"n": n, "ret": n} for n in range(3)]'
run probe -f json -c ./throw 'p ./throw:middle n=$arg1:s32'
expect_status 0
sed -i '/^703$/d' out
json '[a["n"] for a in args] == [0, 1, 2, 3, 4]'
run -c ./throw -e 'uretprobe:./throw:middle { printf("%s %s %d\n", probe, func, retval); }'
expect_status 0
expect out '^703$'
expect out '^uretprobe:.*throw:middle middle 2$'

# What the kernel's would do: forced, it does.
run probe --returns=kernel -c ./throw 'r ./throw:middle'
expect_status 134
expect err "WARNING: the kernel's return probe can kill .*throw: it is C\+\+"
expect_clean
