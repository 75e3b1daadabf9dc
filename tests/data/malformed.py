"""Data sets with something wrong in each: one sentence on stderr, exit code 1, whatever it is."""
import gzip
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

TRAIN_I, TRAIN_L = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_I, TEST_L = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
top = tempfile.mkdtemp(prefix="ipdlam-malformed-")
environment = dict(os.environ, HOME=top, XDG_DATA_HOME=top + "/data", LC_ALL="C")
environment.pop("IPDLAM_DATA", None)
count = failures = 0


def images(n, h=3, w=4, magic=b"\0\0\x08\x03"):
    return magic + struct.pack(">III", n, h, w) + bytes(i * 7 % 256 for i in range(n * h * w))


def labels(n, classes=10, magic=b"\0\0\x08\x01"):
    return magic + struct.pack(">I", n) + bytes(i % classes for i in range(n))


def good():
    return {TRAIN_I: images(20), TRAIN_L: labels(20), TEST_I: images(10), TEST_L: labels(10)}


def report(passed, name, *why):
    global count, failures
    count += 1
    print("%sok %d - %s" % ("" if passed else "not ", count, name))
    if not passed:
        failures += 1
        for line in why:
            print("#", repr(line))
    sys.stdout.flush()


def info(what, **more):
    return subprocess.run([os.environ["IPDLAM"], "data", "info", what], capture_output=True,
                          text=True, errors="replace", env=dict(environment, **more))


def folder(files):
    path = tempfile.mkdtemp(dir=top)
    for name, content in files.items():
        with open(os.path.join(path, name), "wb") as f:
            f.write(content)
    return path


def one_sentence(p):
    lines = p.stderr.splitlines()
    return (p.returncode == 1 and p.stdout == "" and len(lines) == 1
            and lines[0].startswith("ipdlam data info: "))


def bad(name, files, *words):
    """`files` replaces or, where None, removes files of a good set; words must be in the answer."""
    content = good()
    for key, value in files.items():
        content[key] = value
    path = folder({k: v for k, v in content.items() if v is not None})
    p = info(path)
    report(one_sentence(p) and all(w in p.stderr for w in words), name, p.returncode, p.stdout,
           p.stderr)


def packed(content, name, **more):
    """Replaces `name` by its .gz."""
    return {name: None, name + ".gz": content, **more}


def headers():
    bad("an empty file", {TRAIN_I: b""}, TRAIN_I, "only 0 bytes")
    bad("three bytes", {TRAIN_I: b"\0\0\x08"}, TRAIN_I, "only 3 bytes")
    bad("a wrong magic number", {TRAIN_I: images(20, magic=b"\x89PNG")}, TRAIN_I, "89 50")
    bad("text", {TRAIN_L: b"5\n0\n4\n1\n"}, TRAIN_L, "not an IDX file")
    bad("elements of short", {TRAIN_I: images(20, magic=b"\0\0\x0b\x03")}, TRAIN_I, "its header says 480")
    bad("elements of float", {TEST_I: images(10, magic=b"\0\0\x0d\x03")}, TEST_I, "its header says 480")
    bad("an unknown element type", {TEST_L: labels(10, magic=b"\0\0\xff\x01")}, "0xff")
    bad("labels where images are expected", {TRAIN_I: labels(20)}, TRAIN_I, "1 dimension,")
    bad("images where labels are expected", {TRAIN_L: images(20)}, TRAIN_L, "3 dimensions")
    bad("no dimensions", {TRAIN_I: b"\0\0\x08\0"}, "0 dimensions")
    bad("255 dimensions", {TRAIN_I: images(20, magic=b"\0\0\x08\xff")}, "255 dimensions")
    bad("a cut header of images", {TRAIN_I: images(20)[:15]}, "within its header")
    bad("a cut header of labels", {TEST_L: labels(10)[:5]}, "within its header")


