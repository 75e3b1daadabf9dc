#!/usr/bin/env python3
"""Tables and arrays of one's own through all commands: training, weights, history, resuming, errors."""
import csv, gzip, json, math, os, random, re, signal, struct, subprocess, time, zipfile
from helper import IPDLAM, checksum, done, env, good, refuse, report, run


def bad(name, text, *wants, options=()):
    path = "bad.csv"
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    p = run("data", "info", path, *options)
    report(p.returncode in (1, 2) and p.stderr.count("\n") == 1 and not p.stdout and all(w in p.stderr for w in wants),
           name, p.returncode, p.stdout, p.stderr)


def write(path, text):
    with open(path, "w", newline="") as f:
        f.write(text)


r = random.Random(3)
flowers = [("%.2f" % r.gauss(k, .3), "%.2f" % r.gauss(-k, .3), r.choice(["red", "blue"]), ["iris", "rose", "tulip"][k])
           for k in (i % 3 for i in range(150))]
header = "a,b,colour,kind\n"
write("flowers.csv", header + "".join(",".join(f) + "\n" for f in flowers))
fast = ("--layers", "20", "--iterations", "15", "--preset", "fast", "--no-chart")

# Classes.
good("columns, types and classes", r"colour +text +input.*kind +text +label.*class tulip +40 +10", "data", "info",
     "flowers.csv")
p = good("a table of classes trains", r"test 9\d|test 100", "train", "--data", "flowers.csv", *fast, "--save", "w.npz",
         "--loss", "cross_entropy")
good("weights need no options", r"30 test samples: accuracy (9\d|100)", "eval", "w.npz", "--data", "flowers.csv")
good("all samples", r"150 all samples", "eval", "w.npz", "--data", "flowers.csv", "--set", "all")
write("new.csv", "colour,more,b,a\nred,x,0,0\nblue,y,-2,2\n")
good("rows in another order of columns", r"new.csv 1: iris .*new.csv 2: tulip ", "predict", "w.npz", "new.csv")
answer = json.loads(run("predict", "w.npz", "new.csv", "--json").stdout)
report(answer[1]["name"] == "tulip" and len(answer[1]["probabilities"]) == 3, "the same in JSON", answer)
write("odd.csv", "a,b,colour\n1,2,green\n")
p = run("predict", "w.npz", "odd.csv")
report(p.returncode == 1 and 'line 2, column 3 (colour): read "green"' in p.stderr, "an unknown category", p.stderr)
write("few.csv", "a,colour\n1,red\n")
p = run("predict", "w.npz", "few.csv")
report(p.returncode in (1, 2) and 'no column "b"' in p.stderr, "a missing column", p.stderr)

write("moved.csv", "kind,colour,a,b\n" + "".join(",".join((f[3], f[2], f[0], f[1])) + "\n" for f in flowers))
good("weights know the name of the label", r"150 all samples: accuracy (9\d|100)", "eval", "w.npz", "--data", "moved.csv", "--set", "all")
run("train", "--quiet", "--no-history", "--train", "100", "--test", "50", "--layers", "5", "--iterations", "1", "--save", "images.npz")
p = run("eval", "images.npz", "--data", "flowers.csv")
report(p.returncode == 2 and "flowers.csv: has 2 inputs, but the network has 784" in p.stderr, "a table for a network of images", p.stderr)
p = run("eval", "w.npz", "--data", "flowers.csv", "--label", "a")
report(p.returncode == 2 and "a column that is an input of the network is used otherwise" in p.stderr, "an input as the label", p.stderr)

