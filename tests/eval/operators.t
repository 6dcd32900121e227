--- arithmetic
BEGIN { $a = 7; $b = -2; printf("%d %d %d %d %d\n", $a + $b, $a - $b, $a * $b, $a / $b, $a % $b); }
>>> text
5 9 -14 -3 1
--- division by zero is 1
BEGIN { $z = 0; printf("%d %d\n", 5 / $z, 5 % $z); }
>>> text
1 1
>>> stderr
stdin:1:35-41: WARNING: Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.
BEGIN { $z = 0; printf("%d %d\n", 5 / $z, 5 % $z); }
                                  ~~~~~~
stdin:1:43-49: WARNING: Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.
BEGIN { $z = 0; printf("%d %d\n", 5 / $z, 5 % $z); }
                                          ~~~~~~
--- the quotient that has no room
BEGIN { $a = -9223372036854775807 - 1; $b = -1; print($a / $b); print($a % $b); }
>>> text
-9223372036854775808
0
--- bits
BEGIN { $a = 12; $b = 10; printf("%d %d %d %d %d %d\n", $a & $b, $a | $b, $a ^ $b, ~$a, $a << 2, $a >> 2); }
>>> text
8 14 6 -13 48 3
--- ~ keeps an unsigned width
BEGIN { $a = (uint8)5; $b = (uint16)0; $c = (uint32)0; $d = (uint64)0; $e = (int32)5; print((~$a, ~$b, ~$c, ~$d, ~$e, ~$a == 250)); }
>>> text
(250, 65535, 4294967295, 18446744073709551615, -6, true)
--- shifts to the right are logical
BEGIN { $a = -8; printf("%lld\n", $a >> 1); }
>>> text
9223372036854775804
--- comparisons are signed
BEGIN { $a = -1; $b = 1; print($a < $b); print($a > $b); print($a <= $b); print($a >= $b); print($a == $b); print($a != $b); }
>>> text
true
false
true
false
false
true
--- unless a number is an unsigned one of 64 bits
kprobe:f { print(arg0 > 5); print(arg0 < 5); }
>>> records
kprobe:f -1
>>> text
true
false
--- logic
BEGIN { $a = 0; $b = 3; print($a && $b); print($a || $b); print(!$a); print(!$b); }
>>> text
false
true
true
false
--- logic stops early
BEGIN { @x = 0; if (@x && @x++) { } if (!@x || @x++) { } print(@x); clear(@x); }
>>> text
@x: 0
--- precedence
BEGIN { $a = 2; print($a + 3 * 4); print(($a + 3) * 4); print($a << 1 + 1); print(7 & 3 == 3); }
>>> text
14
20
8
1
--- assignment operators
BEGIN { $a = 10; $a += 5; print($a); $a -= 3; print($a); $a *= 2; print($a); $a /= 5; print($a); $a %= 3; print($a);
	$a = 12; $a &= 10; print($a); $a |= 1; print($a); $a ^= 3; print($a); $a <<= 2; print($a); $a >>= 1; print($a); }
>>> text
15
12
24
4
1
8
9
10
40
20
--- assignment operators on maps
BEGIN { @a = 10; @a += 5; @a -= 1; @b["x"] += 3; @b["x"] *= 4; }
>>> text
@a: 14
@b[x]: 12
--- ++ and --
BEGIN { $a = 5; print($a++); print($a); print(++$a); print($a--); print(--$a); @m["k"]++; @m["k"]++; --@n; }
>>> text
5
6
7
7
5
@m[k]: 2
@n: -1
--- strings are compared by content
BEGIN { $a = "abc"; $b = "abc"; $c = "abd"; print($a == $b); print($a == $c); print($a != $c); print("" == ""); }
>>> text
true
false
true
true
--- tuples are compared member by member
BEGIN { $a = (1, "x"); $b = (1, "x"); $c = (2, "x"); print($a == $b); print($a == $c); print($a != $c); }
>>> text
true
false
true
--- ternary
BEGIN { $a = 1; print($a ? 5 : 6); print(!$a ? "x" : "y"); print($a == 2 ? 1 : $a == 1 ? 2 : 3); }
>>> text
5
y
2
--- short ternary
BEGIN { $a = 0; print($a ?: 7); $a = 3; print($a ?: 7); }
>>> text
7
3
--- casts
BEGIN { $a = 0x1ff; print((uint8)$a); print((int8)$a); print((uint16)$a); $b = -1; print((uint32)$b); print((uint64)$b);
	print((int32)0xffffffff); }
