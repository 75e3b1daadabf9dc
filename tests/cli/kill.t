#!/usr/bin/env bash
# kill -9 at random moments of training: the history opens every time, and what the program has told of is in it, to
# the last digit. IPDLAM_TEST_LONG=1: at 50 moments.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
IPDLAM=$IPDLAM python3 - << 'END'
import os, random, signal, sqlite3, subprocess, sys, time
ipdlam = os.environ["IPDLAM"]
moments = 50 if os.environ.get("IPDLAM_TEST_LONG") else 6
random.seed(11)
bad, kept = [], 0
for k in range(moments):
    batch = ["--batch", "0"] if k % 2 else ["--batch", "128"]
    p = subprocess.Popen([ipdlam, "train", "--data", "digits", "--train", "600", "--test", "100", "--layers", "20,20",
                          "--iterations", "100000", "--jsonl", *batch], stdout=subprocess.PIPE)
    os.set_blocking(p.stdout.fileno(), True)
    told = [p.stdout.readline()]  # it trains
    end = time.monotonic() + random.random() * 0.4
    while time.monotonic() < end:
        told.append(p.stdout.readline())
    p.send_signal(signal.SIGKILL)
    told += p.stdout.readlines()
    p.wait()
    told = [line.decode() for line in told if line.endswith(b"\n")]
    status = subprocess.run([ipdlam, "runs", "list", "--limit", "1", "--json"], capture_output=True, text=True)
    back = subprocess.run([ipdlam, "runs", "export", "last", "--jsonl"], capture_output=True, text=True)
    lines = back.stdout.splitlines(keepends=True)
    kept += len(lines)
    if back.returncode or lines[:len(told)] != told or '"status": "lost"' not in status.stdout:
        bad.append((k, back.returncode, back.stderr, len(told), len(lines), status.stdout[:200]))
db = sqlite3.connect(os.environ["XDG_DATA_HOME"] + "/ipdlam/runs.db")
whole = db.execute("PRAGMA integrity_check").fetchone()[0]
wrong = db.execute("SELECT count(*) FROM runs WHERE records <> (SELECT count(*) FROM records WHERE run = id)").fetchone()[0]
print("#", moments, "moments,", kept, "records kept,", whole, wrong, *bad[:3])
sys.exit(bool(bad) or whole != "ok" or wrong != 0)
END
is "no record that was printed is lost" $? 0
done_testing
