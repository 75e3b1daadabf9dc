#!/usr/bin/env python3
"""Charts by keys and :chart, on a screen: smoothing, the x axis, fields and metrics, the first line."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 300 --test 100 --threads 1 --no-history"


def trained(t, iterations):
    t.ready()
    t.type("run:step(%d)" % iterations)
    t.wait(lambda s: re.search(r"it(eration)? +%d " % iterations, s) and "idle" in s)


@case("s and X change smoothing and the x axis, which legend and cursor show")
def _():
    with Terminal(120, 40, SMALL) as t:
        trained(t, 5)
        t.send("F6", "s")
        t.wait("EMA 0.6")
        t.send("s")
        t.wait("EMA 0.9")
        t.send("X", "X", "X")
        t.wait("seconds")
        t.send("Left", "Left")
        t.wait(r"s, it 4")
        t.type("ip.chart{ smooth = 0, x = 'iteration' }")
        t.wait(lambda s: "at 4" in s and "EMA" not in s and "idle" in s)


@case(":chart draws fields and metrics; an unknown name is an error")
def _():
    with Terminal(120, 40, SMALL) as t:
        trained(t, 3)
        t.type(":chart moved_W")
        t.wait(lambda s: all("moved_W_%d" % k in s for k in (1, 2, 3)) and "metrics" in s)
        t.type(":chart moved_w")
        t.wait("unknown field or metric 'moved_w'. Did you mean 'moved_W'")
        t.type("asked = 0 ip.chart(setmetatable({}, { __len = function() return 1 end, "
               "__index = function(_, k) if k == 1 then asked = asked + 1 return asked == 1 and 'phi' or nil end end }))")
        t.wait(lambda s: "idle" in s and re.search(r"── phi|── Φ", s))
        t.type("ip.chart('ratio', function(m) return m.linear_gap / m.phi end) run:step(2)")
        t.wait(lambda s: re.search(r"── ratio [0-9]", s) and "idle" in s)


@case(":figure and F write the chart with its axes and smoothing")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.type(":figure none.svg")
        t.wait("the chart has no curves yet")
        t.type("run:step(3) run.delta = 0.3 run:step(2)")
        t.wait(lambda s: re.search(r"it(eration)? +5 ", s) and "idle" in s)
        t.type(":figure a.txt")
        t.wait(lambda s: "│a.txt" in s and "idle" in s)
        text = t.read("a.txt")
        if "digits-20-20-ipdlam-1" not in text or "loss" not in text or "delta = 0.3" not in text:
            return text
        t.type("run:rewind(4) run:step(1)")
        t.wait(lambda s: "──b before" in s and "idle" in s)
        t.send("F6", "p", "p", "F", "Escape")
        t.wait(lambda s: "chart.svg" in s and "idle" in s)
        numbers = re.findall(r'fill[:=]"?rgb\([5-7][^>]*>\s*<use', t.read("chart.svg"))
        if len(numbers) != 1:
            return "%d numbers at the mark" % len(numbers)
        t.type(":figure b.txt")
        t.wait(lambda s: "│b.txt" in s and "idle" in s)
        if not re.search("(?m)^Φ · digits-20-20-ipdlam-1 .*── digits-20-20-ipdlam-1", t.read("b.txt")):
            return "the quantity or the run has no name:\n" + t.read("b.txt")
        t.send("F6", "F6", "s", "F")
        t.wait(lambda s: "chart.svg" in s and "idle" in s)
        t.type(":figure a.jpg")
        t.wait("must end in")
        if "<svg" not in t.read("chart.svg"):
            return "no figure"


@case("the first line has the time trained and the time per iteration")
def _():
    with Terminal(160, 40, SMALL) as t:
        trained(t, 3)
        t.wait(r"trained [0-9.]+m?s +[0-9.]+m?s/it")


@case("the distribution of a layer's variables and its course, by keys")
def _():
    with Terminal(100, 40, "--layers 20,20 --train 600 --test 200 --threads 1") as t:
        t.ready()
        t.type('ip.layout("distribution")')
        t.wait("distribution of W1")
        for k in (1, 2):
            t.send("F10")
            t.wait("before iteration %d" % (k + 1))
        t.wait("15680 values")
        t.type("a = {} for i = 1, 15680 do a[i] = run.W[1]:get(i % 20 + 1, i // 20 % 784 + 1) end table.sort(a)")
        t.type("print(('least %.3g'):format(a[1]))")
        least = re.search(r"least (-[\d.]+)", t.wait(r"least -\d")).group(1)
        t.wait(lambda s: s.count(least) >= 2, "the least weight at the left end of the axis")
        t.send("F6")
        t.send("Right")
        t.wait("distribution of z1")
        t.send("Right", "Right", "Down")
        t.wait("distribution of z2 − W2 a1 − b2")
        t.type("run:rewind(1)")
        t.wait("before iteration 2")


done()