def sizes():
    bad("images cut off", {TRAIN_I: images(20)[:-1]}, "239 bytes", "240")
    bad("labels cut off", {TEST_L: labels(10)[:-3]}, TEST_L, "7 bytes")
    bad("a byte too many after the images", {TEST_I: images(10) + b"\0"}, "has data after")
    bad("a byte too many after the labels", {TRAIN_L: labels(20) + b"\0"}, "has data after")
    bad("no images", {TRAIN_I: images(0), TRAIN_L: labels(0)}, "has no labels")
    bad("no images but labels", {TEST_I: images(0)}, TEST_I, "has no images")
    bad("images without height", {TRAIN_I: images(20, h=0)}, "without pixels")
    bad("images without width", {TRAIN_I: images(20, w=0)}, "without pixels")
    most = b"\0\0\x08\x03" + b"\xff" * 12
    bad("sizes whose product overflows", {TRAIN_I: most + b"\0" * 99}, "overflows")
    huge = b"\0\0\x08\x03" + struct.pack(">III", 1 << 31, 28, 28)
    bad("two thousand million images in 100 bytes", {TRAIN_I: huge + b"\0" * 84}, "cut off")
    bad("more labels than images", {TRAIN_L: labels(21)}, "20 images", "21 labels", TRAIN_L)
    bad("fewer labels than images", {TEST_L: labels(9)}, "10 images", "9 labels", TEST_L)
    bad("test images of another size", {TEST_I: images(10, 4, 3)}, "3 x 4", "4 x 3")


