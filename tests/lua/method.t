#!/usr/bin/env bash
# Training methods from Lua files: the same bits in every way to go back and forth, bases, parts, settings, errors, reload.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
methods=$TOP_SRCDIR/lua/methods

# The same bits.
small="--train 600 --test 100 --layers 20,15 --iterations 4 --no-history --quiet"
for m in plain_ipdlam lpom plain_sgd admm; do
    batch="--batch 128"
    [ $m = admm ] && batch=
    for threads in 1 2 3; do
        # shellcheck disable=SC2086
        "$IPDLAM" train --method "$methods/$m.lua" $small $batch --threads $threads --save $threads.st || echo "# failed"
    done
    # shellcheck disable=SC2086
    IPDLAM_FRESH_METHODS=1 "$IPDLAM" train --method "$methods/$m.lua" $small $batch --save fresh.st
    is "$m: same bits with 1, 2 and 3 threads" "$(cmp 1.st 2.st && cmp 1.st 3.st && echo same)" same
    is "$m: same bits if the file is loaded before every block" "$(cmp 1.st fresh.st && echo same)" same
done

cat > travel.lua << 'E'
local data = assert(ip.dataset("digits", { train = 300, test = 50 }))
for _, name in ipairs { "plain_ipdlam", "admm", "lpom", "plain_sgd" } do
  local run = assert(ip.run { data = data, net = { 784, 12, 10 }, seed = 3, batch = name == "admm" and 0 or 128,
    method = os.getenv("METHODS") .. "/" .. name .. ".lua" })
  if name ~= "plain_sgd" then run:step_block(3) end
  run:step(3)
  if name == "plain_ipdlam" then run:set { delta = 0.5 } end
  if name == "admm" then run:set { admm_beta = 0.5 } end
  run:step(2)
  assert(run:verify_replay())
  local loss = run:last().forward_loss
  run:rewind(4)
  run:step(1)
  assert(run:last().forward_loss == loss)
  local branch = run:branch(4)
  branch:step(1)
  assert(branch:last().forward_loss == loss)
  if name ~= "plain_sgd" then run:step_block(2) end
  assert(run:checkpoint(name .. ".safetensors"))
  run:step(1)
  loss = run:last().forward_loss
  local again = assert(ip.resume(name .. ".safetensors"))
  again:step(1)
  assert(again:last().forward_loss == loss)
  run:script(name .. "-script.lua")
  print(name, ("%a"):format(loss))
end
E
METHODS=$methods check "rewind, branch, replay, resume and a live change: same bits" 0 "plain_sgd" "" "$IPDLAM" run travel.lua
cp "$out" losses
for m in plain_ipdlam admm lpom plain_sgd; do
    { cat $m-script.lua; echo 'io.open("loss", "w"):write(("%a"):format(run:last().forward_loss))'; } > again.lua
    check "$m: run:script needs no file" 0 "" "" "$IPDLAM" run again.lua
    is "$m: run:script has the same bits" "$(cat loss)" "$(grep "^$m" losses | cut -f2)"
done

# Kill -9, and resume without the file.
rm -rf "$XDG_DATA_HOME"
cp "$methods/plain_sgd.lua" mine.lua
"$IPDLAM" train --method ./mine.lua --train 300 --test 50 --layers 5 --iterations 2 --checkpoint-every 1 --quiet
check "a file that has not changed" 0 "" "" "$IPDLAM" train --resume last --iterations 3 --quiet
is "a file that has not changed is not mentioned" "$(cat "$err")" ""
echo >> mine.lua
check "a file that has changed since is reported" 0 "" "mine.lua has changed. The run keeps the text" \
    "$IPDLAM" train --resume last --iterations 4 --quiet
