-- depth.lua - how many layers each method trains: 784-(100 x N)-10, N = 2 to 20, after equal epochs and after equal seconds.
--
-- ipdlam run --no-history scripts/paper/depth.lua [--quick] [--data NAME] [--epochs N] [--seeds N] [--output DIR]
--
-- 20000 training samples, accuracy on the last 5000 training samples, which no run trains on, each 5000 samples. All methods of a
-- depth and a seed take turns, on one thread. Equal seconds: as many of the processor's as `fast` needed for its epochs.
-- Gradient methods have cross-entropy and batches of 64; sgd has momentum 0.9. All first with the weights of `fast` (He), but iPDLAM
-- with those of its preset `best`, N(0, 0.01^2) and b = 0; then all with the paper's, N(0, 0.01^2) and b = 0.1, and iPDLAM with He's.
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 2, seeds = 3 }
local depths = o.quick and { 2, 4 } or { 2, 4, 8, 12, 16, 20 }
local width, every = o.quick and 20 or 100, o.quick and 200 or 5000
local gradient = { loss = "cross_entropy", batch = 64, shuffle = true }
local he = { init = "he", init_bias = 0, init_last = 0.7 }
local small = { init = "normal", init_scale = 0.01, init_bias = 0.1 }
local groups = {
  { title = "He's first weights", key = "", range = { 0.8, 1 }, methods = {
    { label = "fast", first = he, preset = "fast" },
    { label = "iPDLAM", first = {}, preset = "best" },
    { label = "Adam 0.001", first = he, method = "adam", lr = 0.001 },
    { label = "Adam 0.0003", first = he, method = "adam", lr = 0.0003 },
    { label = "SGD 0.1", first = he, method = "sgd", lr = 0.1, momentum = 0.9 },
    { label = "SGD 0.01", first = he, method = "sgd", lr = 0.01, momentum = 0.9 },
  } },
  { title = "N(0, 0.01^2), b = 0.1", key = " small", range = { 0, 1 }, methods = {
    { label = "fast", first = small, preset = "fast" },
    { label = "iPDLAM", first = small, preset = "best" },
    { label = "iPDLAM He", first = he, preset = "best" },
    { label = "Adam 0.001", first = small, method = "adam", lr = 0.001 },
    { label = "SGD 0.1", first = small, method = "sgd", lr = 0.1, momentum = 0.9 },
    { label = "SGD 0.01", first = small, method = "sgd", lr = 0.01, momentum = 0.9 },
  } },
}
if not o.quick and #o.data == 2 then
  o.data = { "mnist" }
end
ip.threads(1)
local kept = common.keep(o.path("depth.csv"),
  "run,data,layers,method,seed,samples,processor_seconds,seconds,gflop,accuracy,averaged")

-- Trains all methods of a group on one depth and seed.
local function train(group, name, N, seed)
  local net, specs = { 784 }, {}
  for l = 1, N do
    net[l + 1] = width
  end
  net[N + 2] = 10
  for i, method in ipairs(group.methods) do
    local settings = {}
    for _, part in ipairs { method.method and gradient or {}, method.first, method } do
      for key, value in pairs(part) do
        if key ~= "label" and key ~= "first" then
          settings[key] = value
        end
      end
    end
    specs[i] = { label = method.label, net = net, seed = seed, settings = settings,
      data = { name = name, train = o.quick and 400 or 20000, held_out = o.quick and 100 or 5000 } }
  end
  local samples = o.epochs * specs[1].data.train
  common.take_turns(specs, every, function(spec, all)
    local first, last = all[1].points, spec.points[#spec.points]
    return not last or last[1] < samples
      or spec ~= all[1] and #first * every >= samples and last[2] < first[#first][2]
  end)
  local rows = {}
  for _, spec in ipairs(specs) do
    for _, point in ipairs(spec.points) do
      rows[#rows + 1] = { name, N, spec.label, seed, table.unpack(point) }
    end
  end
  return rows
end

-- The last accuracy of a run within so many samples or processor seconds; nil where there is none.
local function accuracy(run, method, column, limit)
  local found
  for _, row in ipairs(kept.of(run)) do
    if row[4] == method and row[column] <= limit then
      found = row
    end
  end
  return found and found[10], found and found[7]
end

-- Prints a group's table for a data set, training what is missing; returns its two panels.
local function table_of(group, name)
  local samples = o.epochs * (o.quick and 400 or 20000)
  local series, spent = { {}, {} }, {}
  print(("\n%s, %s: percent right of held-out samples after %d epochs | after the processor seconds of `fast`; %d seeds")
    :format(name, group.title, o.epochs, o.seeds))
  for _, N in ipairs(depths) do
    local keys = {}
    for seed = 1, o.seeds do
      keys[seed] = ("%s %d %d %d%s"):format(name, N, seed, o.epochs, group.key)
      if not kept.has(keys[seed]) then
        kept.add(keys[seed], train(group, name, N, seed))
      end
    end
    for i, method in ipairs(group.methods) do
      local cells = {}
      for kind = 1, 2 do
        local sum, least, most, text = 0, 1, 0, {}
        for seed, key in ipairs(keys) do
          local _, seconds = accuracy(key, "fast", 6, samples)
          local found = accuracy(key, method.label, kind == 1 and 6 or 7, kind == 1 and samples or seconds) or 0
          sum, least, most = sum + found, math.min(least, found), math.max(most, found)
          text[seed] = ("%5.1f"):format(100 * found)
        end
        cells[kind] = table.concat(text, " ")
        local s = series[kind][i] or { name = method.label, x = {}, y = {}, low = {}, high = {}, marks = true }
        series[kind][i] = s
        s.x[#s.x + 1], s.y[#s.y + 1] = N, sum / o.seeds
        s.low[#s.low + 1], s.high[#s.high + 1] = least, most
      end
      local seconds = {}
      for seed, key in ipairs(keys) do
        seconds[seed] = select(2, accuracy(key, method.label, 6, samples)) or 0
      end
      spent[i] = spent[i] or {}
      table.insert(spent[i], common.mean(seconds) / o.epochs)
      print(("N = %2d  %-12s %s  |  %s"):format(N, method.label, cells[1], cells[2]))
    end
  end
  for kind, what in ipairs { "equal epochs", "equal processor seconds", "processor seconds of an epoch" } do
    print(("means, %-24s N = %s"):format(what, table.concat(depths, "     ")))
    for i, method in ipairs(group.methods) do
      local cells = {}
      for k in ipairs(depths) do
        cells[k] = kind == 3 and ("%6.2f"):format(spent[i][k]) or ("%6.1f"):format(100 * series[kind][i].y[k])
      end
      print(("  %-12s %s"):format(method.label, table.concat(cells, " ")))
    end
  end
  local panels = {}
  for kind, what in ipairs { "equal epochs", "equal seconds" } do
    panels[kind] = { title = name .. ", " .. group.title .. ": " .. what, x_label = "hidden layers", percent = true,
      whole_x = true, series = series[kind], y = o.quick and { 0, 1 } or group.range }
  end
  return panels
end

local panels = {}
for _, name in ipairs(common.data_names(o)) do
  for _, group in ipairs(groups) do
    table.move(table_of(group, name), 1, 2, #panels + 1, panels)
  end
end
common.show(ip.figure { title = "Depth", panels = panels, columns = 2 }, o.path("depth.svg"))
