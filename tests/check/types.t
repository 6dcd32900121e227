=== widths of integers
BEGIN { @a = (int8)1; @b = (uint8)1; @c = (int16)1 + (uint16)1; @d = (uint64)1; @e[(int32)1] = 1; @f[(uint16)1] = 2; }
---
@a: int64
@b: uint64
@c: int64
@d: uint64
@e[int64]: int64
@f[uint64]: int64

=== literals give way to what they meet
BEGIN { @a = 0; @a = nsecs; @b = nsecs; @b = 0; @c[0] = 1; @c[nsecs] = 1; @d = -1; @d = pid; }
---
@a: uint64
@b: uint64
@c[uint64]: int64
@d: int64

=== narrow numbers of both signs fit into an int64
BEGIN { @a = (uint8)1; @a = (int8)-1; @b = (uint32)1; @b = -5; }
---
@a: int64
@b: int64

=== two that fit nowhere
BEGIN { @a = (int64)1; @a = nsecs; @b = nsecs; @b = -1; @c[nsecs] = 1; @c[-1] = 1; $x = (uint64)5; $x = (int32)6; }
---
stdin:1:24-26: ERROR: Type mismatch for @a: trying to assign value of type 'uint64' when map already has a type 'int64'
BEGIN { @a = (int64)1; @a = nsecs; @b = nsecs; @b = -1; @c[nsecs] = 1; @c[-1] = 1; $x = (uint64)5; $x = (int32)6; }
                       ~~
stdin:1:48-50: ERROR: Type mismatch for @b: trying to assign value of type 'int64' when map already has a type 'uint64'
BEGIN { @a = (int64)1; @a = nsecs; @b = nsecs; @b = -1; @c[nsecs] = 1; @c[-1] = 1; $x = (uint64)5; $x = (int32)6; }
                                               ~~
stdin:1:72-78: ERROR: Argument mismatch for @c: trying to access with arguments: 'int64' when map expects arguments: 'uint64'
BEGIN { @a = (int64)1; @a = nsecs; @b = nsecs; @b = -1; @c[nsecs] = 1; @c[-1] = 1; $x = (uint64)5; $x = (int32)6; }
                                                                       ~~~~~~
stdin:1:100-113: ERROR: Type mismatch for $x: trying to assign value of type 'int32' when variable already contains a value of type 'uint64'
BEGIN { @a = (int64)1; @a = nsecs; @b = nsecs; @b = -1; @c[nsecs] = 1; @c[-1] = 1; $x = (uint64)5; $x = (int32)6; }
                                                                                                   ~~~~~~~~~~~~~

=== an operator leaves the sign of what it changes
BEGIN { @a = nsecs; @a -= 1; @a--; $x = nsecs; $x -= 1; $x--; @b = $x; @c = pid; @c -= 5; @d = nsecs; @d = 5; }
---
@a: uint64
@b: uint64
@c: int64
@d: uint64

=== signs of results
BEGIN { @add = nsecs + 1; @sub = nsecs - 1; @mul = nsecs * 2; @div = nsecs / 3; @mod = nsecs % 10; @and = nsecs & 15; @shl = nsecs << 1; @neg = -nsecs; @not = ~nsecs; }
---
@add: uint64
@sub: int64
@mul: uint64
@div: uint64
@mod: uint64
@and: uint64
@shl: uint64
@neg: int64
@not: uint64

=== signs of results: signed
BEGIN { $x = -5; @add = $x + 1; @sub = $x - 1; @mul = $x * 2; @div = $x / 3; @and = $x & 15; @shl = $x << 1; @not = ~$x; @both = $x + nsecs; }
---
@add: int64
@sub: int64
@mul: int64
@div: int64
@and: int64
@shl: int64
@not: int64
@both: uint64

=== strings become as long as the longest
BEGIN { @a = "a"; @a = "abcdef"; @b["a"] = 1; @b["abcdef"] = 1; @c = comm; @c = "a"; }
---
@a: string[7]
@b[string[7]]: int64
@c: string[16]

=== strings that grow
BEGIN { @a = "a"; @a = str(@a, 10); @s = @t; @t = "abc"; }
---
@a: string[11]
@s: string[4]
@t: string[4]

=== tuples member by member
BEGIN { @a = (1, "a", (1, 2)); @a = (nsecs, "abc", (-1, nsecs)); @b[(1, "x")] = 1; @b[2, "abc"] = 1; }
---
@a: (uint64,string[4],(int64,uint64))
@b[(int64,string[4])]: int64

=== tuples of different sizes
BEGIN { @a = (1, 2); @a = (1, 2, 3); $t = (1, "a"); $t = (1, 2); }
---
stdin:1:22-24: ERROR: Type mismatch for @a: trying to assign value of type '(int64,int64,int64)' when map already has a type '(int64,int64)'
BEGIN { @a = (1, 2); @a = (1, 2, 3); $t = (1, "a"); $t = (1, 2); }
                     ~~
stdin:1:53-64: ERROR: Type mismatch for $t: trying to assign value of type '(int64,int64)' when variable already contains a value of type '(int64,string[2])'
BEGIN { @a = (1, 2); @a = (1, 2, 3); $t = (1, "a"); $t = (1, 2); }
                                                    ~~~~~~~~~~~

=== records
BEGIN { @a = (x=1, y="b"); print(@a.x); print(@a.y); print(@a.z); print(@a.0); }
---
stdin:1:60-64: ERROR: Struct/union of type 'record' does not contain a field named 'z'
BEGIN { @a = (x=1, y="b"); print(@a.x); print(@a.y); print(@a.z); print(@a.0); }
                                                           ~~~~
HINT: did you mean 'x'?

=== records of other names
BEGIN { @a = (x=1, y="b"); @a = (x=2, y="ccc"); @a = (x=1, z="b"); }
---
stdin:1:49-51: ERROR: Type mismatch for @a: trying to assign value of type 'record{.x=int64,.z=string[2]}' when map already has a type 'record{.x=int64,.y=string[4]}'
BEGIN { @a = (x=1, y="b"); @a = (x=2, y="ccc"); @a = (x=1, z="b"); }
                                                ~~

=== a record with a name twice
BEGIN { @a = (x=1, x=2); }
---
stdin:1:22-23: ERROR: the record has two members named 'x'
BEGIN { @a = (x=1, x=2); }
                     ~

=== a map is read before it is filled
BEGIN { print(@a); @b = @a; @c[@b] = 1; } END { @a = comm; }
---
@a: string[16]
@b: string[16]
@c[string[16]]: int64

=== a chain of maps
BEGIN { @a = @b; @b = @c; @c = @d; @d = "x"; }
---
@a: string[2]
@b: string[2]
@c: string[2]
@d: string[2]

=== maps that only know each other
BEGIN { @a = @b; @b = @a; }
---
stdin:1:9-11: ERROR: Undefined map: @a
BEGIN { @a = @b; @b = @a; }
        ~~
stdin:1:14-16: ERROR: Undefined map: @b
BEGIN { @a = @b; @b = @a; }
             ~~

=== a map that is nowhere filled
BEGIN { print(@a); if (@b) { } @c = @d; clear(@e); $x = @f[1]; }
---
stdin:1:15-17: ERROR: Undefined map: @a
BEGIN { print(@a); if (@b) { } @c = @d; clear(@e); $x = @f[1]; }
              ~~
stdin:1:24-26: ERROR: Undefined map: @b
BEGIN { print(@a); if (@b) { } @c = @d; clear(@e); $x = @f[1]; }
                       ~~
stdin:1:37-39: ERROR: Undefined map: @d
BEGIN { print(@a); if (@b) { } @c = @d; clear(@e); $x = @f[1]; }
                                    ~~
stdin:1:47-49: ERROR: Undefined map: @e
BEGIN { print(@a); if (@b) { } @c = @d; clear(@e); $x = @f[1]; }
                                              ~~
stdin:1:57-62: ERROR: Undefined map: @f
BEGIN { print(@a); if (@b) { } @c = @d; clear(@e); $x = @f[1]; }
                                                        ~~~~~

=== counters
BEGIN { @a++; ++@b; @c--; @d += 5; @e[comm]++; @f -= 1; @g |= 1; }
---
@a: int64
@b: int64
@c: int64
@d: int64
@e[string[16]]: int64
@f: int64
@g: int64

