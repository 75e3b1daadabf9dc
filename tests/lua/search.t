#!/usr/bin/env bash
# ipdlam sweep as a search: selection on validation samples, test accuracies of the chosen setting alone.
. "$TOP_SRCDIR/tests/cli/tap.sh"
export LC_ALL=C.UTF-8
cd "$tmp" || exit 1

table() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") at = i } { $at = ""; print }' "$1"; }
# The runs of a CSV file that have test accuracies.
tested() {
    python3 -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
print(*sorted({r["run"] for r in rows if r["test_accuracy"]}), len(rows))' "$1"
}
small="--train 300 --test 100 --layers 12 --iterations 3 --no-history"
held="--validation 200"

# Selection.
check "validation samples choose" 0 "^chosen by validation accuracy: inertia=0.7, validation [0-9.]+%, test [0-9.]+%$" "" \
    "$IPDLAM" sweep $small $held --inertia 0.1,0.7,0.4 --seeds 1,2,3 --output held.csv
is "the lines show no test accuracy" "$(grep -c test "$out")" 1
is "medians, ranges, differences" "$(sed -n 's/^run  .*iter/iter/p' "$out" | tr -s ' ')" \
    "iter phi/N train IQR validation IQR vs best validation"
is "as they are" "$(grep '^inertia=0.[14]' "$out" | tr -s ' ' | cut -d' ' -f6-8)" "$(python3 -c 'import csv, statistics
rows = [r for r in csv.DictReader(open("held.csv")) if r["iteration"] == "3"]
of = {i: [float(r["validation_accuracy"]) for r in rows if r["inertia"] == i] for i in ("0.1", "0.4", "0.7")}
for i in ("0.1", "0.4"):
    a = sorted(of[i])
    apart = statistics.median(x - y for x, y in zip(of[i], of["0.7"]))
    print("%.2f%% %.2f %+.2f" % (100 * a[1], 100 * ((a[1] + a[2]) / 2 - (a[0] + a[1]) / 2), 100 * apart))')"
is "the CSV file has test accuracies of the chosen setting" "$(tested held.csv)" "inertia=0.7 27"
check "JSON, too" 0 "^\['inertia=0.7'\]$" "" python3 -c 'import json, subprocess, sys
s = json.loads(subprocess.run([sys.argv[1], "sweep", "--output", "held.csv", "--show", "--json"], capture_output=True).stdout)
print(sorted({r["run"] for r in s["runs"] for m in r["records"] if m["test_accuracy"] is not None}))' "$IPDLAM"
check "all of them on demand" 0 " validation +IQR +test +IQR " "" "$IPDLAM" sweep --output held.csv --show --show-test
"$IPDLAM" sweep $small $held --inertia 0.1,0.7,0.4 --seeds 1,2,3 --output held.csv --show-test > "$out"
is "also in the file, without training again" "$(head -n 1 "$out") $(tested held.csv)" \
    "9 of 9 runs are done already: held.csv.state inertia=0.1 inertia=0.4 inertia=0.7 27"
"$IPDLAM" sweep $small $held --inertia 0.1,0.7 --stop-when 'validation_loss > 0' --jsonl > "$out"
is "a line per run has the validation accuracy" "$(python3 -c 'import json, sys
runs = [json.loads(line) for line in sys.stdin]
print(len(runs), all(r["records"][0]["validation_accuracy"] > 0 for r in runs), runs[0]["records"][0]["test_accuracy"])' < "$out")" "2 True None"
check "without validation samples the test accuracy chooses, and says so" 0 \
    "^chosen by test accuracy: inertia=0.[1-7], test [0-9.]+%$" "" "$IPDLAM" sweep $small --inertia 0.1,0.7
check "each data set chooses" 0 "^chosen by validation accuracy on seven: seven inertia=0.[1-7], " "" sh -c "
    mkdir seven && python3 -c '
import gzip, struct
for part, n in ((\"train\", 600), (\"t10k\", 100)):
    open(\"seven/%s-images-idx3-ubyte\" % part, \"wb\").write(struct.pack(\">4I\", 2051, n, 4, 4) + bytes((i * 37 + i // 16 * 11) % 256 for i in range(16 * n)))
    open(\"seven/%s-labels-idx1-ubyte\" % part, \"wb\").write(struct.pack(\">2I\", 2049, n) + bytes(i % 3 for i in range(n)))
' && '$IPDLAM' sweep $small $held --data digits,seven --inertia 0.1,0.7"
is "by itself" "$(grep -c '^chosen by validation accuracy on digits: digits inertia' "$out")" 1
check "a run that diverges is not chosen" 0 "^chosen by validation accuracy: inertia=0.1, " "" \
    "$IPDLAM" sweep $small $held --batch 16 --inertia 20,0.1
cat > best.lua <<'END'
local s = ip.sweep { data = { name = "digits", train = 300, validation = 200, test = 100 }, hidden = { 12 }, iterations = 3,
  seeds = { 1, 2, 3 }, grid = { inertia = { 0.1, 0.4, 0.7 } }, quiet = true }
local best, rows = s:best(), s:last("validation_accuracy")
print(best.name, best.field, best.value == rows[3].median, best.test > 0, #best.runs, s:best("digits").name, s:best("mnist"))
print(rows[3].difference == 0, rows[1].difference < 0, rows[1].low <= rows[1].median and rows[1].median <= rows[1].high)
END
check "Lua: the chosen setting" 0 $'^inertia=0.7\tvalidation_accuracy\ttrue\ttrue\t3\tinertia=0.7\tnil$' "" "$IPDLAM" run --no-history best.lua
is "quartiles and differences" "$(tail -n 1 "$out")" $'true\ttrue\ttrue'
done_testing
