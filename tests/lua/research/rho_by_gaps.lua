-- The penalty grows only while the gaps are large beside the loss.
local ip = require "ipdlam"
local run = ip.run {
  data = ip.dataset("digits", { train = 300, test = 100 }), net = { 784, 20, 12, 10 }, batch = 0, rho_max = 1e4,
  rho = function(k, rho, m)
    if not m then return rho end
    local gaps = m.linear_gap + m.activation_gap
    return gaps > 0.02 * m.loss and rho * 1.5 or rho
  end,
}
run:step(12)
return run
