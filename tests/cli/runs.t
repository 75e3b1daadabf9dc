#!/usr/bin/env bash
# `ipdlam runs`: conditions, orders, tables, comparisons, what is added and taken away, two programs at once,
# and histories that are not as they should be.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
runs="$IPDLAM runs"
train="$IPDLAM train --layers 10 --train 200 --test 50 --iterations 4 --quiet"

ids() { $runs list --jsonl "$@" 2>&1 | grep -o '^{"id": [0-9]*' | grep -o '[0-9]*' | tr '\n' ' '; } # of the runs, in order

$train --name base
$train --name "half delta" --delta 0.5
$train --name lr-a --method adam --seed 7
$train --name lr-b --method sgd --seed 8
check "a tag" 0 "^run 2: good,small" "" $runs tag half small good
check "a note" 0 "" "" $runs note lr-a takes its time
check "a note is shown" 0 "^takes its time" "" $runs note lr-a
is "the list has all runs, newest first" "$(ids)" "4 3 2 1 "
is "a condition on a number" "$(ids --where 'delta < 1')" "2 "
is "a condition on a word" "$(ids --where 'method = adam')" "3 "
is "a condition with and, not and parentheses" "$(ids --where 'not (seed = 7 or seed == 8) and delta >= 1')" "1 "
is "a condition with a pattern" "$(ids --where "name ~ 'lr-*'" --sort name)" "3 4 "
is "a pattern without wildcards matches a part, and may be a setting's name" "$(ids --where 'name ~ lr and name !~ b')" "3 "
is "a condition on tags" "$(ids --where 'tag = small and tag != big')" "2 "
is "a condition on a note" "$(ids --where 'note ~ time')" "3 "
is "a condition on fields of the last record" "$(ids --where 'last.loss > 0 and linear_gap_1 > 0' --sort id)" "1 2 "
is "a condition with arithmetic" "$(ids --where 'iteration / 8 = 50% and 1 - -1 = 2' --limit 1)" "4 "
is "a condition in percent" "$(ids --where 'train_accuracy > 100%')" ""
is "a condition on switches" "$(ids --where 'shuffle and not audit' --sort id --limit 2)" "1 2 "
is "quotes in the text of a condition" "$(ids --where "name != 'it''s' and name != \"a\"\"b\"" --limit 1)" "4 "
is "a condition with in, is null and like" "$(ids --where "method in ('adam', 'sgd') and phi is null and name like 'LR%'")" "4 3 "
is "a condition on the age" "$(ids --where 'age < 1 and started > "2000"' --limit 1)" "4 "
is "a sort by two names" "$(ids --sort=-delta,id)" "1 3 4 2 "
is "runs without the value are last in either order" "$(ids --sort=phi | cut -c1-3 | tr -d '\n'; ids --sort=-phi | wc -w)" "$(ids --where 'phi > 0' --sort phi | cut -c1-3)4"

while IFS='|' read -r condition sentence; do
    check "refused: $condition" 2 "" "$sentence" $runs list --where "$condition"
