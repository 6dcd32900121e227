=== arguments of a user function
uprobe:/bin/app:f { printf("%d %s\n", arg0, str(arg1)); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 str_arg1 = +0($arg2):string, cut at 1024
	{ printf("%d %s\n", capture(0), capture(1)); }

=== a return value, and a narrower one
uretprobe:/bin/app:f { printf("%d %d\n", retval, (int8)retval); }
---
uretprobe:/bin/app:f
	#0 retval = $retval:u64
	#1 retval_2 = $retval:s8
	{ printf("%d %d\n", capture(0), capture(1)); }

=== the same fetch twice is one slot
kprobe:f { @a = arg0; @b = arg0; @c = str(arg1); @d = str(arg1); }
---
kprobe:f
	#0 arg0 = $arg1:u64
	#1 str_arg1 = +0($arg2):string, cut at 1024
	{ @a = capture(0); @b = capture(0); @c = capture(1); @d = capture(1); }

=== two clauses on one point share a tap, and their fetches
kprobe:f { @a = arg0; }
kprobe:g { @b = arg0; }
kprobe:f { @c = arg0 + arg1; }
---
kprobe:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	{ @a = capture(0); }
	{ @c = capture(0) + capture(1); }
kprobe:g
	#0 arg0 = $arg1:u64
	{ @b = capture(0); }

=== several points of one clause are taps of their own
kprobe:f, kprobe:g { @[probe] = arg0; }
---
kprobe:f
	#0 arg0 = $arg1:u64
	{ @[probe] = capture(0); }
kprobe:g
	#0 arg0 = $arg1:u64
	{ @[probe] = capture(0); }

=== a register, and an argument on the stack
uprobe:/bin/app:f { printf("%d %d\n", reg("bp"), sarg0); }
---
uprobe:/bin/app:f
	#0 bp = %bp:u64
	#1 sarg0 = $stack1:u64
	{ printf("%d %d\n", capture(0), capture(1)); }

=== a structure behind a pointer
struct point { int x; short y; struct point *next; char name[16]; }
uprobe:/bin/app:f { printf("%d %d %s\n", ((struct point *)arg0)->x, ((struct point *)arg0)->next->y, ((struct point *)arg0)->next->next->name); }
---
uprobe:/bin/app:f
	#0 f_x = +0($arg1):s32
	#1 f_y = +4(+8($arg1)):s16
	#2 name = +16(+8(+8($arg1))):string, cut at 16
	{ printf("%d %d %s\n", capture(0), capture(1), capture(2)); }

=== a variable stands for what it was given
struct point { int x; short y; struct point *next; }
uprobe:/bin/app:f { $p = (struct point *)arg0; $n = $p->next; printf("%d %d\n", $p->x, $n->next->y); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 next = +8($arg1):x64
	#2 f_x = +0($arg1):s32
	#3 f_y = +4(+8(+8($arg1))):s16
	{ $p = (struct point*)capture(0); $n = capture(1); printf("%d %d\n", capture(2), capture(3)); }

=== reads in branches are done at every hit
uprobe:/bin/app:f { if (arg0 > 3) { print(*(int32 *)arg1); } else { print(str(arg2)); } }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 at_arg1 = +0($arg2):s32
	#2 str_arg2 = +0($arg3):string, cut at 1024
	{ if capture(0) > 3 { print(capture(1)); } else { print(capture(2)); }; }

=== an element, and one that only the run tells
struct list { uint64 of[4]; }
uprobe:/bin/app:f { print(((int32 *)arg0)[3]); $i = arg1; print(((struct list *)arg0)->of[$i]); }
---
uprobe:/bin/app:f
	#0 at_arg0 = +12($arg1):s32
	#1 arg1 = $arg2:u64
	#2 of = +0($arg1), 32 bytes
	{ print(capture(0)); $i = capture(1); print(capture(2)[$i]); }

=== a pointer that is moved
uprobe:/bin/app:f { $p = (int32 *)arg0; print(*($p + 2)); print(*(uint64 *)(arg1 + 24)); print(*(uint8 *)(arg1 - 1)); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 at_p = +8($arg1):s32
	#2 at_arg1 = +24($arg2):u64
	#3 at_arg1_2 = -1($arg2):u8
	{ $p = (int32*)capture(0); print(capture(1)); print(capture(2)); print(capture(3)); }

=== a structure whole
struct pair { int a; int b; }
uprobe:/bin/app:f { $s = *(struct pair *)arg0; print($s.b); print(*(struct pair *)arg0); }
---
uprobe:/bin/app:f
	#0 at_arg0 = +0($arg1), 8 bytes
	{ $s = capture(0); print($s.b); print(capture(0)); }

=== bit fields
struct flags { unsigned a : 3; unsigned b : 5; int c : 4; }
uprobe:/bin/app:f { $f = (struct flags *)arg0; printf("%d %d %d\n", $f->a, $f->b, $f->c); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	#1 f_a = +0($arg1):u8
	#2 f_c = +0($arg1):u16
	{ $f = (struct flags*)capture(0); printf("%d %d %d\n", capture(1) >> 0 & 7, capture(1) >> 3 & 31, (capture(2) >> 8 & 15 ^ 8) - 8); }

=== strings with a length: in a program so many bytes, in the kernel text
uprobe:/bin/app:f { print(str(arg0, 20)); print(str(arg0, arg1)); }
kprobe:f { print(str(arg0, 20)); print(str(arg0, arg1)); }
---
uprobe:/bin/app:f
	#0 str_arg0 = +0($arg1), 24 bytes:string, cut at 20
	#1 str_arg0_2 = +0($arg1), 1024 bytes:string, cut at 1024
	#2 arg1 = $arg2:u64
	{ print(capture(0)); print(str(capture(1), capture(2))); }
kprobe:f
	#0 str_arg0 = +0($arg1):string, cut at 20
	#1 str_arg0_2 = +0($arg1):string, cut at 1024
	#2 arg1 = $arg2:u64
	{ print(capture(0)); print(str(capture(1), capture(2))); }

=== buffers
uprobe:/bin/app:f { print(buf(arg0, 16)); print(buf(arg0, arg1)); }
---
uprobe:/bin/app:f
	#0 buf_arg0 = +0($arg1), 16 bytes
	#1 buf_arg0_2 = +0($arg1), 1024 bytes
	#2 arg1 = $arg2:u64
	{ print(capture(0)); print(buf(capture(1), capture(2))); }

=== a kernel pointer of the user's memory
kprobe:f { print(str(uptr(arg0))); print(*(int32 *)uptr(arg1)); }
---
kprobe:f
	#0 str_arg0 = +u0($arg1):ustring, cut at 1024
	#1 at_arg1 = +u0($arg2):s32
	{ print(capture(0)); print(capture(1)); }

=== fields of a static event
tracepoint:x:y { printf("%d %s %d\n", args.pid, args.comm, args->sector); print(args.list[2]); }
---
tracepoint:x:y
	#0 pid = $pid:s32
	#1 comm = $comm:string
	#2 sector = $sector:u64
	#3 list = $list
	{ printf("%d %s %d\n", capture(0), capture(1), capture(2)); print(capture(3)[2]); }

=== what a field points to
tracepoint:x:y { printf("%s %d\n", str(args.filename), args.rqtp->tv_sec); }
---
tracepoint:x:y
	#0 str_filename = +u0($filename):ustring, cut at 1024
	#1 tv_sec = +u0($rqtp):s64
	{ printf("%s %d\n", capture(0), capture(1)); }

=== join
tracepoint:x:y { join(args.argv); }
---
tracepoint:x:y
	#0 word0 = +u0(+u0($argv)):ustring, cut at 1023
	#1 word1 = +u0(+u8($argv)):ustring, cut at 1023
	#2 word2 = +u0(+u16($argv)):ustring, cut at 1023
	#3 word3 = +u0(+u24($argv)):ustring, cut at 1023
	#4 word4 = +u0(+u32($argv)):ustring, cut at 1023
	#5 word5 = +u0(+u40($argv)):ustring, cut at 1023
	#6 word6 = +u0(+u48($argv)):ustring, cut at 1023
	#7 word7 = +u0(+u56($argv)):ustring, cut at 1023
	#8 word8 = +u0(+u64($argv)):ustring, cut at 1023
	#9 word9 = +u0(+u72($argv)):ustring, cut at 1023
	#10 word10 = +u0(+u80($argv)):ustring, cut at 1023
	#11 word11 = +u0(+u88($argv)):ustring, cut at 1023
	#12 word12 = +u0(+u96($argv)):ustring, cut at 1023
	#13 word13 = +u0(+u104($argv)):ustring, cut at 1023
	#14 word14 = +u0(+u112($argv)):ustring, cut at 1023
	#15 word15 = +u0(+u120($argv)):ustring, cut at 1023
	{ join((capture(0), capture(1), capture(2), capture(3), capture(4), capture(5), capture(6), capture(7), capture(8), capture(9), capture(10), capture(11), capture(12), capture(13), capture(14), capture(15))); }

=== args as a whole
tracepoint:x:y { print(args); }
---
tracepoint:x:y
	{ print(args); }

=== variables of the kernel and of the program
kprobe:f { print(*kaddr("jiffies_64")); }
uprobe:/bin/app:f { print(*uaddr("counter")); }
---
kprobe:f
	#0 at_jiffies_64 = @jiffies_64:u64
	{ print(capture(0)); }
uprobe:/bin/app:f
	#0 at_counter = @+16400:u64
	{ print(capture(0)); }

=== stacks
kprobe:f { @[kstack] = count(); @b[ustack(5)] = count(); }
---
kprobe:f
	stack kernel user, 127 frames
	{ @[kstack] = count(); @b[ustack(5)] = count(); }

=== time has no arguments
interval:s:1 { @ = count(); } BEGIN { printf("hi\n"); }
---
interval:s:1
	{ @ = count(); }
BEGIN
	{ printf("hi\n"); }

