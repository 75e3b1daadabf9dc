-- method.lua - methods from files: the environment of their text, checks of their table, calls of their
-- functions. It runs in a Lua state of its own for each state of a run; see src/lua/method_private.h.

-- ip: functions that make tensors; now: the present numbers; variables: views by name; functions: methods of the state;
-- settle: returns a tensor with values of its own.
local core = ...
local getupvalue, plain_type = debug.getupvalue, type

local function fail(format, ...)
  error(format:format(...), 0)
end

-- Keys in a fixed order: numbers, then strings.
local function sorted(t)
  local keys = {}
  for key in next, t do
    local kind = plain_type(key)
    if kind ~= "number" and kind ~= "string" then
      fail("pairs: the table has a key of type %s. Use numbers and strings as keys", kind)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys, function(x, y)
    local a, b = plain_type(x), plain_type(y)
    if a ~= b then return a == "number" end
    return x < y
  end)
  return keys
end

local function ordered_pairs(t)
  local keys, i = sorted(t), 0
  return function()
    i = i + 1
    if keys[i] ~= nil then return keys[i], t[keys[i]] end
  end
end

-- Like tostring, but without the address of a table or a function.
local function plain_string(x)
  local kind = plain_type(x)
  if kind == "table" or kind == "function" or kind == "thread" then return kind end
  return tostring(x)
end

local function plain_format(format, ...)
  if format:gsub("%%%%", ""):find("%%[-+ #0-9.]*p") then
    fail("string.format: %%p shows an address, which differs from run to run")
  end
  local values = table.pack(...)
  for i = 1, values.n do
    if plain_type(values[i]) == "table" or plain_type(values[i]) == "function" then
      values[i] = plain_string(values[i])
    end
  end
  return string.format(format, table.unpack(values, 1, values.n))
end

local function copy(from, without)
  local to = {}
  for key, value in pairs(from) do to[key] = value end
  for _, key in ipairs(without) do to[key] = nil end
  return to
end

-- The globals of a method's text. None depends on the time, the machine or an address.
local globals = {
  assert = assert, error = error, ipairs = ipairs, pairs = ordered_pairs, pcall = pcall,
  select = select, tonumber = tonumber, tostring = plain_string, type = type,
  math = copy(math, { "random", "randomseed" }), string = copy(string, { "dump", "format" }),
  table = copy(table, {}), utf8 = copy(utf8, {}), ip = core.ip,
}
globals.string.format = plain_format
getmetatable("").__index = globals.string

setmetatable(core.ip, { __index = function(_, name)
  fail("a method cannot use ip.%s: it sees its state and tensors only", plain_string(name))
end })

local absent = {}
for _, name in ipairs { "io", "os", "require", "load", "loadfile", "dofile", "debug", "print",
                        "coroutine", "collectgarbage", "setmetatable", "next", "rawset" } do
  absent[name] = true
end

local closed = false  -- the text has been loaded
local environment = setmetatable({}, {
  __index = function(_, name)
    local value = globals[name]
    if value == nil and absent[name] then
      fail("a method cannot use %s: it must have the same result in every run", name)
    end
    return value
  end,
  __newindex = function(_, name)
    fail("%s is a global variable. Use a local one, or declare it in `variables` if it must last", name)
  end,
})

