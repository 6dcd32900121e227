#!/bin/bash
# Attach points in other words: globs of kinds, paths as they are written; and names of what has ended.
. "$(dirname "$0")/lib.sh"

target lang.c

run -q -c './lang 2' -e '*:./lang:work { @[probe] = count(); } *:sched:no_such_event { @never = count(); }'
expect_status 0
expect out '^@\[uprobe:./lang:work\]: 2$'
expect out '^@\[uretprobe:./lang:work\]: 2$'
refute out never
run -c './lang 1' -e '*:./lang:no_such_function { print(1); }'
expect_status 1
expect out '^No probes to attach$'
run -c './lang 1' -e 'x*:./lang:work { print(1); }'
expect_status 1
expect err "ERROR: no kind of probe fits 'x[*]:./lang:work'"

run -q -c './lang 2' -e "uprobe:$PWD/lang:work { print(probe); }"
expect out "^uprobe:$PWD/lang:work$"
run -l 'uprobe:./lang:work'
expect out '^uprobe:./lang:work$'

# The process is gone when its addresses get their names.
run -q -c './lang 3' -e 'uprobe:./lang:work { @[usym(reg("ip"))] = count(); }'
expect_status 0
expect out '^@\[work\]: 3$'
