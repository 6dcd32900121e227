=== a struct
struct foo { int a; char b; long c; };
---
struct foo (16 bytes, aligned to 8)
 0: int32 a
 4: int8 b
 8: int64 c
Program

=== widths
struct w { char a; unsigned char b; short c; unsigned short d; int e; unsigned f; long g; unsigned long h; long long i; unsigned long long int j; bool k; _Bool l; uint8_t m; __u16 n; size_t o; u64 p; s8 q; };
---
struct w (80 bytes, aligned to 8)
 0: int8 a
 1: uint8 b
 2: int16 c
 4: uint16 d
 8: int32 e
 12: uint32 f
 16: int64 g
 24: uint64 h
 32: int64 i
 40: uint64 j
 48: bool k
 49: bool l
 50: uint8 m
 52: uint16 n
 56: uint64 o
 64: uint64 p
 72: int8 q
Program

=== pointers
struct p { char *s; void *v; struct p *next; struct other *o; const char * const *argv; int (*fn)(int, char *); void (*table[3])(void); };
---
struct p (72 bytes, aligned to 8)
 0: int8 * s
 8: void * v
 16: struct p * next
 24: struct other * o
 32: int8 * * argv
 40: void * fn
 48: void *[3] table
Program

=== arrays
struct a { int a[3]; char name[16]; unsigned char mac[6]; int m[2][3]; char lines[4][8]; struct a *p[2]; uint8_t b[5]; char rest[]; };
---
struct a (120 bytes, aligned to 8)
 0: int32[3] a
 12: string[16] name
 28: uint8[6] mac
 36: int32[2][3] m
 60: string[8][4] lines
 96: struct a *[2] p
 112: uint8[5] b
 117: string[0] rest
Program

=== floating point has its place
struct f { char a; double b; float c; };
---
struct f (24 bytes, aligned to 8)
 0: int8 a
 8: double b
 16: float c
Program

=== bit fields
struct b { int a:3; int b:5; unsigned c:24; unsigned d:1; char e:2; long f:40; int :0; int g:1; };
---
struct b (24 bytes, aligned to 8)
 0 bits 0..2: int32 a
 0 bits 3..7: int32 b
 0 bits 8..31: uint32 c
 4 bits 0..0: uint32 d
 4 bits 1..2: int8 e
 8 bits 0..39: int64 f
 16 bits 0..0: int32 g
Program

=== nested
struct n { int a; struct { int b; struct inner { char c; } d; } e; union { int f; long g; }; struct { short h; }; };
---
struct n (32 bytes, aligned to 8)
 0: int32 a
 4: struct e
 16: union
 24: struct
struct (8 bytes, aligned to 4)
 0: int32 b
 4: struct inner d
struct inner (1 bytes, aligned to 1)
 0: int8 c
union (8 bytes, aligned to 8)
 0: int32 f
 0: int64 g
struct (2 bytes, aligned to 2)
 0: int16 h
Program

=== unions
union u { char a; int b[3]; long c; };
---
union u (16 bytes, aligned to 8)
 0: int8 a
 0: int32[3] b
 0: int64 c
Program

=== packed
struct p { char a; int b; short c; } __attribute__((packed));
---
struct p (7 bytes, aligned to 1)
 0: int8 a
 1: int32 b
 5: int16 c
Program

=== packed before the name
struct __attribute__((packed)) p { char a; int b; };
---
struct p (5 bytes, aligned to 1)
 0: int8 a
 1: int32 b
Program

=== __packed
struct p { char a; long b; } __packed;
---
struct p (9 bytes, aligned to 1)
 0: int8 a
 1: int64 b
Program

=== aligned
struct a { char a; char b __attribute__((aligned(8))); int c __attribute__((__aligned__(16))); }; struct z { char a; } __attribute__((aligned(64)));
---
struct a (32 bytes, aligned to 16)
 0: int8 a
 8: int8 b
 16: int32 c
struct z (64 bytes, aligned to 64)
 0: int8 a
Program

=== packed bits
struct p { unsigned a:4; unsigned b:30; unsigned c:6; } __attribute__((packed));
---
struct p (5 bytes, aligned to 1)
 0 bits 0..3: uint32 a
 0 bits 4..33: uint64 b
 4 bits 2..7: uint32 c