-- All values that the functions of a method could change to remember something: { name, value }, ...
local function memory(root)
  local seen, found, count = { [environment] = 0 }, {}, 0
  local function visit(name, x)
    local kind = plain_type(x)
    if kind ~= "table" and kind ~= "function" then
      found[#found + 1] = { name, kind == "userdata" and x.rows and x:sum() or x }
      return
    end
    if seen[x] then
      found[#found + 1] = { name, seen[x] }
      return
    end
    count = count + 1
    seen[x] = count
    if kind == "table" then
      for _, key in ipairs(sorted(x)) do visit(tostring(key), x[key]) end
      found[#found + 1] = { name, "end" }
      return
    end
    for i = 1, 255 do
      local upvalue, value = getupvalue(x, i)
      if not upvalue then break end
      visit(upvalue, value)
    end
  end
  for _, t in pairs(globals) do
    seen[t] = 0
    if plain_type(t) == "table" then
      for _, f in pairs(t) do
        if plain_type(f) == "function" then seen[f] = 0 end
      end
    end
  end
  visit("the method", root)
  return found
end

local function check_memory(before, after)
  for i = 1, math.max(#before, #after) do
    local x, y = before[i], after[i]
    if not x or not y or x[1] ~= y[1] or (x[2] ~= y[2] and x[2] == x[2]) then
      fail("it changed '%s', which does not last: a rewind starts the file afresh. Declare a "
           .. "variable for it", (y or x)[1])
    end
  end
end

local function words(text)
  local list = {}
  for word in text:gmatch("[%w_]+") do list[#list + 1] = word end
  return list
end

local sides = { ["1"] = 0, d = 1, d_prev = 2, n = 3 }
local layers = { all = 0, hidden = 1, last = 2 }

local function check_type(name, value, kind, optional)
  if value == nil and optional then return end
  if type(value) ~= kind then fail("%s must be a %s, not a %s", name, kind, type(value)) end
end

-- variables = { "z", "a", u = { shape = "d x n", layers = "last", start = 0 } }
local function read_variables(m, to)
  for _, key in ipairs(sorted(m.variables or {})) do
    local x = m.variables[key]
    if plain_type(key) == "number" then
      if x ~= "z" and x ~= "a" then fail("variables: '%s' is neither z nor a", plain_string(x)) end
      to[x] = 1
    elseif key == "a" and plain_type(x) == "table" and x.layers == "all" then
      to.a = 2
    else
      check_type("variables." .. key, x, "table")
      if not key:match("^%a[%w_]*$") or #key > 12 or key:find("_old$")
         or ("W b z a X Y L n k p"):find(key, 1, true) or #to.own == 8 then
        fail("variables: '%s' cannot name a variable", key)
      end
      local rows, cols = (x.shape or ""):match("^([%w_]+) x ([%w_]+)$")
      if not sides[rows] or not sides[cols] or rows == "n" then
        fail("variables.%s: shape = '%s' is unknown. Use two of d, d_prev, n and 1, such as 'd x n'",
             key, plain_string(x.shape))
      end
      local where = layers[x.layers or "all"]
      if not where then fail("variables.%s: layers must be all, hidden or last", key) end
      check_type("variables." .. key .. ".start", x.start, "number", true)
      to.own[#to.own + 1] = { name = key, rows = sides[rows], cols = sides[cols], layers = where,
                              start = x.start or 0 }
    end
  end
  for _, name in ipairs(m.previous or {}) do
    if name ~= "z" and name ~= "W" and name ~= "a" then
      fail("previous: '%s' is none of z, W and a", plain_string(name))
    end
    if name ~= "W" and to[name] == 0 then fail("previous: %s is not among the variables", name) end
    to["keeps_" .. name] = 1
  end
end

local max_layers, max_blocks = 32, 95

-- The blocks of one sweep, as { kind, layer, kind, layer, ... }; empty if they are too many.
local function visits(m, order, L)
  local list = {}
  local function visit(kind, l)
    if kind == "step" then
      kind, l = "g", 0
    elseif plain_type(kind) ~= "string" or not kind:match("^%l$") and kind ~= "W"
           or kind == "g" or math.type(l) ~= "integer" or l < 1 or l > L then
      fail("order: visit(%s, %s) names no block of %d layers", plain_string(kind), plain_string(l), L)
    end
    if not m.update[kind == "g" and "step" or kind] then
      fail("order: block %s has no update", kind)
    end
    for i = 1, #list, 2 do
      if list[i] == kind and list[i + 1] == l then fail("order: block %s%d is visited twice", kind, l) end
    end
    list[#list + 1] = kind
    list[#list + 1] = l
  end
  order(visit, L)
  return #list <= 2 * max_blocks and list or {}
end

local orders = { "increase", "reverse", "nested_reverse", "parallel" }

-- orders = { nested_reverse = function(visit, L) ... end }, or one function: increase
local function read_orders(m, to)
  local given = plain_type(m.orders) == "function" and { increase = m.orders } or m.orders
  check_type("orders", given, "table")
  for name, f in ordered_pairs(given) do
    check_type("orders." .. plain_string(name), f, "function")
    local known = false
    for _, one in ipairs(orders) do known = known or one == name end
    if not known then fail("orders: '%s' is none of %s", plain_string(name), table.concat(orders, ", ")) end
  end
  to.visits = {}
  for o, name in ipairs(orders) do
    local order = given[name]
    to.visits[o] = {}
    for L = 1, order and max_layers or 0 do to.visits[o][L] = visits(m, order, L) end
  end
end

-- parts = { "dual_gap" }: numbers of the objective that records have no field for
local function read_parts(m, to)
  to.parts = ""
  for _, name in ipairs(m.parts or {}) do
    if to.parts:find(plain_string(name) .. " ", 1, true) == 1 or to.parts:find(" " .. plain_string(name) .. " ", 1, true) then
      fail("parts: '%s' is listed twice", name)
    end
    to.parts = to.parts .. plain_string(name) .. " "
  end
end

-- settings = { eta = { default = 0.1, min = 0, max = 1, help = "step size" } }
local function read_settings(m, to)
  to.settings = {}
  for _, name in ipairs(sorted(m.settings or {})) do
    local x = m.settings[name]
    if plain_type(name) ~= "string" or not name:match("^%l[%w_]*$") or #name > 23 then
      fail("settings: '%s' cannot name a setting", plain_string(name))
    end
    check_type("settings." .. name, x, "table")
    for _, key in ipairs(sorted(x)) do
      if not ("default min max help symbol whole "):find(plain_string(key) .. " ", 1, true) then
        fail("settings.%s: '%s' is none of default, min, max, help, symbol, whole", name, plain_string(key))
      end
    end
    check_type("settings." .. name .. ".default", x.default, "number")
    check_type("settings." .. name .. ".min", x.min, "number", true)
    check_type("settings." .. name .. ".max", x.max, "number", true)
    check_type("settings." .. name .. ".help", x.help, "string")
    if #to.settings == 16 then fail("settings: more than 16") end
    to.settings[#to.settings + 1] = { name = name, default = x.default, min = x.min, max = x.max,
      help = x.help, symbol = x.symbol, whole = x.whole and true or false }
    to.uses = to.uses .. " " .. name
  end
end

local fields = { name = 1, summary = 1, source = 1, uses = 1, advice = 1, lr = 1, variables = 1, previous = 1,
                 full_batch = 1, settings = 1, orders = 1, update = 1, start = 1, objective = 1,
                 exact = 1, proximal = 1, base = 1, parts = 1 }

-- The text of a base follows the text of the file in a comment, so that the whole needs no other file.
local base_mark = "\n--[==========[ base\n"

-- Fills in the fields that the method leaves to its base, a method's table. Updates, settings and variables are
-- inherited one by one. Kinds that the method updates itself are exact only if it says so.
local function inherit(m, base)
  if base.base then fail("base: '%s' has a base itself", plain_string(m.base)) end
  local own = m.update or {}
  if m.exact == nil and base.exact then
    m.exact = {}
    for _, kind in ipairs(base.exact) do
      if not own[kind] then m.exact[#m.exact + 1] = kind end
    end
  end
  for _, field in ipairs { "update", "settings", "variables" } do
    local all = copy(base[field] or {}, {})
    for _, key in ipairs(sorted(m[field] or {})) do
      if math.type(key) == "integer" then all[#all + 1] = m[field][key] else all[key] = m[field][key] end
    end
    if base[field] or m[field] then m[field] = all end
  end
  for _, key in ipairs(sorted(base)) do
    if m[key] == nil then m[key] = base[key] end
  end
end

local function load_table(text, chunk)
  local f, why = load(text, "@" .. chunk, "t", environment)
  if not f then fail("%s", why) end
  local m = f()
  check_type("the value that the file returns", m, "table")
  return m
end

local method  -- the table of the text

-- Loads the text; returns the description for method_load.c, in numbers and strings.
local function define(text, chunk)
  local m = load_table(text, chunk)
  if m.base ~= nil then
    check_type("base", m.base, "string")
    local _, last = text:find(base_mark, 1, true)
    if not last then return { base = m.base } end
    check_type("update", m.update, "table", true)
    inherit(m, load_table(text:sub(last + 1, -2 - #"\n]==========]"), m.base:match("[^/]*$"):gsub("%.lua$", "") .. ".lua"))
  end
  for _, key in ipairs(sorted(m)) do
    if not fields[key] then fail("'%s' is no field of a method", plain_string(key)) end
  end
  check_type("name", m.name, "string")
  if not m.name:match("^%a[%w_]*$") or #m.name > 20 then
    fail("'%s' cannot name a method. Use at most 20 letters, digits and _, no digit first", m.name)
  end
  check_type("summary", m.summary, "string")
  check_type("update", m.update, "table")
  check_type("objective", m.objective, "function", true)
  check_type("start", m.start, "function", true)
  check_type("parts", m.parts, "table", true)
  for _, key in ipairs(sorted(m.update)) do check_type("update." .. plain_string(key), m.update[key], "function") end
  local to = { name = m.name, summary = m.summary, source = m.source, uses = m.uses or "",
               advice = m.advice, lr = m.lr or 0, starts = m.start and 1 or 0, full_batch = m.full_batch and 1 or 0, z = 0, a = 0,
               keeps_z = 0, keeps_W = 0, keeps_a = 0, own = {} }
  to.exact = ""
  for _, kind in ipairs(m.exact or {}) do
    if kind ~= "z" and kind ~= "W" and kind ~= "a" then
      fail("exact: '%s' is none of z, W and a", plain_string(kind))
    end
    to.exact = to.exact .. kind
  end
  check_type("proximal", m.proximal, "function", true)
  read_variables(m, to)
  read_orders(m, to)
  read_settings(m, to)
  read_parts(m, to)
  to.uses = table.concat(words(to.uses), " ")
  method = m
  return to
end

local before  -- what the functions remember; it must not change

-- A view of a table that cannot be written: for the state that updates get, and its variables by layer.
local function protect(t, what)
  return setmetatable({}, {
    __index = t,
    __len = function() return #t end,
    __newindex = function(_, key)
      fail("%s.%s cannot be set. Return the new value: return { z = value }", what, plain_string(key))
    end,
  })
end

local state
local function make_state()
  local known = setmetatable({}, { __index = function(_, key)
    local value = core.now[key]
    if value == nil then value = core.functions[key] end
    if value == nil then fail("the state has no '%s'", plain_string(key)) end
    return value
  end })
  for name, by_layer in pairs(core.variables) do known[name] = protect(by_layer, "s." .. name) end
  state = protect(known, "s")
  before = memory(method)
  closed = true
end

local function call(f, ...)
  if not closed then make_state() end
  local result = f(state, ...)
  check_memory(before, memory(method))
  return result
end

local function is_tensor(x)
  return plain_type(x) == "userdata" and pcall(function() return x.rows end)
end

-- Returns name, layer, tensor, name, layer, tensor, ...
local function update(kind, layer)
  local moves = call(kind == "start" and method.start or method.update[kind], layer)
  local list = {}
  if moves == nil then return end
  if plain_type(moves) ~= "table" then
    fail("it returned a %s. Return a table of new values: { %s = value }", plain_type(moves),
         #kind == 1 and kind or "W")
  end
  for name, x in ordered_pairs(moves) do
    if is_tensor(x) then
      x = { [layer] = x }
    elseif plain_type(x) ~= "table" then
      fail("it returned %s as a %s, which must be a tensor", plain_string(name), plain_type(x))
    end
    for l, value in ordered_pairs(x) do
      if math.type(l) ~= "integer" or not is_tensor(value) then
        fail("it returned %s[%s] as a %s, which must be a tensor", plain_string(name), plain_string(l),
             plain_type(value))
      end
      list[#list + 1], list[#list + 2], list[#list + 3] = tostring(name), l, core.settle(value)
    end
  end
  return table.unpack(list)
end

-- Returns field, number (or a list of numbers by layer), ...
local function measure()
  if not method.objective then return end
  local parts = call(method.objective)
  local list = {}
  if plain_type(parts) ~= "table" then
    fail("objective returned a %s. Return a table of parts: { loss = ..., phi = ... }", plain_type(parts))
  end
  for name, value in ordered_pairs(parts) do
    list[#list + 1], list[#list + 2] = plain_string(name), value
  end
  return table.unpack(list)
end

-- Returns name, hat, weight, ... of the proximal term of a block that is declared exact.
local function around(kind, layer)
  if not method.proximal then return end
  local list = {}
  for name, x in ordered_pairs(call(method.proximal, kind, layer) or {}) do
    list[#list + 1], list[#list + 2], list[#list + 3] = plain_string(name), x and core.settle(x[1]), x and x[2] or 0
  end
  return table.unpack(list)
end

return define, update, measure, around
