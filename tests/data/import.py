#!/usr/bin/env python3
"""Imported data sets: the same bits as their source, little memory, interrupted imports, damaged folders."""
import json, os, random, re, shutil, signal, struct, subprocess, sys, time
from helper import IPDLAM, checksum, done, env, good, refuse, report, run, same, skip
from measure import measure

r = random.Random(4)
MIB = 2 ** 20


def files(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


# Every kind of source: the same checksum, and training to the same bits.
run("data", "synth", "wide", "wide.csv", "--samples", "3000")
run("data", "synth", "sine", "sine.csv", "--samples", "300")
with open("mixed.tsv", "w") as f:
    f.write("a\tcolour\tkind\tpart\n")
    for i in range(300):
        f.write("%.3f\t%s\t%s\t%s\n" % (r.gauss(0, 1), r.choice(["red", "blue", ""]), "xyz"[i % 3],
                                       ["train", "test", "train", "validation"][i % 4]))
subprocess.run(["gzip", "-k", "wide.csv"], check=True)
mixed = ("--label", "kind", "--split-column", "part", "--missing", "mean")
sources = [("wide.csv",), ("wide.csv.gz",), ("wide.csv?test=10%&validation=300",), ("sine.csv",), ("mixed.tsv", *mixed),
           ("digits", "--train", "300", "--test", "100"),
           ("digits", "--train", "300", "--test", "100", "--target", "inputs"),
           ("digits", "--train", "300", "--test", "100", "--scale", "standard"), ("bytes.csv", "--label", "y", "--validation", "20")]
with open("bytes.csv", "w") as f:
    f.write("a,b,c,y\n" + "".join("%d,%d,%d,%s\n" % (r.randrange(256), r.randrange(9), r.randrange(2), "uv"[i % 2]) for i in range(200)))
in_bytes = {"digits", "bytes.csv"}
for i, (name, *options) in enumerate(sources):
    out, what = "set%d" % i, " ".join([name, *options])
    p = run("data", "import", name, out, *options)
    report(p.returncode == 0 and "training" in p.stdout and checksum(out) == checksum(name, *options) and checksum(out),
           "%s: imported with the same checksum" % what, p.stdout, p.stderr)
    few = json.load(open(out + "/data.json"))
    one = name in in_bytes and "inputs" not in options
    size = os.path.getsize(out + "/train-x.npy") - 128
    report(few["version"] == 1 + one and few.get("type") == ("bytes" if one else None) and
           size == few["parts"]["train"]["samples"] * few["inputs"] * (1 if one else 4), "%s: %d bytes on disk" % (what, size), few)
    for method, *more in (("ipdlam", "--batch", "0"), ("ipdlam", "--batch", "70", "--no-shuffle"), ("adam", "--batch", "50")):
        words = ("--layers", "8", "--iterations", "2", "--method", method, *more, "--no-history", "--quiet")
        a = run("train", "--data", name, *options, *words, "--save", "a.npz")
        b = run("train", "--data", out, *words, "--save", "b.npz")
        report(a.returncode == 0 and b.returncode == 0 and same("a.npz", "b.npz"), "%s: the same bits with %s" % (what, method),
               a.stderr, b.stderr)
    p = run("eval", "b.npz", "--data", out)
    report(p.returncode == 0 and re.search(r"accuracy|R²", p.stdout), "%s: eval" % what, p.stderr)
p = run("eval", "b.npz", "--data", "set0")
report(p.returncode == 1 or p.returncode == 2, "weights of another set", p.stdout)
for name, colours in ("green.csv", ("green", "red")), ("blue.csv", ("blue", "red")):
    with open(name, "w") as f:
        f.write("colour,size,kind\n" + "".join("%s,%d,%s\n" % (colours[i % 2], i % 7, "ab"[i // 2 % 2]) for i in range(60)))
run("train", "--data", "green.csv?scale=none", "--layers", "3", "--iterations", "2", "--no-history", "--quiet", "--save", "g.npz")
run("data", "import", "blue.csv?scale=none", "blue")
refuse("weights of a category with other values", ["blue: was imported with other columns"], "eval", "g.npz", "--data", "blue")
with open("one.csv", "w") as f:
    f.write(",".join("x%d" % i for i in range(1, 29)) + "\n" + ",".join(["0.5"] * 28) + "\n")
run("train", "--data", "set0", "--layers", "8", "--iterations", "2", "--no-history", "--quiet", "--save", "w.npz")
good("weights of an imported set predict rows of its source", r"one.csv: (signal|background)", "predict", "w.npz", "one.csv")
good("and evaluate it", "600 test samples", "eval", "w.npz", "--data", "wide.csv")
with open("open.lua", "w") as f:
    f.write("""local ip = require "ipdlam"
local d = assert(ip.dataset("set0"))
assert(d.train == 2400 and d.test == 600 and d.classes == 2 and d:class_name(0) == "background")
assert(ip.dataset("set0", { train = 100, test = 50, validation = 70 }).validation == 70)
local one = assert(ip.run { data = d, net = { 28, 5, 2 }, batch = 64, method = "adam" })
one:step(2) assert(one:checkpoint("two")) one:step(2)
local two = assert(ip.resume("two"))
two:step(2)
assert(one:last().train_accuracy == two:last().train_accuracy and one.data.checksum == two.data.checksum)
print("done")
""")
good("Lua opens, chooses samples, trains, resumes", "done", "run", "open.lua")
good("the first samples", r"samples +100 +50", "data", "info", "set0", "--train", "100", "--test", "50")
with open("set0/train-x.npy", "rb") as f:
    head = f.read(128)
report(head[:6] == b"\x93NUMPY" and b"'shape': (2400, 28)" in head and os.path.getsize("set0/train-x.npy") == 128 + 2400 * 28 * 4,
       "samples are an .npy file", head)

# Parts of a table: the bits of the whole, whatever the parts look like.
with open("wide.csv") as f:
    head, *rows = f.readlines()
def part(name, lines, names=True, end=""):
    with open(name, "w") as f:
        f.write((head if names else "") + "".join(lines).rstrip("\n") + end)
part("p1.csv", rows[:700], end="\n")
part("p2.csv", rows[700:1900])  # no newline at its end
part("p3.csv", rows[1900:], names=False, end="\n\n")  # as `split` cuts
part("p4.csv", [])  # only names
open("p5.csv", "w").close()
subprocess.run(["gzip", "p2.csv"], check=True)
good("a table in parts", "2400 training, 0 validation and 600 test", "data", "import", "p1.csv", "p2.csv.gz", "p3.csv", "p4.csv", "p5.csv",
     "-o", "parts")
good("the folder as the last argument", "2400 training", "data", "import", "p1.csv?label=class", "p2.csv.gz", "p3.csv", "parts2")
report(all(same(p + "/" + f, "set0/" + f) for f in files("set0") if f != "data.json" for p in ("parts", "parts2")) and
       checksum("parts") == checksum("wide.csv"), "has the same bytes as the whole")
report(json.load(open("parts/data.json"))["source"].endswith(", p2.csv.gz, p3.csv, p4.csv, p5.csv"), "its source names the parts",
       json.load(open("parts/data.json"))["source"])
for name in "b1.csv", "b2.csv":
    part(name, [row.replace(",signal", "").replace(",background", "") for row in rows[:30]], names=False, end="\n")
good("parts without names", "48 training", "data", "import", "b1.csv", "b2.csv", "--header", "no", "--output", "bare")
names = head.rstrip("\n").split(",")
for what, lines, wants in (
        ("a name that differs", [",".join(names[:4] + ["mass"] + names[5:]) + "\n"] + rows[:3], ["b.csv, line 1, column 5", '"mass"', '"x5"', "p1.csv"]),
        ("a name too few", [",".join(names[:-1]) + "\n"] + rows[:3], ["b.csv, line 1, column %d" % len(names), "p1.csv"]),
        ("a name too many", [head.rstrip("\n") + ",more\n"] + rows[:3], ["b.csv, line 1, column %d" % (len(names) + 1), '"more"']),
        ("values of another table", ["1,2,3\n"] * 3, ["b.csv, line 1, column 3: has 3 cells", "line 1 of p1.csv has %d" % len(names)]),
        ("a row too long", [head, *rows[:3], rows[3].rstrip("\n") + ",1\n"], ["b.csv, line 5, column %d" % (len(names) + 1)]),
        ("a quote that does not end", [head, rows[0], '"'], ["b.csv, line 3, column 1"]),
        ("text among numbers", [head, *rows[:3], "no" + rows[3]], ["b.csv, line 5, column 1 (%s): read" % names[0]]),
        ("bytes", ["a\0b\n"], ["b.csv: ", "byte 2 is NUL"])):
    part("b.csv", lines, names=False)
    refuse("parts: " + what, wants, "data", "import", "p1.csv", "b.csv", "-o", "wrong")
refuse("parts: a missing file", ["nothere.csv"], "data", "import", "p1.csv", "nothere.csv", "-o", "wrong")
refuse("parts: a folder", ["set0"], "data", "import", "p1.csv", "set0", "-o", "wrong")
refuse("parts: arrays", ["set0/train-x.npy: is no table"], "data", "import", "set0/train-x.npy", "p1.csv", "-o", "wrong")
report(not files("wrong") and not os.path.exists("wrong.importing"), "leaves no folder")

# Refusals.
refuse("an existing folder", ["set0: exists already"], "data", "import", "wide.csv", "set0")
refuse("no folder", ["name a source and a new folder"], "data", "import", "wide.csv")
refuse("an option that was fixed", ["was imported with its columns", "--scale"], "train", "--data", "set0", "--scale", "none")
refuse("too many samples", ["fewer than the 9999 requested"], "data", "info", "set0", "--train", "9999")
with open("wrong.csv", "w") as f:
    f.write("a,b,y\n" + "1,2,x\n2,3,y\n" * 20 + "1,two,x\n")
refuse("an error in the source", ["wrong.csv, line 42, column 2 (b)"], "data", "import", "wrong.csv", "wrong")
report(not files("wrong") and not os.path.exists("wrong.importing"), "leaves no folder")
p = run("data", "import", "wide.csv", "nowhere/deep/set")
report(p.returncode == 0 and files("nowhere/deep/set"), "folders above are made", p.stderr)

# Damage: each byte of data.json, and the arrays.
def damaged(name, wants, change, *words):
    shutil.rmtree("bad", ignore_errors=True)
    shutil.copytree("set0", "bad")
    change()
    refuse(name, wants, *(words or ("train", "--data", "bad", "--quiet", "--no-history", "--iterations", "1")))


def patch(name, at, data):
    with open("bad/" + name, "r+b") as f:
        f.seek(at)
        f.write(data)


def edit(**values):
    with open("set0/data.json") as f:
        o = json.load(f)
    o.update(values)
    with open("bad/data.json", "w") as f:
        json.dump(o, f)


damaged("a shorter array", ["train-x.npy", "cut off or damaged"], lambda: os.truncate("bad/train-x.npy", 5000))
damaged("another header", ["train-x.npy: its header is damaged"], lambda: patch("train-x.npy", 20, b"d"))
damaged("a wrong label", ["train-y.npy: holds label 9"], lambda: patch("train-y.npy", 128 + 40, struct.pack("=I", 9)))
damaged("a missing array", ["test-y.npy"], lambda: os.remove("bad/test-y.npy"))
damaged("a changed sample", ["checksum", "damaged"], lambda: patch("train-x.npy", 9000, b"\0\0\0\0"), "data", "info", "bad")
damaged("a newer format", ["newer ipdlam", "version 3"], lambda: edit(version=3))
damaged("another format", ["not of an imported"], lambda: edit(format="x"))
damaged("no samples", ["out of range"], lambda: edit(parts={"train": {"samples": 0}, "test": {"samples": 600}}))
damaged("no test samples", ["no test samples"], lambda: edit(parts={"train": {"samples": 2400}}))
damaged("too many samples", ["out of range"], lambda: edit(parts={"train": {"samples": 1 << 60}, "test": {"samples": 1}}))
damaged("too many inputs", ["out of range"], lambda: edit(inputs=1 << 40))
damaged("no JSON", ["data.json"], lambda: patch("data.json", 0, b"["))
with open("set0/data.json", "rb") as f:
    text = f.read()
wrong = refused = 0
shutil.rmtree("bad")
shutil.copytree("set0", "bad")
for i in range(80):
    b = bytearray(text)
    for _ in range(r.randrange(1, 4)):
        b[r.randrange(len(b))] = r.choice(b'0129-,:"{}[]x \n\xff')
    with open("bad/data.json", "wb") as f:
        f.write(b[:r.randrange(len(b))] if r.random() < .1 else b)
    p = run("data", "show", "bad", "--count", "1")
    refused += p.returncode != 0
    if p.returncode not in (0, 1, 2) or (p.returncode and (p.stderr.count("\n") != 1 or "bad" not in p.stderr)):
        wrong += 1
        print("#", p.returncode, p.stderr, bytes(b))
report(not wrong and refused > 20, "80 damaged descriptions, %d refused in one sentence" % refused)

# Interrupts: at any moment there is no folder, or a complete one.
run("data", "synth", "wide", "long.csv", "--samples", "60000")
for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    p = subprocess.Popen([IPDLAM, "data", "import", "long.csv", "cut"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not os.path.exists("cut.importing") and p.poll() is None:
        time.sleep(.001)
    p.send_signal(kind)
    out, err = p.communicate()
    whole = os.path.exists("cut/data.json")
    left = os.path.exists("cut.importing")
    report(whole == (p.returncode == 0) and (whole or not os.path.exists("cut")) and (kind == signal.SIGKILL or not left),
           "%s: no folder or a whole one" % kind.name, p.returncode, out, err, files("cut"), files("cut.importing"))
    shutil.rmtree("cut", ignore_errors=True)
p = run("data", "import", "long.csv", "cut")
report(p.returncode == 0 and not os.path.exists("cut.importing"), "after a killed import the next one cleans up", p.stderr)

# A file that becomes shorter while it is in use ends the process with a sentence.
run("data", "import", "wide.csv", "shrinks")
with open("shrinks.lua", "w") as f:
    f.write("""local d = ip.dataset("shrinks") local r = ip.run { data = d, net = { d.inputs, 4, 2 }, batch = 50 }
r:step() io.open("shrinks/train-x.npy", "w"):close() print("before") io.stdout:flush() r:step() print("after")""")
p = run("run", "--no-history", "shrinks.lua")
report(p.returncode == 1 and p.stdout == "before\n" and p.stderr.count("\n") == 1 and
       "shrinks/train-x.npy: cannot be read any more: it became shorter" in p.stderr, "a file that shrinks", p)

# The bar is on a terminal only, on stderr, after a second; it is wiped. (A fast machine needs less.)
import pty
for words in (("data", "info", "long.csv"), ("data", "import", "long.csv", "barred"),
              ("train", "--data", "long.csv", "--layers", "2", "--iterations", "1", "--no-history", "--quiet")):
    master, slave = pty.openpty()
    p = subprocess.Popen([IPDLAM, *words], env=env, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    out, shown = p.communicate()[0], b""
    try:
        while piece := os.read(master, 65536):
            shown += piece
    except OSError:  # the end
        pass
    os.close(master)
    report(p.returncode == 0 and b"[=" not in out and (not shown or re.fullmatch(rb"(\r\w+ +\[=*>? *\] +\d+%\x1b\[K)+\r\x1b\[K", shown)),
           "%s: a bar, or none" % " ".join(words[:2]), shown)

# A folder in the way: what an import did not make stays.
os.makedirs("mine.importing")
os.makedirs("elsewhere")
for name in ("mine.importing/train-x.npy", "mine.importing/thesis.txt", "elsewhere/data.json"):
    open(name, "w").write("precious")
os.symlink("elsewhere", "link.importing")
p = run("data", "import", "wide.csv", "mine")
report(p.returncode == 2 and "has files that no import made" in p.stderr and open("mine.importing/thesis.txt").read() == "precious",
       "files of the user's stay", p.returncode, p.stderr)
p = run("data", "import", "wide.csv", "link")
report(p.returncode == 1 and "cannot be used" in p.stderr and files("elsewhere") == ["data.json"], "a link is not followed", p.stderr)

# A disk that is full: a limit on the size of files has the same effect on writes.
import resource
p = subprocess.run([IPDLAM, "data", "import", "long.csv", "full"], env=env, capture_output=True, text=True,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB)))
report(p.returncode == 1 and "cannot hold" in p.stderr and p.stderr.count("\n") == 1 and not files("full") and
       not os.path.exists("full.importing"), "no space: one sentence, no folder", p.returncode, p.stderr)

# Memory: private memory does not grow with the samples; blocks are shuffled; a killed run continues to the same bits.
_, _, base = measure([IPDLAM, "data", "import", "wide.csv", "small"], env=env)
p, _, most = measure([IPDLAM, "data", "import", "long.csv", "big"], env=env)
size = sum(os.path.getsize("big/" + f) for f in files("big"))
with open(IPDLAM, "rb") as program:
    sanitized = b"__asan_init" in program.read()  # whose freed memory stays
report(p.returncode == 0 and size > 6 * MIB and (sanitized or most["RssAnon"] < base["RssAnon"] + size / 2),
       "importing does not hold the samples in memory", p.err, base, most, size)
t = ("train", "--data", "big", "--layers", "16", "--method", "adam", "--batch", "100", "--shuffle-space", "1", "--quiet")
run(*t, "--iterations", "6", "--no-history", "--save", "whole.npz")
run(*t[:-3], "--quiet", "--iterations", "6", "--no-history", "--save", "other.npz")
report(not same("whole.npz", "other.npz"), "blocks have another order than a whole permutation")
p = subprocess.Popen([IPDLAM, *t, "--iterations", "5", "--checkpoint-every", "1", "--checkpoint-dir", "kept"], env=env,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while not [f for f in files("kept") if not f.startswith(".")] and p.poll() is None:
    time.sleep(.01)
p.send_signal(signal.SIGKILL)
p.wait()
p = run("train", "--resume", "kept", "--iterations", "6", "--quiet", "--save", "parts.npz")
report(p.returncode == 0 and same("whole.npz", "parts.npz"), "a killed run continues with the same order and bits", files("kept"), p.stderr)

# Bytes: opened by what knows them, refused where they do not fit, killed and continued in full batch and mini-batches.
shutil.rmtree("set0")
os.rename("set5", "set0")
damaged("bytes that are cut off", ["train-x.npy", "cut off or damaged"], lambda: os.truncate("bad/train-x.npy", 9000))
damaged("a header of floats", ["test-x.npy: its header is damaged"], lambda: patch("test-x.npy", 10, b"{'descr': '<f4'"))
damaged("a changed byte", ["checksum", "damaged"], lambda: patch("train-x.npy", 9000, b"\x7f"), "data", "info", "bad")
damaged("bytes of another version", ["train-x.npy", "cut off or damaged"], lambda: edit(version=1))
damaged("another type", ["the type of the inputs is not bytes"], lambda: edit(type="halves"))
text = json.load(open("set0/data.json"))["encoding"]
damaged("targets in bytes", ["targets that are the inputs cannot be bytes"],
        lambda: edit(outputs=784, encoding=text.replace('"classes"', '"inputs"', 1)))
damaged("a scale that overflows", ["a scaled byte is too large"], lambda: edit(
    encoding=text.replace('"scale":"pixel"', '"scale":"unit","offset":%s,"divisor":%s' % ([0.0] * 784, [1e-38] * 784))))
good("a copy of bytes", "300 training", "data", "import", "set0", "again")
report(same("set0/train-x.npy", "again/train-x.npy") and checksum("again") == checksum("set0"), "has the same bytes")
good("more bytes", "3000 training", "data", "import", "digits", "more", "--train", "3000", "--test", "100")
needed = [run("train", "--data", name, "--train", "3000", "--test", "100", "--layers", "2", "--batch", "0", "--iterations", "1",
              "--no-history").stdout for name in ("digits", "more")]
needed = [float(re.search(r"memory: ([\d.]+) MiB needed", p)[1]) for p in needed]
report(8 < needed[1] - needed[0] < 10, "full batch says that it needs the floats", needed)  # 3000 x 784 x 4 bytes
with open("bytes.lua", "w") as f:
    f.write("""local a, b = ip.dataset("set0"), ip.dataset("digits", { train = 300, test = 100 })
local x, y = a:samples("train", 7, 90), b:samples("train", 7, 90)
print((x - y):norm() == 0, (a:image(5, "test") - b:image(5, "test")):norm() == 0, a.checksum == b.checksum)
""")
good("Lua reads bytes", r"true\s+true\s+true", "run", "bytes.lua")
for batch in "0", "64":
    t = ("train", "--data", "set0", "--layers", "8", "--batch", batch, "--quiet")
    run(*t, "--iterations", "40", "--no-history", "--save", "whole.npz")
    shutil.rmtree("kept", ignore_errors=True)
    p = subprocess.Popen([IPDLAM, *t, "--iterations", "39", "--checkpoint-every", "1", "--checkpoint-dir", "kept"], env=env,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not [f for f in files("kept") if not f.startswith(".")] and p.poll() is None:
        time.sleep(.01)
    p.send_signal(signal.SIGKILL)
    p.wait()
    p = run("train", "--resume", "kept", "--iterations", "40", "--quiet", "--save", "parts.npz")
    report(p.returncode == 0 and same("whole.npz", "parts.npz"), "a killed run on bytes continues, batch %s" % batch, p.stderr)
done()
