#!/usr/bin/env python3
""":screen and ip.screen: the screen as SVG, text and text with colours."""
import os
import sys
import xml.etree.ElementTree as tree

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1 --batch 100 --no-history"
SVG = "{http://www.w3.org/2000/svg}"


@case("the picture as text is the text of the screen")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.send("F10")
        t.wait(lambda s: "it 1 " in s and "idle" in s)
        before = t.screen().split("\n")
        t.type(":screen a.txt")
        t.wait(lambda s: "│a.txt" in s and "idle" in s)
        lines = t.read("a.txt").split("\n")
        # The prompt's pane has one line more, and the corner another number of keys.
        for a, b in list(zip(lines, before))[1:10]: # the rate in the first line changes
            if a != b.rstrip():
                return "%r, not %r" % (a, b)


@case("the picture as SVG has the same letters at the same places, and curves as shapes")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.type("run:step(3)")
        t.wait(lambda s: "iteration 3 " in s and "idle" in s)
        t.type("ip.screen('a.svg') return ip.screen('a.txt')")
        t.wait(lambda s: "idle" in s and " = a.txt" in s)
        svg, lines = tree.fromstring(t.read("a.svg")), (" " + t.read("a.txt")).split("\n") # read strips it
        if svg.get("width") != str(100 * 9 + 16) or svg.get("height") != str(30 * 18 + 16):
            return "%s x %s" % (svg.get("width"), svg.get("height"))
        texts = svg.findall(SVG + "text")
        for text in texts:
            x, row = (int(text.get("x")) - 8) // 9, (int(text.get("y")) - 8) // 18
            words, there = text.text, lines[row].ljust(100)[x:]
            if row == 29: # its corner counts frames
                continue
            for a, b in zip(words, there):
                if a != b and a != " ":
                    return "row %d, column %d: %r, not %r" % (row, x, words, there[:len(words)])
        if len(texts) < 20 or len(svg.findall(SVG + "path")) < 20:
            return "%d texts" % len(texts)


@case("the picture as .ans has colours")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type(":screen a.ans")
        t.wait(lambda s: "│a.ans" in s and "idle" in s)
        if "\x1b[" not in t.read("a.ans"):
            return "no escape sequence"


@case("an unknown ending and a missing folder are errors")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type(":screen a.png")
        t.wait(lambda s: "End the name in .svg, .txt or .ans" in s and "idle" in s)
        t.write("no", "")
        t.type("ip.screen('no/where.svg')")
        t.wait(lambda s: "no/where.svg: " in s.replace("\n", "") and "irectory" in s and "idle" in s)


done()