=== counters and pointers
BEGIN { @p = (int32 *)8; @p++; $q = @p; $q += 1; @q = $q; }
---
@p: int32 *
@q: int32 *

=== count() is not a counter
BEGIN { @a = count(); @a++; @b++; @b = count(); @c = count(); @c += 1; }
---
stdin:1:23-27: ERROR: The ++ operator can not be used on expressions of type 'count_t'
BEGIN { @a = count(); @a++; @b++; @b = count(); @c = count(); @c += 1; }
                      ~~~~
stdin:1:29-33: ERROR: The ++ operator can not be used on expressions of type 'count_t'
BEGIN { @a = count(); @a++; @b++; @b = count(); @c = count(); @c += 1; }
                            ~~~~
stdin:1:63-65: ERROR: Type mismatch for @c: trying to assign value of type 'int64' when map already has a type 'count_t'
BEGIN { @a = count(); @a++; @b++; @b = count(); @c = count(); @c += 1; }
                                                              ~~

=== one aggregate a map
BEGIN { @a = sum(1); @a = avg(1); @b = min(1); @b = max(1); @c = hist(1); @c = count(); @d = stats(1); @d = 1; }
---
stdin:1:22-24: ERROR: Type mismatch for @a: trying to assign value of type 'avg_t' when map already has a type 'sum_t'
BEGIN { @a = sum(1); @a = avg(1); @b = min(1); @b = max(1); @c = hist(1); @c = count(); @d = stats(1); @d = 1; }
                     ~~
stdin:1:48-50: ERROR: Type mismatch for @b: trying to assign value of type 'max_t' when map already has a type 'min_t'
BEGIN { @a = sum(1); @a = avg(1); @b = min(1); @b = max(1); @c = hist(1); @c = count(); @d = stats(1); @d = 1; }
                                               ~~
stdin:1:75-77: ERROR: Type mismatch for @c: trying to assign value of type 'count_t' when map already has a type 'hist_t'
BEGIN { @a = sum(1); @a = avg(1); @b = min(1); @b = max(1); @c = hist(1); @c = count(); @d = stats(1); @d = 1; }
                                                                          ~~
stdin:1:104-106: ERROR: Type mismatch for @d: trying to assign value of type 'int64' when map already has a type 'stats_t'
BEGIN { @a = sum(1); @a = avg(1); @b = min(1); @b = max(1); @c = hist(1); @c = count(); @d = stats(1); @d = 1; }
                                                                                                       ~~

=== counts as numbers
BEGIN { @a = count(); @b = sum(-1); @c = max(nsecs); @x = @a + 1; @y = @b; @z = @c * 2; if (@a > 5 && @b) { } $v = @a; @w[@a] = (int64)@b; }
---
stdin:1:67-74: ERROR: Map value 'sum_t' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. `@y = sum(retval);`.
BEGIN { @a = count(); @b = sum(-1); @c = max(nsecs); @x = @a + 1; @y = @b; @z = @c * 2; if (@a > 5 && @b) { } $v = @a; @w[@a] = (int64)@b; }
                                                                  ~~~~~~~
HINT: Add a cast to integer if you want the value of the aggregate, e.g. `@y = (int64)@b;`.

=== histograms are no numbers
BEGIN { @a = hist(1); print(@a + 1); if (@a) { } $x = @a; @b[@a] = 1; print((1, @a)); @c = @a; }
---
stdin:1:29-35: ERROR: Type mismatch for '+': comparing 'hist_t' with 'int64'
BEGIN { @a = hist(1); print(@a + 1); if (@a) { } $x = @a; @b[@a] = 1; print((1, @a)); @c = @a; }
                            ~~~~~~
stdin:1:42-44: ERROR: Invalid condition: hist_t
BEGIN { @a = hist(1); print(@a + 1); if (@a) { } $x = @a; @b[@a] = 1; print((1, @a)); @c = @a; }
                                         ~~
stdin:1:50-57: ERROR: Value 'hist_t' cannot be assigned to a scratch variable.
BEGIN { @a = hist(1); print(@a + 1); if (@a) { } $x = @a; @b[@a] = 1; print((1, @a)); @c = @a; }
                                                 ~~~~~~~
stdin:1:59-65: ERROR: 'hist_t' cannot be used as a map key
BEGIN { @a = hist(1); print(@a + 1); if (@a) { } $x = @a; @b[@a] = 1; print((1, @a)); @c = @a; }
                                                          ~~~~~~
stdin:1:81-83: ERROR: Tuples cannot contain values of type 'hist_t'
BEGIN { @a = hist(1); print(@a + 1); if (@a) { } $x = @a; @b[@a] = 1; print((1, @a)); @c = @a; }
                                                                                ~~
stdin:1:87-94: ERROR: Map value 'hist_t' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. `@c = hist(retval);`.
BEGIN { @a = hist(1); print(@a + 1); if (@a) { } $x = @a; @b[@a] = 1; print((1, @a)); @c = @a; }
                                                                                      ~~~~~~~

=== different histograms
BEGIN { @a = lhist(1, 0, 10, 1); @a = lhist(1, 0, 10, 2); @b = hist(1); @b = hist(1, 2); @c = lhist(1, 0, 10, 1); @c = lhist(2, 0, 10, 1); }
---
stdin:1:34-36: ERROR: Different lhist bounds in a single map unsupported
BEGIN { @a = lhist(1, 0, 10, 1); @a = lhist(1, 0, 10, 2); @b = hist(1); @b = hist(1, 2); @c = lhist(1, 0, 10, 1); @c = lhist(2, 0, 10, 1); }
                                 ~~
stdin:1:73-75: ERROR: Different bits in a single hist unsupported
BEGIN { @a = lhist(1, 0, 10, 1); @a = lhist(1, 0, 10, 2); @b = hist(1); @b = hist(1, 2); @c = lhist(1, 0, 10, 1); @c = lhist(2, 0, 10, 1); }
                                                                        ~~

=== with and without a key
BEGIN { @a = 1; @a[1] = 1; @b[1] = 1; print(@b[1]); @b = 1; @c[1] = 1; $x = @c; @d = @c[1, 2]; }
---
stdin:1:17-22: ERROR: @a used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)
BEGIN { @a = 1; @a[1] = 1; @b[1] = 1; print(@b[1]); @b = 1; @c[1] = 1; $x = @c; @d = @c[1, 2]; }
                ~~~~~
stdin:1:53-55: ERROR: @b used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)
BEGIN { @a = 1; @a[1] = 1; @b[1] = 1; print(@b[1]); @b = 1; @c[1] = 1; $x = @c; @d = @c[1, 2]; }
                                                    ~~
stdin:1:77-79: ERROR: @c used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)
BEGIN { @a = 1; @a[1] = 1; @b[1] = 1; print(@b[1]); @b = 1; @c[1] = 1; $x = @c; @d = @c[1, 2]; }
                                                                            ~~
stdin:1:86-94: ERROR: Argument mismatch for @c: trying to access with arguments: '(int64,int64)' when map expects arguments: 'int64'
BEGIN { @a = 1; @a[1] = 1; @b[1] = 1; print(@b[1]); @b = 1; @c[1] = 1; $x = @c; @d = @c[1, 2]; }
                                                                                     ~~~~~~~~

=== keys of different kinds
BEGIN { @a[1] = 1; @a["x"] = 1; @b[comm] = 1; @b[kstack] = 1; @c[1, "a"] = 1; @c["a", 1] = 1; @d[(int32 *)0] = 1; @d[1] = 1; }
---
stdin:1:20-27: ERROR: Argument mismatch for @a: trying to access with arguments: 'string[2]' when map expects arguments: 'int64'
BEGIN { @a[1] = 1; @a["x"] = 1; @b[comm] = 1; @b[kstack] = 1; @c[1, "a"] = 1; @c["a", 1] = 1; @d[(int32 *)0] = 1; @d[1] = 1; }
                   ~~~~~~~
stdin:1:47-57: ERROR: Argument mismatch for @b: trying to access with arguments: 'kstack' when map expects arguments: 'string[16]'
BEGIN { @a[1] = 1; @a["x"] = 1; @b[comm] = 1; @b[kstack] = 1; @c[1, "a"] = 1; @c["a", 1] = 1; @d[(int32 *)0] = 1; @d[1] = 1; }
                                              ~~~~~~~~~~
