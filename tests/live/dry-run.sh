#!/bin/bash
# The lines of --dry-run work when pasted, and so does their undo; the run itself writes nothing.
. "$(dirname "$0")/lib.sh"
target loop.c

# What is there under the name of --dry-run. What is pasted here gets a name of its own: two who paste the same
# lines would make one event with two addresses (KERNEL.md 0.1).
own=tl_dry_run_$$
pasted() {
	grep "$own" "$tracing/uprobe_events"
	find "$tracing/instances" -maxdepth 1 -name "$own"
}

run probe --dry-run 'p:a ./loop:work i=$arg1:s32 t=+0($arg2):string' --filter 'i > 1' 'r ./loop:work_more'
expect_status 0
! grep -q "$T/loop" "$tracing/uprobe_events" || fail "--dry-run wrote"
sed -i "s/tl_dry_run/$own/g" out

# Comments part the two halves: everything after the first line about undoing is undo.
grep -n -i -m 1 '^#.*undo' out >where || fail "there is no comment that says where the undo begins"
line=$(cut -d: -f1 where)
head -n $((line - 1)) out >do.sh
tail -n +"$line" out >undo.sh
sed -n 's|.*instances/\([A-Za-z0-9_]*\).*|\1|p' do.sh | sort -u >instance
name=$(head -n 1 instance)
[ -n "$name" ] || fail "there is no instance in it"

sh -eu do.sh >do.log 2>&1 || fail "pasting: $(cat do.log)"
[ -d "$tracing/instances/$name" ] || fail "no instance $name"
# `clean` does not sweep it away.
"$trapline" clean >/dev/null 2>&1
[ -d "$tracing/instances/$name" ] || fail "clean swept what was pasted"
./loop 5
cat "$tracing/instances/$name/trace" >trace
sh -eu undo.sh >undo.log 2>&1 || fail "undoing: $(cat undo.log)"
[ "$(grep -c 'i=[234] ' trace)" -eq 3 ] || fail "not 3 filtered records: $(cat trace)"
! grep -q 'i=[01] ' trace || fail "the filter was not there"
[ -z "$(pasted)" ] || fail "left: $(pasted)"

run probe --dry-run -p $$ 'p libc:fopen path=+0($arg1):string'
expect_status 0
expect out '>> .*/uprobe_events'
expect_clean
