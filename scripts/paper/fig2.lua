-- fig2.lua - Figure 2: delta = 0.1, 0.2, 0.3, 0.4, 1 with alpha = beta = gamma = 0.7, in both orders.
--
-- ipdlam run scripts/paper/fig2.lua [--quick] [--data NAME] [--epochs N] [--output DIR]
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 20 }
if not o.quick and #o.data == 2 then
  o.data = { "mnist" } -- as in the paper
end
local sweep = ip.sweep { name = "figure 2", data = o.data, hidden = o.hidden, iterations = o.epochs, preset = "paper",
  inertia = 0.7, batch = o.batch,
  grid = { { "order", { "increase", "nested_reverse" } }, { "delta", { 0.1, 0.2, 0.3, 0.4, 1 } } }, output = o.path("fig2.csv") }
print(sweep)
local panels = {}
for _, order in ipairs { "increase", "nested_reverse" } do
  local of = { filter = function(run) return run.swept[1][2] == order end,
    label = function(run) return "delta " .. run.swept[2][2] end }
  for _, panel in ipairs(common.panels(sweep, o, { common.fields.train, common.fields.test }, of)) do
    panel.title = panel.title .. ", " .. order:gsub("_", " ")
    panels[#panels + 1] = panel
  end
end
common.show(ip.figure { title = "Figure 2: delta", panels = panels }, o.path("fig2.svg"))
