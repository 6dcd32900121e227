--- pid, tid, comm, cpu, nsecs
kprobe:f { printf("%d %d %s %d %lld\n", pid, tid, comm, cpu, nsecs); }
>>> records
kprobe:f tid=7 pid=5 comm=bash cpu=3 time=12345678901
>>> text
5 7 bash 3 12345678901
--- pid(init)
kprobe:f { print(pid(init)); print(tid(init)); }
>>> records
kprobe:f tid=7 pid=5
>>> text
5
7
--- the process of a thread that is not known
kprobe:f { print(pid); }
>>> records
kprobe:f tid=7 pid=-1
>>> text
7
--- uid, gid, username, ppid, pcomm, comm(pid), leader
kprobe:f { printf("%d %d %s %d %s %s %d %s\n", uid, gid, username, ppid, pcomm, comm(9), leader_tid(), leader_comm()); }
>>> records
kprobe:f tid=6 pid=5
>>> text
1000 100 alice 4 proc4 proc9 5 proc5
--- ppid()
kprobe:f { print(ppid()); print(ppid(100)); print(pcomm(100)); }
>>> records
kprobe:f tid=6 pid=5
>>> text
4
99
proc99
--- cgroup, cgroup_path
kprobe:f { print(cgroup); print(cgroup_path(cgroup)); @[cgroup_path(cgroup)] = count(); }
>>> records
kprobe:f
>>> text
77
unified:/group77
@[unified:/group77]: 1
--- the other clocks
kprobe:f { print(nsecs(boot)); print(nsecs(monotonic)); print(nsecs(tai)); print(nsecs(sw_tai)); }
>>> records
kprobe:f time=5000
>>> text
5000
4000
1000000037000005000
1000000037000005000
--- elapsed
kprobe:f { print(elapsed); }
>>> records
kprobe:f time=5000
>>> text
5000
--- probe, probetype
BEGIN { print(probe); }
kprobe:f { printf("%s %s\n", probe, probetype); }
>>> records
kprobe:f
>>> text
begin
kprobe:f kprobe
--- func, usermode
kprobe:f { print(usermode); printf("%s\n", func); }
uprobe:/bin/app:main { print(usermode); }
>>> records
kprobe:f
uprobe:/bin/app:main
>>> text
0
0x0
1
--- ncpus, numaid, rand
BEGIN { print(ncpus > 0); print(numaid >= 0); $a = rand; $b = rand; $c = rand; print($a != $b || $b != $c); }
>>> text
true
true
true
--- cpid, has_cpid
BEGIN { print(has_cpid); print(cpid); }
>>> text
false
0
--- args
tracepoint:a:b { printf("%d %s %llu\n", args.fd, args.name, args.count); print(args.addr); print(args->fd); }
>>> records
tracepoint:a:b bytes=0000000000000000fbffffff1c00050010000000000000007f0000016162630000
>>> text
-5 abc 16
[127,0,0,1]
-5
--- all args
tracepoint:a:b { print(args); }
>>> records
tracepoint:a:b bytes=0000000000000000050000001c00050010000000000000007f0000016162630000
>>> text
{ .fd = 5, .name = abc, .count = 16, .addr = [127,0,0,1] }
>>> json
{"type": "value", "data": {"fd": 5, "name": "abc", "count": 16, "addr": [127,0,0,1]}}
--- args of a record that is too short
tracepoint:a:b { print(args.count); print(args.name); print(args.addr); }
>>> records
tracepoint:a:b bytes=00000000000000000500000044440500
>>> text
0

