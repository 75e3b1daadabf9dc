#!/usr/bin/env python3
"""The objects' symbols: a folder uses only folders to its left, and files do not use each other in circles.

Reads nm, so that an extern or a pointer to a function counts like an #include.
"""
import os, subprocess, sys

folders = """base data net solver optim format settings history check run report plot lua/core lua
             tui/model tui/prompt tui/terminal tui/view tui/pane tui cli""".split()
parts = {"run/time": "run", "cli/data": "cli", "cli/train": "cli", "cli/runs": "cli"}  # no order within these

build, top = os.environ["TOP_BUILDDIR"], os.environ["TOP_SRCDIR"]
count = 0


def result(wrong, name):
    global count
    count += 1
    print("%s %d - %s" % ("not ok" if wrong else "ok", count, name))
    for line in sorted(wrong):
        print("# " + line)


def folder(name):
    where = os.path.dirname(name)
    return parts.get(where, where)


defined, wanted = {}, {}
for where, _, files in os.walk(os.path.join(build, "src")):
    for file in files:
        name = os.path.relpath(os.path.join(where, file), os.path.join(build, "src"))[:-2]
        source = os.path.join("src", name + ".c")
        if not file.endswith(".o") or not any(os.path.exists(os.path.join(tree, source)) for tree in (top, build)):
            continue  # an object of an older build, whose source is gone
        wanted[name] = set()
        for line in subprocess.run(["nm", os.path.join(where, file)], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
            words = line.split()
            if words[-2] == "U":
                wanted[name].add(words[-1])
            elif words[-2] in "TDBRCG":
                defined[words[-1]] = name
uses = {name: {} for name in wanted}
for name, symbols in wanted.items():
    for symbol in symbols:
        if defined.get(symbol, name) != name:
            uses[name].setdefault(defined[symbol], []).append(symbol)
result([] if len(wanted) > 250 else ["%d objects" % len(wanted)], "the objects are here")
result({folder(name) for name in wanted} - set(folders), "every folder has its place")

for place in folders:
    wrong = []
    for name in (name for name in wanted if folder(name) == place):
        wrong += ["%s uses %s of %s" % (name, ", ".join(uses[name][other]), other) for other in uses[name]
                  if folder(other) in folders[folders.index(place) + 1:]]
    result(wrong, "%s uses only folders to its left" % place)


def circles():
    """Sets of files of which each uses each, over others or not (Tarjan)."""
    number, low, stack, found = {}, {}, [], []

    def visit(name):
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in uses[name]:
            if other not in number:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == number[name]:
            at = stack.index(name)
            found.append(set(stack[at:]))
            del stack[at:]

    for name in sorted(uses):
        if name not in number:
            visit(name)
    return [circle for circle in found if len(circle) > 1]


sys.setrecursionlimit(10000)
wrong = ["%s uses %s of %s" % (name, ", ".join(uses[name][other]), other)
         for circle in circles() for name in circle for other in circle & set(uses[name])]
result(wrong, "files do not use each other in circles")
print("1..%d" % count)
