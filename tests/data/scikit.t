#!/bin/sh
# The data sets of scikit-learn beside its figures; see scikit.py.
command -v python3 >/dev/null 2>&1 || { echo "1..0 # SKIP python3 is missing"; exit 0; }
exec python3 "$TOP_SRCDIR/tests/data/scikit.py"
