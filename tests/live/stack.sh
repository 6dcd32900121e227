#!/bin/bash
# --ustack: the frames of a program with frame pointers, by name; --kstack is for kernel probes.
. "$(dirname "$0")/lib.sh"
target loop.c -O0 -fno-omit-frame-pointer

spawn ./loop 0 5000
traced=$!
run probe -n 2 --ustack -p $traced 'p ./loop:work i=$arg1:s32'
expect_status 0
expect out '^ +work(\+0x[0-9a-f]+)?@/.*/loop.c:[0-9]+ \(.*/loop\)$'
expect out '^ +main\+0x[0-9a-f]+@/.*/loop.c:[0-9]+ \(.*/loop\)$'
[ "$(grep -c 'i=[0-9]' out)" -eq 2 ] || fail "not two records"

# One process, everybody.
for source in "-p $traced" ''; do
	# shellcheck disable=SC2086
	run probe -n 3 -f json --ustack $source 'p ./loop:work i=$arg1:s32'
	expect_status 0
	json 'len(events) == 3 and all(any(f.startswith("main+0x") for f in e["ustack"]) for e in events)'
done

# What a process had mapped is known when it has ended.
run probe -f json --ustack -c './loop 1' 'p ./loop:work'
json 'len(events) == 1 and any(f.startswith("main+0x") for f in events[0]["ustack"])'
kill $traced
wait $traced 2>/dev/null
start probe -f json --ustack 'p ./loop:work'
./loop 1
stop
json 'len(events) == 1 and any(f.startswith("main+0x") for f in events[0]["ustack"])'

run probe --kstack -c './loop 1' 'p ./loop:work'
expect_status 1
expect err 'kstack'

run probe -a -f json -c './loop 1' 'p ./loop:work' 'r ./loop:work'
json 'all(e["address"].startswith("0x") for e in events) and events[0]["address"] == events[1]["address"]'
json 'int(events[1]["return_address"], 16) > 4096'
expect_clean

# In the language: the line of the call, functions that were inlined there, and without them.
cat >frames.c <<'EOT'
#include <stdio.h>
__attribute__((noinline)) void leaf(int i) { printf("%d\n", i); }
static inline __attribute__((always_inline)) void middle(int i)
{
	leaf(i);
	puts("");
}
int main(void)
{
	middle(1);
	return 0;
}
EOT
gcc -g -O1 -fno-omit-frame-pointer -o frames frames.c || fail "cannot compile"
run -q -c ./frames -e 'uprobe:./frames:leaf { printf("%s", ustack(2)); }'
expect_status 0
expect out '^        leaf\+[0-9]+@/.*/frames.c:2$'
expect out '^        \[inlined\] middle@/.*/frames.c:5$'
expect out '^        main\+[0-9]+@/.*/frames.c:10$'
run -q -c ./frames -e 'config = { show_debug_info = false } uprobe:./frames:leaf { printf("%s", ustack(2)); }'
expect out '^        main\+[0-9]+$'
run -q -c ./frames -e 'uprobe:./frames:leaf { printf("%s", ustack(perf, 2)); }'
expect out '^	[0-9a-f]+ main\+[0-9]+ \(.*/frames\)$'
run probe -q --ustack -c ./frames 'p ./frames:leaf'
expect out '^        \[inlined\] middle@/.*/frames.c:5 \(.*/frames\)$'
expect out '^        main\+0x[0-9a-f]+@/.*/frames.c:10 \(.*/frames\)$'
expect_clean
