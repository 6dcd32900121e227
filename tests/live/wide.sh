#!/bin/bash
# __int128 by value at the entry, as the program itself tells it: however it was compiled, and whatever the compiler
# says of where it is.
. "$(dirname "$0")/lib.sh"

cat >all.bt <<'EOT'
uprobe:./wide:negate, uprobe:./wide:store, uprobe:./wide:high { print(args.v); }
uprobe:./wide:add, uprobe:./wide:pick { print(args.v); print(args.other); }
uprobe:./wide:aligned { print(args.v); print(args.last); }
uprobe:./wide:held { print(args.h.v); print(args.last); }
uprobe:./wide:pick /args.v[1] == 1 && args.other[0] == 2/ { printf("%lx %lu\n", args.v[0], args.other[1]); }
EOT
for flags in -O0 '-O2 -gdwarf-4' '-O1 -fcf-protection=full'; do
	[ "$(uname -m)" = x86_64 ] || flags=${flags/-fcf-protection=full/}
	# shellcheck disable=SC2086
	target wide.c $flags
	./wide >said
	run -q -c ./wide all.bt
	expect_status 0
	diff <(grep -E '^[[0-9]' out | sort) <({ cat said said; echo "8000000000000000 18446744073709551615"; } | sort) ||
		fail "gcc $flags: not what the program passes"
done

# A copy of a function for some callers takes its arguments as the compiler likes.
cat >copy.c <<'EOT'
static __attribute__((noinline)) long f(int n, __int128 v) { return n ? (long)(v >> 64) * n : 3; }
long a(__int128 v) { return f(7, v); }
int main(int c, char **v) { return a((__int128)c << 64) + f(7, c) == 1; }
EOT
gcc -g -O2 -o copy copy.c
if nm copy | grep -q 'f[.]constprop'; then
	run -lv 'uprobe:./copy:f.constprop.0'
	expect out '__int128 v: nothing tells how this copy of the function'
fi

# Its halves in definitions.
run probe -q -f json -c ./wide 'p ./wide:negate low=$v[0] high=$v[1]:x64'
expect_status 0
expect out '"args":."low":8,"high":5.'
run probe -q -c ./wide 'p ./wide:negate $v'
expect_status 1
expect err "'v' is a number of 16 bytes: name its halves, .0. and .1."

if command -v clang >/dev/null; then
	clang -g -O0 -o wide "$here/wide.c" || fail "clang"
	run -q -c ./wide -e 'uprobe:./wide:negate, uprobe:./wide:add { print(args.v); }'
	expect_status 0
	expect out '^.8,5.$'
	expect out '^.18446744073709551615,18446744073709551613.$'
fi
expect_clean
