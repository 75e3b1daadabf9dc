-- Lifted proximal operator machines of Li, Fang and Lin (AAAI 2019), as far as known:
--
--   Phi = sum loss(y, a_L) + sum_l mu_l D_l,   D_l = sum F_l(a_l) + G_l(p_l) - a_l p_l,   p_l = W_l a_{l-1} + b_l,
--
-- with G' = sigma and F its conjugate, so that D_l >= 0, and 0 where a_l = sigma_l(p_l). The output a_L is a
-- variable; its activation is the identity, or with relu_output = 1 the positive part (squared loss).
-- Blocks take a few steps instead of being solved.

-- the weight of layer l
local function weight(s, l)
  local own = l <= 3 and ({ s.mu_1, s.mu_2, s.mu_3 })[l] or 0
  return own > 0 and own or s.mu
end

local function sigma(s, l, x)
  if l < s.L then return s:activate(l, x) end
  return s.relu_output == 1 and x:maximum(0) or x + 0
end

-- the norm of a matrix, its largest singular value
local function norm2(W)
  local values = (W.rows < W.cols and W or W:t()):gram():eigh()
  return math.max(values:get(values.rows, 1), 0)
end

local update = {}

-- the forward pass ends without an activation
local function start(s)
  return { a = { [s.L] = sigma(s, s.L, s.a[s.L]) } }
end

-- a_L exactly; a_l by steps a := sigma(p - mu_{l+1}/mu_l W^T (sigma(W a + b) - a_{l+1})), or by proximal
-- gradient
function update.a(s, l)
  local p = s:p(l)
  if l == s.L then
    if s.relu_output == 1 then
      return { a = ((s.Y + p * weight(s, l)) / (1 + weight(s, l))):maximum(0) }
    end
    return { a = s:loss_prox(p, weight(s, l)) }
  end
  local W, b, a, next = s.W[l + 1], s.b[l + 1], s.a[l], s.a[l + 1]
  local ratio = weight(s, l + 1) / weight(s, l)
  local H = s.prox_gradient == 1 and ratio * norm2(W) or 0
  for _ = 1, s.fixed_points do
    local u = p - W:t() * (sigma(s, l + 1, (W * a):add_col(b)) - next) * ratio
    if H > 0 then
      -- argmin F(x) + H/2 x^2 - (u + H a) x: sigma is piecewise linear, so sigma(v)/(slope H + 1)
      local v = u + a * H
      local slope = s:slope(l, v)
      a = s:activate(l, v):div(slope * H + 1)
    else
      a = s:activate(l, u)
    end
  end
  return { a = a }
end

-- (A^T A + eps I)^-1 A^T by the smaller side; without eps the pseudo-inverse
local function times_inverse(R, A, eps)
  if eps > 0 and A.rows <= A.cols then
    return (A:gram() + ip.eye(A.rows) * eps):solve(R:outer(A):t()):t()
  elseif eps > 0 then
    return R * (A:t():gram() + ip.eye(A.cols) * eps):solve(A:t())
  end
  local U, S, Vt = A:svd()
  local keep = S:gt(1e-5 * S:get(1, 1))
  local inverse = ip.where(keep, 1, 0):div(ip.where(keep, S, 1))
  return (R * Vt:t()):mul_row(inverse:t()) * U:t()
end

-- w_steps accelerated steps on sum G(V A) - a V A, V = [W b], A = [a_{l-1}; 1]
function update.W(s, l)
  local A = ip.vstack { s.a[l - 1], ip.ones(1, s.n) }
  local V = ip.hstack { s.W[l], s.b[l] }
  local v, theta = V, 1
  for _ = 1, s.w_steps do
    local new = v - times_inverse(sigma(s, l, v * A) - s.a[l], A, s.lpom_eps)
    local after = (math.sqrt(theta ^ 4 + 4 * theta ^ 2) - theta ^ 2) / 2
    v = new + (new - V) * (after * (1 - theta) / theta)
    V, theta = new, after
  end
  return { W = V:slice(1, V.rows, 1, V.cols - 1), b = V:slice(1, V.rows, V.cols, V.cols) }
end

-- D_l = F(a) + G(p) - a p for a piecewise linear sigma, sigma(x) = k x with k by the sign of x
local function divergence(s, l)
  local p, a = s:p(l), s.a[l]
  local q = sigma(s, l, p)
  if l == s.L and s.relu_output ~= 1 then return 0.5 * (a - p):norm() ^ 2 end
  -- G(p) = p sigma(p)/2; F(a) = a sigma^-1(a)/2, where sigma^-1(a) = a/k
  local slope = l < s.L and s:slope(l, a) or ip.ones(a.rows, a.cols)
  local inverse = a:div(slope:maximum(1e-30))
  return 0.5 * p:dot(q) + 0.5 * a:dot(ip.where(slope:gt(0), inverse, 0)) - a:dot(p)
end

local function objective(s)
  local gaps = 0
  for l = 1, s.L do gaps = gaps + weight(s, l) * divergence(s, l) end
  local loss = s:loss(s.a[s.L])
  return { loss = loss, phi = loss + gaps }
end

local orders = {}

function orders.reverse(visit, L)
  for l = L, 1, -1 do visit("a", l) end
  for l = 1, L do visit("W", l) end
end

function orders.increase(visit, L)
  for l = 1, L do visit("a", l) end
  for l = 1, L do visit("W", l) end
end

return {
  name = "lpom",
  summary = "lifted proximal operator machines (2019), as far as known",
  source = "Li, Fang and Lin, Lifted proximal operator machines, AAAI 2019",
  advice = "prox_gradient = 1, or a smaller mu",
  settings = {
    mu = { default = 1, min = 1e-6, max = 1e6, symbol = "μ", help = "weight of each layer's divergence" },
    mu_1 = { default = 0, min = 0, max = 1e6, help = "its weight in layer 1; 0: mu" },
    mu_2 = { default = 0, min = 0, max = 1e6, help = "its weight in layer 2; 0: mu" },
    mu_3 = { default = 0, min = 0, max = 1e6, help = "its weight in layer 3; 0: mu" },
    lpom_eps = { default = 5, min = 0, max = 1e9, symbol = "ε", help = "damping of the W-step; 0: pseudo-inverse" },
    fixed_points = { default = 1, min = 1, max = 1000, whole = true, help = "steps of a_l per visit" },
    w_steps = { default = 1, min = 1, max = 1000, whole = true, help = "accelerated steps of W_l per visit" },
    prox_gradient = { default = 0, min = 0, max = 1, whole = true, help = "1: steps of a_l that never ascend" },
    relu_output = { default = 0, min = 0, max = 1, whole = true, help = "1: positive part after the last layer" },
  },
  variables = { a = { layers = "all" } },
  orders = orders,
  start = start,
  update = update,
  objective = objective,
}
