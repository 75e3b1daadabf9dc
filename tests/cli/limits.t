#!/usr/bin/env bash
# limits.t - closed descriptors, and limits as batch systems and containers set them: a sentence, never a hang.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
chmod 755 "$tmp" # for another user
train() { "$IPDLAM" train --train 60 --test 20 --layers 5 --iterations 2 "$@"; }
grep -aq __asan_init "$IPDLAM" && sanitized=1

# A file of ours must not take the number of a descriptor that is closed.
train --no-history --csv open.csv --tensorboard open > /dev/null 2>&1
lines() { awk -F, 'NR == 1 { n = NF } { print NF == n ? "good" : "foreign" }' "$1" | sort | uniq -c | tr -s ' \n' ' '; }
closed() { # NAME COMMAND...
    local name=$1
    shift
    rm -rf c.csv c
    "$@"
    is "$name: exit code" $? 0
    is "$name: the CSV file" "$(lines c.csv)" "$(lines open.csv)"
}
plain() { train --csv c.csv --tensorboard c --history c.db; }
all() { plain <&- >&- 2>&-; }
closed "0, 1 and 2 are closed" all
is "the event file has all records" "$(cat c/* | wc -c)" "$(cat open/* | wc -c)"
check "the history has the records" 0 "phi" "" "$IPDLAM" runs export last --history c.db
without() { plain >&- 2>&-; }
closed "1 and 2 are closed" without
without() { plain <&- 2>&- > /dev/null; }
closed "0 and 2 are closed" without
check "a closed standard input is empty" 0 "" "" bash -c 'exec "$IPDLAM" repl --no-history <&-'

# Worker threads have their own stacks; so has the main thread if its stack is small.
for size in 128 256; do
    check "stacks of $size KiB: training" 0 "" "" \
        bash -c "ulimit -s $size && exec \"\$IPDLAM\" train --train 500 --test 100 --layers 40,30 --iterations 1 --quiet --no-history --save w.npz"
    check "stacks of $size KiB: Lua, nested as deeply as it may be" 0 "overflow" "" \
        bash -c "ulimit -s $size && exec \"\$IPDLAM\" run --no-history - <<< '
            local function f(s) return s:gsub(\".\", f) end print(select(2, pcall(f, \"x\")))'"
done

echo 'for l in io.lines("/proc/self/status") do io.write(l:match("^Threads:%s*(%d+)") or "") end
print("", os.getenv("OPENBLAS_NUM_THREADS"), os.getenv("HOME") ~= nil)' > threads.lua
if [ "$sanitized" ]; then
    skip "limits of address space: sanitizers need more than any"
else
    # The main thread, and the one that waits for signals.
    check "OpenBLAS starts no threads" 0 '^2	nil	true$' "" "$IPDLAM" run --no-history --threads 1 threads.lua
    check "OpenBLAS starts no threads even if the user's variable asks for them, and the variable is unchanged" 0 '^2	7	true$' "" \
        env OPENBLAS_NUM_THREADS=7 "$IPDLAM" run --no-history --threads 1 threads.lua
    limited() { # KIBIBYTES ARGUMENT...
        (ulimit -v "$1" && shift && timeout -k 1 60 "$IPDLAM" train --train 60 --test 20 --layers 5 --iterations 2 \
            --quiet --no-history "$@")
    }
    check "no address space for OpenBLAS" 1 "" \
        '^ipdlam: too little address space: OpenBLAS needs 128 MiB. Raise the limit .ulimit -v..$' limited 200000 --threads 2
    is "no address space for OpenBLAS: one sentence" "$(wc -l < "$err")" 1
    check "no address space for the threads" 1 "" \
        '^ipdlam train: 16 threads need [0-9.]+ GiB of address space, but only [0-9.]+ MiB are left. Raise the limit' limited 500000 --threads 16
    check "no address space for the threads: fewer threads are suggested" 1 "" "or use fewer threads$" limited 500000 --threads 16
    check "the address space is enough for one thread" 0 "" "" limited 500000 --threads 1
    check "the check of memory counts the limit of the address space" 1 "" "the run needs .* MiB of memory, but only .* MiB are available" \
        limited 700000 --threads 2 --train 6000 --layers 900,900 --batch 0
    # Limits of processes do not hold for root.
    as_user() {
        if [ "$(id -u)" = 0 ]; then
            setpriv --reuid $((700000 + $$)) --regid 65534 --clear-groups "$@"
        else
            "$@"
        fi
    }
    few() { # PROCESSES ARGUMENT...
        local most=$1
        shift
        as_user bash -c "ulimit -u $most"' && exec "$@"' - "$IPDLAM" "$@"
    }
    if as_user test -x "$IPDLAM" && as_user true 2> /dev/null; then
        check "no thread may start" 1 "" "^ipdlam eval: only 1 of 2 threads can start: .*ulimit -u" few 1 eval --threads 2 w.npz
        is "no thread may start: one sentence" "$(wc -l < "$err")" 1
        check "eval with one thread needs no further thread" 0 "accuracy" "" few 1 eval --threads 1 w.npz
        check "training needs a further thread" 1 "" "^ipdlam train: cannot start a thread: .*ulimit -u" \
            few 1 train --threads 1 --no-history --quiet --train 60 --test 20 --layers 5
    else
        skip "limits of processes: there is no other user that may run the program"
    fi
fi
done_testing
