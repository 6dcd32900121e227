#!/bin/bash
# Return probes in Go programs are refused: the runtime moves stacks. Entry probes work.
. "$(dirname "$0")/lib.sh"
command -v go >/dev/null || skip "there is no Go compiler"

cat >hello.go <<'EOT'
package main

import "os"

//go:noinline
func work(n int) int { return n + 1 }

func main() {
	if work(41) != 42 {
		os.Exit(1)
	}
}
EOT
HOME=$T GOCACHE=$T/cache GO111MODULE=off go build -o hello hello.go || skip "go build does not work"
run probe -c ./hello 'r ./hello:main.work'
expect_status 1
expect err 'Go'
run probe -f json -c ./hello 'p ./hello:main.work n=%ax:s64'
expect_status 0
json 'args == [{"n": 41}]'
expect_clean
