#!/usr/bin/env python3
"""Reference cases whose targets are values: a regression with three outputs and an autoencoder, for every method.

Plain NumPy in float64, one formula per block, from CONTRIBUTING.md and the comments of src/solver and src/optim.
Writes tests/solver/golden/values_*.json and golden_optim/values_*.json:  python3 values.py
"""
import json
import os
import sys

import numpy as np

SLOPE = {"relu": 0.0, "leaky_relu": 0.01, "identity": 1.0}


def act(kind, x):
    return np.where(x > 0, x, SLOPE[kind] * x)


def act_slope(kind, x):  # at 0 the left one
    return np.where(x > 0, 1.0, SLOPE[kind])


def nearest(kind, a, v, r):
    """argmin over x of (act(x) - a)^2 + r (x - v)^2: the better minimiser of the two half-lines."""
    best = None
    for s, side in ((1.0, np.maximum), (SLOPE[kind], np.minimum)):
        x = side((s * a + r * v) / (s * s + r), 0)
        f = (act(kind, x) - a) ** 2 + r * (x - v) ** 2
        best = (x, f) if best is None else (np.where(best[1] <= f, best[0], x), np.minimum(best[1], f))
    return best[0]


def output(kind, W, b, X):
    """p_1 ... p_L of a forward pass, in a list from index 1."""
    p, a = [None], X
    for W_l, b_l in zip(W, b):
        p.append(W_l @ a + b_l)
        a = act(kind, p[-1])
    return p


def quality(kind, W, b, X, Y):
    """R^2, the mean over the outputs, and the root mean square error."""
    error = (output(kind, W, b, X)[-1] - Y) ** 2
    around = ((Y - Y.mean(1, keepdims=True)) ** 2).sum(1)
    return 1 - np.mean(error.sum(1) / around), np.sqrt(error.mean())


class State:
    """Variables of the splitting methods over some samples; layers from 1, a[0] = X."""

    def __init__(self, kind, W, b, W_before, b_before, X, Y):
        self.kind, self.L, self.X, self.Y = kind, len(W), X, Y
        self.W, self.b, self.W_before, self.b_before = ([None] + list(x) for x in (W, b, W_before, b_before))
        self.z = output(kind, W, b, X)
        self.a = [X] + [act(kind, z) for z in self.z[1:-1]]
        self.z_before, self.a_before = list(self.z), list(self.a)

    def p(self, l):
        return self.W[l] @ self.a[l - 1] + self.b[l]

    def parts(self, rho):
        linear = sum(((self.z[l] - self.p(l)) ** 2).sum() for l in range(1, self.L + 1))
        gap = sum(((self.a[l] - act(self.kind, self.z[l])) ** 2).sum() for l in range(1, self.L))
        loss = 0.5 * ((self.z[-1] - self.Y) ** 2).sum()
        return np.array([loss, linear, gap, loss + rho / 2 * (linear + gap)])

    def z_block(self, l, s, rho):
        now = self.z[l]
        hat = now + s["alpha"] * (now - self.z_before[l])
        v = (self.p(l) + s["delta"] * hat) / (1 + s["delta"])
        r = 1 + s["delta"]
        self.z[l] = (self.Y + rho * r * v) / (1 + rho * r) if l == self.L else nearest(self.kind, self.a[l], v, r)
        self.z_before[l] = now

    def W_block(self, l, s, rho):
        W, b, a = self.W[l], self.b[l], self.a[l - 1]
        W_hat, b_hat = W + s["beta"] * (W - self.W_before[l]), b + s["beta"] * (b - self.b_before[l])
        gram = a @ a.T + s["delta"] * np.eye(len(a))
        self.W[l] = np.linalg.solve(gram, ((self.z[l] - b) @ a.T + s["delta"] * W_hat).T).T
        rest = (self.z[l] - self.W[l] @ a).sum(1, keepdims=True)
        self.b[l] = (rest + s["delta"] * b_hat) / (a.shape[1] + s["delta"])
        self.W_before[l], self.b_before[l] = W, b

    def a_block(self, l, s, rho):
        now, V = self.a[l], self.W[l + 1]
        hat = now + s["gamma"] * (now - self.a_before[l])
        right = V.T @ (self.z[l + 1] - self.b[l + 1]) + act(self.kind, self.z[l]) + s["delta"] * hat
        self.a[l] = np.linalg.solve(V.T @ V + (1 + s["delta"]) * np.eye(V.shape[1]), right)
        self.a_before[l] = now


