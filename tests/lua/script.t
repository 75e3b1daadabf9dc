#!/usr/bin/env bash
# Lua scripts through ipdlam run, and lines through ipdlam repl.
. "$TOP_SRCDIR/tests/cli/tap.sh"
run() { "$IPDLAM" run --no-history --threads 2 "$@"; }
lua() { printf '%s\n' "$1" > "$tmp/s.lua"; shift; run "$tmp/s.lua" "$@"; }
lines() { printf '%s\n' "$@" | "$IPDLAM" repl --no-history --threads 2; }
small='data = ip.dataset("digits", { train = 300, test = 100 })'
make="$small run = ip.run { data = data, net = { 784, 20, 20, 10 }, batch = 100 }"

check "arguments are in arg and in ..." 0 '^1.two.2.s.lua$' "" \
    lua 'print(arg[1] .. "." .. select(2, ...) .. "." .. #arg .. "." .. arg[0]:match("[^/]*$"))' 1 two
check "arguments that look like options are the script's" 0 '^--threads$' "" lua 'print(arg[1])' --threads
check "an error has position and traceback, and code 1" 1 "" 's.lua:2: boom' lua 'local function f()
error("boom") end f()'
is "the traceback" "$(grep -c 'stack traceback' "$err")" 1
check "a mistake in a line of the script itself, and code 1" 1 "" 's.lua:1: unknown setting .n.' lua 'ip.run{ n = 3 }'
is "a mistake in a line of the script itself is one sentence" "$(wc -l < "$err")" 1
check "a syntax error" 1 "" 's.lua:1: .*near' lua 'x = = 1'
check "no such file" 1 "" "cannot open" run "$tmp/none.lua"
check "no file" 2 "" "name a script" run
check "an unknown option" 2 "" "unknown option '--nothing'" "$IPDLAM" run --nothing x.lua
check "a bad number of threads" 2 "" "--threads must be a whole number" "$IPDLAM" run --threads many x.lua
check "help" 0 "Usage: ipdlam run" "" "$IPDLAM" run --help
check "quit(3) is exit code 3" 3 "" "" lua 'pcall(quit, 3) print("not here")'
is "nothing after quit runs" "$(cat "$out")" ""
check "os.exit(true) is 0" 0 "" "" lua 'os.exit(true)'
check "quit(300) is refused" 1 "" "0 to 255" lua 'quit(300)'
is "a script from standard input" "$(echo 'print(6 * 7)' | run -)" 42
check "binary chunks are refused" 1 "" "binary" bash -c 'luac5.4 -o "$1" - <<< "print(1)" 2> /dev/null || printf "\033Lua" > "$1"
    exec "$IPDLAM" run --no-history "$1"' - "$tmp/binary"

check "the module by require" 0 '^true$' "" lua 'print(require "ipdlam" == ip)'
check "an unknown setting names the nearest" 1 "" "s.lua:1: unknown setting 'dleta'. Did you mean 'delta'" \
    lua 'ip.run { data = "digits", dleta = 1 }'
check "run:set names the nearest setting, too" 1 "" "unknown setting 'ordr'. Did you mean 'order'" lua "$make run:set { ordr = 1 }"
check "a setting that is fixed at the start" 1 "" "seed" lua "$make run:set { seed = 2 }"
for place in '[0]' '[6]' '[1][785]' '[1][0]'; do
    check "an element that a matrix lacks, W$place" 1 "" "(row|column) [0-9]* is outside 1 to (5|784)" \
        lua "local run = ip.run { data = ip.dataset('digits', { train = 60, test = 20 }), net = { 784, 5, 10 } } print(run:weights(1)$place)"
done
check "a value out of range" 1 "" "delta.*out of range" lua 'ip.run { data = "digits", delta = -1 }'
check "layers are the widths of the hidden layers" 0 "^784-20-12-10 784-9-10 784-10$" "" \
    lua 'local t = {} for i, w in ipairs { { 20, 12 }, 9, {} } do t[i] = tostring(ip.run { data = "digits", layers = w }:network()):match("%d+%-[%d-]+") end print(table.concat(t, " "))'
