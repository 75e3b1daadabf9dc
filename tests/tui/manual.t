#!/usr/bin/env python3
"""The man page of the workbench: every key of the table is in it, and every key in it is in the
table; it is clean under mandoc."""
import os
import re
import shutil
import subprocess

top = os.environ["TOP_SRCDIR"]
page = os.path.join(top, "man", "ipdlam-workbench.1")
count = 0
failed = False


def ok(passed, name):
    global count, failed
    count += 1
    failed = failed or not passed
    print(("" if passed else "not ") + "ok %d - %s" % (count, name))


with open(os.path.join(top, "src", "tui", "keys.c")) as f:
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
    ok(lint.returncode == 0 and not lint.stdout, "mandoc has nothing to say: " +
       lint.stdout.replace("\n", "; "))
else:
    count += 1
    print("ok %d # SKIP mandoc is not installed" % count)
print("1..%d" % count)
raise SystemExit(failed)
