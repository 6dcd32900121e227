=== a number
uprobe:/bin/app:f /arg0 == 5/ { @ = count(); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:u64
	filter arg0 == 5
	/capture(0) == 5/
	{ @ = count(); }

=== both sides, signs, and a truth
kprobe:f /arg0 > 5 && 7 >= arg1 && arg2/ { @ = count(); }
---
kprobe:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	#2 arg2 = $arg3:u64
	filter ((arg0 > 5) && (arg1 <= 7)) && (arg2 != 0)
	/capture(0) > 5 && 7 >= capture(1) && capture(2)/
	{ @ = count(); }

=== a negative one is no word of the program's
uprobe:/bin/app:f /(int32)arg0 < -1 && (int64)arg1 > 4 && (int64)arg1 < -4/ { @ = count(); }
---
uprobe:/bin/app:f
	#0 arg0 = $arg1:s32
	#1 arg1 = $arg2:u64
	filter arg0 < -1
	/capture(0) < -1 && (int64)capture(1) > 4 && (int64)capture(1) < -4/
	{ @ = count(); }

=== or needs both sides
kprobe:f /arg0 == 1 || arg1 == 2/ { @ = count(); }
kprobe:g /arg0 == 1 || @x/ { @x = 1; }
---
kprobe:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	filter (arg0 == 1) || (arg1 == 2)
	/capture(0) == 1 || capture(1) == 2/
	{ @ = count(); }
kprobe:g
	#0 arg0 = $arg1:u64
	/capture(0) == 1 || @x/
	{ @x = 1; }

=== and is happy with one
kprobe:f /arg0 == 1 && @x/ { @x = 1; }
---
kprobe:f
	#0 arg0 = $arg1:u64
	filter arg0 == 1
	/capture(0) == 1 && @x/
	{ @x = 1; }

=== not is carried down
kprobe:f /!(arg0 == 1 && arg1 < 2)/ { @ = count(); }
kprobe:g /!(arg0 == 1 || !arg1)/ { @ = count(); }
---
kprobe:f
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	filter (arg0 != 1) || (arg1 >= 2)
	/!(capture(0) == 1 && capture(1) < 2)/
	{ @ = count(); }
kprobe:g
	#0 arg0 = $arg1:u64
	#1 arg1 = $arg2:u64
	filter (arg0 != 1) && (arg1 != 0)
	/!(capture(0) == 1 || !capture(1))/
	{ @ = count(); }

=== all clauses of a point
kprobe:f /arg0 == 1/ { @a = count(); }
kprobe:f /arg0 == 2/ { @b = count(); }
kprobe:g /arg0 == 1/ { @a = count(); }
kprobe:g { @b = count(); }
---
kprobe:f
	#0 arg0 = $arg1:u64
	filter (arg0 == 1) || (arg0 == 2)
	/capture(0) == 1/
	{ @a = count(); }
	/capture(0) == 2/
	{ @b = count(); }
kprobe:g
	#0 arg0 = $arg1:u64
	/capture(0) == 1/
	{ @a = count(); }
	{ @b = count(); }

=== the name, the thread, and never the process
tracepoint:x:y /comm == "bash"/ { @ = count(); }
kprobe:f /comm != "bash" && tid == 7 && cpu < 2/ { @ = count(); }
kprobe:g /pid == 7/ { @ = count(); }
---
tracepoint:x:y
	filter COMM == "bash"
	/comm == "bash"/
	{ @ = count(); }
kprobe:f
	filter ((COMM != "bash") && (common_pid == 7)) && (CPU < 2)
	/comm != "bash" && tid == 7 && cpu < 2/
	{ @ = count(); }
kprobe:g
	/pid == 7/
	{ @ = count(); }

=== text
uprobe:/bin/app:f /str(arg0) == "abc"/ { @ = count(); }
uprobe:/bin/app:g /str(arg0) != "abc"/ { @ = count(); }
uprobe:/bin/app:h /str(arg0) == ""/ { @ = count(); }
uprobe:/bin/app:i /str(arg0) == "it's"/ { @ = count(); }
tracepoint:x:y /args.comm == "bash"/ { @ = count(); }
tracepoint:x:z /strncmp(args.comm, "ba", 2) == 0/ { @ = count(); }
tracepoint:x:w /strcontains(comm, "as")/ { @ = count(); }
---
uprobe:/bin/app:f
	#0 str_arg0 = +0($arg1):string, cut at 1024
	filter str_arg0 == "abc"
	/capture(0) == "abc"/
	{ @ = count(); }
uprobe:/bin/app:g
	#0 str_arg0 = +0($arg1):string, cut at 1024
	/capture(0) != "abc"/
	{ @ = count(); }
uprobe:/bin/app:h
	#0 str_arg0 = +0($arg1):string, cut at 1024
	/capture(0) == ""/
	{ @ = count(); }
uprobe:/bin/app:i
	#0 str_arg0 = +0($arg1):string, cut at 1024
	/capture(0) == "it's"/
	{ @ = count(); }
tracepoint:x:y
	#0 comm = $comm:string
	filter comm == "bash"
	/capture(0) == "bash"/
	{ @ = count(); }
tracepoint:x:z
	#0 comm = $comm:string
	filter comm ~ "ba*"
	/strncmp(capture(0), "ba", 2) == 0/
	{ @ = count(); }
tracepoint:x:w
	filter COMM ~ "*as*"
	/strcontains(comm, "as")/
	{ @ = count(); }

=== what may not have been read is compared only where 0 is not what is wanted
uprobe:/bin/app:f / *(int32 *)arg0 == 0/ { @ = count(); }
uprobe:/bin/app:g / **(int32 **)arg0 == 0/ { @ = count(); }
uprobe:/bin/app:h / **(int32 **)arg0 == 4/ { @ = count(); }
kprobe:f / *(int32 *)arg0 == 0/ { @ = count(); }
kprobe:g / *(int32 *)arg0 > 0/ { @ = count(); }
---
uprobe:/bin/app:f
	#0 at_arg0 = +0($arg1):s32
	filter at_arg0 == 0
	/capture(0) == 0/
	{ @ = count(); }
uprobe:/bin/app:g
	#0 at_arg0 = +0(+0($arg1)):s32
	/capture(0) == 0/
	{ @ = count(); }
uprobe:/bin/app:h
	#0 at_arg0 = +0(+0($arg1)):s32
	filter at_arg0 == 4
	/capture(0) == 4/
	{ @ = count(); }
kprobe:f
	#0 at_arg0 = +0($arg1):s32
	/capture(0) == 0/
	{ @ = count(); }
kprobe:g
	#0 at_arg0 = +0($arg1):s32
	filter at_arg0 > 0
	/capture(0) > 0/
	{ @ = count(); }

=== a constant that does not fit
kprobe:f / *(uint8 *)arg0 == 256/ { @ = count(); }
tracepoint:x:y /args.pid == 4294967296/ { @ = count(); }
---
kprobe:f
	#0 at_arg0 = +0($arg1):u8
	/capture(0) == 256/
	{ @ = count(); }
tracepoint:x:y
	#0 pid = $pid:s32
	/capture(0) == 4294967296/
	{ @ = count(); }

=== bits
tracepoint:x:y /args.flags & 64/ { @ = count(); }
tracepoint:x:z /(args.flags & 3) == 0/ { @ = count(); }
kprobe:f /(arg0 & 3) != 0/ { @ = count(); }
---
tracepoint:x:y
	#0 flags = $flags:s64
	filter flags & 64
	/capture(0) & 64/
	{ @ = count(); }
tracepoint:x:z
	#0 flags = $flags:s64
	filter !(flags & 3)
	/(capture(0) & 3) == 0/
	{ @ = count(); }
kprobe:f
	#0 arg0 = $arg1:u64
	filter arg0 & 3
	/(capture(0) & 3) != 0/
	{ @ = count(); }

=== the order of signed arguments of system calls
tracepoint:x:y /args.flags > 4/ { @ = count(); }
tracepoint:x:z /args.flags < 4/ { @ = count(); }
tracepoint:x:w /args.sector < 4/ { @ = count(); }
---
tracepoint:x:y
	#0 flags = $flags:s64
	filter flags > 4
	/capture(0) > 4/
	{ @ = count(); }
tracepoint:x:z
	#0 flags = $flags:s64
	/capture(0) < 4/
	{ @ = count(); }
tracepoint:x:w
	#0 sector = $sector:u64
	filter sector < 4
	/capture(0) < 4/
	{ @ = count(); }

=== a pointer in a static event is text to the kernel
tracepoint:x:y /args.filename != 0/ { @ = count(); }
---
tracepoint:x:y
	#0 filename = $filename:x64
	/capture(0) != 0/
	{ @ = count(); }

