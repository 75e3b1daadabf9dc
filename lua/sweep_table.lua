-- sweep_table.lua - what a sweep keeps and shows: its state, its CSV file, its table as text.
-- The argument is the table that the embedded files share.
local shared = ...
local concat, sort, format = table.concat, table.sort, string.format

-- The fields of a record that a sweep keeps, in the order of its columns.
local FIELDS <const> = { "iteration", "seconds", "rho", "loss", "linear_gap", "activation_gap", "phi", "samples",
  "train_accuracy", "test_accuracy", "auxiliary_accuracy", "forward_loss", "method" }

local function fail(...)
  error(format(...), 0)
end

-- A value as text, the same for the same value: for labels, keys and cells.
local function value_text(value)
  if type(value) == "table" then
    local items = {}
    for i, v in ipairs(value) do
      items[i] = value_text(v)
    end
    local keys = {}
    for key in pairs(value) do
      if math.type(key) ~= "integer" then
        keys[#keys + 1] = tostring(key)
      end
    end
    sort(keys)
    for _, key in ipairs(keys) do
      items[#items + 1] = key .. ":" .. value_text(value[key])
    end
    return concat(items, " ")
  elseif type(value) == "function" then
    fail("a sweep's settings are values: a function cannot be found again after an interruption")
  elseif math.type(value) == "float" then
    return format("%.14g", value)
  end
  return tostring(value)
end

-- The state: what has ended, by key.

local function cell_text(value)
  if math.type(value) == "float" then
    return format("%.10g", value)
  end
  return tostring(value)
end

local function read_state(path)
  local done, file = {}, path and io.open(path, "r")
  if not file then
    return done
  end
  local block
  for line in file:lines() do
    local key, status = line:match("^run\t([^\t]*)\t([^\t]*)$")
    if key then
      block = { key = key, status = status, records = {} }
    elseif line == "end" and block then
      done[block.key], block = block, nil
    elseif block then
      local record, i = {}, 0
      for cell in (line .. "\t"):gmatch("([^\t]*)\t") do
        i = i + 1
        if FIELDS[i] then
          record[FIELDS[i]] = FIELDS[i] == "method" and cell or tonumber(cell) or 0 / 0
        end
      end
      if i == #FIELDS then
        block.records[#block.records + 1] = record
      end
    end
  end
  file:close()
  return done
end

-- One write: a block is there whole, or its end is missing.
local function append_state(path, run)
  local lines = { "", format("run\t%s\t%s", run.key, (run.status:gsub("[\t\n]", " "))) }
  for _, record in ipairs(run.records) do
    local cells = {}
    for i, name in ipairs(FIELDS) do
      cells[i] = cell_text(record[name])
    end
    lines[#lines + 1] = concat(cells, "\t")
  end
  lines[#lines + 1] = "end\n"
  local file, message = io.open(path, "a")
  if not file then
    fail("the sweep's state cannot be written: %s", message)
  end
  local good = file:write(concat(lines, "\n"))
  if not (file:close() and good) then
    fail("the sweep's state cannot be written: %s", path)
  end
end

-- The table.

local function quote(text)
  return text:find('[",\n]') and '"' .. text:gsub('"', '""') .. '"' or text
end

local function write_csv(path, runs)
  local names, known = {}, {}
  for _, run in ipairs(runs) do
    for _, pair in ipairs(run.swept) do
      if not known[pair[1]] then
        known[pair[1]] = true
        names[#names + 1] = pair[1]
      end
    end
  end
  local head = { "run", "data", "seed" }
  for _, name in ipairs(names) do
    head[#head + 1] = name
  end
  head[#head + 1] = "status"
  local rows = { concat(head, ",") .. "," .. concat(FIELDS, ",") }
  for _, run in ipairs(runs) do
    if run.status then
      local values = {}
      for _, pair in ipairs(run.swept) do
        values[pair[1]] = value_text(pair[2])
      end
      local first = { quote(run.group), quote(run.data_name), tostring(run.seed) }
      for _, name in ipairs(names) do
        first[#first + 1] = quote(values[name] or "")
      end
      first[#first + 1] = quote(run.status)
      first = concat(first, ",")
      for _, record in ipairs(run.records) do
        local cells = {}
        for i, name in ipairs(FIELDS) do
          cells[i] = cell_text(record[name])
        end
        rows[#rows + 1] = first .. "," .. concat(cells, ",")
      end
    end
  end
  local file, message = io.open(path .. ".new", "w")
  local good = file and file:write(concat(rows, "\n"), "\n")
  if not (file and file:close() and good) or not os.rename(path .. ".new", path) then
    fail("the sweep's table cannot be written: %s", message or path)
  end
end

-- Mean and spread (one standard deviation) of a list; nil, nil for an empty one.
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

local function sparkline(records, field, width)
  local levels = shared.ascii() and { "_", ".", "-", "=", "*", "#" } or { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
  local low, high, marks = math.huge, -math.huge, {}
  for _, record in ipairs(records) do
    local v = record[field]
    if v == v and math.abs(v) < math.huge then
      low, high = math.min(low, v), math.max(high, v)
    end
  end
  local n = math.min(width, #records)
  for i = 1, n do
    local v = records[#records - (n - i) * #records // n][field]
    if v ~= v or math.abs(v) == math.huge then
      marks[i] = "x"
    else
      marks[i] = levels[high > low and 1 + math.floor((v - low) / (high - low) * (#levels - 1) + 0.5) or 1]
    end
  end
  return concat(marks) .. (" "):rep(width - n)
end

-- Runs of the same group, as seeds are, are one row.
local function groups_of(runs)
  local groups, by_name = {}, {}
  for _, run in ipairs(runs) do
    local g = by_name[run.group]
    if not g then
      g = { name = run.group, runs = {} }
      by_name[run.group] = g
      groups[#groups + 1] = g
    end
    g.runs[#g.runs + 1] = run
  end
  return groups
end

local function last_values(group, f)
  local values = {}
  for _, run in ipairs(group.runs) do
    local record = run.records[#run.records]
    local diverged = run.status and run.status:find("^diverged")
    if record and not diverged then
      values[#values + 1] = f(record)
    end
  end
  return values
end

local function percent(mean, spread, many)
  if not mean then
    return "-"
  end
  return format("%.2f%%", 100 * mean) .. (many and (spread and format(" ±%.2f", 100 * spread) or "") or "")
end

local function group_status(group)
  local ended, other = 0, nil
  for _, run in ipairs(group.runs) do
    if run.status then
      ended = ended + 1
      other = run.status ~= "done" and run.status or other
    elseif run.now then
      return format("iteration %d of %d", #run.records, run.iterations)
    end
  end
  if ended < #group.runs then
    return ended > 0 and format("%d of %d runs", ended, #group.runs) or "waits"
  end
  return other or "done"
end

-- The table as text, each row of at most `width` columns; rows that do not matter now are left out beyond `most`.
local function table_text(runs, width, most)
  local groups = groups_of(runs)
  local many, name_width, current = false, 4, 1
  for i, group in ipairs(groups) do
    many = many or #group.runs > 1
    name_width = math.max(name_width, utf8.len(group.name) or #group.name)
    for _, run in ipairs(group.runs) do
      current = run.now and i or current
    end
  end
  local first = math.max(1, math.min(current - (most or #groups) // 2, #groups - (most or #groups) + 1))
  local w = many and 14 or 8
  local function line(name, n, phi, train, test, spark, status)
    local pad = name_width - (utf8.len(name) or #name)
    local text = format("%s%s  %5s  %9s  %s%s  %s%s  %s  %s", name, (" "):rep(math.max(pad, 0)), n, phi,
      (" "):rep(w - utf8.len(train)), train, (" "):rep(w - utf8.len(test)), test, spark, status)
    local cut = width < #text and utf8.offset(text, width + 1)
    return (cut and text:sub(1, cut - 1) or text):gsub("%s+$", "")
  end
  local lines = { (line("run", "iter", "phi/N", "train", "test", ("%-12s"):format("test"), "")) }
  for i = first, math.min(#groups, first + (most or #groups) - 1) do
    local g = groups[i]
    local shown = g.runs[1]
    for _, run in ipairs(g.runs) do
      shown = #run.records > 0 and run or shown
    end
    local phi = mean_of(last_values(g, function(m) return m.phi / m.samples end))
    local train, train_spread = mean_of(last_values(g, function(m) return m.train_accuracy end))
    local test, test_spread = mean_of(last_values(g, function(m) return m.test_accuracy end))
    lines[#lines + 1] = line(g.name, tostring(#shown.records), phi and format("%.4g", phi) or "-",
      percent(train, train_spread, many), percent(test, test_spread, many),
      sparkline(shown.records, "test_accuracy", 12), group_status(g))
  end
  return concat(lines, "\n")
end

shared.sweep_table = { fields = FIELDS, fail = fail, value_text = value_text, read_state = read_state,
  append_state = append_state, write_csv = write_csv, mean_of = mean_of, groups_of = groups_of, last_values = last_values,
  group_status = group_status, text = table_text }
