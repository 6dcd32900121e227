--- widths of numbers
BEGIN { $x = 0x12345678abcdef; printf("%d %u %x %lld %llx %hd %hhx %ld %jx %zx\n", $x, $x, $x, $x, $x, $x, $x, $x, $x, $x); }
>>> text
2024525295 2024525295 78abcdef 5124095577148911 12345678abcdef -12817 ef 5124095577148911 12345678abcdef 12345678abcdef
--- flags
BEGIN { printf("[%5d] [%-5d] [%05d] [%+d] [%#x] [%X] [%o] [%i]\n", 42, 42, 42, 42, 255, 255, 8, -1); }
>>> text
[   42] [42   ] [00042] [+42] [0xff] [FF] [10] [-1]
--- strings
BEGIN { printf("[%s] [%5s] [%-5s] [%-10.2s]\n", "ab", "ab", "ab", "abcdef"); }
>>> text
[ab] [   ab] [ab   ] [abcdef    ]
--- %s takes any type
BEGIN { printf("%s %s %s %s %s\n", 5, (1, "x"), true, (uint8[2])(uint16)0x0102, -7); }
>>> text
5 (1, x) true [2,1] -7
--- %c, %p, %%
BEGIN { printf("%c%c %p 100%%\n", 65, 98, 0xff); }
>>> text
Ab 0xff 100%
--- negative numbers as unsigned
BEGIN { $a = -1; printf("%u %llu %d\n", $a, $a, $a); }
>>> text
4294967295 18446744073709551615 -1
--- buffers
kprobe:f { printf("%r %rx %rh|\n", buf(arg0, 4), buf(arg0, 4), buf(arg0, 4)); print(buf(arg0, 4)); }
>>> records
kprobe:f "hi!~"
>>> text
hi!~ \x68\x69\x21\x7e 68 69 21 7e|
hi!~
>>> json
{"type": "printf", "data": "hi!~ \\x68\\x69\\x21\\x7e 68 69 21 7e|\n"}
{"type": "value", "data": [104,105,33,126]}
--- a buffer of a string is longer than the string
BEGIN { printf("%r %rx %rh\n", buf("hi", 3), buf("hi", 3), buf("hi", 3)); }
>>> text
hi\x00 \x68\x69\x00 68 69 00
--- enums by name, and as numbers
enum color { RED, GREEN = 5 };
BEGIN { $c = GREEN; printf("%s %d\n", $c, $c); print(RED); @x[GREEN] = RED; }
>>> text
GREEN 5
RED
@x[GREEN]: RED
>>> json
{"type": "printf", "data": "GREEN 5\n"}
{"type": "value", "data": 0}
{"type": "map", "data": {"@x": {"GREEN": 0}}}
--- too few values
BEGIN { printf("%d %d\n", 1); }
>>> error
printf: Not enough arguments for format string (1 supplied, 2 expected)
--- too many values
BEGIN { printf("%d\n", 1, 2); }
>>> error
printf: Too many arguments for format string (2 supplied, 1 expected)
--- a string is no number
BEGIN { printf("%d\n", "x"); }
>>> error
printf: %d specifier expects a value of type integer (string supplied)
--- no floating point
BEGIN { printf("%f\n", 1); }
>>> error
'%f' is no conversion that printf knows
--- the format must be a literal
BEGIN { $f = "%d"; printf($f, 1); }
>>> error
printf() expects a string literal
--- a long line
BEGIN { printf("%200s|\n", "x"); }
>>> text
                                                                                                                                                                                                       x|
--- wide numbers
BEGIN { printf("%60d|%-40d|\n", 1, 2); }
>>> text
                                                           1|2                                       |
--- escapes
BEGIN { printf("a\tb\\ \"q\" \x41\101\n"); }
>>> text
a	b\ "q" AA
>>> json
{"type": "printf", "data": "a\tb\\ \"q\" AA\n"}
--- strangers' control characters are harmless on a terminal
kprobe:f { printf("\033[1m%s\033[0m\n", str(arg0)); print(str(arg0)); }
>>> records
kprobe:f "a	b"
>>> options --terminal
>>> text
[1ma\tb[0m
a\tb
--- and elsewhere they are what they are
kprobe:f { printf("%s\n", str(arg0)); }
>>> records
kprobe:f "a	b\c"
>>> text
a	b\c
--- printf in a printf's argument
BEGIN { printf("%d\n", { printf("inner\n"); 5 }); }
>>> text
inner
5
--- stats as text
BEGIN { @s = stats(4); printf("%s\n", @s); clear(@s); }
>>> text
{ .count = 1, .average = 4, .total = 4 }
--- flags, widths and what has no width
BEGIN { printf("%-5d|%5d|%05d|%+5d|% 5d|%#x|%#o|%5s|%-5s|%5c\n", 5, 5, 5, 5, 5, 255, 8, "a", "b", 65); printf("%d %d %u\n", (uint8)200, (int8)200, (int8)-1); printf("%x %lx %hhx %hx\n", -1, -1, -1, -1); printf("%-20s|%10s|\n", "abc", (1, 2)); printf("%s %s %s\n", 5, true, (1, "a")); }
>>> text
5    |    5|00005|   +5|    5|0xff|010|    a|b    |    A
200 -56 4294967295
ffffffff ffffffffffffffff ff ffff
abc                 |    (1, 2)|
5 true (1, a)
