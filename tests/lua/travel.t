#!/bin/bash
# Going back, branching, undo, breakpoints and steps in Lua.
. "$TOP_SRCDIR/tests/cli/tap.sh"

cat >"$tmp/travel.lua" <<'END'
local ip = require "ipdlam"
local data = ip.dataset("digits", { train = 300, test = 60 })
local function new(name)
  return ip.run { data = data, net = { 784, 16, 12, 10 }, batch = 60, name = name }
end
local function same(a, b)
  if #a.metrics ~= #b.metrics then return false end
  for i = 1, #a.metrics do
    for _, key in ipairs { "phi", "train_accuracy", "test_accuracy", "rho", "linear_gap" } do
      if a.metrics[i][key] ~= b.metrics[i][key] then return false end
    end
  end
  return true
end
local function check(what, condition) print((condition and "yes: " or "no: ") .. what) end

local run, twin = new "one", new "two"
run:step(3) twin:step(3)
run:step_block(7)
run:set { delta = 0.4, order = "increase" }
run:step(3)
local branch = run:branch(3)
check("name", branch.name == "one@3")
check("parent", branch.parent.name == "one" and branch.parent.iteration == 3 and branch.parent.id == run.id)
check("records of a branch", #branch.metrics == 3)
branch:step(3) twin:step(3)
check("without the change", same(branch, twin))
check("the run keeps its future", #run.metrics == 6 and run.settings.delta == 0.4)
check("proof", run:verify_replay() == true)
local place = run:rewind(-3)
check("place", tostring(place):find("at iteration 4", 1, true))
check("rewound", #run.metrics == 3 and #run.log == 0 and run.settings.delta == 1)
run:step(3)
check("and on", same(run, twin))
local _, message = pcall(run.rewind, run, 99)
check("a mistake: " .. message, message:find("the run has no iteration 99: its last one is 6", 1, true))

local seen = {}
run:on("iteration", function(m) seen[#seen + 1] = m.iteration end)
run:step(1) run:rewind(5) run:step(2)
check("callbacks hear of what is new: " .. table.concat(seen, " "), table.concat(seen, " ") == "7 6 7")

run:set { inertia = 0.2 }
local where, what = run:undo()
check("undo", tostring(where):find("^at iteration 8") and what == "alpha = 0.7, beta = 0.7, gamma = 0.7")
local nothing, why = run:undo()
check("no more", nothing == nil and why:find("no change"))

check("first breakpoint", run:break_at(function(m, block, place) return block == "W2" and place.batch == 3 end) == 1)
run:step(1)
check("stops: " .. run.status, run.status:find("paused at breakpoint 1: iteration 8, batch 3 of 5, before W2", 1, true))
check("second", run:break_at(function(m) return m.iteration >= 9 end) == 2 and #run.breakpoints == 2)
check("one is gone", run:clear_breaks(1) == 1)
local short = ip.run { data = run.data, net = { 784, 4, 10 }, batch = 0, order = "increase", regularizer = "ridge,none",
  lambda = "0.5,0", rho = 2 }
short:step_block(3)
check("W1 with its regularizer", short:explain().text:find("(2/ρ) R(W) with a = a0, R: ridge, λ = 0.5;  then b1 = (Σ", 1, true))
short:set { bias_step = "mean" } short:step_block()
check("W2 without one", short:explain().text:find("W2 = ((z2 − b2) aᵀ", 1, true) and short:explain().text:find("b2 = (mean", 1, true))
short:step_block()
check("the rho of the block, not the next one", short.iteration == 1 and short:explain().text:find("ρ = 2  ", 1, true))
check("a block is explained", run:explain().text:find("^W%d+, iteration %d+, batch 2 of 5") or run:explain().text:find("^%a%d, iteration"))
check("off", run:toggle_break(1) == false and type(run.breakpoints[1]) == "function")
local at = run.iteration
run:step(1)
check("does not stop", run.iteration == at + 1 and run.status == "paused")
check("on", run:toggle_break(1) == true and run:break_at("m.iteration > 1000") == 2 and run:clear_breaks(2) == 1)
run:step(5)
check("the other stops: " .. run.status, run.status:find("paused at breakpoint 1: iteration 10", 1, true))
run:clear_breaks()
run:break_at(function() error("oh") end)
_, message = pcall(run.step, run, 1)
check("a breakpoint that fails: " .. message, message:find("breakpoints: its function fails"))
check("none left", run:clear_breaks() == 0)
local left = ip.run { data = run.data, net = { 784, 4, 10 }, batch = 60 }
left:step(1) left.delta = 0.3 left:step(2) left:rewind(1) left:step_block()
local paths = left:futures()
check("one block of other work is another path at once", #paths == 2 and paths[1].iterations == 3 and paths[2].here)
run:step(1)
check("and goes on", run.iteration == 10)
check("all z", run:step_kind("z").block == "z1")
run:step_batch()
check("a batch", run.place.batch == 2)
check("snapshots", #run.snapshots > 0 and run.snapshots[1].bytes > 1000)
run.snapshot_budget = 0
check("none", #run.snapshots == 0 and run.snapshot_budget == 0)

run.rho = function(k) return 1.01 ^ k end
run:step(3)
local other = run:branch()
run:step(2) other:step(2)
check("a branch has the function of rho", same(run, other) and other.metrics[14].rho == 1.01 ^ 14)
check("which no replay asks", run:verify_replay() and other:verify_replay())
run:rewind(0)
check("the start", #run.metrics == 0 and run.iteration == 0)
END

got=$("$IPDLAM" run "$tmp/travel.lua" 2>&1)
passed=0
if [ $? = 0 ] && ! grep -q '^no: ' <<<"$got" && [ "$(grep -c '^yes: ' <<<"$got")" = 36 ]; then passed=1; fi
result $passed "time travel in Lua, 36 checks"
[ $passed = 1 ] || sed 's/^/# /' <<<"$got"
database=$XDG_DATA_HOME/ipdlam/runs.db
check "the history knows what was taken back" 0 "^4$" "" \
    sqlite3 "$database" "SELECT count(*) FROM rewinds"
check "and where a branch comes from" 0 "^one.3$" "" \
    sqlite3 "$database" "SELECT parent_name, parent_iteration FROM runs WHERE name = 'one@3'"
# Killed before its first checkpoint: all that it did is in the history.
cat >"$tmp/killed.lua" <<'END'
local run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 }, batch = 0, name = "killed" }
run:step(2)
run:set { delta = 0.3 }
run:step(1)
os.execute("kill -9 $PPID")
END
cat >"$tmp/resumed.lua" <<'END'
local was = ip.history("killed").metrics
local run = assert(ip.resume("killed"))
print(#run.metrics, run.delta, run:last().phi == was[#was].phi, run:step(1).iteration)
END
{ "$IPDLAM" run "$tmp/killed.lua"; } >/dev/null 2>&1
check "a run that was killed early is done again" 0 "^3	0.3	true	4$" "no checkpoint yet and is repeated" "$IPDLAM" run "$tmp/resumed.lua"
done_testing
