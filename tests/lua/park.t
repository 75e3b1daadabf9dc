#!/usr/bin/env bash
# Runs that no variable holds: parked, listed, opened again; how runs end.
. "$TOP_SRCDIR/tests/cli/tap.sh"
export LC_ALL=C.UTF-8 TMPDIR="$tmp/temporary"
mkdir "$TMPDIR"
cd "$tmp" || exit 1

cat > common.lua << 'END'
data = ip.dataset("digits", { train = 60, test = 20 })
function new(t)
  t = t or {}
  t.data, t.net = data, t.net or { 784, 5, 10 }
  return assert(ip.run(t))
end
function bits(r)
  local text = ("%d %a"):format(r.iteration, r:last().phi)
  for l = 1, #r.widths - 1 do
    text = text .. (" %a %a"):format(r:weights(l):norm(), r:bias(l):norm())
  end
  return text
end
-- A new run waits until what nobody holds is parked.
function park()
  new{ name = "spare" }:close()
end
END
lua() { "$IPDLAM" run "$@"; }

cat > loop.lua << 'END'
dofile "common.lua"
local count, most = 14, 0
for i = 1, count do
  run = new{ seed = i }
  run:step(2)
  local open = 0
  for _, r in ipairs(ip.living()) do
    open = open + (r.parked and 0 or 1)
  end
  most = math.max(most, open)
