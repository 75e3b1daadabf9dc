#!/usr/bin/env python3
"""The workbench in a real terminal: panes, stepping, the prompt, the end."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import Terminal, case, done, need_tmux  # noqa: E402
import re  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1"


@case("at 80 x 24 all panes of the first layout are there")
def _():
    with Terminal(80, 24, SMALL) as t:
        screen = t.ready()
        lines = screen.split("\n")
        missing = [word for word in ("paused", "iteration 0", "Φ · digits-20-20-ipdlam-1", "accuracy", "layers",
                                     "ΔΦ z", "Lua", "F5 run", "F10 iteration", "run = ip.run{")
                   if word not in screen]
        if missing:
            return "missing: %s\n%s" % (missing, screen)
        if not lines[1].startswith("╭─") or not lines[22].startswith("╰─"):
            return "the boxes do not fill the screen:\n" + screen


@case("at 200 x 60 the layout has more panes")
def _():
    with Terminal(200, 60, SMALL) as t:
        screen = t.ready()
        missing = [word for word in ("latest blocks", "settings", "rho_growth") if word not in screen]
        if missing:
            return "missing: %s\n%s" % (missing, screen)


def objective_points(screen):
    """Marks in the left half of the upper part."""
    return len({x for line in screen.split("\n")[1:12] for x, c in enumerate(line[:40]) if c == "●"})


@case("F10 five times: five iterations and five points in the chart")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F10", "F10", "F10", "F10", "F10")
        screen = t.wait(lambda s: re.search(r"paused +it(eration)? 5 ", s) and "idle" in s, "iteration 5")
        if objective_points(screen) != 5:
            return "%d points:\n%s" % (objective_points(screen), screen)


def learned(screen, layer, width):
    """The shares of W moved and of the forward gap in a layer's row."""
    found = re.search(r"[│ ] %d +%d .* (\S+(?:%%| x)) +(\S+(?:%%| x)) +[0-9.]+ m?s *│" % (layer, width), screen)
    return found.groups() if found else (None, None)


for size in ((80, 24), (200, 48)):
    @case("at %d x %d the table shows that the hidden layers do not move in increase order" % size)
    def _(size=size):
        with Terminal(*size, SMALL + " --preset paper --batch 100") as t:
            t.ready()
            t.send("F10", "F10", "F10")
            screen = t.wait(lambda s: re.search(r"paused +it(eration)? 3 ", s) and "idle" in s, "iteration 3")
            if not re.search("ΔΦ a +W moved +fwd gap +time *│", screen):
                return "no such columns:\n" + screen
            for layer, width in ((1, 20), (2, 20)):
                moved, gap = learned(screen, layer, width)
                if moved != "0.00%" or gap not in ("0.00%", "<0.01%"):  # products of other shapes round otherwise
                    return "layer %d: %s\n%s" % (layer, learned(screen, layer, width), screen)
            moved, gap = learned(screen, 3, 10)
            if not moved or not moved.endswith(" x") or float(moved[:-2]) < 1 or float(gap[:-1]) < 1:
                return "layer 3: %s %s\n%s" % (moved, gap, screen)


@case("the table shows that a classical optimizer moves all layers and has no z")
def _():
    with Terminal(80, 24, SMALL + " --method adam --batch 100") as t:
        t.ready()
        t.send("F10")
        screen = t.wait(lambda s: re.search(r"paused +it(eration)? 1 ", s) and "idle" in s, "iteration 1")
        if len(re.findall(r" \d+\.\d+% +–", screen)) != 3:
            return screen


@case("in 60 columns the table keeps the gaps and the distances")
def _():
    with Terminal(60, 24, SMALL) as t:
        screen = t.ready()
        if "act gap" not in screen or "W moved" not in screen or "fwd gap" not in screen or "time" in screen:
            return screen


@case("F11 updates one block, and the table shows its change")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F11")
        t.wait("iteration 1, under way")
        screen = t.wait(lambda s: re.search(r"3 +10 .*-\d.* ▶", s), "the change by z3, and W3 next")
        t.send("F11", "F11")
        t.wait(lambda s: re.search(r"2 +20 .*▶", s) and "idle" in s, "three blocks: z2 next")


