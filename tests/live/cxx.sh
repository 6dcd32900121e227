#!/bin/bash
# A return probe in a file that can unwind aborts it at the next exception: refused, unless forced.
. "$(dirname "$0")/lib.sh"
command -v g++ >/dev/null || skip "needs g++"
target throw.cc

run probe -c ./throw 'r ./throw:middle ret=$retval:s32'
expect_status 1
expect err 'unwind|exception|C\+\+'
expect err '--force'
run probe -f json -c ./throw 'p ./throw:middle n=$arg1:s32'
expect_status 0
sed -i '/^703$/d' out
json '[a["n"] for a in args] == [0, 1, 2, 3, 4]'
run probe --force -d 0.2 'r ./throw:middle ret=$retval:s32'
expect_status 0
expect_clean
