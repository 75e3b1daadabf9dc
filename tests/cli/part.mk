dist_check_SCRIPTS += %D%/demo.t %D%/interop.t %D%/kernel.t %D%/man.t %D%/presets.t %D%/train.t %D%/valgrind.t %D%/verify.t
TESTS += %D%/demo.t %D%/interop.t %D%/kernel.t %D%/man.t %D%/presets.t %D%/train.t %D%/valgrind.t %D%/verify.t
EXTRA_DIST += %D%/tap.sh
