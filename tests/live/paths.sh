#!/bin/bash
# Which file is meant: a path with blanks and colons, PATH, ld.so's cache, what a process sees.
. "$(dirname "$0")/lib.sh"
target loop.c
target opener.c

cp loop 'a b:c'
run probe -f json -c "'./a b:c' 2" "p './a b:c':work i=\$arg1:s32"
expect_status 0
json 'len(events) == 2'
run probe -f json -c "'./a b:c' 2" 'p ./a\ b:c:work i=$arg1:s32'
json 'len(events) == 2'
cp loop 'x:y'
run probe -f json -c './x:y 2' 'p ./x:y:work i=$arg1:s32'
json 'len(events) == 2'

mkdir bin
cp loop bin/tlcheckprog
PATH=$T/bin:$PATH run probe -f json -c 'tlcheckprog 2' 'p tlcheckprog:work'
json 'len(events) == 2'
offset=$(nm loop | awk '$3 == "work" { print $1 }')
run probe -f json -c './loop 2' "p ./loop:0x${offset#"${offset%%[!0]*}"} i=\$arg1:s32"
[ "$status" -le 1 ] || fail "0xOFFSET"

# A program whose file is gone.
cp loop gone
spawn ./gone 0 1000
traced=$!
wait_for grep -q gone /proc/$traced/maps
rm gone
run probe -f json -n 2 -p $traced "p /proc/$traced/exe:work i=\$arg1:s32"
expect_status 0
json 'len(events) == 2'
run probe -f json -n 2 -p $traced "p /proc/self/exe:work i=\$arg1:s32"
expect_status 0
json 'len(events) == 2'
run probe -f json -n 2 -p $traced "p $T/gone:work i=\$arg1:s32"
expect_status 0
json 'len(events) == 2'

# What glibc 2.34 has moved from libpthread to libc is found under its old name too.
if nm -D /lib/*/libpthread.so.0 2>/dev/null | grep -q version_placeholder; then
	run -q --dry-run -e 'uprobe:libpthread:pthread_create { print(usym(arg2)); }'
	expect_status 0
	expect out 'p:[^ ]* /.*/libc\.so\.6:0x'
	run -q --dry-run -e 'uprobe:libpthread:pthread_crate { }'
	expect_status 1
	expect err "no function 'pthread_crate' in /.*/libc.so.6"
fi
expect_clean
