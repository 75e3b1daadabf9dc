-- Which pixels of a digit matter: the size of the gradient of the loss in the pixels.
local ip = require "ipdlam"
local data = ip.dataset("digits", { train = 300, test = 100 })
local run = ip.run { data = data, net = { 784, 30, 10 }, method = "adam", batch = 50, lr = 0.01 }
run:step(8)
local X, labels = data:samples("test", 1, 1)
local found = run:network():gradient(X, labels)
local saliency = found.X:abs()
local at = select(1, saliency:argmax())
assert(saliency.rows == 784 and saliency:max() > 0)
local shades = { " ", ".", ":", "#" }
for row = 0, 27 do
  local line = {}
  for column = 1, 28 do
    line[column] = shades[1 + math.min(3, math.floor(4 * saliency[row * 28 + column][1] / saliency:max()))]
  end
  print(table.concat(line))
end
print("the largest is at pixel " .. at)
return run
