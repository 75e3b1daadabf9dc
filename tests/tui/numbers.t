#!/usr/bin/env python3
"""Numbers in legends, at the cursor, in the table of values, on the first line and in comparisons: each is computed again
from the history, for the run and the iteration that the screen names."""
import math
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import IPDLAM, Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
FOLDER = tempfile.TemporaryDirectory(prefix="ipdlam-test.")
DATA = {"XDG_DATA_HOME": FOLDER.name}
NUMBER = r"[+-]?\d[\d.]*(?:e-?\d+)?%?"
HEADS = {"Φ": "phi", "fwd loss": "forward_loss", "loss": "loss", "test": "test_accuracy", "train": "train_accuracy",
         "validation": "validation_accuracy", "z_L": "auxiliary_accuracy", "averaged": "averaged_test_accuracy",
         "it": "iteration", "½ρ lin gap": "linear_gap", "½ρ act gap": "activation_gap", "regularizer": "regularizer"}
checked = 0


class Run:
    """The records of a run by iteration; those of the path that "one" left, if the name is "before"."""

    def __init__(self, name):
        data = sqlite3.connect(os.path.join(FOLDER.name, "ipdlam", "runs.db"))
        data.row_factory = sqlite3.Row
        before, name = name == "before", "one" if name == "before" else name
        number = data.execute("SELECT id FROM runs WHERE name = ?", [name]).fetchone()["id"]
        self.records = {r["iteration"]: r for r in data.execute("SELECT * FROM records WHERE run = ?", [number])}
        if before:
            left = data.execute("SELECT rewound.* FROM rewound JOIN rewinds ON rewinds.id = rewind WHERE run = ?", [number])
            self.records.update({r["iteration"]: r for r in left})
        data.close()
        self.last = max(self.records)

    def value(self, field, iteration):
        record = self.records.get(iteration)
        if record is None or record[field] is None:
            return None
        return record[field] * (record["rho"] / 2 if field.endswith("_gap") else 1)

    def average(self, field, iteration, weight):
        total = norm = 0
        for k in range(1, iteration + 1):
            if k not in self.records:
                return None
            total = weight * total + (1 - weight) * self.value(field, k)
            norm = weight * norm + 1 - weight
        return total / norm

    def seconds(self, iteration):
        return sum(self.records[k]["seconds"] for k in range(1, iteration + 1))

    def up_to(self, seconds):
        """The iteration that a legend shows by seconds: the last one up to there, if the run goes on or ends there."""
        at = [k for k in self.records if self.seconds(k) <= seconds]
        return max(at) if at and (max(at) < self.last or self.seconds(max(at)) == seconds) else None


def differs(shown, value):
    """What is wrong with a number on the screen, by its last digit; or None."""
    global checked
    checked += 1
    if shown in ("–", "-") or value is None:
        return None if shown in ("–", "-") and value is None else "%s instead of %s" % (shown, value)
    digits = shown.rstrip("%")
    whole, _, exponent = digits.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(whole.partition(".")[2]))
    value *= 100 if shown.endswith("%") else 1
    return None if abs(float(digits) - value) <= unit * 0.5001 + 1e-12 else "%s instead of %.9g" % (shown, value)


def pane(screen, title):
    """The lines inside the frame with this title."""
    lines = screen.split("\n")
    for y, line in enumerate(lines):
        found = re.search("[╭┏][─━] (?:%s)" % title, line)
        if found:
            left, right = found.start(), re.compile("[╮┓]").search(line, found.start()).start()
            end = next(k for k in range(y + 1, len(lines)) if lines[k][left] in "╰┗")
            return line[left:right], [text[left + 1:right] for text in lines[y + 1:end]]
    raise AssertionError("no pane %s in\n%s" % (title, screen))


def legend(lines):
    """The entries of a chart's legend: letter, label, value, difference; and what it says of the place."""
    top = lines[:next(k for k, line in enumerate(lines) if re.search("[┤│]", line))]
    text = "   ".join(line.strip() for line in top)
    return (re.findall(r"[─╌┈]{2}([a-z]) (.+?) (–|%s)(?: \((%s)\))?(?=   |$)" % (NUMBER, NUMBER), text),
            (re.findall(r"   (at .+?)(?=   |$)", text) or [""])[0])


def table(lines):
    """The rows of the pane of values: letter, name, and values by head."""
    heads = re.split(r"\s{2,}", lines[0].strip(" ›"))[1:]
    for line in lines[1:]:
        cells = re.split(r"\s{2,}", line[2:].strip())
        if len(cells) > 1:
            yield line[0], cells[0], dict(zip(heads, cells[1:]))


