#!/usr/bin/env bash
# Every command that reads a file: none waits for a FIFO, a device and a folder are refused, a byte order mark is skipped.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
export IPDLAM_THREADS=1
small="--train 60 --test 20 --iterations 1"
"$IPDLAM" train --no-history $small --layers 5 --quiet --save w.safetensors || exit 1
mkfifo fifo
mkdir folder

# A command per input, with {} for the file.
inputs=(
    "--keys {}"
    "verify {}"
    "eval {}"
    "predict w.safetensors {}"
    "train --no-history --quiet $small --init {}"
    "train --resume {}"
    "train --no-history --quiet $small --data {}"
    "data info {}"
    "runs --history {}"
    "sweep --no-history $small --layers 5 --seeds 1 --output {}.csv"
)
for kind in fifo folder /dev/zero; do
    ln -sfn "$(realpath $kind)" named
    ln -sfn "$(realpath $kind)" named.csv.state
    for command in "${inputs[@]}"; do
        timeout 30 "$IPDLAM" ${command//\{\}/named} > "$out" 2> "$err" < /dev/null
        is "${command%% \{\}*}: ${kind##*/}" "$? $(grep -c '' "$err") $(grep -c named "$err") $([ -e named.csv ] && echo made)" \
            "$(grep -q data <<< "$command" && [ $kind != folder ] && grep -q 'unknown data set' "$err" && echo 2 || echo 1) 1 1 "
    done
done
# An empty name is an error, even if an empty setting would mean "none".
for command in "${inputs[@]:1}" "plot {}" "run {}" "train --no-history $small --layers 5 --checkpoint-dir {}" \
    "train --no-history $small --layers 5 --tensorboard {}" "train $small --layers 5 --history {}"; do
    words=()
    for word in $command; do words+=("${word//\{\}*/}"); done
    check "an empty name: ${command%% \{\}*}" "$([[ $command =~ ^(verify|eval) ]] && echo 1 || echo 2)" "" "^ipdlam .*(file name is empty|unknown data set ''|name a script)" "$IPDLAM" "${words[@]}"
done
for name in folder made/ /dev/null/x; do
    check "a sweep to $name" 2 "" "folder|Not a directory" "$IPDLAM" sweep --no-history $small --layers 5 --seeds 1 --output $name
    is "a refused sweep writes nothing" "$(ls -d folder.state folder/* made /dev/null.state 2> /dev/null)" ""
done
check "train with a FIFO as its history" 0 "" "fifo: is not a file.*not stored" \
    timeout 30 "$IPDLAM" train --history fifo --quiet $small --layers 5

marked() { # FILE TEXT
    printf '\xef\xbb\xbf%s\n' "$2" > "$1"
}
marked print.lua "print(6 * 7)"
check "a script with a byte order mark" 0 "^42$" "" "$IPDLAM" run --no-history print.lua
is "a script with a byte order mark on standard input" "$("$IPDLAM" run --no-history - < print.lua) $("$IPDLAM" repl --no-history < print.lua)" "42 42"
marked case.json "$(cat "$TOP_SRCDIR/tests/solver/golden/increase.json")"
check "a reference case with a byte order mark" 0 "1 of 1 within" "" "$IPDLAM" verify case.json
marked points.csv 'x,y
1,2
2,3'
check "a CSV file with a byte order mark" 0 "" "" "$IPDLAM" plot points.csv --x x --y y
marked keys.txt "press a"
check "a workbench without hidden layers" 0 "layers = [{][}]" "without a screen" bash -c \
    'echo "print(1)" | "$0" --layers none --train 50 --test 20 --no-history --no-init' "$IPDLAM"
check "--train 0 means all samples in the workbench" 0 "data set digits: 6000 training and 20 test samples" "without a screen" bash -c \
    'echo "print(run.data)" | "$0" --layers none --train 0 --test 20 --no-history --no-init' "$IPDLAM"
check "--train 0 means all samples in train" 0 "digits: 60 training and 1000 test samples" "" \
    "$IPDLAM" train --no-history --no-chart --layers none --train 60 --test 0 --iterations 1
check "--keys with a byte order mark" 1 "" 'keys.txt, line 1: "press a" is none of' "$IPDLAM" --keys keys.txt
done_testing