cat > take.lua << 'E'
local run = assert(ip.resume("last"))
local old = run.settings.method
run:reload()
run:step(1)
assert(run.settings.method ~= old)
E
check "run:reload() reads a file that has changed" 0 "" "has changed" "$IPDLAM" run take.lua
rm -rf "$XDG_DATA_HOME"
killed() { # METHOD OPTION...
    local method=$1 pid deadline=$((SECONDS + 60))
    shift
    set -- "$@" --train 300 --test 50 --layers 20,15 --quiet
    cp "$methods/$method.lua" mine.lua
    rm -f cut.csv
    "$IPDLAM" train --method ./mine.lua "$@" --save whole.st --no-history
    "$IPDLAM" train --method ./mine.lua "$@" --checkpoint-every 1 --csv cut.csv > /dev/null 2>&1 < /dev/null &
    pid=$!
    until { [ -f cut.csv ] && [ "$(wc -l < cut.csv)" -ge 4 ]; } || [ $SECONDS -gt $deadline ]; do sleep 0.02; done
    kill -9 $pid
    wait $pid 2> /dev/null
    rm mine.lua
    runs=$((${runs:--1} + 2)) # the one before has been resumed as another
    check "$method: after kill -9 a run resumes without the file" 0 "" "" "$IPDLAM" train --resume $runs --quiet --save again.st
    is "$method: with the same bits" "$(cmp whole.st again.st && echo same)" same
}
killed admm --iterations 200
killed lpom --batch 50 --iterations 100
killed plain_sgd --batch 50 --iterations 300
killed plain_ipdlam --batch 50 --iterations 60

"$IPDLAM" runs export 7 --lua > export.lua
check "the history has the text, too" 0 "iteration" "" "$IPDLAM" run export.lua
check "a method whose text is found nowhere" 1 "" "the text of the method mine@000000 is not known here" \
    "$IPDLAM" train --method mine@000000

# admm without multiplier is ipdlam without inertia in its order.
cat > dlam.lua << 'E'
local data = assert(ip.dataset("digits", { train = 1000, test = 50 }))
local start = assert(ip.run { data = data, net = { 784, 8, 10 }, seed = 2 })
start:step(1)
local net = start:network()
local admm = assert(ip.run { data = data, net = net, batch = 0, method = os.getenv("METHODS") .. "/admm.lua",
  admm_beta = 0.25, admm_gamma = 0.25, growth = 1.1, dual_step = 0, regularizer = "ridge", lambda = 0.5 })
local dlam = assert(ip.run { data = data, net = net, batch = 0, method = "ipdlam", inertia = 0, delta = 0,
  rho = { init = 0.5, growth = 1.1, max = 100 }, order = "W1 a1 z1 W2 z2", regularizer = "ridge", lambda = 0.5 })
for k = 1, 3 do
  admm:step(1)
  dlam:step(1)
  local x, y = admm:last().phi, dlam:last().phi
  assert(math.abs(x - y) < 1e-4 * y, x .. " " .. y)
end
print("the same")
E
METHODS=$methods check "admm without multiplier is dlam in its order" 0 "the same" "" "$IPDLAM" run dlam.lua

# Tensors of a block wait until they are read: the values are those of the moment of the operation.
cat > waits.lua << 'E'
local update = {}
local function same(x, y) assert(x == y, "another value") end
function update.z(s, l)
  local z, n = s.z[l]:copy(), s.z[l].rows
  local d = z * 2 + 1
  z:add_(1)
  same(d, s.z[l] * 2 + 1)
  local u = z:t()
  z:mul_(3)
  same(u, (s.z[l] + 1):t())
  local sum, one = s.z[l] * 0, ip.ones(n, 1)
  for i = 1, 40 do sum = sum + z:mul_col(one * i):sub_row(one:t() * z) end
  local slow = ip.zeros(n, z.cols)
  for i = 1, 40 do slow:add_(z:mul_col((one * i):copy()):sub_row((one:t() * z):copy()):copy()) end
  same(sum, slow)
  local q = z - 1
  same((q:mul(q) + q):copy(), q:copy():mul(q:copy()):copy() + q)
  assert(math.abs((q * 2):norm() - 2 * q:copy():norm()) < 1e-3 * q:norm())
  assert((z:t() * z - z:t():copy() * z):norm() < 1e-3 * (z:t() * z):norm())
  assert((z * z:t() - z:gram()):norm() < 1e-3 * z:gram():norm())
  same(z:over_cols("max"), (z:t():copy():over_rows("max")):t())
  same(z:over_cols("mean"), (z:t():copy():over_rows("mean")):t())
  -- values move together: each gets what the other was
  return { z = s.a[l] and l < s.L and s.a[l] or nil, a = l < s.L and s.z[l] or nil }
