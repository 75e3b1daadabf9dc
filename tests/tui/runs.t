#!/usr/bin/env python3
"""Runs after the end of the workbench: checkpoints, --resume, and the table of runs."""
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
        if runs and re.fullmatch(wanted, runs[0]["status"]):
            return
    raise Lost("the status %s; it is %s" % (wanted, runs and runs[0]["status"]))


def train(t, *iterations):
    for k in iterations:
        t.send("F10")
        t.wait(at_iteration(k), "iteration %d" % k)


def at_iteration(k):
    return lambda s: re.search(r"paused +it(eration)? %d " % k, s) and "idle" in s


@case("the history has the status paused, and then running")
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
        wait_for_status(r"left (at|in) iteration \d+")


@case("a run continues in the next session, to the same bits")
def _():
    with Terminal(80, 24, SMALL, env=DATA) as t:
        t.ready()
        train(t, 1, 2)
        t.send("F11")
        t.wait(lambda s: "it 2  W3" in s and "idle" in s, "one block of iteration 3")
        t.send("C-d")
        t.finished()
        if not re.search(r"run 2 is at iteration 3.*: ipdlam --resume 2 continues it$", t.read("error")):
            return "it says: " + t.read("error")
        wait_for_status("left in iteration 3")
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


@case("SIGTERM leaves a checkpoint")
def _():
    with Terminal(80, 24, SMALL, env=DATA) as t:
        t.ready()
        train(t, 1)
        t.send("F5")
        t.wait("running")
        os.kill(t.program(), 15)
        t.finished()
        wait_for_status("interrupted")
        if "ipdlam --resume 4 continues it" not in t.read("error"):
            return "it says: " + t.read("error")


@case("--resume last restores open runs, their paths and the overlays")
def _():
    folder = tempfile.TemporaryDirectory(prefix="ipdlam-test.")
    env = {"XDG_DATA_HOME": folder.name}
    with Terminal(120, 40, SMALL, env=env) as t:
        t.ready()
        t.type("run:step(3) run:rewind(1) run:set{ delta = 0.7 } run:step(1)")
        t.idle()
        t.type("a = run; b = ip.run{ data = a.data, net = { 784, 9, 10 }, name = 'second' } b:step(2) ip.overlay(b)")
        t.idle()
        t.type("ip.layout('runs')")
        t.idle()
        t.send("F6")
        t.type("p/second|ipdlam", enter=False)
        t.wait("second.ipdlam")
        t.send("Enter")
        t.idle()
        t.send("M-1", "F6", "Left", "Left", "X")
        t.wait(r"at \d+, it 2\b")
        t.send("C-d")
        t.wait("finished-0")
    with Terminal(120, 40, "--resume last --threads 1", env=env) as t:
        t.wait(r"a = run b = ip.resume\(2\) ip.overlay\(b or 2\) run:draw_path\(1\)")
        t.wait("──. second")
        t.wait("──. before", "the curve before the rewind")
        t.idle()
        t.wait(r"at \d+, it 2\b", "the charts' cursor and x axis")
        t.wait("− (second|before)", "the difference")
        t.type("a == run, b.parent.name")
        t.wait(r"true\s+second", "the runs in globals")
        t.type("ip.layout('runs')")  # the layout is kept elsewhere
        t.wait(r"/ second.ipdlam", "the filter")
        t.wait(r"[│┃]●[a-z]", "the pin")
        t.type("#run:futures(), #ip.living()")
        t.wait(r"= 2\s+2|2, 2|2\t2")
    subprocess.run([IPDLAM, "train", "--train", "60", "--test", "20", "--layers", "5", "--iterations", "2", "--checkpoint-every", "1", "--quiet"],
                   env=dict(os.environ, **env), check=True)
    os.utime(os.path.join(folder.name, "ipdlam", "runs.db.session"), (1, 1))
    with Terminal(120, 40, "--resume last --threads 1", env=env) as t:
        t.wait(r'run = assert\(ip.resume\("last"\)\)')
    folder.cleanup()


@case("--resume last restores the curve before a rewind")
def _():
    folder = tempfile.TemporaryDirectory(prefix="ipdlam-test.")
    env = {"XDG_DATA_HOME": folder.name}
    with Terminal(120, 40, SMALL, env=env) as t:
        t.ready()
        t.type("run:step(3) run:rewind(1) run:set{ delta = 0.7 } run:step(1)")
        t.idle()
        t.wait("──. before")
        t.send("C-d")
        t.wait("finished-0")
    with Terminal(120, 40, "--resume last --threads 1", env=env) as t:
        t.wait(r"run:draw_path\(1\)")
        t.wait("──. before")
        t.type("ip.overlay() run:draw_path(1)")
        t.wait("──. path 1")
        t.idle()
        t.send("C-d")
        t.wait("finished-0")
    with Terminal(120, 40, "--resume last --threads 1", env=env) as t:
        t.wait("──. path 1")
    folder.cleanup()


