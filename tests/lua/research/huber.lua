-- The Huber loss, by value and gradient alone.
local ip = require "ipdlam"
local width = 0.5
ip.loss {
  name = "huber",
  value = function(y, z)
    local d = (z - y):abs()
    return ip.where(d:le(width), d ^ 2 / 2, width * d - width ^ 2 / 2)
  end,
  gradient = function(y, z) return (z - y):clip(-width, width) end,
}
local run = ip.run {
  data = ip.dataset("digits", { train = 300, test = 100 }), net = { 784, 20, 10 }, loss = "huber", batch = 0, audit = true,
}
run:step(8)
for i = 1, #run.metrics do assert(run.metrics[i].audit_findings == 0) end
return run
