#!/usr/bin/env bash
# `ipdlam train` and `ipdlam runs` from outside: outputs, exit codes, what is refused and how.
. "$TOP_SRCDIR/tests/cli/tap.sh"
small="--train 300 --test 100 --layers 20 --no-chart"
cd "$tmp" || exit 1

check "version" 0 "^ipdlam [0-9]" "" "$IPDLAM" --version
check "an unknown command" 2 "" "unknown command 'trian'. Did you mean 'train'" "$IPDLAM" trian
for command in train runs verify doctor; do
    check "$command --help" 0 "^Usage: ipdlam $command" "" "$IPDLAM" $command --help
done

refuse() { # NAME CODE SENTENCE OPTION...
    local name=$1 code=$2 sentence=$3
    shift 3
    check "$name" "$code" "" "^ipdlam train: .*$sentence" "$IPDLAM" train --no-history "$@"
    is "$name: one line" "$(wc -l < "$err")" 1
}
refuse "an unknown option" 2 "Did you mean '--rho-growth'" --rho-growht 2
refuse "an option in the Lua way" 2 "Did you mean '--rho-growth'" --rho_growth 2
refuse "a switch that is none" 2 "unknown option '--no-delta'" --no-delta
refuse "a word too much" 2 'unexpected argument "digits"' digits
refuse "an option without its value" 2 "needs a value: --train N" --train
refuse "a setting without its value" 2 "delta needs a value" --delta
refuse "a value out of range" 2 "delta = -1 is out of range" --delta -1
refuse "a value that no double holds" 2 "delta = 1e400 is out of range" --delta 1e400
refuse "a seed beyond 64 bits" 2 "seed = 18446744073709551616 is out of range" --seed 18446744073709551616
refuse "a value that is text" 2 "delta = 'big' is not a number" --delta big
refuse "half a sample" 2 "'1.5' is not a whole number" --batch 1.5
refuse "an unknown preset" 2 "Use default, ipdlam, paper" --preset worst
refuse "steps of rho out of order" 2 "iteration 3 does not come after iteration 5" --rho-schedule 5:1,3:2
refuse "steps of rho beyond its cap" 2 "50, from iteration 3 on, is larger than rho_max" --rho-schedule 3:50
refuse "anneal without a length" 2 "needs the run's length" --rho-schedule anneal --length 0
refuse "a function of rho" 2 "needs a function" --rho-schedule function
check "anneal ends with the iterations" 0 "" "" "$IPDLAM" train $small --no-history --iterations 4 --batch 0 --rho-schedule anneal --csv rho.csv --quiet
is "and they are four" "$(python3 -c 'import csv; print(*(round(2 / (1 - 0.99 * max(k / 4 - 0.3, 0) / 0.7) - 1 - float(r["rho"]), 9) + 0 for k, r in enumerate(csv.DictReader(open("rho.csv")))))')" "0.0 0.0 0.0 0.0"
check "steps of rho" 0 "" "" "$IPDLAM" train $small --no-history --iterations 4 --rho-schedule "1:2, 3:5" --csv rho.csv --quiet
is "steps of rho, in the CSV" "$(cut -d, -f3 rho.csv | tr '\n' ' ')" "rho 2 2 5 5 "
refuse "an order that lacks a block" 2 "block W2 is missing" --order "z2 z1 W1 a1" --layers 5
refuse "layers that are no widths" 2 "list of widths.*5,,3" --layers 5,,3
for layers in 0 -1 5,1000001 99999999999999999999; do
    refuse "layers of width $layers" 2 "width ${layers#5,} is out of range. Use 1 to 1000000" --layers $layers