# The same rows in other forms: the same samples.
base = checksum("flowers.csv")
comma = [[x.replace(".", ",") for x in f[:2]] + list(f[2:]) for f in flowers]
write("german.csv", "\ufeffa;b;colour;kind\r\n" + "".join(";".join(f) + "\r\n" for f in comma))
write("quoted.csv", '"a","b",colour,"kind"\n' + "".join('"%s", %s ,"%s",%s\n' % f for f in flowers))
write("tabs.tsv", "a\tb\tcolour\tkind\n\n" + "".join("\t".join(f) + "\n" for f in flowers))
write("bare.csv", "".join(",".join(f) + "\n" for f in flowers))
write("pandas.csv", ",a,b,colour,kind\n" + "".join("%d,%s\n" % (i, ",".join(f)) for i, f in enumerate(flowers)))
write("first.csv", "kind,a,b,colour\n" + "".join(",".join((f[3],) + f[:3]) + "\n" for f in flowers))
write("label.csv", "label,a,b,colour\n" + "".join(",".join((f[3],) + f[:3]) + "\n" for f in flowers))
with open("flowers.csv", "rb") as f, open("members.csv.gz", "wb") as g:
    for part in iter(lambda: f.read(1000), b""):
        g.write(gzip.compress(part))
    g.write(bytes(70000))
for name, *options in (("members.csv.gz",), ("german.csv",), ("quoted.csv",), ("tabs.tsv",), ("bare.csv",), ("pandas.csv",),
                       ("first.csv", "--label", "kind"), ("label.csv",)):
    report(checksum(name, *options) == base, "%s: the same samples" % name, run("data", "info", name, *options))
report(checksum("flowers.csv?test=20%&seed=1") == base and checksum("flowers.csv", "--test", "30") == base and
       checksum("flowers.csv", "--seed", "2") != base, "options in the name, counts and seeds")

# Values.
rows = [(r.uniform(-2, 2), r.uniform(-2, 2)) for _ in range(400)]
write("values.csv", "u,v,y,twice\n" + "".join("%.3f,%.3f,%.2f,%.2f\n" % (u, v, 100 + 10 * u * v, u + v) for u, v in rows))
good("a regression", r"1 value .*test R² 0\.9", "train", "--data", "values.csv", "--drop", "twice", *fast, "--iterations",
     "60", "--save", "v.safetensors")
p = good("R² and RMSE of weights", r"R² 0\.9\d+, RMSE \d", "eval", "v.safetensors", "--data", "values.csv")
with open("values.csv") as f:
    lines = [line.split(",") for line in f.read().split()[1:]]
write("inputs.csv", "u,v\n" + "".join(",".join(f[:2]) + "\n" for f in lines))
values = [x["values"][0] for x in json.loads(run("predict", "v.safetensors", "inputs.csv", "--json").stdout)]
errors = [x - float(f[2]) for x, f in zip(values, lines)]
rmse = math.sqrt(sum(x * x for x in errors) / len(errors))
said = float(re.search(r"RMSE ([\d.e+-]+)", run("eval", "v.safetensors", "--data", "values.csv", "--set", "all").stdout)[1])
report(abs(rmse - said) < 1e-3 * said, "predictions are in the unit of the values", rmse, said)
mean = sum(float(f[2]) for f in lines) / len(lines)
r2 = 1 - sum(x * x for x in errors) / sum((float(f[2]) - mean) ** 2 for f in lines)
said = float(re.search(r"R² ([\d.e+-]+)", run("eval", "v.safetensors", "--data", "values.csv", "--set", "all").stdout)[1])
report(abs(r2 - said) < 1e-3, "and R² is that of the definition", r2, said)
good("two values", r"2 values .*test R² 0\.\d", "train", "--data", "values.csv", "--label", "y,twice", *fast)
p = run("train", "--data", "values.csv", "--loss", "cross_entropy", "--no-history")
report(p.returncode == 2 and "needs classes" in p.stderr, "a loss that needs classes", p.stderr)
good("an autoencoder", r"test R² 0\.[1-9]", "train", "--data", "digits", "--target", "inputs", "--train", "1000", "--test", "200",
     "--layers", "60", "--iterations", "6", "--method", "adam", "--no-chart")
