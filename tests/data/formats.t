#!/bin/sh
# One set in all formats, to the same bits; see formats.py.
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is missing"; exit 0; }
exec python3 -B "$TOP_SRCDIR/tests/data/formats.py"
