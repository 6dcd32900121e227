--- delete
BEGIN { @x["a"] = 1; @x["b"] = 2; print(delete(@x, "a")); print(delete(@x, "a")); print(has_key(@x, "a")); print(has_key(@x, "b")); }
>>> text
true
false
false
true
@x[b]: 2
--- a delete that fails and that nobody looks at
BEGIN { @x["a"] = 1; delete(@x, "b"); clear(@x); }
>>> text
>>> stderr
stdin:1:22-37: WARNING: Can't delete map element because it does not exist.
Additional Info - helper: map_delete_elem, retcode: -2
BEGIN { @x["a"] = 1; delete(@x, "b"); clear(@x); }
                     ~~~~~~~~~~~~~~~
--- delete in the old form
BEGIN { @x["a"] = 1; @y = 3; delete(@x["a"]); delete(@y); }
>>> text
--- clear, zero, len
BEGIN { @x[1] = 5; @x[2] = 6; print(len(@x)); zero(@x); print(@x); clear(@x); print(len(@x)); print(@x); }
>>> text
2
@x[1]: 0
@x[2]: 0
0
--- zero of aggregates
BEGIN { @c["a"] = count(); @h = hist(5); @m = max(7); @s = stats(3); zero(@c); zero(@h); zero(@m); zero(@s); print(@h); }
>>> text
@h:

@c[a]: 0
@h:

@m: 0
@s: { .count = 0, .average = 0, .total = 0 }
>>> json
{"type": "hist", "data": {"@h": []}}
{"type": "map", "data": {"@c": {"a": 0}}}
{"type": "hist", "data": {"@h": []}}
{"type": "map", "data": {"@m": 0}}
{"type": "stats", "data": {"@s": {"count": 0, "average": 0, "total": 0}}}
--- zero of strings and tuples
BEGIN { @s["a"] = "x"; @t["a"] = (1, "x"); zero(@s); zero(@t); }
>>> text
@s[a]: 
@t[a]: (0, )
--- print at the very moment
BEGIN { @x = 1; print(@x); @x = 2; print(@x); clear(@x); }
>>> text
@x: 1
@x: 2
--- an empty scalar map is zero
BEGIN { @x = 1; clear(@x); print(@x); @c = count(); clear(@c); print(@c); @s = "s"; clear(@s); print(@s); }
>>> text
@x: 0
@c: 0
@s: 
--- print of one value
BEGIN { @x["a"] = 5; print(@x["a"]); print(@x["b"]); clear(@x); }
>>> text
5
0
--- print with top
BEGIN { @x[1] = 10; @x[2] = 30; @x[3] = 20; print(@x, 2); print(@x, 9); clear(@x); }
>>> text
@x[3]: 20
@x[2]: 30
@x[1]: 10
@x[3]: 20
@x[2]: 30
--- print with div
BEGIN { @x[1] = 1000; @c[1] = count(); @s[1] = sum(5000); print(@x, 0, 10); print(@s, 1, 1000); clear(@x); clear(@c); clear(@s); }
>>> text
@x[1]: 100
@s[1]: 5
--- print of histograms with top and div
BEGIN { @h["a"] = hist(4); @h["b"] = hist(4); @h["b"] = hist(4); print(@h, 1, 2); clear(@h); }
>>> text
@h[b]:
[4, 8)                 1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

--- max_map_keys
config = { max_map_keys = 2; }
BEGIN { @x[1] = 1; @x[2] = 2; @x[3] = 3; @x[1] = 9; }
>>> text
@x[2]: 2
@x[1]: 9
>>> stderr
stdin:2:31-36: WARNING: Map full; can't update element. Try increasing max_map_keys config or manually setting the max entries in a map declaration e.g. `let @a = hash(5000)`
Additional Info - helper: map_update_elem, retcode: -7
BEGIN { @x[1] = 1; @x[2] = 2; @x[3] = 3; @x[1] = 9; }
                              ~~~~~
