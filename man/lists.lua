-- lists.lua - makes a page from its template: ipdlam run lists.lua TEMPLATE IPDLAM writes it to standard output.
-- A line @list GROUP ...@ becomes a list of the names in these groups with their help (?name). The lines from
-- @options COMMAND, ...@ or @settings COMMAND@ to @end@ become the list of options that --help shows; the lines after
-- @--name@ among them are added to that option.

-- A line of text as mdoc: nothing in it is a macro or an escape.
local function literal(text)
  return (text:gsub("\\", "\\e"):gsub("^[.']", "\\&%0"):gsub("%^", "\\(ha"):gsub("`", "\\(ga"))
end

-- An argument of a macro: quotes would end it.
local function argument(text)
  return (literal(text):gsub('"', "\\(dq"))
end

-- One sentence per line, with references to other pages as .Xr.
local function paragraph(text)
  local lines = {}
  for sentence in (text:gsub("([.:]) (%u)", "%1\n%2")):gmatch("[^\n]+") do
    local at = 1
    for before, page, section, mark, after in sentence:gmatch("()(ipdlam[%w-]*)%((%d)%)([.,;:]?)()") do
      local words = sentence:sub(at, before - 1):gsub("%s+$", "")
      if words ~= "" then
        lines[#lines + 1] = literal(words)
      end
      lines[#lines + 1] = (".Xr %s %s %s"):format(page, section, mark):gsub(" $", "")
      at = after
    end
    local words = sentence:sub(at):gsub("^%s+", "")
    if words ~= "" then
      lines[#lines + 1] = literal(words)
    end
  end
  return table.concat(lines, "\n")
end

-- The names that the help on a group lists; a name that is no group is returned alone.
local function names_of(group)
  local names = {}
  for line in ip.help(group):gmatch("[^\n]+") do
    local name = line:match("^([%w_.:]+)  ")
    if name then
      names[#names + 1] = (group == "settings" or group == "record") and group .. "." .. name or name
    end
  end
  return #names > 0 and names or { group }
end

-- A first letter as a capital, unless it begins a name: "relaxed_am: step of b", "linear_gap of each layer", "gc: ...".
local function capital(text)
  local name = text:match("^[%l_]+: ") or text:match("^%l+_")
  return name and text or (text:gsub("^%l", string.upper))
end

local function item(name)
  local usage, text = ip.help(name):match("^([^\n]*)\n%s*(.*)$")
  usage = usage:gsub("^setting (%S+).*$", "%1"):gsub("^record%.", "")
  text = capital(text:gsub("\n%s*set ", ".\nSet "):gsub("\n%s*", "\n")):gsub("([^.])$", "%1.")
  return ".It Ic " .. argument(usage) .. "\n" .. paragraph(text)
end

-- The rows of a command's --help in their order: `which` is "options" or "settings".
local function options_of(command, which)
  local part, rows = "options", {}
  local help = assert(io.popen(("LC_ALL=C.UTF-8 %s help %s"):format(arg[2], command)))
  for line in help:lines() do
    local option, text = line:match("^  (%-%-%S.-)  +(%S.*)$")
    option = option or line:match("^  (%-%-%S.*)$")
    if line:match("^Settings") then
      part = "settings"
    elseif option and part == which then
      rows[#rows + 1] = { option = option, text = text, name = option:match("^%-%-([%w-]+)") }
    elseif #rows > 0 and not rows[#rows].text then -- a long option has a line of its own
      rows[#rows].text = line:match("^%s+(.*)$")
    end
  end
  assert(help:close() and #rows > 0, command .. ": no options")
  return rows
end

-- An option as an item of mdoc, "--init FILE" or "--audit, --no-audit", and its help; letters beyond ASCII as escapes.
local function option_item(row)
  local head = {}
  for name, value in row.option:gmatch("%-%-([%w-]+) ?([^,%s]*[^%s]*)") do
    head[#head + 1] = "Fl -" .. name .. (value:match("^[^,]") and " Ar " .. value or "")
  end
  local text = capital(row.text):gsub("[\xC2-\xF4][\x80-\xBF]*", function(letter)
    return ("\\[u%04X]"):format(utf8.codepoint(letter))
  end)
  return ".It " .. table.concat(head, " , ") .. "\n" .. text .. "."
end

-- The list of options of these commands, each option once.
local function print_options(which, commands, more)
  local seen = {}
  print(".Bl -tag -width Ds")
  for command in commands:gmatch("[^,]+") do
    for _, row in ipairs(options_of(command, which)) do
      local name = row.name
      if not seen[name] and name ~= "help" then
        print(option_item(row))
        if more[name] then
          print((more[name]:gsub("\n$", "")))
        end
      end
      seen[name] = true
    end
  end
  if which == "options" then
    print(".It Fl h , Fl -help\nShow the options.")
  end
  print(".El")
  for name in pairs(more) do
    assert(seen[name], arg[1] .. ": the program has no option --" .. name)
  end
end

local which, commands, more, name -- of the list that is being read
for line in io.lines(arg[1]) do
  local groups = line:match("^@list (.*)@$")
  if which and line == "@end@" then
    print_options(which, commands, more)
    which = nil
  elseif which and line:match("^@%-%-") then
    name = line:match("^@%-%-(.*)@$")
    more[name] = ""
  elseif which then
    more[name] = more[name] .. line .. "\n"
  elseif line:match("^@[os]%w+ .*@$") then
    which, commands = line:match("^@(%w+) (.*)@$")
    more = {}
  elseif groups then
    print(".Bl -tag -width Ds")
    for group in groups:gmatch("%S+") do
      for _, one in ipairs(names_of(group)) do
        print(item(one))
      end
    end
    print(".El")
  else
    print(line)
  end
end
