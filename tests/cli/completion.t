#!/usr/bin/env python3
"""What the shells complete: the program's answers, and Tab in bash, zsh and fish as they are used."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

top, ipdlam = os.environ["TOP_SRCDIR"], os.environ["IPDLAM"]
scripts = os.path.join(top, "scripts", "completion")
tmp = tempfile.mkdtemp(prefix="ipdlam-test.")
count = failed = 0


def ok(passed, name, *why):
    global count, failed
    count += 1
    failed |= not passed
    print("%sok %d - %s" % ("" if passed else "not ", count, name))
    for line in [] if passed else "\n".join(map(str, why)).splitlines():
        print("# " + line)


def skip(why):
    global count
    count += 1
    print("ok %d # SKIP %s" % (count, why))


os.mkdir(tmp + "/bin")
os.symlink(ipdlam, tmp + "/bin/ipdlam")
env = dict(os.environ, HOME=tmp, XDG_DATA_HOME=tmp + "/data", XDG_CONFIG_HOME=tmp + "/config", XDG_CACHE_HOME=tmp + "/cache",
           XDG_STATE_HOME=tmp + "/state", PATH=tmp + "/bin:" + os.environ["PATH"], TERM="dumb", LC_ALL="C.UTF-8",
           ASAN_OPTIONS="detect_leaks=0")
env.pop("FPATH", None)
os.chdir(tmp)
open("weights.safetensors", "w").close()
small = ["--train", "60", "--test", "20", "--layers", "none", "--iterations", "1", "--quiet"]
for name in ("wide-one", "two words", "lean-1"):
    subprocess.run([ipdlam, "train", *small, "--name", name], env=env, check=True)
subprocess.run([ipdlam, "train", *small, "--name", "elsewhere", "--history", "other.db"], env=env, check=True)


def answers(*words):
    out = subprocess.run([ipdlam, "complete", "--", *words], env=env, stdout=subprocess.PIPE, text=True).stdout
    return [line.split("\t")[0] for line in out.splitlines()]


def first_words(*command):
    out = subprocess.run([ipdlam, *command], env=env, stdout=subprocess.PIPE, text=True).stdout
    return re.findall(r"^  ([a-z]+) .*\w", out, re.M)


# The output of the program.
ok(answers("") == first_words("--help") and len(answers("")) > 10, "every command", answers(""))
for command in ("runs", "data"):
    ok(answers(command, "") == first_words(command, "--help"), "every verb of " + command, answers(command, ""))
runs = ["last", "3", "lean-1", "2", "1", "wide-one"]
for words in (("runs", "show", ""), ("runs", "compare", "1", "2", ""), ("train", "--resume", ""), ("--resume", ""),
              ("runs", "rm", "1", "")):
    ok(answers(*words) == runs, "runs by number and name: " + " ".join(words), answers(*words))
ok(answers("runs", "tag", "1", "") == [] and answers("runs", "list", "") == [], "and no runs for a new tag or a list")
ok(answers("runs", "show", "--history", "other.db", "") == ["last", "1", "elsewhere"], "those of another history")
ok(answers("train", "--data", "") == answers("data", "info", "") == ["digits", "mnist", "fashion-mnist"], "data sets")
ok(answers("train", "--damping", "") == ["auto"], "a word in the place of numbers")
ok({"ipdlam", "bcd", "adam"} < set(answers("train", "--method", "")), "methods")
ok(answers("train", "--data=d") == ["--data=digits"] and answers("train", "--data", "=", "d") == ["digits"], "after =")
ok(answers("sweep", "--data", "mnist,d") == ["mnist,digits"], "in a list")
ok(answers("runs", "list", "--sort", "-best") == ["-best_validation_accuracy", "-best_test_accuracy", "-best_iteration"], "what runs are sorted by")
for words in (("train",), ("runs", "export", "1"), ("eval",), ("--no-init",), ("sweep",), ("data", "info")):
    help_words = [w for w in words if w != "1"] + ["--help"]
    listed = re.findall(r"^  (--[a-z0-9-]+)", subprocess.run([ipdlam, *help_words], env=env, stdout=subprocess.PIPE,
                                                          text=True).stdout, re.M)
    found = answers(*words, "--")
    ok(found and (set(found) <= set(listed) if words[0] == "runs" else set(listed) <= set(found)),
       "options of " + " ".join(words), set(listed) ^ set(found))
ok(answers("train", "--no-sh") == ["--no-shuffle"] and answers("train", "--no-sp") == ["--no-spectrum"] and
   answers("train", "--rho") == ["--rho", "--rho-init", "--rho-growth", "--rho-max", "--rho-schedule"], "switches that are off")
ok("--lua" in answers("runs", "export", "1", "--") and "--lua" not in answers("runs", "list", "--"), "a verb's own")


# In the shells: a line, Tab, and the expected line after it.
def typed(argv, begin, line, wanted):
    pid, fd = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, env)
    seen = ""

    def until(pattern):
        nonlocal seen
        end = time.monotonic() + 60
        while not re.search(pattern, seen) and time.monotonic() < end:
            if select.select([fd], [], [], 1)[0]:
                try:
                    seen += os.read(fd, 4096).decode("utf-8", "replace")
                except OSError:
                    break
        return re.search(pattern, seen) is not None

    os.write(fd, (begin + "; echo rea''dy\n").encode())
    there = until("\nready")
    seen = ""
    os.write(fd, (line + "\t").encode())
    there = there and until(wanted)
    os.close(fd)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return there, seen


lines = (("ipdlam runs sh", "ipdlam runs show "), ("ipdlam runs show lea", "show lean-1"), 
         ("ipdlam train --checkpoint-e", "--checkpoint-every"),
         ("ipdlam train --data fa", "fashion-mnist"), ("ipdlam train --method adag", "adagrad"), ("ipdlam --resu", "--resume"),
         ("ipdlam eval weig", "weights.safetensors"))
bash = "PS1='> '; . %s/bash/ipdlam" % scripts
zsh = "unsetopt zle_bracketed_paste; PROMPT='> '; fpath=(%s/zsh $fpath); autoload -U compinit; compinit -u -D" % scripts
for shell, argv, begin in (("bash", ["bash", "--norc", "-i"], bash), ("zsh", ["zsh", "-f", "-i"], zsh)):
    if not shutil.which(shell):
        skip("no " + shell)
        continue
    for line, wanted in lines:
        there, seen = typed(argv, begin, line, wanted)
        ok(there, "%s: %s" % (shell, line), repr(seen))
if not shutil.which("fish"):
    skip("no fish")
else:
    for line, wanted in lines:
        out = subprocess.run(["fish", "-N", "-c", "source %s/fish/ipdlam.fish; complete -C '%s'" % (scripts, line)], env=env,
                             stdout=subprocess.PIPE, text=True).stdout
        ok(wanted.split()[-1] in out, "fish: " + line, repr(out))
shutil.rmtree(tmp)
print("1..%d" % count)
sys.exit(failed)
