#!/bin/bash
# explain: its numbers against readelf, objdump and /proc; its lines, pasted; a hit, live.
. "$(dirname "$0")/lib.sh"
target tutorial.c -O0
target loop.c -O0
file=$T/tutorial

# True when a Python expression over `steps` (objects of the file out, by step; the last one of a kind wins),
# `objects` (every one) and `file` is.
lesson() {
	python3 - "$T/out" "$file" "$1" <<-'EOT' || fail "not so: $1"
	import json, subprocess, sys
	objects = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8") if line.startswith("{")]
	steps = {o["step"]: o["facts"] for o in objects if o["type"] == "explain"}
	commands = {o["step"]: o["commands"] for o in objects if o["type"] == "explain"}
	events = [o for o in objects if o["type"] == "event"]
	file = sys.argv[2]
	def tool(*words):
	    return subprocess.run(words, capture_output=True, text=True, check=True).stdout
	def readelf_symbol(name, table="-s"):
	    for line in tool("readelf", "-W", table, file).splitlines():
	        w = line.split()
	        if len(w) == 8 and w[7].split("@")[0] == name:
	            return w
	def loads():
	    return [w.split() for w in tool("readelf", "-lW", file).splitlines() if w.split()[:1] == ["LOAD"]]
	def bytes_at(offset, n):
	    with open(file, "rb") as f:
	        f.seek(offset)
	        return f.read(n).hex(" ")
	sys.exit(0 if eval("(" + sys.argv[3] + ")") else 1)
	EOT
}

# What every explanation of a symbol must agree with.
agrees() {
	lesson "(lambda w: steps['symbol']['entry'] == int(w[0][:-1]) and steps['symbol']['value'] == int(w[1], 16)
		and steps['symbol']['size'] == int(w[2], 0))(readelf_symbol('$1', '$2'))"
	lesson 'any(int(w[2], 16) == steps["offset"]["segment_address"] and int(w[1], 16) == steps["offset"]["segment_offset"]
		and int(w[2], 16) <= steps["offset"]["address"] < int(w[2], 16) + int(w[4], 16) for w in loads())'
	lesson 'steps["offset"]["file_offset"] == steps["offset"]["address"] - steps["offset"]["segment_address"]
		+ steps["offset"]["segment_offset"]'
	lesson 'steps["instruction"]["bytes"] == bytes_at(steps["instruction"]["breakpoint"],
		len(steps["instruction"]["bytes"].split()))'
	lesson '"x86" not in steps["file"]["machine"] or steps["instruction"]["bytes"].replace(" ", "") in
		tool("objdump", "-d", "--start-address=%d" % (steps["offset"]["address"] + steps["instruction"].get("shift", 0)),
		"--stop-address=%d" % (steps["offset"]["address"] + steps["instruction"].get("shift", 0) + 16), file)
		.replace(" ", "")'
	lesson "hex(steps['instruction']['breakpoint']) in commands['writes'][0]"
}

run explain -f json 'p:one ./tutorial:func_1 n=$arg1:s32'
expect_status 0
agrees func_1 -s
lesson 'steps["symbol"]["table"] == ".symtab" and "LOCAL" in steps["symbol"]["binding"]'
lesson 'steps["arguments"]["arguments"] == [{"wanted": "n=$arg1:s32", "fetch argument": "%di:s32",
	"lives": "argument 1: register rdi, for the kernel %di"}] or "x86" not in steps["file"]["machine"]'
run explain -f json 'p ./tutorial:func_2+4'
agrees func_2 -s

# Programs whose addresses are no offsets, and real files with a landing pad before the push.
gcc -g -O0 -no-pie -o fixed "$here/tutorial.c" -Wl,-Ttext-segment=0x7500000 || fail "no fixed program"
file=$T/fixed
run explain -f json 'r ./fixed:func_1'
agrees func_1 -s
lesson 'steps["file"]["kind"].startswith("EXEC") and steps["offset"]["address"] != steps["offset"]["file_offset"]'
cp "$(command -v bash)" bash
file=$T/bash
run explain -f json "r:readline $T/bash:readline cmd=+0(\$retval):string"
expect_status 0
agrees readline --dyn-syms
file=$(ldd /bin/true | awk '/libc\.so/ { print $3 }')
run explain -f json 'p libc:fopen path=+0($arg1):string mode=+0($arg2):string'
expect_status 0
agrees fopen --dyn-syms

# The text: every line fits 80 columns, but for words that cannot be broken; the commands run.
file=$T/tutorial
run explain 'p:one ./tutorial:func_1 n=$arg1:s32 word=+0(+8($arg1)):u32'
awk 'length($0) > 80 && $0 !~ /^ *([^ ]+|'"'"'.*'"'"') ?\\?$/ { print; bad = 1 } END { exit bad }' out || fail "a line is too long"
expect out '_g[0-9]+=.* a guard: a pointer on'
run explain -f json 'p:one ./tutorial:func_1 n=$arg1:s32'
python3 - >lines <<-'EOT'
import json
for line in open("out"):
    o = json.loads(line)
    if o["step"] in ("file", "symbol", "offset", "instruction"):
        print("\n".join(o["commands"]))
