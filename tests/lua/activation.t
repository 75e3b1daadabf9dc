#!/bin/bash
# Activations of one's own: as good as the built-in ones, the same bits everywhere, in every file.
. "$TOP_SRCDIR/tests/cli/tap.sh"
run() { "$IPDLAM" run --no-history "$@"; }

cat > "$tmp/own.lua" <<'END_LUA'
local ip = require "ipdlam"
local own = {}
local function relu(x) return x:maximum(0) end
local function step(x) return x:gt(0) end
own.relu = { name = "relu2", value = relu, slope = step }
own.relu_prox = { name = "relu3", value = relu, slope = step, prox = function(w, v, r)
  local up, down = ((w + r * v) / (1 + r)):maximum(0), v:minimum(0)
  local cost_up, cost_down = (up - w) ^ 2 + r * (up - v) ^ 2, w ^ 2 + r * (down - v) ^ 2
  return ip.where(cost_up:le(cost_down), up, down)
end }
own.tanh = { name = "tanh2", value = function(x) return x:tanh() end, slope = function(x) return 1 - x:tanh() ^ 2 end }
own.softplus = { name = "softplus", value = function(x) return x:maximum(0) + (1 + (-x:abs()):exp()):log() end,
  slope = function(x) return 1 / (1 + (-x):exp()) end }