stdin:1:79-89: ERROR: Argument mismatch for @c: trying to access with arguments: '(string[2],int64)' when map expects arguments: '(int64,string[2])'
BEGIN { @a[1] = 1; @a["x"] = 1; @b[comm] = 1; @b[kstack] = 1; @c[1, "a"] = 1; @c["a", 1] = 1; @d[(int32 *)0] = 1; @d[1] = 1; }
                                                                              ~~~~~~~~~~
stdin:1:115-120: ERROR: Argument mismatch for @d: trying to access with arguments: 'int64' when map expects arguments: 'int32 *'
BEGIN { @a[1] = 1; @a["x"] = 1; @b[comm] = 1; @b[kstack] = 1; @c[1, "a"] = 1; @c["a", 1] = 1; @d[(int32 *)0] = 1; @d[1] = 1; }
                                                                                                                  ~~~~~

=== keys that cannot be
BEGIN { @h = hist(1); @a[@h] = 1; }
---
stdin:1:23-29: ERROR: 'hist_t' cannot be used as a map key
BEGIN { @h = hist(1); @a[@h] = 1; }
                      ~~~~~~

=== values of different kinds
BEGIN { @a = 1; @a = "x"; @b = "x"; @b = 1; @c = kstack; @c = ustack; @d = (1, 2); @d = 1; @e = true; @e = 1; }
---
stdin:1:17-19: ERROR: Type mismatch for @a: trying to assign value of type 'string[2]' when map already has a type 'int64'
BEGIN { @a = 1; @a = "x"; @b = "x"; @b = 1; @c = kstack; @c = ustack; @d = (1, 2); @d = 1; @e = true; @e = 1; }
                ~~
stdin:1:37-39: ERROR: Type mismatch for @b: trying to assign value of type 'int64' when map already has a type 'string[2]'
BEGIN { @a = 1; @a = "x"; @b = "x"; @b = 1; @c = kstack; @c = ustack; @d = (1, 2); @d = 1; @e = true; @e = 1; }
                                    ~~
stdin:1:58-60: ERROR: Type mismatch for @c: trying to assign value of type 'ustack' when map already has a type 'kstack'
BEGIN { @a = 1; @a = "x"; @b = "x"; @b = 1; @c = kstack; @c = ustack; @d = (1, 2); @d = 1; @e = true; @e = 1; }
                                                         ~~
stdin:1:84-86: ERROR: Type mismatch for @d: trying to assign value of type 'int64' when map already has a type '(int64,int64)'
BEGIN { @a = 1; @a = "x"; @b = "x"; @b = 1; @c = kstack; @c = ustack; @d = (1, 2); @d = 1; @e = true; @e = 1; }
                                                                                   ~~
stdin:1:103-105: ERROR: Type mismatch for @e: trying to assign value of type 'int64' when map already has a type 'bool'
BEGIN { @a = 1; @a = "x"; @b = "x"; @b = 1; @c = kstack; @c = ustack; @d = (1, 2); @d = 1; @e = true; @e = 1; }
                                                                                                      ~~

=== pointers
struct foo { int x; }; struct bar { int y; }; BEGIN { @a = (struct foo *)0; @a = (struct foo *)1; @b = (struct foo *)0; @b = (struct bar *)0; @c = (struct foo *)0; @c = 5; }
---
stdin:1:121-123: ERROR: Type mismatch for @b: trying to assign value of type 'struct bar *' when map already has a type 'struct foo *'
struct foo { int x; }; struct bar { int y; }; BEGIN { @a = (struct foo *)0; @a = (struct foo *)1; @b = (struct foo *)0; @b = (struct bar *)0; @c = (struct foo *)0; @c = 5; }
                                                                                                                        ~~
stdin:1:165-167: ERROR: Type mismatch for @c: trying to assign value of type 'int64' when map already has a type 'struct foo *'
struct foo { int x; }; struct bar { int y; }; BEGIN { @a = (struct foo *)0; @a = (struct foo *)1; @b = (struct foo *)0; @b = (struct bar *)0; @c = (struct foo *)0; @c = 5; }
                                                                                                                                                                    ~~

=== structs
struct foo { int x; struct { char c; } s; uint64 a[4]; struct foo *next; }; BEGIN { $f = (struct foo *)0; @x = $f->x; @c = $f->s.c; @a = $f->a[2]; @n = $f->next->next->x; @f = *$f; @y = $f.x; }
---
@x: int64
@c: int64
@a: uint64
@n: int64
@f: struct foo
@y: int64

=== structs that lack something
struct foo { int x; }; BEGIN { $f = (struct foo *)0; print($f->y); print((*$f).z); print($f->x.a); print($f->x->b); print(((struct none *)0)->x); }
---
stdin:1:60-65: ERROR: Struct/union of type 'struct foo' does not contain a field named 'y'
struct foo { int x; }; BEGIN { $f = (struct foo *)0; print($f->y); print((*$f).z); print($f->x.a); print($f->x->b); print(((struct none *)0)->x); }
                                                           ~~~~~
HINT: did you mean 'x'?
stdin:1:75-81: ERROR: Struct/union of type 'struct foo' does not contain a field named 'z'
struct foo { int x; }; BEGIN { $f = (struct foo *)0; print($f->y); print((*$f).z); print($f->x.a); print($f->x->b); print(((struct none *)0)->x); }
                                                                          ~~~~~~
HINT: did you mean 'x'?
stdin:1:90-97: ERROR: Can not access field 'a' on expression of type 'int32'
struct foo { int x; }; BEGIN { $f = (struct foo *)0; print($f->y); print((*$f).z); print($f->x.a); print($f->x->b); print(((struct none *)0)->x); }
                                                                                         ~~~~~~~
stdin:1:106-114: ERROR: Can not access field 'b' on expression of type 'int32'
struct foo { int x; }; BEGIN { $f = (struct foo *)0; print($f->y); print((*$f).z); print($f->x.a); print($f->x->b); print(((struct none *)0)->x); }
                                                                                                         ~~~~~~~~
stdin:1:125-138: ERROR: Unknown struct/union: 'struct none'
struct foo { int x; }; BEGIN { $f = (struct foo *)0; print($f->y); print((*$f).z); print($f->x.a); print($f->x->b); print(((struct none *)0)->x); }
                                                                                                                            ~~~~~~~~~~~~~
HINT: define it in the program (the types of the kernel are not read): struct none { ... };

=== unknown types
BEGIN { print((foo_t)1); print(sizeof(struct none)); let $x: struct none; }
---
stdin:1:16-21: ERROR: Cannot resolve unknown type "foo_t"
BEGIN { print((foo_t)1); print(sizeof(struct none)); let $x: struct none; }
               ~~~~~
HINT: integers are int8 ... int64 and uint8 ... uint64; of 'foo_t' nothing is known
stdin:1:39-50: ERROR: Unknown struct/union: 'struct none'
BEGIN { print((foo_t)1); print(sizeof(struct none)); let $x: struct none; }
                                      ~~~~~~~~~~~
HINT: define it in the program (the types of the kernel are not read): struct none { ... };
stdin:1:62-73: ERROR: Unknown struct/union: 'struct none'
BEGIN { print((foo_t)1); print(sizeof(struct none)); let $x: struct none; }
                                                             ~~~~~~~~~~~
HINT: define it in the program (the types of the kernel are not read): struct none { ... };
stdin:1:54-73: WARNING: Variable $x was never assigned to.
BEGIN { print((foo_t)1); print(sizeof(struct none)); let $x: struct none; }
                                                     ~~~~~~~~~~~~~~~~~~~

=== declared variables
BEGIN { let $a: uint8 = 5; let $b: string[10] = "abc"; let $c: int64; $c = pid; let $d: int8 = 1; print(($a, $b, $c)); }
---


