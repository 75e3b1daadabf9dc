-- sweep_train.lua - trains the runs of a sweep, several at a time, and reports them on the screen and in the state.
-- The argument is the table that the embedded files share.
local shared = ...
local pcall = pcall
local ip = shared.ip
local format = string.format
local tables, states, plans = shared.sweep_table, shared.sweep_state, shared.sweep_plan
local halvings = shared.sweep_halving
local broken, value_text = tables.broken, tables.value_text

local function duration(seconds)
  if seconds < 100 then
    return format("%.0fs", seconds)
  elseif seconds < 6000 then
    return format("%.0fm", seconds / 60)
  end
  return format("%.1fh", seconds / 3600)
end

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

-- The table of ip.run for a run of the sweep.
local function run_table(sweep, run)
  local settings = { data = open_data(sweep, run.data), net = run.net, layers = run.layers, seed = run.seed, length = run.length,
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
  for _, name in ipairs(tables.metric_names(run.fields)) do
    made:metric(name, run.metrics[name])
  end
  return made
end

local function keep(run, record)
  local kept = {}
  for _, name in ipairs(run.fields) do
    kept[name] = record[name]
  end
  return kept
end

-- The estimated time to the end of the sweep, by the mean time of this session's iterations. `work` is the number of
-- iterations of a halving; without a halving each run trains to its end.
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

-- Switches the run to another method.
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

-- A job trains a run until it has `goal` records. A run that another session began starts again; the records that it has
-- already repeat to the same bits.
local function new_job(sweep, run, index, goal)
  local job = { run = run, index = index, goal = goal, stop = plans.rule_of(run.stop_when, run.metrics) }
  run.made = run.made or new_run(sweep, run)
  run.now = true
  shared.watch(run.made)
  send(job)
  return job
end

-- Waits for the iteration of a job and keeps its record. Returns the key that was pressed; "q" leaves the sweep.
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
    run.records[#run.records + 1] = keep(run, record)
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
    run.status or halvings.waiting_text(run), value == value and value and format(", %s %s", field, tables.quality(value, shared.sweep_choice.measure_of(run))) or "", time_left(sweep)))
end

-- Writes a run that has ended or reached a rung to the state and the table.
local function note(sweep, spec, run, index)
  if sweep.state then
    states.append(sweep.state, run, run.status or halvings.waiting_text(run))
    tables.write_csv(spec.output, sweep)
  end
  announce(sweep, run, index)
end

-- A job for the next run from `index` on that has fewer than `goal` records (by default its iterations); nil if none has.
local function next_job(sweep, index, goal)
  for i = index, #sweep.runs do
    local run = sweep.runs[i]
    if not run.status and #run.records < (goal or run.iterations) then
      return new_job(sweep, run, i, goal or run.iterations)
    end
  end
end

-- Trains the runs to `goal` records, sweep.jobs at a time; false if the sweep is left.
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

-- Successive halving: trains the best settings from rung to rung. Settings that an earlier session dropped are compared
-- again, since the sweep may have more runs now.
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
  local good, message = shared.share_threads(sweep.jobs)
  if not good then
    shared.warn(message)
  end
  local guard <close> = setmetatable({}, { __close = function() shared.share_threads(1) end })
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

shared.sweep_train = { run_table = run_table, print_line = print_line, do_all = do_all }
