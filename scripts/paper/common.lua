-- common.lua - what the scripts of the paper's experiments share: options, figures, and the paper's Table 1.
--
--   --quick        the digits and small networks, in seconds
--   --data NAME    one data set in place of MNIST and Fashion-MNIST
--   --epochs N     iterations of each run
--   --seeds N      so many seeds
--   --output DIR   where CSV and figures go (the current folder)
--
-- defaults.more names further whole numbers: { select_epochs = 3 } is --select-epochs N.
local common = {}

function common.options(defaults)
  local o = { epochs = defaults.epochs, seeds = defaults.seeds or 1, output = "." }
  for name, value in pairs(defaults.more or {}) do
    o[name] = value
  end
  local i = 1
  while arg and arg[i] do
    local name = (arg[i]:match("^%-%-([%a-]+)$") or ""):gsub("-", "_")
    if name == "quick" then
      o.quick = true
    elseif name == "data" or name == "output" then
      i = i + 1
      o[name] = assert(arg[i], "--" .. name .. " needs a value")
    elseif name == "epochs" or name == "seeds" or o[name] and defaults.more[name] then
      i = i + 1
      o[name] = assert(math.tointeger(tonumber(arg[i])), arg[i - 1] .. " needs a whole number")
    else
      error("there is no option " .. arg[i] .. ": --quick, --data, --epochs, --seeds and --output are known", 0)
    end
    i = i + 1
  end
  if o.quick then
    o.data = { { name = "digits", train = 400, test = 200 } }
    o.hidden = { 30, 30 }
    o.epochs = math.min(o.epochs, 3)
    o.seeds = math.min(o.seeds, 2)
    o.batch = 100
  else
    o.data = o.data and { o.data } or { "mnist", "fashion-mnist" }
    o.hidden = defaults.hidden or { 1500, 1500 }
    o.batch = 512
  end
  function o.path(name)
    return o.output .. "/" .. name
  end
  return o
end

-- The data sets by the names that tables and figures show.
function common.data_names(o)
  local names = {}
  for i, data in ipairs(o.data) do
    names[i] = type(data) == "table" and data.name or data
  end
  return names
end

-- Writes the figure where the program can, prints it as characters always.
function common.show(figure, path)
  print(figure)
  local written, message = figure:save(path)
  print(written and "written: " .. written or message)
end

-- A panel for each data set and field: { { "phi", ... } }, series by label.
function common.panels(sweep, o, fields, options)
  local panels = {}
  for _, data in ipairs(common.data_names(o)) do
    for _, field in ipairs(fields) do
      local copy = { x = options and options.x, label = options and options.label }
      copy.filter = function(run)
        return run.data_name == data and (not (options and options.filter) or options.filter(run))
      end
      copy.label = copy.label or function(run) return run.label end
      local y = field.y
      panels[#panels + 1] = { title = data .. ": " .. field.title, percent = field.percent, log_y = field.log,
        y = field.range, x_label = options and options.x or "epoch", whole_x = not (options and options.x),
        series = sweep:series(y, copy) }
    end
  end
  return panels
end

common.fields = {
  phi = { title = "objective a sample", y = function(m) return m.phi / m.samples end, log = true },
  train = { title = "train accuracy", y = "train_accuracy", percent = true },
  test = { title = "test accuracy", y = "test_accuracy", percent = true },
}

function common.mean(values)
  local sum = 0
  for _, value in ipairs(values) do
    sum = sum + value
  end
  return sum / #values
end

