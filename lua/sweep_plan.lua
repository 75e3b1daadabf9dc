-- sweep_plan.lua - the runs of a sweep: the grid over data sets and seeds, their keys, the rule that ends a run.
-- The argument is the table that the embedded files share.
local shared = ...
local pcall = pcall
local concat, sort, format = table.concat, table.sort, string.format
local tables, spaces, halvings = shared.sweep_table, shared.sweep_space, shared.sweep_halving
local fail, value_text = tables.fail, tables.value_text

-- What is no setting of the runs; `command` is set by `ipdlam sweep`.
local own = { name = true, data = true, net = true, iterations = true, seeds = true, grid = true, runs = true,
  output = true, reuse = true, stop_when = true, metrics = true, switch = true, label = true, quiet = true, only_done = true, show_test = true, random = true, halving = true, jobs = true,
  layers = true, hidden = true, command = true } -- hidden: layers in 0.1

local function data_name(data)
  if type(data) == "table" then
    return tostring(data.name or data[1])
  elseif type(data) == "userdata" then
    return data.name
  end
  return tostring(data)
end

local function list(value, is_one)
  return is_one(value) and { value } or value
end

-- A run: its settings, options and label. cell: its combination of the grid.
local function plan_run(spec, variant, cell, data, seed)
  local run = { settings = {}, swept = {}, data = data, seed = seed, iterations = spec.iterations or 20,
    net = spec.net, layers = spec.layers or spec.hidden, switch = spec.switch, stop_when = spec.stop_when,
    halving = halvings.options_of(spec.halving), metrics = spec.metrics, fields = tables.fields_with(spec.metrics) }
  local function take(name, value)
    name = name == "hidden" and "layers" or name
    if name == "net" or name == "layers" or name == "iterations" or name == "switch" then
      run[name] = value
    else
      run.settings[name] = value
    end
  end
  for name, value in pairs(spec) do
    if not own[name] and not (name == "seed" and spec.random) then
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
    local text = value_text(pair[2]):gsub(" ", ":")
    label[#label + 1] = pair[1] .. "=" .. (text ~= "" and text or "none")
  end
  run.label = concat(label, " ")
  return run
end

-- The values by which open data sets differ, for the key.
local function data_parts(data)
  local parts = { data.name, data.train, data.test }
  if data.validation > 0 then
    parts.validation = data.validation
  end
  return parts
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
    and data_parts(run.data) or run.data)
  parts[#parts + 1] = "net=" .. value_text(run.net or run.layers or "")
  parts[#parts + 1] = "seed=" .. value_text(run.seed)
  parts[#parts + 1] = "iterations=" .. value_text(run.iterations)
  if run.switch then
    parts[#parts + 1] = "switch=" .. value_text(run.switch)
  end
  if run.stop_when then
    parts[#parts + 1] = "stop_when=" .. (type(run.stop_when) == "function" and "function" or tostring(run.stop_when))
  end
  for _, name in ipairs(tables.metric_names(run.fields)) do
    parts[#parts + 1] = "metric=" .. name
  end
  if run.halving then
    parts[#parts + 1] = "halving=" .. value_text(run.halving)
  end
  return (concat(parts, ";"):gsub("[\t\n]", " "))
end

local function plan(spec)
  local runs, seen = {}, {}
  local is_one = function(v) return type(v) ~= "table" or v.name ~= nil end
  local sets = list(spec.data or "digits", is_one)
  local seeds = spaces.seeds_of(spec.seeds or { not spec.random and spec.seed or 1 })
  local cells = spaces.combinations(spec)
  for _, data in ipairs(sets) do
    for _, variant in ipairs(spec.runs or { {} }) do
      for _, cell in ipairs(cells) do
        for _, seed in ipairs(seeds) do
          local run = plan_run(spec, variant, cell, data, seed)
          run.data_name = data_name(data)
          run.group = (#sets > 1 or run.label == "") and concat({ run.data_name, run.label ~= "" and run.label or nil },
            " ") or run.label
          run.key = key_of(run)
          if seen[run.key] then
            fail("the sweep has the same run twice: %s, seed %s. Give every value once", run.group, value_text(seed))
          end
          seen[run.key] = true
          runs[#runs + 1] = run
        end
      end
    end
  end
  if #runs == 0 then
    fail("the sweep has no runs. Give it data, seeds and a grid of at least one value each")
  end
  return runs
end

local metric_kinds, metric_names = {}, {}
for i, field in ipairs(shared.metrics()) do
  metric_kinds[field.name], metric_names[i] = field.kind, field.name
end

local KEYWORDS <const> = " and or not true false nil "

-- The first name in the rule that is neither a field of a record nor one of `metrics`; nil if there is none, or if the rule
-- has a function, which can have names of its own.
local function unknown_name(rule, metrics)
  local bare = rule:gsub("%b\"\"", " "):gsub("%b''", " ")
  if bare:find("function", 1, true) then
    return nil
  end
  for before, name in bare:gmatch("([^%w_]?)%f[%w_]([%a_][%w_]*)") do
    if before ~= "." and before ~= ":" and name ~= "math" and not KEYWORDS:find(" " .. name .. " ", 1, true)
      and not metric_kinds[name] and not metrics[name] then
      return name
    end
  end
end

-- Tries the rule on a record in which every number is 1.
local function try_rule(rule, f, metrics)
  local record = {}
  for name in pairs(metrics) do
    record[name] = 1
  end
  for name, kind in pairs(metric_kinds) do
    record[name] = kind == "number" and 1 or kind == "string" and "" or kind == "boolean" and true
      or setmetatable({}, { __index = function() return 1 end })
  end
  local good, message = pcall(f, record)
  if not good then
    fail("stop_when: '%s': %s", rule, tostring(message):gsub("^stop_when:%d+: ", ""))
  end
end

-- The rule as a function of a record. It is given as a function, or as an expression of the record's fields and of
-- `metrics`, a table of functions by name.
local function rule_of(rule, metrics)
  metrics = metrics or {}
  if rule == nil or type(rule) == "function" then
    return rule
  end
  rule = tostring(rule)
  local record
  local names = setmetatable({ math = math }, { __index = function(_, name) return record[name] end })
  local f, message = load("return " .. rule, "=stop_when", "t", names)
  if not f then
    fail("stop_when: '%s' is not an expression of a record's fields, such as 'iteration > 3 and test_accuracy < 0.5': %s",
      rule, message:gsub("^stop_when:%d+: ", ""))
  end
  local unknown = unknown_name(rule, metrics)
  if unknown then
    fail("stop_when: %s", shared.unknown(unknown, metric_names, "field", "ipdlam-train(1) lists the fields of a record."))
  end
  local function check(m)
    record = m
    return f()
  end
  try_rule(rule, check, metrics)
  return check
end

-- Raises an error for a name that is neither an option of a sweep nor a setting.
local function check_names(spec)
  local names = shared.setting_names()
  for name in pairs(own) do
    names[#names + 1] = name
  end
  names[#names + 1] = "snapshot_budget"
  local known = {}
  for _, name in ipairs(names) do
    known[name] = true
  end
  for name in pairs(spec) do
    if not known[name] then
      fail("%s", shared.unknown(tostring(name), names, "setting", "ip.settings() lists the settings."))
    end
  end
end

shared.sweep_plan = { own = own, plan = plan, rule_of = rule_of, check_names = check_names }
