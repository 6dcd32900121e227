#!/bin/bash
# A zero that was read is a zero; one that the kernel put in the place of nothing is a fault.
. "$(dirname "$0")/lib.sh"
target nothing.c

run probe -f json -c ./nothing 'p ./nothing:take n=+0($arg1):s32 a=+0($arg1):u8[2] t=+0($arg2):string'
expect_status 0
# Where strings are dangerous there is none that could bear witness: only a null pointer is known to be one.
if lacks 'strings are fetched bounded'; then
	json '[a["n"] for a in args] == [7, 0, 0, None] and [a["t"] for a in args] == ["seven", "", "", None]'
else
	json '[a["n"] for a in args] == [7, 0, None, None]'
	json '[a["a"] for a in args] == [[7, 0], [0, 0], None, None]'
	json '[a["t"] for a in args] == ["seven", "", None, None]'
fi
expect_clean
