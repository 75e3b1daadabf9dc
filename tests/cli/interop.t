#!/usr/bin/env python3
"""Weights to and from PyTorch and NumPy; records to pandas' taste. Skips what is not there."""
import csv, json, os, sqlite3, struct, subprocess, sys, tempfile

count, failed = 0, False


def ok(passed, name, *more):
    global count, failed
    count, failed = count + 1, failed or not passed
    print("%sok %d - %s" % ("" if passed else "not ", count, name))
    for line in more if not passed else ():
        print("# %s" % (line,))


def finish():
    print("1..%d" % count)
    sys.exit(failed)


def skip_all(why):
    # The interpreter that builds the tests may not be the system's own, which has the packages.
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    print("1..0 # SKIP %s" % why)
    sys.exit(0)


try:
    import numpy as np
except ImportError:
    skip_all("no python3-numpy")
try:
    import torch
except ImportError:
    torch = None

folder = tempfile.TemporaryDirectory(prefix="ipdlam-test.")
tmp = folder.name
environment = dict(os.environ, HOME=tmp, XDG_DATA_HOME=tmp + "/data", XDG_STATE_HOME=tmp + "/state")


def ipdlam(*arguments):
    return subprocess.run([os.environ["IPDLAM"], *arguments], cwd=tmp, env=environment, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL)


def write_safetensors(path, tensors, metadata=None):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, value in tensors.items():
        dtype = {"float32": "F32", "float64": "F64"}[str(value.dtype)]
        header[name] = {"dtype": dtype, "shape": list(value.shape),
                        "data_offsets": [len(data), len(data) + value.nbytes]}
        data += value.tobytes()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    raw = open(path, "rb").read()
    length, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    return {name: np.frombuffer(raw[8 + length:][slice(*t["data_offsets"])], "<f4").reshape(t["shape"])
            for name, t in header.items() if name != "__metadata__"}