end
return { name = "waits", summary = "tensors that wait", variables = { "z", "a" }, previous = { "z" },
  orders = function(visit, L) for l = 1, L do visit("z", l) end end, update = update }
E
cat > wait.lua << 'E'
local data = assert(ip.dataset("digits", { train = 200, test = 50 }))
local run = ip.run { data = data, net = { 784, 7, 10 }, method = "./waits.lua", batch = 0 }
run:step_block(2)
run.a[1] = run.a[1] + 1
local z, a = run.z[1]:copy(), run.a[1]:copy()
run:step_block(1)
assert(run.z[1] == a and run.a[1] == z and a ~= z)
print(run.status)
E
check "tensors of a block wait, and values move together" 0 "paused" "" "$IPDLAM" run wait.lua

# A file with a base: the text of both is the method's.
cp "$methods/plain_ipdlam.lua" .
cat > steps.lua << 'E'
-- W moves by one step of the gradient, so nothing is inverted for it; all else is Algorithm 1
local update = {}

function update.W(s, l)
  local a, r = s.a[l - 1], s:p(l) - s.z[l]
  local step = s.step / a:norm() ^ 2
  local W = (s.W[l] - r:outer(a) * step) / (1 + step * s:ridge(l) / s.rho)
  return { W = W, b = s.b[l] - r:over_cols("mean") }
end

return {
  name = "steps", summary = "Algorithm 1 with gradient steps of W", base = "./plain_ipdlam.lua",
  settings = { step = { default = 1, min = 0, max = 2, help = "step of W" } },
  update = update,
}
E
cat > base.lua << 'E'
local data = assert(ip.dataset("digits", { train = 200, test = 50 }))
local run = ip.run { data = data, net = { 784, 7, 10 }, method = "./steps.lua", batch = 100, audit = true }
run:step(2)
run:set { step = 0.5, delta = 0.5 }
run:step_block(2)
assert(run:last().audit_blocks == 6) -- z and a are exact, and W is not
run:checkpoint("base.safetensors")
run:step(1)
os.remove("plain_ipdlam.lua")
os.remove("steps.lua")
assert(run:verify_replay())
local again = assert(ip.resume("base.safetensors"))
again:step(1)
assert(again:last().phi == run:last().phi)
run:script("base-again.lua")
print(("%a"):format(run:last().phi))
E
check "a method with a base trains, replays and resumes without both files" 0 "0x" "" "$IPDLAM" run base.lua
phi=$(cat "$out")
echo 'print(("%a"):format(run:last().phi))' >> base-again.lua
is "a script has both texts" "$("$IPDLAM" run base-again.lua | tail -1)" "$phi"
echo 'return { name = "x", summary = "y", base = "./none.lua" }' > x.lua
check "a base that does not exist" 1 "" "x.lua: base './none.lua': ./none.lua: cannot be read" "$IPDLAM" methods ./x.lua
echo 'return { name = "y", summary = "y", base = "nosuch" }' > y.lua
check "a base by an unknown name" 2 "" "y.lua: base 'nosuch': no method file has this name. Give its path" \
    "$IPDLAM" methods ./y.lua
echo 'return { name = "y", summary = "y", base = "ipdlam" }' > y.lua
check "a base that is built in" 2 "" "base 'ipdlam' is built in. A base is a file, such as plain_ipdlam" "$IPDLAM" methods ./y.lua
echo 'return { name = "y", summary = "y", base = "./x.lua" }' > y.lua
check "a base of a base" 1 "" "y.lua: base: './x.lua' has a base itself" "$IPDLAM" methods ./y.lua

