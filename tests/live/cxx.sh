#!/bin/bash
# The kernel's return probe aborts a C++ program at the next exception: its return instructions are probed instead.
. "$(dirname "$0")/lib.sh"
command -v g++ >/dev/null || skip "needs g++"
target throw.cc -O1

run probe -o records -f json -c ./throw 'r ./throw:middle n=$arg1:s32 ret=$retval:s32'
expect_status 0
expect out '^703$'
cp records out
json 'args == [{"n": n, "ret": n} for n in range(3)]'
run probe -f json -c ./throw 'p ./throw:middle n=$arg1:s32'
expect_status 0
sed -i '/^703$/d' out
json '[a["n"] for a in args] == [0, 1, 2, 3, 4]'
run -c ./throw -e 'uretprobe:./throw:middle { printf("%s %s %d\n", probe, func, retval); }'
expect_status 0
expect out '^703$'
expect out '^uretprobe:.*throw:middle middle 2$'

# A function that ends by a jump has no result of its own: of several it is left out, alone it is refused.
cat >tails.cc <<'EOT'
namespace tails {
[[gnu::noipa]] int twice(int n) { if (n < 0) throw n; return 2 * n; }
[[gnu::noipa]] int passes(int n) { return twice(n + 1); }
}
int main() { try { tails::passes(-9); } catch (int) { } return tails::passes(20) - 42; }
EOT
g++ -O2 -o tails tails.cc
run -c ./tails -e 'uretprobe:./tails:"tails::*" { printf("%s %d\n", func, retval); }'
expect_status 0
expect out '^tails::twice\(int\) 42$'
refute out '^tails::passes'
expect out "WARNING: returns of tails::passes\(int\) .* cannot be seen: it only ends by jumping to other functions"
run -c ./tails -e 'uretprobe:./tails:tails::passes { printf("%d\n", retval); }'
expect_status 1
expect err "ERROR: returns of tails::passes\(int\) .* cannot be seen: it only ends by jumping to other functions"
run -q -c ./tails -e 'uretprobe:./tails:tails::passes { @ = count(); }'
expect out '^@: 2$'

# What the kernel's would do: forced, it does.
run probe --returns=kernel -c ./throw 'r ./throw:middle'
expect_status 134
expect err "WARNING: the kernel's return probe can kill .*throw: it is C\+\+"
expect_clean
