local data = ip.dataset("digits", { train = 60, test = 20 })
local run = ip.run { data = data, net = { 784, 4, 10 }, name = "steered" }
run:step(2)
run:set { delta = 2, inertia = 0.3 }
run:step(2)
run:rewind(3)
run:step(1)
local other = run:branch(2, "branched")
other:set { alpha = 0.1 }
other:step(2)
other:checkpoint("steered.ckpt")
