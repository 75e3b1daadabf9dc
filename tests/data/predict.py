#!/usr/bin/env python3
"""Answers for rows from standard input and the command line, and for images in colour; values as they are in the file."""
import json, os, random, struct, subprocess, zlib
from helper import IPDLAM, done, env, good, refuse, report, run

r = random.Random(5)


def write(name, text):
    with open(name, "w" if isinstance(text, str) else "wb") as f:
        f.write(text)


def given(text, *words):
    return subprocess.run([IPDLAM, "predict", *words], input=text, capture_output=True, text=True, env=env)


def bad(name, text, wants, *words):
    p = given(text, *words)
    report(p.returncode in (1, 2) and p.stderr.count("\n") == 1 and not p.stdout and all(w in p.stderr for w in wants), name, p)


rows = [("%.2f" % r.gauss(k, .3), "%.2f" % r.gauss(-k, .3), ["red", "blue"][k], ["iris", "rose"][k]) for k in (i % 2 for i in range(80))]
write("flowers.csv", "a,b,colour,kind\n" + "".join(",".join(f) + "\n" for f in rows))
run("train", "--data", "flowers.csv", "--layers", "8", "--iterations", "10", "--no-history", "--quiet", "--save", "w.npz")
write("new.csv", "a,b,colour\n0,0,red\n1,-1,blue\n")
want = [x["scores"] for x in json.loads(run("predict", "w.npz", "new.csv", "--json").stdout)]


def scores(p):
    return [x["scores"] for x in json.loads(p.stdout)] if p.returncode == 0 else p


for name, text in (("named", "a,b,colour\n0,0,red\n1,-1,blue\n"), ("in another order", "colour,x,b,a\nred,9,0,0\nblue,9,-1,1\n"),
                   ("without names", "0,0,red\n1,-1,blue"), ("with ; and commas", "0,0;0,0;red\n1,0;-1,0;blue\n"),
                   ("with a byte order mark", "\ufeffa,b,colour\r\n0,0,red\r\n1,-1,blue\r\n")):
    p = given(text, "w.npz", "-", "--json")
    report(scores(p) == want, "standard input: rows %s" % name, p)
p = run("predict", "w.npz", "--row", "0,0,red", "--row=1,-1,blue", "--json")
report(scores(p) == want, "rows on the command line", p)
report(scores(run("predict", "w.npz", "--row", "-1,-1,red", "--json")) != want, "that begin with a minus")
good("names of classes", "^--row: iris ", "predict", "w.npz", "--row", "0,0,red")
good("rows and files", r"--row: iris .*new.csv 1: iris .*new.csv 2: rose ", "predict", "w.npz", "new.csv", "--row", "0,0,red")
bad("no number", "0,0,red\n1,x,blue\n", ["standard input, line 2, column 2 (b): read \"x\"", "not a number. Correct the cell\n"], "w.npz", "-")
bad("too few cells", "0,0,red\n1,0\n", ["standard input, line 2, column 2: has 2 cells"], "w.npz", "-")
bad("too many cells", "0,0,red\n1,0,red,2\n", ["standard input, line 2, column 4"], "w.npz", "-")
bad("an open quote", '0,0,red\n1,"0,red\n', ["standard input, line 2, column 2"], "w.npz", "-")
bad("an unknown category", "a,b,colour\n0,0,green\n", ["line 2, column 3 (colour): read \"green\""], "w.npz", "-")
bad("a missing value", "0,,red\n", ["line 1, column 2 (b)", "missing"], "w.npz", "-")
bad("nothing", "", ["standard input: has no rows"], "w.npz", "-")
bad("a column missing", "a,colour\n1,red\n", ['no column "b"'], "w.npz", "-")
refuse("a row that is too short", ["--row, line 1, column 2", "3 columns"], "predict", "w.npz", "--row", "1,2")
refuse("the second row", ["--row, line 2, column 3 (colour)"], "predict", "w.npz", "--row", "0,0,red", "--row", "0,0,5")
refuse("a row of nothing", ["--row: has no rows"], "predict", "w.npz", "--row", "")
run("train", "--layers", "4", "--train", "50", "--test", "20", "--iterations", "1", "--no-history", "--quiet", "--save", "d.npz")
refuse("a row for a network of images", ["784"], "predict", "d.npz", "--row", "1,2,3")
p = given(",".join(["0"] * 784) + "\n", "d.npz", "-")
report(p.returncode == 0 and "standard input: " in p.stdout, "pixels as a row", p)

