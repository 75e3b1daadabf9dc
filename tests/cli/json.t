#!/usr/bin/env python3
"""--json is one JSON value and --jsonl a value per line, in every command that has them; numbers are numbers; and a full disk is
said in one form."""
import json
import os
import subprocess
import sys
import tempfile

ipdlam, top = os.environ["IPDLAM"], os.environ["TOP_SRCDIR"]
tmp = tempfile.TemporaryDirectory(prefix="ipdlam-json-")
env = dict(os.environ, HOME=tmp.name, XDG_DATA_HOME=tmp.name + "/data", XDG_CONFIG_HOME=tmp.name + "/config",
           XDG_STATE_HOME=tmp.name + "/state")
os.chdir(tmp.name)
count = failed = 0
SMALL = ["--train", "60", "--test", "20", "--layers", "5", "--iterations", "2"]


def ok(passed, name, *why):
    global count, failed
    count += 1
    print("%sok %d - %s" % ("" if passed else "not ", count, name))
    if not passed:
        failed = 1
        for one in why:
            print("# " + str(one)[:600].replace("\n", "\n# "))
    sys.stdout.flush()


def run(*words, stdout=subprocess.PIPE):
    return subprocess.run([ipdlam, *words], env=env, stdout=stdout, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          encoding="utf-8", check=False)


# Texts that may look like numbers: versions, and texts from the user.
TEXTS = {"version", "openblas", "readline", "zlib", "jansson", "sqlite", "curl", "cairo", "name", "note", "tags", "kernel"}


def texts_that_are_numbers(value, key=None):
    if isinstance(value, dict):
        return [x for k, v in value.items() for x in texts_that_are_numbers(v, k)]
    if isinstance(value, list):
        return [x for v in value for x in texts_that_are_numbers(v, key)]
    if not isinstance(value, str) or key in TEXTS:
        return []
    try:
        float(value)
    except ValueError:
        return [] if value not in ("true", "false") else ["%s: %r" % (key, value)]
    return ["%s: %r" % (key, value)]


run("train", *SMALL, "--quiet", "--save", "w.safetensors", "--regularizer", "ridge", "--lambda", "0.1,0.2")
run("train", *SMALL, "--quiet", "--delta", "0.5")
with open("blank.pgm", "wb") as f:
    f.write(b"P5 28 28 255\n" + bytes(784))
CASES = top + "/tests/solver/golden/"
ARRAYS = [["train", *SMALL, "--no-history"], ["runs", "list"], ["runs", "list", "--where", "delta < 0"], ["runs", "export", "1"],
          ["data", "list"], ["predict", "w.safetensors", "blank.pgm", "blank.pgm"], ["presets"],
          ["verify", CASES + "ridge.json", CASES + "hinge.json"]]
OBJECTS = [["runs", "show", "1"], ["runs", "compare", "1", "2"], ["data", "info", "--train", "60", "--test", "20"],
           ["eval", "w.safetensors", "--test", "20"], ["presets", "dlam"], ["doctor"],
           ["bench", "--layers", "10", "--samples", "100", "--batch", "50", "--repeat", "1", "--only", "full_batch"],
           ["sweep", *SMALL, "--delta", "1,2", "--no-history"]]


def parsed(text):
    try:
        return json.loads(text)
    except ValueError as wrong:
        return str(wrong)


for words in ARRAYS + OBJECTS:
    name = " ".join(w.rsplit("/", 1)[-1] for w in words)
    whole, by_line = run(*words, "--json"), run(*words, "--jsonl")
    value, values = parsed(whole.stdout), [parsed(line) for line in by_line.stdout.splitlines()]
    wrong = [] if isinstance(value, list if words in ARRAYS else dict) else [whole.stdout]
    if any(not isinstance(v, dict) for v in values):
        wrong.append(by_line.stdout)
    items = value if words in ARRAYS else value["runs"] if words[0] == "sweep" and not wrong else [value]
    if not wrong and (len(items) != len(values) or [set(v) for v in items] != [set(v) for v in values]):
        wrong.append("not the same items: %s, %s" % (whole.stdout, by_line.stdout))
    ok(not wrong and whole.returncode == by_line.returncode == 0, name, *wrong, whole.stderr, by_line.stderr)
    found = texts_that_are_numbers(value)
    ok(not found, name + ": numbers are numbers", found)
both = run("doctor", "--json", "--jsonl")
ok(both.returncode == 2 and both.stderr == "ipdlam doctor: --json and --jsonl exclude each other\n", "both", both.stderr)
ok(run("runs", "list", "--json", "--history", tmp.name + "/none.db").returncode == 1 and
   json.loads(subprocess.run([ipdlam, "runs", "list", "--json"], env=dict(env, XDG_DATA_HOME=tmp.name + "/empty"),
                             stdout=subprocess.PIPE, check=False).stdout) == [], "no runs are an empty array")
diverged = run("train", *SMALL, "--no-history", "--json", "--iterations", "20", "--method", "sgd", "--lr", "1e6")
ok(diverged.returncode == 3 and isinstance(parsed(diverged.stdout), list), "a run that diverges", diverged.stdout)

# A full disk: one form, with the command and the reason.
full = os.open("/dev/full", os.O_WRONLY) if os.path.exists("/dev/full") else -1
if full < 0 or os.path.isfile("/dev/full"):
    print("ok %d # SKIP no /dev/full" % (count + 1))
    count += 1
else:
    for words in ARRAYS[:6] + OBJECTS + [["--help"], ["plot", "--help"], ["train", *SMALL, "--no-history", "--csv", "-"],
                                         ["train", *SMALL, "--no-history", "--json"], ["runs", "list", "--csv"],
                                         ["data", "show", "--count", "3"], ["complete", "--", "tr"]]:
        done = run(*words, stdout=full)
        command = "" if words[0] == "--help" else " " + words[0]
        ok(done.returncode == 1 and done.stderr == "ipdlam%s: standard output: No space left on device\n" % command,
           "a full disk: " + " ".join(words[:2]), done.returncode, done.stderr)
print("1..%d" % count)
sys.exit(failed)