=== declared variables that get too much
BEGIN { let $a: uint8 = 256; let $b: int8 = nsecs; let $c: string[2] = "abc"; let $d: bool = 5; let $e: int8 = "a"; print(($a, $b, $c, $d, $e)); }
---
stdin:1:9-28: ERROR: Type mismatch for $a: trying to assign value of type 'int64' when variable already contains a value of type 'uint8'
BEGIN { let $a: uint8 = 256; let $b: int8 = nsecs; let $c: string[2] = "abc"; let $d: bool = 5; let $e: int8 = "a"; print(($a, $b, $c, $d, $e)); }
        ~~~~~~~~~~~~~~~~~~~
stdin:1:30-50: ERROR: Type mismatch for $b: trying to assign value of type 'uint64' when variable already contains a value of type 'int8'
BEGIN { let $a: uint8 = 256; let $b: int8 = nsecs; let $c: string[2] = "abc"; let $d: bool = 5; let $e: int8 = "a"; print(($a, $b, $c, $d, $e)); }
                             ~~~~~~~~~~~~~~~~~~~~
stdin:1:52-77: ERROR: Type mismatch for $c: trying to assign value of type 'string[4]' when variable already contains a value of type 'string[2]'
BEGIN { let $a: uint8 = 256; let $b: int8 = nsecs; let $c: string[2] = "abc"; let $d: bool = 5; let $e: int8 = "a"; print(($a, $b, $c, $d, $e)); }
                                                   ~~~~~~~~~~~~~~~~~~~~~~~~~
stdin:1:79-95: ERROR: Type mismatch for $d: trying to assign value of type 'int64' when variable already contains a value of type 'bool'
BEGIN { let $a: uint8 = 256; let $b: int8 = nsecs; let $c: string[2] = "abc"; let $d: bool = 5; let $e: int8 = "a"; print(($a, $b, $c, $d, $e)); }
                                                                              ~~~~~~~~~~~~~~~~
stdin:1:97-115: ERROR: Type mismatch for $e: trying to assign value of type 'string[2]' when variable already contains a value of type 'int8'
BEGIN { let $a: uint8 = 256; let $b: int8 = nsecs; let $c: string[2] = "abc"; let $d: bool = 5; let $e: int8 = "a"; print(($a, $b, $c, $d, $e)); }
                                                                                                ~~~~~~~~~~~~~~~~~~

=== variables widen
BEGIN { $a = (uint8)1; $a = 1000; $b = 1; $b = nsecs; $c = "a"; $c = comm; @x = ($a, $b, $c); }
---
@x: (uint64,uint64,string[16])

=== variables do not change their kind
BEGIN { $a = 1; $a = "x"; $b = comm; $b = 1; $c = kstack; $c = 5; }
---
stdin:1:17-25: ERROR: Type mismatch for $a: trying to assign value of type 'string[2]' when variable already contains a value of type 'int64'
BEGIN { $a = 1; $a = "x"; $b = comm; $b = 1; $c = kstack; $c = 5; }
                ~~~~~~~~
stdin:1:38-44: ERROR: Type mismatch for $b: trying to assign value of type 'int64' when variable already contains a value of type 'string[16]'
BEGIN { $a = 1; $a = "x"; $b = comm; $b = 1; $c = kstack; $c = 5; }
                                     ~~~~~~
stdin:1:59-65: ERROR: Type mismatch for $c: trying to assign value of type 'int64' when variable already contains a value of type 'kstack'
BEGIN { $a = 1; $a = "x"; $b = comm; $b = 1; $c = kstack; $c = 5; }
                                                          ~~~~~~

=== variables get no statements and no histograms
BEGIN { $a = print(1); @h = hist(1); $b = @h; }
---
stdin:1:14-22: ERROR: print() should not be used in an assignment or as a map key
BEGIN { $a = print(1); @h = hist(1); $b = @h; }
             ~~~~~~~~
stdin:1:38-45: ERROR: Value 'hist_t' cannot be assigned to a scratch variable.
BEGIN { $a = print(1); @h = hist(1); $b = @h; }
                                     ~~~~~~~

=== blocks
BEGIN { if (pid) { let $x = 1; print($x); } if (pid) { let $x = "a"; print($x); } while (pid) { $y = 5; print($y); } for ($i : 0..3) { $y = "b"; print($y); } }
---


=== shadowing
BEGIN { let $x = 1; if (pid) { let $x = 2; } for ($x : 0..2) { } for ($i : 0..2) { for ($i : 0..3) { } } print($x); }
---
stdin:1:32-42: ERROR: Variable $x was already declared. Variable shadowing is not allowed.
BEGIN { let $x = 1; if (pid) { let $x = 2; } for ($x : 0..2) { } for ($i : 0..2) { for ($i : 0..3) { } } print($x); }
                               ~~~~~~~~~~
stdin:1:46-61: ERROR: Loop declaration shadows existing variable: $x
BEGIN { let $x = 1; if (pid) { let $x = 2; } for ($x : 0..2) { } for ($i : 0..2) { for ($i : 0..3) { } } print($x); }
                                             ~~~~~~~~~~~~~~~
stdin:1:84-99: ERROR: Loop declaration shadows existing variable: $i
BEGIN { let $x = 1; if (pid) { let $x = 2; } for ($x : 0..2) { } for ($i : 0..2) { for ($i : 0..3) { } } print($x); }
                                                                                   ~~~~~~~~~~~~~~~

=== variables outside of their block
BEGIN { if (pid) { let $x = 1; } print($x); for ($i : 0..3) { } print($i); }
---
stdin:1:40-42: ERROR: Undefined or undeclared variable: $x
BEGIN { if (pid) { let $x = 1; } print($x); for ($i : 0..3) { } print($i); }
                                       ~~
stdin:1:71-73: ERROR: Undefined or undeclared variable: $i
BEGIN { if (pid) { let $x = 1; } print($x); for ($i : 0..3) { } print($i); }
                                                                      ~~

=== variables outside of their block, as old programs have them
BEGIN { if (pid > 5) { $x = "a"; } else { $x = "abc"; } @x = $x; }
---
stdin:1:62-64: WARNING: Variable $x is used outside of the block in which it was assigned
BEGIN { if (pid > 5) { $x = "a"; } else { $x = "abc"; } @x = $x; }
                                                             ~~
HINT: bpftrace 0.22 and later refuse that; declare it before the block: let $x;
@x: string[4]

=== variables of one probe are not those of another
BEGIN { $x = 1; print($x); } END { $x = "a"; print($x); print($y); }
---
stdin:1:63-65: ERROR: Undefined or undeclared variable: $y
BEGIN { $x = 1; print($x); } END { $x = "a"; print($x); print($y); }
                                                              ~~

=== variables that get no value
BEGIN { let $x; let $y: int64; let $z; print($z); $z = 1; }
---
stdin:1:46-48: WARNING: Variable used before it was assigned: $z
BEGIN { let $x; let $y: int64; let $z; print($z); $z = 1; }
                                             ~~
stdin:1:17-30: WARNING: Variable $y was never assigned to.
BEGIN { let $x; let $y: int64; let $z; print($z); $z = 1; }
                ~~~~~~~~~~~~~
stdin:1:9-15: WARNING: Variable $x was never assigned to.
BEGIN { let $x; let $y: int64; let $z; print($z); $z = 1; }
        ~~~~~~

=== loops over maps
BEGIN { @a[1] = "x"; @b[1, comm] = count(); for ($kv : @a) { @c[$kv.0] = $kv.1; } for ($kv : @b) { @d[$kv.0.1] = $kv.1; @e[$kv.0.0] = 1; } }
---
@a[int64]: string[2]
@b[(int64,string[16])]: count_t
@c[int64]: string[2]
@d[string[16]]: int64
@e[int64]: int64

=== loops over what is no map of values
BEGIN { @a = 1; for ($kv : @a) { } @h[1] = hist(1); for ($kv : @h) { } for ($kv : @none) { } for ($i : 1..comm) { } }
---
stdin:1:28-30: ERROR: @a has no explicit keys (scalar map), and cannot be used for iteration
BEGIN { @a = 1; for ($kv : @a) { } @h[1] = hist(1); for ($kv : @h) { } for ($kv : @none) { } for ($i : 1..comm) { } }
                           ~~
stdin:1:64-66: ERROR: Loop expression does not support type: hist_t
BEGIN { @a = 1; for ($kv : @a) { } @h[1] = hist(1); for ($kv : @h) { } for ($kv : @none) { } for ($i : 1..comm) { } }
                                                               ~~
