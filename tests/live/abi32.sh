#!/bin/bash
# 32-bit programs below a 64-bit kernel: arguments, returned values, registers, strings, stacks; with -c, -p and for
# everybody; and what cannot be had there is refused, not wrong.
. "$(dirname "$0")/lib.sh"
[ "$(uname -m)" = x86_64 ] || skip "the 32-bit programs of this test are x86's"
needs_32_bit

# One definition for each function; the values are those of abi32.c.
definitions=(
	'p:many ./NAME:many a=$arg1:s32 b=$arg2 d=$arg4:s16 e=$arg5:u8 low=$arg7 high=$arg8 h=$arg9:s32
		wide=+28(%esp):s64 second=$stack2:s32 sp=$stack al=%al'
	'p:many_one ./NAME:many $arg1 $arg2:s32'
	'p:fast ./NAME:fast a=%eax:s32 s=+0(%edx):string c=%cx'
	'r:tail ./NAME:tail p=$retval s=+0($retval):string letters=+0($retval):char[3]'
	'r:boxed ./NAME:boxed tag=+0($retval):s32 name=+4($retval)'
	'r:many_r ./NAME:many v=$retval:s32 x=$retval'
	'p:depth ./NAME:depth n=$arg1:s32'
	'r:depth_r ./NAME:depth n=$retval:s32'
)

check_values() {
	json 'len(events) == 3 * (7 + 1 + 2 * 3) and lost == 0'
	json '[e["args"]["a"] for e in events if e["probe"] == "many"] == [0, 1, 2]'
	json 'all(e["args"]["b"] == 0xfffffffb for e in events if e["probe"] == "many")'
	json 'all((e["args"]["d"], e["args"]["e"], e["args"]["h"], e["args"]["second"]) == (-3, 250, 99, -5)
	      for e in events if e["probe"] == "many")'
	json 'all(int(e["args"]["wide"]) == 0x1122334455667788 for e in events if e["probe"] == "many")'
	json '[e["args"]["arg1"] for e in events if e["probe"] == "many_one"] == [0, 1, 2]'
	json '[(e["args"]["a"], e["args"]["s"]) for e in events if e["probe"] == "fast"] ==
	      [(i, "fast") for i in range(3)]'
	json '[e["args"]["s"] for e in events if e["probe"] == "tail"] == ["hello32", "ello32", "llo32"]'
	json '[e["args"]["tag"] for e in events if e["probe"] == "boxed"] == [-7] * 3'
	json '[e["args"]["n"] for e in events if e["probe"] == "depth"] == [3, 2, 1, 0] * 3'
	json '[e["args"]["n"] for e in events if e["probe"] == "depth_r"] == [0, 1, 2, 3] * 3'
	# what the function returned is what the program printed
	python3 - "$T/out" "$T/printed" <<-'EOT' || fail "the returned values are not those that were printed"
	import json, sys
	events = [json.loads(l) for l in open(sys.argv[1]) if l.startswith('{"type":"event"') or '"event"' in l]
	said = [e["args"]["v"] for e in events if e.get("probe") == "many_r"]
	sys.exit(said != [int(l.split()[0]) for l in open(sys.argv[2])])
	EOT
}

for build in "pie:-O1 -fpie -pie" "fixed:-O2 -fno-optimize-sibling-calls -no-pie -fno-pie" "static:-O0 -static -no-pie -fno-pie"; do
	name=${build%%:*}
	# shellcheck disable=SC2086 # flags are several words
	target abi32.c -m32 -fcf-protection=none ${build#*:}
	mv abi32 "$name"
	arguments=()
	for d in "${definitions[@]}"; do
		arguments+=("$(echo "${d//NAME/$name}" | tr -s '\n\t' ' ')")
	done
	run probe -q -f json -c "sh -c 'exec ./$name 3 >printed'" --follow "${arguments[@]}"
	expect_status 0
	check_values

	# the same when it runs already, and for everybody
	spawn ./"$name" 1000 20 >/dev/null
	traced=$!
	wait_for grep -q "$name" /proc/$traced/maps
	run probe -q -f json -n 6 -p $traced "p ./$name:fast s=+0(%edx):string" "r ./$name:tail s=+0(\$retval):string"
	expect_status 0
	json 'len(events) == 6 and all(e["args"]["s"] in ("fast", "hello32", "ello32", "llo32") for e in events)'
	run probe -q -f json -n 4 "p ./$name:many b=\$arg2:s32"
	expect_status 0
	json 'all(e["args"]["b"] == -5 and e["pid"] == '$traced' for e in events)'
	kill $traced

	# a pointer in memory: refused, with the place where it is in a register
	run probe --dry-run "p ./$name:first_letter s=+0(\$arg2):string"
	expect_status 1
	expect err 'cannot be followed: a 64-bit kernel reads 8 bytes'
	expect err "HINT: at first_letter\+[0-9]+ it is in a register: write .p /.*/$name:first_letter\+[0-9]+. and \+0\(%[a-d]x\)"
	at=$(sed -n 's/^HINT: at \(first_letter+[0-9]*\) .*/\1/p' err)
	reg=$(sed -n 's/^HINT: .*+0(%\([a-z]*\)).*/\1/p' err)
	run probe -q -f json -c "sh -c 'exec ./$name 3 >printed'" --follow "p ./$name:$at s=+0(%$reg):string"
	expect_status 0
	json '[a["s"] for a in args] == ["abc"] * 3'
done

for d in 'r ./pie:boxed n=+0(+4($retval)):string' 'p ./pie:many t=+0($arg6):s32' 'p ./pie:many s=+0($stack3):string' \
	 'p ./fixed:many s=+0(@0x804a000):string'; do
	run probe --dry-run "$d"
	expect_status 1
	expect err 'cannot be followed: a 64-bit kernel reads 8 bytes'
done
run probe --dry-run 'p ./pie:many a=%rdi'
expect_status 1
expect err "has no register 'rdi'"
run probe --dry-run 'p ./pie:many a=%r8'
expect err "has no register 'r8'"
run probe --dry-run 'p ./pie:many eax'
expect err 'a register is written %eax'

# stacks: the caller of a function that has not built its frame yet is there
run probe -n 1 --ustack -c './static 1' 'p ./static:tail'
expect out '^ +tail\+0x0 '
expect out '^ +main\+0x'

# a library: the 32-bit one, found by its path
library=$(./fixed 1 >/dev/null; gcc -m32 -print-file-name=libc.so.6)
if [ -e "$library" ]; then
	cp "$library" ./libc32.so.6
	run probe --dry-run 'p ./libc32.so.6:fopen mode=$arg2' 'r ./libc32.so.6:fopen f=$retval'
	expect_status 0
	expect out '\+8\(%sp\):x32'
fi
expect_clean