done
refuse "forty layers" 2 "more than 31" --layers "$(printf '5,%.0s' {1..39})5"
refuse "no iterations" 2 "iterations must be a whole number from 1" --iterations 0
refuse "too many threads" 2 "threads" --threads 100000
refuse "an unknown data set" 2 "unknown data set 'mnits'. Did you mean 'mnist'" --data mnits
refuse "layers twice" 2 "init brings its own layers" --init x --layers 3
refuse "no weights there" 1 "nope.safetensors: cannot be read" --init nope.safetensors
touch none
refuse "a file for a folder of the CSV" 1 "none/out.csv: cannot be written: Not a directory" --csv none/out.csv
refuse "a file for a folder of the weights" 1 "none/w.safetensors: cannot be written" --save none/w.safetensors
refuse "more memory than there is" 1 "needs [0-9.]+ [GT]iB of memory, but only .* available: use " --batch 0 --layers 900000,900000
check "history twice" 2 "" "exclude each other" "$IPDLAM" train --history x --no-history

check "a plain run" 0 "iteration 2/2  .*train [0-9.]+%  test [0-9.]+%" "" "$IPDLAM" train $small --iterations 2
check "with charts" 0 "accuracy" "" "$IPDLAM" train --train 300 --layers 20 --iterations 2
check "in the C locale, in ASCII" 0 "phi" "" env LC_ALL=C "$IPDLAM" train --train 300 --layers 20 --iterations 2
is "in the C locale all output is ASCII" "$(LC_ALL=C grep -c '[^ -~]' "$out")" 0
check "quiet" 0 "" "" "$IPDLAM" train $small --iterations 1 --quiet
is "quiet says nothing" "$(wc -c < "$out")" 0
check "JSON, a line per record" 0 '^\{"iteration": 1, ' "" "$IPDLAM" train $small --iterations 2 --jsonl
is "JSON: a line a record" "$(wc -l < "$out")" 2
check "no hidden layer" 0 "network   784-10," "" "$IPDLAM" train --train 300 --layers none --no-chart --iterations 1
check "the preset first, wherever it stands" 0 "preset ipdlam: alpha 0.7.*delta 3" "" \
    "$IPDLAM" train $small --delta 3 --preset ipdlam --iterations 1
check "an audit" 0 "^the audit checked [0-9]+ blocks and found no error; .*residual is [0-9.e-]+ %" "" \
    "$IPDLAM" train $small --iterations 2 --audit --regularizer ridge
check "an audit in JSON" 0 '"audit_findings": 0(\.0)?, ' "" "$IPDLAM" train $small --iterations 1 --audit --preset dlam --json
check "no audit unless asked for" 0 '"audit_findings": null, ' "" "$IPDLAM" train $small --iterations 1 --json
check "divergence under audit is divergence" 3 "" "^ipdlam train: diverged at iteration [0-9]+" \
    "$IPDLAM" train $small --inertia 8 --iterations 200 --quiet --audit
check "divergence" 3 "" "^ipdlam train: diverged at iteration [0-9]+.*no weights are saved" \
    "$IPDLAM" train $small --inertia 8 --iterations 200 --csv diverged.csv --save diverged.st --quiet
for advice in "--inertia 8:Try less inertia or a larger delta." "--method sgd --lr 1e6:Try a smaller lr."; do
    check "advice by method: ${advice%:*}" 3 "" "diverged at .*${advice#*:}$" "$IPDLAM" train $small --no-history --quiet \
        --iterations 200 ${advice%:*}
done
is "a diverged run keeps the CSV" "$(head -c 9 diverged.csv)" iteration
is "a diverged run saves no weights" "$(ls diverged.st 2> /dev/null)" ""
is "a diverged run is diverged in the history" "$("$IPDLAM" runs list --limit 1 --json | grep -c '"status": "diverged at')" 1

# The same bits for any number of threads; only the columns of seconds differ.
timeless() { # a CSV without them
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) keep[i] = $i !~ /^seconds/ }
        { line = ""; for (i = 1; i <= NF; i++) if (keep[i]) line = line "," $i; print line }' "$1"
}
for order in nested_reverse increase; do
    for threads in 1 2 3; do
        "$IPDLAM" train $small --order $order --iterations 4 --threads $threads --csv $order-$threads.csv --quiet
        timeless $order-$threads.csv > $order-$threads
    done
    is "$order: 2 threads give the same as 1" "$(cmp $order-1 $order-2 && wc -l < $order-1)" 5
    is "$order: so do 3" "$(cmp $order-1 $order-3 && wc -l < $order-1)" 5