>>> text
255
-1
511
4294967295
18446744073709551615
-1
--- enumerators below 0, of an enum without a name too, and beside large ones
enum { A = -1, B }; enum wide { C = -2, D = 0xffffffff };
BEGIN { print(A); print(A < 0); print(A + 0); print(B); print((C, D)); printf("%d %ld\n", C, D); print((sizeof(A), sizeof(C))); }
>>> text
A
true
-1
B
(C, D)
-2 4294967295
(4, 8)
--- an array as long as the number
BEGIN { $x = (uint32)0x01020304; print((uint8[])$x); print((int16[])(uint32)-2); @[(uint8[])$x] = 1; }
>>> text
[4,3,2,1]
[-2,-1]
@[[4,3,2,1]]: 1
--- a number as an array
BEGIN { $a = (uint8[8])0x0102030405060708; print($a); print($a[0]); print($a[7]); }
>>> text
[8,7,6,5,4,3,2,1]
8
1
--- array index out of bounds
BEGIN { $a = (uint8[2])(uint16)0x0102; $i = 5; print($a[$i]); }
>>> text
0
--- bool
BEGIN { $a = true; print($a); print(!$a); @b = false; print(@b); if ($a) { print("yes"); } }
>>> text
true
false
@b: false
yes
@b: false
--- overflow wraps
BEGIN { $a = 9223372036854775807; $a++; print($a); }
>>> text
-9223372036854775808
--- unsigned
kprobe:f { @ = arg0; print(@ + 1); print(@ / 2); @s = sum(arg0); }
>>> records
kprobe:f 0xffffffffffffffff
>>> text
0
9223372036854775807
@: 18446744073709551615
@s: 18446744073709551615
--- signed sums
BEGIN { @s = sum(-5); @s = sum(3); @a = avg(-7); @a = avg(-8); }
>>> text
@a: -7
@s: -2
--- numbers of JSON that a double cannot hold
BEGIN { print(9223372036854775807); print(9007199254740992); print(9007199254740993); print(-9007199254740993); }
>>> json
{"type": "value", "data": "9223372036854775807"}
{"type": "value", "data": 9007199254740992}
{"type": "value", "data": "9007199254740993"}
{"type": "value", "data": "-9007199254740993"}
--- pointers
kprobe:f { $p = (int32 *)arg0; print($p); print($p + 1); $p++; print($p); @["k"] = $p; }
>>> records
kprobe:f 0x1000
>>> text
0x1000
0x1004
0x1004
@[k]: 0x1004
--- address of a variable
BEGIN { $x = 5; print(*(&$x)); }
>>> text
5
--- a string ends at its NUL
BEGIN { print("nul\0mid"); printf("%s|%r\n", "a\0b", buf("a\0b", 3)); @["a\0b"] = 1; @["a"]++; print("a\0b" == "a"); $s = "x\0y"; print(strlen($s)); print(str_concat($s, "z")); }
>>> text
nul
a|a\x00b
true
1
xz
@[a]: 2
--- sizes: of a literal, of what it is assigned to, of tuples, whose members are aligned
BEGIN { $x = 5; @y = 5; printf("%d %d %d %d %d\n", sizeof(5), sizeof(-300), sizeof(70000), sizeof($x), sizeof(@y));
	printf("%d %d %d %d\n", sizeof((1, 2)), sizeof((1, nsecs)), sizeof((nsecs, 1, (int16)2)), sizeof(typeof(300)));
	clear(@y); }
>>> text
1 2 4 8 8
2 16 16 2
--- wrapping by width
BEGIN { $x = (uint8)255; $x++; $y = (int8)127; $y++; $z = (uint8)250; $z += 10; print(($x, $y, $z)); let $d: uint8 = 255; $d++; let $e: int8 = 127; $e += 1; let $f: uint32 = 4294967295; $f++; print(($d, $e, $f)); print((uint8)5 - (uint8)7); print((int8)-129); print((int64)0x7fffffffffffffff + 1); print((uint64)1 << 63); print(1 << 63); print((int64)(uint32)-1); }
>>> text
(0, -128, 260)
(0, -128, 0)
-2
127
-9223372036854775808
9223372036854775808
-9223372036854775808
4294967295
--- precedence
BEGIN { print(5 == 5 && 3 != 4 || 0); print(1 + 2 * 3 - 4 / 2 % 3); print(1 | 2 ^ 3 & 4); print(10 >> 1 + 1); print(-5 / 2); print(-5 % 3); print(!(5 > 3)); print(5 > 3 ? 5 > 4 ? "a" : "bb" : "ccc"); print(0 ?: 7); }
>>> text
true
5
3
2
-2
-2
false
a
7
--- what a null pointer leads to is 0, "", and nothing
struct S { int a; struct S *n; char c[8]; int8 b[4]; unsigned f : 3; } BEGIN { $s = (struct S *)0; printf("%d %d %d %d [%s] [%s] %d\n", $s->a, $s->n->a, $s->b[2], $s->f, $s->c, str((int8 *)0), *(uint64 *)0); print(*$s); }
>>> text
0 0 0 0 [] [] 0
{ .a = 0, .n = 0x0, .c = , .b = [0,0,0,0], .f = 0 }
