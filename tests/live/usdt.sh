#!/bin/bash
# USDT probes: the operands of every form give the values that the program says it has; semaphores; places; names.
. "$(dirname "$0")/lib.sh"

# The records of every probe are what the program printed, value by value, in any way to compile it.
same_values() {
	run probe -q -f json --max-probes 100 -c "sh -c 'exec ./usdt >said'" --follow "p usdt:./usdt:demo:* \$arg*"
	expect_status 0
	python3 - <<-'EOT' || fail "other values ($*)"
	import json, sys
	said = [line.split() for line in open("said")]
	events = [json.loads(line) for line in open("out")]
	bad = len(said) != len(events)
	for (name, *values), e in zip(said, events):
	    got = [v if isinstance(v, float) else int(v) for v in e["args"].values()]	# large ones are strings
	    if name == "indexed":
	        same = list(e["args"]) == ["arg1_base", "arg1_index", "arg2"] and got == [int(v) for v in values] + [7]
	    elif name == "floats":
	        same = got == [-0.25, 0.1]
	    else:
	        same = len(got) == len(values) and all((g - int(v)) % 2**64 == 0 for g, v in zip(got, values))
	    if not same or not e["probe"].endswith("/usdt:demo:" + name):
	        bad = True
	        print(name, values, e["probe"], e["args"])
	print(len(events), "records")
	sys.exit(bad)
	EOT
	expect err 'argument 1 of demo:indexed at 0x[0-9a-f]+, .*cannot add them; its registers are shown'
}

flags=("-O0" "-O1 -no-pie" "-O2" "-O3 -no-pie")
for flag in "${flags[@]}"; do
	# shellcheck disable=SC2086 # words on purpose
	target usdt.c $flag
	same_values "$flag"
done
target usdt.c -O2

# signs survive, and each place of a probe is as wide as the widest
grep 'demo:twice' out >twice
grep -q '"args":{"arg1":-5,"arg2":200}' twice && grep -q '"args":{"arg1":77,"arg2":-8}' twice ||
	fail "$(cat twice)"

# types: narrower, wider, by sign; text; as many arguments as there are
printf '#!/bin/sh\nexec ./usdt >/dev/null\n' >quiet
chmod +x quiet
run probe -f json -c ./quiet 'p usdt:./usdt:r_ints a=$arg1:u8 b=$arg1:s64 c=$arg1:u64 d=$arg2:s64' \
	'p:named usdt:./usdt:demo:strings s=+0($arg1):string n=$arg2'
expect_status 0
json 'args == [{"a": -70000 % 256, "b": -70000, "c": str(2**64 - 70000), "d": 4000000000}, {"s": "text of a probe", "n": 4}]'
json 'events[1]["probe"] == "named"'
run probe --dry-run 'p usdt:./usdt:strings $arg3'
expect_status 1
expect err 'ERROR: demo:strings at 0x[0-9a-f]+ of .*/usdt cannot be probed: it has 2 arguments, and so no \$arg3'
run probe --dry-run 'p usdt:./usdt:strings $arg1:string'
expect err 'HINT: what it points to is \+0\(\$arg1\):string'
run probe --dry-run 'p usdt:./usdt:twice +0($arg1)'
expect err '\$arg1, `-4@.*`, has 4 bytes, and is no pointer'

# names
run probe --dry-run 'p usdt:./usdt:demo:string'
expect err "HINT: did you mean 'strings'"
run probe --dry-run 'r usdt:./usdt:strings'
expect err 'a USDT probe is a place that is passed, and does not return'
run probe --dry-run 'p usdt:*:strings'
expect err 'HINT: -p PID says it'
run probe --dry-run "p usdt:$trapline:x"
expect err 'has no USDT probes'
run probe --dry-run --max-probes 5 'p usdt:./usdt:m_*'
expect err "'\*:m_\*' means 6 places in .*, more than 5"

# the language
run -c ./quiet -e 'usdt:./usdt:demo:twice { printf("%s %s %d %d\n", probe, func, arg0, arg1); }
	usdt:./usdt:strings { printf("%s %s %s %r\n", str(arg0), str(arg0, 2), str(arg0, arg1), buf(arg0, arg1)); }
	usdt:./us?t:r_* /arg0 == 4/ { printf("never\n"); } usdt:./usdt:m_*longs /(int64)arg0 < -1/ { @[probe] = count(); }
	usdt:./usdt:n_ints /arg0 == 471 && arg1 > 471/ { printf("%d\n", (int32)arg1); }'
