-- prelude.lua - how values are printed at the prompt, and methods of runs that are simplest in Lua.
-- The argument is the table that the embedded files share.
local shared = ...
local concat, sort, unpack = table.concat, table.sort, table.unpack
local getmetatable, math_type, tonumber = debug.getmetatable, math.type, tonumber
local format, rep = string.format, string.rep

local WIDTH <const> = 78 -- a table that fits is printed on one line
local MOST <const> = 100 -- elements of a table that are printed
local DEPTH <const> = 6

local function has_text(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__tostring") ~= nil
end

local function key_text(key)
  if type(key) == "string" and key:match("^[%a_][%w_]*$") then
    return key
  elseif type(key) == "string" then
    return format("[%q]", key)
  end
  return "[" .. tostring(key) .. "]"
end

local rank = { number = 1, string = 2 }

-- Numbers first, then names, then the rest by their text.
local function before(x, y)
  local rx, ry = rank[type(x)] or 3, rank[type(y)] or 3
  if rx ~= ry then
    return rx < ry
  elseif rx == 3 then
    return tostring(x) < tostring(y)
  end
  return x < y
end

local text_of

-- The elements of a table as texts: first those of the sequence, then "key = value" sorted.
local function elements(value, depth, seen)
  local items, keys, n = {}, {}, rawlen(value)
  for i = 1, math.min(n, MOST) do
    items[i] = text_of(rawget(value, i), depth + 1, seen)
  end
  for key in next, value do
    if math_type(key) ~= "integer" or key < 1 or key > n then
      keys[#keys + 1] = key
    end
  end
  sort(keys, before)
  for _, key in ipairs(keys) do
    if #items >= MOST then
      break
    end
    items[#items + 1] = key_text(key) .. " = " .. text_of(rawget(value, key), depth + 1, seen)
  end
  local more = n + #keys - #items
  if more > 0 then
    items[#items + 1] = format("... (%d more)", more)
  end
  return items
end

local function table_text(value, depth, seen)
  if seen[value] then
    return "{ <itself> }"
  elseif next(value) == nil then
    return "{}"
  elseif depth > DEPTH then
    return "{ ... }"
  end
  seen[value] = true
  local items = elements(value, depth, seen)
  seen[value] = nil
  local line = concat(items, ", ")
  if #line + 2 * depth + 4 <= WIDTH and not line:find("\n", 1, true) then
    return "{ " .. line .. " }"
  end
  local indent = rep("  ", depth + 1)
  return "{\n" .. indent .. concat(items, ",\n" .. indent) .. "\n" .. rep("  ", depth) .. "}"
end

-- A float in the fewest digits, at least 15, that read back as the same value.
function shared.float_text(value)
  for digits = 15, 16 do
    local text = format("%." .. digits .. "g", value)
    if tonumber(text) == value then
      return text
    end
  end
  return format("%.17g", value)
end

function text_of(value, depth, seen)
  if type(value) == "string" then
    return (format("%q", value):gsub("\\\n", "\\n"))
  elseif type(value) == "table" and not has_text(value) then
    return table_text(value, depth, seen)
  end
  if math_type(value) == "float" then
    return value == value and shared.float_text(value) or "nan" -- without a sign
  end
  local text = tostring(value)
  if depth > 0 then
    text = text:gsub("\n", "\n" .. rep("  ", depth))
  end
  return text
end

-- The results of an expression as text: strings as they are, everything else readably.
function shared.pretty(...)
  local texts, many = {}, false
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    texts[i] = type(value) == "string" and value or text_of(value, 0, {})
    many = many or texts[i]:find("\n", 1, true) ~= nil
  end
  return concat(texts, many and "\n" or "\t")
end

shared.classes.list.__tostring = function(list)
  return table_text(list, 0, {})
end

local run_class = shared.classes.run
local step = run_class.__methods.step

-- run:step_until(f): one iteration after the other until f(record) is true.
function run_class.__methods.step_until(run, f)
  local meta = getmetatable(f)
  if type(f) ~= "function" and not (type(meta) == "table" and meta.__call) then
    error("step_until takes a function of the record: run:step_until(function(m) return m.phi < 1 end)", 2)
  end
  while true do
    local record, message = step(run)
    if not record then
      return nil, message
    elseif f(record) then
      return record
    end
  end
end

-- The answer to a run before a block: the number of the first breakpoint that stops it, or 0.
function shared.stops_at(breakpoints, record, place)
  for i, f in ipairs(breakpoints or {}) do
    if type(f) == "function" and f(record, place.block, place) then -- a table: it is off
      return i
    end
  end
  return 0
end

local step_block = run_class.__methods.step_block

-- -1, 0 or 1 if `at` is before, in or after the iteration, batch and sweep of `to`.
local function compare(at, to)
  for _, key in ipairs { "iteration", "batch", "sweep" } do
    if at[key] ~= to[key] then
      return at[key] < to[key] and -1 or 1
    end
  end
  return 0
end

local function whole(place, key)
  local n = place[key] or key ~= "iteration" and 1
  if math_type(n) ~= "integer" or n < 1 then
    error("step_to takes a place: run:step_to{ iteration = 14, batch = 7, block = \"W2\" }", 3)
  end
  return n
end

-- run:step_to{ iteration =, batch =, sweep =, block = }: to that place of the log, before that block.
function run_class.__methods.step_to(run, place)
  if type(place) ~= "table" then
    error("step_to takes a place: run:step_to{ iteration = 14, batch = 7, block = \"W2\" }", 2)
  end
  local to = { iteration = whole(place, "iteration"), batch = whole(place, "batch"), sweep = whole(place, "sweep") }
  local block = place.block ~= "" and place.block ~= "step" and place.block or nil
  local at = run.place
  if to.iteration > at.iteration then
    local record, message = step(run, to.iteration - at.iteration)
    if not record then
      return nil, message
    end
    at = run.place
  end
  while compare(at, to) < 0 or block and compare(at, to) == 0 and at.block ~= block do
    local report, message = step_block(run)
    if not report then
      return nil, message
    end
    at = run.place
  end
  if compare(at, to) > 0 then
    return nil, "there is no such place ahead: the run is at " .. at.text
  end
  return at
end

-- ip.time(f): calls f, prints how long it took, and returns its results.
function shared.ip.time(f)
  local began = shared.ip.clock()
  local function done(...)
    print(("%.4g s"):format(shared.ip.clock() - began))
    return ...
  end
  return done(f())
end

-- run:stop_when(rule): early stopping, a callback on every iteration.

local stops = setmetatable({}, { __mode = "k" }) -- run -> its rule in force

-- Whether x is better than y, which may be nil; NaN is worse than anything.
local function better(x, y, wants_small, by)
  if x ~= x or y == nil then
    return x == x
  end
  return wants_small and x < y - by or not wants_small and x > y + by
end

-- The iteration of the best value among the records, the first of equal ones; 0 if there is none. Reads only new records,
-- unless a rewind has removed old ones.
local function best_of(run, rule)
  local count = #run.metrics
  if rule.seen == nil or rule.seen >= count then
    rule.seen, rule.best, rule.value = 0, 0, nil
  end
  for i = rule.seen + 1, count do
    local x = run.metrics[i][rule.of] or 0 / 0
    if better(x, rule.value, rule.wants_small, rule.min_delta) then
      rule.best, rule.value = i, x
    end
  end
  rule.seen = count
  return rule.best
end

local function keep_weights(run)
  local kept = { W = {}, b = {} }
  for l = 1, #run.W do
    kept.W[l], kept.b[l] = run.W[l]:copy(), run.b[l]:copy()
  end
  return kept
end

local function write_weights(run, kept)
  for l = 1, #run.W do
    run.W[l], run.b[l] = kept.W[l], kept.b[l]
  end
end

local rule_names = { "of", "patience", "min_delta", "mode", "restore" }

local function check_name(name, names, what, otherwise)
  for _, known in ipairs(names) do
    if name == known then
      return
    end
  end
  error("stop_when: " .. shared.unknown(tostring(name), names, what, otherwise), 4)
end

-- Checks a rule of early stopping; returns a copy with defaults.
local function check_rule(run, rule)
  for name in pairs(rule) do
    check_name(name, rule_names, "option", "?run:stop_when describes them.")
  end
  if rule.of ~= nil then
    local names = shared.metrics_of(run)
    for _, field in ipairs(shared.metrics()) do
      names[#names + 1] = field.name
    end
    check_name(rule.of, names, "field", "?record lists the fields of a record.")
  end
  if math_type(rule.patience) ~= "integer" or rule.patience < 1 then
    error("stop_when: patience is a number of iterations, such as patience = 5", 3)
  elseif rule.mode and rule.mode ~= "min" and rule.mode ~= "max" then
    error("stop_when: mode is \"min\" or \"max\"", 3)
  elseif rule.restore and rule.restore ~= "best" then
    error("stop_when: restore is \"best\": W and b of the best iteration", 3)
  elseif type(rule.min_delta or 0) ~= "number" then
    error("stop_when: min_delta is a number", 3)
  end
  return { of = rule.of, patience = rule.patience, min_delta = rule.min_delta or 0, mode = rule.mode, restore = rule.restore }
end

-- Whether the rule ends the run after this iteration; with restore, also keeps and writes the best weights.
local function is_over(run, rule, record)
  if not rule.of then
    local held_out = record.validation_accuracy
    rule.of = held_out and held_out == held_out and "validation_accuracy" or "test_accuracy"
  end
  rule.wants_small = (rule.mode or (rule.of:find("accuracy") and "max" or "min")) == "min"
  local best, now = best_of(run, rule), #run.metrics
  if rule.restore and best == now then
    rule.kept, rule.at = keep_weights(run), now
  end
  if now - best < rule.patience then
    return false
  end
  if rule.kept and rule.at == best then
    write_weights(run, rule.kept)
  end
  return true
end

function run_class.__methods.stop_when(run, rule)
  local new = rule ~= nil and {} or nil
  if type(rule) == "table" then
    new = check_rule(run, rule)
  elseif rule ~= nil then
    new.f = shared.sweep_plan.rule_of(rule)
  end
  local first = stops[run] == nil
  stops[run] = new or false
  if first and new then
    run:on("iteration", function(record)
      local now = stops[run]
      if now and (now.f and now.f(record) or not now.f and is_over(run, now, record)) then
        run:pause()
      end
    end)
  end
end