Program

=== enums
enum e { A, B, C = 10, D, E = A + 5, F = -1, G = 1 << 4 }; enum { X = sizeof(int), Y }; struct s { enum e a; enum { P, Q } b; char c[G]; };
---
struct s (24 bytes, aligned to 4)
 0: enum e a
 4: uint32 b
 8: string[16] c
enum e
 A = 0
 B = 1
 C = 10
 D = 11
 E = 5
 F = -1
 G = 16
enum
 X = 4
 Y = 5
enum
 P = 0
 Q = 1
Program

=== typedefs
typedef unsigned int my_t; typedef struct foo { my_t a; } foo_t; typedef struct foo *foo_p; typedef int arr_t[4]; struct s { foo_t a; foo_p b; my_t c; arr_t d; };
BEGIN { $x = (foo_t *)arg0; $y = (my_t)5; $z = sizeof(foo_t); }
---
struct foo (4 bytes, aligned to 4)
 0: uint32 a
struct s (40 bytes, aligned to 8)
 0: struct foo a
 8: struct foo * b
 16: uint32 c
 20: int32[4] d
typedef my_t: uint32
typedef foo_t: struct foo
typedef foo_p: struct foo *
typedef arr_t: int32[4]
Program
 BEGIN
  =
   variable: $x
   (foo_t*)
    identifier: arg0
  =
   variable: $y
   (my_t)
    int: 5
  =
   variable: $z
   sizeof: foo_t

=== used before it is defined
struct a { struct b *p; }; struct b { struct a x; };
---
struct a (8 bytes, aligned to 8)
 0: struct b * p
struct b (8 bytes, aligned to 8)
 0: struct a x
Program

=== without the last semicolon
struct foo { int a } BEGIN { }
---
struct foo (4 bytes, aligned to 4)
 0: int32 a
Program
 BEGIN

=== several names for one type
struct foo { int a, *b, c[2]; };
---
struct foo (24 bytes, aligned to 8)
 0: int32 a
 8: int32 * b
 16: int32[2] c
Program

=== qualifiers
struct q { const int a; volatile unsigned b; const struct q *c; char const *d; };
---
struct q (24 bytes, aligned to 8)
 0: int32 a
 4: uint32 b
 8: struct q * c
 16: int8 * d
Program

=== floats have a place
struct f { float a; double b; char c; };
---
struct f (24 bytes, aligned to 8)
 0: float a
 8: double b
 16: int8 c
Program

=== sizes of others
struct a { int x[4]; }; struct b { char c[sizeof(struct a)]; char d[sizeof(struct a *)]; char e[sizeof(long) * 2 + 1]; };
---
struct a (16 bytes, aligned to 4)
 0: int32[4] x
struct b (41 bytes, aligned to 1)
 0: string[16] c
 16: string[8] d
 24: string[17] e
Program

=== known structs
struct t { struct timespec ts; struct in6_addr a; };
BEGIN { $x = (struct timespec *)arg0 }
---
struct t (32 bytes, aligned to 8)
 0: struct timespec ts
 16: struct in6_addr a
struct timespec (16 bytes, aligned to 8)
 0: int64 tv_sec
 8: int64 tv_nsec
struct in6_addr (16 bytes, aligned to 4)
 0: union in6_u
union (16 bytes, aligned to 4)
 0: uint8[16] u6_addr8
 0: uint16[8] u6_addr16
 0: uint32[4] u6_addr32
Program
 BEGIN
  =
   variable: $x
   (struct timespec*)
    identifier: arg0

=== a program's own goes before
struct timespec { int a; }; struct t { struct timespec ts; };
---
struct timespec (4 bytes, aligned to 4)
 0: int32 a
struct t (4 bytes, aligned to 4)
 0: struct timespec ts
Program

=== an incomplete member
struct a { struct nowhere x; }; struct b { void v; };
---
stdin:1:27-28: ERROR: field has incomplete type 'struct nowhere'
struct a { struct nowhere x; }; struct b { void v; };
                          ~
