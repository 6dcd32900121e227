=== BPFTRACE_HAVE_BTF is defined
#ifndef BPFTRACE_HAVE_BTF
#include <linux/nowhere.h>
BEGIN { print(1) }
#else
BEGIN { print(2) }
#endif
---
Program
 BEGIN
  call: print
   int: 2

=== a name
#define N 5
#define S "x"
BEGIN { print((N, S, N + N)) }
---
Program
 BEGIN
  call: print
   tuple:
    int: 5
    string: x
    +
     int: 5
     int: 5

=== with arguments
#define ADD(a, b) ((a) + (b))
#define ONE() 1
BEGIN { print(ADD(1, ADD(2, 3))); print(ONE()) }
---
Program
 BEGIN
  call: print
   +
    int: 1
    +
     int: 2
     int: 3
  call: print
   int: 1

=== an expression in a name
#define MASK (1 << 4 | 1)
BEGIN { print(MASK & 3) }
---
Program
 BEGIN
  call: print
   &
    |
     <<
      int: 1
      int: 4
     int: 1
    int: 3

=== names of names
#define A B
#define B C + 1
#define C 2
BEGIN { print(A) }
---
Program
 BEGIN
  call: print
   +
    int: 2
    int: 1

=== names of themselves
#define A A + 1
#define X Y
#define Y X
BEGIN { print(A); print(X) }
---
Program
 BEGIN
  call: print
   +
    identifier: A
    int: 1
  call: print
   identifier: X

=== a function's name alone
#define F(x) x
BEGIN { print(F); print(F (3)) }
---
Program
 BEGIN
  call: print
   identifier: F
  call: print
   int: 3

=== lines that go on
#define A 1 + \
 2
BEGIN { print(A) }
---
Program
 BEGIN
  call: print
   +
    int: 1
    int: 2

=== undef
#define A 1
#undef A
#ifdef A
BEGIN { }
#else
END { }
#endif
---
Program
 END

=== conditions
#define A 3
#if A > 2 && defined(A) && !defined B
BEGIN { print(1) }
#elif 1
BEGIN { print(2) }
#else
BEGIN { print(3) }
#endif
#if 0
" ' nonsense
#elif A == 3
END { }
#else
end { print(5) }
#endif
---
Program
 BEGIN
  call: print
   int: 1
 END

=== conditions in conditions
#if 0
#if 1
foo
#else
bar
#endif
#else
#ifdef NO
x
#else
BEGIN { }
#endif
#endif
---
Program
 BEGIN

=== unknown names are 0
#if FOO
x
#elif FOO + 1
BEGIN { }
#endif
---
Program
 BEGIN

=== in the middle of a block
BEGIN {
#ifdef BPFTRACE_HAVE_BTF
  print(1);
#else
  print(2);
#endif
}
---
Program
 BEGIN
  call: print
   int: 1

=== comments in directives
#define A 5 // five
#define B /* six */ 6
#ifdef A // yes
BEGIN { print(A + B) }
#endif /* A */
---
Program
 BEGIN
  call: print
   +
    int: 5
    int: 6

=== kernel headers are ignored
#include <linux/sched.h>
#include <net/sock.h>
#include <linux/path.h>
BEGIN { print((AF_INET, TASK_RUNNING)) }
---
Program
 BEGIN
  call: print
   tuple:
    int: 2
    int: 0

=== a header of C
#include <small.h>
BEGIN { print((SMALL, sizeof(struct small), TWICE(2), SMALL_B)) }
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
   tuple:
    int: 42
    sizeof: struct small
    *
     int: 2
     int: 2
    identifier: SMALL_B

=== a header twice
#include <small.h>
#include <small.h>
BEGIN { }
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

=== a header that is not there
#include "no/such.h"
#include <lol/no.h>
BEGIN { }
---
stdin:1:1-21: ERROR: 'no/such.h' file not found
#include "no/such.h"
~~~~~~~~~~~~~~~~~~~~
HINT: -I DIR adds a directory in which headers are looked for
stdin:2:1-20: ERROR: 'lol/no.h' file not found
#include <lol/no.h>
~~~~~~~~~~~~~~~~~~~
HINT: -I DIR adds a directory in which headers are looked for

=== no end
#ifdef A
BEGIN { }
---
stdin:1:1-9: ERROR: this #if has no #endif
#ifdef A
~~~~~~~~

=== no beginning
#endif
#else
#elif 1
BEGIN { }
---
stdin:1:1-7: ERROR: #endif without #if
#endif
~~~~~~
stdin:2:1-6: ERROR: #else without #if
#else
~~~~~
stdin:3:1-8: ERROR: #elif without #if
#elif 1
~~~~~~~

