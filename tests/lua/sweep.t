#!/usr/bin/env bash
# ip.sweep and ipdlam sweep: the table, the rule, a sweep that is killed and taken up again, mistakes.
. "$TOP_SRCDIR/tests/cli/tap.sh"
export LC_ALL=C.UTF-8
cd "$tmp" || exit 1

# Without the seconds, which no two sweeps share.
table() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") at = i } { $at = ""; print }' "$1"; }
small="--train 300 --test 100 --layers 12 --iterations 3"
grid="--inertia 0.1,0.5 --order increase,nested_reverse --seeds 1,2"

check "a grid" 0 '^inertia=0.5 order=nested_reverse +3 ' "" "$IPDLAM" sweep $small $grid --output whole.csv
is "a row an iteration of each run" "$(wc -l < whole.csv)" 25
is "the columns" "$(head -n 1 whole.csv | cut -d, -f1-8)" "run,data,seed,inertia,order,status,iteration,seconds"
is "each run is in the history" "$("$IPDLAM" runs list | grep -c '784-12-10')" 8
is "and shows its spread over the seeds" "$(grep -c '±' "$out")" 4
check "a run is what train makes of it" 0 "" "" "$IPDLAM" train --no-history --quiet $small --inertia 0.5 --order increase --seed 2 --csv one.csv
is "to the last digit" "$(awk -F, '$4 == 0.5 && $5 == "increase" && $3 == 2 && $7 == 3 { print $13 }' whole.csv)" \
    "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "phi") at = i } END { printf "%.10g\n", $at }' one.csv)"

cat > killed.lua <<'END'
local seen, when = 0, tonumber(arg[1])
local s = ip.sweep { data = { name = "digits", train = 300, test = 100 }, net = { 784, 12, 10 }, iterations = 3,
  seeds = { 1, 2 }, grid = { { "inertia", { 0.1, 0.5 } }, { "order", { "increase", "nested_reverse" } } }, output = arg[2],
  stop_when = function()
    seen = seen + 1
    if seen == when then os.execute("kill -KILL $PPID") end
    return false
  end }
print(s.finished, #s.runs)
END
for when in 1 8 15; do
    "$IPDLAM" run killed.lua $when killed$when.csv > "$out" 2>&1
    is "killed in step $when" $? 137
    check "taken up again" 0 "^true	8" "" "$IPDLAM" run killed.lua 0 killed$when.csv
    is "the same table" "$(table killed$when.csv)" "$(table whole.csv)"
    is "no run was done twice" "$(grep -c '^run' killed$when.csv.state)" 8
done
head -c 700 killed15.csv.state > torn.csv.state
check "a state that was cut within a block" 0 "^true	8" "" "$IPDLAM" run killed.lua 0 torn.csv
is "gives the same table" "$(table torn.csv)" "$(table whole.csv)"
check "nothing is left to do" 0 "^8 of 8 runs are done already" "" "$IPDLAM" sweep $small $grid --output whole.csv
check "a finer grid goes on from what is there" 0 "^8 of 12 runs are done already" "" \
    "$IPDLAM" sweep $small --inertia 0.1,0.3,0.5 --order increase,nested_reverse --seeds 1,2 --output whole.csv
cat > reuse.lua <<'END'
local spec = { data = { name = "digits", train = 300, test = 100 }, net = { 784, 12, 10 }, iterations = 3,
  grid = { inertia = { 0.1, 0.5 } }, output = "first.csv" }
ip.sweep(spec)
spec.grid.inertia, spec.output, spec.reuse = { 0.5, 0.9 }, "second.csv", { "absent.csv", "first.csv" }
ip.sweep(spec)
END
check "runs of another sweep are taken over" 0 "^1 of 2 runs are done already, 1 of them by other sweeps: " "" "$IPDLAM" run reuse.lua
is "and not made again" "$(grep -c '^run' second.csv.state)" 1
is "but in the table" "$(wc -l < second.csv)" 7
check "only the table" 0 "waits" "" "$IPDLAM" sweep $small --inertia 0.1,0.9 --output whole.csv --show

check "a rule ends a hopeless run" 0 "iteration|^inertia=0.1 +2 .*ended by stop_when" "" \
    "$IPDLAM" sweep $small --inertia 0.1,0.5 --stop-when "iteration >= 2 and test_accuracy < 2" --output rule.csv
is "and says so" "$(grep -c 'ended by stop_when' rule.csv)" 4
check "a run that diverges is a row" 0 "diverged at" "" "$IPDLAM" sweep $small --batch 16 --inertia 20,0.1 --output diverged.csv
cat > methods.lua <<'END'
print(ip.sweep { data = { name = "digits", train = 300, test = 100 }, net = { 784, 12, 10 }, iterations = 4, quiet = true,
  runs = { { label = "adam", method = "adam", lr = 0.01 }, { label = "warm", switch = { after = 2, method = "adam", lr = 0.01 } } } })
END
check "methods with labels, and a hand-over" 0 "^warm +4 .*done" "" "$IPDLAM" run methods.lua

check "a wrong rule" 1 "" "stop_when is an expression" "$IPDLAM" sweep $small --stop-when "iteration >"
check "a rule of no field" 1 "" "stop_when names 'acuracy', which is no field" "$IPDLAM" sweep $small --stop-when "acuracy < 1"
check "a wrong value" 2 "" "inertia" "$IPDLAM" sweep $small --inertia 0.1,x
check "an unknown setting" 2 "" "unknown option '--inertja'. Did you mean '--inertia'" "$IPDLAM" sweep --inertja 0.1
check "a wrong seed" 2 "" "seeds is a list of whole numbers" "$IPDLAM" sweep --seeds 1,a
check "no data" 1 "" "nowhere" "$IPDLAM" sweep --data nowhere $small
check "the same run twice" 1 "" "has the same run twice" "$IPDLAM" sweep $small --inertia 0.1,0.1
check "a table that cannot be written" 1 "" "cannot be written" "$IPDLAM" sweep $small --output no/such/table.csv
check "help" 0 "^Usage: ipdlam sweep" "" "$IPDLAM" sweep --help
done_testing
