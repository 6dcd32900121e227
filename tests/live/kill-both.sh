#!/bin/bash
# trapline and its guardian killed together: `trapline clean`, or the next start, finishes the work,
# and leaves a living session alone.
. "$(dirname "$0")/lib.sh"
target loop.c
target opener.c
spawn ./loop 0 1000
traced=$!

guardian_of() {
	local candidate
	for candidate in $(pgrep -x trapline-guard); do
		case " $before_guards " in *" $candidate "*) ;; *) echo "$candidate" ;; esac
	done
}

for round in system process; do
	for way in clean start; do
		before_guards=$(pgrep -x trapline-guard | tr '\n' ' ')
		source=()
		[ $round = process ] && source=(-p "$traced")
		start probe -o /dev/null "${source[@]}" 'p ./loop:work'
		guard=$(guardian_of)
		[ -n "$guard" ] || fail "there is no guardian"
		# A stopped process cannot act between the two signals.
		kill -STOP $guard "$pid"
		kill -9 $guard "$pid"
		wait "$pid" 2>/dev/null
		sleep 0.2
		! clean_now || fail "nothing was left: the test proves nothing"

		if [ $way = clean ]; then
			run clean
			expect_status 0
		else
			run probe -d 0.2 -p $traced 'p ./loop:work_more'
			expect_status 0
		fi
		clean_now || fail "$round, $way: left: $(ours)"
		[ -z "$(journals)" ] || fail "$round, $way: journals are left: $(journals)"
	done
done

# clean does nothing to the living.
start probe -f json 'p ./loop:work i=$arg1:s32'
"$trapline" clean >clean.out 2>&1 || fail "clean: $(cat clean.out)"
lines=$(wc -l <out)
wait_for sh -c "[ \$(wc -l <out) -gt $((lines + 20)) ]"
stop
expect_status 0
json '[a["i"] for a in args] == list(range(args[0]["i"], args[0]["i"] + len(args)))'
expect_clean
