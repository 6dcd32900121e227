#!/bin/bash
# hello(i32, usize) of a Rust release build, called in a loop: four hits, with the right values, or with the reason
# why there is none.
. "$(dirname "$0")/lib.sh"
command -v rustc >/dev/null || skip "needs rustc"

build() {
	rustc -C opt-level=3 -C debuginfo="$1" --crate-name hello -o hello "$here/hello.rs" 2>err || fail "rustc failed"
}

probe() {
	run probe -q -f json -c ./hello "p ./hello:$1 i=\$arg1:s32 len=\$arg2:u64"
	expect_status 0
	sed -i '/^{/!d' out
	json 'len(events) == 4'
}

build 2
for name in hello::hello hello '"hello::hello"'; do
	probe "$name"
	json '[(a["i"], a["len"]) for a in args] == [(i, 7) for i in range(4)]'
	refute err WARNING
done
run -q -c ./hello -e 'uprobe:./hello:cpp:"hello::hello" { printf("%d %d %d\n", args.i, args.len, arg0); }'
for i in 0 1 2 3; do expect out "^$i 7 $i$"; done
run -lv 'uprobe:./hello:hello::hello'
expect out '^uprobe:\./hello:"hello::hello"$'
[ "$(grep -c '^    inlined in hello::main at /.*/hello.rs:9, address 0x' out)" -eq 4 ] || fail "not four places"
[ "$(grep -c '^        i32 i in ' out)" -eq 4 ] || fail "not where i is at each of four places"

build 1
probe hello::hello
json 'all(a["i"] is None and a["len"] is None for a in args)'
expect err "'.arg1', '.arg2' are missing at 4 places, the first is hello::hello, inlined in hello::main .*: the debug information has no such"
[ "$(grep -c WARNING err)" -eq 1 ] || fail "not one warning"
run -c ./hello -e 'uprobe:./hello:hello::hello { print(args); }'
expect_status 0
expect out 'WARNING: args is empty: the debug information describes no arguments of uprobe:./hello:hello::hello'
run -e 'uprobe:./hello:hello::hello { print(args.i); }'
expect_status 1
refute out WARNING

build line-tables-only
probe hello::hello
json 'all(a["i"] is None for a in args)'
expect err 'the debug information has only the last part of its name'
expect_clean
