-- A softplus activation by value and slope alone; the solver searches for the minimiser.
local ip = require "ipdlam"
ip.activation {
  name = "softplus_2",
  value = function(x) return x:maximum(0) + ((-x:abs()):exp() + 1):log() end,
  slope = function(x) return (x / 2):tanh() / 2 + 0.5 end,
}
local run = ip.run {
  data = ip.dataset("digits", { train = 300, test = 100 }), net = { 784, 20, 10 }, activation = "softplus_2", batch = 0,
}
run:step(8)
assert(run.metrics[8].phi < run.metrics[1].phi)
return run
