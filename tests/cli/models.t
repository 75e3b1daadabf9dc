#!/usr/bin/env bash
# Saved networks asked about data sets and images; records as event files; a kept run as a script; completion.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
small="--train 400 --test 100 --quiet"
# shellcheck disable=SC2086
"$IPDLAM" train $small --layers 30 --iterations 5 --save net.npz --csv net.csv --tensorboard events
want=$(tail -n 1 net.csv | awk -F, -v n="$(head -n 1 net.csv | tr ',' '\n' | grep -n '^test_accuracy$' | cut -d: -f1)" '{ print $n }')
check "eval" 0 "accuracy [0-9.]+ %" "" "$IPDLAM" eval net.npz --train 400 --test 100
check "eval in JSON has the accuracy of the training" 0 "\"accuracy\": $want," "" "$IPDLAM" eval net.npz --train 400 --test 100 --json
check "eval without weights" 2 "" "name the weights" "$IPDLAM" eval
check "eval of a file that is not weights" 1 "" "net.csv: " "$IPDLAM" eval net.csv
check "eval with an unknown --set" 2 "" "train, validation, test or all" "$IPDLAM" eval net.npz --set every

# Images: black is background; a white page is inverted and scaled.
(echo P5 28 28 255; head -c 784 /dev/zero) > blank.pgm
(echo P2; echo '# a bar'; echo 60 80 9
    for ((y = 0; y < 80; y++)); do for ((x = 0; x < 60; x++)); do
        if ((x > 26 && x < 34 && y > 10 && y < 70)); then echo -n '0 '; else echo -n '9 '; fi; done; echo; done) > one.pgm
# Files of other programs: their metadata is their own, and a bias may be a row or a column.
python3 - <<'END'
import json, struct
def write(name, metadata, bias):
    head = {"__metadata__": metadata, "W1": {"dtype": "F32", "shape": [10, 784], "data_offsets": [0, 31360]},
            "b1": {"dtype": "F32", "shape": bias, "data_offsets": [31360, 31400]}}
    text = json.dumps(head).encode()
    open(name, "wb").write(struct.pack("<Q", len(text)) + text + bytes(31400))
write("loss.safetensors", {"format": "pt", "loss": "0.0123"}, [10])
write("nul.safetensors", {"note": "a\0b"}, [10])
write("row.safetensors", {}, [1, 10])
write("own.safetensors", {"format": "ipdlam", "loss": "sqared"}, [10])
END
for file in loss nul row; do
    check "weights of another program: $file" 0 "^blank.pgm: " "" "$IPDLAM" predict $file.safetensors blank.pgm
done
check "a wrong loss in a file of ipdlam" 1 "" 'unknown loss "sqared"' "$IPDLAM" predict own.safetensors blank.pgm
for size in 784x784 -3x5 40x40 10x10 28 28x28junk 0x784 28x 1000000000000x1; do
    check "--size $size" 2 "" "size" "$IPDLAM" predict net.npz blank.pgm --size "$size"
    is "--size $size: no prediction" "$(wc -c < "$out") $(wc -l < "$err")" "0 1"
done
check "a size that fits" 0 "^blank.pgm: " "" "$IPDLAM" predict net.npz blank.pgm --size 28x28
# Weights know the size of their images: 6 x 4 here, which no square has.
mkdir -p oblong
for part in train t10k; do
    (printf '\0\0\10\3\0\0\0\24\0\0\0\4\0\0\0\6'; head -c 480 /dev/urandom) > oblong/$part-images-idx3-ubyte
    (printf '\0\0\10\1\0\0\0\24'; for ((i = 0; i < 20; i++)); do printf "\\$((i % 2))"; done) > oblong/$part-labels-idx1-ubyte
done
(echo P5 6 4 255; head -c 24 /dev/zero) > oblong.pgm
oblong="train --no-history --data oblong --layers 3 --iterations 1 --quiet --batch 10"
for ending in safetensors npz; do
    check "weights of oblong images: $ending" 0 "" "" "$IPDLAM" $oblong --save oblong.$ending
