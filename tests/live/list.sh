#!/bin/bash
# trapline -l: what nm lists, sorted, each once.
. "$(dirname "$0")/lib.sh"
target loop.c
target odd.c -O0

check_nm() {
	local file=$1
	run -l "uprobe:$file:*"
	expect_status 0
	cp out listed
	LC_ALL=C sort -c listed || fail "$file: not sorted"
	[ -z "$(uniq -d listed)" ] || fail "$file: twice: $(uniq -d listed | head -n 3)"
	{ nm "$file" 2>/dev/null; nm -D "$file"; } | awk '$2 ~ /^[tTwWi]$/ && NF == 3 { print $3 }' |
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
run -l 'uprobe:./loop:nothing*'
[ ! -s out ] || fail "nothing* lists something"
run -l 'uprobe:/no/such/file:*'
expect_status 1
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
