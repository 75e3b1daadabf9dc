-- sweep.lua - ip.sweep: a grid of settings over data sets and seeds, a run each, one after the other.
-- The argument is the table that the embedded files share.
--
-- What a sweep has done is in its state, OUTPUT.state (sweep_state.lua), so that one that was killed goes on where it
-- was. The table, OUTPUT, is made anew from it. All that can be refused is refused before a run is trained.
local shared = ...
local pcall = pcall
local ip = shared.ip
local format = string.format

local tables, states, plans = shared.sweep_table, shared.sweep_state, shared.sweep_plan
local choice, halvings = shared.sweep_choice, shared.sweep_halving
local fail, broken, value_text, mean_of, groups_of = tables.fail, tables.broken, tables.value_text, choice.mean_of,
  choice.groups_of

local function duration(seconds)
  if seconds < 100 then
    return format("%.0fs", seconds)
  elseif seconds < 6000 then
    return format("%.0fm", seconds / 60)
  end
  return format("%.1fh", seconds / 3600)
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
      broken("%s", message)
    end
    sweep.opened[name] = opened
  end
  return sweep.opened[name]
end

-- The table of ip.run.
local function run_table(sweep, run)
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
  return settings
end

local function new_run(sweep, run)
  local made, message = shared.make_run(run_table(sweep, run))
  if not made then
    broken("%s", message)
  end
  return made
end

-- Whether the run can be made, and handed over; says why not. Counts for each setting the runs that give it without an
-- effect.
local function check_run(sweep, run, unused)
  local good, message = shared.check_run(run_table(sweep, run))
  if not good then
    broken("%s", message)
  end
  for name in pairs(run.settings) do
    local u = unused[name] or { count = 0, idle = 0 }
    unused[name] = u
    u.count, u.idle, u.why = u.count + 1, u.idle + (message[name] and 1 or 0), message[name] or u.why
  end
  if math.type(run.iterations) ~= "integer" or run.iterations < 1 then
    fail("iterations = %s. Give a whole number, at least 1", value_text(run.iterations))
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

local function keep(record)
  local kept = {}
  for _, name in ipairs(tables.fields) do
    kept[name] = record[name]
  end
  return kept
end

