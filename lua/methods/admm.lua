-- Training without gradients of Taylor, Burmeister, Xu, Singh, Patel and Goldstein (ICML 2016), as far as
-- known: closed-form blocks of
--
--   F = loss(y, z_L) + <u, z_L> + beta sum_l |z_l - p_l|^2 + gamma sum_{l<L} |a_l - sigma_l(z_l)|^2 + R(W),
--
-- p_l = W_l a_{l-1} + b_l, without 1/2 at the weights, and one multiplier u at the output. In full batch.
-- With constraint = 1 the multiplier is that of z_L - p_L.

-- beta and gamma of this iteration
local function weights(s)
  local growth = s.growth ^ (s.k - 1)
  return s.admm_beta * growth, s.admm_gamma * growth
end

-- R A^+; singular values below 1e-5 of the largest count as zero. A well-conditioned Gram matrix is much
-- cheaper.
local function times_pinv(R, A)
  if A.rows <= A.cols then
    local G = A:gram()
    local values = G:eigh()
    if values:get(1, 1) > 1e-3 * values:get(A.rows, 1) then
      return G:solve(R:outer(A):t()):t()
    end
  end
  local U, S, Vt = A:svd()
  local keep = S:gt(1e-5 * S:get(1, 1))
  local inverse = ip.where(keep, 1, 0):div(ip.where(keep, S, 1))
  return (R * Vt:t()):mul_row(inverse:t()) * U:t()
end

-- the target of W_l a_{l-1} + b_l
local function target(s, l)
  if s.constraint == 1 and l == s.L then
    return s.z[l] + s.u[l] / (2 * weights(s))
  end
  return s.z[l] + 0
end

-- With zero_one = 1, the shift of z_L by 1 where y = -1: the hinge, max(0, 1 - y z), becomes max(0, 1 - z) where
-- y = 1 and max(0, z) where y = -1, so that its targets are 1 and 0.
local function shift(s)
  return (1 - s.Y) * (s.zero_one / 2)
end

local function start(s)
  local z = {}
  for l = 1, s.gaussian > 0 and s.L or 0 do
    z[l] = ip.randn(s.z[l].rows, s.n, 97 * s.gaussian + l)
  end
  return { z = z }
end

local update = {}

function update.W(s, l)
  local a, z, beta = s.a[l - 1], target(s, l), weights(s)
  local R, W = z:sub_col(s.b[l])
  if s:ridge(l) > 0 then
    local G = a:gram() + ip.eye(a.rows) * (s:ridge(l) / (2 * beta))
    W = G:solve(R:outer(a):t()):t()
  else
    W = times_pinv(R, a)
  end
  if s.bias == 0 then return { W = W } end
  return { W = W, b = (z - W * a):over_cols("mean") }
end

function update.a(s, l)
  local W, beta, gamma = s.W[l + 1], weights(s)
  local M = W:t():gram() * beta + ip.eye(W.cols) * gamma
  local R = (W:t() * target(s, l + 1):sub_col(s.b[l + 1])) * beta + s:activate(l, s.z[l]) * gamma
  return { a = M:solve(R) }
end

function update.z(s, l)
  local beta, gamma = weights(s)
  if l < s.L then
    return { z = s:prox(l, s.a[l], s:p(l), beta / gamma) }
  end
  local m = shift(s)
  return { z = s:loss_prox(s:p(l) - s.u[l] / (2 * beta) - m, 2 * beta) + m }
end

-- the multiplier, after some iterations without it
function update.u(s, l)
  if s.k > s.warm then
    return { u = s.u[l] + (s.z[l] - s:p(l)) * (s.dual_step * weights(s)) }
  end
end

local function objective(s)
  local beta, gamma = weights(s)
  local linear, activation, gaps, ridge = {}, {}, 0, 0
  for l = 1, s.L do
    linear[l] = (s.z[l] - s:p(l)):norm() ^ 2
    ridge = ridge + s:ridge(l) / 2 * s.W[l]:norm() ^ 2
    gaps = gaps + beta * linear[l]
    if l < s.L then
      activation[l] = (s.a[l] - s:activate(l, s.z[l])):norm() ^ 2
      gaps = gaps + gamma * activation[l]
    end
  end
  local loss, output = s:loss(s.z[s.L] - shift(s)), s.z[s.L]
  local phi = loss + ridge + gaps
  local constrained = s.constraint == 1 and output - s:p(s.L) or output
  return { loss = loss, regularizer = ridge, linear_gap = linear, activation_gap = activation,
           phi = phi, audited = phi + s.u[s.L]:dot(constrained) }
end

-- without bias b is no variable
local function proximal(s, kind)
  if kind == "W" and s.bias == 0 then return { b = false } end
end

local function order(visit, L)
  for l = 1, L do
    visit("W", l)
    if l < L then visit("a", l) end
    visit("z", l)
  end
  visit("u", L)
end

return {
  name = "admm",
  summary = "Taylor et al. (2016), as far as known: a multiplier at the output, full batch",
  source = "Taylor et al., Training neural networks without gradients: a scalable ADMM approach, ICML 2016",
  uses = "regularizer lambda l1_ratio",
  advice = "a smaller admm_beta, or dual_step = 0",
  full_batch = true,
  settings = {
    admm_beta = { default = 1, min = 1e-12, max = 1e12, symbol = "β", help = "weight of z_l - p_l, without 1/2" },
    admm_gamma = { default = 10, min = 1e-12, max = 1e12, symbol = "γ", help = "weight of a_l - sigma(z_l), without 1/2" },
    growth = { default = 1, min = 0.1, max = 10, help = "factor of both weights from iteration to iteration" },
    warm = { default = 10, min = 0, max = 1e6, whole = true, help = "iterations before the multiplier moves" },
    dual_step = { default = 1, min = 0, max = 2, help = "step of u: 1 as printed, 2 exact, 0 no multiplier" },
    constraint = { default = 0, min = 0, max = 1, whole = true, help = "1: u multiplies z_L - p_L instead of z_L" },
    zero_one = { default = 0, min = 0, max = 1, whole = true, help = "1: targets of the hinge 1 and 0, as in the paper" },
    gaussian = { default = 0, min = 0, max = 1e6, whole = true, help = "seed of a normal z at the start; 0: a forward pass" },
    bias = { default = 1, min = 0, max = 1, whole = true, help = "0: without b, as in the paper" },
  },
  variables = { "z", "a", u = { shape = "d x n", layers = "last" } },
  orders = order,
  start = start,
  update = update,
  objective = objective,
  exact = { "z", "W", "a" },
  proximal = proximal,
}