--- lruhash
let @x = lruhash(2);
BEGIN { @x[1] = 1; @x[2] = 2; print(@x[1]); @x[3] = 3; }
>>> text
1
@x[1]: 1
@x[3]: 3
--- hash with a size
let @x = hash(1);
BEGIN { @x[1] = 1; @x[2] = 2; }
>>> text
@x[1]: 1
--- integers of all widths are one key
BEGIN { $a = (int8)5; $b = (int64)5; @x[$a] = 1; @x[$b] = 2; print(@x[5]); }
>>> text
2
@x[5]: 2
--- negative keys
BEGIN { @x[-1] = 1; @x[1] = 1; @x[(int8)-1] = 5; }
>>> text
@x[1]: 1
@x[-1]: 5
--- tuple keys
BEGIN { @x[(1, "a")] = 1; @x[1, "a"] = 7; @x[(1, "b")] = 8; }
>>> text
@x[1, a]: 7
@x[1, b]: 8
--- nested tuple keys
BEGIN { @x[1, (2, "c")] = 1; }
>>> text
@x[1, (2, c)]: 1
>>> json
{"type": "map", "data": {"@x": {"1,(2,c)": 1}}}
--- parts of keys do not run together
BEGIN { @x["a", "bc"] = 1; @x["ab", "c"] = 2; }
>>> text
@x[a, bc]: 1
@x[ab, c]: 2
--- maps of maps' values
BEGIN { @a["k"] = 3; @b[@a["k"]] = "x"; print(@b[3]); clear(@a); clear(@b); }
>>> text
x
--- strings as values live on
kprobe:f { @x = str(arg0); $y = @x; @x = "another one, longer"; print($y); }
>>> records
kprobe:f "abc"
kprobe:f "de"
>>> text
abc
de
@x: another one, longer
--- many keys
BEGIN { for $i : 0..2000 { @x[$i] = $i; } for $i : 0..1999 { delete(@x, $i); } print(len(@x)); print(@x); clear(@x); }
>>> text
1
@x[1999]: 1999
--- counts as numbers
BEGIN { @c = count(); @c = count(); @s = sum(40); @a = avg(9); if (@c > 1) { print("more"); } printf("%d %d %d\n", @c, @s + 2, @a); print((int64)@c * 3); clear(@c); clear(@s); clear(@a); }
>>> text
more
2 42 9
6
--- find
BEGIN { @x["a"] = 5; $v = 0; if (find(@x, "a", $v)) { print($v); } print(find(@x, "b", $v)); clear(@x); }
>>> text
5
false
--- hist with bits
BEGIN { @ = hist(15, 2); @ = hist(16, 2); @ = hist(3, 2); @ = hist(1000000, 2); }
>>> json
{"type": "hist", "data": {"@": [{"min": 3, "max": 3, "count": 1}, {"min": 4, "max": 4, "count": 0}, {"min": 5, "max": 5, "count": 0}, {"min": 6, "max": 6, "count": 0}, {"min": 7, "max": 7, "count": 0}, {"min": 8, "max": 9, "count": 0}, {"min": 10, "max": 11, "count": 0}, {"min": 12, "max": 13, "count": 0}, {"min": 14, "max": 15, "count": 1}, {"min": 16, "max": 19, "count": 1}, {"min": 20, "max": 23, "count": 0}, {"min": 24, "max": 27, "count": 0}, {"min": 28, "max": 31, "count": 0}, {"min": 32, "max": 39, "count": 0}, {"min": 40, "max": 47, "count": 0}, {"min": 48, "max": 55, "count": 0}, {"min": 56, "max": 63, "count": 0}, {"min": 64, "max": 79, "count": 0}, {"min": 80, "max": 95, "count": 0}, {"min": 96, "max": 111, "count": 0}, {"min": 112, "max": 127, "count": 0}, {"min": 128, "max": 159, "count": 0}, {"min": 160, "max": 191, "count": 0}, {"min": 192, "max": 223, "count": 0}, {"min": 224, "max": 255, "count": 0}, {"min": 256, "max": 319, "count": 0}, {"min": 320, "max": 383, "count": 0}, {"min": 384, "max": 447, "count": 0}, {"min": 448, "max": 511, "count": 0}, {"min": 512, "max": 639, "count": 0}, {"min": 640, "max": 767, "count": 0}, {"min": 768, "max": 895, "count": 0}, {"min": 896, "max": 1023, "count": 0}, {"min": 1024, "max": 1279, "count": 0}, {"min": 1280, "max": 1535, "count": 0}, {"min": 1536, "max": 1791, "count": 0}, {"min": 1792, "max": 2047, "count": 0}, {"min": 2048, "max": 2559, "count": 0}, {"min": 2560, "max": 3071, "count": 0}, {"min": 3072, "max": 3583, "count": 0}, {"min": 3584, "max": 4095, "count": 0}, {"min": 4096, "max": 5119, "count": 0}, {"min": 5120, "max": 6143, "count": 0}, {"min": 6144, "max": 7167, "count": 0}, {"min": 7168, "max": 8191, "count": 0}, {"min": 8192, "max": 10239, "count": 0}, {"min": 10240, "max": 12287, "count": 0}, {"min": 12288, "max": 14335, "count": 0}, {"min": 14336, "max": 16383, "count": 0}, {"min": 16384, "max": 20479, "count": 0}, {"min": 20480, "max": 24575, "count": 0}, {"min": 24576, "max": 28671, "count": 0}, {"min": 28672, "max": 32767, "count": 0}, {"min": 32768, "max": 40959, "count": 0}, {"min": 40960, "max": 49151, "count": 0}, {"min": 49152, "max": 57343, "count": 0}, {"min": 57344, "max": 65535, "count": 0}, {"min": 65536, "max": 81919, "count": 0}, {"min": 81920, "max": 98303, "count": 0}, {"min": 98304, "max": 114687, "count": 0}, {"min": 114688, "max": 131071, "count": 0}, {"min": 131072, "max": 163839, "count": 0}, {"min": 163840, "max": 196607, "count": 0}, {"min": 196608, "max": 229375, "count": 0}, {"min": 229376, "max": 262143, "count": 0}, {"min": 262144, "max": 327679, "count": 0}, {"min": 327680, "max": 393215, "count": 0}, {"min": 393216, "max": 458751, "count": 0}, {"min": 458752, "max": 524287, "count": 0}, {"min": 524288, "max": 655359, "count": 0}, {"min": 655360, "max": 786431, "count": 0}, {"min": 786432, "max": 917503, "count": 0}, {"min": 917504, "max": 1048575, "count": 1}]}}
--- powers of two begin a bucket
BEGIN { @ = hist(4096); @ = hist(4095); @ = hist(1048576); zero(@); @ = hist(4096); }
>>> text
@:
[4K, 8K)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