done << 'END'
dleta < 1|unknown name 'dleta'. Did you mean 'delta'\?
method = adma|unknown method 'adma'. Did you mean 'adam'\?
status = finishd|unknown status 'finishd'. Did you mean 'finished'\?
loss < 1|Did you mean last.loss\?
delta < 'x'|delta is a number
name = 3|name is a text
name|'name' is a text. Compare it
delta <|missing before the end
(delta < 1|a parenthesis is not closed
delta < 1 delta|'delta' is not expected here. Is 'and' or 'or' missing before it\?
delta < and 1|'and' is not expected at character 9
id = 1 and (delta < or 1)|'or' is not expected at character 21
delta < 1; drop table runs|unknown character
delta < 1 union select 1|'union' is not expected
(select 1)|unknown name 'select'
id = 1) or (1|')' without
id in (select run from tags)|unknown name 'select'
load_extension('x')|unknown name 'load_extension'
name = 'x|is not closed
delta < 1e|'1e' is not a number
tag < x|a tag is compared with a word
tag|a tag is compared with a word
name + 1 > 2|arithmetic needs numbers
-name = 'x'|arithmetic needs numbers
method = ADAM|unknown method 'ADAM'. Did you mean 'adam'\?
name ~ 3|a word or a quoted text
zzzzzzzz < 1|ipdlam-runs\(1\) lists the names
END
check "a condition with too many parentheses" 2 "" "too deep" $runs list --where "$(printf '%200s' | tr ' ' '(')1"
check "a condition that is too long" 2 "" "too long" $runs list --where "$(printf 'delta < 1 or %.0s' $(seq 800)) delta < 1"
is "a condition of many terms within the length" "$(ids --where "$(printf 'delta < 1 or %.0s' $(seq 200)) delta < 1")" "2 "
check "an unknown name to sort by" 2 "" "Did you mean 'delta'" $runs list --sort=-dleta
check "an option of another verb" 2 "" "--where does not apply to show" $runs show 1 --where 'id = 1'
check "show with two runs" 2 "" 'unexpected argument "2"' $runs show 1 2
check "compare with one run" 2 "" "an argument is missing" $runs compare 1

check "show by the beginning of a name" 0 "half delta: finished" "" $runs show half
check "show by the beginning of two names" 1 "" "names of 2 runs begin with \"lr\".*\(4, 3\)" $runs show lr
check "show in JSON" 0 '"changes": \[\], "rewinds": \[\], "checkpoints": \[\{"iteration": 4,.*\}\]\}$' "" $runs show 1 --json
is "show in JSON is valid JSON" "$($runs show 2 --json | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["tags"], r["settings"]["delta"], r["seed"])')" \
    "['good', 'small'] 0.5 1"
is "CSV has a column per setting" "$($runs list --csv --where 'id = 2' | python3 -c '
import csv, sys
r = list(csv.DictReader(sys.stdin))
print(len(r), r[0]["name"], r[0]["delta"], r[0]["tags"], r[0]["network"])')" "1 half delta 0.5 good,small 784-10-10"
check "compare says what differs" 0 "^delta +1 +0.5$" "" $runs compare 1 2
cat > changed.lua << 'END'
local run = ip.run { data = ip.dataset("digits", { train = 100, test = 50 }), net = { 784, 5, 10 }, batch = 50, name = "steady" }
run:step(2)
local other = assert(run:branch(1))
run:set { delta = 0.3, order = "increase" }
run:step(1)
for i = 1, 6 do run:set { delta = i } run:step(1) end
other:step(1)
print(run.id, other.id)
END
check "two runs, one with changes during training" 0 "^1	2$" "" env XDG_DATA_HOME="$tmp/changed" "$IPDLAM" run changed.lua
compare="$runs compare 1 2 --history changed/ipdlam/runs.db"
check "compare lists the changes" 0 "^  1: .*delta = 0.3.* at iteration 3, before z2; delta 6 times, last 6 at iteration 9, before z1" "" $compare
check "compare says which run has no changes" 0 "^  2: nothing" "" $compare
check "compare says that no setting differs at the start" 0 "^no setting differs at the start" "" $compare
is "compare of runs without changes has no list of changes" "$($runs compare 1 2 | grep -c changed)" 0
check "compare in JSON has each change with its place" 0 '"changes": \[\[\{"iteration": 3, "batch": 1, "sweep": 1, "block": "z2", "text": "set .*, \[\]\], "figures"' \
    "" $compare --json
is "compare shows only settings that differ" "$($runs compare 1 2 | grep -c '^seed\|^batch')" 0
check "compare draws curves" 0 "test_accuracy" "" $runs compare 1 2 --field phi,test_accuracy
check "compare in JSON" 0 '"differences": \{"delta": \[1, 0.5\]\}' "" $runs compare 1 2 --json
check "compare shows - for a setting that a method does not use" 0 "^lr +- +0.001 +0.001$" "" $runs compare 1 3 4
check "compare shows - also for one of several methods" 0 "^eps +- +1e-08 +-$" "" $runs compare 1 3 4
check "compare in JSON has null for it" 0 '"lr": \[null, 0.001, 0.001\].*"eps": \[null, 1e-08, null\]' "" $runs compare 1 3 4 --json
is "show and list have no value for it either" "$($runs show 1 --json | grep -o '"lr": null\|"eps": null' | wc -l; $runs show 1 | grep -c ' lr -1\| eps -1'
    $runs list --csv | python3 -c '
import csv, sys
for r in csv.DictReader(sys.stdin): print(r["name"], r["lr"], r["eps"])')" "2
0
lr-b 0.001 
lr-a 0.001 1e-08
half delta  
base  "
is "it has no number in a condition" "$(ids --where 'lr < 1 or eps < 1')" "4 3 "
cat > damped.lua << 'END'
for _, damping in ipairs { { 2, 2, 30 }, "auto", 3 } do
  ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 4, 3, 10 }, preset = "fast", damping = damping }:step()