end
run = nil
park()
local all = ip.living()
print("listed", #all, "open at once", most)
for i, r in ipairs(all) do
  assert(r.parked and r.iteration == 2 and r.status == "paused" and #r.widths == 3, i)
end
for i, r in ipairs(all) do
  assert(r:step().iteration == 3)
  if i % 6 == 1 then
    local twin = new{ seed = i }
    twin:step(3)
    assert(bits(r) == bits(twin), i)
    twin:close()
  end
end
print("done", #ip.living(), select(2, pcall(error, ip.living()[7])))
END
check "a loop over one variable keeps at most three runs in memory" 0 '^listed	14	open at once	[123]$' "" lua loop.lua
grep -q '^done	14	digits-5-ipdlam-7: digits, 784-5-10, paused, at iteration 4' "$out"
result $((! $?)) "all parked runs are listed and continue with the same bits"
is "each parked run is one row of the history" "$("$IPDLAM" runs list --json --limit 0 | grep -c '"parent": 0')" 17
is "each parked run is \"finished\" at the end" "$("$IPDLAM" runs list --json --limit 0 | grep -c '"status": "finished"')" 17
check "runs without a history are parked, too" 0 '^listed	14	open at once	[123]$' "" lua --no-history loop.lua
is "the folder of runs without a history is removed with the session" "$(ls "$TMPDIR")" ""

# The final status of a run: finished if the script completes, left if it does not.
cat > endings.lua << 'END'
dofile "common.lua"
run = new{ name = "whole" } run:step(2)
local r = new{ name = "block" } r:step(2) r:step_block()
r = new{ name = "closed" } r:step_block() r:close()
r = new{ name = "parked" } r:step()
r = nil park()
if arg[1] then error(arg[1], 0) end
END
endings() { "$IPDLAM" runs list --json --limit 0 | sed -n 's/^.*"name": "\([^"]*\)".*"status": "\([^"]*\)".*$/\1 \2;/p' | sort | tr -d '\n'; }
old_home=$XDG_DATA_HOME
export XDG_DATA_HOME="$tmp/done"
lua endings.lua
is "the status of runs after a script that succeeds" "$(endings)" "block left in iteration 3;closed finished;parked finished;whole finished;"
export XDG_DATA_HOME="$tmp/failed"
lua endings.lua fails 2> "$err"
is "the status of runs after a script that fails" "$(endings)" "block left in iteration 3;closed finished;parked left at iteration 1;whole left at iteration 2;"
check "left runs can be listed" 0 "whole .* left at iteration 2" "" "$IPDLAM" runs list --where 'status = left'

export XDG_DATA_HOME="$tmp/renamed"
cat > rename.lua << 'END'
dofile "common.lua"
local r = new{ name = "old" }
r.name = "early"
r:step()
r.name = "late"
print(r.name, ip.living("late") == r, ip.living("old"), ip.runs{ limit = 1 }[1].name)
r = nil park()
r = ip.living("late")
assert(r.parked)
r.name = 'the "last"'
print(r, r.parked)
r = nil park()
print(ip.living('the "last"'))
for _, name in ipairs{ "", ("x"):rep(64), {} } do
  print((select(2, pcall(function() ip.living()[1].name = name end)):gsub("^.-lua:%d+: ", "")))
end
END
check "a run gets another name" 0 '^late	true	nil	late$' "" lua rename.lua
is "a run that was parked gets another name" "$(tail -n +2 "$out")" "the \"last\": digits, 784-5-10, paused, at iteration 2, before z2	false
the \"last\": digits, 784-5-10, paused, at iteration 2, before z2
a run's name has 1 to 63 bytes; this one has 0
a run's name has 1 to 63 bytes; this one has 64
a run's name is a text: run.name = \"long batches\""
check "the history has the new name" 0 'the "last" ' "" "$IPDLAM" runs list
echo 'print(ip.resume(1).name)' > again.lua
check "the checkpoint has the new name" 0 '^the "last"' "" lua again.lua

export XDG_DATA_HOME="$old_home"
cat > functions.lua << 'END'
dofile "common.lua"
local function make(name)
  local r = new{ name = name, rho = function(k, rho) return rho * 1.1 end, rho_schedule = "function" }
  local seen = {}
  r:on("iteration", function(m) seen[#seen + 1] = m.iteration .. r.name end)
  r:step(2)
  r:set{ delta = 0.3 }
  r:set{ delta = 0.4 }
  r:break_at(function(m, block) return block == "W2" and m and m.iteration == 3 end)
  return r, seen
end
local twin = make("twin")
run, seen = make("run")
run = nil
park()
local r = ip.living("run")
assert(r.parked)
r:step(3) twin:step(3)
print(r.place.text == twin.place.text, r.place.text)
print(bits(r) == bits(twin), table.concat(seen, " "))
local place, back = r:undo()
print("undo", back, r.delta, select(2, r:undo()), r.delta, (select(2, r:undo())))
print("same", r == ip.living("run"), #r.breakpoints)
END
check "functions of a parked run stay" 0 '^true	iteration 4.*before W2' "" lua functions.lua
grep -q '^true	1run 2run 3run$' "$out"; result $((! $?)) "callbacks and the function of rho of a parked run stay"
grep -q '^undo	delta = 0.3	0.3	delta = 1	1.0	there is no change' "$out"; result $((! $?)) "changes of a parked run can be undone"
grep -q '^same	true	1$' "$out"; result $((! $?)) "it is the same Lua value"

cat > works.lua << 'END'
dofile "common.lua"
run = new{ name = "works" }
local done = 0
run:on("iteration", function(m) done = m.iteration end)
run:start()
run = new{ name = "other" }
collectgarbage() collectgarbage()
while done < 20 do run:step() end
print(ip.living("works").status, ip.living("works").parked)
-- Two values that are collected at once, one of which another finalizer brings back.
do
  local r = new{ name = "back" }
  r:step()
  setmetatable({ r }, { __gc = function(t) saved = t[1] end })
end
collectgarbage()
park()
print(saved.name, saved:step().iteration, ip.living("back") == saved)
saved = nil
collectgarbage()
park()
print(ip.living("back").parked, ip.living("back"):step().iteration)
debug.getmetatable(run).__gc(run)
print(run:step().iteration > 0)
END
check "a training run continues without a variable" 0 '^running	false$' "" lua --no-history works.lua
grep -q '^back	2	true$' "$out" && grep -q '^true	3$' "$out"; result $((! $?)) "a handle that comes back refers to the same run"

cat > given.lua << 'END'
dofile "common.lua"
local net = ip.network{ 784, 5, 10 }
local first = new{ seed = 7 }
first:step()
run = new{ net = first:network(), name = "given" }
twin = new{ net = first:network(), name = "twin" }
run = first:branch(1, "branch")
run = nil
park()
local given, branch = ip.living("given"), ip.living("branch")
print(given.parked, given.id, branch.parked, branch.id, branch.parent.name)
given:step(2) twin:step(2) branch:step() first:step()
print(bits(given) == bits(twin), bits(branch) == bits(first), given.id > 0, branch.id > 0)
print(ip.compare{ "given", "twin" }.differ_from)
END
check "a run that has not trained yet is parked, too" 0 '^true	0	true	0	digits-5-ipdlam-[0-9]*$' "" lua given.lua
grep -q '^true	true	true	true$' "$out" && grep -q '^0$' "$out"; result $((! $?)) "a run that was parked before its first block trains"

cat > diverges.lua << 'END'
dofile "common.lua"
for i = 1, 3 do
  run = new{ method = "sgd", lr = 1e6, batch = 20, name = "d" .. i }
  run:step(5)
end
run = nil
park()
local r = ip.living("d1")
print(r.parked, r.status)
print(r:last().iteration, r.status)
print(r:step(5))
print(r.status)
END
check "a run that diverged is parked" 0 '^true	diverged at iteration 2' "" lua diverges.lua
is "a parked run that diverged diverges again" "$(grep -c 'diverged at iteration 2' "$out")" 4
is "the history has the status of the run that diverged" "$("$IPDLAM" runs list --json --limit 3 | grep -c '"status": "diverged')" 3

# A run that cannot be saved stays in memory.
cat > full.lua << 'END'
dofile "common.lua"
io.open(arg[1], "w"):close()
run = new{ name = "stays" }
run:step()
run = nil
park()
local r = ip.living("stays")
print(r.parked, r:step().iteration)
print(r:close())
print(r.status)
print(r:close(true), r.status)
END
export XDG_DATA_HOME="$tmp/full"
check "a run that cannot be saved stays in memory" 0 '^false	2$' 'stays stays in memory: .*full/ipdlam/checkpoints' \
    lua full.lua "$XDG_DATA_HOME/ipdlam/checkpoints"
grep -q '^nil	stays is not saved, so it stays open: .*run:close(true) closes it without saving$' "$out"
result $((! $?)) "run:close says why a run that cannot be saved stays open"
grep -q '^paused$' "$out" && grep -q '^nil	closed$' "$out"; result $((! $?)) "run:close(true) closes a run that cannot be saved"
cat > lost.lua << 'END'
dofile "common.lua"
io.open(arg[1], "w"):close()
run = new()
run:step()
END
check "work that is lost at the end is exit code 1" 1 "" 'is not saved: .*full2/ipdlam/checkpoints' \
    env XDG_DATA_HOME="$tmp/full2" "$IPDLAM" run lost.lua "$tmp/full2/ipdlam/checkpoints"

# The end of a script.
export XDG_DATA_HOME="$tmp/ends"
cat > ends.lua << 'END'
dofile "common.lua"
run = new{ name = "first" }
run:step(2)
run:step_block()
run = new{ name = "second" }
run:step()
if arg[1] == "fails" then error("on purpose") end
if arg[1] == "quits" then quit(3) end
END
cat > twin.lua << 'END'
dofile "common.lua"
local twin = new()
twin:step(3)
local r = assert(ip.resume(tonumber(arg[1])))
assert(r.place.text:find("before W"), r.place.text)
r:step()
print(bits(r) == bits(twin))
END
check "a script ends" 0 "" "" lua ends.lua
check "its runs can be continued" 0 "^true$" "" lua twin.lua 1
check "a script fails" 1 "" "on purpose" lua ends.lua fails
check "the runs of a script that fails can be continued" 0 "^true$" "" lua twin.lua "$("$IPDLAM" runs list --json --limit 2 | sed -n 's/.*"id": \([0-9]*\).*first.*/\1/p')"
check "a script quits" 3 "" "" lua ends.lua quits
check "the runs of a script that quits can be continued" 0 "^true$" "" lua twin.lua "$("$IPDLAM" runs list --json --limit 2 | sed -n 's/.*"id": \([0-9]*\).*first.*/\1/p')"

# Names by default.
cat > names.lua << 'END'
dofile "common.lua"
local a, b = new{ net = { 784, 7, 9, 10 } }, new{ method = "sgd", lr = 0.1 }
c = new{ net = { 784, 4, 4, 4, 4, 4, 4, 4, 4, 4, 10 } }
local d = new{ net = { 784, 1000, 900, 800, 700, 10 } }
local named = new{ name = "mine" }
local first = tonumber(a.name:match("^digits%-7%-9%-ipdlam%-(%d+)$"))
local function at(name, number) return name .. math.tointeger(first + number) end
print(b.name == at("digits-5-sgd-", 1), c.name == at("digits-9x4-ipdlam-", 2),
  d.name == at("digits-1000-..-700-ipdlam-", 3), named.name)
if arg[1] then return print("counted from " .. first) end
b:step()
os.execute("\"$IPDLAM\" train --layers 5 --train 60 --test 20 --iterations 1 --quiet") -- its number is that of c
a:step()
local name = c.name
c = nil
park()
c = ip.living(name)
print("parked", c.parked, c.id)
c:step() d:step()
print("rows", a.id == first, b.id == first + 1, c.id == first + 3, d.id == first + 4)
print("names", a.name == at("digits-7-9-ipdlam-", 0), c.name == at("digits-9x4-ipdlam-", 3),
  ip.history(c.id).name == c.name, a:branch(1).name == a.name .. "@1")
END
check "a run without a name is named by data, widths, method and number" 0 '^true	true	true	mine$' "" lua names.lua
grep -q "^parked	true	0$" "$out"; result $((! $?)) "a run keeps its name when it is parked"
grep -q "^rows	true	true	true	true$" "$out"; result $((! $?)) "the number in a name is that of the history"
grep -q "^names	true	true	true	true$" "$out"; result $((! $?)) "the name gets the number of the history if another program took the expected one"
check "without a history runs are counted" 0 '^counted from 1$' "" lua --no-history names.lua counted

# A folder that kill -9 left behind.
cat > killed.lua << 'END'
dofile "common.lua"
run = new()
run:step()
run = nil
park()
os.execute("ls '" .. os.getenv("TMPDIR") .. "'/*/*.safetensors | wc -l")
if arg[1] then os.execute("kill -KILL $PPID") end
END
lua --no-history killed.lua killed > "$out" 2>&1
is "a session is killed" "$?, $(ls -d "$TMPDIR"/*/ | wc -l)" "137, 1"
check "the next session starts" 0 "^1$" "" lua --no-history killed.lua
is "the next session removes the folder of the killed one" "$(ls "$TMPDIR")" ""
done_testing
