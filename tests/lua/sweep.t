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
is "the table has a row per iteration of each run" "$(wc -l < whole.csv)" 25
is "the columns" "$(head -n 1 whole.csv | cut -d, -f1-9)" "run,data,seed,inertia,order,status,measure,iteration,seconds"
is "each run is in the history" "$("$IPDLAM" runs list | grep -c '784-12-10')" 8
is "the table shows the spread over the seeds" "$(grep '^run ' "$out" | grep -o 'IQR\|vs best' | tr '\n' ' ')" "IQR IQR vs best "
kept="$(find "$XDG_DATA_HOME" -name '*.safetensors')"
is "finished runs leave weights, and no checkpoint" "$(echo "$kept" | wc -l), $(echo "$kept" | grep -c -e '-weights.safetensors$')" "8, 8"
"$IPDLAM" runs show 3 > "$out"
file="$(sed -n 's/^weights   iteration 3, .*, //p' "$out")"
check "the history names the weights, and eval reads them" 0 "accuracy $(sed -n 's/^.*test_accuracy.*: \([0-9.]*\).*/\1/p' "$out")" "" \
    "$IPDLAM" eval "$file" --train 300 --test 100
check "a run cannot be resumed from weights alone" 1 "" "run 3 saved only its weights, .*ip.again" "$IPDLAM" train --resume 3
check "weights of a sweep count towards checkpoint_space" 0 "" "removed the checkpoint of run 1, .*checkpoint_space" \
    env XDG_DATA_HOME="$tmp/small" IPDLAM_CHECKPOINT_SPACE=100K "$IPDLAM" sweep $small --seeds 1,2,3,4
is "the oldest weights are removed first" "$(find "$tmp/small" -name '*.safetensors' | grep -o 'checkpoints/[0-9]*' | sort)" "$(printf 'checkpoints/3\ncheckpoints/4')"
check "values that differ in the last digit are two runs" 0 "^delta=0.1234567890123457 +1 .*done" "" \
    "$IPDLAM" sweep $small --iterations 1 --delta 0.1234567890123456,0.1234567890123457 --output digits.csv
check "the state distinguishes values that differ in the last digit" 0 "^2 of 2 runs are done already" "" \
    "$IPDLAM" sweep $small --iterations 1 --delta 0.1234567890123456,0.1234567890123457 --output digits.csv
check "a sweep with accuracies left out by metrics_every" 0 "^digits +1 +0.[0-9]+ +- +- +done" "" \
    "$IPDLAM" sweep $small --iterations 1 --metrics-every 5 --inertia 0.1 --no-history
is "an accuracy that was left out is a dash, not nan" "$(grep -c nan "$out")" 0
check "a run of a sweep is like one of train" 0 "" "" "$IPDLAM" train --no-history --quiet $small --inertia 0.5 --order increase --seed 2 --csv one.csv
is "a run of a sweep equals one of train to the last digit" "$(awk -F, '$4 == 0.5 && $5 == "increase" && $3 == 2 && $8 == 3 { print $14 }' whole.csv)" \
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
    check "a killed sweep continues" 0 "^true	8" "" "$IPDLAM" run killed.lua 0 killed$when.csv
    is "a killed sweep ends with the same table" "$(table killed$when.csv)" "$(table whole.csv)"
    is "no run was done twice" "$(grep -c '^run' killed$when.csv.state)" 8
done
head -c -700 killed15.csv.state > torn.csv.state
check "a state that was cut within a block" 0 "^true	8" "" "$IPDLAM" run killed.lua 0 torn.csv
is "a state that was cut within a block gives the same table" "$(table torn.csv)" "$(table whole.csv)"
check "nothing is left to do" 0 "^8 of 8 runs are done already" "" "$IPDLAM" sweep $small $grid --output whole.csv
check "a finer grid continues from the finished runs" 0 "^8 of 12 runs are done already" "" \
    "$IPDLAM" sweep $small --inertia 0.1,0.3,0.5 --order increase,nested_reverse --seeds 1,2 --output whole.csv
cat > reuse.lua <<'END'
local spec = { data = { name = "digits", train = 300, test = 100 }, net = { 784, 12, 10 }, iterations = 3,
  grid = { inertia = { 0.1, 0.5 } }, output = "first.csv" }
ip.sweep(spec)
spec.grid.inertia, spec.output, spec.reuse = { 0.5, 0.9 }, "second.csv", { "absent.csv", "first.csv" }
ip.sweep(spec)
END
check "runs of another sweep are taken over" 0 "^1 of 2 runs are done already, 1 of them by other sweeps: " "" "$IPDLAM" run reuse.lua
is "runs of another sweep are in the own state" "$(grep -c '^run' second.csv.state)" 2
is "runs of another sweep are in the own table" "$(wc -l < second.csv)" 7