[0,0,0,0]
--- retval, arg
kretprobe:f { print(retval); }
kprobe:f { print(arg1); }
>>> records
kretprobe:f -1
kprobe:f 1 2
>>> text
18446744073709551615
2
--- str with a length that is bounded
kprobe:f { print(strcap(str(arg0, 5))); print(str(arg0)); }
>>> records
kprobe:f "abc"
>>> text
6
abc
--- str of a string
BEGIN { print(str("abcdef", 3)); print(str("ab")); }
>>> text
abc
ab
--- buf of an array
BEGIN { print(buf((uint8[4])(uint32)0x00646362)); }
>>> text
bcd\x00
--- join of strings
BEGIN { join(("a", "b", "c", "")); join(("a", "b"), ","); join("x"); }
>>> text
a b c
a,b
x
>>> json
{"type": "join", "data": "a b c\n"}
{"type": "join", "data": "a,b\n"}
{"type": "join", "data": "x\n"}
--- kstack as a key
kprobe:f { @[kstack] = count(); }
>>> records
kprobe:f kstack=1011,2022
kprobe:f kstack=1011,2022
kprobe:f kstack=3033
>>> text
@[
        func_3+51
]: 1
@[
        func_1+17
        func_2+34
]: 2
--- stacks with their modes and limits
kprobe:f { print(kstack(1)); print(ustack(perf)); print(kstack(raw, 1)); print(len(kstack)); print(ustack(build_id, 1)); }
>>> records
kprobe:f kstack=1011,2022 ustack=4044,1
>>> text

        func_1+17


	4044 func_4+68 (/bin/app)
	1 0x1


1011

2

        0x4044

--- ustack and a name as a key
kprobe:f { @[ustack, comm] = count(); }
>>> records
kprobe:f comm=x ustack=4044
>>> text
@[
        func_4+68
, x]: 1
>>> json
{"type": "map", "data": {"@": {"\n        func_4+68\n,x": 1}}}
--- a stack as a value
kprobe:f { @s = kstack; }
>>> records
kprobe:f kstack=1011
>>> text
@s: 
        func_1+17

--- ksym, usym
kprobe:f { print(ksym(arg0)); print(usym(arg0)); @[ksym(arg0)] = count(); print(ksym(5)); }
>>> records
kprobe:f 0x1011
>>> text
func_1
func_1
0x5
@[func_1]: 1
--- kaddr
BEGIN { print(kaddr("jiffies")); print(uptr(5)); print(kptr(5)); }
>>> text
18446744071578845184
0x5
0x5
--- strings
BEGIN { $s = "hello"; print(strlen($s)); print(strncmp($s, "help", 3)); print(strncmp($s, "help", 4)); print(strcontains($s, "ell")); print(strcontains($s, "x")); print(strstr($s, "lo")); print(strstr($s, "x")); print(str_concat($s, " world")); print(memcmp($s, "hello", 5)); print(memcmp("a", "b", 1)); }
>>> text
5
0
1
true
false
3
-1
hello world
0
-1
--- characters of a string
BEGIN { $s = "AB"; print($s[1]); }
>>> text
66
--- strftime
kprobe:f { printf("%s|%s\n", strftime("%Y-%m-%d %H:%M:%S", nsecs), strftime("%f %l %k %%", nsecs)); print(strftime("%S", nsecs(monotonic))); print(strftime("%S", nsecs(tai))); }
>>> records
kprobe:f time=1123456789
>>> text
2001-09-09 01:46:41|123456 123 123456789 %
41
41
--- time
kprobe:f { time(); time("%M:%S\n"); }
>>> records
kprobe:f time=0
>>> text
01:46:40
46:40
>>> json
{"type": "time", "data": "01:46:40\n"}
{"type": "time", "data": "46:40\n"}
--- ntop, pton, macaddr, bswap
kprobe:f { print(ntop(arg0)); print(ntop(2, arg0)); print(ntop(pton("::1"))); print(pton("127.0.0.1")); print(macaddr(buf(arg1, 6))); print(bswap((uint16)0x1234)); print(bswap((uint32)0x12345678)); print(bswap(arg2)); print(bswap((uint8)7)); }
>>> records
kprobe:f 0x0100007f "mnopqr" 1
>>> text
127.0.0.1
127.0.0.1
::1
[127,0,0,1]
6D:6E:6F:70:71:72
13330
2018915346
72057594037927936
7
--- addresses as keys
kprobe:f { @[ntop(arg0)] = count(); }
>>> records
kprobe:f 0x0100007f
kprobe:f 0x0100007f
kprobe:f 0x0200007f
>>> text
@[127.0.0.2]: 1
@[127.0.0.1]: 2
--- strerror, signal_name, syscall_name
BEGIN { print(strerror(2)); print(signal_name(9)); print(signal_name(999)); @[strerror(13)] = 1; print(syscall_name(999999)); }
kprobe:f { print(syscall_name(arg0)); }
>>> text
No such file or directory
SIGKILL
unknown
unknown
@[Permission denied]: 1
--- system
BEGIN { system("echo %s; exit 3", "a b"); printf("after\n"); }
>>> options --unsafe
>>> text
a b
after
>>> json
{"type": "syscall", "data": "a b\n"}
{"type": "printf", "data": "after\n"}
--- system is unsafe
BEGIN { system("true"); }
>>> error
system() is an unsafe function being used in safe mode
--- cat
BEGIN { cat("/proc/sys/kernel/%s", "ostype"); }
>>> text
Linux
>>> json
{"type": "cat", "data": "Linux\n"}
--- cat of what is not there
BEGIN { cat("/nonexistent"); }
>>> stderr
stdin:1:9-28: WARNING: failed to open file '/nonexistent': No such file or directory
BEGIN { cat("/nonexistent"); }
        ~~~~~~~~~~~~~~~~~~~
