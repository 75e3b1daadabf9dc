# tap.sh - helpers of the command-line tests, which source it: a folder of their own, TAP, checks.
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ipdlam-test.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
out=$tmp/stdout err=$tmp/stderr
export HOME=$tmp/home XDG_DATA_HOME=$tmp/data XDG_STATE_HOME=$tmp/state XDG_CONFIG_HOME=$tmp/config
export XDG_CACHE_HOME=$tmp/cache
mkdir -p "$HOME"
count=0 failed=0

result() { # PASSED NAME
    count=$((count + 1))
    if [ "$1" = 1 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}
skip() { count=$((count + 1)); echo "ok $count # SKIP $1"; }
done_testing() { echo "1..$count"; exit $failed; }

# check NAME CODE STDOUT STDERR COMMAND...: runs the command; its exit code must be CODE and its
# outputs match the extended regular expressions (an empty one: STDERR must be empty, STDOUT any).
check() {
    local name=$1 code=$2 want_out=$3 want_err=$4 got passed=1
    shift 4
    "$@" > "$out" 2> "$err" < /dev/null
    got=$?
    [ $got = "$code" ] || passed=0
    [ -z "$want_out" ] || grep -Eq -- "$want_out" "$out" || passed=0
    if [ -n "$want_err" ]; then grep -Eq -- "$want_err" "$err" || passed=0; else [ ! -s "$err" ] || passed=0; fi
    result $passed "$name"
    if [ $passed = 0 ]; then
        echo "# exit $got, expected $code, of: $*"
        sed 's/^/# stdout: /' "$out" | head -n 20
        sed 's/^/# stderr: /' "$err" | head -n 20
    fi
}
is() { # NAME GOT EXPECTED
    if [ "$2" = "$3" ]; then result 1 "$1"; else result 0 "$1"; echo "# got \"$2\", expected \"$3\""; fi
}
