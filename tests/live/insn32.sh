#!/bin/bash
# As insn.sh, for 32-bit programs below a 64-bit kernel: every instruction form of the rules in src/sym/insn.c
# that only they have, or that is different there.
. "$(dirname "$0")/lib.sh"
[ "$(uname -m)" = x86_64 ] || skip "the forms are those of x86"
needs_32_bit
target insn32_target.c -m32 -O1 -no-pie -fno-pie
./insn32_target --list >list
grep -q ' allowed$' list && grep -q ' refused$' list || fail "no list of forms"

./insn32_target >without || fail "the program does not run by itself"
"$trapline" probe -q -f json --max-probes 1000 -c "sh -c 'exec ./insn32_target >with'" --follow \
	'p ./insn32_target:form_*' >out 2>err || fail "trapline ended with status $?"
cmp without with || fail "the program's result changed: $(diff without with | head)"

python3 - <<'EOT' || fail "wrong numbers of records"
import collections, json, sys
said = dict(line.split() for line in open("list"))
result = dict(line.split(None, 1) for line in open("without"))
hits = collections.Counter(json.loads(line)["probe"].rsplit(":form_", 1)[1] for line in open("out"))
runs = {n for n in said if result[n].strip() not in ("unsupported", "notrun")}
bad = [(n, hits[n]) for n in said if hits[n] != (100 if said[n] == "allowed" and n in runs else 0)]
print(len(runs), "forms ran,", sum(hits.values()), "records")
for n, h in bad:
    print(f"{n} ({said[n]}): {h} records")
sys.exit(1 if bad or len(runs) < 60 else 0)
EOT

while read -r name verdict; do
	[ "$verdict" = refused ] || continue
	run probe --dry-run "p ./insn32_target:form_$name"
	[ "$status" -eq 1 ] || fail "form_$name is not refused"
	expect err 'cannot be probed'
	case $name in
	many_* | kill_pause) continue ;;	# once a round of the loop; broken on one kernel only
	esac
	run probe --dry-run --force "p ./insn32_target:form_$name"
	[ "$status" -eq 1 ] || fail "--force helps form_$name"
done <list
expect_clean
