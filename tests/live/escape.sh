#!/bin/bash
# Names and values from strangers do not reach the terminal as they are.
. "$(dirname "$0")/lib.sh"
target escape.c
target loop.c
escape=$(printf '\033')

quiet_terminal() {
	! grep -qa "$escape" out err || fail "an escape character came through"
	! grep -qa "$(printf '\007')" out err || fail "a bell came through"
}

run -l 'uprobe:./escape:evil*'
expect_status 0
expect out 'evil'
quiet_terminal
run -l -v 'uprobe:./escape:*'
quiet_terminal
run probe -c ./escape 'p ./escape:evil* n=$arg1:s32'
expect_status 0
expect out 'evil.*n=1'
quiet_terminal
run probe -f json -c ./escape 'p ./escape:evil* n=$arg1:s32'
quiet_terminal
json 'len(events) == 1 and "evil\033[31m" in events[0]["probe"]'
run probe --dry-run 'p ./escape:evil*'
quiet_terminal
run probe "p ./escape:evi${escape}l"
expect_status 1
quiet_terminal
run probe "p ./es${escape}[31mcape:evil"
expect_status 1
quiet_terminal

# A program's own name.
cp loop "lo${escape}[31mop"
run probe -c "'./lo${escape}[31mop' 1" "p './lo${escape}[31mop':work t=+0(\$arg2):string"
expect_status 0
quiet_terminal
expect_clean
