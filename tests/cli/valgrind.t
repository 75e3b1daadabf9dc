#!/bin/bash
# Training, verifying and a script under Valgrind: no invalid access, nothing definitely lost.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export HOME=$tmp XDG_DATA_HOME=$tmp/data XDG_STATE_HOME=$tmp/state

skip() {
    echo "1..0 # SKIP $1"
    exit 0
}
command -v valgrind >/dev/null || skip "no valgrind"
valgrind -q true >/dev/null 2>&1 || skip "valgrind does not start here: it may want libc6-dbg"
grep -qE '__(asan|tsan)_init' "$IPDLAM" && skip "a sanitizer's build"

count=0
check() { # NAME ARGUMENT...
    local name=$1
    shift
    count=$((count + 1))
    if valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
        --errors-for-leak-kinds=definite "$IPDLAM" "$@" >"$tmp/out" 2>&1 </dev/null; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        tail -n 25 "$tmp/out" | sed 's/^/# /'
    fi
}

cat >"$tmp/steps.lua" <<'EOF'
local run = ip.run{ data = ip.dataset("digits", { train = 100, test = 50 }), net = { 784, 8, 10 } }
run:step_block(3)
run:set{ delta = 0.3 }
run:step(1)
run:switch("adam", { lr = 0.01 })
run:step(1)
EOF
cases=$TOP_SRCDIR/tests/solver/golden
check "training" train --layers 12,10 --train 200 --test 50 --iterations 2 --threads 2 --csv "$tmp/csv"
check "reference cases" verify "$cases/live_changes.json" "$cases/plain_am_singular.json" \
    "$cases/minibatch_ridge.json"
check "a script" run "$tmp/steps.lua"
echo "1..$count"