def blocks(order, L):
    if order == "increase":
        return [("z", l) for l in range(1, L + 1)] + [("W", l) for l in range(1, L + 1)] + [("a", l) for l in range(1, L)]
    return [x for l in range(L, 0, -1) for x in ((("a", l),) if l < L else ()) + (("z", l), ("W", l))]


def batches(N, size):
    return [slice(n, min(n + size, N)) for n in range(0, N, size)] if size else [slice(0, N)]


def lists(matrices):
    return [m.tolist() for m in matrices]


def record(k, rho, parts, kind, W, b, X, Y):
    r2, rmse = quality(kind, W, b, X, Y)
    loss, linear, gap, phi = (float(x) for x in parts)
    return {"iteration": k, "rho": rho, "loss": loss, "linear_gap": linear, "activation_gap": gap, "phi": phi,
            "train_accuracy": float(r2), "train_rmse": float(rmse)}


def split(s, W, b, X, Y):
    """ipdlam; dlam with no inertia. Full batch keeps z and a, a mini-batch begins with a forward pass."""
    rho, kind, W_before, b_before, out = s["rho0"], s["activation"], W, b, []
    full = not s.get("batch")
    state = State(kind, W, b, W, b, X, Y) if full else None
    for k in range(1, s["iterations"] + 1):
        parts = 0
        for n in batches(X.shape[1], s.get("batch", 0)):
            if not full:
                state = State(kind, W, b, W_before, b_before, X[:, n], Y[:, n])
            for _ in range(s.get("inner", 1)):
                for name, l in blocks(s["order"], len(W)):
                    getattr(state, name + "_block")(l, s, rho)
            W, b, W_before, b_before = state.W[1:], state.b[1:], state.W_before[1:], state.b_before[1:]
            parts = parts + state.parts(rho)
        out.append(record(k, rho, parts, kind, W, b, X, Y))
        out[-1]["state"] = {"W": lists(W), "b": lists(b)}
        if full:
            out[-1]["state"].update(z=lists(state.z[1:]), a=lists(state.a))
        rho = min(rho * s["theta"], s["rho_max"])
    return out


