#!/bin/sh
# Files that are wrong at a known place; see broken.py.
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is missing"; exit 0; }
exec python3 -B "$TOP_SRCDIR/tests/data/broken.py"