for _, definition in next, own do ip.activation(definition) end
function data() return ip.dataset("digits", { train = 400, test = 100 }) end
function weights(run)
  local all = {}
  for l = 1, 3 do
    for _, row in ipairs(run:weights(l):table()) do
      for _, x in ipairs(row) do all[#all + 1] = string.format("%a", x) end
    end
  end
  return table.concat(all, " ")
end
function train(activation, method, n, more)
  local t = { data = data(), net = { 784, 20, 15, 10 }, activation = activation, method = method }
  for k, v in next, more or {} do t[k] = v end
  local r = assert(ip.run(t))
  r:step(n)
  return r
end
ip.own = own
END_LUA
# lua TEXT ARGUMENT...: runs it after the definitions.
lua() { printf 'dofile(%s)\nlocal ip = require "ipdlam"\n%s\n' "\"$tmp/own.lua\"" "$1" > "$tmp/s.lua"; shift; run "$tmp/s.lua" "$@"; }

check "by hand as built in, with every method" 0 "^18 comparisons$" "" lua 'local n = 0
for _, method in ipairs { "ipdlam", "bcd", "sgd", "adam", "adagrad", "adadelta", "adamax", "rmsprop", "amsgrad" } do
  for built_in, names in pairs { relu = { "relu2", "relu3" }, tanh = { "tanh2" } } do
    local want = train(built_in, method, 2):last().forward_loss
    for _, name in ipairs(names) do
      local is = train(name, method, 2):last().forward_loss
      assert(math.abs(is / want - 1) < (method == "rmsprop" and 1e-3 or 1e-5), method .. " " .. name .. " " .. is .. " " .. want)
    end
    n = n + 1
  end
end
print(n .. " comparisons")'
check "ReLU has the bits of the built-in one where it needs no prox" 0 "^true$" "" \
    lua 'print(weights(train("relu2", "adam", 3)) == weights(train("relu", "adam", 3)))'
check "the audit finds nothing" 0 "^checked$" "" lua 'for _, name in ipairs { "relu2", "relu3", "tanh2", "softplus" } do
  for _, method in ipairs { "ipdlam", "bcd" } do
    local m = train(name, method, 3, { audit = true }):last()
    assert(m.audit_blocks > 0 and m.audit_findings == 0, name .. " " .. method .. " " .. tostring(m.audit_where))
  end
end
print("checked")'
check "softplus by value and slope alone descends" 0 "^true$" "" \
    lua 'local r = train("softplus", "ipdlam", 10, { batch = 0, preset = "ipdlam", inertia = 0.4, rho_growth = 1 })
for k = 2, 10 do assert(r.metrics[k].phi <= r.metrics[k - 1].phi) end print(r:last().train_accuracy > 0.5)'
check "the same bits with 1, 2 and 3 threads" 0 "^true.true$" "" lua 'local bits = {}
for n = 1, 3 do ip.threads(n) bits[n] = weights(train("softplus", "ipdlam", 2)) .. weights(train("tanh2", "bcd", 2)) end
print(bits[1] == bits[2], bits[1] == bits[3])'
check "the same bits after a rewind and in a replay" 0 "^true.true$" "" lua 'local r = train("softplus", "ipdlam", 4)
local bits = weights(r) r:rewind(2) r:step(2) print(weights(r) == bits, r:verify_replay())'
check "one activation per layer" 0 "^relu2,softplus.2$" "" lua 'local r = train("relu2,softplus", "ipdlam", 2)
print(r.settings.activation, #r.metrics) assert(r:verify_replay())'
check "a run keeps its function when the name gets another one" 0 "^true.true.false.true$" "" \
    lua 'local r = train("softplus", "ipdlam", 3)
local bits = weights(r)
ip.activation { name = "softplus", value = function(x) return x * 0.5 end, slope = function() return 0.5 end }
r:rewind(1) r:step(2)
local branch = r:branch(1) branch:step(2)
print(weights(r) == bits, weights(branch) == bits, weights(train("softplus", "ipdlam", 3)) == bits, r:verify_replay())'
check "relaxed_am refuses a user-defined activation" 1 "" "relaxed_am has no step for softplus. Use relu" lua 'train("softplus", "ipdlam", 1):switch("relaxed_am")'
check "a switch to Adam and its replay" 0 "^true$" "" lua 'local r = train("softplus", "ipdlam", 2)
r:switch("adam") r:step(2) print(r:verify_replay())'
check "a value that is not finite is a status" 0 "^diverged" "" lua 'ip.activation { name = "steep",
  value = function(x) return (x * 9):exp() end, slope = function(x) return 9 * (x * 9):exp() end }
local r = ip.run { data = data(), net = { 784, 20, 10 }, activation = "steep", method = "sgd", lr = 10, init_scale = 1 }
r:step(9) print(r.status)'

# Files and processes.
fresh() { # TEXT ARGUMENT...: in a process that has not seen the definitions
    sed -n '/^function/,/^end/p' "$tmp/own.lua" > "$tmp/f.lua"
    { echo 'local ip = require "ipdlam"'; sed 's/^function data/function ip.data/;s/^function \(weights\|train\)/function \1/' "$tmp/f.lua"; echo "$1"; } > "$tmp/g.lua"
    shift
    "$IPDLAM" run "$@"
}
for end in npz safetensors; do
    check "weights as $end name it and carry it" 0 "" "" lua 'local r = train("softplus", "ipdlam", 3)
assert(r:save(arg[1])) io.open(arg[1] .. ".bits", "w"):write(weights(r) .. tostring(r:last().test_accuracy)):close()' "$tmp/w.$end"
    check "another process finds it" 0 "^softplus.true$" "" fresh 'local net = assert(ip.load(arg[1]))
local run = ip.run { data = ip.data(), net = net }
print(net.activation, weights(run) .. tostring(net:evaluate(ip.data()).test_accuracy) == io.open(arg[1] .. ".bits"):read("a"))' \
        --no-history "$tmp/g.lua" "$tmp/w.$end"
    check "ipdlam eval finds it" 0 "accuracy" "" "$IPDLAM" eval "$tmp/w.$end" --data digits
done
{ printf 'dofile(%s)\n' "\"$tmp/own.lua\""; cat << 'END_LUA'
local r = train("softplus", "ipdlam", 3)
assert(r:checkpoint(arg[1]))
r:step(2)
io.open(arg[1] .. ".bits", "w"):write(weights(r)):close()
END_LUA
} > "$tmp/start.lua"
check "a run with a history and a checkpoint" 0 "" "" "$IPDLAM" run "$tmp/start.lua" "$tmp/c.ckpt"
check "the run continues in another process with the same bits" 0 "^true.true$" "" \
    fresh 'local r = assert(ip.resume(arg[1])) r:step(2) print(weights(r) == io.open(arg[1] .. ".bits"):read("a"), r:verify_replay())' \
    "$tmp/g.lua" "$tmp/c.ckpt"
check "the history's script defines it" 0 'assert\(ip.activation\("activation softplus: x -> ' "" "$IPDLAM" runs export 1 --lua
cp "$out" "$tmp/again.lua"
echo 'local all = {} for l = 1, 3 do for _, row in ipairs(run:weights(l):table()) do for _, x in ipairs(row) do all[#all + 1] = string.format("%a", x) end end end
print(table.concat(all, " ") == io.open(arg[1]):read("a"))' >> "$tmp/again.lua"
check "the history's script repeats the run to the bit" 0 "^true$" "" run "$tmp/again.lua" "$tmp/c.ckpt.bits"
check "ip.again repeats the run to the bit" 0 "^5.true$" "" fresh 'local r = assert(ip.again(1)) print(#r.metrics, weights(r) == io.open(arg[1]):read("a"))' \
    "$tmp/g.lua" "$tmp/c.ckpt.bits"
check "run:script writes the definition" 0 "" "" lua 'local r = train("softplus", "ipdlam", 2) assert(r:script(arg[1]))' "$tmp/script.lua"
check "the script of run:script runs in a process without the definitions" 0 "iteration" "" run "$tmp/script.lua"

# A hostile file.
python3 - "$tmp/w.safetensors" "$tmp" << 'END_PY'
import re
import sys
text = open(sys.argv[1], "rb").read()
for name, old, new in (("code", rb"= abs x", rb"= os2 x"), ("slope", rb"return (t[0-9]+) (t[0-9]+)", rb"return \2 \1"),
                       ("name", rb"activation softplus:", rb"activation identity:")):
    damaged, count = re.subn(old, new, text)
    assert count == 1 and len(damaged) == len(text), (name, count, text[:900])
    with open("%s/%s.safetensors" % (sys.argv[2], name), "wb") as f:
        f.write(damaged)
END_PY
check "a definition with code is refused" 1 "" "ipdlam eval: .*code.safetensors: the metadata: activation 'softplus': the program has the unknown operation 'os2'" \
    "$IPDLAM" eval "$tmp/code.safetensors" --data digits
check "a definition with a wrong slope is refused" 1 "" "slope.safetensors: the metadata: activation 'softplus': slope\(" \
    "$IPDLAM" eval "$tmp/slope.safetensors" --data digits
check "a definition with a built-in name is refused" 1 "" "name.safetensors: the metadata: the activation 'identity' is built in" \
    "$IPDLAM" eval "$tmp/name.safetensors" --data digits

# Errors.
define() { lua "ip.activation { $1 }"; }
check "a built-in name" 1 "" "the activation 'relu' is built in" define 'name = "relu", value = function(x) return x end, slope = function() return 1 end'
check "a name with a blank" 1 "" "'a b' cannot name an activation" define 'name = "a b", value = function(x) return x end, slope = function() return 1 end'
check "no slope" 1 "" "slope must be a function, not a nil" define 'name = "f", value = function(x) return x end'
check "a wrong slope names the numbers" 1 "" "slope\(-?[0-9.]+\) is 2, but value rises by 1 " define 'name = "f", value = function(x) return x end, slope = function() return 2 end'
check "a wrong prox names the numbers" 1 "" "prox\(w = .*, v = .*, r = 1\) is .*; at x = " define 'name = "f", value = function(x) return x:abs() end, slope = function(x) return x:sign() end, prox = function(w, v, r) return v end'
check "a value that is not finite" 1 "" "value\(-?[0-9.]+\) is -?nan" define 'name = "f", value = function(x) return x:log() end, slope = function(x) return 1 / x end'
check "a comparison by operator" 1 "" "Compare elements with x:lt\(y\)" define 'name = "f", value = function(x) return x > 0 and x or 0 end, slope = function() return 1 end'
check "a tensor" 1 "" "element or number expected, got ipdlam.tensor" define 'name = "f", value = function(x) return x + ip.ones(1, 1) end, slope = function() return 1 end'
check "an element that outlives its function" 1 "" "an element exists only while" lua 'local kept
ip.activation { name = "f", value = function(x) kept = x return x end, slope = function() return 1 end } print(kept:exp())'
check "an unknown operation" 1 "" "unknown field of an element 'sinh'" define 'name = "f", value = function(x) return x:sinh() end, slope = function() return 1 end'
check "an unknown field" 1 "" "unknown field 'slop'. Did you mean 'slope'" define 'name = "f", slop = 1'
check "too many operations" 1 "" "more than 100 operations" define 'name = "f", value = function(x) for i = 1, 200 do x = x + x end return x end, slope = function() return 1 end'
check "an unknown name suggests a user-defined one" 1 "" "unknown activation 'softplu'. Did you mean 'softplus'" lua 'train("softplu", "ipdlam", 1)'
check "help" 0 "^ip.activation\{ name =, value =, slope =, prox = \}" "" lua 'print(ip.help("ip.activation"))'
done_testing
