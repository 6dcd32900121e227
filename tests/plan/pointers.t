=== a string behind a pointer from the entry is read at the entry
tracepoint:x:enter { @filename[tid] = args.filename; }
tracepoint:x:exit /@filename[tid]/ { printf("%s\n", str(@filename[tid])); delete(@filename, tid); }
---
tracepoint:x:enter
	#0 filename = $filename:x64
	#1 str_filename = +u0($filename):ustring, cut at 1024
	(what @filename points to is read here, for where it is used)
	{ @filename[tid] = capture(0); @filename_read1[tid] = capture(1); }
tracepoint:x:exit
	(what @filename holds is read where it comes from, and kept in @filename_read1)
	/@filename[tid]/
	{ printf("%s\n", @filename_read1[tid]); delete(@filename, tid); _ = delete(@filename_read1, tid); }

=== at the exit of a system call, through its own argument, where the kernel can give that
tracepoint:syscalls:sys_enter_openat, tracepoint:syscalls:sys_enter_open { @f[tid] = args.filename; }
tracepoint:syscalls:sys_exit_openat, tracepoint:syscalls:sys_exit_open / @f[tid] / { print(str(@f[tid])); delete(@f, tid); }
---
tracepoint:syscalls:sys_enter_openat
	#0 filename = $filename:x64
	#1 str_filename = +u0($filename):ustring, cut at 1024
	(what @f points to is read here, for where it is used)
	{ @f[tid] = capture(0); @f_read1[tid] = capture(1); }
tracepoint:syscalls:sys_enter_open
	#0 filename = $filename:x64
	#1 str_filename = +u0($filename):ustring, cut at 1024
	(what @f points to is read here, for where it is used)
	{ @f[tid] = capture(0); @f_read1[tid] = capture(1); }
tracepoint:syscalls:sys_exit_openat
	#0 filename = $entry.filename:x64
	#1 str_filename = +u0($entry.filename):ustring, cut at 1024
	(what @f holds is read where it comes from, and kept in @f_read1)
	(when @f holds an argument of this call, what it points to is read here)
	/@f[tid]/
	{ print(@f[tid] == capture(0) ? capture(1) : @f_read1[tid]); delete(@f, tid); _ = delete(@f_read1, tid); }
tracepoint:syscalls:sys_exit_open
	(what @f holds is read where it comes from, and kept in @f_read1)
	/@f[tid]/
	{ print(@f_read1[tid]); delete(@f, tid); _ = delete(@f_read1, tid); }

=== through a variable, and after the entry is gone
tracepoint:x:enter { @t[tid] = args.rqtp; }
tracepoint:x:exit { $t = @t[tid]; delete(@t[tid]); printf("%d.%d\n", $t->tv_sec, $t->tv_nsec); }
---
tracepoint:x:enter
	#0 rqtp = $rqtp:x64
	#1 tv_nsec = +u8($rqtp):s64
	#2 tv_sec = +u0($rqtp):s64
	(what @t points to is read here, for where it is used)
	{ @t[tid] = capture(0); @t_read2[tid] = capture(1); @t_read1[tid] = capture(2); }
tracepoint:x:exit
	(what @t holds is read where it comes from, and kept in @t_read1)
	(what @t holds is read where it comes from, and kept in @t_read2)
	{ $t = @t[tid]; $t_read2 = @t_read2[tid]; $t_read1 = @t_read1[tid]; delete(@t[tid]); _ = delete(@t_read2[tid]); _ = delete(@t_read1[tid]); printf("%d.%d\n", $t_read1, $t_read2); }

