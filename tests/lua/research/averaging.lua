-- The mean of the weights of two runs that began alike and saw the samples in other orders.
local ip = require "ipdlam"
local data = ip.dataset("digits", { train = 300, test = 100 })
local function train(shuffle_seed, start)
  local run = ip.run { data = data, net = start or { 784, 20, 10 }, method = "adam", batch = 50, seed = shuffle_seed }
  run:step(4)
  return run
end
local first = train(1)
local one, two = train(2, first:network()), train(3, first:network())
local run = ip.run { data = data, net = ip.average { one:network(), two:network() }, method = "adam", batch = 50 }
local mean = (one.W[1] + two.W[1]) * 0.5
assert((run.W[1] - mean):norm() < 1e-5)
run:step(2)
return run
