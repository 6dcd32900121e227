#!/bin/bash
# Debug information from a server (debuginfod), of a program that is stripped here: names, arguments, lines; what is said
# when the server does not know the file, is not there, sends another file or nothing; and that nothing is left behind.
. "$(dirname "$0")/lib.sh"
command -v debuginfod >/dev/null || skip "needs debuginfod"
ldconfig -p | grep -q 'libdebuginfod[.]so[.]1 ' || skip "needs libdebuginfod.so.1"
mkdir home tmp debug
export HOME=$T/home TMPDIR=$T/tmp
unset XDG_CACHE_HOME DEBUGINFOD_CACHE_PATH DEBUGINFOD_URLS DEBUGINFOD_MAXSIZE DEBUGINFOD_MAXTIME

# Two programs whose debug files have a part in common, which is in a third one.
target named.c -O2
cp named other
objcopy --only-keep-debug named debug/named
gcc -g -O1 -Dmain=entry -c -o entry.o "$here/named.c" && gcc -g -O2 -o other entry.o -x c - <<<'int entry(void); int main(void) { return entry(); }' ||
	fail "gcc cannot compile"
objcopy --only-keep-debug other debug/other
if command -v dwz >/dev/null; then
	dwz -m debug/common -M /nowhere/common debug/named debug/other || fail "dwz"
fi
strip named other

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
port=$(free_port)
server=http://127.0.0.1:$port
spawn debuginfod -p "$port" -d :memory: -F "$T/debug" >server 2>&1
has_file() {
	python3 - "$server/buildid/$1/debuginfo" 2>/dev/null <<-'EOT'
	import sys, urllib.request
	urllib.request.urlopen(sys.argv[1])
	EOT
}
build_id() {
	readelf -n "$1" 2>/dev/null | awk '/Build ID/ { print $3 }'
}
for file in debug/*; do
	wait_for has_file "$(build_id "$file")"
done

# Nobody is asked who is not named.
asked() {
	grep -c "UA:elfutils" server
}
run -v -c ./named -e 'uprobe:./named:numbers { print(args.i); }'
expect_status 1
expect err 'it is stripped, and no debug file of it was found'
[ "$(asked)" -eq 0 ] || fail "the server was asked"

export DEBUGINFOD_URLS=$server
run -v -q -c ./named -e 'uprobe:./named:numbers { print(args.i); } uprobe:./named:pointers { print(str(args.path)); }'
expect_status 0
[ "$(sed '/^$/d' out)" = $'-70000\n/the/path' ] || fail "other values"
expect err "^names of $T/named: debuginfod $server/buildid/$(build_id named)/debuginfo: symbols and DWARF$"
! command -v dwz >/dev/null || expect err "^names of $T/named: alternate file $server/buildid/.*: DWARF$"
[ "$(asked)" -ge 1 ] || fail "the server was not asked"
run -lv "uprobe:./named@named.c:*"
expect_status 0
expect out '^uprobe:.*named@named[.]c:[0-9]+$'
run probe -q -f json -c ./named "p ./named:down \$n"
json '[a["n"] for a in args] == [3, 2, 1, 0]'

# Where there is a debug file, no server is asked.
before=$(asked)
mkdir -p "local/.build-id/$(build_id named | cut -c 1-2)"
cp debug/named "local/.build-id/$(build_id named | sed 's,^..,&/,').debug"
! [ -e debug/common ] || { mkdir -p "local/.build-id/$(build_id debug/common | cut -c 1-2)" &&
	cp debug/common "local/.build-id/$(build_id debug/common | sed 's,^..,&/,').debug"; }
run --debuginfo local -q -c ./named -e 'uprobe:./named:numbers { print(args.i); }'
expect out '^-70000$'
[ "$(asked)" -eq "$before" ] || fail "the server was asked"

# What cannot be had, and why.
refused() {
	run -v -c ./named -e 'uprobe:./named:numbers { print(args.i); }'
	expect_status 1
	expect err "$1"
}
DEBUGINFOD_URLS=$server/nothing refused "debuginfod $server/nothing: it does not know the build ID$"
DEBUGINFOD_URLS=http://127.0.0.1:$(free_port) refused 'debuginfod http://127.*: Connection refused$'

# Two servers that are broken: one sends the debug file of another program, one nothing at all.
cat >broken.py <<'EOT'
import http.server, sys, time
class Broken(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		print(self.path, flush=True)
		if self.path.startswith("/silent"):
			time.sleep(60)
		body = open("debug/other", "rb").read()
		self.send_response(200)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
	def log_message(self, *_):
		pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
print(server.server_port, flush=True)
server.serve_forever()
EOT
spawn python3 broken.py >broken
wait_for test -s broken
broken=http://127.0.0.1:$(head -n 1 broken)
DEBUGINFOD_URLS=$broken refused "debuginfod $broken.*: it belongs to another build: its build ID is $(build_id other), the program's is $(build_id named)$"
cat >both.bt <<'EOT'
config = { missing_probes = "warn" }
BEGIN { exit(); }
uprobe:./named:numbers { print(1); }
uprobe:./other:numbers { print(1); }
EOT
DEBUGINFOD_TIMEOUT=2 DEBUGINFOD_URLS=$broken/silent run -v both.bt
expect err "^waiting for the debuginfod server at $broken/silent, asked for build ID $(build_id named), until it has said nothing for 2 s"
expect err "named: debuginfod $broken/silent: it said nothing for 2 s .DEBUGINFOD_TIMEOUT., and is not asked again$"
expect err "other: debuginfod $broken/silent: it said nothing before, and is not asked again$"
[ "$(grep -c '^/silent' broken)" -eq 1 ] || fail "the silent server was asked again"
# An interrupt ends the wait.
DEBUGINFOD_URLS=$broken/silent env --default-signal=INT "$trapline" -v both.bt >out 2>err </dev/null &
pid=$!
spawned+=("$pid")
wait_for grep -q '^waiting' err
kill -INT "$pid"
wait "$pid"
[ $? -eq 130 ] || fail "not ended by the interrupt"

# Nothing is left; what shall be kept is.
[ -z "$(find home tmp -mindepth 1)" ] || fail "left behind: $(find home tmp)"
export DEBUGINFOD_CACHE_PATH=$T/kept
run -q -c ./named -e 'uprobe:./named:numbers { print(args.i); }'
expect out '^-70000$'
kill "${spawned[0]}"
run -v -q -c ./named -e 'uprobe:./named:numbers { print(args.i); }'
expect out '^-70000$'
expect err "debuginfod $T/kept/$(build_id named)/debuginfo: symbols and DWARF$"
expect_clean
