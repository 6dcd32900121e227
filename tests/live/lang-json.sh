#!/bin/bash
# -f json: one object a line, whatever strangers call themselves.
. "$(dirname "$0")/lib.sh"

target lang.c

name=$'we"ird\x01\xff'
ln lang "$name"
run -f json -c "'./$name' 3" -e '
	uprobe:./lang:work {
		printf("%s %d\n", comm, arg0);
		print((arg0, str(arg1)));
		@h = hist(arg0);
		@c[str(arg1), arg0] = count();
		@s = stats(arg0);
	}'
expect_status 0
python3 - <<'EOT' || fail "not the objects that were expected"
import json, sys
objects = [json.loads(line) for line in open("out", encoding="utf-8")]
by = {}
for o in objects:
    by.setdefault(o["type"], []).append(o)
assert by["attached_probes"] == [{"type": "attached_probes", "count": 1, "data": {"probes": 1}}], by["attached_probes"]
assert [o["data"].split(" ")[-1] for o in by["printf"]] == ["0\n", "1\n", "2\n"], by["printf"]
assert by["printf"][0]["data"].startswith('we"ird\x01'), by["printf"]
assert [o["data"] for o in by["value"]] == [[0, "even"], [1, "odd"], [2, "even"]], by["value"]
assert by["hist"][0]["data"]["@h"][0] == {"min": 0, "max": 0, "count": 1}, by["hist"]
assert by["map"][0]["data"]["@c"] == {"even,0": 1, "odd,1": 1, "even,2": 1}, by["map"]
assert by["stats"][0]["data"]["@s"] == {"count": 3, "average": 1, "total": 3}, by["stats"]
EOT
expect_clean
