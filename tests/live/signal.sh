#!/bin/bash
# Ctrl-C ends the command of -c with SIGTERM; at any other end of ours it is left running.
. "$(dirname "$0")/lib.sh"
target loop.c

cat >script <<'EOT'
#!/bin/sh
trap 'echo terminated >>said; exit 9' TERM
trap 'echo interrupted >>said' INT
echo $$ >child
while :; do sleep 0.05; done
EOT
chmod +x script

start probe -c "$T/script" 'p ./loop:work'
wait_for test -s child
stop
wait_for test -s said
[ "$(cat said)" = terminated ] || fail "the command got: $(cat said)"
wait_for sh -c "! kill -0 $(cat child) 2>/dev/null"
expect_clean

rm -f child
run probe -d 0.3 -c "./loop 0 1000" 'p ./loop:work'
expect_status 0
child=$(pgrep -n -f '^./loop 0 1000$') || fail "the command was not left running"
kill "$child"

for signal in TERM HUP QUIT; do
	start probe 'p ./loop:work'
	kill -$signal "$pid"
	wait "$pid" || fail "status $? after SIG$signal"
	expect_clean
done

# nohup means what it says.
nohup "$trapline" probe -d 1 'p ./loop:work' >out 2>err </dev/null &
pid=$!
spawned+=("$pid")
wait_for grep -q '^Attached' err
kill -HUP "$pid"
sleep 0.3
kill -0 "$pid" || fail "a hang-up ended it under nohup"
wait "$pid" || fail "status $?"