stdin:1:83-88: ERROR: Undefined map: @none
BEGIN { @a = 1; for ($kv : @a) { } @h[1] = hist(1); for ($kv : @h) { } for ($kv : @none) { } for ($i : 1..comm) { } }
                                                                                  ~~~~~
stdin:1:107-111: ERROR: Loop range requires an integer for its bounds (string provided)
BEGIN { @a = 1; for ($kv : @a) { } @h[1] = hist(1); for ($kv : @h) { } for ($kv : @none) { } for ($i : 1..comm) { } }
                                                                                                          ~~~~

=== a loop over a map that is filled later
BEGIN { for ($kv : @a) { @b[$kv.1] = $kv.0; } } END { @a[5] = comm; }
---
@a[int64]: string[16]
@b[string[16]]: int64

=== ranges
BEGIN { for ($i : 0..10) { @a[$i] = $i * 2; } for ($i : pid..@n) { @n = $i; } }
---
@a[int64]: int64
@n: int64

=== break and continue
BEGIN { while (pid) { break; continue; } break; for ($i : 0..2) { if ($i) { continue; } } continue; }
---
stdin:1:42-47: ERROR: break used outside of a loop
BEGIN { while (pid) { break; continue; } break; for ($i : 0..2) { if ($i) { continue; } } continue; }
                                         ~~~~~
stdin:1:91-99: ERROR: continue used outside of a loop
BEGIN { while (pid) { break; continue; } break; for ($i : 0..2) { if ($i) { continue; } } continue; }
                                                                                          ~~~~~~~~

=== unroll
BEGIN { unroll(3) { @a++; } unroll(0) { } unroll(1000) { } unroll(pid) { } unroll("a") { } unroll(2 * 5) { } }
---
stdin:1:36-37: ERROR: unroll minimum value is 1
BEGIN { unroll(3) { @a++; } unroll(0) { } unroll(1000) { } unroll(pid) { } unroll("a") { } unroll(2 * 5) { } }
                                   ~
stdin:1:50-54: ERROR: unroll maximum value is 100
BEGIN { unroll(3) { @a++; } unroll(0) { } unroll(1000) { } unroll(pid) { } unroll("a") { } unroll(2 * 5) { } }
                                                 ~~~~
stdin:1:67-70: ERROR: invalid unroll value
BEGIN { unroll(3) { @a++; } unroll(0) { } unroll(1000) { } unroll(pid) { } unroll("a") { } unroll(2 * 5) { } }
                                                                  ~~~
stdin:1:83-86: ERROR: invalid unroll value
BEGIN { unroll(3) { @a++; } unroll(0) { } unroll(1000) { } unroll(pid) { } unroll("a") { } unroll(2 * 5) { } }
                                                                                  ~~~

=== comparisons
BEGIN { @a = 1 < 2; @b = comm == "x"; @c = (1, 2) == (1, 3); @d = !pid; @e = pid && comm; @f = (int32 *)0 == (int32 *)1; }
---
@a: bool
@b: bool
@c: bool
@d: bool
@e: bool
@f: bool

=== comparisons of different things
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
---
stdin:1:15-23: ERROR: Type mismatch for '==': comparing 'int64' with 'string[2]'
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
              ~~~~~~~~
stdin:1:32-42: ERROR: The < operator can not be used on expressions of types string[16], string[2]
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
                               ~~~~~~~~~~
stdin:1:51-69: ERROR: Tuple type mismatch: (int64,int64) != (int64,string[2]).
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
                                                  ~~~~~~~~~~~~~~~~~~
stdin:1:78-93: ERROR: The < operator can not be used on expressions of types (int64,int64), (int64,int64)
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
                                                                             ~~~~~~~~~~~~~~~
stdin:1:102-113: ERROR: Type mismatch for '==': comparing 'kstack' with 'int64'
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
                                                                                                     ~~~~~~~~~~~
stdin:1:122-138: ERROR: The == operator can not be used on expressions of types kstack, kstack
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
                                                                                                                         ~~~~~~~~~~~~~~~~
stdin:1:147-155: ERROR: Type mismatch for '==': comparing 'string[2]' with 'int64'
BEGIN { print(1 == "a"); print(comm < "a"); print((1, 2) == (1, "a")); print((1, 2) < (3, 4)); print(kstack == 1); print(kstack == kstack); print("a" == 1 == 2); }
                                                                                                                                                  ~~~~~~~~

=== comparisons of different signs
BEGIN { $a = -1; print($a < nsecs); print($a < 5); print(nsecs > 5); print(pid > $a); @s = sum(-1); print(@s == nsecs); }
---
stdin:1:24-34: WARNING: comparison of integers of different signs: 'int64' and 'uint64' can lead to undefined behavior
BEGIN { $a = -1; print($a < nsecs); print($a < 5); print(nsecs > 5); print(pid > $a); @s = sum(-1); print(@s == nsecs); }
                       ~~~~~~~~~~
stdin:1:107-118: WARNING: comparison of integers of different signs: 'int64' and 'uint64' can lead to undefined behavior
BEGIN { $a = -1; print($a < nsecs); print($a < 5); print(nsecs > 5); print(pid > $a); @s = sum(-1); print(@s == nsecs); }
                                                                                                          ~~~~~~~~~~~
@s: sum_t

=== arithmetic of different things
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
---
stdin:1:15-22: ERROR: Type mismatch for '+': comparing 'int64' with 'string[2]'
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
              ~~~~~~~
stdin:1:31-41: ERROR: The + operator can not be used on expressions of types string[2], string[16]
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
                              ~~~~~~~~~~
stdin:1:50-59: ERROR: The - operator can not be used on expressions of types string[2], string[2]
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
                                                 ~~~~~~~~~
stdin:1:68-78: ERROR: Type mismatch for '+': comparing '(int64,int64)' with 'int64'
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
                                                                   ~~~~~~~~~~
stdin:1:87-97: ERROR: Type mismatch for '*': comparing 'kstack' with 'int64'
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
                                                                                      ~~~~~~~~~~
stdin:1:106-111: ERROR: The - operator can not be used on expressions of type 'string[16]'
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
                                                                                                         ~~~~~
stdin:1:120-127: ERROR: The ~ operator can not be used on expressions of type 'kstack'
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
                                                                                                                       ~~~~~~~
stdin:1:136-143: ERROR: The ! operator can not be used on expressions of type 'kstack'
BEGIN { print(1 + "a"); print("a" + comm); print("a" - "b"); print((1, 2) + 1); print(kstack * 2); print(-comm); print(~kstack); print(!kstack); }
                                                                                                                                       ~~~~~~~

=== pointer arithmetic
BEGIN { $p = (int32 *)8; @a = $p + 1; @b = $p - 1; @c = 1 + $p; @d = $p - $p; @e = $p[2]; @f = *$p; @g = $p & 7; print($p * 2); print($p + $p); print(-$p); }
---
stdin:1:120-126: ERROR: The * operator can not be used on expressions of types int32 *, int64
BEGIN { $p = (int32 *)8; @a = $p + 1; @b = $p - 1; @c = 1 + $p; @d = $p - $p; @e = $p[2]; @f = *$p; @g = $p & 7; print($p * 2); print($p + $p); print(-$p); }
                                                                                                                       ~~~~~~
stdin:1:135-142: ERROR: The + operator can not be used on expressions of types int32 *, int32 *
BEGIN { $p = (int32 *)8; @a = $p + 1; @b = $p - 1; @c = 1 + $p; @d = $p - $p; @e = $p[2]; @f = *$p; @g = $p & 7; print($p * 2); print($p + $p); print(-$p); }
                                                                                                                                      ~~~~~~~
stdin:1:151-154: ERROR: The - operator can not be used on expressions of type 'int32 *'
BEGIN { $p = (int32 *)8; @a = $p + 1; @b = $p - 1; @c = 1 + $p; @d = $p - $p; @e = $p[2]; @f = *$p; @g = $p & 7; print($p * 2); print($p + $p); print(-$p); }
                                                                                                                                                      ~~~

=== pointers to nothing
BEGIN { $v = (void *)5; print($v); print(*$v); print($v[1]); }
---
stdin:1:42-45: ERROR: Can not dereference a pointer of type 'void *': what is there has no size
BEGIN { $v = (void *)5; print($v); print(*$v); print($v[1]); }
                                         ~~~
