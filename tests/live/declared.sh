#!/bin/bash
# Arguments as their source declares them: enums by name, references as what they refer to, $args; functions within
# functions; types within namespaces and classes.
. "$(dirname "$0")/lib.sh"
command -v g++ >/dev/null || skip "needs g++"
for level in 0 2; do
	g++ -g -O$level -o declared "$here/declared.cc" || fail "g++ -O$level"
	run probe -q -f json -c ./declared 'p ./declared:byref $args' 'p ./declared:byref $r.d $p->b *x **pp
		first=+8($p):s32 typed=$x:s32 $r.in.q $p->kind $r.u1 $p->modes'
	expect_status 0
	json '[(a["x"], a["m"]) for a in args if "m" in a] == [(5, "On"), (27, "Minus")]'
	json 'all(a["r"] is None and a["p"] > 4096 for a in args if "m" in a)'
	json '[(a["d"], a["b"], a["x"], a["pp"], a["first"], a["q"], a["kind"], a["u1"]) for a in args if "d" in a] == [(20, 1, x, 2, 1, 3, "B", 9) for x in (5, 27)]'
	json 'all(a["typed"] == a["x"] for a in args if "d" in a)'
	json '[a["modes"] for a in args if "d" in a] == 2 * [["On", "Minus"]]'
	run -q -c ./declared -e 'uprobe:./declared:byref { print((args.x + 1, args.m, args.r.d, args.r.b, args.p->kind)); }'
	expect out '^[(]6, On, 20, 1, B[)]$'
	expect out '^[(]28, Minus, 20, 1, B[)]$'
	run probe -q -f json -c ./declared 'p ./declared:behind l=$list[1] t=$text[1] v=$node->value n=$nodes[1].value *text s=$text:string'
	expect_status 0
	json 'args == [{"l": 11, "t": 101, "v": 30, "n": 31, "text": 116, "s": "text"}]'
	run -q -c ./declared -e 'uprobe:./declared:behind { print((args.list[1], args.text[1], args.node->value, args.nodes[1].value)); }'
	expect out '^[(]11, 101, 30, 31[)]$'
	run probe -q -f json -c ./declared 'p ./declared:cpp:"*lambda*" second first' 'p ./declared:cpp:"*Local::method*" w this=$this->z' \
		'p ./declared:cpp:"ns::Box<int>::get" k v=$this->v'
	expect_status 0
	json 'args[:3] == [{"second": 10, "first": 0}, {"w": 3, "this": 1}, {"k": 0, "v": 4}]'
done
run probe -q -c ./declared 'p ./declared:byref +0($x):s32 +0($m)'
expect_status 1
expect err "'m' is no pointer that could be followed"

# A bitfield at the end of a register; arrays without a length, read by element, as text, as bytes.
cat >ends.c <<'EOT'
struct bits { unsigned a : 3; int b : 5; unsigned long long c : 40; _Bool d : 1; };
struct text { int n; char c[]; };
struct bytes { int n; unsigned char c[]; };
struct numbers { int n; int d[]; };
struct { int n; unsigned char c[8]; } some = { 1, "hello" };
__attribute__((noinline)) int ends(struct bits b, struct text *t, struct bytes *u, struct numbers *v)
{
	__asm__ volatile("" ::: "memory");
	return b.b + t->c[0] + u->c[0] + v->d[0];
}
int main(void)
{
	return ends((struct bits){ 5, -7, 0x123456789a, 1 }, (void *)&some, (void *)&some, (void *)&some) == 0;
}
EOT
for level in 0 2; do
	gcc -g -O$level -o ends ends.c || fail "gcc ends.c"
	run -q -c ./ends -e 'uprobe:./ends:ends { print((args.b.a, args.b.b, args.b.c, args.b.d)); print(args.b);
		print((str(args.t.c), str(args.u.c), args.t.c[1], args.u.c[1], buf(args.u.c, 3), args.v.d[0])); }'
	expect_status 0
	expect out '^[(]5, -7, 78187493530, true[)]$'
	expect out '^\{ .a = 5, .b = -7, .c = 78187493530, .d = true \}$'
	expect out '^[(]hello, hello, 101, 101, hel, 1819043176[)]$'
