#!/usr/bin/env python3
"""The prompt of the workbench: Readline's editing, completion, help, commands, handles, C-c."""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import IPDLAM, Terminal, case, done, need_tmux  # noqa: E402

need_tmux()
SMALL = "--layers 20,20 --train 600 --test 200 --threads 1"


def write(t, name, text, mode=0o644):
    path = os.path.join(t.folder, name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def inputrc(text):
    """A file that is there before the program reads it."""
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "ipdlam-inputrc-%d" % os.getpid())
    with open(path, "w") as f:
        f.write(text)
    return path


@case("the inputrc is read, with its $if ipdlam")
def _():
    path = inputrc('$if ipdlam\n"\\C-t": "6*7"\n$endif\n$if Bash\n"\\C-g": "1"\n$endif\n')
    with Terminal(100, 24, SMALL, env={"INPUTRC": path}) as t:
        t.ready()
        t.send("C-t", "Enter")
        t.wait(r"_1 = 42 ")


@case("vi mode inserts, commands and edits; the prompt shows the mode if the inputrc asks for it")
def _():
    path = inputrc("set editing-mode vi\nset show-mode-in-prompt on\n")
    with Terminal(100, 24, SMALL, env={"INPUTRC": path}) as t:
        t.ready()
        t.type("2*12", enter=False)
        t.wait(r"\(ins\)> 2\*12")
        t.send("Escape")
        t.wait(r"\(cmd\)> 2\*12")
        t.send("0", "r", "4")
        t.wait(r"\(cmd\)> 4\*12")
        t.send("u")
        t.wait(r"\(cmd\)> 2\*12")
        t.send("A")
        t.type("0")
        t.wait(r"_1 = 240 ")
        t.type("x", enter=False)
        t.send("Escape")
        t.wait(r"\(cmd\)> x")
        t.send("C-c")
        t.wait(r"\(ins\)> +│", "insert mode after C-c, as on every new line")


@case("kill ring, yank, undo, transpose")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.type("one two", enter=False)
        t.send("C-w", "C-y", "C-y")
        t.wait(r"> one twotwo ")
        t.send("C-_", "C-_")
        t.wait(r"> one  *\s*│")
        t.send("C-a", "C-k")
        t.type("xyx", enter=False)
        t.send("Left", "C-t")
        t.wait(r"> xxy ")
        t.send("C-u", "C-y", "M-y")
        t.wait(r"> one ")


EDITOR = """#!/bin/sh
stty -g > '%s/in-editor'
case $(cat "$1") in *ruin*) exit 3;; esac
printf 'for i = 1, 2 do\\n  print("from the editor", i * 11)\\nend\\n' > "$1"
"""


@case("C-x C-e edits in $EDITOR and runs the text; the screen is complete afterwards")
def _():
    with Terminal(100, 24, SMALL, env={"EDITOR": "/tmp/ipdlam-editor-%d" % os.getpid()}) as t:
        path = "/tmp/ipdlam-editor-%d" % os.getpid()
        with open(path, "w") as f:
            f.write(EDITOR % t.folder)
        os.chmod(path, 0o755)
        try:
            t.ready()
            t.send("F5")
            t.wait("running")
            t.type("if true then", enter=True)
            t.wait(r">> ")
            t.type("half a line", enter=False)
            t.wait("half a line")
            t.send("C-x", "C-e")
            screen = t.wait(r"(?s)from the editor\s+11.*from the editor\s+22")
            if t.read("in-editor") != t.read("before"):
                return "the editor's terminal is %s, not %s" % (t.read("in-editor"), t.read("before"))
            if "╭" not in screen or "running" not in screen:
                return "the screen is not whole:\n" + screen
            t.send("Up")
            t.wait(r"(?s)> for i = 1, 2 do.*\n.*print.*\n.*end ", "the block as one entry")
            t.send("C-c")
            t.wait(lambda s: re.search(r"│> +│", s), "an empty prompt")
            t.type("ruin", enter=False)
            t.send("C-x", "C-e")
            t.wait(r"(?s)the editor failed.*> ruin ", "the line as it was")
            t.send("C-u", "C-d")
            t.finished()
            return t.is_whole()
        finally:
            os.unlink(path)


