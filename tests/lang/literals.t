=== integers
BEGIN { print((0, 1, 255, 0xff, 0XFF, 010, 0777, 1000000));  }
---
Program
 BEGIN
  call: print
   tuple:
    int: 0
    int: 1
    int: 255
    int: 255
    int: 255
    int: 8
    int: 511
    int: 1000000

=== their ends
BEGIN { print((127, 128, 32767, 32768, 2147483647, 2147483648, 9223372036854775807, 9223372036854775808, 18446744073709551615));  }
---
Program
 BEGIN
  call: print
   tuple:
    int: 127
    int: 128
    int: 32767
    int: 32768
    int: 2147483647
    int: 2147483648
    int: 9223372036854775807
    int: 9223372036854775808
    int: 18446744073709551615

=== below zero
BEGIN { print((-1, -128, -129, -32768, -2147483648, -9223372036854775808));  }
---
Program
 BEGIN
  call: print
   tuple:
    int: -1
    int: -128
    int: -129
    int: -32768
    int: -2147483648
    int: -9223372036854775808

=== underscores and exponents
BEGIN { print((1_000, 1_000_000, 0xff_ff, 1e6, 5e9, 1e0, 1_0e2, 0e5));  }
---
Program
 BEGIN
  call: print
   tuple:
    int: 1000
    int: 1000000
    int: 65535
    int: 1000000
    int: 5000000000
    int: 1
    int: 1000
    int: 0

=== suffixes
BEGIN { print((1u, 1U, 1l, 1L, 1ul, 1UL, 1ll, 1ull, 1LLU, 5000000000u));  }
---
Program
 BEGIN
  call: print
   tuple:
    int: 1
    int: 1
    int: 1
    int: 1
    int: 1
    int: 1
    int: 1
    int: 1
    int: 1
    int: 5000000000

=== times
BEGIN { print((1ns, 1us, 1ms, 1s, 1m, 1h, 1d, 10ms));  }
---
Program
 BEGIN
  call: print
   tuple:
    int: 1
    int: 1000
    int: 1000000
    int: 1000000000
    int: 60000000000
    int: 3600000000000
    int: 86400000000000
    int: 10000000

=== too large
BEGIN { print(18446744073709551616); print(1e20); print(999999999999d); print(0x1ffffffffffffffff) }
---
stdin:1:15-35: ERROR: integer is too large: the largest is 18446744073709551615
BEGIN { print(18446744073709551616); print(1e20); print(999999999999d); print(0x1ffffffffffffffff) }
              ~~~~~~~~~~~~~~~~~~~~
stdin:1:44-48: ERROR: integer is too large: the largest is 18446744073709551615
BEGIN { print(18446744073709551616); print(1e20); print(999999999999d); print(0x1ffffffffffffffff) }
                                           ~~~~
stdin:1:57-70: ERROR: integer is too large: the largest is 18446744073709551615
BEGIN { print(18446744073709551616); print(1e20); print(999999999999d); print(0x1ffffffffffffffff) }
                                                        ~~~~~~~~~~~~~
stdin:1:79-98: ERROR: integer is too large: the largest is 18446744073709551615
BEGIN { print(18446744073709551616); print(1e20); print(999999999999d); print(0x1ffffffffffffffff) }
                                                                              ~~~~~~~~~~~~~~~~~~~

=== no octal digit
BEGIN { print(089) }
---
stdin:1:15-18: ERROR: invalid digit '8' in an octal number
BEGIN { print(089) }
              ~~~

=== an unknown suffix
BEGIN { print(10x); print(5sec); print(1uu) }
---
stdin:1:15-18: ERROR: invalid suffix 'x' on an integer
BEGIN { print(10x); print(5sec); print(1uu) }
              ~~~
HINT: suffixes: u, l, ul, ll, ull; units of time: ns, us, ms, s, m, h, d
stdin:1:27-31: ERROR: invalid suffix 'sec' on an integer
BEGIN { print(10x); print(5sec); print(1uu) }
                          ~~~~
HINT: suffixes: u, l, ul, ll, ull; units of time: ns, us, ms, s, m, h, d
stdin:1:40-43: ERROR: invalid suffix 'uu' on an integer
BEGIN { print(10x); print(5sec); print(1uu) }
                                       ~~~
HINT: suffixes: u, l, ul, ll, ull; units of time: ns, us, ms, s, m, h, d

=== a number that runs into a word
BEGIN { print(0x) }
---
stdin:1:15-17: ERROR: invalid suffix 'x' on an integer
BEGIN { print(0x) }
              ~~
HINT: suffixes: u, l, ul, ll, ull; units of time: ns, us, ms, s, m, h, d

=== strings
BEGIN { print(("", "abc", "a\nb\tc", "q\"q", "b\\b", "\x41\x4a\x0", "\101\0", "ä")) }
---
Program
 BEGIN
  call: print
   tuple:
    string: 
    string: abc
    string: a\nb\tc
    string: q"q
    string: b\\b
    string: AJ\x00
    string: A\x00
    string: ä

=== a string over lines
BEGIN { print("a
b") }
---
Program
 BEGIN
  call: print
   string: a\nb

=== an escape that is none
BEGIN { print("a\qb") }
---
stdin:1:15-19: ERROR: invalid escape character '\q'
BEGIN { print("a\qb") }
              ~~~~

=== a string without its end
BEGIN { print("abc); }
---
stdin:1:15-24: ERROR: unterminated string
BEGIN { print("abc); }
              ~~~~~~~~
stdin:1:15-24: ERROR: syntax error, unexpected end of file, expecting ) or ","
BEGIN { print("abc); }
              ~~~~~~~~

=== no character literals
BEGIN { print('a') }
---
stdin:1:15-16: ERROR: invalid character '''
BEGIN { print('a') }
              ~
HINT: strings are written in double quotes: "..."; there are no character literals
stdin:1:17-18: ERROR: invalid character '''
BEGIN { print('a') }
                ~
HINT: strings are written in double quotes: "..."; there are no character literals

=== truth
BEGIN { print((true, false)) }
---
Program
 BEGIN
  call: print
   tuple:
    bool: true
    bool: false

=== a strange character
BEGIN { print(1) `  \ }
---
stdin:1:18-19: ERROR: invalid character '`'
BEGIN { print(1) ` \x01 \ }
                 ~
stdin:1:20-21: ERROR: invalid character \x01
BEGIN { print(1) ` \x01 \ }
                   ~~~~
stdin:1:22-23: ERROR: invalid character '\'
BEGIN { print(1) ` \x01 \ }
                        ~

=== a dollar alone
BEGIN { $ = 1 }
---
stdin:1:9-10: ERROR: invalid character '$': a variable has a name, $x, a parameter a number, $1
BEGIN { $ = 1 }
        ~

=== comments
// one
/* two
 * three */ BEGIN /* four */ { /**/ print(1); // five
 }
---
Program
 BEGIN
  call: print
   int: 1

=== a comment without its end
BEGIN { } /* open
---
stdin:1:11-19: ERROR: end of file during comment
BEGIN { } /* open
          ~~~~~~~

=== a shebang
#!/usr/bin/env trapline
BEGIN { }
---
Program
 BEGIN

=== a line that goes on
BEGIN { print(1 + \
2) }
---
Program
 BEGIN
  call: print
   +
    int: 1
    int: 2

=== names with digits
BEGIN { @a1 = 1; $b_2 = 3; @ = 4; @_ = 5 }
---
Program
 BEGIN
  =
   map: @a1
   int: 1
  =
   variable: $b_2
   int: 3
  =
   map: @
   int: 4
  =
   map: @_
   int: 5

