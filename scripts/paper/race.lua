-- race.lua - relaxed_am, iPDLAM, Adam, AdamW and SGD with momentum: processor seconds and 10^9 operations to an accuracy, and accuracy by
-- epoch.
--
-- ipdlam run --no-history scripts/paper/race.lua [--quick] [--data NAME] [--epochs N] [--seeds N] [--output DIR] [--widths N]
--   [--select-epochs N] [--select-samples N]
--
-- 1. Selection. Each method has 24 settings: three rates (of relaxed_am damping_last, of iPDLAM delta), two batches, two losses (of AdamW
--    two weight decays, with cross-entropy), averaged weights or not. Seed 1, select_epochs epochs on the first select_samples samples; the
--    accuracy is that on the last 5000 training samples, which no run of the selection trains on. Two settings go on: the `sprint`, with the
--    fewest processor seconds to the second goal, and the `best`, with the highest accuracy in the end.
-- 2. The race: on all 60000 samples, seeds 1, 2, ...; accuracy on the test samples. Sprints last 3 epochs.
--
-- All take turns of 5000 samples, after which accuracy is taken; only training is timed, on one thread. Averaged weights, where a setting
-- has them, are what counts; keeping them is part of the time. They change nothing in the training, so one run of the selection answers for
-- both. First weights are those of the preset `fast` (He), of iPDLAM those of its preset `best`.
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 20, seeds = 5, more = { widths = 0, select_epochs = 3, select_samples = 55000 } }
local widths = o.quick and { 20 } or o.widths > 0 and { o.widths } or { 300, 600 }
local every, sprint = o.quick and 200 or 5000, math.min(3, o.epochs)
local few = o.quick and 400 or o.select_samples
local select_epochs = o.quick and 1 or o.select_epochs
local goals = { mnist = { 0.95, 0.97, 0.98 }, ["fashion-mnist"] = { 0.85, 0.87, 0.89 }, digits = { 0.3, 0.5, 0.7 } }
local by_epoch = { 1, 5, 20 }
local average = 0.02
ip.threads(1)

local gradient = { init = "he", init_bias = 0, init_last = 0.7, shuffle = true, loss = "cross_entropy" }
local methods = {
  { name = "relaxed_am", base = { preset = "fast" }, rate = "damping_last", rates = { 15, 30, 60 } },
  { name = "iPDLAM", base = { preset = "best" }, rate = "delta", rates = { 0.3, 1, 3 } },
  { name = "Adam", base = { method = "adam" }, rate = "lr", rates = { 0.0005, 0.001, 0.002 }, gradient = true },
  { name = "AdamW", base = { method = "adam" }, rate = "lr", rates = { 0.0005, 0.001, 0.002 }, gradient = true,
    decays = { 0.01, 0.1 } },
  { name = "SGD", base = { method = "sgd", momentum = 0.9 }, rate = "lr", rates = { 0.03, 0.1, 0.3 }, gradient = true },
}