HINT: cast it to a pointer to what is there: *(uint64 *)...
stdin:1:54-59: ERROR: The array index operator [] cannot be used on a pointer to an unsized type (void *).
BEGIN { $v = (void *)5; print($v); print(*$v); print($v[1]); }
                                                     ~~~~~

=== dereference of what is none
BEGIN { print(*comm); print(*kstack); print(*(1, 2)); @a = *pid; print(**5); }
---
stdin:1:15-20: ERROR: Can not dereference type 'string[16]'. It is not a pointer.
BEGIN { print(*comm); print(*kstack); print(*(1, 2)); @a = *pid; print(**5); }
              ~~~~~
stdin:1:29-36: ERROR: Can not dereference type 'kstack'. It is not a pointer.
BEGIN { print(*comm); print(*kstack); print(*(1, 2)); @a = *pid; print(**5); }
                            ~~~~~~~
stdin:1:45-52: ERROR: Can not dereference type '(int64,int64)'. It is not a pointer.
BEGIN { print(*comm); print(*kstack); print(*(1, 2)); @a = *pid; print(**5); }
                                            ~~~~~~~

=== indices
BEGIN { print("abc"[1]); print((1, "b")[1]); print(comm["a"]); print(pid[0]); print((1, 2)[pid]); print((1, 2)[5]); }
---
stdin:1:52-61: ERROR: The array index operator [] only accepts integer indices, found string.
BEGIN { print("abc"[1]); print((1, "b")[1]); print(comm["a"]); print(pid[0]); print((1, 2)[pid]); print((1, 2)[5]); }
                                                   ~~~~~~~~~
stdin:1:70-76: ERROR: The array index operator [] can only be used on arrays and pointers, found integer.
BEGIN { print("abc"[1]); print((1, "b")[1]); print(comm["a"]); print(pid[0]); print((1, 2)[pid]); print((1, 2)[5]); }
                                                                     ~~~~~~
stdin:1:85-96: ERROR: Tuples must be indexed with a constant and non-negative integer
BEGIN { print("abc"[1]); print((1, "b")[1]); print(comm["a"]); print(pid[0]); print((1, 2)[pid]); print((1, 2)[5]); }
                                                                                    ~~~~~~~~~~~
stdin:1:105-114: ERROR: Invalid tuple index: 5. Found 2 elements in tuple.
BEGIN { print("abc"[1]); print((1, "b")[1]); print(comm["a"]); print(pid[0]); print((1, 2)[pid]); print((1, 2)[5]); }
                                                                                                        ~~~~~~~~~

=== arrays
struct a { int x[3]; char s[8]; }; BEGIN { $a = (struct a *)0; @x = $a->x; @y = $a->x[2]; @s = $a->s; print($a->x[3]); print($a->x[-1]); print($a->x == $a->x); print($a->s == "abc"); }
---
stdin:1:109-117: ERROR: the index 3 is out of bounds for array of size 3
struct a { int x[3]; char s[8]; }; BEGIN { $a = (struct a *)0; @x = $a->x; @y = $a->x[2]; @s = $a->s; print($a->x[3]); print($a->x[-1]); print($a->x == $a->x); print($a->s == "abc"); }
                                                                                                            ~~~~~~~~
stdin:1:126-135: ERROR: the index -1 is out of bounds for array of size 3
struct a { int x[3]; char s[8]; }; BEGIN { $a = (struct a *)0; @x = $a->x; @y = $a->x[2]; @s = $a->s; print($a->x[3]); print($a->x[-1]); print($a->x == $a->x); print($a->s == "abc"); }
                                                                                                                             ~~~~~~~~~

=== conditions
BEGIN { if (1) { } if (comm) { } if ("a") { } if ((int8 *)0) { } if (kstack) { } while (ustack) { } if ((1, 2)) { } $x = kstack ? 1 : 2; }
---
stdin:1:70-76: ERROR: Invalid condition: kstack
BEGIN { if (1) { } if (comm) { } if ("a") { } if ((int8 *)0) { } if (kstack) { } while (ustack) { } if ((1, 2)) { } $x = kstack ? 1 : 2; }
                                                                     ~~~~~~
stdin:1:89-95: ERROR: Invalid condition: ustack
BEGIN { if (1) { } if (comm) { } if ("a") { } if ((int8 *)0) { } if (kstack) { } while (ustack) { } if ((1, 2)) { } $x = kstack ? 1 : 2; }
                                                                                        ~~~~~~
stdin:1:105-111: ERROR: Invalid condition: tuple
BEGIN { if (1) { } if (comm) { } if ("a") { } if ((int8 *)0) { } if (kstack) { } while (ustack) { } if ((1, 2)) { } $x = kstack ? 1 : 2; }
                                                                                                        ~~~~~~
stdin:1:122-128: ERROR: Invalid condition: kstack
BEGIN { if (1) { } if (comm) { } if ("a") { } if ((int8 *)0) { } if (kstack) { } while (ustack) { } if ((1, 2)) { } $x = kstack ? 1 : 2; }
                                                                                                                         ~~~~~~

=== predicates
BEGIN /1/ { } BEGIN /comm/ { } BEGIN /kstack/ { } BEGIN /@a/ { @a = (1, 2); } BEGIN /$x/ { }
---
stdin:1:39-45: ERROR: Invalid type for predicate: kstack
BEGIN /1/ { } BEGIN /comm/ { } BEGIN /kstack/ { } BEGIN /@a/ { @a = (1, 2); } BEGIN /$x/ { }
                                      ~~~~~~
stdin:1:58-60: ERROR: Invalid type for predicate: tuple
BEGIN /1/ { } BEGIN /comm/ { } BEGIN /kstack/ { } BEGIN /@a/ { @a = (1, 2); } BEGIN /$x/ { }
                                                         ~~
stdin:1:86-88: ERROR: Undefined or undeclared variable: $x
BEGIN /1/ { } BEGIN /comm/ { } BEGIN /kstack/ { } BEGIN /@a/ { @a = (1, 2); } BEGIN /$x/ { }
                                                                                     ~~

=== ternaries
BEGIN { @a = pid ? 1 : 2; @b = pid ? "a" : "abc"; @c = pid ? nsecs : 0; @d = pid ?: 5; pid ? print(1) : exit(); @e = pid ? (1, "a") : (2, "abc"); }
---
@a: int64
@b: string[4]
@c: uint64
@d: uint64
@e: (int64,string[4])

=== ternaries of different things
BEGIN { @a = pid ? 1 : "a"; @b = pid ? kstack : 1; @c = pid ? (1, 2) : (1, "a"); @d = comm ?: 1; }
---
stdin:1:14-27: ERROR: Ternary operator must return the same type: have 'integer' and 'string'
BEGIN { @a = pid ? 1 : "a"; @b = pid ? kstack : 1; @c = pid ? (1, 2) : (1, "a"); @d = comm ?: 1; }
             ~~~~~~~~~~~~~
stdin:1:34-50: ERROR: Ternary operator must return the same type: have 'kstack' and 'integer'
BEGIN { @a = pid ? 1 : "a"; @b = pid ? kstack : 1; @c = pid ? (1, 2) : (1, "a"); @d = comm ?: 1; }
                                 ~~~~~~~~~~~~~~~~
stdin:1:57-80: ERROR: Ternary operator must return the same type: have 'tuple' and 'tuple'
BEGIN { @a = pid ? 1 : "a"; @b = pid ? kstack : 1; @c = pid ? (1, 2) : (1, "a"); @d = comm ?: 1; }
                                                        ~~~~~~~~~~~~~~~~~~~~~~~
stdin:1:87-96: ERROR: Ternary operator must return the same type: have 'string' and 'integer'
BEGIN { @a = pid ? 1 : "a"; @b = pid ? kstack : 1; @c = pid ? (1, 2) : (1, "a"); @d = comm ?: 1; }
                                                                                      ~~~~~~~~~

