=== the tutorial: openat
tracepoint:a:b { printf("%s %s\n", comm, str(args.filename)); }
---


=== the tutorial: the same with an arrow
tracepoint:a:b { printf("%s %s\n", comm, str(args->filename)); }
---


=== the tutorial: counts by name
tracepoint:a:b { @[comm] = count(); }
---
@[string[16]]: count_t

=== the tutorial: histogram of a field with a predicate
tracepoint:a:b /pid == 18644/ { @bytes = hist(args.fd); }
---
@bytes: hist_t

=== the tutorial: lhist of retval
kretprobe:vfs_read { @bytes = lhist(retval, 0, 2000, 200); }
---
@bytes: lhist_t

=== the tutorial: latency
kprobe:vfs_read { @start[tid] = nsecs; }
kretprobe:vfs_read /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]); delete(@start, tid); }
---
@start[uint64]: uint64
@ns[string[16]]: hist_t

=== the tutorial: counts by probe, then exit
tracepoint:a:b { @[probe] = count(); } interval:s:5 { exit(); }
---
@[string[1024]]: count_t

=== the tutorial: stacks
profile:hz:99 { @[kstack] = count(); }
---
@[kstack]: count_t

=== stacks of user and kernel as one key
profile:hz:99 { @[kstack, ustack, comm] = count(); }
---
@[(kstack,ustack,string[16])]: count_t

=== nothing is known of an event that is not there
tracepoint:a:nothing { print(args.x); print(args); }
---
stdin:1:30-34: ERROR: no args at tracepoint:a:nothing: there is no such event
tracepoint:a:nothing { print(args.x); print(args); }
                             ~~~~
stdin:1:45-49: ERROR: no args at tracepoint:a:nothing: there is no such event
tracepoint:a:nothing { print(args.x); print(args); }
                                            ~~~~

=== a field that is not there
tracepoint:a:b { print(args.file); }
---
stdin:1:24-33: ERROR: Struct/union of type 'struct a_b_args' does not contain a field named 'file'
tracepoint:a:b { print(args.file); }
                       ~~~~~~~~~

=== args as a whole
tracepoint:a:b { $a = args; print($a.fd); @x[args.fd] = args.count; }
---
@x[int64]: uint64

=== argN everywhere but where it may be
tracepoint:a:b, interval:s:1, uretprobe:/bin/sh:f, profile:hz:99 { print(arg0); }
---
stdin:1:74-78: ERROR: The arg0 builtin can only be used with 'kprobes', 'uprobes' and 'usdt' probes
tracepoint:a:b, interval:s:1, uretprobe:/bin/sh:f, profile:hz:99 { print(arg0); }
                                                                         ~~~~

=== argN where it may be
kprobe:f, uprobe:/bin/sh:f { @[arg0] = arg5; }
---
@[uint64]: uint64

=== retval where it may be
kretprobe:f, uretprobe:/bin/sh:f { @ = retval; }
---
@: uint64

=== retval where it may not be
uprobe:/bin/sh:f { @ = retval; }
---
stdin:1:24-30: ERROR: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and 'fexit' probes
uprobe:/bin/sh:f { @ = retval; }
                       ~~~~~~

=== func
kprobe:f { @[func] = count(); } END { print(func); }
---
stdin:1:45-49: ERROR: The func builtin can not be used with 'end' probes
kprobe:f { @[func] = count(); } END { print(func); }
                                            ~~~~

=== reg
uprobe:/bin/sh:f { @ = reg("ip"); } tracepoint:a:b { @ = reg("ip"); }
---
stdin:1:58-67: ERROR: reg can not be used with "tracepoint" probes
uprobe:/bin/sh:f { @ = reg("ip"); } tracepoint:a:b { @ = reg("ip"); }
                                                         ~~~~~~~~~

=== reg wants a literal
uprobe:/bin/sh:f { @ = reg(comm); }
---
stdin:1:24-33: ERROR: reg() expects a string literal (string provided)
uprobe:/bin/sh:f { @ = reg(comm); }
                       ~~~~~~~~~

=== sarg
uprobe:/bin/sh:f { @ = sarg0; } uretprobe:/bin/sh:f { @ = sarg1; }
---
stdin:1:59-64: ERROR: The sarg1 builtin can only be used with 'kprobes' and 'uprobes' probes
uprobe:/bin/sh:f { @ = sarg0; } uretprobe:/bin/sh:f { @ = sarg1; }
                                                          ~~~~~

=== nsecs of a clock
BEGIN { @a = nsecs(boot); @b = nsecs(monotonic); @c = nsecs(tai); @d = nsecs; }
---
@a: uint64
@b: uint64
@c: uint64
@d: uint64

=== nsecs of no clock
BEGIN { print(nsecs(yesterday)); print(nsecs(1, 2)); }
---
stdin:1:15-31: ERROR: Invalid timestamp mode: yesterday (expects: boot, monotonic, tai, sw_tai)
BEGIN { print(nsecs(yesterday)); print(nsecs(1, 2)); }
              ~~~~~~~~~~~~~~~~
