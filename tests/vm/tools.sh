#!/bin/sh
# The tools of bpftrace's package, as they are, and our own ready-made ones: in rounds, while tests/vm/deeds.c does what
# they look for; afterwards each must have seen its part. Those that need the kernel's types must say so. What sees
# every system call sees those of the others' reading too, and so has a round for itself.
# needs: tests/vm/deeds.c
# wants: /usr/sbin/*.bt /bin/bash /etc/hosts /etc/nsswitch.conf
# time: 240
. "$(dirname "$0")/lib.sh"

take_deeds

# ---- bpftrace's ----

left_out=
if [ -e /usr/sbin/opensnoop.bt ]; then
	theirs() {
		for tool in "$@"; do
			begin $tool /usr/sbin/$tool.bt
		done
	}
	theirs execsnoop killsnoop syncsnoop setuids capable pidpersec writeback gethostlatency loads bashreadline
	end_round exec kill sync setuid write host readline
	theirs opensnoop statsnoop bitesize
	end_round open stat disk
	theirs syscount cpuwalk
	end_round work
	theirs vfsstat
	end_round open
	theirs runqlat
	end_round sleep
	expect_lines <<-'EOT'
	opensnoop       ^[0-9]+ +deeds +[0-9]+ +0 /etc/passwd$
	opensnoop       ^[0-9]+ +deeds +-1 +2 /nonexistent$
	execsnoop       ^[0-9]+ +[0-9]+ +\./deeds nothing 3 words with blanks$
	killsnoop       ^[0-9:]{8}  [0-9]+ +deeds +23 +[0-9]+ +0$
	killsnoop       ^[0-9:]{8}  [0-9]+ +deeds +10 +4194288 -3$
	statsnoop       ^[0-9]+ +deeds +0 /tmp$
	statsnoop       ^[0-9]+ +deeds +0 /etc/group$
	syncsnoop       ^[0-9:]{8}  [0-9]+ +deeds +tracepoint:syscalls:sys_enter_fsync$
	syncsnoop       ^[0-9:]{8}  [0-9]+ +deeds +tracepoint:syscalls:sys_enter_syncfs$
	setuids         ^[0-9:]{8} [0-9]+ +deeds +0 +setresuid ruid=0 euid=1001 suid=0 \(0\)$
	setuids         ^[0-9:]{8} [0-9]+ +deeds +0 +setfsuid +uid=1002 \(prevuid=0\)$
	setuids         ^[0-9:]{8} [0-9]+ +deeds +0 +setuid +uid=1003 \(0\)$
	capable         ^[0-9:]{8}  0 +[0-9]+ +deeds +7 +CAP_SETUID +[0-9]+$
	syscount        ^@process\[deeds\]: [1-9][0-9]*$
	pidpersec       ^[0-9:]{8} PIDs/sec: @: [1-9]
	vfsstat         ^@\[vfs_open\]: [1-9]
	bitesize        ^\[4K, 8K\) +[1-9]
	writeback       ^TIME +DEVICE +PAGES +REASON +ms$
	runqlat         ^\[[0-9]+[KM]?, [0-9]+[KM]?\) +[1-9]
	cpuwalk         ^\[0\] +[1-9][0-9]* \|@
	gethostlatency  ^[0-9:]{8} +[0-9]+ +deeds +[0-9]+ localhost$
	loads           ^[0-9:]{8} load averages: [0-9]+\.[0-9]{3} [0-9]+\.[0-9]{3} [0-9]+\.[0-9]{3}$
	bashreadline    ^[0-9:]{8} +[0-9]+ +echo readline-works$
	EOT
	rm -f ./*.out ./*.err
	for tool in biosnoop dcsnoop mdflush naptime oomkill runqlen tcpaccept tcpconnect tcpdrop tcplife tcpretrans \
		tcpsynbl undump; do
		run --dry-run /usr/sbin/$tool.bt
		expect_status 1
		expect err "$tool.bt:[0-9:-]+: ERROR: Unknown struct/union: 'struct [a-z_]+'"
		expect err 'HINT: define it in the program .the types of the kernel are not read.'
	done
else
	left_out="bpftrace's tools are not in this guest (package bpftrace): only our own were tried"
fi

# ---- ours ----

for tool in execsnoop exitsnoop killsnoop connectsnoop gethostlatency threadsnoop biolatency bashreadline; do
	begin $tool $tool
done
libc=$(ldd ./deeds 2>/dev/null | grep -o '/[^ ]*libc\.so\.6' | head -n 1)
begin funccount funccount "${libc:-libc}" 'getaddrinf*'
begin funclatency funclatency "${libc:-libc}" getaddrinfo
end_round exec kill connect host thread disk readline
begin opensnoop opensnoop
begin profile profile
end_round open work
begin syscount syscount
begin runqlat runqlat
end_round work
expect_lines <<'EOT'
opensnoop       ^deeds +[0-9]+ +[0-9]+ +0 /etc/passwd$
opensnoop       ^deeds +[0-9]+ +-1 +2 /nonexistent$
execsnoop       ^[0-9:]{8} +[0-9]+ +[0-9]+ \./deeds nothing 3 words with blanks$
exitsnoop       ^deeds +[0-9]+ +[0-9]+ +[0-9]+ exit 0$
killsnoop       ^deeds +[0-9]+ +23 +[0-9]+ +0$
killsnoop       ^deeds +[0-9]+ +10 +4194288 +-3$
connectsnoop    ^deeds +[0-9]+ 127\.0\.0\.1 +[1-9][0-9]*$
gethostlatency  ^deeds +[0-9]+ +[0-9]+ localhost$
threadsnoop     ^deeds +[0-9]+ thread$
syscount        ^@programs\[deeds\]: [1-9]
syscount        ^@calls\[[a-z_0-9]+\]: [1-9]
biolatency      ^\[[0-9]+[KM]?, [0-9]+[KM]?\) +[1-9]
runqlat         ^\[[0-9]+[KM]?, [0-9]+[KM]?\) +[1-9]
profile         ^, deeds\]: [1-9]
bashreadline    ^[0-9:]{8} +[0-9]+ echo readline-works$
funccount       ^@calls\[getaddrinfo\]: 1$
funclatency     ^@ns\[getaddrinfo\]:
EOT

# An event of our own reads the kernel's memory: before the first event, at each tick, after the last.
run -q -e 'BEGIN { printf("begin %d\n", *(uint64 *)kaddr("avenrun") < 1000000); }
	interval:ms:50 { $a = kaddr("avenrun"); @n++; printf("tick %d\n", *$a < 1000000); if (@n >= 3) { exit(); } }
	END { printf("end %d %d\n", @n, *(uint64 *)kaddr("avenrun") < 1000000); clear(@n); }'
expect_status 0
[ "$(sed '/^$/d' out | paste -s -d ' ')" = "begin 1 tick 1 tick 1 tick 1 end 3 1" ] || fail "our own event"
[ -z "$left_out" ] || { echo "$left_out"; exit 77; }