done
run -c ./ends -e 'uprobe:./ends:ends { print(args.v.d); }'
expect_status 1
expect err "'d' cannot be read here: nothing tells how many elements it has"

cat >nested.c <<'EOT'
int outer(int a)
{
	__attribute__((noinline)) int inner(int n) { __asm__ volatile(""); return n + a; }
	int s = 0;
	for (int i = 0; i < 3; i++) s += inner(i);
	return s;
}
int main(void) { return outer(5) == 0; }
EOT
gcc -g -O1 -o nested nested.c || fail "gcc cannot compile"
run probe -q -f json -c ./nested 'p ./nested:inner* n'
expect_status 0
json '[a["n"] for a in args] == [0, 1, 2]'

# Types by their whole name, or its end.
for name in ns::Derived Derived; do
	run -lv "struct $name" ./declared
	expect_status 0
	expect out '^    Base; *[/][*] 0, size 16, what it inherits [*][/]$'
	expect out '^        int u1; *[/][*] 24, size 4 [*][/]$'
	expect out '^    }; *[/][*] 24, size 4 [*][/]$'
done
run -lv 'struct ns::Derived::Inner' ./declared
expect out '^    short int q;'
run -lv 'enum ns::Mode' ./declared
expect out '^    Minus = -2,$'
run -lv 'struct ns::Box<int>' ./declared
expect out '^    int v;'
run -lv 'struct other::Derived' ./declared
expect_status 1
expect err "no debug information about a 'struct other::Derived'"

# Types of one name that are not one type: of two units in C, of two namespaces.
for unit in 1 2; do
	gcc -g -O2 -c -o unit$unit.o -DUNIT=$unit -Duse=use_$unit -Dcall=call_$unit "$here/samename.c" || fail "gcc cannot compile"
done
gcc -o samename unit1.o unit2.o || fail "gcc cannot link"
clause() { echo "uprobe:./samename:use_$1 { printf(\"%d %d %d %d\n\", args.p->x, args.p->y, args.link->foo->y, ((struct foo *)arg0)->y); }"; }
run -q -c ./samename -e "$(clause 1) $(clause 2)"
expect_status 0
expect out '^11 21 21 21$'
expect out '^12 22 22 22$'
run -q -c ./samename -e 'uprobe:./samename:use_* { printf("%d %d\n", args.p->x, args.n); }'
expect_status 0
expect out '^11 1$'
expect out '^[(]no such argument[)] 2$'
expect out "'p' is missing at use_2: its type has the same name there, but other members: give that function a probe of its own"
run -q -c ./samename -e 'uprobe:./samename:use_* { print(args); }'
[ "$(grep -c '^{ .p = 0x[0-9a-f]*, .link = 0x[0-9a-f]*, .n = [12] }$' out)" -eq 2 ] || fail 'args of both'
run probe -q -f json -c ./samename 'p ./samename:use_* x=$p->x y=$link->foo->y'
json '[(a["x"], a["y"]) for a in args] == [(11, 21), (12, 22)]'
run -lv 'struct foo' ./samename
expect_status 1
expect err "'struct foo' is not clear in ./samename: 2 are: struct foo [(]samename.c:4[)], struct foo [(]samename.c:6[)]$"
run -q -c ./samename -e 'uprobe:./samename:use_* { print(((struct foo *)arg0)->x); }'
expect_status 1
expect err "'struct foo' is not clear: 2 are: "

cat >spaces.cc <<'EOT'
namespace a { struct P { int x, y; }; struct Same { int q; }; }
namespace b { struct P { long pad; int x, y; }; struct Same { int q; }; }
int f(a::P p, b::P q, a::Same *s, b::Same *t) { return p.x + q.y + s->q + t->q; }
int main() { return 0; }
EOT
g++ -g -o spaces spaces.cc || fail "g++ cannot compile"
run -lv 'struct P' ./spaces
expect_status 1
expect err "'struct P' is not clear in ./spaces: 2 are: struct a::P [(]spaces.cc:1[)], struct b::P [(]spaces.cc:2[)]$"
run -lv 'struct b::P' ./spaces
expect out '^    int x; *[/][*] 8, size 4 [*][/]$'
run -lv 'struct Same' ./spaces
expect out '^    int q; *[/][*] 0, size 4 [*][/]$'
expect_clean
