=== of the documentation, 1
tracepoint:syscalls:sys_enter_openat { printf("%s %s\n", comm, str(args.filename)); }
---
Program
 tracepoint:syscalls:sys_enter_openat
  call: printf
   string: %s %s\n
   identifier: comm
   call: str
    .
     identifier: args
     filename

=== of the documentation, 2
tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }
---
Program
 tracepoint:raw_syscalls:sys_enter
  =
   map: @
    identifier: comm
   call: count

=== of the documentation, 3
tracepoint:syscalls:sys_exit_read /pid == 18644/ { @bytes = hist(args.ret); }
---
Program
 tracepoint:syscalls:sys_exit_read
  pred
   ==
    identifier: pid
    int: 18644
  =
   map: @bytes
   call: hist
    .
     identifier: args
     ret

=== of the documentation, 4
kretprobe:vfs_read { @bytes = lhist(retval, 0, 2000, 200); }
---
Program
 kretprobe:vfs_read
  =
   map: @bytes
   call: lhist
    identifier: retval
    int: 0
    int: 2000
    int: 200

=== of the documentation, 5
kprobe:vfs_read { @start[tid] = nsecs; } kretprobe:vfs_read /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]); delete(@start, tid); }
---
Program
 kprobe:vfs_read
  =
   map: @start
    identifier: tid
   identifier: nsecs
 kretprobe:vfs_read
  pred
   map: @start
    identifier: tid
  =
   map: @ns
    identifier: comm
   call: hist
    -
     identifier: nsecs
     map: @start
      identifier: tid
  call: delete
   map: @start
   identifier: tid

=== of the documentation, 6
tracepoint:sched:sched* { @[probe] = count(); } interval:s:5 { exit(); }
---
Program
 tracepoint:sched:sched*
  =
   map: @
    identifier: probe
   call: count
 interval:s:5
  call: exit

=== of the documentation, 7
profile:hz:99 { @[kstack] = count(); }
---
Program
 profile:hz:99
  =
   map: @
    identifier: kstack
   call: count

=== of the documentation, 8
tracepoint:sched:sched_switch { @[kstack] = count(); }
---
Program
 tracepoint:sched:sched_switch
  =
   map: @
    identifier: kstack
   call: count

=== of the documentation, 9
tracepoint:block:block_rq_issue { @ = hist(args.bytes); }
---
Program
 tracepoint:block:block_rq_issue
  =
   map: @
   call: hist
    .
     identifier: args
     bytes

=== of the documentation, 10
kprobe:vfs_open { printf("open path: %s\n", str(((struct path *)arg0)->dentry->d_name.name)); }
---
Program
 kprobe:vfs_open
  call: printf
   string: open path: %s\n
   call: str
    .
     .
      .
       (struct path*)
        identifier: arg0
       dentry
      d_name
     name

=== of the documentation, 11
kprobe:do_nanosleep { printf("PID %d sleeping...\n", pid); }
---
Program
 kprobe:do_nanosleep
  call: printf
   string: PID %d sleeping...\n
   identifier: pid

=== of the documentation, 12
uretprobe:/usr/bin/bash:readline { printf("User %d executed \"%s\" command\n", uid, str(retval)); }
---
Program
 uretprobe:/usr/bin/bash:readline
  call: printf
   string: User %d executed "%s" command\n
   identifier: uid
   call: str
    identifier: retval

=== of the documentation, 13
uprobe:libc:malloc { @[ustack] = count(); }
---
Program
 uprobe:libc:malloc
  =
   map: @
    identifier: ustack
   call: count

=== of the documentation, 14
kprobe:do_nanosleep { $secs = ((struct timespec *)arg0)->tv_sec; @ = $secs; }
---
Program
 kprobe:do_nanosleep
  =
   variable: $secs
   .
    (struct timespec*)
     identifier: arg0
    tv_sec
  =
   map: @
   variable: $secs

=== of the documentation, 15
BEGIN { printf("%s, %-16s|%5d|%lx|%p\n", "a", comm, 1, 0x10, 0); }
---
Program
 BEGIN
  call: printf
   string: %s, %-16s|%5d|%lx|%p\n
   string: a
   identifier: comm
   int: 1
   int: 16
   int: 0