@case("M-Enter inserts a newline; the arrows move within the text and recall it as a whole")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.type("x = 5", enter=False)
        t.send("M-Enter")
        t.type("y = x * 9", enter=False)
        t.send("M-Enter")
        t.type("return y", enter=False)
        t.send("Up", "Up", "C-e")
        t.type("0")
        t.wait(r"_1 = 450 ")
        t.send("Up")
        t.wait(r"(?s)> x = 50 .*\n.y = x \* 9 .*\n.return y")
        t.send("C-c")
        t.wait(lambda s: re.search(r"│> +│", s), "an empty prompt")


@case("arrows with Shift, Alt and Control move the cursor and type nothing")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("return 11 + 22", enter=False)
        t.send("S-Left", "C-Left", "M-Left", "S-Right", "S-Home")
        t.type("--[[x]] ", enter=False)
        t.send("C-Right", "S-End", "C-End")
        t.type("0")
        t.wait(r"--\[\[x\]\] return 11 \+ 220")
        t.wait("231")
        return ""


@case("Tab lists methods with their parameters; a call shows its signature while it is typed")
def _():
    with Terminal(120, 30, SMALL) as t:
        t.ready()
        t.type("run:st", enter=False)
        t.send("Tab")
        t.wait(r"step_until\(.*run:step_until\(f\) +Trains one iteration at a time")
        t.type("ep(", enter=False)
        t.wait(r"run:step\(n\) +Trains for n iterations")
        t.send("C-u")
        t.type("run:set{ del", enter=False)
        t.send("Tab")
        t.wait(r"> run:set\{ delta = ")
        t.wait(r"delta +\w.*range 0 to")
        t.send("C-u")
        t.type('ip.run{ preset = "', enter=False)
        t.send("Tab")
        t.wait(r'paper" .*\w+')
        t.send("C-u")
        write(t, "a file of lua.lua", "")
        t.type('dofile("a f', enter=False)
        t.send("Tab")
        t.wait(r'dofile\("a file of lua.lua" ')


@case("?NAME, a misspelt name, and F1 on a name show help")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.type("?run.step_untl")
        t.wait(r"Did you mean '(run:)?step_until'")
        t.type("?F5")
        t.wait(r"(?s)key F5 or M-g.*continue training")
        t.type("run:step_block(", enter=False)
        t.send("F1")
        t.wait(r"run:step_block\(n\)\s*│\n.*Does n block updates")
        t.wait(r"> run:step_block\( ")
        t.send("C-u", "F1")
        t.wait("F1 closes")


@case("help that is longer than the pane is shown from its first line")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.type("?run")
        t.wait(r"(?s)Lua · \d+ rows back.*╮\n│ip\.run\{ data")
        t.send("NPage")
        t.wait(lambda s: re.search(r"╮\n│  net is a network", s) and "ip.run{ data" not in s, "the next page, from the last row of the first")
        t.type("6 * 7")
        t.wait(lambda s: "_1 = 42" in s and "rows back" not in s)


@case("Tab completes runs of the session and the history, by name and number; ?NAME knows the views")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.type("other = ip.run{ data = run.data, net = { 784, 10, 10 }, name = 'quite another' } other:step()")
        t.type("other.iteration")
        t.wait(r"│_\d+ = 1 ", "the step's end")
        t.type('ip.living("qui', enter=False)
        t.send("Tab")
        t.wait(r'> ip.living\("quite another"')
        t.send("C-u")
        t.type('ip.history("', enter=False)
        t.send("Tab")
        t.wait(r'(?s)last" +the newest run.*quite another" +1 quite another: digits.*iteration 1')
        t.send("C-u")
        t.type("ip.resume(", enter=False)
        t.send("Tab")
        t.wait(r"> ip.resume\(1 ")
        t.send("C-u")
        t.type('ip.layout{ { "conf', enter=False)
        t.send("Tab")
        t.wait(r'> ip.layout\{ \{ "confusion"')
        t.send("C-u")
        t.type("?confusi", enter=False)
        t.send("Tab", "Enter")
        t.wait(r'(?s)view "confusion".*Number of test samples.*keys: Left Right')
        t.type("?settings")
        t.wait(r'(?s)ip\.settings\(\).*run\.settings')