def relaxed(s, W, b, X, Y):
    """relaxed_am with relax = norm and damping = auto, as at the head of relaxed_am.c."""
    kind, L, rho, out = s["activation"], len(W), s["rho0"], []
    W, b = [None] + list(W), [None] + list(b)
    W_before, b_before = list(W), list(b)
    for k in range(1, s["iterations"] + 1):
        parts = 0
        for n in batches(X.shape[1], s["batch"]):
            size = X[:, n].shape[1]
            hat = [None] + [(1 - s["shrink"]) * (W[l] + s["beta"] * (W[l] - W_before[l])) for l in range(1, L + 1)]
            b_hat = [None] + [b[l] + s["beta"] * (b[l] - b_before[l]) for l in range(1, L + 1)]
            W_before, b_before = list(W), list(b)
            p = output(kind, hat[1:], b_hat[1:], X[:, n])
            z, a = list(p), [X[:, n]] + [act(kind, x) for x in p[1:-1]]
            z[L] = (Y[:, n] + rho * p[L]) / (1 + rho)
            for l in range(L, 0, -1):
                A, e = a[l - 1], z[l] - p[l]
                q = (A ** 2).sum() / size
                share = s["bias_share"] * q
                damping = (s["damping_last"] if l == L else 2.0 * (L - 1)) * (q + share)
                D = e @ np.linalg.inv(A.T @ A + share + damping * np.eye(size))
                W[l] = hat[l] + D @ A.T
                b[l] = b_hat[l] + share * D.sum(1, keepdims=True)
                if l == 1:
                    continue
                R, bend = damping * D, act_slope(kind, p[l - 1])
                G = bend * (W[l].T @ R)
                squares = (G ** 2).sum()
                t = squares / (((W[l] @ G) ** 2).sum() + s["kappa"] * squares) if squares else 0
                omega_a, omega_z = s["relax_a"], s["relax_z"]
                if l < L:
                    have = np.sqrt(((bend * t * G) ** 2).sum())
                    want = np.sqrt((e ** 2).sum() * len(A) / len(e))
                    omega_a = omega_z = min(1.95, np.sqrt(want / have)) if have else 0
                a[l - 1] = act(kind, p[l - 1]) + omega_a * t * G
                slope = SLOPE[kind]
                low = p[l - 1] + slope * (a[l - 1] - act(kind, p[l - 1]))
                target = a[l - 1] if kind == "identity" else np.where(p[l - 1] > 0, np.maximum(a[l - 1], 0), low)
                z[l - 1] = p[l - 1] + omega_z * (target - p[l - 1])
            linear = sum(((z[l] - W[l] @ a[l - 1] - b[l]) ** 2).sum() for l in range(1, L + 1))
            gap = sum(((a[l] - act(kind, z[l])) ** 2).sum() for l in range(1, L))
            loss = 0.5 * ((z[L] - Y[:, n]) ** 2).sum()
            parts = parts + np.array([loss, linear, gap, loss + rho / 2 * (linear + gap)])
        out.append(record(k, rho, parts, kind, W[1:], b[1:], X, Y))
        out[-1]["state"] = {"W": lists(W[1:]), "b": lists(b[1:])}
        rho = min(rho * s["theta"], s["rho_max"])
    return out


def rule(s, t, g, m):
    """The step of a weight with gradient g; m keeps what the method remembers of it."""
    lr, eps, method = s["lr"], s.get("eps", 0), s["method"]
    u, v = m.get("u", 0 * g), m.get("v", 0 * g)
    if method == "sgd":
        m["u"] = u = g if t == 1 else s.get("momentum", 0) * u + g
        return lr * (g + s["momentum"] * u if s.get("nesterov") else u)
    if method == "adagrad":
        m["v"] = v = v + g ** 2
        return lr * g / (np.sqrt(v) + eps)
    if method == "rmsprop":
        m["v"] = v = s["decay"] * v + (1 - s["decay"]) * g ** 2
        return lr * g / (np.sqrt(v) + eps)
    if method == "adadelta":
        m["v"] = v = s["decay"] * v + (1 - s["decay"]) * g ** 2
        d = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        m["u"] = s["decay"] * u + (1 - s["decay"]) * d ** 2
        return lr * d
    m["u"] = u = s["beta1"] * u + (1 - s["beta1"]) * g
    if method == "adamax":
        m["v"] = v = np.maximum(s["beta2"] * v, np.abs(g) + eps)
        return lr / (1 - s["beta1"] ** t) * u / v
    m["v"] = v = s["beta2"] * v + (1 - s["beta2"]) * g ** 2
    if method == "amsgrad":
        m["top"] = v = np.maximum(m.get("top", 0 * v), v)
    return lr / (1 - s["beta1"] ** t) * u / (np.sqrt(v / (1 - s["beta2"] ** t)) + eps)


def descend(s, W, b, X, Y):
    """Back-propagation of the mean loss of each mini-batch."""
    kind, L, t, out = s["activation"], len(W), 0, []
    W, b = [x.copy() for x in W], [x.copy() for x in b]
    memory = [{} for _ in range(2 * L)]
    for epoch in range(1, s["epochs"] + 1):
        for i, n in enumerate(batches(X.shape[1], s["batch"]), 1):
            t += 1
            p, size = output(kind, W, b, X[:, n]), X[:, n].shape[1]
            loss = 0.5 * ((p[L] - Y[:, n]) ** 2).sum() / size
            back = (p[L] - Y[:, n]) / size
            for l in range(L, 0, -1):
                below = act(kind, p[l - 1]) if l > 1 else X[:, n]
                gradient, down = back @ below.T, W[l - 1].T @ back
                b[l - 1] = b[l - 1] - rule(s, t, back.sum(1, keepdims=True), memory[2 * l - 1])
                W[l - 1] = W[l - 1] - rule(s, t, gradient, memory[2 * l - 2])
                back = down * act_slope(kind, p[l - 1]) if l > 1 else None
            out.append({"epoch": epoch, "batch": i, "batch_loss": float(loss), "state": {"W": lists(W), "b": lists(b)}})
    return out


