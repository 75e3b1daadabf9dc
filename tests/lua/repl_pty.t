#!/usr/bin/env python3
"""The line prompt at a terminal: editing, completion, C-c, C-d, history. TAP."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

LIMIT = 30  # seconds to wait for an expected text
ESCAPE = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]\r?")
STRANGE = {
    "Shift-F5": "\x1b[15;2~", "Ctrl-PageUp": "\x1b[5;5~", "F13": "\x1b[25~", "Ctrl-Enter of xterm": "\x1b[27;5;13~",
    "Ctrl-i of kitty": "\x1b[105;5u", "F1 of the Linux console": "\x1b[[A", "device attributes": "\x1b[?62;22c",
    "the cursor's place": "\x1b[24;80R", "the ground's colour": "\x1b]11;rgb:00/00/00\x07", "the version": "\x1bP>|XTerm(370)\x1b\\",
    "a picture's answer": "\x1b_Gi=31;OK\x1b\\", "one cut short": "\x1b[15;\x1b[15;2~"}
count = 0
failed = 0


def ok(passed, name, note=""):
    global count, failed
    count += 1
    print(("ok" if passed else "not ok"), count, "-", name, flush=True)
    if not passed:
        failed += 1
        for line in note.splitlines():
            print("#", repr(line))


class Prompt:
    def __init__(self, home, *arguments):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = {
                "PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm", "LC_ALL": "C.UTF-8",
                "INPUTRC": "/dev/null", "OPENBLAS_NUM_THREADS": "1",
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
                "LSAN_OPTIONS": os.environ.get("LSAN_OPTIONS", ""),
            }
            os.execve(os.environ["IPDLAM"], ["ipdlam", "repl", *arguments], environment)

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, pattern):
        """Reads until the pattern has come; returns the match and drops what was read up to it."""
        end = time.monotonic() + LIMIT
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return match
            if time.monotonic() > end:
                return None
            if select.select([self.fd], [], [], 0.5)[0]:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:
                    data = b""
                if not data:
                    return re.search(pattern, self.seen)
                self.seen = ESCAPE.sub("", self.seen + data.decode(errors="replace"))

    def expect(self, pattern, name):
        match = self.wait_for(pattern)
        ok(match is not None, name, self.seen[-400:])
        return match

    def end(self):
        """Waits for the end of the process; the status, or None in time."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return status
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:
                    pass
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None


def main():
    home = tempfile.mkdtemp(prefix="ipdlam-test-")
    try:
        talk(home)
    finally:
        shutil.rmtree(home)
    print(f"1..{count}")
    return 1 if failed else 0


