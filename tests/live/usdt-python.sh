#!/bin/bash
# USDT probes of a program of other people: Python tells of generators, collections and audit events as it runs them.
. "$(dirname "$0")/lib.sh"
python=
for file in /usr/bin/python3.*[0-9]; do
	[ -x "$file" ] && readelf -n "$file" 2>/dev/null | grep -q 'Name: gc__start' && python=$file
done
[ -n "$python" ] || skip "needs a Python that was built with USDT probes (/usr/bin/python3.11 of Debian)"
cp "$python" ./python

cat >work.py <<'EOT'
import gc, sys
gc.disable()
for k in range(20):
	gc.collect(k % 3)
for k in range(7):
	sys.audit("our.event", k)
print("done")
EOT
cat >work.bt <<'EOT'
usdt:./python:python:gc__start { @start[(int32)arg0] = count(); }
usdt:./python:python:gc__done /(int64)arg0 >= 0/ { @done = count(); }
usdt:./python:audit /str(arg0) == "our.event"/ { @audit[probe] = count(); }
EOT

# In modules and when it ends Python collects too, so everything is counted with and without the work.
echo 'import gc; gc.disable(); print("done")' >idle.py
run -q -f json -c './python -S -E idle.py' work.bt
expect_status 0
cp out idle
run -q -f json -c './python -S -E work.py' work.bt
expect_status 0
python3 - <<-'EOT' || fail "other numbers"
	import json, sys
	def maps(name):
	    found = {"@start": {}, "@done": 0, "@audit": {}}
	    for line in open(name):
	        if line.startswith('{"type": "map"') or line.startswith('{"type":"map"'):
	            found.update(json.loads(line)["data"])
	    return found
	idle, work = maps("idle"), maps("out")
	more = [work["@start"].get(k, 0) - idle["@start"].get(k, 0) for k in ("0", "1", "2")]
	print(more, work["@done"] - idle["@done"], work["@audit"])
	sys.exit(more != [7, 7, 6] or work["@done"] - idle["@done"] != 20 or list(work["@audit"].values()) != [7])
EOT

# Its semaphores are switched on while somebody listens, for the process that is asked for too.
printf 'import sys, time\nprint("ready", flush=True)\nwhile True:\n\tsys.audit("our.event")\n\ttime.sleep(0.01)\n' >loop.py
spawn ./python -S -E loop.py >ready
looper=$!
wait_for test -s ready
run probe -q -n 5 -f json -p $looper 'p usdt:./python:python:audit event=+0($arg1):string'
expect_status 0
json 'len(events) == 5 and all(a["event"] == "our.event" for a in args)'
run -l -p $looper 'usdt:*:python:line'
expect out '^usdt:.*/python:python:line$'
expect_clean
