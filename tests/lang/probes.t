=== begin and end in any case
BEGIN { } begin { } Begin { } END { } end { }
---
Program
 BEGIN
 begin
 Begin
 END
 end

=== every provider
self:signal:SIGUSR1 { } interval:1s { } interval:s:1 { } profile:hz:99 { } kprobe:vfs_read { } kretprobe:vfs_read { } uprobe:/bin/bash:readline { } uretprobe:/bin/bash:readline { } usdt:/bin/bash:probe { } usdt:/bin/bash:ns:probe { } tracepoint:sched:sched_switch { } rawtracepoint:sched_switch { } software:faults:100 { } hardware:cycles:1000000 { } watchpoint:0x1234:8:rw { } fentry:vfs_read { } fexit:vfs_read { } iter:task { } test:a { } bench:b { }
---
Program
 self:signal:SIGUSR1
 interval:1s
 interval:s:1
 profile:hz:99
 kprobe:vfs_read
 kretprobe:vfs_read
 uprobe:/bin/bash:readline
 uretprobe:/bin/bash:readline
 usdt:/bin/bash:probe
 usdt:/bin/bash:ns:probe
 tracepoint:sched:sched_switch
 rawtracepoint:sched_switch
 software:faults:100
 hardware:cycles:1000000
 watchpoint:0x1234:8:rw
 fentry:vfs_read
 fexit:vfs_read
 iter:task
 test:a
 bench:b

=== short names
k:f { } kr:f { } u:/bin/sh:f { } ur:/bin/sh:f { } t:a:b { } rt:a { } U:/bin/sh:p { } i:s:1 { } p:hz:99 { } s:cpu:1 { } h:cycles:1 { } w:0x1:8:w { } f:f { } fr:f { } it:task { } kfunc:f { } kretfunc:f { }
---
Program
 k:f
 kr:f
 u:/bin/sh:f
 ur:/bin/sh:f
 t:a:b
 rt:a
 U:/bin/sh:p
 i:s:1
 p:hz:99
 s:cpu:1
 h:cycles:1
 w:0x1:8:w
 f:f
 fr:f
 it:task
 kfunc:f
 kretfunc:f

=== a list
kprobe:f, kprobe:g,
kprobe:h
{ }
---
Program
 kprobe:f
 kprobe:g
 kprobe:h

=== a list with a comma at its end
kprobe:f,
kprobe:g,
{ }
---
Program
 kprobe:f
 kprobe:g

=== wildcards
kprobe:vfs_* { } tracepoint:syscalls:sys_enter_* { } tracepoint:*:sched* { } kprobe:*:f { }
---
Program
 kprobe:vfs_*
 tracepoint:syscalls:sys_enter_*
 tracepoint:*:sched*
 kprobe:*:f

=== a wildcard for the provider
k*:vfs_read { } *:sched:sched_switch { }
---
Program
 k*:vfs_read
 *:sched:sched_switch

=== an offset
kprobe:vfs_read+16 { } uprobe:/bin/bash:readline+4 { } kprobe:f + 4 { }
---
Program
 kprobe:vfs_read+16
 uprobe:/bin/bash:readline+4
 kprobe:f+4

=== an address
kprobe:0xffffffff81000000 { } uprobe:/bin/bash:0x1234 { }
---
Program
 kprobe:0xffffffff81000000
 uprobe:/bin/bash:0x1234

=== a module
kprobe:ext4:ext4_sync_file { }
---
Program
 kprobe:ext4:ext4_sync_file

=== a path with a star before a slash is no comment
uprobe:/usr/lib/*/libc.so.6:malloc { }
---
Program
 uprobe:/usr/lib/*/libc.so.6:malloc

=== a path with two slashes is no comment
uprobe:/usr//bin/bash:readline { }
---
Program
 uprobe:/usr//bin/bash:readline

