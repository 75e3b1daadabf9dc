#!/usr/bin/env python3
"""Adam in PyTorch beside scripts/paper/race.lua: its network, first weights (He, b = 0), batches and turns of 5000 samples, on one
thread. Prints processor seconds, seconds and test accuracy after each turn; only training is timed."""
import argparse, time
import numpy as np
import torch
import common

p = argparse.ArgumentParser()
p.add_argument("--data", required=True, help="folder with MNIST's or Fashion-MNIST's IDX files")
p.add_argument("--layers", default="300,300")
p.add_argument("--batch", type=int, default=64)
p.add_argument("--lr", type=float, default=0.001)
p.add_argument("--weight-decay", type=float, default=0, help="more than 0: AdamW")
p.add_argument("--epochs", type=int, default=5)
p.add_argument("--seed", type=int, default=1)
p.add_argument("--every", type=int, default=5000)
o = p.parse_args()
o.samples = 60000
X, _, labels, X_test, _, labels_test = [torch.from_numpy(x.copy()) for x in common.samples(o)]
X, X_test = X.t().contiguous(), X_test.t().contiguous()
torch.set_num_threads(1)
torch.manual_seed(o.seed)
widths, layers = [784] + [int(d) for d in o.layers.split(",")] + [10], []
for l in range(1, len(widths)):
    linear = torch.nn.Linear(widths[l - 1], widths[l])
    variance = 2 if l + 1 < len(widths) else 0.7
    torch.nn.init.normal_(linear.weight, 0, (variance / widths[l - 1]) ** 0.5)
    torch.nn.init.zeros_(linear.bias)
    layers += [linear, torch.nn.ReLU()]
model = torch.nn.Sequential(*layers[:-1])
kind = torch.optim.AdamW if o.weight_decay > 0 else torch.optim.Adam
optimizer = kind(model.parameters(), lr=o.lr, weight_decay=o.weight_decay)
loss = torch.nn.CrossEntropyLoss()
processor = seconds = 0
print("samples,processor_seconds,seconds,accuracy")
for epoch in range(o.epochs):
    order, goal, started = torch.randperm(X.size(0)), o.every, (time.process_time(), time.perf_counter())
    for first in range(0, X.size(0), o.batch):
        chosen = order[first:first + o.batch]
        optimizer.zero_grad()
        loss(model(X[chosen]), labels[chosen].long()).backward()
        optimizer.step()
        done = min(first + o.batch, X.size(0))
        if done < min(goal, X.size(0)):
            continue
        goal = done // o.every * o.every + o.every
        processor += time.process_time() - started[0]
        seconds += time.perf_counter() - started[1]
        with torch.no_grad():
            accuracy = float((model(X_test).argmax(1) == labels_test).float().mean())
        print("%d,%.4f,%.4f,%.4f" % (epoch * X.size(0) + done, processor, seconds, accuracy), flush=True)
        started = (time.process_time(), time.perf_counter())
