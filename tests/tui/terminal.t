#!/usr/bin/env python3
"""The workbench restores the terminal, whatever ends it; sizes, colours and kinds of terminals."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import IPDLAM, Terminal, case, done, need_tmux  # noqa: E402
import random  # noqa: E402
import re  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1"


def leave_and_check(t, code):
    got = t.finished()
    if code is not None and got != code:
        return "the exit code is %d, not %d; on stderr: %s" % (got, code, t.read("error"))
    return t.is_whole()


@case("quit() leaves and restores the terminal")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("quit()")
        return leave_and_check(t, 0)


@case("quit(7) is the exit code")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("quit(7)")
        return leave_and_check(t, 7)


@case("C-d on an empty line leaves during training")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F5")
        t.wait("running")
        t.send("C-d")
        return leave_and_check(t, 0)


def killed_by(number, busy):
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F5")
        t.wait("running")
        if busy:
            t.type("while true do end")
            t.wait("at work")
        os.kill(t.program(), number)
        code = 128 + number
        program = open(IPDLAM, "rb").read()
        if number == signal.SIGSEGV and (b"__asan_" in program or b"__tsan_" in program):
            code = None  # the sanitizer's report follows, and its code
        return leave_and_check(t, code)


for name in ("SIGTERM", "SIGHUP", "SIGSEGV", "SIGABRT", "SIGQUIT"):
    for is_busy in (False, True):
        @case("%s during training%s: the terminal is restored"
              % (name, " and while Lua is at work" if is_busy else ""))
        def _():
            return killed_by(getattr(signal, name), is_busy)
for name in ("SIGXCPU", "SIGPROF", "SIGTRAP", "SIGSYS"):
    @case("%s during training: the terminal is restored" % name)
    def _():
        return killed_by(getattr(signal, name), False)


@case("C-\\ does nothing")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("C-\\")
        t.type("6 * 7")
        t.wait("= 42")
        t.send("C-d")
        return leave_and_check(t, 0)


@case("C-z releases the terminal, fg takes it back")
def _():
    with Terminal(80, 24, SMALL, job_control=True) as t:
        t.ready()
        t.type("before_the_stop = 1", enter=False)
        t.wait("> before_the_stop = 1")
        t.resize(90, 30)  # the size changes while it is stopped, at the latest
        t.send("C-z")
        # The script continues with fg at once.
        screen = t.wait(lambda s: "before_the_stop = 1" in s and "F1 help" in s.split("\n")[29]
                        and os.path.exists(t.folder + "/stopped") and t.read("stopped"), "the screen at 90 x 30")
        if t.read("stopped") != t.read("before"):
            return "while stopped, stty -g was %s, not %s" % (t.read("stopped"), t.read("before"))
        if "●" not in screen.split("\n")[0]:
            return "the screen is not whole:\n" + screen
        t.send("Enter")
        t.idle()
        t.send("C-d")
        return leave_and_check(t, 0)


@case("after SIGSTOP and SIGCONT the screen is drawn again")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        os.kill(t.program(), signal.SIGSTOP)
        os.kill(t.program(), signal.SIGCONT)
        t.send("F10")
        t.wait(r"it(eration)? 1 ")
        t.send("C-d")
        return leave_and_check(t, 0)


@case("500 random sizes of the screen during training")
def _():
    generator = random.Random(1)
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F5")
        t.wait("running")
        for _ in range(500):
            t.resize(generator.randint(1, 220), generator.randint(1, 70))
        for width, height in ((10, 4), (1, 1), (2, 2), (40, 12), (200, 60), (80, 24)):
            t.resize(width, height)
            t.wait(lambda s: len(s.split("\n")) == height + 1, "%d lines" % height)
        screen = t.wait(lambda s: "F1 help" in s.split("\n")[23] and "running" in s
                        and s.split("\n")[22].startswith("╰"), "a whole screen at 80 x 24")
        t.send("F5")
        t.wait("paused")
        t.send("C-d")
        why = leave_and_check(t, 0)
        return why and why + "\n" + screen


@case("a screen of 40 x 12 works; 10 x 4 and 1 x 1 are reported as too small")
def _():
    with Terminal(40, 12, SMALL) as t:
        screen = t.ready()
        if "Φ" not in screen or "> " not in screen:
            return "at 40 x 12:\n" + screen
        t.send("F10")
        t.wait(r"it 1 ")
        t.resize(10, 4)
        t.wait("too small")
        t.resize(1, 1)
        t.wait(lambda s: s == "\n", "one cell, empty")
        t.resize(1, 3)
        t.wait(lambda s: s == "t\no\n\n", "one column, its last cell empty")
        t.resize(80, 24)
        t.ready()
        t.send("C-d")
        return leave_and_check(t, 0)


for size in ((10, 4), (1, 1)):
    @case("the workbench starts at %d x %d" % size)
    def _():
        with Terminal(size[0], size[1], SMALL) as t:
            t.wait(lambda s: os.path.exists(t.folder + "/state/ipdlam/history")
                   and s.strip()[:1] == ("t" if size[0] > 1 else ""), "the start of the sentence, if it has a place")
            t.resize(80, 24)
            t.ready()
            t.send("C-d")
            return leave_and_check(t, 0)


@case("NO_COLOR: no colours")
def _():
    with Terminal(80, 24, SMALL, env={"NO_COLOR": "1"}) as t:
        t.ready()
        t.send("F10", "F10", "F10")
        t.wait(lambda s: re.search(r"it(eration)? 3 ", s) and "idle" in s)
        coloured = re.findall(r"\033\[[0-9;:]*(?:3[0-7]|38[;:]5[;:]\d+|9[0-7])m", t.screen("-e"))
        if coloured:
            return "there are colours: %r" % coloured[:5]


@case("256 or 8 colours are used if the terminal has them")
def _():
    for term, pattern in (("tmux-256color", r"38[;:]5[;:]80"), ("screen", r"\033\[[0-9;]*36m")):
        with Terminal(80, 24, SMALL, env={"TERM": term}) as t:
            t.ready()
            t.send("F10", "F10")
            t.wait(lambda s: re.search(r"it(eration)? 2 ", s) and "idle" in s)
            if not re.search(pattern, t.screen("-e")):
                return "%s: no colour of the curve in %r" % (term, t.screen("-e")[:2000])


@case("LC_ALL=C: only ASCII")
def _():
    with Terminal(80, 24, SMALL, env={"LC_ALL": "C"}) as t:
        t.wait(lambda s: "paused" in s and "idle" in s)
        t.send("F10", "F10")
        screen = t.wait(lambda s: re.search(r"it(eration)? 2 ", s) and "idle" in s)
        if not screen.isascii():
            return "there is more than ASCII:\n" + screen
        if "Phi" not in screen or "+--" not in screen:
            return "the words or boxes are missing:\n" + screen


for term in ("vt100", "linux", "xterm-256color", "tmux-256color", "screen"):
    @case("TERM=" + term)
    def _():
        with Terminal(80, 24, SMALL, env={"TERM": term}) as t:
            t.ready()
            t.send("M-s")
            t.wait(r"it(eration)? 1 ")
            t.type("'it ' .. 'works'")
            t.wait("it works")
            t.send("C-d")
            return leave_and_check(t, 0)


@case("TERM=dumb: a line prompt that prints changes, without escape sequences")
def _():
    with Terminal(80, 24, SMALL, env={"TERM": "dumb"}) as t:
        t.tmux("pipe-pane", "-o", "cat > '%s/bytes'" % t.folder)
        t.wait(r"(?s)run = ip.run.*\n>\s*$")
        t.type("run:step()")
        t.wait(r"(?s)iteration 1: phi.*\n>\s*$")
        t.type("run:star", enter=False)
        t.send("Tab", "Enter")
        t.wait(r"(?m)^running")
        t.type("run:pause()")
        t.wait(r"(?s)running.*paused")
        t.send("C-d")
        code = t.finished()
        if code or "cannot move its cursor" not in t.read("error"):
            return "code %d, on stderr: %s" % (code, t.read("error"))
        if "\033" in t.read("bytes"):
            return "escape sequences: %r" % t.read("bytes")
        return t.is_whole()


@case("without a terminal the lines of standard input run; --keys needs a screen")
def _():
    result = subprocess.run([IPDLAM, "--no-history"] + SMALL.split(), input="run:step(2)\nprint(run.iteration)\n",
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    if result.returncode or not result.stdout.endswith("\n2\n") or result.stderr.count("\n") != 1:
        return "code %d: %s%s" % (result.returncode, result.stdout, result.stderr)
    with tempfile.NamedTemporaryFile() as keys:
        result = subprocess.run([IPDLAM, "--keys", keys.name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, encoding="utf-8")
    if result.returncode != 2 or result.stderr.count("\n") != 1 or result.stdout:
        return "--keys: code %d: %s%s" % (result.returncode, result.stdout, result.stderr)


@case("wrong options are reported before the screen opens")
def _():
    for options in (["--layers", "20,x"], ["--delta", "much"], ["--daat", "digits"],
                    ["--batch"], ["--preset", "nested"]):
        result = subprocess.run([IPDLAM] + options, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        if result.returncode != 2 or "terminal" in result.stderr or result.stderr.count("\n") != 1:
            return "%s: code %d: %s" % (options, result.returncode, result.stderr)


done()
