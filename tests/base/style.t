#!/bin/bash
# The tree is formatted, its files are of a readable length, and it names no leftovers.
cd "$TOP_SRCDIR" || exit 1
files=$(find src -name '*.[ch]')
if command -v clang-format >/dev/null && clang-format --version | grep -q ' 14\.'; then
    wrong=$(clang-format --dry-run $files tests/*.h tests/*/*.[ch] 2>&1 | grep -oE '^[^:]+' | sort -u)
    [ -z "$wrong" ] && echo "ok 1 - formatted by .clang-format" || echo "not ok 1 - not formatted: $wrong"
else
    echo "ok 1 # SKIP clang-format 14 is not here"
fi
long=$(wc -l $files lua/*.lua | awk '$2 != "total" && $1 > 600 {print $2, $1}')
[ -z "$long" ] && echo "ok 2 - no file over 600 lines" || echo "not ok 2 - long files: $long"
left=$(grep -nE '\b(TODO|FIXME|XXX)\b' $files lua/*.lua)
[ -z "$left" ] && echo "ok 3 - nothing left for later" || echo "not ok 3 - $left"
# A program that reads its input when it starts must find it there.
late=$(grep -A 3 -E 'Terminal\(.*--keys' tests/*/*.t | grep -E 'open\(t\.folder|t\.write\(')
[ -z "$late" ] && echo "ok 4 - the input of a program is there before it starts" || echo "not ok 4 - $late"
# A test that no part.mk names never runs.
idle=$(for t in tests/*/*.t; do grep -q "/${t##*/}\b" "${t%/*}/part.mk" || echo "$t"; done)
[ -z "$idle" ] && echo "ok 5 - every test script runs" || echo "not ok 5 - no part.mk names: $idle"
# A mutation whose text has changed tests nothing.
stale=$(tests/solver/mutate --check)
[ -z "$stale" ] && echo "ok 6 - every mutation of the solver applies" || echo "not ok 6 - $stale"
# What a test or a trial wrote does not belong in the repository.
large=$(git ls-files -z 2>/dev/null | xargs -0 -r stat -c '%s %n' 2>/dev/null | awk '$1 > 2097152')
[ -z "$large" ] && echo "ok 7 - no file of the repository over 2 MiB" || echo "not ok 7 - large files: $large"
echo 1..7
