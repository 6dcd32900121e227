#!/bin/bash
# Go: returns at the return instructions, while the runtime moves stacks and goroutines change threads; each is seen
# once, with its value, and with the arguments of the same call.
. "$(dirname "$0")/lib.sh"
command -v go >/dev/null || skip "there is no Go compiler"
cp "$here/golang.go" .
export HOME=$T GOCACHE=/tmp/trapline-go-cache GO111MODULE=off GOFLAGS=
go build -o hello golang.go || skip "go build does not work"

# How many returns a run of the program had: its own count.
said() {
	sed -n "s/.*calls \([0-9]*\) .*/\1/p" said
}

run probe -q -o records -b 8192 -c 'sh -c "exec ./hello 2 >said"' --follow -f json 'r ./hello:main.deep value=%ax:s64'
expect_status 0
cp records out
json "lost + len(events) == $(said) and len(events) > 300"
json 'set(a["value"] for a in args) <= set(range(0, 25))'

run probe -q -o records -f json -c './hello 0' 'r ./hello:main.two n=$retval:s64 len=%cx:u64' \
	'r ./hello:main.recovers r=$retval:s64'
expect_status 0
expect out '^others 12 12 42 17 66$'
cp records out
json 'args == [{"n": 42, "len": 17}, {"r": -3}, {"r": 4}]'
expect_clean
