-- warmup.lua - the paper's advice: iPDLAM first, then another optimizer. Does it reach an accuracy sooner, in seconds?
--
-- ipdlam run scripts/paper/warmup.lua [--quick] [--data NAME] [--epochs N] [--seeds N] [--output DIR]
local common = dofile((arg[0]:match("^(.*/)") or "./") .. "common.lua")
local o = common.options { epochs = 8, seeds = 5, hidden = { 300, 300 } }
if not o.quick and #o.data == 2 then
  o.data = { "mnist" }
end
local goal = o.quick and 0.8 or 0.97
local runs = { { label = "Adam", method = "adam", lr = 0.001, batch = o.batch, shuffle = true } }
for _, preset in ipairs { "default", "best" } do
  for _, after in ipairs { 1, 2 } do
    runs[#runs + 1] = { label = preset .. " " .. after .. ", then Adam", preset = preset,
      switch = { after = after, method = "adam", lr = 0.001, batch = o.batch } }
  end
end
local sweep = ip.sweep { name = "warm-up", data = o.data, layers = o.hidden, iterations = o.epochs, seeds = o.seeds,
  runs = runs, output = o.path("warmup.csv") }

-- Seconds until the test accuracy is there, and the epoch; nil where it never is.
local function reach(run)
  local seconds = 0
  for _, m in ipairs(run.records) do
    seconds = seconds + m.seconds
    if m.test_accuracy >= goal then
      return seconds, m.iteration
    end
  end
end
print(("\nSeconds (epochs) to a test accuracy of %.0f%%, by seed"):format(100 * goal))
local at = {}
for _, run in ipairs(sweep.runs) do
  local seconds, epoch = reach(run)
  at[run.group] = (at[run.group] or "") .. (seconds and ("  %6.2f (%d)"):format(seconds, epoch) or "      never")
end
for _, row in ipairs(sweep:last("test_accuracy")) do
  print(("%-24s%s   last test %.2f%%"):format(row.name, at[row.name], 100 * (row.mean or 0 / 0)))
end
local panels = common.panels(sweep, o, { common.fields.test })
for _, panel in ipairs(common.panels(sweep, o, { common.fields.test }, { x = "seconds" })) do
  panels[#panels + 1] = panel
end
common.show(ip.figure { title = "Warm-up: iPDLAM, then Adam", panels = panels }, o.path("warmup.svg"))
