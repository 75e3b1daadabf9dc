#!/usr/bin/env python3
"""The same iteration in the style of the notebooks on block coordinate descent: PyTorch, dense inverses, no reuse."""
import torch
from common import options, report, samples, weights

o = options()
X, Y, labels, X_test, Y_test, labels_test = [torch.from_numpy(x.copy()) for x in samples(o)]
W, b = [[None if x is None else torch.from_numpy(x.copy()) for x in v] for v in weights(o)]
L, N = len(o.widths) - 1, X.shape[1]
alpha, delta, rho = 0.7, 1.0, 1.0
relu = torch.relu
a, z = [X] + [None] * L, [None] * (L + 1)
for l in range(1, L + 1):
    z[l] = torch.addmm(b[l].repeat(1, N), W[l], a[l - 1])
    if l < L:
        a[l] = relu(z[l])
past = [[None if x is None else x.clone() for x in v] for v in (z, a, W, b)]


def hat(x, old):
    return x + alpha * (x - old)


def forward(x):
    for l in range(1, L):
        x = relu(torch.addmm(b[l].repeat(1, x.size(1)), W[l], x))
    return torch.addmm(b[L].repeat(1, x.size(1)), W[L], x)


def iterate():
    global rho
    hats = [[None if x is None or y is None else hat(x, y) for x, y in zip(v, old)] for v, old in zip((z, a, W, b), past)]
    for v, old in zip((z, a, W, b), past):
        old[:] = list(v)
    z_hat, a_hat, W_hat, b_hat = hats
    for l in range(1, L + 1):
        v = (torch.addmm(b[l].repeat(1, N), W[l], a[l - 1]) + delta * z_hat[l]) / (1 + delta)
        if l == L:
            r = rho * (1 + delta)
            z[l] = (Y + r * v) / (1 + r)
            continue
        r = 1 + delta
        up, down = torch.clamp((a[l] + r * v) / (1 + r), min=0), torch.clamp(v, max=0)
        z[l] = torch.where((up - a[l]) ** 2 + r * (up - v) ** 2 <= a[l] ** 2 + r * (down - v) ** 2, up, down)
    for l in range(1, L + 1):
        A, I = a[l - 1], torch.eye(a[l - 1].size(0))
        W[l] = torch.mm(torch.mm(z[l] - b[l].repeat(1, N), A.t()) + delta * W_hat[l], torch.inverse(torch.mm(A, A.t()) + delta * I))
        b[l] = (torch.sum(z[l] - torch.mm(W[l], A), 1).reshape(-1, 1) + delta * b_hat[l]) / (N + delta)
    for l in range(1, L):
        V, I = W[l + 1], torch.eye(a[l].size(0))
        right = torch.mm(V.t(), z[l + 1] - b[l + 1].repeat(1, N)) + relu(z[l]) + delta * a_hat[l]
        a[l] = torch.mm(torch.inverse(torch.mm(V.t(), V) + (1 + delta) * I), right)
    phi = 0.5 * torch.norm(z[L] - Y) ** 2
    for l in range(1, L + 1):
        phi += rho / 2 * torch.norm(z[l] - torch.addmm(b[l].repeat(1, N), W[l], a[l - 1])) ** 2
        if l < L:
            phi += rho / 2 * torch.norm(a[l] - relu(z[l])) ** 2
    train = (forward(X).argmax(0) == labels).float().mean()
    test = (forward(X_test).argmax(0) == labels_test).float().mean()
    rho *= 1.1
    return float(test)


with torch.no_grad():
    report(o, "torch_notebook", iterate)