=== if as a value
BEGIN { @a = if (pid) { 1 } else { 2 }; @b = if (pid) { "a" } else if (tid) { "abc" } else { comm }; @c = if (pid) { 1 } else { "a" }; @d = if (pid) { 1 }; }
---
stdin:1:107-134: ERROR: Ternary operator must return the same type: have 'integer' and 'string'
BEGIN { @a = if (pid) { 1 } else { 2 }; @b = if (pid) { "a" } else if (tid) { "abc" } else { comm }; @c = if (pid) { 1 } else { "a" }; @d = if (pid) { 1 }; }
                                                                                                          ~~~~~~~~~~~~~~~~~~~~~~~~~~~
stdin:1:136-155: ERROR: Invalid expression for assignment: none
BEGIN { @a = if (pid) { 1 } else { 2 }; @b = if (pid) { "a" } else if (tid) { "abc" } else { comm }; @c = if (pid) { 1 } else { "a" }; @d = if (pid) { 1 }; }
                                                                                                                                       ~~~~~~~~~~~~~~~~~~~

=== blocks as values
BEGIN { @a = { let $x = 5; $x + 1 }; @b = { print(1); "a" }; @c = { print(1); }; }
---
stdin:1:62-80: ERROR: Invalid expression for assignment: none
BEGIN { @a = { let $x = 5; $x + 1 }; @b = { print(1); "a" }; @c = { print(1); }; }
                                                             ~~~~~~~~~~~~~~~~~~

=== casts
BEGIN { @a = (int8)pid; @b = (uint64)comm; @c = (bool)5; @d = (string[4])comm; @e = (int32 *)pid; @f = (uint8[8])nsecs; @g = (uint8[4])nsecs; @h = (int64)kstack; }
---
stdin:1:30-42: ERROR: Cannot cast from "string[16]" to "uint64"
BEGIN { @a = (int8)pid; @b = (uint64)comm; @c = (bool)5; @d = (string[4])comm; @e = (int32 *)pid; @f = (uint8[8])nsecs; @g = (uint8[4])nsecs; @h = (int64)kstack; }
                             ~~~~~~~~~~~~
stdin:1:126-141: ERROR: Cannot cast from "uint64" to "uint8[4]"
BEGIN { @a = (int8)pid; @b = (uint64)comm; @c = (bool)5; @d = (string[4])comm; @e = (int32 *)pid; @f = (uint8[8])nsecs; @g = (uint8[4])nsecs; @h = (int64)kstack; }
                                                                                                                             ~~~~~~~~~~~~~~~
HINT: the number must be as large as the array: cast it to int32 first
stdin:1:148-161: ERROR: Cannot cast from "kstack" to "int64"
BEGIN { @a = (int8)pid; @b = (uint64)comm; @c = (bool)5; @d = (string[4])comm; @e = (int32 *)pid; @f = (uint8[8])nsecs; @g = (uint8[4])nsecs; @h = (int64)kstack; }
                                                                                                                                                   ~~~~~~~~~~~~~

=== casts to arrays that no number is as large as
BEGIN { print((uint32[4])nsecs); print((uint8[3])(int32)pid); }
---
stdin:1:15-31: ERROR: Cannot cast from "uint64" to "uint32[4]"
BEGIN { print((uint32[4])nsecs); print((uint8[3])(int32)pid); }
              ~~~~~~~~~~~~~~~~
HINT: the array must be as large as the number: one without a size, [], is
stdin:1:40-60: ERROR: Cannot cast from "int32" to "uint8[3]"
BEGIN { print((uint32[4])nsecs); print((uint8[3])(int32)pid); }
                                       ~~~~~~~~~~~~~~~~~~~~
HINT: the array must be as large as the number: one without a size, [], is

=== casts of structs
struct a { int x; }; BEGIN { $a = (struct a *)0; print((struct a)5); print((int32)*$a); print(((struct a)*$a).x); }
---
stdin:1:56-67: ERROR: Cannot cast to struct type "struct a"
struct a { int x; }; BEGIN { $a = (struct a *)0; print((struct a)5); print((int32)*$a); print(((struct a)*$a).x); }
                                                       ~~~~~~~~~~~
stdin:1:76-86: ERROR: Cannot cast from struct type "struct a"
struct a { int x; }; BEGIN { $a = (struct a *)0; print((struct a)5); print((int32)*$a); print(((struct a)*$a).x); }
                                                                           ~~~~~~~~~~

=== sizes
struct a { char c; int x; struct { short y; } s; }; BEGIN { @a = sizeof(struct a); @b = sizeof(int32); @c = offsetof(struct a, s.y); @d = sizeof(struct a *); print(offsetof(struct a, z)); print(sizeof(struct b)); print(offsetof(int32, x)); }
---
stdin:1:184-185: ERROR: Struct/union of type 'struct a' does not contain a field named 'z'
struct a { char c; int x; struct { short y; } s; }; BEGIN { @a = sizeof(struct a); @b = sizeof(int32); @c = offsetof(struct a, s.y); @d = sizeof(struct a *); print(offsetof(struct a, z)); print(sizeof(struct b)); print(offsetof(int32, x)); }
                                                                                                                                                                                       ~
HINT: did you mean 'c'?
stdin:1:202-210: ERROR: Unknown struct/union: 'struct b'
struct a { char c; int x; struct { short y; } s; }; BEGIN { @a = sizeof(struct a); @b = sizeof(int32); @c = offsetof(struct a, s.y); @d = sizeof(struct a *); print(offsetof(struct a, z)); print(sizeof(struct b)); print(offsetof(int32, x)); }
                                                                                                                                                                                                         ~~~~~~~~
HINT: define it in the program (the types of the kernel are not read): struct b { ... };
stdin:1:236-237: ERROR: 'int32' is not a c_struct type.
struct a { char c; int x; struct { short y; } s; }; BEGIN { @a = sizeof(struct a); @b = sizeof(int32); @c = offsetof(struct a, s.y); @d = sizeof(struct a *); print(offsetof(struct a, z)); print(sizeof(struct b)); print(offsetof(int32, x)); }
                                                                                                                                                                                                                                           ~

=== typeof
BEGIN { @a = (typeof(comm))"ab"; $x = (uint8)5; let $y: typeof($x) = 6; print($y); @b = sizeof(typeof(pid)); }
---
@a: string[16]
@b: uint64

=== typeinfo
BEGIN { @a = typeinfo(pid).1; @b = typeinfo(comm).2; print(typeinfo(5).0); }
---
@a: string[4]
@b: string[11]

=== comptime
BEGIN { @a = comptime 5 * 5; if comptime (is_str(comm)) { @b = 1; } else { @b = fake; } if comptime (pid == 1) { } print(comptime nsecs); }
---
stdin:1:92-111: ERROR: Unable to evaluate at compile time.
BEGIN { @a = comptime 5 * 5; if comptime (is_str(comm)) { @b = 1; } else { @b = fake; } if comptime (pid == 1) { } print(comptime nsecs); }
                                                                                           ~~~~~~~~~~~~~~~~~~~
stdin:1:122-136: ERROR: Unable to evaluate at compile time.
BEGIN { @a = comptime 5 * 5; if comptime (is_str(comm)) { @b = 1; } else { @b = fake; } if comptime (pid == 1) { } print(comptime nsecs); }
                                                                                                                         ~~~~~~~~~~~~~~

=== questions about types
BEGIN { @a = is_str(comm); @b = is_ptr((int8 *)0); @c = is_integer(5); @d = is_literal(5); @e = is_literal(pid); }
---
@a: bool
@b: bool
@c: bool
@d: bool
@e: bool

=== addresses
BEGIN { $x = 5; @a = &$x; @m[1] = comm; @b = &@m[1]; print(&5); }
---
stdin:1:60-62: ERROR: The & operator must be applied to a map or variable
BEGIN { $x = 5; @a = &$x; @m[1] = comm; @b = &@m[1]; print(&5); }
                                                           ~~

=== assignments to members
BEGIN { $t = (1, "a"); $t.0 = 5; $t.1 = 3; print(*$t); }
---
stdin:1:34-42: ERROR: Type mismatch for $t.1: trying to assign value of type 'int64' when it already has a type 'string[2]'
BEGIN { $t = (1, "a"); $t.0 = 5; $t.1 = 3; print(*$t); }
                                 ~~~~~~~~
