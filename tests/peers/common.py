"""What the scripts share: their options, data, and the median of some iterations."""
import argparse, gzip, json, os, time
import numpy as np


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--samples", type=int, default=60000)
    p.add_argument("--layers", default="1500,1500")
    p.add_argument("--batch", type=int, default=512)
    p.add_argument("--repeat", type=int, default=3)
    p.add_argument("--data", help="folder with MNIST's IDX files; else random images")
    o = p.parse_args()
    o.widths = [784] + [int(d) for d in o.layers.split(",")] + [10]
    return o


def read_idx(folder, name):
    for path, opener in ((name, open), (name + ".gz", gzip.open)):
        path = os.path.join(folder, path)
        if os.path.exists(path):
            with opener(path, "rb") as f:
                raw = f.read()
            return np.frombuffer(raw, np.uint8, offset=16 if raw[3] == 3 else 8)
    raise SystemExit("%s: no %s there" % (folder, name))


def samples(o):
    """X (784 x N), Y (10 x N), labels; then the same of the test samples."""
    test = (o.samples + 5) // 6
    if o.data:
        parts = []
        for kind, count in (("train", o.samples), ("t10k", test)):
            x = read_idx(o.data, kind + "-images-idx3-ubyte").reshape(-1, 784)[:count]
            parts.append((x, read_idx(o.data, kind + "-labels-idx1-ubyte")[:count]))
    else:
        r = np.random.default_rng(1)
        parts = []
        for count in (o.samples, test):
            x = r.integers(0, 256, (count, 784), dtype=np.uint8) * (r.random((count, 784)) < 0.2)
            parts.append((x.astype(np.uint8), r.integers(0, 10, count)))
    out = []
    for x, labels in parts:
        out += [np.asfortranarray(x.T.astype(np.float32) / 255), np.eye(10, dtype=np.float32)[labels].T.copy(order="F"), labels]
    return out


def weights(o):
    r = np.random.default_rng(1)
    d = o.widths
    W = [None] + [np.asfortranarray(r.normal(0, 0.01, (d[l], d[l - 1])).astype(np.float32)) for l in range(1, len(d))]
    b = [None] + [np.full((d[l], 1), 0.1, np.float32) for l in range(1, len(d))]
    return W, b


def report(o, name, iterate, warm_up=1):
    """Times iterate() and prints one JSON object."""
    times = []
    for i in range(warm_up + o.repeat):
        start = time.perf_counter()
        accuracy = iterate()
        times.append(time.perf_counter() - start)
    print(json.dumps({"name": name, "seconds": float(np.median(times[warm_up:])), "accuracy": accuracy}))
