#!/bin/bash
# A kernel that is locked down: integrity refuses nothing; confidentiality closes tracefs, and is named as the
# reason, also when the kernel was booted so: then tracefs is empty, and some kernels crash when it is unmounted.
# Lockdown cannot be lifted, so this has guests of its own.
# time: 240
. "$(dirname "$0")/lib.sh"
command -v qemu-system-x86_64 >/dev/null || skip "qemu-system-x86_64 is not here"
target loop.c

cat >guest <<'EOT'
state=/sys/kernel/security/lockdown
try() {
	echo "@@$1"
	trapline probe -n 1 -c "LOOP 3" "p LOOP:work"; echo "rc $?"
	trapline probe -d 0.2 'p vfs_read' | tail -n 1; echo "rc $?"
	trapline info | grep -A 4 -E '^  (tracefs|lockdown) '
	trapline -l 'uprobe:LOOP:work'
	trapline probe --dry-run 'p LOOP:work' | grep mkdir
	trapline clean; echo "rc $?"
}
try unmounted
mount -t securityfs s /sys/kernel/security || exit 3
echo integrity >$state || exit 3
try integrity
echo confidentiality >$state || exit 3
try confidentiality
EOT
sed -i "s|LOOP|$T/loop|g" guest
TRAPLINE=$trapline timeout 200 "$root/scripts/vm" --time 90 --file "$T/loop" --file "$T/guest" -- sh "$T/guest" >all 2>vm.err
case $? in
0) ;;
3) skip "this kernel has no lockdown" ;;
*) cat vm.err; skip "no guest: $(tail -n 1 vm.err)" ;;
esac

part() {
	sed -n "/^@@$1\$/,/^@@/p" all | sed 's/\x1b\[[0-9;]*m//g' >out
}

for state in unmounted integrity; do
	part $state
	expect out 'loop:work$'
	expect out 'kprobe:vfs_read'
	expect out '^  tracefs +yes '
	refute out 'ERROR'
done
expect out '^  lockdown +integrity '

part confidentiality
expect out "ERROR: kernel functions cannot be probed here: the kernel is locked down \(/sys/kernel/security/lockdown says confidentiality\)"
expect out 'ERROR: the kernel is locked down \(/sys/kernel/security/lockdown says confidentiality\): tracefs is closed'
expect out 'boot with lockdown=integrity'
expect out '^  lockdown +confidentiality'
expect out '^  tracefs +unknown '
expect out '^uprobe:.*loop:work$'
expect out '^mkdir '
[ "$(grep -c '^rc 1$' out)" -ge 1 ] || fail "no failure is told by the status"

# Booted so. The guest mounts tracefs, and only covers it up where it shall not be seen: unmounting crashes 6.12.
cat >booted <<'EOT'
try() {
	echo "@@$1"
	trapline probe -n 1 -c "LOOP 3" "p LOOP:work"; echo "rc $?"
	trapline probe -d 0.2 'p vfs_read'; echo "rc $?"
	trapline info | grep -A 9 -E '^  (tracefs|lockdown) '
	trapline clean; echo "rc $?"
	grep -c ' tracefs ' /proc/mounts
}
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
try mounted
mount -t securityfs s /sys/kernel/security || exit 3
try securityfs
mount -t tmpfs t /sys/kernel/tracing
try hidden
echo "@@alive"
EOT
sed -i "s|LOOP|$T/loop|g" booted
for kernel in 6.1 6.12; do
	[ -s "$root/build/vm/vmlinuz-$kernel" ] || continue
	TRAPLINE=$trapline timeout 100 "$root/scripts/vm" --kernel $kernel --append lockdown=confidentiality --time 60 \
		--file "$T/loop" --file "$T/booted" -- sh "$T/booted" >all 2>vm.err || { cat all vm.err; fail "the guest $kernel"; }
	for state in mounted securityfs hidden; do
		part $state
		[ "$(grep -c 'ERROR: .*the kernel is locked down (.* says confidentiality): tracefs is closed' out)" -eq 3 ] ||
			fail "$kernel $state: the reason is not told each time"
		expect out '^  lockdown +confidentiality'
		expect out 'because: (/proc/cmdline|/sys/kernel/security/lockdown) says'
		expect out 'so: nothing can be traced'
		expect out '^  tracefs +unknown '
		[ "$(grep -c '^rc 1$' out)" -eq 3 ] || fail "$kernel $state: no failure is told by the status"
		[ "$(tail -n 2 out | head -n 1)" = 1 ] || fail "$kernel $state: a mount was made or taken away"
	done
	grep -q '^@@alive$' all || fail "$kernel: the guest did not come to its end"
done
exit 0
