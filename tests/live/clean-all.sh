#!/bin/bash
# trapline clean --all: what others have in tracefs, and whose it may be; by name it removes what nobody uses.
. "$(dirname "$0")/lib.sh"
target loop.c
target perfhold.c

# A mount of our own, which nobody takes away meanwhile.
tracing=$(mktemp -d)
mount -t tracefs tracefs "$tracing" || skip "tracefs cannot be mounted"
g=tlca_$$
cleanup() {
	rmdir "$tracing/instances/$g" "$tracing/instances/${g}b"
	for event in "$g/one" "$g/p_x_bcc_$$" "$g/p_x_bcc_$dead" "$g/held" "probe_$g/main" "$g/two"; do
		echo "-:$event" >>"$tracing/uprobe_events"
	done
	umount -l "$tracing" && rmdir "$tracing"
} 2>/dev/null

define() {
	echo "$1" >>"$tracing/uprobe_events" || fail "cannot define $1"
}

sh -c 'exit 0' &
dead=$!
wait $dead
offset=0x$(nm loop | awk '$3 == "work" { print $1 }' | sed 's/^0*//')
offset=$(python3 - "$offset" <<'EOT'
import subprocess, sys
address = int(sys.argv[1], 16)
for line in subprocess.run(["readelf", "-lW", "loop"], capture_output=True, text=True).stdout.splitlines():
    w = line.split()
    if w[:1] == ["LOAD"] and int(w[2], 16) <= address < int(w[2], 16) + int(w[4], 16):
        print(hex(address - int(w[2], 16) + int(w[1], 16)))
EOT
)
define "p:$g/one $T/loop:$offset"
define "p:$g/p_x_bcc_$$ $T/loop:$offset"
define "p:$g/p_x_bcc_$dead $T/loop:$offset"
define "p:probe_$g/main $T/loop:$offset"
cp loop 'a:0x12'
define "r:$g/two $T/a:0x12:$offset"
mkdir "$tracing/instances/$g" "$tracing/instances/${g}b"
echo 1 >"$tracing/instances/${g}b/events/$g/one/enable"
echo 'common_pid == 1' >"$tracing/instances/$g/events/$g/one/filter"
spawn sleep 100 <"$tracing/instances/$g/trace_pipe"
holder=$!
wait_for grep -q sleep "/proc/$holder/comm"

run clean --all
expect_status 0
expect out "^  $g/one  \[unknown\]$"
expect out "^      (enabled in instance ${g}b, has a filter in instance $g|has a filter in instance $g, enabled in instance ${g}b)$"
expect out "^      p:$g/one $T/loop:0x[0-9a-f]+  = work$"
expect out "^  $g/p_x_bcc_$$  \[bcc, process $$ \(bash\), which runs\]$"
expect out "^  $g/p_x_bcc_$dead  \[bcc, process $dead, which is gone\]$"
expect out "^  probe_$g/main  \[perf probe\]$"
expect out "^      r:$g/two $T/a:0x12:0x[0-9a-f]+  = work$"
expect out "^      open in sleep \($holder\): trace_pipe$"
expect out "^      enabled: $g:one$"
grep -q "^p:$g/one" "$tracing/uprobe_events" || fail "showing removed something"

# Used: refused, with the name of who uses it.
run clean "$g/one"
expect_status 1
expect err "$g/one is in use: .*enabled in instance ${g}b"
run clean "$g"
expect_status 1
expect err "sleep \($holder\): trace_pipe"
kill "$holder"
wait "$holder" 2>/dev/null

# perf is not to be seen in tracefs, but the kernel refuses, and who has perf events is known.
define "p:$g/held $T/loop:$offset"
./perfhold "$(cat "$tracing/events/$g/held/id")" >held &
holder=$!
spawned+=("$holder")
wait_for test -s held
run clean "$g/held"
expect_status 1
expect err "$g/held is in use, though nobody has enabled it in tracefs"
expect err "perfhold \($holder\)"
kill "$holder"
wait "$holder" 2>/dev/null

# A live session of our own is shown, and stays.
spawn ./loop 0 1000
"$trapline" probe -o /dev/null 'p ./loop:work' 2>live &
session=$!
spawned+=("$session")
wait_for grep -q '^Attached' live
name=$(basename "$(ls -d "$tracing"/instances/trapline_"$session"_*)")
event=$(grep -o "$name/[a-z0-9_]*" "$tracing/uprobe_events" | head -n 1)
run clean --all
expect out "^  $name  \[trapline, process $session \([^)]*\), which runs\]$"
for it in "$name" "$event"; do
	run clean "$it"
	expect_status 1
	expect err "$it belongs to trapline, process $session"
done
kill -TERM $session
wait $session || fail "the session was harmed"

# By name: these and no others; what cannot be removed does not keep the rest.
run clean "$g" "${g}b" "$g/nothing" "$g/one" "$g/p_x_bcc_$dead" "probe_$g/main"
expect_status 1
expect err "nobody has defined an event $g/nothing"
for it in "$g" "${g}b" "$g/one" "$g/p_x_bcc_$dead" "probe_$g/main"; do
	expect out "^removed $it$"
done
[ ! -d "$tracing/instances/$g" ] || fail "the instance is there"
grep -q "^p:$g/one\|^p:probe_$g" "$tracing/uprobe_events" && fail "the events are there"
grep -q "^p:$g/p_x_bcc_$$ " "$tracing/uprobe_events" || fail "an event that was not named is gone"
run clean "$g/p_x_bcc_$$" "$g/two" "$g/held"
expect_status 0
for it in sched/sched_switch "$g" ../instances / . 'x/../y'; do
	run clean "$it"
	expect_status 1
done
exit 0
