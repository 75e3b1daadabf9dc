#!/usr/bin/env bash
# Training methods from Lua files: reference cases, the same bits in every way to go back and forth, errors.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
methods=$TOP_SRCDIR/lua/methods golden=$TOP_SRCDIR/tests/solver/golden own=$TOP_SRCDIR/tests/lua/golden_methods

# Reference cases, each also with one sign of the file flipped.
plain="increase nested_reverse custom_order ridge minibatch_ridge minibatch_inner minibatch_increase
    minibatch_nested_reverse live_changes separate_inertia leaky_relu cross_entropy hinge one_layer
    low_rho_cross_entropy plain_am"
# shellcheck disable=SC2086
check "plain_ipdlam.lua passes the cases of ipdlam" 0 "16 of 16 within" "" "$IPDLAM" verify \
    --method "$methods/plain_ipdlam.lua" $(printf "$golden/%s.json " $plain)
check "admm.lua passes its cases" 0 "4 of 4 within" "" "$IPDLAM" verify --method "$methods/admm.lua" "$own"/admm_*.json
check "lpom.lua passes its cases" 0 "5 of 5 within" "" "$IPDLAM" verify --method "$methods/lpom.lua" "$own"/lpom_*.json
check "plain_sgd.lua passes its cases" 0 "2 of 2 within" "" "$IPDLAM" verify --method "$methods/plain_sgd.lua" \
    "$TOP_SRCDIR"/tests/solver/golden_optim/{sgd,sgd_momentum}.json
flip() { # METHOD FROM TO CASE...
    local method=$1 from=$2 to=$3
    shift 3
    python3 - "$methods/$method.lua" "$from" "$to" > "$method.lua" << 'E'
import sys
text = open(sys.argv[1]).read()
assert sys.argv[2] in text
print(text.replace(sys.argv[2], sys.argv[3], 1), end="")
E
    check "$method.lua fails with '$to'" 1 "FAIL" "" "$IPDLAM" verify --method "./$method.lua" "$@"
}
flip plain_ipdlam "x + (x - x_old)" "x - (x - x_old)" "$golden/increase.json"
flip plain_ipdlam "(residual + b_hat" "(residual - b_hat" "$golden/nested_reverse.json"
flip plain_ipdlam "outer(A) + W_hat" "outer(A) - W_hat" "$golden/nested_reverse.json"
flip plain_ipdlam "(s:p(l) + hat" "(s:p(l) - hat" "$golden/increase.json"
flip admm "s:p(l) - s.u[l]" "s:p(l) + s.u[l]" "$own/admm_hinge.json"
flip admm "s.u[l] + (s.z[l]" "s.u[l] - (s.z[l]" "$own/admm_constraint.json"
flip lpom "local new = v - " "local new = v + " "$own/lpom_squared.json"
flip lpom "local u = p - " "local u = p + " "$own/lpom_squared.json"
flip plain_sgd "s.W[l] - m_W" "s.W[l] + m_W" "$TOP_SRCDIR/tests/solver/golden_optim/sgd.json"
rm -f ./*.lua

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
cp "$methods/plain_ipdlam.lua" mine.lua
rm -rf "$XDG_DATA_HOME"
rows="--train 600 --test 100 --layers 40,30 --batch 50 --iterations 40 --quiet"
# shellcheck disable=SC2086
"$IPDLAM" train --method ./mine.lua $rows --save whole.st --no-history
# shellcheck disable=SC2086
"$IPDLAM" train --method ./mine.lua $rows --checkpoint-every 1 --csv cut.csv > /dev/null 2>&1 < /dev/null &
pid=$!
deadline=$((SECONDS + 60))
until { [ -f cut.csv ] && [ "$(wc -l < cut.csv)" -ge 6 ]; } || [ $SECONDS -gt $deadline ]; do sleep 0.02; done
kill -9 $pid
wait $pid 2> /dev/null
rm mine.lua
check "after kill -9 a run resumes without the file" 0 "" "" "$IPDLAM" train --resume 1 --quiet --save again.st
is "with the same bits" "$(cmp whole.st again.st && echo same)" same

"$IPDLAM" runs export 1 --lua > export.lua
check "the history has the text, too" 0 "iteration" "" "$IPDLAM" run export.lua
check "a text that nobody has" 1 "" "the text of the method mine@000000 is not known here" \
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
METHODS=$methods check "ip.help shows it" 0 "without 1/2 \(default 1, 1e-12 to 1e\+12\): number" "" "$IPDLAM" run help.lua
# shellcheck disable=SC2086
check "its range is checked" 2 "" "admm_beta = -1 is out of range. Use 1e-12 to 1e\+12" \
    "$IPDLAM" train --method "$methods/admm.lua" --admm-beta -1 $small
# shellcheck disable=SC2086
check "full batch only" 2 "" "admm@.* needs the full batch. Set batch = 0" \
    "$IPDLAM" train --method "$methods/admm.lua" --batch 50 $small
mkdir -p "$XDG_DATA_HOME/ipdlam/methods"
cp "$methods/lpom.lua" "$XDG_DATA_HOME/ipdlam/methods/"
check "a name is found in the user's folder" 0 "^lpom@" "" "$IPDLAM" methods lpom
check "and listed" 0 "^lpom@" "" "$IPDLAM" methods
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

# The audit of kinds that are declared exact: nothing to find, and a wrong sign in each update.
cat > audit.lua << 'E'
local data = assert(ip.dataset("digits", { train = 300, test = 50 }))
for _, batch in ipairs { 0, 100 } do
  local run = assert(ip.run { data = data, net = { 784, 12, 10 }, seed = 3, batch = batch, method = "./audit.method.lua",
    audit = true, regularizer = "ridge", lambda = 0.5, order = "nested_reverse" })
  run:step(4)
  local r = run:last()
  print(batch, r.audit_blocks, r.audit_findings, r.audit_where)
  assert(run:verify_replay())
end
E
audited() { # BLOCK FROM TO
    python3 - "$methods/plain_ipdlam.lua" "$2" "$3" > audit.method.lua << 'E'
import sys
text = open(sys.argv[1]).read()
assert sys.argv[2] in text
print(text.replace(sys.argv[2], sys.argv[3], 1), end="")
E
    "$IPDLAM" run audit.lua > "$out" 2> "$err"
    result "$(grep -c "[1-9].0	.*block $1" "$out" | grep -c 2)" "the audit names $1 with '$3'"
}
cp "$methods/plain_ipdlam.lua" audit.method.lua
check "the audit finds nothing" 0 "^100	15.0	0.0" "" "$IPDLAM" run audit.lua
audited z "(s:p(l) + hat * s.delta)" "(s:p(l) - hat * s.delta)"
audited W2 "outer(A) + W_hat" "outer(A) - W_hat"
audited W "(residual + b_hat" "(residual - b_hat"
audited a1 "s:activate(l, s.z[l]) + hat" "s:activate(l, s.z[l]) - hat"

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
