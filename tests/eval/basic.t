--- hello
BEGIN { printf("hello %s %d\n", "world", 3); }
>>> text
hello world 3
>>> json
{"type": "printf", "data": "hello world 3\n"}
--- scalar maps
BEGIN { @a = 5; @b = "x"; @c = (1, "a", (2, 3)); print(@a); }
>>> text
@a: 5
@a: 5
@b: x
@c: (1, a, (2, 3))
>>> json
{"type": "map", "data": {"@a": 5}}
{"type": "map", "data": {"@a": 5}}
{"type": "map", "data": {"@b": "x"}}
{"type": "map", "data": {"@c": [1,"a",[2,3]]}}
--- keyed maps are sorted by value when they hold numbers
BEGIN { @x["a"] = 3; @x["b"] = 1; @x["c"] = 2; @s["z"] = "1"; @s["y"] = "2"; }
>>> text
@s[y]: 2
@s[z]: 1
@x[b]: 1
@x[c]: 2
@x[a]: 3
>>> json
{"type": "map", "data": {"@s": {"y": "2", "z": "1"}}}
{"type": "map", "data": {"@x": {"b": 1, "c": 2, "a": 3}}}
--- several keys
BEGIN { @["a", 2] = 5; @["a", 1] = 5; }
>>> text
@[a, 1]: 5
@[a, 2]: 5
>>> json
{"type": "map", "data": {"@": {"a,1": 5, "a,2": 5}}}
--- count, sum, min, max, avg, stats
BEGIN { @c = count(); @c = count(); @s = sum(5); @s = sum(7); @min = min(-3); @min = min(4); @max = max(9); @max = max(2);
	@avg = avg(3); @avg = avg(4); @st = stats(3); @st = stats(9); }
>>> text
@avg: 3
@c: 2
@max: 9
@min: -3
@s: 12
@st: { .count = 2, .average = 6, .total = 12 }
>>> json
{"type": "stats", "data": {"@avg": 3}}
{"type": "map", "data": {"@c": 2}}
{"type": "map", "data": {"@max": 9}}
{"type": "map", "data": {"@min": -3}}
{"type": "map", "data": {"@s": 12}}
{"type": "stats", "data": {"@st": {"count": 2, "average": 6, "total": 12}}}
--- hist
BEGIN { @ = hist(0); @ = hist(1); @ = hist(2); @ = hist(3); @ = hist(1000); @ = hist(-5); }
>>> text
@:
(..., 0)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |
[0]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |
[1]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |
[2, 4)                 2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
[4, 8)                 0 |                                                    |
[8, 16)                0 |                                                    |
[16, 32)               0 |                                                    |
[32, 64)               0 |                                                    |
[64, 128)              0 |                                                    |
[128, 256)             0 |                                                    |
[256, 512)             0 |                                                    |
[512, 1K)              1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |

--- hist json
BEGIN { @h["k"] = hist(2); @h["k"] = hist(3); @h["k"] = hist(-1); }
>>> json
{"type": "hist", "data": {"@h": {"k": [{"max": -1, "count": 1}, {"min": 0, "max": 0, "count": 0}, {"min": 1, "max": 1, "count": 0}, {"min": 2, "max": 3, "count": 2}]}}}
--- lhist
BEGIN { @ = lhist(0, 0, 10, 3); @ = lhist(9, 0, 10, 3); @ = lhist(99, 0, 10, 3); @ = lhist(-1, 0, 10, 3); }
>>> text
@:
(..., 0)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |
[0, 3)                 1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |
[3, 6)                 0 |                                                    |
[6, 9)                 0 |                                                    |
[10, ...)              2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

--- records
kprobe:f { @[comm] = count(); printf("%d %s\n", arg0, str(arg1)); }
>>> records
kprobe:f comm=bash 5 "abc"
kprobe:f comm=bash 0x12345678abcdef "long"..
kprobe:f comm=cat fault fault
>>> text
5 abc
2024525295 long..
0 
@[cat]: 1
@[bash]: 2
--- -k
kprobe:f { printf("%d\n", arg0); @x = @y[1]; @y[2] = 1; }
>>> records
kprobe:f fault
>>> options -k
>>> stderr
stdin:1:27-31: WARNING: Bad address
Additional Info - helper: probe_read_user, retcode: -14
kprobe:f { printf("%d\n", arg0); @x = @y[1]; @y[2] = 1; }
                          ~~~~
stdin:1:39-44: WARNING: Can't lookup map element because it does not exist.
Additional Info - helper: map_lookup_elem, retcode: 0
kprobe:f { printf("%d\n", arg0); @x = @y[1]; @y[2] = 1; }
                                      ~~~~~