done
is "orders give different results in mini-batches" "$(cmp -s increase-1 nested_reverse-1; echo $?)" 1
for order in increase reverse; do
    "$IPDLAM" train $small --preset ipdlam --order $order --iterations 4 --csv $order.csv --quiet
    timeless $order.csv | cut -d, -f 1-20 > $order
done
is "increase and reverse agree in full batch" "$(diff increase reverse && wc -l < reverse)" 5

# The diagnostics per layer, after training and from the history.
few="--train 300 --test 100 --layers 20,15 --no-chart --iterations 3 --history $tmp/learned.db"
check "increase, one sweep a batch" 0 "^ +2 +15 +0\.00 % " "" \
    "$IPDLAM" train $few --preset paper --batch 100
is "the diagnostics name the layers that do not learn" "$(grep -A1 '^Layer' "$out" | tr '\n' ' ')" \
    "Layers 1-2 did not move: in mini-batches with increase order and one sweep, only the last layer learns. Use order = nested_reverse, or inner = 3. "
"$IPDLAM" runs show last --history "$tmp/learned.db" > shown
is "runs show has the same table" "$(diff <(grep -A3 '^layer' "$out") <(grep -A3 '^layer' shown) && grep -c '^Layers 1-2 did not move' shown)" 1
check "nested reverse" 0 "^layer +width +W moved +b moved +forward gap +condition$" "" "$IPDLAM" train $few
is "nothing to say" "$(grep -c 'did not move' "$out")" 0
check "accuracies at every second iteration" 0 "^2 iterations in .* test " "" "$IPDLAM" train $few --iterations 2 --metrics-every 2 --csv sparse.csv
is "the first record has none" "$(python3 -c 'import csv; r = list(csv.DictReader(open("sparse.csv"))); print(*[int(x["train_accuracy"] not in ("", "nan")) + int(x["test_accuracy"] not in ("", "nan")) for x in r])')" "0 2"
check "accuracies on some samples" 0 "" "" "$IPDLAM" train $few --iterations 2 --metrics-samples 50 --csv some.csv
is "the record says how many" "$(python3 -c 'import csv; print(*[r["metrics_samples"] for r in csv.DictReader(open("some.csv"))])')" "50 50"
is "training is the same" "$(python3 -c 'import csv; print(*[r["phi"] for r in csv.DictReader(open("some.csv"))])')" \
    "$("$IPDLAM" train $few --iterations 2 --csv all.csv > /dev/null; python3 -c 'import csv; print(*[r["phi"] for r in csv.DictReader(open("all.csv"))])')"
check "spectrum" 0 "^layer .* rank +condition$" "" "$IPDLAM" train $few --preset ipdlam --spectrum
check "an optimizer has no z" 0 "^layer +width +W moved +b moved$" "" "$IPDLAM" train $few --method adam

# The history says the same as the CSV.
"$IPDLAM" train $small --iterations 3 --csv last.csv --quiet --name "the last"
check "export" 0 "^iteration,seconds,rho" "" "$IPDLAM" runs export last
is "export is the CSV" "$(cmp "$out" last.csv && echo same)" same
check "export as JSON" 0 '^\{"iteration": 1' "" "$IPDLAM" runs export last --jsonl
check "show" 0 "the last: finished" "" "$IPDLAM" runs show last
check "list" 0 "digits .* finished" "" "$IPDLAM" runs
check "list at 80 columns" 0 "" "" "$IPDLAM" runs list --limit 2
is "a limit" "$(wc -l < "$out")" 3
check "no such run" 1 "" "run 999 not found" "$IPDLAM" runs show 999
check "not a run" 1 "" 'no run is named "first"' "$IPDLAM" runs show first
check "which run" 2 "" "name a run" "$IPDLAM" runs export
check "an unknown verb" 2 "" "unknown verb 'shwo'. Did you mean 'show'" "$IPDLAM" runs shwo 1
check "CSV and JSON" 2 "" "exclude" "$IPDLAM" runs export 1 --csv --json
check "both forms of JSON" 2 "" "json and --jsonl exclude each other" "$IPDLAM" runs list --json --jsonl
check "a missing database" 1 "" "no history of runs yet" "$IPDLAM" runs --history none.db
check "no runs yet" 0 "no runs yet" "" env XDG_DATA_HOME="$tmp/empty" "$IPDLAM" runs
mkdir not-a-file
check "a history that cannot be kept is a warning" 0 "iteration 1" "warning: .*not-a-file" \
    "$IPDLAM" train $small --iterations 1 --history not-a-file
