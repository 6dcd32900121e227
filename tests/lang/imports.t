=== a file
import "tests/lang/include/lib.bt";
BEGIN { print(lib_twice(3)); print(lib_add(1, 2)); $x = (struct lib *)0 }
---
struct lib (4 bytes, aligned to 4)
 0: int32 a
Program
 fn lib_add($a: int64, $b: int64): int64
  return
   +
    variable: $a
    variable: $b
 BEGIN
  call: print
   *
    int: 3
    int: 2
  call: print
   call: lib_add
    int: 1
    int: 2
  =
   variable: $x
   (struct lib*)
    int: 0

=== a directory
import "tests/lang/include/many";
BEGIN { print(two()); print(sizeof(struct many)) }
---
struct many (4 bytes, aligned to 4)
 0: int32 a
Program
 BEGIN
  call: print
   +
    int: 1
    int: 1
  call: print
   sizeof: struct many

=== a header
import "tests/lang/include/small.h";
BEGIN { print(SMALL) }
---
struct small (16 bytes, aligned to 4)
 0: uint32 a
 4: enum small_kind kind
 8: string[8] name
enum small_kind
 SMALL_A = 0
 SMALL_B = 1
typedef small_t: struct small
Program
 BEGIN
  call: print
   int: 42

=== twice
import "tests/lang/include/lib.bt"; import "tests/lang/include/lib.bt";
BEGIN { }
---
struct lib (4 bytes, aligned to 4)
 0: int32 a
Program
 fn lib_add($a: int64, $b: int64): int64
  return
   +
    variable: $a
    variable: $b
 BEGIN

=== nothing of that name
import "no/such.bt"; BEGIN { }
---
stdin:1:1-20: ERROR: failed to import 'no/such.bt': No such file or directory
import "no/such.bt"; BEGIN { }
~~~~~~~~~~~~~~~~~~~

=== no program
import "Makefile"; BEGIN { }
---
stdin:1:1-18: ERROR: cannot import 'Makefile': an import is a .bt file, a .h file, or a directory of those
import "Makefile"; BEGIN { }
~~~~~~~~~~~~~~~~~

=== BPF code
import "tests/unit/lang.c"; BEGIN { }
---
stdin:1:1-27: ERROR: cannot import 'tests/unit/lang.c': that is BPF code, and trapline does without BPF
import "tests/unit/lang.c"; BEGIN { }
~~~~~~~~~~~~~~~~~~~~~~~~~~
HINT: write its functions as `fn` or `macro` in a .bt file

=== wrongly
import foo; import "x" BEGIN { }
---
stdin:1:8-11: ERROR: syntax error, unexpected identifier, expecting string
import foo; import "x" BEGIN { }
       ~~~
stdin:1:24-29: ERROR: syntax error, unexpected identifier, expecting ;
import foo; import "x" BEGIN { }
                       ~~~~~

