#!/usr/bin/env bash
# The man pages: clean under mandoc's lint, complete, and with examples that run.
. "$TOP_SRCDIR/tests/cli/tap.sh"
pages=$(ls "$TOP_SRCDIR"/man/*.[157] "$TOP_BUILDDIR"/man/*.[157])

for page in $pages; do
    if command -v mandoc > /dev/null; then
        check "$(basename "$page") is clean" 0 "" "" mandoc -T lint -W warning "$page"
    else
        skip "no mandoc"
    fi
done

# Headings are shown as they are written: a word such as In is a macro of mdoc.
if command -v mandoc > /dev/null; then
    for page in $pages; do
        is "the headings of $(basename "$page")" "$(sed -n 's/^\.S[hs] //p' "$page" | sed 's/\\&//g' |
            grep -vxFf <(mandoc -T ascii "$page" | col -b | sed 's/^ *//'))" ""
    done
else
    skip "no mandoc"
fi

# The name in NAME is the page's, one word, as whatis and apropos want it.
for page in $pages; do
    name=$(basename "$page")
    is "$name names itself" "$(sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm //p' "$page")" "${name%.*}"
done
if command -v lexgrog > /dev/null; then
    is "whatis reads every page" "$(lexgrog $pages | grep -c ': parse failed')" 0
else
    skip "no lexgrog"
fi

# Every field of a record is explained.
missing=
for field in $("$IPDLAM" train --train 20 --layers none --iterations 1 --json --no-history |
    grep -o '"[a-z_A-Z]*": [^}]' | grep -o '"[a-zA-Z_]*"' | tr -d '"' | grep -v '^[zWa]$'); do
    grep -Eq "[ (]$field( |\$)" "$TOP_BUILDDIR/man/ipdlam-train.1" || missing="$missing $field"
done
is "ipdlam-train.1 has every field" "$missing" ""

version=$(sed -n 's/^ *VERSION = \([0-9]*\),.*/\1/p' "$TOP_SRCDIR/src/history/schema.c")
check "ipdlam-history.5 has the version of the schema" 0 "" "" grep -q "^is the schema's version, $version;" "$TOP_SRCDIR/man/ipdlam-history.5"

# The examples, in the order of the pages, in one folder. What needs more than the program is left out.
mkdir "$tmp/bin" "$tmp/here"
ln -s "$IPDLAM" "$tmp/bin/ipdlam"
ln -s "$TOP_SRCDIR/tests" "$tmp/here/tests"
mkdir "$tmp/here/letters" # a data set of one's own: three images of 2 x 2, and as many to test
for part in train t10k; do
    printf '\0\0\10\3\0\0\0\3\0\0\0\2\0\0\0\2ABCDEFGHIJKL' > "$tmp/here/letters/$part-images-idx3-ubyte"
    printf '\0\0\10\1\0\0\0\3\0\1\2' > "$tmp/here/letters/$part-labels-idx1-ubyte"
done
export PATH=$tmp/bin:$PATH
cd "$tmp/here" || exit 1
for page in ipdlam.1 ipdlam-train.1 ipdlam-eval.1 ipdlam-predict.1 ipdlam-runs.1 ipdlam-checkpoint.5 ipdlam-history.5 ipdlam-data.1 ipdlam-verify.1 ipdlam-bench.1 \
    ipdlam-doctor.1 ipdlam-presets.1 ipdlam-plot.1 ipdlam-sweep.1; do
    while read -r example; do
        case $example in
        *mnist*) skip "a long one: $example"; continue ;;
        *jq*) command -v jq > /dev/null || { skip "no jq: $example"; continue; } ;;
        sqlite3*) command -v sqlite3 > /dev/null || { skip "no sqlite3: $example"; continue; } ;;
        esac
        example=${example//\~\/.local\/share/\"\$XDG_DATA_HOME\"}
        check "$example" 0 "" "" bash -c "$example"
    done < <(sed -n 's/^\.Dl \$ //p' "$(ls "$TOP_SRCDIR/man/$page" "$TOP_BUILDDIR/man/$page" 2> /dev/null)" | sed 's/\\(dq/"/g')
done
# The program in the man page that reads a checkpoint, unchanged.
check "a checkpoint is read without the program" 0 "W1 F32" "" python3 -c \
    "$(sed -n '/^import glob/,/^\.Ed/p' "$TOP_SRCDIR/man/ipdlam-checkpoint.5" | sed '$d')"
# The program for pandas.
if python3 -c 'import pandas' 2> /dev/null; then
    check "pandas reads the history" 0 "iteration" "" python3 -c \
        "$(sed -n '/^import os/,/^\.Ed/p' "$TOP_SRCDIR/man/ipdlam-history.5" | sed '$d')"
else
    skip "no pandas"
fi
done_testing
