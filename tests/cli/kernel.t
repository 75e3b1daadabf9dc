#!/bin/bash
# kernel.t - where OpenBLAS chooses a kernel below what the processor offers, ipdlam starts with the better
# one. A preloaded library stands for such an OpenBLAS.
. "$TOP_SRCDIR/tests/cli/tap.sh"

if grep -q avx512vl /proc/cpuinfo 2>/dev/null; then
    chosen=Haswell better=SkylakeX
elif grep -q avx2 /proc/cpuinfo 2>/dev/null; then
    chosen=Nehalem better=Haswell
else
    echo "ok 1 # SKIP this processor has no kernel that could be missed"
    echo 1..1
    exit 0
fi
if grep -aq __asan_init "$IPDLAM"; then
    echo "ok 1 # SKIP a library cannot be loaded before the sanitizer's"
    echo 1..1
    exit 0
fi
cd "$tmp" || exit 1
cat > old.c << END
#include <stdlib.h>
/* What an old OpenBLAS says, unless it is told. */
char *openblas_get_corename(void)
{
    char *asked = getenv("OPENBLAS_CORETYPE");
    return asked ? asked : "$chosen";
}
END
if ! ${CC:-cc} -shared -fPIC -o old.so old.c 2> cc.err; then
    echo "ok 1 # SKIP no C compiler"
    echo 1..1
    exit 0
fi
unset OPENBLAS_CORETYPE
check "the better kernel is chosen" 0 "kernel .*, chosen by ipdlam instead of $chosen" "" \
    env LD_PRELOAD="$PWD/old.so" "$IPDLAM" doctor
check "the user overrules it, and is told what that costs" 0 \
    "offers: OPENBLAS_CORETYPE=$better" "" \
    env LD_PRELOAD="$PWD/old.so" OPENBLAS_CORETYPE=$chosen "$IPDLAM" doctor
check "a training says so" 0 "chosen by ipdlam instead of $chosen" "" \
    env LD_PRELOAD="$PWD/old.so" "$IPDLAM" train --train 200 --test 50 --no-chart --iterations 1
echo 'print(os.getenv("OPENBLAS_CORETYPE"), os.getenv("IPDLAM_KERNEL_INSTEAD_OF"))' > env.lua
check "what it starts is not told" 0 "^nil[[:space:]]+nil$" "" env LD_PRELOAD="$PWD/old.so" "$IPDLAM" run env.lua
done_testing
