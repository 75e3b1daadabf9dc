-- sweep_halving.lua - successive halving: all settings train for a few iterations, the best continue for more, and so on.
-- The argument is the table that the embedded files share.
--
-- The decision depends on the records alone and is made again whenever the sweep continues, so that a sweep that was
-- killed ends with the same table.
local shared = ...
local ipairs, format = ipairs, string.format
local tables, choice = shared.sweep_table, shared.sweep_choice
local fail, value_text = tables.fail, tables.value_text

-- The options of a sweep's `halving`, true or { factor =, first = }; nil without it.
local function options_of(halving)
  if not halving then
    return nil
  end
  if halving ~= true and type(halving) ~= "table" then
    fail("halving = %s. Give true, or { factor = 3, first = 1 }", value_text(halving))
  end
  local options = { factor = 3 }
  for name, value in pairs(halving == true and {} or halving) do
    if name ~= "factor" and name ~= "first" then
      fail("halving: %s", shared.unknown(tostring(name), { "factor", "first" }, "option",
        "halving = { factor = 3, first = 1 } has both."))
    elseif math.type(value) ~= "integer" or value < (name == "factor" and 2 or 1) then
      fail("halving: %s = %s. Give a whole number, at least %d", name, value_text(value), name == "factor" and 2 or 1)
    end
    options[name] = value
  end
  return options
end

-- The iterations after which settings are compared, and last the iterations of a complete run.
local function budgets_of(options, runs)
  local last, count, budgets = runs[1].iterations, #choice.groups_of(runs), {}
  for _, run in ipairs(runs) do
    if run.iterations ~= last then
      fail("halving needs the same number of iterations for all runs")
    end
  end
  local first, factor = options.first, options.factor
  if first and first > last then
    fail("halving: first = %d is more than the %d iterations of a run", first, last)
  elseif first then
    while first < last do
      budgets[#budgets + 1] = first
      first = first * factor
    end
  else
    first = last
    while count >= factor and first >= factor do
      count, first = count // factor, (first + factor - 1) // factor
      table.insert(budgets, 1, first)
    end
  end
  budgets[#budgets + 1] = last
  for _, run in ipairs(runs) do
    local every = math.tointeger(run.settings.metrics_every) or 1
    if every > budgets[1] then
      fail("halving compares accuracies after iteration %d, but metrics_every = %d measures none by then", budgets[1], every)
    end
  end
  return budgets
end

-- The number of iterations that all runs take together.
local function work_of(budgets, options, runs)
  local count, sum, before = #runs, 0, 0
  for _, budget in ipairs(budgets) do
    sum, before, count = sum + count * (budget - before), budget, math.max(1, count // options.factor)
  end
  return sum
end

-- The groups of a data set that are not in `out`, the best first by their accuracy after `budget` iterations.
local function ranking(runs, data_name, field, budget, out)
  local ranked = {}
  for place, group in ipairs(choice.groups_of(runs)) do
    if group.data_name == data_name and not out[group.name] then
      group.place, group.score = place, choice.score_of(group, field, budget) or -math.huge
      ranked[#ranked + 1] = group
    end
  end
  table.sort(ranked, function(x, y)
    if x.score ~= y.score then
      return x.score > y.score
    end
    return x.place < y.place
  end)
  return ranked
end

-- Drops all but the best settings of each data set after `budget` iterations and adds their names to `out`. Returns the
-- dropped runs. A run that ended earlier keeps its status.
local function drop(runs, budget, factor, out)
  local dropped = {}
  for _, c in ipairs(choice.choices_of(runs)) do
    local ranked = ranking(runs, c.data_name, c.field, budget, out)
    for i = math.max(1, #ranked // factor) + 1, #ranked do
      out[ranked[i].name] = true
      for _, run in ipairs(ranked[i].runs) do
        if #run.records >= budget then
          run.status = format("dropped after %d", budget)
          for k = #run.records, budget + 1, -1 do
            run.records[k] = nil
          end
          dropped[#dropped + 1] = run
        end
      end
    end
  end
  return dropped
end

-- The status in the state of a run that has reached a rung and may continue.
local function waiting_text(run)
  return format("waits at %d", #run.records)
end

shared.sweep_halving = { options_of = options_of, budgets_of = budgets_of, work_of = work_of, drop = drop,
  waiting_text = waiting_text }
