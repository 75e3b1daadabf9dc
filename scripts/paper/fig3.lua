-- fig3.lua - Figure 3: iPDLAM against SGD, AdaGrad, Adadelta, RMSprop, Adam, AMSGrad and Adamax, by epoch and by
-- time, at learning rates 0.001, 0.01 and 0.05.
--
-- ipdlam run scripts/paper/fig3.lua [--quick] [--data NAME] [--epochs N] [--output DIR]
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 20 }
if not o.quick and #o.data == 2 then
  o.data = { "mnist" } -- as in the paper
end
local rates, runs = { 0.001, 0.01, 0.05 }, {}
for _, order in ipairs { "increase", "nested_reverse" } do
  runs[#runs + 1] = { label = "iPDLAM, " .. order:gsub("_", " "), preset = "paper", order = order, batch = o.batch }
end
for _, rate in ipairs(rates) do
  for _, method in ipairs { "sgd", "adagrad", "adadelta", "rmsprop", "adam", "amsgrad", "adamax" } do
    runs[#runs + 1] = { label = method .. " " .. rate, method = method, lr = rate, batch = o.batch, shuffle = true }
  end
end
local sweep = ip.sweep { name = "figure 3", data = o.data, layers = o.hidden, iterations = o.epochs, runs = runs,
  output = o.path("fig3.csv") }
print(sweep)
local panels = {}
for _, x in ipairs { "epoch", "seconds" } do
  for _, rate in ipairs(rates) do
    local of = { x = x == "seconds" and x or nil,
      filter = function(run) return run.label:find("^iPDLAM") or run.label:match(" ([%d.]+)$") == tostring(rate) end,
      label = function(run) return (run.label:gsub(" [%d.]+$", "")) end }
    for _, panel in ipairs(common.panels(sweep, o, { common.fields.train, common.fields.test }, of)) do
      panel.title = panel.title .. ", learning rate " .. rate
      panel.log_x = x == "seconds"
      panels[#panels + 1] = panel
    end
  end
end
common.show(ip.figure { title = "Figure 3: classical optimizers", panels = panels }, o.path("fig3.svg"))
