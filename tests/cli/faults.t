#!/usr/bin/env python3
"""The system fails at the n-th call: memory, writing, syncing, renaming, mapping. Whatever fails, train, run, checkpoints,
the history and exports end with a sentence or with success, never by a signal or not at all, and what was good before
is still whole. System calls fail through strace, allocations through a preloaded library.
IPDLAM_TEST_LONG=1: at every call instead of a choice of them."""
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

IPDLAM = os.environ["IPDLAM"]
TOP = os.environ["TOP_SRCDIR"]
LONG = os.environ.get("IPDLAM_TEST_LONG") == "1"
SMALL = ["--train", "60", "--test", "20", "--layers", "5", "--iterations", "2", "--threads", "1", "--quiet", "--no-chart"]
SCRIPT = """
local run = ip.run{ data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 }, name = "scripted" }
assert(run:step(2))
run:set{ delta = 0.5 }
assert(run:step(1))
assert(run:save("s.safetensors"))
assert(run:checkpoint("c.safetensors"))
assert(run:script("again.lua"))
"""
COMMANDS = {
    "train": ["train", *SMALL, "--save", "w.safetensors", "--csv", "t.csv", "--checkpoint-every", "1"],
    "resume": ["train", "--resume", "1", "--iterations", "4", "--threads", "1", "--quiet", "--no-chart"],
    "run": ["run", "--threads", "1", "script.lua"],
    "history": ["runs", "note", "1", "seen"],
    "export": ["runs", "export", "1", "--output", "e.csv"],
    "figure": ["runs", "plot", "1", "--output", "f.svg"],
}
# Each call that strace makes fail, with the error.
CALLS = {"write": ("write,writev", "ENOSPC"), "page": ("pwrite64", "ENOSPC"), "sync": ("fsync,fdatasync", "EIO"),
         "rename": ("rename,renameat,renameat2,link,linkat", "EACCES"), "map": ("mmap,mremap", "ENOMEM")}
count = 0
failed = 0


def case(good, name, *notes):
    global count, failed
    count += 1
    failed += not good
    print("%s %d - %s" % ("ok" if good else "not ok", count, name))
    for note in notes:
        for line in str(note).splitlines():
            print("# " + line)
    sys.stdout.flush()


def skip(name):
    global count
    count += 1
    print("ok %d # SKIP %s" % (count, name))