check "layers that are no widths" 1 "" 's.lua:1: layers must be the widths of the hidden layers' lua 'ip.run { data = "digits", layers = "20,20" }'
check "layers and net" 1 "" 's.lua:1: net and layers are both given' lua 'ip.run { data = "digits", layers = 20, net = { 784, 10 } }'
check "rho's table has names of its own" 1 "" "growth" lua 'ip.run { data = "digits", rho = { grwth = 2 } }'
check "a record prints: accuracies of classes in percent" 0 "accuracy: train [0-9.]* %, test [0-9.]* %" "" lua "$make print(run:step(1))"
check "%time says how long a line took, and :time is the same" 0 "^[0-9.e-]* s$" "" bash -c "printf '%s\\n' '%time 6 * 7' ':time x = 3' x | '$IPDLAM' repl --no-history"
is "%time returns the results of the line" "$(grep -v ' s$' "$out" | tr '\n' ' ')" "ip.time(function() return 6 * 7 end) 42 ip.time(function() x = 3 end) 3 "
check "rho_schedule = function needs one" 1 "" "s.lua:1: .*has no function" lua "$make run.rho_schedule = 'function'"
check "ip.run with rho_schedule = function needs a function" 1 "" "has no function" lua 'ip.run { data = "digits", rho_schedule = "function" }'
check "run:switch with rho_schedule = function needs a function" 1 "" "has no function" lua "$make run:switch('ipdlam', { rho_schedule = 'function' })"
check "wrong steps of rho" 1 "" "s.lua:1: .*rho = 0 is out of range" lua 'ip.run { data = "digits", rho = { schedule = "1:0" } }'
check "steps" 0 "^1 1 5 5$" "" lua "$make"'
run.rho_schedule = "1:1, 3:5" run:step(4)
local m = run.metrics print(string.format("%g %g %g %g", m[1].rho, m[2].rho, m[3].rho, m[4].rho))'
check "no data" 1 "" "data is missing" lua 'ip.run { }'
check "an unknown data set" 1 "" "mnist" lua 'ip.dataset "mnits"'
check "a network that does not fit" 1 "" "784 inputs" lua 'ip.run { data = "digits", net = { 4, 3, 2 } }'
check "a wrong order" 1 "" "s.lua:1:" lua 'ip.run { data = "digits", order = { "z3" } }'
check "a dot for a colon" 1 "" "run:set is called with a colon, not with a dot" lua "$make run.set { delta = 0.3 }"
check "a dot for a colon, without arguments" 1 "" "run:step is called with a colon, not with a dot" lua "$make run.step()"
check "a dot for a colon, of a network" 1 "" "network:save is called with a colon, not with a dot" lua 'ip.network { 4, 3, 2 }.save("x")'
check "a dot for a colon, of a tensor" 1 "" "tensor:norm is called with a colon, not with a dot" lua 'ip.zeros(2, 2).norm()'
check "another value for a run" 1 "" "ipdlam.run expected, got number" lua "$make ip.describe(3)"
check "a colon for a dot" 1 "" "ip.run is called with a dot, not with a colon" lua 'ip:run { data = "digits" }'
check "an option of the data" 1 "" "s.lua:1: train is an option of the data: ip.run" lua 'ip.run { data = "digits", train = 300 }'
check "an unknown activation" 1 "" "unknown activation 'rleu'. Did you mean 'relu'" lua 'ip.network { 4, 3, 2, activation = "rleu" }'
check "the mean of two networks" 0 '^true.784-20-10$' "" lua "$small"'
run = ip.run { data = data, net = { 784, 20, 10 } } run:step(1) local one = run:network() run:step(1)
local two = run:network() local mean, right, at = ip.average { one, two }, true, { 400, 7 }
for l = 1, 2 do
  for i = 1, mean.widths[l + 1] do
    right = right and math.abs(mean:weights(l):get(i, at[l]) - (one:weights(l):get(i, at[l]) + two:weights(l):get(i, at[l])) / 2) < 1e-6
      and math.abs(mean:bias(l):get(i, 1) - (one:bias(l):get(i, 1) + two:bias(l):get(i, 1)) / 2) < 1e-6
      and (l == 1 or math.abs(one:weights(l):get(i, at[l]) - two:weights(l):get(i, at[l])) > 1e-4)
  end
