-- figure.lua - prepares the table of ip.figure for C: a list of panels, with numbers in place of runs.
-- The argument is the table that the embedded files share.
local shared = ...
local pcall = pcall

local of_runs = { [shared.classes.run] = true, [shared.classes.history] = true }

local function value_of(record, what)
  if type(what) == "function" then
    return what(record)
  end
  return record[what]
end

local function from_history(id)
  local good, run, message = pcall(shared.ip.history, id)
  return good and run or error(good and message or run, 0)
end

-- Reads a run, a run of the history, its number or a row of ip.runs. Returns { name, id, metrics, key }; the key is the
-- same for the same run.
local function read_run(run)
  if math.type(run) == "integer" then
    run = from_history(run)
  elseif type(run) == "table" and math.type(rawget(run, "id")) == "integer" then
    run = from_history(run.id)
  elseif type(run) ~= "userdata" or not of_runs[debug.getmetatable(run)] then
    error("run must be a run, a row of ip.runs, or a number of the history, not a " .. type(run), 0)
  end
  return { name = run.name, id = run.id, metrics = run.metrics, key = ("%s %s"):format(run.id, run.name) }
end

local function has_values(metrics, y)
  for i = 1, #metrics do
    local value = value_of(metrics[i], y)
    if type(value) ~= "number" or value == value then
      return true
    end
  end
  return #metrics == 0
end

-- x and y of a series from a run's records. x = "seconds" is the time since the start, not of one iteration.
local function from_run(series, run, of_y)
  local x, y = {}, {}
  local total, of_x = 0, series.x or "iteration"
  for i = 1, #run.metrics do
    local record = run.metrics[i]
    total = total + record.seconds
    x[i] = of_x == "seconds" and total or value_of(record, of_x)
    y[i] = value_of(record, of_y)
    if type(x[i]) ~= "number" or type(y[i]) ~= "number" then
      error("a series of a run needs numbers: x and y must name fields of a record, or be functions of one", 0)
    end
  end
  if type(of_y) == "string" and not has_values(run.metrics, of_y) then
    error(("run %s has no %s%s"):format(run.name, of_y, of_y == "phi" and ". Use y = \"forward_loss\"." or ""), 0)
  end
  return x, y
end

-- The name of series i, which draws of_y of a run: the run's name, with its number if other runs of the figure have the
-- same name; followed by of_y if the panel draws the run several times, and of_y alone if it draws no other run.
local function run_name(runs, names, i, of_y)
  local run, times, other = runs[i], 0, false
  local name = names[run.name] > 1 and ("#%s %s"):format(run.id, run.name) or run.name
  for _, one in pairs(runs) do
    times = times + (one.key == run.key and 1 or 0)
    other = other or one.key ~= run.key
  end
  if times == 1 then
    return name
  end
  local what = type(of_y) == "string" and of_y or "y " .. i
  return other and name .. " " .. what or what
end

local function copy_of(table)
  local copy = {}
  for key, value in pairs(table) do
    copy[key] = value
  end
  return copy
end

-- names: how many runs of the figure have each name.
local function normal_panel(panel, runs, names)
  if type(panel) ~= "table" or type(panel.series) ~= "table" then
    return panel
  end
  local copy, default, label = copy_of(panel), "phi", nil
  copy.series = {}
  for i, series in ipairs(panel.series) do
    if runs[i] and series.y == nil and not has_values(runs[i].metrics, "phi") then
      default = "forward_loss" -- all runs have it
    end
  end
  for i, series in ipairs(panel.series) do
    local one = type(series) == "table" and copy_of(series) or series
    local of_y = runs[i] and (series.y or default)
    if runs[i] then
      one.x, one.y = from_run(series, runs[i], of_y)
      one.name = series.name or run_name(runs, names, i, of_y)
      one.run = nil
    elseif type(one) == "table" and one.x == nil and type(one.y) == "table" then
      one.x = {}
      for k = 1, #one.y do
        one.x[k] = k
      end
    end
    label = (i == 1 or label == of_y) and type(of_y) == "string" and of_y
    copy.series[i] = one
  end
  copy.y_label = panel.y_label or label or nil
  return copy
end

-- The runs of each panel, by the index of the series, and how many runs of the figure have each name.
local function read_runs(panels)
  local all, names, known = {}, {}, {}
  for k, panel in ipairs(panels) do
    all[k] = {}
    for i, series in ipairs(type(panel) == "table" and type(panel.series) == "table" and panel.series or {}) do
      local run = type(series) == "table" and series.run ~= nil and read_run(series.run) or nil
      all[k][i] = run
      if run and not known[run.key] then
        known[run.key] = true
        names[run.name] = (names[run.name] or 0) + 1
      end
    end
  end
  return all, names
end

local of_figure = { columns = true, width = true, height = true }

-- The table of a figure for C. A figure without panels is its only panel.
function shared.figure(spec)
  local figure, panel = {}, {}
  for key, value in pairs(spec) do
    (spec.panels == nil and not of_figure[key] and panel or figure)[key] = value
  end
  local panels = spec.panels == nil and { panel } or spec.panels
  if type(panels) == "table" then
    local runs, names = read_runs(panels)
    figure.panels = {}
    for i, one in ipairs(panels) do
      figure.panels[i] = normal_panel(one, runs[i], names)
    end
  end
  return figure
end
