#!/usr/bin/env bash
# ipdlam sweep as a search: selection on validation samples, test accuracies of the chosen setting alone; random settings;
# successive halving.
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
    "iter phi/N train IQR validation IQR vs best course"
is "the medians are those of the runs" "$(grep '^inertia=0.[14]' "$out" | tr -s ' ' | cut -d' ' -f6-8)" "$(python3 -c 'import csv, statistics
rows = [r for r in csv.DictReader(open("held.csv")) if r["iteration"] == "3"]
of = {i: [float(r["validation_accuracy"]) for r in rows if r["inertia"] == i] for i in ("0.1", "0.4", "0.7")}
for i in ("0.1", "0.4"):
    a = sorted(of[i])
    apart = statistics.median(x - y for x, y in zip(of[i], of["0.7"]))
    print("%.2f%% %.2f %+.2f" % (100 * a[1], 100 * ((a[1] + a[2]) / 2 - (a[0] + a[1]) / 2), 100 * apart))')"
is "the CSV file has test accuracies of the chosen setting" "$(tested held.csv)" "inertia=0.7 27"
check "JSON has test accuracies of the chosen setting alone" 0 "^\['inertia=0.7'\]$" "" python3 -c 'import json, subprocess, sys
s = json.loads(subprocess.run([sys.argv[1], "sweep", "--output", "held.csv", "--show", "--json"], capture_output=True).stdout)
print(sorted({r["run"] for r in s["runs"] for m in r["records"] if m["test_accuracy"] is not None}))' "$IPDLAM"
check "--show-test shows all test accuracies" 0 " validation +IQR +test +IQR " "" "$IPDLAM" sweep --output held.csv --show --show-test
"$IPDLAM" sweep $small $held --inertia 0.1,0.7,0.4 --seeds 1,2,3 --output held.csv --show-test > "$out"
is "--show-test writes them to the file without training again" "$(head -n 1 "$out") $(tested held.csv)" \
    "9 of 9 runs are done already: held.csv.state inertia=0.1 inertia=0.4 inertia=0.7 27"
"$IPDLAM" sweep $small $held --inertia 0.1,0.7 --stop-when 'validation_loss > 0' --jsonl > "$out"
is "a line per run has the validation accuracy" "$(python3 -c 'import json, sys
runs = [json.loads(line) for line in sys.stdin]
print(len(runs), all(r["records"][0]["validation_accuracy"] > 0 for r in runs), runs[0]["records"][0]["test_accuracy"])' < "$out")" "2 True None"
check "without validation samples the test accuracy chooses, and says so" 0 \
    "^chosen by test accuracy: inertia=0.[1-7], test [0-9.]+%$" "" "$IPDLAM" sweep $small --inertia 0.1,0.7
check "each data set has its chosen setting" 0 "^chosen by validation accuracy on seven: seven inertia=0.[1-7], " "" sh -c "
    mkdir seven && python3 -c '