--- cat shows so much
config = { max_cat_bytes = 3; }
BEGIN { cat("/proc/sys/kernel/ostype"); printf("\n"); }
>>> text
Lin
--- errorf and warnf
BEGIN { errorf("bad %d", 3); warnf("odd %s", "x"); }
>>> stderr
stdin:1:9-28: ERROR: bad 3
BEGIN { errorf("bad %d", 3); warnf("odd %s", "x"); }
        ~~~~~~~~~~~~~~~~~~~
stdin:1:30-50: WARNING: odd x
BEGIN { errorf("bad %d", 3); warnf("odd %s", "x"); }
                             ~~~~~~~~~~~~~~~~~~~~
>>> json
{"type": "errorf", "msg": "bad 3", "filename": "stdin", "line": 1, "col": 9}
{"type": "warnf", "msg": "odd x", "filename": "stdin", "line": 1, "col": 30}
--- helper errors as JSON
kprobe:f { print(arg0); }
>>> records
kprobe:f fault
>>> options -k
>>> json
{"type": "helper_error", "msg": "Bad address", "helper": "probe_read_user", "retcode": -14, "filename": "stdin", "line": 1, "col": 18}
{"type": "value", "data": 0}
--- run-time errors as JSON
BEGIN { $z = 0; print(1 / $z); }
>>> json
{"type": "runtime_error", "msg": "Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.", "filename": "stdin", "line": 1, "col": 23}
{"type": "value", "data": 1}
--- assert
BEGIN { assert(1 == 1, "fine"); $x = 2; assert($x == 1, "not %d", $x); print("never"); }
>>> exit 1
>>> text
>>> stderr
stdin:1:41-70: ERROR: not 2
BEGIN { assert(1 == 1, "fine"); $x = 2; assert($x == 1, "not %d", $x); print("never"); }
                                        ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
--- fail
BEGIN { fail("so %d", 1); print("never"); }
>>> exit 1
>>> text
>>> stderr
stdin:1:9-25: ERROR: so 1
BEGIN { fail("so %d", 1); print("never"); }
        ~~~~~~~~~~~~~~~~
--- static_assert
BEGIN { static_assert(1 == 2, "one is not two"); }
>>> error
one is not two
--- signal is for the probed process
BEGIN { signal(9); }
>>> options --unsafe
>>> error
signal can not be used with "begin" probes
--- signal by name
uprobe:/bin/app:main { signal("NONSENSE"); }
>>> options --unsafe
>>> error
NONSENSE is not a valid signal
--- signal_thread of nobody
kprobe:f { signal_thread(10); print(1); }
>>> records
kprobe:f tid=0
>>> options --unsafe
>>> text
1
--- unwatch of what nobody watches
BEGIN { unwatch(16); print(1); }
>>> stderr
stdin:1:9-20: WARNING: there is no watchpoint at 0x10
BEGIN { unwatch(16); print(1); }
        ~~~~~~~~~~~
