#!/usr/bin/env python3
"""ipdlam sweep on a terminal: the live table, its keys, and what is left behind."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
SWEEP = "sweep --train 300 --test 100 --layers 20 --inertia 0.1,0.5 --output t.csv --iterations "


@case("s ends a run, q the sweep; the rest waits")
def _():
    with Terminal(90, 24, SWEEP + "1000000", errors="") as t:
        t.wait(r"inertia=0\.1 .*iteration \d\d+ of 1000000")
        t.wait(r"run 1 of 2, .* left   s ends this run, q the sweep")
        t.send("s")
        t.wait(r"inertia=0\.1 .*ended by hand\n *inertia=0\.5 .*iteration \d+ of")
        t.send("q")
        code = t.finished()
        text = t.screen()
        rows = [line.split()[0] for line in text.split("\n") if line.startswith("inertia=")]
        wrong = []
        if code != 1:
            wrong.append("the exit code is %d" % code)
        if rows != ["inertia=0.1", "inertia=0.5"] or "ends this run" in text or "waits" not in text:
            wrong.append("the last table is not alone:\n" + text)
        if "ended by hand" not in t.read("t.csv"):
            wrong.append("the run that was ended is not in the CSV file")
        if t.read("before") != t.read("after"):
            wrong.append("the keyboard is not as before")
        return "\n".join(wrong)


@case("C-c leaves the keyboard as before")
def _():
    with Terminal(90, 24, SWEEP + "1000000", errors="") as t:
        t.wait(r"iteration \d\d+ of 1000000")
        t.send("C-c")
        code = t.finished()
        if t.read("before") != t.read("after"):
            return "the keyboard differs"
        return "" if code == 130 else "the exit code is %d\n%s" % (code, t.screen())


done()
