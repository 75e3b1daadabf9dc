#!/usr/bin/env python3
"""Signals that ask for the end, of batch systems, of terminals that go away, in bursts, while nothing listens: what was
trained can be continued. TAP."""
import json
import os
import pty
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile

IPDLAM = os.environ["IPDLAM"]
SMALL = ["--train", "60", "--test", "20", "--layers", "5"]
MAKE = 'run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 } }\n'
READY = 'io.stdout:write("ready\\n") io.stdout:flush()\n'
# A C function that is at work for longer than anybody waits.
DEAF = 'string.find(string.rep("a", 40), string.rep("a*", 40) .. "b")\n'
count = failed = 0


def ok(passed, name, note=""):
    global count, failed
    count += 1
    print("ok" if passed else "not ok", count, "-", name, flush=True)
    if not passed:
        failed += 1
        for line in str(note).splitlines():
            print("#", line)


def default_signals():
    """A shell's background job ignores these, and so does what it starts."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Place:
    """A folder with a history of its own, and what is started in it."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="ipdlam-test.")
        self.environment = dict(os.environ, HOME=self.path, XDG_DATA_HOME=self.path, XDG_STATE_HOME=self.path,
                                XDG_CONFIG_HOME=self.path, TERM="xterm", LC_ALL="C.UTF-8", INPUTRC="/dev/null")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def start(self, *arguments, **options):
        return subprocess.Popen([IPDLAM, *arguments], cwd=self.path, env=dict(self.environment, **options),
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                                preexec_fn=default_signals)

    def history(self):
        p = subprocess.run([IPDLAM, "runs", "list", "--jsonl"], cwd=self.path, env=self.environment,
                           capture_output=True, text=True)
        return [json.loads(line) for line in p.stdout.splitlines()]

    def goes_on(self, iterations):
        """Whether the last run can be continued, from where it says it stands."""
        p = subprocess.run([IPDLAM, "train", "--resume", "last", "--iterations", str(iterations), "--jsonl"],
                           cwd=self.path, env=self.environment, capture_output=True, text=True)
        return p.returncode == 0 and len(p.stdout.splitlines()) == iterations


def ended(p, number):
    """Waits for the end, which must be by the signal. Returns what is wrong, or None, and keeps the outputs."""
    try:
        outputs = p.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        p.kill()
        outputs = p.communicate()
    p.out, p.err = ((text or b"").decode() for text in outputs)
    if p.returncode == -signal.SIGKILL:
        return "it goes on\n" + p.err
    numbers = number if isinstance(number, tuple) else (number,)
    return None if -p.returncode in numbers else "exit code %d\n%s" % (p.returncode, p.err)


def test_train(number, burst=()):
    name = signal.Signals(number).name if number in set(signal.Signals) else "real-time signal"
    with Place() as place:
        p = place.start("train", *SMALL, "--iterations", "1000000", "--csv", "-", "--save", "w.npz")
        lines = [p.stdout.readline().decode(), p.stdout.readline().decode()]
        for each in (number, *burst):
            p.send_signal(each)
        why = ended(p, (number, *burst))
        if burst:
            name += " and %d more at once" % len(burst)
        ok(why is None, "train, %s: it ends by the signal" % name, why)
        lines += p.out.splitlines(keepends=True)
        whole = all(line.endswith("\n") and line.count(",") == lines[0].count(",") for line in lines)
        runs = place.history()
        ok(whole and os.path.exists(place.path + "/w.npz") and runs[0]["status"] == "interrupted" and
           runs[0]["records"] == len(lines) - 1,
           "train, %s: records, weights and history are whole" % name, "%d lines\n%s" % (len(lines), runs[0]["records"]))
        ok(place.goes_on(len(lines) + 1), "train, %s: it goes on" % name)


def test_pipe():
    with Place() as place:
        p = place.start("train", *SMALL, "--iterations", "1000000", "--csv", "-", "--save", "w.npz")
        p.stdout.readline()
        p.stdout.readline()
        p.stdout.close()
        p.stdout = open(os.devnull, "rb")
        why = ended(p, signal.SIGPIPE)
        ok(why is None, "train, nobody reads: it ends by the signal", why)
        runs = place.history()
        ok(os.path.exists(place.path + "/w.npz") and runs[0]["status"] == "interrupted" and
           place.goes_on(runs[0]["records"] + 1), "train, nobody reads: it goes on", runs)


def test_script(number):
    name = signal.Signals(number).name
    with Place() as place:
        with open(place.path + "/s.lua", "w") as f:
            f.write(MAKE + "run:step(2) run:start()\n" + READY + "pcall(function() while true do end end) print('not here')\n")
        p = place.start("run", "s.lua")
        p.stdout.readline()
        p.send_signal(number)
        why = ended(p, number)
        ok(why is None and p.out == "" and "run 1 is at iteration" in p.err, "run, %s: it ends" % name,
           why or p.out + p.err)
        runs = place.history()
        ok(runs[0]["status"] == "interrupted" and place.goes_on(runs[0]["records"] + 1), "run, %s: it goes on" % name,
           runs)


