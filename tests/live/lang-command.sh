#!/bin/bash
# The command line of a program: where it comes from, its parameters, what is printed of it.
. "$(dirname "$0")/lib.sh"

cat >hello.bt <<'EOT'
#!/usr/bin/env trapline
/* a file */
BEGIN { printf("%d %s %d\n", $1, str($2), $#); exit(); }
EOT
run -q ./hello.bt 7 word
expect_status 0
printf '7 word 2\n\n\n' | diff out - >&2 || fail "parameters of a file"
run -q -e 'BEGIN { printf("%s|%s\n", str($1), str($3)); exit(); }' one
printf 'one|\n\n\n' | diff out - >&2 || fail "parameters that are not there"
"$trapline" -q - two <hello.bt >out 2>err && fail "a word for a number"
printf '%s' 'BEGIN { printf("stdin\n"); }' | "$trapline" -q - >out 2>err || fail "standard input"
expect out '^stdin$'
run run -q -e 'BEGIN { printf("%s\n", getopt("name", "none")); exit(); }' -- --name=joe
printf 'joe\n\n\n' | diff out - >&2 || fail "named parameters"
run -q -o said hello.bt 1 x
printf '1 x 2\n\n\n' | diff said - >&2 || fail "-o"
[ ! -s out ] || fail "-o leaves something on standard output"

# A file beside a command of the same name is written with a slash; a file that is not there is said to be so.
cp hello.bt info
run -q ./info 1 y
expect out '^1 y 2$'
run info
expect out '^Linux '
run nosuch.bt
expect_status 1
expect err "^ERROR: failed to open file 'nosuch.bt': No such file or directory$"
run nosuch
expect_status 1
expect err '^HINT: there is no command'

# Mistakes are told before anything is done: all of them.
run -e 'BEGIN { printf("never\n"); $x = nosuch1; } END { nosuch2(); }'
expect_status 1
expect err 'nosuch1'
expect err 'nosuch2'
refute out 'never'
for bad in '-f yaml' '-B half' '-d nosuch' '-p x' '--nosuch' '--probe-filter (' '-k --no-warnings'; do
	# shellcheck disable=SC2086 # the words are words
	run $bad -e 'BEGIN { }'
	expect_status 1
	expect err '^(ERROR|HINT)'
done

# A register is one of the machine's, and a whole one.
run --dry-run -e 'uprobe:/bin/sh:0 { print(reg("nope")); }'
expect_status 1
expect err "^stdin:1:26-37: ERROR: 'nope' is not a valid register on this architecture \($(uname -m)\)$"
expect err '^HINT: there are .*\bsp\b'

# What bpftrace has, and why it is not here.
for option in --emit-elf=x --emit-llvm=x '--aot x' '--dwarf-pid 1'; do
	# shellcheck disable=SC2086 # the words are words
	run $option -e 'BEGIN { }'
	expect_status 1
	expect err "^ERROR: option '${option%%[= ]*}' is not here: "
done
run -d verifier -e 'BEGIN { }'
expect_status 1
expect err '^HINT: no BPF code is made'

# The stages, and the lists.
run -d ast -e 'BEGIN { @x = 1 + 2; }'
expect_status 0
expect out '@x'
run --fmt -e 'BEGIN{@x=1;}'
expect_status 0
expect out '^  @x = 1;$'
run -l hello.bt
expect out '^begin$'
run -l -e 'interval:s:1 { } END { }'
expect out '^interval:s:1$'
run --dry-run -e 'BEGIN { printf("never\n"); }'
expect_status 0
refute out 'never'
run --probe-filter nothing -e 'interval:ms:10 { printf("never\n"); } BEGIN { printf("begin\n"); }'
expect_status 0
printf 'begin\n\n\n' | diff out - >&2 || fail "--probe-filter"
run --probe-filter nothing -e 'interval:ms:10 { }'
expect_status 1
expect out '^No probes to attach$'
run -V
expect out '^trapline v'
run --help
expect_status 0
expect out '^USAGE:$'
run run --help
expect out '^USAGE:$'

# Tests of a program's own: each for itself, and nothing else of the program.
run --test -e 'test:good { printf("said\n"); } test:bad { exit(3); } BEGIN { printf("never\n"); }'
expect_status 1
expect out '^said$'
expect out '^\[  OK  \] good '
expect out '^\[FAILED\] bad '
refute out 'never'

# All that a test prints is its own, in the order in which it was printed.
run --test -f json -e 'test:own { print(5); printf("x\n"); @m[1] = 2; print(@m); print((1, "a")); }'
expect_status 0
expect out '^\{"type": "test_result", "data": \{"own": \{"duration": [0-9]+, "passed": true, "output": "5\\nx\\n@m\[1\]: 2\\n\(1, a\)\\n"\}\}\}$'
[ "$(wc -l <out)" -eq 1 ] || fail "more than the result of the test"

run --bench -e 'bench:add { $x = nsecs + 1; printf("never\n"); print("never"); } test:t { } BEGIN { printf("never\n"); }'
expect_status 0
expect out '^add: [0-9]+ ns \(average of [0-9]+ rounds\)$'
[ "$(wc -l <out)" -eq 1 ] || fail "more than a line"
run --mode bench -f json -e 'bench:add { $x = nsecs + 1; }'
expect out '^\{"type": "benchmark_result", "data": \{"add": \{"average": [0-9]+, "iters": [0-9]+\}\}\}$'

# Named parameters: those of the program, and no others.
program='BEGIN { print(getopt("num", 5, "how many")); if getopt("flag") { print("flag"); } print(getopt("s", "x")); }'
run -q -e "$program" -- --num=7 --flag
expect_status 0
[ "$(head -n 3 out | paste -s -d ' ')" = '7 flag x' ] || fail "named parameters: $(cat out)"
run -e "$program" -- --help
expect_status 0
expect out '^    --num=VALUE +how many \(default: 5\)$'
expect out '^    --flag +\(default: false\)$'
run -e "$program" -- --nun=7
expect_status 1
expect err '^ERROR: unexpected program command line option: --nun$'
expect err '^HINT: did you mean --num[?]$'

# A timer that is always due goes on all the same.
run -q -e 'interval:1 { if (++@ == 1000) { exit(); } }'
expect_status 0
expect out '^@: 1000$'

# What goes wrong at one place again and again is said some times, and counted.
run -q -e 'BEGIN { $i = 0; while ($i < 25) { @ = 5 / ($i - $i); $i++; } }'
expect_status 0
[ "$(grep -c 'WARNING: Divide or modulo by 0' err)" -eq 10 ] || fail "not ten warnings"
expect err '^\(15 more warnings of this place\)$'
run -q --no-warnings -e 'BEGIN { @ = 5 / ($1 - $1); }' 1
[ ! -s err ] || fail "--no-warnings warns"
clean_now || fail "something was written to the kernel: $(ours)"
