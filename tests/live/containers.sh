#!/bin/bash
# Files that are not where their name says: in another mount namespace, below another root, merged by overlayfs, bound
# to another place, in memory, deleted, replaced. The process is seen from outside, with its outer number.
. "$(dirname "$0")/lib.sh"
command -v unshare >/dev/null || skip "needs unshare"
unshare -m true 2>/dev/null || skip "no mount namespaces here"
target loop.c -static
target memfd.c
mv loop static_loop
target loop.c

# Three records of the process, each with its number as we count. File and more words for trapline.
sees() {
	local file=$1
	shift
	run probe -q -f json -n 3 -p "$traced" "p $file:work i=\$arg1:s32 s=+0(\$arg2):string" "$@"
	expect_status 0
	json 'len(events) == 3 and all(e["pid"] == '"$traced"' and e["args"]["s"] in ("odd", "even") for e in events)'
}

# The number outside of the process that has this one's program name and is below it.
find_inner() {
	local pid
	traced=
	for pid in $(pgrep -x "$1"); do
		[ "$(readlink "/proc/$pid/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ] &&
			grep -qz "^$2\$" "/proc/$pid/environ" 2>/dev/null && traced=$pid
	done
	[ -n "$traced" ]
}

# ---- a container: own mounts, own process numbers, a root of its own that only it sees
mkdir box
spawn env TL_BOX="$T" unshare -m -p -f --mount-proc sh -c "
	mount -t tmpfs box '$T/box' && mkdir -p '$T/box/app dir' '$T/box/proc' && cp '$T/static_loop' '$T/box/app dir/inner' &&
	mount -t proc proc '$T/box/proc' && exec chroot '$T/box' '/app dir/inner' 0 2000" 2>/dev/null
wait_for find_inner inner "TL_BOX=$T"
spawned+=("$traced")
[ ! -e "$T/box/app dir/inner" ] || fail "the file is seen from outside: the test is none"
[ "$(awk '/^NSpid/ { print $3 }' "/proc/$traced/status")" = 1 ] || fail "it has no number of its own"
sees "'/app dir/inner'"
sees 'inner'
sees '/proc/self/exe'
sees "/proc/$traced/exe"
sees "'/proc/$traced/root/app dir/inner'"
run probe --dry-run -p "$traced" "p '/app dir/inner':work"
expect_status 0
expect out "^exec 9<'?/proc/$traced/root/app dir/inner'?"
run probe --dry-run "p '/app dir/inner':work"
expect_status 1
expect err "there is no file '/app dir/inner'"
run probe --dry-run -p "$traced" "p $T/loop:work"
expect_status 1
# for everybody, by the way through /proc
run probe -q -f json -n 3 "p '/proc/$traced/root/app dir/inner':work i=\$arg1:s32"
expect_status 0
json 'all(e["pid"] == '"$traced"' for e in events)'
kill -9 "$traced"
expect_clean

# ---- another root in our namespace, whose own name is odd
mkdir -p 'root #1/bin'
cp static_loop 'root #1/bin/rooted'
spawn chroot 'root #1' /bin/rooted 0 2000 >/dev/null
traced=$!
wait_for grep -q rooted "/proc/$traced/maps"
sees /bin/rooted
sees rooted
sees "'$T/root #1/bin/rooted'"		# our name of what it runs
kill "$traced"

# ---- bind mounts and overlayfs, in a namespace of the test's own: the same file by each of its names
cat >names.sh <<EOT
set -e
mkdir -p lower upper work merged bound
mount --make-rprivate /
mount -t tmpfs scratch work && mkdir work/upper work/work
cp loop lower/app
touch bound/app
mount --bind lower/app bound/app
mount -t overlay overlay -o lowerdir=lower,upperdir=work/upper,workdir=work/work merged || echo no overlay >&2
[ -e merged/app ] || touch no_overlay
"\$@"
EOT
cat >inside.sh <<'EOT'
count() {	# RUN PROBED: the records of a run of one name when the other name is probed
	"$1" 0 2000 >/dev/null &
	local traced=$! n
	n=$("$trapline" probe -q -f json -n 2 -d 5 -p $traced "p $2:work" 2>err | grep -c '"event"')
	kill $traced
	wait $traced 2>/dev/null
	echo "$1 $2 $n"
}
count bound/app ./bound/app
count bound/app ./lower/app
count lower/app ./bound/app
[ -e no_overlay ] && exit 0
count merged/app ./merged/app
cp merged/app copy && cat copy >merged/app	# now it is a file of its own, in the upper layer
count merged/app ./merged/app
count merged/app ./work/upper/app
count lower/app ./lower/app
EOT
trapline=$trapline unshare -m bash names.sh bash inside.sh >counts 2>err || fail "the namespace cannot be made: $(cat err)"
grep -qv ' 2$' counts && fail "not every name leads to the file: $(cat counts)"
[ "$(wc -l <counts)" -ge 3 ] || fail "too few: $(cat counts)"

# ---- no name at all: memory
spawn ./memfd static_loop 'in memory' 0 2000 >/dev/null
traced=$!
wait_for grep -q 'memfd:in memory' "/proc/$traced/maps"
sees "'/memfd:in memory'"
sees /proc/self/exe
kill "$traced"

# ---- deleted, and another file has taken the name
cp loop upgraded
spawn ./upgraded 0 2000 >/dev/null
traced=$!
wait_for grep -q upgraded "/proc/$traced/maps"
gcc -O2 -g -o new "$here/loop.c" && mv new upgraded || fail "cannot replace"
sees "$T/upgraded"
sees upgraded
sees /proc/self/exe
rm upgraded
sees "$T/upgraded"
kill "$traced"

# ---- a name that says it is deleted, and is not
cp loop 'app (deleted)'
spawn './app (deleted)' 0 2000 >/dev/null
traced=$!
wait_for grep -q 'app (deleted)' "/proc/$traced/maps"
sees "'$T/app (deleted)'"
sees "'./app (deleted)'"
kill "$traced"
expect_clean
