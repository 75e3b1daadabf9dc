-- kept.lua - globals set at the prompt, as text for `ipdlam --resume last`: plain values, tables of them, and the text of functions.
-- The argument is the table that the embedded files share.
--
-- The text is a list of "=" NAME VALUE, a global, and "-" REASON, one that cannot be kept. Names and reasons are strings.
-- Values: i12; n0x1p-1; T F, s5:bytes, f24:text of a function, { KEY VALUE ... }.
local shared = ...
local concat, format, ipairs, next, pcall = table.concat, string.format, ipairs, next, pcall
local getinfo, getmetatable, getupvalue, dump = debug.getinfo, debug.getmetatable, debug.getupvalue, string.dump
local error, find, load, math_type, rawequal, rawset, select = error, string.find, load, math.type, rawequal, rawset, select
local infinity, sort, sub, token, tonumber, type = math.huge, table.sort, string.sub, shared.token, tonumber, type
local globals = _G

local DEEP <const> = 32          -- tables in tables
local LARGE <const> = 1024 * 1024 -- bytes of one global
local NAMED <const> = 12         -- names and reasons in a message
local first = {}                 -- the globals before the first line

local opens = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }
local closes = { ["end"] = true, ["until"] = true }

-- The functions in a text, inner ones first. Each begins at byte `at` in line `first` and ends at byte `stop` in line `last`;
-- its opening parenthesis is at byte `body` in line `body_line`; is_method: its name has a colon.
local function functions_of(text)
  local found, open, line, at = {}, {}, 1, 1
  local head -- the function whose parenthesis is still to come
  while at <= #text do
    local kind, stop = token(text, at)
    local word = sub(text, at, stop)
    if kind == "keyword" and opens[word] then
      head = word == "function" and { at = at, first = line } or nil
      open[#open + 1] = head or false
    elseif kind == "keyword" and closes[word] then
      local f = open[#open]
      open[#open] = nil
      if f and f.body then
        f.stop, f.last = stop, line
        found[#found + 1] = f
      end
    elseif head and word == ":" then
      head.is_method = true
    elseif head and word == "(" then
      head.body, head.body_line, head = at, line, nil
    end
    line = line + select(2, word:gsub("\n", ""))
    at = stop + 1
  end
  return found
end

-- The text of a function as an expression: without its name, and with the parameter self if its name has a colon.
local function expression_of(text, f)
  local at = f.body + 1
  if not f.is_method then
    return "function" .. sub(text, f.body, f.stop)
  end
  local kind, stop = token(text, at)
  while kind == "space" or kind == "comment" do
    kind, stop = token(text, stop + 1)
  end
  return (sub(text, stop, stop) == ")" and "function(self" or "function(self, ") .. sub(text, at, f.stop)
end

-- Makes a function from its text without running code; nil unless the text is one function and nothing else.
local function make(text, name, line)
  local f = functions_of(text)
  f = f[#f]
  if not f or f.at ~= 1 or f.body ~= 9 or f.stop ~= #text then
    return nil
  end
  local chunk = load(("\n"):rep((line or 1) - 1) .. "return " .. text, format("=prompt[%s]", name), "t")
  return chunk and chunk()
end

-- Whether g, of functions_of, can be the function with this debug information.
local function is_at(g, at)
  return (g.first == at.linedefined or g.body_line == at.linedefined) and g.last == at.lastlinedefined
end

-- The text of a function that was typed; nil and the reason if it cannot be kept.
local function text_of(f)
  local at = getinfo(f, "S")
  if at.what == "C" then
    return nil, "is a built-in function"
  end
  for i = 1, infinity do
    local name, value = getupvalue(f, i)
    if not name then
      break
    elseif name ~= "_ENV" or not rawequal(value, globals) then
      return nil, "uses the local variable " .. name
    end
  end
  local text, found = shared.input(at.source), {}
  if not text then
    return nil, "is from " .. at.short_src
  end
  for _, g in ipairs(functions_of(text)) do
    if is_at(g, at) then
      found[#found + 1] = expression_of(text, g)
    end
  end
  for i = 1, #found do -- several functions on one line differ in their code
    local g = #found > 1 and make(found[i], "", at.linedefined)
    if #found == 1 or (g and dump(g, true) == dump(f, true)) then
      return found[i]
    end
  end
  return nil, "shares its line with other functions"
end

-- The text of a function that was typed, even if it cannot be kept; else nil.
function shared.function_text(f)
  local text = text_of(f)
  local at = getinfo(f, "S")
  local input = not text and at.what ~= "C" and shared.input(at.source)
  for _, g in ipairs(input and functions_of(input) or {}) do
    if is_at(g, at) then
      return sub(input, g.at, g.stop)
    end
  end
  return text
end

local function kind_of(value)
  for name, class in next, shared.classes do
    if rawequal(class, getmetatable(value)) then
      return name
    end
  end
  return type(value) == "thread" and "coroutine" or type(value)
end

local function put(out, text)
  out.size = out.size + #text
  out[#out + 1] = text
end

local function put_string(out, letter, text)
  put(out, format("%s%d:", letter, #text))
  put(out, text)
end

local write

local function write_table(out, value, path, seen, depth)
  if getmetatable(value) ~= nil then
    return "has a metatable"
  elseif seen[value] then
    return "is a table in two places"
  elseif depth == DEEP then
    return "is nested too deep"
  end
  seen[value] = true
  put(out, "{")
  for key, element in next, value do
    local count, size, inner = #out, out.size, path .. "[...]"
    if type(key) == "string" then
      inner = find(key, "^[%a_][%w_]*$") and path .. "." .. key or path .. format("[%q]", key)
    elseif math_type(key) then
      inner = format("%s[%s]", path, key)
    end
    local why = write(out, key, inner, seen, DEEP) or write(out, element, inner, seen, depth + 1)
    if why then
      for i = #out, count + 1, -1 do
        out[i] = nil
      end
      out.size = size
      out.missing[#out.missing + 1] = inner .. " " .. why
    end
  end
  put(out, "}")
end

-- Appends a value. If it cannot be kept, returns the reason, the end of a sentence that begins with its name.
function write(out, value, path, seen, depth)
  local kind, why = type(value), nil
  if math_type(value) == "integer" then
    put(out, format("i%d;", value))
  elseif kind == "number" then
    put(out, format("n%a;", value))
  elseif kind == "boolean" then
    put(out, value and "T" or "F")
  elseif kind == "string" then
    put_string(out, "s", value)
  elseif kind == "table" then
    why = write_table(out, value, path, seen, depth)
  elseif kind == "function" then
    local text
    text, why = text_of(value)
    if text then
      put_string(out, "f", text)
      why = nil
    end
  else
    why = "is a " .. kind_of(value)
  end
  return why or (out.size > LARGE and "is too large")
end

function shared.begin_globals()
  first = {}
  for name, value in next, globals do
    first[name] = value
  end
end

-- The names of the globals that were set since the first line, sorted.
local function names_since()
  local names = {}
  for name, value in next, globals do
    local ours = type(name) == "string" and (find(name, "^_%d*$") or (name == "run" and kind_of(value) == "run"))
    if type(name) == "string" and not ours and not rawequal(first[name], value) then
      names[#names + 1] = name
    end
  end
  sort(names)
  return names
end

-- The number in the history by which the next session resumes the run in a global; nil if it cannot.
local function resumable(name)
  local value, kind, stop = globals[name], token(name, 1)
  if kind_of(value) ~= "run" or kind ~= "name" or stop ~= #name then
    return nil
  end
  local ok, id, parent = pcall(function() return value.id, value.parent end)
  id = ok and (id > 0 and id or (parent and parent.id))
  return id and id > 0 and id or nil -- a closed run has no id
end

function shared.keep_names()
  local lines = {}
  for _, name in ipairs(names_since()) do
    local id = resumable(name)
    lines[#lines + 1] = id and format("named %d %s\n", id, name)
  end
  return concat(lines)
end

-- The globals that were set since the first line, as text; "" if there are none. Without those of keep_names.
function shared.keep_globals()
  local parts = {}
  for _, name in ipairs(names_since()) do
    local out = { size = 0, missing = {} }
    put(out, format("=%d:%s", #name, name))
    local why = write(out, globals[name], name, {}, 0)
    parts[#parts + 1] = not why and concat(out) or nil
    why = not resumable(name) and why
    for _, text in ipairs(why and { name .. " " .. why } or out.missing) do
      parts[#parts + 1] = format("-%d:%s", #text, text)
    end
  end
  return concat(parts)
end

-- Readers: each takes the place to begin at, and returns a value and the place after it. An error means damage.

local function read_string(text, at)
  local from, stop, size = find(text, "^(%d+):", at)
  size = from and tonumber(size)
  if not from or size > #text - stop then
    error("damaged")
  end
  return sub(text, stop + 1, stop + size), stop + size + 1
end

local function read_number(text, at, is_integer)
  local _, stop, digits = find(text, "^([^;]*);", at)
  local number = tonumber(digits)
  if digits and not is_integer and find(digits, "^-?inf$") then
    number = digits == "inf" and infinity or -infinity
  elseif digits and not is_integer and find(digits, "^-?nan$") then
    number = digits == "nan" and -(0 / 0) or 0 / 0
  end
  if not number or (math_type(number) == "integer") ~= is_integer then
    error("damaged")
  end
  return number, stop + 1
end

local function read(text, at, name, depth)
  local letter = sub(text, at, at)
  at = at + 1
  if letter == "i" or letter == "n" then
    return read_number(text, at, letter == "i")
  elseif letter == "T" or letter == "F" then
    return letter == "T", at
  elseif letter == "s" then
    return read_string(text, at)
  elseif letter == "f" then
    local body, rest = read_string(text, at)
    local f = make(body, name)
    if not f then
      error("damaged")
    end
    shared.keep_input(name, body)
    return f, rest
  elseif letter ~= "{" or depth == DEEP then
    error("damaged")
  end
  local made = {}
  while sub(text, at, at) ~= "}" do
    local key, value
    key, at = read(text, at, name, DEEP)
    value, at = read(text, at, type(key) == "string" and name .. "." .. key or name .. "[...]", depth + 1)
    if key ~= key then
      error("damaged")
    end
    made[key] = value
  end
  return made, at + 1
end

local function read_all(text)
  local values, missing, at = {}, {}, 1
  while at <= #text do
    local letter, name = sub(text, at, at), nil
    name, at = read_string(text, at + 1)
    if letter == "=" then
      local value
      value, at = read(text, at, name, 0)
      values[#values + 1] = { name = name, value = value }
    elseif letter == "-" then
      missing[#missing + 1] = name
    else
      error("damaged")
    end
  end
  return values, missing
end

local function listed(items, separator, last)
  local count = #items
  if count > NAMED then
    return concat(items, separator, 1, NAMED) .. format("%s%d more", last, count - NAMED)
  end
  return count == 1 and items[1] or concat(items, separator, 1, count - 1) .. last .. items[count]
end

-- Sets the globals in a text of keep_globals. Returns false, with nothing set, if the text is damaged; else true and two
-- sentences for the user, each or nil: the globals that were set, and those that could not be kept.
function shared.restore_globals(text)
  local ok, values, missing = pcall(read_all, text)
  if not ok then
    return false
  end
  local names = {}
  for i, v in ipairs(values) do
    rawset(globals, v.name, v.value)
    names[i] = v.name
  end
  return true,
    #names > 0 and format("defined again as in the last session: %s", listed(names, ", ", " and ")) or nil,
    #missing > 0 and format("not kept from the last session: %s", listed(missing, "; ", "; and ")) or nil
end