@case("Escape and then a letter is Alt after any time, also if a slow line splits the key")
def _():
    with Terminal(100, 24, SMALL) as t:
        def one_by_one(*pieces):
            for piece in pieces:
                if piece in ("\033", "g"):
                    t.type(piece, enter=False)
                    t.idle()
                else:
                    t.tmux("send-keys", "-l", "--", piece)
                    for _ in range(5):  # as long as curses waits at most, or longer
                        t.screen()
                        time.sleep(0.01)
        t.ready()
        one_by_one("\033", "g")
        t.wait("running")
        one_by_one("\033", "g")
        t.wait("paused")
        t.type("found = 17")
        t.idle()
        one_by_one("\033", "[", "A")
        t.wait(r"> found = 17 ")
        t.send("C-u")
        before = re.search(r"it(?:eration)? +(\d+) ", t.idle()).group(1)
        one_by_one("\033", "[21", "~")
        t.wait(r"it(eration)? +%d " % (int(before) + 1))
        t.send("Escape")
        t.idle()
        t.send("C-c")
        t.wait(r"C-d or quit\(\) leaves")  # a signal: keys may overtake it
        t.type("good = 1", enter=False)
        t.wait(r"paused(?s:.*)> good = 1")


STRANGE = {
    "Shift-F5": "\033[15;2~", "Ctrl-F5": "\033[15;5~", "Shift-Delete": "\033[3;2~", "Ctrl-PageUp": "\033[5;5~", "F13": "\033[25~",
    "Menu": "\033[29~", "Ctrl-Enter of xterm": "\033[27;5;13~", "Ctrl-i of kitty": "\033[105;5u", "F1 of the Linux console": "\033[[A",
    "device attributes": "\033[?62;22c", "the cursor's place": "\033[24;80R", "the ground's colour": "\033]11;rgb:00/00/00\007",
    "the same with ST": "\033]11;rgb:00/00/00\033\\", "the version": "\033P>|XTerm(370)\033\\", "a picture's answer": "\033_Gi=31;OK\033\\",
    "a mouse of the old kind": "\033[M !!", "Ctrl-F1 of old": "\033O5P", "one cut short": "\033[15;\033[15;2~"}


@case("unknown keys and replies of terminals type nothing, and the pane keeps the focus")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        for name, keys in STRANGE.items():
            t.type("'<", enter=False)
            t.type(keys, enter=False)
            t.type(">'")
            screen = t.wait(r"(?s)_\d+ = <.*frame \d+ idle", name)
            answer = re.findall(r"│_\d+ = (<.*?) *│", screen)[-1]
            if answer != "<>":
                return "%s types %s" % (name, answer)
            t.send("C-l")
        t.type("print(('\\n'):rep(30))")
        t.type("2 \033Om 3 + 10 \033Oj 4")
        t.wait(r"_\d+ = 39 ", "the keys of the number block")
        t.send("F6")
        t.wait("┏")
        t.type(STRANGE["Shift-F5"], enter=False)
        t.type(STRANGE["the ground's colour"], enter=False)
        if "┏" not in t.idle():
            return "the pane has lost the focus"


@case("Escape and a key with Alt right after it are two keys")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.send("F6")
        t.wait("┏")
        t.type("\033\0332", enter=False)
        t.wait(lambda s: "completions" not in s and "┏" not in s and "─ layers" not in s, "another layout")


@case("help gets an answer, an assigned exit is a variable; a key of the workbench closes the completions")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.type("help")
        t.wait(r"\?run:step explains one")
        t.type("exit = 6 * 7")
        t.type("exit")
        t.wait(r"_1 = 42 ")
        t.type("run:st", enter=False)
        t.send("Tab")
        t.wait("completions")
        t.send("M-2")
        t.wait(lambda s: "completions" not in s and "> run:st" in s)


@case("any number of overlays can be drawn")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.type("for i = 1, 60 do r = ip.run { data = run.data, layers = 4, name = 'n' .. i } r:step() ip.overlay(r) end run:step()")
        t.idle()
        t.type("ip.layout { 'values', 'console', 'keys' }")
        t.idle()
        t.send("F6", *["Down"] * 60)
        t.wait(lambda s: re.search(r"i n60 +1 ", s), "the last of sixty runs")


