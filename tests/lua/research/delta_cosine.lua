-- The proximal weight falls along half a cosine after a warm-up of the inertia.
local ip = require "ipdlam"
local run = ip.run {
  data = ip.dataset("digits", { train = 300, test = 100 }), net = { 784, 20, 10 }, batch = 0, length = 10,
  delta = "cosine:1..0.05", beta = "linear:0..0.7:1..4",
}
run:step(10)
assert(math.abs(run:last().delta - 0.05) < 1e-12 and run:last().beta == 0.7)
return run
