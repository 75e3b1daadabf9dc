#!/usr/bin/env python3
"""The commands, their --help and the man pages say the same: every command, option and preset, and nothing that is not."""
import glob
import json
import os
import re
import subprocess
import sys

ipdlam, top, made = os.environ["IPDLAM"], os.environ["TOP_SRCDIR"], os.environ["TOP_BUILDDIR"]
count = failed = 0


def ok(passed, name, *why):
    global count, failed
    count += 1
    print("%sok %d - %s" % ("" if passed else "not ", count, name))
    if not passed:
        failed = 1
        for one in why:
            print("# " + str(one)[:600].replace("\n", "\n# "))


def says(*words):
    return subprocess.run([ipdlam, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          env=dict(os.environ, LC_ALL="C.UTF-8"), check=False)


def page(name):
    path = "%s/man/%s" % (top, name)
    with open(path if os.path.exists(path) else "%s/man/%s" % (made, name), encoding="utf-8") as f:
        return f.read()


def options_of_help(text):
    """The options with a line of their own: "  --audit, --no-audit  ...". """
    return set(re.findall(r"--[a-z0-9-]+", "\n".join(re.findall(r"^ {2,8}(?:-h, )?(--[a-z0-9-]+(?:, --[a-z0-9-]+)*)", text, re.M))))


def options_of_page(text):
    """The options that have an item: ".It Fl -audit , Fl -no-audit"."""
    found = set()
    for item in re.findall(r"^\.It (Fl .*)$", text, re.M):
        found |= {"--" + name for name in re.findall(r"Fl (?:Fl |-)([a-z0-9][a-z0-9-]*)", item)}
    return found


general = says("--help").stdout
table = re.findall(r"^  ([a-z]+) +\S", general.split("Commands:")[1].split("\n\n")[0], re.M)
ok(len(table) > 12 and "help" in table, "the commands of --help", table)
ok(says("help").stdout == says("-h").stdout == general and "Without a command the workbench opens" in general,
   "help without a command")
main = page("ipdlam.1")
see_also = set(re.findall(r"\.Xr (ipdlam-[a-z]+) (\d)", main.split(".Sh SEE ALSO")[1]))
pages = {tuple(os.path.basename(f).rsplit(".", 1)) for d in (top, made) for f in glob.glob(d + "/man/ipdlam-*.[157]")}
ok(see_also == pages, "ipdlam(1) refers to every page", see_also ^ pages)
items = set(re.findall(r"^\.It Cm ([a-z]+)", main, re.M)) - {"workbench"}
ok(items == set(table), "and has every command", items ^ set(table))
ok(options_of_help(general) == options_of_page(main), "and every option", options_of_help(general) ^ options_of_page(main))

settings = set()
for command in [c for c in table if c != "help"] + ["workbench"]:
    text, of_page = says("help", command).stdout, page("ipdlam-%s.1" % command)
    if command != "workbench":
        ok(text == says(command, "--help").stdout and text.startswith("Usage: ipdlam " + command), "help " + command, text)
    if command == "data":
        verbs = re.findall(r"^  ([a-z]+) ", text, re.M)
        text = "".join(says("help", "data", verb).stdout for verb in verbs)
        ok(all(says("help", "data", v).stdout.startswith("Usage: ipdlam data " + v) for v in verbs), "help of its verbs")
        ok(all(".Nm ipdlam data " + v in of_page for v in verbs), "its verbs in the page")
        for verb in verbs:
            listed = re.findall(r"^ {2}(--[a-z0-9-]+)", says("help", "data", verb).stdout, re.M)
            ok(listed and len(listed) == len(set(listed)), "data %s has each option once" % verb, listed)
    if command == "runs":
        verbs = re.findall(r"^  ([a-z]+) ", text.split("Verbs:")[1].split("\n\n")[0], re.M)
        ok(len(verbs) > 7 and all(v == "list" or ".Nm ipdlam runs " + v in of_page for v in verbs), "its verbs in the page", verbs)
    if command == "train":
        settings = options_of_help(text.split("Settings of the method")[1])
    ours = options_of_help(text)
    theirs = options_of_page(of_page) - (settings - ours if command == "sweep" else set())
    ok(ours and ours == theirs, "the options of ipdlam-%s(1) are those of --help" % command, "not in both: %s" % (ours ^ theirs))
    ok("ipdlam-%s(1)" % command in text, "and --help refers to it")
    places = [[command, verb] for verb in verbs] if command in ("data", "runs") else [["--no-init"] if command == "workbench" else [command]]
    offered = {line.split("\t")[0] for words in places for line in says("complete", "--", *words, "--").stdout.splitlines()}
    ok(offered >= ours and offered - ours <= settings | {"--version"}, "the shells complete them", "not in both: %s" % (offered ^ ours))
    begin = [] if command == "workbench" else [command]
    refused = [o for o in ours if not any("unknown option" not in says(*begin, *words[1:], o + ("" if o[:5] in ("--no-", "--hel") else "=@"), "-h").stderr for words in places)]
    ok(not refused and "unknown option" in says(*places[0], "--no-such=@", "-h").stderr, "and the command takes them", refused)

# The names of presets and settings.
train, presets = page("ipdlam-train.1"), page("ipdlam-presets.1")
names = [json.loads(line)["name"] for line in says("presets", "--jsonl").stdout.splitlines()]
part = train.split(".It Fl -preset")[1].split(".It Fl -method")[0]
ok(re.findall(r"^\.It Cm ([a-z]+)$", part, re.M) == names, "the presets in ipdlam-train(1)", names)
ok(not [n for n in names if not re.search(r"\b%s\b" % n, presets)], "the presets in ipdlam-presets(1)")
text = says("help", "train").stdout
for name, values in re.findall(r"^  --([a-z0-9-]+) NAME +.*: ((?:[a-z0-9_]+, )+[a-z0-9_]+)$", text, re.M):
    missing = [v for v in values.split(", ") if not re.search(r"(?<![a-z_])%s(?![a-z_])" % v, train)]
    ok(not missing, "the values of --%s in ipdlam-train(1)" % name, missing)
print("1..%d" % count)
sys.exit(failed)
