-- fig1.lua - Figure 1: iPDLAM with alpha = 0.2, 0.5, 0.7 against DLAM, in both readings of "DLAM": section 2's
-- (preset dlam, alpha = beta = gamma = delta = 0) and section 3's, the defaults of Zeng et al. (preset bcd).
--
-- ipdlam run scripts/paper/fig1.lua [--quick] [--data NAME] [--epochs N] [--output DIR]
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 20 }
local runs = {}
for _, alpha in ipairs { 0.2, 0.5, 0.7 } do
  runs[#runs + 1] = { label = "iPDLAM, alpha " .. alpha, preset = "paper", order = "increase",
    inertia = alpha, batch = o.batch }
end
runs[#runs + 1] = { label = "DLAM of section 2, batches", preset = "dlam", batch = o.batch }
runs[#runs + 1] = { label = "DLAM of section 2, full batch", preset = "dlam" }
runs[#runs + 1] = { label = "DLAM of section 3 (bcd), full batch", preset = "bcd" }
local sweep = ip.sweep { name = "figure 1", data = o.data, layers = o.hidden, iterations = o.epochs, runs = runs,
  output = o.path("fig1.csv"), reuse = { o.path("table1_increase.csv") } }
print(sweep)
common.show(ip.figure { title = "Figure 1: iPDLAM and DLAM", columns = 3,
  panels = common.panels(sweep, o, { common.fields.phi, common.fields.train, common.fields.test }) }, o.path("fig1.svg"))