for method in ("ipdlam", "bcd", "relaxed_am", "adam", "sgd"):
    audit = ("--audit",) if method not in ("adam", "sgd") else ()
    p = run("train", "--data", "values.csv", "--drop", "twice", "--layers", "10", "--iterations", "2", "--method", method,
            *audit, "--no-history", "--no-chart")
    report(p.returncode == 0 and "finding" not in p.stderr and (not audit or "no finding" in p.stdout or "audit" in p.stdout),
           "values with %s, audited" % method if audit else "values with %s" % method, p.stdout, p.stderr)

# bcd has no reference case: it descends, and does better than the mean and a line through the inputs.
write("bent.csv", "u,v,y\n" + "".join("%.3f,%.3f,%.3f\n" % (u, v, 2 * u - v + u * v) for u, v in rows))
run("train", "--data", "bent.csv", "--layers", "20", "--method", "bcd", "--batch", "0", "--init", "he", "--iterations", "60",
    "--no-history", "--csv", "bcd.csv", "--quiet")
with open("bcd.csv") as f:
    table = list(csv.DictReader(f))
falls = [float(b["phi"]) <= float(a["phi"]) * (1 + 1e-6) for a, b in zip(table, table[1:])]
lines = [(u, v, 2 * u - v + u * v) for u, v in rows]
uu, uv, vv = (sum(f(u, v) for u, v, y in lines) for f in (lambda u, v: u * u, lambda u, v: u * v, lambda u, v: v * v))
uy, vy = sum(u * y for u, v, y in lines), sum(v * y for u, v, y in lines)
p, q = (vv * uy - uv * vy) / (uu * vv - uv * uv), (uu * vy - uv * uy) / (uu * vv - uv * uv)
mean = sum(y for u, v, y in lines) / len(lines)
line = 1 - sum((y - mean - p * u - q * v) ** 2 for u, v, y in lines) / sum((y - mean) ** 2 for u, v, y in lines)
report(len(table) == 60 and all(falls) and float(table[-1]["test_accuracy"]) > line + 0.05, "bcd descends and beats a line",
       len(table), falls, table[-1]["test_accuracy"], line)

# R² has its name and the error beside it wherever runs are listed.
p = run("train", "--data", "values.csv?label=y&drop=twice", "--validation", "40", *fast, "--name", "curved")
listed = json.loads(run("runs", "list", "--where", "name = curved", "--json").stdout)[0]
report(listed["measure"] == "R2" and listed["test_rmse"] > 0 and
       "%.4f" % listed["test_accuracy"] in run("runs", "list", "--where", "measure = R2 and name = curved").stdout,
       "runs list --json names R2 and has the error", listed)
out = run("runs", "list").stdout
report(re.search(r"train +test +RMSE .*curved.* R² 0\.\d{4} +R² 0\.\d{4} +[\d.]+ ", out, re.S) and re.search(r" [\d.]+% +- ", out),
       "runs list shows R² and RMSE, or an accuracy", out)
out = run("runs", "show", "curved").stdout
report(re.search(r"best      R² 0\.\d+ on the validation.*RMSE.*R² 0\.\d+ +R² 0\.\d+ +R² 0\.\d+ +\d", out, re.S), "runs show", out)
first = str(json.loads(run("runs", "list", "--where", "measure = accuracy", "--json").stdout)[0]["id"])
out = run("runs", "compare", "curved", first).stdout
figures = json.loads(run("runs", "compare", "curved", first, "--json").stdout)["figures"]
report(figures["measure"] == ["R2", "accuracy"] and figures["test_rmse"] == [listed["test_rmse"], None] and
       re.search(r"test_accuracy +R² 0\.\d{4} +[\d.]+%", out) and re.search(r"test_rmse +[\d.]+ +-", out), "runs compare", out)
