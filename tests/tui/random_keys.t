#!/usr/bin/env python3
"""Random keys of the table, text, control keys, mouse events, pastes and sizes of the screen. Afterwards the workbench
must still answer, and its end must restore the terminal. IPDLAM_TEST_SEED chooses the keys; IPDLAM_TEST_LONG=1 takes
five minutes."""
import glob
import os
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import TOP_SRCDIR, Lost, Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
with open(os.environ["IPDLAM"], "rb") as program:
    ASAN = b"libasan" in program.read()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1"
SEED = int(os.environ.get("IPDLAM_TEST_SEED", "1"))
LONG = os.environ.get("IPDLAM_TEST_LONG") == "1"
SECONDS = float(os.environ.get("IPDLAM_TEST_SECONDS", "300"))  # with IPDLAM_TEST_LONG
# A sanitizer's report would be mixed with the output.
LOG = os.path.join(os.environ.get("TMPDIR", "/tmp"), "ipdlam-keys-%d" % os.getpid())
REPORTS = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "log_path=" + LOG)))
NAMED = {"Escape": "\033", "Enter": "\r", "Tab": "\t", "Space": " ", "Left": "\033[D", "Right": "\033[C",
         "Up": "\033[A", "Down": "\033[B", "Home": "\033[1~", "End": "\033[4~", "PageUp": "\033[5~",
         "PageDown": "\033[6~", "S-Left": "\033[1;2D", "S-Right": "\033[1;2C", "S-Up": "\033[1;2A",
         "S-Down": "\033[1;2B", "Backspace": "\177", "Delete": "\033[3~", "S-Tab": "\033[Z"}
FUNCTION = ["", "OP", "OQ", "OR", "OS", "[15~", "[17~", "[18~", "[19~", "[20~", "[21~", "[23~", "[24~"]
# C-c is pressed between the bursts, since it discards pending keys; C-z and C-\ are tested in terminal.t.
STRANGE = ["\033[15;2~", "\033[15;5~", "\033[3;2~", "\033[5;5~", "\033[25~", "\033[29~", "\033[27;5;13~", "\033[105;5u", "\033[[A",
           "\033[?62;22c", "\033[24;80R", "\033]11;rgb:00/00/00\007", "\033]11;rgb:00/00/00\033\\",
           "\033P>|XTerm(370)\033\\", "\033_Gi=31;OK\033\\", "\033O5P", "\033Oj", "\033[M !!", "\033[", "\033[1;", "\033]1"]
CONTROLS = [c for c in range(1, 32) if c not in (3, 26, 28)]
LINES = ["run:step()", "run:start()", "run:pause()", "run:set{ delta = 0.3 }", "run:set{ order = 'increase' }",
         "run:set{ delta =", "?run.set", ":help", "ip.describe(run)", "for i = 1, 100 do print(i) end",
         "x = {", "'", "run = ip.run{ data = 'digits', net = { 784, 10, 10 } }", "error('a fault')", "run.metrics",
         "é日本 = 1", "while true do end", "_", "_1"]


def bytes_of(name):
    """What the key of a row of the table sends, "" where a terminal has none."""
    if name in NAMED:
        return NAMED[name]
    if re.fullmatch(r"F\d+", name):
        return "\033" + FUNCTION[int(name[1:])] if int(name[1:]) < len(FUNCTION) else ""
    if name.startswith("M-"):
        return "\033" + name[2:]
    if name.startswith("C-"):
        code = ord(name[2]) & 0x1F
        return chr(code) if code in CONTROLS else ""
    return name if len(name) == 1 else ""


def keys_of_table():
    with open(os.path.join(TOP_SRCDIR, "src", "tui", "model", "keys.c")) as f:
        rows = re.findall(r'\{(?:NULL|"\w+"), *"((?:[^"\\]|\\.)+)", *(?:"([^"]+)"|NULL)', f.read())
    names = {name.replace('\\"', '"').replace("\\\\", "\\") for row in rows for name in row if name}
    return sorted(b for b in {bytes_of(name) for name in names} if b)


BOUND = keys_of_table()


