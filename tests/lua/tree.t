#!/bin/bash
# The paths of a run: random walks in Lua, the history, and kill -9 and resume. IPDLAM_TEST_LONG=1: 60 walks.
. "$TOP_SRCDIR/tests/cli/tap.sh"

cat >"$tmp/walk.lua" <<'END'
-- A walk that a seed determines. Writes a checkpoint somewhere, and is killed later.
local seed = tonumber(os.getenv "SEED")
math.randomseed(seed)
local function any(n) return math.random(n) end
local run = ip.run { data = ip.dataset("digits", { train = 120, test = 30 }), net = { 784, 8, 10 },
                     batch = 40, name = "walk " .. seed, rho = seed % 3 == 0 and function(k) return 1.05 ^ (k // 2) end or nil }
run:on("iteration", function(m) if m.iteration % 4 == 0 then run:set { beta = 0.3 + 0.01 * m.iteration } end end)
local moves = {
  function() run:step(any(3)) end,
  function() run:step(any(2)) end,
  function() run:step_block(any(5)) end,
  function() run:set { delta = any(9) / 10 } end,
  function() run.order = ({ "increase", "reverse", "nested_reverse" })[any(3)] end,
  function() run.W[2] = run.W[2]:mul(1 - any(9) / 100) end,
  function() run:rewind(any(run.iteration + 1) - 1) end,
  function() run:forward(any(3)) end,
  function() run:redo() end,
  function() run:go(any(#run:futures() + 1)) end,
  function() run:back_batch(any(2)) end,
  function() run:undo() end,
  function() if run.place.batch == 1 then run:switch(any(2) == 1 and "adam" or "ipdlam") end end,
}
local steps = 30
for i = 1, steps do
  pcall(moves[any(#moves)])
  if i == 20 then
    assert(run:checkpoint())
    local lines = {}
    for _, f in ipairs(run:futures()) do lines[#lines + 1] = table.concat({ f.node, f.iterations, f.phi or 0, f.set }, " ") end
    print(table.concat(lines, "; "))
    io.stdout:flush()
  end
end
os.execute("kill -9 $PPID")
END
cat >"$tmp/check.lua" <<'END'
local seed = tonumber(os.getenv "SEED")
local run = assert(ip.resume("walk " .. seed, { rho = seed % 3 == 0 and function(k) return 1.05 ^ (k // 2) end or nil }))
local lines = {}
for _, f in ipairs(run:futures()) do lines[#lines + 1] = table.concat({ f.node, f.iterations, f.phi or 0, f.set }, " ") end
print(table.concat(lines, "; "))
local right = run:verify_replay()
for _, f in ipairs(run:futures()) do
  assert(run:go(f.node))
  local phi = run:last() and run:last().phi
  right = right and run:verify_replay() and run.iteration == f.iterations and (phi == f.phi or phi ~= phi)
end
run:step(1)
local old = ip.history(run.id)
print(right, #old.metrics == #run.metrics, #old.log == #run.log)
for i = 1, #run.metrics do assert(old.metrics[i].phi == run.metrics[i].phi) end
END
walks=4 passed=0
[ -z "${IPDLAM_TEST_LONG-}" ] || walks=60
for seed in $(seq $walks); do
    { SEED=$seed "$IPDLAM" run "$tmp/walk.lua" >"$tmp/before" 2>"$tmp/errors"; } 2>/dev/null
    SEED=$seed "$IPDLAM" run "$tmp/check.lua" >"$tmp/after" 2>>"$tmp/errors"
    if [ -s "$tmp/before" ] && cmp -s "$tmp/before" <(head -1 "$tmp/after") && [ "$(tail -1 "$tmp/after")" = "true	true	true" ]; then
        passed=$((passed + 1))
    else
        echo "# walk $seed"
        cat "$tmp/before" "$tmp/after" "$tmp/errors" | sed 's/^/# /'
    fi
done
result $((passed == walks)) "$walks walks, killed and resumed: all paths are there, with the same bits, and in the history"
done_testing
