-- explain.lua - run:explain(): the block just done, its formula, and the numbers in it.
-- The argument is the table that the embedded files share.
local shared = ...
local concat, format, pcall, tonumber, tostring = table.concat, string.format, pcall, tonumber, tostring
local methods = shared.classes.run.__methods

-- For each block: the formula of its update, the formula of its prediction, and the variables in it. {l} is its layer, {k}
-- the layer below, {n} the layer above.
local formulas = {
  z = { "z{l} = argmin over x of (σ(x) − a{l})² + (1+δ)(x − v)²,  v = (W{l} a{k} + b{l} + δ ẑ{l})/(1+δ)",
        "ẑ{l} = z{l} + α (z{l} − its value before)", { "z{l}", "a{l}", "W{l}", "a{k}", "b{l}" } },
  last = { "z{l} = argmin over x of loss(y, x) + ρ(1+δ)/2 (x − v)²,  v = (W{l} a{k} + b{l} + δ ẑ{l})/(1+δ)",
           "ẑ{l} = z{l} + α (z{l} − its value before)", { "z{l}", "W{l}", "a{k}", "b{l}" } },
  W = { "W{l} = ((z{l} − b{l}) aᵀ + δ Ŵ{l})(a aᵀ + δ I)⁻¹ with a = a{k}",
        "Ŵ{l} = W{l} + β (W{l} − its value before), b̂{l} alike", { "W{l}", "b{l}", "z{l}", "a{k}" } },
  a = { "a{l} = (WᵀW + (1+δ) I)⁻¹ (Wᵀ(z{n} − b{n}) + σ(z{l}) + δ â{l}) with W = W{n}",
        "â{l} = a{l} + γ (a{l} − its value before)", { "a{l}", "W{n}", "z{n}", "b{n}", "z{l}" } },
}
-- The formula of W with a regularizer, and those of b by the setting bias_step.
local with_regularizer = "W{l} = argmin over W of |z{l} − W a − b{l}|² + δ |W − Ŵ{l}|² + (2/ρ) R(W) with a = a{k}, R: %s, λ = %s"
local biases = { sum = "then b{l} = (Σ (z{l} − W{l} a) + δ b̂{l})/(N + δ)",
                 mean = "then b{l} = (mean of z{l} − W{l} a + δ b̂{l})/(1 + δ)" }
local stated = { ipdlam = true } -- methods with these formulas

local function fill(text, l)
  return (text:gsub("{l}", l):gsub("{k}", l - 1):gsub("{n}", l + 1))
end

-- The value for layer l of a setting with a value per layer, "ridge,none".
local function of_layer(value, l)
  local parts = {}
  for part in tostring(value):gmatch("[^,%s]+") do
    parts[#parts + 1] = part
  end
  return parts[l] or parts[1]
end

-- The formula of W and b under the settings.
local function formula_of_W(s, l)
  local regularizer = of_layer(s.regularizer, l)
  local first = regularizer == "none" and formulas.W[1] or format(with_regularizer, regularizer, of_layer(s.lambda, l))
  return first .. ";  " .. biases[s.bias_step]
end

-- "W2   20 x 20  norm 4.51", or nil if the method has no such variable.
local function size_of(run, name)
  local kind, l = name:match("^(%a)(%d+)$")
  l = tonumber(l)
  local ok, x
  if name == "a0" then
    ok, x = pcall(function() return run.X end)
  else
    ok, x = pcall(function() return run[kind][l] end)
  end
  if not ok or not x then
    return nil
  end
  local shape = x.rows and format("%d x %d", x.rows, x.cols) or ""
  local _, norm = pcall(x.norm, x)
  return format("%-4s %-12s norm %s", name == "a0" and "a0 = X" or name, shape, type(norm) == "number" and format("%.5g", norm) or "?")
end

local function number(x)
  return format("%.6g", x)
end

-- run:explain() -> text
function methods.explain(run)
  local last = run.last_block
  if not last then
    return nil, "no block has been done yet. run:step_block() does one"
  end
  local kind, l = last.block:match("^(%a+)(%d+)$")
  l = tonumber(l)
  local at, s = last.place, run.settings
  local lines = { format("%s, iteration %d, batch %d of %d, in %.3g ms", last.block, at.iteration, at.batch, at.batches or 1,
    1000 * last.seconds) }
  if last.change == last.change and last.phi == last.phi then
    lines[#lines + 1] = format("Φ before %s, after %s: %+.4g", number(last.phi - last.change), number(last.phi), last.change)
  elseif last.phi == last.phi then
    lines[#lines + 1] = format("Φ after it %s", number(last.phi))
  end
  local formula = formulas[kind == "z" and l == #run.widths - 1 and "last" or kind]
  if not formula or not stated[run.method] then
    lines[#lines + 1] = format("The formulas of the method %s are not known here; see ipdlam-method(7)", run.method)
  else
    lines[#lines + 1] = "  " .. fill(kind == "W" and formula_of_W(s, l) or formula[1], l)
    lines[#lines + 1] = "  " .. fill(formula[2], l)
    local of = run.iteration >= at.iteration and run:last() or s -- after an iteration the settings are those of the next
    lines[#lines + 1] = format("  δ = %g  ρ = %g  α = %g  β = %g  γ = %g", of.delta, of.rho, of.alpha, of.beta, of.gamma)
  end
  for _, name in ipairs(formula and formula[3] or {}) do
    local text = size_of(run, fill(name, l))
    if text then
      lines[#lines + 1] = "  " .. text
    end
  end
  return setmetatable({ text = concat(lines, "\n"), block = last.block }, shared.classes.text)
end
