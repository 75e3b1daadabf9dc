"""A real terminal for tests: tmux, with keys to send and a screen to wait for.

Nothing sleeps for a fixed time: a wait ends when the screen has the expected text, or fails at a
deadline with a picture of the screen. The workbench shows "keys N frame M idle" in its lower right
corner because IPDLAM_TEST is set."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

DEADLINE = float(os.environ.get("IPDLAM_TEST_DEADLINE", "60"))
IPDLAM = os.environ["IPDLAM"]
TOP_SRCDIR = os.environ["TOP_SRCDIR"]

count = failed = 0


def ok(passed, name, why=""):
    global count, failed
    count += 1
    print(("" if passed else "not ") + "ok %d - %s" % (count, name))
    if not passed:
        failed += 1
        for line in str(why).split("\n"):
            print("# " + line)
    sys.stdout.flush()
    return passed


def done():
    print("1..%d" % count)
    sys.exit(1 if failed else 0)


def need_tmux():
    if not shutil.which("tmux"):
        print("1..0 # SKIP tmux is not installed")
        sys.exit(0)


class Lost(Exception):
    """A wait has failed."""


class Terminal:
    """A tmux server with one window, in which a shell script runs the program and `stty -g` before and
    after it. `files` maps names to texts, which are written into the folder before the start."""

    serial = 0

    def __init__(self, width=80, height=24, options="", env=None, job_control=False,
                 errors="2> error", files=None):
        Terminal.serial += 1
        self.name = "ipdlam-test-%d-%d" % (os.getpid(), Terminal.serial)
        self.folder = tempfile.mkdtemp(prefix="ipdlam-tui-")
        self.options = options
        for name, text in (files or {}).items():
            self.write(name, text)
        self.sent = 0  # minimum number of keys that the program must have read
        self.escaped = False
        variables = {"HOME": self.folder, "XDG_DATA_HOME": self.folder + "/data",
                     "XDG_STATE_HOME": self.folder + "/state",
                     "XDG_CONFIG_HOME": self.folder + "/config", "INPUTRC": "/dev/null",
                     "LC_ALL": "C.UTF-8", "TERM": "tmux-256color", "IPDLAM_TEST": "1",
                     "NO_COLOR": "", "SHELL": "/bin/sh",
                     "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        variables.update(env or {})
        script = ["cd '%s'" % self.folder, "ulimit -c 0"]
        script += ["export %s='%s'" % item for item in variables.items()]
        script += ["trap : INT"]  # C-c is for the program
        if job_control:
            script += ["set -m"]
        script += ["stty -g > before", "'%s' %s %s" % (IPDLAM, options, errors), "code=$?"]
        if job_control:
            script += ["stty -g > stopped", "fg", "code=$?"]
        script += ["trap '' INT", "stty -g > after", "echo $code > code", "stty -echo",
                   "echo finished-$code", "while :; do cat > /dev/null; done"]  # swallow late keys
        with open(self.folder + "/script", "w") as f:
            f.write("\n".join(script) + "\n")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                  "/bin/sh '%s/script'" % self.folder)

    def tmux(self, *arguments, check=True):
        environment = dict(os.environ, LC_ALL="C.UTF-8")
        environment.pop("TMUX", None)
        result = subprocess.run(["tmux", "-u", "-L", self.name] + list(arguments),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                encoding="utf-8", errors="replace")
        if check and result.returncode:
            raise Lost("tmux %s: %s" % (" ".join(arguments), result.stderr))
        return result.stdout

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        try:
            left = "/proc/%d/exe" % self.program()  # a zombie has none
        except (OSError, ValueError, IndexError, Lost):
            left = ""
        self.tmux("kill-server", check=False)
        end = time.monotonic() + 10
        while left and os.path.exists(left) and time.monotonic() < end:
            time.sleep(0.01)  # it saves its layouts into the folder
        shutil.rmtree(self.folder, ignore_errors=True)

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def wait(self, what, description=None, deadline=DEADLINE):
        """Waits until `what` (a regular expression, or a function of the screen's text) holds."""
        end = time.monotonic() + deadline
        while True:
            text = self.screen()
            found = what(text) if callable(what) else re.search(what, text)
            if found:
                return text
            if time.monotonic() > end:
                raise Lost("waited for: %s\nthe screen is:\n%s" % (description or what, text))
            time.sleep(0.01)

    def count(self, keys, text=""):
        """Counts keys; Escape and the key after it may be one, and those of a sequence are."""
        self.sent += 1 if "\033" in text else keys - self.escaped
        self.escaped = False

    def send(self, *keys):
        """Sends keys by their tmux names."""
        for key in keys:
            self.count(key not in ("C-c", "C-z", "C-\\"))  # those are signals
            self.escaped = key == "Escape"
        self.tmux("send-keys", *keys)

    def type(self, text, enter=True):
        """Types text."""
        self.count(len(text), text)
        self.tmux("send-keys", "-l", "--", text)
        if enter:
            self.send("Enter")

    def taken(self, screen):
        """Whether the program has read the keys sent, by the corner of the screen."""
        found = re.search(r"keys (\d+) frame", screen)
        return found and int(found.group(1)) >= self.sent

    def idle(self):
        """Waits until the program has read the keys and is idle."""
        screen = self.wait(lambda s: self.taken(s) and re.search(r"frame \d+ idle", s), "idle after %d keys" % self.sent)
        self.sent = int(re.search(r"keys (\d+) ", screen).group(1))
        self.escaped = False  # the Escape was a key of its own
        return screen

    def ready(self):
        """Waits for the first run."""
        return self.wait(lambda s: "paused" in s and re.search(r"frame \d+ idle", s), "the first run")

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def shell(self):
        return int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def program(self):
        """The process of the workbench."""
        shell = self.shell()
        with open("/proc/%d/task/%d/children" % (shell, shell)) as f:
            return int(f.read().split()[0])

    def finished(self):
        """Waits for the program's end; returns its exit code. C-q undoes a late C-s, which would stop the output of
        the shell; it is sent twice because after a late C-v the first would be text."""
        self.wait(lambda _: os.path.exists(self.folder + "/code") and self.read("code"), "the end of the program")
        self.send("C-q", "C-q")
        self.wait(lambda _: re.search(r"finished-\d", self.screen("-J", "-S", "-")), "the message of the shell")
        return int(self.read("code"))

    def write(self, name, text):
        """Writes a file into the program's folder; makes the folders of its name."""
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), errors="replace") as f:
            return f.read().strip()

    def is_whole(self):
        """What differs from the terminal before the start, or ""."""
        reasons = []
        if self.read("before") != self.read("after"):
            reasons.append("stty -g differs: %s, %s" % (self.read("before"), self.read("after")))
        state = self.tmux("display-message", "-p",
                          "#{alternate_on} #{cursor_flag} #{keypad_cursor_flag} #{keypad_flag}")
        if state.strip() != "0 1 0 0":
            reasons.append("alternate screen, cursor, keypad are: " + state.strip())
        return "\n".join(reasons)


def case(name):
    """Runs the decorated function as a test; the function returns an error or nothing. IPDLAM_TEST_ONLY, a regular
    expression, chooses tests by name."""
    def run(function):
        if not re.search(os.environ.get("IPDLAM_TEST_ONLY", ""), name):
            return function
        try:
            why = function()
        except Lost as lost:
            why = str(lost)
        except Exception as other:  # pylint: disable=broad-except
            why = "%s: %s" % (type(other).__name__, other)
        ok(not why, name, why)
        return function
    return run