=== of the documentation, 16
BEGIN { @a = 1; @a++; print(@a); clear(@a); zero(@b); @c = avg(1); @d = stats(2); @e = min(3); @f = max(4); @g = sum(5); }
---
Program
 BEGIN
  =
   map: @a
   int: 1
  map: @a
   ++
  call: print
   map: @a
  call: clear
   map: @a
  call: zero
   map: @b
  =
   map: @c
   call: avg
    int: 1
  =
   map: @d
   call: stats
    int: 2
  =
   map: @e
   call: min
    int: 3
  =
   map: @f
   call: max
    int: 4
  =
   map: @g
   call: sum
    int: 5

=== of the documentation, 17
kprobe:f /arg0 & 0x1 && (arg1 >> 3) > 2/ { @[kstack(3), ustack(perf, 2)] = count(); }
---
Program
 kprobe:f
  pred
   &&
    &
     identifier: arg0
     int: 1
    >
     >>
      identifier: arg1
      int: 3
     int: 2
  =
   map: @
    tuple:
     call: kstack
      int: 3
     call: ustack
      identifier: perf
      int: 2
   call: count

=== of the documentation, 18
interval:ms:100 { time("%H:%M:%S\n"); print(@x, 5, 1000); clear(@x); }
---
Program
 interval:ms:100
  call: time
   string: %H:%M:%S\n
  call: print
   map: @x
   int: 5
   int: 1000
  call: clear
   map: @x

=== of the documentation, 19
BEGIN { $x = (1, 2, "string"); print($x.0); print(($x.2, $x.1)); }
---
Program
 BEGIN
  =
   variable: $x
   tuple:
    int: 1
    int: 2
    string: string
  call: print
   .
    variable: $x
    0
  call: print
   tuple:
    .
     variable: $x
     2
    .
     variable: $x
     1

=== of the documentation, 20
BEGIN { $a = 10; while ($a > 0) { if ($a == 5) { $a--; continue; } $a--; } }
---
Program
 BEGIN
  =
   variable: $a
   int: 10
  while(
   >
    variable: $a
    int: 0
   )
   block
    if
     ==
      variable: $a
      int: 5
     then
      variable: $a
       --
      continue
    variable: $a
     --

=== of the documentation, 21
BEGIN { unroll(5) { printf("i\n"); } }
---
Program
 BEGIN
  unroll
   int: 5
   block
    call: printf
     string: i\n

=== of the documentation, 22
BEGIN { for $i : 0..10 { print($i); } for $kv : @map { print($kv.0); print($kv.1); } }
---
Program
 BEGIN
  for
   variable: $i
   int: 0
   int: 10
   block
    call: print
     variable: $i
  for
   variable: $kv
   map: @map
   block
    call: print
     .
      variable: $kv
      0
    call: print
     .
      variable: $kv
      1

=== of the documentation, 23
BEGIN { let $a: uint8 = 1; if (true) { let $b = 5; } $c = (uint32)$a; }
---
Program
 BEGIN
  decl
   variable: $a
   type: uint8
   int: 1
  if
   bool: true
   then
    decl
     variable: $b
     int: 5
  =
   variable: $c
   (uint32)
    variable: $a

=== of the documentation, 24
BEGIN { $t = @a[1, "x"] == 3 ? "yes" : "no"; print($t); @b[pid, comm] = nsecs; }
---
Program
 BEGIN
  =
   variable: $t
   ?:
    ==
     map: @a
      tuple:
       int: 1
       string: x
     int: 3
    string: yes
    string: no
  call: print
   variable: $t
  =
   map: @b
    tuple:
     identifier: pid
     identifier: comm
   identifier: nsecs

=== of the documentation, 25
BEGIN { $s = strftime("%H:%M:%S", nsecs); printf("%s %s\n", $s, ntop(0x0100007f)); }
---
Program
 BEGIN
  =
   variable: $s
   call: strftime
    string: %H:%M:%S
    identifier: nsecs
  call: printf
   string: %s %s\n
   variable: $s
   call: ntop
    int: 16777343

=== of the documentation, 26
tracepoint:syscalls:sys_enter_execve { join(args.argv); } 
---
Program
 tracepoint:syscalls:sys_enter_execve
  call: join
   .
    identifier: args
    argv