# Parts of the objective with names of their own are metrics, summed over the batches.
cat > parts.lua << 'E'
local update = { step = function(s)
  local new = {}
  for l = 1, s.L do new[l] = s.W[l] * 0.99 end
  return { W = new }
end }
return { name = "parts", summary = "its records have metrics", parts = { "seen", "norm1" }, update = update,
  orders = function(visit) visit("step") end,
  objective = function(s) return { loss = 1, phi = 1, seen = s.n, norm1 = s.W[1]:norm() * s.share } end }
E
"$IPDLAM" train --method ./parts.lua --train 300 --test 50 --batch 128 --layers 5 --iterations 2 --csv parts.csv --quiet
is "a part is summed over the batches" "$(python3 -c '
import csv
rows = list(csv.DictReader(open("parts.csv")))
print([r["seen"] for r in rows], float(rows[0]["norm1"]) > 0.5)')" "['300', '300'] True"
check "the history has the part" 0 '"seen": 300' "" "$IPDLAM" runs export last --json
cat > stops.lua << 'E'
local run = assert(ip.run { data = assert(ip.dataset("digits", { train = 300, test = 50 })), net = { 784, 5, 10 },
  method = "./parts.lua", batch = 128 })
run:step_block(2)
run:checkpoint("parts.safetensors")
run:step(1)
local again = assert(ip.resume("parts.safetensors"))
again:step(1)
assert(again:last().seen == 300 and again:last().norm1 == run:last().norm1)
local text = io.open("parts.lua"):read("a")
io.open("parts.lua", "w"):write((text:gsub('"seen", ', '"first", "seen", '):gsub("loss = 1", "loss = 1, first = 2"))):close()
run:step_block(1)
run:reload()
run:step(1)
print(run:last().seen, run:last().first)
run:step(1)
print(run:last().seen, run:last().first)
E
check "a resume within the iteration has the whole sum" 0 "^300.0	6.0" "" "$IPDLAM" run stops.lua
is "an iteration whose text changed has no sum" "$(head -1 "$out")" "nan	nan"
sed 's/parts = { "first", /parts = { "phi", /' parts.lua > x.lua
check "a part with the name of a field of records" 2 "" "parts: records have a field phi already" "$IPDLAM" methods ./x.lua
sed 's/parts = { .*}, update/update/' parts.lua > x.lua
check "a field of the objective that is not declared" 1 "" "objective: records have no field 'first'. Add it to .parts" "$IPDLAM" train \
    --method ./x.lua --train 100 --layers 5 --iterations 1 --no-history --quiet

# Settings of a method.
check "ipdlam methods lists those built in" 0 "^relaxed_am " "" "$IPDLAM" methods
check "ipdlam methods FILE lists its settings" 0 "admm_gamma +weight .* \(default 10" "" "$IPDLAM" methods "$methods/admm.lua"
check "--json" 0 '"admm_beta": \{"default": 1' "" "$IPDLAM" methods "$methods/admm.lua" --json
# shellcheck disable=SC2086
check "an option of the method" 0 "" "" "$IPDLAM" train --method "$methods/admm.lua" --admm-beta 0.5 $small
check "the shells complete it" 0 "^--admm-beta	weight of" "" \
    "$IPDLAM" complete -- train --method "$methods/admm.lua" --admm-b
check "--help shows it" 0 "--admm-beta X +weight of z_l" "" "$IPDLAM" train --method "$methods/admm.lua" --help
cat > help.lua << 'E'
assert(ip.method(os.getenv("METHODS") .. "/admm.lua"))
print(ip.help("admm_beta"))
E
METHODS=$methods check "ip.help shows it" 0 "without 1/2 \(default 1, 1e-12 to 1e\+12\); number" "" "$IPDLAM" run help.lua
# shellcheck disable=SC2086
check "its range is checked" 2 "" "admm_beta = -1 is out of range. Use 1e-12 to 1e\+12" \
    "$IPDLAM" train --method "$methods/admm.lua" --admm-beta -1 $small