expect_status 0
expect out '^usdt:/.*/usdt:demo:twice twice -5 200$'
expect out '^usdt:/.*/usdt:demo:twice twice 77 -8$'
expect out '^text of a probe te text text$'
expect out '^-471$'
expect out '^@\[usdt:/.*/usdt:demo:m_pointer_longs\]: 1$'
refute out never
expect err '^Attached 8 probes$'
run -e 'usdt:./usdt:strings { print(arg2); }'
expect_status 1
expect err 'it has 2 arguments, and so no arg2'
run -e 'usdt:./usdt:indexed { print(arg0); }'
expect_status 1
expect err 'arg0, `-4@.*`, cannot be fetched: its address is the sum of two registers'
run --usdt-file-activation -c ./usdt -e 'usdt:./usdt:twice { @ = count(); }'
expect out '^@: 2$'
expect err '^Attached 1 probe$'

# explain: each number is what readelf says, and the commands work
run explain -f json 'p usdt:./usdt:m_stack $arg1'
expect_status 0
python3 - <<-'EOT' || fail "explain tells otherwise"
	import json, re, subprocess, sys
	facts = next(o["facts"] for o in map(json.loads, open("out")) if o["step"] == "note")
	notes = subprocess.run(["readelf", "-n", "usdt"], capture_output=True, text=True).stdout
	m = re.search(r"Name: m_stack\n\s*Location: (\S+), Base: (\S+), .*\n\s*Arguments: (.*)", notes)
	same = facts["noted"] == int(m[1], 0) and facts["base"] == int(m[2], 0) and facts["operands"] == m[3].strip()
	sys.exit(0 if same and facts["address_now"] == facts["noted"] and facts["places"] == 1 else 1)
EOT
run explain 'p usdt:./usdt:m_stack $arg1'
sed -n 's/^    \$ \(readelf -n .*\)/\1/p' out | head -n 1 >shown
sh ./shown | grep -q 'Name: m_stack' || fail "the command shows nothing: $(cat shown)"

# lists
run -l 'usdt:./usdt:demo:t*'
[ "$(cat out)" = usdt:./usdt:demo:twice ] || fail "not one line"
run -lv 'U:./usdt:twice'
[ "$(grep -c '^    location [12]: address 0x[0-9a-f]*, offset 0x[0-9a-f]*, twice+0x' out)" -eq 2 ] || fail "not two places"
expect out '^      argument 1: 4 signed bytes, -4@'
expect out '^      argument 2: 1 unsigned byte, 1@'
run -l "usdt:$trapline"
expect err 'has no USDT probes'

# a library that a process maps later: the probe is there, and its semaphore on; afterwards it is off
gcc -O1 -DLIBRARY -fPIC -shared -o libdemo.so "$here/usdt.c" || fail "no library"
spawn ./usdt loop ./libdemo.so >said
looper=$!
start probe -n 3 -f json -p $looper 'p usdt:./libdemo.so:demo:library n=$arg1'
touch go
wait_for grep -q '"n":' out
wait "$pid" || fail "trapline ended with status $?"
json 'len(events) == 3 and args[2]["n"] == args[0]["n"] + 2 and events[0]["pid"] == '$looper
run -p $looper -l 'usdt:*'
expect out '^usdt:/.*/libdemo.so:demo:library$'
expect out '^usdt:/.*/usdt:demo:strings$'
run probe -n 2 -f json -p $looper 'p usdt:*:library n=$arg1'
json 'len(events) == 2'
run -p $looper -e 'usdt:*:demo:library { printf("%s\n", probe); exit(); }'
expect out '^usdt:/.*/libdemo.so:demo:library$'
if [ "$(uname -m)" = x86_64 ]; then
	run probe -n 1 -f json -p $looper 'p usdt:*:got address=$arg1 number=+0($arg1):s32'
	json 'args[0]["number"] == 471'
	printf 'address %#x\n' "$(python3 -c 'import json; print(json.loads(open("out").readline())["args"]["address"])')" >got
fi
touch stop
wait $looper
[ ! -s got ] || grep -q "semaphore 0, $(cat got)" said || fail "said $(cat said), got $(cat got)"
grep -q '^semaphore 0,' said || fail "the semaphore is still on: $(cat said)"

# all probes of a place must agree on the semaphore: who does not is named
run probe --dry-run 'p usdt:./libdemo.so:library'
expect out ':0x[0-9a-f]+\(0x[0-9a-f]+\) '
place=$(grep -o ':0x[0-9a-f]*(' out | tr -d ':(')
start probe "p:plain ./libdemo.so:$place"
run probe -c ./usdt 'p usdt:./libdemo.so:library'
expect_status 1
expect err 'is at this place already, and without a counter'
stop
expect_clean
