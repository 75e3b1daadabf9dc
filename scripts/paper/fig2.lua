-- fig2.lua - Figure 2: delta = 0.1, 0.2, 0.3, 0.4, 1 with alpha = beta = gamma = 0.7, in both orders.
--
-- ipdlam run scripts/paper/fig2.lua [--quick] [--data NAME] [--epochs N] [--output DIR]
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 20 }
if not o.quick and #o.data == 2 then
  o.data = { "mnist" } -- as in the paper
end
local runs = {}
for _, order in ipairs { "increase", "nested_reverse" } do
  for _, delta in ipairs { 0.1, 0.2, 0.3, 0.4, 1 } do -- 1 is the preset's, and so a run of table 1
    runs[#runs + 1] = { label = order:gsub("_", " ") .. ", delta " .. delta, order = order, delta = delta ~= 1 and delta or nil }
  end
end
local sweep = ip.sweep { name = "figure 2", data = o.data, layers = o.hidden, iterations = o.epochs, preset = "paper",
  inertia = 0.7, batch = o.batch, runs = runs, output = o.path("fig2.csv"),
  reuse = { o.path("table1_increase.csv"), o.path("table1_nested_reverse.csv") } }
print(sweep)
local panels = {}
for _, order in ipairs { "increase", "nested_reverse" } do
  local of = { filter = function(run) return run.settings.order == order end,
    label = function(run) return (run.label:gsub("^.*, ", "")) end }
  for _, panel in ipairs(common.panels(sweep, o, { common.fields.train, common.fields.test }, of)) do
    panel.title = panel.title .. ", " .. order:gsub("_", " ")
    panels[#panels + 1] = panel
  end
end
common.show(ip.figure { title = "Figure 2: delta", panels = panels }, o.path("fig2.svg"))
