#!/bin/sh
# The static binary in a root directory with nothing else: it needs no file beside itself, and is small.
. "$(dirname "$0")/lib.sh"

mkdir -p alone/proc alone/sys alone/run
cp "$(readlink -f "$(command -v trapline)")" alone/trapline
chroot alone /trapline --version >out 2>err || {
	echo "trapline is linked with libraries here: make static"
	exit 77
}
size=$(wc -c <alone/trapline)
[ "$size" -lt 5000000 ] || fail "$size bytes"

mount -t proc proc alone/proc
mount -o rbind /sys alone/sys
cp /bin/busybox alone/busybox
chroot alone /trapline probe -f json -c '/busybox wc /trapline' 'p do_sys_openat2' >out 2>err || failed=$?
chroot alone /trapline probe -d 0.2 'p vfs_read' >two 2>>err || failed=$?
chroot alone /trapline info >info 2>>err || failed=$?
umount -l alone/sys
umount alone/proc
[ -z "$failed" ] || fail "status $failed"
expect out '"probe":"kprobe:do_sys_openat2"'
expect info 'kprobes +yes'
