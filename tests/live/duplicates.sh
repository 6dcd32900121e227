#!/bin/bash
# Two static functions of one name: both are probed, and that is said.
. "$(dirname "$0")/lib.sh"
gcc -g -c -O0 -DFIRST -o one.o "$here/twin.c" && gcc -g -c -O0 -o two.o "$here/twin.c" && gcc -o twin one.o two.o ||
	fail "cannot compile"

run probe -f json -c ./twin 'p ./twin:helper n=$arg1:s32'
expect_status 0
json 'sorted(a["n"] for a in args) == [1, 2]'
expect err 'helper'
expect err '2|two|both'
expect_clean
