#!/usr/bin/env bash
# Scripts as a researcher would write them (research/). Each gives the same bits in a fresh process with another number of threads,
# and its checkpoint replays in a third one.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cat > "$tmp/do.lua" << 'END'
local run = dofile(arg[1])
assert(run:checkpoint(arg[2]))
for i = 1, #run.metrics do local m = run.metrics[i] print(("%d %a %a %s"):format(i, m.phi, m.forward_loss, m.test_accuracy)) end
for l = 1, #run.W do print(("%d %a %a"):format(l, run.W[l]:norm(), run.b[l]:sum())) end
END
cat > "$tmp/replay.lua" << 'END'
local give = function(k, rho, m) return rho end
local ok, run, why = pcall(ip.resume, arg[1])
if not ok then run, why = ip.resume(arg[1], { rho = give }) end
print(assert(assert(run, why):verify_replay()))
END
run() { "$IPDLAM" run --no-history "$@"; }
for script in "$TOP_SRCDIR"/tests/lua/research/*.lua; do
    name=$(basename "$script" .lua)
    lines=$(wc -l < "$script")
    check "$name: at most 30 lines" 0 "" "" test "$lines" -le 30
    check "$name: runs" 0 "[0-9]" "" run --threads 1 "$tmp/do.lua" "$script" "$tmp/$name"
    cp "$out" "$tmp/first"
    check "$name: the same bits in a fresh process with two threads" 0 "" "" run --threads 2 "$tmp/do.lua" "$script" "$tmp/$name.2"
    is "$name: the same output in a fresh process" "$(< "$out")" "$(< "$tmp/first")"
    check "$name: its checkpoint replays in another process" 0 "^true$" "" run "$tmp/replay.lua" "$tmp/$name"
done
done_testing