@case("results have numbers: _1, _2, and _ is the last")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.type("6 * 7")
        t.wait(r"_1 = 42 ")
        t.type("{ _1, 'two' }")
        t.wait(r"_2 = \{ 42, \"two\" \}")
        t.type("_2[1] + _1")
        t.wait(r"_3 = 84 ")
        t.type("_ == _3, nil")
        t.wait(r"_4 = true")
        t.type("nil")
        t.type("?ip.run")
        t.type("_4")
        t.wait(r"_5 = true")
        t.type("for i = 1, 20 do end return 'x'")
        for i in range(7, 28):
            t.type("'r' .. %d" % i)
        t.wait(r"_27 = r27")
        t.type("_6 == nil and _8 ~= nil")
        t.wait(r"_28 = true")


@case(":commands show the Lua that they run; a session of :record repeats to the same bits")
def _():
    with Terminal(120, 40, SMALL) as t:
        t.ready()
        t.send("F10")
        t.wait(r"paused +it(eration)? 1 ")
        t.type(":set delta 0.4")
        t.wait(r"(?s)run:set\{ delta = 0\.4 \}.*at iteration 2, batch")
        t.send("F11", "F11")
        t.type(":set order increase")
        t.wait(r'order = "increase"')
        t.send("F10")
        t.wait(r"paused +it(eration)? 2 ")
        t.type("return ('%a'):format(run:weights(3):norm())")
        bits = re.search(r"= (0x\S+)", t.wait(r"= 0x1\S+")).group(1)
        t.type(":record again.lua")
        t.wait(r'(?s)ip\.record\("again\.lua"\).*again\.lua')
        t.type(":nonsense")
        t.wait(r"unknown command 'nonsense'")
        t.type(":recrd x")
        t.wait(r"Did you mean 'record'")
        t.type(":q")
        if t.finished() != 0:
            return "the exit code is not 0"
        with open(t.folder + "/again.lua", "a") as f:
            f.write("print(('%a'):format(run:weights(3):norm()))\n")
        result = subprocess.run([IPDLAM, "run", "--no-history", t.folder + "/again.lua"], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, encoding="utf-8")
        if result.stdout.split()[-1] != bits:
            return "%s, not %s:\n%s" % (result.stdout, bits, t.read("again.lua"))


@case("C-c leaves the search of the history")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.type("found = 17")
        t.idle()
        t.send("C-r")
        t.type("fou", enter=False)
        t.wait(r"reverse-i-search.*found = 17")
        t.send("C-c")
        t.wait(lambda s: re.search(r"│> +│", s), "an empty prompt")
        t.type("found + 1")
        t.wait(r"_1 = 18 ")


@case("a prefix key ends the search of the history, also if no command has the rest")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.type("found = 17")
        t.idle()
        t.send("C-r")
        t.type("fou", enter=False)
        t.wait(r"reverse-i-search.*found = 17")
        t.send("C-x", "C-v")
        t.wait(r"> found = 17 ")
        t.send("C-a")
        t.type("_G.", enter=True)
        t.type("found + 2")
        t.wait(r"_1 = 19 ")


LOOPS = (("a loop of pcalls", "while true do pcall(function() while true do end end) end"),
         ("a coroutine", "coroutine.wrap(function() while true do end end)()"),
         ("coroutines without end", "while true do coroutine.resume(coroutine.create(function() while true do end end)) end"),
         ("a comparator", "table.sort({ 3, 2, 1 }, function() while true do end end)"),
         ("a callback of gsub", "('x'):gsub('x', function() while true do end end)"),
         ("a metamethod", "return setmetatable({}, { __index = function() while true do end end }).x"),
         ("a __close and a goto", "::again:: do local x <close> = setmetatable({}, { __close = function() while true do end end }) end goto again"),
         ("a step without end", "run:step(1e9)"))