stdin:1:40-51: ERROR: nsecs() takes up to one argument (2 provided)
BEGIN { print(nsecs(yesterday)); print(nsecs(1, 2)); }
                                       ~~~~~~~~~~~

=== pid of a namespace
BEGIN { @a = pid(init); @b = tid; print(pid(nowhere)); }
---
stdin:1:41-53: ERROR: Invalid PID namespace mode: nowhere (expects: init)
BEGIN { @a = pid(init); @b = tid; print(pid(nowhere)); }
                                        ~~~~~~~~~~~~
HINT: the numbers are those of the initial namespace, where trapline runs

=== stack modes
BEGIN { print(kstack(perf)); print(ustack(raw, 5)); print(kstack(3)); }
---


=== stack modes that are not
BEGIN { print(kstack(fast)); print(ustack(1000)); print(kstack(5, perf)); }
---
stdin:1:15-27: ERROR: Unknown stack mode: 'fast'
BEGIN { print(kstack(fast)); print(ustack(1000)); print(kstack(5, perf)); }
              ~~~~~~~~~~~~
stdin:1:36-48: ERROR: ustack([int limit]): limit shouldn't exceed 127, 1000 given
BEGIN { print(kstack(fast)); print(ustack(1000)); print(kstack(5, perf)); }
                                   ~~~~~~~~~~~~
stdin:1:57-72: ERROR: kstack() expects the mode first: kstack(perf, 3)
BEGIN { print(kstack(fast)); print(ustack(1000)); print(kstack(5, perf)); }
                                                        ~~~~~~~~~~~~~~~

=== variables that are called for nothing
BEGIN { print(uid(1)); print(cpu(2, 3)); }
---
stdin:1:15-21: ERROR: uid() requires no arguments (1 provided)
BEGIN { print(uid(1)); print(cpu(2, 3)); }
              ~~~~~~
stdin:1:30-39: ERROR: cpu() requires no arguments (2 provided)
BEGIN { print(uid(1)); print(cpu(2, 3)); }
                             ~~~~~~~~~

=== a function that is not called
BEGIN { print(strlen); }
---
stdin:1:15-21: ERROR: Unknown identifier: 'strlen'
BEGIN { print(strlen); }
              ~~~~~~
HINT: it is a function: uint64 strlen(string s)

=== functions without parentheses
BEGIN { @a = ppid; @b = rand; @c = pcomm; }
---
@a: uint64
@b: uint64
@c: string[16]

=== only BPF can
BEGIN { print(ctx); debugf("a"); override(1); }
---
stdin:1:15-18: ERROR: ctx is not possible without BPF: it is the context of a BPF program, and there is none here
BEGIN { print(ctx); debugf("a"); override(1); }
              ~~~
HINT: use the probe's args, argN or reg()
stdin:1:21-32: ERROR: debugf is not possible without BPF: it is BPF's bpf_trace_printk
BEGIN { print(ctx); debugf("a"); override(1); }
                    ~~~~~~~~~~~
HINT: use printf()
stdin:1:34-45: ERROR: override is not possible without BPF: only a BPF program can change what a function returns
BEGIN { print(ctx); debugf("a"); override(1); }
                                 ~~~~~~~~~~~
HINT: use the kernel's fail_function

=== only BPF can: but functions may be called so
fn override($a : int64) : int64 { return $a; } BEGIN { print(override(1)); }
---


=== unsafe functions
BEGIN { system("ls"); } kprobe:f { signal(9); }
---
stdin:1:9-21: ERROR: system() is an unsafe function being used in safe mode
BEGIN { system("ls"); } kprobe:f { signal(9); }
        ~~~~~~~~~~~~
HINT: run it with --unsafe
stdin:1:36-45: ERROR: signal() is an unsafe function being used in safe mode
BEGIN { system("ls"); } kprobe:f { signal(9); }
                                   ~~~~~~~~~
HINT: run it with --unsafe

=== unsafe: unsafe functions
BEGIN { system("ls %s", comm); } kprobe:f { signal("KILL"); }
---


=== unsafe: a signal for nobody
BEGIN { signal("KILL"); }
---
stdin:1:9-23: ERROR: signal can not be used with "begin" probes
BEGIN { signal("KILL"); }
        ~~~~~~~~~~~~~~

=== errors, signals and flags of open() by name, whatever is included
#include <errno.h>
BEGIN { static_assert(EPERM == 1, "errno.h"); static_assert(SIGKILL == 9, "signal.h"); @a = O_CREAT; @b = ETIMEDOUT; }
---
@a: int64
@b: int64

=== constants of the kernel
BEGIN { @a = AF_INET; @b = AF_INET6; @c = TASK_RUNNING; @d = TCP_CLOSE; }
---
@a: int64
@b: int64
@c: int64
@d: int64

