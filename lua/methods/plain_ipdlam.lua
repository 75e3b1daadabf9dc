-- Algorithm 1 in full: inertial proximal alternating minimisation of
--
--   Phi = sum loss(y, z_L) + rho/2 ( sum_l |z_l - p_l|^2 + sum_{l<L} |a_l - sigma_l(z_l)|^2 ) + R(W),
--
-- p_l = W_l a_{l-1} + b_l. Each block minimises Phi + (delta rho/2) |. - hat|^2 over itself, where
-- hat = x + inertia (x - x_old), with the newest values of all others.

local function predict(x, x_old, inertia)
  return x + (x - x_old) * inertia
end

-- argmin_W |Z - W A|^2 + delta |W - W^|^2 + (weight - delta) |W|^2, by the smaller side of A:
-- (Z A^T + delta W^) (A A^T + weight I)^-1; with weight 0 the minimiser closest to W^
local function fit(Z, A, W_hat, delta, weight)
  if weight == 0 then
    return W_hat + A:t():lstsq((Z - W_hat * A):t()):t()
  end
  if A.rows <= A.cols then
    return (Z:outer(A) + W_hat * delta):right_solve(A:gram() + ip.eye(A.rows) * weight)
  end
  local start = W_hat * (delta / weight)
  local K = A:t():gram() + ip.eye(A.cols) * weight
  return start + (Z - start * A):right_solve(K) * A:t()
end

-- (W^T W + weight I)^-1 (W^T u + R), by the smaller side of W
local function solve(W, u, R, weight)
  if W.cols <= W.rows then
    return (W:t():gram() + ip.eye(W.cols) * weight):inverse() * (W:t() * u + R)
  end
  local K, start = W:gram() + ip.eye(W.rows) * weight, R / weight
  return start + W:t() * (K:inverse() * (u - W * start))
end

local update = {}

-- z_l := S(a_l, (p_l + delta z^)/(1 + delta), 1 + delta); the last by the prox of the loss
function update.z(s, l)
  local hat = predict(s.z[l], s.z_old[l], s.alpha)
  local v = (s:p(l) + hat * s.delta) / (1 + s.delta)
  if l < s.L then
    return { z = s:prox(l, s.a[l], v, 1 + s.delta) }
  end
  return { z = s:loss_prox(v, s.rho * (1 + s.delta)) }
end

-- W_l := ((z_l - b_l) a^T + delta W^) (a a^T + (delta + ridge/rho) I)^-1 and, with it, b_l
function update.W(s, l)
  local a, z = s.a[l - 1], s.z[l]
  local W_hat = predict(s.W[l], s.W_old[l], s.beta)
  local b_hat = predict(s.b[l], s.b_old[l], s.beta)
  local weight = s.delta + s.share * s:ridge(l) / s.rho
  local W = fit(z:sub_col(s.b[l]), a, W_hat, s.delta, weight)
  local residual = z:over_cols("sum") - W * a:over_cols("sum")
  return { W = W, b = (residual + b_hat * s.delta) / (s.n + s.delta) }
end

-- a_l := (W^T W + (1 + delta) I)^-1 (W^T (z_{l+1} - b_{l+1}) + sigma(z_l) + delta a^), W = W_{l+1}
function update.a(s, l)
  local W = s.W[l + 1]
  local hat = predict(s.a[l], s.a_old[l], s.gamma)
  local R = s:activate(l, s.z[l]) + hat * s.delta
  return { a = solve(W, s.z[l + 1]:sub_col(s.b[l + 1]), R, 1 + s.delta) }
end

local function objective(s)
  local linear, activation, ridge = {}, {}, 0
  for l = 1, s.L do
    linear[l] = (s.z[l] - s:p(l)):norm() ^ 2
    ridge = ridge + s:ridge(l) / 2 * s.W[l]:norm() ^ 2
    if l < s.L then
      activation[l] = (s.a[l] - s:activate(l, s.z[l])):norm() ^ 2
    end
  end
  local loss, gaps = s:loss(s.z[s.L]), 0
  for l = 1, s.L do gaps = gaps + linear[l] + (activation[l] or 0) end
  return { loss = loss, regularizer = ridge, linear_gap = linear, activation_gap = activation,
           phi = loss + ridge + s.rho / 2 * gaps }
end

-- the prediction and the weight that a block's objective has beside Phi
local function proximal(s, kind, l)
  local weight = s.delta * s.rho
  if kind == "z" then return { z = { predict(s.z[l], s.z_old[l], s.alpha), weight } } end
  if kind == "a" then return { a = { predict(s.a[l], s.a_old[l], s.gamma), weight } } end
  return { W = { predict(s.W[l], s.W_old[l], s.beta), weight }, b = { predict(s.b[l], s.b_old[l], s.beta), weight } }
end

local orders = {}

function orders.increase(visit, L)
  for l = 1, L do visit("z", l) end
  for l = 1, L do visit("W", l) end
  for l = 1, L - 1 do visit("a", l) end
end

function orders.reverse(visit, L)
  for l = L, 1, -1 do visit("z", l) end
  for l = L, 1, -1 do visit("W", l) end
  for l = L - 1, 1, -1 do visit("a", l) end
end

function orders.nested_reverse(visit, L)
  for l = L, 1, -1 do
    if l < L then visit("a", l) end
    visit("z", l)
    visit("W", l)
  end
end

return {
  name = "plain_ipdlam",
  summary = "Algorithm 1 of the paper, written in tensors",
  uses = "alpha beta gamma delta rho rho_growth rho_max rho_schedule regularizer lambda l1_ratio",
  advice = "less inertia or a larger delta",
  variables = { "z", "a" },
  previous = { "z", "W", "a" },
  orders = orders,
  update = update,
  objective = objective,
  exact = { "z", "W", "a" },
  proximal = proximal,
}
