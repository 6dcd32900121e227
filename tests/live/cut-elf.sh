#!/bin/bash
# An ELF file cut off at every 512 bytes: an answer or a message, never a crash, never a hang.
# time: 300
# guest: it reads files, and asks the kernel for nothing
. "$(dirname "$0")/lib.sh"
target loop.c

try() {
	timeout 20 "$trapline" "$@" >out 2>err </dev/null
	status=$?
	[ $status -le 1 ] || fail "status $status for $*"
}

size=$(stat -c %s loop)
for ((at = 0; at <= size; at += 512)); do
	head -c $at loop >cut.elf
	chmod +x cut.elf
	try -l "uprobe:$T/cut.elf:*"
	try probe --dry-run "p $T/cut.elf:work"
done
python3 -c '
import random
for i in range(100):
    random.seed(i)
    data = bytearray(open("loop", "rb").read())
    for _ in range(random.choice((1, 4, 40))):
        data[random.randrange(random.choice((64, 1024, len(data))))] = random.choice((0, 1, 0x7f, 0x80, 0xff))
    open(f"noise{i}.elf", "wb").write(data)'
for ((i = 0; i < 100; i++)); do
	try -l "uprobe:$T/noise$i.elf:*"
	try probe --dry-run "p $T/noise$i.elf:work"
done
