#!/bin/bash
# Functions by the names that programmers write: overloads, templates, scopes, clones; stripped; indirect ones.
. "$(dirname "$0")/lib.sh"
command -v g++ >/dev/null || skip "needs g++"
target names.cc -O2
strip -o stripped names

# A name, how often it is hit in one run of ./names: one probe each, called p1, p2, ...
expected=(
	'ns::f(int)' 1			'ns::f' 6		'"ns::f(char const*)"' 3	'f' 12
	'ns::max' 9			'ns::max<int>(int,int)' 4	'ns::hidden' 6	'ns::v1::inl' 7
	'"ns::(anonymous namespace)::hidden(int)"' 6	'ns::A::A' 8		'ns::A::~A()' 8
	'ns::A::operator*' 8		'ns::A::operator()(int)' 8	'app::Arr<*>::at' 21	'cpp:ns::text' 9
	'_ZN2ns1fEd' 2			'sum' 13
)
definitions=()
counts=
for ((i = 0; i < ${#expected[@]}; i += 2)); do
	definitions+=("p:p$((i / 2 + 1)) ./names:${expected[i]}")
	counts+=" ${expected[i + 1]}"
done
run probe -f json -c ./names "${definitions[@]}" 'p ./names:ns::f(double)'
expect_status 0
json "[sum(e['probe'] == 'p%d' % n for e in events) for n in range(1, ${#definitions[@]} + 1)] == \
	[int(n) for n in '$counts'.split()]"
json "sum(e['probe'].endswith(':ns::f(double)') for e in events) == 2"
expect err "WARNING: 3 functions of .*/names are named 'ns::f': all of them are probed: ns::f\(int\), ns::f\(double\), ns::f\(char const\*\)"
expect err "WARNING: the compiler has changed 'sum' of .*: sum\(.*\[clone \.(constprop|isra)\.0.*\] is probed"

# DEFINITION, what the message must fit.
refused() {
	run probe --dry-run "$1"
	expect_status 1
	expect err "$2"
}
refused 'p ./names:sum n=$arg1' 'ERROR: the compiler has made .*sum.*, whose arguments may be in other registers'
refused 'p ./names:cpp:f' "ERROR: no function 'f'"
refused 'p ./names:cpp:main' "HINT: 'main' is no name of a language that mangles them"
refused 'p ./names:ns::inl' "HINT: did you mean 'ns::v1::inl'"
refused 'p ./names:ns::hiden' "HINT: did you mean 'ns::\(anonymous namespace\)::hidden'"
refused 'p ./names:ns::f(char const*)' 'HINT: a name with blanks is written in quotes'
refused 'p ./nosuch:ns::f' "ERROR: there is no file './nosuch'"

# In programs: quotes where a blank would end the name, cpp: as in bpftrace.
cat >program.bt <<'EOT'
uprobe:./names:cpp:"ns::f" { @f[func] = count(); }
uprobe:./names:ns::max<long>(long, long) { @max = count(); }
uprobe:./names:app::Arr<char>::at, uprobe:./names:"app::Arr<long>::at(unsigned long)" { @at[probe] = count(); }
uprobe:./names:_ZN2ns1fEi { printf("usym %s\n", usym(reg("ip"))); print(ustack(perf, 1)); }
EOT
run -c ./names program.bt
expect_status 0
expect out '^@f\[ns::f\(char const\*\)\]: 3$'
expect out '^@max: 5$'
expect out '^@at\[uprobe:./names:app::Arr<long>::at\(unsigned long\)\]: 11$'
expect out '^usym ns::f\(int\)$'
expect out '[0-9a-f]+ ns::f\(int\)\+[0-9]+ \(/.*/names\)$'
run -c ./names -e 'config = { cpp_demangle = 0 }
	uprobe:./names:ns::f(int) { printf("%s %s %s", probe, func, usym(reg("ip"))); }'
expect out '^uprobe:./names:_ZN2ns1fEi _ZN2ns1fEi _ZN2ns1fEi$'

# Lists: names in the spelling of the pattern, -v has the other; each line is a probe.
run -l 'uprobe:./names:ns::f'
[ "$(cat out)" = 'uprobe:./names:"ns::f(char const*)"
uprobe:./names:"ns::f(double)"
uprobe:./names:"ns::f(int)"' ] || fail "ns::f"
run -l -v 'uprobe:./names:_ZN2ns1fE*'
expect out '^uprobe:./names:_ZN2ns1fEi$'
expect out '^    ns::f\(int\)$'
run -l -v 'uprobe:./names:cpp:"ns::f(int)"'
expect out '^uprobe:./names:cpp:"ns::f\(int\)"$'
expect out '^    _ZN2ns1fEi$'
"$trapline" -l 'uprobe:./names:ns::*' >listed || fail "ns::*"
[ "$(wc -l <listed)" -ge 12 ] || fail "ns::* lists $(wc -l <listed)"
sed 's/$/ { }/' listed >listed.bt
run --dry-run listed.bt
expect_status 0

# Stripped: by address, as .eh_frame has it.
address=$(nm names | awk '$3 == "_ZN2ns1fEd" { sub(/^0*/, "", $1); print $1 }')
run -l 'uprobe:./stripped:*'
expect out "^uprobe:./stripped:sub_$address$"
expect err 'WARNING: .*/stripped is stripped'
run probe -f json -c ./stripped "p ./stripped:sub_$address"
expect_status 0
json 'len(events) == 2'
refused "p ./stripped:sub_${address}1" 'ERROR: .*is stripped'
refused "p ./stripped:main" 'HINT: .*sub_\*'
refused "p ./stripped:main" "build ID $(readelf -n names | awk '/Build ID/ { print $3 }')"
refused "p ./stripped:sub_$(printf '%x' $((0x$address + 1)))" "ERROR: no function .* begins at .*: sub_$address goes"

# Indirect: what a running process has chosen.
refused 'p ./names:chosen' 'HINT: the memory of a process that has the file mapped tells the choice: none is running'
spawn ./names waits
wait_for test -e "/proc/${spawned[-1]}/exe"
wait_for grep -q libc "/proc/${spawned[-1]}/maps"
run probe -d 4 -f json -p "${spawned[-1]}" 'p ./names:chosen n=$arg1:s32'
expect_status 0
expect err "WARNING: 'chosen' is an indirect function: on this machine it is .*chosen_one"
json '[a["n"] for a in args] == list(range(14))'
run probe --dry-run 'p libc:strlen'
if [ "$(uname -m)" = x86_64 ]; then
	expect err "WARNING: 'strlen' is an indirect function: on this machine it is (__strlen|sub_)"
	run explain 'p libc:strlen'
	expect out 'indirect function .strlen. is here'
	run -lv 'uprobe:libc:strlen'
	expect out ', the resolver of an indirect function$'
	expect out '^    on this machine it is (__strlen|sub_)[a-z_0-9]+ \(as process [0-9]+ has it\)$'
	[ "$(grep -c '^    address' out)" -eq 2 ] || fail "the implementation has no address"
fi
expect_clean
