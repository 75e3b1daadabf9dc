-- The singular values of W_2 over time, and the rank that holds 99 % of its square.
local ip = require "ipdlam"
local run = ip.run { data = ip.dataset("digits", { train = 300, test = 100 }), net = { 784, 20, 15, 10 }, batch = 0 }
local ranks = {}
run:on("iteration", function(m)
  local _, S = run.W[2]:svd()
  local all, sum, rank = S:norm() ^ 2, 0, 0
  while sum < 0.99 * all do
    rank = rank + 1
    sum = sum + S[rank][1] ^ 2
  end
  ranks[m.iteration] = rank
end)
run:step(10)
assert(#ranks == 10)
print("rank of W2:", table.concat(ranks, " "))
return run
