local data = ip.dataset("digits", { train = 60, test = 20 })
local run = ip.run { data = data, net = { 784, 4, 10 } }
run:step(1)
local names = {}
local function add(what, t) for k in pairs(t) do if type(k) == "string" and not k:find("^__") then names[#names + 1] = what .. k end end end
for what, object in pairs { run = run, network = run:network(), dataset = data, matrix = run:weights(1) } do
  local meta = getmetatable(object)
  for _, part in ipairs { "__methods", "__fields" } do if type(meta[part]) == "table" then add(what .. ":", meta[part]) end end
end
add("ip.", ip)
add("setting ", ip.settings())
add("preset ", ip.presets())
for k in pairs(run.metrics[1]) do names[#names+1] = "record " .. tostring(k) end
table.sort(names)
print(table.concat(names, "\n"))
