#!/usr/bin/env python3
"""Algorithm 1 in full batch and increase order, in NumPy as one would write it with care."""
import numpy as np
from common import options, report, samples, weights

o = options()
X, Y, labels, X_test, Y_test, labels_test = samples(o)
W, b = weights(o)
L, N = len(o.widths) - 1, X.shape[1]
alpha = beta = gamma = np.float32(0.7)
delta, rho = np.float32(1), 1.0
relu = lambda x: np.maximum(x, 0)

a, z, p = [X] + [None] * L, [None] * (L + 1), [None] * (L + 1)
for l in range(1, L + 1):
    z[l] = W[l] @ a[l - 1] + b[l]
    p[l] = z[l].copy()
    if l < L:
        a[l] = relu(z[l])
z_old, a_old = [None if x is None else x.copy() for x in z], [None if x is None else x.copy() for x in a]
W_old, b_old = [None if x is None else x.copy() for x in W], [None if x is None else x.copy() for x in b]
data_gram = X @ X.T


def forward(x):
    for l in range(1, L):
        x = relu(W[l] @ x + b[l])
    return W[L] @ x + b[L]


def prox_relu(w, v, r):
    up, down = np.maximum((w + r * v) / (1 + r), 0), np.minimum(v, 0)
    return np.where((up - w) ** 2 + r * (up - v) ** 2 <= w ** 2 + r * (down - v) ** 2, up, down)


def iterate():
    global rho
    for l in range(1, L + 1):
        hat = z[l] + alpha * (z[l] - z_old[l])
        z_old[l] = z[l]
        v = (p[l] + delta * hat) / (1 + delta)
        r = np.float32(rho * (1 + delta))
        z[l] = prox_relu(a[l], v, 1 + delta) if l < L else (Y + r * v) / (1 + r)
    for l in range(1, L + 1):
        A = a[l - 1]
        G = (data_gram if l == 1 else A @ A.T) + delta * np.eye(A.shape[0], dtype=np.float32)
        hat, hat_b = W[l] + beta * (W[l] - W_old[l]), b[l] + beta * (b[l] - b_old[l])
        W_old[l], b_old[l] = W[l], b[l]
        W[l] = np.linalg.solve(G, ((z[l] - b[l]) @ A.T + delta * hat).T).T
        b[l] = ((z[l].sum(1, keepdims=True) - W[l] @ A.sum(1, keepdims=True)) + delta * hat_b) / (N + delta)
    for l in range(1, L):
        hat = a[l] + gamma * (a[l] - a_old[l])
        a_old[l] = a[l]
        V, u, right = W[l + 1], z[l + 1] - b[l + 1], relu(z[l]) + delta * hat
        c = 1 + delta
        if V.shape[0] < V.shape[1]:
            s = right / c
            a[l] = s + V.T @ np.linalg.solve(V @ V.T + c * np.eye(V.shape[0], dtype=np.float32), u - V @ s)
        else:
            a[l] = np.linalg.solve(V.T @ V + c * np.eye(V.shape[1], dtype=np.float32), V.T @ u + right)
    for l in range(1, L + 1):
        p[l] = W[l] @ a[l - 1] + b[l]
    phi = 0.5 * float(((z[L] - Y) ** 2).sum()) + rho / 2 * sum(float(((z[l] - p[l]) ** 2).sum()) for l in range(1, L + 1))
    phi += rho / 2 * sum(float(((a[l] - relu(z[l])) ** 2).sum()) for l in range(1, L))
    train = float((forward(X).argmax(0) == labels).mean())
    test = float((forward(X_test).argmax(0) == labels_test).mean())
    rho *= 1.1
    return test


report(o, "numpy", iterate)
