-- lists.lua - makes ipdlam-lua(7) from its template: ipdlam run lists.lua TEMPLATE writes the page to standard output.
-- A line @list GROUP ...@ becomes a list of the names of these groups with what ?name says of each.

-- A line of text as mdoc: nothing in it is a macro or an escape.
local function literal(text)
  return (text:gsub("\\", "\\e"):gsub("^[.']", "\\&%0"):gsub("%^", "\\(ha"):gsub("`", "\\(ga"))
end

-- An argument of a macro: quotes would end it.
local function argument(text)
  return (literal(text):gsub('"', "\\(dq"))
end

-- A sentence a line, with references to other pages as such.
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

-- The names of a group, which the help on the group lists, one a line; a name of its own is itself.
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

local function item(name)
  local usage, text = ip.help(name):match("^([^\n]*)\n%s*(.*)$")
  usage = usage:gsub("^setting (%S+).*$", "%1"):gsub("^record%.", "")
  text = text:gsub("\n%s*set ", ".\nSet "):gsub("\n%s*", "\n"):gsub("^%l", string.upper):gsub("([^.])$", "%1.")
  return ".It Ic " .. argument(usage) .. "\n" .. paragraph(text)
end

for line in io.lines(arg[1]) do
  local groups = line:match("^@list (.*)@$")
  if groups then
    print(".Bl -tag -width Ds")
    for group in groups:gmatch("%S+") do
      for _, name in ipairs(names_of(group)) do
        print(item(name))
      end
    end
    print(".El")
  else
    print(line)
  end
end