out = run("sweep", "--data", "values.csv?label=y&drop=twice,flowers.csv", "--layers", "10", "--iterations", "2", "--delta", "0.3,1", "--output",
          "r2.csv").stdout
report("test R² " in out and re.search(r"train +test +RMSE", out) and "chosen by test R²" in out and re.search(r"test [\d.]+%", out),
       "a sweep over values and classes", out)
with open("r2.csv") as f:
    table = list(csv.DictReader(f))
report([x["measure"] for x in table] == ["R2"] * 4 + ["accuracy"] * 4 and float(table[1]["test_rmse"]) > 0 and
       table[4]["test_rmse"] == "nan", "its file names the measure", table)
write("r2.lua", """local d = ip.dataset("values.csv", { label = "y", drop = "twice" })
local r = ip.run { data = d, net = { d.inputs, 4, 1 } } r:step(3) r:rewind(2) r:set{delta = 0.3} r:step(1)
print(r:futures()) print(r:futures()[1].measure) print(ip.runs()[1], ip.runs()[1].measure)""")
out = run("run", "r2.lua").stdout
report(len(re.findall(r" R² -?\d\.\d{3}  ", out)) == 2 and "\nR2\n" in out and re.search(r", test R² \S+\tR2", out), "in Lua", out)

# What people bring: prices with separators, numbers of rows, addresses, a name that is not there, many classes.
houses = ["%d,%d Main St,%d,\"%d,%03d\"" % (i + 1, i, i % 90, 100 + i % 7 * 50, i * 37 % 1000) for i in range(300)]
write("houses.csv", "id,Home address,area,Price\n" + "\n".join(houses) + "\n")
p = run("train", "--data", "houses.csv", "--label", "Price", "--drop", "Home address")
report(p.returncode == 1 and p.stderr.count("\n") == 1 and re.search(
    r"column 4 \(Price\) has \d+ different texts in 300 rows, such as \"100,000\", .*separators of thousands", p.stderr),
    "prices with separators of thousands are no classes", p.stderr)
good("unless they are asked for", r"4 inputs?|\d+ classes", "data", "info", "houses.csv", "--label", "Price", "--drop", "Home address",
     "--target", "classes")
p = run("data", "info", "houses.csv", "--label", "area")
report(p.returncode == 1 and 'line 258, column 2 (Home address): read "256 Main St", which is different text number 257 of the '
       'column. Leave the column out with --drop "Home address"' in p.stderr, "too many texts: what to drop", p.stderr)
good("a column that counts the rows", r"warning +column 1 \(id\) counts the rows, and is used as an input", "data", "info", "houses.csv",
     "--label", "area", "--drop", "Home address,Price")
p = run("train", "--data", "house.csv")
report(p.returncode == 1 and p.stderr == "ipdlam train: house.csv: there is no such file or folder\n", "a file that is not there",
       p.stderr)
write("many.csv", "a,b\n" + "".join("%d,c%02d\n" % (i * 7 % 60, i % 60) for i in range(240)))
good("60 classes are cut short", r"class c39 +\d+ +\d+\nand 20 more classes; --json has all\n$", "data", "info", "many.csv")
run("train", "--data", "many.csv", "--layers", "5", "--iterations", "1", "--save", "many.npz", "--no-history")
text = run("eval", "many.npz", "--data", "many.csv").stdout
report(max(map(len, text.splitlines())) < 120 and text.endswith("--json has the confusion matrix.\n") and "c59" in text,
       "a confusion matrix of 60 classes is not printed", text)

