-- Sets the smallest nine of ten weights of a layer to zero, and keeps them there while the others train on.
local ip = require "ipdlam"
local run = ip.run {
  data = ip.dataset("digits", { train = 300, test = 100 }), net = { 784, 20, 10 }, method = "sgd", batch = 50, lr = 0.1,
}
run:step(5)
local sizes = {}
for _, row in ipairs(run.W[1]:abs():table()) do
  for _, x in ipairs(row) do sizes[#sizes + 1] = x end
end
table.sort(sizes)
local mask = run.W[1]:abs():gt(sizes[#sizes * 9 // 10])
run.W[1] = run.W[1]:mul(mask)
run:on("batch", function() run.W[1] = run.W[1]:mul(mask) end)
run:step(5)
assert(run.W[1]:eq(0):mean() > 0.89)
return run