=== else twice
#if 1
#else
#else
#endif
BEGIN { }
---
stdin:3:1-6: ERROR: #else after #else
#else
~~~~~

=== error
#ifndef FOO
#error there is no FOO
#endif
BEGIN { }
---
stdin:2:1-23: ERROR: #error there is no FOO
#error there is no FOO
~~~~~~~~~~~~~~~~~~~~~~

=== warning
#warning look out
BEGIN { }
---
stdin:1:1-18: WARNING: #warning look out
#warning look out
~~~~~~~~~~~~~~~~~
Program
 BEGIN

=== unknown directives
#foo
#include nothing
#define 5
#ifdef
#endif
BEGIN { }
---
stdin:1:1-5: ERROR: invalid preprocessing directive '#foo'
#foo
~~~~
stdin:2:1-17: ERROR: #include wants "FILE" or <FILE>
#include nothing
~~~~~~~~~~~~~~~~
stdin:3:9-10: ERROR: #define wants a name
#define 5
        ~
stdin:4:1-7: ERROR: #ifdef wants a name
#ifdef
~~~~~~

=== arguments without end
#define F(x) x
BEGIN { F(1 }
---
stdin:2:9-10: ERROR: the arguments of F have no end
BEGIN { F(1 }
        ~

=== arguments of the wrong number
#define F(x, y) x
BEGIN { F(1); F(1,2,3) }
---
stdin:2:9-10: ERROR: F wants 2 arguments, and got 1
BEGIN { F(1); F(1,2,3) }
        ~
stdin:2:15-16: ERROR: F wants 2 arguments, and got 3
BEGIN { F(1); F(1,2,3) }
              ~

=== a condition that is none
#if 1 +
#endif
#if x(
#endif
#if 1 / 0
#endif
BEGIN { }
---
stdin:1:7-8: ERROR: syntax error, unexpected end of file
#if 1 +
      ~
stdin:3:6-7: ERROR: syntax error, unexpected (
#if x(
     ~
stdin:5:5-10: ERROR: division by zero in a constant
#if 1 / 0
    ~~~~~

=== mistakes are shown where the name stands
#define BAD 1 +
BEGIN { $x = BAD; }
---
stdin:2:17-18: ERROR: syntax error, unexpected ;
BEGIN { $x = BAD; }
                ~

=== growth without end
#define A0 A1 A1 A1 A1 A1
#define A1 A2 A2 A2 A2 A2
#define A2 A3 A3 A3 A3 A3
#define A3 A4 A4 A4 A4 A4
#define A4 A5 A5 A5 A5 A5
#define A5 A6 A6 A6 A6 A6
#define A6 A7 A7 A7 A7 A7
#define A7 A8 A8 A8 A8 A8
#define A8 A9 A9 A9 A9 A9
#define A9 A10 A10 A10 A10 A10
#define A10 A11 A11 A11 A11 A11
#define A11 A12 A12 A12 A12 A12
#define A12 1
BEGIN { print(A0) }
---
stdin:14:15-17: ERROR: syntax error, unexpected integer, expecting ) or ","
BEGIN { print(A0) }
              ~~
stdin:14:15-17: ERROR: the #defines of this program expand to too much
BEGIN { print(A0) }
              ~~

=== a directive is no comment
BEGIN { print(1); # 5
 }
---
stdin:1:19-20: ERROR: syntax error, unexpected #
BEGIN { print(1); # 5
                  ~

=== ## makes one token of two
#define CAT(a, b) a ## b
#define THREE(a, b, c) a ## b ## c + a
#define NAME foo
BEGIN { CAT(@, foo) = CAT(1, 2); $x = THREE(1, 0, 5); CAT(NA, ME)(CAT(, 7)) }
---
Program
 BEGIN
  =
   map: @foo
   int: 12
  =
   variable: $x
   +
    int: 105
    int: 1
  call: foo
   int: 7

=== ## cannot make everything
#define CAT(a, b) a ## b
BEGIN { $x = CAT(1, +) }
---
stdin:2:14-17: ERROR: CAT: '1+' is no token that ## could make
BEGIN { $x = CAT(1, +) }
             ~~~

=== #x is the argument's text, not expanded
#define ONE 1
#define TEXT(x) #x
BEGIN { print(TEXT(ONE + f(2, "a"))) }
---
Program
 BEGIN
  call: print
   string: ONE + f(2, "a")

=== in #x blanks and comments between two tokens are one blank
#define TEXT(x) #x
BEGIN { print(TEXT(a  + /* one */ f( 2,
	"a  b"))) }
---
Program
 BEGIN
  call: print
   string: a + f( 2, "a  b")
