#!/usr/bin/env bash
# The solver against every reference case, and `ipdlam verify` against wrong and hostile ones.
cases=$TOP_SRCDIR/tests/solver/golden
. "$TOP_SRCDIR/tests/cli/tap.sh"

for file in "$cases"/*.json; do
    check "$(basename "$file" .json) within 1e-4" 0 "1 of 1 within" "" "$IPDLAM" verify "$file"
done
optimizers=$TOP_SRCDIR/tests/solver/golden_optim
for file in "$optimizers"/*.json; do
    check "$(basename "$file" .json) within 1e-4" 0 "1 of 1 within" "" "$IPDLAM" verify "$file"
done
check "all of them at once, as JSON" 0 '"passed": true' "" "$IPDLAM" verify --jsonl "$cases"/*.json
is "one line a file" "$(wc -l < "$out")" "$(ls "$cases"/*.json | wc -l)"

# One digit of one expected value, deep in the state, is noticed and named.
edit() { /usr/bin/env python3 - "$TOP_SRCDIR/tests/solver/$1.json" "$2" > "$tmp/case.json" << 'END'
import json, sys
case = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(case, sys.stdout)
END
}
if ! command -v python3 > /dev/null; then
    skip "no python3 to write wrong cases with"
else
    edit golden/nested_reverse 'case["expected"][3]["state"]["z"][1][2][5] += 0.01'
    check "a wrong z is found" 1 "FAIL.*iteration 4, z2 row 3 column 6" "" "$IPDLAM" verify "$tmp/case.json"
    edit golden/increase 'case["expected"][4]["xi"] *= 1.001'
    check "a wrong xi is found" 1 "iteration 5, xi" "" "$IPDLAM" verify "$tmp/case.json"
    check "but not with a wide tolerance" 0 "^ok" "" "$IPDLAM" verify --tolerance=0.01 "$tmp/case.json"
    edit golden/live_changes 'case["settings"]["changes"][0]["set"]["delta"] = 0.4'
    check "a change with another value is found" 1 "iteration 2" "" "$IPDLAM" verify "$tmp/case.json"

    refuse() { # NAME EDIT SENTENCE
        edit "${4-golden/increase}" "$2"
        check "$1" 1 "0 of 1" "ipdlam verify: $tmp/case.json: .*$3" "$IPDLAM" verify "$tmp/case.json"
        is "$1: one line" "$(wc -l < "$err")" 1
    }
    refuse "no settings" 'del case["settings"]' "no settings"
    refuse "an unknown activation" 'case["settings"]["activation"] = "gelu"' 'unknown activation "gelu"'
    refuse "an unknown loss" 'case["settings"]["loss"] = "l7"' 'unknown loss "l7"'
    refuse "a negative batch" 'case["settings"]["batch"] = -1' "batch"
    refuse "no delta" 'del case["settings"]["delta"]' "delta is missing"
    refuse "a delta that is text" 'case["settings"]["delta"] = "1"' "delta is not a number"
    refuse "an order of unknown blocks" 'case["settings"]["order"] = ["z1", "q2"]' "block"
    refuse "an order that lacks blocks" 'case["settings"]["order"] = ["z1", "z2"]' "is missing"
    refuse "ragged rows" 'case["X"][1].pop()' "X: row 2"
    refuse "X that is text" 'case["X"] = "X"' "X is not"
    refuse "a value that is null" 'case["Y"][0][3] = None' "Y: row 1, column 4"
    refuse "a value beyond float" 'case["X"][0][0] = 1e300' "X: row 1, column 1"
    refuse "a loss that needs labels" 'del case["labels"]' "labels are missing, which the loss cross_entropy needs" golden/cross_entropy
    edit golden/values_regression_ipdlam 'case["expected"][2]["train_accuracy"] += 0.001'
    check "a wrong R2 is found" 1 "iteration 3, train_accuracy" "" "$IPDLAM" verify "$tmp/case.json"
    edit golden/values_regression_ipdlam 'case["expected"][2]["train_rmse"] *= 1.001'
    check "a wrong RMSE is found" 1 "iteration 3, train_rmse" "" "$IPDLAM" verify "$tmp/case.json"
    refuse "too few labels" 'case["labels"].pop()' "labels"
    refuse "a label out of range" 'case["labels"][2] = 3' "labels: number 3"
    refuse "W that does not chain" 'case["W"][1][0].append(1); case["W"][1][1].append(1); case["W"][1][2].append(1)' "W2"
    refuse "no W" 'case["W"] = []' "W and b"
    refuse "100 layers" 'case["W"] = case["W"][:1] * 100; case["b"] = case["b"][:1] * 100' "layers"
    refuse "a bias too long" 'case["b"][0].append(1)' "b1"
    refuse "too few records" 'case["expected"].pop()' "expected"
    refuse "an unknown value" 'case["expected"][0]["psi"] = 1' "psi"
    refuse "an unknown variable" 'case["expected"][0]["state"]["q"] = []' '"q"'
    refuse "a state that lacks a layer" 'case["expected"][1]["state"]["z"].pop()' "z of iteration 2"
    refuse "a state that lacks a row" 'case["expected"][1]["state"]["z"][0].pop()' "z1 of iteration 2"
    refuse "a change that is never reached" 'case["settings"]["changes"] = [{"iteration": 9, "before": "W1", "set": {}}]' "change 1"
    refuse "a change of what is fixed" 'case["settings"]["changes"] = [{"iteration": 2, "before": "W1", "set": {"loss": "hinge"}}]' "cannot be changed"
    refuse "300 outputs" 'case["Y"] = case["Y"] * 100; case["W"][-1] = case["W"][-1] * 100; case["b"][-1] = case["b"][-1] * 100' "3 rows, not 300"
    refuse "an unknown method" 'case["settings"]["method"] = "newton"' 'unknown method "newton"'
    refuse "a method that is a number" 'case["settings"]["method"] = 3' 'unknown method ""'

    edit golden/relaxed_am_damping_by_layer 'case["settings"]["damping"][1] = 0.71'
    check "another damping of one layer is found" 1 "FAIL.* iteration 4, W2" "" "$IPDLAM" verify "$tmp/case.json"
    damped() { refuse "$1" "$2" "$3" golden/relaxed_am_damping_by_layer; }
    damped "too few dampings" 'case["settings"]["damping"].pop()' "damping is not a list of 4 numbers"
    damped "a damping that is text" 'case["settings"]["damping"][2] = "1"' "damping is not a number, a list of numbers or auto"
    damped "a damping by no rule" 'case["settings"]["damping"] = "aut"' "damping = 'aut' is not a number, nor auto"
    damped "one damping without the last" 'case["settings"]["damping"] = 2' "damping_last is missing"

    edit golden_optim/adam 'case["expected"][6]["state"]["W"][1][2][1] += 0.01'
    check "a wrong W of an optimizer is found" 1 "FAIL.*iteration 2, batch 3, W2 row 3 column 2" "" "$IPDLAM" verify "$tmp/case.json"
    edit golden_optim/sgd 'case["expected"][5]["batch_loss"] += 0.01'
    check "a wrong loss of a mini-batch is found" 1 "iteration 2, batch 2, batch_loss" "" "$IPDLAM" verify "$tmp/case.json"
    wrong() { refuse "$1" "$2" "$3" golden_optim/adam; }
    wrong "a beta of 1" 'case["settings"]["beta2"] = 1' "beta2 = 1 is out of range"
    wrong "a step size that is text" 'case["settings"]["lr"] = "0.1"' "lr is not a number"
    wrong "a negative step size" 'case["settings"]["lr"] = -1' "lr = -1 is out of range"
    wrong "no epochs" 'del case["settings"]["epochs"]' "epochs"
    wrong "a nesterov that is a number" 'case["settings"]["nesterov"] = 1' "nesterov"
    wrong "too few mini-batches" 'case["expected"].pop()' "one per mini-batch"
    wrong "mini-batches out of order" 'case["expected"].reverse()' "epoch 1, batch 1"
    wrong "a loss that is text" 'case["expected"][2]["batch_loss"] = ""' "batch_loss of epoch 1, batch 3"
    wrong "a z" 'case["expected"][2]["state"]["z"] = []' "not one of W, b"
    refuse "a penalty of zero" 'case["settings"]["rho0"] = 0' "rho"
fi
printf '{"settings": ' > "$tmp/case.json"
check "truncated JSON" 1 "" "is not JSON" "$IPDLAM" verify "$tmp/case.json"
head -c 100000 /dev/zero | tr '\0' '[' > "$tmp/case.json"
check "JSON a hundred thousand deep" 1 "" "is not JSON" "$IPDLAM" verify "$tmp/case.json"
head -c 4096 /dev/urandom > "$tmp/case.json"
check "noise" 1 "" "is not (JSON|a text file)" "$IPDLAM" verify "$tmp/case.json"
check "no file" 1 "" "cannot be read: No such file" "$IPDLAM" verify "$tmp/missing.json"
check "a folder" 1 "" "is a folder" "$IPDLAM" verify "$tmp"
check "no files named" 2 "" "name the files" "$IPDLAM" verify
check "an unknown option" 2 "" "Did you mean '--tolerance'" "$IPDLAM" verify --tolerence 1 x
check "a tolerance that is no number" 2 "" "tolerance" "$IPDLAM" verify --tolerance=tight x
check "help" 0 "Usage: ipdlam verify" "" "$IPDLAM" verify --help
done_testing