>>> text
1
--- unwatch wants an address
BEGIN { unwatch("x"); }
>>> error
unwatch() only supports integer arguments
--- cgroupid
BEGIN { print(cgroupid("/nonexistent")); }
>>> error
no cgroup at /nonexistent: No such file or directory
--- getopt
BEGIN { print(getopt("n", 5)); print(getopt("s", "x")); print(getopt("flag")); print(getopt("m", 7)); }
>>> options --n=12 --flag --s=abc
>>> text
12
abc
true
7
--- getopt wants the type of its default
BEGIN { print(getopt("n", 5)); }
>>> options --n=abc
>>> error
--n wants a number, this is 'abc'
--- questions about types
BEGIN { print(is_str("x")); print(is_integer(5)); print(is_integer("x")); print(is_ptr((int32 *)5)); print(is_array((uint8[2])(uint16)5)); print(is_literal(5)); $x = 5; print(is_literal($x)); print(is_err(-5)); print(is_err(5)); }
>>> text
true
true
false
true
true
true
false
true
false
--- records
BEGIN { $r = (a=1, b="x"); print($r); print($r.b); @x["k"] = $r; }
>>> text
{ .a = 1, .b = x }
x
@x[k]: { .a = 1, .b = x }
>>> json
{"type": "value", "data": {"a": 1, "b": "x"}}
{"type": "value", "data": "x"}
{"type": "map", "data": {"@x": {"k": {"a": 1, "b": "x"}}}}
--- tuples
BEGIN { $t = (1, (2, "b"), true); print($t); print($t.0); print($t.1.1); print($t[1]); }
>>> text
(1, (2, b), true)
1
b
(2, b)
>>> json
{"type": "value", "data": [1,[2,"b"],true]}
{"type": "value", "data": 1}
{"type": "value", "data": "b"}
{"type": "value", "data": [2,"b"]}
--- cut strings
config = { str_trunc_trailer = "~"; }
kprobe:f { print(str(arg0)); @ = str(arg0); }
>>> records
kprobe:f "abc"..
>>> text
abc~
@: abc~
--- strings of strangers in JSON
kprobe:f { print(str(arg0)); @[str(arg0)] = 1; }
>>> records
kprobe:f "a\b	c"
>>> json
{"type": "value", "data": "a\\b\tc"}
{"type": "map", "data": {"@": {"a\\b\tc": 1}}}
--- jiffies go with the time
BEGIN { print(jiffies > 100000); @a = jiffies; }
END { print(jiffies >= @a); clear(@a); }
>>> text
true
true
--- container_of
struct foo { int a; int b; }
BEGIN { print(container_of((int *)104, struct foo, b)); print(container_of(100, struct foo, a)); }
>>> text
0x64
0x64
--- the address of a map's value, while it is there
BEGIN { @m[1] = 7; $p = &@m[1]; print(*$p); @m[1] = 8; print(*$p); clear(@m); print(*$p); }
>>> text
7
8
0
--- cgroup_path and its filter
BEGIN { print(cgroup_path(7)); print(cgroup_path(7, "uni*")); print(cgroup_path(7, "cpu")); }
>>> text
unified:/group7
unified:/group7

--- str() is max_strlen long
config = { max_strlen = 5; str_trunc_trailer = "~" }
BEGIN { print(str("abcdefgh")); print(str("abcde")); print(str("abcdefgh", 3)); }
>>> text
abcde~
abcde
abc
--- config
config = { max_strlen = 200; missing_probes = warn; str_trunc_trailer = "~"; print_maps_on_exit = false } BEGIN { print(config.max_strlen); print(config.max_map_keys); printf("%s %s %s %d\n", config.missing_probes, config.str_trunc_trailer, config.stack_mode, config.print_maps_on_exit); @ = 1; }
>>> text
200
4096
warn ~ bpftrace 0
