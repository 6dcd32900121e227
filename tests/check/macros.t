=== a macro with its own variables
macro add(a, b) { let $sum = a + b; $sum * 2 }
BEGIN { @x = add(1, nsecs); @y = add(2, 3); }
---
@x: uint64
@y: int64

=== a macro that changes what it is given
macro inc($v, @m) { $v += 1; @m[$v]++; }
BEGIN { $n = 1; inc($n, @x); print($n); }
---
@x[int64]: int64

=== what is wrong in a macro is shown there, and where it was called
macro bad(e) { let $x = fake; $x + e }
BEGIN { print(bad(1)); }
END { print(2); print(bad(3)); }
---
stdin:1:25-29: ERROR: Unknown identifier: 'fake'
macro bad(e) { let $x = fake; $x + e }
                        ~~~~
stdin:2:15-21: ERROR: expanded from
BEGIN { print(bad(1)); }
              ~~~~~~
stdin:1:25-29: ERROR: Unknown identifier: 'fake'
macro bad(e) { let $x = fake; $x + e }
                        ~~~~
stdin:3:23-29: ERROR: expanded from
END { print(2); print(bad(3)); }
                      ~~~~~~

=== a macro in a macro
macro inner(e) { let $x = nosuch(e); $x }
macro outer(e) { let $y = inner(e); $y + 1 }
BEGIN { @a = outer(5); }
---
stdin:1:27-36: ERROR: Unknown function: 'nosuch'
macro inner(e) { let $x = nosuch(e); $x }
                          ~~~~~~~~~
stdin:2:27-35: ERROR: expanded from
macro outer(e) { let $y = inner(e); $y + 1 }
                          ~~~~~~~~
stdin:3:14-22: ERROR: expanded from
BEGIN { @a = outer(5); }
             ~~~~~~~~

=== what is wrong in an argument is shown in the call
macro twice(e) { let $x = e; $x + $x }
BEGIN { print(twice(fake)); }
---
stdin:2:21-25: ERROR: Unknown identifier: 'fake'
BEGIN { print(twice(fake)); }
                    ~~~~
stdin:2:15-26: ERROR: expanded from
BEGIN { print(twice(fake)); }
              ~~~~~~~~~~~

=== a macro that does not fit its arguments
macro plus(e) { let $x = e + 1; $x }
BEGIN { print(plus(comm)); }
---
stdin:1:26-31: ERROR: Type mismatch for '+': comparing 'string[16]' with 'int64'
macro plus(e) { let $x = e + 1; $x }
                         ~~~~~
stdin:2:15-25: ERROR: expanded from
BEGIN { print(plus(comm)); }
              ~~~~~~~~~~

=== variables of a macro are shown by the names that they have there
macro m(e) { let $x; let $y: int8 = e; print($y); }
BEGIN { m("a"); m(1); }
---
stdin:1:22-38: ERROR: Type mismatch for $y: trying to assign value of type 'string[2]' when variable already contains a value of type 'int8'
macro m(e) { let $x; let $y: int8 = e; print($y); }
                     ~~~~~~~~~~~~~~~~
stdin:2:9-15: ERROR: expanded from
BEGIN { m("a"); m(1); }
        ~~~~~~
stdin:1:14-20: WARNING: Variable $x was never assigned to.
macro m(e) { let $x; let $y: int8 = e; print($y); }
             ~~~~~~
stdin:1:14-20: WARNING: Variable $x was never assigned to.
macro m(e) { let $x; let $y: int8 = e; print($y); }
             ~~~~~~

=== a macro that asks for types
macro text(e) { if comptime is_str(e) { print(e); } else { printf("%d\n", e); } }
BEGIN { text(5); text("abc"); text(comm); text(pid); }
---


=== a map that a macro reads before it is filled
macro put(@m, k) { @m[k] = @m[k] + 1; }
BEGIN { put(@a, comm); put(@b, 5); }
---
@a[string[16]]: int64
@b[int64]: int64

=== a macro that is one expression
macro plus(e) { e + "s" } macro twice(e) { plus(e) }
BEGIN { print(twice(1)); print(plus(2)); }
---
stdin:1:17-24: ERROR: Type mismatch for '+': comparing 'int64' with 'string[2]'
macro plus(e) { e + "s" } macro twice(e) { plus(e) }
                ~~~~~~~
stdin:1:44-51: ERROR: expanded from
macro plus(e) { e + "s" } macro twice(e) { plus(e) }
                                           ~~~~~~~
stdin:2:15-23: ERROR: expanded from
BEGIN { print(twice(1)); print(plus(2)); }
              ~~~~~~~~
stdin:1:17-24: ERROR: Type mismatch for '+': comparing 'int64' with 'string[2]'
macro plus(e) { e + "s" } macro twice(e) { plus(e) }
                ~~~~~~~
stdin:2:32-39: ERROR: expanded from
BEGIN { print(twice(1)); print(plus(2)); }
                               ~~~~~~~
