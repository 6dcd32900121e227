#!/bin/bash
# Each reason for a no has its own message: no root, some capabilities, a seccomp filter, a user namespace, tracefs
# that is not mounted, read-only, elsewhere, or only below debugfs.
# shellcheck disable=SC2034 # lib.sh reads status
. "$(dirname "$0")/lib.sh"
for tool in setpriv unshare; do
	command -v $tool >/dev/null || skip "needs $tool"
done
target loop.c
target seccomp.c
cp "$trapline" ./tl
chmod 755 . tl loop
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

# A mount of our own, which nobody takes away meanwhile.
tracing=$(mktemp -d)
mount -t tracefs tracefs "$tracing" || skip "tracefs cannot be mounted"
cleanup() {
	rmdir /tmp/trapline-65534 2>/dev/null
	umount -l "$tracing" && rmdir "$tracing"
}

spawn ./loop 0 1000
traced=$!
spawn "${nobody[@]}" ./loop 0 1000
theirs=$!

# Runs a command in place of trapline: $status, files out and err.
with() {
	timeout 20 "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}

# Not root, and with some capabilities only.
with "${nobody[@]}" ./tl probe -d 0.1 'p ./loop:work'
expect_status 1
expect err "needs root \(CAP_DAC_OVERRIDE\), and we are user 65534"
expect err 'HINT: run trapline as root'
refute err 'not mounted'
with "${nobody[@]}" ./tl clean
expect_status 1
with "${nobody[@]}" ./tl -l 'uprobe:./loop:work*'
expect_status 0
expect out 'uprobe:.*loop:work$'
with "${nobody[@]}" ./tl probe --dry-run 'p ./loop:work'
expect_status 0
expect out '^mkdir '
with "${nobody[@]}" ./tl info
expect_status 0
dac=(--inh-caps=+dac_override --ambient-caps=+dac_override)
with "${nobody[@]}" "${dac[@]}" ./tl probe -n 1 'p ./loop:work'
expect_status 0
expect out 'loop:work$'
with "${nobody[@]}" "${dac[@]}" ./tl probe -n 1 -p $theirs "p $T/loop:work"
if [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 1 ]; then
	expect_status 1
	expect err 'perf_event_open needs root \(CAP_PERFMON\), and we are user 65534 \(kernel.perf_event_paranoid is'
	expect err 'without -p, -c and stacks perf is not needed'
	with setpriv --bounding-set -sys_admin,-perfmon ./tl probe -n 1 -p $traced 'p ./loop:work'
	expect_status 1
	expect err 'needs CAP_PERFMON, which this root does not have'
fi

# A container's filter: no perf, said in either way. System-wide probes go on without it.
for error in EPERM ENOSYS; do
	with ./seccomp perf=$error ./tl probe -n 1 -p $traced 'p ./loop:work'
	expect_status 1
	expect err 'a seccomp filter .* forbids perf_event_open'
	with ./seccomp perf=$error ./tl probe -n 2 -f json 'p ./loop:work i=$arg1:s32'
	expect_status 0
	json 'len(events) == 2 and events[0]["pid"] > 0'
	with ./seccomp perf=$error ./tl info -f json
	grep -q '"name":"perf events","answer":"unknown".*seccomp' out || fail "info with $error"
done

# tracefs is not mounted: mounted for the time of the run, or the reason why not.
alone=(unshare -m --propagation private)
without='for m in $(awk "\$3 == \"tracefs\" { print \$2 }" /proc/mounts) /sys/kernel/debug; do umount -l $m; done 2>/dev/null; '
with "${alone[@]}" sh -c "$without"'./tl probe -n 1 "p ./loop:work" && ! grep " tracefs " /proc/mounts'
expect_status 0
with "${alone[@]}" sh -c "$without"'exec ./seccomp mount=EPERM ./tl probe -n 1 "p ./loop:work"'
expect_status 1
expect err 'tracefs is not mounted, and a seccomp filter .* forbids mounting it'
with "${alone[@]}" sh -c "$without"'exec setpriv --bounding-set -sys_admin ./tl probe -n 1 "p ./loop:work"'
expect_status 1
expect err 'tracefs is not mounted, and mounting it needs CAP_SYS_ADMIN, which this root does not have'
with "${alone[@]}" sh -c "$without${nobody[*]}"' ./tl probe -n 1 "p ./loop:work"'
expect_status 1
expect err 'tracefs is not mounted, and mounting it needs root \(CAP_SYS_ADMIN\), and we are user 65534'
if unshare -rm true 2>/dev/null; then
	with "${alone[@]}" sh -c "$without"'exec unshare -rm ./tl probe -n 1 "p ./loop:work"'
	expect_status 1
	expect err 'of the machine, and we are in a user namespace'
fi

# Read-only, elsewhere (with a blank), only below debugfs, no sysfs.
with "${alone[@]}" sh -c "$without"'mount -t tracefs t /sys/kernel/tracing && mount -o remount,bind,ro /sys/kernel/tracing &&
	exec ./tl probe -n 1 "p ./loop:work"'
expect_status 1
expect err 'tracefs is mounted read-only at [^ ]*; mount -o remount,rw '
with "${alone[@]}" sh -c "$without"'mkdir "a b"; mount -t tracefs t "a b"; ./tl probe -v -n 1 "p ./loop:work"; s=$?; umount "a b"; exit $s'
expect_status 0
expect err '/a b[^/]*/uprobe_events'
with "${alone[@]}" sh -c "$without"'mount -t debugfs d /sys/kernel/debug && ./tl info -v'
expect_status 0
expect out '/sys/kernel/debug/tracing/uprobe_events$'
with "${alone[@]}" sh -c "$without"'mkdir dbg; mount -t debugfs d dbg && ./tl info -v; s=$?; umount -l dbg; exit $s'
expect_status 0
expect out 'dbg/tracing/uprobe_events.?$'
with "${alone[@]}" sh -c "$without"'umount -l /sys; exec ./tl clean'
expect_status 1
expect err 'neither is sysfs, where its place is'
expect err 'HINT: mount -t sysfs sysfs /sys'
expect_clean
exit 0