# Test samples in a file of their own: the scale and the categories of the training samples.
write("t1.csv", header + "".join(",".join(f) + "\n" for f in flowers[:100]))
write("t2.csv", "kind,colour,a,b\n" + "".join(",".join((f[3], f[2], f[0], f[1])) + "\n" for f in flowers[100:]))
p = good("a test file", r"test 9\d|test 100", "train", "--data", "t1.csv", "--test", "t2.csv", *fast, "--name", "two", "--save", "t.npz")
info = json.loads(run("data", "info", "t1.csv", "--test", "t2.csv", "--json").stdout)
report(info["train"]["samples"] == 100 and info["test"]["samples"] == 50, "none of the training samples is held out", info)
said = float(re.search(r"accuracy ([\d.]+) %", run("eval", "t.npz", "--data", "t2.csv").stdout)[1])
last = json.loads(run("runs", "list", "--where", "name = two", "--json").stdout)[0]
report(abs(said - 100 * last["test_accuracy"]) < .01 and last["test_samples"] == 50, "eval of the test file has the run's accuracy", said, last)
good("a resumed run has it", "iteration +2[0-9]|in [0-9.]+m?s", "train", "--resume", "two", "--iterations", "20", "--no-chart")
write("t.lua", """local d = assert(ip.dataset("t1.csv", { test = "t2.csv", validation = 20 })) print(d.train, d.validation, d.test, d.source)
local X = d:samples("test") local all = assert(ip.dataset("t1.csv", { test = "t2.csv", scale = "none" })):samples("test")
print(X.cols, all[{ 1, 1 }] or all)""")
out = run("run", "t.lua").stdout
report(out.startswith("80\t20\t50\tt1.csv?test-file=t2.csv&validation=20"), "in Lua, with validation samples", out, run("run", "t.lua").stderr)
write("t3.csv", header + "1,2,green,iris\n")
p = run("data", "info", "t1.csv", "--test", "t3.csv")
report(p.returncode == 1 and 't3.csv, line 2, column 3 (colour): read "green", which is not a value of this column in training' in p.stderr,
       "a value that training does not have", p.stderr)
p = run("data", "info", "t1.csv", "--test", "t4.csv")
report(p.returncode == 1 and "t4.csv: there is no such file" in p.stderr, "a test file that is not there", p.stderr)
p = run("data", "info", "digits", "--test", "t2.csv")
report(p.returncode == 2 and "has test samples of its own. Leave the test file out" in p.stderr, "data with test samples", p.stderr)
write("v1.csv", "u,y\n" + "".join("%d,%d\n" % (i, 3 * i) for i in range(60)))
write("v2.csv", "u,y\n" + "".join("%d,%d\n" % (i, 3 * i) for i in range(5, 45)))
good("of values", r"test R² 0\.9", "train", "--data", "v1.csv", "--test", "v2.csv", "--layers", "none", "--iterations", "30", "--preset", "ipdlam", "--no-history", "--no-chart")
good("and imported", r"60 training, 0 validation and 40 test samples", "data", "import", "v1.csv", "--test", "v2.csv", "v.imported")
p = run("train", "--data", "v.imported", "--layers", "none", "--iterations", "30", "--preset", "ipdlam", "--no-history", "--no-chart", "--quiet", "--save", "vi.npz")
q = run("train", "--data", "v1.csv", "--test", "v2.csv", "--layers", "none", "--iterations", "30", "--preset", "ipdlam", "--no-history", "--no-chart", "--quiet", "--save", "vf.npz")
report(checksum("v.imported") == checksum("v1.csv", "--test", "v2.csv"), "with the same samples", p.stderr, q.stderr)

# Labels that are text in .npz: the classes and samples of the table.
def npy(descr, shape, values):
    head = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)).ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode() + values


def labels(width, kinds, letter="<U"):
    return npy("%s%d" % (letter, width), "(%d,)" % len(kinds),
               b"".join(k.encode("utf-32-le" if letter == "<U" else "latin-1", "surrogatepass").ljust(width * (4 if letter == "<U" else 1), b"\0") for k in kinds))


def save_npz(path, **arrays):
    with zipfile.ZipFile(path, "w") as z:
        for name, array in arrays.items():
            z.writestr(name + ".npy", array)