def talk(home):
    p = Prompt(home, "--no-history", "--threads", "1")
    p.expect(r"> ", "there is a prompt")
    p.send("40+2\r")
    p.expect(r"\n_\d+ = 42\r?\n", "an expression's value is printed")
    p.wait_for("> ")
    p.send("_ * 2\r")
    p.expect(r"\n_\d+ = 84\r?\n", "_ is the last value")
    p.wait_for("> ")
    p.send("for i = 1, 2 do\r")
    p.expect(r"\.\.\. ", "an incomplete chunk goes on")
    p.send("print('line ' .. i)\rend\r")
    p.expect(r"line 1\r\nline 2", "and runs when it is complete")
    p.wait_for("> ")

    p.send("print('g' .. 'o') while true do pcall(function() while true do end end) end\r")
    p.wait_for(r"\ngo\r?\n")
    p.send("\x03")
    p.expect("interrupted", "C-c ends a loop of pcalls")
    p.wait_for("> ")
    p.send("print('g' .. 'o') while true do coroutine.resume(coroutine.create(function() while true do end end)) end\r")
    p.wait_for(r"\ngo\r?\n")
    p.send("\x03")
    p.expect("interrupted", "C-c ends a loop of coroutines")
    p.wait_for("> ")
    p.send("print('g' .. 'o') table.sort({3, 2, 1}, function() while true do end end)\r")
    p.wait_for(r"\ngo\r?\n")
    p.send("\x03")
    p.expect("interrupted", "C-c ends a comparator")
    p.wait_for("> ")

    p.send("this is no Lua")
    p.wait_for("no Lua")
    p.send("\x03")
    p.expect(r"\^C\r?\n.*> ", "C-c clears the line")
    p.send("6*7\r")
    p.expect(r"\n_\d+ = 42\r?\n", "and nothing of it is left")
    p.wait_for("> ")
    p.send("if true then\r")
    p.wait_for(r"\.\.\. ")
    p.send("\x03")
    p.expect(r"\^C\r?\n.*> ", "C-c leaves an incomplete chunk")
    p.send("7*7\r")
    p.expect(r"\n_\d+ = 49\r?\n", "whose lines are gone")
    p.wait_for("> ")

    p.send('run = ip.run{ data = ip.dataset("digits", {train = 200, test = 50}), net = {784, 20, 20, 10} }\r')
    p.wait_for("> ")
    p.send("run:step(100000000)\r")
    p.wait_for(r"iteration \d+ of")
    p.send("\x03")
    p.expect("interrupted", "C-c ends run:step")
    p.wait_for("> ")
    p.send("run:pause() return run.iteration > 0, run.status\r")
    p.expect(r"true\s+paused", "the run is paused")
    p.wait_for("> ")
    p.send("n = 0 run:on('iteration', function(m) n = n + 1 if n == 3 then print('third') end end) run:start()\r")
    p.expect("third", "callbacks are called while the prompt waits")
    p.send("run.status\r")
    p.expect("running", "the run is running in the background")
    p.wait_for("> ")
    p.send("\x03")
    p.expect("digits-20-20-ipdlam-1 pauses", "C-c on an empty line pauses it")
    p.wait_for("> ")

    p.send("\x12step")
    p.expect("reverse-i-search", "C-r searches in the history")
    p.send("\x18")  # a prefix, and then what no command has: Readline 8.2 alone would crash
    time.sleep(0.05)  # Readline must see them apart
    p.send("\x16\x01\x0b")
    p.send("8*8\r")
    p.expect(r"\n_\d+ = 64\r?\n", "a prefix key ends the search, whatever follows")
    p.wait_for("> ")
    for name, keys in STRANGE.items():
        p.send("'<" + keys + ">'\r")
        got = p.wait_for(r"\n_\d+ = (<[^\r]*)\r")
        ok(got and got.group(1) == "<>", name + " types nothing", got and got.group(1))
        p.wait_for("> ")
    p.send("7 * 6\x1b[")
    p.send("D2\r")
    p.expect(r"\n_\d+ = 182\r?\n", "keys that it knows, torn apart")
    p.wait_for("> ")
    p.send("run:set{ orde\t")
    p.expect("order = ", "Tab completes a setting")
    p.send('"nes\t')
    p.expect('"nested_reverse"', "and its value")
    p.send(" }\r")
    p.expect(r"\n_\d+ = at iteration \d+", "run:set answers with the place")
    p.wait_for("> ")
    p.send("nothing_of_this()\r")
    p.expect("attempt to call a nil value", "an error does not end the prompt")
    p.wait_for("> ")
    p.send("\x04")
    status = p.end()
    ok(status == 0, "C-d leaves with code 0", f"status {status}\n{p.seen[-400:]}")

    p = Prompt(home, "--no-history")
    p.wait_for("> ")
    p.send("\x10\x10\r")  # C-p: the last but one line of before
    p.expect(r"\n_\d+ = at iteration|nil value", "lines of the last time are in the history")
    p.wait_for("> ")
    p.send("quit(5)\r")
    status = p.end()
    ok(status is not None and os.WEXITSTATUS(status) == 5, "quit(5) leaves with code 5", str(status))
    path = os.path.join(home, ".local/state/ipdlam/history")
    ok(os.path.exists(path) and "print('line ' .. i)" in open(path).read(), "the history is a file in the state folder")
    ok((os.stat(path).st_mode & 0o077) == 0, "which is the user's alone")

    p = Prompt(home)  # a terminal of 80 columns, and a farewell of more
    fcntl.ioctl(p.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    p.wait_for("> ")
    p.send('run = ip.run{ data = ip.dataset("digits", { train = 300, test = 20 }), net = { 784, 3, 10 }, batch = 1 }\r')
    p.wait_for("> ")
    p.send("run:step_block(700)\r")
    p.wait_for(r"batch 141[^>]*> ")
    p.send("\x04")
    said = p.wait_for(r"run \d+ is at (?:.|\n)*?continues\s+it\r?\n")
    p.end()
    lines = said.group().rstrip().split("\n") if said else []
    ok(len(lines) == 2 and all(len(line.rstrip()) <= 80 for line in lines) and
       re.search(r"ipdlam --resume \d+", said.group()) and lines[1].startswith("    "),
       "a farewell breaks between words, and not within its command", "\n".join(lines))

    os.remove(path)
    os.mkfifo(path)
    p = Prompt(home, "--no-history")
    p.expect("history: is not a regular file", "a history that is a FIFO is not waited for")
    p.wait_for("> ")
    p.send("\x04")
    ok(p.end() == 0, "and the prompt works without")


if not os.path.exists("/dev/ptmx"):
    print("1..0 # SKIP no pseudo-terminals here")
    sys.exit(0)
sys.exit(main())
