#!/bin/bash
# A folder includes only folders to its left, and nobody but the screen knows curses.
cd "$TOP_SRCDIR" || exit 1
layers="base data net solver optim format settings history check run report plot lua tui cli"
files=$(find src -name '*.[ch]')
count=0

check() { # NAME, then what was found wrong on standard input
    local wrong
    wrong=$(cat)
    count=$((count + 1))
    if [ -z "$wrong" ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        printf '%s\n' "$wrong" | sed 's/^/# /'
    fi
}

left=
for layer in $layers; do
    left="$left $layer"
    allowed=$(echo $left | tr ' ' '|')
    check "$layer includes only:$left" < <(
        grep -rnE '^#include "[a-z]+/' src/$layer |
            grep -vE "#include \"($allowed)/")
done
check "only tui and cli know the terminal" < <(
    grep -lE '#include <(curses|ncurses|ncursesw/|term\.h)' $files | grep -vE '^src/(tui|cli)/')
check "only lua, tui and cli know Lua" < <(
    grep -lE '#include <(lua|lauxlib|lualib)' $files | grep -vE '^src/(lua|tui|cli)/')
check "only base/blas*.c and base/lapack.c call BLAS" < <(
    grep -lE '#include <(cblas|lapacke)|cblas_|openblas_' $files | grep -vE '^src/base/(blas|blas_start|lapack)\.c')
check "the solver knows no clocks, threads or files" < <(
    grep -nE '^#include <(time|pthread|stdio|unistd)' src/solver/*.[ch] |
        grep -vE 'solver/(record|order|audit|sweep|method|variable|written|written_audit|written_transfer)\.')
check "functions of activations and losses are called through net, which knows the user's own" < <(
    grep -nE '(sigma\[[^]]*\]|sigma|loss)->(apply|prox|derivative|value|gradient)\(' src/*/*.[ch] src/*/*/*.[ch] |
        grep -v '^src/net/')
check "messages name the keys of actions by ipd_key_or, since ip.keys binds others" < <(
    grep -rnE '"[^"]*\b(F[1-9]|F1[0-2])\b[^"]*"' src/tui | grep -vE '/model/(keys|bindings)\.c:|workbench_bind\.c:|/\*|^src/tui/replay\.h')
check "a run's view is written under its lock: ipd_run_view_lock, or before the worker starts" < <(
    grep -rnE '(->|\.)view\.' src/run | grep -vE 'src/run/(mailbox|open|name|poll|time/archive)\.c:')
echo "1..$count"
