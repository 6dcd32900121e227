=== runqlat
tracepoint:a:b { @qtime[args.fd] = nsecs; }
tracepoint:a:b { if (args.count == TASK_RUNNING) { @qtime[args.fd] = nsecs; } $ns = @qtime[args.fd]; if ($ns) { @usecs = hist((nsecs - $ns) / 1000); } delete(@qtime, args.fd); }
END { clear(@qtime); }
---
@qtime[int64]: uint64
@usecs: hist_t

=== biolatency: the map is typed in BEGIN
BEGIN { printf("Tracing... Hit Ctrl-C to end.\n"); }
kprobe:blk_start { @start[arg0] = nsecs; }
kprobe:blk_done /@start[arg0]/ { @usecs = hist((nsecs - @start[arg0]) / 1000); delete(@start[arg0]); }
END { clear(@start); }
---
@start[uint64]: uint64
@usecs: hist_t

=== opensnoop: a pointer is kept from entry to return
tracepoint:a:b { @filename[tid] = args.filename; }
tracepoint:a:b /@filename[tid]/ { $ret = args.fd; $fd = $ret >= 0 ? $ret : -1; $errno = $ret >= 0 ? 0 : - $ret; printf("%-6d %-16s %4d %3d %s\n", pid, comm, $fd, $errno, str(@filename[tid])); delete(@filename, tid); }
---
@filename[uint64]: int8 *

=== capable: a table of names
BEGIN { @cap[0] = "CAP_CHOWN"; @cap[1] = "CAP_DAC_OVERRIDE"; }
kprobe:cap_capable { $cap = arg2; $audit = arg3; time("%H:%M:%S  "); printf("%-6d %-6d %-16s %-4d %-20s %d\n", uid, pid, comm, $cap, @cap[$cap], $audit); }
---
@cap[uint64]: string[17]

=== vfsstat: several probes, print and clear
kprobe:vfs_read*,
kprobe:vfs_write*
{ @[func] = count(); }
interval:s:1 { time(); print(@); clear(@); }
---
@[ksym_t]: count_t

=== bashreadline
uretprobe:/bin/bash:readline { time("%H:%M:%S  "); printf("%-6d %s\n", pid, str(retval)); }
---


=== ssllatency: histograms and stats by function
uprobe:/lib/libssl.so:SSL_read { @start[tid, func] = nsecs; @hist[func] = lhist(nsecs, 0, 1000, 100); @st[func] = stats(elapsed); } END { clear(@start); }
---
@start[(uint64,string[1024])]: uint64
@hist[string[1024]]: lhist_t
@st[string[1024]]: stats_t

=== gethostlatency
uprobe:libc:getaddrinfo { @start[tid] = nsecs; @name[tid] = arg0; }
uretprobe:libc:getaddrinfo /@start[tid]/ { $latms = (nsecs - @start[tid]) / 1e6; printf("%-9d %-16s %6d %s\n", pid, comm, $latms, str(@name[tid])); delete(@start[tid]); delete(@name[tid]); }
---
@start[uint64]: uint64
@name[uint64]: uint64

=== a struct of the program over an argument
struct sockaddr_in { uint16 family; uint16 port; uint32 addr; };
uprobe:libc:connect { $s = (struct sockaddr_in *)arg1; if ($s->family == AF_INET) { printf("%s:%d\n", ntop($s->addr), bswap($s->port)); } }
---


=== tuples as keys and values
BEGIN { @x[pid, comm] = (nsecs, "start"); $v = @x[pid, comm]; printf("%d %s\n", $v.0, $v.1); for ($kv : @x) { print(($kv.0.1, $kv.1.0)); } }
---
@x[(uint64,string[16])]: (uint64,string[6])

=== one program uses everything twice
BEGIN { $i = 0; while ($i < 10) { @sq[$i] = $i * $i; $i++; } } END { for ($kv : @sq) { @sum += $kv.1; } printf("%d\n", @sum); clear(@sq); }
---
@sq[int64]: int64
@sum: int64

=== numbers in conditions and arithmetic of maps of counts
kprobe:f { @reads = count(); @bytes = sum(arg2); }
interval:s:1 { if (@reads > 0) { printf("%d bytes each\n", @bytes / @reads); } zero(@reads); zero(@bytes); }
---
@reads: count_t
@bytes: sum_t
