-- sweep_state.lua - OUTPUT.state, the file with the planned and the finished runs of a sweep.
-- The argument is the table that the embedded files share.
--
-- The first line names the format, the second the fields of a record; a line per planned run follows. A block per finished
-- run is appended in one write, so that a sweep that was killed continues where it was and only the last block can be
-- incomplete (torn). Anything else in the file is damage: such a file is never overwritten.
local shared = ...
local concat, format, ipairs, tonumber = table.concat, string.format, ipairs, tonumber
local tables, halvings = shared.sweep_table, shared.sweep_halving
local FIELDS <const> = tables.fields
local FIELDS_0_1 <const> = { "iteration", "seconds", "rho", "loss", "linear_gap", "activation_gap", "phi", "samples",
  "train_accuracy", "test_accuracy", "auxiliary_accuracy", "forward_loss", "method" }
local MAGIC <const> = "ipdlam sweep state 1"

-- A line of cells, separated by tabs; tabs and line ends in cells become blanks.
local function line_of(cells)
  for i, cell in ipairs(cells) do
    cells[i] = (tostring(cell):gsub("[\t\r\n]", " "))
  end
  return concat(cells, "\t")
end

local function cells_of(line)
  local cells = {}
  for cell in (line .. "\t"):gmatch("([^\t]*)\t") do
    cells[#cells + 1] = cell
  end
  return cells
end

-- The number that a text stands for, also NaN and infinities; nil if it is none.
local function number_of(text)
  local sign, word = text:match("^(%-?)(%a+)$")
  if word == "nan" then
    return 0 / 0
  elseif word == "inf" then
    return sign == "-" and -math.huge or math.huge
  end
  return tonumber(text)
end

-- The record of a line, nil if it is damaged. Fields that an older version of ipdlam did not write are NaN.
local function record_of(line, fields)
  local cells, record = cells_of(line), { method = "" }
  if #cells ~= #fields then
    return nil
  end
  for _, name in ipairs(FIELDS) do
    record[name] = record[name] or 0 / 0
  end
  for i, name in ipairs(fields) do
    local value = cells[i]
    if name ~= "method" then
      value = number_of(value)
      if not value then
        return nil
      end
    end
    record[name] = value
  end
  return record
end

-- A planned run of a line: group, data, seed, iterations, key, and the settings that differ.
local function planned_of(line)
  local cells = cells_of(line)
  local seed, iterations = math.tointeger(tonumber(cells[4])), math.tointeger(tonumber(cells[5]))
  if #cells < 6 or not seed or not iterations then
    return nil
  end
  local run = { group = cells[2], data_name = cells[3], seed = seed, iterations = iterations, key = cells[6], swept = {},
    records = {} }
  for i = 7, #cells do
    local name, value = cells[i]:match("^([%w_]+)=(.*)$")
    if not name then
      return nil
    end
    run.swept[#run.swept + 1] = { name, value }
  end
  return run
end

-- Readers of a line, by what is expected there. Each returns a message if the line is damaged.
local reader = {}

function reader.head(state, line)
  if line == MAGIC then
    state.expects = "fields"
  elseif line == "" and state.number == 1 then -- as ipdlam 0.1 wrote it: blocks alone
    state.fields, state.expects = FIELDS_0_1, "block"
  else
    return "it is not the state of a sweep"
  end
end

function reader.fields(state, line)
  local cells = cells_of(line)
  if table.remove(cells, 1) ~= "fields" or #cells == 0 then
    return "the names of the fields are missing"
  end
  state.fields, state.expects, state.plan = cells, "block", {}
end

function reader.block(state, line)
  local key, status = line:match("^run\t([^\t]*)\t([^\t]*)$")
  if key then
    state.block, state.expects = { key = key, status = status, records = {} }, "record"
  elseif state.plan and line:find("^plan\t") then
    local run = planned_of(line)
    if not run then
      return "a planned run is damaged"
    end
    state.plan[#state.plan + 1] = run
  elseif line ~= "" then
    return "the start of a run is expected here"
  end
end

function reader.record(state, line)
  if line == "end" then
    state.done[state.block.key], state.expects, state.block = state.block, "block", nil
  elseif line == "" and not state.plan then -- ipdlam 0.1 appended to a block that was torn
    state.expects, state.block = "block", nil
  else
    local record = record_of(line, state.fields)
    if not record then
      return "a record is damaged"
    end
    table.insert(state.block.records, record)
  end
end

-- The present form of a key of a state without validation accuracies: its `validation` is now called held_out.
local function modern_key(key)
  return (key:gsub("^(.-data=)(.*) validation:(%d+)(;net=.*)$", "%1held_out:%3 %2%4"))
end

-- The fields that this state has from now on: the present ones, and its metrics.
local function fields_of(state)
  local known, fields = {}, table.move(FIELDS, 1, #FIELDS, 1, {})
  for _, name in ipairs(FIELDS) do
    known[name] = true
  end
  for _, name in ipairs(state.fields or {}) do
    fields[#fields + 1] = not known[name] and name or nil
    known[name] = true
  end
  return fields
end

-- Brings the keys of an older state to their present form; sets `older` if it lacks present fields.
local function modernise(state)
  local has = {}
  for _, name in ipairs(state.fields or {}) do
    has[name] = true
  end
  for _, name in ipairs(FIELDS) do
    state.older = state.older or not has[name]
  end
  if has.validation_accuracy then
    return
  end
  local done = {}
  for key, run in pairs(state.done) do
    run.key = modern_key(key)
    done[run.key] = run
  end
  state.done = done
  for _, run in ipairs(state.plan or {}) do
    run.key = modern_key(run.key)
  end
end

-- Reads a state: done, the finished runs by key; plan, a list, nil if it has none; exists; torn, whether its last block is
-- incomplete; older, whether it lacks present fields. Raises an error if it is damaged.
local function read(path)
  local state = { done = {}, expects = "head", number = 0 }
  local text, message = shared.read_file(path)
  if not text then
    tables.broken("%s. Nothing was changed. Move the file away, or name another output", message)
  end
  state.exists = text ~= ""
  for line, ending in text:gmatch("([^\n]*)(\n?)") do
    if line == "" and ending == "" then
      break
    end
    state.number = state.number + 1
    if ending == "" and state.fields then -- cut by the end of the file: torn, no damage
      break
    end
    local wrong = reader[state.expects](state, line)
    if wrong then
      tables.broken("%s: line %d: %s. Nothing was changed. Move the file away, or name another output", path,
        state.number, wrong)
    end
  end
  if state.exists and not state.fields then
    tables.broken("%s: it is not the state of a sweep. Nothing was changed. Move the file away, or name another output",
      path)
  end
  modernise(state)
  local fields = fields_of(state)
  for _, run in ipairs(state.plan or {}) do
    run.fields = fields
  end
  state.torn = state.block ~= nil or (state.exists and text:sub(-1) ~= "\n")
  return state
end

local function block_of(run, status)
  local lines = { line_of { "run", run.key, status } }
  for _, record in ipairs(run.records) do
    local cells = {}
    for i, name in ipairs(run.fields) do
      cells[i] = tables.cell_text(record[name] == nil and 0 / 0 or record[name]) -- a run of another sweep
    end
    lines[#lines + 1] = line_of(cells)
  end
  lines[#lines + 1] = "end\n"
  return concat(lines, "\n")
end

-- Writes a new state with the plan and the finished runs.
local function begin(path, runs, done)
  local parts = { MAGIC, "\n", "fields\t", concat(runs[1] and runs[1].fields or FIELDS, "\t"), "\n" }
  for _, run in ipairs(runs) do
    local cells = { "plan", run.group, run.data_name, run.seed, run.iterations, run.key }
    for _, pair in ipairs(run.swept) do
      cells[#cells + 1] = pair[1] .. "=" .. tables.value_text(pair[2])
    end
    parts[#parts + 1] = line_of(cells) .. "\n"
  end
  for _, run in ipairs(runs) do
    if done[run.key] then
      done[run.key].fields = run.fields
      parts[#parts + 1] = block_of(done[run.key], done[run.key].status)
    end
  end
  tables.write_whole(path, concat(parts))
end

-- Appends a run in one write: a block is complete, or its end is missing.
local function append(path, run, status)
  local file, message = io.open(path, "a")
  local good = file and file:write(block_of(run, status))
  if not (file and file:close() and good) then
    tables.broken("%s: cannot be written: %s", path, message or "the disk may be full")
  end
end

-- The runs that have begun, by key, as `read` gives them.
local function done_of(runs)
  local done = {}
  for _, run in ipairs(runs) do
    if #run.records > 0 or run.status then
      done[run.key] = { key = run.key, status = run.status or halvings.waiting_text(run), records = run.records }
    end
  end
  return done
end

-- Whether two plans have the same runs in the same order.
local function same_plan(a, b)
  if not a or #a ~= #b then
    return false
  end
  for i, run in ipairs(a) do
    if run.key ~= b[i].key then
      return false
    end
  end
  return true
end

-- Raises an error if the state has runs that are not among these: an output belongs to one sweep, which may only grow.
local function check_plan(path, state, runs)
  local known, missing, example = {}, 0, nil
  for _, run in ipairs(runs) do
    known[run.key] = true
  end
  local before = {}
  for _, run in ipairs(state.plan or {}) do
    before[run.key] = run.group .. ", seed " .. run.seed
  end
  for key in pairs(state.done) do
    before[key] = before[key] or key
  end
  for key, name in pairs(before) do
    if not known[key] then
      missing = missing + 1
      example = (not example or name < example) and name or example
    end
  end
  if missing > 0 then
    tables.fail("%s is the state of a sweep with other options: %d of its runs, such as %s, %s not in this one. "
      .. "Give the same options or more values, or name another output", path, missing, example,
      missing == 1 and "is" or "are")
  end
end

shared.sweep_state = { read = read, begin = begin, append = append, done_of = done_of, same_plan = same_plan, check_plan = check_plan }
