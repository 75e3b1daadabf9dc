#!/usr/bin/env bash
# The manual pages of Lua: what they name exists and the other way round, and their examples run.
. "$TOP_SRCDIR/tests/cli/tap.sh"
# A page that is written, or one that the build makes.
page() { if [ -e "$TOP_SRCDIR/man/$1" ]; then echo "$TOP_SRCDIR/man/$1"; else echo "$TOP_BUILDDIR/man/$1"; fi; }

# One object of each class.
export OBJECTS=$tmp/objects.lua
cat > "$OBJECTS" << 'END'
local data = ip.dataset("digits", { train = 50, test = 10 })
local run = ip.run { data = data, net = { 784, 5, 10 } }
run:step()
return { history = ip.history(run), run = run, network = run:network(), dataset = data, tensor = run:weights(1),
         figure = ip.figure { series = { { y = { 1 } } } } }, run, data
END

# Every public name in the help and in ipdlam-lua(7).
cat > "$tmp/names.lua" << 'END'
local page = assert(io.open(arg[1])):read("a")
local items = {}
for item in page:gmatch("\n%.It Ic ([^\n]*)") do
  items[#items + 1] = item
end
local function in_page(name)
  for _, item in ipairs(items) do
    if item == name or item:sub(1, #name) == name and not item:sub(#name + 1, #name + 1):match("[%w_]") then
      return true
    end
  end
end
local function check(name, topic)
  if not in_page(name) then print("not in the page: " .. name) end
  if ip.help(topic or name):find("unknown help topic", 1, true) then print("not in the help: " .. name) end
end
for name in pairs(ip) do check("ip." .. name) end
check("quit")
local objects, run, data = dofile(os.getenv("OBJECTS"))
for class, object in pairs(objects) do
  local meta = debug.getmetatable(object)
  for name in pairs(meta.__methods) do check(class .. ":" .. name) end
  for name in pairs(meta.__fields) do check(class .. "." .. name) end
end
for name in pairs(ip.settings()) do check(name, "settings." .. name) end
for name in pairs(run:step()) do check(name, "record." .. name) end
-- And nothing that does not exist.
local known = ip.settings()
for _, item in ipairs(items) do
  local class, separator, name = item:match("^(%a+)([.:])([%w_]+)")
  if class == "ip" then
    if ip[name] == nil then print("does not exist: " .. item) end
  elseif class then
    local meta = debug.getmetatable(objects[class])
    local there = separator == ":" and meta.__methods[name] or separator == "." and meta.__fields[name]
    if not there then print("does not exist: " .. item) end
  elseif not known[item] and run:last()[item] == nil and item ~= "quit(code)" then
    print("does not exist: " .. item)
  end
end
print("checked " .. #items)
END
check "names" 0 "^checked [1-9][0-9]+" "" "$IPDLAM" run "$tmp/names.lua" "$(page ipdlam-lua.7)"
is "the page, the help and the program have the same names" "$(grep -v '^checked' "$out")" ""

echo 'for _, name in ipairs { "delta", "rho", "relax_a", "damping", "order" } do
  print((ip.help("settings." .. name):match(".*; ([^\n]*)\nset") or ip.help("settings." .. name):match(".*; ([^\n]*)\n")))
end' > "$tmp/ranges.lua"
is "the help on a setting has its range" "$("$IPDLAM" run "$tmp/ranges.lua")" "range 0 to 1e+12
range more than 0 to 1e+30
range more than 0 to less than 2
numbers, or auto
one of increase, reverse, nested_reverse, parallel"

# What ??name lists has one line each, without what follows the first line.
echo '??batch' | "$IPDLAM" repl --no-history > "$out"
is "a key in the list of ??name" "$(grep '^  F8 ' "$out" | tr -s ' ')" " F8 finish the mini-batch"

# Every complete call in the help is an example, and runs; a call that names something that does not exist
# (n, f, path) says how it is called.
cat > "$tmp/examples.lua" << 'END'
local objects, run, data = dofile(os.getenv("OBJECTS"))
local texts = { ip.help("") }
for name in pairs(ip) do texts[#texts + 1] = ip.help("ip." .. name) end
for name in pairs(ip.settings()) do texts[#texts + 1] = ip.help("settings." .. name) end
for class, object in pairs(objects) do
  local meta = debug.getmetatable(object)
  for name in pairs(meta.__methods) do texts[#texts + 1] = ip.help(class .. ":" .. name) end
  for name in pairs(meta.__fields) do texts[#texts + 1] = ip.help(class .. "." .. name) end
end
local count, seen = 0, {}
-- Stands for whatever the code calls, so that only names are looked up.
local anything = setmetatable({}, { __index = function(self) return self end, __call = function(self) return self end })
local function names_exist(code)
  local missing
  local known = { run = true, other = true, history = true }
  local env = setmetatable({}, { __index = function(_, name)
    if not known[name] and _G[name] == nil then missing = name end
    return anything
  end })
  pcall(load("return " .. code, "=help", "t", env) or load(code, "=help", "t", env) or error)
  return not missing
end
local function try(code)
  if not names_exist(code) then return end
  local world = { run = ip.run { data = data, net = { 784, 5, 10 }, delta = 0.5 } }
  world.run:step(12)
  world.other = world.run:branch(10)
  world.history = ip.history(world.run)
  local env = setmetatable({}, { __index = function(_, name)
    local value = world[name]
    return value == nil and _G[name] or value
  end })
  local chunk = load("return " .. code, "=help", "t", env) or load(code, "=help", "t", env)
  if not chunk then return end
  local good, message = pcall(chunk)
  count = count + 1
  if not good then print("fails: " .. code .. ": " .. tostring(message)) end
end
for _, text in ipairs(texts) do
  for place, name in text:gmatch("()([%a][%w_.:]*)") do
    local code = text:match("^[%a][%w_.:]*%s?%b{}", place) or text:match("^[%a][%w_.:]*%b()", place)
    if not code and name:find("[.:]") then code = text:match("^run%.[%w_]+ = [%d.]+", place) end
    if code and not seen[code] then
      seen[code] = true
      try(code)
    end
  end
end
print("ran " .. count)
END
pushd "$tmp" > /dev/null || exit 1
check "examples of the help" 0 "^ran [3-9][0-9]" "" "$IPDLAM" run examples.lua
popd > /dev/null || exit 1
is "examples of the help run without an error" "$(grep -v '^ran' "$out")" ""

# Every example between .Bd -literal and .Ed, unchanged.
for page in ipdlam-lua.7 ipdlam-run.1 ipdlam-repl.1; do
    rm -f "$tmp"/example.*
    awk -v to="$tmp/example." '/^\.Bd -literal/ { n++; on = 1; next } /^\.Ed/ { on = 0 }
        on { gsub(/\\e/, "\\"); print > (to n) }' "$(page $page)"
    for example in "$tmp"/example.*; do
        if [ $page = ipdlam-repl.1 ]; then
            "$IPDLAM" repl --no-history < "$example" > "$out" 2> "$err"
        else
            "$IPDLAM" run --no-history "$example" > "$out" 2> "$err"
        fi
        is "$page: example ${example##*.}" "$? $(cat "$err")" "0 "
    done
done
if command -v mandoc > /dev/null; then
    for page in ipdlam-lua.7 ipdlam-run.1 ipdlam-repl.1; do
        is "$page: clean mdoc" "$(mandoc -T lint -W warning "$(page $page)" 2>&1)" ""
    done
else
    skip "no mandoc to check the pages with"
fi
done_testing
