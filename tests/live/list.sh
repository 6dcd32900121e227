#!/bin/bash
# trapline -l: what nm lists, of the file and of its debug file, sorted, each once.
. "$(dirname "$0")/lib.sh"
target loop.c
target odd.c -O0

check_nm() {
	local file=$1 id debug
	id=$(readelf -n "$file" | sed -n 's/.*Build ID: //p')
	debug=/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
	run -l "uprobe:$file:*"
	expect_status 0
	cp out listed
	LC_ALL=C sort -c listed || fail "$file: not sorted"
	[ -z "$(uniq -d listed)" ] || fail "$file: twice: $(uniq -d listed | head -n 3)"
	{ nm "$file" 2>/dev/null; nm -D "$file"; [ ! -e "$debug" ] || nm "$debug"; } | awk '$2 ~ /^[tTwWi]$/ && NF == 3 { print $3 }' |
		sed 's/@.*//' | sort -u >names
	sed 's/.*://' listed | sed 's/@.*//' | sort -u >have
	# Aliases are folded in one address: what nm names must be an address that is listed.
	"$trapline" -l -v "uprobe:$file:*" >verbose || fail "$file: -v"
	[ -s names ] || fail "$file: nm names nothing"
	comm -13 names have >extra
	[ ! -s extra ] || fail "$file: listed, but not by nm: $(head -n 3 extra)"
}

check_nm "$T/loop"
comm -23 names have | grep -vE '^(_|data_start|__)' >missing
[ ! -s missing ] || fail "not listed: $(cat missing)"
expect out 'uprobe:.*loop:work$'
expect out 'uprobe:.*loop:work_more$'
address=$(nm loop | awk '$3 == "work" { sub(/^0*/, "", $1); print $1 }')
grep -A 1 ':work$' verbose | grep -q "address 0x$address, offset 0x$address, size [1-9]" ||
	fail "-v does not show the address $address: $(grep -A 1 ':work$' verbose)"
check_nm "$(ldd ./loop | awk '$1 ~ /^libc[.]so/ { print $3 }')"
grep -q ':fopen' listed || fail "libc without fopen"

run -l 'uprobe:./loop:wor?'
[ "$(wc -l <out)" -eq 1 ] || fail "wor? lists $(wc -l <out)"
run -l 'uprobe:./loop:[vw]ork_*'
[ "$(wc -l <out)" -eq 1 ] || fail "[vw]ork_*"
run -l 'uprobe:./loop:[^v]ork_*'
[ "$(wc -l <out)" -eq 1 ] || fail "[^v]ork_*"
for words in '-lv' '-vl' '-v -l' '-l -v' '--verbose --list'; do
	# shellcheck disable=SC2086 # words
	run $words 'uprobe:./loop:work'
	expect_status 0
	expect out "address 0x$address"
done
run -v -p $$ -l 'uprobe:./loop:work'
expect_status 0
expect out "address 0x$address"

# Nothing fits: no failure, but that and why is said.
run -l 'uprobe:./loop:nothing*'
expect_status 0
[ ! -s out ] || fail "nothing* lists something"
expect err "^WARNING: nothing matches 'uprobe:./loop:nothing[*]'"
cp loop stripped
strip stripped
run -l 'uprobe:./stripped:*'
expect_status 0
expect err '^WARNING: .*/stripped is stripped'
expect out '^uprobe:./stripped:sub_[0-9a-f]+$'
head -c "$(($(stat -c %s loop) / 4 * 3))" loop >cut.elf
run -l 'uprobe:./cut.elf:*'
expect_status 0
expect err '^WARNING: .*/cut.elf is cut off: its symbols stood behind its end'
run -l 'tracepoint:no_such_group:*'
expect_status 0
expect err '^WARNING: nothing matches'
if [ ! -e "$tracing/kprobe_events" ]; then
	run -l 'kprobe:vfs_*'
	expect_status 0
	expect err '^WARNING: nothing matches'
	expect err '^HINT: this kernel has no probes in the kernel'
fi

# PATTERN, what the message must fit.
not_listed() {
	run -l "$1"
	expect_status 1
	[ ! -s out ] || fail "$1 lists something"
	expect err "^ERROR: $2"
}
not_listed 'uprobe:/no/such/file:*' "there is no file '/no/such/file'$"
run -l 'uprobe:./loop:*'
cp out all
for pattern in uprobe:./loop uprobe:./loop: '*:./loop:*' 'u*:./loop' u:./loop,uprobe:./loop:work; do
	run -l "$pattern"
	expect_status 0
	cmp -s out all || fail "$pattern: $(diff out all)"
done
run -l 'uretprobe:./loop:work,software:cpu-*,u:./loop:work_more'
[ "$(cat out)" = "software:cpu-clock:
software:cpu-migrations:
uprobe:./loop:work_more
uretprobe:./loop:work" ] || fail "several patterns: $(cat out)"
not_listed 'uprobe:' "a file is missing"
not_listed 'uprobe::work' "a file is missing"
not_listed 'uprobe:/dev:*' "'/dev' is a directory"
not_listed 'uprobe:libc.so.5:*' "there is no program or library 'libc.so.5'"
expect err "^HINT: did you mean 'libc.so.6'"
run -l -p 4194304 'uprobe:libc:*'
expect_status 1
expect err '^ERROR: there is no process 4194304$'

# Without root programs can be listed, and the kernel says why it cannot.
cp "$trapline" trapline
chmod 755 . trapline loop
anybody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@" >out 2>err
	status=$?
}
if command -v setpriv >/dev/null && ! anybody ls "$tracing"; then
	anybody ./trapline -l 'uprobe:./loop:work'
	expect_status 0
	for pattern in 'tracepoint:*' 'kprobe:*' '*'; do
		anybody ./trapline -l "$pattern"
		expect_status 1
		expect err '^ERROR: tracing needs root'
		[ "$(wc -l <err)" -eq 1 ] || fail "more than one line"
	done
	anybody ./trapline -l -p $$ 'uprobe:libc:*'
	expect_status 1
	expect err '^ERROR: .* cannot be reached as process [0-9]+ sees it: Permission denied$'
	refute err HINT
fi

run -l 'tracepoint:syscalls:sys_enter_open*'
if [ -d "$tracing/events/syscalls" ]; then
	expect_status 0
	expect out '^tracepoint:syscalls:sys_enter_openat$'
	run -l -v 'tracepoint:syscalls:sys_enter_openat'
	expect out 'filename'
fi
run -l 'nosuchprovider:x'
[ "$status" -ne 0 ] || fail "an unknown provider, and status 0"
run -l 'uprobe:bash:readline'
expect_status 0
expect out 'uprobe:.*/bash:readline'
