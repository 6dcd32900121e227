#!/bin/bash
# trapline info: each feature by a trial, nothing left behind, also after a kill in the middle.
. "$(dirname "$0")/lib.sh"

# A mount of our own, which nobody takes away meanwhile.
tracing=$(mktemp -d)
mount -t tracefs tracefs "$tracing" || skip "tracefs cannot be mounted"
cleanup() {
	umount -l "$tracing" && rmdir "$tracing"
}

answer_of() {
	python3 - "$T/out" "$1" "$2" <<-'EOT'
	import json, sys
	for line in open(sys.argv[1], encoding="utf-8"):
	    o = json.loads(line)
	    if o["type"] == "feature" and o["group"].startswith(sys.argv[2]) and o["name"] == sys.argv[3]:
	        print(o["answer"])
	EOT
}

is() {
	[ "$(answer_of "$1" "$2")" = "$3" ] || fail "$1, $2: '$(answer_of "$1" "$2")', not '$3'"
}

# What a trial of our own says: yes or no.
try_definition() {
	if echo "p:tlinfo_$$/try $T/file:0x10 $1" >>"$tracing/uprobe_events"; then
		echo "-:tlinfo_$$/try" >>"$tracing/uprobe_events"
		echo yes
	else
		echo no
	fi 2>/dev/null
}

run info -f json
expect_status 0
[ ! -s err ] || fail "words on stderr"
python3 -c 'import json, sys
rows = [json.loads(l) for l in open("out", encoding="utf-8")]
assert rows[0]["type"] == "kernel" and len(rows) > 60
for r in rows[1:]:
    assert r["answer"] in ("yes", "no", "unknown"), r
    assert r["use"] and r["group"] and r["name"], r
    assert r["answer"] != "no" or (r["why"] and r["without"]), r
    assert r["answer"] != "unknown" or r["why"], r
    assert r["answer"] == "unknown" or r.get("asked") or r["why"].startswith("needs "), r
' || fail "rows"

dd if=/dev/zero of=file bs=4096 count=1 2>/dev/null
is user uprobes yes
is user definitions yes
for row in 'char a=+0($stack):char' 'symstr a=$stack:symstr' 'symbol a=$stack:symbol' '$comm a=$comm' \
	'ustring a=+0($stack):ustring'; do
	is user "${row%% *}" "$(try_definition "${row#* }")"
done
[ "$(try_definition 'a=%nonsense')" = no ] || fail "the test's own trial cannot say no"
is kernel kprobes "$([ -e "$tracing/kprobe_events" ] && echo yes || echo no)"
is events "synthetic events" "$([ -e "$tracing/synthetic_events" ] && echo yes || echo no)"
is recording instances yes
is recording "function tracer" "$(grep -qw function "$tracing/available_tracers" && echo yes || echo no)"
is recording "function graph" "$(grep -qw function_graph "$tracing/available_tracers" && echo yes || echo no)"
is perf "perf events" yes
is "the kernel" BTF "$([ -e /sys/kernel/btf/vmlinux ] && echo yes || echo no)"
expect_clean

# The text keeps to 80 columns, but for the lines of -v, which can be pasted.
run info
expect_status 0
expect out '^  uretprobes +yes '
refute out '.{81}'
refute out '^    \$ '
run info -v
expect out '^    \$ echo .r:trapline_[0-9]+_[0-9]+/ask_[0-9]+ /proc/self/exe:0x10 v=\$retval. >> .*/uprobe_events$'
line=$(sed -n 's/^    \$ \(echo .p:[^ ]* .proc.self.exe:0x10 a=+0($stack):string. .*\)/\1/p' out)
[ -n "$line" ] || fail "no line for string"
name=$(grep -o 'trapline_[0-9_]*/ask_[0-9]*' <<<"$line")
bash -c "$line" || fail "the line cannot be pasted: $line"
grep -q "^p:$name " "$tracing/uprobe_events" || fail "the pasted line defined nothing"

# That is just what a kill leaves: clean finds it by its name.
run clean
expect_status 0
expect out "^deleted event $name$"
expect_clean

# Kills at random moments leave nothing that the next start does not sweep.
for ((i = 0; i < 20; i++)); do
	"$trapline" info >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%03d' $((RANDOM % 150)))"
	kill -9 $pid
	wait $pid 2>/dev/null
done 2>/dev/null
run clean
expect_status 0
clean_now || fail "left: $(ours)"

# A later run of info itself sweeps, also when two ran at once.
for ((i = 0; i < 25; i++)); do
	"$trapline" info >/dev/null 2>&1 &
	pid=$!
	"$trapline" info >/dev/null 2>&1 &
	other=$!
	sleep "0.$(printf '%03d' $((RANDOM % 100)))"
	kill -9 $pid
	wait $pid $other 2>/dev/null
done 2>/dev/null
run info
expect_status 0
wait_for clean_now

# A user without rights: nothing is "no" that could not be asked.
chmod 755 "$T"
cp "$trapline" ./tl
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"${nobody[@]}" ./tl info -f json >out 2>err || fail "info without root"
is user uretprobes unknown
is user "long strings" "$(run_as_root=$("$trapline" info -f json); python3 -c 'import json,sys
print([json.loads(l)["answer"] for l in sys.argv[1].splitlines() if "long strings" in l][0])' "$run_as_root")"
"${nobody[@]}" ./tl info >out 2>err
expect out 'not known: .* needs root'
tr -s ' \n' ' ' <out | grep -o 'not known: .[^;]*; run trapline as root (sudo)' | sort | uniq -d >twice
[ ! -s twice ] || fail "a reason is repeated: $(cat twice)"

run info -f xml
expect_status 1
expect err 'formats are: text json'
exit 0