-- Results kept as lines of a CSV file: the lines of a key are written together once all are known, so an interrupted script goes on
-- with the keys that are missing. `columns` begins with the key's.
function common.keep(path, columns)
  local kept, known = { rows = {}, path = path }, {}
  local from = io.open(path)
  local head = from and from:read("l")
  if head and head ~= columns then
    error(path .. " has other columns: " .. head .. ". Move it away.", 0)
  end
  for line in from and from:lines() or function() end do
    local row = {}
    for value in line:gmatch("[^,]+") do
      row[#row + 1] = tonumber(value) or value
    end
    kept.rows[#kept.rows + 1] = row
    known[row[1]] = true
  end
  if from then
    from:close()
  end
  function kept.has(key)
    return known[key]
  end
  function kept.of(key)
    local rows = {}
    for _, row in ipairs(kept.rows) do
      if row[1] == key then
        rows[#rows + 1] = row
      end
    end
    return rows
  end
  function kept.add(key, rows)
    local lines = { head and "" or columns .. "\n" }
    head, known[key] = columns, true
    for _, row in ipairs(rows) do
      table.insert(row, 1, key)
      assert(not table.concat(row):find("[,\n]"), "a comma in a value would end it")
      kept.rows[#kept.rows + 1] = row
      lines[#lines + 1] = table.concat(row, ",") .. "\n"
    end
    local to = assert(io.open(path, "a"))
    to:write(table.concat(lines))
    assert(to:close())
  end
  return kept
end

-- Trains runs in turns of `every` samples, so that whatever else the machine does meets all of them alike. A spec has data (a table
-- for ip.dataset), net, seed and settings; a turn adds { samples seen, processor seconds, seconds, 10^9 operations, accuracy, accuracy of
-- the averaged weights or NaN } to its points. Only training is timed. goes_on(spec, specs) says whether another turn is wanted.
local opened = {}
local function open(name, options)
  local key = name
  for _, field in ipairs { "train", "test", "held_out" } do
    key = key .. " " .. tostring(options[field])
  end
  opened[key] = opened[key] or assert(ip.dataset(name, options))
  return opened[key]
end

function common.take_turns(specs, every, goes_on)
  for _, spec in ipairs(specs) do
    local d = spec.data
    local options = { data = open(d.name, { train = d.train, test = d.test, held_out = d.held_out }), net = spec.net, seed = spec.seed,
      metrics_every = 1000000 }
    for name, value in pairs(spec.settings) do
      options[name] = value
    end
    spec.test = open(d.name, { train = 1, test = d.test, held_out = d.held_out })
    spec.run, spec.points = assert(ip.run(options)), {}
  end
  local busy = true
  while busy do
    busy = false
    for _, spec in ipairs(specs) do
      if spec.run and goes_on(spec, specs) then
        busy = common.turn(spec, every) or busy
      elseif spec.run then
        spec.run:close(true)
        spec.run = nil
      end
    end
  end
end

-- One turn; returns true, or nil where the run diverged.
function common.turn(spec, every)
  local run, last = spec.run, spec.points[#spec.points] or { 0, 0, 0, 0 }
  local N, batch, at = run.data.train, run.settings.batch, run.place
  local goal = (at.batch - 1) * batch // every * every + every
  local count = math.ceil(math.min(goal, N) / batch) - at.batch + 1
  local processor, clock = os.clock(), ip.clock()
  local done, status = run:step_batch(count)
  processor, clock = os.clock() - processor, ip.clock() - clock
  if not done or status or run.status:find("^diverged") then
    run:close(true)
    spec.run, spec.diverged = nil, true
    return
  end
  local seen = run.iteration * N + (run.place.batch - 1) * batch
  local averaged = run.settings.average_weights > 0 and run:network { averaged = true }
  spec.points[#spec.points + 1] = { seen, last[2] + processor, last[3] + clock, "nan",
    run:network():evaluate(spec.test).test_accuracy, averaged and averaged:evaluate(spec.test).test_accuracy or "nan" }
  if run.place.batch == 1 then -- the record has the operations of its epoch; batches are alike
    local begins, before = (run.iteration - 1) * N, 0
    for _, point in ipairs(spec.points) do
      if point[1] <= begins then
        before = point[4]
      else
        point[4] = before + run:last().gflop * (point[1] - begins) / N
      end
    end
  end
  return true
end

-- Table 1: alpha, then FV, TrA, TeA under "MNIST" and under "Fashion MNIST", as printed; nan is NaN.
local nan = 0 / 0
common.table1 = {
  { 0.1, 0.14, 95.4, 88.2, 0.14, 94.6, 93.2 }, { 0.2, 0.12, 95.7, 88.9, 0.12, 95.0, 93.4 },
  { 0.3, 0.13, 95.8, 89.2, 0.13, 95.5, 93.7 }, { 0.4, 0.14, 96.2, 89.5, 0.14, 95.7, 93.9 },
  { 0.5, 0.14, 96.4, 89.3, 0.14, 96.2, 94.1 }, { 0.6, 0.10, 96.6, 89.2, 0.10, 96.6, 94.2 },
  { 0.7, 0.03, 96.8, 89.6, 0.09, 96.3, 94.2 }, { 0.8, 0.28, 92.0, 85.8, 0.29, 91.6, 91.8 },
  { 0.9, 0.61, 95.1, 87.6, 0.64, 94.6, 93.0 }, { 1.0, 5510, 89.0, 78.1, 5600, 89.1, 86.2 },
  { 1.1, nan, nan, nan, nan, 10.4, 10.4 }, { 1.2, nan, nan, nan, nan, 10.4, 10.4 },
}

return common
