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
is "runs that are alike do not differ" "$(sed -n 1p "$tmp/said")" 0
is "a change shows from its iteration on" "$(sed -n 2p "$tmp/said")" 3
check "the table has both and the difference" 0 "" "" grep -Eq '^phi +[0-9.e-]+ +[0-9.e-]+ +[0-9.e-]+$' "$tmp/said"
check "of the last iteration that both have" 0 "" "" grep -q '^(at iteration 5; they differ from iteration 3 on)$' "$tmp/said"
check "it draws them" 0 "" "" grep -q 'phi.*with.*without' "$tmp/said"
check "what was changed" 0 "" "" grep -q '^  with: delta = 0.2 at iteration 3, batch 1 of 2, before z2$' "$tmp/said"
check "and where nothing was" 0 "" "" grep -q '^  without: nothing$' "$tmp/said"
check "a row of ip.runs is a run" 0 "" "" grep -q '^true$' "$tmp/said"
sed -n '/^adam:/,$p' "$tmp/said" > "$tmp/adam"
check "runs without phi are compared by the loss that both have" 0 "" "" grep -q '^adam:.*forward_loss .*with [0-9.]* .* adam [0-9.]*   at 2' "$tmp/adam"
check "nothing is not subtracted" 0 "" "" grep -Eq '^phi +[0-9.]+ +(–|-) +(–|-)$' "$tmp/adam"
is "no nan anywhere" "$(grep -c nan "$tmp/said")" 0
check "a run of the session has a name" 0 "" "" grep -q "^true	2	nil	this session has no run 'nobody'" "$tmp/said"
check "and a number in the history" 0 "" "" grep -q "^true	true	nil	this session has no run '99'" "$tmp/said"
check "overlays are for screens" 0 "" "" grep -q "^nil	there is no screen here" "$tmp/said"
check "two runs are compared" 0 "" "" grep -q "^false	.*give two runs: ip.compare{ run, other }" "$tmp/said"
check "not other things" 0 "" "" grep -q "^false	.*expected, not a boolean" "$tmp/said"
check "runs of the history are compared, too" 0 "" "" grep -q "^0	3$" "$tmp/said"
check "one that is not there is told" 0 "" "" grep -q "^nil	.*99" "$tmp/said"
done_testing
