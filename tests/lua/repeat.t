#!/usr/bin/env bash
# A run as a Lua script that repeats it: live changes, switches, functions of rho, given weights, to the same bits.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
run() { "$IPDLAM" run --no-history --threads 2 "$@"; }

cat > live.lua << 'END'
local data = ip.dataset("digits", { train = 300, test = 100 })
local run = ip.run { data = data, net = { 784, 20, 20, 10 }, batch = 50, inner = 2, name = 'a "run"',
  rho = function(k) return 1.1 ^ k end }
run:step(2)
run:step_block(13)
run:set { delta = 0.3, order = { "z2", "z1", "W1", "z3", "W3", "a2", "W2", "a1" }, regularizer = "ridge",
  lambda = "0.1, 0,0.2" }
run:step_block(3)
run:set { order = "increase" }
run:step(1)
run:set { shuffle = false, batch = 60, regularizer = "none" }
run:switch("adam", { lr = 1e-3 })
run:step(2) run:step_block(2) run:set { lr = 0.01 } run:step(1)
run:switch("ipdlam", { rho = 2, delta = 0.5 })
run:step(2)
run:step_block(4)
run:script "again.lua"
run:save "first.safetensors"
-- From these weights on, which no seed gives.
local next_run = ip.run { data = data, net = run:network(), preset = "ipdlam" }
next_run:step_block(5) next_run:set { freeze = "W1" } next_run:step(2)
next_run:script "from.lua"
next_run:save "second.safetensors"
END
check "runs with live changes" 0 "" "" run live.lua
grep -q step_to again.lua
is "changes have places" $? 0
echo 'run:save "again.safetensors"' >> again.lua
echo 'run:save "from2.safetensors"' >> from.lua
check "the script replays" 0 "^iteration 8: " "" run again.lua
is "the replay has the same bits" "$(cmp first.safetensors again.safetensors && echo same)" same
check "first weights that were given are written beside the script" 0 "^iteration 2: " "" run from.lua
is "the replay from first weights has the same bits" "$(cmp second.safetensors from2.safetensors && echo same)" same
sed 's/checksum == "./&0/' again.lua > other.lua
check "a replay on other data is refused" 1 "" "the data are not those of the run" run other.lua
sed 's/^assert(run:step_to { iteration = 3,/run:step(5) &/' again.lua > past.lua
check "step_to a place in the past" 1 "" "no such place ahead: the run is at iteration" run past.lua
# Lists of numbers: as tables, in the script, taken back, with all their digits.
cat > lists.lua << 'END'
local data = ip.dataset("digits", { train = 60, test = 20 })
local run = ip.run { data = data, net = { 784, 4, 3, 10 }, preset = "fast", batch = 20, damping = { 2, 3, 0.1 + 0.2 } }
assert(run.damping == "2,3,0.30000000000000004" and run.settings.damping == run.damping and run.lambda == 0.001)
run:step(1)
run.damping = { 4, 4, 1 / 3 }
run:step_block(3)
run:set { damping = 5 }
assert(run.damping == 5)
run:undo()
assert(run.damping == "4,4,0.3333333333333333")
run:set { damping = { "auto" }, damping_last = 3 }
assert(run.damping == "auto")
run:step(1)
for _, wrong in ipairs { { 1, 2 }, { 2, "auto", 3 }, { 1, true, 3 }, {}, 0 } do
  print(select(2, pcall(run.set, run, { damping = wrong })))
end
run:script "again.lua"
run:save "first.safetensors"
assert(run:verify_replay())
END
check "settings by lists of numbers" 0 "" "" run lists.lua
is "wrong lists of numbers are errors" "$(cat "$out")" "damping = 1,2 has 2 items. Give one, or 3, one per layer
damping = 2,auto,3 has auto in a list. Give auto alone, or numbers
damping must list one value per layer
damping is empty. Give one value for all layers, or one per layer
damping = 0 is out of range. Use more than 0 to 1e+09"
echo 'run:save "again.safetensors"' >> again.lua
check "a script of lists replays" 0 "^iteration 2: " "" run again.lua
is "the replay of lists has the same bits" "$(cmp first.safetensors again.safetensors && echo same)" same
# ip.again: a function of rho must be given again, and nothing is printed.
cat > asked.lua << 'END'
local data = ip.dataset("digits", { train = 100, test = 50 })
local function rho(k) return k end
local run = ip.run { data = data, net = { 784, 5, 10 }, rho = rho }
run:step(3)
local id = run.id
run:step()
local constant = ip.run { data = data, net = { 784, 5, 10 }, rho = rho }
constant:step(2) constant:set { rho = 2 } constant:step()
print("refused", select(2, pcall(ip.again, id)))
print("a mistake", select(2, pcall(ip.again, id, { rhi = rho })))
io.write("printed[")
local again = ip.again(id, { rho = rho })
io.write("]\n")
again:step()
print("goes on", again:last().rho, again.settings.rho_schedule, again.iteration)
print("without", ip.again(constant.id).settings.rho_schedule)
END
check "ip.again with a function of rho" 0 "" "" "$IPDLAM" run asked.lua
is "ip.again asks for the function of rho, prints nothing, and continues with it" "$(sed 's/asked.lua:[0-9]*: //; s/run [0-9]* takes/run N takes/; s/again([0-9]*/again(N/' "$out")" \
    "refused	run N takes rho from a function, which the history does not store. Give it again, ip.again(N, { rho = function(k, rho, m) ... end })
a mistake	unknown option 'rhi'. Did you mean 'rho'?
printed[]
goes on	5.0	function	5
without	constant"
echo 'ip.run { data = "digits" }:step_to { iteration = 0 }' > no.lua
check "step_to a value that is no place" 1 "" "no.lua:1: step_to takes a place" run no.lua
done_testing
