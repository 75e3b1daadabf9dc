#!/usr/bin/env bash
# ip.record: what was done is a script that does it again to the same bits; ip.describe on a real run.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1

# Two runs, many changes between blocks, a switch and back, weights from elsewhere.
cat > session.lua << 'END'
local data = ip.dataset("digits", { train = 300, test = 100 })
run = ip.run{ data = data, net = { 784, 12, 12, 10 }, preset = "ipdlam", seed = 5 }
run:step(2)
run:set{ delta = 0.3 }
run:step_block(3)
run:set{ order = "increase", inertia = 0.2 }
run:step()
run.rho = function(k, rho) return rho * 1.3 end
run:step(2)
run:switch("adam", { lr = 0.002, batch = 50 })
run:step(2)
run:switch("ipdlam")
run:step(2)
idle = ip.run{ data = data, net = { 784, 6, 10 } }
other = ip.run{ data = data, net = run:network(), batch = 64 }
other:step()
other.freeze = "W1"
other:step_block(7)
other:pause()
print(ip.describe(run))
print(ip.record("again.lua"))
local function bits(r)
  for l = 1, #r.widths - 1 do
    print(("%d %a %a"):format(l, r:weights(l):norm(), r:bias(l):norm()))
  end
  print(r:last().phi, r.place.text)
end
bits(run) bits(other)
END
check "a session is recorded" 0 "" "" "$IPDLAM" run --no-history session.lua
sed -n '/again.lua/,$p' "$out" | tail -n +2 > expected
grep -q "^digits-12-12-ipdlam-1 on digits, after iteration 9" "$out" && passed=1 || passed=0
result $passed "ip.describe says where the run stands"
[ $passed = 1 ] || sed 's/^/# /' "$out"
cat >> again.lua << 'END'
local function bits(r)
  for l = 1, #r.widths - 1 do
    print(("%d %a %a"):format(l, r:weights(l):norm(), r:bias(l):norm()))
  end
  print(r:last().phi, r.place.text)
end
bits(run1) bits(run2)
END
check "the script runs without a screen" 0 "" "" "$IPDLAM" run --no-history again.lua
tail -n "$(wc -l < expected)" "$out" > got
is "the script gives the same bits" "$(cat got)" "$(cat expected)"
is "a run that did not train is not in the script" "$(grep -c 'ip.run' again.lua)" 2

cat > many.lua << 'END'
local data, runs = ip.dataset("digits", { train = 20, test = 10 }), {}
for i = 1, 70 do
  runs[i] = ip.run{ data = data, net = { 784, 2, 10 } }
end
print(ip.record("many-again.lua"))
print(ip.record("some-again.lua", table.unpack(runs)))
END
check "any number of runs is recorded" 0 "" "" "$IPDLAM" run --no-history many.lua
is "the script has all runs of the session" "$(grep -c 'ip.run' many-again.lua)" 70
is "the script has all runs that are named" "$(grep -c 'ip.run' some-again.lua)" 70

cat > one.lua << 'END'
run = ip.run{ data = "digits", net = { 784, 5, 10 } }
print(pcall(ip.record))
print(ip.record("/dev/null/file.lua"))
print(ip.describe())
run:close()
print(pcall(ip.describe))
END
check "mistakes have messages" 0 "string expected" "" "$IPDLAM" run --no-history one.lua
for words in "nil./dev/null/file.lua" "Nothing is measured yet" "the run is closed"; do
    grep -q "$words" "$out" && result 1 "$words" || result 0 "$words"
done

cat > gaps.lua << 'END'
local data = ip.dataset("digits", { train = 60, test = 20 })
for _, method in ipairs { "ipdlam", "adam" } do
  local run = ip.run { data = data, net = { 784, 5, 10 }, method = method, metrics_every = 3 }
  run:step(8)
  print(run.metrics, run.metrics[8], ip.describe(run), run:last(), run)
end
END
check "a run with accuracies left out by metrics_every is printed" 0 "forward loss -" "" "$IPDLAM" run --no-history gaps.lua
is "accuracies left out by metrics_every are dashes or nothing" "$(grep -c nan "$out") $(grep -c '^  *8 .*- *-$' "$out")" "0 2"
train="$IPDLAM train --no-history --method adam --train 60 --test 20 --layers 5 --iterations 5 --metrics-every 2"
check "train prints a run with accuracies left out by metrics_every" 0 "^5 iterations in [0-9.]*s \(best" "" $train
is "train prints no nan for accuracies that were left out" "$(grep -c nan "$out")" 0
done_testing