@case("C-c stops Lua in every kind of call, while the charts move")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.send("F5")
        t.wait("running")
        for i, (name, code) in enumerate(LOOPS):
            if code.startswith("run:step"):
                t.send("F5")
                t.wait("paused")
            t.type(code.replace("1e9", "1000000000"))
            t.wait("at work", name)
            if "step(" not in code:
                first = t.wait(r"frame \d+")
                frame = int(re.search(r"frame (\d+)", first).group(1))
                t.wait(lambda s: int(re.search(r"frame (\d+)", s).group(1)) > frame + 3, "frames during " + name)
            t.send("C-c")
            t.wait(lambda s: "at work" not in s, "the end of " + name)
            t.type("'still ' .. %d" % i)
            t.wait("still %d" % i, "the prompt after " + name)
        t.send("C-d")
        t.finished()
        return t.is_whole()


@case("running out of memory is an error; the third C-c ends a call that no hook interrupts, and the terminal is restored")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.type("string.rep('x', 1 << 42)")
        t.wait("not enough memory|resulting string too large")
        t.type("('a'):rep(4000):find(('a*'):rep(40) .. 'b')")
        t.wait(lambda s: "at work" in s or "busy" in s, "the search at work")
        def press(screen):
            t.send("C-c")
            return "finished-" in screen
        t.wait(press, "the end")
        code = t.finished()
        if code != 130:
            return "the exit code is %d" % code
        return t.is_whole()


@case("much output, and output of child processes, stays in its pane")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.type("for i = 1, 200000 do print(i, 'a line of some length') end os.execute('echo child; echo fault >&2') "
               "for line in io.popen('seq 3'):lines() do print('read ' .. line) end io.stderr:write('\\27[2Jlast\\n')")
        screen = t.wait(r"(?s)child.*fault.*read 1.*read 3.*last", "the output's end")
        screen = t.idle()
        lines = screen.split("\n")
        if not all(line[:1] in "╭│╰├" and len(line) == 100 for line in lines[1:28]):
            return "the boxes are torn:\n" + screen


@case("a paste of 1 MB is one submission and one entry of the history")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        script = "sum = 0\n" + "".join("sum = sum + %d -- a line of a long script\n" % (i % 7) for i in range(25000))
        expected = sum(i % 7 for i in range(25000))
        t.tmux("load-buffer", write(t, "paste", script + "return sum"))
        t.tmux("paste-buffer", "-p")
        t.wait(r"return sum", "the end of the paste")
        t.send("Enter")
        t.wait(r"_1 = %d " % expected, "the sum")
        t.type("1 + 1")
        t.wait(r"_2 = 2 ")
        t.send("Up", "Up")
        t.wait(r"return sum", "the script, recalled")
        t.send("C-c", "C-d")
        t.finished()
        return t.is_whole()


@case("keys that arrive with the end of a paste come after it")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        t.type("\033[200~6 * \033[201~7\033[D\033[C")
        t.wait(r"_1 = 42 ")
        t.type("\033[200~'é'\033[201~ .. 'ü' --\033[200~ x\033[201~")
        t.wait(r"_2 = éü ")
        t.type("\033[200~1\033[201~0\033[21~", enter=False)
        t.wait(r"(?s)it(eration)? 1 .*> 10 ")


@case("/text searches the output, / the help; n and N repeat it; :log and :copy export the output")
def _():
    with Terminal(80, 24, SMALL) as t:
        t.ready()
        t.tmux("set", "-s", "set-clipboard", "on")
        t.type(":log none/log.txt")
        t.wait("none/log.txt: No such file")
        t.type(":log log.txt")
        t.type("for i = 1, 90 do print(i % 30 == 7 and 'Seven ' .. i or i) end")
        t.wait(r"(?m)^│90 ")
        t.type("/seven")
        t.wait("'seven' 4 of 4 · n below, N above, Escape")
        t.wait(r"(?m)^.Seven 67 ")
        t.send("N")
        t.wait(lambda s: "'seven' 3 of 4" in s and "Seven 37" in s)
        t.send("N")
        t.wait(lambda s: "'seven' 2 of 4" in s and "Seven 7 " in s)
        t.send("C")
        t.wait(r"\d+ lines sent to the terminal's clipboard")
        copied = t.tmux("show-buffer")
        if "Seven 7\n8\n" not in copied or "│" in copied:
            return "the pane is copied as " + repr(copied)
        t.send("Escape")
        t.wait(lambda s: "'seven'" not in s and re.search(r"(?m)^│90 ", s), "the end of the output")
        t.type("/")
        t.wait(r"'seven' 4 of 4 .*(?s:.*)\n.Seven 67 ", "the last text searched for again")
        t.send("Escape")
        t.wait(lambda s: "'seven'" not in s)
        t.type("/Xeven")
        t.wait("'Xeven' not found")
        t.type("print('a') print('b')")
        t.wait(r"(?m)^│b ")
        t.type(":copy")
        t.wait("2 lines sent")
        if t.tmux("show-buffer") != "a\nb\n":
            return "copied: " + repr(t.tmux("show-buffer"))
        t.type(":log off")
        t.type("print('not ' .. 'this')")
        t.wait(r"(?m)^│not this ")
        log = t.read("log.txt").split("\n")
        if "Seven 67" not in log or "> print('a') print('b')" not in log or "b" not in log or "not this" in log:
            return "the log has: " + repr(log)
        t.send("F1")
        t.wait("help · F1 closes")
        t.type("/rewind to", enter=False)
        t.wait("help · /rewind to_")
        t.send("Enter")
        t.wait(lambda s: "'rewind to' · n next, N previous" in s and re.search(r"R  .*rewind to the cursor", s))
        t.send("n")
        t.wait("rewind to before its iteration")
        t.send("N")
        t.wait("rewind to the cursor")
        t.send("F1")
        t.wait(lambda s: "'rewind" not in s and "idle" in s)


