#!/bin/bash
# Threads that are born while we attach to their process: each of theirs is seen once, with every call.
. "$(dirname "$0")/lib.sh"
target births.c -pthread

# On a slow machine a thread may stand still in the middle of its calls for longer.
tenths=$((12 + 6 * (slower - 1)))
margin=$((150 * slower))e6
mkfifo gate
for delay in 0.006 0.009 0.012; do
	spawn sh -c 'exec ./births <gate'
	traced=$!
	exec 7>gate
	(
		sleep $delay
		echo go >&7
	) &
	run probe -q -d $((tenths / 10)).$((tenths % 10)) -f json -p $traced 'p:first ./births:first' 'p:second ./births:second'
	expect_status 0
	exec 7>&-
	kill $traced
	wait $traced 2>/dev/null
	# Only threads that lie wholly inside the recording.
	python3 - $margin <<-'EOT' || fail "threads with a part of their calls"
	import collections, json, sys
	margin = float(sys.argv[1])
	calls, times = collections.defaultdict(collections.Counter), collections.defaultdict(list)
	for line in open("out"):
	    event = json.loads(line)
	    calls[event["tid"]][event["probe"]] += 1
	    times[event["tid"]].append(event["time_ns"])
	begin, end = min(min(t) for t in times.values()) + margin, max(max(t) for t in times.values()) - margin
	inside = [tid for tid, t in times.items() if min(t) > begin and max(t) < end]
	bad = {tid: dict(calls[tid]) for tid in inside if calls[tid] != {"first": 10, "second": 10}}
	print(len(inside), "threads;", list(bad.items())[:5])
	sys.exit(bool(bad) or len(inside) < (20 if margin > 150e6 else 100))
	EOT
done
expect_clean
