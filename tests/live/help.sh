#!/bin/bash
# The manual page and --help name the same options; --help works for every command.
. "$(dirname "$0")/lib.sh"

for command in run probe explain parse info clean; do
	run "$command" --help
	expect_status 0
	expect out '^USAGE:'
	grep -oE -- '--[a-z][a-z-]+' out
done | sort -u >in-help
grep -vE '^\.?\\"' "$root/man/trapline.1" | sed 's/\\-/-/g; s/\\f[A-Z]//g' |
	grep -oE -- '--[a-z][a-z-]+' | sort -u >in-man
# --version belongs to no command.
diff <(grep -vx -e --version in-help) <(grep -vx -e --version in-man) >difference ||
	fail "help (<) and manual page (>) differ: $(cat difference)"
run --help
expect_status 0
for command in probe explain parse info clean; do
	expect out "^    $command "
done
run --version
expect_status 0
expect out '[0-9]'
run nosuchcommand
[ "$status" -ne 0 ] || fail "an unknown command, and status 0"
if command -v mandoc >/dev/null; then
	mandoc -Tlint -W warning "$root/man/trapline.1" >lint || fail "the manual page: $(cat lint)"
fi
run probe -c true --no-such 'p x:y'
[ "$status" -ne 0 ] || fail "an unknown option, and status 0"
