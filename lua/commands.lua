-- commands.lua - the prompt's few commands that begin with ":". Each stands for a line of Lua, which is shown.
-- The argument is the table that the embedded files share.
local shared = ...
local format, ipairs, tonumber = string.format, ipairs, tonumber

local function quoted(text)
  return (format("%q", text):gsub("\\\n", "\\n"))
end

-- A setting's value as Lua: numbers, true and false, tables and functions as they are, the rest is text.
local function value(text)
  if tonumber(text) or text == "true" or text == "false" or text:match("^[{\"']") or text:match("^function") then
    return text
  end
  return quoted(text)
end

-- Name, argument, help, and a function from the argument to the line of Lua (nil or false: an argument is missing).
local commands = {
  { "break", "CONDITION", "stops the run before a block at which the condition holds: m.phi < 10, block == \"W2\"",
    function(rest) return rest ~= "" and format("run:break_at(%s)", quoted(rest)) end },
  { "chart", "NAME ...", "draws fields of records, or metrics, in the pane of metrics",
    function(rest)
      return format("ip.chart(%s)", (rest:gsub("[^%s,]+", quoted):gsub("[%s,]+", ", ")))
    end },
  { "copy", "", "copies the last output to the clipboard of the terminal", function() return "ip.copy()" end },
  { "describe", "", "describes how the run goes", function() return "ip.describe(run)" end },
  { "explain", "", "explains the block just done: its formula, and the numbers in it", function() return "run:explain()" end },
  { "figure", "FILE", "writes the chart that had the focus last to a file: .svg, .pdf, .png or .txt",
    function(rest) return rest ~= "" and format("ip.chart{ save = %s }", quoted(rest)) end },
  { "help", "NAME", "shows the help on a name; without a name, where to begin",
    function(rest) return rest == "" and "ip.help()" or format("ip.help(%s)", quoted(rest)) end },
  { "layout", "NAME", "shows a layout of the panes; without a name, the layouts there are",
    function(rest) return rest == "" and "ip.layout()" or format("ip.layout(%s)", quoted(rest)) end },
  { "log", "FILE", "appends all output to a file from now on; :log off ends it",
    function(rest)
      return rest ~= "" and (rest == "off" and "ip.log(false)" or format("ip.log(%s)", quoted(rest)))
    end },
  { "quit", "CODE", "leaves the program", function(rest) return format("quit(%s)", rest) end },
  { "record", "FILE", "writes a script that repeats the session",
    function(rest) return rest ~= "" and format("ip.record(%s)", quoted(rest)) end },
  { "reload", "FILE", "goes on with the new text of the run's method, at the next block",
    function(rest) return rest == "" and "run:reload()" or format("run:reload(%s)", quoted(rest)) end },
  { "screen", "FILE", "writes the screen to a file: .svg, .txt or .ans",
    function(rest) return rest ~= "" and format("ip.screen(%s)", quoted(rest)) end },
  { "set", "SETTING VALUE", "changes a setting of the run",
    function(rest)
      local name, text = rest:match("^([%a_][%w_]*)%s*=?%s*(.+)$")
      return name and format("run:set{ %s = %s }", name, value(text))
    end },
  { "source", "FILE", "runs a Lua file",
    function(rest) return rest ~= "" and format("dofile(%s)", quoted(rest)) end },
  { "time", "CODE", "runs a line of Lua and prints how long it took",
    function(rest)
      local code = load("return " .. rest) and "return " .. rest or rest
      return rest ~= "" and format("ip.time(function() %s end)", code)
    end },
  { "unwatch", "N", "removes a watch expression, or all", function(rest) return format("ip.unwatch(%s)", rest) end },
  { "watch", "EXPRESSION", "shows the value of an expression at each stop of the run",
    function(rest) return format("ip.watch(%s)", rest ~= "" and quoted(rest) or "") end },
}

shared.commands = {}
for i, command in ipairs(commands) do
  shared.commands[i] = { name = command[1], arguments = command[2], help = command[3] }
end

-- The line of Lua for a command such as ":record again.lua" (or "%time f()", as in IPython); nil and a message if there is
-- none.
function shared.command(line)
  local name, rest = line:match("^%s*[:%%](%a+)%s*(.-)%s*$")
  local names = {}
  for i, command in ipairs(commands) do
    names[i] = command[1]
    -- The beginning of a name is enough; the first command that fits is used: ":q".
    if name and command[1]:sub(1, #name) == name then
      local lua = command[4](rest)
      if lua then
        return lua
      end
      return nil, format("an argument is missing. Write :%s %s", command[1], command[2])
    end
  end
  return nil, shared.unknown(name or "", names, "command", "Use :" .. table.concat(names, ", :") .. ".")
end
