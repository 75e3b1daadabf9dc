#!/usr/bin/env bash
# Checkpoints from outside: kill -9 at random moments, signals, full and read-only disks, and going on to the same bits.
# IPDLAM_TEST_LONG=1 kills 25 times each in full batch and in mini-batches.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
kills=2
[ -z "$IPDLAM_TEST_LONG" ] || kills=25
RANDOM=7
small="--train 600 --test 100 --layers 40,30 --quiet"
db=$XDG_DATA_HOME/ipdlam/runs.db

timeless() { # a CSV without the columns of seconds
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) keep[i] = $i !~ /^seconds/ }
        { line = ""; for (i = 1; i <= NF; i++) if (keep[i]) line = line "," $i; print line }' "$1"
}
lines() { if [ -f "$1" ]; then wc -l < "$1"; else echo 0; fi; }

for mode in "--preset ipdlam" "--preset default --batch 50"; do
    # shellcheck disable=SC2086
    "$IPDLAM" train $small $mode --iterations 60 --save whole.st --csv whole.csv --no-history
    timeless whole.csv > whole
    tries=0 opened=0 kept=0 same=0 lost=
    for ((i = 0; i < kills; i++)); do
        rm -rf "$XDG_DATA_HOME" cut.csv
        # shellcheck disable=SC2086
        "$IPDLAM" train $small $mode --iterations 60 --checkpoint-every 1 --csv cut.csv > /dev/null 2>&1 < /dev/null &
        pid=$!
        at=$((RANDOM % 24 + 3)) spin=$((RANDOM % 3000)) deadline=$((SECONDS + 60))
        until { [ "$(lines cut.csv)" -ge $at ] && ls "$XDG_DATA_HOME"/ipdlam/checkpoints/1/*.safetensors > /dev/null 2>&1; } ||
            [ $SECONDS -gt $deadline ]; do :; done
        for ((k = 0; k < spin; k++)); do :; done
        kill -9 $pid
        wait $pid 2> /dev/null
        if [ "$(lines cut.csv)" -gt 60 ] && [ $((tries += 1)) -lt 200 ]; then # it was done before
            i=$((i - 1))
            continue
        fi
        done=$(($(grep -c '^[0-9].*[0-9a-z]$' cut.csv)))
        [ -s cut.csv ] && [ "$(tail -c 1 cut.csv)" != "" ] && done=$((done - 1)) # half a line
        "$IPDLAM" runs export 1 --csv > history.csv 2> "$err" && opened=$((opened + 1))
        [ $(($(lines history.csv) - 1)) -ge $done ] && timeless history.csv > part &&
            cmp -s part <(head -n "$(lines part)" whole) && kept=$((kept + 1))
        if "$IPDLAM" train --resume 1 --quiet --save again.st --csv again.csv 2> "$err" && cmp -s whole.st again.st &&
            timeless again.csv | cmp -s - whole; then same=$((same + 1)); else lost="$lost $at: $(cat "$err")"; fi
    done
    is "$mode: after kill -9 the history opens" $opened $kills
    is "$mode: no finished record is lost" $kept $kills
    is "$mode: resumed, the bits are those of the uninterrupted run$lost" $same $kills
done

# The resumed run is a child of the first and has all its records.
is "the resumed run has all records in its history" "$("$IPDLAM" runs export last --csv > child.csv; timeless child.csv | cmp - whole && echo same)" same

# A signal leaves a checkpoint; a run's number finds it.
"$IPDLAM" train $small --iterations 100000 --csv sig.csv > sig.out 2> sig.err < /dev/null &
pid=$!
deadline=$((SECONDS + 60))
until [ "$(lines sig.csv)" -ge 4 ] || [ $SECONDS -gt $deadline ]; do :; done
kill -TERM $pid
wait $pid
is "SIGTERM: the exit code tells the shell" $? 143
is "SIGTERM: the status is interrupted" "$("$IPDLAM" runs list --json --limit 1 | grep -c '"status": "interrupted"')" 1
is "SIGTERM: the message says how to continue" "$(grep -c 'Continue it with ipdlam train --resume /.*safetensors' sig.err)" 1
n=$(lines sig.csv)
check "--resume last continues the run" 0 "" "" "$IPDLAM" train --resume last --iterations "$n" --csv sig2.csv --quiet
timeless sig.csv > sig && timeless sig2.csv | head -n "$n" | cmp -s - sig
is "--resume last: the same records" $? 0

# A run by its name; runs of another history have their own folder, even with equal numbers.
check "a run of another history" 0 "" "" "$IPDLAM" train $small --iterations 2 --checkpoint-every 1 --history h.db --name other
is "the checkpoints of another history are beside it" "$(find h.db.checkpoints/1 -type f | wc -l)" 2
check "--resume with the beginning of a run's name" 0 "" "" "$IPDLAM" train --resume oth --history h.db --iterations 3 --quiet
check "--checkpoint-dir" 0 "" "" "$IPDLAM" train $small --iterations 2 --checkpoint-every 1 --history h.db \
    --name own --checkpoint-dir own
check "the history knows the checkpoints in --checkpoint-dir" 0 "" "" "$IPDLAM" train --resume own --history h.db --iterations 3 --quiet
rm -r own
check "--resume after the folder was removed" 1 "" "run 3 has no checkpoint" "$IPDLAM" train --resume 3 --history h.db --iterations 3

# Errors, with their messages.
"$IPDLAM" train $small --iterations 3 --checkpoint-every 1 --checkpoint-dir kept --no-history
is "two checkpoints are kept" "$(find kept -type f | wc -l)" 2
newest=$(ls -r kept | head -n 1) before=$(ls kept | head -n 1)
check "--resume of a run that has all its iterations" 2 "" "iterations already. Continue with --iterations" "$IPDLAM" train --resume kept
check "--resume together with a setting" 2 "" "resume brings data, network and settings. Leave --delta out" \
    "$IPDLAM" train --resume kept --delta 2
check "--resume together with --validation" 2 "" "resume brings data, network and settings. Leave --validation out" \
    "$IPDLAM" train --resume kept --validation 10
check "--resume of an unknown run" 1 "" "run 4711 has no checkpoint" "$IPDLAM" train --resume 4711
check "--resume of a missing file" 1 "" "none.safetensors: no such checkpoint" "$IPDLAM" train --resume none.safetensors
check "--resume of a file of weights" 1 "" "whole.st: is not a checkpoint" "$IPDLAM" train --resume whole.st
check "--init with a checkpoint" 1 "" "does not belong to a network" "$IPDLAM" train --init "kept/$newest"
check "--checkpoint-every with an invalid time" 2 "" "10m or 1h, not" "$IPDLAM" train --checkpoint-every 5x
check "--checkpoint-every without a history needs a folder" 2 "" "with --checkpoint-dir" "$IPDLAM" train --no-history --checkpoint-every 1
printf 'X' | dd of="kept/$newest" bs=1 seek=$(($(stat -c %s "kept/$newest") - 900)) conv=notrunc 2> /dev/null
check "a damaged checkpoint is reported and the previous one used" 0 "" "warning: kept/$newest: is damaged.*using the previous checkpoint, kept/$before" \
    "$IPDLAM" train --resume kept --iterations 4 --quiet --no-history
check "for a damaged file that was named, the error names the previous one" 1 "" "$newest: is damaged.*$before is in the same folder" \
    "$IPDLAM" train --resume "kept/$newest" --iterations 4
"$IPDLAM" train --data digits $small --iterations 1 --checkpoint-every 1 --checkpoint-dir other --no-history
sed -i 's/"source":"generated, seed 1"/"source":"generated, seed 2"/' other/*
check "an edited checkpoint is damaged" 1 "" "is damaged" "$IPDLAM" train --resume other --iterations 2

mkdir big; touch big/9223372036854775807-iteration-1.safetensors
"$IPDLAM" train --data digits $small --iterations 1 --checkpoint-every 1 --checkpoint-dir big --no-history --quiet
is "a file with too large a number is not a checkpoint" "$(ls big | grep -c '^000001-iteration-1-')" 1

# A read-only folder, and a full disk: a message, and training continues if possible.
if [ "$(id -u)" != 0 ]; then
    mkdir ro && chmod 500 ro
    check "a read-only folder" 1 "" "ro/.*cannot be written" "$IPDLAM" train $small --checkpoint-every 1 --checkpoint-dir ro
else
    check "a read-only folder" 1 "" "/proc/.*cannot be" "$IPDLAM" train $small --checkpoint-every 1 --checkpoint-dir /proc/sys/none
fi
if mkdir full && mount -t tmpfs -o size=900k tmpfs full 2> /dev/null; then
    check "a full disk is a warning, the training goes on" 1 "" "warning: no checkpoint: full/.*No space left.*The old file, if any, is kept" \
        "$IPDLAM" train $small --iterations 6 --preset ipdlam --checkpoint-every 1 --checkpoint-dir full --no-history --csv full.csv
    is "the full disk is reported once, and at the end that the last checkpoint is missing" "$(grep -c "No space left" "$err")" 2
is "the training reaches its end on a full disk" "$(lines full.csv)" 7
    is "a full disk leaves no partial file" "$(find full -name '*-new-*' | wc -l)" 0
    umount full
else
    skip "no tmpfs may be mounted"
    skip "no tmpfs may be mounted"
    skip "no tmpfs may be mounted"
    skip "no tmpfs may be mounted"
fi
is "the history is intact" "$("$IPDLAM" runs list --json | grep -c '"id"' | sed 's/[1-9][0-9]*/some/'; [ -f "$db" ] && echo there)" "some
there"

# From Lua: on request, to a path and to the run's own folder; a function of rho is asked for again.
cat > live.lua << 'END'
local data = ip.dataset("digits", { train = 300, test = 50 })
local rho = function(k) return 1.1 ^ k end
local run = ip.run { data = data, net = { 784, 20, 20, 10 }, batch = 50, rho = rho }
run:step(2) run:step_block(9) run:set { delta = 0.4, order = "increase" } run:step_block(3)
run:switch("ipdlam", { rho = 2, beta = 0.2 })
assert(run:checkpoint("live.safetensors") == "live.safetensors")
local own = assert(run:checkpoint())
run:step(3) run:save("a.st")
print(select(2, pcall(ip.resume, own)))
local other = assert(ip.resume(run.id, { rho = rho }))
other:step(3) other:save("b.st")
assert(#other.log == #run.log and #other.metrics == #run.metrics)
print(ip.resume("nothing"))
END
check "Lua: a function must be given again" 0 "which checkpoints do not store. Give it again" "" "$IPDLAM" run live.lua
is "Lua: nil and a message" "$(grep -c '^nil.nothing: no such checkpoint' "$out")" 1
is "Lua: a run with live changes is resumed to the same bits" "$(cmp a.st b.st && echo same)" same
cat > held.lua << 'END'
local data = assert(ip.dataset("digits", { train = 100, validation = 200, test = 50 }))
local run = ip.run { name = "held", data = data, net = { 784, 20, 10 } }
run:step(2) run:set { delta = 0.4 } run:step_block() run:step()
run:checkpoint() run:save("one.st")
assert(ip.resume("held")):save("two.st")
assert(ip.again("held")):save("three.st")
local other = assert(ip.resume(run:checkpoint()))
assert(#other.metrics == 3 and other.metrics[3].validation_accuracy == run.metrics[3].validation_accuracy)
assert(other.data.checksum == data.checksum and other.data.validation == 200 and other.data.test == 50)
END
check "Lua: a run with held-out samples is resumed" 0 "" "" "$IPDLAM" run held.lua
is "a checkpoint and a script open the same held-out samples" "$(cmp one.st two.st && cmp one.st three.st && echo same)" same
held=$("$IPDLAM" runs list --csv --where 'validation = 200' --sort id | sed -n '2s/,.*//p')
"$IPDLAM" runs export "$held" --lua > held-again.lua
check "the script names the held-out samples" 0 "validation = 200, test = 50" "" cat held-again.lua
check "the script with held-out samples runs" 0 "" "" "$IPDLAM" run held-again.lua

# A signal in a script leaves checkpoints.
cat > endless.lua << 'END'
local run = ip.run { name = "endless", data = ip.dataset("digits", { train = 300, test = 50 }), net = { 784, 20, 10 } }
run:step() print("begun") io.stdout:flush() run:step(1000000)
END
for signal in TERM INT; do
    : > begun
    env --default-signal=INT "$IPDLAM" run endless.lua > begun 2> sig.err < /dev/null &
    pid=$!
    deadline=$((SECONDS + 60))
    until grep -q begun begun || [ $SECONDS -gt $deadline ]; do :; done
    kill -$signal $pid
    wait $pid
    is "ipdlam run, $signal: a checkpoint" "$? $(grep -c '^run [0-9]* is at iteration .*: ipdlam --resume' sig.err)" \
        "$(($(kill -l $signal) + 128)) 1"
done
: > begun # the text of the last run must not be taken for this one's
printf 'run = ip.run { data = ip.dataset("digits", { train = 300, test = 50 }), net = { 784, 20, 10 } } run:step()\nprint("begun") run:step(1000000)\n' |
    "$IPDLAM" repl > begun 2> sig.err &
pid=$!
deadline=$((SECONDS + 60))
until grep -q begun begun || [ $SECONDS -gt $deadline ]; do :; done
kill -TERM $pid
wait $pid
is "ipdlam repl, TERM: a checkpoint" "$? $(grep -c '^run [0-9]* is at iteration .*: ipdlam --resume' sig.err)" "143 1"
done_testing
