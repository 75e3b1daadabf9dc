#!/usr/bin/env python3
"""The view of the boundary: moons and spirals by three methods, and data without two inputs."""
import math
import os
import random
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import Terminal, case, done, need_tmux  # noqa: E402

need_tmux()


def table(kind):
    r = random.Random(4)
    rows = []
    for i in range(300):
        c, t = i % 2, r.random() * math.pi
        x, y = (1 - math.cos(t), .5 - math.sin(t)) if c else (math.cos(t), math.sin(t))
        if kind == "spirals":
            t = .3 + r.random()
            x, y = (t * math.cos(2 * math.pi * t + math.pi * c), t * math.sin(2 * math.pi * t + math.pi * c))
        rows.append("%.4f,%.4f,%s" % (x, y, "ab"[c]))
    return "x,y,class\n" + "\n".join(rows) + "\n"


def inside(t):
    """The rows of the pane."""
    return [line[1:-1] for line in t.screen().split("\n") if line.startswith("│")]


def regions(t):
    """Counts of samples that stand in their own and in the other region, by the fill beside them."""
    own = other = 0
    for row in inside(t):
        for k, mark in enumerate(row):
            beside = row[max(0, k - 1):k + 2]
            if mark in "ox" and ("." in beside) != (":" in beside):
                good = ("." in beside) == (mark == "o")
                own, other = own + good, other + (not good)
    return own, other


for kind in ("moons", "spirals"):
    for method in ("--preset ipdlam", "--preset fast", "--method adam --lr 0.03 --batch 32"):
        @case("%s by %s" % (kind, method))
        def _():
            name = kind + ".csv"
            with Terminal(80, 24, "--data %s --layers 40,40 --threads 1 %s" % (name, method), files={name: table(kind)}) as t:
                t.ready()
                t.type('ip.layout("boundary")')
                t.wait("before iteration 1 ")
                t.type("run:step(20)")
                t.wait("before iteration 21 ")
                own, other = regions(t)
                least = .5 if kind == "spirals" or "ipdlam" in method else .85
                if own + other < 20 or own < least * (own + other):
                    return "%d in their region, %d not:\n%s" % (own, other, t.screen())


@case("data without two inputs have a message instead of the boundary")
def _():
    with Terminal(80, 24, "--layers 20 --train 200 --test 100 --threads 1") as t:
        t.ready()
        t.type('ip.layout("boundary")')
        t.wait("is drawn for data with two inputs")


done()
