--- if, else if, else
BEGIN { $a = 2; if ($a == 1) { print(1); } else if ($a == 2) { print(2); } else { print(3); } }
>>> text
2
--- while
BEGIN { $i = 0; while ($i < 5) { if ($i == 3) { break; } $i++; if ($i == 2) { continue; } printf("%d ", $i); } printf("\n"); }
>>> text
1 3 
--- unroll
BEGIN { unroll (3) { @x++; } }
>>> text
@x: 3
--- for over a range
BEGIN { for $i : 2..5 { printf("%d ", $i); } for $i : 5..2 { printf("never"); } printf("\n"); }
>>> text
2 3 4 
--- for over a range: the bounds are taken once
BEGIN { $n = 3; for $i : 0..$n { $n = 10; @x++; } }
>>> text
@x: 3
--- for over a map
BEGIN { @m["a"] = 1; @m["b"] = 2; for ($kv : @m) { printf("%s=%d\n", $kv.0, $kv.1); } clear(@m); }
>>> text
a=1
b=2
--- for over a map of counts
BEGIN { @m["a"] = count(); @m["a"] = count(); for ($kv : @m) { printf("%s=%d\n", $kv.0, $kv.1); } clear(@m); }
>>> text
a=2
--- for over a map that grows
BEGIN { @m[1] = 1; for ($kv : @m) { @m[$kv.0 + 1] = 2; } print(len(@m)); clear(@m); }
>>> text
2
--- for over a map that is cleared
BEGIN { @m[1] = "one"; @m[2] = "two"; for ($kv : @m) { clear(@m); print($kv); } }
>>> text
(1, one)
(2, two)
--- break in for
BEGIN { for $i : 0..10 { if ($i == 2) { break; } printf("%d ", $i); } printf("\n"); }
>>> text
0 1 
--- nested loops
BEGIN { for $i : 0..3 { for $j : 0..3 { if ($j > $i) { break; } @n[$i, $j] = 1; } } print(len(@n)); clear(@n); }
>>> text
6
--- return
BEGIN { print(1); return; print(2); }
>>> text
1
--- return from a loop
BEGIN { for $i : 0..5 { if ($i == 1) { return; } print($i); } }
>>> text
0
--- exit ends the action at once
BEGIN { print(1); exit(3); print(2); }
END { print("end"); }
>>> exit 3
>>> text
1
end
--- exit without a status
BEGIN { exit(); }
kprobe:f { print("never"); }
>>> records
kprobe:f
>>> text
--- a loop without an end is stopped
BEGIN { while (1) { @x++; } print("never"); }
END { print("end"); clear(@x); }
>>> text
end
>>> stderr
stdin:1:9-18: WARNING: This loop does not end: the rest of this probe's body is left out for this event
BEGIN { while (1) { @x++; } print("never"); }
        ~~~~~~~~~
--- predicates
kprobe:f /arg0 > 3/ { print(arg0); }
kprobe:f /str(arg1) == "x"/ { print("x"); }
>>> records
kprobe:f 3 "x"
kprobe:f 4 "y"
>>> text
x
4
--- a predicate on a map
kprobe:f { @start[tid] = nsecs; }
kprobe:g /@start[tid]/ { @us[comm] = hist((nsecs - @start[tid]) / 1000); delete(@start, tid); }
>>> records
kprobe:f tid=1 comm=a time=1000000
kprobe:g tid=2 comm=a time=1500000
kprobe:g tid=1 comm=a time=3000000
kprobe:g tid=1 comm=a time=3000000
>>> text
@us[a]:
[1K, 2K)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

--- several clauses on one point run in order
kprobe:f { print(1); }
kprobe:f { print(2); }
>>> records
kprobe:f
>>> text
1
2
--- block expressions
BEGIN { $a = { let $x = 3; $x + 1 }; print($a); }
>>> text
4
--- if as an expression
BEGIN { $a = 3; $b = if ($a > 2) { "big" } else { "small" }; print($b); }
>>> text
big
--- subprograms
fn add($a : int64, $b : int64): int64 { return $a + $b; }
BEGIN { print(add(2, 3)); print(add(add(1, 1), -5)); }
>>> text
5
-3
--- subprograms have variables of their own
fn twice($a : int64): int64 { $x = $a * 2; return $x; }
BEGIN { $x = 5; print(twice($x)); print($x); }
>>> text
10
5
--- let
BEGIN { let $x; $x = 3; let $y: uint8 = 255; $y++; print($x); print($y); }
>>> text
3
0
--- variables begin anew with each event
kprobe:f { if (arg0) { $x = 5; } print($x); }
>>> records
kprobe:f 1
kprobe:f 0
>>> text
5
0
