#!/bin/bash
# bench.t - `ipdlam bench` at a size that takes a moment: what it prints, not how fast it is.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
small="--layers 40,30 --samples 600 --batch 100 --repeat 2"

check "text" 0 "^epoch of Adam +[0-9.]+ m?s" "" "$IPDLAM" bench $small
is "the text has the share of the roofline" "$(grep -cE '^  share of the roofline +[0-9.]+ %' "$out")" 1
is "the text has the share of sgemm of each training" "$(grep -c 'share of sgemm' "$out")" 5
# With one iteration, the share follows from its seconds and its rate; with several, it is the median of their shares.
check "JSON" 0 '"widths": \[784, 40, 30, 10\]' "" "$IPDLAM" bench $small --repeat 1 --json
cp "$out" before.json
cat > keys.py << 'END'
import json
b = json.load(open("before.json"))
assert b["sgemm_gflops"] > 0 and b["ssyrk_one_gflops"] > 0 and b["bandwidth_gbytes"] > 0
for name in ("full_batch", "mini_batch", "increase", "relaxed_am", "adam"):
    share = b[name]["gflop"] / b[name]["seconds"] / b[name]["sgemm_gflops"]
    assert b[name]["seconds"] > 0 and abs(b[name]["share"] - share) < 1e-9 * share, name
N, T, d0, d1, d2, d3 = 600, 100, 784, 40, 30, 10
full = 2 * (d1 * d0 + d2 * d1 + d3 * d2) * 2 * N + (d1 * d1 + d2 * d2) * N  # p and W
full += (4 * d1 * d2 + 4 * d2 * d3) * N  # a, both on the small side
full += 2 * (d2 * d1 + d3 * d2) * N + 2 * (d1 * d0 + d2 * d1 + d3 * d2) * T  # metrics
assert abs(b["full_batch"]["gflop"] - full / 1e9) < 1e-6, (b["full_batch"]["gflop"], full / 1e9)
assert b["mini_batch"]["adam_epochs"] > 0 and b["relaxed_am"]["adam_epochs"] > 0
r = b["relaxed_am"]
training = r["z_seconds"] + r["W_seconds"] + r["a_seconds"]
batch = sum(4 * T * m * k + T * T * k + T**3 + 2 * T * T * m for m, k in ((d1, d0), (d2, d1), (d3, d2)))
batch += 4 * T * (d2 * d1 + d3 * d2)  # W'R and W G
share = N / T * batch / 1e9 / r["shapes_gflops"] / training
assert abs(r["shapes_share"] - share) < 1e-6 * share, (r, share)
assert r["shapes_share"] < r["roofline_share"]
assert abs(r["roofline_share"] - r["roofline_seconds"] / training) < 1e-6 * r["roofline_share"], r
assert "shapes_share" not in b["adam"]
assert b["full_batch"]["memory_kept"] == 4 * N * (5 * d1 + 5 * d2 + 3 * d3)
END
check "JSON: the keys, and the count of operations" 0 "" "" python3 keys.py
check "--compare shows an earlier result" 0 "^sgemm, all threads .* before .* x [0-9.]+" "" \
    "$IPDLAM" bench $small --compare before.json
echo '{"a": 1}' > other.json
check "--compare with a file that is not a result" 1 "" "other.json is not a result of ipdlam bench --json: sgemm_gflops is missing" \
    "$IPDLAM" bench $small --compare other.json
check "--only scaling measures how training scales" 0 "^  speed-up by threads +[0-9.]+" "" "$IPDLAM" bench $small --only scaling
is "--only scaling measures nothing else" "$(grep -c 'epoch' "$out")" 0
check "an unknown part" 2 "" "unknown part .all.. Use full_batch, epochs or scaling" "$IPDLAM" bench $small --only all
check "--compare with a missing file" 1 "" "none.json is not a result" "$IPDLAM" bench $small --compare none.json
check "no layers" 2 "" "leaves nothing to measure" "$IPDLAM" bench --layers none
check "--layers that are not a list" 2 "" "list of widths" "$IPDLAM" bench --layers wide
check "a size that does not fit in memory" 1 "" "these layers need .* of memory, but only .* are available" \
    "$IPDLAM" bench --layers 900000,900000 --samples 10
check "help" 0 "^Usage: ipdlam bench" "" "$IPDLAM" bench --help
done_testing