=== through a variable of a variable
struct s { int64 n; struct s *next; }
uprobe:/bin/app:f { @p[tid] = (struct s *)arg0; }
uretprobe:/bin/app:f { $p = @p[tid]; $n = $p->next; delete(@p[tid]); print($p->n); print($n->n); $p = $n->next; print($p->n); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 f_n = +0(+8(+8($arg1))):s64
	#2 next = +8(+8($arg1)):x64
	#3 f_n_2 = +0(+8($arg1)):s64
	#4 f_n_3 = +0($arg1):s64
	#5 next_2 = +8($arg1):x64
	(what @p points to is read here, for where it is used)
	{ @p[tid] = (struct s*)capture(0); @p_read5[tid] = capture(1); @p_read4[tid] = capture(2); @p_read3[tid] = capture(3); @p_read2[tid] = capture(4); @p_read1[tid] = capture(5); }
uretprobe:/bin/app:f
	(what @p holds is read where it comes from, and kept in @p_read1)
	(what @p holds is read where it comes from, and kept in @p_read2)
	(what @p holds is read where it comes from, and kept in @p_read3)
	(what @p holds is read where it comes from, and kept in @p_read4)
	(what @p holds is read where it comes from, and kept in @p_read5)
	{ $p.2 = @p[tid]; $p.2_read8 = @p_read5[tid]; $p.2_read7 = @p_read4[tid]; $p.2_read6 = @p_read3[tid]; $p.2_read5 = @p_read2[tid]; $p.2_read4 = @p_read1[tid]; $n = $p.2_read4; delete(@p[tid]); _ = delete(@p_read5[tid]); _ = delete(@p_read4[tid]); _ = delete(@p_read3[tid]); _ = delete(@p_read2[tid]); _ = delete(@p_read1[tid]); print($p.2_read5); print($p.2_read6); $p.3 = $p.2_read7; print($p.2_read8); }

=== set back to 0
uprobe:/bin/app:f { @p[tid] = arg0; }
uretprobe:/bin/app:f { print(str(@p[tid])); @p[tid] = 0; }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 str_arg0 = +0($arg1):string, cut at 1024
	(what @p points to is read here, for where it is used)
	{ @p[tid] = capture(0); @p_read1[tid] = capture(1); }
uretprobe:/bin/app:f
	(what @p holds is read where it comes from, and kept in @p_read1)
	{ print(@p_read1[tid]); @p[tid] = 0; _ = delete(@p_read1[tid]); }

=== cleared
uprobe:/bin/app:f { @p = arg0; }
uretprobe:/bin/app:f { print(str(@p)); clear(@p); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 str_arg0 = +0($arg1):string, cut at 1024
	(what @p points to is read here, for where it is used)
	{ @p = capture(0); @p_read1 = capture(1); }
uretprobe:/bin/app:f
	(what @p holds is read where it comes from, and kept in @p_read1)
	{ print(@p_read1); clear(@p); _ = clear(@p_read1); }

=== a length that only the return knows: what is there then cannot be had
uprobe:/bin/app:read { @buf[tid] = arg1; }
uretprobe:/bin/app:read { print(str(@buf[tid], retval)); }
---
stdin:2:33-55: ERROR: the string cannot be read here: the kernel cannot follow a pointer from another event
uretprobe:/bin/app:read { print(str(@buf[tid], retval)); }
                                ~~~~~~~~~~~~~~~~~~~~~~
HINT: read what it points to where the pointer comes from, and keep that in the map

=== a map that holds anything else
uprobe:/bin/app:f { @p[tid] = arg0; }
uprobe:/bin/app:g { @p[tid] = (uint64)@q; @q++; }
uretprobe:/bin/app:f { print(str(@p[tid])); }
---
stdin:3:30-42: ERROR: the string cannot be read here: the kernel cannot follow a pointer from another event
uretprobe:/bin/app:f { print(str(@p[tid])); }
                             ~~~~~~~~~~~~
HINT: read what it points to where the pointer comes from, and keep that in the map

=== one of several pointers is compared with each
uprobe:/bin/app:f { let $p = arg0; if (arg1) { $p = arg2; } print(str($p)); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	#2 arg2 = $arg3:u64
	#3 str_arg2 = +0($arg3):string, cut at 1024
	#4 str_arg0 = +0($arg1):string, cut at 1024
	{ $p.1 = capture(0); if capture(1) { $p.2 = capture(2); $p.3 = $p.2; } else { $p.3 = $p.1; }; print($p.3 == capture(2) ? capture(3) : $p.3 == capture(0) ? capture(4) : ""); }

=== so is what a ternary gives, and 0 is none of them
struct s { int64 n; struct s *next; }
uprobe:/bin/app:f { $p = (struct s *)arg0; $q = arg1 ? $p->next : (struct s *)0; print($q->n); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	#2 next = +8($arg1):x64
	#3 f_n = +0(+8($arg1)):s64
	{ $p = (struct s*)capture(0); $q = capture(1) ? capture(2) : (struct s*)0; print($q == capture(2) ? capture(3) : 0); }

=== one pointer after another
struct s { int64 n; struct s *next; }
uprobe:/bin/app:f { $p = (struct s *)arg0; print($p->n); $p = $p->next; print($p->n); if (arg1) { print(str($p)); } }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 f_n = +0($arg1):s64
	#2 next = +8($arg1):x64
	#3 f_n_2 = +0(+8($arg1)):s64
	#4 arg1 = $arg2:u64
	#5 str_p_2 = +0(+8($arg1)):string, cut at 1024
	{ $p.1 = (struct s*)capture(0); print(capture(1)); $p.2 = capture(2); print(capture(3)); if capture(4) { print(capture(5)); }; }

=== a branch goes on from what was before it, and what follows has what either branch left
struct s { int64 n; struct s *next; }
uprobe:/bin/app:f { $p = (struct s *)arg0; if (arg1) { $p = $p->next; print($p->n); } else if (arg2) { $p++; } print($p->n); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	#2 next = +8($arg1):x64
	#3 f_n = +0(+8($arg1)):s64
	#4 arg2 = $arg3:u64
	#5 f_n_2 = +16($arg1):s64
	#6 f_n_3 = +0($arg1):s64
	{ $p.1 = (struct s*)capture(0); if capture(1) { $p.2 = capture(2); print(capture(3)); $p.5 = $p.2; } else { if capture(4) { $p.3 = $p.1 + 1; $p.4 = $p.3; } else { $p.4 = $p.1; }; $p.5 = $p.4; }; print($p.5 == capture(2) ? capture(3) : $p.5 == (struct s *)(struct s*)capture(0) + 1 ? capture(5) : $p.5 == (struct s*)capture(0) ? capture(6) : 0); }

=== a variable of an untaken branch is none of the pointers
uprobe:/bin/app:f { let $q; if (arg1) { $x = arg2; $q = $x; } print(str($q)); }
---
uprobe:/bin/app:f
	#0 arg1 = $arg2:u64
	#1 arg2 = $arg3:u64
	#2 str_arg2 = +0($arg3):string, cut at 1024
	{ let $q; if capture(0) { $x = capture(1); $q.2 = $x; $q.3 = $q.2; } else { $q.3 = $q; }; print($q.3 == capture(1) ? capture(2) : ""); }

=== given on and on
uprobe:/bin/app:f { let $p = arg0; if (arg1) { $p = arg2; } $q = $p; if (arg3) { $q = 0; } print(str($q)); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	#2 arg2 = $arg3:u64
	#3 arg3 = $arg4:u64
	#4 str_arg2 = +0($arg3):string, cut at 1024
	#5 str_arg0 = +0($arg1):string, cut at 1024
	{ $p.2 = capture(0); if capture(1) { $p.3 = capture(2); $p.4 = $p.3; } else { $p.4 = $p.2; }; $q.5 = $p.4; if capture(3) { $q.6 = 0; $q.7 = $q.6; } else { $q.7 = $q.5; }; print($q.7 == capture(2) ? capture(4) : $q.7 == capture(0) ? capture(5) : ""); }

=== given to each other in a loop
uprobe:/bin/app:f { $p = arg0; $q = arg1; while (arg2) { $t = $p; $p = $q; $q = $t; } print(str($q)); }
---
stdin:1:93-100: ERROR: the string cannot be read here: the kernel cannot follow a pointer that is chosen while the program runs
uprobe:/bin/app:f { $p = arg0; $q = arg1; while (arg2) { $t = $p; $p = $q; $q = $t; } print(str($q)); }
                                                                                            ~~~~~~~
HINT: give the variable its value once, or read through each of the pointers where it is known

=== a pointer that steps
uprobe:/bin/app:f { $p = (int32 *)arg0; $p++; $p += 2; print(*$p); $p--; print(*$p); $s = arg1; $s -= 8; print(str($s)); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 at_p_4 = +12($arg1):s32
	#2 at_p_5 = +8($arg1):s32
	#3 arg1 = $arg2:u64
	#4 str_s_7 = -8($arg2):string, cut at 1024
	{ $p.2 = (int32*)capture(0); $p.3 = $p.2 + 1; $p.4 = $p.3 + 2; print(capture(1)); $p.5 = $p.4 - 1; print(capture(2)); $s.6 = capture(3); $s.7 = $s.6 - 8; print(capture(4)); }

=== unroll is its block so many times
uprobe:/bin/app:f { $p = (int32 *)arg0; unroll(3) { let $n = *$p; print($n); $p++; } }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 at_p_2 = +0($arg1):s32
	#2 at_p_3 = +4($arg1):s32
	#3 at_p_4 = +8($arg1):s32
	{ $p.2 = (int32*)capture(0); let $n = capture(1); print($n); $p.3 = $p.2 + 1; let $n = capture(2); print($n); $p.4 = $p.3 + 1; let $n = capture(3); print($n); $p.5 = $p.4 + 1; }

=== not more often than the kernel has fetches
uprobe:/bin/app:f { $p = arg0; unroll(100) { unroll(100) { $p++; } $p++; } print(str($p)); }
---
stdin:1:82-89: ERROR: the string cannot be read here: the kernel cannot follow a pointer that is chosen while the program runs
uprobe:/bin/app:f { $p = arg0; unroll(100) { unroll(100) { $p++; } $p++; } print(str($p)); }
                                                                                 ~~~~~~~
HINT: give the variable its value once, or read through each of the pointers where it is known

=== a pointer in a tuple is the one that was put there
struct s { int64 n; struct s *next; }
uprobe:/bin/app:f { $t = ((struct s *)arg0, 5); print($t.0->next->n); $r = (p=arg1, n=2); print(str($r.p)); print($t.1); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 f_n = +0(+8($arg1)):s64
	#2 arg1 = $arg2:u64
	#3 str_p = +0($arg2):string, cut at 1024
	{ $t = ((struct s*)capture(0), 5); print(capture(1)); $r = (p=capture(2), n=2); print(capture(3)); print($t.1); }

=== unless it came from elsewhere
uprobe:/bin/app:f { @t = (arg0, 5); $t = (arg0, 1); $t.0 = arg1; print(str($t.0)); }
uretprobe:/bin/app:f { print(str(@t.0)); }
---
stdin:1:72-81: ERROR: the string cannot be read here: the kernel cannot follow a pointer that is kept in a tuple
uprobe:/bin/app:f { @t = (arg0, 5); $t = (arg0, 1); $t.0 = arg1; print(str($t.0)); }
                                                                       ~~~~~~~~~
HINT: keep the pointer alone, in a variable or a map of its own
stdin:2:30-39: ERROR: the string cannot be read here: the kernel cannot follow a pointer that is kept in a tuple
uretprobe:/bin/app:f { print(str(@t.0)); }
                             ~~~~~~~~~
HINT: keep the pointer alone, in a variable or a map of its own

=== numbers are left alone
uprobe:/bin/app:f { $n = arg0; $n += 5; unroll(2) { $n++; } print($n); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	{ $n = capture(0); $n += 5; unroll (2) { $n++; }; print($n); }

=== a pointer that a loop moves on
struct s { int64 n; struct s *next; }
uprobe:/bin/app:f { $p = (struct s *)arg0; while ($p) { print($p->n); $p = $p->next; } }
---
stdin:2:63-68: ERROR: 'n' cannot be read here: the kernel cannot follow a pointer that is chosen while the program runs
uprobe:/bin/app:f { $p = (struct s *)arg0; while ($p) { print($p->n); $p = $p->next; } }
                                                              ~~~~~
HINT: give the variable its value once, or read through each of the pointers where it is known
stdin:2:76-84: ERROR: 'next' cannot be read here: the kernel cannot follow a pointer that is chosen while the program runs
uprobe:/bin/app:f { $p = (struct s *)arg0; while ($p) { print($p->n); $p = $p->next; } }
                                                                           ~~~~~~~~
HINT: give the variable its value once, or read through each of the pointers where it is known

=== one of several, and nobody knows which
uprobe:/bin/app:f { let $p = arg0; if (arg1) { $p = @other; } @other = arg2; print(str($p)); }
---
stdin:1:84-91: ERROR: the string cannot be read here: the kernel cannot follow a pointer that is chosen while the program runs
uprobe:/bin/app:f { let $p = arg0; if (arg1) { $p = @other; } @other = arg2; print(str($p)); }
                                                                                   ~~~~~~~
HINT: give the variable its value once, or read through each of the pointers where it is known

=== bytes of one of several
uprobe:/bin/app:f { let $p = arg0; if (arg1) { $p = arg2; } print(buf($p, 4)); }
---
stdin:1:67-77: ERROR: the buffer cannot be read here: the kernel cannot follow a pointer that is chosen while the program runs
uprobe:/bin/app:f { let $p = arg0; if (arg1) { $p = arg2; } print(buf($p, 4)); }
                                                                  ~~~~~~~~~~
HINT: give the variable its value once, or read through each of the pointers where it is known

=== an index that the run tells
uprobe:/bin/app:f { $i = arg1; print(((int32 *)arg0)[$i]); }
---
stdin:1:39-57: ERROR: what it points to cannot be read here: the kernel needs an index that is known before the program runs
uprobe:/bin/app:f { $i = arg1; print(((int32 *)arg0)[$i]); }
                                      ~~~~~~~~~~~~~~~~~~
HINT: an array in a struct is fetched whole: struct list { int32 of[8]; }, and ((struct list *)...)->of[$i]

=== no event
profile:hz:1 { print(*(uint64 *)0x1000); print(str(4096)); }
---
stdin:1:22-39: ERROR: what it points to cannot be read here: at profile there is no event of the kernel's that could read memory
profile:hz:1 { print(*(uint64 *)0x1000); print(str(4096)); }
                     ~~~~~~~~~~~~~~~~~
stdin:1:48-57: ERROR: the string cannot be read here: at profile there is no event of the kernel's that could read memory
profile:hz:1 { print(*(uint64 *)0x1000); print(str(4096)); }
                                               ~~~~~~~~~

=== an event of our own
interval:s:1 { $a = kaddr("jiffies"); print(*$a); print(*($a + 8)); } BEGIN { print(*(uint32 *)0xffff800000001000); }
---
interval:s:1
	#0 at_a = @jiffies:u64
	#1 at_a_2 = @jiffies+8:u64
	{ $a = kaddr("jiffies"); print(capture(0)); print(capture(1)); }
BEGIN
	#0 at_value = @0xffff800000001000:u32
	{ print(capture(0)); }

=== nothing in the kernel's reach
uprobe:/bin/app:f { print(*kaddr("jiffies")); print(*uaddr("nothing")); }
---
stdin:1:27-44: ERROR: what it points to cannot be read here: variables of the kernel can be read in kprobes only
uprobe:/bin/app:f { print(*kaddr("jiffies")); print(*uaddr("nothing")); }
                          ~~~~~~~~~~~~~~~~~
stdin:1:53-70: ERROR: what it points to cannot be read here: the probed file has no such symbol
uprobe:/bin/app:f { print(*kaddr("jiffies")); print(*uaddr("nothing")); }
                                                    ~~~~~~~~~~~~~~~~~

=== several mistakes in one run
uprobe:/bin/app:f { print(str(@a)); print(*(int32 *)nsecs); @a = 5; }
---
stdin:1:43-58: ERROR: what it points to cannot be read here: the kernel can follow a pointer only from an argument, a register, or a field of the event
uprobe:/bin/app:f { print(str(@a)); print(*(int32 *)nsecs); @a = 5; }
                                          ~~~~~~~~~~~~~~~

=== at the return of the same function the kernel still has its arguments
kprobe:f { @buf[tid] = arg1; }
kretprobe:f /@buf[tid]/ { printf("%s\n", str(@buf[tid], retval)); delete(@buf, tid); }
---
kprobe:f
	#0 arg1 = $arg2:u64
	{ @buf[tid] = capture(0); }
kretprobe:f
	#0 str_arg1 = +0($arg2):string, cut at 1024
	#1 retval = $retval:u64
	(what @buf points to is read here, through the function's argument at its return)
	/@buf[tid]/
	{ printf("%s\n", str(capture(0), capture(1))); delete(@buf, tid); }

=== but not of another one, nor by another key
kprobe:g { @buf[tid] = arg1; @q[comm] = arg0; }
kretprobe:f { print(str(@buf[tid])); }
kretprobe:g { print(str(@q[comm])); }
---
kprobe:g
	#0 arg1 = $arg2:u64
	#1 str_arg1 = +0($arg2):string, cut at 1024
	#2 arg0 = $arg1:u64
	#3 str_arg0 = +0($arg1):string, cut at 1024
	(what @buf points to is read here, for where it is used)
	(what @q points to is read here, for where it is used)
	{ @buf[tid] = capture(0); @buf_read1[tid] = capture(1); @q[comm] = capture(2); @q_read2[comm] = capture(3); }
kretprobe:f
	(what @buf holds is read where it comes from, and kept in @buf_read1)
	{ print(@buf_read1[tid]); }
kretprobe:g
	(what @q holds is read where it comes from, and kept in @q_read2)
	{ print(@q_read2[comm]); }

=== a path
struct path { void *mnt; void *dentry; }
kprobe:f { print(path((struct path *)arg0)); }
---
stdin:2:18-43: ERROR: the path of a file cannot be had: the kernel makes it by following pointers in a loop, which only BPF can do
kprobe:f { print(path((struct path *)arg0)); }
                 ~~~~~~~~~~~~~~~~~~~~~~~~~
HINT: at a system call, str(args.filename) is what the program asked for

=== a variable of the kernel, further on, and in pieces
kprobe:f { $a = kaddr("x"); print(*($a + 8)); print(*($a + 8 - 16)); print(buf($a + 4, 72)); }
---
kprobe:f
	#0 at_a = @x+8:u64
	#1 at_a_2 = @x-8:u64
	#2 buf_a = @x+4, 72 bytes
	{ $a = kaddr("x"); print(capture(0)); print(capture(1)); print(capture(2)); }