import gzip, struct
for part, n in ((\"train\", 600), (\"t10k\", 100)):
    open(\"seven/%s-images-idx3-ubyte\" % part, \"wb\").write(struct.pack(\">4I\", 2051, n, 4, 4) + bytes((i * 37 + i // 16 * 11) % 256 for i in range(16 * n)))
    open(\"seven/%s-labels-idx1-ubyte\" % part, \"wb\").write(struct.pack(\">2I\", 2049, n) + bytes(i % 3 for i in range(n)))
' && '$IPDLAM' sweep $small $held --data digits,seven --inertia 0.1,0.7"
is "each data set chooses by its own accuracies" "$(grep -c '^chosen by validation accuracy on digits: digits inertia' "$out")" 1
check "a run that diverges is not chosen" 0 "^chosen by validation accuracy: inertia=0.1, " "" \
    "$IPDLAM" sweep $small $held --batch 16 --inertia 20,0.1
cat > best.lua <<'END'
local s = ip.sweep { data = { name = "digits", train = 300, validation = 200, test = 100 }, layers = { 12 }, iterations = 3,
  seeds = { 1, 2, 3 }, grid = { inertia = { 0.1, 0.4, 0.7 } }, quiet = true }
local best, rows = s:best(), s:last("validation_accuracy")
print(best.name, best.field, best.value == rows[3].median, best.test > 0, #best.runs, s:best("digits").name, s:best("mnist"))
print(rows[3].difference == 0, rows[1].difference < 0, rows[1].low <= rows[1].median and rows[1].median <= rows[1].high)
END
check "Lua: the chosen setting" 0 $'^inertia=0.7\tvalidation_accuracy\ttrue\ttrue\t3\tinertia=0.7\tnil$' "" "$IPDLAM" run --no-history best.lua
is "quartiles and differences" "$(tail -n 1 "$out")" $'true\ttrue\ttrue'
cat > opened.lua <<'END'
local function sweep(options)
  return ip.sweep { data = ip.dataset("digits", options), layers = { 12 }, iterations = 1, quiet = true, output = "opened.csv" }
end
sweep { train = 300, validation = 200, test = 100 }
print(sweep { train = 300, validation = 200, test = 100 }.found)
print(select(2, pcall(sweep, { train = 300, test = 100 })))
END
check "opened data with other validation samples are other data" 0 "is the state of a sweep with other options" "" \
    "$IPDLAM" run --no-history opened.lua
is "opened data with the same samples are the same data" "$(head -n 1 "$out")" 1

# Random settings.
space="--random 12 --seed 3 --method adam --lr log:1e-4..1e-1 --batch 32|64|128 --beta1 0.8..0.95 --layers 12|8,8|none"
quick="--train 300 --test 100 --iterations 1 --no-history"
check "random settings" 0 "^chosen by validation accuracy: layers=" "" "$IPDLAM" sweep $quick $held $space --seeds 1..2 --output random.csv
is "random values are within their ranges, have three digits, and are stored so" "$(python3 -c 'import csv, re
rows = list(csv.DictReader(open("random.csv")))
plan = [dict(cell.split("=", 1) for cell in line.rstrip("\n").split("\t")[6:]) for line in open("random.csv.state") if line.startswith("plan")]
few = re.compile(r"0*\.?0*[1-9]?\.?[0-9]?\.?[0-9]?0*$")
print(len(rows), len(plan), len({r["run"] for r in rows}), {r["seed"] for r in rows} == {"1", "2"},
      all(1e-4 <= float(r["lr"]) <= 1e-1 and few.match(r["lr"]) for r in rows),
      all(0.8 <= float(r["beta1"]) <= 0.95 and few.match(r["beta1"]) for r in rows),
      {r["batch"] for r in rows} == {"32", "64", "128"}, {r["layers"] for r in rows} == {"12", "8 8", ""},
      all(r[k] == p[k] for r, p in zip(rows, plan) for k in p))')" "24 24 12 True True True True True True"
is "random values cover all decades of a logarithmic range" "$(cut -d, -f5 random.csv | awk 'NR > 1 { n[int(log($1) / log(10) - 1)]++ } END { print length(n) }')" 3
"$IPDLAM" sweep $quick $held $space --seeds 1..2 --output again.csv > /dev/null
is "the same seed draws the same" "$(table again.csv)" "$(table random.csv)"
"$IPDLAM" sweep $quick $held ${space/--seed 3/--seed 4} --output other.csv > /dev/null
is "another seed draws others" "$(cut -d, -f1 other.csv random.csv | sort | uniq -c | awk '$1 > 2 && !/run$/' | wc -l)" 0
check "more random settings continue from the finished runs" 0 "^24 of 30 runs are done already" "" \
    "$IPDLAM" sweep $quick $held ${space/random 12/random 15} --seeds 1..2 --output again.csv
cat > random.lua <<'END'
local s = ip.sweep { data = { name = "digits", train = 300, validation = 200, test = 100 }, iterations = 1, quiet = true,
  random = 12, seed = 3, seeds = "1..2", method = "adam",
  grid = { lr = "log:1e-4..1e-1", batch = { 32, 64, 128 }, beta1 = "0.8..0.95", layers = { { 12 }, { 8, 8 }, {} } } }
local names = {}
for _, run in ipairs(s.runs) do
  names[run.settings.lr .. " " .. run.settings.beta1 .. " " .. run.settings.batch .. " " .. #run.layers] = true
end
for line in io.lines("random.csv") do
  local hidden, lr, batch, beta1 = line:match("^[^,]*,digits,%d+,([^,]*),([^,]*),([^,]*),([^,]*)")
  if hidden then
    names[lr .. " " .. beta1 .. " " .. batch .. " " .. #hidden:gsub("%d+", "1"):gsub(" ", "")] = nil
  end
end
print(#s.runs, next(names))
END
check "Lua draws the same" 0 $'^24\tnil$' "" "$IPDLAM" run --no-history random.lua
check "more random settings than combinations are refused" 2 "" "^ipdlam sweep: random = 20: the values have no more than about 4 combinations" \
    "$IPDLAM" sweep $quick --random 20 --batch 10..13
"$IPDLAM" sweep $quick --random 4 --batch 10..13 --output whole.csv > /dev/null
is "random whole numbers include both ends" "$(cut -d, -f4 whole.csv | sort | tr '\n' ' ')" "10 11 12 13 batch "
"$IPDLAM" sweep $quick --seeds 1..3,7 --output seeds.csv > /dev/null
is "a range of seeds" "$(cut -d, -f3 seeds.csv | tr '\n' ' ')" "seed 1 2 3 7 "
refuse() { check "$1" 2 "" "^ipdlam sweep: $2" "$IPDLAM" sweep $quick "${@:3}"; }
refuse "a range without a draw" "lr = 1..2 is a range. Give random = N \(--random N\)" --method adam --lr 1..2
refuse "nothing to draw from" "random needs settings to draw from" --random 3
refuse "a range that falls" "lr: 2..1 does not rise" --random 3 --lr 2..1
refuse "a logarithm of 0" "lr: log:0..1 starts at 0 or below" --random 3 --lr log:0..1
refuse "a range of whole numbers" "batch: 1.5..3 must go from a whole number" --random 3 --batch 1.5..3
refuse "a range beyond the setting's" "beta1: 0.5..7 is outside 0 to " --random 3 --beta1 0.5..7
refuse "words" "lr: a..b is not a range" --random 3 --lr a..b
refuse "a range of names" "order is not a number" --random 3 --order 1..2
refuse "a range in a list" "lr: 1..2,4 is not a range" --random 3 --lr 1..2,4
refuse "two ranges" "--lr has a range and other values" --random 3 --lr 1..2 --lr 4
refuse "a factor of one" "--halving-factor must be a whole number from 2" --halving-factor 1
refuse "a first comparison after the end" "halving: first = 5 is more than the 1 iterations" --halving-first 5
refuse "nothing measured" "halving compares accuracies after iteration 1, but metrics_every = 5" --halving --metrics-every 5
refuse "a seed of nothing" "--seed is the seed of --random" --seed 3
refuse "seeds that fall" "--seeds must be a list of whole numbers such as 1,2,3 or 1..5" --seeds 3..1

# Schedules have the length of each run, as in `ipdlam train`.
column() { awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR > 1 { printf "%.7g ", $at }' "$1"; }
for schedule in --delta=cosine:1..0.1 --schedule=delta=1:0.3,2:0.1 --rho=linear:1..2 --rho-schedule=1:2,3:1 --preset=accurate; do
    "$IPDLAM" train $small $schedule --csv train.csv --quiet
    "$IPDLAM" sweep $small $schedule --output schedule.csv > /dev/null 2> "$err"
    is "$schedule in a sweep" "$(column schedule.csv forward_loss)$(cat "$err")" "$(column train.csv forward_loss)"
    rm -f schedule.csv*
done
check "a list of schedules" 0 "^delta=0.3 .*done" "" "$IPDLAM" sweep $small --delta cosine:1..0.1,0.3
check "a grid of them" 0 "^schedule=delta=1:0.3,2:0.1 .*done" "" "$IPDLAM" sweep $small --schedule 'none|delta=1:0.3,2:0.1'

# Successive halving: a search of 40 settings, whole and killed.
cat > halving.lua <<'END'
local seen, when = 0, tonumber(arg[1])
local s = ip.sweep { data = { name = "digits", train = 300, validation = 200, test = 100 }, iterations = 12, quiet = true,
  random = tonumber(arg[3] or 40), seed = 1, halving = true, method = "adam", output = arg[2],
  grid = { lr = "log:1e-4..10", batch = { 32, 64, 128 }, layers = { { 12 }, { 8, 8 }, {} } },
  stop_when = function()
    seen = seen + 1
    if seen == when then os.execute("kill -KILL $PPID") end
    return false
  end }
print(s.finished, #s.runs, s)
END
search() { "$IPDLAM" run --no-history halving.lua "$@"; }
search 0 halved.csv > halved.txt
is "a search with halving" "$(head -n 1 halved.txt | cut -c 1-8) $(grep -c 'dropped after' halved.txt) $(grep -c '^chosen by validation' halved.txt)" \
    $'true\t40\t 36 1'
is "halving lets a third of the settings continue each time" "$(tail -n +2 halved.txt | grep -o 'dropped after [0-9]*' | sort | uniq -c | tr -s ' \n' ' ')" \
    " 27 dropped after 2 9 dropped after 4 "
is "halving lets the best settings continue" "$(python3 -c 'import csv
rows = list(csv.DictReader(open("halved.csv")))
value = lambda run, k: [float(r["validation_accuracy"]) for r in rows if r["run"] == run and int(r["iteration"]) <= k][-1]
runs = list(dict.fromkeys(r["run"] for r in rows))
end = {r["run"]: int(r["iteration"]) for r in rows}
on = [run for run in runs if end[run] > 2]
last = [run for run in on if end[run] > 4]
print(min(value(r, 2) for r in on) >= max(value(r, 2) for r in runs if r not in on),
      min(value(r, 4) for r in last) >= max(value(r, 4) for r in on if r not in last))')" "True True"
is "halving shows the test accuracy of the chosen setting alone" "$(python3 -c 'import csv
print(len({r["run"] for r in csv.DictReader(open("halved.csv")) if r["test_accuracy"]}))') $(grep -c ', test ' halved.txt)" "1 1"
for when in 1 37 80 81 110 133; do
    rm -f killed.csv*
    search $when killed.csv > killed.txt 2>&1
    is "killed in step $when" $? 137
    search 0 killed.csv > killed.txt
    is "a killed search continues to the same table" "$(cat killed.txt; table killed.csv)" "$(cat halved.txt; table halved.csv)"
    is "--show prints the same table from the state" "$("$IPDLAM" sweep --output killed.csv --show)" "$("$IPDLAM" sweep --output halved.csv --show)"
done
search 60 killed.csv > /dev/null 2>&1
rm killed.csv*
for when in 9 30 30 30 30 30 0; do search $when killed.csv > killed.txt 2>&1; done
is "a search that is killed many times has the same table" "$(cat killed.txt; table killed.csv)" "$(cat halved.txt; table halved.csv)"
search 0 more.csv 30 > /dev/null
search 0 more.csv > more.txt
is "a search that grows chooses like one that was large from the start" "$(cat more.txt; table more.csv)" "$(cat halved.txt; table halved.csv)"
check "nothing is left to do" 0 "^9 of 9 runs are done already|^chosen" "" sh -c "
    for i in 1 2; do '$IPDLAM' sweep $quick $held --random 9 --batch 20..200 --iterations 9 --halving --output twice.csv; done"
is "on the command line" "$(grep -c '^[0-9]*/9 ' "$out") $(tail -n 10 "$out" | grep -c 'dropped after')" "13 8"
check "with another factor and first comparison" 0 " 4 .*dropped after 4" "" \
    "$IPDLAM" sweep $quick $held --random 6 --batch 20..200 --iterations 9 --halving-factor 2 --halving-first 2
is "halving by factor 2 lets half of the settings continue" "$(grep -o ' dropped after [0-9]*' "$out" | sort | uniq -c | tr -s ' \n' ' ')" " 3 dropped after 2 2 dropped after 4 "
check "an output belongs to one halving" 2 "" "is the state of a sweep with other options" \
    "$IPDLAM" sweep $quick $held --random 9 --batch 20..200 --iterations 9 --halving-first 2 --output twice.csv
"$IPDLAM" sweep $quick $held --random 9 --batch 20..200 --iterations 9 --halving --seeds 1,2 --jsonl > "$out"
is "a line for each run" "$(python3 -c 'import json, sys
runs = [json.loads(line) for line in sys.stdin]
print(len(runs), len({(r["run"], r["seed"]) for r in runs}), sum(r["status"] == "done" for r in runs))' < "$out")" "18 18 2"

# Runs side by side.
jobs="--random 5 --batch 20..200 --iterations 9 --halving --seeds 1,2 --threads 2"
"$IPDLAM" sweep $quick $held $jobs --output one.csv > one.txt
check "two runs at a time" 0 "^chosen by validation" "" "$IPDLAM" sweep $quick $held $jobs --jobs 2 --output two.csv
is "the same table" "$(sed -n '/^run /,$p' "$out"; table two.csv)" "$(sed -n '/^run /,$p' one.txt; table one.csv)"
is "runs trained two at a time are each in the state" "$(grep '^run' two.csv.state | sort)" "$(grep '^run' one.csv.state | sort)"
sed -i 's/halving = true,/& jobs = 2,/' halving.lua
for when in 9 20 20 30 30 0; do search $when side.csv > side.txt 2>&1; done
is "a killed search of two runs at a time continues to the same table" "$(cat side.txt; table side.csv)" "$(cat halved.txt; table halved.csv)"
cat > methods.lua <<'END'
local function all(jobs)
  return ip.sweep { data = { name = "digits", train = 300, validation = 200, test = 100 }, layers = { 12 }, quiet = true, jobs = jobs,
    iterations = 4, batch = 16, stop_when = "iteration > 2 and validation_accuracy < 0.3", runs = { { label = "adam", method = "adam", lr = 0.01 },
      { label = "wild", inertia = 20 }, { label = "warm", switch = { after = 2, method = "adam", lr = 0.01 } },
      { label = "slow", method = "sgd", lr = 1e-6 } } }
end
ip.threads(3)
local one, three = tostring(all(1)), tostring(all(3))
print(one == three)
print(one)
print(all(3).finished, pcall(all, 4))
END
check "methods, a switch, a rule and a divergence side by side" 0 "^true$" "" "$IPDLAM" run --no-history methods.lua
is "runs side by side end like runs one after the other" "$(grep -c 'done$\|diverged at\|ended by stop_when' "$out")" 4
is "more jobs than threads are refused" "$(tail -n 1 "$out" | cut -f 3)" "jobs = 4. Give a whole number from 1 to the number of threads, 3"
done_testing