@case("--resume last restores more overlays than a call in Lua can have arguments")
def _():
    folder = tempfile.TemporaryDirectory(prefix="ipdlam-test.")
    env = {"XDG_DATA_HOME": folder.name}
    with Terminal(120, 40, SMALL, env=env) as t:
        t.ready()
        t.type("for i = 1, 260 do r = ip.run { data = run.data, layers = {}, name = 'n' .. i } r:step() r:close() end run:step()")
        t.idle()
        t.type("for i = 1, 260 do ip.overlay(i) end")
        t.idle()
        t.send("C-d")
        t.wait("finished-0")
    session = os.path.join(folder.name, "ipdlam", "runs.db.session")
    with open(session, "r+b") as f:  # what is no name never becomes a line of Lua
        text = f.read()
        f.seek(0)
        f.write(b"named 261 os.exit(9)y\nnamed 261 end\n" + text)
    with Terminal(120, 40, "--resume last --threads 1", env=env) as t:
        t.wait("paused")
        t.idle()
        t.type("ip.layout { 'values', 'console', 'keys' }")
        t.idle()
        t.send("F6", *["Down"] * 260)
        t.wait(r"n260 +1 ", "the last of them")
    folder.cleanup()


@case("A in the tree draws all other paths, faint")
def _():
    with Terminal(120, 40, SMALL + " --no-history") as t:
        t.ready()
        t.type("run:draw_path()")
        t.wait("the run has no other path")
        t.type("run:step(9) run:rewind(1) run:set{ delta = 0.7 } run:step(1) run:rewind(1) run:set{ delta = 0.3 } run:step(1) ip.overlay()")
        t.idle()
        t.type("ip.layout('tree')")
        t.idle()
        before = t.screen()
        t.send("F6", "F6", "F6", "A")
        t.wait(r"run:draw_path\(\)")
        t.idle()
        if sum("\u2800" <= c <= "\u28ff" for c in t.screen()) < sum("\u2800" <= c <= "\u28ff" for c in before) + 20:
            return "no path was drawn"
        if "before" in t.screen():
            return "a path has a name"
        t.send("A")
        t.idle()
        if sum("\u2800" <= c <= "\u28ff" for c in t.screen()) > sum("\u2800" <= c <= "\u28ff" for c in before):
            return "the paths were not hidden"


@case("--resume last restores functions and values of the prompt without running other lines again")
def _():
    folder = tempfile.TemporaryDirectory(prefix="ipdlam-test.")
    env = {"XDG_DATA_HOME": folder.name}
    session = os.path.join(folder.name, "ipdlam", "runs.db.session")
    with Terminal(120, 40, SMALL, env=env) as t:
        t.ready()
        t.type("run:step(1) hits = 0; function half(x) return x / 2 end hits = hits + 1 print('once')")
        t.idle()
        t.type("do local seen = 3; function sees() return seen end end grid = { 0.1, name = 'g' }")
        t.idle()
        t.send("C-d")
        t.wait("finished-0")
    if os.stat(session).st_mode & 0o777 != 0o600:
        return "others can read the file"
    with Terminal(120, 40, "--resume last --threads 1", env=env) as t:
        t.wait("defined again as in the last session: grid, half and hits")
        t.wait("not kept from the last session: .*sees uses the local variable seen")
        t.idle()
        if "once" in t.screen():
            return "the line was run again:\n" + t.screen()
        t.type("half(grid[1]) + hits, sees")
        t.wait(r"1\.05\s+nil")
        t.send("C-d")
        t.wait("finished-0")
    os.chmod(session, 0o622)
    with Terminal(120, 40, "--resume last --threads 1", env=env) as t:
        t.wait("other users can write to the file. Functions")
        t.idle()
        t.type("half")
        t.wait(r"nil")
    folder.cleanup()


@case("--resume reports errors before the screen opens")
def _():
    for options, why in (("--resume 99", "run 99 has no checkpoint"), ("--resume 2 --delta 1", "Leave --delta out"),
                         ("--resume nothing", "no such checkpoint")):
        with Terminal(80, 24, options, env=DATA) as t:
            if t.finished() == 0 or why not in t.read("error") or "\n" in t.read("error"):
                return "it says: " + t.read("error")


