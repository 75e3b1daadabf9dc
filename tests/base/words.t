#!/bin/bash
# Texts and comments use the words of the field: phrases and names that nobody would search for are gone.
cd "$TOP_SRCDIR" || exit 1
words='taken is|reckon(s|ed|ing)?|tame|delicate|who reads|tells of|to be had|in what is read|nobody is there'
words+='|is gone on with|is meant|booked|what W leaves|world fails|samples a mini-batch|sweeps a mini-batch'
words+='|ipd_story|ipd_moment|ipd_actor'
found=$(grep -rnIwE --exclude-dir='corpus*' --exclude=words.t "$words" src lua man README.md CONTRIBUTING.md NEWS.md tests)
if [ -z "$found" ]; then
    echo "ok 1 - no private words"
else
    echo "not ok 1 - private words"
    echo "$found" | sed 's/^/# /'
fi
found=$(grep -rnE --include='*.c' --include='*.lua' '(^|[^"])too long( [a-z]+)*"' src lua)
if [ -z "$found" ]; then
    echo "ok 2 - where something is too long, the sentence says what to do"
else
    echo "not ok 2 - what to do about what is too long"
    echo "$found" | sed 's/^/# /'
fi
echo 1..2
