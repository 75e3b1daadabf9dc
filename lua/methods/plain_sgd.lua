-- Stochastic gradient descent with momentum, in PyTorch's form (Sutskever et al., 2013): one step per
-- mini-batch on the mean loss, by back-propagation.
--
--   m := momentum m + g;  w := w - lr m

local function step(s)
  local a, z = { [0] = s.X }, {}
  for l = 1, s.L do
    z[l] = (s.W[l] * a[l - 1]):add_col(s.b[l])
    if l < s.L then a[l] = s:activate(l, z[l]) end
  end
  local dz = s:loss_gradient(z[s.L]) / s.n
  local W, b, m_W, m_b = {}, {}, {}, {}
  for l = s.L, 1, -1 do
    m_W[l] = s.m_W[l] * s.momentum + dz:outer(a[l - 1])
    m_b[l] = s.m_b[l] * s.momentum + dz:over_cols("sum")
    W[l] = s.W[l] - m_W[l] * s.lr
    b[l] = s.b[l] - m_b[l] * s.lr
    if l > 1 then
      dz = (s.W[l]:t() * dz):mul(s:slope(l - 1, z[l - 1]))
    end
  end
  return { W = W, b = b, m_W = m_W, m_b = m_b }
end

return {
  name = "plain_sgd",
  summary = "stochastic gradient descent with momentum, written in tensors",
  source = "Sutskever, Martens, Dahl and Hinton, ICML 2013",
  uses = "lr lr_schedule momentum",
  lr = 1e-3,
  advice = "a smaller lr",
  variables = { m_W = { shape = "d x d_prev" }, m_b = { shape = "d x 1" } },
  orders = function(visit) visit("step") end,
  update = { step = step },
}
