# lib.sh: what the live tests share. A test begins with `. "$(dirname "$0")/lib.sh"` and ends by itself:
# reaching the end is a pass, `fail WHY` a failure, `skip WHY` a skip.
#
# The working directory is a fresh one, removed at the end; programs that `spawn` or `start` began are
# ended, by pid, and no other; a function `cleanup` of the test is called then. A test probes only
# programs that it built or copied itself.
#
# scripts/check-vm runs the same tests in emulated machines, $SLOWER times slower than this one.
# shellcheck shell=bash disable=SC2034

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
trapline=${TRAPLINE:-$root/build/trapline}
tracing=${TRACING:-/sys/kernel/tracing}
T=$(mktemp -d)
cd "$T" || exit 1
slower=${SLOWER:-1}
spawned=()
status=0

finish() {
	local code=$? pid lacking=
	for pid in "${spawned[@]}"; do
		kill -0 "$pid" 2>/dev/null && kill -9 "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	declare -F cleanup >/dev/null && cleanup
	[ $code -ne 0 ] || [ ! -s "$T/lacking" ] || { lacking=$(head -n 1 "$T/lacking"); code=77; }
	cd /
	rm -rf "$T"
	[ -z "$lacking" ] || echo "$lacking"	# last: bash also tells of whom we have killed
	exit $code
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

skip() {
	echo "$*"
	exit 77
}

# Does trapline say, in a line of err that fits the pattern, that the kernel lacks something? Then the rest of
# the test goes on without it, and the test ends as a skip with that line as its reason.
lacks() {
	grep -aE -m 1 -- "(ERROR|WARNING): .*$1" "$T/err" >>"$T/lacking"
}

# A number of repetitions, fewer where each takes longer.
scaled() {
	echo $(($1 / slower))
}

# Says why, and shows what trapline printed last.
fail() {
	echo "line ${BASH_LINENO[-2]}: $*"
	for file in out err; do
		[ -s "$T/$file" ] && { echo "--- $file"; head -c 3000 "$T/$file"; echo; }
	done
	exit 1
}

# Makes a program of tests/live/SOURCE; more words go to the compiler. In an emulated machine that takes long, and
# many tests want the same: what was made once is copied.
target() {
	local source=$1 compiler=gcc made
	shift
	made="/tmp/targets/$source $*"
	if [ "$slower" -gt 1 ] && [ -f "$made" ]; then
		cp "$made" "$T/${source%.*}"
		return
	fi
	[ "${source%.cc}" = "$source" ] || compiler=g++
	"$compiler" -g -o "$T/${source%.*}" "$here/$source" "$@" || fail "cannot compile $source"
	[ "$slower" -eq 1 ] || { mkdir -p /tmp/targets && cp "$T/${source%.*}" "$made"; }
}

# Skips the test when 32-bit programs cannot be compiled here, or cannot run.
needs_32_bit() {
	local program=$T/needs_32_bit
	echo 'int main(void) { return 7; }' | gcc -m32 -x c -o "$program" - 2>/dev/null ||
		skip "gcc -m32 cannot make 32-bit programs (gcc-multilib, libc6-dev-i386)"
	"$program"
	[ $? -eq 7 ] || skip "this kernel does not run 32-bit programs"
}

# Starts a program in the background; its pid is $!.
spawn() {
	"$@" <&0 &	# bash would give it /dev/null
	spawned+=($!)
}

# Waits until a command is true, for at most 10 seconds.
wait_for() {
	local i
	for ((i = 0; i < 500 * slower; i++)); do
		"$@" && return
		sleep 0.02
	done
	fail "waited in vain for: $*"
}

# Runs trapline to its end: $status, files out and err.
run() {
	"$trapline" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}

# Starts trapline in the background and waits until it is armed: $pid, files out and err. The shell
# makes background programs deaf to SIGINT; env gives them their hearing back.
start() {
	: >"$T/out"
	: >"$T/err"
	env --default-signal=INT --default-signal=QUIT "$trapline" "$@" >"$T/out" 2>"$T/err" </dev/null &
	pid=$!
	spawned+=("$pid")
	local i
	for ((i = 0; i < 500 * slower; i++)); do
		grep -q '^Attached' "$T/err" && return
		kill -0 "$pid" 2>/dev/null || { wait "$pid"; status=$?; fail "trapline ended with status $status"; }
		sleep 0.02
	done
	fail "trapline is not armed after 10 seconds"
}

# Ends it as a user does, and waits: $status.
stop() {
	kill -INT "$pid"
	wait "$pid"
	status=$?
}

# True when a Python expression over `events` (JSON objects of the file out), `lost` (the sum of
# lost_events) and `args` (each event's args) is.
json() {
	python3 - "$T/out" "$1" <<-'EOT' || fail "not so: $1"
	import json, sys
	objects = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
	events = [o for o in objects if o["type"] == "event"]
	losses = [o for o in objects if o["type"] == "lost_events"]
	lost = sum(o["count"] for o in losses)
	args = [e["args"] for e in events]
	times = [e["time_ns"] for e in events]
	sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
	EOT
}

expect_status() {
	[ "$status" -eq "$1" ] || fail "status $status, not $1"
}

# The file (out, err) has a line that fits the extended regular expression.
expect() {
	grep -qaE -- "$2" "$T/$1" || fail "no line in $1 like: $2"
}

refute() {
	! grep -qaE -- "$2" "$T/$1" || fail "a line in $1 like: $2"
}

# Drops the lines that name a session which lives and is not this test's: somebody else is at work.
not_others() {
	local line name owner
	while IFS= read -r line; do
		name=${line#*trapline_}
		owner=${name%%_*}
		[ -d "/proc/$owner" ] && [ "$(awk '/^PPid:/ { print $2 }' "/proc/$owner/status")" != $$ ] || echo "$line"
	done 2>/dev/null
}

# What trapline has in the kernel right now, a line for each thing.
ours() {
	{
		cat "$tracing/uprobe_events"
		cat "$tracing/kprobe_events" 2>/dev/null
		ls "$tracing/instances"
	} | grep 'trapline_' | not_others
}

# The sessions that still have something to do, by their journals.
journals() {
	find /run/trapline -name 'trapline_*' 2>/dev/null | not_others
}

# Nothing of ours is left (a guardian may need a moment).
clean_now() {
	[ -z "$(ours)" ]
}

# Waits until it is so.
expect_clean() {
	local i
	for ((i = 0; i < 250 * slower; i++)); do
		clean_now && return
		sleep 0.02
	done
	fail "left in the kernel: $(ours)"
}

# The first byte of a breakpoint: int3; brk #5 is a0 00 20 d4.
breakpoint=cc
[ "$(uname -m)" != aarch64 ] || breakpoint=a0

# The byte at a symbol of a running program, as hex. PID, file, symbol.
byte_at() {
	python3 - "$1" "$2" "$3" <<-'EOT'
	import os, subprocess, sys
	pid, path, symbol = sys.argv[1:]
	path = os.path.realpath(path)
	for line in subprocess.run(["nm", "-D", path], capture_output=True, text=True).stdout.splitlines() + \
	            subprocess.run(["nm", path], capture_output=True, text=True).stdout.splitlines():
	    words = line.split()
	    if len(words) == 3 and words[2].split("@")[0] == symbol:
	        address = int(words[0], 16)
	        break
	else:
	    sys.exit("no symbol " + symbol)
	# The address that the first segment of the file is loaded at, plus the symbol's.
	headers = subprocess.run(["readelf", "-lW", path], capture_output=True, text=True).stdout
	low = min(int(l.split()[2], 16) & ~0xfff for l in headers.splitlines() if l.split()[:1] == ["LOAD"])
	bases = [int(l.split("-")[0], 16) for l in open(f"/proc/{pid}/maps") if l.rstrip().endswith(path)]
	with open(f"/proc/{pid}/mem", "rb", 0) as memory:
	    memory.seek(min(bases) - low + address)
	    print(memory.read(1).hex())
	EOT
}

[ "$(id -u)" -eq 0 ] || skip "needs root"
[ -x "$trapline" ] || skip "there is no build/trapline"
for tool in gcc python3; do
	command -v $tool >/dev/null || skip "needs $tool"
done

# Every instruction form of a program (insn_target.c, insn32_target.c): what is allowed fires once a call and leaves
# the program's result as it was; what is refused is refused, with --force too. At least so many forms must run.
check_insn_forms() {
	local program=$1 least=$2 name verdict
	./"$program" --list >list
	grep -q ' allowed$' list && grep -q ' refused$' list || fail "no list of forms"

	./"$program" >without || fail "the program does not run by itself"
	"$trapline" probe -q -f json --max-probes 1000 -c "sh -c 'exec ./$program >with'" --follow \
		"p ./$program:form_*" >out 2>err || fail "trapline ended with status $?"
	cmp without with || fail "the program's result changed: $(diff without with | head)"

	python3 - "$least" <<-'EOT' || fail "wrong numbers of records"
	import collections, json, sys
	said = dict(line.split() for line in open("list"))
	result = dict(line.split(None, 1) for line in open("without"))
	hits = collections.Counter(json.loads(line)["probe"].rsplit(":form_", 1)[1] for line in open("out"))
	runs = {n for n in said if result[n].strip() not in ("unsupported", "notrun")}
	bad = [(n, hits[n]) for n in said if hits[n] != (100 if said[n] == "allowed" and n in runs else 0)]
	print(len(runs), "forms ran,", sum(hits.values()), "records")
	for n, h in bad:
	    print(f"{n} ({said[n]}): {h} records")
	sys.exit(1 if bad or len(runs) < int(sys.argv[1]) else 0)
	EOT

	while read -r name verdict; do
		[ "$verdict" = refused ] || continue
		run probe --dry-run "p ./$program:form_$name"
		[ "$status" -eq 1 ] || fail "form_$name is not refused"
		expect err 'cannot be probed'
		case $name in
		many_* | kill_pause) continue ;;	# once a round of the loop; broken on one kernel only
		esac
		run probe --dry-run --force "p ./$program:form_$name"
		[ "$status" -eq 1 ] || fail "--force helps form_$name"
	done <list
}
