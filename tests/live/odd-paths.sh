#!/bin/bash
# Paths with every sort of odd byte, and very long ones: probed with -c, -p and for everybody, shown in labels and
# messages, listed, and pasted from --dry-run into bash and dash.
. "$(dirname "$0")/lib.sh"
target loop.c
mkdir odd

export T
cat >odd.py <<'EOT'
import json, os, subprocess, sys, time

trapline, tracing, T = sys.argv[1], sys.argv[2], os.environb[b"T"]
program = open(T + b"/loop", "rb").read()
failures = 0

def fail(name, *what):
    global failures
    failures += 1
    print(name, *[str(w)[:1500] for w in what])

def run(*words, **more):
    return subprocess.run([trapline, *words], capture_output=True, timeout=30, stdin=subprocess.DEVNULL, **more)

# The three ways to quote in a definition.
def backslashes(path):
    return b"".join(bytes([c]) if chr(c).isalnum() or c in b"/._-" or c >= 0x80 else b"\\" + bytes([c]) for c in path)

def double(path):
    return b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

def single(path):
    return b"'" + path + b"'" if b"'" not in path else double(path)

def shell(path):
    return b"'" + path.replace(b"'", b"'\\''") + b"'"

# How JSON has to show a path: as UTF-8; a byte that is none stands for itself.
def shown(path):
    out, i = "", 0
    while i < len(path):
        for n in range(4, 0, -1):
            try:
                out += path[i:i + n].decode("utf-8") if i + n <= len(path) else b"\xff".decode("utf-8")
                i += n
                break
            except UnicodeDecodeError:
                continue
        else:
            out += chr(path[i])
            i += 1
    return out

def events(out):
    return [o for o in (json.loads(l) for l in out.decode("utf-8").splitlines() if l.startswith('{"type"'))
            if o["type"] == "event"]

def right(out, path, n):
    got = events(out)
    return len(got) == n and all(e["probe"] == "uprobe:" + shown(path) + ":work" for e in got)

def with_command(name, path, quoted):
    r = run("probe", "-q", "-f", "json", "-c", b"sh -c 'exec \"$0\" 2 >/dev/null' " + shell(path), "--follow",
            b"p " + quoted + b":work i=$arg1:s32")
    if r.returncode or not right(r.stdout, path, 2):
        fail(name, "-c", quoted, r)

def while_it_runs(name, path):
    child = subprocess.Popen([path, b"0", b"3000"], stdout=subprocess.DEVNULL)
    r = run("probe", "-q", "-f", "json", "-n", "3", "-p", str(child.pid), b"p " + double(path) + b":work")
    if r.returncode or not right(r.stdout, path, 3):
        fail(name, "-p", r)
    r = run("probe", "-q", "-f", "json", "-n", "3", "-o", path + b".out", b"r " + double(path) + b":work v=$retval:s32")
    records = events(open(path + b".out", "rb").read()) if r.returncode == 0 else []
    if len(records) != 3 or records[0]["probe"] != "uretprobe:" + shown(path) + ":work":
        fail(name, "everybody, -o", r)
    child.kill()
    child.wait()

def no_control(text):
    return all(c >= 32 and c != 127 or c == 10 for c in text)

def in_text(name, path):
    r = run("probe", "-q", "-c", shell(path) + b" 1", b"p " + double(path) + b":work")
    if r.returncode or not no_control(r.stdout) or r.stdout.count(b"\n") != 1:
        fail(name, "text", r)
    r = run("-l", b"uprobe:" + path + b":wor*")
    if r.returncode or r.stdout.count(b":work") != 2 or not no_control(r.stdout):
        fail(name, "-l", r)
    r = run("probe", "--dry-run", b"p " + double(path) + b":wrok")
    lines = r.stderr.split(b"\n")
    if r.returncode != 1 or b"did you mean 'work'" not in r.stderr or not no_control(r.stderr):
        fail(name, "message", r)

def pasted(name, path):
    r = run("probe", "--dry-run", b"p:odd " + double(path) + b":work i=$arg1:s32")
    if r.returncode:
        return fail(name, "--dry-run", r)
    arm, undo = r.stdout.split(b"# undo\n")
    # a group of our own: somebody else may paste at the same time
    own = b"tl_odd_%d" % os.getpid()
    arm, undo = arm.replace(b"tl_dry_run", own), undo.replace(b"tl_dry_run", own)
    for sh in "bash", "dash":
        script = b"set -e\n" + arm + shell(path) + b" 2 >/dev/null\n" + \
                 b"cat '%s/instances/%s/trace' | grep -c ' i=[01]$'\n" % (tracing.encode(), own)
        s = subprocess.run([sh], input=script, capture_output=True, timeout=30)
        u = subprocess.run([sh, "-e"], input=undo, capture_output=True, timeout=30)
        if s.returncode or s.stdout.strip() != b"2" or u.returncode:
            fail(name, sh, s, u)

names = {
    "blank": b"a b", "tab": b"a\tb", "newline": b"a\nb", "vertical tab": b"a\x0bb", "hash": b"a#b",
    "colons": b"a:b:c", "comma": b"a,b", "quote": b"a'b", "double quote": b'a"b', "backslash": b"a\\b",
    "escaped newline": b"a\\012b", "letters": "gr\u00fc\u00df".encode(), "a0 in a letter": "voil\u00e0".encode(),
    "no-break space": "a\u00a0b".encode(), "Latin-1": b"caf\xe9", "lone a0": b"a\xa0b", "not UTF-8": b"\xff\xfe\x80",
    "glob": b"a*[b]?", "return": b"a%return", "parenthesis": b"a(0x10)", "dollar": b"a$b`c`", "control": b"a\x01\x1b[31mb",
    "delete": b"a\x7fb", "deleted": b"a (deleted)", "shell": b"a;b&c|d", "equals": b"a=b", "at": b"a@b", "plus": b"a+1",
    "provider": b"uprobe:a", "blanks alone": b"  ", "dash": b"-p", "wide": "\u65e5\u672c\u8a9e".encode(),
}
for name, last in names.items():
    path = T + b"/odd/" + last
    with open(path, "wb") as f:
        f.write(program)
    os.chmod(path, 0o755)
    with_command(name, path, backslashes(path))
    with_command(name, path, double(path))
    with_command(name, path, single(path))
    in_text(name, path)
    if name in ("blank", "newline", "a0 in a letter", "not UTF-8", "deleted", "escaped newline"):
        while_it_runs(name, path)
        if os.path.exists(tracing + "/instances"):
            pasted(name, path)

# as long as a path may be, 4095 bytes
deep = T + b"/odd"
while len(deep) + 201 < 4090:
    deep += b"/" + b"d" * 200
    os.mkdir(deep)
for length in 3000, 4000, 4090:
    directory = deep
    while len(directory) >= length - 8:
        directory = os.path.dirname(directory)
    path = directory + b"/" + b"l" * min(250, length - len(directory) - 1)
    with open(path, "wb") as f:
        f.write(program)
    os.chmod(path, 0o755)
    with_command("%d bytes" % len(path), path, path)
    in_text("%d bytes" % len(path), path)
print(len(names), "sorts of names,", failures, "failures")
sys.exit(failures > 0)
EOT

# tracefs stays mounted while the lines of --dry-run are pasted
mounted=
if [ ! -e "$tracing/uprobe_events" ] && mount -t tracefs tracefs "$tracing" 2>/dev/null; then
	mounted=1
fi
cleanup() {
	[ -z "$mounted" ] || umount "$tracing"
}
python3 odd.py "$trapline" "$tracing" || fail "some paths cannot be had"
expect_clean
