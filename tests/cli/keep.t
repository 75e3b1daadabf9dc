#!/usr/bin/env bash
# Runs that are killed (kill -9) go on from what they saved by themselves, to the bits of an undisturbed twin: at any moment,
# after a resume, with a locked or removed history, beside another run, and beyond the space for checkpoints.
# IPDLAM_TEST_LONG=1 kills 30 times in each mode.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
kills=3
[ -z "$IPDLAM_TEST_LONG" ] || kills=30
RANDOM=11
small="--train 300 --test 60 --layers 20,10 --quiet --no-chart"
never=1e9
export IPDLAM_CHECKPOINT_INTERVAL=0 # at the end of each iteration, if the last one is written

timeless() { # a CSV without the columns of seconds
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) keep[i] = $i !~ /^seconds/ }
        { line = ""; for (i = 1; i <= NF; i++) if (keep[i]) line = line "," $i; print line }' "$1"
}
lines() { if [ -f "$1" ]; then wc -l < "$1"; else echo 0; fi; }
await_lines() { # FILE COUNT: waits until a program has written this many lines to the file
    local deadline=$((SECONDS + 60))
    until [ "$(lines "$1")" -ge "$2" ] || [ $SECONDS -gt $deadline ]; do :; done
}
await_file() { # PATTERN: until there is such a file
    local deadline=$((SECONDS + 60))
    until compgen -G "$1" > /dev/null || [ $SECONDS -gt $deadline ]; do :; done
}
train() { # OPTION...: in the background, with records in cut.csv; its process is $pid
    rm -f cut.csv
    "$IPDLAM" train "$@" --csv cut.csv > /dev/null 2> "$err" < /dev/null &
    pid=$!
}
finish_off() { kill -9 $pid; wait $pid 2> /dev/null; }
same() { # whether again.st and again.csv are the twin's
    cmp -s whole.st again.st && timeless again.csv | cmp -s - whole && echo same
}

for mode in "--preset ipdlam" "--preset default --batch 50"; do
    # shellcheck disable=SC2086
    "$IPDLAM" train $small $mode --iterations 40 --save whole.st --csv whole.csv --no-history
    timeless whole.csv > whole
    rm -rf "$XDG_DATA_HOME"
    # shellcheck disable=SC2086
    train $small $mode --iterations 40
    await_file "$XDG_DATA_HOME/ipdlam/checkpoints/1/*"
    spin=$((RANDOM % 2000))
    for ((k = 0; k < spin; k++)); do :; done
    finish_off
    # Each process resumes the previous one and is killed, too.
    for ((i = 1; i < kills; i++)); do
        train --resume last --iterations 40 --quiet --no-chart
        await_lines cut.csv 2
        spin=$((RANDOM % 2000))
        for ((k = 0; k < spin; k++)); do :; done
        finish_off
    done
    "$IPDLAM" train --resume last --iterations 40 --quiet --no-chart --save again.st --csv again.csv 2> "$err"
    code=$?
    if grep -q 'are done: --iterations' "$err"; then # they were quick
        "$IPDLAM" train --resume last --iterations 41 --quiet --no-chart --csv again.csv
        is "$mode: killed $kills times, done before the last" "$(timeless again.csv | head -n 41 | cmp - whole && echo same)" same
    else
        is "$mode: killed $kills times, the same bits" "$code $(same)" "0 same"
    fi
done

# Before the first checkpoint: a run by seed begins again, a resumed one has the file that it began from.
export IPDLAM_CHECKPOINT_INTERVAL=$never
# shellcheck disable=SC2086
train $small --preset default --batch 50 --iterations 100000 --name early
await_lines cut.csv 4
finish_off
check "killed before its first checkpoint, it begins again" 0 "" "ended before its first checkpoint and starts again" \
    "$IPDLAM" train --resume early --iterations 40 --quiet --no-chart --save again.st --csv again.csv
is "a run that began again has the same bits" "$(same)" same
is "a run that began again is a child of the killed one" "$("$IPDLAM" runs list --json --limit 1 | grep -c '"parent_name": "early"')" 1
early=$("$IPDLAM" runs list --csv --sort id | sed -n '$s/,.*//p')
"$IPDLAM" train --resume last --iterations 41 --quiet --no-chart
train --resume last --iterations 100000 --quiet --no-chart
await_lines cut.csv 44
finish_off
check "a resumed run that is killed at once has its parent's checkpoint" 0 "" "" "$IPDLAM" train --resume last --iterations 42 --quiet --csv again.csv
is "it continues with the same records" "$(timeless again.csv | head -n 41 | cmp - whole && lines again.csv)" 43
rm -rf "$XDG_DATA_HOME/ipdlam/checkpoints/${early:-none}"
check "a finished run without a checkpoint does not begin again" 1 "" "has no checkpoint to resume. ip.again" "$IPDLAM" train --resume "$early" --iterations 50

