local data = ip.dataset("digits", {train = 60, test = 20})
local run = ip.run{ data = data, net = {784, 3, 10}, seed = 5, name = "changed" }
run:step(1)
run:set{ inertia = 0.3, delta = 2 }
run:set{ order = "nested_reverse" }
run:undo()
run:step_block(2)
run:set{ order = "z2 W2 z1 W1 a1", rho_growth = 1.1 }
run:step(1)
run:switch("adam", { lr = 0.01 })
run:step(1)
run:switch("ipdlam")
run:step(1)
run:step_block(1)
run:set{ freeze = "W1" }
run:switch("bcd", { delta = 0.5 })
run:checkpoint("changed.checkpoint")
