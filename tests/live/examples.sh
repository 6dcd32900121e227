#!/bin/bash
# The examples of README and of the manual page, pasted: what probes other people's programs or the
# kernel as --dry-run, the rest for real.
. "$(dirname "$0")/lib.sh"
cp "$here/tutorial.c" app.c
gcc -g -O0 -o app app.c || fail "cannot compile"
command -v go >/dev/null && cp "$here/golang.go" . &&
	HOME=$T GOCACHE=/tmp/trapline-go-cache GO111MODULE=off go build -o goapp golang.go
command -v g++ >/dev/null && g++ -O2 -o cxx "$here/names.cc"
cp "$here/hello.rs" .
command -v rustc >/dev/null && rustc -C opt-level=3 -C debuginfo=2 hello.rs
target opener.c
spawn ./opener /etc/passwd
opener=$!
gcc -x c -o server - <<EOT || fail "cannot compile"
#define main usdt_main
#include "$here/usdt.c"
#undef main
int main(void) { __asm__ volatile(NOTE("query__start", "0", "8@%[t]") :: [t] "r"(text)); return pause(); }
EOT
spawn ./server
server=$!
mkdir bin
ln -s "$trapline" bin/trapline
PATH=$T/bin:$PATH

examples() {
	sed -n 's/^    \(trapline .*\)/\1/p' "$root/README.md"
	sed -n 's/\\-/-/g; /^trapline \(probe\|explain\|parse\|info\|-l\|clean\)/p' "$root/man/trapline.1"
	for command in probe explain parse; do "$trapline" $command --help; done | sed -n '/^EXAMPLES/,$s/^  \(trapline .*\)/\1/p'
}

examples | sort -u >lines
[ "$(wc -l <lines)" -ge 8 ] || fail "only $(wc -l <lines) examples were found"
cp "$here"/../text/trace-cmd.txt trace.txt
while IFS= read -r line; do
	case $line in
	*./goapp*) needs="a Go compiler" there=goapp ;;
	*./cxx*) needs="g++" there=cxx ;;
	*./hello*) needs="rustc" there=hello ;;
	*do_sys_openat2*) needs="kernel probes" there=$tracing/kprobe_events ;;
	*) there=. ;;
	esac
	[ -e "$there" ] || { echo "$needs" >>left_out; continue; }
	case $line in
	*'-c '* | *./app:* | *./goapp* | *' -l '* | *' clean'* | *' explain '* | *' parse '* | *' info'*) command=$line ;;
	*) command=${line/ probe / probe --dry-run } ;;
	esac
	# The live file would wait for ever, and take away what others want to read.
	command=${command//"/sys/kernel/tracing/trace_pipe"/trace.txt}
	case $line in
	*'-p 4711'*usdt:*) command=${command//4711/$server} ;;
	esac
	sh -c "${command//4711/$opener}" >out 2>err </dev/null
	status=$?
	case $line in
	*"-c './app 1 2'"*) expect_status 3 ;;
	*) [ $status -eq 0 ] || fail "status $status: $line" ;;
	esac
done <lines
expect_clean

[ ! -s left_out ] || echo "examples left out for want of $(sort left_out | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/\2 (\1)/' | paste -s -d ,)" >lacking