kinds = [f[3].replace("rose", "rosé") for f in flowers]
x = npy("<f4", "(150, 2)", b"".join(struct.pack("<2f", float(f[0]), float(f[1])) for f in flowers))
save_npz("named.npz", x=x, y=labels(5, kinds))
write("named.csv", "a,b,kind\n" + "".join("%s,%s,%s\n" % (f[0], f[1], k) for f, k in zip(flowers, kinds)))
report(checksum("named.npz") == checksum("named.csv") != "", "labels in npz that are text: the samples of the table", run("data", "info", "named.npz"))
good("with their names", r"class iris .*class rosé .*class tulip", "data", "info", "named.npz")
save_npz("bytes.npz", x=x, y=labels(5, [f[3] for f in flowers], "|S"))
report(json.loads(run("data", "info", "bytes.npz", "--json").stdout)["train"]["by_class"] == [40, 40, 40], "bytes", run("data", "info", "bytes.npz"))
run("train", "--data", "named.npz", *fast, "--no-history", "--save", "named.npz.weights.npz")
good("weights know them", r"30 test samples: accuracy (8|9|100).*rosé", "eval", "named.npz.weights.npz", "--data", "named.npz")
save_npz("odd.npz", x=x, y=labels(5, ["lily"] + kinds[1:]))
p = run("eval", "named.npz.weights.npz", "--data", "odd.npz")
report(p.returncode == 1 and 'odd.npz: y: "lily" is not a class seen in training' in p.stderr, "another class", p.stderr)
save_npz("latin.npz", x=x, y=labels(5, kinds, "|S"))
report(checksum("latin.npz") == checksum("named.npz"), "bytes are Latin-1", run("data", "info", "latin.npz"))
save_npz("lines.npz", x=x, y=labels(5, ["\n\x1ba\ud800"] + kinds[1:]))
p = run("eval", "named.npz.weights.npz", "--data", "lines.npz")
report(p.returncode == 1 and p.stderr.count("\n") == 1 and "\x1b" not in p.stderr, "controls in a label", p.stderr)
save_npz("empty.npz", x=x, y=labels(5, [""] + kinds[1:]))
p = run("data", "info", "empty.npz")
report(p.returncode == 1 and "empty.npz: y: the text of sample 1 is empty or too long" in p.stderr, "an empty label", p.stderr)
save_npz("letters.npz", x=labels(5, kinds))
p = run("data", "info", "letters.npz")
report(p.returncode == 1 and "letters.npz: x holds text" in p.stderr, "samples that are text", p.stderr)
write("letters.lua", "print(ip.load_tensors('named.npz'))")
p = run("run", "letters.lua")
report("y holds text" in p.stdout + p.stderr, "no tensor in Lua", p.stdout, p.stderr)

# Recall of the classes, of which one is rare.
write("rare.csv", "a,b,kind\n" + "".join("%.2f,%.2f,%s\n" % (r.gauss(k, .7), r.gauss(0, .7), "often" if k else "rare")
                                        for k in (i % 8 for i in range(200))))
run("train", "--data", "rare.csv", *fast, "--recall", "--name", "rare", "--save", "rare.npz", "--csv", "rare.out.csv")
said = json.loads(run("eval", "rare.npz", "--data", "rare.csv", "--json").stdout)
mean = said["balanced_accuracy"]
said = said["classes"]
good("eval prints the balanced accuracy", r"Balanced accuracy, the mean recall: %.2f %%" % (100 * mean), "eval", "rare.npz", "--data", "rare.csv")
with open("rare.out.csv") as f:
    last = list(csv.DictReader(f))[-1]
recall = [c["recall"] for c in said]
report([float(x) for x in last["test_recall"].split()] == recall and
       abs(float(last["test_balanced_accuracy"]) - sum(recall) / 2) < 1e-12 and abs(mean - sum(recall) / 2) < 1e-12 and not last["validation_recall"],
       "records have the recalls that eval counts, and their mean", last, said)