# --show has all it needs from the state, and writes nothing.
cp whole.csv before.csv; cp whole.csv.state before.state
check "only the table" 0 '^inertia=0.5 order=nested_reverse +3 ' "" "$IPDLAM" sweep --output whole.csv --show
is "--show prints all runs" "$(grep -c 'done$' "$out")" 6
check "only the table, with another option" 2 "" "takes the sweep's options from whole.csv.state" \
    "$IPDLAM" sweep --output whole.csv --show --inertia 0.1,0.9
check "only the table, of which" 2 "" "needs --output" "$IPDLAM" sweep --show
check "only the table, of no sweep" 1 "" "none.csv.state: No such file" "$IPDLAM" sweep --output none.csv --show
result $(cmp -s whole.csv before.csv && cmp -s whole.csv.state before.state && echo 1) "--show changes no file"
"$IPDLAM" sweep --output whole.csv --show --json > "$out"
is "the table as one JSON value" "$(python3 -c 'import json, sys
s = json.load(sys.stdin)
print(s["finished"], len(s["runs"]), s["runs"][0]["settings"], s["runs"][5]["records"][2]["iteration"])' < "$out")" \
    "True 12 {'inertia': 0.1, 'order': 'increase'} 3"
"$IPDLAM" sweep --output whole.csv --show --jsonl > "$out"
is "--jsonl prints a line per run" "$(python3 -c 'import json, sys
print(*[json.loads(line)["seed"] for line in sys.stdin])' < "$out")" "1 2 1 2 1 2 1 2 1 2 1 2"

# A sweep does not overwrite a file that is not a state, nor the state of another sweep.
printf 'not a state\n' > garbage.csv.state
sed '5,$s/0\.[0-9]*/x/' before.state > hurt.csv.state
head -n 3 before.state | tr -d '\n' > short.csv.state
head -c 300 /dev/zero > zeros.csv.state
for name in garbage hurt short zeros; do
    cp $name.csv.state kept
    check "a state that is damaged: $name" 1 "" "^ipdlam sweep: $name.csv.state: .*Nothing was changed. Move the file away" \
        "$IPDLAM" sweep $small $grid --output $name.csv
    result $(cmp -s $name.csv.state kept && [ ! -e $name.csv ] && echo 1) "a damaged state is left as it was: $name"
    check "is not shown either: $name" 1 "" "$name.csv.state: " "$IPDLAM" sweep --output $name.csv --show
done
for other in "--iterations 4" "--layers 13" "--train 299" "--delta 3" "--stop-when iteration>2"; do
    check "a sweep with other options: $other" 2 "" "whole.csv.state is the state of a sweep with other options" \
        "$IPDLAM" sweep $small $grid $other --output whole.csv
done
check "a grid that has fewer values" 2 "" "such as inertia=0.3 order=increase, seed 1, are not in this one" \
    "$IPDLAM" sweep $small $grid --output whole.csv
result $(cmp -s whole.csv before.csv && cmp -s whole.csv.state before.state && echo 1) "a grid with fewer values leaves the files as they were"
printf '\nrun\told\tdone\n1\t2\nrun\t' > old.csv.state
check "a damaged state of the first version" 1 "" "old.csv.state: line 3" "$IPDLAM" sweep $small --output old.csv
awk -F '\t' -v OFS='\t' '/^run\t/ { print "" } NR > 2 && !/^plan/ && /^[0-9]/ { for (i = 10; i < 13; i++) $i = $(i + 1); $13 = $17; NF = 13 }
    NR > 2 && !/^plan/' before.state > early.csv.state
check "a complete state of the first version continues" 0 "^12 of 12 runs are done already" "" \
    "$IPDLAM" sweep $small --inertia 0.1,0.3,0.5 --order increase,nested_reverse --seeds 1,2 --output early.csv
is "a continued state of the first version has the same runs" "$(grep '^run' early.csv.state | sort)" "$(grep '^run' before.state | sort)"

check "a rule ends a hopeless run" 0 "iteration|^inertia=0.1 +2 .*ended by stop_when" "" \
    "$IPDLAM" sweep $small --inertia 0.1,0.5 --stop-when "iteration >= 2 and test_accuracy < 2" --output rule.csv
is "the status of a run that a rule ended" "$(grep -c 'ended by stop_when' rule.csv)" 4
check "a run that diverges is a row" 0 "diverged at" "" "$IPDLAM" sweep $small --batch 16 --inertia 20,0.1 --output diverged.csv
cat > methods.lua <<'END'
print(ip.sweep { data = { name = "digits", train = 300, test = 100 }, net = { 784, 12, 10 }, iterations = 4, quiet = true,
  runs = { { label = "adam", method = "adam", lr = 0.01 }, { label = "warm", switch = { after = 2, method = "adam", lr = 0.01 } } } })
