-- Written for ipdlam 0.1.0, where it prints "done".
local data = assert(ip.dataset("digits", { train = 60, test = 20 }))
local net = ip.network { 784, 4, 10, activation = "relu", loss = "squared" }
local run = assert(ip.run { data = data, net = net, preset = "ipdlam", inertia = 0.5, rho = { init = 1, growth = 1.05 },
  order = "reverse", name = "script" })
local seen = 0
run:on("iteration", function() seen = seen + 1 end)
run:step(2)
run:set { delta = 0.5, order = { "z1", "W1", "a1", "z2", "W2" }, rho = function(k, rho) return rho * 1.1 end }
run:step()
run:undo()
run:break_at(function(m, block) return block == "W2" end)
run:step_to { iteration = 4, block = "W2" }
run:clear_breaks()
run:step_block(1)
run:step_until(function(m) return m.iteration >= 5 end)
run:rewind(4)
local other = run:branch(2, "other")
run:switch "adam"
run:step(1)
assert(run:verify_replay())
assert(ip.compare { run, other } and #ip.living() >= 2 and ip.living("other") == other)
assert(run:weights(1):norm() > 0 and run:bias(1).rows == 4 and run:network():evaluate(data).test_accuracy)
assert(run:script "again.lua" and run.parent == nil and other.parent.name == "script")
assert(#run.metrics >= 4 and run.metrics[1].phi and run:last().iteration == run.iteration and run.settings.delta)
assert(run:learned() and ip.describe(run) and #run.log > 0 and run.place and run.snapshots)
assert(ip.average { run:network(), other:network() } and ip.settings().delta and ip.presets().bcd)
assert(run:save "script.safetensors" and ip.load "script.safetensors" and run:checkpoint "script.checkpoint")
assert(ip.resume "script.checkpoint" and ip.threads() and ip.version)
assert(ip.figure { title = "t", panels = { { series = { { name = "a", y = { 1, 2 } } } } } }:text())
other:close()
assert(seen > 0)
print "done"