@case("run:set during training prints the iteration and the block")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F5")
        t.wait("running")
        t.type("run:set{ delta = 0.3 }")
        screen = t.wait(r"at iteration \d+, batch \d of 5, before [zWa]\d", "the answer to run:set")
        if "running" not in screen:
            return "the run does not go on:\n" + screen
        t.type("run.settings.delta")
        t.wait(r"│_\d+ = 0\.3 ", "the new value of delta")
        t.send("F5")
        t.wait("paused")


@case("a slow or endless function of rho does not block the workbench")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.type("run.rho = function(k, rho) local n = 0 repeat n = n + 1 until k > 2 and stop or k <= 2 and n > 3e5 "
               "return rho + 1 end")
        t.idle()
        t.send("F10", "F10")
        t.wait(lambda s: re.search(r"paused +it(eration)? 2 ", s) and "idle" in s, "two slow iterations")
        t.send("F5")
        t.wait("running, waits for rho of iteration 3")
        t.send("F1")
        t.wait("help · F1 closes")
        t.send("F1")
        t.wait(lambda s: "F1 closes" not in s, "no help")
        t.resize(120, 32)
        t.wait(lambda s: s.split("\n")[1].rstrip().endswith("╮") and
               len(s.split("\n")[1]) == 120 and "waits for rho" in s, "a larger screen")
        t.type("12 * 12", enter=False)
        t.wait(r"> 12 \* 12")
        t.send("F5")
        t.wait(r"● paused ")
        t.send("Enter")
        t.wait(r"│_\d+ = 144 ", "the prompt after the pause")
        t.send(*["F10"] * 70)  # a key that is held down
        t.wait("running, waits for rho of iteration 3")
        t.wait(lambda s: "64 steps wait. F5 pauses the run, C-c cancels the steps" in s and "(+63 to do)" in s and t.taken(s), "70 keys")
        t.send("C-c")
        screen = t.wait("its function was interrupted")
        if screen.count("64 steps wait") != 1:
            return "said for every key:\n" + screen
        t.type("run.rho = 2")
        t.idle()
        t.send("F10")
        screen = t.wait(lambda s: re.search(r"paused +it(eration)? 3 ", s) and "idle" in s, "iteration 3")
        if objective_points(screen) != 3:
            return "%d points:\n%s" % (objective_points(screen), screen)


@case("the first line counts waiting steps, F12 among them is reported, and C-c cancels them")
def _():
    with Terminal(100, 30, "--layers 300,300 --train 3000 --test 50 --batch 0 --threads 1") as t:
        t.ready()
        t.send(*["F10"] * 40, "F12")
        t.wait(r"\(\+\d+ to do\)")
        t.wait(r"goes back after \d+ more steps; C-c cancels")
        t.send("C-c")
        screen = t.wait(lambda s: re.search(r"│\d+ steps cancelled", s) and "● paused" in s and "to do" not in s, "the end of the steps")
        done = int(re.search(r"it(?:eration)? +(\d+) ", screen).group(1))
        if done > 38:
            return "%d steps were done" % done
        t.type("1 + 1")
        t.wait(r"_\d+ = 2 ")


@case("an error in a function of rho has its place, and the run pauses")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.type("run.rho = function(k) return k < 4 and k or k.x.y end")
        t.idle()
        t.send("F5")
        t.wait(r"rho of iteration 4: its function fails: prompt\[1\]:1: attempt to index a number", "the sentence")
        t.wait(r"● paused")
        t.type("run.rho = 1")
        t.idle()
        t.send("F10")
        t.wait(r"paused +it(eration)? 4 ")


@case("a run that diverges reports the place and stops")
def _():
    with Terminal(80, 24, SMALL + " --inertia 1.5") as t:
        t.ready()
        t.send("F5")
        t.wait(r"^ ! diverged at iteration \d+")
        t.wait(r"│diverged at iteration \d+, batch \d of 5, block")
        t.wait(r"\d +\d+ .* nan ")
        t.send("F10")
        t.wait("this run cannot continue")
        t.type("run = ip.run{ data = run.data }")
        t.wait(r"paused +iteration 0 ")
        t.send("F10")
        t.wait(r"it(eration)? 1 ")


