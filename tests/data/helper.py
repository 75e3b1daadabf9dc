"""What the tests of data sets share: a folder of their own, TAP, the program."""
import os, re, subprocess, tempfile

IPDLAM = os.environ["IPDLAM"]
top = tempfile.TemporaryDirectory(prefix="ipdlam-data-")
os.chdir(top.name)
env = dict(os.environ, HOME=top.name, XDG_DATA_HOME=top.name, XDG_STATE_HOME=top.name, XDG_CONFIG_HOME=top.name)
count = 0


def report(good, name, *what):
    """One line of TAP; `what` explains a failure."""
    global count
    count += 1
    print("%sok %d - %s" % ("" if good else "not ", count, name), flush=True)
    for text in what if not good else ():
        print("# " + str(text).replace("\n", "\n# "))


def skip(name, why):
    global count
    count += 1
    print("ok %d - %s # SKIP %s" % (count, name, why))


def done():
    print("1..%d" % count)


def run(*words, **options):
    return subprocess.run([IPDLAM, *words], capture_output=True, text=True, env=env, errors="replace", **options)


def good(name, want, *words):
    """The program must succeed and print what matches."""
    p = run(*words)
    report(p.returncode == 0 and re.search(want, p.stdout, re.S) is not None, name, p.stdout, p.stderr)
    return p


def refuse(name, wants, *words):
    """The program must refuse in one sentence that holds all of `wants`."""
    p = run(*words)
    report(p.returncode in (1, 2) and p.stderr.count("\n") == 1 and not p.stdout and all(w in p.stderr for w in wants),
           name, p.returncode, p.stdout, p.stderr)


def checksum(*words):
    found = re.search("SHA-256 +(\\w+)", run("data", "info", *words).stdout)
    return found and found[1]


def same(one, other):
    with open(one, "rb") as f, open(other, "rb") as g:
        return f.read() == g.read()
