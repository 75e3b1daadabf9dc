#!/usr/bin/env python3
"""The man page of the workbench: every key of the table is in it, and every key in it is in the
table; it is clean under mandoc; what it shows as Lua, and its examples, run."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import Lost, Terminal  # noqa: E402

top = os.environ["TOP_SRCDIR"]
page = os.path.join(os.environ["TOP_BUILDDIR"], "man", "ipdlam-workbench.1")
count = 0
failed = False


def ok(passed, name):
    global count, failed
    count += 1
    failed = failed or not passed
    print(("" if passed else "not ") + "ok %d - %s" % (count, name))


with open(os.path.join(top, "src", "tui", "model", "keys.c")) as f:
    rows = re.findall(r'^ +\{(?:NULL|"[^"]+"),\s*"([^"]+)",\s*(?:"([^"]+)"|NULL),\s*IPD_ACT_', f.read(), re.MULTILINE)
with open(page) as f:
    keys = re.search(r"\n\.Sh KEYS\n(.*?)\n\.Sh ", f.read(), re.DOTALL).group(1)
described = re.findall(r"^\.It Sy (\S+)(?: Pq Sy (\S+))?$", keys, re.MULTILINE)
rows = list(dict.fromkeys(rows))  # several views may have the same key
ok(len(rows) > 8, "the table of keys is read (%d keys)" % len(rows))
for row in rows:
    ok(row in described, "%s is in the man page as in the table" % " ".join(row).strip())
for row in described:
    ok(row in rows, "%s of the man page is in the table" % " ".join(row).strip())
if shutil.which("mandoc"):
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8")
    ok(lint.returncode == 0 and not lint.stdout, "mandoc reports nothing: " +
       lint.stdout.replace("\n", "; "))
else:
    count += 1
    print("ok %d # SKIP mandoc is not installed" % count)
SMALL = "--train 200 --test 50 --threads 1"




def words_on_screen():
    """Names of curves, heads of columns, parts of the first line and titles, from the sources of the views."""
    words = ["objective Φ", "latest blocks", "ΔΦ by block", "Lua", "weights W1", "before", "z2", "a1", "lin 1", "act 2", "Phi", "xi"]
    for name in os.listdir(os.path.join(top, "src", "tui", "view")):
        if not name.endswith(".c"):
            continue
        with open(os.path.join(top, "src", "tui", "view", name)) as f:
            source = f.read()
        words += re.findall(r'ipd_curves_add\(c, "([^"]+)"', source)
        words += re.findall(r'\badd(?:_number|_percent)?\(parts, &count, "([^"]+)"', source)
        for table in re.findall(r"\} (?:columns|parts|blocks)\[\w*\] = \{(.*?)\};", source, re.DOTALL):
            words += re.findall(r'\{"([^"]+)",', table)
        if name == "blocks.c":
            words += re.findall(r'IPD_INK_FAINT, 0, "([^"]+)"', source)
        words += re.findall(r'\.name = "([a-z]+)",\s*\.framed = 1', source)
    return list(dict.fromkeys(words))


words = words_on_screen()
help_on = subprocess.run([os.environ["IPDLAM"], "repl", "--no-history", "--no-init"], input="".join("?%s\n" % w for w in words),
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                         env=dict(os.environ, LC_ALL="C.UTF-8")).stdout
unknown = re.findall("unknown help topic '.*", help_on)
ok(len(words) > 50 and not unknown, "the %d names on the screen have help: %s" % (len(words), "; ".join(unknown)))


def plain(text):
    return re.sub(r"\\-", "-", text.replace("\\(dq", '"')).strip()


def code_of_page(text):
    """What the page shows as Lua or as a command: whole, without names that stand for something else."""
    found = [line for line in re.findall(r"^\.Dl (.*)$", text, re.MULTILINE)]
    found += re.findall(r"^\.(?:It )?Ic ((?:ip\.|run:)[\w]+\{.*\}|:\w+)$", text, re.MULTILINE)
    for name, arguments in re.findall(r"^\.(?:It )?Fn ((?:ip|run)[.:]\w+)((?: \S+)*?)(?: [.,])*$", text, re.MULTILINE):
        if name != "run:set":
            found.append("%s(%s)" % (name, ", ".join(arguments.split())))
    return [plain(line) for line in dict.fromkeys(found)]


def goes_wrong(t, lines):
    """Types the lines one by one; the first that is answered with an error, and the screen."""
    t.ready()
    for number, line in enumerate(lines):
        t.type(line)
        t.type("'done' .. %d" % number)
        screen = t.wait(r"_\d+ = done%d " % number, line)
        if "traceback" in screen or re.search(r"prompt:\d+:|unknown command", screen):
            return line + "\n" + screen
        t.type("run:pause()")


def tried(options, lines):
    try:
        with Terminal(120, 60, options) as t:
            return goes_wrong(t, lines)
    except Lost as lost:
        return str(lost)


if shutil.which("tmux"):
    with open(page) as f:
        text = f.read()
    lines = code_of_page(text)
    why = tried("--layers 20,20 --no-history " + SMALL, ["run:step(2)", "other = run:branch(1)"] + lines)
    ok(len(lines) > 10 and not why, "the Lua of the page runs: " + ", ".join(lines))
    print("# " + str(why).replace("\n", "\n# "))
    example = text[text.index(".Sh EXAMPLES"):]
    options = plain(re.search(r"^\$ ipdlam (.*)$", example, re.MULTILINE).group(1))
    if not os.environ.get("IPDLAM_DATA"):
        options = options.replace("mnist", "digits")
    why = tried(options + " --no-history " + SMALL, [plain(line) for line in re.findall(r"^> (.*)$", example, re.MULTILINE)])
    ok(not why, "the example runs")
    print("# " + str(why).replace("\n", "\n# "))
else:
    count += 1
    print("ok %d # SKIP tmux is not installed" % count)
print("1..%d" % count)
raise SystemExit(failed)