EOT
[ "$(wc -l <lines)" -ge 7 ] || fail "there are only few commands"
bash -e lines >pasted 2>&1 || fail "a command failed: $(cat pasted)"
grep -q "func_1" pasted || fail "the commands do not show func_1"

# The lines that are written, pasted into a shell, do it; and those of the way back undo it. Their name is made our
# own: two who paste the same lines would make one event with two addresses (KERNEL.md 0.1).
own=tl_dry_run_$$
extract() {
	python3 -c 'import json, sys
for line in open("out"):
    o = json.loads(line)
    if o["step"] == sys.argv[1]:
        print("\n".join(o["commands"]))' "$1"
}
extract writes | sed "s/tl_dry_run/$own/g" >arm
extract undo | sed "s/tl_dry_run/$own/g" >undo
sh -e arm || { sh undo; fail "the pasted lines failed"; }
./tutorial >/dev/null
hits=$(grep -c 'func_1_0: .* n=41' "$(grep -o '/[^ ]*/instances/'$own undo)/trace")
sh -e undo || fail "the pasted undo failed"
[ "$hits" -eq 1 ] || fail "$hits hits of the pasted lines"

# ---- live ----

run explain --live -f json -c './tutorial 1' 'p:one ./tutorial:func_1 n=$arg1:s32' 'r:two ./tutorial:func_2 ret=$retval:s32'
expect_status 3
lesson '[e["args"] for e in events] == [{"n": 41}, {"ret": -7}]'
lesson 'len(steps["armed"]["memory"]) == 2'
lesson 'all(m["bytes"].split()[width:] == r["bytes"].split()[width:] and m["bytes"] != r["bytes"]
	for width in [1 if "x86" in steps["file"]["machine"] else 4]		# bytes of a breakpoint
	for m, r in zip(steps["armed"]["memory"], steps["restored"]["memory"]))'
lesson '"x86" not in steps["file"]["machine"] or all(m["bytes"].startswith("cc ") for m in steps["armed"]["memory"])'
lesson 'steps["restored"]["memory"][1]["bytes"] == bytes_at(steps["instruction"]["breakpoint"], 16)'
lesson '"address" in steps["uprobes_page"]'
lesson 'any(f["field"] == "ret" and f["value"] == "-7" and f["bytes"] == "f9 ff ff ff" for f in steps["record"]["fields"])'

./loop 0 2000 &
spawned+=($!)
loop=$!
wait_for grep -q "$T/loop" "/proc/$loop/maps"
run explain --live -n 2 -f json -p "$loop" "p:one $T/loop:work text=+0(\$arg2):string"
expect_status 0
lesson '[e["args"]["text"] in ("odd", "even") for e in events] == [True, True] and events[0]["pid"] == '"$loop"
lesson 'steps["before"]["memory"] == steps["restored"]["memory"] != steps["armed"]["memory"]'

# A library that is mapped only later.
run explain --live -n 1 -f json -c "cat $T/arm" 'p libc:malloc n=$arg1:u64'
expect_status 0
lesson 'len(events) == 1 and steps["armed"]["memory"][0]["address"] == steps["mapping"]["address"]'

# A command that becomes another program, gets signals, runs on, or never maps the file.
target follow.c
run explain --live -f json -c 'env A=1 ./tutorial 1' 'p libc:sleep'
expect_status 3
lesson 'len(events) == 1'
cat >signals.c <<'EOT'
#include <signal.h>
#include <stdio.h>
static volatile int got;
static void count(int s) { got++; }
__attribute__((noinline)) int work(int i) { __asm__ volatile(""); return i; }
int main(void)
{
	signal(SIGUSR1, count);
	for (int i = 0; i < 400; i++)
		raise(SIGUSR1), work(i);
	return got == 400 ? 5 : 6;
}
EOT
gcc -g -O0 -o signals signals.c || fail "cannot compile"
for _ in 1 2 3; do
	run explain --live -f json -c ./signals 'p ./signals:work i=$arg1:s32'
	expect_status 5
	lesson '[e["args"]["i"] for e in events] == [0, 1, 2]'
done
run explain --live -c /bin/true 'p ./tutorial:func_1'
expect_status 0
expect out 'Armed, but not in process'
refute out 'byte is there again|as the file has it again'
"$trapline" explain --live -n 100000 -c './loop 0 1000' 'p ./loop:work' >out 2>err </dev/null &
pid=$!
spawned+=("$pid")
wait_for grep -q 'Record 2' out
child=$(pgrep -P "$pid" loop)
kill -TERM "$pid"
wait "$pid"
[ $? -eq 143 ] || fail "the status is not the command's"
[ ! -d "/proc/$child" ] || fail "the command still runs"

