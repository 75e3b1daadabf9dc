#!/bin/bash
# Losses of one's own: as good as the built-in one, audited, the same bits everywhere, in every file.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cat > "$tmp/own.lua" <<'END_LUA'
local ip = require "ipdlam"
local function squared(y, z) return (z - y) ^ 2 / 2 end
local function slope(y, z) return z - y end
local function huber(y, z) local d = (z - y):abs() return ip.where(d:le(0.5), d ^ 2 / 2, 0.5 * d - 0.125) end
local function huber_slope(y, z) return (z - y):clip(-0.5, 0.5) end
ip.loss { name = "squared2", value = squared, gradient = slope }
ip.loss { name = "squared3", value = squared, gradient = slope, prox = function(y, v, r) return (y + r * v) / (1 + r) end }
ip.loss { name = "huber", value = huber, gradient = huber_slope }
ip.loss { name = "huber2", value = huber, gradient = huber_slope, prox = function(y, v, r)
  local near, d = (v - y) * r / (1 + r), v - y
  return y + ip.where(near:abs():le(0.5), near, d - 0.5 * d:sign() / r)
end }
END_LUA
cat > "$tmp/do.lua" <<'END_LUA'
function weights(run)
  local all = {}
  for l = 1, 2 do
    for _, row in ipairs(run:weights(l):table()) do
      for _, x in ipairs(row) do all[#all + 1] = string.format("%a", x) end
    end
  end
  return table.concat(all, " ")
end
function train(loss, method, n, more)
  local t = { data = require("ipdlam").dataset("digits", { train = 400, test = 100 }), net = { 784, 20, 10 }, loss = loss, method = method }
  for k, v in next, more or {} do t[k] = v end
  local r = assert(require("ipdlam").run(t))
  r:step(n)
  return r
end
END_LUA
fresh() { printf 'dofile("%s/do.lua") local ip = require "ipdlam"\n%s\n' "$tmp" "$1" > "$tmp/s.lua"; shift; "$IPDLAM" run $options "$tmp/s.lua" "$@"; }
lua() { local text=$1 options=--no-history; shift; fresh "dofile(\"$tmp/own.lua\") $text" "$@"; }

check "by hand as built in, with every method" 0 "^18 comparisons$" "" lua 'local n = 0
for _, method in ipairs { "ipdlam", "bcd", "relaxed_am", "sgd", "adam", "adagrad", "adadelta", "adamax", "amsgrad" } do
  local want = train("squared", method, 2, { batch = 100 }):last().forward_loss
  for _, name in ipairs { "squared2", "squared3" } do
    local is = train(name, method, 2, { batch = 100 }):last().forward_loss
    assert(math.abs(is / want - 1) < 1e-5, method .. " " .. name .. " " .. is .. " " .. want)
    n = n + 1
  end
end
print(n .. " comparisons")'
check "Huber by value and gradient alone is Huber by its prox" 0 "^true.true$" "" lua 'local a, b = train("huber", "ipdlam", 3):last(), train("huber2", "ipdlam", 3):last()
print(math.abs(a.phi / b.phi - 1) < 1e-5, a.train_accuracy == b.train_accuracy)'
check "the audit finds nothing" 0 "^checked$" "" lua 'for _, name in ipairs { "squared2", "squared3", "huber", "huber2" } do
  for _, method in ipairs { "ipdlam", "bcd", "relaxed_am" } do
    local m = train(name, method, 3, { audit = true, batch = 100 }):last()
    assert(m.audit_blocks > 0 and m.audit_findings == 0, name .. " " .. method .. " " .. tostring(m.audit_where))
  end
end
print("checked")'
check "the same bits with 1, 2 and 3 threads" 0 "^true.true$" "" lua 'local bits = {}
for n = 1, 3 do ip.threads(n) bits[n] = weights(train("huber", "ipdlam", 2)) .. weights(train("huber2", "bcd", 2)) end
print(bits[1] == bits[2], bits[1] == bits[3])'
check "a run keeps its loss when the name gets another one" 0 "^true.true.false$" "" lua 'local r = train("huber", "ipdlam", 3)
local bits = weights(r)
ip.loss { name = "huber", value = function(y, z) return (z - y) ^ 2 end, gradient = function(y, z) return 2 * (z - y) end }
r:rewind(1) r:step(2) print(weights(r) == bits, r:verify_replay(), weights(train("huber", "ipdlam", 3)) == bits)'
for end in npz safetensors; do
    check "weights as $end carry it" 0 "" "" lua 'assert(train("huber", "ipdlam", 2):save(arg[1]))' "$tmp/w.$end"
    check "another process finds it" 0 "^huber" "" fresh 'print(assert(ip.load(arg[1])).loss)' "$tmp/w.$end"
done
check "a run with a history and a checkpoint" 0 "" "" fresh "dofile(\"$tmp/own.lua\")
local r = train(\"huber\", \"ipdlam\", 3) assert(r:checkpoint(arg[1])) r:step(2) io.open(arg[1] .. \".bits\", \"w\"):write(weights(r)):close()" "$tmp/c.ckpt"
check "the run continues in another process with the same bits" 0 "^true.true$" "" \
    fresh 'local r = assert(ip.resume(arg[1])) r:step(2) print(weights(r) == io.open(arg[1] .. ".bits"):read("a"), r:verify_replay())' "$tmp/c.ckpt"
check "the history's script defines it" 0 'assert\(ip.loss\("loss huber: y z -> ' "" "$IPDLAM" runs export 1 --lua
cp "$out" "$tmp/again.lua"
check "the history's script repeats the run" 0 "iteration" "" "$IPDLAM" run --no-history "$tmp/again.lua"
define() { lua "ip.loss { $1 }"; }
check "a built-in name" 1 "" "the loss 'hinge' is built in" define 'name = "hinge", value = function(y, z) return z end, gradient = function() return 1 end'
check "no gradient" 1 "" "gradient must be a function, not a nil" define 'name = "f", value = function(y, z) return z - y end'
check "a wrong gradient names the numbers" 1 "" "gradient\(y = 0, z = -?[0-9.]+\) is 2, but value rises by 1 " define 'name = "f", value = function(y, z) return z - y end, gradient = function() return 2 end'
check "a wrong prox names the numbers" 1 "" "prox\(y = .*, v = .*, r = 1\) is .*; at x = " define 'name = "f", value = function(y, z) return (z - y) ^ 2 end, gradient = function(y, z) return 2 * (z - y) end, prox = function(y, v, r) return v end'
check "the text of an activation" 0 "^nil.*does not define a loss" "" lua 'print(ip.loss("activation f: x -> return x 1"))'
check "help" 0 "^ip.loss\{ name =, value =, gradient =, prox = \}" "" lua 'print(ip.help("ip.loss"))'
done_testing