# shellcheck disable=SC2086
check "full batch only" 2 "" "admm@.* needs the full batch. Set batch = 0" \
    "$IPDLAM" train --method "$methods/admm.lua" --batch 50 $small
mkdir -p "$XDG_DATA_HOME/ipdlam/methods"
cp "$methods/lpom.lua" "$XDG_DATA_HOME/ipdlam/methods/"
check "a name is found in the user's folder" 0 "^lpom@" "" "$IPDLAM" methods lpom
check "a method in the user's folder is listed" 0 "^lpom@" "" "$IPDLAM" methods
check "an unknown name" 2 "" "unknown method 'lpmo'. Did you mean 'lpom|unknown method 'lpmo'" "$IPDLAM" methods lpmo

# Faults: a sentence, and the run can be continued.
fault() { # NAME TEXT PATTERN
    cat > fault.lua << E
local order = function(visit, L) for l = 1, L do visit("z", l) visit("W", l) end end
$2
return { name = "fault", summary = "faulty", variables = { "z", "a" }, orders = order, update = update }
E
    check "$1" 0 "$3" "" "$IPDLAM" run run_fault.lua
}
cat > run_fault.lua << 'E'
local data = assert(ip.dataset("digits", { train = 200, test = 50 }))
local run, why = pcall(ip.run, { data = data, net = { 784, 5, 10 }, method = "./fault.lua", batch = 0 })
if not run then print(why) return end
run = why
local before = run.z and run:network()
local good, message = pcall(function() return run:step(1) end)
print(good, message, run.status)
-- it can go on with another method
run:switch("ipdlam")
E
keep='function(s, l) return { z = s.z[l] + 0 } end'
fault "an error" "local update = { z = function(s, l) return { z = s.z[l] + nil } end, W = $keep }" \
    "block z1 of iteration 1: .*fault.lua:2.*at fault.lua:2"
fault "a shape" "local update = { z = function(s, l) return { z = s.W[l] } end, W = $keep }" \
    "block z1 of iteration 1: it returned z of layer 1 as 5 x 784, which must be 5 x 200"
fault "nonsense" "local update = { z = function(s, l) return 7 end, W = $keep }" "it returned a number. Return a table"
fault "a loop" "local update = { z = function() while true do pcall(error) end end, W = $keep }" "300 million instructions"
fault "recursion" "local function f() return 1 + f() end local update = { z = f, W = $keep }" "stack overflow"
fault "a counter" "local n = 0 local update = { z = function(s, l) n = n + 1 return {} end, W = $keep }" \
    "it changed 'n', which does not last"
fault "a global" "local update = { z = function(s, l) n = 1 end, W = $keep }" "n is a global variable"
fault "a clock" "local update = { z = function(s, l) return os.clock() end, W = $keep }" "cannot use os"
fault "half of z" "local update = { z = function(s, l) s.z[l]:fill(1) error('after half') end, W = $keep }" \
    "s.z\[1\] is a variable of the method. Return its new value"
fault "a tensor beyond all memory" "local update = { z = function(s, l) return { z = ip.zeros(1e6, 1e6) } end, W = $keep }" \
    "a tensor of 1000000 x 1000000 needs [0-9]+ MiB; Lua may use"
if grep -aq __asan_init "$IPDLAM"; then
    skip "small pieces beyond all memory: the sanitizer needs more than any limit"
else
    ulimit -S -v 1000000
    fault "small pieces beyond all memory" "local update = { z = function() local t = {} for i = 1, 1e9 do t[i] = {} end end,
        W = $keep }" "block z1 of iteration 1: not enough memory: Lua may use [0-9]+ MiB.paused"
    ulimit -S -v unlimited
