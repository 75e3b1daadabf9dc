#!/usr/bin/env python3
"""Runs that outlive the workbench: what they leave, --resume, and the table of runs."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import IPDLAM, Lost, Terminal, case, done, need_tmux  # noqa: E402
import re  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

need_tmux()
FOLDER = tempfile.TemporaryDirectory(prefix="ipdlam-test.")
DATA = {"XDG_DATA_HOME": FOLDER.name}
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1"


def ipdlam(*arguments):
    result = subprocess.run([IPDLAM, *arguments], env=dict(os.environ, **DATA), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            encoding="utf-8", check=False)
    return json.loads(result.stdout) if "--json" in arguments else []


def timeless(records):
    return [{k: v for k, v in r.items() if not k.startswith("seconds")} for r in records]


def wait_for_status(wanted):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        runs = ipdlam("runs", "list", "--json", "--limit", "1")
        if runs and runs[0]["status"] == wanted:
            return
    raise Lost("the status %s; it is %s" % (wanted, runs and runs[0]["status"]))


def train(t, *iterations):
    for k in iterations:
        t.send("F10")
        t.wait(at_iteration(k), "iteration %d" % k)


def at_iteration(k):
    return lambda s: re.search(r"paused +it(eration)? %d " % k, s) and "idle" in s


@case("the history says that a run rests, and that it trains again")
def _():
    with Terminal(80, 24, SMALL, env=DATA) as t:
        t.ready()
        train(t, 1, 2)
        wait_for_status("paused")
        t.send("F5")
        t.wait("running")
        wait_for_status("running")
        t.send("F5")
        t.wait("paused")
        t.send("C-d")
        t.finished()
        wait_for_status("finished")


@case("a run goes on after the end of the workbench, to the same bits")
def _():
    with Terminal(80, 24, SMALL, env=DATA) as t:
        t.ready()
        train(t, 1, 2)
        t.send("F11")
        t.wait(lambda s: "it 2  W3" in s and "idle" in s, "one block of iteration 3")
        t.send("C-d")
        t.finished()
        if not re.search(r"run 2 stands at iteration 3.*: ipdlam --resume 2 goes on$", t.read("error")):
            return "it says: " + t.read("error")
    with Terminal(80, 24, "--resume 2 --threads 1", env=DATA) as t:
        t.wait(r'run = assert\(ip.resume\("2"\)\)')
        t.ready()
        train(t, 3, 4)
        t.send("C-d")
        t.finished()
    whole = ipdlam("train", *SMALL.split(), "--iterations", "4", "--json", "--no-history")
    kept = ipdlam("runs", "export", "3", "--json")
    if timeless(whole) != timeless(kept):
        return "%s\nis not\n%s" % (kept[-1:], whole[-1:])
    if ipdlam("runs", "list", "--json", "--limit", "1")[0]["parent"] != 2:
        return "it is not a child of run 2"


@case("SIGTERM leaves a checkpoint, too")
def _():
    with Terminal(80, 24, SMALL, env=DATA) as t:
        t.ready()
        train(t, 1)
        t.send("F5")
        t.wait("running")
        os.kill(t.program(), 15)
        t.finished()
        wait_for_status("interrupted")
        if "ipdlam --resume 4 goes on" not in t.read("error"):
            return "it says: " + t.read("error")


@case("--resume: what cannot be is said before the screen opens")
def _():
    for options, why in (("--resume 99", "run 99 has no checkpoints"), ("--resume 2 --delta 1", "leave --delta out"),
                         ("--resume nothing", "there is no such checkpoint")):
        with Terminal(80, 24, options, env=DATA) as t:
            if t.finished() == 0 or why not in t.read("error") or "\n" in t.read("error"):
                return "it says: " + t.read("error")


@case("in the table of runs o goes on with an old run, and a does one again")
def _():
    ipdlam("train", *SMALL.split(), "--iterations", "2", "--name", "plain", "--json")  # run 5
    shutil.rmtree(os.path.join(FOLDER.name, "ipdlam", "checkpoints", "5"))
    plain = ipdlam("runs", "export", "5", "--json")
    with Terminal(120, 40, SMALL, env=DATA) as t:
        t.ready()
        t.type("ip.layout('runs')")
        t.wait(r"plain +\S+ +2 ")
        t.idle()
        t.send("F6")
        t.idle()
        t.send("Down", "o")
        t.wait("run 5 has no checkpoints")
        t.idle()
        t.send("a")
        t.wait(r"assert\(ip.again\(5\)\)")
        t.wait(at_iteration(2), "iteration 2")
        t.send("Down", "Down")
        t.idle()
        t.send("o")
        t.wait(r"assert\(ip.resume\(4\)\)")
        t.wait(lambda s: re.search(r"paused +it", s) and "idle" in s, "the run that SIGTERM ended")
        t.send("Escape")
        t.idle()
        t.type("print(other.name, other.iteration, run.name, run.iteration)")
        t.wait(r"plain\s+2\s+run 1\s+[1-9]")
        t.type("other:step()")
        t.wait(lambda s: "iteration 3: phi" in s and "idle" in s, "a step of the other one")
        t.send("C-d")
        t.finished()
    again = [r for r in ipdlam("runs", "list", "--json") if r["name"] == "plain" and r["id"] != 5]
    if len(again) != 1 or timeless(ipdlam("runs", "export", str(again[0]["id"]), "--json"))[:2] != timeless(plain):
        return "the run that is done again differs: %s" % again


done()
