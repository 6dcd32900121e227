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
expect_clean
