#!/bin/bash
# What would harm the target is refused with the reason, and nothing is written.
. "$(dirname "$0")/lib.sh"
target odd.c -O0
target loop.c

# DEFINITION, a pattern that the message must fit.
refused() {
	run probe -c ./odd "$1"
	expect_status 1
	expect err 'ERROR:'
	expect err "$2"
	expect_clean
}

if [ "$(uname -m)" = x86_64 ]; then
	refused 'p ./odd:plain+1' 'sub|inside|boundary|between'
	refused 'p ./odd:plain+5' 'inside|boundary|between'
	refused 'p ./odd:raw_syscall' 'syscall'
	refused 'r ./odd:plain+4' 'return|stack'
	# --force does not help against what surely breaks.
	run probe --force -c ./odd 'p ./odd:raw_syscall'
	expect_status 1
	run probe --force -c ./odd 'p ./odd:plain+1'
	expect_status 1
	run probe -f json -c ./odd 'p ./odd:plain+4 n=%di:s32'
	json 'len(events) == 1 and args[0]["n"] == 1'
fi
refused 'p ./odd:plain+4000' 'outside|beyond|end|size|past'
refused 'p ./odd:table' 'function|execut|data|code'
refused 'p ./odd:variable' 'function|execut|data|code'
refused "p ./odd:0x$(nm odd | awk '$3 == "table" { print $1 }')" 'execut|data|code|which function'
refused 'p ./odd:0x7fffffff' ''
refused 'p ./odd:chosen' 'IFUNC|resolver'
refused 'p ./odd:getenv' 'another file|import|stub|PLT|library|not in'
refused 'p ./odd:plian' "did you mean 'plain'"
refused 'p ./lopo:work' 'lopo'
refused 'p /etc/passwd:root' 'ELF'
refused 'p /dev:root' "'/dev' is a directory"
refused 'p /dev:x:root' "'/dev' is a directory"
refused 'p :plain' 'a file is missing'
refute err 'uprobe::'
refused 'p uprobe::plain' 'a file is missing'
refused 'p ./odd' 'FILE:SYMBOL'
refused 'p uprobe:./odd' 'FILE:SYMBOL'
refused 'p uprobe:./lopo' "there is no file './lopo'"
refused 'p odd:plain' 'written ./odd'
refused 'p libc.so.5:fopen' "did you mean 'libc.so.6'"
refused 'p /proc/self/exe:plain' 'would be trapline itself'
refused 'p libc:fopen@NOPE' "'fopen' of .* has no version '@NOPE'"
expect err '^HINT: there is .*fopen@@GLIBC_'
refute err 'stripped'
refused 'p ./odd:plain@NOPE' 'has no version'
refused 'p libc:fopne@NOPE' "did you mean 'fopen'"
refused 'p ./odd:plain x=%nosuch' 'nosuch|register'
refused 'p ./odd:plain x=$retval' 'retval'
refused 'p ./odd:plain x=+0(%sp' ''
refused 'q ./odd:plain' ''
refused 'p:two words ./odd:plain' ''

# A process that runs no program: one that has ended and is not waited for, a thread of the kernel.
spawn python3 -c 'import os, time
child = os.fork()
if child:
    print(child, file=open("ended", "w"))
    time.sleep(60)'
zombie() {
	[ -s ended ] && grep -q '^State:.Z' "/proc/$(cat ended)/status"
}
wait_for zombie
run probe -d 1 -p "$(cat ended)" 'p libc:fopen'
expect_status 1
expect err "^ERROR: process $(cat ended) runs no program"
if [ "$(cat /proc/2/comm)" = kthreadd ]; then
	run probe --dry-run -p 2 'p ./loop:work'
	expect_status 1
	expect err '^ERROR: process 2 runs no program'
fi
expect_clean

# Functions that do more with their return address than to return to it: --force does not help.
for function in _setjmp dlsym getcontext; do
	run probe --force --dry-run "r libc:$function"
	expect_status 1
	expect err 'return address'
done
run probe --force --dry-run 'r ./odd:_start'
expect_status 1
expect err 'not called'