# Values of `data show` are those of the file.
shown = run("data", "show", "flowers.csv", "--count", "5").stdout.split("\n")[1:6]
known = {tuple("%.5g" % float(x) for x in f[:2]) for f in rows}
report(all(tuple(line.split()[2:4]) in known for line in shown), "values as in the file", shown)
scaled = run("data", "show", "flowers.csv", "--count", "5", "--scaled").stdout.split("\n")[1:6]
report(all(tuple(line.split()[2:4]) not in known for line in scaled), "--scaled: as the network gets them", scaled)
write("values.csv", "u,y\n" + "".join("%d,%d\n" % (i, 1000 + i * i) for i in range(50)))
line = run("data", "show", "values.csv", "--count", "1").stdout.split("\n")[1].split()
report(float(line[1]) == 1000 + float(line[2]) ** 2, "and the targets", line)

refuse("a class below 0", ["has no class -1"], "data", "show", "flowers.csv", "--class=-1")

# R² is no share.
run("train", "--data", "values.csv", "--layers", "8", "--iterations", "3", "--no-history", "--quiet", "--csv", "r.csv")
p = run("plot", "r.csv", "--y", "train_accuracy")
report(p.returncode == 0 and "%" not in p.stdout, "plot: R² is not in percent", p.stdout)
run("train", "--data", "flowers.csv", "--layers", "8", "--iterations", "3", "--no-history", "--quiet", "--csv", "a.csv")
p = run("plot", "a.csv", "--y", "train_accuracy")
report(p.returncode == 0 and "%" in p.stdout, "plot: an accuracy is", p.stdout)


# Images in colour.
def png(pixels, side, colours=3):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + pixels[y * side * colours:(y + 1) * side * colours] for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2 if colours == 3 else 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


for k, name in enumerate(("red", "green", "blue")):
    os.makedirs("paint/" + name)
    for i in range(12):
        write("paint/%s/%d.png" % (name, i), png(bytes(r.randrange(150, 256) if c == k else r.randrange(60) for _ in range(64) for c in range(3)), 8))
for scale in "pixel", "standard":
    p = run("train", "--data", "paint", "--colour", "yes", "--scale", scale, "--layers", "10", "--iterations", "20", "--no-history", "--quiet",
            "--save", "c.npz")
    if "without libpng" in p.stderr:
        break
    for k, name in enumerate(("red", "green", "blue")):
        good("an image in colour, scale %s: %s" % (scale, name), r"/3.png: %s " % name, "predict", "c.npz", "paint/%s/3.png" % name)
    pixel = bytes(220 if c == 2 else 30 for _ in range(16 * 16) for c in range(3))
    write("large.png", png(pixel, 16))
    good("of another size", "large.png: blue ", "predict", "c.npz", "large.png")
write("page.pgm", b"P5 8 8 255\n" + bytes(64))
refuse("a grey format for a network of colours", ["page.pgm: is not a PNG file"], "predict", "c.npz", "page.pgm")
write("cut.png", png(bytes(192), 8)[:45])
refuse("a damaged image in colour", ["cut.png"], "predict", "c.npz", "cut.png")

# A network of PNG files reads them as training did. For others light pages are inverted, unless --as-is is given.
for k, name in enumerate(("dark", "light")):
    os.makedirs("grey/" + name)
    for i in range(12):
        write("grey/%s/%d.png" % (name, i), png(bytes(r.randrange(30) + 220 * k for _ in range(64)), 8, 1))
run("train", "--data", "grey", "--layers", "6", "--iterations", "20", "--no-history", "--quiet", "--save", "g.npz")
good("as in training", r"3.png: light (?!.*inverted)", "predict", "g.npz", "grey/light/3.png")
run("data", "import", "grey", "-o", "grey-imported")
run("train", "--data", "grey-imported", "--layers", "6", "--iterations", "20", "--no-history", "--quiet", "--save", "i.npz")
good("also of an imported folder", r"3.png: light (?!.*inverted)", "predict", "i.npz", "grey/light/3.png")
run("train", "--train", "60", "--test", "20", "--layers", "6", "--iterations", "1", "--no-history", "--quiet", "--save", "d.npz")
good("a light image is inverted otherwise", r"3.png: .*inverted", "predict", "d.npz", "grey/light/3.png")
good("--as-is", r"3.png: (?!.*inverted)", "predict", "d.npz", "grey/light/3.png", "--as-is")
done()
