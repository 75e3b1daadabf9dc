-- complete.lua - the completions that Tab offers. Runs no code of the user's: raw access only.
-- The argument is the table that the embedded files share.
local shared = ...
local getmetatable, next, rawget, type = debug.getmetatable, next, rawget, type
local ipairs, pcall, sort = ipairs, pcall, table.sort
local globals = _G

local keywords = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }

local settings = shared.settings()
local setting_names = shared.setting_names()
local record_names = {}
for i, field in ipairs(shared.metrics()) do
  record_names[i] = field.name
end

-- The names in the fields of a run that are tables.
local run_fields = {
  settings = setting_names,
  place = { "iteration", "batch", "batches", "sweep", "block", "text" },
}

local function keys(list)
  local set = {}
  for _, key in ipairs(list) do
    set[key] = true
  end
  return set
end

local at_start = { "data", "net", "layers", "name", "rho" }
local live = { "rho" }
local in_sweep = { "rho" }
for _, name in ipairs(setting_names) do
  in_sweep[#in_sweep + 1] = name
end
for name in pairs(shared.sweep_plan.own) do
  in_sweep[#in_sweep + 1] = name ~= "command" and name or nil
end
for _, name in ipairs(setting_names) do
  at_start[#at_start + 1] = name
  if settings[name].from ~= "the start" then
    live[#live + 1] = name
  end
end

-- Adds the settings of methods that were read from files since the last completion.
local function add_own_settings()
  local names = shared.setting_names()
  for i = #setting_names + 1, #names do
    local name = names[i]
    settings[name] = shared.settings()[name]
    setting_names[i], at_start[#at_start + 1], live[#live + 1], in_sweep[#in_sweep + 1] = name, name, name, name
  end
end

-- The note on a preset.
local function about_preset(name)
  local preset = shared.ip.presets()[name]
  return preset and preset.summary
end

local function values_of(key)
  local setting = settings[key]
  if key == "data" then
    return shared.datasets
  elseif key == "activation" then
    return shared.activations()
  elseif key == "loss" then
    return shared.losses()
  end
  return setting and setting.choices
end

local function block_names(depth)
  local names = {}
  for l = 1, depth do
    names[#names + 1] = "z" .. l
    names[#names + 1] = "W" .. l
    if l < depth then
      names[#names + 1] = "a" .. l
    end
  end
  return names
end

-- The runs that a call can take: names of runs of the session ("memory"), and names or numbers of runs of the history,
-- newest first, with a note on each. Of a long history, the newest 200 runs.
local list_runs, living = shared.ip.runs, shared.ip.living
local takes_runs = { ["ip.resume"] = "history", ["ip.history"] = "history", ["ip.living"] = "memory",
  ["ip.overlay"] = "both", ["ip.compare"] = "both" }

local function runs_for(what, numbers)
  local names, notes = {}, {}
  local function take(name, note)
    if name ~= "" and not notes[name] then
      names[#names + 1], notes[name] = name, note
    end
  end
  for _, run in ipairs(what ~= "history" and not numbers and living() or {}) do
    take(run.name, "open, iteration " .. run.iteration)
  end
  for _, run in ipairs(what ~= "memory" and list_runs { limit = 200 } or {}) do
    take(numbers and tostring(run.id) or run.name, run.text)
  end
  if what == "history" and not numbers then
    take("last", "the newest run of the history")
  end
  return names, function(name) return notes[name] end
end

-- Layouts and views, where there is a screen.
local function layout_names()
  local layout = rawget(shared.ip, "layout")
  local info = type(layout) == "function" and debug.getinfo(layout, "S")
  return info and info.what == "C" and layout() or {}
end

local themes = { "auto", "dark", "light", "contrast", "none" }

-- Reads the text up to the point. Returns the innermost open bracket, the quote of an open string and its place, and all open
-- brackets; nil within a comment.
local function scan(text)
  local stack, i, quote, quote_at = { { start = 1 } }, 1, nil, nil
  while i <= #text do
    local c = text:sub(i, i)
    if quote then
      if c == "\\" then
        i = i + 1
      elseif c == quote then
        quote = nil
      end
    elseif c == '"' or c == "'" then
      quote, quote_at = c, i
    elseif c == "-" and text:sub(i, i + 1) == "--" then
      return nil
    elseif c == "(" or c == "{" or c == "[" then
      local before = text:sub(1, i - 1)
      stack[#stack + 1] = {
        bracket = c,
        start = i + 1,
        key = before:match("([%a_][%w_]*)%s*=%s*$"),
        callee = before:match("([%a_][%w_.:]*)%s*$") or (before:match("%(%s*$") and stack[#stack].callee),
        outer = stack[#stack].callee,
      }
    elseif (c == ")" or c == "}" or c == "]") and #stack > 1 then
      stack[#stack] = nil
    elseif c == "," or c == ";" then
      stack[#stack].start = i + 1
    end
    i = i + 1
  end
  return stack[#stack], quote, quote_at, stack
end

-- The names of the list that begin with prefix, between front and suffix. topic: the prefix of the names in the help.
local function matching(list, prefix, suffix, front, topic)
  local found, seen = { topic = topic }, {}
  for _, name in ipairs(list or {}) do
    if name:sub(1, #prefix) == prefix and not seen[name] then
      seen[name] = true
      found[#found + 1] = (front or "") .. name .. (suffix or "")
    end
  end
  sort(found)
  return found
end

-- Files below the folder that the text names so far; folders stay open for more.
local function paths(partial, quote)
  local found = {}
  for i, path in ipairs(shared.paths(partial)) do
    found[i] = path:match("/$") and path or path .. quote
  end
  sort(found)
  return found, #partial
end

local function raw_field(value, name)
  local found
  if type(value) == "table" then
    found = rawget(value, name)
  end
  local meta = getmetatable(value)
  local index = type(meta) == "table" and rawget(meta, "__index")
  if found == nil and type(index) == "table" then
    found = rawget(index, name)
  end
  return found
end

-- a.b.c with raw access: the value, or the list of names of a run's field.
local function resolve(chain)
  local value, class
  for name in chain:gmatch("[%a_][%w_]*") do
    if value == nil and class == nil then
      value = rawget(globals, name)
      if value == nil then
        return nil
      end
      class = false
    elseif type(value) == "userdata" then
      local meta = getmetatable(value)
      return nil, rawequal(meta, shared.classes.run) and run_fields[name] or nil
    else
      value = raw_field(value, name)
      if value == nil then
        return nil
      end
    end
  end
  return value
end

-- The setting that the text before a value assigns: "run.delta = " names delta; nil if it is none.
local function assigned(item)
  local chain, key = item:match("([%a_][%w_.]*)%.([%a_][%w_]*)%s*=%s*$")
  local value = chain and resolve(chain)
  return value ~= nil and rawequal(getmetatable(value), shared.classes.run) and settings[key] and key or nil
end

local function in_string(text, frame, quote, quote_at, depth, stack)
  local partial, item = text:sub(quote_at + 1), text:sub(frame.start, quote_at - 1)
  local key, list, topic = item:match("^%s*([%a_][%w_]*)%s*=%s*$"), nil, nil
  local callee, alone = frame.callee or "", item:match("^%s*$") -- alone: nothing before the string
  key = key or (frame.bracket == nil and assigned(item)) or nil
  if key then
    list = values_of(key)
  elseif alone and frame.bracket == "{" and frame.key == "order" then
    list = block_names(depth)
  elseif alone and callee:match("dataset$") then
    list = shared.datasets
  elseif alone and callee:match(":switch$") then
    list = settings.method.choices
  elseif alone and callee:match(":on$") then
    list = shared.events
  elseif alone and callee:match("help$") then
    list, topic = shared.topics, ""
  elseif alone and takes_runs[callee] then
    local names, note = runs_for(takes_runs[callee])
    local found = matching(names, partial, quote)
    found.note = note
    return found, #partial
  elseif alone and callee:match("^ip%.layout$") and frame.bracket == "(" then
    list = layout_names()
  elseif alone and stack[2] and stack[2].callee == "ip.layout" then
    list, topic = shared.views, "view."
  elseif alone and callee:match("^ip%.theme$") then
    list = themes
  end
  local found = matching(list, partial, quote, nil, topic)
  if #found == 0 and (not list or list == shared.datasets) then
    return paths(partial, quote)
  end
  found.note = key == "preset" and about_preset or nil
  return found, #partial
end

-- The names that can stand before "=" in this bracket.
local function keys_here(frame)
  local callee = frame.callee or ""
  if frame.bracket ~= "{" then
    return nil
  elseif frame.key == "rho" then
    return { "init", "growth", "max", "schedule" }
  elseif frame.key then
    return nil
  elseif callee:match(":set$") or (frame.outer or ""):match(":switch$") then
    return live
  elseif callee:match("^ip%.run$") or callee:match("%.run$") then
    return at_start
  elseif callee:match("^ip%.sweep$") then
    return in_sweep
  elseif callee:match("network$") then
    return { "activation", "loss" }
  elseif (frame.outer or ""):match("dataset$") then
    return { "train", "validation", "test", "held_out", "seed" }
  end
end

local function add_keys(to, value)
  for key, element in next, value do
    if type(key) == "string" and key:match("^[%a_][%w_]*$") then
      to[#to + 1] = type(element) == "function" and key .. "(" or key
    end
  end
end

-- The prefix of a value's members in the help, such as "run:"; nil for tables of the user's.
local function topic_of(value, separator)
  if rawequal(value, shared.ip) then
    return "ip."
  elseif type(value) == "userdata" then
    local meta = getmetatable(value)
    for name, class in next, shared.classes do
      if rawequal(class, meta) then
        return name .. separator
      end
    end
  end
end

-- The names of the value's fields; with ":", those of its methods.
local function members(value, separator)
  local names, meta = {}, getmetatable(value)
  if type(meta) ~= "table" then
    meta = {}
  end
  local methods, fields = rawget(meta, "__methods"), rawget(meta, "__fields")
  if type(value) == "userdata" and type(methods) == "table" then
    if separator == ":" then
      add_keys(names, methods)
    else
      for name in next, fields do
        names[#names + 1] = name
      end
    end
    return names
  end
  if type(value) == "table" then
    add_keys(names, value)
  end
  local index = rawget(meta, "__index")
  if type(index) == "table" then
    add_keys(names, index)
  end
  return names
end

local function plain(text)
  -- The value of a call or an index is known only if it is a record.
  if text:match("last%(%s*%)%.[%w_]*$") or text:match("metrics%s*%b[]%.[%w_]*$") then
    local partial = text:match("[%w_]*$")
    return matching(record_names, partial, nil, nil, "record."), #partial
  end
  local word = text:match("[%a_][%w_.:]*$") or ""
  if #word < #text and text:sub(-#word - 1, -#word - 1):match("[%w_.:%)%]]") and word ~= "" then
    return {}, 0
  end
  local chain, separator, partial = word:match("^(.*)([.:])([%w_]*)$")
  if not chain then
    if word == "" and text:match("[%w_%)%]\"'.:]%s*$") then
      return {}, 0
    end
    local names = {}
    add_keys(names, globals)
    for _, keyword in ipairs(keywords) do
      names[#names + 1] = keyword
    end
    return matching(names, word, nil, nil, ""), #word
  end
  local value, names = resolve(chain)
  local topic = names == setting_names and "settings." or value ~= nil and topic_of(value, separator) or nil
  return matching(names or (value ~= nil and members(value, separator) or {}), partial, nil, nil, topic), #partial
end

-- "step" or "delta" for "run:step", "settings.delta".
local function topics_for(name)
  local found = matching(shared.topics, name, nil, nil, "")
  if #found == 0 then
    local full = {}
    for _, topic in ipairs(shared.topics) do
      local short = topic:match("^%a+[.:]([%w_]+)$")
      if short and short:sub(1, #name) == name and not full[short] then
        full[short] = topic
        found[#found + 1] = short
      end
    end
    sort(found)
    found.note = function(short) return shared.brief(full[short]) end
  end
  return found, #name
end

-- What :chart can draw: fields of records that are numbers, and the metrics of the run.
local function chart_names(partial)
  local names, run = {}, rawget(globals, "run")
  if rawequal(getmetatable(run), shared.classes.run) then
    local ok, metrics = pcall(shared.recorded_metrics, run)
    names = ok and metrics or names
  end
  for _, field in ipairs(shared.metrics()) do
    names[#names + 1] = field.kind ~= "string" and field.name or nil
  end
  return matching(names, partial, " ", nil, "record."), #partial
end

-- ":re", ":record again", ":help run"
local function of_command(text)
  local partial = text:match("^%s*:(%a*)$")
  if partial then
    local found = { note = function(name)
      for _, command in ipairs(shared.commands) do
        if command.name == name then
          return (":%s %s  %s"):format(name, command.arguments, command.help)
        end
      end
    end }
    for _, command in ipairs(shared.commands) do
      if command.name:sub(1, #partial) == partial then
        found[#found + 1] = command.name .. (command.arguments ~= "" and " " or "")
      end
    end
    return found, #partial
  end
  local name, rest = text:match("^%s*:(%a+)%s+(.*)$")
  if name == "help" then
    return topics_for(rest)
  elseif name == "set" and rest:match("^[%w_]*$") then
    return matching(live, rest, " ", nil, "settings."), #rest
  elseif name == "set" then
    local key, value = rest:match("^([%w_]+)%s*=?%s*(%w*)$")
    return matching(key and values_of(key), value or ""), #(value or "")
  elseif name == "chart" then
    return chart_names(rest:match("[^%s,]*$"))
  elseif name == "layout" then
    return matching(layout_names(), rest), #rest
  elseif name == "record" or name == "source" then
    return paths(rest, "")
  end
  return {}, 0
end

local function numbers_of_runs(frame, partial)
  local names, note = runs_for(takes_runs[frame.callee], true)
  local found = matching(names, partial)
  found.note = note
  return found, #partial
end

local function complete(text, depth)
  local topic = text:match("^%s*%?%??%s*(%S*)$")
  if topic then
    return topics_for(topic)
  elseif text:match("^%s*:%a*$") or text:match("^%s*:%a+%s") then
    return of_command(text)
  end
  local frame, quote, quote_at, stack = scan(text)
  if not frame then
    return {}, 0
  elseif quote then
    return in_string(text, frame, quote, quote_at, depth, stack)
  end
  local partial = text:match("[%a_][%w_]*$") or ""
  local item = text:sub(frame.start, #text - #partial)
  local numbered = item:match("^%s*$") and text:match("(%d*)$")
  if numbered and partial == "" and takes_runs[frame.callee] and takes_runs[frame.callee] ~= "memory" then
    return numbers_of_runs(frame, numbered)
  end
  local here = keys_here(frame)
  if here and item:match("^%s*$") then
    local found = matching(here, partial, " = ", nil, "settings.")
    if #found > 0 then
      return found, #partial
    end
  end
  local key = item:match("^%s*([%a_][%w_]*)%s*=%s*$")
  key = here and keys(here)[key] and key or (frame.bracket == nil and assigned(item)) or nil
  if key then
    local found = matching(values_of(key), partial, '"', '"')
    found.note = key == "preset" and about_preset or nil
    if settings[key] and settings[key].kind == "switch" then
      found = matching({ "true", "false" }, partial)
    end
    if #found > 0 or (partial == "" and settings[key]) then
      return found, #partial -- a number is typed; a variable, after its first letter
    end
  end
  return plain(text)
end

-- Completions of the end of text: a list of words, how many bytes they replace, and a line of help on each, or "".
function shared.complete(text, depth)
  add_own_settings()
  local found, replaced = complete(text, depth)
  local notes, topic = {}, found.topic
  for i, word in ipairs(found) do
    local name = word:gsub("^[\"']", ""):gsub("[\"'(].*$", ""):gsub(" =? ?$", "")
    notes[i] = found.note and (found.note(name) or found.note(word)) or topic and shared.brief(topic .. name) or ""
  end
  return found, replaced, notes
end

-- The name in the help of the function before a bracket: "run:set", also for other:set.
local function callee_topic(callee)
  if shared.brief(callee) then
    return callee
  end
  local chain, separator, name = callee:match("^(.*)([.:])([%w_]+)$")
  if not chain then
    return nil
  end
  local value = resolve(chain)
  local topic = value ~= nil and topic_of(value, separator)
  if topic and shared.brief(topic .. name) then
    return topic .. name
  elseif value == nil and separator == ":" then
    for _, class in ipairs { "run", "network", "dataset", "tensor" } do
      if shared.brief(class .. ":" .. name) then
        return class .. ":" .. name
      end
    end
  end
end

-- One line of help at the end of text: on the setting that is being given, else on the innermost call that is open and
-- known to the help; nil if there is none.
function shared.signature(text)
  if #text > 4000 or text:match("^%s*[?:]") then
    return nil
  end
  local frame, _, _, stack = scan(text)
  if not frame then
    return nil
  end
  local key = keys_here(frame) and text:sub(frame.start):match("^%s*([%a_][%w_]*)%s*=")
  local setting = key and shared.brief("settings." .. key)
  if setting then
    return key .. "  " .. setting
  end
  for i = #stack, 2, -1 do
    local topic = stack[i].callee and callee_topic(stack[i].callee)
    if topic then
      return shared.brief(topic)
    end
  end
end