def write_idx(path, array):
    with open(path, "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(">%dI" % array.ndim, *array.shape))
        file.write(array.astype(np.uint8).tobytes())


# A data set of our own, so that both sides see the same samples: blobs in 6 x 5 pixels.
rng = np.random.default_rng(1)
centres = rng.integers(0, 256, (4, 6, 5))
os.mkdir(tmp + "/blobs")
sets = {}
for part, N in ("train", 400), ("t10k", 300):
    labels = rng.integers(0, 4, N)
    images = np.clip(centres[labels] + rng.normal(0, 90, (N, 6, 5)), 0, 255).astype(np.uint8)
    write_idx(tmp + "/blobs/%s-images-idx3-ubyte" % part, images)
    write_idx(tmp + "/blobs/%s-labels-idx1-ubyte" % part, labels)
    sets[part] = images.reshape(N, -1).astype(np.float32) / 255, labels
X, labels = sets["t10k"]

run = ipdlam("train", "--data", tmp + "/blobs", "--layers", "12,9", "--iterations", "6", "--save", "w.safetensors",
             "--csv", "w.csv", "--quiet", "--batch", "50")
ok(run.returncode == 0, "training", run.stderr)
record = list(csv.DictReader(open(tmp + "/w.csv")))[-1]
accuracy = float(record["test_accuracy"])
ok(0.5 < accuracy < 1, "it learns something", accuracy)
w = read_safetensors(tmp + "/w.safetensors")
ok([w["W%d" % l].shape for l in (1, 2, 3)] == [(12, 30), (9, 12), (4, 9)], "W_l is d_l x d_{l-1}")

h = X
for l in 1, 2, 3:
    h = h @ w["W%d" % l].T + w["b%d" % l]
    h = np.maximum(h, 0) if l < 3 else h
ok(abs((h.argmax(1) == labels).mean() - accuracy) < 1e-9, "NumPy computes the same test accuracy")

if torch is None:
    count += 1
    print("ok %d # SKIP no python3-torch" % count)
else:
    layers = []
    for l in 1, 2, 3:
        W = torch.from_numpy(w["W%d" % l].copy())
        layer = torch.nn.Linear(W.shape[1], W.shape[0])
        layer.load_state_dict({"weight": W, "bias": torch.from_numpy(w["b%d" % l].copy())})
        layers += [layer, torch.nn.ReLU()]
    with torch.no_grad():
        out = torch.nn.Sequential(*layers[:-1])(torch.from_numpy(X))
    ok(abs((out.argmax(1).numpy() == labels).mean() - accuracy) < 1e-9, "so does torch.nn.Linear")

# The same as .npz: np.load needs nothing else, and PyTorch takes its arrays.
run = ipdlam("train", "--data", tmp + "/blobs", "--layers", "12,9", "--iterations", "6", "--save", "w.npz", "--quiet",
             "--batch", "50", "--no-history")
z = np.load(tmp + "/w.npz") if run.returncode == 0 else {}
ok(run.returncode == 0 and sorted(z) == ["W1", "W2", "W3", "activation", "b1", "b2", "b3", "encoding", "image", "loss"], "an .npz", run.stderr,
   sorted(z))
ok(all(z[k].dtype == "<f4" and np.array_equal(z[k], w[k]) for k in w) and str(z["activation"]) == "relu"
   and str(z["loss"]) == "squared", "has the same arrays, and names")
if torch is None:
    count += 1
    print("ok %d # SKIP no python3-torch" % count)
else:
    ok(all(torch.equal(torch.from_numpy(z[k]), torch.from_numpy(w[k].copy())) for k in w), "torch takes them")

# Weights written by NumPy start a run, in F32 and in F64, and nothing is lost on the way.
start = {"W1": rng.normal(0, .3, (7, 30)), "b1": rng.normal(0, .1, 7), "W2": rng.normal(0, .3, (4, 7)),
         "b2": rng.normal(0, .1, 4)}
write_safetensors(tmp + "/f64.st", start)
write_safetensors(tmp + "/f32.st", {k: v.astype(np.float32) for k, v in start.items()}, {"activation": "relu"})
np.savez(tmp + "/f64.npz", **start)
np.savez_compressed(tmp + "/packed.npz", activation=np.array("relu"), **{k: v.astype(np.float32) for k, v in start.items()})
np.savez(tmp + "/fortran.npz", **{k: np.asfortranarray(v) for k, v in start.items()})
runs = [ipdlam("train", "--data", tmp + "/blobs", "--init", f, "--iterations", "2", "--jsonl", "--no-history")
        for f in ("f64.st", "f32.st", "f64.npz", "packed.npz", "fortran.npz")]
ok(all(r.returncode == 0 for r in runs), "runs start from NumPy's weights", *(r.stderr for r in runs))
untimed = [[{k: v for k, v in json.loads(line).items() if not k.startswith("seconds")}
            for line in r.stdout.splitlines()] for r in runs]
ok(len(untimed[0]) == 2 and all(u == untimed[0] for u in untimed), "all kinds and types of files give the same")

# With inertia 0 and an infinite proximal weight nothing moves: the saved weights equal the loaded ones.
still = ipdlam("train", "--data", tmp + "/blobs", "--init", "f32.st", "--iterations", "1", "--delta", "1e12",
               "--inertia", "0", "--save", "still.st", "--quiet", "--no-history")
back = read_safetensors(tmp + "/still.st") if still.returncode == 0 else {}
ok(still.returncode == 0 and all(np.abs(back[k] - start[k]).max() < 1e-4 for k in start),
   "every weight in its place", still.stderr)

for name, arrays, sentence in (
        ("an .npz of objects, which only Python could run", {"W1": np.array([{}], dtype=object)}, "is of type |O"),
        ("an .npz with whole numbers", {"W1": np.ones((4, 30), int), "b1": np.ones(4)}, "is not of type F32 or F64"),
        ("an .npz with other names", {"kernel": np.ones((4, 30))}, "Name tensors W1, b1")):
    np.savez(tmp + "/bad.npz", **arrays)
    run = ipdlam("train", "--data", tmp + "/blobs", "--init", "bad.npz")
    ok(run.returncode in (1, 2) and sentence in run.stderr and run.stderr.count("\n") == 1, name, run.stderr)
whole = open(tmp + "/packed.npz", "rb").read()
refused = 0
for at in range(0, len(whole), max(1, len(whole) // 60)):
    with open(tmp + "/bad.npz", "wb") as file:
        file.write(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1:])
    run = ipdlam("train", "--data", tmp + "/blobs", "--init", "bad.npz", "--iterations", "1", "--no-history", "--quiet")
    refused += run.returncode == 1 and "bad.npz: " in run.stderr and run.stderr.count("\n") == 1
    same = run.returncode == 0
    if not (same or run.returncode == 1):
        ok(False, "a flipped bit at %d" % at, run.stderr)
ok(refused > 45, "a flipped bit is a sentence", refused)

for name, tensors, sentence in (
        ("inputs that are not the data's", {"W1": np.ones((4, 29)), "b1": np.ones(4)}, "has 30 and 4"),
        ("outputs that are not its classes", {"W1": np.ones((5, 30)), "b1": np.ones(5)}, "has 30 and 4"),
        ("an infinite weight", {"W1": np.full((4, 30), np.inf), "b1": np.ones(4)}, "not finite"),
        ("names of PyTorch", {"0.weight": np.ones((4, 30)), "0.bias": np.ones(4)}, "Name tensors W1, b1")):
    write_safetensors(tmp + "/bad.st", tensors)
    run = ipdlam("train", "--data", tmp + "/blobs", "--init", "bad.st")
    ok(run.returncode in (1, 2) and sentence in run.stderr and run.stderr.count("\n") == 1, name, run.stderr)

# The history, read without the program.
db = sqlite3.connect("file:%s/data/ipdlam/runs.db?mode=ro" % tmp, uri=True)
row = db.execute("SELECT status, json_extract(settings, '$.batch'), dataset, widths FROM runs").fetchone()
ok(row[0] == "finished" and row[1] == 50 and row[3] == "[30, 12, 9, 4]", "SQL: the run", row)
row = db.execute("SELECT test_accuracy, json_extract(change_by_block, '$.W2'), \"order\" FROM records "
                 "ORDER BY iteration DESC").fetchone()
ok(row == (accuracy, float(record["change_W2"]), "nested_reverse"), "SQL: the records", row)
finish()