=== quotes keep blanks and colons
uprobe:"/tmp/a b":f { } uprobe:/bin/x:"ns::f(int, char)" { } uprobe:/bin/x:cpp:"ns::f" { }
---
Program
 uprobe:"/tmp/a b":f
 uprobe:/bin/x:"ns::f(int, char)"
 uprobe:/bin/x:cpp:"ns::f"

=== a backslash keeps one
uprobe:/tmp/a\ b:f { } uprobe:/tmp/a\:b:f { }
---
Program
 uprobe:/tmp/a\ b:f
 uprobe:/tmp/a\:b:f

=== a file and a line
uprobe:/bin/x@main.c:12 { }
---
Program
 uprobe:/bin/x@main.c:12

=== a library by name
uprobe:libc:malloc { } uprobe:libssl:SSL_read { }
---
Program
 uprobe:libc:malloc
 uprobe:libssl:SSL_read

=== a symbol of Go
uprobe:./server:"github.com/x/y.(*T).Do" { } uprobe:./server:main.(*T).Do { }
---
Program
 uprobe:./server:"github.com/x/y.(*T).Do"
 uprobe:./server:main.(*T).Do

=== labels
read=kprobe:vfs_read { } a = kprobe:f, b = kprobe:g { }
---
Program
 read=kprobe:vfs_read
 a=kprobe:f
 b=kprobe:g

=== a predicate
kprobe:f /pid == 1/ { }
---
Program
 kprobe:f
  pred
   ==
    identifier: pid
    int: 1

=== a predicate without blank
kprobe:f/pid == 1/{ }
---
Program
 kprobe:f
  pred
   ==
    identifier: pid
    int: 1

=== a predicate of BEGIN
BEGIN /1/ { } BEGIN/1/{ }
---
Program
 BEGIN
  pred
   int: 1
 BEGIN
  pred
   int: 1

=== a predicate of an uprobe
uprobe:/bin/bash:readline /pid == 1/ { }
---
Program
 uprobe:/bin/bash:readline
  pred
   ==
    identifier: pid
    int: 1

=== a predicate in the next line
tracepoint:a:b
/@start[tid]/
{ }
---
Program
 tracepoint:a:b
  pred
   map: @start
    identifier: tid

=== a division in a predicate
kprobe:f /arg0 / 2 == 1/ { }
---
Program
 kprobe:f
  pred
   ==
    /
     identifier: arg0
     int: 2
    int: 1

=== a division at the end of a predicate
kprobe:f /4 / arg0/ { }
---
Program
 kprobe:f
  pred
   /
    int: 4
    identifier: arg0

=== a predicate with parentheses
kprobe:f /(pid == 1 || pid == 2) && comm != "x"/ { }
---
Program
 kprobe:f
  pred
   &&
    ||
     ==
      identifier: pid
      int: 1
     ==
      identifier: pid
      int: 2
    !=
     identifier: comm
     string: x

=== a parameter in a probe
interval:ms:$1 { } kprobe:$2_read { } uprobe:$3:f { }
--- 250 vfs /bin/bash
Program
 interval:ms:250
 kprobe:vfs_read
 uprobe:/bin/bash:f

=== a parameter that was not given
interval:ms:$1 { }
---
stdin:1:1-15: ERROR: $1 stands in this probe, and there is no such parameter
interval:ms:$1 { }
~~~~~~~~~~~~~~
HINT: parameters come behind the program: trapline FILE PARAMETER...

=== comments between probes
kprobe:f, // one
kprobe:g /* two */
/* three */ /pid/ // four
{ }
---
Program
 kprobe:f
 kprobe:g
  pred
   identifier: pid

=== blanks around colons
kprobe : f { } kprobe: f { }
---
Program
 kprobe:f
 kprobe:f

=== an unknown provider
foo:bar { }
---
stdin:1:1-8: ERROR: Invalid probe type: foo
foo:bar { }
~~~~~~~

