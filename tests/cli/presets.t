#!/usr/bin/env bash
# ipdlam presets: every preset with its settings, its source and what the source leaves open.
. "$TOP_SRCDIR/tests/cli/tap.sh"

check "all" 0 "^FV shown as +mean +sum +mean +sum +mean +mean +mean +sum" "" "$IPDLAM" presets
for preset in default ipdlam paper dlam best fast accurate bcd; do
    is "$preset is listed" "$("$IPDLAM" presets | grep -c "^$preset: ")" 1
    "$IPDLAM" presets "$preset" > "$out"
    is "$preset: a source and choices" "$(grep -Ec '^  Source: |^Choices that the source leaves open:' "$out")" 2
    is "$preset: each choice has both sides" "$(grep -c '^    source: ' "$out")" "$(grep -c '^  - ' "$out")"
    is "$preset: the same" "$(grep -c '^    here:   ' "$out")" "$(grep -c '^  - ' "$out")"
    is "$preset: every choice is in the whole list" "$("$IPDLAM" presets | grep -c "^  - .*(.*\b$preset\b.*)$")" \
        "$(grep -c '^  - ' "$out")"
    is "$preset: lines are short" "$(awk 'length > 96' "$out")" ""
done
# The choices that the paper leaves open, and the preset that must list them.
say() { # PRESET WORDS...
    local preset=$1 text word missing=
    shift
    text=$("$IPDLAM" presets "$preset" | tr -s ' \n' ' ')
    for word; do grep -qF -- "$word" <<< "$text" || missing="$missing [$word]"; done
    is "$preset says it" "$missing" ""
}
say paper "rho_0 and rho_max" "order of the batches" "z and a of a batch" "sweeps per batch" "a_L" "b's update" "a's update" \
    "mean over samples" "batch = 512" "shown as: mean"
say ipdlam "rho_0 and rho_max" "full batch" "shown as: sum" "the first sweep has no inertia" "initial weights"
say default "1.02 to at most 10" "128 on the digits" "shuffle = true"
say dlam "the Gram matrix may be singular and its rank is reported" \
    "the experiments' DLAM with the default parameters of [15] is the preset bcd" "delta = 0," "alpha = 0,"
say accurate "rho_schedule = anneal" "length = 10" "relax = fixed" "shrink = 1e-06"
say fast "batch = 64" "beta = 0.95" "damping = auto" "init = he" "the new W"
is "nothing is -1" "$("$IPDLAM" presets | grep -c -- '= -1'; "$IPDLAM" presets --json | grep -c ': -1')" "0
0"
say bcd "V_L's start" "delta = 5" "inner = 1" "method = bcd" "Zeng, Lau, Lin and Yao"

if python3 -c '' 2> /dev/null; then
    "$IPDLAM" presets --jsonl > "$out"
    is "JSON" "$(python3 -c '
import json, sys
for line in sys.stdin:
    p = json.loads(line)
    assert p["settings"]["preset"] == p["name"] and p["source"] and p["summary"] and len(p["choices"]) > 5
    assert all(sorted(c) == ["here", "source", "what"] and all(c.values()) for c in p["choices"])
    print(p["name"], p["objective"], p["settings"]["delta"], p["settings"]["shuffle"], end="; ")
' < "$out")" "default mean 1 True; ipdlam sum 1 False; paper mean 1 False; dlam sum 0 False; best mean 1 True; fast mean 1 True; accurate mean 1 True; bcd sum 5 False; "
    is "JSON of one" "$("$IPDLAM" presets bcd --json)" "$(tail -n 1 "$out")"
    is "JSON of all is an array" "$("$IPDLAM" presets --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')" 8
else
    skip "no python3"
fi
echo 'local n = 0 for name, p in pairs(ip.presets()) do n = n + 1 assert(#p.choices > 5 and p.choices[1].here) end
print(n, ip.presets().dlam.objective, ip.presets().bcd.choices[1].what)' > "$tmp/presets.lua"
check "in Lua" 0 "^8	sum	V_L's start$" "" "$IPDLAM" run --no-history "$tmp/presets.lua"
check "help" 0 "^Usage: ipdlam presets" "" "$IPDLAM" presets --help
check "an unknown name" 2 "" "unknown preset 'dlan'. Did you mean 'dlam'" "$IPDLAM" presets dlan
check "two names" 2 "" "unexpected argument" "$IPDLAM" presets dlam bcd

# The preset and the method bcd on the command line.
train="$IPDLAM train --no-history --no-chart --train 200 --test 50 --layers 20 --iterations 2"
check "preset bcd" 0 '"method": "bcd"' "" $train --preset bcd --jsonl
is "preset bcd: Zeng et al.'s numbers" "$(grep -c '"rho": 1, "alpha": 0, "beta": 0, "gamma": 0, "delta": 5' "$out")" 2
check "method bcd brings its numbers, in any order" 0 '"alpha": 0, "beta": 0, "gamma": 0, "delta": 3,' "" \
    $train --delta 3 --method bcd --json
check "no inertia" 2 "" "bcd does not use inertia. Set inertia = 0, or choose" $train --inertia 0.5 --method bcd
check "no growth" 2 "" "bcd does not use rho_growth. Set rho_growth = 1" $train --preset bcd --rho-growth 1.1 --rho-max 9
check "preset bcd with another method" 0 '"method": "ipdlam"' "" $train --preset bcd --method ipdlam --json
# bcd trains on the digits with every loss, and the audit finds no error. A build with a sanitizer, which is ten times slower,
# does only two iterations.
iterations=12
grep -q __asan_init "$IPDLAM" && iterations=2
for options in "--preset bcd" "--preset bcd --loss hinge" "--preset bcd --loss cross_entropy" "--method bcd --loss hinge"; do
    check "$options" 0 '"iteration": '$iterations', .*"audit_findings": 0,' "" "$IPDLAM" train $options --layers 100 \
        --iterations $iterations --audit --jsonl --no-history
    accuracy=$(tail -n 1 "$out" | sed 's/.*"test_accuracy": \([0-9.]*\).*/\1/')
    [ $iterations = 12 ] && is "$options: test accuracy above 80 % ($accuracy)" "$(awk "BEGIN { print ($accuracy > 0.8) }")" 1
done
done_testing
