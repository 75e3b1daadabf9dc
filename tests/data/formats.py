#!/usr/bin/env python3
"""One set of images in all formats: the same checksum, and training to the same bits."""
import gzip, hashlib, os, re, struct, zlib, zipfile
from helper import checksum, done, report, run


def npy(values, descr, shape):
    code = {"|u1": "B", "<f4": "f", "<i8": "q"}[descr]
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (descr, "".join("%d, " % n for n in shape))
    return (b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() +
            struct.pack("<%d%s" % (len(values), code), *values))


def png(pixels, width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + bytes(pixels[y * width:(y + 1) * width]) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def read_idx(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        data = f.read()
    dims = data[3]
    shape = struct.unpack(">%dI" % dims, data[4:4 + 4 * dims])
    return shape, data[4 + 4 * dims:]


def find(folder, name):
    for path in (os.path.join(folder, name), os.path.join(folder, name + ".gz")):
        if os.path.exists(path):
            return path


def source(train, test):
    """MNIST where it is, else made-up pictures: images and labels of both parts."""
    folder = os.path.join(os.environ.get("IPDLAM_DATA", "/nowhere"), "mnist")
    if find(folder, "train-images-idx3-ubyte"):
        parts = []
        for kind, n in (("train", train), ("t10k", test)):
            (_, h, w), pixels = read_idx(find(folder, kind + "-images-idx3-ubyte"))
            _, labels = read_idx(find(folder, kind + "-labels-idx1-ubyte"))
            parts.append((pixels[:n * h * w], labels[:n]))
        return parts, w, h
    w, h, parts = 6, 5, []
    for first, n in ((0, train), (train, test)):
        labels = bytes((first + i) * 7 % 10 for i in range(n))
        parts.append((b"".join(hashlib.sha256(b"%d" % (first + i)).digest()[:w * h - 10] + bytes([l * 25]) * 10
                               for i, l in enumerate(labels)), labels))
    return parts, w, h


def write(path, data, mode="wb"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode) as f:
        f.write(data)


def idx(folder, parts, w, h, kind):
    for name, (pixels, labels) in zip(("train", "t10k"), parts):
        n = len(labels)
        code, values = {8: ("B", pixels), 13: ("f", pixels), 14: ("d", [p / 255 for p in pixels]),
                        11: ("h", pixels)}[kind]
        write("%s/%s-images-idx3-ubyte" % (folder, name), bytes([0, 0, kind, 3]) + struct.pack(">III", n, h, w) +
              struct.pack(">%d%s" % (len(values), code), *values))
        wide = kind != 8 # labels of four bytes
        write("%s/%s-labels-idx1-ubyte" % (folder, name), bytes([0, 0, 12 if wide else 8, 1]) + struct.pack(">I", n) +
              (struct.pack(">%dI" % n, *labels) if wide else labels))


def csv(path, parts, w, h, gz=False):
    lines = ["label,split," + ",".join("p%d" % i for i in range(w * h))]
    for name, (pixels, labels) in zip(("train", "test"), parts):
        for n, label in enumerate(labels):
            lines.append("%d,%s,%s" % (label, name, ",".join(map(str, pixels[n * w * h:(n + 1) * w * h]))))
    text = ("\n".join(lines) + "\n").encode()
    write(path, gzip.compress(text) if gz else text)


def main():
    whole = os.environ.get("IPDLAM_WHOLE") # all of MNIST, which takes minutes
    train, test, epochs = (60000, 10000, "1") if whole else (600, 200, "3")
    parts, w, h = source(train, test)
    for kind, name in ((8, "bytes"), (13, "floats"), (14, "fractions"), (11, "shorts")):
        idx(name, parts, w, h, kind)
    for name, method in (("set.npz", zipfile.ZIP_STORED), ("packed.npz", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(name, "w", method) as z:
            for part, (pixels, labels) in zip(("train", "test"), parts):
                z.writestr("x_%s.npy" % part, npy(pixels, "|u1", (len(labels), h, w)))
                z.writestr("y_%s.npy" % part, npy(labels, "<i8" if method else "|u1", (len(labels),)))
    for part, (pixels, labels) in zip(("train", "test"), parts):
        for n, label in enumerate(labels):
            write("png/%s/%d/%05d.png" % (part, label, n), png(pixels[n * w * h:(n + 1) * w * h], w, h))
    csv("./set.csv", parts, w, h)
    csv("./set.csv.gz", parts, w, h, True)
    table = ("--split-column", "split", "--scale", "pixel")
    sets = [("bytes",), ("./floats",), ("./fractions",), ("./shorts",), ("set.npz",), ("packed.npz",),
            ("png",), ("set.csv", *table), ("set.csv.gz", *table)]
    first = None
    for name, *options in sets:
        p = run("data", "info", name, *options)
        if name == "png" and "without libpng" in p.stderr:
            continue
        t = run("train", "--data", name, *options, "--layers", "30,20", "--iterations", epochs, "--batch", "128",
                "--no-history", "--quiet", "--save", "w.npz")
        with zipfile.ZipFile("w.npz") if os.path.exists("w.npz") else zipfile.ZipFile(os.devnull) as z:
            weights = [z.read("%s%d.npy" % (x, l)) for x in "Wb" for l in (1, 2, 3)]
        now = (checksum(name, *options), hashlib.sha256(b"".join(weights)).hexdigest())
        os.remove("w.npz")
        first = first or now
        report(p.returncode == 0 and t.returncode == 0 and now == first,
               "%s: the same checksum and bits as byte IDX" % name, p.stderr, t.stderr, now, first)
    p = run("train", "--data", "set.npz", "--layers", "20", "--iterations", "2", "--no-history", "--quiet",
            "--save", "w.npz")
    answers = {run("eval", "w.npz", "--data", name, *options).stdout.split(",")[1].split(":")[1]
               for name, *options in sets if name != "png"}
    report(len(answers) == 1, "weights of one format evaluate all others", answers)
    done()


main()
