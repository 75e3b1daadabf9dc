-- sweep_table.lua - the output of a sweep: a CSV file, JSON, a table as text.
-- The argument is the table that the embedded files share.
local shared = ...
local concat, sort, format = table.concat, table.sort, string.format
local choice = shared.sweep_choice

-- The fields of a record that a sweep keeps, in the order of its columns.
local FIELDS <const> = { "iteration", "seconds", "rho", "loss", "linear_gap", "activation_gap", "phi", "samples",
  "train_accuracy", "validation_accuracy", "test_accuracy", "auxiliary_accuracy", "forward_loss", "train_rmse",
  "validation_rmse", "test_rmse", "method" }

-- The fields that are measured on the test samples.
local TESTS <const> = { test_accuracy = true, test_rmse = true }

-- The names of metrics, which follow the fixed fields.
local function metric_names(fields)
  return table.move(fields, #FIELDS + 1, #fields, 1, {})
end

-- An error of a sweep: a table that prints as its sentence. With `usage` the caller's table is wrong (fail), else something
-- outside the program has failed (broken).
local mistake = { __tostring = function(m) return m.text end }

local function fail(...)
  error(setmetatable({ text = format(...), usage = true }, mistake))
end

local function broken(...)
  error(setmetatable({ text = format(...) }, mistake))
end

-- The fields, and after them the names of `metrics`, functions by name.
local function fields_with(metrics)
  local names = {}
  if metrics ~= nil and type(metrics) ~= "table" then
    fail("metrics is a table of functions by name: metrics = { primal = function(m, run) return ... end }")
  end
  for name, f in pairs(metrics or {}) do
    if type(name) ~= "string" or type(f) ~= "function" then
      fail("metrics is a table of functions by name, and %s is a %s", tostring(name), type(f))
    end
    shared.check_metric(name)
    names[#names + 1] = name
  end
  sort(names)
  return table.move(names, 1, #names, #FIELDS + 1, table.move(FIELDS, 1, #FIELDS, 1, {}))
end

-- A value as text for labels, keys and cells; equal values have equal texts.
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

-- Writes a file completely, or leaves it as it was.
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

-- The names of columns of settings. A setting with the name of a field or metric is swept_NAME.
local function setting_columns(names, fields)
  local taken, heads = {}, {}
  for _, name in ipairs(fields) do
    taken[name] = true
  end
  for i, name in ipairs(names) do
    heads[i] = taken[name] and "swept_" .. name or name
  end
  return heads
end

local function write_csv(path, sweep)
  local runs, names, known = sweep.runs, {}, {}
  local choices = choice.choices_of(runs)
  for _, run in ipairs(runs) do
    for _, pair in ipairs(run.swept) do
      if not known[pair[1]] then
        known[pair[1]] = true
        names[#names + 1] = pair[1]
      end
    end
  end
  local fields = runs[1] and runs[1].fields or FIELDS
  local head = { "run", "data", "seed" }
  table.move(setting_columns(names, fields), 1, #names, #head + 1, head)
  head[#head + 1] = "status"
  head[#head + 1] = "measure"
  local rows = { concat(head, ",") .. "," .. concat(fields, ",") }
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
      first[#first + 1] = choice.measure_of(run)
      first = concat(first, ",")
      local hides = choice.hides_test(sweep, choices, run)
      for _, record in ipairs(run.records) do
        local cells = {}
        for i, name in ipairs(run.fields) do
          cells[i] = hides and TESTS[name] and "" or cell_text(record[name])
        end
        rows[#rows + 1] = first .. "," .. concat(cells, ",")
      end
    end
  end
  write_whole(path, concat(rows, "\n") .. "\n")
end

-- A run as a JSON object, with its records.
local function json_run(sweep, run, choices)
  local settings, records = {}, {}
  local hides = choice.hides_test(sweep, choices or choice.choices_of(sweep.runs), run)
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
    for j, name in ipairs(run.fields) do
      fields[j] = shared.json(name) .. ": " .. shared.json(not (hides and TESTS[name]) and record[name] or 0 / 0)
    end
    records[i] = "{" .. concat(fields, ", ") .. "}"
  end
  return format('{"run": %s, "data": %s, "seed": %d, "iterations": %d, "settings": {%s}, "status": %s, "measure": %s, "records": [%s]}',
    shared.json(run.group), shared.json(run.data_name), run.seed, run.iterations, concat(settings, ", "),
    shared.json(run.status), shared.json(choice.measure_of(run)), concat(records, ", "))
end

-- The sweep as one JSON object.
local function json(sweep, output)
  local runs, choices = {}, choice.choices_of(sweep.runs)
  for i, run in ipairs(sweep.runs) do
    runs[i] = json_run(sweep, run, choices)
  end
  return format('{"output": %s, "finished": %s, "runs": [%s]}', shared.json(output), shared.json(sweep.finished),
    concat(runs, ", "))
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

-- An accuracy in percent, or R^2 with its name; "-" if there is none.
local function quality(value, measure)
  return value and value == value and (measure == "R2" and format("R² %.4f", value) or format("%.2f%%", 100 * value)) or "-"
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
    local reached = #group.runs[1].records
    return ended == 0 and reached > 0 and "waits at " .. reached or ended > 0 and format("%d of %d runs", ended, #group.runs) or "waits"
  end
  return other or "done"
end

-- A name for the screen: no control characters, and UTF-8.
local function plain(text)
  text = text:gsub("%c", " ")
  return utf8.len(text) and text or (text:gsub("[\128-\255]", "?"))
end

-- The columns of accuracies and metrics: their titles, fields and formats.
local function value_columns(sweep, choices)
  local validates, tests = false, sweep.show_test
  for _, c in ipairs(choices) do
    validates = validates or c.field == "validation_accuracy"
    tests = tests or c.field == "test_accuracy"
  end
  local columns = { { "train", "train_accuracy" } }
  columns[#columns + 1] = validates and { "validation", "validation_accuracy" } or nil
  columns[#columns + 1] = tests and { "test", "test_accuracy" } or nil
  for _, run in ipairs(sweep.runs) do
    if choice.measure_of(run) == "R2" then
      local set = validates and "validation" or "test"
      columns[#columns + 1] = { (validates and "valid. " or "") .. "RMSE", set .. "_rmse", "%.4g" }
      break
    end
  end
  for _, name in ipairs(metric_names(sweep.runs[1] and sweep.runs[1].fields or FIELDS)) do
    columns[#columns + 1] = { plain(name), name, "%.4g" }
  end
  return columns
end

-- The sentence that says which setting is chosen, and by what.
local function choice_text(sweep, choices, c)
  if not c.best or (c.count == 1 and c.field == "test_accuracy") then
    return nil
  end
  local measure = choice.measure_of(c.best.runs[1])
  local function median(field)
    return quality(choice.median_of(choice.last_values(c.best, function(m) return m[field] end)), measure)
  end
  local by = c.field == "validation_accuracy" and "validation" or "test"
  local text = format("%s %s %s%s: %s, %s %s", c.ended and "chosen by" or "best so far by", by,
    measure == "R2" and "R²" or "accuracy", #choices > 1 and " on " .. plain(c.data_name) or "", plain(c.best.name), by, median(c.field))
  if by == "validation" and (c.ended or sweep.show_test) then
    text = text .. ", test " .. median("test_accuracy")
  end
  return text
end

-- The cells of a group's row.
local function row_of(sweep, choices, columns, group, many)
  local shown, c = group.runs[1], choices[group.data_name]
  for _, run in ipairs(group.runs) do
    shown = #run.records > 0 and run or shown
  end
  local phi = choice.median_of(choice.last_values(group, function(m) return m.phi / m.samples end))
  local measure = choice.measure_of(shown)
  local cells = { plain(group.name), tostring(#shown.records), phi and format("%.4g", phi) or "-" }
  for _, column in ipairs(columns) do
    local hidden = TESTS[column[2]] and choice.hides_test(sweep, choices, shown)
    local median, low, high = choice.median_of(hidden and {} or choice.last_values(group, function(m) return m[column[2]] end))
    local shape, factor = column[3] or measure == "R2" and "%.4f" or "%.2f", (column[3] or measure == "R2") and 1 or 100
    cells[#cells + 1] = column[3] and median and format(shape, median) or not column[3] and quality(median, measure) or "-"
    cells[#cells + 1] = many and (median and #group.runs > 1 and format(shape, factor * (high - low)) or "-") or nil
  end
  local apart = many and c.best and choice.difference_of(group, c.best, c.field)
  cells[#cells + 1] = many and (apart and group.name ~= c.best.name and format(measure == "R2" and "%+.4f" or "%+.2f", (measure == "R2" and 1 or 100) * apart) or "-") or nil
  return cells, sparkline(shown.records, c.field, 12), plain(group_status(group))
end

-- The table as text, each row of at most `width` columns, at most `most` rows: those around the run that is training. With
-- several seeds: medians, interquartile ranges, and the median of the paired differences from the best setting.
local function table_text(sweep, width, most)
  local groups, choices = choice.groups_of(sweep.runs), choice.choices_of(sweep.runs)
  local columns = value_columns(sweep, choices)
  local many, current = false, 1
  for i, group in ipairs(groups) do
    many = many or #group.runs > 1
    for _, run in ipairs(group.runs) do
      current = run.now and i or current
    end
  end
  local head = { "run", "iter", "phi/N" }
  for _, column in ipairs(columns) do
    head[#head + 1] = column[1]
    head[#head + 1] = many and "IQR" or nil
  end
  head[#head + 1] = many and "vs best" or nil
  local rows, widths = { { head, format("%-12s", "course"), "" } }, { 4, 5, 9 }
  for _, group in ipairs(groups) do
    rows[#rows + 1] = { row_of(sweep, choices, columns, group, many) }
  end
  for i = 1, #head do
    for _, row in ipairs(rows) do
      widths[i] = math.max(widths[i] or (many and 6 or 8), utf8.len(row[1][i]))
    end
  end
  local function line(text)
    local cut = width < #text and utf8.offset(text, width + 1)
    return (cut and text:sub(1, cut - 1) or text):gsub("%s+$", "")
  end
  local lines = {}
  local first = math.max(1, math.min(current - (most or #groups) // 2, #groups - (most or #groups) + 1))
  for k, row in ipairs(rows) do
    if k == 1 or (k > first and k <= first + (most or #groups)) then
      local cells = {}
      for i, cell in ipairs(row[1]) do
        local pad = (" "):rep(widths[i] - utf8.len(cell))
        cells[i] = i == 1 and cell .. pad or pad .. cell
      end
      lines[#lines + 1] = line(concat(cells, "  ") .. "  " .. row[2] .. "  " .. row[3])
    end
  end
  for _, c in ipairs(choices) do
    local text = choice_text(sweep, choices, c)
    lines[#lines + 1] = text and line(text)
  end
  return concat(lines, "\n")
end

shared.sweep_table = { fields = FIELDS, fields_with = fields_with, metric_names = metric_names, fail = fail, broken = broken, value_text = value_text, cell_text = cell_text,
  write_whole = write_whole, write_csv = write_csv, group_status = group_status, text = table_text, quality = quality,
  json_run = json_run, json = json }
