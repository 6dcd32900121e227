#!/bin/bash
# Functions of Rust by their names, in both manglings: paths, generic functions, methods, with and without the hash.
. "$(dirname "$0")/lib.sh"
command -v rustc >/dev/null || skip "there is no Rust compiler"

cat >hello.rs <<'EOT'
mod shapes {
    use std::hint::black_box;
    pub trait Area { fn area(&self) -> u64; }
    pub struct Square(pub u64);
    impl Area for Square {
        #[inline(never)]
        fn area(&self) -> u64 { black_box(self.0 * self.0) }
    }
    #[inline(never)]
    pub fn generic<T: Copy>(x: T) -> T { black_box(x) }
}
use shapes::Area;
#[inline(never)]
fn hello(n: u64) -> u64 { std::hint::black_box(n + 1) }
fn main() {
    let mut sum = 0;
    for i in 0..5 { sum += hello(i); }
    for i in 0..3 { sum += shapes::generic(i as u32) as u64; }
    for i in 0..4 { sum += shapes::generic(i as u8) as u64; }
    for i in 0..6 { sum += shapes::Square(i).area(); }
    std::process::exit((sum == 0) as i32);
}
EOT

for mangling in legacy v0; do
	extra=
	[ $mangling = v0 ] && extra='-C symbol-mangling-version=v0'
	# shellcheck disable=SC2086 # words
	rustc -O $extra -o hello hello.rs 2>rustc.err || skip "rustc does not work: $(head -n 1 rustc.err)"
	symbol=$(nm hello | awk '$3 ~ /5hello5hello/ { print $3 }')
	[ -n "$symbol" ] || fail "there is no hello::hello"
	run probe -f json -c ./hello 'p:one ./hello:hello::hello n=$arg1:u64' "p:two ./hello:$symbol" \
		'p:three ./hello:hello::shapes::generic' 'p:four ./hello:"<hello::shapes::Square as hello::shapes::Area>::area"' \
		"p:five ./hello:$(c++filt "$symbol")"
	expect_status 0
	json "[sum(e['probe'] == n for e in events) for n in ('one', 'two', 'three', 'four', 'five')] == [5, 5, 7, 6, 5]"
	json "[e['args']['n'] for e in events if e['probe'] == 'one'] == [0, 1, 2, 3, 4]"
	expect err "WARNING: 2 functions of .*/hello are named 'hello::shapes::generic'"
	run probe --dry-run 'p ./hello:hello::helo'
	expect_status 1
	expect err "HINT: did you mean 'hello::hello'"
	run -l 'uprobe:./hello:hello::*'
	expect out '^uprobe:./hello:"hello::main"$'
	run -c ./hello -e "uprobe:./hello:$symbol { @[func] = count(); }"
	expect out '^@\[hello::hello\]: 5$'
done

# Not optimised, arguments are told only behind the prologue: never what the stack holds before.
cat >debug.rs <<'EOT'
fn parts(a: i32, s: &str) -> usize {
    let k = s.len();
    k + a as usize
}
fn main() { std::process::exit((parts(3, "hello") != 8) as i32); }
EOT
rustc -g -o debug debug.rs
run -q -c ./debug -e 'uprobe:./debug:debug::parts { print((args.a, args.s)); }'
expect_status 0
expect out "'a', 's' are missing at debug::parts: the function has not stored it yet at its entry.*probe a line of its body"
expect out '^[(][(]not available[)], [(]not available[)][)]$'
run -q -c ./debug -e 'uprobe:./debug@debug.rs:3 { printf("%d %s\n", args.a, str(args.s.data_ptr, args.s.length)); }'
expect_status 0
expect out '^3 hello$'

# Enums with fields, by their variants: told by a number of their own, or by what a field cannot be.
rustc -O -C debuginfo=2 -o variants "$here/variants.rs" 2>rustc.err || fail "rustc cannot compile: $(cat rustc.err)"
run -q -c ./variants -e 'uprobe:./variants:opt, uprobe:./variants:res, uprobe:./variants:niche { print(args.x); print(args.x.variant); }
	uprobe:./variants:shape { print(*args.s); print(args.s->variant); }
	uprobe:./variants:shape / args.s->variant == 1 / { print(args.s->Circle.__0); }
	uprobe:./variants:holder { print(*args.h); }'
expect_status 0
grep -vE '^[0-9]*$' out | sed 's/0x[0-9a-f]*/0xADDR/' >got
diff got - <<'EOT' || fail "variants"
{ .Some = { .__0 = 5 } }
Some
{ .None = {} }
None
{ .Some = { .__0 = 0xADDR } }
Some
{ .None = {} }
None
{ .Ok = { .__0 = 77 } }
Ok
{ .Err = { .__0 = 8 } }
Err
{ .Empty = {} }
Empty
{ .Circle = { .__0 = 12 } }
Circle
{ .Rect = { .w = 3, .h = 40 } }
Rect
{ .id = 1, .shape = { .Rect = { .w = 3, .h = 40 } }, .next = { .Some = { .__0 = 0xADDR } } }
{ .id = 2, .shape = { .Empty = {} }, .next = { .None = {} } }
{ .Empty = {} }
Empty
{ .Rect = { .w = 3, .h = 40 } }
Rect
EOT
grep -qx 12 out || fail "a variant's field"
run -q -f json -c ./variants -e 'uprobe:./variants:shape { print(*args.s); }'
expect out '"data": [{]"Rect": [{]"w": 3, "h": 40}}'
run -lv 'struct variants::Shape' ./variants
expect out '^    u16 variant; *[/][*] 0, size 2 [*][/]$'
expect out '^    } Rect; *[/][*] 0, size 16, when variant is 2 [*][/]$'
run -lv 'struct Option<&u32>' ./variants
expect out '^    } Some; *[/][*] 0, size 8, else [*][/]$'

# All callers pass Some(4), and the compiler knows: it describes the half that tells the variant, or nothing. What is not
# described is no 0.
cat >halves.rs <<'EOT'
#[inline(never)]
fn take(s: &str, v: &[u32], o: Option<u32>, b: bool, c: char) -> usize {
    if b { stop(s.len()); }
    s.len() + v.len() + o.unwrap_or(3) as usize + c as usize
}
#[inline(never)]
fn stop(n: usize) { if n == 1 { panic!("one"); } }
fn main() {
    println!("{}", take("abc", &[1, 2, 3], Some(4), false, 'Z'));
    println!("{}", std::panic::catch_unwind(|| take("q", &[], None, true, 'a')).is_err());
}
EOT
rustc -O -C debuginfo=2 -o halves halves.rs || fail "rustc cannot compile halves.rs"
run -q -c ./halves -e 'uprobe:./halves:halves::take { print(args); print((args.o->variant, args.o->Some.__0)); }'
expect_status 0
refute out '__0 = [^4]'
refute out '^[(]Some, [^(4]'
expect_clean