def wrong(screen, at, by_seconds=False, weight=0):
    """Compares all numbers of the screen with the history at an iteration of the run on it."""
    faults = []
    rows = list(table(pane(screen, "values")[1]))
    runs = {letter: Run(name) for letter, name, _ in rows}
    own = next(letter for letter, name, _ in rows if name in pane(screen, "objective|forward")[0])
    iterations = {letter: run.up_to(runs[own].seconds(at)) if by_seconds else at if at <= run.last else None
                  for letter, run in runs.items()}
    for letter, name, cells in rows:
        for head, shown in cells.items():
            value = runs[letter].value(HEADS[head], iterations[letter]) if iterations[letter] else None
            faults.append(("values, %s, %s" % (name, head), differs(shown, value)))
    objective = "phi" if "Φ" in pane(screen, "objective|forward")[0] else "forward_loss"
    for title in "objective|forward", "accuracy":
        entries, place = legend(pane(screen, title)[1])
        if len(entries) < len(runs):
            faults.append((title, "only %s" % entries))
        if place and not re.search(r"at %s%d$" % (r"[\d.e-]+ s, it " if by_seconds else "", at), place):
            faults.append((title, "says %s" % place))
        if not place and any(run.last != at for run in runs.values()):
            faults.append((title, "names no iteration"))
        for letter, label, shown, difference in entries:
            field = objective if title != "accuracy" else HEADS[label.split(" ")[-1]]
            k, run = iterations[letter], runs[letter]
            value = None if k is None else run.average(field, k, weight) if weight else run.value(field, k)
            faults.append(("%s: %s" % (title, label), differs(shown, value)))
            if difference:
                other = next(r for x, r in runs.items() if x != own)
                faults.append(("difference", differs(difference, value - other.value(field, at))))
    last = runs[own].last
    first = screen.split("\n")[0]
    for name, field in ("it(?:eration)?", "iteration"), ("Φ", "phi"), ("test", "test_accuracy"), ("train", "train_accuracy"):
        found = re.search(r" %s +(%s)" % (name, NUMBER), first)
        faults.append(("the first line: " + name, differs(found.group(1), runs[own].value(field, last)) if found else None))
    return "\n".join("%s: %s" % fault for fault in faults if fault[1]) + ("\n" + screen if any(f[1] for f in faults) else "")


def common(names):
    return min(Run(name).last for name in names)


def cursor(t, key, at):
    t.send(key)
    t.wait(r"at (\S+ s, it )?%d\b" % at)
    return t.idle()


@case("legends, cursor, table of values and the first line")
def _():
    why = []
    with Terminal(180, 50, "--layers 5 --train 60 --test 20 --threads 1", env=DATA) as t:
        t.ready()
        t.type("run.name = 'one' ip.layout('values') run:step(7)")
        t.idle()
        t.type("d = run.data b = ip.run{ data = d, net = { 784, 6, 10 }, name = 'two', delta = 0.3 } b:step(4) ip.overlay(b)")
        t.type("c = ip.run{ data = d, net = { 784, 5, 10 }, name = 'three', seed = 3 } c:step(5) ip.overlay(c)")
        screen = t.idle()
        why.append(wrong(screen, 4))
        t.send("F6")
        for key, at in ("Left", 7), ("Left", 6), ("Left", 5), ("Left", 4), ("Home", 1):
            why.append(wrong(cursor(t, key, at), at))
        t.send("Right", "Right", "s")  # averages
        t.wait("EMA 0.6")
        why.append(wrong(t.idle(), 3, weight=0.6))
        t.send("s", "s", "s", "X", "X", "X")
        t.wait(r"at \S+ s, it 3")
        why.append(wrong(t.idle(), 3, by_seconds=True))
        t.send("X", "X", "c", "Escape")
        t.idle()
        t.type("ip.overlay() c = nil run:rewind(3) run.delta = 0.2 run:step(2)")  # beside the path that was left
        t.wait(lambda s: "before" in s and re.search(r"it(eration)? +5 ", s))
        screen = t.idle()
        if "(" not in screen:
            why.append("no difference: " + screen)
        why.append(wrong(screen, 5))
        t.type("ip.overlay() run = ip.run{ data = d, net = { 784, 5, 10 }, method = 'adam', name = 'four' } run:step(3) ip.overlay(b)")
        t.wait(lambda s: "forward loss" in s and re.search(r"it(eration)? +3 ", s))
        why.append(wrong(t.idle(), 3))
    if checked < 300:
        why.append("only %d numbers were read" % checked)
    return "\n".join(text for text in why if text)


def ipdlam(*arguments, lua=""):
    return subprocess.run([IPDLAM, *arguments], input=lua, env=dict(os.environ, LC_ALL="C.UTF-8", **DATA), check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8").stdout


@case("ipdlam runs compare: values are of the iteration that the line names")
def _():
    names = "one", "two", "three", "four"
    out = ipdlam("runs", "compare", *names)
    at = int(re.search("at iteration (\\d+), the last one of all runs:\n", out).group(1))
    faults = [] if at == common(names) else ["it is at %d" % at]
    ends, same = out.split("\nat iteration")
    same = same.split("\n\n")[0]
    for field, cells in re.findall(r"^(\w+(?:_accuracy|_loss)|phi)  +(\S.*)$", same, re.MULTILINE):
        for name, shown in zip(names, cells.split()):
            faults.append(differs(shown, Run(name).value(field, at)))
    if re.search(r"^(phi|forward_loss|test_accuracy) ", ends, re.MULTILINE):
        faults.append("values of the ends")
    faults += [] if "phi" in same and "test_accuracy" in same else [out]
    return "\n".join(f for f in faults if f)


@case("ip.compare: values, differences, iteration")
def _():
    out = ipdlam("repl", lua="print(ip.compare{ 1, 2 })\n")
    at = int(re.search(r"\(at iteration (\d+); ", out).group(1))
    runs = Run("one"), Run("two")
    faults = [] if at == common(("one", "two")) else ["it is at %d" % at]
    rows = re.findall(r"^(phi|\w*loss|\w+_accuracy)  +(\S+) +(\S+) +(\S+)$", out, re.MULTILINE)
    for field, *shown in rows:
        values = [run.records[at][field] for run in runs]
        for text, value in zip(shown, values + [values[0] - values[1]]):
            faults.append(differs(text, value))
    faults += [] if len(rows) > 4 else [out]
    return "\n".join(f for f in faults if f)


done()
