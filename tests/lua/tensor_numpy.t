#!/usr/bin/env python3
"""Random expressions of tensors, computed by Lua and by NumPy in double.

Elements may differ by 1e-5 of the largest number that occurs in the expression. IPDLAM_TEST_LONG=1: 10000
expressions; SEED=N: others.
"""
import os, random, subprocess, sys, tempfile

try:
    import numpy as np
except ImportError:
    print("1..0 # SKIP no NumPy for " + sys.executable)
    sys.exit(0)

ipdlam = os.environ["IPDLAM"]
count = 10000 if os.environ.get("IPDLAM_TEST_LONG") else 600
rng = random.Random(int(os.environ.get("SEED", "1")))
BATCH, OPERATIONS = 500, 80
used = {}
largest = 1.0  # of the expression at hand


def seen(x):
    global largest
    x = np.asarray(x, dtype=np.float64)
    if x.size:
        largest = max(largest, float(np.max(np.abs(x))))
    return x


class Leaf:
    """An expression as text of Lua, with NumPy's value."""

    def __init__(self, text, value):
        self.text, self.value = text, seen(value)
        self.shape = self.value.shape


leaves = {}


def leaf(rows, cols, low=-2.0, high=2.0):
    name = "v%d" % len(leaves)
    value = np.random.default_rng(rng.randrange(1 << 30)).uniform(low, high, (rows, cols)).astype(np.float32)
    leaves[name] = value
    return Leaf("L." + name, value)


def expand(what):
    used[what] = used.get(what, 0) + 1
    return what


def side():
    return rng.choice([1, 1, 2, 3, 4, 5, 7, 8, 17])


binary = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "minimum": np.minimum, "maximum": np.maximum}
signs = {"add": "+", "sub": "-"}
compare = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal}
unary = {"abs": np.abs, "tanh": np.tanh}
over = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min}


def by_element(depth, r, c):
    op = rng.choice(list(binary))
    x, y = tree(depth - 1, r, c), tree(depth - 1, r, c)
    value = binary[op](x.value, y.value)
    if op in signs and rng.random() < 0.3:
        expand(signs[op])
        return Leaf("(%s %s %s)" % (x.text, signs[op], y.text), value)
    expand(op)
    if op in ("add", "sub", "mul") and rng.random() < 0.3:
        return Leaf("%s:copy():%s_(%s)" % (x.text, expand(op + "_")[:-1], y.text), value)
    return Leaf("%s:%s(%s)" % (x.text, op, y.text), value)


def with_number(depth, r, c):
    x, k = tree(depth - 1, r, c), round(rng.uniform(0.5, 3), 3)
    form = rng.choice(["%s + %r", "%s - %r", "%s * %r", "%s / %r", "%r + %s", "%r - %s", "%r * %s", "-%s", "%s:add(%r)", "%s:div(%r)"])
    expand("number " + form)
    k32 = float(np.float32(k))
    if form == "-%s":
        return Leaf("(-%s)" % x.text, -x.value)
    order = (k, x.text) if form.startswith("%r") else (x.text, k)
    value = eval(form.replace("%s", "a").replace("%r", "b").replace(":add(b)", " + b").replace(":div(b)", " / b"),
                 {"a": x.value, "b": k32})
    return Leaf("(%s)" % (form % order), value)


def repeated(depth, r, c):
    op = rng.choice(["add", "sub", "mul", "div"])
    how = rng.choice(["row", "col"])
    x = tree(depth - 1, r, c)
    y = leaf(1, c, 0.5, 2) if how == "row" else leaf(r, 1, 0.5, 2)
    value = {**binary, "div": np.divide}[op](x.value, y.value)
    if rng.random() < 0.3:
        return Leaf("%s:copy():%s(%s)" % (x.text, expand("%s_%s_" % (op, how)), y.text), value)
    return Leaf("%s:%s(%s)" % (x.text, expand("%s_%s" % (op, how)), y.text), value)


def quotient(depth, r, c):
    x, y = tree(depth - 1, r, c), leaf(r, c, 0.5, 2)
    if rng.random() < 0.5:
        return Leaf("(%s / %s)" % (x.text, y.text), x.value / y.value) if expand("/") else None
    return Leaf("%s:copy():div_(%s)" % (x.text, y.text), x.value / y.value) if expand("div_") else None


def function(depth, r, c):
    op = rng.choice(list(unary) + ["sign", "exp", "log", "sqrt", "clip", "^", "pow"])
    expand(op)
    if op in unary:
        x = tree(depth - 1, r, c)
        return Leaf("%s:%s()" % (x.text, op), unary[op](x.value))
    if op == "clip":
        x = tree(depth - 1, r, c)
        return Leaf("%s:clip(-0.75, 1.25)" % x.text, np.clip(x.value, -0.75, 1.25))
    x = leaf(r, c, -2 if op in ("sign", "exp") else 0.2, 2)
    if op in ("^", "pow"):
        return Leaf("(%s ^ 1.5)" % x.text if op == "^" else "%s:pow(1.5)" % x.text, x.value ** 1.5)
    return Leaf("%s:%s()" % (x.text, op), getattr(np, op)(x.value))


