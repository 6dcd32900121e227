#!/bin/bash
# Random predicates on live events, both ways at once: one clause whose predicate the kernel's filter may test, and one,
# on the same place, that says `|| @never` too and so is all ours. Both must see the same events.
#
# PREDICATES_RUNS=N runs N programs of 15 predicates, PREDICATES_SEED=N begins with another one than 1.
. "$(dirname "$0")/lib.sh"
target predicates.c -O1 -fno-ipa-icf
cat >random-predicates.py <<'EOT'
# A program with a random predicate for each function, and for some static events; what came of it is compared.
import collections, random, re, subprocess, sys

trapline, tracing, here, seed, by_perf = sys.argv[1:6]
pick = random.Random(int(seed))
numbers = ["0", "1", "2", "3", "7", "127", "128", "255", "256", "32767", "32768", "65535", "65536", "2147483647",
           "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
           "18446744073709551615", "-1", "-2", "-128", "-129", "-32768", "-2147483648", "-2147483649"]
words = ["", "a", "bash", "ba", "abc", "abcdefg", "abcdefgh", "abcdefghijklmno", "abcdefghijklmnop", "as", "it's", "x*",
         "[a]"]
relations = ["==", "!=", "<", "<=", ">", ">="]
user = (["arg0", "arg1", "arg2", "(int32)arg0", "(uint8)arg1", "(int64)arg2", "(int16)arg2", "*(int32 *)arg4",
         "*(uint64 *)arg4", "**(int32 **)arg4", "*(uint8 *)(arg4 + 3)", "((int16 *)arg4)[2]", "tid", "arg0 + 1"],
        ["str(arg3)", "str(arg3, 8)", "comm"], "arg5")
static = {
    "task:task_rename": (["args.oom_score_adj", "args.pid"],
                         ["args.newcomm", "args.oldcomm", "str(args.newcomm, 4)", "comm"], "args.pid"),
    "syscalls:sys_enter_lseek": (["args.offset", "args.whence", "args.fd", "(int64)args.offset", "(int8)args.offset"],
                                 ["comm"], "args.offset"),
    "syscalls:sys_exit_lseek": (["args.ret", "(uint32)args.ret", "(int16)args.ret"], ["comm"], "args.ret"),
}


def leaf(fields, texts):
    field, number, text, word = (pick.choice(x) for x in (fields, numbers, texts, words))
    return pick.choice([
        lambda: field,
        lambda: f"({field} & {pick.choice(numbers[:14])})",
        lambda: f"({field} & {pick.choice(numbers[:14])}) {pick.choice(relations[:2])} 0",
        lambda: f'{text} {pick.choice(relations[:2])} "{word}"',
        lambda: f'{text} {pick.choice(relations[:2])} "{word}"',
        lambda: f'strncmp({text}, "{word}", {pick.randrange(9)}) {pick.choice(relations[:2])} 0',
        lambda: f'strcontains({text}, "{word}")',
        lambda: f"{number} {pick.choice(relations)} {field}",
        lambda: f"{field} {pick.choice(relations)} {number}",
        lambda: f"{field} {pick.choice(relations)} {number}",
    ])()


def predicate(fields, texts, depth):
    what = pick.randrange(6) if depth else 5
    if what < 3:
        return f"({predicate(fields, texts, depth - 1)} {'&&' if what else '||'} {predicate(fields, texts, depth - 1)})"
    return f"!({predicate(fields, texts, depth - 1)})" if what == 3 else leaf(fields, texts)


def clauses(name, points, kind):
    fields, texts, shown = kind
    p = predicate(fields, texts, pick.randrange(4))
    said = [f'{point} / {p}{never} / {{ printf("{name} {way} %lld\\n", {shown}); }}\n'
            for point, way, never in zip(points, ("pushed", "ours"), ("", " || @never"))]
    return p, said


predicates, program = {}, "BEGIN { @never = 0; }\nEND { clear(@never); }\n"
for i in range(12):
    # two spellings of one place, or it would be one probe with two clauses
    predicates[f"f{i}"], said = clauses(f"f{i}", (f"uprobe:./predicates:f{i}", f"uprobe:{here}/predicates:f{i}"), user)
    program += "".join(said)
for event in static if by_perf == "yes" else ():
    predicates[event], said = clauses(event, (f"tracepoint:{event}", f"tracepoint:{event[:-1]}*"), static[event])
    program += "".join(said)

plan = subprocess.run([trapline, "-d", "plan", "-e", program], capture_output=True, text=True).stdout
target = ["./predicates", seed, "60"]
if by_perf == "yes":
    r = subprocess.run([trapline, "-q", "-c", " ".join(target), "-e", program], capture_output=True, text=True)
    out, err = r.stdout, r.stderr
else:
    t = subprocess.Popen([trapline, "-e", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if "Attached" not in t.stderr.readline():
        sys.exit("trapline is not armed: " + t.stderr.read() + program)
    subprocess.run(target, check=True)
    t.terminate()
    out, err = t.communicate()
events = collections.defaultdict(collections.Counter)
for line in out.splitlines():
    if line:
        name, way, number = line.split()
        events[name, way][number] += 1
if err:
    sys.exit(f"seed {seed}: {err}\n{program}")
for name, p in predicates.items():
    if events[name, "pushed"] != events[name, "ours"]:
        more, less = events[name, "pushed"] - events[name, "ours"], events[name, "ours"] - events[name, "pushed"]
        sys.exit(f"seed {seed}: {name} / {p} /\nonly pushed: {dict(more)}\nonly ours: {dict(less)}\n{plan}")
print(len(predicates), plan.count("filter"), sum(n.total() for (_, way), n in events.items() if way == "ours"))
EOT

seed=${PREDICATES_SEED:-1}
predicates=0 pushed=0 events=0
for ((i = 0; i < ${PREDICATES_RUNS:-2}; i++)); do
	by_perf=yes
	((i % 2)) && by_perf=no
	python3 random-predicates.py "$trapline" "$tracing" "$PWD" $((seed + i)) $by_perf >out 2>err ||
		fail "the kernel's filter and the evaluator do not agree, run PREDICATES_SEED=$((seed + i))"
	read -r a b c <out
	predicates=$((predicates + a)) pushed=$((pushed + b)) events=$((events + c))
done
echo "$predicates predicates from seed $seed, $pushed pushed, $events events accepted"
[ $((pushed * 5)) -gt $predicates ] || fail "so few are pushed"
[ "$events" -gt "$predicates" ] || fail "so few are true"
expect_clean
