-- table1.lua - Table 1: FV, train and test accuracy for alpha = beta = gamma from 0.1 to 1.2, delta = 1.
--
-- ipdlam run scripts/paper/table1.lua [--quick] [--data NAME] [--epochs N] [--output DIR]
--
-- More than 20 epochs take 20 to 40 minutes per run, so only alpha = 1, 0.7 and 1.1 are trained, in increase order, into files of their
-- own, such as table1_increase_200.csv.
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 20 }

local long = o.epochs > 20
local alphas, some = {}, { 0.1, 0.3, 0.5, 0.7, 0.9 }
for i, row in ipairs(common.table1) do
  alphas[i] = row[1]
end
local function sweep_of(order, values)
  return ip.sweep { name = "table 1", data = o.data, layers = o.hidden, preset = "paper", order = order, batch = o.batch,
    iterations = o.epochs, grid = { inertia = values }, output = o.path("table1_" .. order .. (long and "_" .. o.epochs or "") .. ".csv") }
end
local increase = sweep_of("increase", long and { 1.0, 0.7, 1.1 } or alphas)
local nested = long and { runs = {} } or sweep_of("nested_reverse", some)

local function by_alpha(sweep, data)
  local rows = {}
  for _, run in ipairs(sweep.runs) do
    if run.data_name == data then
      rows[run.swept[1][2]] = run
    end
  end
  return rows
end

local function cell(run)
  local m = run and run.records[#run.records]
  if not run then
    return ("%24s"):format("")
  elseif run.status:find("^diverged") or not m or m.phi ~= m.phi then
    return ("%24s"):format("not finite, epoch " .. (m and m.iteration + 1 or 1))
  end
  return ("%9.4g %6.1f%% %6.1f%%"):format(m.phi / m.samples, 100 * m.train_accuracy, 100 * m.test_accuracy)
end

local function paper(row, first)
  return (("%6.4g %5.1f %5.1f"):format(row[first], row[first + 1], row[first + 2]):gsub("%-nan", " nan"))
end

-- Mean distance, in points, of our accuracies to one of the paper's two columns, over the alphas that are finite in both.
local function distance(rows, first)
  local sum, n = 0, 0
  for _, row in ipairs(common.table1) do
    local run = rows[row[1]]
    local m = run and run.records[#run.records]
    if m and run.status == "done" and row[1] < 1 and m.test_accuracy == m.test_accuracy then
      sum = sum + math.abs(100 * m.train_accuracy - row[first + 1]) + math.abs(100 * m.test_accuracy - row[first + 2])
      n = n + 2
    end
  end
  return n > 0 and sum / n or 0 / 0
end

local panels = {}
for _, data in ipairs(common.data_names(o)) do
  local up, down = by_alpha(increase, data), by_alpha(nested, data)
  print(("\n%s, %d epochs: FV (mean over samples), train, test"):format(data, o.epochs))
  print(("%5s  %24s  %24s  %18s  %18s"):format("alpha", "ours, increase", "ours, nested reverse", "paper, \"MNIST\"",
    "paper, \"Fashion\""))
  local points = { {}, {} }
  for _, row in ipairs(common.table1) do
    local a = row[1]
    if up[a] or down[a] then
      print(("%5.1f  %s  %s  %18s  %18s"):format(a, cell(up[a]), cell(down[a]), paper(row, 2), paper(row, 5)))
    end
  end
  for i, rows in ipairs { up, down } do
    for kind, y in pairs { train = "train_accuracy", test = "test_accuracy" } do
      local x, ys = {}, {}
      for _, a in ipairs(alphas) do
        local run = rows[a]
        local m = run and run.records[#run.records]
        if m and run.status == "done" then
          x[#x + 1], ys[#ys + 1] = a, m[y]
        end
      end
      if #x > 0 then
        table.insert(points[kind == "train" and 1 or 2], { name = i == 1 and "ours, increase" or "ours, nested reverse",
          x = x, y = ys, marks = true, colour = i })
      end
    end
  end
  for kind = 1, 2 do
    for reading, first in pairs { ["paper, column MNIST"] = 2, ["paper, column Fashion MNIST"] = 5 } do
      local x, ys = {}, {}
      for _, row in ipairs(common.table1) do
        if row[first + kind] == row[first + kind] then
          x[#x + 1], ys[#ys + 1] = row[1], row[first + kind] / 100
        end
      end
      table.insert(points[kind], { name = reading, x = x, y = ys, line = false, colour = first == 2 and 3 or 4 })
    end
    table.sort(points[kind], function(p, q) return p.name < q.name end)
    panels[#panels + 1] = { title = data .. (kind == 1 and ": train" or ": test"), x_label = "alpha = beta = gamma",
      percent = true, series = points[kind], y = { 0.75, 1 } }
  end
  for name, rows in pairs { increase = up, ["nested reverse"] = down } do
    if next(rows) then
      print(("%s, %s: %.1f points from the column \"MNIST\", %.1f from \"Fashion MNIST\""):format(data, name,
        distance(rows, 2), distance(rows, 5)))
    end
  end
end
common.show(ip.figure { title = long and ("Table 1, %d epochs"):format(o.epochs) or "Table 1", panels = panels }, o.path(long and "table1_" .. o.epochs .. ".svg" or "table1.svg"))