def gzips():
    whole = gzip.compress(images(20))
    bad("half a gzip file", packed(whole[:len(whole) // 2], TRAIN_I), TRAIN_I + ".gz", "cut off")
    bad("a gzip file without its last byte", packed(whole[:-1], TRAIN_I), "cut off")
    bad("only a gzip header", packed(whole[:10], TRAIN_I), "cut off")
    bad("only the two magic bytes of gzip", packed(whole[:2], TRAIN_I), "cut off")
    crc = bytearray(whole)
    crc[-7] ^= 1
    bad("a wrong checksum in gzip", packed(bytes(crc), TRAIN_I), "damaged", "data check")
    length = bytearray(whole)
    length[-1] ^= 1
    bad("a wrong length in gzip", packed(bytes(length), TRAIN_I), "damaged", "length check")
    body = bytearray(whole)
    body[12] ^= 0xff
    bad("damaged compressed data", packed(bytes(body), TRAIN_I), TRAIN_I)
    method = bytearray(whole)
    method[2] = 7
    bad("an unknown compression in gzip", packed(bytes(method), TRAIN_I), "damaged")
    bad("a second gzip member that is cut off", packed(gzip.compress(images(20)[:99]) + gzip.compress(images(20)[99:])[:-9], TRAIN_I),
        "cut off")
    bad("bytes after the zeros", packed(whole + bytes(9) + b"more", TRAIN_I), "4 bytes after")
    bad("bytes after the gzip stream", packed(whole + b"more", TRAIN_I), "4 bytes after")
    bad("a gzip file of too few pixels", packed(gzip.compress(images(20)[:-5]), TRAIN_I),
        "235 bytes", "240")
    bad("a gzip file of too many pixels", packed(gzip.compress(images(20) + b"x"), TRAIN_I),
        "has data after")
    bad("a gzip file of nothing", packed(gzip.compress(b""), TRAIN_I), "only 0 bytes")
    bad("a name with .gz and other content", packed(b"<html>404</html>", TRAIN_I),
        "not compressed")
    claim = b"\0\0\x08\x03" + struct.pack(">III", 1 << 24, 28, 28)
    bad("a gzip file that claims 13 GB", packed(gzip.compress(claim + b"\0" * 99), TRAIN_I),
        "cannot hold")
    bad("a gzip file in a gzip file", packed(gzip.compress(whole), TRAIN_I), "1f 8b")


def values():
    path = folder(good())
    named = os.path.join(path, "mnist")
    os.mkdir(named)
    content = good()
    content[TEST_L] = content[TEST_L][:-1] + b"\x0a"
    for name, value in content.items():
        with open(os.path.join(named, name), "wb") as f:
            f.write(value)
    p = info("mnist", IPDLAM_DATA=path)
    report(one_sentence(p) and "label 10 is 10, but labels go from 0 to 9" in p.stderr,
           "a label of 10 in a named set", p.stderr)


def places():
    for name in (TRAIN_I, TRAIN_L, TEST_I, TEST_L):
        bad("without " + name, {name: None}, "neither " + name)
    path = folder(good())
    os.remove(os.path.join(path, TRAIN_I))
    os.mkdir(os.path.join(path, TRAIN_I))
    p = info(path)
    report(one_sentence(p) and "is a folder" in p.stderr, "a folder in place of a file", p.stderr)
    path = folder(good())
    os.remove(os.path.join(path, TEST_L))
    os.mkfifo(os.path.join(path, TEST_L))
    p = info(path)
    report(one_sentence(p) and "not a regular file" in p.stderr, "a pipe in place of a file",
           p.stderr)
    path = folder(good())
    os.remove(os.path.join(path, TEST_L))
    os.symlink("nowhere", os.path.join(path, TEST_L))
    p = info(path)
    report(one_sentence(p), "a link to nowhere", p.stderr)
    path = folder(good())
    os.chmod(os.path.join(path, TRAIN_L), 0)
    if os.access(os.path.join(path, TRAIN_L), os.R_OK):
        report(True, "an unreadable file # SKIP everything is readable for this user")
    else:
        p = info(path)
        report(one_sentence(p) and "Permission denied" in p.stderr, "an unreadable file", p.stderr)
    p = info(os.path.join(path, "nothing"))
    report(one_sentence(p) and "no such folder" in p.stderr, "no such folder", p.stderr)
    p = info(os.path.join(path, TEST_L))
    report(one_sentence(p) and "Name the folder" in p.stderr, "a file in place of the folder", p.stderr)
    path = os.path.join(top, *["a-long-name-of-a-folder" * 5] * 8)
    os.makedirs(path)
    p = info(path)
    report(one_sentence(p) and "neither" in p.stderr, "a very long path: the reason is not cut",
           p.stderr)


def fuzzed():
    """Random damage: either the set is read or one sentence says why not; never a crash."""
    r = random.Random(1)
    wrong = []
    for _ in range(60):
        content = good()
        name = r.choice(sorted(content))
        value = bytearray(content.pop(name))
        zipped = r.random() < 0.5
        if zipped:
            value = bytearray(gzip.compress(bytes(value), mtime=0))
        for _ in range(r.randrange(1, 4)):
            value[r.randrange(len(value))] = r.randrange(256)
        if r.random() < 0.3:
            del value[r.randrange(len(value)):]
        content[name + (".gz" if zipped else "")] = bytes(value)
        p = info(folder(content))
        if not (p.returncode == 0 and p.stderr == "") and not one_sentence(p):
            wrong.append((p.returncode, p.stderr))
    report(not wrong, "60 sets damaged at random: read, or one sentence", *wrong)


try:
    p = info(folder(good()))
    report(p.returncode == 0 and "20         10" in p.stdout, "the good set is read", p.stderr)
    p = info(folder({k + ".gz": gzip.compress(v) for k, v in good().items()}))
    report(p.returncode == 0, "and compressed", p.stderr)
    members = {k + ".gz": gzip.compress(b"") + gzip.compress(v[:3]) + gzip.compress(v[3:9]) + gzip.compress(v[9:])
               + gzip.compress(b"") + bytes(512) for k, v in good().items()}
    p = info(folder(members))
    report(p.returncode == 0 and "20         10" in p.stdout,
           "and compressed in several members, with zeros after the end", p.stderr)
    dotted = {k.replace("-idx", ".idx"): v for k, v in good().items()}
    p = info(folder(dotted))
    report(p.returncode == 0, "and with dots in the names", p.stderr)
    headers()
    sizes()
    gzips()
    values()
    places()
    fuzzed()
finally:
    shutil.rmtree(top, ignore_errors=True)
print("1..%d" % count)
sys.exit(1 if failures else 0)
