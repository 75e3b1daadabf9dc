#!/usr/bin/env python3
"""Weights as .npz: entries that are no arrays are passed over, and a hostile archive is one sentence."""
import io
import os
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile

tmp = tempfile.TemporaryDirectory(prefix="ipdlam-npz-")
env = dict(os.environ, HOME=tmp.name, XDG_DATA_HOME=tmp.name)
os.chdir(tmp.name)
warnings.simplefilter("ignore")
count = failed = 0


def array(values=b"", descr="<f4", shape="(10, 784)"):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + values


W1, b1 = array(bytes(4 * 7840)), array(bytes(40), shape="(10,)")


def archive(entries=(), how=zipfile.ZIP_STORED, whole=(("W1.npy", W1), ("b1.npy", b1))):
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", how) as z:
        for name, content in (*entries, *whole):
            z.writestr(name, content)
    return bytearray(to.getvalue())


def patch(bytes_, signature, offset, value, which=0):
    """Changes a field of the local header or of the directory's entry number `which`."""
    at = -1
    for _ in range(which + 1):
        at = bytes_.index(signature, at + 1)
    bytes_[at + offset:at + offset + len(value)] = value
    return bytes_


def check(name, content, sentence=None):
    global count, failed
    with open("w.npz", "wb") as f:
        f.write(content)
    run = subprocess.run([os.environ["IPDLAM"], "eval", "w.npz", "--train", "20", "--test", "10"], env=env, text=True,
                         capture_output=True, timeout=60)
    passed = run.returncode == 0 if sentence is None else (
        run.returncode == 1 and run.stderr.startswith("ipdlam eval: w.npz: ") and sentence in run.stderr and
        run.stderr.count("\n") == 1)
    count, failed = count + 1, failed + (not passed)
    print("%sok %d - %s" % ("" if passed else "not ", count, name))
    if not passed:
        print("# exit %d: %s" % (run.returncode, run.stderr.strip()))


LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"
check("stored", archive())
check("deflated", archive(how=zipfile.ZIP_DEFLATED))
check("a README and folders are passed over", archive([("README", b"hello"), ("folder/", b""), ("folder/notes.txt", b"x")]))
check("a comment at the end", archive()[:-2] + b"\5\0hello")
check("names of activation and loss", archive([("activation.npy", array("relu".encode("utf-32-le"), "<U4", "()")),
                                              ("loss.npy", array("hinge".encode("utf-32-le"), "<U5", "()"))]))
check("text of bytes", archive([("activation.npy", array(b"relu", "|S4", "()"))]), "activation is of type |S4. Store it as")
check("text of the other order", archive([("loss.npy", array(bytes(20), ">U5", "()"))]), "loss is of type >U5. Store it as")

to = io.BytesIO()
with zipfile.ZipFile(to, "w") as z:
    for name, content in (("W1.npy", W1), ("b1.npy", b1)):
        with z.open(name, "w", force_zip64=True) as f:
            f.write(content)
check("fields of 64 bits", to.getvalue())

check("a name twice", archive([("W1.npy", W1)]), "holds W1 twice")
check("encrypted", patch(patch(archive(), LOCAL, 6, b"\1\0"), CENTRAL, 8, b"\1\0"), "W1 is encrypted")
check("another compression", archive(how=zipfile.ZIP_BZIP2), "compressed by an unsupported method")
damaged = archive()
damaged[400] ^= 1
check("another checksum", damaged, "W1 is damaged: CRC error")
check("another checksum, of what is deflated", patch(archive(how=zipfile.ZIP_DEFLATED), CENTRAL, 16, b"abcd"), "W1 is damaged")
check("a bomb by its directory", patch(archive(how=zipfile.ZIP_DEFLATED), CENTRAL, 24, struct.pack("<I", 4 * 10**9)),
      "unpacks to more bytes than possible")
one = archive(whole=[("W1.npy", array(bytes(10**6), shape="(1000, 250)"))], how=zipfile.ZIP_DEFLATED)
begin, end = one.index(CENTRAL), one.index(b"PK\5\6")
directory = b"".join(bytes(one[begin:end]).replace(b"W1", b"W%d" % i) for i in range(1, 10))
check("a bomb of entries that share their bytes", one[:begin] + directory + b"PK\5\6" + bytes(4) +
      struct.pack("<HHIIH", 9, 9, len(directory), begin, 0), "unpacks to more bytes than possible")
check("a bomb by its shape", archive(whole=[("W1.npy", array(bytes(64), shape="(16384, 16384)"))]), "but the file has 64")
check("a shape out of range", archive(whole=[("W1.npy", array(shape="(99999999999, 99999999999)"))]), "out of range")
check("no dictionary", archive(whole=[("W1.npy", b"\x93NUMPY\1\0\2\0[]")]), "the header of W1 is damaged")
check("a long header", archive(whole=[("W1.npy", b"\x93NUMPY\2\0\0\0\0\1")]), "has 16777216 bytes. At most 10000")
check("an entry that is no array", archive(whole=[("W1.npy", b"hello, this is text")]), "W1 is not an array of NumPy")
check("an empty entry", archive(whole=[("W1.npy", b"")]), "W1 is damaged: it ends too soon")
check("many arrays", archive([("x%d.npy" % i, b1) for i in range(5000)]), "holds more than 4096 tensors")
check("cut short", archive()[:-30], "the zip file is damaged")
check("a local header elsewhere", patch(archive(), CENTRAL, 42, struct.pack("<I", 77)), "W1 is ")
check("no entry", archive(whole=()), "holds no tensor W1")
print("1..%d" % count)
sys.exit(failed > 0)
