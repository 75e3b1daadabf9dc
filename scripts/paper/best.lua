-- best.lua - the search behind the preset `best`, on the last 5000 training samples, which no run trains on; then, once,
-- the settings that it found on the test set.
--
-- ipdlam run scripts/paper/best.lua [--quick] [--data NAME] [--epochs N] [--output DIR]
--
-- The search changes one thing at a time on 10000 samples, from the preset `default` and then from what helped most; then
-- batches that grow, and means of weights.
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 15, hidden = { 300, 300 } }
local held = o.quick and 100 or 5000
local few = o.quick and 300 or 10000

local function search(name, fixed, variants)
  local data = {}
  for i, set in ipairs(o.data) do
    data[i] = { name = type(set) == "table" and set.name or set, train = few, held_out = held }
  end
  local spec = { name = name, data = data, layers = o.hidden, iterations = o.epochs, preset = "default",
    runs = variants, output = o.path(name .. ".csv") }
  for key, value in pairs(fixed) do
    spec[key] = value
  end
  local sweep = ip.sweep(spec)
  print("\n" .. name .. ": accuracy on the held-out samples (the column test)\n" .. tostring(sweep))
  return sweep
end

search("best_search_1", {}, { { label = "default" }, { label = "batch 128", batch = 128 },
  { label = "batch 1024", batch = 1024 }, { label = "delta 0.3", delta = 0.3 }, { label = "delta 3", delta = 3 },
  { label = "delta 10", delta = 10 }, { label = "inertia 0", inertia = 0 }, { label = "inertia 0.9", inertia = 0.9 },
  { label = "inner 2", inner = 2 }, { label = "inner 3", inner = 3 }, { label = "rho 0.1 to 1", rho_init = 0.1, rho_max = 1 },
  { label = "rho 10 to 100", rho_init = 10, rho_max = 100 }, { label = "init_scale 0.03", init_scale = 0.03 },
  { label = "init_scale 0.05", init_scale = 0.05 }, { label = "init_bias 0", init_bias = 0 },
  { label = "cross-entropy", loss = "cross_entropy" }, { label = "hinge", loss = "hinge" },
  { label = "leaky ReLU", activation = "leaky_relu" }, { label = "tanh", activation = "tanh" } })
search("best_search_2", { init_bias = 0, batch = 128 }, { { label = "batch 128, init_bias 0" }, { label = "batch 64", batch = 64 },
  { label = "batch 32", batch = 32 }, { label = "init_scale 0.005", init_scale = 0.005 },
  { label = "init_scale 0.02", init_scale = 0.02 }, { label = "init_scale 0.03", init_scale = 0.03 },
  { label = "delta 0.3", delta = 0.3 }, { label = "delta 2", delta = 2 }, { label = "inertia 0.9", inertia = 0.9 },
  { label = "rho 0.2 to 2", rho_init = 0.2, rho_max = 2 }, { label = "cross-entropy", loss = "cross_entropy" },
  { label = "init_bias -0.02", init_bias = -0.02 } })
local wide = o.quick and 60 or 600
search("best_search_3", { init_bias = 0, batch = 64 }, { { label = "300-300" }, { label = "600-600", layers = { wide, wide } },
  { label = "one layer of 600", layers = { wide } }, { label = "300-300-300", layers = { wide // 2, wide // 2, wide // 2 } } })

-- Trains with these sizes of a batch, one after the other; returns the held-out accuracy after the last epoch, and that
-- of the mean of the weights after the last 3, 5 and 10.
local function train(data, batches)
  local run = assert(ip.run { data = data, net = { 784, o.hidden[1], o.hidden[2], 10 }, preset = "best", batch = batches[1] })
  local found, each = {}, o.epochs // #batches
  for k, batch in ipairs(batches) do
    run:set { batch = batch }
    for _ = 1, each + (k == #batches and o.epochs % #batches or 0) do
      run:step(1)
      found[#found + 1] = run:network()
    end
  end
  local accuracies = { run:last().test_accuracy }
  for _, count in ipairs { 3, 5, 10 } do
    local mean = ip.average(table.move(found, math.max(1, #found - count + 1), #found, 1, {}))
    accuracies[#accuracies + 1] = mean:evaluate(data).test_accuracy
  end
  run:close()
  return accuracies
end

-- Batches that grow on the way, or shrink, a line of the CSV each; lines that it has already are taken as they are.
local function search_schedules(name, schedules)
  local path, done = o.path(name .. ".csv"), {}
  local before = io.open(path)
  for line in before and before:lines() or function() end do
    done[line:match("^[^,]*,[^,]*")] = line
  end
  if before then
    before:close()
  end
  local out = assert(io.open(path, "a"))
  if not next(done) then
    out:write("data,batches,last,mean of 3,mean of 5,mean of 10\n")
  end
  print("\n" .. name .. ": accuracy on the held-out samples after the last epoch, and of the mean of the last 3, 5, 10")
  for _, shown in ipairs(common.data_names(o)) do
    local data = assert(ip.dataset(shown, { train = few, held_out = held }))
    for _, batches in ipairs(schedules) do
      local line = shown .. "," .. table.concat(batches, " ")
      if not done[line] then
        done[line] = ("%s,%.4f,%.4f,%.4f,%.4f"):format(line, table.unpack(train(data, batches)))
        out:write(done[line], "\n")
        out:flush()
      end
      print((done[line]:gsub(",", "  ")))
    end
  end
  out:close()
end

search_schedules("best_search_4", { { 64 }, { 32 }, { 16, 64, 256 }, { 32, 64, 128, 256 }, { 64, 256, 1024 },
  { 256, 64, 16 } })

local final = ip.sweep { name = "best", data = o.data, layers = { wide, wide }, iterations = o.quick and o.epochs or 20,
  preset = "best", output = o.path("best.csv") }
print("\nThe preset best, on the test set:\n" .. tostring(final))
common.show(ip.figure { title = "Preset best", panels = common.panels(final, o, { common.fields.train, common.fields.test }) },
  o.path("best.svg"))