fi
fault "another run" "local update = { z = function(s, l) ip.history() end, W = $keep }" "a method cannot use ip.history"
fault "a missing update" "local update = { z = $keep }" "block W has no update"
fault "a syntax error" "local update = {" "fault.lua:"
sed 's/name = "admm"/name = "adam"/' "$methods/admm.lua" > adam.lua
check "a built-in name" 2 "" "the method 'adam' is built in" "$IPDLAM" methods ./adam.lua
sed 's/growth =/delta =/' "$methods/admm.lua" > clash.lua
check "a built-in setting" 2 "" "the setting 'delta' is built in" "$IPDLAM" methods ./clash.lua

# run:reload in the middle of a sweep, the way back, and the other text.
cat > reload.lua << 'E'
local function write(text)
  local f = io.open("mine.lua", "w")
  f:write(text)
  f:close()
end
local old = io.open(os.getenv("METHODS") .. "/plain_ipdlam.lua"):read("a")
local new = old:gsub("x %+ %(x %- x_old%) %* inertia", "x"):gsub('previous = { "z", "W", "a" }',
  '%0,\n  settings = { extra = { default = 2, help = "nothing" } }')
write(old)
local data = assert(ip.dataset("digits", { train = 300, test = 50 }))
local run = assert(ip.run { data = data, net = { 784, 12, 10 }, seed = 3, batch = 100, method = "./mine.lua" })
run:step(1)
run:step_block(2)
local other = assert(run:branch(1))
assert(not run:reload())
write(new)
print(run:reload())
assert(run.settings.extra == 2 and run.place.block == "a1")
run:step(2)
other:step(2)
assert(run:last().forward_loss ~= other:last().forward_loss and run:last().method ~= other:last().method)
assert(run:verify_replay())
run:step_block(1)
run:checkpoint("reload.safetensors")
run:step(1)
local again = assert(ip.resume("reload.safetensors"))
again:step(1)
assert(again:last().forward_loss == run:last().forward_loss and again:verify_replay())
run:rewind(1)
run:step(2)
assert(run:last().forward_loss == other:last().forward_loss)
again:script("again.lua")
io.open("id", "w"):write(again.id):close()
-- a pause stops a loop without an end, and mended the run goes on
write((new:gsub("local a, z = s.a%[l %- 1%], s.z%[l%]", "%0 while s.k == 4 do end")))
run:reload()
run:start()
while run.iteration < 3 do end
run:pause()
assert(run.status == "paused" and run.iteration == 3)
write(new)
run:reload()
run:step(1)
assert(run.iteration == 4 and run:verify_replay())
E
METHODS=$methods check "run:reload within a sweep, rewind, replay, resume; a pause within a loop" 0 \
    "iteration 2, batch 1 of 3, before a1" "" "$IPDLAM" run reload.lua
check "a script repeats it without the files" 0 "iteration 4" "" "$IPDLAM" run again.lua
rm mine.lua
"$IPDLAM" runs export "$(cat id)" --lua > export.lua
check "the history has both texts" 0 "iteration 4" "" "$IPDLAM" run export.lua

# The steps of ipdlam-method(7), as they are printed.
page=$TOP_SRCDIR/man/ipdlam-method.7
awk '/^\.Bd -literal/ { file = "" ; inside = 1; next } /^\.Ed/ { inside = 0; next }
    inside && file == "" { file = $1 == "--" ? $2 : "ignored" }
    inside { print > file }' "$page"
grep '^\.Dl \$ ipdlam' "$page" | sed 's/^\.Dl \$ ipdlam //' > steps
while read -r step; do
    # shellcheck disable=SC2086
    check "the page: ipdlam $step" 0 "" "" "$IPDLAM" $step
done < steps
is "the page has steps, and its method is short" "$(($(wc -l < steps) > 2)) $(($(wc -l < mine.lua) < 50))" "1 1"
sed 's/return { a = M:solve(R) }/return { a = R * R }/' mine.lua > wrong.lua
check "train says what is wrong with a file, and fails" 1 "" "ipdlam train: block a1 of iteration 1, batch 1: mine.lua:24" \
    "$IPDLAM" train --method ./wrong.lua --batch 100 --train 1000 --test 200 --layers 50 --iterations 3 --no-history --quiet
done_testing
