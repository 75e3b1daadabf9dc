#!/usr/bin/env python3
"""An epoch of Adam with PyTorch's own layers: mini-batches in order, squared loss, then training and test accuracy."""
import torch
from common import options, report, samples, weights

o = options()
X, Y, labels, X_test, Y_test, labels_test = [torch.from_numpy(x.copy()) for x in samples(o)]
X, Y, X_test = X.t().contiguous(), Y.t().contiguous(), X_test.t().contiguous()
W, b = weights(o)
layers = []
for l in range(1, len(o.widths)):
    linear = torch.nn.Linear(o.widths[l - 1], o.widths[l])
    linear.weight.data, linear.bias.data = torch.from_numpy(W[l].copy()), torch.from_numpy(b[l][:, 0].copy())
    layers += [linear, torch.nn.ReLU()]
model = torch.nn.Sequential(*layers[:-1])
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)


def iterate():
    for first in range(0, X.size(0), o.batch):
        x, y = X[first:first + o.batch], Y[first:first + o.batch]
        optimizer.zero_grad()
        (0.5 * ((model(x) - y) ** 2).sum() / x.size(0)).backward()
        optimizer.step()
    with torch.no_grad():
        train = (model(X).argmax(1) == labels).float().mean()
        return float((model(X_test).argmax(1) == labels_test).float().mean())


report(o, "torch_adam", iterate)