=== of the documentation, 27
kprobe:tcp_connect { $sk = (struct sock *)arg0; $f = $sk->__sk_common.skc_family; if ($f == AF_INET) { printf("%s\n", ntop($sk->__sk_common.skc_daddr)); } }
---
Program
 kprobe:tcp_connect
  =
   variable: $sk
   (struct sock*)
    identifier: arg0
  =
   variable: $f
   .
    .
     variable: $sk
     __sk_common
    skc_family
  if
   ==
    variable: $f
    identifier: AF_INET
   then
    call: printf
     string: %s\n
     call: ntop
      .
       .
        variable: $sk
        __sk_common
       skc_daddr

=== of the documentation, 28
BEGIN { system("echo %d", pid); cat("/proc/loadavg"); signal("KILL"); signal(9); }
---
Program
 BEGIN
  call: system
   string: echo %d
   identifier: pid
  call: cat
   string: /proc/loadavg
  call: signal
   string: KILL
  call: signal
   int: 9

=== of the documentation, 29
software:faults:100 { @[comm] = count(); } hardware:cache-misses:1000000 { @[pid] = count(); }
---
Program
 software:faults:100
  =
   map: @
    identifier: comm
   call: count
 hardware:cache-misses:1000000
  =
   map: @
    identifier: pid
   call: count

=== of the documentation, 30
BEGIN { @x[1] = lhist(5, 0, 10, 1); @y = tseries(1, 1s, 5, "max"); @z = hist(5, 2); }
---
Program
 BEGIN
  =
   map: @x
    int: 1
   call: lhist
    int: 5
    int: 0
    int: 10
    int: 1
  =
   map: @y
   call: tseries
    int: 1
    int: 1000000000
    int: 5
    string: max
  =
   map: @z
   call: hist
    int: 5
    int: 2

=== of the documentation, 31
BEGIN { if (strncmp("abc", comm, 2) == 0 || strcontains(comm, "x")) { exit(1); } }
---
Program
 BEGIN
  if
   ||
    ==
     call: strncmp
      string: abc
      identifier: comm
      int: 2
     int: 0
    call: strcontains
     identifier: comm
     string: x
   then
    call: exit
     int: 1

=== of the documentation, 32
watchpoint:0x10000000:8:rw { printf("hit!\n"); exit(); }
---
Program
 watchpoint:0x10000000:8:rw
  call: printf
   string: hit!\n
  call: exit

=== of the documentation, 33
self:signal:SIGUSR1 { print("bye"); }
---
Program
 self:signal:SIGUSR1
  call: print
   string: bye

=== of the documentation, 34
BEGIN { printf("%d\n", sizeof(struct foo)); } struct foo { int x; };
---
struct foo (4 bytes, aligned to 4)
 0: int32 x
Program
 BEGIN
  call: printf
   string: %d\n
   sizeof: struct foo

=== of the documentation, 35
uprobe:./test:f { print((args.a, args->b)); print(args); }
---
Program
 uprobe:./test:f
  call: print
   tuple:
    .
     identifier: args
     a
    .
     identifier: args
     b
  call: print
   identifier: args

=== of the documentation, 36
rawtracepoint:sys_enter { @[args.id] = count(); }
---
Program
 rawtracepoint:sys_enter
  =
   map: @
    .
     identifier: args
     id
   call: count

=== of the documentation, 37
fentry:vmlinux:vfs_read { printf("%d\n", args.count); } fexit:vfs_read { print(retval); }
---
Program
 fentry:vmlinux:vfs_read
  call: printf
   string: %d\n
   .
    identifier: args
    count
 fexit:vfs_read
  call: print
   identifier: retval

=== of the documentation, 38
iter:task { printf("%s:%d\n", ctx->task->comm, ctx->task->pid); }
---
Program
 iter:task
  call: printf
   string: %s:%d\n
   .
    .
     identifier: ctx
     task
    comm
   .
    .
     identifier: ctx
     task
    pid

