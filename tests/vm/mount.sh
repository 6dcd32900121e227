#!/bin/sh
# Where tracefs is not mounted, trapline mounts it and takes that back as well.
# needs: tests/live/loop.c
. "$(dirname "$0")/lib.sh"
bin=$(dirname "$0")/../../build/tests

umount /sys/kernel/tracing || fail "cannot unmount tracefs"
run probe -c "$bin/loop 3" "p $bin/loop:work i=\$arg1:s32"
code=$status
mounted=$(grep -c ' tracefs ' /proc/mounts)
umount /sys/kernel/tracing 2>/dev/null
mount -t tracefs tracefs /sys/kernel/tracing
[ "$code" -eq 0 ] || fail "status $code"
[ "$(count out 'i=[012]$')" -eq 3 ] || fail "not three records"
[ "$mounted" -eq 0 ] || fail "tracefs is still mounted"

# Nobody but root may.
chmod 1777 /tmp
su nobody -c "trapline probe 'p vfs_read'" >out 2>err
[ $? -eq 1 ] || fail "nobody may probe"
expect err 'ERROR|root|permi'
exit 0