out = json.loads(run("runs", "list", "--where", "test_recall_1 = %r and name = rare" % recall[1], "--json").stdout)
write("rare.lua", "local m = ip.history('rare'):last() print(#m.test_recall, m.test_recall[2], m.test_balanced_accuracy)")
text = run("run", "rare.lua").stdout.split()
report(len(out) == 1 and text[0] == "2" and float(text[1]) == recall[1] and abs(float(text[2]) - float(last["test_balanced_accuracy"])) < 1e-12,
       "also in conditions and Lua", out, text)
run("train", "--resume", "rare", "--iterations", "17", "--save", "rare2.npz", "--json")
write("rare.lua", "local m = ip.history('last') print(#m.metrics, #m.metrics[1].test_recall, #m:last().test_recall)")
report(run("run", "rare.lua").stdout.split() == ["17", "2", "2"], "and after resuming", run("run", "rare.lua"))

# Made data.
for kind, want in (("blobs", "9\\d|100"), ("moons", "9\\d|100"), ("spirals", "9\\d|100"), ("xor", "9\\d|100"), ("sine", r"R² 0\.9"), ("regression", r"R² 0\.9")):
    run("data", "synth", kind, kind + ".csv")
    good("synth %s is learned" % kind, r"200 iterations in.*test (%s)" % want, "train", "--data", kind + ".csv", "--layers", "40,40",
         "--iterations", "200", "--method", "adam", "--lr", "0.01", "--batch", "32", "--no-chart", "--no-history")
report(run("data", "synth", "moons").stdout == open("moons.csv").read() and
       "Did you mean 'moons'" in run("data", "synth", "mons").stderr, "the same table for a seed; a wrong kind")

