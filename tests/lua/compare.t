#!/usr/bin/env bash
# ip.compare, ip.living and ip.overlay without a screen.
. "$TOP_SRCDIR/tests/cli/tap.sh"

cat > "$tmp/compare.lua" << 'END'
local data = ip.dataset("digits", { train = 200, test = 50 })
local a = ip.run { data = data, net = { 784, 12, 10 }, name = "with" }
local b = ip.run { data = data, net = { 784, 12, 10 }, name = "without" }
a:step(2) b:step(2)
print(ip.compare{ a, b }.differ_from)
a:set { delta = 0.2 }
a:step(3) b:step(5)
local c = ip.compare { a, "without" }
print(c.differ_from)
print(c)
print(ip.living("with") == a, #ip.living(), ip.living("nobody"))
print(ip.living(a.id) == a, ip.living(b.id) == b, ip.living(99))
print(ip.overlay(a))
print(pcall(ip.compare, { a }))
print(pcall(ip.compare, { a, true }))
print(ip.compare { a, 1 }.differ_from, ip.compare { 1, 2 }.differ_from)
print(ip.compare { a, 99 })
print(ip.compare { a, ip.runs { limit = 1 }[1] }.differ_from >= 0)
local adam = ip.run { data = data, net = { 784, 12, 10 }, name = "adam", method = "adam" }
adam:step(2)
print("adam:", ip.compare { a, adam })
END
check "runs are compared" 0 "" "" "$IPDLAM" run "$tmp/compare.lua"
"$IPDLAM" run "$tmp/compare.lua" > "$tmp/said" 2> "$err"
is "equal runs do not differ" "$(sed -n 1p "$tmp/said")" 0
is "runs differ from the iteration of a change on" "$(sed -n 2p "$tmp/said")" 3
check "the table has both values and the difference" 0 "" "" grep -Eq '^phi +[0-9.e-]+ +[0-9.e-]+ +[0-9.e-]+$' "$tmp/said"
check "the table is of the last common iteration" 0 "" "" grep -q '^(at iteration 5; they differ from iteration 3 on)$' "$tmp/said"
check "the text has charts" 0 "" "" grep -q 'phi.*with.*without' "$tmp/said"
check "the text has the changes of each run" 0 "" "" grep -q '^  with: delta = 0.2 at iteration 3, batch 1 of 2, before z2$' "$tmp/said"
check "a run without changes has \"nothing\"" 0 "" "" grep -q '^  without: nothing$' "$tmp/said"
check "a row of ip.runs can be compared" 0 "" "" grep -q '^true$' "$tmp/said"
sed -n '/^adam:/,$p' "$tmp/said" > "$tmp/adam"
check "runs without phi are compared by the loss that both have" 0 "" "" grep -q '^adam:.*forward_loss .*with [0-9.]* .* adam [0-9.]*   at 2' "$tmp/adam"
check "missing values have no difference" 0 "" "" grep -Eq '^phi +[0-9.]+ +(–|-) +(–|-)$' "$tmp/adam"
is "no nan anywhere" "$(grep -c nan "$tmp/said")" 0
check "a run of the session is found by its name" 0 "" "" grep -q "^true	2	nil	this session has no run 'nobody'" "$tmp/said"
check "a run of the session is found by its number in the history" 0 "" "" grep -q "^true	true	nil	this session has no run '99'" "$tmp/said"
check "overlays are for screens" 0 "" "" grep -q "^nil	there is no screen here" "$tmp/said"
check "a number of runs other than two is refused" 0 "" "" grep -q "^false	.*give two runs: ip.compare{ run, other }" "$tmp/said"
check "values that are no runs are refused" 0 "" "" grep -q "^false	.*expected, not a boolean" "$tmp/said"
check "runs of the history are compared, too" 0 "" "" grep -q "^0	3$" "$tmp/said"
check "a run that is not in the history is refused" 0 "" "" grep -q "^nil	.*99" "$tmp/said"
done_testing
