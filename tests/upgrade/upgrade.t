#!/usr/bin/env python3
"""What 0.1.0 wrote: its history, checkpoints, weights, sweep and layout open, list, compare and resume; its scripts run.
steered.lua and names.lua made a part of it, with 0.1.0; changed.lua with a later version made the last checkpoint of version 1, and
damped.checkpoint is of a version that had one damping for all hidden layers."""
import csv
import json
import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

here = os.path.join(os.environ["TOP_SRCDIR"], "tests", "upgrade")
sys.path.insert(0, os.path.join(os.environ["TOP_SRCDIR"], "tests", "tui"))
sys.dont_write_bytecode = True
from screen import IPDLAM, Terminal, done, ok  # noqa: E402

folder = tempfile.TemporaryDirectory(prefix="ipdlam-upgrade-")
os.chdir(folder.name)
env = dict(os.environ, HOME=folder.name, XDG_DATA_HOME=folder.name + "/data", XDG_STATE_HOME=folder.name + "/state")


def fixture(name, to=None):
    with (lzma.open if name.endswith(".xz") else open)(os.path.join(here, name), "rb") as f:
        content = f.read()
    with open(to or name, "wb") as f:
        f.write(content)


def ipdlam(*words):
    return subprocess.run([IPDLAM, *words], env=env, text=True, capture_output=True, timeout=120)


def succeeds(run, name, *expected):
    # A warning says that OpenBLAS differs from that of the fixtures.
    told = re.sub(r"^.*warning: the checkpoint was made with OpenBLAS .*\n", "", run.stderr, flags=re.MULTILINE)
    return ok(run.returncode == 0 and not told and all(word in run.stdout for word in expected), name,
              "exit %d\n%s%s" % (run.returncode, run.stdout, run.stderr))


os.makedirs("data/ipdlam")
os.makedirs("checkpoints")
fixture("runs.db.xz", "data/ipdlam/runs.db")
fixture("kept.safetensors.xz", "checkpoints/000002-iteration-3.safetensors")
fixture("branched.checkpoint.xz", "branched.checkpoint")
fixture("changed.checkpoint.xz", "changed.checkpoint")
fixture("damped.checkpoint.xz", "damped.checkpoint")
fixture("held.checkpoint.xz", "held.checkpoint")
fixture("held.db.xz", "held.db")
for name in ("weights.safetensors", "weights.npz", "sweep.csv", "sweep.csv.state", "script.lua", "names.lua"):
    fixture(name)

# The history: first read-only, then migrated.
shutil.copy("data/ipdlam/runs.db", "old.db")
os.chmod("old.db", 0o444)
if os.access("old.db", os.W_OK):
    ok(True, "a history that cannot be written # SKIP root may write it")
else:
    run = ipdlam("runs", "list", "--history", "old.db")
    ok(run.returncode == 0 or run.stderr.count("\n") == 1, "a history that cannot be written", run.stderr)
run = ipdlam("runs", "list", "--limit", "0", "--json")
runs = {r["id"]: r for r in json.loads(run.stdout or "[]")}
ok(len(runs) == 50 and runs[50]["name"] == "steered" and runs[7]["tags"] == ["good", "small"] and
   runs[14]["settings"]["delta"] == 0.6 and all(r["status"] == "finished" for r in runs.values()), "50 runs", run.stderr)
db = sqlite3.connect("data/ipdlam/runs.db")
ok(db.execute("PRAGMA user_version").fetchone()[0] >= 4 and
   db.execute("SELECT count(*), sum(phi IS NOT NULL) FROM records").fetchone() > (99, 50), "the schema is today's")
db.close()
run = ipdlam("runs", "list", "--csv", "--where", "method = ipdlam and delta < 0.7 and name !~ kept", "--sort", "-delta")
ok([r["name"] for r in csv.DictReader(run.stdout.splitlines())][:2] == ["ipdlam-14", "ipdlam-21"], "conditions",
   run.stdout + run.stderr)
succeeds(ipdlam("runs", "show", "50"), "a run with its changes", "set inertia = 0.3, delta = 2, at iteration 3, before z2",
         "from iteration 4 to the end of 3")
succeeds(ipdlam("runs", "compare", "7", "14", "--field", "phi"), "two runs beside each other", "at iteration 2", "13.666", "13.525")
run = ipdlam("runs", "export", "43")
ok(run.returncode == 0 and run.stdout.count("\n") == 4, "records", run.stdout + run.stderr)

# Checkpoints, by the run and by the file.
succeeds(ipdlam("train", "--resume", "43", "--iterations", "5", "--quiet"), "a run goes on from its checkpoint")
succeeds(ipdlam("train", "--resume", "branched.checkpoint", "--iterations", "6", "--quiet"), "a checkpoint as a file")
run = ipdlam("runs", "list", "--limit", "2", "--json")
ok([(r["name"], r["iteration"]) for r in json.loads(run.stdout)] == [("branched", 6), ("kept", 5)], "as far as asked",
   run.stdout)
with open("changed.lua", "w") as f:
    f.write("""local run = ip.resume "changed.checkpoint" run:step(3)
for _, entry in ipairs(run.log) do print(entry) end print(run.settings.method, run.metrics[7].phi)""")
run = ipdlam("run", "--no-history", "changed.lua")
log = """\
iteration 2, before z2: set inertia = 0.3, delta = 2
iteration 2, before z2: set order = nested_reverse
iteration 2, before z2: undo: order = nested_reverse of iteration 2
iteration 2, before z2: set order = nested_reverse
iteration 2, before a1: set order = z2 W2 z1 W1 a1, rho_growth = 1.1
iteration 3, before z2: switch adam: lr = 0.01
iteration 4: switch ipdlam
iteration 5, before W2: set freeze = W1
iteration 6, before z2: switch bcd: delta = 0.5
"""
words = run.stdout.split()
ok(run.stdout.startswith(log) and words[-2] == "bcd" and abs(float(words[-1]) / 10.532788888646905 - 1) < 1e-3,
   "a log that is text, and a switch that waits", run.stdout + run.stderr)
