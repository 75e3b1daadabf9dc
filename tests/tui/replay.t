#!/usr/bin/env python3
"""--keys, --announce and init.lua."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import IPDLAM, Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1"


def example():
    """The file of keys in the man page."""
    with open(os.path.join(os.environ["TOP_BUILDDIR"], "man", "ipdlam-workbench.1")) as f:
        part = f.read().split(".Ss Replaying keys")[1]
    return re.search(r"\n\.Bd -literal -offset indent\n(.*?)\n\.Ed", part, re.DOTALL).group(1)


@case("the man page's example of --keys does what it says")
def _():
    with Terminal(80, 24, SMALL + " --keys keys.txt", files={"keys.txt": example()}) as t:
        if t.finished() != 0:
            return t.read("error")
        if not re.search(r"it(eration)? 3 ", t.read("after.txt")) or "─ layers" not in t.read("after.txt"):
            return t.read("after.txt")
        return t.is_whole()


@case("--keys: each command waits until the screen shows the result of the previous one")
def _():
    keys = ("key F6\nscreen focus.txt\nkey Escape M-s\ntype print('Größe ' .. 6 * 7)\nkey Enter\n"
            "wait Größe 42\nscreen text.txt\nkey C-d\n")
    keys = "\ufeff" + keys.replace("\n", "\r\n")  # as an editor on Windows keeps it
    with Terminal(80, 24, SMALL + " --keys keys.txt", files={"keys.txt": keys}) as t:
        if t.finished() != 0:
            return t.read("error")
        if "┏" not in t.read("focus.txt"):
            return t.read("focus.txt")
        if "│Größe 42" not in t.read("text.txt") or not re.search(r"it(eration)? 1 ", t.read("text.txt")):
            return t.read("text.txt")


for text, sentence in (("key F99x\n", 'line 1: unknown key "F99x"'), ("\n# x\npress a\n", 'line 3: "press a"'),
                       ("key F5\n\0key F6\n", "is not a text file"), (None, "No such file")):
    @case("--keys with a wrong file: " + sentence)
    def _(text=text, sentence=sentence):
        files = {} if text is None else {"keys.txt": text}
        with Terminal(80, 24, SMALL + " --keys keys.txt", files=files) as t:
            if t.finished() == 0 or sentence not in t.read("error"):
                return t.read("error")
            return t.is_whole()


def announce(lines, extra=()):
    environment = dict(os.environ, LC_ALL="C.UTF-8")
    return subprocess.run([IPDLAM, "--announce", "--no-history", "--no-init"] + SMALL.split() + list(extra),
                          input="\n".join(lines) + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", env=environment)


@case("--announce prints status, records and changes as lines")
def _():
    result = announce(["run:step(3)", "run:set{ delta = 0.3 }", "run:step_block()", "run:step()"])
    wanted = (r"^> run = ", r"^digits-20-20-ipdlam-1 on digits:$", r"^iteration 3, phi \S+, train \S+ percent, test \S+ percent$",
              r"^iteration 4, batch 1 of \d+, before z3: set delta = 0.3", r"^iteration 4, phi ")
    missing = [w for w in wanted if not re.search(w, result.stdout, re.MULTILINE)]
    if result.returncode or missing or "\033" in result.stdout:
        return "code %d, missing %s\n%s%s" % (result.returncode, missing, result.stdout, result.stderr)


@case("--announce at a terminal, even a dumb one, prints events above the prompt")
def _():
    with Terminal(80, 24, SMALL + " --announce", env={"TERM": "dumb"}) as t:
        t.wait(r"paused")
        t.type("run:start()")
        t.wait(r"(?m)^running")
        t.wait(r"(?m)^iteration \d+, phi ")
        t.type("run:set{ delta = 0.3 }")
        t.wait(r"before \w+: set delta = 0.3")
        t.type("run:pause()")
        t.wait(r"(?s)_3 = .*\n>\s*\Z")  # "paused" is there from the start; C-d counts at a prompt only
        t.send("C-d")
        if t.finished() != 0:
            return t.read("error")


INIT = "config/ipdlam/init.lua"


@case("init.lua runs at the start, its errors are shown and not fatal; one in the current folder does not run")
def _():
    with Terminal(100, 44, SMALL) as t:
        t.ready()
        t.write("init.lua", "print('from the wrong place')\n")
        t.write(INIT, "mine = 17\nip.theme('light')\nerror('on purpose')\n")
        t.send("C-d")
        t.finished()
        t.tmux("respawn-window", "-k", "/bin/sh '%s/script'" % t.folder)
        screen = t.wait(lambda s: "paused" in s and "idle" in s)
        if "on purpose" not in screen or "wrong place" in screen:
            return screen
        t.type("mine")
        t.wait("= 17 ")
        t.type("ip.theme()")
        t.wait("= light|= ['\"]light")
        t.type("ip.theme('lihgt')")
        t.wait("Did you mean 'light'")
    for options, expected in (([], "17"), (["--no-init"], "nil")):
        with Terminal(20, 5, "--version", files={INIT: "mine = 17\n"}) as t:
            result = subprocess.run([IPDLAM, "repl", "--no-history"] + options, input="print(mine)\n",
                                    stdout=subprocess.PIPE, encoding="utf-8",
                                    env=dict(os.environ, XDG_CONFIG_HOME=t.folder + "/config"))
            if result.stdout.strip() != expected:
                return "%s: %s" % (options, result.stdout)


done()
