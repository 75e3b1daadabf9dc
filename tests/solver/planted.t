#!/usr/bin/env python3
"""The audit finds bugs planted in the solver: one line of a source file is changed in a copy, which is
compiled and linked before the library, and the audit of that solver has to notice, well above
what rounding explains. A line that is no longer there fails the test: plant the bug anew."""
import os, subprocess, sys, tempfile

source, build = os.environ["TOP_SRCDIR"], os.environ["TOP_BUILDDIR"]
W, z, a, gram = "W_step.c", "z_step.c", "a_step.c", "gram.c"
# file, line, what takes its place, what that is; seen by: the residual or rise, or the history
bugs = [
    (W, "        old[i] = new;\n        if (step)", "        old[i] = b[i];\n        if (step)",
     "b is never updated", "amounts"),
    (W, "m.left[i] -= m.D.data[i + k * rows] * m.a_sum[k];", ";", "the old W is used for b", "amounts"),
    (z, "p[i] + delta * (z[i]", "p[i] - delta * (z[i]", "z: the wrong sign of delta", "amounts"),
    (W, "m->R.data[i] += pull *", "m->R.data[i] -= pull *", "W: the wrong sign of delta", "amounts"),
    (gram, "F->data[i * (G->rows + 1)] += kappa;", "F->data[i * (G->rows + 1)] += kappa / 2;",
     "W: half of delta in the inverse", "amounts"),
    (a, "x[i] = fit[i] + delta * (a", "x[i] = fit[i] - delta * (a", "a: the wrong sign of delta", "amounts"),
    (W, "    v->p_valid[l] = 0;\n    row_sums", "    row_sums", "a stale product after W", "amounts"),
    (a, "s->v.p_valid[l + 1] = j->small && j->exact;", "s->v.p_valid[l + 1] = 1;", "a stale product after a", "amounts"),
    ("../net/activation.c", "up = (wi + r * vi) * scale, down = vi < 0 ? vi : 0;",
     "up = (wi + r * vi) * scale, down = 0;", "no lower branch of ReLU", "amounts"),
    ("../net/activation.c", "float cost_down = wi * wi + r * (down", "float cost_down = r * (down",
     "the wrong branch of ReLU", "amounts"),
    (z, "(z[i] + alpha * (z[i] - z_old[i]))", "(z[i] + alpha * (z_old[i] - z[i]))",
     "z: a hat from the iterates in the wrong order", "amounts"),
    (z, "(z[i] + alpha * (z[i] - z_old[i]))", "(z_old[i] + alpha * (z[i] - z_old[i]))",
     "z: a hat from the iterate before", "amounts"),
    (a, "(a[i] + gamma * (a[i] - x[i]))", "(x[i] + gamma * (a[i] - x[i]))", "a: a hat from the iterate before",
     "amounts"),
    (z, "ipd_matrix_swap(x, j->x_old);", "ipd_matrix_copy(x, j->x_old);",
     "z: a hat from the newest iterate alone, the one before being lost", "history"),
    (a, "ipd_matrix_swap(&v->a[l], &v->a_old[l]);", "ipd_matrix_copy(&v->a[l], &v->a_old[l]);",
     "a: the same", "history"),
    ("solver.c", "    memcpy(v->z_old[l].data + at, p, count * sizeof *p);\n", "",
     "z: a hat from another batch's iterate", "history"),
]
count = failed = 0


def result(passed, name, output=""):
    global count, failed
    count += 1
    failed += not passed
    print("%s %d - %s" % ("ok" if passed else "not ok", count, name))
    if not passed:
        print("".join("# %s\n" % line for line in output.splitlines()), end="")
    sys.stdout.flush()


def audit_of(room, name, old, new):
    """Exit code and output of tests/solver/planted with that change; None where it cannot be planted."""
    path = os.path.normpath(os.path.join(source, "src/solver", name))
    text = open(path).read()
    if text.count(old) != 1:
        return None, "%s has this %d times, not once: %s" % (path, text.count(old), old)
    changed, program = os.path.join(room, os.path.basename(path)), os.path.join(room, "planted")
    open(changed, "w").write(text.replace(old, new))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    make = ["make", "-s", "planted-solver", "PLANTED_SOURCE=" + changed, "PLANTED_PROGRAM=" + program]
    made = subprocess.run(make, cwd=build, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        return None, made.stdout
    done = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return done.returncode, done.stdout.strip()


with tempfile.TemporaryDirectory() as room:
    code, output = audit_of(room, z, "int ipd_z_step(", "int ipd_z_step(")
    result(code == 0, "nothing is found in the solver as it is", output)
    for name, old, new, what, by in bugs:
        code, output = audit_of(room, name, old, new)
        worst = float(output.split()[0]) if code == 1 else 0
        result(code == 1 and (by == "history" or worst > 100), "found: %s (%s)" % (what, output if code == 1 else "not"),
               output)
print("1..%d" % count)
