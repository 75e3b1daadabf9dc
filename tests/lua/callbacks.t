#!/usr/bin/env bash
# run:on: callbacks that a run waits for, in scripts.
. "$TOP_SRCDIR/tests/cli/tap.sh"
run() { timeout 60 "$IPDLAM" run --no-history --threads 1 "$@"; }
lua() { printf '%s\n' "$1" > "$tmp/s.lua"; shift; run "$tmp/s.lua" "$@"; }
data='data = ip.dataset("digits", { train = 60, test = 20 })
function make(t) t = t or {} t.data, t.net, t.batch, t.seed = data, { 784, 5, 10 }, t.batch or 20, 1 return ip.run(t) end
run = make()
function print(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end io.write(table.concat(t, " "), "\n") end'
same() { if cmp -s "$2" "$3"; then result 1 "$1"; else result 0 "$1"; diff "$2" "$3" | head -n 5 | sed 's/^/# /'; fi; }

# The same numbers as from a loop, regardless of timing.
twin="$data"'
local event, step = arg[1], ({ iteration = "step", batch = "step_batch", block = "step_block" })[arg[1]]
local iterations, n = 6, 0
if arg[2] == "callback" then
  run:on(event, function() n = n + 1 run.delta = 1 + 1 / n end)
  run:step(iterations)
else
  while run.iteration < iterations do run[step](run) n = n + 1 run.delta = 1 + 1 / n end
end
print(("%d %.17g"):format(n, run:last().phi))
for i, c in ipairs(run.log) do print(c.place, c.command) end'
while :; do :; done & busy=$!
for event in iteration batch block; do
    lua "$twin" $event loop > "$tmp/loop"
    for n in 1 2 3; do
        lua "$twin" $event callback > "$tmp/callback"
        same "by $event, beside a busy loop ($n): the bits and the log of a loop" "$tmp/loop" "$tmp/callback"
    done
done
kill $busy; wait $busy 2> "/dev/null"
is "all events are counted" "$(wc -l < "$tmp/loop")" 91

check "block, batch and iteration, in this order" 0 "" "" lua "$data"'
local seen, own = {}, 0
run:on("iteration", function(m) seen[#seen + 1] = "iteration " .. m.iteration end)
run:on("batch", function(b) seen[#seen + 1] = "batch " .. b.place.batch .. " " .. b.block end)
run:on("block", function(b) seen[#seen + 1] = b.block own = own + 1 end)
run:on("block", function(b) own = own + 100 end)
local m = run:step()
assert(m.iteration == 1 and own == 15 * 101, own)
assert(#seen == 19 and seen[1] == "z2" and seen[6] == "batch 1 " .. seen[5] and seen[12] == "batch 2 " .. seen[11], table.concat(seen, ","))
assert(seen[18] == "batch 3 " .. seen[17] and seen[19] == "iteration 1")
run:on("block", nil) run:on("batch", nil) run:on("iteration", nil)
run:step() assert(#seen == 19 and own == 1515)'
check "a pause in a callback takes effect at its boundary" 0 '^at iteration 2, batch 3 of 3, before z2 paused$' "" lua "$data"'
local n = 0
run:on("batch", function() n = n + 1 if n == 5 then local at = run:pause() print(at, run.status) end end)
run:step(10)
assert(n == 5 and run.iteration == 1, n)
run:step_batch() assert(n == 6)'
check "a pause from outside returns after the callbacks" 0 '^done$' "" lua "$data"'
local inside = 0
run:on("block", function() inside = 1 for i = 1, 3 do run:set { delta = 1 } end inside = 0 end)
for i = 1, 30 do run:start() run:pause() assert(inside == 0) end
print("done")'
check "a callback cannot wait for its own run" 0 '^7 1$' "" lua "$data"'
local n = 0
run:on("block", function()
  for _, f in ipairs { "step", "step_block", "step_batch", "step_kind" } do
    local ok, why = pcall(run[f], run)
    if not ok and why:find("a callback cannot step or rewind its own run.*run:pause%(%)") then n = n + 1 end
  end
  for _, f in ipairs { function() run:rewind(0) end, function() run:step_until(print) end,
                       function() coroutine.wrap(run.step)(run) end } do
    local ok, why = pcall(f)
    if not ok and why:find("a callback cannot step") then n = n + 1 end
  end
  run:pause()
end)
run:step()
print(n, run.place.batch)'
check "a callback can change, branch, save and close its own run" 1 "^at iteration 1, batch 2 of 3, before z2 3$" "the run was closed while the call waited for it" \
    lua "$data"'
local n = 0
run:on("batch", function(b)
  n = n + 1
  if n == 1 then print(run:set { delta = 0.5 }, #run:branch(0).widths) end
  if n == 2 then assert(run:undo() and run:network():weights(1)) end
  if n == 3 then run:close() run = nil collectgarbage() end
end)
run:step(3)'
check "a switch within an iteration does not wait for itself" 0 '^at iteration 2.* adam$' "" lua "$data"'
local at
run:on("block", function() if not at then at = run:switch("adam") end end)
print(tostring(at or run:step(2) and at), run.settings.method)'
check "a callback steps other runs, whose callbacks are called, too" 0 '^2 6 12 true$' "" lua "$data"'
local other, third = make(), make()
local a, b, c = 0, 0, 0
third:on("iteration", function() c = c + 1 third.delta = 1 / c end)
other:on("batch", function() b = b + 1 third:step() third:step() end)
run:on("iteration", function() a = a + 1
  table.sort({ 2, 1 }, function(x, y) other:step() return x < y end) -- which cannot yield
  for i = 2, 1 do end
end)
run:step(2)
print(a, b, c, #third.log == c)'
check "callbacks are called while coroutines, comparators and pcall wait" 0 '^9$' "" lua "$data"'
local n = 0
run:on("iteration", function() n = n + 1 run.delta = 1 / n end)
coroutine.wrap(function() run:step() end)()
local co = coroutine.wrap(function() for i = 1, 2 do run:step() coroutine.yield(i) end end)
assert(co() == 1 and co() == 2)
assert(pcall(run.step, run, 4))
table.sort({ 2, 1 }, function(x, y) if n < 9 then run:step(2) end return x < y end)
assert(#run.log == n)
print(n)'
check "runs whose callbacks would wait for each other" 1 "" 'waits for a callback that waits for this run. Return from' lua "$data"'
local other = make()
run:on("iteration", function() other:step() end)
other:on("iteration", function() run:step() end)
run:step()'
check "two runs at once" 0 '^ok$' "" lua "$data"'
local other = make()
local n = { 0, 0 }
for i, r in ipairs { run, other } do r:on("block", function() n[i] = n[i] + 1 r.delta = 1 + n[i] % 3 end) end
run:start() other:start()
repeat run:set { lambda = 0 } until run.iteration > 3 and other.iteration > 3
run:pause() other:pause()
assert(#run.log > n[1] and #other.log == n[2] and run:verify_replay() and other:verify_replay())
print("ok")'

check "an error raises in the call that waits, with both tracebacks" 1 "" 's.lua:5: bad 2$' lua "$data"'
local function deep(m) error("bad " .. m.iteration) end
run:on("iteration", function(m) if m.iteration == 2 then deep(m) end end)
run:step(5)'
is "the traceback has the place of the error" "$(grep -c "in upvalue 'deep'\|in a callback on \"iteration\" of digits-[0-9-]*ipdlam-1" "$err")" 2
check "the error can be caught; the callback stays" 0 '^2 false true 3 false true paused: callback on "batch": .*s.lua:6: odd$' "" lua "$data"'
local n = 0
run:on("batch", function(m) n = n + 1 if n > 1 then error("odd") end end)
local ok, why = pcall(run.step, run, 5)
print(n, ok, why:find("s.lua:6: odd\n", 1, true) ~= nil, (function() ok, why = pcall(run.step_batch, run) return n end)(), ok, run.place.iteration == 2, run.status)'
check "a value that is no text is raised as it is" 0 '^false.7$' "" lua "$data"'
run:on("block", function(m) error { code = 7 } end)
local ok, e = pcall(run.step, run)
print(ok, e.code)'
check "after start() the error is printed and pauses the run; exit code 1" 1 '^paused 2$' 's.lua:5: bad 2$' lua "$data"'
run:on("iteration", function(m) if m.iteration == 2 then error("bad 2") end end) run:start()
repeat run:set { delta = 1 } until run.status ~= "running"
print(run.status:match("^%l+"), run.iteration)'
is "the error is printed once" "$(grep -c "bad 2" "$err")" 1
is "the message says that the run pauses" "$(grep -c '(digits-[0-9-]*ipdlam-1 pauses)' "$err")" 1

check "a change of a run at rest returns after its callbacks" 0 '^set delta = 0.5 1 1$' "" lua "$data"'
local seen, n = nil, 0
run:set { delta = 2 }
run:on("change", function(c) n = n + 1 seen = c.command end)
run.delta = 0.5
print(seen, n, run.place.iteration)'
check "a change raises the errors of its callbacks" 0 '^false true 0.25$' "" lua "$data"'
run:on("change", function(c) error("no " .. c.command) end)
local ok, why = pcall(run.set, run, { delta = 0.25 })
print(ok, why:find("s.lua:5: no set delta = 0.25\n", 1, true) ~= nil, run.delta)'
check "changes made in a callback reach later callbacks" 0 '^iteration, change, change, iteration$' "" lua "$data"'
local seen = {}
run:on("change", function(c) seen[#seen + 1] = "change" end)
run:on("iteration", function(m) seen[#seen + 1] = "iteration" if m.iteration == 1 then run.delta = 2 run.delta = 3 end end)
run:step(2)
print(table.concat(seen, ", "))'

check "step_until, breakpoints and the function of rho beside callbacks" 0 '^ok$' "" lua "$data"'
local seen = {}
run.rho = function(k, rho) seen[#seen + 1] = "rho" .. k return k end
run:on("iteration", function(m) seen[#seen + 1] = "end" .. m.iteration run.delta = m.iteration end)
run:step_until(function(m) seen[#seen + 1] = "until" .. m.iteration return m.iteration == 2 end)
assert(table.concat(seen, " ") == "rho1 end1 until1 rho2 end2 until2", table.concat(seen, " "))
run:break_at(function(m, block) seen[#seen + 1] = "break" return block == "W2" end)
seen = {}
run:on("block", function(b) seen[#seen + 1] = b.block end)
run:step()
assert(run.status:find("paused at breakpoint 1") and run.place.block == "W2")
assert(seen[#seen] == "break" and table.concat(seen, " "):find("z2 break"), table.concat(seen, " "))
print("ok")'
check "a replay takes changes from the log and calls no callback" 0 '^30 true true 30$' "" lua "$data"'
local n = 0
run:on("batch", function() n = n + 1 run.delta = 1 + 1 / n end)
run:step(10)
local phi, b = run:last().phi, run:branch(10)
local name = run:script(arg[1])
print(n, run:verify_replay(), b:step(1).iteration == 11 and run:rewind(4) ~= nil, n)
assert(#run.log == 11 or #run.log == 12, #run.log)
dofile(name)' "$tmp/again.lua"

check "with wait = false the run continues, and a failing callback is removed" 0 '^3 3$' 'callback on "iteration" is removed' lua "$data"'
local n = 0
run:on("iteration", function() n = n + 1 end, { wait = false })
run:on("iteration", function() error("bad") end, { wait = false })
run:step(3)
print(n, run.iteration)'
check "wait = false is refused for blocks and batches" 1 "" 'wait = false is possible for the events iteration and change only' lua "$data"'
run:on("batch", print, { wait = false })'
check "an option that does not exist" 1 "" "unknown option of run:on 'wiat'. Did you mean 'wait'" lua "$data"'
run:on("iteration", print, { wiat = false })'
check "an event that does not exist" 1 "" "unknown event 'blok'. Did you mean 'block'" lua "$data run:on('blok', print)"
done_testing