end
END
check "runs whose settings are lists" 0 "" "" env XDG_DATA_HOME="$tmp/damped" "$IPDLAM" run damped.lua
damped="$runs compare 1 2 3 --history damped/ipdlam/runs.db"
# An earlier version kept one damping as a number, not as an item of a list.
python3 -c 'import sqlite3
with sqlite3.connect("damped/ipdlam/runs.db") as db: db.execute("UPDATE runs SET settings = replace(settings, ?, ?) WHERE id = 3", ("\"damping\": 3,", "\"damping\": 3.0,"))'
check "compare shows lists" 0 "^damping +2,2,30 +auto +3$" "" $damped
check "compare in JSON has lists as arrays" 0 '"differences": \{"damping": \[\[2, 2, 30\], "auto", 3\]\}' "" $damped --json
is "a condition uses the first number of a list, and no word" "$($runs list --history damped/ipdlam/runs.db --csv --where 'damping >= 2 or damping < 9' |
    cut -d , -f 1 | tr '\n' ' ')" "id 3 1 "
is "figures in JSON are numbers" "$($runs compare 1 3 --json | python3 -c '
import json, sys
f = json.load(sys.stdin)["figures"]
print(f["phi"][0] > 0, f["phi"][1], f["forward_loss"][1] > 0, f["iteration"], 0 <= f["test_accuracy"][1] <= 1, f["status"][0])')" \
    "True None True [4, 4] True finished"
check "compare with an unknown field" 2 "" "unknown field 'foo'" $runs compare 1 2 --field foo
is "an unknown field is refused before anything is printed" "$(wc -c < "$out")" 0
check "compare with a field that no run has" 1 "" "none of the runs has linear_gap_9" $runs compare 1 2 --field linear_gap_9
is "a field that no run has is refused before anything is printed" "$(wc -c < "$out")" 0
check "compare draws forward_loss if one run has no phi" 0 "^forward_loss .*1 base.*3 lr-a" "" $runs compare 1 3
check "--field phi draws the runs that have it and names the others" 0 "^run 3 lr-a has no phi. --field forward_loss draws every run.$" "" \
    $runs plot 1 3 --field phi
is "the list has phi and the forward loss apart" \
    "$($runs list | sed 's/  */ /g' | grep -c 'iter phi fwd loss fwd curve train\| lr-a .* adam 4 - [0-9.]* ')" 2
is "a list of runs without phi has no column phi" "$($runs list --where 'method = adam' | sed -n '1s/  */ /gp')" \
    "id started name data network method iter fwd loss fwd curve train test status"
check "plot" 0 "iteration" "" $runs plot 1 2 --field linear_gap_1
check "plot to a file" 0 "" "" $runs plot 1 2 --output curves.txt
is "the plotted file has the runs" "$(grep -c '2 half delta' curves.txt)" 1
check "export in the form of the file's ending" 0 "" "" $runs export 1 --output one.json
check "the exported file is JSON" 0 "" "" python3 -c "import json; assert len(json.load(open('one.json'))) > 1"
check "export as lines of JSON by the file's ending" 0 "" "" $runs export 1 --output one.jsonl
check "each exported line is JSON" 0 "" "" python3 -c "import json; [json.loads(line) for line in open('one.jsonl')]"
check "export in another form than the file's ending" 0 "" "" $runs export 1 --output one.json --csv
is "the exported file has the requested form" "$(head -c 10 one.json)" "iteration,"
check "a verb by the name of another program" 2 "" "unknown verb 'diff'. Did you mean 'compare'" $runs diff 1 2
check "a run without a verb" 2 "" "Did you mean 'show'" $runs 1
check "plot of two fields" 0 "" "" $runs plot 1 2 --field phi,test_accuracy --output two.txt
is "plot of two fields has a panel per field" "$(grep -c 'phi\|test_accuracy' two.txt)" 2
check "plot to a file of an unknown form" 2 "" "curves.xyz" $runs plot 1 --output curves.xyz
check "plot of an unknown field" 2 "" "unknown field 'phii'. Did you mean 'phi'" $runs plot 1 --field phii
check "plot of a field that the run does not have" 1 "" "the run has no phi" $runs plot lr-a --field phi
is "plot of a run of adam draws forward_loss" "$($runs plot lr-a | grep -c '^forward_loss')" 1
check "export to a file" 0 "" "" $runs export 1 --output out.csv
is "the exported file is the same as the output" "$(diff out.csv <($runs export 1) && wc -l < out.csv)" 5
check "a sparkline in UTF-8" 0 "▁" "" env LC_ALL=C.UTF-8 $runs list
is "without UTF-8 the sparkline is ASCII" "$(LC_ALL=C $runs list | LC_ALL=C grep -c '[^ -~]')" 0

