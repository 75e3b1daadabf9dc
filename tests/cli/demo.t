#!/bin/bash
# The training of scripts/demo runs as it stands there, with fewer iterations.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export HOME=$tmp XDG_DATA_HOME=$tmp/data XDG_STATE_HOME=$tmp/state
options=$(sed -n 's/^exec build\/ipdlam train \(.*\) "\$@"$/\1/p' "$TOP_SRCDIR/scripts/demo")
# shellcheck disable=SC2086
if [ -n "$options" ] && "$IPDLAM" train $options --iterations 2 >"$tmp/out" 2>&1 </dev/null &&
    grep -q '^iteration 2/2 ' "$tmp/out" && grep -q 'accuracy' "$tmp/out"; then
    echo "ok 1 - the demo's training runs and draws its charts"
else
    echo "not ok 1 - the demo's training runs and draws its charts"
    sed 's/^/# /' "$tmp/out"
fi
echo 1..1