if [ -c /dev/full ]; then
    check "a full disk ends the training" 1 "" "/dev/full: cannot be written: No space" \
        "$IPDLAM" train $small --iterations 1000000 --csv /dev/full --quiet
fi

# A signal: the block is completed, the requested files are written, and the shell sees the signal.
"$IPDLAM" train $small --iterations 1000000 --csv cut.csv --save cut.st > cut.out 2> cut.err < /dev/null &
pid=$!
deadline=$((SECONDS + 60))
until [ -f cut.csv ] && [ "$(wc -l < cut.csv)" -ge 3 ] || [ $SECONDS -gt $deadline ]; do :; done
kill -TERM $pid
wait $pid
is "SIGTERM: the exit code tells the shell" $? 143
is "SIGTERM: the message names the place" "$(grep -c 'stopped by a signal at iteration' cut.err)" 1
is "SIGTERM: the weights are saved" "$(ls cut.st)" cut.st
is "SIGTERM: the CSV has no partial line" "$(tail -c 1 cut.csv | od -An -c | tr -d ' ')" '\n'
check "the saved weights start a run" 0 "weights from cut.st" "" "$IPDLAM" train --train 300 --no-chart --init cut.st --iterations 1

check "doctor" 0 "^OpenBLAS .*kernel" "" "$IPDLAM" doctor
check "doctor in JSON" 0 '"openblas": .*"advice": \[' "" "$IPDLAM" doctor --json
check "doctor in JSON with an unknown terminal" 0 "TERM" "" env TERM=nonsense "$IPDLAM" doctor
# Settings without an effect.
warns() { # NAME SENTENCE OPTION...
    local name=$1 sentence=$2
    shift 2
    check "$name" 0 "" "^ipdlam train: warning: $sentence" "$IPDLAM" train --no-history --quiet --train 60 --test 20 \
        --layers 5 --iterations 1 "$@"
}
warns "a setting of another method" "delta has no effect: adam does not use it" --method adam --delta 5 --order increase --inner 7
is "each setting without effect is named" "$(cut -d ' ' -f 4 "$err" | xargs)" "delta order inner"
warns "a step size without gradients" "lr has no effect: ipdlam does not use it" --lr 0.1
warns "a weight without a penalty" "lambda has no effect without a regularizer" --lambda 0.1
check "settings that have one" 0 "" "" "$IPDLAM" train --no-history --quiet --train 60 --test 20 --layers 5 --iterations 1 \
    --regularizer ridge --lambda 0.1 --delta 0.5 --inertia 0.2 --batch 20 --inner 2 --no-shuffle --seed 3
check "weights to start from" 0 "" "" "$IPDLAM" train --no-history --quiet --train 60 --test 20 --layers 5 --iterations 1 \
    --save five.st
check "with given weights init_scale has no effect" 0 "" "warning: init_scale has no effect: the initial weights are given" "$IPDLAM" train \
    --no-history --quiet --train 60 --test 20 --iterations 1 --init five.st --init-scale 2 --activation relu
check "an activation that contradicts the weights" 2 "" "activation tanh contradicts five.st, whose network has relu" "$IPDLAM" train \
    --no-history --quiet --train 60 --test 20 --iterations 1 --init five.st --activation tanh
refuse "an eps that is lost in floats" 2 "eps = 1e-40 is out of range. Use 1.1755e-38 to 1e.06, or -1" $small --method adam --eps 1e-40
refuse "an eps of zero" 2 "eps = 0 is out of range" $small --method adagrad --eps 0
check "the least eps trains" 0 "" "" "$IPDLAM" train --no-history --quiet --train 60 --test 20 --layers 5 --iterations 1 \
    --method adamax --eps 1.1755e-38
