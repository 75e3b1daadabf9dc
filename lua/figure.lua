-- figure.lua - what ip.figure makes of its table before C reads it: panels, and series of runs as numbers.
-- The argument is the table that the embedded files share.
local shared = ...

local function value_of(record, what)
  if type(what) == "function" then
    return what(record)
  end
  return record[what]
end

-- x and y of a series from a run's records. x = "seconds" is the time since the start, not of one iteration.
local function from_run(series)
  local x, y, run = {}, {}, series.run
  local total, of_x = 0, series.x or "iteration"
  for i = 1, #run.metrics do
    local record = run.metrics[i]
    total = total + record.seconds
    x[i] = of_x == "seconds" and total or value_of(record, of_x)
    y[i] = value_of(record, series.y or "phi")
    if type(x[i]) ~= "number" or type(y[i]) ~= "number" then
      error("a series of a run needs numbers: x and y name fields of a record, or are functions of one", 0)
    end
  end
  return x, y
end

local function normal_series(series)
  local copy = {}
  if type(series) ~= "table" then
    return series
  end
  for key, value in pairs(series) do
    copy[key] = value
  end
  if series.run ~= nil then
    copy.x, copy.y = from_run(series)
    copy.name = series.name or series.run.name
    copy.run = nil
  elseif series.x == nil and type(series.y) == "table" then
    copy.x = {}
    for i = 1, #series.y do
      copy.x[i] = i
    end
  end
  return copy
end

local function normal_panel(panel)
  local copy = {}
  if type(panel) ~= "table" then
    return panel
  end
  for key, value in pairs(panel) do
    copy[key] = value
  end
  if type(panel.series) == "table" then
    copy.series = {}
    for i, series in ipairs(panel.series) do
      copy.series[i] = normal_series(series)
    end
  end
  return copy
end

local of_figure = { columns = true, width = true, height = true }

-- A figure without panels is a panel itself.
function shared.figure(spec)
  local figure = {}
  if spec.panels == nil then
    local panel = {}
    for key, value in pairs(spec) do
      (of_figure[key] and figure or panel)[key] = value
    end
    figure.panels = { normal_panel(panel) }
    return figure
  end
  for key, value in pairs(spec) do
    figure[key] = value
  end
  if type(spec.panels) == "table" then
    figure.panels = {}
    for i, panel in ipairs(spec.panels) do
      figure.panels[i] = normal_panel(panel)
    end
  end
  return figure
end