done
sed 's/6x4/6x5/' oblong.safetensors > wrong.safetensors
check "predict takes the size of the images from the weights" 0 "^oblong.pgm: [01] \([^][]*\)$" "" "$IPDLAM" predict oblong.safetensors oblong.pgm
check "weights that are trained further keep the size" 0 "" "" "$IPDLAM" ${oblong/ --layers 3/} --init oblong.safetensors --save again.safetensors
check "predict takes the size from the weights that were trained further" 0 "^oblong.pgm: " "" "$IPDLAM" predict again.safetensors oblong.pgm
check "a stored size that does not fit is ignored" 2 "" "24 inputs, which are not 5 x 5" "$IPDLAM" predict wrong.safetensors oblong.pgm
check "predict takes the size from .npz" 0 "^oblong.pgm: " "" "$IPDLAM" predict oblong.npz oblong.pgm
python3 -c "import struct
h = b\"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\"
open('one.npy', 'wb').write(b'\x93NUMPY\1\0' + struct.pack('<H', len(h)) + h + bytes(8))"
check "a single array" 1 "" "one.npy: is a single .npy array: save all weights with np.savez" "$IPDLAM" eval one.npy
printf '\4\0\0\0\0\0\0\0{}\0\0' > padded.safetensors
check "a header padded with NUL" 1 "" "padded.safetensors: the header holds NUL bytes: pad it with spaces" "$IPDLAM" eval padded.safetensors
mkfifo pipe
check "a FIFO of weights" 1 "" "pipe: is not a regular file" timeout 20 "$IPDLAM" predict pipe blank.pgm
check "a FIFO of an image" 1 "" "pipe: is not a regular file" timeout 20 "$IPDLAM" predict net.npz pipe
(echo P2 28 28 255; for ((i = 0; i < 783; i++)); do echo -n "0 "; done; echo -n 0) > cut.pgm
"$IPDLAM" predict net.npz blank.pgm > want.txt
"$IPDLAM" predict net.npz cut.pgm > got.txt
is "a plain PGM without a newline at its end" "$(cut -d: -f2 got.txt)" "$(cut -d: -f2 want.txt)"
(echo P2 28 28 255; for ((i = 0; i < 783; i++)); do echo -n "0 "; done) > short.pgm
check "a plain PGM that lacks a pixel" 1 "" "ends after 783 of 784 pixels" "$IPDLAM" predict net.npz short.pgm
check "predict" 0 "^blank.pgm: [0-9] \(-?[0-9.]+\), [0-9]" "" "$IPDLAM" predict net.npz blank.pgm
check "a large image with a light background is scaled and inverted, as the output says" 0 "^one.pgm: 1 .*scaled and centred, inverted" "" "$IPDLAM" predict net.npz one.pgm
check "predict in JSON" 0 '"class": 1, "scores": \[.*"scaled": true, "inverted": true' "" "$IPDLAM" predict net.npz one.pgm --json
head -c 100 blank.pgm > cut.pgm
echo hello > text.pgm
check "a bad file does not keep others from being read" 1 "^blank.pgm: " "cut.pgm: ends after" "$IPDLAM" predict net.npz cut.pgm blank.pgm
check "predict of a file that is not an image" 1 "" "neither PNG, PGM nor" "$IPDLAM" predict net.npz text.pgm
check "a damaged PNG" 1 "" "bad.png: " "$IPDLAM" predict net.npz <(:) bad.png
printf '\211PNG\r\n\032\n\0\0' > bad.png
check "a truncated PNG" 1 "" "bad.png: " "$IPDLAM" predict net.npz bad.png
check "--size that does not fit the network" 2 "" "--size" "$IPDLAM" predict net.npz blank.pgm --size 30x2

# The event file, by a reader of its own that checks every checksum.
cat > events.py << 'END'
import struct, sys
def crc32c(b):
    c = 0xffffffff
    for x in b:
        c ^= x
        for _ in range(8): c = (c >> 1) ^ (0x82f63b78 if c & 1 else 0)
    return c ^ 0xffffffff
def mask(c): return (((c >> 15) | (c << 17)) + 0xa282ead8) & 0xffffffff
assert crc32c(b"123456789") == 0xe3069283
def records(data):
    at = 0
    while at < len(data):
        n, c = struct.unpack_from("<QI", data, at)
        assert mask(crc32c(data[at:at + 8])) == c
        message = data[at + 12:at + 12 + n]
        assert mask(crc32c(message)) == struct.unpack_from("<I", data, at + 12 + n)[0]
        yield message
        at += 16 + n