@case("keys with Alt work as the function keys")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("M-s")
        t.wait(r"it(eration)? 1 ")
        t.send("M-k")
        t.wait("under way")
        t.send("M-g")
        t.wait("running")
        t.send("M-g")
        t.wait("paused")
        t.send("M-h")
        t.wait("help · F1 closes")
        t.send("M-h")
        t.wait(lambda s: "F1 closes" not in s, "the help is gone")


@case("F6 moves the focus through the panes; Escape and typing return to the prompt")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        for corner in (0, 40, 0):
            t.send("F6")
            t.wait(lambda s: [x for line in s.split("\n") for x, c in enumerate(line) if c == "┏"] == [corner],
                   "the focus on the next pane")
        t.send("F6")
        t.wait(lambda s: "┏" not in s, "the prompt")
        t.send("M-o")
        t.wait(r"(?s)┏.*Escape prompt", "the first pane, with its keys")
        t.send("Escape")
        t.wait(lambda s: "┏" not in s, "the prompt again")
        t.send("F6")
        t.wait("┏")
        t.type("6 * 7")
        t.wait(lambda s: "┏" not in s and re.search(r"│_\d+ = 42 ", s), "what was typed")


def click(t, x, y, button=0):
    """Presses and releases a button of the mouse, as the terminal reports it."""
    t.type("\033[<%d;%d;%dM\033[<%d;%d;%dm" % (button, x + 1, y + 1, button, x + 1, y + 1), enter=False)


@case("a click focuses the pane under it")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        click(t, 60, 5)
        t.wait(lambda s: s.split("\n")[1][40] == "┏", "the accuracies")
        click(t, 20, 20)
        t.wait(lambda s: "┏" not in s, "the prompt")
        t.type("6 * 7")
        t.wait(r"│_\d+ = 42 ")


@case("output of scripts is in the output pane, in order")
def _():
    with Terminal(100, 40, SMALL) as t:
        t.ready()
        t.type("print('one') io.write('two\\n') io.stderr:write('three\\n') os.execute('echo four')")
        t.wait(r"(?s)│one .*│two .*│three .*│four ", "four lines in order")
        t.type("2^10")
        t.wait(r"│_\d+ = 1024")
        t.type("error('on purpose')")
        t.wait("on purpose")
        t.type("io.read()")
        t.wait("nothing can be read")


@case("an incomplete chunk continues in the next line and is one entry of the history")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("for i = 1, 3 do")
        t.wait(r"│>> ", "the prompt for more")
        t.type("print(i * 111)")
        t.type("end")
        t.wait(r"(?s)│111 .*│222 .*│333 ")
        t.idle()
        t.send("Up")
        t.wait(r"(?s)│> for i = 1, 3 do +│\n│print\(i \* 111\) +│\n│end ", "the whole chunk, recalled")


@case("Tab completes a word and lists matches")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("ip.vers", enter=False)
        t.send("Tab")
        t.wait(r"│> ip\.version")
        t.send("C-u")
        t.type("ip.", enter=False)
        t.send("Tab")
        t.wait(r"\d+ completions")
        t.send("C-u")
        t.wait(lambda s: "completions" not in s, "the list is gone")


@case("a paste of several lines is one submission")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.tmux("set-buffer", "local a = 6\nlocal b = 7\nprint('product', a * b)")
        t.tmux("paste-buffer", "-p")
        t.wait(r"print\('product', a \* b\)")
        t.send("Enter")
        t.wait(r"product +42")


@case("a paste of a megabyte arrives whole")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        path = os.path.join(t.folder, "large")
        with open(path, "w") as f:
            f.write("large = [[" + "0123456789abcde\n" * 65536 + "]]")
        t.tmux("load-buffer", path)
        t.tmux("paste-buffer", "-p")
        t.wait(r"│\]\]")
        t.send("Enter")
        t.type("print('length', #large)")
        t.wait(r"length +1048576")