refuse "one file for two outputs" 2 "csv and --save would write to the same place, same" $small --csv same --save same
: > same && ln -s same alias
refuse "one file for two outputs by another name" 2 "csv and --save would write to the same place" $small --csv same --save alias
refuse "two outputs on the standard output" 2 "csv and --json would write to the same place, standard output" $small --csv - --json

# Lasso and elastic net.
check "each layer's own penalty" 0 '"audit_findings": 0, .*"zeros": \[0\.[0-9]+, 0(\.0)?, [0-9.]+\]' "" \
    "$IPDLAM" train $small --layers 20,15 --iterations 2 --audit --json --regularizer lasso,ridge,elastic_net --lambda 1,1,1 --l1-ratio 0.9
check "a decay is below 1" 2 "" "beta2 = 1 is out of range. Use 0 to less than 1" "$IPDLAM" train $small --method adam --beta2 1
check "a ratio is at most 1" 2 "" "l1_ratio = 1.5 is out of range. Use 0 to 1" "$IPDLAM" train $small --l1-ratio 1.5
check "adam has no lasso" 2 "" "adam does not use regularizer. Set regularizer = none" \
    "$IPDLAM" train $small --method adam --regularizer lasso
cat > "$tmp/lasso.lua" << 'END'
local data = ip.dataset("digits", { train = 200, test = 20 })
local run = ip.run { data = data, net = { 784, 20, 15, 10 }, preset = "ipdlam" }
run:step()
assert(run:last().zeros[1] == 0)
run:set { regularizer = "elastic_net", lambda = 5, l1_ratio = 0.8 }
run:step()
assert(run:last().zeros[1] > 0.3 and run:last().sparse_residual[1] < 1e-9)
run:set { l1_ratio = 0 }
run:step()
assert(run:last().zeros[1] < 0.3)
END
check "a penalty changes while a run is on" 0 "" "" "$IPDLAM" run "$tmp/lasso.lua"

# Validation samples beside the test samples.
check "validation samples" 0 "200 training, 60 validation and 50 test samples" "" \
    "$IPDLAM" train --train 200 --validation 1% --test 50 --layers 8 --iterations 3 --name chosen --csv with.csv --save with.st
is "the last line has all three accuracies" "$(grep -Ec '^3 iterations .*train [0-9.]+%  validation [0-9.]+%  test [0-9.]+%' "$out")" 1
"$IPDLAM" train --train 200 --test 50 --layers 8 --iterations 3 --csv without.csv --save without.st --quiet
is "validation samples do not change the training" "$(cmp with.st without.st && echo same)" same
is "validation samples do not change the test accuracies" "$(python3 -c 'import csv; print([[r["test_accuracy"] for r in csv.DictReader(open(n))] for n in ("with.csv", "without.csv")])' |
    sed 's/^\[\(.*\), \1\]$/same/')" same
is "the CSV has a column of validation accuracies, empty without them" "$(python3 -c 'import csv
rows = [list(csv.DictReader(open(n))) for n in ("with.csv", "without.csv")]
print(all(0 < float(r["validation_accuracy"]) < 1 and float(r["validation_loss"]) > 0 for r in rows[0]), {r["validation_accuracy"] for r in rows[1]})')" "True {''}"
check "eval has the same number" 0 "\"accuracy\": $(python3 -c 'import csv; print(list(csv.DictReader(open("with.csv")))[-1]["validation_accuracy"])')," "" \
    "$IPDLAM" eval with.st --validation 60 --set validation --json
check "the history has the validation accuracy" 0 "best .* of the validation samples" "" "$IPDLAM" runs show chosen
check "the validation accuracy in conditions" 0 "chosen" "" "$IPDLAM" runs list --where 'validation = 60 and best_validation_accuracy > 0 and last.validation_loss > 0'
check "--validation with a text" 2 "" "validation must be a number of samples such as 5000" "$IPDLAM" train --validation some
check "--validation with too many samples" 2 "" "leaves none to train on" "$IPDLAM" train --validation 6000
check "eval on validation samples without any" 2 "" "Hold some out with --validation N" "$IPDLAM" eval with.st --set validation
done_testing