--- hist of the largest numbers
kprobe:f { @ = hist(arg0); }
>>> records
kprobe:f 0x7fffffffffffffff
kprobe:f 0x8000000000000000
>>> json
{"type": "hist", "data": {"@": [{"max": -1, "count": 1}, {"min": 0, "max": 0, "count": 0}, {"min": 1, "max": 1, "count": 0}, {"min": 2, "max": 3, "count": 0}, {"min": 4, "max": 7, "count": 0}, {"min": 8, "max": 15, "count": 0}, {"min": 16, "max": 31, "count": 0}, {"min": 32, "max": 63, "count": 0}, {"min": 64, "max": 127, "count": 0}, {"min": 128, "max": 255, "count": 0}, {"min": 256, "max": 511, "count": 0}, {"min": 512, "max": 1023, "count": 0}, {"min": 1024, "max": 2047, "count": 0}, {"min": 2048, "max": 4095, "count": 0}, {"min": 4096, "max": 8191, "count": 0}, {"min": 8192, "max": 16383, "count": 0}, {"min": 16384, "max": 32767, "count": 0}, {"min": 32768, "max": 65535, "count": 0}, {"min": 65536, "max": 131071, "count": 0}, {"min": 131072, "max": 262143, "count": 0}, {"min": 262144, "max": 524287, "count": 0}, {"min": 524288, "max": 1048575, "count": 0}, {"min": 1048576, "max": 2097151, "count": 0}, {"min": 2097152, "max": 4194303, "count": 0}, {"min": 4194304, "max": 8388607, "count": 0}, {"min": 8388608, "max": 16777215, "count": 0}, {"min": 16777216, "max": 33554431, "count": 0}, {"min": 33554432, "max": 67108863, "count": 0}, {"min": 67108864, "max": 134217727, "count": 0}, {"min": 134217728, "max": 268435455, "count": 0}, {"min": 268435456, "max": 536870911, "count": 0}, {"min": 536870912, "max": 1073741823, "count": 0}, {"min": 1073741824, "max": 2147483647, "count": 0}, {"min": 2147483648, "max": 4294967295, "count": 0}, {"min": 4294967296, "max": 8589934591, "count": 0}, {"min": 8589934592, "max": 17179869183, "count": 0}, {"min": 17179869184, "max": 34359738367, "count": 0}, {"min": 34359738368, "max": 68719476735, "count": 0}, {"min": 68719476736, "max": 137438953471, "count": 0}, {"min": 137438953472, "max": 274877906943, "count": 0}, {"min": 274877906944, "max": 549755813887, "count": 0}, {"min": 549755813888, "max": 1099511627775, "count": 0}, {"min": 1099511627776, "max": 2199023255551, "count": 0}, {"min": 2199023255552, "max": 4398046511103, "count": 0}, {"min": 4398046511104, "max": 8796093022207, "count": 0}, {"min": 8796093022208, "max": 17592186044415, "count": 0}, {"min": 17592186044416, "max": 35184372088831, "count": 0}, {"min": 35184372088832, "max": 70368744177663, "count": 0}, {"min": 70368744177664, "max": 140737488355327, "count": 0}, {"min": 140737488355328, "max": 281474976710655, "count": 0}, {"min": 281474976710656, "max": 562949953421311, "count": 0}, {"min": 562949953421312, "max": 1125899906842623, "count": 0}, {"min": 1125899906842624, "max": 2251799813685247, "count": 0}, {"min": 2251799813685248, "max": 4503599627370495, "count": 0}, {"min": 4503599627370496, "max": 9007199254740991, "count": 0}, {"min": 9007199254740992, "max": "18014398509481983", "count": 0}, {"min": 18014398509481984, "max": "36028797018963967", "count": 0}, {"min": 36028797018963968, "max": "72057594037927935", "count": 0}, {"min": 72057594037927936, "max": "144115188075855871", "count": 0}, {"min": 144115188075855872, "max": "288230376151711743", "count": 0}, {"min": 288230376151711744, "max": "576460752303423487", "count": 0}, {"min": 576460752303423488, "max": "1152921504606846975", "count": 0}, {"min": 1152921504606846976, "max": "2305843009213693951", "count": 0}, {"min": 2305843009213693952, "max": "4611686018427387903", "count": 0}, {"min": 4611686018427387904, "max": "9223372036854775807", "count": 1}]}}
--- lhist in kilobytes, and of step 1
BEGIN { @a = lhist(2048, 0, 8192, 1024); @a = lhist(9999999, 0, 8192, 1024); @b = lhist(3, 0, 5, 1); }
>>> text
@a:
[2K, 3K)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
[3K, 4K)               0 |                                                    |
[4K, 5K)               0 |                                                    |
[5K, 6K)               0 |                                                    |
[6K, 7K)               0 |                                                    |
[7K, 8K)               0 |                                                    |
[8K, ...)              1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

