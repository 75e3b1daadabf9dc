#!/usr/bin/env python3
"""The keys of the table of runs: filter, order, pins, names, tags, notes, removal and undo."""
import json
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
SMALL = "--train 60 --test 20 --threads 1"
RUNS = (("amber", "5", "0.1"), ("bronze", "6", "0.2"), ("green", "6", "0.3"))  # 1, 2, 3


def ipdlam(*arguments):
    result = subprocess.run([IPDLAM, *arguments], env=dict(os.environ, **DATA), stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return json.loads(result.stdout) if "--json" in arguments else None


def history():
    return {r["id"]: r for r in ipdlam("runs", "list", "--json")}


def row(name, mark="  "):
    return r"[│┃]%s *\d* +%s\s" % (mark, name)


def names(screen):
    """The names in the table, from above."""
    return re.findall(r"[│┃][ ▶●][ a-z] *\d+ +(\w+) +\d", screen)


def open_table(t):
    t.ready()
    t.type("run.name = 'now' ip.layout('runs')")
    t.idle()
    t.send("F6")
    t.wait(row("amber"))
    t.idle()


for name, width, delta in RUNS:
    ipdlam("train", *SMALL.split(), "--layers", width, "--iterations", "2", "--name", name, "--delta", delta, "--quiet")
ipdlam("runs", "tag", "2", "good")


@case("/ filters runs by name, tag, network or setting while the user types")
def _():
    with Terminal(120, 40, SMALL + " --layers 7", env=DATA) as t:
        open_table(t)
        for text, wanted in (("^br", ["bronze"]), ("^good$", ["bronze"]), (r"^delta=0\.[13]$", ["green", "amber"]), ("784-6-10", ["green", "bronze"])):
            t.send("/")
            t.type(text, enter=False)
            screen = t.idle()
            if names(screen) != wanted or "%d of 4 runs" % len(wanted) not in screen:
                return "%s: %s" % (text, screen)
            t.send("Enter")
            screen = t.idle()
            if names(screen) != wanted or "/ " + text not in screen:
                return "kept: " + screen
            t.send("/", "C-u")
            if len(names(t.idle())) != 3:  # `now` has no number yet
                return "C-u: " + t.screen()
            t.send("Escape")
            t.idle()
        t.send("/")
        t.type("x(", enter=False)
        t.wait(r'"x\(" is not a regular expression: ')
        t.type("y)", enter=False)
        t.wait("no run matches")
        t.send("Escape")
        screen = t.idle()
        if len(names(screen)) != 3 or "not a regular" in screen:
            return screen


@case("s and S sort, and the selected run stays selected")
def _():
    with Terminal(120, 40, SMALL + " --layers 7", env=DATA) as t:
        open_table(t)
        t.send("Down", "Down")
        t.idle()
        t.send("s")
        t.wait("by name")
        if names(t.idle()) != ["amber", "bronze", "green"]:
            return t.screen()
        t.send("S")
        t.wait("by name, backwards")
        t.idle()
        t.send("Enter")  # bronze
        t.wait(row("bronze", " b"))
        t.wait(r"──b #?\d* ?bronze")
        t.send("/")
        t.type("green|amber")
        t.idle()
        t.send("A")
        t.wait(row("green", " [cd]"))
        t.wait(row("amber", " [cd]"))
        t.idle()
        t.send("A")
        t.wait(row("green"))
        t.wait(row("amber"))
        t.wait(r"──b #?\d* ?bronze")


@case("a pinned run stays in the charts when another run is shown and when two runs are compared")
def _():
    with Terminal(120, 40, SMALL + " --layers 7", env=DATA) as t:
        open_table(t)
        t.send("Down", "p")  # green
        t.wait(row("green", "●b"))
        t.wait(" green ")
        t.idle()
        t.send("Up", "p", "Escape")  # now
        t.idle()
        t.type("run:step(3)")
        t.wait(lambda s: re.search(r"paused +it(eration)? 3", s) and "idle" in s, "iteration 3")
        t.type("other, run = run, assert(run:branch(2))")
        t.wait(row("now@2", "▶[a-z]"))
        t.wait(row("now", "●a"))
        t.wait(row("green", "●b"))
        t.wait(lambda s: re.search(r"\S (#3 )?green \d", s) and "idle" in s, "the curve of a pinned run beside a branch")
        t.type("ip.overlay()")
        t.wait(row("green"))


@case("n, t and N edit the name, the tags and the note; u undoes each edit")
def _():
    with Terminal(120, 40, SMALL + " --layers 7", env=DATA) as t:
        open_table(t)
        t.send("Down", "Down", "Down")  # bronze
        t.idle()
        t.send("n", "C-u")
        t.type("delta run")
        t.wait("run 2: the name is changed")
        t.wait("delta run")
        t.send("t")
        t.type(" slow,new")
        t.wait("run 2: the tags are changed")
        t.send("N")
        t.type("it is ün note")
        t.wait("run 2: the note is changed")
        t.idle()
        run = history()[2]
        if (run["name"], run["tags"], run["note"]) != ("delta run", ["good", "new", "slow"], "it is ün note"):
            return str(run)
        t.send("u", "u")
        t.wait("run 2: the tags are as before")
        t.send("u")
        t.wait("run 2: the name is as before")
        t.send("u")
        t.wait("no edit of a run to take back")
        run = history()[2]
        if (run["name"], run["tags"], run["note"]) != ("bronze", ["good"], ""):
            return str(run)
        many = sorted("a-long-tag-%02d" % i for i in range(12))
        ipdlam("runs", "tag", "2", *many)
        ipdlam("runs", "note", "2", "first\nsecond")
        t.send("r")
        t.idle()
        t.send("N")
        t.type("lost")
        t.wait("the texts of run 2 are too long to edit in a line")
        with sqlite3.connect("file:%s/ipdlam/runs.db?mode=ro" % FOLDER.name, uri=True) as db:
            if db.execute("SELECT note FROM runs WHERE id = 2").fetchone()[0] != "first\nsecond":
                return "the note is lost"
        ipdlam("runs", "note", "2", "first")
        t.send("r")
        t.idle()
        t.send("t")
        t.type(" last")
        t.wait("run 2: the tags are changed")
        t.send("n")
        t.type("é" * 40)
        t.wait("run 2: the name is changed")
        t.idle()
        run = history()[2]
        if run["tags"] != many + ["good", "last"] or run["note"] != "first":
            return "cut: " + str(run)
        if run["name"] != "bronze" + "é" * 28:
            return "name: " + str(run)
        t.send("Up", "Up", "Up", "n")  # not in the history yet
        t.type("x")
        t.wait("enters the history with its first block")
        t.send("F10")
        t.wait(lambda s: re.search(r"paused +it(eration)? 1 ", s) and "idle" in s, "iteration 1")
        t.send("n")
        t.type("ly")
        t.wait("Φ · nowly|objective Φ · nowly")
        t.send("d")
        t.wait("is open. End it first")


@case("d removes a run at the end of the session; u undoes this")
def _():
    folder = os.path.join(FOLDER.name, "ipdlam", "checkpoints")
    before = history()
    with Terminal(120, 40, SMALL + " --layers 7", env=DATA) as t:
        open_table(t)
        t.send("/")
        t.type("amber|green")
        t.idle()
        t.send("s", "Up", "d")
        t.wait("run 1 will be removed when the workbench ends. u in the table of runs keeps it")
        t.wait(r" 1 of \d runs")
        t.send("d")
        t.wait("run 3 will be removed when")
        t.wait("no run matches")
        if history() != before:
            return "it is removed already"
        t.send("u")
        t.wait("run 3 will not be removed")
        t.wait(row("green"))
        t.send("C-d")
        if t.finished() or "1 run removed" not in t.read("error"):
            return t.read("error")
    if 1 in history() or 3 not in history() or os.path.exists(os.path.join(folder, "1")):
        return str(list(history()))


@case("a regression has R² and RMSE beside accuracies of other runs, in the table, the tree and the chart")
def _():
    table = "x,y\n" + "".join("%d,%d\n" % (i, i * i) for i in range(40))
    with Terminal(150, 40, "--data values.csv --label y --test 10 --layers 4 --threads 1", env=DATA, files={"values.csv": table}) as t:
        t.ready()
        t.type("run.name = 'curve' ip.layout('runs')")
        t.send("F10")
        t.wait(r"▶ *\d+ +curve +R² -?\d\.\d{4} +1 .* R² -?\d\.\d{4} +\d[\d.e]+ ")
        screen = t.idle()
        if not re.search(r"name +test +it +Φ +status +best +RMSE", screen) or not re.search(r"green +\d+\.\d\d% .* \d+\.\d\d% ", screen):
            return screen
        t.type("ip.layout('tree')")
        t.wait(r"1 it +Φ \S+ +R² -?\d\.\d{3}")
        if "╭─ R² ─" not in t.idle():
            return t.screen()


done()