@case("in the table of runs o continues an old run, and a repeats it")
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
        t.wait("run 5 has no checkpoint")
        t.idle()
        t.send("a")
        t.wait(r"assert\(ip.again\(5\)\)")
        t.wait(at_iteration(2), "iteration 2")
        t.send("Down")  # from run 5, which is still chosen
        t.idle()
        t.send("o")
        t.wait(r"assert\(ip.resume\(4\)\)")
        t.wait(lambda s: re.search(r"paused +it", s) and "idle" in s, "the run that SIGTERM ended")
        t.send("Escape")
        t.idle()
        t.type("print(other.name, other.iteration, run.name, run.iteration)")
        t.wait(r"plain\s+2\s+\S*ipdlam-4\s+[1-9]")
        t.type("other:step()")
        t.wait(lambda s: "iteration 3: phi" in s and "idle" in s, "a step of the other one")
        t.send("C-d")
        t.finished()
    again = [r for r in ipdlam("runs", "list", "--json") if r["name"] == "plain" and r["id"] != 5]
    if len(again) != 1 or timeless(ipdlam("runs", "export", str(again[0]["id"]), "--json"))[:2] != timeless(plain):
        return "the run that is done again differs: %s" % again



PARK = "ip.run{ data = 'digits', net = { 784, 5, 10 } }:close()"  # waits until what nobody holds is parked


def row(name, status, iterations=r"\d+", mark="  "):
    """A row of the table of runs, where a long name has its end."""
    return r"[│┃]%s *\d+ +\S*%s +\S+ +%s +\S+ +%s" % (mark, name[-8:], iterations, status)


def history():
    return {r["name"]: r for r in ipdlam("runs", "list", "--json") if r["id"] > history.before}


def records(number):
    return timeless(ipdlam("runs", "export", str(number), "--json"))


@case("keys lose no run: branches and their parents are parked, shown and saved")
def _():
    history.before = ipdlam("runs", "list", "--json", "--limit", "1")[0]["id"]
    first = "digits-20-20-ipdlam-%d" % (history.before + 1)
    with Terminal(120, 40, SMALL, env=DATA) as t:
        t.ready()
        train(t, 1, 2)
        t.send("F6", "B")
        t.wait(r"other, run = run, assert\(run:branch\(2\)\)")
        t.wait(lambda s: first + "@2" in s and "● paused" in s and "idle" in s, "the branch")
        train(t, 3)
        t.send("F6", "B")
        t.wait(lambda s: first + "@2@3" in s and "● paused" in s and "idle" in s, "its branch")
        train(t, 4)
        t.type("other = nil " + PARK)
        t.type("ip.layout('runs')")
        t.wait(row(first, "parked", 2))
        t.wait(row(first + "@2", "parked", 3, " [a-z]"), "the overlay of a parked run")
        t.wait(row(first + "@2@3", "paused", 4, "▶[a-z ]"))
        t.idle()
        t.send("F6")
        t.idle()
        t.send("Down", "Down", "o")
        t.wait(r"other, run = run, ip.living\(%d\)" % history()[first]["id"])
        t.wait(row(first, "paused", 2, "▶[a-z ]"))
        t.send("Escape")
        t.idle()
        train(t, 3)
        t.send("C-d")
        t.finished()
        said = t.read("error")
    runs = history()
    if sorted(runs) != [first, first + "@2", first + "@2@3"]:
        return "the history has " + str(sorted(runs))
    for name, run in runs.items():
        if run["status"] != "left at iteration %d" % run["iteration"] or "--resume %d continues it" % run["id"] not in said:
            return "%s is %s; it says: %s" % (name, run["status"], said)
    whole = timeless(ipdlam("train", *SMALL.split(), "--iterations", "4", "--json", "--no-history"))
    for name, count in (first, 3), (first + "@2", 3), (first + "@2@3", 4):
        if records(runs[name]["id"]) != whole[:count]:
            return name + " has other records than a run without branches"
        ipdlam("train", "--resume", str(runs[name]["id"]), "--iterations", "5", "--quiet")
        if records(ipdlam("runs", "list", "--json", "--limit", "1")[0]["id"])[:4] != whole:
            return name + " goes on to other bits"


