#!/bin/sh
# Downloads from a server on the loopback address; see fetch.py.
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is missing"; exit 0; }
exec python3 "$TOP_SRCDIR/tests/data/fetch.py"
