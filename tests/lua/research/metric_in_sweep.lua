-- Which delta keeps the variables nearest to the network? A metric in a sweep: the relative primal residual. The run that is
-- returned trains with the best delta, and follows the same metric.
local function primal(m, run)
  local residual, size = 0, 0
  for l = 1, #run.W do
    residual = residual + run.linear_gap[l]:norm() ^ 2
    size = size + run.z[l]:norm() ^ 2
  end
  return (residual / size) ^ 0.5
end

local data = ip.dataset("digits", { train = 300, test = 50 })
local sweep = ip.sweep{ data = data, net = { 784, 12, 10 }, grid = { delta = { 0.1, 1, 10 } }, iterations = 3,
  metrics = { primal = primal }, quiet = true }
local best, delta = math.huge, nil
for _, run in ipairs(sweep.runs) do
  local last = run.records[#run.records].primal
  if last < best then
    best, delta = last, run.settings.delta
  end
end

local run = ip.run{ data = data, net = { 784, 12, 10 }, delta = delta }
run:metric("primal", primal)
run:step(3)
assert(run.metrics[3].primal == best)
return run
