#!/usr/bin/env python3
"""The audit finds bugs planted in the solver: one line of a source file is changed in a copy, which is
compiled and linked before the library, and the audit of that solver has to notice, well above
what rounding explains. A line that is no longer there fails the test: plant the bug anew."""
import os, re, subprocess, sys, tempfile

source, build = os.environ["TOP_SRCDIR"], os.environ["TOP_BUILDDIR"]
W, b, z, a, gram = "W_step.c", "b_step.c", "z_step.c", "a_step.c", "gram.c"
# file, line, what takes its place, what that is; seen by: the residual or rise, or the history
bugs = [
    (b, "        old[i] = new;\n        if (step)", "        old[i] = b[i];\n        if (step)",
     "b is never updated", "amounts"),
    (W, "m->residuals[i] -= m->D.data[i + k * rows] * m->a_sum[k];", ";", "the old W is used for b", "amounts"),
    (z, "p[i] + delta * (z[i]", "p[i] - delta * (z[i]", "z: the wrong sign of delta", "amounts"),
    (W, "R[i] += pull *", "R[i] -= pull *", "W: the wrong sign of delta", "amounts"),
    (gram, "F->data[i * (F->rows + 1)] += kappa;", "F->data[i * (F->rows + 1)] += kappa / 2;",
     "W: half of delta in the inverse", "amounts"),
    (a, "fit[i] = fit[i] + delta * (a", "fit[i] = fit[i] - delta * (a", "a: the wrong sign of delta", "amounts"),
    (W, "    v->p_valid[l] = 0;\n    if (ipd_row_sums", "    if (ipd_row_sums", "a stale product after W", "amounts"),
    (a, "s->v.p_valid[l + 1] = j->dual && j->exact;", "s->v.p_valid[l + 1] = 1;", "a stale product after a", "amounts"),
    ("../net/activation.c", "up = (wi + r * vi) * scale, down = vi < 0 ? vi : 0;",
     "up = (wi + r * vi) * scale, down = 0;", "no lower branch of ReLU", "amounts"),
    ("../net/activation.c", "float cost_down = wi * wi + r * (down", "float cost_down = r * (down",
     "the wrong branch of ReLU", "amounts"),
    (z, "(z[i] + alpha * (z[i] - z_old[i]))", "(z[i] + alpha * (z_old[i] - z[i]))",
     "z: a hat from the iterates in the wrong order", "amounts"),
    (z, "(z[i] + alpha * (z[i] - z_old[i]))", "(z_old[i] + alpha * (z[i] - z_old[i]))",
     "z: a hat from the iterate before", "amounts"),
    (a, "(a[i] + gamma * (a[i] - old[i]))", "(old[i] + gamma * (a[i] - old[i]))",
     "a: a hat from the iterate before", "amounts"),
    (z, "ipd_matrix_swap(x, j->x_old);", "ipd_matrix_copy(x, j->x_old);",
     "z: a hat from the newest iterate alone, the one before being lost", "history"),
    (a, "ipd_matrix_swap(&v->a[l], &v->a_old[l]);", "ipd_matrix_copy(&v->a[l], &v->a_old[l]);",
     "a: the same", "history"),
    ("solver.c", "    memcpy(v->z_old[l].data + at, p, count * sizeof *p);\n", "",
     "z: a hat from another batch's iterate", "history"),
]
# The same for relaxed_am, in relaxed_forward.c or relaxed_steps.c.
relaxed = [
    ("return par->relax_a;", "return 1.4 * par->relax_a;", "omega of a far beyond what is set"),
    (".omega = (float)omega}", ".omega = (float)(1.4 * omega)}", "omega of z likewise"),
    ("par->damping[l] * (i->mean_square + i->s2);", "par->damping[l];", "D with an absolute delta"),
    ("par->damping[l]", "par->damping[1 + 0 * l]", "the damping of another layer"),
    ("R[r] = delta * D[r];", "R[r] += 0 * delta;", "R with the old W"),
    ("ipd_matrix_swap(&v->net->b[l], &v->b_old[l]);", "", "b as it was predicted"),
    ("first, to, (float)par->beta, to, count);", "first, to, -(float)par->beta, to, count);",
     "the wrong sign of the inertia"),
    ("to[i] *= keep;", "to[i] /= keep;", "W^ grows in place of shrinking"),
    ("ipd_loss_prox(loss, y, p, (float)j->s->rho,", "ipd_loss_prox(loss, y, p, 2 * (float)j->s->rho,", "z_L with another rho"),
    ("G[i] *= slope[i];", "G[i] *= 1 - slope[i];", "the other side of sigma's kink"),
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


def plant(room, name, old, new, *main):
    """Builds tests/solver/planted, or the program of another main, with that change: its path, or None and why not."""
    path = os.path.normpath(os.path.join(source, "src/solver", name))
    text = open(path).read()
    if text.count(old) != 1:
        return None, "%s has this %d times, not once: %s" % (path, text.count(old), old)
    changed, program = os.path.join(room, os.path.basename(path)), os.path.join(room, "planted")
    open(changed, "w").write(text.replace(old, new))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    make = ["make", "-s", "planted-solver", "PLANTED_SOURCE=" + changed, "PLANTED_PROGRAM=" + program, *main]
    made = subprocess.run(make, cwd=build, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        return None, made.stdout
    return program, ""


def audit_of(room, name, old, new, method="ipdlam"):
    """Exit code and output of tests/solver/planted with that change; None where it cannot be planted."""
    program, why = plant(room, name, old, new)
    if not program:
        return None, why
    done = subprocess.run([program, method], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return done.returncode, done.stdout.strip()


with tempfile.TemporaryDirectory() as room:
    code, output = audit_of(room, z, "int ipd_z_step(", "int ipd_z_step(")
    result(code == 0, "nothing is found in the solver as it is", output)
    for name, old, new, what, by in bugs:
        code, output = audit_of(room, name, old, new)
        worst = float(output.split()[0]) if code == 1 else 0
        result(code == 1 and (by == "history" or worst > 100), "found: %s (%s)" % (what, output if code == 1 else "not"),
               output)
    code, output = audit_of(room, z, "int ipd_z_step(", "int ipd_z_step(", "relaxed_am")
    result(code == 0, "nothing is found in relaxed_am as it is", output)
    for old, new, what in relaxed:
        here = old in open(os.path.join(source, "src/solver/relaxed_steps.c")).read()
        code, output = audit_of(room, "relaxed_steps.c" if here else "relaxed_forward.c", old, new, "relaxed_am")
        worst = float(output.split()[0]) if code == 1 else 0
        result(code == 1 and worst > 100, "found: relaxed_am, %s (%s)" % (what, output if code == 1 else "not"), output)
    # The sweep is written once: two visits exchanged in it are another trajectory, which the plain loops see.
    for old, new, what in [
            ("ipd_order_visit(order, IPD_Z, l);\n            ipd_order_visit(order, IPD_W, l);",
             "ipd_order_visit(order, IPD_W, l);\n            ipd_order_visit(order, IPD_Z, l);", "z_l and W_l of nested reverse"),
            ("for (int l = L - 1; l >= 1; l--)\n            ipd_order_visit(order, IPD_A, l);",
             "for (int l = L - 1; l >= 1; l--)\n            ipd_order_visit(order, IPD_A, L - l);", None),
            ("        for (int l = 1; l <= L; l++)\n            ipd_order_visit(order, IPD_Z, l);\n        for (int l = 1; l <= L; l++)\n"
             "            ipd_order_visit(order, IPD_W, l);",
             "        for (int l = 1; l <= L; l++)\n            ipd_order_visit(order, IPD_W, l);\n        for (int l = 1; l <= L; l++)\n"
             "            ipd_order_visit(order, IPD_Z, l);", "z and W of increase")]:
        program, why = plant(room, "ipdlam.c", old, new, "PLANTED_MAIN=tests/solver/test_plain.o")
        done = program and subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if what:
            result(program and done.returncode, "plain loops see that %s are exchanged" % what, why)
        else:  # blocks of one kind do not couple
            result(program and not done.returncode, "a_l of reverse may come in any order", why)
    # The output for a finding.
    program, why = plant(room, *bugs[1][:3], "PLANTED_MAIN=src/cli/main.o")
    result(program, "ipdlam with the second bug is built", why)
    if program:
        environment = dict(os.environ, HOME=room, XDG_DATA_HOME=room, XDG_CONFIG_HOME=room, XDG_STATE_HOME=room)
        train = [program, "train", "--audit", "--train", "100", "--layers", "12", "--preset", "ipdlam", "--iterations", "2"]
        done = subprocess.run(train, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        sentence = r"^ipdlam train: audit: iteration 1, block W2 \(layer 2\): b2 misses its minimum: .* rounding explains"
        result(done.returncode == 1 and re.search(sentence, done.stderr, re.M) and
               re.search("^ipdlam train: the audit checked 10 blocks and found [1-9] of them wrong$", done.stderr, re.M),
               "ipdlam train names it and exits with 1", done.stderr)
        script = os.path.join(room, "script.lua")
        open(script, "w").write("""
            local run = ip.run { data = ip.dataset("digits", { train = 100 }), net = ip.network { 784, 12, 10 }, preset = "ipdlam",
                                 audit = true }
            run:step()
            assert(run:last().audit_findings > 0 and run:last().audit_where:match("^block W%d"), "no record")
            assert(run.log[1].command:match("^audit: block W%d") and run.log[1].place.iteration == 1, "no event")""")
        done = subprocess.run([program, "run", script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        result(done.returncode == 0 and "audit: iteration 1, block W" in done.stderr, "and in Lua, in record and log, and said at once",
               done.stderr)
print("1..%d" % count)