# Control characters in a run's name must not reach the terminal.
$train --name $'evil\033[2J\nname'
is "control characters in names are not printed" "$($runs list --limit 1 | LC_ALL=C grep -c $'\033')" 0

check "rm without a terminal and without --yes" 2 "" "nothing was removed. Add --yes" $runs rm 5
check "a dry run" 0 "evil" "" $runs rm 5 --dry-run
check "rm" 0 "^1 run removed" "" $runs rm 5 5 --yes
check "a removed run is not found" 1 "" "run 5 not found" $runs show 5
sqlite3 "$XDG_DATA_HOME/ipdlam/runs.db" "UPDATE runs SET status = 'running', pid = 2000000000 WHERE id = 4" 2> /dev/null &&
    is "a run whose process is gone is lost" "$(ids --where 'status = lost')" "4 "
printf '\50\0\0\0\0\0\0\0{"__metadata__":{"sha256":""}}         ' > old.ckpt
echo precious > precious
sqlite3 "$XDG_DATA_HOME/ipdlam/runs.db" "INSERT INTO checkpoints (run, path, iteration, size) VALUES
    (1, '$tmp/old.ckpt', 1, 16), (1, '$tmp/gone', 2, 1), (3, '$tmp/precious', 1, 9)"
check "checkpoints are shown" 0 "iteration 1, [0-9]+ [KM]?i?B, .*old.ckpt$" "" $runs show 1
check "gc says what it would do" 0 "^1 run and 1 checkpoint would" "" $runs gc --status lost --dry-run
check "nor does a condition reach beyond the other options" 2 "" "')' without" $runs gc --where "1) or (1" --status lost --dry-run
check "gc does it" 0 "^1 run removed, 1 checkpoint" "" $runs gc --status lost --yes
is "to those alone" "$(ids)" "3 2 1 "
check "gc by number spares tags and notes" 0 "^1 run removed, 2 checkpoints" "" $runs gc --keep 0 --yes
is "those stay" "$(ids)" "3 2 "
is "files went with it" "$([ -e old.ckpt ] && echo there)" ""
check "what is no checkpoint stays" 0 "^1 run removed, 1 checkpoint" "precious: is not a checkpoint" $runs rm 3 --yes
"$IPDLAM" train --train 60 --test 20 --layers 5 --iterations 1 --quiet --checkpoint-every 1 --history folder.db
is "a run has a folder of checkpoints" "$(ls -d folder.db.checkpoints/1 2> /dev/null | wc -l)" 1
check "it goes" 0 "^1 run removed" "" "$IPDLAM" runs --history folder.db rm 1 --yes
is "with its folder" "$(ls -d folder.db.checkpoints/1 2> /dev/null | wc -l)" 0
is "as it was" "$(cat precious)" precious
check "nothing to do" 0 "nothing to remove" "" $runs gc

# A path that does not fit is refused, not cut.
long=$(printf './%.0s' {1..2046})
check "too long a path of a history" 2 "" "^ipdlam train: \./.*the path is too long. Use one below 4096 bytes" \
    "$IPDLAM" train --layers 10 --train 200 --iterations 1 --history "${long}abc.db"
check "also to be read" 2 "" "^ipdlam runs: \./.*the path is too long" "$IPDLAM" runs --history "${long}abc.db"
for verb in checkpoint script save; do echo "assert(run:$verb((\"a/\"):rep(3000)))"; done > long.lua
sed '1i local run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 } }
s/^assert(\(.*\))$/print(select(-1, select(-1, pcall(function() return \1 end))))/' long.lua > longer.lua
check "nor does Lua take one" 0 "" "" "$IPDLAM" run --no-history longer.lua
is "and says what to do" "$(grep -c 'a/.*too long. Use \(one\|a path\) below 4[0-9]* bytes' "$out")" 3
check "samples" 2 "" "the path is too long. Use one below 4096 bytes" "$IPDLAM" train --no-history --data "./$(printf 'a/%.0s' {1..3000})"
is "no other file is made" "$(ls -d ab* 2> /dev/null)" ""