with open("damped.lua", "w") as f:
    f.write("""local run = ip.resume "damped.checkpoint" run:step(2)
for _, entry in ipairs(run.log) do print(entry) end
print(run.damping, run.metrics[7].phi) run:checkpoint("again.checkpoint")
run = ip.resume "again.checkpoint" assert(run:undo()) assert(run:undo()) print(run.damping, run.damping_last)""")
run = ipdlam("run", "--no-history", "damped.lua")
log = """\
iteration 2, batch 1 of 3, before z3: set damping = 3, relax_cap = 1.5
iteration 2, batch 1 of 3, before z3: set damping_last = 8
iteration 3, batch 1 of 3, before z3: set damping = auto
iteration 3, batch 1 of 3, before z3: undo: damping = auto of iteration 3
iteration 3, batch 1 of 3, before z3: set damping = 3
iteration 3, batch 1 of 3, before a2: set damping = 0.5, kappa = 0.2
iteration 4, batch 1 of 3, before z3: switch adam: lr = 0.01, damping = 2
iteration 5, batch 1 of 3: switch relaxed_am: damping = 4, damping_last = 9
"""
words = run.stdout.split()
ok(run.stdout.startswith(log) and words[-4] == "4.0" and abs(float(words[-3]) / 13.632724775688 - 1) < 1e-3,
   "a log in which damping is one number", run.stdout + run.stderr)
with open("again.lua", "w") as f:
    f.write("local run = ip.again(50) print(run.iteration, #run.log, ip.history(50).metrics[4].phi / run:last().phi - 1)")
run = ipdlam("run", "again.lua")
words = run.stdout.split()
ok(words[:2] == ["4", "1"] and abs(float(words[2])) < 1e-3, "a run is done again", run.stdout + run.stderr)

# `validation` counted samples held out in place of the test samples.
with open("held.lua", "w") as f:
    f.write("""local run = ip.resume "held.checkpoint" run:step(1) local same = run:verify_replay()
assert(run.data.held_out == 20 and run.data.test == 20 and run.data.validation == 0) run:checkpoint("again.checkpoint")
print(same, run:last().test_accuracy == run.metrics[4].test_accuracy, ip.resume("again.checkpoint").data.held_out)""")
run = ipdlam("run", "--no-history", "held.lua")
# Its iterations were done by a kernel of OpenBLAS that may not be this machine's: then the last bits differ.
replayed = run.stdout.split("\t")[0] == "true" or "was made with OpenBLAS" in run.stderr
ok(replayed and run.stdout.endswith("\ttrue\t20\n"), "a checkpoint with held-out samples", run.stdout + run.stderr)
succeeds(ipdlam("runs", "show", "1", "--history", "held.db"), "a run with held-out samples", "40 training and 20 held out samples",
         "35.00% of the test samples")
succeeds(ipdlam("runs", "export", "1", "--lua", "--history", "held.db"), "its script", "train = 40, held_out = 20")
shutil.copy(os.path.join(here, "held.csv.state"), "held.csv.state")
with open("held.lua", "w") as f:
    f.write("""print(ip.sweep { data = { name = "digits", train = 40, held_out = 20 }, hidden = { 4 }, grid = { inertia = { 0.1, 0.5 } },
  iterations = 2, output = "held.csv" }.found)""")
run = ipdlam("run", "--no-history", "held.lua")
ok(run.stdout.endswith("2\n"), "a sweep with held-out samples", run.stdout + run.stderr)

# Weights, and a sweep that continues after its finished runs.
succeeds(ipdlam("eval", "weights.safetensors", "--train", "60", "--test", "20"), "weights", "squared loss")
succeeds(ipdlam("eval", "weights.npz", "--train", "60", "--test", "20"), "weights as .npz", "hinge loss")
run = ipdlam("sweep", "--train", "60", "--test", "20", "--layers", "3", "--iterations", "2", "--inertia", "0.1,0.7",
             "--seeds", "1,2", "--output", "sweep.csv")
ok(run.returncode == 0 and "2 of 4 runs are done already" in run.stdout + run.stderr, "a sweep goes on",
   run.stdout + run.stderr)

# Scripts: one that ran with 0.1.0, and all public names.
succeeds(ipdlam("run", "--no-history", "script.lua"), "a script", "done")
run = ipdlam("run", "--no-history", "names.lua")
with open(os.path.join(here, "names")) as f:
    gone = sorted(set(f.read().split("\n")) - set(run.stdout.split("\n")))
ok(run.returncode == 0 and not gone, "every name of Lua, of a setting, a preset and a record", run.stderr + "\n".join(gone))

if shutil.which("tmux"):
    with open(os.path.join(here, "layouts")) as f:
        layouts = f.read()
    with Terminal(100, 30, "--layers 4 --train 60 --test 20", files={"config/ipdlam/layouts": layouts}) as t:
        screen = t.wait("─ (objective )?Φ ")
        ok("─ layers" in screen and "─ accuracy" not in screen, "a layout", screen)
else:
    ok(True, "a layout # SKIP tmux is not installed")
done()
