#!/bin/bash
# What parse reads in the text of a run is what probe says of the same run; and parse reads a live trace_pipe.
. "$(dirname "$0")/lib.sh"
target nasty.c
target loop.c
name=tlcheck_$$
instance=$tracing/instances/$name
mkdir "$instance" || fail "cannot make an instance"

cleanup() {
	[ ! -d "$instance" ] || rmdir "$instance"
}

# The kernel's text of probe's own events, as a second instance sees them.
events_of_probe() {
	local group
	group=$(find "$tracing/events" -maxdepth 1 -name "trapline_${pid}_*" | head -n 1)
	echo 1 >"$instance/events/${group##*/}/enable"
}

# Where strings are fetched in pieces, the kernel's text has no strings to compare.
run probe --dry-run 'p ./nasty:one s=+0($arg1):string'
! lacks 'strings are fetched bounded' || exit 0

# What this kernel and this machine have: a type for characters, and the name of the first argument's register.
char=char
"$trapline" info -f json | grep -q '"group":"user probes","name":"char","answer":"yes"' || char=u8
first=%di
[ "$(uname -m)" != aarch64 ] || first=%x0

start probe -f json 'p:one ./nasty:one s=+0($arg1):string' 'r:len ./nasty:one ret=$retval:s64' \
	'p:two ./nasty:two s=+0($arg1):string n=$arg2:s32 t=+0($arg3):string c=$arg2:'$char' a=+0($arg1):u8[4]'
echo boot >"$instance/trace_clock"
echo 1 >"$instance/options/record-tgid"
events_of_probe
./nasty
./nasty 'Web Content'
./nasty 'a-1 [002]'
./nasty $'two\nlines'
wait_for sh -c '[ "$(wc -l <out)" -ge 260 ]'
cat "$instance/trace" >trace.txt
echo 0 >"$instance/events/enable"
stop
expect_status 0
cp out probed
run parse -f json trace.txt
expect_status 0

python3 - <<'EOT' || fail "parse and probe differ"
import json, sys
probed, parsed = ([json.loads(l) for l in open(f, encoding="utf-8")] for f in ("probed", "out"))
wrong = guesses = nameless = 0
if len(probed) != len(parsed) or len(probed) != 260:
    sys.exit(f"{len(probed)} probed, {len(parsed)} parsed")
for a, b in zip(probed, parsed):
    guessed = b.get("guessed", [])
    guesses += bool(guessed)
    # The kernel notes a task's name and process at a later switch, and only where no other CPU is just doing so.
    known = b["pid"] is not None
    nameless += not known
    same = all(a[k] == b[k] for k in ("tid", "cpu") + ("comm", "pid") * known) and abs(a["time_ns"] - b["time_ns"]) < 10**9
    same = same and all(a["args"][k] == b["args"].get(k) or k in guessed for k in a["args"])
    if not same and wrong < 3:
        print(a, b, sep="\n")
    wrong += not same
print(f"{len(parsed)} records, {guesses} with guesses, {nameless} nameless, {wrong} wrong")
sys.exit(wrong > 0 or guesses > len(parsed) / 4 or nameless == len(parsed))
EOT
run parse trace.txt
expect out 'one.* s="say \\"hi\\""'
expect out 'line 1\\nline 2'

# An event of our own, for what is read live.
offset=0x$(nm loop | awk '$3 == "work" { print $1 }')
echo "p:$name/$name $PWD/loop:$offset i=$first:s32" >>"$tracing/uprobe_events" || fail "the kernel refuses the event"
cleanup() {
	[ ! -d "$instance" ] || rmdir "$instance"
	echo "-:$name/$name" >>"$tracing/uprobe_events" 2>/dev/null
}
: >"$instance/trace"
echo 1 >"$instance/events/$name/enable"

# Live: what comes is shown at once, and SIGINT ends it cleanly.
env --default-signal=INT "$trapline" parse -f json "$instance/trace_pipe" >out 2>err </dev/null &
pid=$!
spawned+=("$pid")
sleep 0.3
./loop 3
wait_for sh -c '[ "$(wc -l <out)" -eq 3 ]'
./loop 1
wait_for sh -c '[ "$(wc -l <out)" -eq 4 ]'
stop
expect_status 0
# (A record that is read before that has no process, and no name or that of an older task of this number.)
json '[a["i"] for a in args] == [0, 1, 2, 0] and all(e["pid"] in (e["tid"], None) for e in events)'

# -n ends by itself, and so does -d.
"$trapline" parse -n 2 "$instance/trace_pipe" >out 2>err </dev/null &
pid=$!
spawned+=("$pid")
sleep 0.3
./loop 5
wait "$pid" || fail "status $?"
[ "$(grep -c ' i=' out)" -eq 2 ] || fail "not two records"
run parse -d 0.2 "$instance/trace_pipe"
expect_status 0

# Nobody reads the output any more: it ends, though the pipe is silent.
{ "$trapline" parse "$instance/trace_pipe" 2>err; echo $? >code; } | true
wait_for test -s code
[ "$(cat code)" -eq 1 ] || fail "status $(cat code)"
expect err 'nobody reads'

# Of standard input, piece by piece; a stack that comes late is no harm.
{ head -c 5000 trace.txt; sleep 0.1; tail -c +5001 trace.txt; } | "$trapline" parse -f json >out 2>err || fail "status $?"
[ "$(wc -l <out)" -eq "$(wc -l <probed)" ] || fail "not as many records from a pipe"