@case(":watch and :break show values at each stop, keys switch and remove them; :explain; quit leaves")
def _():
    with Terminal(100, 30, SMALL) as t:
        t.ready()
        t.type("run:explain()")
        t.wait("no block has been done yet")
        t.type(":watch run.iteration + 0.5")
        t.wait("run.iteration \\+ 0.5 = 0.5 ")
        t.type(":watch nothing.x")
        t.wait("nothing.x = error: nothing.x:1: attempt to index a nil")
        t.type("function two(m) return m and m.iteration == 2 end run:break_at(two)")
        t.wait("● 1 function two\\(m\\)")
        t.type(":break m and m.iteration == 3")
        t.wait("● 2 m and m.iteration == 3")
        t.send("F5")
        t.wait(lambda s: "paused at breakpoint 1" in s and "+ 0.5 = 2.5 " in s)
        t.send("F6", "Down", "Down", "Enter")
        t.wait(r"○ 1 function two.*off")
        t.send("Escape")
        t.idle()
        t.type("run:rewind(0)")
        t.wait(r"\+ 0.5 = 0.5 ")
        t.send("F5")
        t.wait(lambda s: "paused at breakpoint 2" in s and "+ 0.5 = 3.5 " in s)
        t.send("F6", "Up", "d")
        t.wait(lambda s: "nothing.x" not in s.split("─ Lua")[0] and "idle" in s)
        t.send("Escape")
        t.idle()
        t.send("F4")
        t.type(":explain")
        t.wait(r"a2 = \(WᵀW \+ \(1\+δ\) I\)|z\d = argmin|W\d = \(")
        t.type("error('x')")
        t.wait(r"prompt\[\d+\]:1: x")
        t.type("exit")
        t.finished()


@case("two programs at once: the history has the lines of both")
def _():
    with Terminal(100, 24, SMALL) as t:
        t.ready()
        environment = dict(os.environ, XDG_STATE_HOME=t.folder + "/state", XDG_DATA_HOME=t.folder + "/data",
                           XDG_CONFIG_HOME=t.folder + "/config", TERM="xterm", INPUTRC="/dev/null")
        script = "".join("print('theirs %d')\n" % i for i in range(150))
        other = subprocess.Popen(["script", "-qec", "'%s' repl --no-history" % IPDLAM, "/dev/null"], stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, env=environment, encoding="utf-8")
        for i in range(150):
            other.stdin.write("print('theirs %d')\r" % i)
            other.stdin.flush()
            t.type("print('ours %d')" % i)
        t.wait("ours 149 ")
        t.idle()
        other.stdin.write("quit()\r")
        other.stdin.flush()
        other.communicate()
        t.send("C-d")
        t.finished()
        history = t.read("state/ipdlam/history")
        missing = [who + " %d" % i for i in range(150) for who in ("ours", "theirs") if "('%s %d')" % (who, i) not in history]
        if missing:
            return "not in the file: " + ", ".join(missing[:5])


done()
