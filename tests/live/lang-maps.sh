#!/bin/bash
# A program of the language on a function of our own: captures, maps, histograms, the state from one event to another.
. "$(dirname "$0")/lib.sh"

target lang.c

run -q -c './lang 6' -e '
	uprobe:./lang:work {
		printf("%s %d %s\n", comm, arg0, str(arg1));
		@calls[str(arg1)] = count();
		@last = arg0;
		@sum = sum(arg0);
		@start[tid] = nsecs;
	}
	uretprobe:./lang:work / @start[tid] / {
		@ret = lhist(retval, 0, 100, 20);
		@quick[nsecs - @start[tid] < 100000000] = count();
		delete(@start, tid);
	}'
expect_status 0
cat >expected <<'EOT'
lang 0 even
lang 1 odd
lang 2 even
lang 3 odd
lang 4 even
lang 5 odd


@calls[even]: 3
@calls[odd]: 3
@last: 5
@quick[1]: 6
@ret:
[0, 20)                2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
[20, 40)               2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
[40, 60)               2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

@sum: 15
EOT
sed 's/@quick\[true\]/@quick[1]/' out | diff - expected >&2 || fail "not what was expected"
[ ! -s err ] || fail "something on standard error"

# A struct of the program's own, a predicate, a scratch variable that holds a pointer.
run -q -c './lang 6' -e '
	struct point { int x; int y; const char *name; };
	uprobe:./lang:work / arg0 >= 4 / {
		$p = (struct point *)arg2;
		printf("%d %d %s\n", $p->x, $p->y, str($p->name));
	}'
expect_status 0
printf '4 -4 even\n5 -5 odd\n\n\n' | diff out - >&2 || fail "the struct is read wrongly"

# Everybody's calls: source 1, and the same answers.
start -e 'uprobe:./lang:work { @[comm, str(arg1)] = count(); }'
cp lang other
./lang 40 && ./other 7
stop
expect_status 0
expect out '^@\[lang, even\]: 20$'
expect out '^@\[lang, odd\]: 20$'
refute out '^@\[other'		# another file
expect_clean
