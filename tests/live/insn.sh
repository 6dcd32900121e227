#!/bin/bash
# Every instruction form of the rules in src/sym/insn.c, in a program of its own: what is allowed fires once a
# call and leaves the program's result as it was; what is refused is refused, with --force too.
. "$(dirname "$0")/lib.sh"
[ "$(uname -m)" = x86_64 ] || skip "the forms are those of x86-64"
target insn_target.c -O1 -no-pie
check_insn_forms insn_target 20
expect_clean