=== of the documentation, 39
BEGIN { $a = kaddr("avenrun"); $b = *kaddr("jiffies"); $c = *(uint64 *)$a; print(ksym(0xffffffff81000000)); }
---
Program
 BEGIN
  =
   variable: $a
   call: kaddr
    string: avenrun
  =
   variable: $b
   dereference
    call: kaddr
     string: jiffies
  =
   variable: $c
   dereference
    (uint64*)
     variable: $a
  call: print
   call: ksym
    int: 18446744071578845184

=== of the documentation, 40
BEGIN { $buf = buf(kaddr("x"), 16); printf("%r %rx\n", $buf, $buf); print(macaddr(arg0)); }
---
Program
 BEGIN
  =
   variable: $buf
   call: buf
    call: kaddr
     string: x
    int: 16
  call: printf
   string: %r %rx\n
   variable: $buf
   variable: $buf
  call: print
   call: macaddr
    identifier: arg0

=== of the documentation, 41
BEGIN { @[1] = 1; if (has_key(@, 1)) { delete(@, 1); } print(len(@)); }
---
Program
 BEGIN
  =
   map: @
    int: 1
   int: 1
  if
   call: has_key
    map: @
    int: 1
   then
    call: delete
     map: @
     int: 1
  call: print
   call: len
    map: @

=== of the documentation, 42
BEGIN { assert(1 == 1, "x"); errorf("bad %d", 5); warnf("x"); fail("no"); static_assert(1, "y"); }
---
Program
 BEGIN
  call: assert
   ==
    int: 1
    int: 1
   string: x
  call: errorf
   string: bad %d
   int: 5
  call: warnf
   string: x
  call: fail
   string: no
  call: static_assert
   int: 1
   string: y

=== of the documentation, 43
test:sum { if 1 + 1 != 2 { return 1; } return 0; } bench:loop { $x = 1 + 1; }
---
Program
 test:sum
  if
   !=
    +
     int: 1
     int: 1
    int: 2
   then
    return
     int: 1
  return
   int: 0
 bench:loop
  =
   variable: $x
   +
    int: 1
    int: 1

=== of the documentation, 44
BEGIN { $x = getopt("hello", 1); $y = getopt("name", "def", "a description"); if getopt("flag") { print(1); } }
---
Program
 BEGIN
  =
   variable: $x
   call: getopt
    string: hello
    int: 1
  =
   variable: $y
   call: getopt
    string: name
    string: def
    string: a description
  if
   call: getopt
    string: flag
   then
    call: print
     int: 1

=== of the documentation, 45
BEGIN { $p = &$x; $q = &@m[1]; $r = *$p; $arr = (int32[2])1; $s = $arr[1]; }
---
Program
 BEGIN
  =
   variable: $p
   &
    variable: $x
  =
   variable: $q
   &
    map: @m
     int: 1
  =
   variable: $r
   dereference
    variable: $p
  =
   variable: $arr
   (int32[2])
    int: 1
  =
   variable: $s
   []
    variable: $arr
    int: 1

=== of the documentation, 46
BEGIN { $d = { let $a = 1; $a + 1 }; $e = if $d > 1 { "big" } else { "small" }; print($e); }
---
Program
 BEGIN
  =
   variable: $d
   block
    decl
     variable: $a
     int: 1
    +
     variable: $a
     int: 1
  =
   variable: $e
   if
    >
     variable: $d
     int: 1
    then
     string: big
    else
     string: small
  call: print
   variable: $e

=== opensnoop of 0.26, in short
config = {
  missing_probes = "warn"
}

macro print_header() {
  printf("%-6s %-16s %4s %3s %s\n", "PID", "COMM", "FD", "ERR", "PATH");
}

macro getcwd(curtask) {
  let $dentry = curtask.fs.pwd.dentry;
  let $path = "";
  for $i : 0..35 {
    if ($dentry.d_parent == $dentry) {
      break;
    }
    $path = str_concat(str($dentry.d_name.name), $path);
    $dentry = $dentry.d_parent;
  }
  $path
}

begin
{
  print_header();
}

tracepoint:syscalls:sys_enter_open,
tracepoint:syscalls:sys_enter_openat,
tracepoint:syscalls:sys_enter_openat2
{
  @filename[tid] = args.filename;
}