stdin:1:50-53: ERROR: Can not dereference type '(int64,string[2])'. It is not a pointer.
BEGIN { $t = (1, "a"); $t.0 = 5; $t.1 = 3; print(*$t); }
                                                 ~~~

=== values that nobody uses
BEGIN { 1 + 1; comm; strlen(comm); @a[1] = 1; @a[1]; delete(@a, 1); @b++; { 5 }; _ = strlen(comm); pid ? 1 : 2; }
---
stdin:1:9-14: WARNING: Return value discarded.
BEGIN { 1 + 1; comm; strlen(comm); @a[1] = 1; @a[1]; delete(@a, 1); @b++; { 5 }; _ = strlen(comm); pid ? 1 : 2; }
        ~~~~~
HINT: if that is meant: _ = ...
stdin:1:16-20: WARNING: Return value discarded.
BEGIN { 1 + 1; comm; strlen(comm); @a[1] = 1; @a[1]; delete(@a, 1); @b++; { 5 }; _ = strlen(comm); pid ? 1 : 2; }
               ~~~~
HINT: if that is meant: _ = ...
stdin:1:22-34: WARNING: Return value discarded.
BEGIN { 1 + 1; comm; strlen(comm); @a[1] = 1; @a[1]; delete(@a, 1); @b++; { 5 }; _ = strlen(comm); pid ? 1 : 2; }
                     ~~~~~~~~~~~~
HINT: if that is meant: _ = ...
stdin:1:47-52: WARNING: Return value discarded.
BEGIN { 1 + 1; comm; strlen(comm); @a[1] = 1; @a[1]; delete(@a, 1); @b++; { 5 }; _ = strlen(comm); pid ? 1 : 2; }
                                              ~~~~~
HINT: if that is meant: _ = ...
stdin:1:77-78: WARNING: Return value discarded.
BEGIN { 1 + 1; comm; strlen(comm); @a[1] = 1; @a[1]; delete(@a, 1); @b++; { 5 }; _ = strlen(comm); pid ? 1 : 2; }
                                                                            ~
HINT: if that is meant: _ = ...
stdin:1:100-111: WARNING: Return value discarded.
BEGIN { 1 + 1; comm; strlen(comm); @a[1] = 1; @a[1]; delete(@a, 1); @b++; { 5 }; _ = strlen(comm); pid ? 1 : 2; }
                                                                                                   ~~~~~~~~~~~
HINT: if that is meant: _ = ...
@a[int64]: int64
@b: int64

=== functions
fn add($a : int64, $b : int64) : int64 { return $a + $b; }
fn say($s : string[16]) : void { print($s); }
BEGIN { @a = add(1, 2); say(comm); @b = say("a"); add(1); add("a", 2); say(5); }
---
stdin:3:36-49: ERROR: Invalid expression for assignment: none
BEGIN { @a = add(1, 2); say(comm); @b = say("a"); add(1); add("a", 2); say(5); }
                                   ~~~~~~~~~~~~~
stdin:3:51-57: ERROR: add() requires 2 arguments (1 provided)
BEGIN { @a = add(1, 2); say(comm); @b = say("a"); add(1); add("a", 2); say(5); }
                                                  ~~~~~~
stdin:3:63-66: ERROR: Expected int64 for argument `$a` got string[2]
BEGIN { @a = add(1, 2); say(comm); @b = say("a"); add(1); add("a", 2); say(5); }
                                                              ~~~
stdin:3:76-77: ERROR: Expected string[16] for argument `$s` got int64
BEGIN { @a = add(1, 2); say(comm); @b = say("a"); add(1); add("a", 2); say(5); }
                                                                           ~

=== functions that return something else
fn a() : int64 { return "a"; } fn b() : void { return 5; } fn c() : string[4] { return "abc"; } BEGIN { a(); @c = c(); }
---
stdin:1:18-28: ERROR: Function a is of type int64, cannot return string[2]
fn a() : int64 { return "a"; } fn b() : void { return 5; } fn c() : string[4] { return "abc"; } BEGIN { a(); @c = c(); }
                 ~~~~~~~~~~
stdin:1:48-56: ERROR: Function b is of type none, cannot return int64
fn a() : int64 { return "a"; } fn b() : void { return 5; } fn c() : string[4] { return "abc"; } BEGIN { a(); @c = c(); }
                                               ~~~~~~~~

=== functions that call each other
fn a() : int64 { return b(); } fn b() : int64 { return a(); } BEGIN { print(b()); }
---
stdin:1:25-28: ERROR: b() is called before it ends or begins: a subprogram can only call those that are defined before it
fn a() : int64 { return b(); } fn b() : int64 { return a(); } BEGIN { print(b()); }
                        ~~~

=== folding
BEGIN { @a = lhist(1, 0, 2 * 3 + 4, 7 % 4); print(1 / 0); print(9223372036854775807 + 1); print(9223372036854775807 * 4); print(-9223372036854775807 - 10); }
---
stdin:1:97-120: ERROR: unable to fold literals due to overflow or underflow
BEGIN { @a = lhist(1, 0, 2 * 3 + 4, 7 % 4); print(1 / 0); print(9223372036854775807 + 1); print(9223372036854775807 * 4); print(-9223372036854775807 - 10); }
                                                                                                ~~~~~~~~~~~~~~~~~~~~~~~
stdin:1:129-154: ERROR: unable to fold literals due to overflow or underflow
BEGIN { @a = lhist(1, 0, 2 * 3 + 4, 7 % 4); print(1 / 0); print(9223372036854775807 + 1); print(9223372036854775807 * 4); print(-9223372036854775807 - 10); }
                                                                                                                                ~~~~~~~~~~~~~~~~~~~~~~~~~

=== declared maps
let @a = hash(5); let @b = lruhash(10); BEGIN { @a[1] = 1; @b[comm] = nsecs; }
---
@a[int64]: int64
@b[string[16]]: uint64

=== a long key
BEGIN { @a[pid, tid, comm, nsecs, kstack, ustack, uid] = count(); }
---
@a[(uint64,uint64,string[16],uint64,kstack,ustack,uint64)]: count_t

=== one series is made in one way
BEGIN { @a = tseries(1, 1s, 3); @a = tseries(1, 1s, 3, "sum"); @b = tseries(1, 1s, 3, "max"); @b = tseries(2, 1s, 3, "max"); }
---
stdin:1:33-35: ERROR: Different tseries parameters in a single map unsupported
BEGIN { @a = tseries(1, 1s, 3); @a = tseries(1, 1s, 3, "sum"); @b = tseries(1, 1s, 3, "max"); @b = tseries(2, 1s, 3, "max"); }
                                ~~

=== an array as long as the number
BEGIN { @a = (uint8[])nsecs; @b = (uint16[])(uint32)nsecs; @c = sizeof((int8[])(int16)5); }
---
@a: uint8[8]
@b: uint16[2]
@c: uint64

=== and what has no length
BEGIN { @a = (uint64[])(uint32)nsecs; @b = (uint8[])comm; }
---
stdin:1:14-37: ERROR: Cannot determine the size of the array: "uint32" is no number of "uint64"
BEGIN { @a = (uint64[])(uint32)nsecs; @b = (uint8[])comm; }
             ~~~~~~~~~~~~~~~~~~~~~~~
stdin:1:44-57: ERROR: Cannot determine the size of the array: "string[16]" is no number of "uint8"
BEGIN { @a = (uint64[])(uint32)nsecs; @b = (uint8[])comm; }
                                           ~~~~~~~~~~~~~

=== long double is as large as the machine has it
struct f { char a; long double b; }
BEGIN { static_assert(sizeof(struct f) == 32 && offsetof(struct f, b) == 16, "as gcc has it on x86-64 and arm64"); }
---


=== a variable without its $
BEGIN { x = 1; y += 2; pid = 3; }
---
stdin:1:9-10: ERROR: Unknown identifier: 'x'
BEGIN { x = 1; y += 2; pid = 3; }
        ~
HINT: a variable is written $x, a map @x
stdin:1:16-17: ERROR: Unknown identifier: 'y'
BEGIN { x = 1; y += 2; pid = 3; }
               ~
HINT: a variable is written $y, a map @y
stdin:1:24-27: ERROR: only maps, variables and members of their values can be assigned to
BEGIN { x = 1; y += 2; pid = 3; }
                       ~~~
