=== if
BEGIN { if ($a) { print(1) } if $a == 1 { print(2); } else { print(3) } if $a { } else if $b { } else { } }
---
Program
 BEGIN
  if
   variable: $a
   then
    call: print
     int: 1
  if
   ==
    variable: $a
    int: 1
   then
    call: print
     int: 2
   else
    call: print
     int: 3
  if
   variable: $a
   then
   else
    if
     variable: $b
     then
     else

=== the value of an if that is a statement is nobody's
BEGIN { if $a { 1 } else { 2 } print(3) }
---
Program
 BEGIN
  if
   variable: $a
   then
    int: 1
   else
    int: 2
  call: print
   int: 3

=== while and unroll
BEGIN { while ($i < 5) { $i++; } while $i > 0 { $i-- } unroll(3) { print(1); } unroll 2 { } unroll ($1) { } }
--- 7
Program
 BEGIN
  while(
   <
    variable: $i
    int: 5
   )
   block
    variable: $i
     ++
  while(
   >
    variable: $i
    int: 0
   )
   block
    variable: $i
     --
  unroll
   int: 3
   block
    call: print
     int: 1
  unroll
   int: 2
   block
  unroll
   int: 7
   block

=== for over ranges
BEGIN { for $i : 0..10 { print($i) } for ($i : 0..$n) { } for $i : ($a + 1)..($b * 2) { } for $i : -5..5 { } }
---
Program
 BEGIN
  for
   variable: $i
   int: 0
   int: 10
   block
    call: print
     variable: $i
  for
   variable: $i
   int: 0
   variable: $n
   block
  for
   variable: $i
   +
    variable: $a
    int: 1
   *
    variable: $b
    int: 2
   block
  for
   variable: $i
   int: -5
   int: 5
   block

=== for over maps
BEGIN { for $kv : @m { print($kv.0) } for ($kv : @m) { print(($kv.0, $kv.1)); } }
---
Program
 BEGIN
  for
   variable: $kv
   map: @m
   block
    call: print
     .
      variable: $kv
      0
  for
   variable: $kv
   map: @m
   block
    call: print
     tuple:
      .
       variable: $kv
       0
      .
       variable: $kv
       1

=== for over nothing that can be walked
BEGIN { for $x : $y { } }
---
stdin:1:21-22: ERROR: syntax error, unexpected {, expecting ..
BEGIN { for $x : $y { } }
                    ~

=== for without variable
BEGIN { for @x : @y { } for i : 0..5 { } }
---
stdin:1:13-15: ERROR: syntax error, unexpected map, expecting variable
BEGIN { for @x : @y { } for i : 0..5 { } }
            ~~
HINT: a loop is written: for $i : 0..10 { ... }, or for $kv : @map { ... }
stdin:1:29-30: ERROR: syntax error, unexpected identifier, expecting variable
BEGIN { for @x : @y { } for i : 0..5 { } }
                            ~
HINT: a loop is written: for $i : 0..10 { ... }, or for $kv : @map { ... }

=== break, continue, return
BEGIN { while 1 { break; continue } return;  } test:a { return 1 } test:b { return 1 + 2; }
---
Program
 BEGIN
  while(
   int: 1
   )
   block
    break
    continue
  return
 test:a
  return
   int: 1
 test:b
  return
   +
    int: 1
    int: 2

=== let
BEGIN { let $x; let $y = 1; let $z: int32; let $a: struct foo * = (struct foo *)arg0; let $b : string[16] = "x"; let $c: uint64 = 5; }
---
Program
 BEGIN
  decl
   variable: $x
  decl
   variable: $y
   int: 1
  decl
   variable: $z
   type: int32
  decl
   variable: $a
   type: struct foo*
   (struct foo*)
    identifier: arg0
  decl
   variable: $b
   type: string[16]
   string: x
  decl
   variable: $c
   type: uint64
   int: 5

=== let without variable
BEGIN { let x = 1; let = 2; let @m = 3 }
---
stdin:1:13-14: ERROR: syntax error, unexpected identifier, expecting variable
BEGIN { let x = 1; let = 2; let @m = 3 }
            ~
stdin:1:24-25: ERROR: syntax error, unexpected =, expecting variable
BEGIN { let x = 1; let = 2; let @m = 3 }
                       ~
stdin:1:33-35: ERROR: syntax error, unexpected map, expecting variable
BEGIN { let x = 1; let = 2; let @m = 3 }
                                ~~

=== blocks
BEGIN { { $x = 1; } { } { print(2) } ; ;; print(3) }
---
Program
 BEGIN
  block
   =
    variable: $x
    int: 1
  block
  block
   call: print
    int: 2
  call: print
   int: 3

=== no semicolon behind a block
BEGIN { if 1 { } print(1); while 0 { } print(2); { } print(3) }
---
Program
 BEGIN
  if
   int: 1
   then
  call: print
   int: 1
  while(
   int: 0
   )
   block
  call: print
   int: 2
  block
  call: print
   int: 3

=== no semicolon
BEGIN { @x = 1 $y = 2; print(3) }
---
stdin:1:16-18: ERROR: syntax error, unexpected variable, expecting }
BEGIN { @x = 1 $y = 2; print(3) }
               ~~
HINT: statements are separated by ;

=== a statement of nothing
BEGIN { ; } END { ;; }
---
Program
 BEGIN
 END

=== each mistake is found
BEGIN { $a = ; print(1); $b = 1 +; if { }; print(2); @c =  }
END { $d = * }
---
stdin:1:14-15: ERROR: syntax error, unexpected ;
BEGIN { $a = ; print(1); $b = 1 +; if { }; print(2); @c =  }
             ~
stdin:1:34-35: ERROR: syntax error, unexpected ;
BEGIN { $a = ; print(1); $b = 1 +; if { }; print(2); @c =  }
                                 ~