END
check "methods with labels, and a hand-over" 0 "^warm +4 .*done" "" "$IPDLAM" run methods.lua

# Every mistake is one sentence, before anything is trained.
refuse() { # NAME SENTENCE OPTION...
    local name=$1 sentence=$2
    shift 2
    check "$name" 2 "" "^ipdlam sweep: $sentence" "$IPDLAM" sweep $small "$@"
    is "$name: one line, and no run" "$(wc -l < "$err") $(wc -c < "$out") $("$IPDLAM" runs list --limit 1 --json | wc -c)" \
        "1 0 $newest"
}
newest=$("$IPDLAM" runs list --limit 1 --json | wc -c)
refuse "a wrong rule" "stop_when: 'iteration >' is not an expression" --stop-when "iteration >"
refuse "a rule of no field" "stop_when: unknown field 'foo'" --stop-when "foo > 1"
refuse "also where it is not reached" "stop_when: unknown field 'acuracy'" --stop-when "iteration > 2 and acuracy < 1"
refuse "a rule that compares text" "stop_when: .*compare number with string" --stop-when "loss < 'x'"
refuse "the same seed twice" "the sweep has the same run twice: digits, seed 1" --seeds 1,1
refuse "the same value twice" "the sweep has the same run twice: delta=0.1" --delta 0.1,0.10
touch no
check "a file for a folder of the table" 2 "" "no/such/table.csv: cannot be written: Not a directory" "$IPDLAM" sweep $small --output no/such/table.csv
refuse "settings that one of the methods refuses" "bcd does not use inertia. Set inertia = 0" --method ipdlam,bcd --inertia 0.3
refuse "an unknown data set" "unknown data set 'nonsense'" --data nonsense
refuse "a data set without a name" "--data must be a list of names" --data ,
refuse "a wrong block" "unknown order 'incraese'" --order increase,incraese
refuse "two forms of JSON" "--json and --jsonl exclude" --json --jsonl
check "a wrong value" 2 "" "inertia" "$IPDLAM" sweep $small --inertia 0.1,x
check "an unknown setting" 2 "" "unknown option '--inertja'. Did you mean '--inertia'" "$IPDLAM" sweep --inertja 0.1
check "a wrong seed" 2 "" "seeds must be a list of whole numbers" "$IPDLAM" sweep --seeds 1,a
cat > wrong.lua <<'END'
print(pcall(ip.sweep, { data = { name = "digits", train = 300 }, on_run = function() end }))
print(pcall(ip.sweep, { data = { name = "digits", train = 300 }, dleta = 1 }))
print(pcall(ip.sweep, { data = { name = "digits", train = 300 }, switch = { after = 1.5, method = "adam" } }))
END
check "mistakes in Lua" 0 "unknown setting 'on_run'" "" "$IPDLAM" run --no-history wrong.lua
is "mistakes in Lua are sentences" "$(grep -c "sweep:\|Did you mean 'delta'\|after = 1.5" "$out")" 2

check "a setting that no run uses" 0 "done" "^ipdlam sweep: warning: delta has no effect: adam does not use it$" \
    "$IPDLAM" sweep $small --method adam --delta 1
check "a setting that only some runs use" 0 "done" "" "$IPDLAM" sweep $small --method adam,ipdlam --delta 1
"$IPDLAM" sweep $small --iterations 1 --method ipdlam,adam --rho 0.1,0.2 --output both.csv > "$out" 2>&1
is "no two columns have one name" "$(head -n 1 both.csv | tr , '\n' | sort | uniq -d), $(head -n 1 both.csv | cut -d, -f4-6)" \
    ", swept_method,rho_init,status"

mkfifo unread
check "a FIFO that nobody reads is refused before training" 2 "" "^ipdlam sweep: unread: no program reads this FIFO. Start its reader first" \
    timeout 60 "$IPDLAM" sweep --train 300 --test 100 --layers 12 --iterations 1000000 --no-history --output unread

# After C-c the message says how to continue: the first run is done, the second is not.
mkfifo lines
env --default-signal=INT "$IPDLAM" sweep --train 300 --test 100 --layers 12 --iterations 1000000 --delta 1,0.5 --jsonl \
    --stop-when "delta == 1 and iteration > 1" --no-history --output c-c.csv > lines 2> stopped < /dev/null &
read -r line < lines
kill -INT $!
wait $!
is "C-c ends it as a signal does" $? 130
is "after the first run" "$(printf '%s' "$line" | cut -c 1-18)" '{"run": "delta=1",'
is "C-c prints how to continue" "$(cat stopped)" "ipdlam sweep: stopped by a signal. The same command continues from c-c.csv.state"
check "help" 0 "^Usage: ipdlam sweep" "" "$IPDLAM" sweep --help
done_testing