tracepoint:syscalls:sys_exit_open,
tracepoint:syscalls:sys_exit_openat,
tracepoint:syscalls:sys_exit_openat2
/@filename[tid]/
{
  $ret = args.ret;
  $fd = $ret >= 0 ? $ret : -1;
  $errno = $ret >= 0 ? 0 : -$ret;
  $f = str(@filename[tid]);
  if getopt("cwd", false, "print the directory") && $f[0] != 47 {
    printf("%-6d %-16s %4d %3d %s/%s\n", pid, comm, $fd, $errno, getcwd(curtask), $f);
  } else {
    printf("%-6d %-16s %4d %3d %s\n", pid, comm, $fd, $errno, $f);
  }
  delete(@filename, tid);
}

end
{
  clear(@filename);
}
---
config
 missing_probes = warn
Program
 begin
  block
   call: printf
    string: %-6s %-16s %4s %3s %s\n
    string: PID
    string: COMM
    string: FD
    string: ERR
    string: PATH
 tracepoint:syscalls:sys_enter_open
 tracepoint:syscalls:sys_enter_openat
 tracepoint:syscalls:sys_enter_openat2
  =
   map: @filename
    identifier: tid
   .
    identifier: args
    filename
 tracepoint:syscalls:sys_exit_open
 tracepoint:syscalls:sys_exit_openat
 tracepoint:syscalls:sys_exit_openat2
  pred
   map: @filename
    identifier: tid
  =
   variable: $ret
   .
    identifier: args
    ret
  =
   variable: $fd
   ?:
    >=
     variable: $ret
     int: 0
    variable: $ret
    int: -1
  =
   variable: $errno
   ?:
    >=
     variable: $ret
     int: 0
    int: 0
    -
     variable: $ret
  =
   variable: $f
   call: str
    map: @filename
     identifier: tid
  if
   &&
    call: getopt
     string: cwd
     bool: false
     string: print the directory
    !=
     []
      variable: $f
      int: 0
     int: 47
   then
    call: printf
     string: %-6d %-16s %4d %3d %s/%s\n
     identifier: pid
     identifier: comm
     variable: $fd
     variable: $errno
     block
      decl
       variable: $dentry#2
       .
        .
         .
          identifier: curtask
          fs
         pwd
        dentry
      decl
       variable: $path#2
       string: 
      for
       variable: $i#2
       int: 0
       int: 35
       block
        if
         ==
          .
           variable: $dentry#2
           d_parent
          variable: $dentry#2
         then
          break
        =
         variable: $path#2
         call: str_concat
          call: str
           .
            .
             variable: $dentry#2
             d_name
            name
          variable: $path#2
        =
         variable: $dentry#2
         .
          variable: $dentry#2
          d_parent
      variable: $path#2
     variable: $f
   else
    call: printf
     string: %-6d %-16s %4d %3d %s\n
     identifier: pid
     identifier: comm
     variable: $fd
     variable: $errno
     variable: $f
  call: delete
   map: @filename
   identifier: tid
 end
  call: clear
   map: @filename

=== syscount of 0.26, in short
macro print_result(@result, top) {
  if getopt("by", "comm") == "comm" {
    print(@result, top);
  }
  clear(@result);
}

tracepoint:raw_syscalls:sys_enter
/pid != 0 && (getopt("pid", 0) == 0 || pid == getopt("pid", 0))/
{
  @syscall[syscall_name(args.id)] = count();
  @process[comm] = count();
}

interval:s:$1 { print_result(@syscall, 10); print_result(@process, 10); }
--- 5
Program
 tracepoint:raw_syscalls:sys_enter
  pred
   &&
    !=
     identifier: pid
     int: 0
    ||
     ==
      call: getopt
       string: pid
       int: 0
      int: 0
     ==
      identifier: pid
      call: getopt
       string: pid
       int: 0
  =
   map: @syscall
    call: syscall_name
     .
      identifier: args
      id
   call: count
  =
   map: @process
    identifier: comm
   call: count
 interval:s:5
  block
   if
    ==
     call: getopt
      string: by
      string: comm
     string: comm
    then
     call: print
      map: @syscall
      int: 10
   call: clear
    map: @syscall
  block
   if
    ==
     call: getopt
      string: by
      string: comm
     string: comm
    then
     call: print
      map: @process
      int: 10
   call: clear
    map: @process

