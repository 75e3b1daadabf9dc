-- metric.lua - run:metric: user-defined numbers in every record.
-- The argument is the table that the embedded files share.
local shared = ...
local ipairs, type = ipairs, type
local methods = shared.classes.run.__methods

local metrics = setmetatable({}, { __mode = "k" }) -- run -> { { name, f }, ... }

-- A new list, since the present one may be in use; f = nil removes the metric.
local function list_with(list, name, f)
  local new = {}
  for _, one in ipairs(list or {}) do
    if one[1] ~= name then
      new[#new + 1] = one
    end
  end
  new[#new + 1] = f and { name, f } or nil
  return new
end

local function value_of(name, f, record, run)
  local x = f(record, run)
  if type(x) ~= "number" then
    error(("the metric %s is a number, and its function returns %s"):format(name, x == nil and "nothing" or "a " .. type(x)), 0)
  end
  return x
end

function methods.metric(run, name, f)
  shared.check_metric(name)
  if f ~= nil and type(f) ~= "function" then
    error("run:metric(name, f): f is a function of a record and the run, or nil", 2)
  end
  local first = metrics[run] == nil
  metrics[run] = list_with(metrics[run], name, f)
  if first and f then
    run:on("iteration", function(record)
      for _, one in ipairs(metrics[run]) do
        record[one[1]] = value_of(one[1], one[2], record, run)
        shared.put_metric(run, record.iteration, one[1], record[one[1]])
      end
    end)
  end
end

-- The names of a run's metrics, in force or recorded.
function shared.metrics_of(run)
  local names = shared.recorded_metrics(run)
  for _, one in ipairs(metrics[run] or {}) do
    names[#names + 1] = one[1]
  end
  return names
end