def choice(depth, r, c):
    a, b = leaf(r, c), leaf(r, c)
    op = rng.choice(list(compare))
    mask = Leaf("%s:%s(%s)" % (a.text, expand(op), b.text), compare[op](a.value, b.value))
    if rng.random() < 0.3:
        return mask
    x, y = tree(depth - 1, r, c), tree(depth - 1, r, c)
    expand("where")
    return Leaf("ip.where(%s, %s, %s)" % (mask.text, x.text, y.text), np.where(mask.value, x.value, y.value))


def product(depth, r, c):
    k = side()
    x, y = tree(depth - 1, r, k), tree(depth - 1, k, c)
    seen(np.abs(x.value) @ np.abs(y.value))
    expand("product")
    return Leaf("(%s * %s)" % (x.text, y.text), x.value @ y.value)


def transposed(depth, r, c):
    x = tree(depth - 1, c, r)
    expand("t")
    return Leaf("%s:t()" % x.text, x.value.T)


def stacked(depth, r, c):
    if rng.random() < 0.5 and c > 1:
        x, y = tree(depth - 1, r, 1), tree(depth - 1, r, c - 1)
        return Leaf("ip.%s{ %s, %s }" % (expand("hstack"), x.text, y.text), np.hstack([x.value, y.value]))
    if r > 1:
        x, y = tree(depth - 1, r - 1, c), tree(depth - 1, 1, c)
        return Leaf("ip.%s{ %s, %s }" % (expand("vstack"), x.text, y.text), np.vstack([x.value, y.value]))
    return tree(depth - 1, r, c)


def sliced(depth, r, c):
    x = tree(depth - 1, r + 2, c + 1)
    if rng.random() < 0.5:
        expand("slice")
        return Leaf("%s:slice(2, -2, 1, %d)" % (x.text, c), x.value[1:-1, :c])
    y = tree(depth - 1, r, c)
    expand("set_slice")
    return Leaf("%s:copy():set_slice(3, 2, %s):slice(3, nil, 2, nil)" % (x.text, y.text), y.value)


def reduced(depth, r, c):
    op = rng.choice(list(over))
    k = side()
    if c == 1:
        x = tree(depth - 1, r, k)
        return Leaf("%s:over_cols(%r)" % (x.text, expand(op) and op), over[op](x.value, axis=1, keepdims=True))
    if r == 1:
        x = tree(depth - 1, k, c)
        return Leaf("%s:over_rows(%r)" % (x.text, expand(op) and op), over[op](x.value, axis=0, keepdims=True))
    kind = rng.choice(list(over) + ["dot", "norm", "norm 1", "norm inf", "argmax", "argmin"])
    expand("whole " + kind)
    if kind.startswith("arg"):
        x = leaf(side(), side())
        at = np.unravel_index(getattr(np, kind)(x.value.T), x.value.T.shape)  # by columns
        arg = Leaf("ip.tensor{ %s:%s() }:t()" % (x.text, kind), [[at[1] + 1, at[0] + 1]])
        return Leaf("(ip.zeros(%d, %d) + %s:get(1, 2))" % (r, c, arg.text), np.full((r, c), at[0] + 1.0))
    x = tree(depth - 1, k, side())
    if kind == "dot":
        y = leaf(*x.shape)
        seen(np.sum(np.abs(x.value * y.value)))
        text, value = "%s:dot(%s)" % (x.text, y.text), np.sum(x.value * y.value)
    elif kind.startswith("norm"):
        which = {"norm": None, "norm 1": 1, "norm inf": np.inf}[kind]
        text = "%s:norm(%s)" % (x.text, {"norm": "", "norm 1": "1", "norm inf": '"inf"'}[kind])
        value = np.linalg.norm(x.value, which)
    else:
        seen(np.sum(np.abs(x.value)))
        text, value = "%s:%s()" % (x.text, kind), over[kind](x.value)
    y = tree(depth - 1, r, c)
    seen(value)
    return Leaf("(%s + %s)" % (y.text, text), y.value + value)


