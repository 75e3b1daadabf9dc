#!/usr/bin/env bash
# The variables of a run as tensors: read at any block boundary, written, and repeated by replay, rewind and resume.
. "$TOP_SRCDIR/tests/cli/tap.sh"
run() { "$IPDLAM" run --no-history --threads 2 "$@"; }
# The script's first lines: a run of a method, in full batch or in mini-batches.
lua() {
    cat > "$tmp/s.lua" << 'END'
local function make(method, batch, more)
  local t = { data = ip.dataset("digits", { train = 200, test = 50 }), net = { 784, 12, 8, 10 }, method = method, batch = batch }
  for k, v in pairs(more or {}) do t[k] = v end
  return ip.run(t)
end
local function print(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end io.write(table.concat(t, " "), "\n") end
local function text(run)
  local t = {}
  for i = 1, #run.metrics do local m = run.metrics[i] t[#t + 1] = ("%a %a %a"):format(m.phi, m.forward_loss, m.train_accuracy) end
  for l = 1, #run.W do t[#t + 1] = ("%a %a"):format(run.W[l]:norm(), run.b[l]:norm()) end
  return table.concat(t, " ")
end
END
    printf '%s\n' "$1" >> "$tmp/s.lua"
    shift
    run "$tmp/s.lua" "$@"
}

check "reading: shapes, and the definitions of the gaps" 0 "^12 784 12 200 784 10 true true true true 3 2$" "" lua '
local run = make("ipdlam", 0) run:step(2)
local gap = run.z[2] - (run.W[2] * run.a[1]):add_col(run.b[2])
local relu = run.z[1]:clip(0)
print(run.W[1].rows, run.W[1].cols, run.z[1].rows, run.z[1].cols, run.X.rows, run.Y.rows, run.X == run.a[0],
  (gap - run.linear_gap[2]):norm() < 1e-4, (run.a[1] - relu - run.activation_gap[1]):norm() < 1e-5,
  math.abs(run.linear_gap[2]:norm() ^ 2 / run:last().linear_gap_by_layer[2] - 1) < 1e-4, #run.linear_gap, #run.a)'
check "step_W of the record is the norm of W - W_old" 0 "^true true$" "" lua '
local run = make("ipdlam", 0) run:step(3)
print(math.abs((run.W[2] - run.W_old[2]):norm() / run:last().step_W[2] - 1) < 1e-4,
  math.abs((run.z[1] - run.z_old[1]):norm() / run:last().step_z[1] - 1) < 1e-4)'
check "a view says where it comes from and that the run has moved on" 0 \
    "^tensor 8 x 12, norm [0-9.]*; W2 of digits-12-8-ipdlam-1 at iteration 2, before z3; .*the run has moved on" "" lua '
local run = make("ipdlam", 0) run:step(1)
local W, same = run.W[2], run.W[2]
assert(not tostring(W):find("moved on"))
run:set { delta = 0.5 }
assert(tostring(W):find("moved on"))
run:step_block() assert(W == same) run:step_block()
print(((tostring(W):gsub("\n.*", "")):gsub("norm 0", "norm 0"))) '
for method in "ipdlam 0" "ipdlam 50" "bcd 0" "relaxed_am 50" "adam 50" "sgd 0"; do
    check "$method: every write gives a run that replays, without a finding of the audit" 0 "^true [1-9][0-9]* 0$" "" lua '
local method, batch = arg[1], tonumber(arg[2])
local run = make(method, batch, method ~= "adam" and method ~= "sgd" and { audit = true } or {})
local writes, findings = 0, 0
for i = 1, 40 do
  for _, name in ipairs { "W", "b", "z", "a" } do
    local l = (i * 7) % (name == "a" and 2 or 3) + 1
    local ok, why = pcall(function() run[name][l]:set(run[name][l] * (0.8 + i % 5 / 10)) end)
    assert(ok or why:find("has no") or why:find("no value yet") or why:find("forward pass") or why:find("predicts") or why:find("anew"), why)
    writes = writes + (ok and 1 or 0)
  end
  run:step_block()
end
run:step(2)
for i = 1, #run.metrics do local n = run.metrics[i].audit_findings findings = findings + (n == n and n or 0) end
print(run:verify_replay(), writes, math.floor(findings))' $method
done
check "phi after a write is that of the new value" 0 "^true$" "" lua '
local run = make("ipdlam", 0, { metrics_every = 1 }) run:step(2) run:step_block(7)
run.z[1] = run.z[1] * 0.5 run.a[2] = run.a[2] + 0.1 run.W[3] = run.W[3] * 2 run.b[1] = run.b[1] + 0.2 run.z[3] = run.z[3] * 1.1
local rho, gaps = run.rho, 0
run:set { freeze = "z1,z2,z3,W1,W2,W3,a1,a2" } run:step(1)
for l = 1, 3 do gaps = gaps + run.linear_gap[l]:norm() ^ 2 + (l < 3 and run.activation_gap[l]:norm() ^ 2 or 0) end
local m = run:last()
print(math.abs((m.linear_gap + m.activation_gap) / gaps - 1) < 1e-5 and math.abs(m.phi - m.loss - rho / 2 * gaps) < 1e-4 * m.phi)'
check "writes work with a user-defined activation and loss, too" 0 "^true true true$" "" lua '
ip.activation { name = "leak", value = function(x) return x:maximum(0.1 * x) end, slope = function(x) return ip.where(x:gt(0), 1, 0.1) end }
ip.loss { name = "half", value = function(y, z) return (z - y) ^ 2 / 2 end, gradient = function(y, z) return z - y end }
local run = make("ipdlam", 0, { activation = "leak", loss = "half" }) run:step(2) run:step_block()
local gap = run.a[1] - ip.where(run.z[1]:gt(0), run.z[1], run.z[1] * 0.1)
local right = (gap - run.activation_gap[1]):norm() < 1e-4
run.z[1] = run.z[1] * 0.5 run.z[3] = run.z[3] * 1.1 run.a[2] = run.a[2] + 0.1
run:set { freeze = "z1,z2,z3,W1,W2,W3,a1,a2" } run:step(1)
local loss = (run.z[3] - run.Y):norm() ^ 2 / 2
print(right, math.abs(run:last().loss / loss - 1) < 1e-4, run:verify_replay())'
check "a write is no step: inertia does not prolong it" 0 "^true 0.0$" "" lua '
local run = make("ipdlam", 0) run:step(3) run.W[2] = run.W[2] * 3
print(run.W[2] == run.W_old[2], (run.W[2] - run.W_old[2]):norm())'
check "rewind before a write, and forward: as without it" 0 "^true true$" "" lua '
local one, two = make("ipdlam", 0), make("ipdlam", 0)
one:step(2) one.W[2] = one.W[2] * 0 one:step(2) local other = text(one)
one:rewind(2) one:step(2) two:step(4)
print(text(one) == text(two), text(one) ~= other)'
check "the same bits with 1, 2 and 3 threads" 0 "^true$" "" lua '
local function work(n)
  ip.threads(n)
  local run = make("ipdlam", 0) run:step(1) run:step_block(2)
  run.z[2] = run.z[2]:clip(-1, 1) run.a[1] = run.a[1] * 0.9 run.W[1] = run.W[1]:mul(run.W[1]:abs():gt(0.01))
  run:step(2) return text(run)
end
print(work(1) == work(2) and work(2) == work(3))'
check "a callback writes at its boundary" 0 "^true true$" "" lua '
local function work()
  local run = make("adam", 50)
  run:on("iteration", function(m) run.W[1] = run.W[1]:mul(run.W[1]:abs():gt(0.005)) end)
  run:step(3) return text(run), run:verify_replay()
end
local one, replays = work() print(one == work(), replays)'

# A checkpoint with many writes continues in a fresh process, and its past can be visited there.
check "100 writes, saved" 0 "^.*$" "" lua '
local run = make("ipdlam", 0) run:step(1)
for i = 1, 100 do run.W[i % 3 + 1] = run.W[i % 3 + 1] * (i % 2 == 0 and 1.01 or 0.99) run:step_block() end
assert(run:checkpoint(arg[1] .. ".1"))
run:rewind(3) assert(run:checkpoint(arg[1] .. ".3")) run:step(4) print(text(run))' "$tmp/saved"
want=$(cat "$out")
check "rewound, resumed in another process and continued: the same bits; all of it replays" 0 "^true true true$" "" lua '
local run = assert(ip.resume(arg[1] .. ".3")) run:step(4)
local all = assert(ip.resume(arg[1] .. ".1"))
local log = #all.log
local replays = all:verify_replay()
all:rewind(3) all:step(4)
print(text(run) == arg[2] and text(all) == arg[2], replays, log == 100)' "$tmp/saved" "$want"
check "the log names variable, shape and norm" 0 '^iteration 1, before z3: write W2: 8 x 12, norm 0[.]1' "" lua '
local run = make("ipdlam", 0) run.W[2] = run.W[2] * 1.5 print(run.log[1])'
check "a script of a run with writes is refused" 1 "" "a script cannot repeat this run: it was given a matrix [(]write W2: 8 x 12, norm .*[)] at iteration 1, before z3" lua '
local run = make("ipdlam", 0) run.W[2] = run.W[2] * 1.5 assert(run:script(arg[1]))' "$tmp/no.lua"
echo 'local run = ip.run{ data = "digits", net = { 784, 5, 10 } } run.W[1] = run.W[1] * 1.5 run:step()' > "$tmp/history.lua"
"$IPDLAM" run "$tmp/history.lua" > "$out" 2>&1
check "its export from the history is refused" 1 "" "a script cannot repeat this run: it was given a matrix" "$IPDLAM" runs export last --lua
is "nothing is printed before the refusal" "$(wc -c < "$out")" 0

wrong() { check "refused: $3" 1 "" "$2" lua "local run = make('$1') run:step(1) run:step_block() $3"; }
wrong ipdlam "W2 is 8 x 12, but the tensor is 3 x 3" "run.W[2] = ip.zeros(3, 3)"
wrong ipdlam "W has no layer 5. Use 1 to 3" "run.W[5] = ip.zeros(3, 3)"
wrong ipdlam "a has no layer 3. Use 0 to 2" "print(run.a[3])"
wrong ipdlam "W is indexed by a layer: run.W.1." "print(run.W.x)"
wrong ipdlam "element .2, 3. of the tensor for W2 is not finite" "local Q = run.W[2]:copy() Q[2][3] = 0 / 0 run.W[2] = Q"
wrong ipdlam "only W, b, z and a of a layer can be written" "run.W_old[1] = run.W[1]"
wrong ipdlam "is set to a tensor: run.W.2.:set.t." "run.W[2] = 3"
wrong ipdlam "this tensor is a view of W2 of a run. Write all of it by view:set.t., or change a copy" "run.W[2][1][1] = 3"
wrong ipdlam "is a view of W2" "run.W[2]:fill(0)"
wrong ipdlam "is a view of W2" "run.W[2]:mul_(2)"
wrong ipdlam "is a view of W2" "run.W[2]:set_slice(1, 1, ip.zeros(1, 1))"
wrong adam "adam has no z1: its variables are W and b" "print(run.z[1])"
wrong relaxed_am "relaxed_am keeps no previous iterates" "print(run.z_old[1])"
done_testing