# A history that is locked from the start, and one that is removed.
export IPDLAM_CHECKPOINT_INTERVAL=0
# shellcheck disable=SC2086
"$IPDLAM" train $small --iterations 1 --history h.db
python3 - << 'END' &
import os, sqlite3
db = sqlite3.connect("h.db", timeout=60, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open("locked", "w").close()
open("unlock", "r").read()
END
holder=$!
mkfifo unlock
await_file locked
# shellcheck disable=SC2086
train $small --preset default --batch 50 --iterations 100000 --history h.db --name locked
await_file "h.db.checkpoints/new-*/*-auto.safetensors"
finish_off
check "killed while the history was locked" 0 "" "" "$IPDLAM" train --resume h.db.checkpoints/new-*/ --no-history --iterations 40 --quiet \
    --no-chart --save again.st --csv again.csv
is "a run that was killed while the history was locked goes on from its folder" "$(same)" same
rm -r h.db.checkpoints/new-* # so that the next run's is waited for
# shellcheck disable=SC2086
train $small --preset default --batch 50 --iterations 100000 --history h.db --name waits
await_file "h.db.checkpoints/new-*/*-auto.safetensors"
: > unlock
wait $holder
await_file "h.db.checkpoints/2/*-auto.safetensors"
until [ "$(sqlite3 h.db "SELECT records > 1 FROM runs WHERE name = 'waits'" 2> "$err")" = 1 ] || ! kill -0 $pid; do :; done
kill -TERM $pid
wait $pid
is "once the lock is gone the run is in the history" "$? $("$IPDLAM" runs show waits --history h.db | grep -c interrupted)" "143 1"
is "it is in the history with all its records" "$(sqlite3 h.db "SELECT records > 1 AND records = iteration FROM runs WHERE name = 'waits'")" 1
# shellcheck disable=SC2086
train $small --preset default --batch 50 --iterations 100000 --history h.db --name goes
await_file "h.db.checkpoints/3/*-auto.safetensors"
rm h.db h.db-shm h.db-wal
await_file h.db
n=$(lines cut.csv)
await_lines cut.csv $((n + 3))
finish_off
check "killed after the history was removed" 0 "" "" "$IPDLAM" train --resume goes --history h.db \
    --iterations $(($(lines cut.csv) + 9)) --quiet --no-chart
is "the run is in the new history with all records" "$(sqlite3 h.db 'SELECT count(*), min(records = iteration) FROM runs')" "2|1"

# Two runs in one folder, both killed.
export IPDLAM_CHECKPOINT_INTERVAL=$never
pids=
for run in a b; do
    # shellcheck disable=SC2086
    "$IPDLAM" train $small --preset default --batch 50 --iterations 100000 --checkpoint-every 1 --checkpoint-dir both \
        --history $run.db --csv $run.csv > /dev/null 2>&1 < /dev/null &
    pids="$pids $!"
done
await_lines a.csv 5
await_lines b.csv 5
# shellcheck disable=SC2086
kill -9 $pids
wait 2> /dev/null
for run in a b; do
    n=$(($(lines $run.csv) + 5))
    "$IPDLAM" train --resume last --history $run.db --iterations $((n > 40 ? n : 40)) --quiet --no-chart --csv again.csv
    is "two runs in one folder: $run goes on" "$(timeless again.csv | head -n 41 | cmp - whole && echo same)" same
done

# checkpoint_space: the oldest checkpoints of finished runs are removed; one that still does not fit is kept.
# shellcheck disable=SC2086
for _ in 1 2 3; do "$IPDLAM" train $small --iterations 2 --history s.db; done
size=$(stat -c %s s.db.checkpoints/1/*)
touch -d @1000 s.db.checkpoints/1/* && touch -d @2000 s.db.checkpoints/2/*
check "a new checkpoint removes old ones to stay within checkpoint_space" 0 "" "^ipdlam train: warning: removed the checkpoint of run 1, " \
    "$IPDLAM" train $small --iterations 2 --history s.db --checkpoint-space $((size * 7 / 2))
is "the oldest run loses its checkpoint" "$(echo s.db.checkpoints/*/*-auto.safetensors | tr ' ' '\n' | cut -d/ -f2 | tr '\n' ' ')" "2 3 4 "
check "a checkpoint that exceeds checkpoint_space is written" 0 "" "exceeds checkpoint_space" \
    env IPDLAM_CHECKPOINT_SPACE=10 "$IPDLAM" train $small --iterations 2 --history s.db
is "it is the only checkpoint then" "$(echo s.db.checkpoints/*/*)" "$(echo s.db.checkpoints/5/*-auto.safetensors)"
check "--checkpoint-space with an invalid size" 2 "" "is not a valid size. Use a number of bytes, 500M, 20G" "$IPDLAM" train --checkpoint-space much
python3 - > answers << 'END'
import os, pty, select, signal
for answer in b"n\n", b"\n":
    pid, fd = pty.fork()
    if not pid:
        os.execv(os.environ["IPDLAM"], ["ipdlam", "train", *"--train 300 --test 60 --layers 20,10 --quiet --no-chart --iterations 2".split(),
                                        "--history", "s.db", "--checkpoint-space", "10"])
    said, answered = b"", False
    while True:
        if not select.select([fd], [], [], 60)[0]:  # it asks in other words, or not at all
            os.kill(pid, signal.SIGKILL)
        try:
            more = os.read(fd, 4096)
        except OSError:
            break
        if not more:
            break
        said += more
        if not answered and b"eep it? [Y/n]" in said:
            os.write(fd, answer)
            answered = True
    print(answered, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
is "on a terminal the user is asked whether to keep it" "$(cat answers; echo s.db.checkpoints/* )" "True 0
True 0
s.db.checkpoints/7"

# If checkpoints were requested and cannot be written, the command fails at once; otherwise it warns at once.
check "--checkpoint-every with a history that cannot be made" 1 "" "^ipdlam train: /proc/none: .*Name a folder for the checkpoints with --checkpoint-dir" \
    "$IPDLAM" train $small --checkpoint-every 1 --history /proc/none/runs.db
check "without --checkpoint-every the same is a warning" 0 "" "the rest of this run is not stored, and it has no checkpoints" \
    "$IPDLAM" train $small --iterations 1 --history /proc/none/runs.db
done_testing
