#!/bin/bash
# What others read in the same debug information: gdb the parameters of functions and the layout of structs, readelf the
# lines of addresses.
. "$(dirname "$0")/lib.sh"
command -v gdb >/dev/null || skip "needs gdb"
command -v readelf >/dev/null || skip "needs readelf"
gdb -nx -q -batch -ex 'python print(1)' 2>/dev/null | grep -qx 1 || skip "needs a gdb with Python"

# Reads what -lv tells of functions or of a struct, and asks gdb the same.
cat >ask.py <<'EOT'
import re, os, gdb

def plain(text):
	"""gdb writes `unsigned long`, the compiler `long unsigned int`"""
	text = re.sub(r"\b(long long|long|short) unsigned int\b", r"unsigned \1", text)
	text = re.sub(r"\b(long long|long|short) int\b", r"\1", text)
	return re.sub(r"\b(const|volatile|restrict|struct|union|enum)\b|\s", "", text)

def parameters(lines):
	"""address -> [(name, declaration)], of functions that are described"""
	found, address, name = {}, None, ""
	for line in lines:
		name = line if line.startswith("uprobe:") else name
		place = re.match(r"    address 0x([0-9a-f]+), offset", line)
		if place and not name.endswith(".cold"):		# there all variables are listed
			address = int(place.group(1), 16)
		elif re.match(r"    \S.*\(.*\), \S+:\d+$", line) and address:
			found[address] = []
		elif line.startswith("        ") and address in found:
			declaration = re.split(r": | in [%+0-9-]| in the constant", line.strip())[0]
			found[address].append(declaration)
		elif line.startswith(("uprobe:", "    inlined in")):	# of copies gdb knows less
			address = None
	return found

def functions(lines, stride):
	asked = wrong = 0
	for address, declarations in sorted(parameters(lines).items())[::stride]:
		block, around = None, gdb.block_for_pc(address)
		while around:				# the function itself, not what was inlined there
			block = around if around.function else block
			around = around.superblock
		if not block:
			continue
		wanted = [s for s in block if s.is_argument]
		names = [s.name for s in wanted]
		ours = [re.sub(r"\[\d*\]$", "", d) for d in declarations]
		ok = len(names) == len(ours)
		for symbol, declaration in zip(wanted, ours):
			kind = str(symbol.type)
			if "(" in kind or "{" in kind:		# written around the name
				ok &= re.search(r"\b%s\b" % symbol.name, declaration) is not None
			else:
				ok &= plain(declaration) == plain(kind) + symbol.name
		asked += 1
		if not ok:
			wrong += 1
			print("WRONG", hex(address), declarations, [(s.name, str(s.type)) for s in wanted])
	print("functions", asked, "wrong", wrong)

def layout(lines, name):
	ours, wrong = {}, 0
	for line in lines:
		m = re.match(r"    \S.*?(\w+)(?:\[\d+\])*(?: : \d+)?; *\/\* (\d+)(?:, bit (\d+))?, size (\d+) \*\/", line)
		if m:
			ours[m.group(1)] = (int(m.group(2)) * 8 + int(m.group(3) or 0), int(m.group(4)))
	fields = [f for f in gdb.lookup_type(name).fields() if f.name]
	for f in fields:
		if ours.get(f.name) != (f.bitpos, f.type.sizeof):
			wrong += 1
			print("WRONG", name, f.name, ours.get(f.name), (f.bitpos, f.type.sizeof))
	print("members", len(fields), "wrong", wrong)

lines = open(os.environ["LISTING"]).read().split("\n")
if os.environ.get("STRUCT"):
	layout(lines, os.environ["STRUCT"])
else:
	functions(lines, int(os.environ["STRIDE"]))
EOT

# FILE, its name for trapline, and the least number of functions or members: all of them must be right.
ask() {
	LISTING="$T/out" gdb -nx -q -batch -ex 'source ask.py' "$1" >answer 2>&1
	grep -E '^WRONG' answer | head -n 5
	grep -E "^$2 [0-9]+ wrong 0$" answer >/dev/null || fail "$1: $(grep -vE '^WRONG' answer | tail -n 2)"
	[ "$(awk -v what="$2" '$1 == what { print $2 }' answer)" -ge "$3" ] || fail "$1: too few $2: $(cat answer)"
}

# A program of ours, each function; and of the C library, when its debug information is here, one in STRIDE.
gcc -g -O2 -o named "$here/named.c" || fail "gcc cannot compile"
run -lv 'uprobe:./named:*s'
export STRIDE=1
ask ./named functions 4
libc=$(ldd ./named | awk '$1 ~ /^libc[.]so/ { print $3 }')
run -lv "uprobe:$libc:[m-s]*"
if [ "$(grep -c '^        ' out)" -gt 300 ]; then
	STRIDE=9 ask "$libc" functions 20
fi

for name in node big bits pair; do
	run -lv "struct $name" ./named
	STRUCT="struct $name" ask ./named members 2
done

# Lines.
target inlined.c -O2
run -lv 'uprobe:./inlined@inlined.c:*'
expect_status 0
awk '/^uprobe:/ { n = split($1, part, ":"); line = part[n] }
     /^    address/ { sub(",", "", $2); print $2, line }' out >places
[ "$(wc -l <places)" -gt 20 ] || fail "too few places: $(wc -l <places)"
readelf -wL ./inlined | awk '$1 ~ /[.]c$/ && $NF == "x" { print $3, $2 }' | sort -u >theirs
sort -u places | comm -23 - theirs >differences
[ -s differences ] && fail "readelf has no such line: $(head -n 5 differences)"
expect_clean