@case("C-c stops an endless loop, also one that catches errors")
def _():
    with Terminal(100, 50, SMALL) as t:
        t.ready()
        for loop in ("while true do end", "while true do pcall(function() while true do end end) end",
                     "coroutine.wrap(function() while true do end end)()",
                     "table.sort({3, 2, 1}, function() while true do end end)"):
            t.type(loop)
            t.wait("at work, C-c stops it")
            t.send("C-c")
            t.wait(lambda s: "at work" not in s and "idle" in s, "the end of " + loop)
            t.wait("interrupted")
            t.type("print('still ' .. 'alive')")
            t.wait("still alive")
            t.type("for i = 1, 30 do print() end")
            t.wait(lambda s: "interrupted" not in s and "still alive" not in s and "idle" in s)


@case("C-c clears the line and leaves the search of the history")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("something = ", enter=False)
        t.wait(r"│> something =")
        t.send("C-c")
        t.wait(lambda s: "something" not in s, "an empty line")
        t.send("C-r")
        t.wait("reverse-i-search")
        t.send("C-c")
        t.wait(lambda s: "reverse-i-search" not in s, "the usual prompt")
        t.type("6 * 7")
        t.wait(r"│_\d+ = 42 ")


@case(":reload within an epoch: the changed method, its mark, and a rewind")
def _():
    with open(os.path.join(os.environ["TOP_SRCDIR"], "lua", "methods", "plain_ipdlam.lua"), encoding="utf-8") as f:
        text = f.read()
    with Terminal(120, 40, SMALL + " --method ./mine.lua --batch 100", files={"mine.lua": text}) as t:
        def at(k):
            return lambda s: re.search(r"paused +it(eration)? %d " % k, s) and "idle" in s
        t.ready()
        for k in (1, 2):
            t.send("F10")
            t.wait(at(k), "iteration %d" % k)
        t.send("F11")
        t.wait(r"batch 1|1/6", "a block of batch 1")
        t.write("mine.lua", text.replace("x + (x - x_old) * inertia", "x"))
        t.type(":reload")
        t.wait(r"switch plain_ipdlam@[0-9a-f]{6}", "the mark")
        for k in (3, 4):
            t.send("F10")
            t.wait(at(k), "iteration %d" % k)
        t.type("new = run:last().phi; run:rewind(2); run:step(2); print(#run:futures(), run:last().phi ~= new)")
        t.wait("2\ttrue|2 +true", "another Phi at iteration 4")
        t.type("run:go(1); print(run:last().phi == new, run:verify_replay())")
        t.wait("true +true", "the first future")


def leave_later(t):
    """Presses C-d while a line typed ahead waits for Lua."""
    t.ready()
    t.type("while true do end")
    t.wait("at work, C-c stops it")
    t.type("later = 1")
    t.send("C-d")
    t.wait("leaves after the 1 line typed ahead; C-d again")


@case("C-d waits for lines typed ahead, and leaves at once when pressed again; C-c stays")
def _():
    with Terminal(80, 24, SMALL) as t:
        leave_later(t)
        t.send("C-d")
        t.finished()
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("run.name = 'first'\r\x04", enter=False)
        t.finished()
    with Terminal(80, 24, SMALL) as t:
        leave_later(t)
        t.send("C-c")
        t.wait("interrupted")
        t.type("6 * 7")
        t.wait(r"│_\d+ = 42 ")


@case("training continues while Lua is busy")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F5")
        t.wait("running")
        t.type("while true do end")
        screen = t.wait("at work, C-c stops it")
        before = int(re.search(r" it(?:eration)? (\d+) ", screen).group(1))
        t.wait(lambda s: int(re.search(r" it(?:eration)? (\d+) ", s).group(1)) > before + 3,
               "further iterations")
        t.send("C-c")
        t.wait(lambda s: "at work" not in s, "the end of the loop")


@case("the next session has the history of the prompt")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("remembered = 17")
        t.idle()
        t.send("C-d")
        t.finished()
        history = t.read("state/ipdlam/history")
        if "remembered = 17" not in history:
            return "the file holds:\n" + history


done()
