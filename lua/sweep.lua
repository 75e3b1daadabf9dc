-- sweep.lua - ip.sweep: a run for each combination of settings, data sets and seeds; the methods of a sweep.
-- The argument is the table that the embedded files share.
--
-- A file, OUTPUT.state (sweep_state.lua), has the finished runs, so that a sweep that was killed continues where it
-- was. The table, OUTPUT, is written again from it. Mistakes in the options are found before a run is trained.
local shared = ...
local pcall = pcall
local ip = shared.ip
local format = string.format

local tables, states, plans = shared.sweep_table, shared.sweep_state, shared.sweep_plan
local choice, halvings, trainer = shared.sweep_choice, shared.sweep_halving, shared.sweep_train
local fail, broken, value_text, mean_of, groups_of = tables.fail, tables.broken, tables.value_text, choice.mean_of,
  choice.groups_of

local sweep_methods = {}

-- Fails unless the run can be made, and handed over. Counts for each setting the runs that give it without an effect.
-- Schedules use the number of iterations if there is no length, as in `ipdlam train`.
local function check_run(sweep, run, unused)
  if math.type(run.iterations) ~= "integer" or run.iterations < 1 then
    fail("iterations = %s. Give a whole number, at least 1", value_text(run.iterations))
  end
  run.length = not run.settings.length and run.iterations or nil
  local good, message = shared.check_run(trainer.run_table(sweep, run))
  if not good then
    broken("%s", message)
  elseif message.length then
    run.length = nil
  end
  for name in pairs(run.settings) do
    local u = unused[name] or { count = 0, idle = 0 }
    unused[name] = u
    u.count, u.idle, u.why = u.count + 1, u.idle + (message[name] and 1 or 0), message[name] or u.why
  end
  if run.switch then
    local after, method = run.switch.after, run.switch.method
    if math.type(after) ~= "integer" or after < 1 then
      fail("switch: after = %s. Give a whole number of iterations, at least 1", value_text(after))
    elseif type(method) ~= "string" then
      fail("switch: method is missing: switch = { after = 3, method = \"adam\" }")
    end
  end
end

-- sweep:text(width): the sweep as a table.
function sweep_methods.text(sweep, width)
  return tables.text(sweep, width or math.maxinteger)
end

-- sweep:last(f): for each group, statistics over the seeds of f(record), or of a field, in the last records: mean and
-- spread, median and quartiles, and for a field the median of the paired differences from the chosen setting.
function sweep_methods.last(sweep, f)
  local of = type(f) == "function" and f or function(m) return m[f] end
  local all = {}
  local choices = choice.choices_of(sweep.runs)
  for i, group in ipairs(groups_of(sweep.runs)) do
    local values, best = choice.last_values(group, of), choices[group.data_name].best
    local mean, spread = mean_of(values)
    local median, low, high = choice.median_of(values)
    all[i] = { name = group.name, mean = mean, spread = spread, median = median, low = low, high = high, runs = group.runs,
      difference = best and type(f) == "string" and choice.difference_of(group, best, f) or nil,
      status = tables.group_status(group) }
  end
  return all
end

-- sweep:best(data_name): the chosen setting of a data set (by default the first): name; field, the accuracy by which it
-- was chosen; value, the median of this accuracy over the seeds; test, the median test accuracy; runs. nil if none is chosen.
function sweep_methods.best(sweep, data_name)
  local choices = choice.choices_of(sweep.runs)
  local c = choices[data_name or 1]
  if not c or not c.best then
    return nil
  end
  local test = choice.median_of(choice.last_values(c.best, function(m) return m.test_accuracy end))
  return { name = c.best.name, field = c.field, value = c.score, test = test, runs = c.best.runs }
end

-- sweep:series(y, options): a series per group, for ip.figure: means over the seeds, shaded by the spread.
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

local sweep_class = { __index = sweep_methods, __name = "sweep", __tostring = function(s) return tables.text(s, math.maxinteger) end }

-- Adds to `done` the complete runs of other sweeps (`reuse`), unless their keys do not describe them: functions. Returns
-- the keys that were added.
local function take_over(spec, done)
  local added = {}
  for _, output in ipairs(type(spec.reuse) == "string" and { spec.reuse } or spec.reuse or {}) do
    for key, run in pairs(states.read(output .. ".state").done) do
      if not done[key] and not key:find("stop_when=function", 1, true)
        and (run.status == "done" or run.status:find("^diverged") or run.status == "ended by stop_when") then
        done[key], added[key] = run, true
      end
    end
  end
  return added
end

-- A sweep with these runs, without records yet. If its output is a device, a FIFO or standard output, the table is
-- written once, at the end, and there is no state.
local function new_sweep(spec, runs)
  if spec.output == "" then
    fail("the file name is empty. Name a file as output")
  end
  local kind = spec.output and shared.output_kind(spec.output)
  if kind == "stdout" and (spec.command == "json" or spec.command == "jsonl") then
    fail("output \"-\" and --%s both write to standard output. Name a file as output", spec.command)
  end
  local sweep = setmetatable({ runs = runs, opened = {}, iterations_done = 0, began = os.time(), name = spec.name,
    quiet = spec.quiet or spec.command == "json" or spec.command == "jsonl" or kind == "stdout",
    kind = kind, state = kind == "file" and spec.output .. ".state" or nil, lines = spec.command == "jsonl",
    show_test = spec.show_test, jobs = spec.jobs or 1,
    finished = true, seeds = 0, from_others = 0 }, sweep_class)
  local seeds = {}
  for _, run in ipairs(runs) do
    sweep.seeds = sweep.seeds + (seeds[run.seed] and 0 or 1)
    seeds[run.seed] = true
    run.records = {}
  end
  return sweep
