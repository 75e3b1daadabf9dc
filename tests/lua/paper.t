#!/usr/bin/env bash
# The scripts of the paper's experiments, on the digits: tables, CSV, figures, and that they go on where they were.
. "$TOP_SRCDIR/tests/cli/tap.sh"
export LC_ALL=C.UTF-8
cd "$tmp" || exit 1
paper=$TOP_SRCDIR/scripts/paper

quick() { # SCRIPT PATTERN FILE...
    local script=$1 pattern=$2 file missing=
    shift 2
    check "$script" 0 "$pattern" "" "$IPDLAM" run --no-history "$paper/$script.lua" --quick
    for file; do [ -s "$file" ] || missing="$missing $file"; done
    is "$script leaves its files" "$missing" ""
}
"$IPDLAM" run - <<< 'print(ip.figure { series = { { y = { 1 } } } }:save("try.svg"))' > /dev/null 2>&1
[ -f try.svg ] && svg=yes
quick table1 'points from the column "MNIST", [0-9.]+ from "Fashion MNIST"' table1_increase.csv table1_nested_reverse.csv ${svg:+table1.svg}
is "table 1 has alpha up to 1.2" "$(grep -Ec '^  (0\.[1-9]|1\.[012]) ' "$out")" 12
quick fig1 'DLAM of section 3 \(bcd\), full batch +3' fig1.csv ${svg:+fig1.svg}
quick fig2 'nested reverse, delta 0.4 +3' fig2.csv ${svg:+fig2.svg}
quick fig3 'adamax 0.05 +3' fig3.csv ${svg:+fig3.svg}
quick fig4 'reverse, full batch +3' fig4.csv ${svg:+fig4.svg}
is "increase and reverse are the same" \
    "$(grep '^"increase, mini' fig4.csv | cut -d, -f12-)" "$(grep '^"reverse, mini' fig4.csv | cut -d, -f12-)"
quick warmup 'Seconds \(epochs\) to a test accuracy of 80%' warmup.csv ${svg:+warmup.svg}
quick best 'The preset best, on the test set' best_search_1.csv best_search_4.csv best.csv ${svg:+best.svg}
quick accurate 'shrink = .* on average' accurate-digits-held-out.csv accurate-digits-test.csv
quick depth 'N =  4  SGD 0.01 .*[|]' depth.csv ${svg:+depth.svg}
quick race 'after 1, 5 and 20 epochs' race_selection.csv race.csv ${svg:+race.svg}
is "the race: 24 settings of each method, one run for two of them" \
    "$(cut -d, -f2 race_selection.csv | sort -u | grep -c ' batch ')" 60
is "the samples are taken in turns of 200" "$(cut -d, -f6 race.csv | sort -nu | tr '\n' ' ')" "samples 256 400 656 800 1056 1200 "
cp race.csv before.csv
quick race 'after 1, 5 and 20 epochs' race.csv
is "finished runs are kept" "$(cmp race.csv before.csv 2>&1)" ""
printf 'x\n' > race.csv
check "another file in its place" 1 "" "race.csv has other columns: x" "$IPDLAM" run --no-history "$paper/race.lua" --quick
check "finished runs are not trained again" 0 '^8 of 8 runs are done already|^6 of 6 runs are done already' "" \
    "$IPDLAM" run --no-history "$paper/fig4.lua" --quick
check "an unknown option" 1 "" "there is no option --quack" "$IPDLAM" run --no-history "$paper/fig1.lua" --quack
done_testing