def varint(b, i):
    n = s = 0
    while True:
        x = b[i]; i += 1; n |= (x & 127) << s; s += 7
        if x < 128: return n, i
def fields(b):
    i = 0
    while i < len(b):
        k, i = varint(b, i)
        if k & 7 == 0: v, i = varint(b, i)
        else:
            n, i = (8, i) if k & 7 == 1 else (4, i) if k & 7 == 5 else varint(b, i)
            v = b[i:i + n]; i += n
            assert len(v) == n
        yield k >> 3, v
for message in records(open(sys.argv[1], "rb").read()):
    event = dict(fields(message))
    values = [dict(fields(v)) for f, v in fields(event.get(5, b""))]
    scalars = {v[1].decode(): struct.unpack("<f", v[2])[0] for v in values}
    print(event.get(2, 0), event.get(3, b"").decode(), "%.4f" % scalars.get("test_accuracy", -1), "step_W/2" in scalars)
END
if command -v python3 > /dev/null; then
    python3 events.py events/events.out.tfevents.* > read 2> "$err"
    is "events: the version first" "$(head -n 1 read)" "0 brain.Event:2 -1.0000 False"
    is "then each record" "$(sed -n '$p' read)" "5  $(printf '%.4f' "$want") True"
    check "an event file is exported from the history" 0 "old/events.out.tfevents" "" "$IPDLAM" runs export last --tensorboard old
    python3 events.py old/events.out.tfevents.* > read2 2> "$err"
    is "the exported event file has the same records" "$(cmp read read2 && echo same)" same
else
    skip "no python3"
fi
check "--tensorboard with a folder that cannot be made" 1 "" "cannot make" "$IPDLAM" train $small --tensorboard /proc/none/x --iterations 1

# A kept run as a script.
"$IPDLAM" runs export last --lua > again.lua
echo 'run:save "again.npz"' >> again.lua
check "a kept run as a script replays" 0 "^iteration 5" "" "$IPDLAM" run --no-history again.lua
is "the replayed script gives the same bits" "$(cmp net.npz again.npz && echo same)" same
# shellcheck disable=SC2086
"$IPDLAM" train $small --init "$(printf './%.0s' {1..400})net.npz" --iterations 1 --save next.npz
"$IPDLAM" runs export last --lua > next.lua
echo 'run:save "next2.npz"' >> next.lua
check "a script of a run from a weights file with a long name replays" 0 "^iteration 1" "" "$IPDLAM" run --no-history next.lua
is "the script of a run from a weights file gives the same bits" "$(cmp next.npz next2.npz && echo same)" same

# Completion: the shell's own function, asked.
offers() { "$IPDLAM" complete -- "$@" | cut -f1 | tr '\n' ' '; }
is "completion of commands" "$(offers pred)" "predict "
is "completion of options" "$(offers train --checkpoint-)" "--checkpoint-every --checkpoint-dir --checkpoint-space "
is "completion of values of settings" "$(offers train --loss sq)" "squared "
is "completion of data sets" "$(offers eval --data fash)" "fashion-mnist "
is "completion of runs" "$(offers runs show 1)" "1 "
is "completion of presets" "$(offers presets bc)" "bcd "
mkdir bin && ln -s "$IPDLAM" bin/ipdlam
PATH=$PWD/bin:$PATH
is "completion in bash" "$(bash -c '. "$1"; COMP_WORDS=(ipdlam train --preset dl); COMP_CWORD=3; _ipdlam; echo "${COMPREPLY[@]}"' - \
    "$TOP_SRCDIR/scripts/completion/bash/ipdlam")" dlam
if command -v fish > /dev/null; then
    is "completion in fish" "$(fish -N -c "source $TOP_SRCDIR/scripts/completion/fish/ipdlam.fish; complete -C 'ipdlam train --preset dl'" | cut -f1)" dlam
else
    skip "no fish"
fi
if command -v zsh > /dev/null; then
    is "zsh: the function can be read" "$(zsh -n "$TOP_SRCDIR/scripts/completion/zsh/_ipdlam" 2>&1)" ""
else
    skip "no zsh"
fi
done_testing
