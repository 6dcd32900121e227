#!/bin/bash
# As insn.sh, for 32-bit programs below a 64-bit kernel: every instruction form of the rules in src/sym/insn.c
# that only they have, or that is different there.
. "$(dirname "$0")/lib.sh"
[ "$(uname -m)" = x86_64 ] || skip "the forms are those of x86"
needs_32_bit
target insn32_target.c -m32 -O1 -no-pie -fno-pie
check_insn_forms insn32_target 60
expect_clean