# A process that ends without being waited for; one whose first thread goes before the others.
cat >leaderless.c <<'EOT'
#include <pthread.h>
#include <unistd.h>
__attribute__((noinline)) int work(int i) { __asm__ volatile(""); return i; }
static void *later(void *p)
{
	usleep(300000);
	for (int i = 0; i < 3; i++)
		work(i);
	_exit(9);
}
int main(void)
{
	pthread_t t;
	pthread_create(&t, NULL, later, NULL);
	pthread_exit(NULL);
}
EOT
gcc -g -O0 -o leaderless leaderless.c -lpthread || fail "cannot compile"
run explain --live -f json -c ./leaderless 'p ./leaderless:work i=$arg1:s32'
expect_status 9
lesson '[e["args"]["i"] for e in events] == [0, 1, 2]'
spawn sh -c './loop 300 1000 & echo $! >child; exec sleep 30'
wait_for test -s child
run explain --live -n 1000 -p "$(cat child)" "p $T/loop:work"
expect_status 0
expect out 'The process has ended'

# Names that another process sees, and lines that work when pasted.
mkdir m
spawn unshare -m sh -c "mount -t tmpfs none $T/m && cp $T/loop $T/m/hidden && exec $T/m/hidden 0 1000"
other=$!
wait_for sh -c "readlink /proc/$other/exe | grep -q hidden"
run explain -f json -p "$other" "p $T/m/hidden:work i=\$arg1:s32"
expect_status 0
python3 -c 'import json
for line in open("out"):
    o = json.loads(line)
    if o["step"] in ("file", "symbol", "offset", "instruction"):
        print("\n".join(o["commands"]))' >lines
bash -e lines >pasted 2>&1 || fail "a command failed: $(cat pasted)"
mkdir "$(printf 'new\nline')"
cp tutorial "$(printf 'new\nline')/"
run explain -f json "p '$(printf 'new\nline')/tutorial':func_1"
expect_status 0
python3 -c 'import json
for line in open("out"):
    o = json.loads(line)
    if o["step"] in ("symbol", "offset", "instruction"):
        print("\n".join(o["commands"]))' >lines
bash -e lines >pasted 2>&1 || fail "a command failed: $(cat pasted)"
grep -q func_1 pasted || fail "the commands do not show func_1"

# Aliases are whole words; a function without a name is known by its frame.
cat >alias.c <<'EOT'
int my_new_open(int x) { return x; }
int new_open(int) __attribute__((alias("my_new_open")));
int zz(int) __attribute__((alias("my_new_open")));
int main(void) { return my_new_open(0); }
EOT
gcc -g -O0 -o alias alias.c || fail "cannot compile"
run explain 'p ./alias:zz'
expect out 'same address .*my_new_open'; expect out 'same address +([a-z_]+, )*new_open'
strip -o stripped alias
run explain -f json "p ./stripped:0x$(nm alias | awk '$3 == "main" { print substr($1, 9) }')"
file=$T/stripped
lesson 'steps["symbol"]["function"].startswith("one without a name")'

# A program of the language.
file=$T/tutorial
run explain -f json -e 'uprobe:./tutorial:func_1 /arg0 > 3/ { @[comm] = sum((int32)arg0); } interval:s:1 { exit(); }'
expect_status 0
agrees func_1 -s
lesson 'any("@[comm] = sum(" in o["what is left"] for o in steps["program"]["lines"])'
run explain -e 'tracepoint:syscalls:sys_enter_openat { @[args.flags] = count(); }'
expect_status 0
expect out 'A static event of the kernel: syscalls:sys_enter_openat'
run explain -e 'uprobe:./tutorial:func_1 { nosuch(); }'
expect_status 1
expect err 'nosuch'

# ---- what cannot be ----

run explain --pause "p $T/loop:work"
expect_status 1
run explain "p $T/loop:work i=\$arg1:s32" --filter 'nosuch == 3'
expect_status 1
expect err "the record has no field 'nosuch'"
"$trapline" explain "p $T/loop:work" 2>err | head -n 1 >out
refute err 'no hit'

run explain --live "p $T/loop:work"
expect_status 1
expect err '^ERROR: --live shows a hit inside a process: which one\?'
run explain --live -p "$loop" "p $T/tutorial:func_1"
expect_status 1
expect err "^ERROR: process $loop has not mapped $T/tutorial"
run explain "p ./tutorial:func_l"
expect_status 1
expect err "no function 'func_l' in"
expect err "did you mean 'func_1'"
chmod 755 "$T"
setpriv --reuid 65534 --clear-groups "$trapline" explain "p $T/tutorial:func_1" >out 2>err || fail "not without root"
expect out 'func_1'
start_live() {
	"$trapline" explain --live -n 1000 -p "$loop" "p $T/loop:work" >out 2>err </dev/null &
	pid=$!
	spawned+=("$pid")
	wait_for grep -q 'Record 3' out
}
start_live
kill -TERM "$pid"
wait "$pid"
expect out 'Taken back'
start_live
kill -9 "$pid"
wait "$pid" 2>/dev/null
wait_for sh -c "! ls '$tracing/instances' | grep -q trapline_${pid}_"