# A read-only folder; root could write to it, so this needs another user.
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
    chmod 755 "$tmp" && mkdir open && cp "$XDG_DATA_HOME/ipdlam/runs.db" open/ && chmod 555 open && chmod 444 open/runs.db
    cp "$IPDLAM" "$tmp/program" 2> /dev/null; chmod 755 "$tmp/program"
    as="setpriv --reuid 65534 --regid 65534 --clear-groups $tmp/program"
    if $as --version > /dev/null 2>&1; then
        check "a read-only history is read" 0 "half delta" "" $as runs --history "$tmp/open/runs.db"
        check "and not written" 1 "" "runs: .*open/runs.db.* read-only" $as runs tag half x --history "$tmp/open/runs.db"
        check "training goes on without" 0 "^iteration 4/4" "warning: .*open/runs.db.*not stored" \
            $as train --layers 10 --train 200 --iterations 4 --history "$tmp/open/runs.db" --no-chart
        check "a new history in a folder that cannot be written" 0 "" \
            "warning: .*open/new.db: cannot be written: Permission denied. Name another file with --history; " \
            $as train --layers 10 --train 200 --iterations 1 --history "$tmp/open/new.db" --quiet
    else
        skip "another user cannot run it"
    fi
else
    skip "not root"
fi

# A full disk: training continues, records that fit are stored, and the file is not damaged.
mkdir full
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=404k tmpfs full 2> /dev/null; then
    check "training goes on on a full disk" 1 "^iteration 200/200" "full/r.db: the disk is full; records wait" \
        "$IPDLAM" train --layers 10 --train 200 --test 50 --iterations 200 --no-chart --history full/r.db
    check "which the history says, if it has room for that" 0 "finished, without the last [0-9]+ records|: lost" "" $runs show last --history full/r.db
    is "what it has is whole" "$(sqlite3 full/r.db 'PRAGMA integrity_check; SELECT records > 5 AND records = iteration FROM runs' | tr '\n' ' ')" "ok 1 "
    check "a new one has no room" 1 "" "the disk is full; records wait" $train --history full/new.db
    check "and nothing can be added" 1 "" "r.db: the disk is full" $runs note last "$(printf '%900s' x)" --history full/r.db
    umount full
else
    skip "no mount"
fi

# Two programs at once.
$train --iterations 60 --history two.db --name a & first=$!
$train --iterations 60 --history two.db --name b & second=$!
for i in $(seq 20); do $runs list --history two.db > /dev/null 2>&1; done
wait $first; codes=$?
wait $second; codes=$codes$?
is "two programs at once" "$codes $($runs list --history two.db --json | grep -o '"records": [0-9]*' | tr '\n' ' ')" \
    '00 "records": 60 "records": 60 '

# Flipped bytes give an error or a result, never a crash, and the damaged file is not changed.
IPDLAM=$IPDLAM python3 - two.db << 'END'
import os, random, shutil, subprocess, sys
from pathlib import Path
long = os.environ.get("IPDLAM_TEST_LONG")
data = Path(sys.argv[1]).read_bytes()
random.seed(5)
bad, told = [], 0
places = sorted(random.sample(range(100), 4) + random.sample(range(len(data)), 196 if long else 21))
for place in places:
    for name in "flip.db", "flip.db-wal", "flip.db-shm":
        Path(name).unlink(missing_ok=True)
    Path("flip.db").write_bytes(data[:place] + bytes([data[place] ^ (1 << random.randrange(8))]) + data[place + 1:])
    verbs = ["list"], ["show", "last"], ["export", "1"], ["list", "--where", "last.loss > 0", "--sort", "-delta"]
    for words in verbs if long else random.sample(verbs, 2):
        r = subprocess.run([os.environ["IPDLAM"], "runs", *words, "--history", "flip.db"], capture_output=True, timeout=60)
        lines = [l for l in r.stderr.decode(errors="replace").splitlines() if l]
        told += r.returncode == 1
        if r.returncode not in (0, 1) or len(lines) != r.returncode:
            bad.append((place, words, r.returncode, lines))
    r = subprocess.run([os.environ["IPDLAM"], "train", "--layers", "none", "--train", "50", "--test", "10", "--iterations", "2",
                        "--quiet", "--history", "flip.db"], capture_output=True, timeout=60)
    lines = [l for l in r.stderr.decode(errors="replace").splitlines() if l]
    if r.returncode or len(lines) > 1:
        bad.append((place, "train", r.returncode, lines))
print("#", len(places), "places,", told, "sentences,", *bad[:5])
sys.exit(bool(bad))
END
is "flipped bytes" $? 0
done_testing
