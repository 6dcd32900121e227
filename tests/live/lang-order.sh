#!/bin/bash
# Several clauses on one probe run in the order written; exit() ends the program at once, in the middle of records.
. "$(dirname "$0")/lib.sh"

target lang.c

run -c './lang 3' -e '
	uprobe:./lang:work { printf("a%d ", arg0); }
	uprobe:./lang:work / arg0 != 1 / { printf("b%d ", arg0); }
	uprobe:./lang:work,uretprobe:./lang:work { printf("%s ", probe); }
	uprobe:./lang:work { printf("c%d\n", arg0); }'
expect_status 0
expect err '^Attached 5 probes$'
at=uprobe:$PWD/lang:work
ret=uretprobe:$PWD/lang:work
sed "s,uprobe:[^ ]*lang:work,uprobe:FILE,g; s,uretprobe:[^ ]*lang:work,uretprobe:FILE,g" out >got
printf 'a0 b0 uprobe:FILE c0\nuretprobe:FILE a1 uprobe:FILE c1\nuretprobe:FILE a2 b2 uprobe:FILE c2\nuretprobe:FILE \n\n' |
	diff got - >&2 || fail "not in the order of the program (of $at and $ret)"

# exit() in the middle: nothing behind it, in the clause, on the probe, of the records that follow.
run -q -c './lang 1000' -e '
	uprobe:./lang:work { @n = count(); }
	uprobe:./lang:work / arg0 == 500 / { exit(7); printf("not this\n"); }
	uprobe:./lang:work { @after = count(); }
	END { printf("end\n"); }'
expect_status 7
printf 'end\n\n\n@after: 500\n@n: 501\n' | diff out - >&2 || fail "exit() does not end the program at once"

# begin first, also what it prints; end last; both several times.
run -c './lang 2' -e '
	END { printf("end 1\n"); }
	uprobe:./lang:work { printf("work\n"); }
	BEGIN { printf("begin 1\n"); @t = nsecs; }
	uprobe:./lang:work / nsecs < @t / { printf("older than begin\n"); }
	begin { printf("begin 2\n"); }
	end { printf("end 2\n"); clear(@t); }'
expect_status 0
expect err '^Attached 6 probes$'
printf 'begin 1\nbegin 2\nwork\nwork\nend 1\nend 2\n\n\n' | diff out - >&2 || fail "begin and end are not where they belong"
expect_clean
