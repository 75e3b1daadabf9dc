#!/usr/bin/env python3
"""Files that are wrong at a known place, for every reader: training ends with one sentence that names the file and the place."""
import gzip, io, json, os, re, shutil, struct, sys, zipfile, zlib
from helper import report, run, done

by_reader = {}


def write(name, content):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "wb") as f:
        f.write(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)


def broken(reader, what, place, path, *options):
    """Training on `path` must fail in one sentence that matches `place`."""
    p = run("train", "--data", path, "--layers", "2", "--iterations", "1", "--no-history", "--quiet", *options)
    if p.returncode == 1 and "without libpng" in p.stderr:
        return
    by_reader[reader] = by_reader.get(reader, 0) + 1
    report(p.returncode in (1, 2) and not p.stdout and p.stderr.count("\n") == 1 and p.stderr.endswith("\n") and
           p.stderr.startswith("ipdlam train: ") and re.search(place, p.stderr) is not None, "%s: %s" % (reader, what), p.returncode, place, p.stderr)
    if "--print" in sys.argv:
        print("#", p.stderr.rstrip("\n"))


# Tables: 9 columns of cells, one of them wrong.
ROWS = 30
lines = [["%d.%d" % (i * 7 % 13, c) for c in range(4)] + ["u" if i % 2 else "v"] for i in range(ROWS)]
names = ["a", "b", "c", "d", "kind"]


def table(rows=None, head=names, separator=",", end="\n"):
    return end.join(separator.join(r) for r in ([head] if head else []) + (rows or lines)) + end


def with_cell(row, column, text):
    rows = [list(r) for r in lines]
    rows[row][column] = text
    return rows


for n, (row, column, text) in enumerate((r, c, t) for r, c in ((0, 0), (11, 2), (29, 3)) for t in ("x", "1.2.3", "0x10", "1e999", "12abc", "--1", "1 2", "+", "½")):
    write("t/cell%d.csv" % n, table(with_cell(row, column, text)))
    broken("CSV", "cell %r" % text, r"t/cell%d.csv, line %d, column %d \(%s\): read \"" % (n, row + 2, column + 1, names[column]), "t/cell%d.csv" % n)
for n, (row, column, text) in enumerate((r, c, t) for r, c in ((3, 1), (28, 0)) for t in ("", "NA", "?", "-", "null")):
    write("t/missing%d.csv" % n, table(with_cell(row, column, text)))
    broken("CSV", "missing %r" % text, r"t/missing%d.csv, line %d, column %d \(%s\): .*missing" % (n, row + 2, column + 1, names[column]), "t/missing%d.csv" % n)
for n, row in enumerate((0, 7, 29)):
    for m, (what, cells) in enumerate((("long", lines[row] + ["1"]), ("short", lines[row][:-1]), ("one cell", ["1"]))):
        rows = lines[:row] + [cells] + lines[row + 1:]
        write("t/row%d%d.csv" % (n, m), table(rows))
        broken("CSV", "a row: %s" % what, r"t/row%d%d.csv, line %d, column %d: has " % (n, m, row + 2, min(len(cells), 6)), "t/row%d%d.csv" % (n, m))
    write("t/quote%d.csv" % n, table(with_cell(row, 1, '"1')))
    broken("CSV", "an open quote", r"t/quote%d.csv, line %d, column 2: " % (n, row + 2), "t/quote%d.csv" % n)
    write("t/after%d.csv" % n, table(with_cell(row, 2, '"1"2')))
    broken("CSV", "text behind a quote", r"t/after%d.csv, line %d, column 3: " % (n, row + 2), "t/after%d.csv" % n)
    write("t/nul%d.csv" % n, table(with_cell(row, 2, "1\0")))
    at = table(with_cell(row, 2, "1\0")).index("\0") + 1
    broken("CSV", "a NUL byte", r"t/nul%d.csv: .*byte %d is NUL" % (n, at), "t/nul%d.csv" % n)
    write("t/semi%d.csv" % n, table([[x.replace(".", ",") for x in r] for r in with_cell(row, 3, "1.5,0")], separator=";").replace("1,5,0", "1.5"))
    broken("CSV", "a decimal point among commas", r"t/semi%d.csv, line %d, column 4 \(d\)" % (n, row + 2), "t/semi%d.csv" % n)
    write("t/tab%d.tsv" % n, table(with_cell(row, 0, "five"), separator="\t"))
    broken("TSV", "text in a column of numbers", r"t/tab%d.tsv, line %d, column 1 \(a\)" % (n, row + 2), "t/tab%d.tsv" % n)
    write("t/crlf%d.tsv" % n, table(with_cell(row, 3, "five"), separator="\t", end="\r\n"))
    broken("TSV", "the same with CRLF", r"t/crlf%d.tsv, line %d, column 4 \(d\)" % (n, row + 2), "t/crlf%d.tsv" % n)
    write("t/part%d.csv" % n, table([r + ["train" if i != row else "exam"] for i, r in enumerate(lines)], names + ["part"]))
    broken("CSV", "an unknown part of a split", r"t/part%d.csv, line %d, column 6 \(part\)" % (n, row + 2), "t/part%d.csv" % n, "--split-column", "part", "--label", "kind")
    write("t/gz%d.csv.gz" % n, gzip.compress(table(with_cell(row, 1, "five")).encode()))
    broken("gzip", "a wrong cell of a packed table", r"t/gz%d.csv.gz, line %d, column 2 \(b\)" % (n, row + 2), "t/gz%d.csv.gz" % n)
