-- Algorithm 1 in full: inertial proximal alternating minimisation of
--
--   Phi = sum loss(y, z_L) + rho/2 ( sum_l |z_l - p_l|^2 + sum_{l<L} |a_l - sigma_l(z_l)|^2 ) + R(W),
--
-- p_l = W_l a_{l-1} + b_l. Each block minimises Phi + (delta rho/2) |. - hat|^2 over itself, where
-- hat = x + inertia (x - x_old), with the newest values of all others.

local function predict(x, x_old, inertia)
  return x + (x - x_old) * inertia
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
  local G = a:gram() + ip.eye(a.rows) * weight
  local R = z:sub_col(s.b[l]):outer(a) + W_hat * s.delta
  local W = G:solve(R:t()):t()
  local residual = z:over_cols("sum") - W * a:over_cols("sum")
  return { W = W, b = (residual + b_hat * s.delta) / (s.n + s.delta) }
end

-- a_l := (W^T W + (1 + delta) I)^-1 (W^T (z_{l+1} - b_{l+1}) + sigma(z_l) + delta a^), W = W_{l+1}
function update.a(s, l)
  local W = s.W[l + 1]
  local hat = predict(s.a[l], s.a_old[l], s.gamma)
  local M = W:t():gram() + ip.eye(W.cols) * (1 + s.delta)
  local R = W:t() * s.z[l + 1]:sub_col(s.b[l + 1]) + s:activate(l, s.z[l]) + hat * s.delta
  return { a = M:solve(ip.eye(W.cols)) * R }
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

local orders = {}

function orders.increase(visit, L)
  for l = 1, L do visit("z", l) end
  for l = 1, L do visit("W", l) end
  for l = 1, L - 1 do visit("a", l) end
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
}
