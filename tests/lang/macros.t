=== an expression
macro twice(x) { x + x } BEGIN { $a = twice(3); $a = twice($b * 2) }
---
Program
 BEGIN
  =
   variable: $a
   +
    int: 3
    int: 3
  =
   variable: $a
   +
    *
     variable: $b
     int: 2
    *
     variable: $b
     int: 2

=== a variable
macro inc($v) { $v += 1; } BEGIN { $a = 1; inc($a); }
---
Program
 BEGIN
  =
   variable: $a
   int: 1
  block
   +=
    variable: $a
    int: 1

=== a map
macro set(@m, k) { @m[k] = 1; } BEGIN { set(@a, 5); set(@, "x") }
---
Program
 BEGIN
  block
   =
    map: @a
     int: 5
    int: 1
  block
   =
    map: @
     string: x
    int: 1

=== without arguments
macro five() { 5 } BEGIN { print(five()); print(five) }
---
Program
 BEGIN
  call: print
   int: 5
  call: print
   int: 5

=== variables of its own
macro f(x) { $t = x; let $u = $t; for $i : 0..3 { print($i) } $t + $u } BEGIN { $t = 1; print(f($t)); print(f(2)) }
---
Program
 BEGIN
  =
   variable: $t
   int: 1
  call: print
   block
    =
     variable: $t#1
     variable: $t
    decl
     variable: $u#1
     variable: $t#1
    for
     variable: $i#1
     int: 0
     int: 3
     block
      call: print
       variable: $i#1
    +
     variable: $t#1
     variable: $u#1
  call: print
   block
    =
     variable: $t#2
     int: 2
    decl
     variable: $u#2
     variable: $t#2
    for
     variable: $i#2
     int: 0
     int: 3
     block
      call: print
       variable: $i#2
    +
     variable: $t#2
     variable: $u#2

=== macros of macros
macro a(x) { x + 1 } macro b(x) { a(x) * 2 } BEGIN { print(b(a(3))) }
---
Program
 BEGIN
  call: print
   *
    +
     +
      int: 3
      int: 1
     int: 1
    int: 2

=== defined behind their use
BEGIN { print(f(1)) } macro f(x) { x }
---
Program
 BEGIN
  call: print
   int: 1

=== overloads
macro f($v) { 1 } macro f(@m) { 2 } macro f(e) { 3 } macro f(a, b) { 4 } BEGIN { $x = 0; print((f($x), f(@m), f(5), f(1, 2))); }
---
Program
 BEGIN
  =
   variable: $x
   int: 0
  call: print
   tuple:
    int: 1
    int: 2
    int: 3
    int: 4

=== in predicates, keys, and functions
macro me() { pid } fn f(): int32 { return me() } kprobe:f /me == 1/ { @[me()] = count() }
---
Program
 fn f(): int32
  return
   identifier: pid
 kprobe:f
  pred
   ==
    identifier: pid
    int: 1
  =
   map: @
    identifier: pid
   call: count

=== the value is dropped
macro f(x) { print(x); x } BEGIN { f(1); f(2) }
---
Program
 BEGIN
  block
   call: print
    int: 1
   int: 1
  block
   call: print
    int: 2
   int: 2

=== in members of records
macro f(x) { x } BEGIN { $r = (x=f(1)); $y = f($r).x; $z = offsetof(struct foo, x); }
---
Program
 BEGIN
  =
   variable: $r
   record:
    .x=
     int: 1
  =
   variable: $y
   .
    variable: $r
    x
  =
   variable: $z
   offsetof: struct foo
    x

=== of the wrong kind
macro f($v) { $v } macro g(@m) { @m } BEGIN { f(1); f(@x); g($y); g(@m[1]) }
---
stdin:1:49-50: ERROR: Mismatched arg to macro call. Macro expects a variable for arg $v but got an expression.
macro f($v) { $v } macro g(@m) { @m } BEGIN { f(1); f(@x); g($y); g(@m[1]) }
                                                ~
stdin:1:55-57: ERROR: Mismatched arg to macro call. Macro expects a variable for arg $v but got a map.
macro f($v) { $v } macro g(@m) { @m } BEGIN { f(1); f(@x); g($y); g(@m[1]) }
                                                      ~~
stdin:1:62-64: ERROR: Mismatched arg to macro call. Macro expects a map for arg @m but got a variable.
macro f($v) { $v } macro g(@m) { @m } BEGIN { f(1); f(@x); g($y); g(@m[1]) }
                                                             ~~
stdin:1:69-74: ERROR: Mismatched arg to macro call. Macro expects a map for arg @m but got an element of a map.
macro f($v) { $v } macro g(@m) { @m } BEGIN { f(1); f(@x); g($y); g(@m[1]) }
                                                                    ~~~~~

