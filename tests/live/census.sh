#!/bin/bash
# Every function of large programs: what readelf lists is what -l lists, at readelf's addresses and offsets; and no more.
. "$(dirname "$0")/lib.sh"
command -v readelf >/dev/null || skip "needs readelf"

cat >census.py <<'EOT'
import collections, re, subprocess, sys

def readelf(*words):
	return subprocess.run(("readelf", "-W") + words, capture_output=True, text=True).stdout.splitlines()

def code_of(path):
	"""the numbers of the sections with code, and the segments as (address, size, offset)"""
	code, segments = set(), []
	for line in readelf("-S", "-l", path):
		section = re.match(r"  \[ *(\d+)\] .* [0-9a-f]{2,}  *([A-Za-z]+) +\d+ +\d+ +\d+$", line)
		if section and "X" in section.group(2):
			code.add(section.group(1))
		words = line.split()
		if words[:1] == ["LOAD"]:
			segments.append((int(words[2], 16), int(words[4], 16), int(words[1], 16)))
	return code, segments

def functions(path, code):
	for line in readelf("-s", path):
		words = line.split()
		if len(words) > 7 and words[0].endswith(":") and (words[3] in ("FUNC", "IFUNC") or
				words[3] == "NOTYPE" and words[6] in code) and words[6].isdigit():
			yield words[7].split("@")[0], int(words[1], 16)

def offset(segments, address):
	for begin, size, at in segments:
		if begin <= address < begin + size:
			return address - begin + at

path, listing, least = sys.argv[1], sys.argv[2], int(sys.argv[3])
ours, name, tables = set(), None, {path}
for line in open(listing, errors="surrogateescape"):
	place = re.match(r"    address 0x([0-9a-f]+), offset 0x([0-9a-f]+), ", line)
	if line.startswith("uprobe:" + path + ":"):
		name = line[len("uprobe:" + path + ":"):].rstrip("\n")
	elif place:
		ours.add((name, int(place.group(1), 16), int(place.group(2), 16)))
	elif line.startswith("    named by "):
		tables.add(line[len("    named by "):].rstrip("\n"))

code, segments = code_of(path)
theirs = {(n, a, offset(segments, a)) for table in tables for n, a in functions(table, code)}
theirs = {f for f in theirs if f[2] is not None}
for what, some in ("not listed", theirs - ours), ("not there", ours - theirs):
	for f in sorted(some)[:5]:
		print("%s: %s at %#x, offset %#x" % ((what,) + f))
print(path, len(theirs), "functions in", len(tables), "tables")
sys.exit(theirs != ours or len(theirs) < least)
EOT

# FILE, and the least number of functions that it must have.
census() {
	[ -e "$1" ] || return 0
	run -lv "uprobe:$1:*"
	expect_status 0
	python3 census.py "$1" out "$2" >answer || { cat answer; : >out; fail "another census of $1"; }
	cat answer
}
libc=$(ldd "$trapline" | awk '$1 ~ /^libc[.]so/ { print $3 }')
census "$libc" 1000
census /bin/bash 1000
census /usr/bin/python3.11 1000
census "$(gcc -print-file-name=libstdc++.so.6)" 3000
if readelf -S "$trapline" | grep -q "[.]symtab"; then
	census "$trapline" 1000
fi
