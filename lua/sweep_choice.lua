-- sweep_choice.lua - statistics over the seeds of a sweep, and the setting that is chosen by them.
-- The argument is the table that the embedded files share.
--
-- A setting is chosen by its accuracy on the validation samples or, if there are none, on the test samples. With
-- validation samples, only the chosen setting shows its test accuracy: if all did, a reader would choose by it.
local shared = ...
local ipairs, sort, floor = ipairs, table.sort, math.floor

-- The values that are numbers, in ascending order.
local function sorted(values)
  local all = {}
  for _, v in ipairs(values) do
    if v == v then
      all[#all + 1] = v
    end
  end
  sort(all)
  return all
end

-- The quantile p of sorted values, linear between them; nil for none.
local function quantile(values, p)
  if #values == 0 then
    return nil
  end
  local at = 1 + (#values - 1) * p
  local low, share = values[floor(at)], at - floor(at)
  return share > 0 and low + share * (values[floor(at) + 1] - low) or low
end

-- Median and both quartiles; nil for none.
local function median_of(values)
  local all = sorted(values)
  return quantile(all, 0.5), quantile(all, 0.25), quantile(all, 0.75)
end

-- Mean and spread (one standard deviation); nil, nil for an empty list.
local function mean_of(values)
  local n, sum, squares = #values, 0, 0
  for _, v in ipairs(values) do
    sum = sum + v
  end
  local mean = n > 0 and sum / n or nil
  for _, v in ipairs(values) do
    squares = squares + (v - mean) ^ 2
  end
  return mean, n > 1 and (squares / (n - 1)) ^ 0.5 or nil
end

-- The groups of runs, in order: runs that differ only in their seed are one group.
local function groups_of(runs)
  local groups, by_name = {}, {}
  for _, run in ipairs(runs) do
    local g = by_name[run.group]
    if not g then
      g = { name = run.group, data_name = run.data_name, runs = {} }
      by_name[run.group] = g
      groups[#groups + 1] = g
    end
    g.runs[#g.runs + 1] = run
  end
  return groups
end

local function has_diverged(run)
  return run.status ~= nil and run.status:find("^diverged") ~= nil
end

-- f of the last record of each run, without the runs that diverged.
local function last_values(group, f)
  local values = {}
  for _, run in ipairs(group.runs) do
    local record = run.records[#run.records]
    if record and not has_diverged(run) then
      values[#values + 1] = f(record)
    end
  end
  return values
end

-- A field's last value by iteration `at`; nil if the run had diverged by then, or was not measured.
local function value_by(run, field, at)
  if has_diverged(run) and #run.records < at then
    return nil
  end
  for i = math.min(at, #run.records), 1, -1 do
    local value = run.records[i][field]
    if value == value then
      return value
    end
  end
end

-- The median over the seeds of a field's last value by iteration `at` (by default the end); nil if a run has none.
local function score_of(group, field, at)
  local values = {}
  for i, run in ipairs(group.runs) do
    values[i] = value_by(run, field, at or math.huge)
    if not values[i] then
      return nil
    end
  end
  return (median_of(values))
end

-- For each data set, by name: field, the accuracy that chooses; best, the group with the highest, nil without one;
-- count, the number of groups; ended, whether all runs have ended. Runs that a halving dropped are no candidates.
local function choices_of(runs)
  local choices = {}
  for _, run in ipairs(runs) do
    local c = choices[run.data_name]
    if not c then
      c = { data_name = run.data_name, field = "test_accuracy", count = 0, ended = true }
      choices[run.data_name], choices[#choices + 1] = c, c
    end
    c.ended = c.ended and run.status ~= nil
    for _, record in ipairs(run.records) do
      c.field = record.validation_accuracy == record.validation_accuracy and "validation_accuracy" or c.field
    end
  end
  for _, group in ipairs(groups_of(runs)) do
    local c = choices[group.data_name]
    local score = score_of(group, c.field)
    for _, run in ipairs(group.runs) do
      score = not (run.status or ""):find("^dropped") and score or nil
    end
    c.count = c.count + 1
    if score and (not c.best or score > c.score) then
      c.best, c.score = group, score
    end
  end
  return choices
end

-- Median over the seeds of the differences of a field's last values, group minus other; nil for none.
local function difference_of(group, other, field)
  local by_seed, differences = {}, {}
  for _, run in ipairs(other.runs) do
    local record = run.records[#run.records]
    by_seed[run.seed] = record and not has_diverged(run) and record[field] or nil
  end
  for _, run in ipairs(group.runs) do
    local record = run.records[#run.records]
    if record and by_seed[run.seed] and not has_diverged(run) then
      differences[#differences + 1] = record[field] - by_seed[run.seed]
    end
  end
  return (median_of(differences))
end

-- The measure in the fields of accuracies: "accuracy", or "R2" if the records have an RMSE.
local function measure_of(run)
  for _, record in ipairs(run.records) do
    for _, field in ipairs { "train_rmse", "validation_rmse", "test_rmse" } do
      if record[field] and record[field] == record[field] then
        return "R2"
      end
    end
  end
  return "accuracy"
end

-- Whether the run's test accuracy must be hidden.
local function hides_test(sweep, choices, run)
  local c = choices[run.data_name]
  return c.field ~= "test_accuracy" and not sweep.show_test
    and not (c.ended and c.best and c.best.name == run.group)
end

shared.sweep_choice = { median_of = median_of, mean_of = mean_of, groups_of = groups_of, last_values = last_values,
  score_of = score_of, choices_of = choices_of, difference_of = difference_of, hides_test = hides_test,
  has_diverged = has_diverged, measure_of = measure_of }
