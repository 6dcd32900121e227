#!/bin/bash
# Arguments by number, past the registers too; types; every spelling of a register; values behind pointers.
. "$(dirname "$0")/lib.sh"

for flags in -O0 '-O2 -fcf-protection=full' '-O1 -no-pie' '-O2 -static'; do
	# shellcheck disable=SC2086
	[ "$(uname -m)" = x86_64 ] || flags=${flags/-fcf-protection=full/}
	# shellcheck disable=SC2086
	target args.c $flags
	run probe -f json -c ./args \
		'p:take ./args:take a=$arg1:s8 b=$arg2:u16 c=$arg3:s32 d=$arg4:s64 f=$arg6:u32 g=$arg7 h=$arg8:s64 $comm' \
		'p:point ./args:take x=+0($arg5):s16 y=+2($arg5):s16 bytes=+4($arg5):u8[4] low=+8($arg5):b4@0/32 high=+8($arg5):b4@4/32 name=+0(+16($arg5)):string five=\5:s32' \
		'r:give ./args:give x=+0($retval):s16 name=+0(+16($retval)):string'
	expect_status 0
	json '{e["probe"]: e["args"] for e in events}["take"] == {"a": -1, "b": 65535, "c": -2, "d": str(-2**63), "f": 4000000000, "g": 7, "h": -8, "arg8": "args"}
	   or {e["probe"]: e["args"] for e in events}["take"] == {"a": -1, "b": 65535, "c": -2, "d": -2**63, "f": 4000000000, "g": 7, "h": -8, "arg8": "args"}'
	json '{e["probe"]: e["args"] for e in events}["point"] == {"x": -3, "y": 4, "bytes": [1, 2, 3, 255], "low": 5, "high": 10, "name": "caf\u00e9 \"x\"\n", "five": 5}'
	json '{e["probe"]: e["args"] for e in events}["give"] == {"x": -3, "name": "caf\u00e9 \"x\"\n"}'
	json '[e["probe"] for e in events] == ["give", "take", "point"] or [e["probe"] for e in events] == ["give", "point", "take"]'
done

run probe -c ./args 'p:point ./args:take x=+0($arg5):s16 name=+0(+16($arg5)):string bytes=+4($arg5):x8[4]' \
	'p:all ./args:take b=$arg2:u16'
expect_status 0
expect out 'point +x=-3 name="café \\"x\\"\\n" bytes=\{0x1,0x2,0x3,0xff\}$'

if [ "$(uname -m)" = x86_64 ]; then
	run probe -f json -c ./args 'p ./args:take a=%di:s8 b=%rsi:u16 c=%edx d=%rcx:s64 e=%r9d'
	expect_status 0
	json 'args[0]["a"] == -1 and args[0]["b"] == 65535 and args[0]["c"] == 2**32 - 2 and args[0]["e"] == 4000000000'
fi
expect_clean