def linear(depth, r, c):
    """Of well-conditioned matrices; of factors, what is unique."""
    kind = rng.choice(["solve", "lstsq", "cholesky", "eigh", "svd", "qr", "gram", "diag", "column of diag", "eye", "fill", "table"])
    expand(kind)
    x = leaf(r, r, -1, 1)
    spd_text, spd = "(%s:gram() + ip.eye(%d) * 2)" % (x.text, r), x.value @ x.value.T + 2 * np.eye(r)
    if kind == "solve":
        b = leaf(r, c)
        return Leaf("%s:solve(%s)" % (spd_text, b.text), np.linalg.solve(spd, b.value))
    if kind == "lstsq":
        a, b = leaf(r + 3, r), leaf(r + 3, c)
        if np.linalg.cond(a.value) > 50:
            return b if b.shape == (r, c) else leaf(r, c)
        return Leaf("(%s:lstsq(%s))" % (a.text, b.text), np.linalg.lstsq(a.value, b.value, rcond=None)[0])
    square = None
    if kind == "cholesky":
        square = Leaf("%s:cholesky()" % spd_text, np.linalg.cholesky(spd))
    elif kind == "eigh":
        square = Leaf("(function() local w, V = %s:eigh() return V:mul_row(w:t()) * V:t() end)()" % spd_text, spd)
    elif kind == "svd":
        square = Leaf("(function() local U, S, Vt = %s:svd() return U * S:diag() * Vt end)()" % x.text, x.value)
    elif kind == "qr":
        square = Leaf("(function() local Q, R = %s:qr() return Q * R end)()" % x.text, x.value)
    elif kind == "gram":
        square = Leaf("%s:gram()" % x.text, x.value @ x.value.T)
    elif kind == "diag":
        v = leaf(r, 1)
        square = Leaf("%s:diag()" % v.text, np.diag(v.value[:, 0]))
    elif kind == "column of diag":
        y = tree(depth - 1, r, c)
        return Leaf("%s:add_col(%s:diag())" % (y.text, x.text), y.value + np.diag(x.value)[:, None])
    elif kind == "eye":
        square = Leaf("(ip.eye(%d) + ip.ones(%d, %d) - ip.zeros(%d, %d))" % (r, r, r, r, r), np.eye(r) + 1)
    elif kind == "fill":
        square = Leaf("ip.tensor(%d, %d, 3):fill(0.25)" % (r, r), np.full((r, r), 0.25))
    else:
        square = Leaf("ip.tensor(%s:table())" % x.text, x.value)
    y = leaf(r, c)
    seen(np.abs(square.value) @ np.abs(y.value))
    return Leaf("(%s * %s)" % (square.text, y.text), square.value @ y.value)


kinds = [by_element, with_number, repeated, quotient, function, choice, product, transposed, stacked, sliced, reduced, linear]


def tree(depth, r, c):
    if depth <= 0 or rng.random() < 0.1:
        return leaf(r, c)
    return rng.choice(kinds)(depth, r, c)


def singular_values():
    x = leaf(side(), side())
    return Leaf("select(2, %s:svd())" % x.text, np.linalg.svd(x.value, compute_uv=False)[:, None])


def eigenvalues():
    x = leaf(*([side()] * 2))
    return Leaf("(%s:gram():eigh())" % x.text, np.linalg.eigvalsh(x.value @ x.value.T)[:, None])


def some(folder, number):
    """So many expressions in one script: (the script's output, those that are wrong, the largest difference)."""
    global largest
    answers, bounds = [], []
    leaves.clear()
    with open(folder + "/s.lua", "w") as script:
        script.write('local L = assert(ip.load_tensors(arg[1]))\nlocal R = {}\nlocal function keep(n, f)\n'
                     '  local ok, x = pcall(f)\n  if not ok or not x then print(n, x) else R["r" .. n] = x end\nend\n')
        for n in range(number):
            largest = 1.0
            x = (singular_values() if n % 50 == 0 else eigenvalues() if n % 50 == 1
                 else tree(rng.randrange(1, 5), side(), side()))
            answers.append(x)
            bounds.append(largest)
            script.write("keep(%d, function() return %s end)\n" % (n, x.text))
        script.write("assert(ip.save_tensors(arg[2], R))\n")
    np.savez(folder + "/l.npz", **leaves)
    ran = subprocess.run([ipdlam, "run", "--no-history", "--threads", "2", folder + "/s.lua", folder + "/l.npz", folder + "/r.npz"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode:
        return ran.stdout, answers, np.inf
    wrong, worst = [], 0
    with np.load(folder + "/r.npz") as results:
        for n, x in enumerate(answers):
            got = results["r%d" % n] if "r%d" % n in results else None
            off = (np.inf if got is None or got.shape != x.value.shape
                   else float(np.max(np.abs(got - x.value))) / bounds[n] if got.size else 0)
            worst = max(worst, off)
            if not off < 1e-5:
                wrong.append(x)
    return ran.stdout, wrong, worst


def main():
    output, wrong, worst = "", [], 0
    print("1..3")
    with tempfile.TemporaryDirectory() as folder:
        for done in range(0, count, BATCH):
            more, bad, off = some(folder, min(BATCH, count - done))
            output, wrong, worst = output + more, wrong + bad, max(worst, off)
    print("%s 1 - %d expressions, and no error" % ("not ok" if output else "ok", count))
    for line in output.splitlines()[:10]:
        print("# " + line)
    print("%s 2 - NumPy agrees, to %.2g of the largest number" % ("not ok" if wrong else "ok", worst))
    for x in wrong[:5]:
        print("# %s" % x.text[:500])
    print("%s 3 - %d operations occur" % ("ok" if len(used) >= OPERATIONS else "not ok", len(used)))


main()
