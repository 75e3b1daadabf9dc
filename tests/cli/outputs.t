#!/usr/bin/env bash
# Every command that writes a file: links, devices and FIFOs stay what they are, "-" is the standard output.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
export IPDLAM_THREADS=1
small="--train 60 --test 20 --layers 5 --iterations 1"

"$IPDLAM" train $small --quiet --save w.safetensors || exit 1
printf 'x,y\n1,2\n2,3\n' > points.csv
cat > save.lua <<'END'
local run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 } }
run:step(1)
local kind, path = table.unpack(arg)
if kind == "save" then assert(run:save(path))
elseif kind == "script" then assert(run:script(path))
elseif kind == "record" then assert(ip.record(path))
elseif kind == "checkpoint" then assert(run:checkpoint(path))
elseif kind == "figure" then assert(ip.figure { series = { { name = "a", y = { 1, 2 } } } }:save(path)) end
END

# A command per output, with {} for the file.
outputs=(
    "train --no-history --quiet $small --save {}"
    "train --no-history --quiet $small --csv {}"
    "runs export 1 --csv --output {}"
    "runs export 1 --lua --output {}"
    "runs export 1 --json --output {}"
    "sweep --no-history $small --seeds 1 --output {}"
    "run --no-history save.lua save {}"
    "run --no-history save.lua script {}"
    "run --no-history save.lua record {}"
    "run --no-history save.lua checkpoint {}"
)
figures=(
    "plot points.csv --x x --y y --output {}"
    "runs plot 1 --output {}"
    "run --no-history save.lua figure {}"
)
go() { # COMMAND FILE: writes the output to $out
    local words word
    read -ra words <<< "$1"
    for word in "${!words[@]}"; do
        [ "${words[word]}" != "{}" ] || words[word]=$2
    done
    "$IPDLAM" "${words[@]}" > "$out" 2> "$err" < /dev/null
}
devices=0
mknod full c 1 7 2> "$err" && mknod null c 1 3 && : > null && devices=1
each() { # COMMAND END
    local name=${1%% \{\}*} end=$2 passed=1
    rm -rf target* link* fifo* new
    echo old > "target$end"
    ln -s "target$end" "link$end"
    go "$1" "link$end" || passed=0
    [ -L "link$end" ] && ! grep -q "^old$" "target$end" || passed=0
    result $passed "$name: a link is followed"
    [ $passed = 1 ] || sed 's/^/# /' "$err"
    mkfifo "fifo$end"
    timeout 30 cat "fifo$end" > got &
    go "$1" "fifo$end"
    wait $!
    [ -p "fifo$end" ] && [ -s got ]
    is "$name: a FIFO is written to" $? 0
    go "$1" "new/folder/file$end"
    [ -s "new/folder/file$end" ]
    is "$name: missing folders are made" $? 0
    go "$1" ""
    is "$name: an empty name" "$? $(grep -c 'file name is empty' "$err") $(ls -A | grep -c '^\.')" \
        "$([ "${1%% *}" = run ] && echo 1 || echo 2) 1 0"
}
for command in "${outputs[@]}"; do
    each "$command" ""
    name=${command%% \{\}*}
    go "$command" -
    is "$name: - is the standard output" "$? $([ -s "$out" ] && echo some)" "0 some"
    if [ $devices = 1 ]; then
        go "$command" null
        is "$name: a device stays one" "$? $(stat -c %F null)" "0 character special file"
        go "$command" full
        is "$name: a full one is an error" "$? $(stat -c %F full)" "1 character special file"
    fi
done
for command in "${figures[@]}"; do
    each "$command" .txt
    go "$command" -
    is "${command%% \{\}*}: - is the standard output" "$? $([ -s "$out" ] && echo some)" "0 some"
done
[ ! -e - ]
is "no file named - is made" $? 0

"$IPDLAM" train --no-history $small --save - > piped.safetensors 2> "$err"
is "weights on standard output are the only output" "$("$IPDLAM" train --no-history $small --quiet --save file.safetensors; cmp piped.safetensors file.safetensors && echo same)" same
"$IPDLAM" sweep --no-history $small --seeds 1,2 --output - > piped.csv 2> "$err"
is "the table of a sweep on standard output is the only output" "$(grep -c '^run,data,seed' piped.csv) $(wc -l < piped.csv) $(ls -A | grep -c state)" "1 3 0"

refuse() { # NAME SENTENCE COMMAND...
    check "$1" 2 "" "$2" "$IPDLAM" "${@:3}"
}
train="train --no-history $small --quiet"
refuse "one file for two outputs" "csv and --save would write to the same place, same" $train --csv same --save ./same
refuse "the standard output for two" "csv and --save would write to the same place" $train --csv - --save /dev/stdout
refuse "JSON and weights" "save and --json would write to the same place, standard output" $train --json --save -
refuse "a CSV over the weights to begin with" "csv would overwrite w.safetensors, which --init reads" train --no-history --csv w.safetensors --init w.safetensors
refuse "weights over the history" "save and --history would write to the same place" train $small --history w.safetensors --save w.safetensors
is "nothing is written after a refused pair of outputs" "$(ls same 2>&1 | grep -c 'No such') $(head -c 10 w.safetensors | tail -c 2)" '1 {"'
cp w.safetensors again.safetensors
check "weights that are trained further" 0 "" "" "$IPDLAM" train --no-history --train 60 --test 20 --iterations 1 --quiet \
    --init again.safetensors --save again.safetensors
refuse "JSON and the table of a sweep" "both write to standard output" sweep --no-history $small --seeds 1 --json --output -

refuse "an export by an unknown ending" "x.csvv: unknown ending '.csvv'. Did you mean '.csv'" runs export 1 --output x.csvv
refuse "an export to a format that is not written" "x.npz: unknown ending '.npz'. .*\.json" runs export 1 --output x.npz
[ ! -e x.csvv ] && [ ! -e x.npz ]
is "nothing is written after a refused export" $? 0
check "an export in the form of an option, to any file name" 0 "" "" "$IPDLAM" runs export 1 --csv --output any.name
check "an export in the form of the file's ending" 0 "" "" "$IPDLAM" runs export 1 --output any.dir.x/records.jsonl
is "the exported file has that form" "$(head -c 1 any.dir.x/records.jsonl)" "{"
done_testing
