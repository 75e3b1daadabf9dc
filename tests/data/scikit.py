#!/usr/bin/env python3
"""The small data sets of scikit-learn: accuracy or R² of ipdlam beside that of scikit-learn on the same split.

Their files have headers of their own; convert() writes tables as people have them. scikit-learn's figures, of version 1.2.1, are
those of a linear model and of MLPClassifier or MLPRegressor; where the module is there, they are computed anew."""
import csv, glob, gzip, os, re, subprocess, sys, tempfile

IPDLAM = os.environ["IPDLAM"]
count = 0


def lines(path):
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path, newline="")) as f:
        return [re.split("[, ]+", line.strip()) for line in f if line.strip()]


def convert(folder, to):
    """Writes iris.csv ... digits.csv to the folder `to`."""
    def write(name, header, rows):
        with open(os.path.join(to, name + ".csv"), "w", newline="") as f:
            csv.writer(f).writerows([header] + rows)
    for name, file in (("iris", "iris.csv"), ("wine", "wine_data.csv"), ("breast_cancer", "breast_cancer.csv")):
        head, *rows = lines(os.path.join(folder, file))
        classes, d = head[2:], len(rows[0]) - 1
        write(name, ["x%d" % (i + 1) for i in range(d)] + ["kind"], [r[:-1] + [classes[int(r[-1])]] for r in rows])
    rows = lines(os.path.join(folder, "diabetes_data_raw.csv.gz"))
    target = lines(os.path.join(folder, "diabetes_target.csv.gz"))
    write("diabetes", "age sex bmi bp s1 s2 s3 s4 s5 s6 progression".split(), [r + t for r, t in zip(rows, target)])
    rows = lines(os.path.join(folder, "digits.csv.gz"))
    write("digits", ["p%d" % i for i in range(64)] + ["digit"], [["%d" % float(x) for x in r] for r in rows])


# What a user would type, and scikit-learn's figures.
SETS = {"iris": (("--layers", "30", "--iterations", "100", "--preset", "fast"), (.9667, 1)),
        "wine": (("--layers", "none", "--iterations", "30", "--preset", "ipdlam"), (1, .9722)),
        "breast_cancer": (("--layers", "30", "--iterations", "40", "--preset", "fast"), (.9649, .9649)),
        "diabetes": (("--layers", "none", "--iterations", "50", "--preset", "ipdlam"), (.5020, .4243)),
        "digits": (("--layers", "100", "--iterations", "40", "--preset", "fast"), (.9638, .9749))}


def reference(name):
    """scikit-learn's best score on the samples that the network gets."""
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    import numpy, warnings
    warnings.simplefilter("ignore")
    script = "local d = assert(ip.dataset('%s.csv'))\nfor _, p in ipairs { 'train', 'test' } do\nlocal X, y = d:samples(p)\n" \
        "assert(ip.save_tensors(p .. '.npz', { x = X, y = y })) end\n" % name
    with open("export.lua", "w") as f:
        f.write("local ip = require 'ipdlam'\n" + script)
    subprocess.run([IPDLAM, "run", "export.lua"], check=True)
    X, y, X2, y2 = (numpy.load(f + ".npz")[x] for f in ("train", "test") for x in "xy")
    X, y, X2, y2 = X.T, y.ravel(), X2.T, y2.ravel()
    models = [LinearRegression(), MLPRegressor((30,), max_iter=2000, random_state=1)] if name == "diabetes" else \
        [LogisticRegression(max_iter=2000), MLPClassifier((100,), max_iter=1000, random_state=1)]
    return [m.fit(X, y).score(X2, y2) for m in models]


def main():
    global count
    folders = [os.environ.get("SKLEARN_DATA", "")] + glob.glob("/usr/lib/python3/dist-packages/sklearn/datasets/data")
    folder = next((f for f in folders if f and os.path.exists(os.path.join(f, "iris.csv"))), None)
    if not folder:
        print("1..0 # SKIP the data of python3-sklearn are not there")
        return
    with tempfile.TemporaryDirectory(prefix="ipdlam-sklearn-") as top:
        os.chdir(top)
        convert(folder, top)
        for name, (options, known) in SETS.items():
            t = subprocess.run([IPDLAM, "train", "--data", name + ".csv", *options, "--no-history", "--no-chart", "--save", "w.npz"],
                               capture_output=True, text=True, env=dict(os.environ, HOME=top))
            p = subprocess.run([IPDLAM, "eval", "w.npz", "--data", name + ".csv"], capture_output=True, text=True)
            found = re.search(r"accuracy ([\d.]+) %|R² (-?[\d.]+)", p.stdout)
            score = float(found[1]) / 100 if found and found[1] else float(found[2]) if found else -9
            try:
                best = reference(name)
            except ImportError:
                best = known
            count += 1
            good = t.returncode == 0 and score >= max(best) - .03
            print("%sok %d - %s: %.4f, scikit-learn %s" % ("" if good else "not ", count, name, score,
                                                          ", ".join("%.4f" % x for x in best)))
            if not good:
                print("# " + (t.stderr + p.stderr).replace("\n", "\n# "))
    print("1..%d" % count)


main()