end
local same = ip.average { two, two, two }:evaluate(data).test_accuracy == two:evaluate(data).test_accuracy
print(right and same, table.concat(mean.widths, "-"))'
check "a running mean of the weights: records, network, file; replayed, none after 0" 0 $'^true\ttrue\ttrue\tno mean$' "" lua 'local data = ip.dataset("digits", { train = 300, test = 100 })
local run = ip.run { data = data, net = { 784, 20, 10 }, preset = "fast", average_weights = 0.1, batch = 50 }
local other = ip.run { data = data, net = { 784, 20, 10 }, preset = "fast", batch = 50 }
run:step(2) other:step(2)
local mean, m = run:network { averaged = true }, run:last()
local found, path = mean:evaluate(data), os.tmpname()
assert(run:save(path, { averaged = true }))
local same = ip.load(path):evaluate(data).train_accuracy == m.averaged_train_accuracy os.remove(path)
local none, message = other:network { averaged = true }
assert(not none and message:find("Set average_weights")) assert(not pcall(run.network, run, { average = true }))
print(found.test_accuracy == m.averaged_test_accuracy and same, m.phi == other:last().phi,
  run:verify_replay(), run:set { average_weights = 0 } and run:step().averaged_test_accuracy ~= m.averaged_test_accuracy and "no mean")'
check "a mean of nothing" 1 "" "s.lua:1: ip.average needs networks" lua 'ip.average {}'
check "a mean of values that are no networks" 1 "" "ip.average: network 1 has no weights: it is 5" lua 'ip.average { 5 }'
check "a mean of networks without weights" 1 "" "network 1 has no weights: it is network 4-2" lua 'ip.average { ip.network { 4, 2 } }'
check "a mean of networks of different shapes" 1 "" "network 2 is a network 784-10.*the first is a network 784-20-10" lua "$small"'
ip.average { ip.run { data = data, net = { 784, 20, 10 } }:network(), ip.run { data = data, net = { 784, 10 } }:network() }'
check "an unknown field of a run" 1 "" "unknown field of a run 'iteratoin'. Did you mean 'iteration'" lua "$make print(run.iteratoin)"
check "a setting can be read and assigned" 0 '^0.25.0.25.true$' "" lua "$make
run.delta = 0.25 print(run.delta, run.settings.delta, run.shuffle)"
check "a field that is no setting cannot be assigned" 1 "" "'iteration' of a run cannot be set" lua "$make run.iteration = 1"
check "an assignment that fails raises" 1 "" "cannot continue" lua "$small
run = ip.run { data = data, net = { 784, 20, 10 }, inertia = 1000 } run:step(50) run.delta = 1"
check "an unknown event" 1 "" "iteration" lua "$make run:on('iterations', print)"
check "a missing file is nil and a message" 0 'nil.*none.st' "" lua 'print(ip.load("/proc/nowhere/none.st"))'
check "a step that is paused before the first record returns a place" 0 '^at iteration 1, ' "" lua "$make"'
run:break_at(function(m, block) return block == "W1" end)
print(run:step())'
check "a closed run says so" 1 "" "the run is closed" lua "$make run:close() print(run.status) run:step()"