def problem(kind):
    """X, Y, W, b, rounded to what JSON shows: 3 outputs of curves in 4 inputs, or 6 inputs that 3 numbers nearly give."""
    r = np.random.default_rng(5)
    if kind == "regression":
        X = r.uniform(-1, 1, (4, 20))
        Y = np.stack([2 * X[0] - X[1], X[2] * X[3] + 5, np.sin(3 * X[0]) / 10]) + 0.01 * r.normal(size=(3, 20))
        d = [4, 6, 5, 3]
    else:
        X = r.normal(size=(6, 3)) @ r.uniform(-1, 1, (3, 20)) + 0.2 * r.normal(size=(6, 20))
        Y, d = X, [6, 5, 3, 6]
    W = [r.normal(size=(e, c)) / np.sqrt(c) for c, e in zip(d, d[1:])]
    b = [0.1 * r.normal(size=(e, 1)) for e in d[1:]]
    return [np.round(x, 6) for x in (X, Y)] + [[np.round(x, 6) for x in m] for m in (W, b)]


def cases():
    main = {"activation": "relu", "loss": "squared", "order": "nested_reverse", "alpha": 0.7, "beta": 0.7, "gamma": 0.7,
            "delta": 1.0, "rho0": 0.5, "theta": 1.1, "rho_max": 1.0, "iterations": 5}
    yield "ipdlam", main, split
    yield "ipdlam_minibatch", dict(main, batch=6, inner=2, iterations=4), split
    yield "dlam", dict(main, activation="leaky_relu", order="increase", alpha=0.0, beta=0.0, gamma=0.0, delta=0.0), split
    yield "relaxed_am", {"method": "relaxed_am", "activation": "relu", "loss": "squared", "order": "nested_reverse", "batch": 6,
                         "beta": 0.95, "rho0": 1.0, "theta": 1.1, "rho_max": 2.0, "damping": "auto", "damping_last": 30.0,
                         "kappa": 0.1, "bias_share": 0.2, "relax": "norm", "relax_a": 1.6, "relax_z": 1.6, "shrink": 0.001,
                         "iterations": 4}, relaxed
    adam = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    for method, more in (("sgd", {"lr": 0.05, "momentum": 0.9, "nesterov": True}), ("adagrad", {"lr": 0.05, "eps": 1e-10}),
                         ("rmsprop", {"lr": 0.01, "decay": 0.99, "eps": 1e-8}),
                         ("adadelta", {"lr": 1.0, "decay": 0.9, "eps": 1e-6}), ("adam", dict(adam, lr=0.01)),
                         ("amsgrad", dict(adam, lr=0.01)), ("adamax", dict(adam, lr=0.01))):
        yield method, dict(more, method=method, activation="relu", loss="squared", batch=6, epochs=2), descend


folder = os.path.dirname(os.path.abspath(sys.argv[0]))
for kind in ("regression", "autoencoder"):
    X, Y, W, b = problem(kind)
    for name, settings, method in cases():
        case = {"name": "values_%s_%s" % (kind, name), "settings": settings, "X": X.tolist(), "Y": Y.tolist(), "W": lists(W),
                "b": [x[:, 0].tolist() for x in b], "expected": method(settings, W, b, X, Y)}
        path = os.path.join(folder, "golden_optim" if method is descend else "golden", case["name"] + ".json")
        with open(path, "w") as f:
            f.write(json.dumps(json.loads(json.dumps(case), parse_float=lambda x: float("%.10g" % float(x)))) + "\n")
        print(path, case["expected"][0].get("phi"), case["expected"][-1].get("phi"))