write("t/twice.csv", table(head=["a", "b", "a", "d", "kind"]))
broken("CSV", "a name twice", r"t/twice.csv, line 1, column 3: is called \"a\"", "t/twice.csv")
write("t/none.csv", "")
broken("CSV", "nothing", r"t/none.csv: has no rows", "t/none.csv")
write("t/names.csv", ",".join(names) + "\n")
broken("CSV", "only names", r"t/names.csv: has no rows", "t/names.csv")
write("t/utf16.csv", table().encode("utf-16"))
broken("CSV", "UTF-16", r"t/utf16.csv: .*byte \d+ is NUL", "t/utf16.csv")
write("t/label.csv", table(with_cell(4, 4, "")))
broken("CSV", "no label", r"t/label.csv, line 6, column 5 \(kind\).*no label", "t/label.csv")

# Arrays.
N = 24
X = struct.pack("<%df" % (N * 4), *(float(i % 9) for i in range(N * 4)))
Y = struct.pack("<%dI" % N, *(i % 3 for i in range(N)))


def npy(descr="<f4", shape="(24, 4)", data=X, order="False", head=None, version=b"\1\0", magic=b"\x93NUMPY"):
    text = (head or "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)).encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return magic + version + struct.pack("<H", len(text)) + text + data


good_y = npy("<u4", "(24,)", Y)
arrays = [("cut off", npy()[:-5]), ("one byte too many", npy() + b"\0"), ("an unknown type", npy("<q9")), ("objects", npy("|O")), ("complex numbers", npy("<c8")),
          ("a negative shape", npy(shape="(-24, 4)")), ("a shape of words", npy(shape="(x, 4)")), ("a shape that overflows", npy(shape="(%d, %d)" % (1 << 62, 1 << 62))),
          ("a shape of no samples", npy(shape="(0, 4)", data=b"")), ("no shape", npy(head="{'descr': '<f4', 'fortran_order': False, }")),
          ("no type", npy(head="{'fortran_order': False, 'shape': (24, 4), }")), ("no dictionary", npy(head="24 4 f4")), ("an order that is no order", npy(order="Maybe")),
          ("a header that ends too early", npy()[:40]), ("a newer version", npy(version=b"\x09\0")), ("a header longer than the file", b"\x93NUMPY\1\0\xff\xff" + b" " * 20),
          ("a scalar", npy(shape="()", data=X[:4])), ("an infinite value", npy(data=X[:40] + struct.pack("<f", float("inf")) + X[44:])),
          ("a missing value", npy(data=X[:48] + struct.pack("<f", float("nan")) + X[52:]))]
for what, content in arrays:
    name = "n/%s.npy" % what.replace(" ", "-")
    write(name, content)
    broken("npy", what, re.escape(name), name, "--target", "inputs")


def npz(members, method=zipfile.ZIP_STORED):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", method) as z:
        for name, content in members:
            z.writestr(name + ".npy", content)
    return f.getvalue()


whole = npz([("x_train", npy()), ("y_train", good_y)])
packed = npz([("x_train", npy()), ("y_train", good_y)], zipfile.ZIP_DEFLATED)
at = whole.index(X)


def flipped(content, at):
    content = bytearray(content)
    content[at] ^= 0xff
    return bytes(content)


packages = [(what, npz([("x_train", content), ("y_train", good_y)]), "x_train") for what, content in arrays] + [
    ("a member whose checksum is wrong", flipped(whole, at + 9), "x_train"), ("a packed member that is damaged", flipped(packed, packed.index(b"x_train.npy") + 60), "x_train"),
    ("cut off", whole[:-30], ""), ("cut in half", whole[:len(whole) // 2], ""), ("no members", npz([]), "x_train or x"),
    ("no samples", npz([("weights", npy())]), "x_train or x.*weights"), ("labels of another length", npz([("x_train", npy()), ("y_train", npy("<u4", "(23,)", Y[4:]))]), "y_train must have 24 rows"),
    ("labels of three dimensions", npz([("x_train", npy()), ("y_train", npy("<u4", "(24, 1, 1)", Y))]), "y_train"),
    ("a test set of another width", npz([("x_train", npy()), ("y_train", good_y), ("x_test", npy(shape="(32, 3)")), ("y_test", good_y)]), "x_test"),
    ("a test set without labels", npz([("x_train", npy()), ("y_train", good_y), ("x_test", npy())]), "y_test"),
    ("a member that is no array", npz([("x_train", b"hello"), ("y_train", good_y)]), "x_train")]
for i, (what, content, place) in enumerate(packages):
    name = "z/%d.npz" % i
    write(name, content)
    broken("npz", what, re.escape(name) + ".*(" + place + ")", name)


def safetensors(head, data=b"", length=None):
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype="F32", shape=(24, 4), begin=0, end=N * 16):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


y = tensor("U32", (24,), N * 16, N * 20)
tensors = [("cut off", safetensors({"x": tensor(), "y": y}, (X + Y)[:-7]), "y|data"), ("too long", safetensors({"x": tensor(), "y": y}, X + Y + b"more"), ""),
           ("a header longer than the file", safetensors({"x": tensor()}, X, 1 << 40), "header"), ("a header cut off", safetensors({"x": tensor()}, X, 20), "header"),
           ("a header that is no JSON", safetensors(b'{"x": [1,}      ', X), "header"), ("a header that is a list", safetensors([1, 2], X), "header"),
           ("an unknown type", safetensors({"x": tensor("F33")}, X), "x"), ("no shape", safetensors({"x": {"dtype": "F32", "data_offsets": [0, 384]}}, X), "x"),
           ("a negative shape", safetensors({"x": tensor(shape=(-24, 4))}, X), "x"), ("another shape than its data", safetensors({"x": tensor(shape=(25, 4))}, X), "x"),
           ("offsets that overlap", safetensors({"x": tensor(), "y": tensor("U32", (24,), N * 16 - 4, N * 20 - 4)}, X + Y), "y|x"),
           ("offsets behind the file", safetensors({"x": tensor(begin=1 << 30, end=(1 << 30) + N * 16)}, X), "x"),
           ("offsets that end before they begin", safetensors({"x": tensor(begin=N * 16, end=0)}, X), "x"), ("no offsets", safetensors({"x": {"dtype": "F32", "shape": [24, 4]}}, X), "x"),
           ("no samples", safetensors({"weights": tensor()}, X), "x_train or x"), ("a tensor that is a number", safetensors({"x": 5}, X), "x"),
           ("a shape that overflows", safetensors({"x": tensor(shape=(1 << 62, 1 << 62))}, X), "x"), ("labels of another length", safetensors({"x": tensor(), "y": tensor("U32", (23,), N * 16, N * 16 + 92)}, X + Y[:92]), "y")]
for i, (what, content, place) in enumerate(tensors):
    name = "s/%d.safetensors" % i
    write(name, content)
    broken("safetensors", what, re.escape(name) + ".*(" + place + ")", name, *(("--target", "inputs") if b'"y"' not in content else ()))

# IDX: folders of four files.
idx = {"train-images-idx3-ubyte": b"\0\0\x08\x03" + struct.pack(">III", 20, 3, 4) + bytes(i * 7 % 256 for i in range(240)), "train-labels-idx1-ubyte": b"\0\0\x08\1" + struct.pack(">I", 20) + bytes(i % 3 for i in range(20)),
       "t10k-images-idx3-ubyte": b"\0\0\x08\x03" + struct.pack(">III", 6, 3, 4) + bytes(72), "t10k-labels-idx1-ubyte": b"\0\0\x08\1" + struct.pack(">I", 6) + bytes(i % 3 for i in range(6))}
count = 0
for name, content in idx.items():
    size = 4 + 4 * content[3]
    for what, wrong, place in (("empty", b"", "0 bytes"), ("a cut header", content[:size - 2], "header"), ("cut off", content[:-2], "%d bytes" % (len(content) - size - 2)),
                               ("too long", content + b"\0\0", "after the %d bytes" % len(content)), ("another magic number", b"\7" + content[1:], "07 00"),
                               ("an unknown type", content[:2] + b"\x77" + content[3:], "77"), ("other dimensions", content[:3] + b"\5" + content[4:], "5 dimensions"),
                               ("a number of items that is too large", content[:4] + b"\x7f\xff\xff\xff" + content[8:], r"\d+ bytes|overflow")):
        count += 1
        for k, v in idx.items():
            write("i%d/%s" % (count, k), wrong if k == name else v)
        broken("IDX", "%s: %s" % (name, what), r"i%d/%s.*(%s)" % (count, name, place), "i%d" % count)
    packed_one = gzip.compress(content)
    for what, wrong, place in (("cut off", packed_one[:-4], "cut off"), ("a wrong checksum", flipped(packed_one, len(packed_one) - 6), "damaged"), ("bytes behind it", packed_one + b"abc", "3 bytes after")):
        count += 1
        for k, v in idx.items():
            write("i%d/%s" % (count, k + (".gz" if k == name else "")), wrong if k == name else v)
        broken("gzip", "%s: %s" % (name, what), r"i%d/%s.gz.*(%s)" % (count, name, place), "i%d" % count)
whole = gzip.compress(table().encode())
for i, (what, content, place) in enumerate((("cut off", whole[:-5], "cut off after \\d+ bytes"), ("half", whole[:len(whole) // 2], "cut off|damaged"), ("a wrong checksum", flipped(whole, len(whole) - 6), "damaged near byte \\d+: i"),
                                            ("a damaged stream", flipped(whole, 14), "damaged|cut off"),
                                            ("a damaged second member", whole + flipped(whole, 12), "damaged near byte \\d+|cut off"),
                                            ("a second member that is cut off", whole + whole[:12], "cut off after \\d+ bytes"),
                                            ("bytes behind it", whole + b"abc", "other bytes follow the compressed data at byte %d" % len(whole)))):
    write("g/%d.csv.gz" % i, content)
    broken("gzip", "a table: %s" % what, r"g/%d.csv.gz.*(%s)" % (i, place), "g/%d.csv.gz" % i)


# Images: a folder per class, one file wrong.
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(w=4, h=4, kind=0, depth=8, data=None, end=True):
    data = b"".join(b"\0" + bytes((x * y * 9) % 256 for x in range(w)) for y in range(h)) if data is None else data
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(data)) + (chunk(b"IEND", b"") if end else b"")


pgm = b"P5 4 4 255\n" + bytes(16)
images = [("png", "empty", b""), ("png", "only the signature", png()[:8]), ("png", "a cut header", png()[:20]), ("png", "cut pixels", png()[:50]), ("png", "too few rows", png(data=b"\0\1\2\3\4")),
          ("png", "a wrong checksum of the header", flipped(png(), 30)), ("png", "a wrong checksum of the pixels", flipped(png(), 48)), ("png", "no width", png(w=0, data=b"")), ("png", "an unknown colour", png(kind=5)),
          ("png", "an impossible depth", png(depth=3)), ("png", "another size", png(5, 5)), ("png", "text", b"hello, world\n"), ("png", "huge", png(1 << 30, 1 << 30, data=b"\0")), ("png", "a JPEG", b"\xff\xd8\xff\xe0" + bytes(40)),
          ("pgm", "empty", b""), ("pgm", "a cut header", b"P5 4"), ("pgm", "a header of words", b"P5 four 4 255\n" + bytes(16)), ("pgm", "no height", b"P5 4 0 255\n"), ("pgm", "cut pixels", pgm[:-3]), ("pgm", "plain, cut", b"P2 4 4 255\n1 2 3 4 5"),
          ("pgm", "plain, with a word", b"P2 4 4 255\n1 2 3 x" + b" 5" * 12), ("pgm", "a maximum of 0", b"P5 4 4 0\n" + bytes(16)), ("pgm", "a maximum of 70000", b"P5 4 4 70000\n" + bytes(32)), ("pgm", "another size", b"P5 3 4 255\n" + bytes(12)),
          ("pgm", "colours", b"P6 4 4 255\n" + bytes(48)), ("pgm", "huge", b"P5 2000000000 2000000000 255\n" + bytes(9))]
for i, (kind, what, content) in enumerate(images):
    for k in range(6):
        write("p%d/%s/%d.%s" % (i, "ab"[k % 2], k, kind), content if k == 3 else png() if kind == "png" else pgm)
    broken(kind.upper(), what, r"p%d/b/3.%s" % (i, kind), "p%d" % i)

# Imported folders: floats, and bytes.
write("ok.csv", table())
write("whole.csv", table([["%d" % (i * c % 256) for c in range(1, 5)] + ["uv"[i % 2]] for i in range(ROWS)]))
count = 0
for source in "ok.csv", "whole.csv":
    folder = "f-" + source[:-4]
    run("data", "import", source, folder)
    with open(folder + "/data.json") as f:
        index = json.load(f)

    def damage(what, place, change, folder=folder):
        global count
        count += 1
        shutil.copytree(folder, "f%d" % count)
        change("f%d/" % count)
        broken("folder", what, r"f%d/?.*(%s)" % (count, place), "f%d" % count)

    def patch(name, change):
        def go(at):
            with open(at + name, "rb") as f:
                content = f.read()
            write(at + name, change(content))
        return go

    for name in "train-x.npy", "train-y.npy", "test-x.npy", "test-y.npy":
        damage("%s: cut off" % name, name, patch(name, lambda b: b[:-1]))
        damage("%s: too long" % name, name, patch(name, lambda b: b + b"\0"))
        damage("%s: empty" % name, name, patch(name, lambda b: b""))
        damage("%s: another header" % name, name + ".*header", patch(name, lambda b: flipped(b, 40)))
        damage("%s: missing" % name, name, lambda at, name=name: os.remove(at + name))
    damage("a label that is no class", "train-y.npy.*label 7", patch("train-y.npy", lambda b: b[:132] + struct.pack("=I", 7) + b[136:]))

    def edited(what, place, **values):
        global count
        count += 1
        shutil.copytree(folder, "f%d" % count)
        new = dict(index, **values)
        write("f%d/data.json" % count, json.dumps({k: v for k, v in new.items() if v is not None}))
        broken("data.json", what, r"f%d.*(%s)" % (count, place), "f%d" % count)

    encoding = json.loads(index["encoding"])

    def encoded(what, place, **values):
        new = dict(encoding, **values)
        edited(what, "data.json.*" + place, encoding=json.dumps({k: v for k, v in new.items() if v is not None}))

    for key in "format", "version", "checksum", "inputs", "outputs", "parts", "encoding", "warnings":
        edited("no %s" % key, "data.json", **{key: None})
    edited("a newer version", "version 99", version=99)
    edited("a version below 1", "data.json", version=0)
    edited("inputs that do not fit", "train-x.npy|data.json", inputs=5)
    edited("a checksum that is too short", "data.json.*checksum", checksum="12")
    edited("samples below 0", "data.json", parts=dict(index["parts"], train={"samples": -4}))
    edited("samples that do not fit", "train-x.npy", parts=dict(index["parts"], train={"samples": 25}))
    edited("an encoding that is no JSON", "data.json", encoding="{")
    encoded("an unknown scale", "scale", scale="log")
    encoded("an unknown target", "target", target="fun")
    encoded("too few offsets", "offset", offset=[1])
    encoded("a divisor of 0", "divisor", divisor=[1, 0, 1, 1])
    encoded("a column without a name", "column", columns=[{}] * 4)
    encoded("an image of another size", "image", image=[3, 3])
    count += 1
    shutil.copytree(folder, "f%d" % count)
    write("f%d/data.json" % count, json.dumps(index)[:-20])
    broken("data.json", "cut off", r"f%d/data.json: line \d+, column \d+ is not JSON" % count, "f%d" % count)

print("# " + ", ".join("%s %d" % x for x in sorted(by_reader.items())))
report(sum(by_reader.values()) >= 200, "%d malformed files" % sum(by_reader.values()))
done()
