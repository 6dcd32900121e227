#!/bin/bash
# Where tracefs is not mounted trapline mounts it, and the last of several takes it away, or the next one after a
# kill; a mount of somebody else stays.
. "$(dirname "$0")/lib.sh"
command -v unshare >/dev/null || skip "needs unshare"
target loop.c
spawn ./loop 0 1000

cat >alone <<'EOT'
for point in $(awk '$3 == "tracefs" { print $2 }' /proc/mounts) /sys/kernel/debug; do
	umount -l "$point"
done 2>/dev/null
grep -q ' tracefs ' /proc/mounts && exit 77
mounts() {
	echo "$1 $(grep -c '^trapline /sys/kernel/tracing tracefs ' /proc/mounts) $(grep -c ' tracefs ' /proc/mounts)"
}

# Two sessions, the first of which is gone before the second.
env --default-signal=INT "$trapline" probe -o /dev/null 'p ./loop:work' 2>err1 &
first=$!
env --default-signal=INT "$trapline" probe -o /dev/null 'p ./loop:work' 2>err2 &
second=$!
until grep -q Attached err1 && grep -q Attached err2; do
	sleep 0.1
done
kill -INT $first
wait $first || echo failed
mounts one
kill -INT $second
wait $second || echo failed
mounts none

# Killed in the middle.
for ((i = 0; i < 40; i++)); do
	"$trapline" info >/dev/null &
	pid=$!
	sleep "0.0$((i / 4))"
	kill -9 $pid
	wait $pid
	grep -q ' tracefs ' /proc/mounts && break
done 2>/dev/null
mounts killed
"$trapline" clean >/dev/null
mounts swept

# Many at once: nobody is told that it is busy.
for ((i = 0; i < 5; i++)); do
	for ((k = 0; k < 6; k++)); do
		"$trapline" clean >/dev/null || echo failed
	done &
	for ((k = 0; k < 6; k++)); do
		"$trapline" clean >/dev/null || echo failed
	done
	wait
	mounts many
done

mount -t tracefs tracefs /sys/kernel/tracing
"$trapline" clean >/dev/null
"$trapline" probe -o /dev/null -n 1 'p ./loop:work'
mounts theirs
EOT
export trapline
timeout $((80 * slower)) unshare -m --propagation private bash ./alone >out 2>err
status=$?
[ $status -ne 77 ] || skip "tracefs cannot be unmounted here"
refute out failed
for line in 'one 1 1' 'none 0 0' 'killed 1 1' 'swept 0 0' 'many 0 0' 'theirs 0 1'; do
	expect out "^$line$"
done
[ "$(grep -c '^many 0 0$' out)" -eq 5 ] || fail "a mount is left"
expect_clean
exit 0