@b:
[3]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

--- lhist as JSON
BEGIN { @ = lhist(-1, 0, 4, 2); @ = lhist(3, 0, 4, 2); @ = lhist(4, 0, 4, 2); }
>>> json
{"type": "hist", "data": {"@": [{"max": -1, "count": 1}, {"min": 0, "max": 1, "count": 0}, {"min": 2, "max": 3, "count": 1}, {"min": 4, "count": 1}]}}
--- tseries
kprobe:f { @ = tseries(arg0, 100ms, 5); }
>>> records
kprobe:f time=0 5
kprobe:f time=100000000 10
kprobe:f time=300000000 7
>>> text
@:
             5                                                  10
hh:mm:ss.ms  |___________________________________________________|
01:46:40.000 *                                                   | 5
01:46:40.100 |                                                   * 10
01:46:40.200 |                                                   | -
01:46:40.300 |                   *                               | 7
             v___________________________________________________v
             5                                                  10

>>> json
{"type": "tseries", "data": {"@": [{"interval_start":"2001-09-09 01:46:40.000000000","value":5}, {"interval_start":"2001-09-09 01:46:40.100000000","value":10}, {"interval_start":"2001-09-09 01:46:40.300000000","value":7}]}}
--- tseries: sum, avg, min, max of an interval
kprobe:f { @s = tseries(arg0, 1s, 2, "sum"); @a = tseries(arg0, 1s, 2, "avg"); @m = tseries(arg0, 1s, 2, "min"); @x = tseries(arg0, 1s, 2, "max"); }
>>> records
kprobe:f time=0 99
kprobe:f time=1000000000 4
kprobe:f time=1000000001 8
kprobe:f time=2000000001 1
>>> json
{"type": "tseries", "data": {"@a": [{"interval_start":"2001-09-09 01:46:41.000000000","value":6}, {"interval_start":"2001-09-09 01:46:42.000000000","value":1}]}}
{"type": "tseries", "data": {"@m": [{"interval_start":"2001-09-09 01:46:41.000000000","value":4}, {"interval_start":"2001-09-09 01:46:42.000000000","value":1}]}}
{"type": "tseries", "data": {"@s": [{"interval_start":"2001-09-09 01:46:41.000000000","value":12}, {"interval_start":"2001-09-09 01:46:42.000000000","value":1}]}}
{"type": "tseries", "data": {"@x": [{"interval_start":"2001-09-09 01:46:41.000000000","value":8}, {"interval_start":"2001-09-09 01:46:42.000000000","value":1}]}}
--- print_maps_on_exit
config = { print_maps_on_exit = false; }
BEGIN { @x = 1; }
>>> text
--- a string that was zeroed is empty
BEGIN { @t[1] = "abc"; zero(@t); print(strlen(@t[1])); print(str_concat(@t[1], "x")); @t[1] = "longer than before"; print(@t[1]); clear(@t); }
>>> text
0
x
longer than before
--- what is left of cleared and zeroed maps
BEGIN { @c = count(); clear(@c); print(@c); @h = hist(1); clear(@h); @s = sum(5); zero(@s); @st = stats(3); zero(@st); print(@st); @str = "x"; clear(@str); print(@str); @t = (1, "a"); clear(@t); print(@t); @k[1] = 1; clear(@k); print(@k); @z[1] = count(); zero(@z); }
>>> text
@c: 0
@st: { .count = 0, .average = 0, .total = 0 }
@str: 
@t: (0, )
@s: 0
@st: { .count = 0, .average = 0, .total = 0 }
@z[1]: 0
--- keys in order
BEGIN { @x["b", 2] = 1; @x["a", 10] = 1; @x["a", 9] = 1; @z[-1] = "a"; @z[1] = "b"; @z[-5] = "c"; @u[(uint64)5] = "a"; @u[18446744073709551615] = "z"; @u[3] = "k"; @bo[true] = "t"; @bo[false] = "f"; }
>>> text
@bo[false]: f
@bo[true]: t
@u[3]: k
@u[5]: a
@u[18446744073709551615]: z
@x[a, 9]: 1
@x[a, 10]: 1
@x[b, 2]: 1
@z[-5]: c
@z[-1]: a
@z[1]: b
--- a map of tuples in a loop, and its keys deleted there
BEGIN { @a[(1, 2)] = "x"; @a[(1, 3)] = "y"; for $kv : @a { print($kv); print(($kv.0.1, $kv.1)); } for $kv : @a { delete(@a, $kv.0); } print(len(@a)); }
>>> text
((1, 2), x)
(2, x)
((1, 3), y)
(3, y)
0
--- values of enumerations and pointers in JSON, and a key with a line break
enum e { A = 3, B }; BEGIN { print(A); @v = B; print((int32 *)5); @h[1, "a"] = hist(5); @av["x"] = avg(3); @str["a\nb"] = 1; @z = hist(5); zero(@z); }
>>> json
{"type": "value", "data": 3}
{"type": "value", "data": 5}
{"type": "stats", "data": {"@av": {"x": 3}}}
{"type": "hist", "data": {"@h": {"1,a": [{"min": 4, "max": 7, "count": 1}]}}}
{"type": "map", "data": {"@str": {"a\nb": 1}}}
{"type": "map", "data": {"@v": 4}}
{"type": "hist", "data": {"@z": []}}