stdin:1:49-50: ERROR: field has incomplete type 'void'
struct a { struct nowhere x; }; struct b { void v; };
                                                ~

=== twice
struct a { int x; }; struct a { int y; }; BEGIN { }
---
stdin:1:22-30: ERROR: redefinition of 'struct a'
struct a { int x; }; struct a { int y; }; BEGIN { }
                     ~~~~~~~~

=== a member twice
struct a { int x; char x; }; BEGIN { }
---
stdin:1:24-25: ERROR: duplicate member 'x'
struct a { int x; char x; }; BEGIN { }
                       ~

=== an unknown type
struct a { foo_t x; int y; }; BEGIN { $x = }
---
stdin:1:12-17: ERROR: unknown type name 'foo_t'
struct a { foo_t x; int y; }; BEGIN { $x = }
           ~~~~~
stdin:1:44-45: ERROR: syntax error, unexpected }
struct a { foo_t x; int y; }; BEGIN { $x = }
                                           ~

=== a bit field too wide
struct a { int x:33; char *p:3; int z:0; }; BEGIN { }
---
stdin:1:16-17: ERROR: width of bit-field 'x' (33 bits) exceeds the width of its type (32 bits)
struct a { int x:33; char *p:3; int z:0; }; BEGIN { }
               ~
stdin:1:28-29: ERROR: bit-field 'p' has non-integral type
struct a { int x:33; char *p:3; int z:0; }; BEGIN { }
                           ~
stdin:1:37-38: ERROR: named bit-field 'z' has zero width
struct a { int x:33; char *p:3; int z:0; }; BEGIN { }
                                    ~

=== a negative count
struct a { int x[-1]; char y[1/0]; int z[n]; }; BEGIN { }
---
stdin:1:18-20: ERROR: -1 is no size that this can have
struct a { int x[-1]; char y[1/0]; int z[n]; }; BEGIN { }
                 ~~
stdin:1:30-33: ERROR: division by zero in a constant
struct a { int x[-1]; char y[1/0]; int z[n]; }; BEGIN { }
                             ~~~
stdin:1:42-43: ERROR: 'n' is not a constant
struct a { int x[-1]; char y[1/0]; int z[n]; }; BEGIN { }
                                         ~

=== too large
struct a { long x[1000000000]; char y[100][1000][1000][1000]; }; BEGIN { }
---
stdin:1:18-19: ERROR: this array is too large
struct a { long x[1000000000]; char y[100][1000][1000][1000]; }; BEGIN { }
                 ~
stdin:1:38-39: ERROR: this array is too large
struct a { long x[1000000000]; char y[100][1000][1000][1000]; }; BEGIN { }
                                     ~

=== no alignment
struct a { int x; } __attribute__((aligned(3))); BEGIN { }
---
stdin:1:44-45: ERROR: an alignment is a power of two
struct a { int x; } __attribute__((aligned(3))); BEGIN { }
                                           ~

=== an enumerator twice
enum a { A, A }; enum b { A }; enum a { B }; BEGIN { }
---
stdin:1:13-14: ERROR: redefinition of enumerator 'A'
enum a { A, A }; enum b { A }; enum a { B }; BEGIN { }
            ~
stdin:1:27-28: ERROR: redefinition of enumerator 'A'
enum a { A, A }; enum b { A }; enum a { B }; BEGIN { }
                          ~
stdin:1:37-38: ERROR: redefinition of 'enum a'
enum a { A, A }; enum b { A }; enum a { B }; BEGIN { }
                                    ~

=== without end
struct a { int x;
---
stdin:1:17-18: ERROR: syntax error, unexpected end of file, expecting }
struct a { int x;
                ~

=== in itself
struct a { struct a x; };
---
stdin:1:21-22: ERROR: field has incomplete type 'struct a'
struct a { struct a x; };
                    ~

=== a declaration
struct foo; enum bar; BEGIN { }
---
Program
 BEGIN

=== deep
struct a { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { int x; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; };
---
stdin:1:1803-1809: ERROR: this is nested too deeply: more than 200 levels
struct a { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { struct { int x; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; } m; };
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          ~~~~~~
