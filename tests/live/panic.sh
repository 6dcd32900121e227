#!/bin/bash
# A Rust program survives return probes on functions that panics pass through, and the returns that there are have their
# values.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:$HOME/.cargo/bin
command -v rustc >/dev/null || skip "there is no Rust compiler"
rustc -O -o panic "$here/panic.rs" 2>err || skip "rustc does not work: $(tail -n 1 err)"

run probe -q -o records -f json -c ./panic 'r ./panic:middle n=$arg1:s64 value=$retval:s64'
expect_status 0
expect out '^sum 213$'
cp records out
json 'args == [{"n": n, "value": n * 10 + 1} for n in range(9) if n % 3 != 2]'
run -c ./panic -e 'uretprobe:./panic:middle { @ = count(); @sum = sum(retval); }'
expect_status 0
expect out '^@: 6$'
expect out '^@sum: 216$'
expect_clean
