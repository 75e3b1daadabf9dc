-- sweep_table.lua - what a sweep shows: its CSV file, its JSON, its table as text.
-- The argument is the table that the embedded files share.
local shared = ...
local concat, sort, format = table.concat, table.sort, string.format

-- The fields of a record that a sweep keeps, in the order of its columns.
local FIELDS <const> = { "iteration", "seconds", "rho", "loss", "linear_gap", "activation_gap", "phi", "samples",
  "train_accuracy", "validation_accuracy", "test_accuracy", "auxiliary_accuracy", "forward_loss", "method" }

-- What ends a sweep is a table that prints as its sentence: `usage` where the caller's table is wrong, else something
-- outside the program has failed.
local mistake = { __tostring = function(m) return m.text end }

local function fail(...)
  error(setmetatable({ text = format(...), usage = true }, mistake))
end

local function broken(...)
  error(setmetatable({ text = format(...) }, mistake))
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
    fail("the settings of a sweep must be values: a function cannot be stored in its state")
  elseif math.type(value) == "float" then
    return shared.float_text(value)
  end
  return tostring(value)
end

local function cell_text(value)
  if value ~= value then
    return "nan"
  elseif math.type(value) == "float" then
    return format("%.10g", value)
  end
  return tostring(value)
end

-- Writes a file that is there whole or as it was.
local function write_whole(path, text)
  local good, message = shared.write_file(path, text)
  if not good then
    broken("%s", message)
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
  write_whole(path, concat(rows, "\n") .. "\n")
end

-- A run as a JSON object, with its records.
local function json_run(run)
  local settings, records = {}, {}
  for i, pair in ipairs(run.swept) do
    local value = pair[2]
    if type(value) == "table" then
      value = value_text(value)
    elseif value == "true" or value == "false" then
      value = value == "true"
    end
    settings[i] = shared.json(pair[1]) .. ": " .. shared.json(tonumber(value) or value)
  end
  for i, record in ipairs(run.records) do
    local fields = {}
    for j, name in ipairs(FIELDS) do
      fields[j] = shared.json(name) .. ": " .. shared.json(record[name])
    end
    records[i] = "{" .. concat(fields, ", ") .. "}"
  end
  return format('{"run": %s, "data": %s, "seed": %d, "iterations": %d, "settings": {%s}, "status": %s, "records": [%s]}',
    shared.json(run.group), shared.json(run.data_name), run.seed, run.iterations, concat(settings, ", "),
    shared.json(run.status), concat(records, ", "))
end

-- The sweep as one JSON object.
local function json(sweep, output)
  local runs = {}
  for i, run in ipairs(sweep.runs) do
    runs[i] = json_run(run)
  end
  return format('{"output": %s, "finished": %s, "runs": [%s]}', shared.json(output), shared.json(sweep.finished),
    concat(runs, ", "))
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
    if v ~= v then -- not measured
      marks[i] = " "
    elseif math.abs(v) == math.huge then
      marks[i] = "x"
    else
      -- Halves: the range of any two finite numbers is finite.
      marks[i] = levels[high > low and 1 + math.floor((v / 2 - low / 2) / (high / 2 - low / 2) * (#levels - 1) + 0.5) or 1]
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
  if not mean or mean ~= mean then
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

-- A name for the screen: no control characters, and UTF-8.
local function plain(text)
  text = text:gsub("%c", " ")
  return utf8.len(text) and text or (text:gsub("[\128-\255]", "?"))
end

-- The table as text, each row of at most `width` columns; rows that do not matter now are left out beyond `most`.
local function table_text(runs, width, most)
  local groups = groups_of(runs)
  local many, name_width, current = false, 4, 1
  for i, group in ipairs(groups) do
    many = many or #group.runs > 1
    name_width = math.max(name_width, utf8.len(plain(group.name)))
    for _, run in ipairs(group.runs) do
      current = run.now and i or current
    end
  end
  local first = math.max(1, math.min(current - (most or #groups) // 2, #groups - (most or #groups) + 1))
  local w = many and 14 or 8
  local function line(name, n, phi, train, test, spark, status)
    local pad = name_width - utf8.len(name)
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
    lines[#lines + 1] = line(plain(g.name), tostring(#shown.records), phi == phi and phi and format("%.4g", phi) or "-",
      percent(train, train_spread, many), percent(test, test_spread, many),
      sparkline(shown.records, "test_accuracy", 12), plain(group_status(g)))
  end
  return concat(lines, "\n")
end

shared.sweep_table = { fields = FIELDS, fail = fail, broken = broken, value_text = value_text, cell_text = cell_text,
  write_whole = write_whole, write_csv = write_csv, mean_of = mean_of, groups_of = groups_of, last_values = last_values,
  group_status = group_status, text = table_text, json_run = json_run, json = json }
