-- help.lua - what ?name says.
-- The argument is the table that the embedded files share.
local shared = ...
local concat, ipairs, rawget, remove, type, unpack = table.concat, ipairs, rawget, table.remove, type, table.unpack
local globals = _G

local topics = shared.help_names
local by_name, usages, order = {}, {}, {}
local briefs = {} -- of names whose text has no sentence to begin with

-- A paragraph as one line; it is broken at the width at which it is shown.
local function filled(text)
  return (text:gsub("%s*\n%s*", " "))
end

local function add(name, usage, text)
  order[#order + 1] = name
  usages[name] = usage
  by_name[name] = usage .. "\n  " .. text:gsub("\n", "\n  ")
end

for _, topic in ipairs(topics) do
  add(topic[1], topic[2], filled(topic[3]))
end

for _, op in ipairs { { "add", "sum", "+" }, { "sub", "difference", "-" }, { "mul", "product", "*" }, { "div", "quotient", "/" } } do
  local name, what, sign = table.unpack(op)
  for _, shape in ipairs { { "", "t", "with a tensor of the same shape, or a number" },
    { "_row", "row", "with a row, for each row" }, { "_col", "column", "with a column, for each column" } } do
    local method = "tensor:" .. name .. shape[1]
    add(method, ("%s(%s)"):format(method, shape[2]), ("Returns the %s (%s), by element, %s."):format(what, sign, shape[3]))
    add(method .. "_", ("%s_(%s)"):format(method, shape[2]), ("Like %s, but changes the tensor itself, and returns it."):format(name .. shape[1]))
  end
end
for _, op in ipairs { { "pow", "x to the power of y" }, { "minimum", "the smaller of x and y" }, { "maximum", "the larger of x and y" },
  { "lt", "1 where x < y, else 0" }, { "le", "1 where x <= y, else 0" }, { "gt", "1 where x > y, else 0" },
  { "ge", "1 where x >= y, else 0" }, { "eq", "1 where x = y, else 0" }, { "ne", "1 where x and y differ, else 0" } } do
  add("tensor:" .. op[1], ("tensor:%s(y)"):format(op[1]),
    ("Returns %s, by element; y is a tensor of the same shape or a number."):format(op[2]))
end

local function range_text(setting)
  if setting.choices then
    return (setting.kind == "numbers" and "numbers, or " or "one of ") .. concat(setting.choices, ", ")
  elseif setting.kind == "switch" then
    return "true or false"
  end
  return setting.range and "range " .. setting.range or setting.kind
end

local function add_setting(name, setting)
  briefs["settings." .. name] = setting.help
  local symbol = setting.symbol and " (" .. setting.symbol .. ")" or ""
  add("settings." .. name, "setting " .. name .. symbol,
    ("%s; %s\nset %s"):format(setting.help, range_text(setting),
      setting.from == "the start" and "when the run is made only" or "at any time; holds from " .. setting.from .. " on"))
end

-- Adds the help of settings that are not known yet: of methods that were read from files.
local known_settings = 0
local function add_settings()
  local names, settings = shared.setting_names()
  for i = known_settings + 1, #names do
    settings = settings or shared.settings()
    add_setting(names[i], settings[names[i]])
  end
  known_settings = #names
end
add_settings()
by_name["settings.rho_schedule"] = by_name["settings.rho_schedule"] .. ".\n  " .. filled([[
"geometric" grows by rho_growth up to rho_max; "constant" stays; "anneal" raises rho from batch to batch over the run's
length; "1:1,20:5" is 5 from iteration 20 on, and the other forms of ?settings.schedule are possible, too, such as
"linear:1..5"; rho = "linear:1..5" is the same.
"function" means that rho = function(k, rho, m) ... end returns rho of iteration k, given the current rho and
the last record m (nil before the first). At most rho_max is used. Setting rho to a number ends it. If the function
fails, the run pauses: run:start() calls it again, run.rho = 1 goes on without it.]])
by_name["settings.schedule"] = by_name["settings.schedule"] .. ".\n  " .. filled([[
A list of NAME=FORM, such as "delta=cosine:0.3..0.01 lr=linear:0.001..0.1:1..5". Forms of iteration k: "1:0.3,20:0.1" has
the value 0.3 from iteration 1 on and 0.1 from iteration 20 on; "linear:A..B", "cosine:A..B" and "geometric:A..B" (by the
same factor every iteration) go from A at iteration 1 to B at the last one, which is the setting length; "anneal:A..B"
keeps A for 30 % of the way and is then linear. "linear:A..B:1..5" does so between iterations 1 and 5, as for a warm-up.
delta = "cosine:0.3..0.01" adds such an item, delta = 0.3 removes it, and "none" removes all. delta = function(k, value, m)
... end returns the value of iteration k, given the current one and the last record m (nil before the first). A form of
rho is in rho_schedule.]])
for _, field in ipairs(shared.metrics()) do
  add("record." .. field.name, "record." .. field.name, field.help)
  briefs["record." .. field.name] = field.help
end

local prefixes = { "ip.", "run:", "run.", "settings.", "record.", "network:", "network.", "dataset:", "dataset.", "tensor:", "tensor.", "view." }
local groups = { ip = true, run = true, network = true, dataset = true, tensor = true, record = true, settings = true,
  history = true, figure = true }

local overview = [[
ip.run{ data = "digits" }      makes a run
run:step(10)                   trains for ten iterations
run:step_block()               updates one block
run:start()  run:pause()       trains in the background, and pauses
run:set{ delta = 0.3 }         changes settings, also while the run trains
run:last()  run.metrics        what was measured
run:save("w.safetensors")      writes the weights
?ip ?run ?network ?dataset ?tensor ?record ?settings list what there is; ?run:step explains one.]]

local function first_sentence(text)
  local body = text:match("\n%s*([^\n]*)")
  return body:match("^(.-%.) ") or body
end

-- One line on a name: its usage and its first sentence. nil if there is no help on it.
function shared.brief(name)
  local usage = usages[name]
  if not usage then
    return nil
  end
  if usage:match("^setting ") then
    return by_name[name]:match("\n%s*([^\n]*)")
  end
  local sentence = first_sentence(by_name[name])
  return usage == name and sentence or usage .. "  " .. sentence
end

local function group_text(group)
  local lines = {}
  for _, name in ipairs(order) do
    if name:match("^(%a+)[.:]") == group then
      lines[#lines + 1] = ("%-22s  %s"):format(name:gsub("^settings%.", ""):gsub("^record%.", ""), briefs[name] or first_sentence(by_name[name]))
    end
  end
  return concat(lines, "\n")
end

-- Words of the screen, without blanks, case and signs, and what they stand for.
local aliases, on_screen = {}, {}

local function folded(name)
  return (name:lower():gsub("½ρ", ""):gsub("rho/2", ""):gsub("[%s_|]", ""))
end

function shared.alias(names, what)
  for _, name in ipairs(names) do
    aliases[folded(name)] = what
    on_screen[#on_screen + 1] = name
  end
end

-- The help on words of the screen, or nil, without the topics in `but`. A number at the end is that of a layer: W2, lin 1.
local function alias_text(name, but)
  local what = aliases[folded(name)] or aliases[folded((name:gsub("%s*%d+$", "")))]
  if not what and name:find("before$") then
    what = aliases.before
  end
  if what and what.text then
    return what.title .. "\n  " .. what.text
  end
  local found = {}
  for _, topic in ipairs(what and what.topics or {}) do
    if not but[by_name[topic]] then
      found[#found + 1] = by_name[topic]
    end
  end
  return found[1] and concat(found, "\n")
end

local function name_of(value)
  local classes = shared.classes
  for name, f in next, shared.ip do
    if rawequal(f, value) then
      return "ip." .. name
    end
  end
  for class, meta in next, classes do
    for name, f in next, rawget(meta, "__methods") or {} do
      if rawequal(f, value) then
        return class .. ":" .. name
      end
    end
  end
end

-- The names of all topics without their prefixes: "step", "delta".
local function short_names()
  local names = {}
  for i, name in ipairs(order) do
    names[i] = name:match("[^.:]*$")
  end
  return names
end

-- The first topic that a name stands for.
local function topic_of(name)
  for _, prefix in ipairs { "", unpack(prefixes) } do
    if by_name[prefix .. name] then
      return prefix .. name
    end
  end
end

-- The text of a function that was typed at the prompt, "M.f" or "M:f", or nil.
local function typed_text(name)
  local value = globals
  for part in name:gmatch("[^.:]+") do
    value = type(value) == "table" and rawget(value, part) or nil
  end
  return type(value) == "function" and shared.function_text(value)
end

-- The text that ??name shows: the function that was typed under this name, or the help and the topics that mention it.
local function detailed(name)
  name = name:gsub("%s", "")
  local text, topic = typed_text(name), topic_of(name)
  if text then
    return name .. " = " .. text
  end
  local short, related = name:match("([%w_]+)$"), {}
  local word = short and ("%f[%w_]" .. short .. "%f[^%w_]")
  for _, other in ipairs(topic and word and order or {}) do
    if other ~= topic and by_name[other]:find(word) then
      related[#related + 1] = ("  %-22s  %s"):format(other, briefs[other] or first_sentence(by_name[other]))
    end
  end
  return shared.help(name) .. (related[1] and "\nmentioned in:\n" .. concat(related, "\n") or "")
end

-- The help on a name ("run:step", "step", "delta"), or on a function. "?name" asks for more.
function shared.help(name)
  add_settings()
  if type(name) == "string" and name:find("^%s*%?%s*%S") then
    return detailed(name:match("^%s*%?(.*)"))
  end
  if type(name) == "function" then
    name = name_of(name) or "(a function)"
  elseif name ~= nil and type(name) ~= "string" then
    name = "run"
  end
  local words = (name or ""):gsub("^%s+", ""):gsub("%s+$", "")
  name = words:gsub("%s", ""):gsub("%(.*$", ""):gsub("{.*$", "")
  if name == "" and words == "" then
    return overview
  end
  local found, said = { by_name[name] }, {}
  for _, prefix in ipairs(found[1] and {} or prefixes) do
    found[#found + 1] = by_name[prefix .. name]
  end
  if groups[name] and not by_name[name] then
    found[#found + 1] = group_text(name)
  end
  for _, text in ipairs(found) do
    said[text] = true
  end
  found[#found + 1] = alias_text(words, said)
  if #found == 0 and name:find("[.:]") then
    -- "other:step": the name of a run is the user's own.
    return shared.help((name:match("[^.:]*$")))
  elseif #found == 0 then
    local names = short_names()
    table.move(on_screen, 1, #on_screen, #names + 1, names)
    return shared.unknown(words, table.move(order, 1, #order, #names + 1, names), "help topic",
      "? alone shows where to begin, ??NAME what mentions it.")
  end
  return concat(found, "\n")
end

for _, command in ipairs(shared.commands) do
  add(":" .. command.name, (":%s %s"):format(command.name, command.arguments):gsub(" $", ""),
    command.help:gsub("^%l", string.upper) .. ".")
end

-- The help on a name as it stands in a line, "run:step(", or nil. For the help key.
function shared.known_help(name)
  local text = shared.help(name)
  return not text:find("^unknown help topic ") and text or nil
end

-- Adds help on views ("view.order"), whose names are kept in shared.views, and on keys. A key that several panes have gets a
-- paragraph for each.
function shared.add_topic(name, usage, text)
  local before = by_name[name]
  if before then
    by_name[name] = before .. "\n" .. usage .. "\n  " .. text:gsub("\n", "\n  ")
  else
    add(name, usage, text)
  end
  if name:match("^view%.") then
    shared.views[#shared.views + 1] = name:sub(6)
  end
end

function shared.drop_topics(usage)
  for i = #order, 1, -1 do
    local name = order[i]
    if usages[name]:sub(1, #usage) == usage then
      remove(order, i)
      by_name[name], usages[name] = nil, nil
    end
  end
end

shared.topics, shared.views = order, {}