stdin:1:42-43: ERROR: syntax error, unexpected ;, expecting {
BEGIN { $a = ; print(1); $b = 1 +; if { }; print(2); @c =  }
                                         ~
stdin:1:60-61: ERROR: syntax error, unexpected }
BEGIN { $a = ; print(1); $b = 1 +; if { }; print(2); @c =  }
                                                           ~
stdin:2:14-15: ERROR: syntax error, unexpected }
END { $d = * }
             ~

=== the end is missing
BEGIN { if 1 { print(1);
---
stdin:1:24-25: ERROR: syntax error, unexpected end of file, expecting }
BEGIN { if 1 { print(1);
                       ~

=== else without if
BEGIN { else { } }
---
stdin:1:9-13: ERROR: syntax error, unexpected else
BEGIN { else { } }
        ~~~~

=== maps are declared
let @a = hash(10); let @b = lruhash(5); let @c = percpuhash(1); let @ = percpulruhash(100);
BEGIN { @a[1] = 2 }
---
Program
 let @a = hash(10)
 let @b = lruhash(5)
 let @c = hash(1)
 let @ = lruhash(100)
 BEGIN
  =
   map: @a
    int: 1
   int: 2

=== maps are declared wrongly
let @a = foo(10); let @b = hash(0); let @c = hash(x); let @d = hash(1); let @d = hash(2); BEGIN { }
---
stdin:1:10-13: ERROR: Invalid bpf map type: foo
let @a = foo(10); let @b = hash(0); let @c = hash(x); let @d = hash(1); let @d = hash(2); BEGIN { }
         ~~~
HINT: Valid map types: percpulruhash, percpuhash, lruhash, hash
stdin:1:33-34: ERROR: the size of a map is from 1 to 4294967295
let @a = foo(10); let @b = hash(0); let @c = hash(x); let @d = hash(1); let @d = hash(2); BEGIN { }
                                ~
stdin:1:51-52: ERROR: syntax error, unexpected identifier, expecting integer
let @a = foo(10); let @b = hash(0); let @c = hash(x); let @d = hash(1); let @d = hash(2); BEGIN { }
                                                  ~
stdin:1:73-89: ERROR: Redeclaration of existing map '@d'
let @a = foo(10); let @b = hash(0); let @c = hash(x); let @d = hash(1); let @d = hash(2); BEGIN { }
                                                                        ~~~~~~~~~~~~~~~~

=== functions
fn add($a: int64, $b: int64): int64 { return $a + $b; } fn one(): uint8 { 1 } fn p($s: struct foo *): void { } BEGIN { print(add(1, 2)) }
---
Program
 fn add($a: int64, $b: int64): int64
  return
   +
    variable: $a
    variable: $b
 fn one(): uint8
  return
   int: 1
 fn p($s: struct foo*): void
 BEGIN
  call: print
   call: add
    int: 1
    int: 2

=== functions without types
fn f($a): int32 { } fn g() { } fn h(a: int8): int8 { } fn k(): int8 { } fn k(): int8 { } BEGIN { }
---
stdin:1:8-9: ERROR: syntax error, unexpected ), expecting :
fn f($a): int32 { } fn g() { } fn h(a: int8): int8 { } fn k(): int8 { } fn k(): int8 { } BEGIN { }
       ~
stdin:1:28-29: ERROR: syntax error, unexpected {, expecting :
fn f($a): int32 { } fn g() { } fn h(a: int8): int8 { } fn k(): int8 { } fn k(): int8 { } BEGIN { }
                           ~
stdin:1:37-38: ERROR: syntax error, unexpected identifier, expecting variable
fn f($a): int32 { } fn g() { } fn h(a: int8): int8 { } fn k(): int8 { } fn k(): int8 { } BEGIN { }
                                    ~
stdin:1:73-85: ERROR: Redeclaration of function 'k'
fn f($a): int32 { } fn g() { } fn h(a: int8): int8 { } fn k(): int8 { } fn k(): int8 { } BEGIN { }
                                                                        ~~~~~~~~~~~~

=== names of statements are no probes
config = { } import:x { } BEGIN { }
---
stdin:1:20-21: ERROR: syntax error, unexpected :, expecting string
config = { } import:x { } BEGIN { }
                   ~

=== statements as C has them
BEGIN { if (1) print(1); }
BEGIN { if ($x = 5) { } if $x = 5 { } }
BEGIN { for ($i = 0; $i < 3; $i++) { print($i); } }
BEGIN { int x = 1; }
---
stdin:1:16-21: ERROR: syntax error, unexpected identifier, expecting {
BEGIN { if (1) print(1); }
               ~~~~~
HINT: what is to be done stands in braces: { ... }
stdin:2:16-17: ERROR: syntax error, unexpected =, expecting )
BEGIN { if ($x = 5) { } if $x = 5 { } }
               ~
HINT: == compares, = assigns
stdin:2:31-32: ERROR: syntax error, unexpected =, expecting {
BEGIN { if ($x = 5) { } if $x = 5 { } }
                              ~
HINT: == compares, = assigns
stdin:3:17-18: ERROR: syntax error, unexpected =, expecting :
BEGIN { for ($i = 0; $i < 3; $i++) { print($i); } }
                ~
HINT: a loop is written: for $i : 0..10 { ... }, or for $kv : @map { ... }
stdin:3:34-35: ERROR: syntax error, unexpected ), expecting }
BEGIN { for ($i = 0; $i < 3; $i++) { print($i); } }
                                 ~
stdin:4:13-14: ERROR: syntax error, unexpected identifier, expecting }
BEGIN { int x = 1; }
            ~
HINT: a variable is declared so: let $x : int32 = 1;