@case("a run in training continues when its variable gets another run")
def _():
    history.before = ipdlam("runs", "list", "--json", "--limit", "1")[0]["id"]
    first = "digits-20-20-ipdlam-%d" % (history.before + 1)
    with Terminal(120, 40, SMALL, env=DATA) as t:
        t.ready()
        t.send("F5")
        t.wait("running +it")
        t.type("run = ip.run{ data = 'digits', net = { 784, 5, 10 }, name = 'second' } collectgarbage()")
        t.wait(lambda s: re.search("paused +it", s) and "idle" in s, "the second run")
        train(t, 1)
        t.type("ip.layout('runs')")
        screen = t.wait(row(first, "running"))
        before = int(re.search(row(first, "running", r"(\d+)"), screen).group(1))
        t.wait(lambda s: int((re.search(row(first, "running", r"(\d+)"), s) or [0, 0])[1]) > before + 2, "more iterations")
        t.tmux("kill-server")  # the terminal is closed
    end = time.monotonic() + 60
    while history()[first]["status"] in ("running", "paused"):
        if time.monotonic() > end:
            return "it is " + str(history()[first]["status"])
        time.sleep(0.05)
    runs = history()
    for name in first, "second":
        done = runs[name]["iteration"]
        ipdlam("train", "--resume", str(runs[name]["id"]), "--iterations", str(done + 1), "--quiet")
        last = ipdlam("runs", "list", "--json", "--limit", "1")[0]
        if last["iteration"] != done + 1 or last["parent"] != runs[name]["id"]:
            return "%s did not go on from iteration %d: %s" % (name, done, last)


@case("the user decides if a checkpoint beyond checkpoint_space is kept")
def _():
    for answer, kept in ("n", 0), ("", 1):
        with Terminal(140, 30, SMALL, env=dict(DATA, IPDLAM_CHECKPOINT_SPACE="1000"), errors="") as t:
            t.ready()
            train(t, 1)
            t.send("C-d")
            t.wait(r"the checkpoint of run \d+ takes .* allows\.\s+Keep it\? \[Y/n\]")
            t.type(answer)
            t.finished()
            said = t.screen("-J", "-S", "-")
        folder = os.path.join(FOLDER.name, "ipdlam", "checkpoints",
                              str(ipdlam("runs", "list", "--json", "--limit", "1")[0]["id"]))
        if os.path.isdir(folder) != kept or ("continues it" in said) != kept:
            return "answer '%s': %s" % (answer, said)


LARGE = "--layers 2200 --train 6000 --test 50 --batch 0"


def large_run():
    with Terminal(80, 24, LARGE, env=dict(DATA, IPDLAM_CHECKPOINT_INTERVAL="1e9")) as t:
        t.ready()
        t.send("F11")
        t.wait(lambda s: "next W2" in s and "idle" in s, "one block")
        t.send("C-d")
        t.finished()
        said = t.read("error")
    last = ipdlam("runs", "list", "--json", "--limit", "1")[0]
    if "--resume %d continues it" % last["id"] not in said:
        return "it says: " + said
    folder = os.path.join(FOLDER.name, "ipdlam", "checkpoints", str(last["id"]))
    if max(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)) <= 256 << 20:
        return "it is small"


if os.environ.get("IPDLAM_TEST_LONG"):  # it writes some 400 MB
    case("a run of more than 256 MiB is saved at C-d")(large_run)
@case("o in the tree draws a left path beside the run, also after --resume")
def _():
    with tempfile.TemporaryDirectory(prefix="ipdlam-test.") as folder:
        data = {"XDG_DATA_HOME": folder}
        with Terminal(80, 24, SMALL, env=data) as t:
            t.ready()
            t.type("run:step(2) run.delta = 0.3 run:step(2) phi = run:last().phi run:rewind(2) run:step(1)")
            t.wait(at_iteration(3))
            t.type("print(('left %.4g'):format(phi))")
            left = re.search(r"left ([\d.]+)", t.wait(r"left \d")).group(1)
            t.send("C-d")
            t.finished()
        with Terminal(80, 24, "--resume last", env=data) as t:
            t.ready()
            t.type("ip.layout('tree')")
            t.wait(r"tree · 2 paths")
            t.send("F6", "F6", "Up", "o")
            t.wait(lambda s: "path 1" in s.split("tree")[0], "the path in the legend")
            t.wait(r"┃ b1 .*\n┃▶a└ 2 from 2", "the letters of the charts")
            t.send("Escape")
            t.idle()
            t.type("run:go(1)")
            t.wait(at_iteration(4))
            t.wait(lambda s: re.search(r"\b%s\b" % re.escape(left), s), "its last Phi")
            t.type("run:draw_path(7)")
            t.wait("has no path 7")


done()