=== an unknown provider that looks like one
kprob:vfs_read { } tracepont:a:b { }
---
stdin:1:1-15: ERROR: Invalid probe type: kprob
kprob:vfs_read { } tracepont:a:b { }
~~~~~~~~~~~~~~
HINT: did you mean 'kprobe'?
stdin:1:20-33: ERROR: Invalid probe type: tracepont
kprob:vfs_read { } tracepont:a:b { }
                   ~~~~~~~~~~~~~
HINT: did you mean 'tracepoint'?

=== too few parts
kprobe { } uprobe:/bin/sh { } tracepoint:a { } interval { }
---
stdin:1:1-7: ERROR: kprobe probe type requires 1 or 2 arguments, found 0
kprobe { } uprobe:/bin/sh { } tracepoint:a { } interval { }
~~~~~~
stdin:1:12-26: ERROR: uprobe probe type requires 2 or 3 arguments, found 1
kprobe { } uprobe:/bin/sh { } tracepoint:a { } interval { }
           ~~~~~~~~~~~~~~
stdin:1:31-43: ERROR: tracepoint probe type requires 2 arguments, found 1
kprobe { } uprobe:/bin/sh { } tracepoint:a { } interval { }
                              ~~~~~~~~~~~~
stdin:1:48-56: ERROR: interval probe type requires 1 or 2 arguments, found 0
kprobe { } uprobe:/bin/sh { } tracepoint:a { } interval { }
                                               ~~~~~~~~

=== too many parts
BEGIN:x { } tracepoint:a:b:c { } self:signal { }
---
stdin:1:1-8: ERROR: begin probe type requires 0 arguments, found 1
BEGIN:x { } tracepoint:a:b:c { } self:signal { }
~~~~~~~
stdin:1:13-29: ERROR: tracepoint probe type requires 2 arguments, found 3
BEGIN:x { } tracepoint:a:b:c { } self:signal { }
            ~~~~~~~~~~~~~~~~
stdin:1:34-45: ERROR: self probe type requires 2 arguments, found 1
BEGIN:x { } tracepoint:a:b:c { } self:signal { }
                                 ~~~~~~~~~~~

=== no block
kprobe:f
---
stdin:1:1-9: ERROR: unexpected end of file, expected {
kprobe:f
~~~~~~~~

=== no block behind a predicate
kprobe:f /pid/
---
stdin:1:14-15: ERROR: syntax error, unexpected end of file
kprobe:f /pid/
             ~

=== a predicate without its end
kprobe:f /pid { }
---
stdin:1:15-16: ERROR: syntax error, unexpected {, expecting /
kprobe:f /pid { }
              ~

=== a list that ends
kprobe:f,
---
stdin:1:9-10: ERROR: syntax error, unexpected end of file, expecting a probe
kprobe:f,
        ~

=== no probe
{ }
---
stdin:1:1-2: ERROR: syntax error, unexpected {, expecting a probe
{ }
~

=== a brace too many
BEGIN { }}
---
stdin:1:10-11: ERROR: syntax error, unexpected }, expecting {
BEGIN { }}
         ~

=== a quote without its end
uprobe:"/bin/x:f { }
---
stdin:1:1-21: ERROR: unterminated string
uprobe:"/bin/x:f { }
~~~~~~~~~~~~~~~~~~~~
stdin:1:1-21: ERROR: unexpected end of file, expected {
uprobe:"/bin/x:f { }
~~~~~~~~~~~~~~~~~~~~

=== the clauses around a wrong one are read
foo:bar { $x = ; } BEGIN { $y = } END { 1 + 1 }
---
stdin:1:1-8: ERROR: Invalid probe type: foo
foo:bar { $x = ; } BEGIN { $y = } END { 1 + 1 }
~~~~~~~
stdin:1:16-17: ERROR: syntax error, unexpected ;
foo:bar { $x = ; } BEGIN { $y = } END { 1 + 1 }
               ~
stdin:1:33-34: ERROR: syntax error, unexpected }
foo:bar { $x = ; } BEGIN { $y = } END { 1 + 1 }
                                ~