=== of the wrong number
macro f(a, b) { a } BEGIN { f(1); f(1, 2, 3) }
---
stdin:1:29-33: ERROR: Call to macro 'f' has the wrong number of arguments. Expected: 2, got: 1
macro f(a, b) { a } BEGIN { f(1); f(1, 2, 3) }
                            ~~~~
stdin:1:35-45: ERROR: Call to macro 'f' has the wrong number of arguments. Expected: 2, got: 3
macro f(a, b) { a } BEGIN { f(1); f(1, 2, 3) }
                                  ~~~~~~~~~~

=== that call themselves
macro f(x) { f(x) } BEGIN { f(1) }
---
stdin:1:14-18: ERROR: Recursive macro call detected. Call chain: f > f
macro f(x) { f(x) } BEGIN { f(1) }
             ~~~~

=== that call each other
macro f(x) { g(x) } macro g(x) { f(x) } BEGIN { f(1) }
---
stdin:1:34-38: ERROR: Recursive macro call detected. Call chain: f > g > f
macro f(x) { g(x) } macro g(x) { f(x) } BEGIN { f(1) }
                                 ~~~~

=== that touch what is not theirs
macro f() { $x + 1 } macro g() { @m } BEGIN { $x = 1; print(f()); print(g()) }
---
stdin:1:13-15: ERROR: Unhygienic access to variable: $x. Variables must be passed into the macro as arguments.
macro f() { $x + 1 } macro g() { @m } BEGIN { $x = 1; print(f()); print(g()) }
            ~~
stdin:1:34-36: ERROR: Unhygienic access to map: @m. Maps must be passed into the macro as arguments.
macro f() { $x + 1 } macro g() { @m } BEGIN { $x = 1; print(f()); print(g()) }
                                 ~~

=== that grow without end
macro m0(x) { m1(x) + m1(x) + m1(x) + m1(x) }
macro m1(x) { m2(x) + m2(x) + m2(x) + m2(x) }
macro m2(x) { m3(x) + m3(x) + m3(x) + m3(x) }
macro m3(x) { m4(x) + m4(x) + m4(x) + m4(x) }
macro m4(x) { m5(x) + m5(x) + m5(x) + m5(x) }
macro m5(x) { m6(x) + m6(x) + m6(x) + m6(x) }
macro m6(x) { m7(x) + m7(x) + m7(x) + m7(x) }
macro m7(x) { m8(x) + m8(x) + m8(x) + m8(x) }
macro m8(x) { m9(x) + m9(x) + m9(x) + m9(x) }
macro m9(x) { m10(x) + m10(x) + m10(x) + m10(x) }
macro m10(x) { m11(x) + m11(x) + m11(x) + m11(x) }
macro m11(x) { m12(x) + m12(x) + m12(x) + m12(x) }
macro m12(x) { x } BEGIN { print(m0(1)) }
---
stdin:11:16-22: ERROR: the macros of this program expand to too much
macro m10(x) { m11(x) + m11(x) + m11(x) + m11(x) }
               ~~~~~~

=== two parameters of one name
macro f(a, a) { a } BEGIN { f(1, 2) }
---
stdin:1:12-13: ERROR: Macro 'f' has two parameters with the name 'a'
macro f(a, a) { a } BEGIN { f(1, 2) }
           ~

=== wrong ones
macro (a) { } macro f(1) { } macro g( { } BEGIN { }
---
stdin:1:7-8: ERROR: syntax error, unexpected (, expecting identifier
macro (a) { } macro f(1) { } macro g( { } BEGIN { }
      ~
stdin:1:23-24: ERROR: syntax error, unexpected integer, expecting a parameter: $x, @x or a name
macro (a) { } macro f(1) { } macro g( { } BEGIN { }
                      ~
stdin:1:39-40: ERROR: syntax error, unexpected {, expecting a parameter: $x, @x or a name
macro (a) { } macro f(1) { } macro g( { } BEGIN { }
                                      ~

=== of the tools
macro print_result(@a, n) { printf("\nTop %d\n", n); print(@a, n); clear(@a); } END { print_result(@syscall, 10); }
---
Program
 END
  block
   call: printf
    string: \nTop %d\n
    int: 10
   call: print
    map: @syscall
    int: 10
   call: clear
    map: @syscall

=== two of one kind
macro f(x) { x } macro f($x) { $x } macro f(x, y) { x + y } macro f(y) { y }
BEGIN { }
---
stdin:1:61-71: ERROR: Redefinition of macro: f
macro f(x) { x } macro f($x) { $x } macro f(x, y) { x + y } macro f(y) { y }
                                                            ~~~~~~~~~~