home = tempfile.mkdtemp(prefix="ipdlam-test.")
good = os.path.join(home, "good")  # what there is before the fault
env = dict(os.environ, TMPDIR=home, ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
OWN = ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
env.pop("IPDLAM_DATA", None)


def run(command, folder, prefix=(), extra=None):
    try:
        return subprocess.run([*prefix, IPDLAM, *command], cwd=folder, env=dict(env, **{name: folder for name in OWN}, **(extra or {})), timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except subprocess.TimeoutExpired:
        return None


def fresh():
    folder = os.path.join(home, "now")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(good, folder)
    return folder


def complaints(folder, result, command, call):
    """What is wrong after a fault of this kind of call."""
    if result is None:
        return "it does not end"
    err = result.stderr.decode("utf-8", "replace")
    if re.search(r"AddressSanitizer failed to allocate|ERROR: Failed to mmap", err):
        return None  # the sanitizer's own memory, which the program does not have elsewhere
    if result.returncode == 127 and "error while loading shared libraries" in err:
        return None  # the loader, again: the program starts itself anew for a better kernel of OpenBLAS
    foreign = command == "figure" and call == "memory"  # fontconfig does not survive that
    if result.returncode not in (0, 1) and not (foreign and result.returncode == -11):
        return "exit %d: %s" % (result.returncode, err[-300:])
    if re.search(r"Sanitizer|runtime error|Assertion|stack traceback:\n.*\[C\]: in \?$", err):
        return "a report: " + err[:500]
    if result.returncode == 1 and not err.strip() and call != "write":  # which may be the word itself
        return "exit 1 without a word"
    for line in err.splitlines():
        if not line.startswith("ipdlam") and result.returncode and "script.lua" not in err:
            return "a foreign message: " + line[:200]
    database = sqlite3.connect(os.path.join(folder, "ipdlam", "runs.db"))
    if database.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        return "the history is damaged"
    if database.execute("SELECT count(*) FROM records WHERE run = 1").fetchone()[0] < 2:
        return "records of the first run are gone"
    database.close()
    if b"</svg>" not in open(os.path.join(folder, "f.svg"), "rb").read():
        return "f.svg is not whole any more"
    for weights in ("w.safetensors", "s.safetensors"):
        if run(["eval", weights, "--train", "60", "--test", "20"], folder).returncode:
            return weights + " is not whole any more"
    if result.returncode == 0:
        return lacks(folder, command)
    return None


def lacks(folder, command):
    """What a command that says it has succeeded did not do."""
    def lines(name):
        with open(os.path.join(folder, name), "rb") as f:
            return f.read().count(b"\n")
    if command == "train" and lines("t.csv") != 3:
        return "t.csv has %d lines" % lines("t.csv")
    if command == "export" and lines("e.csv") != 3:
        return "e.csv has %d lines" % lines("e.csv")
    return None


def choose(total, first, most):
    every = list(range(first, total + 1))
    if LONG or len(every) <= most:
        return every
    edge = most // 3
    return sorted(set(every[:edge] + every[-edge:] + random.sample(every, most - 2 * edge)))


os.mkdir(good)
with open(os.path.join(good, "script.lua"), "w") as f:
    f.write(SCRIPT)
first = run(["train", *SMALL, "--save", "w.safetensors", "--checkpoint-every", "1"], good)
run(["runs", "plot", "1", "--output", "f.svg"], good)
shutil.copy(os.path.join(good, "w.safetensors"), os.path.join(good, "s.safetensors"))
case(first.returncode == 0, "a run to begin with", first.stderr.decode())
random.seed(3)

traced = shutil.which("strace") and subprocess.run(
    ["strace", "-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"], stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL).returncode == 0


def number_of(calls, command, prefix=()):
    """How often the command makes these calls, on the thread that does so most."""
    trace = os.path.join(home, "trace")
    run(command, fresh(), ["strace", "-f", "-o", trace, "-e", "trace=" + calls, *prefix])
    by_thread = {}
    with open(trace, errors="replace") as f:
        for line in f:
            if re.match(r"\d+ +(%s)\(" % calls.replace(",", "|"), line):
                thread = line.split()[0]
                by_thread[thread] = by_thread.get(thread, 0) + 1
    return max(by_thread.values(), default=0)


for name, command in COMMANDS.items():
    for call, (calls, error) in CALLS.items():
        if not traced:
            skip("strace cannot fail system calls here")
            continue
        before = number_of(calls, ["--version"]) if call == "map" else 0  # by the dynamic loader
        total, wrong, tried = number_of(calls, command), [], 0
        for n in choose(total, before + 1, 8):
            for when in ("%d", "%d+") if call == "page" else ("%d",):
                folder = fresh()
                what = "inject=%s:error=%s:when=%s" % (calls, error, when % n)
                result = run(command, folder, ["strace", "-f", "-o", "/dev/null", "-e", "trace=" + calls, "-e", what])
                why = complaints(folder, result, name, call)
                tried += 1
                if why:
                    wrong.append("%s: %s" % (what, why))
        case(not wrong, "%s: %s fails at %d of %d calls" % (name, call, tried, total), *wrong[:4])

library = os.path.join(home, "fault_malloc.so")
with open(IPDLAM, "rb") as program:
    sanitized = b"libasan" in program.read()
built = not sanitized and subprocess.run([os.environ.get("CC", "cc").split()[-1], "-shared", "-fPIC", "-O1", "-o", library,
                                          os.path.join(TOP, "tests", "cli", "fault_malloc.c")]).returncode == 0
for name, command in COMMANDS.items():
    if not built:
        skip("no library can be preloaded here")
        continue
    counter = os.path.join(home, "allocations")
    run(command, fresh(), extra={"LD_PRELOAD": library, "IPD_FAULT_COUNT": counter})
    with open(counter) as f:
        total = int(f.read())
    wrong, tried, call = [], 0, "memory"
    for n in choose(total, 1, 40):
        folder = fresh()
        result = run(command, folder, extra={"LD_PRELOAD": library, "IPD_FAULT_MALLOC": "%d" % n})
        why = complaints(folder, result, name, call)
        tried += 1
        if why:
            wrong.append("allocation %d: %s" % (n, why))
    case(not wrong, "%s: memory fails at %d of %d allocations" % (name, tried, total), *wrong[:4])
shutil.rmtree(home)
print("1..%d" % count)
sys.exit(failed > 0)