=== a constant that is mistyped
BEGIN { @a = AF_INET7; }
---
stdin:1:14-22: ERROR: Unknown identifier: 'AF_INET7'
BEGIN { @a = AF_INET7; }
             ~~~~~~~~
HINT: did you mean 'AF_INET'?

=== the own definition wins
#define AF_INET 77
BEGIN { if (AF_INET == 77) { @a = "own"; } }
---
@a: string[4]

=== enumerators
enum colour { RED, GREEN = 5, BLUE }; BEGIN { @a = BLUE; @b = (enum colour)1; @c = RED + 1; @d[GREEN] = 1; }
---
@a: enum colour
@b: enum colour
@c: uint64
@d[enum colour]: int64

=== an enumerator that is mistyped
enum colour { RED, GREEN = 5, BLUE }; BEGIN { @a = GREEM; }
---
stdin:1:52-57: ERROR: Unknown identifier: 'GREEM'
enum colour { RED, GREEN = 5, BLUE }; BEGIN { @a = GREEM; }
                                                   ~~~~~
HINT: did you mean 'GREEN'?

=== numbers of arguments
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
---
stdin:1:9-17: ERROR: printf() requires at least one argument (0 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
        ~~~~~~~~
stdin:1:19-26: ERROR: print() requires at least one argument (0 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                  ~~~~~~~
stdin:1:28-35: ERROR: clear() requires one argument (0 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                           ~~~~~~~
stdin:1:37-47: ERROR: exit() takes up to one argument (2 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                    ~~~~~~~~~~
stdin:1:49-59: ERROR: time() takes up to one argument (2 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                                ~~~~~~~~~~
stdin:1:61-69: ERROR: strlen() requires one argument (0 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                                            ~~~~~~~~
stdin:1:71-83: ERROR: strlen() requires one argument (2 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                                                      ~~~~~~~~~~~~
stdin:1:85-91: ERROR: ntop() requires at least one argument (0 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                                                                    ~~~~~~
stdin:1:93-104: ERROR: has_key() requires 2 arguments (1 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                                                                            ~~~~~~~~~~~
stdin:1:101-103: ERROR: Undefined map: @x
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                                                                                    ~~
stdin:1:106-117: ERROR: zero() requires one argument (2 provided)
BEGIN { printf(); print(); clear(); exit(1, 2); time(1, 2); strlen(); strlen(1, 2); ntop(); has_key(@x); zero(@x, 1); }
                                                                                                         ~~~~~~~~~~~

=== aggregates: numbers of arguments
BEGIN { @a = count(1); @b = sum(); @c = hist(); @d = hist(1, 2, 3); @e = lhist(1); }
---
stdin:1:14-22: ERROR: count() requires no arguments (1 provided)
BEGIN { @a = count(1); @b = sum(); @c = hist(); @d = hist(1, 2, 3); @e = lhist(1); }
             ~~~~~~~~
stdin:1:29-34: ERROR: sum() requires one argument (0 provided)
BEGIN { @a = count(1); @b = sum(); @c = hist(); @d = hist(1, 2, 3); @e = lhist(1); }
                            ~~~~~
stdin:1:41-47: ERROR: hist() requires at least one argument (0 provided)
BEGIN { @a = count(1); @b = sum(); @c = hist(); @d = hist(1, 2, 3); @e = lhist(1); }
                                        ~~~~~~
stdin:1:54-67: ERROR: hist() takes up to 2 arguments (3 provided)
BEGIN { @a = count(1); @b = sum(); @c = hist(); @d = hist(1, 2, 3); @e = lhist(1); }
                                                     ~~~~~~~~~~~~~
stdin:1:74-82: ERROR: lhist() requires 4 arguments (1 provided)
BEGIN { @a = count(1); @b = sum(); @c = hist(); @d = hist(1, 2, 3); @e = lhist(1); }
                                                                         ~~~~~~~~

=== aggregates belong to maps
BEGIN { count(); $x = sum(1); print(hist(1)); @x[min(1)] = 1; @y = avg(1) + 1; @z = (stats(1), 2); }
---
stdin:1:9-16: ERROR: count() must be assigned directly to a map
BEGIN { count(); $x = sum(1); print(hist(1)); @x[min(1)] = 1; @y = avg(1) + 1; @z = (stats(1), 2); }
        ~~~~~~~
stdin:1:23-29: ERROR: sum() must be assigned directly to a map
BEGIN { count(); $x = sum(1); print(hist(1)); @x[min(1)] = 1; @y = avg(1) + 1; @z = (stats(1), 2); }
                      ~~~~~~
stdin:1:37-44: ERROR: hist() must be assigned directly to a map
BEGIN { count(); $x = sum(1); print(hist(1)); @x[min(1)] = 1; @y = avg(1) + 1; @z = (stats(1), 2); }
                                    ~~~~~~~
stdin:1:50-56: ERROR: min() must be assigned directly to a map
BEGIN { count(); $x = sum(1); print(hist(1)); @x[min(1)] = 1; @y = avg(1) + 1; @z = (stats(1), 2); }
                                                 ~~~~~~
stdin:1:68-74: ERROR: avg() must be assigned directly to a map
BEGIN { count(); $x = sum(1); print(hist(1)); @x[min(1)] = 1; @y = avg(1) + 1; @z = (stats(1), 2); }
                                                                   ~~~~~~
stdin:1:86-94: ERROR: stats() must be assigned directly to a map
BEGIN { count(); $x = sum(1); print(hist(1)); @x[min(1)] = 1; @y = avg(1) + 1; @z = (stats(1), 2); }
                                                                                     ~~~~~~~~

=== aggregates in a condition
BEGIN { if (count()) { } @x = 1 == 1 ? count() : 0; }
---
stdin:1:13-20: ERROR: count() must be assigned directly to a map
BEGIN { if (count()) { } @x = 1 == 1 ? count() : 0; }
            ~~~~~~~
stdin:1:40-47: ERROR: count() must be assigned directly to a map
BEGIN { if (count()) { } @x = 1 == 1 ? count() : 0; }
                                       ~~~~~~~

=== arguments of aggregates
BEGIN { @a = sum("a"); @b = hist(comm); @c = lhist(1, 0, pid, 1); @d = lhist("a", 0, 10, 1); @e = min(kstack); }
---
stdin:1:14-22: ERROR: sum() only supports integer arguments (string provided)
BEGIN { @a = sum("a"); @b = hist(comm); @c = lhist(1, 0, pid, 1); @d = lhist("a", 0, 10, 1); @e = min(kstack); }
             ~~~~~~~~
stdin:1:29-39: ERROR: hist() only supports integer arguments (string provided)
BEGIN { @a = sum("a"); @b = hist(comm); @c = lhist(1, 0, pid, 1); @d = lhist("a", 0, 10, 1); @e = min(kstack); }
                            ~~~~~~~~~~
stdin:1:46-65: ERROR: lhist() expects a integer literal (integer provided)
BEGIN { @a = sum("a"); @b = hist(comm); @c = lhist(1, 0, pid, 1); @d = lhist("a", 0, 10, 1); @e = min(kstack); }
                                             ~~~~~~~~~~~~~~~~~~~
stdin:1:72-92: ERROR: lhist() only supports integer arguments (string provided)
BEGIN { @a = sum("a"); @b = hist(comm); @c = lhist(1, 0, pid, 1); @d = lhist("a", 0, 10, 1); @e = min(kstack); }
                                                                       ~~~~~~~~~~~~~~~~~~~~
stdin:1:99-110: ERROR: min() only supports integer arguments (kstack provided)
BEGIN { @a = sum("a"); @b = hist(comm); @c = lhist(1, 0, pid, 1); @d = lhist("a", 0, 10, 1); @e = min(kstack); }
                                                                                                  ~~~~~~~~~~~

=== limits of aggregates
BEGIN { @a = lhist(1, 0, 10, 0); @b = lhist(1, 20, 10, 1); @c = lhist(1, 0, 1000000, 1); @d = hist(1, 9); }
---
stdin:1:14-32: ERROR: lhist() step must be >= 1 (0 provided)
BEGIN { @a = lhist(1, 0, 10, 0); @b = lhist(1, 20, 10, 1); @c = lhist(1, 0, 1000000, 1); @d = hist(1, 9); }
             ~~~~~~~~~~~~~~~~~~
stdin:1:39-58: ERROR: lhist() min must be less than max (provided min 20 and max 10)
BEGIN { @a = lhist(1, 0, 10, 0); @b = lhist(1, 20, 10, 1); @c = lhist(1, 0, 1000000, 1); @d = hist(1, 9); }
                                      ~~~~~~~~~~~~~~~~~~~
stdin:1:65-88: ERROR: lhist() too many buckets, must be <= 1000 (would need 1000000)
BEGIN { @a = lhist(1, 0, 10, 0); @b = lhist(1, 20, 10, 1); @c = lhist(1, 0, 1000000, 1); @d = hist(1, 9); }
                                                                ~~~~~~~~~~~~~~~~~~~~~~~
stdin:1:95-105: ERROR: hist: bits 9 must be 0..5
BEGIN { @a = lhist(1, 0, 10, 0); @b = lhist(1, 20, 10, 1); @c = lhist(1, 0, 1000000, 1); @d = hist(1, 9); }
                                                                                              ~~~~~~~~~~

=== computed limits are known before the program runs
BEGIN { @a = lhist(1, 0, 60 * 1000, 10 * 1000); @b = hist(1, 2 + 1); }
---
@a: lhist_t
@b: hist_t

=== statements are no values
BEGIN { $x = printf("a"); @x = print(1); print(exit()); @y[clear(@x)] = 1; if (printf("a")) { } }
---
stdin:1:14-25: ERROR: printf() should not be used in an assignment or as a map key
BEGIN { $x = printf("a"); @x = print(1); print(exit()); @y[clear(@x)] = 1; if (printf("a")) { } }
             ~~~~~~~~~~~
stdin:1:32-40: ERROR: print() should not be used in an assignment or as a map key
BEGIN { $x = printf("a"); @x = print(1); print(exit()); @y[clear(@x)] = 1; if (printf("a")) { } }
                               ~~~~~~~~
stdin:1:48-54: ERROR: exit() should not be used in an assignment or as a map key
BEGIN { $x = printf("a"); @x = print(1); print(exit()); @y[clear(@x)] = 1; if (printf("a")) { } }
                                               ~~~~~~
stdin:1:60-69: ERROR: clear() should not be used in an assignment or as a map key
BEGIN { $x = printf("a"); @x = print(1); print(exit()); @y[clear(@x)] = 1; if (printf("a")) { } }
                                                           ~~~~~~~~~
stdin:1:80-91: ERROR: printf() should not be used in an assignment or as a map key
BEGIN { $x = printf("a"); @x = print(1); print(exit()); @y[clear(@x)] = 1; if (printf("a")) { } }
                                                                               ~~~~~~~~~~~

=== printf counts
BEGIN { printf("%d %d", 1); printf("%d", 1, 2); printf("a", 1); }
---
stdin:1:9-27: ERROR: printf: Not enough arguments for format string (1 supplied, 2 expected)
BEGIN { printf("%d %d", 1); printf("%d", 1, 2); printf("a", 1); }
        ~~~~~~~~~~~~~~~~~~
stdin:1:29-47: ERROR: printf: Too many arguments for format string (2 supplied, 1 expected)
BEGIN { printf("%d %d", 1); printf("%d", 1, 2); printf("a", 1); }
                            ~~~~~~~~~~~~~~~~~~
stdin:1:49-63: ERROR: printf: Too many arguments for format string (1 supplied, 0 expected)
BEGIN { printf("%d %d", 1); printf("%d", 1, 2); printf("a", 1); }
                                                ~~~~~~~~~~~~~~

=== printf looks at types
BEGIN { printf("%d", "a"); printf("%s", 1); printf("%d", kstack); printf("%c %x %p %lld", 65, 1, 2, 3); }
---
stdin:1:9-26: ERROR: printf: %d specifier expects a value of type integer (string supplied)
BEGIN { printf("%d", "a"); printf("%s", 1); printf("%d", kstack); printf("%c %x %p %lld", 65, 1, 2, 3); }
        ~~~~~~~~~~~~~~~~~
stdin:1:45-65: ERROR: printf: %d specifier expects a value of type integer (kstack supplied)
BEGIN { printf("%d", "a"); printf("%s", 1); printf("%d", kstack); printf("%c %x %p %lld", 65, 1, 2, 3); }
                                            ~~~~~~~~~~~~~~~~~~~~

=== printf wants its format in the program
BEGIN { printf(comm); printf(1); }
---
stdin:1:9-21: ERROR: printf() expects a string literal (string provided)
BEGIN { printf(comm); printf(1); }
        ~~~~~~~~~~~~
stdin:1:23-32: ERROR: printf() expects a string literal (integer provided)
BEGIN { printf(comm); printf(1); }
                      ~~~~~~~~~

=== printf of counts
BEGIN { @x = count(); @y = sum(1); printf("%d %d", @x, @y); }
---
@x: count_t
@y: sum_t

=== print of anything
BEGIN { print(1); print("a"); print((1, "a")); print(kstack); @x = hist(1); print(@x); @y[1] = count(); print(@y); print(@y[1]); print(@y, 5); print(@y, 5, 2); }
---
@x: hist_t
@y[int64]: count_t

=== print of too much
BEGIN { @y[1] = count(); print(@y[1], 5); print(1, 2); print(@y, pid); print(@y, -1); }
---
stdin:1:26-41: ERROR: Single-value (i.e. indexed) map prints cannot take additional arguments.
BEGIN { @y[1] = count(); print(@y[1], 5); print(1, 2); print(@y, pid); print(@y, -1); }
                         ~~~~~~~~~~~~~~~
stdin:1:43-54: ERROR: Non-map print() only takes 1 argument, 2 found
BEGIN { @y[1] = count(); print(@y[1], 5); print(1, 2); print(@y, pid); print(@y, -1); }
                                          ~~~~~~~~~~~
stdin:1:56-70: ERROR: print() expects a integer literal (integer provided)
BEGIN { @y[1] = count(); print(@y[1], 5); print(1, 2); print(@y, pid); print(@y, -1); }
                                                       ~~~~~~~~~~~~~~
stdin:1:72-85: ERROR: print() expects a positive number (-1 provided)
BEGIN { @y[1] = count(); print(@y[1], 5); print(1, 2); print(@y, pid); print(@y, -1); }
                                                                       ~~~~~~~~~~~~~

=== clear, zero, len want maps
BEGIN { clear(1); zero(comm); print(len(1)); clear(@x); }
---
stdin:1:9-17: ERROR: clear() expects a map to be provided
BEGIN { clear(1); zero(comm); print(len(1)); clear(@x); }
        ~~~~~~~~
stdin:1:19-29: ERROR: zero() expects a map to be provided
BEGIN { clear(1); zero(comm); print(len(1)); clear(@x); }
                  ~~~~~~~~~~
stdin:1:37-43: ERROR: len() expects a map or stack to be provided
BEGIN { clear(1); zero(comm); print(len(1)); clear(@x); }
                                    ~~~~~~
stdin:1:52-54: ERROR: Undefined map: @x
BEGIN { clear(1); zero(comm); print(len(1)); clear(@x); }
                                                   ~~

=== delete in all its forms
BEGIN { @a[1] = 1; @b[1, "a"] = 1; @c = 1; delete(@a, 1); delete(@a[1]); delete(@b, (1, "a")); delete(@b[1, "a"]); delete(@c); if (delete(@a, 5)) { } }
---
@a[int64]: int64
@b[(int64,string[2])]: int64
@c: int64

=== delete of what cannot be
BEGIN { @a[1] = 1; delete(1); delete(@a); delete(@a, "x"); delete(@a["x"]); delete(@z, 1); }
---
stdin:1:20-29: ERROR: delete() expects a map to be provided
BEGIN { @a[1] = 1; delete(1); delete(@a); delete(@a, "x"); delete(@a["x"]); delete(@z, 1); }
                   ~~~~~~~~~
stdin:1:31-41: ERROR: delete() expects a map with a key to delete: delete(@a, key)
BEGIN { @a[1] = 1; delete(1); delete(@a); delete(@a, "x"); delete(@a["x"]); delete(@z, 1); }
                              ~~~~~~~~~~
stdin:1:50-52: ERROR: Argument mismatch for @a: trying to access with arguments: 'string[2]' when map expects arguments: 'int64'
BEGIN { @a[1] = 1; delete(1); delete(@a); delete(@a, "x"); delete(@a["x"]); delete(@z, 1); }
                                                 ~~
stdin:1:67-74: ERROR: Argument mismatch for @a: trying to access with arguments: 'string[2]' when map expects arguments: 'int64'
BEGIN { @a[1] = 1; delete(1); delete(@a); delete(@a, "x"); delete(@a["x"]); delete(@z, 1); }
                                                                  ~~~~~~~
stdin:1:84-86: ERROR: Undefined map: @z
BEGIN { @a[1] = 1; delete(1); delete(@a); delete(@a, "x"); delete(@a["x"]); delete(@z, 1); }
                                                                                   ~~

=== has_key and find
BEGIN { @a[1] = "x"; if (has_key(@a, 1)) { } if (find(@a, 1, $v)) { print($v); @b = $v; } has_key(@a, comm); }
---
stdin:1:99-101: ERROR: Argument mismatch for @a: trying to access with arguments: 'string[16]' when map expects arguments: 'int64'
BEGIN { @a[1] = "x"; if (has_key(@a, 1)) { } if (find(@a, 1, $v)) { print($v); @b = $v; } has_key(@a, comm); }
                                                                                                  ~~

=== strings
BEGIN { @a = strlen(comm); @b = strncmp(comm, "a", 1); @c = strcontains(comm, "b"); @d = str("abc"); }
---
@a: uint64
@b: uint64
@c: bool
@d: string[1025]

=== str of something else
BEGIN { $x = str(kstack); $y = str((1, 2)); }
---
stdin:1:14-25: ERROR: str() expects an integer or a pointer type as first argument
BEGIN { $x = str(kstack); $y = str((1, 2)); }
             ~~~~~~~~~~~
stdin:1:32-43: ERROR: str() expects an integer or a pointer type as first argument
BEGIN { $x = str(kstack); $y = str((1, 2)); }
                               ~~~~~~~~~~~

=== buf wants a length
kprobe:f { $x = buf(arg0); @ = buf(arg0, 5); $y = buf(arg1, arg2); }
---
stdin:1:17-26: ERROR: Length argument is required for non-array buf()
kprobe:f { $x = buf(arg0); @ = buf(arg0, 5); $y = buf(arg1, arg2); }
                ~~~~~~~~~

=== time and strftime
BEGIN { time(); time("%H"); time(1); print(strftime("%H", nsecs)); print(strftime(1, 2)); print(strftime("%H")); }
---
stdin:1:29-36: ERROR: time() expects a string literal (integer provided)
BEGIN { time(); time("%H"); time(1); print(strftime("%H", nsecs)); print(strftime(1, 2)); print(strftime("%H")); }
                            ~~~~~~~
stdin:1:74-88: ERROR: strftime() expects a string literal (integer provided)
BEGIN { time(); time("%H"); time(1); print(strftime("%H", nsecs)); print(strftime(1, 2)); print(strftime("%H")); }
                                                                         ~~~~~~~~~~~~~~
stdin:1:97-111: ERROR: strftime() requires 2 arguments (1 provided)
BEGIN { time(); time("%H"); time(1); print(strftime("%H", nsecs)); print(strftime(1, 2)); print(strftime("%H")); }
                                                                                                ~~~~~~~~~~~~~~

=== ntop and friends
BEGIN { print(ntop(1)); print(ntop(AF_INET, 1)); print(ntop("a")); print(pton("127.0.0.1")); print(pton("abc")); print(bswap((uint16)1)); print(bswap("a")); }
---
stdin:1:56-65: ERROR: ntop() argument must be 4 or 16 bytes in size
BEGIN { print(ntop(1)); print(ntop(AF_INET, 1)); print(ntop("a")); print(pton("127.0.0.1")); print(pton("abc")); print(bswap((uint16)1)); print(bswap("a")); }
                                                       ~~~~~~~~~
stdin:1:100-111: ERROR: pton() expects an valid IPv4 address, got abc
BEGIN { print(ntop(1)); print(ntop(AF_INET, 1)); print(ntop("a")); print(pton("127.0.0.1")); print(pton("abc")); print(bswap((uint16)1)); print(bswap("a")); }
                                                                                                   ~~~~~~~~~~~
stdin:1:145-155: ERROR: bswap() only supports integer arguments (string provided)
BEGIN { print(ntop(1)); print(ntop(AF_INET, 1)); print(ntop("a")); print(pton("127.0.0.1")); print(pton("abc")); print(bswap((uint16)1)); print(bswap("a")); }
                                                                                                                                                ~~~~~~~~~~

=== ksym, usym, kaddr
kprobe:f { @[ksym(arg0)] = count(); @u[usym(arg0)] = count(); print(kaddr("a")); print(kaddr(comm)); print(*kaddr("avenrun")); }
---
stdin:1:88-99: ERROR: kaddr() expects a string literal (string provided)
kprobe:f { @[ksym(arg0)] = count(); @u[usym(arg0)] = count(); print(kaddr("a")); print(kaddr(comm)); print(*kaddr("avenrun")); }
                                                                                       ~~~~~~~~~~~

=== exit
BEGIN { exit(); exit(1); exit("a"); }
---
stdin:1:26-35: ERROR: exit() only supports integer arguments (string provided)
BEGIN { exit(); exit(1); exit("a"); }
                         ~~~~~~~~~

=== words that are arguments mean nothing elsewhere
BEGIN { print(boot); print(strlen(perf)); }
---
stdin:1:15-19: ERROR: Unknown identifier: 'boot'
BEGIN { print(boot); print(strlen(perf)); }
              ~~~~
stdin:1:35-39: ERROR: Unknown identifier: 'perf'
BEGIN { print(boot); print(strlen(perf)); }
                                  ~~~~

=== one mistake in several probes is one mistake
kprobe:a, kprobe:b, kprobe:c { print(fake); }
---
stdin:1:38-42: ERROR: Unknown identifier: 'fake'
kprobe:a, kprobe:b, kprobe:c { print(fake); }
                                     ~~~~

=== a mistake only at the second probe
kprobe:a, kretprobe:b, kprobe:c { print(arg0); }
---
stdin:1:41-45: ERROR: The arg0 builtin can only be used with 'kprobes', 'uprobes' and 'usdt' probes
kprobe:a, kretprobe:b, kprobe:c { print(arg0); }
                                        ~~~~

=== several mistakes
BEGIN { print(fake1); prinf("a"); $x = "a" + 1; print($y); } END { print(@undefined); break; }
---
stdin:1:15-20: ERROR: Unknown identifier: 'fake1'
BEGIN { print(fake1); prinf("a"); $x = "a" + 1; print($y); } END { print(@undefined); break; }
              ~~~~~
stdin:1:23-33: ERROR: Unknown function: 'prinf'
BEGIN { print(fake1); prinf("a"); $x = "a" + 1; print($y); } END { print(@undefined); break; }
                      ~~~~~~~~~~
HINT: did you mean 'printf'?
stdin:1:40-47: ERROR: Type mismatch for '+': comparing 'string[2]' with 'int64'
BEGIN { print(fake1); prinf("a"); $x = "a" + 1; print($y); } END { print(@undefined); break; }
                                       ~~~~~~~
stdin:1:55-57: ERROR: Undefined or undeclared variable: $y
BEGIN { print(fake1); prinf("a"); $x = "a" + 1; print($y); } END { print(@undefined); break; }
                                                      ~~
stdin:1:74-84: ERROR: Undefined map: @undefined
BEGIN { print(fake1); prinf("a"); $x = "a" + 1; print($y); } END { print(@undefined); break; }
                                                                         ~~~~~~~~~~
stdin:1:87-92: ERROR: break used outside of a loop
BEGIN { print(fake1); prinf("a"); $x = "a" + 1; print($y); } END { print(@undefined); break; }
                                                                                      ~~~~~

=== no follow-ups
BEGIN { $x = fake; $y = $x + 1; @a = $y; @b[$x] = @a; print(@b[1]); printf("%d", $y); if ($x) { } delete(@b, $y); }
---
stdin:1:14-18: ERROR: Unknown identifier: 'fake'
BEGIN { $x = fake; $y = $x + 1; @a = $y; @b[$x] = @a; print(@b[1]); printf("%d", $y); if ($x) { } delete(@b, $y); }
             ~~~~

=== what only print() can show
BEGIN { @h = hist(1); @l = lhist(1, 0, 9, 1); @s = stats(1); printf("%d", @h); printf("%s", @l); printf("%d", @s); }
---
stdin:1:62-78: ERROR: printf: %d specifier expects a value of type integer (hist_t supplied)
BEGIN { @h = hist(1); @l = lhist(1, 0, 9, 1); @s = stats(1); printf("%d", @h); printf("%s", @l); printf("%d", @s); }
                                                             ~~~~~~~~~~~~~~~~
HINT: print() shows it: print(@h)
stdin:1:80-96: ERROR: printf: %s specifier expects a value of type string (lhist_t supplied)
BEGIN { @h = hist(1); @l = lhist(1, 0, 9, 1); @s = stats(1); printf("%d", @h); printf("%s", @l); printf("%d", @s); }
                                                                               ~~~~~~~~~~~~~~~~
HINT: print() shows it: print(@l)
stdin:1:98-114: ERROR: printf: %d specifier expects a value of type integer (stats_t supplied)
BEGIN { @h = hist(1); @l = lhist(1, 0, 9, 1); @s = stats(1); printf("%d", @h); printf("%s", @l); printf("%d", @s); }
                                                                                                 ~~~~~~~~~~~~~~~~
HINT: print() shows it: print(@s)

=== a kernel function is a ksym, a program's is its name
kprobe:f { @a[func] = count(); @a[ksym(arg0)] = count(); } uprobe:a:f { @b[func] = count(); }
---
@a[ksym_t]: count_t
@b[string[1024]]: count_t

=== container_of
struct foo { int a; int b; } kprobe:f { $f = container_of(arg0, struct foo, b); @ = $f->a; @n = container_of("x", struct foo, b); }
---
stdin:1:97-129: ERROR: container_of() expects a pointer (string provided)
struct foo { int a; int b; } kprobe:f { $f = container_of(arg0, struct foo, b); @ = $f->a; @n = container_of("x", struct foo, b); }
                                                                                                ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

=== print of stats takes all of them
BEGIN { @[1] = stats(1); print(@, 5, 2); }
---
stdin:1:26-40: WARNING: print()'s top and div arguments are ignored when used on stats() maps.
BEGIN { @[1] = stats(1); print(@, 5, 2); }
                         ~~~~~~~~~~~~~~
@[int64]: stats_t

=== container_of of no struct
BEGIN { print(container_of(5, uint64, a)); print(container_of()); }
---
stdin:1:15-41: ERROR: container_of() takes a pointer, a struct and one of its members: container_of($p, struct foo, a)
BEGIN { print(container_of(5, uint64, a)); print(container_of()); }
              ~~~~~~~~~~~~~~~~~~~~~~~~~~
stdin:1:50-64: ERROR: container_of() takes a pointer, a struct and one of its members: container_of($p, struct foo, a)
BEGIN { print(container_of(5, uint64, a)); print(container_of()); }
                                                 ~~~~~~~~~~~~~~

=== what a raw tracepoint is called with
rawtracepoint:sched_switch { print(arg0); }
---
stdin:1:36-40: ERROR: arg0 cannot be had at a rawtracepoint: no record carries what it is called with. Its event has fields: tracepoint:CATEGORY:NAME, args.FIELD
rawtracepoint:sched_switch { print(arg0); }
                                   ~~~~

=== addresses of a hardware that are none
BEGIN { print(macaddr("abcde")); print(macaddr(buf("abcdefgh", 7))); print(macaddr(buf("abcdef", 6))); }
---
stdin:1:15-31: ERROR: macaddr() does not support literal string arguments
BEGIN { print(macaddr("abcde")); print(macaddr(buf("abcdefgh", 7))); print(macaddr(buf("abcdef", 6))); }
              ~~~~~~~~~~~~~~~~
stdin:1:40-67: ERROR: macaddr() argument must be 6 bytes in size
BEGIN { print(macaddr("abcde")); print(macaddr(buf("abcdefgh", 7))); print(macaddr(buf("abcdef", 6))); }
                                       ~~~~~~~~~~~~~~~~~~~~~~~~~~~

=== what waits for itself has no type
BEGIN { @b[ksym(has_key(@b, 1))] = 1; }
---
stdin:1:17-31: ERROR: The types of what has_key() is given cannot be known
BEGIN { @b[ksym(has_key(@b, 1))] = 1; }
                ~~~~~~~~~~~~~~