-- The settings of a method without averaging, which doubles them, by name.
local function grid(method)
  local settings = {}
  for _, rate in ipairs(method.rates) do
    for _, batch in ipairs { 64, 128 } do
      for _, third in ipairs(method.decays or { "squared", "cross_entropy" }) do
        local s = { batch = batch, [method.rate] = rate }
        for key, value in pairs(method.base) do
          s[key] = value
        end
        for key, value in pairs(method.gradient and gradient or {}) do
          s[key] = value
        end
        s[method.decays and "weight_decay" or "loss"] = third
        local name = ("%s %s %g batch %d %s"):format(method.name, method.rate, rate, batch,
          method.decays and ("decay %g"):format(third) or third)
        settings[#settings + 1] = { name = name, settings = s }
      end
    end
  end
  return settings
end

local selection = common.keep(o.path("race_selection.csv"),
  "group,setting,samples,processor_seconds,seconds,gflop,accuracy,averaged")
local race = common.keep(o.path("race.csv"),
  "group,method,role,setting,seed,samples,processor_seconds,seconds,gflop,accuracy,averaged")

local function specs_of(settings, name, net, seed, data)
  local specs = {}
  for i, setting in ipairs(settings) do
    local s = { average_weights = setting.averaged ~= false and average or 0 }
    for key, value in pairs(setting.settings) do
      s[key] = value
    end
    specs[i] = { label = setting.name, settings = s, net = net, seed = seed, data = data, epochs = setting.epochs }
    data.name = name
  end
  return specs
end

local function trained(spec, epochs)
  local last = spec.points[#spec.points]
  return last and last[1] >= epochs * spec.run.data.train
end

-- Runs the selection where it has not been run; returns for each method the two settings that go on.
local function select(name, width)
  local net, chosen = { 784, width, width, 10 }, {}
  for i, method in ipairs(methods) do
    local settings = grid(method)
    local group = ("%s %d %s %d x %d"):format(name, width, method.name, select_epochs, few)
    if not selection.has(group) then
      local specs = specs_of(settings, name, net, 1, { train = few, held_out = o.quick and 100 or 5000 })
      common.take_turns(specs, every, function(spec) return not trained(spec, select_epochs) end)
      local rows = {}
      for _, spec in ipairs(specs) do
        for _, point in ipairs(spec.points) do
          rows[#rows + 1] = { spec.label, table.unpack(point) }
        end
      end
      selection.add(group, rows)
    end
    -- A run that diverged has fewer points, and its last accuracy counts no more.
    local last, first, count = {}, {}, {}
    for _, row in ipairs(selection.of(group)) do
      for averaged = 0, 1 do
        local key, accuracy = row[2] .. (averaged == 1 and " averaged" or ""), row[7 + averaged]
        last[key], count[key] = accuracy, (count[key] or 0) + 1
        if not first[key] and accuracy >= goals[name][2] then
          first[key] = row[4]
        end
      end
    end
    local best, fastest
    for _, setting in ipairs(settings) do
      for _, averaged in ipairs { false, true } do
        local key = setting.name .. (averaged and " averaged" or "")
        local found = { name = key, settings = setting.settings, averaged = averaged, last = last[key] or 0,
          first = first[key] or math.huge }
        if not best or found.last > best.last then
          best = found
        end
        if not fastest or found.first < fastest.first or found.first == fastest.first and found.last > fastest.last then
          fastest = found
        end
      end
    end
    chosen[i] = { sprint = fastest, best = best }
  end
  return chosen
end

local function run_race(name, width, seed, chosen)
  local group = ("%s %d %d %d"):format(name, width, seed, o.epochs)
  if race.has(group) then
    return
  end
  local settings, roles = {}, {}
  for i, method in ipairs(methods) do
    for role, epochs in pairs { sprint = sprint, best = o.epochs } do
      local s = { epochs = epochs, role = role, method = method.name }
      for key, value in pairs(chosen[i][role]) do
        s[key] = value
      end
      settings[#settings + 1] = s
    end
  end
  table.sort(settings, function(x, y) return x.role .. x.method < y.role .. y.method end)
  local specs = specs_of(settings, name, { 784, width, width, 10 }, seed,
    o.quick and { train = 400, test = 200 } or {})
  common.take_turns(specs, every, function(spec) return not trained(spec, spec.epochs) end)
  local rows = {}
  for i, spec in ipairs(specs) do
    for _, point in ipairs(spec.points) do
      rows[#rows + 1] = { settings[i].method, settings[i].role, spec.label, seed, table.unpack(point) }
    end
  end
  race.add(group, rows)
end

-- A run's points: samples, processor seconds, seconds, operations, accuracy of what counts.
local function points_of(name, width, seed, method, role)
  local points, setting = {}, nil
  for _, row in ipairs(race.of(("%s %d %d %d"):format(name, width, seed, o.epochs))) do
    if row[2] == method and row[3] == role then
      setting = row[4]
      points[#points + 1] = { row[6], row[7], row[8], row[9], setting:find(" averaged$") and row[11] or row[10] }
    end
  end
  return points, setting
end

local function median(values)
  table.sort(values)
  local n = #values
  return n % 2 == 1 and values[(n + 1) // 2] or (values[n // 2] + values[n // 2 + 1]) / 2
end

-- "0.81 (0.79-0.90) 1.02 95" of the first points that reach the goal: processor seconds, their range, seconds, operations.
local function to_goal(runs, goal)
  local processor, seconds, gflop = {}, {}, {}
  for _, points in ipairs(runs) do
    for _, point in ipairs(points) do
      if point[5] >= goal then
        processor[#processor + 1], seconds[#seconds + 1], gflop[#gflop + 1] = point[2], point[3], tonumber(point[4]) or 0 / 0
        break
      end
    end
  end
  if #processor < #runs then
    return ("%d of %d"):format(#processor, #runs)
  end
  local middle = median(processor)
  return ("%.2f (%.2f-%.2f) %.2f %.0f"):format(middle, processor[1], processor[#processor], median(seconds), median(gflop))
end

local function after(runs, epochs, samples)
  local sum, least, most, count = 0, 1, 0, 0
  for _, points in ipairs(runs) do
    for _, point in ipairs(points) do
      if point[1] == epochs * samples then
        sum, least, most, count = sum + point[5], math.min(least, point[5]), math.max(most, point[5]), count + 1
      end
    end
  end
  return count < #runs and "-" or ("%.2f (%.2f-%.2f)"):format(100 * sum / count, 100 * least, 100 * most)
end

local panels = {}
for _, name in ipairs(common.data_names(o)) do
  for _, width in ipairs(widths) do
    local chosen = select(name, width)
    for seed = 1, o.seeds do
      run_race(name, width, seed, chosen)
    end
    local samples, series = o.quick and 400 or 60000, { best = {}, sprint = {} }
    print(("\n%s, 784-%d-%d-10, %d seeds. Processor seconds (range), seconds and 10^9 operations to a test accuracy, medians")
      :format(name, width, width, o.seeds))
    for _, role in ipairs { "sprint", "best" } do
      print(("%-7s %-52s %-28s %-28s %-28s"):format(role, "", table.unpack(goals[name])))
      for i, method in ipairs(methods) do
        local runs, setting = {}, nil
        for seed = 1, o.seeds do
          runs[seed], setting = points_of(name, width, seed, method.name, role)
        end
        local cells = {}
        for k, goal in ipairs(goals[name]) do
          cells[k] = to_goal(runs, goal)
        end
        print(("  %-58s %-28s %-28s %-28s"):format(setting or method.name .. " diverged", table.unpack(cells)))
        local s = { name = method.name, x = {}, y = {}, low = {}, high = {}, colour = i }
        for k, point in ipairs(runs[1]) do
          local x, y, low, high = 0, 0, 1, 0
          for _, points in ipairs(runs) do
            local p = points[k] or point
            x, y, low, high = x + p[2] / #runs, y + p[5] / #runs, math.min(low, p[5]), math.max(high, p[5])
          end
          s.x[k], s.y[k], s.low[k], s.high[k] = x, y, low, high
        end
        if #s.x > 0 then
          table.insert(series[role], s)
        end
      end
    end
    print("  best: test accuracy in percent, mean (range), after 1, 5 and 20 epochs; processor seconds of an epoch, median")
    for _, method in ipairs(methods) do
      local cells, runs, seconds = {}, {}, {}
      for seed = 1, o.seeds do
        local points = points_of(name, width, seed, method.name, "best")
        local last = points[#points] or { 1, 0 / 0 }
        runs[seed], seconds[seed] = points, last[2] * samples / last[1]
      end
      for k, epochs in ipairs(by_epoch) do
        cells[k] = after(runs, epochs, samples)
      end
      print(("  %-12s %-22s %-22s %-22s %6.2f"):format(method.name, cells[1], cells[2], cells[3], median(seconds)))
    end
    for _, role in ipairs { "sprint", "best" } do
      panels[#panels + 1] = { title = ("%s, 784-%d-%d-10: %s"):format(name, width, width, role), percent = true,
        x_label = "processor seconds", series = series[role],
        y = { goals[name][1] - 0.03, goals[name][3] + (name == "mnist" and 0.01 or 0.02) } }
    end
  end
end
common.show(ip.figure { title = "The race", panels = panels, columns = 2 }, o.path("race.svg"))