end

-- Gives the runs their status and records from `done`; others: the keys that come from other sweeps.
local function take_done(sweep, done, others)
  for _, run in ipairs(sweep.runs) do
    local before = done[run.key]
    if before then
      sweep.from_others = sweep.from_others + (others and others[run.key] and 1 or 0)
      run.status, run.records = before.status, before.records
      if before.status:find("^waits at ") then
        run.status = nil
      else
        sweep.found = (sweep.found or 0) + 1
      end
    end
  end
end

-- The sweep that the state of the output describes.
local function show_sweep(spec)
  local path = spec.output .. ".state"
  local state = states.read(path)
  if not state.exists then
    broken("%s: No such file or directory. A sweep with this output makes it", path)
  elseif not state.plan then
    broken("%s was written by ipdlam 0.1, which kept no plan. Give the sweep's options without --show to continue it", path)
  end
  local sweep = new_sweep(spec, state.plan)
  take_done(sweep, state.done)
  return sweep
end

-- Whether the caller only wants to see the sweep of an output.
local function only_shows(spec)
  for name in pairs(spec) do
    if name ~= "output" and name ~= "only_done" and name ~= "command" and name ~= "quiet"
      and name ~= "show_test" then
      return false
    end
  end
  return spec.only_done and spec.output
end

local function open_sweep(spec)
  if type(spec) ~= "table" then
    fail("a sweep is a table: ip.sweep{ grid = { inertia = { 0.1, 0.5 } }, iterations = 5, output = \"out.csv\" }")
  elseif only_shows(spec) then
    return show_sweep(spec)
  end
  plans.check_names(spec)
  local sweep = new_sweep(spec, plans.plan(spec))
  local path = sweep.state
  local state = path and states.read(path) or { done = {} }
  if path then
    states.check_plan(path, state, sweep.runs)
  end
  local others = take_over(spec, state.done)
  take_done(sweep, state.done, others)
  if math.type(sweep.jobs) ~= "integer" or sweep.jobs < 1 or sweep.jobs > ip.threads() then
    fail("jobs = %s. Give a whole number from 1 to the number of threads, %d", value_text(sweep.jobs), ip.threads())
  end
  local halving = halvings.options_of(spec.halving)
  if halving then
    sweep.budgets, sweep.factor = halvings.budgets_of(halving, sweep.runs), halving.factor
    sweep.work = halvings.work_of(sweep.budgets, halving, sweep.runs)
  end
  if spec.only_done then
    return sweep
  end
  if spec.output then -- before anything is written beside it
    local good, message = shared.check_output(spec.output)
    if not good then
      fail("%s", message)
    end
  end
  local unused = {}
  for _, run in ipairs(sweep.runs) do
    plans.rule_of(run.stop_when, run.metrics)
    check_run(sweep, run, unused)
  end
  for _, name in ipairs(shared.setting_names()) do
    if unused[name] and unused[name].idle == unused[name].count then
      shared.warn(unused[name].why)
    end
  end
  if path and (not state.exists or state.torn or state.older or next(others) or not states.same_plan(state.plan, sweep.runs)) then
    states.begin(path, sweep.runs, state.done)
  end
  if path then
    tables.write_csv(spec.output, sweep)
  end
  return sweep
end

local function do_sweep(sweep, spec)
  for _, run in ipairs(sweep.lines and sweep.runs or {}) do
    if run.status or spec.only_done then
      run.printed = true
      print(tables.json_run(sweep, run))
    end
  end
  if sweep.found and not sweep.quiet and not spec.only_done then
    print(format("%d of %d runs are done already%s%s", sweep.found, #sweep.runs,
      sweep.from_others > 0 and format(", %d of them by other sweeps", sweep.from_others) or "",
      sweep.state and ": " .. sweep.state or ""))
  end
  if not spec.only_done then
    trainer.do_all(sweep, spec)
  end
  for _, run in ipairs(sweep.runs) do
    sweep.finished = sweep.finished and run.status ~= nil
  end
  shared.live_end()
  if sweep.kind and not sweep.state then
    tables.write_csv(spec.output, sweep)
  end
  return sweep
end

-- An error as a sentence without its place in these files, and whether the caller's table is at fault.
local function what_went_wrong(mistake)
  if type(mistake) == "table" then
    return tostring(mistake), mistake.usage
  end
  local text, found = tostring(mistake):gsub("^%[ipdlam%]:%d+: ", "")
  return text, found > 0
end

-- Raises mistakes in the table at the caller's place; later errors keep theirs. For `ipdlam sweep` (`command` is its
-- output: "table", "json" or "jsonl") returns nil, the sentence and the exit code for both.
function ip.sweep(spec)
  local good, sweep = pcall(open_sweep, spec)
  if not good then
    local text, usage = what_went_wrong(sweep)
    if type(spec) == "table" and spec.command then
      return nil, text, usage and 2 or 1
    end
    error(text, 2)
  end
  if not spec.command then
    return do_sweep(sweep, spec)
  end
  local done, message = pcall(do_sweep, sweep, spec)
  if done then
    if spec.command ~= "jsonl" and sweep.kind ~= "stdout" then
      print(spec.command == "json" and tables.json(sweep, spec.output) or sweep)
    end
    return sweep
  end
  shared.live_end()
  return nil, (what_went_wrong(message)), 1
end