check "steps, callbacks and the log" 0 "" "" lua "$make"'
local seen = {}
run:on("iteration", function(m) seen[#seen + 1] = m.iteration end)
run:on("change", function(c) seen[#seen + 1] = c.command end)
local m = run:step(2)
assert(m.iteration == 2 and run.iteration == 2 and #run.metrics == 2 and run.metrics[2].phi == m.phi)
assert(table.concat(seen, " ") == "1 2", table.concat(seen, " "))
local at = run:set { delta = 0.3, order = { "z3", "W3", "a2", "z2", "W2", "a1", "z1", "W1" } }
assert(tostring(at) == "at " .. tostring(run.place), tostring(at))
assert(at.iteration == 3 and at.block == "z3")
assert(run.settings.delta == 0.3 and #run.log == 1 and #seen == 3)
local b = run:step_block(2)
assert(b.block == "W3" and run.place.block == "a2", b.block)
local u = run:step_until(function(r) return r.iteration >= 4 end)
assert(u.iteration == 4 and run:last().iteration == 4)
assert(u.change_by_block.W3 and u.linear_gap_by_layer[3] and not u.linear_gap_by_layer[4])
assert(run:weights(1).rows == 20 and run:weights(1).cols == 784 and run:bias(3).cols == 1)
assert(#run:weights(2)[1] == 20 and not pcall(function() return run:weights(2)[21] end))
run:on("iteration", nil) seen = {} run:step() assert(#seen == 0)
for i, r in ipairs(run.metrics) do assert(r.iteration == i) end
print(run, run.metrics, run.log, m, run:weights(1), data, ip.version)'
check "run:learned" 0 "^Layers 1-2 did not move: " "" lua '
local run = ip.run { data = ip.dataset("digits", { train = 300, test = 50 }), net = { 784, 20, 15, 10 }, preset = "paper" }
assert(run:learned() == nil)
run:step(3)
local t, m = run:learned(), run:last()
assert(#t == 3 and t.iteration == 3 and t[2].layer == 2 and t[2].width == 15)
for l = 1, 3 do
  for _, field in ipairs { "moved_W", "moved_b", "forward_gap", "gram_condition" } do
    local x, y = t[l][field], m[field][l]
    assert(x == y or x ~= x and y ~= y) -- no condition where the block rests
  end
end
assert(t[1].moved_W < 1e-5 and t[3].moved_W > 1 and t[3].forward_gap > 0.1 and t[3].gram_rank ~= t[3].gram_rank)
assert(#t.notes == 1 and t.notes[1]:find("only the last layer learns", 1, true))
print(t)
run:set { order = "nested_reverse", spectrum = true }
run:step(2)
t = run:learned()
assert(#t.notes == 0 and t[1].moved_W > 1e-3 and t[3].gram_rank == 15)'
check "a run trains in the background" 0 "" "" lua "$make"'
run:start()
repeat run:set { delta = 0.5 } until run.iteration >= 3
run:pause()
assert(run.status == "paused")
local n = run.iteration
for i = 1, 10 do assert(run.iteration == n) end
assert(#run.log >= 1)'
check "waiting within coroutines, comparators and pcall" 0 '^5$' "" lua "$make"'
local n = 0
run:on("iteration", function() n = n + 1 end)
coroutine.wrap(function() run:step() end)()
local other = coroutine.wrap(function() for i = 1, 2 do run:step() coroutine.yield(i) end end)
assert(other() == 1 and other() == 2)
assert(pcall(run.step, run))
table.sort({ 2, 1 }, function(x, y) if n < 5 then run:step() end return x < y end)
print(n)'
check "a run closed by its callback" 1 "" "the run was closed" lua "$make"'
run:on("iteration", function() run:close() end) run:step(5)'
check "a reply that is waited for outlives any number of others" 0 '^true$' "" lua "$make"'
local other, done = ip.run { data = data, net = { 784, 5, 10 } }
other:on("iteration", function()
  if done or run.status ~= "running" then return end
  while run.status == "running" do run:set { delta = 0.5 } end
  for i = 1, 600 do run:pause() end
  done = true
end)
other:start()
repeat run:step(5) until done
print(done)'
check "weights are saved and loaded" 0 "" "" lua "$make"'
run:step(2)
local name = arg[1]
assert(run:save(name) == name)
local net = assert(ip.load(name))
local second = ip.run { data = data, net = net }
for l = 1, 3 do assert(second:weights(l):norm() == run:weights(l):norm() and net:bias(l)[1][1] == run:bias(l)[1][1]) end
assert(net:evaluate(data).test_accuracy == run:last().test_accuracy)
assert(run:network():weights(1):get(3, 400) == net:weights(1):get(3, 400))
local nothing, message = run:save("/proc/nowhere/w.safetensors")
assert(nothing == nil and message:find("/proc/nowhere", 1, true))' "$tmp/w.safetensors"
check "divergence is a status" 0 'nil.*diverged at iteration' "" lua "$make"'
run:set { inertia = 900, delta = 900 }
local m, message = true
for i = 1, 200 do m, message = run:step() if not m then break end end
print(m, message) assert(run.status == message) assert(run:step() == nil)'
check "runs that no variable holds are parked" 0 "" "" lua "$small"'
for i = 1, 8 do ip.run { data = data, net = { 784, 10, 10 } }:start() end
for i = 1, 8 do local r <close> = ip.run { data = data, net = { 784, 10, 10 } } r:step() end'
check "the same numbers with other threads" 0 "" "" lua "$make"'
run:step(2) ip.threads(1)
local other = ip.run { data = data, net = { 784, 20, 20, 10 }, batch = 100 }
assert(other:step(2).phi == run:last().phi and ip.threads() == 1)
other:start() assert(not pcall(ip.threads, 2)) other:pause()'

check "lines of standard input" 0 '^42$' "" lines '40 + 2'
check "an error among them is exit code 1" 1 '^2$' "attempt to" lines 'nothing()' '1 + 1'
check "chunks of several lines" 0 '^3$' "" lines 'local function f(x)' 'return x + 1' 'end' 'return 3'
check "a chunk that ends too early" 1 "" "near <eof>" lines 'for i = 1, 2 do'
check "quit in the middle" 4 '^1$' "" lines '1' 'quit(4)' '2'
is "quit in the middle ends the input" "$(cat "$out")" 1
check "settings print readably" 0 'order = "nested_reverse"' "" lines "$make" 'run.settings'
check "help by name" 0 'run:set\{' "" lines '?set'
check "an unknown option of repl" 2 "" "no-history" "$IPDLAM" repl --no-histry
mkdir -p "$XDG_CONFIG_HOME/ipdlam"
echo 'mine = 17' > "$XDG_CONFIG_HOME/ipdlam/init.lua"
check "init.lua is run" 0 '^17$' "" lines mine
check "runs are kept in the history" 0 "" "" "$IPDLAM" run "$tmp/s.lua"
is "the history is in the data folder" "$(ls "$XDG_DATA_HOME/ipdlam/runs.db")" "$XDG_DATA_HOME/ipdlam/runs.db"

# C-c as a user gives it: once the script says that it is there.
interrupt() { # NAME SCRIPT
    printf '%s\n' "$2" > "$tmp/i.lua"
    mkfifo "$tmp/ready"
    # A shell's background job ignores SIGINT; env gives it back.
    env --default-signal=INT "$IPDLAM" run --no-history "$tmp/i.lua" "$tmp/ready" > "$out" 2> "$err" &
    local pid=$!
    read -t 300 -r _ <> "$tmp/ready" # opened for both, which does not wait for a program that has failed
    kill -INT $pid
    wait $pid
    is "$1: ends by the signal" $? 130
    is "$1: and says so" "$(grep -c interrupted "$err")" 1
    rm "$tmp/ready"
}
say='do local f = io.open(arg[1], "w") f:write("ready\n") f:close() end'
interrupt "C-c in a callback" "$make run:on('block', function() $say while true do end end) run:step()"
interrupt "C-c in a loop of pcalls" "$say while true do pcall(function() while true do end end) end"
interrupt "C-c in run:step" "$make run:step() $say run:step(1000000000)"
interrupt "C-c in run:step within a coroutine" "$make coroutine.wrap(function() $say run:step(1000000000) end)()"
rm -f "$XDG_DATA_HOME/ipdlam/runs.db"*
printf '%s\n' "$make run:step() $say run:step(1000000000)" > "$tmp/i.lua"
mkfifo "$tmp/ready"
env --default-signal=INT "$IPDLAM" run "$tmp/i.lua" "$tmp/ready" > "$out" 2> "$err" &
pid=$!
read -t 300 -r _ <> "$tmp/ready" # opened for both, which does not wait for a program that has failed
kill -INT $pid
wait $pid
check "the history says that it was interrupted" 0 "interrupted" "" "$IPDLAM" runs list
cat > "$tmp/assign.lua" << 'END'
local run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 } }
local function try(name) print((select(2, pcall(function() run[name] = 1 end)):gsub("^.-lua:%d+: ", ""))) end
try "iteration" try "step" try "dleta" try "zzzzzz"
END
check "fields that cannot be assigned" 0 "" "" "$IPDLAM" run --no-history "$tmp/assign.lua"
is "fields that cannot be assigned say why" "$(cat "$out")" "'iteration' of a run cannot be set
'step' of a run cannot be set
unknown setting 'dleta'. Did you mean 'delta'?
unknown setting 'zzzzzz'. ip.settings() lists the settings."
# Errors that a script catches have a position in the script, or none.
cat > "$tmp/caught.lua" << 'END'
local run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 } }
local function wrong() return (run:step_until(ip.figure)) end
local routine = coroutine.create(wrong)
print(pcall(wrong))
print(xpcall(wrong, function(message) return "handled: " .. message end))
print(coroutine.resume(routine))
print(pcall(coroutine.wrap(wrong)))
print(pcall(run.step_until, run, setmetatable({}, { __call = 3 })))
print(select("#", pcall(error)), (select(2, pcall(error, run)) == run), pcall(math.max, 1, 2))
END
check "errors that a script catches" 0 "" "" "$IPDLAM" run --no-history "$tmp/caught.lua"
is "errors that a script catches have its position" "$(sed -E 's/unknown field of .*/unknown field/; s/attempt .*/attempt/; s#[^ \t]*/caught#caught#' "$out")" \
    "$(printf 'false\tcaught.lua:2: unknown field\nfalse\thandled: caught.lua:2: unknown field\nfalse\tcaught.lua:2: unknown field
false\tcaught.lua:7: unknown field\nfalse\tcaught.lua:8: attempt\n2\ttrue\ttrue\t2')"
# Settings without an effect, and those that contradict each other.
cat > "$tmp/idle.lua" << 'END'
local data = ip.dataset("digits", { train = 60, test = 20 })
local run = ip.run { data = data, net = { 784, 5, 10 }, method = "adam", delta = 3 }
for i = 1, 3 do run:set { lambda = i } end
run:step()
run:switch("ipdlam", { lr = 0.3 })
run:set { delta = 2 }
local function try(what, ...) print((select(2, pcall(what, ...)))) end
try(ip.run, { data = data, net = ip.network { 784, 5, 10, activation = "tanh" }, activation = "relu" })
try(ip.run, { data = data, net = run:network(), loss = "hinge" })
try(ip.dataset, "digits", { train = 60, test = 20, held_out = 10 })
print(ip.run { data = data, net = ip.network { 784, 5, 5, 10, activation = { "tanh", "tanh" } }, activation = "tanh" }.settings.activation)
print(ip.run { data = data, net = ip.network { 784, 5, 10 }, activation = "tanh" }.settings.activation)
END
check "settings without an effect are warned of" 0 "" "warning" "$IPDLAM" run --no-history "$tmp/idle.lua"
is "each warning of a setting without effect comes once per place" "$(sed "s,^.*/idle.lua,," "$err")" ":2: warning: delta has no effect: adam does not use it
:3: warning: lambda has no effect: adam does not use it
:5: warning: lr has no effect: ipdlam does not use it"
is "contradictions are errors" "$(cat "$out")" "activation = relu contradicts the network, which has tanh. Leave one of them out
loss = hinge contradicts the network, which has squared. Leave one of them out
held_out replaces the test samples. Give held_out alone, or test and validation
tanh
tanh"
# A setting that the method decides is nil if the method does not have it.
cat > "$tmp/unset.lua" << 'END'
local run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 } }
print(run.lr, run.settings.eps, run.batch)
run:switch("sgd")
run:step()
print(run.lr, run.eps)
print(ip.presets().default.settings.lr, ip.history(run.id).settings.lr)
print((select(2, pcall(function() return run.lrr end))))
END
check "values that are left to the method" 0 "" "" env XDG_DATA_HOME="$tmp/unset" "$IPDLAM" run "$tmp/unset.lua"
is "settings left to the method are nil" "$(sed 's,^.*/unset.lua,,' "$out")" "nil	nil	60
0.001	nil
nil	nil
:7: unknown field of a run 'lrr'. ?run lists the fields."
# The history in Lua.
cat > "$tmp/h.lua" << 'END'
data = ip.dataset("digits", { train = 200, test = 50 })
for _, delta in ipairs { 1, 0.5, 0.25 } do
  run = ip.run { data = data, net = { 784, 10, 10 }, delta = delta, name = "d" .. delta }
  run:step(2)
  run:set { delta = 2 }
  run:step()
end
local list = ip.runs { where = "delta < 1 and name ~ 'd*'", sort = "delta" }
assert(#list == 2 and list[1].name == "d0.25" and list[2].settings.delta == 0.5 and list[1].records == 3)
assert(#ip.runs { limit = 1 } == 1 and ip.runs { limit = 1 }[1].name == "d0.25" and #ip.runs() == 4)
local old = ip.history("d0.25")
assert(#old.metrics == 3 and old.metrics[3].phi == run.metrics[3].phi and old:last().iteration == 3)
assert(old.log[1].command == run.log[1].command and old.settings.method == "ipdlam" and old.status == "running")
assert(ip.history(run).id == old.id and ip.history(old.id).name == old.name and ip.history().id == old.id)
for i, m in pairs(old.metrics) do assert(m.iteration == i) end
assert(not pcall(function() old.name = "x" end))
print(select(2, pcall(ip.runs, { where = "dleta < 1" })))
print(select(2, pcall(ip.runs, { were = "delta < 1" })))
print(select(2, ip.history("nobody")))
print(select(2, pcall(function() return old.metrik end)))
print(tostring(old):gsub("phi .*", "phi"), #tostring(old.metrics) > 100)
END
"$IPDLAM" run "$tmp/h.lua" > "$out" 2>&1
is "the history in Lua" "$?" 0
is "mistakes in calls of the history have messages" "$(sed 's/^.*h.lua:[0-9]*: //' "$out" | cut -c1-70)" "\"dleta < 1\": unknown name 'dleta'. Did you mean 'delta'?
unknown option 'were'. Did you mean 'where'?
no run is named \"nobody\", and no name begins with it. \`ipdlam runs\` li
unknown field of a history 'metrik'. Did you mean 'metrics'?
4 d0.25: digits, running, iteration 3, phi	true"
echo 'print(ip.run{ data = "digits", net = { 784, 300000, 300000, 10 }, batch = 0 })' > "$tmp/h.lua"
check "a run that does not fit" 0 "^nil	the run needs [0-9.]+ [GT]iB of memory, but only .* are available: use " "" \
    "$IPDLAM" run "$tmp/h.lua"
echo 'print(#ip.runs{} .. " " .. tostring(ip.history(1)))' > "$tmp/h.lua"
check "no history: an empty list" 0 "^0 nil" "" env XDG_DATA_HOME="$tmp/nowhere" "$IPDLAM" run --no-history "$tmp/h.lua"
# Numbers in files have decimal points even if a script changes the locale to one with decimal commas.
export LOCPATH="$tmp/locales"
mkdir "$LOCPATH"
check "a script cannot take the numbers' or the characters' locale" 0 '^true	true$' "" \
    lua 'print(os.setlocale("C", "numeric") == "C", os.setlocale("nowhere", "numeric") == nil and os.setlocale("nowhere", "ctype") == nil)'
check "a locale that does not exist is refused" 0 "^nil	no locale 'nowhere'$" "" lua 'print(os.setlocale("nowhere"))'
check "what os.setlocale returns can be set again" 0 '^true$' "" \
    lua 'local was = os.setlocale() print(os.setlocale("C") ~= nil and os.setlocale(was) == was)'
if localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" 2> /dev/null; then
    comma() { LC_ALL=de_DE.UTF-8 lua "$1"; }
    check "a script takes the user's dates, not the numbers" 0 '^Januar 1,5 0[.]5$' "" \
        comma 'assert(os.setlocale("")) print(os.date("%B", 0) .. " " .. ("1,5"):lower() .. " " .. 0.5)'
    check "os.setlocale refuses numbers and characters by name, in any category" 0 '^0[.]5$' "" \
        comma 'for _, c in ipairs { "all", "numeric", "collate", "time" } do os.setlocale("de_DE.UTF-8", c) end print(0.5)'
    printf '%s\n' 'os.setlocale("")' "$small" \
        'run = ip.run { data = data, net = { 784, 5, 10 }, delta = 0.5, rho_schedule = "1:1,20:5.5" } run:step(1)' > "$tmp/comma.lua"
    check "a run of such a script" 0 "" "" env LC_ALL=de_DE.UTF-8 "$IPDLAM" run --threads 2 "$tmp/comma.lua"
    check "a run of a script with a locale is found by its settings" 0 '^id' "" "$IPDLAM" runs list --where 'delta < 1' --csv
    check "a run of a script with a locale is exported" 0 'delta = 0[.]5' "" "$IPDLAM" runs export last --lua
else
    skip "a script in a locale with a decimal comma: localedef cannot make one"
fi
check "validation samples in Lua" 0 $'^20\t60\t10\ttrue\ttrue\ttrue' "" lua 'local data = ip.dataset("digits", { train = 60, validation = 20, test = 10 })
local run = ip.run { data = data, net = { 784, 5, 10 } } run:step()
local X, labels = data:samples("validation")
print(X.cols, data.train, data.test, run:network():evaluate(data).validation_accuracy == run:last().validation_accuracy,
  run:network():confusion(X, labels):sum() == 20, run:last().validation_loss > 0)'
check "validation samples in percent" 0 $'^600\t0' "" lua 'local data = ip.dataset("digits", { train = 60, validation = "10%" }) print(data.validation, data.held_out)'
check "wrong values" 1 "" "validation must be a number" lua 'ip.dataset("digits", { validation = {} })'
check "a field of all records is a list; lists print readably" 0 "^4 true { iteration 4, before z2: set delta = 0.4 } true$" "" lua '
local run = ip.run { data = ip.dataset("digits", { train = 100, test = 20 }), net = { 784, 5, 10 } }
run:step(3) run.delta = 0.4 run:step(1)
io.write(table.concat({ #run.metrics.phi, tostring(run.metrics.phi[4] == run.metrics[4].phi), tostring(run.log),
  tostring(tostring(run.settings):find("delta = 0.4", 1, true) ~= nil) }, " "), "\n")'
check "a field that records do not have" 1 "" "unknown field .ph.. Did you mean .phi" lua '
print(ip.run { data = ip.dataset("digits", { train = 100, test = 20 }) }.metrics.ph)'
cat > "$tmp/tags.lua" << 'END'
local run = ip.run { data = ip.dataset("digits", { train = 100, test = 20 }), net = { 784, 5, 10 } }
local ok, why = pcall(run.tag, run, "early")
assert(not ok and why:find("enters the history with its first block"))
assert(not pcall(run.csv, run, arg[1]))
run:step(2)
assert(run:tag("one", "two") and run:untag("one") and run:note("a note") and not pcall(run.tag, run, "a b"))
local row
for _, r in ipairs(ip.runs()) do row = r.id == run.id and r or row end
print(table.concat(row.tags, ","), row.note)
assert(run:csv(arg[1] .. ".csv") and run:json(arg[1] .. ".json"))
END
check "tags and a note from Lua" 0 $'^two\ta note$' "" "$IPDLAM" run "$tmp/tags.lua" "$tmp/export"
"$IPDLAM" runs export last --csv > "$tmp/want.csv"
"$IPDLAM" runs export last --json > "$tmp/want.json"
check "run:csv is the export of the history" 0 "" "" cmp "$tmp/want.csv" "$tmp/export.csv"
check "run:json is the export of the history, too" 0 "^2$" "" python3 -c 'import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
assert a == b
print(len(a))' "$tmp/want.json" "$tmp/export.json"
done_testing
