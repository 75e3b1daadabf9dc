#!/usr/bin/env python3
"""Every key of the table in a real terminal does what the help says."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import TOP_SRCDIR, Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1 --batch 100"

with open(os.path.join(TOP_SRCDIR, "src", "tui", "model", "keys.c")) as table:
    ROWS = re.findall(r'^ +\{(NULL|"[^"]+"),\s*"([^"]+)",\s*(?:"([^"]+)"|NULL),\s*IPD_ACT_(\w+)',
                      table.read(), re.MULTILINE)

TMUX = {"PageUp": "PPage", "PageDown": "NPage", "S-Left": "S-Left", "Backspace": "BSpace",
        "Delete": "DC", "S-Tab": "BTab", "M-1..9": "M-2"}


def press(t, name):
    if len(name) == 1:
        t.type(name, enter=False)
    else:
        t.send(TMUX.get(name, name))


def says(pattern):
    return lambda s: re.search(pattern, s) and "idle" in s


def lacks(pattern):
    return lambda s: not re.search(pattern, s) and "idle" in s


FOCUS = "┏"

# Keys to press before, and the text that the screen must show. A key that appears twice toggles something.
GLOBAL = {
    "HELP": [([], lambda s: "help · F1 closes" in s), (None, lacks("F1 closes"))],
    "RUN": [([], lambda s: "▶ running" in s), (None, says("● paused"))],
    "ITERATION": [([], says(r"it(eration)? 1 "))],
    "BLOCK": [([], says("under way"))],
    "KIND": [(["run.order = 'increase'", "Enter"], says(r"(next )?W1 +1/6"))],
    "BATCH": [([], says(r"z3 +2/6"))],
    "REWIND": [(["F10", "F10"], says(r"it(eration)? 1 "))],
    "BACK_BLOCK": [(["F8", "F11"], says(r"z3 +2/6"))],
    "BACK_BATCH": [(["F8"], says(r"z3 +1/6"))],
    "REDO": [(["F10", "F12"], says(r"it(eration)? 1 "))],
    "UNTIL": [([], says(r"> run:step_until\(function\(m\) return m\.phi < "))],
    "SETTINGS": [([], says("┏━ settings"))],
    "UNDO": [([], says("no change of settings to undo"))],
    "FOCUS": [([], says(FOCUS))],
    "LAYOUT": [([], lacks("─ layers"))],
    "ZOOM": [([], lacks("─ layers")), (None, says("─ layers"))],
    "BACK": [(["for i = 1, 99 do print(i) end", "Enter"], says("rows back"))],
    "FORWARD": [(["for i = 1, 99 do print(i) end", "Enter", "PPage"], lacks("rows back"))],
    "FOCUS_BACK": [([], says(FOCUS)), (None, says(FOCUS))],
    "CLEAR": [(["print('go' .. 'ne')", "Enter"], lacks("gone"))],
}
# Keys that the prompt or the terminal handles.
PROMPT = {
    "Tab": (["run:lea"], says(r"> run:learned")),
    "/": ([], says("> / ")),  # prompt.t searches
    "Enter": (["6 * 7"], says("= 42 ")),
    "C-c": (["something"], lacks("something")),
    "C-z": ([], None),
    "C-d": ([], lambda s: "finished-0" in s),
}


def prepare(t, keys):
    if not keys:  # the help hides the word that says idle
        return
    for key in keys:
        if len(key) > 6:
            t.type(key, enter=False)
        else:
            t.send(key)
    t.idle()
    if "F10" in keys:
        t.wait(says(r"paused +it(eration)? %d " % (keys.count("F10") - keys.count("F12"))), "the steps before")


for context, name, also, action in ROWS:
    if context != "NULL" or name == "C-z":  # terminal.t stops and continues
        continue
    for key in (name, also) if also else (name,):
        @case("%s: %s" % (key, action))
        def _(key=key, name=name, action=action):
            with Terminal(80, 24, SMALL) as t:
                t.ready()
                if action == "ELSEWHERE":
                    keys, expected = PROMPT[name]
                    prepare(t, keys)
                    press(t, key)
                    t.wait(expected, "what %s does" % key)
                    return
                for keys, expected in GLOBAL[action]:
                    prepare(t, keys or [])
                    press(t, key)
                    t.wait(expected, "what %s does" % key)


def shape(screen):
    """Corners of the panes, line by line."""
    return [[x for x, c in enumerate(line) if c in "╭╮╰╯┏┓┗┛"] for line in screen.split("\n")]


@case("keys of a pane: < > { } resize it, = restores it, Escape returns to the prompt")
def _():
    with Terminal(80, 24, SMALL) as t:
        first = shape(t.ready())
        t.send("F6")
        t.wait(says(FOCUS))
        for key, other in ((">", "<"), ("}", "{")):
            press(t, key)
            t.wait(lambda s: shape(s) != first and "idle" in s, "another size by " + key)
            press(t, other)
            t.wait(lambda s: shape(s) == first and "idle" in s, "back by " + other)
            press(t, key)
            t.wait(lambda s: shape(s) != first and "idle" in s)
            press(t, "=")
            t.wait(lambda s: shape(s) == first and "idle" in s, "the layout's own sizes")
        t.send("Escape")
        t.wait(lacks(FOCUS), "the prompt")


VIEW_OF = {"chart": "objective"}
CONTEXTS = {}
for context, name, also, action in ROWS:
    if action == "VIEW" and context not in ('"help"', '"console"'):
        CONTEXTS.setdefault(context.strip('"'), []).extend(k for k in (name, also) if k)
for context, keys in CONTEXTS.items():
    @case("the view %s uses its keys: %s" % (context, " ".join(keys)))
    def _(context=context, keys=keys):
        with Terminal(80, 24, SMALL) as t:
            t.ready()
            t.send("F10", "F10", "F10")
            t.wait(says(r"it(eration)? 3 "))
            t.type("run:set{ delta = 0.9 }")  # an event to choose
            t.idle()
            t.type('ip.layout{ "status", { "%s", weight = 3 }, "console", "keys" }' % VIEW_OF.get(context, context))
            t.idle()
            for key in keys:
                if FOCUS not in t.screen():
                    t.send("F6")
                    t.wait(says(FOCUS))
                press(t, key)
                screen = t.idle()
                if FOCUS not in screen and key not in ("Enter", "R", "B"):
                    return "%s goes on to the prompt:\n%s" % (key, screen)
                if "Escape cancels" in screen:
                    t.send("Escape")
                    t.wait(lacks("Escape cancels"))


@case("F12 and R rewind; the discarded curve stays, with the difference")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.send("F10", "F10", "F10", "F10")
        t.wait(says("iteration 4 "))
        t.send("F12", "F12")
        t.wait(lambda s: says("iteration 2 ")(s) and re.search(r"Φ \S+ .*──. before \S", s))
        t.send("F10", "F10")
        t.wait(lambda s: says("iteration 4 ")(s) and "ipdlam-1 − before" not in s, "the same bits")
        t.send("F6", "Left", "Left", "R")
        t.wait(lambda s: says("iteration 3 ")(s) and "> run:rewind(3)" in s and FOCUS not in s)
        t.type("run:set{ delta = 0.1, order = 'increase' }")
        t.wait(r"_2 = at iteration 4", "the answer to run:set")
        t.send("F10")
        t.wait(lambda s: says("iteration 4 ")(s) and re.search(r"ipdlam-1 − before +── Φ [+-]\d", s),
               "with and without the change")
        t.send("F11")
        t.wait(says("iteration 5, under way"))
        t.send("F12")
        t.wait(lambda s: says("iteration 4 ")(s) and "under way" not in s, "the beginning of the iteration")
        t.send("F12", "F12", "F12", "F12", "F12")
        t.wait("the run is at its start")


@case("ip.keys binds other keys, which F1, the bottom line and ?KEY show")
def _():
    init = {"config/ipdlam/init.lua": "ip.keys{ iteration = 'F9', run = { 'M-f', 'C-t' }, step_until = false, copy = 'K' }"}
    with Terminal(100, 40, SMALL, files=init) as t:
        t.ready()
        t.wait(lambda s: " F9 iteration " in s and "M-f runs" in s and "F9 does one iteration" in s)
        t.send("F9")
        t.wait(says("paused +it(eration)? 1 "))
        t.send("F10")
        t.send("F11")
        t.wait(says("it(eration)? 2"))
        t.send("M-f")
        t.wait("running")
        t.send("F9")
        t.wait("the run is training: M-f pauses it")
        t.send("C-t")
        t.wait("paused")
        t.send("F1")
        t.wait(r"F9 +run:step\(\) +train for one iteration")
        t.wait(r"M-f +C-t +run:start\(\)")
        t.wait(r"no key +run:step_until")
        t.send("F1")
        t.type("?F9")
        t.wait("key F9\\b")
        t.type("?F10")
        t.wait("unknown help topic 'F10'")
        for line, answer in (("ip.keys{ iteraton = 'F9' }", "unknown action 'iteraton'. Did you mean 'iteration'"),
                             ("ip.keys{ run = 'F77' }", "unknown key 'F77'"), ("ip.keys{ run = 'PgeUp' }", "Did you mean 'PageUp'"),
                             ("ip.keys{ run = 'x' }", "x belongs to the prompt"), ("ip.keys{ run = 'C-c' }", "C-c belongs to the terminal"),
                             ("ip.keys{ run = 'F2', zoom = 'F2' }", "two actions have the same key"),
                             ("ip.keys{ run = 3 }", "give each action a key"), ("ip.keys{ 'F2' }", "name the actions")):
            t.type(line)
            t.wait(re.escape(answer))
            t.send("C-l")
        t.type("ip.keys().run[1]")
        t.wait("= M-f")
        t.type("ip.keys{ run = 'F9' } #ip.keys().iteration")
        t.wait(r"= 0\b|\b0\b")


@case("Shift-Tab moves the focus back; C-l clears the output until the user scrolls back")
def _():
    with Terminal(100, 40, SMALL) as t:
        t.ready()
        t.send("F6")
        t.wait("┏")
        first = t.screen()
        t.send("BTab")
        t.wait(lambda s: "┏" not in s, "back at the prompt")
        t.send("BTab")
        t.wait(lambda s: "┏" in s and s.index("┏") > first.index("┏"), "the last pane")
        t.send("F6")
        t.type("print('some text of before')")
        t.idle()
        t.send("C-l")
        t.wait(lambda s: "of before" not in s)
        t.type("1 + 1")
        t.wait("= 2")
        if "of before" in t.screen():
            return "the old text is there again:\n" + t.screen()
        t.send("PageUp")
        t.wait("some text of before")
        t.send("C-l")
        t.wait(lambda s: "of before" not in s)
        t.type("/text of")
        t.wait("some text of before")


@case("Tab after :chart completes fields and metrics; ?? shows source or help")
def _():
    with Terminal(100, 40, SMALL) as t:
        t.ready()
        t.type("run:metric('train_gain', function(m) return 1 end) run:step()")
        t.idle()
        t.type(":chart train_", enter=False)
        t.send("Tab")
        t.wait(lambda s: "train_gain" in s and "train_accuracy" in s)
        t.type("g\t", enter=False)
        t.wait(":chart train_gain ")
        t.send("C-c")
        t.type("function twice(x) return 2 * x end local up = 1 function thrice() return 3 * up end")
        t.type("??twice")
        t.wait("twice = function ?.x. return 2 . x end")
        t.type("??thrice")
        t.wait("thrice = function")
        t.type("??run:undo")
        t.wait(lambda s: "run:undo()" in s and "mentioned in:" in s)


@case("C-c stops a long rewind by a key or by Lua, and the run stays where it was")
def _():
    with Terminal(120, 40, "--layers 700,700 --train 3000 --test 10 --threads 1") as t:
        t.ready()
        t.type("run.snapshot_budget = 0; run:step(5)")
        t.wait(says("iteration 5 "))
        t.send("F12")
        t.wait("rewinds: iteration")
        t.send("C-c")
        t.wait(lambda s: says("paused +it(eration)? 5 ")(s) and "the jump was cancelled in iteration" in s)
        t.idle()
        if "before" in t.screen() or "left 1 iteration" in t.screen():
            return "the screen shows that the run went back:\n" + t.screen()
        t.type("run:rewind(4)")
        t.wait("rewinds: iteration")
        t.send("C-c")
        t.wait(lambda s: says("paused +it(eration)? 5 ")(s) and "interrupted" in s)
        t.idle()
        t.wait(lambda s: "before" not in s, "the curve goes")
        t.type("#run:futures(), run.records")
        t.wait(r"1\s")


@case("steps of several kinds, typed ahead, are done in order")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.send("F10", "F10", "F10", "F12", "F10", "F12", "F11")
        t.wait(lambda s: says("iteration 3, under way")(s) and re.search("──. before", s), "all of the steps")
        t.send("F12")
        t.wait("left a part of iteration 3: S-F12 returns")


@case("keys of a pane that has nothing to do for them do not leave it")
def _():
    with Terminal(100, 40, SMALL) as t:
        t.ready()
        t.send("S-F12")
        t.wait("the run has not been rewound")
        t.send("F6")
        t.wait("┏")
        t.send("Right", "m", "Left")
        t.idle()
        screen = t.screen()
        assert "┏" in screen and "> m" not in screen, screen
        t.type("6 * 7")
        t.wait(lambda s: "┏" not in s and re.search(r"│_\d+ = 42 ", s), "what was typed")
        t.type(":layout blo\t")
        t.wait("latest blocks")
        t.type(":layout")
        t.wait('shown = "blocks"')


PAUSED = r"paused at iteration (\d+)[^\n]*; the rest of the line"


@case("F5 pauses a run that a line of Lua steps, and ends the line with a message")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        for line in ("run:step(1000000) print('done')", "run:step_until(function() return false end) print('done')",
                     "while true do pcall(run.step, run) end", "run:step(2) while true do end",
                     "coroutine.wrap(function() run:step(1000000) print('done') end)()", "run:verify_replay() while true do end"):
            t.type(line)
            t.wait("at work", line)
            if "(2)" in line:
                t.wait(r"(?s)● paused.*at work", "the end of the steps")
            t.type("print('ahead')")
            t.send("F10")
            t.wait("Lua steps this run: F5 pauses it")
            t.send("F5")
            screen = t.wait(lambda s: says("● paused")(s) and re.search(PAUSED, s), "the end of " + line)
            if re.search(r"│(done|ahead)", screen):
                return "something else was run after %s:\n%s" % (line, screen)
            if "traceback" in screen or "prelude" in screen:
                return "more than a sentence:\n" + screen
            t.type("for i = 1, 40 do print() end")
            t.idle()
        t.send("F10")
        t.idle()
        t.type("run:set{ delta = 0.5 }")
        t.send("F5")
        t.wait("▶ running", "F5 after a line that steps nothing")


@case("F5 pauses a sweep: its run pauses, and no other run starts")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.type("ip.sweep{ data = { name = 'digits', train = 100, test = 20 }, net = { 784, 5, 10 }, iterations = 1000000,"
               " seeds = { 1, 2 } } print('done')")
        t.wait(lambda s: "digits, seed 1 " in s and re.search(r"iteration \d{2,} ", s), "the first run")
        t.send("F5")
        screen = t.wait(lambda s: says("● paused")(s) and re.search(PAUSED, s), "the end of the sweep")
        if "done" in screen.replace("print('done')", "") or "seed 2" in screen or "traceback" in screen:
            return "something else was run:\n" + screen


@case("steps right after B are steps of the branch and wait until it is ready")
def _():
    with Terminal(120, 40, SMALL.replace("600", "3000")) as t:
        t.ready()
        t.type("run.snapshot_budget = 0")  # so that the branch has a long way to go
        t.idle()
        t.send(*12 * ["F10"])
        t.wait(says("iteration 12 "))
        t.send("F6", "Left", "Left", "B", "F10", "F10")
        t.wait(lambda s: says("digits-20-20-ipdlam-1@11 ")(s) and says("iteration 13 ")(s) and says("● paused")(s))
        t.type("print(other.iteration, run.iteration)")
        screen = t.wait(r"12 +13 *│", "the run it comes from stays where it was")
        if "is at work" in screen:
            return "a key was refused:\n" + screen


@case("B branches from the cursor, with the old curve beside the branch")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.send("F10", "F10", "F10")
        t.wait(says("iteration 3 "))
        t.send("F6", "Left", "Left", "B")
        t.wait(lambda s: says("digits-20-20-ipdlam-1@2 ")(s) and "assert(run:branch(2))" in s)
        t.type("run:set{ order = 'increase' }")
        t.wait(r"_\d+ = at iteration 3", "the answer to run:set")
        t.send("F10")
        t.wait(lambda s: re.search(r"lam-1@2 − \S*0-ipdlam-1 +── Φ [+-]\d", s) and re.search(r"\([+-]\d\S*\) +──. \S*0-ipdlam-1 \d", s),
               "both curves and their difference")
        t.type("other.iteration, run.iteration, run.parent.name")
        t.wait(r"3\s+3\s+\"?digits-20-20-ipdlam-1")
        t.type("run = other")
        t.wait(lambda s: says("Φ · digits-20-20-ipdlam-1 · ")(s) and re.search(r"0-ipdlam-1 − \S*lam-1@2 ", s), "the other way round")


@case("keys that are not in the table go to the prompt")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        names = {name for _, name, _, _ in ROWS}
        free = [c for c in "abcdefghijklmnopqrstuvwxyz" if c not in names]
        t.send("F2")
        t.wait(says("━ settings"))
        t.type("".join(free[:5]), enter=False)
        t.wait(says("> " + "".join(free[:5])), "what was typed, at the prompt")


@case("the help scrolls; Escape and typing close it")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F1")
        t.wait("1–22 of")
        t.send("Down")
        t.wait("· 2–23 of")
        t.send("Up")
        t.wait("· 1–22 of")
        t.send("NPage")
        t.wait("· 22–43 of")
        t.send("PPage")
        t.wait("· 1–22 of")
        t.send("End")
        t.wait("More: man ipdlam-workbench")
        t.send("Home")
        t.wait("· 1–22 of")
        t.send("Escape")
        t.wait(lacks("F1 closes"))
        t.send("F1")
        t.wait("F1 closes")
        t.type("6 * 7")
        t.wait(lambda s: "= 42 " in s and "F1 closes" not in s)


@case("a setting is edited in its pane: set, refused with its error, undone")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.send("F2")
        t.wait("━ settings")
        t.send("Down", "Down", "Down", "Down")
        t.wait("▶delta")
        t.send("Enter", "BSpace")
        t.type("0.3", enter=False)
        t.wait("delta +0.3_")
        t.send("Enter")
        t.wait(says(r"run:set\{ delta = 0\.3 \} -- at iteration 1, batch 1 of 6, before z3"))
        t.wait("▶delta +0.3 ")
        t.send("Right")
        t.wait("▶delta +0.5 ")
        t.send("Left")
        t.wait("▶delta +0.2 ")
        t.send("Enter")
        t.type("-1", enter=False)  # in place of 0.2
        t.send("Enter")
        t.wait(r"delta[^\n]*(0|positive|least|negative)", "the setting's own sentence")
        t.send("F3")
        t.wait(r"run:undo\(\) -- delta = 0.5, from iteration 1")
        t.wait("▶delta +0.5 ")
        t.send("F3", "F3")
        t.wait("▶delta +1 ")
        for _ in range(4):
            t.send("Up")
        t.wait("▶order")
        t.send("Left")
        t.wait(says(r"run:set\{ order = \"(increase|reverse)\" \} -- at iteration 1"))


done()
