-- fig4.lua - Figure 4: the orders increase, reverse and nested reverse, in full batch and in mini-batches.
--
-- ipdlam run scripts/paper/fig4.lua [--quick] [--data NAME] [--epochs N] [--output DIR]
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 20 }
if not o.quick and #o.data == 2 then
  o.data = { "mnist" } -- as in the paper
end
local runs = {}
for _, order in ipairs { "increase", "reverse", "nested_reverse" } do
  runs[#runs + 1] = { label = order:gsub("_", " ") .. ", mini-batches", preset = "paper", order = order, inertia = 0.7,
    batch = o.batch }
  runs[#runs + 1] = { label = order:gsub("_", " ") .. ", full batch", preset = "ipdlam", order = order }
end
local sweep = ip.sweep { name = "figure 4", data = o.data, layers = o.hidden, iterations = o.epochs, runs = runs,
  output = o.path("fig4.csv"), reuse = { o.path("table1_increase.csv"), o.path("table1_nested_reverse.csv") } }
print(sweep)
local panels = {}
for _, kind in ipairs { "mini-batches", "full batch" } do
  local of = { filter = function(run) return run.label:find(kind, 1, true) end,
    label = function(run) return (run.label:gsub(",.*", "")) end }
  for _, panel in ipairs(common.panels(sweep, o, { common.fields.phi, common.fields.test }, of)) do
    panel.title = panel.title .. ", " .. kind
    panels[#panels + 1] = panel
  end
end
common.show(ip.figure { title = "Figure 4: the order of the updates", panels = panels }, o.path("fig4.svg"))
