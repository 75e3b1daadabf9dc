-- watch.lua - watch expressions and breakpoints, for the view "watch" at each stop of the run.
-- The argument is the table that the embedded files share.
local shared = ...
local concat, format, ipairs, pcall = table.concat, string.format, ipairs, pcall
local getinfo, load, tostring, type = debug.getinfo, load, tostring, type

local inputs = {} -- number -> the text of an input with functions; name -> the text of a function kept from the last session
local conditions = setmetatable({}, { __mode = "k" }) -- function -> the text that it was made from
local watches = {}        -- { text =, f = }

function shared.keep_input(number, text)
  inputs[number] = text:find("function", 1, true) and text or nil
end

-- The input that a chunk name stands for, "=prompt[3]", or nil.
function shared.input(source)
  local name = source:match("^=prompt%[(.+)%]$")
  return inputs[tonumber(name) or name]
end

local function one_line(text)
  return (tostring(text):gsub("%s+", " "):gsub("^ ", ""))
end

-- The text of a function that was typed or given as text; else its place.
local function source_of(f)
  if conditions[f] then
    return conditions[f]
  end
  local at = getinfo(f, "S")
  local text = shared.input(at.source)
  if not text then
    return at.short_src .. ":" .. at.linedefined
  end
  local lines, n = {}, 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    if n >= at.linedefined and n <= at.lastlinedefined then
      lines[#lines + 1] = line
    end
  end
  return one_line(concat(lines, " "))
end

local function compile(text, parameters)
  local made, why = load(format("return function(%s) return %s end", parameters, text), "=" .. one_line(text):sub(1, 40), "t")
  if not made then
    error(why, 3)
  end
  return made()
end

-- The function of a condition, run:break_at("m.phi < 10").
function shared.condition(text)
  local f = compile(text, "m, block, place")
  conditions[f] = one_line(text)
  return f
end

local function evaluate(f)
  local ok, value = pcall(f)
  if not ok then
    return one_line("error: " .. tostring(value))
  end
  return one_line(math.type(value) == "float" and format("%.7g", value) or shared.pretty(value)), value
end

-- Evaluates all and passes the rows to the screen. Returns { { expression =, value = }, ... }.
local function refresh(show)
  local rows, values = {}, {}
  for i, w in ipairs(watches) do
    local text, value = evaluate(w.f)
    rows[#rows + 1] = format("w\t%d\t%s\t%s", i, one_line(w.text), text)
    values[i] = { expression = w.text, value = value }
  end
  local run = rawget(_G, "run")
  if shared.classes.run == debug.getmetatable(run) then
    local on = shared.breaks_on(run)
    for i, f in ipairs(run.breakpoints) do
      rows[#rows + 1] = format("b\t%d\t%s\t%s", i, on[i] and "on" or "off", source_of(f))
    end
  end
  shared.show_watches(concat(rows, "\n"), show)
  return values
end

-- ip.watch(text) adds an expression; ip.watch() evaluates all.
function shared.ip.watch(text)
  if text == nil then
    return refresh(false)
  elseif type(text) ~= "string" then
    error('watch takes an expression as text: ip.watch("run.W[2]:norm()")', 2)
  end
  watches[#watches + 1] = { text = text, f = compile(text, "") }
  refresh(true)
  return #watches
end

-- ip.unwatch(n) removes one, ip.unwatch() all.
function shared.ip.unwatch(n)
  if n == nil then
    watches = {}
  elseif not watches[n] then
    error(format("there is no watch expression %s", tostring(n)), 2)
  else
    table.remove(watches, n)
  end
  refresh(false)
  return #watches
end
