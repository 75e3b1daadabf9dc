#!/usr/bin/env python3
"""Layouts in a real terminal: choosing, defining, resizing by keys and mouse, zooming, saving."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1"


def mouse(t, button, x, y, end="M"):
    """A report of the mouse, as the terminal sends it."""
    t.type("\033[<%d;%d;%d%s" % (button, x + 1, y + 1, end), enter=False)


def idle_without(word):
    return lambda s: word not in s and "idle" in s


@case("M-2 and M-1 show layouts, and the next session starts with the last one")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("M-2")
        t.wait(idle_without("─ layers"), "charts alone")
        t.type("ip.layout(12)")
        t.wait("unknown layout '12'")
        t.send("C-d")
        t.finished()
        if "show charts" not in t.read("config/ipdlam/layouts"):
            return t.read("config/ipdlam/layouts")
        t.tmux("respawn-window", "-k", "/bin/sh '%s/script'" % t.folder)
        t.wait(lambda s: "paused" in s and "─ layers" not in s and "─ accuracy" in s and "idle" in s)
        t.send("M-1")
        t.wait("─ layers")


@case("titles say what their panes show, from the first frame on")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.send("M-6")
        t.wait("weights W1")
        t.idle()
        t.wait("rows 1–9 of 20.*test 1–9 of 200", deadline=5)


@case("ip.layout defines a layout, lists layouts, and reports errors")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.type('ip.layout{ name = "mine", "status", { "layers", "settings", columns = true, weight = 2 }, "console" }')
        t.wait(lambda s: "─ settings" in s and "─ layers" in s and "─ accuracy" not in s and "F1 help" not in s)
        kept = t.read("config/ipdlam/layouts")
        if "mine = rows(status, columns:2(layers, settings), console)" not in kept or "show mine" not in kept:
            return kept
        t.type("ip.layout().shown")
        t.wait(r"= ['\"]?mine")
        t.type('ip.layout("chart")')
        t.wait("Did you mean 'charts'")
        t.type('ip.layout{ "objectiv", "console" }')
        t.wait("Did you mean 'objective'")
        t.type('ip.layout("auto")')
        t.wait("─ accuracy")


@case("init.lua may choose a layout")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        os.makedirs(t.folder + "/config/ipdlam", exist_ok=True)
        with open(t.folder + "/config/ipdlam/init.lua", "w") as f:
            f.write('ip.layout{ name = "mine", "status", "layers", "console", "keys" }\n')
        t.send("C-d")
        t.finished()
        t.tmux("respawn-window", "-k", "/bin/sh '%s/script'" % t.folder)
        t.wait(lambda s: "paused" in s and "─ layers" in s and "─ accuracy" not in s and "idle" in s)


@case("F4 zooms a pane and unzooms it")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F6", "F4")
        t.wait(lambda s: "─ accuracy" not in s and "━ objective" in s and "> " in s, "the objective alone")
        t.type("6 * 7")
        t.wait("= 42 ")
        t.send("F4")
        t.wait("─ accuracy")


def corner(screen, row=1):
    """Where the second pane of a row begins."""
    return max(screen.split("\n")[row].find(c, 1) for c in "╭┏")


@case("< > { } resize the focused pane, = restores the sizes")
def _():
    with Terminal(80, 24, SMALL) as t:
        was = corner(t.ready())
        t.send("F6", ">", ">")
        t.wait(lambda s: corner(s) == was + 4, "four columns more")
        t.send("<")
        t.wait(lambda s: corner(s) == was + 2, "two less")
        lines = [line[0] for line in t.screen().split("\n") if line]
        t.send("}")
        t.wait(lambda s: [line[0] for line in s.split("\n") if line] != lines and "idle" in s, "a row more")
        t.send("=")
        t.wait(lambda s: corner(s) == was and [line[0] for line in s.split("\n") if line] == lines, "as it was")


@case("the mouse drags an edge, and the next session has the new sizes")
def _():
    with Terminal(80, 24, SMALL) as t:
        was = corner(t.ready())
        mouse(t, 0, was, 4)
        mouse(t, 32, was - 5, 4)
        t.wait(lambda s: corner(s) == was - 5, "the edge at the mouse")
        mouse(t, 0, was - 5, 4, "m")
        mouse(t, 32, was, 4)
        t.send("C-d")
        t.finished()
        t.tmux("respawn-window", "-k", "/bin/sh '%s/script'" % t.folder)
        t.wait(lambda s: "paused" in s and "idle" in s and corner(s) == was - 5, "the same edge again")


@case("ip.mouse(false) leaves the mouse to the terminal, as the end of the workbench does")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        state = ["display-message", "-p", "#{mouse_button_flag}#{mouse_sgr_flag}"]
        if t.tmux(*state).strip() != "11":
            return "at the start: " + t.tmux(*state)
        t.type("ip.mouse(false)")
        t.idle()
        t.wait(lambda s: t.tmux(*state).strip() == "00", "no mouse")
        t.type("ip.mouse(true)")
        t.wait(lambda s: t.tmux(*state).strip() == "11", "the mouse")
        t.send("C-d")
        t.finished()
        if t.tmux(*state).strip() != "00":
            return "afterwards: " + t.tmux(*state)


done()
