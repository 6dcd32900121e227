#!/bin/bash
# Events that were lost are counted exactly, and told: what came and what was lost is what there was.
. "$(dirname "$0")/lib.sh"

target lang.c
n=$(scaled 100000)

for format in text json; do
	: >out
	: >err
	env --default-signal=INT "$trapline" -f $format -e '
		config = { perf_rb_pages = 1 }
		uprobe:./lang:work { @n = count(); @text[str(arg1)] = count(); }' >out 2>err </dev/null &
	pid=$!
	spawned+=("$pid")
	wait_for grep -qi attached out err
	# While we sleep nobody reads: the buffer of a page is full at once.
	kill -STOP "$pid"
	./lang "$n"
	kill -CONT "$pid"
	sleep 0.3
	stop
	expect_status 0
	if [ $format = text ]; then
		came=$(sed -n 's/^@n: //p' out)
		total=$(sed -n 's/^WARNING: Total lost event count: //p' err)
		told=$(sed -n 's/^Lost \([0-9]*\) events$/\1/p' err | awk '{ sum += $1 } END { print sum }')
		[ "$told" = "$total" ] || fail "$told were told, $total in the end"
	else
		read -r came total < <(python3 - <<-'EOT'
			import json
			objects = [json.loads(line) for line in open("out")]
			print([o["data"]["@n"] for o in objects if "@n" in o["data"]][0],
			      sum(o["data"]["events"] for o in objects if o["type"] == "lost_events"))
		EOT
		)
	fi
	[ "$((came + total))" -eq "$n" ] || fail "$came came and $total were lost, of $n"
	[ "$total" -gt 0 ] || fail "nothing was lost"
done
expect_clean
