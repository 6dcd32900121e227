=== numbers
BEGIN { print(($1, $2, $3, $4)); }
--- 5 -5 0x10 010
Program
 BEGIN
  call: print
   tuple:
    int: 5
    int: -5
    int: 16
    int: 8

=== text
BEGIN { print($1) }
--- abc
Program
 BEGIN
  call: print
   string: abc

=== text of numbers
BEGIN { print((str($1), str($2), str($3))) }
--- 5 abc '1 2'
Program
 BEGIN
  call: print
   tuple:
    string: 5
    string: abc
    string: 1 2

=== not given
BEGIN { print(($1, str($1), $5)) }
---
Program
 BEGIN
  call: print
   tuple:
    int: 0
    string: 
    int: 0

=== how many
BEGIN { print(($#, str($#))) }
--- a b c
Program
 BEGIN
  call: print
   tuple:
    int: 3
    string: 3

=== with a length
BEGIN { print(str($1, 2)) }
--- abc
Program
 BEGIN
  call: print
   call: str
    string: abc
    int: 2

=== in places
BEGIN { @m[$1] = $2; if $1 > 3 { } unroll($2) { } } kprobe:f /pid == $1/ { }
--- 100 5
Program
 BEGIN
  =
   map: @m
    int: 100
   int: 5
  if
   >
    int: 100
    int: 3
   then
  unroll
   int: 5
   block
 kprobe:f
  pred
   ==
    identifier: pid
    int: 100

=== $0
BEGIN { print($0) }
---
stdin:1:15-17: ERROR: param $0 is invalid, parameters are counted from 1
BEGIN { print($0) }
              ~~

=== large ones
BEGIN { print(($1, $2, $3)) }
--- 18446744073709551615 9223372036854775807 99999999999999999999
Program
 BEGIN
  call: print
   tuple:
    int: 18446744073709551615
    int: 9223372036854775807
    string: 99999999999999999999

=== named ones stay calls
BEGIN { print(getopt("n", 5)); if (getopt("v")) { } }
--- --n=3
Program
 BEGIN
  call: print
   call: getopt
    string: n
    int: 5
  if
   call: getopt
    string: v
   then

