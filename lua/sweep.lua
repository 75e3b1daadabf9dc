-- sweep.lua - ip.sweep: a grid of settings over data sets and seeds, a run each, one after the other.
-- The argument is the table that the embedded files share.
--
-- What a sweep has done is in its state, OUTPUT.state: a block of lines for each run that has ended, appended
-- whole, so that a sweep that was killed goes on where it was. The table, OUTPUT, is made anew from it.
local shared = ...
local ip = shared.ip
local concat, sort, format = table.concat, table.sort, string.format

local own = { name = true, data = true, net = true, iterations = true, seeds = true, grid = true, runs = true,
  output = true, reuse = true, stop_when = true, switch = true, label = true, quiet = true, only_done = true,
  hidden = true }

local tables = shared.sweep_table
local fail, value_text, mean_of, groups_of = tables.fail, tables.value_text, tables.mean_of, tables.groups_of

local function data_name(data)
  if type(data) == "table" then
    return tostring(data.name or data[1])
  elseif type(data) == "userdata" then
    return data.name
  end
  return tostring(data)
end

-- All combinations of the grid's values, the last name turning fastest; names are sorted where it is not a list.
local function combinations(grid)
  local axes = {}
  for key, value in pairs(grid or {}) do
    if math.type(key) ~= "integer" then
      axes[#axes + 1] = { key, value }
    end
  end
  sort(axes, function(x, y) return x[1] < y[1] end)
  for i, axis in ipairs(grid or {}) do
    table.insert(axes, i, axis)
  end
  local all = { {} }
  for _, axis in ipairs(axes) do
    local name, values, more = axis[1], axis[2], {}
    if type(values) ~= "table" or #values == 0 then
      fail("the grid's %s is a list of values: grid = { %s = { ... } }", tostring(name), tostring(name))
    end
    for _, one in ipairs(all) do
      for _, value in ipairs(values) do
        local copy = { table.unpack(one) }
        copy[#copy + 1] = { name, value }
        more[#more + 1] = copy
      end
    end
    all = more
  end
  return all
end

local function list(value, is_one)
  return is_one(value) and { value } or value
end

-- What each run is: settings, and the parts of its label.
local function plan_run(spec, variant, cell, data, seed)
  local run = { settings = {}, swept = {}, data = data, seed = seed, iterations = spec.iterations or 20,
    net = spec.net, hidden = spec.hidden, switch = spec.switch, stop_when = spec.stop_when }
  local function take(name, value)
    if name == "net" or name == "hidden" or name == "iterations" or name == "switch" then
      run[name] = value
    else
      run.settings[name] = value
    end
  end
  for name, value in pairs(spec) do
    if not own[name] then
      take(name, value)
    end
  end
  local label = {}
  for name, value in pairs(variant) do
    if name ~= "label" then
      take(name, value)
    end
  end
  label[1] = variant.label
  for _, pair in ipairs(cell) do
    take(pair[1], pair[2])
    run.swept[#run.swept + 1] = pair
    label[#label + 1] = pair[1] .. "=" .. (value_text(pair[2]):gsub(" ", ":"))
  end
  run.label = concat(label, " ")
  return run
end

local function key_of(run)
  local keys, parts = {}, {}
  for name in pairs(run.settings) do
    keys[#keys + 1] = name
  end
  sort(keys)
  for i, name in ipairs(keys) do
    parts[i] = name .. "=" .. value_text(run.settings[name])
  end
  parts[#parts + 1] = "data=" .. value_text(type(run.data) == "userdata"
    and { run.data.name, run.data.train, run.data.test } or run.data)
  parts[#parts + 1] = "net=" .. value_text(run.net or run.hidden or "")
  parts[#parts + 1] = "seed=" .. value_text(run.seed)
  parts[#parts + 1] = "iterations=" .. value_text(run.iterations)
  if run.switch then
    parts[#parts + 1] = "switch=" .. value_text(run.switch)
  end
  if run.stop_when then
    parts[#parts + 1] = "stop_when=" .. (type(run.stop_when) == "function" and "function" or tostring(run.stop_when))
  end
  return (concat(parts, ";"):gsub("[\t\n]", " "))
end

local function plan(spec)
  local runs, seen = {}, {}
  local is_one = function(v) return type(v) ~= "table" or v.name ~= nil end
  local sets = list(spec.data or "digits", is_one)
  local seeds = spec.seeds or { spec.seed or 1 }
  if math.type(seeds) == "integer" then
    local count = seeds
    seeds = {}
    for i = 1, count do
      seeds[i] = i
    end
  end
  for _, data in ipairs(sets) do
    for _, variant in ipairs(spec.runs or { {} }) do
      for _, cell in ipairs(combinations(spec.grid)) do
        for _, seed in ipairs(seeds) do
          local run = plan_run(spec, variant, cell, data, seed)
          run.data_name = data_name(data)
          run.group = (#sets > 1 or run.label == "") and concat({ run.data_name, run.label ~= "" and run.label or nil },
            " ") or run.label
          run.key = key_of(run)
          if seen[run.key] then
            fail("the sweep has the same run twice: %s", run.key)
          end
          seen[run.key] = true
          runs[#runs + 1] = run
        end
      end
    end
  end
  if #runs == 0 then
    fail("the sweep has no runs: give it data, seeds and a grid of at least one value each")
  end
  return runs
end

local function duration(seconds)
  if seconds < 100 then
    return format("%.0fs", seconds)
  elseif seconds < 6000 then
    return format("%.0fm", seconds / 60)
  end
  return format("%.1fh", seconds / 3600)
end

-- The rule as a function of a record: a function, or an expression of the record's fields.
local function rule_of(rule)
  if rule == nil or type(rule) == "function" then
    return rule
  end
  local record
  local names = setmetatable({ math = math }, { __index = function(_, name)
    local value = record[name]
    if value == nil then
      fail("stop_when names '%s', which is no field of a record", name)
    end
    return value
  end })
  local f, message = load("return " .. tostring(rule), "=stop_when", "t", names)
  if not f then
    fail("stop_when is an expression of a record's fields, like \"iteration > 3 and test_accuracy < 0.5\": %s", message)
  end
  return function(m)
    record = m
    return f()
  end
end

local sweep_methods = {}

local function open_data(sweep, data)
  local name = value_text(type(data) == "userdata" and tostring(data) or data)
  if type(data) == "userdata" then
    return data
  elseif not sweep.opened[name] then
    local of = type(data) == "table" and data or { name = data }
    local options = {}
    for key, value in pairs(of) do
      if key ~= "name" then
        options[key] = value
      end
    end
    local opened, message = ip.dataset(of.name, options)
    if not opened then
      fail("%s", message)
    end
    sweep.opened[name] = opened
  end
  return sweep.opened[name]
end

local function new_run(sweep, run)
  local data = open_data(sweep, run.data)
  local net = run.net
  if not net and run.hidden then
    net = { table.unpack(run.hidden) }
    table.insert(net, 1, data.inputs)
    net[#net + 1] = data.classes
  end
  local settings = { data = data, net = net, seed = run.seed,
    name = (sweep.name and sweep.name .. ": " or "") .. run.group .. (sweep.seeds > 1 and ", seed " .. run.seed or "") }
  for name, value in pairs(run.settings) do
    settings[name] = value
  end
  local made, message = ip.run(settings)
  if not made then
    fail("%s", message)
  end
  return made
end

local function keep(record)
  local kept = {}
  for _, name in ipairs(tables.fields) do
    kept[name] = record[name]
  end
  return kept
end

-- Time left of the whole: what the iterations of this session took, on the average of each run's kind where it
-- is known.
local function time_left(sweep)
  if sweep.iterations_done == 0 then
    return ""
  end
  local left, each = 0, (os.time() - sweep.began) / sweep.iterations_done
  for _, run in ipairs(sweep.runs) do
    left = left + (run.status and 0 or run.iterations - #run.records)
  end
  return duration(left * each) .. " left"
end

-- Shows the table in place and returns the key that was pressed; nil where nothing can be shown.
local function show(sweep, index)
  local columns, lines = shared.live_size()
  if not columns or sweep.quiet then
    return nil
  end
  local text = tables.text(sweep.runs, columns - 1, math.max(lines - 5, 3))
  return shared.live(format("%s\nrun %d of %d, %s   s ends this run, q the sweep", text, index, #sweep.runs,
    time_left(sweep)))
end

local function do_run(sweep, run, index)
  local stop, made = rule_of(run.stop_when), new_run(sweep, run)
  run.now, run.records = true, {}
  shared.watch(made)
  while not run.status do
    if run.switch and #run.records == run.switch.after then
      local settings = {}
      for name, value in pairs(run.switch) do
        if name ~= "after" and name ~= "method" then
          settings[name] = value
        end
      end
      made:switch(run.switch.method, settings)
    end
    local record, message = made:step()
    if not record or #made.metrics == #run.records then
      run.status = record and "ended by hand" or message or made.status
    else
      run.records[#run.records + 1] = keep(record)
      sweep.iterations_done = sweep.iterations_done + 1
      if #run.records >= run.iterations then
        run.status = "done"
      elseif stop and stop(record) then
        run.status = "ended by stop_when"
      end
    end
    local key = show(sweep, index)
    if key == "q" then
      run.now, run.status = nil, nil
      made:close()
      return false
    elseif key == "s" and not run.status then
      run.status = "ended by hand"
    end
  end
  run.now = nil
  made:close()
  return true
end

local function announce(sweep, run, index)
  if sweep.quiet or shared.live_size() then
    return
  end
  local m = run.records[#run.records]
  print(format("%d/%d %s%s: %s%s  %s", index, #sweep.runs, run.group, sweep.seeds > 1 and ", seed " .. run.seed or "",
    run.status, m and format(", test %.2f%%", 100 * m.test_accuracy) or "", time_left(sweep)))
end

-- The runs with their records; __index of the class.
function sweep_methods.text(sweep, width)
  return tables.text(sweep.runs, width or math.maxinteger)
end

-- Mean and spread over the seeds of f(record), or a field, of each group's last records.
function sweep_methods.last(sweep, f)
  local of = type(f) == "function" and f or function(m) return m[f] end
  local all = {}
  for i, group in ipairs(groups_of(sweep.runs)) do
    local values = tables.last_values(group, of)
    local mean, spread = mean_of(values)
    all[i] = { name = group.name, mean = mean, spread = spread, runs = group.runs, status = tables.group_status(group) }
  end
  return all
end

-- A series for each group, for ip.figure: means over the seeds, shaded by the spread.
function sweep_methods.series(sweep, y, options)
  options = options or {}
  local of_y = type(y) == "function" and y or function(m) return m[y] end
  local all = {}
  for _, group in ipairs(groups_of(sweep.runs)) do
    if not options.filter or options.filter(group.runs[1]) then
      local s = { name = options.label and options.label(group.runs[1]) or group.name, x = {}, y = {}, low = {}, high = {} }
      local longest = 0
      for _, run in ipairs(group.runs) do
        longest = math.max(longest, #run.records)
      end
      for i = 1, longest do
        local xs, ys = {}, {}
        for _, run in ipairs(group.runs) do
          if run.records[i] then
            local time = 0
            for j = 1, options.x == "seconds" and i or 0 do
              time = time + run.records[j].seconds
            end
            xs[#xs + 1] = options.x == "seconds" and time or run.records[i].iteration
            ys[#ys + 1] = of_y(run.records[i])
          end
        end
        local mean, spread = mean_of(ys)
        s.x[i], s.y[i] = mean_of(xs), mean
        s.low[i], s.high[i] = mean - (spread or 0), mean + (spread or 0)
      end
      if #group.runs == 1 then
        s.low, s.high = nil, nil
      end
      if longest > 0 then
        all[#all + 1] = s
      end
    end
  end
  return all
end

local sweep_class = { __index = sweep_methods, __name = "sweep", __tostring = function(s) return tables.text(s.runs, math.maxinteger) end }

-- Adds to `done` what other sweeps have done: whole runs, of which the key says all. Returns the keys that were added.
local function take_over(spec, done)
  local added = {}
  for _, output in ipairs(type(spec.reuse) == "string" and { spec.reuse } or spec.reuse or {}) do
    for key, run in pairs(tables.read_state(output .. ".state")) do
      if not done[key] and not key:find("stop_when=function", 1, true)
        and (run.status == "done" or run.status:find("^diverged") or run.status == "ended by stop_when") then
        done[key], added[key] = run, true
      end
    end
  end
  return added
end

local function open_sweep(spec)
  if type(spec) ~= "table" then
    fail("a sweep is a table: ip.sweep{ grid = { inertia = { 0.1, 0.5 } }, iterations = 5, output = \"out.csv\" }")
  end
  local sweep = setmetatable({ runs = plan(spec), opened = {}, iterations_done = 0, began = os.time(), name = spec.name,
    quiet = spec.quiet, finished = true, seeds = 0, from_others = 0 }, sweep_class)
  local seeds = {}
  for _, run in ipairs(sweep.runs) do
    sweep.seeds = sweep.seeds + (seeds[run.seed] and 0 or 1)
    seeds[run.seed] = true
    run.records = {}
  end
  rule_of(spec.stop_when)
  local done = tables.read_state(spec.output and spec.output .. ".state")
  local others = take_over(spec, done)
  for _, run in ipairs(sweep.runs) do
    local before = done[run.key]
    if before then
      sweep.from_others = sweep.from_others + (others[run.key] and 1 or 0)
      run.status, run.records = before.status, before.records
      sweep.found = (sweep.found or 0) + 1
    end
  end
  return sweep
end

local function do_all(sweep, spec)
  local state = spec.output and spec.output .. ".state"
  for i, run in ipairs(sweep.runs) do
    if not run.status then
      if not do_run(sweep, run, i) then
        sweep.finished = false
        return
      end
      if state then
        tables.append_state(state, run)
        tables.write_csv(spec.output, sweep.runs)
      end
      announce(sweep, run, i)
    end
  end
end

-- A mistake in the table is the caller's; what goes wrong later is told as it is.
function ip.sweep(spec)
  local good, sweep = pcall(open_sweep, spec)
  if not good then
    error(sweep, 2)
  end
  if sweep.found and not sweep.quiet then
    print(format("%d of %d runs are done already%s%s", sweep.found, #sweep.runs,
      sweep.from_others > 0 and format(", %d of them by other sweeps", sweep.from_others) or "",
      spec.output and ": " .. spec.output .. ".state" or ""))
  end
  if not spec.only_done then
    do_all(sweep, spec)
  end
  if spec.output then
    tables.write_csv(spec.output, sweep.runs)
  end
  for _, run in ipairs(sweep.runs) do
    sweep.finished = sweep.finished and run.status ~= nil
  end
  shared.live_end()
  return sweep
end