-- Time left of the whole: what the iterations of this session took, on average. `work` is the number of all
-- iterations of a halving; without one each run goes on to its end.
local function time_left(sweep)
  if sweep.iterations_done == 0 then
    return ""
  end
  local left, each = sweep.work or 0, (os.time() - sweep.began) / sweep.iterations_done
  for _, run in ipairs(sweep.runs) do
    left = left + (sweep.work and -#run.records or run.status and 0 or run.iterations - #run.records)
  end
  return duration(math.max(left, 0) * each) .. " left"
end

-- Shows the table in place and returns the key that was pressed; nil where nothing can be shown.
local function show(sweep, index)
  local columns, lines = shared.live_size()
  if not columns or sweep.quiet then
    return nil
  end
  local text = tables.text(sweep, columns - 1, math.max(lines - 6, 3))
  return shared.live(format("%s\nrun %d of %d, %s   s ends this run, q the sweep", text, index, #sweep.runs,
    time_left(sweep)))
end

-- Hands the run over to another method.
local function switch(made, to)
  local settings = {}
  for name, value in pairs(to) do
    if name ~= "after" and name ~= "method" then
      settings[name] = value
    end
  end
  made:switch(to.method, settings)
end

local function finish(run)
  shared.keep_weights(run.made)
  run.made:close()
  run.made = nil
end

-- Sends the run of a job to its next iteration.
local function send(job)
  local run, made = job.run, job.run.made
  job.before = #made.metrics
  if run.switch and job.before == run.switch.after then
    switch(made, run.switch)
  end
  local message
  job.ticket, message = shared.begin_step(made)
  if not job.ticket then
    run.status = message
  end
end

-- A job trains a run until it has `goal` records. A run that another session began starts again: its first records are
-- there already, and repeat to the same bits.
local function new_job(sweep, run, index, goal)
  local job = { run = run, index = index, goal = goal, stop = plans.rule_of(run.stop_when) }
  run.made = run.made or new_run(sweep, run)
  run.now = true
  shared.watch(run.made)
  send(job)
  return job
end

-- Waits for the iteration of a job and takes its record; "q" if the sweep is left.
local function receive(sweep, job)
  local run, made = job.run, job.run.made
  local record, message
  if job.ticket then
    record, message = shared.end_step(made, job.ticket)
  end
  if run.status then -- it could not be sent
  elseif not record or #made.metrics == job.before then
    run.status = record and "ended by hand" or message or made.status
  elseif job.before >= #run.records then
    run.records[#run.records + 1] = keep(record)
    sweep.iterations_done = sweep.iterations_done + 1
    if #run.records >= run.iterations then
      run.status = "done"
    elseif job.stop and job.stop(record) then
      run.status = "ended by stop_when"
    end
  end
  local key = show(sweep, job.index)
  if key == "s" then
    run.status = run.status or "ended by hand"
  end
  return key
end

-- Whether a job has reached its goal; sends it on if not.
local function is_over(job)
  local run = job.run
  if not run.status and #run.records < job.goal then
    send(job)
  end
  if not run.status and #run.records < job.goal then
    return false
  end
  run.now = nil
  if run.status then
    finish(run)
  end
  return true
end

-- A line of JSON for a run that has ended, once.
local function print_line(sweep, run)
  if sweep.lines and run.status and not run.printed then
    run.printed = true
    print(tables.json_run(sweep, run))
  end
end

local function announce(sweep, run, index)
  print_line(sweep, run)
  if sweep.quiet or shared.live_size() then
    return
  end
  local m = run.records[#run.records] or {}
  local field = m.validation_accuracy == m.validation_accuracy and m.validation_accuracy and "validation" or "test"
  local value = m[field .. "_accuracy"]
  print(format("%d/%d %s%s: %s%s  %s", index, #sweep.runs, run.group, sweep.seeds > 1 and ", seed " .. run.seed or "",
    run.status or halvings.waiting_text(run), value == value and value and format(", %s %s", field, tables.percent(value)) or "", time_left(sweep)))
end

-- The runs with their records; __index of the class.
function sweep_methods.text(sweep, width)
  return tables.text(sweep, width or math.maxinteger)
end

-- Statistics over the seeds of f(record), or a field, of each group's last records: mean and spread, median and
-- quartiles, and for a field the median of the paired differences from the chosen setting.
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

-- The chosen setting of a data set (of the first one without a name): name, field, the accuracy that chose it, value, its
-- median over the seeds, test, that of the test accuracy, and runs. nil without one.
function sweep_methods.best(sweep, data_name)
  local choices = choice.choices_of(sweep.runs)
  local c = choices[data_name or 1]
  if not c or not c.best then
    return nil
  end
  local test = choice.median_of(choice.last_values(c.best, function(m) return m.test_accuracy end))
  return { name = c.best.name, field = c.field, value = c.score, test = test, runs = c.best.runs }
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

local sweep_class = { __index = sweep_methods, __name = "sweep", __tostring = function(s) return tables.text(s, math.maxinteger) end }

-- Adds to `done` what other sweeps have done: whole runs, of which the key says all. Returns the keys that were added.
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

-- A sweep with these runs, of which some are done. A table that goes to a device, a FIFO or the standard output is
-- written once, at the end, and has no state beside it.
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

-- What the output's state says, where the caller gives nothing else.
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

-- Whether the caller gives nothing but the output to look at.
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
    plans.rule_of(run.stop_when)
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

-- Notes in the state what a run has done.
local function note(sweep, spec, run, index)
  if sweep.state then
    states.append(sweep.state, run, run.status or halvings.waiting_text(run))
    tables.write_csv(spec.output, sweep)
  end
  announce(sweep, run, index)
end

-- The next run from `index` on that goes on to `goal` records, or to its end without it.
local function next_job(sweep, index, goal)
  for i = index, #sweep.runs do
    local run = sweep.runs[i]
    if not run.status and #run.records < (goal or run.iterations) then
      return new_job(sweep, run, i, goal or run.iterations)
    end
  end
end

-- Trains the runs, so many at a time; false if the sweep is left.
local function train_all(sweep, spec, goal)
  local jobs, index = {}, 1
  repeat
    while index and #jobs < sweep.jobs do
      local job = next_job(sweep, index, goal)
      jobs[#jobs + 1], index = job, job and job.index + 1
    end
    for i = #jobs, 1, -1 do
      local job = jobs[i]
      if receive(sweep, job) == "q" then
        for _, left in ipairs(jobs) do
          left.run.made, left.run.now, left.run.status = nil, nil, nil
        end
        return false
      elseif is_over(job) then
        table.remove(jobs, i)
        note(sweep, spec, job.run, job.index)
      end
    end
  until #jobs == 0 and not index
  return true
end

-- Lets the best settings go on from rung to rung. What an earlier session dropped is decided again, as the sweep may have
-- more runs now.
local function climb(sweep, spec)
  for _, run in ipairs(sweep.runs) do
    run.status = not (run.status or ""):find("^dropped") and run.status or nil
  end
  local out = {}
  for rung, budget in ipairs(sweep.budgets) do
    if not train_all(sweep, spec, budget) then
      return
    end
    if rung < #sweep.budgets then
      for _, run in ipairs(halvings.drop(sweep.runs, budget, sweep.factor, out)) do
        if run.made then
          finish(run)
        end
        print_line(sweep, run)
      end
    end
  end
end

local function do_all(sweep, spec)
  shared.apart(sweep.jobs > 1)
  local guard <close> = setmetatable({}, { __close = function() shared.apart(false) end })
  if not sweep.budgets then
    train_all(sweep, spec)
    return
  end
  local good, message = pcall(climb, sweep, spec)
  for _, run in ipairs(sweep.runs) do
    if run.made then
      run.made:close(true) -- the sweep was left: the state has its records
      run.made = nil
    end
  end
  if sweep.state and good then -- with what was dropped
    states.begin(sweep.state, sweep.runs, states.done_of(sweep.runs))
    tables.write_csv(spec.output, sweep)
  elseif not good then
    error(message, 0)
  end
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
    do_all(sweep, spec)
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

-- What went wrong as a sentence without the place in this file, and whether the caller's table is at fault.
local function what_went_wrong(mistake)
  if type(mistake) == "table" then
    return tostring(mistake), mistake.usage
  end
  local text, found = tostring(mistake):gsub("^%[ipdlam%]:%d+: ", "")
  return text, found > 0
end

-- A mistake in the table is the caller's; what goes wrong later is told as it is. For `ipdlam sweep` (`command` is
-- "table", "json" or "jsonl", what it prints) both are nil, the sentence and the exit code.
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