# Runs keep the options.
good("the history names the data set with its options", r"values.csv\?drop=twice", "runs", "show", "2")
write("again.lua", run("runs", "export", "2", "--lua").stdout)
good("its script repeats the run", r"\d", "run", "again.lua")
t = ("train", "--data", "flowers.csv", "--label", "kind", "--test", "25%", "--layers", "30", "--batch", "16", "--quiet")
p = subprocess.Popen([IPDLAM, *t, "--iterations", "1000000", "--checkpoint-every", "5", "--checkpoint-dir", "kept"], env=env,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
end = time.time() + 20


def kept():
    return [f for f in os.listdir("kept") if not f.startswith(".")] if os.path.isdir("kept") else []


while not kept() and time.time() < end:
    time.sleep(.02)
p.send_signal(signal.SIGKILL)
p.wait()
last = max(int(re.search(r"iteration-(\d+)-", f).group(1)) for f in kept()) if kept() else 0
goal = str(last + 12)
run(*t, "--iterations", goal, "--no-history", "--save", "whole.npz")
p = run("train", "--resume", "kept", "--iterations", goal, "--quiet", "--save", "parts.npz")
same = p.returncode == 0 and open("whole.npz", "rb").read() == open("parts.npz", "rb").read()
report(same, "a killed run opens its table again and continues to the same bits", kept(), goal, p.stderr)
write("resume.lua", """local ip = require "ipdlam"
local one = assert(ip.run { data = ip.dataset("flowers.csv", { label = "kind", test = "25%" }), net = { 4, 30, 3 }, batch = 16 })
one:step(6) assert(one:checkpoint("six"))
local two = assert(ip.resume("six"))
one:step(4) two:step(4)
assert(one:last().phi == two:last().phi and one:last().test_accuracy == two:last().test_accuracy)
local d = ip.dataset { x = { { 1, 2, 3, 4, 5, 6 }, { 1, 0, 1, 0, 1, 0 } }, y = { { 0, 1, 0, 1, 0, 1 } }, test = 2 }
assert(d.classes == 2 and not d.values and d.train == 4 and d:class_name(1) == "1")
print("done")
""")
p = run("train", "--resume", "kept", "--iterations", "5", "--quiet")
report(p.returncode == 0 or "already" in p.stderr or "iterations" in p.stderr, "a killed run opens its table again", p.stderr)

# Errors: file, line, column, what was read, what to do.
bad("a word among numbers", header + "1,2,red,x\n" * 20 + "1,two,red,y\n", "bad.csv, line 22, column 2 (b)", 'read "two"')
write("gap.csv", header + "1,2,red,x\n" * 20 + "1,,red,y\n")
refuse("a missing value", ["line 22, column 2 (b)", "--missing drop"], "train", "--data", "gap.csv")
good("data info counts it and says so", r"training refuses missing values.* b +number +input +1 ", "data", "info", "gap.csv")
refuse("if it is told to refuse it does", ["line 22, column 2 (b)"], "data", "info", "gap.csv", "--missing", "refuse")
bad("a missing label", header + "1,2,red,x\n" * 20 + "1,2,red,\n", "line 22, column 4 (kind)", "--missing drop")
bad("a short row", header + "1,2,red,x\n1,2,red\n", "line 3, column 3: has 3 cells", "line 1 has 4")
bad("a long row", header + "1,2,red,x\n1,2,red,x,y\n", "line 3, column 5: has at least 5 cells")
bad("an open quote", header + '1,"2,red,x\n', "line 2, column 2", "does not end")
bad("text after a quote", header + '1,"2"3,red,x\n', "line 2, column 2", "follows")
bad("the same name twice", "a,a,y\n1,2,x\n3,4,y\n", 'line 1, column 2: is called "a" like column 1')
bad("no rows", header, "no rows")
bad("nothing", "", "has no rows")
bad("one class", header + "1,2,red,x\n" * 9, "same label")
bad("binary", bytes(range(1, 40)) * 3 + b"\0\0", "NUL")
bad("an unknown label", header + "1,2,red,x\n" * 9, 'no column "kin"', 'Did you mean "kind"', options=("--label", "kin"))
bad("an unknown column", header + "1,2,red,x\n" * 9, 'no column "q"', options=("--drop", "q"))
bad("names as values", header + "1,2,red,x\n2,1,red,y\n" * 9, "classes, not values", options=("--target", "values"))
bad("too many test samples", header + "1,2,red,x\n2,1,red,y\n" * 9, "leaves none", options=("--test", "18"))
bad("a wrong split", "a,s,y\n" + "1,train,x\n2,tset,y\n" * 9, 'line 3, column 2 (s): read "tset"', options=("--split-column", "s"))
bad("an infinity", "a,y\n" + "1,x\n2,y\n" * 9 + "inf,x\n", 'line 20, column 1 (a): read "inf"')
bad("a damaged gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\3garbage", "damaged")
bad("an unknown choice", header + "1,2,red,x\n" * 9, "scale", options=("--scale", "big"))

# 200 damaged tables: read, or one sentence that names the file.
text = open("flowers.csv", "rb").read()[:1200]
wrong = refused = 0
for i in range(200):
    b = bytearray(text)
    for _ in range(r.randrange(1, 6)):
        b[r.randrange(len(b))] = r.choice(b',;"\n\t.-x\0\xff9')
    with open("bad.csv", "wb") as f:
        f.write(b[:r.randrange(len(b))] if r.random() < .3 else b)
    p = run("data", "info", "bad.csv")
    refused += p.returncode != 0
    if p.returncode not in (0, 1, 2) or (p.returncode and (p.stderr.count("\n") != 1 or "bad.csv" not in p.stderr)):
        wrong += 1
        print("#", p.returncode, p.stderr)
report(not wrong and refused > 50, "200 damaged tables, %d refused in one sentence" % refused)
p = run("run", "resume.lua")
report(p.returncode == 0 and "done" in p.stdout, "runs in Lua resume with a table; tensors are a data set", p.stdout, p.stderr)
done()
