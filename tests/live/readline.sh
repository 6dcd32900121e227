#!/bin/bash
# bash's readline, with a command typed on a pseudo terminal.
. "$(dirname "$0")/lib.sh"
cp "$(command -v bash)" ./mybash

start probe -f json "r:readline $T/mybash:readline cmd=+0(\$retval):string"
python3 - "$T/mybash" <<-'EOT'
	import os, pty, sys, time
	pid, fd = pty.fork()
	if pid == 0:
	    os.execv(sys.argv[1], ["mybash", "--norc", "--noprofile", "-i"])
	def type_line(text):
	    time.sleep(0.3)
	    os.write(fd, text.encode() + b"\n")
	type_line("echo hello world")
	type_line("true 'quoted \u00e9'")
	type_line("exit")
	try:
	    while os.read(fd, 1000):
	        pass
	except OSError:
	    pass
	os.waitpid(pid, 0)
EOT
stop
expect_status 0
json '[a["cmd"] for a in args] == ["echo hello world", "true '"'"'quoted \u00e9'"'"'", "exit"]'
json 'all(e["probe"] == "readline" and e["comm"] == "mybash" for e in events)'
expect_clean
