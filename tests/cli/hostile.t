#!/usr/bin/env python3
"""A history is data: whatever stands in any column of it, nothing is run, removed or sent to the terminal as it is. TAP."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

IPDLAM = os.environ["IPDLAM"]
CODE = '1 })); os.execute("touch ran") --'
TEXTS = (CODE, 'generated, seed ' + CODE, 'x"\n\x1b]0;t\x07\x9b2J\x7f\ros.execute("touch ran")\n--', "../" * 1500 + "x",
         "$(touch ran) `touch ran` '; touch ran; '", '{"delta": "%s"}' % CODE.replace('"', '\\"'), "[784, -5, 10]")
NUMBERS = (-1, 0, 2**63 - 1, -2**63, 1e308, float("inf"), None, b"\0\1\x1b")
CONTROL = re.compile(rb"[\0-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
ALONE = ("settings", "widths", "dataset_source", "path", "text", "name")
LONG = "IPDLAM_TEST_LONG" in os.environ
SCRIPT = """
local good, run = pcall(ip.again, 1)
print(good and "again" or tostring(run):sub(1, 300))
print(pcall(ip.resume, 1))
for _, row in ipairs(ip.runs{}) do print(row, row.status, row.note, row.started) end
local h = ip.history(1)
if h then print(h, ip.compare{ 1, 2 }, pcall(ip.describe, h)) end
"""
COMMANDS = [["runs", "list"], ["runs", "list", "--json"], ["runs", "show", "1"], ["runs", "show", "1", "--json"],
            ["runs", "export", "1", "--lua"], ["runs", "compare", "1", "2"], ["train", "--resume", "1", "--iterations", "3"],
            ["runs", "plot", "1", "--field", "loss"], ["run", "try.lua"], ["runs", "export", "1", "--csv"],
            ["runs", "gc", "--older", "1d", "--yes"], ["runs", "rm", "1", "--yes"]]
count = failed = 0


def ok(passed, name, note=()):
    global count, failed
    count += 1
    print("ok" if passed else "not ok", count, "-", name, flush=True)
    if not passed:
        failed += 1
        for line in note:
            print("#", line)


def wrong(command):
    """What is wrong with the command's answer, or None."""
    name = " ".join(command)
    try:
        p = subprocess.run([IPDLAM] + command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    except subprocess.TimeoutExpired:
        return name + ": hangs"
    if p.returncode not in (0, 1, 2):
        return "%s: ends with %d: %s" % (name, p.returncode, p.stderr[-200:])
    for text in (p.stdout, p.stderr):
        if CONTROL.search(text):
            at = CONTROL.search(text).start()
            return "%s: control characters: %r" % (name, text[max(0, at - 40):at + 40])
    lines = [line for line in p.stderr.decode(errors="replace").splitlines() if "warning" not in line]
    if p.returncode and command[0] != "run" and len(lines) != 1:
        return "%s: %d lines: %s" % (name, len(lines), lines[:4])
    if b"traceback" in p.stderr or b"traceback" in p.stdout:
        return "%s: a traceback: %s" % (name, p.stderr[:300])
    if command[2:] == ["1", "--lua"] and p.returncode == 0:
        with open("export.lua", "wb") as f:
            f.write(p.stdout)
        subprocess.run([IPDLAM, "run", "--no-history", "export.lua"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if os.path.exists("ran"):
        os.remove("ran")
        return name + ": runs what a column holds"
    if not os.path.exists("mine.safetensors"):
        shutil.copy("kept.safetensors", "mine.safetensors")
        return name + ": removes a file that is no checkpoint of it"


def groups(columns):
    """Columns that are spoilt together: those that hide others alone, with IPDLAM_TEST_LONG each."""
    rest = [c for c in columns if c not in ALONE]
    size = 1 if LONG else 6
    return [[c] for c in columns if c in ALONE] + [rest[i:i + size] for i in range(0, len(rest), size)]


def main():
    for i in range(2):
        subprocess.run([IPDLAM, "train", "--train", "60", "--test", "20", "--layers", "5", "--iterations", "2", "--quiet",
                        "--checkpoint-every", "1"], check=True)
    with open("change.lua", "w") as f:
        f.write("local run = ip.resume(1) run:set { delta = 0.5 } run:step(1) run:rewind(3) run:set { order = 'increase' } run:step(1)"
                " ip.runs{}")
    subprocess.run([IPDLAM, "run", "change.lua"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([IPDLAM, "runs", "tag", "1", "good"], check=True)
    subprocess.run([IPDLAM, "train", "--no-history", "--train", "60", "--test", "20", "--layers", "5", "--iterations", "1", "--quiet",
                    "--save", "mine.safetensors"], check=True)
    shutil.copy("mine.safetensors", "kept.safetensors")
    with open("try.lua", "w") as f:
        f.write(SCRIPT)
    state = os.path.join(os.environ["XDG_DATA_HOME"], "ipdlam")
    path = os.path.join(state, "runs.db")
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = DELETE")
    tables = {table: [row[1] for row in db.execute("PRAGMA table_info(%s)" % table)]
              for table in ("runs", "changes", "checkpoints", "rewinds", "tags", "records")}
    print("#", {t: db.execute("SELECT count(*) FROM %s" % t).fetchone()[0] for t in tables})
    db.close()
    shutil.copytree(state, "clean")
    mine = os.path.abspath("mine.safetensors")
    for table, columns in tables.items():
        free = [c for c in columns if c not in ("run", "rewind", "id")]
        for group in groups(free):
            notes = []
            values = TEXTS + NUMBERS if LONG else (TEXTS[2], NUMBERS[2])
            if not LONG and group[0] in ALONE:
                values += {"dataset_source": (TEXTS[1],), "path": ()}.get(group[0], TEXTS[5:])
            values += (mine,) if group == ["path"] else ()
            for value in (TEXTS[2], 1e308) if table == "records" else values:
                shutil.rmtree(state)
                shutil.copytree("clean", state)
                db = sqlite3.connect(path)
                for column in group:
                    try:
                        db.execute("UPDATE OR IGNORE %s SET \"%s\" = ?" % (table, column), (value,))
                    except sqlite3.IntegrityError:
                        pass
                db.commit()
                db.close()
                for command in COMMANDS if LONG else COMMANDS[::2] + COMMANDS[-1:]:
                    why = wrong(command)
                    if why:
                        notes.append("%.60r: %s" % (value, why))
            ok(not notes, "%s: %s" % (table, ", ".join(group)), notes)
    print("1..%d" % count)
    return failed > 0


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name in ("DATA", "STATE", "CONFIG", "CACHE"):
        os.environ["XDG_%s_HOME" % name] = os.path.join(folder, name.lower())
    os.environ["IPDLAM_THREADS"] = "1"
    code = main()
    os.chdir("/")
sys.exit(code)