def test_repl(number):
    name = signal.Signals(number).name
    with Place() as place:
        p = place.start("repl")
        p.stdin.write((MAKE + "run:step(2) run:start() " + READY.strip() + " while true do end\n").encode())
        p.stdout.readline()
        p.send_signal(number)
        why = ended(p, number)
        runs = place.history()
        ok(why is None and runs[0]["status"] == "interrupted" and place.goes_on(runs[0]["records"] + 1),
           "repl, %s: it ends, and goes on" % name, why or runs)


def test_sweep():
    with Place() as place:
        p = place.start("sweep", *SMALL, "--iterations", "1000000", "--delta", "1,2", "--stop-when", "iteration >= 2 and delta == 1",
                        "--output", "t.csv", "--jsonl")
        p.stdout.readline()  # the first run is done
        p.send_signal(signal.SIGXCPU)
        why = ended(p, signal.SIGXCPU)
        ok(why is None and "The same command continues from t.csv.state" in p.err, "sweep, SIGXCPU: it ends", why or p.err)


def test_deaf(send, number, command):
    """No hook is reached; the run in the background is saved all the same."""
    with Place() as place:
        script = MAKE + "run:step(2) run:start()\n" + READY + DEAF
        if command == "run":
            with open(place.path + "/s.lua", "w") as f:
                f.write(script)
            p = place.start("run", "s.lua", IPDLAM_GRACE="1")
        else:
            p = place.start("repl", IPDLAM_GRACE="1")
            p.stdin.write(script.replace("\n" + READY, " " + READY.strip() + " ").encode())
        p.stdout.readline()
        for each in send:
            p.send_signal(each)
            if each == signal.SIGINT:  # signals of one number that come together are one
                while pending(p.pid, each):
                    pass
        why = ended(p, number)
        runs = place.history()
        ok(why is None and runs[0]["status"] == "interrupted" and runs[0]["records"] >= 2 and
           place.goes_on(runs[0]["records"] + 1),
           "%s, Lua in a C function: %s saves the run" % (command, "SIGTERM" if len(send) == 1 else "C-c three times"),
           why or runs)


def pending(pid, number):
    try:
        with open("/proc/%d/status" % pid) as f:
            masks = [int(line.split()[1], 16) for line in f if line.startswith(("ShdPnd", "SigPnd"))]
    except OSError:
        return False
    return any(mask >> (number - 1) & 1 for mask in masks)


def test_no_terminal(command):
    """The terminal goes away, and SIGHUP never comes."""
    with Place() as place:
        pid, fd = pty.fork()
        if pid == 0:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
            os.chdir(place.path)
            os.execve(IPDLAM, ["ipdlam", *command], place.environment)
        os.write(fd, (MAKE + "run:step(2) run:start() print('re' .. 'ady')\n").encode())
        seen = b""
        try:
            while b"ready" not in seen and select.select([fd], [], [], 60)[0]:
                seen += os.read(fd, 65536)
        except OSError:  # it has ended already
            pass
        os.close(fd)
        status = os.waitpid(pid, 0)[1]
        runs = place.history()
        ok(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGHUP and runs[0]["status"] == "interrupted" and
           place.goes_on(runs[0]["records"] + 1),
           "%s: a terminal that goes away is SIGHUP" % (command[0] if command else "workbench"),
           "status %d, %s\n%s" % (status, runs, seen[-300:]))


def test_file_size():
    with Place() as place:
        p = subprocess.run([IPDLAM, "train", *SMALL, "--iterations", "1", "--no-history", "--quiet", "--save", "w.npz"],
                           cwd=place.path, env=place.environment, capture_output=True, text=True,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)))
        ok(p.returncode == 1 and "w.npz" in p.stderr and "File too large" in p.stderr and not os.listdir(place.path),
           "a limit of file sizes is a sentence", "%d\n%s\n%s" % (p.returncode, p.stderr, os.listdir(place.path)))


for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGXCPU, signal.SIGQUIT, signal.SIGALRM, signal.SIGRTMIN):
    test_train(number)
test_train(signal.SIGHUP, [signal.SIGTERM, signal.SIGHUP, signal.SIGTERM, signal.SIGXCPU])
test_pipe()
test_script(signal.SIGUSR1)
test_script(signal.SIGXCPU)
test_repl(signal.SIGUSR1)
test_sweep()
test_deaf([signal.SIGTERM], signal.SIGTERM, "run")
test_deaf([signal.SIGINT] * 3, signal.SIGINT, "run")
test_deaf([signal.SIGINT] * 3, signal.SIGINT, "repl")
test_no_terminal([])
test_no_terminal(["repl"])
test_file_size()
print("1..%d" % count)
sys.exit(failed > 0)