def one(r):
    """A key, a piece of text, the mouse, or a paste."""
    kind = r.random()
    if kind < 0.45:
        return r.choice(BOUND)
    if kind < 0.6:
        return chr(r.randint(32, 126))
    if kind < 0.7:
        return chr(r.choice(CONTROLS))
    if kind < 0.72:
        return r.choice(STRANGE)
    if kind < 0.74:
        return "\033" + chr(r.randint(33, 126))
    if kind < 0.88:
        button, end = r.choice((0, 0, 0, 2, 32, 64, 65)), r.choice("Mm")
        return "\033[<%d;%d;%d%s" % (button, r.randint(1, 120), r.randint(1, 40), end)
    if kind < 0.95:
        return r.choice(LINES) + r.choice(("\r", "\r", ""))
    return "\033[200~" + r.choice(LINES) + r.choice(("", "\r" + r.choice(LINES))) + "\033[201~"


# Recent versions of tmux paste control characters as "^C" by default.
AS_THEY_ARE = ["-S"] if re.search(r"-[a-z]*S", subprocess.run(["tmux", "list-commands", "paste-buffer"], check=False,
                                                             stdout=subprocess.PIPE, encoding="utf-8").stdout) else []


def press(t, text):
    with open(t.folder + "/keys", "wb") as f:
        f.write(text.encode("utf-8", "surrogatepass"))
    t.tmux("load-buffer", t.folder + "/keys", ";", "paste-buffer", "-r", "-d", *AS_THEY_ARE)


def has_ended(t):
    return os.path.exists(t.folder + "/code")


def answers(t, number):
    """Back to the prompt from wherever the keys led; waits until it does what it is told."""
    path, end = t.folder + "/answer", time.monotonic() + 60
    t.resize(100, 30)
    while time.monotonic() < end and not has_ended(t):
        for key in ("\003", "\033", "\003", "\033\033", "\003"):
            press(t, key)
            t.screen()  # a round trip
            time.sleep(0.05)  # curses tells Escape from Alt by time
        press(t, "\025\013io.open('answer', 'w'):write(%d):close()\r" % number)
        wait = time.monotonic() + 3
        while time.monotonic() < wait and not has_ended(t):
            if os.path.exists(path) and t.read("answer") == str(number):
                return True
            time.sleep(0.01)
    return has_ended(t)


def reports():
    """What a sanitizer said."""
    text = ""
    for path in glob.glob(LOG + "*"):
        with open(path, errors="replace") as f:
            text += "\n" + f.read()
        os.unlink(path)
    return text


def one_life(r, counts, goes_on):
    """One program, until it is left by some key or the keys end. Returns what is wrong."""
    sent = []
    with Terminal(100, 30, SMALL, env={"EDITOR": "true", "VISUAL": "", "ASAN_OPTIONS": REPORTS}) as t:
        t.ready()
        while goes_on() and not has_ended(t):
            burst = "".join(one(r) for _ in range(r.randint(1, 12)))
            sent.append(burst)
            press(t, burst)
            counts["bursts"] += 1
            if r.random() < 0.15:
                t.resize(r.choice((1, 10, 40, 80, 120, 200)), r.choice((1, 4, 12, 24, 40, 60)))
            if r.random() < 0.05:
                press(t, "\003")
            if counts["bursts"] % 60 == 0 and not answers(t, counts["bursts"]):
                return "no answer after these keys: %r\n%s" % (sent[-60:], t.screen())
        if not has_ended(t):
            if not answers(t, -1):
                return "no answer at the end, after: %r\n%s" % (sent[-60:], t.screen())
            if not has_ended(t):
                os.kill(t.program(), 15)
        t.resize(100, 30)
        code = t.finished()
        # The search for leaks takes a second at the end, in which C-c ends the program.
        if code not in ((0, 143, 130) if ASAN else (0, 143)):
            return "the exit code is %d after %r; on stderr: %s%s" % (code, sent[-30:], t.read("error")[-3000:], reports())
        counts["lives"] += 1
        return reports() or t.is_whole()


@case("keys at random, seed %d" % SEED)
def _():
    r = random.Random(SEED)
    counts = {"bursts": 0, "lives": 0}
    end = time.monotonic() + SECONDS
    goes_on = (lambda: time.monotonic() < end) if LONG else (lambda: counts["bursts"] < 60)
    while goes_on():
        why = one_life(r, counts, goes_on)
        if why:
            return why
    print("# %d bursts of keys in %d lives" % (counts["bursts"], counts["lives"]))


done()
