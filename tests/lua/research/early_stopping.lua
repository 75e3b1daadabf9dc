-- Stops when the accuracy on the validation samples no longer rises, and goes back to the best weights.
local ip = require "ipdlam"
local data = ip.dataset("digits", { train = 400, validation = 100, test = 100 })
local run = ip.run { data = data, net = { 784, 30, 10 }, method = "adam", batch = 50, lr = 0.01 }
run:stop_when { patience = 4, of = "validation_accuracy", restore = "best" }
run:step(60)
local best = 0
for i = 1, #run.metrics do best = math.max(best, run.metrics[i].validation_accuracy) end
assert(run.iteration < 60 and best > 0.5)
return run
